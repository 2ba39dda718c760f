/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which column of a table of comma-separated values is the log? What Splunk, Datadog and others
 * export, RFC 4180: the longest field of a line is what somebody said. */
#include <string.h>

#include "logline-parts.h"

/* The field at c, without its quotes, into buf; a quote inside is written twice. Returns false
 * where it is none. */
static bool csv_field(struct cursor *c, char *buf, size_t *n)
{
	*n = 0;
	if (c->p >= c->end || *c->p != '"') {
		while (c->p < c->end && *c->p != ',') {
			if (*c->p == '"')
				return false;
			buf[(*n)++] = *c->p++;
		}
		return true;
	}
	for (c->p++; c->p < c->end; c->p++) {
		if (*c->p == '"') {
			if (c->end - c->p < 2 || c->p[1] != '"')
				break;
			c->p++;
		}
		buf[(*n)++] = *c->p;
	}
	return c->p < c->end && ++c->p && (c->p == c->end || *c->p == ',');
}

/* The field is a time and nothing else. */
static bool is_time(const char *s, size_t n, struct walltime *ret)
{
	struct cursor c = { s, s + n };
	struct walltime w = { 0 };

	if (!logline_iso(&c, &w) || c.p != c.end)
		return false;
	*ret = w;
	return true;
}

/* A line that is a table's, for certain. */
static bool is_quoted(struct cursor c)
{
	struct walltime w = { 0 };

	return c.end[-1] == '"' || *c.p == '"' ||
	       (logline_iso(&c, &w) && c.p < c.end && *c.p == ',' &&
		memchr(c.p, '"', (size_t)(c.end - c.p)));
}

size_t logline_csv(const char *line, size_t n, char *buf, struct walltime *w, bool *ret_timed)
{
	struct cursor c = { line, line + n };
	bool quoted = false;
	size_t longest = 0;

	*ret_timed = false;
	while (c.end > c.p && (c.end[-1] == '\r' || c.end[-1] == ','))
		c.end--;
	while (c.p < c.end && *c.p == ' ')
		c.p++;
	if (c.end == c.p || !is_quoted(c))
		return 0;
	for (;;) {
		bool opens = c.p < c.end && *c.p == '"';
		size_t field;

		/* What is longer stands at the start of buf, the next is tried behind it. */
		if (!csv_field(&c, buf + longest, &field))
			return 0;
		*ret_timed |= is_time(buf + longest, field, w);
		if (field > longest) {
			memmove(buf, buf + longest, field);
			longest = field;
			quoted = opens;
		}
		/* What the kernel says has commas: it is not the longest without quotes. */
		if (c.p == c.end)
			return quoted ? longest : 0;
		c.p++;
	}
}
