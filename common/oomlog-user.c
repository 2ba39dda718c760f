/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Was it not the kernel? systemd-oomd, earlyoom, nohang and oomd say in the same log whom they
 * killed.
 */
#include <string.h>

#include "base.h"
#include "oomlog-parts.h"

static struct oomlog_open *begin(struct oomlog *p, const struct logtext *t, enum oom_killer killer)
{
	struct oomlog_open *o = oomlog_begin(p, t, false);

	if (!o)
		return NULL;
	o->e->killer = killer;
	o->e->outcome = OOM_OUTCOME_KILLED;
	return o;
}

static void one_kill(struct oomlog *p, struct oomlog_open *o, const struct oom_kill *k)
{
	o->e->kills = malloc(sizeof(*k));
	if (!o->e->kills) {
		p->error = -12;
		return;
	}
	o->e->kills[0] = *k;
	o->e->n_kills = o->e->kills_size = 1;
}

/* What stands between two quotes at s. */
static struct str quoted(struct str s)
{
	const char *open = oomlog_in(s, "\""), *close;

	if (!open)
		return (struct str){ NULL, 0 };
	open++;
	close = memchr(open, '"', (size_t)(s.s + s.n - open));
	return close ? (struct str){ open, (size_t)(close - open) } : (struct str){ NULL, 0 };
}

/* "sending SIGTERM to process 322603 uid 1000 "python3.13": oom_score 1282, VmRSS 29931 MiB, ...",
 * and before 1.7 "killing process 27541 "bash" with signal 15: badness 550, VmRSS 7609 MiB". */
static bool earlyoom(struct oomlog *p, const struct logtext *t)
{
	struct oom_kill k = { .have = OOM_HAVE_PID };
	struct str s = t->text, comm;
	struct oomlog_open *o;
	const char *at;
	uint64_t pid, v;

	if (!oomlog_eat(&s, "sending SIGTERM to process") &&
	    !oomlog_eat(&s, "sending SIGKILL to process") && !oomlog_eat(&s, "Killing process") &&
	    !oomlog_eat(&s, "killing process"))
		return false;
	if (!oomlog_number(&s, &pid) || pid > 4194304)
		return false;
	k.pid = (int32_t)pid;
	if (oomlog_eat(&s, "uid") && oomlog_number(&s, &v)) {
		k.uid = (uint32_t)v;
		k.have |= OOM_HAVE_UID;
	}
	o = begin(p, t, OOM_KILLER_EARLYOOM);
	if (!o)
		return true;
	comm = quoted(s);
	k.comm = comm.s ? oomlog_keep(p, o->e, comm.s, comm.n) : NULL;
	at = oomlog_in(s, "oom_score ");
	if (!at)
		at = oomlog_in(s, "badness ");
	if (at) {
		struct str rest = { strchr(at, ' '), 0 };

		rest.n = (size_t)(s.s + s.n - rest.s);
		if (oomlog_number(&rest, &v) && v < 100000) {
			k.score = (int64_t)v;
			k.have |= OOM_HAVE_SCORE;
		}
	}
	one_kill(p, o, &k);
	return true;
}

/* "Killed /user.slice/x.scope due to memory pressure for /user.slice being 51.76% > 50.00% ..." */
static bool systemd_oomd(struct oomlog *p, const struct logtext *t)
{
	struct oom_kill k = { .have = 0 };
	struct str s = t->text;
	const char *due = oomlog_in(s, " due to ");
	struct oomlog_open *o;

	if (!oomlog_eat(&s, "Killed /") || !due)
		return false;
	o = begin(p, t, OOM_KILLER_SYSTEMD_OOMD);
	if (!o)
		return true;
	k.task_memcg = oomlog_keep(p, o->e, s.s - 1, (size_t)(due - s.s + 1));
	k.group = true;
	o->e->pressure = oomlog_keep(p, o->e, due + 8, (size_t)(s.s + s.n - due - 8));
	one_kill(p, o, &k);
	return true;
}

/* "Sending SIGTERM to the victim", and before it what it is: the lines of nohang. */
static bool nohang(struct oomlog *p, const struct logtext *t)
{
	struct oom_kill k = { .have = OOM_HAVE_PID };
	struct str s = t->text, name;
	struct oomlog_open *o;
	const char *at;
	uint64_t pid;

	at = oomlog_in(s, "ending SIGTERM to ");
	if (!at)
		at = oomlog_in(s, "ending SIGKILL to ");
	if (!at)
		return false;
	s = (struct str){ at + 18, (size_t)(s.s + s.n - at - 18) };
	at = oomlog_in(s, "PID");
	o = begin(p, t, OOM_KILLER_NOHANG);
	if (!o)
		return true;
	if (at) {
		s = (struct str){ at + 3, (size_t)(s.s + s.n - at - 3) };
		while (s.n && (*s.s == ':' || *s.s == ' ' || *s.s == '=')) {
			s.s++;
			s.n--;
		}
		if (oomlog_number(&s, &pid) && pid <= 4194304)
			k.pid = (int32_t)pid;
	}
	if (!k.pid)
		k.have = 0;
	name = quoted(s);
	k.comm = name.s ? oomlog_keep(p, o->e, name.s, name.n) : NULL;
	one_kill(p, o, &k);
	return true;
}

bool oomlog_user(struct oomlog *p, const struct logtext *t)
{
	if (str_eq(t->ident, "earlyoom"))
		return earlyoom(p, t);
	if (str_eq(t->ident, "systemd-oomd"))
		return systemd_oomd(p, t);
	if (str_starts_with(t->ident, "nohang"))
		return nohang(p, t);
	return false;
}
