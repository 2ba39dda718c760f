/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of parse-log's page share: the frame, the list of events and the timeline
 * (parse-log-html.c), one event (parse-log-html-event.c). */
#ifndef OOMKIT_CMD_PARSE_LOG_HTML_H
#define OOMKIT_CMD_PARSE_LOG_HTML_H

#include "out-html.h"
#include "parse-log.h"

/* "python 3882 was killed": who died, or what came of it. */
void html_outcome(const struct out_page *h, const struct oom_event *e);

/* The whole section of event number n. */
void html_event(const struct out_page *h, const struct told_event *t, size_t n);

#endif
