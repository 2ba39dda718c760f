/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What does this text of /proc/PID say? fs/proc/array.c do_task_stat(), proc_pid_status();
 * fs/proc/task_mmu.c. */
#include "proc.h"

#include <errno.h>
#include <string.h>

/* Skips n fields that are separated by one blank. */
static const char *skip_fields(const char *p, const char *end, unsigned n)
{
	while (n--) {
		while (p < end && *p == ' ')
			p++;
		while (p < end && *p != ' ')
			p++;
	}
	return p;
}

int proc_parse_stat(const char *buf, size_t n, struct proc_stat *ret)
{
	const char *end = buf + n, *open, *p;
	uint64_t flags, threads;
	int64_t ppid, nice, rss;

	open = memchr(buf, '(', n);
	p = open ? memrchr(open, ')', (size_t)(end - open)) : NULL;
	if (!p || end - p < 4 || p[1] != ' ' || p[3] != ' ')
		return -EINVAL;
	ret->comm = (struct str){ open + 1, (size_t)(p - open - 1) };
	ret->state = p[2];
	p += 3;
	if (str_scan_i64(&p, end, &ppid) < 0)
		return -EINVAL;
	p = skip_fields(p, end, 4); /* pgrp session tty_nr tpgid */
	if (str_scan_u64(&p, end, &flags) < 0)
		return -EINVAL;
	p = skip_fields(p, end, 4); /* the page faults */
	if (str_scan_u64(&p, end, &ret->utime_ticks) < 0 ||
	    str_scan_u64(&p, end, &ret->stime_ticks) < 0)
		return -EINVAL;
	p = skip_fields(p, end, 3); /* cutime cstime priority */
	if (str_scan_i64(&p, end, &nice) < 0 || str_scan_u64(&p, end, &threads) < 0)
		return -EINVAL;
	p = skip_fields(p, end, 1); /* itrealvalue */
	if (str_scan_u64(&p, end, &ret->start_ticks) < 0 ||
	    str_scan_u64(&p, end, &ret->vsize_bytes) < 0 || str_scan_i64(&p, end, &rss) < 0 ||
	    str_scan_u64(&p, end, &ret->rsslim_bytes) < 0)
		return -EINVAL;
	/* A last number that the end of the text cut off would be a wrong number. */
	if (p >= end || (*p != ' ' && *p != '\n'))
		return -EINVAL;
	if (ppid < 0 || ppid > INT32_MAX || nice < -20 || nice > 19)
		return -EINVAL;
	ret->ppid = (pid_t)ppid;
	ret->flags = (uint32_t)flags;
	ret->nice = (int8_t)nice;
	ret->threads = (uint32_t)threads;
	/* A counter that is just being changed may be a little below zero; the kernel takes that as
	 * none. */
	ret->rss_pages = rss < 0 ? 0 : (uint64_t)rss;
	return 0;
}

/* The number behind the colon of a line. */
static bool line_number(struct str line, size_t key_n, uint64_t *ret)
{
	const char *p = line.s + key_n;

	return str_scan_u64(&p, line.s + line.n, ret) == 0;
}

static bool line_hex(struct str line, size_t key_n, uint64_t *ret)
{
	const char *p = line.s + key_n, *end = line.s + line.n;

	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	return str_to_u64(p, (size_t)(end - p), 16, ret) == 0;
}

static bool key_is(struct str line, const char *key, size_t n)
{
	return line.n > n && memcmp(line.s, key, n) == 0;
}

#define KEY_IS(line, key) key_is((line), (key), sizeof(key) - 1)

/* Vm* and Rss* lines. */
static void parse_memory_line(struct str line, struct proc_status *ret)
{
	if (KEY_IS(line, "VmSize:")) {
		ret->has_vm_size = line_number(line, 7, &ret->vm_size_kib);
	} else if (KEY_IS(line, "VmRSS:")) {
		ret->has_rss = line_number(line, 6, &ret->rss_kib);
	} else if (KEY_IS(line, "RssAnon:")) {
		ret->has_anon = line_number(line, 8, &ret->anon_kib);
	} else if (KEY_IS(line, "RssFile:")) {
		ret->has_file = line_number(line, 8, &ret->file_kib);
	} else if (KEY_IS(line, "RssShmem:")) {
		ret->has_parts =
			line_number(line, 9, &ret->shmem_kib) && ret->has_anon && ret->has_file;
	} else if (KEY_IS(line, "VmPTE:")) {
		ret->has_pte = line_number(line, 6, &ret->pte_kib);
	} else if (KEY_IS(line, "VmPMD:")) {
		ret->has_pmd = line_number(line, 6, &ret->pmd_kib);
	} else if (KEY_IS(line, "VmSwap:")) {
		ret->has_swap = line_number(line, 7, &ret->swap_kib);
	}
}

static void parse_ids(struct str line, struct proc_status *ret)
{
	const char *p = line.s + 4, *end = line.s + line.n;
	uint64_t uid, euid;

	ret->has_uid = str_scan_u64(&p, end, &uid) == 0 && str_scan_u64(&p, end, &euid) == 0 &&
		       uid <= UINT32_MAX && euid <= UINT32_MAX;
	if (ret->has_uid) {
		ret->uid = (uid_t)uid;
		ret->euid = (uid_t)euid;
	}
}

static void parse_other_line(struct str line, struct proc_status *ret)
{
	uint64_t v;

	if (KEY_IS(line, "Name:\t") && !ret->has_name) {
		ret->name = (struct str){ line.s + 6, line.n - 6 };
		ret->has_name = true;
	} else if (KEY_IS(line, "PPid:")) {
		ret->has_ppid = line_number(line, 5, &v) && v <= INT32_MAX;
		if (ret->has_ppid)
			ret->ppid = (pid_t)v;
	} else if (KEY_IS(line, "Uid:")) {
		parse_ids(line, ret);
	} else if (KEY_IS(line, "Threads:")) {
		ret->has_threads = line_number(line, 8, &v) && v <= UINT32_MAX;
		if (ret->has_threads)
			ret->threads = (uint32_t)v;
	} else if (KEY_IS(line, "SigPnd:") || KEY_IS(line, "ShdPnd:")) {
		if (line_hex(line, 7, &v)) {
			ret->pending |= v;
			ret->has_pending = true;
		}
	} else if (KEY_IS(line, "CapEff:")) {
		ret->has_caps = line_hex(line, 7, &ret->cap_eff);
	} else if (KEY_IS(line, "Mems_allowed:\t")) {
		ret->mems_allowed = (struct str){ line.s + 14, line.n - 14 };
		ret->has_mems_allowed = true;
	}
}

void proc_parse_status(const char *buf, size_t n, struct proc_status *ret)
{
	const char *p = buf, *end = buf + n;
	struct str line;

	memset(ret, 0, sizeof(*ret));
	while (str_next_line(&p, end, &line)) {
		if (line.n < 5)
			continue;
		/* A file that was cut ends in half a number: a line without its newline is none. */
		if (p == end && end[-1] != '\n')
			break;
		switch (line.s[0]) {
		case 'V':
		case 'R':
			parse_memory_line(line, ret);
			break;
		case 'N':
		case 'P':
		case 'U':
		case 'T':
		case 'S':
		case 'C':
		case 'M':
			parse_other_line(line, ret);
			break;
		default:
			break;
		}
	}
	/* The name of a nameless process is an empty line of its own kind. */
	if (!ret->has_name && n >= 6 && memcmp(buf, "Name:\t\n", n > 7 ? 7 : n) == 0) {
		ret->name = (struct str){ buf + 6, 0 };
		ret->has_name = true;
	}
}

size_t proc_unescape(struct str s, char *buf, size_t size)
{
	size_t out = 0;

	for (size_t i = 0; i < s.n && out + 1 < size; i++) {
		char c = s.s[i];

		if (c == '\\' && i + 1 < s.n && (s.s[i + 1] == 'n' || s.s[i + 1] == '\\'))
			c = s.s[++i] == 'n' ? '\n' : '\\';
		buf[out++] = c;
	}
	buf[out] = '\0';
	return out;
}

bool proc_uid_map_is_initial(const char *buf, size_t n)
{
	const char *p = buf, *end = buf + n;
	uint64_t inside, outside, count;

	return str_scan_u64(&p, end, &inside) == 0 && str_scan_u64(&p, end, &outside) == 0 &&
	       str_scan_u64(&p, end, &count) == 0 && inside == 0 && outside == 0 &&
	       count == UINT32_MAX;
}

/* From the first Vm line to the last Vm or Rss line. */
static struct str vm_block(const char *buf, size_t n)
{
	const char *p = buf, *end = buf + n;
	struct str line, block = { 0 };

	while (str_next_line(&p, end, &line)) {
		if (!str_starts_with(line, "Vm") && !str_starts_with(line, "Rss"))
			continue;
		if (!block.s)
			block.s = line.s;
		block.n = (size_t)(line.s + line.n - block.s);
	}
	return block;
}

bool proc_same_vm_lines(const char *a, size_t a_n, const char *b, size_t b_n)
{
	struct str x = vm_block(a, a_n), y = vm_block(b, b_n);

	return x.n > 0 && x.n == y.n && memcmp(x.s, y.s, x.n) == 0;
}

static unsigned hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 0;
}

bool proc_masks_intersect(struct str a, struct str b)
{
	while (a.n && b.n) {
		char x = a.s[a.n - 1], y = b.s[b.n - 1];

		if (x == ',' || x == '\n') {
			a.n--;
			continue;
		}
		if (y == ',' || y == '\n') {
			b.n--;
			continue;
		}
		if (hex_digit(x) & hex_digit(y))
			return true;
		a.n--;
		b.n--;
	}
	return false;
}
