/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In which order does the OOM of a memory cgroup look at its members? mm/memcontrol.c
 * mem_cgroup_scan_tasks(), from 3.6 on: cgroup by cgroup down the tree, and in each of them one
 * after the other as they came into it. It decides among equals.
 */
#ifndef OOMKIT_MEMCG_H
#define OOMKIT_MEMCG_H

#include "cgroupfs.h"
#include "facts.h"
#include "host.h"

/* Fills memcg_order of the processes of s that are in the cgroup path or below it. What cannot be
 * read stays 0; v1 shows its members sorted by pid, so that there only the place of the cgroup is
 * known. alone: the cgroup's own members, not those below. Returns 0 or -errno. */
int memcg_read_order(const struct cgroupfs *fs, const struct host *h, const char *path, bool alone,
		     struct snapshot *s);

#endif
