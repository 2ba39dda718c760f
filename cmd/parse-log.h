/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of parse-log share: the options and the inputs (parse-log.c, parse-log-read.c), an
 * event as JSON (parse-log-json.c), as a report (parse-log-report.c) and as rows
 * (parse-log-rows.c), sums (parse-log-summary.c), the page (parse-log-html.c).
 */
#ifndef OOMKIT_CMD_PARSE_LOG_H
#define OOMKIT_CMD_PARSE_LOG_H

#include <regex.h>

#include "commands.h"
#include "logline.h"
#include "oomlog.h"
#include "rejudge.h"

struct summary;
struct page;
struct kill_rows;

struct parse_log {
	struct cli_output output;
	struct cli_machine machine;
	struct env *env;
	/* what is read */
	const char **files;
	size_t n_files;
	char **journal_args; /* behind "--" */
	int n_journal_args;
	bool ring, journal;
	struct logline_options log;
	struct tzif zone;   /* where --tz names a place */
	uint32_t page_size; /* 0: as the log tells */
	/* what is shown */
	struct log_bound {
		int64_t usec;
		bool given, zoned;
	} since, until;
	int32_t *pids;
	size_t n_pids;
	regex_t comm;
	bool has_comm;
	const char *cgroup;
	unsigned constraints; /* bit N: enum constraint N; 0: all */
	bool tasks, why, summarize;
	const char *html;
	/* at work */
	struct logline lines;
	struct oomlog *parser;
	struct out *o; /* of JSON and tables */
	unsigned *shown;
	int n_shown;
	struct summary *summary;
	struct page *page;
	struct kill_rows *rows;
	const char *input; /* the one that is being read; NULL: stdin */
	size_t n_events;
	bool headings_done;
	bool failed; /* some input could not be read, or some event not be kept */
};

/* What is made of an event before it is told. */
struct told_event {
	const struct oom_event *e;
	uint32_t page_size; /* what its pages are counted in; 0: not known */
	struct rejudge why; /* where it was asked for */
	bool have_why;
};

/* Reads all inputs and feeds the parser. */
void parse_log_read(struct parse_log *c);

void parse_log_json(const struct parse_log *c, struct out *o, const struct told_event *t);
void parse_log_report(const struct parse_log *c, struct out *o, const struct told_event *t);

/* ------------------------------------------------------------------ rows, one for each kill */

enum parse_log_column {
	LOG_COL_TIME,
	LOG_COL_UPTIME,
	LOG_COL_LINE,
	LOG_COL_HOST,
	LOG_COL_KILLER,
	LOG_COL_CONSTRAINT,
	LOG_COL_PID,
	LOG_COL_COMM,
	LOG_COL_UID,
	LOG_COL_RSS,
	LOG_COL_TOTAL_VM,
	LOG_COL_ANON,
	LOG_COL_FILE,
	LOG_COL_SHMEM,
	LOG_COL_PGTABLES,
	LOG_COL_ADJ,
	LOG_COL_SCORE,
	LOG_COL_INVOKER,
	LOG_COL_OUTCOME,
	LOG_COL_COMPLETE,
	LOG_COL_AGREES,
	LOG_COL_OOM_MEMCG,
	LOG_COL_CGROUP,
	LOG_COL_N,
};

extern const struct column parse_log_columns[];

/* Tells the rows of one event, or keeps them until parse_log_rows_end(). */
void parse_log_rows(struct parse_log *c, const struct told_event *t);
void parse_log_rows_end(struct parse_log *c, struct out *o);

/* ------------------------------------------------------------------ sums and the page */

int parse_log_summary_add(struct parse_log *c, const struct told_event *t);
void parse_log_summary_tell(const struct parse_log *c, struct out *o);
void parse_log_summary_free(struct parse_log *c);

int parse_log_page_begin(struct parse_log *c);
void parse_log_page_add(struct parse_log *c, const struct told_event *t);
int parse_log_page_end(struct parse_log *c, bool keep);

/* ------------------------------------------------------------------ words */

/* "2026-01-31T12:00:05.123456+00:00", the time of the event's first line; NULL where it has none.
 */
const char *parse_log_time(const struct logtext *t, char *buf, size_t size);

/* The victim's rss, KiB; false where its line tells none. */
bool parse_log_kill_rss(const struct oom_kill *k, uint64_t *kib);

/* The cgroup of a victim as far as it is known; NULL. */
const char *parse_log_cgroup(const struct oom_event *e, const struct oom_kill *k);

#endif
