/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does an event mean? The flags of the request by their names (include/linux/gfp.h), the
 * shortage by the watermarks (mm/page_alloc.c __zone_watermark_ok()), the users of the memory.
 */
#include "oomwords.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"

struct bit {
	uint64_t bit;
	const char *name;
};

/* 2.6.x to 4.3. */
static const struct bit bits_before_44[] = {
	{ 0x01, "__GFP_DMA" },
	{ 0x02, "__GFP_HIGHMEM" },
	{ 0x04, "__GFP_DMA32" },
	{ 0x08, "__GFP_MOVABLE" },
	{ 0x10, "__GFP_WAIT" },
	{ 0x20, "__GFP_HIGH" },
	{ 0x40, "__GFP_IO" },
	{ 0x80, "__GFP_FS" },
	{ 0x100, "__GFP_COLD" },
	{ 0x200, "__GFP_NOWARN" },
	{ 0x400, "__GFP_REPEAT" },
	{ 0x800, "__GFP_NOFAIL" },
	{ 0x1000, "__GFP_NORETRY" },
	{ 0x4000, "__GFP_COMP" },
	{ 0x8000, "__GFP_ZERO" },
	{ 0x10000, "__GFP_NOMEMALLOC" },
	{ 0x20000, "__GFP_HARDWALL" },
	{ 0x40000, "__GFP_THISNODE" },
	{ 0x80000, "__GFP_RECLAIMABLE" },
};

/* 4.4 and 4.5; from 4.6 on the kernel prints the names itself. */
static const struct bit bits_44[] = {
	{ 0x01, "__GFP_DMA" },
	{ 0x02, "__GFP_HIGHMEM" },
	{ 0x04, "__GFP_DMA32" },
	{ 0x08, "__GFP_MOVABLE" },
	{ 0x10, "__GFP_RECLAIMABLE" },
	{ 0x20, "__GFP_HIGH" },
	{ 0x40, "__GFP_IO" },
	{ 0x80, "__GFP_FS" },
	{ 0x100, "__GFP_COLD" },
	{ 0x200, "__GFP_NOWARN" },
	{ 0x400, "__GFP_REPEAT" },
	{ 0x800, "__GFP_NOFAIL" },
	{ 0x1000, "__GFP_NORETRY" },
	{ 0x2000, "__GFP_MEMALLOC" },
	{ 0x4000, "__GFP_COMP" },
	{ 0x8000, "__GFP_ZERO" },
	{ 0x10000, "__GFP_NOMEMALLOC" },
	{ 0x20000, "__GFP_HARDWALL" },
	{ 0x40000, "__GFP_THISNODE" },
	{ 0x80000, "__GFP_ATOMIC" },
	{ 0x100000, "__GFP_ACCOUNT" },
	{ 0x400000, "__GFP_DIRECT_RECLAIM" },
	{ 0x2000000, "__GFP_KSWAPD_RECLAIM" },
};

const char *oomwords_gfp(const struct oom_event *e, const struct kver *v, char *buf, size_t size)
{
	const struct bit *bits = bits_before_44;
	size_t n = ARRAY_SIZE(bits_before_44), len = 0;
	bool of_44 = v ? v->major > 4 || (v->major == 4 && v->minor >= 4)
		       : (e->gfp_mask & 0x2400000) != 0;
	uint64_t rest = e->gfp_mask;

	if (e->gfp_flags)
		return e->gfp_flags;
	if (!e->have_gfp)
		return NULL;
	if (of_44) {
		bits = bits_44;
		n = ARRAY_SIZE(bits_44);
	}
	buf[0] = '\0';
	for (size_t i = 0; i < n && len < size; i++) {
		if (!(rest & bits[i].bit))
			continue;
		rest &= ~bits[i].bit;
		len += (size_t)snprintf(buf + len, size - len, "%s%s", len ? "|" : "",
					bits[i].name);
	}
	if (rest && len < size)
		snprintf(buf + len, size - len, "%s0x%llx", len ? "|" : "",
			 (unsigned long long)rest);
	return buf;
}

/* For whom the memory was. */
static const char *purpose(const char *gfp)
{
	if (!gfp || !*gfp)
		return "";
	if (strstr(gfp, "HIGHUSER") || strstr(gfp, "GFP_USER") || strstr(gfp, "__GFP_MOVABLE"))
		return " for a program";
	if (strstr(gfp, "NOFS"))
		return " for a file system";
	if (strstr(gfp, "GFP_DMA"))
		return " of the low memory that old devices reach";
	return " for the kernel itself";
}

const char *oomwords_request(const struct oom_event *e, const char *gfp, uint32_t page_size,
			     char *buf, size_t size)
{
	if (e->have_order && e->order < 0)
		snprintf(buf, size, "a person (sysrq f)");
	else if (e->have_gfp && e->gfp_mask == 0)
		snprintf(buf, size, "a page fault that could not be served");
	else if (e->have_order && e->order > 0 && e->order < 20)
		snprintf(buf, size, "%u pages in a row (%llu KiB)%s", 1u << e->order,
			 ((unsigned long long)page_size << e->order) / 1024, purpose(gfp));
	else
		snprintf(buf, size, "one page%s", purpose(gfp));
	return buf;
}

const char *oomwords_kind(const struct oom_event *e, char *buf, size_t size)
{
	switch (e->constraint) {
	case CONSTRAINT_MEMCG:
		snprintf(buf, size, "a memory cgroup reached its limit");
		break;
	case CONSTRAINT_CPUSET:
		snprintf(buf, size, "the memory nodes of a cpuset were full");
		break;
	case CONSTRAINT_MEMORY_POLICY:
		snprintf(buf, size, "the memory nodes of a policy were full");
		break;
	case CONSTRAINT_NONE:
		snprintf(buf, size, "the machine ran out of memory%s",
			 e->constraint_certain ? "" : ", as far as is told");
		break;
	default:
		snprintf(buf, size, "memory ran out, which is not told");
	}
	if (e->killer != OOM_KILLER_KERNEL)
		snprintf(buf, size, "%s acted before the kernel", oomlog_killer_name(e->killer));
	return buf;
}

/* Free blocks of at least that order. */
static uint64_t blocks(const struct oom_zone *z, int order)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < z->n_orders; i++)
		if ((int)i >= order)
			n += z->orders[i];
	return n;
}

const char *oomwords_shortage(const struct oom_event *e, uint32_t page_size, char *buf, size_t size)
{
	const struct oom_zone *low = NULL, *high = NULL, *broken = NULL;
	size_t n = 0;

	(void)page_size;
	for (size_t i = 0; i < e->mem.n_zones; i++) {
		const struct oom_zone *z = &e->mem.zones[i];

		if (!z->high_kib || (z->have_managed && z->managed_kib == 0))
			continue;
		/* The smallest zone is kept for old devices and always has some left. */
		if (strstr(z->name, "DMA") && !strstr(z->name, "DMA32"))
			continue;
		n++;
		if (z->free_kib <= z->min_kib)
			low = z;
		if (z->free_kib > z->high_kib)
			high = z;
		if (z->free_kib > z->high_kib && e->have_order && e->order > 0 && z->have_orders &&
		    blocks(z, e->order) == 0)
			broken = z;
	}
	if (n == 0 || e->constraint == CONSTRAINT_MEMCG)
		return NULL;
	if (broken && !low)
		snprintf(buf, size,
			 "fragmentation: %s has %llu KiB free, above its mark of %llu, but no free "
			 "block of order %d",
			 broken->name, (unsigned long long)broken->free_kib,
			 (unsigned long long)broken->high_kib, e->order);
	else if (low && high)
		snprintf(buf, size,
			 "a zone's shortage: %s is down to %llu KiB of at least %llu, while %s has "
			 "%llu free",
			 low->name, (unsigned long long)low->free_kib,
			 (unsigned long long)low->min_kib, high->name,
			 (unsigned long long)high->free_kib);
	else if (low)
		snprintf(buf, size, "exhaustion: %s is down to %llu KiB of at least %llu",
			 low->name, (unsigned long long)low->free_kib,
			 (unsigned long long)low->min_kib);
	else if (high)
		snprintf(buf, size,
			 "no zone is short: %s has %llu KiB free, above its mark of %llu",
			 high->name, (unsigned long long)high->free_kib,
			 (unsigned long long)high->high_kib);
	else
		snprintf(buf, size, "near exhaustion: all zones are between their marks");
	return buf;
}

static int compare_comm(const void *a, const void *b)
{
	const struct oom_row *const *x = a, *const *y = b;

	return strcmp((*x)->comm ? (*x)->comm : "?", (*y)->comm ? (*y)->comm : "?");
}

/* Into its place among the largest so far. */
static void insert(struct oom_user *ret, size_t *n, size_t max, const struct oom_user *u)
{
	size_t at = *n;

	while (at > 0 &&
	       ret[at - 1].rss_pages + ret[at - 1].swap_pages < u->rss_pages + u->swap_pages)
		at--;
	if (at >= max)
		return;
	if (*n < max)
		(*n)++;
	memmove(&ret[at + 1], &ret[at], (*n - at - 1) * sizeof(*ret));
	ret[at] = *u;
}

ssize_t oomwords_users(const struct oom_event *e, struct oom_user *ret, size_t max, size_t *n_all)
{
	_cleanup_free_ const struct oom_row **rows =
		calloc(e->n_rows + 1, sizeof(const struct oom_row *));
	size_t n = 0;

	*n_all = 0;
	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < e->n_rows; i++)
		rows[i] = &e->rows[i];
	qsort(rows, e->n_rows, sizeof(const struct oom_row *), compare_comm);
	for (size_t i = 0; i < e->n_rows;) {
		struct oom_user u = { .comm = rows[i]->comm ? rows[i]->comm : "?" };
		size_t j = i;

		while (j < e->n_rows && compare_comm(&rows[i], &rows[j]) == 0) {
			u.rss_pages += rows[j]->rss;
			u.swap_pages += rows[j]->swap;
			u.processes++;
			j++;
		}
		(*n_all)++;
		insert(ret, &n, max, &u);
		i = j;
	}
	return (ssize_t)n;
}
