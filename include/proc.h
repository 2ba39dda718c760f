/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of /proc/PID/stat, status and uid_map, parsed apart from opening it. */
#ifndef OOMKIT_PROC_H
#define OOMKIT_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "str.h"

/* include/linux/sched.h, since 2.6.27 */
#define PROC_PF_KTHREAD 0x00200000u

/* fs/proc/array.c do_task_stat() */
struct proc_stat {
	struct str comm; /* between the first '(' and the last ')' */
	char state;
	pid_t ppid;
	uint32_t flags; /* PF_ */
	uint64_t utime_ticks, stime_ticks;
	int8_t nice;
	uint32_t threads;
	uint64_t start_ticks;
	uint64_t vsize_bytes;
	uint64_t rss_pages;
	uint64_t rsslim_bytes; /* all ones of the kernel's long where unlimited */
};
/* Returns 0 or -EINVAL (cut short, not a stat). */
int proc_parse_stat(const char *buf, size_t n, struct proc_stat *ret);

/* fs/proc/array.c proc_pid_status(), fs/proc/task_mmu.c task_mem(). has_: the line was there and
 * parsed. */
struct proc_status {
	struct str name; /* escaped as the kernel does: proc_unescape() */
	pid_t ppid;
	uid_t uid, euid;
	uint64_t vm_size_kib, rss_kib, anon_kib, file_kib, shmem_kib, pte_kib, pmd_kib, swap_kib;
	uint32_t threads;
	uint64_t pending; /* SigPnd | ShdPnd: bit n-1 is signal n */
	uint64_t cap_eff;
	struct str mems_allowed; /* hex words with commas */
	bool has_name, has_ppid, has_uid, has_vm_size, has_rss, has_anon, has_file, has_parts,
		has_pte, has_pmd, has_swap;
	bool has_threads, has_pending, has_caps, has_mems_allowed;
};
void proc_parse_status(const char *buf, size_t n, struct proc_status *ret);

/* Undoes the escaping of Name (newline and backslash: \n and \\) into buf. Returns the length. */
size_t proc_unescape(struct str s, char *buf, size_t size);

/* true where uid_map shows all ids as themselves: the initial user namespace. */
bool proc_uid_map_is_initial(const char *buf, size_t n);

/* true where the Vm lines of two statuses are the same to the letter: what sharing an mm looks like
 * from outside. */
bool proc_same_vm_lines(const char *a, size_t a_n, const char *b, size_t b_n);

/* true where two hexadecimal masks with commas have a bit in common. */
bool proc_masks_intersect(struct str a, struct str b);

#endif
