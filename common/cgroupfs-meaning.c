/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose is this cgroup? What systemd, the container runtimes and kubelet put into its name; mirrors
 * nothing of the kernel.
 */
#include <errno.h>
#include <string.h>

#include "base.h"
#include "cgroupfs.h"
#include "str.h"

#define CONTAINER_ID_LENGTH 64
#define ECS_TASK_LENGTH     32

/* What has been seen of a path, from the root inwards. */
struct scan {
	struct str previous; /* the component before */
	bool in_kubepods;    /* below a component "kubepods" */
	bool is_pod;         /* previous is a pod's */
	struct str unit, container, pod;
	const char *runtime, *qos;
};

static bool cut_suffix(struct str *s, const char *suffix)
{
	size_t n = strlen(suffix);

	if (s->n <= n || memcmp(s->s + s->n - n, suffix, n) != 0)
		return false;
	s->n -= n;
	return true;
}

static bool cut_prefix(struct str *s, const char *prefix)
{
	size_t n = strlen(prefix);

	if (!str_starts_with(*s, prefix))
		return false;
	s->s += n;
	s->n -= n;
	return true;
}

static bool is_unit(struct str part)
{
	return cut_suffix(&part, ".service") || cut_suffix(&part, ".scope") ||
	       cut_suffix(&part, ".slice") || cut_suffix(&part, ".socket");
}

static bool is_hex_digit(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static const char *qos_word(struct str *s)
{
	if (cut_prefix(s, "burstable"))
		return "Burstable";
	return cut_prefix(s, "besteffort") ? "BestEffort" : NULL;
}

/* "podUID" up to the end, or up to ".slice" or ':' as systemd's driver has it. */
static bool pod_uid(struct str s, struct str *ret)
{
	size_t n = 0;

	if (!cut_prefix(&s, "pod"))
		return false;
	while (n < s.n && (is_hex_digit(s.s[n]) || s.s[n] == '-' || s.s[n] == '_'))
		n++;
	*ret = (struct str){ s.s, n };
	s.s += n;
	s.n -= n;
	return n > 0 && (s.n == 0 || str_eq(s, ".slice") || str_starts_with(s, ".slice:"));
}

/* What stands behind the word "kubepods" of "kubelet-kubepods-burstable-podUID.slice". */
static bool after_kubepods(struct str part, struct str *ret)
{
	static const char word[] = "kubepods";
	const char *at = memmem(part.s, part.n, word, sizeof(word) - 1);

	if (!at || (at > part.s && at[-1] != '-'))
		return false;
	ret->s = at + sizeof(word) - 1;
	ret->n = part.n - (size_t)(ret->s - part.s);
	return true;
}

static bool scan_pod(struct scan *sc, struct str part)
{
	struct str rest, uid;
	const char *qos = NULL;

	if (after_kubepods(part, &rest)) {
		if (rest.n == 0) {
			sc->in_kubepods = true;
			sc->qos = NULL;
			return false;
		}
		if (!cut_prefix(&rest, "-"))
			return false;
		qos = qos_word(&rest);
		if ((qos && !cut_prefix(&rest, "-")) || !pod_uid(rest, &uid))
			return false;
		sc->qos = qos;
	} else {
		if (!sc->in_kubepods)
			return false;
		rest = part;
		qos = qos_word(&rest);
		if (qos && rest.n == 0) {
			sc->qos = qos;
			return false;
		}
		if (!pod_uid(part, &uid))
			return false;
	}
	sc->in_kubepods = false;
	sc->pod = uid;
	return true;
}

static bool all_hex(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!is_hex_digit(s[i]))
			return false;
	return true;
}

static bool is_container_id(const char *s)
{
	return all_hex(s, CONTAINER_ID_LENGTH);
}

/* "/ecs/TASK/TASK-1234567890": a container of AWS Fargate. */
static bool is_fargate_id(const struct scan *sc, struct str part)
{
	size_t n = ECS_TASK_LENGTH;

	if (part.n < n + 2 || part.n > n + 21 || part.s[n] != '-' || !all_hex(part.s, n) ||
	    sc->previous.n != n || memcmp(sc->previous.s, part.s, n) != 0)
		return false;
	while (++n < part.n)
		if (part.s[n] < '0' || part.s[n] > '9')
			return false;
	return true;
}

/* Which program names its cgroups so. */
static const char *runtime_of_prefix(struct str prefix)
{
	static const struct {
		const char *prefix, *runtime;
	} table[] = {
		{ "docker", "docker" },      { "cri-containerd", "containerd" },
		{ "nerdctl", "containerd" }, { "crio", "cri-o" },
		{ "libpod", "podman" },      { "libpod-payload", "podman" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (str_eq(prefix, table[i].prefix))
			return table[i].runtime;
	return NULL;
}

/* "ID" alone: the directory above tells whose it is. */
static const char *runtime_of_parent(const struct scan *sc)
{
	if (sc->is_pod)
		return "containerd";
	if (str_eq(sc->previous, "docker"))
		return "docker";
	return str_eq(sc->previous, "libpod_parent") ? "podman" : NULL;
}

/* "docker-ID.scope", "libpod-ID", "SLICE:cri-containerd:ID" or "ID". */
static void scan_container_id(struct scan *sc, struct str part)
{
	struct str prefix = part, id;
	const char *colon;

	cut_suffix(&part, ".scope");
	if (is_fargate_id(sc, part)) {
		sc->container = part;
		sc->runtime = NULL;
		return;
	}
	if (part.n < CONTAINER_ID_LENGTH)
		return;
	id = (struct str){ part.s + part.n - CONTAINER_ID_LENGTH, CONTAINER_ID_LENGTH };
	prefix.n = part.n - CONTAINER_ID_LENGTH;
	if (!is_container_id(id.s))
		return;
	if (prefix.n == 0) {
		sc->container = id;
		sc->runtime = runtime_of_parent(sc);
		return;
	}
	prefix.n--;
	if (prefix.s[prefix.n] != '-' && prefix.s[prefix.n] != ':')
		return;
	colon = memrchr(prefix.s, ':', prefix.n);
	if (colon)
		prefix = (struct str){ colon + 1, prefix.n - (size_t)(colon + 1 - prefix.s) };
	/* conmon watches a container from outside and bears its id. */
	if (prefix.n >= 6 && memcmp(prefix.s + prefix.n - 6, "conmon", 6) == 0)
		return;
	sc->container = id;
	sc->runtime = runtime_of_prefix(prefix);
}

/* "lxc/NAME", "lxc.payload/NAME", "lxc.payload.NAME" */
static bool scan_lxc(struct scan *sc, struct str part)
{
	if (!str_eq(sc->previous, "lxc") && !str_eq(sc->previous, "lxc.payload") &&
	    !(cut_prefix(&part, "lxc.payload.") && part.n > 0))
		return false;
	sc->container = part;
	sc->runtime = "lxc";
	return true;
}

static void scan_part(struct scan *sc, struct str part)
{
	bool is_pod = scan_pod(sc, part);

	if (is_unit(part))
		sc->unit = part;
	if (!scan_lxc(sc, part))
		scan_container_id(sc, part);
	sc->is_pod = is_pod;
	sc->previous = part;
}

static int keep(struct str s, struct arena *arena, const char **ret)
{
	if (!s.s)
		return 0;
	*ret = arena_strndup(arena, s.s, s.n);
	return *ret ? 0 : -ENOMEM;
}

int cgroupfs_meaning(const char *path, struct arena *arena, struct cgroup_meaning *ret)
{
	const char *p = path, *end = path + cgroupfs_name_length(path);
	struct scan sc = { .previous = { "", 0 } };
	char *pod;

	*ret = (struct cgroup_meaning){ 0 };
	while (p < end) {
		const char *slash = memchr(p, '/', (size_t)(end - p));
		struct str part = { p, (size_t)((slash ? slash : end) - p) };

		if (part.n)
			scan_part(&sc, part);
		p += part.n + 1;
	}
	ret->runtime = sc.runtime;
	if (keep(sc.unit, arena, &ret->unit) < 0 || keep(sc.container, arena, &ret->container) < 0)
		return -ENOMEM;
	if (!sc.pod.s)
		return 0;
	pod = arena_strndup(arena, sc.pod.s, sc.pod.n);
	if (!pod)
		return -ENOMEM;
	/* systemd's driver writes '_', for '-' is its sign for a slice within a slice. */
	for (char *c = pod; *c; c++)
		if (*c == '_')
			*c = '-';
	ret->pod = pod;
	ret->qos = sc.qos ? sc.qos : "Guaranteed";
	return 0;
}
