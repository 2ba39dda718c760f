/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In which cgroup did a counter of memory.events rise? mm/memcontrol.c memcg_memory_event() counts
 * and notifies; __oom_kill_process() counts a victim in the cgroup of its memory. The local file
 * (5.3) tells of a cgroup without those below it, and before 5.2 the plain one does. Notifications
 * come 10 ms apart at the least, cgroup_file_notify(), the last is never left out.
 */
#include "memevents.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base.h"
#include "cgwatch.h"
#include "memstat.h"

enum { FILE_SIZE = 1024 };

static const char local_file[] = "memory.events.local", plain_file[] = "memory.events";

struct memevents {
	struct source source;
	struct source_env env;
	struct cgwatch w;
	struct moment now;
	bool opening;
};

static void tell(struct memevents *m, const struct cgwatch_entry *e, enum sight_kind kind,
		 uint64_t count, const char *reason)
{
	struct sighting s = {
		.kind = kind,
		.sources = 1u << SIGHT_MEMORY_EVENTS,
		.have = kind == SIGHT_GAP ? 0 : SIGHT_HAVE_COUNT,
		.count = count,
		.mono_usec = m->now.mono_usec,
		.wall_usec = m->now.wall_usec,
		.wall_certain = true,
		.constraint = kind == SIGHT_OOM ? CONSTRAINT_MEMCG : CONSTRAINT_UNKNOWN,
		.reason = reason,
	};

	if (e)
		cgwatch_name(&m->w, e, s.cgroup, sizeof(s.cgroup));
	m->env.fn(m->env.ctx, &s);
}

static void look(struct memevents *m, struct cgwatch_entry *e)
{
	char path[1024], buf[FILE_SIZE];
	struct memstat_events ev;
	uint64_t kills, ooms;
	ssize_t n = host_read(m->env.h, cgwatch_file(&m->w, e, m->w.file, path, sizeof(path)), buf,
			      sizeof(buf));

	if (n < 0) {
		if (!m->opening && e->readable)
			tell(m, e, SIGHT_GAP, 0,
			     "a cgroup vanished before its counter could be read");
		e->readable = false;
		return;
	}
	memstat_parse_events(buf, (size_t)n, &ev);
	kills = ev.have & 1u << MEMSTAT_OOM_KILL ? ev.value[MEMSTAT_OOM_KILL] : 0;
	ooms = ev.have & 1u << MEMSTAT_OOM ? ev.value[MEMSTAT_OOM] : 0;
	/* A cgroup that is new may have killed already. */
	if (!m->opening) {
		if (kills > e->kills)
			tell(m, e, SIGHT_KILLS, kills - e->kills, NULL);
		if (ooms > e->ooms)
			tell(m, e, SIGHT_OOM, ooms - e->ooms, NULL);
	}
	e->kills = kills;
	e->ooms = ooms;
	e->readable = true;
}

static void on_added(void *ctx, struct cgwatch_entry *e)
{
	look(ctx, e);
}

static void on_changed(void *ctx, struct cgwatch_entry *e)
{
	look(ctx, e);
}

/* What it counted last may have come too late to be read: the kernel's sum is looked at. */
static void on_gone(void *ctx, struct cgwatch_entry *e)
{
	struct memevents *m = ctx;

	if (e->readable)
		tell(m, e, SIGHT_KILLS, 0, NULL);
}

static void on_overflow(void *ctx)
{
	struct memevents *m = ctx;

	tell(m, NULL, SIGHT_GAP, 0, "more cgroups changed at once than inotify can hold");
	for (size_t i = 0; i < m->w.n; i++)
		look(m, &m->w.entries[i]);
}

static int memevents_drain(struct source *source, const struct moment *now)
{
	struct memevents *m = (struct memevents *)source;

	int r;

	m->now = *now;
	r = cgwatch_drain(&m->w);
	source->note = cgwatch_note(&m->w);
	return r;
}

static void memevents_close(struct source *source)
{
	struct memevents *m = (struct memevents *)source;

	cgwatch_close(&m->w);
	free(m);
}

/* true where some cgroup right below the top, or the top itself, has the file. */
struct probe {
	const struct source_env *env;
	const char *file;
};

static int probe_dir(void *ctx, const char *name, uint64_t ino, bool is_dir)
{
	const struct probe *p = ctx;
	char path[1024];
	uint64_t id;

	(void)ino;
	if (!is_dir)
		return 0;
	snprintf(path, sizeof(path), "%s/%s/%s", p->env->fs->mount, name, p->file);
	return host_inode(p->env->h, path, &id) == 0;
}

static bool has_file(const struct source_env *env, const char *file)
{
	struct probe p = { .env = env, .file = file };
	char path[1024];
	uint64_t id;

	snprintf(path, sizeof(path), "%s/%s", env->fs->mount, file);
	return host_inode(env->h, path, &id) == 0 ||
	       host_list_dir(env->h, env->fs->mount, probe_dir, &p) == 1;
}

static int memevents_open(const struct source_env *env, struct source **ret)
{
	struct memevents *m;
	int r;

	if (env->fs->version != CGROUP_V2 || !env->fs->mount)
		return -ENOENT;
	if (!has_file(env, plain_file))
		return -ENOENT;
	m = calloc(1, sizeof(*m));
	if (!m)
		return -ENOMEM;
	m->env = *env;
	m->opening = true;
	host_moment(&m->now);
	r = cgwatch_open(&m->w, env->h, env->fs,
			 has_file(env, local_file) ? local_file : plain_file,
			 &(struct cgwatch_calls){ on_added, on_changed, on_gone, on_overflow, m });
	if (r < 0) {
		memevents_close(&m->source);
		return r;
	}
	m->opening = false;
	m->source = (struct source){ .ops = &memevents_source,
				     .fd = m->w.fd,
				     .events = POLLIN,
				     .due = UINT64_MAX,
				     .note = cgwatch_note(&m->w) };
	*ret = &m->source;
	return 0;
}

const struct source_ops memevents_source = {
	.id = SIGHT_MEMORY_EVENTS,
	.name = "memory.events",
	.begin = memevents_open,
	.drain = memevents_drain,
	.end = memevents_close,
};
