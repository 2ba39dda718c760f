/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What did the user ask for, and how is trouble told? The options that mean the same in every
 * command, each group of them once, as argp children; usage errors, messages and the end of the
 * output in one form. Mirrors the contract of getopt_long(3) and argp as the GNU C library has
 * them.
 */
#include "cli.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base.h"
#include "era.h"
#include "kver.h"
#include "str.h"

#ifndef OOMKIT_VERSION
#error "OOMKIT_VERSION is the program's version as a string"
#endif

/* argp hands an error of a parser through as it is; this one says that the user has had the
 * answer. */
#define TOLD ECANCELED

/* Long enough for any sentence of ours with a path in it; what is longer is cut. */
#define LINE_SIZE 1024

/* Options without a short letter. */
enum {
	KEY_FORMAT = 256,
	KEY_LIST_COLUMNS,
	KEY_NOHEADINGS,
	KEY_SI,
	KEY_SORT,
	KEY_COLOR,
	KEY_ROOT,
	KEY_KERNEL,
	KEY_COMM,
	KEY_UNIT,
	KEY_CGROUP,
	KEY_CONTAINER,
	KEY_TREE,
	KEY_SCOPE,
	KEY_NODES,
	KEY_MEMPOLICY,
	KEY_SET,
	KEY_GROW,
	KEY_LIMIT,
};

/* ------------------------------------------------------------------ speaking */

static const char *escaped(const char *s, char *buf, size_t size)
{
	return out_escape(s, strlen(s), buf, size);
}

/* who: "oomkit rank". One call of fprintf, so that lines of two programs on one stderr do not
 * mix. */
static void speak(FILE *err, const char *who, const char *object, const char *value,
		  const char *reason, const char *help)
{
	char o[LINE_SIZE], v[LINE_SIZE], r[LINE_SIZE], h[LINE_SIZE];
	bool named = object || value;

	if (object && !*object)
		object = "''";
	if (value && !*value)
		value = "''";
	fprintf(err, "%s: %s%s%s%s%s%s%s%s\n", who, object ? escaped(object, o, sizeof(o)) : "",
		object && value ? " " : "", value ? escaped(value, v, sizeof(v)) : "",
		named ? ": " : "", escaped(reason, r, sizeof(r)), help ? " (" : "",
		help ? escaped(help, h, sizeof(h)) : "", help ? ")" : "");
}

const char *cli_who(const struct env *env, const char *command, char *buf, size_t size)
{
	snprintf(buf, size, "%s%s%s", env->program, command ? " " : "", command ? command : "");
	return buf;
}

void cli_error(const struct env *env, const char *command, const char *object, const char *reason,
	       const char *help)
{
	char who[64];

	speak(env->err, cli_who(env, command, who, sizeof(who)), object, NULL, reason, help);
}

void cli_note(const struct env *env, const char *command, const char *fmt, ...)
{
	char line[LINE_SIZE], who[64];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	speak(env->err, cli_who(env, command, who, sizeof(who)), NULL, NULL, line, NULL);
}

static void tell_usage(FILE *err, const char *who, const char *option, const char *value,
		       const char *reason, const char *help)
{
	speak(err, who, option, value, reason, help);
	fprintf(err, "Try '%s --help' for more information.\n", who);
}

error_t cli_usage(const struct argp_state *state, const char *option, const char *value,
		  const char *reason, const char *help)
{
	tell_usage(state->err_stream, state->name, option, value, reason, help);
	return TOLD;
}

int cli_usage_error(const struct env *env, const char *command, const char *option,
		    const char *value, const char *reason, const char *help)
{
	char who[64];

	tell_usage(env->err, cli_who(env, command, who, sizeof(who)), option, value, reason, help);
	return EXIT_USAGE;
}

/* ------------------------------------------------------------------ near misses */

static unsigned smaller(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* How many letters are wrong, missing, too many or swapped with their neighbour; names too
 * long for that are far. */
static unsigned distance(const char *a, const char *b)
{
	unsigned d[24][24];
	size_t a_n = strlen(a), b_n = strlen(b);

	if (a_n >= ARRAY_SIZE(d) || b_n >= ARRAY_SIZE(d[0]))
		return UINT_MAX;
	for (unsigned i = 0; i <= a_n; i++)
		d[i][0] = i;
	for (unsigned j = 0; j <= b_n; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= a_n; i++)
		for (size_t j = 1; j <= b_n; j++) {
			d[i][j] = smaller(smaller(d[i - 1][j], d[i][j - 1]) + 1,
					  d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d[i][j] = smaller(d[i][j], d[i - 2][j - 2] + 1);
		}
	return d[a_n][b_n];
}

bool cli_resembles(const char *a, const char *b)
{
	/* Two slips in a long name, one in a short one: "ps" is not a near miss of everything. */
	return strlen(a) > 2 && distance(a, b) <= (strlen(b) > 5 ? 2u : 1u);
}

/* ------------------------------------------------------------------ output */

static const struct argp_option output_options[] = {
	{ "json", 'J', NULL, 0, "The same as --format json", 0 },
	{ "format", KEY_FORMAT, "table|json|ndjson|csv|tsv|prom", 0,
	  "The form of the output; table is for people", 0 },
	{ "output", 'o', "COLUMNS", 0, "Which columns; +COLUMN appends to the usual ones", 0 },
	{ "output-all", 'O', NULL, 0, "All columns", 0 },
	{ "list-columns", KEY_LIST_COLUMNS, NULL, 0, "List the columns that there are", 0 },
	{ "noheadings", KEY_NOHEADINGS, NULL, 0, "No line of headings", 0 },
	{ "bytes", 'b', NULL, 0, "Memory as plain numbers of bytes", 0 },
	{ "si", KEY_SI, NULL, 0, "Units of 1000, not of 1024", 0 },
	{ "sort", KEY_SORT, "[-]COLUMN", 0, "Sort the rows by this column; - turns it round", 0 },
	{ "color", KEY_COLOR, "auto|always|never", 0,
	  "Colour; auto: on a terminal, where NO_COLOR is not set", 0 },
	{ "quiet", 'q', NULL, 0, "Print nothing; the exit status tells", 0 },
	{ 0 },
};

static bool color_is_wanted(FILE *out)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	if (no_color && *no_color)
		return false;
	if (!term || strcmp(term, "dumb") == 0)
		return false;
	return out && fileno(out) >= 0 && isatty(fileno(out));
}

/* How many columns the terminal has; 0 where it is none or does not say. */
static unsigned width_of(FILE *out)
{
	struct winsize size;

	if (!out || fileno(out) < 0 || ioctl(fileno(out), TIOCGWINSZ, &size) < 0)
		return 0;
	return size.ws_col;
}

static error_t set_color(struct cli_output *o, const char *when, const struct argp_state *state)
{
	if (strcmp(when, "always") == 0)
		o->opt.color = true;
	else if (strcmp(when, "never") == 0)
		o->opt.color = false;
	else if (strcmp(when, "auto") == 0)
		o->opt.color = color_is_wanted(state->out_stream);
	else
		return cli_usage(state, "--color", when, "not a choice", "auto, always, never");
	return 0;
}

static error_t set_format(struct cli_output *o, const char *name, const struct argp_state *state)
{
	int format = out_format_from_name(name);

	if (format < 0)
		return cli_usage(state, "--format", name, "not a format",
				 "table, json, ndjson, csv, tsv, prom");
	o->opt.format = (enum out_format)format;
	return 0;
}

static error_t set_sort(struct cli_output *o, const char *arg, const struct argp_state *state)
{
	o->sort_descending = *arg == '-';
	o->sort = arg + o->sort_descending;
	if (!*o->sort)
		return cli_usage(state, "--sort", arg, "names no column", NULL);
	return 0;
}

static error_t parse_output(int key, char *arg, struct argp_state *state)
{
	struct cli_output *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		o->opt.color = color_is_wanted(state->out_stream);
		o->opt.width = width_of(state->out_stream);
		return 0;
	case 'J':
		o->opt.format = OUT_JSON;
		return 0;
	case KEY_FORMAT:
		return set_format(o, arg, state);
	case 'o':
		o->columns = arg;
		return 0;
	case 'O':
		o->all_columns = true;
		return 0;
	case KEY_LIST_COLUMNS:
		o->list_columns = true;
		return 0;
	case KEY_NOHEADINGS:
		o->opt.noheadings = true;
		return 0;
	case 'b':
		o->opt.bytes = true;
		return 0;
	case KEY_SI:
		o->opt.si = true;
		return 0;
	case KEY_SORT:
		return set_sort(o, arg, state);
	case KEY_COLOR:
		return set_color(o, arg, state);
	case 'q':
		o->opt.quiet = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp cli_output_argp = { .options = output_options, .parser = parse_output };

/* ------------------------------------------------------------------ the machine */

static const struct argp_option machine_options[] = {
	{ "root", KEY_ROOT, "DIR", 0,
	  "Judge the machine whose root this is: a captured one, a container's, another mount", 0 },
	{ "kernel", KEY_KERNEL, "KERNEL", 0,
	  "Judge by the rule of this kernel version (2.6.32, 4.14, 6.18...)", 0 },
	{ 0 },
};

static error_t set_kernel(struct cli_machine *m, const char *arg, const struct argp_state *state)
{
	const struct kver *oldest = &era_table[era_count - 1].since;
	struct kver v;
	char help[64];

	if (kver_parse(arg, &v) < 0)
		return cli_usage(state, "--kernel", arg, "not a kernel version",
				 "2.6.32, 4.14, 6.18.44 are some");
	m->era = era_for_release(arg, &v);
	if (!m->era) {
		snprintf(help, sizeof(help), "the oldest is that of %d.%d.%d", oldest->major,
			 oldest->minor, oldest->patch);
		return cli_usage(state, "--kernel", arg, "no rule is known for this version", help);
	}
	m->kernel = arg;
	return 0;
}

static error_t parse_machine(int key, char *arg, struct argp_state *state)
{
	struct cli_machine *m = state->input;

	switch (key) {
	case KEY_ROOT:
		if (!*arg)
			return cli_usage(state, "--root", arg, "names no directory", NULL);
		m->root = arg;
		return 0;
	case KEY_KERNEL:
		return set_kernel(m, arg, state);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp cli_machine_argp = { .options = machine_options, .parser = parse_machine };

/* ------------------------------------------------------------------ targets */

static const struct argp_option target_options[] = {
	{ "pid", 'p', "PIDS", 0, "The processes with these ids", 0 },
	{ "exact", 'x', "NAME", 0, "Processes of exactly this name", 0 },
	{ "comm", KEY_COMM, "REGEX", 0, "Processes whose name matches", 0 },
	{ "full", 'f', "REGEX", 0, "Processes whose command line matches", 0 },
	{ "user", 'u', "USERS", 0, "Processes of these users, by name or number", 0 },
	{ "unit", KEY_UNIT, "UNIT", 0, "Processes of this systemd unit", 0 },
	{ "cgroup", KEY_CGROUP, "CGROUP", 0, "Processes of this cgroup and those below it", 0 },
	{ "container", KEY_CONTAINER, "CONTAINER", 0, "Processes of the container with this id",
	  0 },
	{ "tree", KEY_TREE, "PID", 0, "This process and its descendants", 0 },
	{ "all", 'A', NULL, 0, "All processes", 0 },
	{ 0 },
};

/* What each selector takes. */
static const struct selector {
	int key;
	enum target_kind kind;
	const char *option;
	const char *refusal;
} selectors[] = {
	{ 'p', TARGET_PID, "--pid", "not a list of process ids" },
	{ 'x', TARGET_NAME, "--exact", "not a name" },
	{ KEY_COMM, TARGET_COMM_REGEX, "--comm", "not an extended regular expression" },
	{ 'f', TARGET_FULL_REGEX, "--full", "not an extended regular expression" },
	{ 'u', TARGET_USER, "--user", "not a list of users" },
	{ KEY_UNIT, TARGET_UNIT, "--unit", "not a unit" },
	{ KEY_CGROUP, TARGET_CGROUP, "--cgroup", "not the path of a cgroup" },
	{ KEY_CONTAINER, TARGET_CONTAINER, "--container", "not the id of a container" },
	{ KEY_TREE, TARGET_TREE, "--tree", "not a process id" },
	{ 'A', TARGET_ALL, "--all", "not a target" },
};

static error_t add_target(struct select_spec *spec, enum target_kind kind, const char *option,
			  const char *text, const char *refusal, const struct argp_state *state)
{
	int r = select_add(spec, kind, text);

	if (r == 0)
		return 0;
	return cli_usage(state, option, text, r == -EINVAL ? refusal : strerror(-r), NULL);
}

static error_t parse_target(int key, char *arg, struct argp_state *state)
{
	struct select_spec *spec = state->input;

	if (key == ARGP_KEY_ARG) {
		if (state->quoted && state->next > state->quoted)
			return ARGP_ERR_UNKNOWN;
		return add_target(spec, select_kind_of(arg), NULL, arg, "not a target", state);
	}
	for (size_t i = 0; i < ARRAY_SIZE(selectors); i++) {
		const struct selector *s = &selectors[i];

		if (s->key == key)
			return add_target(spec, s->kind, s->option, arg ? arg : "--all", s->refusal,
					  state);
	}
	return ARGP_ERR_UNKNOWN;
}

const struct argp cli_target_argp = { .options = target_options, .parser = parse_target };

/* ------------------------------------------------------------------ what if */

static const struct argp_option what_if_options[] = {
	{ "scope", KEY_SCOPE, "TARGET", 0, "As if this cgroup were out of memory, not the machine",
	  0 },
	{ "nodes", KEY_NODES, "NODES", 0,
	  "As if memory ran out on these memory nodes, for a task whose cpuset has no others", 0 },
	{ "mempolicy", KEY_MEMPOLICY, "NODES", 0,
	  "The same, for a task that is bound there by set_mempolicy(2) or mbind(2)", 0 },
	{ "set", KEY_SET, "TARGET=ADJ", 0, "As if these processes had this oom_score_adj", 0 },
	{ "grow", KEY_GROW, "TARGET=SIZE", 0,
	  "As if each of these processes had that much more memory", 0 },
	{ "limit", KEY_LIMIT, "SIZE", 0, "As if the scope's limit, or the machine's RAM, were this",
	  0 },
	{ 0 },
};

const char *cli_pair_value(const char *pair)
{
	const char *equals = strrchr(pair, '=');

	return equals ? equals + 1 : NULL;
}

static int append(const char ***list, size_t *n, const char *item)
{
	const char **grown = reallocarray(*list, *n + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	*list = grown;
	grown[(*n)++] = item;
	return 0;
}

static error_t add_pair(const char ***list, size_t *n, const char *option, const char *pair,
			const struct argp_state *state)
{
	if (append(list, n, pair) < 0)
		return cli_usage(state, option, pair, strerror(ENOMEM), NULL);
	return 0;
}

static error_t add_set(struct cli_what_if *w, const char *pair, const struct argp_state *state)
{
	const char *value = cli_pair_value(pair);
	int64_t adj;
	int r = -EINVAL;

	if (value && value - 1 > pair)
		r = str_to_i64(value, strlen(value), -1000, 1000, &adj);
	if (r == -ERANGE)
		return cli_usage(state, "--set", pair, "outside -1000..1000", NULL);
	if (r < 0)
		return cli_usage(state, "--set", pair, "not TARGET=ADJ", "a number, -1000 to 1000");
	return add_pair(&w->set, &w->n_set, "--set", pair, state);
}

static error_t add_grow(struct cli_what_if *w, const char *pair, const struct argp_state *state)
{
	const char *value = cli_pair_value(pair);
	uint64_t bytes;

	if (!value || value - 1 == pair || str_to_size(value, &bytes) < 0)
		return cli_usage(state, "--grow", pair, "not TARGET=SIZE",
				 "a number with K M G T, as in 1.5G");
	return add_pair(&w->grow, &w->n_grow, "--grow", pair, state);
}

static error_t set_limit(struct cli_what_if *w, const char *arg, const struct argp_state *state)
{
	if (str_to_size(arg, &w->limit_bytes) < 0)
		return cli_usage(state, "--limit", arg, "not a size",
				 "a number with K M G T, as in 1.5G");
	if (w->limit_bytes == 0)
		return cli_usage(state, "--limit", arg, "must be more than 0", NULL);
	w->has_limit = true;
	return 0;
}

static error_t set_nodes(struct cli_what_if *w, const char *arg, bool by_policy,
			 const struct argp_state *state)
{
	if (w->nodes)
		return cli_usage(state, by_policy ? "--mempolicy" : "--nodes", arg,
				 "memory runs out in one place only",
				 "give --nodes or --mempolicy, and once");
	w->nodes = arg;
	w->by_policy = by_policy;
	return 0;
}

/* Where it happens is said once, and the size of a node is what it is. */
static error_t end_what_if(const struct cli_what_if *w, const struct argp_state *state)
{
	const char *option = w->by_policy ? "--mempolicy" : "--nodes";

	if (w->nodes && w->scope)
		return cli_usage(state, option, w->nodes, "cannot be combined with --scope",
				 "a cgroup's OOM has its members from every node");
	if (w->nodes && w->has_limit)
		return cli_usage(state, option, w->nodes, "cannot be combined with --limit", NULL);
	return 0;
}

static error_t parse_what_if(int key, char *arg, struct argp_state *state)
{
	struct cli_what_if *w = state->input;

	switch (key) {
	case KEY_SCOPE:
		if (!*arg)
			return cli_usage(state, "--scope", arg, "names no target", NULL);
		w->scope = arg;
		return 0;
	case KEY_NODES:
	case KEY_MEMPOLICY:
		return set_nodes(w, arg, key == KEY_MEMPOLICY, state);
	case ARGP_KEY_END:
		return end_what_if(w, state);
	case KEY_SET:
		return add_set(w, arg, state);
	case KEY_GROW:
		return add_grow(w, arg, state);
	case KEY_LIMIT:
		return set_limit(w, arg, state);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp cli_what_if_argp = { .options = what_if_options, .parser = parse_what_if };

void cli_what_if_free(struct cli_what_if *w)
{
	free(w->set);
	free(w->grow);
	*w = (struct cli_what_if){ 0 };
}

/* ------------------------------------------------------------------ what every command has */

/* One run of the parser. */
struct parse {
	const struct env *env;
	const struct command *command;
	void *input;
	bool answered; /* --help or --version, in place of an error */
};

static const struct argp_option general_options[] = {
	{ "help", 'h', NULL, 0, "Show this help", 0 },
	{ "version", 'V', NULL, 0, "Show the version", 0 },
	{ 0 },
};

static error_t parse_general(int key, char *arg, struct argp_state *state)
{
	struct parse *p = state->input;

	(void)arg;
	switch (key) {
	case 'h':
		cli_help(p->env, p->command);
		break;
	case 'V':
		fprintf(p->env->out, "%s %s\n", p->env->program, OOMKIT_VERSION);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	p->answered = true;
	return TOLD;
}

static const struct argp general_argp = { .options = general_options, .parser = parse_general };

/* The root of the tree: hands the streams and the inputs on. */
static error_t parse_root(int key, char *arg, struct argp_state *state)
{
	struct parse *p = state->input;

	(void)arg;
	if (key != ARGP_KEY_INIT)
		return ARGP_ERR_UNKNOWN;
	state->out_stream = p->env->out;
	state->err_stream = p->env->err;
	state->child_inputs[0] = p->input;
	state->child_inputs[1] = p;
	return 0;
}

/* The tree of a command: its own options with their children, then the general ones. */
struct tree {
	struct argp_child children[3];
	struct argp root;
};

static void tree_of(const struct command *c, struct tree *t)
{
	t->children[0] = (struct argp_child){ .argp = c->argp };
	t->children[1] = (struct argp_child){ &general_argp, 0, "General:", 9 };
	t->children[2] = (struct argp_child){ 0 };
	t->root = (struct argp){ .parser = parse_root, .children = t->children };
}

/* ------------------------------------------------------------------ walking the tables */

/* A heading without the colon that argp wants it to end with. */
static const char *bare_heading(const char *heading, char *buf, size_t size)
{
	size_t n;

	if (!heading)
		heading = "Options";
	n = strlen(heading);
	if (n > 0 && heading[n - 1] == ':')
		n--;
	snprintf(buf, size, "%.*s", (int)n, heading);
	return buf;
}

static void each_option(const struct argp *argp, const char *heading, cli_option_fn fn, void *ctx)
{
	char buf[128], own[128];

	heading = bare_heading(heading, buf, sizeof(buf));
	for (const struct argp_option *o = argp->options;
	     o && (o->name || o->key || o->doc || o->group); o++) {
		if (!o->name && !o->key)
			heading = bare_heading(o->doc, own, sizeof(own));
		else if (!(o->flags & (OPTION_HIDDEN | OPTION_DOC)))
			fn(ctx, heading, o);
	}
	for (const struct argp_child *child = argp->children; child && child->argp; child++)
		each_option(child->argp, child->header, fn, ctx);
}

void cli_each_option(const struct command *c, cli_option_fn fn, void *ctx)
{
	struct tree t;

	tree_of(c, &t);
	each_option(&t.root, NULL, fn, ctx);
}

/* ------------------------------------------------------------------ what getopt refused */

/* The option that a word names. */
struct lookup {
	const char *name; /* of a long option, n long */
	size_t n;
	int key;                                 /* of a short one; 0 */
	const struct argp_option *exact, *first; /* first: what it abbreviates */
	bool ambiguous;
	const char *near; /* a long option that it resembles */
};

static void look(void *ctx, const char *heading, const struct argp_option *o)
{
	struct lookup *l = ctx;
	char word[32];

	(void)heading;
	if (l->key) {
		if (o->key == l->key)
			l->exact = o;
		return;
	}
	if (!o->name)
		return;
	if (strncmp(o->name, l->name, l->n) == 0) {
		if (o->name[l->n] == '\0')
			l->exact = o;
		else if (l->first)
			l->ambiguous = true;
		else
			l->first = o;
	}
	snprintf(word, sizeof(word), "%.*s", (int)l->n, l->name);
	if (!l->near && cli_resembles(word, o->name))
		l->near = o->name;
}

/* Whether a word's option is refused; told where it is. *takes_next: its value is the next word. */
static bool refuse_long(const struct parse *p, const char *who, const char *word, bool last,
			bool *takes_next)
{
	const char *equals = strchr(word, '=');
	struct lookup l = { .name = word + 2,
			    .n = equals ? (size_t)(equals - word - 2) : strlen(word + 2) };
	const struct argp_option *o;
	char near[64];

	cli_each_option(p->command, look, &l);
	o = l.exact ? l.exact : l.first;
	snprintf(near, sizeof(near), "did you mean --%s?", l.near ? l.near : "");
	if (!o)
		tell_usage(p->env->err, who, word, NULL, "no such option", l.near ? near : NULL);
	else if (!l.exact && l.ambiguous)
		tell_usage(p->env->err, who, word, NULL, "more than one option begins so", NULL);
	else if (equals && !o->arg)
		tell_usage(p->env->err, who, word, NULL, "this option takes no value", NULL);
	else if (o->arg && !equals && last)
		tell_usage(p->env->err, who, word, NULL, "this option wants a value", o->arg);
	else {
		*takes_next = o->arg && !equals;
		return false;
	}
	return true;
}

static bool refuse_short(const struct parse *p, const char *who, const char *word, bool last,
			 bool *takes_next)
{
	for (const char *c = word + 1; *c; c++) {
		struct lookup l = { .key = (unsigned char)*c };
		char name[3] = { '-', *c, '\0' };

		cli_each_option(p->command, look, &l);
		if (!l.exact) {
			tell_usage(p->env->err, who, name, NULL, "no such option", NULL);
			return true;
		}
		if (!l.exact->arg)
			continue;
		if (!c[1] && last) {
			tell_usage(p->env->err, who, name, NULL, "this option wants a value",
				   l.exact->arg);
			return true;
		}
		*takes_next = !c[1];
		return false;
	}
	return false;
}

/*
 * Names the word that getopt refused. Its own messages go to the process's stderr, unescaped and
 * in another form, so it is kept silent and the words are gone through once more.
 */
static void tell_refused(const struct parse *p, const char *who, int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		bool last = i == argc - 1, takes_next = false, refused;

		if (argv[i][0] != '-' || !argv[i][1])
			continue;
		refused = argv[i][1] == '-' ? refuse_long(p, who, argv[i], last, &takes_next)
					    : refuse_short(p, who, argv[i], last, &takes_next);
		if (refused)
			return;
		i += takes_next;
	}
	tell_usage(p->env->err, who, NULL, NULL, "options that cannot be understood", NULL);
}

/* ------------------------------------------------------------------ parsing */

/* In order: getopt's rearranging would move the words before a "--" behind it. */
static int parse(struct parse *p, int argc, char **argv, int *word)
{
	struct tree t;
	error_t r;

	tree_of(p->command, &t);
	r = argp_parse(&t.root, argc, argv,
		       ARGP_IN_ORDER | ARGP_NO_ERRS | ARGP_NO_EXIT | ARGP_NO_HELP, word, p);
	if (p->answered)
		return 1;
	if (r == 0)
		return 0;
	if (r == EINVAL)
		tell_refused(p, argv[0], argc, argv);
	else if (r != TOLD)
		tell_usage(p->env->err, argv[0], NULL, NULL, strerror(r), NULL);
	return -EINVAL;
}

int cli_parse_before_word(const struct env *env, const struct command *c, int argc, char **argv,
			  void *input, int *word)
{
	struct parse p = { .env = env, .command = c, .input = input };

	return parse(&p, argc, argv, word);
}

int cli_parse(const struct env *env, const struct command *c, int argc, char **argv, void *input)
{
	struct parse p = { .env = env, .command = c, .input = input };
	const char *help = NULL;
	int word = argc, r;

	r = parse(&p, argc, argv, &word);
	if (r != 0 || word >= argc)
		return r;
	if (strcmp(argv[word - 1], "--") == 0)
		help = "behind -- stands a command to run; none is run here";
	tell_usage(env->err, argv[0], argv[word], NULL, "an argument too many", help);
	return -EINVAL;
}

/* ------------------------------------------------------------------ columns, the end of output */

static const struct column column_columns[] = {
	{ "name", "NAME", NULL, CELL_STR, COLUMN_TABLE | COLUMN_JSON | COLUMN_LABEL, 0,
	  "What -o and --sort take" },
	{ "header", "HEADER", NULL, CELL_STR, COLUMN_TABLE | COLUMN_JSON | COLUMN_LABEL, 0,
	  "What stands above the column in a table" },
	{ "help", "HELP", NULL, CELL_STR, COLUMN_TABLE | COLUMN_JSON, 0, "What it holds" },
};

static enum row_style column_row(void *ctx, size_t row, const unsigned *shown, size_t n_shown,
				 struct cell *cells)
{
	const struct column *c = &((const struct command *)ctx)->columns[row];
	const char *const text[] = { c->key, c->header, c->help };

	for (size_t i = 0; i < n_shown; i++)
		cells[i] = cell_str(text[shown[i]]);
	return ROW_PLAIN;
}

int cli_list_columns(const struct env *env, const struct cli_output *o)
{
	static const unsigned shown[] = { 0, 1, 2 };
	const struct command *c = o->command;
	struct out *out = out_new(env->out, "columns", &o->opt);

	if (!out) {
		cli_error(env, c->name, NULL, strerror(ENOMEM), NULL);
		return EXIT_USAGE;
	}
	out_rows(out, "columns", column_columns, shown, ARRAY_SIZE(shown), c->n_columns, column_row,
		 (void *)(uintptr_t)c);
	return cli_finish(env, c->name, out, EXIT_DONE);
}

int cli_select_columns(const struct env *env, const struct cli_output *o,
		       const struct column *columns, size_t n_columns, unsigned **shown)
{
	const char *bad = NULL;
	size_t bad_n = 0;
	char name[LINE_SIZE];
	int r = out_select(columns, n_columns, o->opt.format, o->columns, o->all_columns, shown,
			   &bad, &bad_n);

	if (r == -EINVAL && bad) {
		snprintf(name, sizeof(name), "%.*s", (int)bad_n, bad);
		cli_usage_error(env, o->command->name, "--output", name, "no such column",
				"--list-columns shows them");
	} else if (r < 0) {
		cli_error(env, o->command->name, NULL, strerror(-r), NULL);
	}
	return r;
}

int cli_sort_column(const struct env *env, const struct cli_output *o, const struct column *columns,
		    size_t n_columns)
{
	int i;

	if (!o->sort)
		return -ENOENT;
	i = out_find_column(columns, n_columns, o->sort, strlen(o->sort));
	if (i < 0) {
		cli_usage_error(env, o->command->name, "--sort", o->sort, "no such column",
				"--list-columns shows them");
		return -EINVAL;
	}
	return i;
}

struct out *cli_out(const struct env *env, const struct cli_output *o)
{
	return out_new(env->out, o->command->name, &o->opt);
}

static int stdout_failed(const struct env *env, const char *command, int error)
{
	cli_error(env, command, "standard output", strerror(error), NULL);
	return EXIT_USAGE;
}

int cli_finish(const struct env *env, const char *command, struct out *o, int status)
{
	int r = out_finish(o);

	return r < 0 ? stdout_failed(env, command, -r) : status;
}

int cli_flush(const struct env *env, const char *command, int status)
{
	bool failed_before = ferror(env->out);

	if (fflush(env->out) != 0)
		failed_before = true;
	else if (failed_before)
		errno = EIO; /* the reason went with the write that failed */
	if (!failed_before || status == EXIT_USAGE)
		return failed_before ? EXIT_USAGE : status;
	return stdout_failed(env, command, errno);
}
