/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the fuzz targets share: a promise that does not hold ends the run as a crash does. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(cond)                                                                           \
	do {                                                                                 \
		if (!(cond)) {                                                               \
			fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #cond); \
			abort();                                                             \
		}                                                                            \
	} while (0)

/* s[0..n) lies in the input. */
static inline void must_lie_in(const char *s, size_t n, const uint8_t *data, size_t size)
{
	const uint8_t *p = (const uint8_t *)s;

	MUST(n == 0 || (p >= data && p <= data + size && n <= (size_t)(data + size - p)));
}

/* Reads each byte, so that the sanitizer sees one that is not ours. */
static inline void touch(const char *s, size_t n)
{
	volatile char sink = 0;

	for (size_t i = 0; i < n; i++)
		sink = s[i];
	(void)sink;
}

#endif
