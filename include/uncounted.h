/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What people expect to count for a process, and by the rule in force does not. Pure. */
#ifndef OOMKIT_UNCOUNTED_H
#define OOMKIT_UNCOUNTED_H

#include <stddef.h>
#include <stdint.h>

#include "tell.h"

enum uncounted_kind {
	UNCOUNTED_UNKNOWN,
	UNCOUNTED_NUMBER,
	UNCOUNTED_YES_NO,
	UNCOUNTED_SECONDS,
	UNCOUNTED_SIZE, /* bytes */
};

struct uncounted {
	const char *name;  /* as the factor is called where it counts */
	const char *until; /* the version that dropped it; NULL: it never counted before */
	enum uncounted_kind kind;
	int64_t value; /* what this process has of it */
};

#define UNCOUNTED_MAX 12

/* Those of the rule in force; returns how many. */
size_t uncounted_find(const struct tell *t, const struct proc *p,
		      struct uncounted ret[UNCOUNTED_MAX]);

/* The same as a sentence; NULL where there are none. */
const char *uncounted_words(const struct tell *t, const struct uncounted *u, size_t n);

#endif
