/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One moment by all clocks. */
#ifndef OOMKIT_MOMENT_H
#define OOMKIT_MOMENT_H

#include <stdint.h>

struct moment {
	int64_t wall_usec;  /* since 1970; may be set, forth and back */
	uint64_t mono_usec; /* stands still while the machine is suspended */
	uint64_t boot_usec; /* goes on */
};

#endif
