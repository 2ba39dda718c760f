#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # run sets status, output, stderr; each test is a subshell
# The running kernel as the measure: its oom_score for every process here, and whom it really kills.

load helper
load cgroups
load fixtures/derived

setup_file() {
	POPULATION=$(program population)
	VICTIMS=$(program victims)
	REBORN=$(program reborn)
	export POPULATION VICTIMS REBORN
}

teardown() {
	populate_end
	[[ -z ${own_cgroup-} ]] || remove_cgroup "$own_cgroup"
}

# populate COUNT OPTION...: so many processes, settled; their list is $members.
populate() {
	local word
	members=$BATS_TEST_TMPDIR/members
	coproc KEEPER { exec "$POPULATION" --count "$@" --list "$members" 3>&-; }
	read -r -t 60 word keeper _ <&"${KEEPER[0]}"
	[[ $word == ready ]]
}

populate_end() {
	[[ -n ${KEEPER_PID-} ]] || return 0
	local pid=$KEEPER_PID
	kill "$pid" 2>/dev/null || true
	wait "$pid" 2>/dev/null || true
}

member_of_kind() { # KIND: the first pid of it
	awk -v kind="$1" '$2 == kind { print $1; exit }' "$members"
}

# ---------------------------------------------------------------- the score

@test "the model says what this kernel says of every process" {
	need oom_score
	ends 0 score --check
	ok score -J
	is '[.processes[] | select(.oom_score != null and .model_score != null and .oom_score != .model_score)]' '[]'
	is '[.processes[] | select(.pid == 1)] | length' 1
}

@test "and of a thousand odd ones, five times" {
	need oom_score
	local seed pass
	# One population is looked at again and again; there are others where time is no matter.
	for seed in 1 ${OOMKIT_THOROUGH:+2 3 4 5}; do
		populate 1000 --kind mixed --seed "$seed"
		for pass in 1 2 3 4 5; do
			ends 0 score --check
		done
		populate_end
	done
}

@test "each kind of process has its fate, and the kernel's score" {
	need oom_score
	local kind pid want
	populate 300 --kind mixed --seed 7
	ok score -J
	cp /dev/null "$BATS_TEST_TMPDIR/seen"
	for kind in plain:killable threads:killable zombie-leader:killable zombie:no_mm stopped:killable shared:killable \
		vm-head:killable vm-peer:killable vfork-parent:killable vfork-child:vfork tree:killable; do
		want=${kind#*:}
		pid=$(member_of_kind "${kind%:*}")
		[[ -n $pid ]] || continue
		echo "$kind" >>"$BATS_TEST_TMPDIR/seen"
		is ".processes[] | select(.pid == $pid) | .fate" "\"$want\""
		is ".processes[] | select(.pid == $pid) | .oom_score == .model_score" true
	done
	# The seed holds nearly all of them.
	(($(wc -l <"$BATS_TEST_TMPDIR/seen") >= 9))
}

@test "explain and the kernel agree, and two processes with one mm die together" {
	need oom_score
	local pid head peer some
	populate 200 --kind mixed --seed 3
	mapfile -t some < <(awk 'NR % 8 == 0 { print $1 }' "$members")
	for pid in "${some[@]}"; do
		ok explain -J "$pid"
		is .agrees true
		is '(.process.fate != "killable") or ([.factors[].pages] | add) == .badness' true
	done
	head=$(member_of_kind vm-head)
	peer=$(member_of_kind vm-peer)
	[[ -n $head && -n $peer ]]
	ok rank -J "$head"
	is ".processes[] | .killed_with | index($peer) != null" true
	# A vfork child cannot be chosen, so that it is none of the few that are read for the first rows: it is found all
	# the same.
	head=$(member_of_kind vfork-parent)
	peer=$(member_of_kind vfork-child)
	echo 1000 >"/proc/$head/oom_score_adj"
	ok rank -J -N 1
	is ".processes[] | [.pid, (.killed_with | index($peer) != null)]" "[$head,true]"
	ok rank -N 1
	[[ $output == *"With $head ("*") die "*' more: they share its memory.'* ]]
}

@test "what one of two processes with one mm would get, the other would too, as the kernel does it" {
	local head peer before
	populate 200 --kind mixed --seed 3
	head=$(member_of_kind vm-head)
	peer=$(member_of_kind vm-peer)
	[[ -n $head && -n $peer ]]
	before=$("$OOMKIT" rank -aJ | jq -c "[.processes[] | select(.pid == $peer) | .badness]")
	ok rank -aJ --set "$head=713"
	is "[.processes[] | select(.pid == $head or .pid == $peer) | .oom_score_adj] | unique" '[713]'
	ok rank -aJ --set "$head=713" --kernel 4.7
	is "[.processes[] | select(.pid == $peer) | .oom_score_adj] == [713]" false
	ok rank -aJ --grow "$head=64M"
	is "[.processes[] | select(.pid == $peer) | .badness - ${before}[0]]" '[16384]'
	# Really: 4.8 and later, which every kernel of today is.
	echo 713 >"/proc/$head/oom_score_adj"
	[[ $(<"/proc/$peer/oom_score_adj") == 713 ]]
}

@test "equal badness: the youngest stands first" {
	local old
	populate 60
	ok rank -a -J
	# Start times are compared as the kernel's task list has them: fork order. Of our own members alone: the pid of
	# anybody else may be another's by the time that we look.
	jq -r '.processes[] | select(.fate == "killable") | "\(.badness) \(.pid)"' <<<"$output" |
		awk 'NR == FNR { ours[$1]; next } $2 in ours' "$members" - |
		while read -r badness pid; do
			printf '%s %s %s\n' "$badness" "$(sed 's/.*) //' "/proc/$pid/stat" | cut -d ' ' -f 20)" "$pid"
		done >"$BATS_TEST_TMPDIR/got"
	(($(wc -l <"$BATS_TEST_TMPDIR/got") >= 60))
	sort -k 1,1nr -k 2,2nr -k 3,3nr "$BATS_TEST_TMPDIR/got" | diff -u - "$BATS_TEST_TMPDIR/got"
	# Most of them are equal.
	(($(cut -d ' ' -f 1 "$BATS_TEST_TMPDIR/got" | sort | uniq -c | sort -nr | awk '{ print $1; exit }') > 10))
}

@test "processes that come and go do no harm" {
	need oom_score
	local turn
	populate 200 --kind mixed --churn --seed 5
	for ((turn = 0; turn < 15; turn++)); do
		ends 0 score --check
		ok rank -N 5 -J
		is '.processes | length' 5
		is '[.processes[] | select(.fate == "killable" and .badness == null)]' '[]'
		ok explain -J
		is '.victim.pid > 1' true
	done
}

@test "a process that dies between the listing and the reading is left out" {
	local turn pid
	for ((turn = 0; turn < 20; turn++)); do
		sleep 0.0$((turn % 5)) &
		pid=$!
		ok score -J
		wait "$pid"
		is "[.processes[] | select(.pid == $pid and .oom_score != .model_score)]" '[]'
	done
}

# reused FILE ARG...: oomkit, in whose sight the process $pid ends and another one takes its pid, between its reads of the
# other files and that of FILE. It waits for so long before that file; where the new process was not ready by then, as on a
# machine that has much else to do, the whole is done again with a longer wait.
reused() {
	local delay
	for delay in 1500000 5000000 20000000; do
		! reused_within $delay "$@" || return 0
	done
	echo "no process had taken the pid within $delay microseconds"
	return 1
}

reused_within() { # MICROSECONDS FILE ARG...: returns 1 where the new process came too late
	local delay=$1 file=$2 new turn late=0
	shift 2
	sleep 1000 3>&- &
	pid=$!
	traced -qq -f -o "$BATS_TEST_TMPDIR/trace" -e trace=openat -e inject=openat:delay_enter="$delay" \
		-P "$pid/$file" -P "$file" "$OOMKIT" "$@" "$pid" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
	reader=$!
	# It has come to the file when it sleeps before it.
	for ((turn = 0; turn < 1000; turn++)); do
		! grep -q "$file" "$BATS_TEST_TMPDIR/trace" 2>/dev/null || break
		sleep 0.01
	done
	((turn < 1000)) || late=1
	kill -KILL $pid
	wait $pid || true
	"$REBORN" "$pid" sh -c 'echo 700 >/proc/self/oom_score_adj; exec tail -f /dev/null' 3>&- &
	new=$!
	for ((turn = 0; turn < 1000; turn++)); do
		[[ $(cat "/proc/$pid/comm" 2>/dev/null) != tail ]] || break
		sleep 0.01
	done
	((turn < 1000)) || late=1
	# The trace has the end of a call when it is over.
	! grep -q "$file.* = " "$BATS_TEST_TMPDIR/trace" || late=1
	status=0
	wait $reader || status=$?
	kill -KILL $pid
	wait $new || true
	output=$(<"$BATS_TEST_TMPDIR/out")
	stderr=$(<"$BATS_TEST_TMPDIR/err")
	rm "$BATS_TEST_TMPDIR/trace"
	return $late
}

@test "a pid that is reused between two reads: no row is made of two processes" {
	need root strace plain_build chosen_pid
	local pid reader
	reused cmdline rank -J
	# Either of them, in part or in full, or none.
	holds '[.processes[] | [.comm, (.cmdline // "" | split(" ")[0] // "")]
		| . == ["sleep", "sleep"] or . == ["tail", "tail"] or .[1] == ""] | all' || ((status == 1))
	reused status score -J
	holds '[.processes[] | [.comm, .oom_score_adj] | . == ["sleep", 0] or . == ["tail", 700] or .[1] == null] | all' ||
		((status == 1))
	reused oom_score_adj score -J
	holds '[.processes[] | [.comm, .oom_score_adj] | . == ["sleep", 0] or . == ["tail", 700] or .[1] == null] | all' ||
		((status == 1))
}

@test "a pid beyond 200,000" {
	need root big_pid
	local pid
	echo 200000 >/proc/sys/kernel/ns_last_pid
	sleep 100 &
	pid=$!
	((pid > 200000)) || skip 'pids do not go beyond 200,000 here'
	ok score -J "$pid"
	is '.processes[] | [.pid, .comm, .fate]' "[$pid,\"sleep\",\"killable\"]"
	is '.processes[] | .oom_score == .model_score' true
	kill $pid
}

@test "odd names of living processes" {
	need oom_score
	populate 120 --kind mixed --seed 11
	ok score -J
	iconv -f UTF-8 -t UTF-8 <<<"$output" >/dev/null
	ok rank -a
	! grep -qP '[\x00-\x08\x0b-\x1f\x7f]' <<<"$output" || false
}

@test "oomkit is not among those that may die: it is gone by then" {
	ok rank -a -J
	is '[.processes[] | select((.cmdline // "") | test("rank -a -J$"))]' '[]'
	ok rank -J -N 3
	is '.processes | length' 3
	# Alone in a pid namespace it is all that there is.
	need mount_namespace pid_namespace
	run --separate-stderr unshare --pid --fork --mount-proc "$OOMKIT" rank -J
	assert_success
	is '[.processes[].pid]' '[1]'
}

@test "oomkit never means itself by a pattern" {
	# Under a name that nobody else bears.
	local name=self$$x$RANDOM
	cp "$OOMKIT" "$BATS_TEST_TMPDIR/$name"
	OOMKIT=$BATS_TEST_TMPDIR/$name
	ends 1 score -x "${name:0:15}"
	ends 1 score "$name"
	ends 1 score --comm "^${name:0:10}"
	ends 1 score --full "$name"
	ok score -A -J
	is "[.processes[] | select(.comm == \"${name:0:15}\")]" '[]'
}

@test "oomkit knows itself in the /proc of another pid namespace, where getpid() is another's" {
	need pid_namespace
	local name=self$$x$RANDOM
	cp "$OOMKIT" "$BATS_TEST_TMPDIR/$name"
	run --separate-stderr unshare --pid --fork "$BATS_TEST_TMPDIR/$name" score "$name"
	((status == 1))
	run --separate-stderr unshare --pid --fork "$BATS_TEST_TMPDIR/$name" rank -a -J
	assert_success
	is "[.processes[] | select(.comm == \"${name:0:15}\")]" '[]'
	holds '.processes | length > 1'
}

@test "targets of living processes: pid, list, user, name" {
	sleep 100 &
	ok score -J -p "$!,$$"
	is '[.processes[].pid] | sort' "$(printf '%s\n' "$!" "$$" | sort -n | jq -cs .)"
	ok score -J "$!"
	is '.processes[0] | [.pid, .comm]' "[$!,\"sleep\"]"
	ok rank -a -J -u "$(id -u)"
	is "[.processes[] | select(.pid == $!)] | length" 1
	is "[.processes[].uid] | unique" "[$(id -u)]"
	kill $!
}

@test "what-ifs change nothing" {
	local adj
	sleep 100 &
	adj=$(<"/proc/$!/oom_score_adj")
	ok rank -J -N 1 --set "$!=1000"
	is '.processes[0].pid' "$!"
	[[ $(<"/proc/$!/oom_score_adj") == "$adj" ]]
	ok rank -J --grow "$!=1T" -N 1
	is '.processes[0].pid' "$!"
	kill $!
}

# ---------------------------------------------------------------- whom the kernel kills

# round COUNT SEED...: fills a cgroup, asks rank, and sees whom the kernel takes.
round() {
	local line word pid expected fill
	make_cgroup
	coproc FILL { exec "$VICTIMS" "$own_cgroup" "$@" 3>&-; }
	fill=$FILL_PID
	while read -r -t 30 line <&"${FILL[0]}" && [[ $line != ready ]]; do
		:
	done
	[[ $line == ready ]]
	ok rank -J -N 1 --scope "$own_path"
	expected=$(jq -r '.processes[0].pid' <<<"$output")
	echo go >&"${FILL[1]}"
	read -r -t 30 word pid <&"${FILL[0]}"
	[[ $word == killed ]]
	wait "$fill"
	remove_cgroup "$own_cgroup"
	own_cgroup=
	if [[ $pid != "$expected" ]]; then
		printf 'round %s: rank said %s, the kernel killed %s\n%s\n' "$*" "$expected" "$pid" "$output" >&2
		return 1
	fi
}

@test "a memory cgroup's OOM takes the process that rank --scope has said: ten random rounds" {
	need root memory_cgroup own_memory_cgroup kmsg
	local seed
	for seed in 1 2 3 4 5 6 7 8 9 10; do
		round $((3 + seed % 5)) $seed
	done
}

@test "and among equals, the one that rank --scope puts first" {
	need root memory_cgroup own_memory_cgroup kmsg
	round 4 1 equal
	round 6 2 equal
}

@test "the scope of a living cgroup: its limit is the denominator, its members the candidates" {
	need root memory_cgroup own_memory_cgroup
	local size=67108864
	make_cgroup
	if [[ -e $own_cgroup/memory.max ]]; then
		echo 0 >"$own_cgroup/memory.swap.max" || true
		echo $size >"$own_cgroup/memory.max"
	else
		echo 0 >"$own_cgroup/memory.swappiness"
		echo $size >"$own_cgroup/memory.limit_in_bytes"
	fi
	sh -c 'echo 0 >"$1/cgroup.procs"; exec sleep 100' - "$own_cgroup" &
	while ! grep -q sleep "/proc/$!/comm"; do sleep 0.01; done
	ok rank -a -J --scope "$own_path"
	is '.scope | [.constraint, .where, .total_pages * .page_size]' "[\"memcg\",\"$own_path\",$size]"
	is '[.processes[] | select(.fate == "killable") | .pid]' "[$!]"
	ok rank -a -J --scope "$own_cgroup"
	is '[.processes[] | select(.fate == "killable") | .pid]' "[$!]"
	ok rank -a -J --scope "$!"
	is .scope.where "\"$own_path\""
	kill $!
	wait $! || true
	remove_cgroup "$own_cgroup"
	own_cgroup=
}

# ---------------------------------------------------------------- what cannot be seen

# hidden HIDEPID ARG...: oomkit as a user without rights, in a /proc of its own where root's processes are hidden.
hidden() {
	local dir
	dir=$(mktemp -d "${TMPDIR:-/tmp}/oomkit-hidden.XXXXXX")
	chmod 755 "$dir"
	install -m 755 "$OOMKIT" "$dir/oomkit"
	run --separate-stderr timeout 20 unshare --mount --pid --fork sh -c '
		hidepid=$1 program=$2
		shift 2
		mount -t proc -o "hidepid=$hidepid" proc /proc
		sleep 100 & root=$!
		setpriv --reuid 65534 --regid 65534 --clear-groups sleep 100 & own=$!
		while ! grep -q sleep "/proc/$own/comm" || ! grep -q sleep "/proc/$root/comm"; do sleep 0.01; done
		echo "$root $own" >&2
		cd /
		setpriv --reuid 65534 --regid 65534 --clear-groups "$program" "$@"
		status=$?
		kill "$root" "$own"
		exit "$status"
	' - "$1" "$dir/oomkit" "${@:2}"
	rm -r "$dir"
	read -r root_pid own_pid <<<"${stderr_lines[0]}"
	stderr=${stderr#*$'\n'}
}

@test "hidepid=2: who is hidden is not guessed, and it is said that somebody is" {
	need root hidepid setpriv
	local root_pid own_pid
	hidden 2 score -J
	((status == 0))
	is "[.processes[] | select(.pid == $own_pid) | .oom_score == .model_score, .fate]" '[true,"killable"]'
	is "[.processes[] | select(.pid == $root_pid or .pid == 1)]" '[]'
	[[ $stderr == *hidepid* ]]
	hidden 2 rank -a -J
	((status == 0))
	is "[.processes[] | select(.pid == $own_pid) | .fate]" '["killable"]'
	[[ $stderr == *hidepid* ]]
}

@test "hidepid=2: of a process that is hidden it is not said that there is none" {
	need root hidepid setpriv
	local root_pid own_pid command
	for command in "score 1" "adj 1" "adj -n 5 1" "rank --comm no-such-name"; do
		# shellcheck disable=SC2086
		hidden 2 $command
		((status == 1))
		[[ $stderr == *'or it is hidden'*hidepid* ]]
	done
	hidden 0 score 4194303
	((status == 1))
	[[ $stderr == *': no such process' ]]
}

@test "hidepid=1: rows without numbers, never a wrong one" {
	need root hidepid setpriv
	local root_pid own_pid
	hidden 1 score -J
	((status == 0))
	is "[.processes[] | select(.pid == $own_pid) | .oom_score == .model_score, .fate]" '[true,"killable"]'
	is "[.processes[] | select(.pid == $root_pid) | .fate, .oom_score, .model_score, .badness]" '["unknown",null,null,null]'
	[[ $stderr == *hidepid* ]]
	hidden 1 rank -a -J
	((status == 0))
	is "[.processes[] | select(.pid == $root_pid) | .fate, .badness, .oom_score, .rank, .rss]" \
		'["unknown",null,null,null,null]'
	hidden 1 score -r "$root_pid"
	[[ $output != 0 ]]
}

@test "in a pid namespace pid 1 can be killed" {
	need mount_namespace pid_namespace oom_score
	run --separate-stderr unshare --pid --fork --mount-proc "$OOMKIT" score -J
	((status == 0))
	is '[.processes[] | [.pid, .fate, .oom_score == .model_score]]' '[[1,"killable",true]]'
}

@test "another user's processes are read as far as one may" {
	need root setpriv oom_score
	local dir
	dir=$(mktemp -d "${TMPDIR:-/tmp}/oomkit-user.XXXXXX")
	chmod 755 "$dir"
	install -m 755 "$OOMKIT" "$dir/oomkit"
	cd /
	run --separate-stderr setpriv --reuid 65534 --regid 65534 --clear-groups "$dir/oomkit" score --check
	rm -r "$dir"
	((status == 0))
}

@test "who shares the memory of another cannot be told by everybody: unknown, not nobody" {
	need root setpriv
	local dir head
	populate 120 --kind mixed --seed 3
	head=$(member_of_kind vm-head)
	[[ -n $head ]]
	dir=$(mktemp -d "${TMPDIR:-/tmp}/oomkit-user.XXXXXX")
	chmod 755 "$dir"
	install -m 755 "$OOMKIT" "$dir/oomkit"
	cd /
	run --separate-stderr setpriv --reuid 65534 --regid 65534 --clear-groups "$dir/oomkit" rank -J "$head"
	rm -r "$dir"
	((status == 0))
	is '[.processes[].killed_with]' '[null]'
}

@test "a root without /proc: said in one line, exit 2" {
	need root
	local dir=$BATS_TEST_TMPDIR/bare lib
	mkdir -p "$dir/bin"
	install -m 755 "$OOMKIT" "$dir/bin/oomkit"
	for lib in $(ldd "$OOMKIT" 2>/dev/null | grep -oE '/[^ ]+'); do
		mkdir -p "$dir${lib%/*}"
		cp -L "$lib" "$dir$lib"
	done
	run --separate-stderr chroot "$dir" /bin/oomkit score
	((status == 2))
	[[ -z $output && ${#stderr_lines[@]} == 1 && $stderr == *proc* ]]
	mkdir "$dir/proc"
	run --separate-stderr chroot "$dir" /bin/oomkit rank
	((status == 2))
	[[ -z $output && $stderr == *proc* ]]
}
