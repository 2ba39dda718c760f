/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does this text of a memory cgroup say? mm/memcontrol.c __memory_events_show(),
 * memory_max_show(); mm/memcontrol-v1.c mem_cgroup_oom_control_read(), mem_cgroup_read_u64().
 */
#include "memstat.h"

#include <errno.h>
#include <string.h>

#include "base.h"
#include "str.h"

/* v1 without a limit: PAGE_COUNTER_MAX * page size, which is 2^63 less one page (of 64 KiB at
 * most); a 32-bit kernel has LONG_MAX pages of 4 KiB. Up to 3.18 res_counter printed 2^63-1 or
 * 2^64-1. */
#define V1_UNLIMITED    UINT64_C(0x7fffffffffff0000)
#define V1_UNLIMITED_32 (UINT64_C(0x7fffffff) * 4096)

static const char *const event_names[] = {
	[MEMSTAT_LOW] = "low",
	[MEMSTAT_HIGH] = "high",
	[MEMSTAT_EVENT_MAX] = "max",
	[MEMSTAT_OOM] = "oom",
	[MEMSTAT_OOM_KILL] = "oom_kill",
	[MEMSTAT_OOM_GROUP_KILL] = "oom_group_kill",
	[MEMSTAT_SOCK_THROTTLED] = "sock_throttled",
};
_Static_assert(ARRAY_SIZE(event_names) == MEMSTAT_EVENT_N, "an event has no name");

const char *memstat_event_name(enum memstat_event event)
{
	return event_names[event];
}

/* "key value": cuts at the one blank. */
static bool split(struct str line, struct str *key, struct str *value)
{
	const char *blank = memchr(line.s, ' ', line.n);

	if (!blank)
		return false;
	*key = (struct str){ line.s, (size_t)(blank - line.s) };
	*value = (struct str){ blank + 1, line.n - key->n - 1 };
	return true;
}

void memstat_parse_events(const char *buf, size_t n, struct memstat_events *ret)
{
	const char *p = buf, *end = buf + n;
	struct str line, key, value;

	*ret = (struct memstat_events){ 0 };
	while (str_next_line(&p, end, &line)) {
		unsigned i = 0;

		if (!split(line, &key, &value))
			continue;
		while (i < MEMSTAT_EVENT_N && !str_eq(key, event_names[i]))
			i++;
		if (i < MEMSTAT_EVENT_N && str_to_u64(value.s, value.n, 10, &ret->value[i]) == 0)
			ret->have |= 1u << i;
	}
}

/* A flag is 0 or 1 and nothing else. */
static bool take_flag(struct str value, bool *ret)
{
	*ret = str_eq(value, "1");
	return *ret || str_eq(value, "0");
}

void memstat_parse_oom_control(const char *buf, size_t n, struct memstat_oom_control *ret)
{
	const char *p = buf, *end = buf + n;
	struct str line, key, value;

	*ret = (struct memstat_oom_control){ 0 };
	while (str_next_line(&p, end, &line)) {
		if (!split(line, &key, &value))
			continue;
		if (str_eq(key, "oom_kill_disable"))
			ret->have_oom_kill_disable = take_flag(value, &ret->oom_kill_disable);
		else if (str_eq(key, "under_oom"))
			ret->have_under_oom = take_flag(value, &ret->under_oom);
		else if (str_eq(key, "oom_kill"))
			ret->have_oom_kill = str_to_u64(value.s, value.n, 10, &ret->oom_kill) == 0;
	}
}

int memstat_parse_number(const char *buf, size_t n, uint64_t *ret)
{
	struct str text = { buf, n };

	if (n > 0 && buf[n - 1] == '\n')
		text.n--;
	if (str_eq(text, "max")) {
		*ret = MEMSTAT_MAX;
		return 0;
	}
	return str_to_u64(text.s, text.n, 10, ret);
}

uint64_t memstat_v1_limit(uint64_t value)
{
	return value >= V1_UNLIMITED || value == V1_UNLIMITED_32 ? MEMSTAT_MAX : value;
}

int memstat_parse_key(const char *buf, size_t n, const char *key, uint64_t *ret)
{
	const char *p = buf, *end = buf + n;
	struct str line, word, value;

	while (str_next_line(&p, end, &line))
		if (split(line, &word, &value) && str_eq(word, key))
			return memstat_parse_number(value.s, value.n, ret);
	return -ENOENT;
}
