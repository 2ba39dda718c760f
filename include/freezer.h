/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Holds all processes of a cgroup still, so that none of them forks, and always lets go again. */
#ifndef OOMKIT_FREEZER_H
#define OOMKIT_FREEZER_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "cgroupfs.h"
#include "host.h"
#include "str.h"

/* Where the cgroup that holds these processes can be frozen. */
struct freezer_place {
	bool v2;          /* cgroup.freeze; else freezer.state */
	const char *dir;  /* arena memory */
	const char *path; /* of the cgroup, in that hierarchy */
};

/* Finds it for the memory cgroup path and the processes in it. Returns 0; -ENOENT where no
 * hierarchy that can freeze has such a cgroup, or not with all of pids in it; -EDEADLK where self
 * is in it, too; -EBUSY for the root, which cannot be frozen; or -errno. */
int freezer_find(const struct host *h, const struct cgroupfs *memory, const char *path,
		 const pid_t *pids, size_t n_pids, pid_t self, struct arena *arena,
		 struct freezer_place *ret);

/* Pure: the path of a process in the v1 hierarchy of the freezer, or in v2's, out of
 * /proc/PID/cgroup. Returns false where there is no such line. */
bool freezer_parse_cgroup(const char *buf, size_t n, bool v2, struct str *ret);

/* Pure: where the hierarchy of v1's freezer, or v2's, is mounted, out of mountinfo: its root and
 * its place, still escaped. Returns false where it is not mounted. */
bool freezer_parse_mountinfo(const char *buf, size_t n, bool v2, struct str *root,
			     struct str *point);

struct freezer {
	int fd;          /* the file that freezes and thaws */
	int to_guard;    /* the guard thaws when this pipe ends without a word */
	pid_t guard;     /* a process of its own: it outlives a SIGKILL of ours */
	bool v2, before; /* before: it was frozen already and stays so */
	bool masked;
	sigset_t mask;
};

/* Freezes and waits until all are still, for timeout_msec at most (-ETIMEDOUT: thawed again). Until
 * freezer_thaw() signals wait. Returns 0 or -errno. */
int freezer_freeze(struct freezer *f, const struct host *h, const struct freezer_place *place,
		   unsigned timeout_msec);

/* Thaws what freezer_freeze() froze; signals that came meanwhile are delivered. Returns 0 or
 * -errno. */
int freezer_thaw(struct freezer *f);

#endif
