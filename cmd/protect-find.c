/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What does a target of protect stand for: a unit of the init, or a line of our policy? */
#include "protect.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base.h"
#include "cgroupfs.h"
#include "policyfile.h"
#include "str.h"

static const char *const suffixes[] = { ".service", ".socket", ".mount", ".swap",  ".slice",
					".scope",   ".timer",  ".path",  ".target" };

static struct item *add(struct items *items)
{
	struct item *v = reallocarray(items->v, items->n + 1, sizeof(*v));

	if (!v)
		return NULL;
	items->v = v;
	v = &v[items->n++];
	*v = (struct item){ .option = "" };
	return v;
}

static int no_memory(const struct env *env)
{
	cli_error(env, "protect", NULL, strerror(ENOMEM), NULL);
	return EXIT_USAGE;
}

/* As systemctl completes a name. */
static const char *full_unit(struct items *items, const char *text)
{
	size_t n = strlen(text);
	char *unit;

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		size_t suffix_n = strlen(suffixes[i]);

		if (n > suffix_n && strcmp(text + n - suffix_n, suffixes[i]) == 0)
			return arena_strndup(&items->arena, text, n);
	}
	unit = arena_alloc(&items->arena, n + sizeof(".service"));
	if (unit)
		snprintf(unit, n + sizeof(".service"), "%s.service", text);
	return unit;
}

static int add_unit(struct protect *p, const struct env *env, struct adj_view *v,
		    struct items *items, const char *text)
{
	const char *unit = full_unit(items, text), *refusal;
	struct item *item = add(items);
	char path[PATH_MAX];
	int r;

	if (!unit || !item)
		return no_memory(env);
	item->is_unit = true;
	item->kind = TARGET_UNIT;
	item->target = unit;
	refusal = init_refusal(p->init, unit);
	if (refusal)
		return cli_usage_error(env, "protect", NULL, unit, refusal,
				       "the services in it, or oomkit adj for what runs now");
	/* What stands below a name of its own is found by that name. */
	if (p->init == INIT_SYSTEMD && p->targets.n &&
	    init_real_name(&v->host, unit, path, sizeof(path))) {
		if (!p->output.opt.quiet)
			cli_note(env, "protect", "%s: another name of %s", unit, path);
		unit = item->target = arena_strndup(&items->arena, path, strlen(path));
		if (!unit)
			return no_memory(env);
	}
	if (p->init == INIT_N) {
		cli_error(env, "protect", unit, "which init starts it cannot be told",
			  "--init names one");
		return EXIT_USAGE;
	}
	r = init_file(&v->host, p->init, unit, path, sizeof(path));
	if (r < 0) {
		snprintf(path, sizeof(path), "%s has no such service", init_name(p->init));
		cli_error(env, "protect", unit, path, "--init names another init");
		return EXIT_NO;
	}
	item->file = arena_strndup(&items->arena, path, strlen(path));
	return item->file ? EXIT_DONE : no_memory(env);
}

static int add_line(const struct env *env, struct items *items, enum target_kind kind,
		    const char *text)
{
	const char *option = policyfile_option(kind, text);
	struct item *item;

	if (!option)
		return cli_usage_error(env, "protect", NULL, text,
				       "cannot stand in a line of a policy", NULL);
	item = add(items);
	if (!item)
		return no_memory(env);
	item->kind = kind;
	item->option = option;
	item->target = arena_strndup(&items->arena, text, strlen(text));
	item->file = POLICYFILE_OURS;
	return item->target ? EXIT_DONE : no_memory(env);
}

static bool is_of_user(const char *cgroup)
{
	return strncmp(cgroup, "/user.slice/", 12) == 0 && strstr(cgroup, "/user@");
}

/* The unit that all processes of a target are in; NULL where there is none, or not one. Those of a
 * user's own manager are no units of the system's. */
static const char *unit_of(struct adj_view *v, struct items *items, const struct target *t)
{
	const struct select_spec one = { .targets = (struct target *)(uintptr_t)t, .n = 1 };
	const char *unit = NULL;

	if (!v->host_open || adj_view_again(v, &one, SNAPSHOT_CGROUP) < 0)
		return NULL;
	for (size_t i = 0; i < v->s.n_procs; i++) {
		struct cgroup_meaning meaning;

		if (!v->chosen[i])
			continue;
		if (!(v->s.procs[i].have & HAVE_CGROUP) || is_of_user(v->s.procs[i].cgroup) ||
		    cgroupfs_meaning(v->s.procs[i].cgroup, &items->arena, &meaning) < 0 ||
		    !meaning.unit || init_refusal(INIT_SYSTEMD, meaning.unit))
			return NULL;
		if (unit && strcmp(unit, meaning.unit) != 0)
			return NULL;
		unit = meaning.unit;
	}
	return unit;
}

static int resolve_one(struct protect *p, const struct env *env, struct adj_view *v,
		       struct items *items, const struct target *t)
{
	const char *unit;

	switch (t->kind) {
	case TARGET_UNIT:
		return add_unit(p, env, v, items, t->text);
	case TARGET_CGROUP:
	case TARGET_USER:
		return add_line(env, items, t->kind, t->text);
	case TARGET_NAME:
	case TARGET_PID:
		unit = unit_of(v, items, t);
		if (unit) {
			if (!p->output.opt.quiet)
				cli_note(env, "protect", "%s: of the unit %s", t->text, unit);
			return add_unit(p, env, v, items, unit);
		}
		if (t->kind == TARGET_NAME)
			return add_line(env, items, t->kind, t->text);
		return cli_usage_error(env, "protect", NULL, t->text,
				       "is of no unit, and a pid does not last",
				       "oomkit adj changes it for as long as it runs");
	default:
		return cli_usage_error(env, "protect", NULL, t->text, "nothing of it lasts",
				       "a unit, a name, a user or a cgroup; oomkit adj changes "
				       "what runs now");
	}
}

int protect_resolve(struct protect *p, const struct env *env, struct adj_view *v,
		    struct items *items)
{
	int status = EXIT_DONE;

	for (size_t i = 0; status == EXIT_DONE && i < p->targets.n; i++)
		status = resolve_one(p, env, v, items, &p->targets.targets[i]);
	return status;
}

/* ------------------------------------------------------------------ all that is declared */

struct found {
	struct protect *p;
	const struct env *env;
	struct adj_view *v;
	struct items *items;
};

static int take_unit(void *ctx, const char *unit)
{
	const struct found *f = ctx;

	return add_unit(f->p, f->env, f->v, f->items, unit) == EXIT_DONE ? 0 : -ENOMEM;
}

static int take_line(const struct found *f, const char *file, const struct policy_line *line)
{
	const char *text = arena_strndup(&f->items->arena, line->target.s, line->target.n);
	const char *option = arena_strndup(&f->items->arena, line->option.s, line->option.n);
	int status;

	if (!text || !option)
		return no_memory(f->env);
	status = add_line(f->env, f->items, policyfile_kind(line), text);
	if (status == EXIT_DONE) {
		struct item *item = &f->items->v[f->items->n - 1];

		item->option = option;
		item->file = file;
		item->declared.value = line->value;
		item->has_declared = true;
	}
	return status;
}

/* A policy as a whole: nothing of it counts where one line is wrong. */
static int take_policy(const struct found *f, const char *file, const char *text, size_t n)
{
	const char *p = text, *end = text + n;
	struct str line;
	unsigned number = 0;
	int status = EXIT_DONE;

	while (status == EXIT_DONE && str_next_line(&p, end, &line)) {
		struct policy_line parsed;
		int r = policy_parse_line(line, &parsed);

		number++;
		if (r == 1 && policyfile_kind(&parsed) == TARGET_ALL)
			r = -EINVAL;
		if (r < 0) {
			char where[PATH_MAX + 16];

			snprintf(where, sizeof(where), "%s:%u", file, number);
			cli_error(f->env, "protect", where,
				  r == -ERANGE ? "the value is outside -1000..1000"
					       : "not TARGET VALUE",
				  r == -ERANGE ? NULL
					       : "a name, /cgroup or unit, and a number or level; "
						 "nothing was changed");
			return EXIT_USAGE;
		}
		if (r == 1)
			status = take_line(f, file, &parsed);
	}
	return status;
}

static int read_policy(const struct found *f, const char *path, bool must)
{
	_cleanup_free_ char *text = NULL;
	ssize_t n = host_read_all(&f->v->host, path, 1 << 20, &text);
	const char *copy = arena_strndup(&f->items->arena, path, strlen(path));

	if (!copy)
		return no_memory(f->env);
	if (n == -ENOENT && !must)
		return EXIT_DONE;
	if (n < 0) {
		cli_error(f->env, "protect", path, strerror((int)-n), NULL);
		return EXIT_USAGE;
	}
	return take_policy(f, copy, text, (size_t)n);
}

struct names {
	char *v[256];
	size_t n;
};

static int take_name(void *ctx, const char *name, uint64_t ino, bool is_dir)
{
	struct names *names = ctx;
	size_t n = strlen(name);

	(void)ino;
	if (is_dir || name[0] == '.' || n < 6 || strcmp(name + n - 5, ".conf") != 0)
		return 0;
	if (names->n == ARRAY_SIZE(names->v))
		return -EFBIG;
	names->v[names->n] = strdup(name);
	return names->v[names->n++] ? 0 : -ENOMEM;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int read_policy_dir(const struct found *f)
{
	struct names names = { .n = 0 };
	int r = host_list_dir(&f->v->host, POLICYFILE_DIR, take_name, &names);
	int status = EXIT_DONE;

	if (r < 0 && r != -ENOENT) {
		cli_error(f->env, "protect", POLICYFILE_DIR, strerror(-r), NULL);
		status = EXIT_USAGE;
	}
	qsort(names.v, names.n, sizeof(names.v[0]), compare_names);
	for (size_t i = 0; i < names.n; i++) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%s/%s", POLICYFILE_DIR, names.v[i]);
		if (status == EXIT_DONE)
			status = read_policy(f, path, true);
		free(names.v[i]);
	}
	return status;
}

int protect_find_all(struct protect *p, const struct env *env, struct adj_view *v,
		     struct items *items)
{
	struct found f = { p, env, v, items };
	int r = p->init == INIT_N ? 0 : init_each(&v->host, p->init, take_unit, &f);

	if (r < 0) {
		cli_error(env, "protect", init_name(p->init), strerror(-r), NULL);
		return EXIT_USAGE;
	}
	return p->mode == PROTECT_REMOVE ? read_policy(&f, POLICYFILE_OURS, false)
					 : read_policy_dir(&f);
}

int protect_read_policies(struct protect *p, const struct env *env, struct adj_view *v,
			  struct items *items)
{
	struct found f = { p, env, v, items };
	int status = EXIT_DONE;

	if (p->n_words == 0)
		return read_policy_dir(&f);
	for (size_t i = 0; status == EXIT_DONE && i < p->n_words; i++) {
		char here[PATH_MAX], path[2 * PATH_MAX];
		bool relative = p->words[i][0] != '/' && v->host.live;

		if (relative && !getcwd(here, sizeof(here)))
			here[0] = '\0';
		snprintf(path, sizeof(path), "%s%s%s", relative ? here : "", relative ? "/" : "",
			 p->words[i]);
		status = read_policy(&f, path, true);
	}
	return status;
}
