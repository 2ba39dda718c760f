/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How does the guest run a program, read and write the kernel's files, and make itself a swap? */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

void give_up(const char *what)
{
	printf("guest: %s: %s\n", what, strerror(errno));
	fflush(stdout);
	sync();
	reboot(RB_POWER_OFF);
	_exit(1);
}

int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return -errno;
	ret = write(fd, text, strlen(text)) < 0 ? -errno : 0;
	close(fd);
	return ret;
}

int write_number(const char *path, uint64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, n);
	return write_file(path, text);
}

int read_file(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t n = 0;
	ssize_t got;

	if (fd < 0)
		return -errno;
	while (n < size - 1 && (got = read(fd, buf + n, size - 1 - n)) > 0)
		n += (size_t)got;
	close(fd);
	buf[n] = '\0';
	return (int)n;
}

uint64_t read_number(const char *path)
{
	char buf[64];

	return read_file(path, buf, sizeof(buf)) > 0 ? strtoull(buf, NULL, 10) : UINT64_MAX;
}

uint64_t read_field(const char *path, const char *key)
{
	static char buf[16384];
	const size_t n = strlen(key);
	const char *line = buf;

	if (read_file(path, buf, sizeof(buf)) <= 0)
		return UINT64_MAX;
	while (line) {
		if (strncmp(line, key, n) == 0 && (line[n] == ' ' || line[n] == ':'))
			return strtoull(line + n + 1, NULL, 10);
		line = strchr(line, '\n');
		line += line != NULL;
	}
	return UINT64_MAX;
}

json_t *run_json(const char *const *argv)
{
	json_error_t error;
	int out[2];
	json_t *json;
	pid_t child;
	FILE *f;

	if (pipe2(out, O_CLOEXEC))
		give_up("pipe");
	child = fork();
	if (child < 0)
		give_up("fork");
	if (child == 0) {
		dup2(out[1], STDOUT_FILENO);
		execv(argv[0], (char *const *)argv);
		_exit(127);
	}
	close(out[1]);
	f = fdopen(out[0], "r");
	json = json_loadf(f, 0, &error);
	fclose(f);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	return json;
}

int mount_at(const char *type, const char *path, const char *options)
{
	mkdir(path, 0755);
	return mount(type, path, type, 0, options) ? -errno : 0;
}

/* Raw: a line discipline would turn each \n of a log into \r\n. */
int open_serial(const char *path)
{
	int fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
	struct termios t;

	if (fd >= 0 && tcgetattr(fd, &t) == 0) {
		cfmakeraw(&t);
		tcsetattr(fd, TCSANOW, &t);
	}
	return fd;
}

/* In the order of their names, which the lab has put them into. */
void load_modules(const char *dir)
{
	char pattern[PATH_SIZE];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s/*.ko", dir);
	if (glob(pattern, 0, NULL, &found))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		int fd = open(found.gl_pathv[i], O_RDONLY | O_CLOEXEC);

		if (fd >= 0 && syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST)
			printf("guest: %s: %s\n", found.gl_pathv[i], strerror(errno));
		close(fd);
	}
	globfree(&found);
}

/* A swap area as mkswap(8) writes it (include/linux/swap.h, union swap_header): version 1, the
 * last page, the magic at the end of the first page. */
static int swap_on_device(const char *path, uint64_t bytes)
{
	static const char magic[] = "SWAPSPACE2";
	unsigned char page[PAGE] = { 0 };
	uint32_t words[2] = { 1, (uint32_t)(bytes / PAGE - 1) };
	int fd;

	memcpy(page + 1024, words, sizeof(words));
	memcpy(page + PAGE - (sizeof(magic) - 1), magic, sizeof(magic) - 1);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0 || write(fd, page, PAGE) != PAGE || fsync(fd))
		return -errno;
	close(fd);
	return swapon(path, 0) ? -errno : 0;
}

/* In memory where the kernel has zram, else on the disk that the emulator gives. */
int swap_on(uint64_t bytes)
{
	write_file("/sys/block/zram0/comp_algorithm", "lzo-rle");
	if (write_number("/sys/block/zram0/disksize", bytes) == 0)
		return swap_on_device("/dev/zram0", bytes);
	return swap_on_device("/dev/nvme0n1", bytes);
}

uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void sleep_ms(unsigned ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };

	while (nanosleep(&t, &t) && errno == EINTR)
		;
}
