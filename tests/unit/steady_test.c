/* SPDX-License-Identifier: GPL-2.0-or-later */
/* steady: what an event takes is there before it comes. */
#include "steady.h"

#include <stdlib.h>
#include <unistd.h>

#include "check.h"

/* Less than is made ready: what an event, a batch of the snapshot and a report take together. */
enum { PIECES = 8, PIECE_SIZE = 16 * 1024 };

static void test_heap(void)
{
	void *piece[PIECES];
	char *top;

	steady_prepare();
	/* Whether it may lock is its caller's to tell. */
	steady_lock();
	top = sbrk(0);
	for (size_t i = 0; i < PIECES; i++) {
		piece[i] = malloc(PIECE_SIZE);
		CHECK(piece[i]);
	}
	CHECK_INT((char *)sbrk(0) - top, 0);
	for (size_t i = 0; i < PIECES; i++)
		free(piece[i]);
	/* Nor does it give anything back, which it would have to ask for again. */
	CHECK_INT((char *)sbrk(0) - top, 0);
}

int main(void)
{
	test_heap();
	return check_done();
}
