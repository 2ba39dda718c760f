/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When is memory short? A trigger of kernel/sched/psi.c: a share of a window in which some or all
 * tasks waited for memory, written into the file and polled for. A window of whole two seconds is
 * what everybody may ask for (6.4); before, CAP_SYS_RESOURCE is needed.
 */
#include "psi.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base.h"
#include "str.h"

#define WINDOW_USEC 2000000u

struct psi {
	struct source source;
	struct source_env env;
};

/* The words, as shares of the window. */
static const struct {
	const char *name, *kind;
	unsigned percent;
} levels[] = {
	{ "low", "some", 5 },
	{ "medium", "some", 20 },
	{ "critical", "full", 10 },
};

int psi_trigger(const char *level, char *buf, size_t size)
{
	const char *kind = NULL, *colon = strchr(level, ':');
	int64_t percent = 0;

	for (size_t i = 0; i < ARRAY_SIZE(levels); i++)
		if (strcmp(level, levels[i].name) == 0) {
			kind = levels[i].kind;
			percent = levels[i].percent;
		}
	if (!kind && colon && colon - level == 4 &&
	    str_to_i64(colon + 1, strlen(colon + 1), 1, 100, &percent) == 0)
		kind = strncmp(level, "some", 4) == 0   ? "some"
		       : strncmp(level, "full", 4) == 0 ? "full"
							: NULL;
	if (!kind)
		return -EINVAL;
	/* The kernel takes the last byte for an end of its own. */
	snprintf(buf, size, "%s %u %u\n", kind, (unsigned)percent * (WINDOW_USEC / 100),
		 WINDOW_USEC);
	return 0;
}

static int psi_drain(struct source *source, const struct moment *now)
{
	struct psi *p = (struct psi *)source;
	struct sighting s = {
		.kind = SIGHT_PRESSURE,
		.sources = 1u << SIGHT_PSI,
		.mono_usec = now->mono_usec,
		.wall_usec = now->wall_usec,
		.wall_certain = true,
		.constraint = CONSTRAINT_UNKNOWN,
	};
	short revents = source->revents;

	source->revents = 0;
	/* The cgroup is gone. */
	if (revents & POLLERR)
		return -ENODEV;
	if (!(revents & POLLPRI))
		return 0;
	if (p->env.pressure_cgroup)
		snprintf(s.cgroup, sizeof(s.cgroup), "%s", p->env.pressure_cgroup);
	p->env.fn(p->env.ctx, &s);
	return 0;
}

static void psi_close(struct source *source)
{
	if (source->fd >= 0)
		close(source->fd);
	free(source);
}

static int open_file(const struct source_env *env)
{
	struct arena arena = { 0 };
	const char *dir;
	char path[1024];
	int r;

	if (!env->pressure_cgroup)
		return host_open_to_watch(env->h, "proc/pressure/memory", true);
	r = cgroupfs_dir(env->fs, env->pressure_cgroup, &arena, &dir);
	if (r == 0) {
		snprintf(path, sizeof(path), "%s/memory.pressure", dir);
		r = host_open_to_watch(env->h, path, true);
	}
	arena_free(&arena);
	return r;
}

static int psi_open(const struct source_env *env, struct source **ret)
{
	struct psi *p;
	char text[64];
	int r;

	if (!env->pressure)
		return -ENOENT;
	r = psi_trigger(env->pressure, text, sizeof(text));
	if (r < 0)
		return r;
	p = calloc(1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	p->env = *env;
	p->source = (struct source){ .ops = &psi_source, .events = POLLPRI, .due = UINT64_MAX };
	p->source.fd = open_file(env);
	r = p->source.fd < 0 ? p->source.fd : host_put(p->source.fd, text);
	if (r < 0) {
		psi_close(&p->source);
		return r;
	}
	*ret = &p->source;
	return 0;
}

const struct source_ops psi_source = {
	.id = SIGHT_PSI,
	.name = "psi",
	.begin = psi_open,
	.drain = psi_drain,
	.end = psi_close,
};
