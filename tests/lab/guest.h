/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lab's guest: pid 1 of a virtual machine whose memory runs out again and again. What its
 * parts share.
 */
#ifndef LAB_GUEST_H
#define LAB_GUEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MIB           (UINT64_C(1) << 20)
#define PAGE          4096
#define CGROUPS       "/sys/fs/cgroup"
#define NO_KILL_MS    30000
/* Between what the members of a cgroup use and its limit: what the filler takes. */
#define SLACK_BYTES (4 * MIB)
#define PATH_SIZE   256
#define KILLS_MAX   128
#define TASKS_MAX   2048

/* What the kernel command line asks for (lab.NAME=VALUE), and what is open. */
struct lab {
	char modes[256];
	char root[32]; /* the disk with the system to start; "": none, and rounds are run */
	unsigned rounds;
	uint64_t seed;
	bool v1;
	/* The clock counts instructions, so that a second is not the emulator's. */
	bool counted;
	bool swap_on;
	int kmsg, log_fd;
	unsigned round, turn; /* turn: which kill of the round's population */
	const char *mode;
	const char *constraint; /* what the kernel is to say of the next OOM: none, memcg... */
	pid_t first_tid;        /* whom the log named first: the thread that held the memory */
	pid_t invoker;          /* who ran out of memory then; 0: the log does not tell */
	char group[PATH_SIZE];  /* the cgroup whose members the kernel killed together, or "" */
};

/* How near two candidates may be for reclaim of file pages to change their places, pages. */
#define NEAR_PAGES 32

enum verdict { VERDICT_RIGHT, VERDICT_NEAR, VERDICT_WRONG, VERDICT_NONE };

/* What oomkit said just before. */
struct forecast {
	char outcome[16];
	pid_t victim;
	pid_t with[KILLS_MAX]; /* who dies along */
	size_t n_with;
	bool dying;  /* it has been killed and has not gone yet */
	json_t *all; /* rank -a -J of the same moment */
};

struct filler {
	pid_t pid;
	int go_fd;
};

struct population {
	pid_t keeper;
	pid_t group; /* of all its members; 0: not known */
	int stop_fd;
};

/* guest-run.c: programs and files. */
void give_up(const char *what) __attribute__((noreturn));
int write_file(const char *path, const char *text);
int write_number(const char *path, uint64_t n);
int read_file(const char *path, char *buf, size_t size);
uint64_t read_number(const char *path);
uint64_t read_field(const char *path, const char *key); /* "key NUMBER"; UINT64_MAX: none */
json_t *run_json(const char *const *argv);              /* NULL: no JSON came */
int mount_at(const char *type, const char *path, const char *options);
void load_modules(const char *dir);
int open_serial(const char *path);
int swap_on(uint64_t bytes);
void sleep_ms(unsigned ms);
uint64_t now_ms(void);

/* guest-root.c: becomes the init of the system on that disk. */
void boot_root(const char *device) __attribute__((noreturn));

/* guest-kills.c: whom the kernel kills. */
void kills_open(struct lab *l);
void kills_forget(struct lab *l); /* what the log holds so far is not of this round */
void kills_learn_threads(void);   /* the log names the thread that holds the memory */
/* The processes killed, in their order; waits for the first of them, then quiet_ms for more. */
size_t kills_await(struct lab *l, pid_t *ret, size_t max, unsigned first_ms, unsigned quiet_ms);
/* The table of tasks that the log has shown since, where it did: one had less than the other, at
 * the same adjustment. */
bool kills_show_less(pid_t less, pid_t more);
/* What the kernel's own trace and counter say of them, from the first to the last. */
void marks_start(void);
void marks_tell(void);
bool is_gone(pid_t pid);
bool await_gone(pid_t pid);

/* guest-population.c: who lives here, and who takes memory when told to. */
enum {
	POP_STILL = 1u << 0, /* nobody in it asks for memory once it has settled */
	POP_MIXED = 1u << 1, /* never all alike: these are so small that their end frees nothing */
	POP_STAY = 1u << 2,  /* nobody in a cgroup has come there from another one */
};
/* How populations live in cgroups: v1 shows members sorted by pid, so that nothing tells which of
 * two equals has moved in last. */
unsigned pop_in_cgroups(const struct lab *l);
void populate(struct population *p, uint64_t *random, const char *const *cgroups, unsigned flags);
/* The same under a memory policy: MPOL_BIND and the like, to one node. */
void populate_bound(struct population *p, uint64_t *random, const char *const *cgroups,
		    unsigned flags, int node, int policy);
void bind_to(int node, int mode);
void disperse(struct population *p);
/* It takes memory and gives it back, and forks, all the time. */
bool is_churning(pid_t pid);
/* Forks. True in the child, which is told to go by a byte on *go. */
bool stand_by(struct filler *f, int *go);
/* Waits until it is told to go, then takes memory until somebody is killed: in a cgroup so much at
 * once, then page by page. */
void filler_start(struct filler *f, const char *adj, const char *cgroup, uint64_t quick_bytes);
void filler_go(const struct filler *f);
void filler_end(struct filler *f);
void fill(uint64_t quick_bytes, unsigned look_pages) __attribute__((noreturn));
void await_adj(pid_t pid, const char *adj);
/* Takes memory at -1000 until it is enough, and keeps it: not every kill of a round has to fill the
 * machine, or the swap of a cgroup. */
void ballast_start(struct filler *f, const char *cgroup, uint64_t step_bytes,
		   bool (*is_full)(const void *), const void *ctx);
bool machine_is_full(const void *ctx); /* but for a rest */
void grower_start(struct filler *f, uint64_t bytes);

/* guest-forecast.c: what oomkit says, and whether it was right. args: options of rank. */
pid_t first_victim(const char *const *args); /* 0: nobody */
/* What the log holds of kills before is not of this round. */
void forecast(struct lab *l, struct forecast *f, const char *const *args);
void forecast_end(struct forecast *f);
const json_t *row_of(const struct forecast *f, pid_t pid);
bool is_born_since(const struct forecast *f, pid_t pid); /* oomkit was asked */
/* Prints it. Returns killed. */
pid_t tell(const struct lab *l, const struct forecast *f, pid_t said, pid_t killed);
/* A round that began with a victim may end where there is none left. */
bool may_go_on(const struct lab *l, const struct forecast *f);
bool may_run_out(const struct forecast *f); /* of all memory */
void await_dead(const struct forecast *f, pid_t killed);
void compare_scores(const struct lab *l); /* does the model say what each oom_score says? */

/* guest-memcg.c: cgroups. */
extern const char *const leaves[];
void make_tree(const struct lab *l);
void remove_tree(void);
void remove_cgroup(const char *path);
void round_memcg(struct lab *l, uint64_t *random);
void round_memcg_swap(struct lab *l, uint64_t *random);
void round_group(struct lab *l, uint64_t *random);
bool whatif_limit(struct lab *l, uint64_t *random);

/* guest-watch.c: oomkit watch, while all that happens. */
pid_t watch_start(void);
void watch_end(pid_t pid);

/* guest-still.c: where the guest stands, if it stands. */
void still_start(void);
void still_alive(void);

/* guest-nodes.c: two memory nodes, one of them full. */
void round_cpuset(struct lab *l, uint64_t *random);
void round_mempolicy(struct lab *l, uint64_t *random);

/* guest-rounds.c: each way of running out of memory. */
unsigned draw_turns(uint64_t *random); /* how many kills of one population */
pid_t first_kill(struct lab *l);       /* 0: nobody was killed in time */
void sysrq(void);
struct mode {
	const char *name;
	bool needs_v1, needs_v2;
	uint64_t swap_bytes; /* 0: without */
	void (*round)(struct lab *l, uint64_t *random);
};
/* guest-adj.c: nobody is killed, values are changed. */
void round_adj(struct lab *l, uint64_t *random);
/* guest-cgroup.c: one is, and what is counted of it is looked at. */
void round_cgroup(struct lab *l, uint64_t *random);
/* guest-steady.c: a crowd is, and watch has what it needs to tell of each. */
void round_steady(struct lab *l, uint64_t *random);
int steady_hook(void); /* what it runs for each */

extern const struct mode modes[];
extern const size_t n_modes;

#endif
