/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memstat: the text of a memory cgroup's files, of old kernels, of new ones, and of none. */
#include "memstat.h"

#include <errno.h>
#include <stdlib.h>

#include "check.h"

/* A copy without a NUL behind it: a parser that reads on is caught by the sanitizer and valgrind.
 */
static char *exact(const char *text, size_t *n)
{
	char *copy;

	*n = strlen(text);
	copy = malloc(*n ? *n : 1);
	memcpy(copy, text, *n);
	return copy;
}

static struct memstat_events events(const char *text)
{
	struct memstat_events e;
	size_t n;
	char *copy = exact(text, &n);

	memstat_parse_events(copy, n, &e);
	free(copy);
	return e;
}

static bool has(const struct memstat_events *e, enum memstat_event event, uint64_t value)
{
	return (e->have & 1u << event) && e->value[event] == value;
}

static void test_events(void)
{
	struct memstat_events e = events("low 1\nhigh 22\nmax 333\noom 4\noom_kill 5\n"
					 "oom_group_kill 6\nsock_throttled 7\n");

	CHECK_INT(e.have, (1u << MEMSTAT_EVENT_N) - 1);
	CHECK(has(&e, MEMSTAT_LOW, 1) && has(&e, MEMSTAT_HIGH, 22));
	CHECK(has(&e, MEMSTAT_EVENT_MAX, 333) && has(&e, MEMSTAT_OOM, 4));
	CHECK(has(&e, MEMSTAT_OOM_KILL, 5) && has(&e, MEMSTAT_OOM_GROUP_KILL, 6));
	CHECK(has(&e, MEMSTAT_SOCK_THROTTLED, 7));

	/* 4.0 to 4.12 */
	e = events("low 0\nhigh 0\nmax 9\noom 2\n");
	CHECK(has(&e, MEMSTAT_OOM, 2));
	CHECK(!(e.have & (1u << MEMSTAT_OOM_KILL | 1u << MEMSTAT_OOM_GROUP_KILL)));
	/* What comes after us. */
	e = events("oom_new 4\noom_kill 18446744073709551615\noom_killed 9");
	CHECK(has(&e, MEMSTAT_OOM_KILL, UINT64_MAX));
	CHECK_INT(e.have, 1u << MEMSTAT_OOM_KILL);
	/* Garbage is nothing, and no number is cut out of it. */
	e = events("oom -1\noom_kill 1x\nlow\nhigh \nmax  1\n oom 1\noom_group_kill "
		   "18446744073709551616\n");
	CHECK_INT(e.have, 0);
	CHECK_INT(events("").have, 0);
	CHECK_INT(events("\n\n").have, 0);
}

static struct memstat_oom_control control(const char *text)
{
	struct memstat_oom_control c;
	size_t n;
	char *copy = exact(text, &n);

	memstat_parse_oom_control(copy, n, &c);
	free(copy);
	return c;
}

static void test_oom_control(void)
{
	struct memstat_oom_control c = control("oom_kill_disable 1\nunder_oom 0\noom_kill 17\n");

	CHECK(c.have_oom_kill_disable && c.oom_kill_disable);
	CHECK(c.have_under_oom && !c.under_oom);
	CHECK(c.have_oom_kill);
	CHECK_INT(c.oom_kill, 17);
	/* 2.6.35 to 4.12 */
	c = control("oom_kill_disable 0\nunder_oom 1\n");
	CHECK(c.have_oom_kill_disable && !c.oom_kill_disable);
	CHECK(c.have_under_oom && c.under_oom);
	CHECK(!c.have_oom_kill);
	c = control("oom_kill_disable 2\nunder_oom\noom_kill max\n");
	CHECK(!c.have_oom_kill_disable && !c.have_under_oom && !c.have_oom_kill);
	c = control("");
	CHECK(!c.have_oom_kill_disable && !c.have_under_oom && !c.have_oom_kill);
}

static void check_number(const char *text, int want, uint64_t value)
{
	uint64_t v = 0;
	size_t n;
	char *copy = exact(text, &n);

	CHECK_INT(memstat_parse_number(copy, n, &v), want);
	if (want == 0)
		CHECK(v == value);
	free(copy);
}

static void test_number(void)
{
	check_number("0\n", 0, 0);
	check_number("16777216\n", 0, 16777216);
	check_number("16777216", 0, 16777216);
	check_number("max\n", 0, MEMSTAT_MAX);
	check_number("max", 0, MEMSTAT_MAX);
	check_number("", -EINVAL, 0);
	check_number("\n", -EINVAL, 0);
	check_number("1\n\n", -EINVAL, 0);
	check_number("maximum\n", -EINVAL, 0);
	check_number("-1\n", -EINVAL, 0);
	check_number("1 2\n", -EINVAL, 0);
	check_number("18446744073709551616\n", -ERANGE, 0);
}

static void test_v1_limit(void)
{
	CHECK(memstat_v1_limit(UINT64_C(9223372036854771712)) == MEMSTAT_MAX); /* pages of 4 KiB */
	CHECK(memstat_v1_limit(UINT64_C(9223372036854710272)) == MEMSTAT_MAX); /* of 64 KiB */
	CHECK(memstat_v1_limit(UINT64_C(8796093018112)) == MEMSTAT_MAX);       /* 32 bits */
	CHECK(memstat_v1_limit(UINT64_C(9223372036854775807)) == MEMSTAT_MAX); /* up to 3.18 */
	CHECK(memstat_v1_limit(UINT64_MAX) == MEMSTAT_MAX);
	CHECK(memstat_v1_limit(UINT64_C(8796093018113)) == UINT64_C(8796093018113));
	CHECK_INT(memstat_v1_limit(16777216), 16777216);
}

static void check_key(const char *text, const char *key, int want, uint64_t value)
{
	uint64_t v = 0;
	size_t n;
	char *copy = exact(text, &n);

	CHECK_INT(memstat_parse_key(copy, n, key, &v), want);
	if (want == 0)
		CHECK(v == value);
	free(copy);
}

static void test_key(void)
{
	static const char text[] = "cache 1\nrss 2\nswap 3\nhierarchical_memory_limit 16777216\n"
				   "total_swap 40\ntotal_rss x\n";

	check_key(text, "swap", 0, 3);
	check_key(text, "total_swap", 0, 40);
	check_key(text, "hierarchical_memory_limit", 0, 16777216);
	check_key(text, "total_rss", -EINVAL, 0);
	check_key(text, "total", -ENOENT, 0);
	check_key(text, "", -ENOENT, 0);
	check_key("", "swap", -ENOENT, 0);
}

int main(void)
{
	test_events();
	test_oom_control();
	test_number();
	test_v1_limit();
	test_key();
	for (unsigned i = 0; i < MEMSTAT_EVENT_N; i++)
		CHECK(memstat_event_name((enum memstat_event)i)[0] != '\0');
	return check_done();
}
