/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In which ways does the machine run out of memory? A population, then kill by kill: what oomkit
 * says, and the OOM. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../random.h"
#include "guest.h"

#define SWAP_BYTES     (48 * MIB)
#define GROW_MAX_MIB   24
#define GROW_MS        5000
#define SEQUENCE_KILLS 6
/* So many of one population, one after the other, at most. */
#define TURNS_MIN 4
#define TURNS_MAX 12

unsigned draw_turns(uint64_t *random)
{
	return TURNS_MIN + random_below(random, TURNS_MAX - TURNS_MIN + 1);
}

pid_t first_kill(struct lab *l)
{
	pid_t killed;

	return kills_await(l, &killed, 1, NO_KILL_MS, 0) ? killed : 0;
}

void sysrq(void)
{
	if (write_file("/proc/sysrq-trigger", "f"))
		give_up("/proc/sysrq-trigger");
}

static bool sysrq_said(struct lab *l, const struct forecast *f)
{
	pid_t killed;

	if (!may_go_on(l, f))
		return false;
	sysrq();
	killed = tell(l, f, f->victim, first_kill(l));
	await_dead(f, killed);
	return killed != 0;
}

static bool kill_by_sysrq(struct lab *l)
{
	struct forecast f;
	bool killed;

	compare_scores(l);
	forecast(l, &f, NULL);
	killed = sysrq_said(l, &f);
	forecast_end(&f);
	return killed;
}

static void round_sysrq(struct lab *l, uint64_t *random)
{
	struct population p;
	unsigned turns;

	l->constraint = "none";
	populate(&p, random, NULL, 0);
	turns = draw_turns(random);
	for (l->turn = 0; l->turn < turns && kill_by_sysrq(l); l->turn++)
		;
	disperse(&p);
}

/* allocating: the one that asks for memory is to die, and oomkit says so and names nobody. */
static bool kill_by_filling(struct lab *l, bool allocating)
{
	struct filler filler;
	struct forecast f;
	pid_t killed = 0, said;

	filler_start(&filler, allocating ? "0" : "-1000", NULL, 0);
	if (!allocating)
		compare_scores(l);
	forecast(l, &f, NULL);
	said = !allocating ? f.victim : strcmp(f.outcome, "allocating_task") == 0 ? filler.pid : 0;
	if (may_run_out(&f)) {
		filler_go(&filler);
		killed = tell(l, &f, said, first_kill(l));
		await_dead(&f, killed);
	}
	forecast_end(&f);
	filler_end(&filler);
	return killed != 0;
}

static void fill_machine(struct lab *l, uint64_t *random, bool allocating)
{
	struct population p;
	struct filler ballast;
	unsigned turns;

	l->constraint = "none";
	populate(&p, random, NULL, POP_MIXED | (allocating ? POP_STILL : 0));
	ballast_start(&ballast, NULL, MIB, machine_is_full, NULL);
	turns = draw_turns(random);
	for (l->turn = 0; l->turn < turns && kill_by_filling(l, allocating); l->turn++)
		;
	filler_end(&ballast);
	disperse(&p);
}

static void round_global(struct lab *l, uint64_t *random)
{
	fill_machine(l, random, false);
}

static void round_allocating(struct lab *l, uint64_t *random)
{
	write_file("/proc/sys/vm/oom_kill_allocating_task", "1");
	fill_machine(l, random, true);
	write_file("/proc/sys/vm/oom_kill_allocating_task", "0");
}

static void round_sequence(struct lab *l, uint64_t *random)
{
	char number[8];
	const char *const argv[] = { "/oomkit", "rank", "-J", "--kills", number, NULL };
	struct population p;
	struct forecast f;
	json_t *json, *kills, *group;

	l->constraint = "none";
	populate(&p, random, NULL, 0);
	snprintf(number, sizeof(number), "%u", 2 + random_below(random, SEQUENCE_KILLS - 1));
	forecast(l, &f, NULL);
	json = run_json(argv);
	kills = json_object_get(json, "kills");
	for (l->turn = 0; l->turn < json_array_size(kills); l->turn++) {
		const json_t *step = json_array_get(kills, l->turn);
		pid_t said = (pid_t)json_integer_value(json_object_get(step, "pid"));
		pid_t killed;

		sysrq();
		killed = tell(l, &f, said, first_kill(l));
		/* What was said of the next ones supposed that this one would die. */
		if (!killed || killed != said || !await_gone(killed))
			break;
		/* Who shares its memory goes with it, and would be the next one's first choice. */
		group = json_object_get(step, "group");
		for (size_t i = 0; i < json_array_size(group); i++)
			await_gone((pid_t)json_integer_value(json_array_get(group, i)));
	}
	json_decref(json);
	forecast_end(&f);
	disperse(&p);
}

static void round_swap(struct lab *l, uint64_t *random)
{
	if (l->v1 || random_below(random, 2))
		round_sysrq(l, random);
	else
		round_memcg_swap(l, random);
}

/* ------------------------------------------------------------------ what if */

static uint64_t rss_kib(pid_t pid)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	return read_field(path, "VmRSS");
}

static bool whatif_grow(struct lab *l, uint64_t *random)
{
	const uint64_t bytes = (1 + random_below(random, GROW_MAX_MIB)) * MIB;
	char wish[64];
	const char *const args[] = { "--grow", wish, NULL };
	struct filler grower;
	struct forecast f;
	uint64_t before, end;
	bool killed;

	l->constraint = "none";
	grower_start(&grower, bytes);
	sleep_ms(20);
	snprintf(wish, sizeof(wish), "%d=%llu", grower.pid, (unsigned long long)bytes);
	forecast(l, &f, args);
	before = rss_kib(grower.pid);
	filler_go(&grower);
	/* The number may lag behind, by more than is left out here. */
	end = now_ms() + GROW_MS;
	while (rss_kib(grower.pid) < before + bytes / 1024 - 256 && now_ms() < end)
		sleep_ms(5);
	sleep_ms(20);
	killed = sysrq_said(l, &f);
	forecast_end(&f);
	filler_end(&grower);
	return killed;
}

static bool whatif_set(struct lab *l, uint64_t *random)
{
	char wish[64], path[PATH_SIZE];
	const char *const args[] = { "--set", wish, NULL };
	struct forecast f;
	const json_t *rows;
	int adj = (int)random_below(random, 2001) - 1000;
	pid_t pid;
	bool killed;

	l->constraint = "none";
	forecast(l, &f, NULL);
	/* One of the first few, so that it makes a difference. */
	rows = json_object_get(f.all, "processes");
	pid = (pid_t)json_integer_value(
		json_object_get(json_array_get(rows, random_below(random, 4)), "pid"));
	forecast_end(&f);
	snprintf(wish, sizeof(wish), "%d=%d", pid, adj);
	forecast(l, &f, args);
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
	snprintf(wish, sizeof(wish), "%d", adj);
	if (write_file(path, wish))
		printf("guest: %s could not be set\n", path);
	killed = sysrq_said(l, &f);
	forecast_end(&f);
	return killed;
}

static void round_whatif(struct lab *l, uint64_t *random)
{
	static bool (*const kinds[])(struct lab *, uint64_t *) = { whatif_grow, whatif_set,
								   whatif_limit };
	struct population p;
	unsigned turns;

	make_tree(l);
	populate(&p, random, leaves, pop_in_cgroups(l));
	turns = draw_turns(random);
	for (l->turn = 0; l->turn < turns; l->turn++)
		if (!kinds[random_below(random, ARRAY_SIZE(kinds))](l, random))
			break;
	disperse(&p);
	remove_tree();
}

const struct mode modes[] = {
	{ "sysrq", false, false, 0, round_sysrq },
	{ "global", false, false, 0, round_global },
	{ "memcg", false, true, 0, round_memcg },
	{ "memcg1", true, false, 0, round_memcg },
	{ "memcg1sw", true, false, SWAP_BYTES, round_memcg_swap },
	{ "group", false, true, 0, round_group },
	{ "allocating", false, false, 0, round_allocating },
	{ "sequence", false, false, 0, round_sequence },
	{ "whatif", false, false, 0, round_whatif },
	{ "cpuset", false, true, 0, round_cpuset },
	{ "mempolicy", false, false, 0, round_mempolicy },
	{ "swap", false, false, SWAP_BYTES, round_swap },
	{ "adj", false, false, 0, round_adj },
	{ "cgroup", false, false, 0, round_cgroup },
	{ "steady", false, false, 0, round_steady },
};
const size_t n_modes = ARRAY_SIZE(modes);
