/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which file does an init read what a service starts with from, and what is written there? */
#ifndef OOMKIT_INIT_H
#define OOMKIT_INIT_H

#include <stdbool.h>
#include <stddef.h>

#include "host.h"

enum init_kind {
	INIT_SYSTEMD,
	INIT_OPENRC,
	INIT_DINIT,
	INIT_RUNIT,
	INIT_S6,
	INIT_SYSV,
	INIT_N,
};

/* What a file declares. */
struct init_declared {
	int value;
	bool main_only;         /* of the main process; its children may have their own */
	const char *oom_policy; /* systemd's OOMPolicy=; NULL */
};

const char *init_name(enum init_kind kind);

/* INIT_N for a name that is none. */
enum init_kind init_by_name(const char *name);

/* The init that runs below this root, or else the one that is installed there. Returns INIT_N where
 * none can be told. */
enum init_kind init_detect(const struct host *h);

/* Whether systemd is the init of the running machine. */
bool init_systemd_runs(const struct host *h);

/* Whether the unit can have a value, by its name alone: NULL, or why not. */
const char *init_refusal(enum init_kind kind, const char *unit);

/* The file for this unit, without the root. Returns 0, -ENOENT where this init has no such service,
 * -ENAMETOOLONG. */
int init_file(const struct host *h, enum init_kind kind, const char *unit, char *buf, size_t size);

/* Pure: the template that an instance is of: "getty@.service" of "getty@tty1.service". false: it is
 * no instance. */
bool init_template(const char *unit, char *buf, size_t size);

/* Another name of a systemd unit, which its file is a link by: "ssh.service" of "sshd.service".
 * false: it has none. */
bool init_real_name(const struct host *h, const char *unit, char *buf, size_t size);

/* The process that this init has started for the unit: its pid, 0 where it runs none; -ENOTSUP
 * where no file says it (systemd: the unit's cgroup tells), -EPERM where that file could be
 * anybody's. */
int init_main_pid(const struct host *h, enum init_kind kind, const char *unit);

/* Pure: the file's text with the declaration in it, or without any (d is NULL); old is NULL where
 * there is no file. *ret is the caller's, NULL where nothing remains. Returns 0, -ENOMEM, or
 * -ENOEXEC where the file is no script that could be told. */
int init_edit(enum init_kind kind, const char *unit, const char *old, size_t old_n,
	      const struct init_declared *d, char **ret, size_t *ret_n);

/* Pure: what the text declares by our own hand. false: nothing. */
bool init_parse(enum init_kind kind, const char *text, size_t n, struct init_declared *ret);

/* Calls fn for each unit that has a declaration of ours. Returns 0, -ENOMEM or what fn returned. */
int init_each(const struct host *h, enum init_kind kind, int (*fn)(void *ctx, const char *unit),
	      void *ctx);

#endif
