/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The limits and flags of one memory cgroup, changed all together or not at all. */
#ifndef OOMKIT_MEMLIMIT_H
#define OOMKIT_MEMLIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "facts.h"
#include "host.h"
#include "memstat.h"

/* In the order in which they are written: first what cannot fail, last what may have to reclaim. */
enum memlimit_key {
	MEMLIMIT_OOM_GROUP,
	MEMLIMIT_OOM_KILL_DISABLE,
	MEMLIMIT_MIN,
	MEMLIMIT_LOW,
	MEMLIMIT_HIGH,
	MEMLIMIT_SWAP_MAX,
	MEMLIMIT_MEMSW_MAX,
	MEMLIMIT_MAX,
	MEMLIMIT_KEY_N,
};

enum memlimit_end {
	MEMLIMIT_PLANNED,
	MEMLIMIT_DONE,
	MEMLIMIT_FAILED,
	MEMLIMIT_UNDONE,   /* it was written, another one failed, and it has its old value again */
	MEMLIMIT_STRANDED, /* the same, but the old value could not be written */
};

struct memlimit_change {
	enum memlimit_key key;
	uint64_t to; /* bytes, MEMSTAT_MAX; a flag: 0, 1 */
	uint64_t from, now;
	bool have_from, have_now; /* now: as it is read after the write */
	enum memlimit_end end;
	int error; /* errno; 0: none */
};

const char *memlimit_key_name(enum memlimit_key key);
bool memlimit_is_flag(enum memlimit_key key);

/* Pure: "max=512M", "memory.max=max", "oom.group=1". Returns 0, -ENOENT (no such key) or -EINVAL
 * (no such value of it). */
int memlimit_parse(const char *text, struct memlimit_change *ret);

/* The file of a key; NULL where that version has none. */
const char *memlimit_file(enum memlimit_key key, enum cgroup_version version);

/* What that version has instead, in words. */
const char *memlimit_instead(enum memlimit_key key, enum cgroup_version version);

/* Reads what is there now, opens everything that is to be written, and, unless dry_run, writes it;
 * where one is refused, those before it get their old values back. Sorts v. Returns 0 or -errno of
 * the one that failed (-EDOM: v1's limit of memory would be above the one of memory and swap); each
 * tells its own end. */
int memlimit_change(const struct host *h, const char *dir, enum cgroup_version version,
		    struct memlimit_change *v, size_t n, bool dry_run);

#endif
