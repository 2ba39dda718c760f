/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happened, out of the kernel's text: mm/oom_kill.c dump_header(), dump_tasks(),
 * oom_kill_process() and what stands around them, from 2.4 to today. A push parser: a text in, an
 * event out as soon as it is over. Layouts are told by the text itself. Pure.
 */
#ifndef OOMKIT_OOMLOG_H
#define OOMKIT_OOMLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "facts.h"
#include "logline.h"

#define OOMLOG_ROWS_MAX  100000u
#define OOMLOG_KILLS_MAX 10000u
#define OOMLOG_ZONES_MAX 64u

/* Which parts of an event's report were seen. */
enum oom_seen {
	OOM_SEEN_HEADER = 1u << 0,
	OOM_SEEN_CPU = 1u << 1,
	OOM_SEEN_TRACE = 1u << 2,
	OOM_SEEN_MEMINFO = 1u << 3,
	OOM_SEEN_MEMCG = 1u << 4, /* usage and limit */
	OOM_SEEN_TABLE = 1u << 5, /* the line of column names */
	OOM_SEEN_ROWS = 1u << 6,
	OOM_SEEN_RECORD = 1u << 7, /* oom-kill: */
	OOM_SEEN_SELECTED = 1u << 8,
	OOM_SEEN_KILL = 1u << 9,
	OOM_SEEN_REAPED = 1u << 10,
	OOM_SEEN_SLAB = 1u << 11,
	OOM_SEEN_TRACE_MEMCG = 1u << 12, /* the trace came through mem_cgroup_out_of_memory() */
	OOM_SEEN_TRACE_GUESS = 1u << 13, /* a frame of it that may be a leftover says so */
	OOM_SEEN_TRACE_PLAIN = 1u << 14, /* the trace has out_of_memory() as a certain frame */
};

enum oom_outcome {
	OOM_OUTCOME_UNKNOWN,
	OOM_OUTCOME_KILLED,
	OOM_OUTCOME_NO_KILLABLE,
	OOM_OUTCOME_PANIC,
	OOM_OUTCOME_EXITING, /* the chosen was on its way out already */
	OOM_OUTCOME_N,
};

enum oom_killer {
	OOM_KILLER_KERNEL,
	OOM_KILLER_SYSTEMD_OOMD,
	OOM_KILLER_EARLYOOM,
	OOM_KILLER_NOHANG,
	OOM_KILLER_OOMD,
	OOM_KILLER_N,
};

/* Which fields of a row, a kill or a usage were there. */
enum oom_have {
	OOM_HAVE_PID = 1u << 0,
	OOM_HAVE_UID = 1u << 1,
	OOM_HAVE_TOTAL_VM = 1u << 2,
	OOM_HAVE_RSS = 1u << 3,
	OOM_HAVE_ANON = 1u << 4,
	OOM_HAVE_FILE = 1u << 5,
	OOM_HAVE_SHMEM = 1u << 6,
	OOM_HAVE_PGTABLES = 1u << 7, /* bytes */
	OOM_HAVE_PTES = 1u << 8,
	OOM_HAVE_PMDS = 1u << 9,
	OOM_HAVE_SWAP = 1u << 10,
	OOM_HAVE_ADJ = 1u << 11,
	OOM_HAVE_OOM_ADJ = 1u << 12,
	OOM_HAVE_SCORE = 1u << 13,
	OOM_HAVE_TGID = 1u << 14,
	OOM_HAVE_COMM = 1u << 15,
};

/* One row of the task table; memory in pages. */
struct oom_row {
	uint32_t have;
	int32_t pid, tgid;
	uint32_t uid;
	uint64_t total_vm, rss, rss_anon, rss_file, rss_shmem, swap;
	uint64_t pgtables_bytes, nr_ptes, nr_pmds;
	int16_t oom_score_adj;
	int8_t oom_adj;
	bool killed_before; /* by an event before this one, of the same boot */
	const char *comm;
};

/* One that died; memory in KiB as the line has it. */
struct oom_kill {
	uint32_t have;
	uint32_t line_have; /* what its own line told: the rest was filled in */
	int32_t pid;
	uint32_t uid;
	uint64_t total_vm_kib, anon_kib, file_kib, shmem_kib, pgtables_kib;
	uint64_t rss_kib; /* of its row: no line tells it */
	int32_t oom_score_adj;
	int64_t score;
	const char *comm;
	const char *task_memcg;
	bool group;       /* memory.oom.group took it along */
	bool from_record; /* no line but oom-kill: tells of it */
	bool cut;         /* its line ends early */
};

struct oom_victim {
	int32_t pid;
	const char *comm; /* NULL: not told */
};

struct oom_usage {
	bool have;
	uint64_t usage_kib, limit_kib, failcnt;
};

struct oom_zone {
	char name[32]; /* "Node 0 Normal" */
	uint64_t free_kib, min_kib, low_kib, high_kib, managed_kib;
	bool have_managed, have_marks;
	bool have_orders;
	uint64_t orders[20]; /* free blocks by order */
	unsigned n_orders;
	uint64_t order_unit_kib; /* of order 0 */
};

struct oom_list {
	struct oom_victim *v;
	size_t n, size;
};

struct oom_meminfo {
	bool have_ram, have_reserved, have_swap_total, have_swap_free, have_pagecache;
	uint64_t ram_pages, reserved_pages, highmem_pages, swap_total_kib, swap_free_kib,
		pagecache_pages;
	bool have_lru;
	uint16_t lru_keys; /* a bit for each of these that is there */
	uint64_t active_anon, inactive_anon, active_file, inactive_file, unevictable, /* pages */
		slab_reclaimable, slab_unreclaimable, shmem, pagetables;
	struct oom_zone *zones;
	size_t n_zones;
};

struct oom_event {
	struct arena arena;
	uint32_t seen;
	enum oom_killer killer;
	enum oom_outcome outcome;
	enum constraint constraint;
	bool constraint_certain;
	const char *constraint_raw; /* as the record spells it; NULL */
	bool sysrq, allocating_task, panic, no_killable;
	bool cut;               /* some line was longer than the bound */
	bool table_cut;         /* more rows than are kept */
	bool kills_cut;         /* more kills than are kept */
	bool rows_broken;       /* a row that ends early, or rows without their column names */
	bool record_cut;        /* the oom-kill: record ends early */
	bool record_path_whole; /* but behind the victim's cgroup */
	bool interleaved;       /* with another report, and not all parts tell whose they are */
	bool suppressed;        /* the kernel says that it left messages out */
	uint64_t first_line, last_line;
	struct logtext first; /* of the first line: its times; text, host and ident are not kept */
	const char *host, *kernel;
	/* who asked for memory */
	const char *invoker;
	bool have_invoker_pid, have_invoker_adj, have_oom_adj, have_gfp, have_order, have_cpu;
	int32_t invoker_pid, invoker_adj, invoker_oom_adj;
	uint64_t gfp_mask;
	const char *gfp_flags;
	int order, cpu;
	/* where */
	const char *oom_memcg, *task_memcg, *cpuset, *mems_allowed, *nodemask, *group;
	struct oom_usage memory, swap, memsw, kmem;
	bool have_protection;
	struct oom_meminfo mem;
	bool have_swap_before; /* another dump of the same boot told how much swap there is */
	uint64_t swap_before_kib;
	/* the table */
	struct oom_row *rows;
	size_t n_rows, rows_size, n_rows_lost;
	uint32_t columns; /* enum oom_have: what the column names promise */
	bool narrow_pids; /* the names begin with "[ pid ]": until 4.18, "[  pid  ]" since */
	/* what came of it */
	struct oom_kill *kills;
	size_t n_kills, kills_size;
	bool have_record, have_selected;
	struct oom_kill record, selected;
	struct oom_list reaped, unreaped, sharing;
	const char *pressure; /* what a userspace killer gives as its reason */
};

typedef void (*oomlog_fn)(void *ctx, struct oom_event *e);

struct oomlog;

/* fn is called for each event when it is over; the event is gone when it returns. NULL: no memory.
 */
struct oomlog *oomlog_new(oomlog_fn fn, void *ctx);
void oomlog_feed(struct oomlog *p, const struct logtext *t);

/* What has come to its outcome is told now: nobody waits for the reaper's lines. An event without
 * an outcome stays open. */
void oomlog_settle(struct oomlog *p);

/* The end of the input: what is still open is told. */
void oomlog_end(struct oomlog *p);
void oomlog_free(struct oomlog *p);

/* The end of one input; what is known of hosts and kernels is forgotten. */
void oomlog_next_input(struct oomlog *p);

/* true while an event is open and waits for its outcome; else only a line with one of the words
 * that oomlog_find() looks for matters. */
bool oomlog_is_busy(const struct oomlog *p);

/* true where the kernel's release has been told already. */
bool oomlog_knows_release(const struct oomlog *p);

/* So many lines without any of these words were left out. */
void oomlog_pass(struct oomlog *p, uint64_t lines);

/* 0, or -ENOMEM where some event was lost for want of memory. */
int oomlog_error(const struct oomlog *p);

/* The first place in [s, end) where one of those words stands, or end; *newlines grows by the
 * newlines before it. Touches each byte once. */
const char *oomlog_find(const char *s, const char *end, uint64_t *newlines);

/* The same with vectors of so many bytes, or with none; none is wider than this processor's. */
enum oomlog_width { OOMLOG_WIDTH_1, OOMLOG_WIDTH_16, OOMLOG_WIDTH_32 };
enum oomlog_width oomlog_widest(void);
const char *oomlog_find_by(enum oomlog_width width, const char *s, const char *end,
			   uint64_t *newlines);

/* true where a line may belong to the report before such a word: it is worth looking back at. */
bool oomlog_looks_like_part(const char *line, size_t n);

/* The parts that an event lacks, in words: at most max. Returns how many. */
size_t oomlog_missing(const struct oom_event *e, const char **ret, size_t max);
bool oomlog_is_complete(const struct oom_event *e);

/* What the kill lines lack is filled from the rows, whose pages are so large. */
void oomlog_fill(struct oom_event *e, uint32_t page_size);

/* The row of this pid (or of the group that it is the leader of); NULL. */
const struct oom_row *oomlog_row(const struct oom_event *e, int32_t pid);

const char *oomlog_outcome_name(enum oom_outcome o);
const char *oomlog_killer_name(enum oom_killer k);

#endif
