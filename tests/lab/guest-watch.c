/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does oomkit watch tell every kill of this guest? It runs from the first round to the last, and
 * what it tells goes to a serial line of its own. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#define WORDS    "/tmp/watch.words"
#define READY_MS 60000
/* A counter that rose waits a second for a name. */
#define SETTLE_MS 2500
#define END_MS    20000

static uint64_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : (uint64_t)st.st_size;
}

pid_t watch_start(void)
{
	const uint64_t end = now_ms() + READY_MS;
	const char *const argv[] = { "/oomkit", "watch", "-J", NULL };
	pid_t pid = fork();
	int words;

	if (pid < 0)
		give_up("fork");
	if (pid == 0) {
		/* Nobody's victim, for the ranking has no part in this. */
		write_file("/proc/self/oom_score_adj", "-1000");
		words = open(WORDS, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

		dup2(open_serial("/dev/ttyS3"), STDOUT_FILENO);
		dup2(words, STDERR_FILENO);
		execv(argv[0], (char *const *)argv);
		_exit(127);
	}
	/* It says from where it hears once it does. */
	while (size_of(WORDS) == 0 && now_ms() < end && waitpid(pid, NULL, WNOHANG) == 0)
		sleep_ms(10);
	return pid;
}

void watch_end(pid_t pid)
{
	const uint64_t end = now_ms() + SETTLE_MS + END_MS;
	char words[4096], *save = NULL;
	int status = 0;

	sleep_ms(SETTLE_MS);
	kill(pid, SIGTERM);
	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (now_ms() > end)
			kill(pid, SIGKILL);
		sleep_ms(10);
	}
	printf("watch-ended %d\n", status);
	if (read_file(WORDS, words, sizeof(words)) <= 0)
		return;
	for (char *w = strtok_r(words, "\n", &save); w; w = strtok_r(NULL, "\n", &save))
		printf("watch-said %s\n", w);
}
