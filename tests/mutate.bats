#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Damaged logs: each file of the corpus cut, halved, spliced and interleaved at each of its lines. What stands behind the
# damage is found exactly, and an event that lost a part says so (tests/mutate/mutate.c).

load helper

setup_file() {
	export LOGS=$BATS_FILE_TMPDIR/logs
	mkdir -p "$LOGS"
	tar -xJf "$ROOT/tests/logs/corpus.tar.xz" -C "$LOGS"
}

mutate() {
	local bin=${OOMKIT_PROGRAMS:-$OOMKIT_BUILD/cc/tests}/mutate/mutate
	"$bin" "$@"
}

@test "every file of the corpus, damaged at every line" {
	run -0 mutate "$LOGS"/*.log
	assert_output --regexp '^[0-9]{5,} mutants, 0 failures$'
}

@test "whole ring buffers, damaged at every line" {
	run -0 mutate "$LOGS"/*.klog
	assert_output --regexp '^[0-9]{5,} mutants, 0 failures$'
}

@test "the same logs as the journal and others carry them" {
	local file part name
	for file in "$LOGS"/{039,093}-*.log; do
		name=$BATS_TEST_TMPDIR/$(basename "$file" .log) part=$BATS_TEST_TMPDIR/$(basename "$file" .log).part
		# The end of it: the table and the kill.
		tail -n 45 "$file" >"$part"
		sed 's/^/Nov 23 09:00:00 web-1 kernel: /' "$part" >"$name.syslog"
		jq -R -c '{__REALTIME_TIMESTAMP: "1700000000000000", _HOSTNAME: "h", SYSLOG_IDENTIFIER: "kernel", MESSAGE: .}' \
			"$part" >"$name.json"
		jq --tab . "$name.json" >"$name.pretty"
		jq -r '"__CURSOR=s\n" + (to_entries | map("\(.key)=\(.value)\n") | add)' "$name.json" >"$name.export"
		jq -R -c '{SYSLOG_IDENTIFIER: "kernel", MESSAGE: explode}' "$part" >"$name.bytes"
		awk '{ printf "4,%d,%d000,-,caller=T%d;%s\n", NR, NR, NR % 3, $0 }' "$part" >"$name.kmsg"
	done
	run -0 mutate "$BATS_TEST_TMPDIR"/*
	assert_output --regexp '^[0-9]{4,} mutants, 0 failures$'
}

@test "what does cost is found" {
	# The good event twice is one too many.
	sed -n '/^	"\[99999/,/";$/p' "$ROOT/tests/fuzz/good.h" | sed -E 's/^\t"//; s/"[;]?$//' | tr -d '\n' | sed 's/\\n/\n/g' \
		>"$BATS_TEST_TMPDIR/twice"
	run -1 mutate "$BATS_TEST_TMPDIR/twice"
	assert_line --partial 'is not found exactly'
}
