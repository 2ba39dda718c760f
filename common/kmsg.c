/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does the kernel's log say of kills, as it says it? Mirrors kernel/printk/printk.c
 * devkmsg_read(): a record a read, EPIPE where the ring went over what we had not read, a sequence
 * number that tells how much that was. The text is parsed by oomlog, as parse-log's is.
 */
#include "kmsg.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base.h"
#include "logline.h"
#include "oomlog.h"
#include "str.h"

/* A record's text is 1 KiB at most, 4 KiB when each byte is escaped; its dictionary comes behind.
 */
enum { RECORD_SIZE = 16384 };

/* An event whose kill never comes must not wait for a thousand lines. */
#define SUSPENDED_USEC 1000000u

struct kmsg {
	struct source source;
	struct source_env env;
	struct logline lines;
	struct oomlog *parser;
	struct moment now;
	bool have_seq, idle, overrun, live;
	uint64_t seq;
	uint64_t usec;    /* of the record that is being fed */
	int64_t offset;   /* wall clock less the log's, where it was last seen */
	uint64_t refused; /* records that did not fit */
	char buf[RECORD_SIZE];
};

int kmsg_parse(const char *buf, size_t n, struct kmsg_record *ret)
{
	const char *p = buf, *end = buf + n, *semicolon = memchr(buf, ';', n), *newline;
	uint64_t priority;

	if (!semicolon || str_scan_u64(&p, semicolon, &priority) < 0 || p >= semicolon ||
	    *p++ != ',' || str_scan_u64(&p, semicolon, &ret->seq) < 0 || p >= semicolon ||
	    *p++ != ',' || str_scan_u64(&p, semicolon, &ret->usec) < 0)
		return -EINVAL;
	ret->text = semicolon + 1;
	newline = memchr(ret->text, '\n', (size_t)(end - ret->text));
	ret->n = (size_t)((newline ? newline : end) - ret->text);
	return 0;
}

/* ------------------------------------------------------------------ events */

/* The log's clock stands still in a suspend and drifts from the wall's, so that their difference is
 * taken anew whenever a record is read as it comes. */
static void set_time(const struct kmsg *k, uint64_t usec, struct sighting *s)
{
	const struct moment *now = &k->now;

	s->wall_usec = (int64_t)usec + k->offset;
	s->mono_usec = (uint64_t)((int64_t)now->mono_usec - (now->wall_usec - s->wall_usec));
	s->uptime_usec = usec;
	s->have |= SIGHT_HAVE_UPTIME;
	s->replayed = !k->live;
	/* Of what is old nobody knows whether the machine slept since. */
	s->wall_certain = k->live || now->boot_usec - now->mono_usec < SUSPENDED_USEC;
}

static void copy(char *to, size_t size, const char *from)
{
	size_t n = from ? strlen(from) : 0;

	if (n >= size)
		n = size - 1;
	if (n)
		memcpy(to, from, n);
	to[n] = '\0';
}

static void take_kill(struct kmsg *k, const struct oom_event *e, const struct oom_kill *kill)
{
	static const struct {
		uint32_t theirs, ours;
	} bits[] = {
		{ OOM_HAVE_PID, SIGHT_HAVE_PID },
		{ OOM_HAVE_COMM, SIGHT_HAVE_COMM },
		{ OOM_HAVE_UID, SIGHT_HAVE_UID },
		{ OOM_HAVE_ADJ, SIGHT_HAVE_ADJ },
		{ OOM_HAVE_ANON, SIGHT_HAVE_ANON },
		{ OOM_HAVE_FILE, SIGHT_HAVE_FILE },
		{ OOM_HAVE_SHMEM, SIGHT_HAVE_SHMEM },
		{ OOM_HAVE_PGTABLES, SIGHT_HAVE_PGTABLES },
		{ OOM_HAVE_TOTAL_VM, SIGHT_HAVE_TOTAL_VM },
	};
	struct sighting s = {
		.kind = SIGHT_KILL,
		.sources = 1u << SIGHT_KMSG,
		.pid = kill->pid,
		.uid = kill->uid,
		.oom_score_adj = kill->oom_score_adj,
		.total_vm_kib = kill->total_vm_kib,
		.anon_kib = kill->anon_kib,
		.file_kib = kill->file_kib,
		.shmem_kib = kill->shmem_kib,
		.pgtables_kib = kill->pgtables_kib,
		.constraint = e->constraint,
		.count = 1,
	};

	for (size_t i = 0; i < ARRAY_SIZE(bits); i++)
		if (kill->have & bits[i].theirs)
			s.have |= bits[i].ours;
	if (e->memory.have) {
		s.limit_kib = e->memory.limit_kib;
		s.have |= SIGHT_HAVE_LIMIT;
	}
	set_time(k, k->usec, &s);
	copy(s.comm, sizeof(s.comm), kill->comm);
	copy(s.cgroup, sizeof(s.cgroup), kill->task_memcg);
	copy(s.oom_memcg, sizeof(s.oom_memcg), e->oom_memcg);
	k->env.fn(k->env.ctx, &s);
}

static void on_event(void *ctx, struct oom_event *e)
{
	struct kmsg *k = ctx;
	struct sighting s = { .kind = SIGHT_OOM, .sources = 1u << SIGHT_KMSG, .count = 1 };

	if (e->killer != OOM_KILLER_KERNEL)
		return;
	for (size_t i = 0; i < e->n_kills; i++)
		if (e->kills[i].have & OOM_HAVE_PID)
			take_kill(k, e, &e->kills[i]);
	if (e->outcome != OOM_OUTCOME_NO_KILLABLE)
		return;
	s.have |= SIGHT_HAVE_COUNT;
	s.constraint = e->constraint;
	set_time(k, k->usec, &s);
	copy(s.oom_memcg, sizeof(s.oom_memcg), e->oom_memcg);
	copy(s.cgroup, sizeof(s.cgroup), e->oom_memcg);
	k->env.fn(k->env.ctx, &s);
}

static void on_text(void *ctx, const struct logtext *t)
{
	struct kmsg *k = ctx;

	oomlog_feed(k->parser, t);
}

/* ------------------------------------------------------------------ records */

static void tell_gap(struct kmsg *k, uint64_t lost, const char *reason)
{
	struct sighting s = {
		.kind = SIGHT_GAP,
		.sources = 1u << SIGHT_KMSG,
		.lost = lost,
		.mono_usec = k->now.mono_usec,
		.wall_usec = k->now.wall_usec,
		.wall_certain = true,
		.constraint = CONSTRAINT_UNKNOWN,
		.reason = reason,
	};

	k->env.fn(k->env.ctx, &s);
}

static void check_sequence(struct kmsg *k, uint64_t seq)
{
	if (k->have_seq && seq > k->seq + 1 + k->refused)
		tell_gap(k, seq - k->seq - 1 - k->refused,
			 "records of the kernel's log were overwritten before they were read");
	else if (k->overrun && !k->have_seq)
		tell_gap(k, 0,
			 "records of the kernel's log were overwritten before they were read");
	if (k->refused)
		tell_gap(k, k->refused, "records of the kernel's log were too long to be read");
	k->refused = 0;
	k->overrun = false;
	k->have_seq = true;
	k->seq = seq;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The text as the kernel wrote it: printk escapes what is not printable as \xNN. */
static size_t unescape(char *s, size_t n)
{
	size_t done = 0;

	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\\' && i + 3 < n && s[i + 1] == 'x' && hex_digit(s[i + 2]) >= 0 &&
		    hex_digit(s[i + 3]) >= 0) {
			s[done++] = (char)(hex_digit(s[i + 2]) * 16 + hex_digit(s[i + 3]));
			i += 3;
		} else {
			s[done++] = s[i];
		}
	}
	return done;
}

/* A record of several lines is several texts; a line of a kill is one, whatever its victim is
 * called. */
static void feed_text(struct kmsg *k, const struct kmsg_record *r)
{
	char *text = k->buf + (r->text - k->buf);
	struct logtext t = { .fresh = true, .have_uptime = true, .uptime_usec = r->usec };

	if (!memmem(r->text, r->n, "illed process", 13)) {
		logline_feed(&k->lines, k->buf, (size_t)(r->text + r->n - k->buf), false);
		return;
	}
	t.text = (struct str){ text, unescape(text, r->n) };
	oomlog_feed(k->parser, &t);
}

static void feed(struct kmsg *k, size_t n)
{
	struct kmsg_record r;
	uint64_t newlines = 0;
	const char *end;

	if (kmsg_parse(k->buf, n, &r) < 0)
		return;
	check_sequence(k, r.seq);
	if (k->live && k->idle)
		k->offset = k->now.wall_usec - (int64_t)r.usec;
	k->idle = false;
	/* The rows of the table would be kept, a hundred bytes each; who died is in other lines. */
	if (r.n == 0 || *r.text == '[')
		return;
	end = r.text + r.n;
	if (!oomlog_is_busy(k->parser) && oomlog_find(r.text, end, &newlines) == end) {
		oomlog_pass(k->parser, 1);
		return;
	}
	k->usec = r.usec;
	feed_text(k, &r);
	oomlog_settle(k->parser);
}

static int kmsg_drain(struct source *source, const struct moment *now)
{
	struct kmsg *k = (struct kmsg *)source;

	k->now = *now;
	for (;;) {
		ssize_t n = host_input_read(source->fd, k->buf, sizeof(k->buf));

		if (n > 0) {
			feed(k, (size_t)n);
			continue;
		}
		if (n == -EPIPE) {
			k->overrun = true;
			continue;
		}
		if (n == -EINVAL) {
			k->refused++;
			continue;
		}
		k->idle = true;
		/* From here on what comes is new. */
		k->live = true;
		return n == -EAGAIN || n == 0 ? 0 : (int)n;
	}
}

static void kmsg_close(struct source *source)
{
	struct kmsg *k = (struct kmsg *)source;

	if (source->fd >= 0)
		close(source->fd);
	oomlog_free(k->parser);
	logline_free(&k->lines);
	free(k);
}

static int kmsg_open(const struct source_env *env, struct source **ret)
{
	static const struct logline_options plain = { .has_year = false };
	struct kmsg *k = calloc(1, sizeof(*k));
	struct moment now;
	int r;

	if (!k)
		return -ENOMEM;
	k->source = (struct source){
		.ops = &kmsg_source, .fd = -1, .events = POLLIN, .due = UINT64_MAX
	};
	k->env = *env;
	k->idle = true;
	k->live = !env->replay;
	host_moment(&now);
	k->offset = now.wall_usec - (int64_t)now.mono_usec;
	r = logline_init(&k->lines, &plain, on_text, k);
	if (r == 0) {
		k->parser = oomlog_new(on_event, k);
		r = k->parser ? host_kmsg_open(env->h, env->replay) : -ENOMEM;
	}
	if (r < 0) {
		kmsg_close(&k->source);
		return r;
	}
	k->source.fd = r;
	*ret = &k->source;
	return 0;
}

const struct source_ops kmsg_source = {
	.id = SIGHT_KMSG,
	.name = "kmsg",
	.begin = kmsg_open,
	.drain = kmsg_drain,
	.end = kmsg_close,
};
