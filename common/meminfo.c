/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much memory does the machine have? fs/proc/meminfo.c meminfo_proc_show(), mm/vmstat.c
 * zoneinfo_show_print(). */
#include "meminfo.h"

#include <string.h>

#include "base.h"
#include "str.h"

void meminfo_parse(const char *buf, size_t n, struct meminfo *ret)
{
	const struct {
		const char *key;
		uint64_t *value;
		bool *have;
	} fields[] = {
		{ "MemTotal:", &ret->total_kib, &ret->have_total },
		{ "MemFree:", &ret->free_kib, &ret->have_free },
		{ "MemAvailable:", &ret->available_kib, &ret->have_available },
		{ "SwapTotal:", &ret->swap_total_kib, &ret->have_swap_total },
		{ "SwapFree:", &ret->swap_free_kib, &ret->have_swap_free },
		{ "CommitLimit:", &ret->commit_limit_kib, &ret->have_commit_limit },
		{ "Committed_AS:", &ret->committed_kib, &ret->have_committed },
	};
	const char *p = buf, *end = buf + n;
	struct str line;

	*ret = (struct meminfo){ 0 };
	while (str_next_line(&p, end, &line))
		for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
			if (str_starts_with(line, fields[i].key)) {
				const char *at = line.s + strlen(fields[i].key);

				*fields[i].have =
					str_scan_u64(&at, line.s + line.n, fields[i].value) == 0;
				break;
			}
}

void meminfo_parse_zones(const char *buf, size_t n, struct zoneinfo *ret)
{
	const struct {
		const char *key;
		uint64_t *sum;
	} fields[] = {
		{ "pages free", &ret->free_pages }, { "min", &ret->min_pages },
		{ "low", &ret->low_pages },         { "high", &ret->high_pages },
		{ "spanned", &ret->spanned_pages }, { "present", &ret->present_pages },
		{ "managed", &ret->managed_pages },
	};
	const char *p = buf, *end = buf + n;
	struct str line;

	*ret = (struct zoneinfo){ 0 };
	while (str_next_line(&p, end, &line)) {
		while (line.n && line.s[0] == ' ') {
			line.s++;
			line.n--;
		}
		/* Below "pagesets" "high:" stands for another thing, with a colon. */
		ret->zones += str_starts_with(line, "Node ");
		for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
			const char *at = line.s + strlen(fields[i].key);
			uint64_t v;

			if (!str_starts_with(line, fields[i].key) || at >= line.s + line.n ||
			    *at != ' ')
				continue;
			if (str_scan_u64(&at, line.s + line.n, &v) == 0)
				*fields[i].sum += v;
			break;
		}
	}
}
