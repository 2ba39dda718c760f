/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tracepoint oom:mark_victim, in a trace instance of our own. */
#ifndef OOMKIT_TRACEFS_H
#define OOMKIT_TRACEFS_H

#include "source.h"

#define TRACEFS_PIECES_MAX 24

/* One field as the event prints it: the text before it, and which it is. */
struct tracefs_piece {
	char before[24];
	uint32_t have; /* enum sight_have; 0: one that is of no use here */
	bool is_string;
};

/* How this kernel prints the event: "print fmt" of its format file, taken apart. */
struct tracefs_format {
	struct tracefs_piece pieces[TRACEFS_PIECES_MAX];
	size_t n;
};

/* Pure. Returns 0, or -EINVAL where the file has no "print fmt" that begins with the pid. */
int tracefs_parse_format(const char *buf, size_t n, struct tracefs_format *ret);

/* Pure. A line of trace_pipe: the time and the fields. Returns 1; 0 where it is none of
 * mark_victim; -ENODATA with ret->lost where it tells that events were lost. */
int tracefs_parse_line(const struct tracefs_format *f, const char *s, size_t n,
		       struct sighting *ret);

extern const struct source_ops tracefs_source;

#endif
