/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of logline share: the line itself (logline.c), the times in front of it
 * (logline-time.c), the records of the journal and of dmesg -J (logline-record.c), lines that stand
 * newest first (logline-order.c). */
#ifndef OOMKIT_LOGLINE_PARTS_H
#define OOMKIT_LOGLINE_PARTS_H

#include "logline.h"

/* What a line is read from: *p moves on, up to end. */
struct cursor {
	const char *p, *end;
};

/* ------------------------------------------------------------------ times */

/* A time on the wall as far as it was written. */
struct walltime {
	int year; /* 0: not told */
	int month, day, hour, minute, second;
	uint32_t usec;
	bool has_zone;
	int32_t zone_min;
	bool comma; /* the fraction stood behind a comma: dmesg's own iso */
};

/* 2026-01-31T12:00:05.123+02:00 and its kin. */
bool logline_iso(struct cursor *c, struct walltime *w);
/* Jan 31 12:00:05, with a day of the week before or a year behind; any language's names. */
bool logline_month(struct cursor *c, struct walltime *w);
/* Mon 2026-01-31 12:00:05 UTC: journalctl's short-full. */
bool logline_weekday_iso(struct cursor *c, struct walltime *w);
/* 01-31 12:00:05.123: logcat. */
bool logline_numeric(struct cursor *c, struct walltime *w);
/* Jan31 12:00: dmesg -e. */
bool logline_short(struct cursor *c, struct walltime *w);
/* 12:00:05 */
bool logline_clock(struct cursor *c, struct walltime *w);
/* Sets the time of t by w and what the options supply. */
void logline_set_time(const struct logline *l, struct logtext *t, const struct walltime *w);
/* Digits with a point and a fraction between them: microseconds. */
bool logline_uptime(struct cursor *c, uint64_t *usec);

/* ------------------------------------------------------------------ records */

/* true where the line belongs to a record and has been taken. */
bool logline_record_feed(struct logline *l, const char *line, size_t n, bool cut);
void logline_record_end(struct logline *l);
void logline_record_free(struct logline *l);

/* A text whose prefix stood elsewhere; t holds what is known of it. Splits it at its newlines. */
void logline_deliver(struct logline *l, const char *s, size_t n, const struct logtext *t);

/* true where a program of this name speaks for the kernel. */
bool logline_is_kernel(struct str ident);

/* ------------------------------------------------------------------ logline-order.c */

/* A line of this time, since 1970, waits for those around it. */
void logline_hold(struct logline *l, uint64_t nsec, struct str host, struct str text, bool cut);
bool logline_holds(const struct logline *l);
/* The next line is not of the stream that the last one was of. */
void logline_new_stream(struct logline *l);
/* What is held is told, the oldest first. */
void logline_release(struct logline *l);
/* The same if the newest is known to stand last. */
void logline_release_known(struct logline *l);
/* Another answer begins, in whatever order. */
void logline_order_end(struct logline *l);
void logline_order_free(struct logline *l);

/* ------------------------------------------------------------------ logline-csv.c */

/* The longest field of a line of comma-separated values, into buf, which has room for n; *w is the
 * time that stands in a field of its own, where *ret_timed. One at an end of the line is quoted, or
 * the first is that time: else a comma tells nothing. Returns its length; 0: the line is none such.
 */
size_t logline_csv(const char *line, size_t n, char *buf, struct walltime *w, bool *ret_timed);

#endif
