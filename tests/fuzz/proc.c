/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/PID/stat, status, uid_map: what is told of them lies in them. The first byte chooses. */
#include <string.h>

#include "fuzz.h"
#include "proc.h"

static void stat_text(const char *s, size_t n, const uint8_t *data, size_t size)
{
	struct proc_stat st;

	if (proc_parse_stat(s, n, &st) < 0)
		return;
	must_lie_in(st.comm.s, st.comm.n, data, size);
	/* The last ')' ends it, so that no name can pretend to be a state. */
	MUST(!memchr(st.comm.s + st.comm.n + 1, ')',
		     (size_t)(s + n - (st.comm.s + st.comm.n + 1))));
}

static void status_text(const char *s, size_t n, const uint8_t *data, size_t size)
{
	struct proc_status st;
	char name[64];

	proc_parse_status(s, n, &st);
	if (st.has_name) {
		must_lie_in(st.name.s, st.name.n, data, size);
		MUST(proc_unescape(st.name, name, sizeof(name)) < sizeof(name));
	}
	if (st.has_mems_allowed) {
		must_lie_in(st.mems_allowed.s, st.mems_allowed.n, data, size);
		/* A mask meets itself, or it is empty. */
		proc_masks_intersect(st.mems_allowed, st.mems_allowed);
	}
	MUST(proc_same_vm_lines(s, n, s, n) == proc_same_vm_lines(s, n, s, n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *s = (const char *)data;
	struct str a, b;

	stat_text(s, size, data, size);
	status_text(s, size, data, size);
	proc_uid_map_is_initial(s, size);
	proc_same_vm_lines(s, size / 2, s + size / 2, size - size / 2);
	a = (struct str){ s, size / 2 };
	b = (struct str){ s + size / 2, size - size / 2 };
	MUST(proc_masks_intersect(a, b) == proc_masks_intersect(b, a));
	return 0;
}
