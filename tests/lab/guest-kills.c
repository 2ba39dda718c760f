/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whom did the kernel kill? Its log tells, in the order of the kills. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest.h"

#define GONE_MS 20000

struct thread {
	pid_t tid, pid;
};

/* A row of the last table of tasks in the log. */
struct row {
	pid_t pid;
	long pages; /* what the badness counts */
	int adj;
};

static struct thread threads[TASKS_MAX];
static size_t n_threads;
static struct row rows[TASKS_MAX];
static size_t n_rows;
static bool wide;   /* 6.8 on: rss by kinds too */
static pid_t asked; /* of the last report that began */

void kills_open(struct lab *l)
{
	l->kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (l->kmsg < 0)
		give_up("/dev/kmsg");
}

/* The number that the text begins with, 0 where it begins with none. */
static pid_t number_of(const char *text)
{
	return (pid_t)strtol(text, NULL, 10);
}

/* ------------------------------------------------------------------ what else counts them */

#define MARKS       "/sys/kernel/tracing/instances/lab"
#define MARKS_KIB   256
#define MARKED_WORD "mark_victim: pid="

/* The kernel marks some that it does not log: who is ending already is only helped to end. Our own
 * instance, for what watch says of them is held against it. */
void marks_start(void)
{
	mkdir(MARKS, 0755);
	if (write_number(MARKS "/buffer_size_kb", MARKS_KIB) ||
	    write_file(MARKS "/events/oom/mark_victim/enable", "1"))
		give_up(MARKS);
}

/* Whom it marked, one a line, and how many its counter has, which rises with each line of the log.
 */
void marks_tell(void)
{
	char line[1024];
	FILE *f = fopen(MARKS "/trace", "re");

	if (!f)
		give_up(MARKS "/trace");
	/* A name in it may break a line: what we look for begins behind it. */
	while (fgets(line, sizeof(line), f)) {
		const char *at = strstr(line, MARKED_WORD);

		if (*line != '#' && at)
			printf("marked %d\n", number_of(at + strlen(MARKED_WORD)));
	}
	fclose(f);
	printf("counted %" PRIu64 "\n", read_field("/proc/vmstat", "oom_kill"));
}

/* ------------------------------------------------------------------ the log */

/* Whom a kill line names, 0 for any other line. mm/oom_kill.c __oom_kill_process(). */
static pid_t killed_by(const char *record)
{
	static const char *const heads[] = {
		"Out of memory: Killed process ",
		"Memory cgroup out of memory: Killed process ",
		"Out of memory (oom_kill_allocating_task): Killed process ",
	};
	const char *text = strchr(record, ';');

	for (size_t i = 0; text && i < ARRAY_SIZE(heads); i++)
		if (strncmp(text + 1, heads[i], strlen(heads[i])) == 0)
			return number_of(text + 1 + strlen(heads[i]));
	return 0;
}

/* mm/oom_kill.c dump_tasks(): a new table begins with its head. */
static void note_row(const char *record)
{
	const char *text = strchr(record, ';');
	/* uid, tgid, total_vm, rss, [rss by kinds,] page tables, swap, adj */
	long v[10] = { 0 };
	size_t n, at = 0;
	char *end;

	if (!text)
		return;
	if (strncmp(text + 1, "[  pid  ]", 9) == 0) {
		wide = strstr(text, "rss_anon");
		n_rows = 0;
	}
	end = strchr(text, ']');
	if (text[1] != '[' || !end || n_rows == TASKS_MAX)
		return;
	n = wide ? 10 : 7;
	for (const char *from = end + 1; at < n; at++) {
		v[at] = strtol(from, &end, 10);
		if (end == from)
			return;
		from = end;
	}
	rows[n_rows++] = (struct row){ .pid = (pid_t)v[1],
				       .pages = v[3] + v[n - 2] + v[n - 3] / PAGE,
				       .adj = (int)v[n - 1] };
}

/* lib/dump_stack.c dump_stack_print_info(), behind the report's first line. */
static void note_invoker(const char *record)
{
	const char *text = strchr(record, ';'), *pid;

	if (!text)
		return;
	if (strstr(text, " invoked oom-killer: "))
		asked = 0;
	pid = strncmp(text + 1, "CPU: ", 5) == 0 ? strstr(text, " PID: ") : NULL;
	if (pid)
		asked = number_of(pid + 6);
}

static const struct row *row_in_log(pid_t pid)
{
	for (size_t i = 0; i < n_rows; i++)
		if (rows[i].pid == pid)
			return &rows[i];
	return NULL;
}

bool kills_show_less(pid_t less, pid_t more)
{
	const struct row *a = row_in_log(less), *b = row_in_log(more);

	return a && b && a->adj == b->adj && a->pages < b->pages;
}

/* The next record, NUL-terminated, or false when there is none within the time. */
static bool next_record(struct lab *l, char *buf, size_t size, unsigned ms)
{
	struct pollfd ready = { .fd = l->kmsg, .events = POLLIN };
	ssize_t n;

	for (;;) {
		n = read(l->kmsg, buf, size - 1);
		if (n > 0)
			break;
		if (n < 0 && errno == EPIPE) {
			printf("guest: the kernel log went over records that were not read\n");
			continue;
		}
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			give_up("/dev/kmsg");
		if (!ms || poll(&ready, 1, (int)ms) <= 0)
			return false;
	}
	buf[n] = '\0';
	if (l->log_fd >= 0 && write(l->log_fd, buf, (size_t)n) < 0)
		give_up("the log");
	note_row(buf);
	note_invoker(buf);
	if (killed_by(buf))
		printf("logged %d\n", killed_by(buf));
	return true;
}

void kills_forget(struct lab *l)
{
	char record[8192];

	while (next_record(l, record, sizeof(record), 0))
		;
}

static void learn_tasks(pid_t pid)
{
	char path[PATH_SIZE];
	const struct dirent *e;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	while (dir && (e = readdir(dir)) && n_threads < TASKS_MAX) {
		pid_t tid = number_of(e->d_name);

		if (tid > 0 && tid != pid)
			threads[n_threads++] = (struct thread){ tid, pid };
	}
	if (dir)
		closedir(dir);
}

void kills_learn_threads(void)
{
	const struct dirent *e;
	DIR *dir = opendir("/proc");

	n_threads = 0;
	if (!dir)
		give_up("/proc");
	while ((e = readdir(dir))) {
		pid_t pid = number_of(e->d_name);

		if (pid > 0)
			learn_tasks(pid);
	}
	closedir(dir);
}

static pid_t process_of(pid_t tid)
{
	for (size_t i = 0; i < n_threads; i++)
		if (threads[i].tid == tid)
			return threads[i].pid;
	return tid;
}

/* mm/memcontrol.c mem_cgroup_print_oom_group() */
static void note_group(struct lab *l, const char *record)
{
	static const char head[] = "Tasks in ";
	static const char tail[] = " are going to be killed due to memory.oom.group set";
	const char *text = strchr(record, ';'), *end;

	if (*l->group || !text || strncmp(text + 1, head, sizeof(head) - 1) != 0)
		return;
	text += sizeof(head);
	end = strstr(text, tail);
	if (end)
		snprintf(l->group, sizeof(l->group), "%.*s", (int)(end - text), text);
}

size_t kills_await(struct lab *l, pid_t *ret, size_t max, unsigned first_ms, unsigned quiet_ms)
{
	const uint64_t end = now_ms() + first_ms;
	char record[8192];
	size_t n = 0;

	l->group[0] = '\0';
	l->first_tid = 0;
	n_rows = 0;
	asked = 0;
	/* Where nobody can be killed the kernel says so again and again: quiet alone is no end. */
	while (n < max && (n || now_ms() < end) &&
	       next_record(l, record, sizeof(record), n ? quiet_ms : first_ms)) {
		pid_t tid = killed_by(record);

		/* What comes after the second OOM began is not of the first one. */
		if (n == 1)
			note_group(l, record);
		if (!tid)
			continue;
		if (n == 0) {
			l->first_tid = tid;
			l->invoker = asked;
		}
		ret[n++] = process_of(tid);
	}
	return n;
}

bool is_gone(pid_t pid)
{
	char path[PATH_SIZE], buf[512];
	const char *state;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (read_file(path, buf, sizeof(buf)) <= 0)
		return true;
	state = strrchr(buf, ')');
	if (!state || (state[2] != 'Z' && state[2] != 'X'))
		return false;
	/* A leader that has ended stands for the threads that go on. */
	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	return read_field(path, "Threads") <= 1;
}

bool await_gone(pid_t pid)
{
	for (unsigned ms = 0; ms < GONE_MS; ms += 5) {
		if (is_gone(pid))
			return true;
		sleep_ms(5);
	}
	return false;
}
