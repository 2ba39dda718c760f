/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of `rank` share: its options and its judged machine. */
#ifndef OOMKIT_RANK_H
#define OOMKIT_RANK_H

#include "gather.h"
#include "kills.h"
#include "tally.h"
#include "users.h"

enum rank_by {
	BY_PROCESS,
	BY_CGROUP,
	BY_UNIT,
	BY_USER,
	BY_TREE,
};

struct rank {
	struct cli_output output;
	struct cli_machine machine;
	struct cli_what_if what_if;
	struct select_spec targets;
	size_t top;		/* how many rows; 0: all */
	enum rank_by by;
	bool adjusted, top_given;
	size_t kills;		/* --kills; 0: not asked for */
	uint64_t free_bytes;	/* --free */
	struct gather g;
	struct users users;
	bool have_users;
	struct judged *judged;	/* in the order of the kills */
	size_t *rows;		/* of judged: what is shown, in the order shown */
	size_t n_rows;
	enum kills_outcome outcome;
	int32_t *killed_with;	/* of the row that is being told */
	unsigned char *dies;	/* enum judge_dies of each process, for that row */
};

/* The name of a user as a cell. */
struct cell rank_user(struct rank *c, uid_t uid);

/* The fields of the document that say by what was judged. */
void rank_tell_scope(struct out *o, const struct rank *c);

/* The footnotes: what keeps the first of the list from being the one that dies. */
void rank_tell_outcome(struct out *o, struct rank *c);

/* --by: returns an exit status. */
int rank_groups(struct rank *c, const struct env *env);

/* --list-columns with --by, and with --kills or --free. */
int rank_list_group_columns(const struct env *env, const struct rank *c);
int rank_list_kill_columns(const struct env *env, const struct rank *c);

/* true where a row of this process is asked for: by the targets, the scope and --adjusted. */
bool rank_is_row(const struct rank *c, const struct judged *r);

/* --kills, --free: returns an exit status. */
int rank_kills(struct rank *c, const struct env *env);

/* The command itself, for who shows it again and again: argv as it has it. Returns an exit
 * status. */
int rank_run(struct env *env, int argc, char **argv);

#endif
