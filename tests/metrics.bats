#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154 # run sets status and output; each test is a subshell
# Prometheus and node_exporter as the measure: is what we print sound for them, is it served, and do the alert rules of
# contrib/ say what they say they say? Needs Debian's prometheus and prometheus-node-exporter: ./dev install ci

load helper
load fixtures/derived

teardown() {
	[[ -z ${exporter-} ]] || { kill "$exporter" && wait "$exporter"; } 2>/dev/null || true
}

# sound ARG...: promtool has nothing to say of what oomkit prints, be it an error or a name that it would choose otherwise.
sound() {
	ok "$@"
	[[ -n $output ]]
	run promtool check metrics <<<"$output"
	assert_success
	refute_output --partial error
	assert_output ''
}

@test "promtool takes the metrics of every machine, and has no better name for any" {
	local name
	for name in $(machines) cluster hybrid site memsw inside-v1 inside-v2 flat young-v2 absurd; do
		sound cgroup --format prom --root "$(root_of "$name")"
	done
	sound cgroup --format prom -O --victims --root "$(derived cluster)"
	sound rank --format prom --root "$(derived odd-comms)"
	sound score --format prom --root "$(derived odd-comms)"
}

@test "promtool takes those of the running machine" {
	need memory_cgroup
	sound cgroup --format prom
}

@test "the alert rules are sound, and each is raised by what it is about and by nothing else" {
	run -0 promtool check rules "$ROOT/contrib/prometheus-rules.yml"
	cp "$ROOT/contrib/prometheus-rules.yml" "$BATS_TEST_TMPDIR/rules.yml"
	cp "$ROOT/tests/metrics/rules_test.yml" "$BATS_TEST_TMPDIR"
	cd "$BATS_TEST_TMPDIR"
	run -0 promtool test rules rules_test.yml
	# Each rule has its case.
	run -0 sed -nE 's/.*- alert: (.*)/\1/p' rules.yml
	for name in "${lines[@]}"; do
		grep -q "alertname: $name\$" rules_test.yml || fail "no case for $name"
	done
	# And each metric that they name is one that is printed.
	ok cgroup --format prom --root "$(derived cluster)"
	while read -r name; do
		[[ $output == *"# TYPE $name "* ]] || fail "no such metric: $name"
	done < <(grep -oE 'oomkit_cgroup_[a-z_]+' rules.yml | sort -u)
}

# get PATH: of the exporter, at $port.
get() {
	exec {connection}<>"/dev/tcp/127.0.0.1/$port"
	printf 'GET %s HTTP/1.0\r\n\r\n' "$1" >&"$connection"
	cat <&"$connection"
	exec {connection}>&-
}

# Starts it on a port of loopback that is free.
export_folder() { # DIR
	local turn try
	for turn in 1 2 3 4 5; do
		port=$((20000 + RANDOM % 10000))
		prometheus-node-exporter --web.listen-address="127.0.0.1:$port" --collector.disable-defaults \
			--collector.textfile --collector.textfile.directory="$1" 2>"$BATS_TEST_TMPDIR/log" 3>&- &
		exporter=$!
		for ((try = 0; try < 100; try++)); do
			[[ ! -e /proc/$exporter ]] || ! (get / >/dev/null) 2>/dev/null || return 0
			sleep 0.05
		done
		kill "$exporter" 2>/dev/null || true
	done
	cat "$BATS_TEST_TMPDIR/log" >&2
	return 1
}

@test "node_exporter serves what metrics.sh writes, whole and without an error" {
	local dir=$BATS_TEST_TMPDIR/textfile port root want
	root=$(derived cluster)
	mkdir "$dir"
	run -0 "$ROOT/contrib/metrics.sh" "$dir" --root "$root"
	assert_output ''
	assert_equal "$(ls -A "$dir")" oomkit.prom
	assert_equal "$(stat -c %a "$dir/oomkit.prom")" 644
	export_folder "$dir"
	get /metrics >"$BATS_TEST_TMPDIR/served"
	grep -qx 'node_textfile_scrape_error 0' "$BATS_TEST_TMPDIR/served"
	want=$(grep -c '^oomkit_' "$dir/oomkit.prom")
	((want > 100))
	assert_equal "$(grep -c '^oomkit_' "$BATS_TEST_TMPDIR/served")" "$want"
	grep -qE '^oomkit_cgroup_events_oom_kill_total\{.*path="/kubepods.slice"[,}].* 3$' "$BATS_TEST_TMPDIR/served"
	grep -qx '# TYPE oomkit_cgroup_events_oom_kill_total counter' "$BATS_TEST_TMPDIR/served"
	# Names that would break the text if they were not escaped.
	run -0 "$ROOT/contrib/metrics.sh" "$dir" --root "$(derived young-v2)"
	get /metrics >"$BATS_TEST_TMPDIR/served"
	grep -qx 'node_textfile_scrape_error 0' "$BATS_TEST_TMPDIR/served"
	assert_equal "$(grep -c '^oomkit_cgroup_current_bytes{' "$BATS_TEST_TMPDIR/served")" 7
}

@test "metrics.sh that fails leaves the file of before and nothing else" {
	local dir=$BATS_TEST_TMPDIR/textfile
	mkdir "$dir"
	echo before >"$dir/oomkit.prom"
	run "$ROOT/contrib/metrics.sh" "$dir" --root "$BATS_TEST_TMPDIR/nowhere"
	assert_failure
	assert_equal "$(ls -A "$dir")" oomkit.prom
	assert_equal "$(<"$dir/oomkit.prom")" before
}

@test "the unit and the timer are sound by systemd's own judgement" {
	local image=$BATS_TEST_TMPDIR/image words
	mkdir -p "$image/usr/libexec/oomkit" "$image/etc/systemd/system"
	cp "$ROOT"/contrib/oomkit-metrics.* "$image/etc/systemd/system"
	cp "$ROOT/contrib/metrics.sh" "$image/usr/libexec/oomkit"
	run systemd-analyze verify --recursive-errors=no --man=no --root="$image" oomkit-metrics.service oomkit-metrics.timer
	refute_output --partial oomkit-metrics.service:
	refute_output --partial oomkit-metrics.timer:
	# The command that it starts is the one that is tested here.
	read -ra words <<<"$(sed -n 's/^ExecStart=//p' "$ROOT/contrib/oomkit-metrics.service")"
	assert_equal "${words[0]##*/}" metrics.sh
	assert_equal "${#words[@]}" 2
}
