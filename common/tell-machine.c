/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is this machine set to do when memory runs out, in words?
 * Documentation/admin-guide/sysctl/vm.rst and Documentation/accounting/psi.rst say what its numbers
 * mean.
 */
#include "tell-machine.h"

#include <string.h>

#include "base.h"

uint64_t tell_kib_bytes(uint64_t kib)
{
	return kib * 1024;
}

const char *tell_ram(const struct tell *t)
{
	const struct meminfo *m = &t->s->meminfo;
	const char *text;

	if (!m->have_total)
		return "not known";
	text = tell_say(t, "%s RAM", tell_size(t, tell_kib_bytes(m->total_kib)));
	if (m->have_available)
		text = tell_say(t, "%s, %s available", text,
				tell_size(t, tell_kib_bytes(m->available_kib)));
	if (m->have_free)
		text = tell_say(t, "%s, %s free", text, tell_size(t, tell_kib_bytes(m->free_kib)));
	return tell_say(t, "%s.", text);
}

const char *tell_swap(const struct tell *t)
{
	const struct meminfo *m = &t->s->meminfo;

	if (!m->have_swap_total)
		return "Swap: not known.";
	if (m->swap_total_kib == 0)
		return "No swap.";
	return tell_say(t, "Swap %s, %s free.", tell_size(t, tell_kib_bytes(m->swap_total_kib)),
			m->have_swap_free ? tell_size(t, tell_kib_bytes(m->swap_free_kib)) : "?");
}

bool tell_commit_binds(int64_t mode)
{
	return mode == 2;
}

const char *tell_overcommit(const struct tell *t, bool have_mode, int64_t mode)
{
	static const char *const modes[] = {
		"mode 0, heuristic: only a request larger than all memory is refused, so memory "
		"runs out in use, by a kill",
		"mode 1, always: no request is refused, so memory runs out in use, by a kill",
		"mode 2, never: what would pass the CommitLimit is refused, malloc() fails before "
		"anything is killed",
	};
	const struct meminfo *m = &t->s->meminfo;
	const char *text = "mode not known";
	uint64_t percent;

	if (have_mode && mode >= 0 && mode < (int64_t)ARRAY_SIZE(modes))
		text = modes[mode];
	if (!m->have_commit_limit || !m->have_committed)
		return tell_say(t, "%s.", text);
	percent = m->commit_limit_kib ? m->committed_kib * 100 / m->commit_limit_kib : 100;
	text = tell_say(t, "%s. Committed_AS is %s, CommitLimit %s", text,
			tell_size(t, tell_kib_bytes(m->committed_kib)),
			tell_size(t, tell_kib_bytes(m->commit_limit_kib)));
	if (!have_mode || !tell_commit_binds(mode))
		return tell_say(t, "%s, which binds in mode 2 alone.", text);
	if (percent >= 90)
		return tell_say(t,
				"%s: %llu %% is promised, and malloc() will fail long before the "
				"OOM killer is asked.",
				text, (unsigned long long)percent);
	return tell_say(t, "%s: %llu %% is promised.", text, (unsigned long long)percent);
}

const char *tell_watermarks(const struct tell *t, const struct tell_marks *m)
{
	const char *state = "";

	if (m->free < m->min)
		state = " Below min: whoever asks for memory has to reclaim it first.";
	else if (m->free < m->low)
		state = " Below low: kswapd reclaims.";

	return tell_say(t, "min %s, low %s, high %s, free %s, summed over the zones.%s",
			tell_pages_size(t, m->min), tell_pages_size(t, m->low),
			tell_pages_size(t, m->high), tell_pages_size(t, m->free), state);
}

/* "0.00 0.00 0.00", with a point whatever the locale has. */
static const char *averages(const struct tell *t, const double v[3])
{
	const char *text = "";

	for (size_t i = 0; i < 3; i++) {
		uint64_t hundredths = (uint64_t)(v[i] * 100 + 0.5);

		text = tell_say(t, "%s%s%llu.%02llu", text, i ? " " : "",
				(unsigned long long)(hundredths / 100),
				(unsigned long long)(hundredths % 100));
	}
	return text;
}

const char *tell_stall(const struct tell *t, const struct tell_stall *p)
{
	const char *some, *full, *state = "nobody waits for memory";

	if (!p->have_some && !p->have_full)
		return "not known: this kernel has no /proc/pressure/memory (4.20 and later, with "
		       "PSI switched on).";
	some = p->have_some ? averages(t, p->some) : "?";
	full = p->have_full ? averages(t, p->full) : "?";
	if (p->have_full && p->full[0] >= 10)
		state = "nothing else gets done while memory is waited for";
	else if (p->have_some && p->some[0] > 0)
		state = "some wait for memory now";
	else if (p->have_some && p->some[2] > 0)
		state = "some waited for memory a while ago";
	return tell_say(t, "some %s, full %s (%% of the last 10 s, 60 s, 5 min): %s.", some, full,
			state);
}

/* The setting's values from 0 on; the last also stands for all that are larger. */
struct setting_meaning {
	const char *name;
	size_t n;
	const char *words[3];
};

static const char *setting_words(const char *name, int64_t value)
{
	static const struct setting_meaning settings[] = {
		{ "panic_on_oom",
		  3,
		  { "a process is killed, the machine lives on",
		    "the machine panics, but for a cgroup's OOM",
		    "the machine panics, for a cgroup's OOM too" } },
		{ "oom_kill_allocating_task",
		  2,
		  { "who has the most is killed", "whoever happens to ask for memory is" } },
		{ "oom_dump_tasks",
		  2,
		  { "a kill logs no table of processes", "a kill logs a table of all processes" } },
		{ "swappiness",
		  2,
		  { "swap is avoided; a cgroup's OOM ignores it",
		    "swap is used, the more the higher this is" } },
		{ "overcommit_memory",
		  3,
		  { "heuristic, see above", "always, see above", "never, see above" } },
		{ "overcommit_ratio", 1, { "% of the RAM in CommitLimit, beside swap" } },
		{ "overcommit_kbytes",
		  2,
		  { "the ratio is used", "in CommitLimit in place of the ratio" } },
		{ "min_free_kbytes", 1, { "never given away: makes the watermarks" } },
		{ "admin_reserve_kbytes", 1, { "mode 2 keeps so much for root" } },
		{ "user_reserve_kbytes", 1, { "mode 2 keeps so much for other programs" } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		if (strcmp(settings[i].name, name) == 0 && value >= 0)
			return settings[i].words[(size_t)value < settings[i].n ? (size_t)value
									       : settings[i].n - 1];
	return NULL;
}

const char *tell_setting(const struct tell *t, const char *name, bool have, int64_t value)
{
	if (!have)
		return tell_say(t, "vm.%-25s%7s", name, "-");
	return tell_say(t, "vm.%-25s%7lld  %s", name, (long long)value, setting_words(name, value));
}

void tell_count(const struct judged *order, size_t n, struct tell_population *ret)
{
	*ret = (struct tell_population){ 0 };
	for (size_t i = 0; i < n; i++) {
		if (order[i].rank)
			ret->killable++;
		else if (order[i].fate == FATE_OUT_OF_SCOPE)
			ret->out_of_scope++;
		else if (order[i].fate == FATE_UNKNOWN || order[i].fate == FATE_KILLABLE)
			ret->unknown++;
		else
			ret->never++;
	}
}

const char *tell_population(const struct tell *t, const struct tell_population *p)
{
	const char *text = tell_say(t, "%zu can be killed, %zu never", p->killable, p->never);

	if (p->out_of_scope)
		text = tell_say(t, "%s, %zu outside of the scope", text, p->out_of_scope);
	if (p->unknown)
		text = tell_say(t, "%s, %zu not known", text, p->unknown);
	return tell_say(t, "%s%s.", text,
			t->s->pid_ns == PID_NS_OWN
				? "; those outside of this pid namespace are not seen"
				: "");
}
