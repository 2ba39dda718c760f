/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/meminfo, and what /proc/zoneinfo tells of the same memory. */
#ifndef OOMKIT_MEMINFO_H
#define OOMKIT_MEMINFO_H

#include <stddef.h>
#include <stdint.h>

#include "facts.h"

/* Pure: lines that are not known are passed over, those that do not parse leave their have_ bit
 * unset. */
void meminfo_parse(const char *buf, size_t n, struct meminfo *ret);

/* One sum over all zones, pages, and the watermarks; fs/proc's zoneinfo_show_print(). */
struct zoneinfo {
	uint64_t managed_pages, present_pages, spanned_pages;
	uint64_t free_pages, min_pages, low_pages, high_pages;
	unsigned zones; /* how many were seen; 0: nothing is known */
};
void meminfo_parse_zones(const char *buf, size_t n, struct zoneinfo *ret);

#endif
