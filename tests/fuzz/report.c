/* SPDX-License-Identifier: GPL-2.0-or-later */
/* parse-log as a whole, in every format: no control byte of a log leaves the writer, what is UTF-8
 * stays UTF-8, JSON is JSON. The first byte chooses the format. */
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli.h"
#include "fuzz.h"

extern const struct command command_parse_log;

static char *const formats[][3] = {
	{ "--why", "--tasks", "-q" },
	{ "--format=table", "--why", "--tasks" },
	{ "--format=json", "--why", "--tasks" },
	{ "--format=ndjson", "--why", "--tasks" },
	{ "--format=csv", "-O", "--why" },
	{ "--format=tsv", "-O", "--why" },
	{ "--format=prom", "-O", "--why" },
	{ "--summary", "--format=table", "--bytes" },
	{ "--summary", "--format=json", "--bytes" },
	{ "--html=-", "--why", "--tasks" },
	{ "--color=always", "--why", "--tasks" },
};

/* UTF-8 without what a terminal may act upon: C0 but newline and the format's own tab, DEL, C1. */
static bool is_clean(const char *s, size_t n, bool color)
{
	const unsigned char *p = (const unsigned char *)s, *end = p + n;

	while (p < end) {
		unsigned c = *p++, more = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;

		if (c >= 0x80 && (c < 0xc2 || c > 0xf4 || (size_t)(end - p) < more))
			return false;
		if (c == 0xc2 && *p < 0xa0)
			return false;
		while (more--)
			if ((*p++ & 0xc0) != 0x80)
				return false;
		/* Our own colours are "ESC [ digits m". */
		if (c == '\033' && color && p < end && *p == '[') {
			while (p < end && *p != 'm')
				if (!strchr("[0123456789;", *p++))
					return false;
			continue;
		}
		if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

/* --html - writes to stdout itself, which is a file of ours from the first input on. */
static int own_stdout(void)
{
	static int fd = -1;

	if (fd < 0) {
		fd = memfd_create("page", MFD_CLOEXEC);
		MUST(fd >= 0 && dup2(fd, STDOUT_FILENO) == STDOUT_FILENO);
	}
	MUST(ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

static char *read_page(int fd, size_t *n)
{
	off_t end = lseek(fd, 0, SEEK_END);
	char *s = malloc((size_t)end + 1);

	MUST(s && end > 0 && pread(fd, s, (size_t)end, 0) == end);
	*n = (size_t)end;
	return s;
}

static void check(const char *s, size_t n, size_t format)
{
	const char *name = formats[format][0];
	json_error_t error;

	MUST(is_clean(s, n, format == 10));
	if (strcmp(name, "--format=json") == 0 || format == 8) {
		json_t *j = json_loadb(s, n, JSON_ALLOW_NUL, &error);

		MUST(j != NULL);
		json_decref(j);
	}
	if (format == 9)
		MUST(n > 15 && memcmp(s, "<!DOCTYPE html>", 15) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t format = size ? data[0] % (sizeof(formats) / sizeof(formats[0])) : 0, n = 0;
	char name[] = "oomkit parse-log", path[32], *out = NULL, *err = NULL;
	char *argv[] = { name, formats[format][0], formats[format][1], formats[format][2], path,
			 NULL };
	struct env env = { .program = "oomkit" };
	size_t err_n = 0;
	int fd = memfd_create("log", MFD_CLOEXEC), page = own_stdout(), status;

	MUST(fd >= 0);
	MUST(size < 2 || write(fd, data + 1, size - 1) == (ssize_t)(size - 1));
	MUST(lseek(fd, 0, SEEK_SET) == 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	env.out = open_memstream(&out, &n);
	env.err = open_memstream(&err, &err_n);
	MUST(env.out && env.err);
	status = command_parse_log.run(&env, 5, argv);
	MUST(fclose(env.out) == 0 && fclose(env.err) == 0);
	MUST(status == EXIT_DONE || status == EXIT_NO);
	MUST(err_n == 0);
	if (format == 9) {
		MUST(n == 0 && fflush(stdout) == 0);
		free(out);
		out = read_page(page, &n);
	}
	if (n)
		check(out, n, format);
	free(out);
	free(err);
	close(fd);
	return 0;
}
