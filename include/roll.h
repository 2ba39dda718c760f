/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who was there a moment ago: a table of all processes, read anew from time to time, a few at a
 * time, in memory of a fixed size. At most 256 bytes a process and a fixed room for command lines.
 */
#ifndef OOMKIT_ROLL_H
#define OOMKIT_ROLL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "cgroupfs.h"
#include "host.h"

/* A command line is kept up to this many bytes, and less where many are long. */
#define ROLL_CMDLINE_MAX 1023

/* One process as it was. */
struct roll_view {
	pid_t ppid;
	uint64_t start_ticks;
	int16_t oom_score_adj;
	uid_t uid;
	bool have_adj, have_uid, cmdline_cut;
	const char *comm, *cmdline, *cgroup; /* NULL: not known */
	uint32_t
		rank; /* among all of the machine; 0: one whom the kernel would never have chosen */
};

struct roll;

/* Sized for the processes that there are, an eighth more, and some. Returns 0 or -errno. */
int roll_new(struct roll **ret, const struct host *h, const struct cgroupfs *fs);
void roll_free(struct roll *r);

/* Begins to read all processes. Returns 0 or -errno. */
int roll_begin(struct roll *r);

/* Reads some; true when all are read, and what was read takes the place of what was there. */
bool roll_step(struct roll *r);

/* Whether roll_step() has more to do. */
bool roll_is_busy(const struct roll *r);

/* The process of this pid as it was last seen; false where there was none. */
bool roll_find(const struct roll *r, pid_t pid, struct roll_view *ret);

/* How many processes the table has room for, and how many it had not at the last reading. */
size_t roll_room(const struct roll *r);
size_t roll_beyond(const struct roll *r);

#endif
