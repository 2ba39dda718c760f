/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order in which the members of a tree of memory cgroups are met. */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base.h"
#include "check.h"
#include "memcg.h"

static char root[] = "/tmp/oomkit-memcg-test.XXXXXX";

/* Deepest last: they are taken away from the end. */
static const char *const dirs[] = { "proc", "cg", "cg/a", "cg/a/z", "cg/a/b" };

static void make_cgroup(const char *dir, const char *procs)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", root, dir);
	if (mkdir(path, 0755) < 0)
		abort();
	if (!procs)
		return;
	snprintf(path, sizeof(path), "%s/%s/cgroup.procs", root, dir);
	fd = open(path, O_WRONLY | O_CREAT, 0644);
	if (fd < 0 || write(fd, procs, strlen(procs)) != (ssize_t)strlen(procs))
		abort();
	close(fd);
}

static void remove_all(void)
{
	char path[PATH_MAX];

	for (size_t i = ARRAY_SIZE(dirs); i-- > 0;) {
		snprintf(path, sizeof(path), "%s/%s/cgroup.procs", root, dirs[i]);
		unlink(path);
		snprintf(path, sizeof(path), "%s/%s", root, dirs[i]);
		rmdir(path);
	}
	rmdir(root);
}

static ino_t inode_of(const char *dir)
{
	char path[PATH_MAX];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", root, dir);
	return stat(path, &st) == 0 ? st.st_ino : 0;
}

static struct proc procs[] = {
	{ .pid = 3 }, { .pid = 4 }, { .pid = 5 }, { .pid = 6 }, { .pid = 7 }
};
static struct snapshot snapshot = { .procs = procs, .n_procs = ARRAY_SIZE(procs) };

static void forget(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(procs); i++)
		procs[i].memcg_order = 0;
}

int main(void)
{
	char mount[] = "/cg", top[] = "/";
	struct cgroupfs fs = { .version = CGROUP_V2, .mount = mount, .mount_root = top };
	struct host h;
	bool z_first;

	if (!mkdtemp(root))
		abort();
	make_cgroup("proc", NULL);
	make_cgroup("cg", "3\n");
	make_cgroup("cg/a", "7\n4\n");
	make_cgroup("cg/a/z", "5\n99\n");
	make_cgroup("cg/a/b", "6\nnonsense\n");
	z_first = inode_of("cg/a/z") < inode_of("cg/a/b");
	CHECK_INT(host_open(&h, root), 0);

	/* As they came into it, a cgroup before those below it. */
	CHECK_INT(memcg_read_order(&fs, &h, "/a", false, &snapshot), 0);
	CHECK_INT(procs[0].memcg_order, 0);
	CHECK(procs[4].memcg_order > 0 && procs[4].memcg_order < procs[1].memcg_order);
	CHECK(procs[1].memcg_order < procs[2].memcg_order);
	CHECK(procs[1].memcg_order < procs[3].memcg_order);
	CHECK_INT(procs[2].memcg_order < procs[3].memcg_order, z_first);

	/* Its own members alone. */
	forget();
	CHECK_INT(memcg_read_order(&fs, &h, "/a", true, &snapshot), 0);
	CHECK(procs[1].memcg_order > 0);
	CHECK_INT(procs[2].memcg_order, 0);

	/* v1 sorts by pid what it shows: the members of one cgroup are not told apart. */
	forget();
	fs.version = CGROUP_V1;
	CHECK_INT(memcg_read_order(&fs, &h, "/", false, &snapshot), 0);
	CHECK(procs[0].memcg_order > 0);
	CHECK_INT(procs[4].memcg_order, procs[1].memcg_order);
	CHECK(procs[0].memcg_order < procs[1].memcg_order);

	CHECK_INT(memcg_read_order(&fs, &h, "/none", false, &snapshot), 0);
	host_close(&h);
	remove_all();
	return check_done();
}
