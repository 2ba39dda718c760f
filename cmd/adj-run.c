/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which value does a command start with? We take it ourselves and become the command. Mirrors
 * env(1) in its exit statuses. */
#include "adj.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "caps.h"

static int tell(const struct env *env, const struct adjust *done, const struct policy_wish *wish,
		const struct host *h)
{
	const struct plan *plan = &done->plan;
	enum adjust_lack lack = adjust_lack(h);
	char reason[256];

	if (done->end == ADJUST_FLOOR) {
		snprintf(reason, sizeof(reason),
			 "%d -> %d: %s; the floor lies above %d, at %d at most", plan->from,
			 plan->to, adj_lack_reason(lack), plan->to, plan->from);
		cli_error(env, "adj", "the command", reason, adj_lack_help(lack));
	} else if (done->end == ADJUST_OUTSIDE) {
		snprintf(reason, sizeof(reason), "%d%+d is outside -1000..1000", plan->from,
			 (int)wish->value);
		cli_error(env, "adj", "the command", reason, "--clamp takes the nearest");
	} else {
		cli_error(env, "adj", "the command",
			  done->error ? strerror(done->error) : "another value is read back", NULL);
	}
	return EXIT_OWN_FAILURE;
}

int adj_run(struct adj *a, const struct env *env)
{
	struct adjust_target self = { 0 };
	struct adjust done;
	struct host host;
	int r = host_open(&host, NULL);

	if (r < 0 || host.proc_fd < 0) {
		cli_error(env, "adj", NULL, r < 0 ? strerror(-r) : "/proc is not there",
			  "mount it: mount -t proc proc /proc");
		return EXIT_OWN_FAILURE;
	}
	self.pid = host_self(&host);
	adjust_process(&host, &self, &a->wish, false, &done);
	if (done.end != ADJUST_DONE) {
		r = tell(env, &done, &a->wish, &host);
		host_close(&host);
		return r;
	}
	host_close(&host);
	if (a->wish.clamp && (done.plan.why == PLAN_CLAMPED || done.plan.why == PLAN_FLOORED))
		cli_note(env, "adj", "the command: %d is the nearest that is permitted",
			 done.plan.to);
	if (a->verbose)
		cli_note(env, "adj", "%d -> %d", done.plan.from, done.plan.to);
	/* What was granted to us was not granted to the command. */
	r = env->secure ? caps_drop_all() : 0;
	if (r < 0) {
		cli_error(env, "adj", "capabilities", strerror(-r), "they could not be given back");
		return EXIT_OWN_FAILURE;
	}
	fflush(env->out);
	execvp(a->command[0], a->command);
	r = errno;
	cli_error(env, "adj", a->command[0], strerror(r), NULL);
	return r == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}
