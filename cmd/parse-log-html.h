/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of parse-log's page share: the frame, the list of events and the timeline
 * (parse-log-html.c), one event (parse-log-html-event.c). */
#ifndef OOMKIT_CMD_PARSE_LOG_HTML_H
#define OOMKIT_CMD_PARSE_LOG_HTML_H

#include <stdio.h>

#include "parse-log.h"

/* Where a page grows: held until its end, since what comes first in it is known last. */
struct html {
	FILE *f;
	char *text;
	size_t n;
};

void html_put(const struct html *h, const char *s);
void html_say(const struct html *h, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Untrusted bytes; NULL is shown as "?". */
void html_text(const struct html *h, const char *s);

/* "python 3882 was killed": who died, or what came of it. */
void html_outcome(const struct html *h, const struct oom_event *e);

/* The whole section of event number n. */
void html_event(const struct html *h, const struct told_event *t, size_t n);

#endif
