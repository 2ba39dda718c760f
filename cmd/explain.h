/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the two pages of `explain` share: its options, its judged machine, the process that is
 * explained. */
#ifndef OOMKIT_EXPLAIN_H
#define OOMKIT_EXPLAIN_H

#include "gather.h"
#include "kills.h"
#include "tell.h"
#include "users.h"

struct explain {
	struct cli_output output;
	struct cli_machine machine;
	struct cli_what_if what_if;
	struct select_spec targets;
	const struct env *env;
	unsigned *shown; /* columns of the factors */
	size_t n_shown;
	int sort; /* column; negative: as the kernel adds them */
	struct gather g;
	struct users users;
	struct judged *order; /* in the order of the kills */
	struct out *o;
	struct tell t;
	struct tell_subject x; /* the process that is explained, and what it is as supposed */
	bool have_subject;
	struct supposed storage;
	struct cgroup_meaning meaning;
	struct tell_company company;
	int32_t *with, *also; /* pids: who dies along, who else matched */
	size_t n_with, n_also;
	size_t rows[FACTOR_N]; /* of the verdict: the order of --sort */
	bool sorting;          /* cells are compared, not shown */
};

/* Takes the process at this place of the order as the one to be explained. Returns 0 or -ENOMEM. */
int explain_subject(struct explain *c, size_t at);

/* What is known of the subject, as fields of an object that is open. */
void explain_identity(struct explain *c);

/* A neighbour of it as an object of its own; null where there is none. */
void explain_neighbour(struct explain *c, const char *key, const struct judged *other);

/* Who it is, in two lines at most. */
void explain_heading(struct explain *c);

/* scope, outcome, supposed: of which OOM this is. */
void explain_scope(struct explain *c);

/* The factors of the subject: a table, an array, lines. */
void explain_factors(struct explain *c);

/* A sentence behind its label, where a person reads; NULL is left out. */
void explain_say(struct explain *c, const char *label, const char *text);
void explain_say_plain(struct explain *c, enum out_paint paint, const char *text);
void explain_say_all(struct explain *c, const char *label, const struct tell_lines *lines);

/* The same sentences as an array. */
void explain_list(struct explain *c, const char *key, const struct tell_lines *lines);

/* What is not known is null. */
static inline struct cell explain_fact(bool known, struct cell cell)
{
	return known ? cell : cell_null();
}

/* The page of the subject. */
void explain_process(struct explain *c);

/* The page without a target. */
void explain_machine(struct explain *c);

#endif
