/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of protect share: what is asked for, and what was found and done of each target.
 */
#ifndef OOMKIT_PROTECT_H
#define OOMKIT_PROTECT_H

#include "adj.h"
#include "init.h"

enum protect_mode {
	PROTECT_SET,
	PROTECT_LIST, /* no target and no value: what is declared */
	PROTECT_CHECK,
	PROTECT_REMOVE,
	PROTECT_APPLY,
};

struct protect {
	struct cli_output output;
	struct cli_machine machine;
	struct select_spec targets;
	char **words; /* arguments that are no option: targets, or files of --apply */
	size_t n_words;
	enum protect_mode mode;
	enum init_kind init; /* INIT_N: the one that runs or is installed */
	struct init_declared declared;
	bool has_value, print, dry_run;
};

/* What a target is in the end. */
enum item_state {
	ITEM_UNKNOWN, /* nothing is declared for it */
	ITEM_DECLARED,
	ITEM_NOT_RUNNING,
	ITEM_DRIFT,
	ITEM_REMOVED,
	ITEM_FAILED,
	ITEM_STATE_N,
};

enum live_state {
	LIVE_MAIN,
	LIVE_INHERITED,
	LIVE_OWN,
	LIVE_DRIFT,
	LIVE_N,
};

struct live {
	pid_t pid;
	const char *comm;
	int value;
	enum live_state state;
};

struct item {
	bool is_unit;
	enum target_kind kind;
	const char *option; /* of a policy's line: "--user"; "" */
	const char *target;
	const char *file; /* NULL: none */
	struct init_declared declared;
	bool has_declared;
	struct live *live;
	size_t n_live;
	enum item_state state;
	bool changed, forbidden;
	bool untold; /* which processes it has is not known */
	char *text;  /* what the file holds then, for --print; NULL */
};

struct items {
	struct item *v;
	size_t n;
	struct arena arena;
};

/* The targets to items. Returns EXIT_DONE or the status to end with, told. */
int protect_resolve(struct protect *p, const struct env *env, struct adj_view *v,
		    struct items *items);

/* All that is declared below the root. */
int protect_find_all(struct protect *p, const struct env *env, struct adj_view *v,
		     struct items *items);

/* The lines of policies. */
int protect_read_policies(struct protect *p, const struct env *env, struct adj_view *v,
			  struct items *items);

/* What its processes have; protect-live.c. Returns 0 or -errno. */
int protect_see(const struct protect *p, struct adj_view *v, struct items *items,
		struct item *item);

/* Gives them what is declared, told where it fails. */
void protect_set(const struct protect *p, const struct env *env, struct adj_view *v,
		 struct item *item);

/* Carries the item out: its file, its processes; told where it fails. */
void protect_do(struct protect *p, const struct env *env, struct adj_view *v, struct items *items,
		struct item *item);

/* Reads what is declared for the item, and what its processes have. */
void protect_look(struct protect *p, const struct env *env, struct adj_view *v, struct items *items,
		  struct item *item);

#endif
