/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A large log for the benchmark of parse-log, always the same: what the syslog of a busy machine
 * holds (logins, units, cron, a web server, a firewall, drivers), with OOM reports of three layouts
 * spread evenly in it.
 *
 *   syslog BYTES EVENTS      to stdout; at least so many bytes
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "../random.h"

enum { ROWS = 120 };

struct writer {
	uint64_t random, bytes, seconds;
	int failed;
};

static unsigned below(struct writer *w, unsigned n)
{
	return random_below(&w->random, n);
}

static void say(struct writer *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void say(struct writer *w, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vprintf(fmt, args);
	va_end(args);
	if (n < 0)
		w->failed = 1;
	else
		w->bytes += (uint64_t)n;
}

/* "Nov  3 04:05:06 web-1 " */
static void stamp(struct writer *w)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	uint64_t s = w->seconds, day = s / 86400;

	say(w, "%s %2u %02u:%02u:%02u web-1 ", months[day / 28 % 12], (unsigned)(day % 28) + 1,
	    (unsigned)(s / 3600 % 24), (unsigned)(s / 60 % 60), (unsigned)(s % 60));
}

static void kernel(struct writer *w)
{
	stamp(w);
	say(w, "kernel: [%5" PRIu64 ".%06u] ", w->seconds, below(w, 1000000));
}

/* ------------------------------------------------------------------ daily life */

static void web(struct writer *w)
{
	static const char *const pages[] = {
		"/",        "/rooms/12", "/api/v1/orders", "/img/zoom.png",
		"/process", "/login",    "/favicon.ico"
	};

	stamp(w);
	say(w,
	    "nginx: 10.%u.%u.%u - - \"GET %s?id=%u HTTP/1.1\" 200 %u \"-\" \"Mozilla/5.0 (X11; "
	    "Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\"\n",
	    below(w, 256), below(w, 256), below(w, 256), pages[below(w, 7)], below(w, 100000),
	    below(w, 90000));
}

static void login(struct writer *w)
{
	stamp(w);
	if (below(w, 3))
		say(w,
		    "sshd[%u]: Failed password for invalid user admin from 203.0.113.%u port %u "
		    "ssh2\n",
		    below(w, 4000000), below(w, 256), below(w, 65536));
	else
		say(w,
		    "sshd[%u]: pam_unix(sshd:session): session opened for user deploy(uid=1000) by "
		    "(uid=0)\n",
		    below(w, 4000000));
}

static void unit(struct writer *w)
{
	stamp(w);
	switch (below(w, 4)) {
	case 0:
		say(w, "systemd[1]: Started session-%u.scope - Session of User deploy.\n",
		    below(w, 100000));
		break;
	case 1:
		say(w,
		    "systemd[1]: run-docker-runtime\\x2drunc-moby-%016" PRIx64 ".mount: "
		    "Deactivated successfully.\n",
		    random_next(&w->random));
		break;
	case 2:
		say(w,
		    "systemd[1]: app@%u.service: Main process exited, code=exited, "
		    "status=1/FAILURE\n",
		    below(w, 100));
		break;
	default:
		say(w,
		    "systemd[1]: user@%u.service: Consumed 12.%03us CPU time, 1.2G memory "
		    "peak.\n",
		    below(w, 2000), below(w, 1000));
	}
}

static void firewall(struct writer *w)
{
	kernel(w);
	say(w,
	    "[UFW BLOCK] IN=eth0 OUT= MAC=52:54:00:%02x:%02x:%02x SRC=198.51.100.%u DST=10.0.0.5 "
	    "LEN=40 TOS=0x00 PREC=0x00 TTL=244 ID=%u PROTO=TCP SPT=%u DPT=%u WINDOW=1024 RES=0x00 "
	    "SYN URGP=0\n",
	    below(w, 256), below(w, 256), below(w, 256), below(w, 256), below(w, 65536),
	    below(w, 65536), below(w, 65536));
}

static void application(struct writer *w)
{
	stamp(w);
	switch (below(w, 4)) {
	case 0:
		say(w, "CRON[%u]: (root) CMD (   cd / && run-parts --report /etc/cron.hourly)\n",
		    below(w, 4000000));
		break;
	case 1:
		say(w,
		    "app[%u]: {\"level\":\"info\",\"msg\":\"order "
		    "processed\",\"order\":%u,\"ms\":%u,"
		    "\"customer\":\"M\xc3\xbcller\"}\n",
		    below(w, 4000000), below(w, 100000), below(w, 900));
		break;
	case 2:
		say(w,
		    "java[%u]: INFO  [pool-%u-thread-%u] o.e.j.s.Server - room %u: cannot "
		    "reprocess\n",
		    below(w, 4000000), below(w, 9), below(w, 99), below(w, 999));
		break;
	default:
		say(w,
		    "dockerd[%u]: time=\"2026-11-03T04:05:06Z\" level=warning msg=\"Health "
		    "check for container %016" PRIx64 " error: context deadline exceeded\"\n",
		    below(w, 9999), random_next(&w->random));
	}
}

static void driver(struct writer *w)
{
	kernel(w);
	if (below(w, 2))
		say(w, "usb 1-1.%u: new high-speed USB device number %u using xhci_hcd\n",
		    below(w, 8), below(w, 128));
	else
		say(w, "docker0: port %u(veth%07x) entered forwarding state\n", below(w, 32),
		    below(w, 1u << 28));
}

static void line(struct writer *w)
{
	unsigned kind = below(w, 100);

	if (kind < 40)
		web(w);
	else if (kind < 55)
		login(w);
	else if (kind < 70)
		unit(w);
	else if (kind < 80)
		firewall(w);
	else if (kind < 95)
		application(w);
	else
		driver(w);
	w->seconds += below(w, 20) == 0;
}

/* ------------------------------------------------------------------ reports */

static void trace(struct writer *w, const char *const *frames)
{
	kernel(w);
	say(w, "CPU: %u PID: 4321 Comm: java Not tainted\n", below(w, 8));
	kernel(w);
	say(w, "Call Trace:\n");
	for (; *frames; frames++) {
		kernel(w);
		say(w, " %s+0x%x/0x4a0\n", *frames, below(w, 0x400));
	}
}

static void meminfo(struct writer *w)
{
	kernel(w);
	say(w, "Mem-Info:\n");
	kernel(w);
	say(w, "active_anon:%u inactive_anon:1841000 isolated_anon:0\n", below(w, 100000));
	kernel(w);
	say(w, " active_file:120 inactive_file:300 isolated_file:0\n");
	kernel(w);
	say(w, " unevictable:0 dirty:0 writeback:0\n");
	kernel(w);
	say(w, " slab_reclaimable:11000 slab_unreclaimable:24000\n");
	kernel(w);
	say(w, " free:21000 free_pcp:0 free_cma:0\n");
	kernel(w);
	say(w, "Node 0 Normal free:42000kB min:44000kB low:55000kB high:66000kB "
	       "active_anon:8kB present:8388608kB managed:8200000kB mlocked:0kB\n");
	kernel(w);
	say(w, "Node 0 Normal: 4000*4kB (UME) 2000*8kB (UM) 600*16kB (UE) 10*32kB (U) 0*64kB "
	       "0*128kB 0*256kB 0*512kB 0*1024kB 0*2048kB 0*4096kB = 41920kB\n");
	kernel(w);
	say(w, "0 total pagecache pages\n");
	kernel(w);
	say(w, "Free swap  = 0kB\n");
	kernel(w);
	say(w, "Total swap = 0kB\n");
	kernel(w);
	say(w, "2097152 pages RAM\n");
	kernel(w);
	say(w, "0 pages HighMem/MovableOnly\n");
	kernel(w);
	say(w, "47152 pages reserved\n");
}

/* 6.8 and later, the machine. */
static void newest(struct writer *w, unsigned pid)
{
	static const char *const frames[] = { "dump_stack_lvl",
					      "dump_header",
					      "oom_kill_process",
					      "out_of_memory",
					      "__alloc_pages_slowpath",
					      "__alloc_pages",
					      "handle_mm_fault",
					      "exc_page_fault",
					      NULL };

	kernel(w);
	say(w, "java invoked oom-killer: gfp_mask=0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_COMP|"
	       "__GFP_ZERO), order=0, oom_score_adj=0\n");
	trace(w, frames);
	meminfo(w);
	kernel(w);
	say(w, "Tasks state (memory values in pages):\n");
	kernel(w);
	say(w, "[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem "
	       "pgtables_bytes swapents oom_score_adj name\n");
	for (unsigned i = 0; i < ROWS; i++) {
		unsigned p = i == ROWS / 2 ? pid : 300 + i,
			 rss = p == pid ? 1500000 : below(w, 2000);

		kernel(w);
		say(w, "[%7u] %5u %5u %8u %8u %8u %8u %9u %8u %8u %13d %s\n", p,
		    p == pid ? 1000 : 0, p, rss + 40000, rss, rss, 0u, 0u, 4096 * below(w, 400), 0u,
		    i % 10 == 0 ? -1000 : 0, p == pid ? "java" : "worker");
	}
	kernel(w);
	say(w,
	    "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,"
	    "global_oom,task_memcg=/system.slice/app.service,task=java,pid=%u,uid=1000\n",
	    pid);
	kernel(w);
	say(w,
	    "Out of memory: Killed process %u (java) total-vm:6160000kB, anon-rss:6000000kB, "
	    "file-rss:0kB, shmem-rss:0kB, UID:1000 pgtables:12000kB oom_score_adj:0\n",
	    pid);
	kernel(w);
	say(w,
	    "oom_reaper: reaped process %u (java), now anon-rss:0kB, file-rss:0kB, "
	    "shmem-rss:0kB\n",
	    pid);
}

/* 4.14, a container's limit. */
static void limited(struct writer *w, unsigned pid)
{
	static const char *const frames[] = { "dump_stack",
					      "dump_header",
					      "oom_kill_process",
					      "out_of_memory",
					      "mem_cgroup_out_of_memory",
					      "mem_cgroup_oom_synchronize",
					      "pagefault_out_of_memory",
					      NULL };
	static const char cgroup[] = "/docker/4f1c2d3e4f5061728394a5b6c7d8e9f00112233445566778899aa"
				     "bbccddeeff0";

	kernel(w);
	say(w, "python invoked oom-killer: gfp_mask=0x14000c0(GFP_KERNEL), nodemask=(null), "
	       "order=0, oom_score_adj=0\n");
	trace(w, frames);
	kernel(w);
	say(w, "Task in %s killed as a result of limit of %s\n", cgroup, cgroup);
	kernel(w);
	say(w, "memory: usage 524288kB, limit 524288kB, failcnt %u\n", below(w, 9999));
	kernel(w);
	say(w, "memory+swap: usage 524288kB, limit 1048576kB, failcnt 0\n");
	kernel(w);
	say(w, "kmem: usage 2048kB, limit 9007199254740988kB, failcnt 0\n");
	kernel(w);
	say(w, "[ pid ]   uid  tgid total_vm      rss nr_ptes nr_pmds swapents oom_score_adj "
	       "name\n");
	for (unsigned i = 0; i < 4; i++) {
		unsigned p = i == 2 ? pid : 200 + i, rss = p == pid ? 130000 : 100;

		kernel(w);
		say(w, "[%5u] %5u %5u %8u %8u %7u %7u %8u %13d %s\n", p, 0u, p, rss + 4000, rss,
		    270u, 4u, 0u, 0, p == pid ? "python" : "sh");
	}
	kernel(w);
	say(w,
	    "Memory cgroup out of memory: Kill process %u (python) score 995 or sacrifice "
	    "child\n",
	    pid);
	kernel(w);
	say(w,
	    "Killed process %u (python) total-vm:536000kB, anon-rss:519000kB, file-rss:1000kB, "
	    "shmem-rss:0kB\n",
	    pid);
}

/* 3.10, the machine. */
static void older(struct writer *w, unsigned pid)
{
	static const char *const frames[] = { "dump_stack",
					      "dump_header",
					      "oom_kill_process",
					      "out_of_memory",
					      "__alloc_pages_nodemask",
					      NULL };

	kernel(w);
	say(w, "mysqld invoked oom-killer: gfp_mask=0x280da, order=0, oom_score_adj=0\n");
	trace(w, frames);
	meminfo(w);
	kernel(w);
	say(w, "[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name\n");
	for (unsigned i = 0; i < ROWS; i++) {
		unsigned p = i == 7 ? pid : 400 + i, rss = p == pid ? 1400000 : below(w, 3000);

		kernel(w);
		say(w, "[%5u] %5u %5u %8u %8u %7u %8u %13d %s\n", p, 27u, p, rss + 9000, rss,
		    rss / 500 + 10, 0u, 0, p == pid ? "mysqld" : "httpd");
	}
	kernel(w);
	say(w, "Out of memory: Kill process %u (mysqld) score 683 or sacrifice child\n", pid);
	kernel(w);
	say(w,
	    "Killed process %u (mysqld) total-vm:5636000kB, anon-rss:5600000kB, "
	    "file-rss:0kB, shmem-rss:0kB\n",
	    pid);
}

int main(int argc, char **argv)
{
	static void (*const reports[])(struct writer *, unsigned) = { newest, limited, older };
	struct writer w = { .random = 1 };
	uint64_t bytes, events;

	if (argc != 3) {
		fputs("usage: syslog BYTES EVENTS\n", stderr);
		return 2;
	}
	bytes = strtoull(argv[1], NULL, 10);
	events = strtoull(argv[2], NULL, 10);
	for (uint64_t i = 0; i < events && !w.failed; i++) {
		while (w.bytes < bytes / (events + 1) * (i + 1) && !w.failed)
			line(&w);
		reports[i % 3](&w, 100000 + (unsigned)i);
	}
	while (w.bytes < bytes && !w.failed)
		line(&w);
	return w.failed || fflush(stdout) != 0;
}
