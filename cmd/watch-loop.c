/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is waited for, and in which order is it taken? All sources are emptied before anything is
 * told, the kernel's log first, so that one kill is one event with all that saw it. Where nothing
 * happens nothing runs: poll(2) sleeps until a source, a signal or a deadline wakes it.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base.h"
#include "child.h"
#include "steady.h"
#include "vmstat.h"
#include "watch.h"

/* Between two looks where poll(2) fails. */
#define LOOK_NSEC 100000000

/* ------------------------------------------------------------------ what is seen */

static void on_sighting(void *ctx, const struct sighting *seen)
{
	struct watch *w = ctx;
	struct sighting s;

	if (seen->kind != SIGHT_KILL || merge_knows(w->merge, seen)) {
		merge_see(w->merge, seen);
		return;
	}
	s = *seen;
	watch_join(w, &s);
	if (w->command && !s.replayed && watch_command_owns(w, &s))
		s.have |= SIGHT_OF_COMMAND;
	merge_see(w->merge, &s);
}

static void end(struct watch *w, int status)
{
	if (!w->done)
		w->status = status;
	w->done = true;
}

void watch_tell_event(struct watch *w, const struct sighting *s)
{
	int r = watch_tell(w, s);

	if (r == -EPIPE)
		w->signal = SIGPIPE;
	if (r < 0) {
		end(w, EXIT_USAGE);
		return;
	}
	watch_hooks_run(w, s);
	if (w->count && ++w->told >= w->count)
		end(w, EXIT_DONE);
}

static void on_event(void *ctx, const struct sighting *s)
{
	struct watch *w = ctx;

	if (w->command && s->kind == SIGHT_KILL && !s->replayed)
		watch_command_see(w, s);
	if (w->done)
		return;
	if (s->kind == SIGHT_PRESSURE && watch_hooks_pressure(w, s))
		return;
	if (s->kind == SIGHT_PRESSURE || watch_is_wanted(w, s))
		watch_tell_event(w, s);
}

/* ------------------------------------------------------------------ signals */

static int take_signals(struct watch *w)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		struct sigaction old;

		/* nohup(1) and the shell's & have a say. */
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaddset(&set, signals[i]);
	}
	if (w->command)
		sigaddset(&set, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &set, &w->old_mask) < 0)
		return -errno;
	/* A reader that went away is met as an error: there is something to be removed first. */
	sigaction(SIGPIPE, &ignore, NULL);
	w->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return w->signal_fd < 0 ? -errno : 0;
}

void watch_on_signals(struct watch *w)
{
	struct signalfd_siginfo info;

	while (host_input_read(w->signal_fd, (char *)&info, sizeof(info)) == sizeof(info)) {
		int signal = (int)info.ssi_signo;

		if (signal == SIGCHLD)
			continue;
		if (!w->run.running) {
			w->signal = signal;
			end(w, EXIT_DONE);
		} else if (info.ssi_code <= 0) {
			/* The terminal's go to its whole group, and the command is in it. */
			watch_command_signal(w, signal);
		}
	}
}

void watch_die_of(const struct watch *w)
{
	struct sigaction standard = { .sa_handler = SIG_DFL };

	sigaction(w->signal, &standard, NULL);
	sigprocmask(SIG_SETMASK, &w->old_mask, NULL);
	raise(w->signal);
}

/* ------------------------------------------------------------------ the snapshot */

/* A few processes at a time, so that a kill is never kept waiting; what is new is seen first. */
static void go_on_with_snapshot(struct watch *w, const struct moment *now)
{
	if (!w->roll)
		return;
	if (!roll_is_busy(w->roll)) {
		if (now->mono_usec < w->roll_due)
			return;
		w->roll_due = now->mono_usec + w->snapshot_sec * 1000000;
		if (roll_begin(w->roll) < 0)
			return;
	}
	if (!roll_step(w->roll) || !roll_beyond(w->roll) || w->told_beyond)
		return;
	w->told_beyond = true;
	cli_note(w->env, "watch",
		 "the snapshot has room for %zu processes, %zu are beyond it: of those nothing is "
		 "known but what /proc says at the kill",
		 roll_room(w->roll), roll_beyond(w->roll));
}

static int first_snapshot(struct watch *w)
{
	struct moment now;
	int r;

	if (!w->snapshot_sec || w->pid_ns != PID_NS_INIT)
		return 0;
	r = roll_new(&w->roll, &w->host, &w->fs);
	if (r < 0)
		return r;
	do {
		host_moment(&now);
		go_on_with_snapshot(w, &now);
	} while (roll_is_busy(w->roll));
	return 0;
}

/* ------------------------------------------------------------------ the loop */

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t next_deadline(const struct watch *w)
{
	uint64_t due = smaller(merge_deadline(w->merge), watch_sources_due(w));

	if (w->roll)
		due = roll_is_busy(w->roll) ? 0 : smaller(due, w->roll_due);
	/* What is still to be known of a command that has ended comes within a second. */
	if (w->command && !w->run.running)
		due = smaller(due, w->run.ended_usec + 100000);
	if (w->asking)
		due = smaller(due, w->ask_until);
	return smaller(due, w->end_usec);
}

static void wait_for_news(struct watch *w)
{
	struct pollfd fds[SIGHT_SOURCE_N + 2];
	struct source *of[SIGHT_SOURCE_N + 2];
	uint64_t due = next_deadline(w);
	struct timespec wait = { 0 };
	struct moment now;
	nfds_t n = 0;
	int r;

	of[n] = NULL;
	fds[n++] = (struct pollfd){ .fd = w->signal_fd, .events = POLLIN };
	of[n] = NULL;
	fds[n++] = (struct pollfd){ .fd = w->hooks.fd, .events = POLLIN };
	for (unsigned i = 0; i < SIGHT_SOURCE_N; i++) {
		struct source *s = w->sources[i];

		if (!s || s->fd < 0)
			continue;
		of[n] = s;
		fds[n++] = (struct pollfd){ .fd = s->fd, .events = s->events };
	}
	host_moment(&now);
	if (due > now.mono_usec && due != UINT64_MAX) {
		wait.tv_sec = (time_t)((due - now.mono_usec) / 1000000);
		wait.tv_nsec = (long)((due - now.mono_usec) % 1000000) * 1000;
	}
	r = ppoll(fds, n, due == UINT64_MAX ? NULL : &wait, NULL);
	/* It wants memory for its tables: until there is some, all are looked at in turn. */
	if (r < 0 && errno != EINTR)
		nanosleep(&(struct timespec){ .tv_nsec = LOOK_NSEC }, NULL);
	if (r <= 0)
		return;
	for (nfds_t i = 0; i < n; i++)
		if (of[i])
			of[i]->revents = fds[i].revents;
	if (fds[0].revents)
		watch_on_signals(w);
}

/* A kernel that does not count is one thing, a descriptor that cannot be had just now another. */
static void take_total(struct watch *w, int r, uint64_t kills, const struct moment *now)
{
	if (r == 0)
		merge_total(w->merge, kills, now);
	else if (r == -ENOENT)
		merge_no_total(w->merge);
	else
		merge_unread(w->merge, now);
}

static void run_merge(struct watch *w, const struct moment *now)
{
	uint64_t kills = 0;

	if (merge_wants_total(w->merge, now->mono_usec)) {
		int r = vmstat_kills(&w->host, &kills);

		/* What was counted may have been logged since. */
		watch_drain(w, now);
		take_total(w, r, kills, now);
	}
	merge_run(w->merge, now);
}

static int trouble(const struct watch *w, int error)
{
	cli_error(w->env, "watch", NULL, strerror(-error), NULL);
	return w->command ? EXIT_OWN_FAILURE : EXIT_USAGE;
}

/* What is missing is said once, and is no reason not to watch. */
static void be_steady(struct watch *w)
{
	int r = steady_lower_adj(&w->host, &w->own_adj);

	if (r == 0)
		w->lowered = true;
	r = steady_lock();
	if (r < 0 && !w->output.opt.quiet)
		cli_note(w->env, "watch",
			 "memory could not be locked (%s; CAP_IPC_LOCK would help): events may be "
			 "late while the machine is out of memory",
			 strerror(-r));
}

static int open_all(struct watch *w)
{
	int r = host_open(&w->host, NULL), status;

	if (r == 0)
		r = cgroupfs_open(&w->fs, &w->host);
	w->deaf = child_expect();
	if (r == 0)
		r = watch_hooks_start(w);
	if (r == 0)
		r = take_signals(w);
	if (r < 0)
		return trouble(w, r);
	r = host_pid_ns_is_initial(&w->host);
	w->pid_ns = r == 1 ? PID_NS_INIT : r == 0 ? PID_NS_OWN : PID_NS_UNKNOWN;
	status = watch_open_sources(w, on_sighting);
	if (status != EXIT_DONE)
		return w->command ? EXIT_OWN_FAILURE : status;
	w->merge =
		merge_new(&(struct merge_options){ .expect_kmsg = w->sources[SIGHT_KMSG] != NULL },
			  on_event, w);
	r = w->merge ? first_snapshot(w) : -ENOMEM;
	if (r < 0)
		return trouble(w, r);
	return watch_tell_begin(w) < 0 ? trouble(w, -EIO) : EXIT_DONE;
}

static int begin(struct watch *w)
{
	struct moment now;
	uint64_t kills = 0;
	int status, r;

	steady_prepare();
	status = open_all(w);
	if (status != EXIT_DONE)
		return status;
	watch_tell_rehearse(w);
	be_steady(w);
	host_moment(&now);
	w->end_usec = w->timeout_sec ? now.mono_usec + w->timeout_sec * 1000000 : UINT64_MAX;
	w->roll_due = now.mono_usec + w->snapshot_sec * 1000000;
	r = vmstat_kills(&w->host, &kills);
	take_total(w, r, kills, &now);
	host_tell_manager("READY=1");
	if (!w->output.opt.quiet)
		watch_tell_sources(w);
	return w->command ? watch_command_start(w) : EXIT_DONE;
}

static void go_on(struct watch *w)
{
	struct moment now;

	while (!w->done) {
		host_moment(&now);
		watch_drain(w, &now);
		watch_hooks_read(w, &now);
		if (w->command)
			watch_command_reap(w, &now);
		run_merge(w, &now);
		go_on_with_snapshot(w, &now);
		if (now.mono_usec >= w->end_usec)
			end(w, EXIT_TIMEOUT);
		if (w->command && watch_command_is_over(w, &now))
			end(w, watch_command_tell(w));
		if (!w->done)
			wait_for_news(w);
	}
}

/* Somebody or the clock ended us: what is seen by then is told, though it might become more. */
static void tell_rest(struct watch *w)
{
	struct moment now;

	if (!w->signal && w->status != EXIT_TIMEOUT)
		return;
	w->done = false;
	host_moment(&now);
	watch_last_look(w, &now);
	merge_end(w->merge, &now);
	w->done = true;
}

static void finish(struct watch *w)
{
	watch_close_sources(w);
	merge_free(w->merge);
	roll_free(w->roll);
	if (w->signal_fd >= 0)
		close(w->signal_fd);
	cgroupfs_close(&w->fs);
	host_close(&w->host);
}

int watch_run(struct watch *w)
{
	int status = begin(w);

	if (status == EXIT_DONE) {
		go_on(w);
		tell_rest(w);
		status = w->status;
	}
	watch_hooks_end(w);
	status = watch_tell_end(w, status);
	finish(w);
	if (w->signal)
		watch_die_of(w);
	return status;
}
