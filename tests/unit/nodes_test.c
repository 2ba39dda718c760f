/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory nodes: lists, masks, zoneinfo and policies, whole, cut and absurd. */
#include "nodes.h"

#include <errno.h>
#include <string.h>

#include "check.h"

static struct nodeset list(const char *text)
{
	struct nodeset s;

	CHECK_INT(nodes_parse_list(text, strlen(text), &s), 0);
	return s;
}

static int refused(const char *text)
{
	struct nodeset s;

	return nodes_parse_list(text, strlen(text), &s);
}

static const char *name(const struct nodeset *s)
{
	static struct arena arena;

	return nodes_name(s, "on ", &arena);
}

static void test_lists(void)
{
	struct nodeset s = list("0-1,3,1023"), none = list("");

	CHECK_STR(name(&s), "on nodes 0-1,3,1023");
	s = list("64");
	CHECK_STR(name(&s), "on node 64");
	CHECK(nodes_empty(&none) && !nodes_empty(&s));
	CHECK_INT(refused("1024"), -ERANGE);
	CHECK_INT(refused("0-99999999999999999999"), -EINVAL);
	CHECK_INT(refused("1-0"), -EINVAL);
	CHECK_INT(refused("0,"), -EINVAL);
	CHECK_INT(refused(",0"), -EINVAL);
	CHECK_INT(refused("0-"), -EINVAL);
	CHECK_INT(refused("0 1"), -EINVAL);
	CHECK_INT(refused("x"), -EINVAL);
	/* The end counts, not what stands behind it. */
	CHECK_INT(nodes_parse_list("0-15", 3, &s), 0);
	CHECK_STR(name(&s), "on nodes 0-1");
}

static void test_sets(void)
{
	struct nodeset low = list("0-3"), mid = list("3-5"), high = list("70"), all = list("0-100");

	CHECK(nodes_intersect(&low, &mid) && !nodes_intersect(&low, &high));
	CHECK(nodes_within(&mid, &all) && !nodes_within(&all, &mid) && !nodes_within(&low, &mid));
}

static void test_masks(void)
{
	struct nodeset s;

	nodes_parse_mask((struct str){ "00000000,00000005", 17 }, &s);
	CHECK_STR(name(&s), "on nodes 0,2");
	nodes_parse_mask((struct str){ "1,80000000,00000001", 19 }, &s);
	CHECK_STR(name(&s), "on nodes 0,63-64");
	nodes_parse_mask((struct str){ "", 0 }, &s);
	CHECK(nodes_empty(&s));
}

static void test_zoneinfo(void)
{
	static const char text[] = "Node 0, zone      DMA\n  pages free     3840\n"
				   "        spanned  4095\n        present  3998\n"
				   "Node 2, zone   Normal\n        spanned  500\n"
				   "        present  400\n  pagesets\n    cpu: 0\n"
				   "              high:  14\n"
				   "Node 3, zone  Movable\n        spanned  9\n"
				   "        present  0\n"
				   "Node x, zone  Movable\n        present  7\n";
	const struct nodeset all = list("0-3"), second = list("2");
	struct nodes_size size;

	nodes_parse_zoneinfo(text, sizeof(text) - 1, &all, &size);
	CHECK_INT(size.present_pages, 4398);
	CHECK_INT(size.spanned_pages, 4604);
	/* A node without memory is none to run out of. */
	CHECK_STR(name(&size.memory), "on nodes 0,2");
	nodes_parse_zoneinfo(text, sizeof(text) - 1, &second, &size);
	CHECK_INT(size.present_pages, 400);
	CHECK_INT(size.spanned_pages, 500);
	nodes_parse_zoneinfo("", 0, &all, &size);
	CHECK(nodes_empty(&size.memory));
	/* Up to 3.x there was no per-node part; a cut line says nothing. */
	nodes_parse_zoneinfo(text,
			     strlen("Node 0, zone      DMA\n  pages free     3840\n"
				    "        spanned  4095\n        present"),
			     &all, &size);
	CHECK_INT(size.present_pages, 0);
	CHECK_INT(size.spanned_pages, 4095);
}

static bool bound(const char *line, bool interleaved, const char *want)
{
	const struct nodeset wanted = list(want);
	struct nodeset got;

	return nodes_parse_policy(line, strlen(line), interleaved, &got) &&
	       nodes_within(&got, &wanted) && nodes_within(&wanted, &got);
}

static void test_policies(void)
{
	CHECK(bound("00400000 bind:0-1,3 file=/bin/x mapped=1\n", false, "0-1,3"));
	CHECK(bound("7f00 bind=static:1", false, "1"));
	CHECK(bound("7f00 bind=relative:2 anon=1", true, "2"));
	CHECK(bound("7f00 interleave:0-1 anon=1", true, "0-1"));
	CHECK(!bound("7f00 interleave:0-1 anon=1", false, "0-1"));
	CHECK(!bound("7f00 default file=/x:0", false, ""));
	CHECK(!bound("7f00 prefer:1 anon=1", true, "1"));
	CHECK(!bound("7f00 local", true, ""));
	/* The first line tells, and what is no list tells nothing. */
	CHECK(!bound("7f00 default\n7f10 bind:1\n", false, "1"));
	CHECK(!bound("7f00 bind", false, ""));
	CHECK(!bound("7f00 bind:x", false, ""));
	CHECK(!bound("", false, ""));
	CHECK(!bound("7f00", false, ""));
}

int main(void)
{
	test_lists();
	test_sets();
	test_masks();
	test_zoneinfo();
	test_policies();
	return check_done();
}
