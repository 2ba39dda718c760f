/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the commands do between parsing and telling, and say alike: the machine judged, the targets
 * found. */
#ifndef OOMKIT_GATHER_H
#define OOMKIT_GATHER_H

#include "cli.h"
#include "judge.h"

struct gather_options {
	const struct cli_machine *machine;
	const struct cli_what_if *what_if; /* NULL */
	const struct select_spec *targets; /* empty: all processes */
	unsigned need;                     /* enum snapshot_need */
	size_t top;                        /* as judge_request */
	unsigned shown;                    /* the same */
	bool only_targets;
	bool without_self;
	bool quiet;        /* no footnotes */
	bool no_processes; /* the machine alone: need and what follows it do not count */
};

struct gather {
	struct judge j;
	bool *chosen; /* of j.s.procs, by the targets; all where there is none */
	size_t n_chosen;
	size_t n_missed; /* targets that matched nobody; each has been named */
};

/* Reads and judges the machine, finds the targets, tells what went wrong. Returns EXIT_DONE, or the
 * status to end with; gather_close() in both cases. A target that matched nobody is told and
 * counted, and is no reason to end. */
int gather_open(struct gather *g, const struct env *env, const char *command,
		const struct gather_options *o);

/* The same without finding any target; targets need not be given. */
int gather_machine(struct gather *g, const struct env *env, const char *command,
		   const struct gather_options *o);
void gather_close(struct gather *g);

/* EXIT_DONE, EXIT_NO where no target matched, EXIT_SOME where some did. */
int gather_status(const struct gather *g);

/* Why a target matched nobody. */
const char *gather_missed_reason(const struct target *t);

/* What to add to it where processes are hidden, so that "none" may be untrue; else NULL. */
const char *gather_missed_help(const struct host *h);

/* Says, once each, what a reader of the numbers must know: unreadable and hidden processes, a
 * meminfo that does not fit, a kernel that is not known. */
void gather_footnotes(const struct gather *g, const struct env *env, const char *command);

/* Sorts order[0..n) (row numbers of fn) by one column; what is unknown comes last. Returns 0 or
 * -ENOMEM. */
int gather_sort(size_t *order, size_t n, unsigned column, out_row_fn fn, void *ctx,
		bool descending);

#endif
