/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which processes does this TARGET mean? Mirrors no kernel function: oomkit(1), TARGETS, word by
 * word; where that is silent, pgrep(1).
 */
#include "select.h"

#include <errno.h>
#include <limits.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "cgroupfs.h"
#include "snapshot.h"
#include "str.h"
#include "users.h"

/* include/linux/threads.h: PID_MAX_LIMIT of a 64-bit kernel */
#define PID_LAST (INT64_C(4) * 1024 * 1024)
/* include/linux/sched.h: TASK_COMM_LEN without its NUL */
#define COMM_MAX 15
/* What docker and podman print of an id, and the least of it that is told from a name. */
#define CONTAINER_DIGITS_MIN 12

/* ------------------------------------------------------------------ the form */

static bool is_pid(const char *s, size_t n, pid_t *ret)
{
	int64_t v;

	if (str_to_i64(s, n, 0, PID_LAST, &v) < 0)
		return false;
	*ret = (pid_t)v;
	return true;
}

static bool ends_with(const char *s, const char *suffix)
{
	size_t n = strlen(s), suffix_n = strlen(suffix);

	return n >= suffix_n && strcmp(s + n - suffix_n, suffix) == 0;
}

static bool is_hex_digit(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

static bool is_container_digits(const char *s)
{
	size_t n = 0;

	while (is_hex_digit(s[n]))
		n++;
	return s[n] == '\0' && n >= CONTAINER_DIGITS_MIN;
}

enum target_kind select_kind_of(const char *text)
{
	pid_t pid;

	if (is_pid(text, strlen(text), &pid))
		return TARGET_PID;
	if (text[0] == '/')
		return TARGET_CGROUP;
	if (ends_with(text, ".service") || ends_with(text, ".scope") || ends_with(text, ".slice") ||
	    ends_with(text, ".socket"))
		return TARGET_UNIT;
	return is_container_digits(text) ? TARGET_CONTAINER : TARGET_NAME;
}

/* ------------------------------------------------------------------ the spec */

static int append(struct select_spec *spec, enum target_kind kind, const char *text, size_t n,
		  pid_t pid)
{
	struct target *targets = realloc(spec->targets, (spec->n + 1) * sizeof(*targets));
	char *copy;

	if (!targets)
		return -ENOMEM;
	spec->targets = targets;
	copy = strndup(text, n);
	if (!copy)
		return -ENOMEM;
	targets[spec->n++] = (struct target){ .kind = kind, .text = copy, .pid = pid };
	return 0;
}

static void shorten(struct select_spec *spec, size_t n)
{
	while (spec->n > n)
		free((char *)spec->targets[--spec->n].text);
}

static int append_list(struct select_spec *spec, enum target_kind kind, const char *list)
{
	size_t before = spec->n;

	for (const char *p = list;; p++) {
		size_t n = strcspn(p, ",");
		pid_t pid = 0;
		int r = -EINVAL;

		if (n && (kind != TARGET_PID || is_pid(p, n, &pid)))
			r = append(spec, kind, p, n, pid);
		if (r < 0) {
			shorten(spec, before);
			return r;
		}
		p += n;
		if (*p == '\0')
			return 0;
	}
}

static int compile(regex_t *re, const char *text)
{
	int r = regcomp(re, text, REG_EXTENDED | REG_NOSUB);

	if (r == 0)
		return 0;
	return r == REG_ESPACE ? -ENOMEM : -EINVAL;
}

int select_add(struct select_spec *spec, enum target_kind kind, const char *text)
{
	pid_t pid = 0;
	regex_t re;
	int r;

	if (kind == TARGET_ALL)
		return append(spec, kind, text && *text ? text : "--all", SIZE_MAX, 0);
	/* An empty pattern would mean everybody: more likely a variable that was not set. */
	if (!text || *text == '\0')
		return -EINVAL;
	switch (kind) {
	case TARGET_PID:
	case TARGET_USER:
		return append_list(spec, kind, text);
	case TARGET_TREE:
		if (!is_pid(text, strlen(text), &pid))
			return -EINVAL;
		break;
	case TARGET_CONTAINER:
		if (!is_container_digits(text))
			return -EINVAL;
		break;
	case TARGET_COMM_REGEX:
	case TARGET_FULL_REGEX:
		r = compile(&re, text);
		if (r < 0)
			return r;
		regfree(&re);
		break;
	default:
		break;
	}
	return append(spec, kind, text, strlen(text), pid);
}

void select_free(struct select_spec *spec)
{
	shorten(spec, 0);
	free(spec->targets);
	*spec = (struct select_spec){ 0 };
}

unsigned select_need(const struct select_spec *spec)
{
	static const unsigned need[] = {
		[TARGET_PID] = 0,
		[TARGET_CGROUP] = HAVE_CGROUP,
		[TARGET_UNIT] = HAVE_CGROUP,
		[TARGET_CONTAINER] = HAVE_CGROUP,
		[TARGET_NAME] = HAVE_COMM,
		[TARGET_COMM_REGEX] = HAVE_COMM,
		[TARGET_FULL_REGEX] = HAVE_COMM | HAVE_CMDLINE,
		[TARGET_USER] = HAVE_UID,
		[TARGET_TREE] = HAVE_PPID,
		[TARGET_ALL] = 0,
	};
	unsigned ret = 0;

	for (size_t i = 0; i < spec->n; i++)
		ret |= need[spec->targets[i].kind];
	return ret;
}

bool select_only_pids(const struct select_spec *spec)
{
	for (size_t i = 0; i < spec->n; i++)
		if (spec->targets[i].kind != TARGET_PID)
			return false;
	return spec->n != 0;
}

/* ------------------------------------------------------------------ one target */

/* A target made ready to be held against process after process. */
struct want {
	const struct target *target;
	const struct host *h;
	const struct snapshot *s;
	const char *text; /* the path, the unit with its suffix, the name */
	size_t text_n;
	regex_t re;
	bool has_re;
	bool is_nobody; /* a user that the root does not know */
	uid_t uid;
	uint8_t *tree;      /* enum tree_state of each process */
	struct cgroupfs fs; /* where the kind is a cgroup's */
	struct arena arena;
};

enum tree_state {
	TREE_UNKNOWN,
	TREE_OUT,
	TREE_IN,
};

/* Whether process i descends from the root of the tree: up to the first ancestor of whom that is
 * known, and back down the same way. The way up is marked as out, so that a ring of parents in
 * garbled facts ends there. */
static void mark_way(const struct snapshot *s, uint8_t *tree, size_t i)
{
	size_t at = i;
	uint8_t known;

	while (tree[at] == TREE_UNKNOWN) {
		const struct proc *p = &s->procs[at];
		const struct proc *parent = p->have & HAVE_PPID ? snapshot_find(s, p->ppid) : NULL;

		tree[at] = TREE_OUT;
		if (!parent)
			return;
		at = (size_t)(parent - s->procs);
	}
	known = tree[at];
	if (known == TREE_OUT)
		return;
	for (at = i; tree[at] == TREE_OUT;) {
		tree[at] = known;
		at = (size_t)(snapshot_find(s, s->procs[at].ppid) - s->procs);
	}
}

static int ready_tree(struct want *w)
{
	const struct proc *top = snapshot_find(w->s, w->target->pid);

	w->tree = calloc(w->s->n_procs ? w->s->n_procs : 1, 1);
	if (!w->tree)
		return -ENOMEM;
	if (top)
		w->tree[top - w->s->procs] = TREE_IN;
	for (size_t i = 0; i < w->s->n_procs; i++)
		mark_way(w->s, w->tree, i);
	return 0;
}

static int ready_user(struct want *w)
{
	struct users users;
	int r = users_open(&users, w->h);

	if (r < 0)
		return r;
	w->is_nobody = users_uid(&users, w->target->text, &w->uid) < 0;
	users_close(&users);
	return 0;
}

/* With one '/' in front, one between any two names and none behind. */
static char *normalise(const char *text, struct arena *arena)
{
	char *ret = arena_alloc(arena, strlen(text) + 2), *to = ret;

	if (!ret)
		return NULL;
	for (const char *p = text; *p;) {
		size_t n = strcspn(p, "/");

		if (n) {
			*to++ = '/';
			memcpy(to, p, n);
			to += n;
		}
		p += n;
		p += strspn(p, "/");
	}
	if (to == ret)
		*to = '/';
	return ret;
}

static bool dir_exists(const struct want *w, struct arena *arena, const char *path)
{
	const char *dir;
	uint64_t id;

	return cgroupfs_dir(&w->fs, path, arena, &dir) == 0 && host_inode(w->h, dir, &id) == 0;
}

/* A path as /proc/PID/cgroup has it stays; a full path under the mount is told by that there is no
 * such cgroup. */
static int ready_cgroup(struct want *w)
{
	const char *path = normalise(w->target->text, &w->arena), *shorter;
	int r;

	if (!path)
		return -ENOMEM;
	r = cgroupfs_open(&w->fs, w->h);
	if (r == -ENOMEM)
		return r;
	if (!dir_exists(w, &w->arena, path)) {
		r = cgroupfs_path_of_dir(&w->fs, path, &w->arena, &shorter);
		if (r == -ENOMEM)
			return r;
		if (r == 0)
			path = shorter;
	}
	w->text = path;
	w->text_n = cgroupfs_name_length(path);
	return 0;
}

/* As systemctl completes a name; systemd.unit(5) lists the suffixes. */
static int ready_unit(struct want *w)
{
	static const char *const suffixes[] = { ".service", ".scope",     ".slice",  ".socket",
						".mount",   ".swap",      ".target", ".device",
						".timer",   ".automount", ".path" };
	const char *text = w->target->text;
	char *unit;

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++)
		if (ends_with(text, suffixes[i]))
			return 0;
	unit = arena_alloc(&w->arena, w->text_n + sizeof(".service"));
	if (!unit)
		return -ENOMEM;
	memcpy(unit, text, w->text_n);
	memcpy(unit + w->text_n, ".service", sizeof(".service"));
	w->text = unit;
	w->text_n += sizeof(".service") - 1;
	return 0;
}

static int ready(struct want *w, const struct target *t, const struct host *h,
		 const struct snapshot *s)
{
	int r;

	*w = (struct want){ .target = t, .h = h, .s = s, .text = t->text };
	w->text_n = strlen(t->text);
	switch (t->kind) {
	case TARGET_CGROUP:
		return ready_cgroup(w);
	case TARGET_UNIT:
		return ready_unit(w);
	case TARGET_COMM_REGEX:
	case TARGET_FULL_REGEX:
		r = compile(&w->re, t->text);
		w->has_re = r == 0;
		return r;
	case TARGET_USER:
		return ready_user(w);
	case TARGET_TREE:
		return ready_tree(w);
	default:
		return 0;
	}
}

static void want_close(struct want *w)
{
	if (w->has_re)
		regfree(&w->re);
	free(w->tree);
	cgroupfs_close(&w->fs);
	arena_free(&w->arena);
}

/* Whether some run of hex digits in the component holds the digits. conmon, which watches a
 * container from outside, bears the same id and is not the container. */
static bool holds_digits(struct str part, const char *digits, size_t n)
{
	static const char watcher[] = "conmon-";

	for (size_t i = 0; i + n <= part.n; i++) {
		size_t start = i;

		if (strncasecmp(part.s + i, digits, n) != 0)
			continue;
		while (start > 0 && is_hex_digit(part.s[start - 1]))
			start--;
		if (start < sizeof(watcher) - 1 || memcmp(part.s + start - (sizeof(watcher) - 1),
							  watcher, sizeof(watcher) - 1) != 0)
			return true;
	}
	return false;
}

/* A template, "getty@.service", stands for its instances: it never runs itself. */
static bool is_instance(const struct want *w, struct str part)
{
	const char *at = memmem(w->text, w->text_n, "@.", 2);
	size_t head = at ? (size_t)(at - w->text) + 1 : 0, tail = w->text_n - head;

	return at && part.n > w->text_n && memcmp(part.s, w->text, head) == 0 &&
	       memcmp(part.s + part.n - tail, at + 1, tail) == 0;
}

static bool is_part_meant(const struct want *w, struct str part)
{
	if (w->target->kind == TARGET_UNIT)
		return (part.n == w->text_n && memcmp(part.s, w->text, part.n) == 0) ||
		       is_instance(w, part);
	return holds_digits(part, w->text, w->text_n);
}

/* How much of a cgroup's path, from the root, is the cgroup that is wanted; 0 where it is not among
 * it. */
static size_t wanted_length(const struct want *w, const char *cgroup)
{
	const char *end = cgroup + cgroupfs_name_length(cgroup);

	if (w->target->kind == TARGET_CGROUP) {
		size_t n = w->text_n;

		if (n == 1)
			return cgroupfs_below("/", cgroup) != NULL;
		if ((size_t)(end - cgroup) < n || memcmp(cgroup, w->text, n) != 0)
			return 0;
		if (cgroup + n == end || (cgroup[n] == '/' && cgroupfs_below("/", cgroup + n)))
			return n;
		return 0;
	}
	for (const char *p = cgroup; p < end; p++) {
		const char *slash = memchr(p, '/', (size_t)(end - p));
		struct str part = { p, (size_t)((slash ? slash : end) - p) };

		p += part.n;
		if (part.n && is_part_meant(w, part))
			return (size_t)(p - cgroup);
	}
	return 0;
}

/* argv[0] cannot be told from the arguments once they are joined with blanks, so it is read anew; a
 * log has none. */
static bool argv0_agrees(const struct want *w, pid_t pid)
{
	char buf[PATH_MAX];
	const char *slash;

	if (w->s->origin == ORIGIN_LOG ||
	    host_read_proc(w->h, pid, "cmdline", buf, sizeof(buf)) <= 0)
		return false;
	slash = strrchr(buf, '/');
	return strcmp(slash ? slash + 1 : buf, w->text) == 0;
}

static bool is_name(const struct want *w, const struct proc *p)
{
	/* A kernel thread's name may be longer than a comm. */
	if (strcmp(p->comm, w->text) == 0)
		return true;
	return w->text_n > COMM_MAX && strlen(p->comm) == COMM_MAX &&
	       memcmp(p->comm, w->text, COMM_MAX) == 0 && argv0_agrees(w, p->pid);
}

static bool fits(const struct want *w, const char *s)
{
	return regexec(&w->re, s, 0, NULL, 0) == 0;
}

/* pgrep -f: a process without a command line is known by its name. */
static bool fits_full(const struct want *w, const struct proc *p)
{
	if ((p->have & HAVE_CMDLINE) && p->cmdline[0] != '\0')
		return fits(w, p->cmdline);
	return (p->have & HAVE_COMM) && fits(w, p->comm);
}

static bool is_meant(const struct want *w, size_t i)
{
	const struct proc *p = &w->s->procs[i];

	switch (w->target->kind) {
	case TARGET_PID:
		return p->pid == w->target->pid;
	case TARGET_CGROUP:
	case TARGET_UNIT:
	case TARGET_CONTAINER:
		return (p->have & HAVE_CGROUP) && wanted_length(w, p->cgroup) != 0;
	case TARGET_NAME:
		return (p->have & HAVE_COMM) && is_name(w, p);
	case TARGET_COMM_REGEX:
		return (p->have & HAVE_COMM) && fits(w, p->comm);
	case TARGET_FULL_REGEX:
		return fits_full(w, p);
	case TARGET_USER:
		return !w->is_nobody && (p->have & HAVE_UID) && p->uid == w->uid;
	case TARGET_TREE:
		return w->tree[i] == TREE_IN;
	case TARGET_ALL:
		return true;
	}
	return false;
}

/* ------------------------------------------------------------------ all targets */

static bool names_pid(const struct target *t, pid_t pid)
{
	return (t->kind == TARGET_PID || t->kind == TARGET_TREE) && t->pid == pid;
}

/* Marks whom one target means. Returns 1 where there is anybody, 0, or -errno. */
static int match_target(const struct target *t, const struct host *h, const struct snapshot *s,
			pid_t self, bool *chosen)
{
	struct want w;
	int r = ready(&w, t, h, s);

	for (size_t i = 0; r >= 0 && i < s->n_procs; i++) {
		if (!is_meant(&w, i) || (s->procs[i].pid == self && !names_pid(t, self)))
			continue;
		chosen[i] = true;
		r = 1;
	}
	want_close(&w);
	return r;
}

/* Found by its place: a list of thousands of pids must not cost a pass over all processes each. */
static int match_pid(const struct target *t, const struct snapshot *s, bool *chosen)
{
	const struct proc *p = snapshot_find(s, t->pid);

	if (!p)
		return 0;
	chosen[p - s->procs] = true;
	return 1;
}

ssize_t select_match(const struct select_spec *spec, const struct host *h, const struct snapshot *s,
		     pid_t self, bool *chosen, bool *missed)
{
	ssize_t n = 0;

	for (size_t i = 0; i < s->n_procs; i++)
		chosen[i] = spec->n == 0;
	for (size_t i = 0; i < spec->n; i++) {
		const struct target *t = &spec->targets[i];
		int r = t->kind == TARGET_PID ? match_pid(t, s, chosen)
					      : match_target(t, h, s, self, chosen);

		if (r < 0)
			return r;
		missed[i] = r == 0;
	}
	for (size_t i = 0; i < s->n_procs; i++)
		n += chosen[i];
	return n;
}

/* ------------------------------------------------------------------ one cgroup */

/* Notes one more cgroup that a target may stand for. Returns 0 or -ENOTUNIQ. */
static int note(struct str *found, const char *path, size_t n)
{
	if (found->s && (found->n != n || memcmp(found->s, path, n) != 0))
		return -ENOTUNIQ;
	*found = (struct str){ path, n };
	return 0;
}

/* The cgroup that processes show. Returns 0 (found->s stays NULL where none does) or -errno. */
static int find_among_processes(const struct want *w, pid_t self, struct str *found)
{
	enum target_kind kind = w->target->kind;
	bool by_path = kind == TARGET_CGROUP || kind == TARGET_UNIT || kind == TARGET_CONTAINER;

	for (size_t i = 0; i < w->s->n_procs; i++) {
		const struct proc *p = &w->s->procs[i];
		int r;

		if (!(p->have & HAVE_CGROUP) || !is_meant(w, i) ||
		    (!by_path && p->pid == self && !names_pid(w->target, self)))
			continue;
		r = note(found, p->cgroup,
			 by_path ? wanted_length(w, p->cgroup) : strlen(p->cgroup));
		if (r < 0)
			return r;
	}
	return 0;
}

/* A cgroup whose children are still to be looked at. */
struct pending {
	struct pending *next;
	const char *path;
};

/* A walk through the mounted hierarchy, for a unit or container in which nobody runs. */
struct search {
	const struct want *w;
	struct arena *arena;
	struct pending *pending;
	const char *above; /* the cgroup being listed */
	struct str found;
};

static int look_at_entry(void *ctx, const char *name, uint64_t ino, bool is_dir)
{
	struct search *search = ctx;
	size_t n = strlen(search->above), name_n = strlen(name);
	struct pending *pending;
	char *path;

	(void)ino;
	if (!is_dir)
		return 0;
	path = arena_alloc(search->arena, n + name_n + 2);
	if (!path)
		return -ENOMEM;
	memcpy(path, search->above, n);
	if (n == 0 || path[n - 1] != '/')
		path[n++] = '/';
	memcpy(path + n, name, name_n);
	if (is_part_meant(search->w, (struct str){ name, name_n }))
		return note(&search->found, path, n + name_n);
	pending = arena_alloc(search->arena, sizeof(*pending));
	if (!pending)
		return -ENOMEM;
	*pending = (struct pending){ .next = search->pending, .path = path };
	search->pending = pending;
	return 0;
}

static int find_among_dirs(const struct want *w, const struct cgroupfs *fs, struct arena *arena,
			   struct str *found)
{
	struct pending top = { .path = fs->mount_root };
	struct search search = { .w = w, .arena = arena, .pending = &top };

	while (search.pending) {
		const char *dir;
		int r;

		search.above = search.pending->path;
		search.pending = search.pending->next;
		r = cgroupfs_dir(fs, search.above, arena, &dir);
		if (r == 0)
			r = host_list_dir(w->h, dir, look_at_entry, &search);
		if (r == -ENOTUNIQ || r == -ENOMEM)
			return r;
	}
	*found = search.found;
	return 0;
}

/* What the mounted hierarchy knows of the target; found->s stays NULL where that is nothing. */
static int find_mounted(struct want *w, struct arena *arena, struct str *found)
{
	int r;

	if (w->target->kind == TARGET_CGROUP) {
		if (dir_exists(w, arena, w->text))
			*found = (struct str){ w->text, strlen(w->text) };
		return 0;
	}
	if (w->target->kind != TARGET_UNIT && w->target->kind != TARGET_CONTAINER)
		return 0;
	r = cgroupfs_open(&w->fs, w->h);
	if (r == -ENOMEM)
		return r;
	return w->fs.mount ? find_among_dirs(w, &w->fs, arena, found) : 0;
}

int select_cgroup_path(const struct target *t, const struct host *h, const struct snapshot *s,
		       struct arena *arena, const char **ret)
{
	struct str found = { NULL, 0 };
	struct want w;
	int r = ready(&w, t, h, s);

	if (r == 0)
		r = find_among_processes(&w, host_self(h), &found);
	if (r == 0 && !found.s)
		r = find_mounted(&w, arena, &found);
	if (r == 0) {
		*ret = found.s ? arena_strndup(arena, found.s, found.n) : NULL;
		r = *ret ? 0 : found.s ? -ENOMEM : -ENOENT;
	}
	want_close(&w);
	return r;
}
