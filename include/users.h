/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of users out of ROOT/etc/passwd by our own reader; never NSS. */
#ifndef OOMKIT_USERS_H
#define OOMKIT_USERS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "host.h"

struct users {
	char *text; /* of passwd, cut at its colons; NULL where it is the caller's */
	struct user_row {
		uid_t uid;
		uint32_t line; /* the first line of a uid wins, as getpwuid has it */
		const char *name;
	} * rows; /* sorted by uid, then by line */
	size_t n;
};

/* Reads ROOT/etc/passwd; a missing or odd file gives an empty table. Returns 0 or -ENOMEM. */
int users_open(struct users *u, const struct host *h);
void users_close(struct users *u);

/* Pure: text is cut in place, stays the caller's and must outlive ret. Lines that are not passwd
 * lines are passed over. Returns 0 or -ENOMEM. */
int users_parse(char *text, size_t n, struct users *ret);

/* The name of a uid; NULL where there is none. */
const char *users_name(const struct users *u, uid_t uid);

/* The uid of a name, or of a number as text; a name of digits comes first, as POSIX has it.
 * Returns 0 or -ENOENT. */
int users_uid(const struct users *u, const char *name, uid_t *ret);

#endif
