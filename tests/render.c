/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel logs made to order: OOM events in the layout of each kernel since 2.4, by the formats of
 * mm/oom_kill.c and mm/memcontrol.c, put through each transport. `render SEED DIR` writes
 * DIR/TRANSPORT.log, every event in each, and DIR/truth.json, what was written. Lines that a mailer
 * breaks lose nothing but their shape.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { ROWS_MAX = 6, LINES_MAX = 160, FIRST_UPTIME = 5000 };

/* ------------------------------------------------------------------ kernels */

enum header {
	HEADER_NONE,
	HEADER_BARE,
	HEADER_ORDER,
	HEADER_OOMKILLADJ,
	HEADER_OOM_ADJ,
	HEADER_BOTH,
	HEADER_ADJ,
	HEADER_GFP,
	HEADER_NODEMASK,
	HEADER_TWO_BLANKS
};
enum chosen { CHOSEN_NONE, CHOSEN_CHILDREN, CHOSEN_OR_CHILD, CHOSEN_SACRIFICE };
enum kill {
	KILL_DOT,
	KILL_MESSAGE_DOT,
	KILL_PLAIN,
	KILL_VSZ,
	KILL_TOTAL_VM,
	KILL_EL6,
	KILL_EL7,
	KILL_SHMEM,
	KILL_PREFIXED,
	KILL_EL8,
	KILL_PGTABLES
};
enum table {
	TABLE_NONE,
	TABLE_OOM_ADJ,
	TABLE_BOTH,
	TABLE_PTES,
	TABLE_PMDS,
	TABLE_PGTABLES,
	TABLE_WIDE,
	TABLE_RSS
};
enum memcg { MEMCG_NONE, MEMCG_PREFIX, MEMCG_TASK_IN, MEMCG_SPLIT, MEMCG_NUMBERS };

/* What its reports have beside that. */
enum has {
	CPUSET_LINE = 1,
	RECORD = 2,      /* oom-kill: */
	RECORD_NONE = 4, /* which calls all constraints NONE */
	STATS_LINES = 8, /* memory.stat in a record for each line */
	UID_IN_CPU = 16,
	PROTECTION = 32,
	BOOST = 64,
};

struct kernel {
	const char *release;
	enum header header;
	enum chosen chosen;
	enum kill kill;
	enum table table;
	enum memcg memcg;
	unsigned has; /* enum has */
};

static const struct kernel kernels[] = {
	{ "2.4.18", HEADER_NONE, CHOSEN_NONE, KILL_DOT, TABLE_NONE, MEMCG_NONE, 0 },
	{ "2.6.11.7", HEADER_BARE, CHOSEN_NONE, KILL_DOT, TABLE_NONE, MEMCG_NONE, 0 },
	{ "2.6.14", HEADER_ORDER, CHOSEN_NONE, KILL_DOT, TABLE_NONE, MEMCG_NONE, 0 },
	{ "2.6.17-1.2187_FC5", HEADER_ORDER, CHOSEN_CHILDREN, KILL_MESSAGE_DOT, TABLE_NONE,
	  MEMCG_NONE, 0 },
	{ "2.6.19.1", HEADER_OOMKILLADJ, CHOSEN_CHILDREN, KILL_MESSAGE_DOT, TABLE_NONE, MEMCG_NONE,
	  0 },
	{ "2.6.22-14-generic", HEADER_OOMKILLADJ, CHOSEN_OR_CHILD, KILL_PLAIN, TABLE_NONE,
	  MEMCG_NONE, 0 },
	{ "2.6.27.7", HEADER_OOMKILLADJ, CHOSEN_OR_CHILD, KILL_PLAIN, TABLE_OOM_ADJ, MEMCG_PREFIX,
	  0 },
	{ "2.6.32.8", HEADER_OOM_ADJ, CHOSEN_OR_CHILD, KILL_PLAIN, TABLE_OOM_ADJ, MEMCG_TASK_IN,
	  CPUSET_LINE },
	{ "2.6.34", HEADER_OOM_ADJ, CHOSEN_OR_CHILD, KILL_VSZ, TABLE_OOM_ADJ, MEMCG_TASK_IN,
	  CPUSET_LINE },
	{ "3.2.0-4-amd64", HEADER_BOTH, CHOSEN_SACRIFICE, KILL_TOTAL_VM, TABLE_BOTH, MEMCG_TASK_IN,
	  CPUSET_LINE },
	{ "2.6.32-754.el6.x86_64", HEADER_BOTH, CHOSEN_SACRIFICE, KILL_EL6, TABLE_BOTH,
	  MEMCG_TASK_IN, CPUSET_LINE },
	{ "3.7.10", HEADER_ADJ, CHOSEN_SACRIFICE, KILL_TOTAL_VM, TABLE_PTES, MEMCG_TASK_IN,
	  CPUSET_LINE },
	{ "3.10.0-1160.el7.x86_64", HEADER_ADJ, CHOSEN_SACRIFICE, KILL_EL7, TABLE_PTES,
	  MEMCG_TASK_IN, CPUSET_LINE },
	{ "3.16.1", HEADER_ADJ, CHOSEN_SACRIFICE, KILL_TOTAL_VM, TABLE_PTES, MEMCG_SPLIT,
	  CPUSET_LINE },
	{ "4.1.12", HEADER_ADJ, CHOSEN_SACRIFICE, KILL_TOTAL_VM, TABLE_PMDS, MEMCG_TASK_IN,
	  CPUSET_LINE },
	{ "4.5.7", HEADER_ADJ, CHOSEN_SACRIFICE, KILL_SHMEM, TABLE_PMDS, MEMCG_TASK_IN,
	  CPUSET_LINE },
	{ "4.8.17", HEADER_GFP, CHOSEN_SACRIFICE, KILL_SHMEM, TABLE_PMDS, MEMCG_TASK_IN,
	  CPUSET_LINE },
	{ "4.9.0-13-amd64", HEADER_NODEMASK, CHOSEN_SACRIFICE, KILL_SHMEM, TABLE_PMDS,
	  MEMCG_TASK_IN, CPUSET_LINE },
	{ "4.14.336", HEADER_TWO_BLANKS, CHOSEN_SACRIFICE, KILL_SHMEM, TABLE_PMDS, MEMCG_TASK_IN,
	  CPUSET_LINE },
	{ "4.15.0-213-generic", HEADER_NODEMASK, CHOSEN_SACRIFICE, KILL_SHMEM, TABLE_PGTABLES,
	  MEMCG_TASK_IN, CPUSET_LINE },
	{ "4.19.0-27-amd64", HEADER_NODEMASK, CHOSEN_SACRIFICE, KILL_SHMEM, TABLE_WIDE,
	  MEMCG_TASK_IN, CPUSET_LINE },
	{ "4.18.0-147.el8.x86_64", HEADER_NODEMASK, CHOSEN_NONE, KILL_PREFIXED, TABLE_PGTABLES,
	  MEMCG_TASK_IN, CPUSET_LINE },
	{ "4.18.0-240.el8.x86_64", HEADER_GFP, CHOSEN_NONE, KILL_EL8, TABLE_WIDE, MEMCG_NUMBERS,
	  RECORD },
	{ "5.0.21", HEADER_GFP, CHOSEN_SACRIFICE, KILL_SHMEM, TABLE_WIDE, MEMCG_NUMBERS,
	  RECORD | RECORD_NONE },
	{ "5.2.21", HEADER_GFP, CHOSEN_NONE, KILL_PREFIXED, TABLE_WIDE, MEMCG_NUMBERS, RECORD },
	{ "5.4.0-216-generic", HEADER_GFP, CHOSEN_NONE, KILL_PGTABLES, TABLE_WIDE, MEMCG_NUMBERS,
	  RECORD },
	{ "6.1.0-37-amd64", HEADER_GFP, CHOSEN_NONE, KILL_PGTABLES, TABLE_WIDE, MEMCG_NUMBERS,
	  RECORD | BOOST },
	{ "6.6.87", HEADER_GFP, CHOSEN_NONE, KILL_PGTABLES, TABLE_WIDE, MEMCG_NUMBERS,
	  RECORD | BOOST | STATS_LINES },
	{ "6.8.0-60-generic", HEADER_GFP, CHOSEN_NONE, KILL_PGTABLES, TABLE_RSS, MEMCG_NUMBERS,
	  RECORD | BOOST | STATS_LINES },
	{ "6.12.90", HEADER_GFP, CHOSEN_NONE, KILL_PGTABLES, TABLE_RSS, MEMCG_NUMBERS,
	  RECORD | BOOST | STATS_LINES | UID_IN_CPU },
	{ "7.2.12", HEADER_GFP, CHOSEN_NONE, KILL_PGTABLES, TABLE_RSS, MEMCG_NUMBERS,
	  RECORD | BOOST | STATS_LINES | UID_IN_CPU | PROTECTION },
};

enum kind {
	GLOBAL,
	MEMCG,
	SYSRQ,
	ALLOCATING,
	POLICY,
	CPUSET,
	NO_KILLABLE,
	PANIC,
	GROUP,
	SHARING,
	CHILD,
	REAPED,
	UNREAPED,
	EXITING,
	KILL_ALONE,
	KIND_N
};

static const char *const kind_names[KIND_N] = {
	[GLOBAL] = "global",           [MEMCG] = "memcg",     [SYSRQ] = "sysrq",
	[ALLOCATING] = "allocating",   [POLICY] = "policy",   [CPUSET] = "cpuset",
	[NO_KILLABLE] = "no_killable", [PANIC] = "panic",     [GROUP] = "group",
	[SHARING] = "sharing",         [CHILD] = "child",     [REAPED] = "reaped",
	[UNREAPED] = "unreaped",       [EXITING] = "exiting", [KILL_ALONE] = "kill_alone",
};

/* Which kernels print such a thing. */
static bool exists(const struct kernel *k, enum kind kind)
{
	switch (kind) {
	case GLOBAL:
		return true;
	case MEMCG:
		return k->memcg != MEMCG_NONE;
	case SYSRQ:
	case NO_KILLABLE:
	case PANIC:
		return k->header != HEADER_NONE;
	case ALLOCATING:
		return k->memcg != MEMCG_NONE;
	case POLICY:
		return k->chosen == CHOSEN_OR_CHILD || k->chosen == CHOSEN_CHILDREN ||
		       ((k->has & RECORD) && !(k->has & RECORD_NONE));
	case CPUSET:
		return k->chosen == CHOSEN_CHILDREN ||
		       ((k->has & RECORD) && !(k->has & RECORD_NONE));
	case GROUP:
		return k->table >= TABLE_WIDE;
	case SHARING:
		return k->chosen == CHOSEN_SACRIFICE && k->table < TABLE_PGTABLES;
	case CHILD:
		return k->chosen >= CHOSEN_OR_CHILD;
	case REAPED:
	case UNREAPED:
		return k->header >= HEADER_GFP;
	case EXITING:
		return k->kill == KILL_PGTABLES;
	case KILL_ALONE:
		return k->kill >= KILL_PLAIN;
	default:
		return false;
	}
}

/* ------------------------------------------------------------------ an event */

struct row {
	int pid;
	unsigned uid;
	unsigned long total_vm, anon, file, shmem, ptes, pmds, pgtables, swap;
	int adj, oom_adj;
	const char *comm;
};

struct event {
	const struct kernel *k;
	enum kind kind;
	uint64_t random;
	struct row rows[ROWS_MAX];
	int n_rows, victim, chosen; /* the two differ where a child died */
	const char *comm;           /* who asked */
	int pid, adj, oom_adj, order, cpu;
	unsigned gfp;
	const char *gfp_names, *limit_path, *task_path;
	unsigned long usage, limit, failcnt, swap_usage, swap_limit, memsw_limit, kmem;
	unsigned long ram, reserved, swap_total, swap_free, zone_free, zone_min;
	long score;
	bool v2;
	uint64_t uptime;       /* microseconds, of the first line */
	int n_lines, n_before; /* lines, and those of them before the header */
	char *lines[LINES_MAX];
};

static unsigned below(struct event *e, unsigned n)
{
	return random_below(&e->random, n);
}

__attribute__((format(printf, 2, 3))) static void line(struct event *e, const char *fmt, ...)
{
	va_list args;

	if (e->n_lines == LINES_MAX)
		abort();
	va_start(args, fmt);
	if (vasprintf(&e->lines[e->n_lines++], fmt, args) < 0)
		abort();
	va_end(args);
}

static const char *const names[] = {
	"java",
	"php-fpm: pool w",
	"tmux: server",
	"(sd-pam)",
	"Web Content",
	"kworker/u8:3",
	"mysqld",
	"a,pid=7,uid=0",
	"x=y",
	"runc:[2:INIT]",
	"531",
	"node /opt/www/p",
	"python3.13",
	"a) (b",
	"in:imjournal",
	"chrome",
	"ThreadPoolForeg",
	"01-cpu-hotplug",
	"-bash",
	"sh -c k: x",
	"",
	" ",
};

static const char *const paths[] = {
	"/system.slice/"
	"docker-3b1c7d8e9f00112233445566778899aabbccddeeff00112233445566778899aa.scope",
	"/kubepods.slice/kubepods-burstable.slice/"
	"kubepods-burstable-pod0a1b2c3d_1111_2222_3333_444455556666.slice/"
	"cri-containerd-00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff.scope",
	"/kubepods/besteffort/pod0a1b2c3d-1111-2222-3333-444455556666/"
	"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
	"/user.slice/user-1000.slice/user@1000.service/app.slice/app-org.gnome.Terminal.slice/"
	"vte-spawn.scope",
	"/user.slice/user@1000.service/app.slice/app-org.x\\x2dterm.scope",
	"/a b/c,task=d",
	"/lxc.payload.test",
	"/",
};

static void make_row(struct event *e, struct row *r, int i)
{
	*r = (struct row){
		.pid = 300 + i * 1000 + (int)below(e, 900),
		.uid = below(e, 4) ? below(e, 70000) : 12345678,
		.anon = 1000 + below(e, 5000000),
		.file = below(e, 3000),
		.shmem = below(e, 3) ? 0 : below(e, 9000),
		.ptes = 4 + below(e, 9000),
		.pmds = 1 + below(e, 20),
		.swap = below(e, 100000),
		.adj = (int)below(e, 2001) - 1000,
		.oom_adj = (int)below(e, 32) - 16,
		.comm = names[below(e, COUNT(names))],
	};
	if (i == ROWS_MAX - 1)
		r->pid = 4194304;
	r->total_vm = r->anon + r->file + r->shmem + below(e, 100000000);
	r->pgtables = (r->ptes + r->pmds) * 4096;
}

static void make_event(struct event *e)
{
	e->n_rows = 2 + (int)below(e, ROWS_MAX - 1);
	for (int i = 0; i < e->n_rows; i++)
		make_row(e, &e->rows[i], i);
	e->chosen = (int)below(e, (unsigned)e->n_rows);
	e->victim = e->kind == CHILD ? (e->chosen + 1) % e->n_rows : e->chosen;
	e->comm = e->kind == SYSRQ ? "kworker/0:1" : names[below(e, COUNT(names))];
	e->pid = 100 + (int)below(e, 100000);
	e->adj = e->kind == SYSRQ ? 0 : (int)below(e, 2001) - 1000;
	e->oom_adj = (int)below(e, 32) - 16;
	e->order = (int)below(e, 4);
	e->cpu = (int)below(e, 256);
	e->gfp = e->k->header >= HEADER_GFP ? 0x140cca : 0x201da;
	e->gfp_names = "GFP_HIGHUSER_MOVABLE|__GFP_COMP";
	e->limit_path = paths[below(e, COUNT(paths) - 1)];
	e->task_path = below(e, 2) ? e->limit_path : "/user.slice/user-0.slice/session-1.scope";
	e->limit = 4096 + below(e, 1u << 30);
	e->usage = e->limit - below(e, 4096);
	e->failcnt = below(e, 1u << 30);
	e->swap_limit = below(e, 2) ? 9007199254740988ul : below(e, 1u << 20);
	e->swap_usage = below(e, 10000);
	e->memsw_limit = e->limit + below(e, 1u << 20);
	e->kmem = below(e, 100000);
	e->ram = 100000 + below(e, 1u << 28);
	e->reserved = below(e, 50000);
	e->swap_total = below(e, 1u << 24);
	e->swap_free = e->swap_total ? below(e, (unsigned)e->swap_total) : 0;
	e->zone_free = 4ul * below(e, 10000);
	e->zone_min = 4ul * below(e, 10000);
	e->score = below(e, 1990);
	e->v2 = (e->k->has & RECORD) && e->k->kill == KILL_PGTABLES &&
		(e->kind == GROUP || below(e, 3));
	if (e->kind == GROUP)
		e->task_path = e->limit_path;
}

static bool in_memcg(const struct event *e)
{
	return e->kind == MEMCG || e->kind == GROUP;
}

/* ------------------------------------------------------------------ its lines */

static void header_lines(struct event *e)
{
	const struct kernel *k = e->k;
	int order = e->kind == SYSRQ && k->header >= HEADER_ADJ && k->table >= TABLE_PMDS
			    ? -1
			    : e->order;

	if (e->kind == SYSRQ)
		line(e, "%s",
		     k->table < TABLE_PMDS ? "SysRq : Manual OOM execution"
		     : (k->has & RECORD)   ? "sysrq: Manual OOM execution"
					   : "sysrq: SysRq : Manual OOM execution");
	e->n_before = e->n_lines;
	e->order = order;
	switch (k->header) {
	case HEADER_NONE:
		return;
	case HEADER_BARE:
		line(e, "oom-killer: gfp_mask=0x%x", e->gfp);
		break;
	case HEADER_ORDER:
		line(e, "oom-killer: gfp_mask=0x%x, order=%d", e->gfp, order);
		break;
	case HEADER_OOMKILLADJ:
		line(e, "%s invoked oom-killer: gfp_mask=0x%x, order=%d, oomkilladj=%d", e->comm,
		     e->gfp, order, e->oom_adj);
		break;
	case HEADER_OOM_ADJ:
		line(e, "%s invoked oom-killer: gfp_mask=0x%x, order=%d, oom_adj=%d", e->comm,
		     e->gfp, order, e->oom_adj);
		break;
	case HEADER_BOTH:
		line(e,
		     "%s invoked oom-killer: gfp_mask=0x%x, order=%d, oom_adj=%d, oom_score_adj=%d",
		     e->comm, e->gfp, order, e->oom_adj, e->adj);
		break;
	case HEADER_ADJ:
		line(e, "%s invoked oom-killer: gfp_mask=0x%x, order=%d, oom_score_adj=%d", e->comm,
		     e->gfp, order, e->adj);
		break;
	case HEADER_GFP:
		line(e, "%s invoked oom-killer: gfp_mask=%#x(%s), order=%d, oom_score_adj=%d",
		     e->comm, e->gfp, e->gfp_names, order, e->adj);
		break;
	case HEADER_NODEMASK:
		line(e,
		     "%s invoked oom-killer: gfp_mask=%#x(%s), nodemask=(null), order=%d, "
		     "oom_score_adj=%d",
		     e->comm, e->gfp, e->gfp_names, order, e->adj);
		break;
	case HEADER_TWO_BLANKS:
		line(e,
		     "%s invoked oom-killer: gfp_mask=%#x(%s), nodemask=0-1,  order=%d, "
		     "oom_score_adj=%d",
		     e->comm, e->gfp, e->gfp_names, order, e->adj);
		break;
	}
}

/* dump_stack() */
static void trace_lines(struct event *e)
{
	const struct kernel *k = e->k;
	bool old = k->header < HEADER_BOTH;

	if (k->kill == KILL_DOT)
		return;
	if ((k->has & CPUSET_LINE))
		line(e, "%s cpuset=/ mems_allowed=0-1", e->comm);
	if (old && k->header >= HEADER_OOM_ADJ)
		line(e, "Pid: %d, comm: %s Not tainted %s #1", e->pid, e->comm, k->release);
	else if ((k->has & UID_IN_CPU))
		line(e, "CPU: %d UID: 0 PID: %d Comm: %s Not tainted %s #1 PREEMPT(voluntary)",
		     e->cpu, e->pid, e->comm, k->release);
	else if (!old)
		line(e, "CPU: %d PID: %d Comm: %s Tainted: G        W  OE     %s #1", e->cpu,
		     e->pid, e->comm, k->release);
	if (!old)
		line(e, "Hardware name: QEMU Standard PC (Q35 + ICH9, 2009), BIOS "
			"1.16.2-debian-1.16.2-1 04/01/2014");
	line(e, "Call Trace:");
	line(e, old ? " [<c014e1a2>] dump_header+0x54/0x160" : " dump_header+0x4a/0x211");
	line(e,
	     old ? " [<c014e4b7>] oom_kill_process+0x41/0x1f0" : " oom_kill_process.cold+0xb/0x10");
	if (in_memcg(e))
		line(e, old ? " [<c0180f3d>] mem_cgroup_out_of_memory+0x5d/0xa0"
			    : " mem_cgroup_out_of_memory+0x13a/0x150");
	else
		line(e, old ? " [<c014e8d3>] out_of_memory+0x1c3/0x220"
			    : " out_of_memory+0x1ed/0x580");
	line(e, old ? " [<c0104e3b>] error_code+0x73/0x78" : " asm_exc_page_fault+0x26/0x30");
}

static void memcg_lines(struct event *e)
{
	const struct kernel *k = e->k;
	bool in_two = k->memcg == MEMCG_SPLIT;

	if (k->memcg == MEMCG_PREFIX)
		return;
	if (k->memcg == MEMCG_TASK_IN)
		line(e, "Task in %s killed as a result of limit of %s", e->task_path,
		     e->limit_path);
	if (in_two) {
		line(e, "Task in %s", e->task_path);
		line(e, " killed as a result of limit of %s", e->limit_path);
		line(e, "%s", "");
	}
	line(e, "memory: usage %lukB, limit %lukB, failcnt %lu", e->usage, e->limit, e->failcnt);
	if (e->v2) {
		line(e, "swap: usage %lukB, limit %lukB, failcnt 0", e->swap_usage, e->swap_limit);
	} else {
		line(e, "memory+swap: usage %lukB, limit %lukB, failcnt 7",
		     e->usage + e->swap_usage, e->memsw_limit);
		if (k->header >= HEADER_ADJ)
			line(e, "kmem: usage %lukB, limit 9007199254740988kB, failcnt 0", e->kmem);
	}
	if (k->memcg == MEMCG_NUMBERS && k->kill == KILL_PGTABLES) {
		if ((k->has & STATS_LINES)) {
			line(e, "Memory cgroup stats for %s:", e->limit_path);
			line(e, "anon 43253760");
			line(e, "workingset_refault_anon 12");
		} else {
			line(e,
			     "Memory cgroup stats for %s:\nanon 43253760\nfile "
			     "0\nworkingset_refault_anon 12",
			     e->limit_path);
		}
	} else if (k->header >= HEADER_ADJ) {
		line(e,
		     "Memory cgroup stats for %s: cache:0KB rss:%luKB rss_huge:0KB mapped_file:0KB "
		     "swap:0KB "
		     "inactive_anon:0KB active_anon:%luKB inactive_file:0KB active_file:0KB "
		     "unevictable:0KB",
		     e->limit_path, e->usage, e->usage);
	}
}

static void meminfo_lines(struct event *e)
{
	const struct kernel *k = e->k;
	bool old = k->header < HEADER_OOM_ADJ;

	line(e, "%s", k->header < HEADER_OOMKILLADJ ? "Mem-info:" : "Mem-Info:");
	if (!old) {
		line(e,
		     "active_anon:%lu inactive_anon:8300 isolated_anon:0\n active_file:36 "
		     "inactive_file:104 "
		     "isolated_file:0\n unevictable:0 dirty:0 writeback:0\n slab_reclaimable:4500 "
		     "slab_unreclaimable:8100\n mapped:26 shmem:35 pagetables:3\n free:13000 "
		     "free_pcp:0 free_cma:0",
		     e->ram / 3);
		line(e,
		     "Node 0 active_anon:%lukB inactive_anon:33200kB active_file:144kB "
		     "all_unreclaimable? no",
		     e->ram / 3 * 4);
	}
	line(e,
	     "%sDMA32 free:%lukB%s min:%lukB low:%lukB high:%lukB active_anon:12kB present:3000kB "
	     "managed:2900kB",
	     old ? "" : "Node 0 ", e->zone_free, (k->has & BOOST) ? " boost:0kB" : "", e->zone_min,
	     e->zone_min * 5 / 4, e->zone_min * 3 / 2);
	line(e, "lowmem_reserve[]: 0 0 0 0");
	line(e, "%sDMA32: 3*4kB %s0*8kB 1*16kB %s= %lukB", old ? "" : "Node 0 ", old ? "" : "(UM) ",
	     old ? "" : "(U) ", e->zone_free);
	line(e, "1000 total pagecache pages");
	line(e, "Free swap  = %lukB", e->swap_free);
	line(e, "Total swap = %lukB", e->swap_total);
	line(e, k->header < HEADER_OOMKILLADJ ? "%lu pages of RAM" : "%lu pages RAM", e->ram);
	line(e, k->header < HEADER_OOMKILLADJ ? "%lu reserved pages" : "%lu pages reserved",
	     e->reserved);
}

static void row_line(struct event *e, const struct row *r)
{
	unsigned long rss = r->anon + r->file + r->shmem;

	switch (e->k->table) {
	case TABLE_NONE:
		break;
	case TABLE_OOM_ADJ:
		line(e, "[%5d] %5d %5d %8lu %8lu %3u     %3d %s", r->pid, (int)r->uid, r->pid,
		     r->total_vm, rss, 1u, r->oom_adj, r->comm);
		break;
	case TABLE_BOTH:
		line(e, "[%5d] %5d %5d %8lu %8lu %3u     %3d         %5d %s", r->pid, (int)r->uid,
		     r->pid, r->total_vm, rss, 1u, r->oom_adj, r->adj, r->comm);
		break;
	case TABLE_PTES:
		line(e, "[%5d] %5d %5d %8lu %8lu %7lu %8lu         %5d %s", r->pid, (int)r->uid,
		     r->pid, r->total_vm, rss, r->ptes, r->swap, r->adj, r->comm);
		break;
	case TABLE_PMDS:
		line(e, "[%5d] %5d %5d %8lu %8lu %7lu %7lu %8lu         %5d %s", r->pid,
		     (int)r->uid, r->pid, r->total_vm, rss, r->ptes, r->pmds, r->swap, r->adj,
		     r->comm);
		break;
	case TABLE_PGTABLES:
		line(e, "[%5d] %5d %5d %8lu %8lu %8lu %8lu         %5d %s", r->pid, (int)r->uid,
		     r->pid, r->total_vm, rss, r->pgtables, r->swap, r->adj, r->comm);
		break;
	case TABLE_WIDE:
		line(e, "[%7d] %5d %5d %8lu %8lu %8lu %8lu         %5d %s", r->pid, (int)r->uid,
		     r->pid, r->total_vm, rss, r->pgtables, r->swap, r->adj, r->comm);
		break;
	case TABLE_RSS:
		line(e, "[%7d] %5d %5d %8lu %8lu %8lu %8lu %9lu %8lu %8lu         %5d %s", r->pid,
		     (int)r->uid, r->pid, r->total_vm, rss, r->anon, r->file, r->shmem, r->pgtables,
		     r->swap, r->adj, r->comm);
		break;
	}
}

static void table_lines(struct event *e)
{
	static const char *const columns[] = {
		[TABLE_OOM_ADJ] = "[ pid ]   uid  tgid total_vm      rss cpu oom_adj name",
		[TABLE_BOTH] =
			"[ pid ]   uid  tgid total_vm      rss cpu oom_adj oom_score_adj name",
		[TABLE_PTES] =
			"[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name",
		[TABLE_PMDS] = "[ pid ]   uid  tgid total_vm      rss nr_ptes nr_pmds swapents "
			       "oom_score_adj name",
		[TABLE_PGTABLES] = "[ pid ]   uid  tgid total_vm      rss pgtables_bytes swapents "
				   "oom_score_adj name",
		[TABLE_WIDE] = "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents "
			       "oom_score_adj name",
		[TABLE_RSS] = "[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem "
			      "pgtables_bytes "
			      "swapents oom_score_adj name",
	};

	if ((e->k->has & PROTECTION) && e->v2)
		line(e, "Memory cgroup min protection 0kB -- low protection 0kB");
	if (e->k->table >= TABLE_WIDE)
		line(e, "Tasks state (memory values in pages):");
	if (e->k->table)
		line(e, "%s", columns[e->k->table]);
	for (int i = 0; i < e->n_rows; i++)
		row_line(e, &e->rows[i]);
}

static const char *constraint(const struct event *e)
{
	return in_memcg(e)         ? "memcg"
	       : e->kind == POLICY ? "memory_policy"
	       : e->kind == CPUSET ? "cpuset"
				   : "none";
}

static void record_line(struct event *e)
{
	const struct row *v = &e->rows[e->chosen];
	const char *word = in_memcg(e)         ? "MEMCG"
			   : e->kind == POLICY ? "MEMORY_POLICY"
			   : e->kind == CPUSET ? "CPUSET"
					       : "NONE";

	if (!(e->k->has & RECORD))
		return;
	line(e,
	     "oom-kill:constraint=CONSTRAINT_%s,nodemask=%s,cpuset=/"
	     ",mems_allowed=0,2-3%s%s,task_memcg=%s,task=%s,pid=%d,"
	     "uid=%d",
	     (e->k->has & RECORD_NONE) ? "NONE" : word, e->kind == POLICY ? "0,2" : "(null)",
	     in_memcg(e) ? ",oom_memcg=" : ",global_oom", in_memcg(e) ? e->limit_path : "",
	     e->task_path, v->comm, v->pid, (int)v->uid);
}

static const char *message(const struct event *e)
{
	switch (e->kind) {
	case MEMCG:
	case GROUP:
		return "Memory cgroup out of memory";
	case ALLOCATING:
		return "Out of memory (oom_kill_allocating_task)";
	case POLICY:
		return (e->k->has & RECORD) ? "Out of memory" : "No available memory (MPOL_BIND)";
	case CPUSET:
		return (e->k->has & RECORD) ? "Out of memory" : "No available memory in cpuset";
	default:
		return "Out of memory";
	}
}

static void chosen_line(struct event *e)
{
	const struct row *v = &e->rows[e->chosen];

	switch (e->k->chosen) {
	case CHOSEN_NONE:
		break;
	case CHOSEN_CHILDREN:
		line(e, "Out of Memory: Kill process %d (%s) score %ld and children.", v->pid,
		     v->comm, e->score);
		break;
	case CHOSEN_OR_CHILD:
		line(e, "%s: kill process %d (%s) score %ld or a child", message(e), v->pid,
		     v->comm, e->score);
		break;
	case CHOSEN_SACRIFICE:
		line(e, "%s: Kill process %d (%s) score %ld or sacrifice child", message(e), v->pid,
		     v->comm, e->score);
		break;
	}
}

static void kill_line(struct event *e, const struct row *v)
{
	char sizes[200];

	snprintf(sizes, sizeof(sizes), "total-vm:%lukB, anon-rss:%lukB, file-rss:%lukB",
		 v->total_vm * 4, v->anon * 4, v->file * 4);
	switch (e->k->kill) {
	case KILL_DOT:
		line(e, "Out of Memory: Killed process %d (%s).", v->pid, v->comm);
		break;
	case KILL_MESSAGE_DOT:
		line(e, "%s: Killed process %d (%s).", message(e), v->pid, v->comm);
		break;
	case KILL_PLAIN:
		line(e, "Killed process %d (%s)", v->pid, v->comm);
		break;
	case KILL_VSZ:
		line(e, "Killed process %d (%s) vsz:%lukB, anon-rss:%lukB, file-rss:%lukB", v->pid,
		     v->comm, v->total_vm * 4, v->anon * 4, v->file * 4);
		break;
	case KILL_TOTAL_VM:
		line(e, "Killed process %d (%s) %s", v->pid, v->comm, sizes);
		break;
	case KILL_EL6:
		line(e, "Killed process %d, UID %d, (%s) %s", v->pid, (int)v->uid, v->comm, sizes);
		break;
	case KILL_EL7:
		line(e, "Killed process %d (%s), UID %d, %s, shmem-rss:%lukB", v->pid, v->comm,
		     (int)v->uid, sizes, v->shmem * 4);
		break;
	case KILL_SHMEM:
		line(e, "Killed process %d (%s) %s, shmem-rss:%lukB", v->pid, v->comm, sizes,
		     v->shmem * 4);
		break;
	case KILL_PREFIXED:
		line(e, "%s: Killed process %d (%s) %s, shmem-rss:%lukB", message(e), v->pid,
		     v->comm, sizes, v->shmem * 4);
		break;
	case KILL_EL8:
		line(e, "%s: Killed process %d (%s) %s, shmem-rss:%lukB, UID:%u", message(e),
		     v->pid, v->comm, sizes, v->shmem * 4, v->uid);
		break;
	case KILL_PGTABLES:
		line(e,
		     "%s: Killed process %d (%s) %s, shmem-rss:%lukB, UID:%u pgtables:%lukB "
		     "oom_score_adj:%d",
		     message(e), v->pid, v->comm, sizes, v->shmem * 4, v->uid, v->pgtables / 1024,
		     v->adj);
		break;
	}
}

static bool kills(const struct event *e)
{
	return e->kind != NO_KILLABLE && e->kind != PANIC && e->kind != EXITING;
}

static void outcome_lines(struct event *e)
{
	const struct row *v = &e->rows[e->victim];
	bool modern = e->k->chosen == CHOSEN_SACRIFICE || (e->k->has & RECORD);

	if (e->kind == NO_KILLABLE)
		line(e, e->k->table >= TABLE_WIDE ? "Out of memory and no killable processes..."
						  : "Kernel panic - not syncing: Out of memory and "
						    "no killable processes...");
	if (e->kind == PANIC)
		line(e, "%s",
		     modern ? "Kernel panic - not syncing: Out of memory: system-wide panic_on_oom "
			      "is enabled"
			    : "Kernel panic - not syncing: out of memory. panic_on_oom is "
			      "selected");
	if (e->kind == EXITING)
		line(e,
		     "Out of memory: OOM victim %d (%s) is already exiting. Skip killing the task",
		     v->pid, v->comm);
	if (!kills(e))
		return;
	chosen_line(e);
	kill_line(e, v);
	if (e->kind == SHARING)
		line(e, "Kill process %d (%s) sharing same memory",
		     e->rows[(e->victim + 1) % e->n_rows].pid, "twin");
	if (e->kind == GROUP) {
		line(e, "Tasks in %s are going to be killed due to memory.oom.group set",
		     e->limit_path);
		for (int i = 0; i < e->n_rows; i++)
			if (i != e->victim)
				kill_line(e, &e->rows[i]);
	}
	if (e->kind == REAPED)
		line(e,
		     "oom_reaper: reaped process %d (%s), now anon-rss:0kB, file-rss:0kB, "
		     "shmem-rss:0kB",
		     v->pid, v->comm);
	if (e->kind == UNREAPED)
		line(e, "oom_reaper: unable to reap pid:%d (%s)", v->pid, v->comm);
}

static void render(struct event *e)
{
	if (e->kind != KILL_ALONE && e->k->header != HEADER_NONE) {
		header_lines(e);
		trace_lines(e);
		if (in_memcg(e))
			memcg_lines(e);
		if (!in_memcg(e) || e->k->memcg == MEMCG_PREFIX)
			meminfo_lines(e);
		table_lines(e);
		if (kills(e) || e->kind == EXITING)
			record_line(e);
	}
	outcome_lines(e);
}

/* ------------------------------------------------------------------ what was written */

static void json_string(FILE *f, const char *s)
{
	fputc('"', f);
	for (; *s; s++) {
		if (*s == '\n')
			fputs("\\n", f);
		else if (*s == '"' || *s == '\\')
			fprintf(f, "\\%c", *s);
		else if ((unsigned char)*s < ' ')
			fprintf(f, "\\u%04x", (unsigned)*s);
		else
			fputc(*s, f);
	}
	fputc('"', f);
}

static void field(FILE *f, const char *key, bool have, long long v)
{
	if (have)
		fprintf(f, ",\"%s\":%lld", key, v);
	else
		fprintf(f, ",\"%s\":null", key);
}

static void text_field(FILE *f, const char *key, const char *s)
{
	fprintf(f, ",\"%s\":", key);
	if (s)
		json_string(f, s);
	else
		fputs("null", f);
}

static bool table_shown(const struct event *e)
{
	return e->k->table && e->kind != KILL_ALONE;
}

static void truth_row(FILE *f, const struct event *e, const struct row *r)
{
	enum table t = e->k->table;
	bool bytes = t >= TABLE_PGTABLES, rss = t == TABLE_RSS;

	fprintf(f, "{\"pid\":%d,\"tgid\":%d,\"uid\":%u", r->pid, r->pid, r->uid);
	text_field(f, "comm", r->comm);
	field(f, "total_vm", true, (long long)r->total_vm * 4096);
	field(f, "rss", true, (long long)(r->anon + r->file + r->shmem) * 4096);
	field(f, "rss_anon", rss, (long long)r->anon * 4096);
	field(f, "rss_file", rss, (long long)r->file * 4096);
	field(f, "rss_shmem", rss, (long long)r->shmem * 4096);
	field(f, "pgtables", t >= TABLE_PTES,
	      bytes ? (long long)r->pgtables
		    : (long long)(r->ptes + (t == TABLE_PMDS ? r->pmds : 0)) * 4096);
	field(f, "swap", t >= TABLE_PTES, (long long)r->swap * 4096);
	field(f, "oom_score_adj", t >= TABLE_BOTH, r->adj);
	fputc('}', f);
}

static void truth_kill(FILE *f, const struct event *e, const struct row *v)
{
	const struct kernel *k = e->k;
	enum table t = table_shown(e) ? k->table : TABLE_NONE;
	bool sizes = k->kill >= KILL_VSZ, rss = t == TABLE_RSS;
	bool uid = k->kill == KILL_EL6 || k->kill == KILL_EL7 || k->kill >= KILL_EL8 || t ||
		   ((k->has & RECORD) && e->kind != KILL_ALONE);
	bool path = e->kind != KILL_ALONE && e->kind != CHILD &&
		    ((k->has & RECORD) || (in_memcg(e) && k->memcg != MEMCG_PREFIX));

	fprintf(f, "{\"pid\":%d", v->pid);
	text_field(f, "comm", v->comm);
	field(f, "uid", uid, v->uid);
	field(f, "total_vm", sizes || t, (long long)v->total_vm * 4096);
	field(f, "anon_rss", sizes || rss, (long long)v->anon * 4096);
	field(f, "file_rss", sizes || rss, (long long)v->file * 4096);
	field(f, "shmem_rss", k->kill >= KILL_EL7 || rss, (long long)v->shmem * 4096);
	field(f, "pgtables", k->kill == KILL_PGTABLES || t >= TABLE_PTES,
	      t >= TABLE_PGTABLES || !t
		      ? (long long)v->pgtables
		      : (long long)(v->ptes + (t == TABLE_PMDS ? v->pmds : 0)) * 4096);
	field(f, "oom_score_adj", k->kill == KILL_PGTABLES || t >= TABLE_BOTH, v->adj);
	field(f, "score", k->chosen && v == &e->rows[e->chosen], e->score);
	text_field(f, "task_memcg", path ? e->task_path : NULL);
	fprintf(f, ",\"group\":%s}", e->kind == GROUP ? "true" : "false");
}

static void truth_usage(FILE *f, const char *key, bool have, unsigned long usage,
			unsigned long limit, unsigned long failcnt)
{
	if (!have) {
		field(f, key, false, 0);
		return;
	}
	fprintf(f, ",\"%s\":{\"usage\":%lu", key, usage * 1024);
	field(f, "limit", limit < 1ul << 52, (long long)limit * 1024);
	field(f, "failcnt", true, (long long)failcnt);
	fputc('}', f);
}

static void truth_circumstances(FILE *f, const struct event *e)
{
	const struct kernel *k = e->k;
	bool shown = e->kind != KILL_ALONE && k->header != HEADER_NONE;
	bool cpu = shown && k->header >= HEADER_BOTH, pid = shown && k->header >= HEADER_OOM_ADJ;
	bool usage = shown && in_memcg(e) && k->memcg != MEMCG_PREFIX;

	if (shown) {
		fprintf(f, ",\"invoker\":{\"gfp_mask\":\"0x%x\"", e->gfp);
		/* Blanks in front of a line belong to whoever wrote the line. */
		text_field(f, "comm",
			   k->header < HEADER_OOMKILLADJ ? NULL
			   : *e->comm == ' '             ? ""
							 : e->comm);
		field(f, "pid", pid, e->pid);
		field(f, "oom_score_adj", k->header >= HEADER_BOTH, e->adj);
		field(f, "order", k->header >= HEADER_ORDER, e->order);
		field(f, "cpu", cpu, e->cpu);
		fputc('}', f);
	} else {
		field(f, "invoker", false, 0);
	}
	text_field(f, "kernel", pid ? k->release : NULL);
	text_field(f, "oom_memcg", usage ? e->limit_path : NULL);
	truth_usage(f, "memory", usage, e->usage, e->limit, e->failcnt);
	truth_usage(f, "swap", usage && e->v2, e->swap_usage, e->swap_limit, 0);
	truth_usage(f, "memory_swap", usage && !e->v2, e->usage + e->swap_usage, e->memsw_limit, 7);
	truth_usage(f, "kmem", usage && !e->v2 && k->header >= HEADER_ADJ, e->kmem,
		    9007199254740988ul, 0);
	if (shown && (!in_memcg(e) || k->memcg == MEMCG_PREFIX))
		fprintf(f,
			",\"mem_info\":{\"ram\":%llu,\"reserved\":%llu,\"swap_total\":%llu,\"swap_"
			"free\":%llu,"
			"\"zone\":{\"name\":\"%s\",\"free\":%lu,\"min\":%lu,\"low\":%lu,\"high\":%"
			"lu}}",
			e->ram * 4096ull, e->reserved * 4096ull, e->swap_total * 1024ull,
			e->swap_free * 1024ull,
			k->header < HEADER_OOM_ADJ ? "DMA32" : "Node 0 DMA32", e->zone_free * 1024,
			e->zone_min * 1024, e->zone_min * 5 / 4 * 1024, e->zone_min * 3 / 2 * 1024);
	else
		field(f, "mem_info", false, 0);
}

static void truth(FILE *f, const struct event *e)
{
	const char *outcome = e->kind == PANIC            ? "panic"
			      : e->kind == EXITING        ? "already_exiting"
			      : e->kind != NO_KILLABLE    ? "killed"
			      : e->k->table >= TABLE_WIDE ? "no_killable"
							  : "panic";
	bool complete = e->kind != KILL_ALONE && e->k->header != HEADER_NONE;
	const struct row *twin = &e->rows[(e->victim + 1) % e->n_rows];

	fprintf(f, "{\"name\":\"%s %s\",\"killer\":\"kernel\",\"uptime_usec\":%" PRIu64,
		e->k->release, kind_names[e->kind], e->uptime);
	text_field(f, "constraint", constraint(e));
	text_field(f, "outcome", outcome);
	fprintf(f, ",\"complete\":%s,\"sysrq\":%s,\"allocating_task\":%s",
		complete ? "true" : "false", e->kind == SYSRQ ? "true" : "false",
		e->kind == ALLOCATING ? "true" : "false");
	truth_circumstances(f, e);
	fputs(",\"tasks\":[", f);
	for (int i = 0; table_shown(e) && i < e->n_rows; i++) {
		fputs(i ? "," : "", f);
		truth_row(f, e, &e->rows[i]);
	}
	fputs("],\"killed\":[", f);
	if (kills(e))
		truth_kill(f, e, &e->rows[e->victim]);
	for (int i = 0; e->kind == GROUP && i < e->n_rows; i++)
		if (i != e->victim) {
			fputc(',', f);
			truth_kill(f, e, &e->rows[i]);
		}
	fprintf(f, "],\"reaped\":[");
	if (e->kind == REAPED)
		fprintf(f, "%d", e->rows[e->victim].pid);
	fprintf(f, "],\"unreaped\":[");
	if (e->kind == UNREAPED)
		fprintf(f, "%d", e->rows[e->victim].pid);
	fprintf(f, "],\"sharing\":[");
	if (e->kind == SHARING)
		fprintf(f, "%d", twin->pid);
	fprintf(f, "]}\n");
}

/* ------------------------------------------------------------------ transports */

enum when { WHEN_NEVER, WHEN_UNCERTAIN, WHEN_CERTAIN };

struct sink {
	FILE *f;
	const struct transport *t;
	const struct event *e;
	uint64_t usec, sequence;
	int level;
	bool begun;
};

/* A time of the day of all these events. */
static const char *clock_text(const struct sink *s, const char *separator, bool micro)
{
	static char buf[2][40];
	static int which;
	unsigned sec = 9 * 3600 + (unsigned)(s->usec / 1000000) - FIRST_UPTIME;
	char *b = buf[which ^= 1];

	snprintf(b, sizeof(buf[0]), "%02u:%02u:%02u", sec / 3600, sec / 60 % 60, sec % 60);
	if (micro)
		snprintf(b + 8, sizeof(buf[0]) - 8, "%s%06u", separator,
			 (unsigned)(s->usec % 1000000));
	return b;
}

static const char *printk_time(const struct sink *s)
{
	static char buf[40];

	snprintf(buf, sizeof(buf), "[%5llu.%06llu] ", (unsigned long long)(s->usec / 1000000),
		 (unsigned long long)(s->usec % 1000000));
	return buf;
}

/* A record of several lines as most print it: what follows the first has no prefix, or blanks. */
static void body(const struct sink *s, const char *text, const char *indent, const char *end)
{
	for (; *text; text++) {
		if (*text == '\n')
			fprintf(s->f, "%s\n%s", end, indent);
		else
			fputc(*text, s->f);
	}
	fprintf(s->f, "%s\n", end);
}

struct transport {
	const char *name;
	const char *prefix; /* %: see prefix() */
	const char *indent, *end;
	void (*special)(struct sink *s, const char *text);
	bool uptime, host;
	enum when when;
	bool blanks_lost; /* amid what is broken over lines */
};

/* %u printk's time, %U without its bracket, %c the clock, %C with a fraction, %L the facility and
 * level of dmesg -x, %P the level alone, %p the priority of syslog, %T the caller. */
static void prefix(const struct sink *s, const char *p)
{
	static const char *const levels[] = { "emerg", "alert",  "crit", "err",
					      "warn",  "notice", "info" };

	for (; *p; p++) {
		if (*p != '%') {
			fputc(*p, s->f);
			continue;
		}
		switch (*++p) {
		case 'u':
			fputs(printk_time(s), s->f);
			break;
		case 'U':
			fprintf(s->f, "%llu.%06llu", (unsigned long long)(s->usec / 1000000),
				(unsigned long long)(s->usec % 1000000));
			break;
		case 'c':
			fputs(clock_text(s, "", false), s->f);
			break;
		case 'C':
			fputs(clock_text(s, ".", true), s->f);
			break;
		case ',':
			fputs(clock_text(s, ",", true), s->f);
			break;
		case 'L':
			fprintf(s->f, "kern  :%-6s: ", levels[s->level]);
			break;
		case 'l':
			fputs(levels[s->level], s->f);
			break;
		case 'P':
			fprintf(s->f, "%d", s->level);
			break;
		case 'T':
			fprintf(s->f, "[%6s]", "T123");
			break;
		case 'r': {
			unsigned sec = (unsigned)(s->usec / 1000000) - FIRST_UPTIME;

			fprintf(s->f, "%llu.%06llu", 1795424400ull + sec,
				(unsigned long long)(s->usec % 1000000));
			break;
		}
		default:
			abort();
		}
	}
}

static void json_prefix(const struct sink *s)
{
	unsigned sec = (unsigned)(s->usec / 1000000) - FIRST_UPTIME;

	fprintf(s->f,
		"\"__CURSOR\":\"s=1;i=%llx\",\"__REALTIME_TIMESTAMP\":\"%llu%06llu\",\"_SOURCE_"
		"MONOTONIC_TIMESTAMP\":\"%llu\","
		"\"PRIORITY\":\"%d\",\"_TRANSPORT\":\"kernel\",\"SYSLOG_IDENTIFIER\":\"kernel\",\"_"
		"HOSTNAME\":\"web-1\",\"MESSAGE\":",
		(unsigned long long)s->sequence, 1795424400ull + sec,
		(unsigned long long)(s->usec % 1000000), (unsigned long long)s->usec, s->level);
}

static void journal_json(struct sink *s, const char *text)
{
	fputc('{', s->f);
	json_prefix(s);
	json_string(s->f, text);
	fputs("}\n", s->f);
}

static void journal_seq(struct sink *s, const char *text)
{
	fputc('\x1e', s->f);
	journal_json(s, text);
}

static void journal_sse(struct sink *s, const char *text)
{
	fputs("data: ", s->f);
	journal_json(s, text);
	fputc('\n', s->f);
}

static void journal_pretty(struct sink *s, const char *text)
{
	fprintf(s->f,
		"{\n\t\"_HOSTNAME\" : \"web-1\",\n\t\"__REALTIME_TIMESTAMP\" : "
		"\"%llu%06llu\",\n\t\"MESSAGE\" : ",
		1795424400ull + s->usec / 1000000 - FIRST_UPTIME,
		(unsigned long long)(s->usec % 1000000));
	json_string(s->f, text);
	fprintf(s->f,
		",\n\t\"SYSLOG_IDENTIFIER\" : \"kernel\",\n\t\"_SOURCE_MONOTONIC_TIMESTAMP\" : "
		"\"%llu\"\n}\n",
		(unsigned long long)s->usec);
}

static void journal_export(struct sink *s, const char *text)
{
	fprintf(s->f,
		"__CURSOR=s=1;i=%llx\n__REALTIME_TIMESTAMP=%llu%06llu\n_TRANSPORT=kernel\nSYSLOG_"
		"IDENTIFIER=kernel\n"
		"_HOSTNAME=web-1\n_SOURCE_MONOTONIC_TIMESTAMP=%llu\n",
		(unsigned long long)s->sequence, 1795424400ull + s->usec / 1000000 - FIRST_UPTIME,
		(unsigned long long)(s->usec % 1000000), (unsigned long long)s->usec);
	if (strchr(text, '\n')) {
		uint64_t n = strlen(text);

		fputs("MESSAGE\n", s->f);
		for (int i = 0; i < 8; i++)
			fputc((int)(n >> 8 * i & 0xff), s->f);
		fprintf(s->f, "%s\n\n", text);
	} else {
		fprintf(s->f, "MESSAGE=%s\n\n", text);
	}
}

static void journal_verbose(struct sink *s, const char *text)
{
	fprintf(s->f,
		"Mon 2026-11-23 %s UTC [s=1;i=%llx;b=2;m=3;t=4;x=5]\n    _TRANSPORT=kernel\n    "
		"PRIORITY=%d\n"
		"    SYSLOG_IDENTIFIER=kernel\n    _HOSTNAME=web-1\n    MESSAGE=",
		clock_text(s, ".", true), (unsigned long long)s->sequence, s->level);
	body(s, text, "            ", "");
	fprintf(s->f, "    _SOURCE_MONOTONIC_TIMESTAMP=%llu\n", (unsigned long long)s->usec);
}

static void dmesg_json(struct sink *s, const char *text)
{
	fprintf(s->f,
		"%s      {\n         \"pri\": %d,\n         \"time\": %12llu.%06llu,\n         "
		"\"msg\": ",
		s->begun ? ",\n" : "{\n   \"dmesg\": [\n", s->level,
		(unsigned long long)(s->usec / 1000000), (unsigned long long)(s->usec % 1000000));
	s->begun = true;
	json_string(s->f, text);
	fputs("\n      }", s->f);
}

static void kmsg_escaped(FILE *f, const char *text)
{
	for (; *text; text++) {
		if (*text == '\\' || (unsigned char)*text < ' ' || (unsigned char)*text > 126)
			fprintf(f, "\\x%02x", (unsigned char)*text);
		else
			fputc(*text, f);
	}
}

static void kmsg(struct sink *s, const char *text)
{
	fprintf(s->f, "%d,%llu,%llu,-;", s->level, (unsigned long long)s->sequence,
		(unsigned long long)s->usec);
	kmsg_escaped(s->f, text);
	fputs("\n SUBSYSTEM=memory\n DEVICE=+memory:oom\n", s->f);
}

static void kmsg_caller(struct sink *s, const char *text)
{
	fprintf(s->f, "%d,%llu,%llu,-,caller=C1;", s->level, (unsigned long long)s->sequence,
		(unsigned long long)s->usec);
	kmsg_escaped(s->f, text);
	fputc('\n', s->f);
}

static void colour(struct sink *s, const char *text)
{
	fprintf(s->f, "\033[32m%s\033[0m%s", printk_time(s),
		s->level == 3 ? "\033[31m\033[1m" : "\033[33m");
	body(s, text, "               ", "\033[0m");
}

static void rsyslog(struct sink *s, const char *text)
{
	fprintf(s->f, "Nov 23 %s web-1 kernel: %s", clock_text(s, "", false), printk_time(s));
	for (; *text; text++) {
		if (*text == '\n')
			fputs("#012", s->f);
		else
			fputc(*text, s->f);
	}
	fputc('\n', s->f);
}

static void docker_json(struct sink *s, const char *text)
{
	char *all;

	if (asprintf(&all, "%s%s\n", printk_time(s), text) < 0)
		abort();
	fputs("{\"log\":", s->f);
	json_string(s->f, all);
	fprintf(s->f, ",\"stream\":\"stdout\",\"time\":\"2026-11-23T%s789Z\"}\n",
		clock_text(s, ".", true));
	free(all);
}

/* Breaks each line at 80 columns: at a blank as a mailer does, or anywhere as a terminal does. */
static void broken(struct sink *s, const char *text, const char *quote, bool anywhere)
{
	char *copy = strdup(text), *save = NULL;

	for (char *p = strtok_r(copy, "\n", &save); p; p = strtok_r(NULL, "\n", &save)) {
		char *all;
		size_t n;

		if (asprintf(&all, "%s%s", p == copy ? printk_time(s) : "", p) < 0)
			abort();
		for (const char *at = all; *at; at += n) {
			n = strlen(at);
			if (n > 80) {
				n = 80;
				while (!anywhere && n > 0 && at[n - 1] != ' ')
					n--;
				/* What has no blank is not broken, unless by the edge of the
				 * screen. */
				n = n ? n : strcspn(at, " ") + (at[strcspn(at, " ")] != '\0');
			}
			fprintf(s->f, "%s%.*s\n", quote,
				(int)(n - (!anywhere && at[n] && at[n - 1] == ' ')), at);
		}
		free(all);
	}
	free(copy);
}

static void mailed(struct sink *s, const char *text)
{
	broken(s, text, "", false);
}

static void mailed_quoted(struct sink *s, const char *text)
{
	broken(s, text, "> ", false);
}

static void terminal(struct sink *s, const char *text)
{
	broken(s, text, "", true);
}

static const struct transport transports[] = {
	{ .name = "plain", .prefix = "" },
	{ .name = "dmesg", .prefix = "%u", .uptime = true },
	{ .name = "dmesg-T", .prefix = "[Mon Nov 23 %c 2026] ", .when = WHEN_UNCERTAIN },
	{ .name = "dmesg-x", .prefix = "%L%u", .uptime = true },
	{ .name = "dmesg-xT", .prefix = "%L[Mon Nov 23 %c 2026] ", .when = WHEN_UNCERTAIN },
	{ .name = "dmesg-iso", .prefix = "2026-11-23T%,+00:00 ", .when = WHEN_CERTAIN },
	{ .name = "dmesg-x-iso", .prefix = "%L2026-11-23T%,+00:00 ", .when = WHEN_CERTAIN },
	{ .name = "dmesg-r", .prefix = "<%P>%u", .uptime = true },
	{ .name = "dmesg-caller", .prefix = "[%U]%T ", .uptime = true },
	{ .name = "dmesg-caller-apart", .prefix = "[%U] [T123] ", .uptime = true },
	{ .name = "dmesg-J", .special = dmesg_json, .uptime = true },
	{ .name = "level", .prefix = "<%P>" },
	{ .name = "syslog", .prefix = "Nov 23 %c web-1 kernel: %u", .uptime = true, .host = true },
	{ .name = "syslog-bare", .prefix = "Nov 23 %c web-1 kernel: ", .host = true },
	{ .name = "syslog-pri",
	  .prefix = "<%P>Nov 23 %c web-1 kernel: %u",
	  .uptime = true,
	  .host = true },
	{ .name = "syslog-pid",
	  .prefix = "Nov 23 %c web-1 kernel[0]: %u",
	  .uptime = true,
	  .host = true },
	{ .name = "syslog-facility",
	  .prefix = "Nov 23 %c web-1 kern.%l kernel: %u",
	  .uptime = true,
	  .host = true },
	{ .name = "syslog-5424",
	  .prefix = "<%P>1 2026-11-23T%CZ web-1 kernel - - - %u",
	  .uptime = true,
	  .host = true,
	  .when = WHEN_CERTAIN },
	{ .name = "syslog-5424-sd",
	  .prefix = "<%P>1 2026-11-23T%CZ web-1 kernel - - [timeQuality tzKnown=\"1\" "
		    "x=\"a\\]b\"][meta "
		    "id=\"2\"] \xef\xbb\xbf%u",
	  .uptime = true,
	  .host = true,
	  .when = WHEN_CERTAIN },
	{ .name = "rsyslog-iso",
	  .prefix = "2026-11-23T%C+00:00 web-1 kernel: %u",
	  .uptime = true,
	  .host = true,
	  .when = WHEN_CERTAIN },
	{ .name = "rsyslog-012", .special = rsyslog, .uptime = true, .host = true },
	{ .name = "logread",
	  .prefix = "Mon Nov 23 %c 2026 kern.%l kernel: %u",
	  .uptime = true,
	  .when = WHEN_UNCERTAIN },
	{ .name = "short",
	  .prefix = "Nov 23 %c web-1 kernel: ",
	  "                             ",
	  .host = true },
	{ .name = "short-precise",
	  .prefix = "Nov 23 %C web-1 kernel: ",
	  "                                    ",
	  .host = true },
	{ .name = "short-iso",
	  .prefix = "2026-11-23T%c+0000 web-1 kernel: ",
	  .host = true,
	  .when = WHEN_CERTAIN },
	{ .name = "short-iso-precise",
	  .prefix = "2026-11-23T%C+00:00 web-1 kernel: ",
	  .host = true,
	  .when = WHEN_CERTAIN },
	{ .name = "short-full",
	  .prefix = "Mon 2026-11-23 %c UTC web-1 kernel: ",
	  .host = true,
	  .when = WHEN_CERTAIN },
	{ .name = "short-monotonic",
	  .prefix = "[%U] web-1 kernel: ",
	  .uptime = true,
	  .host = true },
	{ .name = "short-delta",
	  .prefix = "[%U <    0.000012 >] web-1 kernel: ",
	  .uptime = true,
	  .host = true },
	{ .name = "short-unix", .prefix = "%r web-1 kernel: ", .host = true, .when = WHEN_CERTAIN },
	{ .name = "with-unit",
	  .prefix = "Mon 2026-11-23 %c UTC web-1: ",
	  .host = true,
	  .when = WHEN_CERTAIN },
	{ .name = "verbose",
	  .special = journal_verbose,
	  .uptime = true,
	  .host = true,
	  .when = WHEN_CERTAIN },
	{ .name = "json",
	  .special = journal_json,
	  .uptime = true,
	  .host = true,
	  .when = WHEN_CERTAIN },
	{ .name = "json-seq",
	  .special = journal_seq,
	  .uptime = true,
	  .host = true,
	  .when = WHEN_CERTAIN },
	{ .name = "json-sse",
	  .special = journal_sse,
	  .uptime = true,
	  .host = true,
	  .when = WHEN_CERTAIN },
	{ .name = "json-pretty",
	  .special = journal_pretty,
	  .uptime = true,
	  .host = true,
	  .when = WHEN_CERTAIN },
	{ .name = "export",
	  .special = journal_export,
	  .uptime = true,
	  .host = true,
	  .when = WHEN_CERTAIN },
	{ .name = "kmsg", .special = kmsg, .uptime = true },
	{ .name = "kmsg-caller", .special = kmsg_caller, .uptime = true },
	{ .name = "colour", .special = colour, .uptime = true },
	{ .name = "crlf", .prefix = "%u", "", "\r", .uptime = true },
	{ .name = "docker-json", .special = docker_json, .uptime = true, .when = WHEN_CERTAIN },
	{ .name = "cri",
	  .prefix = "2026-11-23T%C789Z stdout F %u",
	  .uptime = true,
	  .when = WHEN_CERTAIN },
	{ .name = "quoted", .prefix = "> %u", "> ", .uptime = true },
	{ .name = "quoted-twice", .prefix = "> > %u", "> > ", .uptime = true },
	{ .name = "grep-H",
	  .prefix = "/var/log/kern.log:Nov 23 %c web-1 kernel: %u",
	  "/var/log/kern.log:",
	  .uptime = true,
	  .host = true },
	{ .name = "grep-n", .prefix = "1207:%u", "1208:", .uptime = true },
	{ .name = "cat-n", .prefix = "  1207\t%u", "  1208\t", .uptime = true },
	{ .name = "logcat", .prefix = "11-23 %C     0     0 W         : " },
	{ .name = "indented", .prefix = "    %u", "    ", .uptime = true },
	{ .name = "mailed", .special = mailed, .uptime = true, .blanks_lost = true },
	{ .name = "mailed-quoted", .special = mailed_quoted, .uptime = true, .blanks_lost = true },
	{ .name = "terminal", .special = terminal, .uptime = true },
};

static int level_of(const char *text)
{
	if (strstr(text, "Killed process") || strstr(text, "ill process"))
		return 3;
	return *text == '[' || strncmp(text, "oom-kill:", 9) == 0 ||
			       strncmp(text, "Tasks s", 7) == 0
		       ? 6
		       : 4;
}

static void put(struct sink *s, const struct event *e)
{
	s->e = e;
	for (int i = 0; i < e->n_lines; i++) {
		s->usec = e->uptime + (uint64_t)(i - e->n_before) * 13;
		s->level = level_of(e->lines[i]);
		s->sequence++;
		if (s->t->special) {
			s->t->special(s, e->lines[i]);
			continue;
		}
		prefix(s, s->t->prefix);
		body(s, e->lines[i], s->t->indent ? s->t->indent : "", s->t->end ? s->t->end : "");
	}
}

/* ------------------------------------------------------------------ all of it */

static FILE *create(const char *dir, const char *name, const char *suffix)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s%s", dir, name, suffix);
	f = fopen(path, "w");
	if (!f) {
		fprintf(stderr, "render: %s: %s\n", path, strerror(errno));
		exit(1);
	}
	return f;
}

static void close_all(FILE *f)
{
	if (ferror(f) || fclose(f) != 0)
		exit(1);
}

/* Every kind of event that each kernel can have. Returns how many. */
static size_t make_all(uint64_t seed, struct event *all)
{
	size_t n = 0;

	for (size_t k = 0; k < COUNT(kernels); k++)
		for (int kind = 0; kind < KIND_N; kind++) {
			struct event *e = &all[n];

			if (!exists(&kernels[k], (enum kind)kind))
				continue;
			*e = (struct event){ .k = &kernels[k], .kind = (enum kind)kind };
			e->random = random_seed(seed, n);
			e->uptime = (FIRST_UPTIME + 7 * (uint64_t)n) * 1000000 + 250000;
			make_event(e);
			render(e);
			n++;
		}
	return n;
}

int main(int argc, char **argv)
{
	static struct event all[COUNT(kernels) * KIND_N];
	size_t n;
	FILE *f;

	if (argc != 3)
		return 2;
	n = make_all(strtoull(argv[1], NULL, 10), all);
	f = create(argv[2], "truth", ".json");
	for (size_t i = 0; i < n; i++)
		truth(f, &all[i]);
	close_all(f);
	f = create(argv[2], "transports", ".json");
	for (size_t i = 0; i < COUNT(transports); i++) {
		const struct transport *t = &transports[i];

		fprintf(f,
			"{\"name\":\"%s\",\"uptime\":%s,\"host\":%s,\"when\":%d,\"blanks_lost\":%s}"
			"\n",
			t->name, t->uptime ? "true" : "false", t->host ? "true" : "false",
			(int)t->when, t->blanks_lost ? "true" : "false");
	}
	close_all(f);
	for (size_t i = 0; i < COUNT(transports); i++) {
		struct sink s = { .t = &transports[i] };

		s.f = create(argv[2], transports[i].name, ".log");
		for (size_t e = 0; e < n; e++)
			put(&s, &all[e]);
		if (s.t->special == dmesg_json)
			fputs("\n   ]\n}\n", s.f);
		close_all(s.f);
	}
	return 0;
}
