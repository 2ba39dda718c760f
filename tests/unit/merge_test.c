/* SPDX-License-Identifier: GPL-2.0-or-later */
/* merge: sightings of several sources become one event each, counters are held against names, and
 * nothing that is missing stays unsaid. */
#include "merge.h"

#include <stdlib.h>

#include "check.h"

#define SECOND 1000000u

static struct sighting events[4096];
static size_t n_events;

static void take(void *ctx, const struct sighting *s)
{
	(void)ctx;
	if (n_events < sizeof(events) / sizeof(events[0]))
		events[n_events] = *s;
	n_events++;
}

static struct merge *start(bool expect_kmsg)
{
	n_events = 0;
	return merge_new(&(struct merge_options){ .expect_kmsg = expect_kmsg }, take, NULL);
}

static struct moment at(uint64_t usec)
{
	return (struct moment){ .wall_usec = (int64_t)usec, .mono_usec = usec, .boot_usec = usec };
}

static void run(struct merge *m, uint64_t usec)
{
	struct moment now = at(usec);

	merge_run(m, &now);
}

static void total(struct merge *m, uint64_t kills, uint64_t usec)
{
	struct moment now = at(usec);

	merge_total(m, kills, &now);
}

static void see_kill(struct merge *m, enum sight_source source, int32_t pid, const char *cgroup,
		     uint64_t usec)
{
	struct sighting s = {
		.kind = SIGHT_KILL,
		.sources = (uint16_t)(1u << source),
		.have = SIGHT_HAVE_PID,
		.pid = pid,
		.count = 1,
		.mono_usec = usec,
		.constraint = source == SIGHT_KMSG ? CONSTRAINT_MEMCG : CONSTRAINT_UNKNOWN,
	};

	snprintf(s.cgroup, sizeof(s.cgroup), "%s", cgroup);
	merge_see(m, &s);
}

static void see(struct merge *m, enum sight_kind kind, enum sight_source source, uint64_t count,
		const char *cgroup, uint64_t usec)
{
	struct sighting s = {
		.kind = kind,
		.sources = (uint16_t)(1u << source),
		.count = count,
		.lost = kind == SIGHT_GAP ? 3 : 0,
		.reason = kind == SIGHT_GAP ? "lost" : NULL,
		.mono_usec = usec,
	};

	snprintf(s.cgroup, sizeof(s.cgroup), "%s", cgroup);
	merge_see(m, &s);
}

static void test_one_kill_one_event(void)
{
	struct merge *m = start(true);

	/* The tracepoint comes first and waits for the log, which says where it was. */
	see_kill(m, SIGHT_TRACEFS, 7, "", 1000);
	run(m, 1000);
	CHECK_INT(n_events, 0);
	CHECK_INT(merge_deadline(m), 1000 + MERGE_GRACE_USEC);
	see_kill(m, SIGHT_KMSG, 7, "/a", 1100);
	run(m, 1200);
	CHECK_INT(n_events, 1);
	CHECK_INT(events[0].sources, 1u << SIGHT_KMSG | 1u << SIGHT_TRACEFS);
	CHECK_STR(events[0].cgroup, "/a");
	CHECK_INT(events[0].constraint, CONSTRAINT_MEMCG);

	/* Whatever sees it later adds nothing, counters neither. */
	see(m, SIGHT_KILLS, SIGHT_MEMORY_EVENTS, 1, "/a", 5000);
	see(m, SIGHT_KILLS, SIGHT_OOM_CONTROL, 1, "/a", 5000);
	see(m, SIGHT_OOM, SIGHT_OOM_CONTROL, 1, "/a", 5000);
	run(m, 3 * SECOND);
	CHECK_INT(n_events, 1);

	/* The line that does not come is not waited for. */
	see_kill(m, SIGHT_TRACEFS, 8, "", 4 * SECOND);
	run(m, 4 * SECOND + MERGE_GRACE_USEC);
	CHECK_INT(n_events, 2);
	CHECK_INT(events[1].sources, 1u << SIGHT_TRACEFS);
	see_kill(m, SIGHT_KMSG, 8, "/a", 4 * SECOND + 5000);
	run(m, 9 * SECOND);
	CHECK_INT(n_events, 2);
	merge_free(m);
}

/* A snapshot saw it before it moved; the counter and the log are of where it died. */
static void test_moved(void)
{
	struct merge *m = start(true);

	see_kill(m, SIGHT_TRACEFS, 7, "/before", 1000);
	see(m, SIGHT_KILLS, SIGHT_OOM_CONTROL, 1, "/a", 1050);
	see_kill(m, SIGHT_KMSG, 7, "/a", 1100);
	run(m, 1200);
	CHECK_INT(n_events, 1);
	CHECK_STR(events[0].cgroup, "/a");
	CHECK_INT(events[0].sources,
		  1u << SIGHT_KMSG | 1u << SIGHT_TRACEFS | 1u << SIGHT_OOM_CONTROL);
	run(m, 10 * SECOND);
	CHECK_INT(n_events, 1);
	merge_free(m);
}

static void test_same_pid_again(void)
{
	struct merge *m = start(true);

	see_kill(m, SIGHT_KMSG, 7, "/a", SECOND);
	run(m, SECOND);
	/* A member of an oom.group is logged twice within a moment. */
	see_kill(m, SIGHT_KMSG, 7, "/a", SECOND + 200);
	run(m, SECOND + 200);
	CHECK_INT(n_events, 1);
	see(m, SIGHT_KILLS, SIGHT_MEMORY_EVENTS, 2, "/a", SECOND + 300);
	run(m, 4 * SECOND);
	CHECK_INT(n_events, 1);
	/* Seconds later it is another process. */
	see_kill(m, SIGHT_KMSG, 7, "/a", 5 * SECOND);
	run(m, 5 * SECOND);
	CHECK_INT(n_events, 2);
	merge_free(m);
}

static void test_marks_are_no_counts(void)
{
	struct merge *m = start(true);

	/* The eventfd of v1 fires before the kill, its counter is read after it. */
	see(m, SIGHT_OOM, SIGHT_OOM_CONTROL, 0, "", 1000);
	see_kill(m, SIGHT_KMSG, 7, "/a", 2000);
	run(m, 2000);
	CHECK_INT(n_events, 1);
	CHECK_INT(events[0].sources, 1u << SIGHT_KMSG | 1u << SIGHT_OOM_CONTROL);
	see(m, SIGHT_KILLS, SIGHT_OOM_CONTROL, 1, "/a", 200000);
	run(m, 3 * SECOND);
	CHECK_INT(n_events, 1);
	/* A mark that nothing follows is no event. */
	see(m, SIGHT_OOM, SIGHT_OOM_CONTROL, 0, "", 4 * SECOND);
	run(m, 6 * SECOND);
	CHECK_INT(n_events, 1);
	CHECK(merge_deadline(m) == UINT64_MAX);
	merge_free(m);
}

static void test_counter_without_name(void)
{
	struct merge *m = start(true);

	see(m, SIGHT_KILLS, SIGHT_MEMORY_EVENTS, 3, "/a", SECOND);
	see_kill(m, SIGHT_KMSG, 7, "/a", SECOND + 1000);
	see_kill(m, SIGHT_KMSG, 8, "/b", SECOND + 1000);
	run(m, SECOND + 1000);
	CHECK_INT(n_events, 2);
	/* It had risen before the name came. */
	CHECK_INT(events[0].sources, 1u << SIGHT_KMSG | 1u << SIGHT_MEMORY_EVENTS);
	CHECK_INT(events[1].sources, 1u << SIGHT_KMSG);
	run(m, 2 * SECOND - 1);
	CHECK_INT(n_events, 2);
	run(m, 2 * SECOND);
	CHECK_INT(n_events, 3);
	CHECK_INT(events[2].kind, SIGHT_KILLS);
	CHECK_INT(events[2].count, 2);
	CHECK_INT(events[2].have & SIGHT_HAVE_PID, 0);
	CHECK_STR(events[2].cgroup, "/a");
	merge_free(m);
}

static void test_oom_without_kill(void)
{
	struct merge *m = start(true);

	see(m, SIGHT_OOM, SIGHT_MEMORY_EVENTS, 2, "/a", SECOND);
	run(m, 2 * SECOND);
	CHECK_INT(n_events, 1);
	CHECK_INT(events[0].kind, SIGHT_OOM);
	CHECK_INT(events[0].count, 2);
	/* Somebody below died of it. */
	see(m, SIGHT_OOM, SIGHT_MEMORY_EVENTS, 1, "/a", 3 * SECOND);
	see_kill(m, SIGHT_KMSG, 7, "/a/b", 3 * SECOND + 10);
	run(m, 5 * SECOND);
	CHECK_INT(n_events, 2);
	CHECK_INT(events[1].kind, SIGHT_KILL);
	/* "/ab" is not below "/a". */
	see(m, SIGHT_OOM, SIGHT_MEMORY_EVENTS, 1, "/a", 9 * SECOND);
	see_kill(m, SIGHT_KMSG, 8, "/ab", 9 * SECOND + 10);
	run(m, 11 * SECOND);
	CHECK_INT(n_events, 4);
	CHECK_INT(events[3].kind, SIGHT_OOM);
	merge_free(m);
}

/* The kernel's sum finds what no source told. */
static void test_total(void)
{
	struct merge *m = start(true);

	total(m, 10, 0);
	see_kill(m, SIGHT_KMSG, 7, "/a", SECOND);
	run(m, SECOND);
	CHECK(!merge_wants_total(m, SECOND + 1));
	CHECK(merge_wants_total(m, 2 * SECOND));
	total(m, 12, 2 * SECOND);
	run(m, 2 * SECOND);
	CHECK_INT(n_events, 1);
	/* Once is not enough: a line may be on its way. */
	CHECK(merge_wants_total(m, 3 * SECOND));
	total(m, 12, 3 * SECOND);
	run(m, 3 * SECOND);
	CHECK_INT(n_events, 2);
	CHECK_INT(events[1].kind, SIGHT_KILLS);
	CHECK_INT(events[1].count, 1);
	CHECK_INT(events[1].sources, 1u << SIGHT_VMSTAT);
	/* And it is told once. */
	for (uint64_t t = 4; t < 8; t++) {
		if (merge_wants_total(m, t * SECOND))
			total(m, 12, t * SECOND);
		run(m, t * SECOND);
	}
	CHECK_INT(n_events, 2);
	CHECK(merge_deadline(m) == UINT64_MAX);

	/* The line that was on its way. */
	see(m, SIGHT_KILLS, SIGHT_MEMORY_EVENTS, 0, "/gone", 10 * SECOND);
	total(m, 13, 11 * SECOND);
	run(m, 11 * SECOND);
	see_kill(m, SIGHT_KMSG, 9, "/a", 11 * SECOND + 500000);
	run(m, 11 * SECOND + 500000);
	total(m, 13, 12 * SECOND);
	run(m, 12 * SECOND);
	CHECK_INT(n_events, 3);
	CHECK_INT(events[2].pid, 9);
	merge_free(m);
}

static void test_total_may_lag_or_lack(void)
{
	struct merge *m = start(true);

	/* A victim that was dying already is marked and not counted; that hides nothing later. */
	total(m, 0, 0);
	see_kill(m, SIGHT_TRACEFS, 5, "", SECOND);
	run(m, SECOND + MERGE_GRACE_USEC);
	for (uint64_t t = 2; t < 6; t++) {
		if (merge_wants_total(m, t * SECOND))
			total(m, 0, t * SECOND);
		run(m, t * SECOND);
	}
	CHECK_INT(n_events, 1);
	see(m, SIGHT_KILLS, SIGHT_MEMORY_EVENTS, 0, "/gone", 10 * SECOND);
	total(m, 1, 11 * SECOND);
	run(m, 11 * SECOND);
	total(m, 1, 12 * SECOND);
	run(m, 12 * SECOND);
	CHECK_INT(n_events, 2);
	CHECK_INT(events[1].count, 1);
	merge_free(m);

	m = start(true);
	merge_no_total(m);
	see_kill(m, SIGHT_KMSG, 5, "", SECOND);
	run(m, SECOND);
	CHECK(!merge_wants_total(m, 9 * SECOND));
	run(m, 9 * SECOND);
	CHECK_INT(n_events, 1);
	CHECK(merge_deadline(m) == UINT64_MAX);
	merge_free(m);
}

static void test_gap(void)
{
	struct merge *m = start(true);

	total(m, 0, 0);
	see(m, SIGHT_GAP, SIGHT_KMSG, 0, "", SECOND);
	see(m, SIGHT_GAP, SIGHT_KMSG, 0, "", SECOND + 10);
	total(m, 4, 2 * SECOND);
	run(m, 2 * SECOND);
	CHECK_INT(n_events, 0);
	total(m, 4, 3 * SECOND);
	run(m, 3 * SECOND);
	CHECK_INT(n_events, 1);
	CHECK_INT(events[0].kind, SIGHT_GAP);
	CHECK_INT(events[0].count, 4);
	CHECK(events[0].have & SIGHT_HAVE_COUNT);
	CHECK_INT(events[0].lost, 6);

	/* Nothing was missed: said all the same. */
	see(m, SIGHT_GAP, SIGHT_TRACEFS, 0, "", 10 * SECOND);
	total(m, 4, 11 * SECOND);
	run(m, 11 * SECOND);
	CHECK_INT(n_events, 2);
	CHECK_INT(events[1].count, 0);
	CHECK(events[1].have & SIGHT_HAVE_COUNT);
	merge_free(m);

	/* Without a sum it is not known. */
	m = start(true);
	merge_no_total(m);
	see(m, SIGHT_GAP, SIGHT_KMSG, 0, "", SECOND);
	run(m, 2 * SECOND);
	CHECK_INT(n_events, 1);
	CHECK(!(events[0].have & SIGHT_HAVE_COUNT));
	merge_free(m);
}

/* A sum that cannot be read is asked for again, and nobody says that no kill was missed. */
static void test_total_unread(void)
{
	struct merge *m = start(true);
	struct moment now = at(SECOND);

	total(m, 0, 0);
	see(m, SIGHT_GAP, SIGHT_KMSG, 0, "", 0);
	CHECK(merge_wants_total(m, SECOND));
	merge_unread(m, &now);
	run(m, SECOND);
	CHECK_INT(n_events, 0);
	CHECK(merge_deadline(m) == 2 * SECOND);
	total(m, 3, 2 * SECOND);
	run(m, 2 * SECOND);
	total(m, 3, 3 * SECOND);
	run(m, 3 * SECOND);
	CHECK_INT(n_events, 1);
	CHECK_INT(events[0].count, 3);
	CHECK(events[0].have & SIGHT_HAVE_COUNT);

	/* Again and again: the gap is told without. */
	see(m, SIGHT_GAP, SIGHT_KMSG, 0, "", 10 * SECOND);
	for (uint64_t t = 11; t < 30; t++) {
		now = at(t * SECOND);
		if (merge_wants_total(m, t * SECOND))
			merge_unread(m, &now);
		run(m, t * SECOND);
	}
	CHECK_INT(n_events, 2);
	CHECK(!(events[1].have & SIGHT_HAVE_COUNT));
	/* And once it can be read, what was missed is told. */
	CHECK(merge_wants_total(m, 31 * SECOND));
	total(m, 5, 31 * SECOND);
	run(m, 31 * SECOND);
	total(m, 5, 32 * SECOND);
	run(m, 32 * SECOND);
	CHECK_INT(n_events, 3);
	CHECK_INT(events[2].count, 2);
	/* At the end what a gap hid is not known. */
	now = at(50 * SECOND);
	see(m, SIGHT_GAP, SIGHT_KMSG, 0, "", 50 * SECOND);
	merge_end(m, &now);
	CHECK_INT(n_events, 4);
	CHECK(!(events[3].have & SIGHT_HAVE_COUNT));
	merge_free(m);
}

/* Nothing was seen, and yet the sum is wanted. */
static void test_look(void)
{
	struct merge *m = start(true);
	struct moment now = at(5 * SECOND);

	total(m, 7, 0);
	CHECK(!merge_wants_total(m, 6 * SECOND));
	merge_look(m, &now);
	CHECK(merge_wants_total(m, 6 * SECOND));
	total(m, 8, 6 * SECOND);
	run(m, 6 * SECOND);
	total(m, 8, 7 * SECOND);
	run(m, 7 * SECOND);
	CHECK_INT(n_events, 1);
	CHECK_INT(events[0].kind, SIGHT_KILLS);
	CHECK_INT(events[0].count, 1);
	merge_free(m);
}

static void test_storm(void)
{
	struct merge *m = start(true);

	total(m, 0, 0);
	for (int32_t i = 0; i < 3000; i++) {
		see_kill(m, SIGHT_TRACEFS, 1000 + i, "", SECOND + (uint64_t)i * 1000);
		see_kill(m, SIGHT_KMSG, 1000 + i, "/a", SECOND + (uint64_t)i * 1000 + 100);
		if (i % 100 == 99) {
			see(m, SIGHT_KILLS, SIGHT_MEMORY_EVENTS, 100, "/a",
			    SECOND + (uint64_t)i * 1000 + 200);
			run(m, SECOND + (uint64_t)i * 1000 + 300);
		}
	}
	for (uint64_t t = 4; t < 10; t++) {
		if (merge_wants_total(m, t * SECOND))
			total(m, 3000, t * SECOND);
		run(m, t * SECOND);
	}
	CHECK_INT(n_events, 3000);
	for (size_t i = 0; i < n_events; i++)
		if (events[i].kind != SIGHT_KILL || events[i].pid != 1000 + (int32_t)i) {
			CHECK_INT(events[i].pid, 1000 + (int32_t)i);
			break;
		}
	merge_free(m);
}

static void test_replayed(void)
{
	struct merge *m = start(true);
	struct sighting s = {
		.kind = SIGHT_KILL,
		.sources = 1u << SIGHT_KMSG,
		.have = SIGHT_HAVE_PID,
		.pid = 3,
		.count = 1,
		.replayed = true,
		.mono_usec = 50 * SECOND,
	};

	/* What was before the first sum is no part of it. */
	total(m, 9, 100 * SECOND);
	merge_see(m, &s);
	run(m, 100 * SECOND);
	CHECK_INT(n_events, 1);
	CHECK(merge_deadline(m) == UINT64_MAX);
	see(m, SIGHT_KILLS, SIGHT_MEMORY_EVENTS, 0, "/gone", 110 * SECOND);
	total(m, 10, 111 * SECOND);
	run(m, 111 * SECOND);
	total(m, 10, 112 * SECOND);
	run(m, 112 * SECOND);
	CHECK_INT(n_events, 2);
	CHECK_INT(events[1].count, 1);
	merge_free(m);
}

int main(void)
{
	test_one_kill_one_event();
	test_moved();
	test_same_pid_again();
	test_marks_are_no_counts();
	test_counter_without_name();
	test_oom_without_kill();
	test_total();
	test_total_may_lag_or_lack();
	test_gap();
	test_total_unread();
	test_look();
	test_storm();
	test_replayed();
	return check_done();
}
