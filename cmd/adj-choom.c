/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does a call under choom's name mean, and how is it answered? choom(1)'s options by their own
 * rules: POSIX order, so that the command's options are the command's (choom 2.38 has it so with
 * POSIXLY_CORRECT), the last -p and -n win, and the first value that is none ends it. The texts of
 * show, set, exec and errors, and the exit statuses, are those that choom has with LC_ALL=C; --help
 * and --version are ours.
 */
#include "adj.h"

#include <errno.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base.h"
#include "caps.h"

#define CHOOM_FAILURE 1

struct choom {
	const struct env *env;
	const char *called; /* as it was called: the parser's messages begin so */
	const char *name;   /* its last part: all others do */
	int32_t pid, adj;
	bool has_adj;
	int answered; /* 0, or the option that ends it: 'h' or 'V' */
};

struct choom_option {
	const char *name;
	char key;
	bool has_value;
};

static const struct choom_option options[] = {
	{ "adjust", 'n', true },
	{ "pid", 'p', true },
	{ "help", 'h', false },
	{ "version", 'V', false },
};

/* ------------------------------------------------------------------ messages */

/* Our own fields hold nothing that a terminal must fear but what was typed: escaped like all. */
static const char *safe(const char *s, char *buf, size_t size)
{
	return out_escape(s, strlen(s), buf, size);
}

static int try_help(const struct choom *c)
{
	fprintf(c->env->err, "Try '%s --help' for more information.\n", c->name);
	return CHOOM_FAILURE;
}

/* errno_: 0, or what follows behind a colon. */
static int fail(const struct choom *c, const char *what, int errno_)
{
	if (errno_)
		fprintf(c->env->err, "%s: %s: %s\n", c->name, what, strerror(errno_));
	else
		fprintf(c->env->err, "%s: %s\n", c->name, what);
	return CHOOM_FAILURE;
}

/* ------------------------------------------------------------------ parsing */

/* A decimal number of 32 bits, blanks and a sign before it; told where it is none. */
static int number(const struct choom *c, const char *arg, const char *what, int32_t *ret)
{
	char text[256], line[320], *end;
	long v;

	errno = 0;
	v = strtol(arg, &end, 10);
	if (errno == ERANGE || (end != arg && *end == '\0' && (v < INT32_MIN || v > INT32_MAX))) {
		snprintf(line, sizeof(line), "%s: '%s'", what, safe(arg, text, sizeof(text)));
		return fail(c, line, ERANGE);
	}
	if (end == arg || *end != '\0') {
		snprintf(line, sizeof(line), "%s: '%s'", what, safe(arg, text, sizeof(text)));
		return fail(c, line, 0);
	}
	*ret = (int32_t)v;
	return 0;
}

static int take(struct choom *c, char key, const char *value)
{
	switch (key) {
	case 'n':
		c->has_adj = true;
		return number(c, value, "invalid adjust argument", &c->adj);
	case 'p':
		return number(c, value, "invalid PID argument", &c->pid);
	default:
		c->answered = (unsigned char)key;
		return 0;
	}
}

static int parser_says(const struct choom *c, const char *text, const char *name, const char *rest)
{
	char called[256], safe_name[256];

	fprintf(c->env->err, "%s: %s'%s'%s\n", safe(c->called, called, sizeof(called)), text,
		safe(name, safe_name, sizeof(safe_name)), rest);
	return try_help(c);
}

static int ambiguous(const struct choom *c, const char *word)
{
	char called[256], name[256];

	fprintf(c->env->err, "%s: option '%s' is ambiguous; possibilities:",
		safe(c->called, called, sizeof(called)), safe(word, name, sizeof(name)));
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		fprintf(c->env->err, " '--%s'", options[i].name);
	fputc('\n', c->env->err);
	return try_help(c);
}

/* No two of the long names begin alike: what is ambiguous is nothing at all. */
static int take_long(struct choom *c, char **argv, int argc, int *i)
{
	const char *word = argv[*i] + 2, *equals = strchr(word, '='), *value;
	size_t n = equals ? (size_t)(equals - word) : strlen(word);
	const struct choom_option *found = NULL;
	char full[16];

	if (n == 0)
		return ambiguous(c, argv[*i]);
	for (size_t k = 0; k < ARRAY_SIZE(options); k++)
		if (strncmp(options[k].name, word, n) == 0)
			found = &options[k];
	if (!found) {
		char text[256];

		snprintf(text, sizeof(text), "--%.*s", (int)(n < 240 ? n : 240), word);
		return parser_says(c, "unrecognized option ", equals ? argv[*i] : text, "");
	}
	snprintf(full, sizeof(full), "--%s", found->name);
	if (equals && !found->has_value)
		return parser_says(c, "option ", full, " doesn't allow an argument");
	value = equals ? equals + 1 : NULL;
	if (found->has_value && !value) {
		if (*i + 1 >= argc)
			return parser_says(c, "option ", full, " requires an argument");
		value = argv[++*i];
	}
	return take(c, found->key, value);
}

static int take_short(struct choom *c, char **argv, int argc, int *i)
{
	for (const char *at = argv[*i] + 1; *at && !c->answered; at++) {
		const struct choom_option *found = NULL;
		const char *value = NULL;
		char name[2] = { *at, '\0' };
		int r;

		for (size_t k = 0; k < ARRAY_SIZE(options); k++)
			if (options[k].key == *at)
				found = &options[k];
		if (!found)
			return parser_says(c, "invalid option -- ", name, "");
		if (found->has_value) {
			if (at[1])
				value = at + 1;
			else if (*i + 1 < argc)
				value = argv[++*i];
			else
				return parser_says(c, "option requires an argument -- ", name, "");
		}
		r = take(c, found->key, value ? value : "");
		if (r != 0 || value)
			return r;
	}
	return 0;
}

/* Returns the index of the first word that is no option, or -1 where it has been told. */
static int parse(struct choom *c, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc && !c->answered; i++) {
		int r;

		if (argv[i][0] != '-' || !argv[i][1])
			return i;
		if (strcmp(argv[i], "--") == 0)
			return i + 1;
		r = argv[i][1] == '-' ? take_long(c, argv, argc, &i)
				      : take_short(c, argv, argc, &i);
		if (r != 0)
			return -1;
	}
	return i;
}

/* ------------------------------------------------------------------ doing */

static int read_number(const struct choom *c, const struct host *h, const char *file,
		       const char *what, int *ret)
{
	char buf[32], line[64];
	ssize_t n = host_read_proc(h, c->pid, file, buf, sizeof(buf));

	if (n < 0) {
		snprintf(line, sizeof(line), "failed to read %s value", what);
		return fail(c, line, (int)-n);
	}
	*ret = (int)strtol(buf, NULL, 10);
	return 0;
}

static int show(const struct choom *c, const struct host *h)
{
	int score, adj, r = read_number(c, h, "oom_score", "OOM score", &score);

	if (r != 0)
		return r;
	fprintf(c->env->out, "pid %d's current OOM score: %d\n", (int)c->pid, score);
	r = read_number(c, h, "oom_score_adj", "OOM score adjust", &adj);
	if (r == 0)
		fprintf(c->env->out, "pid %d's current OOM score adjust value: %d\n", (int)c->pid,
			adj);
	return r;
}

/* As the kernel would refuse it, so that the words are the same. */
static int give(const struct choom *c, const struct host *h, pid_t pid, int *from)
{
	const struct policy_wish wish = { .value = c->adj };
	const struct adjust_target target = { .pid = pid };
	struct adjust done;

	adjust_process(h, &target, &wish, false, &done);
	if (!done.has_from)
		return fail(c, "failed to read OOM score adjust value",
			    done.end == ADJUST_GONE ? ENOENT : done.error);
	*from = done.plan.from;
	if (done.end == ADJUST_OUTSIDE)
		return fail(c, "failed to set score adjust value", EINVAL);
	if (done.end != ADJUST_DONE && done.end != ADJUST_DIFFERS)
		return fail(c, "failed to set score adjust value",
			    done.end == ADJUST_GONE ? ESRCH : done.error);
	return 0;
}

static int become(const struct choom *c, const struct host *h, char **command)
{
	char name[256];
	int from, r = give(c, h, host_self(h), &from);

	if (r != 0)
		return r;
	if (c->env->secure && caps_drop_all() < 0)
		return fail(c, "capabilities", errno);
	fflush(c->env->out);
	execvp(command[0], command);
	r = errno;
	fprintf(c->env->err, "%s: failed to execute %s: %s\n", c->name,
		safe(command[0], name, sizeof(name)), strerror(r));
	return r == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

static int do_it(const struct choom *c, char **words)
{
	struct host h;
	int r = host_open(&h, NULL), from;

	if (r < 0)
		return fail(c, "failed to read OOM score value", -r);
	if (!c->pid) {
		r = become(c, &h, words);
	} else if (c->has_adj) {
		r = give(c, &h, c->pid, &from);
		if (r == 0)
			fprintf(c->env->out,
				"pid %d's OOM score adjust value changed from %d to %d\n",
				(int)c->pid, from, (int)c->adj);
	} else {
		r = show(c, &h);
	}
	host_close(&h);
	return r;
}

/* A closed stdout is no error to choom, and a full one is. */
static int end(const struct choom *c, int status)
{
	int r = fflush(c->env->out) != 0 ? errno : 0;

	if (r == 0)
		return status;
	__fpurge(c->env->out);
	clearerr(c->env->out);
	return r == EBADF || r == EPIPE ? status : fail(c, "write error", r);
}

int adj_choom(struct env *env, int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	struct choom c = { .env = env, .called = argv[0], .name = slash ? slash + 1 : argv[0] };
	int words = parse(&c, argc, argv), n = argc - words;
	char line[320], text[256];

	if (words < 0)
		return CHOOM_FAILURE;
	if (c.answered) {
		if (c.answered == 'h')
			cli_help(env, &command_adj);
		else
			fprintf(env->out, "%s %s\n", env->program, OOMKIT_VERSION);
		return end(&c, 0);
	}
	if (n > 0 && c.pid) {
		snprintf(line, sizeof(line), "invalid argument: %s",
			 safe(argv[words], text, sizeof(text)));
		fail(&c, line, 0);
		return try_help(&c);
	}
	if (n <= 0 && !c.pid) {
		fail(&c, "no PID or COMMAND specified", 0);
		return try_help(&c);
	}
	if (n > 0 && !c.has_adj) {
		fail(&c, "no OOM score adjust value specified", 0);
		return try_help(&c);
	}
	return end(&c, do_it(&c, argv + words));
}
