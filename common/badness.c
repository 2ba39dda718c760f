/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many points does the kernel give this process, and from what? mm/oom_kill.c badness() up
 * to 2.6.35 and oom_badness() since, fs/proc/base.c proc_oom_score(). Every term is kept as a
 * factor, so that the number can be explained by the same computation that makes it.
 */
#include "badness.h"

#include <assert.h>
#include <string.h>

#include "base.h"

#define ADJ_MIN        (-1000) /* OOM_SCORE_ADJ_MIN */
#define ADJ_MAX        1000    /* OOM_SCORE_ADJ_MAX */
#define OOM_DISABLE    (-17)
#define OOM_ADJUST_MAX 15
#define HZ_DEFAULT     250 /* where CONFIG_HZ is not known; 250 and 1000 give the same unit */

/* What a value becomes in the kernel's long: on a 32-bit kernel it wraps. */
static int64_t as_long(const struct mem_ctx *ctx, int64_t v)
{
	return ctx->long_bits == 32 ? (int32_t)(uint32_t)(uint64_t)v : v;
}

static uint64_t as_ulong(const struct mem_ctx *ctx, uint64_t v)
{
	return ctx->long_bits == 32 ? (uint32_t)v : v;
}

static int64_t mul_wrap(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a * (uint64_t)b);
}

/* totalpages as every formula divides by it: never 0. */
static uint64_t divisor(const struct mem_ctx *ctx)
{
	return ctx->total_pages ? ctx->total_pages : 1;
}

static void add_factor(struct verdict *v, enum factor_id id, int64_t amount, int64_t pages)
{
	v->factor[v->n_factors++] = (struct factor){ .id = id, .amount = amount, .pages = pages };
	v->badness += amount;
}

bool badness_in_pages(const struct era *e)
{
	return e->formula == FORMULA_PAGES;
}

enum rss_source badness_rss_source(const struct era *e)
{
	return e->rss == RSS_READINGS_STATUS ? RSS_STATUS : RSS_STAT;
}

uint64_t badness_rss_pages(const struct proc *p, enum rss_source rss)
{
	bool stat = p->have & HAVE_RSS_STAT, status = p->have & HAVE_RSS_STATUS;

	if (rss == RSS_STAT)
		return stat ? p->rss_stat_pages : p->rss_status_pages;
	return status ? p->rss_status_pages : p->rss_stat_pages;
}

uint64_t badness_pgtables_pages(const struct era *e, const struct mem_ctx *ctx,
				const struct proc *p)
{
	uint64_t pte = (uint64_t)p->pte_kib * 1024;
	uint64_t pmd = p->have & HAVE_PMD ? (uint64_t)p->pmd_kib * 1024 : 0;
	uint32_t table = ctx->pte_table_bytes ? ctx->pte_table_bytes : ctx->page_size;

	switch (e->pgtables) {
	case PGTABLES_BYTES:
		return (pte + pmd) / ctx->page_size;
	case PGTABLES_PTES_PMDS:
		return pte / table + pmd / ctx->page_size;
	case PGTABLES_PTES:
		return pte / table;
	case PGTABLES_IGNORED:
		break;
	}
	return 0;
}

/* has_capability_noaudit(p, CAP_SYS_ADMIN) asks for the initial user namespace. */
static bool has_admin(const struct proc *p, struct verdict *v)
{
	if (!(p->flags & PROC_CAP_SYS_ADMIN) || (p->flags & PROC_USERNS))
		return false;
	if (!(p->have & HAVE_USERNS))
		v->superuser_uncertain = true;
	return true;
}

/* ------------------------------------------------------------------------------------------ 3.5
 * and later */

static void judge_pages(const struct era *e, const struct mem_ctx *ctx, const struct proc *p,
			enum rss_source rss, struct verdict *v)
{
	int64_t r = (int64_t)badness_rss_pages(p, rss), swap = (int64_t)p->swap_pages;
	int64_t tables = (int64_t)badness_pgtables_pages(e, ctx, p);
	int64_t per_point = (int64_t)(divisor(ctx) / 1000), share;

	add_factor(v, FACTOR_RSS, r, r);
	add_factor(v, FACTOR_SWAP, swap, swap);
	if (e->pgtables != PGTABLES_IGNORED)
		add_factor(v, FACTOR_PGTABLES, tables, tables);
	if (e->superuser == SUPERUSER_3_PERCENT && has_admin(p, v)) {
		int64_t bonus = as_long(ctx, mul_wrap(v->badness, 3)) / 100;

		add_factor(v, FACTOR_SUPERUSER, -bonus, -bonus);
	}
	if (e->superuser == SUPERUSER_ADJ_30 && has_admin(p, v))
		add_factor(v, FACTOR_SUPERUSER, -30 * per_point, -30 * per_point);
	share = as_long(ctx, mul_wrap(p->oom_score_adj, per_point));
	if (p->oom_score_adj)
		add_factor(v, FACTOR_ADJ, share, share);
	if (e->floor == FLOOR_ONE && v->badness <= 0)
		add_factor(v, FACTOR_FLOOR, 1 - v->badness, 1 - v->badness);
}

/* ------------------------------------------------------------------------------------------ 2.6.36
 * to 3.4 */

/* So many pages as per mille of the total, in the C type of that era. */
static int64_t permille(const struct era *e, const struct mem_ctx *ctx, uint64_t pages)
{
	uint64_t total = divisor(ctx);

	switch (e->arithmetic) {
	case ARITHMETIC_ULONG:
		return (int32_t)(as_ulong(ctx, pages * 1000) / total);
	case ARITHMETIC_INT: {
		/* int points *= 1000 wraps; then an int is divided by an unsigned long. */
		int32_t points = (int32_t)(uint32_t)(pages * 1000);

		return (int32_t)(as_ulong(ctx, (uint64_t)(int64_t)points) / total);
	}
	case ARITHMETIC_LONG:
		break;
	}
	return (int64_t)(as_ulong(ctx, (uint64_t)as_long(ctx, (int64_t)(pages * 1000))) / total);
}

static void judge_permille(const struct era *e, const struct mem_ctx *ctx, const struct proc *p,
			   enum rss_source rss, struct verdict *v)
{
	uint64_t r = badness_rss_pages(p, rss), tables = badness_pgtables_pages(e, ctx, p);
	int64_t after_rss = permille(e, ctx, r);
	int64_t after_tables = permille(e, ctx, r + tables);
	int64_t all = permille(e, ctx, r + tables + p->swap_pages);

	/* One division for all: what each adds is what the quotient grows by. */
	add_factor(v, FACTOR_RSS, after_rss, (int64_t)r);
	if (e->pgtables != PGTABLES_IGNORED)
		add_factor(v, FACTOR_PGTABLES, after_tables - after_rss, (int64_t)tables);
	add_factor(v, FACTOR_SWAP, all - after_tables, (int64_t)p->swap_pages);
	if (e->superuser == SUPERUSER_30_POINTS && has_admin(p, v))
		add_factor(v, FACTOR_SUPERUSER, -30, 0);
	if (p->oom_score_adj)
		add_factor(v, FACTOR_ADJ, p->oom_score_adj, 0);
	if (v->badness <= 0)
		add_factor(v, FACTOR_FLOOR, 1 - v->badness, 0);
	else if (v->badness > 1000)
		add_factor(v, FACTOR_FLOOR, 1000 - v->badness, 0);
}

/* ------------------------------------------------------------------------------------------ up
 * to 2.6.35 */

/* int_sqrt(): the floor of the root. */
static uint64_t int_sqrt(uint64_t x)
{
	uint64_t root = 0, bit = (uint64_t)1 << 62;

	while (bit > x)
		bit >>= 2;
	for (; bit; bit >>= 2) {
		if (x >= root + bit) {
			x -= root + bit;
			root = (root >> 1) + bit;
		} else {
			root >>= 1;
		}
	}
	return root;
}

/* include/linux/jiffies.h: SHIFT_HZ */
static unsigned shift_hz(unsigned hz)
{
	unsigned shift = 4;

	for (unsigned edge = 24; hz >= edge; edge *= 2)
		shift++;
	return shift;
}

/* A step of the heuristic: the points become now; what that changes is the factor. */
static void become(struct verdict *v, enum factor_id id, uint64_t now, int64_t pages)
{
	if ((int64_t)now != v->badness)
		add_factor(v, id, (int64_t)now - v->badness, pages);
}

static void divide_by_times(const struct era *e, const struct mem_ctx *ctx,
			    const struct proc_classic *c, struct verdict *v)
{
	unsigned hz = ctx->hz ? ctx->hz : HZ_DEFAULT;
	uint64_t usec = e->cpu_time == CPU_TIME_GROUP ? c->cpu_group_usec : c->cpu_task_usec;
	uint64_t cpu = (usec / 1000 * hz / 1000) >> (shift_hz(hz) + 3);
	uint64_t root = int_sqrt(cpu);

	if (root)
		become(v, FACTOR_CPU_TIME, (uint64_t)v->badness / root, 0);
	root = int_sqrt(int_sqrt(c->run_seconds >> 10));
	if (root)
		become(v, FACTOR_RUN_TIME, (uint64_t)v->badness / root, 0);
}

static bool is_superuser(const struct era *e, const struct proc *p)
{
	if (p->flags & PROC_CAP_SYS_ADMIN)
		return true;
	if (e->superuser == SUPERUSER_UID_OR_ADMIN_QUARTER)
		return p->flags & PROC_IS_ROOT;
	return p->flags & PROC_CAP_SYS_RESOURCE;
}

static int classic_adj(const struct proc *p)
{
	return p->classic->have_oom_adj ? p->classic->oom_adj
					: badness_oom_adj_from_adj(p->oom_score_adj);
}

static void judge_classic(const struct era *e, const struct mem_ctx *ctx, const struct proc *p,
			  struct verdict *v)
{
	const struct proc_classic *c = p->classic;
	uint64_t children =
		e->children == CHILDREN_FULL ? c->children_vm_pages : c->children_half_pages;
	uint64_t points;
	int adj = classic_adj(p);

	add_factor(v, FACTOR_TOTAL_VM, (int64_t)c->total_vm_pages, (int64_t)c->total_vm_pages);
	if (children)
		add_factor(v, FACTOR_CHILDREN, (int64_t)children, (int64_t)children);
	divide_by_times(e, ctx, c, v);
	if (e->nice && c->nice > 0)
		become(v, FACTOR_NICE, as_ulong(ctx, (uint64_t)v->badness * 2), 0);
	if (is_superuser(e, p))
		become(v, FACTOR_SUPERUSER, (uint64_t)v->badness / 4, 0);
	if (e->rawio && (p->flags & PROC_CAP_SYS_RAWIO))
		become(v, FACTOR_RAWIO, (uint64_t)v->badness / 4, 0);
	if ((e->cpuset == CPUSET_EXCLUSIVE_NODES || e->cpuset == CPUSET_MEMS_ALLOWED) &&
	    !c->mems_intersect)
		become(v, FACTOR_CPUSET, (uint64_t)v->badness / 8, 0);
	points = (uint64_t)v->badness;
	if (adj > 0) {
		if (points == 0 && e->shift == SHIFT_FROM_ONE)
			points = 1;
		become(v, FACTOR_ADJ, as_ulong(ctx, points << adj), 0);
	} else if (adj < 0) {
		become(v, FACTOR_ADJ, points >> -adj, 0);
	}
}

/* ------------------------------------------------------------------------------------------ fates
 */

/* Whether all that the formula of the era needs has been read. */
static bool memory_known(const struct era *e, const struct proc *p)
{
	if (e->formula == FORMULA_CLASSIC)
		return p->have & HAVE_CLASSIC;
	if (!(p->have & (HAVE_RSS_STAT | HAVE_RSS_STATUS)) || !(p->have & HAVE_SWAP))
		return false;
	return e->pgtables == PGTABLES_IGNORED || (p->have & HAVE_PTE);
}

static bool is_adj_min(const struct era *e, const struct proc *p)
{
	if (e->formula == FORMULA_CLASSIC && (p->have & HAVE_CLASSIC))
		return classic_adj(p) == OOM_DISABLE;
	return (p->have & HAVE_ADJ) && p->oom_score_adj == ADJ_MIN;
}

static bool adj_known(const struct era *e, const struct proc *p)
{
	if (p->have & HAVE_ADJ)
		return true;
	return e->formula == FORMULA_CLASSIC && (p->have & HAVE_CLASSIC) &&
	       p->classic->have_oom_adj;
}

/* What can be told before the points: oom_unkillable_task(), the mm, the adj. */
static enum fate fate_of(const struct era *e, const struct proc *p)
{
	if (p->flags & PROC_GLOBAL_INIT)
		return FATE_INIT;
	if (p->flags & PROC_KTHREAD)
		return FATE_KTHREAD;
	if ((p->have & HAVE_MM) && !(p->flags & PROC_HAS_MM))
		return FATE_NO_MM;
	if (is_adj_min(e, p))
		return FATE_ADJ_MIN;
	if (!(p->have & HAVE_MM) || !adj_known(e, p) || !memory_known(e, p))
		return FATE_UNKNOWN;
	if (e->vfork_exempt && (p->flags & PROC_VFORK))
		return FATE_VFORK;
	if (e->shared_mm_immune && (p->flags & PROC_SHARES_IMMUNE_MM))
		return FATE_ADJ_MIN;
	return p->flags & PROC_SIGKILL ? FATE_VICTIM : FATE_KILLABLE;
}

int64_t badness_to_score(const struct era *e, const struct mem_ctx *ctx, int64_t points)
{
	uint64_t total = divisor(ctx);
	int64_t scaled;

	switch (e->scale) {
	case SCALE_RAW:
		return points;
	case SCALE_PERMILLE:
		return (int64_t)(as_ulong(ctx, (uint64_t)points * 1000) / total);
	case SCALE_TWO_THIRDS:
		break;
	}
	scaled = as_long(ctx, mul_wrap(points, 1000)) / (int64_t)total;
	return as_long(ctx, mul_wrap(as_long(ctx, 1000 + scaled), 2)) / 3;
}

static void judge(const struct era *e, const struct mem_ctx *ctx, const struct proc *p,
		  enum rss_source rss, struct verdict *v)
{
	int64_t sum = 0;

	switch (e->formula) {
	case FORMULA_PAGES:
		judge_pages(e, ctx, p, rss, v);
		break;
	case FORMULA_PERMILLE:
		judge_permille(e, ctx, p, rss, v);
		break;
	case FORMULA_CLASSIC:
		judge_classic(e, ctx, p, v);
		break;
	}
	if (badness_in_pages(e))
		v->badness = as_long(ctx, v->badness);
	for (unsigned i = 0; i < v->n_factors; i++)
		sum += v->factor[i].amount;
	assert(as_long(ctx, sum) == as_long(ctx, v->badness));
}

/* The heuristic knew nothing of init, and until 2.6.31 nothing of OOM_DISABLE: others passed such
 * tasks over, and their number is printed all the same. */
static bool classic_prints(const struct era *e, const struct proc *p, enum fate f)
{
	if (e->formula != FORMULA_CLASSIC || !memory_known(e, p) || !adj_known(e, p))
		return false;
	return f == FATE_INIT || (f == FATE_ADJ_MIN && e->cpu_time == CPU_TIME_TASK);
}

void badness(const struct era *e, const struct mem_ctx *ctx, const struct proc *p,
	     enum rss_source rss, struct verdict *ret)
{
	memset(ret, 0, offsetof(struct verdict, factor));
	ret->fate = fate_of(e, p);
	ret->score_known = ret->fate != FATE_UNKNOWN;
	if (!ret->score_known || ctx->total_pages == 0) {
		ret->score_known = ret->score_known && !badness_fate_is_candidate(ret->fate);
		return;
	}
	if (!badness_fate_is_candidate(ret->fate) && !classic_prints(e, p, ret->fate))
		return;
	judge(e, ctx, p, rss, ret);
	ret->known = badness_fate_is_candidate(ret->fate);
	ret->score = badness_to_score(e, ctx, ret->badness);
	/* MMF_OOM_SKIP is not shown anywhere but by a score of 0 of a process that is being killed.
	 */
	if (ret->fate == FATE_VICTIM && e->reaped_exempt && (p->have & HAVE_SCORE) &&
	    p->oom_score == 0 && ret->score != 0) {
		ret->fate = FATE_REAPED;
		ret->known = false;
		ret->score = 0;
	}
}

/* ------------------------------------------------------------------------------------------ words
 */

bool badness_fate_is_candidate(enum fate f)
{
	return f == FATE_KILLABLE || f == FATE_VICTIM;
}

/* fs/proc/base.c oom_adj_write() */
int badness_adj_from_oom_adj(int oom_adj)
{
	if (oom_adj == OOM_ADJUST_MAX)
		return ADJ_MAX;
	return oom_adj * ADJ_MAX / -OOM_DISABLE;
}

/* fs/proc/base.c oom_adj_read() */
int badness_oom_adj_from_adj(int oom_score_adj)
{
	int v;

	if (oom_score_adj == ADJ_MAX)
		return OOM_ADJUST_MAX;
	v = oom_score_adj * -OOM_DISABLE / ADJ_MAX;
	return v > OOM_ADJUST_MAX ? OOM_ADJUST_MAX : v;
}

const char *badness_fate_name(enum fate f)
{
	static const char *const names[] = {
		[FATE_KILLABLE] = "killable",
		[FATE_INIT] = "init",
		[FATE_KTHREAD] = "kthread",
		[FATE_ADJ_MIN] = "adj_min",
		[FATE_NO_MM] = "no_mm",
		[FATE_VFORK] = "vfork",
		[FATE_REAPED] = "reaped",
		[FATE_VICTIM] = "victim",
		[FATE_OUT_OF_SCOPE] = "out_of_scope",
		[FATE_UNKNOWN] = "unknown",
	};
	_Static_assert(ARRAY_SIZE(names) == FATE_N, "a fate has no name");

	return names[f];
}

const char *badness_factor_name(enum factor_id id)
{
	static const char *const names[] = {
		[FACTOR_RSS] = "rss",
		[FACTOR_SWAP] = "swap",
		[FACTOR_PGTABLES] = "pgtables",
		[FACTOR_TOTAL_VM] = "total_vm",
		[FACTOR_CHILDREN] = "children",
		[FACTOR_CPU_TIME] = "cpu_time",
		[FACTOR_RUN_TIME] = "run_time",
		[FACTOR_NICE] = "nice",
		[FACTOR_SUPERUSER] = "root_bonus",
		[FACTOR_RAWIO] = "rawio",
		[FACTOR_CPUSET] = "cpuset",
		[FACTOR_ADJ] = "oom_score_adj",
		[FACTOR_FLOOR] = "floor",
	};
	_Static_assert(ARRAY_SIZE(names) == FACTOR_N, "a factor has no name");

	return names[id];
}

const char *badness_constraint_name(enum constraint c)
{
	static const char *const names[] = {
		[CONSTRAINT_NONE] = "none",
		[CONSTRAINT_CPUSET] = "cpuset",
		[CONSTRAINT_MEMORY_POLICY] = "memory_policy",
		[CONSTRAINT_MEMCG] = "memcg",
		[CONSTRAINT_UNKNOWN] = "unknown",
	};
	_Static_assert(ARRAY_SIZE(names) == CONSTRAINT_N, "a constraint has no name");

	return names[c];
}
