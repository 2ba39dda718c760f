/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which sources are there, why are others not, and what if one of them dies? */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base.h"
#include "caps.h"
#include "watch.h"

/* From the death of a source to the next try. */
#define RETRY_USEC 1000000u

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
	case SIGHT_PSI:
		return "no such cgroup, or a kernel without pressure stall information";
	default:
		return "it is not there";
	}
}

/* The pressure of a cgroup where the one target is such; else the machine's. */
static int find_pressure(struct watch *w)
{
	const struct snapshot nobody = { .origin = ORIGIN_LIVE, .cgroup_version = w->fs.version };
	const struct target *t = w->targets.targets;
	struct arena arena = { 0 };
	const char *path;
	int r;

	if (w->targets.n != 1 ||
	    (t->kind != TARGET_CGROUP && t->kind != TARGET_UNIT && t->kind != TARGET_CONTAINER))
		return 0;
	r = select_cgroup_path(t, &w->host, &nobody, &arena, &path);
	if (r == 0)
		snprintf(w->pressure_cgroup, sizeof(w->pressure_cgroup), "%s", path);
	arena_free(&arena);
	return r;
}

static void open_source(struct watch *w, unsigned id)
{
	struct source_env env = {
		.h = &w->host,
		.fs = &w->fs,
		.replay = w->replay,
		.pressure = w->pressure,
		.pressure_cgroup = w->pressure_cgroup[0] ? w->pressure_cgroup : NULL,
		.fn = w->on_sighting,
		.ctx = w,
	};

	if (id == SIGHT_PSI && !w->pressure_cgroup[0]) {
		w->failed[id] = find_pressure(w);
		if (w->failed[id] < 0)
			return;
		env.pressure_cgroup = w->pressure_cgroup[0] ? w->pressure_cgroup : NULL;
	}
	/* The trace instance and the v1 cgroups are root's, who may not be us. */
	caps_raise_override(true);
	w->failed[id] = source_table[id]->begin(&env, &w->sources[id]);
	caps_raise_override(false);
}

static void close_source(struct watch *w, unsigned id)
{
	caps_raise_override(true);
	w->sources[id]->ops->end(w->sources[id]);
	caps_raise_override(false);
	w->sources[id] = NULL;
}

static bool has(const struct watch *w, unsigned id)
{
	return w->sources[id] != NULL;
}

/* A source that was asked for by name must be there; of the others those that can be had. */
int watch_open_sources(struct watch *w, sighting_fn fn)
{
	bool any = false;

	w->on_sighting = fn;
	for (unsigned i = 0; i < SIGHT_SOURCE_N; i++) {
		if (w->asked && !(w->asked & 1u << i))
			continue;
		if (i == SIGHT_PSI && !w->pressure)
			continue;
		/* It must be looked at again and again: only where nothing tells by itself. */
		if (i == SIGHT_VMSTAT && !w->asked &&
		    (has(w, SIGHT_KMSG) || has(w, SIGHT_TRACEFS) ||
		     (has(w, SIGHT_MEMORY_EVENTS) && !w->sources[SIGHT_MEMORY_EVENTS]->note)))
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

	cli_error(w->env, "watch", source_name((enum sight_source)id),
		  id == SIGHT_PSI && error == -ENODEV ? "the cgroup whose pressure it is has gone"
						      : strerror(-error),
		  "it is opened anew as soon as that works");
	close_source(w, id);
	w->retry_usec[id] = now->mono_usec + RETRY_USEC;
	w->on_sighting(w, &s);
}

static void open_again(struct watch *w, unsigned id, const struct moment *now)
{
	bool replay = w->replay;

	w->retry_usec[id] = 0;
	w->replay = false;
	open_source(w, id);
	w->replay = replay;
	/* Meanwhile, and from the last look to now, the kernel's sum alone has counted. */
	merge_look(w->merge, now);
	if (!has(w, id))
		w->retry_usec[id] = now->mono_usec + RETRY_USEC;
	else if (!w->output.opt.quiet)
		cli_note(w->env, "watch", "%s: listened to again",
			 source_name((enum sight_source)id));
}

/* What it cannot hear, once. */
static void tell_note(struct watch *w, unsigned id)
{
	const char *note = w->sources[id]->note;

	if (note && note != w->noted[id] && !w->output.opt.quiet)
		cli_note(w->env, "watch", "%s: %s", source_name((enum sight_source)id), note);
	w->noted[id] = note;
}

void watch_drain(struct watch *w, const struct moment *now)
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
		else
			tell_note(w, i);
	}
}

void watch_last_look(struct watch *w, const struct moment *now)
{
	for (unsigned i = 0; i < SIGHT_SOURCE_N; i++)
		if (has(w, i) && w->sources[i]->due != UINT64_MAX)
			w->sources[i]->due = 0;
	watch_drain(w, now);
}

void watch_close_sources(struct watch *w)
{
	for (unsigned i = 0; i < SIGHT_SOURCE_N; i++)
		if (has(w, i))
			close_source(w, i);
}

uint64_t watch_sources_due(const struct watch *w)
{
	uint64_t due = UINT64_MAX;

	for (unsigned i = 0; i < SIGHT_SOURCE_N; i++)
		if (has(w, i) && w->sources[i]->due < due)
			due = w->sources[i]->due;
		else if (w->retry_usec[i] && w->retry_usec[i] < due)
			due = w->retry_usec[i];
	return due;
}

/* Not there, and not permitted, is what a machine is like; anything else is an accident. */
static bool is_accident(int r)
{
	static const int usual[] = { ENOENT, ENODEV, ENOTDIR, EOPNOTSUPP, EPERM, EACCES, EROFS };

	for (size_t i = 0; i < ARRAY_SIZE(usual); i++)
		if (r == -usual[i])
			return false;
	return r < 0;
}

void watch_tell_sources(struct watch *w)
{
	char line[256];
	size_t n = 0;

	for (unsigned i = 0; i < SIGHT_SOURCE_N; i++)
		if (has(w, i))
			n += (size_t)snprintf(line + n, sizeof(line) - n, "%s%s", n ? ", " : "",
					      source_name((enum sight_source)i));
	for (unsigned i = 0; i < SIGHT_SOURCE_N; i++)
		if (has(w, i))
			tell_note(w, i);
		else if (is_accident(w->failed[i]))
			cli_note(w->env, "watch", "%s: not listened to: %s",
				 source_name((enum sight_source)i), strerror(-w->failed[i]));
	if (!has(w, SIGHT_KMSG) && !has(w, SIGHT_TRACEFS))
		cli_note(w->env, "watch",
			 "no source here names the victims: a kill is told by its cgroup, or by "
			 "its number alone (CAP_SYSLOG for the kernel's log would help)");
	/* The last word before the first event. */
	cli_note(w->env, "watch", "watching: %s", line);
}
