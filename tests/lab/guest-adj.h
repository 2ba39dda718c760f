/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the two halves of the mode adj share: who starts oomkit with what rights, and what is said
 * of what came out. */
#ifndef LAB_GUEST_ADJ_H
#define LAB_GUEST_ADJ_H

#include "guest.h"

#define OOMKIT "/oomkit"
#define USER   1000

/* Whose rights a run of oomkit has. */
enum caller {
	BY_ROOT,         /* every capability */
	BY_ROOT_WITHOUT, /* all but CAP_SYS_RESOURCE, as in a container */
	BY_USER,         /* none */
	BY_AMBIENT,   /* a user's, with CAP_SYS_RESOURCE ambient, as AmbientCapabilities= does it */
	BY_NAMESPACE, /* root in a user namespace of its own */
	BY_NAMESPACE_WITHOUT, /* the same, without CAP_SYS_RESOURCE there */
};

struct said {
	int status;
	char out[4096], err[4096];
};

/* environment: one "NAME=VALUE", or NULL. */
void run_as(enum caller who, const char *environment, const char *const *argv, struct said *ret);

/* One line of the result; what was said too where it failed. */
void check(const struct lab *l, bool ok, const char *name, const struct said *s);

/* A process of that user that sleeps, with that value and so with that floor. */
pid_t sleeper(uid_t uid, int value);
void end_sleeper(pid_t pid);
int value_of(pid_t pid); /* INT_MIN: it is not there */
int set_value(pid_t pid, int value);

/* A cgroup is set while it forks; guest-storm.c. */
void storms(struct lab *l, uint64_t *random);

#endif
