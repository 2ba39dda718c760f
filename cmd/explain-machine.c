/* SPDX-License-Identifier: GPL-2.0-or-later */
/* explain without a target: what is this machine set to do when memory runs out, and who would be
 * killed next? */
#include "explain.h"

#include <string.h>

#include "base.h"
#include "pressure.h"
#include "tell-machine.h"

/* What is read of the machine beside its snapshot. */
struct machine {
	struct pressure_setting settings[PRESSURE_SETTING_N];
	struct pressure pressure;
	struct zoneinfo zones;
	bool have_zones, have_mode;
	int64_t mode; /* vm.overcommit_memory */
};

static void read_machine(struct explain *c, struct machine *m)
{
	const struct host *h = &c->g.j.host;

	pressure_settings(h, m->settings);
	pressure_read(h, &m->pressure);
	m->have_zones = snapshot_zones(h, &m->zones) == 0;
	m->have_mode = m->settings[PRESSURE_OVERCOMMIT_MEMORY].have;
	m->mode = m->settings[PRESSURE_OVERCOMMIT_MEMORY].value;
}

/* ------------------------------------------------------------------ the document */

static void kib_field(struct explain *c, const char *key, bool have, uint64_t kib)
{
	out_field(c->o, key, explain_fact(have, cell_bytes(tell_kib_bytes(kib))));
}

static void number_field(struct explain *c, const char *key, const struct pressure_setting *s)
{
	out_field(c->o, key, explain_fact(s->have, cell_int(s->value)));
}

static void put_memory(struct explain *c)
{
	const struct meminfo *m = &c->g.j.s.meminfo;

	out_object(c->o, "memory");
	kib_field(c, "total", m->have_total, m->total_kib);
	kib_field(c, "free", m->have_free, m->free_kib);
	kib_field(c, "available", m->have_available, m->available_kib);
	kib_field(c, "swap_total", m->have_swap_total, m->swap_total_kib);
	kib_field(c, "swap_free", m->have_swap_free, m->swap_free_kib);
	out_end(c->o);
}

static void put_overcommit(struct explain *c, const struct machine *m)
{
	const struct meminfo *mem = &c->g.j.s.meminfo;

	out_object(c->o, "overcommit");
	number_field(c, "mode", &m->settings[PRESSURE_OVERCOMMIT_MEMORY]);
	number_field(c, "ratio", &m->settings[PRESSURE_OVERCOMMIT_RATIO]);
	number_field(c, "kbytes", &m->settings[PRESSURE_OVERCOMMIT_KBYTES]);
	kib_field(c, "commit_limit", mem->have_commit_limit, mem->commit_limit_kib);
	kib_field(c, "committed", mem->have_committed, mem->committed_kib);
	out_field(c->o, "binds", explain_fact(m->have_mode, cell_bool(tell_commit_binds(m->mode))));
	out_end(c->o);
}

static void put_settings(struct explain *c, const struct machine *m)
{
	out_object(c->o, "sysctl");
	for (size_t i = 0; i < PRESSURE_SETTING_N; i++)
		number_field(c, m->settings[i].name, &m->settings[i]);
	out_end(c->o);
}

static void put_stall(struct explain *c, const char *key, bool have, const struct pressure_line *p)
{
	if (!have) {
		out_field(c->o, key, cell_null());
		return;
	}
	out_object(c->o, key);
	out_field(c->o, "avg10", cell_real(p->avg10));
	out_field(c->o, "avg60", cell_real(p->avg60));
	out_field(c->o, "avg300", cell_real(p->avg300));
	out_field(c->o, "total", cell_uint(p->total_usec));
	out_end(c->o);
}

static void put_pressure(struct explain *c, const struct pressure *p)
{
	if (!p->have_some && !p->have_full) {
		out_field(c->o, "pressure", cell_null());
		return;
	}
	out_object(c->o, "pressure");
	put_stall(c, "some", p->have_some, &p->some);
	put_stall(c, "full", p->have_full, &p->full);
	out_end(c->o);
}

static void put_watermarks(struct explain *c, const struct machine *m)
{
	if (!m->have_zones) {
		out_field(c->o, "watermarks", cell_null());
		return;
	}
	out_object(c->o, "watermarks");
	out_field(c->o, "min", cell_bytes(tell_bytes(&c->t, m->zones.min_pages)));
	out_field(c->o, "low", cell_bytes(tell_bytes(&c->t, m->zones.low_pages)));
	out_field(c->o, "high", cell_bytes(tell_bytes(&c->t, m->zones.high_pages)));
	out_field(c->o, "free", cell_bytes(tell_bytes(&c->t, m->zones.free_pages)));
	out_end(c->o);
}

static void put_processes(struct explain *c, const struct tell_population *p)
{
	out_object(c->o, "processes");
	out_field(c->o, "killable", cell_uint(p->killable));
	out_field(c->o, "never", cell_uint(p->never));
	out_field(c->o, "unknown", cell_uint(p->unknown));
	out_field(c->o, "out_of_scope", cell_uint(p->out_of_scope));
	out_end(c->o);
}

static void put_machine(struct explain *c, const struct machine *m)
{
	out_object(c->o, "machine");
	out_field(c->o, "kernel", cell_str(c->g.j.s.release));
	out_field(c->o, "era", cell_str(c->g.j.era->name));
	put_memory(c);
	put_overcommit(c, m);
	put_settings(c, m);
	put_pressure(c, &m->pressure);
	put_watermarks(c, m);
	out_end(c->o);
}

static void put_victim(struct explain *c)
{
	const struct tell_subject *x = &c->x;

	if (!c->have_subject) {
		out_field(c->o, "victim", cell_null());
		return;
	}
	out_object(c->o, "victim");
	explain_identity(c);
	out_field(c->o, "badness", cell_int(x->scope.badness));
	out_field(c->o, "model_score", cell_int(x->machine.score));
	out_field(c->o, "oom_score",
		  explain_fact(x->proc->have & HAVE_SCORE, cell_uint(x->proc->oom_score)));
	out_field(c->o, "reason", cell_str(tell_reason(&c->t, x)));
	out_field(c->o, "killed_with", cell_ints(c->with, c->n_with));
	out_end(c->o);
}

/* ------------------------------------------------------------------ the page */

static void say_settings(struct explain *c, const struct machine *m)
{
	out_text(c->o, "\n");
	for (size_t i = 0; i < PRESSURE_SETTING_N; i++)
		explain_say_plain(c, PAINT_OFF,
				  tell_setting(&c->t, m->settings[i].name, m->settings[i].have,
					       m->settings[i].value));
	out_text(c->o, "\n");
}

static void say_stall(struct explain *c, const struct pressure *p)
{
	struct tell_stall stall = {
		.have_some = p->have_some,
		.some = { p->some.avg10, p->some.avg60, p->some.avg300 },
		.have_full = p->have_full,
		.full = { p->full.avg10, p->full.avg60, p->full.avg300 },
	};

	explain_say(c, "Pressure", tell_stall(&c->t, &stall));
}

static void say_memory(struct explain *c, const struct machine *m)
{
	struct tell_marks marks = { .free = m->zones.free_pages,
				    .min = m->zones.min_pages,
				    .low = m->zones.low_pages,
				    .high = m->zones.high_pages };

	explain_say(c, "Memory", tell_ram(&c->t));
	explain_say(c, "", tell_swap(&c->t));
	explain_say(c, "Overcommit", tell_overcommit(&c->t, m->have_mode, m->mode));
	explain_say(c, "Watermarks", m->have_zones ? tell_watermarks(&c->t, &marks) : "not known.");
	say_stall(c, &m->pressure);
}

static void say_victim(struct explain *c)
{
	const char *outcome = tell_outcome(&c->t, c->order, c->g.j.s.n_procs);
	struct tell_lines notes = { 0 };

	out_text(c->o, "\n");
	if (c->have_subject) {
		explain_say_plain(c, PAINT_BOLD, tell_next(&c->t));
		explain_heading(c);
		explain_say(c, "Why", tell_reason(&c->t, &c->x));
		explain_say(c, "Runner-up", tell_runner_up(&c->t, &c->x));
		tell_company(&c->t, &c->company, &notes);
		explain_say_all(c, "Note", &notes);
	}
	explain_say_plain(c, PAINT_YELLOW, outcome);
}

void explain_machine(struct explain *c)
{
	struct machine m;
	struct tell_population population;

	read_machine(c, &m);
	tell_count(c->order, c->g.j.s.n_procs, &population);
	put_machine(c, &m);
	explain_scope(c);
	put_processes(c, &population);
	put_victim(c);
	explain_neighbour(c, "runner_up", c->have_subject ? c->x.after : NULL);

	explain_say_plain(c, PAINT_BOLD, tell_rule(&c->t));
	explain_say_plain(c, PAINT_YELLOW, tell_premise(&c->t));
	out_text(c->o, "\n");
	say_memory(c, &m);
	say_settings(c, &m);
	explain_say(c, "Processes", tell_population(&c->t, &population));
	say_victim(c);
	/* Where rows alone are said, those of the next victim are. */
	if (!out_is_table(c->o) && out_format_of(c->o) != OUT_JSON &&
	    out_format_of(c->o) != OUT_NDJSON)
		explain_factors(c);
}
