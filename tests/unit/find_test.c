/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whatever vectors the processor has, the same places are found: each width against a search letter
 * by letter, on texts made of the words, of parts of them and of their letters. */
#include <stdlib.h>
#include <string.h>

#include "../random.h"
#include "check.h"
#include "oomlog.h"

/* The widths that this processor has. */
#define EACH_WIDTH(w) for (enum oomlog_width w = OOMLOG_WIDTH_1; w <= oomlog_widest(); w++)

/* What is found, and what is nearly that. */
static const char *const words[] = {
	"oom",
	"oom-killer",
	"earlyoom",
	"zoom",
	"room",
	"\\x1boom",
	"nohang",
	"ohang",
	"ohan",
	"of memory",
	"of Memory",
	"f memo",
	"d process ",
	"l process ",
	"Killed process",
	"M: killing process",
	"M: kill",
	"\"MESSAGE\":[79",
	"\"MESSAGE\" : [",
	"\"MESSAGE\":\"",
	"E\"",
	"\n",
	"\n\n",
	"oo",
	"oh",
	"f m",
	"d p",
	"l p",
	"\xef\xcd\xe6m",
};

/* At every place, whatever block it falls into. */
static void test_places(void)
{
	char text[200];

	EACH_WIDTH(w)
	{
		uint64_t newlines;

		for (size_t at = 0; at + 12 < sizeof(text); at++) {
			memset(text, 'o', sizeof(text));
			text[0] = '\n';
			memcpy(text + at, "d process ", 10);
			newlines = 0;
			CHECK_INT(oomlog_find_by(w, text, text + sizeof(text), &newlines) - text,
				  at);
			CHECK_INT(newlines, at > 0);
		}
		memset(text, '\n', sizeof(text));
		newlines = 0;
		CHECK(oomlog_find_by(w, text, text + sizeof(text), &newlines) ==
		      text + sizeof(text));
		CHECK_INT(newlines, sizeof(text));
	}
}

/* More newlines than a byte counts, before a word and with none. */
static void test_many_newlines(void)
{
	size_t n = 100000;
	char *text = malloc(n);

	memset(text, '\n', n);
	EACH_WIDTH(w)
	{
		uint64_t newlines = 0;

		CHECK(oomlog_find_by(w, text, text + n, &newlines) == text + n);
		CHECK_INT(newlines, n);
	}
	memcpy(text + n - 1000, "oom", 3);
	EACH_WIDTH(w)
	{
		uint64_t newlines = 7;

		CHECK_INT(oomlog_find_by(w, text, text + n, &newlines) - text, n - 1000);
		CHECK_INT(newlines, n - 1000 + 7);
	}
	free(text);
}

/* Any bytes, the letters of the words, the words. Returns how many: its end is the buffer's. */
static size_t make_text(uint64_t *state, char *text, size_t max)
{
	static const char letters[] = "oomhaE\"M:f mMdlp\n";
	size_t n = random_below(state, (unsigned)max + 1), at = 0;

	while (at < n) {
		const char *word = words[random_below(state, sizeof(words) / sizeof(words[0]))];
		size_t left = n - at, length = strlen(word);

		switch (random_below(state, 4)) {
		case 0:
			text[at++] = (char)random_below(state, 256);
			break;
		case 1:
			text[at++] = letters[random_below(state, sizeof(letters) - 1)];
			break;
		case 2:
			length = random_below(state, 120);
			memset(text + at, random_below(state, 2) ? '.' : 'x',
			       length < left ? length : left);
			at += length < left ? length : left;
			break;
		default:
			memcpy(text + at, word, length < left ? length : left);
			at += length < left ? length : left;
		}
	}
	return n;
}

static void test_same(void)
{
	uint64_t state = random_seed(1, 0), hits = 0;
	unsigned differ = 0;

	for (int round = 0; round < 20000; round++) {
		char text[600];
		size_t n = make_text(&state, text, sizeof(text));
		/* To the byte, so that a reader beyond the end is seen. */
		char *exact = malloc(n ? n : 1);
		const char *end = exact + n;

		memcpy(exact, text, n);
		for (const char *s = exact; s <= end;) {
			uint64_t newlines = 3;
			const char *at = oomlog_find_by(OOMLOG_WIDTH_1, s, end, &newlines);

			EACH_WIDTH(w)
			{
				uint64_t others = 3;

				differ += oomlog_find_by(w, s, end, &others) != at ||
					  others != newlines;
			}
			hits += at < end;
			s = at + 1;
		}
		free(exact);
	}
	CHECK_INT(differ, 0);
	CHECK(hits > 20000);
}

/* What each word is to be, at the start of a text and behind one. */
static void test_words(void)
{
	static const struct {
		const char *text;
		int at; /* -1: nowhere */
	} table[] = {
		{ "xx oom", 3 },
		{ "room for a zoom", -1 },
		{ "earlyoom", 5 },
		{ "nohang", 1 },
		{ "an ohang", 3 },
		{ "ohan", -1 },
		{ "out of memory", 5 },
		{ "Out of Memory", 5 },
		{ "of memories", -1 },
		{ "Killed process 1", 5 },
		{ "Kill process 1", 3 },
		{ "old processes", 2 },
		{ "VM: killing process a", 1 },
		{ "VM: killed", -1 },
		{ "{\"MESSAGE\":[79,", 8 },
		{ "{\"MESSAGE\" : [79,", 8 },
		{ "{\"MESSAGE\":\"a", -1 },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		EACH_WIDTH(w)
		{
			char text[200];
			size_t n = strlen(table[i].text);
			uint64_t newlines = 0;

			memset(text, '.', sizeof(text));
			memcpy(text + 50, table[i].text, n);
			CHECK_INT(oomlog_find_by(w, text + 50, text + sizeof(text), &newlines) -
					  (text + 50),
				  table[i].at < 0 ? 150 : table[i].at);
		}
	CHECK(oomlog_widest() >= OOMLOG_WIDTH_16);
}

int main(void)
{
	test_places();
	test_many_newlines();
	test_words();
	test_same();
	return check_done();
}
