/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes in, lines out: of a large log only those lines are read with care among which an event can
 * begin or go on. What comes out does not depend on how the bytes were cut into pieces. Pure: fed
 * by its caller.
 */
#ifndef OOMKIT_LOGSCAN_H
#define OOMKIT_LOGSCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "logline.h"
#include "oomlog.h"

#define LOGSCAN_READ ((size_t)256 * 1024) /* the most that is put at a time */

struct logscan {
	struct logline *lines;
	struct oomlog *parser;
	char *buf;
	size_t n;        /* bytes that are there */
	size_t from;     /* up to here they were searched: the start of a line */
	size_t fed;      /* up to here they were fed; what lies between holds no event */
	uint64_t passed; /* lines since the last one that was fed */
	size_t cut_at;   /* where the line starts that was cut; SIZE_MAX */
	bool cutting;    /* the rest of a line that is too long is passed over */
	uint64_t n_cut;  /* lines of which something is lost */
};

/* Returns 0 or -ENOMEM. */
int logscan_init(struct logscan *s, struct logline *lines, struct oomlog *parser);
void logscan_free(struct logscan *s);

/* Where the next LOGSCAN_READ bytes may be written. */
char *logscan_room(struct logscan *s);

/* So many have been written there. */
void logscan_put(struct logscan *s, size_t n);

/* The end of one input: a last line without a newline is one. Another input may follow. */
void logscan_end(struct logscan *s);

#endif
