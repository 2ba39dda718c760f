/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which sources are there? The list of them, each by its name. */
#include "source.h"

#include "base.h"
#include "kmsg.h"
#include "memevents.h"
#include "oomcontrol.h"
#include "psi.h"
#include "tracefs.h"
#include "vmstat.h"

const struct source_ops *const source_table[SIGHT_SOURCE_N] = {
	[SIGHT_KMSG] = &kmsg_source,
	[SIGHT_TRACEFS] = &tracefs_source,
	[SIGHT_MEMORY_EVENTS] = &memevents_source,
	[SIGHT_OOM_CONTROL] = &oomcontrol_source,
	[SIGHT_VMSTAT] = &vmstat_source,
	[SIGHT_PSI] = &psi_source,
};
_Static_assert(ARRAY_SIZE(source_table) == SIGHT_SOURCE_N, "a source is missing");

const char *source_name(enum sight_source id)
{
	return source_table[id]->name;
}
