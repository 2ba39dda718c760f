/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The few words of a unit test: a failed check is told with its place and the test goes on;
 * check_done() ends it. */
#ifndef OOMKIT_CHECK_H
#define OOMKIT_CHECK_H

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static unsigned check_count, check_failures;

#define CHECK(cond)                                                                                \
	do {                                                                                       \
		check_count++;                                                                     \
		if (!(cond)) {                                                                     \
			check_failures++;                                                          \
			printf("%s:%d: not true: %s\n", __FILE__, __LINE__, #cond);                \
		}                                                                                  \
	} while (0)

#define CHECK_INT(got, want)                                                                       \
	do {                                                                                       \
		int64_t check_got = (int64_t)(got), check_want = (int64_t)(want);                  \
		check_count++;                                                                     \
		if (check_got != check_want) {                                                     \
			check_failures++;                                                          \
			printf("%s:%d: %s is %" PRId64 ", not %" PRId64 "\n", __FILE__, __LINE__,  \
			       #got, check_got, check_want);                                       \
		}                                                                                  \
	} while (0)

#define CHECK_STR(got, want)                                                                       \
	do {                                                                                       \
		const char *check_got = (got), *check_want = (want);                               \
		check_count++;                                                                     \
		if (!check_got || !check_want || strcmp(check_got, check_want) != 0) {             \
			check_failures++;                                                          \
			printf("%s:%d: %s is \"%s\", not \"%s\"\n", __FILE__, __LINE__, #got,      \
			       check_got ? check_got : "(null)",                                   \
			       check_want ? check_want : "(null)");                                \
		}                                                                                  \
	} while (0)

static inline int check_done(void)
{
	printf("%u checks, %u failed\n", check_count, check_failures);
	return check_failures != 0 || check_count == 0;
}

#endif
