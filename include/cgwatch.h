/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory cgroups that there are, kept up to date by inotify while they come and go. */
#ifndef OOMKIT_CGWATCH_H
#define OOMKIT_CGWATCH_H

#include "cgroupfs.h"
#include "host.h"

/* More cgroups, and longer paths, are covered by the kernel's sum alone. */
#define CGWATCH_MAX       2048
#define CGWATCH_PATH_SIZE 256

struct cgwatch_entry {
	int dir_watch, file_watch; /* -1: none */
	uint64_t kills, ooms;      /* as last read */
	bool under_oom, readable;
	char path[CGWATCH_PATH_SIZE]; /* below the mount; "" is its top */
};

struct cgwatch_calls {
	void (*added)(void *ctx, struct cgwatch_entry *e);
	void (*changed)(void *ctx, struct cgwatch_entry *e); /* its file was written */
	void (*gone)(void *ctx, struct cgwatch_entry *e);
	void (*overflow)(void *ctx); /* events were lost; all there is has been looked for anew */
	void *ctx;
};

struct cgwatch {
	int fd; /* of inotify */
	const struct host *h;
	const struct cgroupfs *fs;
	const char *file; /* of each cgroup that is looked at; NULL: none */
	struct cgwatch_calls calls;
	struct cgwatch_entry *entries;
	size_t n, size;
	size_t n_beyond; /* that are not watched */
	bool full;       /* some of them for want of inotify's watches */
};

/* Finds all; added() is called for each. Returns 0 or -errno. */
int cgwatch_open(struct cgwatch *w, const struct host *h, const struct cgroupfs *fs,
		 const char *file, const struct cgwatch_calls *calls);
void cgwatch_close(struct cgwatch *w);

/* Constant words for whoever should know that some are not watched; NULL: all are. */
const char *cgwatch_note(const struct cgwatch *w);

/* Takes what inotify has. Returns 0 or -errno. */
int cgwatch_drain(struct cgwatch *w);

/* The path of a file of a cgroup, for host_read(). Returns buf. */
const char *cgwatch_file(const struct cgwatch *w, const struct cgwatch_entry *e, const char *file,
			 char *buf, size_t size);

/* The cgroup's path as /proc/PID/cgroup has it. */
void cgwatch_name(const struct cgwatch *w, const struct cgwatch_entry *e, char *buf, size_t size);

#endif
