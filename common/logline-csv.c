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

size_t logline_csv(const char *line, size_t n, char *buf)
{
	struct cursor c = { line, line + n };
	size_t longest = 0;

	while (c.end > c.p && (c.end[-1] == '\r' || c.end[-1] == ','))
		c.end--;
	if (c.end == c.p || c.end[-1] != '"')
		return 0;
	while (c.p < c.end && *c.p == ' ')
		c.p++;
	for (;;) {
		size_t field;

		/* What is longer stands at the start of buf, the next is tried behind it. */
		if (!csv_field(&c, buf + longest, &field))
			return 0;
		if (field > longest) {
			memmove(buf, buf + longest, field);
			longest = field;
		}
		if (c.p == c.end)
			return longest;
		c.p++;
	}
}
