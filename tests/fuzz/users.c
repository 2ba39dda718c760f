/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /etc/passwd: a name that is there is found, and gives its own number. */
#include <string.h>

#include "fuzz.h"
#include "users.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct users u = { 0 };
	char *text = malloc(size + 1);

	MUST(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	MUST(users_parse(text, size, &u) == 0);
	for (size_t i = 0; i < u.n; i++) {
		uid_t uid;

		MUST(users_name(&u, u.rows[i].uid) != NULL);
		MUST(i == 0 || u.rows[i - 1].uid <= u.rows[i].uid);
		if (i < 20)
			MUST(users_uid(&u, u.rows[i].name, &uid) == 0);
	}
	users_close(&u);
	free(text);
	return 0;
}
