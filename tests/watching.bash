# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# oomkit watch in the background of a test, and kills for it to tell of. Loaded behind helper and cgroups: load watching
# $work is the test's folder, $DEVOUR the program that is killed.

watching_end() {
	[[ -z ${watcher-} ]] || { kill -KILL "$watcher" && wait "$watcher"; } 2>/dev/null || true
	[[ -z ${own_cgroup-} ]] || remove_cgroup "$own_cgroup"
}

# The tracepoint can be had: tracefs is there, or can be mounted in its place while the test runs.
probe_trace_event() {
	reason='tracefs is not mounted'
	local dir=/sys/kernel/tracing
	if [[ ! -e $dir/instances && -d $dir ]] && mount -t tracefs tracefs "$dir" 2>/dev/null; then
		own_tracefs=$dir
	fi
	[[ -w $dir/instances && -e $dir/events/oom/mark_victim/format ]]
}

# A cgroup with a limit of so many bytes.
limited_cgroup() { # [BYTES]
	local size=${1:-8388608}
	make_cgroup
	if [[ -e $own_cgroup/memory.max ]]; then
		echo 0 >"$own_cgroup/memory.swap.max" 2>/dev/null || true
		echo "$size" >"$own_cgroup/memory.max"
	else
		echo "$size" >"$own_cgroup/memory.limit_in_bytes"
	fi
}

# Waits until the watch in the background says that it is.
ready() {
	local turn
	for ((turn = 0; turn < 500; turn++)); do
		! grep -q 'watching: ' "$work/err" || return 0
		sleep 0.02
	done
	cat "$work/err" >&2
	return 1
}

# watch ARG...: oomkit watch in the background, ready; its output is $work/out, its messages $work/err.
watch() {
	: >"$work/out"
	# What an earlier one said is no sign that this one is ready.
	: >"$work/err"
	# What a shell starts behind "&" ignores SIGINT and SIGQUIT, and watch would heed that.
	env --default-signal "$OOMKIT" watch "$@" >"$work/out" 2>"$work/err" 3>&- &
	watcher=$!
	ready
}

# Waits for the watch to end; its status is $status.
watched() {
	status=0
	wait "$watcher" || status=$?
	watcher=
}

# lines COUNT: waits until so many events were told.
lines() {
	local turn
	for ((turn = 0; turn < 500; turn++)); do
		(($(wc -l <"$work/out") < $1)) || return 0
		sleep 0.02
	done
	echo "$(wc -l <"$work/out") of $1 events" >&2
	jq -c '[.event, .pid, .cgroup, .sources, .count]' "$work/out" >&2
	return 1
}

# The kernel reports ten kills in five seconds as a whole, of whichever cgroups they are; of more it says the last line
# alone. Waits until it has that many left.
reports_left() { # COUNT
	local turn now
	for ((turn = 0; turn < 100 && $1 <= 10; turn++)); do
		read -r now _ </proc/uptime
		(($(dmesg | awk -v since=$((${now%.*} - 6)) -F '[][ ]+' '/invoked oom-killer/ && $2 > since' | wc -l) + $1 > 10)) ||
			break
		sleep 0.2
	done
}

# kills COUNT: so many in the cgroup; their pids are in $victims.
kills() {
	reports_left "$1"
	mapfile -t victims < <("$DEVOUR" kills "$own_cgroup" "$1" 2>/dev/null)
	((${#victims[@]} == $1))
}

# told FILTER WANT: what jq makes of the events, all of them in one array.
told() {
	assert_equal "$(jq -cs "$1" "$work/out")" "$2"
}

# quiet SECONDS TRIES: the watch in the background, that waits for pressure alone, makes no system call but the one that it
# sleeps in, which strace interrupts as it comes and cuts off as it goes. Where something came to be told meanwhile, which
# is another's doing, the stretch is no proof, and the next one is looked at.
quiet() {
	local turn told
	for ((turn = 0; turn < $2; turn++)); do
		told=$(<"$work/out")
		timeout "$1" strace -qq -f -o "$work/trace" -p "$watcher" 2>/dev/null 3>&- || true
		[[ $(<"$work/out") == "$told" ]] || continue
		cat "$work/trace"
		grep -qE '(ppoll|restart_syscall)\(' "$work/trace" || return 1
		! grep -vE '(ppoll|restart_syscall)' "$work/trace" || return 1
		! grep -E '= +-?[0-9]' "$work/trace" || return 1
		return 0
	done
	echo "something happened in each of $2 stretches" >&2
	return 1
}
