/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The only file that opens anything. Every path is relative to one root directory, so that a
 * fixture, a sosreport or a container's root is read exactly as the live machine is; symlinks are
 * resolved inside the root and cannot leave it.
 */
#ifndef OOMKIT_HOST_H
#define OOMKIT_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "moment.h"

struct host_batch;

struct host {
	int root_fd;
	int proc_fd;      /* ROOT/proc, -1 where there is none */
	bool live;        /* the root is the machine's own */
	const char *root; /* as given; "/" */
	struct host_batch
		*batch; /* files of live processes that have been read and wait to be closed */
};

/* Opens the root (NULL or "": the machine's own). A root without /proc is opened: proc_fd is -1
 * then. Returns 0 or -errno. */
int host_open(struct host *h, const char *root);
void host_close(struct host *h);

/* Reads at most size - 1 bytes of ROOT/path and terminates them. Returns the number of bytes or
 * -errno; a file that is longer is cut. EINTR is retried. */
ssize_t host_read(const struct host *h, const char *path, char *buf, size_t size);

/* The same of ROOT/proc/PID/file: one open, read, close through the fd of proc. file may hold
 * slashes
 * ("task/85/stat"). A process that is gone gives -ENOENT or -ESRCH. */
ssize_t host_read_proc(const struct host *h, pid_t pid, const char *file, char *buf, size_t size);

/* From here on what is read of this pid is read through the directory of the process that has it
 * now, so that it is of one process, whoever has the pid later: once that one is gone, its files
 * give -ESRCH. On a root that is not the machine's own nothing changes. One process at a time.
 * Returns 0 or -errno. */
int host_enter_proc(const struct host *h, pid_t pid);
void host_leave_proc(const struct host *h);

/* The whole of ROOT/path in memory that the caller frees; at most max bytes (-EFBIG beyond). */
ssize_t host_read_all(const struct host *h, const char *path, size_t max, char **ret);

/* All pids that ROOT/proc lists, ascending; the caller frees *ret. Returns how many or -errno. */
ssize_t host_list_pids(const struct host *h, pid_t **ret);

/* The thread ids of a process, ascending; at most max of them are stored. Returns how many there
 * are or -errno. */
ssize_t host_list_tasks(const struct host *h, pid_t pid, pid_t *tids, size_t max);

/* Calls fn for each entry of ROOT/path but "." and "..", in no order; stops where fn returns
 * non-zero and returns that. ino is the entry's inode number, is_dir what d_type says (or lstat
 * where it says nothing). Returns 0 or -errno. */
int host_list_dir(const struct host *h, const char *path,
		  int (*fn)(void *ctx, const char *name, uint64_t ino, bool is_dir), void *ctx);

/* How many seconds ago a file was written that nobody but root can have written. Returns 0, -EPERM
 * where another can, -ENOTSUP on a root that is not the machine's own, or -errno. */
int host_file_age(const struct host *h, const char *path, uint64_t *ret);

/* Where the symbolic link at path leads, as it is written. Returns 0, -EINVAL where it is none, or
 * -errno. */
int host_read_link(const struct host *h, const char *path, char *buf, size_t size);

/* The inode number of ROOT/path. Returns 0 or -errno. */
int host_inode(const struct host *h, const char *path, uint64_t *ret);

/* The directory ROOT/path, held open until host_release(): what is read through it is of that
 * directory, whoever has its name later. *ino: its inode number. *leaf: it surely has no directory
 * in it, and need not be listed. Returns a descriptor or -errno. */
int host_hold_dir(const struct host *h, const char *path, uint64_t *ino, bool *leaf);

/* As host_list_dir(), of a held directory that nobody has listed yet. */
int host_list_held(int held, int (*fn)(void *ctx, const char *name, uint64_t ino, bool is_dir),
		   void *ctx);

/* What only the running machine can be asked; -ENOTSUP where the root is another's. */
int host_page_size(const struct host *h, uint32_t *ret);
int host_total_ram_bytes(const struct host *h, uint64_t *ram, uint64_t *swap); /* sysinfo(2) */
int host_same_mm(const struct host *h, pid_t a, pid_t b);       /* kcmp(2): 1 shared, 0 not */
int host_ticks_since_boot(const struct host *h, uint64_t *ret); /* what stat's starttime counts */
int host_pid_ns_is_initial(const struct host *h);               /* 1, 0: /proc/self/ns/pid */

/* The pid by which ROOT/proc knows this process: another than getpid() where it is the /proc of
 * another pid namespace; 0 where that does not show us, or is a copy, in which our pid is somebody
 * else's. */
pid_t host_self(const struct host *h);

/* ------------------------------------------------------------------ what goes on
 *
 * Descriptors that tell of what happens from now on; they never block. */

/* Now, by all clocks. */
void host_moment(struct moment *ret);

/* The kernel's log from its end, or with all that it still has. Each host_input_read() gives one
 * record: -EPIPE where some were overwritten, -EAGAIN at the end, -EINVAL where one does not fit
 * and has been passed over. Returns a descriptor or -errno. */
int host_kmsg_open(const struct host *h, bool from_start);

/* ROOT/path, to be read again and again, or read and written. Returns a descriptor or -errno. */
int host_open_to_watch(const struct host *h, const char *path, bool writable);

/* An inotify instance, and what it looks at: mask is of inotify(7). Returns a descriptor, a watch,
 * or -errno. */
int host_notify_new(void);
int host_notify_add(const struct host *h, int fd, const char *path, uint32_t mask);
void host_notify_remove(int fd, int watch);

/* Makes or removes one directory. Returns 0 or -errno. */
int host_make_dir(const struct host *h, const char *path);
int host_remove_dir(const struct host *h, const char *path);

/* Tells the program that started us (systemd) how far we are: sd_notify(3). */
void host_tell_manager(const char *text);

/* ------------------------------------------------------------------ files that a person names
 *
 * These are not the machine's: a name is that of the shell's folder, no root has a say in it. */

/* The file of zoneinfo for a name like Europe/Berlin, of this machine or below $TZDIR. Returns a
 * descriptor or -errno. */
int host_zone_open(const char *name);

/* Opens a file to be read from its start; NULL or "-": the standard input. *dir: it is a folder.
 * Returns a descriptor or -errno. */
int host_input_open(const char *path, bool *dir);

/* ROOT/path to be read from its start. Returns a descriptor or -errno. */
int host_input_open_below(const struct host *h, const char *path);

/* Where the kernel's ring buffer is, below a root. */
const char *host_kmsg_path(void);

/* The next bytes, at least one but at the end. Returns how many, 0 at the end, or -errno; of
 * ROOT/dev/kmsg each call gives one record, -EPIPE where some were lost and -EAGAIN at its end. */
ssize_t host_input_read(int fd, char *buf, size_t n);

/* The next bytes, which stay to be read. Returns how many, or -errno: -ESPIPE of a pipe. */
ssize_t host_input_peek(int fd, char *buf, size_t n);

/* A new file in the place of path, to be written through *ret and put there by host_output_close();
 * "-" is the standard output. Returns 0 or -errno. */
struct host_output;
int host_output_open(const char *path, struct host_output **ret);
int host_output_write(struct host_output *o, const char *s, size_t n);
/* keep false: what was there stays. */
int host_output_close(struct host_output *o, bool keep);

/* What the program asks about itself; no root has a say in it. */

/* A standard stream that was closed would lend its number to the next file that is opened, and the
 * output would land there: its place is taken by a descriptor that fails with EBADF, as a closed
 * one does. Returns 0 or -errno. */
int host_hold_standard_streams(void);

/* Where the running program stands: an absolute path without links. Returns 0 or -errno. */
int host_own_path(char *buf, size_t size);

/* Makes path a symlink to target. Returns 0, also where it is one already, -EEXIST where something
 * else is in the way, or -errno. */
int host_make_link(const char *target, const char *path);

/* What changes something. */

/* The directory of the process that has this pid now, held open: what is read and written through
 * it is that process's, whoever has the pid later, and once it is gone everything fails with
 * -ESRCH. Returns a descriptor or -errno. */
int host_hold_proc(const struct host *h, pid_t pid);
void host_release(int held);

/* As host_read(), of a file of a held directory. */
ssize_t host_read_held(const struct host *h, int held, const char *file, char *buf, size_t size);

/* Writes text into a file of a held directory, all of it at once. *opened: it was the write and not
 * the opening that failed. Returns 0 or -errno. */
int host_write_held(const struct host *h, int held, const char *file, const char *text,
		    bool *opened);

/* Opens a file of a held directory, which must be there, to be written into, and changes nothing
 * yet. Returns a descriptor or -errno. */
int host_open_held_to_write(const struct host *h, int held, const char *file);

/* Writes text into a file so opened, in place of what it holds. Returns 0 or -errno. */
int host_put_over(const struct host *h, int fd, const char *text);

/* Opens ROOT/path, which must be there, to be written into. Returns a descriptor or -errno. */
int host_open_to_write(const struct host *h, const char *path);

/* Writes text into an open file, all of it at once. Returns 0 or -errno. */
int host_put(int fd, const char *text);

/* The same for bytes. */
int host_put_bytes(int fd, const void *bytes, size_t n);

/* Writes text into ROOT/path, which must be there, all of it at once. Returns 0 or -errno. */
int host_write(const struct host *h, const char *path, const char *text);

/* A file of ours or another's that is read, and replaced as a whole or not at all. */
struct host_edit {
	int dir; /* of the file, locked against other runs; -1: it is not there */
	char name[256];
	char *old; /* what it holds; NULL where there is none */
	size_t old_n;
	unsigned mode, uid, gid; /* of the old one */
};

/* Reads ROOT/path, which no link may stand for, and keeps other runs of ours away until
 * host_edit_close(). make_dirs: the directories above it are made. Returns 0, also where there is
 * no such file, -ELOOP where a link is in the way, or -errno. */
int host_edit_open(const struct host *h, const char *path, bool make_dirs, struct host_edit *e);

/* Writes the new text beside the old, makes it last, and puts it in its place. Returns 0 or -errno;
 * the old file is as it was then. */
int host_edit_commit(struct host_edit *e, const char *text, size_t n);

/* Removes it. Returns 0 or -errno. */
int host_edit_remove(struct host_edit *e);
void host_edit_close(struct host_edit *e);

/* Removes the directory ROOT/path if it is empty. */
void host_remove_empty_dir(const struct host *h, const char *path);

#endif
