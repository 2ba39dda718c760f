/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What value of oom_score_adj is a process to have, and why that one? Mirrors the range check and
 * the floor of fs/proc/base.c __set_oom_adj(), and what kernel/fork.c copy_signal() hands to a
 * child.
 */
#include "policy.h"

#include <stddef.h>

#include "base.h"

const char *policy_why_name(enum plan_why why)
{
	static const char *const names[] = {
		[PLAN_SET] = "set",         [PLAN_SAME] = "same",       [PLAN_CLAMPED] = "clamped",
		[PLAN_OUTSIDE] = "outside", [PLAN_FLOORED] = "floored",
	};
	_Static_assert(ARRAY_SIZE(names) == PLAN_WHY_N, "a reason has no name");

	return (size_t)why < ARRAY_SIZE(names) ? names[why] : NULL;
}

struct plan policy_plan(const struct policy_wish *wish, pid_t pid, int from)
{
	int64_t to = wish->relative ? (int64_t)from + wish->value : wish->value;
	struct plan plan = { .pid = pid, .from = (int16_t)from, .to = (int16_t)from };

	if (to < POLICY_ADJ_MIN || to > POLICY_ADJ_MAX) {
		if (!wish->clamp) {
			plan.why = PLAN_OUTSIDE;
			return plan;
		}
		plan.to = to < POLICY_ADJ_MIN ? POLICY_ADJ_MIN : POLICY_ADJ_MAX;
		plan.why = PLAN_CLAMPED;
		return plan;
	}
	plan.to = (int16_t)to;
	plan.why = plan.to == plan.from ? PLAN_SAME : PLAN_SET;
	return plan;
}

bool policy_between(int refused, int permitted, int *ret)
{
	if (permitted - refused < 2)
		return false;
	*ret = refused + (permitted - refused) / 2;
	return true;
}

enum policy_heir policy_heir(const struct plan *parent, int value)
{
	if (!parent)
		return HEIR_UNKNOWN;
	if (value == parent->to)
		return HEIR_STEPPED;
	return value == parent->from ? HEIR_UNSTEPPED : HEIR_UNKNOWN;
}
