/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of oomlog share: which event a text belongs to (oomlog.c), lines that were broken
 * in two (oomlog-wrap.c), the header and the memory dump (oomlog-dump.c), the table
 * (oomlog-table.c), records and kills (oomlog-kill.c), userspace killers (oomlog-user.c).
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
	/* Who was killed last, and where: who cannot be reaped stays in the tables that follow. */
	struct oomlog_dead {
		uint64_t host; /* a hash of its name */
		int32_t pid;
		char comm[16];
		struct logtext at;
	} dead[OOMLOG_DEAD_MAX];
	unsigned n_dead;  /* so many in all: the next one's place is that modulo the size */
	char kernel[128]; /* the last release that was told */
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

/* The open event that t goes on with best; NULL. */
struct oomlog_open *oomlog_latest(struct oomlog *p, const struct logtext *t);

/* t belongs to o. */
void oomlog_touch(struct oomlog_open *o, const struct logtext *t);

/* true where something has come of the event already. */
bool oomlog_is_done(const struct oomlog_open *o);

void oomlog_list_add(struct oomlog *p, struct oom_event *e, struct oom_list *l, int32_t pid,
		     const char *comm, size_t n);

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
