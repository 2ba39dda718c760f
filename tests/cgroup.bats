#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2153,SC2154 # run sets status, output, stderr; each test is a subshell
# The memory cgroups as a tree. The machines cluster, hybrid, inside-*, flat, young-v2 and absurd of fixtures/derived were
# worked out by hand; the captured ones have what their kernels wrote; what the running kernel counts, kills and refuses
# is the measure of the rest.

load helper
load cgroups
load fixtures/derived

teardown() {
	# What a test has taken from a plain user cannot be removed.
	chmod -R u+rwX "$BATS_TEST_TMPDIR"
	[[ -z ${sleeper-} ]] || kill "$sleeper" 2>/dev/null || true
	[[ -z ${own_cgroup-} ]] || remove_cgroup "$own_cgroup"
}

# One cgroup of the output.
of() { # PATH FILTER VALUE
	is ".cgroups[] | select(.path == \"$1\") | $2" "$3"
}

kube=/kubepods.slice
pod=$kube/kubepods-burstable.slice/kubepods-burstable-pod0f1e2d3c_4b5a_6978_8796_a5b4c3d2e1f0.slice
id=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
container=$pod/cri-containerd-$id.scope

# ---------------------------------------------------------------- whole output

@test "a node of a cluster as a table: pods and containers by what they stand for" {
	golden cgroup-cluster cgroup --victims --root "$(derived cluster)"
	[[ -z $stderr ]]
}

@test "a hybrid machine, v1 files: swap, failcnt, a cgroup that is out of memory and waits" {
	golden cgroup-hybrid cgroup --victims --root "$(derived hybrid)"
	[[ -z $stderr ]]
}

@test "a container of v1, whose mount shows its own cgroup: a limit above it is told" {
	golden cgroup-inside-v1 cgroup --root "$(derived inside-v1)"
	[[ -z $stderr ]]
}

@test "old kernels, odd names, and numbers that no kernel prints" {
	golden cgroup-young-v2 cgroup --root "$(derived young-v2)"
	golden cgroup-flat cgroup --victims --root "$(derived flat)"
	golden cgroup-absurd cgroup --victims --root "$(derived absurd)"
}

@test "captured machines of v1 and v2" {
	golden cgroup-4.14.177-v1 cgroup --root "$(machine 4.14.177-v1)" --format csv \
		-o path,current,limit,failcnt,events.oom_kill
	golden cgroup-6.1-v2 cgroup --root "$(machine 6.1-v2)" -o path,current,limit,peak,events.oom_kill,pressure.full.avg300
}

@test "JSON of a node: every key, whatever the cgroup has" {
	ok cgroup -J --victims --root "$(derived cluster)"
	# jq 1.7 would show a number as it stood in the text, 55.0 or 55.
	jq 'del(.cgroups[].id) | walk(if type == "number" then . + 0 else . end)' <<<"$output" >"$BATS_TEST_TMPDIR/json"
	[[ -z ${UPDATE_EXPECTED-} ]] || cp "$BATS_TEST_TMPDIR/json" "$ROOT/tests/expected/cgroup-cluster.json"
	diff -u "$ROOT/tests/expected/cgroup-cluster.json" "$BATS_TEST_TMPDIR/json"
}

@test "pods and containers have the names that kubelet gives their logs, where there are any" {
	ok cgroup -J --root "$(derived cluster)"
	of "$container" '[.namespace, .pod_name, .container_name]' '["default","shop-7d4f9","shop"]'
	of "$pod" '[.namespace, .pod_name, .container_name]' '["default","shop-7d4f9",null]'
	of "$kube/kubepods-pod0f1e2d3c_4b5a_6978_8796_a5b4c3d2e1f0c.slice" '[.namespace, .pod_name]' '["kube-system","etcd-node1"]'
	of "$kube/kubepods-besteffort.slice" '[.namespace, .pod_name, .pod]' '[null,null,null]'
	is '[.cgroups[] | select(.qos == "BestEffort") | .pod_name] | unique' '[null]'
}

@test "Prometheus text of a node" {
	golden cgroup-cluster.prom cgroup --format prom --root "$(derived cluster)"
}

# ---------------------------------------------------------------- what holds from above

@test "the effective limit and the headroom, each with whose it is" {
	ok cgroup -J --root "$(derived cluster)"
	of "$container" '[.limit, .effective_limit, .limited_by, .headroom, .headroom_by]' \
		"[536870912,536870912,\"$container\",33554432,\"$pod\"]"
	# A pod whose own limit is far away and whose slice is nearly full.
	of "$kube/kubepods-pod0f1e2d3c_4b5a_6978_8796_a5b4c3d2e1f0c.slice" \
		'[.limit, .effective_limit, .headroom, .headroom_by]' "[4294967296,4294967296,104857600,\"$kube\"]"
	of "$kube/kubepods-besteffort.slice" '[.limit, .effective_limit, .limited_by, .headroom]' \
		"[\"max\",6442450944,\"$kube\",104857600]"
	of /system.slice '[.limit, .effective_limit, .limited_by, .headroom, .headroom_by]' \
		'["max","max",null,"max",null]'
	of / '[.limit, .effective_limit, .current]' '[null,"max",null]'
}

@test "a part of the tree knows the limits above it" {
	local root
	root=$(derived cluster)
	ok cgroup -J --root "$root" "$container"
	is '[.cgroups[] | [.path, .headroom, .headroom_by]]' "[[\"$container\",33554432,\"$pod\"]]"
	ok cgroup -J --root "$root" "$kube/kubepods-besteffort.slice" -o path,effective_limit,limited_by
	is '[.cgroups[].effective_limit] | unique' '[6442450944]'
	is '[.cgroups[].limited_by] | unique' "[\"$kube\"]"
}

@test "v1: a cgroup that stands for itself bounds nothing below it" {
	ok cgroup -J --root "$(derived flat)"
	of /flat '[.effective_limit, .headroom]' '[67108864,7108864]'
	of /flat/child '[.effective_limit, .limited_by, .headroom]' '["max",null,"max"]'
}

@test "v1 in a container: the limit above is known, whose it is and what is left of it is not" {
	ok cgroup -J --root "$(derived inside-v1)"
	of "/docker/$id" '[.limit, .effective_limit, .limited_by, .headroom]' '["max",268435456,null,null]'
	of "/docker/$id/child" '[.limit, .effective_limit, .limited_by, .headroom]' \
		"[134217728,134217728,\"/docker/$id/child\",null]"
}

@test "v2 in a cgroup namespace: the root there is a cgroup like others" {
	ok cgroup -J --root "$(derived inside-v2)"
	of / '[.limit, .effective_limit, .limited_by, .headroom]' '[268435456,268435456,"/",68435456]'
	of /child '[.limit, .effective_limit, .limited_by, .headroom, .headroom_by]' '["max",268435456,"/",68435456,"/"]'
	[[ -z $stderr ]]
}

@test "a limit that cannot be read is unknown, and so is what follows from it" {
	need unprivileged
	local root via=(unprivileged)
	root=$(derived_copy cluster)
	chmod 000 "$root/sys/fs/cgroup$kube/memory.max"
	ok cgroup -J --root "$root"
	of "$kube" '[.limit, .effective_limit, .headroom]' '[null,null,null]'
	of "$container" '[.limit, .effective_limit, .limited_by, .headroom]' '[536870912,null,null,null]'
	warns '1 cgroup could not be read in full'
	chmod 000 "$root/sys/fs/cgroup$kube"
	ok cgroup -J --root "$root"
	of "$kube" '[.current, .limit]' '[null,null]'
	is "[.cgroups[] | select(.path | startswith(\"$kube/\"))]" '[]'
	warns '1 cgroup could not be read in full'
}

# ---------------------------------------------------------------- what has happened

@test "events and events.local apart, of v2" {
	ok cgroup -J --root "$(derived cluster)"
	of "$pod" '[.events.oom, .events.oom_kill, .events.oom_group_kill, .events_local.oom_kill]' '[9,3,1,0]'
	of "$container" '[.events.oom_kill, .events_local.oom_kill, .events_local.max]' '[2,2,39]'
	of /system.slice/kubelet.service '[.events.high, .high, .low, .min]' '[17,209715200,104857600,52428800]'
	of "$container" '.pressure.some | map_values(. + 0)' '{"avg10":55,"avg60":1.5,"avg300":0.25,"total":12345678}'
	of "$container" .pressure.full.avg10 31.07
	of "$pod" '[.pressure, .oom_group, .failcnt, .memsw, .under_oom]' '[null,true,null,null,null]'
	of / '[.events, .oom_group]' '[null,null]'
}

@test "v1: kills, failcnt, memsw, under_oom; its swap is that of memory.stat where the counters differ" {
	ok cgroup -J --root "$(derived hybrid)"
	is '[.version, .hybrid, .mount]' '["v1",true,"/sys/fs/cgroup/memory"]'
	of "/docker/$id" '[.events.oom_kill, .events_local.oom_kill, .events.oom, .failcnt, .memsw]' \
		'[5,5,null,42,{"current":316777216,"limit":1073741824,"failcnt":3}]'
	of "/docker/$id" '[.swap_current, .swap_limit, .oom_kill_disable, .under_oom]' '[16777216,null,false,false]'
	of /full '[.oom_kill_disable, .under_oom, .swap_current, .headroom]' '[true,true,0,0]'
	of /user.slice .swap_current 0
	ok cgroup --root "$(derived hybrid)"
	says '/full is out of memory now and oom_kill_disable is set'
}

@test "what a kernel has not got is unknown, not 0" {
	ok cgroup -J --root "$(derived young-v2)" /old
	of /old '[.events.oom, .events.oom_kill, .events_local, .oom_group, .pressure]' '[2,null,null,null,null]'
	ok cgroup -J --root "$(derived flat)" /flat
	of /flat '[.events, .events_local, .memsw, .swap_current, .failcnt]' '[null,null,null,null,0]'
}

@test "absurd numbers: what is none is unknown, and nothing is less than nothing" {
	ok cgroup -J --root "$(derived absurd)"
	of /over '[.headroom, .pressure]' '[0,null]'
	of /overflow '[.current, .limit, .effective_limit, .headroom]' '[null,null,null,null]'
	[[ $output == *'"path": "/huge", '*'"oom": 18446744073709551615, "oom_kill": null'* ]]
	of /word '[.current, .limit, .oom_group, .swap_current, .events]' '[null,null,null,null,null]'
	of /word/below '[.current, .effective_limit, .headroom]' '[100,null,null]'
	of /empty '[.current, .limit, .events]' '[null,null,null]'
}

# ---------------------------------------------------------------- victims

@test "the victim of each limited cgroup is the one of rank --scope, on every machine" {
	local name root path want
	for name in cluster hybrid site memsw web-limited web-limited-v1 web-group ties ties-old; do
		root=$(derived $name)
		ok cgroup -J --victims --root "$root"
		jq -c '.cgroups[] | select(.limit != "max" and .limit != null) | [.path, .victim.pid, .victim.badness]' \
			<<<"$output" >"$BATS_TEST_TMPDIR/victims"
		[[ -s $BATS_TEST_TMPDIR/victims ]]
		while read -r want; do
			path=$(jq -r '.[0]' <<<"$want")
			ok rank -J -N 1 --scope "$path" --root "$root"
			is "[\"$path\"] + (if .outcome == \"kill\" then .processes[0] | [.pid, .badness] else [null, null] end)" "$want"
		done <"$BATS_TEST_TMPDIR/victims"
	done
}

@test "who dies along for oom.group, who is never chosen, and what a machine at panic_on_oom does" {
	ok cgroup -J --victims --root "$(derived web-group)" /web
	of /web '.victim | [.pid, .comm, .group, .with]' '[97,"web","/web",1]'
	ok cgroup -J -o path,victim.process,outcome --root "$(derived web-kill-disabled)" /web
	of /web '[.victim.process, .outcome]' '["nobody: oom_kill_disable","disabled"]'
	ok cgroup -J -o path,outcome --root "$(derived absurd)" /over
	of /over .outcome '"nobody"'
	local root
	root=$(derived_copy cluster)
	echo 2 >"$root/proc/sys/vm/panic_on_oom"
	ok cgroup -J -o path,outcome,victim.pid --root "$root" "$pod"
	of "$pod" '[.outcome, .victim]' '["panic",null]'
	ok cgroup -J --root "$root" "$pod"
	of "$pod" .victim null
}

@test "another kernel's rule judges the victims" {
	ok cgroup -J -o path,victim.pid --root "$(derived ties)" /crowd
	of /crowd .victim.pid 400
	ok cgroup -J -o path,victim.pid --kernel 4.9 --root "$(derived ties)" /crowd
	of /crowd .victim.pid 500
}

# ---------------------------------------------------------------- targets

@test "a TARGET is a path, a full path, a unit, a container, a pid or a name" {
	local root target
	root=$(derived cluster)
	for target in "$container" "/sys/fs/cgroup$container" "cri-containerd-$id.scope" "$id" "${id:0:12}" 500 java sidecar; do
		ok cgroup -o path --noheadings --root "$root" "$target"
		[[ $output == "$container" ]] || fail "$target: $output"
	done
	ok cgroup -J -o path --root "$root" --unit kubelet
	is '[.cgroups[].path]' '["/system.slice/kubelet.service"]'
	# Nobody runs there, and it is there all the same.
	ok cgroup -J -o path --root "$(derived site)" user-1000.slice
	is '[.cgroups[].path]' '["/user.slice/user-1000.slice","/user.slice/user-1000.slice/session-1.scope"]'
	# One below another is shown once; two apart come by their paths.
	ok cgroup -J -o path --root "$root" "$container" "$pod" kubelet.service
	is '[.cgroups[].path]' "[\"$pod\",\"$container\",\"/system.slice/kubelet.service\"]"
	ok cgroup -J -o path --root "$root" -u 1000
	is '[.cgroups[].path] | length' 2
}

@test "a TARGET that nothing matches is named: 1, and 64 where others match" {
	local root
	root=$(derived cluster)
	ends 1 cgroup --root "$root" /nosuch
	warns '/nosuch: no such cgroup'
	ends 1 cgroup --root "$root" nosuch.service
	warns 'nosuch.service: no cgroup of such a unit'
	ends 1 cgroup --root "$root" 9999
	warns '9999: no such process'
	ends 64 cgroup -J --root "$root" nosuch kubelet.service
	warns 'nosuch: no process matches'
	is '.cgroups | length' 1
	# A process that lives outside of what is mounted here.
	ends 1 cgroup --root "$(derived inside-v2)" 8
	warns '8: what is mounted here does not show its cgroup'
}

@test "a cgroup without the controller is no memory cgroup, but by its name" {
	local root
	root=$(derived cluster)
	ok cgroup -J --root "$root"
	is '[.cgroups[] | select(.path == "/system.slice/plain")]' '[]'
	ok cgroup -J --root "$root" /system.slice/plain
	of /system.slice/plain '[.current, .limit]' '[null,null]'
	warns '/system.slice/plain has no memory controller: what is in it is charged to /system.slice'
}

@test "where no memory hierarchy is mounted: no cgroups, one line with our path, 0" {
	local root
	root=$(derived no-memory-cgroup)
	ok cgroup -J --root "$root"
	is '[.version, .cgroups]' '[null,[]]'
	((${#stderr_lines[@]} == 1))
	warns 'our own cgroup is / '
	ok cgroup --root "$root"
	[[ -z $output ]]
	ok cgroup -q --root "$root"
	[[ -z $output$stderr ]]
	ends 2 cgroup --root "$root" /x
	rm -rf "$BATS_TEST_TMPDIR/copy"
	cp -a "$root" "$BATS_TEST_TMPDIR/copy"
	rm "$BATS_TEST_TMPDIR/copy/proc/self/cgroup"
	ok cgroup -J --root "$BATS_TEST_TMPDIR/copy"
	warns 'does not tell our own cgroup'
}

# ---------------------------------------------------------------- what is read

@test "only files are read that a shown column needs" {
	need strace plain_build
	local root
	root=$(derived cluster)
	files() { # COLUMNS: which files of a cgroup are opened
		traced -qq -e trace=openat -o "$BATS_TEST_TMPDIR/trace" "$OOMKIT" cgroup --root "$root" -o "$1" >/dev/null
		sed -nE 's/.*"(memory\.[a-z_.]+)".* = [0-9]+$/\1/p' "$BATS_TEST_TMPDIR/trace" | sort -u | paste -sd ' '
	}
	assert_equal "$(files path,current)" 'memory.current'
	assert_equal "$(files path,events.oom_kill,events.oom)" 'memory.current memory.events'
	assert_equal "$(files path,headroom)" 'memory.current memory.max'
	assert_equal "$(files path,pressure)" 'memory.current memory.pressure'
	assert_equal "$(files path,swap,limit,group)" 'memory.max memory.oom.group memory.swap.current'
}

@test "--sort: whole paths, the unknown last" {
	ok cgroup -J -o path,current --sort -current --root "$(derived cluster)"
	is '[.cgroups[].current] | . == (sort | reverse)' true
	is '.cgroups[-1].path' '"/"'
	ok cgroup -o path,headroom --sort headroom --root "$(derived cluster)"
	[[ ${lines[1]} == "$container"* || ${lines[1]} == "$pod"* ]]
}

# ---------------------------------------------------------------- --write, on made machines

@test "--write: sizes, max and flags, written and read back" {
	local root web
	root=$(derived_copy small)
	web=$root/sys/fs/cgroup/web
	ok cgroup -J --root "$root" --write max=1G --write high=512M --write swap.max=0 --write oom.group=1 \
		--write memory.low=1.5M --write min=4K /web
	is '[.changes[] | [.key, .from, .to]]' '[["oom.group",0,1],["min",0,4096],["low",0,1572864],["high","max",536870912],["swap.max","max",0],["max",67108864,1073741824]]'
	is '[.changes[] | .now == .to and .state == "done"] | all' true
	assert_equal "$(cat "$web"/memory.{max,high,swap.max,oom.group,low,min} | paste -sd ' ')" '1073741824 536870912 0 1 1572864 4096'
	ok cgroup --root "$root" --write max=max 11
	assert_equal "$(<"$web/memory.max")" max
	assert_equal "${lines[1]}" '/web   max 1.0G max max done'
}

@test "--write on v1: its own names, and in an order in which the two limits never cross" {
	local root app
	root=$(derived_copy memsw)
	app=$root/sys/fs/cgroup/memory/app
	ok cgroup -J --root "$root" --write max=1G --write memsw.max=2G /app
	is '[.changes[] | [.key, .file]]' '[["memsw.max","memory.memsw.limit_in_bytes"],["max","memory.limit_in_bytes"]]'
	ok cgroup -J --root "$root" --write memsw.max=256M --write max=128M /app
	is '[.changes[].key]' '["max","memsw.max"]'
	assert_equal "$(cat "$app"/memory.{limit_in_bytes,memsw.limit_in_bytes} | paste -sd ' ')" '134217728 268435456'
	ends 1 cgroup --root "$root" --write max=1G --write memsw.max=512M /app
	warns 'the limit of memory would be above the one of memory and swap \(change max and memsw.max together\)'
	assert_equal "$(<"$app/memory.limit_in_bytes")" 134217728
	ends 1 cgroup --root "$root" --write max=1G /stay
	warns 'would be above'
	# v1 knows no "max".
	ok cgroup --root "$root" --write memsw.max=max /app
	assert_equal "$(<"$app/memory.memsw.limit_in_bytes")" -1
}

@test "--write: what a version has not got is refused with what it has instead" {
	local root
	root=$(derived memsw)
	for word in high=1G low=1G min=1G oom.group=1; do
		ends 2 cgroup --root "$root" --write $word /app
		warns 'cgroup v1 has no such thing'
	done
	ends 2 cgroup --root "$root" --write swap.max=1G /app
	warns 'memory.memsw.limit_in_bytes'
	ends 2 cgroup --root "$(derived small)" --write oom_kill_disable=1 /web
	warns 'cgroup v2 has no such thing'
	ends 2 cgroup --root "$(derived small)" --write memsw.max=1G /web
	warns 'swap.max'
	ends 1 cgroup --root "$(derived small)" --write max=1G /
	warns 'the root cgroup has no limits'
}

@test "--write: a bad word changes nothing" {
	local root word
	root=$(derived small)
	for word in max max= max=x max=-1 max=1Q =1G foo=1 oom.group=2 oom.group=yes oom.group= max=99999999999T max=512 Max=1G; do
		ends 2 cgroup --root "$root" --write "$word" --write low=1M /web
		[[ -n $stderr ]]
	done
	ends 2 cgroup --root "$root" --write max=1G --write max=2G /web
	warns 'the same key twice'
	ends 2 cgroup --root "$root" --write max=1G
	warns 'exactly one TARGET'
	ends 2 cgroup --root "$root" --write max=1G /web /
	ends 2 cgroup --root "$root" --dry-run /web
	ends 2 cgroup --root "$root" --write max=1G --victims /web
	ends 2 cgroup --root "$root" --write max=1G -o nonsense /web
	ends 2 cgroup --root "$root" --write max=1G --sort path /web
	ends 2 cgroup --root "$(derived cluster)" --write max=1G -u 1000
	warns 'in several cgroups'
	ends 1 cgroup --root "$root" --write max=1G /nosuch
	assert_equal "$(<"$root/sys/fs/cgroup/web/memory.max")" 67108864
	assert_equal "$(<"$root/sys/fs/cgroup/web/memory.low")" 0
}

@test "--dry-run tells the plan and what would be in its way, and does nothing" {
	local root
	root=$(derived_copy small)
	ok cgroup -J --root "$root" --write max=1G --write low=1M --dry-run /web
	is '[.dry_run, [.changes[] | [.key, .from, .to, .now, .state]]]' '[true,[["low",0,1048576,0,"planned"],["max",67108864,1073741824,67108864,"planned"]]]'
	assert_equal "$(cat "$root"/sys/fs/cgroup/web/memory.{max,low} | paste -sd ' ')" '67108864 0'
}

@test "--write: where one file may not be written, none is" {
	need unprivileged
	local root via=(unprivileged)
	root=$(derived_copy small)
	chmod 444 "$root/sys/fs/cgroup/web/memory.max"
	ends 77 cgroup --root "$root" --write max=1G --write low=1M --write oom.group=1 /web
	warns 'memory.max: Permission denied \(.*CAP_DAC_OVERRIDE'
	assert_equal "$(cat "$root"/sys/fs/cgroup/web/memory.{max,low,oom.group} | paste -sd ' ')" '67108864 0 0'
	ends 77 cgroup --root "$root" --write max=1G --dry-run /web
}

@test "--write: a write that fails takes back those before it, and a failure of that is told" {
	need strace plain_build
	local root
	root=$(derived_copy small)
	fails_at() { # WHEN
		run --separate-stderr env ASAN_OPTIONS=detect_leaks=0 strace -qq -o /dev/null -e trace=write \
			-e "inject=write:error=EIO:when=$1" "$OOMKIT" cgroup -J --root "$root" --write low=1M --write high=32M \
			--write max=1G /web
	}
	fails_at 3
	((status == 1))
	is '[.changes[] | [.key, .state, .error]]' \
		'[["low","undone",null],["high","undone",null],["max","failed","Input/output error"]]'
	warns 'memory.low: has its old value again'
	assert_equal "$(cat "$root"/sys/fs/cgroup/web/memory.{low,high} | paste -sd ' ')" '0 max'
	fails_at 2..3
	((status == 64))
	is '[.changes[].state]' '["stranded","failed","skipped"]'
	warns 'memory.low: was changed, and its old value could not be written back'
}

@test "--write below what is used, and where somebody else manages the cgroup, is said" {
	local root
	root=$(derived_copy cluster)
	mkdir -p "$root/run/systemd/system"
	ok cgroup --root "$root" --write max=100M --write high=200M --dry-run kubelet.service
	warns '/system.slice/kubelet.service has 180M, more than the new limit of 100M'
	warns 'oomkit rank --scope /system.slice/kubelet.service --limit 100M'
	warns 'high is not below max'
	warns 'systemctl set-property'
	ok cgroup --root "$root" --write max=1G --dry-run "$id"
	warns 'Kubernetes pod'
	ok cgroup --root "$(derived hybrid)" --write max=1G --dry-run "$id"
	warns 'docker update'
	ok cgroup -q --root "$root" --write max=100M --dry-run kubelet.service
	[[ -z $output$stderr ]]
}

# ---------------------------------------------------------------- the running machine

# limit SIZE: of $own_cgroup, without swap.
limit() {
	if [[ -e $own_cgroup/memory.max ]]; then
		echo 0 >"$own_cgroup/memory.swap.max" 2>/dev/null || true
		echo "$1" >"$own_cgroup/memory.max"
	else
		echo 0 >"$own_cgroup/memory.swappiness"
		echo "$1" >"$own_cgroup/memory.limit_in_bytes"
	fi
}

# A process in $own_cgroup that has taken so many MiB: $sleeper.
inhabit() { # MIB
	coproc INSIDE { exec bash -c 'echo 0 >"$1/cgroup.procs" && all=$(head -c "$2"M /dev/zero | tr "\0" x) && echo ready &&
		read -r' - "$own_cgroup" "$1" 3>&-; }
	sleeper=$INSIDE_PID
	local word
	read -r -t 20 word <&"${INSIDE[0]}"
	[[ $word == ready ]]
}

leave() {
	kill "$sleeper"
	wait "$sleeper" || true
	sleeper=
	remove_cgroup "$own_cgroup"
	own_cgroup=
}

@test "a real OOM kill in a cgroup is counted there" {
	need root memory_cgroup own_memory_cgroup
	make_cgroup
	limit 16M
	ok cgroup -J "$own_path"
	of "$own_path" '[.limit, .effective_limit <= 16777216, .events.oom_kill, .events_local.oom_kill]' '[16777216,true,0,0]'
	run sh -c 'echo 0 >"$1/cgroup.procs"; exec tail /dev/zero' - "$own_cgroup"
	((status == 137))
	ok cgroup -J "$own_path"
	of "$own_path" '[.events.oom_kill, .events_local.oom_kill, (.failcnt // .events.oom) > 0]' '[1,1,true]'
	ok cgroup "$own_path"
	[[ ${lines[1]} == "$own_path"*' 16M '* ]]
	remove_cgroup "$own_cgroup"
	own_cgroup=
}

@test "the numbers are those of the files, and the victim is who lives there" {
	need root memory_cgroup own_memory_cgroup
	make_cgroup
	limit 64M
	inhabit 20
	ok cgroup -J --victims "$own_path"
	of "$own_path" '[.current >= 20971520, .current < 67108864, .headroom <= 67108864 - .current, .victim.pid]' \
		"[true,true,true,$sleeper]"
	ok cgroup -J -o path "$sleeper"
	is '[.cgroups[].path]' "[\"$own_path\"]"
	ok cgroup -J "$own_cgroup"
	is '.cgroups | length' 1
	local inode
	inode=$(stat -c %i "$own_cgroup")
	of "$own_path" .id "$inode"
	leave
}

@test "--write on the running kernel: written, rounded to pages, and refused as a whole" {
	need root memory_cgroup own_memory_cgroup
	local file=memory.max
	make_cgroup
	[[ -e $own_cgroup/$file ]] || file=memory.limit_in_bytes
	ok cgroup -J --write max=67108865 "$own_path"
	is '.changes[0] | [.to, .now, .state]' '[67108865,67108864,"done"]'
	assert_equal "$(<"$own_cgroup/$file")" 67108864
	ok cgroup --write max=max "$own_cgroup"
	ok cgroup -J "$own_path"
	of "$own_path" .limit '"max"'
	if [[ $file == memory.limit_in_bytes ]]; then
		limit 128M
		inhabit 30
		ends 1 cgroup -J --write oom_kill_disable=1 --write max=8M "$own_path"
		warns 'more than the new limit of 8.0M: where so much cannot be reclaimed, v1 refuses it'
		warns "memory.limit_in_bytes: Device or resource busy"
		is '[.changes[] | [.key, .now, .state]]' '[["oom_kill_disable",0,"undone"],["max",134217728,"failed"]]'
		grep -qx 'oom_kill_disable 0' "$own_cgroup/memory.oom_control"
		assert_equal "$(<"$own_cgroup/$file")" 134217728
		leave
	else
		ok cgroup -J --write oom.group=1 --write high=32M "$own_path"
		assert_equal "$(<"$own_cgroup/memory.oom.group")" 1
		remove_cgroup "$own_cgroup"
		own_cgroup=
	fi
}

@test "--write without the right: 77, and what would help" {
	need root memory_cgroup own_memory_cgroup setpriv
	make_cgroup
	install -m 755 "$OOMKIT" "$BATS_TEST_TMPDIR/oomkit"
	chmod 755 "$BATS_TEST_TMPDIR"
	run --separate-stderr setpriv --reuid 65534 --regid 65534 --clear-groups "$OOMKIT" cgroup --write max=64M "$own_path"
	if ((status == 126 || status == 127)); then
		run --separate-stderr setpriv --reuid 65534 --regid 65534 --clear-groups "$BATS_TEST_TMPDIR/oomkit" cgroup \
			--write max=64M "$own_path"
	fi
	((status == 77))
	warns 'Permission denied \(root or the owner of the cgroup may'
	remove_cgroup "$own_cgroup"
	own_cgroup=
}

@test "cgroups that come and go: every answer is whole, and nothing is said of those that went" {
	need root memory_cgroup own_memory_cgroup
	local turn churn
	make_cgroup
	[[ ! -e $own_cgroup/cgroup.subtree_control ]] || echo +memory >"$own_cgroup/cgroup.subtree_control"
	(
		exec 3>&-
		trap 'rmdir "$own_cgroup"/* 2>/dev/null; exit 0' TERM
		while :; do
			mkdir "$own_cgroup"/{a,b,c,d,e,f,g,h}
			rmdir "$own_cgroup"/{a,b,c,d,e,f,g,h}
		done
	) 2>/dev/null &
	churn=$!
	for ((turn = 0; turn < 60; turn++)); do
		run --separate-stderr "$OOMKIT" cgroup -J "$own_path"
		if ((status != 0)) || [[ -n $stderr ]] ||
			! jq -e 'all(.cgroups[]; .current != null and .limit == "max")' <<<"$output" >/dev/null; then
			kill $churn
			printf 'turn %d: status %d\n%s\n%s\n' $turn "$status" "$output" "$stderr" >&2
			return 1
		fi
	done
	kill $churn
	wait $churn || true
	find "$own_cgroup" -mindepth 1 -type d -exec rmdir {} + 2>/dev/null || true
	remove_cgroup "$own_cgroup"
	own_cgroup=
}

@test "in a cgroup namespace: what it shows, without a word about what is hidden" {
	need root memory_cgroup own_memory_cgroup mount_namespace
	make_cgroup
	run --separate-stderr sh -c 'echo 0 >"$1/cgroup.procs"; exec unshare --cgroup "$2" cgroup -J' - "$own_cgroup" "$OOMKIT"
	((status == 0))
	[[ -z $stderr ]]
	is '(.cgroups | length) > 0' true
	remove_cgroup "$own_cgroup"
	own_cgroup=
}

@test "where the hierarchy is not mounted any more: no cgroups, and our path" {
	need root memory_cgroup mount_namespace
	run --separate-stderr unshare --mount sh -c '
		awk "{ for (i = 7; \$i != \"-\"; i++); if (\$(i + 1) ~ /^cgroup/) print \$5 }" /proc/self/mountinfo |
		while read -r mount; do umount -l "$mount"; done
		exec "$1" cgroup -J' - "$OOMKIT"
	((status == 0))
	is '[.version, .cgroups]' '[null,[]]'
	warns 'our own cgroup is /.*\(/proc/self/cgroup\)'
}

@test "the whole tree of this machine agrees with its files" {
	need memory_cgroup
	local path
	ok cgroup -J -o path,limit
	is '(.cgroups | length) == ([.cgroups[].path] | unique | length)' true
	path=$(jq -r '.cgroups[0].path' <<<"$output")
	[[ $path == /* ]]
}
