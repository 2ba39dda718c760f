/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much do the processes of one name weigh together? The kernel never asks this: it chooses
 * processes. */
#include "tally.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"

/* Longer chains are loops of a listing that changed while it was read. */
#define ANCESTORS_MAX 1024

struct named {
	const char *name;
	const struct judged *judged;
	size_t place; /* in the order of the kills */
};

static int compare_named(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int c = strcmp(x->name, y->name);

	return c ? c : (x->place > y->place) - (x->place < y->place);
}

static int compare_rows(const void *a, const void *b)
{
	const struct tally_row *x = a, *y = b;

	if (!x->worst != !y->worst)
		return x->worst ? -1 : 1;
	if (x->badness != y->badness)
		return x->badness > y->badness ? -1 : 1;
	return strcmp(x->name, y->name);
}

static void add(struct tally_row *row, const struct snapshot *s, const struct what_if *w,
		const struct judged *j)
{
	struct supposed storage;
	const struct proc *p = victim_suppose(w, &s->procs[j->index], &storage);

	row->processes++;
	row->rss_pages += badness_rss_pages(p, s->rss_source);
	row->swap_pages += p->swap_pages;
	if (!j->rank)
		return;
	row->badness += j->badness;
	if (!row->worst)
		row->worst = j;
}

ssize_t tally_by_name(const struct snapshot *s, const struct what_if *w, const struct judged *order,
		      size_t n, const char *const *names, struct tally_row **ret)
{
	_cleanup_free_ struct named *sorted = calloc(n + 1, sizeof(*sorted));
	struct tally_row *rows = calloc(n + 1, sizeof(*rows));
	size_t named = 0, count = 0;

	if (!sorted || !rows) {
		free(rows);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++)
		if (names[order[i].index])
			sorted[named++] = (struct named){ names[order[i].index], &order[i], i };
	qsort(sorted, named, sizeof(*sorted), compare_named);
	for (size_t i = 0; i < named; i++) {
		if (count == 0 || strcmp(rows[count - 1].name, sorted[i].name) != 0)
			rows[count++] = (struct tally_row){ .name = sorted[i].name };
		add(&rows[count - 1], s, w, sorted[i].judged);
	}
	qsort(rows, count, sizeof(*rows), compare_rows);
	*ret = rows;
	return (ssize_t)count;
}

static int compare_pid(const void *key, const void *element)
{
	pid_t a = *(const pid_t *)key, b = ((const struct proc *)element)->pid;

	return (a > b) - (a < b);
}

static const struct proc *find(const struct snapshot *s, pid_t pid)
{
	return s->n_procs ? bsearch(&pid, s->procs, s->n_procs, sizeof(*s->procs), compare_pid)
			  : NULL;
}

static const struct proc *root_of(const struct snapshot *s, const struct proc *p)
{
	for (unsigned i = 0; i < ANCESTORS_MAX; i++) {
		const struct proc *parent =
			p->have & HAVE_PPID && p->ppid > 2 ? find(s, p->ppid) : NULL;

		if (!parent)
			break;
		p = parent;
	}
	return p;
}

int tally_name_trees(struct snapshot *s, const char **names)
{
	for (size_t i = 0; i < s->n_procs; i++) {
		const struct proc *root = root_of(s, &s->procs[i]);
		char name[160];
		int n = snprintf(name, sizeof(name), "%s[%d]",
				 root->have & HAVE_COMM ? root->comm : "?", (int)root->pid);

		names[i] = arena_strndup(&s->arena, name,
					 (size_t)n < sizeof(name) ? (size_t)n : sizeof(name) - 1);
		if (!names[i])
			return -ENOMEM;
	}
	return 0;
}
