/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memory.events of the cgroups (v2), by inotify. */
#ifndef OOMKIT_MEMEVENTS_H
#define OOMKIT_MEMEVENTS_H

#include "source.h"

extern const struct source_ops memevents_source;

#endif
