/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers, sizes, versions, times: none is taken that is out of its range. */
#include <string.h>

#include "era.h"
#include "fuzz.h"
#include "kver.h"
#include "logline.h"
#include "out.h"
#include "out-html.h"
#include "str.h"

static void integers(const char *s, size_t n)
{
	const char *p = s;
	int64_t i;
	uint64_t u;

	if (str_to_i64(s, n, -1000, 1000, &i) == 0)
		MUST(i >= -1000 && i <= 1000);
	str_to_u64(s, n, 10, &u);
	str_to_u64(s, n, 16, &u);
	if (str_scan_u64(&p, s + n, &u) == 0)
		MUST(p > s && p <= s + n);
	p = s;
	if (str_scan_i64(&p, s + n, &i) == 0)
		MUST(p > s && p <= s + n);
}

static void words(const char *s)
{
	struct kver v;
	uint64_t size;
	char buf[32];

	if (kver_parse(s, &v) == 0)
		era_for_release(s, &v);
	if (str_to_size(s, &size) == 0)
		MUST(out_human(size, false, buf, sizeof(buf)) == buf);
}

static void times(const char *s, size_t n)
{
	int32_t zone;
	int64_t usec;
	bool has_zone;

	if (logline_parse_zone(s, n, &zone) == 0)
		MUST(zone > -48 * 60 && zone < 48 * 60);
	logline_parse_time(s, n, &usec, &has_zone);
}

/* What out escapes has neither control bytes nor bad UTF-8 in it. */
static void escapes(const char *s, size_t n)
{
	char small[64];
	const char *shown = out_escape(s, n, small, sizeof(small));
	char *html = out_html(s, n);

	for (const char *p = shown; *p; p++)
		MUST((unsigned char)*p >= 0x20 && *p != 0x7f);
	MUST(html);
	for (const char *p = html; *p; p++)
		MUST((unsigned char)*p >= 0x20 && !strchr("<>\"'", *p));
	free(html);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	MUST(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	integers((const char *)data, size);
	words(text);
	times((const char *)data, size);
	escapes((const char *)data, size);
	free(text);
	return 0;
}
