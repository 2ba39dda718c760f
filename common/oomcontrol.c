/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In which cgroup of v1 did memory run out? mm/memcontrol-v1.c mem_cgroup_oom_notify() signals the
 * eventfds of the cgroup whose limit was hit and of all below it, before anybody is killed. One
 * eventfd serves them all; which of them it was, the counters tell a moment later: oom_kill of
 * memory.oom_control (4.13) is of each cgroup alone.
 */
#include "oomcontrol.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base.h"
#include "cgwatch.h"
#include "memstat.h"

/* From the signal to the counters: the kernel's report is written in between, up to a tenth of a
 * second on a slow console. */
#define SETTLE_USEC 200000u

enum { FILE_SIZE = 256 };

struct oomcontrol {
	struct source source;
	struct source_env env;
	struct cgwatch w;
	struct moment now;
	int event_fd;
	bool opening;
	size_t n_refused;
};

static void tell(struct oomcontrol *c, const struct cgwatch_entry *e, enum sight_kind kind,
		 uint64_t count)
{
	struct sighting s = {
		.kind = kind,
		.sources = 1u << SIGHT_OOM_CONTROL,
		.have = kind == SIGHT_GAP ? 0 : SIGHT_HAVE_COUNT,
		.count = count,
		.mono_usec = c->now.mono_usec,
		.wall_usec = c->now.wall_usec,
		.wall_certain = true,
		.constraint = CONSTRAINT_MEMCG,
	};

	if (e)
		cgwatch_name(&c->w, e, s.cgroup, sizeof(s.cgroup));
	if (kind == SIGHT_GAP)
		s.reason = "more cgroups changed at once than inotify can hold";
	c->env.fn(c->env.ctx, &s);
}

static void look(struct oomcontrol *c, struct cgwatch_entry *e)
{
	char path[1024], buf[FILE_SIZE];
	struct memstat_oom_control oom;
	ssize_t n = host_read(c->env.h,
			      cgwatch_file(&c->w, e, "memory.oom_control", path, sizeof(path)), buf,
			      sizeof(buf));
	bool under;

	if (n < 0)
		return;
	memstat_parse_oom_control(buf, (size_t)n, &oom);
	under = oom.have_under_oom && oom.under_oom;
	if (!c->opening && oom.have_oom_kill && oom.oom_kill > e->kills)
		tell(c, e, SIGHT_KILLS, oom.oom_kill - e->kills);
	else if (!c->opening && under && !e->under_oom)
		tell(c, e, SIGHT_OOM, 1);
	e->kills = oom.have_oom_kill ? oom.oom_kill : 0;
	e->under_oom = under;
	e->readable = true;
}

/* "EVENTFD OOM_CONTROL" into cgroup.event_control: memcg_write_event_control(). */
static int ask_for_events(struct oomcontrol *c, const struct cgwatch_entry *e)
{
	char path[1024], text[64];
	_cleanup_close_ int control = host_open_to_watch(
		c->env.h, cgwatch_file(&c->w, e, "memory.oom_control", path, sizeof(path)), false);

	if (control < 0)
		return control;
	snprintf(text, sizeof(text), "%d %d", c->event_fd, control);
	return host_write(c->env.h,
			  cgwatch_file(&c->w, e, "cgroup.event_control", path, sizeof(path)), text);
}

static void on_added(void *ctx, struct cgwatch_entry *e)
{
	struct oomcontrol *c = ctx;

	/* The top has no limit of its own. */
	if (e->path[0] && ask_for_events(c, e) < 0) {
		c->n_refused++;
		c->w.n_beyond++;
	}
	look(c, e);
}

static void on_changed(void *ctx, struct cgwatch_entry *e)
{
	(void)ctx;
	(void)e;
}

static void on_gone(void *ctx, struct cgwatch_entry *e)
{
	struct oomcontrol *c = ctx;

	if (e->readable)
		tell(c, e, SIGHT_KILLS, 0);
}

static void on_overflow(void *ctx)
{
	struct oomcontrol *c = ctx;

	tell(c, NULL, SIGHT_GAP, 0);
	c->source.due = c->now.mono_usec;
}

static int oomcontrol_drain(struct source *source, const struct moment *now)
{
	struct oomcontrol *c = (struct oomcontrol *)source;
	uint64_t value;
	int r;

	c->now = *now;
	if (host_input_read(c->event_fd, (char *)&value, sizeof(value)) > 0) {
		/* Somebody is about to be killed; a mark, which is no event by itself. */
		tell(c, NULL, SIGHT_OOM, 0);
		if (source->due == UINT64_MAX)
			source->due = now->mono_usec + SETTLE_USEC;
	}
	r = cgwatch_drain(&c->w);
	source->note = cgwatch_note(&c->w);
	if (r < 0)
		return r;
	if (now->mono_usec < source->due)
		return 0;
	source->due = UINT64_MAX;
	for (size_t i = 0; i < c->w.n; i++)
		look(c, &c->w.entries[i]);
	return 0;
}

static void oomcontrol_close(struct source *source)
{
	struct oomcontrol *c = (struct oomcontrol *)source;

	if (source->fd >= 0)
		close(source->fd);
	if (c->event_fd >= 0)
		close(c->event_fd);
	cgwatch_close(&c->w);
	free(c);
}

static int join(int epoll, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN };

	return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &ev) < 0 ? -errno : 0;
}

static int open_all(struct oomcontrol *c)
{
	int r;

	c->source.fd = epoll_create1(EPOLL_CLOEXEC);
	c->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (c->source.fd < 0 || c->event_fd < 0)
		return -errno;
	r = cgwatch_open(&c->w, c->env.h, c->env.fs, NULL,
			 &(struct cgwatch_calls){ on_added, on_changed, on_gone, on_overflow, c });
	if (r < 0)
		return r;
	/* All of them refused: not permitted, or a kernel without these events. */
	if (c->n_refused && c->n_refused + 1 >= c->w.n)
		return -EACCES;
	r = join(c->source.fd, c->event_fd);
	return r < 0 ? r : join(c->source.fd, c->w.fd);
}

static int oomcontrol_open(const struct source_env *env, struct source **ret)
{
	struct oomcontrol *c;
	int r;

	if (env->fs->version != CGROUP_V1 || !env->fs->mount)
		return -ENOENT;
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->env = *env;
	c->event_fd = -1;
	c->opening = true;
	c->source = (struct source){
		.ops = &oomcontrol_source, .fd = -1, .events = POLLIN, .due = UINT64_MAX
	};
	c->w.fd = -1;
	host_moment(&c->now);
	r = open_all(c);
	if (r < 0) {
		oomcontrol_close(&c->source);
		return r;
	}
	c->opening = false;
	c->source.note = cgwatch_note(&c->w);
	*ret = &c->source;
	return 0;
}

const struct source_ops oomcontrol_source = {
	.id = SIGHT_OOM_CONTROL,
	.name = "oom_control",
	.begin = oomcontrol_open,
	.drain = oomcontrol_drain,
	.end = oomcontrol_close,
};
