/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of watch share: its options (watch.c), the loop (watch-loop.c), what is known of a
 * victim besides (watch-join.c), how an event is told (watch-tell.c).
 */
#ifndef OOMKIT_CMD_WATCH_H
#define OOMKIT_CMD_WATCH_H

#include <signal.h>

#include "commands.h"
#include "merge.h"
#include "source.h"

struct watch {
	struct cli_output output;
	struct cli_machine machine;
	struct select_spec targets;
	const struct env *env;
	/* what was asked for */
	char **command; /* behind "--"; NULL */
	unsigned asked; /* --source: bit per enum sight_source; 0: what is there */
	const char *pressure;
	uint64_t snapshot_sec, timeout_sec, count;
	bool replay;
	const char *exec, *exec_shell;
	uint64_t live_sec; /* --live; 0: not asked for */
	/* at work */
	struct host host;
	struct cgroupfs fs;
	struct source *sources[SIGHT_SOURCE_N];
	int failed[SIGHT_SOURCE_N];          /* why a source is not there: -errno */
	uint64_t retry_usec[SIGHT_SOURCE_N]; /* when a source that died is opened anew; 0 */
	struct merge *merge;
	struct out *o;
	unsigned *shown;
	int n_shown;
	enum pid_ns pid_ns;
	sigset_t old_mask;
	int signal_fd;
	uint64_t told; /* events that count for --count */
	bool done;
	int status;        /* when it is done */
	int signal;        /* that ends us; 0 */
	uint64_t end_usec; /* of --timeout, CLOCK_MONOTONIC; UINT64_MAX */
};

/* ------------------------------------------------------------------ watch-loop.c */

/* Opens the sources, tells that it is ready, and goes on until something ends it. Returns the exit
 * status. */
int watch_run(struct watch *w);

/* ------------------------------------------------------------------ watch-join.c */

/* Adds to a kill that was just seen what /proc still says of its process. */
void watch_join(const struct watch *w, struct sighting *s);

/* Whether an event is one of those that the targets ask for. */
bool watch_is_wanted(const struct watch *w, const struct sighting *s);

/* ------------------------------------------------------------------ watch-tell.c */

enum watch_column {
	WATCH_COL_TIME,
	WATCH_COL_TIME_CERTAIN,
	WATCH_COL_UPTIME,
	WATCH_COL_EVENT,
	WATCH_COL_PID,
	WATCH_COL_PID_NS,
	WATCH_COL_COMM,
	WATCH_COL_UID,
	WATCH_COL_CMDLINE,
	WATCH_COL_CMDLINE_TRUNCATED,
	WATCH_COL_PPID,
	WATCH_COL_CGROUP,
	WATCH_COL_CONTAINER,
	WATCH_COL_POD,
	WATCH_COL_UNIT,
	WATCH_COL_CONSTRAINT,
	WATCH_COL_OOM_MEMCG,
	WATCH_COL_TOTAL_VM,
	WATCH_COL_ANON,
	WATCH_COL_FILE,
	WATCH_COL_SHMEM,
	WATCH_COL_PGTABLES,
	WATCH_COL_ADJ,
	WATCH_COL_RANK,
	WATCH_COL_COUNT,
	WATCH_COL_LOST,
	WATCH_COL_REASON,
	WATCH_COL_SOURCES,
	WATCH_COL_N,
};

extern const struct column watch_columns[];

/* Begins the output. Returns 0, or -EINVAL where that was told. */
int watch_tell_begin(struct watch *w);

/* One event. Returns 0 or -errno of the output. */
int watch_tell(struct watch *w, const struct sighting *s);

/* Ends the output. Returns the status, or EXIT_USAGE where it could not be written. */
int watch_tell_end(struct watch *w, int status);

#endif
