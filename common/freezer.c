/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How are the processes of a cgroup held still, and let go whatever happens? Mirrors
 * kernel/cgroup/freezer.c (cgroup.freeze, cgroup.events) and kernel/cgroup/legacy_freezer.c
 * (freezer.state).
 */
#include "freezer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base.h"
#include "str.h"

#define MOUNTS_MAX (16u << 20)
#define CGROUP_MAX 4096
#define PATH_SIZE  4200
/* More than a shell or a test leaves open. */
#define STREAMS_MAX 1024

/* ------------------------------------------------------------------ parsing */

static bool has_word(struct str list, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= list.n; i++)
		if (memcmp(list.s + i, word, n) == 0 && (i == 0 || list.s[i - 1] == ',') &&
		    (i + n == list.n || list.s[i + n] == ','))
			return true;
	return false;
}

bool freezer_parse_cgroup(const char *buf, size_t n, bool v2, struct str *ret)
{
	const char *p = buf, *end = buf + n;
	struct str line;

	while (str_next_line(&p, end, &line)) {
		const char *a = memchr(line.s, ':', line.n), *b, *stop = line.s + line.n;
		struct str controllers;

		b = a ? memchr(a + 1, ':', (size_t)(stop - a - 1)) : NULL;
		if (!b)
			continue;
		controllers = (struct str){ a + 1, (size_t)(b - a - 1) };
		if (v2 ? controllers.n == 0 : has_word(controllers, "freezer")) {
			*ret = (struct str){ b + 1, (size_t)(stop - b - 1) };
			return ret->n != 0;
		}
	}
	return false;
}

/* The field of a line, counted from 0. */
static bool field_of(struct str line, unsigned number, struct str *ret)
{
	const char *p = line.s, *end = line.s + line.n;

	for (;; number--) {
		const char *blank = memchr(p, ' ', (size_t)(end - p)), *stop = blank ? blank : end;

		if (number == 0) {
			*ret = (struct str){ p, (size_t)(stop - p) };
			return ret->n != 0;
		}
		if (!blank)
			return false;
		p = blank + 1;
	}
}

bool freezer_parse_mountinfo(const char *buf, size_t n, bool v2, struct str *root,
			     struct str *point)
{
	const char *p = buf, *end = buf + n;
	struct str line;

	while (str_next_line(&p, end, &line)) {
		const char *dash = memmem(line.s, line.n, " - ", 3);
		struct str head, rest, type, options;

		if (!dash)
			continue;
		head = (struct str){ line.s, (size_t)(dash - line.s) };
		rest = (struct str){ dash + 3, (size_t)(line.s + line.n - dash - 3) };
		if (!field_of(rest, 0, &type) || !field_of(rest, 2, &options) ||
		    !str_eq(type, v2 ? "cgroup2" : "cgroup") ||
		    (!v2 && !has_word(options, "freezer")))
			continue;
		if (field_of(head, 3, root) && field_of(head, 4, point) && point->s[0] == '/')
			return true;
	}
	return false;
}

/* ------------------------------------------------------------------ finding */

/* The mount as cgroupfs.h has one. A place with escaped characters is passed over: none of init's
 * hierarchies has one. */
static int find_mount(const struct host *h, bool v2, struct arena *arena, struct cgroupfs *ret)
{
	_cleanup_free_ char *buf = NULL;
	struct str root, point;
	ssize_t n = host_read_all(h, "proc/self/mountinfo", MOUNTS_MAX, &buf);

	if (n < 0)
		return (int)n;
	if (!freezer_parse_mountinfo(buf, (size_t)n, v2, &root, &point) ||
	    memchr(point.s, '\\', point.n))
		return -ENOENT;
	ret->mount = arena_strndup(arena, point.s, point.n);
	ret->mount_root = arena_strndup(arena, root.s, root.n);
	ret->version = v2 ? CGROUP_V2 : CGROUP_V1;
	return ret->mount && ret->mount_root ? 0 : -ENOMEM;
}

static bool is_below(const char *path, struct str cgroup)
{
	char own[CGROUP_MAX];

	if (cgroup.n >= sizeof(own))
		return false;
	memcpy(own, cgroup.s, cgroup.n);
	own[cgroup.n] = '\0';
	return cgroupfs_below(path, own) != NULL;
}

/* 1 where that process is in the cgroup or below it, 0 where not, or -errno. */
static int is_inside(const struct host *h, pid_t pid, bool v2, const char *path)
{
	char buf[CGROUP_MAX];
	ssize_t n = host_read_proc(h, pid, "cgroup", buf, sizeof(buf));
	struct str found;

	if (n < 0)
		return (int)n;
	return freezer_parse_cgroup(buf, (size_t)n, v2, &found) && is_below(path, found);
}

/* Whether a member of the memory cgroup is another's in this hierarchy. One that ends shows the
 * root of each of v1's (kernel/cgroup/cgroup.c proc_cgroup_show()), and holds nobody up. */
static bool is_elsewhere(const struct host *h, pid_t pid, bool v2, const char *path)
{
	char buf[CGROUP_MAX];
	ssize_t n = host_read_proc(h, pid, "cgroup", buf, sizeof(buf));
	struct str memory = { 0 }, found;

	return n > 0 &&
	       !(freezer_parse_cgroup(buf, (size_t)n, v2, &found) && is_below(path, found)) &&
	       cgroupfs_parse_proc_cgroup(buf, (size_t)n, CGROUP_V1, &memory.s, &memory.n) == 0 &&
	       is_below(path, memory);
}

static int try_place(const struct host *h, const struct cgroupfs *fs, const char *path,
		     const pid_t *pids, size_t n_pids, pid_t self, struct arena *arena,
		     struct freezer_place *ret)
{
	bool v2 = fs->version == CGROUP_V2;
	char file[PATH_SIZE];
	uint64_t id;
	int r;

	*ret = (struct freezer_place){ .v2 = v2, .path = path };
	r = cgroupfs_dir(fs, path, arena, &ret->dir);
	if (r < 0)
		return r;
	if ((size_t)snprintf(file, sizeof(file), "%s/%s", ret->dir,
			     v2 ? "cgroup.freeze" : "freezer.state") >= sizeof(file))
		return -ENAMETOOLONG;
	if (host_inode(h, file, &id) < 0)
		return strcmp(path, "/") == 0 ? -EBUSY : -ENOENT;
	for (size_t i = 0; i < n_pids; i++)
		if (is_elsewhere(h, pids[i], v2, path))
			return -ENOENT;
	return self > 0 && is_inside(h, self, v2, path) == 1 ? -EDEADLK : 0;
}

int freezer_find(const struct host *h, const struct cgroupfs *memory, const char *path,
		 const pid_t *pids, size_t n_pids, pid_t self, struct arena *arena,
		 struct freezer_place *ret)
{
	int last = -ENOENT;

	if (memory->version == CGROUP_V2)
		return try_place(h, memory, path, pids, n_pids, self, arena, ret);
	/* Hierarchies of their own: the same name, as init makes it in all of them. */
	for (int v2 = 0; v2 <= 1; v2++) {
		struct cgroupfs fs = { 0 };
		int r = find_mount(h, v2, arena, &fs);

		if (r == 0)
			r = try_place(h, &fs, path, pids, n_pids, self, arena, ret);
		if (r != -ENOENT)
			last = r;
		if (r == 0 || r == -EDEADLK || r == -ENOMEM)
			return r;
	}
	return last;
}

/* ------------------------------------------------------------------ freezing */

static int put_state(int fd, bool v2, bool frozen)
{
	return host_put(fd, v2 ? (frozen ? "1\n" : "0\n") : (frozen ? "FROZEN\n" : "THAWED\n"));
}

/* 1 where all are still, 0 where not yet, or -errno. */
static int is_frozen(const struct host *h, const struct freezer_place *place)
{
	char file[PATH_SIZE], buf[256];
	const char *p = buf;
	struct str line;
	ssize_t n;

	snprintf(file, sizeof(file), "%s/%s", place->dir,
		 place->v2 ? "cgroup.events" : "freezer.state");
	n = host_read(h, file, buf, sizeof(buf));
	if (n < 0)
		return (int)n;
	while (str_next_line(&p, buf + n, &line))
		if (str_eq(line, place->v2 ? "frozen 1" : "FROZEN"))
			return 1;
	return 0;
}

/* Waits for a word or the end of the pipe; the end means that nobody is left to thaw. */
__attribute__((noreturn)) static void guard(int from_run, int fd, bool v2)
{
	struct pollfd run = { .fd = from_run, .events = POLLIN };

	/* Whoever waits for the end of the run's own streams must not wait for us. */
	for (int other = 0; other < STREAMS_MAX; other++)
		if (other != from_run && other != fd)
			close(other);
	while (poll(&run, 1, -1) < 0 && errno == EINTR)
		;
	if (!(run.revents & POLLIN))
		put_state(fd, v2, false);
	_exit(0);
}

static void hold_signals(struct freezer *f)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS };
	sigset_t all;

	sigfillset(&all);
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
		sigdelset(&all, faults[i]);
	f->masked = sigprocmask(SIG_SETMASK, &all, &f->mask) == 0;
}

static int start_guard(struct freezer *f)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	f->guard = fork();
	if (f->guard < 0) {
		int r = -errno;

		close(ends[0]);
		close(ends[1]);
		return r;
	}
	if (f->guard == 0)
		guard(ends[0], f->fd, f->v2);
	close(ends[0]);
	f->to_guard = ends[1];
	return 0;
}

static int64_t now_msec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int wait_frozen(struct freezer *f, const struct host *h, const struct freezer_place *place,
		       unsigned timeout_msec)
{
	const struct timespec moment = { .tv_nsec = 2000000 };
	int64_t end = now_msec() + timeout_msec;

	for (;;) {
		int r = is_frozen(h, place);

		if (r != 0)
			return r < 0 ? r : 0;
		if (now_msec() >= end)
			return -ETIMEDOUT;
		nanosleep(&moment, NULL);
		/* v1 looks again at those that were busy when it is told again. */
		if (!f->v2)
			put_state(f->fd, false, true);
	}
}

int freezer_freeze(struct freezer *f, const struct host *h, const struct freezer_place *place,
		   unsigned timeout_msec)
{
	char file[PATH_SIZE];
	int r;

	*f = (struct freezer){ .fd = -1, .to_guard = -1, .v2 = place->v2 };
	snprintf(file, sizeof(file), "%s/%s", place->dir,
		 place->v2 ? "cgroup.freeze" : "freezer.state");
	f->before = is_frozen(h, place) == 1;
	f->fd = host_open_to_write(h, file);
	if (f->fd < 0)
		return f->fd;
	if (f->before)
		return 0;
	hold_signals(f);
	r = start_guard(f);
	if (r == 0)
		r = put_state(f->fd, f->v2, true);
	if (r == 0)
		r = wait_frozen(f, h, place, timeout_msec);
	if (r < 0)
		freezer_thaw(f);
	return r;
}

int freezer_thaw(struct freezer *f)
{
	int r = 0;

	if (f->fd < 0)
		return 0;
	if (f->guard > 0) {
		r = put_state(f->fd, f->v2, false);
		/* Where this did not work, the guard tries once more. */
		if (r == 0 && write(f->to_guard, "", 1) < 0)
			r = 0;
		close(f->to_guard);
		while (waitpid(f->guard, NULL, 0) < 0 && errno == EINTR)
			;
	}
	close(f->fd);
	f->fd = -1;
	f->guard = 0;
	if (f->masked)
		sigprocmask(SIG_SETMASK, &f->mask, NULL);
	f->masked = false;
	return r;
}
