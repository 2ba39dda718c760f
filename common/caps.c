/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which capabilities does a run keep? A command that only reads has no use for those that change
 * things. Mirrors kernel/capability.c capset(2): giving back is always permitted.
 */
#include "caps.h"

#include <errno.h>
#include <stddef.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base.h"

/*
 * What reading needs: files of /proc/PID that are their owner's alone, kcmp(2) and the files
 * behind ptrace's check, /dev/kmsg with dmesg_restrict.
 */
static const cap_value_t reading[] = { CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE, CAP_SYSLOG };

/* What changing needs besides: files of /proc/PID and of cgroups that are another user's, and an
 * oom_score_adj below the floor of fs/proc/base.c __set_oom_adj(). */
static const cap_value_t changing[] = { CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE, CAP_SYSLOG,
					CAP_DAC_OVERRIDE, CAP_SYS_RESOURCE };

/* What lasts through an OOM, and makes what it listens to (a trace instance is root's). */
static const cap_value_t watching[] = { CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE, CAP_SYSLOG,
					CAP_SYS_RESOURCE,    CAP_IPC_LOCK,   CAP_DAC_OVERRIDE };

/* Copies one set of one capability as far as it is there. */
static int keep(cap_t to, cap_t from, cap_value_t cap, cap_flag_t set)
{
	cap_flag_value_t value;

	if (cap_get_flag(from, cap, set, &value) < 0 || value == CAP_CLEAR)
		return 0;
	return cap_set_flag(to, set, 1, &cap, CAP_SET);
}

/* raised: what is effective stays so. */
static int caps_limit(const cap_value_t *kept, size_t n, bool raised)
{
	cap_t now = cap_get_proc(), less = cap_init();
	int r = now && less ? 0 : -1;

	for (size_t i = 0; r == 0 && i < n; i++) {
		r = keep(less, now, kept[i], CAP_PERMITTED);
		if (r == 0 && raised)
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
	return caps_limit(reading, ARRAY_SIZE(reading), true);
}

int caps_drop_all(void)
{
	return caps_limit(NULL, 0, false);
}

int caps_keep_changing(void)
{
	return caps_limit(changing, ARRAY_SIZE(changing), true);
}

static bool has_cap(cap_t caps, cap_value_t cap, cap_flag_t set)
{
	cap_flag_value_t value;

	return cap_get_flag(caps, cap, set, &value) == 0 && value == CAP_SET;
}

static int raise_cap(cap_value_t cap, bool raise)
{
	cap_t now = cap_get_proc();
	int r;

	if (!now)
		return -errno;
	r = cap_set_flag(now, CAP_EFFECTIVE, 1, &cap, raise ? CAP_SET : CAP_CLEAR);
	if (r == 0)
		r = cap_set_proc(now);
	r = r < 0 ? -errno : 0;
	cap_free(now);
	return r;
}

int caps_keep_watching(void)
{
	int r = caps_limit(watching, ARRAY_SIZE(watching), true);

	return r < 0 ? r : caps_raise_override(false);
}

int caps_raise_override(bool raise)
{
	cap_t now = cap_get_proc();
	bool there;

	if (!now)
		return -errno;
	there = has_cap(now, CAP_DAC_OVERRIDE, CAP_PERMITTED) &&
		has_cap(now, CAP_DAC_OVERRIDE, CAP_EFFECTIVE) != raise;
	cap_free(now);
	return there ? raise_cap(CAP_DAC_OVERRIDE, raise) : 0;
}

int caps_keep_granted(void)
{
	static const cap_value_t granted[] = { CAP_SYS_RESOURCE };
	gid_t gid = getgid();
	uid_t uid = getuid();

	int r;

	/* A set-user-ID copy would else write as its owner what the caller may not. */
	if (setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
		return -errno;
	r = caps_limit(granted, ARRAY_SIZE(granted), false);
	/* kernel/cred.c commit_creds() has made our own files in /proc root's. Ours again, they are
	 * still closed to a tracer that lacks the capability: cap_ptrace_access_check(). */
	if (r == 0 && prctl(PR_SET_DUMPABLE, 1) < 0)
		r = -errno;
	return r;
}

enum caps_state caps_resource(void)
{
	cap_t now = cap_get_proc();
	enum caps_state state = CAPS_MISSING;

	if (!now)
		return CAPS_MISSING;
	if (has_cap(now, CAP_SYS_RESOURCE, CAP_EFFECTIVE))
		state = CAPS_EFFECTIVE;
	else if (has_cap(now, CAP_SYS_RESOURCE, CAP_PERMITTED))
		state = CAPS_PERMITTED;
	cap_free(now);
	return state;
}

int caps_raise_resource(bool raise)
{
	return raise_cap(CAP_SYS_RESOURCE, raise);
}
