/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one source saw, types only: somebody was killed, some were, memory ran out, something of the
 * source was lost. The same struct is the event that is told, once the sightings of all sources are
 * one.
 */
#ifndef OOMKIT_SIGHTING_H
#define OOMKIT_SIGHTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "facts.h"

enum sight_source {
	SIGHT_KMSG,
	SIGHT_TRACEFS,
	SIGHT_MEMORY_EVENTS,
	SIGHT_OOM_CONTROL,
	SIGHT_VMSTAT,
	SIGHT_PSI,
	SIGHT_SOURCE_N,
};

enum sight_kind {
	SIGHT_KILL,     /* one process, by its pid */
	SIGHT_KILLS,    /* so many, nobody named: a counter rose */
	SIGHT_OOM,      /* memory ran out, and nothing says that somebody died of it */
	SIGHT_GAP,      /* something was lost */
	SIGHT_PRESSURE, /* memory is short */
	SIGHT_KIND_N,
};

/* Which fields of a kill are known. */
enum sight_have {
	SIGHT_HAVE_PID = 1u << 0,
	SIGHT_HAVE_COMM = 1u << 1,
	SIGHT_HAVE_UID = 1u << 2,
	SIGHT_HAVE_ADJ = 1u << 3,
	SIGHT_HAVE_TOTAL_VM = 1u << 4,
	SIGHT_HAVE_ANON = 1u << 5,
	SIGHT_HAVE_FILE = 1u << 6,
	SIGHT_HAVE_SHMEM = 1u << 7,
	SIGHT_HAVE_PGTABLES = 1u << 8,
	SIGHT_HAVE_COUNT = 1u << 9,
	SIGHT_HAVE_LIMIT = 1u << 10,  /* of the cgroup that ran out */
	SIGHT_HAVE_UPTIME = 1u << 11, /* as the kernel's log counts it */
	SIGHT_HAVE_PPID = 1u << 12,
	SIGHT_HAVE_CMDLINE = 1u << 13,
	SIGHT_HAVE_RANK = 1u << 14,
	SIGHT_OF_COMMAND =
		1u << 15, /* below the command that watch runs; seen while it was there */
};

/* mm/oom_kill.c prints a comm of 16 bytes; a name of /proc may be longer for a kernel worker. */
#define SIGHT_COMM_SIZE 32
/* A record of printk holds 1 KiB and the path of a cgroup twice. */
#define SIGHT_PATH_SIZE 480

/* Of a command line; what is longer is cut, and told to be. */
#define SIGHT_CMDLINE_SIZE 1024

struct sighting {
	enum sight_kind kind;
	uint16_t sources; /* bit per enum sight_source; the first that told it is set alone */
	uint16_t counted; /* those whose counters this kill has answered for */
	uint32_t have;
	int32_t pid;
	uint32_t uid;
	int32_t oom_score_adj;
	uint64_t total_vm_kib, anon_kib, file_kib, shmem_kib, pgtables_kib;
	uint64_t limit_kib;
	uint64_t count;     /* kills or OOMs; of a gap: the kills that nobody told of */
	uint64_t lost;      /* of a gap: records that are gone; 0: not known */
	uint64_t mono_usec; /* when it happened, CLOCK_MONOTONIC */
	uint64_t uptime_usec;
	int64_t wall_usec; /* since 1970 */
	bool wall_certain;
	bool replayed; /* from before the start */
	enum constraint constraint;
	int32_t ppid;
	uint32_t rank; /* before the kill, among all of the machine */
	bool cmdline_truncated;
	const char *reason; /* of a gap: constant words */
	char comm[SIGHT_COMM_SIZE];
	char cgroup[SIGHT_PATH_SIZE];    /* of the victim; "" where it is not known */
	char oom_memcg[SIGHT_PATH_SIZE]; /* whose limit it was; "" */
	char cmdline[SIGHT_CMDLINE_SIZE];
};

typedef void (*sighting_fn)(void *ctx, const struct sighting *s);

#endif
