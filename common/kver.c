/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which version is this release? The leading numbers of utsname.release
 * (/proc/sys/kernel/osrelease). */
#include "kver.h"

#include <errno.h>
#include <string.h>

#include "str.h"

int kver_parse(const char *s, struct kver *ret)
{
	const char *end = s + strlen(s);
	uint64_t part[3] = { 0 };
	unsigned n = 0;

	while (n < 3 && s < end && *s >= '0' && *s <= '9') {
		if (str_scan_u64(&s, end, &part[n]) < 0 || part[n] > UINT16_MAX)
			return -EINVAL;
		n++;
		if (*s != '.')
			break;
		s++;
	}
	if (n < 2)
		return -EINVAL;
	*ret = (struct kver){ (uint16_t)part[0], (uint16_t)part[1], (uint16_t)part[2] };
	return 0;
}
