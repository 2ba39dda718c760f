/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is this the kill that another source has told already? And who answers for a counter that rose?
 * Kills are known by pid, and a source that sees one pid twice has seen two processes. Counters are
 * held against what was told: per cgroup as far as a source says it, and in the end against the
 * kernel's own sum (vmstat's oom_kill, which __oom_kill_process() raises for each that it kills).
 */
#include "merge.h"

#include <stdlib.h>
#include <string.h>

#include "base.h"

enum { RECENT_DEFAULT = 2048, WAITING_MAX = 32, COUNTS_MAX = 32 };

/* Sightings of one kill are no further from each other: a reader that is busy with a storm lags. */
#define SAME_USEC 10000000u
/* A member of a memory.oom.group is killed, logged and counted twice where it was the first victim:
 * oom_kill_process() and then oom_kill_memcg_member(). No pid comes again in this time. */
#define AGAIN_USEC 1000000u

/* In a storm a counter rises again and again before its names have come. */
#define COUNT_USEC_MAX 5000000u

/* A gap waits for a sum that cannot be read; then it is told without. */
#define UNREAD_MAX 5

/* A kill that has been told. */
struct recent {
	uint64_t mono_usec; /* when it was told */
	int32_t pid;
	uint16_t sources, counted;
	uint16_t again;             /* sightings by the same source: each was counted once more */
	uint32_t cgroup, oom_memcg; /* hashes; 0: not known */
};

/* A counter that rose, and waits for names. */
struct count {
	struct sighting s;
	uint64_t due;
	bool answered; /* of an OOM: somebody died of it */
};

struct merge {
	struct merge_options opt;
	sighting_fn fn;
	void *ctx;
	struct sighting *waiting; /* named, not told yet */
	size_t n_waiting;
	struct recent *recent;
	size_t n_recent, next;
	struct count *counts;
	size_t n_counts;
	/* the kernel's sum */
	bool have_total, no_total;
	uint64_t total, told; /* told since the sum was taken */
	uint64_t check_due;   /* 0: nothing happened since */
	unsigned unread;      /* so often in a row it could not be read */
	uint64_t last_told, missing_since, missing;
	/* what was lost */
	bool gap;
	struct sighting lost;
	uint64_t gap_due;
};

/* FNV-1a; 0 is kept for "not known". */
static uint32_t hash(const char *s)
{
	uint32_t h = 2166136261u;

	if (!*s)
		return 0;
	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	return h ? h : 1;
}

struct merge *merge_new(const struct merge_options *opt, sighting_fn fn, void *ctx)
{
	struct merge *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->opt = *opt;
	if (!m->opt.recent)
		m->opt.recent = RECENT_DEFAULT;
	m->fn = fn;
	m->ctx = ctx;
	m->waiting = calloc(WAITING_MAX, sizeof(*m->waiting));
	m->recent = calloc(m->opt.recent, sizeof(*m->recent));
	m->counts = calloc(COUNTS_MAX, sizeof(*m->counts));
	if (!m->waiting || !m->recent || !m->counts) {
		merge_free(m);
		return NULL;
	}
	return m;
}

void merge_free(struct merge *m)
{
	if (!m)
		return;
	free(m->waiting);
	free(m->recent);
	free(m->counts);
	free(m);
}

/* ------------------------------------------------------------------ the same kill */

static bool is_near(uint64_t a, uint64_t b, uint64_t usec)
{
	return a > b ? a - b <= usec : b - a <= usec;
}

static struct sighting *waiting_kill(const struct merge *m, const struct sighting *s)
{
	for (size_t i = 0; i < m->n_waiting; i++)
		if (m->waiting[i].pid == s->pid && !(m->waiting[i].sources & s->sources))
			return &m->waiting[i];
	return NULL;
}

/* The newest first: a pid may come again. */
static struct recent *told_kill(const struct merge *m, const struct sighting *s)
{
	for (size_t i = 1; i <= m->n_recent; i++) {
		struct recent *r = &m->recent[(m->next + m->opt.recent - i) % m->opt.recent];

		if (r->pid == s->pid && !(r->sources & s->sources) &&
		    is_near(r->mono_usec, s->mono_usec, SAME_USEC))
			return r;
	}
	return NULL;
}

/* What the same source has told a moment ago. */
static struct recent *told_again(const struct merge *m, const struct sighting *s)
{
	for (size_t i = 1; i <= m->n_recent; i++) {
		struct recent *r = &m->recent[(m->next + m->opt.recent - i) % m->opt.recent];

		if (!is_near(r->mono_usec, s->mono_usec, AGAIN_USEC))
			break;
		if (r->pid == s->pid && r->sources & s->sources)
			return r;
	}
	return NULL;
}

static struct sighting *waiting_again(const struct merge *m, const struct sighting *s)
{
	for (size_t i = 0; i < m->n_waiting; i++)
		if (m->waiting[i].pid == s->pid && m->waiting[i].sources & s->sources &&
		    is_near(m->waiting[i].mono_usec, s->mono_usec, AGAIN_USEC))
			return &m->waiting[i];
	return NULL;
}

bool merge_knows(const struct merge *m, const struct sighting *s)
{
	return s->kind == SIGHT_KILL &&
	       (waiting_kill(m, s) || told_kill(m, s) || waiting_again(m, s) || told_again(m, s));
}

/* What only one of two sightings tells. */
static void enrich(struct sighting *to, const struct sighting *from)
{
	const struct {
		uint32_t have;
		uint64_t *to;
		uint64_t from;
	} sizes[] = {
		{ SIGHT_HAVE_TOTAL_VM, &to->total_vm_kib, from->total_vm_kib },
		{ SIGHT_HAVE_ANON, &to->anon_kib, from->anon_kib },
		{ SIGHT_HAVE_FILE, &to->file_kib, from->file_kib },
		{ SIGHT_HAVE_SHMEM, &to->shmem_kib, from->shmem_kib },
		{ SIGHT_HAVE_PGTABLES, &to->pgtables_kib, from->pgtables_kib },
		{ SIGHT_HAVE_LIMIT, &to->limit_kib, from->limit_kib },
		{ SIGHT_HAVE_UPTIME, &to->uptime_usec, from->uptime_usec },
	};
	uint32_t more = from->have & ~to->have;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		if (more & sizes[i].have)
			*sizes[i].to = sizes[i].from;
	if (more & SIGHT_HAVE_UID)
		to->uid = from->uid;
	if (more & SIGHT_HAVE_ADJ)
		to->oom_score_adj = from->oom_score_adj;
	if (more & SIGHT_HAVE_COMM)
		memcpy(to->comm, from->comm, sizeof(to->comm));
	if (more & SIGHT_HAVE_PPID)
		to->ppid = from->ppid;
	if (more & SIGHT_HAVE_RANK)
		to->rank = from->rank;
	if (more & SIGHT_HAVE_CMDLINE) {
		memcpy(to->cmdline, from->cmdline, sizeof(to->cmdline));
		to->cmdline_truncated = from->cmdline_truncated;
	}
	/* What the kernel says of it now holds, not where a snapshot had seen it: it may have
	 * moved. */
	if (from->cgroup[0])
		memcpy(to->cgroup, from->cgroup, sizeof(to->cgroup));
	if (!to->oom_memcg[0])
		memcpy(to->oom_memcg, from->oom_memcg, sizeof(to->oom_memcg));
	if (to->constraint == CONSTRAINT_UNKNOWN)
		to->constraint = from->constraint;
	to->have |= more;
	to->sources |= from->sources;
}

/* ------------------------------------------------------------------ counters and names */

static void arm(struct merge *m, uint64_t mono_usec)
{
	if (!m->check_due)
		m->check_due = mono_usec + MERGE_PATIENCE_USEC;
}

/* Whether a counter of this cgroup may have risen for that kill. */
static bool may_count(uint32_t counted, uint32_t killed_in)
{
	return !counted || !killed_in || counted == killed_in;
}

static bool is_below(const char *path, const char *top)
{
	size_t n = strlen(top);

	if (n == 1 && top[0] == '/')
		return true;
	return strncmp(path, top, n) == 0 && (path[n] == '\0' || path[n] == '/');
}

/* A named kill answers for counters that rose before it. */
static void answer_counts(struct merge *m, struct sighting *s)
{
	uint32_t in = hash(s->cgroup);

	for (size_t i = 0; i < m->n_counts; i++) {
		struct count *c = &m->counts[i];

		if (c->s.kind == SIGHT_KILLS && c->s.count && !(s->counted & c->s.sources) &&
		    may_count(hash(c->s.cgroup), in)) {
			c->s.count--;
			s->counted |= c->s.sources;
			s->sources |= c->s.sources;
		} else if (c->s.kind == SIGHT_OOM &&
			   (!s->cgroup[0] || is_below(s->cgroup, c->s.cgroup) ||
			    strcmp(s->oom_memcg, c->s.cgroup) == 0)) {
			c->answered = true;
			s->sources |= c->s.sources;
		}
	}
}

/* Kills that were told already answer for a counter that rises now. Returns what is left of it. */
static uint64_t answered_before(struct merge *m, const struct sighting *s)
{
	uint64_t left = s->count;
	uint32_t in = hash(s->cgroup);

	for (size_t i = 1; left && i <= m->n_recent; i++) {
		struct recent *r = &m->recent[(m->next + m->opt.recent - i) % m->opt.recent];

		if (!is_near(r->mono_usec, s->mono_usec, SAME_USEC))
			break;
		if (!may_count(in, r->cgroup))
			continue;
		if (!(r->counted & s->sources)) {
			r->counted |= s->sources;
			left--;
		}
		for (; left && r->again; r->again--)
			left--;
	}
	return left;
}

static bool died_before(const struct merge *m, const struct sighting *s)
{
	uint32_t in = hash(s->cgroup);

	for (size_t i = 1; i <= m->n_recent; i++) {
		const struct recent *r = &m->recent[(m->next + m->opt.recent - i) % m->opt.recent];

		if (!is_near(r->mono_usec, s->mono_usec, MERGE_PATIENCE_USEC))
			break;
		if (r->oom_memcg ? r->oom_memcg == in : may_count(in, r->cgroup))
			return true;
	}
	return false;
}

static void add_count(struct merge *m, const struct sighting *s)
{
	for (size_t i = 0; i < m->n_counts; i++) {
		struct sighting *there = &m->counts[i].s;

		if (there->kind == s->kind && there->sources == s->sources &&
		    strcmp(there->cgroup, s->cgroup) == 0) {
			/* It begins anew where its names have come, and else waits for those of
			 * the newest, but not for ever. */
			if (!there->count)
				there->mono_usec = s->mono_usec;
			there->count += s->count;
			m->counts[i].due = s->mono_usec + MERGE_PATIENCE_USEC;
			if (m->counts[i].due > there->mono_usec + COUNT_USEC_MAX)
				m->counts[i].due = there->mono_usec + COUNT_USEC_MAX;
			return;
		}
	}
	if (m->n_counts == COUNTS_MAX) {
		/* More cgroups at once than there is room for: the oldest goes on without its name.
		 */
		m->counts[COUNTS_MAX - 1].s.count += s->count;
		m->counts[COUNTS_MAX - 1].s.cgroup[0] = '\0';
		return;
	}
	m->counts[m->n_counts++] =
		(struct count){ .s = *s, .due = s->mono_usec + MERGE_PATIENCE_USEC };
}

/* ------------------------------------------------------------------ telling */

static void tell_kill(struct merge *m, struct sighting *s)
{
	answer_counts(m, s);
	m->recent[m->next] = (struct recent){
		.mono_usec = s->mono_usec,
		.pid = s->pid,
		.sources = s->sources,
		.counted = s->counted,
		.cgroup = hash(s->cgroup),
		.oom_memcg = hash(s->oom_memcg),
	};
	m->next = (m->next + 1) % m->opt.recent;
	if (m->n_recent < m->opt.recent)
		m->n_recent++;
	if (!s->replayed) {
		m->told++;
		m->last_told = s->mono_usec;
		arm(m, s->mono_usec);
	}
	m->fn(m->ctx, s);
}

static void tell_waiting(struct merge *m, size_t at)
{
	tell_kill(m, &m->waiting[at]);
	m->n_waiting--;
	memmove(&m->waiting[at], &m->waiting[at + 1], (m->n_waiting - at) * sizeof(m->waiting[0]));
}

/* One that was killed twice is one event, and the counters have two. */
static bool saw_again(struct merge *m, const struct sighting *s)
{
	struct sighting *waiting = waiting_again(m, s);
	struct recent *told = waiting ? NULL : told_again(m, s);
	uint32_t in = hash(waiting ? waiting->cgroup : s->cgroup);

	if (!waiting && !told)
		return false;
	/* Each source sees both; they are counted by the first that does. */
	if (s->sources & 1u << SIGHT_TRACEFS && m->opt.expect_kmsg)
		return true;
	m->told += !s->replayed;
	for (size_t i = 0; i < m->n_counts; i++) {
		struct count *c = &m->counts[i];

		if (c->s.kind == SIGHT_KILLS && c->s.count && may_count(hash(c->s.cgroup), in)) {
			c->s.count--;
			return true;
		}
	}
	if (told)
		told->again++;
	return true;
}

static void see_kill(struct merge *m, const struct sighting *s)
{
	struct sighting *waiting = waiting_kill(m, s);
	struct recent *told;

	if (waiting) {
		enrich(waiting, s);
		return;
	}
	told = told_kill(m, s);
	if (told) {
		told->sources |= s->sources;
		return;
	}
	if (saw_again(m, s))
		return;
	if (m->n_waiting == WAITING_MAX)
		tell_waiting(m, 0);
	m->waiting[m->n_waiting++] = *s;
}

/* Kills that are about to be told answer for a counter, too. Returns what is left of it. */
static uint64_t answered_by_waiting(struct merge *m, const struct sighting *s)
{
	uint64_t left = s->count;

	for (size_t i = 0; left && i < m->n_waiting; i++) {
		struct sighting *w = &m->waiting[i];

		if (w->counted & s->sources || !may_count(hash(s->cgroup), hash(w->cgroup)))
			continue;
		w->counted |= s->sources;
		w->sources |= s->sources;
		left--;
	}
	return left;
}

static void see_count(struct merge *m, const struct sighting *s)
{
	struct sighting left = *s;

	left.count = answered_by_waiting(m, s);
	left.count = answered_before(m, &left);
	if (left.count)
		add_count(m, &left);
	arm(m, s->mono_usec);
}

/* A limit was hit. Somebody may have died of it already; else that is waited for. */
static void see_oom(struct merge *m, const struct sighting *s)
{
	bool died = died_before(m, s);

	/* The log says for certain that nobody died; a counter does not. */
	if (s->sources & 1u << SIGHT_KMSG) {
		m->fn(m->ctx, s);
		return;
	}
	for (size_t i = 0; i < m->n_waiting; i++) {
		struct sighting *w = &m->waiting[i];

		if (w->cgroup[0] && !is_below(w->cgroup, s->cgroup))
			continue;
		w->sources |= s->sources;
		died = true;
	}
	if (!died)
		add_count(m, s);
	arm(m, s->mono_usec);
}

static void see_gap(struct merge *m, const struct sighting *s)
{
	if (m->gap) {
		m->lost.lost += s->lost;
		m->lost.sources |= s->sources;
		return;
	}
	m->gap = true;
	m->lost = *s;
	m->gap_due = s->mono_usec + MERGE_PATIENCE_USEC;
	arm(m, s->mono_usec);
}

void merge_see(struct merge *m, const struct sighting *s)
{
	switch (s->kind) {
	case SIGHT_KILL:
		see_kill(m, s);
		break;
	case SIGHT_KILLS:
		see_count(m, s);
		break;
	case SIGHT_OOM:
		see_oom(m, s);
		break;
	case SIGHT_GAP:
		see_gap(m, s);
		break;
	default:
		m->fn(m->ctx, s);
	}
}

/* ------------------------------------------------------------------ the kernel's sum */

void merge_no_total(struct merge *m)
{
	m->no_total = true;
	m->have_total = false;
}

void merge_look(struct merge *m, const struct moment *now)
{
	arm(m, now->mono_usec);
}

void merge_unread(struct merge *m, const struct moment *now)
{
	m->check_due = now->mono_usec + MERGE_PATIENCE_USEC;
	m->unread++;
	if (m->gap && m->unread <= UNREAD_MAX)
		m->gap_due = m->check_due;
}

bool merge_wants_total(const struct merge *m, uint64_t mono_usec)
{
	return !m->no_total && m->check_due && mono_usec >= m->check_due;
}

static uint64_t counted_and_waiting(const struct merge *m)
{
	uint64_t n = m->n_waiting;

	for (size_t i = 0; i < m->n_counts; i++)
		if (m->counts[i].s.kind == SIGHT_KILLS)
			n += m->counts[i].s.count;
	return n;
}

static void tell_unnamed(struct merge *m, uint64_t count, const struct moment *now)
{
	struct sighting s = {
		.kind = SIGHT_KILLS,
		.sources = 1u << SIGHT_VMSTAT,
		.have = SIGHT_HAVE_COUNT,
		.count = count,
		.mono_usec = now->mono_usec,
		.wall_usec = now->wall_usec,
		.wall_certain = true,
		.constraint = CONSTRAINT_UNKNOWN,
	};

	m->fn(m->ctx, &s);
}

static void begin_anew(struct merge *m, uint64_t kills)
{
	m->total = kills;
	m->told = 0;
	m->missing_since = 0;
	m->missing = 0;
}

void merge_total(struct merge *m, uint64_t kills, const struct moment *now)
{
	uint64_t rose, answered;

	m->unread = 0;
	if (!m->have_total || kills < m->total) {
		m->have_total = true;
		begin_anew(m, kills);
		return;
	}
	rose = kills - m->total;
	answered = m->told + counted_and_waiting(m);
	if (rose <= answered) {
		m->missing_since = 0;
		m->missing = 0;
		/* Told ahead of the count, or dying already, which nothing counts: both are over
		 * when it is quiet. */
		if (!m->n_counts && !m->n_waiting &&
		    now->mono_usec >= m->last_told + MERGE_PATIENCE_USEC)
			begin_anew(m, kills);
		else if (m->last_told + MERGE_PATIENCE_USEC > now->mono_usec)
			m->check_due = now->mono_usec + MERGE_PATIENCE_USEC;
		return;
	}
	/* A line of the log may be on its way. */
	if (!m->missing_since) {
		m->missing_since = now->mono_usec;
		m->missing = rose - answered;
		m->check_due = now->mono_usec + MERGE_PATIENCE_USEC;
		return;
	}
	if (rose - answered < m->missing)
		m->missing = rose - answered;
	if (now->mono_usec < m->missing_since + MERGE_PATIENCE_USEC) {
		m->check_due = m->missing_since + MERGE_PATIENCE_USEC;
		return;
	}
	/* What a gap lost is told with it. */
	if (m->gap) {
		m->lost.count += m->missing;
		m->gap_due = now->mono_usec;
	} else {
		tell_unnamed(m, m->missing, now);
	}
	m->told += m->missing;
	m->missing_since = 0;
	m->missing = 0;
	m->check_due = now->mono_usec + MERGE_PATIENCE_USEC;
}

/* ------------------------------------------------------------------ what is due */

static bool is_due(const struct merge *m, const struct sighting *s, uint64_t now)
{
	return !m->opt.expect_kmsg || s->sources & 1u << SIGHT_KMSG ||
	       now >= s->mono_usec + MERGE_GRACE_USEC;
}

static void tell_count(struct merge *m, size_t at)
{
	struct count c = m->counts[at];

	m->n_counts--;
	memmove(&m->counts[at], &m->counts[at + 1], (m->n_counts - at) * sizeof(m->counts[0]));
	if (c.answered || c.s.count == 0)
		return;
	c.s.have |= SIGHT_HAVE_COUNT;
	if (c.s.kind == SIGHT_KILLS) {
		m->told += c.s.count;
		m->last_told = c.due;
	}
	m->fn(m->ctx, &c.s);
}

static void tell_gap(struct merge *m)
{
	struct sighting s = m->lost;

	if (m->have_total && !m->unread)
		s.have |= SIGHT_HAVE_COUNT;
	m->gap = false;
	m->fn(m->ctx, &s);
}

/* A gap waits for the sum, which takes two looks where something is missing. */
static bool gap_is_due(const struct merge *m, uint64_t now)
{
	return m->gap && now >= m->gap_due && (m->no_total || !m->missing_since);
}

void merge_run(struct merge *m, const struct moment *now)
{
	for (size_t i = 0; i < m->n_waiting;)
		if (is_due(m, &m->waiting[i], now->mono_usec))
			tell_waiting(m, i);
		else
			i++;
	for (size_t i = 0; i < m->n_counts;)
		if (now->mono_usec >= m->counts[i].due)
			tell_count(m, i);
		else
			i++;
	if (gap_is_due(m, now->mono_usec))
		tell_gap(m);
	/* The caller has looked at the sum by now, or there is none. */
	if (m->check_due && now->mono_usec >= m->check_due)
		m->check_due =
			m->n_counts || m->n_waiting ? now->mono_usec + MERGE_PATIENCE_USEC : 0;
}

uint64_t merge_deadline(const struct merge *m)
{
	uint64_t due = m->check_due ? m->check_due : UINT64_MAX;

	for (size_t i = 0; i < m->n_waiting; i++)
		if (m->waiting[i].mono_usec + MERGE_GRACE_USEC < due)
			due = m->waiting[i].mono_usec + MERGE_GRACE_USEC;
	for (size_t i = 0; i < m->n_counts; i++)
		if (m->counts[i].due < due)
			due = m->counts[i].due;
	if (m->gap && !m->missing_since && m->gap_due < due)
		due = m->gap_due;
	return due;
}

void merge_end(struct merge *m, const struct moment *now)
{
	struct moment late = *now;

	late.mono_usec = UINT64_MAX / 2;
	/* What a gap hid was not held against the sum yet. */
	m->unread += m->gap;
	m->missing_since = 0;
	m->check_due = 0;
	merge_run(m, &late);
}
