/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one list of commands. help, --list, the links, the man pages, the completions and the
 * tests all follow it. */
#ifndef OOMKIT_COMMANDS_H
#define OOMKIT_COMMANDS_H

#include <stddef.h>

#include "cli.h"

/* In the order in which help shows them. `make CONFIG="score rank"` has a shorter one. */
#ifdef OOMKIT_CONFIG
#define COMMANDS(X) OOMKIT_CONFIG(X)
#else
#define COMMANDS(X)  \
	X(score)     \
	X(rank)      \
	X(explain)   \
	X(adj)       \
	X(protect)   \
	X(watch)     \
	X(parse_log) \
	X(cgroup)    \
	X(help)
#endif

#define COMMAND_DECLARE(name) extern const struct command command_##name;
COMMANDS(COMMAND_DECLARE)
#undef COMMAND_DECLARE

/* The program itself: what stands before the command. */
extern const struct command command_program;

extern const struct command *const command_table[];
extern const size_t command_count;

/* The command of this name; NULL. */
const struct command *command_find(const char *name);

/* Tells that there is no command of this name, and which one may be meant. Returns EXIT_USAGE. */
int command_unknown(const struct env *env, const char *name);

#endif
