/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is written for a target, what do its processes have now, and what may hurt later? */
#include "protect.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "policyfile.h"

/* ------------------------------------------------------------------ the file */

static int new_text(struct protect *p, const struct item *item, const struct host_edit *e,
		    char **text, size_t *n)
{
	bool removes = p->mode == PROTECT_REMOVE;

	if (item->is_unit)
		return init_edit(p->init, item->target, e->old, e->old_n,
				 removes ? NULL : &p->declared, text, n);
	return policyfile_edit(e->old, e->old_n, item->option, item->target,
			       removes ? NULL : &p->declared.value, text, n);
}

static bool is_same(const struct host_edit *e, const char *text, size_t n)
{
	if (!e->old || !text)
		return !e->old && !text;
	return e->old_n == n && memcmp(e->old, text, n) == 0;
}

static const char *file_help(int r, const char **reason)
{
	*reason = strerror(-r);
	switch (r) {
	case -ELOOP:
		*reason = "a symbolic link is in the way";
		return "remove it first; what it leads to is not touched";
	case -EINVAL:
		*reason = "something that is no file is in the way";
		return NULL;
	case -ENOEXEC:
		*reason = "it is no shell or execline script";
		return "begin its own command with 'oomkit adj -n ADJ --'";
	case -EACCES:
	case -EPERM:
		return "root, or write access to the directory";
	case -EROFS:
		return "mount it writable, or use --print";
	default:
		return NULL;
	}
}

static void fail(const struct env *env, struct item *item, int r)
{
	const char *reason, *help = file_help(r, &reason);
	char path[PATH_MAX + 1];

	snprintf(path, sizeof(path), "%s%s", item->file[0] == '/' ? "" : "/", item->file);
	cli_error(env, "protect", path, reason, help);
	item->state = ITEM_FAILED;
	item->forbidden = r == -EACCES || r == -EPERM || r == -EROFS;
}

static void remove_dirs(const struct host *h, const char *file)
{
	char path[PATH_MAX];

	/* The directory of a drop-in, or of our policies and the one above it. */
	for (unsigned i = 0; i < 2; i++) {
		char *slash;

		snprintf(path, sizeof(path), "%s", file);
		for (unsigned k = 0; k <= i; k++) {
			slash = strrchr(path, '/');
			if (!slash)
				return;
			*slash = '\0';
		}
		if (strstr(path, "oomkit") ||
		    (i == 0 && strlen(path) > 2 && strcmp(path + strlen(path) - 2, ".d") == 0))
			host_remove_empty_dir(h, path);
	}
}

/* Returns 0 or -errno; item->changed tells whether the file is, or would be, another. */
static int change_file(struct protect *p, struct adj_view *v, struct item *item)
{
	bool removes = p->mode == PROTECT_REMOVE, writes = !p->dry_run && !p->print;
	struct host_edit e;
	char *text = NULL;
	size_t n = 0;
	int r = host_edit_open(&v->host, item->file, writes && !removes, &e);

	if (r < 0)
		return r;
	r = new_text(p, item, &e, &text, &n);
	if (r == 0) {
		item->changed = !is_same(&e, text, n);
		if (item->changed && writes)
			r = text ? host_edit_commit(&e, text, n) : host_edit_remove(&e);
		/* What was made for a file that could not be written is no better than a trace. */
		if (writes && (r < 0 || (removes && !text)))
			remove_dirs(&v->host, item->file);
	}
	host_edit_close(&e);
	item->text = text;
	return r;
}

static void judge(struct item *item)
{
	if (item->state == ITEM_FAILED || item->state == ITEM_REMOVED)
		return;
	if (!item->has_declared) {
		item->state = ITEM_UNKNOWN;
		return;
	}
	item->state = item->n_live ? ITEM_DECLARED : item->untold ? ITEM_UNKNOWN : ITEM_NOT_RUNNING;
	for (size_t i = 0; i < item->n_live; i++)
		if (item->live[i].state == LIVE_DRIFT)
			item->state = ITEM_DRIFT;
}

/* ------------------------------------------------------------------ what will hurt */

static bool gives_sessions(const char *target)
{
	static const char *const names[] = {
		"ssh.service",   "sshd.service", "sshd", "getty@", "cron.service",
		"crond.service", "bash",         "sh",   "login",  "display-manager.service"
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		size_t n = strlen(names[i]);

		if (strncmp(target, names[i], n) == 0 &&
		    (target[n] == '\0' || names[i][n - 1] == '@'))
			return true;
	}
	return false;
}

static void warn(const struct protect *p, const struct env *env, const struct item *item)
{
	const struct init_declared *d = &item->declared;
	bool alone = d->main_only && p->init == INIT_SYSTEMD;

	if (p->output.opt.quiet)
		return;
	if (d->main_only && item->is_unit && !alone)
		cli_note(env, "protect",
			 "%s: what %s starts it with, all that it starts has too: of its next "
			 "start --main means --check alone",
			 item->target, init_name(p->init));
	if (d->value >= 0)
		return;
	if (gives_sessions(item->target) && !alone)
		cli_note(env, "protect",
			 "%s: what it starts inherits %d: every session or job below it is "
			 "protected, too (--main for the daemon alone, 'oomkit adj --reset --' in "
			 "front of what it starts)",
			 item->target, d->value);
	if (d->value == POLICY_ADJ_MIN && !d->main_only)
		cli_note(env, "protect",
			 "%s: with -1000 on all of it an OOM inside its memory limit finds nobody "
			 "to "
			 "kill (-999 protects nearly as much)",
			 item->target);
}

/* Whom would the kernel kill in there? */
static void warn_of_immune(const struct protect *p, const struct env *env, const struct item *item)
{
	size_t immune = 0;

	for (size_t i = 0; i < item->n_live; i++)
		immune += item->live[i].value == POLICY_ADJ_MIN;
	if (item->declared.main_only && item->n_live && immune == item->n_live &&
	    !p->output.opt.quiet)
		cli_note(env, "protect",
			 "%s: no process in it can be killed: an OOM inside its memory limit finds "
			 "nobody (-999 protects nearly as much)",
			 item->target);
}

/* Where nobody can tell which processes a service has, what is declared counts from its next start.
 */
static void tell_untold(const struct protect *p, const struct env *env, const struct item *item)
{
	if (item->untold && !p->output.opt.quiet)
		cli_note(env, "protect",
			 "%s: which processes it has cannot be told by what %s keeps: the value "
			 "counts from its next start",
			 item->target, init_name(p->init));
}

/* ------------------------------------------------------------------ one item */

/* systemd reads the template's drop-ins for each instance. */
static void look_at_template(const struct adj_view *v, struct items *items, struct item *item)
{
	_cleanup_free_ char *text = NULL;
	char template[256], path[PATH_MAX];
	ssize_t n;

	if (!init_template(item->target, template, sizeof(template)) ||
	    init_file(&v->host, INIT_SYSTEMD, template, path, sizeof(path)) < 0)
		return;
	n = host_read_all(&v->host, path, 1 << 20, &text);
	if (n < 0 || !init_parse(INIT_SYSTEMD, text, (size_t)n, &item->declared))
		return;
	item->has_declared = true;
	item->file = arena_strndup(&items->arena, path, strlen(path));
}

void protect_look(struct protect *p, const struct env *env, struct adj_view *v, struct items *items,
		  struct item *item)
{
	_cleanup_free_ char *text = NULL;
	ssize_t n = -ENOENT;
	int r;

	/* A line has been read with its value already. */
	if (!item->has_declared)
		n = host_read_all(&v->host, item->file, 1 << 20, &text);
	if (n >= 0)
		item->has_declared =
			item->is_unit ? init_parse(p->init, text, (size_t)n, &item->declared)
				      : policyfile_value(text, (size_t)n, item->option,
							 item->target, &item->declared.value);
	if (item->is_unit && !item->has_declared && p->init == INIT_SYSTEMD)
		look_at_template(v, items, item);
	if (n < 0 && n != -ENOENT && n != -ENOTDIR)
		fail(env, item, (int)n);
	r = protect_see(p, v, items, item);
	if (r < 0) {
		cli_error(env, "protect", item->target, strerror(-r), NULL);
		item->state = ITEM_FAILED;
	}
	judge(item);
	tell_untold(p, env, item);
}

void protect_do(struct protect *p, const struct env *env, struct adj_view *v, struct items *items,
		struct item *item)
{
	bool acts = !p->dry_run && !p->print && v->host.live && v->host.proc_fd >= 0;
	int r = 0;

	if (p->mode != PROTECT_APPLY) {
		item->declared = p->declared;
		item->has_declared = p->mode == PROTECT_SET;
		r = change_file(p, v, item);
	}
	if (r < 0)
		return fail(env, item, r);
	if (p->mode == PROTECT_REMOVE) {
		item->state = ITEM_REMOVED;
		return;
	}
	warn(p, env, item);
	if (acts)
		protect_set(p, env, v, item);
	if (protect_see(p, v, items, item) < 0)
		item->state = ITEM_FAILED;
	judge(item);
	warn_of_immune(p, env, item);
	tell_untold(p, env, item);
}
