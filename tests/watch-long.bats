#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # run sets status, output, stderr; each test is a subshell
# What of watch takes its time to show: a storm of a thousand kills, how soon a kill is told, a quiet minute, a ring buffer
# that overflows, memory at its start and after a storm. Figures are printed; they hold on a machine that is otherwise idle.

load helper
load cgroups
load watching

setup_file() {
	DEVOUR=$(program devour)
	export DEVOUR
}

setup() {
	work=$BATS_TEST_TMPDIR
	need root memory_cgroup own_memory_cgroup kmsg plain_build
}

teardown() {
	watching_end
	if [[ -d ${own_instance-} ]]; then
		rmdir "$own_instance"
	fi
	[[ -z ${own_tracefs-} ]] || umount "$own_tracefs"
}

@test "a storm of a thousand kills is told without loss, each once" {
	local begin
	limited_cgroup 1048576
	# What is here besides may be killed, too; the victims' pids tell which are ours.
	watch -J --comm '^devour$'
	begin=${EPOCHREALTIME/./}
	kills 1000
	echo "# 1000 kills in $(((${EPOCHREALTIME/./} - begin) / 1000)) ms" >&3
	sleep 4
	kill "$watcher"
	watched
	jq 'select(.event == "oom_kill" and .pid != null) | .pid' "$work/out" | sort >"$work/told"
	printf '%s\n' "${victims[@]}" | sort | diff - <(grep -xFf <(printf '%s\n' "${victims[@]}") "$work/told")
	told '[.[] | select(.event == "gap" and .count != 0)]' '[]'
	told "[.[] | select(.pid == null and .cgroup == \"$own_path\")]" '[]'
}

@test "how soon a kill is told, by the trace buffer's clock" {
	need trace_event
	limited_cgroup
	own_instance=/sys/kernel/tracing/instances/oomkit-test-$$
	mkdir "$own_instance"
	echo mono >"$own_instance/trace_clock"
	echo 1 >"$own_instance/events/oom/mark_victim/enable"
	cp /dev/null "$work/out"
	cp /dev/null "$work/err"
	(exec env --default-signal "$OOMKIT" watch -J --comm '^devour$' 2>"$work/err" | "$DEVOUR" stamp >"$work/out") 3>&- &
	watcher=$!
	ready
	for ((turn = 0; turn < 60; turn++)); do
		"$DEVOUR" kills "$own_cgroup" 1 2>/dev/null
		sleep 0.05
	done >"$work/victims"
	lines 60
	sed -nE 's/.* ([0-9]+)\.([0-9]{6}): mark_victim: pid=([0-9]+).*/\3 \1\2/p' "$own_instance/trace" | sort >"$work/killed"
	sed -E 's/^([0-9]+) .*"pid": ([0-9]+).*/\2 \1/' "$work/out" | sort >"$work/stamped"
	echo 0 >"$own_instance/events/oom/mark_victim/enable"
	join "$work/killed" "$work/stamped" | awk '{ print $3 - $2 }' | sort -n >"$work/usec"
	(($(wc -l <"$work/usec") >= 60))
	pkill -P "$watcher" || true
	wait "$watcher" || true
	watcher=
	awk '{ v[NR] = $1 } END { printf "# told after: median %.2f ms, nine of ten within %.2f ms, the last after %.2f ms\n",
		v[int((NR + 1) / 2)] / 1000, v[int(NR * 0.9)] / 1000, v[NR] / 1000 }' "$work/usec" >&3
	# On an idle machine it is one; others may be at work here.
	(($(sed -n 30p "$work/usec") < 20000))
}

@test "a quiet minute: one system call, or none" {
	need pressure strace
	# What others kill here would wake it by the log; what never comes does not.
	watch --source psi --pressure full:100 --snapshot 0
	quiet 60 3
	assert_equal "$(awk '{ print $14 + $15 }' "/proc/$watcher/stat" | awk '{ print ($1 < 20) }')" 1
	kill "$watcher"
	watched
}

@test "records that were overwritten are a gap, with the kills that it hid" {
	[[ -w /proc/sys/kernel/printk_devkmsg ]] || return 0
	local before
	before=$(cat /proc/sys/kernel/printk_devkmsg)
	limited_cgroup
	watch -J --source kmsg
	# The first record that it reads tells where it stands.
	kills 1
	lines 1
	kill -STOP "$watcher"
	kills 3
	echo on >/proc/sys/kernel/printk_devkmsg
	# The ring goes over what was not read: it holds a megabyte or two.
	yes "$(printf '%0900d' 0)" | head -n 4000 | while IFS= read -r line; do echo "<7>$line"; done >/dev/kmsg || true
	echo "$before" >/proc/sys/kernel/printk_devkmsg
	kill -CONT "$watcher"
	for ((turn = 0; turn < 400; turn++)); do
		! grep -q '"gap"' "$work/out" || break
		sleep 0.02
	done
	kill "$watcher"
	watched
	told '[.[] | select(.event == "gap")][0] | [.pid, .sources, (.lost > 100), (.count >= 3)]' '[null,["kmsg"],true,true]'
}

@test "memory: two MiB at most with the static program, and no more after a storm" {
	local before after processes
	make -s -C "$ROOT" STATIC=1 BUILD="$work/build" program-at AT="$work/static" >/dev/null 2>&1
	OOMKIT=$work/static
	limited_cgroup
	watch -J "$own_path"
	processes=$(find /proc -maxdepth 1 -name '[0-9]*' | wc -l)
	before=$(awk '/^VmHWM/ { print $2 }' "/proc/$watcher/status")
	kills 200
	sleep 2
	after=$(awk '/^VmHWM/ { print $2 }' "/proc/$watcher/status")
	echo "# resident with $processes processes: $before KiB, after 200 kills $after KiB" >&3
	((before <= 2048 + processes / 4))
	((after <= before + 64))
	kill "$watcher"
	watched
}

@test "pressure is told with who would die" {
	need pressure
	limited_cgroup 33554432
	watch -J -n 1 --timeout 60 --source psi --pressure some:1
	# Reads more than fits, again and again.
	("$DEVOUR" enter "$own_cgroup" timeout 60 sh -c 'while :; do cat /usr/bin/* >/dev/null 2>&1; done') 3>&- &
	local reader=$!
	watched
	pkill -P "$reader" || true
	kill "$reader" 2>/dev/null || true
	wait "$reader" 2>/dev/null || true
	((status == 0))
	told '.[0] | [.event, .pid, .sources]' '["pressure",null,["psi"]]'
	told '.[0] | (.victim_pid > 1) and (.victim_comm | length > 0) and (.victim_badness > 0)' true
}
