/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How do we go on when there is no memory to be had? All that is needed is there before, and stays:
 * mlock2(2) says what a locked page promises. Pages are locked when they are first used
 * (MCL_ONFAULT), so that what never runs takes no memory; what will run is run once before.
 */
#include "steady.h"

#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "str.h"

/* An event takes some kilobytes, a batch of the snapshot thirty; a report's memory dump sixty. */
enum { HEAP_READY = 192 * 1024, STACK_READY = 64 * 1024 };
/* As `protect --level critical`: the last to be chosen, and no reason for a cgroup to hang. */
#define OWN_ADJ (-900)

static const char adj_file[] = "proc/self/oom_score_adj";

void steady_prepare(void)
{
	mallopt(M_MMAP_THRESHOLD, 1 << 30);
	mallopt(M_TRIM_THRESHOLD, 1 << 30);
	mallopt(M_TOP_PAD, 64 * 1024);
}

/* Both volatile, so that the compiler leaves the stores: memory that is filled and freed it drops
 * as a whole. */
static __attribute__((noinline)) void touch_stack(void)
{
	volatile char room[STACK_READY];

	for (size_t i = 0; i < sizeof(room); i += 512)
		room[i] = 0;
}

static void touch_heap(void)
{
	volatile char *room = malloc(HEAP_READY);

	for (size_t i = 0; room && i < HEAP_READY; i += 512)
		room[i] = 1;
	free((void *)(uintptr_t)room);
}

int steady_lock(void)
{
	int r = 0;

	malloc_trim(0);
	if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) < 0) {
		r = -errno;
		/* Before 4.4 there is no such flag. */
		if (r == -EINVAL)
			r = mlockall(MCL_CURRENT | MCL_FUTURE) < 0 ? -errno : 0;
	}
	touch_heap();
	touch_stack();
	return r;
}

int steady_lower_adj(const struct host *h, int *before)
{
	char buf[16];
	ssize_t n = host_read(h, adj_file, buf, sizeof(buf));
	int64_t adj;

	if (n < 0)
		return (int)n;
	while (n > 0 && buf[n - 1] == '\n')
		n--;
	if (str_to_i64(buf, (size_t)n, -1000, 1000, &adj) < 0)
		return -EINVAL;
	*before = (int)adj;
	if (adj <= OWN_ADJ)
		return 0;
	snprintf(buf, sizeof(buf), "%d", OWN_ADJ);
	return host_write(h, adj_file, buf);
}

void steady_restore_adj(const struct host *h, int before)
{
	char buf[16];

	snprintf(buf, sizeof(buf), "%d", before);
	host_write(h, adj_file, buf);
}
