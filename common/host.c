/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does the machine below this root say? The only file that opens, reads or asks the kernel.
 * The live machine's own files are opened directly; below another root every component is walked by
 * hand, so that no symlink leads out.
 */
#include "host.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/kcmp.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "base.h"
#include "str.h"

/* O_NONBLOCK: a FIFO below a foreign root must not hang us. */
#define READ_FLAGS (O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
/* include/asm-generic/param.h: /proc speaks in it, whatever CONFIG_HZ is. */
#define USER_HZ   100
#define LINKS_MAX 40 /* the kernel's own MAXSYMLINKS */
/* include/linux/proc_ns.h: PROC_PID_INIT_INO */
#define PID_NS_INIT_INODE 0xEFFFFFFCu
#define LIST_BUFFER       32768
/* Far above any file that an init reads. */
#define EDIT_MAX (1 << 20)
/* Files that are closed with one call; measured: 16 save a sixth of an open, read and close, more
 * saves no more. */
#define BATCH_MAX 16

/* Descriptors of ours that wait to be closed, and the directory of the process that is being
 * read. */
struct host_batch {
	int fds[BATCH_MAX];
	unsigned n;
	pid_t entered; /* 0: none */
	int dir;
};

static void close_run(int first, int last)
{
	if (last > first && syscall(SYS_close_range, first, last, 0) == 0)
		return;
	/* Before 5.9 there is no such call. */
	for (int fd = first; fd <= last; fd++)
		close(fd);
}

/* Closes run by run of neighbours: a descriptor that was inherited may stand between them. */
static void batch_close(struct host_batch *b)
{
	for (unsigned i = 1; i < b->n; i++) {
		int fd = b->fds[i];
		unsigned at = i;

		for (; at > 0 && b->fds[at - 1] > fd; at--)
			b->fds[at] = b->fds[at - 1];
		b->fds[at] = fd;
	}
	for (unsigned i = 0, from = 0; i < b->n; i++)
		if (i + 1 == b->n || b->fds[i + 1] != b->fds[i] + 1) {
			close_run(b->fds[from], b->fds[i]);
			from = i + 1;
		}
	b->n = 0;
}

static void batch_add(struct host_batch *b, int fd)
{
	b->fds[b->n++] = fd;
	if (b->n == BATCH_MAX)
		batch_close(b);
}

static int open_retry(int dir, const char *path, int flags)
{
	int fd;

	do
		fd = openat(dir, path, flags);
	while (fd < 0 && errno == EINTR);
	return fd < 0 ? -errno : fd;
}

/* The walk below a root that is not ours. */
struct walk {
	int root;
	int fds[PATH_MAX / 2]; /* the directories from the root down: ".." goes back one */
	size_t depth;
	unsigned links;
	char rest[PATH_MAX]; /* what is still to be walked */
};

static void walk_up_to(struct walk *w, size_t depth)
{
	while (w->depth > depth)
		close(w->fds[--w->depth]);
}

static int walk_here(const struct walk *w)
{
	return w->depth ? w->fds[w->depth - 1] : w->root;
}

/* Puts the target of the link name before what is left of the path. */
static int walk_link(struct walk *w, const char *name, const char *rest)
{
	char target[PATH_MAX], joined[PATH_MAX];
	ssize_t n = readlinkat(walk_here(w), name, target, sizeof(target) - 1);

	if (n < 0)
		return -errno;
	if (++w->links > LINKS_MAX)
		return -ELOOP;
	target[n] = '\0';
	if (snprintf(joined, sizeof(joined), "%s/%s", target, rest) >= (int)sizeof(joined))
		return -ENAMETOOLONG;
	if (target[0] == '/')
		walk_up_to(w, 0);
	memcpy(w->rest, joined, sizeof(joined));
	return 0;
}

/* Goes through w->rest; returns an fd of its last component, opened with flags. */
static int walk_open(struct walk *w, int flags)
{
	for (;;) {
		char name[NAME_MAX + 1];
		const char *p = w->rest + strspn(w->rest, "/");
		size_t n = strcspn(p, "/");
		const char *rest = p + n + strspn(p + n, "/");
		bool last = *rest == '\0';
		struct stat st;
		int fd;

		if (n == 0)
			return open_retry(walk_here(w), ".", flags);
		if (n > NAME_MAX)
			return -ENAMETOOLONG;
		memcpy(name, p, n);
		name[n] = '\0';
		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
			if (n == 2 && w->depth)
				walk_up_to(w, w->depth - 1);
			memmove(w->rest, rest, strlen(rest) + 1);
			continue;
		}
		if (fstatat(walk_here(w), name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return -errno;
		if (S_ISLNK(st.st_mode)) {
			int r = walk_link(w, name, rest);

			if (r < 0)
				return r;
			continue;
		}
		if (last)
			return open_retry(walk_here(w), name, flags | O_NOFOLLOW);
		if (w->depth == ARRAY_SIZE(w->fds))
			return -ENAMETOOLONG;
		fd = open_retry(walk_here(w), name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			return fd;
		w->fds[w->depth++] = fd;
		memmove(w->rest, rest, strlen(rest) + 1);
	}
}

static int open_inside(int root, const char *path, int flags)
{
	_cleanup_free_ struct walk *w = malloc(sizeof(*w));
	int fd;

	if (!w)
		return -ENOMEM;
	w->root = root;
	w->depth = 0;
	w->links = 0;
	if (strlen(path) >= sizeof(w->rest))
		return -ENAMETOOLONG;
	memcpy(w->rest, path, strlen(path) + 1);
	fd = walk_open(w, flags);
	walk_up_to(w, 0);
	return fd;
}

/* Relative to the root, whichever it is. */
static int open_path(const struct host *h, const char *path, int flags)
{
	while (*path == '/')
		path++;
	if (*path == '\0')
		path = ".";
	return h->live ? open_retry(h->root_fd, path, flags) : open_inside(h->root_fd, path, flags);
}

int host_open(struct host *h, const char *root)
{
	struct stat own, given;

	*h = (struct host){ .root_fd = -1, .proc_fd = -1, .root = root && *root ? root : "/" };
	h->root_fd = open_retry(AT_FDCWD, h->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (h->root_fd < 0)
		return h->root_fd;
	h->live = stat("/", &own) == 0 && fstat(h->root_fd, &given) == 0 &&
		  own.st_dev == given.st_dev && own.st_ino == given.st_ino;
	if (h->live)
		h->batch = calloc(1, sizeof(*h->batch));
	h->proc_fd = open_path(h, "proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (h->proc_fd < 0) {
		int r = h->proc_fd;

		h->proc_fd = -1;
		if (r != -ENOENT && r != -ENOTDIR) {
			host_close(h);
			return r;
		}
	}
	return 0;
}

void host_close(struct host *h)
{
	host_leave_proc(h);
	if (h->batch)
		batch_close(h->batch);
	free(h->batch);
	h->batch = NULL;
	if (h->proc_fd >= 0)
		close(h->proc_fd);
	if (h->root_fd >= 0)
		close(h->root_fd);
	h->proc_fd = h->root_fd = -1;
}

/* Reads until the buffer is full or the file ends; one byte stays for the NUL. */
static ssize_t read_fd(int fd, char *buf, size_t size)
{
	size_t n = 0;

	while (n < size - 1) {
		ssize_t r = read(fd, buf + n, size - 1 - n);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		if (r == 0)
			break;
		n += (size_t)r;
	}
	buf[n] = '\0';
	return (ssize_t)n;
}

/* A foreign root may hold anything under any name: only regular files are read. */
static int check_regular(const struct host *h, int fd)
{
	struct stat st;

	if (h->live)
		return 0;
	if (fstat(fd, &st) < 0)
		return -errno;
	return S_ISREG(st.st_mode) ? 0 : -EINVAL;
}

ssize_t host_read(const struct host *h, const char *path, char *buf, size_t size)
{
	_cleanup_close_ int fd = open_path(h, path, READ_FLAGS);
	int r;

	if (fd < 0)
		return fd;
	r = check_regular(h, fd);
	return r < 0 ? r : read_fd(fd, buf, size);
}

/* "PID/file", without the cost of printf(): it is made for each of four files of each process. */
static int proc_path(pid_t pid, const char *file, char *buf, size_t size, const char **ret)
{
	char *p = buf + 11; /* ten digits and the slash */
	unsigned v = (unsigned)pid;
	size_t n = strlen(file);

	if (n >= size - 12)
		return -ENAMETOOLONG;
	memcpy(p, file, n + 1);
	*--p = '/';
	do
		*--p = (char)('0' + v % 10);
	while (v /= 10);
	*ret = p;
	return 0;
}

/* One read is enough where it does not fill the buffer: a /proc file of this size is made in one
 * piece, and the second read would cost a tenth of the whole. */
static ssize_t read_once(int fd, char *buf, size_t size)
{
	ssize_t r;

	do
		r = read(fd, buf, size - 1);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return -errno;
	buf[r] = '\0';
	return r;
}

/* Opens where descriptors that wait to be closed may be all that the limit allows. */
static int open_batched(const struct host *h, int dir, const char *path, int flags)
{
	int fd = open_retry(dir, path, flags);

	if (fd == -EMFILE && h->batch && h->batch->n) {
		batch_close(h->batch);
		fd = open_retry(dir, path, flags);
	}
	return fd;
}

int host_enter_proc(const struct host *h, pid_t pid)
{
	int fd;

	if (!h->live || !h->batch || h->proc_fd < 0)
		return 0;
	host_leave_proc(h);
	fd = host_hold_proc(h, pid);
	if (fd < 0)
		return fd;
	h->batch->entered = pid;
	h->batch->dir = fd;
	return 0;
}

void host_leave_proc(const struct host *h)
{
	if (!h->batch || !h->batch->entered)
		return;
	h->batch->entered = 0;
	batch_add(h->batch, h->batch->dir);
}

static int open_proc(const struct host *h, pid_t pid, const char *file, int flags)
{
	char storage[64];
	const char *path;
	int r;

	if (h->proc_fd < 0)
		return -ENOENT;
	if (h->batch && h->batch->entered == pid)
		return open_batched(h, h->batch->dir, file, flags);
	r = proc_path(pid, file, storage, sizeof(storage), &path);
	if (r < 0)
		return r;
	return h->live ? open_batched(h, h->proc_fd, path, flags)
		       : open_inside(h->proc_fd, path, flags);
}

ssize_t host_read_proc(const struct host *h, pid_t pid, const char *file, char *buf, size_t size)
{
	int fd = open_proc(h, pid, file, READ_FLAGS);
	ssize_t r;

	if (fd < 0)
		return fd;
	r = check_regular(h, fd);
	if (r == 0)
		r = h->live ? read_once(fd, buf, size) : read_fd(fd, buf, size);
	if (h->batch)
		batch_add(h->batch, fd);
	else
		close(fd);
	return r;
}

ssize_t host_read_all(const struct host *h, const char *path, size_t max, char **ret)
{
	_cleanup_close_ int fd = open_path(h, path, READ_FLAGS);
	_cleanup_free_ char *buf = NULL;
	size_t size = 4096, n = 0;
	int r;

	if (fd < 0)
		return fd;
	r = check_regular(h, fd);
	if (r < 0)
		return r;
	for (;;) {
		char *bigger = realloc(buf, size);
		ssize_t got;

		if (!bigger)
			return -ENOMEM;
		buf = bigger;
		got = read_fd(fd, buf + n, size - n);
		if (got < 0)
			return got;
		n += (size_t)got;
		if (n < size - 1)
			break;
		if (n > max)
			return -EFBIG;
		size *= 2;
	}
	if (n > max)
		return -EFBIG;
	*ret = buf;
	buf = NULL;
	return (ssize_t)n;
}

/* struct linux_dirent64 of getdents(2), which no header of glibc's gives by that name before 2.30.
 */
struct entry64 {
	uint64_t d_ino;
	int64_t d_off;
	unsigned short d_reclen;
	unsigned char d_type;
	char d_name[];
};

/* Calls fn for each entry of the directory fd. */
static int each_entry(int fd, int (*fn)(void *ctx, const struct entry64 *e), void *ctx)
{
	_cleanup_free_ char *buf = malloc(LIST_BUFFER);

	if (!buf)
		return -ENOMEM;
	for (;;) {
		long n = syscall(SYS_getdents64, fd, buf, LIST_BUFFER);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
		for (long at = 0; at < n;) {
			const struct entry64 *e = (const void *)(buf + at);
			int r = fn(ctx, e);

			if (r != 0)
				return r;
			at += e->d_reclen;
		}
	}
}

struct pid_list {
	pid_t *v;
	size_t n, size;
	bool sorted;
};

static int add_pid(void *ctx, const struct entry64 *e)
{
	struct pid_list *l = ctx;
	int64_t pid;

	if (e->d_name[0] < '0' || e->d_name[0] > '9' ||
	    str_to_i64(e->d_name, strlen(e->d_name), 1, INT32_MAX, &pid) < 0)
		return 0;
	if (l->n == l->size) {
		size_t size = l->size ? l->size * 2 : 512;
		pid_t *v = realloc(l->v, size * sizeof(*v));

		if (!v)
			return -ENOMEM;
		l->v = v;
		l->size = size;
	}
	if (l->n && l->v[l->n - 1] > (pid_t)pid)
		l->sorted = false;
	l->v[l->n++] = (pid_t)pid;
	return 0;
}

static int compare_pids(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

/* The numeric names in a directory, ascending. */
static ssize_t list_numbers(int fd, pid_t **ret)
{
	struct pid_list l = { .sorted = true };
	int r = each_entry(fd, add_pid, &l);

	if (r < 0) {
		free(l.v);
		return r;
	}
	if (!l.sorted)
		qsort(l.v, l.n, sizeof(*l.v), compare_pids);
	*ret = l.v;
	return (ssize_t)l.n;
}

ssize_t host_list_pids(const struct host *h, pid_t **ret)
{
	_cleanup_close_ int fd = -1;

	if (h->proc_fd < 0)
		return -ENOENT;
	fd = open_retry(h->proc_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? fd : list_numbers(fd, ret);
}

ssize_t host_list_tasks(const struct host *h, pid_t pid, pid_t *tids, size_t max)
{
	_cleanup_close_ int fd = -1;
	_cleanup_free_ pid_t *all = NULL;
	ssize_t n;

	fd = open_proc(h, pid, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return fd;
	n = list_numbers(fd, &all);
	if (n > 0)
		memcpy(tids, all, (max < (size_t)n ? max : (size_t)n) * sizeof(*tids));
	return n;
}

struct dir_call {
	int fd;
	int (*fn)(void *ctx, const char *name, uint64_t ino, bool is_dir);
	void *ctx;
};

static int call_entry(void *ctx, const struct entry64 *e)
{
	struct dir_call *c = ctx;
	bool is_dir = e->d_type == DT_DIR;
	struct stat st;

	if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
		return 0;
	if (e->d_type == DT_UNKNOWN)
		is_dir = fstatat(c->fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			 S_ISDIR(st.st_mode);
	return c->fn(c->ctx, e->d_name, e->d_ino, is_dir);
}

int host_list_dir(const struct host *h, const char *path,
		  int (*fn)(void *ctx, const char *name, uint64_t ino, bool is_dir), void *ctx)
{
	_cleanup_close_ int fd = open_path(h, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dir_call c = { .fd = fd, .fn = fn, .ctx = ctx };

	return fd < 0 ? fd : each_entry(fd, call_entry, &c);
}

int host_list_held(int held, int (*fn)(void *ctx, const char *name, uint64_t ino, bool is_dir),
		   void *ctx)
{
	struct dir_call c = { .fd = held, .fn = fn, .ctx = ctx };

	return each_entry(held, call_entry, &c);
}

int host_hold_dir(const struct host *h, const char *path, uint64_t *ino, bool *leaf)
{
	int fd = open_path(h, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (fd == -EMFILE && h->batch && h->batch->n) {
		batch_close(h->batch);
		fd = open_path(h, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0) {
		int r = -errno;

		close(fd);
		return r;
	}
	*ino = st.st_ino;
	/* A directory has a link from its parent, one of its own and one from each directory in it;
	 * not every file system keeps to that, but kernfs does: kernfs_refresh_inode(). */
	*leaf = h->live && st.st_nlink == 2;
	return fd;
}

int host_inode(const struct host *h, const char *path, uint64_t *ret)
{
	_cleanup_close_ int fd = open_path(h, path, O_PATH | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	*ret = st.st_ino;
	return 0;
}

/* The directory of path, and the name in it. The caller closes it. */
static int open_parent(const struct host *h, const char *path, char *name, size_t size)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	size_t n = slash ? (size_t)(slash - path) : 0;

	if (n >= sizeof(dir) || strlen(base) >= size)
		return -ENAMETOOLONG;
	if (*base == '\0' || strcmp(base, ".") == 0 || strcmp(base, "..") == 0)
		return -EINVAL;
	memcpy(dir, path, n);
	dir[n] = '\0';
	memcpy(name, base, strlen(base) + 1);
	return open_path(h, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int host_read_link(const struct host *h, const char *path, char *buf, size_t size)
{
	char name[NAME_MAX + 1];
	_cleanup_close_ int dir = open_parent(h, path, name, sizeof(name));
	ssize_t n;

	if (dir < 0)
		return dir;
	n = readlinkat(dir, name, buf, size);
	if (n < 0)
		return -errno;
	if ((size_t)n >= size)
		return -ENAMETOOLONG;
	buf[n] = '\0';
	return 0;
}

int host_file_age(const struct host *h, const char *path, uint64_t *ret)
{
	_cleanup_close_ int fd = h->live ? open_path(h, path, O_PATH | O_CLOEXEC) : -ENOTSUP;
	struct timespec now;
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0 || clock_gettime(CLOCK_REALTIME, &now) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_uid != 0 || st.st_mode & (S_IWGRP | S_IWOTH))
		return -EPERM;
	*ret = now.tv_sec > st.st_mtim.tv_sec ? (uint64_t)(now.tv_sec - st.st_mtim.tv_sec) : 0;
	return 0;
}

int host_page_size(const struct host *h, uint32_t *ret)
{
	if (!h->live)
		return -ENOTSUP;
	*ret = (uint32_t)getpagesize();
	return 0;
}

int host_total_ram_bytes(const struct host *h, uint64_t *ram, uint64_t *swap)
{
	struct sysinfo s;

	if (!h->live)
		return -ENOTSUP;
	if (sysinfo(&s) < 0)
		return -errno;
	*ram = (uint64_t)s.totalram * s.mem_unit;
	*swap = (uint64_t)s.totalswap * s.mem_unit;
	return 0;
}

int host_same_mm(const struct host *h, pid_t a, pid_t b)
{
	long r;

	if (!h->live)
		return -ENOTSUP;
	r = syscall(SYS_kcmp, a, b, KCMP_VM, 0, 0);
	return r < 0 ? -errno : r == 0;
}

int host_ticks_since_boot(const struct host *h, uint64_t *ret)
{
	struct timespec now;

	if (!h->live)
		return -ENOTSUP;
	if (clock_gettime(CLOCK_BOOTTIME, &now) < 0)
		return -errno;
	*ret = (uint64_t)now.tv_sec * USER_HZ + (uint64_t)now.tv_nsec / (1000000000 / USER_HZ);
	return 0;
}

int host_pid_ns_is_initial(const struct host *h)
{
	struct stat st;

	if (!h->live)
		return -ENOTSUP;
	if (h->proc_fd < 0)
		return -ENOENT;
	if (fstatat(h->proc_fd, "self/ns/pid", &st, 0) < 0)
		return -errno;
	return st.st_ino == PID_NS_INIT_INODE;
}

pid_t host_self(const struct host *h)
{
	char link[16] = "";
	struct statfs fs;
	uint64_t pid;
	ssize_t n;

	if (h->proc_fd < 0 || fstatfs(h->proc_fd, &fs) < 0 || fs.f_type != PROC_SUPER_MAGIC)
		return 0;
	n = readlinkat(h->proc_fd, "self", link, sizeof(link));
	return n > 0 && str_to_u64(link, (size_t)n, 10, &pid) == 0 ? (pid_t)pid : 0;
}

int host_hold_standard_streams(void)
{
	/* The lowest free number is the one that is taken. */
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/", O_PATH) < 0)
			return -errno;
	return 0;
}

int host_own_path(char *buf, size_t size)
{
	const char *started = (const char *)(uintptr_t)getauxval(AT_EXECFN);
	char full[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", buf, size);

	if (n > 0 && (size_t)n < size) {
		buf[n] = '\0';
		return 0;
	}
	/* No /proc is mounted: what it was started by leads there. */
	if (!started || !realpath(started, full))
		return -ENOENT;
	return (size_t)snprintf(buf, size, "%s", full) < size ? 0 : -ENAMETOOLONG;
}

int host_make_link(const char *target, const char *path)
{
	char there[PATH_MAX];
	ssize_t n;

	if (symlink(target, path) == 0)
		return 0;
	if (errno != EEXIST)
		return -errno;
	n = readlink(path, there, sizeof(there));
	if (n >= 0 && (size_t)n == strlen(target) && memcmp(there, target, (size_t)n) == 0)
		return 0;
	return -EEXIST;
}

/* ------------------------------------------------------------------ what changes something */

int host_hold_proc(const struct host *h, pid_t pid)
{
	return open_proc(h, pid, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

void host_release(int held)
{
	close(held);
}

/* A held directory's own file: never through a link, which a foreign root may hold. */
static int open_held(const struct host *h, int held, const char *file, int flags)
{
	int fd = open_batched(h, held, file, flags | O_NOFOLLOW), r;

	if (fd < 0)
		return fd;
	r = check_regular(h, fd);
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

ssize_t host_read_held(const struct host *h, int held, const char *file, char *buf, size_t size)
{
	int fd = open_held(h, held, file, READ_FLAGS);
	ssize_t r;

	if (fd < 0)
		return fd;
	r = h->live ? read_once(fd, buf, size) : read_fd(fd, buf, size);
	if (h->batch)
		batch_add(h->batch, fd);
	else
		close(fd);
	return r;
}

int host_put_bytes(int fd, const void *bytes, size_t n)
{
	ssize_t r;

	do
		r = write(fd, bytes, n);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return -errno;
	return (size_t)r == n ? 0 : -EIO;
}

int host_put(int fd, const char *text)
{
	return host_put_bytes(fd, text, strlen(text));
}

/* A plain file is cut to what is written; those of the kernel take it as one value. */
#define WRITE_FLAGS (O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_TRUNC)

int host_write_held(const struct host *h, int held, const char *file, const char *text,
		    bool *opened)
{
	_cleanup_close_ int fd = open_held(h, held, file, WRITE_FLAGS);

	*opened = fd >= 0;
	return fd < 0 ? fd : host_put(fd, text);
}

int host_open_held_to_write(const struct host *h, int held, const char *file)
{
	int flags = WRITE_FLAGS & ~O_TRUNC;

	/* Since 6.18 memory.max reclaims nothing for who does not want to wait. */
	return open_held(h, held, file, h->live ? flags & ~O_NONBLOCK : flags);
}

int host_put_over(const struct host *h, int fd, const char *text)
{
	int r;

	/* A file of the kernel takes each write as a value, wherever it begins. */
	if (!h->live && lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	r = host_put(fd, text);
	if (r == 0 && !h->live && ftruncate(fd, (off_t)strlen(text)) < 0)
		r = -errno;
	return r;
}

int host_open_to_write(const struct host *h, const char *path)
{
	int fd = open_path(h, path, WRITE_FLAGS), r;

	if (fd < 0)
		return fd;
	r = check_regular(h, fd);
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

int host_write(const struct host *h, const char *path, const char *text)
{
	_cleanup_close_ int fd = host_open_to_write(h, path);

	return fd < 0 ? fd : host_put(fd, text);
}

/* Makes what is missing of the directories above path, the uppermost first. */
static int make_parents(const struct host *h, const char *path)
{
	char part[PATH_MAX], name[NAME_MAX + 1];

	for (const char *p = strchr(path, '/'); p; p = strchr(p + 1, '/')) {
		int dir, r = 0;

		if (p == path)
			continue;
		if ((size_t)(p - path) >= sizeof(part))
			return -ENAMETOOLONG;
		memcpy(part, path, (size_t)(p - path));
		part[p - path] = '\0';
		dir = open_parent(h, part, name, sizeof(name));
		if (dir < 0)
			return dir;
		if (mkdirat(dir, name, 0755) < 0 && errno != EEXIST)
			r = -errno;
		close(dir);
		if (r < 0)
			return r;
	}
	return 0;
}

static int read_old(struct host_edit *e)
{
	_cleanup_close_ int fd = open_retry(e->dir, e->name, READ_FLAGS | O_NOFOLLOW);
	struct stat st;
	ssize_t n;

	e->mode = 0644;
	if (fd == -ENOENT)
		return 0;
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_size > EDIT_MAX)
		return -EFBIG;
	e->mode = st.st_mode & 07777;
	e->uid = st.st_uid;
	e->gid = st.st_gid;
	e->old = malloc((size_t)st.st_size + 2);
	if (!e->old)
		return -ENOMEM;
	n = read_fd(fd, e->old, (size_t)st.st_size + 2);
	if (n < 0)
		return (int)n;
	e->old_n = (size_t)n;
	return 0;
}

int host_edit_open(const struct host *h, const char *path, bool make_dirs, struct host_edit *e)
{
	struct stat st;
	int r = make_dirs ? make_parents(h, path) : 0;

	*e = (struct host_edit){ .dir = -1 };
	if (r < 0)
		return r;
	e->dir = open_parent(h, path, e->name, sizeof(e->name));
	if (e->dir < 0) {
		r = e->dir;
		e->dir = -1;
		return r == -ENOENT && !make_dirs ? 0 : r;
	}
	/* Another run may have removed the directory while we waited for it. */
	if (flock(e->dir, LOCK_EX) < 0 || fstat(e->dir, &st) < 0)
		r = -errno;
	else if (st.st_nlink == 0)
		r = make_dirs ? -EAGAIN : 0;
	else
		r = read_old(e);
	if (r < 0)
		host_edit_close(e);
	return r == -EAGAIN ? host_edit_open(h, path, make_dirs, e) : r;
}

static int write_all(int fd, const char *text, size_t n)
{
	while (n) {
		ssize_t r = write(fd, text, n);

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return r < 0 ? -errno : -EIO;
		text += r;
		n -= (size_t)r;
	}
	return 0;
}

int host_edit_commit(struct host_edit *e, const char *text, size_t n)
{
	char temporary[NAME_MAX + 32];
	int fd, r;

	snprintf(temporary, sizeof(temporary), ".%.200s.oomkit-%d", e->name, (int)getpid());
	unlinkat(e->dir, temporary, 0);
	fd = openat(e->dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	r = write_all(fd, text, n);
	if (r == 0 && e->old && fchown(fd, e->uid, e->gid) < 0)
		r = -errno;
	if (r == 0 && (fchmod(fd, e->mode) < 0 || fsync(fd) < 0))
		r = -errno;
	if (close(fd) < 0 && r == 0)
		r = -errno;
	if (r == 0 && renameat(e->dir, temporary, e->dir, e->name) < 0)
		r = -errno;
	if (r < 0) {
		unlinkat(e->dir, temporary, 0);
		return r;
	}
	/* Some file systems do not sync directories; the file itself is safe. */
	return fsync(e->dir) < 0 && errno != EINVAL ? -errno : 0;
}

int host_edit_remove(struct host_edit *e)
{
	if (unlinkat(e->dir, e->name, 0) < 0)
		return -errno;
	return fsync(e->dir) < 0 && errno != EINVAL ? -errno : 0;
}

void host_edit_close(struct host_edit *e)
{
	if (e->dir >= 0)
		close(e->dir);
	free(e->old);
	*e = (struct host_edit){ .dir = -1 };
}

void host_remove_empty_dir(const struct host *h, const char *path)
{
	char name[NAME_MAX + 1];
	int dir = open_parent(h, path, name, sizeof(name));

	if (dir < 0)
		return;
	unlinkat(dir, name, AT_REMOVEDIR);
	close(dir);
}

/* ------------------------------------------------------------------ what goes on */

static uint64_t clock_usec(clockid_t clock)
{
	struct timespec t;

	if (clock_gettime(clock, &t) < 0)
		return 0;
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

void host_moment(struct moment *ret)
{
	ret->wall_usec = (int64_t)clock_usec(CLOCK_REALTIME);
	ret->mono_usec = clock_usec(CLOCK_MONOTONIC);
	ret->boot_usec = clock_usec(CLOCK_BOOTTIME);
}

int host_kmsg_open(const struct host *h, bool from_start)
{
	int fd = open_path(h, host_kmsg_path(), READ_FLAGS);

	if (fd >= 0 && !from_start && lseek(fd, 0, SEEK_END) < 0) {
		int r = -errno;

		close(fd);
		return r;
	}
	return fd;
}

int host_open_to_watch(const struct host *h, const char *path, bool writable)
{
	return open_path(h, path,
			 (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

int host_notify_new(void)
{
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* inotify(7) takes a name: that of a descriptor in our own /proc is the file itself. */
int host_notify_add(const struct host *h, int fd, const char *path, uint32_t mask)
{
	_cleanup_close_ int file = open_path(h, path, O_PATH | O_CLOEXEC);
	char name[64];
	int watch;

	if (file < 0)
		return file;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", file);
	watch = inotify_add_watch(fd, name, mask);
	return watch < 0 ? -errno : watch;
}

void host_notify_remove(int fd, int watch)
{
	inotify_rm_watch(fd, watch);
}

int host_make_dir(const struct host *h, const char *path)
{
	char name[NAME_MAX + 1];
	_cleanup_close_ int dir = open_parent(h, path, name, sizeof(name));

	if (dir < 0)
		return dir;
	return mkdirat(dir, name, 0700) < 0 ? -errno : 0;
}

int host_remove_dir(const struct host *h, const char *path)
{
	char name[NAME_MAX + 1];
	_cleanup_close_ int dir = open_parent(h, path, name, sizeof(name));

	if (dir < 0)
		return dir;
	return unlinkat(dir, name, AT_REMOVEDIR) < 0 ? -errno : 0;
}

void host_tell_manager(const char *text)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	size_t n = path ? strlen(path) : 0;
	_cleanup_close_ int fd = -1;

	if (n < 2 || n >= sizeof(a.sun_path))
		return;
	memcpy(a.sun_path, path, n);
	/* "@" stands for the NUL of an abstract name. */
	if (a.sun_path[0] == '@')
		a.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0)
		sendto(fd, text, strlen(text), MSG_NOSIGNAL, (const struct sockaddr *)&a,
		       (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
}

/* ------------------------------------------------------------------ files that a person names */

static int is_folder(int fd, bool *dir)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	*dir = S_ISDIR(st.st_mode);
	return 0;
}

int host_zone_open(const char *name)
{
	const char *dir = secure_getenv("TZDIR");
	char path[PATH_MAX];
	int fd;

	/* A name, not a path: it leads nowhere else. */
	if (!*name || *name == '/' || *name == '.' || strstr(name, "/.") ||
	    name[strspn(name,
			"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/.")])
		return -EINVAL;
	if (snprintf(path, sizeof(path), "%s/%s", dir && *dir ? dir : "/usr/share/zoneinfo",
		     name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

int host_input_open(const char *path, bool *dir)
{
	int fd, r;

	*dir = false;
	if (!path || strcmp(path, "-") == 0)
		fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	else
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	r = is_folder(fd, dir);
	if (r < 0) {
		close(fd);
		return r;
	}
	return fd;
}

int host_input_open_below(const struct host *h, const char *path)
{
	return open_path(h, path, READ_FLAGS);
}

const char *host_kmsg_path(void)
{
	return "dev/kmsg";
}

ssize_t host_input_read(int fd, char *buf, size_t n)
{
	for (;;) {
		ssize_t got = read(fd, buf, n);

		if (got >= 0)
			return got;
		if (errno != EINTR)
			return -errno;
	}
}

ssize_t host_input_peek(int fd, char *buf, size_t n)
{
	off_t at = lseek(fd, 0, SEEK_CUR);
	ssize_t got = at < 0 ? -1 : pread(fd, buf, n, at);

	return got < 0 ? -errno : got;
}

struct host_output {
	FILE *file;
	char *path, *temporary; /* NULL: the standard output */
};

static int output_new(const char *path, struct host_output *o)
{
	int fd;

	if (asprintf(&o->temporary, "%s.XXXXXX", path) < 0) {
		o->temporary = NULL;
		return -ENOMEM;
	}
	o->path = strdup(path);
	if (!o->path)
		return -ENOMEM;
	fd = mkostemp(o->temporary, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* As a file that the shell makes, not the 0600 of a temporary one. */
	if (fchmod(fd, 0644) < 0 || !(o->file = fdopen(fd, "w"))) {
		int r = -errno;

		unlink(o->temporary);
		close(fd);
		return r;
	}
	return 0;
}

static void output_free(struct host_output *o)
{
	free(o->path);
	free(o->temporary);
	free(o);
}

int host_output_open(const char *path, struct host_output **ret)
{
	struct host_output *o = calloc(1, sizeof(*o));
	int r;

	if (!o)
		return -ENOMEM;
	r = 0;
	if (strcmp(path, "-") == 0)
		o->file = stdout;
	else
		r = output_new(path, o);
	if (r < 0) {
		output_free(o);
		return r;
	}
	*ret = o;
	return 0;
}

int host_output_write(struct host_output *o, const char *s, size_t n)
{
	return fwrite(s, 1, n, o->file) == n ? 0 : -(errno ? errno : EIO);
}

int host_output_close(struct host_output *o, bool keep)
{
	int r = fflush(o->file) == 0 ? 0 : -errno;

	if (o->temporary) {
		if (fclose(o->file) != 0 && r == 0)
			r = -errno;
		if (r == 0 && keep && rename(o->temporary, o->path) < 0)
			r = -errno;
		if (r < 0 || !keep)
			unlink(o->temporary);
	}
	output_free(o);
	return r;
}
