/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What Kubernetes calls the pods and containers of this node. */
#ifndef OOMKIT_PODNAMES_H
#define OOMKIT_PODNAMES_H

#include <stddef.h>

#include "arena.h"
#include "host.h"
#include "str.h"

struct podname {
	const char *id; /* uid of the pod, or id of the container, as cgroupfs_meaning() has it */
	const char *space, *pod;
	const char *container; /* NULL: of a pod */
};

struct podnames {
	struct podname *v; /* by id */
	size_t n;
	struct arena arena;
};

/* Reads ROOT/var/log/pods and ROOT/var/log/containers, where kubelet has a directory for each pod
 * and a link for each container. Where there are none nothing is known, which is no error. Returns
 * 0 or -ENOMEM; podnames_close() in both cases. */
int podnames_open(struct podnames *p, const struct host *h);
void podnames_close(struct podnames *p);

/* The name of an id; NULL. */
const struct podname *podnames_find(const struct podnames *p, const char *id);

/* Pure: the parts of such an entry's name. "SPACE_POD_UID" of a pod's directory;
 * "POD_SPACE_CONTAINER-ID.log" of a container's link. Returns false where it is none. */
struct podname_parts {
	struct str space, pod, container, id;
};
bool podnames_parse_pod(const char *name, size_t n, struct podname_parts *ret);
bool podnames_parse_container(const char *name, size_t n, struct podname_parts *ret);

#endif
