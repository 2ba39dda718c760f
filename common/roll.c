/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who was there before the kill, and at which place? Two tables take turns: one is complete, the
 * other is being filled. Processes are read and judged as every command does it, a few at a time,
 * so that whoever waits for a kill is never kept from it for long.
 */
#include "roll.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "badness.h"
#include "base.h"
#include "judge.h"
#include "snapshot.h"

/* Some 60 us each. */
enum { BATCH = 8, SPARE_ROWS = 64 };
/* Of each table: as much for everybody, and 48 bytes for each process. */
enum { POOL_BASE = 96 * 1024, POOL_EACH = 48 };
#define NOTHING UINT32_MAX

enum {
	ROW_ADJ = 1,
	ROW_UID = 2,
	ROW_CUT = 4,
	ROW_CANDIDATE = 8,
};

struct row {
	uint64_t start_ticks;
	int64_t badness;
	int32_t pid, ppid;
	uint32_t uid;
	uint32_t cmdline, cgroup; /* places in the pool */
	int16_t oom_score_adj;
	uint8_t flags;
	char comm[17];
};
_Static_assert(sizeof(struct row) <= 64, "a row has grown");

struct table {
	struct row *rows;
	size_t n;
	char *pool;
	uint32_t used;
};

struct roll {
	const struct host *h;
	const struct cgroupfs *fs;
	struct snapshot machine; /* what every batch is read by */
	const struct era *era;
	struct mem_ctx ctx;
	struct table tables[2];
	unsigned current;
	size_t room, beyond;
	uint32_t pool_size;
	uint32_t *slots; /* of the pool that is being filled: equal texts are kept once */
	uint32_t n_slots;
	pid_t *pids; /* still to be read: [at, n_pids) */
	size_t at, n_pids;
};

/* ------------------------------------------------------------------ making it */

static int learn_machine(struct roll *r)
{
	struct judge j;
	struct judge_error error = { 0 };
	int ret = judge_machine(&j, &(struct judge_request){ .need = SNAPSHOT_MODEL }, &error);

	/* What the kernel's own numbers told of its rule counts here, too. */
	if (ret == 0) {
		r->era = j.era;
		r->ctx = j.scope.ctx;
		r->ctx.where = NULL;
		r->machine.rss_source = j.s.rss_source;
		r->room = j.s.n_pids + j.s.n_pids / 8 + SPARE_ROWS;
	}
	judge_close(&j);
	if (ret < 0)
		return ret;
	{
		enum rss_source rss = r->machine.rss_source;

		ret = snapshot_open(&r->machine, r->h);
		r->machine.era = r->era;
		r->machine.rss_source = rss;
		r->machine.cgroup_version = r->fs->version;
	}
	return ret;
}

int roll_new(struct roll **ret, const struct host *h, const struct cgroupfs *fs)
{
	struct roll *r = calloc(1, sizeof(*r));
	int error;

	if (!r)
		return -ENOMEM;
	r->h = h;
	r->fs = fs;
	error = learn_machine(r);
	if (error < 0) {
		roll_free(r);
		return error;
	}
	r->pool_size = (uint32_t)(POOL_BASE + r->room * POOL_EACH);
	r->n_slots = 256;
	while (r->n_slots < 2 * r->room)
		r->n_slots *= 2;
	r->slots = malloc(r->n_slots * sizeof(*r->slots));
	error = r->slots ? 0 : -ENOMEM;
	for (unsigned i = 0; i < 2; i++) {
		r->tables[i].rows = calloc(r->room, sizeof(struct row));
		r->tables[i].pool = malloc(r->pool_size);
		if (!r->tables[i].rows || !r->tables[i].pool)
			error = -ENOMEM;
	}
	if (error < 0) {
		roll_free(r);
		return error;
	}
	*ret = r;
	return 0;
}

void roll_free(struct roll *r)
{
	if (!r)
		return;
	for (unsigned i = 0; i < 2; i++) {
		free(r->tables[i].rows);
		free(r->tables[i].pool);
	}
	free(r->slots);
	free(r->pids);
	snapshot_close(&r->machine);
	free(r);
}

/* ------------------------------------------------------------------ texts */

static uint32_t hash(const char *s, size_t n)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)s[i]) * 16777619u;
	return h;
}

/* The place of a text in the pool, put there unless it is; NOTHING where there is no room. */
static uint32_t keep(struct roll *r, struct table *t, const char *s, size_t n)
{
	uint32_t slot = hash(s, n) & (r->n_slots - 1), place;

	for (uint32_t i = 0; i < r->n_slots; i++, slot = (slot + 1) & (r->n_slots - 1)) {
		place = r->slots[slot];
		if (place == NOTHING)
			break;
		if (strncmp(t->pool + place, s, n) == 0 && t->pool[place + n] == '\0')
			return place;
	}
	if (n + 1 > r->pool_size - t->used)
		return NOTHING;
	place = t->used;
	memcpy(t->pool + place, s, n);
	t->pool[place + n] = '\0';
	t->used += (uint32_t)n + 1;
	/* A table that is nearly full is not searched to its end. */
	if (r->slots[slot] == NOTHING && t->n * 2 < r->n_slots)
		r->slots[slot] = place;
	return place;
}

/* What each that is still to come may have of the rest, and twice that: most have less. */
static size_t share_of_rest(const struct roll *r, const struct table *t)
{
	size_t left = r->n_pids - r->at + BATCH, share = (r->pool_size - t->used) / left * 2;

	return share < ROLL_CMDLINE_MAX ? share : ROLL_CMDLINE_MAX;
}

/* ------------------------------------------------------------------ reading */

static void add_row(struct roll *r, struct table *t, const struct proc *p)
{
	struct row *row = &t->rows[t->n];
	struct verdict v;
	size_t n;

	if (t->n == r->room) {
		r->beyond++;
		return;
	}
	*row = (struct row){
		.start_ticks = p->start_ticks,
		.pid = p->pid,
		.ppid = p->ppid,
		.uid = p->uid,
		.cmdline = NOTHING,
		.cgroup = NOTHING,
		.oom_score_adj = p->oom_score_adj,
		.flags = (uint8_t)((p->have & HAVE_ADJ ? ROW_ADJ : 0) |
				   (p->have & HAVE_UID ? ROW_UID : 0)),
	};
	t->n++;
	badness(r->era, &r->ctx, p, r->machine.rss_source, &v);
	if (v.known && badness_fate_is_candidate(v.fate)) {
		row->badness = v.badness;
		row->flags |= ROW_CANDIDATE;
	}
	if (p->have & HAVE_COMM) {
		n = strlen(p->comm) < sizeof(row->comm) ? strlen(p->comm) : sizeof(row->comm) - 1;
		memcpy(row->comm, p->comm, n);
	}
	if (p->have & HAVE_CGROUP)
		row->cgroup = keep(r, t, p->cgroup, cgroupfs_name_length(p->cgroup));
	if (p->have & HAVE_CMDLINE && p->cmdline[0]) {
		n = strlen(p->cmdline);
		if (n > share_of_rest(r, t)) {
			n = share_of_rest(r, t);
			row->flags |= ROW_CUT;
		}
		row->cmdline = keep(r, t, p->cmdline, n);
	}
}

int roll_begin(struct roll *r)
{
	struct table *t = &r->tables[!r->current];
	ssize_t n;

	free(r->pids);
	r->pids = NULL;
	r->at = r->n_pids = 0;
	n = host_list_pids(r->h, &r->pids);
	if (n < 0)
		return (int)n;
	r->n_pids = (size_t)n;
	r->beyond = 0;
	t->n = 0;
	t->used = 0;
	memset(r->slots, 0xff, r->n_slots * sizeof(*r->slots));
	return 0;
}

bool roll_is_busy(const struct roll *r)
{
	return r->at < r->n_pids;
}

bool roll_step(struct roll *r)
{
	const unsigned need = SNAPSHOT_MODEL | SNAPSHOT_CGROUP | SNAPSHOT_CMDLINE;
	struct table *t = &r->tables[!r->current];
	struct snapshot s = r->machine;
	size_t n = r->n_pids - r->at < BATCH ? r->n_pids - r->at : BATCH;

	s.arena = (struct arena){ 0 };
	s.procs = NULL;
	s.n_procs = 0;
	if (n && snapshot_read(&s, r->h, need, r->pids + r->at, n) == 0)
		for (size_t i = 0; i < s.n_procs; i++)
			add_row(r, t, &s.procs[i]);
	free(s.procs);
	arena_free(&s.arena);
	r->at += n;
	if (r->at < r->n_pids)
		return false;
	r->current = !r->current;
	free(r->pids);
	r->pids = NULL;
	r->at = r->n_pids = 0;
	return true;
}

/* ------------------------------------------------------------------ asking */

static bool stands_before(const struct row *a, const struct row *b)
{
	if (!(a->flags & ROW_CANDIDATE))
		return false;
	if (a->badness != b->badness)
		return a->badness > b->badness;
	/* Among equals the youngest: what victim.c does by the era is not worth its memory here. */
	return a->start_ticks != b->start_ticks ? a->start_ticks > b->start_ticks : a->pid > b->pid;
}

static const struct row *find_row(const struct table *t, pid_t pid)
{
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (t->rows[mid].pid < pid)
			low = mid + 1;
		else
			high = mid;
	}
	return low < t->n && t->rows[low].pid == pid ? &t->rows[low] : NULL;
}

static const char *text(const struct table *t, uint32_t place)
{
	return place == NOTHING ? NULL : t->pool + place;
}

bool roll_find(const struct roll *r, pid_t pid, struct roll_view *ret)
{
	const struct table *t = &r->tables[r->current];
	const struct row *row = find_row(t, pid);
	uint32_t before = 0;

	/* What is being read is newer for those that the last reading did not see. */
	if (!row && roll_is_busy(r)) {
		t = &r->tables[!r->current];
		row = find_row(t, pid);
	}
	if (!row)
		return false;
	for (size_t i = 0; i < t->n && row->flags & ROW_CANDIDATE; i++)
		before += &t->rows[i] != row && stands_before(&t->rows[i], row);
	*ret = (struct roll_view){
		.ppid = row->ppid,
		.start_ticks = row->start_ticks,
		.oom_score_adj = row->oom_score_adj,
		.uid = row->uid,
		.have_adj = row->flags & ROW_ADJ,
		.have_uid = row->flags & ROW_UID,
		.cmdline_cut = row->flags & ROW_CUT,
		.comm = row->comm[0] ? row->comm : NULL,
		.cmdline = text(t, row->cmdline),
		.cgroup = text(t, row->cgroup),
		.rank = row->flags & ROW_CANDIDATE ? before + 1 : 0,
	};
	return true;
}

size_t roll_room(const struct roll *r)
{
	return r->room;
}

size_t roll_beyond(const struct roll *r)
{
	return r->beyond;
}
