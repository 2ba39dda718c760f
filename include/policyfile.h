/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The policies that protect keeps and applies: where they stand, and how one line of them is
 * changed. */
#ifndef OOMKIT_POLICYFILE_H
#define OOMKIT_POLICYFILE_H

#include <stddef.h>

#include "policy.h"
#include "select.h"

/* Below the root. Ours is the one that protect writes; all of the directory are applied. */
#define POLICYFILE_DIR  "etc/oomkit/protect.d"
#define POLICYFILE_OURS POLICYFILE_DIR "/50-oomkit.conf"

/* What the target of a line is; TARGET_ALL for what no line may mean. */
enum target_kind policyfile_kind(const struct policy_line *line);

/* The option that a line of this kind and text needs; "" where the form says it, NULL where no line
 * can name it. */
const char *policyfile_option(enum target_kind kind, const char *text);

/* Pure: text with the line of this target set to value, or without it (value NULL). *ret is the
 * caller's; NULL where no line remains. Returns 0 or -ENOMEM. */
int policyfile_edit(const char *old, size_t old_n, const char *option, const char *target,
		    const int *value, char **ret, size_t *ret_n);

/* Pure: the value that the text gives the target. false: none. */
bool policyfile_value(const char *text, size_t n, const char *option, const char *target, int *ret);

#endif
