/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How is a hook run that may neither keep us waiting nor outlive its time? A helper takes requests
 * from a socket, one packet each, as long as it has a free place; the others wait in the socket,
 * which holds some dozens. Each runs in a process group of its own, so that its children are ended
 * with it.
 */
#include "hooks.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base.h"
#include "child.h"
#include "steady.h"

enum { MOST = 64 };

/* What asks the helper to come to its end. Not SIGTERM, which a manager sends to all of us. */
#define HURRY_SIGNAL SIGUSR1
/* What the hooks have then to finish what they do, all of them together. */
#define HURRY_USEC 5000000u

enum request_kind { REQUEST_RUN, REQUEST_ASK };

struct request {
	int32_t kind, id;
	char text[HOOKS_ENV_MAX];
};

struct running {
	pid_t pid;
	int32_t id;
	uint64_t until_usec;
	bool late, hurried; /* hurried: it has less time than it was promised */
};

struct helper {
	const struct hooks_options *opt;
	int socket, signals;
	struct running running[MOST];
	unsigned n;
	bool closed;            /* nobody asks any more */
	uint64_t deadline_usec; /* of all of them; 0: each has its own time */
};

/* ------------------------------------------------------------------ the helper */

static uint64_t now_usec(void)
{
	struct moment m;

	host_moment(&m);
	return m.mono_usec;
}

static void say(const struct helper *h, enum hooks_word word, int32_t id, int32_t value)
{
	struct hooks_news n = { .word = word, .id = id, .value = value };

	send(h->socket, &n, offsetof(struct hooks_news, text) + 1, MSG_NOSIGNAL);
}

static void set_environment(const char *env, size_t n)
{
	for (size_t at = 0; at < n; at += strlen(env + at) + 1)
		putenv((char *)(uintptr_t)(env + at));
}

/* Nothing of ours but the standard error, where its output goes, too: ours is the events'. */
static __attribute__((noreturn)) void run_hook(const struct helper *h, const struct request *r,
					       size_t n)
{
	const struct hooks_options *o = h->opt;
	struct sigaction standard = { .sa_handler = SIG_DFL };
	int null = host_open_to_watch(o->h, "dev/null", false);

	set_environment(r->text, n);
	sigaction(SIGPIPE, &standard, NULL);
	if (null >= 0)
		dup2(null, STDIN_FILENO);
	dup2(STDERR_FILENO, STDOUT_FILENO);
	if (o->line)
		execl("/bin/sh", "sh", "-c", o->line, (char *)NULL);
	else
		execlp(o->program, o->program, (char *)NULL);
	say(h, HOOKS_FAILED, r->id, errno);
	_exit(127);
}

static __attribute__((noreturn)) void answer(const struct helper *h, const struct request *r)
{
	struct hooks_news n = { .word = HOOKS_ANSWER, .id = r->id };
	size_t size = h->opt->answer(h->opt->ctx, r->text, n.text, sizeof(n.text) - 1);

	n.text[size] = '\0';
	send(h->socket, &n, offsetof(struct hooks_news, text) + size + 1, MSG_NOSIGNAL);
	_exit(0);
}

/* None has longer than all of them have together. */
static void set_deadline(const struct helper *h, struct running *k)
{
	if (!h->deadline_usec || k->until_usec <= h->deadline_usec)
		return;
	k->until_usec = h->deadline_usec;
	k->hurried = true;
}

static void begin(struct helper *h, const struct request *r, size_t n)
{
	struct running *k = &h->running[h->n];
	sigset_t none;
	pid_t pid = fork();

	if (pid < 0) {
		say(h, HOOKS_FAILED, r->id, errno);
		return;
	}
	if (pid == 0) {
		setpgid(0, 0);
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		if (r->kind == REQUEST_ASK)
			answer(h, r);
		run_hook(h, r, n);
	}
	setpgid(pid, pid);
	*k = (struct running){
		.pid = pid,
		.id = r->kind == REQUEST_ASK ? -1 : r->id,
		.until_usec = now_usec() + (uint64_t)h->opt->limit_sec * 1000000,
	};
	set_deadline(h, k);
	h->n++;
}

static void take_request(struct helper *h)
{
	struct request r;
	ssize_t n = recv(h->socket, &r, sizeof(r) - 1, MSG_DONTWAIT);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		h->closed = true;
		return;
	}
	if (n <= (ssize_t)offsetof(struct request, text))
		return;
	if (h->deadline_usec && now_usec() >= h->deadline_usec) {
		if (r.kind == REQUEST_RUN)
			say(h, HOOKS_FAILED, r.id, ECANCELED);
		return;
	}
	((char *)&r)[n] = '\0';
	begin(h, &r, (size_t)n - offsetof(struct request, text));
}

/* Nobody waits for us much longer; whoever says so twice does not wait at all. */
static void hurry(struct helper *h)
{
	uint64_t now = now_usec();

	h->deadline_usec = h->deadline_usec ? now : now + HURRY_USEC;
	for (unsigned i = 0; i < h->n; i++)
		set_deadline(h, &h->running[i]);
}

static void reap(struct helper *h)
{
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	while (host_input_read(h->signals, (char *)&info, sizeof(info)) > 0)
		if (info.ssi_signo == HURRY_SIGNAL)
			hurry(h);
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (unsigned i = 0; i < h->n; i++) {
			struct running *k = &h->running[i];

			if (k->pid != pid)
				continue;
			if (k->id >= 0 && !k->late)
				say(h, HOOKS_ENDED, k->id,
				    WIFEXITED(status) ? WEXITSTATUS(status)
						      : 128 + WTERMSIG(status));
			*k = h->running[--h->n];
			break;
		}
}

/* Ends what has run for too long. Returns how many milliseconds until the next is due; -1. */
static int end_late(struct helper *h)
{
	uint64_t now = now_usec(), next = UINT64_MAX;

	for (unsigned i = 0; i < h->n; i++) {
		struct running *k = &h->running[i];

		if (k->late)
			continue;
		if (now >= k->until_usec) {
			k->late = true;
			kill(-k->pid, SIGKILL);
			if (k->id >= 0)
				say(h, HOOKS_TIMEOUT, k->id,
				    k->hurried ? 0 : (int32_t)h->opt->limit_sec);
		} else if (k->until_usec < next) {
			next = k->until_usec;
		}
	}
	return next == UINT64_MAX ? -1 : (int)((next - now) / 1000 + 1);
}

static __attribute__((noreturn)) void help(struct helper *h)
{
	sigset_t all, ours;

	/* The terminal's signals are for whoever reads the events; we end when nobody asks. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	if (h->opt->lowered)
		steady_restore_adj(h->opt->h, h->opt->adj);
	sigemptyset(&ours);
	sigaddset(&ours, SIGCHLD);
	sigaddset(&ours, HURRY_SIGNAL);
	h->signals = signalfd(-1, &ours, SFD_NONBLOCK | SFD_CLOEXEC);
	while (!h->closed || h->n) {
		struct pollfd fds[] = {
			{ .fd = h->signals, .events = POLLIN },
			{ .fd = h->closed || h->n >= h->opt->most || h->n == MOST ? -1 : h->socket,
			  .events = POLLIN },
		};

		if (poll(fds, ARRAY_SIZE(fds), end_late(h)) > 0 && fds[1].revents)
			take_request(h);
		reap(h);
	}
	_exit(0);
}

/* ------------------------------------------------------------------ the other side */

int hooks_start(struct hooks *k, const struct hooks_options *opt)
{
	struct helper h = { .opt = opt };
	int ends[2];

	k->fd = -1;
	child_expect();
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	k->helper = fork();
	if (k->helper < 0) {
		int r = -errno;

		close(ends[0]);
		close(ends[1]);
		return r;
	}
	if (k->helper == 0) {
		close(ends[0]);
		h.socket = ends[1];
		help(&h);
	}
	close(ends[1]);
	k->fd = ends[0];
	return 0;
}

static int ask(const struct hooks *k, const struct request *r, size_t n)
{
	ssize_t sent;

	do
		sent = send(k->fd, r, offsetof(struct request, text) + n,
			    MSG_DONTWAIT | MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

int hooks_run(const struct hooks *k, int32_t id, const char *env, size_t n)
{
	struct request r = { .kind = REQUEST_RUN, .id = id };

	if (n >= sizeof(r.text))
		return -E2BIG;
	memcpy(r.text, env, n);
	return ask(k, &r, n);
}

int hooks_ask(const struct hooks *k, int32_t id, const char *question)
{
	struct request r = { .kind = REQUEST_ASK, .id = id };
	size_t n = strlen(question) + 1;

	if (n >= sizeof(r.text))
		return -E2BIG;
	memcpy(r.text, question, n);
	return ask(k, &r, n);
}

/* Returns 1, 0 at the end, or -errno. */
static int receive(const struct hooks *k, struct hooks_news *ret, int flags)
{
	ssize_t n;

	memset(ret, 0, sizeof(*ret));
	do
		n = recv(k->fd, ret, sizeof(*ret) - 1, flags);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n > (ssize_t)offsetof(struct hooks_news, text);
}

/* Killed as others are when memory is out, or by somebody: what it had begun goes on unattended. */
static void lose_helper(struct hooks *k, struct hooks_news *ret)
{
	int status;

	close(k->fd);
	k->fd = -1;
	*ret = (struct hooks_news){ .word = HOOKS_GONE, .value = -1 };
	if (waitpid(k->helper, &status, 0) == k->helper)
		ret->value = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool hooks_read(struct hooks *k, struct hooks_news *ret)
{
	int r = k->fd >= 0 ? receive(k, ret, MSG_DONTWAIT) : -EAGAIN;

	if (r <= 0 && r != -EAGAIN)
		lose_helper(k, ret);
	return r != -EAGAIN;
}

void hooks_hurry(const struct hooks *k)
{
	if (k->fd >= 0)
		kill(k->helper, HURRY_SIGNAL);
}

void hooks_end(struct hooks *k, const struct hooks_listener *l)
{
	struct hooks_news n;
	int r = -EAGAIN;

	if (k->fd < 0)
		return;
	shutdown(k->fd, SHUT_WR);
	while (r > 0 || r == -EAGAIN) {
		struct pollfd fds[] = { { .fd = k->fd, .events = POLLIN },
					{ .fd = l->alarm_fd, .events = POLLIN } };

		if (poll(fds, ARRAY_SIZE(fds), -1) > 0 && fds[1].revents && l->alarmed(l->ctx))
			hooks_hurry(k);
		r = receive(k, &n, MSG_DONTWAIT);
		if (r > 0)
			l->fn(l->ctx, &n);
	}
	lose_helper(k, &n);
	if (n.value > 0)
		l->fn(l->ctx, &n);
}
