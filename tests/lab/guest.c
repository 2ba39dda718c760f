/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does the kernel kill whom oomkit names? Pid 1 of a throw-away machine: makes a population, asks
 * oomkit who would die, lets the memory run out, and compares with the kernel's log. Prints one
 * line for each kill (kill MODE ROUND SEED VERDICT SAID KILLED PAGES-APART) and one for each
 * comparison of the model with the kernel's own numbers (score MODE ROUND SEED PROCESSES
 * DIFFERENT) to the second serial line, for the kernel writes to the first one when it likes; its
 * log goes to the third where it is asked for.
 */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "../random.h"

static void set_word(struct lab *l, const char *word)
{
	if (strncmp(word, "lab.modes=", 10) == 0)
		snprintf(l->modes, sizeof(l->modes), ",%s,", word + 10);
	else if (strncmp(word, "lab.rounds=", 11) == 0)
		l->rounds = (unsigned)strtoul(word + 11, NULL, 10);
	else if (strncmp(word, "lab.seed=", 9) == 0)
		l->seed = strtoull(word + 9, NULL, 10);
	else if (strncmp(word, "lab.root=", 9) == 0)
		snprintf(l->root, sizeof(l->root), "%s", word + 9);
	else if (strcmp(word, "lab.cgroup=1") == 0)
		l->v1 = true;
	else if (strcmp(word, "lab.counted") == 0)
		l->counted = true;
}

static void read_cmdline(struct lab *l)
{
	char line[2048], *save = NULL;

	if (read_file("/proc/cmdline", line, sizeof(line)) <= 0)
		give_up("/proc/cmdline");
	for (char *w = strtok_r(line, " \n", &save); w; w = strtok_r(NULL, " \n", &save))
		set_word(l, w);
}

static void mount_all(struct lab *l)
{
	mount_at("proc", "/proc", NULL);
	mount_at("sysfs", "/sys", NULL);
	mount_at("devtmpfs", "/dev", NULL);
	mount_at("tracefs", "/sys/kernel/tracing", NULL);
	mount_at("tmpfs", "/tmp", NULL);
	read_cmdline(l);
	if (*l->root)
		boot_root(l->root);
	if (mount_at(l->v1 ? "cgroup" : "cgroup2", "/sys/fs/cgroup", l->v1 ? "memory" : NULL))
		give_up("/sys/fs/cgroup");
	if (l->v1)
		write_file("/sys/fs/cgroup/memory.use_hierarchy", "1");
	else if (write_file("/sys/fs/cgroup/cgroup.subtree_control", "+memory"))
		give_up("the memory controller");
	write_file("/sys/fs/cgroup/cgroup.subtree_control", "+cpuset");
}

static void settle_kernel(void)
{
	/* A huge page that is put together between the two moments would change an rss. */
	write_file("/sys/kernel/mm/transparent_hugepage/khugepaged/scan_sleep_millisecs",
		   "100000000");
	write_file("/sys/kernel/mm/transparent_hugepage/khugepaged/pages_to_scan", "1");
	write_file("/proc/sys/vm/nr_hugepages", "6");
	write_file("/proc/sys/kernel/printk_ratelimit", "0");
	write_file("/proc/sys/kernel/sysrq", "1");
	write_file("/proc/sys/vm/panic_on_oom", "0");
}

static bool wanted(const struct lab *l, const struct mode *m)
{
	char word[32];

	if ((m->needs_v1 && !l->v1) || (m->needs_v2 && l->v1))
		return false;
	snprintf(word, sizeof(word), ",%s,", m->name);
	return strcmp(l->modes, ",all,") == 0 || strstr(l->modes, word);
}

static void run_mode(struct lab *l, const struct mode *m)
{
	uint64_t random;

	if (m->swap_bytes && !l->swap_on) {
		if (swap_on(m->swap_bytes)) {
			printf("lacking %s: no swap could be made\n", m->name);
			return;
		}
		l->swap_on = true;
	}
	l->mode = m->name;
	for (l->round = 0; l->round < l->rounds; l->round++) {
		random = random_seed(l->seed, (uint64_t)l->round * 64 + (uint64_t)(m - modes));
		l->turn = 0;
		still_alive();
		m->round(l, &random);
		fflush(stdout);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
}

/* What a command finds that oomkit has become: its value, and what it may do. */
static int show_self(void)
{
	static char buf[16384];

	if (read_file("/proc/self/oom_score_adj", buf, sizeof(buf)) <= 0)
		return 1;
	printf("adj %s", buf);
	if (read_file("/proc/self/status", buf, sizeof(buf)) <= 0)
		return 1;
	fputs(buf, stdout);
	return 0;
}

int main(void)
{
	struct lab l = { .rounds = 1, .seed = 1, .modes = ",all,", .log_fd = -1 };
	pid_t watch;

	if (getpid() != 1)
		return getenv("OOM_EVENT") ? steady_hook() : show_self();
	mount_all(&l);
	dup2(open_serial("/dev/ttyS1"), STDOUT_FILENO);
	dup2(STDOUT_FILENO, STDERR_FILENO);
	printf("begin\n");
	fflush(stdout);
	load_modules("/modules");
	settle_kernel();
	l.log_fd = open_serial("/dev/ttyS2");
	kills_open(&l);
	marks_start();
	still_start();
	watch = watch_start();
	/* Swap comes last: once it is there it stays. */
	for (int swap = 0; swap < 2; swap++)
		for (size_t i = 0; i < n_modes; i++)
			if (wanted(&l, &modes[i]) && (modes[i].swap_bytes != 0) == swap)
				run_mode(&l, &modes[i]);
	kills_forget(&l);
	watch_end(watch);
	marks_tell();
	printf("end\n");
	fflush(stdout);
	if (l.log_fd >= 0)
		tcdrain(l.log_fd);
	tcdrain(STDOUT_FILENO);
	reboot(RB_POWER_OFF);
	return 1;
}
