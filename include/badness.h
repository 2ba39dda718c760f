/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many points the kernel gives a process, and from what: mm/oom_kill.c badness() up to 2.6.35,
 * oom_badness() since, and fs/proc/base.c proc_oom_score() for what is printed. Pure: facts and an
 * era in, a verdict out. The only place where either number is computed.
 */
#ifndef OOMKIT_BADNESS_H
#define OOMKIT_BADNESS_H

#include <stdbool.h>
#include <stdint.h>

#include "era.h"
#include "facts.h"

enum fate {
	FATE_KILLABLE,
	FATE_INIT,
	FATE_KTHREAD,
	FATE_ADJ_MIN, /* oom_score_adj -1000 (oom_adj -17) */
	FATE_NO_MM,
	FATE_VFORK,
	FATE_REAPED, /* its memory has been reaped already */
	FATE_VICTIM, /* already being killed; still counted */
	FATE_OUT_OF_SCOPE,
	FATE_UNKNOWN, /* could not be read */
	FATE_N,
};

enum factor_id {
	FACTOR_RSS,
	FACTOR_SWAP,
	FACTOR_PGTABLES,
	FACTOR_TOTAL_VM,
	FACTOR_CHILDREN,
	FACTOR_CPU_TIME,
	FACTOR_RUN_TIME,
	FACTOR_NICE,
	FACTOR_SUPERUSER,
	FACTOR_RAWIO,
	FACTOR_CPUSET,
	FACTOR_ADJ,   /* the share of oom_score_adj, or the shift of oom_adj */
	FACTOR_FLOOR, /* what lifts a smaller sum to 1, or cuts it at 1000 */
	FACTOR_N,
};

/* One term of the sum. Whether it is pages or points is told by the era's formula:
 * badness_in_pages(). */
struct factor {
	enum factor_id id;
	int64_t amount; /* signed contribution; the sum of all is the badness */
	int64_t pages;  /* the memory behind it, pages; 0 where there is none (adj in permille eras)
			 */
};

struct verdict {
	enum fate fate;
	bool known;               /* badness and score below were computed */
	bool score_known;         /* false for fate unknown */
	bool superuser_uncertain; /* CAP_SYS_ADMIN counted, but a user namespace may stand behind it
				   */
	int64_t badness; /* what oom_badness() returns; pages since 3.5, points before; only where
			    known */
	int64_t score;   /* what /proc/PID/oom_score prints; 0 for whom the kernel never chooses */
	unsigned n_factors;
	struct factor factor[FACTOR_N];
};

/* Judges p by the rule of e with the denominator of ctx. rss: which reading of the rss counts
 * (where e leaves the choice: see badness_rss_source()). The oom_score of p is consulted for one
 * thing alone: whether the kernel takes a process that looks vforked or reaped. */
void badness(const struct era *e, const struct mem_ctx *ctx, const struct proc *p,
	     enum rss_source rss, struct verdict *ret);

/* Which reading the era judges by. */
enum rss_source badness_rss_source(const struct era *e);

/* The rss that counts, in pages. */
uint64_t badness_rss_pages(const struct proc *p, enum rss_source rss);

/* The page-table pages that count in this era. */
uint64_t badness_pgtables_pages(const struct era *e, const struct mem_ctx *ctx,
				const struct proc *p);

/* proc_oom_score() of a badness. */
int64_t badness_to_score(const struct era *e, const struct mem_ctx *ctx, int64_t points);

/* true: badness is in pages (3.5 on); false: in points. */
bool badness_in_pages(const struct era *e);

/* true where the kernel may choose a process of this fate. */
bool badness_fate_is_candidate(enum fate f);

/* What oom_score_adj the kernel keeps for a value written to oom_adj, and what oom_adj shows for an
 * oom_score_adj. */
int badness_adj_from_oom_adj(int oom_adj);
int badness_oom_adj_from_adj(int oom_score_adj);

const char *badness_fate_name(enum fate f);             /* CLI.md's words: "killable", "adj_min" */
const char *badness_factor_name(enum factor_id id);     /* "rss", "oom_score_adj" */
const char *badness_constraint_name(enum constraint c); /* "none", "memcg" */

#endif
