/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memlimit: what stands behind --write, and where each version has it. */
#include "memlimit.h"

#include <errno.h>

#include "check.h"

static void check_parse(const char *text, int want, enum memlimit_key key, uint64_t to)
{
	struct memlimit_change c = { 0 };

	CHECK_INT(memlimit_parse(text, &c), want);
	if (want < 0)
		return;
	CHECK_INT(c.key, key);
	CHECK(c.to == to);
	CHECK_INT(c.end, MEMLIMIT_PLANNED);
	CHECK(!c.have_from && !c.have_now && c.error == 0);
}

static void test_parse(void)
{
	check_parse("max=512M", 0, MEMLIMIT_MAX, 512u << 20);
	check_parse("memory.max=512M", 0, MEMLIMIT_MAX, 512u << 20);
	check_parse("max=1.5G", 0, MEMLIMIT_MAX, UINT64_C(3) << 29);
	check_parse("max=2T", 0, MEMLIMIT_MAX, UINT64_C(2) << 40);
	check_parse("max=max", 0, MEMLIMIT_MAX, MEMSTAT_MAX);
	check_parse("max=0", 0, MEMLIMIT_MAX, 0);
	check_parse("high=4096", 0, MEMLIMIT_HIGH, 4096);
	check_parse("low=1K", 0, MEMLIMIT_LOW, 1024);
	check_parse("min=max", 0, MEMLIMIT_MIN, MEMSTAT_MAX);
	check_parse("swap.max=0", 0, MEMLIMIT_SWAP_MAX, 0);
	check_parse("memsw.max=1G", 0, MEMLIMIT_MEMSW_MAX, 1u << 30);
	check_parse("oom.group=1", 0, MEMLIMIT_OOM_GROUP, 1);
	check_parse("memory.oom.group=0", 0, MEMLIMIT_OOM_GROUP, 0);
	check_parse("oom_kill_disable=1", 0, MEMLIMIT_OOM_KILL_DISABLE, 1);

	check_parse("max", -ENOENT, 0, 0);
	check_parse("=1", -ENOENT, 0, 0);
	check_parse("maximum=1G", -ENOENT, 0, 0);
	check_parse("ma=1G", -ENOENT, 0, 0);
	check_parse("MAX=1G", -ENOENT, 0, 0);
	check_parse("", -ENOENT, 0, 0);
	check_parse("max=", -EINVAL, 0, 0);
	check_parse("max= 1G", -EINVAL, 0, 0);
	check_parse("max=-1", -EINVAL, 0, 0);
	check_parse("max=1G ", -EINVAL, 0, 0);
	check_parse("max=maximum", -EINVAL, 0, 0);
	check_parse("max=9999999999999T", -EINVAL, 0, 0);
	check_parse("oom.group=", -EINVAL, 0, 0);
	check_parse("oom.group=2", -EINVAL, 0, 0);
	check_parse("oom.group=01", -EINVAL, 0, 0);
	check_parse("oom.group=max", -EINVAL, 0, 0);
	check_parse("oom_kill_disable=true", -EINVAL, 0, 0);
}

static void test_files(void)
{
	CHECK_STR(memlimit_file(MEMLIMIT_MAX, CGROUP_V1), "memory.limit_in_bytes");
	CHECK_STR(memlimit_file(MEMLIMIT_MAX, CGROUP_V2), "memory.max");
	CHECK_STR(memlimit_file(MEMLIMIT_MEMSW_MAX, CGROUP_V1), "memory.memsw.limit_in_bytes");
	CHECK_STR(memlimit_file(MEMLIMIT_OOM_KILL_DISABLE, CGROUP_V1), "memory.oom_control");
	for (unsigned i = 0; i < MEMLIMIT_KEY_N; i++) {
		enum memlimit_key key = (enum memlimit_key)i;

		/* Where a version has no file, it is said what it has instead. */
		CHECK(memlimit_file(key, CGROUP_V1) || memlimit_instead(key, CGROUP_V1));
		CHECK(memlimit_file(key, CGROUP_V2) || memlimit_instead(key, CGROUP_V2));
		CHECK(memlimit_file(key, CGROUP_V1) || memlimit_file(key, CGROUP_V2));
		CHECK(memlimit_key_name(key)[0] != '\0');
	}
}

int main(void)
{
	test_parse();
	test_files();
	return check_done();
}
