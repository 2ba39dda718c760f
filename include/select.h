/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TARGET to processes. The form of a target alone decides what it is (oomkit(1), TARGETS), and
 * nothing falls through: a pid that is gone is not tried as a name.
 */
#ifndef OOMKIT_SELECT_H
#define OOMKIT_SELECT_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "facts.h"
#include "host.h"

enum target_kind {
	TARGET_PID,
	TARGET_CGROUP,    /* and its descendants */
	TARGET_UNIT,      /* nginx.service */
	TARGET_CONTAINER, /* 12 or more hex digits in the cgroup's name */
	TARGET_NAME, /* exactly this comm (and argv[0]'s base name where longer than 15 bytes) */
	TARGET_COMM_REGEX,
	TARGET_FULL_REGEX,
	TARGET_USER,
	TARGET_TREE, /* a pid and its descendants */
	TARGET_ALL,
};

struct target {
	enum target_kind kind;
	const char *text; /* as given; names it in an error */
	pid_t pid;        /* TARGET_PID, TARGET_TREE */
};

struct select_spec {
	struct target *targets;
	size_t n;
};

/* What a bare TARGET is, by its form alone. */
enum target_kind select_kind_of(const char *text);

/* Appends a target; for TARGET_PID and TARGET_USER text may be a list with commas. Users are
 * resolved later, against the root's /etc/passwd. Text is copied; TARGET_ALL needs none (NULL). A
 * unit without a suffix is a service, a cgroup without its leading '/' is given one. Returns 0,
 * -ENOMEM, -EINVAL (not a pid, an empty text, a bad regex, a container of fewer than 12 hex
 * digits); the spec is as before then. */
int select_add(struct select_spec *spec, enum target_kind kind, const char *text);
void select_free(struct select_spec *spec);

/* Which facts of each process the spec needs: HAVE_COMM, HAVE_CMDLINE, HAVE_CGROUP, HAVE_UID,
 * HAVE_PPID. A process without such a fact is not meant by the target. */
unsigned select_need(const struct select_spec *spec);

/* true where the spec names pids alone, so that nothing else need be read. */
bool select_only_pids(const struct select_spec *spec);

/* Marks in chosen[0..s->n_procs) who is meant by any target of the spec; missed[0..spec->n) is set
 * where that target matched nobody. self is matched by its pid alone, or by an empty spec, which
 * chooses all. Returns how many were chosen or -errno. */
ssize_t select_match(const struct select_spec *spec, const struct host *h, const struct snapshot *s,
		     pid_t self, bool *chosen, bool *missed);

/* The path in the memory hierarchy that a target stands for: a path for itself, a unit or a
 * container for its cgroup (the outermost of that name), all others for the cgroup of the processes
 * they mean; arena memory. Returns 0, -ENOENT (neither a process nor the mounted hierarchy knows
 * it), -ENOTUNIQ where several match. */
int select_cgroup_path(const struct target *t, const struct host *h, const struct snapshot *s,
		       struct arena *arena, const char **ret);

#endif
