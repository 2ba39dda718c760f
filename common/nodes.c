/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * On which memory nodes is memory short, how large are they, and who may have memory there? Mirrors
 * mm/oom_kill.c constrained_alloc() and oom_cpuset_eligible(), mm/mempolicy.c
 * mempolicy_in_oom_domain().
 */
#include "nodes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "proc.h"

#define THREADS_MAX 4096
/* A first line of numa_maps with a long file name; what does not fit is behind the policy. */
#define POLICY_SIZE 1024
#define STATUS_SIZE 8192

static void add(struct nodeset *s, uint64_t node)
{
	s->bits[node / 64] |= UINT64_C(1) << node % 64;
}

static bool has(const struct nodeset *s, uint64_t node)
{
	return s->bits[node / 64] >> node % 64 & 1;
}

int nodes_parse_list(const char *s, size_t n, struct nodeset *ret)
{
	const char *at = s, *end = s + n;

	*ret = (struct nodeset){ 0 };
	while (at < end) {
		uint64_t first, last;

		if (str_scan_u64(&at, end, &first) < 0)
			return -EINVAL;
		last = first;
		if (at < end && *at == '-' && (at++, str_scan_u64(&at, end, &last) < 0))
			return -EINVAL;
		if (last < first)
			return -EINVAL;
		if (last >= NODES_MAX)
			return -ERANGE;
		for (uint64_t node = first; node <= last; node++)
			add(ret, node);
		if (at < end && (*at != ',' || ++at == end))
			return -EINVAL;
	}
	return 0;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 0;
}

void nodes_parse_mask(struct str mask, struct nodeset *ret)
{
	unsigned bit = 0;

	*ret = (struct nodeset){ 0 };
	for (size_t i = mask.n; i > 0 && bit < NODES_MAX; i--) {
		if (mask.s[i - 1] == ',')
			continue;
		ret->bits[bit / 64] |= (uint64_t)hex_value(mask.s[i - 1]) << bit % 64;
		bit += 4;
	}
}

bool nodes_intersect(const struct nodeset *a, const struct nodeset *b)
{
	for (size_t i = 0; i < ARRAY_SIZE(a->bits); i++)
		if (a->bits[i] & b->bits[i])
			return true;
	return false;
}

bool nodes_within(const struct nodeset *inner, const struct nodeset *outer)
{
	for (size_t i = 0; i < ARRAY_SIZE(inner->bits); i++)
		if (inner->bits[i] & ~outer->bits[i])
			return false;
	return true;
}

bool nodes_empty(const struct nodeset *a)
{
	return nodes_within(a, &(struct nodeset){ 0 });
}

const char *nodes_name(const struct nodeset *a, const char *before, struct arena *arena)
{
	char list[256] = "", text[320];
	size_t n = 0, count = 0;

	for (unsigned i = 0; i < NODES_MAX && n < sizeof(list) - 16; i++) {
		unsigned last = i;

		if (!has(a, i))
			continue;
		while (last + 1 < NODES_MAX && has(a, last + 1))
			last++;
		count += last - i + 1;
		n += (size_t)snprintf(list + n, sizeof(list) - n, last > i ? "%s%u-%u" : "%s%u",
				      n ? "," : "", i, last);
		i = last;
	}
	snprintf(text, sizeof(text), "%snode%s %s", before, count == 1 ? "" : "s", list);
	return arena_strndup(arena, text, strlen(text));
}

/* ------------------------------------------------------------------ how large they are */

static bool zone_number(struct str line, const char *key, uint64_t *ret)
{
	const char *at = line.s + strlen(key), *end = line.s + line.n;

	return str_starts_with(line, key) && at < end && *at == ' ' &&
	       str_scan_u64(&at, end, ret) == 0;
}

void nodes_parse_zoneinfo(const char *buf, size_t n, const struct nodeset *wanted,
			  struct nodes_size *ret)
{
	const char *p = buf, *end = buf + n;
	uint64_t node = NODES_MAX, pages;
	struct str line;

	*ret = (struct nodes_size){ 0 };
	while (str_next_line(&p, end, &line)) {
		while (line.n && line.s[0] == ' ') {
			line.s++;
			line.n--;
		}
		if (str_starts_with(line, "Node ")) {
			const char *at = line.s + 5;

			if (str_scan_u64(&at, line.s + line.n, &node) < 0 || node >= NODES_MAX)
				node = NODES_MAX;
		} else if (node < NODES_MAX && zone_number(line, "present", &pages)) {
			if (pages)
				add(&ret->memory, node);
			if (has(wanted, node))
				ret->present_pages += pages;
		} else if (node < NODES_MAX && has(wanted, node) &&
			   zone_number(line, "spanned", &pages)) {
			ret->spanned_pages += pages;
		}
	}
}

int nodes_read_size(const struct host *h, const struct nodeset *wanted, struct nodes_size *ret)
{
	_cleanup_free_ char *buf = NULL;
	ssize_t n = host_read_all(h, "proc/zoneinfo", 1 << 22, &buf);

	if (n < 0)
		return (int)n;
	nodes_parse_zoneinfo(buf, (size_t)n, wanted, ret);
	return nodes_empty(&ret->memory) ? -ENODATA : 0;
}

/* ------------------------------------------------------------------ who may have memory there */

bool nodes_parse_policy(const char *buf, size_t n, bool interleaved, struct nodeset *ret)
{
	const char *p = buf, *at, *end;
	struct str line;

	*ret = (struct nodeset){ 0 };
	if (!str_next_line(&p, buf + n, &line))
		return false;
	end = line.s + line.n;
	at = memchr(line.s, ' ', line.n);
	if (!at)
		return false;
	line = (struct str){ at + 1, (size_t)(end - (at + 1)) };
	/* The mode, perhaps "=static" or "=relative", and its nodes behind a colon. */
	if (!str_starts_with(line, "bind") &&
	    (!interleaved || !str_starts_with(line, "interleave")))
		return false;
	at = memchr(line.s, ' ', line.n);
	end = at ? at : end;
	at = memchr(line.s, ':', (size_t)(end - line.s));
	return at && nodes_parse_list(at + 1, (size_t)(end - (at + 1)), ret) == 0;
}

static int thread_may_use(const struct host *h, pid_t pid, pid_t tid, const struct nodeset *oom,
			  bool policy, bool interleaved)
{
	char file[64], buf[STATUS_SIZE];
	struct proc_status status;
	struct nodeset own;
	ssize_t n;

	snprintf(file, sizeof(file), "task/%d/%s", tid, policy ? "numa_maps" : "status");
	n = host_read_proc(h, pid, tid == pid ? strrchr(file, '/') + 1 : file, buf,
			   policy ? POLICY_SIZE : sizeof(buf));
	if (n < 0)
		return (int)n;
	if (policy)
		return !nodes_parse_policy(buf, (size_t)n, interleaved, &own) ||
		       nodes_intersect(&own, oom);
	proc_parse_status(buf, (size_t)n, &status);
	if (!status.has_mems_allowed)
		return -ENODATA;
	nodes_parse_mask(status.mems_allowed, &own);
	return nodes_intersect(&own, oom);
}

int nodes_may_use(const struct host *h, pid_t pid, const struct nodeset *oom, bool policy,
		  bool interleaved)
{
	_cleanup_free_ pid_t *tids = NULL;
	int r = thread_may_use(h, pid, pid, oom, policy, interleaved);
	ssize_t n;

	if (r != 0)
		return r;
	/* One thread is enough: oom_cpuset_eligible() asks them all. */
	tids = malloc(THREADS_MAX * sizeof(*tids));
	n = tids ? host_list_tasks(h, pid, tids, THREADS_MAX) : -ENOMEM;
	for (ssize_t i = 0; i < n && i < THREADS_MAX; i++)
		if (tids[i] != pid && thread_may_use(h, pid, tids[i], oom, policy, interleaved) > 0)
			return 1;
	return n == -ENOMEM ? -ENOMEM : 0;
}
