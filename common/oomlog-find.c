/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where in a large text can an event begin? A scan that looks at each byte once, a vector at a time,
 * for the few pairs of letters that all lines have in which one may begin; and whether a line
 * before that place is worth reading.
 */
#include <string.h>

#include "base.h"
#include "oomlog-parts.h"

/* What tells such a line: "oom" is in headers, records, the table's names, the reaper and the
 * userspace killers; "f mem", "f Mem", "f a limit": out of memory; "ed process" and "ll process":
 * kills; "s a result of limit". */
static bool is_word(const char *s, const char *end)
{
	static const char *const words[] = { "oom", "f memory", "f Memory", "led process",
					     "ill process", "t of limit", "nual OOM",
					     "ing SIG",	  "limit reached of" };
	size_t left = (size_t)(end - s);

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		size_t n = strlen(words[i]);

		if (left >= n && memcmp(s, words[i], n) == 0)
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

/* The first four letters of each word, two by two: what is looked for is the two in the middle that
 * are rarest together. */
static bool any_pair(const char *s, vec *newlines)
{
	vec a = load(s), b = load(s + 1), c = load(s + 2), hit;
	vec2 h;

	*newlines -= (vec)(a == all('\n'));
	hit = (vec)((a == all('o')) & (b == all('o')) & (c == all('m')));
	hit |= (vec)((a == all('f')) & (b == all(' ')) & ((c | all(0x20)) == all('m')));
	hit |= (vec)((a == all('l')) & (b == all('e')) & (c == all('d')));
	hit |= (vec)((a == all('i')) & (b == all('l')) & (c == all('l')));
	hit |= (vec)((a == all('i')) & (b == all('n')) & (c == all('g')));
	hit |= (vec)((a == all('t')) & (b == all(' ')) & ((c == all('o')) | (c == all('r'))));
	hit |= (vec)((a == all('n')) & (b == all('u')) & (c == all('a')));
	memcpy(&h, &hit, sizeof(h));
	return (h[0] | h[1]) != 0;
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
		if (any_pair(s, &count))
			for (int i = 0; i < 16; i++)
				if (is_word(s + i, end)) {
					/* The block has been counted whole. */
					*newlines += sum(count) - count_newlines(s + i, s + 16);
					return s + i;
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
	static const char *const words[] = { "total_vm",  "Mem-Info", "Mem-info",      "pages RAM",
					     "swap",	  "memory: usage", "usage ",   "free:",
					     "_anon:",	  "Tasks state", "cgroup stats", "MESSAGE",
					     "_TIMESTAMP", "_HOSTNAME", "\"time\"",	 "\"pri\"",
					     "*4kB",	  "pages ",   "CPU:",	       "Comm:" };
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
