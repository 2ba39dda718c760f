#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # run sets status, output, stderr; each test is a subshell
# A system call of watch that fails, at its start or in its loop, while the kernel kills somebody: the kill is told, and
# told rightly, or watch ends with a message and the status that says so. It is never silent. Faults are injected by
# strace. OOMKIT_FAULTS=1000 injects at (nearly) every call in place of a sample.

load helper
load cgroups
load watching
load fixtures/faults

setup_file() {
	DEVOUR=$(program devour)
	export DEVOUR
}

setup() {
	work=$BATS_TEST_TMPDIR
	need root memory_cgroup own_memory_cgroup kmsg strace plain_build
	limited_cgroup
}

teardown() {
	watching_end
	[[ -z ${own_tracefs-} ]] || umount "$own_tracefs"
}

# One kill, and nothing said of how often the kernel reports them: watch has more than its log.
kill_one() {
	victim=$("$DEVOUR" kills "$own_cgroup" 1 2>/dev/null)
	[[ $victim =~ ^[0-9]+$ ]]
}

# What is told of the victim is true, or null, and said once.
truth='map(select(.pid == $victim)) as $named
	| ($named | length) <= 1
	and ($named | all(.event == "oom_kill" and .pid_ns == "init" and .comm == "devour" and .count == 1
		and (.uid | . == null or . == 0) and (.cgroup | . == null or . == $path)
		and (.oom_memcg | . == null or . == $path)
		and (.constraint | . == "memcg" or . == "unknown")
		and (.cmdline | . == null or . == $cmdline)
		and (.ppid | . == null or . > 1) and (.anon_rss | . == null or . > 1000000)))
	and (map(select(.pid == null and .cgroup == $path and .event == "oom_kill")) | map(.count) | add // 0)
		+ ($named | length) <= 1'

# That it was told: by its pid, as a number that a counter rose by, or as a gap that says how many it hid.
there='any(.pid == $victim or (.pid == null and .event == "oom_kill" and .count >= 1)
	or (.event == "gap" and (.count == null or .count >= 1)))'

tells() { # FILTER
	[[ -n $victim ]] && jq -es --argjson victim "$victim" --arg path "$own_path" \
		--arg cmdline "$DEVOUR kills $own_cgroup 1" "$1" "$work/out" >"$work/judged" 2>&1
}

wrong() { # WHAT
	echo "$1"
	sed 's/^/  err: /' "$work/err"
	sed 's/^/  out: /' "$work/out"
	return 1
}

# judge WHAT: a watch that has ended with $status.
judge() {
	((status < 125)) || [[ $status == 141 && $1 == *EPIPE* ]] || wrong "$1: died, status $status" || return 1
	if [[ -n $victim ]]; then
		tells "$truth" || wrong "$1: says something wrong" || return 1
	fi
	case $status in
	0) tells "$there" || wrong "$1: status 0, and nobody was told" ;;
	124) wrong "$1: silence" ;;
	2 | 77) grep -q '^oomkit watch: ' "$work/err" || wrong "$1: status $status, and no message" ;;
	esac
}

# faulty_start WHAT STRACE_ARG...: watch from its first call on, and one kill as soon as it says that it is ready. Where
# somebody else was killed meanwhile, and that was told in its place, it is done again.
faulty_start() {
	local turn
	for turn in 1 2 3; do
		faulty_start_once "$@"
		((status == 0)) || break
		! tells 'any(.pid == $victim)' || break
		tells 'any(.pid != null)' || break
	done
	judge "$1"
}

faulty_start_once() {
	local what=$1 turn
	shift
	victim='' status=0
	: >"$work/out"
	: >"$work/err"
	traced -qq -o /dev/null --seccomp-bpf -f "$@" \
		"$OOMKIT" watch -J -n 1 --timeout 8 --snapshot 0 "${words[@]}" "$own_path" >"$work/out" 2>"$work/err" 3>&- &
	watcher=$!
	# Where even that message could not be written it is ready all the same.
	for ((turn = 0; turn < 100; turn++)); do
		! grep -q 'watching: ' "$work/err" || break
		kill -0 "$watcher" 2>/dev/null || break
		sleep 0.02
	done
	! kill -0 "$watcher" 2>/dev/null || kill_one
	watched
}

# start_calls: the calls of the start, up to the first that waits: NAME BEFORE COUNT.
start_calls() {
	traced -qq -o "$work/trace" "$OOMKIT" watch --snapshot 0 "${words[@]}" --timeout 1 "$own_path" >/dev/null 2>&1 || true
	awk '
		{ name = $0; sub(/\(.*/, "", name) }
		name == "ppoll" { exit }
		# The loader opens libraries and reads /etc; what is ours begins with the capabilities.
		!seen && name == "capget" { seen = 1; for (n in count) before[n] = count[n] }
		{ count[name]++ }
		END { for (n in count) print n, before[n] + 0, count[n] }' "$work/trace" >"$work/calls"
	[[ -s $work/calls ]]
}

with_fault() { # CALL N COUNT ERRNO FUNCTION
	local inject
	injection "$1" "$2" "$4"
	"$5" "${words[*]} $1 $2 of $3 $4" "${inject[@]}"
}

# start_faults <<<"CALL ERRORS MOST": injects into the start.
start_faults() {
	start_calls
	each_fault with_fault faulty_start
}

@test "a call that fails at the start" {
	words=()
	start_faults <<-END
		openat EACCES,EMFILE,EIO,EINTR 5
		read EIO,EINTR 4
		getdents64 EIO,ENOMEM 2
		newfstatat EIO 2
		mkdirat EACCES,EBUSY,ENOSPC 1
		inotify_init1 EMFILE 1
		inotify_add_watch ENOSPC,ENOMEM 2
		eventfd2 EMFILE 1
		epoll_create1 EMFILE 1
		epoll_ctl ENOMEM 2
		signalfd4 EMFILE 1
		rt_sigprocmask EINVAL 1
		lseek EIO 1
		mlockall EPERM,ENOMEM 1
		write EIO,EINTR,ENOSPC 3
		mmap ENOMEM 3
		brk FULL 3
	END
}

# ------------------------------------------------------------------ while it waits

# attach STRACE_ARG...: strace on the watch that runs.
attach() {
	attach_to "$watcher" "$@"
}

attach_to() { # PID STRACE_ARG...
	local pid=$1
	shift
	: >"$work/attached"
	strace -f -o "$work/trace" -p "$pid" "$@" 2>"$work/attached" 3>&- &
	tracer=$!
	local turn
	for ((turn = 0; turn < 200; turn++)); do
		! grep -q attached "$work/attached" || return 0
		sleep 0.02
	done
	cat "$work/attached"
	return 1
}

detach() {
	kill "$tracer" 2>/dev/null || true
	wait "$tracer" 2>/dev/null || true
}

# until_told: so long as it may take; false where nothing comes.
until_told() {
	local turn
	for ((turn = 0; turn < 150; turn++)); do
		! tells "$there" || return 0
		kill -0 "$watcher" 2>/dev/null || return 0
		sleep 0.04
	done
	return 1
}

# faulty_loop WHAT STRACE_ARG...: a watch that is ready, and then one kill.
faulty_loop() {
	local what=$1 spoke=0
	shift
	victim='' status=0
	watch -J --snapshot 0 "${words[@]}" "$own_path"
	attach "$@"
	kill_one
	until_told || spoke=$?
	detach
	kill "$watcher" 2>/dev/null || true
	watched
	((spoke == 0)) || wrong "$what: silence" || return 1
	((status == 143)) || {
		((status == 2)) || [[ $status == 141 && $what == *EPIPE* ]] || wrong "$what: status $status" || return 1
		((status == 141)) || grep -q '^oomkit watch: ' "$work/err" || wrong "$what: no message" || return 1
	}
	tells "$truth" || wrong "$what: says something wrong"
}

# loop_faults <<<"CALL ERRORS MOST": injects into what a kill sets going.
loop_faults() {
	watch -J --snapshot 0 "${words[@]}" "$own_path"
	attach
	kill_one
	until_told
	sleep 1.2
	detach
	kill "$watcher"
	watched
	sed -E 's/^[0-9]+ +//; s/\(.*//' "$work/trace" | sort | uniq -c | awk '{ print $2, 0, $1 }' >"$work/calls"
	each_fault with_fault faulty_loop
}

@test "a call that fails when somebody is killed" {
	words=()
	loop_faults <<-END
		ppoll ENOMEM,EINTR 2
		read EIO,EINTR,EPIPE,EINVAL 3
		openat EMFILE,ENOMEM,EACCES,EIO,EINTR 4
		newfstatat EIO 1
		pread64 EIO 1
		write ENOSPC,EPIPE,EAGAIN,EINTR,EIO 1
	END
}

# ------------------------------------------------------------------ what does not pass by itself

# deaf_watch STRACE_ARG... -- ARG...: a watch that is ready, traced from its start.
deaf_watch() {
	local how=()
	while [[ $1 != -- ]]; do
		how+=("$1")
		shift
	done
	shift
	: >"$work/out"
	: >"$work/err"
	env --default-signal strace -qq -o /dev/null "${how[@]}" "$OOMKIT" watch -J --snapshot 0 "$@" \
		>"$work/out" 2>"$work/err" 3>&- &
	watcher=$!
	ready
}

# Ends the watch that runs below strace, which hands no signal on.
end_deaf() {
	pkill -TERM -P "$watcher" || true
	watched
}

@test "a log that cannot be read any more: that is said, and the kernel's sum stands in for it" {
	deaf_watch -e trace=read -P /dev/kmsg -e inject=read:error=EIO:when=1+ -- --source kmsg "$own_path"
	kill_one
	until_told
	end_deaf
	grep -q '^oomkit watch: kmsg: Input/output error (it is opened anew as soon as that works)$' "$work/err"
	tells 'any(.event == "gap" and .sources == ["kmsg"])'
	tells 'map(select(.pid == null) | .count) | add >= 1'
	tells 'all(.pid == null)'
}

@test "a log that can be read again is read again" {
	deaf_watch -e trace=read -P /dev/kmsg -e inject=read:error=EIO:when=1 -- --source kmsg "$own_path"
	for ((turn = 0; turn < 300; turn++)); do
		! grep -q 'kmsg: listened to again' "$work/err" || break
		sleep 0.02
	done
	kill_one
	until_told
	end_deaf
	tells 'any(.pid == $victim and .sources == ["kmsg"])'
}

@test "a log that was overrun is a gap" {
	deaf_watch -e trace=read -P /dev/kmsg -e inject=read:error=EPIPE:when=1 -- --source kmsg "$own_path"
	kill_one
	until_told
	for ((turn = 0; turn < 100; turn++)); do
		! grep -q '"gap"' "$work/out" || break
		sleep 0.04
	done
	end_deaf
	tells 'any(.pid == $victim)'
	tells 'any(.event == "gap" and .sources == ["kmsg"] and .count == 0 and (.reason | test("overwritten")))'
}

@test "the kernel's sum that cannot be read is no sum of nothing" {
	# The gap waits for it, is told without a number, and never as if none had been missed.
	deaf_watch -e trace=openat,read -P /proc/vmstat -e inject=read:error=EIO:when=2+ -P /dev/kmsg -- --source kmsg "$own_path"
	# The injection is of either file: the log's second record is lost as the sum is.
	kill_one
	for ((turn = 0; turn < 300; turn++)); do
		! grep -q '"gap"' "$work/out" || break
		sleep 0.04
	done
	end_deaf
	tells 'map(select(.event == "gap")) | length >= 1 and all(.count == null)'
}

@test "poll that fails for good: looked at in turn, and the processor is left alone" {
	deaf_watch -e trace=ppoll -e inject=ppoll:error=ENOMEM:when=1+ -- --source kmsg "$own_path"
	kill_one
	until_told
	sleep 1
	used=$(awk '{ print $14 + $15 }' "/proc/$(pgrep -P "$watcher")/stat")
	pkill -TERM -P "$watcher"
	pkill -KILL -P "$watcher" || true
	watched || true
	tells 'any(.pid == $victim)'
	((used < 20))
}

@test "sources that are not there, not permitted, or in use" {
	local how
	# Of their own accord the others do, and what kept one away is said where it is no everyday thing.
	for how in EBUSY ENOSPC; do
		deaf_watch -e trace=mkdirat -e inject=mkdirat:error=$how -- "$own_path"
		grep -q '^oomkit watch: tracefs: not listened to: ' "$work/err"
		! grep 'watching: ' "$work/err" | grep -q tracefs || false
		kill_one
		until_told
		end_deaf
		tells "$truth"
	done
	# Asked for by name: an error, with what would help.
	run --separate-stderr traced -qq -o /dev/null -e trace=mkdirat -e inject=mkdirat:error=EBUSY "$OOMKIT" watch --source tracefs
	((status == 2))
	[[ $stderr == 'oomkit watch: tracefs: Device or resource busy' ]]
	run --separate-stderr traced -qq -o /dev/null -e trace=mkdirat -e inject=mkdirat:error=EACCES "$OOMKIT" watch --source tracefs
	((status == 77))
	[[ $stderr == 'oomkit watch: tracefs: Permission denied (root, or CAP_DAC_OVERRIDE, would help)' ]]
	need mount_namespace
	run --separate-stderr unshare --mount sh -c '
		for dir in /sys/kernel/tracing /sys/kernel/debug; do
			while umount -l $dir 2>/dev/null; do :; done
		done
		exec "$1" watch --source tracefs' - "$OOMKIT"
	((status == 2))
	[[ $stderr == 'oomkit watch: tracefs: tracefs is not mounted, or has no such event' ]]
}

@test "fewer inotify watches than cgroups: said, and the kill is told all the same" {
	local source=oom_control
	[[ ! -e $own_cgroup/memory.events ]] || source=memory.events
	deaf_watch -e trace=inotify_add_watch -e inject=inotify_add_watch:error=ENOSPC:when=1+ -- --source $source "$own_path"
	grep -q "^oomkit watch: $source: fs.inotify.max_user_watches is reached: some cgroups cannot be watched one by one\$" "$work/err"
	[[ $source == memory.events ]] || kill_one
	[[ $source == memory.events ]] || until_told
	end_deaf
	# Its instances are fewer still.
	run --separate-stderr traced -qq -o /dev/null -e trace=inotify_init1 -e inject=inotify_init1:error=EMFILE \
		"$OOMKIT" watch --source $source
	((status == 2))
	[[ $stderr == "oomkit watch: $source: Too many open files" ]]
	# Those that come later are missed aloud, too.
	deaf_watch -e trace=inotify_add_watch -e inject=inotify_add_watch:error=ENOSPC:when=500+ -- --source $source "$own_path"
	! grep -q 'max_user_watches' "$work/err" || false
	end_deaf
}

@test "few file descriptors: the kill is told, or what is missing" {
	local most
	for most in 4 5 6 8 10 12 16 24; do
		victim='' status=0
		: >"$work/out"
		: >"$work/err"
		(ulimit -n $most; exec env --default-signal "$OOMKIT" watch -J -n 1 --timeout 8 "$own_path") \
			>"$work/out" 2>"$work/err" 3>&- &
		watcher=$!
		for ((turn = 0; turn < 100; turn++)); do
			! grep -q 'watching: ' "$work/err" || break
			kill -0 "$watcher" 2>/dev/null || break
			sleep 0.02
		done
		! kill -0 "$watcher" 2>/dev/null || kill_one
		watched
		judge "$most descriptors"
	done
}

@test "who starts it may ignore the end of children" {
	run -3 --separate-stderr python3 -c '
import os, signal, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
os.execv(sys.argv[1], sys.argv[1:])' "$OOMKIT" watch -- python3 -c '
import signal, sys
sys.exit(3 if signal.getsignal(signal.SIGCHLD) == signal.SIG_IGN else 4)'
	[[ $stderr == *'ended with status 3' ]]
	gzip -c /etc/passwd >"$work/log.gz"
	run -1 --separate-stderr python3 -c '
import os, signal, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
os.execv(sys.argv[1], sys.argv[1:])' "$OOMKIT" parse-log "$work/log.gz"
	assert_equal "$stderr" ''
}

@test "a helper that is killed is told and replaced, and nothing spins" {
	local helper used
	watch --source kmsg --exec-shell 'echo "hook $OOM_PID $(cat /proc/self/oom_score_adj)"' "$own_path"
	helper=$(pgrep -P "$watcher")
	kill -KILL "$helper"
	for ((turn = 0; turn < 100; turn++)); do
		! grep -q 'the helper that runs hooks was ended by signal 9 (Killed)' "$work/err" || break
		sleep 0.02
	done
	used=$(awk '{ print $14 + $15 }' "/proc/$watcher/stat")
	sleep 1
	(($(awk '{ print $14 + $15 }' "/proc/$watcher/stat") - used < 10))
	kills 2
	for victim in "${victims[@]}"; do
		for ((turn = 0; turn < 150; turn++)); do
			! grep -qx "hook $victim $(<"/proc/$$/oom_score_adj")" "$work/err" || break
			sleep 0.02
		done
		grep -qx "hook $victim $(<"/proc/$$/oom_score_adj")" "$work/err"
	done
	kill "$watcher"
	watched
	# One that cannot be made at all.
	run --separate-stderr traced -qq -o /dev/null -f -e trace=clone -e inject=clone:error=EAGAIN:when=1 \
		"$OOMKIT" watch --source kmsg --exec true
	((status == 2))
	[[ $stderr == 'oomkit watch: Resource temporarily unavailable' ]]
}

@test "a hook that cannot be forked is told" {
	watch -n 1 --source kmsg --exec true "$own_path"
	attach_to "$(pgrep -P "$watcher")" -e trace=clone -e inject=clone:error=EAGAIN:when=1
	kill_one
	watched
	detach
	grep -q '^oomkit watch: true: could not be run: Resource temporarily unavailable$' "$work/err"
}

@test "an output that must not block is waited for" {
	# A pipe that is full and set not to block: what is told meanwhile comes when there is room.
	python3 - "$OOMKIT" "$work/err" "$own_path" "$DEVOUR" "$own_cgroup" <<-'END' >"$work/got"
		import fcntl, os, subprocess, sys, time
		oomkit, err, path, devour, cgroup = sys.argv[1:]
		r, w = os.pipe()
		fcntl.fcntl(w, fcntl.F_SETFL, os.O_NONBLOCK)
		fcntl.fcntl(w, 1031, 4096)
		filler = os.write(w, b"x" * 4000)
		watch = subprocess.Popen([oomkit, "watch", "-J", "-n", "2", path], stdout=w, stderr=open(err, "w"))
		os.close(w)
		while "watching" not in open(err).read():
		    time.sleep(0.02)
		subprocess.run([devour, "kills", cgroup, "2"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
		time.sleep(0.5)
		got = b""
		while True:
		    part = os.read(r, 65536)
		    if not part:
		        break
		    got += part
		sys.stdout.write(got[filler:].decode())
		sys.exit(watch.wait())
	END
	assert_equal "$(jq -cs '[.[].event]' "$work/got")" '["oom_kill","oom_kill"]'
}

@test "what waits to become more is told when it is ended" {
	# A counter that rose waits a second for a name.
	local source=oom_control
	[[ ! -e $own_cgroup/memory.events ]] || source=memory.events
	watch -J --source $source "$own_path"
	kill_one
	sleep 0.1
	kill -TERM "$watcher"
	watched
	((status == 143))
	tells 'any(.pid == null and .event == "oom_kill" and .count == 1 and .cgroup == $path)'
}
