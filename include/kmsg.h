/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's log as it is written: /dev/kmsg. */
#ifndef OOMKIT_KMSG_H
#define OOMKIT_KMSG_H

#include "source.h"

/* The head of a record: "6,339,5140900,-;text". Pure. */
struct kmsg_record {
	uint64_t seq, usec;
	const char *text; /* behind the ';' */
	size_t n;         /* of the text, without the lines that follow it */
};
/* Returns 0 or -EINVAL. */
int kmsg_parse(const char *buf, size_t n, struct kmsg_record *ret);

extern const struct source_ops kmsg_source;

#endif
