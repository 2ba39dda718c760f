/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of oomlog share: when an event begins and is over (oomlog.c), which of several a
 * text belongs to (oomlog-which.c), lines that were broken in two (oomlog-wrap.c), the header and
 * the memory dump (oomlog-dump.c), the table (oomlog-table.c), records and kills (oomlog-kill.c),
 * userspace killers (oomlog-user.c).
 */
#ifndef OOMKIT_OOMLOG_PARTS_H
#define OOMKIT_OOMLOG_PARTS_H

#include "oomlog.h"

#define OOMLOG_OPEN_MAX 4
#define OOMLOG_DEAD_MAX 64

/* A line that may go on in the next one. */
struct oomlog_pending {
	bool used;
	struct logtext t; /* its text lies in buf, host and ident in the fields below */
	char *buf;
	size_t n;
	unsigned joins;
	bool hot;      /* one of the words is in it */
	bool gap;      /* a blank stands between it and what is tried behind it */
	bool indented; /* what is tried behind it begins with a blank */
	char host[256], ident[64];
};

enum column_id {
	COL_PID,
	COL_UID,
	COL_TGID,
	COL_TOTAL_VM,
	COL_RSS,
	COL_RSS_ANON,
	COL_RSS_FILE,
	COL_RSS_SHMEM,
	COL_CPU,
	COL_NR_PTES,
	COL_NR_PMDS,
	COL_PGTABLES,
	COL_SWAP,
	COL_OOM_ADJ,
	COL_ADJ,
	COL_OTHER, /* a number that is not known: some patched kernel's */
	COL_NAME,
};

#define OOMLOG_COLUMNS_MAX 20

struct oomlog_layout {
	uint8_t column[OOMLOG_COLUMNS_MAX];
	unsigned n;
};

/* The parts of a report that oomlog-which.c goes by, in the order in which dump_header() prints
 * them. */
enum oomlog_part {
	PART_TRACE = 1u << 0,
	PART_TASK_IN = 1u << 1,
	PART_MEMORY = 1u << 2, /* the lines of usage and limit */
	PART_MEMSW = 1u << 3,
	PART_SWAP = 1u << 4,
	PART_KMEM = 1u << 5,
	PART_STATS = 1u << 6,
	PART_DUMP = 1u << 7,
	PART_NAMES = 1u << 8, /* of the table's columns */
	PART_ROWS = 1u << 9,
};

/* How far show_mem() has come. */
enum oomlog_dump { DUMP_NONE, DUMP_BEGUN, DUMP_LRU, DUMP_ZONES, DUMP_BUDDIES, DUMP_TOTALS };

struct oomlog_open {
	struct oom_event *e;
	bool provisional;   /* nothing says yet that it is an OOM */
	bool alloc_failure; /* an allocation failure's dump */
	bool stats;         /* the lines of memory.stat are being read */
	bool slab;
	bool record_open; /* the oom-kill: record was broken off */
	bool task_in;     /* "Task in X" without its second half */
	bool old_kernel;  /* its kill line is that of a kernel before 5.0 */
	char caller;
	uint32_t caller_id;
	uint64_t quiet; /* texts since one of its own */
	uint32_t parts; /* enum oomlog_part */
	enum oomlog_dump dump;
	bool tied, alternating; /* with the dump of another */
	struct oomlog_layout layout;
};

/* Whom a userspace killer has named, and not killed yet. */
struct oomlog_victim {
	int32_t pid, adj;
	uint32_t uid;
	bool has_uid, has_adj;
	char comm[64], cgroup[512];
};

struct oomlog {
	oomlog_fn fn;
	void *ctx;
	int error;
	struct oomlog_open open[OOMLOG_OPEN_MAX]; /* oldest first */
	unsigned n_open;
	const struct oom_event *dump_last; /* whose memory dump was being printed */
	struct oomlog_pending pending;
	size_t edge;   /* lines of this length were cut at the edge of a screen, amid words; 0 */
	size_t margin; /* the longest line that was broken at a blank */
	bool sysrq;    /* a sysrq line stands before the next header */
	uint64_t sysrq_quiet;
	/* The last table's adjustments: kills in a row without a dump may be in it. */
	struct oomlog_adj {
		int32_t pid;
		int16_t adj;
	} * adjs;
	size_t n_adjs;
	struct logtext adjs_at;
	uint64_t adjs_host; /* as of dead */
	/* Who was killed last, and where: who cannot be reaped stays in the tables that follow. */
	struct oomlog_dead {
		uint64_t host; /* a hash of its name; 0: not told */
		int32_t pid;
		char comm[16];
		struct logtext at;
	} dead[OOMLOG_DEAD_MAX];
	unsigned n_dead;  /* so many in all: the next one's place is that modulo the size */
	/* Of which event the last line of a kill was, and which line. */
	const struct oom_event *kill_last;
	uint64_t kill_line;
	char kernel[128]; /* the last release that was told */
	uint64_t kernel_host;
	/* The last dump that told how much swap there is, and whose it was. */
	bool have_swap;
	uint64_t swap_kib, swap_uptime;
	char swap_host[256];
	struct oomlog_victim nohang;
};

/* ------------------------------------------------------------------ oomlog.c */

/* Memory of the event; NULL sets the error. */
void *oomlog_alloc(struct oomlog *p, struct oom_event *e, size_t n);
const char *oomlog_keep(struct oomlog *p, struct oom_event *e, const char *s, size_t n);

/* A new event that begins with t; NULL: no memory. */
struct oomlog_open *oomlog_begin(struct oomlog *p, const struct logtext *t, bool provisional);

/* t belongs to o. */
void oomlog_touch(struct oomlog_open *o, const struct logtext *t);

/* true where something has come of the event already. */
bool oomlog_is_done(const struct oomlog_open *o);

/* The release of the kernel, of the host of t. */
void oomlog_set_kernel(struct oomlog *p, const struct logtext *t, struct str release);

void oomlog_list_add(struct oomlog *p, struct oom_event *e, struct oom_list *l, int32_t pid,
		     const char *comm, size_t n);

/* ------------------------------------------------------------------ oomlog-which.c */

/* true where the two may be of one event by their times. */
bool oomlog_is_near(const struct logtext *f, const struct logtext *t);

/* true where t may have to do with the kernel's event o: host and time do not speak against it. */
bool oomlog_goes_with(const struct oomlog_open *o, const struct logtext *t);

/* The open event that t goes on with best; NULL. */
struct oomlog_open *oomlog_latest(struct oomlog *p, const struct logtext *t);

/* The report that t is a part of: it has none that stands behind it; where all have, the latest.
 * NULL: none is open. */
struct oomlog_open *oomlog_lacking(struct oomlog *p, const struct logtext *t, uint32_t part);

/* The report whose invoker this is, and which does not tell its processor yet; NULL. */
struct oomlog_open *oomlog_of_invoker(struct oomlog *p, const struct logtext *t, struct str comm);

/* The report whose stack goes on with this; a failed allocation's has no frame of an OOM. NULL. */
struct oomlog_open *oomlog_tracing(struct oomlog *p, const struct logtext *t, bool oom);

/* The report whose lines of memory.stat are being read; NULL. */
struct oomlog_open *oomlog_in_stats(struct oomlog *p, const struct logtext *t);

/* The report that rows belong to: the latest whose table has begun; else the latest; NULL. */
struct oomlog_open *oomlog_with_table(struct oomlog *p, const struct logtext *t);

/* The memory dump, also of a failed allocation, that goes on with this line; NULL. */
struct oomlog_open *oomlog_dumping(struct oomlog *p, const struct logtext *t, enum oomlog_dump at,
				   const struct oom_meminfo *line);

/* true where what the line tells is in h already. */
bool oomlog_has_memory(const struct oom_meminfo *h, const struct oom_meminfo *line);

/* ------------------------------------------------------------------ text */

/* where lit stands in t; NULL. */
const char *oomlog_in(struct str t, const char *lit);
/* Moves s behind lit, blanks before it skipped, where it stands there; blanks inside lit match any
 * number of blanks, also none. */
bool oomlog_eat(struct str *s, const char *lit);
/* A number with or without blanks before it. */
bool oomlog_number(struct str *s, uint64_t *v);
bool oomlog_signed(struct str *s, int64_t *v);
/* "NAME123kB" anywhere in s. */
bool oomlog_kib(struct str s, const char *name, uint64_t *v);
struct str oomlog_trim(struct str s);

/* ------------------------------------------------------------------ the parts: true where the text
 * was theirs */

bool oomlog_header(struct oomlog *p, const struct logtext *t);
bool oomlog_dump(struct oomlog *p, const struct logtext *t);
bool oomlog_table(struct oomlog *p, const struct logtext *t);
bool oomlog_kill(struct oomlog *p, const struct logtext *t);
bool oomlog_user(struct oomlog *p, const struct logtext *t);

/* Reads a line of column names. */
bool oomlog_layout(struct str t, struct oomlog_layout *ret);
/* How many fields of a row stand in t: 0 where it is none, more with each. full: the name is
 * there. */
unsigned oomlog_row_fields(struct str t, const struct oomlog_layout *l, bool *full);
/* What stands behind the numbers of a row. */
struct str oomlog_row_name(struct str t, const struct oomlog_layout *l);
/* How many fields of a kill, a selection, a record or a header stand in t. */
unsigned oomlog_kill_fields(struct str t);
unsigned oomlog_record_fields(struct str t);
unsigned oomlog_header_fields(struct str t);

/* The layout in force, for a row that stands alone. */
const struct oomlog_layout *oomlog_current_layout(const struct oomlog *p);

/* ------------------------------------------------------------------ oomlog-wrap.c */

/* true where t was taken as the rest of the pending line. */
bool oomlog_join(struct oomlog *p, const struct logtext *t);

#endif
