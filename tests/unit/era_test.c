/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is the table of eras whole, in order and one change a row, and does a release get the row that it
 * lives by? */
#include <ctype.h>
#include <stdbool.h>

#include "base.h"
#include "check.h"
#include "era.h"
#include "kver.h"

#define MIB ((uint64_t)1024 * 1024)

static const struct era *era_of(const char *release)
{
	struct kver v;

	return kver_parse(release, &v) == 0 ? era_for_release(release, &v) : NULL;
}

static bool starts_with(const char *s, const char *prefix)
{
	return s && strncmp(s, prefix, strlen(prefix)) == 0;
}

/* true where e is the row of that commit. */
static bool is_row(const struct era *e, const char *commit)
{
	return e && starts_with(e->commit, commit);
}

static bool since_is(const struct era *e, unsigned major, unsigned minor, unsigned patch)
{
	return e && e->since.major == major && e->since.minor == minor && e->since.patch == patch;
}

/* ------------------------------------------------------------ the table itself */

/* How many cells differ; a cell is anything that changes what the kernel does. */
static unsigned differences(const struct era *a, const struct era *b)
{
	const bool cells[] = {
		a->formula != b->formula,
		a->arithmetic != b->arithmetic,
		a->children != b->children,
		a->cpu_time != b->cpu_time,
		a->superuser != b->superuser,
		a->cpuset != b->cpuset,
		a->shift != b->shift,
		a->pgtables != b->pgtables,
		a->scale != b->scale,
		a->floor != b->floor,
		a->tie != b->tie,
		a->sacrifice != b->sacrifice,
		a->memcg_total != b->memcg_total,
		a->nodes != b->nodes,
		a->policy != b->policy,
		a->rss != b->rss,
		a->nice != b->nice,
		a->rawio != b->rawio,
		a->allocating_task != b->allocating_task,
		a->shared_mm_immune != b->shared_mm_immune,
		a->vfork_exempt != b->vfork_exempt,
		a->reaped_exempt != b->reaped_exempt,
		a->oom_group != b->oom_group,
		a->group_inside_only != b->group_inside_only,
	};
	unsigned n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(cells); i++)
		n += cells[i];
	return n;
}

/* The commits that changed more than one thing at once. */
static unsigned cells_of(const struct era *e)
{
	if (is_row(e, "9066e5c"))
		return 2; /* the floor went, the scale came */
	if (is_row(e, "a7f638f"))
		return 3; /* pages: formula, scale, and what the bonus is taken from */
	if (is_row(e, "f755a04"))
		return 2; /* page tables came, and with them the int */
	if (is_row(e, "a63d83f"))
		return 11; /* the rewrite: formula, children, CPU time, superuser, cpuset, floor,
			    * memcg total, nodes, policy, nice, raw I/O */
	return 1;
}

static void test_one_change_a_row(void)
{
	for (size_t i = 0; i + 1 < era_count; i++) {
		CHECK_INT(differences(&era_table[i], &era_table[i + 1]), cells_of(&era_table[i]));
		if (differences(&era_table[i], &era_table[i + 1]) != cells_of(&era_table[i]))
			printf("row %zu, %s\n", i, era_table[i].name);
	}
}

static void test_newest_first(void)
{
	CHECK(era_count > 0);
	CHECK(since_is(&era_table[0], 7, 0, 0));
	CHECK(since_is(&era_table[era_count - 1], 2, 6, 11));
	for (size_t i = 0; i + 1 < era_count; i++)
		CHECK(era_kver_compare(era_table[i].since, era_table[i + 1].since) >= 0);
}

static bool is_commit(const char *s)
{
	if (strlen(s) < 10 || strlen(s) > 12)
		return false;
	for (; *s; s++)
		if (!isdigit((unsigned char)*s) && !(*s >= 'a' && *s <= 'f'))
			return false;
	return true;
}

/* Each row cites where it comes from: the commit, or between which releases it lies. */
static void test_every_row_cites_its_source(void)
{
	for (size_t i = 0; i < era_count; i++) {
		const struct era *e = &era_table[i];

		CHECK(e->commit || (e->boundary && *e->boundary));
		CHECK(!e->commit || is_commit(e->commit));
		CHECK(e->name && *e->name);
		CHECK(e->change && strlen(e->change) > 20);
		if (!e->commit && !e->boundary)
			printf("row %zu, %s\n", i, e->name);
		for (size_t k = 0; k < i; k++) {
			CHECK(strcmp(e->name, era_table[k].name) != 0);
			CHECK(!e->commit || !era_table[k].commit ||
			      strcmp(e->commit, era_table[k].commit) != 0);
		}
	}
}

/* What only one formula has is nowhere else. */
static void test_cells_fit_together(void)
{
	for (size_t i = 0; i < era_count; i++) {
		const struct era *e = &era_table[i];
		bool classic = e->formula == FORMULA_CLASSIC;

		CHECK_INT(e->nice, classic);
		CHECK_INT(e->rawio, classic);
		CHECK_INT(e->children == CHILDREN_IGNORED, !classic);
		CHECK_INT(e->cpu_time == CPU_TIME_IGNORED, !classic);
		CHECK_INT(e->memcg_total == MEMCG_TOTAL_NONE, classic);
		CHECK_INT(e->nodes == NODES_IGNORED, classic);
		CHECK_INT(e->policy == POLICY_IGNORED, classic);
		CHECK_INT(e->scale == SCALE_RAW, e->formula != FORMULA_PAGES);
		CHECK_INT(e->floor == FLOOR_NONE, classic || e->scale == SCALE_TWO_THIRDS);
		CHECK(e->formula != FORMULA_PAGES || e->arithmetic == ARITHMETIC_LONG);
		CHECK(!e->group_inside_only || e->oom_group);
	}
}

/* ------------------------------------------------------------ versions */

static void test_compare(void)
{
	const struct kver a = { 4, 9, 300 }, b = { 4, 10, 0 }, c = { 5, 0, 0 }, d = { 4, 9, 299 };

	CHECK_INT(era_kver_compare(a, b), -1);
	CHECK_INT(era_kver_compare(b, a), 1);
	CHECK_INT(era_kver_compare(b, c), -1);
	CHECK_INT(era_kver_compare(a, d), 1);
	CHECK_INT(era_kver_compare(a, a), 0);
}

static void test_boundaries(void)
{
	/* The last release before a change, and the first with it; a.b.0 and what its row must be.
	 */
	static const struct {
		struct kver before, since;
	} edges[] = {
		{ { 6, 19, 99 }, { 7, 0, 0 } },  { { 6, 1, 192 }, { 6, 2, 0 } },
		{ { 5, 13, 19 }, { 5, 14, 0 } }, { { 5, 9, 16 }, { 5, 10, 0 } },
		{ { 5, 8, 18 }, { 5, 9, 0 } },   { { 5, 7, 13 }, { 5, 7, 14 } },
		{ { 5, 3, 18 }, { 5, 4, 0 } },   { { 5, 2, 21 }, { 5, 3, 0 } },
		{ { 5, 0, 21 }, { 5, 1, 0 } },   { { 4, 18, 20 }, { 4, 19, 0 } },
		{ { 4, 16, 99 }, { 4, 17, 0 } }, { { 4, 14, 336 }, { 4, 15, 0 } },
		{ { 4, 8, 17 }, { 4, 9, 0 } },   { { 4, 7, 10 }, { 4, 8, 0 } },
		{ { 4, 6, 7 }, { 4, 7, 0 } },    { { 4, 4, 302 }, { 4, 5, 0 } },
		{ { 3, 19, 8 }, { 4, 0, 0 } },   { { 3, 13, 11 }, { 3, 14, 0 } },
		{ { 3, 13, 9 }, { 3, 13, 10 } }, { { 3, 6, 11 }, { 3, 7, 0 } },
		{ { 3, 4, 113 }, { 3, 5, 0 } },  { { 3, 1, 10 }, { 3, 2, 0 } },
		{ { 2, 6, 38 }, { 2, 6, 39 } },  { { 2, 6, 36 }, { 2, 6, 37 } },
		{ { 2, 6, 35 }, { 2, 6, 36 } },  { { 2, 6, 31 }, { 2, 6, 32 } },
		{ { 2, 6, 24 }, { 2, 6, 25 } },  { { 2, 6, 23 }, { 2, 6, 24 } },
		{ { 2, 6, 21 }, { 2, 6, 22 } },  { { 2, 6, 18 }, { 2, 6, 19 } },
		{ { 2, 6, 15 }, { 2, 6, 16 } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(edges); i++) {
		const struct era *old = era_for_version(edges[i].before),
				 *new = era_for_version(edges[i].since);

		CHECK(old && new &&old > new);
		CHECK(new &&era_kver_compare(new->since, edges[i].since) == 0);
		CHECK(old && era_kver_compare(old->since, edges[i].before) <= 0);
	}
	/* Every version in the table is among them, but for the oldest. */
	for (size_t i = 0; i + 1 < era_count; i++) {
		bool found = false;

		for (size_t k = 0; k < ARRAY_SIZE(edges); k++)
			found = found || era_kver_compare(edges[k].since, era_table[i].since) == 0;
		CHECK(found);
	}
}

static void test_out_of_the_table(void)
{
	CHECK(era_for_version((struct kver){ 2, 6, 10 }) == NULL);
	CHECK(era_for_version((struct kver){ 2, 4, 37 }) == NULL);
	CHECK(era_for_version((struct kver){ 0, 0, 0 }) == NULL);
	CHECK(era_for_version((struct kver){ 2, 6, 11 }) == &era_table[era_count - 1]);
	CHECK(era_for_version((struct kver){ 65535, 65535, 65535 }) == &era_table[0]);
}

/* ------------------------------------------------------------ releases */

static void test_plain_releases(void)
{
	CHECK(is_row(era_of("2.6.32.9"), "495789a"));
	CHECK(is_row(era_of("2.6.32-5-amd64"), "495789a"));
	CHECK(is_row(era_of("4.16.99"), "af5b0f6"));
	CHECK(is_row(era_of("4.17.0"), "d46078b"));
	CHECK(is_row(era_of("4.17"), "d46078b"));
	CHECK(is_row(era_of("4.14.177"), "7c5f64f"));
	CHECK(is_row(era_of("5.10.223"), "8d387a5"));
	CHECK(since_is(era_of("6.1.0-23-amd64"), 5, 14, 0));
	CHECK_INT(era_of("6.1.0-23-amd64")->policy, POLICY_BIND);
	CHECK_INT(era_of("5.10.223")->policy, POLICY_BIND_INTERLEAVE);
	CHECK(is_row(era_of("6.12.107+deb13-cloud-amd64"), "f1a7941"));
	CHECK(is_row(era_of("6.18.44"), "f1a7941"));
	CHECK(since_is(era_of("7.2.12+deb14-cloud-amd64"), 7, 0, 0));
	CHECK(since_is(era_of("7.0.13+deb13-cloud-amd64"), 7, 0, 0));
	CHECK(since_is(era_of("7.3.0-rc1"), 7, 0, 0));
	/* Ubuntu names 5.4.0 what is some 5.4.y: the row of the version; which scale it prints only
	 * it can tell. */
	CHECK(since_is(era_of("5.4.0-216-generic"), 5, 4, 0));
	CHECK(since_is(era_of("3.10.0-custom"), 3, 7, 0));
	CHECK(since_is(era_of("4.18.0-25-generic"), 4, 17, 0));
	CHECK(era_of("2.4.37.11") == NULL);
	CHECK(era_of("garbage") == NULL);
	CHECK(era_of("") == NULL);
	CHECK(era_of(".el8") == NULL);
}

static void test_vendor_releases(void)
{
	const struct era *e;

	/* RHEL 6: the long form in permille, 30 points for CAP_SYS_ADMIN. */
	e = era_of("2.6.32-642.el6.x86_64");
	CHECK(e && e->formula == FORMULA_PERMILLE && e->arithmetic == ARITHMETIC_LONG);
	CHECK(e && e->superuser == SUPERUSER_30_POINTS && e->pgtables == PGTABLES_PTES);
	/* RHEL 7: 3 % of its own use. */
	e = era_of("3.10.0-1160.el7.x86_64");
	CHECK(e && e->formula == FORMULA_PAGES && e->superuser == SUPERUSER_3_PERCENT);
	CHECK(e && e->pgtables == PGTABLES_PTES && e->scale == SCALE_PERMILLE &&
	      e->tie == TIE_FIRST);
	/* RHEL 8: no bonus, no child in its parent's place, the old scale. */
	e = era_of("4.18.0-147.el8.x86_64");
	CHECK(e && e->superuser == SUPERUSER_IGNORED && e->sacrifice == SACRIFICE_NONE);
	CHECK(e && e->pgtables == PGTABLES_BYTES && e->scale == SCALE_PERMILLE &&
	      e->floor == FLOOR_ONE);
	CHECK(era_of("4.18.0-553.el8_10.x86_64") == e);
	CHECK(era_of("4.18.0-553.16.1.el8_10.aarch64") == e);
	/* RHEL 9 has not been read: what its version says. */
	CHECK(since_is(era_of("5.14.0-427.13.1.el9_4.x86_64"), 5, 14, 0));
	/* A vendor's word beside another version is somebody's build of mainline. */
	CHECK(since_is(era_of("6.9.7-1.el8.elrepo.x86_64"), 6, 2, 0));
	CHECK(since_is(era_of("4.19.113-300.el7.x86_64"), 4, 19, 0));
	/* Nobody knows the string: the version alone. */
	CHECK(since_is(era_for_release(NULL, &(struct kver){ 4, 18, 0 }), 4, 17, 0));
}

/* ------------------------------------------------------------ the scale */

static void test_with_scale(void)
{
	const struct era *e = era_of("5.4.286"), *sibling;

	/* 5.4.y took the signed badness up: the version's row says permille, the kernel's numbers
	 * say two thirds. */
	CHECK(since_is(e, 5, 4, 0));
	CHECK(e && e->scale == SCALE_PERMILLE);
	sibling = e ? era_with_scale(e, SCALE_TWO_THIRDS) : NULL;
	CHECK(is_row(sibling, "9066e5c"));
	CHECK(sibling && sibling->floor == FLOOR_NONE);
	/* And back: a kernel that says 5.10 but prints permille. */
	sibling = era_with_scale(era_of("5.10.0"), SCALE_PERMILLE);
	CHECK(since_is(sibling, 5, 7, 14));
	sibling = era_with_scale(era_of("3.4.0"), SCALE_PERMILLE);
	CHECK(is_row(sibling, "a7f638f"));
	for (size_t i = 0; i < era_count; i++)
		for (int s = SCALE_RAW; s <= SCALE_TWO_THIRDS; s++) {
			sibling = era_with_scale(&era_table[i], (enum era_scale)s);
			CHECK(!sibling || sibling->scale == (enum era_scale)s);
			if (era_table[i].scale == (enum era_scale)s)
				CHECK(sibling == &era_table[i]);
		}
}

/* ------------------------------------------------------------ totals */

/* Whatever the files say, the total can be divided by, and the swap counted is a part of it. */
static void test_memcg_total_is_never_0(void)
{
	static const uint64_t limits[] = {
		0, 1, 4095, 4096, 100 * MIB, UINT64_MAX / 2, CGROUP_UNLIMITED
	};
	const struct mem_ctx machine = { .ram_pages = 1000,
					 .swap_pages = 500,
					 .total_pages = 1500,
					 .page_size = 4096,
					 .long_bits = 64 };

	for (size_t i = 0; i < era_count; i++)
		for (size_t k = 0; k < ARRAY_SIZE(limits) * ARRAY_SIZE(limits) * 2; k++) {
			const struct cgroup cg = { .path = "/a",
						   .limit_bytes = limits[k % ARRAY_SIZE(limits)],
						   .memsw_limit_bytes =
							   limits[k / 2 % ARRAY_SIZE(limits)],
						   .swap_limit_bytes =
							   limits[k / 2 / ARRAY_SIZE(limits)],
						   .swappiness = k % 2 ? 60 : 0,
						   .have_limit = true,
						   .have_memsw_limit = k % 3 == 0,
						   .have_swap_limit = k % 3 == 1 };
			uint64_t swap = 0, total;

			total = era_memcg_total_pages(&era_table[i],
						      k % 3 == 0 ? CGROUP_V1 : CGROUP_V2, &cg,
						      &machine, &swap);
			CHECK(total >= 1);
			CHECK(swap <= total);
			CHECK(swap <= machine.swap_pages);
			CHECK_INT(era_memcg_total_pages(&era_table[i],
							k % 3 == 0 ? CGROUP_V1 : CGROUP_V2, &cg,
							&machine, NULL),
				  total);
		}
}

/* 64 KiB pages: 100 MiB is 1600 of them, swap.max 64 MiB is 1024. */
static void test_memcg_total_with_big_pages(void)
{
	const struct mem_ctx machine = { .ram_pages = 100000,
					 .swap_pages = 5000,
					 .total_pages = 105000,
					 .page_size = 65536,
					 .long_bits = 64 };
	const struct cgroup cg = { .path = "/a",
				   .limit_bytes = 100 * MIB,
				   .swap_limit_bytes = 64 * MIB,
				   .swappiness = 60,
				   .have_limit = true,
				   .have_swap_limit = true };
	uint64_t swap;

	CHECK_INT(era_memcg_total_pages(era_of("6.18.0"), CGROUP_V2, &cg, &machine, &swap), 2624);
	CHECK_INT(swap, 1024);
}

int main(void)
{
	test_one_change_a_row();
	test_newest_first();
	test_every_row_cites_its_source();
	test_cells_fit_together();
	test_compare();
	test_boundaries();
	test_out_of_the_table();
	test_plain_releases();
	test_vendor_releases();
	test_with_scale();
	test_memcg_total_is_never_0();
	test_memcg_total_with_big_pages();
	return check_done();
}
