/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where does memory come from that lives as long as one snapshot? Chunks, filled in order and freed
 * at once. */
#include "arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Small enough that a short run touches few pages, large enough that 20,000 strings cost few calls.
 */
#define CHUNK_MIN 16384

struct arena_chunk {
	struct arena_chunk *next;
	alignas(max_align_t) char data[];
};

static void *take(struct arena *a, size_t n, size_t align)
{
	size_t start = (a->used + align - 1) / align * align;
	struct arena_chunk *chunk;
	size_t size;

	if (a->chunks && start <= a->size && n <= a->size - start) {
		a->used = start + n;
		return a->chunks->data + start;
	}
	size = n > CHUNK_MIN ? n : CHUNK_MIN;
	if (size > SIZE_MAX - sizeof(*chunk))
		return NULL;
	chunk = malloc(sizeof(*chunk) + size);
	if (!chunk)
		return NULL;
	chunk->next = a->chunks;
	a->chunks = chunk;
	a->used = n;
	a->size = size;
	return chunk->data;
}

void *arena_alloc(struct arena *a, size_t n)
{
	void *p = take(a, n, alignof(max_align_t));

	if (p)
		memset(p, 0, n);
	return p;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p = take(a, n + 1, 1);

	if (!p)
		return NULL;
	if (n)
		memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

void arena_free(struct arena *a)
{
	while (a->chunks) {
		struct arena_chunk *next = a->chunks->next;

		free(a->chunks);
		a->chunks = next;
	}
	a->used = a->size = 0;
}
