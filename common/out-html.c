/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How does untrusted text stand in a page so that it stays text? */
#include <stdlib.h>

#include "out-backend.h"

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
