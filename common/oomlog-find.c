/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where in a large text can an event begin? A scan that looks at each byte once, a vector at a
 * time, for the few pairs of letters that all lines have in which one may begin; and whether a line
 * before that place is worth reading.
 */
#include <string.h>

#include "base.h"
#include "oomlog-parts.h"

/* What tells such a line: "oom" is in headers, records, the table's names, the reaper and the
 * userspace killers; "of memory": out of memory; "d process" and "l process": Killed, Kill;
 * "ohang": nohang. */
static bool is_word(const char *s, const char *end)
{
	static const char *const words[] = { "oom",       "f memory",  "f Memory",
					     "d process", "l process", "ohang" };
	size_t left = (size_t)(end - s);

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		size_t n = strlen(words[i]);

		if (*s == *words[i] && left >= n && memcmp(s, words[i], n) == 0)
			return true;
	}
	return false;
}

typedef unsigned char vec __attribute__((vector_size(16)));
typedef uint64_t vec2 __attribute__((vector_size(16)));

static vec load(const char *s)
{
	vec v;

	memcpy(&v, s, sizeof(v));
	return v;
}

static vec all(unsigned char c)
{
	vec v;

	memset(&v, c, sizeof(v));
	return v;
}

/* Where the first three or four letters of a word stand, of sixteen places: a byte each, lowest
 * place lowest. */
static vec2 starts(const char *s, vec *newlines)
{
	vec a = load(s), b = load(s + 1), c = load(s + 2), d = load(s + 3), hit;
	vec2 h;

	*newlines -= (vec)(a == all('\n'));
	hit = (vec)((a == all('f')) & ((c | all(0x20)) == all('m')));
	hit |= (vec)((c == all('p')) & (d == all('r')) & ((a == all('d')) | (a == all('l'))));
	hit &= (vec)(b == all(' '));
	hit |= (vec)((a == all('o')) &
		     (((b == all('o')) & (c == all('m'))) | ((b == all('h')) & (c == all('a')))));
	memcpy(&h, &hit, sizeof(h));
	return h;
}

/* The first of these places where a word stands; 16: none. */
static int first_word(vec2 h, const char *s, const char *end)
{
	for (int half = 0; half < 2; half++) {
		uint64_t left = h[half];

		while (left) {
			int at = __builtin_ctzll(left) / 8;

			if (is_word(s + (ptrdiff_t)(half * 8 + at), end))
				return half * 8 + at;
			left &= ~(UINT64_C(0xff) << (at * 8));
		}
	}
	return 16;
}

static uint64_t sum(vec v)
{
	uint64_t n = 0;

	for (size_t i = 0; i < sizeof(v); i++)
		n += v[i];
	return n;
}

static uint64_t count_newlines(const char *s, const char *end)
{
	uint64_t n = 0;

	for (; s < end; s++)
		n += *s == '\n';
	return n;
}

const char *oomlog_find(const char *s, const char *end, uint64_t *newlines)
{
	vec count = all(0);
	unsigned rounds = 0;

	while (end - s >= 20) {
		vec2 h = starts(s, &count);

		if (h[0] | h[1]) {
			int at = first_word(h, s, end);

			if (at < 16) {
				/* The block has been counted whole. */
				*newlines += sum(count) - count_newlines(s + at, s + 16);
				return s + at;
			}
		}
		s += 16;
		/* A byte holds no more. */
		if (++rounds == 255) {
			*newlines += sum(count);
			count = all(0);
			rounds = 0;
		}
	}
	*newlines += sum(count);
	for (; s < end; s++) {
		if (is_word(s, end))
			return s;
		*newlines += *s == '\n';
	}
	return end;
}

bool oomlog_looks_like_part(const char *line, size_t n)
{
	static const char *const words[] = {
		"total_vm",      "Mem-Info", "Mem-info",   "pages RAM",        "swap",
		"memory: usage", "usage ",   "free:",      "_anon:",           "Tasks state",
		"cgroup stats",  "MESSAGE",  "_TIMESTAMP", "_HOSTNAME",        "\"time\"",
		"\"pri\"",       "*4kB",     "limit of /", "limit reached of", "Tasks in /",
		"pages ",        "CPU:",     "Comm:"
	};
	struct str s = { line, n };
	const char *open;

	/* A row of the table has a bracket and many numbers. */
	open = memchr(line, '[', n);
	while (open) {
		struct str at = { open, (size_t)(line + n - open) };
		bool full;

		if (oomlog_row_fields(at, NULL, &full) >= 5)
			return true;
		open = memchr(open + 1, '[', (size_t)(line + n - open - 1));
	}
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (oomlog_in(s, words[i]))
			return true;
	return n < 40;
}
