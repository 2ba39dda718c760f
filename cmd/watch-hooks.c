/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What else happens at an event: a program that was asked for is run with what is known of it in
 * its environment; and when memory is short, it is asked who would die. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base.h"
#include "judge.h"
#include "str.h"
#include "watch.h"

/* A judge that has no answer by then is not waited for: the pressure is told without. */
#define ANSWER_USEC 10000000u

/* ------------------------------------------------------------------ who would die */

/* In the helper's child: "PID BADNESS COMM", or nothing. */
static size_t who_would_die(void *ctx, const char *question, char *buf, size_t size)
{
	struct judge_request req = { .need = SNAPSHOT_MODEL,
				     .without_self = true,
				     .scope = *question ? question : NULL };
	_cleanup_free_ struct judged *order = NULL;
	struct judge_error error = { 0 };
	const struct proc *p;
	struct judge j;
	int n = 0;

	(void)ctx;
	if (judge_machine(&j, &req, &error) == 0 && judge_order(&j, &order) == 0 && j.s.n_procs &&
	    order[0].rank == 1) {
		p = &j.s.procs[order[0].index];
		n = snprintf(buf, size, "%d %lld %s", (int)p->pid, (long long)order[0].badness,
			     p->have & HAVE_COMM ? p->comm : "");
	}
	judge_close(&j);
	return n > 0 && (size_t)n < size ? (size_t)n : 0;
}

static void tell_pressure(struct watch *w)
{
	w->asking = false;
	watch_tell_event(w, &w->pressed);
}

static void take_answer(struct watch *w, const char *text)
{
	const char *at = text, *end = text + strlen(text);
	int64_t pid, badness;

	if (!w->asking)
		return;
	if (str_scan_i64(&at, end, &pid) == 0 && str_scan_i64(&at, end, &badness) == 0) {
		w->victim_pid = (pid_t)pid;
		w->victim_badness = badness;
		snprintf(w->victim_comm, sizeof(w->victim_comm), "%s", at + (*at == ' '));
		w->have_victim = true;
	}
	tell_pressure(w);
}

/* A helper that was lost is replaced when it is needed. */
static int have_helper(struct watch *w)
{
	if (w->hooks.fd >= 0)
		return 0;
	w->hooks_opt.lowered = w->lowered;
	w->hooks_opt.adj = w->own_adj;
	return hooks_start(&w->hooks, &w->hooks_opt);
}

/* Where nobody can be asked, it is told without an answer. */
bool watch_hooks_pressure(struct watch *w, const struct sighting *s)
{
	if (w->asking)
		return true;
	w->have_victim = false;
	if (have_helper(w) < 0 || hooks_ask(&w->hooks, 0, s->cgroup) < 0)
		return false;
	w->pressed = *s;
	w->asking = true;
	w->ask_until = s->mono_usec + ANSWER_USEC;
	return true;
}

/* ------------------------------------------------------------------ hooks */

struct environment {
	char text[HOOKS_ENV_MAX];
	size_t n;
};

/* What does not fit as a whole is left out. */
static void add(struct environment *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void add(struct environment *e, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(e->text + e->n, sizeof(e->text) - 1 - e->n, fmt, args);
	va_end(args);
	if (n > 0 && (size_t)n < sizeof(e->text) - 1 - e->n)
		e->n += (size_t)n + 1;
}

static void add_size(struct environment *e, const struct sighting *s, uint32_t bit, uint64_t kib,
		     const char *name)
{
	if (s->have & bit)
		add(e, "%s=%llu", name, (unsigned long long)kib * 1024);
}

static void add_victim(struct environment *e, const struct sighting *s)
{
	if (s->have & SIGHT_HAVE_PID)
		add(e, "OOM_PID=%d", (int)s->pid);
	if (s->have & SIGHT_HAVE_COMM)
		add(e, "OOM_COMM=%s", s->comm);
	if (s->have & SIGHT_HAVE_UID)
		add(e, "OOM_UID=%u", (unsigned)s->uid);
	if (s->have & SIGHT_HAVE_PPID)
		add(e, "OOM_PPID=%d", (int)s->ppid);
	if (s->have & SIGHT_HAVE_CMDLINE)
		add(e, "OOM_CMDLINE=%s", s->cmdline);
	if (s->have & SIGHT_HAVE_ADJ)
		add(e, "OOM_SCORE_ADJ=%d", (int)s->oom_score_adj);
	if (s->have & SIGHT_HAVE_RANK)
		add(e, "OOM_RANK=%u", (unsigned)s->rank);
	add_size(e, s, SIGHT_HAVE_ANON, s->anon_kib, "OOM_ANON_RSS");
	add_size(e, s, SIGHT_HAVE_FILE, s->file_kib, "OOM_FILE_RSS");
	add_size(e, s, SIGHT_HAVE_SHMEM, s->shmem_kib, "OOM_SHMEM_RSS");
	add_size(e, s, SIGHT_HAVE_PGTABLES, s->pgtables_kib, "OOM_PGTABLES");
}

void watch_hooks_run(struct watch *w, const struct sighting *s)
{
	struct environment e = { .n = 0 };
	struct cgroup_meaning meaning = { 0 };
	struct arena arena = { 0 };
	char time[64];
	int r;

	if (!w->exec && !w->exec_shell)
		return;
	out_time(s->wall_usec, 0, time, sizeof(time));
	add(&e, "OOM_EVENT=%s", watch_event_name(s->kind));
	add(&e, "OOM_TIME=%s", time);
	add_victim(&e, s);
	if (s->kind == SIGHT_KILL || s->have & SIGHT_HAVE_COUNT)
		add(&e, "OOM_COUNT=%llu", (unsigned long long)s->count);
	if (s->cgroup[0]) {
		add(&e, "OOM_CGROUP=%s", s->cgroup);
		cgroupfs_meaning(s->cgroup, &arena, &meaning);
		if (meaning.container)
			add(&e, "OOM_CONTAINER=%s", meaning.container);
		if (meaning.unit)
			add(&e, "OOM_UNIT=%s", meaning.unit);
	}
	arena_free(&arena);
	add(&e, "OOM_CONSTRAINT=%s", badness_constraint_name(s->constraint));
	if (s->reason)
		add(&e, "OOM_REASON=%s", s->reason);
	r = have_helper(w);
	if (r == 0)
		r = hooks_run(&w->hooks, s->have & SIGHT_HAVE_PID ? s->pid : 0, e.text, e.n);
	if (r < 0)
		cli_error(w->env, "watch", w->exec ? w->exec : w->exec_shell,
			  r == -EAGAIN ? "too many hooks wait already: not run" : strerror(-r),
			  NULL);
}

static void lose_helper(struct watch *w, int status)
{
	char end[64] = "ended";
	const char *what = w->exec ? w->exec : w->exec_shell;

	if (status > 128)
		snprintf(end, sizeof(end), "was ended by signal %d (%s)", status - 128,
			 strsignal(status - 128));
	else if (status >= 0)
		snprintf(end, sizeof(end), "ended with status %d", status);
	if (what)
		cli_note(w->env, "watch",
			 "the helper that runs hooks %s: of those that it had begun no more is "
			 "known; the next event has another",
			 end);
	else
		cli_note(w->env, "watch", "the helper that says who would die %s", end);
	if (w->asking)
		tell_pressure(w);
}

static void on_news(void *ctx, const struct hooks_news *n)
{
	struct watch *w = ctx;
	const char *what = w->exec ? w->exec : w->exec_shell;
	char reason[128];

	if (n->word == HOOKS_ANSWER) {
		take_answer(w, n->text);
		return;
	}
	if (n->word == HOOKS_GONE) {
		lose_helper(w, n->value);
		return;
	}
	if (n->word == HOOKS_ENDED && n->value == 0)
		return;
	if (n->word == HOOKS_FAILED && n->value == ECANCELED) {
		w->hooks_dropped++;
		return;
	}
	/* The reason that it could not be run has been told. */
	if (n->word == HOOKS_ENDED && n->value == 127 && w->exec)
		return;
	if (n->word == HOOKS_FAILED)
		snprintf(reason, sizeof(reason), "could not be run: %s", strerror(n->value));
	else if (n->word == HOOKS_TIMEOUT && n->value == 0)
		snprintf(reason, sizeof(reason), "still ran when watch was ended and was killed");
	else if (n->word == HOOKS_TIMEOUT)
		snprintf(reason, sizeof(reason), "ran for more than %d s and was killed",
			 (int)n->value);
	else if (n->value > 128)
		snprintf(reason, sizeof(reason), "ended by signal %d", (int)n->value - 128);
	else
		snprintf(reason, sizeof(reason), "ended with status %d", (int)n->value);
	cli_error(w->env, "watch", what, reason, NULL);
}

void watch_hooks_read(struct watch *w, const struct moment *now)
{
	struct hooks_news n;

	while (hooks_read(&w->hooks, &n))
		on_news(w, &n);
	if (w->asking && now->mono_usec >= w->ask_until)
		tell_pressure(w);
}

int watch_hooks_start(struct watch *w)
{
	w->hooks_opt = (struct hooks_options){
		.h = &w->host,
		.program = w->exec,
		.line = w->exec_shell,
		.limit_sec = (unsigned)w->exec_sec,
		.most = (unsigned)w->exec_most,
		.answer = who_would_die,
	};
	if (!w->exec && !w->exec_shell && !w->pressure)
		return 0;
	return hooks_start(&w->hooks, &w->hooks_opt);
}

static bool on_alarm(void *ctx)
{
	struct watch *w = ctx;

	watch_on_signals(w);
	return w->signal != 0;
}

/* Whoever sends a signal does not want to wait for hooks that hang, and for those behind them. */
void watch_hooks_end(struct watch *w)
{
	const struct hooks_listener l = {
		.fn = on_news, .alarm_fd = w->signal_fd, .alarmed = on_alarm, .ctx = w
	};
	char reason[96];

	if (w->signal)
		hooks_hurry(&w->hooks);
	hooks_end(&w->hooks, &l);
	if (!w->hooks_dropped)
		return;
	snprintf(reason, sizeof(reason), "not run for the last %u event%s: watch was ended first",
		 w->hooks_dropped, w->hooks_dropped == 1 ? "" : "s");
	cli_error(w->env, "watch", w->exec ? w->exec : w->exec_shell, reason, NULL);
}
