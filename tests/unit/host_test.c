/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A root that is not ours: what is read is below it, whatever its links say. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "host.h"

static char root[] = "/tmp/oomkit-host-test.XXXXXX";

static void put(const char *path, const char *text)
{
	char full[PATH_MAX];
	int fd;

	snprintf(full, sizeof(full), "%s/%s", root, path);
	fd = open(full, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		abort();
	close(fd);
}

static void make_dir(const char *path)
{
	char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s/%s", root, path);
	if (mkdir(full, 0755) < 0)
		abort();
}

static void make_link(const char *target, const char *path)
{
	char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s/%s", root, path);
	if (symlink(target, full) < 0)
		abort();
}

static void make_root(void)
{
	char self[16];

	if (!mkdtemp(root))
		abort();
	make_dir("etc");
	put("etc/passwd", "inside\n");
	make_dir("proc");
	make_dir("proc/200000");
	make_dir("proc/7");
	make_dir("proc/7/task");
	make_dir("proc/7/task/7");
	make_dir("proc/7/task/9");
	make_dir("proc/x7");
	snprintf(self, sizeof(self), "%d", (int)getpid());
	make_link(self, "proc/self");
	put("proc/7/stat", "seven");
	make_link("/etc/passwd", "absolute");
	make_link("../../../../../../../../etc/passwd", "climbing");
	make_link("etc", "dir");
	make_link("loop", "loop");
	make_link("../../../../etc/passwd", "proc/7/status");
	make_dir("deep");
	make_link("../dir/../dir/passwd", "deep/winding");
}

static void test_links_stay_inside(const struct host *h)
{
	static const char *const paths[] = {
		"etc/passwd",         "/etc/passwd",
		"//etc//passwd",      "absolute",
		"climbing",           "dir/passwd",
		"deep/winding",       "../../../../../../etc/passwd",
		"deep/../etc/passwd", "./etc/./passwd",
	};
	char buf[64];

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		CHECK_INT(host_read(h, paths[i], buf, sizeof(buf)), 7);
		CHECK_STR(buf, "inside\n");
	}
	CHECK_INT(host_read_proc(h, 7, "status", buf, sizeof(buf)), -ENOENT);
	CHECK_INT(host_read(h, "loop", buf, sizeof(buf)), -ELOOP);
	CHECK_INT(host_read(h, "etc", buf, sizeof(buf)), -EINVAL);
	CHECK_INT(host_read(h, "none", buf, sizeof(buf)), -ENOENT);
	CHECK_INT(host_read(h, "etc/passwd/x", buf, sizeof(buf)), -ENOTDIR);
}

/* A pipe that nobody writes to must not hang the reader. */
static void test_only_files_are_read(const struct host *h)
{
	char full[PATH_MAX], buf[8];

	snprintf(full, sizeof(full), "%s/fifo", root);
	if (mkfifo(full, 0644) < 0)
		abort();
	CHECK_INT(host_read(h, "fifo", buf, sizeof(buf)), -EINVAL);
}

static int count_entry(void *ctx, const char *name, uint64_t ino, bool is_dir)
{
	unsigned *n = ctx;

	CHECK(name[0] != '.' && ino != 0);
	n[is_dir]++;
	return 0;
}

static void test_lists(const struct host *h)
{
	unsigned n[2] = { 0 };
	pid_t *pids = NULL, tids[1];
	ssize_t count = host_list_pids(h, &pids);

	CHECK_INT(count, 2);
	if (count == 2) {
		CHECK_INT(pids[0], 7);
		CHECK_INT(pids[1], 200000);
	}
	free(pids);
	CHECK_INT(host_list_tasks(h, 7, tids, 1), 2);
	CHECK_INT(tids[0], 7);
	CHECK_INT(host_list_tasks(h, 8, tids, 1), -ENOENT);
	CHECK_INT(host_list_dir(h, "proc", count_entry, n), 0);
	CHECK_INT(n[1], 3);
	CHECK_INT(n[0], 1); /* the link "self" */
}

static void test_reading(const struct host *h)
{
	char small[4], *all = NULL, big[20001];
	uint64_t ino = 0;

	CHECK_INT(host_read(h, "etc/passwd", small, sizeof(small)), 3);
	CHECK_STR(small, "ins");
	CHECK_INT(host_read_proc(h, 7, "stat", small, sizeof(small)), 3);
	CHECK_INT(host_read_proc(h, 7, "a/name/that/is/longer/than/any/that/the/kernel/has/there",
				 small, 4),
		  -ENAMETOOLONG);
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	put("big", big);
	CHECK_INT(host_read_all(h, "big", 100000, &all), 20000);
	CHECK_STR(all, big);
	free(all);
	CHECK_INT(host_read_all(h, "big", 100, &all), -EFBIG);
	CHECK_INT(host_inode(h, "absolute", &ino), 0);
	CHECK(ino != 0);
}

static void test_what_only_the_live_machine_tells(const struct host *h)
{
	uint64_t ram, swap;
	uint32_t page;

	CHECK_INT(host_page_size(h, &page), -ENOTSUP);
	CHECK_INT(host_total_ram_bytes(h, &ram, &swap), -ENOTSUP);
	CHECK_INT(host_same_mm(h, 1, 1), -ENOTSUP);
	CHECK_INT(host_pid_ns_is_initial(h), -ENOTSUP);
	/* The copy has a link "self" to our own pid: it is somebody else's there. */
	CHECK_INT(host_self(h), 0);
}

int main(void)
{
	char command[PATH_MAX];
	struct host h, live;

	make_root();
	CHECK_INT(host_open(&h, "/nonexistent/root"), -ENOENT);
	CHECK_INT(host_open(&h, root), 0);
	CHECK(!h.live && h.proc_fd >= 0);
	test_links_stay_inside(&h);
	test_only_files_are_read(&h);
	test_lists(&h);
	test_reading(&h);
	test_what_only_the_live_machine_tells(&h);
	host_close(&h);
	CHECK_INT(host_open(&live, "/"), 0);
	CHECK(live.live);
	host_close(&live);
	CHECK_INT(host_open(&live, NULL), 0);
	CHECK(live.live);
	CHECK_INT(host_self(&live), getpid());
	host_close(&live);
	snprintf(command, sizeof(command), "rm -rf '%s'", root);
	CHECK_INT(system(command), 0);
	return check_done();
}
