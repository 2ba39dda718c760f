/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A whole machine, read into facts. */
#ifndef OOMKIT_SNAPSHOT_H
#define OOMKIT_SNAPSHOT_H

#include <stddef.h>

#include "facts.h"
#include "host.h"
#include "meminfo.h"

/* What is read of each process; every bit but the first four is a file more. */
enum snapshot_need {
	SNAPSHOT_SCORE = 1u << 0, /* oom_score */
	SNAPSHOT_ADJ = 1u << 1,   /* oom_score_adj */
	SNAPSHOT_STAT = 1u << 2,
	SNAPSHOT_STATUS = 1u << 3,
	SNAPSHOT_CGROUP = 1u << 4,
	SNAPSHOT_CMDLINE = 1u << 5,
	SNAPSHOT_USERNS = 1u << 6,  /* uid_map of those with CAP_SYS_ADMIN */
	SNAPSHOT_CLASSIC = 1u << 7, /* what the heuristic before 2.6.36 looks at */
	SNAPSHOT_COMM = 1u << 8, /* the name alone: comm, where neither stat nor status is read */
};
#define SNAPSHOT_MODEL (SNAPSHOT_SCORE | SNAPSHOT_ADJ | SNAPSHOT_STAT | SNAPSHOT_STATUS)

/* Reads the machine: version, memory, sysctls. Facts that cannot be read are missing, which is no
 * error; only an absent /proc (-ENOENT) or no memory (-ENOMEM) is. The caller sets s->era and
 * s->rss_source. */
int snapshot_open(struct snapshot *s, const struct host *h);

/* Reads all processes, or those of pids[0..n_pids) where pids is not NULL (a pid that is gone is
 * left out). Returns 0 or -errno; -ENODATA: /proc lists no process at all. */
int snapshot_read(struct snapshot *s, const struct host *h, unsigned need, const pid_t *pids,
		  size_t n_pids);

/* Reads those processes alone that can be among the first top by the kernel's own number, which
 * grows with badness: oom_score of all, the rest of the few. Reads all where oom_score cannot tell.
 * shown: read too where hardly more than top are read, which costs less than snapshot_more() of
 * each row. Returns 0 or -errno. */
int snapshot_read_top(struct snapshot *s, const struct host *h, unsigned need, unsigned shown,
		      size_t top);

/* Reads more of one process: the cgroup or command line of a row that is shown. What cannot be read
 * stays unknown. */
void snapshot_more(struct snapshot *s, const struct host *h, struct proc *p, unsigned need);

/* Reads a process anew, from its oom_score on. Returns 0, or -ESRCH where it is gone or another has
 * its pid now. */
int snapshot_reread(struct snapshot *s, const struct host *h, struct proc *p, unsigned need);

/* The process of a pid; NULL. */
struct proc *snapshot_find(const struct snapshot *s, pid_t pid);

/* RAM and swap by other sources than meminfo, for a machine whose meminfo does not fit the kernel's
 * own numbers. Returns how many pairs were stored (at most max): pages. */
struct snapshot_total {
	uint64_t ram_pages, swap_pages;
	const char *source; /* "zoneinfo", "sysinfo(2)" */
};
size_t snapshot_other_totals(const struct snapshot *s, const struct host *h,
			     struct snapshot_total *ret, size_t max);

/* Whether processes are hidden from us: pid 1, which always is, cannot be seen. */
bool snapshot_hides(const struct host *h);

/* Whether ROOT/proc is mounted with hidepid, by number or by name. */
bool snapshot_hidepid_mounted(const struct host *h);

/* How many CPUs are online, by ROOT/proc/stat; 1 where that does not tell. */
unsigned snapshot_cpus(const struct host *h);

/* The zones of ROOT/proc/zoneinfo. */
int snapshot_zones(const struct host *h, struct zoneinfo *ret);

void snapshot_close(struct snapshot *s);

#endif
