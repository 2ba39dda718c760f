/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does a structured record say? journalctl -o json (-seq, -sse, -pretty), verbose and export,
 * dmesg -J, Loki's answers, and other JSON with a message in it. Only the few fields that matter
 * are looked at; what is malformed loses its own record and no more.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "logline-parts.h"

#define EPOCH_USEC_MIN UINT64_C(1000000000000000)

/* Of arrays that stand in others; what is deeper ends the record with any object. */
#define ARRAYS_MAX 16
/* A text that is worth a guess. */
#define GUESS_MIN 24

enum record_kind {
	RECORD_NONE,
	RECORD_JSON,    /* an object over several lines */
	RECORD_EXPORT,  /* KEY=value lines up to an empty one */
	RECORD_VERBOSE, /* a line with the time, then indented KEY=value lines */
};

/* A field's name, its length, itself and a newline. */
#define RAW_MAX (LOGLINE_RECORD_MAX + 64 + 1 + 8 + 1)

struct logline_record {
	enum record_kind kind;
	/* The lines of an export's binary field, from its name on. */
	char *raw;
	size_t raw_n, raw_lines;
	bool plain;      /* what was no such field is fed again: it is none this time, either */
	bool in_message; /* the last field of a verbose record was the message */
	char *message;   /* unescaped */
	size_t n;
	bool has_message;
	bool guessed;    /* what is there is the longest text of a name that is not known */
	bool closed;     /* the object within which the message stood is over */
	bool has_line;   /* its message is a line of Loki's */
	uint64_t nsec;   /* the time of one of Loki's values, whose text comes next; 0 */
	bool has_values; /* since the answer began */
	bool of_streams; /* the answer's streams stand alone, nothing around them tells its end */
	bool open;       /* of an export record, its empty line has not come */
	unsigned depth;  /* of JSON: braces without their other half */
	unsigned arrays[ARRAYS_MAX], n_arrays; /* the depth at which each open one began */
	char host[256], ident[128];
	struct logtext t;
};

enum field {
	FIELD_MESSAGE,
	FIELD_REALTIME,
	FIELD_MONOTONIC,
	FIELD_HOST,
	FIELD_IDENT,
	FIELD_TRANSPORT,
	FIELD_DMESG_TIME, /* since boot, or a time on the wall */
	FIELD_NSEC,       /* of the epoch */
	FIELD_CALLER,
	FIELD_LINE,   /* a message where it is a text and nothing else is the message */
	FIELD_STREAM, /* the labels of Loki's values */
	FIELD_OTHER,
};

static const struct {
	const char *name;
	enum field field;
} fields[] = {
	{ "MESSAGE", FIELD_MESSAGE },
	{ "message", FIELD_MESSAGE },
	{ "msg", FIELD_MESSAGE },
	{ "log", FIELD_MESSAGE },
	{ "short_message", FIELD_MESSAGE }, /* Graylog */
	{ "textPayload", FIELD_MESSAGE },   /* Google's Cloud Logging */
	{ "_raw", FIELD_MESSAGE },          /* Splunk */
	{ "line", FIELD_LINE },             /* Loki */
	{ "stream", FIELD_STREAM },
	{ "__REALTIME_TIMESTAMP", FIELD_REALTIME },
	{ "_SOURCE_MONOTONIC_TIMESTAMP", FIELD_MONOTONIC },
	{ "_HOSTNAME", FIELD_HOST },
	{ "host", FIELD_HOST },
	{ "hostname", FIELD_HOST },
	{ "nodename", FIELD_HOST },
	{ "node_name", FIELD_HOST },
	{ "Computer", FIELD_HOST }, /* Azure */
	{ "SYSLOG_IDENTIFIER", FIELD_IDENT },
	{ "_TRANSPORT", FIELD_TRANSPORT },
	{ "time", FIELD_DMESG_TIME },
	{ "@timestamp", FIELD_DMESG_TIME },
	{ "timestamp", FIELD_DMESG_TIME },
	{ "TimeGenerated", FIELD_DMESG_TIME }, /* Azure */
	{ "dt", FIELD_DMESG_TIME }, /* LAVA */
	{ "timeUnixNano", FIELD_NSEC }, /* OpenTelemetry */
	{ "caller", FIELD_CALLER },
};

static enum field field_of(struct str name)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (str_eq(name, fields[i].name))
			return fields[i].field;
	return FIELD_OTHER;
}

static struct logline_record *record(struct logline *l)
{
	if (!l->record)
		l->record = calloc(1, sizeof(*l->record));
	if (l->record && !l->record->message)
		l->record->message = malloc(LOGLINE_RECORD_MAX);
	return l->record && l->record->message ? l->record : NULL;
}

static void reset(struct logline_record *r)
{
	r->t = (struct logtext){ 0 };
	r->n = 0;
	r->has_message = r->has_line = r->guessed = r->closed = false;
	r->nsec = 0;
	r->host[0] = r->ident[0] = '\0';
}

/* The fields so far become texts. */
static void finish(struct logline *l)
{
	struct logline_record *r = l->record;

	r->has_message |= r->guessed;
	if (r->has_line && r->t.time_certain && r->t.time_usec > 0) {
		logline_hold(l, (uint64_t)r->t.time_usec * 1000,
			     (struct str){ r->host, strlen(r->host) },
			     (struct str){ r->message, r->n }, r->t.cut);
		logline_release_known(l);
	} else if (r->has_message) {
		logline_release(l);
		r->t.host = (struct str){ r->host, strlen(r->host) };
		r->t.ident = (struct str){ r->ident, strlen(r->ident) };
		r->t.foreign = r->t.ident.n && !logline_is_kernel(r->t.ident);
		r->t.fresh = true;
		logline_deliver(l, r->message, r->n, &r->t);
	}
	reset(r);
}

static void keep(char *buf, size_t size, const char *s, size_t n)
{
	if (n >= size)
		n = size - 1;
	memcpy(buf, s, n);
	buf[n] = '\0';
}

/* "1795424400123456789": a time of Loki's, in any year from 2001 to 2286; else 0. */
static uint64_t nanoseconds(const char *s, size_t n)
{
	const char *p = s;
	uint64_t v;

	return n == 19 && *s != '0' && str_scan_u64(&p, s + n, &v) == 0 && p == s + n ? v : 0;
}

/* What stands around the object of the message may tell what that does not. */
static bool is_wanted_late(const struct logline_record *r, enum field f)
{
	return f == FIELD_HOST ? !r->host[0]
			       : (f == FIELD_DMESG_TIME || f == FIELD_NSEC) && !r->t.have_time;
}

/* Since boot, of the epoch, or on the wall. */
static void set_dmesg_time(const struct logline *l, struct cursor c)
{
	struct logline_record *r = l->record;
	struct walltime w = { 0 };
	uint64_t v;

	while (c.p < c.end && *c.p == ' ')
		c.p++;
	if (logline_uptime(&c, &v)) {
		/* No machine is up for thirty years: the epoch's seconds. */
		if (v >= EPOCH_USEC_MIN && v < INT64_MAX) {
			r->t.have_time = r->t.time_certain = true;
			r->t.time_usec = (int64_t)v;
		} else if (!r->closed) {
			r->t.have_uptime = true;
			r->t.uptime_usec = v;
		}
	} else if (logline_iso(&c, &w)) {
		logline_set_time(l, &r->t, &w);
	}
}

/* A field whose value is the text s[0..n). */
static void set_field(const struct logline *l, enum field f, const char *s, size_t n)
{
	struct logline_record *r = l->record;
	struct cursor c = { s, s + n };
	uint64_t v = 0;

	if (r->closed && !is_wanted_late(r, f))
		return;
	switch (f) {
	case FIELD_REALTIME:
		if (str_scan_u64(&c.p, c.end, &v) == 0 && v < INT64_MAX) {
			r->t.have_time = r->t.time_certain = true;
			r->t.time_usec = (int64_t)v;
		}
		break;
	case FIELD_MONOTONIC:
		if (str_scan_u64(&c.p, c.end, &v) == 0) {
			r->t.have_uptime = true;
			r->t.uptime_usec = v;
		}
		break;
	case FIELD_DMESG_TIME:
		set_dmesg_time(l, c);
		break;
	case FIELD_NSEC:
		v = nanoseconds(s, n);
		if (v) {
			r->t.have_time = r->t.time_certain = true;
			r->t.time_usec = (int64_t)(v / 1000);
		}
		break;
	case FIELD_HOST:
		keep(r->host, sizeof(r->host), s, n);
		break;
	case FIELD_IDENT:
		keep(r->ident, sizeof(r->ident), s, n);
		break;
	case FIELD_TRANSPORT:
		if (n == 6 && memcmp(s, "kernel", 6) == 0 && !r->ident[0])
			keep(r->ident, sizeof(r->ident), s, n);
		break;
	case FIELD_CALLER:
		if (n > 1 && (*s == 'T' || *s == 'C')) {
			c.p++;
			if (str_scan_u64(&c.p, c.end, &v) == 0) {
				r->t.caller = *s;
				r->t.caller_id = (uint32_t)v;
			}
		}
		break;
	case FIELD_LINE:
		if (r->has_message)
			break;
		r->has_line = true;
		/* fallthrough */
	case FIELD_MESSAGE:
		if (n > LOGLINE_RECORD_MAX)
			n = LOGLINE_RECORD_MAX;
		memcpy(r->message, s, n);
		r->n = n;
		r->has_message = true;
		r->guessed = false;
		r->has_line &= f == FIELD_LINE;
		break;
	default:
		break;
	}
}

/* ------------------------------------------------------------------ JSON */

static unsigned hex4(const char *s)
{
	unsigned v = 0;

	for (int i = 0; i < 4; i++) {
		char c = s[i];

		if (c >= '0' && c <= '9')
			v = v * 16 + (unsigned)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			v = v * 16 + (unsigned)((c | 0x20) - 'a' + 10);
		else
			return 0xfffd;
	}
	return v;
}

static size_t put_utf8(char *buf, unsigned u)
{
	if (u < 0x80) {
		buf[0] = (char)u;
		return 1;
	}
	if (u < 0x800) {
		buf[0] = (char)(0xc0 | u >> 6);
		buf[1] = (char)(0x80 | (u & 0x3f));
		return 2;
	}
	buf[0] = (char)(0xe0 | u >> 12);
	buf[1] = (char)(0x80 | (u >> 6 & 0x3f));
	buf[2] = (char)(0x80 | (u & 0x3f));
	return 3;
}

/* The string whose opening quote stands at c, unescaped into buf (no longer than it stood there).
 * An end that is missing ends it, too. */
static size_t json_string(struct cursor *c, char *buf, size_t size)
{
	size_t out = 0;

	c->p++;
	while (c->p < c->end && *c->p != '"' && out + 4 < size) {
		char ch = *c->p++;

		if (ch != '\\' || c->p >= c->end) {
			buf[out++] = ch;
			continue;
		}
		ch = *c->p++;
		switch (ch) {
		case 'n':
			buf[out++] = '\n';
			break;
		case 't':
			buf[out++] = '\t';
			break;
		case 'r':
		case 'b':
		case 'f':
			buf[out++] = ' ';
			break;
		case 'u':
			if (c->end - c->p < 4)
				break;
			out += put_utf8(buf + out, hex4(c->p));
			c->p += 4;
			break;
		default:
			buf[out++] = ch;
		}
	}
	if (c->p < c->end)
		c->p++;
	return out;
}

static void skip_json_blanks(struct cursor *c)
{
	while (c->p < c->end && (*c->p == ' ' || *c->p == '\t' || *c->p == '\r'))
		c->p++;
}

/* [79, 111]: bytes that are no text for journald. */
static size_t json_bytes(struct cursor *c, char *buf, size_t size)
{
	size_t out = 0;

	c->p++;
	while (c->p < c->end && *c->p != ']') {
		uint64_t v;

		if (*c->p >= '0' && *c->p <= '9' && str_scan_u64(&c->p, c->end, &v) == 0) {
			if (out < size)
				buf[out++] = (char)v;
		} else {
			c->p++;
		}
	}
	if (c->p < c->end)
		c->p++;
	return out;
}

/* The text behind such a time. */
static void loki_value(struct logline *l, struct cursor *c, bool cut)
{
	struct logline_record *r = l->record;
	size_t k = json_string(c, l->text, l->text_size);

	logline_hold(l, r->nsec, (struct str){ r->host, strlen(r->host) },
		     (struct str){ l->text, k }, cut && c->p >= c->end);
	r->nsec = 0;
	r->has_values = true;
}

/* Loki's answer is over. */
static void end_values(struct logline *l)
{
	logline_order_end(l);
	l->record->has_values = l->record->of_streams = false;
}

/* true where the object that just ended is no part of another one, but for an array's. */
static bool is_whole(const struct logline_record *r)
{
	return r->n_arrays > ARRAYS_MAX ||
	       r->depth <= (r->n_arrays ? r->arrays[r->n_arrays - 1] : 0);
}

/* What stands between strings. */
static void json_mark(struct logline *l, char mark)
{
	struct logline_record *r = l->record;

	if (mark == '{')
		r->depth++;
	if (mark == '[')
		r->n_arrays++;
	if (mark == '[' && r->n_arrays <= ARRAYS_MAX)
		r->arrays[r->n_arrays - 1] = r->depth;
	if (mark == ']')
		r->n_arrays -= r->n_arrays > 0;
	if (mark == '}') {
		r->depth -= r->depth > 0;
		r->closed |= r->has_message;
		if (is_whole(r) && (r->has_message || r->guessed))
			finish(l);
		if (r->depth == 0 && r->has_values && !r->of_streams)
			end_values(l);
	}
	if (mark != ',' && mark != ' ' && mark != '\t' && mark != '\r')
		r->nsec = 0;
}

/* A text of a name that is not known: where nothing is the message, the longest is. */
static void guess(struct logline_record *r, const char *s, size_t n)
{
	if (r->has_message || r->has_values || r->of_streams || n < GUESS_MIN ||
	    (r->guessed && n <= r->n) || !memchr(s, ' ', n))
		return;
	memcpy(r->message, s, n);
	r->n = n;
	r->guessed = true;
}

/* The value of field f at c. */
static void json_value(struct logline *l, struct cursor *at, enum field f)
{
	struct cursor c = *at;
	size_t k;

	/* Of two objects within one each has a message. */
	if ((f == FIELD_MESSAGE || f == FIELD_LINE) && l->record->closed)
		finish(l);
	if (f == FIELD_STREAM) {
		if (c.p < c.end && *c.p == '{') {
			l->record->host[0] = '\0';
			l->record->of_streams |= l->record->depth == 1;
			logline_new_stream(l);
		}
	} else if (c.p < c.end && *c.p == '"') {
		k = json_string(&c, l->text, l->text_size);
		if (f == FIELD_OTHER)
			guess(l->record, l->text, k);
		else
			set_field(l, f, l->text, k);
	} else if (c.p < c.end && *c.p == '[' && f == FIELD_MESSAGE) {
		k = json_bytes(&c, l->text, l->text_size);
		set_field(l, f, l->text, k);
	} else if (c.p < c.end && *c.p != '{' && *c.p != '[' && f != FIELD_LINE) {
		const char *v = c.p;

		while (c.p < c.end && *c.p != ',' && *c.p != '}')
			c.p++;
		set_field(l, f, v, (size_t)(c.p - v));
	}
	at->p = c.p;
}

/* The "key": value pairs of a line, whatever stands between them, and Loki's ["time", "text"]. */
static void json_pairs(struct logline *l, const char *line, size_t n, bool cut)
{
	struct logline_record *r = l->record;
	struct cursor c = { line, line + n };
	char name[64], before = '[';

	while (c.p < c.end) {
		bool first = before == '[';
		size_t k;

		if (*c.p != '"') {
			if (*c.p != ' ' && *c.p != '\t')
				before = *c.p;
			json_mark(l, *c.p++);
			continue;
		}
		before = '"';
		if (r->nsec) {
			loki_value(l, &c, cut);
			continue;
		}
		k = json_string(&c, name, sizeof(name));
		skip_json_blanks(&c);
		if (c.p < c.end && *c.p == ',' && first)
			r->nsec = nanoseconds(name, k);
		if (c.p >= c.end || *c.p != ':')
			continue;
		c.p++;
		skip_json_blanks(&c);
		json_value(l, &c, field_of((struct str){ name, k }));
	}
	r->t.cut |= cut;
}

/* What stands before an object: a record separator, or the name of a stream's field. */
static void skip_lead(struct cursor *c)
{
	if (c->p < c->end && *c->p == '\x1e')
		c->p++;
	if (c->end - c->p > 6 && memcmp(c->p, "data: {", 7) == 0)
		c->p += 6;
	/* An item of YAML's, as LAVA logs. */
	if (c->end - c->p > 3 && memcmp(c->p, "- {\"", 4) == 0)
		c->p += 2;
	/* "2026-11-26 08:00:00 +0000 kernel.messages: {...}": Fluentd's time and tag. */
	if (c->p < c->end && *c->p >= '0' && *c->p <= '9' && c->end[-1] == '}') {
		size_t n = (size_t)(c->end - c->p);
		const char *object = memmem(c->p, n < 160 ? n : 160, ": {\"", 4);

		if (!object)
			object = memmem(c->p, n < 160 ? n : 160, "\t{\"", 3);
		if (object)
			c->p = object + (*object == ':' ? 2 : 1);
	}
	skip_json_blanks(c);
}

/* true for ["1795424400123456789", or the time alone. */
static bool looks_like_value(struct cursor c)
{
	if (c.p < c.end && *c.p == '[')
		c.p++;
	skip_json_blanks(&c);
	return c.end - c.p > 21 && *c.p == '"' && c.p[20] == '"' && c.p[21] == ',' &&
	       nanoseconds(c.p + 1, 19);
}

/* "[{": an array of objects. */
static void skip_bracket(struct cursor *c)
{
	struct cursor first = { c->p + 1, c->end };

	if (c->p >= c->end || *c->p != '[')
		return;
	skip_json_blanks(&first);
	if (first.p < first.end && *first.p == '{')
		*c = first;
}

/* true where the line looks like JSON: an object, a member of one, or what closes one. */
static bool looks_like_json(const struct logline *l, const char *line, size_t n)
{
	bool within = l->record && l->record->kind == RECORD_JSON;
	struct cursor c = { line, line + n };
	const char *quote;

	skip_lead(&c);
	skip_bracket(&c);
	if (c.p >= c.end)
		return false;
	if (*c.p == '{') {
		c.p++;
		skip_json_blanks(&c);
		return c.p >= c.end || *c.p == '"' || *c.p == '}';
	}
	if (within && (*c.p == '}' || (*c.p == '"' && l->record->nsec)))
		return true;
	if (within && (*c.p == '[' || *c.p == ']') && c.end - c.p < 4)
		return true;
	if (looks_like_value(c))
		return true;
	if (*c.p != '"')
		return false;
	quote = memchr(c.p + 1, '"', (size_t)(c.end - c.p - 1));
	if (!quote)
		return false;
	c.p = quote + 1;
	skip_json_blanks(&c);
	return c.p < c.end && *c.p == ':';
}

/* {"stream":{ at the start of a line. */
static bool begins_stream(const char *line, size_t n)
{
	return n > 10 && memcmp(line, "{\"stream\":", 10) == 0;
}

static bool json_feed(struct logline *l, const char *line, size_t n, bool cut)
{
	struct cursor c = { line, line + n }, outer = c;
	struct logline_record *r = record(l);

	if (!r)
		return false;
	skip_lead(&c);
	skip_bracket(&outer);
	if (r->kind != RECORD_JSON || *outer.p == '{') {
		/* Objects stand in others: only what is not indented begins one for certain. */
		r->depth = r->n_arrays = 0;
		if (r->has_values && !begins_stream(line, n))
			end_values(l);
	}
	if (r->kind != RECORD_JSON || ((*c.p == '{' || *outer.p == '{') && !r->has_values)) {
		if (r->kind == RECORD_JSON)
			finish(l);
		reset(r);
		r->kind = RECORD_JSON;
	}
	json_pairs(l, line, n, cut);
	return true;
}

/* ------------------------------------------------------------------ export */

/* A field's name as journald has them: capitals, digits and underscores. */
static size_t export_name(const char *line, size_t n)
{
	size_t i = 0;

	while (i < n && i < 64 &&
	       ((line[i] >= 'A' && line[i] <= 'Z') || line[i] == '_' ||
		(i && line[i] >= '0' && line[i] <= '9')))
		i++;
	return i;
}

/* What was taken for a binary field is none: its lines are what they look like. */
static void give_back(struct logline *l)
{
	struct logline_record *r = l->record;
	_cleanup_free_ char *raw = r->raw;
	const char *p = raw, *end = raw + r->raw_n;

	l->line -= r->raw_lines;
	finish(l);
	r->kind = RECORD_NONE;
	r->raw = NULL;
	r->raw_n = r->raw_lines = 0;
	r->plain = true;
	while (p < end) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));

		logline_feed(l, p, (size_t)(newline - p), false);
		p = newline + 1;
	}
	r->plain = false;
}

/* A line of a binary field: its name, then eight bytes of its length, least first, the field itself
 * with whatever newlines are in it, and a newline. Where the length does not lead to the end of a
 * line, it was none. */
static void export_binary(struct logline *l, const char *line, size_t n)
{
	struct logline_record *r = l->record;
	const char *length_at;
	uint64_t length = 0;
	size_t name, head;

	if (!r->raw)
		r->raw = malloc(RAW_MAX);
	if (!r->raw || r->raw_n + n + 1 > RAW_MAX) {
		l->line--;
		give_back(l);
		logline_feed(l, line, n, false);
		return;
	}
	memcpy(r->raw + r->raw_n, line, n);
	r->raw[r->raw_n + n] = '\n';
	r->raw_n += n + 1;
	r->raw_lines++;
	name = export_name(r->raw, r->raw_n);
	head = name + 1 + 8;
	if (r->raw_n < head)
		return;
	length_at = r->raw + name + 1;
	for (int i = 8; i-- > 0;)
		length = length << 8 | (unsigned char)length_at[i];
	if (length > LOGLINE_RECORD_MAX || r->raw_n > head + length + 1) {
		give_back(l);
	} else if (r->raw_n == head + length + 1) {
		set_field(l, field_of((struct str){ r->raw, name }), r->raw + head, length);
		r->raw_n = r->raw_lines = 0;
	}
}

static bool export_feed(struct logline *l, const char *line, size_t n)
{
	struct logline_record *r = l->record;
	size_t name;

	r->open = true;
	if (r->raw_n) {
		export_binary(l, line, n);
		return true;
	}
	if (n == 0) {
		finish(l);
		r->open = false;
		return true;
	}
	name = export_name(line, n);
	if (name && name < n && line[name] == '=') {
		set_field(l, field_of((struct str){ line, name }), line + name + 1, n - name - 1);
		return true;
	}
	if (name && name == n && !r->plain) {
		export_binary(l, line, n);
		return true;
	}
	/* Something else follows without an empty line. */
	finish(l);
	r->kind = RECORD_NONE;
	return false;
}

/* ------------------------------------------------------------------ verbose */

/* "Mon 2026-01-31 12:00:05.123456 UTC [s=...;i=...]": all of it. */
static bool verbose_begins(const struct logline *l, const char *line, size_t n, struct logtext *t)
{
	struct cursor c = { line, line + n };
	struct walltime w = { 0 };

	if (n < 30 || line[n - 1] != ']' || !memmem(line, n, " [s=", 4) ||
	    !logline_weekday_iso(&c, &w))
		return false;
	logline_set_time(l, t, &w);
	return true;
}

static bool verbose_feed(struct logline *l, const char *line, size_t n)
{
	struct logline_record *r = l->record;
	size_t blanks = 0, name;

	while (blanks < n && line[blanks] == ' ')
		blanks++;
	if (blanks < 4)
		return false;
	name = export_name(line + blanks, n - blanks);
	if (blanks == 4 && name && name + 4 < n && line[4 + name] == '=') {
		enum field f = field_of((struct str){ line + 4, name });

		/* The time of the first line is the one with a zone. */
		if (f != FIELD_REALTIME)
			set_field(l, f, line + 5 + name, n - name - 5);
		r->in_message = f == FIELD_MESSAGE;
	} else if (r->in_message && blanks >= 12 && r->n + n - 11 < LOGLINE_RECORD_MAX) {
		/* A text of several lines is indented as far as the name is long. */
		r->message[r->n++] = '\n';
		memcpy(r->message + r->n, line + 12, n - 12);
		r->n += n - 12;
	}
	return true;
}

/* ------------------------------------------------------------------ all of them */

/* A record that goes on over lines. true where the line has been taken. */
static bool goes_on(struct logline *l, const char *line, size_t n)
{
	struct logline_record *r = l->record;

	if (r->kind == RECORD_EXPORT)
		return export_feed(l, line, n);
	if (r->kind != RECORD_VERBOSE)
		return false;
	if (verbose_feed(l, line, n))
		return true;
	finish(l);
	r->kind = RECORD_NONE;
	return false;
}

/* What follows is no JSON, or nothing does. */
static void end_json(struct logline *l)
{
	finish(l);
	end_values(l);
}

/* A record whose first line tells what kind it is. */
static bool begin_record(struct logline *l, enum record_kind kind, const struct logtext *t)
{
	if (!record(l))
		return false;
	if (l->record->kind == RECORD_JSON)
		end_json(l);
	reset(l->record);
	l->record->kind = kind;
	l->record->t = *t;
	return true;
}

bool logline_record_feed(struct logline *l, const char *line, size_t n, bool cut)
{
	static const char first[] = "__CURSOR=", second[] = "__REALTIME_TIMESTAMP=";
	struct logtext t = { .line = 0 };

	if (l->record && goes_on(l, line, n))
		return true;
	if ((n > 9 && memcmp(line, first, 9) == 0) || (n > 21 && memcmp(line, second, 21) == 0))
		return begin_record(l, RECORD_EXPORT, &t) && export_feed(l, line, n);
	if (verbose_begins(l, line, n, &t))
		return begin_record(l, RECORD_VERBOSE, &t);
	if (looks_like_json(l, line, n))
		return json_feed(l, line, n, cut);
	if (l->record && l->record->kind == RECORD_JSON) {
		end_json(l);
		l->record->kind = RECORD_NONE;
	}
	return false;
}

bool logline_is_open(const struct logline *l)
{
	const struct logline_record *r = l->record;

	return r && ((r->kind == RECORD_EXPORT && r->open) ||
		     (r->kind == RECORD_JSON && (r->depth > 0 || logline_holds(l))) ||
		     (r->kind == RECORD_VERBOSE && r->has_message));
}

void logline_record_end(struct logline *l)
{
	if (l->record && l->record->raw_n)
		give_back(l);
	if (l->record && l->record->kind != RECORD_NONE)
		end_json(l);
}

void logline_record_free(struct logline *l)
{
	if (!l->record)
		return;
	free(l->record->message);
	free(l->record->raw);
	free(l->record);
	l->record = NULL;
}
