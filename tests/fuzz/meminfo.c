/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/meminfo, zoneinfo, and the files under /proc/pressure. */
#include <math.h>
#include <string.h>

#include "fuzz.h"
#include "meminfo.h"
#include "pressure.h"

static void check_pressure(const struct pressure_line *l)
{
	MUST(isfinite(l->avg10) && isfinite(l->avg60) && isfinite(l->avg300));
	MUST(l->avg10 >= 0 && l->avg60 >= 0 && l->avg300 >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *s = (const char *)data;
	struct meminfo m, again;
	struct zoneinfo z;
	struct pressure p;

	memset(&m, 0, sizeof(m));
	memset(&again, 0, sizeof(again));
	meminfo_parse(s, size, &m);
	meminfo_parse(s, size, &again);
	MUST(memcmp(&m, &again, sizeof(m)) == 0);
	meminfo_parse_zones(s, size, &z);
	pressure_parse(s, size, &p);
	if (p.have_some)
		check_pressure(&p.some);
	if (p.have_full)
		check_pressure(&p.full);
	return 0;
}
