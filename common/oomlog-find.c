/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where in a large text can an event begin? A scan that looks at each byte once, a vector at a
 * time, for the few letters that all lines have in which one may begin; and whether a line before
 * that place is worth reading.
 */
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#if __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>
#endif
#endif

#include "base.h"
#include "oomlog-parts.h"

static bool is_letter(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* A "room" is none: only the y of "earlyoom", or what an escape left there, stands before it. */
static bool begins_oom(const char *begin, const char *s)
{
	const char *p = s;

	if (s == begin || !is_letter(s[-1]) || s[-1] == 'y')
		return true;
	while (p > begin && s - p < 6)
		if (*--p == '\\' || *p == '\033')
			return true;
	return false;
}

/* "MESSAGE":[79, as the journal writes in JSON what is no text. */
static bool begins_bytes(const char *begin, const char *s, const char *end)
{
	if (s - begin < 7 || end - s < 2 || memcmp(s - 7, "\"MESSAGE\"", 9) != 0)
		return false;
	for (s += 2; s < end && (*s == ' ' || *s == ':'); s++)
		;
	return s < end && *s == '[';
}

/* What tells such a line: "oom" is in headers, records, the table's names, the reaper and the
 * userspace killers; "of memory": out of memory; "d process" and "l process": Killed, Kill;
 * "ohang": nohang. What JSON spells in numbers may be any of them. */
static bool is_word(const char *begin, const char *s, const char *end)
{
	size_t left = (size_t)(end - s);

	switch (*s) {
	case 'o':
		if (left >= 3 && s[1] == 'o' && s[2] == 'm')
			return begins_oom(begin, s);
		return left >= 5 && memcmp(s, "ohang", 5) == 0;
	case 'f':
		return left >= 8 && s[1] == ' ' && (s[2] | 0x20) == 'm' &&
		       memcmp(s + 3, "emory", 5) == 0;
	case 'd':
	case 'l':
		return left >= 9 && memcmp(s + 1, " process", 8) == 0;
	case 'M':
		return left >= 18 && memcmp(s, "M: killing process", 18) == 0;
	case 'E':
		return begins_bytes(begin, s, end);
	default:
		return false;
	}
}

/* A quarter of what is looked at between two questions whether there was anything. Every amd64 and
 * arm64 has vectors of 16 bytes. Twice that is hardly faster where the processor has it (145 MB in
 * 0.02 s either way), and where not gcc 12 takes it byte by byte, in 24 KiB of code. */
enum { WIDTH = 16, VECTORS = 4 };
#define BLOCK ((ptrdiff_t)VECTORS * WIDTH)

typedef unsigned char vec __attribute__((vector_size(WIDTH)));
typedef uint64_t lanes __attribute__((vector_size(WIDTH)));

/* Where the first three letters of a word stand: in a, with b and c the letters behind it, and m
 * where c is an m. d and l differ in one bit. */
#define STARTS(vec, a, b, c, m)                                                              \
	(((m) & (vec)((a) == 'o') & (vec)((b) == 'o')) |                                     \
	 ((vec)((a) == 'o') & (vec)((b) == 'h') & (vec)((c) == 'a')) |                       \
	 ((vec)((a) == 'E') & (vec)((b) == '"')) | ((vec)((a) == 'M') & (vec)((b) == ':')) | \
	 ((vec)((b) == ' ') &                                                                \
	  (((m) & (vec)((a) == 'f')) | ((vec)((c) == 'p') & (vec)(((a)&0xf7) == 'd')))))

/* Of so many places: a byte each, lowest place lowest. Reads two bytes more. */
static inline void starts(const char *s, vec *hit, vec *newlines)
{
	vec a, b, c, m;

	memcpy(&a, s, WIDTH);
	memcpy(&b, s + 1, WIDTH);
	memcpy(&c, s + 2, WIDTH);
	m = (vec)((c | 0x20) == 'm');
	*newlines -= (vec)(a == '\n');
	*hit = STARTS(vec, a, b, c, m);
}

/* Processors with vectors of 32 bytes go over what holds nothing more than twice as fast: 13 GB a
 * second, not 5.5, where the text is in the cache. Compiled for them alone: gcc 12 would make 24
 * KiB of it for the others. */
#if defined(__x86_64__)
/* A bit for each beginning: 1 "oom", 2 "oha", 4 E", 8 "M:", 16 "f m", 32 "d p", "l p"; M for m. For
 * each of their three places: to which beginnings a letter with this lower half can belong, and to
 * which with this upper half. Both together tell the letter, and all three the beginning: half the
 * work of comparing with each letter. Nothing of 0x80 and more is in any. */
static const unsigned char lower[3][16] = {
	{ 0, 0, 0, 0, 32, 4, 16, 0, 0, 0, 0, 0, 32, 8, 0, 3 },
	{ 48, 0, 4, 0, 0, 0, 0, 0, 2, 0, 8, 0, 0, 0, 0, 1 },
	{ 44, 14, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 29, 12, 12 },
};
static const unsigned char upper[3][16] = {
	{ 0, 0, 0, 0, 12, 0, 51, 0, 0, 0, 0, 0, 0, 0, 0, 0 },
	{ 0, 0, 52, 8, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0 },
	{ 12, 12, 12, 12, 29, 12, 31, 44, 12, 12, 12, 12, 12, 12, 12, 12 },
};

#define ONLY_AVX2 __attribute__((target("avx2,popcnt")))

ONLY_AVX2 static inline __m256i twice(const unsigned char *table)
{
	return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)table));
}

ONLY_AVX2 static inline __m256i load(const char *s)
{
	return _mm256_loadu_si256((const __m256i *)(const void *)s);
}

/* The beginnings that each of these letters can be a part of. */
ONLY_AVX2 static inline __m256i part_of(__m256i letters, __m256i low, __m256i high)
{
	const __m256i half = _mm256_set1_epi8(15);

	return _mm256_and_si256(
		_mm256_shuffle_epi8(low, _mm256_and_si256(letters, half)),
		_mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(letters, 4), half)));
}

/* The first word; else what is left, too little for a vector. */
ONLY_AVX2 static const char *find_32(const char *begin, const char *s, const char *end,
				     uint64_t *newlines, bool *found)
{
	const __m256i low_a = twice(lower[0]), high_a = twice(upper[0]);
	const __m256i low_b = twice(lower[1]), high_b = twice(upper[1]);
	const __m256i low_c = twice(lower[2]), high_c = twice(upper[2]);
	const __m256i newline = _mm256_set1_epi8('\n'), none = _mm256_setzero_si256();

	for (; end - s >= 32 + 2; s += 32) {
		__m256i a = load(s), starts;
		unsigned hits, lines;

		starts = _mm256_and_si256(_mm256_and_si256(part_of(a, low_a, high_a),
							   part_of(load(s + 1), low_b, high_b)),
					  part_of(load(s + 2), low_c, high_c));
		hits = ~(unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(starts, none));
		lines = (unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, newline));
		for (; hits; hits &= hits - 1) {
			int at = __builtin_ctz(hits);

			if (!is_word(begin, s + at, end))
				continue;
			*found = true;
			*newlines += (unsigned)__builtin_popcount(lines & ((1u << at) - 1));
			return s + at;
		}
		*newlines += (unsigned)__builtin_popcount(lines);
	}
	return s;
}

/* glibc knows the processor anyway; the compiler's own way asks it in every start of the program,
 * and what remembers it is 64 KiB more in memory. */
#if __has_include(<sys/platform/x86.h>)
#define HAS_32 CPU_FEATURE_ACTIVE(AVX2)
#else
#define HAS_32 __builtin_cpu_supports("avx2")
#endif
#else
#define HAS_32 false
static const char *find_32(const char *begin, const char *s, const char *end, uint64_t *newlines,
			   bool *found)
{
	(void)begin;
	(void)end;
	(void)newlines;
	(void)found;
	return s;
}
#endif

static inline bool any(const vec *hits)
{
	lanes l = (lanes)((hits[0] | hits[1]) | (hits[2] | hits[3]));

	return (l[0] | l[1]) != 0;
}

/* The first of these places where a word stands; NULL: none. */
static const char *first_word(const uint64_t *hits, size_t n, const char *begin, const char *s,
			      const char *end)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t left = hits[i];

		while (left) {
			int at = __builtin_ctzll(left) / 8;
			const char *p = s + i * 8 + at;

			if (is_word(begin, p, end))
				return p;
			left &= ~(UINT64_C(0xff) << (at * 8));
		}
	}
	return NULL;
}

static uint64_t sum(const vec *v)
{
	uint64_t n = 0;

	for (size_t i = 0; i < WIDTH; i++)
		n += (*v)[i];
	return n;
}

static uint64_t count_newlines(const char *s, const char *end)
{
	uint64_t n = 0;

	for (; s < end; s++)
		n += *s == '\n';
	return n;
}

/* The first word; else what is left, too little for a block. */
static const char *find_16(const char *begin, const char *s, const char *end, uint64_t *newlines,
			   bool *found)
{
	vec hits[VECTORS], count = { 0 };
	unsigned rounds = 0;

	while (end - s >= BLOCK + 2) {
		for (size_t i = 0; i < VECTORS; i++)
			starts(s + i * WIDTH, &hits[i], &count);
		if (any(hits)) {
			uint64_t h[VECTORS * WIDTH / 8];
			const char *at;

			memcpy(h, hits, sizeof(h));
			at = first_word(h, ARRAY_SIZE(h), begin, s, end);
			if (at) {
				/* The block has been counted whole. */
				*newlines += sum(&count) - count_newlines(at, s + BLOCK);
				*found = true;
				return at;
			}
		}
		s += BLOCK;
		/* A byte holds no more than 255. */
		if (++rounds == 255 / VECTORS) {
			*newlines += sum(&count);
			count = (vec){ 0 };
			rounds = 0;
		}
	}
	*newlines += sum(&count);
	return s;
}

enum oomlog_width oomlog_widest(void)
{
	return HAS_32 ? OOMLOG_WIDTH_32 : OOMLOG_WIDTH_16;
}

const char *oomlog_find_by(enum oomlog_width width, const char *s, const char *end,
			   uint64_t *newlines)
{
	const char *begin = s;
	bool found = false;

	if (width == OOMLOG_WIDTH_32)
		s = find_32(begin, s, end, newlines, &found);
	else if (width == OOMLOG_WIDTH_16)
		s = find_16(begin, s, end, newlines, &found);
	for (; !found && s < end; s++) {
		if (is_word(begin, s, end))
			return s;
		*newlines += *s == '\n';
	}
	return s;
}

const char *oomlog_find(const char *s, const char *end, uint64_t *newlines)
{
	return oomlog_find_by(oomlog_widest(), s, end, newlines);
}

bool oomlog_looks_like_part(const char *line, size_t n)
{
	static const char *const words[] = { "total_vm",     "Mem-Info",
					     "Mem-info",     "pages RAM",
					     "swap",         "memory: usage",
					     "usage ",       "free:",
					     "_anon:",       "Tasks state",
					     "cgroup stats", "*4kB",
					     "limit of /",   "limit reached of",
					     "Tasks in /",   "pages ",
					     "CPU:",         "Comm:",
					     " [s=" };
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
