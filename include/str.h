/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strict numbers and fields out of text of a known length. Nothing here skips what it does not
 * understand. */
#ifndef OOMKIT_STR_H
#define OOMKIT_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A piece of text that somebody else owns; not terminated. */
struct str {
	const char *s;
	size_t n;
};

/* All of s[0..n) as a decimal number; a '-' is allowed where min < 0, a '+' never.
 * Returns 0, -EINVAL (empty or not a number) or -ERANGE (outside min..max). */
int str_to_i64(const char *s, size_t n, int64_t min, int64_t max, int64_t *ret);

/* All of s[0..n) as an unsigned number in base 10 or 16. Returns as str_to_i64. */
int str_to_u64(const char *s, size_t n, unsigned base, uint64_t *ret);

/* "512", "512K", "1.5G", "2GiB", "64MB" (K M G T and their iB/B forms, all of 1024): bytes.
 * Returns 0, -EINVAL or -ERANGE (over 2^63-1). */
int str_to_size(const char *s, uint64_t *ret);

/* The decimal number that stands at *p, blanks before it skipped; *p moves behind it.
 * Returns 0, -EINVAL where no digit stands there (then *p is untouched), -ERANGE on overflow. */
int str_scan_u64(const char **p, const char *end, uint64_t *ret);
int str_scan_i64(const char **p, const char *end, int64_t *ret);

/* The next line of [*p, end) without its newline; false at the end. */
bool str_next_line(const char **p, const char *end, struct str *ret);

bool str_eq(struct str a, const char *b);
bool str_starts_with(struct str a, const char *prefix);

/* Whether word is one of those that stand in list with separators between them. */
bool str_has_word(struct str list, char separator, const char *word);

#endif
