/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who would die first now, and now? The table of rank on a terminal, drawn anew every few seconds
 * and whenever its size changes. The terminal is given back as it was, however we end.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "base.h"
#include "rank.h"
#include "watch.h"

/* What stands above the rows and below them: the title, the headings, the last line of rank. */
enum { OTHER_LINES = 4, ROWS_MIN = 1, ARGS_MAX = 64 };

struct live {
	struct watch *w;
	struct termios before;
	bool changed; /* the terminal is not as it was */
	int signal_fd;
	struct out *o;
	unsigned lines, columns;
	bool done;
};

/* ------------------------------------------------------------------ the terminal */

static void enter(struct live *l)
{
	struct termios now = l->before;

	/* Keys come one by one and are not shown; ^C and ^Z stay what they are. */
	now.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	now.c_cc[VMIN] = 0;
	now.c_cc[VTIME] = 0;
	tcsetattr(STDIN_FILENO, TCSANOW, &now);
	out_text(l->o, "\033[?1049h\033[?25l");
	out_push(l->o);
	l->changed = true;
}

static void leave(struct live *l)
{
	if (!l->changed)
		return;
	out_text(l->o, "\033[?25h\033[?1049l");
	out_push(l->o);
	tcsetattr(STDIN_FILENO, TCSANOW, &l->before);
	l->changed = false;
}

static void measure(struct live *l)
{
	struct winsize size = { 0 };

	ioctl(fileno(l->w->env->out), TIOCGWINSZ, &size);
	l->lines = size.ws_row ? size.ws_row : 24;
	l->columns = size.ws_col ? size.ws_col : 80;
}

/* ------------------------------------------------------------------ the picture */

/* How many bytes of s[0..n) fill at most so many columns; a character of UTF-8 is one. */
static size_t bytes_of_columns(const char *s, size_t n, unsigned columns)
{
	size_t i = 0;

	for (unsigned used = 0; i < n; used++) {
		if (used == columns)
			break;
		for (i++; i < n && ((unsigned char)s[i] & 0xc0) == 0x80; i++)
			;
	}
	return i;
}

static void draw_line(struct live *l, const char *s, size_t n, const char *before,
		      const char *behind)
{
	out_text(l->o, "%s%.*s%s\033[K\r\n", before, (int)bytes_of_columns(s, n, l->columns), s,
		 behind);
}

static void draw_text(struct live *l, const char *text)
{
	unsigned left = l->lines > 2 ? l->lines - 2 : 1;
	bool first = true;

	while (*text && left--) {
		size_t n = strcspn(text, "\n");

		draw_line(l, text, n, first ? out_paint(l->o, PAINT_BOLD) : "",
			  first ? out_paint(l->o, PAINT_OFF) : "");
		first = false;
		text += n + (text[n] == '\n');
	}
}

static void draw_title(struct live *l)
{
	char title[128], time[64];
	struct moment now;

	host_moment(&now);
	out_time(now.wall_usec - now.wall_usec % 1000000, 0, time, sizeof(time));
	snprintf(title, sizeof(title), "oomkit: who dies first  %s  every %llu s, q leaves", time,
		 (unsigned long long)l->w->live_sec);
	out_text(l->o, "\033[H");
	draw_line(l, title, strlen(title), "", "");
}

/* rank's own options for the targets that we were given. */
static size_t target_args(const struct select_spec *spec, const char **args, size_t n)
{
	static const char *const options[] = {
		[TARGET_PID] = "--pid",         [TARGET_CGROUP] = "--cgroup",
		[TARGET_UNIT] = "--unit",       [TARGET_CONTAINER] = "--container",
		[TARGET_NAME] = "--exact",      [TARGET_COMM_REGEX] = "--comm",
		[TARGET_FULL_REGEX] = "--full", [TARGET_USER] = "--user",
		[TARGET_TREE] = "--tree",       [TARGET_ALL] = "--all",
	};

	for (size_t i = 0; i < spec->n && n + 2 < ARGS_MAX; i++) {
		args[n++] = options[spec->targets[i].kind];
		if (spec->targets[i].kind != TARGET_ALL)
			args[n++] = spec->targets[i].text;
	}
	return n;
}

static void draw(struct live *l)
{
	const char *args[ARGS_MAX + 1];
	char rows[16], *text = NULL, *notes = NULL;
	size_t n = 0, size;
	struct env env = *l->w->env;

	env.out = open_memstream(&text, &size);
	env.err = open_memstream(&notes, &size);
	if (!env.out || !env.err) {
		l->done = true;
	} else {
		snprintf(rows, sizeof(rows), "%u",
			 l->lines > OTHER_LINES + ROWS_MIN ? l->lines - OTHER_LINES : ROWS_MIN);
		args[n++] = "oomkit rank";
		args[n++] = "--top";
		args[n++] = rows;
		if (l->w->machine.root) {
			args[n++] = "--root";
			args[n++] = l->w->machine.root;
		}
		if (l->w->machine.kernel) {
			args[n++] = "--kernel";
			args[n++] = l->w->machine.kernel;
		}
		n = target_args(&l->w->targets, args, n);
		args[n] = NULL;
		rank_run(&env, (int)n, (char **)(uintptr_t)args);
	}
	if (env.out)
		fclose(env.out);
	if (env.err)
		fclose(env.err);
	draw_title(l);
	draw_text(l, text && *text ? text : notes ? notes : "");
	out_text(l->o, "\033[J");
	if (out_push(l->o) < 0)
		l->done = true;
	free(text);
	free(notes);
}

/* ------------------------------------------------------------------ keys and signals */

static void on_keys(struct live *l)
{
	char keys[64];
	ssize_t n = host_input_read(STDIN_FILENO, keys, sizeof(keys));

	/* Nobody can press a key any more. */
	if (n <= 0)
		l->done = true;
	for (ssize_t i = 0; i < n; i++)
		l->done |= keys[i] == 'q' || keys[i] == 'Q';
}

/* Stops as everything stops at ^Z, with the terminal as it was. */
static void stop(struct live *l)
{
	sigset_t one;

	leave(l);
	sigemptyset(&one);
	sigaddset(&one, SIGTSTP);
	raise(SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &one, NULL);
	/* Here we stand until we are continued. */
	sigprocmask(SIG_BLOCK, &one, NULL);
	enter(l);
	measure(l);
}

static void on_signals(struct live *l)
{
	struct signalfd_siginfo info;

	while (host_input_read(l->signal_fd, (char *)&info, sizeof(info)) == sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGWINCH:
			measure(l);
			break;
		case SIGTSTP:
			stop(l);
			break;
		case SIGCONT:
			/* After a SIGSTOP the shell has set the terminal for itself. */
			enter(l);
			measure(l);
			break;
		default:
			l->w->signal = (int)info.ssi_signo;
			l->done = true;
		}
	}
}

static int take_signals(struct live *l)
{
	static const int signals[] = { SIGINT,  SIGTERM, SIGHUP,  SIGQUIT, SIGWINCH,
				       SIGTSTP, SIGCONT, SIGUSR1, SIGUSR2, SIGALRM };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaddset(&set, signals[i]);
	sigaction(SIGPIPE, &ignore, NULL);
	if (sigprocmask(SIG_BLOCK, &set, &l->w->old_mask) < 0)
		return -errno;
	l->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return l->signal_fd < 0 ? -errno : 0;
}

static void go_on(struct live *l)
{
	struct moment now;
	uint64_t due = 0;

	while (!l->done) {
		struct pollfd fds[] = {
			{ .fd = l->signal_fd, .events = POLLIN },
			{ .fd = STDIN_FILENO, .events = POLLIN },
		};
		int wait = 0;

		host_moment(&now);
		if (now.mono_usec >= due) {
			draw(l);
			due = now.mono_usec + l->w->live_sec * 1000000;
		}
		if (l->done)
			break;
		wait = (int)((due - now.mono_usec) / 1000);
		if (poll(fds, ARRAY_SIZE(fds), wait) <= 0)
			continue;
		if (fds[0].revents) {
			on_signals(l);
			due = 0;
		}
		if (fds[1].revents)
			on_keys(l);
	}
}

int watch_live(struct watch *w)
{
	struct live l = { .w = w, .signal_fd = -1 };
	struct out_options plain = { .format = OUT_TABLE, .color = w->output.opt.color };
	int status = EXIT_DONE;

	if (!isatty(STDIN_FILENO) || fileno(w->env->out) < 0 || !isatty(fileno(w->env->out)) ||
	    tcgetattr(STDIN_FILENO, &l.before) < 0)
		return cli_usage_error(w->env, "watch", "--live", NULL, "wants a terminal",
				       "oomkit rank for a file or a pipe");
	l.o = out_new(w->env->out, "watch", &plain);
	if (!l.o || take_signals(&l) < 0) {
		cli_error(w->env, "watch", NULL, strerror(ENOMEM), NULL);
		status = EXIT_USAGE;
	} else {
		measure(&l);
		enter(&l);
		go_on(&l);
		leave(&l);
	}
	if (l.signal_fd >= 0)
		close(l.signal_fd);
	if (l.o)
		status = cli_finish(w->env, "watch", l.o, status);
	if (w->signal)
		watch_die_of(w);
	return status;
}
