/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a run may still do: capabilities that it does not need are given back before it reads
 * anything. */
#ifndef OOMKIT_CAPS_H
#define OOMKIT_CAPS_H

/* Keeps what reading other users' processes takes (CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE,
 * CAP_SYSLOG), as far as it is there, and gives back all others. Returns 0 or -errno. */
int caps_keep_reading(void);

/* Gives back all. Returns 0 or -errno. */
int caps_drop_all(void);

#endif
