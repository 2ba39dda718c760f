/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The transport: whatever line comes, its texts are inside of what was fed, are one line each, and
 * are together no longer than it was. */
#include <string.h>

#include "fuzz.h"
#include "logline.h"

struct seen {
	uint64_t line;     /* the last that was told */
	uint64_t line_max; /* the last that was fed */
	size_t bytes, texts;
};

static void on_text(void *ctx, const struct logtext *t)
{
	struct seen *s = ctx;

	touch(t->text.s, t->text.n);
	touch(t->host.s, t->host.n);
	touch(t->ident.s, t->ident.n);
	MUST(!t->text.n || !memchr(t->text.s, '\n', t->text.n));
	MUST(!t->text.n || (t->text.s[0] != ' ' && t->text.s[t->text.n - 1] != ' '));
	/* Only what its time puts in order may stand behind what is told after it. */
	MUST(t->line > 0 && t->line <= s->line_max);
	MUST(t->line >= s->line || t->ordered);
	MUST(!t->caller || t->caller == 'T' || t->caller == 'C');
	MUST(t->zone_min > -48 * 60 && t->zone_min < 48 * 60);
	MUST(t->level == '\0' || (t->level >= '0' && t->level <= '7'));
	if (t->line > s->line)
		s->line = t->line;
	s->bytes += t->text.n;
	s->texts++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct logline_options opt = { 0 };
	const char *p = (const char *)data, *end = p + size;
	struct seen s = { 0 };
	struct logline l;

	if (size && data[0] & 1) {
		opt.has_year = opt.has_zone = true;
		opt.year = 1991 + data[0];
		opt.zone_min = (int32_t)data[0] * 5 - 640;
	}
	MUST(logline_init(&l, &opt, on_text, &s) == 0);
	while (p < end) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		const char *stop = newline ? newline : end;
		/* A copy of its own: what is read beyond it is found. */
		size_t n = (size_t)(stop - p);
		char *line = malloc(n);

		MUST(line || n == 0);
		if (n)
			memcpy(line, p, n);
		s.line_max++;
		logline_feed(&l, line, n, false);
		free(line);
		p = stop + 1;
	}
	logline_end(&l);
	/* JSON may tell one byte of a text in two ("9,"), never less. */
	MUST(s.bytes <= size);
	MUST(s.texts <= size + 1);
	logline_free(&l);
	return 0;
}
