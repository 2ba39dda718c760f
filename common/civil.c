/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which date is it so many seconds after 1970, and the other way? As gmtime(3) and timegm(3) have
 * it. Those bring time zones along, their files, and scanf to read TZ: 100 KB of a static program
 * that asks for neither.
 */
#include "civil.h"

#define DAY_SECONDS 86400
#define ERA_DAYS 146097			/* of 400 years, after which the calendar repeats */
#define EPOCH_DAY 719468		/* 1970-01-01, counted from 0000-03-01 */

/* Days before the month, in a year that begins in March: 153 days for each five months. */
static int64_t days_before(int64_t month_from_march)
{
	return (153 * month_from_march + 2) / 5;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

struct civil civil_of(int64_t seconds)
{
	int64_t days = floor_div(seconds, DAY_SECONDS), rest = seconds - days * DAY_SECONDS;
	int64_t day = days + EPOCH_DAY, era = floor_div(day, ERA_DAYS), year, month;
	struct civil c = {
		.hour = (int)(rest / 3600),
		.minute = (int)(rest / 60 % 60),
		.second = (int)(rest % 60),
	};

	day -= era * ERA_DAYS;
	/* The last days of 4, 100 and 400 years are a leap day or the want of one. */
	year = (day - day / 1460 + day / 36524 - day / (ERA_DAYS - 1)) / 365;
	day -= 365 * year + year / 4 - year / 100;
	month = (5 * day + 2) / 153;
	c.year = era * 400 + year + (month >= 10);
	c.month = (int)(month < 10 ? month + 3 : month - 9);
	c.day = (int)(day - days_before(month) + 1);
	return c;
}

int64_t civil_seconds(const struct civil *c)
{
	int64_t year = c->year - (c->month <= 2), era = floor_div(year, 400);
	int64_t of_era = year - era * 400;
	int64_t day = of_era * 365 + of_era / 4 - of_era / 100 +
		      days_before(c->month > 2 ? c->month - 3 : c->month + 9) + c->day - 1;

	return (era * ERA_DAYS + day - EPOCH_DAY) * DAY_SECONDS + c->hour * (int64_t)3600 +
	       c->minute * (int64_t)60 + c->second;
}
