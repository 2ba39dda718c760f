/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What value of oom_score_adj is a process to have, and why that one? Mirrors the range check and
 * the floor of fs/proc/base.c __set_oom_adj(), and what kernel/fork.c copy_signal() hands to a
 * child.
 */
#include "policy.h"

#include <errno.h>
#include <string.h>

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

int policy_in_range(int64_t value)
{
	return value < POLICY_ADJ_MIN   ? POLICY_ADJ_MIN
	       : value > POLICY_ADJ_MAX ? POLICY_ADJ_MAX
					: (int)value;
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
		plan.to = (int16_t)policy_in_range(to);
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

bool policy_level(const char *word, size_t n, int *ret)
{
	static const struct {
		const char *word;
		int value;
	} levels[] = {
		{ "never", -1000 }, { "critical", -900 },  { "important", -500 },
		{ "normal", 0 },    { "expendable", 500 }, { "first", 1000 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(levels); i++)
		if (str_eq((struct str){ word, n }, levels[i].word)) {
			*ret = levels[i].value;
			return true;
		}
	return false;
}

int policy_value(const char *text, size_t n, int *ret)
{
	int64_t v;
	int r;

	if (policy_level(text, n, ret))
		return 0;
	if (n > 1 && text[0] == '+' && text[1] != '-') {
		text++;
		n--;
	}
	r = str_to_i64(text, n, POLICY_ADJ_MIN, POLICY_ADJ_MAX, &v);
	if (r == 0)
		*ret = (int)v;
	return r;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct str trimmed(struct str s)
{
	while (s.n && is_blank(s.s[0])) {
		s.s++;
		s.n--;
	}
	while (s.n && is_blank(s.s[s.n - 1]))
		s.n--;
	return s;
}

int policy_parse_line(struct str line, struct policy_line *ret)
{
	size_t at;
	int r;

	*ret = (struct policy_line){ .option = { "", 0 }, .target = { "", 0 } };
	line = trimmed(line);
	if (line.n == 0 || line.s[0] == '#')
		return 0;
	if (memchr(line.s, '\0', line.n))
		return -EINVAL;
	for (at = line.n; at && !is_blank(line.s[at - 1]); at--)
		;
	if (at == 0)
		return -EINVAL;
	r = policy_value(line.s + at, line.n - at, &ret->value);
	if (r < 0)
		return r;
	ret->target = trimmed((struct str){ line.s, at });
	if (!str_starts_with(ret->target, "--"))
		return 1;
	for (at = 0; at < ret->target.n && !is_blank(ret->target.s[at]); at++)
		;
	ret->option = (struct str){ ret->target.s, at };
	ret->target = trimmed((struct str){ ret->target.s + at, ret->target.n - at });
	return ret->target.n ? 1 : -EINVAL;
}
