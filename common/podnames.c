/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which pod is this uid, and which container this id? Mirrors kubelet's BuildPodLogsDirectory() and
 * logSymlink(), which have not changed since 1.14; the names are those of DNS labels, in which
 * there is no '_'.
 */
#include "podnames.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"

#define CONTAINER_ID_LENGTH 64

/* Cuts s at its first '_'. */
static bool cut(struct str *s, struct str *ret)
{
	const char *at = memchr(s->s, '_', s->n);

	if (!at || at == s->s)
		return false;
	*ret = (struct str){ s->s, (size_t)(at - s->s) };
	s->n -= ret->n + 1;
	s->s = at + 1;
	return s->n > 0;
}

bool podnames_parse_pod(const char *name, size_t n, struct podname_parts *ret)
{
	struct str rest = { name, n };

	*ret = (struct podname_parts){ .container = { NULL, 0 } };
	if (!cut(&rest, &ret->space) || !cut(&rest, &ret->pod) || memchr(rest.s, '_', rest.n))
		return false;
	ret->id = rest;
	return true;
}

bool podnames_parse_container(const char *name, size_t n, struct podname_parts *ret)
{
	static const char suffix[] = ".log";
	struct str rest = { name, n };

	*ret = (struct podname_parts){ .id = { NULL, 0 } };
	if (n < sizeof(suffix) || memcmp(name + n - 4, suffix, 4) != 0)
		return false;
	rest.n -= 4;
	if (!cut(&rest, &ret->pod) || !cut(&rest, &ret->space) ||
	    rest.n < CONTAINER_ID_LENGTH + 2 || rest.s[rest.n - CONTAINER_ID_LENGTH - 1] != '-')
		return false;
	ret->id = (struct str){ rest.s + rest.n - CONTAINER_ID_LENGTH, CONTAINER_ID_LENGTH };
	ret->container = (struct str){ rest.s, rest.n - CONTAINER_ID_LENGTH - 1 };
	return true;
}

struct reading {
	struct podnames *p;
	size_t size;
	bool (*parse)(const char *name, size_t n, struct podname_parts *ret);
};

static const char *keep(struct podnames *p, struct str s)
{
	return s.s ? arena_strndup(&p->arena, s.s, s.n) : NULL;
}

static int add(void *ctx, const char *name, uint64_t ino, bool is_dir)
{
	struct reading *r = ctx;
	struct podname_parts parts;
	struct podname *one;

	(void)ino;
	(void)is_dir;
	if (!r->parse(name, strlen(name), &parts))
		return 0;
	if (r->p->n == r->size) {
		size_t size = r->size ? r->size * 2 : 64;
		struct podname *v = reallocarray(r->p->v, size, sizeof(*v));

		if (!v)
			return -ENOMEM;
		r->p->v = v;
		r->size = size;
	}
	one = &r->p->v[r->p->n];
	*one = (struct podname){ .id = keep(r->p, parts.id),
				 .space = keep(r->p, parts.space),
				 .pod = keep(r->p, parts.pod),
				 .container = keep(r->p, parts.container) };
	if (!one->id || !one->space || !one->pod || (parts.container.s && !one->container))
		return -ENOMEM;
	r->p->n++;
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct podname *)a)->id, ((const struct podname *)b)->id);
}

int podnames_open(struct podnames *p, const struct host *h)
{
	static const struct {
		const char *dir;
		bool (*parse)(const char *name, size_t n, struct podname_parts *ret);
	} dirs[] = {
		{ "var/log/pods", podnames_parse_pod },
		{ "var/log/containers", podnames_parse_container },
	};
	struct reading r = { .p = p };

	*p = (struct podnames){ 0 };
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		r.parse = dirs[i].parse;
		if (host_list_dir(h, dirs[i].dir, add, &r) == -ENOMEM)
			return -ENOMEM;
	}
	if (p->n)
		qsort(p->v, p->n, sizeof(*p->v), compare);
	return 0;
}

void podnames_close(struct podnames *p)
{
	free(p->v);
	arena_free(&p->arena);
	*p = (struct podnames){ 0 };
}

const struct podname *podnames_find(const struct podnames *p, const char *id)
{
	struct podname key = { .id = id };

	return p->n ? bsearch(&key, p->v, p->n, sizeof(*p->v), compare) : NULL;
}
