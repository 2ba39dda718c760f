/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cgroup: how does a memory cgroup read as a row? */
#include <limits.h>
#include <string.h>

#include "base.h"
#include "cgroup.h"

/* As much of a container's id as docker and podman print, and as a TARGET takes. */
#define ID_SHOWN 12
/* Deeper trees are not indented any more: their names would leave the line. */
#define INDENT_MAX 40

#define T         COLUMN_TABLE
#define J         COLUMN_JSON
#define R         COLUMN_RIGHT
#define L         COLUMN_LABEL
#define P         COLUMN_PROM
#define C         COLUMN_COUNTER
#define N(number) (1u << MEMTREE_##number)

#define EVENT(event, key, header, flags, help)                                               \
	[COL_EVENTS + (event)] = { "events." key,           header,         NULL, CELL_UINT, \
				   (flags) | J | R | P | C, MEMTREE_EVENTS, help }
#define LOCAL(event, key, header, flags, help)                                                   \
	[COL_LOCAL +                                                                             \
		(event)] = { "events_local." key,  header, NULL, CELL_UINT, (flags) | J | R | C, \
			     MEMTREE_EVENTS_LOCAL, help }
#define PRESSURE(column, key, header, alias, flags, help)                 \
	[column] = { "pressure." key, header,           alias, CELL_REAL, \
		     (flags) | J | R, MEMTREE_PRESSURE, help }

/* Every bit of need is a file of each cgroup. */
const struct column cgroup_columns[COL_N] = {
	[COL_PATH] = { "path", "CGROUP", NULL, CELL_STR, T | J | L | P, 0,
		       "Path in the hierarchy of the memory controller" },
	[COL_ID] = { "id", "ID", "inode", CELL_UINT, J | R, 0,
		     "Inode number: what names a cgroup while its path may be used again" },
	[COL_UNIT] = { "unit", "UNIT", NULL, CELL_STR, J | L, 0, "The systemd unit" },
	[COL_CONTAINER] = { "container", "CONTAINER", NULL, CELL_STR, J | L | P, 0,
			    "Id of the container" },
	[COL_RUNTIME] = { "runtime", "RUNTIME", NULL, CELL_STR, J, 0,
			  "docker, containerd, cri-o, podman, lxc" },
	[COL_POD] = { "pod", "POD", NULL, CELL_STR, J | L | P, 0, "Uid of the Kubernetes pod" },
	[COL_NAMESPACE] = { "namespace", "NAMESPACE", NULL, CELL_STR, J | L | P, 0,
			    "Its namespace, as kubelet names its logs" },
	[COL_POD_NAME] = { "pod_name", "POD-NAME", NULL, CELL_STR, J | L | P, 0, "Its name" },
	[COL_CONTAINER_NAME] = { "container_name", "CONTAINER-NAME", NULL, CELL_STR, J | L | P, 0,
				 "Name of the container in its pod" },
	[COL_QOS] = { "qos", "QOS", NULL, CELL_STR, J, 0, "Its QoS class" },
	[COL_CURRENT] = { "current", "CURRENT", "usage", CELL_BYTES, T | J | R | P, N(CURRENT),
			  "memory.current, memory.usage_in_bytes" },
	[COL_LIMIT] = { "limit", "LIMIT", "max", CELL_BYTES, T | J | R | P, N(LIMIT),
			"memory.max, memory.limit_in_bytes; max: none" },
	[COL_EFFECTIVE] = { "effective_limit", "EFFECTIVE", NULL, CELL_BYTES, J | R | P,
			    MEMTREE_EFFECTIVE, "The smallest limit of it and those above it" },
	[COL_LIMITED_BY] = { "limited_by", "LIMITED-BY", NULL, CELL_STR, J, MEMTREE_EFFECTIVE,
			     "Whose limit that is" },
	[COL_HEADROOM] = { "headroom", "HEADROOM", "free", CELL_BYTES, T | J | R | P,
			   MEMTREE_EFFECTIVE,
			   "How much more it can have before it or one above it is full" },
	[COL_HEADROOM_BY] = { "headroom_by", "HEADROOM-BY", NULL, CELL_STR, J, MEMTREE_EFFECTIVE,
			      "Which is full then" },
	[COL_HIGH] = { "high", "HIGH", NULL, CELL_BYTES, J | R, N(HIGH), "memory.high" },
	[COL_LOW] = { "low", "LOW", NULL, CELL_BYTES, J | R, N(LOW), "memory.low" },
	[COL_MIN] = { "min", "MIN", NULL, CELL_BYTES, J | R, N(MIN), "memory.min" },
	[COL_PEAK] = { "peak", "PEAK", NULL, CELL_BYTES, R, N(PEAK),
		       "memory.peak, memory.max_usage_in_bytes" },
	[COL_SWAP] = { "swap_current", "SWAP", NULL, CELL_BYTES, T | J | R | P, N(SWAP),
		       "memory.swap.current; v1: total_swap of memory.stat" },
	[COL_SWAP_LIMIT] = { "swap_limit", "SWAP-LIMIT", "swap.max", CELL_BYTES, J | R,
			     N(SWAP_LIMIT), "memory.swap.max" },
	[COL_MEMSW] = { "memsw.current", "MEMSW", NULL, CELL_BYTES, J | R, N(MEMSW),
			"v1: memory.memsw.usage_in_bytes, memory and swap" },
	[COL_MEMSW_LIMIT] = { "memsw.limit", "MEMSW-LIMIT", NULL, CELL_BYTES, J | R, N(MEMSW_LIMIT),
			      "v1: memory.memsw.limit_in_bytes" },
	[COL_MEMSW_FAILCNT] = { "memsw.failcnt", "MEMSW-FAILCNT", NULL, CELL_UINT, J | R | C,
				N(MEMSW_FAILCNT), "v1: memory.memsw.failcnt" },
	[COL_FAILCNT] = { "failcnt", "FAILCNT", NULL, CELL_UINT, J | R | P | C, N(FAILCNT),
			  "v1: memory.failcnt, how often the limit was in the way" },
	EVENT(MEMSTAT_LOW, "low", "EV-LOW", 0, "Reclaimed though below memory.low"),
	EVENT(MEMSTAT_HIGH, "high", "EV-HIGH", 0, "Slowed down for memory.high"),
	EVENT(MEMSTAT_EVENT_MAX, "max", "EV-MAX", 0,
	      "How often memory.max was about to be exceeded"),
	EVENT(MEMSTAT_OOM, "oom", "OOM", T,
	      "How often its limit was hit and nothing could be reclaimed"),
	EVENT(MEMSTAT_OOM_KILL, "oom_kill", "KILLS", T,
	      "Processes that an OOM killed in it and (v2) below it; v1: in it alone"),
	EVENT(MEMSTAT_OOM_GROUP_KILL, "oom_group_kill", "GROUP-KILLS", 0,
	      "How often all of it was killed for memory.oom.group"),
	EVENT(MEMSTAT_SOCK_THROTTLED, "sock_throttled", "EV-SOCK", 0,
	      "How often its sockets were held back"),
	LOCAL(MEMSTAT_LOW, "low", "LOCAL-LOW", 0, "The same of the cgroup itself: low"),
	LOCAL(MEMSTAT_HIGH, "high", "LOCAL-HIGH", 0, "The same of the cgroup itself: high"),
	LOCAL(MEMSTAT_EVENT_MAX, "max", "LOCAL-MAX", 0, "The same of the cgroup itself: max"),
	LOCAL(MEMSTAT_OOM, "oom", "LOCAL-OOM", P,
	      "How often its own limit was hit, not one below it"),
	LOCAL(MEMSTAT_OOM_KILL, "oom_kill", "LOCAL-KILLS", P,
	      "Processes of its own that an OOM killed, none of those below it"),
	LOCAL(MEMSTAT_OOM_GROUP_KILL, "oom_group_kill", "LOCAL-GROUP-KILLS", 0,
	      "The same of the cgroup itself: oom_group_kill"),
	LOCAL(MEMSTAT_SOCK_THROTTLED, "sock_throttled", "LOCAL-SOCK", 0,
	      "The same of the cgroup itself: sock_throttled"),
	[COL_OOM_GROUP] = { "oom_group", "GROUP", "oom.group", CELL_BOOL, T | J | P,
			    MEMTREE_OOM_GROUP,
			    "memory.oom.group: all of it is killed when one of it is" },
	[COL_OOM_KILL_DISABLE] = { "oom_kill_disable", "KILL-DISABLE", NULL, CELL_BOOL, J | P,
				   MEMTREE_EVENTS,
				   "v1: nobody is killed when it is full, all wait" },
	[COL_UNDER_OOM] = { "under_oom", "UNDER-OOM", NULL, CELL_BOOL, J | P, MEMTREE_EVENTS,
			    "v1: it is out of memory now" },
	PRESSURE(COL_SOME_AVG10, "some.avg10", "PRESSURE", NULL, T,
		 "Share of the last 10 s in which some task waited for memory, in percent"),
	PRESSURE(COL_SOME_AVG60, "some.avg60", "SOME-60", NULL, 0, "The same of the last 60 s"),
	PRESSURE(COL_SOME_AVG300, "some.avg300", "SOME-300", NULL, 0, "The same of the last 300 s"),
	[COL_SOME_TOTAL] = { "pressure.some.total", "SOME-TOTAL", NULL, CELL_UINT, J | R | C,
			     MEMTREE_PRESSURE, "All of that time, in microseconds" },
	PRESSURE(COL_FULL_AVG10, "full.avg10", "FULL-10", NULL, 0,
		 "Share of the last 10 s in which all tasks waited for memory, in percent"),
	PRESSURE(COL_FULL_AVG60, "full.avg60", "FULL-60", NULL, 0, "The same of the last 60 s"),
	PRESSURE(COL_FULL_AVG300, "full.avg300", "FULL-300", NULL, 0, "The same of the last 300 s"),
	[COL_FULL_TOTAL] = { "pressure.full.total", "FULL-TOTAL", NULL, CELL_UINT, J | R | C,
			     MEMTREE_PRESSURE, "All of that time, in microseconds" },
	[COL_SOME_SECONDS] = { "pressure_waiting_seconds", "SOME-SECONDS", NULL, CELL_REAL,
			       R | P | C, MEMTREE_PRESSURE,
			       "Time in which some task waited for memory" },
	[COL_FULL_SECONDS] = { "pressure_stalled_seconds", "FULL-SECONDS", NULL, CELL_REAL,
			       R | P | C, MEMTREE_PRESSURE,
			       "Time in which all tasks waited for memory" },
	[COL_VICTIM] = { "victim.process", "VICTIM", NULL, CELL_STR, 0, 0,
			 "Who dies first when its limit is hit" },
	[COL_VICTIM_PID] = { "victim.pid", "VICTIM-PID", NULL, CELL_INT, J | R, 0,
			     "Process id of the first victim" },
	[COL_VICTIM_COMM] = { "victim.comm", "VICTIM-COMM", NULL, CELL_STR, J, 0,
			      "Name of the first victim" },
	[COL_VICTIM_BADNESS] = { "victim.badness", "VICTIM-BADNESS", NULL, CELL_INT, J | R, 0,
				 "What the kernel compares, by this cgroup's limit" },
	[COL_VICTIM_ADJ] = { "victim.oom_score_adj", "VICTIM-ADJ", NULL, CELL_INT, J | R, 0,
			     "Its adjustment" },
	[COL_VICTIM_GROUP] = { "victim.group", "VICTIM-GROUP", NULL, CELL_STR, J, 0,
			       "The cgroup that dies with it: memory.oom.group" },
	[COL_VICTIM_WITH] = { "victim.with", "VICTIM-WITH", NULL, CELL_UINT, J | R, 0,
			      "How many processes of that die with it" },
	[COL_OUTCOME] = { "outcome", "OUTCOME", NULL, CELL_STR, 0, 0,
			  "kill, nobody, disabled, panic: what an OOM of it leads to" },
};

#undef T
#undef J
#undef R
#undef L
#undef P
#undef C
#undef N

bool cgroup_is_of_victims(unsigned column)
{
	return column >= COL_VICTIM && column <= COL_OUTCOME;
}

bool cgroup_is_of_pressure(unsigned column)
{
	return column >= COL_SOME_AVG10 && column <= COL_FULL_SECONDS;
}

/* ------------------------------------------------------------------ names */

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

/* What of a cgroup is made of its path, once for all the times that its row is asked for. */
static const struct cgroup_label *label_of(struct cgroup_command *c, uint32_t index)
{
	struct cgroup_label *label = &c->labels[index];

	if (label->known)
		return label;
	label->known =
		cgroupfs_meaning(c->tree.nodes[index].path, &c->tree.arena, &label->meaning) == 0;
	if (!label->meaning.pod)
		return label;
	/* Once there is a pod this is a node of a cluster. */
	if (!c->have_podnames)
		podnames_open(&c->podnames, &c->g.j.host);
	c->have_podnames = true;
	label->pod = podnames_find(&c->podnames, label->meaning.pod);
	if (label->meaning.container)
		label->container = podnames_find(&c->podnames, label->meaning.container);
	/* An entry that somebody has named so that it is another's. */
	if (label->container && !label->container->container)
		label->container = NULL;
	/* A container's own link tells its pod as well. */
	if (!label->pod)
		label->pod = label->container;
	return label;
}

static void name_container(const struct cgroup_label *label, char *buf, size_t size)
{
	const struct cgroup_meaning *m = &label->meaning;
	const char *runtime = m->runtime ? m->runtime : "container";

	if (strcmp(runtime, "lxc") == 0)
		snprintf(buf, size, "%s (lxc)", m->container);
	else if (label->container)
		snprintf(buf, size, "%s %.*s (%s)", label->container->container, ID_SHOWN,
			 m->container, runtime);
	else
		snprintf(buf, size, "%.*s (%s)", ID_SHOWN, m->container, runtime);
}

static void name_pod(const struct cgroup_label *label, char *buf, size_t size)
{
	if (label->pod)
		snprintf(buf, size, "pod %s/%s (%s)", label->pod->space, label->pod->pod,
			 label->meaning.qos);
	else
		snprintf(buf, size, "pod %s (%s)", label->meaning.pod, label->meaning.qos);
}

/* The name of a cgroup in the tree: what its last part stands for, if it is a container's or a
 * pod's, whose names fill half a line. */
static const char *short_name(struct cgroup_command *c, uint32_t index, char *buf, size_t size)
{
	const struct memtree_node *node = &c->tree.nodes[index];
	const struct cgroup_label *here = label_of(c, index);
	const struct cgroup_meaning *above = &label_of(c, node->parent)->meaning;

	if (here->meaning.container && !above->container)
		name_container(here, buf, size);
	else if (here->meaning.pod && !above->pod)
		name_pod(here, buf, size);
	else
		return last_part(node->path);
	return buf;
}

static struct cell path_cell(struct cgroup_command *c, uint32_t index)
{
	const struct memtree_node *node = &c->tree.nodes[index];
	struct cgroup_label *label = &c->labels[index];
	char text[2 * NAME_MAX + INDENT_MAX + 1], buf[2 * NAME_MAX];
	int n, indent = 2 * node->depth;

	if (!c->as_tree || node->depth == 0)
		return cell_str(node->path);
	if (!label->name) {
		n = snprintf(text, sizeof(text), "%*s%s", indent < INDENT_MAX ? indent : INDENT_MAX,
			     "", short_name(c, index, buf, sizeof(buf)));
		label->name = arena_strndup(&c->tree.arena, text, (size_t)n);
	}
	return cell_str(label->name);
}

static struct cell meaning_cell(struct cgroup_command *c, uint32_t index, unsigned column)
{
	const struct cgroup_label *label = label_of(c, index);
	const struct cgroup_meaning *m = &label->meaning;

	switch (column) {
	case COL_UNIT:
		return cell_str(m->unit);
	case COL_CONTAINER:
		return cell_str(m->container);
	case COL_RUNTIME:
		return cell_str(m->runtime);
	case COL_POD:
		return cell_str(m->pod);
	case COL_NAMESPACE:
		return cell_str(label->pod ? label->pod->space : NULL);
	case COL_POD_NAME:
		return cell_str(label->pod ? label->pod->pod : NULL);
	case COL_CONTAINER_NAME:
		return cell_str(label->container ? label->container->container : NULL);
	default:
		return cell_str(m->qos);
	}
}

/* ------------------------------------------------------------------ numbers */

static struct cell bytes_or_max(uint64_t value)
{
	return value == MEMSTAT_MAX ? cell_str("max") : cell_bytes(value);
}

static struct cell number_cell(const struct memtree_node *node, enum memtree_number number)
{
	return node->have & 1u << number ? bytes_or_max(node->number[number]) : cell_null();
}

static struct cell count_cell(const struct memtree_node *node, enum memtree_number number)
{
	return node->have & 1u << number ? cell_uint(node->number[number]) : cell_null();
}

static struct cell event_cell(const struct memstat_events *e, unsigned event)
{
	return e && e->have & 1u << event ? cell_uint(e->value[event]) : cell_null();
}

static struct cell node_path_cell(const struct cgroup_command *c, uint32_t index)
{
	return cell_str(index == MEMTREE_NONE ? NULL : c->tree.nodes[index].path);
}

static struct cell headroom_cell(const struct cgroup_command *c, const struct memtree_node *node)
{
	/* A table of a machine where few have a limit need not say of all others that they have
	 * none. */
	if (!node->have_headroom || (node->headroom == MEMSTAT_MAX && c->as_tree))
		return cell_null();
	return bytes_or_max(node->headroom);
}

static struct cell pressure_cell(const struct pressure *p, unsigned column)
{
	const bool full = column >= COL_FULL_AVG10 && column <= COL_FULL_TOTAL;
	const struct pressure_line *line;

	if (!p || !(full || column == COL_FULL_SECONDS ? p->have_full : p->have_some))
		return cell_null();
	line = full || column == COL_FULL_SECONDS ? &p->full : &p->some;
	switch (column) {
	case COL_SOME_AVG10:
	case COL_FULL_AVG10:
		return cell_real(line->avg10);
	case COL_SOME_AVG60:
	case COL_FULL_AVG60:
		return cell_real(line->avg60);
	case COL_SOME_AVG300:
	case COL_FULL_AVG300:
		return cell_real(line->avg300);
	case COL_SOME_TOTAL:
	case COL_FULL_TOTAL:
		return cell_uint(line->total_usec);
	default:
		return cell_real((double)line->total_usec / 1e6);
	}
}

/* ------------------------------------------------------------------ victims */

static const char *victim_text(const struct foreseen *f, char *buf, size_t size)
{
	const struct proc *p = f->victim;
	int n;

	if (p) {
		n = snprintf(buf, size, "%d (%s)", (int)p->pid,
			     p->have & HAVE_COMM ? p->comm : "?");
		if (f->n_group && n > 0 && (size_t)n < size)
			snprintf(buf + n, size - (size_t)n, " and %zu more", f->n_group);
		return buf;
	}
	switch (f->outcome) {
	case KILLS_NOBODY:
		return "nobody";
	case KILLS_PANIC:
		return "panic";
	case KILLS_DISABLED:
		return "nobody: oom_kill_disable";
	default:
		return "?";
	}
}

static struct cell victim_text_cell(struct cgroup_command *c, uint32_t index)
{
	struct cgroup_label *label = &c->labels[index];
	char buf[160];

	if (!label->victim) {
		const char *text = victim_text(&c->foreseen[index], buf, sizeof(buf));

		label->victim = arena_strndup(&c->tree.arena, text, strlen(text));
	}
	return cell_str(label->victim);
}

static struct cell victim_cell(struct cgroup_command *c, uint32_t index, unsigned column)
{
	const struct foreseen *f = c->foreseen ? &c->foreseen[index] : NULL;
	const struct proc *p = f ? f->victim : NULL;

	if (!f || !f->limited)
		return cell_null();
	if (column == COL_VICTIM)
		return victim_text_cell(c, index);
	if (column == COL_OUTCOME)
		return cell_str(kills_outcome_name(f->outcome));
	if (!p)
		return cell_null();
	switch (column) {
	case COL_VICTIM_PID:
		return cell_int(p->pid);
	case COL_VICTIM_COMM:
		return p->have & HAVE_COMM ? cell_str(p->comm) : cell_null();
	case COL_VICTIM_BADNESS:
		return cell_int(f->badness);
	case COL_VICTIM_ADJ:
		return p->have & HAVE_ADJ ? cell_int(p->oom_score_adj) : cell_null();
	case COL_VICTIM_GROUP:
		return cell_str(f->group);
	default:
		return cell_uint(f->n_group);
	}
}

/* ------------------------------------------------------------------ the row */

static struct cell flag_cell(bool have, bool value)
{
	return have ? cell_bool(value) : cell_null();
}

static struct cell limit_cell(const struct cgroup_command *c, const struct memtree_node *node,
			      unsigned column)
{
	switch (column) {
	case COL_EFFECTIVE:
		return node->have_effective ? bytes_or_max(node->effective_limit) : cell_null();
	case COL_LIMITED_BY:
		return node->have_effective ? node_path_cell(c, node->limited_by) : cell_null();
	case COL_HEADROOM:
		return headroom_cell(c, node);
	default:
		return node->have_headroom ? node_path_cell(c, node->headroom_by) : cell_null();
	}
}

static const enum memtree_number number_of[COL_N] = {
	[COL_CURRENT] = MEMTREE_CURRENT,
	[COL_LIMIT] = MEMTREE_LIMIT,
	[COL_HIGH] = MEMTREE_HIGH,
	[COL_LOW] = MEMTREE_LOW,
	[COL_MIN] = MEMTREE_MIN,
	[COL_PEAK] = MEMTREE_PEAK,
	[COL_SWAP] = MEMTREE_SWAP,
	[COL_SWAP_LIMIT] = MEMTREE_SWAP_LIMIT,
	[COL_MEMSW] = MEMTREE_MEMSW,
	[COL_MEMSW_LIMIT] = MEMTREE_MEMSW_LIMIT,
	[COL_MEMSW_FAILCNT] = MEMTREE_MEMSW_FAILCNT,
	[COL_FAILCNT] = MEMTREE_FAILCNT,
};

static struct cell cgroup_cell(struct cgroup_command *c, uint32_t index, unsigned column)
{
	const struct memtree_node *node = &c->tree.nodes[index];

	if (column >= COL_EVENTS && column <= COL_EVENTS_LAST)
		return event_cell(node->events, column - COL_EVENTS);
	if (column >= COL_LOCAL && column <= COL_LOCAL_LAST)
		return event_cell(node->events_local, column - COL_LOCAL);
	if (column >= COL_SOME_AVG10 && column <= COL_FULL_SECONDS)
		return pressure_cell(node->pressure, column);
	if (cgroup_is_of_victims(column))
		return victim_cell(c, index, column);
	switch (column) {
	case COL_PATH:
		return path_cell(c, index);
	case COL_ID:
		return node->have_id ? cell_uint(node->id) : cell_null();
	case COL_UNIT:
	case COL_CONTAINER:
	case COL_RUNTIME:
	case COL_POD:
	case COL_NAMESPACE:
	case COL_POD_NAME:
	case COL_CONTAINER_NAME:
	case COL_QOS:
		return meaning_cell(c, index, column);
	case COL_EFFECTIVE:
	case COL_LIMITED_BY:
	case COL_HEADROOM:
	case COL_HEADROOM_BY:
		return limit_cell(c, node, column);
	case COL_FAILCNT:
	case COL_MEMSW_FAILCNT:
		return count_cell(node, number_of[column]);
	case COL_OOM_GROUP:
		return flag_cell(node->have & MEMTREE_OOM_GROUP, node->oom_group);
	case COL_OOM_KILL_DISABLE:
		return flag_cell(node->control.have_oom_kill_disable,
				 node->control.oom_kill_disable);
	case COL_UNDER_OOM:
		return flag_cell(node->control.have_under_oom, node->control.under_oom);
	default:
		return number_cell(node, number_of[column]);
	}
}

enum row_style cgroup_row(void *ctx, size_t row, const unsigned *shown, size_t n_shown,
			  struct cell *cells)
{
	struct cgroup_command *c = ctx;
	uint32_t index = c->rows[row];

	for (size_t i = 0; i < n_shown; i++)
		cells[i] = cgroup_cell(c, index, shown[i]);
	return c->tree.nodes[index].control.under_oom ? ROW_MARKED : ROW_PLAIN;
}
