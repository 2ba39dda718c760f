/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Was that exit of 137 an OOM kill? The command runs as our child in our own process group, so that
 * the terminal's signals and stops reach it as they reach us; what it leaves behind becomes ours
 * (PR_SET_CHILD_SUBREAPER) and is waited for. A kill hits it if it names its pid, its tree if the
 * victim's ancestors lead to us, its cgroup if it was killed there; 137 alone proves nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base.h"
#include "memstat.h"
#include "proc.h"
#include "steady.h"
#include "vmstat.h"
#include "watch.h"

/* Longer than the merger waits for a name. */
#define LAST_WORD_USEC 2500000u
/* For the line of a kill that its victim has outrun. */
#define SETTLE_USEC   100000u
#define ANCESTORS_MAX 64

/* ------------------------------------------------------------------ its cgroup */

/* What its cgroup and those below it counted: v1 counts each alone. */
static int cgroup_kills(const struct watch *w, uint64_t *ret)
{
	char path[SIGHT_PATH_SIZE + 512], buf[1024];
	bool v1 = w->fs.version == CGROUP_V1;
	struct memstat_oom_control oom;
	struct memstat_events ev;
	struct arena arena = { 0 };
	const char *dir;
	ssize_t n = -ENOENT;

	if (w->fs.version == CGROUP_NO_MEMORY || !w->run.cgroup[0])
		return -ENOENT;
	if (cgroupfs_dir(&w->fs, w->run.cgroup, &arena, &dir) == 0) {
		snprintf(path, sizeof(path), "%s/%s", dir,
			 v1 ? "memory.oom_control" : "memory.events");
		n = host_read(&w->host, path, buf, sizeof(buf));
	}
	arena_free(&arena);
	if (n < 0)
		return (int)n;
	if (v1) {
		memstat_parse_oom_control(buf, (size_t)n, &oom);
		*ret = oom.oom_kill;
		return oom.have_oom_kill ? 0 : -ENOENT;
	}
	memstat_parse_events(buf, (size_t)n, &ev);
	*ret = ev.value[MEMSTAT_OOM_KILL];
	return ev.have & 1u << MEMSTAT_OOM_KILL ? 0 : -ENOENT;
}

static void find_cgroup(struct watch *w)
{
	struct arena arena = { 0 };
	const char *path;

	if (cgroupfs_own_path(&w->fs, &w->host, &arena, &path) == 0 &&
	    strlen(path) < sizeof(w->run.cgroup))
		memcpy(w->run.cgroup, path, strlen(path) + 1);
	arena_free(&arena);
}

/* ------------------------------------------------------------------ starting */

static __attribute__((noreturn)) void become(const struct watch *w, int report)
{
	struct sigaction standard = { .sa_handler = SIG_DFL }, ignore = { .sa_handler = SIG_IGN };
	int error;

	if (w->deaf)
		sigaction(SIGCHLD, &ignore, NULL);
	sigaction(SIGPIPE, &standard, NULL);
	sigaction(SIGTTOU, &standard, NULL);
	sigprocmask(SIG_SETMASK, &w->old_mask, NULL);
	if (w->lowered)
		steady_restore_adj(&w->host, w->own_adj);
	execvp(w->command[0], w->command);
	error = errno;
	host_put_bytes(report, &error, sizeof(error));
	_exit(EXIT_NOT_FOUND);
}

int watch_command_start(struct watch *w)
{
	struct watch_command *c = &w->run;
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	int report[2], error = 0;

	find_cgroup(w);
	c->counted = cgroup_kills(w, &c->kills_before) == 0;
	c->have_total = vmstat_kills(&w->host, &c->total_before) == 0;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	/* A shell that it runs takes the terminal for itself; what we say must still be said. */
	sigaction(SIGTTOU, &ignore, NULL);
	fflush(NULL);
	if (pipe2(report, O_CLOEXEC) < 0)
		error = errno;
	c->pid = error ? -1 : fork();
	if (c->pid == 0)
		become(w, report[1]);
	if (c->pid < 0) {
		error = error ? error : errno;
		cli_error(w->env, "watch", w->command[0], strerror(error), NULL);
		return EXIT_OWN_FAILURE;
	}
	close(report[1]);
	if (host_input_read(report[0], (char *)&error, sizeof(error)) != sizeof(error))
		error = 0;
	close(report[0]);
	if (error) {
		waitpid(c->pid, NULL, 0);
		cli_error(w->env, "watch", w->command[0], strerror(error), NULL);
		return error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
	}
	c->running = true;
	return EXIT_DONE;
}

void watch_command_signal(struct watch *w, int signal)
{
	if (w->run.running)
		kill(w->run.pid, signal);
}

void watch_command_reap(struct watch *w, const struct moment *now)
{
	struct watch_command *c = &w->run;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != c->pid)
			continue;
		c->running = false;
		c->status = status;
		c->ended_usec = now->mono_usec;
	}
}

/* ------------------------------------------------------------------ whom a kill hits */

static pid_t parent_of(const struct watch *w, pid_t pid)
{
	char buf[1024];
	struct proc_stat st;
	ssize_t n = host_read_proc(&w->host, pid, "stat", buf, sizeof(buf));

	return n > 0 && proc_parse_stat(buf, (size_t)n, &st) == 0 ? st.ppid : 0;
}

/* All that it started, and what of it lost its parent, is below us. */
bool watch_command_owns(const struct watch *w, const struct sighting *s)
{
	pid_t self = host_self(&w->host), pid = s->have & SIGHT_HAVE_PPID ? s->ppid : 0;

	for (unsigned i = 0; i < ANCESTORS_MAX && pid > 1; i++) {
		if (pid == self || pid == w->run.pid)
			return true;
		pid = parent_of(w, pid);
	}
	return false;
}

void watch_command_see(struct watch *w, const struct sighting *s)
{
	struct watch_command *c = &w->run;
	enum watch_hit hit = HIT_NOBODY;

	/* Of another pid namespace's numbers nothing is known here but the cgroup. */
	if (w->pid_ns == PID_NS_INIT && s->pid == c->pid)
		hit = HIT_ITSELF;
	else if (w->pid_ns == PID_NS_INIT && s->have & SIGHT_OF_COMMAND)
		hit = HIT_TREE;
	else if (c->cgroup[1] && s->cgroup[0] && cgroupfs_below(c->cgroup, s->cgroup))
		hit = HIT_CGROUP;
	c->n_hits += hit != HIT_NOBODY;
	if (hit <= c->hit)
		return;
	c->hit = hit;
	c->hit_pid = s->pid;
	memcpy(c->hit_comm, s->comm, sizeof(c->hit_comm));
}

/* ------------------------------------------------------------------ its end */

static bool died_of_kill(const struct watch_command *c)
{
	return WIFSIGNALED(c->status) && WTERMSIG(c->status) == SIGKILL;
}

bool watch_command_is_over(const struct watch *w, const struct moment *now)
{
	const struct watch_command *c = &w->run;
	uint64_t since, total;

	if (c->running)
		return false;
	since = now->mono_usec - c->ended_usec;
	/* Something is on its way that may be about it. */
	if (merge_deadline(w->merge) != UINT64_MAX && since < LAST_WORD_USEC)
		return false;
	if (c->hit == HIT_ITSELF || !died_of_kill(c))
		return true;
	/* The kernel's sum says at once that it was nobody's OOM kill. */
	if (c->have_total && vmstat_kills(&w->host, &total) == 0 && total == c->total_before)
		return true;
	return since >= SETTLE_USEC;
}

static int exit_status(const struct watch_command *c)
{
	return WIFEXITED(c->status) ? WEXITSTATUS(c->status) : 128 + WTERMSIG(c->status);
}

static void say_how_it_ended(const struct watch_command *c, char *buf, size_t size)
{
	if (WIFEXITED(c->status))
		snprintf(buf, size, "it ended with status %d", WEXITSTATUS(c->status));
	else
		snprintf(buf, size, "it ended by signal %d (%s), status %d", WTERMSIG(c->status),
			 strsignal(WTERMSIG(c->status)), exit_status(c));
}

static void say_verdict(const struct watch *w, uint64_t counted)
{
	const struct watch_command *c = &w->run;
	const char *name = w->command[0];
	char end[128], more[64] = "";

	say_how_it_ended(c, end, sizeof(end));
	if (c->n_hits > 1)
		snprintf(more, sizeof(more), ", the nearest of %u kills", (unsigned)c->n_hits);
	switch (c->hit) {
	case HIT_ITSELF:
		cli_note(w->env, "watch", "%s was OOM-killed: pid %d (%s)%s; %s", name,
			 (int)c->hit_pid, c->hit_comm, more, end);
		return;
	case HIT_TREE:
		cli_note(w->env, "watch",
			 "%s itself was not OOM-killed, a process that it had started was: pid %d "
			 "(%s)%s; %s",
			 name, (int)c->hit_pid, c->hit_comm, more, end);
		return;
	case HIT_CGROUP:
		cli_note(w->env, "watch",
			 "no OOM kill is known to have hit %s or its children, but one hit their "
			 "cgroup: pid %d (%s)%s; %s",
			 name, (int)c->hit_pid, c->hit_comm, more, end);
		return;
	default:
		break;
	}
	if (counted)
		cli_note(w->env, "watch",
			 "the cgroup of %s counted %llu OOM kill%s, and nothing here told of whom; "
			 "%s",
			 name, (unsigned long long)counted, counted == 1 ? "" : "s", end);
	else
		cli_note(w->env, "watch", "no OOM kill hit %s, its children or their cgroup; %s",
			 name, end);
}

int watch_command_tell(struct watch *w)
{
	struct watch_command *c = &w->run;
	struct moment now;
	uint64_t counted = 0;

	if (c->counted && cgroup_kills(w, &c->kills_after) == 0 && c->kills_after > c->kills_before)
		counted = c->kills_after - c->kills_before;
	if (c->hit == HIT_NOBODY && counted)
		c->n_hits = (uint32_t)counted;
	host_moment(&now);
	if (watch_tell_exit(w, &now) == -EPIPE)
		w->signal = SIGPIPE;
	if (!w->output.opt.quiet)
		say_verdict(w, counted);
	return exit_status(c);
}
