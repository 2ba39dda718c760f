/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Has this process the oom_score_adj that it is to have? Reads, plans, writes and reads again
 * through the process's own directory, so that no other process can be hit, whoever gets the pid.
 * Mirrors fs/proc/base.c oom_score_adj_write() and __set_oom_adj().
 */
#include "adjust.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base.h"
#include "caps.h"
#include "proc.h"
#include "str.h"

#define ADJ_FILE "oom_score_adj"

static bool is_gone(ssize_t r)
{
	return r == -ESRCH || r == -ENOENT;
}

/* A held process is the one that was meant if it began when that one began. */
static int check_start(const struct host *h, int held, const struct adjust_target *t,
		       struct proc_stat *st)
{
	char buf[1024];
	ssize_t n = host_read_held(h, held, "stat", buf, sizeof(buf));

	if (n < 0)
		return is_gone(n) ? -ESRCH : (int)n;
	if (proc_parse_stat(buf, (size_t)n, st) < 0)
		return n == 0 ? -ESRCH : -EIO;
	return t->has_start && st->start_ticks != t->start_ticks ? -ESRCH : 0;
}

static int read_value(const struct host *h, int held, int *ret)
{
	char buf[32];
	ssize_t n = host_read_held(h, held, ADJ_FILE, buf, sizeof(buf));
	const char *p = buf;
	int64_t v;

	if (n < 0)
		return (int)n;
	if (str_scan_i64(&p, buf + n, &v) < 0 || v < POLICY_ADJ_MIN || v > POLICY_ADJ_MAX)
		return -EIO;
	*ret = (int)v;
	return 0;
}

/* The capability is raised for the write alone, and only for the machine's own processes. */
static int write_value(const struct host *h, int held, int value, bool *opened)
{
	bool raised =
		h->live && caps_resource() == CAPS_PERMITTED && caps_raise_resource(true) == 0;
	char text[16];
	int r;

	snprintf(text, sizeof(text), "%d\n", value);
	r = host_write_held(h, held, ADJ_FILE, text, opened);
	if (raised && caps_raise_resource(false) < 0 && r == 0)
		r = -EPERM;
	return r;
}

/* The lowest value that the kernel takes, by halves: each that it takes is nearer to what was
 * wished than the one before, so that the process never has one that nobody asked for. */
static int write_lowest(const struct host *h, int held, struct plan *plan)
{
	int refused = plan->to, permitted = plan->from, next;

	while (policy_between(refused, permitted, &next)) {
		bool opened;
		int r = write_value(h, held, next, &opened);

		if (r == 0)
			permitted = next;
		else if (r == -EACCES && opened)
			refused = next;
		else
			return r;
	}
	plan->to = (int16_t)permitted;
	plan->why = PLAN_FLOORED;
	return 0;
}

static void end_with(struct adjust *a, enum adjust_end end, int error)
{
	a->end = is_gone(error) ? ADJUST_GONE : end;
	a->error = -error;
}

static void carry_out(const struct host *h, int held, const struct policy_wish *wish,
		      struct adjust *a)
{
	bool opened = false;
	int r = write_value(h, held, a->plan.to, &opened);

	if (r == -EACCES && opened && wish->clamp && a->plan.to < a->plan.from)
		r = write_lowest(h, held, &a->plan);
	if (r == -EACCES && opened)
		return end_with(a, ADJUST_FLOOR, r);
	if (r == -EACCES || r == -EPERM)
		return end_with(a, ADJUST_FOREIGN, r);
	if (r < 0)
		return end_with(a, ADJUST_FAILED, r);
	r = read_value(h, held, &a->read_back);
	if (r < 0)
		end_with(a, ADJUST_FAILED, r);
	else if (a->read_back != a->plan.to)
		end_with(a, ADJUST_DIFFERS, 0);
}

/* /proc/TID is there for a thread, too, and what is written there is the whole process's. */
static pid_t leader_of(const struct host *h, int held, pid_t pid)
{
	static const char key[] = "\nTgid:";
	char buf[4096];
	ssize_t n = host_read_held(h, held, "status", buf, sizeof(buf));
	const char *at = n > 0 ? memmem(buf, (size_t)n, key, sizeof(key) - 1) : NULL;
	uint64_t v;

	if (!at)
		return 0;
	at += sizeof(key) - 1;
	at += strspn(at, "\t");
	if (str_scan_u64(&at, buf + n, &v) < 0 || (pid_t)v == pid)
		return 0;
	return (pid_t)v;
}

void adjust_process(const struct host *h, const struct adjust_target *t,
		    const struct policy_wish *wish, bool dry_run, struct adjust *ret)
{
	struct proc_stat st = { 0 };
	int held = host_hold_proc(h, t->pid), from, r;

	*ret = (struct adjust){ .plan.pid = t->pid };
	if (held < 0)
		return end_with(ret, ADJUST_FAILED, held);
	r = check_start(h, held, t, &st);
	if (r == 0)
		r = read_value(h, held, &from);
	if (r < 0) {
		end_with(ret, ADJUST_FAILED, r);
		return host_release(held);
	}
	ret->has_from = true;
	ret->has_mm = st.vsize_bytes != 0;
	ret->is_kernel = (st.flags & PROC_PF_KTHREAD) != 0;
	ret->leader = leader_of(h, held, t->pid);
	ret->plan = policy_plan(wish, t->pid, from);
	if (ret->plan.why == PLAN_OUTSIDE)
		end_with(ret, ADJUST_OUTSIDE, -ERANGE);
	else if (!dry_run && ret->plan.to != ret->plan.from)
		carry_out(h, held, wish, ret);
	host_release(held);
}

int adjust_read(const struct host *h, const struct adjust_target *t, int *ret)
{
	struct proc_stat st;
	int held = host_hold_proc(h, t->pid), r;

	if (held < 0)
		return is_gone(held) ? -ESRCH : held;
	r = check_start(h, held, t, &st);
	if (r == 0)
		r = read_value(h, held, ret);
	host_release(held);
	return is_gone(r) ? -ESRCH : r;
}

/* A process that gave its memory back meanwhile has the same none as every kernel thread. */
static bool still_has_mm(const struct host *h, pid_t pid)
{
	struct proc_stat st;
	char buf[1024];
	ssize_t n = host_read_proc(h, pid, "stat", buf, sizeof(buf));

	return n > 0 && proc_parse_stat(buf, (size_t)n, &st) == 0 && st.vsize_bytes != 0;
}

size_t adjust_sharers(const struct host *h, pid_t pid, const pid_t *pids, size_t n, int32_t *ret,
		      size_t max, size_t *budget)
{
	size_t found = 0;

	for (size_t i = 0; i < n && *budget; i++) {
		int r;

		if (pids[i] == pid)
			continue;
		r = host_same_mm(h, pid, pids[i]);
		if (r == -ENOTSUP || r == -ENOSYS)
			return 0;
		(*budget)--;
		if (r == 1 && found < max)
			ret[found++] = pids[i];
	}
	return found && still_has_mm(h, pid) ? found : 0;
}

enum adjust_lack adjust_lack(const struct host *h)
{
	char buf[512];
	ssize_t n = host_read(h, "proc/self/uid_map", buf, sizeof(buf));

	/* There the capability is of no use, whether the run has it or not. */
	if (n > 0 && !proc_uid_map_is_initial(buf, (size_t)n))
		return LACK_USER_NAMESPACE;
	return caps_resource() == CAPS_MISSING ? LACK_CAPABILITY : LACK_NOTHING;
}
