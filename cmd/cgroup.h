/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of cgroup share: the options, the tree that was read, and who tells what. */
#ifndef OOMKIT_CGROUP_H
#define OOMKIT_CGROUP_H

#include "cli.h"
#include "commands.h"
#include "foresee.h"
#include "gather.h"
#include "memlimit.h"
#include "memtree.h"
#include "podnames.h"

/* What is told of a cgroup in words. */
struct cgroup_label {
	bool known; /* meaning */
	struct cgroup_meaning meaning;
	const struct podname *pod, *container; /* NULL: no such names */
	const char *name;                      /* in the tree; NULL: not made yet */
	const char *victim;                    /* the same */
};

struct cgroup_command {
	struct cli_output output;
	struct cli_machine machine;
	struct select_spec targets;
	bool victims, dry_run;
	struct memlimit_change *writes;
	size_t n_writes;

	struct gather g;
	const struct cgroupfs *fs; /* NULL: no memory hierarchy is mounted */
	const char **paths;        /* what the targets stand for */
	size_t n_paths, n_missed;
	struct memtree tree;
	struct podnames podnames;
	bool have_podnames;          /* they have been read */
	struct foreseen *foreseen;   /* one for each node; NULL without --victims */
	struct cgroup_label *labels; /* one for each node */
	uint32_t *rows;              /* the nodes that are shown, in their order */
	size_t n_rows;
	bool as_tree; /* names are indented, not paths in full */
};

/* The columns of the table of cgroups, in its order. */
enum cgroup_column {
	COL_PATH,
	COL_ID,
	COL_UNIT,
	COL_CONTAINER,
	COL_RUNTIME,
	COL_POD,
	COL_NAMESPACE,
	COL_POD_NAME,
	COL_CONTAINER_NAME,
	COL_QOS,
	COL_CURRENT,
	COL_LIMIT,
	COL_EFFECTIVE,
	COL_LIMITED_BY,
	COL_HEADROOM,
	COL_HEADROOM_BY,
	COL_HIGH,
	COL_LOW,
	COL_MIN,
	COL_PEAK,
	COL_SWAP,
	COL_SWAP_LIMIT,
	COL_MEMSW,
	COL_MEMSW_LIMIT,
	COL_MEMSW_FAILCNT,
	COL_FAILCNT,
	COL_EVENTS, /* one for each enum memstat_event, but in the order of the table */
	COL_EVENTS_LAST = COL_EVENTS + MEMSTAT_EVENT_N - 1,
	COL_LOCAL,
	COL_LOCAL_LAST = COL_LOCAL + MEMSTAT_EVENT_N - 1,
	COL_OOM_GROUP,
	COL_OOM_KILL_DISABLE,
	COL_UNDER_OOM,
	COL_SOME_AVG10,
	COL_SOME_AVG60,
	COL_SOME_AVG300,
	COL_SOME_TOTAL,
	COL_FULL_AVG10,
	COL_FULL_AVG60,
	COL_FULL_AVG300,
	COL_FULL_TOTAL,
	COL_SOME_SECONDS,
	COL_FULL_SECONDS,
	COL_VICTIM,
	COL_VICTIM_PID,
	COL_VICTIM_COMM,
	COL_VICTIM_BADNESS,
	COL_VICTIM_ADJ,
	COL_VICTIM_GROUP,
	COL_VICTIM_WITH,
	COL_OUTCOME,
	COL_N,
};
extern const struct column cgroup_columns[COL_N];

/* Whether the column tells of victims: they must be judged for it. */
bool cgroup_is_of_victims(unsigned column);
bool cgroup_is_of_pressure(unsigned column);

/* A row of it; ctx is a struct cgroup_command. */
enum row_style cgroup_row(void *ctx, size_t row, const unsigned *shown, size_t n_shown,
			  struct cell *cells);

/* Reads the cgroups that were found, below: with all below them; what went wrong is told. Returns
 * EXIT_DONE or the status to end with. */
int cgroup_read_tree(struct cgroup_command *c, const struct env *env, unsigned need, bool below);

/* --write KEY=VALUE as it is parsed; told. Returns 0 or what an argp parser returns. */
error_t cgroup_add_write(struct cgroup_command *c, const char *arg, const struct argp_state *state);

/* Carries the writes out on the one cgroup that was found. Returns the status to end with. */
int cgroup_write(struct cgroup_command *c, const struct env *env);

#endif
