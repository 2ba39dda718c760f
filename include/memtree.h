/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory cgroups as a tree: what stands in each, and what those above it leave to it. */
#ifndef OOMKIT_MEMTREE_H
#define OOMKIT_MEMTREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "cgroupfs.h"
#include "host.h"
#include "memstat.h"
#include "pressure.h"

/* The files that hold one number each. */
enum memtree_number {
	MEMTREE_CURRENT, /* memory.current, memory.usage_in_bytes */
	MEMTREE_LIMIT,   /* memory.max, memory.limit_in_bytes; MEMSTAT_MAX: none */
	MEMTREE_HIGH,
	MEMTREE_LOW,
	MEMTREE_MIN,
	MEMTREE_PEAK,
	MEMTREE_SWAP,       /* memory.swap.current; v1: total_swap of memory.stat */
	MEMTREE_SWAP_LIMIT, /* memory.swap.max */
	MEMTREE_MEMSW,
	MEMTREE_MEMSW_LIMIT,
	MEMTREE_FAILCNT,
	MEMTREE_MEMSW_FAILCNT,
	MEMTREE_NUMBER_N,
};

/* What is to be read: 1u << enum memtree_number, and these. Each is a file of every cgroup. */
#define MEMTREE_EVENTS       (1u << 16) /* memory.events; v1: memory.oom_control, all of it */
#define MEMTREE_EVENTS_LOCAL (1u << 17) /* memory.events.local; v1: memory.oom_control */
#define MEMTREE_OOM_GROUP    (1u << 18)
#define MEMTREE_PRESSURE     (1u << 19)
/* What holds from above: the limits of the cgroups above are read for it, and nothing else of
 * them. */
#define MEMTREE_EFFECTIVE (1u << 20)

#define MEMTREE_NONE UINT32_MAX

struct memtree_node {
	const char *path; /* as /proc/PID/cgroup has it */
	uint64_t id;      /* inode number */
	uint32_t parent;  /* MEMTREE_NONE: the top of what is mounted */
	uint32_t end;     /* the index behind its last descendant */
	uint16_t depth;   /* below the first that is shown */
	bool have_id;
	bool shown;          /* false: it is above those that were asked for */
	bool has_controller; /* false: its memory is charged to a cgroup above it (v2) */
	bool binds_below;    /* false: v1 with memory.use_hierarchy 0 */
	bool refused;        /* a file of it may not be read */

	unsigned have;    /* the bits of what has been read, of each flag below too */
	unsigned unknown; /* 1u << enum memtree_number: the file is there and could not be read */
	uint64_t number[MEMTREE_NUMBER_N];
	bool oom_group;                                     /* MEMTREE_OOM_GROUP */
	struct memstat_oom_control control;                 /* v1 */
	const struct memstat_events *events, *events_local; /* NULL: not known */
	const struct pressure *pressure;

	/* The smallest limit of this and those above it. */
	uint64_t effective_limit; /* MEMSTAT_MAX: there is none */
	bool have_effective;
	uint32_t
		limited_by; /* MEMTREE_NONE: none has a limit, or it stands above what is mounted */
	/* How much more it can have before one of them is full: the smallest of limit - current. */
	uint64_t headroom; /* MEMSTAT_MAX: no limit */
	bool have_headroom;
	uint32_t headroom_by;
};

struct memtree {
	struct memtree_node *nodes; /* a parent stands before its children, these by their names */
	size_t n;
	size_t n_refused; /* shown nodes of which a file, or the list of children, was refused */
	bool psi_off;     /* memory.pressure is there and says that PSI is switched off */
	struct arena arena;
};

/* Reads the cgroups paths[0..n_paths), with all below them unless alone; where n_paths is 0, all
 * that the mount shows. A cgroup that vanishes meanwhile is left out. Returns 0, -ENOENT (the mount
 * does not show one of the paths), or -errno; memtree_close() in every case. */
int memtree_read(struct memtree *t, const struct cgroupfs *fs, const struct host *h, unsigned need,
		 const char *const *paths, size_t n_paths, bool alone);
void memtree_close(struct memtree *t);

/* The node of a path; MEMTREE_NONE. */
uint32_t memtree_find(const struct memtree *t, const char *path);

/* Whether it has a limit of its own: an OOM can be its own. */
bool memtree_is_limited(const struct memtree_node *node);

/* Where the number stands, by version; NULL where that version has no such file. */
const char *memtree_file(enum memtree_number number, enum cgroup_version version);

#endif
