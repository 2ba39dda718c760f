/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How fast can it be at all? Reads, for each process, the files that an answer needs, and does
 * nothing with them: one listing of /proc, then openat, read and close of PID/FILE through its fd.
 * No program that reads these files one after the other through the same calls can be faster.
 *
 *     floor one        oom_score: what a ranking by the kernel's own number needs
 *     floor model      oom_score, oom_score_adj, stat and status: what the kernel's rule is made of
 *     floor FILE...    these files
 *     floor --bytes FILE...    these files, and prints: processes, bytes read
 *     floor cgroup DIR FILE...    these files of DIR and of all directories below: each directory
 *                              opened and listed, each file opened through it, read and closed
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILES_MAX 8

struct pids {
	char (*name)[12]; /* as the directory has it: a pid is never made a number */
	size_t n, room;
};

static int list_pids(int proc_fd, struct pids *ret)
{
	struct dirent *entry;
	DIR *dir = fdopendir(dup(proc_fd));

	if (!dir)
		return -errno;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9' || strlen(entry->d_name) > 11)
			continue;
		if (ret->n == ret->room) {
			const size_t room = ret->room ? 2 * ret->room : 1024;
			void *name = realloc(ret->name, room * sizeof(*ret->name));

			if (!name)
				break;
			ret->name = name;
			ret->room = room;
		}
		memcpy(ret->name[ret->n++], entry->d_name, strlen(entry->d_name) + 1);
	}
	closedir(dir);
	return 0;
}

/* Returns the bytes of one file; 0 where the process is gone or refuses. */
static size_t read_file(int proc_fd, const char *path)
{
	char buf[4096];
	ssize_t n;
	int fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	n = read(fd, buf, sizeof(buf));
	close(fd);
	return n > 0 ? (size_t)n : 0;
}

static uint64_t read_all(int proc_fd, const struct pids *pids, const char *const *files,
			 size_t n_files)
{
	uint64_t bytes = 0;
	char path[64];

	for (size_t i = 0; i < pids->n; i++) {
		const size_t len = strlen(pids->name[i]);

		memcpy(path, pids->name[i], len);
		path[len] = '/';
		for (size_t k = 0; k < n_files; k++) {
			memcpy(path + len + 1, files[k], strlen(files[k]) + 1);
			bytes += read_file(proc_fd, path);
		}
	}
	return bytes;
}

static size_t choose_files(int argc, char **argv, const char **files)
{
	static const char *const model[] = { "oom_score", "oom_score_adj", "stat", "status" };
	size_t n = 0;

	if (argc == 1 && strcmp(argv[0], "model") == 0) {
		memcpy(files, model, sizeof(model));
		return sizeof(model) / sizeof(model[0]);
	}
	if (argc == 1 && strcmp(argv[0], "one") == 0) {
		files[0] = "oom_score";
		return 1;
	}
	for (; argc > 0 && n < FILES_MAX && strlen(*argv) < 48; argc--, argv++)
		files[n++] = *argv;
	return argc ? 0 : n;
}

/* Reads one directory and all below it; path[0..n) is where it is, below the directory top. Returns
 * how many directories there were, or 0 where this one could not be read. */
static size_t read_tree(int top, char *path, size_t n, char *const *files)
{
	int fd = openat(top, n ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *entry;
	size_t found = 1;
	DIR *dir;

	if (fd < 0)
		return 0;
	for (char *const *file = files; *file; file++)
		read_file(fd, *file);
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return 0;
	}
	while ((entry = readdir(dir))) {
		const size_t len = strlen(entry->d_name), at = n ? n + 1 : 0;

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.' || at + len >= PATH_MAX)
			continue;
		if (n)
			path[n] = '/';
		memcpy(path + at, entry->d_name, len + 1);
		found += read_tree(top, path, at + len, files);
		path[n] = '\0';
	}
	closedir(dir);
	return found;
}

static int read_cgroups(const char *dir, char *const *files)
{
	char path[PATH_MAX] = "";
	int top = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	size_t n = top < 0 ? 0 : read_tree(top, path, 0, files);

	if (n == 0)
		perror(dir);
	if (top >= 0)
		close(top);
	return n == 0;
}

int main(int argc, char **argv)
{
	const bool tell = argc > 1 && strcmp(argv[1], "--bytes") == 0;
	const char *files[FILES_MAX];
	const size_t n_files = choose_files(argc - 1 - tell, argv + 1 + tell, files);
	struct pids pids = { 0 };
	uint64_t bytes;
	int proc_fd;

	if (argc > 2 && strcmp(argv[1], "cgroup") == 0)
		return read_cgroups(argv[2], argv + 3);
	if (!n_files) {
		fprintf(stderr,
			"Usage: floor one | model | [--bytes] FILE... | cgroup DIR FILE...\n");
		return 2;
	}
	proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (proc_fd < 0 || list_pids(proc_fd, &pids)) {
		perror("floor: /proc");
		return 1;
	}
	bytes = read_all(proc_fd, &pids, files, n_files);
	if (tell)
		printf("%zu %llu\n", pids.n, (unsigned long long)bytes);
	free(pids.name);
	close(proc_fd);
	return fflush(stdout) ? 1 : 0;
}
