/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a run may still do: capabilities that it does not need are given back before it reads
 * anything. */
#ifndef OOMKIT_CAPS_H
#define OOMKIT_CAPS_H

#include <stdbool.h>

/* Keeps what reading other users' processes takes (CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE,
 * CAP_SYSLOG), as far as it is there, and gives back all others. Returns 0 or -errno. */
int caps_keep_reading(void);

/* Keeps, on top of what reading takes, what lasting through an OOM takes: CAP_SYS_RESOURCE and
 * CAP_IPC_LOCK; and CAP_DAC_OVERRIDE, which is not effective until caps_raise_override(). Returns 0
 * or -errno. */
int caps_keep_watching(void);

/* Raises CAP_DAC_OVERRIDE where it was kept, or lowers it. Returns 0, also where it is not there,
 * or -errno. */
int caps_raise_override(bool raise);

/* Gives back all. Returns 0 or -errno. */
int caps_drop_all(void);

/* Keeps what changing other users' processes takes on top of reading them: CAP_DAC_OVERRIDE and
 * CAP_SYS_RESOURCE. Returns 0 or -errno. */
int caps_keep_changing(void);

/* For a run with somebody else's rights: takes the caller's own user and group back for good, keeps
 * CAP_SYS_RESOURCE, to be raised, and gives back all others. Returns 0 or -errno. */
int caps_keep_granted(void);

/* What this run can do with CAP_SYS_RESOURCE. */
enum caps_state {
	CAPS_MISSING,
	CAPS_PERMITTED, /* it may be raised */
	CAPS_EFFECTIVE,
};
enum caps_state caps_resource(void);

/* Raises CAP_SYS_RESOURCE, or lowers it to what may be raised again. Returns 0 or -errno. */
int caps_raise_resource(bool raise);

#endif
