/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What does oomkit say, and was it right? */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guest.h"

#define LEFT_MIN      8
#define LEFT_BYTES    (4 * (json_int_t)MIB)
#define DEAD_MS       2000
#define ASK_TURNS     20
#define DYING_MS      50
#define COMPARE_EVERY 4 /* of the kills of one population: the others have not changed */

static json_t *ask(const char *const *args, const char *top)
{
	const char *argv[24] = { "/oomkit", "rank", "-J", "-N", top };
	size_t n = 5;

	for (; args && *args; args++)
		argv[n++] = *args;
	return run_json(argv);
}

pid_t first_victim(const char *const *args)
{
	json_t *one = ask(args, "1");
	const json_t *first = json_array_get(json_object_get(one, "processes"), 0);
	const char *outcome = json_string_value(json_object_get(one, "outcome"));
	pid_t pid = 0;

	if (outcome && strcmp(outcome, "kill") == 0)
		pid = (pid_t)json_integer_value(json_object_get(first, "pid"));
	json_decref(one);
	return pid;
}

static void ask_twice(struct forecast *f, const char *const *args)
{
	const json_t *first, *dies;
	json_t *one;

	*f = (struct forecast){ .all = ask(args, "all") };
	kills_learn_threads();
	one = ask(args, "1");
	snprintf(f->outcome, sizeof(f->outcome), "%s",
		 json_string_value(json_object_get(one, "outcome")) ?: "?");
	first = json_array_get(json_object_get(one, "processes"), 0);
	if (strcmp(f->outcome, "kill") == 0)
		f->victim = (pid_t)json_integer_value(json_object_get(first, "pid"));
	f->dying = strcmp(json_string_value(json_object_get(first, "fate")) ?: "", "victim") == 0;
	dies = json_object_get(first, "killed_with");
	for (size_t i = 0; i < json_array_size(dies) && f->n_with < KILLS_MAX; i++)
		f->with[f->n_with++] = (pid_t)json_integer_value(json_array_get(dies, i));
	json_decref(one);
}

void forecast(struct lab *l, struct forecast *f, const char *const *args)
{
	/* Where little memory is left somebody else may run out of it: whom the kernel kills while
	 * oomkit is asked is not what was asked about, whom it kills from then on is. */
	for (unsigned turn = 1;; turn++) {
		const uint64_t before = read_field("/proc/vmstat", "oom_kill");

		kills_forget(l);
		ask_twice(f, args);
		if (turn == ASK_TURNS ||
		    (!f->dying && read_field("/proc/vmstat", "oom_kill") == before))
			return;
		forecast_end(f);
		sleep_ms(DYING_MS);
	}
}

void forecast_end(struct forecast *f)
{
	json_decref(f->all);
	f->all = NULL;
}

const json_t *row_of(const struct forecast *f, pid_t pid)
{
	const json_t *rows = json_object_get(f->all, "processes");

	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);

		if (json_integer_value(json_object_get(row, "pid")) == pid)
			return row;
	}
	return NULL;
}

/* How far two candidates stood apart before it, pages; INT64_MAX where one was not told of. */
static int64_t pages_apart(const struct forecast *f, pid_t a, pid_t b)
{
	const json_t *x = json_object_get(row_of(f, a), "badness");
	const json_t *y = json_object_get(row_of(f, b), "badness");
	int64_t d = json_integer_value(x) - json_integer_value(y);

	if (!json_is_integer(x) || !json_is_integer(y))
		return INT64_MAX;
	return d < 0 ? -d : d;
}

static void show_row(const char *what, const struct forecast *f, pid_t pid)
{
	char *text = json_dumps(row_of(f, pid), JSON_COMPACT);

	printf("detail %s %d %s\n", what, pid, text ? text : "was not told of");
	free(text);
}

bool is_born_since(const struct forecast *f, pid_t pid)
{
	const json_t *rows = json_object_get(f->all, "processes");

	/* Pids rise. */
	for (size_t i = 0; i < json_array_size(rows); i++)
		if (json_integer_value(json_object_get(json_array_get(rows, i), "pid")) >= pid)
			return false;
	return json_array_size(rows) > 0;
}

/* Some take memory and give it back, fork, and their children end, all the time: it was there, or
 * was so large, only when the first or the second of two questions was asked, or after both. */
static bool is_passing(const struct forecast *f, pid_t said, pid_t killed)
{
	return is_born_since(f, killed) || (said && is_born_since(f, said)) || is_churning(said) ||
	       is_churning(killed);
}

pid_t tell(const struct lab *l, const struct forecast *f, pid_t said, pid_t killed)
{
	static const char *const names[] = { "right", "near", "wrong", "none" };
	enum verdict v = VERDICT_RIGHT;
	int64_t apart = 0;

	still_alive();
	/* Where oomkit says that nobody can be killed, nobody may be. */
	if (!killed)
		v = !said && strcmp(f->outcome, "nobody") == 0 ? VERDICT_RIGHT : VERDICT_NONE;
	else if (killed != said) {
		apart = pages_apart(f, said, killed);
		/* Equals have an order of their own, which no reclaim changes, as long as they are
		 * equal. */
		v = VERDICT_WRONG;
		if (is_passing(f, said, killed) ||
		    (apart <= NEAR_PAGES && (apart > 0 || kills_show_less(said, killed))))
			v = VERDICT_NEAR;
	}
	printf("kill %s %u.%u %" PRIu64 " %s %d %d %" PRId64 " %d %s\n", l->mode, l->round, l->turn,
	       l->seed, names[v], said, killed, apart, l->first_tid, l->constraint);
	if (v != VERDICT_RIGHT) {
		printf("detail outcome %s\n", f->outcome);
		show_row("said", f, said);
		show_row("killed", f, killed);
	}
	return killed;
}

bool may_go_on(const struct lab *l, const struct forecast *f)
{
	return f->victim || l->turn == 0;
}

/* The machine panics where nobody is left. A few may die before the filler has seen the first, and
 * of small ones more than a few: together they must have what everybody else needs meanwhile. */
bool may_run_out(const struct forecast *f)
{
	const json_t *rows = json_object_get(f->all, "processes");
	json_int_t bytes = 0;
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);

		if (!json_is_integer(json_object_get(row, "rank")))
			continue;
		n++;
		bytes += json_integer_value(json_object_get(row, "rss_anon"));
	}
	return n >= LEFT_MIN && bytes >= LEFT_BYTES;
}

void await_dead(const struct forecast *f, pid_t killed)
{
	const uint64_t end = now_ms() + DEAD_MS;

	if (!killed)
		return;
	await_gone(killed);
	for (size_t i = 0; killed == f->victim && i < f->n_with; i++)
		while (!is_gone(f->with[i]) && now_ms() < end)
			sleep_ms(5);
}

/* Does the model say of every process what its oom_score says? */
void compare_scores(const struct lab *l)
{
	const char *const argv[] = { "/oomkit", "score", "-J", NULL };
	const json_t *rows;
	json_t *json;
	unsigned n = 0, different = 0;

	if (l->turn % COMPARE_EVERY)
		return;
	json = run_json(argv);
	rows = json_object_get(json, "processes");
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);
		const json_t *ours = json_object_get(row, "model_score");
		const json_t *theirs = json_object_get(row, "oom_score");

		if (!json_is_integer(ours) || !json_is_integer(theirs))
			continue;
		n++;
		if (json_integer_value(ours) != json_integer_value(theirs)) {
			char *text = json_dumps(row, JSON_COMPACT);

			different++;
			printf("detail score %s\n", text);
			free(text);
		}
	}
	printf("score %s %u.%u %" PRIu64 " %u %u\n", l->mode, l->round, l->turn, l->seed, n,
	       different);
	json_decref(json);
}
