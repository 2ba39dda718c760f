#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2030,SC2046,SC2059,SC2031,SC2034,SC2154 # run sets status, output, stderr; each test is a subshell
# What of watch takes its time to show: a storm of a thousand kills, how soon a kill is told, a quiet minute, a ring buffer
# that overflows, memory at its start and after a storm. Figures are printed; they hold on a machine that is otherwise idle.

load helper
load cgroups
load watching
load fixtures/hostile

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
	[[ -z ${own_tracefs-} ]] || umount "$own_tracefs"
}

# The static program, which make keeps; ./oomkit stays what it is.
static_program() {
	make -s -C "$ROOT" STATIC=1 program-at AT="$work/static" >/dev/null 2>&1
	OOMKIT=$work/static
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
	run -0 "$ROOT/tests/bench/latency" "$OOMKIT" "$DEVOUR" 30
	read -r count median ninth most <<<"$output"
	echo "# $count kills told after: median $median us, nine of ten within $ninth us, the last after $most us" >&3
	((count == 30))
	# On an idle machine it is a thousandth of a second; others may be at work here.
	((median < 20000))
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
	static_program
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

@test "memory with 300 and with 10,000 processes: at most 256 bytes for each beyond two MiB" {
	local most others processes high beyond
	static_program
	for most in 300 10000; do
		others=$(find /proc -maxdepth 1 -name '[0-9]*' | wc -l)
		mkfifo "$work/stay.$most"
		"$DEVOUR" crowd $((most > others ? most - others : 1)) <"$work/stay.$most" >"$work/crowd" 3>&- &
		crowd=$!
		exec {stay}>"$work/stay.$most"
		for ((turn = 0; turn < 3000; turn++)); do
			[[ ! -s $work/crowd ]] || break
			sleep 0.02
		done
		processes=$(find /proc -maxdepth 1 -name '[0-9]*' | wc -l)
		# Others that were counted may have ended meanwhile.
		((processes >= most - most / 10))
		# All of it twice: both tables are full, and pages that are locked stay.
		watch -J --snapshot 2
		sleep $((most / 1000 + 5))
		high=$(awk '/^VmHWM/ { print $2 }' "/proc/$watcher/status")
		beyond=$(grep -c 'are beyond it' "$work/err" || true)
		kill "$watcher"
		watched
		exec {stay}>&-
		wait $crowd
		echo "# resident with $processes processes: $high KiB" >&3
		((high <= 2048 + processes / 4))
		((beyond == 0))
	done
}

@test "pressure is told with who would die" {
	need pressure
	local turn readers
	limited_cgroup 33554432
	watch -J -n 1 --timeout 60 --source psi --pressure some:1
	# Reads more than fits, again and again.
	("$DEVOUR" enter "$own_cgroup" timeout 60 sh -c 'while :; do cat /usr/bin/* >/dev/null 2>&1; done') 3>&- &
	local reader=$!
	watched
	# All of them: what one has started goes on without it.
	for ((turn = 0; turn < 250; turn++)); do
		mapfile -t readers <"$own_cgroup/cgroup.procs"
		((${#readers[@]})) || break
		kill -KILL "${readers[@]}" 2>/dev/null || true
		sleep 0.02
	done
	wait "$reader" 2>/dev/null || true
	((status == 0))
	told '.[0] | [.event, .pid, .sources]' '["pressure",null,["psi"]]'
	told '.[0] | (.victim_pid > 1) and (.victim_comm | length > 0) and (.victim_badness > 0)' true
}

# Every byte that a name can have, fifteen a process, and the sequences.
hostile_names() {
	local n chunk='' at=0
	names=()
	for ((n = 1; n < 256; n++)); do
		chunk+=$(printf '\\%03o' "$n")
		((++at == 15 || n == 255)) || continue
		# The dot keeps a newline at the end.
		chunk=$(printf "$chunk.") && names+=("${chunk%.}")
		chunk='' at=0
	done
	names+=($'\e]0;x\a\e[31m\e[2J' $'\u202ez\u2066\x9bm\x7f' '$(reboot);`id`' '"},{"pid":1')
}

@test "names of all bytes: no format and no colour hands on what drives a terminal, and a hook gets them as they are" {
	local format inner name at=0 watchers=()
	hostile_names
	limited_cgroup
	# A cgroup's name has neither newline nor slash.
	inner=$own_cgroup/$(printf "$evil" | tr -d '\n')
	mkdir "$inner"
	printf '#!/bin/sh\nenv -0 | grep -az "^OOM_" >>"$HOOKED"\n' >"$work/hook"
	chmod +x "$work/hook"
	export HOOKED=$work/hooked
	for format in json csv tsv table; do
		watch --format $format $([[ $format == json ]] || echo --color=always) --exec-most 1 \
			$([[ $format != json ]] || echo "--exec=$work/hook") "$own_path"
		watchers+=("$watcher")
		mv "$work/out" "$work/told.$format"
		mv "$work/err" "$work/said.$format"
	done
	watcher=
	for name in "${names[@]}"; do
		"$DEVOUR" named "$inner" "$name" 2>/dev/null
		reports_left 1
	done >"$work/pids"
	for ((turn = 0; turn < 250; turn++)); do
		(($(wc -l <"$work/told.json") < ${#names[@]})) || break
		sleep 0.02
	done
	# A hook for each, one after the other: those that wait when watch is ended have little time.
	for ((turn = 0; turn < 1500; turn++)); do
		(($(grep -caz '^OOM_COMM=' "$work/hooked" || true) < ${#names[@]})) || break
		sleep 0.02
	done
	sleep 1
	kill "${watchers[@]}"
	wait "${watchers[@]}" || true
	rmdir "$inner"
	for format in json csv tsv table; do
		sed 's/\x1b\[[0-9;]*m//g' "$work/told.$format" >"$work/bare"
		[[ $format != json ]] || cmp "$work/told.json" "$work/bare"
		clean "$work/bare"
		clean "$work/said.$format"
		# One line an event, with a line of headings in csv and tsv.
		[[ $format == csv ]] || assert_equal "$(wc -l <"$work/bare")" $((${#names[@]} + ($(grep -c '^TIME\|^time' "$work/bare" || true) > 0)))
	done
	assert_equal "$(jq -s 'map(.pid)' "$work/told.json" | jq -c .)" "$(jq -cs . "$work/pids")"
	# What is plain text comes back as it was.
	for name in "${names[@]}"; do
		[[ ! $name =~ ^[\ -~]+$ ]] || assert_equal "$(jq -rs ".[$at].comm" "$work/told.json")" "${name:0:15}"
		grep -qazF "OOM_COMM=${name:0:15}" "$work/hooked" || [[ $name == *$'\n'* ]]
		at=$((at + 1))
	done
	assert_equal "$(grep -caz '^OOM_COMM=' "$work/hooked")" "${#names[@]}"
}
