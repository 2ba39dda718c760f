/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facts and verdicts as sentences, and the arithmetic that they take: what a person reads of a
 * judged machine. Pure: a sentence is memory of the snapshot's arena (NULL where there is none
 * left, or nothing to be said), with names in it as they are; whoever prints one escapes it.
 */
#ifndef OOMKIT_TELL_H
#define OOMKIT_TELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "badness.h"
#include "facts.h"
#include "victim.h"

/* What is told of, and how a size is written: the writer's own way, handed in. */
struct tell {
	const struct snapshot *s;
	const struct era *era; /* the rule in force */
	const struct scope *scope;
	const struct what_if *what_if;
	const struct cgroup *scope_cgroup; /* of a memcg scope; NULL */
	bool own_rule;                     /* era is the running kernel's own */
	bool supposed;                     /* a what-if changes the numbers */
	bool no_limit;                     /* a cgroup's OOM was asked for, but nothing limits it */
	struct arena *arena;
	const char *(*size)(const void *ctx, uint64_t bytes, char *buf, size_t n);
	const void *size_ctx;
};

/* One process that is told of. tell_subject() fills the lower half. */
struct tell_subject {
	const struct proc *proc;             /* as supposed */
	struct verdict scope, machine;       /* by the scope's and by the machine's denominator */
	int agrees;                          /* 1, 0; -1: the two scores cannot be compared */
	size_t index;                        /* into s->procs */
	enum fate fate;                      /* in the scope */
	bool known;                          /* badness of the scope was computed */
	size_t rank, of;                     /* of those that can be chosen; 0: it cannot */
	const struct judged *before, *after; /* its neighbours among them; NULL */
	const struct judged *rival;          /* the first of the others; NULL: there is none */
};

/* at: its place in the order of n rows that victim_order() made. */
void tell_subject(struct tell_subject *x, const struct judged *order, size_t n, size_t at);

#define TELL_LINES_MAX 24

/* Sentences in their order; NULL is never among them. */
struct tell_lines {
	const char *line[TELL_LINES_MAX];
	size_t n;
};

void tell_lines_add(struct tell_lines *lines, const char *text);
void tell_add(const struct tell *t, struct tell_lines *lines, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* ------------------------------------------------------------------ words */

/* Never NULL: what there is no memory for is empty. */
const char *tell_say(const struct tell *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* "512M" or what the writer makes of it. */
const char *tell_size(const struct tell *t, uint64_t bytes);
const char *tell_pages_size(const struct tell *t, uint64_t pages);

/* "23 (stress)" */
const char *tell_who(const struct tell *t, const struct proc *p);
const char *tell_who_is(const struct tell *t, const struct judged *j);

/* "4.17", "2.6.36": as people write the version. */
const char *tell_version(const struct tell *t, struct kver v);
const char *tell_number(const struct tell *t, uint64_t n);

/* A text that has been escaped, in lines of at most width columns, broken at blanks, all but the
 * first indented; the first stands behind a label of indent columns. */
const char *tell_wrap(const struct tell *t, const char *text, size_t indent, size_t width);

/* A label filled up with blanks to width columns. */
const char *tell_label(const struct tell *t, const char *label, size_t width);

/* Which kernel, and by which rule it is judged. */
const char *tell_rule(const struct tell *t);

/* That all of it is supposed; NULL where it is not. */
const char *tell_premise(const struct tell *t);

/* "401 firefox (ann) /usr/lib/firefox/firefox"; user and command line may be NULL. */
const char *tell_heading(const struct tell *t, const struct proc *p, const char *user);

/* Where it lives: cgroup, unit, container, parent. Each may be NULL. */
const char *tell_home(const struct tell *t, const struct proc *p, const char *unit,
		      const char *container);

/* ------------------------------------------------------------------ the factors */

/* One factor as numbers: a signed share of memory, and points (per mille of the denominator where
 * badness is in pages; to a thousandth of a point). */
struct tell_factor {
	const char *name;
	int64_t pages, bytes;
	double points;
	bool has_memory; /* pages stand behind it */
	int64_t amount;  /* what it adds to the badness */
};
void tell_factor(const struct tell *t, const struct factor *f, struct tell_factor *ret);

/* Their sum, under the name "badness". */
void tell_sum(const struct tell *t, const struct verdict *v, struct tell_factor *ret);

/* "1.2G", "-512M" and "152.9", "-3" as the table shows them. */
const char *tell_signed_size(const struct tell *t, int64_t bytes);
const char *tell_points(const struct tell *t, const struct tell_factor *f);

/* '#' for what adds, '-' for what takes away; the longest of the factors is width long. */
const char *tell_bar(const struct tell *t, const struct verdict *v, const struct factor *f,
		     size_t width);

/* Bytes of so many pages. */
uint64_t tell_bytes(const struct tell *t, uint64_t pages);

/* Bytes of its page tables, of every level that is known. */
uint64_t tell_pgtables_bytes(const struct proc *p);

/* What it has, for whom there are no factors; NULL where nothing is known. */
const char *tell_memory(const struct tell *t, const struct proc *p);

/* ------------------------------------------------------------------ one process */

/* Whether, and as the how-manieth, it would be killed; or why it cannot be, and what that does not
 * save it from. */
const char *tell_verdict(const struct tell *t, const struct tell_subject *x);

/* What keeps an OOM from ending with the death of the first; NULL: nothing does. */
const char *tell_outcome(const struct tell *t, const struct judged *order, size_t n);

/* From badness to oom_score, step by step with the numbers put in. */
void tell_scaling(const struct tell *t, const struct tell_subject *x, struct tell_lines *ret);

/* The kernel's own number beside it. */
const char *tell_agreement(const struct tell *t, const struct tell_subject *x);

/* Its place, and who stands next to it. */
const char *tell_place(const struct tell *t, const struct tell_subject *x);

/* The one that would be next; NULL: nobody. */
const char *tell_runner_up(const struct tell *t, const struct tell_subject *x);

/* Its place in an OOM of the nearest limited cgroup above it: its subject there, and that cgroup.
 */
const char *tell_own_cgroup(const struct tell *t, const struct tell_subject *there,
			    const struct scope *own, const struct cgroup *cg);

/* The QoS class of its pod, and the adj that kubelet gives. */
const char *tell_qos(const struct tell *t, const struct proc *p, const char *pod, const char *qos);

/* Who dies with it. */
struct tell_company {
	const char *group;          /* the cgroup whose memory.oom.group counts; NULL */
	size_t members, sharers;    /* how many die by the one and by the other */
	pid_t sharer;               /* one of those that share its memory */
	const struct proc *instead; /* a child that dies in its place; NULL */
};

void tell_company(const struct tell *t, const struct tell_company *c, struct tell_lines *ret);

/* What a reader of the numbers should know of this process, its company among it. */
void tell_notes(const struct tell *t, const struct tell_subject *x, const struct tell_company *c,
		struct tell_lines *ret);

/* The processes that matched too. */
const char *tell_also(const struct tell *t, const int32_t *pids, size_t n);

/* What the next victim stands under. */
const char *tell_next(const struct tell *t);

/* Why it is the first. */
const char *tell_reason(const struct tell *t, const struct tell_subject *x);

#endif
