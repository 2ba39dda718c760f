/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of a memory cgroup's files, apart from opening them. Pure: each parser takes a buffer
 * and its length, takes what it understands and skips the rest; what a kernel does not print is not
 * had.
 */
#ifndef OOMKIT_MEMSTAT_H
#define OOMKIT_MEMSTAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a limit of "max" is read as. */
#define MEMSTAT_MAX UINT64_MAX

/* The lines of memory.events and memory.events.local (v2). */
enum memstat_event {
	MEMSTAT_LOW,
	MEMSTAT_HIGH,
	MEMSTAT_EVENT_MAX,      /* the limit was about to be exceeded: reclaim, not yet OOM */
	MEMSTAT_OOM,            /* the limit was hit and nothing could be reclaimed */
	MEMSTAT_OOM_KILL,       /* a member was killed, by whichever OOM; since 4.13 */
	MEMSTAT_OOM_GROUP_KILL, /* since 5.17 */
	MEMSTAT_SOCK_THROTTLED, /* since 6.19 */
	MEMSTAT_EVENT_N,
};

struct memstat_events {
	uint64_t value[MEMSTAT_EVENT_N];
	unsigned have; /* 1u << enum memstat_event */
};

/* "oom_kill": its line in the file. */
const char *memstat_event_name(enum memstat_event event);

void memstat_parse_events(const char *buf, size_t n, struct memstat_events *ret);

/* memory.oom_control (v1). */
struct memstat_oom_control {
	bool oom_kill_disable, under_oom;
	uint64_t oom_kill; /* since 4.13; of this cgroup alone: v1 does not add it up the tree */
	bool have_oom_kill_disable, have_under_oom, have_oom_kill;
};

void memstat_parse_oom_control(const char *buf, size_t n, struct memstat_oom_control *ret);

/* The number that is all of a file, but for a newline; "max" is MEMSTAT_MAX. Returns 0, -EINVAL
 * (something else stands there) or -ERANGE. */
int memstat_parse_number(const char *buf, size_t n, uint64_t *ret);

/* A limit of v1, where a number beyond any memory means that there is none: MEMSTAT_MAX then. */
uint64_t memstat_v1_limit(uint64_t value);

/* The value of one key of memory.stat or of any file with lines "key value". Returns 0, -ENOENT
 * (no such line) or as memstat_parse_number(). */
int memstat_parse_key(const char *buf, size_t n, const char *key, uint64_t *ret);

#endif
