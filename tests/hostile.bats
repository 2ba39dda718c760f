#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC1003,SC2030,SC2031,SC2059,SC2154 # run sets output; each test is a subshell; formats are made here
# Whoever may choose a name may put anything into it: all bytes in the names of processes, command lines, cgroups, users
# and logs, with sequences that a terminal acts upon. None of them leaves oomkit, by any command in any format.

load helper
load fixtures/derived
load fixtures/hostile

setup_file() {
	local from root pid=20 chunk='' n at=0
	from=$(derived small)
	root=$BATS_FILE_TMPDIR/machine
	cp -a "$from" "$root"
	# All bytes that a name can have, fifteen a process, as the kernel writes them: newline and backslash are escaped.
	for ((n = 1; n < 256; n++)); do
		case $n in
		10) chunk+='\\n' ;;
		92) chunk+='\\\\' ;;
		*) chunk+=$(printf '\\%03o' "$n") ;;
		esac
		if ((++at == 15 || n == 255)); then
			process "$root" $pid "$chunk"
			chunk='' at=0 pid=$((pid + 1))
		fi
	done
	process "$root" 50 '\033]0;x\007\033[31m\302\2331'
	process "$root" 51 '\342\200\256z\342\201\246\233m\177'
	mkdir "$root/etc"
	printf "ro$evil:x:33:33::/:/bin/sh\n" >"$root/etc/passwd"
	cgroup "$root"
	export MACHINE=$root
}

process() { # ROOT PID NAME (a format of printf)
	local dir=$1/proc/$2
	cp -a "$1/proc/11" "$dir"
	{
		printf '%d (' "$2"
		printf "$3"
		printf ')%s\n' "$(sed 's/^[^)]*)//' "$1/proc/11/stat")"
	} >"$dir/stat"
	{
		printf 'Name:\t'
		printf "$3"
		printf '\n'
		sed -e 1d -e "s/^\(Tgid\|Pid\|Ngid\):.*/\1:\t$2/" "$1/proc/11/status"
	} >"$dir/status"
	printf "$3" >"$dir/comm"
	printf "/bin/$3$evil\0--arg=\n$evil\0" >"$dir/cmdline"
}

# A cgroup with such a name, and a process in it.
cgroup() { # ROOT
	local name path=$1/sys/fs/cgroup
	name=$(printf "$evil")
	cp -a "$path/web" "$path/$name"
	printf "0::/$evil\n" >"$1/proc/50/cgroup"
	printf '50\n' >"$path/$name/cgroup.procs"
}

# says ARG...: `oomkit ARG...` ends in order, and both its outputs are clean.
says() {
	local status=0 out=$BATS_TEST_TMPDIR/out err=$BATS_TEST_TMPDIR/err
	"$OOMKIT" "$@" >"$out" 2>"$err" || status=$?
	printf '%q ' "$@"
	printf ': %d, %d bytes\n' $status "$(wc -c <"$out")"
	((status < 124)) && clean "$out" && clean "$err" || return 1
	said=$((said + (status == 0)))
	case " $* " in
	*' json '* | *' ndjson '*) ((status != 0)) || jq -e . "$out" >/dev/null || return 1 ;;
	# As many fields in each line: a tab of a name is none.
	*' tsv '*) [[ $(awk -F '\t' '{ print NF }' "$out" | sort -u | wc -l) -le 1 ]] || return 1 ;;
	esac
}

@test "every command and format, of a machine with such names" {
	local format said=0
	for format in table json ndjson csv tsv prom; do
		says score --format $format --root "$MACHINE"
		says score -O --format $format --root "$MACHINE"
		says rank -a --format $format --root "$MACHINE"
		says rank -a -O --format $format --root "$MACHINE"
		says rank --by cgroup --format $format --root "$MACHINE"
		says rank --by user --format $format --root "$MACHINE"
		says rank --kills 3 --format $format --root "$MACHINE"
		says cgroup --format $format --root "$MACHINE"
		says cgroup -O --victims --format $format --root "$MACHINE"
		says adj -A --format $format --root "$MACHINE"
	done
	for format in table json; do
		says explain --format $format --root "$MACHINE"
		for pid in 20 21 30 37 50 51; do
			says explain --format $format --root "$MACHINE" $pid
		done
	done
	# Most of these commands have most of the formats.
	((said > 60))
}

@test "colours are our own and nothing else" {
	local command
	for command in score 'rank -a' 'explain 50' cgroup; do
		# shellcheck disable=SC2086
		"$OOMKIT" $command --color always --root "$MACHINE" | sed 's/\x1b\[[0-9;]*m//g' >"$BATS_TEST_TMPDIR/out"
		[[ -s $BATS_TEST_TMPDIR/out ]]
		clean "$BATS_TEST_TMPDIR/out"
	done
}

@test "messages name such arguments harmlessly" {
	local arg said=0
	arg=$(printf "$evil")
	says score --root "$MACHINE" "$arg"
	says rank --root "$MACHINE" --user "$arg"
	says rank --root "$MACHINE" --sort "$arg"
	says rank --root "$MACHINE" -o "$arg"
	says explain --root "$MACHINE" --cgroup "/$arg"
	says adj --root "$MACHINE" -n "$arg" 50
	says protect --root "$MACHINE" --check "$arg"
	says parse-log "$BATS_TEST_TMPDIR/$arg"
	says cgroup --root "$MACHINE" "/$arg"
	says "$arg"
	says help "$arg"
	says --root "/$arg" score
}

# One event after the other: its names hold all bytes but newline, and the sequences.
hostile_log() {
	local n at=0 chunk='' i=1
	for ((n = 1; n <= 256; n++)); do
		((n == 10)) || chunk+=$(printf '\\%03o' $((n & 255)))
		((++at == 15 || n == 256)) || continue
		printf "[%5d.000001] $chunk invoked oom-killer: gfp_mask=0xcc0($evil), order=0, oom_score_adj=0\n" "${i}000"
		printf '[%5d.000002] CPU: 0 PID: 7 Comm: x Not tainted 6.1.0%b-amd64 #1\n' "${i}000" "$chunk"
		printf '[%5d.000003] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n' "${i}000"
		printf "[%5d.000004] [      7]     0     7        2        1     4096        0             5 $chunk\n" "${i}000"
		printf "[%5d.000005] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=$evil,cpuset=$evil,mems_allowed=0,oom_memcg=/$chunk$evil,task_memcg=/$chunk,task=$chunk,pid=7,uid=0\n" "${i}000"
		printf "[%5d.000006] Memory cgroup out of memory: Killed process 7 ($chunk) total-vm:8kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB\n" "${i}000"
		chunk='' at=0 i=$((i + 1))
	done
}

@test "every format of parse-log, of a log with such names" {
	local log=$BATS_TEST_TMPDIR/log format said=0
	hostile_log >"$log"
	for format in table json ndjson csv tsv prom; do
		says parse-log --why --tasks --format $format "$log"
		says parse-log --summary --format $format "$log"
	done
	says parse-log -O --format csv "$log"
	says parse-log -O --format tsv "$log"
	says parse-log --html - "$log"
	((said >= 12))
	"$OOMKIT" parse-log --color always --why --tasks "$log" | sed 's/\x1b\[[0-9;]*m//g' >"$BATS_TEST_TMPDIR/out"
	clean "$BATS_TEST_TMPDIR/out"
	# All of the names were there.
	run -0 "$OOMKIT" parse-log -J "$log"
	(($(jq '.events | length' <<<"$output") >= 17))
}

@test "what is not clean is found" {
	local n
	for n in '\033[31m' '\007' '\177' '\302\233' '\233' '\342\200\256' '\300\200' '\r'; do
		printf "a${n}b\n" >"$BATS_TEST_TMPDIR/out"
		run -1 clean "$BATS_TEST_TMPDIR/out"
	done
	printf 'a\tb \303\274\n' >"$BATS_TEST_TMPDIR/out"
	clean "$BATS_TEST_TMPDIR/out"
}
