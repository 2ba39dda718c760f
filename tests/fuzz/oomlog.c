/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The grammar of events, without a transport: each line of the input is a text, its first byte says
 * who told it. An event keeps its promises, and so do the judgement and the words made of it.
 */
#include <string.h>

#include "era.h"
#include "fuzz.h"
#include "kver.h"
#include "oomlog.h"
#include "oomwords.h"
#include "rejudge.h"

struct seen {
	uint64_t line;
	size_t events, rows, kills;
};

static void check_list(const struct oom_list *l)
{
	MUST(l->n <= l->size && l->n <= OOMLOG_KILLS_MAX);
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].comm)
			touch(l->v[i].comm, strlen(l->v[i].comm));
}

static void check_rows(const struct oom_event *e)
{
	MUST(e->n_rows <= OOMLOG_ROWS_MAX && e->n_rows <= e->rows_size);
	for (size_t i = 0; i < e->n_rows; i++) {
		const struct oom_row *r = &e->rows[i];

		MUST(r->pid >= 0 && r->pid <= 4194304);
		/* A row that was cut may lack its name. */
		if (r->comm)
			touch(r->comm, strlen(r->comm));
		MUST(!(r->have & OOM_HAVE_ADJ) ||
		     (r->oom_score_adj >= -1000 && r->oom_score_adj <= 1000));
	}
	for (size_t i = 0; i < e->n_rows && i < 50; i++)
		MUST(oomlog_row(e, e->rows[i].pid) != NULL);
}

static void check_kills(const struct oom_event *e)
{
	MUST(e->n_kills <= OOMLOG_KILLS_MAX && e->n_kills <= e->kills_size);
	/* The other way round does not hold: a reaper's line alone tells of a kill. */
	MUST(!e->n_kills || e->outcome == OOM_OUTCOME_KILLED);
	for (size_t i = 0; i < e->n_kills; i++) {
		const struct oom_kill *k = &e->kills[i];

		MUST(!(k->have & OOM_HAVE_PID) || k->pid >= 0);
		if (k->comm)
			touch(k->comm, strlen(k->comm));
		if (k->task_memcg)
			touch(k->task_memcg, strlen(k->task_memcg));
	}
}

static void check_words(const struct oom_event *e)
{
	struct oom_user users[8];
	char buf[300], gfp[512];
	struct kver v;
	bool certain, told = e->kernel && kver_parse(e->kernel, &v) == 0;
	uint32_t page_size = rejudge_page_size(e, &certain);
	const char *flags = oomwords_gfp(e, told ? &v : NULL, gfp, sizeof(gfp));
	size_t all;

	MUST(page_size == 0 || (page_size & (page_size - 1)) == 0);
	MUST(oomwords_kind(e, buf, sizeof(buf)) != NULL);
	oomwords_request(e, flags, page_size, buf, sizeof(buf));
	oomwords_shortage(e, page_size, buf, sizeof(buf));
	MUST(oomwords_users(e, users, 8, &all) >= 0);
}

static void check_judgement(const struct oom_event *e)
{
	struct rejudge why;
	struct kver v;
	bool certain;
	struct rejudge_facts f = {
		.era = e->kernel && kver_parse(e->kernel, &v) == 0 ? era_for_release(e->kernel, &v)
								   : NULL,
		.page_size = rejudge_page_size(e, &certain),
	};

	if (e->killer != OOM_KILLER_KERNEL)
		return;
	MUST(rejudge(e, &f, &why) == 0);
	MUST(why.agrees >= -1 && why.agrees <= 1);
	/* Null only with what is not known. */
	MUST(why.agrees != -1 || why.n_undetermined > 0);
	MUST(why.n_undetermined <= REJUDGE_UNDETERMINED_MAX);
	MUST(memchr(why.reason, '\0', sizeof(why.reason)) != NULL);
	rejudge_free(&why);
}

static void on_event(void *ctx, struct oom_event *e)
{
	struct seen *s = ctx;
	const char *missing[16];
	size_t n = oomlog_missing(e, missing, 16);

	MUST(n < 16 && oomlog_is_complete(e) == (n == 0));
	MUST(e->first_line <= e->last_line && e->last_line <= s->line);
	MUST(e->first_line >= 1);
	MUST((unsigned)e->killer < OOM_KILLER_N && (unsigned)e->outcome < OOM_OUTCOME_N);
	MUST((unsigned)e->constraint < CONSTRAINT_N);
	MUST(e->mem.n_zones <= OOMLOG_ZONES_MAX);
	check_rows(e);
	check_kills(e);
	check_list(&e->reaped);
	check_list(&e->unreaped);
	check_list(&e->sharing);
	check_words(e);
	check_judgement(e);
	s->events++;
	s->rows += e->n_rows;
	s->kills += e->n_kills;
}

/* Who told a text: its caller, its host, a program, whether a prefix stood before it. */
static struct logtext told_by(uint8_t how, uint64_t line)
{
	struct logtext t = { .line = line, .fresh = !(how & 1) };

	if (how & 2) {
		t.caller = how & 4 ? 'T' : 'C';
		t.caller_id = how >> 6;
	}
	if (how & 8)
		t.host = (struct str){ how & 16 ? "one" : "two", 3 };
	if ((how & 0x60) == 0x60) {
		static const char *const programs[] = { "systemd-oomd", "earlyoom", "nohang",
							"oomd" };
		const char *name = programs[how & 3];

		t.ident = (struct str){ name, strlen(name) };
		t.foreign = true;
	}
	t.have_uptime = how & 0x80;
	t.uptime_usec = line * (how & 16 ? 90000000 : 1000);
	return t;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data, *end = p + size;
	struct seen s = { 0 };
	struct oomlog *parser = oomlog_new(on_event, &s);

	MUST(parser != NULL);
	while (p < end) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		const char *stop = newline ? newline : end;
		struct logtext t = told_by((uint8_t)*p, ++s.line);
		size_t n = (size_t)(stop - p);
		char *line;

		/* A line of the corpus begins with a bracket or a word: the kernel's. */
		if ((uint8_t)*p < 0x80)
			t = told_by(0, s.line);
		else if (n)
			n--, p++;
		while (n && (*p == ' ' || *p == '\t'))
			n--, p++;
		line = malloc(n);
		MUST(line || n == 0);
		if (n)
			memcpy(line, p, n);
		t.text = (struct str){ line, n };
		oomlog_feed(parser, &t);
		free(line);
		if (oomlog_is_busy(parser) && (uint8_t)*data == 0xff)
			oomlog_pass(parser, 7);
		p = stop + 1;
	}
	oomlog_end(parser);
	MUST(oomlog_error(parser) == 0);
	/* None is made of nothing. */
	MUST(s.events <= size / 8 && s.rows <= s.line && s.kills <= size / 8);
	oomlog_free(parser);
	return 0;
}
