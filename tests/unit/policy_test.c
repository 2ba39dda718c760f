/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy: from a wish and what is there to a plan. */
#include "policy.h"

#include "check.h"

static void check_plan(struct policy_wish wish, int from, int to, enum plan_why why)
{
	struct plan plan = policy_plan(&wish, 7, from);

	CHECK_INT(plan.pid, 7);
	CHECK_INT(plan.from, from);
	CHECK_INT(plan.to, to);
	CHECK_INT(plan.why, why);
}

static void test_plan(void)
{
	check_plan((struct policy_wish){ .value = 300 }, 0, 300, PLAN_SET);
	check_plan((struct policy_wish){ .value = -1000 }, 1000, -1000, PLAN_SET);
	check_plan((struct policy_wish){ .value = 300 }, 300, 300, PLAN_SAME);
	check_plan((struct policy_wish){ .value = 1001 }, 5, 5, PLAN_OUTSIDE);
	check_plan((struct policy_wish){ .value = 1001, .clamp = true }, 5, 1000, PLAN_CLAMPED);
	check_plan((struct policy_wish){ .value = -2147483647, .clamp = true }, 5, -1000,
		   PLAN_CLAMPED);
	check_plan((struct policy_wish){ .value = -100, .relative = true }, 300, 200, PLAN_SET);
	check_plan((struct policy_wish){ .value = 0, .relative = true }, 300, 300, PLAN_SAME);
	check_plan((struct policy_wish){ .value = 701, .relative = true }, 300, 300, PLAN_OUTSIDE);
	check_plan((struct policy_wish){ .value = 2147483647, .relative = true, .clamp = true },
		   1000, 1000, PLAN_CLAMPED);
	check_plan((struct policy_wish){ .value = -1301, .relative = true, .clamp = true }, 300,
		   -1000, PLAN_CLAMPED);
}

/* Halving ends, and at the lowest value that is permitted, wherever the floor is. */
static void test_between(void)
{
	for (int floor = -999; floor <= 1000; floor += 37) {
		int refused = -1000, permitted = 1000, next, tries = 0;

		while (policy_between(refused, permitted, &next)) {
			CHECK(next > refused && next < permitted);
			if (next >= floor)
				permitted = next;
			else
				refused = next;
			tries++;
		}
		CHECK_INT(permitted, floor);
		CHECK(tries <= 11);
	}
}

static void test_heir(void)
{
	const struct plan parent = { .pid = 1, .from = 100, .to = 300 };
	const struct plan unchanged = { .pid = 1, .from = 300, .to = 300 };

	CHECK_INT(policy_heir(&parent, 300), HEIR_STEPPED);
	CHECK_INT(policy_heir(&parent, 100), HEIR_UNSTEPPED);
	CHECK_INT(policy_heir(&parent, 200), HEIR_UNKNOWN);
	CHECK_INT(policy_heir(NULL, 300), HEIR_UNKNOWN);
	CHECK_INT(policy_heir(&unchanged, 300), HEIR_STEPPED);
}

static void test_names(void)
{
	CHECK_STR(policy_why_name(PLAN_SET), "set");
	CHECK_STR(policy_why_name(PLAN_FLOORED), "floored");
	for (int i = 0; i < PLAN_WHY_N; i++)
		CHECK(policy_why_name((enum plan_why)i) != NULL);
	CHECK(policy_why_name(PLAN_WHY_N) == NULL);
}

int main(void)
{
	test_plan();
	test_between();
	test_heir();
	test_names();
	return check_done();
}
