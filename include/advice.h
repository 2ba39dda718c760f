/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which oom_score_adj makes a process the first to be killed, and which takes it out of the first
 * place. Pure. */
#ifndef OOMKIT_ADVICE_H
#define OOMKIT_ADVICE_H

#include <stdbool.h>

#include "tell.h"

/* The bound that applies; its have_ is true. */
struct advice {
	bool have_first_from, have_not_first_to;
	int first_from;   /* with this and more it is the first */
	int not_first_to; /* with this and less it is not */
};

/* The adj nearest to its own with which x would be the first to be killed (first), or would not be.
 * -1000 is left out. Returns 0, -ENOENT where none does, -ENOMEM. */
int advice_adj(const struct tell *t, const struct tell_subject *x, bool first, int *ret);

/* The same as sentences; none for a process whose adj does not matter. */
void advice_give(const struct tell *t, const struct tell_subject *x, struct tell_lines *lines,
		 struct advice *ret);

#endif
