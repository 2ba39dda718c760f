/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers that look random and are the same on every machine, for the programs of the tests. */
#ifndef TESTS_RANDOM_H
#define TESTS_RANDOM_H

#include <stdint.h>

/* splitmix64 */
static inline uint64_t random_next(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static inline unsigned random_below(uint64_t *state, unsigned n)
{
	return (unsigned)(random_next(state) % n);
}

/* The state from which stream index of a seed begins. */
static inline uint64_t random_seed(uint64_t seed, uint64_t index)
{
	uint64_t state = seed * UINT64_C(0x2545f4914f6cdd1d) + index;

	return random_next(&state);
}

#endif
