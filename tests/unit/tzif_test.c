/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Zones out of files as zic(8) writes them: the changes that are listed, the rule at the end, and
 * what is broken. */
#include "tzif.h"

#include <errno.h>
#include <string.h>

#include "check.h"
#include "civil.h"

/* A header, one type of offset and a footer: what zic makes of a zone that never changed. */
static size_t make(unsigned char *buf, int32_t offset, const char *footer)
{
	static const unsigned char head[] = { 'T', 'Z', 'i', 'f', '2' };
	size_t n = 0;

	memset(buf, 0, 512);
	for (int version = 0; version < 2; version++) {
		memcpy(buf + n, head, sizeof(head));
		buf[n + 39] = 1; /* types */
		buf[n + 43] = 4; /* characters of names */
		n += 44;
		for (int i = 0; i < 4; i++)
			buf[n + (size_t)i] = (unsigned char)((uint32_t)offset >> (24 - 8 * i));
		n += 6 + 4;
	}
	return n + (size_t)snprintf((char *)buf + n, 512 - n, "\n%s\n", footer);
}

static int64_t wall(int64_t year, int month, int day, int hour, int minute)
{
	const struct civil c = {
		.year = year, .month = month, .day = day, .hour = hour, .minute = minute
	};

	return civil_seconds(&c);
}

static void test_rules(void)
{
	static const struct {
		const char *footer;
		int64_t year;
		int month, day, hour, minute;
		int32_t offset;
	} times[] = {
		{ "CET-1CEST,M3.5.0,M10.5.0/3", 2026, 1, 1, 12, 0, 3600 },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", 2026, 7, 1, 12, 0, 7200 },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", 2026, 3, 29, 1, 59, 3600 },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", 2026, 3, 29, 3, 0, 7200 },
		/* Comes twice; the first time it is summer. */
		{ "CET-1CEST,M3.5.0,M10.5.0/3", 2026, 10, 25, 2, 30, 7200 },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", 2026, 10, 25, 3, 0, 3600 },
		/* The south. */
		{ "AEST-10AEDT,M10.1.0,M4.1.0/3", 2026, 1, 1, 12, 0, 39600 },
		{ "AEST-10AEDT,M10.1.0,M4.1.0/3", 2026, 7, 1, 12, 0, 36000 },
		{ "EST5EDT,M3.2.0,M11.1.0", 2026, 3, 8, 3, 0, -14400 },
		{ "EST5EDT,M3.2.0,M11.1.0", 2026, 3, 8, 1, 59, -18000 },
		{ "<+0330>-3:30", 2026, 7, 1, 12, 0, 12600 },
		{ "<-03>3<-02>,M3.5.0/-1,M10.5.0/0", 2026, 7, 1, 12, 0, -7200 },
		{ "XXX0YYY,J60,J300", 2024, 3, 1, 3, 0, 3600 },
		{ "XXX0YYY,J60,J300", 2024, 2, 29, 3, 0, 0 },
		{ "XXX0YYY,59,299", 2024, 2, 29, 3, 0, 3600 },
	};
	unsigned char buf[512];
	struct tzif z;

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		size_t n = make(buf, 0, times[i].footer);

		CHECK_INT(tzif_parse(buf, n, &z), 0);
		CHECK_INT(tzif_offset_on_wall(&z, wall(times[i].year, times[i].month, times[i].day,
						       times[i].hour, times[i].minute)),
			  times[i].offset);
		tzif_free(&z);
	}
}

static void test_no_rule(void)
{
	unsigned char buf[512];
	struct tzif z;

	CHECK_INT(tzif_parse(buf, make(buf, -12345, ""), &z), 0);
	CHECK_INT(tzif_offset_on_wall(&z, wall(2026, 7, 1, 12, 0)), -12345);
	tzif_free(&z);
}

static void test_broken(void)
{
	static const char *const footers[] = { "X",
					       "CET",
					       "CET-1CEST",
					       "CET-1CEST,M3.5.0",
					       "CET-1CEST,M13.5.0,M1.1.1",
					       "CET-1CEST,M3.5.0,M10.5.0/3x",
					       "CET-999",
					       "<+03-3" };
	unsigned char buf[512];
	struct tzif z;
	size_t n = make(buf, 0, "UTC0");

	for (size_t i = 0; i < n - 6; i++)
		CHECK_INT(tzif_parse(buf, i, &z), -EINVAL);
	for (size_t i = 0; i < sizeof(footers) / sizeof(footers[0]); i++)
		CHECK_INT(tzif_parse(buf, make(buf, 0, footers[i]), &z), -EINVAL);
	n = make(buf, 0, "UTC0");
	memset(buf + 20, 0xff, 24);
	CHECK_INT(tzif_parse(buf, n, &z), -EINVAL);
	CHECK_INT(
		tzif_parse("plain text that is long enough to hold a header, but is none", 60, &z),
		-EINVAL);
}

int main(void)
{
	test_rules();
	test_no_rule();
	test_broken();
	return check_done();
}
