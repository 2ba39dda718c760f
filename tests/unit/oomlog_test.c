/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kill lines of every era, and what becomes of events that lack parts. */
#include "oomlog.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

struct result {
	size_t n;
	struct oom_kill kill;
	char comm[64];
	size_t kills, rows, missing;
	enum constraint constraint;
	bool certain; /* that it is this one */
	bool complete;
};

static void keep(void *ctx, struct oom_event *e)
{
	struct result *r = ctx;
	const char *names[16];

	r->n++;
	r->kills += e->n_kills;
	r->rows += e->n_rows;
	r->constraint = e->constraint;
	r->certain = e->constraint_certain;
	r->complete = oomlog_is_complete(e);
	r->missing = oomlog_missing(e, names, 16);
	if (e->n_kills) {
		r->kill = e->kills[0];
		snprintf(r->comm, sizeof(r->comm), "%s", r->kill.comm ? r->kill.comm : "");
	}
}

static void feed_text(void *ctx, const struct logtext *t)
{
	oomlog_feed(ctx, t);
}

static struct result read_log(const char *log, size_t n)
{
	struct logline_options opt = { 0 };
	struct result r = { 0 };
	struct oomlog *p = oomlog_new(keep, &r);
	struct logline l;
	const char *end = log + n;

	CHECK(p != NULL);
	CHECK_INT(logline_init(&l, &opt, feed_text, p), 0);
	while (log < end) {
		const char *newline = memchr(log, '\n', (size_t)(end - log));
		const char *stop = newline ? newline : end;

		logline_feed(&l, log, (size_t)(stop - log), false);
		log = stop + 1;
	}
	logline_end(&l);
	oomlog_end(p);
	CHECK_INT(oomlog_error(p), 0);
	oomlog_free(p);
	logline_free(&l);
	return r;
}

static void test_kill_lines(void)
{
	static const struct {
		const char *line;
		int pid;
		const char *comm;
		long long anon_kib; /* -1: none */
		int uid;            /* -1: none */
		enum constraint constraint;
	} eras[] = {
		{ "Out of Memory: Killed process 475 (identd).", 475, "identd", -1, -1,
		  CONSTRAINT_NONE },
		{ "Out of memory: Killed process 7919, UID 504 oracle", 7919, "oracle", -1, 504,
		  CONSTRAINT_NONE },
		{ "Killed process 3374 (a) vsz:8kB, anon-rss:4kB, file-rss:0kB", 3374, "a", 4, -1,
		  CONSTRAINT_NONE },
		{ "Killed process 13550, UID 500, (java) total-vm:8kB, anon-rss:4kB, file-rss:0kB",
		  13550, "java", 4, 500, CONSTRAINT_NONE },
		{ "Killed process 1847 (node), UID 80, total-vm:8kB, anon-rss:4kB, file-rss:0kB, "
		  "shmem-rss:0kB",
		  1847, "node", 4, 80, CONSTRAINT_NONE },
		{ "Memory cgroup out of memory: Killed process 5 ((sd-pam)) total-vm:8kB, "
		  "anon-rss:4kB, file-rss:0kB, shmem-rss:0kB, UID:3 pgtables:4kB oom_score_adj:-9",
		  5, "(sd-pam)", 4, 3, CONSTRAINT_MEMCG },
	};

	for (size_t i = 0; i < sizeof(eras) / sizeof(eras[0]); i++) {
		struct result r = read_log(eras[i].line, strlen(eras[i].line));

		CHECK_INT(r.n, 1);
		CHECK_INT(r.kills, 1);
		CHECK_INT(r.kill.pid, eras[i].pid);
		CHECK_STR(r.comm, eras[i].comm);
		CHECK_INT(r.kill.have & OOM_HAVE_ANON ? (long long)r.kill.anon_kib : -1,
			  eras[i].anon_kib);
		CHECK_INT(r.kill.have & OOM_HAVE_UID ? (int)r.kill.uid : -1, eras[i].uid);
		CHECK_INT(r.constraint, eras[i].constraint);
		/* A cpuset's kill has the same words. */
		CHECK_INT(r.certain, eras[i].constraint == CONSTRAINT_MEMCG);
		CHECK_INT(r.complete, false);
	}
}

/* Until 2.6.28 a page fault without memory named no pid. */
static void test_page_fault(void)
{
	static const char log[] = "Jun  1 10:00:00 h kernel: VM: killing process mozilla-bin\n"
				  "Jun  1 10:00:00 h sshd[1]: VM: killing process x\n"
				  "it says VM: killing process y\n";
	struct result r = read_log(log, sizeof(log) - 1);

	CHECK_INT(r.n, 1);
	CHECK_INT(r.kills, 1);
	CHECK_INT(r.kill.have & OOM_HAVE_PID, 0);
	CHECK_STR(r.comm, "mozilla-bin");
}

static void test_no_kill(void)
{
	static const char *const lines[] = {
		"mostly \"Out of memory: Killed process....\" when RAM is less",
		"killing process 27541 \"bash\" with signal 15",
		"Out of memory: Killed process 167.....\"",
		"Jan  1 00:00:00 h systemd[1]: a.service: Killing process 5 (a) with SIGKILL.",
		"a: page allocation failure: order:5, mode:0x4020",
		"oom_score_adj",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		CHECK_INT(read_log(lines[i], strlen(lines[i])).n, 0);
}

static const char whole[] =
	"[  1.000001] a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
	"[  1.000002] memory: usage 48kB, limit 48kB, failcnt 1\n"
	"[  1.000003] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents "
	"oom_score_adj "
	"name\n"
	"[  1.000004] [      7]     0     7        2        1     4096        0             5 b c\n"
	"[  1.000005] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,"
	"oom_memcg=/x,task_memcg=/x/y,task=b c,pid=7,uid=0\n"
	"[  1.000006] Memory cgroup out of memory: Killed process 7 (b c) total-vm:8kB, "
	"anon-rss:4kB, file-rss:0kB, shmem-rss:0kB\n";

static void test_whole(void)
{
	struct result r = read_log(whole, sizeof(whole) - 1);

	CHECK_INT(r.n, 1);
	CHECK_INT(r.rows, 1);
	CHECK_INT(r.complete, true);
	CHECK_INT(r.missing, 0);
	CHECK_INT(r.kill.oom_score_adj, 5);
	CHECK_STR(r.comm, "b c");
}

#define GROUP_OOM(first, group)                                                                    \
	"[  1.000001] a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=-1, "                \
	"oom_score_adj=0\n"                                                                        \
	"[  1.000002] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents "            \
	"oom_score_adj name\n"                                                                     \
	"[  1.000003] [      7]     0     7        2        1     4096        0             0 b\n" \
	"[  1.000003] [      8]     0     8        2        1     4096        0             0 b\n" \
	"[  1.000003] [      9]     0     9        2        1     4096        0             0 b\n" \
	"[  1.000005] oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,"               \
	"mems_allowed=0,global_oom,task_memcg=" group ",task=b,pid=" first                         \
	",uid=0\n" KILLED(first) "[  1.000007] Tasks in " group                                    \
				 " are going to be killed due to memory.oom.group set\n"
#define KILLED(pid)                                       \
	"[  1.000006] Out of memory: Killed process " pid \
	" (b) total-vm:8kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB\n"

/* The first victim of a group stands in the log twice, and it is not one of the group before. */
static void test_groups(void)
{
	static const char log[] = GROUP_OOM("7", "/a") GROUP_OOM("8", "/b") KILLED("9") KILLED("8");
	struct result r = read_log(log, sizeof(log) - 1);

	CHECK_INT(r.n, 2);
	CHECK_INT(r.kills, 3);
	CHECK_INT(r.kill.pid, 8);
}

#define TASKS_IN(group) \
	"[  1.000007] Tasks in " group " are going to be killed due to memory.oom.group set\n"

/* Of many reports in a few seconds the kernel writes the kills alone: the first of the next group
 * is none of the group before, and neither is one that another kind of OOM has killed. */
static void test_groups_without_reports(void)
{
	static const char next[] = GROUP_OOM("7", "/a") KILLED("8") KILLED("20") TASKS_IN("/b")
		KILLED("21") KILLED("20");
	static const char other[] = GROUP_OOM("7", "/a") KILLED(
		"8") "[  1.000009] Memory cgroup out of memory: Killed process 9 (b) total-vm:8kB, "
		     "anon-rss:4kB, file-rss:0kB, shmem-rss:0kB\n";
	struct result r = read_log(next, sizeof(next) - 1);

	CHECK_INT(r.n, 2);
	CHECK_INT(r.kills, 4);
	CHECK_INT(r.kill.pid, 20);
	r = read_log(other, sizeof(other) - 1);
	CHECK_INT(r.n, 2);
	CHECK_INT(r.kills, 3);
	CHECK_INT(r.constraint, CONSTRAINT_MEMCG);
}

/* Cut at every byte, from either end, it yields one event at most and no harm. */
static void test_cut_anywhere(void)
{
	for (size_t n = 0; n < sizeof(whole); n++) {
		char *copy = malloc(n + 1);

		memcpy(copy, whole, n);
		CHECK(read_log(copy, n).n <= 1);
		memcpy(copy, whole + sizeof(whole) - 1 - n, n);
		CHECK(read_log(copy, n).kills <= 1);
		free(copy);
	}
}

int main(void)
{
	test_kill_lines();
	test_no_kill();
	test_page_fault();
	test_whole();
	test_groups();
	test_groups_without_reports();
	test_cut_anywhere();
	return check_done();
}
