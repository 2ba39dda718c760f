/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does the command line of a command, run in this very process, give what was asked for, and
 * nothing else? */
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base.h"
#include "check.h"
#include "era.h"

/* A command as any other. */
struct input {
	struct cli_output output;
	struct cli_machine machine;
	struct cli_what_if what_if;
	struct select_spec targets;
	const char *after[4];	/* what stood behind "--" */
	unsigned n_after;
	bool takes_command;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct input *in = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &in->targets;
		state->child_inputs[1] = &in->what_if;
		state->child_inputs[2] = &in->output;
		state->child_inputs[3] = &in->machine;
		return 0;
	case ARGP_KEY_ARG:
		if (!in->takes_command || !state->quoted || state->next <= state->quoted)
			return ARGP_ERR_UNKNOWN;
		in->after[in->n_after++] = arg;
		return 0;
	case 'n':
		return cli_usage(state, "--number", arg, "not a number", NULL);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
	{ "number", 'n', "NUM", 0, "Any number", 0 },
	{ "secret", 's', NULL, OPTION_HIDDEN, "Not shown", 0 },
	{ 0 },
};
static const struct argp_child children[] = {
	CLI_CHILD_TARGET, CLI_CHILD_WHAT_IF, CLI_CHILD_OUTPUT, CLI_CHILD_MACHINE, { 0 },
};
static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "[TARGET...]",
	.doc = "Before the options.\vBehind the options.",
	.children = children,
};
static const struct column columns[] = {
	{ "pid", "PID", NULL, CELL_INT, COLUMN_TABLE | COLUMN_JSON, 0, "Process id" },
	{ "oom_score", "SCORE", "oom", CELL_INT, COLUMN_TABLE | COLUMN_JSON, 0, "Score" },
};

static int run_nothing(struct env *env, int argc, char **argv)
{
	(void)env;
	(void)argc;
	(void)argv;
	return EXIT_DONE;
}

static const struct command command = {
	.name = "test",
	.summary = "nothing",
	.argp = &argp,
	.run = run_nothing,
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
};

/* One parse with streams of its own. */
struct call {
	struct env env;
	struct input in;
	char words[512]; /* what was parsed points into it */
	char *out, *err;
	size_t out_n, err_n;
	int r;
};

static void begin(struct call *c)
{
	memset(c, 0, sizeof(*c));
	c->env.out = open_memstream(&c->out, &c->out_n);
	c->env.err = open_memstream(&c->err, &c->err_n);
	c->env.program = "oomkit";
	c->in.output.command = &command;
}

/* words: parted by blanks, after "oomkit test". */
static void call(struct call *c, bool takes_command, const char *words)
{
	char who[] = "oomkit test", *argv[32] = { who }, *save = NULL;
	int argc = 1;

	begin(c);
	c->in.takes_command = takes_command;
	snprintf(c->words, sizeof(c->words), "%s", words);
	for (char *w = strtok_r(c->words, " ", &save); w; w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	c->r = cli_parse(&c->env, &command, argc, argv, &c->in);
	fflush(c->env.out);
	fflush(c->env.err);
	/* What is kept points into the words. */
	for (size_t i = 0; i < c->in.targets.n; i++)
		CHECK(c->in.targets.targets[i].text != NULL);
}

static void end(struct call *c)
{
	fclose(c->env.out);
	fclose(c->env.err);
	free(c->out);
	free(c->err);
	select_free(&c->in.targets);
	cli_what_if_free(&c->in.what_if);
}

/* The call is refused with this one line, and nothing is written to out. */
static void refused(const char *words, const char *line)
{
	struct call c;
	char told[512];

	call(&c, false, words);
	snprintf(told, sizeof(told), "%s\nTry 'oomkit test --help' for more information.\n", line);
	CHECK_INT(c.r, -EINVAL);
	CHECK_STR(c.err, told);
	CHECK_STR(c.out, "");
	end(&c);
}

static void test_values(void)
{
	struct call c;

	call(&c, false, "--format csv -bq --si --sort -oom --kernel 4.14.177 --noheadings -O");
	CHECK_INT(c.r, 0);
	CHECK_STR(c.err, "");
	CHECK_INT(c.in.output.opt.format, OUT_CSV);
	CHECK(c.in.output.opt.bytes && c.in.output.opt.quiet && c.in.output.opt.si);
	CHECK(c.in.output.opt.noheadings && c.in.output.all_columns && !c.in.output.list_columns);
	CHECK(c.in.output.sort_descending);
	CHECK(c.in.machine.era == era_for_version((struct kver){ 4, 14, 177 }));
	CHECK(!c.in.machine.root && !c.in.what_if.scope && !c.in.what_if.has_limit);
	end(&c);

	call(&c, false, "");
	CHECK_INT(c.r, 0);
	CHECK_INT(c.in.output.opt.format, OUT_TABLE);
	CHECK(!c.in.output.opt.color && !c.in.output.opt.quiet && !c.in.output.sort);
	CHECK(!c.in.machine.era && c.in.targets.n == 0);
	end(&c);

	call(&c, false, "--format csv -J --color always");
	CHECK_INT(c.in.output.opt.format, OUT_JSON);
	CHECK(c.in.output.opt.color);
	end(&c);
}

static void test_targets(void)
{
	struct call c;
	static const enum target_kind kinds[] = { TARGET_NAME, TARGET_PID,	  TARGET_PID,
						  TARGET_UNIT, TARGET_COMM_REGEX, TARGET_CGROUP,
						  TARGET_ALL };

	/* In the order in which they stand, options and words alike. */
	call(&c, false, "web -p 1,2 x.service --comm ^a --cgroup /b -A");
	CHECK_INT(c.r, 0);
	CHECK_INT(c.in.targets.n, ARRAY_SIZE(kinds));
	for (size_t i = 0; i < ARRAY_SIZE(kinds) && i < c.in.targets.n; i++)
		CHECK_INT(c.in.targets.targets[i].kind, kinds[i]);
	end(&c);

	/* What stands behind "--" is the command's own, whatever stood before. */
	call(&c, true, "web -J -- 7 --json -- x");
	CHECK_INT(c.r, 0);
	CHECK_INT(c.in.targets.n, 1);
	CHECK_INT(c.in.n_after, 4);
	CHECK_STR(c.in.after[0], "7");
	CHECK_STR(c.in.after[1], "--json");
	CHECK_STR(c.in.after[2], "--");
	end(&c);
	refused("web -- 7", "oomkit test: 7: an argument too many (behind -- stands a command to "
			    "run; none is run here)");
}

static void test_what_if(void)
{
	struct call c;

	call(&c, false, "--set a=b=-5 --grow /c=1.5G --set d=1000 --limit 2M --scope /e");
	CHECK_INT(c.r, 0);
	CHECK_INT(c.in.what_if.n_set, 2);
	CHECK_INT(c.in.what_if.n_grow, 1);
	CHECK_INT(c.in.what_if.limit_bytes, 2 << 20);
	CHECK(c.in.what_if.has_limit && c.in.what_if.scope);
	end(&c);

	CHECK_STR(cli_pair_value("a=b=-5"), "-5");
	CHECK_STR(cli_pair_value("a="), "");
	CHECK(cli_pair_value("a") == NULL);
}

static void test_refusals(void)
{
	refused("--format xml",
		"oomkit test: --format xml: not a format (table, json, ndjson, csv, tsv, prom)");
	refused("-n x", "oomkit test: --number x: not a number");
	refused("--nonsense", "oomkit test: --nonsense: no such option");
	refused("--bites", "oomkit test: --bites: no such option (did you mean --bytes?)");
	refused("-JZ", "oomkit test: -Z: no such option");
	refused("-Jn", "oomkit test: -n: this option wants a value (NUM)");
	refused("--json=1", "oomkit test: --json=1: this option takes no value");
	refused("web --co x", "oomkit test: --co: more than one option begins so");
	/* The value of an option is no option, whatever it looks like. */
	refused("-o --nonsense --bad", "oomkit test: --bad: no such option");
	refused("--set a=1001", "oomkit test: --set a=1001: outside -1000..1000");
}

static void test_help(void)
{
	static const char begins[] =
		"Usage: oomkit test [OPTION...] [TARGET...]\n\nBefore the options.\n\nOptions:\n";
	struct call c;
	char *at;

	call(&c, false, "--help");
	CHECK_INT(c.r, 1);
	CHECK_STR(c.err, "");
	CHECK(strncmp(c.out, begins, strlen(begins)) == 0);
	CHECK(strstr(c.out, "  -n, --number=NUM           Any number\n") != NULL);
	CHECK(strstr(c.out, "secret") == NULL);
	at = strstr(c.out, "\nTargets:\n");
	CHECK(at && strstr(at, "\nWhat if (nothing is changed):\n"));
	at = strstr(c.out, "\nGeneral:\n");
	CHECK(at && strstr(at, "\n\nBehind the options.\n"));
	end(&c);

	call(&c, false, "--version --nonsense");
	CHECK_INT(c.r, 1);
	CHECK_STR(c.out, "oomkit " OOMKIT_VERSION "\n");
	end(&c);
}

static void test_rows(void)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	cli_help_row(f, 10, "short", "some words");
	cli_help_row(f, 10, "much too long", "x");
	cli_help_row(f, 30, "a", "more letters than there is room for in one line, by far");
	fclose(f);
	CHECK_STR(text, "  short   some words\n"
			"  much too long\n          x\n"
			"  a                           "
			"more letters than there is room for in one line,\n"
			"                              by far\n");
	free(text);
}

static void test_messages(void)
{
	struct call c;

	begin(&c);
	cli_error(&c.env, "rank", "a\nb\033[1m", "no\tgood", "try\nthis");
	cli_error(&c.env, NULL, NULL, "bad", NULL);
	cli_error(&c.env, "rank", "", "empty", NULL);
	cli_note(&c.env, "rank", "%d of %s", 3, "\x7f");
	fflush(c.env.err);
	CHECK_STR(c.err, "oomkit rank: a\\x0ab\\x1b[1m: no\\x09good (try\\x0athis)\n"
			 "oomkit: bad\n"
			 "oomkit rank: '': empty\n"
			 "oomkit rank: 3 of \\x7f\n");
	CHECK_STR(c.out ? c.out : "", "");
	end(&c);
}

static void test_near_misses(void)
{
	static const struct {
		const char *a, *b;
		bool near;
	} pairs[] = {
		{ "rnak", "rank", true },
		{ "ran", "rank", true },
		{ "ranks", "rank", true },
		{ "rank", "rank", true },
		{ "tank", "rank", true },
		{ "explian", "explain", true },
		{ "explane", "explain", true },
		{ "tanks", "rank", false },
		{ "knar", "rank", false },
		{ "expand", "explain", false },
		{ "ps", "rank", false },
		{ "", "rank", false },
		{ "r", "r", false },
		{ "foo", "root", false },
		{ "a-name-that-is-longer-than-any-of-ours", "rank", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		if (cli_resembles(pairs[i].a, pairs[i].b) != pairs[i].near)
			CHECK_STR(pairs[i].a, pairs[i].near ? "a near miss" : "no near miss");
	CHECK(cli_resembles("rnak", "rank"));
}

static void test_columns(void)
{
	struct call c;
	unsigned *shown = NULL;

	begin(&c);
	c.in.output.columns = "SCORE,pid";
	CHECK_INT(cli_select_columns(&c.env, &c.in.output, columns, 2, &shown), 2);
	CHECK_INT(shown[0], 1);
	CHECK_INT(shown[1], 0);
	free(shown);
	shown = NULL;
	c.in.output.columns = "pid,none";
	CHECK_INT(cli_select_columns(&c.env, &c.in.output, columns, 2, &shown), -EINVAL);
	free(shown);
	CHECK_INT(cli_sort_column(&c.env, &c.in.output, columns, 2), -ENOENT);
	c.in.output.sort = "oom";
	CHECK_INT(cli_sort_column(&c.env, &c.in.output, columns, 2), 1);
	c.in.output.sort = "no";
	CHECK_INT(cli_sort_column(&c.env, &c.in.output, columns, 2), -EINVAL);
	fflush(c.env.err);
	CHECK_STR(c.err, "oomkit test: --output none: no such column (--list-columns shows them)\n"
			 "Try 'oomkit test --help' for more information.\n"
			 "oomkit test: --sort no: no such column (--list-columns shows them)\n"
			 "Try 'oomkit test --help' for more information.\n");
	CHECK_INT(cli_list_columns(&c.env, &c.in.output), EXIT_DONE);
	CHECK_STR(c.out, "NAME      HEADER HELP\n"
			 "pid       PID    Process id\n"
			 "oom_score SCORE  Score\n");
	end(&c);
}

static void test_failed_output(void)
{
	struct call c;
	FILE *full = fopen("/dev/full", "w"), *real;

	CHECK(full != NULL);
	if (!full)
		return;
	begin(&c);
	real = c.env.out;
	c.env.out = full;
	CHECK_INT(cli_flush(&c.env, "test", EXIT_DONE), EXIT_DONE);
	fputs("text", full);
	CHECK_INT(cli_flush(&c.env, "test", EXIT_DONE), EXIT_USAGE);
	/* It has been told: the failure stays one, silently. */
	CHECK_INT(cli_flush(&c.env, NULL, EXIT_USAGE), EXIT_USAGE);
	CHECK_INT(cli_finish(&c.env, "test", cli_out(&c.env, &c.in.output), EXIT_DONE), EXIT_USAGE);
	fflush(c.env.err);
	CHECK(strncmp(c.err, "oomkit test: standard output: No space left on device\n", 54) == 0);
	fclose(full);
	c.env.out = real;
	end(&c);
}

int main(void)
{
	test_values();
	test_targets();
	test_what_if();
	test_refusals();
	test_help();
	test_rows();
	test_messages();
	test_near_misses();
	test_columns();
	test_failed_output();
	return check_done();
}
