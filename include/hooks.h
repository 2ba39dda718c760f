/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs that are run for an event, and questions that take memory: both by a helper that is
 * forked at the start, so that whoever has locked its memory forks no more.
 */
#ifndef OOMKIT_HOOKS_H
#define OOMKIT_HOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "host.h"

/* What one event hands on: "NAME=VALUE" with a NUL behind each. */
#define HOOKS_ENV_MAX    8192
#define HOOKS_ANSWER_MAX 1024

struct hooks_options {
	const struct host *h;
	const char *program; /* run without a shell; NULL */
	const char *line;    /* handed to sh -c; NULL */
	unsigned limit_sec;  /* after that it is killed, with all of its process group */
	unsigned most;       /* so many at once */
	bool lowered;        /* our oom_score_adj is another than the hooks are to have: adj */
	int adj;
	/* Answers a question in a child of its own; NULL: none is asked. Returns the length. */
	size_t (*answer)(void *ctx, const char *question, char *buf, size_t size);
	void *ctx;
};

/* What the helper says. */
enum hooks_word {
	HOOKS_ENDED,   /* value: the exit status, 128 and the signal */
	HOOKS_TIMEOUT, /* it ran for so many seconds and was killed; 0: because of hooks_hurry() */
	HOOKS_FAILED,  /* value: errno of what kept it from being run; ECANCELED: hooks_hurry() */
	HOOKS_ANSWER,  /* text */
	HOOKS_GONE,    /* the helper itself; value: as of HOOKS_ENDED, -1: not known */
};

struct hooks_news {
	enum hooks_word word;
	int32_t id, value;
	char text[HOOKS_ANSWER_MAX];
};

struct hooks {
	int fd; /* for poll(2); -1: none */
	pid_t helper;
};

/* Forks the helper. Returns 0 or -errno; fd is -1 then. */
int hooks_start(struct hooks *k, const struct hooks_options *opt);

/* Runs what was asked for, with env[0..n) added to the environment. Never waits. Returns 0, -EAGAIN
 * where more are waiting already than can be kept, or -errno. */
int hooks_run(const struct hooks *k, int32_t id, const char *env, size_t n);

/* Asks the question. As hooks_run(). */
int hooks_ask(const struct hooks *k, int32_t id, const char *question);

/* What the helper has said; false where there is nothing. After HOOKS_GONE there is none, and fd is
 * -1: hooks_start() makes another. */
bool hooks_read(struct hooks *k, struct hooks_news *ret);

/* All that runs and waits has five seconds left, together; asked for twice, nothing. */
void hooks_hurry(const struct hooks *k);

/* Who is told at the end. */
struct hooks_listener {
	void (*fn)(void *ctx, const struct hooks_news *n);
	int alarm_fd;               /* what may be read meanwhile; -1 */
	bool (*alarmed)(void *ctx); /* reads it: true where that is a reason to hurry */
	void *ctx;
};

/* No more is asked: fn gets what is still said, until all that runs has ended. */
void hooks_end(struct hooks *k, const struct hooks_listener *l);

#endif
