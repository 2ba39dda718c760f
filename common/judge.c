/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does the kernel of this machine think of its processes? Joins the readers and the model. The
 * kernel's own numbers settle which of two counters and which of two rows its rule is, and tell a
 * process that changed between two reads from one that is judged wrongly; no number of the model is
 * ever taken from them.
 */
#include "judge.h"

#include <errno.h>
#include <inttypes.h>
#include <search.h>
#include <string.h>
#include <time.h>

#include "base.h"
#include "memcg.h"
#include "nodes.h"
#include "str.h"

#define SETTLE_TRIES   12 /* re-reads of a process whose two numbers differ */
#define SETTLE_AT_ONCE 4  /* of these without a pause */
#define SETTLE_PAUSES  64 /* pauses of a whole run, 1 ms each */
#define TOTALS_MAX     4
/* kcmp(2) calls of one run: a thousand alike processes must not cost a million of them. */
#define KCMP_MAX 4096
/* oom_score of one process may change so much between two readings of one run. */
#define SCORE_DRIFT 50

static int fail(struct judge_error *e, int status, const char *object, const char *reason,
		const char *help)
{
	*e = (struct judge_error){
		.object = object, .reason = reason, .help = help, .status = status
	};
	return -EINVAL;
}

static int fail_errno(struct judge_error *e, int err, const char *object)
{
	*e = (struct judge_error){ .object = object, .status = 2 };
	return err;
}

/* ------------------------------------------------------------------------------------------
 * settling */

static bool comparable(const struct proc *p)
{
	return (p->have & HAVE_SCORE) != 0;
}

/* How many processes the model gives another number than the kernel, under a supposition about the
 * machine. */
static size_t count_differences(const struct snapshot *s, const struct era *e,
				const struct mem_ctx *ctx, enum rss_source rss)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_procs; i++) {
		struct verdict v;

		if (!comparable(&s->procs[i]))
			continue;
		badness(e, ctx, &s->procs[i], rss, &v);
		n += v.score_known && v.score != (int64_t)s->procs[i].oom_score;
	}
	return n;
}

/* The row whose scale the kernel prints by: a backport keeps its version and changes it. */
static void settle_scale(struct judge *j, size_t *differences)
{
	const struct era *own = j->s.era, *other;

	if (own->scale == SCALE_RAW)
		return;
	other = era_with_scale(own,
			       own->scale == SCALE_PERMILLE ? SCALE_TWO_THIRDS : SCALE_PERMILLE);
	if (other) {
		size_t n = count_differences(&j->s, other, &j->s.machine, j->s.rss_source);

		/* An idle process reads 0 by one scale and 666 by the other: most must fit. */
		if (n * 2 < *differences) {
			j->version_rule = j->s.release;
			j->s.era = other;
			*differences = n;
		}
	}
}

static void settle_rss(struct judge *j, size_t *differences)
{
	enum rss_source other = j->s.rss_source == RSS_STAT ? RSS_STATUS : RSS_STAT;
	size_t n = count_differences(&j->s, j->s.era, &j->s.machine, other);

	if (n < *differences) {
		j->s.rss_source = other;
		*differences = n;
	}
}

/* A container's /proc/meminfo may tell the container's limit as if it were the machine's RAM; the
 * kernel does not judge by it. */
static void settle_total(struct judge *j, size_t *differences)
{
	struct snapshot_total totals[TOTALS_MAX];
	size_t n = snapshot_other_totals(&j->s, &j->host, totals, TOTALS_MAX);

	for (size_t i = 0; i < n; i++) {
		struct mem_ctx ctx = j->s.machine;
		size_t left;

		ctx.ram_pages = totals[i].ram_pages;
		ctx.swap_pages = totals[i].swap_pages;
		ctx.total_pages = ctx.ram_pages + ctx.swap_pages;
		if (ctx.total_pages == j->s.machine.total_pages)
			continue;
		left = count_differences(&j->s, j->s.era, &ctx, j->s.rss_source);
		if (left * 2 < *differences) {
			j->s.machine = ctx;
			j->s.machine.ram_certain = false;
			j->total_source = totals[i].source;
			*differences = left;
		}
	}
}

static bool same_reading(const struct proc *a, const struct proc *b)
{
	return a->rss_stat_pages == b->rss_stat_pages &&
	       a->rss_status_pages == b->rss_status_pages && a->swap_pages == b->swap_pages &&
	       a->pte_kib == b->pte_kib && a->oom_score_adj == b->oom_score_adj &&
	       a->oom_score == b->oom_score && a->flags == b->flags && a->have == b->have;
}

static bool agrees(const struct judge *j, const struct proc *p)
{
	struct verdict v;

	badness(j->s.era, &j->s.machine, p, j->s.rss_source, &v);
	return !v.score_known || !comparable(p) || v.score == (int64_t)p->oom_score;
}

/* Reads a process again until both numbers are of one moment. Returns false where it is gone.
 * Between the last tries others are let run: of a vfork child the kernel says 0 before its parent
 * waits, and on a busy machine the parent may have to wait for that. */
static bool settle_process(struct judge *j, struct proc *p, unsigned need, unsigned *pauses)
{
	unsigned moved = 0;

	for (unsigned i = 0; i < SETTLE_TRIES; i++) {
		struct proc before = *p;

		if (i >= SETTLE_AT_ONCE && p->oom_score == 0 && *pauses > 0) {
			nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
			(*pauses)--;
		}
		if (snapshot_reread(&j->s, &j->host, p, need) < 0)
			return false;
		if (agrees(j, p))
			return true;
		moved += !same_reading(&before, p);
	}
	/* What changed in most of the readings goes on changing: its two numbers cannot be had of
	 * one moment. */
	if (moved * 2 > SETTLE_TRIES) {
		p->have &= ~(uint32_t)HAVE_SCORE;
		p->err = EAGAIN;
		j->n_moving++;
	}
	return true;
}

static void settle_processes(struct judge *j, unsigned need)
{
	unsigned pauses = SETTLE_PAUSES;
	size_t kept = 0;

	for (size_t i = 0; i < j->s.n_procs; i++) {
		struct proc p = j->s.procs[i];
		bool there = agrees(j, &p) || settle_process(j, &p, need, &pauses);

		if (there)
			j->s.procs[kept++] = p;
	}
	j->s.n_procs = kept;
}

/* lib/percpu_counter.c: the kernel judges by a counter that lags behind by at most a batch on each
 * CPU; status has it summed up. */
static uint64_t counter_lag_pages(const struct host *h)
{
	const uint64_t cpus = snapshot_cpus(h);

	return cpus * (cpus * 2 > 32 ? cpus * 2 : 32);
}

/* Of the swap no file shows what the kernel reads: the nearest number of pages that its oom_score
 * allows, if the counter may lag so far. */
static bool settle_swap_of(const struct judge *j, struct proc *p, uint64_t most)
{
	const uint64_t shown = p->swap_pages;

	for (uint64_t d = 1; d <= most; d++) {
		p->swap_pages = shown + d;
		if (agrees(j, p))
			return true;
		p->swap_pages = shown - d;
		if (d <= shown && agrees(j, p))
			return true;
	}
	p->swap_pages = shown;
	return false;
}

static void settle_swap(struct judge *j)
{
	const uint64_t most = counter_lag_pages(&j->host);

	if (j->s.rss_source != RSS_STAT || j->s.machine.swap_pages == 0)
		return;
	for (size_t i = 0; i < j->s.n_procs; i++) {
		struct proc *p = &j->s.procs[i];

		if ((p->have & HAVE_SWAP) && p->swap_pages && !agrees(j, p))
			j->n_swap_lags += settle_swap_of(j, p, most);
	}
}

/* Returns how many processes the model still gives another number than the kernel. */
static size_t settle(struct judge *j, unsigned need)
{
	size_t differences;

	if ((need & SNAPSHOT_MODEL) != SNAPSHOT_MODEL || j->s.machine.total_pages == 0)
		return 0;
	differences = count_differences(&j->s, j->s.era, &j->s.machine, j->s.rss_source);
	if (differences == 0)
		return 0;
	settle_rss(j, &differences);
	if (differences)
		settle_scale(j, &differences);
	if (differences)
		settle_total(j, &differences);
	if (differences && j->s.origin == ORIGIN_LIVE) {
		settle_processes(j, need);
		differences = count_differences(&j->s, j->s.era, &j->s.machine, j->s.rss_source);
	}
	if (differences) {
		settle_swap(j);
		differences = count_differences(&j->s, j->s.era, &j->s.machine, j->s.rss_source);
	}
	return differences;
}

/* ------------------------------------------------------------------------------------------ scope
 * and what-if */

const struct cgroupfs *judge_cgroupfs(struct judge *j)
{
	if (!j->have_cgroupfs) {
		j->have_cgroupfs = true;
		if (cgroupfs_open(&j->cgroupfs, &j->host) < 0)
			j->cgroupfs = (struct cgroupfs){ .version = CGROUP_NO_MEMORY };
		j->s.cgroup_version = j->cgroupfs.version;
	}
	return j->cgroupfs.mount ? &j->cgroupfs : NULL;
}

void judge_more(struct judge *j, struct proc *p, unsigned need)
{
	if (need & SNAPSHOT_CGROUP)
		judge_cgroupfs(j);
	snapshot_more(&j->s, &j->host, p, need);
}

void judge_memcg_scope(struct judge *j, const struct cgroup *cg, struct scope *ret)
{
	const struct cgroupfs *fs = judge_cgroupfs(j);
	struct mem_ctx *ctx = &ret->ctx;

	*ret = (struct scope){ .ctx = j->scope.machine,
			       .machine = j->scope.machine,
			       .cgroup = cg->path };
	ret->cgroup_alone = fs && !cgroupfs_is_hierarchical(fs, &j->host, cg->path);
	ctx->constraint = CONSTRAINT_MEMCG;
	ctx->where = cg->path;
	ctx->total_pages = era_memcg_total_pages(j->era, j->s.cgroup_version, cg, &j->scope.machine,
						 &ctx->swap_pages);
	ctx->ram_pages = ctx->total_pages - ctx->swap_pages;
}

static int find_scope(struct judge *j, const struct judge_request *req, struct judge_error *error)
{
	struct select_spec spec = { 0 };
	const struct cgroupfs *fs = judge_cgroupfs(j);
	const char *path = NULL;
	int r = select_add(&spec, select_kind_of(req->scope), req->scope);

	if (r == 0)
		r = select_cgroup_path(&spec.targets[0], &j->host, &j->s, &j->s.arena, &path);
	select_free(&spec);
	if (r == -ENOTUNIQ)
		return fail(error, 1, req->scope, "stands for several cgroups",
			    "name one of them by its path");
	if (r == -ENOENT)
		return fail(error, 1, req->scope, "no such cgroup", NULL);
	if (r < 0)
		return fail_errno(error, r, req->scope);
	if (!fs && !req->has_limit)
		return fail(error, 2, req->scope, "no memory cgroup hierarchy is mounted",
			    "suppose one with --limit");
	if (req->has_limit) {
		if (!fs || cgroupfs_read(fs, &j->host, path, &j->s.arena, &j->scope_cgroup) < 0)
			j->scope_cgroup = (struct cgroup){ .path = path, .swappiness = 60 };
		j->scope_cgroup.limit_bytes = req->limit_bytes;
		j->scope_cgroup.have_limit = true;
		j->supposed = true;
	} else {
		r = cgroupfs_nearest_limited(fs, &j->host, path, &j->s.arena, &j->scope_cgroup);
		if (r < 0)
			return fail_errno(error, r, req->scope);
		if (r == 0)
			return 0;
	}
	j->scope_found_limit = true;
	judge_memcg_scope(j, &j->scope_cgroup, &j->scope);
	/* Up to 3.5 it went through the list of all tasks, as the machine's OOM does. */
	j->scope.by_memcg = fs && era_kver_compare(j->era->since, (struct kver){ 3, 6, 0 }) >= 0 &&
			    memcg_read_order(fs, &j->host, j->scope_cgroup.path,
					     j->scope.cgroup_alone, &j->s) == 0;
	return 0;
}

static void mark_who_is_apart(struct judge *j, const struct nodeset *nodes, bool policy)
{
	for (size_t i = 0; i < j->s.n_procs; i++) {
		struct proc *p = &j->s.procs[i];
		int r = p->flags & PROC_KTHREAD
				? 1
				: nodes_may_use(&j->host, p->pid, nodes, policy,
						j->era->policy == POLICY_BIND_INTERLEAVE);

		/* What has no policy may be anywhere, and so may who is just going. */
		j->n_nodes_unread += r < 0 && r != -ENOENT && r != -ESRCH;
		if (r == 0)
			p->flags |= PROC_NODES_APART;
		/* The facts are the arena's, and ours to fill. */
		if (p->classic)
			((struct proc_classic *)p->classic)->mems_intersect = r != 0;
	}
}

/* mm/oom_kill.c constrained_alloc(). */
static int find_nodes(struct judge *j, const struct judge_request *req, struct judge_error *error)
{
	struct mem_ctx *ctx = &j->scope.ctx;
	struct nodeset nodes;
	struct nodes_size size;
	int r = nodes_parse_list(req->nodes, strlen(req->nodes), &nodes);

	if (r < 0 || nodes_empty(&nodes))
		return fail(error, 2, req->nodes, "not a list of memory nodes", "as in 0 or 0-1,3");
	if (req->by_policy && j->era->nodes == NODES_IGNORED)
		return fail(error, 2, req->nodes, "this kernel killed whoever asked for memory",
			    "from 2.6.36 on a memory policy's OOM has a choice");
	r = nodes_read_size(&j->host, &nodes, &size);
	if (r == -ENODATA)
		return fail(error, 2, "/proc/zoneinfo", "names no memory node", NULL);
	if (r < 0)
		return fail_errno(error, r, "/proc/zoneinfo");
	if (!nodes_within(&nodes, &size.memory))
		return fail(error, 1, req->nodes, "no such node",
			    nodes_name(&size.memory, "with memory: ", &j->s.arena));
	j->scope.nodes = nodes_name(&nodes, "", &j->s.arena);
	if (!j->scope.nodes)
		return fail_errno(error, -ENOMEM, NULL);
	mark_who_is_apart(j, &nodes, req->by_policy);
	/* All the memory there is, is no constraint. */
	if (nodes_within(&size.memory, &nodes))
		return 0;
	ctx->constraint = req->by_policy ? CONSTRAINT_MEMORY_POLICY : CONSTRAINT_CPUSET;
	ctx->where = j->scope.nodes;
	ctx->total_pages = era_nodes_total_pages(j->era, size.spanned_pages, size.present_pages,
						 &j->scope.machine);
	ctx->ram_pages = ctx->total_pages - ctx->swap_pages;
	return 0;
}

/* < 0, 0, > 0: by figures that processes with one mm have in common. */
static int compare_memory(const struct proc *a, const struct proc *b)
{
	if (a->rss_status_pages != b->rss_status_pages)
		return a->rss_status_pages < b->rss_status_pages ? -1 : 1;
	if (a->anon_pages != b->anon_pages)
		return a->anon_pages < b->anon_pages ? -1 : 1;
	if (a->swap_pages != b->swap_pages)
		return a->swap_pages < b->swap_pages ? -1 : 1;
	return (a->pte_kib > b->pte_kib) - (a->pte_kib < b->pte_kib);
}

static int compare_indexes(const void *x, const void *y, void *ctx)
{
	const struct proc *procs = ctx;
	uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
	int c = compare_memory(&procs[a], &procs[b]);

	return c ? c : (a > b) - (a < b);
}

static int sort_alike(struct judge *j)
{
	if (j->alike)
		return 0;
	j->alike = malloc((j->s.n_procs + 1) * sizeof(*j->alike));
	if (!j->alike)
		return -ENOMEM;
	for (size_t i = 0; i < j->s.n_procs; i++)
		j->alike[i] = (uint32_t)i;
	qsort_r(j->alike, j->s.n_procs, sizeof(*j->alike), compare_indexes, j->s.procs);
	return 0;
}

/* The first place in j->alike whose process is not before p. */
static size_t first_alike(const struct judge *j, const struct proc *p)
{
	size_t low = 0, high = j->s.n_procs;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (compare_memory(&j->s.procs[j->alike[mid]], p) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Who shares the mm of that process. Asked of the running kernel alone:
 * from outside two children of one fork look alike. Returns how many, or -errno where it may not be
 * asked, -EOVERFLOW where too many had to be asked about. */
static ssize_t add_sharers(struct judge *j, const struct proc *victim, unsigned char *dies)
{
	ssize_t n = 0;
	int r;

	if (j->s.origin != ORIGIN_LIVE || !(victim->flags & PROC_HAS_MM))
		return 0;
	if (sort_alike(j) < 0)
		return -ENOMEM;
	for (size_t i = first_alike(j, victim); i < j->s.n_procs; i++) {
		const struct proc *p = &j->s.procs[j->alike[i]];

		if (compare_memory(p, victim) != 0)
			break;
		if (p == victim || !(p->flags & PROC_HAS_MM) ||
		    (p->flags & (PROC_GLOBAL_INIT | PROC_KTHREAD)))
			continue;
		if (j->kcmp_left == 0)
			return -EOVERFLOW;
		j->kcmp_left--;
		r = host_same_mm(&j->host, p->pid, victim->pid);
		if (r < 0 && r != -ESRCH)
			return r;
		if (r == 1) {
			dies[j->alike[i]] = DIES_SHARING_MM;
			n++;
		}
	}
	return n;
}

static struct supposition *supposition_of(struct judge *j, pid_t pid, size_t *n)
{
	for (size_t i = 0; i < *n; i++)
		if (j->suppositions[i].pid == pid)
			return &j->suppositions[i];
	j->suppositions[*n] = (struct supposition){ .pid = pid };
	return &j->suppositions[(*n)++];
}

static void suppose_of(struct judge *j, size_t index, bool grow, int64_t value, size_t *n)
{
	struct supposition *row = supposition_of(j, j->s.procs[index].pid, n);

	if (grow) {
		row->has_grow = true;
		row->grow_pages += (uint64_t)value;
	} else {
		row->has_adj = true;
		row->adj = (int16_t)value;
	}
}

/* What one gets, those get that share its memory: the pages are theirs too, and fs/proc/base.c
 * __set_oom_adj() writes the value to all of them since 4.8, but for what stands in a vfork(). */
static int suppose_sharers(struct judge *j, const bool *chosen, size_t index, bool grow,
			   int64_t value, size_t *n)
{
	const struct proc *p = &j->s.procs[index];
	_cleanup_free_ unsigned char *sharers = NULL;

	if (!grow && (era_kver_compare(j->era->since, (struct kver){ 4, 8, 0 }) < 0 ||
		      p->flags & PROC_VFORK))
		return 0;
	sharers = calloc(j->s.n_procs + 1, 1);
	if (!sharers)
		return -ENOMEM;
	/* Where it may not be asked each stands for itself, as with those that die along. */
	if (add_sharers(j, p, sharers) <= 0)
		return 0;
	for (size_t i = 0; i < j->s.n_procs; i++)
		if (sharers[i] && !chosen[i] && (grow || !(j->s.procs[i].flags & PROC_VFORK)))
			suppose_of(j, i, grow, value, n);
	return 0;
}

static int compare_suppositions(const void *a, const void *b)
{
	pid_t x = ((const struct supposition *)a)->pid, y = ((const struct supposition *)b)->pid;

	return (x > y) - (x < y);
}

/* "TARGET=VALUE" splits at the last '='. */
static int suppose(struct judge *j, const char *text, bool grow, size_t *n,
		   struct judge_error *error)
{
	const char *eq = strrchr(text, '=');
	_cleanup_free_ bool *chosen = calloc(j->s.n_procs + 1, sizeof(*chosen));
	_cleanup_free_ char *target = eq ? strndup(text, (size_t)(eq - text)) : NULL;
	struct select_spec spec = { 0 };
	uint64_t bytes = 0;
	int64_t value = 0;
	bool missed[1];
	ssize_t count;

	if (!eq || !*target)
		return fail(error, 2, text, "not TARGET=VALUE", NULL);
	if (!chosen || !target)
		return fail_errno(error, -ENOMEM, text);
	if (grow ? str_to_size(eq + 1, &bytes) < 0
		 : str_to_i64(eq + 1, strlen(eq + 1), -1000, 1000, &value) < 0)
		return fail(error, 2, text,
			    grow ? "not a size (such as 512M or 2G)"
				 : "not an adjustment from -1000 to 1000",
			    NULL);
	count = select_add(&spec, select_kind_of(target), target);
	if (count == 0)
		count = select_match(&spec, &j->host, &j->s, host_self(&j->host), chosen, missed);
	select_free(&spec);
	if (count < 0)
		return fail_errno(error, (int)count, text);
	if (count == 0)
		return fail(error, 1, text, "no process matches the target", NULL);
	if (grow)
		value = (int64_t)(bytes / j->s.machine.page_size);
	for (size_t i = 0; i < j->s.n_procs; i++) {
		int r;

		if (!chosen[i])
			continue;
		suppose_of(j, i, grow, value, n);
		r = suppose_sharers(j, chosen, i, grow, value, n);
		if (r < 0)
			return fail_errno(error, r, text);
	}
	return 0;
}

static int apply_what_if(struct judge *j, const struct judge_request *req,
			 struct judge_error *error)
{
	size_t n = 0;
	int r = 0;

	if (req->n_set + req->n_grow == 0)
		return 0;
	j->suppositions = calloc(j->s.n_procs + 1, sizeof(*j->suppositions));
	if (!j->suppositions)
		return fail_errno(error, -ENOMEM, NULL);
	for (size_t i = 0; i < req->n_set && r == 0; i++)
		r = suppose(j, req->set[i], false, &n, error);
	for (size_t i = 0; i < req->n_grow && r == 0; i++)
		r = suppose(j, req->grow[i], true, &n, error);
	if (r < 0)
		return r;
	qsort(j->suppositions, n, sizeof(*j->suppositions), compare_suppositions);
	j->what_if = (struct what_if){ j->suppositions, n };
	j->supposed = true;
	return 0;
}

static int apply_scope(struct judge *j, const struct judge_request *req, struct judge_error *error)
{
	j->scope.machine = j->s.machine;
	if (req->has_limit && !req->scope) {
		j->scope.machine.ram_pages = req->limit_bytes / j->s.machine.page_size;
		if (j->scope.machine.ram_pages == 0)
			j->scope.machine.ram_pages = 1;
		j->scope.machine.total_pages =
			j->scope.machine.ram_pages + j->scope.machine.swap_pages;
		j->supposed = true;
	}
	j->scope.ctx = j->scope.machine;
	if (req->nodes)
		return find_nodes(j, req, error);
	return req->scope ? find_scope(j, req, error) : 0;
}

/* ------------------------------------------------------------------------------------------ all of
 * it */

static int open_machine(struct judge *j, const struct judge_request *req, struct judge_error *error)
{
	int r = host_open(&j->host, req->root);

	if (r < 0)
		return fail_errno(error, r, req->root ? req->root : "/");
	r = snapshot_open(&j->s, &j->host);
	if (r == -ENOENT)
		return fail(error, 2, "/proc", "not there", "mount it: mount -t proc proc /proc");
	if (r < 0)
		return fail_errno(error, r, "/proc");
	j->s.era = j->s.release ? era_for_release(j->s.release, &j->s.kver) : NULL;
	if (!j->s.era) {
		j->era_guessed = true;
		j->s.era = &era_table[0];
	}
	j->s.rss_source = badness_rss_source(j->s.era);
	return 0;
}

/* What else must be read for the rule in force, the scope and the selectors. */
static unsigned full_need(const struct judge *j, const struct judge_request *req)
{
	const struct era *rules[] = { j->s.era, req->era };
	unsigned need = req->need, facts = req->targets ? select_need(req->targets) : 0;

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		if (!rules[i] || !(need & SNAPSHOT_STATUS))
			continue;
		if (rules[i]->formula == FORMULA_CLASSIC)
			need |= SNAPSHOT_CLASSIC;
		else if (rules[i]->superuser != SUPERUSER_IGNORED)
			need |= SNAPSHOT_USERNS;
	}
	for (unsigned i = 0; i < 2; i++) {
		const char *const *texts = i ? req->grow : req->set;

		for (size_t k = 0; k < (i ? req->n_grow : req->n_set); k++) {
			struct select_spec spec = { 0 };
			const char *eq = strrchr(texts[k], '=');
			_cleanup_free_ char *target =
				eq ? strndup(texts[k], (size_t)(eq - texts[k])) : NULL;

			if (target && select_add(&spec, select_kind_of(target), target) == 0)
				facts |= select_need(&spec);
			select_free(&spec);
		}
	}
	if (req->scope)
		facts |= HAVE_CGROUP | HAVE_COMM | HAVE_CMDLINE;
	if (facts & HAVE_CGROUP)
		need |= SNAPSHOT_CGROUP;
	if (facts & HAVE_CMDLINE)
		need |= SNAPSHOT_CMDLINE;
	if (facts & (HAVE_COMM | HAVE_PPID))
		need |= SNAPSHOT_STAT;
	if (facts & HAVE_UID)
		need |= SNAPSHOT_STATUS;
	return need;
}

static int compare_pid_values(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

/* The pids of a spec that names nothing else, ascending and each once. */
static int read_named_pids(struct judge *j, const struct select_spec *spec, unsigned need)
{
	_cleanup_free_ pid_t *pids = malloc((spec->n + 1) * sizeof(*pids));
	size_t n = 0;

	if (!pids)
		return -ENOMEM;
	for (size_t i = 0; i < spec->n; i++)
		pids[i] = spec->targets[i].pid;
	qsort(pids, spec->n, sizeof(*pids), compare_pid_values);
	for (size_t i = 0; i < spec->n; i++)
		if (n == 0 || pids[n - 1] != pids[i])
			pids[n++] = pids[i];
	return snapshot_read(&j->s, &j->host, need, pids, n);
}

static int read_processes(struct judge *j, const struct judge_request *req, unsigned need)
{
	bool whole_machine = !req->scope && !req->nodes && !req->era &&
			     req->n_set + req->n_grow == 0 && !req->has_limit;

	if (req->only_targets && req->targets && req->targets->n &&
	    select_only_pids(req->targets) && whole_machine)
		return read_named_pids(j, req->targets, need);
	/* The kernel's number grows with badness only by its own rule and for its own machine. */
	if (req->top && whole_machine)
		return snapshot_read_top(&j->s, &j->host, need, req->shown,
					 req->top + req->without_self);
	return snapshot_read(&j->s, &j->host, need, NULL, 0);
}

/* We are gone when anything happens. Alone in a pid namespace we are all there is to tell of. */
static void leave_out_self(struct judge *j)
{
	struct proc *own = j->s.n_procs > 1 ? snapshot_find(&j->s, host_self(&j->host)) : NULL;

	if (!own)
		return;
	memmove(own, own + 1, (size_t)(j->s.procs + j->s.n_procs - (own + 1)) * sizeof(*own));
	j->s.n_procs--;
	j->s.n_pids--;
}

int judge_open(struct judge *j, const struct judge_request *req, struct judge_error *error)
{
	int r;

	*j = (struct judge){ .opened = true,
			     .kcmp_left = KCMP_MAX,
			     .host = { .root_fd = -1, .proc_fd = -1 } };
	r = open_machine(j, req, error);
	j->own_rule = !req->era;
	j->era = req->era ? req->era : j->s.era;
	j->scope.ctx = j->scope.machine = j->s.machine;
	return r;
}

int judge_machine(struct judge *j, const struct judge_request *req, struct judge_error *error)
{
	unsigned need;
	int r = judge_open(j, req, error);

	if (r < 0)
		return r;
	need = full_need(j, req);
	if (need & SNAPSHOT_CGROUP)
		judge_cgroupfs(j);
	r = read_processes(j, req, need);
	if (r == 0 && settle(j, need) && j->s.n_procs < j->s.n_pids && req->top) {
		/* A number that the model disproves cannot have told who may be left out. */
		free(j->s.procs);
		j->s.procs = NULL;
		j->s.n_procs = 0;
		r = snapshot_read(&j->s, &j->host, need, NULL, 0);
		settle(j, need);
	}
	if (r == 0 && req->without_self)
		leave_out_self(j);
	if (r == -ENODATA)
		return fail(error, 2, "/proc", "lists no process", NULL);
	if (r < 0)
		return fail_errno(error, r, "/proc");
	/* The numbers may have shown that it is another rule than the version's. */
	j->era = req->era ? req->era : j->s.era;
	/* Another kernel's rule has its own counters; where those were exact, the sums are. */
	if (req->era)
		j->s.rss_source = req->era->rss == RSS_READINGS_STAT ? RSS_STAT : RSS_STATUS;
	r = apply_scope(j, req, error);
	return r < 0 ? r : apply_what_if(j, req, error);
}

/* The rows of the tree are the arena's. */
static void keep_row(void *row)
{
	(void)row;
}

void judge_close(struct judge *j)
{
	if (!j->opened)
		return;
	free(j->suppositions);
	free(j->alike);
	tdestroy(j->groups, keep_row);
	if (j->have_cgroupfs)
		cgroupfs_close(&j->cgroupfs);
	snapshot_close(&j->s);
	host_close(&j->host);
}

int judge_order(const struct judge *j, struct judged **ret)
{
	return victim_order(&j->s, j->era, &j->scope, &j->what_if, ret);
}

void judge_verdict(const struct judge *j, const struct proc *p, bool by_machine,
		   struct verdict *ret)
{
	struct supposed storage;

	badness(j->era, by_machine ? &j->scope.machine : &j->scope.ctx,
		victim_suppose(&j->what_if, p, &storage), j->s.rss_source, ret);
}

int judge_agrees(const struct judge *j, const struct proc *p, const struct verdict *by_machine)
{
	if (!j->own_rule || j->supposed || !(p->have & HAVE_SCORE) || !by_machine->score_known)
		return -1;
	return by_machine->score == (int64_t)p->oom_score;
}

/* ------------------------------------------------------------------------------------------ killed
 * along */

size_t judge_who_dies(const struct judge *j, size_t chosen, const bool *dead)
{
	return victim_who_dies(&j->s, j->era, &j->scope, &j->what_if, dead, chosen);
}

/* Members of a group as they are supposed to be: one at -1000 is spared. */
static bool dies_with_group(const struct judge *j, const struct proc *p)
{
	struct supposed storage;

	return victim_dies_with_group(victim_suppose(&j->what_if, p, &storage));
}

/* What oom.group says of a cgroup, asked once for all processes in it. */
struct judge_group {
	const char *path;
	int result; /* of cgroupfs_oom_group() */
	struct cgroup cgroup;
};

static int compare_groups(const void *a, const void *b)
{
	return strcmp(((const struct judge_group *)a)->path, ((const struct judge_group *)b)->path);
}

static int find_group(struct judge *j, const struct cgroupfs *fs, const char *path,
		      struct cgroup *ret)
{
	struct judge_group key = { .path = path }, *made;
	struct judge_group *const *found = tfind(&key, &j->groups, compare_groups);

	if (!found) {
		made = arena_alloc(&j->s.arena, sizeof(*made));
		if (!made)
			return -ENOMEM;
		made->path = path;
		made->result = cgroupfs_oom_group(fs, &j->host, path, j->scope.cgroup, &j->s.arena,
						  &made->cgroup);
		found = tsearch(made, &j->groups, compare_groups);
		if (!found)
			return -ENOMEM;
	}
	*ret = (*found)->cgroup;
	return (*found)->result;
}

static ssize_t add_group(struct judge *j, const struct proc *victim, unsigned char *dies,
			 const char **group)
{
	const struct cgroupfs *fs = judge_cgroupfs(j);
	struct cgroup cg;
	ssize_t n = 0;
	int r;

	if (!fs || !(victim->have & HAVE_CGROUP) || j->s.cgroup_version != CGROUP_V2 ||
	    !victim_group_counts(j->era, victim->cgroup, j->scope.cgroup))
		return 0;
	r = find_group(j, fs, victim->cgroup, &cg);
	if (r <= 0)
		return r == -ENOENT ? 0 : r;
	*group = cg.path;
	for (size_t i = 0; i < j->s.n_procs; i++) {
		struct proc *p = &j->s.procs[i];

		judge_more(j, p, SNAPSHOT_CGROUP);
		if (p != victim && (p->have & HAVE_CGROUP) &&
		    victim_in_cgroup(p->cgroup, cg.path) && dies_with_group(j, p) && !dies[i]) {
			dies[i] = DIES_WITH_GROUP;
			n++;
		}
	}
	return n;
}

/* Those that share one mm have one badness: they have the same memory, and since 4.8
 * fs/proc/base.c __set_oom_adj() writes the same value to all of them. It passes over a child for
 * which the parent waits in vfork(), and the kernel says 0 of that one as long as the parent lives.
 * So another score tells of another mm, where the memory did not move much since all were asked.
 * Returns the score that p had then; -1: it moved, or the kernel is older. */
static int64_t one_score(const struct judge *j, const struct proc *p)
{
	struct verdict now;

	if (!j->s.release || era_kver_compare(j->s.kver, (struct kver){ 4, 8, 0 }) < 0)
		return -1;
	judge_verdict(j, p, true, &now);
	for (size_t i = 0; i < j->s.n_listed; i++)
		if (j->s.listed[i].pid == p->pid)
			return now.score_known && j->s.listed[i].score != LISTED_UNKNOWN &&
			       imaxabs(now.score - j->s.listed[i].score) <= SCORE_DRIFT / 2
				       ? j->s.listed[i].score
				       : -1;
	return -1;
}

static bool is_another_score(const struct listed *other, int64_t score)
{
	return score >= 0 && other->score != 0 && other->score != LISTED_UNKNOWN &&
	       imaxabs(score - other->score) > SCORE_DRIFT;
}

bool judge_lacks_company(struct judge *j, size_t victim, bool sure)
{
	struct proc *p = &j->s.procs[victim];
	const struct cgroupfs *fs;
	struct cgroup cg;
	int64_t score;
	int r;

	if (!j->s.listed || j->s.n_procs >= j->s.n_pids)
		return false;
	if (j->era->sacrifice != SACRIFICE_NONE)
		return true;
	judge_more(j, p, SNAPSHOT_CGROUP);
	fs = judge_cgroupfs(j);
	if (fs && (p->have & HAVE_CGROUP) && j->s.cgroup_version == CGROUP_V2 &&
	    victim_group_counts(j->era, p->cgroup, j->scope.cgroup) &&
	    find_group(j, fs, p->cgroup, &cg) > 0)
		return true;
	score = sure ? -1 : one_score(j, p);
	for (size_t i = 0; i < j->s.n_listed; i++) {
		const struct listed *other = &j->s.listed[i];

		if (is_another_score(other, score) || snapshot_find(&j->s, other->pid))
			continue;
		r = host_same_mm(&j->host, other->pid, p->pid);
		if (r == 1 || (r < 0 && r != -ESRCH && r != -ENOTSUP && sure))
			return true;
	}
	return false;
}

ssize_t judge_killed_with(struct judge *j, size_t victim, unsigned char *dies, const char **group)
{
	struct proc *p = &j->s.procs[victim];
	ssize_t members, sharers;

	*group = NULL;
	judge_more(j, p, SNAPSHOT_CGROUP);
	sharers = add_sharers(j, p, dies);
	members = add_group(j, p, dies, group);
	j->groups_unread |= members < 0;
	if (members < 0 || sharers < 0)
		return members < 0 ? members : sharers;
	return members + sharers;
}
