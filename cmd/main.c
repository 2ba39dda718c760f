/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which command runs, and with what rights and streams? Dispatch by the first word or by the name
 * that the program was called by; --list and --install as busybox has them.
 */
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#include "base.h"
#include "caps.h"
#include "commands.h"
#include "host.h"

/* ------------------------------------------------------------------ before the command */

enum { KEY_ROOT = 256, KEY_LIST, KEY_INSTALL };

struct program {
	const char *root, *install;
	bool list;
};

static const struct argp_option options[] = {
	{ "root", KEY_ROOT, "DIR", 0, "Judge the machine whose root this is", 0 },
	{ "list", KEY_LIST, NULL, 0, "List the commands, one a line", 0 },
	{ "install", KEY_INSTALL, "DIR", 0, "Make a link oom-COMMAND in DIR for each command", 0 },
	{ 0 },
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct program *p = state->input;

	switch (key) {
	case KEY_ROOT:
		if (!*arg)
			return cli_usage(state, "--root", NULL, "names no directory", NULL);
		p->root = arg;
		return 0;
	case KEY_LIST:
		p->list = true;
		return 0;
	case KEY_INSTALL:
		if (!*arg)
			return cli_usage(state, "--install", NULL, "names no directory", NULL);
		p->install = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* The commands below what the program is for. */
static char *help_filter(int key, const char *text, void *input)
{
	char *all = NULL;
	size_t n;
	FILE *f;

	(void)input;
	if (key != ARGP_KEY_HELP_PRE_DOC)
		return (char *)(uintptr_t)text;
	f = open_memstream(&all, &n);
	if (!f)
		return (char *)(uintptr_t)text;
	fprintf(f, "%s\n\nCommands:\n", text);
	for (size_t i = 0; i < command_count; i++)
		cli_help_row(f, 14, command_table[i]->name, command_table[i]->summary);
	fclose(f);
	return all;
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "[--root DIR] COMMAND [OPTION...] [TARGET...]\n"
		    "--list | --install DIR | --version | help [COMMAND]",
	.doc = "Who dies first when memory runs out, and why."
	       "\v'oomkit help COMMAND' shows the options of a command. A link named oom-COMMAND "
	       "runs that command.",
	.help_filter = help_filter,
};

const struct command command_program = {
	.name = "oomkit",
	.summary = "who dies first when memory runs out, and why",
	.argp = &argp,
};

/* ------------------------------------------------------------------ --list, --install */

static bool has_link(const struct command *c)
{
	return !(c->flags & CMD_NO_LINK);
}

static int list(const struct env *env)
{
	for (size_t i = 0; i < command_count; i++)
		if (has_link(command_table[i]))
			fprintf(env->out, "%s\n", command_table[i]->name);
	return EXIT_DONE;
}

static void tell_link(const struct env *env, const char *path, int error)
{
	if (error == -EEXIST)
		cli_error(env, NULL, path, "something else is in the way", "remove it first");
	else if (error == -EACCES || error == -EPERM)
		cli_error(env, NULL, path, strerror(-error),
			  "write access to the directory, or CAP_DAC_OVERRIDE");
	else
		cli_error(env, NULL, path, strerror(-error), NULL);
}

static int install(const struct env *env, const char *dir)
{
	char target[PATH_MAX];
	size_t done = 0, failed = 0;
	bool forbidden = false;

	if (host_own_path(target, sizeof(target)) < 0) {
		cli_error(env, NULL, NULL, "where this program stands cannot be told",
			  "mount /proc");
		return EXIT_NO;
	}
	for (size_t i = 0; i < command_count; i++) {
		_cleanup_free_ char *path = NULL;
		int r;

		if (!has_link(command_table[i]))
			continue;
		if (asprintf(&path, "%s/oom-%s", dir, command_table[i]->name) < 0)
			return EXIT_NO;
		r = host_make_link(target, path);
		if (r < 0)
			tell_link(env, path, r);
		forbidden |= r == -EACCES || r == -EPERM;
		failed += r < 0;
		done += r == 0;
	}
	if (failed == 0)
		return EXIT_DONE;
	return done ? EXIT_SOME : forbidden ? EXIT_NOPERM : EXIT_NO;
}

/* ------------------------------------------------------------------ dispatch */

static int give_back_rights(const struct env *env, const struct command *c)
{
	int r;

	/* Whoever starts a privileged copy chooses --root: it must read no more than they can. */
	if (env->secure)
		r = c->flags & CMD_WRITES ? caps_keep_granted() : caps_drop_all();
	else if (c->flags & CMD_WRITES)
		r = 0;
	else if (c->flags & CMD_WATCHES)
		r = caps_keep_watching();
	else
		r = caps_keep_reading();
	if (r < 0)
		cli_error(env, c->name, "capabilities", strerror(-r),
			  "they could not be given back");
	return r;
}

static int run_command(struct env *env, const struct command *c, int argc, char **argv)
{
	char who[64];

	snprintf(who, sizeof(who), "%s %s", env->program, c->name);
	argv[0] = who;
	if (give_back_rights(env, c) < 0)
		return EXIT_USAGE;
	return cli_flush(env, c->name, c->run(env, argc, argv));
}

/* What stands behind prefix; NULL where s does not begin so. */
static const char *behind(const char *s, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(s, prefix, n) == 0 ? s + n : NULL;
}

/* What the base name of argv[0] names: oom-rank, oomkit-rank, or rank where that name is
 * nobody else's. */
static const struct command *called_as(const char *base)
{
	const char *name = behind(base, "oom-");
	const struct command *c;

	if (!name)
		name = behind(base, "oomkit-");
	c = command_find(name ? name : base);
	if (c && !name && c->flags & (CMD_NAME_TAKEN | CMD_NO_LINK))
		return NULL;
	return c;
}

/* The command that answers to another program's name; NULL. */
static const struct command *answers_to(const char *base)
{
	for (size_t i = 0; i < command_count; i++)
		if (command_table[i]->other_name &&
		    strcmp(command_table[i]->other_name, base) == 0)
			return command_table[i];
	return NULL;
}

static int run_program(struct env *env, int argc, char **argv)
{
	struct program p = { 0 };
	const struct command *c;
	char who[] = "oomkit";
	int word = argc, r;

	argv[0] = who;
	r = cli_parse_before_word(env, &command_program, argc, argv, &p, &word);
	if (r != 0)
		return r > 0 ? EXIT_DONE : EXIT_USAGE;
	if (p.root)
		env->root = p.root;
	if (p.list || p.install) {
		if (word < argc)
			return cli_usage_error(env, NULL, argv[word], NULL, "an argument too many",
					       NULL);
		return p.list ? list(env) : install(env, p.install);
	}
	if (word >= argc) {
		struct env to_err = *env;

		to_err.out = env->err;
		cli_help(&to_err, &command_program);
		return EXIT_USAGE;
	}
	c = command_find(argv[word]);
	return c ? run_command(env, c, argc - word, argv + word) : command_unknown(env, argv[word]);
}

static int dispatch(struct env *env, int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/'), *base = slash ? slash + 1 : argv[0];
	const struct command *c = called_as(base);

	if (c)
		return run_command(env, c, argc, argv);
	c = answers_to(base);
	if (c)
		return give_back_rights(env, c) < 0 ? EXIT_NO
						    : c->run_as_other(env, argc, argv);
	/* A copy may be called oomkit-static; what is called oom-x was meant to be a link. */
	if (behind(base, "oom-"))
		return command_unknown(env, behind(base, "oom-"));
	return run_program(env, argc, argv);
}

int main(int argc, char **argv)
{
	struct env env = {
		.out = stdout,
		.err = stderr,
		.secure = getauxval(AT_SECURE) != 0,
		.program = "oomkit",
	};
	int status;

	if (host_hold_standard_streams() < 0 || argc < 1)
		return EXIT_USAGE;
	if (!env.secure)
		env.root = getenv("OOMKIT_ROOT");
	status = cli_flush(&env, NULL, dispatch(&env, argc, argv));
	if (fclose(stdout) != 0 && status != EXIT_USAGE) {
		cli_error(&env, NULL, "standard output", strerror(errno), NULL);
		status = EXIT_USAGE;
	}
	return status;
}
