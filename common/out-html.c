/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How does untrusted text stand in a page so that it stays text? */
#include "out-html.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "out.h"

static const char *entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

char *out_html(const char *s, size_t n)
{
	/* Each byte becomes at most \u{NNNN}, each of its bytes at most &quot;. */
	size_t size = n * 9 + 1, len, done = 0;
	char *plain = malloc(size), *ret = NULL;

	if (plain) {
		out_escape(s, n, plain, size);
		len = strlen(plain);
		ret = malloc(len * 6 + 1);
		for (size_t i = 0; ret && i < len; i++) {
			const char *as = entity(plain[i]);
			size_t k = as ? strlen(as) : 1;

			memcpy(ret + done, as ? as : &plain[i], k);
			done += k;
		}
		if (ret)
			ret[done] = '\0';
	}
	free(plain);
	return ret;
}

int out_page_open(struct out_page *p)
{
	p->f = open_memstream(&p->text, &p->n);
	return p->f ? 0 : -ENOMEM;
}

void out_page_put(const struct out_page *p, const char *s)
{
	fputs(s, p->f);
}

void out_page_say(const struct out_page *p, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vfprintf(p->f, fmt, args);
	va_end(args);
}

void out_page_text(const struct out_page *p, const char *s)
{
	_cleanup_free_ char *safe = out_html(s ? s : "?", strlen(s ? s : "?"));

	fputs(safe ? safe : "?", p->f);
}

int out_page_close(struct out_page *p)
{
	int r = 0;

	if (p->f && (ferror(p->f) || fclose(p->f) != 0))
		r = -ENOMEM;
	p->f = NULL;
	return r;
}

void out_page_free(struct out_page *p)
{
	out_page_close(p);
	free(p->text);
	p->text = NULL;
}
