#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # run sets status, output, stderr; each test is a subshell
# What watch tells of real kills: in a memory cgroup of this machine that the test makes and removes. Other kills happen
# here, too, so that each test asks for those of its cgroup alone.

load helper
load cgroups
load watching

setup_file() {
	DEVOUR=$(program devour)
	export DEVOUR
}

setup() {
	work=$BATS_TEST_TMPDIR
}

teardown() {
	watching_end
	[[ -z ${own_tracefs-} ]] || umount "$own_tracefs"
}

live() {
	need root memory_cgroup own_memory_cgroup kmsg plain_build
}

# ------------------------------------------------------------------ one kill

@test "a kill is one event with all that is known of it" {
	live
	need trace_event
	limited_cgroup
	watch -J -n 1 "$own_path"
	kills 1
	watched
	((status == 0))
	told length 1
	told '.[0] | [.schema, .event, .pid, .pid_ns, .comm, .count]' \
		"[\"oomkit/watch/1\",\"oom_kill\",${victims[0]},\"init\",\"devour\",1]"
	told '.[0] | [.uid, .cgroup, .constraint, .oom_memcg, .oom_score_adj, .time_certain]' \
		"[0,\"$own_path\",\"memcg\",\"$own_path\",$(<"/proc/$$/oom_score_adj"),true]"
	told '.[0] | .anon_rss > 1000000 and .file_rss >= 0 and .shmem_rss >= 0 and .pgtables > 0' true
	# It came after the snapshot, and /proc said the rest at the kill, or had lost it by then.
	told ".[0] | [.cmdline, .cmdline_truncated] | . == [\"$DEVOUR kills $own_cgroup 1\", false] or . == [null, null]" true
	told '.[0].ppid | . == null or . > 1' true
	told '.[0].sources | contains(["kmsg", "tracefs"])' true
	# The wall clock, as it is now.
	told '.[0].time | sub("\\.[0-9]+\\+00:00$"; "Z") | fromdate | (now - .) < 60 and (now - .) > -2' true
	# Each key of the contract is there, with or without a value.
	told '["schema","time","event","pid","pid_ns","comm","uid","cmdline","cmdline_truncated","ppid","cgroup","container",
		"constraint","anon_rss","file_rss","shmem_rss","pgtables","oom_score_adj","count","sources"] - (.[0] | keys)' '[]'
}

@test "many kills in a row are as many events, each once" {
	live
	limited_cgroup
	watch -J "$own_path"
	kills 30
	lines 30
	# Counters that lag behind would add theirs within this time.
	sleep 1.5
	kill -TERM "$watcher"
	watched
	((status == 143))
	told '[.[].pid]' "$(printf '%s\n' "${victims[@]}" | jq -cs .)"
	told '[.[] | select(.event != "oom_kill")]' '[]'
}

@test "a sentence for people, on one line" {
	live
	limited_cgroup
	watch -n 1 --source kmsg "$own_path"
	kills 1
	watched
	[[ $(<"$work/out") =~ ^20[0-9-]+T[0-9:.]+\+00:00\ killed\ ${victims[0]}\ \(devour\)\ of\ uid\ 0,\ anon\ .*,\ in\ $own_path,\ its\ limit.*\ \[kmsg.*\]$ ]]
	watch -n 1 -o pid,event,comm,cgroup "$own_path"
	kills 1
	watched
	assert_equal "$(tail -n 1 "$work/out")" "${victims[0]} oom_kill devour $own_path"
}

@test "csv and tsv are streams with one line of headings; json is one object a line" {
	live
	limited_cgroup
	watch --format csv -o pid,event,count,sources -n 2 --source kmsg "$own_path"
	assert_equal "$(<"$work/out")" pid,event,count,sources
	kills 2
	watched
	assert_equal "$(<"$work/out")" "pid,event,count,sources
${victims[0]},oom_kill,1,kmsg
${victims[1]},oom_kill,1,kmsg"
	watch --format json -n 1 --source kmsg "$own_path"
	kills 1
	watched
	assert_equal "$(wc -l <"$work/out")" 1
	told '.[0].pid' "${victims[0]}"
}

@test "each source alone" {
	live
	local source pid
	limited_cgroup
	for source in kmsg tracefs; do
		[[ $source != tracefs ]] || probe_trace_event || continue
		watch -J -n 1 --source $source --comm '^devour$'
		kills 1
		watched
		told '.[0] | [.pid, .sources]' "[${victims[0]},[\"$source\"]]"
	done
	# They count, and name nobody: told when a second has passed without a name.
	source=oom_control
	[[ ! -e $own_cgroup/memory.events ]] || source=memory.events
	watch -J --source $source "$own_path"
	grep -q 'no source here names the victims' "$work/err"
	kills 2
	for ((turn = 0; turn < 200; turn++)); do
		! grep -q "$own_path" "$work/out" || break
		sleep 0.02
	done
	kill "$watcher"
	watched
	told "[.[] | select(.cgroup == \"$own_path\" and .event == \"oom_kill\")] | [.[0].pid, .[0].sources, ([.[].count] | add)]" \
		"[null,[\"$source\"],2]"
}

@test "the kernel's sum finds a kill that no other source told" {
	live
	limited_cgroup
	watch -J -n 1 --source vmstat
	kills 1
	watched
	told '.[0] | [.event, .pid, .pid_ns, .comm, .cgroup, .sources]' '["oom_kill",null,null,null,null,["vmstat"]]'
	told '.[0].count >= 1' true
}

@test "two watches at once see the same, and leave no trace instance" {
	live
	need trace_event
	local first
	limited_cgroup
	watch -J -n 1 "$own_path"
	first=$watcher
	mv "$work/out" "$work/first"
	watch -J -n 1 "$own_path"
	kills 1
	watched
	told '.[0].pid' "${victims[0]}"
	wait "$first"
	assert_equal "$(jq .pid "$work/first")" "${victims[0]}"
	[[ -z $(find /sys/kernel/tracing/instances -name "oomkit-watch-$first" -o -name "oomkit-watch-$watcher") ]]
}

@test "the trace instance of a watch that was killed is removed by the next" {
	live
	need trace_event
	local left
	watch --source tracefs
	left=/sys/kernel/tracing/instances/oomkit-watch-$watcher
	[[ -d $left ]]
	assert_equal "$(cat "$left/events/oom/mark_victim/enable")" 1
	kill -KILL "$watcher"
	watched || true
	[[ -d $left ]]
	watch --source tracefs
	[[ ! -e $left ]]
	kill -INT "$watcher"
	watched
	((status == 130))
	[[ ! -e /sys/kernel/tracing/instances/oomkit-watch-$watcher ]]
}

@test "what the ring buffer still has" {
	live
	limited_cgroup
	kills 2
	watch -J --replay -n 2 --source kmsg "$own_path"
	watched
	told '[.[].pid]' "[${victims[0]},${victims[1]}]"
	# A pid that may be another's by now is not looked up.
	told '[.[].cmdline]' '[null,null]'
	told '.[0].time | sub("\\.[0-9]+\\+00:00$"; "Z") | fromdate | (now - .) < 60' true
	# Without it they are not told.
	watch -J --timeout 1 --source kmsg "$own_path"
	watched
	((status == 124))
	[[ ! -s $work/out ]]
}

@test "the snapshot knows what /proc says no more" {
	live
	local pid turn
	limited_cgroup 33554432
	# Its command line is in the snapshot; its memory is taken later, when it is told to.
	mkfifo "$work/go"
	(exec -a 'a victim of long standing' "$DEVOUR" later "$own_cgroup" <"$work/go") 3>&- 2>/dev/null &
	pid=$!
	exec 4>"$work/go"
	while kill -0 "$pid" && [[ $(tr '\0' ' ' <"/proc/$pid/cmdline") != 'a victim'* ]]; do sleep 0.01; done
	watch -J -n 1 --source kmsg "$own_path"
	echo go >&4
	exec 4>&-
	wait "$pid" || true
	watched
	told '.[0] | [.pid, .cmdline]' "[$pid,\"a victim of long standing later $own_cgroup\"]"
	told '.[0].rank > 0' true
	told '.[0].ppid' "$BASHPID"
}

# ------------------------------------------------------------------ whose death matters

@test "targets are held against the victims when they die" {
	live
	limited_cgroup
	local other
	for other in /nowhere no-such-name ${OOMKIT_THOROUGH:+4194303 nothing.service 0123456789abcdef0123}; do
		watch -J --timeout 1 --source kmsg "$other"
		kills 1
		watched
		((status == 124))
		told '[.[] | select(.event != "gap")]' '[]'
	done
	for other in "$own_path" "$own_cgroup" devour; do
		watch -J -n 1 --timeout 20 --source kmsg "$other"
		kills 1
		watched
		((status == 0))
		told '.[0].pid' "${victims[0]}"
	done
	for other in --comm=^devou --user=root -A "--full=kills $own_cgroup"; do
		watch -J -n 1 --timeout 20 --source kmsg "$other"
		kills 1
		watched
		((status == 0))
	done
}

@test "names that drive a terminal are shown and not obeyed" {
	live
	limited_cgroup
	local evil=$'e\e[31m\n"\\{'
	cp "$DEVOUR" "$work/$evil"
	watch -J -n 1 "$own_path"
	"$work/$evil" kills "$own_cgroup" 1 >/dev/null 2>&1
	watched
	assert_equal "$(wc -l <"$work/out")" 1
	assert_equal "$(jq -r .comm "$work/out")" "$evil"
	watch -n 1 "$own_path"
	"$work/$evil" kills "$own_cgroup" 1 >/dev/null 2>&1
	watched
	assert_equal "$(wc -l <"$work/out")" 1
	! grep -qP '[\x00-\x09\x0b-\x1f\x7f]' "$work/out" || false
	grep -qF 'e\x1b[31m\x0a"' "$work/out"
}

# ------------------------------------------------------------------ its end

@test "a full disk, a closed stdout and a reader that goes away" {
	live
	need trace_event
	local fifo=$work/fifo
	limited_cgroup
	run -2 --separate-stderr bash -c 'exec "$@" >/dev/full' - "$OOMKIT" watch --format csv --timeout 5
	[[ $stderr == *'No space left on device'* ]]
	run -2 --separate-stderr bash -c 'exec "$@" >&-' - "$OOMKIT" watch --format csv --timeout 5
	# The end of a pipe's reader is met at the next event.
	mkfifo "$fifo"
	head -n 1 "$fifo" >/dev/null 3>&- &
	"$OOMKIT" watch -J "$own_path" >"$fifo" 2>"$work/err" 3>&- &
	watcher=$!
	ready
	kills 3
	watched
	((status == 141))
	[[ -z $(find /sys/kernel/tracing/instances -name 'oomkit-watch-*' -newer "$fifo") ]]
}

@test "signals end it, and are what it ends by" {
	need root kmsg
	local signal
	for signal in INT:130 TERM:143 HUP:129 QUIT:131; do
		watch --source kmsg
		kill -"${signal%:*}" $watcher
		watched
		assert_equal "$status" "${signal#*:}"
	done
	# One that was ignored stays so.
	: >"$work/err"
	(trap '' HUP; exec "$OOMKIT" watch --timeout 2 --source kmsg) 2>"$work/err" 3>&- &
	ready
	watcher=$!
	kill -HUP "$watcher"
	watched
	((status == 124))
}

@test "an interrupted call changes nothing" {
	live
	need strace
	limited_cgroup
	cp /dev/null "$work/out"
	cp /dev/null "$work/err"
	traced -qq -f -o "$work/trace" -e trace=read,ppoll -e inject=read:error=EINTR:when=40+7 \
		-e inject=ppoll:error=EINTR:when=1+2 \
		"$OOMKIT" watch -J -n 3 --source kmsg "$own_path" >"$work/out" 2>"$work/err" 3>&- &
	watcher=$!
	ready
	kills 3
	watched
	((status == 0))
	told '[.[].pid]' "$(printf '%s\n' "${victims[@]}" | jq -cs .)"
}

@test "wrong calls are told" {
	local call
	for call in '--source nothing' '--source kmsg,' '-n 0' '-n x' '--timeout 0' '--snapshot -1' '--pressure high' \
		'--source psi' '--exec a --exec-shell b' '--exec-most 65' '--kernel 4.14' '--sort pid' '--format prom' '--root /nowhere'; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr "$OOMKIT" watch $call
		[[ $stderr == 'oomkit watch: --'* ]]
		[[ -z $output ]]
	done
	run -2 --separate-stderr "$OOMKIT" watch -o colour
	# What is asked for by name and is not there.
	need root kmsg
	if [[ -e /sys/fs/cgroup/cgroup.controllers ]]; then
		run -2 --separate-stderr "$OOMKIT" watch --source oom_control
	else
		run -2 --separate-stderr "$OOMKIT" watch --source memory.events
	fi
	[[ $stderr == 'oomkit watch: '*'no cgroup v'* ]]
}

@test "without a right it says which" {
	need root setpriv kmsg
	local dir
	[[ $(cat /proc/sys/kernel/dmesg_restrict) == 1 ]] || return 0
	dir=$(mktemp -d "${TMPDIR:-/tmp}/oomkit-user.XXXXXX")
	chmod 755 "$dir"
	install -m 755 "$OOMKIT" "$dir/oomkit"
	cd /
	run --separate-stderr setpriv --reuid 65534 --regid 65534 --clear-groups "$dir/oomkit" watch --source kmsg
	rm -r "$dir"
	((status == 77))
	[[ $stderr == 'oomkit watch: kmsg: '*'CAP_SYSLOG'* ]]
}

@test "it keeps six capabilities at most, and overrides no permission while it waits" {
	need root kmsg plain_build
	local held
	watch
	held=$(awk '/^CapEff/ { print $2 }' "/proc/$watcher/status")
	# DAC_READ_SEARCH 2, IPC_LOCK 14, SYS_PTRACE 19, SYS_RESOURCE 24, SYSLOG 34; not DAC_OVERRIDE 1.
	((0x$held & ~(1 << 2 | 1 << 14 | 1 << 19 | 1 << 24 | 1 << 34) ? 0 : 1))
	held=$(awk '/^CapPrm/ { print $2 }' "/proc/$watcher/status")
	((0x$held & ~(1 << 1 | 1 << 2 | 1 << 14 | 1 << 19 | 1 << 24 | 1 << 34) ? 0 : 1))
	(($(awk '/^VmLck/ { print $2 }' "/proc/$watcher/status") > 0)) || (( (0x$held >> 14 & 1) == 0))
	kill "$watcher"
	watched
}

@test "it does nothing while nothing happens" {
	need root pressure strace plain_build
	# Whatever dies elsewhere would wake it; what never comes does not.
	watch --source psi --pressure full:100 --snapshot 0
	quiet 2 10
	kill "$watcher"
	watched
}

@test "a manager is told when it is ready" {
	need root kmsg
	local socket=$work/notify.sock
	"$DEVOUR" listen "$socket" >"$work/told" 3>&- &
	local listener=$!
	while [[ ! -S $socket ]]; do sleep 0.01; done
	NOTIFY_SOCKET=$socket "$OOMKIT" watch --source kmsg --timeout 1 2>/dev/null || true
	wait "$listener"
	assert_equal "$(<"$work/told")" READY=1
}

# ------------------------------------------------------------------ the command

@test "the command's status, its streams and its messages" {
	need root kmsg
	run -7 --separate-stderr "$OOMKIT" watch -- sh -c 'echo out; echo err >&2; exit 7'
	assert_output out
	[[ $stderr == *$'\nerr\n'*'no OOM kill hit sh, its children or their cgroup; it ended with status 7' ]]
	run -0 --separate-stderr bash -c 'echo in | "$1" watch -q -- cat' - "$OOMKIT"
	assert_output in
	assert_equal "$stderr" ''
	run -127 "$OOMKIT" watch -q -- /no/such/program
	run -126 "$OOMKIT" watch -q -- /etc/passwd
	run -0 --separate-stderr "$OOMKIT" watch -q -- sh -c 'cat /proc/$$/oom_score_adj; exec grep Sig[BI] /proc/self/status'
	assert_line "$(<"/proc/$$/oom_score_adj")"
	assert_line "$(grep SigBlk /proc/self/status)"
	run -125 --separate-stderr "$OOMKIT" watch --source memory.events,oom_control -- true
}

@test "137 alone proves nothing" {
	need root kmsg
	run -137 --separate-stderr "$OOMKIT" watch -J -- sh -c 'kill -KILL $$'
	[[ $stderr == *'no OOM kill hit sh, its children or their cgroup; it ended by signal 9 (Killed), status 137' ]]
	assert_equal "$(jq -c '[.event, .status, .signal, .oom_killed, .hit, .count]' <<<"$output")" \
		'["exit",137,9,false,null,0]'
}

@test "an OOM kill of the command itself" {
	live
	limited_cgroup
	run -137 --separate-stderr "$OOMKIT" watch -J -- "$DEVOUR" eat "$own_cgroup"
	[[ $stderr == *"was OOM-killed: pid "*" (devour); it ended by signal 9 (Killed), status 137" ]]
	jq -es '[.[] | select(.event == "oom_kill" and .cgroup == "'"$own_path"'")] | length == 1' <<<"$output"
	jq -es '.[-1] | .event == "exit" and .oom_killed and .hit == "itself" and .status == 137' <<<"$output"
}

@test "an OOM kill of what the command had started" {
	live
	limited_cgroup
	run -0 --separate-stderr "$OOMKIT" watch -J -- sh -c '"$1" kills "$2" 1 >/dev/null; exit 0' - "$DEVOUR" "$own_cgroup"
	[[ $stderr == *'sh itself was not OOM-killed, a process that it had started was: pid '*' (devour)'* ]]
	jq -es '.[-1] | [.event, .oom_killed, .hit, .status, .signal] == ["exit", false, "tree", 0, null]' <<<"$output"
}

@test "an OOM kill in the command's cgroup" {
	live
	limited_cgroup 67108864
	# watch and its command live in the cgroup; who dies there is neither.
	run --separate-stderr bash -c '
		("$3" sleep-in "$2" &)
		echo 0 >"$2/cgroup.procs"
		exec "$1" watch -J -- sh -c "sleep 1; exit 3"' - "$OOMKIT" "$own_cgroup" "$DEVOUR"
	((status == 3))
	jq -es '.[-1] | [.event, .oom_killed, .hit, .count] == ["exit", false, "cgroup", 1]' <<<"$output"
	[[ $stderr == *'one hit their cgroup: pid '* ]]
}

@test "signals reach the command, and nothing of it remains" {
	need root kmsg
	local pid
	"$OOMKIT" watch -q -- sh -c 'trap "exit 42" TERM; echo $$ >"$1"; while :; do sleep 0.05; done' - "$work/pid" 3>&- &
	watcher=$!
	while [[ ! -s $work/pid ]]; do sleep 0.02; done
	kill -TERM "$watcher"
	watched
	((status == 42))
	! kill -0 "$(<"$work/pid")" 2>/dev/null || false
	# What it leaves behind is waited for while it runs: no zombies.
	run -0 "$OOMKIT" watch -q -- sh -c '
		for i in 1 2 3 4 5; do (sleep 0.1 & :); done
		sleep 0.5
		ps -o stat= --ppid $PPID | grep -c Z || true'
	assert_output 0
}

# ------------------------------------------------------------------ hooks

@test "a hook has what is known in its environment, and no shell" {
	live
	limited_cgroup
	# Its name would be a command to a shell.
	local evil='$(touch x);`id`' hook=$work/hook
	cp "$DEVOUR" "$work/v"
	cp "$DEVOUR" "$work/$evil"
	printf '#!/bin/sh\nenv | grep ^OOM_ >"%s"\nreadlink /proc/self/fd/0 >>"%s"\n' "$work/env" "$work/env" >"$hook"
	chmod +x "$hook"
	(cd "$work" && env OOM_PID=1 "$OOMKIT" watch -q -n 1 --source kmsg --exec "$hook" "$own_path") 3>&- &
	watcher=$!
	sleep 1
	"$work/$evil" kills "$own_cgroup" 1 >"$work/pid" 2>/dev/null
	watched
	((status == 0))
	for line in "OOM_PID=$(<"$work/pid")" "OOM_COMM=${evil:0:15}" OOM_UID=0 "OOM_CGROUP=$own_path" OOM_CONSTRAINT=memcg \
		OOM_EVENT=oom_kill OOM_COUNT=1 /dev/null; do
		grep -qxF "$line" "$work/env"
	done
	grep -qE '^OOM_ANON_RSS=[0-9]{6,}$' "$work/env"
	grep -qE '^OOM_TIME=20.*\+00:00$' "$work/env"
	[[ ! -e $work/x ]]
}

@test "hooks that fail, that take too long, and that cannot be run are told" {
	live
	limited_cgroup
	watch -n 1 --source kmsg --exec-shell 'exit 3' "$own_path"
	kills 1
	watched
	((status == 0))
	grep -qF 'oomkit watch: exit 3: ended with status 3' "$work/err"
	watch -n 1 --source kmsg --exec /no/such/program "$own_path"
	kills 1
	watched
	grep -qF '/no/such/program: could not be run: No such file or directory' "$work/err"
	# With all that it has started.
	watch -n 1 --source kmsg --exec-timeout 1 --exec-shell 'sleep 98.7 & echo $! >"$HOOK"; sleep 98.7' "$own_path"
	HOOK=$work/none
	kills 1
	watched
	grep -qF 'ran for more than 1 s and was killed' "$work/err"
	[[ -z $(pgrep -f 'sleep 98.7') ]]
}

@test "no more hooks at once than are allowed, and none is lost" {
	live
	limited_cgroup
	export HOOKS=$work/hooks
	mkdir "$HOOKS"
	watch -n 6 --source kmsg --exec-most 2 \
		--exec-shell 'touch "$HOOKS/r.$$"; ls "$HOOKS"/r.* | wc -l >"$HOOKS/n.$$"; sleep 0.4; rm "$HOOKS/r.$$"' "$own_path"
	kills 6
	watched
	((status == 0))
	assert_equal "$(cat "$HOOKS"/n.* | wc -l)" 6
	(($(sort -n "$HOOKS"/n.* | tail -n 1) <= 2))
}

@test "whoever ends it does not wait for hooks that hang, and is told of them" {
	live
	local since turn
	limited_cgroup
	watch --source kmsg --exec-most 1 --exec-timeout 900 --exec-shell 'sleep 97.6' "$own_path"
	kills 2
	lines 2
	for ((turn = 0; turn < 500; turn++)); do
		[[ -z $(pgrep -xf 'sleep 97.6') ]] || break
		sleep 0.02
	done
	since=$SECONDS
	kill -TERM "$watcher"
	watched
	((status == 143))
	# Five seconds for all of them, where the machine gives them at once.
	((SECONDS - since < 60))
	grep -qxF 'oomkit watch: sleep 97.6: still ran when watch was ended and was killed' "$work/err"
	grep -qxF 'oomkit watch: sleep 97.6: not run for the last 1 event: watch was ended first' "$work/err"
	[[ -z $(pgrep -xf 'sleep 97.6') ]]
}

# ------------------------------------------------------------------ the live ranking

# terminal KEYS ARG...: oomkit watch ARG... on a terminal of 70 columns and 12 lines; what it wrote is $output.
terminal() {
	local keys=$1
	shift
	output=$( (sleep 3; printf '%b' "$keys"; sleep 1) | TERM=xterm timeout -k 5 30 script -qec \
		"trap : INT; stty rows 12 cols 70; $(printf '%q ' "$OOMKIT" watch "$@"); echo status \$?; stty -a | grep -o '.icanon'" /dev/null)
	output=${output//$'\r'/}
}

@test "a live ranking on a terminal, which is given back as it was" {
	need terminal
	terminal q --live 1
	[[ $output == *$'\e[?1049h\e[?25l\e[H'*'who dies first'*'PID USER'*'would be killed first.'* ]]
	# Drawn again, left, and the terminal as before.
	(($(grep -o 'who dies first' <<<"$output" | wc -l) >= 2))
	[[ $output == *$'\e[?25h\e[?1049lstatus 0\n icanon'* ]]
	# No line is longer than the terminal, none lower than its last.
	# shellcheck disable=SC2001 # a regex
	! sed 's/\x1b\[[0-9;?]*[a-zA-Z]//g' <<<"$output" | grep -vE 'status|icanon' | grep -qE '^.{71}' || false
	# By ^C it is left as well.
	terminal '\003' --live 1
	[[ $output == *$'\e[?25h\e[?1049l'*'status 130'*' icanon'* ]]
	[[ ${OOMKIT_THOROUGH-} ]] || return 0
	# On a captured machine.
	terminal q --live 1 --root "$(machine 6.1-v2)"
	[[ $output == *'80 (threads) would be killed first.'* ]]
}

@test "a live ranking wants a terminal" {
	run -2 --separate-stderr "$OOMKIT" watch --live 1 </dev/null
	[[ $stderr == 'oomkit watch: --live: wants a terminal'* ]]
	run -2 --separate-stderr "$OOMKIT" watch --live 1 -n 3
	run -2 --separate-stderr "$OOMKIT" watch --live 0
}

# ------------------------------------------------------------------ namespaces

@test "in a pid namespace the machine's pids are not taken for our own" {
	live
	need pid_namespace
	limited_cgroup
	cp /dev/null "$work/out"
	cp /dev/null "$work/err"
	unshare --pid --fork --mount-proc "$OOMKIT" watch -J -n 1 "$own_path" >"$work/out" 2>"$work/err" 3>&- &
	watcher=$!
	ready
	kills 1
	watched
	told '.[0] | [.pid, .pid_ns, .comm, .cmdline, .ppid, .rank]' "[${victims[0]},\"init\",\"devour\",null,null,null]"
}

# ------------------------------------------------------------------ contrib

@test "contrib: the service is sound by systemd's own judgement, and exposed no more than it must be" {
	local image=$work/image
	mkdir -p "$image/usr/bin" "$image/etc/systemd/system"
	cp "$ROOT/contrib/oomkit-watch.service" "$image/etc/systemd/system"
	cp "$OOMKIT" "$image/usr/bin/oomkit"
	run systemd-analyze verify --recursive-errors=no --man=no --root="$image" oomkit-watch.service
	refute_output --partial oomkit-watch.service:
	# Of 10; a unit without any of it has 9.6.
	run -0 systemd-analyze security --no-pager --offline=yes --threshold=30 "$ROOT/contrib/oomkit-watch.service"
}

@test "contrib: the metrics hook counts, and keeps to names that a label may have" {
	local dir=$work/collector
	mkdir "$dir"
	export DIR=$dir OOM_EVENT=oom_kill OOM_CONSTRAINT=memcg
	OOM_CONTAINER='abc"} 7' OOM_COUNT=1 "$ROOT/contrib/watch-metrics.sh"
	OOM_CONTAINER='abc"} 7' OOM_COUNT=2 "$ROOT/contrib/watch-metrics.sh"
	OOM_EVENT=pressure "$ROOT/contrib/watch-metrics.sh"
	assert_equal "$(grep -v '^#' "$dir/oomkit-watch.prom")" \
		'oomkit_watch_kills_total{event="oom_kill",constraint="memcg",container="abc7"} 3'
}

@test "contrib: what the DaemonSet and the shipper call is there" {
	local call
	grep -qF 'args: ["watch", "--json"]' "$ROOT/contrib/oomkit-watch-daemonset.yaml"
	grep -qF 'command: [oomkit, watch, --json]' "$ROOT/contrib/vector.yaml"
	run "$OOMKIT" watch --json --list-columns
	((status == 0))
}
