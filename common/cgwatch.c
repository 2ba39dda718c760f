/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which memory cgroups are there now? kernfs tells inotify of directories that are made and removed
 * through the file system (fsnotify_mkdir() of vfs_mkdir()), and of files that the kernel itself
 * has news in (kernfs_notify()).
 */
#include "cgwatch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#include "base.h"

/* Room for those that come later: as many again as there are, and some. */
#define SPARE    64
#define DIR_MASK (IN_CREATE | IN_DELETE | IN_ONLYDIR)

const char *cgwatch_file(const struct cgwatch *w, const struct cgwatch_entry *e, const char *file,
			 char *buf, size_t size)
{
	snprintf(buf, size, "%s%s/%s", w->fs->mount, e->path, file);
	return buf;
}

void cgwatch_name(const struct cgwatch *w, const struct cgwatch_entry *e, char *buf, size_t size)
{
	const char *top = w->fs->mount_root;

	if (!top || strcmp(top, "/") == 0)
		top = "";
	snprintf(buf, size, "%s%s", top, *top || e->path[0] ? e->path : "/");
}

static void drop(struct cgwatch *w, struct cgwatch_entry *e)
{
	if (e->dir_watch >= 0)
		host_notify_remove(w->fd, e->dir_watch);
	if (e->file_watch >= 0)
		host_notify_remove(w->fd, e->file_watch);
	w->calls.gone(w->calls.ctx, e);
	*e = w->entries[--w->n];
}

static struct cgwatch_entry *find_path(struct cgwatch *w, const char *path)
{
	for (size_t i = 0; i < w->n; i++)
		if (strcmp(w->entries[i].path, path) == 0)
			return &w->entries[i];
	return NULL;
}

/* The top of v2 has no such file, and what has gone meanwhile needs no watch. */
static void refuse(struct cgwatch *w, int error)
{
	if (error == -ENOENT || error == -ENODEV)
		return;
	w->n_beyond++;
	w->full |= error == -ENOSPC;
}

const char *cgwatch_note(const struct cgwatch *w)
{
	if (w->full)
		return "fs.inotify.max_user_watches is reached: some cgroups cannot be watched one "
		       "by one";
	return w->n_beyond ? "some cgroups are too many, too deep or not permitted to be watched "
			     "one by one"
			   : NULL;
}

static void add(struct cgwatch *w, const char *path)
{
	char name[CGWATCH_PATH_SIZE + 512];
	struct cgwatch_entry *e;

	if (strlen(path) >= sizeof(e->path) || w->n == w->size) {
		w->n_beyond++;
		return;
	}
	e = &w->entries[w->n];
	*e = (struct cgwatch_entry){ .dir_watch = -1, .file_watch = -1 };
	memcpy(e->path, path, strlen(path) + 1);
	snprintf(name, sizeof(name), "%s%s", w->fs->mount, path);
	e->dir_watch = host_notify_add(w->h, w->fd, name, DIR_MASK);
	if (e->dir_watch == -ENOENT)
		return;
	/* Its own counter can be looked at; what is made below it will not be seen. */
	if (e->dir_watch < 0)
		refuse(w, e->dir_watch);
	if (w->file)
		e->file_watch = host_notify_add(
			w->h, w->fd, cgwatch_file(w, e, w->file, name, sizeof(name)), IN_MODIFY);
	if (w->file && e->file_watch < 0)
		refuse(w, e->file_watch);
	w->n++;
	w->calls.added(w->calls.ctx, e);
}

/* ------------------------------------------------------------------ the walk */

struct walk {
	struct cgwatch *w;
	const char *path;
	bool counting;
	size_t n;
};

static int walk_into(struct walk *k);

static int walk_entry(void *ctx, const char *name, uint64_t ino, bool is_dir)
{
	struct walk *k = ctx;
	char path[CGWATCH_PATH_SIZE];
	struct walk below = { .w = k->w, .path = path, .counting = k->counting };

	(void)ino;
	if (!is_dir)
		return 0;
	if (snprintf(path, sizeof(path), "%s/%s", k->path, name) >= (int)sizeof(path)) {
		k->w->n_beyond++;
		return 0;
	}
	if (!k->counting && !find_path(k->w, path))
		add(k->w, path);
	walk_into(&below);
	k->n += 1 + below.n;
	return 0;
}

static int walk_into(struct walk *k)
{
	char name[CGWATCH_PATH_SIZE + 512];

	snprintf(name, sizeof(name), "%s%s", k->w->fs->mount, k->path);
	return host_list_dir(k->w->h, name, walk_entry, k);
}

static int look_for_all(struct cgwatch *w)
{
	struct walk k = { .w = w, .path = "" };

	if (!find_path(w, ""))
		add(w, "");
	return walk_into(&k);
}

int cgwatch_open(struct cgwatch *w, const struct host *h, const struct cgroupfs *fs,
		 const char *file, const struct cgwatch_calls *calls)
{
	struct walk count = { .w = w, .path = "", .counting = true };
	int r;

	*w = (struct cgwatch){ .fd = -1, .h = h, .fs = fs, .file = file, .calls = *calls };
	w->fd = host_notify_new();
	if (w->fd < 0) {
		r = w->fd;
		w->fd = -1;
		return r;
	}
	r = walk_into(&count);
	if (r < 0)
		return r;
	w->size = 2 * count.n + SPARE;
	if (w->size > CGWATCH_MAX)
		w->size = CGWATCH_MAX;
	w->entries = calloc(w->size, sizeof(*w->entries));
	if (!w->entries)
		return -ENOMEM;
	return look_for_all(w);
}

void cgwatch_close(struct cgwatch *w)
{
	if (w->fd >= 0)
		close(w->fd);
	free(w->entries);
	*w = (struct cgwatch){ .fd = -1 };
}

/* ------------------------------------------------------------------ events */

static void on_dir_event(struct cgwatch *w, const struct cgwatch_entry *parent,
			 const struct inotify_event *ev)
{
	char path[CGWATCH_PATH_SIZE];
	struct walk below = { .w = w, .path = path };
	struct cgwatch_entry *e;

	if (!(ev->mask & IN_ISDIR) || !ev->len)
		return;
	if (snprintf(path, sizeof(path), "%s/%s", parent->path, ev->name) >= (int)sizeof(path))
		return;
	e = find_path(w, path);
	if (ev->mask & IN_DELETE) {
		if (e)
			drop(w, e);
		return;
	}
	if (!e)
		add(w, path);
	/* What was made in it before it was looked at. */
	walk_into(&below);
}

static void on_event(struct cgwatch *w, const struct inotify_event *ev)
{
	if (ev->mask & IN_Q_OVERFLOW) {
		look_for_all(w);
		w->calls.overflow(w->calls.ctx);
		return;
	}
	for (size_t i = 0; i < w->n; i++) {
		struct cgwatch_entry *e = &w->entries[i];

		if (e->file_watch == ev->wd && ev->mask & IN_MODIFY) {
			w->calls.changed(w->calls.ctx, e);
			return;
		}
		if (e->dir_watch == ev->wd) {
			on_dir_event(w, e, ev);
			return;
		}
	}
}

int cgwatch_drain(struct cgwatch *w)
{
	_Alignas(struct inotify_event) char buf[4096];

	for (;;) {
		ssize_t n = host_input_read(w->fd, buf, sizeof(buf));

		if (n == -EAGAIN || n == 0)
			return 0;
		if (n < 0)
			return (int)n;
		for (ssize_t at = 0; at < n;) {
			const struct inotify_event *ev = (const void *)(buf + at);

			on_event(w, ev);
			at += (ssize_t)(sizeof(*ev) + ev->len);
		}
	}
}
