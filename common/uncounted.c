/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What do people expect to count that this kernel does not? Walks the cells of the table of eras to
 * the row that dropped it. Mirrors badness() of mm/oom_kill.c, by what is left of it in
 * oom_badness().
 */
#include "uncounted.h"

#include <string.h>

#include "base.h"

/* Whether a row of the table has what is asked about. */
typedef bool (*cell_fn)(const struct era *e);

/* The version from which on a row no longer has it: the one after the newest of the older rows that
 * still do. NULL where none before e ever had. */
static const char *dropped_in(const struct tell *t, cell_fn has)
{
	for (const struct era *e = t->era; e + 1 < era_table + era_count; e++)
		if (has(e + 1))
			return tell_version(t, e->since);
	return NULL;
}

static bool counts_nice(const struct era *e)
{
	return e->nice;
}

static bool counts_cpu_time(const struct era *e)
{
	return e->cpu_time != CPU_TIME_IGNORED;
}

static bool counts_by_heuristic(const struct era *e)
{
	return e->formula == FORMULA_CLASSIC;
}

static bool counts_superuser(const struct era *e)
{
	return e->superuser != SUPERUSER_IGNORED;
}

static bool counts_rawio(const struct era *e)
{
	return e->rawio;
}

static bool counts_children(const struct era *e)
{
	return e->children != CHILDREN_IGNORED;
}

static bool counts_rss(const struct era *e)
{
	return e->formula != FORMULA_CLASSIC;
}

static bool counts_pgtables(const struct era *e)
{
	return e->pgtables != PGTABLES_IGNORED;
}

static bool counts_never(const struct era *e)
{
	(void)e;
	return false;
}

static int64_t children_of(const struct tell *t, const struct proc *p)
{
	int64_t n = 0;

	for (size_t i = 0; i < t->s->n_procs; i++)
		n += (t->s->procs[i].have & HAVE_PPID) && t->s->procs[i].ppid == p->pid;
	return n;
}

static void set_value(struct uncounted *u, bool known, enum uncounted_kind kind, int64_t value)
{
	u->kind = known ? kind : UNCOUNTED_UNKNOWN;
	u->value = known ? value : 0;
}

/* What the process has of a factor. */
static void fill_value(const struct tell *t, const struct proc *p, enum factor_id id,
		       struct uncounted *u)
{
	const struct proc_classic *c = p->have & HAVE_CLASSIC ? p->classic : NULL;
	bool has_mm = p->flags & PROC_HAS_MM;

	switch (id) {
	case FACTOR_NICE:
		set_value(u, c, UNCOUNTED_NUMBER, c ? c->nice : 0);
		break;
	case FACTOR_CPU_TIME:
		set_value(u, c, UNCOUNTED_SECONDS, c ? (int64_t)(c->cpu_group_usec / 1000000) : 0);
		break;
	case FACTOR_RUN_TIME:
		set_value(u, c, UNCOUNTED_SECONDS, c ? (int64_t)c->run_seconds : 0);
		break;
	case FACTOR_TOTAL_VM:
		set_value(u, c, UNCOUNTED_SIZE, c ? (int64_t)tell_bytes(t, c->total_vm_pages) : 0);
		break;
	case FACTOR_SUPERUSER:
		set_value(u, p->have & HAVE_CAPS, UNCOUNTED_YES_NO,
			  p->flags & (PROC_CAP_SYS_ADMIN | PROC_IS_ROOT) ? 1 : 0);
		break;
	case FACTOR_RAWIO:
		set_value(u, p->have & HAVE_CAPS, UNCOUNTED_YES_NO,
			  p->flags & PROC_CAP_SYS_RAWIO ? 1 : 0);
		break;
	case FACTOR_CHILDREN:
		set_value(u, t->s->n_procs, UNCOUNTED_NUMBER, children_of(t, p));
		break;
	case FACTOR_RSS:
		set_value(u, has_mm, UNCOUNTED_SIZE,
			  (int64_t)tell_bytes(t, badness_rss_pages(p, t->s->rss_source)));
		break;
	case FACTOR_SWAP:
		set_value(u, has_mm && (p->have & HAVE_SWAP), UNCOUNTED_SIZE,
			  (int64_t)tell_bytes(t, p->swap_pages));
		break;
	case FACTOR_PGTABLES:
		set_value(u, has_mm && (p->have & HAVE_PTE), UNCOUNTED_SIZE,
			  (int64_t)tell_pgtables_bytes(p));
		break;
	default:
		set_value(u, false, UNCOUNTED_UNKNOWN, 0);
		break;
	}
}

size_t uncounted_find(const struct tell *t, const struct proc *p,
		      struct uncounted ret[UNCOUNTED_MAX])
{
	/* FACTOR_N: no kernel ever had such a factor. */
	static const struct {
		enum factor_id id;
		const char *name;
		cell_fn counts;
	} expected[] = {
		{ FACTOR_NICE, NULL, counts_nice },
		{ FACTOR_CPU_TIME, NULL, counts_cpu_time },
		{ FACTOR_RUN_TIME, NULL, counts_by_heuristic },
		{ FACTOR_CHILDREN, NULL, counts_children },
		{ FACTOR_RAWIO, NULL, counts_rawio },
		{ FACTOR_TOTAL_VM, NULL, counts_by_heuristic },
		{ FACTOR_SUPERUSER, NULL, counts_superuser },
		{ FACTOR_RSS, NULL, counts_rss },
		{ FACTOR_SWAP, NULL, counts_rss },
		{ FACTOR_PGTABLES, NULL, counts_pgtables },
		{ FACTOR_N, "hugetlb", counts_never },
		{ FACTOR_N, "cgroup_total", counts_never },
	};
	_Static_assert(ARRAY_SIZE(expected) <= UNCOUNTED_MAX, "more than there is room for");
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		struct uncounted *u = &ret[n];

		if (expected[i].counts(t->era))
			continue;
		u->name = expected[i].name ? expected[i].name : badness_factor_name(expected[i].id);
		u->until = dropped_in(t, expected[i].counts);
		fill_value(t, p, expected[i].id, u);
		n++;
	}
	return n;
}

/* The names as people know them. */
static const char *common_name(const char *name)
{
	static const struct {
		const char *name, *words;
	} names[] = {
		{ "cpu_time", "CPU time" },
		{ "run_time", "run time" },
		{ "rawio", "raw I/O" },
		{ "total_vm", "virtual size" },
		{ "root_bonus", "root" },
		{ "hugetlb", "huge pages of hugetlbfs" },
		{ "cgroup_total", "what its cgroup has in all" },
		{ "rss", "resident memory" },
		{ "pgtables", "page tables" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(name, names[i].name) == 0)
			return names[i].words;
	return name;
}

static const char *duration_words(const struct tell *t, uint64_t seconds)
{
	static const struct {
		uint64_t seconds;
		const char *name;
	} units[] = { { 86400, "d" }, { 3600, "h" }, { 60, "min" } };

	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (seconds >= 2 * units[i].seconds)
			return tell_say(t, "%llu %s",
					(unsigned long long)(seconds / units[i].seconds),
					units[i].name);
	return tell_say(t, "%llu s", (unsigned long long)seconds);
}

static const char *value_words(const struct tell *t, const struct uncounted *u)
{
	switch (u->kind) {
	case UNCOUNTED_NUMBER:
		return tell_say(t, " (%lld)", (long long)u->value);
	case UNCOUNTED_YES_NO:
		return u->value ? " (yes)" : " (no)";
	case UNCOUNTED_SECONDS:
		return tell_say(t, " (%s)", duration_words(t, (uint64_t)u->value));
	case UNCOUNTED_SIZE:
		return tell_say(t, " (%s)", tell_size(t, (uint64_t)u->value));
	case UNCOUNTED_UNKNOWN:
		break;
	}
	return "";
}

static bool same_version(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

const char *uncounted_words(const struct tell *t, const struct uncounted *u, size_t n)
{
	const char *text = "";

	for (size_t i = 0; i < n; i++) {
		const char *begin = ", ";

		if (i == 0 || !same_version(u[i].until, u[i - 1].until))
			begin = u[i].until ? tell_say(t, "%ssince %s ", i ? "; " : "", u[i].until)
				: i        ? "; never yet "
					   : "not yet ";
		text = tell_say(t, "%s%s%s%s", text, begin, common_name(u[i].name),
				value_words(t, &u[i]));
	}
	return n ? tell_say(t, "%s.", text) : NULL;
}
