/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest stands still: where, and who waits for whom? A process of its own looks whether
 * anything was told lately, and if not tells of pid 1 and of all others. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guest.h"

/* Longer than anything that a round waits for. */
#define STILL_MS 60000
#define LOOK_MS  1000

static volatile uint64_t *last_ms;

void still_alive(void)
{
	*last_ms = now_ms();
}

/* The file of a process on one line, or nothing of it. */
static void tell_file(const char *pid, const char *name)
{
	char path[PATH_SIZE], buf[2048];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%s/%s", pid, name);
	n = read_file(path, buf, sizeof(buf));
	for (ssize_t i = 0; i < n; i++)
		if (buf[i] == '\n')
			buf[i] = '|';
	printf(" %s: %s", name, n > 0 ? buf : "?");
}

static void tell_all(void)
{
	const struct dirent *e;
	DIR *dir = opendir("/proc");

	printf("guest: stands still, %llu KiB free\n",
	       (unsigned long long)read_field("/proc/meminfo", "MemFree"));
	while (dir && (e = readdir(dir))) {
		if (strtol(e->d_name, NULL, 10) <= 0)
			continue;
		printf("still");
		tell_file(e->d_name, "stat");
		tell_file(e->d_name, "stack");
		printf("\n");
	}
	if (dir)
		closedir(dir);
	fflush(stdout);
}

void still_start(void)
{
	pid_t pid;

	last_ms = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (last_ms == MAP_FAILED)
		give_up("mmap");
	still_alive();
	pid = fork();
	if (pid < 0)
		give_up("fork");
	if (pid)
		return;
	/* Nobody's victim, as watch is. */
	write_file("/proc/self/oom_score_adj", "-1000");
	for (;;) {
		sleep_ms(LOOK_MS);
		if (now_ms() - *last_ms < STILL_MS)
			continue;
		tell_all();
		still_alive();
	}
}
