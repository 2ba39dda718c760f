/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How short of memory a machine is, and what it is set to do about that. */
#ifndef OOMKIT_PRESSURE_H
#define OOMKIT_PRESSURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host.h"

/* One line of /proc/pressure/memory: the share of the time in percent, and all of it. */
struct pressure_line {
	double avg10, avg60, avg300;
	uint64_t total_usec;
};

struct pressure {
	struct pressure_line some, full;
	bool have_some, have_full;
};

/* Pure: a line that is not whole is not had. */
void pressure_parse(const char *buf, size_t n, struct pressure *ret);

/* Returns 0; -ENOENT before 4.20 or without CONFIG_PSI, -EOPNOTSUPP where it is switched off,
 * -errno. */
int pressure_read(const struct host *h, struct pressure *ret);

/* The files of ROOT/proc/sys/vm that matter when memory runs out, in the order in which they are
 * told. */
enum pressure_setting_id {
	PRESSURE_PANIC_ON_OOM,
	PRESSURE_ALLOCATING_TASK,
	PRESSURE_DUMP_TASKS,
	PRESSURE_SWAPPINESS,
	PRESSURE_OVERCOMMIT_MEMORY,
	PRESSURE_OVERCOMMIT_RATIO,
	PRESSURE_OVERCOMMIT_KBYTES,
	PRESSURE_MIN_FREE_KBYTES,
	PRESSURE_ADMIN_RESERVE,
	PRESSURE_USER_RESERVE,
	PRESSURE_SETTING_N,
};

struct pressure_setting {
	const char *name; /* "panic_on_oom" */
	int64_t value;
	bool have;
};

/* A file that is not there or holds no number leaves its setting unknown. */
void pressure_settings(const struct host *h, struct pressure_setting ret[PRESSURE_SETTING_N]);

#endif
