/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The few words that every file may use: cleanup on leaving a scope, the size of an array. */
#ifndef OOMKIT_BASE_H
#define OOMKIT_BASE_H

#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define _cleanup_(f) __attribute__((cleanup(f)))
#define _cleanup_free_ _cleanup_(base_free)
#define _cleanup_close_ _cleanup_(base_close)

static inline void base_free(void *p)
{
	free(*(void **)p);
}

static inline void base_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#endif
