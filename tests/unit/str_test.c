/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strict numbers, sizes, lines; dates; versions; the arena; meminfo and zones. */
#include <errno.h>
#include <time.h>

#include "arena.h"
#include "check.h"
#include "civil.h"
#include "kver.h"
#include "meminfo.h"
#include "str.h"

static int i64(const char *s, int64_t min, int64_t max, int64_t *v)
{
	return str_to_i64(s, strlen(s), min, max, v);
}

static void test_strict_integers(void)
{
	int64_t v = 7;
	uint64_t u = 7;

	CHECK_INT(i64("", 0, 9, &v), -EINVAL);
	CHECK_INT(i64("+1", 0, 9, &v), -EINVAL);
	CHECK_INT(i64(" 1", 0, 9, &v), -EINVAL);
	CHECK_INT(i64("1 ", 0, 9, &v), -EINVAL);
	CHECK_INT(i64("1x", 0, 9, &v), -EINVAL);
	CHECK_INT(i64("0x1", 0, 9, &v), -EINVAL);
	CHECK_INT(i64("-", -9, 9, &v), -EINVAL);
	CHECK_INT(i64("-1", 0, 9, &v), -EINVAL);
	CHECK_INT(i64("10", 0, 9, &v), -ERANGE);
	CHECK_INT(i64("99999999999999999999", 0, INT64_MAX, &v), -ERANGE);
	CHECK_INT(v, 7);
	CHECK_INT(i64("-1000", -1000, 1000, &v), 0);
	CHECK_INT(v, -1000);
	CHECK_INT(i64("9223372036854775807", 0, INT64_MAX, &v), 0);
	CHECK(v == INT64_MAX);
	CHECK_INT(str_to_u64("18446744073709551615", 20, 10, &u), 0);
	CHECK(u == UINT64_MAX);
	CHECK_INT(str_to_u64("18446744073709551616", 20, 10, &u), -ERANGE);
	CHECK_INT(str_to_u64("3fFf", 4, 16, &u), 0);
	CHECK_INT(u, 0x3fff);
	CHECK_INT(str_to_u64("g", 1, 16, &u), -EINVAL);
}

static void test_sizes(void)
{
	static const struct {
		const char *text;
		int r;
		uint64_t bytes;
	} rows[] = {
		{ "0", 0, 0 },
		{ "512", 0, 512 },
		{ "512B", 0, 512 },
		{ "1K", 0, 1024 },
		{ "1k", 0, 1024 },
		{ "1KB", 0, 1024 },
		{ "2MiB", 0, 2097152 },
		{ "1.5G", 0, 1610612736 },
		{ "3T", 0, 3298534883328 },
		{ "0.5K", 0, 512 },
		{ "", -EINVAL, 0 },
		{ "K", -EINVAL, 0 },
		{ "1.", -EINVAL, 0 },
		{ "1.5", -EINVAL, 0 },
		{ "-1K", -EINVAL, 0 },
		{ "1KK", -EINVAL, 0 },
		{ "1 K", -EINVAL, 0 },
		{ "1Kib", -EINVAL, 0 },
		{ "8388608T", -ERANGE, 0 },
		{ "99999999999999999999", -ERANGE, 0 },
		{ "1e3", -EINVAL, 0 },
		{ "0x10", -EINVAL, 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t v = 0;

		CHECK_INT(str_to_size(rows[i].text, &v), rows[i].r);
		CHECK_INT(v, rows[i].bytes);
	}
}

static void test_scanning(void)
{
	const char text[] = "  12\t-7 99999999999999999999 x\nlast";
	const char *p = text, *end = text + strlen(text);
	struct str line;
	uint64_t u;
	int64_t i;

	CHECK_INT(str_scan_u64(&p, end, &u), 0);
	CHECK_INT(u, 12);
	CHECK_INT(str_scan_i64(&p, end, &i), 0);
	CHECK_INT(i, -7);
	CHECK_INT(str_scan_u64(&p, end, &u), -ERANGE);
	CHECK_INT(str_scan_u64(&p, end, &u), -EINVAL);
	p = text;
	CHECK(str_next_line(&p, end, &line));
	CHECK_INT(line.n, 30);
	CHECK(str_next_line(&p, end, &line));
	CHECK(str_eq(line, "last"));
	CHECK(str_eq((struct str){ NULL, 0 }, "") && !str_eq((struct str){ NULL, 0 }, "last"));
	CHECK(str_starts_with(line, "la") && !str_starts_with(line, "lasts"));
	CHECK(!str_next_line(&p, end, &line));
}

static void test_versions(void)
{
	struct kver v = { 0 };

	CHECK_INT(kver_parse("6.18.44-fc-v769", &v), 0);
	CHECK(v.major == 6 && v.minor == 18 && v.patch == 44);
	CHECK_INT(kver_parse("2.6.32.9", &v), 0);
	CHECK(v.major == 2 && v.minor == 6 && v.patch == 32);
	CHECK_INT(kver_parse("7.2", &v), 0);
	CHECK(v.major == 7 && v.minor == 2 && v.patch == 0);
	CHECK_INT(kver_parse("6", &v), -EINVAL);
	CHECK_INT(kver_parse("", &v), -EINVAL);
	CHECK_INT(kver_parse("six.one", &v), -EINVAL);
	CHECK_INT(kver_parse("99999.1", &v), -EINVAL);
}

static void test_arena(void)
{
	struct arena a = { 0 };
	char *first = arena_strndup(&a, "abc", 3), *last = NULL;

	for (unsigned i = 0; i < 10000; i++) {
		uint64_t *n = arena_alloc(&a, sizeof(*n));

		CHECK(n && *n == 0 && (uintptr_t)n % sizeof(*n) == 0);
		if (n)
			*n = UINT64_MAX;
		last = arena_strndup(&a, "xyz", 2);
	}
	CHECK_STR(first, "abc");
	CHECK_STR(last, "xy");
	CHECK(arena_alloc(&a, 1000000) != NULL);
	arena_free(&a);
	CHECK(a.chunks == NULL);
}

static void test_meminfo(void)
{
	static const char text[] =
		"MemTotal:        6677496 kB\nMemFree: x kB\nSwapTotal:             0 kB\n"
		"CommitLimit:     3338748 kB\nCommitted_AS:    2056372 kB";
	static const char zones[] =
		"Node 0, zone      DMA\n  per-node stats\n      nr_free 5\n"
		"  pages free     100\n        min      10\n        low      20\n"
		"        high     30\n        spanned  4095\n        present  3998\n"
		"        managed  3840\n  pagesets\n    cpu: 0\n              high:  999\n"
		"Node 0, zone   Normal\n  pages free     200\n        min      1\n"
		"        managed  1000\n";
	struct meminfo m;
	struct zoneinfo z;

	meminfo_parse(text, strlen(text), &m);
	CHECK(m.have_total && m.total_kib == 6677496);
	CHECK(!m.have_free && !m.have_available);
	CHECK(m.have_swap_total && m.swap_total_kib == 0);
	CHECK(m.have_committed && m.committed_kib == 2056372);
	meminfo_parse_zones(zones, strlen(zones), &z);
	CHECK_INT(z.zones, 2);
	CHECK_INT(z.managed_pages, 4840);
	CHECK_INT(z.free_pages, 300);
	CHECK_INT(z.min_pages, 11);
	CHECK_INT(z.high_pages, 30);
	meminfo_parse("", 0, &m);
	CHECK(!m.have_total);
}

/* The C library's calendar is the oracle. */
static void check_date(int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct civil c = civil_of(seconds);
	struct tm tm;

	CHECK(gmtime_r(&t, &tm) != NULL);
	CHECK_INT(c.year, (int64_t)tm.tm_year + 1900);
	CHECK_INT(c.month, tm.tm_mon + 1);
	CHECK_INT(c.day, tm.tm_mday);
	CHECK_INT(c.hour, tm.tm_hour);
	CHECK_INT(c.minute, tm.tm_min);
	CHECK_INT(c.second, tm.tm_sec);
	CHECK_INT(civil_seconds(&c), seconds);
}

static void test_dates(void)
{
	const struct civil carried = {
		.year = 2023, .month = 2, .day = 30, .hour = 24, .minute = 61, .second = 60,
	};

	CHECK_INT(civil_seconds(&(struct civil){ .year = 1970, .month = 1, .day = 1 }), 0);
	CHECK_INT(civil_seconds(&(struct civil){ .year = 2000, .month = 2, .day = 29 }),
		  951782400);
	CHECK_INT(civil_seconds(&carried), 1677805320);
	/* Each day of 1600 to 2400, its first and last second; then some seven thousand years. */
	for (int64_t day = -135140; day < 157054; day++) {
		check_date(day * 86400);
		check_date(day * 86400 + 86399);
	}
	for (int64_t t = -30000000000; t < 250000000000; t += 86400 * 1461 - 77777)
		check_date(t);
	check_date(67767976233532799);
}

int main(void)
{
	test_strict_integers();
	test_sizes();
	test_scanning();
	test_dates();
	test_versions();
	test_arena();
	test_meminfo();
	return check_done();
}
