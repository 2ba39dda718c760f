/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dates in UTC and the seconds since 1970: plain arithmetic on the Gregorian calendar. */
#ifndef OOMKIT_CIVIL_H
#define OOMKIT_CIVIL_H

#include <stdint.h>

struct civil {
	int64_t year;
	int month;			/* 1..12 */
	int day;			/* 1..31 */
	int hour, minute, second;
};

/* The moment of seconds since 1970. */
struct civil civil_of(int64_t seconds);

/* The other way. What is too large for its place carries over, as February 30 does. */
int64_t civil_seconds(const struct civil *c);

#endif
