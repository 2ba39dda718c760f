/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How far from Greenwich are the clocks of a place? The files of zoneinfo list what changed and
 * when, and end in a rule for all years to come: RFC 8536. The C library's own reader would bring
 * its locales and the environment along.
 */
#include "tzif.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "civil.h"

enum { HEADER = 44, DAY_SECONDS = 86400 };

/* ------------------------------------------------------------------ the rule at the end */

struct text {
	const char *p, *end;
};

static bool number(struct text *t, int32_t max, int32_t *ret)
{
	int32_t v = 0;
	bool any = false;

	while (t->p < t->end && *t->p >= '0' && *t->p <= '9' && v <= max) {
		v = v * 10 + (*t->p++ - '0');
		any = true;
	}
	*ret = v;
	return any && v <= max;
}

static bool one(struct text *t, char c)
{
	if (t->p >= t->end || *t->p != c)
		return false;
	t->p++;
	return true;
}

/* "CET", "<+0330>" */
static bool name(struct text *t)
{
	const char *start = t->p;

	if (one(t, '<')) {
		while (t->p < t->end && *t->p != '>')
			t->p++;
		return one(t, '>');
	}
	while (t->p < t->end && ((*t->p | 0x20) >= 'a' && (*t->p | 0x20) <= 'z'))
		t->p++;
	return t->p - start >= 3;
}

/* "2", "-3:30", "167:00:05": hours, to 167 since rules may say so. */
static bool clock_time(struct text *t, int32_t *ret)
{
	int32_t sign = one(t, '-') ? -1 : 1, h, m = 0, s = 0;

	if (sign > 0)
		one(t, '+');
	if (!number(t, 167, &h))
		return false;
	if (one(t, ':') && !number(t, 59, &m))
		return false;
	if (one(t, ':') && !number(t, 59, &s))
		return false;
	*ret = sign * (h * 3600 + m * 60 + s);
	return true;
}

/* ",M3.5.0/2", ",J60", ",59" */
static bool rule(struct text *t, struct tzif_rule *r)
{
	int32_t month, week, day;

	*r = (struct tzif_rule){ .kind = TZIF_DAY, .seconds = 2 * 3600 };
	if (!one(t, ','))
		return false;
	if (one(t, 'M')) {
		if (!number(t, 12, &month) || !one(t, '.') || !number(t, 5, &week) ||
		    !one(t, '.') || !number(t, 6, &day) || month < 1 || week < 1)
			return false;
		r->kind = TZIF_MONTH_WEEK;
		r->month = month;
		r->week = week;
	} else {
		r->kind = one(t, 'J') ? TZIF_DAY_NO_LEAP : TZIF_DAY;
		if (!number(t, 366, &day) || (r->kind == TZIF_DAY_NO_LEAP && day < 1))
			return false;
	}
	r->day = day;
	return !one(t, '/') || clock_time(t, &r->seconds);
}

/* "CET-1CEST,M3.5.0,M10.5.0/3": the clocks' offset stands there with its sign turned round. */
static bool footer(struct text t, struct tzif *z)
{
	if (!name(&t) || !clock_time(&t, &z->winter))
		return false;
	z->winter = -z->winter;
	z->has_rest = true;
	if (t.p == t.end)
		return true;
	if (!name(&t))
		return false;
	z->summer = z->winter + 3600;
	if (t.p < t.end && *t.p != ',') {
		if (!clock_time(&t, &z->summer))
			return false;
		z->summer = -z->summer;
	}
	z->has_summer = rule(&t, &z->begins) && rule(&t, &z->ends);
	return z->has_summer && t.p == t.end;
}

/* ------------------------------------------------------------------ the file */

static uint32_t be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t be64(const unsigned char *p)
{
	return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

struct counts {
	size_t isut, isstd, leap, time, type, chars;
};

static bool header(const unsigned char *p, size_t left, struct counts *c)
{
	if (left < HEADER || memcmp(p, "TZif", 4) != 0)
		return false;
	*c = (struct counts){ be32(p + 20), be32(p + 24), be32(p + 28),
			      be32(p + 32), be32(p + 36), be32(p + 40) };
	/* No zone comes near; so no sum below overflows. */
	return c->isut <= 65536 && c->isstd <= 65536 && c->leap <= 65536 && c->time <= 65536 &&
	       c->type >= 1 && c->type <= 65536 && c->chars <= 65536;
}

/* The length of what follows a header whose times have so many bytes. */
static size_t body(const struct counts *c, size_t width)
{
	return c->time * (width + 1) + c->type * 6 + c->chars + c->leap * (width + 4) + c->isstd +
	       c->isut;
}

static int read_changes(const unsigned char *p, const struct counts *c, struct tzif *z)
{
	const unsigned char *which = p + c->time * 8, *types = which + c->time;

	z->first = (int32_t)be32(types);
	z->changes = calloc(c->time ? c->time : 1, sizeof(*z->changes));
	if (!z->changes)
		return -ENOMEM;
	for (size_t i = 0; i < c->time; i++) {
		int32_t offset;

		if (which[i] >= c->type)
			return -EINVAL;
		offset = (int32_t)be32(types + (size_t)which[i] * 6);
		if (offset < -26 * 3600 || offset > 26 * 3600)
			return -EINVAL;
		z->changes[z->n++] = (struct tzif_change){ be64(p + i * 8), offset };
	}
	return 0;
}

int tzif_parse(const void *data, size_t size, struct tzif *ret)
{
	const unsigned char *p = data, *end = p + size;
	struct counts c;
	const char *newline;
	int r;

	*ret = (struct tzif){ .n = 0 };
	/* The first version's times end in 2038: it stands there for old readers. */
	if (!header(p, size, &c) || p[4] < '2' || HEADER + body(&c, 4) > size)
		return -EINVAL;
	p += HEADER + body(&c, 4);
	if (!header(p, (size_t)(end - p), &c) || HEADER + body(&c, 8) > (size_t)(end - p))
		return -EINVAL;
	r = read_changes(p + HEADER, &c, ret);
	p += HEADER + body(&c, 8);
	if (r == 0 && p < end && *p == '\n') {
		p++;
		newline = memchr(p, '\n', (size_t)(end - p));
		if (!newline || (newline > (const char *)p &&
				 !footer((struct text){ (const char *)p, newline }, ret)))
			r = -EINVAL;
	}
	if (r < 0)
		tzif_free(ret);
	return r;
}

void tzif_free(struct tzif *z)
{
	free(z->changes);
	*z = (struct tzif){ .n = 0 };
}

/* ------------------------------------------------------------------ offsets */

/* When the rule says so in this year, on the wall. */
static int64_t moment(const struct tzif_rule *r, int64_t year)
{
	struct civil c = { .year = year, .month = 1, .day = 1 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	int64_t day;

	if (r->kind == TZIF_DAY_NO_LEAP)
		c.day = r->day + (leap && r->day >= 60);
	else if (r->kind == TZIF_DAY)
		c.day = r->day + 1;
	else
		c.month = r->month;
	day = civil_seconds(&c) / DAY_SECONDS;
	if (r->kind == TZIF_MONTH_WEEK) {
		/* 1970-01-01 was a Thursday. */
		int weekday = (int)(((day + 4) % 7 + 7) % 7);

		day += (r->day - weekday + 7) % 7 + (int64_t)(r->week - 1) * 7;
		/* The fifth is the last, and may be the fourth. */
		while (civil_of(day * DAY_SECONDS).month != r->month)
			day -= 7;
	}
	return day * DAY_SECONDS + r->seconds;
}

static int32_t offset_of_rest(const struct tzif *z, int64_t utc)
{
	int64_t year = civil_of(utc + z->winter).year, begins, ends;

	if (!z->has_summer)
		return z->winter;
	/* Each is written in the time that is in force before it. */
	begins = moment(&z->begins, year) - z->winter;
	ends = moment(&z->ends, year) - z->summer;
	if (begins < ends)
		return utc >= begins && utc < ends ? z->summer : z->winter;
	return utc >= begins || utc < ends ? z->summer : z->winter;
}

static int32_t offset_at(const struct tzif *z, int64_t utc)
{
	size_t low = 0, high = z->n;

	if (z->n == 0 || utc >= z->changes[z->n - 1].at)
		return z->has_rest ? offset_of_rest(z, utc)
		       : z->n      ? z->changes[z->n - 1].offset
				   : z->first;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (z->changes[mid].at <= utc)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? z->changes[low - 1].offset : z->first;
}

int32_t tzif_offset_on_wall(const struct tzif *z, int64_t wall)
{
	/* The offsets of the day before and the day after are all that it can be. */
	int32_t before = offset_at(z, wall - DAY_SECONDS), after = offset_at(z, wall + DAY_SECONDS);

	if (offset_at(z, wall - before) == before)
		return before;
	if (offset_at(z, wall - after) == after)
		return after;
	/* The clocks never show it: they went past it. */
	return before;
}
