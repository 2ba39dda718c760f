/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What number or line stands here? Strict reading of text whose length is known; mirrors nothing of
 * the kernel. */
#include "str.h"

#include <errno.h>
#include <string.h>

int str_to_u64(const char *s, size_t n, unsigned base, uint64_t *ret)
{
	uint64_t v = 0;

	if (n == 0)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		unsigned digit;
		char c = s[i];

		if (c >= '0' && c <= '9')
			digit = (unsigned)(c - '0');
		else if (base == 16 && (c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			digit = (unsigned)((c | 0x20) - 'a') + 10;
		else
			return -EINVAL;
		if (__builtin_mul_overflow(v, base, &v) || __builtin_add_overflow(v, digit, &v))
			return -ERANGE;
	}
	*ret = v;
	return 0;
}

int str_to_i64(const char *s, size_t n, int64_t min, int64_t max, int64_t *ret)
{
	bool negative = n > 0 && s[0] == '-' && min < 0;
	uint64_t magnitude;
	int64_t v;
	int r;

	r = str_to_u64(s + negative, n - negative, 10, &magnitude);
	if (r < 0)
		return r;
	if (magnitude > (uint64_t)INT64_MAX)
		return -ERANGE;
	v = negative ? -(int64_t)magnitude : (int64_t)magnitude;
	if (v < min || v > max)
		return -ERANGE;
	*ret = v;
	return 0;
}

/* The shift of "K", "KB", "KiB" and the like; -1 for what is no unit. */
static int unit_shift(const char *s)
{
	static const char letters[] = "KMGT";
	const char *at;

	if (*s == '\0' || strcmp(s, "B") == 0)
		return 0;
	at = strchr(letters, *s >= 'a' && *s <= 'z' ? *s - 0x20 : *s);
	if (!at)
		return -1;
	s++;
	if (*s != '\0' && strcmp(s, "B") != 0 && strcmp(s, "iB") != 0)
		return -1;
	return 10 * (int)(at - letters + 1);
}

int str_to_size(const char *s, uint64_t *ret)
{
	const char *p = s;
	uint64_t whole, fraction = 0, scale = 1, bytes, part;
	int shift, r;

	while (*p >= '0' && *p <= '9')
		p++;
	r = str_to_u64(s, (size_t)(p - s), 10, &whole);
	if (r < 0)
		return r;
	if (*p == '.') {
		const char *digits = ++p;

		for (; *p >= '0' && *p <= '9'; p++)
			if (scale < 1000000) {
				fraction = fraction * 10 + (uint64_t)(*p - '0');
				scale *= 10;
			}
		if (p == digits)
			return -EINVAL;
	}
	shift = unit_shift(p);
	if (shift < 0 || (shift == 0 && scale > 1))
		return -EINVAL;
	part = (fraction << shift) / scale;
	if (__builtin_mul_overflow(whole, (uint64_t)1 << shift, &bytes) ||
	    __builtin_add_overflow(bytes, part, &bytes) || bytes > (uint64_t)INT64_MAX)
		return -ERANGE;
	*ret = bytes;
	return 0;
}

int str_scan_u64(const char **p, const char *end, uint64_t *ret)
{
	const char *s = *p;
	uint64_t v = 0;
	bool over = false;

	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	if (s >= end || *s < '0' || *s > '9')
		return -EINVAL;
	for (; s < end && *s >= '0' && *s <= '9'; s++)
		over |= __builtin_mul_overflow(v, (uint64_t)10, &v) ||
			__builtin_add_overflow(v, (uint64_t)(*s - '0'), &v);
	*p = s;
	if (over)
		return -ERANGE;
	*ret = v;
	return 0;
}

int str_scan_i64(const char **p, const char *end, int64_t *ret)
{
	const char *s = *p;
	bool negative = false;
	uint64_t v;
	int r;

	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	if (s < end && *s == '-') {
		negative = true;
		s++;
		if (s >= end || *s < '0' || *s > '9')
			return -EINVAL;
	}
	r = str_scan_u64(&s, end, &v);
	if (r == -EINVAL)
		return r;
	*p = s;
	if (r < 0 || v > (uint64_t)INT64_MAX)
		return -ERANGE;
	*ret = negative ? -(int64_t)v : (int64_t)v;
	return 0;
}

bool str_next_line(const char **p, const char *end, struct str *ret)
{
	const char *nl;

	if (*p >= end)
		return false;
	nl = memchr(*p, '\n', (size_t)(end - *p));
	ret->s = *p;
	ret->n = (size_t)((nl ? nl : end) - *p);
	*p = nl ? nl + 1 : end;
	return true;
}

bool str_eq(struct str a, const char *b)
{
	return strlen(b) == a.n && (a.n == 0 || memcmp(a.s, b, a.n) == 0);
}

bool str_starts_with(struct str a, const char *prefix)
{
	size_t n = strlen(prefix);

	return a.n >= n && memcmp(a.s, prefix, n) == 0;
}

bool str_has_word(struct str list, char separator, const char *word)
{
	const char *p = list.s, *end = list.s + list.n;

	while (p < end) {
		const char *comma = memchr(p, separator, (size_t)(end - p));
		struct str item = { p, (size_t)((comma ? comma : end) - p) };

		if (str_eq(item, word))
			return true;
		p += item.n + 1;
	}
	return false;
}
