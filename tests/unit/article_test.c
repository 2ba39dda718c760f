/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What widely read articles say of the OOM killer: for each statement the kernels of which it is
 * true, held against the rule of every version in the table. oomkit-eras(7) gives the same answers
 * in words.
 */
#include <stdbool.h>
#include <stdlib.h>

#include "badness.h"
#include "base.h"
#include "check.h"
#include "era.h"
#include "facts.h"
#include "victim.h"

#define TOTAL 100000 /* pages of the machine; a thousandth is 100 */

static const struct mem_ctx machine = { .where = "system",
					.ram_pages = TOTAL,
					.total_pages = TOTAL,
					.page_size = 4096,
					.pte_table_bytes = 4096,
					.long_bits = 64,
					.hz = 100,
					.ram_certain = true };

/* A process of 30000 pages that nothing speaks for or against. */
struct subject {
	struct proc proc;
	struct proc_classic classic;
};

static void be_ordinary(struct subject *s, pid_t pid)
{
	s->classic = (struct proc_classic){ .total_vm_pages = 40000,
					    .have_oom_adj = true,
					    .mems_intersect = true };
	s->proc = (struct proc){ .have = HAVE_COMM | HAVE_STATE | HAVE_PPID | HAVE_UID |
					 HAVE_START | HAVE_ADJ | HAVE_RSS_STAT | HAVE_RSS_STATUS |
					 HAVE_SWAP | HAVE_PTE | HAVE_PMD | HAVE_CAPS | HAVE_USERNS |
					 HAVE_MM | HAVE_CGROUP | HAVE_SIGNALS | HAVE_CLASSIC |
					 HAVE_THREADS | HAVE_VFORK,
				 .flags = PROC_HAS_MM,
				 .pid = pid,
				 .mem_tid = pid,
				 .ppid = 1,
				 .state = 'S',
				 .uid = 1000,
				 .threads = 1,
				 .start_ticks = (uint64_t)pid,
				 .rss_stat_pages = 30000,
				 .rss_status_pages = 30000,
				 .comm = "p",
				 .cgroup = "/",
				 .cmdline = "",
				 .classic = &s->classic };
}

static void judge(const struct era *e, const struct subject *s, struct verdict *v)
{
	struct subject copy = *s;

	copy.proc.classic = &copy.classic;
	badness(e, &machine, &copy.proc, badness_rss_source(e), v);
}

static int64_t badness_of(const struct era *e, const struct subject *s)
{
	struct verdict v;

	judge(e, s, &v);
	CHECK(v.known);
	return v.badness;
}

static int64_t score_of(const struct era *e, const struct subject *s)
{
	struct verdict v;

	judge(e, s, &v);
	CHECK(v.score_known);
	return v.score;
}

static int64_t ordinary_badness(const struct era *e)
{
	struct subject s;

	be_ordinary(&s, 100);
	return badness_of(e, &s);
}

/* The rule of each version that a row begins with: i counts to era_count. */
static const struct era *rule(size_t i)
{
	return era_for_version(era_table[i].since);
}

static bool before(const struct era *e, uint16_t major, uint16_t minor, uint16_t patch)
{
	return era_kver_compare(e->since, (struct kver){ major, minor, patch }) < 0;
}

/* ------------------------------------------------------------ who scores lower or higher */

/* "Privileged processes score lower": CAP_SYS_ADMIN, up to 4.16. */
static void test_privileged(void)
{
	for (size_t i = 0; i < era_count; i++) {
		const struct era *e = rule(i);
		struct subject s;

		be_ordinary(&s, 100);
		s.proc.flags |= PROC_CAP_SYS_ADMIN;
		CHECK_INT(badness_of(e, &s) < ordinary_badness(e), before(e, 4, 17, 0));
	}
}

/* "root scores lower": uid 0 alone, up to 2.6.24. */
static void test_root(void)
{
	for (size_t i = 0; i < era_count; i++) {
		const struct era *e = rule(i);
		struct subject s;

		be_ordinary(&s, 100);
		s.proc.flags |= PROC_IS_ROOT;
		s.proc.uid = 0;
		CHECK_INT(badness_of(e, &s) < ordinary_badness(e), before(e, 2, 6, 25));
	}
}

/* "Long-running processes score lower", by the time since their start or by CPU time: up to 2.6.35.
 */
static void test_long_running(void)
{
	for (size_t i = 0; i < era_count; i++) {
		const struct era *e = rule(i);
		struct subject old, busy;

		be_ordinary(&old, 100);
		old.classic.run_seconds = 1000000;
		CHECK_INT(badness_of(e, &old) < ordinary_badness(e), before(e, 2, 6, 36));
		be_ordinary(&busy, 100);
		busy.classic.cpu_task_usec = busy.classic.cpu_group_usec = 10000000000;
		CHECK_INT(badness_of(e, &busy) < ordinary_badness(e), before(e, 2, 6, 36));
	}
}

/* "Processes that do raw I/O score lower": up to 2.6.35. */
static void test_raw_io(void)
{
	for (size_t i = 0; i < era_count; i++) {
		const struct era *e = rule(i);
		struct subject s;

		be_ordinary(&s, 100);
		s.proc.flags |= PROC_CAP_SYS_RAWIO;
		CHECK_INT(badness_of(e, &s) < ordinary_badness(e), before(e, 2, 6, 36));
	}
}

/* "Many children score higher": up to 2.6.35. */
static void test_children(void)
{
	for (size_t i = 0; i < era_count; i++) {
		const struct era *e = rule(i);
		struct subject s;

		be_ordinary(&s, 100);
		s.classic.children_vm_pages = 20000;
		s.classic.children_half_pages = 10010;
		CHECK_INT(badness_of(e, &s) > ordinary_badness(e), before(e, 2, 6, 36));
	}
}

/* "A low nice value scores higher": never; nice above 0 doubled, up to 2.6.35. */
static void test_nice(void)
{
	for (size_t i = 0; i < era_count; i++) {
		const struct era *e = rule(i);
		struct subject s;

		be_ordinary(&s, 100);
		s.classic.nice = -20;
		CHECK_INT(badness_of(e, &s), ordinary_badness(e));
		s.classic.nice = 1;
		CHECK_INT(badness_of(e, &s), ordinary_badness(e) * (before(e, 2, 6, 36) ? 2 : 1));
	}
}

/* "The virtual size counts": up to 2.6.35. */
static void test_virtual_size(void)
{
	for (size_t i = 0; i < era_count; i++) {
		const struct era *e = rule(i);
		struct subject s;

		be_ordinary(&s, 100);
		s.classic.total_vm_pages = 80000;
		CHECK_INT(badness_of(e, &s) > ordinary_badness(e), before(e, 2, 6, 36));
	}
}

/* ------------------------------------------------------------ the adjustment and the number */

/* "The adjustment is simply added": to the badness since 2.6.36, as so many thousandths of the
 * total; but a shift before, and since 5.9 two thirds of it in oom_score. */
static void test_adjustment_is_added(void)
{
	for (size_t i = 0; i < era_count; i++) {
		const struct era *e = rule(i);
		struct subject s;
		int64_t plain;

		be_ordinary(&s, 100);
		plain = score_of(e, &s);
		s.proc.oom_score_adj = 300;
		s.classic.oom_adj = 3;
		if (before(e, 2, 6, 36)) {
			CHECK_INT(badness_of(e, &s), ordinary_badness(e) * 8);
		} else if (before(e, 3, 5, 0)) {
			CHECK_INT(badness_of(e, &s), ordinary_badness(e) + 300);
			CHECK_INT(score_of(e, &s), plain + 300);
		} else {
			CHECK_INT(badness_of(e, &s), ordinary_badness(e) + 300 * (TOTAL / 1000));
			CHECK_INT(score_of(e, &s), plain + (before(e, 5, 9, 0) ? 300 : 200));
		}
	}
}

/* "The sum lies in 0 to 2000": since 3.5; 1 to 1000 from 2.6.36 to 3.4; without bound before. */
static void test_range(void)
{
	for (size_t i = 0; i < era_count; i++) {
		const struct era *e = rule(i);
		int64_t least = INT64_MAX, most = INT64_MIN;

		for (int adj = -999; adj <= 1000; adj += adj == -999 ? 99 : 100) {
			struct subject s;

			be_ordinary(&s, 100);
			for (uint64_t rss = 1; rss <= TOTAL; rss += 33333) {
				int64_t score;

				s.proc.rss_stat_pages = s.proc.rss_status_pages = rss;
				s.proc.oom_score_adj = (int16_t)adj;
				s.classic.oom_adj = (int8_t)(adj * 15 / 1000);
				score = score_of(e, &s);
				least = score < least ? score : least;
				most = score > most ? score : most;
			}
		}
		if (before(e, 2, 6, 36)) {
			CHECK(most > 2000);
		} else if (before(e, 3, 5, 0)) {
			CHECK_INT(least, 1);
			CHECK_INT(most, 1000);
		} else {
			CHECK_INT(least, before(e, 5, 9, 0) ? 0 : 1);
			CHECK_INT(most, 2000);
		}
	}
}

/* "0 excludes a process": from 3.5 to 5.8 it may be just small, less than a thousandth; from 2.6.36
 * to 3.4 such a one reads 1, since 5.9 it reads 666. */
static void test_zero(void)
{
	for (size_t i = 0; i < era_count; i++) {
		const struct era *e = rule(i);
		struct subject s;
		struct verdict v;

		if (before(e, 2, 6, 36))
			continue;
		be_ordinary(&s, 100);
		s.proc.rss_stat_pages = s.proc.rss_status_pages = 99;
		judge(e, &s, &v);
		CHECK(badness_fate_is_candidate(v.fate));
		CHECK_INT(v.score, before(e, 3, 5, 0) ? 1 : before(e, 5, 9, 0) ? 0 : 666);
	}
}

/* "-1000 excludes a process": always; -17 of oom_adj before 2.6.36. */
static void test_minus_1000(void)
{
	for (size_t i = 0; i < era_count; i++) {
		struct subject s;
		struct verdict v;

		be_ordinary(&s, 100);
		s.proc.oom_score_adj = -1000;
		s.classic.oom_adj = -17;
		judge(rule(i), &s, &v);
		CHECK_INT(v.fate, FATE_ADJ_MIN);
		CHECK(!v.known);
		s.proc.oom_score_adj = -999;
		s.classic.oom_adj = -16;
		judge(rule(i), &s, &v);
		CHECK_INT(v.fate, FATE_KILLABLE);
	}
}

/* ------------------------------------------------------------ who is taken */

#define N_SUBJECTS 12

struct population {
	struct subject subject[N_SUBJECTS];
	struct proc procs[N_SUBJECTS];
	size_t n;
};

/* One more, of so many pages by either measure. */
static struct proc *add(struct population *p, uint64_t pages, int adj, const char *cgroup)
{
	struct subject *s = &p->subject[p->n];
	struct proc *q = &p->procs[p->n];

	be_ordinary(s, (pid_t)(100 + p->n));
	s->classic.total_vm_pages = pages;
	s->classic.oom_adj = (int8_t)(adj * 15 / 1000);
	*q = s->proc;
	q->rss_stat_pages = q->rss_status_pages = pages;
	q->oom_score_adj = (int16_t)adj;
	q->cgroup = cgroup;
	p->n++;
	return q;
}

/* Who dies first and what stands in oom_score of each; -1 where nobody does. */
static pid_t first_victim(const struct era *e, struct population *p, const struct scope *scope,
			  int64_t *scores)
{
	const struct snapshot s = { .machine = machine,
				    .era = e,
				    .rss_source = badness_rss_source(e),
				    .procs = p->procs,
				    .n_procs = p->n,
				    .n_pids = p->n };
	const struct what_if nothing = { .rows = NULL, .n = 0 };
	struct judged *order;
	pid_t first = -1;

	if (victim_order(&s, e, scope, &nothing, &order) != 0)
		return -1;
	if (order[0].rank == 1)
		first = p->procs[order[0].index].pid;
	for (size_t i = 0; i < p->n; i++)
		scores[order[i].index] = order[i].score;
	free(order);
	return first;
}

/* "1000 and more is always removed": one process goes, the one with the most; the others may stay
 * at 1000. */
static void test_1000(void)
{
	const struct scope scope = { .ctx = machine };

	for (size_t i = 0; i < era_count; i++) {
		const struct era *e = rule(i);
		struct population p = { .n = 0 };
		int64_t scores[N_SUBJECTS];

		add(&p, 20000, 1000, "/");
		add(&p, 30000, 1000, "/");
		add(&p, 10000, 0, "/");
		if (before(e, 2, 6, 36) || !before(e, 3, 5, 0))
			CHECK_INT(first_victim(e, &p, &scope, scores), 101);
		else /* both are cut at 1000: the first of equals */
			CHECK_INT(first_victim(e, &p, &scope, scores), 100);
		CHECK(scores[0] >= 1000);
		CHECK(scores[1] >= 1000);
	}
}

/*
 * "Inside a cgroup the one with the highest oom_score dies": not so, for oom_score is measured by
 * the whole machine. A limit of 10000 pages on a machine of 100000; 100 has 3000 pages, 101 has 100
 * and adj 200. By the machine 101 has 100 + 20000 pages, by the cgroup 100 + 2000.
 */
static void test_highest_score_in_a_cgroup(void)
{
	struct scope scope = { .ctx = machine, .cgroup = "/web" };

	scope.ctx.constraint = CONSTRAINT_MEMCG;
	scope.ctx.total_pages = scope.ctx.ram_pages = 10000;
	for (size_t i = 0; i < era_count; i++) {
		const struct era *e = rule(i);
		struct population p = { .n = 0 };
		int64_t scores[N_SUBJECTS];
		pid_t first;

		if (before(e, 2, 6, 36))
			continue;
		add(&p, 3000, 0, "/web");
		add(&p, 100, 200, "/web/worker");
		add(&p, 50000, 0, "/other");
		first = first_victim(e, &p, &scope, scores);
		CHECK_INT(first, 100);
		CHECK(scores[1] > scores[0]);
	}
}

/* "A cgroup-aware killer picks the group with the highest total": no mainline kernel did. /many has
 * ten processes of 500 pages, /one has one of 3000: that one dies. */
static void test_no_group_totals(void)
{
	const struct scope scope = { .ctx = machine };

	for (size_t i = 0; i < era_count; i++) {
		struct population p = { .n = 0 };
		int64_t scores[N_SUBJECTS];

		for (int k = 0; k < 10; k++)
			add(&p, 500, 0, "/many");
		add(&p, 3000, 0, "/one");
		CHECK_INT(first_victim(rule(i), &p, &scope, scores), 110);
	}
}

/* "The group is killed together": where memory.oom.group is heeded, since 4.19; never a member at
 * -1000. */
static void test_group_dies_together(void)
{
	struct subject s;

	for (size_t i = 0; i < era_count; i++)
		CHECK_INT(victim_group_counts(rule(i), "/web/worker", "/web"),
			  !before(rule(i), 4, 19, 0));
	be_ordinary(&s, 100);
	CHECK(victim_dies_with_group(&s.proc));
	s.proc.oom_score_adj = -1000;
	CHECK(!victim_dies_with_group(&s.proc));
	s.proc.oom_score_adj = -999;
	CHECK(victim_dies_with_group(&s.proc));
	s.proc.flags |= PROC_GLOBAL_INIT;
	CHECK(!victim_dies_with_group(&s.proc));
}

/* "A child is sacrificed for its parent": up to 5.0. */
static void test_child_is_sacrificed(void)
{
	const struct scope scope = { .ctx = machine };

	for (size_t i = 0; i < era_count; i++) {
		const struct era *e = rule(i);
		struct population p = { .n = 0 };
		const struct snapshot s = {
			.machine = machine, .era = e, .procs = p.procs, .n_procs = 2, .n_pids = 2
		};

		add(&p, 30000, 0, "/");
		add(&p, 2000, 0, "/")->ppid = 100;
		CHECK_INT(victim_who_dies(&s, e, &scope, NULL, NULL, 0),
			  before(e, 5, 1, 0) ? 1 : 0);
	}
}

int main(void)
{
	test_privileged();
	test_root();
	test_long_running();
	test_raw_io();
	test_children();
	test_nice();
	test_virtual_size();
	test_adjustment_is_added();
	test_range();
	test_zero();
	test_minus_1000();
	test_1000();
	test_highest_score_in_a_cgroup();
	test_no_group_totals();
	test_group_dies_together();
	test_child_is_sacrificed();
	return check_done();
}
