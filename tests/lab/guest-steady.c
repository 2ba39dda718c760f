/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does oomkit watch go on while the machine itself is out of memory? A watch of its own, which has
 * every capability and starts with an oom_score_adj of 0; then all memory is taken and held, until
 * a crowd has been killed. Each of them must have been told and had its hook, from memory that was
 * there before.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest-adj.h"

#define TOLD   "/tmp/steady.told"
#define WORDS  "/tmp/steady.words"
#define HOOKED "/tmp/steady.hooked"
#define HOOK   "/hook"
/* What watch has by its manual. */
#define LOWERED (-900)
/* More than hooks may run at once. */
#define KILLS 8
/* There are more to choose from: a kernel kills once more where what the last one held has not yet
 * come back when it looks. What one leaves is enough for all hooks at once. */
#define VICTIMS    12
#define VICTIM_MIB 8
/* The emulator may have little of its processor. */
#define LONG_MS    60000
#define LOOK_MS    20
#define QUIET_MS   500
#define LOOK_PAGES 4

/* ------------------------------------------------------------------ the hook */

/* Pid 1's own program under another name: a line for each event that it was run for. */
int steady_hook(void)
{
	const char *pid = getenv("OOM_PID"), *event = getenv("OOM_EVENT");
	int fd = open(HOOKED, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644), n;
	char line[64];

	n = snprintf(line, sizeof(line), "%s %s\n", event, pid ? pid : "-");
	return fd < 0 || write(fd, line, (size_t)n) != n;
}

/* ------------------------------------------------------------------ watch */

static void dup_file(const char *path, int to)
{
	dup2(open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), to);
}

static bool has_word(const char *path, const char *word)
{
	static char buf[65536];

	return read_file(path, buf, sizeof(buf)) > 0 && strstr(buf, word);
}

static pid_t start(void)
{
	static const char *const argv[] = { OOMKIT, "watch", "-J", "--exec", HOOK, NULL };
	const uint64_t end = now_ms() + LONG_MS;
	pid_t pid = fork();

	if (pid < 0)
		give_up("fork");
	if (pid == 0) {
		dup_file(TOLD, STDOUT_FILENO);
		dup_file(WORDS, STDERR_FILENO);
		execv(argv[0], (char *const *)argv);
		_exit(127);
	}
	while (!has_word(WORDS, "watching: ") && now_ms() < end)
		sleep_ms(LOOK_MS);
	return pid;
}

static void end(const struct lab *l, pid_t pid)
{
	int status = 0;

	kill(pid, SIGTERM);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	check(l, WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM, "it ends as it was told to",
	      NULL);
}

static pid_t only_child(pid_t pid)
{
	char path[PATH_SIZE], buf[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
	return read_file(path, buf, sizeof(buf)) > 0 ? (pid_t)strtol(buf, NULL, 10) : 0;
}

/* ------------------------------------------------------------------ its memory */

static uint64_t status_kib(pid_t pid, const char *key)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	return read_field(path, key);
}

/* KiB of mappings that are resident and not locked. The kernel's own, [vvar] and [vdso], cannot be:
 * mm/mlock.c mlock_fixup() passes over what is special. */
static uint64_t loose_kib(pid_t pid)
{
	char path[PATH_SIZE], line[512], name[sizeof(line)] = "";
	uint64_t rss = 0, loose = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/smaps", pid);
	f = fopen(path, "re");
	if (!f)
		return UINT64_MAX;
	while (fgets(line, sizeof(line), f)) {
		if (isxdigit(line[0]) && !isupper(line[0]))
			memcpy(name, line, sizeof(name));
		else if (strncmp(line, "Rss:", 4) == 0)
			rss = strtoull(line + 4, NULL, 10);
		else if (strncmp(line, "VmFlags:", 8) == 0 && !strstr(line, " lo ") &&
			 !strstr(name, "[v"))
			loose += rss;
	}
	fclose(f);
	return loose;
}

static void check_steady(const struct lab *l, pid_t pid)
{
	check(l, value_of(pid) == LOWERED, "it has lowered its own oom_score_adj", NULL);
	check(l, value_of(only_child(pid)) == 0, "and its helper has the one it was started with",
	      NULL);
	check(l, status_kib(pid, "VmLck") >= status_kib(pid, "VmRSS"), "its memory is locked",
	      NULL);
	check(l, loose_kib(pid) == 0, "to the last resident page", NULL);
}

/* ------------------------------------------------------------------ who takes memory */

static void touch(uint64_t bytes)
{
	volatile char *p =
		mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		_exit(4);
	for (uint64_t i = 0; i < bytes; i += PAGE)
		p[i] = 1;
}

/* Dies before anybody who has 0. */
static void victim_start(struct filler *v)
{
	int go;

	if (!stand_by(v, &go)) {
		await_adj(v->pid, "500");
		return;
	}
	touch(VICTIM_MIB * MIB);
	if (write_file("/proc/self/oom_score_adj", "500"))
		_exit(2);
	for (;;)
		pause();
}

/* Takes all there is until so many have been killed, and keeps it. */
static void taker_start(struct filler *f, uint64_t kills)
{
	char byte;
	int go;

	if (!stand_by(f, &go)) {
		await_adj(f->pid, "-1000");
		return;
	}
	if (write_file("/proc/self/oom_score_adj", "-1000") || read(go, &byte, 1) != 1)
		_exit(2);
	while (read_field("/proc/vmstat", "oom_kill") < kills)
		touch((uint64_t)LOOK_PAGES * PAGE);
	for (;;)
		pause();
}

/* ------------------------------------------------------------------ what came of it */

/* How many of the killed are in the file, once each, between these words. */
static size_t told_of(const char *path, const char *front, const char *behind, const pid_t *killed,
		      size_t n)
{
	static char buf[65536];
	char want[64];
	size_t found = 0;

	if (read_file(path, buf, sizeof(buf)) <= 0)
		return 0;
	for (size_t i = 0; i < n; i++) {
		const char *at;

		snprintf(want, sizeof(want), "%s%d%s", front, (int)killed[i], behind);
		at = strstr(buf, want);
		found += at && !strstr(at + 1, want);
	}
	return found;
}

static size_t lines_of(const char *path)
{
	static char buf[65536];
	size_t n = 0;

	if (read_file(path, buf, sizeof(buf)) > 0)
		for (const char *p = buf; (p = strchr(p, '\n')); p++)
			n++;
	return n;
}

static size_t count_victims(const pid_t *killed, size_t n, const struct filler *victims)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < VICTIMS; k++)
			found += killed[i] == victims[k].pid;
	return found;
}

/* All that are killed until each has had its hook and no more come. */
static size_t await_crowd(struct lab *l, pid_t *killed)
{
	size_t n = kills_await(l, killed, KILLS, LONG_MS, LONG_MS), more;

	do {
		const uint64_t end = now_ms() + LONG_MS;

		while (lines_of(HOOKED) < n && now_ms() < end)
			sleep_ms(LOOK_MS);
		more = kills_await(l, killed + n, VICTIMS - n, QUIET_MS, QUIET_MS);
		n += more;
	} while (more);
	return n;
}

static void check_told(const struct lab *l, const pid_t *killed, size_t n)
{
	struct said words = { 0 };

	read_file(WORDS, words.err, sizeof(words.err));
	read_file(HOOKED, words.out, sizeof(words.out));
	check(l, told_of(TOLD, "\"pid\": ", ", ", killed, n) == n && lines_of(TOLD) == n,
	      "each kill is told, once", &words);
	check(l, told_of(HOOKED, "oom_kill ", "\n", killed, n) == n && lines_of(HOOKED) == n,
	      "and has had its hook while memory was out", &words);
	/* Which sources it has, and nothing else: no hook failed, the helper is there. */
	check(l, lines_of(WORDS) == 1, "nothing went wrong on the way", &words);
}

void round_steady(struct lab *l, uint64_t *random)
{
	struct filler ballast, taker, victims[VICTIMS];
	const uint64_t before = read_field("/proc/vmstat", "oom_kill");
	pid_t killed[VICTIMS] = { 0 }, watch;
	char what[96];
	uint64_t room;
	size_t n;

	(void)random;
	l->constraint = "none";
	if (symlink("/init", HOOK) && errno != EEXIST)
		give_up(HOOK);
	unlink(HOOKED);
	unlink(WORDS);
	for (size_t i = 0; i < VICTIMS; i++)
		victim_start(&victims[i]);
	watch = start();
	check_steady(l, watch);
	room = status_kib(watch, "VmSize");
	ballast_start(&ballast, NULL, MIB, machine_is_full, NULL);
	taker_start(&taker, before + KILLS);
	kills_forget(l);
	filler_go(&taker);
	n = await_crowd(l, killed);
	check(l, n >= KILLS && count_victims(killed, n, victims) == n,
	      "a machine without memory kills a crowd", NULL);
	check_told(l, killed, n);
	check(l, read_field("/proc/vmstat", "oom_kill") == before + n, "and nobody else", NULL);
	snprintf(what, sizeof(what), "watch has taken no memory meanwhile: %llu KiB, %llu before",
		 (unsigned long long)status_kib(watch, "VmSize"), (unsigned long long)room);
	check(l, status_kib(watch, "VmSize") == room && loose_kib(watch) == 0, what, NULL);
	filler_end(&taker);
	filler_end(&ballast);
	for (size_t i = 0; i < VICTIMS; i++)
		filler_end(&victims[i]);
	end(l, watch);
}
