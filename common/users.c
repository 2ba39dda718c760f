/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is the name of this uid? ROOT/etc/passwd as passwd(5) has it; the answers are getpwuid(3)'s
 * with the "files" service alone.
 */
#include "users.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "str.h"

#define PASSWD_MAX (16u << 20)
/* (uid_t)-1 is the kernel's "no user" and never anybody's uid. */
#define UID_LAST (UINT32_MAX - 1)

static bool to_uid(const char *s, size_t n, uid_t *ret)
{
	uint64_t v;

	if (str_to_u64(s, n, 10, &v) < 0 || v > UID_LAST)
		return false;
	*ret = (uid_t)v;
	return true;
}

/* The field that ends at the next colon; the last one may end with the line. */
static bool next_field(const char **p, const char *end, bool may_be_last, struct str *ret)
{
	const char *colon = memchr(*p, ':', (size_t)(end - *p));

	if (!colon && !may_be_last)
		return false;
	ret->s = *p;
	ret->n = (size_t)((colon ? colon : end) - *p);
	*p = colon ? colon + 1 : end;
	return true;
}

/* "root:x:0:0:root:/root:/bin/bash"; what stands behind the gid may be missing, as glibc has it. */
static bool parse_line(struct str line, struct str *name, uid_t *uid)
{
	const char *p = line.s, *end = line.s + line.n;
	struct str password, uid_text, gid_text;
	uid_t gid;

	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	/* '+' and '-' are the old NIS lines: they name no user of this machine. */
	if (p == end || *p == '#' || *p == '+' || *p == '-' || memchr(p, '\0', (size_t)(end - p)))
		return false;
	return next_field(&p, end, false, name) && name->n != 0 &&
	       next_field(&p, end, false, &password) && next_field(&p, end, false, &uid_text) &&
	       next_field(&p, end, true, &gid_text) && to_uid(uid_text.s, uid_text.n, uid) &&
	       to_uid(gid_text.s, gid_text.n, &gid);
}

static int compare_rows(const void *a, const void *b)
{
	const struct user_row *x = a, *y = b;

	if (x->uid != y->uid)
		return x->uid > y->uid ? 1 : -1;
	return (x->line > y->line) - (x->line < y->line);
}

int users_parse(char *text, size_t n, struct users *ret)
{
	const char *p = text, *end = text + n;
	size_t size = 0;
	uint32_t line_number = 0;
	struct str line, name;
	uid_t uid;

	*ret = (struct users){ 0 };
	while (str_next_line(&p, end, &line)) {
		line_number++;
		if (!parse_line(line, &name, &uid))
			continue;
		if (ret->n == size) {
			struct user_row *rows;

			size = size ? size * 2 : 64;
			rows = realloc(ret->rows, size * sizeof(*rows));
			if (!rows) {
				users_close(ret);
				return -ENOMEM;
			}
			ret->rows = rows;
		}
		text[name.s + name.n - text] = '\0';
		ret->rows[ret->n++] =
			(struct user_row){ .uid = uid, .line = line_number, .name = name.s };
	}
	if (ret->n)
		qsort(ret->rows, ret->n, sizeof(*ret->rows), compare_rows);
	return 0;
}

int users_open(struct users *u, const struct host *h)
{
	char *text = NULL;
	ssize_t n;
	int r;

	*u = (struct users){ 0 };
	n = host_read_all(h, "etc/passwd", PASSWD_MAX, &text);
	if (n < 0)
		return n == -ENOMEM ? -ENOMEM : 0;
	r = users_parse(text, (size_t)n, u);
	if (r < 0)
		free(text);
	else
		u->text = text;
	return r;
}

void users_close(struct users *u)
{
	free(u->rows);
	free(u->text);
	*u = (struct users){ 0 };
}

const char *users_name(const struct users *u, uid_t uid)
{
	size_t low = 0, high = u->n;

	/* The first row of the uid, not any. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (u->rows[middle].uid < uid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < u->n && u->rows[low].uid == uid ? u->rows[low].name : NULL;
}

int users_uid(const struct users *u, const char *name, uid_t *ret)
{
	const struct user_row *first = NULL;

	for (size_t i = 0; i < u->n; i++)
		if (strcmp(u->rows[i].name, name) == 0 && (!first || u->rows[i].line < first->line))
			first = &u->rows[i];
	if (first) {
		*ret = first->uid;
		return 0;
	}
	return to_uid(name, strlen(name), ret) ? 0 : -ENOENT;
}
