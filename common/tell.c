/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How does one say it? A process and its verdict as sentences for a person, and the arithmetic that
 * these take. The steps from badness to oom_score follow fs/proc/base.c proc_oom_score(); every
 * number that badness.c knows is asked of it.
 */
#include "tell.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"

#define ADJ_MIN            (-1000) /* OOM_SCORE_ADJ_MIN */
#define ADJ_MAX            1000
#define NEAR_ZERO          20 /* points off the score of nothing at all: 3 percent of the memory */
#define PATH_WIDTH         60
#define KUBE_GUARANTEED    (-997) /* pkg/kubelet/qos/policy.go */
#define KUBE_BEST_EFFORT   1000
#define KUBE_BURSTABLE_MIN 2
#define KUBE_BURSTABLE_MAX 999

typedef unsigned long long ull;
typedef long long ll;

/* ------------------------------------------------------------------ words */

/* Never NULL: what there is no memory for is empty. */
static const char *vsay(const struct tell *t, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

static const char *vsay(const struct tell *t, const char *fmt, va_list ap)
{
	_cleanup_free_ char *text = NULL;
	int n = vasprintf(&text, fmt, ap);
	const char *kept;

	if (n < 0) {
		text = NULL; /* its value is undefined after a failure */
		return "";
	}
	kept = arena_strndup(t->arena, text, (size_t)n);
	return kept ? kept : "";
}

const char *tell_say(const struct tell *t, const char *fmt, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	text = vsay(t, fmt, ap);
	va_end(ap);
	return text;
}

void tell_lines_add(struct tell_lines *lines, const char *text)
{
	if (text && *text && lines->n < TELL_LINES_MAX)
		lines->line[lines->n++] = text;
}

void tell_add(const struct tell *t, struct tell_lines *lines, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tell_lines_add(lines, vsay(t, fmt, ap));
	va_end(ap);
}

const char *tell_size(const struct tell *t, uint64_t bytes)
{
	char buf[64];

	return tell_say(t, "%s", t->size(t->size_ctx, bytes, buf, sizeof(buf)));
}

static uint64_t magnitude(int64_t v)
{
	return v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
}

uint64_t tell_bytes(const struct tell *t, uint64_t pages)
{
	return pages * t->s->machine.page_size;
}

const char *tell_pages_size(const struct tell *t, uint64_t pages)
{
	return tell_size(t, tell_bytes(t, pages));
}

const char *tell_signed_size(const struct tell *t, int64_t bytes)
{
	return tell_say(t, "%s%s", bytes < 0 ? "-" : "", tell_size(t, magnitude(bytes)));
}

/* A badness, or a difference of two: "131072 pages (512M)", "17 points". */
static const char *amount_words(const struct tell *t, int64_t amount)
{
	if (!badness_in_pages(t->era))
		return tell_say(t, "%lld point%s", (ll)amount, magnitude(amount) == 1 ? "" : "s");
	return tell_say(t, "%lld page%s (%s%s)", (ll)amount, magnitude(amount) == 1 ? "" : "s",
			amount < 0 ? "-" : "", tell_pages_size(t, magnitude(amount)));
}

static const char *ordinal(const struct tell *t, size_t n)
{
	static const char *const endings[] = { "th", "st", "nd", "rd" };
	size_t last = n % 100 / 10 == 1 ? 0 : n % 10;

	return tell_say(t, "%zu%s", n, endings[last < ARRAY_SIZE(endings) ? last : 0]);
}

static const char *name_of(const struct proc *p)
{
	return p->have & HAVE_COMM ? p->comm : "?";
}

const char *tell_who(const struct tell *t, const struct proc *p)
{
	return tell_say(t, "%d (%s)", (int)p->pid, name_of(p));
}

const char *tell_who_is(const struct tell *t, const struct judged *j)
{
	return tell_who(t, &t->s->procs[j->index]);
}

static const struct proc *find(const struct tell *t, pid_t pid)
{
	for (size_t i = 0; i < t->s->n_procs; i++)
		if (t->s->procs[i].pid == pid)
			return &t->s->procs[i];
	return NULL;
}

static const char *who_is_parent(const struct tell *t, const struct proc *p)
{
	const struct proc *parent = find(t, p->ppid);

	return parent ? tell_who(t, parent) : tell_say(t, "%d", (int)p->ppid);
}

const char *tell_version(const struct tell *t, struct kver v)
{
	if (v.patch || v.major < 3)
		return tell_say(t, "%u.%u.%u", v.major, v.minor, v.patch);
	return tell_say(t, "%u.%u", v.major, v.minor);
}

const char *tell_number(const struct tell *t, uint64_t n)
{
	return tell_say(t, "%llu", (ull)n);
}

const char *tell_label(const struct tell *t, const char *label, size_t width)
{
	return tell_say(t, "%-*s", (int)width, label);
}

/* Columns of s[0..n): characters, as the terminal of a person at night has them. */
static size_t columns_of(const char *s, size_t n)
{
	size_t columns = 0;

	for (size_t i = 0; i < n; i++)
		columns += ((unsigned char)s[i] & 0xc0) != 0x80;
	return columns;
}

const char *tell_wrap(const struct tell *t, const char *text, size_t indent, size_t width)
{
	size_t words = 1, at = indent, done = 0;
	_cleanup_free_ char *buf = NULL;

	for (const char *p = text; *p; p++)
		words += *p == ' ';
	buf = malloc(strlen(text) + words * (indent + 2) + 2);
	if (!buf)
		return NULL;
	while (*text) {
		size_t n = strcspn(text, " "), columns = columns_of(text, n);
		bool first = at == indent;

		if (!first && at + 1 + columns > width) {
			buf[done++] = '\n';
			memset(buf + done, ' ', indent);
			done += indent;
			at = indent;
		} else if (!first) {
			buf[done++] = ' ';
			at++;
		}
		memcpy(buf + done, text, n);
		done += n;
		at += columns;
		text += n + (text[n] == ' ');
	}
	return arena_strndup(t->arena, buf, done);
}

const char *tell_rule(const struct tell *t)
{
	return tell_say(t, "Linux %s, judged by the rule that came with %s (%s).",
			t->s->release ? t->s->release : "(release not known)",
			tell_version(t, t->era->since), t->era->name);
}

const char *tell_premise(const struct tell *t)
{
	const char *rule = t->own_rule ? "" : tell_rule(t), *scope = "", *supposed = "";

	if (t->no_limit)
		scope = "There is no memory limit at that cgroup or above it: its OOM is the "
			"machine's.";
	if (t->supposed || !t->own_rule)
		supposed = "What follows is supposed, nothing has been changed.";
	if (!*scope && !*supposed)
		return NULL;
	return tell_say(t, "%s%s%s%s%s", rule, *rule && *scope ? " " : "", scope,
			(*rule || *scope) && *supposed ? " " : "", supposed);
}

/* ------------------------------------------------------------------ who it is */

const char *tell_heading(const struct tell *t, const struct proc *p, const char *user)
{
	const char *cmdline = p->have & HAVE_CMDLINE ? p->cmdline : "", *owner = "";

	if (user)
		owner = tell_say(t, " (%s)", user);
	else if (p->have & HAVE_UID)
		owner = tell_say(t, " (uid %u)", (unsigned)p->uid);
	return tell_say(t, "%d %s%s%s%s", (int)p->pid, name_of(p), owner, *cmdline ? "  " : "",
			cmdline);
}

/* A cgroup's path on one line of a page: the first and the last of its names. */
static const char *short_path(const struct tell *t, const char *path)
{
	size_t n = strlen(path), first, last_n, room;
	const char *last = strrchr(path, '/');

	if (n <= PATH_WIDTH || !last || last == path)
		return path;
	first = 1 + strcspn(path + 1, "/");
	if (first > PATH_WIDTH / 3)
		first = PATH_WIDTH / 3;
	room = PATH_WIDTH - first - strlen("/...");
	last_n = strlen(last);
	if (last_n <= room)
		return tell_say(t, "%.*s/...%s", (int)first, path, last);
	return tell_say(t, "%.*s/...%.*s...", (int)first, path, (int)(room - strlen("...")), last);
}

/* Whether the last name of a path is this one. */
static bool is_last_name(const char *path, const char *name)
{
	const char *last = strrchr(path, '/');

	return last && strcmp(last + 1, name) == 0;
}

const char *tell_home(const struct tell *t, const struct proc *p, const char *unit,
		      const char *container)
{
	const char *path = p->have & HAVE_CGROUP ? p->cgroup : "", *text = "";

	if (*path)
		text = short_path(t, path);
	if (unit && !is_last_name(path, unit))
		text = tell_say(t, "%s%sunit %s", text, *text ? ", " : "", unit);
	if (container)
		text = tell_say(t, "%s%scontainer %.12s", text, *text ? ", " : "", container);
	if ((p->have & HAVE_PPID) && p->ppid > 0)
		text = tell_say(t, "%s%schild of %s", text, *text ? ", " : "", who_is_parent(t, p));
	return *text ? text : NULL;
}

/* ------------------------------------------------------------------ the factors */

/* Per mille of the denominator, to a thousandth. */
static double permille_of(const struct tell *t, int64_t pages)
{
	uint64_t total = t->scope->ctx.total_pages ? t->scope->ctx.total_pages : 1;
	double exact = (double)pages * 1000 / (double)total;

	if (exact > 1e15 || exact < -1e15)
		return exact;
	return (double)(int64_t)(exact * 1000 + (exact < 0 ? -0.5 : 0.5)) / 1000;
}

static void fill_points(const struct tell *t, struct tell_factor *f)
{
	f->bytes = f->pages * (int64_t)t->s->machine.page_size;
	f->points = badness_in_pages(t->era) ? permille_of(t, f->amount) : (double)f->amount;
}

void tell_factor(const struct tell *t, const struct factor *f, struct tell_factor *ret)
{
	*ret = (struct tell_factor){ .name = badness_factor_name(f->id),
				     .pages = f->pages,
				     .amount = f->amount,
				     .has_memory = badness_in_pages(t->era) || f->pages };
	fill_points(t, ret);
}

void tell_sum(const struct tell *t, const struct verdict *v, struct tell_factor *ret)
{
	*ret = (struct tell_factor){ .name = "badness", .amount = v->badness };
	ret->has_memory = badness_in_pages(t->era);
	ret->pages = ret->has_memory ? v->badness : 0;
	fill_points(t, ret);
}

const char *tell_points(const struct tell *t, const struct tell_factor *f)
{
	uint64_t tenths;

	if (!badness_in_pages(t->era))
		return tell_say(t, "%lld", (ll)f->amount);
	tenths = (uint64_t)((f->points < 0 ? -f->points : f->points) * 10 + 0.5);
	return tell_say(t, "%s%llu.%llu", f->points < 0 && tenths ? "-" : "", (ull)(tenths / 10),
			(ull)(tenths % 10));
}

const char *tell_bar(const struct tell *t, const struct verdict *v, const struct factor *f,
		     size_t width)
{
	uint64_t largest = 1, n;
	char bar[64];

	for (unsigned i = 0; i < v->n_factors; i++)
		if (magnitude(v->factor[i].amount) > largest)
			largest = magnitude(v->factor[i].amount);
	if (width >= sizeof(bar))
		width = sizeof(bar) - 1;
	n = (uint64_t)((double)magnitude(f->amount) / (double)largest * (double)width + 0.999);
	/* Rounded up, for what is there is to be seen, however little it is. */
	n += n == 0 && f->amount;
	memset(bar, f->amount < 0 ? '-' : '#', sizeof(bar));
	return tell_say(t, "%.*s", (int)(n < width ? n : width), bar);
}

uint64_t tell_pgtables_bytes(const struct proc *p)
{
	return ((uint64_t)p->pte_kib + (p->have & HAVE_PMD ? p->pmd_kib : 0)) * 1024;
}

const char *tell_memory(const struct tell *t, const struct proc *p)
{
	if (!(p->flags & PROC_HAS_MM) || !(p->have & (HAVE_RSS_STAT | HAVE_RSS_STATUS)))
		return NULL;
	return tell_say(t, "%s resident, %s swapped out, %s page tables",
			tell_pages_size(t, badness_rss_pages(p, t->s->rss_source)),
			tell_pages_size(t, p->swap_pages), tell_size(t, tell_pgtables_bytes(p)));
}

/* ------------------------------------------------------------------ the verdict */

void tell_subject(struct tell_subject *x, const struct judged *order, size_t n, size_t at)
{
	x->index = order[at].index;
	x->fate = (enum fate)order[at].fate;
	x->known = order[at].known;
	x->rank = order[at].rank;
	x->of = 0;
	while (x->of < n && order[x->of].rank)
		x->of++;
	x->before = x->rank > 1 ? &order[at - 1] : NULL;
	x->after = x->rank && at + 1 < x->of ? &order[at + 1] : NULL;
	x->rival = x->of > 0 && at != 0 ? &order[0] : x->of > 1 ? &order[1] : NULL;
}

/* Of what: as a clause. */
static const char *when_out_of_memory(const struct tell *t)
{
	if (t->scope->nodes)
		return tell_say(t, "if memory ran out on %s (%s)", t->scope->nodes,
				tell_pages_size(t, t->scope->ctx.total_pages));
	if (!t->scope->cgroup)
		return "if the machine ran out of memory";
	return tell_say(t, "if %s ran out of memory (%s)", short_path(t, t->scope->cgroup),
			tell_pages_size(t, t->scope->ctx.total_pages));
}

static const char *adj_min_words(const struct tell *t, const struct tell_subject *x)
{
	const struct proc *p = x->proc;
	bool own = !(p->have & HAVE_ADJ) || p->oom_score_adj == ADJ_MIN ||
		   t->era->formula == FORMULA_CLASSIC;

	if (!own)
		return tell_say(t,
				"Cannot be chosen: it uses the memory of %s, whose oom_score_adj "
				"is -1000, and by the rule of this kernel one such process makes "
				"all that share its memory immune.",
				who_is_parent(t, p));
	return tell_say(t,
			"Cannot be chosen: its %s. That does not save it from dying with a process "
			"whose memory it shares (since 4.8), nor from killers in user space such "
			"as systemd-oomd or earlyoom; and its children inherit it.",
			t->era->formula == FORMULA_CLASSIC
				? "oom_adj is -17 (an oom_score_adj of -1000)"
				: "oom_score_adj is -1000");
}

static const char *no_mm_words(const struct tell *t, const struct proc *p)
{
	if ((p->have & HAVE_STATE) && p->state == 'Z')
		return tell_say(t,
				"Cannot be chosen: it has exited and has no memory any more; its "
				"entry stays until its parent %s asks for its exit status.",
				who_is_parent(t, p));
	return "Cannot be chosen: it has no memory of its own any more, it is about to exit.";
}

static const char *unknown_words(const struct tell *t, const struct tell_subject *x)
{
	if (t->scope->cgroup && !(x->proc->have & HAVE_CGROUP))
		return "Whether it can be chosen is not known: its cgroup could not be read.";
	return tell_say(t,
			"Whether it can be chosen is not known: it could not be read in full%s%s.",
			x->proc->err ? ", " : "", x->proc->err ? strerror(x->proc->err) : "");
}

static const char *candidate_words(const struct tell *t, const struct tell_subject *x)
{
	const char *place;

	if (!x->rank)
		return "Can be chosen, but its place is not known: the size of the memory is not.";
	place = tell_say(t, "ould be killed %s of %zu %s.", ordinal(t, x->rank), x->of,
			 when_out_of_memory(t));
	if (x->fate == FATE_VICTIM)
		return tell_say(
			t,
			"Is being killed already, a SIGKILL is pending; if the OOM killer sent it, "
			"nobody else is chosen until it is gone. By its points it w%s",
			place);
	return tell_say(t, "W%s", place);
}

const char *tell_verdict(const struct tell *t, const struct tell_subject *x)
{
	switch (x->fate) {
	case FATE_KILLABLE:
	case FATE_VICTIM:
		return candidate_words(t, x);
	case FATE_INIT:
		return "Cannot be chosen: it is the init of the machine, which the kernel never "
		       "kills.";
	case FATE_KTHREAD:
		return "Cannot be chosen: it is a kernel thread and has no memory of its own.";
	case FATE_ADJ_MIN:
		return adj_min_words(t, x);
	case FATE_NO_MM:
		return no_mm_words(t, x->proc);
	case FATE_VFORK:
		return tell_say(t,
				"Cannot be chosen: it is a vfork child that still uses the memory "
				"of its parent %s, and the kernel looks at that one instead. If "
				"the parent is killed it dies with it.",
				who_is_parent(t, x->proc));
	case FATE_REAPED:
		return "Cannot be chosen again: it is being killed, and its memory has been taken "
		       "back already.";
	case FATE_OUT_OF_SCOPE:
		return tell_say(t, "Cannot be chosen %s: it lives in %s.", when_out_of_memory(t),
				x->proc->have & HAVE_CGROUP ? short_path(t, x->proc->cgroup)
							    : "another cgroup");
	case FATE_UNKNOWN:
	case FATE_N:
		break;
	}
	return unknown_words(t, x);
}

const char *tell_outcome(const struct tell *t, const struct judged *order, size_t n)
{
	const struct oom_sysctl *sysctl = &t->s->sysctl;
	bool memcg = t->scope->ctx.constraint == CONSTRAINT_MEMCG;
	int panic = sysctl->have_panic_on_oom ? sysctl->panic_on_oom : 0;

	if (memcg && t->s->cgroup_version == CGROUP_V1 && t->scope_cgroup &&
	    t->scope_cgroup->oom_kill_disable)
		return "But nobody is killed there: oom_kill_disable of its memory.oom_control is "
		       "1, and whoever needs memory waits.";
	if (panic == 2 || (panic == 1 && t->scope->ctx.constraint == CONSTRAINT_NONE))
		return tell_say(
			t,
			"But nobody is killed: vm.panic_on_oom is %d, the machine panics instead.",
			panic);
	if (victim_is_allocating_task(t->era, sysctl, t->scope->ctx.constraint))
		return tell_say(t,
				"But vm.oom_kill_allocating_task is %d: whoever happens to ask for "
				"memory is killed instead.",
				sysctl->oom_kill_allocating_task);
	if (n > 0 && order[0].rank)
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (order[i].fate == FATE_UNKNOWN || order[i].fate == FATE_KILLABLE)
			return "Who would be killed is not known.";
	return tell_say(t, "Nobody can be chosen: %s.",
			memcg ? "allocations inside would fail" : "the machine would panic");
}

/* ------------------------------------------------------------------ from badness to oom_score */

static const char *machine_total(const struct tell *t)
{
	const struct mem_ctx *m = &t->scope->machine;

	return tell_say(t, "%llu pages of RAM%s", (ull)m->total_pages,
			m->swap_pages ? " and swap" : "");
}

static void say_adj_step(const struct tell *t, const struct tell_subject *x, struct tell_lines *ret)
{
	uint64_t per_point = t->scope->ctx.total_pages / 1000;
	int adj = x->proc->oom_score_adj;

	if (adj && (x->proc->have & HAVE_ADJ))
		tell_add(t, ret, "oom_score_adj: %d * (%llu / 1000 = %llu) = %lld pages", adj,
			 (ull)t->scope->ctx.total_pages, (ull)per_point, (ll)adj * (ll)per_point);
}

/* What /proc prints since 3.5: per mille of the machine, scaled since 5.9. */
static void say_page_steps(const struct tell *t, const struct tell_subject *x,
			   struct tell_lines *ret)
{
	int64_t badness = x->machine.badness, total = (int64_t)t->scope->machine.total_pages;
	int64_t permille = (int64_t)((uint64_t)badness * 1000) / total, score = permille;

	if (t->scope->cgroup || t->scope->ctx.constraint != CONSTRAINT_NONE)
		tell_add(t, ret,
			 "Whatever the %s, it is measured by the machine's %s, and by those "
			 "the badness is %lld.",
			 t->scope->cgroup ? "cgroup" : "nodes", machine_total(t), (ll)badness);
	tell_add(t, ret, "%lld pages * 1000 / %lld = %lld%s", (ll)badness, (ll)total, (ll)permille,
		 t->scope->cgroup || t->scope->nodes ? ""
		 : t->scope->machine.swap_pages      ? " per mille of RAM and swap"
						     : " per mille of the RAM");
	if (t->era->scale == SCALE_TWO_THIRDS) {
		score = (1000 + permille) * 2 / 3;
		tell_add(t, ret, "(1000 %c %llu) * 2 / 3 = %lld", permille < 0 ? '-' : '+',
			 (ull)magnitude(permille), (ll)score);
	}
	if (score != x->machine.score)
		tell_add(t, ret,
			 "In the %u-bit long of this kernel that overflows and becomes %lld.",
			 t->scope->machine.long_bits, (ll)x->machine.score);
}

/* 2.6.36 to 3.4: the badness itself is per mille, and is printed. */
static void say_permille_steps(const struct tell *t, const struct tell_subject *x,
			       struct tell_lines *ret)
{
	const struct verdict *v = &x->machine;
	int64_t pages = 0, points = 0, total = (int64_t)t->scope->machine.total_pages;
	const char *sum;

	for (unsigned i = 0; i < v->n_factors; i++)
		if (v->factor[i].id == FACTOR_RSS || v->factor[i].id == FACTOR_SWAP ||
		    v->factor[i].id == FACTOR_PGTABLES) {
			pages += v->factor[i].pages;
			points += v->factor[i].amount;
		}
	tell_add(t, ret, "%lld pages * 1000 / %lld = %lld per mille%s", (ll)pages, (ll)total,
		 (ll)points,
		 points == (int64_t)((uint64_t)pages * 1000) / total
			 ? ""
			 : " (an int of this kernel overflows there)");
	sum = tell_say(t, "%lld", (ll)points);
	for (unsigned i = 0; i < v->n_factors; i++) {
		const struct factor *f = &v->factor[i];

		if (f->id == FACTOR_SUPERUSER || f->id == FACTOR_ADJ || f->id == FACTOR_FLOOR)
			sum = tell_say(t, "%s %c %llu (%s)", sum, f->amount < 0 ? '-' : '+',
				       (ull)magnitude(f->amount), badness_factor_name(f->id));
	}
	tell_add(t, ret, "%s = %lld, from 1 to 1000: the badness itself is printed", sum,
		 (ll)v->score);
}

void tell_scaling(const struct tell *t, const struct tell_subject *x, struct tell_lines *ret)
{
	if (!x->machine.score_known)
		return;
	if (!x->machine.known) {
		tell_add(t, ret, "%lld: what the kernel never chooses has no points",
			 (ll)x->machine.score);
		return;
	}
	switch (t->era->formula) {
	case FORMULA_PAGES:
		if (x->known)
			say_adj_step(t, x, ret);
		say_page_steps(t, x, ret);
		break;
	case FORMULA_PERMILLE:
		say_permille_steps(t, x, ret);
		break;
	case FORMULA_CLASSIC:
		tell_add(t, ret, "%lld: the badness itself is printed, without a denominator",
			 (ll)x->machine.score);
		break;
	}
}

const char *tell_agreement(const struct tell *t, const struct tell_subject *x)
{
	const struct proc *p = x->proc;

	if (!(p->have & HAVE_SCORE)) {
		if (p->err == EAGAIN)
			return "Its memory moves too fast to be compared with the kernel's own "
			       "number.";
		return tell_say(t, "The kernel's own oom_score could not be read%s%s.",
				p->err ? ": " : "", p->err ? strerror(p->err) : "");
	}
	if (x->agrees > 0)
		return tell_say(t, "The kernel's own oom_score is %llu too: they agree.",
				(ull)p->oom_score);
	if (x->agrees == 0)
		return tell_say(
			t, "The kernel's own oom_score is %llu, the rule gives %lld: they differ.",
			(ull)p->oom_score, (ll)x->machine.score);
	if (t->supposed || !t->own_rule)
		return tell_say(t, "The kernel's own oom_score, of the machine as it is, is %llu.",
				(ull)p->oom_score);
	return tell_say(t, "The kernel's own oom_score is %llu.", (ull)p->oom_score);
}

/* ------------------------------------------------------------------ its place */

/* How far the one stands before the other. */
static const char *distance_words(const struct tell *t, int64_t more, int64_t less,
				  const char *direction)
{
	if (more == less)
		return tell_say(t, "with the same badness (of equals the %s is taken)",
				t->era->tie == TIE_LAST || (t->era->tie == TIE_LAST_BUT_MEMCG &&
							    !t->scope->cgroup)
					? "youngest"
					: "oldest");
	return tell_say(t, "%s %s", amount_words(t, more - less), direction);
}

const char *tell_runner_up(const struct tell *t, const struct tell_subject *x)
{
	if (!x->after)
		return NULL;
	return tell_say(t, "%s, %s.", tell_who_is(t, x->after),
			distance_words(t, x->scope.badness, x->after->badness, "behind"));
}

const char *tell_place(const struct tell *t, const struct tell_subject *x)
{
	const char *next = "It is the last that would be killed.";

	if (!x->rank)
		return NULL;
	if (x->of == 1)
		return "Nobody else can be chosen.";
	if (x->after)
		next = tell_say(t, "Next after it: %s", tell_runner_up(t, x));
	if (!x->before)
		return next;
	return tell_say(t, "Just before it: %s, %s. %s", tell_who_is(t, x->before),
			distance_words(t, x->before->badness, x->scope.badness, "ahead"), next);
}

const char *tell_own_cgroup(const struct tell *t, const struct tell_subject *there,
			    const struct scope *own, const struct cgroup *cg)
{
	bool limited = cg->have_limit && cg->limit_bytes != CGROUP_UNLIMITED;
	uint64_t limit = limited ? cg->limit_bytes : cg->memsw_limit_bytes;

	if (!there->rank)
		return NULL;
	return tell_say(t,
			"If %s reached its limit of %s%s, it would be killed %s of %zu in that "
			"cgroup. There its badness is %s, measured by %llu pages. oom_score does "
			"not show that: it is always measured by the whole machine.",
			short_path(t, cg->path), tell_size(t, limit),
			own->ctx.swap_pages ? " (and swap)" : "", ordinal(t, there->rank),
			there->of, amount_words(t, there->scope.badness),
			(ull)own->ctx.total_pages);
}

/* ------------------------------------------------------------------ pods */

static const char *burstable_words(const struct tell *t, int adj)
{
	uint64_t capacity = tell_bytes(t, t->s->machine.ram_pages);
	uint64_t low = capacity / 1000 * (uint64_t)(KUBE_BEST_EFFORT - adj),
		 high = low + capacity / 1000;
	const char *from = tell_size(t, low), *to = tell_size(t, high);

	if (adj == KUBE_BURSTABLE_MIN)
		return tell_say(t, "%s or more", from);
	if (adj == KUBE_BURSTABLE_MAX)
		return tell_say(t, "less than %s", to);
	return tell_say(t, "%s to %s", from, to);
}

const char *tell_qos(const struct tell *t, const struct proc *p, const char *pod, const char *qos)
{
	int adj = p->oom_score_adj,
	    due = strcmp(qos, "Guaranteed") == 0 ? KUBE_GUARANTEED : KUBE_BEST_EFFORT;
	const char *class = tell_say(t, "Pod %s, QoS class %s", pod ? pod : "(uid not known)", qos);

	if (!(p->have & HAVE_ADJ))
		return tell_say(t, "%s.", class);
	if (strcmp(qos, "Burstable") != 0)
		return tell_say(t, "%s: kubelet gives it an oom_score_adj of %d%s.", class, due,
				adj == due
					? ", and that is what it has"
					: tell_say(t, "; its %d comes from somewhere else", adj));
	if (adj < KUBE_BURSTABLE_MIN || adj > KUBE_BURSTABLE_MAX)
		return tell_say(t,
				"%s: kubelet gives it an oom_score_adj of %d to %d, by its memory "
				"request; its %d comes from somewhere else.",
				class, KUBE_BURSTABLE_MIN, KUBE_BURSTABLE_MAX, adj);
	return tell_say(
		t,
		"%s: kubelet gives it 1000 - 1000 * request / %s, at least %d and at most %d. The "
		"request is not known here; its oom_score_adj of %d amounts to one of %s.",
		class, tell_pages_size(t, t->s->machine.ram_pages), KUBE_BURSTABLE_MIN,
		KUBE_BURSTABLE_MAX, adj, burstable_words(t, adj));
}

/* ------------------------------------------------------------------ notes */

static int64_t factor_amount(const struct verdict *v, enum factor_id id)
{
	for (unsigned i = 0; i < v->n_factors; i++)
		if (v->factor[i].id == id)
			return v->factor[i].amount;
	return 0;
}

/* What its memory adds, without adjustments. */
static int64_t memory_amount(const struct verdict *v)
{
	return factor_amount(v, FACTOR_RSS) + factor_amount(v, FACTOR_SWAP) +
	       factor_amount(v, FACTOR_PGTABLES) + factor_amount(v, FACTOR_TOTAL_VM);
}

static void note_superuser(const struct tell *t, const struct tell_subject *x,
			   struct tell_lines *ret)
{
	static const char *const worth[] = {
		[SUPERUSER_UID_OR_ADMIN_QUARTER] =
			"uid 0 or CAP_SYS_ADMIN leaves it a quarter of its points",
		[SUPERUSER_ADMIN_OR_RESOURCE_QUARTER] =
			"CAP_SYS_ADMIN or CAP_SYS_RESOURCE leaves it a quarter of its points",
		[SUPERUSER_30_POINTS] = "CAP_SYS_ADMIN takes 30 of 1000 points off",
		[SUPERUSER_ADJ_30] =
			"CAP_SYS_ADMIN takes 30 off its oom_score_adj: 3 % of all the memory",
		[SUPERUSER_3_PERCENT] = "CAP_SYS_ADMIN takes 3 % of its own use off",
		[SUPERUSER_IGNORED] = "",
	};

	if (!factor_amount(&x->scope, FACTOR_SUPERUSER))
		return;
	tell_add(t, ret, "The root_bonus: %s.%s", worth[t->era->superuser],
		 x->scope.superuser_uncertain
			 ? " It is not certain: in a user namespace other than the initial one, "
			   "which could not be told here, the kernel gives none."
			 : "");
}

/* The version that brought the scale of this rule. */
static const char *scaled_since(const struct tell *t)
{
	const struct era *e = t->era;

	while (e + 1 < era_table + era_count && e[1].scale == t->era->scale)
		e++;
	return tell_version(t, e->since);
}

static void note_score(const struct tell *t, const struct tell_subject *x, struct tell_lines *ret)
{
	int64_t nothing = badness_to_score(t->era, &t->scope->machine, 0), score = x->machine.score;

	if (!x->machine.known)
		return;
	if (t->era->scale == SCALE_TWO_THIRDS && score >= nothing - NEAR_ZERO &&
	    score <= nothing + NEAR_ZERO)
		tell_add(t, ret,
			 "Why %lld: since %s oom_score is (1000 + per mille) * 2 / 3. So %lld is "
			 "the zero of the scale, what an idle process with next to no memory "
			 "reads%s.",
			 (ll)score, scaled_since(t), (ll)nothing,
			 score == nothing ? "" : "; only what is beside it is its own");
	if (t->era->scale == SCALE_PERMILLE && score == 0)
		tell_add(t, ret,
			 "A score of 0 does not exclude it: it stands for less than a thousandth "
			 "of the memory. It can be killed all the same.");
}

static void note_adj(const struct tell *t, const struct tell_subject *x, struct tell_lines *ret)
{
	int64_t share = factor_amount(&x->scope, FACTOR_ADJ), memory = memory_amount(&x->scope);
	int adj = x->proc->oom_score_adj;

	if (!x->rank || !badness_in_pages(t->era))
		return;
	if (share > memory)
		tell_add(t, ret,
			 "Its oom_score_adj of %d counts like %s of memory, and it has %s itself: "
			 "so it stands before processes that are much larger.",
			 adj, tell_pages_size(t, magnitude(share)),
			 tell_pages_size(t, magnitude(memory)));
	else if (share < 0)
		tell_add(t, ret, "Its oom_score_adj of %d takes as much off as %s of memory.", adj,
			 tell_pages_size(t, magnitude(share)));
	if (adj == ADJ_MAX && x->rank > 1)
		tell_add(t, ret,
			 "1000 does not mean that it is killed first: whoever has the most is, and "
			 "1000 is worth no more than the whole memory.");
}

static void note_memory(const struct tell *t, const struct tell_subject *x, struct tell_lines *ret)
{
	if (x->proc->flags & PROC_ZOMBIE_LEADER)
		tell_add(t, ret,
			 "Its first thread has exited, others live on: the memory is that of "
			 "thread %d, and the kernel's log would name that number.",
			 (int)x->proc->mem_tid);
	if (x->proc->err == EAGAIN)
		tell_add(
			t, ret,
			"Its memory moved while it was read: the numbers are of about one moment.");
}

void tell_company(const struct tell *t, const struct tell_company *c, struct tell_lines *ret)
{
	if (c->instead)
		tell_add(t, ret,
			 "By the rule of this kernel its child %s would be killed in its place.",
			 tell_who(t, c->instead));
	if (c->group && c->members)
		tell_add(t, ret, "With it dies all of %s, %zu more: its memory.oom.group is 1.",
			 short_path(t, c->group), c->members);
	if (c->sharers == 1)
		tell_add(t, ret,
			 "With it dies %d, which shares its memory and, since 4.8, its "
			 "oom_score_adj.",
			 (int)c->sharer);
	else if (c->sharers)
		tell_add(t, ret,
			 "With it die %zu that share its memory and, since 4.8, its oom_score_adj, "
			 "%d among them.",
			 c->sharers, (int)c->sharer);
}

void tell_notes(const struct tell *t, const struct tell_subject *x, const struct tell_company *c,
		struct tell_lines *ret)
{
	note_adj(t, x, ret);
	note_score(t, x, ret);
	note_superuser(t, x, ret);
	note_memory(t, x, ret);
	tell_company(t, c, ret);
}

const char *tell_also(const struct tell *t, const int32_t *pids, size_t n)
{
	const char *text = "";

	if (n == 0)
		return NULL;
	for (size_t i = 0; i < n && i < 12; i++)
		text = tell_say(t, "%s%s%d", text, i ? ", " : "", (int)pids[i]);
	return tell_say(t, "%zu other%s match%s and would not die before it: %s%s", n,
			n == 1 ? "" : "s", n == 1 ? "es" : "", text, n > 12 ? ", ..." : "");
}

const char *tell_next(const struct tell *t)
{
	return tell_say(t, "To be killed first %s:", when_out_of_memory(t));
}

const char *tell_reason(const struct tell *t, const struct tell_subject *x)
{
	int64_t share = factor_amount(&x->scope, FACTOR_ADJ), memory = memory_amount(&x->scope);
	const char *has;

	if (!x->rank)
		return NULL;
	if (t->era->formula == FORMULA_CLASSIC)
		return tell_say(t, "It has the most points: %lld.", (ll)x->scope.badness);
	if (!badness_in_pages(t->era))
		return tell_say(t,
				"It has the most points: %lld for its memory, %lld for its "
				"oom_score_adj of %d.",
				(ll)memory, (ll)share, x->proc->oom_score_adj);
	has = tell_pages_size(t, magnitude(memory));
	if (share > memory)
		return tell_say(
			t, "It has only %s of memory, but its oom_score_adj of %d counts like %s.",
			has, x->proc->oom_score_adj, tell_pages_size(t, magnitude(share)));
	if (share > 0)
		return tell_say(
			t, "It has %s of memory, and its oom_score_adj of %d counts like %s more.",
			has, x->proc->oom_score_adj, tell_pages_size(t, magnitude(share)));
	if (share < 0)
		return tell_say(t,
				"It has %s of memory: the most, although its oom_score_adj of %d "
				"takes %s off.",
				has, x->proc->oom_score_adj, tell_pages_size(t, magnitude(share)));
	return tell_say(t, "It has %s of memory: the most.", has);
}
