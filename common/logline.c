/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where in this line does the kernel's text begin, and what was told of it before? Mirrors what
 * kernel/printk, dmesg(1), syslogd (RFC 3164, RFC 5424) and journalctl(1) put in front, and what
 * mails, pagers and consoles add to that.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "logline-parts.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void skip_blanks(struct cursor *c)
{
	for (;;) {
		if (c->p < c->end && is_blank(*c->p))
			c->p++;
		else if (c->end - c->p > 1 && memcmp(c->p, "\xc2\xa0", 2) == 0)
			c->p += 2;
		else
			return;
	}
}

bool logline_is_kernel(struct str ident)
{
	static const char *const names[] = { "kernel", "klogd", "vmunix", "kern", "unix" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_eq(ident, names[i]))
			return true;
	return false;
}

/* ------------------------------------------------------------------ brackets */

/* "[T123]", "[    C0]", "T123": printk's caller. */
static bool caller(struct cursor *c, struct logtext *t)
{
	struct cursor at = *c;
	uint64_t id;
	char kind;

	skip_blanks(&at);
	if (at.end - at.p < 2 || (*at.p != 'T' && *at.p != 'C') || !is_digit(at.p[1]))
		return false;
	kind = *at.p++;
	if (str_scan_u64(&at.p, at.end, &id) < 0 || at.p >= at.end || *at.p != ']')
		return false;
	t->caller = kind;
	t->caller_id = (uint32_t)id;
	c->p = at.p + 1;
	return true;
}

/* The bracket of printk or dmesg at c: an uptime, a date, a delta, a caller. */
static bool bracket(const struct logline *l, struct cursor *c, struct logtext *t)
{
	struct cursor at = { c->p + 1, c->end };
	struct walltime w = { 0 };
	uint64_t usec;

	if (c->p >= c->end || *c->p != '[')
		return false;
	skip_blanks(&at);
	if (logline_uptime(&at, &usec)) {
		/* Some kernels add the processor, some programs how long it was since the last. */
		while (at.p < at.end && (*at.p == ',' || *at.p == '@' || is_digit(*at.p)))
			at.p++;
		skip_blanks(&at);
		if (at.p < at.end && *at.p == '<' && at.end - at.p < 4096) {
			const char *close = memchr(at.p, '>', (size_t)(at.end - at.p));

			if (close && close - at.p < 32)
				at.p = close + 1;
		}
		if (at.p < at.end && *at.p == ']') {
			t->have_uptime = true;
			t->uptime_usec = usec;
			at.p++;
			c->p = at.p;
			return true;
		}
	}
	at.p = c->p + 1;
	if (logline_iso(&at, &w) || logline_month(&at, &w)) {
		while (at.p < at.end && *at.p != ']' && at.p - c->p < 48)
			at.p++;
		if (at.p >= at.end || *at.p != ']')
			return false;
		logline_set_time(l, t, &w);
		c->p = at.p + 1;
		/* Talos: "kern: warning: [2026-01-31T12:00:05.123Z]: " */
		if (c->p < c->end && *c->p == ':')
			c->p++;
		return true;
	}
	at.p = c->p + 1;
	w = (struct walltime){ 0 };
	if (logline_short(&at, &w) && at.p < at.end && *at.p == ']') {
		logline_set_time(l, t, &w);
		c->p = at.p + 1;
		return true;
	}
	at.p = c->p + 1;
	if (caller(&at, t)) {
		c->p = at.p;
		return true;
	}
	/* "[  +0.002367]" of dmesg -H, "[2-3219.1870]" of some consoles: they tell no time. */
	skip_blanks(&at);
	while (at.p < at.end && is_digit(*at.p))
		at.p++;
	if (at.p >= at.end || (*at.p != '+' && *at.p != '-'))
		return false;
	at.p++;
	if (!logline_uptime(&at, &usec) || at.p >= at.end || *at.p != ']')
		return false;
	c->p = at.p + 1;
	return true;
}

/* What vendors of Android add behind the uptime, "[1:  Thread-12: 1832]", with a letter before it
 * or none, and "(1)[1832:Thread-12]": the processor, the task. */
static bool vendor_caller(struct cursor *c, struct logtext *t)
{
	struct cursor at = *c;
	uint64_t first, last;
	const char *close, *colon;
	bool pid_first = at.p < at.end && *at.p == '(';

	if (pid_first) {
		at.p++;
		if (at.p >= at.end || !is_digit(*at.p) || str_scan_u64(&at.p, at.end, &first) < 0 ||
		    at.p >= at.end || *at.p++ != ')')
			return false;
	} else if (at.end - at.p > 1 && *at.p >= 'A' && *at.p <= 'Z') {
		at.p++;
	}
	if (at.end - at.p < 4 || *at.p++ != '[')
		return false;
	close = memchr(at.p, ']', at.end - at.p < 64 ? (size_t)(at.end - at.p) : 64);
	skip_blanks(&at);
	if (!close || !is_digit(*at.p) || str_scan_u64(&at.p, close, &first) < 0 || at.p >= close ||
	    *at.p != ':')
		return false;
	if (!pid_first) {
		colon = memrchr(at.p + 1, ':', (size_t)(close - at.p - 1));
		if (!colon)
			return false;
		at.p = colon + 1;
		skip_blanks(&at);
		if (at.p >= close || !is_digit(*at.p) || str_scan_u64(&at.p, close, &last) < 0 ||
		    at.p != close)
			return false;
		first = last;
	}
	t->caller = 'T';
	t->caller_id = (uint32_t)first;
	c->p = close + 1;
	return true;
}

/* Where a bracket with an uptime begins inside [p, end): "[ 1234.567890]"; NULL. */
static const char *find_uptime(const char *p, const char *end)
{
	while (p < end && (p = memchr(p, '[', (size_t)(end - p)))) {
		struct cursor at = { p + 1, end };
		const char *dot;
		uint64_t usec;

		skip_blanks(&at);
		dot = at.p;
		while (dot < end && is_digit(*dot))
			dot++;
		if (logline_uptime(&at, &usec) && at.p - dot >= 6 && at.p < end && *at.p == ']')
			return p;
		p++;
	}
	return NULL;
}

/* ------------------------------------------------------------------ syslog */

/* A word without blanks, up to max bytes. */
static struct str token(struct cursor *c, size_t max)
{
	struct str s = { c->p, 0 };

	while (c->p < c->end && !is_blank(*c->p) && s.n < max) {
		c->p++;
		s.n++;
	}
	return s;
}

/* "name[123]:" without what stands behind the name; n 0 where it is none. */
static struct str tag(struct str s)
{
	const char *open;

	if (s.n < 2 || s.s[s.n - 1] != ':')
		return (struct str){ s.s, 0 };
	s.n--;
	open = memchr(s.s, '[', s.n);
	if (open)
		s.n = (size_t)(open - s.s);
	return s;
}

static void set_ident(struct logtext *t, struct str ident)
{
	const char *slash = memrchr(ident.s, '/', ident.n);

	if (slash) {
		ident.n -= (size_t)(slash + 1 - ident.s);
		ident.s = slash + 1;
	}
	if (ident.n > 2 && ident.s[0] == '(' && ident.s[ident.n - 1] == ')') {
		ident.s++;
		ident.n -= 2;
	}
	t->ident = ident;
	t->foreign = !logline_is_kernel(ident);
}

/* "kern.warn": facility and level, as some syslogds write them. */
static bool is_priority(struct str s)
{
	static const char *const facilities[] = { "kern.", "user.", "daemon.", "syslog.",
						  "local0." };

	for (size_t i = 0; i < ARRAY_SIZE(facilities); i++)
		if (str_starts_with(s, facilities[i]))
			return s.n < 16;
	return false;
}

/* {host="n1", job="k"}: what logcli writes of a stream. */
static bool labels(struct cursor *c)
{
	const char *close;

	if (c->p >= c->end || *c->p != '{')
		return false;
	close = memchr(c->p, '}', (size_t)(c->end - c->p));
	if (!close)
		return false;
	c->p = close + 1;
	return true;
}

/* true where "[ 1234.567890]" stands at c. */
static bool uptime_bracket(struct cursor c)
{
	uint64_t usec;

	if (c.p >= c.end || *c.p++ != '[')
		return false;
	skip_blanks(&c);
	return logline_uptime(&c, &usec) && c.p < c.end && *c.p == ']';
}

/* Behind a time: "host tag[1]: ", "tag: ", "kern.warn tag: ", "tag | "; nothing of it must be. */
static void host_and_tag(struct cursor *c, struct logtext *t)
{
	struct cursor at = *c;
	struct str first, second, ident;

	skip_blanks(&at);
	if (labels(&at)) {
		c->p = at.p;
		return;
	}
	first = token(&at, 256);
	ident = tag(first);
	if (ident.n) {
		/* socklog names no program: "kern.warn: text". */
		if (is_priority(ident))
			t->foreign = !str_starts_with(ident, "kern.");
		else
			set_ident(t, ident);
		c->p = at.p;
		return;
	}
	skip_blanks(&at);
	second = token(&at, 256);
	if (str_eq(second, "|")) {
		set_ident(t, first);
		c->p = at.p;
		return;
	}
	/* What a container runtime writes before a line. */
	if (str_eq(first, "stdout") || str_eq(first, "stderr")) {
		c->p = at.p;
		return;
	}
	/* What netconsole sends has no tag: "host [  1.234567] text". */
	if (first.n && *first.s != '[' && second.n && *second.s == '[') {
		struct cursor text = { second.s, c->end };

		if (uptime_bracket(text)) {
			t->host = first;
			c->p = second.s;
			return;
		}
	}
	ident = tag(second);
	/* "host kern.warn kernel:" */
	if (!ident.n && is_priority(second)) {
		skip_blanks(&at);
		ident = tag(token(&at, 256));
	}
	if (!ident.n) {
		/* A tag with its pid apart, or with a version: "kernel [1]:" */
		return;
	}
	set_ident(t, ident);
	/* "kern.warn kernel:" names no host. */
	if (!is_priority(first))
		t->host = first;
	c->p = at.p;
}

/* "W         : text", "E lowmemorykiller: text" behind the two numbers of logcat. */
static bool logcat_tag(struct cursor *c, struct logtext *t)
{
	struct cursor at = *c;
	uint64_t pid, tid;
	const char *colon;
	struct str name;

	skip_blanks(&at);
	if (at.p >= at.end || !is_digit(*at.p) || str_scan_u64(&at.p, at.end, &pid) < 0)
		return false;
	skip_blanks(&at);
	if (at.p >= at.end || !is_digit(*at.p) || str_scan_u64(&at.p, at.end, &tid) < 0)
		return false;
	skip_blanks(&at);
	if (at.end - at.p < 3 || !memchr("VDIWEF", *at.p, 6) || at.p[1] != ' ')
		return false;
	at.p += 2;
	skip_blanks(&at);
	colon = memchr(at.p, ':', (size_t)(at.end - at.p));
	if (!colon || colon - at.p > 64)
		return false;
	name = (struct str){ at.p, (size_t)(colon - at.p) };
	while (name.n && is_blank(name.s[name.n - 1]))
		name.n--;
	if (name.n)
		set_ident(t, name);
	c->p = colon + 1;
	return true;
}

/* RFC 5424 behind its "<N>": "1 TIME HOST APP PROCID MSGID SD text". */
static bool rfc5424(const struct logline *l, struct cursor *c, struct logtext *t)
{
	struct cursor at = *c;
	struct walltime w = { 0 };
	struct str host, app;

	if (at.end - at.p < 4 || at.p[0] != '1' || at.p[1] != ' ')
		return false;
	at.p += 2;
	if (at.p < at.end && *at.p == '-')
		at.p++;
	else if (logline_iso(&at, &w))
		logline_set_time(l, t, &w);
	else
		return false;
	skip_blanks(&at);
	host = token(&at, 256);
	skip_blanks(&at);
	app = token(&at, 64);
	skip_blanks(&at);
	token(&at, 128);
	skip_blanks(&at);
	token(&at, 64);
	skip_blanks(&at);
	/* Structured data: "-" or "[id k="v"]" several times; a ']' in a value is escaped. */
	if (at.p < at.end && *at.p == '-')
		at.p++;
	while (at.p < at.end && *at.p == '[' && at.end - at.p > 1 && !is_blank(at.p[1]) &&
	       !is_digit(at.p[1])) {
		while (at.p < at.end && (*at.p != ']' || at.p[-1] == '\\'))
			at.p++;
		at.p += at.p < at.end;
	}
	if (!str_eq(host, "-"))
		t->host = host;
	if (!str_eq(app, "-"))
		set_ident(t, app);
	skip_blanks(&at);
	if (at.end - at.p > 3 && memcmp(at.p, "\xef\xbb\xbf", 3) == 0)
		at.p += 3;
	c->p = at.p;
	return true;
}

/* "<4>", and with a digit behind it RFC 5424. */
static bool level(const struct logline *l, struct cursor *c, struct logtext *t)
{
	struct cursor at = { c->p + 1, c->end };
	uint64_t n;

	if (c->p >= c->end || *c->p != '<' || at.p >= at.end || !is_digit(*at.p))
		return false;
	if (str_scan_u64(&at.p, at.end, &n) < 0 || n > 2047 || at.p >= at.end || *at.p != '>')
		return false;
	at.p++;
	c->p = at.p;
	rfc5424(l, c, t);
	return true;
}

static char level_named(struct str name)
{
	static const char *const names[] = { "emerg", "alert",  "crit", "err",
					     "warn",  "notice", "info", "debug" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_eq(name, names[i]))
			return (char)('0' + i);
	return str_eq(name, "warning") ? '4' : '\0';
}

/* "kern  :warn  : " of dmesg -x, "kern: warning: " of Talos. */
static bool decoded(struct cursor *c, struct logtext *t)
{
	static const char *const facilities[] = { "kern", "user", "daemon", "syslog", "auth" };

	for (size_t i = 0; i < ARRAY_SIZE(facilities); i++) {
		struct cursor at = *c;
		size_t n = strlen(facilities[i]), left;
		const char *word;

		if ((size_t)(at.end - at.p) < n + 8 || memcmp(at.p, facilities[i], n) != 0)
			continue;
		at.p += n;
		skip_blanks(&at);
		if (at.p >= at.end || *at.p++ != ':')
			continue;
		skip_blanks(&at);
		word = at.p;
		while (at.p < at.end && *at.p >= 'a' && *at.p <= 'z')
			at.p++;
		left = (size_t)(at.p - word);
		skip_blanks(&at);
		if (at.p >= at.end || *at.p != ':')
			continue;
		t->level = level_named((struct str){ word, left });
		if (!t->level)
			continue;
		t->foreign = i > 0;
		c->p = at.p + 1;
		return true;
	}
	return false;
}

/* "6.12.1-1-amd64," before a record: netconsole may tell the release. */
static void skip_release(struct cursor *c)
{
	size_t n = (size_t)(c->end - c->p);
	const char *comma = memchr(c->p, ',', n < 64 ? n : 64);

	if (comma && memchr(c->p, '.', (size_t)(comma - c->p)) &&
	    !memchr(c->p, ' ', (size_t)(comma - c->p)) && comma + 1 < c->end && is_digit(comma[1]))
		c->p = comma + 1;
}

/* "6,1234,5678901,-,caller=T1;" of /dev/kmsg. */
static bool kmsg_record(struct cursor *c, struct logtext *t)
{
	struct cursor at = *c;
	uint64_t prio, seq, usec;
	const char *semicolon, *who;

	if (at.p >= at.end || !is_digit(*at.p))
		return false;
	skip_release(&at);
	if (str_scan_u64(&at.p, at.end, &prio) < 0 || at.p >= at.end || *at.p++ != ',' ||
	    at.p >= at.end || !is_digit(*at.p) || str_scan_u64(&at.p, at.end, &seq) < 0 ||
	    at.p >= at.end || *at.p++ != ',' || at.p >= at.end || !is_digit(*at.p) ||
	    str_scan_u64(&at.p, at.end, &usec) < 0 || at.p >= at.end ||
	    (*at.p != ',' && *at.p != ';') || prio > 4095)
		return false;
	semicolon = memchr(at.p, ';', (size_t)(at.end - at.p));
	if (!semicolon || semicolon - at.p > 128)
		return false;
	t->have_uptime = true;
	t->uptime_usec = usec;
	t->foreign = prio / 8 != 0;
	who = memmem(at.p, (size_t)(semicolon - at.p), "caller=", 7);
	if (who && semicolon - who > 8 && (who[7] == 'T' || who[7] == 'C')) {
		uint64_t id;

		at.p = who + 8;
		if (str_scan_u64(&at.p, semicolon, &id) == 0) {
			t->caller = who[7];
			t->caller_id = (uint32_t)id;
		}
	}
	c->p = semicolon + 1;
	return true;
}

/* ------------------------------------------------------------------ what people add */

/* true where a time, a level or a record's number stands at c. */
static bool is_prefix(const struct logline *l, struct cursor at)
{
	struct walltime w = { 0 };
	struct logtext t = { .line = 0 };

	return bracket(l, &at, &t) || level(l, &at, &t) || logline_iso(&at, &w) ||
	       logline_weekday_iso(&at, &w) || logline_month(&at, &w);
}

/* "> ", "| ", "  1. <4>", "12:[ 1.5]", "   12	": quotes, frames, numbered lists and lines. */
static bool decoration(const struct logline *l, struct cursor *c)
{
	struct cursor at = *c;
	bool blank;

	if (at.p >= at.end)
		return false;
	if (*at.p == '>' || *at.p == '|') {
		c->p++;
		return true;
	}
	if (!is_digit(*at.p))
		return false;
	while (at.p < at.end && is_digit(*at.p) && at.p - c->p < 10)
		at.p++;
	/* less -N: a number, a blank, and what a line begins with. */
	if (at.end - at.p > 1 && *at.p == ' ' && !is_blank(at.p[1])) {
		at.p++;
		if (!is_prefix(l, at))
			return false;
		c->p = at.p;
		return true;
	}
	if (at.p >= at.end || !memchr(".:)-\t", *at.p, 5))
		return false;
	blank = at.p < at.end - 1 ? is_blank(at.p[1]) || *at.p == '\t' : false;
	at.p++;
	if (at.p[-1] == '\t') {
		c->p = at.p;
		return true;
	}
	skip_blanks(&at);
	if (at.p >= at.end || (blank ? *at.p != '<' && *at.p != '[' : !is_prefix(l, at)))
		return false;
	c->p = at.p;
	return true;
}

/* "kern.log:Nov 23 ...", "/var/log/messages:12:<4>...": grep's name of a file. */
static bool file_name(const struct logline *l, struct cursor *c)
{
	struct cursor at = *c;
	const char *colon = memchr(at.p, ':', (size_t)(at.end - at.p));
	uint64_t n;

	if (!colon || colon == at.p || colon - at.p > 255 ||
	    memchr(at.p, ' ', (size_t)(colon - at.p)))
		return false;
	at.p = colon + 1;
	if (at.p < at.end && is_digit(*at.p)) {
		struct cursor number = at;

		if (str_scan_u64(&number.p, number.end, &n) == 0 && number.p < number.end &&
		    *number.p == ':')
			at.p = number.p + 1;
	}
	if (!is_prefix(l, at))
		return false;
	c->p = at.p;
	return true;
}

/* A time on the wall and who wrote the line behind it. */
static bool dated(const struct logline *l, struct cursor *c, struct logtext *t)
{
	struct walltime w = { 0 };
	struct cursor at = *c;

	if (logline_iso(&at, &w)) {
		logline_set_time(l, t, &w);
		c->p = at.p;
		if (!w.comma)
			host_and_tag(c, t);
		return true;
	}
	if (logline_weekday_iso(&at, &w)) {
		logline_set_time(l, t, &w);
		c->p = at.p;
		skip_blanks(&at);
		t->host = tag(token(&at, 256));
		/* -o with-unit names no program where it knows no unit: "host: text". */
		if (t->host.n && t->host.s + t->host.n == at.p - 1) {
			c->p = at.p;
		} else {
			t->host.n = 0;
			host_and_tag(c, t);
		}
		return true;
	}
	if (logline_numeric(&at, &w) && logcat_tag(&at, t)) {
		logline_set_time(l, t, &w);
		c->p = at.p;
		return true;
	}
	w = (struct walltime){ 0 };
	at = *c;
	if (!logline_month(&at, &w) && !(logline_clock(&at, &w) && at.p < at.end && *at.p == ' '))
		return false;
	logline_set_time(l, t, &w);
	c->p = at.p;
	host_and_tag(c, t);
	return true;
}

/* "host kernel: " at c. */
static bool host_of_kernel(struct cursor *c, struct logtext *t)
{
	struct cursor at = *c;
	struct str host, ident;

	skip_blanks(&at);
	host = token(&at, 128);
	skip_blanks(&at);
	ident = tag(token(&at, 64));
	if (!ident.n || !logline_is_kernel(ident) || !host.n)
		return false;
	t->host = host;
	set_ident(t, ident);
	c->p = at.p;
	return true;
}

/* "1795424400.123456 host kernel: ": journalctl's short-unix. */
static bool unix_time(struct cursor *c, struct logtext *t)
{
	struct cursor at = *c;
	uint64_t usec;

	if (!logline_uptime(&at, &usec) || at.p - c->p < 14 || at.p >= at.end || *at.p != ' ' ||
	    usec > INT64_MAX || !host_of_kernel(&at, t))
		return false;
	t->time_usec = (int64_t)usec;
	t->zone_min = 0;
	t->have_time = t->time_certain = true;
	c->p = at.p;
	return true;
}

/* "textPayload: '[ 1.5] text'" of gcloud. */
static bool yaml(struct cursor *c)
{
	static const char *const keys[] = { "textPayload: ", "message: ", "log: " };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		size_t n = strlen(keys[i]);
		char quote;

		if ((size_t)(c->end - c->p) < n + 2 || memcmp(c->p, keys[i], n) != 0)
			continue;
		quote = c->p[n];
		if ((quote != '\'' && quote != '"') || c->end[-1] != quote)
			return false;
		c->p += n + 1;
		c->end--;
		return true;
	}
	return false;
}

/* One prefix at c. */
static bool strip_one(const struct logline *l, struct cursor *c, struct logtext *t)
{
	struct cursor at = *c;

	if (bracket(l, c, t) || (t->have_uptime && vendor_caller(c, t)) || level(l, c, t) ||
	    kmsg_record(c, t) || decoded(c, t) || dated(l, c, t) || unix_time(c, t))
		return t->fresh = true;
	if (at.end - at.p > 7 && memcmp(at.p, "kernel:", 7) == 0) {
		set_ident(t, (struct str){ at.p, 6 });
		c->p += 7;
		return t->fresh = true;
	}
	return decoration(l, c) || (!t->fresh && (file_name(l, c) || yaml(c)));
}

/* ------------------------------------------------------------------ delivery */

static void deliver_text(struct logline *l, struct logtext *t, const char *p, const char *end)
{
	struct cursor c = { p, end };

	t->indented = c.p < c.end && is_blank(*c.p);
	skip_blanks(&c);
	t->trailing = 0;
	while (c.end > c.p && is_blank(c.end[-1]))
		t->trailing += *--c.end != '\r';
	t->text = (struct str){ c.p, (size_t)(c.end - c.p) };
	t->line = l->line;
	l->fn(l->ctx, t);
}

/* An uptime in the middle of a line begins another text: what a console or a paste glued
 * together. */
static void split_glued(struct logline *l, struct logtext *t, struct cursor *c)
{
	const char *at;

	while ((at = find_uptime(c->p, c->end))) {
		struct logtext next = *t;

		if (at > c->p)
			deliver_text(l, t, c->p, at);
		c->p = at;
		bracket(l, c, &next);
		while (bracket(l, c, &next))
			;
		next.fresh = true;
		if (!t->ident.n || t->foreign)
			next.foreign = false;
		*t = next;
	}
}

/* [p, end) has no newline in it; t holds what is known of it already. */
static void strip_and_deliver(struct logline *l, const char *p, const char *end,
			      const struct logtext *known)
{
	struct logtext t = *known;
	struct cursor c = { p, end };
	bool stripped = false;

	skip_blanks(&c);
	for (int i = 0; i < 12; i++) {
		bool had_uptime = t.have_uptime;

		if (!strip_one(l, &c, &t))
			break;
		stripped = true;
		if (t.have_uptime && !had_uptime && !t.ident.n)
			host_of_kernel(&c, &t); /* short-monotonic */
		skip_blanks(&c);
	}
	split_glued(l, &t, &c);
	/* The blanks that a continued line begins with are its own. */
	deliver_text(l, &t, stripped || t.fresh ? c.p : p, c.end);
}

static int hex(char c)
{
	if (is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* true where \xNN stands for a byte: /dev/kmsg writes all of them so, and the backslash itself;
 * dmesg only what cannot be printed. Of a cgroup's name they are the letters that they are: systemd
 * escapes the names of units so. */
static bool is_escape(const char *s, bool kmsg)
{
	int byte;

	if (s[1] != 'x' || hex(s[2]) < 0 || hex(s[3]) < 0)
		return false;
	byte = hex(s[2]) * 16 + hex(s[3]);
	return kmsg || byte < ' ' || byte > '~';
}

/* What a web page writes for a character, where one stands at s; 0: none does. */
static size_t entity(const char *s, size_t n, char *ret)
{
	static const struct {
		const char *name;
		char c;
	} table[] = { { "&lt;", '<' },   { "&gt;", '>' },  { "&amp;", '&' },   { "&quot;", '"' },
		      { "&#39;", '\'' }, { "&#34;", '"' }, { "&#x27;", '\'' }, { "&nbsp;", ' ' } };

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		size_t length = strlen(table[i].name);

		if (n >= length && memcmp(s, table[i].name, length) == 0) {
			*ret = table[i].c;
			return length;
		}
	}
	return 0;
}

/* Whether a line went through a web page, by a character that a transport or the kernel itself
 * writes: the < of "<4>" and of "<TASK>", the > of a quotation. A process may be called "a&lt;b",
 * so an entity in a name tells nothing. Returns was where none of them is there. */
static bool from_a_page(const char *s, size_t n, bool was)
{
	struct cursor c = { s, s + n };
	const char *mark;
	size_t left;

	skip_blanks(&c);
	left = (size_t)(c.end - c.p);
	if (left > 4 && memcmp(c.p, "&gt;", 4) == 0 && (is_blank(c.p[4]) || c.p[4] == '&'))
		return true;
	if (left > 4 && memcmp(c.p, "&lt;", 4) == 0 && is_digit(c.p[4]))
		return true;
	if (left > 2 && ((*c.p == '<' && is_digit(c.p[1])) || (*c.p == '>' && is_blank(c.p[1]))))
		return false;
	mark = memmem(c.p, left, "TASK", 4);
	if (!mark || mark == c.p)
		return was;
	mark -= mark[-1] == '/';
	if (mark - c.p >= 4 && memcmp(mark - 4, "&lt;", 4) == 0)
		return true;
	return mark > c.p && mark[-1] == '<' ? false : was;
}

/* Undoes what a line went through: ANSI sequences, \xNN, #NNN of rsyslog, no-break spaces, what a
 * web page made of it. Newlines come out as they were in the record. Returns the new length; buf
 * has room for n. */
static size_t unescape(const struct logline *l, const char *s, size_t n, char *buf)
{
	size_t out = 0, named;

	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\033') {
			if (i + 1 < n && s[i + 1] == '[') {
				i += 2;
				while (i < n && !(s[i] >= '@' && s[i] <= '~'))
					i++;
			} else {
				i++;
			}
		} else if (s[i] == '\\' && n - i > 3 && is_escape(s + i, l->kmsg)) {
			buf[out++] = (char)(hex(s[i + 2]) * 16 + hex(s[i + 3]));
			i += 3;
		} else if (s[i] == '#' && n - i > 3 && (s[i + 1] == '0') &&
			   (memcmp(s + i, "#012", 4) == 0 || memcmp(s + i, "#011", 4) == 0)) {
			buf[out++] = s[i + 3] == '2' ? '\n' : '\t';
			i += 3;
		} else if (s[i] == '\xc2' && n - i > 1 && s[i + 1] == '\xa0') {
			buf[out++] = ' ';
			i++;
		} else if (l->page && s[i] == '&' && (named = entity(s + i, n - i, &buf[out]))) {
			out++;
			i += named - 1;
		} else {
			buf[out++] = s[i];
		}
	}
	return out;
}

void logline_deliver(struct logline *l, const char *s, size_t n, const struct logtext *t)
{
	const char *end = s + n;

	for (;;) {
		const char *newline = memchr(s, '\n', (size_t)(end - s));

		strip_and_deliver(l, s, newline ? newline : end, t);
		if (!newline)
			return;
		s = newline + 1;
	}
}

int logline_init(struct logline *l, const struct logline_options *opt, logline_fn fn, void *ctx)
{
	*l = (struct logline){ .opt = *opt, .fn = fn, .ctx = ctx, .text_size = LOGLINE_RECORD_MAX };
	l->text = malloc(l->text_size);
	return l->text ? 0 : -ENOMEM;
}

void logline_free(struct logline *l)
{
	logline_record_free(l);
	logline_order_free(l);
	free(l->text);
	l->text = NULL;
}

void logline_skip(struct logline *l, uint64_t lines)
{
	l->line += lines;
}

/* " SUBSYSTEM=pci": what belongs to the record of /dev/kmsg before it. */
static bool is_kmsg_field(const char *line, size_t n)
{
	size_t i = 1;

	if (n < 3 || *line != ' ')
		return false;
	while (i < n && ((line[i] >= 'A' && line[i] <= 'Z') || line[i] == '_'))
		i++;
	return i > 1 && i < n && line[i] == '=';
}

void logline_feed(struct logline *l, const char *line, size_t n, bool cut)
{
	struct logtext t = { .cut = cut, .columns = n }, ignored = { .line = 0 };
	struct cursor c = { line, line + n };
	struct walltime w;
	size_t field;
	bool timed;

	l->line++;
	/* The mark that some editors set at the start of UTF-8. */
	if (n > 2 && memcmp(line, "\xef\xbb\xbf", 3) == 0) {
		c.p = line += 3;
		n -= 3;
	}
	if (l->kmsg && is_kmsg_field(line, n))
		return;
	l->kmsg = kmsg_record(&c, &ignored);
	if (logline_record_feed(l, line, n, cut))
		return;
	if (n > LOGLINE_MAX) {
		n = LOGLINE_MAX;
		t.cut = true;
	}
	field = logline_csv(line, n, l->text, &w, &timed);
	if (field) {
		n = field;
		line = l->text;
		if (timed)
			logline_set_time(l, &t, &w);
	}
	if (l->page || memchr(line, '&', n))
		l->page = from_a_page(line, n, l->page);
	if (memchr(line, '\033', n) || memchr(line, '\\', n) || memchr(line, '#', n) ||
	    memchr(line, 0xc2, n) || (l->page && memchr(line, '&', n))) {
		n = unescape(l, line, n, l->text);
		line = l->text;
	}
	logline_deliver(l, line, n, &t);
}

void logline_end(struct logline *l)
{
	logline_record_end(l);
}
