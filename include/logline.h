/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a transport put around the kernel's text: dmesg, syslog, the journal, /dev/kmsg, a serial
 * console, a mail that quotes them. Each line is recognised by itself, so that one file may mix
 * them. Pure: a line in, texts with what was told of them out.
 */
#ifndef OOMKIT_LOGLINE_H
#define OOMKIT_LOGLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "str.h"
#include "tzif.h"

#define LOGLINE_MAX        ((size_t)64 * 1024)   /* a line is cut here */
#define LOGLINE_RECORD_MAX ((size_t)1024 * 1024) /* a record of the journal */

/* What the log itself does not hold. */
struct logline_options {
	bool has_year, has_zone;
	int year;
	int32_t zone_min;        /* minutes east of Greenwich */
	const struct tzif *zone; /* in its place: the rules of a place; NULL */
};

/* One line of kernel text, or of some other program's. */
struct logtext {
	struct str text;  /* without prefix; blanks at both ends are gone */
	struct str host;  /* n 0: not told */
	struct str ident; /* the program, without its pid; n 0: not told */
	bool fresh;       /* a prefix stood before it: it begins a record */
	bool foreign;     /* the prefix names a program that is not the kernel */
	size_t trailing;  /* blanks that stood behind the text: a wrapped line goes on there */
	bool indented;    /* blanks stood before the text of a line that goes on */
	bool cut;         /* the line was longer than the bound */
	bool ordered;     /* by its time, wherever it stood */
	char level;       /* '0' to '7' where dmesg -x spells it out; 0 */
	bool have_uptime, have_time, time_certain;
	uint64_t uptime_usec;
	int64_t time_usec; /* since 1970, UTC */
	int32_t zone_min;  /* as the log writes it */
	/* What the clocks showed where no year is told; month 0: not that, either. */
	struct logtext_clock {
		uint8_t month, day, hour, minute, second;
	} clock;
	char caller; /* 'T', 'C', or 0 */
	uint32_t caller_id;
	uint64_t line;  /* number of the line, from 1 */
	size_t columns; /* the length of the line that it stood in, prefix and all */
};

typedef void (*logline_fn)(void *ctx, const struct logtext *t);

struct logline_record;

struct logline {
	struct logline_options opt;
	logline_fn fn;
	void *ctx;
	uint64_t line;
	char *text; /* room for one line that is rewritten */
	size_t text_size;
	struct logline_record *record; /* of a journal record over several lines */
	struct logline_order *order;   /* of lines that stand newest first */
	bool kmsg;                     /* the line before was a record of /dev/kmsg */
	bool page;                     /* the last line that tells came from a web page */
};

/* Returns 0 or -ENOMEM. */
int logline_init(struct logline *l, const struct logline_options *opt, logline_fn fn, void *ctx);
void logline_free(struct logline *l);

/* One line without its newline; cut: it was longer and the rest is lost. Calls fn for each text
 * in it: none, one, or several. */
void logline_feed(struct logline *l, const char *line, size_t n, bool cut);

/* true in the middle of a record that goes over several lines: the next one belongs to it. */
bool logline_is_open(const struct logline *l);

/* So many lines were left out between the last one and the next. */
void logline_skip(struct logline *l, uint64_t lines);

/* The end: a record that is still open is told. */
void logline_end(struct logline *l);

/* "UTC", "Z", "+02:00", "-0530": minutes east. Returns 0 or -EINVAL. */
int logline_parse_zone(const char *s, size_t n, int32_t *ret);

/* Minutes east of Greenwich, by the options, when the clocks on the wall show this: seconds since
 * 1970 as if they were UTC. */
int32_t logline_zone(const struct logline_options *opt, int64_t wall);

/* "2026-01-31", "2026-01-31 12:00[:05[.5]]" with T or a blank and perhaps a zone: as in a log. Sets
 * has_zone where it names one. Returns 0 or -EINVAL. */
int logline_parse_time(const char *s, size_t n, int64_t *usec, bool *has_zone);

#endif
