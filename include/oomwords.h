/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An event in words: what was asked for, which memory was short, and who had it. Pure. */
#ifndef OOMKIT_OOMWORDS_H
#define OOMKIT_OOMWORDS_H

#include <stddef.h>

#include "oomlog.h"

/* The names of the flags: as the kernel printed them, else out of the mask by the layout of that
 * kernel's bits. NULL where neither is told. Returns buf. */
const char *oomwords_gfp(const struct oom_event *e, const struct kver *v, char *buf, size_t size);

/* "one page for a program", "8 pages in a row (32 KiB) for the kernel itself". Returns buf. */
const char *oomwords_request(const struct oom_event *e, const char *gfp, uint32_t page_size,
			     char *buf, size_t size);

/* Which OOM it was: "the machine ran out of memory". */
const char *oomwords_kind(const struct oom_event *e, char *buf, size_t size);

/* Plain exhaustion, one zone's shortage, or fragmentation, by the watermarks; NULL where nothing
 * tells. Returns buf. */
const char *oomwords_shortage(const struct oom_event *e, uint32_t page_size, char *buf,
			      size_t size);

/* Memory of the table by name, the largest first. */
struct oom_user {
	const char *comm;
	uint64_t rss_pages, swap_pages;
	size_t processes;
};

/* Fills at most max, largest first; *n_all gets how many names there are. Returns how many or
 * -ENOMEM. */
ssize_t oomwords_users(const struct oom_event *e, struct oom_user *ret, size_t max, size_t *n_all);

#endif
