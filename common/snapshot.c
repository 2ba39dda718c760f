/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What are the facts of this machine and its processes? Reads /proc below a host's root into struct
 * snapshot and judges nothing. What the kernel lets a task show of itself: fs/proc/base.c,
 * fs/proc/array.c.
 */
#include "snapshot.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base.h"
#include "cgroupfs.h"
#include "kver.h"
#include "proc.h"
#include "str.h"

/* stat holds 52 numbers of at most 20 digits and a name; status is longest on machines with many
 * CPUs and nodes (two masks of 8192 bits), and what follows CapEff is then of no matter to us. */
#define STAT_SIZE    2048
#define STATUS_SIZE  8192
#define CMDLINE_SIZE 4096
#define CGROUP_SIZE  8192
/* How many threads are looked at to find one that still has its leader's memory. */
#define TASKS_MAX 64

#define CAP_BIT_SYS_RAWIO    17
#define CAP_BIT_SYS_ADMIN    21
#define CAP_BIT_SYS_RESOURCE 24
#define SIGKILL_BIT          (1ull << (9 - 1))
/* include/asm-generic/param.h: /proc speaks in it, whatever CONFIG_HZ is. */
#define USER_HZ 100

/* Reads a number and nothing else. */
static int read_number(const struct host *h, const char *path, int64_t min, int64_t max,
		       int64_t *ret)
{
	char buf[64];
	ssize_t n = host_read(h, path, buf, sizeof(buf));

	if (n < 0)
		return (int)n;
	while (n > 0 && (buf[n - 1] == '\n' || buf[n - 1] == ' '))
		n--;
	return str_to_i64(buf, (size_t)n, min, max, ret);
}

static void read_sysctl(const struct host *h, const char *path, int *value, bool *have)
{
	int64_t v;

	*have = read_number(h, path, 0, INT32_MAX, &v) == 0;
	if (*have)
		*value = (int)v;
}

/* ------------------------------------------------------------------------------------------ the
 * machine */

static void read_release(struct snapshot *s, const struct host *h)
{
	char buf[256];
	ssize_t n = host_read(h, "proc/sys/kernel/osrelease", buf, sizeof(buf));

	if (n <= 0)
		return;
	if (buf[n - 1] == '\n')
		n--;
	s->release = arena_strndup(&s->arena, buf, (size_t)n);
	if (!s->release || kver_parse(s->release, &s->kver) < 0)
		s->release = NULL;
}

/* The page size and the width of the kernel's long, out of what a process tells twice: VmSize in kB
 * and size in pages; an unlimited rsslim is all ones of a long. */
static void infer_sizes(struct mem_ctx *m, const struct host *h, const pid_t *pids, size_t n)
{
	char buf[STATUS_SIZE];

	for (size_t i = 0; i < n; i++) {
		struct proc_status status;
		struct proc_stat stat;
		const char *p = buf;
		uint64_t pages;
		ssize_t got = host_read_proc(h, pids[i], "stat", buf, STAT_SIZE);

		if (got <= 0 || proc_parse_stat(buf, (size_t)got, &stat) < 0 ||
		    stat.vsize_bytes == 0)
			continue;
		if (stat.rsslim_bytes == UINT32_MAX)
			m->long_bits = 32;
		got = host_read_proc(h, pids[i], "status", buf, sizeof(buf));
		if (got <= 0)
			continue;
		proc_parse_status(buf, (size_t)got, &status);
		got = host_read_proc(h, pids[i], "statm", buf, STAT_SIZE);
		if (got <= 0 || str_scan_u64(&p, buf + got, &pages) < 0 || pages == 0 ||
		    !status.has_vm_size)
			continue;
		if (status.vm_size_kib * 1024 % pages == 0) {
			uint64_t size = status.vm_size_kib * 1024 / pages;

			if (size >= 4096 && size <= 1048576 && (size & (size - 1)) == 0)
				m->page_size = (uint32_t)size;
		}
		return;
	}
}

static int read_machine(struct snapshot *s, const struct host *h)
{
	struct mem_ctx *m = &s->machine;
	char buf[8192];
	ssize_t n = host_read(h, "proc/meminfo", buf, sizeof(buf));

	*m = (struct mem_ctx){ .constraint = CONSTRAINT_NONE,
			       .where = "system",
			       .page_size = 4096,
			       .long_bits = sizeof(long) * 8 >= 64 ? 64 : 32,
			       .ram_certain = true };
	if (host_page_size(h, &m->page_size) < 0) {
		_cleanup_free_ pid_t *pids = NULL;
		ssize_t count = host_list_pids(h, &pids);

		m->long_bits = 64;
		infer_sizes(m, h, pids, count > 0 ? (size_t)count : 0);
	} else if (m->long_bits == 32) {
		pid_t self = host_self(h);

		m->long_bits = 64;
		infer_sizes(m, h, &self, 1);
	}
	m->pte_table_bytes = m->page_size;
	if (n > 0)
		meminfo_parse(buf, (size_t)n, &s->meminfo);
	if (s->meminfo.have_total) {
		m->ram_pages = s->meminfo.total_kib * 1024 / m->page_size;
		m->swap_pages = s->meminfo.swap_total_kib * 1024 / m->page_size;
		m->total_pages = m->ram_pages + m->swap_pages;
	}
	return 0;
}

/* proc_pid_ns of the reader: the initial namespace has kthreadd as pid 2, and a well-known inode.
 */
static enum pid_ns find_pid_ns(const struct host *h)
{
	char buf[STAT_SIZE];
	struct proc_stat stat;
	int64_t score;
	int r = host_pid_ns_is_initial(h);
	ssize_t n;

	if (r >= 0)
		return r ? PID_NS_INIT : PID_NS_OWN;
	n = host_read_proc(h, 2, "stat", buf, sizeof(buf));
	if (n > 0 && proc_parse_stat(buf, (size_t)n, &stat) == 0 &&
	    ((stat.flags & PROC_PF_KTHREAD) || (stat.ppid == 0 && stat.vsize_bytes == 0)))
		return PID_NS_INIT;
	/* Without a kernel thread to be seen, what the kernel says of pid 1 tells: it never chooses
	 * the global init. */
	if (read_number(h, "proc/1/oom_score", 0, INT64_MAX, &score) == 0)
		return score == 0 ? PID_NS_INIT : PID_NS_OWN;
	return PID_NS_UNKNOWN;
}

int snapshot_open(struct snapshot *s, const struct host *h)
{
	int r;

	*s = (struct snapshot){ .origin = h->live ? ORIGIN_LIVE : ORIGIN_ROOT };
	if (h->proc_fd < 0)
		return -ENOENT;
	read_release(s, h);
	r = read_machine(s, h);
	if (r < 0)
		return r;
	read_sysctl(h, "proc/sys/vm/panic_on_oom", &s->sysctl.panic_on_oom,
		    &s->sysctl.have_panic_on_oom);
	read_sysctl(h, "proc/sys/vm/oom_kill_allocating_task", &s->sysctl.oom_kill_allocating_task,
		    &s->sysctl.have_oom_kill_allocating_task);
	read_sysctl(h, "proc/sys/vm/swappiness", &s->sysctl.swappiness, &s->sysctl.have_swappiness);
	read_sysctl(h, "proc/sys/vm/oom_dump_tasks", &s->sysctl.oom_dump_tasks,
		    &s->sysctl.have_oom_dump_tasks);
	s->pid_ns = find_pid_ns(h);
	return 0;
}

/* ------------------------------------------------------------------------------------------ one
 * process */

/* One reader for a whole run: the buffers are too large for a stack frame of every process. */
struct reader {
	struct snapshot *s;
	const struct host *h;
	unsigned need;
	char stat[STAT_SIZE];
	char status[STATUS_SIZE];
	struct str reader_mems; /* Mems_allowed of whoever asks, for the classic eras */
	char mems[1024];
	uint64_t uptime_ticks;
	uint64_t begin_ticks; /* when the reading began; UINT64_MAX: not known */
};

/* A process that is gone is no error of ours; anything else is kept as the reason of what is
 * missing. */
static bool is_gone(ssize_t r)
{
	return r == -ENOENT || r == -ESRCH;
}

static void note_error(struct proc *p, ssize_t r)
{
	if (p->err == 0)
		p->err = r <= -1 && r >= -127 ? (int8_t)-r : EIO;
}

static int read_score(struct reader *rd, struct proc *p)
{
	char buf[32];
	ssize_t n = host_read_proc(rd->h, p->pid, "oom_score", buf, sizeof(buf));
	const char *at = buf;

	p->have &= ~(uint32_t)HAVE_SCORE;
	if (n >= 0 && str_scan_u64(&at, buf + n, &p->oom_score) == 0 && at < buf + n && *at == '\n')
		p->have |= HAVE_SCORE;
	else if (n < 0)
		return (int)n;
	else
		note_error(p, -EIO);
	return 0;
}

static int read_adj(struct reader *rd, struct proc *p)
{
	char buf[32];
	ssize_t n = host_read_proc(rd->h, p->pid, "oom_score_adj", buf, sizeof(buf));
	const char *at = buf;
	int64_t v;

	p->have &= ~(uint32_t)HAVE_ADJ;
	if (n < 0)
		return (int)n;
	if (str_scan_i64(&at, buf + n, &v) == 0 && v >= -1000 && v <= 1000 && at < buf + n &&
	    *at == '\n') {
		p->oom_score_adj = (int16_t)v;
		p->have |= HAVE_ADJ;
	} else {
		note_error(p, -EIO);
	}
	return 0;
}

static void set_comm(struct reader *rd, struct proc *p, struct str escaped)
{
	char buf[128];
	size_t n = proc_unescape(escaped, buf, sizeof(buf));

	if (p->comm && (p->have & HAVE_COMM) && strlen(p->comm) == n &&
	    memcmp(p->comm, buf, n) == 0)
		return;
	p->comm = arena_strndup(&rd->s->arena, buf, n);
	if (p->comm)
		p->have |= HAVE_COMM;
}

static void take_stat(struct reader *rd, struct proc *p, const struct proc_stat *st)
{
	p->state = st->state;
	p->ppid = st->ppid;
	p->threads = st->threads;
	p->start_ticks = st->start_ticks;
	p->rss_stat_pages = st->rss_pages;
	p->have |= HAVE_STATE | HAVE_PPID | HAVE_START | HAVE_RSS_STAT | HAVE_THREADS;
	if (st->flags & PROC_PF_KTHREAD) {
		/* kernel/cred.c init_cred: of a kernel thread nothing but stat need be read. */
		p->flags |= PROC_KTHREAD | PROC_IS_ROOT;
		p->uid = 0;
		p->have |= HAVE_UID;
	}
	set_comm(rd, p, st->comm);
}

static int read_stat(struct reader *rd, struct proc *p)
{
	ssize_t n = host_read_proc(rd->h, p->pid, "stat", rd->stat, sizeof(rd->stat));
	struct proc_stat st;

	if (n < 0)
		return (int)n;
	/* A task that is being released reads as nothing at all. */
	if (n == 0)
		return -ESRCH;
	if (proc_parse_stat(rd->stat, (size_t)n, &st) < 0) {
		note_error(p, -EIO);
		return 0;
	}
	take_stat(rd, p, &st);
	return 0;
}

/* The lines of task_mem(): there only while the thread has an mm. */
static void take_memory(struct reader *rd, struct proc *p, const struct proc_status *st)
{
	uint64_t page = rd->s->machine.page_size;

	if (st->has_rss) {
		p->rss_status_pages = st->rss_kib * 1024 / page;
		p->have |= HAVE_RSS_STATUS;
	}
	if (st->has_parts) {
		p->anon_pages = st->anon_kib * 1024 / page;
		p->file_pages = st->file_kib * 1024 / page;
		p->have |= HAVE_RSS_PARTS;
	}
	if (st->has_swap) {
		p->swap_pages = st->swap_kib * 1024 / page;
		p->have |= HAVE_SWAP;
	}
	if (st->has_pte && st->pte_kib <= UINT32_MAX) {
		p->pte_kib = (uint32_t)st->pte_kib;
		p->have |= HAVE_PTE;
	}
	if (st->has_pmd && st->pmd_kib <= UINT32_MAX) {
		p->pmd_kib = (uint32_t)st->pmd_kib;
		p->have |= HAVE_PMD;
	}
}

static void take_status(struct reader *rd, struct proc *p, const struct proc_status *st)
{
	if (st->has_uid) {
		p->uid = st->euid;
		p->have |= HAVE_UID;
		if (st->uid == 0 || st->euid == 0)
			p->flags |= PROC_IS_ROOT;
	}
	if (st->has_caps) {
		p->have |= HAVE_CAPS;
		if (st->cap_eff >> CAP_BIT_SYS_ADMIN & 1)
			p->flags |= PROC_CAP_SYS_ADMIN;
		if (st->cap_eff >> CAP_BIT_SYS_RESOURCE & 1)
			p->flags |= PROC_CAP_SYS_RESOURCE;
		if (st->cap_eff >> CAP_BIT_SYS_RAWIO & 1)
			p->flags |= PROC_CAP_SYS_RAWIO;
	}
	if (st->has_pending) {
		p->have |= HAVE_SIGNALS;
		if (st->pending & SIGKILL_BIT)
			p->flags |= PROC_SIGKILL;
	}
	if (st->has_threads && !(p->have & HAVE_THREADS)) {
		p->threads = st->threads;
		p->have |= HAVE_THREADS;
	}
	if (st->has_ppid && !(p->have & HAVE_PPID)) {
		p->ppid = st->ppid;
		p->have |= HAVE_PPID;
	}
	if (st->has_name)
		set_comm(rd, p, st->name);
}

/* oom_badness() judges by find_lock_task_mm(): the first thread that still has the mm, which for a
 * leader that has exited is another one; its files are those of task/TID. */
static void read_living_thread(struct reader *rd, struct proc *p)
{
	pid_t tids[TASKS_MAX];
	ssize_t n = host_list_tasks(rd->h, p->pid, tids, ARRAY_SIZE(tids));

	p->mem_tid = p->pid;
	for (ssize_t i = 0; i < n && i < TASKS_MAX; i++) {
		struct proc_status status;
		struct proc_stat stat;
		char path[48];
		ssize_t got;

		if (tids[i] == p->pid)
			continue;
		snprintf(path, sizeof(path), "task/%d/status", (int)tids[i]);
		got = host_read_proc(rd->h, p->pid, path, rd->status, sizeof(rd->status));
		if (got <= 0)
			continue;
		proc_parse_status(rd->status, (size_t)got, &status);
		if (!status.has_vm_size)
			continue;
		take_memory(rd, p, &status);
		snprintf(path, sizeof(path), "task/%d/stat", (int)tids[i]);
		got = host_read_proc(rd->h, p->pid, path, rd->stat, sizeof(rd->stat));
		if (got > 0 && proc_parse_stat(rd->stat, (size_t)got, &stat) == 0)
			p->rss_stat_pages = stat.rss_pages;
		else
			p->have &= ~(uint32_t)HAVE_RSS_STAT;
		p->mem_tid = tids[i];
		p->flags |= PROC_ZOMBIE_LEADER | PROC_HAS_MM;
		return;
	}
	if (n < 0 && !is_gone(n)) {
		note_error(p, n);
		p->have &= ~(uint32_t)HAVE_MM;
	}
}

/* Whether the pid is still that of the process that was read: its start time tells. */
static bool is_still_there(struct reader *rd, const struct proc *p)
{
	struct proc_stat st;
	ssize_t n;

	if (rd->s->origin != ORIGIN_LIVE || !(p->have & HAVE_START))
		return true;
	n = host_read_proc(rd->h, p->pid, "stat", rd->stat, sizeof(rd->stat));
	return n > 0 && proc_parse_stat(rd->stat, (size_t)n, &st) == 0 &&
	       st.start_ticks == p->start_ticks;
}

static int read_status(struct reader *rd, struct proc *p)
{
	ssize_t n = host_read_proc(rd->h, p->pid, "status", rd->status, sizeof(rd->status));
	struct proc_status st;

	if (n < 0)
		return (int)n;
	if (n == 0)
		return -ESRCH;
	proc_parse_status(rd->status, (size_t)n, &st);
	take_status(rd, p, &st);
	p->mem_tid = p->pid;
	if (st.has_vm_size) {
		p->have |= HAVE_MM;
		p->flags |= PROC_HAS_MM;
		take_memory(rd, p, &st);
	} else if (st.has_name || st.has_threads) {
		p->have |= HAVE_MM;
		if (!(p->flags & PROC_KTHREAD) && (p->have & HAVE_THREADS) && p->threads > 1)
			read_living_thread(rd, p);
	} else {
		note_error(p, -EIO);
	}
	return 0;
}

/* kernel/cgroup/cgroup.c proc_cgroup_show(): on v1 who has exited stands in "/", whatever cgroup
 * the others of its threads are in; the OOM goes by theirs. */
static void read_cgroup(struct reader *rd, struct proc *p)
{
	char buf[CGROUP_SIZE], file[48];
	const char *path;
	size_t path_n;
	ssize_t n = -ENOENT;

	if (p->mem_tid != p->pid) {
		snprintf(file, sizeof(file), "task/%d/cgroup", (int)p->mem_tid);
		n = host_read_proc(rd->h, p->pid, file, buf, sizeof(buf));
	}
	if (n < 0)
		n = host_read_proc(rd->h, p->pid, "cgroup", buf, sizeof(buf));
	if (n < 0) {
		if (!is_gone(n))
			note_error(p, n);
		return;
	}
	if (cgroupfs_parse_proc_cgroup(buf, (size_t)n, rd->s->cgroup_version, &path, &path_n) < 0)
		return;
	p->cgroup = arena_strndup(&rd->s->arena, path, path_n);
	if (p->cgroup)
		p->have |= HAVE_CGROUP;
}

static void read_cmdline(struct reader *rd, struct proc *p)
{
	char buf[CMDLINE_SIZE];
	ssize_t n = host_read_proc(rd->h, p->pid, "cmdline", buf, sizeof(buf));

	if (n < 0) {
		if (!is_gone(n))
			note_error(p, n);
		return;
	}
	while (n > 0 && buf[n - 1] == '\0')
		n--;
	for (ssize_t i = 0; i < n; i++)
		if (buf[i] == '\0')
			buf[i] = ' ';
	p->cmdline = arena_strndup(&rd->s->arena, buf, (size_t)n);
	if (p->cmdline)
		p->have |= HAVE_CMDLINE;
}

static void read_userns(struct reader *rd, struct proc *p)
{
	char buf[256];
	ssize_t n;

	if (!(p->flags & PROC_CAP_SYS_ADMIN) || (p->flags & PROC_KTHREAD))
		return;
	n = host_read_proc(rd->h, p->pid, "uid_map", buf, sizeof(buf));
	if (n <= 0)
		return;
	p->have |= HAVE_USERNS;
	if (!proc_uid_map_is_initial(buf, (size_t)n))
		p->flags |= PROC_USERNS;
}

/* utime and stime of the leader alone: task/PID/stat; stat has those of the whole group. */
static uint64_t leader_ticks(struct reader *rd, const struct proc *p, uint64_t otherwise)
{
	char path[48], buf[STAT_SIZE];
	struct proc_stat st;
	ssize_t n;

	snprintf(path, sizeof(path), "task/%d/stat", (int)p->pid);
	n = host_read_proc(rd->h, p->pid, path, buf, sizeof(buf));
	if (n <= 0 || proc_parse_stat(buf, (size_t)n, &st) < 0)
		return otherwise;
	return st.utime_ticks + st.stime_ticks;
}

static int read_oom_adj(struct reader *rd, const struct proc *p, struct proc_classic *c)
{
	char buf[32];
	ssize_t n = host_read_proc(rd->h, p->pid, "oom_adj", buf, sizeof(buf));
	const char *at = buf;
	int64_t v;

	if (n < 0 || str_scan_i64(&at, buf + n, &v) < 0 || v < -17 || v > 15)
		return -EINVAL;
	c->oom_adj = (int8_t)v;
	c->have_oom_adj = true;
	return 0;
}

/* The texts of stat and status are still in the reader's buffers. */
static void take_classic(struct reader *rd, struct proc *p)
{
	struct proc_classic *c;
	struct proc_stat stat;
	struct proc_status status;

	if (rd->status[0] == '\0' || proc_parse_stat(rd->stat, strlen(rd->stat), &stat) < 0)
		return;
	/* Without it nobody's run time is known, and unknown is not 0. */
	if (rd->uptime_ticks == 0) {
		note_error(p, -EIO);
		return;
	}
	proc_parse_status(rd->status, strlen(rd->status), &status);
	c = arena_alloc(&rd->s->arena, sizeof(*c));
	if (!c)
		return;
	c->total_vm_pages =
		status.has_vm_size ? status.vm_size_kib * 1024 / rd->s->machine.page_size : 0;
	c->cpu_group_usec = (stat.utime_ticks + stat.stime_ticks) * (1000000 / USER_HZ);
	c->cpu_task_usec =
		leader_ticks(rd, p, stat.utime_ticks + stat.stime_ticks) * (1000000 / USER_HZ);
	c->nice = stat.nice;
	if (rd->uptime_ticks > p->start_ticks)
		c->run_seconds = rd->uptime_ticks / USER_HZ - p->start_ticks / USER_HZ;
	c->mems_intersect = !status.has_mems_allowed || !rd->reader_mems.n ||
			    proc_masks_intersect(status.mems_allowed, rd->reader_mems);
	if (!(p->have & HAVE_ADJ))
		read_oom_adj(rd, p, c);
	p->classic = c;
	p->have |= HAVE_CLASSIC;
}

/* Returns 0, or -ESRCH where it is gone. */
static int read_files(struct reader *rd, struct proc *p)
{
	unsigned need = rd->need;
	int r;

	/* What could not be read must not be told by the text of the process before. */
	rd->stat[0] = rd->status[0] = '\0';
	/* stat first: it tells of a kernel thread, of whom nothing else is read but what is shown.
	 */
	if (need & SNAPSHOT_STAT) {
		r = read_stat(rd, p);
		if (is_gone(r))
			return -ESRCH;
		if (r < 0)
			note_error(p, r);
		/* A score that was read earlier may be of the process that had the pid before. */
		if ((p->have & HAVE_START) && p->start_ticks >= rd->begin_ticks)
			p->have &= ~(uint32_t)HAVE_SCORE;
	}
	if ((need & SNAPSHOT_SCORE) && !(p->have & HAVE_SCORE)) {
		r = read_score(rd, p);
		/* A /proc without the file is no reason to call the process gone: stat tells which.
		 */
		if (r == -ENOENT && !(need & SNAPSHOT_STAT))
			r = read_stat(rd, p) == 0 ? -ENOENT : -ESRCH;
		if (r == -ESRCH)
			return -ESRCH;
		if (r < 0 && r != -ENOENT)
			note_error(p, r);
	}
	if (need & SNAPSHOT_ADJ) {
		r = read_adj(rd, p);
		if (r == -ESRCH)
			return -ESRCH;
		if (r < 0 && r != -ENOENT)
			note_error(p, r);
	}
	if (need & SNAPSHOT_STATUS) {
		r = p->flags & PROC_KTHREAD ? 0 : read_status(rd, p);
		if (is_gone(r))
			return -ESRCH;
		if (r < 0)
			note_error(p, r);
		if (p->flags & PROC_KTHREAD)
			p->have |= HAVE_MM;
	}
	if ((need & SNAPSHOT_CLASSIC) && !(p->flags & PROC_KTHREAD))
		take_classic(rd, p);
	if (need & SNAPSHOT_USERNS)
		read_userns(rd, p);
	if (need & SNAPSHOT_CGROUP)
		read_cgroup(rd, p);
	if (need & SNAPSHOT_CMDLINE)
		read_cmdline(rd, p);
	if (p->pid == 1 && rd->s->pid_ns == PID_NS_INIT)
		p->flags |= PROC_GLOBAL_INIT;
	return 0;
}

/* All that is asked of one process, and of no other that gets its pid meanwhile. Returns 0, or
 * -ESRCH where it is gone. */
static int read_process(struct reader *rd, struct proc *p)
{
	bool one_file = (rd->need & (rd->need - 1)) == 0;
	int r;

	if (!one_file && is_gone(host_enter_proc(rd->h, p->pid)))
		return -ESRCH;
	r = read_files(rd, p);
	host_leave_proc(rd->h);
	return r;
}

/* ------------------------------------------------------------------------------------------ vfork
 */

/* Any thread of the process in uninterruptible sleep: wait_for_vfork_done() waits so. */
static bool some_thread_waits(const struct host *h, pid_t pid, char *buf, size_t size)
{
	pid_t tids[TASKS_MAX];
	ssize_t n = host_list_tasks(h, pid, tids, ARRAY_SIZE(tids));

	for (ssize_t i = 0; i < n && i < TASKS_MAX; i++) {
		struct proc_stat st;
		char path[48];
		ssize_t got;

		snprintf(path, sizeof(path), "task/%d/stat", (int)tids[i]);
		got = host_read_proc(h, pid, path, buf, size);
		if (got > 0 && proc_parse_stat(buf, (size_t)got, &st) == 0 && st.state == 'D')
			return true;
	}
	return false;
}

/* Two processes with one mm: kcmp(2) says so where we may ask, else all their Vm lines are the
 * same. */
static bool shares_mm(struct reader *rd, pid_t a, pid_t b)
{
	int r = host_same_mm(rd->h, a, b);
	_cleanup_free_ char *other = NULL;
	ssize_t a_n, b_n;

	if (r >= 0)
		return r;
	other = malloc(STATUS_SIZE);
	if (!other)
		return false;
	a_n = host_read_proc(rd->h, a, "status", rd->status, sizeof(rd->status));
	b_n = host_read_proc(rd->h, b, "status", other, STATUS_SIZE);
	return a_n > 0 && b_n > 0 &&
	       proc_same_vm_lines(rd->status, (size_t)a_n, other, (size_t)b_n);
}

/* mm/oom_kill.c in_vfork(): a child that has its parent's mm while the parent waits. Looked for
 * only where the kernel says that it will not choose a process that has memory, or where it does
 * not say. anew: what the parent did when the snapshot was taken says nothing of now. */
static void find_vfork(struct reader *rd, struct proc *p, bool anew)
{
	const struct proc *parent;
	struct proc alone = { 0 };
	bool waits, immune;

	if (!(p->flags & PROC_HAS_MM) ||
	    (p->flags & (PROC_KTHREAD | PROC_GLOBAL_INIT | PROC_ZOMBIE_LEADER)) ||
	    ((p->have & HAVE_SCORE) && p->oom_score != 0) || !(p->have & HAVE_PPID) || p->ppid <= 0)
		return;
	p->have |= HAVE_VFORK;
	parent = anew ? NULL : snapshot_find(rd->s, p->ppid);
	if (!parent) {
		alone.pid = p->ppid;
		if (read_stat(rd, &alone) < 0 || read_status(rd, &alone) < 0)
			return;
		parent = &alone;
	}
	if (parent->rss_status_pages != p->rss_status_pages ||
	    parent->swap_pages != p->swap_pages || parent->pte_kib != p->pte_kib ||
	    parent->anon_pages != p->anon_pages)
		return;
	waits = parent->state == 'D' ||
		(parent->threads > 1 &&
		 some_thread_waits(rd->h, parent->pid, rd->stat, sizeof(rd->stat)));
	immune = (parent->have & HAVE_ADJ) && parent->oom_score_adj == -1000;
	if (!(waits || immune) || !shares_mm(rd, p->pid, parent->pid))
		return;
	if (waits)
		p->flags |= PROC_VFORK;
	if (immune)
		p->flags |= PROC_SHARES_IMMUNE_MM;
}

/* ------------------------------------------------------------------------------------------ all of
 * them */

static int reader_open(struct reader **ret, struct snapshot *s, const struct host *h, unsigned need)
{
	struct reader *rd = malloc(sizeof(*rd));
	char buf[64];
	struct proc_status st;
	const char *p = buf;
	uint64_t seconds;
	ssize_t n;

	if (!rd)
		return -ENOMEM;
	rd->s = s;
	rd->h = h;
	rd->need = need;
	rd->reader_mems = (struct str){ 0 };
	rd->uptime_ticks = 0;
	if (host_ticks_since_boot(h, &rd->begin_ticks) < 0)
		rd->begin_ticks = UINT64_MAX;
	rd->stat[0] = rd->status[0] = '\0';
	*ret = rd;
	if (!(need & SNAPSHOT_CLASSIC))
		return 0;
	n = host_read(h, "proc/uptime", buf, sizeof(buf));
	if (n > 0 && str_scan_u64(&p, buf + n, &seconds) == 0)
		rd->uptime_ticks = seconds * USER_HZ;
	n = host_read(h, "proc/self/status", rd->status, sizeof(rd->status));
	if (n > 0) {
		proc_parse_status(rd->status, (size_t)n, &st);
		if (st.has_mems_allowed && st.mems_allowed.n < sizeof(rd->mems)) {
			memcpy(rd->mems, st.mems_allowed.s, st.mems_allowed.n);
			rd->reader_mems = (struct str){ rd->mems, st.mems_allowed.n };
		}
	}
	return 0;
}

static int compare_pid(const void *key, const void *element)
{
	pid_t a = *(const pid_t *)key, b = ((const struct proc *)element)->pid;

	return (a > b) - (a < b);
}

struct proc *snapshot_find(const struct snapshot *s, pid_t pid)
{
	return s->n_procs ? bsearch(&pid, s->procs, s->n_procs, sizeof(*s->procs), compare_pid)
			  : NULL;
}

/* mm->total_vm of the children, those with an mm of their own: badness() up to 2.6.35. */
static void sum_children(struct snapshot *s)
{
	for (size_t i = 0; i < s->n_procs; i++) {
		const struct proc *child = &s->procs[i];
		struct proc *parent = snapshot_find(s, child->ppid);
		struct proc_classic *c = parent ? (struct proc_classic *)parent->classic : NULL;

		if (!c || !child->classic || !(child->flags & PROC_HAS_MM) ||
		    (child->flags & PROC_VFORK))
			continue;
		c->children_vm_pages += child->classic->total_vm_pages;
		c->children_half_pages += child->classic->total_vm_pages / 2 + 1;
	}
}

static void finish_reading(struct reader *rd)
{
	struct snapshot *s = rd->s;

	s->n_unreadable = 0;
	for (size_t i = 0; i < s->n_procs; i++) {
		s->n_unreadable += s->procs[i].err != 0;
		if (rd->need & SNAPSHOT_STATUS)
			find_vfork(rd, &s->procs[i], false);
	}
	if (rd->need & SNAPSHOT_CLASSIC)
		sum_children(s);
}

/* Reads the processes of pids, in their order. scores: what has been read of their oom_score
 * already, UINT64_MAX where it has not; NULL. */
static int read_pids(struct reader *rd, const pid_t *pids, const uint64_t *scores, size_t n)
{
	struct snapshot *s = rd->s;

	s->procs = calloc(n ? n : 1, sizeof(*s->procs));
	if (!s->procs)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		struct proc *p = &s->procs[s->n_procs];

		*p = (struct proc){ .pid = pids[i], .mem_tid = pids[i] };
		if (scores && scores[i] != UINT64_MAX) {
			p->oom_score = scores[i];
			p->have = HAVE_SCORE;
		}
		if (read_process(rd, p) == 0)
			s->n_procs++;
	}
	return 0;
}

int snapshot_read(struct snapshot *s, const struct host *h, unsigned need, const pid_t *pids,
		  size_t n_pids)
{
	_cleanup_free_ pid_t *all = NULL;
	_cleanup_free_ struct reader *rd = NULL;
	int r;

	if (!pids) {
		ssize_t n = host_list_pids(h, &all);

		if (n <= 0)
			return n < 0 ? (int)n : -ENODATA;
		pids = all;
		n_pids = (size_t)n;
	}
	r = reader_open(&rd, s, h, need);
	if (r < 0)
		return r;
	if (pids == all) {
		s->n_pids = n_pids;
		s->hidepid = pids[0] != 1;
	}
	r = read_pids(rd, pids, NULL, n_pids);
	if (r < 0)
		return r;
	finish_reading(rd);
	return 0;
}

static int compare_scores_down(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x < y) - (x > y);
}

/* The score below which nobody can be among the first top: the top-th largest, through a small
 * sorted window. */
static uint64_t score_threshold(const uint64_t *scores, size_t n, size_t top, uint64_t *window)
{
	size_t filled = 0;

	if (top == 0)
		return 0;
	for (size_t i = 0; i < n; i++) {
		size_t at;

		if (filled == top && scores[i] <= window[top - 1])
			continue;
		at = filled < top ? filled++ : top - 1;
		for (; at > 0 && window[at - 1] < scores[i]; at--)
			window[at] = window[at - 1];
		window[at] = scores[i];
	}
	return filled == top ? window[top - 1] : 0;
}

/* The window is searched linearly: past this many rows a sort of all scores is cheaper. */
#define WINDOW_MAX 64

static int top_threshold(const uint64_t *scores, size_t n, size_t top, uint64_t *ret)
{
	_cleanup_free_ uint64_t *sorted = NULL;
	uint64_t window[WINDOW_MAX];

	if (top <= WINDOW_MAX) {
		*ret = score_threshold(scores, n, top, window);
		return 0;
	}
	if (n < top) {
		*ret = 0;
		return 0;
	}
	sorted = malloc(n * sizeof(*sorted));
	if (!sorted)
		return -ENOMEM;
	memcpy(sorted, scores, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), compare_scores_down);
	*ret = sorted[top - 1];
	return 0;
}

/* So many more than are shown are read with all that a row shows: a second look, with proof that
 * it is of the same process, costs as much as three of them. */
#define TOP_SPARE 4

int snapshot_read_top(struct snapshot *s, const struct host *h, unsigned need, unsigned shown,
		      size_t top)
{
	_cleanup_free_ pid_t *pids = NULL;
	_cleanup_free_ uint64_t *scores = NULL;
	_cleanup_free_ struct reader *rd = NULL;
	size_t kept = 0, known = 0;
	uint64_t least;
	ssize_t n = host_list_pids(h, &pids);
	int r;

	if (n <= 0)
		return n < 0 ? (int)n : -ENODATA;
	s->n_pids = (size_t)n;
	s->hidepid = pids[0] != 1;
	r = reader_open(&rd, s, h, need);
	if (r < 0)
		return r;
	scores = malloc(((size_t)n + 1) * sizeof(*scores));
	if (!scores)
		return -ENOMEM;
	for (ssize_t i = 0; i < n; i++) {
		struct proc p = { .pid = pids[i] };

		r = read_score(rd, &p);
		if (is_gone(r) && i > 0)
			continue;
		/* What does not tell its score may be anywhere: it is kept. */
		scores[kept] = p.have & HAVE_SCORE ? p.oom_score : UINT64_MAX;
		known += (p.have & HAVE_SCORE) != 0;
		pids[kept++] = pids[i];
	}
	if (known * 2 < kept || top == 0)
		least = 0;
	else if ((r = top_threshold(scores, kept, top + (kept - known), &least)) < 0)
		return r;
	s->listed = malloc((kept + 1) * sizeof(*s->listed));
	if (!s->listed)
		return -ENOMEM;
	s->n_pids = s->n_listed = kept;
	n = 0;
	for (size_t i = 0; i < kept; i++) {
		s->listed[i].pid = pids[i];
		s->listed[i].score =
			scores[i] < LISTED_UNKNOWN ? (uint16_t)scores[i] : LISTED_UNKNOWN;
		if (scores[i] >= least) {
			scores[n] = scores[i];
			pids[n++] = pids[i];
		}
	}
	/* Where nobody showed a score, the list was emptied by kernels without the file: take all.
	 */
	if (known == 0) {
		free(s->listed);
		s->listed = NULL;
		return snapshot_read(s, h, need, NULL, 0);
	}
	if ((size_t)n <= top + TOP_SPARE)
		rd->need |= shown;
	r = read_pids(rd, pids, scores, (size_t)n);
	if (r < 0)
		return r;
	finish_reading(rd);
	return 0;
}

void snapshot_more(struct snapshot *s, const struct host *h, struct proc *p, unsigned need)
{
	bool was_whole = p->err == 0;
	struct reader *rd;

	if ((need & SNAPSHOT_CGROUP) && (p->have & HAVE_CGROUP))
		need &= ~(unsigned)SNAPSHOT_CGROUP;
	if ((need & SNAPSHOT_CMDLINE) && (p->have & HAVE_CMDLINE))
		need &= ~(unsigned)SNAPSHOT_CMDLINE;
	if (!(need & (SNAPSHOT_CGROUP | SNAPSHOT_CMDLINE)) || reader_open(&rd, s, h, 0) < 0)
		return;
	if (need & SNAPSHOT_CGROUP)
		read_cgroup(rd, p);
	if (need & SNAPSHOT_CMDLINE)
		read_cmdline(rd, p);
	/* The row is of the process that was judged: what another one of the same pid says is not.
	 */
	if (!is_still_there(rd, p)) {
		p->have &= ~(uint32_t)((need & SNAPSHOT_CGROUP ? HAVE_CGROUP : 0) |
				       (need & SNAPSHOT_CMDLINE ? HAVE_CMDLINE : 0));
		p->err = ESRCH;
	}
	s->n_unreadable += was_whole && p->err != 0 && p->err != ESRCH;
	free(rd);
}

int snapshot_reread(struct snapshot *s, const struct host *h, struct proc *p, unsigned need)
{
	_cleanup_free_ struct reader *rd = NULL;
	struct proc fresh = { .pid = p->pid,
			      .mem_tid = p->pid,
			      .cgroup = p->cgroup,
			      .cmdline = p->cmdline,
			      .comm = p->comm,
			      .have = p->have & (HAVE_CGROUP | HAVE_CMDLINE | HAVE_COMM) };
	int r = reader_open(&rd, s, h, need & ~(unsigned)(SNAPSHOT_CGROUP | SNAPSHOT_CMDLINE));

	if (r < 0)
		return r;
	if (read_process(rd, &fresh) < 0)
		return -ESRCH;
	if ((p->have & HAVE_START) && (fresh.have & HAVE_START) &&
	    p->start_ticks != fresh.start_ticks)
		return -ESRCH;
	*p = fresh;
	find_vfork(rd, p, true);
	return 0;
}

/* ------------------------------------------------------------------------------------------ other
 * witnesses */

bool snapshot_hides(const struct host *h)
{
	uint64_t inode;

	return host_inode(h, "proc/1", &inode) == -ENOENT;
}

bool snapshot_hidepid_mounted(const struct host *h)
{
	_cleanup_free_ char *buf = NULL;
	ssize_t n = host_read_all(h, "proc/mounts", 1 << 22, &buf);
	const char *p, *end;
	struct str line;

	if (n < 0)
		return false;
	p = buf;
	end = buf + n;
	while (str_next_line(&p, end, &line)) {
		const char *at = memmem(line.s, line.n, " /proc proc ", 12), *opt;

		if (!at)
			continue;
		opt = memmem(at, (size_t)(line.s + line.n - at), "hidepid=", 8);
		if (opt && opt[8] != '0' && strncmp(opt + 8, "off", 3) != 0)
			return true;
	}
	return false;
}

unsigned snapshot_cpus(const struct host *h)
{
	_cleanup_free_ char *buf = NULL;
	ssize_t n = host_read_all(h, "proc/stat", 1 << 22, &buf);
	const char *p, *end;
	struct str line;
	unsigned cpus = 0;

	if (n < 0)
		return 1;
	p = buf;
	end = buf + n;
	while (str_next_line(&p, end, &line))
		cpus += line.n > 3 && memcmp(line.s, "cpu", 3) == 0 && line.s[3] >= '0' &&
			line.s[3] <= '9';
	return cpus ? cpus : 1;
}

int snapshot_zones(const struct host *h, struct zoneinfo *ret)
{
	_cleanup_free_ char *buf = NULL;
	ssize_t n = host_read_all(h, "proc/zoneinfo", 1 << 22, &buf);

	if (n < 0)
		return (int)n;
	meminfo_parse_zones(buf, (size_t)n, ret);
	return ret->zones ? 0 : -ENODATA;
}

/* Sum of the Size column of /proc/swaps, pages. */
static int swaps_pages(const struct snapshot *s, const struct host *h, uint64_t *ret)
{
	_cleanup_free_ char *buf = NULL;
	ssize_t n = host_read_all(h, "proc/swaps", 1 << 20, &buf);
	const char *p, *end;
	struct str line;

	if (n < 0)
		return (int)n;
	*ret = 0;
	p = buf;
	end = buf + n;
	if (!str_next_line(&p, end, &line))
		return -ENODATA;
	while (str_next_line(&p, end, &line)) {
		const char *at = line.s, *stop = line.s + line.n;
		uint64_t kib;

		for (int field = 0; field < 2; field++) {
			while (at < stop && *at != ' ' && *at != '\t')
				at++;
			while (at < stop && (*at == ' ' || *at == '\t'))
				at++;
		}
		if (str_scan_u64(&at, stop, &kib) == 0)
			*ret += kib * 1024 / s->machine.page_size;
	}
	return 0;
}

size_t snapshot_other_totals(const struct snapshot *s, const struct host *h,
			     struct snapshot_total *ret, size_t max)
{
	uint64_t swap[2] = { s->machine.swap_pages, 0 }, ram_bytes, swap_bytes;
	size_t n = 0, swaps = swaps_pages(s, h, &swap[1]) == 0 && swap[1] != swap[0] ? 2 : 1;
	struct zoneinfo z;

	if (host_total_ram_bytes(h, &ram_bytes, &swap_bytes) == 0 && n < max)
		ret[n++] =
			(struct snapshot_total){ ram_bytes / s->machine.page_size,
						 swap_bytes / s->machine.page_size, "sysinfo(2)" };
	if (snapshot_zones(h, &z) == 0 && z.managed_pages)
		for (size_t i = 0; i < swaps && n < max; i++)
			ret[n++] = (struct snapshot_total){ z.managed_pages, swap[i],
							    "/proc/zoneinfo" };
	return n;
}

void snapshot_close(struct snapshot *s)
{
	free(s->procs);
	free(s->listed);
	arena_free(&s->arena);
	*s = (struct snapshot){ 0 };
}
