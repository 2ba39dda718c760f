/* SPDX-License-Identifier: GPL-2.0-or-later */
/* init: what is written for each init, and that removing it leaves the file as it was. */
#include "init.h"

#include <errno.h>
#include <stdlib.h>

#include "check.h"
#include "policyfile.h"

static char *edit(enum init_kind kind, const char *old, const struct init_declared *d, int want)
{
	char *text = NULL;
	size_t n = 0;

	CHECK_INT(init_edit(kind, "web.service", old, old ? strlen(old) : 0, d, &text, &n), want);
	CHECK_INT(text ? strlen(text) : 0, n);
	return text;
}

/* Set, set again, set another value, and take it out again. */
static void check_round(enum init_kind kind, const char *old, const char *holds)
{
	const struct init_declared d = { .value = -300 },
				   main_only = { .value = 40, .main_only = true };
	struct init_declared parsed;
	char *a = edit(kind, old, &d, 0), *b, *c;

	if (!a)
		abort();
	CHECK(strstr(a, holds) != NULL);
	CHECK(init_parse(kind, a, strlen(a), &parsed));
	CHECK_INT(parsed.value, -300);
	CHECK(!parsed.main_only);
	b = edit(kind, a, &d, 0);
	CHECK_STR(b, a);
	c = edit(kind, b, &main_only, 0);
	CHECK(init_parse(kind, c, strlen(c), &parsed));
	CHECK_INT(parsed.value, 40);
	CHECK(parsed.main_only);
	free(a);
	a = edit(kind, c, NULL, 0);
	if (old && *old)
		CHECK_STR(a, old);
	else
		CHECK(a == NULL);
	free(a);
	free(b);
	free(c);
}

static void test_rounds(void)
{
	check_round(INIT_SYSTEMD, NULL, "[Service]\nOOMScoreAdjust=-300\n");
	check_round(INIT_OPENRC, NULL, "\nSSD_OOM_SCORE_ADJ=\"-300\"\n");
	check_round(INIT_OPENRC, "A=1\nB=2\n", "B=2\n# oomkit protect: begin");
	check_round(INIT_OPENRC, "A=1", "A=1\n# oomkit protect: begin");
	check_round(INIT_DINIT, "type = process\n", "\noom-score-adj = -300\n");
	check_round(INIT_RUNIT, "#!/bin/sh\nexec web\n",
		    "#!/bin/sh\n# oomkit protect: begin, value -300\necho -300 "
		    ">/proc/self/oom_score_adj || :\n# oomkit protect: end\nexec web\n");
	check_round(INIT_RUNIT, "#!/usr/bin/env bash\nexec web", "\nexec web");
	check_round(INIT_S6, "#!/bin/execlineb -P\nweb\n",
		    "begin, value -300\noomkit adj -n -300 --clamp --\n");
	check_round(INIT_SYSV, "#! /bin/sh\ncase $1 in\nesac\n", "echo -300 >/proc/self");
}

/* Only systemd has a moment after the start, and only for a service. */
static void test_main_only(void)
{
	const struct init_declared d = { .value = -7, .main_only = true };
	char *text;
	size_t n;

	text = edit(INIT_SYSTEMD, NULL, &d, 0);
	CHECK(strstr(text,
		     "\nExecStartPost=-+/bin/sh -c 'echo -7 >/proc/$MAINPID/oom_score_adj'\n"));
	CHECK(!strstr(text, "\nOOMScoreAdjust="));
	free(text);
	CHECK_INT(init_edit(INIT_SYSTEMD, "web.socket", NULL, 0, &d, &text, &n), 0);
	CHECK(strstr(text, "[Socket]\nOOMScoreAdjust=-7\n"));
	free(text);
	text = edit(INIT_RUNIT, "#!/bin/sh\nexec web\n", &d, 0);
	CHECK(strstr(text, "\necho -7 >"));
	free(text);
}

static void test_templates(void)
{
	static const struct {
		const char *unit, *template;
	} cases[] = {
		{ "getty@tty1.service", "getty@.service" },
		{ "a@b@c.service", "a@.service" },
		{ "a@b.c.socket", "a@.socket" },
		{ "getty@.service", NULL },
		{ "getty.service", NULL },
		{ "@x", NULL },
	};
	char buf[256];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool is = init_template(cases[i].unit, buf, sizeof(buf));

		CHECK_INT(is, cases[i].template != NULL);
		if (is)
			CHECK_STR(buf, cases[i].template);
	}
	CHECK(!init_template("getty@tty1.service", buf, 8));
}

static void test_refused(void)
{
	const struct init_declared d = { .value = 5 };

	CHECK(!edit(INIT_RUNIT, "#!/usr/bin/perl\nexec web\n", &d, -ENOEXEC));
	CHECK(!edit(INIT_RUNIT, "exec web\n", &d, -ENOEXEC));
	CHECK(!edit(INIT_RUNIT, NULL, &d, -ENOEXEC));
	CHECK(init_refusal(INIT_SYSTEMD, "web.service") == NULL);
	CHECK(init_refusal(INIT_SYSTEMD, "getty@.service") == NULL);
	CHECK(init_refusal(INIT_SYSTEMD, "web.socket") == NULL);
	CHECK(init_refusal(INIT_SYSTEMD, "web.slice") != NULL);
	CHECK(init_refusal(INIT_SYSTEMD, "run-1.scope") != NULL);
	CHECK(init_refusal(INIT_SYSTEMD, "web.timer") != NULL);
	CHECK(init_refusal(INIT_SYSTEMD, "../web.service") != NULL);
	CHECK(init_refusal(INIT_OPENRC, "a/b.service") != NULL);
	CHECK(init_refusal(INIT_OPENRC, ".service") != NULL);
	CHECK(init_refusal(INIT_OPENRC, "") != NULL);
}

/* A block that does not end, or is another's, is not taken for ours. */
static void test_garbled(void)
{
	const char *open = "A=1\n# oomkit protect: begin, value 5\nB=2\n";
	struct init_declared d;
	char *text = edit(INIT_OPENRC, open, NULL, 0);

	CHECK_STR(text, open);
	free(text);
	CHECK(!init_parse(INIT_SYSTEMD, "OOMScoreAdjust=2000\n", 20, &d));
	CHECK(!init_parse(INIT_SYSTEMD, "OOMScoreAdjust=\n", 16, &d));
	CHECK(!init_parse(INIT_OPENRC, "", 0, &d));
}

static void test_names(void)
{
	for (int i = 0; i < INIT_N; i++)
		CHECK_INT(init_by_name(init_name((enum init_kind)i)), i);
	CHECK_INT(init_by_name("upstart"), INIT_N);
	CHECK(init_name(INIT_N) == NULL);
}

static void check_line(const char *text, int want, const char *option, const char *target,
		       int value)
{
	struct policy_line line;

	CHECK_INT(policy_parse_line((struct str){ text, strlen(text) }, &line), want);
	if (want != 1)
		return;
	CHECK(str_eq(line.option, option));
	CHECK(str_eq(line.target, target));
	CHECK_INT(line.value, value);
}

static void test_lines(void)
{
	check_line("", 0, "", "", 0);
	check_line("  # nginx 5", 0, "", "", 0);
	check_line("nginx -900", 1, "", "nginx", -900);
	check_line("\tnginx.service\tcritical\r", 1, "", "nginx.service", -900);
	check_line("Web Content 300", 1, "", "Web Content", 300);
	check_line("--user alice +20", 1, "--user", "alice", 20);
	check_line("nginx", -EINVAL, "", "", 0);
	check_line("nginx high", -EINVAL, "", "", 0);
	check_line("--user 5", -EINVAL, "", "", 0);
	check_line("nginx 1001", -ERANGE, "", "", 0);
	check_line("5", -EINVAL, "", "", 0);
}

static void test_policy_edit(void)
{
	static const char old[] = "# mine\nweb 5\n--user bob 7\n";
	const int nine = 9;
	char *text;
	size_t n;
	int v;

	CHECK_INT(policyfile_edit(old, strlen(old), "", "web", &nine, &text, &n), 0);
	CHECK_STR(text, "# mine\nweb 9\n--user bob 7\n");
	CHECK(policyfile_value(text, n, "--user", "bob", &v));
	CHECK_INT(v, 7);
	free(text);
	CHECK_INT(policyfile_edit(old, strlen(old), "--user", "bob", NULL, &text, &n), 0);
	CHECK_STR(text, "# mine\nweb 5\n");
	free(text);
	/* One of the same name that is another kind is another line. */
	CHECK_INT(policyfile_edit(old, strlen(old), "", "bob", &nine, &text, &n), 0);
	CHECK_STR(text, "# mine\nweb 5\n--user bob 7\nbob 9\n");
	free(text);
	/* What it does not understand it keeps, to the byte. */
	CHECK_INT(policyfile_edit("a\0b 1\n", 6, "", "web", &nine, &text, &n), 0);
	CHECK_INT(n, 12);
	CHECK(memcmp(text, "a\0b 1\nweb 9\n", 12) == 0);
	free(text);
	/* What protect made alone goes with its last line. */
	CHECK_INT(policyfile_edit(NULL, 0, "", "web", &nine, &text, &n), 0);
	{
		char *none;
		size_t none_n;

		CHECK_INT(policyfile_edit(text, n, "", "web", NULL, &none, &none_n), 0);
		CHECK(none == NULL);
	}
	free(text);
}

/* A block without its end cannot be taken out, and so it declares nothing. */
static void test_torn(void)
{
	static const char torn[] = "#!/bin/sh\n# oomkit protect: begin, value -900\necho x\n";
	struct init_declared got;

	CHECK(!init_parse(INIT_RUNIT, torn, strlen(torn), &got));
	CHECK(!init_parse(INIT_SYSV, torn, strlen(torn), &got));
}

int main(void)
{
	test_torn();
	test_rounds();
	test_main_only();
	test_templates();
	test_refused();
	test_garbled();
	test_names();
	test_lines();
	test_policy_edit();
	return check_done();
}
