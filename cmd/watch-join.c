/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What else is known of a victim? /proc/PID is read at once: a process that is being killed keeps
 * its place there until its parent has waited for it, its command line until its memory is gone.
 * Only a pid of our own pid namespace is looked up.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "proc.h"
#include "str.h"
#include "watch.h"

/* include/asm-generic/param.h: what starttime counts in. */
#define USEC_PER_TICK 10000u

/* A process that began after the kill is another one that has its pid now. */
static bool is_same(const struct sighting *s, const struct proc_stat *st)
{
	struct moment now;
	uint64_t killed;

	host_moment(&now);
	/* starttime is of CLOCK_BOOTTIME. */
	killed = s->mono_usec + (now.boot_usec - now.mono_usec);
	return st->start_ticks * USEC_PER_TICK <= killed + USEC_PER_TICK;
}

static void take_stat(struct sighting *s, const struct proc_stat *st)
{
	if (!(s->have & SIGHT_HAVE_COMM)) {
		size_t n = st->comm.n < sizeof(s->comm) ? st->comm.n : sizeof(s->comm) - 1;

		memcpy(s->comm, st->comm.s, n);
		s->comm[n] = '\0';
		s->have |= SIGHT_HAVE_COMM;
	}
	if (!(s->have & SIGHT_HAVE_PPID)) {
		s->ppid = st->ppid;
		s->have |= SIGHT_HAVE_PPID;
	}
}

static void take_cgroup(const struct watch *w, struct sighting *s, char *buf, size_t size)
{
	ssize_t n = host_read_proc(&w->host, s->pid, "cgroup", buf, size);
	const char *path;
	size_t path_n;

	if (s->cgroup[0] || n <= 0 ||
	    cgroupfs_parse_proc_cgroup(buf, (size_t)n, w->fs.version, &path, &path_n) < 0)
		return;
	/* proc_cgroup_show() of v1 says "/" of a task that exits, wherever it was. */
	if (path_n >= sizeof(s->cgroup) || (w->fs.version == CGROUP_V1 && path_n == 1))
		return;
	memcpy(s->cgroup, path, path_n);
	s->cgroup[path_n] = '\0';
	s->cgroup[cgroupfs_name_length(s->cgroup)] = '\0';
}

static void take_cmdline(const struct watch *w, struct sighting *s)
{
	char buf[SIGHT_CMDLINE_SIZE + 1];
	ssize_t n = host_read_proc(&w->host, s->pid, "cmdline", buf, sizeof(buf));

	if (n <= 0)
		return;
	s->cmdline_truncated = n == SIGHT_CMDLINE_SIZE;
	if (s->cmdline_truncated)
		n--;
	while (n > 0 && buf[n - 1] == '\0')
		n--;
	for (ssize_t i = 0; i < n; i++)
		s->cmdline[i] = buf[i] ? buf[i] : ' ';
	s->cmdline[n] = '\0';
	s->have |= SIGHT_HAVE_CMDLINE;
}

static void take_numbers(const struct watch *w, struct sighting *s, char *buf, size_t size)
{
	struct proc_status st;
	ssize_t n;
	int64_t adj;

	if (!(s->have & SIGHT_HAVE_UID)) {
		n = host_read_proc(&w->host, s->pid, "status", buf, size);
		if (n > 0) {
			proc_parse_status(buf, (size_t)n, &st);
			if (st.has_uid) {
				s->uid = st.uid;
				s->have |= SIGHT_HAVE_UID;
			}
		}
	}
	if (s->have & SIGHT_HAVE_ADJ)
		return;
	n = host_read_proc(&w->host, s->pid, "oom_score_adj", buf, size);
	if (n > 1 && str_to_i64(buf, (size_t)n - 1, -1000, 1000, &adj) == 0) {
		s->oom_score_adj = (int32_t)adj;
		s->have |= SIGHT_HAVE_ADJ;
	}
}

static void copy(char *to, size_t size, const char *from)
{
	size_t n = strlen(from);

	if (n >= size)
		n = size - 1;
	memcpy(to, from, n);
	to[n] = '\0';
}

/* What only the snapshot still holds. */
static void take_row(struct sighting *s, const struct roll_view *v)
{
	if (v->rank) {
		s->rank = v->rank;
		s->have |= SIGHT_HAVE_RANK;
	}
	if (!(s->have & SIGHT_HAVE_PPID)) {
		s->ppid = v->ppid;
		s->have |= SIGHT_HAVE_PPID;
	}
	if (!(s->have & SIGHT_HAVE_CMDLINE) && v->cmdline) {
		copy(s->cmdline, sizeof(s->cmdline), v->cmdline);
		s->cmdline_truncated = v->cmdline_cut;
		s->have |= SIGHT_HAVE_CMDLINE;
	}
	if (!s->cgroup[0] && v->cgroup)
		copy(s->cgroup, sizeof(s->cgroup), v->cgroup);
	if (!(s->have & SIGHT_HAVE_COMM) && v->comm) {
		copy(s->comm, sizeof(s->comm), v->comm);
		s->have |= SIGHT_HAVE_COMM;
	}
	if (!(s->have & SIGHT_HAVE_UID) && v->have_uid) {
		s->uid = v->uid;
		s->have |= SIGHT_HAVE_UID;
	}
	if (!(s->have & SIGHT_HAVE_ADJ) && v->have_adj) {
		s->oom_score_adj = v->oom_score_adj;
		s->have |= SIGHT_HAVE_ADJ;
	}
}

/* Whether the snapshot's process is the one that was killed: by its start where /proc still tells
 * that, else by its name. */
static bool is_row_of(const struct roll_view *v, const struct sighting *s, bool have_start,
		      uint64_t start_ticks)
{
	if (have_start)
		return v->start_ticks == start_ticks;
	return !(s->have & SIGHT_HAVE_COMM) || (v->comm && strcmp(v->comm, s->comm) == 0);
}

void watch_join(const struct watch *w, struct sighting *s)
{
	char buf[4096];
	struct proc_stat st;
	struct roll_view v;
	bool there;
	ssize_t n;

	if (w->pid_ns != PID_NS_INIT || s->replayed || !(s->have & SIGHT_HAVE_PID))
		return;
	/* The memory goes first, and the command line with it. */
	take_cmdline(w, s);
	n = host_read_proc(&w->host, s->pid, "stat", buf, sizeof(buf));
	there = n > 0 && proc_parse_stat(buf, (size_t)n, &st) == 0 && is_same(s, &st);
	if (there) {
		take_stat(s, &st);
		take_cgroup(w, s, buf, sizeof(buf));
		take_numbers(w, s, buf, sizeof(buf));
	} else {
		s->have &= ~(uint32_t)SIGHT_HAVE_CMDLINE;
	}
	if (w->roll && roll_find(w->roll, s->pid, &v) &&
	    is_row_of(&v, s, there, there ? st.start_ticks : 0))
		take_row(s, &v);
}

/* ------------------------------------------------------------------ the targets */

/* No pattern leaves out a victim as being ourselves; one without a pid has 0. */
#define NOBODY (-1)

/* A counter is of a cgroup, and that is all there is to match. */
static bool counts_elsewhere(const struct watch *w, const struct sighting *s)
{
	const unsigned places = 1u << TARGET_CGROUP | 1u << TARGET_UNIT | 1u << TARGET_CONTAINER;
	struct proc p = { .cgroup = s->cgroup, .have = HAVE_CGROUP };
	struct snapshot one = { .origin = ORIGIN_LIVE, .procs = &p, .n_procs = 1 };
	bool chosen = false, missed[16];

	if (s->have & SIGHT_HAVE_PID || !s->cgroup[0] || w->targets.n > ARRAY_SIZE(missed))
		return false;
	for (size_t i = 0; i < w->targets.n; i++)
		if (!(places & 1u << w->targets.targets[i].kind))
			return false;
	one.cgroup_version = w->fs.version;
	return select_match(&w->targets, &w->host, &one, NOBODY, &chosen, missed) >= 0 && !chosen;
}

/* The targets are matched as for every command: with a snapshot of one process, as it was. */
bool watch_is_wanted(const struct watch *w, const struct sighting *s)
{
	struct proc p = { .pid = s->pid, .ppid = s->ppid, .uid = s->uid };
	struct snapshot one = { .origin = ORIGIN_LIVE, .procs = &p, .n_procs = 1 };
	_cleanup_free_ bool *missed = NULL;
	bool chosen = false;

	if (!w->targets.n || s->kind == SIGHT_GAP)
		return true;
	if (counts_elsewhere(w, s))
		return false;
	missed = calloc(w->targets.n, sizeof(*missed));
	if (!missed)
		return true;
	p.comm = s->comm;
	p.cgroup = s->cgroup;
	p.cmdline = s->cmdline;
	p.have = (s->have & SIGHT_HAVE_COMM ? HAVE_COMM : 0) |
		 (s->have & SIGHT_HAVE_UID ? HAVE_UID : 0) |
		 (s->have & SIGHT_HAVE_PPID ? HAVE_PPID : 0) |
		 (s->have & SIGHT_HAVE_CMDLINE ? HAVE_CMDLINE : 0) |
		 (s->cgroup[0] ? HAVE_CGROUP : 0);
	one.cgroup_version = w->fs.version;
	/* What cannot be decided is told: it may be the one that matters. Of what was long ago the
	 * log is all that there is. */
	if (!s->replayed && (!(s->have & SIGHT_HAVE_PID) || select_need(&w->targets) & ~p.have))
		return true;
	return select_match(&w->targets, &w->host, &one, NOBODY, &chosen, missed) < 0 || chosen;
}
