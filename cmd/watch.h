/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of watch share: its options (watch.c), the loop (watch-loop.c), where its news
 * come from (watch-sources.c), what is known of a victim besides (watch-join.c), how an event is
 * told (watch-tell.c), the command that it runs (watch-command.c).
 */
#ifndef OOMKIT_CMD_WATCH_H
#define OOMKIT_CMD_WATCH_H

#include <signal.h>

#include "commands.h"
#include "hooks.h"
#include "merge.h"
#include "roll.h"
#include "source.h"

/* Whom of the command that we run an OOM kill hit. */
enum watch_hit {
	HIT_NOBODY,
	HIT_CGROUP, /* some other process of its cgroup */
	HIT_TREE,   /* a process that it had started */
	HIT_ITSELF,
};

/* The command behind "--" and what became of it. */
struct watch_command {
	pid_t pid;
	bool running, counted; /* counted: its cgroup counts its kills */
	int status;            /* of waitpid(2) */
	uint64_t ended_usec;   /* CLOCK_MONOTONIC */
	char cgroup[SIGHT_PATH_SIZE];
	uint64_t kills_before, kills_after; /* of its cgroup, by its own counter */
	uint64_t total_before;              /* of the machine */
	bool have_total;
	enum watch_hit hit;
	uint32_t n_hits;
	int32_t hit_pid; /* the nearest that was hit */
	char hit_comm[SIGHT_COMM_SIZE];
};

struct watch {
	struct cli_output output;
	struct cli_machine machine;
	struct select_spec targets;
	const struct env *env;
	/* what was asked for */
	char **command; /* behind "--"; NULL */
	unsigned asked; /* --source: bit per enum sight_source; 0: what is there */
	const char *pressure;
	char pressure_cgroup[SIGHT_PATH_SIZE]; /* whose; "": the machine's */
	uint64_t snapshot_sec, timeout_sec, count;
	bool replay;
	const char *exec, *exec_shell;
	uint64_t exec_sec, exec_most;
	uint64_t live_sec; /* --live; 0: not asked for */
	/* at work */
	struct host host;
	struct cgroupfs fs;
	struct source *sources[SIGHT_SOURCE_N];
	int failed[SIGHT_SOURCE_N];          /* why a source is not there: -errno */
	const char *noted[SIGHT_SOURCE_N];   /* what was said of it */
	uint64_t retry_usec[SIGHT_SOURCE_N]; /* when a source that died is opened anew; 0 */
	sighting_fn on_sighting;
	struct merge *merge;
	struct out *o;
	unsigned *shown;
	int n_shown;
	enum pid_ns pid_ns;
	struct roll *roll; /* NULL: --snapshot 0 */
	uint64_t roll_due;
	bool told_beyond;
	int own_adj;  /* what we were started with */
	bool lowered; /* and have no longer */
	struct watch_command run;
	struct hooks hooks;
	struct hooks_options hooks_opt;
	unsigned hooks_dropped; /* not run, for we were ended */
	struct sighting pressed; /* that waits for an answer */
	bool asking, have_victim;
	uint64_t ask_until;
	pid_t victim_pid; /* who would die */
	int64_t victim_badness;
	char victim_comm[SIGHT_COMM_SIZE];
	sigset_t old_mask;
	bool deaf; /* whoever started us ignores SIGCHLD, and so is the command to */
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

/* Tells an event that is wanted, runs its hook and counts it. */
void watch_tell_event(struct watch *w, const struct sighting *s);

/* Takes the signals that have come: they end us, or are the command's. */
void watch_on_signals(struct watch *w);

/* Ends as w->signal would have ended us, so that whoever started us sees it. */
void watch_die_of(const struct watch *w);

/* ------------------------------------------------------------------ watch-live.c */

/* --live. Returns the exit status. */
int watch_live(struct watch *w);

/* ------------------------------------------------------------------ watch-sources.c */

/* Opens what was asked for, or what is there. Returns an exit status; what failed is told. */
int watch_open_sources(struct watch *w, sighting_fn fn);
void watch_close_sources(struct watch *w);

/* Takes what they have. */
void watch_drain(struct watch *w, const struct moment *now);

/* The same at the end: what they would look at a little later is looked at now. */
void watch_last_look(struct watch *w, const struct moment *now);

/* When a source wants to be looked at; UINT64_MAX: never. */
uint64_t watch_sources_due(const struct watch *w);

/* Says what is listened to. */
void watch_tell_sources(struct watch *w);

/* ------------------------------------------------------------------ watch-command.c */

/* Starts it. Returns EXIT_DONE, or the status to end with: 125, 126, 127; told. */
int watch_command_start(struct watch *w);

/* A child of ours has ended, or several: takes their places in /proc from them. */
void watch_command_reap(struct watch *w, const struct moment *now);

/* A kill that is seen for the first time: is it of a descendant of the command? Its parents may be
 * gone a moment later. */
bool watch_command_owns(const struct watch *w, const struct sighting *s);

/* A kill of which all is known: does it hit the command? */
void watch_command_see(struct watch *w, const struct sighting *s);

/* Whether it has ended and all that there is to be known of it is known. */
bool watch_command_is_over(const struct watch *w, const struct moment *now);

/* Hands a signal on to it. */
void watch_command_signal(struct watch *w, int signal);

/* Says what became of it. Returns its status. */
int watch_command_tell(struct watch *w);

/* ------------------------------------------------------------------ watch-join.c */

/* Adds to a kill that was just seen what /proc still says of its process. */
void watch_join(const struct watch *w, struct sighting *s);

/* Whether an event is one of those that the targets ask for. */
bool watch_is_wanted(const struct watch *w, const struct sighting *s);

/* ------------------------------------------------------------------ watch-hooks.c */

/* Forks the helper where one is needed. Returns 0 or -errno. */
int watch_hooks_start(struct watch *w);

/* Runs the hook of an event. */
void watch_hooks_run(struct watch *w, const struct sighting *s);

/* Asks who would die; true where the event will be told when that is known. */
bool watch_hooks_pressure(struct watch *w, const struct sighting *s);

/* Takes what the helper says. */
void watch_hooks_read(struct watch *w, const struct moment *now);

/* Waits for the hooks that run and that wait to be; after a signal not for long. */
void watch_hooks_end(struct watch *w);

/* ------------------------------------------------------------------ watch-tell.c */

const char *watch_event_name(enum sight_kind kind);

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
	/* of the end of the command, and of pressure */
	WATCH_COL_STATUS,
	WATCH_COL_SIGNAL,
	WATCH_COL_OOM_KILLED,
	WATCH_COL_HIT,
	WATCH_COL_VICTIM_PID,
	WATCH_COL_VICTIM_COMM,
	WATCH_COL_VICTIM_BADNESS,
	WATCH_COL_N,
};

extern const struct column watch_columns[];

/* Formats an event that nobody sees, so that what it takes is there when one comes. */
void watch_tell_rehearse(struct watch *w);

/* Begins the output. Returns 0, or -EINVAL where that was told. */
int watch_tell_begin(struct watch *w);

/* One event. Returns 0 or -errno of the output. */
int watch_tell(struct watch *w, const struct sighting *s);

/* The end of the command, in the formats for programs. Returns 0 or -errno of the output. */
int watch_tell_exit(struct watch *w, const struct moment *now);

/* Ends the output. Returns the status, or EXIT_USAGE where it could not be written. */
int watch_tell_end(struct watch *w, int status);

#endif
