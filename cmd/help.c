/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which commands and options are there? Told to a person as help, and to the generators of the
 * man pages and completions as rows of text. All of it is read out of the argp tables.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "commands.h"
#include "era.h"

#define COMMAND_POINTER(name) &command_##name,
const struct command *const command_table[] = { COMMANDS(COMMAND_POINTER) };
#undef COMMAND_POINTER
const size_t command_count = ARRAY_SIZE(command_table);

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < command_count; i++)
		if (strcmp(command_table[i]->name, name) == 0)
			return command_table[i];
	return NULL;
}

int command_unknown(const struct env *env, const char *name)
{
	const char *near = NULL;
	char help[96] = "try 'oomkit help'";

	for (size_t i = 0; i < command_count && !near; i++)
		if (cli_resembles(name, command_table[i]->name))
			near = command_table[i]->name;
	if (near)
		snprintf(help, sizeof(help), "did you mean '%s'? try 'oomkit help'", near);
	cli_error(env, NULL, name, "no such command", help);
	return EXIT_USAGE;
}

/* ------------------------------------------------------------------ the rows */

struct dump {
	FILE *out;
	const char *command;
};

static void dump_option(void *ctx, const char *heading, const struct argp_option *o)
{
	const struct dump *d = ctx;
	bool has_letter = o->key > ' ' && o->key < 0x7f;

	fprintf(d->out, "option\t%s\t%s\t%s%.1s\t%s%s\t%s\t%s\n", d->command, heading,
		has_letter ? "-" : "", has_letter ? (const char[]){ (char)o->key, '\0' } : "",
		o->name ? "--" : "", o->name ? o->name : "", o->arg ? o->arg : "",
		o->doc ? o->doc : "");
}

/* One row for each form of the usage line. */
static void dump_arguments(FILE *out, const struct command *c)
{
	const char *forms = c->argp->args_doc;

	while (forms) {
		const char *next = strchr(forms, '\n');

		fprintf(out, "arguments\t%s\t%.*s\n", c->name,
			next ? (int)(next - forms) : (int)strlen(forms), forms);
		forms = next ? next + 1 : NULL;
	}
}

static void dump_command(FILE *out, const char *kind, const struct command *c)
{
	struct dump d = { out, c->name };

	fprintf(out, "%s\t%s\t%s\n", kind, c->name, c->summary);
	if (c->run && !(c->flags & CMD_NO_LINK))
		fprintf(out, "link\t%s\n", c->name);
	dump_arguments(out, c);
	cli_each_option(c, dump_option, &d);
	for (size_t i = 0; i < c->n_columns; i++)
		fprintf(out, "column\t%s\t%s\t%s\t%s\n", c->name, c->columns[i].key,
			c->columns[i].header, c->columns[i].help);
	if (c->default_sort)
		fprintf(out, "sort\t%s\t%s\n", c->name, c->default_sort);
}

static void dump_kernels(FILE *out)
{
	for (size_t i = 0; i < era_count; i++) {
		const struct kver *v = &era_table[i].since;

		fprintf(out, "kernel\t%d.%d", v->major, v->minor);
		if (v->patch)
			fprintf(out, ".%d", v->patch);
		fprintf(out, "\t%s\n", era_table[i].name);
	}
}

static void dump(FILE *out)
{
	dump_command(out, "program", &command_program);
	for (size_t i = 0; i < command_count; i++)
		dump_command(out, "command", command_table[i]);
	dump_kernels(out);
}

/* ------------------------------------------------------------------ the command */

struct help {
	const char *about;
	bool dump;
};

enum { KEY_DUMP = 256 };

static const struct argp_option options[] = {
	{ "dump", KEY_DUMP, NULL, 0,
	  "All commands, options and columns as rows with tabs, for programs", 0 },
	{ 0 },
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct help *h = state->input;

	switch (key) {
	case KEY_DUMP:
		h->dump = true;
		return 0;
	case ARGP_KEY_ARG:
		if (h->about)
			return ARGP_ERR_UNKNOWN;
		h->about = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "[COMMAND]",
	.doc = "Show the commands that there are, or the options of one of them.",
};

static int run(struct env *env, int argc, char **argv)
{
	struct help h = { 0 };
	const struct command *about;
	int r = cli_parse(env, &command_help, argc, argv, &h);

	if (r != 0)
		return r > 0 ? EXIT_DONE : EXIT_USAGE;
	if (h.dump) {
		dump(env->out);
		return EXIT_DONE;
	}
	about = h.about ? command_find(h.about) : &command_program;
	if (!about)
		return command_unknown(env, h.about);
	cli_help(env, about);
	return EXIT_DONE;
}

const struct command command_help = {
	.name = "help",
	.summary = "show the commands, or the options of one",
	.argp = &argp,
	.run = run,
	.flags = CMD_NO_PROC | CMD_NO_LINK,
};
