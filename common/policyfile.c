/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which line of a policy is meant, and how does the file read with another value in it? Lines of
 * others and comments stay as they are. */
#include "policyfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"

/* Longer than any cgroup's path. */
#define TARGET_MAX 4200

static const char heading[] = "# TARGET VALUE, a line each; kept by 'oomkit protect', applied by "
			      "'oomkit protect --apply'.\n";

static const struct {
	const char *option;
	enum target_kind kind;
} options[] = {
	{ "--user", TARGET_USER },
	{ "--unit", TARGET_UNIT },
	{ "--cgroup", TARGET_CGROUP },
	{ "--exact", TARGET_NAME },
};

enum target_kind policyfile_kind(const struct policy_line *line)
{
	char text[TARGET_MAX];
	enum target_kind kind;

	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (str_eq(line->option, options[i].option))
			return options[i].kind;
	if (line->option.n || line->target.n >= sizeof(text))
		return TARGET_ALL;
	memcpy(text, line->target.s, line->target.n);
	text[line->target.n] = '\0';
	kind = select_kind_of(text);
	return kind == TARGET_PID || kind == TARGET_CONTAINER ? TARGET_ALL : kind;
}

/* Whether a line with it reads as it was meant: no name may make a line of its own, or a comment.
 */
static bool comes_back(const char *option, enum target_kind kind, const char *text)
{
	struct policy_line parsed;
	char line[TARGET_MAX + 16];
	int n = snprintf(line, sizeof(line), "%s%s%s 0", option, *option ? " " : "", text);

	return n > 0 && (size_t)n < sizeof(line) && !strchr(text, '\n') &&
	       policy_parse_line((struct str){ line, (size_t)n }, &parsed) == 1 &&
	       str_eq(parsed.option, option) && str_eq(parsed.target, text) &&
	       policyfile_kind(&parsed) == kind;
}

const char *policyfile_option(enum target_kind kind, const char *text)
{
	if (comes_back("", kind, text))
		return "";
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (options[i].kind == kind && comes_back(options[i].option, kind, text))
			return options[i].option;
	return NULL;
}

static bool is_meant(struct str line, const char *option, const char *target,
		     struct policy_line *parsed)
{
	return policy_parse_line(line, parsed) == 1 && str_eq(parsed->option, option) &&
	       str_eq(parsed->target, target);
}

static bool is_ours(struct str line)
{
	return line.n + 1 == sizeof(heading) - 1 && memcmp(line.s, heading, line.n) == 0;
}

int policyfile_edit(const char *old, size_t old_n, const char *option, const char *target,
		    const int *value, char **ret, size_t *ret_n)
{
	const char *p = old ? old : "", *end = p + (old ? old_n : 0);
	struct policy_line parsed;
	bool done = false, remains = false;
	struct str line;
	FILE *f = open_memstream(ret, ret_n);

	if (!f)
		return -ENOMEM;
	if (p == end)
		fputs(heading, f);
	while (str_next_line(&p, end, &line)) {
		if (is_meant(line, option, target, &parsed)) {
			if (!value || done)
				continue;
			done = remains = true;
			if (parsed.value != *value) {
				fprintf(f, "%s%s%s %d\n", option, *option ? " " : "", target,
					*value);
				continue;
			}
		}
		remains |= !is_ours(line) && line.n != 0;
		/* All of it, whatever bytes it has. */
		fwrite(line.s, 1, line.n, f);
		fputc('\n', f);
	}
	if (value && !done)
		fprintf(f, "%s%s%s %d\n", option, *option ? " " : "", target, *value);
	if (fclose(f) != 0) {
		free(*ret);
		return -ENOMEM;
	}
	if (!remains && !value) {
		free(*ret);
		*ret = NULL;
		*ret_n = 0;
	}
	return 0;
}

bool policyfile_value(const char *text, size_t n, const char *option, const char *target, int *ret)
{
	const char *p = text, *end = text + n;
	struct policy_line parsed;
	bool found = false;
	struct str line;

	while (str_next_line(&p, end, &line))
		if (is_meant(line, option, target, &parsed)) {
			*ret = parsed.value;
			found = true;
		}
	return found;
}
