/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Several sources see the same kill: it is one event. Pure: sightings with their times in, events
 * out; no clock is asked, and no memory is taken after merge_new().
 */
#ifndef OOMKIT_MERGE_H
#define OOMKIT_MERGE_H

#include "moment.h"
#include "sighting.h"

/* A counter that rose without a named kill within this time is an event of its own. */
#define MERGE_PATIENCE_USEC 1000000u
/* How long a named kill waits for the kernel's log to say where it was: a trace event is there
 * before the line of its kill is. */
#define MERGE_GRACE_USEC 1000u

struct merge;

struct merge_options {
	bool expect_kmsg; /* the kernel's log is read: it says more than a trace event does */
	size_t recent;    /* how many kills are remembered, to know them again; 0: 2048 */
};

/* fn is called for each event. NULL: no memory. */
struct merge *merge_new(const struct merge_options *opt, sighting_fn fn, void *ctx);
void merge_free(struct merge *m);

/* Whether this kill is one that is known already. */
bool merge_knows(const struct merge *m, const struct sighting *s);

/* What a source saw. Named kills are told by merge_run(), others when their time is up. */
void merge_see(struct merge *m, const struct sighting *s);

/* The kernel's own count of kills since boot: /proc/vmstat. What it holds beyond what was told is
 * told as kills without a name, or is what a gap lost. The first call is where counting begins. */
void merge_total(struct merge *m, uint64_t kills, const struct moment *now);

/* It could not be read this time: it will be wanted again, and a gap waits for it some seconds. */
void merge_unread(struct merge *m, const struct moment *now);

/* A source was deaf for a while: the kernel's count is wanted. */
void merge_look(struct merge *m, const struct moment *now);

/* true where merge_total() should be called before merge_run(). */
bool merge_wants_total(const struct merge *m, uint64_t mono_usec);

/* Tells what is due. */
void merge_run(struct merge *m, const struct moment *now);

/* When merge_run() has something to do though nothing is seen; UINT64_MAX: never. */
uint64_t merge_deadline(const struct merge *m);

/* The end: everything that waits is told. */
void merge_end(struct merge *m, const struct moment *now);

/* A kernel that counts no kills (before 4.13), or whose count cannot be read. */
void merge_no_total(struct merge *m);

#endif
