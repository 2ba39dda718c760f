/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How short of memory is this machine, and what is it set to do when there is none left?
 * kernel/sched/psi.c psi_show(); the tables of mm/ that stand in kernel/sysctl.c.
 */
#include "pressure.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base.h"
#include "str.h"

#define PERCENT_MAX 100 /* what is more is no share of anything */

/* psi_show() prints LOAD_INT.LOAD_FRAC: two digits behind the point, always. */
static bool take_average(struct str word, const char *key, double *ret)
{
	const char *p = word.s + strlen(key), *end = word.s + word.n;
	uint64_t whole, hundredths;

	if (!str_starts_with(word, key) || str_scan_u64(&p, end, &whole) < 0 || whole > PERCENT_MAX)
		return false;
	if (end - p != 3 || *p != '.' || str_to_u64(p + 1, 2, 10, &hundredths) < 0)
		return false;
	*ret = (double)(whole * 100 + hundredths) / 100;
	return true;
}

static bool take_total(struct str word, uint64_t *ret)
{
	size_t n = strlen("total=");

	return str_starts_with(word, "total=") && str_to_u64(word.s + n, word.n - n, 10, ret) == 0;
}

/* "avg10=0.00 avg60=0.00 avg300=0.00 total=0" */
static bool parse_line(struct str line, struct pressure_line *ret)
{
	struct str word[4];
	size_t n = 0;

	while (line.n > 0 && n < ARRAY_SIZE(word)) {
		const char *blank = memchr(line.s, ' ', line.n);
		size_t len = blank ? (size_t)(blank - line.s) : line.n;

		word[n++] = (struct str){ line.s, len };
		line.s += len + (blank != NULL);
		line.n -= len + (blank != NULL);
	}
	return n == ARRAY_SIZE(word) && line.n == 0 &&
	       take_average(word[0], "avg10=", &ret->avg10) &&
	       take_average(word[1], "avg60=", &ret->avg60) &&
	       take_average(word[2], "avg300=", &ret->avg300) &&
	       take_total(word[3], &ret->total_usec);
}

static bool parse_named(struct str line, const char *name, struct pressure_line *ret)
{
	size_t n = strlen(name);

	if (!str_starts_with(line, name))
		return false;
	return parse_line((struct str){ line.s + n, line.n - n }, ret);
}

void pressure_parse(const char *buf, size_t n, struct pressure *ret)
{
	const char *p = buf, *end = buf + n;
	struct str line;

	*ret = (struct pressure){ 0 };
	while (str_next_line(&p, end, &line)) {
		ret->have_some |= parse_named(line, "some ", &ret->some);
		ret->have_full |= parse_named(line, "full ", &ret->full);
	}
}

int pressure_read(const struct host *h, struct pressure *ret)
{
	char buf[256];
	ssize_t n = host_read(h, "proc/pressure/memory", buf, sizeof(buf));

	*ret = (struct pressure){ 0 };
	if (n < 0)
		return (int)n;
	pressure_parse(buf, (size_t)n, ret);
	return ret->have_some || ret->have_full ? 0 : -ENODATA;
}

void pressure_settings(const struct host *h, struct pressure_setting ret[PRESSURE_SETTING_N])
{
	static const char *const names[] = {
		[PRESSURE_PANIC_ON_OOM] = "panic_on_oom",
		[PRESSURE_ALLOCATING_TASK] = "oom_kill_allocating_task",
		[PRESSURE_DUMP_TASKS] = "oom_dump_tasks",
		[PRESSURE_SWAPPINESS] = "swappiness",
		[PRESSURE_OVERCOMMIT_MEMORY] = "overcommit_memory",
		[PRESSURE_OVERCOMMIT_RATIO] = "overcommit_ratio",
		[PRESSURE_OVERCOMMIT_KBYTES] = "overcommit_kbytes",
		[PRESSURE_MIN_FREE_KBYTES] = "min_free_kbytes",
		[PRESSURE_ADMIN_RESERVE] = "admin_reserve_kbytes",
		[PRESSURE_USER_RESERVE] = "user_reserve_kbytes",
	};
	_Static_assert(ARRAY_SIZE(names) == PRESSURE_SETTING_N, "a setting has no name");

	for (size_t i = 0; i < PRESSURE_SETTING_N; i++) {
		char path[64], buf[64];
		const char *p = buf;
		ssize_t n;

		ret[i] = (struct pressure_setting){ .name = names[i] };
		snprintf(path, sizeof(path), "proc/sys/vm/%s", names[i]);
		n = host_read(h, path, buf, sizeof(buf));
		ret[i].have = n > 0 && str_scan_i64(&p, buf + n, &ret[i].value) == 0 &&
			      (p == buf + n || *p == '\n');
	}
}
