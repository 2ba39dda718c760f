/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The nouns of the program, types only: what is known of a machine and its processes before anybody
 * judges it. A fact is never changed after reading, and what is not known is told by a missing
 * HAVE_ bit, never by a value.
 */
#ifndef OOMKIT_FACTS_H
#define OOMKIT_FACTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "arena.h"

/* A kernel version as far as the rule depends on it: 2.6.32.9 is {2, 6, 32}, 4.14.177 is {4, 14,
 * 177}. */
struct kver {
	uint16_t major, minor, patch;
};

/* mm/oom_kill.c: enum oom_constraint, plus our own "not known". */
enum constraint {
	CONSTRAINT_NONE,
	CONSTRAINT_CPUSET,
	CONSTRAINT_MEMORY_POLICY,
	CONSTRAINT_MEMCG,
	CONSTRAINT_UNKNOWN,
	CONSTRAINT_N,
};

/* The denominator of an OOM: mm/oom_kill.c constrained_alloc(). */
struct mem_ctx {
	enum constraint constraint;
	const char *where;    /* "system", "/user.slice", "node 0" */
	uint64_t ram_pages;   /* totalram_pages(); a memcg's limit for CONSTRAINT_MEMCG */
	uint64_t swap_pages;  /* total_swap_pages; what of it counts for CONSTRAINT_MEMCG */
	uint64_t total_pages; /* what the kernel calls totalpages; 0 only where it is not known */
	uint32_t page_size;   /* bytes */
	uint32_t pte_table_bytes; /* PTRS_PER_PTE * sizeof(pte_t): one table in VmPTE up to 4.14 */
	uint8_t long_bits;        /* 32 or 64: the width of the kernel's long */
	uint16_t hz;              /* CONFIG_HZ, for the eras that count run time; 0: not known */
	bool ram_certain;         /* false where sources disagree on the RAM (a faked meminfo) */
};

/* What is known of a process; one bit for each group of fields that is read together. */
enum have {
	HAVE_COMM = 1u << 0,
	HAVE_STATE = 1u << 1, /* state, kernel_thread */
	HAVE_PPID = 1u << 2,
	HAVE_UID = 1u << 3, /* uid, euid */
	HAVE_START = 1u << 4,
	HAVE_ADJ = 1u << 5,
	HAVE_SCORE = 1u << 6,
	HAVE_RSS_STAT = 1u << 7,
	HAVE_RSS_STATUS = 1u << 8,
	HAVE_RSS_PARTS = 1u << 9, /* anon, file, shmem (4.5 and later) */
	HAVE_SWAP = 1u << 10,
	HAVE_PTE = 1u << 11,
	HAVE_PMD = 1u << 12,
	HAVE_CAPS = 1u << 13,   /* the CAP_ flags */
	HAVE_USERNS = 1u << 14, /* PROC_USERNS tells for certain */
	HAVE_MM = 1u << 15,     /* PROC_HAS_MM tells for certain */
	HAVE_CGROUP = 1u << 16,
	HAVE_CMDLINE = 1u << 17,
	HAVE_SIGNALS = 1u << 18, /* PROC_SIGKILL tells for certain */
	HAVE_CLASSIC = 1u << 19, /* classic points to facts */
	HAVE_THREADS = 1u << 20,
	HAVE_VFORK = 1u << 21, /* PROC_VFORK has been looked for */
};

enum proc_flag {
	PROC_KTHREAD = 1u << 0,       /* PF_KTHREAD */
	PROC_GLOBAL_INIT = 1u << 1,   /* pid 1 of the initial pid namespace */
	PROC_ZOMBIE_LEADER = 1u << 2, /* the memory was read from a living thread (mem_tid) */
	PROC_HAS_MM = 1u << 3,        /* some thread still has an mm */
	PROC_SIGKILL = 1u << 4,       /* SIGKILL is pending for the group or its leader */
	PROC_VFORK =
		1u
		<< 5, /* has its parent's mm while a thread of the parent waits in D: in_vfork() */
	PROC_CAP_SYS_ADMIN = 1u << 6,
	PROC_CAP_SYS_RESOURCE = 1u << 7,
	PROC_CAP_SYS_RAWIO = 1u << 8,
	PROC_USERNS = 1u << 9,   /* lives in a user namespace that is not the initial one */
	PROC_IS_ROOT = 1u << 10, /* uid or euid is 0 */
	PROC_SHARES_IMMUNE_MM = 1u << 11, /* has the mm of a parent at -1000 */
	PROC_NODES_APART = 1u << 12, /* may have no memory on the nodes that an OOM is bound to */
};

/* What only the heuristic before 2.6.36 looks at. */
struct proc_classic {
	uint64_t total_vm_pages;    /* mm->total_vm */
	uint64_t children_vm_pages; /* sum of child->mm->total_vm, children with an mm of their own
				     */
	uint64_t children_half_pages; /* sum of child->mm->total_vm / 2 + 1 */
	uint64_t cpu_task_usec;       /* utime + stime of the leader */
	uint64_t cpu_group_usec;      /* of the whole thread group */
	uint64_t run_seconds;         /* uptime - start time */
	int8_t nice;                  /* -20..19 */
	int8_t oom_adj; /* -17..15; only where have_oom_adj: a kernel without oom_score_adj */
	bool have_oom_adj;
	bool mems_intersect; /* its cpuset's memory nodes and the reader's have one in common */
};

struct proc {
	uint32_t have;         /* enum have */
	uint16_t flags;        /* enum proc_flag */
	int16_t oom_score_adj; /* -1000..1000 */
	char state;            /* as in stat: R S D Z T t X I */
	int8_t err; /* why something is missing: ENOENT, ESRCH (gone), EACCES, EPERM; 0: nothing is
		     */
	pid_t pid, ppid, mem_tid; /* mem_tid: the thread whose memory this is; pid, but for a zombie
				     leader */
	uid_t uid;
	uint32_t threads;
	uint64_t oom_score;      /* the kernel's own number, /proc/PID/oom_score */
	uint64_t start_ticks;    /* stat field 22, USER_HZ since boot: the order of the task list */
	uint64_t memcg_order;    /* the order of the scope's memory cgroups; 0: not known */
	uint64_t rss_stat_pages; /* stat field 24 */
	uint64_t rss_status_pages;       /* VmRSS */
	uint64_t anon_pages, file_pages; /* RssAnon, RssFile; RssShmem is what remains of VmRSS */
	uint64_t swap_pages;             /* VmSwap */
	uint32_t pte_kib, pmd_kib;       /* VmPTE, VmPMD */
	const char *comm;                /* as the kernel has it, unescaped */
	const char *cgroup;  /* path in the memory hierarchy, as /proc/PID/cgroup has it */
	const char *cmdline; /* arguments joined with blanks; "" where there are none */
	const struct proc_classic *classic;
};

/* mm/memcontrol.c: which kind of memory controller a machine has. */
enum cgroup_version {
	CGROUP_NO_MEMORY,
	CGROUP_V1,
	CGROUP_V2,
};

#define CGROUP_UNLIMITED UINT64_MAX

struct cgroup {
	const char *path;           /* as /proc/PID/cgroup has it; "/" is the root */
	uint64_t id;                /* inode number: grows with creation */
	uint64_t limit_bytes;       /* memory.max | memory.limit_in_bytes; CGROUP_UNLIMITED */
	uint64_t swap_limit_bytes;  /* v2 memory.swap.max */
	uint64_t memsw_limit_bytes; /* v1 memory.memsw.limit_in_bytes */
	uint64_t current_bytes;
	uint32_t swappiness; /* v1 memory.swappiness; v2: vm.swappiness */
	bool have_limit, have_swap_limit, have_memsw_limit, have_current;
	bool oom_group;        /* v2 memory.oom.group */
	bool oom_kill_disable; /* v1 memory.oom_control */
	bool under_oom;
};

/* /proc/sys/vm, /proc/sys/kernel: what changes the outcome of an OOM. have_: the file could be
 * read. */
struct oom_sysctl {
	bool have_panic_on_oom, have_oom_kill_allocating_task, have_swappiness, have_oom_dump_tasks;
	int panic_on_oom, oom_kill_allocating_task, swappiness, oom_dump_tasks;
};

struct meminfo {
	uint64_t total_kib, free_kib, available_kib, swap_total_kib, swap_free_kib;
	uint64_t commit_limit_kib, committed_kib;
	bool have_total, have_free, have_available, have_swap_total, have_swap_free;
	bool have_commit_limit, have_committed;
};

/* Which of the two readings of an mm's rss the kernel judges by. */
enum rss_source {
	RSS_STAT,   /* get_mm_counter(): /proc/PID/stat */
	RSS_STATUS, /* get_mm_counter_sum(): /proc/PID/status */
};

enum snapshot_origin {
	ORIGIN_LIVE,
	ORIGIN_ROOT,
	ORIGIN_LOG,
};

enum pid_ns {
	PID_NS_UNKNOWN,
	PID_NS_INIT, /* pid 1 is the global init */
	PID_NS_OWN,  /* a container's: its pid 1 can be killed */
};

/* A process that /proc listed, and the oom_score that it had then. */
struct listed {
	pid_t pid;
	uint16_t score; /* LISTED_UNKNOWN: it did not say, or more than this holds */
};
#define LISTED_UNKNOWN UINT16_MAX

struct era;

struct snapshot {
	enum snapshot_origin origin;
	struct mem_ctx machine; /* the whole machine: what /proc/PID/oom_score is measured by */
	const struct era *era; /* the rule of the kernel that this was read from; NULL: not known */
	struct kver kver;
	const char *release; /* osrelease; NULL: not known */
	enum rss_source rss_source;
	enum pid_ns pid_ns;
	enum cgroup_version cgroup_version;
	bool hidepid; /* pid 1 is not listed: processes are hidden from us */
	struct meminfo meminfo;
	struct oom_sysctl sysctl;
	struct proc *procs; /* sorted by pid */
	size_t n_procs;
	size_t n_pids; /* how many processes /proc listed: n_procs and those left out by pruning */
	struct listed *listed; /* which, and ourselves, where some were left out; else NULL */
	size_t n_listed;
	size_t n_unreadable; /* of procs: some file refused us */
	struct arena arena;
};

#endif
