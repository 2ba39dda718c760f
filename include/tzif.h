/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A time zone out of a file of zoneinfo (RFC 8536), and its offset at a time on the wall. Pure. */
#ifndef OOMKIT_TZIF_H
#define OOMKIT_TZIF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What changes on a day of each year, as the TZ variable of POSIX writes it. */
struct tzif_rule {
	enum { TZIF_MONTH_WEEK, TZIF_DAY_NO_LEAP, TZIF_DAY } kind;
	int month, week, day; /* TZIF_MONTH_WEEK: day of the week; else day of the year */
	int32_t seconds;      /* of that day, on the wall */
};

struct tzif_change {
	int64_t at; /* since 1970, UTC */
	int32_t offset;
};

struct tzif {
	struct tzif_change *changes; /* in order */
	size_t n;
	int32_t first; /* before the first of them */
	/* after the last of them */
	bool has_rest, has_summer;
	int32_t winter, summer; /* seconds east */
	struct tzif_rule begins, ends;
};

/* Returns 0, -EINVAL where it is no such file, or -ENOMEM. */
int tzif_parse(const void *data, size_t size, struct tzif *ret);
void tzif_free(struct tzif *z);

/* Seconds east of Greenwich when the clocks on the wall show this, in seconds since 1970 as if they
 * were UTC. An hour that comes twice is taken the first time. */
int32_t tzif_offset_on_wall(const struct tzif *z, int64_t wall);

#endif
