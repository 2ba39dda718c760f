/* SPDX-License-Identifier: GPL-2.0-or-later */
/* users: whose uid is this, by the rules of passwd(5) and getpwuid(3). */
#include "users.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

/* Parses a copy of exactly n bytes, so that a read past the end is seen by the sanitizers. */
static char *parse(const char *text, size_t n, struct users *u)
{
	char *copy = malloc(n ? n : 1);

	if (!copy)
		abort();
	memcpy(copy, text, n);
	CHECK_INT(users_parse(copy, n, u), 0);
	return copy;
}

static void test_lookup(void)
{
	static const char text[] = "root:x:0:0:root:/root:/bin/bash\n"
				   "daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n"
				   "toor:x:0:0:second:/root:/bin/sh\n"
				   "nobody:x:65534:65534::/:/bin/false\n"
				   "alice:x:1000:1000:Alice,,,:/home/alice:/bin/zsh";
	struct users u;
	char *copy = parse(text, strlen(text), &u);
	uid_t uid = 7;

	CHECK_INT(u.n, 5);
	CHECK_STR(users_name(&u, 0), "root");
	CHECK_STR(users_name(&u, 1), "daemon");
	CHECK_STR(users_name(&u, 1000), "alice");
	CHECK_STR(users_name(&u, 65534), "nobody");
	CHECK(users_name(&u, 2) == NULL);
	CHECK(users_name(&u, 4294967295u) == NULL);
	CHECK_INT(users_uid(&u, "toor", &uid), 0);
	CHECK_INT(uid, 0);
	CHECK_INT(users_uid(&u, "alice", &uid), 0);
	CHECK_INT(uid, 1000);
	CHECK_INT(users_uid(&u, "4242", &uid), 0);
	CHECK_INT(uid, 4242);
	uid = 7;
	CHECK_INT(users_uid(&u, "ali", &uid), -ENOENT);
	CHECK_INT(users_uid(&u, "", &uid), -ENOENT);
	CHECK_INT(users_uid(&u, "-1", &uid), -ENOENT);
	CHECK_INT(users_uid(&u, "4294967295", &uid), -ENOENT);
	CHECK_INT(users_uid(&u, "18446744073709551616", &uid), -ENOENT);
	CHECK_INT(uid, 7);
	users_close(&u);
	CHECK_INT(u.n, 0);
	free(copy);
}

static void test_first_line_wins(void)
{
	static const char text[] =
		"zoe:x:5:5::/:\nadam:x:5:5::/:\neve:x:6:6::/:\neve:x:7:7::/:\n12:x:99:99::/:\n";
	struct users u;
	char *copy = parse(text, strlen(text), &u);
	uid_t uid;

	CHECK_STR(users_name(&u, 5), "zoe");
	CHECK_INT(users_uid(&u, "eve", &uid), 0);
	CHECK_INT(uid, 6);
	/* A name of digits is a name first. */
	CHECK_INT(users_uid(&u, "12", &uid), 0);
	CHECK_INT(uid, 99);
	CHECK_INT(users_uid(&u, "13", &uid), 0);
	CHECK_INT(uid, 13);
	users_close(&u);
	free(copy);
}

static void test_odd_lines(void)
{
	static const char text[] = "# daemon:x:1:1:commented out:/:/bin/sh\n"
				   "\n"
				   "   \n"
				   "+::::::\n"
				   "+nis:x:20:20::/:\n"
				   "-nis:x:21:21::/:\n"
				   ":x:22:22::/:\n"
				   "nocolon\n"
				   "a:x\n"
				   "a:x:23\n"
				   "b:x:24:\n"
				   "c:x::25:\n"
				   "d:x:-1:26::/:\n"
				   "e:x:4294967295:27::/:\n"
				   "f:x:4294967296:28::/:\n"
				   "g:x:99999999999999999999999:29::/:\n"
				   "h:x:0x1e:30::/:\n"
				   "i:x:31abc:31::/:\n"
				   "j:x: 32:32::/:\n"
				   "k\0l:x:33:33::/:\n"
				   "  lead:x:34:34::/:\n"
				   "short:x:35:35\n"
				   "empty::36:36::/:\n"
				   "last:x:4294967294:37::/:\n";
	struct users u;
	char *copy = parse(text, sizeof(text) - 1, &u);

	CHECK_INT(u.n, 4);
	CHECK_STR(users_name(&u, 34), "lead");
	CHECK_STR(users_name(&u, 35), "short");
	CHECK_STR(users_name(&u, 36), "empty");
	CHECK_STR(users_name(&u, 4294967294u), "last");
	users_close(&u);
	free(copy);
}

static void test_many_are_sorted(void)
{
	enum { USERS = 3000 };
	char *text = malloc(USERS * 48);
	size_t n = 0;
	struct users u;
	bool all_found = true;

	if (!text)
		abort();
	/* 1009 and 3000 have no common factor: every uid comes once, in no order. */
	for (int i = 0; i < USERS; i++)
		n += (size_t)sprintf(text + n, "u%d:x:%d:100:::\n", i * 1009 % USERS,
				     i * 1009 % USERS);
	CHECK_INT(users_parse(text, n, &u), 0);
	CHECK_INT(u.n, USERS);
	for (uid_t uid = 0; uid < USERS; uid++) {
		const char *name = users_name(&u, uid);

		all_found &= name && name[0] == 'u' && (uid_t)atoi(name + 1) == uid;
	}
	CHECK(all_found);
	users_close(&u);
	free(text);
}

static void test_root(void)
{
	const char *tmp = getenv("TMPDIR");
	char dir[256], path[300];
	struct host h;
	struct users u;
	FILE *f;

	snprintf(dir, sizeof(dir), "%s/oomkit-users.XXXXXX", tmp && *tmp ? tmp : P_tmpdir);
	CHECK(mkdtemp(dir) != NULL);
	CHECK_INT(host_open(&h, dir), 0);
	/* No file is an empty table, not an error. */
	CHECK_INT(users_open(&u, &h), 0);
	CHECK_INT(u.n, 0);
	CHECK(users_name(&u, 0) == NULL);
	users_close(&u);
	snprintf(path, sizeof(path), "%s/etc", dir);
	CHECK_INT(mkdir(path, 0755), 0);
	/* Nor is a directory in its place. */
	snprintf(path, sizeof(path), "%s/etc/passwd", dir);
	CHECK_INT(mkdir(path, 0755), 0);
	CHECK_INT(users_open(&u, &h), 0);
	CHECK_INT(u.n, 0);
	users_close(&u);
	CHECK_INT(rmdir(path), 0);
	f = fopen(path, "w");
	CHECK(f && fputs("captain:x:0:0::/:\n", f) >= 0 && fclose(f) == 0);
	CHECK_INT(users_open(&u, &h), 0);
	CHECK_STR(users_name(&u, 0), "captain");
	users_close(&u);
	host_close(&h);
	CHECK_INT(unlink(path), 0);
	snprintf(path, sizeof(path), "%s/etc", dir);
	CHECK_INT(rmdir(path), 0);
	CHECK_INT(rmdir(dir), 0);
}

/* Garbled text gives fewer users or others, but only ones that stand in it. */
static void test_garbled(void)
{
	static const char text[] =
		"root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/:\n+::::::\n#c\nu:x:4294967294:5";
	static const char alphabet[] = ":\n\0#+-09x ";
	uint32_t seed = 1;
	bool sound = true;

	for (int round = 0; round < 2000; round++) {
		char mutant[sizeof(text)];
		size_t n = sizeof(text) - 1;
		struct users u;
		char *copy;

		memcpy(mutant, text, sizeof(text));
		for (int k = 0; k < 4; k++) {
			seed = seed * 1664525 + 1013904223;
			mutant[(seed >> 8) % n] = alphabet[(seed >> 24) % (sizeof(alphabet) - 1)];
		}
		n -= (seed >> 16) % (n / 2);
		copy = malloc(n);
		if (!copy)
			abort();
		memcpy(copy, mutant, n);
		sound &= users_parse(copy, n, &u) == 0;
		for (size_t i = 0; i < u.n; i++)
			sound &= u.rows[i].name >= copy && u.rows[i].name < copy + n &&
				 u.rows[i].name[0] != '\0' && users_name(&u, u.rows[i].uid) != NULL;
		users_close(&u);
		free(copy);
	}
	CHECK(sound);
}

int main(void)
{
	test_lookup();
	test_first_line_wins();
	test_odd_lines();
	test_many_are_sorted();
	test_root();
	test_garbled();
	return check_done();
}
