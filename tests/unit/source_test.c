/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The texts that watch's sources read: records of the kernel's log, a trace event's format and its
 * lines, the triggers of pressure. */
#include <errno.h>
#include <stdlib.h>

#include "check.h"
#include "kmsg.h"
#include "psi.h"
#include "tracefs.h"

/* A copy without a NUL behind it: a parser that reads on is caught by the sanitizer and valgrind.
 */
static char *exact(const char *text, size_t *n)
{
	char *copy;

	*n = strlen(text);
	copy = malloc(*n ? *n : 1);
	memcpy(copy, text, *n);
	return copy;
}

static int record(const char *text, struct kmsg_record *r, char *body, size_t size)
{
	size_t n;
	char *copy = exact(text, &n);
	int ret = kmsg_parse(copy, n, r);

	if (ret == 0)
		snprintf(body, size, "%.*s", (int)r->n, r->text);
	free(copy);
	return ret;
}

static void test_records(void)
{
	struct kmsg_record r;
	char body[128];

	CHECK_INT(record("6,339,5140900,-;NET: Registered protocol\n", &r, body, 128), 0);
	CHECK_INT(r.seq, 339);
	CHECK_INT(r.usec, 5140900);
	CHECK_STR(body, "NET: Registered protocol");
	/* With a caller, and a dictionary behind. */
	CHECK_INT(record("4,12,7,-,caller=T5;a;b\n SUBSYSTEM=acpi\n", &r, body, 128), 0);
	CHECK_STR(body, "a;b");
	/* 3.5 has no flag. */
	CHECK_INT(record("6,1,2;x", &r, body, 128), 0);
	CHECK_STR(body, "x");
	CHECK_INT(record("6,1,2", &r, body, 128), -EINVAL);
	CHECK_INT(record("6;1,2", &r, body, 128), -EINVAL);
	CHECK_INT(record("x,1,2,-;a", &r, body, 128), -EINVAL);
	CHECK_INT(record("6,99999999999999999999,2,-;a", &r, body, 128), -EINVAL);
	CHECK_INT(record("", &r, body, 128), -EINVAL);
}

static const char format_618[] =
	"name: mark_victim\nID: 420\nformat:\n"
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
	"\nprint fmt: \"pid=%d comm=%s total-vm=%lukB anon-rss=%lukB file-rss:%lukB "
	"shmem-rss:%lukB uid=%u pgtables=%lukB oom_score_adj=%hd\", REC->pid, __get_str(comm), "
	"REC->total_vm, REC->anon_rss\n";

static int line(const char *format, const char *text, struct sighting *s)
{
	struct tracefs_format f;
	size_t n;
	char *copy = exact(format, &n);
	int r = tracefs_parse_format(copy, n, &f);

	free(copy);
	if (r < 0)
		return r;
	copy = exact(text, &n);
	r = tracefs_parse_line(&f, copy, n, s);
	free(copy);
	return r;
}

static void test_trace_lines(void)
{
	static const char head[] =
		"            bash-1234    [001] .....  5025.303308: mark_victim: ";
	struct sighting s;
	char text[512];

	snprintf(text, sizeof(text),
		 "%spid=77 comm=py total-vm=100kB anon-rss=20kB file-rss:3kB shmem-rss:4kB uid=5 "
		 "pgtables=6kB oom_score_adj=-7",
		 head);
	CHECK_INT(line(format_618, text, &s), 1);
	CHECK_INT(s.pid, 77);
	CHECK_STR(s.comm, "py");
	CHECK_INT(s.total_vm_kib, 100);
	CHECK_INT(s.anon_kib, 20);
	CHECK_INT(s.file_kib, 3);
	CHECK_INT(s.shmem_kib, 4);
	CHECK_INT(s.uid, 5);
	CHECK_INT(s.pgtables_kib, 6);
	CHECK_INT(s.oom_score_adj, -7);
	CHECK_INT(s.mono_usec, 5025303308);

	/* A name that looks like the rest, and one with a newline in it. */
	snprintf(text, sizeof(text),
		 "%spid=77 comm=a total-vm=1kB total-vm=100kB anon-rss=20kB file-rss:3kB "
		 "shmem-rss:4kB uid=5 pgtables=6kB oom_score_adj=0",
		 head);
	CHECK_INT(line(format_618, text, &s), 1);
	CHECK_STR(s.comm, "a total-vm=1kB");
	CHECK_INT(s.total_vm_kib, 100);
	snprintf(text, sizeof(text),
		 "%spid=77 comm=a\nb total-vm=100kB anon-rss=20kB file-rss:3kB shmem-rss:4kB uid=5 "
		 "pgtables=6kB oom_score_adj=0",
		 head);
	CHECK_INT(line(format_618, text, &s), 1);
	CHECK_STR(s.comm, "a\nb");
	/* Whoever ran then may bear such a name, too. */
	CHECK_INT(line("print fmt: \"pid=%d\", REC->pid\n",
		       ": mark_victim: -9 [000] d.. 12.000001: mark_victim: pid=8", &s),
		  1);
	CHECK_INT(s.pid, 8);
	CHECK_INT(s.mono_usec, 12000001);
	CHECK_INT(s.have, SIGHT_HAVE_PID);

	CHECK_INT(line(format_618, "CPU:1 [LOST 15 EVENTS]", &s), -ENODATA);
	CHECK_INT(s.kind, SIGHT_GAP);
	CHECK_INT(s.lost, 15);
	CHECK_INT(line(format_618, "##### CPU 1 buffer started ####", &s), 0);
	CHECK_INT(line(format_618, "", &s), 0);
	/* Cut short. */
	snprintf(text, sizeof(text), "%spid=77 comm=py total-vm=100kB anon-rss=2", head);
	CHECK_INT(line(format_618, text, &s), 0);
}

static void test_trace_formats(void)
{
	struct sighting s;

	CHECK_INT(line("", "x", &s), -EINVAL);
	CHECK_INT(line("print fmt: \"comm=%s\", x", "x", &s), -EINVAL);
	CHECK_INT(line("print fmt: \"pid=%", "x", &s), -EINVAL);
	CHECK_INT(line("print fmt: \"no values\"", "x", &s), -EINVAL);
	/* Fields that are not known are passed over. */
	CHECK_INT(line("print fmt: \"pid=%d new=%llx uid=%u\", REC",
		       "a-1 [0] 1.000000: mark_victim: "
		       "pid=4 new=12 uid=9",
		       &s),
		  1);
	CHECK_INT(s.uid, 9);
}

static const char *trigger(const char *level)
{
	static char buf[64];

	return psi_trigger(level, buf, sizeof(buf)) < 0 ? "none" : buf;
}

static void test_triggers(void)
{
	CHECK_STR(trigger("low"), "some 100000 2000000\n");
	CHECK_STR(trigger("critical"), "full 200000 2000000\n");
	CHECK_STR(trigger("some:15"), "some 300000 2000000\n");
	CHECK_STR(trigger("full:100"), "full 2000000 2000000\n");
	CHECK_STR(trigger("full:0"), "none");
	CHECK_STR(trigger("full:101"), "none");
	CHECK_STR(trigger("all:10"), "none");
	CHECK_STR(trigger("some:"), "none");
	CHECK_STR(trigger("lo"), "none");
	CHECK_STR(trigger(""), "none");
}

int main(void)
{
	test_records();
	test_trace_lines();
	test_trace_formats();
	test_triggers();
	return check_done();
}
