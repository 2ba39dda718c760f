/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many has the kernel killed since boot? /proc/vmstat tells no one when it changes, so that it
 * is looked at each second, and only where nothing better is there.
 */
#include "vmstat.h"

#include <errno.h>
#include <stdlib.h>

#include "memstat.h"

/* 190 lines on 6.18, 5 KiB. */
#define VMSTAT_SIZE 16384
#define PERIOD_USEC 1000000u

struct vmstat {
	struct source source;
	struct source_env env;
	uint64_t kills;
};

int vmstat_kills(const struct host *h, uint64_t *ret)
{
	char buf[VMSTAT_SIZE];
	ssize_t n = host_read(h, "proc/vmstat", buf, sizeof(buf));

	return n < 0 ? (int)n : memstat_parse_key(buf, (size_t)n, "oom_kill", ret);
}

static int vmstat_drain(struct source *source, const struct moment *now)
{
	struct vmstat *v = (struct vmstat *)source;
	uint64_t kills;
	int r;

	if (now->mono_usec < source->due)
		return 0;
	source->due = now->mono_usec + PERIOD_USEC;
	r = vmstat_kills(v->env.h, &kills);
	if (r < 0)
		return r;
	if (kills > v->kills) {
		struct sighting s = {
			.kind = SIGHT_KILLS,
			.sources = 1u << SIGHT_VMSTAT,
			.have = SIGHT_HAVE_COUNT,
			.count = kills - v->kills,
			.mono_usec = now->mono_usec,
			.wall_usec = now->wall_usec,
			.wall_certain = true,
			.constraint = CONSTRAINT_UNKNOWN,
		};

		v->env.fn(v->env.ctx, &s);
	}
	v->kills = kills;
	return 0;
}

static void vmstat_close(struct source *source)
{
	free(source);
}

static int vmstat_open(const struct source_env *env, struct source **ret)
{
	struct vmstat *v = calloc(1, sizeof(*v));
	struct moment now;
	int r;

	if (!v)
		return -ENOMEM;
	r = vmstat_kills(env->h, &v->kills);
	if (r < 0) {
		free(v);
		return r;
	}
	host_moment(&now);
	v->source = (struct source){ .ops = &vmstat_source,
				     .fd = -1,
				     .due = now.mono_usec + PERIOD_USEC };
	v->env = *env;
	*ret = &v->source;
	return 0;
}

const struct source_ops vmstat_source = {
	.id = SIGHT_VMSTAT,
	.name = "vmstat",
	.begin = vmstat_open,
	.drain = vmstat_drain,
	.end = vmstat_close,
};
