/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How do the argp tables read as --help? In their own order, so that what belongs together stands
 * together; argp's own printer sorts by letter.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "cli.h"

/* Where descriptions begin, and where lines end. */
enum { INDENT = 29, WIDTH = 79 };

/* The blanks before a word are printed with it, so that none ends a line. */
static int print_word(FILE *f, const char *word, int blanks, int n, int indent, int column)
{
	if (column > indent && column + blanks + n > WIDTH) {
		fprintf(f, "\n%*s", indent, "");
		blanks = 0;
		column = indent;
	}
	fprintf(f, "%*s%.*s", blanks, "", n, word);
	return column + blanks + n;
}

/* One line of text or several; the cursor stands at column indent, and so do the lines that
 * follow. */
static void print_wrapped(FILE *f, const char *text, int indent)
{
	int column = indent;

	while (*text) {
		int blanks = (int)strspn(text, " "), n = (int)strcspn(text + blanks, " \n");

		column = print_word(f, text + blanks, blanks, n, indent, column);
		text += blanks + n;
		if (*text == '\n') {
			fprintf(f, "\n%*s", text[1] == '\n' ? 0 : indent, "");
			column = indent;
			text++;
		}
	}
	fputc('\n', f);
}

void cli_help_row(FILE *f, int indent, const char *left, const char *text)
{
	int n = fprintf(f, "  %s", left);

	if (n >= indent - 1)
		fprintf(f, "\n%*s", indent, "");
	else
		fprintf(f, "%*s", indent - n, "");
	print_wrapped(f, text, indent);
}

struct printer {
	FILE *out;
	char heading[128];
};

static void print_option(void *ctx, const char *heading, const struct argp_option *o)
{
	struct printer *p = ctx;
	bool letter = o->key > ' ' && o->key < 0x7f;
	char left[128];

	if (strcmp(heading, p->heading) != 0) {
		snprintf(p->heading, sizeof(p->heading), "%s", heading);
		fprintf(p->out, "\n%s:\n", heading);
	}
	snprintf(left, sizeof(left), "%c%c%s%s%s%s%s", letter ? '-' : ' ',
		 letter ? (char)o->key : ' ', letter && o->name ? ", " : "  ",
		 o->name ? "--" : "", o->name ? o->name : "",
		 !o->arg ? "" : o->name ? "=" : " ", o->arg ? o->arg : "");
	cli_help_row(p->out, INDENT, left, o->doc ? o->doc : "");
}

static void print_usage(FILE *f, const char *who, bool options, const char *forms)
{
	const char *lead = "Usage: ";

	for (const char *next; forms; forms = next) {
		next = strchr(forms, '\n');
		fprintf(f, "%s%s%s%s%.*s\n", lead, who, options ? " [OPTION...]" : "",
			*forms ? " " : "", next ? (int)(next - forms) : (int)strlen(forms), forms);
		next = next ? next + 1 : NULL;
		lead = "  or:  ";
	}
}

/* doc up to the \v; what a filter makes of it has its lines already. */
static void print_before(FILE *f, const struct argp *argp)
{
	const char *doc = argp->doc ? argp->doc : "";
	_cleanup_free_ char *own = strndup(doc, strcspn(doc, "\v"));
	char *text = own;

	if (own && argp->help_filter)
		text = argp->help_filter(ARGP_KEY_HELP_PRE_DOC, own, NULL);
	if (!text || !*text)
		return;
	fputc('\n', f);
	if (text == own) {
		print_wrapped(f, text, 0);
		return;
	}
	fputs(text, f);
	free(text);
}

static void print_after(FILE *f, const struct argp *argp)
{
	const char *text = argp->doc ? strchr(argp->doc, '\v') : NULL;

	if (!text)
		return;
	fputc('\n', f);
	print_wrapped(f, text + 1, 0);
}

void cli_help(const struct env *env, const struct command *c)
{
	const struct argp *argp = c->argp;
	struct printer p = { env->out, "" };
	char who[64];

	cli_who(env, c->run ? c->name : NULL, who, sizeof(who));
	print_usage(env->out, who, c->run, argp->args_doc ? argp->args_doc : "");
	print_before(env->out, argp);
	cli_each_option(c, print_option, &p);
	print_after(env->out, argp);
}
