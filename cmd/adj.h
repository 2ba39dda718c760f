/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of adj share: the options, and who runs what. */
#ifndef OOMKIT_ADJ_H
#define OOMKIT_ADJ_H

#include "adjust.h"
#include "cli.h"
#include "commands.h"
#include "snapshot.h"

struct adj {
	struct cli_output output;
	struct cli_machine machine;
	struct select_spec targets;
	struct policy_wish wish;
	bool has_value, has_recheck, reset, dry_run, verbose, freeze;
	uint32_t recheck; /* passes behind the first */
	char **command;   /* behind "--"; NULL */
};

/* Process ids, sorted. */
struct pids {
	pid_t *v;
	size_t n, size;
};

/* One reading of the machine with the processes that the targets mean. */
struct adj_view {
	struct host host;
	struct snapshot s;
	bool *chosen, *missed;
	size_t n_chosen;
	bool host_open, snapshot_open;
};

/* Reads and finds, telling what went wrong. need: enum snapshot_need on top of what the targets
 * take. Returns EXIT_DONE or the status to end with; adj_view_close() in both cases. */
int adj_view_open(struct adj_view *v, const struct env *env, const struct adj *a, unsigned need);
void adj_view_close(struct adj_view *v);

/* The same again, of a machine that is open already; silent. Returns 0 or -errno. */
int adj_view_again(struct adj_view *v, const struct select_spec *targets, unsigned need);

/* The same, of these processes alone. */
int adj_view_of(struct adj_view *v, const struct select_spec *targets, unsigned need,
		const struct pids *pids);

/* Whether a target stands for a cgroup with all that is in it. */
bool adj_is_cgroup(enum target_kind kind);

/* Where the cgroups stand that the targets stand for, one for each. Returns 0, or -errno where a
 * target is none, or cannot be found: then /proc alone can tell who is meant. */
int adj_find_dirs(struct adj_view *v, const struct select_spec *spec, struct arena *arena,
		  const char ***ret);

/* Who is in these cgroups and below them, out of the kernel's own lists. Returns 0 or -errno. */
int adj_members(const struct host *h, const char *const *dirs, size_t n, struct pids *ret);

/* A cgroup whose members end quicker than they are read is not without any. */
void adj_find_missed(struct adj_view *v, const struct select_spec *spec);

/* Splits members: *good are those that have *value, and *others the rest (all, where value is
 * NULL). *escaped is how many have ended unread, but for those that were *good before: what these
 * forked may have another value. Returns 0 or -ENOMEM. */
int adj_look(const struct host *h, const struct pids *members, const int *value, struct pids *good,
	     struct pids *others, size_t *escaped);

/* Names each target that matched nobody; returns how many. */
size_t adj_tell_missed(const struct adj_view *v, const struct env *env, const struct adj *a);

/* Shows what the targets have. */
int adj_show(struct adj *a, const struct env *env);

/* One process of a change. */
struct change {
	struct adjust_target target;
	const char *comm; /* NULL: not known */
	struct adjust done;
	int32_t *along; /* who shares its memory; n_along of them */
	size_t n_along;
	bool named;   /* by its pid: that it has gone is worth a word */
	bool in_tree; /* of a tree: its children belong to it, whoever their parent is later */
	bool left;    /* found on a later pass, and whether it has the step cannot be told */
};

struct changes {
	struct change *v; /* in the order in which they were found */
	size_t n, size;
	struct arena arena;
	bool unsettled;    /* the passes ended before nobody new was found */
	size_t budget;     /* questions about shared memory that are left */
	size_t last_first; /* of v: the first that the last pass found */
	size_t escaped;    /* how many had ended in the last pass before they could be set */
	struct pids good;  /* who had the value in the last pass */
	const char **dirs; /* of the cgroups that are walked; NULL where a tree is, too */
	unsigned passes;
};

/* Finds the processes, carries the wish out, and reads again as long as it must. Returns EXIT_DONE
 * or the status to end with, told. */
int adj_walk(struct adj *a, const struct env *env, struct adj_view *v, struct changes *c);

/* Gives the targets what is wished. */
int adj_change(struct adj *a, const struct env *env);

/* Gives ourselves what is wished and becomes the command. */
int adj_run(struct adj *a, const struct env *env);

/* The whole of a call under choom's name. */
int adj_choom(struct env *env, int argc, char **argv);

/* Why a process has not what was wished; NULL where it has. */
const char *adj_error_of(const struct change *change);
bool adj_has_failed(const struct change *change);
bool adj_is_forbidden(const struct change *change);

/* What is said of a value that CAP_SYS_RESOURCE is wanted for. */
const char *adj_lack_reason(enum adjust_lack lack);
const char *adj_lack_help(enum adjust_lack lack);

#endif
