#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2013,SC2016,SC2030,SC2031,SC2034,SC2094,SC2154 # run sets status, output, stderr; each test is a subshell
# adj: who has which oom_score_adj, who gets which, who must not, and what is said of it. The processes are the tests'
# own; raising is permitted to everybody, and lowering below the floor to nobody without CAP_SYS_RESOURCE.

load helper

setup() {
	children=()
	cgroups=()
	SLOWED=()
	cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
	local pid dir
	for pid in "${children[@]}"; do
		kill -KILL "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
	done
	[[ ! ${open-} ]] || rm -rf "$open"
	for dir in "${cgroups[@]}"; do
		for pid in $(cat "$dir/cgroup.procs" 2>/dev/null); do
			kill -KILL "$pid" 2>/dev/null
		done
		for _ in $(seq 100); do
			rmdir "$dir" 2>/dev/null && break
			sleep 0.02
		done
	done
	return 0
}

# child NAME [ADJ]: a process of that name that sleeps; sets pid. Its value is raised from what the tests have.
child() {
	ln -sf "$(command -v sleep)" "$BATS_TEST_TMPDIR/$1"
	"$BATS_TEST_TMPDIR/$1" 300 3>&- &
	pid=$!
	children+=("$pid")
	until [[ $(cat "/proc/$pid/comm") == "${1:0:15}" ]]; do sleep 0.01; done
	[[ ! ${2-} ]] || echo "$2" >"/proc/$pid/oom_score_adj"
}

adj_of() {
	cat "/proc/$1/oom_score_adj"
}

# A memory cgroup of our own and, where v1 is mounted, one of the freezer's of the same name; sets cgroup and dirs.
own_cgroup() {
	local kind mount name
	made=$((${made:-0} + 1)) name=oomkit-adj-$BATS_TEST_NUMBER-$made-$$
	cgroup=/$name dirs=()
	for kind in memory freezer; do
		mount=$(sed -nE "s/^[^ ]* [^ ]* [^ ]* \\/ ([^ ]*) .* - cgroup [^ ]* ([^ ]*,)?$kind(,.*)?\$/\\1/p" \
			/proc/self/mountinfo | head -n 1)
		[[ ! $mount ]] || dirs+=("$mount/$name")
	done
	if ((${#dirs[@]} == 0)); then
		mount=$(sed -nE 's/^[^ ]* [^ ]* [^ ]* \/ ([^ ]*) .* - cgroup2 .*/\1/p' /proc/self/mountinfo | head -n 1)
		dirs=("$mount/$name")
	fi
	mkdir "${dirs[@]}" || return 1
	cgroups+=("${dirs[@]}")
}

probe_own_cgroup() {
	reason='no memory cgroup can be made here'
	local cgroup dirs
	((EUID == 0)) && probe_memory_cgroup && own_cgroup 2>/dev/null
}

join() { # PID
	local dir
	for dir in "${dirs[@]}"; do
		echo "$1" >"$dir/cgroup.procs"
	done
}

# ------------------------------------------------------------------ showing

@test "without -n the value is shown, and nothing is changed" {
	child shown 123
	run -0 --separate-stderr "$OOMKIT" adj "$pid"
	assert_equal "$stderr" ''
	assert_line --index 0 --regexp '^ *PID SCORE ADJ COMMAND$'
	assert_line --index 1 --regexp "^ *$pid +[0-9]+ +123 shown\$"
	run -0 "$OOMKIT" adj -J "$pid"
	assert_equal "$(jq -c '[.schema, (.processes[] | .pid, .comm, .oom_score_adj)]' <<<"$output")" \
		"[\"oomkit/adj/1\",$pid,\"shown\",123]"
	assert_equal "$(jq '.processes[0].oom_score' <<<"$output")" "$(cat "/proc/$pid/oom_score")"
	assert_equal "$(adj_of "$pid")" 123
}

@test "every process of a captured machine is shown with what its files say" {
	machine=$(machine 6.1-v2)
	run -0 "$OOMKIT" adj --root "$machine" --format tsv --noheadings -o pid,adj
	[[ ${#lines[@]} -gt 10 ]]
	for line in "${lines[@]}"; do
		read -r pid value <<<"$line"
		assert_equal "$value" "$(cat "$machine/proc/$pid/oom_score_adj")"
	done
}

@test "a target that is not there is named: 1, or 64 where another is" {
	child shown
	run -1 --separate-stderr "$OOMKIT" adj no-such-name
	assert_equal "$stderr" 'oomkit adj: no-such-name: no process matches'
	assert_equal "$output" ''
	run -64 --separate-stderr "$OOMKIT" adj 4194304 "$pid"
	assert_equal "$stderr" 'oomkit adj: 4194304: no such process'
	assert_line --partial shown
}

# ------------------------------------------------------------------ setting

@test "a value is set, silently; -v tells old -> new" {
	child plain 10
	run -0 "$OOMKIT" adj -n 20 "$pid"
	assert_output ''
	assert_equal "$(adj_of "$pid")" 20
	run -0 "$OOMKIT" adj -v --adjust=+30 -p "$pid"
	assert_output "$pid (plain): 20 -> 30"
	run -0 "$OOMKIT" adj -n 30 -v "$pid"
	assert_output "$pid (plain): 30 -> 30"
	run -0 "$OOMKIT" adj -n 40 -q -v "$pid"
	assert_output ''
	assert_equal "$(adj_of "$pid")" 40
	# The value that a later -n gives counts.
	run -0 "$OOMKIT" adj -n 50 -n 60 "$pid"
	assert_equal "$(adj_of "$pid")" 60
}

@test "JSON, CSV and chosen columns tell each change" {
	child first 10
	a=$pid
	child second 60
	run -0 "$OOMKIT" adj -n 60 -J "$a" "$pid"
	assert_equal "$(jq -c '[.schema, .dry_run, (.changes | sort_by(.comm)[] | .comm, .from, .to, .error, .why)]' \
		<<<"$output")" '["oomkit/adj/1",false,"first",10,60,null,"set","second",60,60,null,"same"]'
	run -0 "$OOMKIT" adj -n 70 --format csv -o comm,from,to --sort comm "$a" "$pid"
	assert_output $'comm,from,to\nfirst,60,70\nsecond,60,70'
	run -2 --separate-stderr "$OOMKIT" adj -n 70 -o colour "$a"
	assert_equal "${stderr_lines[0]}" 'oomkit adj: --output colour: no such column (--list-columns shows them)'
}

@test "--dry-run tells and changes nothing" {
	child plain 10
	run -0 "$OOMKIT" adj -n 999 --dry-run "$pid"
	assert_output "$pid (plain): 10 -> 999 (dry run)"
	run -0 "$OOMKIT" adj -n 999 --dry-run -J "$pid"
	assert_equal "$(jq -c '[.dry_run, .changes[0].from, .changes[0].to]' <<<"$output")" '[true,10,999]'
	assert_equal "$(adj_of "$pid")" 10
}

@test "each kind of target sets those that it means and nobody else" {
	need setpriv
	child bystander 5
	bystander=$pid
	child oomkit-by-name 5
	run -0 "$OOMKIT" adj -n 100 -x oomkit-by-name
	assert_equal "$(adj_of "$pid")" 100
	run -0 "$OOMKIT" adj -n 101 oomkit-by-name
	assert_equal "$(adj_of "$pid")" 101
	run -0 "$OOMKIT" adj -n 102 --comm '^oomkit-by-n.me'
	assert_equal "$(adj_of "$pid")" 102
	run -0 "$OOMKIT" adj -n 103 -f "^$BATS_TEST_TMPDIR/oomkit-by-name 300"
	assert_equal "$(adj_of "$pid")" 103
	if ((EUID == 0)); then
		setpriv --reuid 61234 --regid 61234 --clear-groups sleep 300 3>&- &
		user=$!
		children+=("$user")
		until [[ $(cat "/proc/$user/comm") == sleep ]]; do sleep 0.01; done
		run -0 "$OOMKIT" adj -n 104 -u 61234
		assert_equal "$(adj_of "$user")" 104
	fi
	assert_equal "$(adj_of "$bystander")" 5
}

@test "--tree: the process and its descendants" {
	bash -c 'sleep 300 3>&- & bash -c "sleep 300 3>&- & echo ready; wait" & wait' 3>&- >ready &
	top=$!
	children+=("$top")
	until grep -q ready ready; do sleep 0.02; done
	child bystander 5
	mapfile -t all < <(pgrep -P "$top"; pgrep -P "$(pgrep -P "$top" bash)")
	children+=("${all[@]}")
	[[ ${#all[@]} == 3 ]]
	run -0 "$OOMKIT" adj -n 200 --tree "$top"
	for p in "$top" "${all[@]}"; do
		assert_equal "$(adj_of "$p")" 200
	done
	assert_equal "$(adj_of "$pid")" 5
}

@test "--relative: a signed step from what each has" {
	child low 100
	a=$pid
	child high 900
	run -0 "$OOMKIT" adj -v -n +50 --relative "$a" "$pid"
	assert_line "$a (low): 100 -> 150"
	assert_line "$pid (high): 900 -> 950"
	run -64 --separate-stderr "$OOMKIT" adj -v -n 100 --relative "$a" "$pid"
	assert_output "$a (low): 150 -> 250"
	assert_equal "$stderr" "oomkit adj: $pid (high): 950+100 is outside -1000..1000 (--clamp takes the nearest)"
	assert_equal "$(adj_of "$pid")" 950
	run -0 --separate-stderr "$OOMKIT" adj -n 100 --relative --clamp "$pid"
	assert_equal "$stderr" "oomkit adj: $pid (high): 1000 taken for 1050"
	assert_equal "$(adj_of "$pid")" 1000
	# Down again, as far as the floor: what was raised without a right may be lowered without one.
	run -0 "$OOMKIT" adj -v -n -300 --relative "$pid"
	assert_output "$pid (high): 1000 -> 700"
}

@test "a value outside of the range is refused, and nothing is changed; --clamp takes the nearest" {
	child plain 10
	for value in 1001 -1001 99999 -2147483648; do
		run -2 --separate-stderr "$OOMKIT" adj -n "$value" "$pid"
		assert_equal "${stderr_lines[0]}" "oomkit adj: --adjust $value: outside -1000..1000 (--clamp takes the nearest)"
	done
	for value in x '' 1.5 0x10 '1 ' --5 +-5; do
		run -2 --separate-stderr "$OOMKIT" adj "--adjust=$value" "$pid"
		[[ ${stderr_lines[0]} == *': not a number (-1000 to 1000)' ]] || fail "$stderr"
	done
	assert_equal "$(adj_of "$pid")" 10
	run -0 --separate-stderr "$OOMKIT" adj -n 4000 --clamp "$pid"
	assert_equal "$stderr" "oomkit adj: $pid (plain): 1000 taken for 4000"
	assert_equal "$(adj_of "$pid")" 1000
}

@test "what cannot go together is refused with 2" {
	refused() { # TEXT ARGUMENT...
		local text=$1
		shift
		run -2 --separate-stderr "$OOMKIT" adj "$@"
		assert_equal "${stderr_lines[0]}" "oomkit adj: $text"
		assert_equal "$output" ''
	}
	child plain 10
	refused '-n: names nobody (a TARGET, or -- COMMAND)' -n 5
	refused '-n: names nobody (a TARGET, or -- COMMAND)' -n 5 --
	refused 'a command wants a value to run with (-n ADJ -- COMMAND, or --reset -- COMMAND)' -- true
	refused '--reset: wants a command (--reset -- COMMAND)' --reset "$pid"
	refused '--reset: sets 0 itself (not with -n)' --reset -n 5 -- true
	refused "$pid: a target and a command cannot go together" -n 5 "$pid" -- true
	refused '--root: a command runs on this machine alone' --root /nowhere -n 5 -- true
	refused '--dry-run: has no meaning for a command' --dry-run -n 5 -- true
	refused '--relative: has no meaning without a value (-n ADJ)' --relative "$pid"
	refused '--recheck x: not a number of passes (0 to 1000000)' --recheck x -n 5 "$pid"
	refused "--freeze $pid: is no cgroup, unit or container (nothing else can be frozen)" --freeze -n 5 "$pid"
	assert_equal "$(adj_of "$pid")" 10
}

# ------------------------------------------------------------------ never the wrong process

@test "a pattern never matches oomkit, its own pid does not stand in what is changed" {
	# By a name of its own: others may run an oomkit meanwhile.
	name=omk-$$
	child "$name" 5
	mkdir bin
	ln -s "$OOMKIT" "bin/$name"
	run -0 "bin/$name" adj -n 50 -J --comm "^$name\$"
	assert_equal "$(jq -c '[.changes[] | .comm, .pid]' <<<"$output")" "[\"$name\",$pid]"
	run -0 "bin/$name" adj -n 51 -J "$name"
	assert_equal "$(jq -c '[.changes[] | .comm, .pid]' <<<"$output")" "[\"$name\",$pid]"
}

@test "who shares its memory is told, and the kernel changes it along" {
	mkfifo in
	"$(program kin)" share <in >out 3>&- &
	children+=("$!")
	exec 8>in
	until [[ -s out ]]; do sleep 0.02; done
	read -r a b <out
	run -0 --separate-stderr "$OOMKIT" adj -n 400 "$a"
	assert_equal "$stderr" "oomkit adj: $a (kin): shares its memory with $b, which the kernel changes along"
	assert_equal "$(adj_of "$a") $(adj_of "$b")" '400 400'
	run -0 "$OOMKIT" adj -n 500 -J "$b"
	assert_equal "$(jq -c '.changes[] | [.pid, .along]' <<<"${output%$'\n'oomkit*}")" "[$b,[$a]]"
	exec 8>&-
}

@test "a thread's id changes its process, and that is told" {
	mkfifo in
	"$(program kin)" thread <in >out 3>&- &
	children+=("$!")
	exec 8>in
	until [[ -s out ]]; do sleep 0.02; done
	read -r pid tid <out
	run -0 --separate-stderr "$OOMKIT" adj -n 400 "$tid"
	assert_equal "$stderr" "oomkit adj: $tid (kin): a thread of $pid: the value is the whole process's"
	assert_equal "$(adj_of "$pid")" 400
	exec 8>&-
}

@test "a kernel thread is changed by its pid alone" {
	need root
	run -0 "$OOMKIT" adj -n 7 --dry-run -J --comm '^kthreadd$' kthreadd "$$"
	assert_equal "$(jq -c '[.changes[].pid]' <<<"$output")" "[$$]"
	run -0 "$OOMKIT" adj -n 7 --dry-run -J 2
	assert_equal "$(jq -c '[.changes[].pid]' <<<"$output")" '[2]'
}

# ------------------------------------------------------------------ cgroups and storms

@test "a cgroup is set with all that is below it" {
	need root own_cgroup
	own_cgroup
	child inside 5
	inside=$pid
	join "$inside"
	mkdir "${dirs[0]}/below"
	cgroups=("${dirs[0]}/below" "${cgroups[@]}")
	child deeper 5
	echo "$pid" >"${dirs[0]}/below/cgroup.procs"
	deeper=$pid
	child outside 5
	run -0 "$OOMKIT" adj -n 66 "$cgroup"
	assert_output ''
	assert_equal "$(adj_of "$inside") $(adj_of "$deeper") $(adj_of "$pid")" '66 66 5'
	run -0 "$OOMKIT" adj -n 67 --cgroup "$cgroup/below"
	assert_equal "$(adj_of "$inside") $(adj_of "$deeper") $(adj_of "$pid")" '66 67 5'
}

# storm_settles KIND OPTION...: a thousand processes a second are forked in a cgroup while it is set; all of them have the
# value after, or the exit was 64 and named some. KIND: of kin.
storm_settles() {
	local code=0 p value kind=$1 life=40
	shift
	[[ $kind != chains ]] || life=20
	own_cgroup
	rm -f go storm
	mkfifo go
	(read -r _ <go && exec "$(program kin)" "$kind" 60000 "$life") >storm 3>&- &
	children+=("$!")
	join "$!"
	echo >go
	until [[ -s storm ]]; do sleep 0.02; done
	sleep 0.2
	"${SLOWED[@]}" "$OOMKIT" adj -n 77 "$@" "$cgroup" 2>err || code=$?
	for p in $(cat "${dirs[0]}/cgroup.procs"); do
		value=$(cat "/proc/$p/oom_score_adj" 2>/dev/null) || continue
		[[ $value == 77 || $code == 64 ]] || fail "$p has $value, exit $code"
	done
	[[ $code == 0 ]] || { [[ $code == 64 ]] && grep -q "$cgroup: not settled after" err; } || fail "exit $code: $(cat err)"
	SETTLED=$code
	# Whoever comes later has it, too.
	sleep 0.2
	for p in $(cat "${dirs[0]}/cgroup.procs"); do
		value=$(cat "/proc/$p/oom_score_adj" 2>/dev/null) || continue
		[[ $value == 77 || $code == 64 ]] || fail "later $p has $value"
	done
	# The storm ends with whoever began it.
	kill -KILL "${children[-1]}"
	wait "${children[-1]}" || true
}

@test "a storm of forks: all have the value, or 64 names who was last" {
	need root own_cgroup
	storm_settles storm
}

@test "a storm whose processes end before they are read is never taken for settled" {
	need root own_cgroup strace
	# A machine so slow that whoever is listed has ended when it is asked.
	SLOWED=(env ASAN_OPTIONS=detect_leaks=0 strace -qq -o /dev/null -e trace=getdents64
		-e inject=getdents64:delay_exit=30000)
	storm_settles chains
	assert_equal "$SETTLED" 64
	grep -q '; [0-9]* ended unset, and what they had forked may have another value' err
}

@test "a storm in which each process forks the next and ends" {
	need root own_cgroup
	storm_settles chains
	storm_settles chains --freeze
	assert_equal "$SETTLED" 0
}

@test "a storm of forks: with --freeze all have it, and the cgroup runs again" {
	need root own_cgroup
	storm_settles storm --freeze
	assert_equal "$SETTLED" 0
	for dir in "${dirs[@]}"; do
		[[ ! -e $dir/freezer.state ]] || assert_equal "$(cat "$dir/freezer.state")" THAWED
		[[ ! -e $dir/cgroup.freeze ]] || assert_equal "$(cat "$dir/cgroup.freeze")" 0
	done
}

@test "--recheck bounds the passes: what is not settled is 64" {
	need root own_cgroup
	own_cgroup
	child inside 5
	join "$pid"
	# One pass more cannot be two quiet ones behind a change.
	run -64 --separate-stderr "$OOMKIT" adj -n 70 --recheck 1 "$cgroup"
	[[ $stderr == "oomkit adj: $cgroup: not settled after 2 passes: 0 processes were found last (more passes"* ]] ||
		fail "$stderr"
	assert_equal "$(adj_of "$pid")" 70
	run -0 "$OOMKIT" adj -n 71 --recheck 0 "$cgroup"
	run -0 "$OOMKIT" adj -n 72 --recheck 2 "$cgroup"
}

@test "--freeze thaws whatever ends the run, SIGKILL included" {
	need root own_cgroup strace
	own_cgroup
	child inside 5
	join "$pid"
	state=
	for dir in "${dirs[@]}"; do
		[[ ! -e $dir/freezer.state ]] || state=$dir/freezer.state
	done
	[[ $state ]] || state=${dirs[0]}/cgroup.events
	for signal in TERM INT KILL; do
		# Held up while the cgroup is still: at the waits between the passes.
		ASAN_OPTIONS=detect_leaks=0 strace -qq -o /dev/null -e trace=clock_nanosleep -e inject=clock_nanosleep:delay_enter=400000 \
			"$OOMKIT" adj -n "$((RANDOM % 900))" --freeze "$cgroup" 3>&- >/dev/null 2>&1 &
		tracer=$!
		for _ in $(seq 200); do
			grep -qE 'FROZEN|frozen 1' "$state" && break
			sleep 0.01
		done
		grep -qE 'FROZEN|frozen 1' "$state"
		victim=$(pgrep -P "$tracer" -x oomkit)
		kill "-$signal" "$victim"
		wait "$tracer" || true
		for _ in $(seq 100); do
			grep -qE 'THAWED|frozen 0' "$state" && break
			sleep 0.02
		done
		grep -qE 'THAWED|frozen 0' "$state" || fail "$signal: $(cat "$state")"
	done
}

@test "--freeze refuses the cgroup that oomkit itself runs in, and one of which some run elsewhere" {
	need root own_cgroup
	own_cgroup
	run -1 --separate-stderr bash -c '
		cgroup=$1
		shift
		for dir; do echo $$ >"$dir/cgroup.procs"; done
		sleep 300 3>&- >/dev/null 2>&1 &
		"$0" adj -n 80 --freeze "$cgroup"
		code=$?
		kill $!
		exit $code' "$OOMKIT" "$cgroup" "${dirs[@]}"
	assert_equal "$stderr" "oomkit adj: $cgroup: cannot be frozen: oomkit itself runs in it (run it from another cgroup)"
	((${#dirs[@]} > 1)) || return 0
	child inside 5
	echo "$pid" >"${dirs[0]}/cgroup.procs"
	run -1 --separate-stderr "$OOMKIT" adj -n 80 --freeze "$cgroup"
	[[ $stderr == "oomkit adj: $cgroup: cannot be frozen: no freezer has such a cgroup"* ]] || fail "$stderr"
	assert_equal "$(adj_of "$pid")" 5
}

# ------------------------------------------------------------------ privilege

# Where lowering is permitted, a run without the capability is made of it.
powerless() {
	if probe_lower_adj; then
		setpriv --bounding-set -sys_resource "$@"
	else
		"$@"
	fi
}

@test "lowering without CAP_SYS_RESOURCE: 77, the capability, the floor and what would help" {
	child plain 10
	run -77 --separate-stderr powerless "$OOMKIT" adj -n -500 "$pid"
	assert_equal "$output" ''
	assert_equal "$stderr" "oomkit adj: $pid (plain): 10 -> -500: lowering it takes the capability CAP_SYS_RESOURCE, which this run lacks; its floor lies above -500, at 10 at most (setcap cap_sys_resource+ep on oomkit, AmbientCapabilities=CAP_SYS_RESOURCE in a unit, docker run --cap-add SYS_RESOURCE)"
	assert_equal "$(adj_of "$pid")" 10
	echo 0 >"/proc/$pid/oom_score_adj"
	run -77 --separate-stderr powerless "$OOMKIT" adj -n -1 "$pid"
	[[ $stderr == *'its floor is 0 ('* ]] || fail "$stderr"
	run -77 "$OOMKIT" adj -n -1 -J "$pid" || true
}

@test "lowering: --clamp takes the floor, by the kernel's own word" {
	child plain 10
	run -0 --separate-stderr powerless "$OOMKIT" adj -n -500 --clamp -v "$pid"
	floor=$(adj_of "$pid")
	((floor <= 10))
	assert_output "$pid (plain): 10 -> $floor"
	[[ $stderr == "oomkit adj: $pid (plain): $floor taken for -500, which is below its floor: lowering it takes"* ]] ||
		fail "$stderr"
	# One less is really not permitted.
	run -77 --separate-stderr powerless "$OOMKIT" adj -n $((floor - 1)) "$pid"
	assert_equal "$(adj_of "$pid")" "$floor"
}

@test "some forbidden and some done is 64, and each of the forbidden is named" {
	child one 10
	a=$pid
	child two 900
	run -64 --separate-stderr powerless "$OOMKIT" adj -n -100 --relative "$a" "$pid"
	assert_equal "${#stderr_lines[@]}" 1
	[[ $stderr == "oomkit adj: $a (one): 10 -> -90: "* ]] || fail "$stderr"
	assert_equal "$(adj_of "$pid")" 800
}

@test "another user's process: 77, and whose right would do" {
	need root setpriv
	child plain 10
	open_copy
	run -77 --separate-stderr as_user "$tool" adj -n 20 "$pid"
	assert_equal "$stderr" "oomkit adj: $pid (plain): it belongs to another user (that user, or CAP_DAC_OVERRIDE, may change it)"
	assert_equal "$(adj_of "$pid")" 10
}

@test "in a user namespace the message names it" {
	need user_namespace
	child plain 10
	run -77 --separate-stderr unshare --user --map-root-user "$OOMKIT" adj -n -500 "$pid"
	[[ $stderr == *'CAP_SYS_RESOURCE in the initial user namespace, and this is another one'* ||
		$stderr == *'which this run lacks'* ]] || fail "$stderr"
}

@test "a change keeps of root's rights what it needs; showing what reading needs" {
	need root strace
	child plain 10
	traced -qq -e trace=capset -o trace "$OOMKIT" adj -n 20 "$pid"
	run -0 cat trace
	assert_equal "${#lines[@]}" 1
	for cap in $(grep -oE 'CAP_[A-Z_]+' <<<"$output" | sort -u); do
		[[ $cap == CAP_@(DAC_READ_SEARCH|SYS_PTRACE|SYSLOG|DAC_OVERRIDE|SYS_RESOURCE) ]] || fail "$cap"
	done
	traced -qq -e trace=capset -o trace "$OOMKIT" adj "$pid"
	run -0 cat trace
	refute_output --partial DAC_OVERRIDE
	# A command has the rights of its caller.
	traced -qq -e trace=capset -o trace "$OOMKIT" adj -n 20 -- true
	assert_equal "$(cat trace)" ''
}

# A copy that everybody may run, in a place that is open to everybody; sets open and tool.
open_copy() {
	open=$(mktemp -d "${TMPDIR:-/tmp}/oomkit-adj.XXXXXX")
	chmod 755 "$open"
	tool=$open/oomkit-copy
	cp "$OOMKIT" "$tool"
	chmod 755 "$tool"
}

# as_user COMMAND...: as a user without any right, whose rights end before the command and not with it.
as_user() {
	setpriv --reuid 61234 --regid 61234 --clear-groups env "$@"
}

probe_file_capabilities() {
	reason='file capabilities cannot be given here'
	cp "$(command -v cat)" "$open/cat" && setcap cap_sys_ptrace+ep "$open/cat" 2>/dev/null &&
		as_user "$open/cat" /dev/null
}

@test "file capabilities hand a caller no file, root or right that they have not got" {
	need root setpriv
	open_copy
	need file_capabilities
	export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
	setcap cap_sys_ptrace,cap_dac_override,cap_dac_read_search+ep "$tool"
	child plain 10
	# Nothing of what the file grants reaches another user's process.
	run -77 --separate-stderr as_user "$tool" adj -n 20 "$pid"
	assert_equal "$(adj_of "$pid")" 10
	run -77 as_user "$tool" adj -n 20 --comm '^plain$'
	assert_equal "$(adj_of "$pid")" 10
	# The environment has no say.
	cd "$open"
	mkdir -p made-up/proc
	OOMKIT_ROOT=$open/made-up run -0 as_user "$tool" adj -J "$pid"
	assert_equal "$(jq '.processes[0].oom_score_adj' <<<"$output")" 10
	# A file of root's below a made-up root is not written.
	mkdir -p made-up/proc/9
	cp "/proc/$pid/stat" made-up/proc/9/stat
	echo 10 >made-up/proc/9/oom_score_adj
	chmod 600 made-up/proc/9/oom_score_adj
	run --separate-stderr as_user "$tool" adj --root made-up -n 20 9
	[[ $status == @(1|77) ]] || fail "status $status"
	assert_equal "$(cat made-up/proc/9/oom_score_adj)" 10
	# A command gets none of it.
	run -0 as_user "$tool" adj -n 500 -- grep -E 'Cap(Inh|Prm|Eff|Amb)' /proc/self/status
	refute_output --regexp '[1-9a-f]$'
	run -0 as_user env -i bash -c 'exec -a choom "$0" -n 500 grep Cap[PE] /proc/self/status' "$tool"
	refute_output --regexp '[1-9a-f]$'
}

@test "a set-user-ID copy acts as its caller" {
	need root setpriv
	export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
	open_copy
	chmod 4755 "$tool"
	child plain 10
	run -77 as_user "$tool" adj -n 20 "$pid"
	assert_equal "$(adj_of "$pid")" 10
	run -0 as_user "$tool" adj -n 20 -- id -u
	assert_output 61234
}

# ------------------------------------------------------------------ a command

@test "a command runs with the value, as the same process" {
	run -0 bash -c 'echo $$; exec "$0" adj -n 321 -- sh -c "echo \$\$; cat /proc/self/oom_score_adj"' "$OOMKIT"
	assert_equal "${lines[0]}" "${lines[1]}"
	assert_equal "${lines[2]}" 321
	# What stands behind -- is the command's own, options and all.
	run -0 "$OOMKIT" adj -n 5 -- echo -n --json -- x
	assert_output -- '--json -- x'
	run -7 "$OOMKIT" adj -n 5 -- sh -c 'exit 7'
}

@test "--reset: a wrapper's command starts from 0" {
	run -0 bash -c 'echo 400 >/proc/self/oom_score_adj; exec "$0" adj --reset -- cat /proc/self/oom_score_adj' "$OOMKIT"
	assert_output 0
}

@test "a command's step and clamp" {
	run -0 bash -c 'echo 400 >/proc/self/oom_score_adj
		exec "$0" adj --relative -n 50 -- cat /proc/self/oom_score_adj' "$OOMKIT"
	assert_output 450
	run -0 --separate-stderr "$OOMKIT" adj -n 5000 --clamp -- cat /proc/self/oom_score_adj
	assert_output 1000
	assert_equal "$stderr" 'oomkit adj: the command: 1000 is the nearest that is permitted'
}

@test "a command that cannot be run: 125 ours, 126 and 127 as env has them" {
	run -127 --separate-stderr "$OOMKIT" adj -n 5 -- no-such-command-at-all
	assert_equal "$stderr" 'oomkit adj: no-such-command-at-all: No such file or directory'
	run -126 --separate-stderr "$OOMKIT" adj -n 5 -- /etc/passwd
	assert_equal "$stderr" 'oomkit adj: /etc/passwd: Permission denied'
	run -125 --separate-stderr powerless "$OOMKIT" adj -n -5 -- touch ran
	[[ $stderr == *'the capability CAP_SYS_RESOURCE, which this run lacks'* ]] || fail "$stderr"
	[[ ! -e ran ]]
}

# ------------------------------------------------------------------ choom

# same ARGUMENT...: the installed choom and ours say the same and end alike. What getopt says begins with the path.
same() {
	local theirs ours
	theirs=$(POSIXLY_CORRECT=1 choom "$@" 2>&1; echo "exit $?")
	ours=$(choom_of_ours "$@" 2>&1; echo "exit $?")
	[[ $ours == "$theirs" ]] || fail "$(printf '%q ' choom "$@"): theirs: $theirs; ours: $ours"
	compared=$((compared + 1))
}

choom_of_ours() {
	(exec -a choom "$OOMKIT" "$@")
}

@test "called as choom it says what choom says: show, set, exec and errors" {
	compared=0
	child plain 10
	same -p "$pid"
	same -p 1
	same --pid "$pid"
	same "--pid=$pid"
	same "-p$pid"
	same -p 1 -p "$pid"
	for value in 10 ' 10' +10 010; do
		echo 10 >"/proc/$pid/oom_score_adj"
		same -n "$value" -p "$pid"
	done
	same --adjust 10 --pid "$pid"
	same -n 7 -n 10 -p "$pid"
	for value in 2000 -2000 99999999999 -99999999999 3000000000 0x10 x '' '10 ' 1.5 999999999999999999999999; do
		same -n "$value" -p "$pid"
		same -n "$value" true
	done
	for value in abc '' 0 12abc -1 +5 99999999 4194305 2147483647 2147483648 -; do
		same -p "$value"
	done
	same -n 5 -p 99999999
	same
	same -n 5
	same --
	same -n 5 --
	same true
	same -p 1 -- ls
	same -p "$pid" extra
	same -n 5 -p "$pid" ls
	same -n 10 -p "$pid" --
	same -z
	same -pz
	same -zp 1
	same -p
	same -n
	same --adjust
	same --nonsense
	same --nonsense=3
	same --help=3
	same --=3
	same --pi "$pid"
	same -n 5 -- echo hello
	same -n5 echo hello
	same -n 5 echo -p 3 --help
	same -n 5 sh -c 'cat /proc/self/oom_score_adj; exit 7'
	same -n 12 -- -x
	same -n 5 no-such-command
	same -n 5 /etc/passwd
	same -n 5 ''
	same -n 5 /
	same -n 5 -
	((compared > 60))
}

@test "called as choom without the right to lower: the same words, and 1" {
	child plain 10
	compared=0
	same_powerless() {
		local theirs ours
		theirs=$(powerless choom "$@" 2>&1; echo "exit $?")
		ours=$(powerless bash -c 'exec -a choom "$0" "$@"' "$OOMKIT" "$@" 2>&1; echo "exit $?")
		assert_equal "$ours" "$theirs"
		assert_equal "${ours##*$'\n'}" 'exit 1'
	}
	same_powerless -n -500 -p "$pid"
	same_powerless -n -500 -- echo hello
	assert_equal "$(adj_of "$pid")" 10
}

@test "called as choom with another user's process, a full and a closed stdout" {
	child plain 10
	for stdout in /dev/full closed; do
		for command in choom choom_of_ours; do
			code=0
			if [[ $stdout == closed ]]; then
				$command -p "$pid" 2>"$command.err" >&- || code=$?
			else
				$command -p "$pid" 2>"$command.err" >"$stdout" || code=$?
			fi
			echo "$code" >>"$command.err"
		done
		run -0 diff choom.err choom_of_ours.err
	done
	if ((EUID == 0)) && probe_setpriv; then
		open_copy
		ln -s "$tool" "$open/choom"
		theirs=$(as_user choom -n 20 -p "$pid" 2>&1) && fail 'choom was permitted'
		ours=$(as_user "$open/choom" -n 20 -p "$pid" 2>&1) && fail 'we were permitted'
		assert_equal "$ours" "$theirs"
	fi
}

@test "called as choom, help and version are ours" {
	run -0 choom_of_ours --help
	assert_line --index 0 --partial 'Usage: oomkit adj '
	run -0 choom_of_ours -p 1 -V
	assert_output "oomkit $(cat "$ROOT/VERSION")"
	run -0 bash -c 'exec -a /usr/bin/choom "$0" -h' "$OOMKIT"
	assert_line --index 0 --partial 'Usage: oomkit adj '
}
