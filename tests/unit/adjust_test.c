/* SPDX-License-Identifier: GPL-2.0-or-later */
/* adjust: the process that was meant, and never another. Raising is permitted to everybody. */
#include "adjust.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static const struct policy_wish to_700 = { .value = 700 };

/* A child that waits; wanted: of that pid, if it can be chosen here (-1 where not), 0: of any. */
static pid_t start(pid_t wanted)
{
	struct clone_args args = { .exit_signal = SIGCHLD,
				   .set_tid = (uintptr_t)&wanted,
				   .set_tid_size = 1 };
	pid_t pid = wanted ? (pid_t)syscall(SYS_clone3, &args, sizeof(args)) : fork();

	if (pid == 0)
		for (;;)
			pause();
	if (!wanted && pid < 0)
		abort();
	return pid;
}

/* kill(2) takes -1 for everybody. */
static void end(pid_t pid)
{
	if (pid <= 0)
		abort();
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static int value_of(const struct host *h, pid_t pid)
{
	const struct adjust_target t = { .pid = pid };
	int v = -9999;

	CHECK_INT(adjust_read(h, &t, &v), 0);
	return v;
}

static void test_set(const struct host *h)
{
	struct adjust_target t = { .pid = start(0) };
	int before = value_of(h, t.pid);
	struct adjust a;

	adjust_process(h, &t, &to_700, true, &a);
	CHECK_INT(a.end, ADJUST_DONE);
	CHECK_INT(a.plan.from, before);
	CHECK_INT(a.plan.to, 700);
	CHECK_INT(value_of(h, t.pid), before);
	adjust_process(h, &t, &to_700, false, &a);
	CHECK_INT(a.end, ADJUST_DONE);
	CHECK_INT(value_of(h, t.pid), 700);
	CHECK(a.has_mm);
	CHECK(!a.is_kernel);
	CHECK_INT(a.leader, 0);
	end(t.pid);
	adjust_process(h, &t, &to_700, false, &a);
	CHECK_INT(a.end, ADJUST_GONE);
	CHECK(!a.has_from);
}

/* It began at another time: it is not the one that was meant. */
static void test_another(const struct host *h)
{
	struct adjust_target t = { .pid = start(0), .start_ticks = 1, .has_start = true };
	int before = value_of(h, t.pid), v;
	struct adjust a;

	adjust_process(h, &t, &to_700, false, &a);
	CHECK_INT(a.end, ADJUST_GONE);
	CHECK_INT(adjust_read(h, &t, &v), -ESRCH);
	CHECK_INT(value_of(h, t.pid), before);
	end(t.pid);
}

/* A directory that was opened before the pid got another owner reaches nobody. */
static void test_reborn(const struct host *h)
{
	pid_t first = start(0), second;
	int held = host_hold_proc(h, first), before;
	bool opened;

	CHECK(held >= 0);
	end(first);
	second = start(first);
	if (second < 0) {
		/* Not everybody may choose a pid. */
		CHECK(errno == EPERM || errno == ENOSYS || errno == EEXIST || errno == EINVAL);
		host_release(held);
		return;
	}
	CHECK_INT(second, first);
	before = value_of(h, second);
	CHECK(host_write_held(h, held, "oom_score_adj", "700\n", &opened) < 0);
	CHECK_INT(value_of(h, second), before);
	host_release(held);
	end(second);
}

static void test_sharers(const struct host *h)
{
	pid_t pids[3], child = start(0);
	int32_t found[4];
	size_t budget = 100;

	pids[0] = getpid();
	pids[1] = getppid();
	pids[2] = child;
	CHECK_INT(adjust_sharers(h, getpid(), pids, 3, found, 4, &budget), 0);
	budget = 1;
	adjust_sharers(h, getpid(), pids, 3, found, 4, &budget);
	CHECK_INT(budget, 0);
	end(child);
}

/* Below another root, too, no link leads out. */
static void test_foreign_root(void)
{
	char dir[] = "/tmp/oomkit-adjust.XXXXXX", path[128];
	const struct adjust_target t = { .pid = 9 };
	struct adjust a;
	struct host h;
	FILE *f;

	if (!mkdtemp(dir))
		abort();
	snprintf(path, sizeof(path), "mkdir -p %s/proc/9", dir);
	CHECK_INT(system(path), 0);
	snprintf(path, sizeof(path), "%s/proc/9/stat", dir);
	f = fopen(path, "w");
	fputs("9 (x) S 1 1 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 5 4096 1 "
	      "18446744073709551615\n",
	      f);
	fclose(f);
	snprintf(path, sizeof(path), "%s/victim", dir);
	f = fopen(path, "w");
	fputs("0\n", f);
	fclose(f);
	snprintf(path, sizeof(path), "ln -s ../../victim %s/proc/9/oom_score_adj", dir);
	CHECK_INT(system(path), 0);
	CHECK_INT(host_open(&h, dir), 0);
	adjust_process(&h, &t, &to_700, false, &a);
	CHECK_INT(a.end, ADJUST_FAILED);
	CHECK_INT(a.error, ELOOP);
	snprintf(path, sizeof(path), "%s/proc/9/oom_score_adj", dir);
	CHECK_INT(unlink(path), 0);
	f = fopen(path, "w");
	fputs("-1000\n", f);
	fclose(f);
	adjust_process(&h, &t, &to_700, false, &a);
	CHECK_INT(a.end, ADJUST_DONE);
	CHECK_INT(a.plan.from, -1000);
	CHECK_INT(value_of(&h, 9), 700);
	host_close(&h);
	snprintf(path, sizeof(path), "rm -rf %s", dir);
	CHECK_INT(system(path), 0);
}

int main(void)
{
	struct host h;

	CHECK_INT(host_open(&h, NULL), 0);
	test_set(&h);
	test_another(&h);
	test_reborn(&h);
	test_sharers(&h);
	test_foreign_root();
	host_close(&h);
	return check_done();
}
