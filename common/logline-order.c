/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In which order were these lines written? Loki answers with the newest first unless it is asked
 * otherwise, and stream by stream: what belongs together is held until it is all there, or until a
 * bound, and told by its times.
 */
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "logline-parts.h"

/* Lines of a hundred letters are that many. */
enum { HELD_MAX = 10000 };

struct held {
	uint64_t nsec;
	uint64_t line;
	size_t at, host_n, n; /* the host, then the text */
	int64_t rank;         /* among those of the same time */
	bool cut;
};

struct logline_order {
	size_t n_held, n;
	enum { UNKNOWN, FORWARD, BACKWARD } direction;
	bool begun;    /* a line stood before, in this stream */
	uint64_t last; /* its time */
	struct held held[HELD_MAX];
	char text[LOGLINE_RECORD_MAX];
};

static int by_time(const void *a, const void *b)
{
	const struct held *x = a, *y = b;

	if (x->nsec != y->nsec)
		return x->nsec < y->nsec ? -1 : 1;
	return x->rank < y->rank ? -1 : x->rank > y->rank;
}

bool logline_holds(const struct logline *l)
{
	return l->order && l->order->n_held;
}

void logline_new_stream(struct logline *l)
{
	if (l->order)
		l->order->begun = false;
}

static void tell(struct logline *l, uint64_t nsec, struct str host, struct str text, bool cut)
{
	const struct logtext t = {
		.host = host,
		.fresh = true,
		.cut = cut,
		.have_time = true,
		.time_certain = true,
		.time_usec = (int64_t)(nsec / 1000),
		.ordered = true,
	};

	logline_deliver(l, text.s, text.n, &t);
}

static void tell_held(struct logline *l, const struct held *h)
{
	const char *s = l->order->text + h->at;
	uint64_t line = l->line;

	l->line = h->line;
	tell(l, h->nsec, (struct str){ s, h->host_n }, (struct str){ s + h->host_n, h->n }, h->cut);
	l->line = line;
}

void logline_release(struct logline *l)
{
	struct logline_order *o = l->order;

	if (!o)
		return;
	if (o->direction == BACKWARD)
		for (size_t i = 0; i < o->n_held; i++)
			o->held[i].rank = -o->held[i].rank;
	qsort(o->held, o->n_held, sizeof(*o->held), by_time);
	for (size_t i = 0; i < o->n_held; i++)
		tell_held(l, &o->held[i]);
	o->n_held = o->n = 0;
}

void logline_hold(struct logline *l, uint64_t nsec, struct str host, struct str text, bool cut)
{
	struct logline_order *o = l->order;
	struct held *h;

	if (!o)
		o = l->order = calloc(1, sizeof(*o));
	/* No memory to hold it: in the order that it came in. */
	if (!o) {
		tell(l, nsec, host, text, cut);
		return;
	}
	if (text.n > LOGLINE_RECORD_MAX - host.n) {
		text.n = LOGLINE_RECORD_MAX - host.n;
		cut = true;
	}
	if (o->n_held == HELD_MAX || o->n + host.n + text.n > LOGLINE_RECORD_MAX)
		logline_release(l);
	if (o->begun && nsec != o->last && o->direction == UNKNOWN)
		o->direction = nsec < o->last ? BACKWARD : FORWARD;
	o->begun = true;
	o->last = nsec;
	h = &o->held[o->n_held];
	*h = (struct held){
		.nsec = nsec,
		.line = l->line,
		.at = o->n,
		.host_n = host.n,
		.n = text.n,
		.rank = (int64_t)o->n_held++,
		.cut = cut,
	};
	if (host.n)
		memcpy(o->text + o->n, host.s, host.n);
	if (text.n)
		memcpy(o->text + o->n + host.n, text.s, text.n);
	o->n += host.n + text.n;
}

void logline_release_known(struct logline *l)
{
	if (l->order && l->order->direction == FORWARD)
		logline_release(l);
}

void logline_order_end(struct logline *l)
{
	logline_release(l);
	if (l->order) {
		l->order->direction = UNKNOWN;
		l->order->begun = false;
	}
}

void logline_order_free(struct logline *l)
{
	free(l->order);
	l->order = NULL;
}
