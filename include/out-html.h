/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A page of HTML as it grows in memory: markup of ours, and text that anybody may have written. */
#ifndef OOMKIT_OUT_HTML_H
#define OOMKIT_OUT_HTML_H

#include <stddef.h>
#include <stdio.h>

/* s as text inside of HTML, inside of an attribute's quotes too: out_escape() and then & < > " '.
 * Memory that the caller frees; NULL: none is left. */
char *out_html(const char *s, size_t n);

/* Where a part of a page grows: held until its end, since what comes first in it is known last. */
struct out_page {
	FILE *f;
	char *text; /* what has been written, once it is closed */
	size_t n;
};

/* Returns 0 or -ENOMEM. */
int out_page_open(struct out_page *p);

/* Markup as it stands, and the same by a format. */
void out_page_put(const struct out_page *p, const char *s);
void out_page_say(const struct out_page *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Untrusted bytes, as out_html(); NULL is shown as "?". */
void out_page_text(const struct out_page *p, const char *s);

/* Ends it: text and n are whole then. Returns 0 or -ENOMEM. */
int out_page_close(struct out_page *p);
void out_page_free(struct out_page *p);

#endif
