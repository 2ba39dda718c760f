/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What comes out of a log does not depend on how its bytes were cut into pieces, and a line that is
 * too long costs nothing but itself. */
#include "logscan.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

struct told {
	char text[4096];
	size_t n;
};

static void on_event(void *ctx, struct oom_event *e)
{
	struct told *to = ctx;

	to->n += (size_t)snprintf(to->text + to->n, sizeof(to->text) - to->n, "%d-%d %s\n",
				  (int)e->first_line, (int)e->last_line,
				  oomlog_is_complete(e) ? "whole" : "not whole");
	for (size_t i = 0; i < e->n_kills && to->n < sizeof(to->text); i++)
		to->n += (size_t)snprintf(to->text + to->n, sizeof(to->text) - to->n,
					  "%d of %zu rows: %s\n", e->kills[i].pid, e->n_rows,
					  e->kills[i].comm ? e->kills[i].comm : "?");
	CHECK(to->n < sizeof(to->text));
}

static void on_text(void *ctx, const struct logtext *t)
{
	oomlog_feed(ctx, t);
}

/* Puts log in pieces of so many bytes. */
static struct told scan(const char *log, size_t n, size_t piece)
{
	struct logline_options opt = { 0 };
	struct told told = { 0 };
	struct oomlog *parser = oomlog_new(on_event, &told);
	struct logline lines;
	struct logscan s;

	CHECK(parser != NULL);
	CHECK_INT(logline_init(&lines, &opt, on_text, parser), 0);
	CHECK_INT(logscan_init(&s, &lines, parser), 0);
	while (n) {
		size_t some = n < piece ? n : piece;

		memcpy(logscan_room(&s), log, some);
		logscan_put(&s, some);
		log += some;
		n -= some;
	}
	logscan_end(&s);
	oomlog_end(parser);
	CHECK_INT(oomlog_error(parser), 0);
	logscan_free(&s);
	logline_free(&lines);
	oomlog_free(parser);
	return told;
}

static const char event[] =
	"[  1.000001] a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
	"[  1.000002] memory: usage 48kB, limit 48kB, failcnt 1\n"
	"[  1.000003] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents "
	"oom_score_adj name\n"
	"[  1.000004] [      7]     0     7        2        1     4096        0             5 b c\n"
	"[  1.000006] Memory cgroup out of memory: Killed process 7 (b c) total-vm:8kB, "
	"anon-rss:4kB, file-rss:0kB, shmem-rss:0kB\n";

/* The table and the kill of an event whose beginning is lost. */
static const char rest[] =
	"[  1.000003] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents adj name\n"
	"[  1.000004] [      8]     0     8        2        1     4096        0             5 d\n"
	"[  1.000004] [      9]     0     9        2        1     4096        0             5 e\n"
	"[  1.000006] Memory cgroup out of memory: Killed process 8 (d) total-vm:8kB, "
	"anon-rss:4kB, file-rss:0kB, shmem-rss:0kB\n";

static const char json[] =
	"{\n\t\"_HOSTNAME\" : \"h\",\n\t\"MESSAGE\" : \"Out of memory: Killed process 10 (f) "
	"total-vm:8kB, anon-rss:4kB, file-rss:0kB\",\n\t\"SYSLOG_IDENTIFIER\" : \"kernel\"\n}\n";

/* The bytes of "Killed process 11 (g) total-vm:8kB", as the journal writes them. */
static const char bytes[] =
	"{\"SYSLOG_IDENTIFIER\":\"kernel\",\"MESSAGE\":[75,105,108,108,101,100,32,112,114,111,99,"
	"101,115,115,32,49,49,32,40,103,41,32,116,111,116,97,108,45,118,109,58,56,107,66]}\n";

static const char export[] =
	"__CURSOR=1\nMESSAGE=Out of memory: Killed process 12 (h) total-vm:8kB, anon-rss:4kB, "
	"file-rss:0kB\n_HOSTNAME=h\nSYSLOG_IDENTIFIER=kernel\n\n";

/* Puts lines of noise, in all so many bytes. */
static size_t noise(char *to, size_t n)
{
	static const char line[] = "Nov 23 09:00:00 web-1 sshd[1]: Failed password for zoom\n";
	size_t at = 0;

	while (at + sizeof(line) - 1 <= n) {
		memcpy(to + at, line, sizeof(line) - 1);
		at += sizeof(line) - 1;
	}
	return at;
}

static size_t put(char *log, size_t n, const char *s)
{
	memcpy(log + n, s, strlen(s));
	return n + strlen(s);
}

static void test_pieces(void)
{
	static const char *const parts[] = { event, rest, json, bytes, export };
	static const size_t pieces[] = { 1, 7, 4096, 65536, LOGSCAN_READ };
	size_t size = 2000000, n = 0;
	char *log = malloc(size);
	struct told whole;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		n += noise(log + n, 150000);
		n = put(log, n, parts[i]);
		n += noise(log + n, 3000);
	}
	whole = scan(log, n, LOGSCAN_READ);
	CHECK_STR(whole.text, "2679-2683 whole\n7 of 1 rows: b c\n"
			      "5415-5418 not whole\n8 of 2 rows: d\n"
			      "8154-8154 not whole\n10 of 0 rows: f\n"
			      "10886-10886 not whole\n11 of 0 rows: g\n"
			      "13622-13622 not whole\n12 of 0 rows: h\n");
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
		CHECK_STR(scan(log, n, pieces[i]).text, whole.text);
	free(log);
}

/* Around the bound of a line, byte by byte: what stands behind it is found. */
static void test_long_lines(void)
{
	char *log = malloc(LOGLINE_RECORD_MAX + 2 * sizeof(event) + 100);

	for (int more = -3; more <= 3; more++) {
		size_t n = LOGLINE_RECORD_MAX + (size_t)more;

		memset(log, 'x', n);
		log[n++] = '\n';
		n = put(log, n, event);
		CHECK_STR(scan(log, n, LOGSCAN_READ).text, "2-6 whole\n7 of 1 rows: b c\n");
		CHECK_STR(scan(log, n, 4099).text, "2-6 whole\n7 of 1 rows: b c\n");
	}
	/* One that begins as an event does is told to be cut. */
	memset(log, 'x', LOGLINE_RECORD_MAX + 50);
	memcpy(log, event, strlen("[  1.000001] a invoked oom-killer: gfp_mask=0xcc0"));
	CHECK_STR(scan(log, LOGLINE_RECORD_MAX + 50, LOGSCAN_READ).text, "1-1 not whole\n");
	free(log);
}

static void test_last_line(void)
{
	CHECK_STR(scan(event, sizeof(event) - 2, 100).text, "1-5 whole\n7 of 1 rows: b c\n");
	CHECK_STR(scan(event, 0, 100).text, "");
}

int main(void)
{
	test_pieces();
	test_long_lines();
	test_last_line();
	return check_done();
}
