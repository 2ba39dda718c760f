/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cgroupfs: which hierarchy has the memory controller, what its files say, and what a path means.
 */
#include "cgroupfs.h"

#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

/* ------------------------------------------------------------------ a root of our own */

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

struct tree {
	char dir[256];
	struct host h;
	struct arena arena;
};

static void write_file(const struct tree *t, const char *path, const char *text)
{
	char full[1024];
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", t->dir, path);
	for (char *p = full + strlen(t->dir) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(full, 0755);
		*p = '/';
	}
	f = fopen(full, "w");
	if (!f || fputs(text, f) < 0 || fclose(f) != 0)
		abort();
}

/* Files are pairs of path and text; NULL ends them. */
static void tree_open(struct tree *t, const char *const *files)
{
	const char *tmp = getenv("TMPDIR");

	*t = (struct tree){ 0 };
	snprintf(t->dir, sizeof(t->dir), "%s/oomkit-cgroupfs.XXXXXX", tmp && *tmp ? tmp : P_tmpdir);
	if (!mkdtemp(t->dir))
		abort();
	for (; files[0]; files += 2)
		write_file(t, files[0], files[1]);
	if (host_open(&t->h, t->dir) < 0)
		abort();
}
#define TREE_OPEN(t, ...) tree_open(t, (const char *const[]){ __VA_ARGS__, NULL })

static void tree_close(struct tree *t)
{
	host_close(&t->h);
	arena_free(&t->arena);
	CHECK_INT(nftw(t->dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* ------------------------------------------------------------------ mounts */

/* Which cgroup2 mounts have the controller: those named in ctx, between blanks. */
static bool has_memory(void *ctx, const char *mount)
{
	const char *list = ctx, *at = list ? strstr(list, mount) : NULL;

	return at && (at == list || at[-1] == ' ') &&
	       (at[strlen(mount)] == ' ' || at[strlen(mount)] == '\0');
}

static void check_mounts(int line, const char *text, bool is_mountinfo, const char *v2_with_memory,
			 enum cgroup_version version, const char *mount, const char *root,
			 bool v2_mounted)
{
	bool wrong;
	size_t n = strlen(text);
	char *copy = malloc(n ? n : 1);
	struct cgroupfs fs;

	if (!copy)
		abort();
	memcpy(copy, text, n);
	CHECK_INT(cgroupfs_parse_mounts(copy, n, is_mountinfo, has_memory, (void *)v2_with_memory,
					&fs),
		  0);
	free(copy);
	wrong = fs.version != version || fs.v2_mounted != v2_mounted ||
		(mount ? !fs.mount || strcmp(fs.mount, mount) != 0 : fs.mount != NULL) ||
		(root ? !fs.mount_root || strcmp(fs.mount_root, root) != 0 : fs.mount_root != NULL);
	if (wrong)
		printf("line %d: version %d, mount %s, root %s, v2 %d\n", line, (int)fs.version,
		       fs.mount ? fs.mount : "none", fs.mount_root ? fs.mount_root : "none",
		       fs.v2_mounted);
	CHECK(!wrong);
	cgroupfs_close(&fs);
	CHECK(fs.mount == NULL);
}
#define MOUNTINFO(...) check_mounts(__LINE__, text, true, __VA_ARGS__)
#define MOUNTS(...)    check_mounts(__LINE__, text, false, __VA_ARGS__)

/* Memory in v1, a cgroup2 beside it. */
static const char hybrid[] =
	"21 26 0:20 / /proc rw,relatime - proc proc rw\n"
	"22 26 0:21 / /sys rw,relatime - sysfs sysfs rw\n"
	"26 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard\n"
	"30 22 0:27 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
	"31 30 0:28 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 master:3 - cgroup cgroup "
	"rw,cpu,cpuacct\n"
	"34 30 0:31 / /sys/fs/cgroup/memory rw,relatime shared:10 - cgroup cgroup rw,memory\n"
	"39 30 0:36 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd\n"
	"40 30 0:37 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw,nsdelegate\n";

static void test_mounts(void)
{
	const char *text = hybrid;

	MOUNTINFO(NULL, CGROUP_V1, "/sys/fs/cgroup/memory", "/", true);
	/* Whatever the unified one says, a controller that v1 has is not there. */
	MOUNTINFO("/sys/fs/cgroup/unified", CGROUP_V1, "/sys/fs/cgroup/memory", "/", true);

	text = "16 1 0:14 / /cg rw,relatime - cgroup cg rw,memory\n";
	MOUNTINFO(NULL, CGROUP_V1, "/cg", "/", false);
	text = "25 1 0:22 / /cg rw,relatime - cgroup2 cg rw";
	MOUNTINFO("/cg", CGROUP_V2, "/cg", "/", true);
	MOUNTINFO("/cg2 /c", CGROUP_NO_MEMORY, NULL, NULL, true);

	/* The name of a hierarchy is not a controller, nor is a word that holds it. */
	text = "5 1 0:5 / /a rw - cgroup memory rw,name=memory\n6 1 0:6 / /memory rw,memory - "
	       "cgroup x rw,memory2,xmemory\n";
	MOUNTINFO(NULL, CGROUP_NO_MEMORY, NULL, NULL, false);
	/* memory shares a hierarchy with others, last or first. */
	text = "5 1 0:5 / /a rw - cgroup x rw,cpuset,memory\n";
	MOUNTINFO(NULL, CGROUP_V1, "/a", "/", false);
	text = "5 1 0:5 / /a rw - cgroup x memory,cpu\n";
	MOUNTINFO(NULL, CGROUP_V1, "/a", "/", false);

	text = "22 26 0:21 / /sys rw - sysfs sysfs rw\n";
	MOUNTINFO("/sys", CGROUP_NO_MEMORY, NULL, NULL, false);
	text = "5 1 0:5 /a\\040\\134b /cg\\040x\\011\\043 rw - cgroup cg rw,memory\n";
	MOUNTINFO(NULL, CGROUP_V1, "/cg x\t#", "/a \\b", false);
	/* What is no escape stays. */
	text = "5 1 0:5 /\\777 /\\04 rw - cgroup cg rw,memory\n";
	MOUNTINFO(NULL, CGROUP_V1, "/\\04", "/\\777", false);
}

static void test_parts(void)
{
	/* The whole hierarchy is better than a container's part, whichever comes first. */
	const char *text = "5 1 0:5 /docker/abc /a rw - cgroup cg rw,memory\n"
			   "6 1 0:5 / /b rw - cgroup cg rw,memory\n"
			   "7 1 0:5 /docker /c rw - cgroup cg rw,memory\n";

	MOUNTINFO(NULL, CGROUP_V1, "/b", "/", false);
	text = "5 1 0:5 /docker/abc /a rw - cgroup cg rw,memory\n7 1 0:5 /docker /c rw - cgroup cg "
	       "rw,memory\n";
	MOUNTINFO(NULL, CGROUP_V1, "/c", "/docker", false);
	/* A mount from above our namespace shows nothing of ours by its name. */
	text = "5 1 0:5 /.. /a rw - cgroup2 cg rw\n7 1 0:5 /very/long/name /c rw - cgroup2 cg rw\n";
	MOUNTINFO("/a /c", CGROUP_V2, "/c", "/very/long/name", true);
	MOUNTINFO("/a", CGROUP_V2, "/a", "/..", true);
	/* Of two cgroup2 mounts the one with the controller. */
	text = "5 1 0:5 / /a rw - cgroup2 cg rw\n7 1 0:5 / /c rw - cgroup2 cg rw\n";
	MOUNTINFO("/c", CGROUP_V2, "/c", "/", true);
}

static void test_hidden(void)
{
	/* tmpfs over the place of an old hierarchy, and a new one on it. */
	const char *text = "20 1 8:1 / / rw - ext4 /dev/sda rw\n"
			   "30 20 0:5 / /cg rw - cgroup cg rw,memory\n"
			   "31 20 0:6 / /cg rw - tmpfs x rw\n";

	MOUNTINFO(NULL, CGROUP_NO_MEMORY, NULL, NULL, false);
	text = "20 1 8:1 / / rw - ext4 /dev/sda rw\n"
	       "30 20 0:5 / /cg/memory rw - cgroup cg rw,memory\n"
	       "31 20 0:6 / /cg rw - tmpfs x rw\n"
	       "32 31 0:7 / /cg/memory rw - cgroup2 x rw\n";
	MOUNTINFO("/cg/memory", CGROUP_V2, "/cg/memory", "/", true);
	/* A mount on the mount itself, and the hierarchy standing on top of another mount at the
	 * same place. */
	text = "30 20 0:5 / /cg rw - cgroup cg rw,memory\n31 30 0:6 / /cg rw - tmpfs x rw\n";
	MOUNTINFO(NULL, CGROUP_NO_MEMORY, NULL, NULL, false);
	text = "31 30 0:5 / /cg rw - cgroup cg rw,memory\n30 20 0:6 / /cg rw - tmpfs x rw\n";
	MOUNTINFO(NULL, CGROUP_V1, "/cg", "/", false);
	/* The first root, below the one that was pivoted to; a neighbour whose name only begins
	 * alike. */
	text = "1 1 0:2 / / rw - rootfs rootfs rw\n"
	       "20 1 8:1 / / rw - ext4 /dev/sda rw\n"
	       "30 20 0:5 / /cgroup rw - cgroup cg rw,memory\n"
	       "31 20 0:6 / /cg rw - tmpfs x rw\n";
	MOUNTINFO(NULL, CGROUP_V1, "/cgroup", "/", false);
	text = "1 1 0:2 / / rw - rootfs rootfs rw\n"
	       "20 1 8:1 / / rw - ext4 /dev/sda rw\n"
	       "30 1 0:5 / /cgroup rw - cgroup cg rw,memory\n";
	MOUNTINFO(NULL, CGROUP_NO_MEMORY, NULL, NULL, false);

	/* /proc/mounts has the order alone. */
	text = "rootfs / rootfs rw 0 0\n/dev/root / ext4 rw 0 0\ncg /cg cgroup rw,memory 0 0\n"
	       "x /cgx tmpfs rw 0 0\n";
	MOUNTS(NULL, CGROUP_V1, "/cg", "/", false);
	text = "cg /cg cgroup rw,memory 0 0\nx /cg tmpfs rw 0 0\ncgroup2 /cg/u\\040v cgroup2 rw 0 "
	       "0\n";
	MOUNTS("/cg/u v", CGROUP_V2, "/cg/u v", "/", true);
}

static void test_no_mounts(void)
{
	static const char *const texts[] = { "",
					     "\n\n",
					     "garbage",
					     "5 1 0:5 / /cg rw cgroup cg rw,memory\n",
					     "x 1 0:5 / /cg rw - cgroup cg rw,memory\n",
					     "5 1 0:5 / cg rw - cgroup cg rw,memory\n",
					     "5 1 0:5 / /cg rw - cgroup cg\n" };
	struct cgroupfs fs;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		CHECK_INT(cgroupfs_parse_mounts(texts[i], strlen(texts[i]), true, has_memory, NULL,
						&fs),
			  -EINVAL);
		CHECK_INT(fs.version, CGROUP_NO_MEMORY);
		CHECK(fs.mount == NULL);
	}
	/* Parents in a ring end somewhere, and nobody to ask means no controller. */
	static const char ring[] = "5 6 0:5 / /cg rw - cgroup2 cg rw\n6 5 0:5 / / rw - ext4 x rw\n";

	CHECK_INT(cgroupfs_parse_mounts(ring, strlen(ring), true, NULL, NULL, &fs), 0);
	CHECK_INT(fs.version, CGROUP_NO_MEMORY);
	CHECK(fs.v2_mounted);
}

static void test_open(void)
{
	struct cgroupfs fs;
	struct tree t;

	TREE_OPEN(&t, "proc/self/mountinfo", "25 1 0:22 / /cg rw - cgroup2 cg rw\n",
		  "cg/cgroup.controllers", "cpuset cpu io memory pids\n");
	CHECK_INT(cgroupfs_open(&fs, &t.h), 0);
	CHECK_INT(fs.version, CGROUP_V2);
	CHECK_STR(fs.mount, "/cg");
	cgroupfs_close(&fs);
	tree_close(&t);

	/* Without the controller, and with a name that only holds it. */
	TREE_OPEN(&t, "proc/self/mountinfo", "25 1 0:22 / /cg rw - cgroup2 cg rw\n",
		  "cg/cgroup.controllers", "hugetlb xmemory\n");
	CHECK_INT(cgroupfs_open(&fs, &t.h), 0);
	CHECK_INT(fs.version, CGROUP_NO_MEMORY);
	CHECK(fs.v2_mounted);
	CHECK(fs.mount == NULL);
	cgroupfs_close(&fs);
	tree_close(&t);

	/* No self, for /proc is another pid namespace's: pid 1's; a mountinfo of no use: mounts. */
	TREE_OPEN(&t, "proc/1/mountinfo", "25 1 0:22 / /one rw - cgroup cg rw,memory\n",
		  "proc/mounts", "cg /two cgroup rw,memory 0 0\n");
	CHECK_INT(cgroupfs_open(&fs, &t.h), 0);
	CHECK_STR(fs.mount, "/one");
	cgroupfs_close(&fs);
	tree_close(&t);
	TREE_OPEN(&t, "proc/self/mountinfo", "\n", "proc/mounts", "cg /two cgroup rw,memory 0 0\n");
	CHECK_INT(cgroupfs_open(&fs, &t.h), 0);
	CHECK_STR(fs.mount, "/two");
	cgroupfs_close(&fs);
	tree_close(&t);

	/* Nothing is mounted and nothing can be read: no error either. */
	TREE_OPEN(&t, "proc/nothing", "");
	CHECK_INT(cgroupfs_open(&fs, &t.h), 0);
	CHECK_INT(fs.version, CGROUP_NO_MEMORY);
	cgroupfs_close(&fs);
	tree_close(&t);
}

/* ------------------------------------------------------------------ /proc/PID/cgroup */

static void check_proc_cgroup(int line, const char *text, enum cgroup_version version,
			      const char *want)
{
	bool wrong;
	size_t n = strlen(text), path_n = 0;
	char *copy = malloc(n ? n : 1);
	const char *path = NULL;
	int r;

	if (!copy)
		abort();
	memcpy(copy, text, n);
	r = cgroupfs_parse_proc_cgroup(copy, n, version, &path, &path_n);
	wrong = want ? r != 0 || path_n != strlen(want) || memcmp(path, want, path_n) != 0
		     : r != -ENOENT;
	if (wrong)
		printf("line %d: returns %d, \"%.*s\"\n", line, r, (int)path_n, path ? path : "");
	CHECK(!wrong);
	free(copy);
}
#define PROC_CGROUP(...) check_proc_cgroup(__LINE__, text, __VA_ARGS__)

static void test_proc_cgroup(void)
{
	const char *text = "9:name=systemd:/sys\n5:cpu,cpuacct:/c\n4:memory:/m/x\n0::/unified\n";

	PROC_CGROUP(CGROUP_V1, "/m/x");
	PROC_CGROUP(CGROUP_V2, "/unified");
	PROC_CGROUP(CGROUP_NO_MEMORY, "/m/x");
	text = "0::/\n";
	PROC_CGROUP(CGROUP_V1, NULL);
	PROC_CGROUP(CGROUP_V2, "/");
	PROC_CGROUP(CGROUP_NO_MEMORY, "/");
	/* The hierarchy's name is no controller; a path may hold colons, blanks and worse. */
	text = "3:name=memory:/no\n2:cpuset,memory,pids:/a:b c\\\x01\xff (deleted)";
	PROC_CGROUP(CGROUP_V1, "/a:b c\\\x01\xff (deleted)");
	PROC_CGROUP(CGROUP_V2, NULL);
	text = "0::/../other\n10::/named by nobody\n";
	PROC_CGROUP(CGROUP_V2, "/../other");
	text = "4:memory:\n0::x\n4:memory\n\n::\n:";
	PROC_CGROUP(CGROUP_V1, NULL);
	PROC_CGROUP(CGROUP_V2, NULL);
	text = "";
	PROC_CGROUP(CGROUP_NO_MEMORY, NULL);
}

/* ------------------------------------------------------------------ paths */

static void check_dir(int line, const char *mount, const char *root, const char *path,
		      const char *want)
{
	bool wrong;
	struct cgroupfs fs = { .version = CGROUP_V1,
			       .mount = (char *)mount,
			       .mount_root = (char *)root };
	struct arena arena = { 0 };
	const char *dir = NULL, *back = NULL;
	int r = cgroupfs_dir(&fs, path, &arena, &dir);

	wrong = want ? r != 0 || strcmp(dir, want) != 0 : r != -ENOENT;
	if (wrong)
		printf("line %d: %s under %s is %s\n", line, path, root, dir ? dir : "nowhere");
	CHECK(!wrong);
	if (want) {
		CHECK_INT(cgroupfs_path_of_dir(&fs, want, &arena, &back), 0);
		CHECK_STR(back, path);
	}
	arena_free(&arena);
}
#define DIR_OF(...) check_dir(__LINE__, __VA_ARGS__)

static void test_dir(void)
{
	struct cgroupfs none = { .version = CGROUP_NO_MEMORY };
	struct cgroupfs fs = { .version = CGROUP_V2,
			       .mount = (char *)"/cg",
			       .mount_root = (char *)"/" };
	struct arena arena = { 0 };
	const char *s = NULL;

	DIR_OF("/cg", "/", "/", "/cg");
	DIR_OF("/cg", "/", "/a/b c", "/cg/a/b c");
	DIR_OF("/sys/fs/cgroup", "/docker/abc", "/docker/abc/x", "/sys/fs/cgroup/x");
	DIR_OF("/sys/fs/cgroup", "/docker/abc", "/docker/abc", "/sys/fs/cgroup");
	DIR_OF("/sys/fs/cgroup", "/docker/abc", "/docker/abcd", NULL);
	DIR_OF("/sys/fs/cgroup", "/docker/abc", "/docker", NULL);
	DIR_OF("/sys/fs/cgroup", "/docker/abc", "/", NULL);
	DIR_OF("/cg", "/", "/../x", NULL);
	DIR_OF("/cg", "/", "/..", NULL);
	DIR_OF("/cg", "/", "/..x/x..", "/cg/..x/x..");
	DIR_OF("/cg", "/../..", "/../../x", "/cg/x");
	DIR_OF("/cg", "/../..", "/../x", NULL);
	DIR_OF("/cg", "/../..", "/x", NULL);
	DIR_OF("/cg", "/..", "/../../x", NULL);
	DIR_OF("/", "/", "/x", "/x");
	DIR_OF("/", "/", "/", "/");
	CHECK_INT(cgroupfs_dir(&none, "/", &arena, &s), -ENOENT);
	CHECK_INT(cgroupfs_dir(&fs, "", &arena, &s), -ENOENT);
	CHECK_INT(cgroupfs_dir(&fs, "a", &arena, &s), -ENOENT);
	CHECK_INT(cgroupfs_path_of_dir(&none, "/cg/x", &arena, &s), -ENOENT);
	CHECK_INT(cgroupfs_path_of_dir(&fs, "/cgx", &arena, &s), -ENOENT);
	CHECK_INT(cgroupfs_path_of_dir(&fs, "/", &arena, &s), -ENOENT);
	CHECK_INT(cgroupfs_path_of_dir(&fs, "/cg/", &arena, &s), 0);
	CHECK_STR(s, "/");
	arena_free(&arena);
}

static void test_parent(void)
{
	struct arena arena = { 0 };

	CHECK_STR(cgroupfs_parent("/a/b c", &arena), "/a");
	CHECK_STR(cgroupfs_parent("/a", &arena), "/");
	CHECK(cgroupfs_parent("/", &arena) == NULL);
	CHECK_STR(cgroupfs_parent("/../a", &arena), "/..");
	/* What stands above our namespace has no name. */
	CHECK(cgroupfs_parent("/..", &arena) == NULL);
	CHECK(cgroupfs_parent("/../..", &arena) == NULL);
	CHECK(cgroupfs_parent("", &arena) == NULL);
	CHECK(cgroupfs_parent("x", &arena) == NULL);
	arena_free(&arena);
	CHECK_INT(cgroupfs_name_length("/a (deleted)"), 2);
	CHECK_INT(cgroupfs_name_length("/a(deleted)"), 11);
	CHECK_INT(cgroupfs_name_length("/"), 1);
}

/* ------------------------------------------------------------------ files */

static void test_read_v1(void)
{
	struct cgroupfs fs = { .version = CGROUP_V1,
			       .mount = (char *)"/cg",
			       .mount_root = (char *)"/" };
	struct cgroup c;
	struct tree t;

	TREE_OPEN(&t, "cg/memory.limit_in_bytes", "9223372036854771712\n",
		  "cg/web/memory.limit_in_bytes", "104857600\n",
		  "cg/web/memory.memsw.limit_in_bytes", "209715200\n",
		  "cg/web/memory.usage_in_bytes", "4096\n", "cg/web/memory.swappiness", "10\n",
		  "cg/web/memory.oom_control", "oom_kill_disable 1\nunder_oom 1\noom_kill 11\n",
		  "cg/old/memory.limit_in_bytes", "9223372036854775807\n",
		  "cg/older/memory.limit_in_bytes", "18446744073709551615\n",
		  "cg/pages64k/memory.limit_in_bytes", "9223372036854710272\n",
		  "cg/bits32/memory.limit_in_bytes", "8796093018112\n",
		  "cg/big/memory.limit_in_bytes", "9223372036854710271\n",
		  "cg/garbled/memory.limit_in_bytes", "12x\n", "cg/garbled/memory.usage_in_bytes",
		  "", "cg/garbled/memory.swappiness", "-3\n", "cg/garbled/memory.oom_control",
		  "oom_kill_disable 10\nunder_oom\n1", "cg/file", "");
	CHECK_INT(cgroupfs_read(&fs, &t.h, "/web", &t.arena, &c), 0);
	CHECK_STR(c.path, "/web");
	CHECK(c.have_limit && c.have_memsw_limit && c.have_current && !c.have_swap_limit);
	CHECK_INT(c.limit_bytes, 104857600);
	CHECK_INT(c.memsw_limit_bytes, 209715200);
	CHECK_INT(c.current_bytes, 4096);
	CHECK_INT(c.swappiness, 10);
	CHECK(c.oom_kill_disable && c.under_oom && !c.oom_group);
	CHECK(c.id != 0);

	CHECK_INT(cgroupfs_read(&fs, &t.h, "/", &t.arena, &c), 0);
	CHECK(c.have_limit && c.limit_bytes == CGROUP_UNLIMITED && !c.have_memsw_limit &&
	      !c.have_current);
	CHECK(!c.oom_kill_disable && !c.under_oom);
	CHECK_INT(c.swappiness, 60);
	/* Every kernel's way to say that there is no limit. */
	CHECK_INT(cgroupfs_read(&fs, &t.h, "/old", &t.arena, &c), 0);
	CHECK(c.have_limit && c.limit_bytes == CGROUP_UNLIMITED);
	CHECK_INT(cgroupfs_read(&fs, &t.h, "/older", &t.arena, &c), 0);
	CHECK(c.have_limit && c.limit_bytes == CGROUP_UNLIMITED);
	CHECK_INT(cgroupfs_read(&fs, &t.h, "/pages64k", &t.arena, &c), 0);
	CHECK(c.have_limit && c.limit_bytes == CGROUP_UNLIMITED);
	CHECK_INT(cgroupfs_read(&fs, &t.h, "/bits32", &t.arena, &c), 0);
	CHECK(c.have_limit && c.limit_bytes == CGROUP_UNLIMITED);
	CHECK_INT(cgroupfs_read(&fs, &t.h, "/big", &t.arena, &c), 0);
	CHECK(c.have_limit && c.limit_bytes == UINT64_C(9223372036854710271));

	/* A limit that is no number is not the same as no limit. */
	CHECK_INT(cgroupfs_read(&fs, &t.h, "/garbled", &t.arena, &c), -EINVAL);
	CHECK_INT(cgroupfs_read(&fs, &t.h, "/gone", &t.arena, &c), -ENOENT);
	CHECK_INT(cgroupfs_read(&fs, &t.h, "/file/x", &t.arena, &c), -ENOENT);
	CHECK_INT(cgroupfs_read(&fs, &t.h, "/..", &t.arena, &c), -ENOENT);
	tree_close(&t);
}

static void test_read_v2(void)
{
	struct cgroupfs fs = { .version = CGROUP_V2,
			       .mount = (char *)"/cg",
			       .mount_root = (char *)"/" };
	struct cgroup c;
	struct tree t;

	TREE_OPEN(&t, "cg/cgroup.controllers", "memory\n", "cg/web/memory.max", "104857600\n",
		  "cg/web/memory.swap.max", "max\n", "cg/web/memory.current", "8192\n",
		  "cg/web/memory.oom.group", "1\n", "cg/db/memory.max", "max\n",
		  "cg/db/memory.swap.max", "0\n", "cg/db/memory.oom.group", "0\n",
		  "proc/sys/vm/swappiness", "35\n");
	CHECK_INT(cgroupfs_read(&fs, &t.h, "/web", &t.arena, &c), 0);
	CHECK(c.have_limit && c.have_swap_limit && c.have_current && !c.have_memsw_limit &&
	      c.oom_group);
	CHECK_INT(c.limit_bytes, 104857600);
	CHECK(c.swap_limit_bytes == CGROUP_UNLIMITED);
	CHECK_INT(c.current_bytes, 8192);
	CHECK_INT(c.swappiness, 35);
	CHECK_INT(cgroupfs_read(&fs, &t.h, "/db", &t.arena, &c), 0);
	CHECK(c.have_limit && c.limit_bytes == CGROUP_UNLIMITED && c.have_swap_limit &&
	      !c.oom_group);
	CHECK_INT(c.swap_limit_bytes, 0);
	/* The root has no limit to read. */
	CHECK_INT(cgroupfs_read(&fs, &t.h, "/", &t.arena, &c), 0);
	CHECK(!c.have_limit && !c.have_swap_limit);
	tree_close(&t);
}

static void check_limited(int line, const struct cgroupfs *fs, struct tree *t, const char *path,
			  const char *want)
{
	bool wrong;
	struct cgroup c = { .path = "none" };
	int r = cgroupfs_nearest_limited(fs, &t->h, path, &t->arena, &c);

	wrong = want ? r != 1 || strcmp(c.path, want) != 0 : r != 0;
	if (wrong)
		printf("line %d: %s returns %d, %s\n", line, path, r, c.path);
	CHECK(!wrong);
}
#define LIMITED(...) check_limited(__LINE__, &fs, &t, __VA_ARGS__)

static void test_nearest_limited(void)
{
	struct cgroupfs fs = { .version = CGROUP_V2,
			       .mount = (char *)"/cg",
			       .mount_root = (char *)"/" };
	struct cgroup c;
	struct tree t;

	TREE_OPEN(&t, "cg/a/memory.max", "1000\n", "cg/a/b/memory.max", "max\n",
		  "cg/a/b/c/cgroup.procs", "\n", "cg/a/d/memory.max", "5\n", "cg/e/memory.max",
		  "max\n");
	LIMITED("/a/b/c", "/a");
	LIMITED("/a/b", "/a");
	LIMITED("/a/d", "/a/d");
	LIMITED("/a", "/a");
	LIMITED("/e", NULL);
	LIMITED("/", NULL);
	/* Removed, says the kernel, and what stood above still binds; merely gone is an error. */
	LIMITED("/a/b/x (deleted)", "/a");
	LIMITED("/a/y/z (deleted)", "/a");
	CHECK_INT(cgroupfs_nearest_limited(&fs, &t.h, "/a/b/x", &t.arena, &c), -ENOENT);
	CHECK_INT(cgroupfs_nearest_limited(&fs, &t.h, "/../x", &t.arena, &c), -ENOENT);
	/* The mount shows a part: what stands above it cannot be asked. */
	fs.mount = (char *)"/cg/a/b";
	fs.mount_root = (char *)"/a/b";
	LIMITED("/a/b/c", NULL);
	tree_close(&t);

	fs = (struct cgroupfs){ .version = CGROUP_V1,
				.mount = (char *)"/cg",
				.mount_root = (char *)"/" };
	TREE_OPEN(&t, "cg/memory.use_hierarchy", "0\n", "cg/flat/memory.limit_in_bytes", "4096\n",
		  "cg/flat/memory.use_hierarchy", "0\n", "cg/flat/in/memory.limit_in_bytes",
		  "9223372036854771712\n", "cg/flat/in/memory.use_hierarchy", "0\n",
		  "cg/deep/memory.limit_in_bytes", "4096\n", "cg/deep/memory.use_hierarchy", "1\n",
		  "cg/deep/in/memory.limit_in_bytes", "9223372036854771712\n",
		  "cg/deep/in/memory.use_hierarchy", "1\n", "cg/deep/in/in/memory.limit_in_bytes",
		  "9223372036854771712\n", "cg/sw/memory.limit_in_bytes", "9223372036854771712\n",
		  "cg/sw/memory.memsw.limit_in_bytes", "8192\n", "cg/none/memory.limit_in_bytes",
		  "4096\n", "cg/none/in/memory.limit_in_bytes", "9223372036854771712\n");
	LIMITED("/flat", "/flat");
	LIMITED("/flat/in", NULL);
	LIMITED("/deep/in/in", "/deep");
	LIMITED("/sw", "/sw");
	/* Without the file, a kernel of 5.11 and later: always a hierarchy. */
	LIMITED("/none/in", "/none");
	CHECK(!cgroupfs_is_hierarchical(&fs, &t.h, "/flat"));
	CHECK(cgroupfs_is_hierarchical(&fs, &t.h, "/deep"));
	CHECK(cgroupfs_is_hierarchical(&fs, &t.h, "/none"));
	fs.version = CGROUP_V2;
	CHECK(cgroupfs_is_hierarchical(&fs, &t.h, "/flat"));
	tree_close(&t);
}

static void check_group(int line, const struct cgroupfs *fs, struct tree *t, const char *path,
			const char *domain, const char *want)
{
	bool wrong;
	struct cgroup c = { .path = "none" };
	int r = cgroupfs_oom_group(fs, &t->h, path, domain, &t->arena, &c);

	wrong = want ? r != 1 || strcmp(c.path, want) != 0 : r != 0;
	if (wrong)
		printf("line %d: %s below %s returns %d, %s\n", line, path,
		       domain ? domain : "the root", r, c.path);
	CHECK(!wrong);
}
#define GROUP(...) check_group(__LINE__, &fs, &t, __VA_ARGS__)

static void test_oom_group(void)
{
	struct cgroupfs fs = { .version = CGROUP_V2,
			       .mount = (char *)"/cg",
			       .mount_root = (char *)"/" };
	struct cgroup c;
	struct tree t;

	TREE_OPEN(&t, "cg/a/memory.oom.group", "1\n", "cg/a/b/memory.oom.group", "0\n",
		  "cg/a/b/c/memory.oom.group", "1\n", "cg/a/b/c/d/memory.oom.group", "0\n",
		  "cg/e/memory.oom.group", "0\n");
	GROUP("/a/b/c/d", NULL, "/a");
	GROUP("/a/b/c/d", "/", "/a");
	GROUP("/a/b/c/d", "/a", "/a");
	GROUP("/a/b/c/d", "/a/b", "/a/b/c");
	GROUP("/a/b/c/d", "/a/b/c", "/a/b/c");
	GROUP("/a/b/c/d", "/a/b/c/d", NULL);
	GROUP("/a/b", NULL, "/a");
	GROUP("/e", NULL, NULL);
	GROUP("/", NULL, NULL);
	/* Not a descendant of the domain, although the name begins alike. */
	GROUP("/a/b/c/d", "/e", NULL);
	GROUP("/a", "/a/b", NULL);
	GROUP("/a/b/x (deleted)", NULL, "/a");
	GROUP("/a/b/c/y/x (deleted)", "/a/b/c/y", NULL);
	CHECK_INT(cgroupfs_oom_group(&fs, &t.h, "/gone", NULL, &t.arena, &c), -ENOENT);
	fs.version = CGROUP_V1;
	GROUP("/a/b/c/d", NULL, NULL);
	tree_close(&t);
}

/* ------------------------------------------------------------------ meaning */

#define ID   "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ID2  "f123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdee"
#define UID_ "1b2c3d4e_0000_4abc_9def_0123456789ab"
#define UID  "1b2c3d4e-0000-4abc-9def-0123456789ab"

static bool same(const char *got, const char *want)
{
	return want ? got && strcmp(got, want) == 0 : !got;
}

#define ECS "0123456789abcdef0123456789abcdef"

static void test_meaning(void)
{
	static const struct {
		const char *path, *unit, *container, *runtime, *pod, *qos;
	} cases[] = {
		{ "/", NULL, NULL, NULL, NULL, NULL },
		{ "", NULL, NULL, NULL, NULL, NULL },
		{ "/web", NULL, NULL, NULL, NULL, NULL },
		{ "/system.slice/nginx.service", "nginx.service", NULL, NULL, NULL, NULL },
		{ "/system.slice/nginx.service (deleted)", "nginx.service", NULL, NULL, NULL,
		  NULL },
		{ "/init.scope", "init.scope", NULL, NULL, NULL, NULL },
		{ "/system.slice/docker.socket", "docker.socket", NULL, NULL, NULL, NULL },
		{ "/system.slice/system-getty.slice", "system-getty.slice", NULL, NULL, NULL,
		  NULL },
		{ "/system.slice/dev-disk\\x2dby.service/inner", "dev-disk\\x2dby.service", NULL,
		  NULL, NULL, NULL },
		{ "/user.slice/user-1000.slice/user@1000.service/app.slice/app-foo-12.scope",
		  "app-foo-12.scope", NULL, NULL, NULL, NULL },
		{ "/.service", NULL, NULL, NULL, NULL, NULL },
		{ "/x.service.bak/y.services", NULL, NULL, NULL, NULL, NULL },
		{ "/docker/" ID, NULL, ID, "docker", NULL, NULL },
		{ "/docker/" ID "/init", NULL, ID, "docker", NULL, NULL },
		{ "/docker/" ID " (deleted)", NULL, ID, "docker", NULL, NULL },
		{ "/docker/" ID "/docker/" ID2, NULL, ID2, "docker", NULL, NULL },
		{ "/docker/" ID "/system.slice/cron.service", "cron.service", ID, "docker", NULL,
		  NULL },
		{ "/system.slice/docker-" ID ".scope", "docker-" ID ".scope", ID, "docker", NULL,
		  NULL },
		{ "/system.slice/nerdctl-" ID ".scope", "nerdctl-" ID ".scope", ID, "containerd",
		  NULL, NULL },
		{ "/machine.slice/libpod-" ID ".scope/container", "libpod-" ID ".scope", ID,
		  "podman", NULL, NULL },
		{ "/libpod_parent/libpod-" ID, NULL, ID, "podman", NULL, NULL },
		{ "/machine.slice/libpod-conmon-" ID ".scope", "libpod-conmon-" ID ".scope", NULL,
		  NULL, NULL, NULL },
		{ "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID_
		  ".slice/cri-containerd-" ID ".scope",
		  "cri-containerd-" ID ".scope", ID, "containerd", UID, "Burstable" },
		{ "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" UID_
		  ".slice/crio-" ID ".scope",
		  "crio-" ID ".scope", ID, "cri-o", UID, "BestEffort" },
		{ "/kubepods.slice/kubepods-pod" UID_ ".slice/crio-conmon-" ID ".scope",
		  "crio-conmon-" ID ".scope", NULL, NULL, UID, "Guaranteed" },
		{ "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/"
		  "kubelet-kubepods-burstable-pod" UID_ ".slice/cri-containerd-" ID ".scope",
		  "cri-containerd-" ID ".scope", ID, "containerd", UID, "Burstable" },
		{ "/kubepods/burstable/pod" UID "/" ID, NULL, ID, "containerd", UID, "Burstable" },
		{ "/kubepods/besteffort/pod" UID "/crio-" ID, NULL, ID, "cri-o", UID,
		  "BestEffort" },
		{ "/kubepods/pod" UID "/" ID, NULL, ID, "containerd", UID, "Guaranteed" },
		{ "/kubepods/burstable/pod" UID, NULL, NULL, NULL, UID, "Burstable" },
		{ "/kubepods/burstable", NULL, NULL, NULL, NULL, NULL },
		{ "/kubepods.slice/kubepods-burstable.slice", "kubepods-burstable.slice", NULL,
		  NULL, NULL, NULL },
		{ "/kubepods/pod" UID "/" ID "/docker/" ID2, NULL, ID2, "docker", UID,
		  "Guaranteed" },
		{ "/system.slice/containerd.service/kubepods-besteffort-pod" UID_
		  ".slice:cri-containerd:" ID,
		  "containerd.service", ID, "containerd", UID, "BestEffort" },
		{ "/system.slice:docker:" ID, NULL, ID, "docker", NULL, NULL },
		/* What a container calls its own cgroups is no pod. */
		{ "/kubepods/pod" UID "/" ID "/podabc", NULL, ID, "containerd", UID, "Guaranteed" },
		{ "/mykubepods/pod" UID, NULL, NULL, NULL, NULL, NULL },
		{ "/other/pod" UID, NULL, NULL, NULL, NULL, NULL },
		{ "/kubepods/podium", NULL, NULL, NULL, NULL, NULL },
		{ "/kubepods/pod", NULL, NULL, NULL, NULL, NULL },
		/* Not an id: too short, too long, of a longer word, not lower hex. */
		{ "/docker/0123456789ab", NULL, NULL, NULL, NULL, NULL },
		{ "/docker/" ID "0", NULL, NULL, NULL, NULL, NULL },
		{ "/docker/x" ID, NULL, NULL, NULL, NULL, NULL },
		{ "/docker/" ID "x", NULL, NULL, NULL, NULL, NULL },
		{ "/docker/0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef", NULL,
		  NULL, NULL, NULL, NULL },
		{ "/machine.slice/machine-libpod_pod_" ID ".slice",
		  "machine-libpod_pod_" ID ".slice", NULL, NULL, NULL, NULL },
		/* An id of somebody we do not know. */
		{ "/actions_job/" ID, NULL, ID, NULL, NULL, NULL },
		/* AWS: on one's own machine Docker's id below the task, in Fargate the task's and a
		 * number. */
		{ "/ecs/0123456789abcdef0123456789abcdef/" ID, NULL, ID, NULL, NULL, NULL },
		{ "/ecs/" ECS "/" ECS "-1234567890", NULL, ECS "-1234567890", NULL, NULL, NULL },
		{ "/ecs/cluster/" ECS "/" ECS "-1", NULL, ECS "-1", NULL, NULL, NULL },
		{ "/ecstasks.slice/ecstasks-" ECS ".slice/docker-" ID ".scope",
		  "docker-" ID ".scope", ID, "docker", NULL, NULL },
		{ "/ecs/" ECS "/" ECS "-", NULL, NULL, NULL, NULL, NULL },
		{ "/ecs/" ECS "/" ECS "-12a", NULL, NULL, NULL, NULL, NULL },
		{ "/ecs/" ECS "-1234567890", NULL, NULL, NULL, NULL, NULL },
		{ "/ecs/fedcba9876543210fedcba9876543210/" ECS "-1", NULL, NULL, NULL, NULL, NULL },
		{ "/lxc/web", NULL, "web", "lxc", NULL, NULL },
		{ "/lxc/101/ns/system.slice/nginx.service", "nginx.service", "101", "lxc", NULL,
		  NULL },
		{ "/lxc.payload.web/init.scope", "init.scope", "web", "lxc", NULL, NULL },
		{ "/lxc.payload/web", NULL, "web", "lxc", NULL, NULL },
		{ "/lxc.monitor.web", NULL, NULL, NULL, NULL, NULL },
		{ "/lxc.payload.", NULL, NULL, NULL, NULL, NULL },
		{ "/lxc.payload.web/docker/" ID, NULL, ID, "docker", NULL, NULL },
	};
	struct arena arena = { 0 };

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct cgroup_meaning m;
		bool right;

		CHECK_INT(cgroupfs_meaning(cases[i].path, &arena, &m), 0);
		right = same(m.unit, cases[i].unit) && same(m.container, cases[i].container) &&
			same(m.runtime, cases[i].runtime) && same(m.pod, cases[i].pod) &&
			same(m.qos, cases[i].qos);
		if (!right)
			printf("%s: unit %s, container %s, runtime %s, pod %s, qos %s\n",
			       cases[i].path, m.unit, m.container, m.runtime, m.pod, m.qos);
		CHECK(right);
	}
	arena_free(&arena);
}

/* ------------------------------------------------------------------ machines and garbled text */

/* The captured machines, where they are at hand: every process's cgroup can be read, and so can its
 * limit. */
static void test_machine(const char *name, enum cgroup_version version)
{
	char archive[256], command[1024];
	struct cgroupfs fs;
	struct cgroup c;
	struct tree t;
	pid_t *pids = NULL;
	ssize_t n;
	size_t in_web = 0;

	snprintf(archive, sizeof(archive), "tests/fixtures/machines/%s.tar.xz", name);
	if (access(archive, R_OK) < 0)
		return;
	TREE_OPEN(&t, NULL);
	snprintf(command, sizeof(command), "tar -xJf %s -C %s --strip-components=1", archive,
		 t.dir);
	CHECK_INT(system(command), 0);
	host_close(&t.h);
	CHECK_INT(host_open(&t.h, t.dir), 0);
	CHECK_INT(cgroupfs_open(&fs, &t.h), 0);
	CHECK_INT(fs.version, version);
	CHECK_STR(fs.mount, "/cg");
	CHECK_STR(fs.mount_root, "/");
	CHECK_INT(fs.v2_mounted, version == CGROUP_V2);
	n = host_list_pids(&t.h, &pids);
	CHECK(n > 10);
	for (ssize_t i = 0; i < n; i++) {
		char buf[4096];
		const char *path;
		size_t path_n;
		ssize_t got = host_read_proc(&t.h, pids[i], "cgroup", buf, sizeof(buf));

		CHECK(got > 0);
		CHECK_INT(cgroupfs_parse_proc_cgroup(buf, (size_t)(got > 0 ? got : 0), fs.version,
						     &path, &path_n),
			  0);
		path = arena_strndup(&t.arena, path, path_n);
		in_web += strcmp(path, "/web") == 0;
		CHECK_INT(cgroupfs_nearest_limited(&fs, &t.h, path, &t.arena, &c), 0);
	}
	CHECK_INT(in_web, 2);
	CHECK_INT(cgroupfs_read(&fs, &t.h, "/web", &t.arena, &c), 0);
	CHECK(c.have_limit && c.limit_bytes == CGROUP_UNLIMITED);
	CHECK_INT(c.have_memsw_limit, version == CGROUP_V1);
	CHECK_INT(c.have_swap_limit, version == CGROUP_V2);
	CHECK_INT(c.swappiness, 60);
	free(pids);
	cgroupfs_close(&fs);
	tree_close(&t);
}

static bool any_memory(void *ctx, const char *mount)
{
	unsigned *asked = ctx;

	return mount[0] == '/' && (++*asked & 1);
}

static void test_garbled(void)
{
	static const char cgroup[] =
		"9:name=systemd:/s\n4:cpu,memory:/docker/" ID "/x\n0::/kubepods/burstable/pod" UID_
		".slice:cri-containerd:" ID " (deleted)\n";
	static const char alphabet[] = "/ -:\\\n,.0123\0podlxc";
	uint32_t seed = 2;
	bool sound = true;

	for (int round = 0; round < 3000; round++) {
		const char *text = round % 2 ? hybrid : cgroup;
		size_t size = round % 2 ? sizeof(hybrid) : sizeof(cgroup), n = size - 1, path_n;
		struct arena arena = { 0 };
		char *copy = malloc(size);
		const char *path;
		struct cgroupfs fs;
		unsigned asked = 0;

		if (!copy)
			abort();
		memcpy(copy, text, size);
		for (int k = 0; k < 6; k++) {
			seed = seed * 1664525 + 1013904223;
			copy[(seed >> 8) % n] = alphabet[(seed >> 24) % (sizeof(alphabet) - 1)];
		}
		if (round % 3 == 0)
			n -= (seed >> 16) % n;
		copy = realloc(copy, n);
		if (!copy)
			abort();
		if (cgroupfs_parse_mounts(copy, n, round % 4 < 2, any_memory, &asked, &fs) == 0) {
			sound &= (fs.version == CGROUP_NO_MEMORY) == !fs.mount &&
				 !fs.mount == !fs.mount_root;
			cgroupfs_close(&fs);
		}
		if (cgroupfs_parse_proc_cgroup(copy, n, (enum cgroup_version)(round % 3), &path,
					       &path_n) == 0) {
			struct cgroup_meaning m;
			char *s = arena_strndup(&arena, path, path_n);

			sound &= path >= copy && path + path_n <= copy + n && path[0] == '/';
			sound &= cgroupfs_meaning(s, &arena, &m) == 0;
			sound &= !m.pod == !m.qos;
			for (const char *p = s; p; p = cgroupfs_parent(p, &arena))
				sound &= p[0] == '/';
		}
		arena_free(&arena);
		free(copy);
	}
	CHECK(sound);
}

int main(void)
{
	test_mounts();
	test_parts();
	test_hidden();
	test_no_mounts();
	test_open();
	test_proc_cgroup();
	test_dir();
	test_parent();
	test_read_v1();
	test_read_v2();
	test_nearest_limited();
	test_oom_group();
	test_meaning();
	test_machine("4.14.177-v1", CGROUP_V1);
	test_machine("6.1-v1", CGROUP_V1);
	test_machine("6.1-v2", CGROUP_V2);
	test_machine("7.2.12-v2", CGROUP_V2);
	test_garbled();
	return check_done();
}
