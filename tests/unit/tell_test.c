/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Are the sentences right, and is the advice? What is told of a number is held against the number;
 * an adjustment that is advised is applied as a what-if, and the kernel's order must then be as
 * promised, for every era.
 */
#include <errno.h>
#include <stdlib.h>

#include "advice.h"
#include "arena.h"
#include "base.h"
#include "check.h"
#include "pressure.h"
#include "tell-machine.h"
#include "tell.h"
#include "uncounted.h"

#define PROCS_MAX 8

/* A machine made by hand, and what is told of it. */
struct made {
	struct snapshot s;
	struct proc procs[PROCS_MAX];
	struct proc_classic classic[PROCS_MAX];
	struct scope scope;
	struct what_if what_if;
	struct tell t;
	struct judged *order;
};

static const char *write_bytes(const void *ctx, uint64_t bytes, char *buf, size_t n)
{
	(void)ctx;
	snprintf(buf, n, "%llu", (unsigned long long)bytes);
	return buf;
}

static void make(struct made *m, struct kver v, uint64_t total)
{
	*m = (struct made){ 0 };
	m->s.machine = (struct mem_ctx){ .constraint = CONSTRAINT_NONE,
					 .where = "system",
					 .ram_pages = total,
					 .total_pages = total,
					 .page_size = 4096,
					 .pte_table_bytes = 4096,
					 .long_bits = 64,
					 .hz = 100 };
	m->s.era = era_for_version(v);
	m->s.procs = m->procs;
	m->s.rss_source = RSS_STATUS;
	m->scope = (struct scope){ .ctx = m->s.machine, .machine = m->s.machine };
	m->t = (struct tell){ .s = &m->s,
			      .era = m->s.era,
			      .scope = &m->scope,
			      .what_if = &m->what_if,
			      .own_rule = true,
			      .arena = &m->s.arena,
			      .size = write_bytes };
}

/* The next process; pids count from 101, and start one after the other. */
static struct proc *add(struct made *m, const char *comm, uint64_t rss, int adj)
{
	size_t i = m->s.n_procs++;
	struct proc *p = &m->procs[i];

	m->classic[i] = (struct proc_classic){ .total_vm_pages = rss, .mems_intersect = true };
	*p = (struct proc){ .have = HAVE_COMM | HAVE_STATE | HAVE_PPID | HAVE_UID | HAVE_START |
				    HAVE_ADJ | HAVE_RSS_STAT | HAVE_RSS_STATUS | HAVE_SWAP |
				    HAVE_PTE | HAVE_CAPS | HAVE_USERNS | HAVE_MM | HAVE_CLASSIC |
				    HAVE_THREADS,
			    .flags = PROC_HAS_MM,
			    .oom_score_adj = (int16_t)adj,
			    .state = 'S',
			    .pid = 101 + (pid_t)i,
			    .ppid = 1,
			    .mem_tid = 101 + (pid_t)i,
			    .threads = 1,
			    .start_ticks = i,
			    .rss_stat_pages = rss,
			    .rss_status_pages = rss,
			    .comm = comm,
			    .classic = &m->classic[i] };
	return p;
}

/* The process of this pid, judged. */
static struct tell_subject subject(struct made *m, pid_t pid)
{
	struct tell_subject x = { .agrees = -1 };

	free(m->order);
	m->order = NULL;
	CHECK_INT(victim_order(&m->s, m->t.era, &m->scope, &m->what_if, &m->order), 0);
	for (size_t i = 0; i < m->s.n_procs; i++)
		if (m->procs[m->order[i].index].pid == pid) {
			x.proc = &m->procs[m->order[i].index];
			badness(m->t.era, &m->scope.ctx, x.proc, RSS_STATUS, &x.scope);
			badness(m->t.era, &m->scope.machine, x.proc, RSS_STATUS, &x.machine);
			tell_subject(&x, m->order, m->s.n_procs, i);
		}
	return x;
}

static void unmake(struct made *m)
{
	free(m->order);
	arena_free(&m->s.arena);
}

static bool has(const char *text, const char *part)
{
	bool found = text && strstr(text, part);

	if (!found)
		printf("\"%s\" is not in \"%s\"\n", part, text ? text : "(null)");
	return found;
}

static bool has_line(const struct tell_lines *lines, const char *part)
{
	for (size_t i = 0; i < lines->n; i++)
		if (strstr(lines->line[i], part))
			return true;
	printf("\"%s\" is in none of %zu lines\n", part, lines->n);
	return false;
}

/* ------------------------------------------------------------------ words */

static void test_words(void)
{
	struct made m;

	make(&m, (struct kver){ 6, 18, 0 }, 1000000);
	CHECK_STR(tell_version(&m.t, (struct kver){ 4, 17, 0 }), "4.17");
	CHECK_STR(tell_version(&m.t, (struct kver){ 5, 7, 14 }), "5.7.14");
	CHECK_STR(tell_version(&m.t, (struct kver){ 2, 6, 36 }), "2.6.36");
	CHECK_STR(tell_wrap(&m.t, "one two three", 2, 9), "one two\n  three");
	CHECK_STR(tell_wrap(&m.t, "one two three", 0, 80), "one two three");
	CHECK_STR(tell_wrap(&m.t, "incomprehensibilities x", 2, 9), "incomprehensibilities\n  x");
	/* A character of two bytes is one column. */
	CHECK_STR(tell_wrap(&m.t, "\xc3\xbc\xc3\xbc\xc3\xbc b", 0, 5),
		  "\xc3\xbc\xc3\xbc\xc3\xbc b");
	CHECK_STR(tell_wrap(&m.t, "a   b", 0, 80), "a   b");
	CHECK_STR(tell_wrap(&m.t, "", 4, 80), "");
	CHECK_STR(tell_label(&m.t, "Place", 8), "Place   ");
	CHECK_STR(tell_signed_size(&m.t, -4096), "-4096");
	CHECK_STR(tell_signed_size(&m.t, INT64_MIN), "-9223372036854775808");
	unmake(&m);
}

static void test_lines_are_bounded(void)
{
	struct tell_lines lines = { 0 };

	tell_lines_add(&lines, NULL);
	tell_lines_add(&lines, "");
	CHECK_INT(lines.n, 0);
	for (size_t i = 0; i < 2 * TELL_LINES_MAX; i++)
		tell_lines_add(&lines, "x");
	CHECK_INT(lines.n, TELL_LINES_MAX);
}

static void test_premise(void)
{
	struct made m;

	make(&m, (struct kver){ 4, 14, 0 }, 1000000);
	m.s.release = "6.18.44";
	CHECK(tell_premise(&m.t) == NULL);
	m.t.supposed = true;
	CHECK_STR(tell_premise(&m.t), "What follows is supposed, nothing has been changed.");
	m.t.no_limit = true;
	CHECK(has(tell_premise(&m.t), "its OOM is the machine's. What follows is supposed"));
	m.t.own_rule = false;
	CHECK(has(tell_premise(&m.t), "Linux 6.18.44, judged by the rule that came with 4.9"));
	CHECK(has(tell_premise(&m.t), "(one selection). There is no memory limit"));
	unmake(&m);
}

static void test_ordinals(void)
{
	static const struct {
		uint64_t rank;
		const char *words;
	} places[] = { { 1, "1st of" },    { 2, "2nd of" },   { 3, "3rd of" },
		       { 4, "4th of" },    { 11, "11th of" }, { 12, "12th of" },
		       { 13, "13th of" },  { 21, "21st of" }, { 111, "111th of" },
		       { 122, "122nd of" } };
	struct made m;

	make(&m, (struct kver){ 6, 18, 0 }, 1000000);
	add(&m, "a", 100, 0);
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		struct tell_subject x = subject(&m, 101);

		x.rank = (size_t)places[i].rank;
		x.of = 200;
		CHECK(has(tell_verdict(&m.t, &x), places[i].words));
	}
	unmake(&m);
}

static void test_heading_and_home(void)
{
	struct made m;
	struct proc *p;

	make(&m, (struct kver){ 6, 18, 0 }, 1000000);
	p = add(&m, "web", 100, 0);
	p->uid = 33;
	CHECK_STR(tell_heading(&m.t, p, "www"), "101 web (www)");
	CHECK_STR(tell_heading(&m.t, p, NULL), "101 web (uid 33)");
	p->cmdline = "nginx: worker";
	p->have |= HAVE_CMDLINE;
	CHECK_STR(tell_heading(&m.t, p, "www"), "101 web (www)  nginx: worker");
	CHECK_STR(tell_home(&m.t, p, NULL, NULL), "child of 1");
	p->cgroup = "/system.slice/nginx.service";
	p->have |= HAVE_CGROUP;
	p->ppid = 101;
	CHECK_STR(tell_home(&m.t, p, "nginx.service", NULL),
		  "/system.slice/nginx.service, child of 101 (web)");
	CHECK_STR(tell_home(&m.t, p, "x.service", "0123456789abcdef"),
		  "/system.slice/nginx.service, unit x.service, container 0123456789ab, child of "
		  "101 (web)");
	p->cgroup = "/kubepods.slice/kubepods-burstable.slice/"
		    "pod0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0/a.scope";
	CHECK(has(tell_home(&m.t, p, NULL, NULL), "/kubepods.slice/.../a.scope, "));
	unmake(&m);
}

/* ------------------------------------------------------------------ factors */

static void test_factors_in_pages(void)
{
	struct made m;
	struct tell_subject x;
	struct tell_factor f;

	make(&m, (struct kver){ 6, 18, 0 }, 1000000);
	add(&m, "a", 250000, -100);
	x = subject(&m, 101);
	tell_factor(&m.t, &x.scope.factor[0], &f);
	CHECK_STR(f.name, "rss");
	CHECK_INT(f.pages, 250000);
	CHECK_INT(f.bytes, 1024000000);
	CHECK(f.has_memory);
	CHECK_STR(tell_points(&m.t, &f), "250.0");
	CHECK_STR(tell_bar(&m.t, &x.scope, &x.scope.factor[0], 10), "##########");
	tell_factor(&m.t, &x.scope.factor[x.scope.n_factors - 1], &f);
	CHECK_STR(f.name, "oom_score_adj");
	CHECK_INT(f.pages, -100000);
	CHECK_STR(tell_points(&m.t, &f), "-100.0");
	CHECK_STR(tell_bar(&m.t, &x.scope, &x.scope.factor[x.scope.n_factors - 1], 10), "----");
	CHECK_STR(tell_bar(&m.t, &x.scope, &(struct factor){ .amount = 1 }, 10), "#");
	CHECK_STR(tell_bar(&m.t, &x.scope, &(struct factor){ .amount = 0 }, 10), "");
	tell_sum(&m.t, &x.scope, &f);
	CHECK_INT(f.pages, 150000);
	CHECK_STR(tell_points(&m.t, &f), "150.0");
	/* To a thousandth: 1 of 3 million pages. */
	m.scope.ctx.total_pages = 3000000;
	tell_factor(&m.t, &(struct factor){ .id = FACTOR_RSS, .amount = 2, .pages = 2 }, &f);
	CHECK(f.points > 0.0009 && f.points < 0.0011);
	CHECK_STR(tell_points(&m.t, &f), "0.0");
	tell_factor(&m.t, &(struct factor){ .id = FACTOR_RSS, .amount = -2, .pages = -2 }, &f);
	CHECK_STR(tell_points(&m.t, &f), "0.0");
	unmake(&m);
}

static void test_factors_in_points(void)
{
	struct made m;
	struct tell_subject x;
	struct tell_factor f;

	make(&m, (struct kver){ 3, 4, 0 }, 1000000);
	add(&m, "a", 250000, -100);
	x = subject(&m, 101);
	tell_factor(&m.t, &x.scope.factor[0], &f);
	CHECK_INT(f.pages, 250000);
	CHECK_STR(tell_points(&m.t, &f), "250");
	CHECK(f.points == 250);
	tell_factor(&m.t, &x.scope.factor[x.scope.n_factors - 1], &f);
	CHECK_STR(f.name, "oom_score_adj");
	CHECK(!f.has_memory);
	CHECK_STR(tell_points(&m.t, &f), "-100");
	tell_sum(&m.t, &x.scope, &f);
	CHECK(!f.has_memory);
	CHECK_STR(tell_points(&m.t, &f), "150");
	unmake(&m);
}

/* ------------------------------------------------------------------ the verdict */

static void test_verdicts(void)
{
	struct made m;
	struct tell_subject x;
	struct proc *p;

	make(&m, (struct kver){ 6, 18, 0 }, 1000000);
	add(&m, "big", 5000, 0);
	p = add(&m, "odd", 100, 0);
	x = subject(&m, 102);
	CHECK_STR(tell_verdict(&m.t, &x),
		  "Would be killed 2nd of 2 if the machine ran out of memory.");
	p->oom_score_adj = -1000;
	x = subject(&m, 102);
	CHECK(has(tell_verdict(&m.t, &x), "Cannot be chosen: its oom_score_adj is -1000"));
	CHECK_INT(x.rank, 0);
	p->oom_score_adj = 0;
	p->flags |= PROC_VFORK;
	p->ppid = 101;
	x = subject(&m, 102);
	CHECK(has(tell_verdict(&m.t, &x),
		  "vfork child that still uses the memory of its parent 101 (big)"));
	p->flags = PROC_HAS_MM | PROC_SIGKILL;
	x = subject(&m, 102);
	CHECK(has(tell_verdict(&m.t, &x), "Is being killed already"));
	CHECK(has(tell_verdict(&m.t, &x), "it would be killed 2nd of 2"));
	p->flags = PROC_HAS_MM | PROC_GLOBAL_INIT;
	x = subject(&m, 102);
	CHECK(has(tell_verdict(&m.t, &x), "init of the machine"));
	p->flags = PROC_KTHREAD;
	x = subject(&m, 102);
	CHECK(has(tell_verdict(&m.t, &x), "kernel thread"));
	p->flags = 0;
	p->state = 'Z';
	x = subject(&m, 102);
	CHECK(has(tell_verdict(&m.t, &x), "its parent 101 (big) asks"));
	p->have &= ~(uint32_t)HAVE_MM;
	p->err = EACCES;
	x = subject(&m, 102);
	CHECK(has(tell_verdict(&m.t, &x), "not known"));
	CHECK(has(tell_verdict(&m.t, &x), "Permission denied"));
	unmake(&m);
}

static void test_scope_of_a_cgroup(void)
{
	struct made m;
	struct tell_subject x;
	struct tell_lines steps = { 0 };

	make(&m, (struct kver){ 6, 18, 0 }, 1000000);
	add(&m, "in", 1000, 100)->cgroup = "/web/a";
	add(&m, "out", 5000, 0)->cgroup = "/webmail";
	m.procs[0].have |= HAVE_CGROUP;
	m.procs[1].have |= HAVE_CGROUP;
	m.scope.cgroup = m.scope.ctx.where = "/web";
	m.scope.ctx.constraint = CONSTRAINT_MEMCG;
	m.scope.ctx.total_pages = 4096;
	x = subject(&m, 101);
	CHECK_STR(tell_verdict(&m.t, &x),
		  "Would be killed 1st of 1 if /web ran out of memory (16777216).");
	/* 100 * (4096 / 1000) pages there; 1000 + 100 * 1000 = 101000 by the machine: 101 per
	 * mille. */
	CHECK_INT(x.scope.badness, 1400);
	tell_scaling(&m.t, &x, &steps);
	CHECK(has_line(&steps, "100 * (4096 / 1000 = 4) = 400 pages"));
	CHECK(has_line(&steps, "1000000 pages of RAM, and by those the badness is 101000"));
	CHECK(has_line(&steps, "101000 pages * 1000 / 1000000 = 101"));
	x = subject(&m, 102);
	CHECK(has(tell_verdict(&m.t, &x), "Cannot be chosen if /web ran out of memory"));
	CHECK(has(tell_verdict(&m.t, &x), "it lives in /webmail"));
	unmake(&m);
}

static void test_outcomes(void)
{
	struct made m;
	struct cgroup cg = { .oom_kill_disable = true };

	make(&m, (struct kver){ 6, 18, 0 }, 1000000);
	add(&m, "a", 100, 0);
	subject(&m, 101);
	CHECK(tell_outcome(&m.t, m.order, 1) == NULL);
	m.s.sysctl = (struct oom_sysctl){ .have_panic_on_oom = true, .panic_on_oom = 1 };
	CHECK(has(tell_outcome(&m.t, m.order, 1), "vm.panic_on_oom is 1"));
	m.scope.ctx.constraint = CONSTRAINT_MEMCG;
	CHECK(tell_outcome(&m.t, m.order, 1) == NULL);
	m.s.sysctl.panic_on_oom = 2;
	CHECK(has(tell_outcome(&m.t, m.order, 1), "vm.panic_on_oom is 2"));
	m.s.cgroup_version = CGROUP_V1;
	m.t.scope_cgroup = &cg;
	CHECK(has(tell_outcome(&m.t, m.order, 1), "oom_kill_disable"));
	m.scope.ctx.constraint = CONSTRAINT_NONE;
	m.s.sysctl = (struct oom_sysctl){ .have_oom_kill_allocating_task = true,
					  .oom_kill_allocating_task = 1 };
	CHECK(has(tell_outcome(&m.t, m.order, 1), "oom_kill_allocating_task"));
	m.s.sysctl = (struct oom_sysctl){ 0 };
	m.procs[0].oom_score_adj = -1000;
	subject(&m, 101);
	CHECK(has(tell_outcome(&m.t, m.order, 1), "the machine would panic"));
	CHECK(has(tell_outcome(&m.t, m.order, 0), "Nobody can be chosen"));
	m.procs[0].have &= ~(uint32_t)HAVE_MM;
	m.procs[0].oom_score_adj = 0;
	subject(&m, 101);
	CHECK_STR(tell_outcome(&m.t, m.order, 1), "Who would be killed is not known.");
	unmake(&m);
}

/* ------------------------------------------------------------------ the steps to oom_score */

/* The last number that a step of the scaling comes to must be the score of the model. */
static void test_scaling(void)
{
	static const struct {
		struct kver v;
		uint64_t total, rss;
		int adj;
		const char *step, *end;
	} cases[] = {
		{ { 6, 18, 0 },
		  2621440,
		  223250,
		  0,
		  "223250 pages * 1000 / 2621440 = 85 per mille of the RAM",
		  "(1000 + 85) * 2 / 3 = 723" },
		/* -500 * 2621 + 100 = -1310400; * 1000 / 2621440 = -499.9, truncated: -499. */
		{ { 6, 18, 0 },
		  2621440,
		  100,
		  -500,
		  "oom_score_adj: -500 * (2621440 / 1000 = 2621) = -1310500 pages",
		  "(1000 - 499) * 2 / 3 = 334" },
		{ { 4, 17, 0 },
		  1669374,
		  127510,
		  0,
		  "127510 pages * 1000 / 1669374 = 76 per mille of the RAM",
		  "127510 pages * 1000 / 1669374 = 76" },
		{ { 3, 4, 0 },
		  1000000,
		  250000,
		  100,
		  "250000 pages * 1000 / 1000000 = 250 per mille",
		  "250 + 100 (oom_score_adj) = 350" },
		/* 3000000 * 1000 is over 2^31: the int of 3.1 wraps, and is divided as an unsigned
		   long. */
		{ { 3, 1, 0 }, 4000000, 3000000, 0, "an int of this kernel overflows there", "= " },
		{ { 2, 6, 32 }, 1000000, 4000, 0, "4000: the badness itself is printed", "4000" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct made m;
		struct tell_subject x;
		struct tell_lines steps = { 0 };
		char score[32];

		make(&m, cases[i].v, cases[i].total);
		add(&m, "a", cases[i].rss, cases[i].adj);
		x = subject(&m, 101);
		tell_scaling(&m.t, &x, &steps);
		CHECK(has_line(&steps, cases[i].step));
		CHECK(has_line(&steps, cases[i].end));
		snprintf(score, sizeof(score), "%lld", (long long)x.machine.score);
		CHECK(has(steps.line[steps.n - 1], score));
		unmake(&m);
	}
}

static void test_scaling_on_32_bits(void)
{
	struct made m;
	struct tell_subject x;
	struct tell_lines steps = { 0 };

	make(&m, (struct kver){ 5, 10, 0 }, 3000000);
	add(&m, "a", 1000, 1000);
	m.scope.ctx.long_bits = m.scope.machine.long_bits = 32;
	x = subject(&m, 101);
	CHECK_INT(x.machine.score, 379);
	tell_scaling(&m.t, &x, &steps);
	CHECK(has_line(&steps, "In the 32-bit long of this kernel that overflows and becomes 379"));
	unmake(&m);
}

static void test_agreement(void)
{
	struct made m;
	struct tell_subject x;

	make(&m, (struct kver){ 6, 18, 0 }, 1000000);
	add(&m, "a", 100, 0);
	x = subject(&m, 101);
	CHECK(has(tell_agreement(&m.t, &x), "could not be read"));
	m.procs[0].err = EAGAIN;
	CHECK(has(tell_agreement(&m.t, &x), "moves too fast"));
	m.procs[0].have |= HAVE_SCORE;
	m.procs[0].oom_score = 700;
	x.agrees = 0;
	CHECK_STR(tell_agreement(&m.t, &x),
		  "The kernel's own oom_score is 700, the rule gives 666: they differ.");
	x.agrees = 1;
	CHECK(has(tell_agreement(&m.t, &x), "they agree"));
	x.agrees = -1;
	m.t.own_rule = false;
	CHECK(has(tell_agreement(&m.t, &x), "of the machine as it is, is 700"));
	unmake(&m);
}

/* ------------------------------------------------------------------ its place */

static void test_place(void)
{
	struct made m;
	struct tell_subject x;

	make(&m, (struct kver){ 6, 18, 0 }, 1000000);
	add(&m, "a", 3000, 0);
	x = subject(&m, 101);
	CHECK_STR(tell_place(&m.t, &x), "Nobody else can be chosen.");
	CHECK(tell_runner_up(&m.t, &x) == NULL);
	add(&m, "b", 1000, 0);
	add(&m, "c", 1000, 0);
	x = subject(&m, 101);
	CHECK_STR(tell_place(&m.t, &x), "Next after it: 103 (c), 2000 pages (8192000) behind.");
	CHECK_STR(tell_runner_up(&m.t, &x), "103 (c), 2000 pages (8192000) behind.");
	/* Of equals the youngest since 5.3, the oldest before. */
	x = subject(&m, 102);
	CHECK_INT(x.rank, 3);
	CHECK(has(tell_place(&m.t, &x),
		  "103 (c), with the same badness (of equals the youngest is taken)"));
	m.t.era = era_for_version((struct kver){ 5, 2, 0 });
	x = subject(&m, 102);
	CHECK_INT(x.rank, 2);
	CHECK(has(tell_place(&m.t, &x), "of equals the oldest is taken"));
	m.t.era = era_for_version((struct kver){ 3, 4, 0 });
	x = subject(&m, 101);
	CHECK(has(tell_place(&m.t, &x), "2 points behind"));
	unmake(&m);
}

/* ------------------------------------------------------------------ advice */

/* Whether the process would be the first with this adj, by a what-if and all processes. */
static bool is_first_with(struct made *m, pid_t pid, int adj)
{
	struct supposition row = { .pid = pid, .has_adj = true, .adj = (int16_t)adj };
	struct what_if w = { &row, 1 };
	struct judged *order;
	bool first;

	if (victim_order(&m->s, m->t.era, &m->scope, &w, &order) < 0)
		return false;
	first = order[0].rank == 1 && m->procs[order[0].index].pid == pid;
	free(order);
	return first;
}

/* All that advice_adj() says must be so, and one step less must not be. Returns how many bounds
 * there were. */
static unsigned check_advice(struct made *m, pid_t pid)
{
	struct tell_subject x = subject(m, pid);
	bool first = x.rank != 1;
	int adj, r = advice_adj(&m->t, &x, first, &adj);
	int step = first ? -1 : 1;

	if (r == -ENOENT) {
		for (int a = -999; a <= 1000; a++)
			if (is_first_with(m, pid, a) == first &&
			    (first ? a >= x.proc->oom_score_adj : a <= x.proc->oom_score_adj))
				r = 1;
		CHECK_INT(r, -ENOENT);
		return 0;
	}
	CHECK_INT(r, 0);
	CHECK_INT(is_first_with(m, pid, adj), first);
	if (adj + step >= -999 && adj + step <= 1000)
		CHECK_INT(is_first_with(m, pid, adj + step), !first);
	return 1;
}

/* The same numbers on every machine: a linear congruence is chance enough here. */
static uint32_t chance(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

static void test_advice_of_every_era(void)
{
	static const uint64_t totals[] = { 999, 1000, 1999, 54294, 1669374, 6170905 };
	uint32_t state = 1;
	unsigned bounds = 0;

	for (size_t e = 0; e < era_count; e++)
		for (size_t i = 0; i < ARRAY_SIZE(totals); i++) {
			struct made m;

			make(&m, era_table[e].since, totals[i]);
			m.t.era = &era_table[e];
			for (size_t k = 0; k < PROCS_MAX; k++) {
				uint64_t rss = chance(&state) % (k % 2 ? totals[i] : 300);
				int adj = k % 3 ? 0 : (int)(chance(&state) % 2000) - 1000;

				add(&m, "x", rss, adj)->flags |= k == 5 ? PROC_CAP_SYS_ADMIN : 0;
			}
			for (size_t k = 0; k < PROCS_MAX; k++)
				bounds += check_advice(&m, 101 + (pid_t)k);
			unmake(&m);
		}
	CHECK(bounds > era_count * ARRAY_SIZE(totals));
}

static void test_advice_words(void)
{
	struct made m;
	struct tell_subject x;
	struct tell_lines lines = { 0 };
	struct advice a;

	/* 1000000 / 1000 = 1000 pages a point: 5000 is passed by 100 + 5 * 1000. */
	make(&m, (struct kver){ 6, 18, 0 }, 1000000);
	add(&m, "big", 5000, 0);
	add(&m, "small", 100, 0);
	x = subject(&m, 102);
	advice_give(&m.t, &x, &lines, &a);
	CHECK(a.have_first_from && !a.have_not_first_to);
	CHECK_INT(a.first_from, 5);
	CHECK(has_line(
		&lines,
		"With an oom_score_adj of 5 or more in place of 0 it would be the first of all"));
	CHECK(has_line(&lines, "before 101 (big)"));
	lines.n = 0;
	x = subject(&m, 101);
	advice_give(&m.t, &x, &lines, &a);
	CHECK(!a.have_first_from && a.have_not_first_to);
	CHECK_INT(a.not_first_to, -5);
	CHECK(has_line(&lines, "With an oom_score_adj of -5 or less in place of 0"));
	CHECK(has_line(&lines, "102 (small) would"));
	unmake(&m);
}

static void test_advice_where_there_is_none(void)
{
	struct made m;
	struct tell_subject x;
	struct tell_lines lines = { 0 };
	struct advice a;

	make(&m, (struct kver){ 6, 18, 0 }, 1000000);
	add(&m, "only", 5000, 0);
	x = subject(&m, 101);
	advice_give(&m.t, &x, &lines, &a);
	CHECK(!a.have_first_from && !a.have_not_first_to);
	CHECK(has_line(&lines, "Only an oom_score_adj of -1000"));
	/* Whoever has 1000 and is larger stays before it. */
	add(&m, "raised", 6000, 1000);
	lines.n = 0;
	x = subject(&m, 101);
	advice_give(&m.t, &x, &lines, &a);
	CHECK(!a.have_first_from);
	CHECK(has_line(&lines, "Not even an oom_score_adj of 1000"));
	CHECK(has_line(&lines, "102 (raised) stays before it"));
	/* Of fewer than 1000 pages a thousandth is nothing. */
	m.scope.ctx.total_pages = 999;
	lines.n = 0;
	x = subject(&m, 101);
	advice_give(&m.t, &x, &lines, &a);
	CHECK(has_line(&lines, "Here no oom_score_adj changes anything"));
	/* What cannot be chosen for another reason is not advised. */
	m.procs[0].flags = PROC_KTHREAD;
	lines.n = 0;
	x = subject(&m, 101);
	advice_give(&m.t, &x, &lines, &a);
	CHECK_INT(lines.n, 0);
	unmake(&m);
}

static void test_advice_for_the_spared(void)
{
	struct made m;
	struct tell_subject x;
	struct tell_lines lines = { 0 };
	struct advice a;

	make(&m, (struct kver){ 6, 18, 0 }, 1000000);
	add(&m, "big", 5000, 0);
	add(&m, "spared", 7000, -1000);
	x = subject(&m, 102);
	CHECK_INT(x.rank, 0);
	advice_give(&m.t, &x, &lines, &a);
	/* 7000 - 2 * 1000 is a tie, and of equals the youngest is taken. */
	CHECK(a.have_first_from);
	CHECK_INT(a.first_from, -2);
	CHECK(is_first_with(&m, 102, -2) && !is_first_with(&m, 102, -3));
	unmake(&m);
}

/* A supposed growth of the other is taken into account. */
static void test_advice_under_a_what_if(void)
{
	struct supposition rows[] = { { .pid = 101, .has_grow = true, .grow_pages = 10000 },
				      { .pid = 102, .has_grow = true, .grow_pages = 900 } };
	struct made m;
	struct tell_subject x;
	int adj = 0;

	make(&m, (struct kver){ 6, 18, 0 }, 1000000);
	add(&m, "big", 5000, 0);
	add(&m, "small", 100, 0);
	m.what_if = (struct what_if){ rows, ARRAY_SIZE(rows) };
	x = subject(&m, 102);
	CHECK_INT(advice_adj(&m.t, &x, true, &adj), 0);
	CHECK_INT(adj, 14);
	unmake(&m);
}

/* ------------------------------------------------------------------ pods */

static void test_pods(void)
{
	struct made m;
	struct proc *p;

	/* 8 GiB: a thousandth is 8589934 bytes. */
	make(&m, (struct kver){ 6, 18, 0 }, 2097152);
	p = add(&m, "a", 100, -997);
	CHECK(has(tell_qos(&m.t, p, "u", "Guaranteed"), "of -997, and that is what it has"));
	p->oom_score_adj = 0;
	CHECK(has(tell_qos(&m.t, p, "u", "Guaranteed"), "its 0 comes from somewhere else"));
	p->oom_score_adj = 1000;
	CHECK(has(tell_qos(&m.t, p, "u", "BestEffort"), "of 1000, and that is what it has"));
	CHECK(has(tell_qos(&m.t, p, "u", "Burstable"), "its 1000 comes from somewhere else"));
	p->oom_score_adj = 937;
	CHECK(has(tell_qos(&m.t, p, "u", "Burstable"),
		  "amounts to one of 541165842 to 549755776."));
	p->oom_score_adj = 999;
	CHECK(has(tell_qos(&m.t, p, "u", "Burstable"), "one of less than 17179868."));
	p->oom_score_adj = 2;
	CHECK(has(tell_qos(&m.t, p, "u", "Burstable"), "one of 8572754132 or more."));
	CHECK(has(tell_qos(&m.t, p, NULL, "Burstable"), "Pod (uid not known)"));
	unmake(&m);
}

/* ------------------------------------------------------------------ notes */

static void test_notes(void)
{
	struct made m;
	struct tell_subject x;
	struct tell_lines notes = { 0 };
	struct tell_company none = { 0 },
			    company = { .group = "/web", .members = 3, .sharers = 1, .sharer = 77 };

	make(&m, (struct kver){ 6, 18, 0 }, 1000000);
	add(&m, "idle", 100, 0);
	add(&m, "raised", 100, 500);
	x = subject(&m, 101);
	tell_notes(&m.t, &x, &none, &notes);
	CHECK_INT(notes.n, 1);
	CHECK(has_line(&notes,
		       "since 5.9 oom_score is (1000 + per mille) * 2 / 3. So 666 is the zero"));
	notes.n = 0;
	x = subject(&m, 102);
	tell_notes(&m.t, &x, &company, &notes);
	CHECK(has_line(&notes, "Its oom_score_adj of 500 counts like 2048000000 of memory"));
	CHECK(has_line(&notes, "With it dies all of /web, 3 more: its memory.oom.group is 1"));
	CHECK(has_line(&notes, "With it dies 77, which shares its memory"));
	/* 4.14: 0 is no excuse, and CAP_SYS_ADMIN is worth 3 percent, if it is that of the first
	 * namespace. */
	m.t.era = m.s.era = era_for_version((struct kver){ 4, 14, 0 });
	m.procs[0].flags |= PROC_CAP_SYS_ADMIN;
	m.procs[0].have &= ~(uint32_t)HAVE_USERNS;
	notes.n = 0;
	x = subject(&m, 101);
	tell_notes(&m.t, &x, &none, &notes);
	CHECK(has_line(&notes, "A score of 0 does not exclude it"));
	CHECK(has_line(&notes, "CAP_SYS_ADMIN takes 3 % of its own use off. It is not certain"));
	unmake(&m);
}

static void test_also(void)
{
	struct made m;
	int32_t pids[20];

	make(&m, (struct kver){ 6, 18, 0 }, 1000000);
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = (int32_t)i + 1;
	CHECK(tell_also(&m.t, pids, 0) == NULL);
	CHECK_STR(tell_also(&m.t, pids, 1), "1 other matches and would not die before it: 1");
	CHECK(has(tell_also(&m.t, pids, 20), "20 others match and would not die before it: 1, 2"));
	CHECK(has(tell_also(&m.t, pids, 20), "12, ..."));
	unmake(&m);
}

/* ------------------------------------------------------------------ what is not counted */

static const struct uncounted *find_uncounted(const struct uncounted *u, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(u[i].name, name) == 0)
			return &u[i];
	return NULL;
}

static void test_uncounted_today(void)
{
	static const char *const gone[] = { "nice",     "cpu_time", "run_time",
					    "children", "rawio",    "total_vm" };
	struct uncounted u[UNCOUNTED_MAX];
	const struct uncounted *found;
	struct made m;
	struct proc *p;
	size_t n;

	make(&m, (struct kver){ 6, 18, 0 }, 1000000);
	p = add(&m, "parent", 100, 0);
	m.classic[0].nice = 19;
	m.classic[0].run_seconds = 7200;
	m.classic[0].cpu_group_usec = 3500000;
	p->flags |= PROC_IS_ROOT;
	add(&m, "child", 100, 0)->ppid = 101;
	n = uncounted_find(&m.t, p, u);
	for (size_t i = 0; i < ARRAY_SIZE(gone); i++) {
		found = find_uncounted(u, n, gone[i]);
		CHECK(found != NULL);
		if (found)
			CHECK_STR(found->until, "2.6.36");
	}
	found = find_uncounted(u, n, "root_bonus");
	CHECK(found && found->value == 1 && found->kind == UNCOUNTED_YES_NO);
	CHECK_STR(found ? found->until : NULL, "4.17");
	found = find_uncounted(u, n, "hugetlb");
	CHECK(found && !found->until && found->kind == UNCOUNTED_UNKNOWN);
	found = find_uncounted(u, n, "nice");
	CHECK(found && found->value == 19);
	found = find_uncounted(u, n, "children");
	CHECK(found && found->value == 1);
	CHECK(find_uncounted(u, n, "rss") == NULL);
	CHECK(has(uncounted_words(&m.t, u, n),
		  "since 2.6.36 nice (19), CPU time (3 s), run time (2 h), children (1)"));
	CHECK(has(uncounted_words(&m.t, u, n), "; since 4.17 root (yes); never yet huge pages"));
	unmake(&m);
}

/* In every era: what its verdict has as a factor is not called uncounted, and the other way round.
 */
static void test_uncounted_of_every_era(void)
{
	for (size_t e = 0; e < era_count; e++) {
		struct uncounted u[UNCOUNTED_MAX];
		struct tell_subject x;
		struct made m;
		struct proc *p;
		size_t n;

		make(&m, era_table[e].since, 1000000);
		m.t.era = m.s.era = &era_table[e];
		p = add(&m, "all", 100000, 0);
		p->flags |= PROC_CAP_SYS_ADMIN | PROC_CAP_SYS_RAWIO;
		p->pte_kib = 400;
		p->swap_pages = 20000;
		m.classic[0] = (struct proc_classic){ .total_vm_pages = 100000,
						      .children_vm_pages = 50000,
						      .children_half_pages = 25001,
						      .cpu_task_usec = 4000000000,
						      .cpu_group_usec = 4000000000,
						      .run_seconds = 1000000,
						      .nice = 5,
						      .mems_intersect = true };
		x = subject(&m, 101);
		n = uncounted_find(&m.t, p, u);
		CHECK(n >= 2);
		for (enum factor_id id = 0; id < FACTOR_N; id++) {
			bool counted = false,
			     said = find_uncounted(u, n, badness_factor_name(id)) != NULL;

			if (id == FACTOR_CPUSET || id == FACTOR_ADJ || id == FACTOR_FLOOR)
				continue;
			for (unsigned i = 0; i < x.scope.n_factors; i++)
				counted |= x.scope.factor[i].id == id;
			CHECK_INT(said, !counted);
		}
		unmake(&m);
	}
}

static void test_uncounted_before(void)
{
	struct uncounted u[UNCOUNTED_MAX];
	const struct uncounted *found;
	struct made m;
	struct proc *p;
	size_t n;

	make(&m, (struct kver){ 2, 6, 32 }, 1000000);
	p = add(&m, "a", 100, 0);
	n = uncounted_find(&m.t, p, u);
	found = find_uncounted(u, n, "rss");
	CHECK(found && !found->until && found->value == 409600);
	CHECK(has(uncounted_words(&m.t, u, n), "not yet resident memory (409600)"));
	unmake(&m);
}

/* ------------------------------------------------------------------ the machine */

static void test_memory(void)
{
	struct made m;

	make(&m, (struct kver){ 6, 18, 0 }, 1000000);
	CHECK(has(tell_ram(&m.t), "not known"));
	CHECK(has(tell_swap(&m.t), "not known"));
	m.s.meminfo = (struct meminfo){ .have_total = true,
					.total_kib = 8,
					.have_free = true,
					.free_kib = 2,
					.have_available = true,
					.available_kib = 4,
					.have_swap_total = true };
	CHECK_STR(tell_ram(&m.t), "8192 RAM, 4096 available, 2048 free.");
	CHECK_STR(tell_swap(&m.t), "No swap.");
	m.s.meminfo.swap_total_kib = 16;
	CHECK_STR(tell_swap(&m.t), "Swap 16384, ? free.");
	m.s.meminfo.have_swap_free = true;
	CHECK_STR(tell_swap(&m.t), "Swap 16384, 0 free.");
	unmake(&m);
}

static void test_overcommit(void)
{
	struct made m;

	make(&m, (struct kver){ 6, 18, 0 }, 1000000);
	CHECK_STR(tell_overcommit(&m.t, false, 0), "mode not known.");
	m.s.meminfo = (struct meminfo){ .have_commit_limit = true,
					.commit_limit_kib = 100,
					.have_committed = true,
					.committed_kib = 200 };
	CHECK(has(tell_overcommit(&m.t, true, 0), "mode 0, heuristic"));
	CHECK(has(tell_overcommit(&m.t, true, 0),
		  "Committed_AS is 204800, CommitLimit 102400, which binds in mode 2"));
	CHECK(has(tell_overcommit(&m.t, true, 1), "mode 1, always"));
	m.s.meminfo.committed_kib = 89;
	CHECK(has(tell_overcommit(&m.t, true, 2), "89 % is promised."));
	m.s.meminfo.committed_kib = 90;
	CHECK(has(tell_overcommit(&m.t, true, 2),
		  "malloc() will fail long before the OOM killer is asked"));
	CHECK(has(tell_overcommit(&m.t, true, 7), "mode not known"));
	unmake(&m);
}

static void test_watermarks_and_settings(void)
{
	struct tell_marks marks = { .free = 100, .min = 10, .low = 20, .high = 30 };
	struct made m;

	make(&m, (struct kver){ 6, 18, 0 }, 1000000);
	CHECK_STR(tell_watermarks(&m.t, &marks),
		  "min 40960, low 81920, high 122880, free 409600, summed over the zones.");
	marks.free = 15;
	CHECK(has(tell_watermarks(&m.t, &marks), "Below low"));
	marks.free = 5;
	CHECK(has(tell_watermarks(&m.t, &marks), "Below min"));
	CHECK(has(tell_setting(&m.t, "panic_on_oom", true, 0), "the machine lives on"));
	CHECK(has(tell_setting(&m.t, "panic_on_oom", true, 2), "for a cgroup's OOM too"));
	CHECK(has(tell_setting(&m.t, "swappiness", true, 60), "swap is used"));
	CHECK(has(tell_setting(&m.t, "swappiness", false, 60), "-"));
	CHECK(!strstr(tell_setting(&m.t, "swappiness", false, 60), "swap is used"));
	CHECK(has(tell_setting(&m.t, "no_such_thing", true, 5), "vm.no_such_thing"));
	unmake(&m);
}

static void test_stall(void)
{
	struct tell_stall p = { 0 };
	struct made m;

	make(&m, (struct kver){ 6, 18, 0 }, 1000000);
	CHECK(has(tell_stall(&m.t, &p), "not known"));
	p = (struct tell_stall){ .have_some = true, .have_full = true, .some = { 1.5, 0.25, 0 } };
	CHECK(has(tell_stall(&m.t, &p), "some 1.50 0.25 0.00, full 0.00 0.00 0.00"));
	CHECK(has(tell_stall(&m.t, &p), "wait for memory now"));
	p.full[0] = 10;
	CHECK(has(tell_stall(&m.t, &p), "nothing else gets done"));
	unmake(&m);
}

static void test_population(void)
{
	struct made m;
	struct tell_population p;

	make(&m, (struct kver){ 6, 18, 0 }, 1000000);
	add(&m, "a", 100, 0);
	add(&m, "never", 100, -1000);
	add(&m, "unknown", 100, 0)->have &= ~(uint32_t)HAVE_MM;
	subject(&m, 101);
	tell_count(m.order, 3, &p);
	CHECK_INT(p.killable, 1);
	CHECK_INT(p.never, 1);
	CHECK_INT(p.unknown, 1);
	CHECK_STR(tell_population(&m.t, &p), "1 can be killed, 1 never, 1 not known.");
	m.s.pid_ns = PID_NS_OWN;
	CHECK(has(tell_population(&m.t, &p), "outside of this pid namespace"));
	unmake(&m);
}

static void test_reason(void)
{
	struct made m;
	struct tell_subject x;
	struct proc *p;

	make(&m, (struct kver){ 6, 18, 0 }, 1000000);
	p = add(&m, "a", 100, 0);
	x = subject(&m, 101);
	CHECK_STR(tell_reason(&m.t, &x), "It has 409600 of memory: the most.");
	p->oom_score_adj = 1;
	x = subject(&m, 101);
	CHECK(has(tell_reason(&m.t, &x),
		  "only 409600 of memory, but its oom_score_adj of 1 counts like 4096000"));
	p->oom_score_adj = -1;
	x = subject(&m, 101);
	CHECK(has(tell_reason(&m.t, &x), "although its oom_score_adj of -1"));
	unmake(&m);
}

/* ------------------------------------------------------------------ pressure */

static void parse(const char *text, struct pressure *ret)
{
	pressure_parse(text, strlen(text), ret);
}

static void test_pressure(void)
{
	struct pressure p;

	parse("some avg10=1.05 avg60=0.50 avg300=100.00 total=123456789\nfull avg10=0.00 "
	      "avg60=0.09 avg300=12.34 total=18446744073709551615\n",
	      &p);
	CHECK(p.have_some && p.have_full);
	CHECK(p.some.avg10 == 1.05 && p.some.avg60 == 0.5 && p.some.avg300 == 100);
	CHECK(p.full.avg60 == 0.09 && p.full.avg300 == 12.34);
	CHECK(p.some.total_usec == 123456789 && p.full.total_usec == UINT64_MAX);
	parse("some avg10=1.05 avg60=0.50 avg300=0.00 total=1\n", &p);
	CHECK(p.have_some && !p.have_full);
	/* Whatever is not whole is not had. */
	parse("some avg10=1.05 avg60=0.50 avg300=0.00\n", &p);
	CHECK(!p.have_some);
	parse("some avg10=1.5 avg60=0.50 avg300=0.00 total=1\n", &p);
	CHECK(!p.have_some);
	parse("some avg10=1.05 avg60=0.50 avg300=0.00 total=1 more=2\n", &p);
	CHECK(!p.have_some);
	parse("some avg10=99999.05 avg60=0.50 avg300=0.00 total=1\n", &p);
	CHECK(!p.have_some);
	parse("some avg10=-1.05 avg60=0.50 avg300=0.00 total=1\n", &p);
	CHECK(!p.have_some);
	parse("", &p);
	CHECK(!p.have_some && !p.have_full);
}

int main(void)
{
	test_words();
	test_lines_are_bounded();
	test_premise();
	test_ordinals();
	test_heading_and_home();
	test_factors_in_pages();
	test_factors_in_points();
	test_verdicts();
	test_scope_of_a_cgroup();
	test_outcomes();
	test_scaling();
	test_scaling_on_32_bits();
	test_agreement();
	test_place();
	test_advice_of_every_era();
	test_advice_words();
	test_advice_where_there_is_none();
	test_advice_for_the_spared();
	test_advice_under_a_what_if();
	test_pods();
	test_notes();
	test_also();
	test_uncounted_today();
	test_uncounted_of_every_era();
	test_uncounted_before();
	test_memory();
	test_overcommit();
	test_watermarks_and_settings();
	test_stall();
	test_population();
	test_reason();
	test_pressure();
	return check_done();
}
