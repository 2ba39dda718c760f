/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What watch listens to, one file per source, one interface: a descriptor that poll(2) waits for,
 * and a function that takes what is there and hands on what it saw. Nothing is allocated after
 * opening.
 */
#ifndef OOMKIT_SOURCE_H
#define OOMKIT_SOURCE_H

#include "cgroupfs.h"
#include "host.h"
#include "moment.h"
#include "sighting.h"

/* What a source is opened with. */
struct source_env {
	const struct host *h;
	const struct cgroupfs *fs;   /* the memory hierarchy; version CGROUP_NO_MEMORY: none */
	bool replay;                 /* what the ring buffer still has, too */
	const char *pressure;        /* the level of --pressure; NULL */
	const char *pressure_cgroup; /* NULL: the machine's */
	sighting_fn fn;
	void *ctx;
};

struct source {
	const struct source_ops *ops;
	int fd;        /* what poll(2) waits for; -1: nothing */
	short events;  /* POLLIN, POLLPRI */
	short revents; /* what poll(2) said of it */
	uint64_t due;  /* when drain() wants to be called though nothing came; UINT64_MAX: never */
	const char *note; /* what whoever reads of this source should know; NULL */
};

struct source_ops {
	enum sight_source id;
	const char *name; /* as --source and the events have it */
	/* Returns 0 or -errno; -ENOENT, -ENODEV and -EOPNOTSUPP: this kernel has none. */
	int (*begin)(const struct source_env *env, struct source **ret);
	/* Takes what is there. Returns 0, or -errno where the source is dead. */
	int (*drain)(struct source *s, const struct moment *now);
	void (*end)(struct source *s);
};

/* All that there are, by enum sight_source. */
extern const struct source_ops *const source_table[SIGHT_SOURCE_N];

const char *source_name(enum sight_source id);

#endif
