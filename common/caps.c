/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which capabilities does a run keep? A command that only reads has no use for those that change
 * things. Mirrors kernel/capability.c capset(2): giving back is always permitted.
 */
#include "caps.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/capability.h>

#include "base.h"

/*
 * What reading needs: files of /proc/PID that are their owner's alone, kcmp(2) and the files
 * behind ptrace's check, /dev/kmsg with dmesg_restrict.
 */
static const cap_value_t reading[] = { CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE, CAP_SYSLOG };

/* Copies one set of one capability as far as it is there. */
static int keep(cap_t to, cap_t from, cap_value_t cap, cap_flag_t set)
{
	cap_flag_value_t value;

	if (cap_get_flag(from, cap, set, &value) < 0 || value == CAP_CLEAR)
		return 0;
	return cap_set_flag(to, set, 1, &cap, CAP_SET);
}

static int caps_limit(const cap_value_t *kept, size_t n)
{
	cap_t now = cap_get_proc(), less = cap_init();
	int r = now && less ? 0 : -1;

	for (size_t i = 0; r == 0 && i < n; i++) {
		r = keep(less, now, kept[i], CAP_PERMITTED);
		if (r == 0)
			r = keep(less, now, kept[i], CAP_EFFECTIVE);
	}
	/* Nothing to give back is the usual case of a plain user: no second system call then. */
	if (r == 0 && cap_compare(now, less) != 0)
		r = cap_set_proc(less);
	r = r < 0 ? -errno : 0;
	cap_free(now);
	cap_free(less);
	return r;
}

int caps_keep_reading(void)
{
	return caps_limit(reading, ARRAY_SIZE(reading));
}

int caps_drop_all(void)
{
	return caps_limit(NULL, 0);
}
