/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A whole log: its events are the same however its bytes were cut, and whatever stands before it, a
 * good event at its end is found exactly. */
#include <string.h>

#include "fuzz.h"
#include "good.h"
#include "logscan.h"

struct digest {
	uint64_t hash;
	size_t events, good;
};

static void mix(struct digest *d, const void *s, size_t n)
{
	const unsigned char *p = s;

	for (size_t i = 0; i < n; i++)
		d->hash = (d->hash ^ p[i]) * UINT64_C(0x100000001b3);
}

static void mix_number(struct digest *d, uint64_t n)
{
	mix(d, &n, sizeof(n));
}

static void on_event(void *ctx, struct oom_event *e)
{
	struct digest *d = ctx;

	MUST(e->first_line <= e->last_line);
	d->events++;
	mix_number(d, e->first_line);
	mix_number(d, e->last_line);
	mix_number(d, e->seen);
	mix_number(d, e->constraint);
	mix_number(d, e->outcome);
	mix_number(d, e->n_rows);
	if (e->invoker)
		mix(d, e->invoker, strlen(e->invoker));
	for (size_t i = 0; i < e->n_rows; i++)
		mix_number(d, (uint64_t)e->rows[i].pid << 32 | e->rows[i].rss);
	for (size_t i = 0; i < e->n_kills; i++) {
		mix_number(d, (uint64_t)e->kills[i].pid);
		mix_number(d, e->kills[i].anon_kib);
		if (e->kills[i].comm)
			mix(d, e->kills[i].comm, strlen(e->kills[i].comm));
	}
	d->good += is_good_event(e);
}

static void on_text(void *ctx, const struct logtext *t)
{
	oomlog_feed(ctx, t);
}

/* Pieces of sizes that seed chooses; 0: as large as can be. */
static void put(struct logscan *s, const char *p, size_t n, uint32_t seed)
{
	while (n) {
		size_t some = seed ? 1 + (seed >> 8) % 200 : LOGSCAN_READ;

		if (some > n)
			some = n;
		memcpy(logscan_room(s), p, some);
		logscan_put(s, some);
		p += some;
		n -= some;
		if (seed)
			seed = seed * 1664525 + 1013904223;
	}
}

static struct digest scan(const uint8_t *data, size_t size, uint32_t seed, bool with_good)
{
	struct logline_options opt = { 0 };
	struct digest d = { .hash = UINT64_C(0xcbf29ce484222325) };
	struct oomlog *parser = oomlog_new(on_event, &d);
	struct logline lines;
	struct logscan s;

	MUST(parser != NULL);
	MUST(logline_init(&lines, &opt, on_text, parser) == 0);
	MUST(logscan_init(&s, &lines, parser) == 0);
	put(&s, (const char *)data, size, seed);
	if (with_good)
		put(&s, good_event, sizeof(good_event) - 1, seed);
	logscan_end(&s);
	oomlog_end(parser);
	MUST(oomlog_error(parser) == 0);
	logscan_free(&s);
	logline_free(&lines);
	oomlog_free(parser);
	return d;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct digest whole = scan(data, size, 0, false);
	struct digest pieces = scan(data, size, 1 + (size ? data[0] : 0), false);
	struct digest followed;

	MUST(whole.hash == pieces.hash && whole.events == pieces.events);
	followed = scan(data, size, 0, true);
	MUST(followed.good >= 1);
	return 0;
}
