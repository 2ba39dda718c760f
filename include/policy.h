/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What oom_score_adj shall a process have? Pure: from what it has and what is wished to a plan. */
#ifndef OOMKIT_POLICY_H
#define OOMKIT_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "str.h"

/* include/uapi/linux/oom.h: OOM_SCORE_ADJ_MIN, OOM_SCORE_ADJ_MAX */
#define POLICY_ADJ_MIN (-1000)
#define POLICY_ADJ_MAX 1000

struct policy_wish {
	int32_t value; /* the value, or the step of a relative wish */
	bool relative;
	bool clamp; /* the nearest permitted value will do */
};

/* Why a plan is what it is. */
enum plan_why {
	PLAN_SET,
	PLAN_SAME,    /* it has that value already */
	PLAN_CLAMPED, /* what was wished lies outside of -1000..1000; this is the nearest */
	PLAN_OUTSIDE, /* the same, and the nearest will not do: nothing is to be done */
	PLAN_FLOORED, /* what was wished lies below its floor; this is the floor */
	PLAN_WHY_N,
};

struct plan {
	pid_t pid;
	int16_t from, to;
	enum plan_why why;
};

/* The word of JSON for it: "set", "same", "clamped", "outside", "floored". */
const char *policy_why_name(enum plan_why why);

/* The nearest value that there is. */
int policy_in_range(int64_t value);

/* What is to be done to a process whose value is from. */
struct plan policy_plan(const struct policy_wish *wish, pid_t pid, int from);

/* The value to try between one that was refused and one above it that is permitted, on the way to
 * the lowest that is. false where there is none between. */
bool policy_between(int refused, int permitted, int *ret);

/* A process that was not there when its parent was stepped from one value to another: has it the
 * step already? */
enum policy_heir {
	HEIR_STEPPED,   /* it was forked after its parent's step, and has its value */
	HEIR_UNSTEPPED, /* it was forked before, and has the value that the parent had */
	HEIR_UNKNOWN,   /* another value: its own, or that of a parent that nobody saw */
};
enum policy_heir policy_heir(const struct plan *parent, int value);

/* The words for values that last: "never" is -1000, "critical" -900... Returns false for no such
 * word. */
bool policy_level(const char *word, size_t n, int *ret);

/* A value by its number or its word. Returns 0, -EINVAL or -ERANGE. */
int policy_value(const char *text, size_t n, int *ret);

/* A line of a policy: "TARGET VALUE" or "--OPTION TARGET VALUE"; the target may hold blanks. */
struct policy_line {
	struct str option; /* "--user"; empty where the target's form decides */
	struct str target;
	int value;
};

/* Returns 1 with *ret filled, 0 for a line without anything, -EINVAL for one that is none, -ERANGE
 * for a value outside of -1000..1000. */
int policy_parse_line(struct str line, struct policy_line *ret);

#endif
