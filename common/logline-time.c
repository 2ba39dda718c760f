/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When was a line written? The ways in which syslog, dmesg and the journal write a time. */
#include <errno.h>
#include <string.h>

#include "base.h"
#include "civil.h"
#include "logline-parts.h"

/* Between one and max digits. */
static bool digits(struct cursor *c, int max, int *ret)
{
	int n = 0, v = 0;

	while (c->p + n < c->end && n < max && c->p[n] >= '0' && c->p[n] <= '9')
		v = v * 10 + (c->p[n++] - '0');
	if (n == 0)
		return false;
	c->p += n;
	*ret = v;
	return true;
}

static bool one(struct cursor *c, char what)
{
	if (c->p >= c->end || *c->p != what)
		return false;
	c->p++;
	return true;
}

static void blanks(struct cursor *c)
{
	while (c->p < c->end && (*c->p == ' ' || *c->p == '\t'))
		c->p++;
}

/* The fraction of a second, to the microsecond; what is finer is passed over. */
static uint32_t fraction(struct cursor *c)
{
	uint32_t usec = 0, unit = 100000;

	while (c->p < c->end && *c->p >= '0' && *c->p <= '9') {
		usec += unit * (uint32_t)(*c->p++ - '0');
		unit /= 10;
	}
	return usec;
}

bool logline_clock(struct cursor *c, struct walltime *w)
{
	struct cursor at = *c;

	if (!digits(&at, 2, &w->hour) || !one(&at, ':') || !digits(&at, 2, &w->minute) ||
	    !one(&at, ':') || !digits(&at, 2, &w->second))
		return false;
	if (w->hour > 23 || w->minute > 59 || w->second > 60)
		return false;
	if (at.end - at.p > 1 && (*at.p == '.' || *at.p == ',') && at.p[1] >= '0' &&
	    at.p[1] <= '9') {
		w->comma = *at.p++ == ',';
		w->usec = fraction(&at);
	}
	*c = at;
	return true;
}

/* Z, +02:00, +0200, +02 */
static bool zone(struct cursor *c, struct walltime *w)
{
	struct cursor at = *c;
	int sign, hours = 0, minutes = 0;

	if (one(&at, 'Z')) {
		w->has_zone = true;
		w->zone_min = 0;
		*c = at;
		return true;
	}
	if (at.p >= at.end || (*at.p != '+' && *at.p != '-'))
		return false;
	sign = *at.p++ == '-' ? -1 : 1;
	if (!digits(&at, 2, &hours))
		return false;
	one(&at, ':');
	digits(&at, 2, &minutes);
	if (hours > 15 || minutes > 59)
		return false;
	w->has_zone = true;
	w->zone_min = sign * (hours * 60 + minutes);
	*c = at;
	return true;
}

bool logline_iso(struct cursor *c, struct walltime *w)
{
	struct cursor at = *c;

	if (at.end - at.p < 19 || at.p[4] != '-' || at.p[7] != '-')
		return false;
	if (!digits(&at, 4, &w->year) || !one(&at, '-') || !digits(&at, 2, &w->month) ||
	    !one(&at, '-') || !digits(&at, 2, &w->day))
		return false;
	if (w->month < 1 || w->month > 12 || w->day < 1 || w->day > 31)
		return false;
	if (!one(&at, 'T') && !one(&at, ' '))
		return false;
	if (!logline_clock(&at, w))
		return false;
	zone(&at, w);
	*c = at;
	return true;
}

/* A word of letters, those beyond ASCII among them; a point may end it. */
static struct str word(struct cursor *c)
{
	struct str w = { c->p, 0 };

	while (c->p < c->end && ((*c->p >= 'a' && *c->p <= 'z') || (*c->p >= 'A' && *c->p <= 'Z') ||
				 (unsigned char)*c->p >= 0x80))
		c->p++;
	w.n = (size_t)(c->p - w.s);
	if (w.n && c->p < c->end && *c->p == '.')
		c->p++;
	return w;
}

/* 1 to 12; 0 where it is a word of another language. */
static int month_of(struct str w)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (size_t i = 0; i < 12 && w.n >= 3; i++)
		if (strncasecmp(w.s, names + i * 3, 3) == 0)
			return (int)i + 1;
	return 0;
}

bool logline_weekday_iso(struct cursor *c, struct walltime *w)
{
	struct cursor at = *c, behind;
	struct str day = word(&at), name;

	if (day.n < 2 || day.n > 20)
		return false;
	blanks(&at);
	if (!logline_iso(&at, w))
		return false;
	*c = at;
	blanks(&at);
	behind = at;
	name = word(&at);
	/* "CET" is several zones; only that of Greenwich is certain. */
	if (name.n >= 2 && name.n <= 5 && at.p < at.end && *at.p == ' ') {
		if (str_eq(name, "UTC") || str_eq(name, "GMT")) {
			w->has_zone = true;
			w->zone_min = 0;
		}
		c->p = at.p;
	} else if (zone(&behind, w) && behind.p < behind.end && *behind.p == ' ') {
		c->p = behind.p;
	}
	return true;
}

bool logline_numeric(struct cursor *c, struct walltime *w)
{
	struct cursor at = *c;

	if (at.end - at.p < 14 || at.p[2] != '-' || at.p[5] != ' ')
		return false;
	if (!digits(&at, 2, &w->month) || !one(&at, '-') || !digits(&at, 2, &w->day) ||
	    w->month < 1 || w->month > 12 || w->day < 1 || w->day > 31)
		return false;
	blanks(&at);
	if (!logline_clock(&at, w))
		return false;
	c->p = at.p;
	return true;
}

bool logline_short(struct cursor *c, struct walltime *w)
{
	struct cursor at = *c;
	struct str name = word(&at);

	w->month = name.n == 3 ? month_of(name) : 0;
	if (!w->month || !digits(&at, 2, &w->day) || w->day < 1 || w->day > 31 || !one(&at, ' ') ||
	    !digits(&at, 2, &w->hour) || !one(&at, ':') || !digits(&at, 2, &w->minute) ||
	    w->hour > 23 || w->minute > 59)
		return false;
	*c = at;
	return true;
}

bool logline_month(struct cursor *c, struct walltime *w)
{
	struct cursor at = *c, zoned;
	struct str name = word(&at);
	int year;

	if (name.n < 2 || name.n > 20)
		return false;
	blanks(&at);
	/* A day of the week before the month. */
	if (at.p < at.end && !(*at.p >= '0' && *at.p <= '9')) {
		name = word(&at);
		if (name.n < 2 || name.n > 20)
			return false;
		blanks(&at);
	}
	if (!digits(&at, 2, &w->day) || w->day < 1 || w->day > 31)
		return false;
	one(&at, ',');
	if (at.p >= at.end || *at.p != ' ')
		return false;
	blanks(&at);
	if (at.end - at.p > 5 && at.p[4] == ' ' && digits(&at, 4, &w->year))
		blanks(&at);
	if (!logline_clock(&at, w))
		return false;
	w->month = month_of(name);
	/* ctime's year stands behind. */
	c->p = at.p;
	blanks(&at);
	/* date(1) puts the zone between them. */
	zoned = at;
	name = word(&zoned);
	if (name.n >= 2 && name.n <= 5 && zoned.p < zoned.end && *zoned.p == ' ' &&
	    zoned.end - zoned.p > 4 && zoned.p[1] >= '1' && zoned.p[1] <= '2') {
		at = zoned;
		blanks(&at);
	}
	if (w->year == 0 && digits(&at, 4, &year) && year > 1990 && year < 2200 &&
	    (at.p == at.end || *at.p == ' ' || *at.p == ']')) {
		w->year = year;
		c->p = at.p;
		if (at.p > zoned.p && (str_eq(name, "UTC") || str_eq(name, "GMT")))
			w->has_zone = true;
	}
	return true;
}

int32_t logline_zone(const struct logline_options *opt, int64_t wall)
{
	if (!opt->has_zone)
		return 0;
	return opt->zone ? tzif_offset_on_wall(opt->zone, wall) / 60 : opt->zone_min;
}

void logline_set_time(const struct logline *l, struct logtext *t, const struct walltime *w)
{
	struct civil c = {
		.month = w->month,
		.day = w->day,
		.hour = w->hour,
		.minute = w->minute,
		.second = w->second,
	};
	int64_t wall;

	/* What is known already, of the record around this text, is better than half a time. */
	if (w->month < 1)
		return;
	t->clock = (struct logtext_clock){
		.month = (uint8_t)w->month,
		.day = (uint8_t)w->day,
		.hour = (uint8_t)w->hour,
		.minute = (uint8_t)w->minute,
		.second = (uint8_t)w->second,
	};
	if (!w->year && !l->opt.has_year)
		return;
	c.year = w->year ? w->year : l->opt.year;
	wall = civil_seconds(&c);
	t->zone_min = w->has_zone ? w->zone_min : logline_zone(&l->opt, wall);
	t->time_usec = (wall - (int64_t)t->zone_min * 60) * 1000000 + w->usec;
	t->have_time = true;
	t->time_certain = w->has_zone || l->opt.has_zone;
}

bool logline_uptime(struct cursor *c, uint64_t *usec)
{
	struct cursor at = *c;
	uint64_t seconds = 0;
	int n = 0;

	while (at.p < at.end && *at.p >= '0' && *at.p <= '9' && n < 12) {
		seconds = seconds * 10 + (uint64_t)(*at.p++ - '0');
		n++;
	}
	if (n == 0 || at.end - at.p < 2 || *at.p != '.' || at.p[1] < '0' || at.p[1] > '9')
		return false;
	at.p++;
	*usec = seconds * 1000000 + fraction(&at);
	*c = at;
	return true;
}

int logline_parse_zone(const char *s, size_t n, int32_t *ret)
{
	struct cursor c = { s, s + n };
	struct walltime w = { 0 };

	if (n == 3 && memcmp(s, "UTC", 3) == 0) {
		*ret = 0;
		return 0;
	}
	if (!zone(&c, &w) || c.p != c.end)
		return -EINVAL;
	*ret = w.zone_min;
	return 0;
}

int logline_parse_time(const char *s, size_t n, int64_t *usec, bool *has_zone)
{
	struct cursor c = { s, s + n };
	struct walltime w = { 0 };
	struct logline none = { .opt = { .has_zone = false } };
	struct logtext t = { 0 };

	if (!digits(&c, 4, &w.year) || !one(&c, '-') || !digits(&c, 2, &w.month) || !one(&c, '-') ||
	    !digits(&c, 2, &w.day) || w.month < 1 || w.month > 12 || w.day < 1 || w.day > 31)
		return -EINVAL;
	if (one(&c, 'T') || one(&c, ' ')) {
		if (!logline_clock(&c, &w)) {
			if (!digits(&c, 2, &w.hour) || !one(&c, ':') || !digits(&c, 2, &w.minute))
				return -EINVAL;
		}
		blanks(&c);
		zone(&c, &w);
	}
	if (c.p != c.end || w.hour > 23 || w.minute > 59)
		return -EINVAL;
	logline_set_time(&none, &t, &w);
	*usec = t.time_usec;
	*has_zone = w.has_zone;
	return 0;
}
