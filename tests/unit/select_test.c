/* SPDX-License-Identifier: GPL-2.0-or-later */
/* select: the form of a TARGET decides what it is, and who is meant by it. */
#include "select.h"

#include <errno.h>
#include <ftw.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

#define ID        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ID2       "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define LONG_NAME "a-rather-long-daemon"

/* ------------------------------------------------------------------ a machine of our own */

static const struct {
	const char *path, *text;
	size_t n; /* 0: as long as the text */
} files[] = {
	{ "etc/passwd", "root:x:0:0::/:\nwww:x:33:33::/:\n1000:x:44:44::/:\n", 0 },
	{ "proc/self/mountinfo", "34 30 0:31 / /cg rw - cgroup2 cg rw\n", 0 },
	{ "cg/cgroup.controllers", "memory\n", 0 },
	{ "cg/system.slice/nginx.service/memory.max", "max\n", 0 },
	{ "cg/system.slice/empty.service/memory.max", "max\n", 0 },
	{ "cg/system.slice/empty.service/empty.service/memory.max", "max\n", 0 },
	{ "cg/a/twin.service/memory.max", "max\n", 0 },
	{ "cg/b/twin.service/memory.max", "max\n", 0 },
	{ "cg/docker/aaaaaaaaaaaabbbb/memory.max", "max\n", 0 },
	{ "cg/cg/web/memory.max", "max\n", 0 },
	{ "cg/lone/memory.max", "max\n", 0 },
	{ "proc/40/cmdline", "/usr/sbin/" LONG_NAME "\0--verbose",
	  sizeof("/usr/sbin/" LONG_NAME "\0--verbose") },
	{ "proc/41/cmdline", "/usr/bin/python3\0/usr/sbin/" LONG_NAME,
	  sizeof("/usr/bin/python3\0/usr/sbin/" LONG_NAME) },
	{ "proc/42/cmdline", "a-rather-long-dancer", sizeof("a-rather-long-dancer") },
	{ "proc/43/cmdline", "/opt/My App/" LONG_NAME "\0x",
	  sizeof("/opt/My App/" LONG_NAME "\0x") },
};

#define ALL_HAVE (HAVE_COMM | HAVE_PPID | HAVE_UID | HAVE_CGROUP | HAVE_CMDLINE)
#define PROC(p, pp, u, c, cg, cmd)                                                 \
	{                                                                          \
		.pid = (p), .ppid = (pp), .uid = (u), .comm = (c), .cgroup = (cg), \
		.cmdline = (cmd), .have = ALL_HAVE                                 \
	}

static struct proc procs[] = {
	PROC(1, 0, 0, "init", "/init.scope", "/sbin/init splash"),
	PROC(2, 0, 0, "kthreadd", "/", ""),
	PROC(3, 2, 0, "kworker/0:0-events", "/", ""),
	PROC(10, 1, 0, "nginx", "/system.slice/nginx.service",
	     "nginx: master process /usr/sbin/nginx"),
	PROC(11, 10, 33, "nginx", "/system.slice/nginx.service/workers", "nginx: worker process"),
	PROC(12, 1, 44, "nginx-debug", "/system.slice/nginx.service.d", "nginx-debug"),
	PROC(20, 1, 0, "conmon", "/machine.slice/libpod-conmon-" ID ".scope",
	     "/usr/bin/conmon -c " ID),
	PROC(21, 20, 1000, "app", "/machine.slice/libpod-" ID ".scope", "app"),
	PROC(22, 21, 1000, "sh", "/machine.slice/libpod-" ID ".scope/in", "sh -c 'sleep 1000'"),
	PROC(23, 500, 0, "deep", "/docker/" ID2 "/docker/" ID, "deep"),
	PROC(30, 9, 0, "orphan", "/machine.slice/gone.scope (deleted)", "orphan"),
	PROC(31, 32, 0, "ring", "/../outside", "ring"),
	PROC(32, 31, 0, "ring", "/..", "ring"),
	PROC(40, 1, 0, "a-rather-long-d", "/system.slice/x.service",
	     "/usr/sbin/" LONG_NAME " --verbose"),
	PROC(41, 1, 0, "a-rather-long-d", "/system.slice/y.service",
	     "/usr/bin/python3 /usr/sbin/" LONG_NAME),
	PROC(42, 1, 0, "a-rather-long-d", "/system.slice/x.service", "a-rather-long-dancer"),
	PROC(43, 1, 0, "a-rather-long-d", "/system.slice/x.service", "/opt/My App/" LONG_NAME " x"),
	PROC(44, 1, 0, "a-rather-long-d", "/system.slice/x.service", "gone " LONG_NAME),
	PROC(50, 10, 33, "oomkit", "/system.slice/nginx.service", "oomkit score nginx"),
	PROC(500, 50, 0, "child", "/", "child"),
	{ .pid = 600, .err = EACCES },
	PROC(4194304, 600, 0, "last", "/lone", "last"),
};
#define N_PROCS (sizeof(procs) / sizeof(*procs))
#define SELF    50

static struct snapshot snapshot = { .origin = ORIGIN_ROOT, .procs = procs, .n_procs = N_PROCS };

struct machine {
	char dir[256];
	struct host h;
	struct arena arena;
};

static void write_file(const struct machine *m, size_t i)
{
	char full[1024];
	size_t n = files[i].n ? files[i].n : strlen(files[i].text);
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", m->dir, files[i].path);
	for (char *p = full + strlen(m->dir) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(full, 0755);
		*p = '/';
	}
	f = fopen(full, "w");
	if (!f || fwrite(files[i].text, 1, n, f) != n || fclose(f) != 0)
		abort();
}

static void machine_open(struct machine *m)
{
	const char *tmp = getenv("TMPDIR");

	*m = (struct machine){ 0 };
	snprintf(m->dir, sizeof(m->dir), "%s/oomkit-select.XXXXXX", tmp && *tmp ? tmp : P_tmpdir);
	if (!mkdtemp(m->dir))
		abort();
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		write_file(m, i);
	if (host_open(&m->h, m->dir) < 0)
		abort();
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static void machine_close(struct machine *m)
{
	host_close(&m->h);
	arena_free(&m->arena);
	CHECK_INT(nftw(m->dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* ------------------------------------------------------------------ the form */

static void test_kind(void)
{
	static const struct {
		const char *text;
		enum target_kind kind;
	} cases[] = {
		{ "0", TARGET_PID },
		{ "1", TARGET_PID },
		{ "4194304", TARGET_PID },
		{ "000000000000001", TARGET_PID },
		{ "4194305", TARGET_NAME },
		{ "99999999999", TARGET_NAME },
		{ "123456789012", TARGET_CONTAINER },
		{ "99999999999999999999999999", TARGET_CONTAINER },
		{ "-1", TARGET_NAME },
		{ "+1", TARGET_NAME },
		{ " 1", TARGET_NAME },
		{ "1 ", TARGET_NAME },
		{ "/", TARGET_CGROUP },
		{ "/system.slice/nginx.service", TARGET_CGROUP },
		{ "/1234567890ab", TARGET_CGROUP },
		{ "nginx.service", TARGET_UNIT },
		{ "a.scope", TARGET_UNIT },
		{ "a.slice", TARGET_UNIT },
		{ "a.socket", TARGET_UNIT },
		{ "0123456789abcdef.service", TARGET_UNIT },
		{ "a.service.d", TARGET_NAME },
		{ "a.mount", TARGET_NAME },
		{ "service", TARGET_NAME },
		{ "abcdefabcdef", TARGET_CONTAINER },
		{ "ABCDEF012345", TARGET_CONTAINER },
		{ "abcdefabcde", TARGET_NAME },
		{ "abcdefabcdeg", TARGET_NAME },
		{ ID, TARGET_CONTAINER },
		{ "nginx", TARGET_NAME },
		{ "", TARGET_NAME },
		{ "a/b", TARGET_NAME },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		enum target_kind kind = select_kind_of(cases[i].text);

		if (kind != cases[i].kind)
			printf("\"%s\" is of kind %d\n", cases[i].text, (int)kind);
		CHECK(kind == cases[i].kind);
	}
}

static void test_add(void)
{
	struct select_spec spec = { 0 };

	CHECK(!select_only_pids(&spec));
	CHECK_INT(select_need(&spec), 0);
	CHECK_INT(select_add(&spec, TARGET_PID, "1,20,4194304"), 0);
	CHECK_INT(spec.n, 3);
	CHECK_INT(spec.targets[1].pid, 20);
	CHECK_STR(spec.targets[1].text, "20");
	CHECK(select_only_pids(&spec));
	CHECK_INT(select_need(&spec), 0);
	CHECK_INT(select_add(&spec, TARGET_USER, "root,33"), 0);
	CHECK_STR(spec.targets[3].text, "root");
	CHECK_STR(spec.targets[4].text, "33");
	CHECK(!select_only_pids(&spec));
	CHECK_INT(select_need(&spec), HAVE_UID);

	/* What is refused leaves nothing behind. */
	CHECK_INT(select_add(&spec, TARGET_PID, "1,x"), -EINVAL);
	CHECK_INT(select_add(&spec, TARGET_PID, "1,,2"), -EINVAL);
	CHECK_INT(select_add(&spec, TARGET_PID, "1,"), -EINVAL);
	CHECK_INT(select_add(&spec, TARGET_PID, ""), -EINVAL);
	CHECK_INT(select_add(&spec, TARGET_PID, "4194305"), -EINVAL);
	CHECK_INT(select_add(&spec, TARGET_PID, "-1"), -EINVAL);
	CHECK_INT(select_add(&spec, TARGET_USER, ",root"), -EINVAL);
	CHECK_INT(select_add(&spec, TARGET_TREE, "x"), -EINVAL);
	CHECK_INT(select_add(&spec, TARGET_TREE, "1,2"), -EINVAL);
	CHECK_INT(select_add(&spec, TARGET_NAME, ""), -EINVAL);
	CHECK_INT(select_add(&spec, TARGET_NAME, NULL), -EINVAL);
	CHECK_INT(select_add(&spec, TARGET_UNIT, ""), -EINVAL);
	CHECK_INT(select_add(&spec, TARGET_CGROUP, ""), -EINVAL);
	CHECK_INT(select_add(&spec, TARGET_CONTAINER, "abcdef"), -EINVAL);
	CHECK_INT(select_add(&spec, TARGET_CONTAINER, "web-container-1"), -EINVAL);
	CHECK_INT(select_add(&spec, TARGET_COMM_REGEX, "("), -EINVAL);
	CHECK_INT(select_add(&spec, TARGET_FULL_REGEX, "a{2,1}"), -EINVAL);
	CHECK_INT(select_add(&spec, TARGET_COMM_REGEX, ""), -EINVAL);
	CHECK_INT(spec.n, 5);

	CHECK_INT(select_add(&spec, TARGET_TREE, "1"), 0);
	CHECK_INT(spec.targets[5].pid, 1);
	CHECK_INT(select_need(&spec), HAVE_UID | HAVE_PPID);
	CHECK_INT(select_add(&spec, TARGET_ALL, NULL), 0);
	CHECK_STR(spec.targets[6].text, "--all");
	CHECK_INT(select_add(&spec, TARGET_NAME, "nginx"), 0);
	CHECK_INT(select_need(&spec), HAVE_UID | HAVE_PPID | HAVE_COMM);
	CHECK_INT(select_add(&spec, TARGET_FULL_REGEX, "^x"), 0);
	CHECK_INT(select_need(&spec), HAVE_UID | HAVE_PPID | HAVE_COMM | HAVE_CMDLINE);
	CHECK_INT(select_add(&spec, TARGET_UNIT, "x"), 0);
	CHECK_INT(select_need(&spec),
		  HAVE_UID | HAVE_PPID | HAVE_COMM | HAVE_CMDLINE | HAVE_CGROUP);
	select_free(&spec);
	CHECK_INT(spec.n, 0);
	CHECK(spec.targets == NULL);
}

/* ------------------------------------------------------------------ matching */

/* Who is meant, as "10 11 50"; "missed" where nobody is. */
static void who(const struct machine *m, const struct select_spec *spec, char *buf, size_t size)
{
	bool chosen[N_PROCS], missed[16];
	ssize_t n, count = 0;
	size_t at = 0;

	memset(chosen, 1, sizeof(chosen));
	n = select_match(spec, &m->h, &snapshot, SELF, chosen, missed);
	buf[0] = '\0';
	for (size_t i = 0; i < N_PROCS; i++)
		if (chosen[i]) {
			at += (size_t)snprintf(buf + at, size - at, "%s%d", count ? " " : "",
					       (int)procs[i].pid);
			count++;
		}
	CHECK_INT(n, count);
	for (size_t i = 0; i < spec->n; i++)
		if (missed[i])
			snprintf(buf + strlen(buf), size - strlen(buf), "%smissed",
				 buf[0] ? " " : "");
}

static void check_who(int line, const struct machine *m, enum target_kind kind, const char *text,
		      const char *want)
{
	struct select_spec spec = { 0 };
	char got[512];

	CHECK_INT(select_add(&spec, kind, text), 0);
	who(m, &spec, got, sizeof(got));
	if (strcmp(got, want) != 0)
		printf("line %d: %s means %s, not %s\n", line, text, got, want);
	CHECK_STR(got, want);
	select_free(&spec);
}
#define WHO(kind, text, want) check_who(__LINE__, m, TARGET_##kind, text, want)
#define EVERYBODY_ELSE        "1 2 3 10 11 12 20 21 22 23 30 31 32 40 41 42 43 44 500 600 4194304"

static void test_pids(const struct machine *m)
{
	WHO(PID, "1", "1");
	WHO(PID, "4194304", "4194304");
	WHO(PID, "7", "missed");
	WHO(PID, "0", "missed");
	WHO(PID, "7,1,10", "1 10 missed");
	/* By its pid alone are we meant ourselves. */
	WHO(PID, "50", "50");
	WHO(PID, "600", "600");
}

static void test_names(const struct machine *m)
{
	WHO(NAME, "nginx", "10 11");
	WHO(NAME, "ngin", "missed");
	WHO(NAME, "oomkit", "missed");
	WHO(NAME, "kworker/0:0-events", "3");
	WHO(NAME, "kworker/0:0-eve", "missed");
	/* 15 bytes are a whole comm; more must agree with argv[0], not with an argument. */
	WHO(NAME, "a-rather-long-d", "40 41 42 43 44");
	WHO(NAME, LONG_NAME, "40 43");
	WHO(NAME, "a-rather-long-dancer", "42");
	WHO(NAME, "a-rather-long-da", "missed");
	snapshot.origin = ORIGIN_LOG;
	WHO(NAME, LONG_NAME, "missed");
	snapshot.origin = ORIGIN_ROOT;
	WHO(COMM_REGEX, "ngin", "10 11 12");
	WHO(COMM_REGEX, "^nginx$", "10 11");
	WHO(COMM_REGEX, "^(init|sh)$", "1 22");
	WHO(COMM_REGEX, "oomkit", "missed");
	WHO(FULL_REGEX, "worker process", "11");
	WHO(FULL_REGEX, "sleep", "22");
	/* Without a command line it is the name that counts, as for pgrep. */
	WHO(FULL_REGEX, "^kworker", "3");
	WHO(FULL_REGEX, "score", "missed");
}

static void test_users(const struct machine *m)
{
	WHO(USER, "www", "11");
	WHO(USER, "33", "11");
	WHO(USER, "www,44", "11 12");
	/* A user whose name is a number, before the number. */
	WHO(USER, "1000", "12");
	WHO(USER, "nobody", "missed");
	WHO(USER, "www,nobody", "11 missed");
	WHO(USER, "77", "missed");
}

static void test_cgroups(const struct machine *m)
{
	WHO(CGROUP, "/system.slice/nginx.service", "10 11");
	WHO(CGROUP, "/system.slice/nginx.service/", "10 11");
	WHO(CGROUP, "//system.slice///nginx.service//workers", "11");
	WHO(CGROUP, "system.slice/nginx.service", "10 11");
	WHO(CGROUP, "/system.slice/nginx", "missed");
	WHO(CGROUP, "/lone", "4194304");
	/* The root and all below; not what stands beside it. */
	WHO(CGROUP, "/", "1 2 3 10 11 12 20 21 22 23 30 40 41 42 43 44 500 4194304");
	WHO(CGROUP, "/../outside", "31");
	WHO(CGROUP, "/machine.slice/gone.scope", "30");
	WHO(CGROUP, "/machine.slice/gone.scope (deleted)", "30");
	/* A full path under the mount; but /cg/web is a cgroup of that name. */
	WHO(CGROUP, "/cg/system.slice/nginx.service/", "10 11");
	WHO(CGROUP, "/cg/lone", "4194304");
	WHO(CGROUP, "/cg/web", "missed");
	WHO(CGROUP, "/cg2/lone", "missed");
	WHO(UNIT, "nginx.service", "10 11");
	WHO(UNIT, "nginx", "10 11");
	WHO(UNIT, "gone.scope", "30");
	WHO(UNIT, "machine.slice", "20 21 22 30");
	WHO(UNIT, "workers", "missed");
	WHO(UNIT, "ginx.service", "missed");
	WHO(CONTAINER, ID, "21 22 23");
	WHO(CONTAINER, "0123456789ab", "21 22 23");
	WHO(CONTAINER, "0123456789AB", "21 22 23");
	WHO(CONTAINER, "fedcba987654", "23");
	WHO(CONTAINER, "fedcba987650", "missed");
}

static void test_trees(const struct machine *m)
{
	/* 500 and 23 descend from us, who are of the tree but not meant. */
	WHO(TREE, "10", "10 11 23 500");
	WHO(TREE, "50", "23 50 500");
	WHO(TREE, "20", "20 21 22");
	WHO(TREE, "2", "2 3");
	WHO(TREE, "600", "600 4194304");
	WHO(TREE, "9", "missed");
	WHO(TREE, "31", "31 32");
	WHO(TREE, "4194304", "4194304");
}

static void test_sums(const struct machine *m)
{
	struct select_spec spec = { 0 };
	char got[512];

	who(m, &spec, got, sizeof(got));
	CHECK_STR(got, "1 2 3 10 11 12 20 21 22 23 30 31 32 40 41 42 43 44 50 500 600 4194304");
	WHO(ALL, NULL, EVERYBODY_ELSE);
	CHECK_INT(select_add(&spec, TARGET_NAME, "nginx"), 0);
	CHECK_INT(select_add(&spec, TARGET_NAME, "nobody-runs"), 0);
	CHECK_INT(select_add(&spec, TARGET_USER, "www"), 0);
	CHECK_INT(select_add(&spec, TARGET_PID, "50"), 0);
	who(m, &spec, got, sizeof(got));
	CHECK_STR(got, "10 11 50 missed");
	select_free(&spec);
}

/* A fact that is missing is never taken for a value: pid 600 has none, and 0 is root's uid. */
static void test_unknown(const struct machine *m)
{
	bool chosen[N_PROCS], missed[1];
	struct select_spec spec = { 0 };

	CHECK_INT(select_add(&spec, TARGET_USER, "root"), 0);
	CHECK(select_match(&spec, &m->h, &snapshot, SELF, chosen, missed) > 0);
	for (size_t i = 0; i < N_PROCS; i++)
		CHECK_INT(chosen[i],
			  procs[i].uid == 0 && procs[i].pid != 600 && procs[i].pid != SELF);
	select_free(&spec);
}

/* ------------------------------------------------------------------ one cgroup */

static void check_path(int line, struct machine *m, enum target_kind kind, const char *text,
		       int want_r, const char *want)
{
	struct select_spec spec = { 0 };
	const char *got = NULL;
	int r;

	CHECK_INT(select_add(&spec, kind, text), 0);
	r = select_cgroup_path(&spec.targets[0], &m->h, &snapshot, &m->arena, &got);
	if (r != want_r || (r == 0 && strcmp(got, want) != 0))
		printf("line %d: %s returns %d, %s\n", line, text, r, got ? got : "none");
	CHECK_INT(r, want_r);
	if (want)
		CHECK_STR(got, want);
	select_free(&spec);
}
#define PATH_OF(kind, text, want)  check_path(__LINE__, m, TARGET_##kind, text, 0, want)
#define NO_PATH(kind, text, error) check_path(__LINE__, m, TARGET_##kind, text, -(error), NULL)

static void test_cgroup_path(struct machine *m)
{
	PATH_OF(PID, "10", "/system.slice/nginx.service");
	PATH_OF(PID, "50", "/system.slice/nginx.service");
	NO_PATH(PID, "7", ENOENT);
	NO_PATH(PID, "600", ENOENT);
	PATH_OF(NAME, "app", "/machine.slice/libpod-" ID ".scope");
	PATH_OF(NAME, LONG_NAME, "/system.slice/x.service");
	NO_PATH(NAME, "nginx", ENOTUNIQ);
	NO_PATH(NAME, "nobody-runs", ENOENT);
	PATH_OF(NAME, "kthreadd", "/");
	PATH_OF(CGROUP, "/system.slice/nginx.service/", "/system.slice/nginx.service");
	PATH_OF(CGROUP, "/cg/system.slice/nginx.service", "/system.slice/nginx.service");
	PATH_OF(CGROUP, "/cg", "/cg");
	PATH_OF(CGROUP, "/cg/web", "/cg/web");
	/* Nobody runs there, but it is mounted; nobody knows the other. */
	PATH_OF(CGROUP, "/system.slice/empty.service", "/system.slice/empty.service");
	PATH_OF(CGROUP, "/cg/system.slice/empty.service", "/system.slice/empty.service");
	NO_PATH(CGROUP, "/system.slice/nowhere.service", ENOENT);
	NO_PATH(CGROUP, "/cg/memory.max", ENOENT);
	/* Not mounted here, but somebody runs there. */
	PATH_OF(CGROUP, "/docker/" ID2, "/docker/" ID2);
	PATH_OF(CGROUP, "/", "/");
	PATH_OF(UNIT, "nginx.service", "/system.slice/nginx.service");
	PATH_OF(UNIT, "system.slice", "/system.slice");
	PATH_OF(UNIT, "empty.service", "/system.slice/empty.service");
	NO_PATH(UNIT, "twin.service", ENOTUNIQ);
	NO_PATH(UNIT, "nowhere.service", ENOENT);
	PATH_OF(CONTAINER, "fedcba987654", "/docker/" ID2);
	PATH_OF(CONTAINER, "aaaaaaaaaaaa", "/docker/aaaaaaaaaaaabbbb");
	NO_PATH(CONTAINER, ID, ENOTUNIQ);
	NO_PATH(CONTAINER, "bbbbbbbbbbbb", ENOENT);
}

/* ------------------------------------------------------------------ garbled targets */

static void test_garbled(const struct machine *m)
{
	static const char alphabet[] = "0123abf/.,*([\\{|)^$ -x\xff\n";
	static const char *const ends[] = { "", ".service", "/", "0123456789ab" };
	uint32_t seed = 3;
	bool sound = true;

	for (int round = 0; round < 600; round++) {
		bool chosen[N_PROCS], missed[40];
		struct select_spec spec = { 0 };
		char text[40];
		size_t n;
		ssize_t r;

		seed = seed * 1664525 + 1013904223;
		n = 1 + (seed >> 8) % 16;
		for (size_t i = 0; i < n; i++) {
			seed = seed * 1664525 + 1013904223;
			text[i] = alphabet[(seed >> 16) % (sizeof(alphabet) - 1)];
		}
		snprintf(text + n, sizeof(text) - n, "%s", ends[(seed >> 4) % 4]);
		for (int kind = TARGET_PID; kind <= TARGET_ALL; kind++) {
			size_t before = spec.n;
			int added = select_add(&spec, (enum target_kind)kind, text);

			sound &= added == 0 || (added == -EINVAL && spec.n == before);
		}
		sound &= select_add(&spec, select_kind_of(text), text) == 0;
		if (spec.n > 40)
			abort();
		r = select_match(&spec, &m->h, &snapshot, SELF, chosen, missed);
		sound &= r >= (ssize_t)N_PROCS - 1;
		select_free(&spec);
	}
	CHECK(sound);
}

int main(void)
{
	struct machine m;

	machine_open(&m);
	test_kind();
	test_add();
	test_pids(&m);
	test_names(&m);
	test_users(&m);
	test_cgroups(&m);
	test_trees(&m);
	test_sums(&m);
	test_unknown(&m);
	test_cgroup_path(&m);
	test_garbled(&m);
	machine_close(&m);
	return check_done();
}
