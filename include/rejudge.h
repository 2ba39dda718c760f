/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Was the right one killed? The task table of a log is a snapshot: the rule of that kernel is put
 * to it, and what it picks is held against whom the kernel killed. Pure.
 */
#ifndef OOMKIT_REJUDGE_H
#define OOMKIT_REJUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "era.h"
#include "facts.h"
#include "oomlog.h"

#define REJUDGE_UNDETERMINED_MAX 12

struct rejudge {
	int agrees; /* 1, 0, -1: the log does not hold what decides it */
	const char *undetermined[REJUDGE_UNDETERMINED_MAX];
	size_t n_undetermined;
	bool have_pick;
	const struct oom_row *pick, *killed; /* rows of the event; NULL */
	int64_t pick_badness, killed_badness;
	uint64_t total_pages, total_pages_high; /* the two differ where the log leaves it open */
	bool have_total;
	const struct era *era;
	bool era_guessed;     /* told by the table's columns, not by a release */
	bool have_saving_adj; /* the highest adj at which another would have been taken */
	int saving_adj;
	bool have_saving_pages; /* so much less memory, and another would have been taken */
	uint64_t saving_pages;
	const struct oom_row *next; /* who would have been taken then */
	char reason[600];
	int64_t *badness; /* of each row, by the base assumption; INT64_MIN: not a candidate */
	unsigned char *fate;
};

/* What the caller knows beside the event. */
struct rejudge_facts {
	const struct era *era; /* of e->kernel; NULL: told by the table */
	uint32_t page_size;
};

/* Fills ret. Returns 0 or -ENOMEM; rejudge_free() in both cases. */
int rejudge(const struct oom_event *e, const struct rejudge_facts *f, struct rejudge *ret);
void rejudge_free(struct rejudge *r);

/* The size of the kernel's pages as the log tells it (its free lists, a row beside a kill line);
 * 4096 where it does not, and *certain says so. */
uint32_t rejudge_page_size(const struct oom_event *e, bool *certain);

#endif
