/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that lives as long as one snapshot and is released at once. */
#ifndef OOMKIT_ARENA_H
#define OOMKIT_ARENA_H

#include <stddef.h>

struct arena_chunk;

struct arena {
	struct arena_chunk *chunks;
	size_t used, size;	/* of the newest chunk, bytes */
};

/* n zeroed bytes aligned for any type, or NULL. */
void *arena_alloc(struct arena *a, size_t n);

/* A terminated copy of s[0..n) (NULs inside are kept), or NULL. */
char *arena_strndup(struct arena *a, const char *s, size_t n);

void arena_free(struct arena *a);

#endif
