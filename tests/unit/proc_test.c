/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What /proc/PID's texts say, whole, cut short at every byte, and hostile. */
#include <errno.h>
#include <stdlib.h>

#include "check.h"
#include "proc.h"

static const char stat_text[] =
	"97 (a) (b) S 1 96 0 0 -1 4210752 131084 0 0 0 57 352 0 0 20 5 3 0 69 541118464 131189 "
	"18446744073709551615 4194304 4771457 140733161380240 0 0 0 0 0 0 1 0 0 17 0 0 0 0 0 0 "
	"4949616 4973232 "
	"9687040 140733161385940 140733161385946 140733161385946 140733161385970 0\n";

static const char status_text[] =
	"Name:\ta\\nb\\\\c\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t23\nPid:\t23\nPPid:\t1\n"
	"Uid:\t1000\t1001\t0\t0\nVmPeak:\t  528436 kB\nVmSize:\t  528436 kB\nVmRSS:\t  524756 kB\n"
	"RssAnon:\t  524304 kB\nRssFile:\t       4 kB\nRssShmem:\t     448 kB\nVmPTE:\t    1044 "
	"kB\n"
	"VmPMD:\t      12 kB\nVmSwap:\t      16 kB\nThreads:\t3\nSigPnd:\t0000000000000000\n"
	"ShdPnd:\t0000000000000100\nCapEff:\t0000003fffffffff\nMems_allowed:\t1\n";

static void test_stat(void)
{
	struct proc_stat st;

	CHECK_INT(proc_parse_stat(stat_text, strlen(stat_text), &st), 0);
	CHECK(str_eq(st.comm, "a) (b"));
	CHECK_INT(st.state, 'S');
	CHECK_INT(st.ppid, 1);
	CHECK_INT(st.flags, 4210752);
	CHECK_INT(st.utime_ticks, 57);
	CHECK_INT(st.stime_ticks, 352);
	CHECK_INT(st.nice, 5);
	CHECK_INT(st.threads, 3);
	CHECK_INT(st.start_ticks, 69);
	CHECK_INT(st.rss_pages, 131189);
	CHECK(st.rsslim_bytes == UINT64_MAX);
}

/* A text that was cut says nothing, or exactly what the whole text says. */
static void test_cut_stat(void)
{
	size_t understood = 0;

	for (size_t n = 0; n < strlen(stat_text); n++) {
		char *cut = malloc(n + 1);
		struct proc_stat st;

		if (!cut)
			abort();
		memcpy(cut, stat_text, n);
		if (proc_parse_stat(cut, n, &st) == 0) {
			understood++;
			CHECK_INT(st.rss_pages, 131189);
			CHECK(st.rsslim_bytes == UINT64_MAX);
		}
		free(cut);
	}
	CHECK(understood > 100);
}

static void test_odd_stats(void)
{
	static const char *const bad[] = {
		"",
		"1",
		"1 (",
		"1 (x",
		"1 (x)",
		"1 (x) ",
		"1 (x) S",
		"1 (x) S ",
		"x",
		") (",
		"1 )x( S 1",
		"1 (x) S a 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 ",
		"1 (x) S 1 1 1 1 1 1 1 1 1 1 1 1 1 1 20 99 1 1 1 1 1 1 1 ",
	};
	struct proc_stat st;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_INT(proc_parse_stat(bad[i], strlen(bad[i]), &st), -EINVAL);
	/* A name of line feeds and parentheses is only a name. */
	CHECK_INT(proc_parse_stat(
			  "5 (\n) S 9 (\n) R 2 1 1 1 1 1 1 1 1 1 7 8 1 1 1 0 4 1 77 4096 -3 9 \n",
			  66, &st),
		  0);
	CHECK_INT(st.state, 'R');
	CHECK_INT(st.ppid, 2);
	CHECK_INT(st.start_ticks, 77);
	CHECK_INT(st.rss_pages, 0);
}

static void test_status(void)
{
	struct proc_status st;
	char name[64];

	proc_parse_status(status_text, strlen(status_text), &st);
	CHECK(st.has_name && st.has_uid && st.has_vm_size && st.has_rss && st.has_parts &&
	      st.has_pte);
	CHECK(st.has_pmd && st.has_swap && st.has_threads && st.has_pending && st.has_caps &&
	      st.has_ppid);
	CHECK_INT(proc_unescape(st.name, name, sizeof(name)), 5);
	CHECK_STR(name, "a\nb\\c");
	CHECK_INT(st.uid, 1000);
	CHECK_INT(st.euid, 1001);
	CHECK_INT(st.rss_kib, 524756);
	CHECK_INT(st.anon_kib, 524304);
	CHECK_INT(st.file_kib, 4);
	CHECK_INT(st.shmem_kib, 448);
	CHECK_INT(st.pte_kib, 1044);
	CHECK_INT(st.pmd_kib, 12);
	CHECK_INT(st.swap_kib, 16);
	CHECK_INT(st.pending, 0x100);
	CHECK(st.cap_eff == 0x3fffffffffull);
	CHECK(str_eq(st.mems_allowed, "1"));
}

/* No field of a cut status has another value than in the whole one. */
static void test_cut_status(void)
{
	for (size_t n = 0; n < strlen(status_text); n++) {
		char *cut = malloc(n + 1);
		struct proc_status st;

		if (!cut)
			abort();
		memcpy(cut, status_text, n);
		proc_parse_status(cut, n, &st);
		CHECK(!st.has_rss || st.rss_kib == 524756);
		CHECK(!st.has_swap || st.swap_kib == 16);
		CHECK(!st.has_pte || st.pte_kib == 1044);
		CHECK(!st.has_uid || st.euid == 1001);
		CHECK(!st.has_caps || st.cap_eff == 0x3fffffffffull);
		CHECK(!st.has_parts || (st.anon_kib == 524304 && st.file_kib == 4));
		free(cut);
	}
}

static void test_names(void)
{
	static const char hostile[] = "Name:\tVmRSS:\\nVmRSS:\t1 kB\nVmRSS:\t 2 kB\n";
	static const char nameless[] = "Name:\t\nState:\tS\nThreads:\t1\n";
	struct proc_status st;
	char buf[4];

	proc_parse_status(hostile, strlen(hostile), &st);
	CHECK_INT(st.rss_kib, 2);
	proc_parse_status(nameless, strlen(nameless), &st);
	CHECK(st.has_name && st.name.n == 0);
	CHECK_INT(proc_unescape((struct str){ "abcdef", 6 }, buf, sizeof(buf)), 3);
	CHECK_STR(buf, "abc");
	CHECK_INT(proc_unescape((struct str){ "a\\", 2 }, buf, sizeof(buf)), 2);
	CHECK_STR(buf, "a\\");
}

static void test_uid_maps(void)
{
	CHECK(proc_uid_map_is_initial("         0          0 4294967295\n", 33));
	CHECK(!proc_uid_map_is_initial("         0     100000      65536\n", 33));
	CHECK(!proc_uid_map_is_initial("", 0));
}

static void test_same_vm_lines(void)
{
	char other[sizeof(status_text)];

	memcpy(other, status_text, sizeof(status_text));
	memcpy(strstr(other, "Pid:\t23"), "Pid:\t24", 7);
	CHECK(proc_same_vm_lines(status_text, strlen(status_text), other, strlen(other)));
	*strstr(other, "524304") = '4';
	CHECK(!proc_same_vm_lines(status_text, strlen(status_text), other, strlen(other)));
	CHECK(!proc_same_vm_lines("Name:\tx\n", 8, "Name:\tx\n", 8));
}

static bool intersect(const char *a, const char *b)
{
	return proc_masks_intersect((struct str){ a, strlen(a) }, (struct str){ b, strlen(b) });
}

static void test_masks(void)
{
	CHECK(intersect("1", "00000000,00000003"));
	CHECK(!intersect("00000002", "1"));
	CHECK(intersect("00000001,00000000", "1,00000000"));
	CHECK(!intersect("00000001,00000000", "1"));
	CHECK(!intersect("", "1"));
}

int main(void)
{
	test_stat();
	test_cut_stat();
	test_odd_stats();
	test_status();
	test_cut_status();
	test_names();
	test_uid_maps();
	test_same_vm_lines();
	test_masks();
	return check_done();
}
