#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2154 # run sets status, output
# What the kernel lab counts, on words that guests might have said; the guests themselves are `make lab`.

load helper

# guest NAME LINE...: what a guest has printed.
guest() {
	local name=$1
	shift
	printf '%s\n' "$@" >"$BATS_TEST_TMPDIR/$name.out"
	# What check-log said of its log, unless the test says it.
	[[ -e $BATS_TEST_TMPDIR/$name.parse ]] || printf '%s\n' 'watch 2 0 0 0 0' 'parse 2 2 0 0 0 0 2 0 0 0' >"$BATS_TEST_TMPDIR/$name.parse"
	name=${name//-/ }
	echo "${name/ v/ }" >>"$BATS_TEST_TMPDIR/guests"
}

report() {
	run awk -f "$ROOT/tests/lab/report.awk" "$BATS_TEST_TMPDIR/guests" "$BATS_TEST_TMPDIR"
}

kills() { # N VERDICT
	local i
	for ((i = 0; i < $1; i++)); do
		echo "kill sysrq $i 1 $2 10 11 5"
	done
}

@test "all right passes, score comparisons are summed up" {
	guest 6.1-v2-sysrq begin 'score sysrq 0 1 50 0' 'score sysrq 1 1 51 0' "$(kills 2 right)" end
	report
	assert_success
	assert_line --regexp '^6\.1 v2 sysrq +2 +2 +0 +0 +0 +101 +0'
	assert_line '2 passed, 0 failed'
}

@test "a wrong kill fails and is shown with its detail" {
	guest 6.1-v2-sysrq begin "$(kills 3 right)" "$(kills 1 wrong)" 'detail said 10 x' end
	report
	assert_failure 1
	assert_line '6.1-v2-sysrq: kill sysrq 0 1 wrong 10 11 5'
	assert_line '6.1-v2-sysrq: detail said 10 x'
	assert_line '3 passed, 1 failed'
}

@test "nobody killed, a score that differs and a guest without an end fail" {
	guest 6.1-v2-sysrq begin "$(kills 1 none)" end
	guest 6.1-v2-global begin 'score global 0 1 50 2' "$(kills 1 right)" end
	guest 7.2-v2-swap begin "$(kills 1 right)"
	report
	assert_failure 1
	assert_line --regexp 'the guest did not come to its end$'
	assert_line '2 passed, 4 failed'
}

@test "near ones pass up to two of a hundred of a mode" {
	guest 6.1-v2-sysrq begin "$(kills 98 right)" "$(kills 2 near)" end
	report
	assert_success
	assert_line '100 passed, 0 failed'
	guest 6.1-v2-memcg begin "$(kills 2 right)" "$(kills 1 near)" end
	report
	assert_success
	guest 6.1-v2-global begin "$(kills 97 right)" "$(kills 3 near)" end
	report
	assert_failure 1
	assert_line '200 passed, 3 failed'
}

@test "a kernel that cannot be had fails, and so does a table with nothing in it" {
	guest 6.1-v2-sysrq begin "$(kills 1 right)" end
	touch "$BATS_TEST_TMPDIR/7.2.missing"
	report
	assert_failure 1
	assert_line --regexp '^7\.2 +cannot be had from the mirror'
	assert_line '1 passed, 1 failed'
	rm "$BATS_TEST_TMPDIR/7.2.missing"
	: >"$BATS_TEST_TMPDIR/guests"
	report
	assert_failure 1
	assert_line '0 passed, 0 failed'
}

@test "a line that was garbled is no success" {
	guest 6.1-v2-sysrq begin "$(kills 1 right)" 'kill sysrq 0 [    4.813870] sysrq: Manual OOM execution' end
	report
	assert_failure 1
	assert_line '1 passed, 1 failed'
}

@test "what a kernel has not got is said and is no failure" {
	guest 6.19-v2-swap begin 'lacking swap: no swap could be made' end
	guest 6.19-v2-sysrq begin "$(kills 1 right)" end
	report
	assert_success
	assert_line --partial 'lacking swap: no swap could be made'
	assert_line '1 passed, 0 failed'
}

@test "a mode that kills nobody counts what it has looked at" {
	guest 6.1-v2-adj begin 'check adj 0 1 ok root lowers' 'storm adj 0 1 parent 0 100 200 0' \
		'storm adj 0 1 chains 64 300 200 3' 'storm adj 0 1 chains-frozen 0 7 200 0' 'check adj 0 1 ok root raises' end
	report
	assert_success
	assert_line --regexp '^6\.1 v2 adj .* 2 checks, 0 failed; 3 storms, 1000 forks a second, 1 not settled and said so$'
	assert_line '2 passed, 0 failed'
	guest 6.1-v1-adj begin 'check adj 0 1 failed root lowers' 'detail root lowers: exit 77 out <> err <no>' end
	report
	assert_failure 1
	assert_line '6.1-v1-adj: check adj 0 1 failed root lowers'
	assert_line '6.1-v1-adj: detail root lowers: exit 77 out <> err <no>'
	assert_line '2 passed, 1 failed'
}

@test "what parse-log or watch tells otherwise than the guest fails" {
	printf '%s\n' 'watch 7 2 1 1 3' 'parse 9 7 2 1 1 3 5 2 1 1' >"$BATS_TEST_TMPDIR/6.1-v2-sysrq.parse"
	guest 6.1-v2-sysrq begin "$(kills 2 right)" end
	report
	assert_failure 1
	assert_line --regexp '^6\.1 v2 sysrq +2 +2 +0 +0 +0 +0 +0 +9 +8 +5 +2 +1 +7 +3 +4$'
	# 2 lost, 1 invented, 1 constraint, 3 rows, 1 not in the log, 1 that is judged otherwise; of watch 2 lost, 1 extra, 1 gap.
	assert_line '2 passed, 13 failed'
	: >"$BATS_TEST_TMPDIR/6.1-v2-sysrq.parse"
	report
	assert_failure 1
	assert_line '6.1-v2-sysrq: the log was not read'
}

# check: what check-log says of the log, the watch and the words of a guest in $DIR.
check() {
	run "$ROOT/tests/lab/check-log" "${PARSER:-$OOMKIT}" "$BATS_TEST_TMPDIR/log" "$BATS_TEST_TMPDIR/out"
}

# watched PID[/SOURCE]...: whom watch told; heard by the log and the trace, unless it is said.
watched() {
	local pid sources
	for pid; do
		sources='"kmsg", "tracefs"'
		[[ $pid != */* ]] || sources="\"${pid#*/}\""
		printf '{"event": "oom_kill", "pid": %d, "sources": [%s]}\n' "${pid%/*}" "$sources"
	done >"$BATS_TEST_TMPDIR/log.watch"
}

# A guest in whose log two are killed, 114 and 116; words: what it says besides.
killed_two() {
	# As /dev/kmsg has it.
	sed -E 's/^<([0-9])>\[ *([0-9]+)\.([0-9]+)\] /\1,1,\2\3,-;/' "$(machine 7.2.12-v2)/klog-memcg" >"$BATS_TEST_TMPDIR/log.kmsg"
	printf '%s\n' 'logged 114' 'kill memcg 0.0 1 right 114 114 0 114 memcg' 'logged 116' \
		'kill memcg 0.1 1 right 116 116 0 116 memcg' "$@" >"$BATS_TEST_TMPDIR/out"
	watched 116 114
}

# A program that tells what parse-log does, but each kill twice, or without the last one.
parser_that() {
	PARSER=$BATS_TEST_TMPDIR/parser
	printf '#!/bin/sh\n"%s" "$@" | jq "%s"\n' "$OOMKIT" "$1" >"$PARSER"
	chmod +x "$PARSER"
}

@test "check-log: what a log holds, and what parse-log and watch tell of it" {
	killed_two
	check
	assert_line --index 0 'watch 2 0 0 0 0'
	assert_line --index 1 --regexp '^parse 2 2 0 0 0 0 [0-9]+ [0-9]+ 0 0$'
	killed_two 'marked 114' 'marked 116' 'counted 2'
	check
	assert_line --index 0 'watch 2 0 0 0 0'
	assert_line --index 1 --regexp '^parse 2 2 0 0 0 0 [0-9]+ [0-9]+ 0 0$'
	sed -i 's/114 memcg$/114 none/' "$BATS_TEST_TMPDIR/out"
	check
	assert_line --partial 'says constraint memcg of: kill memcg'
	assert_line --regexp '^parse 2 2 0 0 1 0 '
}

@test "check-log: what watch tells twice, does not tell, or tells of nobody" {
	killed_two 'marked 114' 'marked 116' 'counted 2'
	watched 114 116 114
	check
	assert_line 'detail watch told of 114'
	assert_line 'watch 3 0 1 0 0'
	watched 116
	echo '{"event": "gap"}' >>"$BATS_TEST_TMPDIR/log.watch"
	check
	assert_line 'detail watch did not tell of 114'
	assert_line 'watch 1 1 0 1 0'
	watched 114 116 99999/tracefs
	check
	assert_line 'detail watch told of 99999'
	assert_line 'watch 3 0 1 0 1'
}

@test "check-log: whoever is ending already has no line in the log, and the trace has to have it" {
	killed_two 'marked 114' 'marked 120' 'marked 116' 'counted 2'
	watched 116 120/tracefs 114
	check
	assert_line 'watch 3 0 0 0 1'
	watched 116 114
	check
	assert_line 'detail watch did not tell of 120'
	assert_line 'watch 2 1 0 0 0'
	# Where the guest was lost before it could say so, the log alone decides.
	sed -i '/^marked\|^counted/d' "$BATS_TEST_TMPDIR/out"
	watched 116 120/tracefs 114
	check
	assert_line 'watch 3 0 0 0 1'
	watched 116 120/kmsg 114
	check
	assert_line 'watch 3 0 1 0 1'
}

@test "check-log: what parse-log tells twice, does not tell, or in another order" {
	killed_two
	parser_that '.events |= map(.killed |= (. + .))'
	check
	assert_line --regexp '^parse 2 2 0 2 0 0 '
	parser_that '.events |= .[:-1]'
	check
	assert_line 'detail parse-log does not tell of 116'
	assert_line --regexp '^parse 2 1 1 0 0 '
	parser_that '.events |= reverse'
	check
	assert_line --regexp '^parse 2 1 1 1 '
}

@test "check-log: a log that has lost a kill" {
	killed_two 'marked 114' 'marked 116' 'marked 118' 'counted 3'
	check
	assert_line 'detail the kernel counted 3 kills, the log has 2'
	assert_line --regexp '^parse 2 2 0 0 0 0 [0-9]+ [0-9]+ 0 1$'
	killed_two 'logged 118'
	check
	assert_line 'detail the log that was kept lacks 118'
	assert_line --regexp '^parse 2 2 0 0 0 0 [0-9]+ [0-9]+ 0 1$'
}

@test "sum: several runs in one table, a guest without its end among them" {
	local one=$BATS_TEST_TMPDIR/one two=$BATS_TEST_TMPDIR/two
	mkdir "$one" "$two"
	for dir in "$one" "$two"; do
		{
			echo begin
			kills 3 right
			echo end
		} >"$dir/6.1-v2-sysrq.out"
		printf '%s\n' 'watch 3 0 0 0 0' 'parse 3 3 0 0 0 0 2 1 0 0' >"$dir/6.1-v2-sysrq.parse"
	done
	cp "$two/6.1-v2-sysrq.out" "$two/6.1-v1-memcg1.out"
	cp "$two/6.1-v2-sysrq.parse" "$two/6.1-v1-memcg1.parse"
	# Still running.
	echo begin >"$two/5.10-v2-swap.out"
	run "$ROOT/tests/lab/sum" "$one" "$two"
	assert_success
	assert_line --regexp '^6\.1 v2 sysrq +6 +6 +0 +0 +0 +0 +0 +6 +0 +4 +2 +0 +6 +0 +0$'
	assert_line --regexp '^6\.1 v1 memcg1 +3 '
	assert_line '9 passed, 0 failed'
	sed -i '$d' "$two/6.1-v2-sysrq.out"
	run "$ROOT/tests/lab/sum" "$one" "$two"
	assert_failure 1
	assert_line --regexp 'the guest did not come to its end$'
}
