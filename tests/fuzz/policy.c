/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Policies and the files of inits: what is written into any text is found in it again, and what is
 * taken out is gone. */
#include <errno.h>
#include <string.h>

#include "fuzz.h"
#include "init.h"
#include "policyfile.h"

static void lines(const char *s, size_t n, const uint8_t *data, size_t size)
{
	const char *p = s, *end = s + n;
	struct policy_line line;
	struct str text;

	while (str_next_line(&p, end, &text)) {
		int r = policy_parse_line(text, &line);

		MUST(r == 0 || r == 1 || r == -EINVAL || r == -ERANGE);
		if (r != 1)
			continue;
		MUST(line.target.n > 0 && line.value >= -1000 && line.value <= 1000);
		must_lie_in(line.target.s, line.target.n, data, size);
		policyfile_kind(&line);
	}
}

static void edited(const char *s, size_t n)
{
	static const struct {
		const char *option, *target;
	} targets[] = { { "", "sshd" }, { "", "a b" }, { "--user", "root" }, { "", "x.service" } };

	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		const char *option = targets[i].option, *target = targets[i].target;
		int value = -321, got = 0;
		char *with = NULL, *again = NULL, *without = NULL;
		size_t with_n = 0, again_n = 0, without_n = 0;

		MUST(policyfile_edit(s, n, option, target, &value, &with, &with_n) >= 0);
		if (with) {
			MUST(policyfile_value(with, with_n, option, target, &got) && got == value);
			MUST(policyfile_edit(with, with_n, option, target, &value, &again,
					     &again_n) >= 0);
			MUST(!again || (again_n == with_n && memcmp(again, with, with_n) == 0));
			MUST(policyfile_edit(with, with_n, option, target, NULL, &without,
					     &without_n) >= 0);
			MUST(!without ||
			     !policyfile_value(without, without_n, option, target, &got));
		}
		free(with);
		free(again);
		free(without);
	}
}

static void init_files(const char *s, size_t n)
{
	static const struct init_declared wish = { .value = -900 };

	for (int kind = 0; kind < INIT_N; kind++) {
		struct init_declared got;
		char *with = NULL, *without = NULL;
		size_t with_n = 0, without_n = 0;
		enum init_kind k = (enum init_kind)kind;

		init_parse(k, s, n, &got);
		if (init_edit(k, "x.service", s, n, &wish, &with, &with_n) < 0)
			continue;
		if (with) {
			MUST(init_parse(k, with, with_n, &got) && got.value == -900);
			MUST(init_edit(k, "x.service", with, with_n, NULL, &without, &without_n) >=
			     0);
			/* One that stood there twice is taken out once. */
			MUST(!without || memmem(s, n, "oomkit protect: begin", 21) ||
			     !init_parse(k, without, without_n, &got));
		}
		free(with);
		free(without);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *s = (const char *)data;

	lines(s, size, data, size);
	edited(s, size);
	init_files(s, size);
	return 0;
}
