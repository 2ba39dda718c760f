/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Was it not the kernel? systemd-oomd, earlyoom, nohang and oomd say in the same log whom they
 * killed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "oomlog-parts.h"

static struct oomlog_open *begin(struct oomlog *p, const struct logtext *t, enum oom_killer killer)
{
	struct oomlog_open *o = oomlog_begin(p, t, false);

	if (!o)
		return NULL;
	o->e->killer = killer;
	/* It does not choose by the kernel's rule. */
	o->e->kernel = NULL;
	o->e->outcome = OOM_OUTCOME_KILLED;
	return o;
}

static void add_kill(struct oomlog *p, struct oom_event *e, const struct oom_kill *k)
{
	struct oom_kill *kills;

	if (e->n_kills >= OOMLOG_KILLS_MAX) {
		e->kills_cut = true;
		return;
	}
	if (e->n_kills == e->kills_size) {
		size_t size = e->kills_size ? e->kills_size * 2 : 1;

		kills = realloc(e->kills, size * sizeof(*kills));
		if (!kills) {
			p->error = -ENOMEM;
			return;
		}
		e->kills = kills;
		e->kills_size = size;
	}
	e->kills[e->n_kills++] = *k;
}

/* The event of this killer that is still open; NULL. */
static struct oomlog_open *open_of(struct oomlog *p, enum oom_killer killer)
{
	for (unsigned i = p->n_open; i-- > 0;)
		if (p->open[i].e->killer == killer && p->open[i].quiet < 50)
			return &p->open[i];
	return NULL;
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

/* "sending SIGTERM to process 322603 uid 1000 "python3.13": oom_score 1282, VmRSS 29931 MiB, ...";
 * 1.3 to 1.6 without the uid, before that "killing process 27541 "bash" with signal 15: badness
 * 550, VmRSS 7609 MiB", and at first "Killing process 27541 bash". */
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
	if (!comm.s && !oomlog_in(s, ":"))
		comm = oomlog_trim(s);
	k.comm = comm.n ? oomlog_keep(p, o->e, comm.s, comm.n) : NULL;
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
	add_kill(p, o->e, &k);
	return true;
}

/* "Killed /user.slice/x.scope due to memory pressure for /user.slice being 51.76% > 50.00% ...";
 * since 258 "Marked /user.slice/x.scope for killing due to memory used (1) / total (2) and ...". */
static bool systemd_oomd(struct oomlog *p, const struct logtext *t)
{
	struct oom_kill k = { .group = true };
	struct str s = t->text;
	const char *due = oomlog_in(s, " due to "), *end = due;
	struct oomlog_open *o;

	if (!due)
		return false;
	if (oomlog_eat(&s, "Marked /"))
		end = oomlog_in(s, " for killing due to ");
	else if (!oomlog_eat(&s, "Killed /"))
		return false;
	if (!end || end < s.s)
		return false;
	o = begin(p, t, OOM_KILLER_SYSTEMD_OOMD);
	if (!o)
		return true;
	k.task_memcg = oomlog_keep(p, o->e, s.s - 1, (size_t)(end - s.s + 1));
	o->e->pressure = oomlog_keep(p, o->e, due + 8, (size_t)(s.s + s.n - due - 8));
	add_kill(p, o->e, &k);
	return true;
}

static struct str behind(struct str s, const char *lit)
{
	const char *at = oomlog_in(s, lit);

	if (!at)
		return (struct str){ NULL, 0 };
	at += strlen(lit);
	return (struct str){ at, (size_t)(s.s + s.n - at) };
}

/* "PID:       123, name: foo, state: S, EUID: 1000, ...", "badness: ..., oom_score_adj: 0" and
 * "cgroup_v2: /x": what nohang tells of a victim before it acts. */
static bool nohang_victim(struct oomlog *p, struct str s)
{
	struct oomlog_victim *v = &p->nohang;
	struct str rest = behind(s, "PID:"), name = behind(s, "ame: ");
	uint64_t n;
	int64_t adj;

	if (rest.s && name.s && oomlog_number(&rest, &n) && n <= 4194304) {
		const char *comma = memchr(name.s, ',', name.n);

		*v = (struct oomlog_victim){ .pid = (int32_t)n };
		name.n = comma ? (size_t)(comma - name.s) : name.n;
		name.n = name.n < sizeof(v->comm) ? name.n : sizeof(v->comm) - 1;
		memcpy(v->comm, name.s, name.n);
		rest = behind(s, "UID: ");
		v->has_uid = rest.s && oomlog_number(&rest, &n);
		v->uid = v->has_uid ? (uint32_t)n : 0;
		return true;
	}
	rest = behind(s, "oom_score_adj:");
	if (rest.s && oomlog_signed(&rest, &adj) && adj >= -1000 && adj <= 1000) {
		v->adj = (int32_t)adj;
		return v->has_adj = true;
	}
	rest = oomlog_trim(behind(s, "cgroup_v2:"));
	if (!rest.n || rest.n >= sizeof(v->cgroup) || *rest.s != '/')
		return false;
	memcpy(v->cgroup, rest.s, rest.n);
	v->cgroup[rest.n] = '\0';
	return true;
}

/* "Sending SIGTERM to the victim", and before it what it is: the lines of nohang. */
static bool nohang(struct oomlog *p, const struct logtext *t)
{
	const struct oomlog_victim *v = &p->nohang;
	struct oom_kill k = { .have = 0 };
	struct oomlog_open *o;

	if (!oomlog_in(t->text, "ending SIGTERM to ") &&
	    !oomlog_in(t->text, "ending SIGKILL to ") && !oomlog_in(t->text, "Send SIGTERM to ") &&
	    !oomlog_in(t->text, "Send SIGKILL to "))
		return nohang_victim(p, t->text);
	/* What it counts of itself from time to time. */
	if (oomlog_in(t->text, "[ OK ]"))
		return false;
	nohang_victim(p, t->text);
	o = begin(p, t, OOM_KILLER_NOHANG);
	if (!o)
		return true;
	if (v->pid) {
		k.pid = v->pid;
		k.have = OOM_HAVE_PID;
		k.comm = *v->comm ? oomlog_keep(p, o->e, v->comm, strlen(v->comm)) : NULL;
	}
	if (v->has_uid) {
		k.uid = v->uid;
		k.have |= OOM_HAVE_UID;
	}
	if (v->has_adj) {
		k.oom_score_adj = v->adj;
		k.have |= OOM_HAVE_ADJ;
	}
	if (*v->cgroup)
		k.task_memcg = oomlog_keep(p, o->e, v->cgroup, strlen(v->cgroup));
	add_kill(p, o->e, &k);
	p->nohang = (struct oomlog_victim){ 0 };
	return true;
}

/* "Killed 2: 123(a) 124(b c)[E3]". */
static void oomd_killed(struct oomlog *p, struct oomlog_open *o, struct str s)
{
	const char *path = o->e->oom_memcg;
	uint64_t pid;

	while (oomlog_number(&s, &pid) && pid <= 4194304) {
		struct oom_kill k = { .have = OOM_HAVE_PID, .pid = (int32_t)pid, .group = true };
		const char *end = s.n ? memchr(s.s, ')', s.n) : NULL;

		k.task_memcg = path;
		if (s.n && *s.s == '(' && end) {
			k.comm = oomlog_keep(p, o->e, s.s + 1, (size_t)(end - s.s - 1));
			s.n -= (size_t)(end + 1 - s.s);
			s.s = end + 1;
		}
		/* It was gone before. */
		if (s.n && *s.s == '[') {
			end = memchr(s.s, ']', s.n);
			s.n -= end ? (size_t)(end + 1 - s.s) : s.n;
			s.s = end ? end + 1 : s.s;
			continue;
		}
		add_kill(p, o->e, &k);
	}
}

/* "[../BaseKillPlugin.cpp:103] Trying to kill /sys/fs/cgroup/x", then the processes. */
static bool oomd(struct oomlog *p, const struct logtext *t)
{
	static const char mount[] = "/sys/fs/cgroup";
	struct oomlog_open *o = open_of(p, OOM_KILLER_OOMD);
	struct str s = behind(t->text, "Trying to kill ");

	if (s.n && *s.s == '/') {
		o = begin(p, t, OOM_KILLER_OOMD);
		if (!o)
			return true;
		if (str_starts_with(s, mount) && s.n > sizeof(mount)) {
			s.s += sizeof(mount) - 1;
			s.n -= sizeof(mount) - 1;
		}
		o->e->oom_memcg = oomlog_keep(p, o->e, s.s, s.n);
		return true;
	}
	s = behind(t->text, "Killed ");
	if (!o || !s.s || !memchr(s.s, ':', s.n))
		return false;
	oomlog_touch(o, t);
	oomd_killed(p, o, behind(s, ":"));
	return true;
}

/* "oomd kill: 10.00 5.00 1.00 system.slice/x.service 123456 ruleset:[a] detectorgroup:[b]
 * killer:kill_by_pressure v2", which it writes into the kernel's log. */
static bool oomd_kmsg(struct oomlog *p, const struct logtext *t)
{
	struct oom_kill k = { .group = true };
	struct str s = t->text, why;
	struct oomlog_open *o;
	char *path;
	const char *end;

	if (!oomlog_eat(&s, "oomd kill: ") || !oomlog_in(s, " killer:") ||
	    oomlog_in(s, "killer:(dry)"))
		return false;
	why = s;
	/* Behind the three averages. */
	for (int i = 0; i < 3 && s.n; i++) {
		const char *blank = memchr(s.s, ' ', s.n);

		s.n -= blank ? (size_t)(blank + 1 - s.s) : s.n;
		s.s = blank ? blank + 1 : s.s;
	}
	end = s.n ? memchr(s.s, ' ', s.n) : NULL;
	if (!end)
		return false;
	s.n = (size_t)(end - s.s);
	o = open_of(p, OOM_KILLER_OOMD);
	/* Its own log may have told of it already. */
	if (!o || o->e->pressure || !o->e->oom_memcg || !str_eq(s, o->e->oom_memcg + 1))
		o = begin(p, t, OOM_KILLER_OOMD);
	if (!o)
		return true;
	oomlog_touch(o, t);
	o->e->pressure = oomlog_keep(p, o->e, why.s, why.n);
	if (o->e->n_kills)
		return true;
	/* It leaves the slash of the root out. */
	path = oomlog_alloc(p, o->e, s.n + 2);
	if (!path)
		return true;
	path[0] = '/';
	memcpy(path + 1, s.s, s.n);
	path[s.n + 1] = '\0';
	k.task_memcg = path;
	add_kill(p, o->e, &k);
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
	if (str_eq(t->ident, "oomd"))
		return oomd(p, t);
	return oomd_kmsg(p, t);
}
