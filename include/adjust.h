/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Carries out what policy.h plans: writes oom_score_adj of the process that was meant, and of no
 * other. */
#ifndef OOMKIT_ADJUST_H
#define OOMKIT_ADJUST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "host.h"
#include "policy.h"

enum adjust_end {
	ADJUST_DONE,
	ADJUST_GONE,    /* it has ended, or another process has its pid now */
	ADJUST_OUTSIDE, /* what is wished lies outside of -1000..1000 */
	ADJUST_FOREIGN, /* another user's: its file cannot be opened */
	ADJUST_FLOOR,   /* below its floor, and CAP_SYS_RESOURCE is missing */
	ADJUST_DIFFERS, /* another value is read after the write */
	ADJUST_FAILED,
};

/* Who is meant, as it was when it was chosen. */
struct adjust_target {
	pid_t pid;
	uint64_t start_ticks;
	bool has_start;
};

struct adjust {
	struct plan plan;
	enum adjust_end end;
	int error;      /* errno of what failed; 0 */
	int read_back;  /* ADJUST_DIFFERS: what is read after the write */
	bool has_from;  /* plan.from has been read */
	bool has_mm;    /* it has memory of its own or shares another's */
	bool is_kernel; /* a kernel thread */
	pid_t leader;   /* the process that it is a thread of; 0 where it is that process itself */
};

/* Plans for one process by what it has now, and carries it out unless dry_run. */
void adjust_process(const struct host *h, const struct adjust_target *t,
		    const struct policy_wish *wish, bool dry_run, struct adjust *ret);

/* The value that a process has now. Returns 0 or -errno; -ESRCH where it is another process. */
int adjust_read(const struct host *h, const struct adjust_target *t, int *ret);

/* Which of pids[0..n) have the memory of pid, itself left out; at most max of them are stored.
 * *budget is how many more questions the kernel may be asked; nothing is known beyond it. Returns
 * how many. */
size_t adjust_sharers(const struct host *h, pid_t pid, const pid_t *pids, size_t n, int32_t *ret,
		      size_t max, size_t *budget);

/* Why CAP_SYS_RESOURCE does not help this run. */
enum adjust_lack {
	LACK_NOTHING,
	LACK_CAPABILITY,
	LACK_USER_NAMESPACE, /* that of the initial user namespace counts, and this is another */
};
enum adjust_lack adjust_lack(const struct host *h);

#endif
