/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whom may oomkit adj lower, with which rights, and what does it say where it may not? Here
 * CAP_SYS_RESOURCE is there, which a container lacks: so the floor of oom_score_adj is a number
 * that is known, and a capability that is granted can be seen to go no further than it was granted.
 */
#include "guest-adj.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../random.h"

#define COPIES "/tmp/copies"

/* ------------------------------------------------------------------ who runs it */

static int keep_only(const cap_value_t *kept, int n)
{
	cap_t caps = cap_init();
	int r = -1;

	if (caps && cap_set_flag(caps, CAP_PERMITTED, n, kept, CAP_SET) == 0 &&
	    cap_set_flag(caps, CAP_EFFECTIVE, n, kept, CAP_SET) == 0 &&
	    cap_set_flag(caps, CAP_INHERITABLE, n, kept, CAP_SET) == 0)
		r = cap_set_proc(caps);
	cap_free(caps);
	return r;
}

static int become_user(uid_t uid)
{
	if (setgroups(0, NULL) || setresgid(uid, uid, uid) || setresuid(uid, uid, uid))
		return -1;
	/* Else our own files in /proc would be root's. */
	return prctl(PR_SET_DUMPABLE, 1);
}

static int become_ambient(void)
{
	static const cap_value_t resource = CAP_SYS_RESOURCE;

	if (prctl(PR_SET_KEEPCAPS, 1) || become_user(USER) || keep_only(&resource, 1))
		return -1;
	return cap_set_ambient(CAP_SYS_RESOURCE, CAP_SET);
}

static int become_root_of_namespace(void)
{
	if (become_user(USER) || unshare(CLONE_NEWUSER))
		return -1;
	write_file("/proc/self/setgroups", "deny");
	return write_file("/proc/self/uid_map", "0 1000 1") ||
	       write_file("/proc/self/gid_map", "0 1000 1");
}

static int become(enum caller who)
{
	switch (who) {
	case BY_ROOT:
		return 0;
	case BY_ROOT_WITHOUT:
		return cap_drop_bound(CAP_SYS_RESOURCE);
	case BY_USER:
		return become_user(USER);
	case BY_AMBIENT:
		return become_ambient();
	case BY_NAMESPACE:
		return become_root_of_namespace();
	case BY_NAMESPACE_WITHOUT:
		return become_root_of_namespace() || cap_drop_bound(CAP_SYS_RESOURCE);
	}
	return -1;
}

static void take(int fd, char *buf, size_t size)
{
	ssize_t n = pread(fd, buf, size - 1, 0);

	buf[n > 0 ? n : 0] = '\0';
	close(fd);
}

void run_as(enum caller who, const char *environment, const char *const *argv, struct said *ret)
{
	const char *const envp[] = { "PATH=/:/tmp", environment, NULL };
	int out = memfd_create("out", MFD_CLOEXEC), err = memfd_create("err", MFD_CLOEXEC);
	pid_t child = fork();
	int status = 0;

	if (child < 0 || out < 0 || err < 0)
		give_up("a run of oomkit");
	if (child == 0) {
		dup2(out, STDOUT_FILENO);
		dup2(err, STDERR_FILENO);
		if (become(who))
			_exit(121);
		execve(argv[0], (char *const *)argv, (char *const *)envp);
		_exit(122);
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	ret->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	take(out, ret->out, sizeof(ret->out));
	take(err, ret->err, sizeof(ret->err));
}

static void show(const char *what, const char *text)
{
	printf("%s<", what);
	for (; *text; text++)
		putchar(*text == '\n' ? '|' : *text);
	printf(">");
}

void check(const struct lab *l, bool ok, const char *name, const struct said *s)
{
	printf("check %s %u %llu %s %s\n", l->mode, l->round, (unsigned long long)l->seed,
	       ok ? "ok" : "failed", name);
	if (ok || !s)
		return;
	printf("detail %s: exit %d ", name, s->status);
	show("out ", s->out);
	show(" err ", s->err);
	printf("\n");
}

/* ------------------------------------------------------------------ processes */

int value_of(pid_t pid)
{
	char path[PATH_SIZE], buf[32];

	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
	return read_file(path, buf, sizeof(buf)) > 0 ? (int)strtol(buf, NULL, 10) : INT_MIN;
}

int set_value(pid_t pid, int value)
{
	char path[PATH_SIZE], text[16];

	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
	snprintf(text, sizeof(text), "%d", value);
	return write_file(path, text);
}

pid_t sleeper(uid_t uid, int value)
{
	int ready[2];
	char byte;
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC))
		give_up("a pipe");
	pid = fork();
	if (pid < 0)
		give_up("a sleeper");
	if (pid == 0) {
		if (uid && become_user(uid))
			_exit(1);
		prctl(PR_SET_NAME, "sleeper");
		if (write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1 || set_value(pid, value))
		give_up("a sleeper's value");
	close(ready[0]);
	return pid;
}

void end_sleeper(pid_t pid)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* ------------------------------------------------------------------ one change */

/* PROGRAM adj [-v] -n VALUE [--clamp] [-p] PID */
static void adj(enum caller who, const char *program, const char *environment, int value,
		const char *word, const char *target, struct said *ret)
{
	char number[16];
	const char *argv[] = { program, "adj", "-n", number, target, word, NULL };

	snprintf(number, sizeof(number), "%d", value);
	run_as(who, environment, argv, ret);
}

static void adj_pid(enum caller who, int value, const char *word, pid_t pid, struct said *ret)
{
	char target[16];

	snprintf(target, sizeof(target), "%d", pid);
	adj(who, OOMKIT, NULL, value, word, target, ret);
}

static bool says(const struct said *s, int status, const char *text)
{
	return s->status == status && strstr(s->err, text);
}

/* ------------------------------------------------------------------ the floor */

static void check_root(struct lab *l, uint64_t *random)
{
	int value = -1 - (int)random_below(random, 1000);
	pid_t pid = sleeper(USER, 300);
	struct said s;

	adj_pid(BY_ROOT, value, NULL, pid, &s);
	check(l, s.status == 0 && !*s.out && !*s.err && value_of(pid) == value, "root lowers", &s);
	adj_pid(BY_ROOT, 1000, NULL, pid, &s);
	check(l, s.status == 0 && value_of(pid) == 1000, "root raises", &s);
	end_sleeper(pid);
}

/* Whoever lacks the capability may go down to what its last holder set, and no further. */
static void check_floor(struct lab *l, uint64_t *random, enum caller who, const char *name)
{
	int floor = -(int)random_below(random, 999),
	    above = floor + 1 + (int)random_below(random, 900);
	pid_t pid = sleeper(USER, floor);
	char text[64], what[64];
	struct said s;

	adj_pid(who, above, NULL, pid, &s);
	snprintf(what, sizeof(what), "%s: raised from the floor", name);
	check(l, s.status == 0 && value_of(pid) == above, what, &s);
	adj_pid(who, floor - 1, NULL, pid, &s);
	snprintf(text, sizeof(text), "its floor lies above %d, at %d at most", floor - 1, above);
	snprintf(what, sizeof(what), "%s: below the floor is 77, and says between what it lies",
		 name);
	check(l, says(&s, 77, above - floor == 0 ? "its floor is" : text) && value_of(pid) == above,
	      what, &s);
	adj_pid(who, floor, NULL, pid, &s);
	snprintf(what, sizeof(what), "%s: down to the floor", name);
	check(l, s.status == 0 && value_of(pid) == floor, what, &s);
	adj_pid(who, floor - 1, NULL, pid, &s);
	snprintf(text, sizeof(text), "its floor is %d (", floor);
	snprintf(what, sizeof(what), "%s: one below the floor is 77, and says the floor", name);
	check(l, says(&s, 77, text) && value_of(pid) == floor, what, &s);
	set_value(pid, floor);
	adj_pid(who, above, NULL, pid, &s);
	adj_pid(who, -1000, "--clamp", pid, &s);
	snprintf(text, sizeof(text), "%d taken for -1000, which is below its floor", floor);
	snprintf(what, sizeof(what), "%s: --clamp takes the floor", name);
	check(l, says(&s, 0, text) && value_of(pid) == floor, what, &s);
	end_sleeper(pid);
}

static void check_words(struct lab *l)
{
	pid_t pid = sleeper(USER, 10);
	struct said s;

	adj_pid(BY_ROOT_WITHOUT, -5, NULL, pid, &s);
	check(l, says(&s, 77, "the capability CAP_SYS_RESOURCE, which this run lacks"),
	      "root without it: the capability is named", &s);
	adj_pid(BY_USER, -5, NULL, pid, &s);
	check(l, says(&s, 77, "AmbientCapabilities=CAP_SYS_RESOURCE"),
	      "a user: what would help is named", &s);
	adj_pid(BY_NAMESPACE, -5, NULL, pid, &s);
	check(l, says(&s, 77, "in the initial user namespace, and this is another one"),
	      "root of a user namespace: the namespace is named", &s);
	adj_pid(BY_NAMESPACE_WITHOUT, -5, NULL, pid, &s);
	check(l, says(&s, 77, "in the initial user namespace, and this is another one"),
	      "the same without the capability: it would be of no use there", &s);
	check(l, value_of(pid) == 10, "and none of them has changed it", &s);
	end_sleeper(pid);
}

/* ------------------------------------------------------------------ granted, and no more */

static void check_ambient(struct lab *l, uint64_t *random)
{
	const char *const run[] = { OOMKIT, "adj", "-n",       "-321",    "--",
				    OOMKIT, "adj", "--format", "tsv",     "--noheadings",
				    "-o",   "adj", "-x",       "sleeper", NULL };
	int value = -1 - (int)random_below(random, 1000);
	pid_t own = sleeper(USER, 0), roots = sleeper(0, 17);
	struct said s;

	adj_pid(BY_AMBIENT, value, NULL, own, &s);
	check(l, s.status == 0 && value_of(own) == value, "ambient: a user lowers their own", &s);
	adj_pid(BY_AMBIENT, value, NULL, roots, &s);
	check(l, says(&s, 77, "it belongs to another user") && value_of(roots) == 17,
	      "ambient: another user's stays", &s);
	adj(BY_AMBIENT, OOMKIT, NULL, 5, NULL, "sleeper", &s);
	check(l, s.status == 64 && value_of(roots) == 17 && value_of(own) == 5,
	      "ambient: a pattern reaches their own alone, 64", &s);
	run_as(BY_AMBIENT, NULL, run, &s);
	check(l, s.status == 0, "ambient: a command is run with a lower value", &s);
	end_sleeper(own);
	end_sleeper(roots);
}

/* A copy of oomkit with these file capabilities, or false. */
static bool copy_with(const char *path, const char *caps)
{
	cap_t granted = cap_from_text(caps);
	char buf[65536];
	int from = open(OOMKIT, O_RDONLY | O_CLOEXEC), to;
	ssize_t n;
	bool ok;

	to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	while ((n = read(from, buf, sizeof(buf))) > 0 && write(to, buf, (size_t)n) == n)
		;
	close(from);
	close(to);
	ok = n == 0 && chmod(path, 0755) == 0 && granted && cap_set_file(path, granted) == 0;
	cap_free(granted);
	return ok;
}

/* A root with one process in it, which is the caller's own. */
static void make_root(const char *top, pid_t pid)
{
	char path[PATH_SIZE], stat[1024], from[64];

	mkdir(top, 0755);
	snprintf(path, sizeof(path), "%s/proc", top);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/proc/%d", top, pid);
	mkdir(path, 0755);
	snprintf(from, sizeof(from), "/proc/%d/stat", pid);
	if (read_file(from, stat, sizeof(stat)) < 0)
		give_up(from);
	snprintf(path, sizeof(path), "%s/proc/%d/stat", top, pid);
	close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
	write_file(path, stat);
	snprintf(path, sizeof(path), "%s/proc/%d/oom_score_adj", top, pid);
	close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	write_file(path, "44\n");
}

static int value_below(const char *top, pid_t pid)
{
	char path[PATH_SIZE], buf[32];

	snprintf(path, sizeof(path), "%s/proc/%d/oom_score_adj", top, pid);
	return read_file(path, buf, sizeof(buf)) > 0 ? (int)strtol(buf, NULL, 10) : INT_MIN;
}

/* Nobody gets more than the write of a value to what is theirs: not by the environment, another
 * root, a pattern, or a command. */
static void check_granted(struct lab *l, const char *tool, const char *caps)
{
	static const char *const patterns[][2] = {
		{ "--comm", "." }, { "-u", "0" }, { "-A", NULL }, { "--tree", "1" }, { "-f", "." }
	};
	const char *const status[] = { tool, "adj", "-n", "-7", "--", "/init", NULL };
	const char *const protect[] = { tool, "protect", "x.service", NULL };
	pid_t own = sleeper(USER, 0), roots = sleeper(0, 17);
	char pid[16], name[96];
	struct said s;

	snprintf(pid, sizeof(pid), "%d", own);
	adj(BY_USER, tool, NULL, -250, NULL, pid, &s);
	snprintf(name, sizeof(name), "%s: a user lowers their own", caps);
	check(l, s.status == 0 && value_of(own) == -250, name, &s);
	adj(BY_USER, tool, "OOMKIT_ROOT=" COPIES "/root", -251, NULL, pid, &s);
	snprintf(name, sizeof(name), "%s: OOMKIT_ROOT has no say", caps);
	check(l, s.status == 0 && value_of(own) == -251 && value_below(COPIES "/root", own) != -251,
	      name, &s);
	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
		const char *argv[] = {
			tool, "adj", "-n", "9", patterns[i][0], patterns[i][1], NULL
		};

		run_as(BY_USER, NULL, argv, &s);
		snprintf(name, sizeof(name), "%s: %s does not reach root's", caps, patterns[i][0]);
		check(l,
		      (s.status == 64 || s.status == 77) && value_of(roots) == 17 &&
			      value_of(1) != 9,
		      name, &s);
	}
	snprintf(pid, sizeof(pid), "%d", roots);
	adj(BY_USER, tool, NULL, 100, NULL, pid, &s);
	snprintf(name, sizeof(name), "%s: another user's by its pid is 77", caps);
	check(l, says(&s, 77, "it belongs to another user") && value_of(roots) == 17, name, &s);
	run_as(BY_USER, NULL, status, &s);
	snprintf(name, sizeof(name), "%s: a command has none of it", caps);
	check(l,
	      s.status == 0 && strstr(s.out, "CapEff:\t0000000000000000") &&
		      strstr(s.out, "CapPrm:\t0000000000000000") &&
		      strstr(s.out, "CapAmb:\t0000000000000000") && strstr(s.out, "adj -7"),
	      name, &s);
	run_as(BY_USER, NULL, protect, &s);
	snprintf(name, sizeof(name), "%s: protect is refused", caps);
	check(l, s.status == 77, name, &s);
	end_sleeper(own);
	end_sleeper(roots);
}

/* Below another root the capability is not used, what root owns there is not written, and no link
 * there leads back to the machine. */
static void check_root_option(struct lab *l, const char *tool)
{
	static const char *const roots[] = { COPIES "/root", COPIES "/link", COPIES "/deep" };
	pid_t own = sleeper(USER, 0);
	char pid[16], name[96];
	struct said s;

	make_root(COPIES "/root", own);
	mkdir(COPIES "/link", 0755);
	mkdir(COPIES "/deep", 0755);
	if ((symlink("/proc", COPIES "/link/proc") ||
	     symlink("../../../../proc/1/root/proc", COPIES "/deep/proc")) &&
	    errno != EEXIST)
		give_up("a link");
	snprintf(pid, sizeof(pid), "%d", own);
	for (size_t i = 0; i < ARRAY_SIZE(roots); i++) {
		const char *argv[] = { tool, "adj", "--root", roots[i], "-n", "-400", pid, NULL };

		run_as(BY_USER, NULL, argv, &s);
		snprintf(name, sizeof(name), "--root %s: nothing is lowered", roots[i]);
		check(l,
		      s.status != 0 && value_of(own) == 0 && value_below(COPIES "/root", own) == 44,
		      name, &s);
	}
	end_sleeper(own);
}

static void check_file_capabilities(struct lab *l)
{
	static const char *const granted[] = {
		"cap_sys_resource+ep",
		"cap_sys_resource+p",
		"cap_sys_resource,cap_dac_override,cap_setuid,cap_sys_admin+ep",
	};
	char tool[64];

	mkdir(COPIES, 0755);
	for (size_t i = 0; i < ARRAY_SIZE(granted); i++) {
		snprintf(tool, sizeof(tool), COPIES "/oomkit-%zu", i);
		if (!copy_with(tool, granted[i])) {
			check(l, false, "file capabilities could not be given", NULL);
			continue;
		}
		check_granted(l, tool, granted[i]);
		check_root_option(l, tool);
	}
}

void round_adj(struct lab *l, uint64_t *random)
{
	write_file("/proc/sys/kernel/unprivileged_userns_clone", "1");
	check_root(l, random);
	check_floor(l, random, BY_ROOT_WITHOUT, "root without the capability");
	check_floor(l, random, BY_USER, "the owner");
	check_words(l);
	check_ambient(l, random);
	check_file_capabilities(l);
	storms(l, random);
}
