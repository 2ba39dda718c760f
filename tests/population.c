/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which processes does the machine hold while a test or a measurement runs? This program makes
 * them: N processes that wait in pause(), all alike (idle) or as odd as the kernel allows (mixed),
 * the same ones for the same seed.
 *
 * Three levels: the keeper (what was called) waits for the end of stdin or a signal; its child, the
 * maker, leads a process group of its own and makes the members. At the end one kill() of that
 * group takes all of them at once, also those that are just forking, and the keeper, as their
 * subreaper, leaves only when none is left. If the keeper itself is killed, PR_SET_PDEATHSIG takes
 * the maker, and each member after its parent.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "random.h"

#define MIB           (UINT64_C(1) << 20)
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define MEMBER_MAX_BYTES (8 * MIB)
/* What a mixed population touches in all; stacks and page tables fit in the rest of 2 GiB. */
#define TOTAL_MAX_BYTES  (1536 * MIB)
#define COUNT_MAX        1000000u
#define STANDOUT_MAX     60u /* their sizes are 1..60 MiB: not quite 2 GiB together */
#define CHURN_MAX        16u /* so many keep two processors busy, but not full */
#define CGROUPS_MAX      16u
#define HUGE_BYTES       (2 * MIB)
#define PEER_STACK_BYTES (UINT64_C(64) << 10)

enum kind {
	KIND_IDLE,
	KIND_STANDOUT,
	KIND_PLAIN,
	KIND_THREADS,
	KIND_ZOMBIE_LEADER,
	KIND_ZOMBIE_PARENT,
	KIND_ZOMBIE,
	KIND_STOPPED,
	KIND_SHARED,
	KIND_MEMFD,
	KIND_FILE,
	KIND_SPARSE,
	KIND_VM_HEAD,
	KIND_VM_PEER,
	KIND_VFORK_PARENT,
	KIND_VFORK_CHILD,
	KIND_TREE,
	KIND_CHURN,
	KIND_N,
};

static const char *const kind_name[] = {
	[KIND_IDLE] = "idle",
	[KIND_STANDOUT] = "standout",
	[KIND_PLAIN] = "plain",
	[KIND_THREADS] = "threads",
	[KIND_ZOMBIE_LEADER] = "zombie-leader",
	[KIND_ZOMBIE_PARENT] = "zombie-parent",
	[KIND_ZOMBIE] = "zombie",
	[KIND_STOPPED] = "stopped",
	[KIND_SHARED] = "shared",
	[KIND_MEMFD] = "memfd",
	[KIND_FILE] = "file",
	[KIND_SPARSE] = "sparse",
	[KIND_VM_HEAD] = "vm-head",
	[KIND_VM_PEER] = "vm-peer",
	[KIND_VFORK_PARENT] = "vfork-parent",
	[KIND_VFORK_CHILD] = "vfork-child",
	[KIND_TREE] = "tree",
	[KIND_CHURN] = "churn",
};
_Static_assert(ARRAY_SIZE(kind_name) == KIND_N, "each kind has a name");

/* How often a unit begins with each kind, out of the sum; the others are members of such a unit. */
static const struct {
	enum kind kind;
	unsigned weight;
} unit_weight[] = {
	{ KIND_PLAIN, 40 },        { KIND_THREADS, 8 },      { KIND_ZOMBIE_LEADER, 6 },
	{ KIND_ZOMBIE_PARENT, 3 }, { KIND_STOPPED, 3 },      { KIND_SHARED, 6 },
	{ KIND_MEMFD, 5 },         { KIND_FILE, 6 },         { KIND_SPARSE, 4 },
	{ KIND_VM_HEAD, 6 },       { KIND_VFORK_PARENT, 5 }, { KIND_TREE, 5 },
};

/* Names that have broken a reader of stat, status or a log: 15 bytes count. */
static const char *const odd_comm[] = {
	"a) (b",
	"a b  c",
	"new\nline",
	"\033[31mred\033[0m",
	"\xff\xfe\x80"
	"bad",
	"(",
	")",
	"",
	" ",
	"tab\there",
	"kernel: [1.0]",
	"0123456789abcdef",
	"Killed process",
	"cut \xe2\x82",
	"\xc3\xbcn\xc3\xaf"
	"code",
	"%s%n%d",
	"back\\nslash",
	"<b>&\"'",
	"=SUM(A1)",
	"1) S 1 1 1 0",
	"\r\n",
	"-rf",
	"\x7f\x01\x02",
};

/* One member that has settled, or has failed, on its way to the keeper; smaller than PIPE_BUF. */
struct report {
	uint32_t index;
	int32_t pid;
	int32_t err;
	uint32_t kind;
};

struct options {
	unsigned count, standout;
	uint64_t seed;
	uint64_t total_bytes, most_bytes;
	bool mixed, churn, keep;
	bool any_adj; /* adj from -1000 on, which takes CAP_SYS_RESOURCE */
	bool orphans; /* a parent's death is no concern of its children */
	bool odd_memory;
	int ready_fd;
	const char *list;
	const char *cgroups[CGROUPS_MAX];
	unsigned n_cgroups;
};

struct maker {
	const struct options *opt;
	int report_fd;
	int base_adj;       /* what we were started with: a member can only go up from it */
	uint64_t cap_bytes; /* the most that one member touches */
	uint64_t scale;     /* sizes times scale / 2^16 keep to the limit */
	unsigned churners;  /* so many of the units may churn yet */
	bool is_root;
};

/* A member while it is being made. */
struct member {
	const struct maker *maker;
	uint32_t index;
	enum kind kind;
	uint64_t random; /* its own stream of numbers */
	pid_t parent;
};

/* Few are large, most are small: the fourth power of an even number in 0..1. */
static uint64_t wished_bytes(const struct maker *mk, uint32_t index)
{
	uint64_t state = random_seed(mk->opt->seed ^ UINT64_C(0x73697a65), index);
	uint64_t u = random_next(&state) >> 48;

	u = u * u >> 16;
	u = u * u >> 16;
	return mk->cap_bytes * u >> 16;
}

static uint64_t member_bytes(const struct member *m)
{
	return wished_bytes(m->maker, m->index) * m->maker->scale >> 16;
}

static void bound_sizes(struct maker *mk)
{
	uint64_t sum = 0;

	mk->cap_bytes = mk->opt->most_bytes;
	for (uint32_t i = 0; i < mk->opt->count; i++)
		sum += wished_bytes(mk, i);
	mk->scale = sum > mk->opt->total_bytes ? mk->opt->total_bytes * 65536 / sum : 65536;
}

static void report_pid(const struct maker *mk, uint32_t index, pid_t pid, enum kind kind, int err)
{
	const struct report r = { .index = index, .pid = pid, .err = err, .kind = (uint32_t)kind };

	/* A keeper that is gone takes us with it: there is nobody to tell. */
	if (write(mk->report_fd, &r, sizeof(r)) != sizeof(r))
		_exit(1);
}

static void report_self(const struct member *m)
{
	report_pid(m->maker, m->index, getpid(), m->kind, 0);
	close(m->maker->report_fd);
}

__attribute__((noreturn)) static void fail(const struct member *m)
{
	report_pid(m->maker, m->index, getpid(), m->kind, errno ? errno : EIO);
	_exit(1);
}

__attribute__((noreturn)) static void wait_forever(void)
{
	for (;;)
		pause();
}

/* Dies with its parent, also if that died before we could ask for it. */
static void die_with(const struct options *opt, pid_t parent)
{
	if (opt->orphans)
		return;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(1);
}

static int read_adj(void)
{
	char buf[16] = "";
	int fd = open("/proc/self/oom_score_adj", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof(buf) - 1);

	if (fd >= 0)
		close(fd);
	return n > 0 ? (int)strtol(buf, NULL, 10) : 0;
}

static void write_adj(const struct member *m, int adj)
{
	char buf[16];
	int len = snprintf(buf, sizeof(buf), "%d", adj);
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	/* Who is no longer root cannot go down, and stays where it is. */
	if (fd < 0 || (write(fd, buf, (size_t)len) != len &&
		       (errno != EACCES || !m->maker->opt->any_adj)))
		fail(m);
	close(fd);
}

/* All that the file takes; one in four stands at an end of it or next to one. */
static int any_adj(struct member *m)
{
	static const int ends[] = { -1000, -1000, -999, -998, -1, 1, 999, 1000 };
	const unsigned draw = random_below(&m->random, 4 * ARRAY_SIZE(ends));

	return draw < ARRAY_SIZE(ends) ? ends[draw] : (int)random_below(&m->random, 2001) - 1000;
}

/* Goes up by chance only: below the inherited value we would need CAP_SYS_RESOURCE. */
static void raise_adj(struct member *m, unsigned one_in)
{
	int now = read_adj();

	if (m->maker->opt->any_adj) {
		if (random_below(&m->random, one_in) == 0)
			write_adj(m, any_adj(m));
		return;
	}
	if (now < 1000 && random_below(&m->random, one_in) == 0)
		write_adj(m, now + 1 + (int)random_below(&m->random, (unsigned)(1000 - now)));
}

static void *map_bytes(const struct member *m, uint64_t bytes, int flags, int fd)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (p == MAP_FAILED)
		fail(m);
	return p;
}

static void touch(void *start, uint64_t bytes, uint64_t step)
{
	volatile unsigned char *p = start;

	for (uint64_t i = 0; i < bytes; i += step)
		p[i] = (unsigned char)(i >> 12);
}

/* Locked, all of it swapped out, or huge pages of the reserve, which no badness counts. */
static void take_odd_memory(struct member *m, void *p, uint64_t bytes)
{
	switch (random_below(&m->random, 8)) {
	case 0:
		mlock(p, bytes);
		break;
	case 1:
	case 2:
		madvise(p, bytes & ~UINT64_C(4095), MADV_PAGEOUT);
		break;
	case 3:
		p = mmap(NULL, HUGE_BYTES, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
		if (p != MAP_FAILED)
			touch(p, HUGE_BYTES, HUGE_BYTES);
		break;
	default:
		break;
	}
}

static void take_memory(struct member *m)
{
	uint64_t bytes = member_bytes(m);
	void *p;

	if (!bytes)
		return;
	if (random_below(&m->random, 4) == 0)
		prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	p = map_bytes(m, bytes, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	/* Both are wishes: a kernel without huge pages or without swap refuses them. */
	if (random_below(&m->random, 4) == 0)
		madvise(p, bytes, MADV_HUGEPAGE);
	touch(p, bytes, 4096);
	if (random_below(&m->random, 6) == 0)
		madvise(p, bytes / 2 & ~UINT64_C(4095), MADV_PAGEOUT);
	if (m->maker->opt->odd_memory)
		take_odd_memory(m, p, bytes);
}

static void take_name(struct member *m)
{
	if (random_below(&m->random, 2))
		prctl(PR_SET_NAME, odd_comm[random_below(&m->random, ARRAY_SIZE(odd_comm))]);
}

/*
 * A change of identity forgets the parent-death signal: ask again. The parent must be root or of
 * the same identity, or it may not send it. Where children come after us, they need our /proc files
 * to stay our own.
 */
static void take_uid(struct member *m)
{
	uid_t uid = 1000 + random_below(&m->random, 5);

	if (!m->maker->is_root || random_below(&m->random, 3))
		return;
	if (setresgid(uid, uid, uid) || setresuid(uid, uid, uid))
		fail(m);
	if (m->kind == KIND_TREE || random_below(&m->random, 2))
		prctl(PR_SET_DUMPABLE, 1);
	die_with(m->maker->opt, m->parent);
}

static void *thread_main(void *arg)
{
	(void)arg;
	wait_forever();
}

static void take_threads(struct member *m, unsigned n)
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 128 << 10);
	for (unsigned i = 0; i < n; i++) {
		errno = pthread_create(&thread, &attr, thread_main, NULL);
		if (errno)
			fail(m);
	}
	pthread_attr_destroy(&attr);
}

static char own_state(void)
{
	char buf[256], *end;
	int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof(buf) - 1);

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return '?';
	buf[n] = '\0';
	end = strrchr(buf, ')');
	return end && end[1] == ' ' ? end[2] : '?';
}

/* Settles only when the leader is seen as a zombie, so that nobody measures it half dead. */
static void *survivor_main(void *arg)
{
	const struct timespec ms = { .tv_nsec = 1000000 };
	const struct member *m = arg;

	for (unsigned i = 0; i < 5000 && own_state() != 'Z'; i++)
		nanosleep(&ms, NULL);
	if (own_state() != 'Z') {
		errno = ETIMEDOUT;
		fail(m);
	}
	report_self(m);
	wait_forever();
}

__attribute__((noreturn)) static void run_zombie_leader(struct member *m)
{
	/* The survivor reads it after our stack's frame is gone. */
	static struct member kept;
	pthread_t thread;

	kept = *m;
	errno = pthread_create(&thread, NULL, survivor_main, &kept);
	if (errno)
		fail(m);
	syscall(SYS_exit, 0);
	_exit(1);
}

__attribute__((noreturn)) static void run_zombie_parent(struct member *m)
{
	siginfo_t info;
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	if (child < 0 || waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT))
		fail(m);
	report_pid(m->maker, m->index + 1, child, KIND_ZOMBIE, 0);
	report_self(m);
	wait_forever();
}

static int peer_main(void *arg)
{
	const struct member *m = arg;

	if (!m->maker->opt->orphans && (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != m->parent))
		syscall(SYS_exit, 1);
	/* Tells of its parent too, which sleeps in vfork() by now. */
	if (m->kind == KIND_VFORK_CHILD)
		report_pid(m->maker, m->index - 1, m->parent, KIND_VFORK_PARENT, 0);
	report_self(m);
	wait_forever();
}

/* Lives in our memory, on a stack that we map for it. */
static void clone_peer(struct member *m, struct member *peer, int flags)
{
	char *stack = map_bytes(m, PEER_STACK_BYTES, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1);

	if (clone(peer_main, stack + PEER_STACK_BYTES, CLONE_VM | SIGCHLD | flags, peer) < 0)
		fail(m);
}

__attribute__((noreturn)) static void run_vm_head(struct member *m, uint32_t members)
{
	struct member peer[4];

	for (uint32_t i = 1; i < members && i <= ARRAY_SIZE(peer); i++) {
		peer[i - 1] = (struct member){ .maker = m->maker,
					       .index = m->index + i,
					       .kind = KIND_VM_PEER,
					       .parent = getpid() };
		clone_peer(m, &peer[i - 1], 0);
	}
	report_self(m);
	wait_forever();
}

__attribute__((noreturn)) static void run_vfork_parent(struct member *m)
{
	struct member child = { .maker = m->maker,
				.index = m->index + 1,
				.kind = KIND_VFORK_CHILD,
				.parent = getpid() };

	clone_peer(m, &child, CLONE_VFORK);
	_exit(1); /* only a child that died lets us go on */
}

static void map_own_file(struct member *m)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	off_t size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
	uint64_t bytes = size > 0 ? (uint64_t)size : 0;
	volatile unsigned char *p;
	unsigned sum = 0;

	if (!bytes)
		fail(m);
	p = map_bytes(m, bytes, MAP_PRIVATE, fd);
	close(fd);
	for (uint64_t i = 0; i < bytes; i += 4096)
		sum += p[i];
	/* Some pages become ours by writing: anonymous memory inside a file mapping. */
	for (uint64_t i = 0; i < bytes; i += 4096 * (1 + random_below(&m->random, 8)))
		p[i] = (unsigned char)(p[i] + (sum & 1));
}

/* Page tables outweigh the pages: each spot stands alone in its 2 MiB, some in their own 1 GiB. */
static void map_sparse(struct member *m)
{
	const uint64_t stride = random_below(&m->random, 2) ? 2 * MIB : 1024 * MIB;
	const uint64_t spots = 1 + random_below(&m->random, 48);
	void *p = map_bytes(m, stride * spots, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);

	madvise(p, stride * spots, MADV_NOHUGEPAGE);
	touch(p, stride * spots, stride);
}

static void settle(struct member *m)
{
	raise_adj(m, 2);
	take_name(m);
	take_memory(m);
	take_uid(m);
}

/* Forks; the child is the member m->index + step from then on, and true is returned to it. */
static bool fork_member(struct member *m, uint32_t step)
{
	const pid_t self = getpid();
	const pid_t child = fork();

	if (child < 0)
		fail(m);
	if (child)
		return false;
	die_with(m->maker->opt, self);
	m->parent = self;
	m->index += step;
	m->random = random_seed(m->maker->opt->seed, m->index);
	return true;
}

/* Each touches some of one piece of memory: the pages count in full for each of them. */
__attribute__((noreturn)) static void run_shared(struct member *m, uint32_t members)
{
	uint64_t bytes = member_bytes(m) + 4096, step;
	const uint32_t head = m->index;
	int fd = m->kind == KIND_MEMFD ? memfd_create("population", MFD_CLOEXEC) : -1;
	void *p;

	if (m->kind == KIND_MEMFD && (fd < 0 || ftruncate(fd, (off_t)bytes)))
		fail(m);
	p = map_bytes(m, bytes, MAP_SHARED | (fd < 0 ? MAP_ANONYMOUS : 0), fd);
	for (uint32_t i = 1; i < members; i++)
		if (fork_member(m, i))
			break;
	step = UINT64_C(4096) << random_below(&m->random, 3);
	touch(p, bytes, step);
	raise_adj(m, 3);
	take_name(m);
	if (m->index != head)
		take_uid(m);
	report_self(m);
	wait_forever();
}

__attribute__((noreturn)) static void run_tree(struct member *m, uint32_t members)
{
	for (uint32_t depth = 1; depth < members; depth++) {
		if (!fork_member(m, 1))
			break;
		raise_adj(m, 6);
		take_name(m);
		take_memory(m);
	}
	report_self(m);
	wait_forever();
}

/* A child of a churner: not counted, there only to come and go. */
static void churn_fork(struct member *m, uint64_t bytes)
{
	const long nsec = 200000 + random_below(&m->random, 5000000);
	const struct timespec pause_time = { .tv_nsec = nsec };
	const pid_t self = getpid();
	const pid_t child = fork();

	if (child == 0) {
		die_with(m->maker->opt, self);
		if (random_below(&m->random, 2))
			execl("/proc/self/exe", "population", "--leave", NULL);
		touch(map_bytes(m, bytes, MAP_PRIVATE | MAP_ANONYMOUS, -1), bytes, 4096);
		nanosleep(&pause_time, NULL);
		_exit(0);
	}
	if (child > 0)
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
			;
}

__attribute__((noreturn)) static void run_churn(struct member *m)
{
	const uint64_t most = member_bytes(m) + 65536;

	/* Where anybody may be the victim, those that change all the time are not. */
	if (m->maker->opt->any_adj)
		write_adj(m, -900);
	report_self(m);
	for (;;) {
		const long nsec = 1000000 + random_below(&m->random, 99000000);
		const struct timespec pause_time = { .tv_nsec = nsec };
		uint64_t bytes = 4096 + random_next(&m->random) % most;
		void *p = map_bytes(m, bytes, MAP_PRIVATE | MAP_ANONYMOUS, -1);

		touch(p, bytes, 4096);
		if (random_below(&m->random, 3) == 0)
			churn_fork(m, bytes / 4 + 4096);
		nanosleep(&pause_time, NULL);
		munmap(p, bytes);
	}
}

__attribute__((noreturn)) static void run_unit(struct member *m, uint32_t members)
{
	if (m->kind == KIND_CHURN)
		run_churn(m);
	if (m->kind == KIND_SHARED || m->kind == KIND_MEMFD)
		run_shared(m, members);
	settle(m);
	switch (m->kind) {
	case KIND_THREADS:
		take_threads(m, 1 + random_below(&m->random, 6));
		break;
	case KIND_ZOMBIE_LEADER:
		run_zombie_leader(m);
	case KIND_ZOMBIE_PARENT:
		run_zombie_parent(m);
	case KIND_FILE:
		map_own_file(m);
		break;
	case KIND_SPARSE:
		map_sparse(m);
		break;
	case KIND_VM_HEAD:
		run_vm_head(m, members);
	case KIND_VFORK_PARENT:
		run_vfork_parent(m);
	case KIND_TREE:
		run_tree(m, members);
	case KIND_STOPPED:
		close(m->maker->report_fd); /* the maker tells of us when it has seen us stop */
		raise(SIGSTOP);
		wait_forever();
	default:
		break;
	}
	report_self(m);
	wait_forever();
}

static enum kind draw_kind(uint64_t *random)
{
	unsigned sum = 0, at;

	for (size_t i = 0; i < ARRAY_SIZE(unit_weight); i++)
		sum += unit_weight[i].weight;
	at = random_below(random, sum);
	for (size_t i = 0; i < ARRAY_SIZE(unit_weight); i++) {
		if (at < unit_weight[i].weight)
			return unit_weight[i].kind;
		at -= unit_weight[i].weight;
	}
	return KIND_PLAIN;
}

static uint32_t draw_members(enum kind kind, uint64_t *random)
{
	switch (kind) {
	case KIND_ZOMBIE_PARENT:
	case KIND_VFORK_PARENT:
		return 2;
	case KIND_SHARED:
	case KIND_MEMFD:
		return 2 + random_below(random, 3);
	case KIND_VM_HEAD:
		return 2 + random_below(random, 2);
	case KIND_TREE:
		return 3 + random_below(random, 10);
	default:
		return 1;
	}
}

/* One of those that were named. The maker itself goes there before it forks, so that a cgroup has
 * its members in the order of their forks. */
static void take_cgroup(struct member *m)
{
	const struct options *opt = m->maker->opt;
	char path[512];
	int fd;

	if (!opt->n_cgroups)
		return;
	snprintf(path, sizeof(path), "%s/cgroup.procs",
		 opt->cgroups[random_below(&m->random, opt->n_cgroups)]);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "0", 1) != 1)
		fail(m);
	close(fd);
}

/* Returns how many members the unit has; 0 where none could be forked. */
static uint32_t make_unit(struct maker *mk, uint32_t index, uint64_t *random)
{
	struct member m = {
		.maker = mk, .index = index, .kind = draw_kind(random), .parent = getpid()
	};
	uint32_t members = draw_members(m.kind, random);
	const bool churn = random_below(random, 4) == 0;
	int status;
	pid_t child;

	m.random = random_seed(mk->opt->seed, index);
	if (members > mk->opt->count - index) {
		m.kind = KIND_PLAIN;
		members = 1;
	}
	if (m.kind == KIND_PLAIN && churn && mk->churners) {
		mk->churners--;
		m.kind = KIND_CHURN;
	}
	take_cgroup(&m);
	child = fork();
	if (child < 0) {
		report_pid(mk, index, 0, m.kind, errno);
		return 0;
	}
	if (child == 0) {
		die_with(mk->opt, m.parent);
		run_unit(&m, members);
	}
	if (m.kind == KIND_STOPPED) {
		if (waitpid(child, &status, WUNTRACED) != child || !WIFSTOPPED(status))
			return 0;
		report_pid(mk, index, child, m.kind, 0);
	}
	return members;
}

static void make_mixed(struct maker *mk)
{
	uint64_t random = random_seed(mk->opt->seed, UINT64_MAX);
	uint32_t members;

	bound_sizes(mk);
	for (uint32_t made = 0; made < mk->opt->count; made += members) {
		members = make_unit(mk, made, &random);
		if (!members)
			_exit(1);
	}
}

/* The nth of those that stand out: no two are equal, and the last one is the first victim. */
static void stand_out(const struct member *m, unsigned n)
{
	const int room = 1000 - m->maker->base_adj;
	const uint64_t bytes = (n + 1) * MIB;

	write_adj(m, m->maker->base_adj + room / 10 + (int)n * room * 8 / 10 / (int)STANDOUT_MAX);
	touch(map_bytes(m, bytes, MAP_PRIVATE | MAP_ANONYMOUS, -1), bytes, 4096);
}

static void make_idle(struct maker *mk)
{
	const unsigned count = mk->opt->count, standout = mk->opt->standout;
	struct member m = { .maker = mk, .parent = getpid() };
	unsigned n = 0;
	pid_t child;

	for (uint32_t i = 0; i < count; i++) {
		/* Spread among the others, so that no order of reading meets them first. */
		const bool stands = n < standout && i >= (uint64_t)count * n / standout;

		m.index = i;
		m.kind = stands ? KIND_STANDOUT : KIND_IDLE;
		m.random = random_seed(mk->opt->seed, i);
		take_cgroup(&m);
		child = fork();
		if (child < 0) {
			report_pid(mk, i, 0, m.kind, errno);
			_exit(1);
		}
		if (child == 0) {
			die_with(mk->opt, m.parent);
			if (stands)
				stand_out(&m, n);
			report_self(&m);
			wait_forever();
		}
		n += stands;
	}
}

/* Keeps none of the caller's files: who reads our output must see its end when we leave. */
static void drop_files(int keep)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		_exit(1);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	for (int fd = 3; fd < 1024; fd++)
		if (fd != keep)
			close(fd);
}

__attribute__((noreturn)) static void run_maker(const struct options *opt, int report_fd,
						pid_t keeper)
{
	struct maker mk = { .opt = opt,
			    .report_fd = report_fd,
			    .churners = opt->churn ? CHURN_MAX : 0 };
	sigset_t none;

	die_with(opt, keeper);
	setpgid(0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	drop_files(report_fd);
	mk.base_adj = read_adj();
	mk.is_root = geteuid() == 0;
	if (opt->mixed)
		make_mixed(&mk);
	else
		make_idle(&mk);
	close(report_fd);
	wait_forever();
}

/* Takes the whole group at one blow and waits until the last member is reaped. */
static void end_all(pid_t maker)
{
	kill(-maker, SIGKILL);
	kill(maker, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
}

static int write_list(const char *path, const struct report *made, unsigned count)
{
	FILE *f = fopen(path, "we");
	int err = 0;

	if (!f)
		return -errno;
	for (unsigned i = 0; i < count; i++)
		fprintf(f, "%d %s\n", made[i].pid, kind_name[made[i].kind]);
	if (ferror(f))
		err = -EIO;
	if (fclose(f) && !err)
		err = -errno;
	return err;
}

static int tell_ready(const struct options *opt, pid_t maker)
{
	char line[96];
	int len = snprintf(line, sizeof(line), "ready %d %d %u\n", getpid(), maker, opt->count);
	int fd = opt->ready_fd >= 0 ? opt->ready_fd : STDOUT_FILENO;

	if (write(fd, line, (size_t)len) != len)
		return -errno;
	if (opt->ready_fd > STDERR_FILENO)
		close(opt->ready_fd);
	return 0;
}

/* True where stdin has ended or a signal asks us to. */
static bool asked_to_end(const struct pollfd *in, const struct pollfd *sig)
{
	char buf[256];

	if (sig->revents)
		return true;
	return in->revents && read(in->fd, buf, sizeof(buf)) <= 0;
}

/* Takes one report. Returns 0, or 1 where it tells of a failure. */
static int take_report(const struct options *opt, const struct report *r, struct report *made)
{
	if (r->err || r->index >= opt->count || r->kind >= KIND_N) {
		fprintf(stderr, "population: process %u of %u (%s): %s\n", r->index + 1, opt->count,
			r->kind < KIND_N ? kind_name[r->kind] : "?", strerror(r->err));
		return 1;
	}
	made[r->index] = *r;
	return 0;
}

/* Collects all reports. Returns 0, or 1 where one tells of a failure or we have to end before. */
static int await_members(const struct options *opt, int report_fd, int signal_fd,
			 struct report *made)
{
	/* Waking for each of 20,000 reports would slow the maker down: let some gather. */
	const struct timespec gather = { .tv_nsec = 1000000 };
	struct pollfd fds[] = {
		{ .fd = report_fd, .events = POLLIN },
		{ .fd = signal_fd, .events = POLLIN },
		{ .fd = opt->keep ? -1 : STDIN_FILENO, .events = POLLIN },
	};
	struct report batch[256];
	ssize_t bytes;

	for (unsigned n = 0; n < opt->count;) {
		nanosleep(&gather, NULL);
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0 && errno != EINTR)
			return 1;
		if (asked_to_end(&fds[2], &fds[1])) {
			fprintf(stderr, "population: told to end before all had settled\n");
			return 1;
		}
		if (!fds[0].revents)
			continue;
		/* Writes are atomic and of one size, so a read ends between two reports. */
		bytes = read(report_fd, batch, sizeof(batch));
		if (bytes <= 0) {
			fprintf(stderr,
				"population: %u of %u processes settled, the others are gone\n", n,
				opt->count);
			return 1;
		}
		for (size_t i = 0; i < (size_t)bytes / sizeof(batch[0]); i++, n++)
			if (take_report(opt, &batch[i], made))
				return 1;
	}
	return 0;
}

static void await_end(const struct options *opt, int signal_fd)
{
	struct pollfd fds[] = {
		{ .fd = signal_fd, .events = POLLIN },
		{ .fd = opt->keep ? -1 : STDIN_FILENO, .events = POLLIN },
	};

	do {
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0 && errno != EINTR)
			return;
	} while (!asked_to_end(&fds[1], &fds[0]));
}

static int keep(const struct options *opt, int report_fd, int signal_fd, pid_t maker)
{
	struct report *made = calloc(opt->count, sizeof(*made));
	int ret = made ? await_members(opt, report_fd, signal_fd, made) : 1;
	int err = 0;

	if (ret == 0 && opt->list)
		err = write_list(opt->list, made, opt->count);
	if (ret == 0 && !err)
		err = tell_ready(opt, maker);
	if (err)
		fprintf(stderr, "population: %s\n", strerror(-err));
	free(made);
	if (err || ret)
		return 1;
	await_end(opt, signal_fd);
	return 0;
}

/* A population is as large as the hard limit allows, whatever the shell's soft one is. */
static void lift_limits(void)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NPROC, &rl) == 0) {
		rl.rlim_cur = rl.rlim_max;
		setrlimit(RLIMIT_NPROC, &rl);
	}
}

static int run(const struct options *opt)
{
	const pid_t self = getpid();
	int pipe_fd[2], signal_fd, ret;
	sigset_t ends;
	pid_t maker;

	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGHUP);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal_fd = signalfd(-1, &ends, SFD_CLOEXEC);
	if (signal_fd < 0 || pipe2(pipe_fd, O_CLOEXEC) || prctl(PR_SET_CHILD_SUBREAPER, 1)) {
		perror("population");
		return 1;
	}
	if (opt->keep)
		prctl(PR_SET_PDEATHSIG, SIGTERM);
	lift_limits();
	maker = fork();
	if (maker < 0) {
		perror("population");
		return 1;
	}
	if (maker == 0)
		run_maker(opt, pipe_fd[1], self);
	setpgid(maker, maker);
	close(pipe_fd[1]);
	ret = keep(opt, pipe_fd[0], signal_fd, maker);
	end_all(maker);
	return ret;
}

static bool parse_number(const char *s, uint64_t max, uint64_t *ret)
{
	char *end;

	errno = 0;
	*ret = strtoull(s, &end, 10);
	return *s >= '0' && *s <= '9' && !*end && !errno && *ret <= max;
}

static const char usage_text[] =
	"Usage: population --count N [OPTION...]\n"
	"Makes N processes that wait, says \"ready KEEPER MAKER N\" when all have settled, and "
	"takes\n"
	"them away when stdin ends, on SIGTERM, SIGINT or SIGHUP, or when it dies itself.\n"
	"\n"
	"  --count N       how many\n"
	"  --kind KIND     idle (all alike and tiny; the default) or mixed (sizes, adj, threads, "
	"zombie\n"
	"                  leaders, shared memory and mm, vfork, trees, odd names; as root, other "
	"users)\n"
	"  --seed S        the same seed makes the same choices (default 1)\n"
	"  --standout K    idle: K of them, at most 60, are larger and have an oom_score_adj above "
	"0\n"
	"  --adj any       mixed: an oom_score_adj from -1000 to 1000, not only above our own\n"
	"  --most MIB      mixed: what one of them has at most (default 8)\n"
	"  --total MIB     mixed: what all of them have together at most (default 1536)\n"
	"  --odd-memory    mixed: locked memory, huge pages, memory that is all swapped out\n"
	"  --orphans       a member whose parent dies goes on, and so do all when the keeper dies\n"
	"  --cgroup DIR    each goes into one of the cgroups named, at most 16\n"
	"  --churn         mixed: some go on allocating and freeing, forking and exiting\n"
	"  --list FILE     one line for each process: PID KIND\n"
	"  --ready-fd FD   says ready there, and closes it, instead of on stdout\n"
	"  --keep          does not look at stdin; ends with its parent\n";

static int usage_error(const char *what)
{
	fprintf(stderr, "population: %s\n%s", what, usage_text);
	return 2;
}

enum option_char {
	OPT_COUNT = 256,
	OPT_KIND,
	OPT_SEED,
	OPT_STANDOUT,
	OPT_CHURN,
	OPT_ADJ,
	OPT_MOST,
	OPT_TOTAL,
	OPT_ODD_MEMORY,
	OPT_ORPHANS,
	OPT_CGROUP,
	OPT_LEAVE,
	OPT_LIST,
	OPT_READY_FD,
	OPT_KEEP,
	OPT_HELP,
};

static const struct option long_options[] = {
	{ "count", required_argument, NULL, OPT_COUNT },
	{ "kind", required_argument, NULL, OPT_KIND },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "standout", required_argument, NULL, OPT_STANDOUT },
	{ "churn", no_argument, NULL, OPT_CHURN },
	{ "adj", required_argument, NULL, OPT_ADJ },
	{ "most", required_argument, NULL, OPT_MOST },
	{ "total", required_argument, NULL, OPT_TOTAL },
	{ "odd-memory", no_argument, NULL, OPT_ODD_MEMORY },
	{ "orphans", no_argument, NULL, OPT_ORPHANS },
	{ "cgroup", required_argument, NULL, OPT_CGROUP },
	{ "leave", no_argument, NULL, OPT_LEAVE },
	{ "list", required_argument, NULL, OPT_LIST },
	{ "ready-fd", required_argument, NULL, OPT_READY_FD },
	{ "keep", no_argument, NULL, OPT_KEEP },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

static bool parse_option(int c, struct options *opt)
{
	uint64_t n = 0;

	switch (c) {
	case OPT_COUNT:
		if (!parse_number(optarg, COUNT_MAX, &n) || n == 0)
			return false;
		opt->count = (unsigned)n;
		return true;
	case OPT_KIND:
		opt->mixed = strcmp(optarg, "mixed") == 0;
		return opt->mixed || strcmp(optarg, "idle") == 0;
	case OPT_SEED:
		return parse_number(optarg, UINT64_MAX, &opt->seed);
	case OPT_STANDOUT:
		opt->standout = parse_number(optarg, STANDOUT_MAX, &n) ? (unsigned)n : 0;
		return n > 0 && n <= STANDOUT_MAX;
	case OPT_CHURN:
		return opt->churn = true;
	case OPT_ADJ:
		return opt->any_adj = strcmp(optarg, "any") == 0;
	case OPT_MOST:
		opt->most_bytes = parse_number(optarg, 4096, &n) ? n * MIB : 0;
		return opt->most_bytes > 0;
	case OPT_TOTAL:
		opt->total_bytes = parse_number(optarg, 65536, &n) ? n * MIB : 0;
		return opt->total_bytes > 0;
	case OPT_ODD_MEMORY:
		return opt->odd_memory = true;
	case OPT_ORPHANS:
		return opt->orphans = true;
	case OPT_CGROUP:
		if (opt->n_cgroups == CGROUPS_MAX)
			return false;
		opt->cgroups[opt->n_cgroups++] = optarg;
		return true;
	case OPT_LIST:
		opt->list = optarg;
		return true;
	case OPT_READY_FD:
		opt->ready_fd = parse_number(optarg, 1023, &n) ? (int)n : -1;
		return opt->ready_fd >= 0;
	case OPT_KEEP:
		return opt->keep = true;
	default:
		return false;
	}
}

int main(int argc, char **argv)
{
	struct options opt = { .seed = 1,
			       .ready_fd = -1,
			       .total_bytes = TOTAL_MAX_BYTES,
			       .most_bytes = MEMBER_MAX_BYTES };
	int c;

	while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		/* What a churner's child runs: there only to come and go. */
		if (c == OPT_LEAVE)
			return 0;
		if (c == OPT_HELP) {
			fputs(usage_text, stdout);
			return fflush(stdout) ? 1 : 0;
		}
		if (!parse_option(c, &opt))
			return usage_error(c == '?' ? "no such option" : "bad value");
	}
	if (!opt.count || optind != argc)
		return usage_error("--count is needed");
	if ((opt.mixed && opt.standout) || (!opt.mixed && opt.churn) || opt.standout > opt.count)
		return usage_error("--standout is for idle, --churn for mixed");
	return run(&opt);
}
