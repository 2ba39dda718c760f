/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory, settings and population of a machine as sentences. Pure, as tell.h. */
#ifndef OOMKIT_TELL_MACHINE_H
#define OOMKIT_TELL_MACHINE_H

#include "tell.h"

uint64_t tell_kib_bytes(uint64_t kib);
const char *tell_ram(const struct tell *t);
const char *tell_swap(const struct tell *t);

/* mode: vm.overcommit_memory. */
const char *tell_overcommit(const struct tell *t, bool have_mode, int64_t mode);

/* Whether the overcommit mode makes the commit limit bind. */
bool tell_commit_binds(int64_t mode);

/* Sums over the zones, pages. */
struct tell_marks {
	uint64_t free, min, low, high;
};
const char *tell_watermarks(const struct tell *t, const struct tell_marks *m);

/* Percent of the last 10, 60 and 300 seconds in which some, or all, tasks waited for memory. */
struct tell_stall {
	bool have_some, have_full;
	double some[3], full[3];
};
const char *tell_stall(const struct tell *t, const struct tell_stall *p);

/* A setting of vm.* and what it means at this value. */
const char *tell_setting(const struct tell *t, const char *name, bool have, int64_t value);

/* How many can be chosen, and how many not. */
struct tell_population {
	size_t killable, never, unknown, out_of_scope;
};
void tell_count(const struct judged *order, size_t n, struct tell_population *ret);
const char *tell_population(const struct tell *t, const struct tell_population *p);

#endif
