/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the commands share of the command line: how a command is declared, the options that mean
 * the same everywhere (argp children), exit statuses, and the one way in which the program speaks
 * of trouble.
 */
#ifndef OOMKIT_CLI_H
#define OOMKIT_CLI_H

#include <argp.h>
#include <stdbool.h>
#include <stdio.h>

#include "facts.h"
#include "host.h"
#include "out.h"
#include "select.h"
#include "victim.h"

enum exit_status {
	EXIT_DONE = 0,
	EXIT_NO = 1,		/* a legitimate no; no target matched */
	EXIT_USAGE = 2,		/* usage, unreadable input */
	EXIT_UNKNOWN = 3,
	EXIT_SOME = 64,		/* some done, some failed */
	EXIT_NOPERM = 77,	/* none done, for want of a permission */
	EXIT_TIMEOUT = 124,
	EXIT_OWN_FAILURE = 125,
	EXIT_NOT_EXECUTABLE = 126,
	EXIT_NOT_FOUND = 127,
};

enum command_flag {
	CMD_WRITES = 1u << 0,	/* changes something: keeps its capabilities */
	CMD_STREAMS = 1u << 1,	/* goes on until told otherwise; json is ndjson */
	CMD_NO_PROC = 1u << 2,	/* works without /proc */
	CMD_NO_LINK = 1u << 3,	/* no oom-NAME of its own: neither in --list nor by argv[0] */
	CMD_NAME_TAKEN = 1u << 4, /* another tool bears the bare name: only oom-NAME runs it */
	CMD_WATCHES = 1u << 5,	/* keeps also what lasts through an OOM: caps_keep_watching() */
};

/* What a command is run with; no globals, so that a test can run one in its own process. */
struct env {
	FILE *out, *err;
	const char *root;	/* --root before the command, OOMKIT_ROOT; NULL: our own machine */
	bool secure;		/* run with set-user-ID or file capabilities: no OOMKIT_ROOT */
	const char *program;	/* "oomkit" */
};

struct command {
	const char *name;
	const char *summary;		/* one line for help */
	const struct argp *argp;	/* with children: source of help, man, completions */
	/* argv[0] is "oomkit NAME"; returns enum exit_status. NULL: not a command but the
	 * program itself. */
	int (*run)(struct env *env, int argc, char **argv);
	unsigned flags;			/* enum command_flag */
	const struct column *columns;	/* of its main table; NULL */
	size_t n_columns;
	const char *default_sort;	/* for the documentation; NULL */
	/* Another program's name that it answers to by that program's own rules, with argv as it
	 * was called; NULL. */
	const char *other_name;
	int (*run_as_other)(struct env *env, int argc, char **argv);
};

/* ------------------------------------------------------------------ options that are shared
 *
 * A metavar is a type; the man pages and completions are made from it. PID TARGET NAME REGEX UNIT
 * CGROUP CONTAINER USER FILE DIR SIZE ADJ NUM KERNEL; PIDS, USERS and COLUMNS are lists with
 * commas; TARGET=ADJ, TARGET=SIZE and KEY=VALUE are pairs; words in lower case with "|" between
 * are the choices themselves ("NUM|all").
 */

/* The children as they stand in a command's argp, in this order, each with its heading in
 * --help. */
#define CLI_CHILD_TARGET { &cli_target_argp, 0, "Targets:", 1 }
#define CLI_CHILD_WHAT_IF { &cli_what_if_argp, 0, "What if (nothing is changed):", 2 }
#define CLI_CHILD_OUTPUT { &cli_output_argp, 0, "Output:", 3 }
#define CLI_CHILD_MACHINE { &cli_machine_argp, 0, "Machine:", 4 }

/* Output: -J --format -o -O --list-columns --noheadings -b --si --sort --color -q. */
struct cli_output {
	const struct command *command;	/* set before parsing: whose columns --list-columns lists */
	struct out_options opt;
	const char *columns;		/* -o */
	bool all_columns;		/* -O */
	bool list_columns;
	const char *sort;		/* key without its sign; NULL */
	bool sort_descending;
};
extern const struct argp cli_output_argp;

/* The machine: --root, --kernel. */
struct cli_machine {
	const char *root;		/* NULL: env's */
	const char *kernel;		/* as given; NULL */
	const struct era *era;		/* of --kernel; NULL: the machine's own */
};
extern const struct argp cli_machine_argp;

/* TARGET... and the selectors; input is struct select_spec (select.h). What stands after "--"
 * is never a target: the command's own parser is offered it, and where it takes none that is a
 * usage error. */
extern const struct argp cli_target_argp;

/* The what-ifs: --scope, --nodes, --mempolicy, --set, --grow, --limit. */
struct cli_what_if {
	const char *scope;
	const char *nodes; /* a list of memory nodes */
	bool by_policy;    /* from --mempolicy */
	const char **set, **grow;	/* "TARGET=VALUE" as given; the value has been checked */
	size_t n_set, n_grow;
	uint64_t limit_bytes;
	bool has_limit;
};
extern const struct argp cli_what_if_argp;
void cli_what_if_free(struct cli_what_if *w);

/* The VALUE of "TARGET=VALUE": what stands behind the last '='; NULL where there is none. */
const char *cli_pair_value(const char *pair);

/* argp_parse with our exit status (2), a -h that is help, full option names. input is the
 * command's own; its parser hands the children theirs on ARGP_KEY_INIT. Returns 0 to go on, 1
 * where --help or --version has been answered, -EINVAL after a usage error has been told. */
int cli_parse(const struct env *env, const struct command *c, int argc, char **argv, void *input);

/* The same, but the first word that is no option ends it: *word is its index, argc where there
 * is none. */
int cli_parse_before_word(const struct env *env, const struct command *c, int argc, char **argv,
			  void *input, int *word);

/* The answer to --help, to env->out: the usage (args_doc, one form a line), doc up to its \v
 * as help_filter leaves it, the options in the order of the tables, and what stands behind the
 * \v. */
void cli_help(const struct env *env, const struct command *c);

/* One row of a help text: left, and text in the column indent, its lines broken where they end. */
void cli_help_row(FILE *f, int indent, const char *left, const char *text);

/* Calls fn for each option that help shows, in the order of the tables: the command's own, its
 * children's, and those that every command has. heading: what it stands under, without the
 * colon; "Options" where nothing is said. (Tables hold no OPTION_ALIAS.) */
typedef void (*cli_option_fn)(void *ctx, const char *heading, const struct argp_option *option);
void cli_each_option(const struct command *c, cli_option_fn fn, void *ctx);

/* ------------------------------------------------------------------ speaking */

/* "oomkit CMD: OBJECT: reason (what would help)\n" to env->err; object and help may be NULL;
 * untrusted bytes are escaped. One line, whatever it holds. command NULL: the program itself. */
void cli_error(const struct env *env, const char *command, const char *object, const char *reason,
	       const char *help);

/* The same for a footnote that does not change the exit status. */
void cli_note(const struct env *env, const char *command, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* For an argp parser: `return cli_usage(state, "--top", arg, "not a number", NULL);`. Tells
 * "oomkit CMD: OPTION VALUE: reason (help)" and where help is. option and value may be NULL.
 * Returns what the parser must return. (argp_error is silent here.) */
error_t cli_usage(const struct argp_state *state, const char *option, const char *value,
		  const char *reason, const char *help);

/* The same after parsing, for what only the run itself can see; tells and returns EXIT_USAGE. */
int cli_usage_error(const struct env *env, const char *command, const char *option,
		    const char *value, const char *reason, const char *help);

/* "oomkit CMD", or "oomkit" for NULL. Returns buf. */
const char *cli_who(const struct env *env, const char *command, char *buf, size_t size);

/* true where a is a near miss of b: a slip or two of the finger. */
bool cli_resembles(const char *a, const char *b);

/* Writes the table of columns (name, header, help), for --list-columns; it is itself a table
 * in every format. Returns enum exit_status. */
int cli_list_columns(const struct env *env, const struct cli_output *o);

/* out_select() by -o and -O, a wrong name told. Returns how many, or -EINVAL; -ENOMEM is told
 * too. */
int cli_select_columns(const struct env *env, const struct cli_output *o,
		       const struct column *columns, size_t n_columns, unsigned **shown);

/* The index of the column of --sort, a wrong name told; -ENOENT where there is no --sort,
 * -EINVAL. */
int cli_sort_column(const struct env *env, const struct cli_output *o, const struct column *columns,
		    size_t n_columns);

/* Begins the output that the options asked for. */
struct out *cli_out(const struct env *env, const struct cli_output *o);

/* Ends it; a failed write is told and becomes EXIT_USAGE in place of status. SIGPIPE stays
 * what it is. */
int cli_finish(const struct env *env, const char *command, struct out *o, int status);

/* The same where env->out was written without a struct out. Told once: nothing where status is
 * EXIT_USAGE already. */
int cli_flush(const struct env *env, const char *command, int status);

#endif
