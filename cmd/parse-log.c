/* SPDX-License-Identifier: GPL-2.0-or-later */
/* parse-log: what was killed, and why that one? Reads logs, tells each OOM event in them. */
#include "parse-log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "host.h"
#include "kver.h"
#include "str.h"

enum {
	KEY_SINCE = 256,
	KEY_UNTIL,
	KEY_COMM,
	KEY_CGROUP,
	KEY_CONSTRAINT,
	KEY_TASKS,
	KEY_WHY,
	KEY_SUMMARY,
	KEY_HTML,
	KEY_PAGE_SIZE,
	KEY_YEAR,
	KEY_TZ,
};

static const struct argp_option options[] = {
	{ "kernel-ring", 'k', NULL, 0, "Read the kernel's ring buffer: /dev/kmsg", 0 },
	{ "journal", 'j', NULL, 0, "Read the journal; journalctl's options stand behind --", 0 },
	{ "since", KEY_SINCE, "TIME", 0, "Only events at or after this time", 0 },
	{ "until", KEY_UNTIL, "TIME", 0, "Only events before this time", 0 },
	{ "pid", 'p', "PIDS", 0,
	  "Only events that killed one of these, or chose it where no kill is told", 0 },
	{ "comm", KEY_COMM, "REGEX", 0,
	  "Only events that killed one of such a name, or chose it where no kill is told", 0 },
	{ "cgroup", KEY_CGROUP, "CGROUP", 0,
	  "Only events whose victim, or whose exceeded limit, is in this cgroup or below", 0 },
	{ "constraint", KEY_CONSTRAINT, "none|cpuset|memory_policy|memcg|unknown", 0,
	  "Only events under this constraint", 0 },
	{ "tasks", KEY_TASKS, NULL, 0, "Show the table of tasks", 0 },
	{ "why", KEY_WHY, NULL, 0,
	  "Judge the table anew: the victim that the rule picks, beside the one killed", 0 },
	{ "summary", KEY_SUMMARY, NULL, 0, "Show sums by name, cgroup and day in place of events",
	  0 },
	{ "html", KEY_HTML, "FILE", 0, "Write a page with charts and tables; - is stdout", 0 },
	{ "page-size", KEY_PAGE_SIZE, "SIZE", 0, "The kernel's page size where the log tells none",
	  0 },
	{ "year", KEY_YEAR, "NUM", 0, "The year of times that have none", 0 },
	{ "tz", KEY_TZ, "ZONE", 0, "The zone of times that have none: UTC, +02:00, Europe/Berlin",
	  0 },
	{ 0 },
};

/* ------------------------------------------------------------------ options */

static int add_file(struct parse_log *c, const char *name)
{
	const char **files = reallocarray(c->files, c->n_files + 1, sizeof(*files));

	if (!files)
		return -ENOMEM;
	c->files = files;
	c->files[c->n_files++] = name;
	return 0;
}

static error_t add_pids(struct parse_log *c, const char *list, const struct argp_state *state)
{
	const char *all = list;

	while (*list) {
		size_t n = strcspn(list, ",");
		int32_t *pids = reallocarray(c->pids, c->n_pids + 1, sizeof(*pids));
		int64_t pid;

		if (!pids)
			return ENOMEM;
		c->pids = pids;
		if (str_to_i64(list, n, 1, 4194304, &pid) < 0)
			return cli_usage(state, "--pid", all, "not a list of process ids", NULL);
		c->pids[c->n_pids++] = (int32_t)pid;
		list += n + (list[n] == ',');
	}
	return 0;
}

static error_t set_time(const char *option, const char *arg, struct log_bound *b,
			const struct argp_state *state)
{
	if (logline_parse_time(arg, strlen(arg), &b->usec, &b->zoned) < 0)
		return cli_usage(state, option, arg, "not a time",
				 "2026-01-31, 2026-01-31T12:00, 2026-01-31T12:00:05+01:00");
	b->given = true;
	return 0;
}

/* What a file of zoneinfo has at most: the largest is below 4 KiB. */
enum { ZONE_FILE_MAX = 64 * 1024 };

/* "Europe/Berlin": the rules of a place. */
static int read_zone(struct parse_log *c, const char *name)
{
	_cleanup_free_ char *buf = malloc(ZONE_FILE_MAX);
	_cleanup_close_ int fd = host_zone_open(name);
	size_t n = 0;
	ssize_t got;
	int r;

	if (fd < 0)
		return fd;
	if (!buf)
		return -ENOMEM;
	while (n < ZONE_FILE_MAX && (got = host_input_read(fd, buf + n, ZONE_FILE_MAX - n)) > 0)
		n += (size_t)got;
	tzif_free(&c->zone);
	r = tzif_parse(buf, n, &c->zone);
	if (r == 0)
		c->log.zone = &c->zone;
	return r;
}

static error_t set_zone(struct parse_log *c, const char *arg, const struct argp_state *state)
{
	c->log.has_zone = true;
	c->log.zone = NULL;
	if (logline_parse_zone(arg, strlen(arg), &c->log.zone_min) == 0 || read_zone(c, arg) == 0)
		return 0;
	return cli_usage(state, "--tz", arg, "no such zone", "UTC, +02:00, -0530 or Europe/Berlin");
}

static error_t set_constraint(struct parse_log *c, const char *arg, const struct argp_state *state)
{
	for (int i = 0; i < CONSTRAINT_N; i++)
		if (strcmp(arg, badness_constraint_name((enum constraint)i)) == 0) {
			c->constraints |= 1u << i;
			return 0;
		}
	return cli_usage(state, "--constraint", arg, "no such constraint",
			 "none, cpuset, memory_policy, memcg or unknown");
}

static error_t set_comm(struct parse_log *c, const char *arg, const struct argp_state *state)
{
	if (c->has_comm)
		return cli_usage(state, "--comm", arg, "given twice", NULL);
	if (regcomp(&c->comm, arg, REG_EXTENDED | REG_NOSUB) != 0)
		return cli_usage(state, "--comm", arg, "not an extended regular expression", NULL);
	c->has_comm = true;
	return 0;
}

static error_t parse_log_facts(int key, char *arg, struct argp_state *state)
{
	struct parse_log *c = state->input;
	uint64_t size;
	int64_t year;

	switch (key) {
	case KEY_PAGE_SIZE:
		if (str_to_size(arg, &size) < 0 || size < 4096 || size > 262144 ||
		    (size & (size - 1)))
			return cli_usage(state, "--page-size", arg, "not a page size",
					 "4K, 16K, 64K");
		c->page_size = (uint32_t)size;
		return 0;
	case KEY_YEAR:
		if (str_to_i64(arg, strlen(arg), 1991, 9999, &year) < 0)
			return cli_usage(state, "--year", arg, "not a year", NULL);
		c->log.year = (int)year;
		c->log.has_year = true;
		return 0;
	case KEY_TZ:
		return set_zone(c, arg, state);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct parse_log *c = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &c->output;
		state->child_inputs[1] = &c->machine;
		return 0;
	case ARGP_KEY_ARG:
		/* What stands behind "--" is journalctl's, where it is asked. */
		if (c->journal && state->quoted && state->next > state->quoted)
			return ARGP_ERR_UNKNOWN;
		return add_file(c, arg) < 0 ? ENOMEM : 0;
	case ARGP_KEY_ARGS:
		c->journal_args = state->argv + state->next;
		c->n_journal_args = state->argc - state->next;
		return 0;
	case 'k':
		c->ring = true;
		return 0;
	case 'j':
		c->journal = true;
		return 0;
	case 'p':
		return add_pids(c, arg, state);
	case KEY_SINCE:
		return set_time("--since", arg, &c->since, state);
	case KEY_UNTIL:
		return set_time("--until", arg, &c->until, state);
	case KEY_COMM:
		return set_comm(c, arg, state);
	case KEY_CGROUP:
		c->cgroup = arg;
		return 0;
	case KEY_CONSTRAINT:
		return set_constraint(c, arg, state);
	case KEY_TASKS:
		c->tasks = true;
		return 0;
	case KEY_WHY:
		c->why = true;
		return 0;
	case KEY_SUMMARY:
		c->summarize = true;
		return 0;
	case KEY_HTML:
		c->html = arg;
		return 0;
	default:
		return parse_log_facts(key, arg, state);
	}
}

static const struct argp_child children[] = {
	CLI_CHILD_OUTPUT,
	CLI_CHILD_MACHINE,
	{ 0 },
};

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "[FILE...]\n-k\n-j [-- JOURNALCTL-OPTION...]",
	.doc = "Find the OOM events in kernel logs and tell of each who was killed, by which kind "
	       "of "
	       "OOM, and who had the memory. Reads dmesg, syslog, the journal in every format, "
	       "/dev/kmsg records, consoles; compressed files; the folder of a sosreport. Without "
	       "a FILE: stdin.",
	.children = children,
};

/* ------------------------------------------------------------------ one event */

/* What 52 bits of a physical address reach, the most that any processor has: a number above it is a
 * damaged line's. */
#define RAM_KIB_MAX (UINT64_C(1) << 42)

const char *parse_log_time(const struct logtext *t, char *buf, size_t size)
{
	return t->have_time ? out_time(t->time_usec, t->zone_min, buf, size) : NULL;
}

bool parse_log_kill_rss(const struct oom_kill *k, uint64_t *kib)
{
	bool parted = k->have & (OOM_HAVE_ANON | OOM_HAVE_FILE);
	const struct {
		uint32_t bit;
		uint64_t kib;
	} parts[] = {
		{ OOM_HAVE_ANON, k->anon_kib },
		{ OOM_HAVE_FILE, k->file_kib },
		{ parted ? OOM_HAVE_SHMEM : 0, k->shmem_kib },
		{ parted ? 0 : OOM_HAVE_RSS, k->rss_kib },
	};
	uint64_t sum = 0;
	bool told = false;

	*kib = 0;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (!(k->have & parts[i].bit))
			continue;
		if (parts[i].kib > RAM_KIB_MAX)
			return false;
		sum += parts[i].kib;
		told = true;
	}
	*kib = sum;
	return told;
}

const char *parse_log_cgroup(const struct oom_event *e, const struct oom_kill *k)
{
	return k->task_memcg ? k->task_memcg : e->oom_memcg;
}

static bool kill_matches(const struct parse_log *c, const struct oom_kill *k)
{
	bool pid = c->n_pids == 0;

	for (size_t i = 0; i < c->n_pids; i++)
		pid |= k->have & OOM_HAVE_PID && k->pid == c->pids[i];
	if (!pid)
		return false;
	return !c->has_comm || (k->comm && regexec(&c->comm, k->comm, 0, NULL, 0) == 0);
}

/* A bound without a zone is in the zone that was given; where none was, it is what the clocks of
 * the log show. */
static bool is_before(const struct parse_log *c, const struct logtext *t, const struct log_bound *b)
{
	int64_t at = t->time_usec, bound = b->usec;

	if (!b->zoned && c->log.has_zone)
		bound -= (int64_t)logline_zone(&c->log, bound / 1000000) * 60000000;
	else if (!b->zoned)
		at += (int64_t)t->zone_min * 60000000;
	return at < bound;
}

static bool is_wanted(const struct parse_log *c, const struct oom_event *e)
{
	bool kill = c->n_pids == 0 && !c->has_comm, cgroup = !c->cgroup;

	if (c->constraints && !(c->constraints & 1u << e->constraint))
		return false;
	if ((c->since.given || c->until.given) && !e->first.have_time)
		return false;
	if (c->since.given && is_before(c, &e->first, &c->since))
		return false;
	if (c->until.given && !is_before(c, &e->first, &c->until))
		return false;
	for (size_t i = 0; i < e->n_kills && !kill; i++)
		kill = kill_matches(c, &e->kills[i]);
	if (!e->n_kills && e->have_selected && !kill)
		kill = kill_matches(c, &e->selected);
	if (!cgroup && e->oom_memcg)
		cgroup = victim_in_cgroup(e->oom_memcg, c->cgroup);
	for (size_t i = 0; i < e->n_kills && !cgroup; i++)
		if (e->kills[i].task_memcg)
			cgroup = victim_in_cgroup(e->kills[i].task_memcg, c->cgroup);
	return kill && cgroup;
}

static const struct era *era_of(const struct oom_event *e)
{
	struct kver v;

	return e->kernel && kver_parse(e->kernel, &v) == 0 ? era_for_release(e->kernel, &v) : NULL;
}

static void tell_event(struct parse_log *c, const struct told_event *t)
{
	enum out_format format = c->output.opt.format;
	struct out *o;

	if (c->html)
		parse_log_page_add(c, t);
	if (c->summarize) {
		if (parse_log_summary_add(c, t) < 0)
			c->failed = true;
		return;
	}
	if (c->output.opt.quiet || (c->html && strcmp(c->html, "-") == 0))
		return;
	if (format == OUT_JSON) {
		out_object(c->o, NULL);
		parse_log_json(c, c->o, t);
		out_end(c->o);
	} else if (format == OUT_NDJSON) {
		o = cli_out(c->env, &c->output);
		if (!o) {
			c->failed = true;
			return;
		}
		parse_log_json(c, o, t);
		if (cli_finish(c->env, "parse-log", o, EXIT_DONE) != EXIT_DONE)
			c->failed = true;
	} else if (format == OUT_TABLE && !c->output.columns && !c->output.all_columns) {
		parse_log_report(c, c->o, t);
	} else {
		parse_log_rows(c, t);
	}
}

static void on_event(void *ctx, struct oom_event *e)
{
	struct parse_log *c = ctx;
	struct told_event t = { .e = e };
	bool certain;

	if (!is_wanted(c, e))
		return;
	c->n_events++;
	t.page_size = rejudge_page_size(e, &certain);
	if (!certain && c->page_size)
		t.page_size = c->page_size;
	oomlog_fill(e, t.page_size);
	if ((c->why || c->html) && e->killer == OOM_KILLER_KERNEL) {
		struct rejudge_facts f = {
			.era = c->machine.era ? c->machine.era : era_of(e),
			.page_size = t.page_size,
		};

		t.have_why = rejudge(e, &f, &t.why) == 0;
		c->failed |= !t.have_why;
	}
	tell_event(c, &t);
	rejudge_free(&t.why);
}

static void on_text(void *ctx, const struct logtext *t)
{
	struct parse_log *c = ctx;

	oomlog_feed(c->parser, t);
}

/* ------------------------------------------------------------------ the run */

static int begin(struct parse_log *c)
{
	int r = logline_init(&c->lines, &c->log, on_text, c);

	if (r < 0)
		return r;
	c->parser = oomlog_new(on_event, c);
	if (!c->parser)
		return -ENOMEM;
	if (c->html) {
		r = parse_log_page_begin(c);
		if (r < 0) {
			cli_error(c->env, "parse-log", c->html, strerror(-r), NULL);
			return r;
		}
	}
	return 0;
}

static int status_of(const struct parse_log *c)
{
	if (c->failed)
		return EXIT_USAGE;
	return c->n_events ? EXIT_DONE : EXIT_NO;
}

static int read_and_tell(struct parse_log *c)
{
	enum out_format format = c->output.opt.format;
	bool page_only = c->html && strcmp(c->html, "-") == 0;
	bool streams = format == OUT_NDJSON && !c->summarize;
	bool rows = format == OUT_CSV || format == OUT_TSV;
	int status, r;

	if (!page_only && !streams && !(rows && !c->summarize)) {
		c->o = cli_out(c->env, &c->output);
		if (!c->o)
			return EXIT_USAGE;
		if (format == OUT_JSON && !c->summarize)
			out_array(c->o, "events");
	}
	parse_log_read(c);
	if (oomlog_error(c->parser) < 0) {
		cli_error(c->env, "parse-log", NULL, strerror(ENOMEM), NULL);
		c->failed = true;
	}
	if (c->html) {
		r = parse_log_page_end(c, true);
		if (r < 0) {
			cli_error(c->env, "parse-log", c->html, strerror(-r), NULL);
			c->failed = true;
		}
	}
	if (c->o && c->summarize)
		parse_log_summary_tell(c, c->o);
	if (c->o && !c->summarize)
		parse_log_rows_end(c, c->o);
	if (c->o && format == OUT_JSON && !c->summarize)
		out_end(c->o);
	status = status_of(c);
	return c->o ? cli_finish(c->env, "parse-log", c->o, status) : status;
}

static const char *root_of(const struct parse_log *c)
{
	return c->machine.root ? c->machine.root : c->env->root;
}

static int check(const struct parse_log *c)
{
	if (c->journal && root_of(c) && strcmp(root_of(c), "/") != 0 && !c->n_journal_args)
		return cli_usage_error(c->env, "parse-log", "--journal", NULL,
				       "reads this machine's journal",
				       "name the folder of another: -j -- --root DIR");
	if (c->output.sort)
		return cli_usage_error(c->env, "parse-log", "--sort", c->output.sort,
				       "events stand in the order of the log", NULL);
	return EXIT_DONE;
}

static int run(struct env *env, int argc, char **argv)
{
	struct parse_log c = { .output.command = &command_parse_log, .env = env };
	int r = cli_parse(env, &command_parse_log, argc, argv, &c), status;

	if (r != 0) {
		status = r > 0 ? EXIT_DONE : EXIT_USAGE;
	} else if (c.output.list_columns) {
		status = cli_list_columns(env, &c.output);
	} else {
		status = check(&c);
		if (status == EXIT_DONE && !c.n_files && !c.ring && !c.journal &&
		    add_file(&c, "-") < 0)
			status = EXIT_USAGE;
		if (status == EXIT_DONE) {
			c.n_shown = cli_select_columns(env, &c.output, parse_log_columns, LOG_COL_N,
						       &c.shown);
			status = c.n_shown < 0   ? EXIT_USAGE
				 : begin(&c) < 0 ? EXIT_USAGE
						 : read_and_tell(&c);
		}
	}
	oomlog_free(c.parser);
	logline_free(&c.lines);
	parse_log_summary_free(&c);
	if (c.has_comm)
		regfree(&c.comm);
	tzif_free(&c.zone);
	free(c.files);
	free(c.pids);
	free(c.shown);
	return status;
}

const struct command command_parse_log = {
	.name = "parse-log",
	.summary = "what a kernel log tells of OOM kills: who, why, and was it the right one",
	.argp = &argp,
	.run = run,
	.flags = CMD_NO_PROC,
	.columns = parse_log_columns,
	.n_columns = LOG_COL_N,
};
