/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podnames: what kubelet names the logs of pods and containers. */
#include "podnames.h"

#include <stdlib.h>

#include "check.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static bool parse(bool container, const char *text, struct podname_parts *ret)
{
	size_t n = strlen(text);

	return container ? podnames_parse_container(text, n, ret)
			 : podnames_parse_pod(text, n, ret);
}

static void check_none(const char *text)
{
	struct podname_parts p;
	size_t n = strlen(text);
	char *copy = malloc(n ? n : 1);

	memcpy(copy, text, n);
	CHECK(!podnames_parse_pod(copy, n, &p));
	CHECK(!podnames_parse_container(copy, n, &p));
	free(copy);
}

int main(void)
{
	struct podname_parts p;

	CHECK(parse(false, "default_web-7d4f_0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", &p));
	CHECK(str_eq(p.space, "default") && str_eq(p.pod, "web-7d4f"));
	CHECK(str_eq(p.id, "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0") && !p.container.s);
	CHECK(parse(false, "kube-system_etcd-a_0123456789abcdef0123456789abcdef", &p));
	CHECK(str_eq(p.id, "0123456789abcdef0123456789abcdef"));
	CHECK(parse(true, "web-7d4f_default_side-car-" ID ".log", &p));
	CHECK(str_eq(p.space, "default") && str_eq(p.pod, "web-7d4f"));
	CHECK(str_eq(p.container, "side-car") && str_eq(p.id, ID));

	check_none("");
	check_none("_");
	check_none("__");
	check_none("a_b");
	check_none("a__c");
	check_none("_b_c");
	check_none("lost+found");
	check_none("a_b_");
	check_none(".log");
	check_none("a_b.log");
	CHECK(!parse(false, "a_b_c_d", &p));
	CHECK(!parse(true, "web_default_" ID ".log", &p));
	CHECK(!parse(true, "web_default_-" ID ".log", &p));
	CHECK(!parse(true, "web_default_a-" ID, &p));
	CHECK(!parse(true, "web_default_a_" ID ".log", &p));
	CHECK(!parse(true, "_default_a-" ID ".log", &p));
	return check_done();
}
