/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A good event, and whether it was found exactly: what stands before it in a log must not cost
 * it. */
#ifndef TESTS_FUZZ_GOOD_H
#define TESTS_FUZZ_GOOD_H

#include <stdbool.h>
#include <string.h>

#include "oomlog.h"

/* Behind the end of a line, and a line of something else. */
static const char good_event[] =
	"\n\nNov 23 09:00:00 web-1 sshd[1]: Accepted publickey\n"
	"[99999.000001] zz invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, "
	"oom_score_adj=0\n"
	"[99999.000002] CPU: 1 PID: 4194302 Comm: zz Not tainted 6.1.0-18-amd64 #1\n"
	"[99999.000003] memory: usage 48kB, limit 48kB, failcnt 1\n"
	"[99999.000004] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents "
	"oom_score_adj name\n"
	"[99999.000005] [4194303]     0 4194303     2        1     4096        0             5 b "
	"c\n"
	"[99999.000006] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,"
	"mems_allowed=0,oom_memcg=/x,task_memcg=/x/y,task=b c,pid=4194303,uid=0\n"
	"[99999.000007] Memory cgroup out of memory: Killed process 4194303 (b c) total-vm:8kB, "
	"anon-rss:4kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:4kB oom_score_adj:5\n";

static inline bool is_good_event(const struct oom_event *e)
{
	const struct oom_kill *k = e->kills;

	return e->n_kills == 1 && k->pid == 4194303 && strcmp(k->comm, "b c") == 0 &&
	       k->anon_kib == 4 && k->oom_score_adj == 5 && k->task_memcg &&
	       strcmp(k->task_memcg, "/x/y") == 0 && e->n_rows == 1 && e->rows[0].pid == 4194303 &&
	       oomlog_is_complete(e) && e->invoker && strcmp(e->invoker, "zz") == 0 &&
	       e->constraint == CONSTRAINT_MEMCG;
}

#endif
