/* SPDX-License-Identifier: GPL-2.0-or-later */
/* freezer: where a process is, and where the hierarchy that can hold it is mounted. */
#include "freezer.h"

#include <stdlib.h>

#include "check.h"

static void check_cgroup(const char *text, bool v2, const char *want)
{
	size_t n = strlen(text);
	char *copy = malloc(n + 1);
	struct str found = { NULL, 0 };

	memcpy(copy, text, n);
	CHECK_INT(freezer_parse_cgroup(copy, n, v2, &found), want != NULL);
	if (want)
		CHECK(str_eq(found, want));
	free(copy);
}

static void test_cgroup(void)
{
	static const char hybrid[] = "9:name=systemd:/\n6:freezer:/web\n5:cpu,cpuacct:/cpu\n"
				     "4:memory:/mem\n0::/unified\n";

	check_cgroup(hybrid, false, "/web");
	check_cgroup(hybrid, true, "/unified");
	check_cgroup("0::/only", false, NULL);
	check_cgroup("0::/only", true, "/only");
	check_cgroup("3:net_cls,freezer:/a:b\n", false, "/a:b");
	check_cgroup("3:notfreezer:/a\n", false, NULL);
	check_cgroup("", true, NULL);
	check_cgroup("garbage\n::\n", true, NULL);
}

static void test_mountinfo(void)
{
	static const char text[] =
		"22 1 0:20 / / rw - ext4 /dev/vda rw\n"
		"30 22 0:27 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw\n"
		"34 30 0:31 /x /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory\n"
		"36 30 0:33 / /sys/fs/cgroup/freezer rw master:1 - cgroup cgroup rw,freezer\n"
		"40 30 0:37 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
	struct str root, point;

	CHECK(freezer_parse_mountinfo(text, sizeof(text) - 1, false, &root, &point));
	CHECK(str_eq(root, "/"));
	CHECK(str_eq(point, "/sys/fs/cgroup/freezer"));
	CHECK(freezer_parse_mountinfo(text, sizeof(text) - 1, true, &root, &point));
	CHECK(str_eq(point, "/sys/fs/cgroup/unified"));
	CHECK(!freezer_parse_mountinfo(text, 200, true, &root, &point));
	CHECK(!freezer_parse_mountinfo("a - cgroup2 b rw", 16, true, &root, &point));
	CHECK(!freezer_parse_mountinfo("", 0, true, &root, &point));
}

int main(void)
{
	test_cgroup();
	test_mountinfo();
	return check_done();
}
