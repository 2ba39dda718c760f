/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is waited for, and in which order is it taken? All sources are emptied before anything is
 * told, the kernel's log first, so that one kill is one event with all that saw it. Where nothing
 * happens nothing runs: poll(2) sleeps until a source, a signal or a deadline wakes it.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base.h"
#include "vmstat.h"
#include "watch.h"

/* From the death of a source to the next try. */
#define RETRY_USEC 1000000u

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
	merge_see(w->merge, &s);
}

static void end(struct watch *w, int status)
{
	if (!w->done)
		w->status = status;
	w->done = true;
}

static void on_event(void *ctx, const struct sighting *s)
{
	struct watch *w = ctx;
	int r;

	if (w->done || !watch_is_wanted(w, s))
		return;
	r = watch_tell(w, s);
	if (r == -EPIPE)
		w->signal = SIGPIPE;
	if (r < 0) {
		end(w, EXIT_USAGE);
		return;
	}
	if (w->count && ++w->told >= w->count)
		end(w, EXIT_DONE);
}

/* ------------------------------------------------------------------ opening */

static const char *help_for(enum sight_source id, int r)
{
	if (r == -EPERM || r == -EACCES)
		return id == SIGHT_KMSG ? "CAP_SYSLOG is needed where kernel.dmesg_restrict is 1"
					: "root, or CAP_DAC_OVERRIDE, would help";
	return NULL;
}

static const char *reason_for(enum sight_source id, int r)
{
	if (r != -ENOENT && r != -ENODEV)
		return strerror(-r);
	switch (id) {
	case SIGHT_TRACEFS:
		return "tracefs is not mounted, or has no such event";
	case SIGHT_MEMORY_EVENTS:
		return "no cgroup v2 with the memory controller is mounted";
	case SIGHT_OOM_CONTROL:
		return "no cgroup v1 with the memory controller is mounted";
	case SIGHT_VMSTAT:
		return "this kernel does not count its kills (4.13 and later do)";
	default:
		return "it is not there";
	}
}

static void open_source(struct watch *w, unsigned id)
{
	struct source_env env = {
		.h = &w->host,
		.fs = &w->fs,
		.replay = w->replay,
		.pressure = w->pressure,
		.fn = on_sighting,
		.ctx = w,
	};

	w->failed[id] = source_table[id]->begin(&env, &w->sources[id]);
}

static bool has(const struct watch *w, unsigned id)
{
	return w->sources[id] != NULL;
}

/* A source that was asked for by name must be there; of the others those that can be had. */
static int open_sources(struct watch *w)
{
	bool any = false;

	for (unsigned i = 0; i < SIGHT_SOURCE_N; i++) {
		if (w->asked && !(w->asked & 1u << i))
			continue;
		if (i == SIGHT_PSI && !w->pressure)
			continue;
		/* It must be looked at again and again: only where nothing tells by itself. */
		if (i == SIGHT_VMSTAT && !w->asked &&
		    (has(w, SIGHT_KMSG) || has(w, SIGHT_TRACEFS) || has(w, SIGHT_MEMORY_EVENTS)))
			continue;
		open_source(w, i);
		any |= has(w, i);
		if (has(w, i) || (!w->asked && i != SIGHT_PSI))
			continue;
		cli_error(w->env, "watch", source_name((enum sight_source)i),
			  reason_for((enum sight_source)i, w->failed[i]),
			  help_for((enum sight_source)i, w->failed[i]));
		return w->failed[i] == -EPERM || w->failed[i] == -EACCES ? EXIT_NOPERM : EXIT_USAGE;
	}
	if (any)
		return EXIT_DONE;
	cli_error(w->env, "watch", NULL, "nothing here tells of kills",
		  help_for(SIGHT_KMSG, w->failed[SIGHT_KMSG]));
	return w->failed[SIGHT_KMSG] == -EPERM || w->failed[SIGHT_KMSG] == -EACCES ? EXIT_NOPERM
										   : EXIT_USAGE;
}

static void tell_ready(const struct watch *w)
{
	char line[256];
	size_t n = 0;

	host_tell_manager("READY=1");
	for (unsigned i = 0; i < SIGHT_SOURCE_N; i++)
		if (has(w, i))
			n += (size_t)snprintf(line + n, sizeof(line) - n, "%s%s", n ? ", " : "",
					      source_name((enum sight_source)i));
	if (!w->output.opt.quiet)
		cli_note(w->env, "watch", "watching: %s", line);
	for (unsigned i = 0; i < SIGHT_SOURCE_N; i++)
		if (has(w, i) && w->sources[i]->note)
			cli_note(w->env, "watch", "%s: %s", source_name((enum sight_source)i),
				 w->sources[i]->note);
	if (!has(w, SIGHT_KMSG) && !has(w, SIGHT_TRACEFS))
		cli_note(w->env, "watch",
			 "no source here names the victims: a kill is told by its cgroup, or by "
			 "its number alone (CAP_SYSLOG for the kernel's log would help)");
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
	if (sigprocmask(SIG_BLOCK, &set, &w->old_mask) < 0)
		return -errno;
	/* A reader that went away is met as an error: there is something to be removed first. */
	sigaction(SIGPIPE, &ignore, NULL);
	w->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return w->signal_fd < 0 ? -errno : 0;
}

static void on_signals(struct watch *w)
{
	struct signalfd_siginfo info;

	while (host_input_read(w->signal_fd, (char *)&info, sizeof(info)) == sizeof(info)) {
		w->signal = (int)info.ssi_signo;
		end(w, EXIT_DONE);
	}
}

/* Ends as the signal would have ended us, so that whoever started us sees it. */
static void die_of(struct watch *w)
{
	struct sigaction standard = { .sa_handler = SIG_DFL };

	sigaction(w->signal, &standard, NULL);
	sigprocmask(SIG_SETMASK, &w->old_mask, NULL);
	raise(w->signal);
}

/* ------------------------------------------------------------------ the loop */

static uint64_t next_deadline(const struct watch *w)
{
	uint64_t due = merge_deadline(w->merge);

	for (unsigned i = 0; i < SIGHT_SOURCE_N; i++)
		if (has(w, i) && w->sources[i]->due < due)
			due = w->sources[i]->due;
		else if (w->retry_usec[i] && w->retry_usec[i] < due)
			due = w->retry_usec[i];
	return w->end_usec < due ? w->end_usec : due;
}

static void wait_for_news(struct watch *w)
{
	struct pollfd fds[SIGHT_SOURCE_N + 1];
	struct source *of[SIGHT_SOURCE_N + 1];
	uint64_t due = next_deadline(w);
	struct timespec wait = { 0 };
	struct moment now;
	nfds_t n = 0;

	of[n] = NULL;
	fds[n++] = (struct pollfd){ .fd = w->signal_fd, .events = POLLIN };
	for (unsigned i = 0; i < SIGHT_SOURCE_N; i++) {
		if (!has(w, i) || w->sources[i]->fd < 0)
			continue;
		of[n] = w->sources[i];
		fds[n++] =
			(struct pollfd){ .fd = w->sources[i]->fd, .events = w->sources[i]->events };
	}
	host_moment(&now);
	if (due > now.mono_usec && due != UINT64_MAX) {
		wait.tv_sec = (time_t)((due - now.mono_usec) / 1000000);
		wait.tv_nsec = (long)((due - now.mono_usec) % 1000000) * 1000;
	}
	if (ppoll(fds, n, due == UINT64_MAX ? NULL : &wait, NULL) <= 0)
		return;
	for (nfds_t i = 0; i < n; i++)
		if (of[i])
			of[i]->revents = fds[i].revents;
	if (fds[0].revents)
		on_signals(w);
}

/* A source that died is opened anew, again and again; what it missed is a gap. */
static void lose_source(struct watch *w, unsigned id, int error, const struct moment *now)
{
	struct sighting s = {
		.kind = SIGHT_GAP,
		.sources = (uint16_t)(1u << id),
		.mono_usec = now->mono_usec,
		.wall_usec = now->wall_usec,
		.wall_certain = true,
		.constraint = CONSTRAINT_UNKNOWN,
		.reason = "a source failed and is opened anew",
	};

	cli_error(w->env, "watch", source_name((enum sight_source)id), strerror(-error), NULL);
	w->sources[id]->ops->end(w->sources[id]);
	w->sources[id] = NULL;
	w->retry_usec[id] = now->mono_usec + RETRY_USEC;
	on_sighting(w, &s);
}

static void open_again(struct watch *w, unsigned id, const struct moment *now)
{
	bool replay = w->replay;

	w->retry_usec[id] = 0;
	w->replay = false;
	open_source(w, id);
	w->replay = replay;
	if (!has(w, id))
		w->retry_usec[id] = now->mono_usec + RETRY_USEC;
}

static void drain_sources(struct watch *w, const struct moment *now)
{
	for (unsigned i = 0; i < SIGHT_SOURCE_N; i++) {
		int r;

		if (!has(w, i)) {
			if (w->retry_usec[i] && now->mono_usec >= w->retry_usec[i])
				open_again(w, i, now);
			continue;
		}
		r = w->sources[i]->ops->drain(w->sources[i], now);
		if (r < 0)
			lose_source(w, i, r, now);
	}
}

static void run_merge(struct watch *w, const struct moment *now)
{
	uint64_t kills;

	if (merge_wants_total(w->merge, now->mono_usec)) {
		int r = vmstat_kills(&w->host, &kills);

		/* What was counted may have been logged since. */
		drain_sources(w, now);
		if (r < 0)
			merge_no_total(w->merge);
		else
			merge_total(w->merge, kills, now);
	}
	merge_run(w->merge, now);
}

static int begin(struct watch *w)
{
	struct moment now;
	uint64_t kills;
	int r = host_open(&w->host, NULL), status;

	if (r == 0)
		r = cgroupfs_open(&w->fs, &w->host);
	if (r == 0)
		r = take_signals(w);
	if (r < 0) {
		cli_error(w->env, "watch", NULL, strerror(-r), NULL);
		return EXIT_USAGE;
	}
	r = host_pid_ns_is_initial(&w->host);
	w->pid_ns = r == 1 ? PID_NS_INIT : r == 0 ? PID_NS_OWN : PID_NS_UNKNOWN;
	status = open_sources(w);
	if (status != EXIT_DONE)
		return status;
	w->merge = merge_new(&(struct merge_options){ .expect_kmsg = has(w, SIGHT_KMSG) }, on_event,
			     w);
	if (!w->merge) {
		cli_error(w->env, "watch", NULL, strerror(ENOMEM), NULL);
		return EXIT_USAGE;
	}
	host_moment(&now);
	w->end_usec = w->timeout_sec ? now.mono_usec + w->timeout_sec * 1000000 : UINT64_MAX;
	if (vmstat_kills(&w->host, &kills) == 0)
		merge_total(w->merge, kills, &now);
	else
		merge_no_total(w->merge);
	return watch_tell_begin(w) < 0 ? EXIT_USAGE : EXIT_DONE;
}

static void go_on(struct watch *w)
{
	struct moment now;

	while (!w->done) {
		host_moment(&now);
		drain_sources(w, &now);
		run_merge(w, &now);
		if (now.mono_usec >= w->end_usec)
			end(w, EXIT_TIMEOUT);
		if (!w->done)
			wait_for_news(w);
	}
}

int watch_run(struct watch *w)
{
	int status = begin(w);

	if (status == EXIT_DONE) {
		tell_ready(w);
		go_on(w);
		status = w->status;
	}
	for (unsigned i = 0; i < SIGHT_SOURCE_N; i++)
		if (has(w, i))
			w->sources[i]->ops->end(w->sources[i]);
	merge_free(w->merge);
	status = watch_tell_end(w, status);
	if (w->signal_fd >= 0)
		close(w->signal_fd);
	cgroupfs_close(&w->fs);
	host_close(&w->host);
	if (w->signal)
		die_of(w);
	return status;
}
