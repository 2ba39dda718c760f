#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2119,SC2120,SC2154 # parse takes options in some calls; run sets output and stderr
# What parse-log finds: the corpus against its truth, every transport, the judgement, filters, formats, hostile input.

load helper

setup_file() {
	export LOGS=$BATS_FILE_TMPDIR/logs
	mkdir -p "$LOGS"
	tar -xJf "$ROOT/tests/logs/corpus.tar.xz" -C "$LOGS" --no-same-owner
	export TOLD=$BATS_FILE_TMPDIR/told.json
	"$OOMKIT" parse-log -J "$LOGS"/*.log >"$TOLD"
}

compare() { # TRUTH
	jq -rn --slurpfile truth "$1" --slurpfile told "$TOLD" -f "$ROOT/tests/logs/compare.jq"
}

parse() { # ARGUMENT...: from stdin, as one JSON line
	"$OOMKIT" parse-log -J "$@" | jq -c .
}

# One global OOM of a kernel of today.
event() {
	cat <<-'LOG'
		[  100.000001] bash invoked oom-killer: gfp_mask=0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP), order=0, oom_score_adj=0
		[  100.000002] CPU: 1 UID: 0 PID: 77 Comm: bash Not tainted 6.12.1 #1
		[  100.000003] Mem-Info:
		[  100.000004] Node 0 DMA32 free:1000kB boost:0kB min:2000kB low:3000kB high:4000kB managed:800000kB
		[  100.000005] Node 0 DMA32: 250*4kB (U) 0*8kB 0*16kB = 1000kB
		[  100.000006] Total swap = 0kB
		[  100.000007] 210000 pages RAM
		[  100.000008] 10000 pages reserved
		[  100.000009] Tasks state (memory values in pages):
		[  100.000010] [  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name
		[  100.000011] [     50]     0    50    10000     5000     4000     1000         0    40960        0             0 small
		[  100.000012] [     60]  1000    60   200000   150000   149000     1000         0   409600        0             0 big one
		[  100.000013] [     77]     0    77     2000      500      400      100         0    40960        0         -1000 bash
		[  100.000014] oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/user.slice/user-1000.slice/session-2.scope,task=big one,pid=60,uid=1000
		[  100.000015] Out of memory: Killed process 60 (big one) total-vm:800000kB, anon-rss:596000kB, file-rss:4000kB, shmem-rss:0kB, UID:1000 pgtables:400kB oom_score_adj:0
		[  100.100000] oom_reaper: reaped process 60 (big one), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB
	LOG
}

# What every way of writing it down must give.
essence='.events | map([.killed[0].pid, .killed[0].comm, .killed[0].anon_rss, .constraint, (.tasks | length), .invoker.comm,
	.reaped[0].pid, .complete])'
essential='[[60,"big one",610304000,"none",3,"bash",60,true]]'

gives_the_event() { # ARGUMENT...: stdin does
	assert_equal "$("$OOMKIT" parse-log -J "$@" | jq -c "$essence")" "$essential"
}

# ------------------------------------------------------------------ the corpus

@test "every record of the corpus is read as its truth has it" {
	run -0 compare "$LOGS/index.jsonl"
	assert_output '151 of 151 records, 222 kills, 2846 rows'
}

@test "a truth that differs is found" {
	sed -E '/^\{"file": "040/s/"complete": true/"complete": false/; /^\{"file": "041/s/"kernel": "3.13.0-43/"kernel": "3.14/
		/^\{"file": "039/s/"pid": 3882/"pid": 3883/; /^\{"file": "018/s/"task_rows": 400/"task_rows": 401/
		/^\{"file": "104/s/"constraint": "cpuset"/"constraint": "none"/' "$LOGS/index.jsonl" >"$BATS_TEST_TMPDIR/bad"
	run -0 compare "$BATS_TEST_TMPDIR/bad"
	assert_line --partial '039-3.13.0-57-ubuntu1404-mysqld.log: kill 3883: pid is 3882'
	assert_line --partial '018-2.6.32-642-el6-ring-overrun-splice.log: rows are 400'
	assert_line --partial '104-5.8.2-opensuse-cpuset-runc-init.log: constraint is cpuset'
	assert_line --partial '040-3.13.0-57-ubuntu1404-python.log: complete is true, not false'
	assert_line --partial '041-3.13.0-43-kmsg-text-memorymonster.log: kernel is'
	assert_line '146 of 151 records, 222 kills, 2846 rows'
}

@test "every kernel's layout of every kind of event, through every transport, number by number" {
	render=$(program render)
	mkdir "$BATS_TEST_TMPDIR/rendered"
	"$render" 1 "$BATS_TEST_TMPDIR/rendered"
	cd "$BATS_TEST_TMPDIR/rendered"
	rendered() { # TRUTH
		"$OOMKIT" parse-log -J ./*.log >told.json
		jq -rn --slurpfile truth "$1" --slurpfile transports transports.json --slurpfile told told.json \
			-f "$ROOT/tests/logs/rendered.jq"
	}
	run -0 rendered truth.json
	assert_output '53 transports of 294 events, 0 differences'
	# What differs is found.
	find . -name '*.log' ! -name dmesg.log -delete
	grep '"dmesg"' transports.json >one && mv one transports.json
	sed '7s/"order":[0-9]*/"order":9/' truth.json >bad.json
	run -0 rendered bad.json
	assert_line --regexp '^dmesg: .*\.order is [0-3], not 9$'
	assert_line --partial '1 transports of 294 events'
	refute_line --partial ' 0 differences'
}

@test "each file alone gives what it gives among the others" {
	for file in "$LOGS"/*.log; do
		"$OOMKIT" parse-log --format ndjson "$file" || [[ $? == 1 ]]
	done | jq -c 'del(.schema, .input)' >"$BATS_TEST_TMPDIR/alone"
	run -0 diff <(jq -c '.events[] | del(.input)' "$TOLD") "$BATS_TEST_TMPDIR/alone"
}

@test "searching for the words loses nothing that reading each line finds" {
	# A line that begins with a brace turns the search off.
	for file in "$LOGS"/*.log; do
		{ echo '{'; cat "$file"; } | "$OOMKIT" parse-log --format ndjson || [[ $? == 1 ]]
	done | jq -c '[.killed[] | .pid], (.tasks | length)' >"$BATS_TEST_TMPDIR/read"
	run -0 diff <(jq -c '.events[] | [.killed[] | .pid], (.tasks | length)' "$TOLD") "$BATS_TEST_TMPDIR/read"
}

@test "of whole ring buffers the judgement never says that the kernel was wrong" {
	run -0 "$OOMKIT" parse-log -J --why "$LOGS"/*.klog
	jq -e '.events | length == 46' <<<"$output"
	jq -e 'all(.events[]; .why.agrees != false)' <<<"$output"
	jq -e 'all(.events[]; .why.agrees == true or (.why.undetermined | length > 0))' <<<"$output"
	jq -e 'all(.events[].why.undetermined[]; IN("capability", "swap_total", "vfork", "tie"))' <<<"$output"
	# What stands open is how much swap counts inside a cgroup: the log of such an OOM does not say.
	run -0 jq -c '[.events[].why.agrees] | group_by(.) | map([.[0], length])' <<<"$output"
	assert_output '[[null,20],[true,26]]'
}

@test "of the corpus one kernel chose wrongly, which did; each judgement that is open names why" {
	"$OOMKIT" parse-log -J --why "$LOGS"/*.log | jq -c '[.events[] | select(.killer == "kernel")]' >"$BATS_TEST_TMPDIR/why"
	run -0 jq -c '[.[] | select(.why.agrees == false) | [(.input | split("/")[-1][:3]), (.why.reason | test("their sign is not heeded"))]]' \
		"$BATS_TEST_TMPDIR/why"
	assert_output '[["101",true]]'
	run -0 jq -c 'map(select(.why.agrees == null).why | (.undetermined | length > 0) and (.reason | length > 0)) | all' \
		"$BATS_TEST_TMPDIR/why"
	assert_output true
	# Nobody killed, no table, or the victim is not among its rows: there is nothing to be judged.
	run -0 jq -c '[.[] | select(.why.agrees == null).why.undetermined[]] | group_by(.) | map({(.[0]): length}) | add' "$BATS_TEST_TMPDIR/why"
	assert_output '{"earlier_kill":1,"nodes":1,"task_table":130,"victim":48}'
}

# ------------------------------------------------------------------ transports

@test "dmesg: plain, raw, decoded, by the clock, iso, with callers, in colour" {
	event | gives_the_event
	event | sed 's/^/<4>/' | gives_the_event
	event | sed -E 's/^/kern  :info  : /; s/info (.*(Out of memory|Killed))/err  \1/' | gives_the_event
	event | sed -E 's/^\[[^]]*\]/[Mon Nov 23 09:00:00 2026]/' | gives_the_event
	event | sed -E 's/^\[[^]]*\]/2026-11-23T09:00:00,123456+00:00/' | gives_the_event
	event | sed -E 's/^(\[[^]]*\])/\1[   T77]/' | gives_the_event
	event | sed -E $'s/^(\\[[^]]*\\])/\e[32m\\1\e[0m/' | gives_the_event
	event | sed 's/$/\r/' | gives_the_event
}

@test "syslog: RFC 3164, RFC 5424, rsyslog's own time, escaped newlines" {
	event | sed 's/^/Nov 23 09:00:00 web-1 kernel: /' | gives_the_event
	event | sed 's/^/<4>1 2026-11-23T09:00:00.5Z web-1 kernel - - - /' | gives_the_event
	event | sed 's/^/2026-11-23T09:00:00.123456+01:00 web-1 kernel: /' | gives_the_event
	event | paste -sd '~' | sed 's/~/#012/g; s/^/Nov 23 09:00:00 web-1 kernel: /' | gives_the_event
	run -0 bash -c "$(declare -f event); event | sed 's/^/2026-11-23T09:00:00.5+01:00 web-1 kernel: /' |
		'$OOMKIT' parse-log -J | jq -c '.events[] | [.time, .time_certain, .host, .uptime_usec]'"
	assert_output '["2026-11-23T09:00:00.500000+01:00",true,"web-1",100000001]'
}

@test "the journal: short forms, json, json-pretty, export; dmesg -J; /dev/kmsg records" {
	event | sed -E 's/^\[[^]]*\]/Nov 23 09:00:00 web-1 kernel:/' | gives_the_event
	event | sed -E 's/^\[[^]]*\]/2026-11-23T09:00:00+0100 web-1 kernel:/' | gives_the_event
	event | sed -E 's/^(\[[^]]*\])/\1 web-1 kernel:/' | gives_the_event
	text=$(event | sed -E 's/^\[[^]]*\] //')
	jq -Rc '{MESSAGE: ., _HOSTNAME: "web-1", SYSLOG_IDENTIFIER: "kernel", __REALTIME_TIMESTAMP: "1795424400000000"}' \
		<<<"$text" | tee "$BATS_TEST_TMPDIR/json" | gives_the_event
	jq . "$BATS_TEST_TMPDIR/json" | gives_the_event
	jq -Rc '{MESSAGE: (. | explode), SYSLOG_IDENTIFIER: "kernel"}' <<<"$text" | gives_the_event
	jq -Rr '"__CURSOR=s=1\n__REALTIME_TIMESTAMP=1795424400000000\n_HOSTNAME=web-1\nMESSAGE=" + . + "\n"' <<<"$text" |
		gives_the_event
	jq -Rn '{dmesg: [inputs | {pri: 4, time: 100.5, msg: .}]}' <<<"$text" | gives_the_event
	jq -Rr '"4,1234,100000001,-,caller=T77;" + . + "\n SUBSYSTEM=x"' <<<"$text" | gives_the_event
}

# As JSON text, without the quotes.
json_text() { # from stdin: a line each
	jq -R -c . | sed 's/^"//; s/"$//'
}

@test "what collectors of logs export: Docker, CRI, Loki, Elastic, Graylog, Splunk, Datadog, Fluentd, clouds" {
	event | json_text | sed 's/.*/{"log":"&\\n","stream":"stdout","time":"2026-11-26T08:00:00.1Z"}/' | gives_the_event
	event | sed 's/^/2026-11-26T08:00:00.123456789Z stdout F /' | gives_the_event
	event | json_text | sed 's/.*/{"labels":{"host":"n1"},"line":"&","timestamp":"2026-11-26T08:00:00Z"}/' | gives_the_event
	# A number of a line of source is no text, and what is a message comes first.
	event | json_text | sed 's/.*/{"line":12,"message":"&","timestamp":"2026-11-26T08:00:00Z"}/' | gives_the_event
	event | json_text | sed 's/.*/{"message":"&","line":"main.go:12"}/' | gives_the_event
	event | json_text | sed 's/.*/{"@timestamp":"2026-11-26T08:00:00Z","host":{"name":"n1"},"message":"&"}/' | gives_the_event
	event | json_text | sed 's/.*/{"version":"1.1","host":"n1","short_message":"&","timestamp":1790000000.5}/' | gives_the_event
	event | json_text | sed 's/.*/{"result":{"_raw":"Nov 26 08:00:00 n1 kernel: &","_time":"x"}}/' | gives_the_event
	event | jq -R '{textPayload: ., timestamp: "2026-11-26T08:00:00Z"}' | jq -s . | gives_the_event
	event | sed "s/'/''/g; s/.*/---\ninsertId: a\ntextPayload: '&'\ntimestamp: '2026-11-26T08:00:00Z'/" | gives_the_event
	event | jq -R '{timestamp: 1790000000000, message: .}' | jq -s '{events: .}' | gives_the_event
	event | sed 's/^/2026-11-26T08:00:00.000000+00:00 i-0abc /' | gives_the_event
	event | sed 's/"/""/g; s/.*/"2026-11-26T08:00:00.000+0000","Nov 26 08:00:00 n1 kernel: &"/' | gives_the_event
	event | sed 's/"/""/g; s/.*/2026-11-26T08:00:00.000Z,"n1","kernel","&"\r/' | gives_the_event
	event | json_text | sed 's/.*/2026-11-26 08:00:00.0 +0000 kernel.messages: {"host":"n1","message":"&"}/' | gives_the_event
	# The epoch is no uptime.
	run -0 jq -c '.events[0] | [.time, .uptime_usec]' < <(
		event | sed 's/^\[[^]]*\] //' | json_text | sed 's/.*/{"short_message":"&","timestamp":1790000000.5}/' | parse)
	assert_output '["2026-09-21T14:13:20.500000+00:00",null]'
}

# The event's lines as Loki's HTTP API answers a query, a millisecond between them: STREAMS, by JQ's sort.
loki() { # STREAMS SORT
	event | sed -E 's/^\[[^]]*\] //' | jq -R . | jq -c -s --argjson streams "$1" "
		to_entries | map({k: (.key % \$streams), v: [\"1795424400\(123 + .key)456789\", .value]}) |
		group_by(.k) | map({stream: {host: \"n1\", level: \"\(.[0].k)\"}, values: (map(.v) | $2)}) |
		{status: \"success\", data: {resultType: \"streams\", result: ., stats: {summary: {bytesProcessedPerSecond: 9}}}}"
}

@test "what Loki itself answers: on one line or many, the newest first or last, stream by stream; logcli's jsonl" {
	local streams sort
	for streams in 1 3; do
		for sort in . reverse; do
			loki $streams $sort >"$BATS_TEST_TMPDIR/loki"
			gives_the_event "$BATS_TEST_TMPDIR/loki"
			jq . "$BATS_TEST_TMPDIR/loki" | gives_the_event
			jq --tab . "$BATS_TEST_TMPDIR/loki" | gives_the_event
			jq -c '.data.result[]' "$BATS_TEST_TMPDIR/loki" | gives_the_event
			run -0 jq -c '.events[0] | [.time, .time_certain, .host, .first_line, .last_line]' < <(parse "$BATS_TEST_TMPDIR/loki")
			assert_output '["2026-11-23T09:00:00.123456+00:00",true,"n1",1,1]'
			jq -c '[.data.result[].values[]] | sort[]' "$BATS_TEST_TMPDIR/loki" |
				jq -c '{labels: {host: "n1"}, line: .[1], timestamp: "2026-11-23T09:00:00.\(.[0][10:])Z"}' >"$BATS_TEST_TMPDIR/jsonl"
			gives_the_event "$BATS_TEST_TMPDIR/jsonl"
			tac "$BATS_TEST_TMPDIR/jsonl" | gives_the_event
		done
	done
	# What Loki knows beside a line, and two answers in one file: each in its order, both whole.
	loki 1 reverse | jq -c '.data.result[0].values[] += [{trace: "0a"}]' >"$BATS_TEST_TMPDIR/loki"
	gives_the_event "$BATS_TEST_TMPDIR/loki"
	jq . "$BATS_TEST_TMPDIR/loki" | gives_the_event
	run -0 jq -c '[.events[] | [.complete, .host, .first_line, .last_line]]' < <(
		loki 1 . | jq . | cat - "$BATS_TEST_TMPDIR/loki" | parse)
	assert_output '[[true,"n1",14,74],[true,"n1",86,86]]'
	# Of the same time, the order is the file's, or that turned round.
	loki 1 reverse | jq -c '.data.result[0].values[][0] |= .[:12] + "0000000"' | gives_the_event
	loki 1 . | jq -c '.data.result[0].values[][0] |= .[:12] + "0000000"' | gives_the_event
	# An answer cut amid a line, and a line before it that belongs to none.
	run -0 jq -c '.events[] | [.complete, .missing, .killed[0].pid]' < <({ echo '"1795424400123456789", x'; loki 1 . | sed 's|task_memcg=.*||'; } | parse)
	assert_output '[false,["oom_kill_record","kill"],null]'
}

@test "JSON whose message has a name of its own, times around it; tables of values; UTF-16; a pipe of what is compressed" {
	local dir=$BATS_TEST_TMPDIR
	event >"$dir/text"
	# The console of a virtual machine, as its provider answers.
	jq -Rs '{InstanceId: "i-1", Output: ., Timestamp: "2026-11-26T08:00:00.000Z"}' "$dir/text" | gives_the_event
	# OpenTelemetry: a record in an array, its text below its name; each name alone would be another's.
	jq -Rc '{timeUnixNano: "1795424400123456789", severityText: "a word that is not long", body: {stringValue: .}}' "$dir/text" |
		jq -sc '{resourceLogs: [{scopeLogs: [{scope: {}, logRecords: .}]}]}' >"$dir/otel"
	gives_the_event "$dir/otel"
	jq . "$dir/otel" | gives_the_event
	run -0 jq -c '.events[0] | [.time, .time_certain]' < <(parse "$dir/otel")
	assert_output '["2026-11-23T09:00:00.123456+00:00",true]'
	# Cloud Logging: the time stands behind the object of the message. One object a line, or an array of them.
	jq -Rc '{insertId: "x", jsonPayload: {message: ., _HOSTNAME: "n1"}, resource: {labels: {node_name: "no"}, type: "k8s_node"}, timestamp: "2026-11-23T09:00:00.123456Z"}' \
		"$dir/text" >"$dir/cloud"
	for as in 'jq -c .' 'jq .' 'jq -s .' 'jq -sc .'; do
		$as "$dir/cloud" >"$dir/as"
		gives_the_event "$dir/as"
		run -0 jq -c '.events[0] | [.time, .time_certain, .host]' < <(parse "$dir/as")
		assert_output '["2026-11-23T09:00:00.123456+00:00",true,"n1"]'
	done
	# What stands around is no message where there is one.
	jq -Rc '{original: "<4>\(.) and more of it", message: ., tail: {text: "<4>\(.) and more of it"}}' "$dir/text" | gives_the_event
	# Two objects in one, each with a message.
	run -0 jq -c '[.events[].killed[].pid]' < <(
		echo '{"a": {"message": "Killed process 5 (a) total-vm:8kB, anon-rss:4kB, file-rss:0kB"}, "b": {"message": "Killed process 6 (b) total-vm:8kB, anon-rss:4kB, file-rss:0kB"}}' | parse)
	assert_output '[5,6]'

	# A table: the time in a column of its own, the text in whichever is quoted.
	for columns in '"2026-11-23T09:00:00.123456Z", "n1", .' '., "2026-11-23T09:00:00.123456Z"'; do
		jq -Rr "[$columns] | @csv" "$dir/text" >"$dir/csv"
		gives_the_event "$dir/csv"
		run -0 jq -c '.events[0] | [.time, .time_certain]' < <(parse "$dir/csv")
		assert_output '["2026-11-23T09:00:00.123456+00:00",true]'
	done
	sed 's/.*/2026-11-23T09:00:00.123456Z,"&",n1/' "$dir/text" | gives_the_event
	sed 's/.*/"&",2026-11-23T09:00:00.123456Z,n1/' "$dir/text" | gives_the_event
	# A sentence that begins with a quotation is none.
	run -0 jq -c '.events[0].killed[0] | [.pid, .total_vm]' < <(
		echo '"web", said the kernel: Killed process 5 (a) total-vm:8kB, anon-rss:4kB, file-rss:0kB' | parse)
	assert_output '[5,8192]'

	# A level that is not the kernel's for a line: of a report it is one yet, alone it is somebody's.
	sed 's/^\[/kern  :warn  : [/' "$dir/text" | gives_the_event
	run -1 "$OOMKIT" parse-log -q < <(sed -n 's/^\[\(.*Killed process\)/kern  :warn  : [\1/p' "$dir/text")

	# Events that Kubernetes shows have words before the kernel's, and each is whole.
	run -0 jq -c '[.events[] | [.killed[0].pid, .missing]]' < <(printf '%s\n' \
		'  Warning  OOMKilling  30m              kernel-monitor  Memory cgroup out of memory: Killed process 1013 (java) total-vm:4611520kB, anon-rss:1040000kB, file-rss:20000kB, shmem-rss:0kB, UID:1000 pgtables:2500kB oom_score_adj:985' \
		'  Warning  OOMKilling  5m (x3 over 1h)  kernel-monitor  Memory cgroup out of memory: Kill process 11 (py) score 1998 or sacrifice child\nKilled process 11 (py) total-vm:611520kB, anon-rss:104000kB, file-rss:2000kB, shmem-rss:0kB' | parse)
	assert_output '[[1013,["header"]],[11,["header"]]]'

	# The mark of UTF-8, and UTF-16 of either order: a file, or the standard input where that is one.
	sed '1s/^/\xef\xbb\xbf/' "$dir/text" | gives_the_event
	for order in LE BE; do
		{ [[ $order == LE ]] && printf '\xff\xfe' || printf '\xfe\xff'; iconv -t "UTF-16$order" "$dir/text"; } >"$dir/utf16"
		gives_the_event "$dir/utf16"
		gives_the_event <"$dir/utf16"
		run -2 --separate-stderr "$OOMKIT" parse-log < <(cat "$dir/utf16")
		assert_equal "$stderr" 'oomkit parse-log: -: its text is UTF-16 (iconv -f UTF-16 -t UTF-8 | oomkit parse-log)'
	done
	gzip -c "$dir/text" >"$dir/no-suffix"
	gives_the_event "$dir/no-suffix"
	gives_the_event <"$dir/no-suffix"
	run -2 --separate-stderr "$OOMKIT" parse-log < <(cat "$dir/no-suffix")
	assert_equal "$stderr" 'oomkit parse-log: -: it is compressed (gzip -dc | oomkit parse-log)'
	assert_output ''
}

@test "web pages, pagers and netconsole: entities, numbers of lines, a host or a release before the record" {
	event | sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g; s/"/\&quot;/g' | gives_the_event
	event | sed 's/^/\&lt;4\&gt;/' | gives_the_event
	event | sed 's/^/\&gt; /' | gives_the_event
	event | nl -w 7 -s ' ' | gives_the_event
	event | sed 's/^/Nov 26 08:00:00 10.0.0.5 /' | gives_the_event
	run -0 jq -r '.events[0].host' < <(event | sed 's/^/Nov 26 08:00:00 10.0.0.5 /' | parse)
	assert_output 10.0.0.5
	event | sed -E 's/^\[ *([0-9]+)\.([0-9]+)\] /6.12.1-amd64,6,1,\1\2,-;/' | gives_the_event
	# A name is what it is where no web page wrote it, even one that looks as if one had.
	run -0 jq -r '.events[0].killed[0].comm' < <(event | sed 's/big one/a\&b;c/g' | parse)
	assert_output 'a&b;c'
	run -0 jq -r '.events[0].killed[0].comm' < <(event | sed 's/big one/\&lt;b\&gt;/g' | parse)
	assert_output '&lt;b&gt;'
	run -0 jq -r '.events[0].killed[0].comm' < <(event | sed 's/big one/\&lt;b\&gt;/g; s/^/\&lt;4\&gt;/' | parse)
	assert_output '<b>'
	# The kernel's own marks tell, either way.
	run -0 jq -r '.events[0].killed[0].comm' < <(event | sed 's/big one/\&lt;b\&gt;/g
		3i [  100.000002]  \&lt;TASK\&gt;' | parse)
	assert_output '<b>'
	run -0 jq -r '.events | map(.killed[0].comm) | join(" ")' < <({
		event | sed 's/big one/\&lt;b\&gt;/g; s/^/\&gt; /'
		event | sed 's/big one/\&lt;b\&gt;/g; 3i [  100.000002]  <TASK>'
	} | parse)
	assert_output '<b> &lt;b&gt;'
}

@test "Talos, socklog, logcli, LAVA and the kernels of phones: what they put before a line" {
	local text=$BATS_TEST_TMPDIR/text
	event | sed -E 's/^\[[^]]*\] //' >"$text"
	sed -E 's/^/kern: warning: [2026-11-23T09:00:00.123456789Z]: /; s/warning(.*(oom-kill:|Tasks|\[))/info\1/; s/kern: [a-z]+(.*Out of)/kern:     err\1/' \
		"$text" >"$BATS_TEST_TMPDIR/talos"
	gives_the_event "$BATS_TEST_TMPDIR/talos"
	sed 's/^kern/user/' "$BATS_TEST_TMPDIR/talos" >"$BATS_TEST_TMPDIR/user"
	run -1 "$OOMKIT" parse-log -q "$BATS_TEST_TMPDIR/user"
	sed 's/^/2026-11-23T09:00:00.12345 kern.warn: /' "$text" >"$BATS_TEST_TMPDIR/socklog"
	gives_the_event "$BATS_TEST_TMPDIR/socklog"
	sed 's/^/2026-11-23T09:00:00Z {host="n1", job="the kernel"} /' "$text" >"$BATS_TEST_TMPDIR/logcli"
	gives_the_event "$BATS_TEST_TMPDIR/logcli"
	json_text <"$text" | sed 's/.*/- {"dt": "2026-11-23T09:00:00.123456", "lvl": "target", "msg": "&"}/' >"$BATS_TEST_TMPDIR/lava"
	gives_the_event "$BATS_TEST_TMPDIR/lava"
	run -0 jq -r '.events[] | "\(.time[:19]) \(.host)"' < <(cd "$BATS_TEST_TMPDIR" && "$OOMKIT" parse-log -J talos socklog logcli lava)
	assert_output "$(printf '2026-11-23T09:00:00 null\n%.0s' 1 2 3 4)"
	event | sed -E 's/^(\[[^]]*\]) /<4>\1  [1:      Thread-12: 1832] /' | gives_the_event
	event | sed -E 's/^(\[[^]]*\]) /\1 I[0:      swapper\/0:    0] /' | gives_the_event
	event | sed -E 's/^(\[[^]]*\]) /<4>\1 (1)[1832:Thread-12]/' | gives_the_event
	# Line by line with another's, the tasks tell them apart.
	run -0 jq -c '[.events[] | [.complete, .killed[0].pid]]' < <(paste -d '\n' \
		<(event | sed -E 's/^(\[[^]]*\]) /\1 (1)[77:bash]/') \
		<(event | sed -E 's/^(\[[^]]*\]) /\1 (0)[88:sh]/; s/bash/sh/; s/\b77\b/88/; s/\b60\b/61/') | parse)
	assert_output '[[true,60],[true,61]]'
}

@test "lines cut at the edge of a screen, prefix and all, go on without a blank" {
	event | fold -w 80 | gives_the_event
	event | fold -w 132 | gives_the_event
	event | sed 's/^/Nov 26 08:00:00 n1 kernel: /' | fold -w 80 | gives_the_event
	# The number of the mask is broken in two, and so is a record's path, twice.
	cat >"$BATS_TEST_TMPDIR/log" <<-'LOG'
		Nov 26 08:00:00 n1 kernel: [ 9000.200001] httpd invoked oom-killer: gfp_mask=0x201da, order=0, oom_score_adj=0
		Nov 26 08:00:00 n1 kernel: [ 9000.200003] CPU: 0 PID: 1234 Comm: httpd Not tainted 5.15.0 #1
		Nov 26 08:00:00 n1 kernel: [ 9000.200021] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name
		Nov 26 08:00:00 n1 kernel: [ 9000.200023] [   1234]    48  1234   150000    90000   250000        0             0 httpd
		Nov 26 08:00:00 n1 kernel: [ 9000.200024] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0a1b2c3d_0001_0002_0003_0123456789ab.slice,task_memcg=/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0a1b2c3d_0001_0002_0003_0123456789ab.slice/x,task=httpd,pid=1234,uid=48
		Nov 26 08:00:00 n1 kernel: [ 9000.200025] Memory cgroup out of memory: Killed process 1234 (httpd) total-vm:600000kB, anon-rss:358000kB, file-rss:2000kB, shmem-rss:0kB, UID:48 pgtables:244kB oom_score_adj:0
	LOG
	told <"$BATS_TEST_TMPDIR/log" >"$BATS_TEST_TMPDIR/right"
	jq -e '.[0].killed[0].task_memcg | length > 100' "$BATS_TEST_TMPDIR/right"
	for columns in 80 100 132; do
		fold -w $columns "$BATS_TEST_TMPDIR/log" | told >"$BATS_TEST_TMPDIR/folded"
		cmp "$BATS_TEST_TMPDIR/right" "$BATS_TEST_TMPDIR/folded"
	done
}

@test "an export's binary field is read by its length" {
	{
		printf '__CURSOR=x\n_HOSTNAME=web-1\nMESSAGE\n'
		message='Out of memory: Killed process 60 (a) total-vm:8kB, anon-rss:4kB, file-rss:0kB'
		printf "\\x$(printf %x ${#message})\\0\\0\\0\\0\\0\\0\\0%s\n\n" "$message"
	} >"$BATS_TEST_TMPDIR/export"
	run -0 parse "$BATS_TEST_TMPDIR/export"
	run -0 jq -c '.events[0] | [.host, .killed[0].pid]' <<<"$output"
	assert_output '["web-1",60]'
}

@test "transports mixed in one file, quoted and wrapped" {
	event | sed '5,9s/^/Nov 23 09:00:00 web-1 kernel: /; 10,12s/^/> /; 13s/^/<6>/' | gives_the_event
	event | fold -s -w 72 | gives_the_event
	event | fold -s -w 72 | sed 's/ *$//' | gives_the_event
}

@test "compressed files are read through their own programs, a sosreport by its folder" {
	for program in gzip:gz xz:xz zstd:zst; do
		event | "${program%%:*}" -c >"$BATS_TEST_TMPDIR/log.${program#*:}"
		gives_the_event "$BATS_TEST_TMPDIR/log.${program#*:}"
	done
	mkdir -p "$BATS_TEST_TMPDIR/sos/sos_commands/kernel"
	event >"$BATS_TEST_TMPDIR/sos/sos_commands/kernel/dmesg"
	gives_the_event "$BATS_TEST_TMPDIR/sos"
	# What was before the last boot is in other files, older ones first; what tells of the same is told once.
	mkdir -p "$BATS_TEST_TMPDIR/sos"/{sos_commands/logs,var/log}
	echo 'Nov 23 09:00:00 web-1 kernel: Linux version 6.12.1' >"$BATS_TEST_TMPDIR/sos/sos_commands/logs/journalctl_--no-pager_--boot"
	event >"$BATS_TEST_TMPDIR/sos/var/log/messages-20261108"
	event | sed 's/60/61/g' | gzip >"$BATS_TEST_TMPDIR/sos/var/log/messages-20261101.gz"
	event | sed 's/60/62/g' >"$BATS_TEST_TMPDIR/sos/var/log/messages"
	run -0 parse "$BATS_TEST_TMPDIR/sos"
	run -0 jq -c '[.events[] | [.input, .killed[0].pid]]' <<<"$output"
	assert_output '[["var/log/messages-20261101.gz",61],["var/log/messages-20261108",60],["var/log/messages",62]]'
	mkdir "$BATS_TEST_TMPDIR/empty"
	run -2 --separate-stderr "$OOMKIT" parse-log "$BATS_TEST_TMPDIR/empty"
	[[ $stderr == *'sosreport'* ]]
	echo no gzip >"$BATS_TEST_TMPDIR/bad.gz"
	run -2 --separate-stderr "$OOMKIT" parse-log "$BATS_TEST_TMPDIR/bad.gz"
	[[ $stderr == *'bad.gz: its program failed'* ]]
}

@test "the ring buffer of another root is a file" {
	mkdir -p "$BATS_TEST_TMPDIR/root/dev"
	event | sed -E 's/^\[[^]]*\] /4,1,100000001,-;/' >"$BATS_TEST_TMPDIR/root/dev/kmsg"
	OOMKIT_ROOT=$BATS_TEST_TMPDIR/root gives_the_event -k
}

@test "the journal is asked with the options behind --" {
	mkdir "$BATS_TEST_TMPDIR/bin"
	cat >"$BATS_TEST_TMPDIR/bin/journalctl" <<-'END'
		#!/bin/sh
		echo "$@" >"$0.args"
		echo '{"MESSAGE":"Out of memory: Killed process 60 (a) total-vm:8kB, anon-rss:4kB, file-rss:0kB"}'
	END
	chmod +x "$BATS_TEST_TMPDIR/bin/journalctl"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH run -0 parse -j -- -b -1 --since yesterday
	run -0 jq -c '.events[0].killed[0].pid' <<<"$output"
	assert_output 60
	run -0 cat "$BATS_TEST_TMPDIR/bin/journalctl.args"
	[[ $output == '-b -1 --since yesterday --no-pager '* ]]
}

# ------------------------------------------------------------------ logs that the corpus has no like of

@test "a router, a phone, a Raspberry Pi, SLES 11 and RHEL 4: layouts of other builds, judged by their own rules" {
	cat >"$BATS_TEST_TMPDIR/openwrt" <<-'LOG'
		Thu Mar 14 08:12:55 2019 kern.warn kernel: [  312.551238] dnsmasq invoked oom-killer: gfp_mask=0x6201ca(GFP_HIGHUSER_MOVABLE), nodemask=(null),  order=0, oom_score_adj=0
		Thu Mar 14 08:12:55 2019 kern.warn kernel: [  312.561239] CPU: 0 PID: 1321 Comm: dnsmasq Not tainted 4.14.95 #0
		Thu Mar 14 08:12:55 2019 kern.warn kernel: [  312.571240] Stack : 00000000 80470000 80470000 8047a2a4 80430e00 804307db 81c2a9ac 000001ff
		Thu Mar 14 08:12:55 2019 kern.warn kernel: [  312.581240] Call Trace:
		Thu Mar 14 08:12:55 2019 kern.warn kernel: [  312.601240] [<8009cc78>] out_of_memory+0x88/0x3a8
		Thu Mar 14 08:12:55 2019 kern.warn kernel: [  312.611240] Mem-Info:
		Thu Mar 14 08:12:55 2019 kern.warn kernel: [  312.621240] active_anon:1153 inactive_anon:18 isolated_anon:0
		Thu Mar 14 08:12:55 2019 kern.warn kernel: [  312.621240]  active_file:72 inactive_file:94 isolated_file:0
		Thu Mar 14 08:12:55 2019 kern.warn kernel: [  312.691240] Normal free:744kB min:704kB low:880kB high:1056kB present:32768kB managed:27624kB mlocked:0kB
		Thu Mar 14 08:12:55 2019 kern.warn kernel: [  312.711240] Normal: 48*4kB (UE) 29*8kB (UME) 20*16kB (UM) 0*32kB 0*64kB = 744kB
		Thu Mar 14 08:12:55 2019 kern.warn kernel: [  312.751240] Free swap  = 0kB
		Thu Mar 14 08:12:55 2019 kern.warn kernel: [  312.761240] Total swap = 0kB
		Thu Mar 14 08:12:55 2019 kern.warn kernel: [  312.771240] 8192 pages RAM
		Thu Mar 14 08:12:55 2019 kern.warn kernel: [  312.791240] 1286 pages reserved
		Thu Mar 14 08:12:55 2019 kern.info kernel: [  312.801240] [ pid ]   uid  tgid total_vm      rss nr_ptes nr_pmds swapents oom_score_adj name
		Thu Mar 14 08:12:55 2019 kern.info kernel: [  312.811240] [  412]     0   412      297       21       4       0        0             0 ubusd
		Thu Mar 14 08:12:55 2019 kern.info kernel: [  312.821240] [ 1102]     0  1102      441       71       5       0        0             0 netifd
		Thu Mar 14 08:12:55 2019 kern.info kernel: [  312.831240] [ 1321]   453  1321      312       33       5       0        0             0 dnsmasq
		Thu Mar 14 08:12:55 2019 kern.err kernel: [  312.841240] Out of memory: Kill process 1102 (netifd) score 10 or sacrifice child
		Thu Mar 14 08:12:55 2019 kern.err kernel: [  312.851240] Killed process 1102 (netifd) total-vm:1764kB, anon-rss:272kB, file-rss:12kB, shmem-rss:0kB
	LOG
	# A record of several lines whose rest has no prefix, and lines that end as on Windows.
	sed 's/$/\r/' >"$BATS_TEST_TMPDIR/raspberry" <<-'LOG'
		Oct 30 14:33:31 raspberrypi kernel: [86431.998871] python3 invoked oom-killer: gfp_mask=0x14000c0(GFP_KERNEL), nodemask=(null),  order=1, oom_score_adj=0
		Oct 30 14:33:31 raspberrypi kernel: [86431.998885] python3 cpuset=/ mems_allowed=0
		Oct 30 14:33:31 raspberrypi kernel: [86431.998903] CPU: 2 PID: 612 Comm: python3 Tainted: G         C      4.14.71-v7+ #1145
		Oct 30 14:33:31 raspberrypi kernel: [86431.999010] [<80234c84>] (out_of_memory) from [<8023a5f4>] (__alloc_pages_nodemask+0xc98/0x11a8)
		Oct 30 14:33:31 raspberrypi kernel: [86431.999200] Mem-Info:
		Oct 30 14:33:31 raspberrypi kernel: [86431.999222] active_anon:201231 inactive_anon:1212 isolated_anon:0
		                                     active_file:212 inactive_file:312 isolated_file:0
		                                     slab_reclaimable:1212 slab_unreclaimable:3123
		                                     mapped:1231 shmem:1812 pagetables:1231 bounce:0
		Oct 30 14:33:31 raspberrypi kernel: [86431.999370] Total swap = 102396kB
		Oct 30 14:33:31 raspberrypi kernel: [86431.999380] 242688 pages RAM
		Oct 30 14:33:31 raspberrypi kernel: [86431.999400] 5327 pages reserved
		Oct 30 14:33:31 raspberrypi kernel: [86431.999420] [ pid ]   uid  tgid total_vm      rss nr_ptes nr_pmds swapents oom_score_adj name
		Oct 30 14:33:31 raspberrypi kernel: [86431.999440] [  123]     0   123     3624      112       9       0      121         -1000 systemd-udevd
		Oct 30 14:33:31 raspberrypi kernel: [86431.999450] [  612]  1000   612   221231   191231     421       0    21231             0 python3
		Oct 30 14:33:31 raspberrypi kernel: [86431.999460] Out of memory: Kill process 612 (python3) score 809 or sacrifice child
		Oct 30 14:33:31 raspberrypi kernel: [86431.999480] Killed process 612 (python3) total-vm:884924kB, anon-rss:764000kB, file-rss:924kB, shmem-rss:0kB
	LOG
	cat >"$BATS_TEST_TMPDIR/phone" <<-'LOG'
		<4>[ 5123.112233][ T1832] Thread-12 invoked oom-killer: gfp_mask=0x100dca(GFP_HIGHUSER_MOVABLE|__GFP_ZERO), order=0, oom_score_adj=700
		<4>[ 5123.112240][ T1832] CPU: 4 PID: 1832 Comm: Thread-12 Tainted: G        W  OE     5.10.101-android12-9-00001-g1234567-ab8943234 #1
		<4>[ 5123.112250][ T1832] Call trace:
		<4>[ 5123.112270][ T1832]  out_of_memory+0x370/0x4a0
		<6>[ 5123.112300][ T1832] Mem-Info:
		<6>[ 5123.112370][ T1832] DMA32: 12*4kB (UME) 1*8kB (U) 0*16kB 0*32kB 6*4096kB (M) = 24632kB
		<6>[ 5123.112420][ T1832] Total swap = 4194300kB
		<6>[ 5123.112430][ T1832] 2031616 pages RAM
		<6>[ 5123.112450][ T1832] 81231 pages reserved
		<6>[ 5123.112460][ T1832] Tasks state (memory values in pages):
		<6>[ 5123.112470][ T1832] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name
		<6>[ 5123.112490][ T1832] [   1123]  1000  1123  5123123    81231  1123123    21231          -900 system_server
		<6>[ 5123.112500][ T1832] [   1800] 10123  1800  9123123  1123121  9123123   312312           700 .example.game:r
		<6>[ 5123.112510][ T1832] [   2312] 10050  2312  4123123    11231   823123     2312           905 com.whatsapp
		<6>[ 5123.112520][ T1832] oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=background,mems_allowed=0,global_oom,task_memcg=/apps/uid_10123/pid_1800,task=.example.game:r,pid=1800,uid=10123
		<3>[ 5123.112530][ T1832] Out of memory: Killed process 1800 (.example.game:r) total-vm:36492492kB, anon-rss:4490000kB, file-rss:2484kB, shmem-rss:0kB, UID:10123 pgtables:8909kB oom_score_adj:700
		<6>[ 5123.312530][   T55] oom_reaper: reaped process 1800 (.example.game:r), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB
		<4>[ 5124.000000][  T101] lowmemorykiller: Killing 'com.whatsapp' (2312), adj 905,
	LOG
	cat >"$BATS_TEST_TMPDIR/sles11" <<-'LOG'
		Feb 20 14:02:58 sles11 kernel: [2592340.112334] java invoked oom-killer: gfp_mask=0x201da, order=0, oom_adj=0, oom_score_adj=0
		Feb 20 14:02:58 sles11 kernel: [2592340.112339] java cpuset=/ mems_allowed=0
		Feb 20 14:02:58 sles11 kernel: [2592340.112343] Pid: 23112, comm: java Not tainted 3.0.101-108-default #1
		Feb 20 14:02:58 sles11 kernel: [2592340.112345] Call Trace:
		Feb 20 14:02:58 sles11 kernel: [2592340.112405]  [<ffffffff810f9d75>] out_of_memory+0x205/0x2a0
		Feb 20 14:02:58 sles11 kernel: [2592340.112440] Mem-Info:
		Feb 20 14:02:58 sles11 kernel: [2592340.112527] Total swap = 0kB
		Feb 20 14:02:58 sles11 kernel: [2592340.113001] 1048575 pages RAM
		Feb 20 14:02:58 sles11 kernel: [2592340.113002] [ pid ]   uid  tgid total_vm      rss cpu oom_adj oom_score_adj name
		Feb 20 14:02:58 sles11 kernel: [2592340.113016] [ 2231]     0  2231    12332      301   1     -17         -1000 sshd
		Feb 20 14:02:58 sles11 kernel: [2592340.113020] [23110]  1002 23110  2612331   941221   0       0             0 java
		Feb 20 14:02:58 sles11 kernel: [2592340.113028] Out of memory: Kill process 23110 (java) score 912 or sacrifice child
		Feb 20 14:02:58 sles11 kernel: [2592340.113031] Killed process 23110 (java) total-vm:10449324kB, anon-rss:3764884kB, file-rss:0kB
	LOG
	cat >"$BATS_TEST_TMPDIR/rhel4" <<-'LOG'
		Jan  3 22:01:44 web4 kernel: oom-killer: gfp_mask=0xd0
		Jan  3 22:01:44 web4 kernel: Mem-info:
		Jan  3 22:01:44 web4 kernel: Normal free:0kB min:928kB low:1856kB high:2784kB active:0kB inactive:124kB present:901120kB pages_scanned:1531 all_unreclaimable? yes
		Jan  3 22:01:44 web4 kernel: DMA: 3*4kB 3*8kB 3*16kB 2*32kB 2*64kB 2*128kB 1*256kB 1*512kB 1*1024kB 1*2048kB 2*4096kB = 12532kB
		Jan  3 22:01:44 web4 kernel: Free swap:       2096472kB
		Jan  3 22:01:44 web4 kernel: 1048576 pages of RAM
		Jan  3 22:01:44 web4 kernel: 819200 pages of HIGHMEM
		Jan  3 22:01:44 web4 kernel: 10321 reserved pages
		Jan  3 22:01:44 web4 kernel: Out of Memory: Killed process 3312 (httpd).
	LOG
	run -0 jq -c '.events[] | [.complete, .constraint, .invoker.comm, .invoker.pid, (.tasks | length), .why.total_pages, .why.agrees] +
		(.killed[0] | [.pid, .comm, .anon_rss, .score, .oom_score_adj])' < <(
		cd "$BATS_TEST_TMPDIR" && "$OOMKIT" parse-log --why -J openwrt raspberry phone sles11 rhel4)
	assert_output - <<-'EOF'
		[true,"none","dnsmasq",1321,3,6906,true,1102,"netifd",278528,10,0]
		[true,"none","python3",612,2,262960,true,612,"python3",782336000,809,0]
		[true,"none","Thread-12",1832,3,2998960,true,1800,".example.game:r",4597760000,null,700]
		[true,"none","java",23112,2,1048575,null,23110,"java",3855241216,912,0]
		[true,"none",null,null,0,null,null,3312,"httpd",null,null,null]
	EOF
	# The same through a mail: quoted and wrapped.
	run -0 jq -c '.events[] | [.complete, .killed[0].pid, .why.agrees]' < <(
		sed 's/^.*kern[a-z.]* kernel: //; s/^\[[^]]*\] //' "$BATS_TEST_TMPDIR/openwrt" | fold -s -w 72 | sed 's/ *$//; s/^/> /' | parse --why)
	assert_output '[true,1102,true]'
}

# ------------------------------------------------------------------ events

@test "interleaved events of two processors are told apart by their callers" {
	{
		echo '[  1.000001][    T5] aaa invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0'
		echo '[  1.000002][    T6] bbb invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=1, oom_score_adj=0'
		echo '[  1.000003][    T5] memory: usage 100kB, limit 100kB, failcnt 1'
		echo '[  1.000004][    T6] memory: usage 200kB, limit 200kB, failcnt 2'
		echo '[  1.000005][    T6] Memory cgroup out of memory: Killed process 20 (y) total-vm:8kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB'
		echo '[  1.000006][    T5] Memory cgroup out of memory: Killed process 10 (x) total-vm:8kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB'
	} >"$BATS_TEST_TMPDIR/log"
	run -0 parse "$BATS_TEST_TMPDIR/log"
	run -0 jq -c '.events | map([.invoker.comm, .memory.limit, .killed[0].pid])' <<<"$output"
	assert_output '[["aaa",102400,10],["bbb",204800,20]]'
}

@test "a report that begins before the kill of the one before it: told apart by the tables" {
	cat >"$BATS_TEST_TMPDIR/log" <<-'LOG'
		[  1.000001] aaa invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0
		[  1.000002] CPU: 0 PID: 5 Comm: aaa Not tainted 6.1.0 #1
		[  1.000003] memory: usage 100kB, limit 100kB, failcnt 1
		[  1.000004] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name
		[  1.000005] [     10]     0    10    10000     5000    40960        0             0 x
		[  1.000006] bbb invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=1, oom_score_adj=0
		[  1.000007] CPU: 1 PID: 6 Comm: bbb Not tainted 6.1.0 #1
		[  1.000008] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/a,task_memcg=/a,task=x,pid=10,uid=0
		[  1.000009] Memory cgroup out of memory: Killed process 10 (x) total-vm:40000kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:40kB oom_score_adj:0
		[  1.000010] memory: usage 200kB, limit 200kB, failcnt 2
		[  1.000011] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name
		[  1.000012] [     20]     0    20    10000     5000    40960        0             0 y
		[  1.000013] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/b,task_memcg=/b,task=y,pid=20,uid=0
		[  1.000014] Memory cgroup out of memory: Killed process 20 (y) total-vm:40000kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:40kB oom_score_adj:0
		[  1.000015] oom_reaper: reaped process 10 (x), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB
	LOG
	run -0 parse "$BATS_TEST_TMPDIR/log"
	run -0 jq -c '.events | map([.invoker.comm, .memory.limit, .oom_memcg, (.tasks[].pid), (.killed[].pid), (.reaped | length), .complete])' \
		<<<"$output"
	assert_output '[["aaa",102400,"/a",10,10,1,true],["bbb",204800,"/b",20,20,0,true]]'
}

# The first event of a whole ring buffer, alone.
whole_report() { # NAME
	local from to
	read -r from to < <("$OOMKIT" parse-log -J "$LOGS/$1" | jq -r '.events[0] | "\(.first_line) \(.last_line)"')
	sed -n "${from},${to}p" "$LOGS/$1"
}

# A failed allocation on another processor, with a stack and a memory dump of its own: that of the report, other numbers.
failed_allocation() { # REPORT
	sed -n '/Mem-Info:/,/pages reserved/p' "$1" |
		sed -E '1i <4>[    7.000001] kworker/1:2: page allocation failure: order:4, mode:0x40dc0(GFP_KERNEL|__GFP_COMP), nodemask=(null)
			1i <4>[    7.000002] CPU: 1 PID: 99 Comm: kworker/1:2 Not tainted 6.1.0 #1
			1i <4>[    7.000003] Call Trace:
			1i <4>[    7.000004]  warn_alloc+0x134/0x160
			1i <4>[    7.000005]  __alloc_pages_slowpath.constprop.0+0xc85/0xcc0
			s/(free:|min:|_anon:|_file:|pagetables:|swap  = )([0-9])/\19\2/g; s/: ([0-9]+)\*4kB/: 9\1*4kB/; s/^(<4>\[[^]]*\] )([0-9]+ total)/\19\2/'
}

told() { # of stdin: all but where it stands
	"$OOMKIT" parse-log -J "$@" | jq -c '.events | map(del(.first_line, .last_line, .input))'
}

alternate() { # FILE FILE
	paste -d '\n' "$1" "$2" | sed '/^$/d'
}

@test "a failed allocation's stack and memory, printed into a report or around it, are not the report's" {
	local n at
	whole_report kernel-6.1-v2-global.klog >"$BATS_TEST_TMPDIR/oom"
	failed_allocation "$BATS_TEST_TMPDIR/oom" >"$BATS_TEST_TMPDIR/failure"
	[[ $(grep -c . "$BATS_TEST_TMPDIR/failure") -gt 20 ]]
	told <"$BATS_TEST_TMPDIR/oom" >"$BATS_TEST_TMPDIR/right"
	jq -e 'length == 1 and .[0].complete and .[0].mem_info.ram > 0' "$BATS_TEST_TMPDIR/right"
	n=$(wc -l <"$BATS_TEST_TMPDIR/oom")
	for ((at = 1; at < n; at += 4)); do
		sed "${at}r $BATS_TEST_TMPDIR/failure" "$BATS_TEST_TMPDIR/oom" | told >"$BATS_TEST_TMPDIR/inserted"
		cmp "$BATS_TEST_TMPDIR/right" "$BATS_TEST_TMPDIR/inserted"
	done
	n=$(wc -l <"$BATS_TEST_TMPDIR/failure")
	for ((at = 1; at < n; at += 3)); do
		sed "${at}r $BATS_TEST_TMPDIR/oom" "$BATS_TEST_TMPDIR/failure" | told >"$BATS_TEST_TMPDIR/around"
		cmp "$BATS_TEST_TMPDIR/right" "$BATS_TEST_TMPDIR/around"
	done
	# With ids no order matters.
	sed 's/^\(<.>\[[^]]*\]\)/\1[    T5]/' "$BATS_TEST_TMPDIR/oom" >"$BATS_TEST_TMPDIR/oom5"
	sed 's/^\(<.>\[[^]]*\]\)/\1[   T99]/' "$BATS_TEST_TMPDIR/failure" >"$BATS_TEST_TMPDIR/failure99"
	alternate "$BATS_TEST_TMPDIR/oom5" "$BATS_TEST_TMPDIR/failure99" | told >"$BATS_TEST_TMPDIR/alternating"
	cmp "$BATS_TEST_TMPDIR/right" "$BATS_TEST_TMPDIR/alternating"
}

@test "two memory dumps line by line without ids: right, or not complete" {
	local n at right=0
	whole_report kernel-6.1-v2-global.klog >"$BATS_TEST_TMPDIR/oom"
	failed_allocation "$BATS_TEST_TMPDIR/oom" >"$BATS_TEST_TMPDIR/failure"
	told <"$BATS_TEST_TMPDIR/oom" >"$BATS_TEST_TMPDIR/right"
	n=$(wc -l <"$BATS_TEST_TMPDIR/oom")
	for ((at = 1; at < n; at += 4)); do
		sed -n "${at},\$p" "$BATS_TEST_TMPDIR/oom" >"$BATS_TEST_TMPDIR/rest"
		{
			sed "${at},\$d" "$BATS_TEST_TMPDIR/oom"
			alternate "$BATS_TEST_TMPDIR/rest" "$BATS_TEST_TMPDIR/failure"
		} | told >"$BATS_TEST_TMPDIR/alternating"
		if cmp -s "$BATS_TEST_TMPDIR/right" "$BATS_TEST_TMPDIR/alternating"; then
			right=$((right + 1))
			continue
		fi
		# Whom it killed stands in lines of its own all the same.
		run -0 jq -c '[length, .[0].complete, .[0].missing, .[0].killed[0].pid]' "$BATS_TEST_TMPDIR/alternating"
		assert_output "$(jq -c '[1, false, ["interleaved"], .[0].killed[0].pid]' "$BATS_TEST_TMPDIR/right")"
	done
	((right > 0))
}

@test "two reports line by line: two hosts, two callers; without either they are not complete" {
	local a b
	for b in kernel-5.10.223-v1-memcg.klog kernel-6.1-v2-global.klog kernel-6.18.15-v2-sysrq.klog; do
		a=kernel-6.1-v1-memcg.klog
		whole_report $a >"$BATS_TEST_TMPDIR/a"
		whole_report $b >"$BATS_TEST_TMPDIR/b"
		sed 's/^<.>/Nov 26 08:00:00 one kernel: /' "$BATS_TEST_TMPDIR/a" >"$BATS_TEST_TMPDIR/one"
		sed 's/^<.>/Nov 26 08:00:00 two kernel: /' "$BATS_TEST_TMPDIR/b" >"$BATS_TEST_TMPDIR/two"
		cat "$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/two" | told | jq -cS 'sort_by(.host)' >"$BATS_TEST_TMPDIR/right"
		alternate "$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/two" | told | jq -cS 'sort_by(.host)' >"$BATS_TEST_TMPDIR/hosts"
		cmp "$BATS_TEST_TMPDIR/right" "$BATS_TEST_TMPDIR/hosts"

		sed 's/^\(<.>\[[^]]*\]\)/\1[    T5]/' "$BATS_TEST_TMPDIR/a" >"$BATS_TEST_TMPDIR/one"
		sed 's/^\(<.>\[[^]]*\]\)/\1[    T6]/' "$BATS_TEST_TMPDIR/b" >"$BATS_TEST_TMPDIR/two"
		cat "$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/two" | told | jq -cS 'sort_by(.kernel)' >"$BATS_TEST_TMPDIR/right"
		alternate "$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/two" | told | jq -cS 'sort_by(.kernel)' >"$BATS_TEST_TMPDIR/callers"
		cmp "$BATS_TEST_TMPDIR/right" "$BATS_TEST_TMPDIR/callers"

		alternate "$BATS_TEST_TMPDIR/a" "$BATS_TEST_TMPDIR/b" | told >"$BATS_TEST_TMPDIR/neither"
		jq -e 'length >= 2 and all(.[]; .complete | not) and any(.[]; .missing | index("interleaved"))' "$BATS_TEST_TMPDIR/neither"
		# Nobody is lost or invented.
		run -0 jq -c '[.[].killed[].pid] | sort' "$BATS_TEST_TMPDIR/neither"
		assert_output "$(jq -c '[.[].killed[].pid] | sort' "$BATS_TEST_TMPDIR/right")"
	done
}

@test "a host's release and table are not another's" {
	cat >"$BATS_TEST_TMPDIR/log" <<-'LOG'
		Nov 26 08:00:00 one kernel: [    1.0] a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0
		Nov 26 08:00:00 one kernel: [    1.0] CPU: 0 PID: 5 Comm: a Not tainted 6.1.0 #1
		Nov 26 08:00:00 one kernel: [    1.0] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name
		Nov 26 08:00:00 one kernel: [    1.0] [     10]     0    10    10000     5000    40960        0           300 x
		Nov 26 08:00:00 one kernel: [    1.0] [     11]     0    11    10000     4000    40960        0           200 y
		Nov 26 08:00:00 one kernel: [    1.0] Out of memory: Killed process 10 (x) total-vm:40000kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB
		Nov 26 08:00:01 two kernel: [    2.0] Out of memory: Killed process 10 (x) total-vm:40000kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB
		Nov 26 08:00:01 one kernel: [    2.0] Out of memory: Killed process 11 (y) total-vm:40000kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB
		Nov 26 08:00:01 two kernel: [    0.0] Linux version 5.10.0 (gcc) #1
	LOG
	run -0 parse "$BATS_TEST_TMPDIR/log"
	run -0 jq -c '.events | sort_by(.first_line) | map([.host, .kernel, .killed[0].oom_score_adj])' <<<"$output"
	assert_output '[["one","6.1.0",300],["two",null,null],["one","6.1.0",200]]'
}

@test "the size of pages: by the free lists, a row beside its kill, no limit; else as given" {
	size() { # ARGUMENT...
		"$OOMKIT" parse-log -J "$@" | jq -c '.events[0] | [.page_size, .tasks[0].rss]'
	}
	row='[  1.5] [     50]     0    50    10000     5000     4000     1000         0    40960        0             0 small'
	assert_equal "$(event | size)" '[4096,20480000]'
	assert_equal "$(event | sed 's/\*4kB/*64kB/' | size)" '[65536,327680000]'
	assert_equal "$(event | sed '/DMA32/d; s/800000kB/3200000kB/' | size --page-size 64K)" '[16384,81920000]'
	assert_equal "$({ echo '[  1.4] memory: usage 64kB, limit 9007199254740928kB, failcnt 0'; event | sed -n '10,11p'; } | size)" \
		'[65536,327680000]'
	assert_equal "$({ event | sed -n 10p; echo "$row"; } | size --page-size 64K)" '[65536,327680000]'
	assert_equal "$({ event | sed -n 10p; echo "$row"; } | size)" '[4096,20480000]'
}

@test "names with blanks, brackets, colons and commas" {
	for name in 'a) (b' '(sd-pam)' 'php-fpm: pool w' 'a,pid=3,b' 'x=y' 'kernel: x' 531; do
		printf '[  1.5] Out of memory: Killed process 9 (%s) total-vm:8kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:4kB oom_score_adj:7\n' \
			"$name" >"$BATS_TEST_TMPDIR/log"
		run -0 parse "$BATS_TEST_TMPDIR/log"
		assert_equal "$(jq -r '.events[0].killed[0] | [.comm, .oom_score_adj] | @tsv' <<<"$output")" "$name"$'\t7'
	done
	echo '[  1.5] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=0,2-3,cpuset=c,mems_allowed=0,2-3,oom_memcg=/a,task_memcg=/a/b,task=a,pid=3,b,pid=9,uid=-2' \
		>"$BATS_TEST_TMPDIR/log"
	run -0 parse "$BATS_TEST_TMPDIR/log"
	run -0 jq -c '.events[0] | [.killed[0].pid, .killed[0].comm, .nodemask, .mems_allowed, .oom_memcg, .killed[0].from_oom_kill_record]' \
		<<<"$output"
	assert_output '[9,"a,pid=3,b","0,2-3","0,2-3","/a",true]'
}

@test "userspace killers are events of their own" {
	cat >"$BATS_TEST_TMPDIR/log" <<-'LOG'
		Dec 18 19:34:56 pc systemd-oomd[840]: Killed /user.slice/a.scope due to memory pressure for /user.slice being 51.07% > 50.00%
		Aug 04 10:39:10 pc earlyoom[845]: sending SIGTERM to process 322603 uid 1000 "python3.13": oom_score 1282, VmRSS 29931 MiB, cmdline "x"
	LOG
	run -0 parse "$BATS_TEST_TMPDIR/log"
	run -0 jq -c '.events | map([.killer, .killed[0].pid, .killed[0].comm, .killed[0].task_memcg, .killed[0].score])' <<<"$output"
	assert_output '[["systemd-oomd",null,null,"/user.slice/a.scope",null],["earlyoom",322603,"python3.13",null,1282]]'
	run -0 "$OOMKIT" parse-log -J "$LOGS"/20[12]*.log "$LOGS"/230*.log
	jq -e 'all(.events[]; .killer != "kernel")' <<<"$output"
}

@test "a killer whose line was cut amid the name: the name is not known" {
	run -0 "$OOMKIT" parse-log <<<'Aug 04 10:48:44 pc earlyoom[8]: sending SIGTERM to process 324012 uid`1000 "python3.1:00'
	assert_line '  killed   324012 ?'
}

@test "every wording of the userspace killers, and what is none of theirs" {
	cat >"$BATS_TEST_TMPDIR/log" <<-'LOG'
		Sep 28 15:04:46 pc systemd-oomd[726]: Considered 21 cgroups for killing, top candidates were:
		Sep 28 15:04:46 pc systemd-oomd[726]: Marked /user.slice/a.scope for killing due to memory used (7177072640) / total (7969300480) and swap used (7503994880) / total (7969173504) being more than 90.00%
		Sep 28 15:04:46 pc systemd[1]: a.scope: systemd-oomd killed 12 process(es) in this unit.
		Sep 28 15:05:46 pc systemd-oomd[726]: Killed /user.slice/b c.scope due to memory pressure for /user.slice being 51.07% > 50.00% for > 20s with reclaim activity
		Sep 28 15:06:46 pc earlyoom[9]: sending SIGTERM to process 12 uid 1000 "a b": badness 800, VmRSS 29931 MiB
		Sep 28 15:06:46 pc earlyoom[9]: process exited after 0.5 seconds
		Sep 28 15:06:47 pc earlyoom[9]: sending SIGKILL to process 13 "chrome": badness 800, VmRSS 29931 MiB
		Sep 28 15:06:48 pc earlyoom[9]: Killing process 14 Web Content
		Sep 28 15:07:46 pc nohang[10]: Victim status (found in 5ms):
		Sep 28 15:07:46 pc nohang[10]:   PID:       123, name: tail, state: R (running), EUID: 1000, SID: 5 (bash), lifetime: 1min
		Sep 28 15:07:46 pc nohang[10]:   badness:   700, oom_score:  700, oom_score_adj:  10
		Sep 28 15:07:46 pc nohang[10]:   cgroup_v1: /
		Sep 28 15:07:46 pc nohang[10]:   cgroup_v2: /user.slice/x.scope
		Sep 28 15:07:46 pc nohang[10]: Implementing a corrective action:
		Sep 28 15:07:46 pc nohang[10]:   Sending SIGTERM to the victim
		Sep 28 15:07:46 pc nohang[10]: OK; total response time: 12ms
		Sep 28 15:07:46 pc nohang[10]:   [ OK ] Sending SIGTERM to tail: 1
		Sep 28 15:08:46 pc oomd[11]: [../src/oomd/plugins/BaseKillPlugin.cpp:103] Trying to kill /sys/fs/cgroup/system.slice/x.service
		Sep 28 15:08:46 pc oomd[11]: [../src/oomd/plugins/BaseKillPlugin.cpp:140] Killed 2: 55(stress ng) 56(b) 57(c)[E3]
		Sep 28 15:08:46 pc kernel: oomd kill: 10.00 5.00 1.00 system.slice/x.service 123456 ruleset:[a] detectorgroup:[b] killer:kill_by_pressure v2
		[ 1234.5] oomd kill: 10.00 5.00 1.00 system.slice/y.service 123456 ruleset:[a] detectorgroup:[b] killer:kill_by_pressure v2
		[ 1234.6] oomd kill: 10.00 5.00 1.00 system.slice/z.service 123456 ruleset:[a] detectorgroup:[b] killer:(dry)kill_by_pressure v2
	LOG
	run -0 parse "$BATS_TEST_TMPDIR/log"
	run -0 jq -c '.events[] | [.killer, .first_line, (.killed | map([.pid, .comm, .uid, .oom_score_adj, .score, .task_memcg]))]' \
		<<<"$output"
	cat >"$BATS_TEST_TMPDIR/want" <<-'WANT'
		["systemd-oomd",2,[[null,null,null,null,null,"/user.slice/a.scope"]]]
		["systemd-oomd",4,[[null,null,null,null,null,"/user.slice/b c.scope"]]]
		["earlyoom",5,[[12,"a b",1000,null,800,null]]]
		["earlyoom",7,[[13,"chrome",null,null,800,null]]]
		["earlyoom",8,[[14,"Web Content",null,null,null,null]]]
		["nohang",15,[[123,"tail",1000,10,null,"/user.slice/x.scope"]]]
		["oomd",18,[[55,"stress ng",null,null,null,"/system.slice/x.service"],[56,"b",null,null,null,"/system.slice/x.service"]]]
		["oomd",21,[[null,null,null,null,null,"/system.slice/y.service"]]]
	WANT
	assert_output "$(cat "$BATS_TEST_TMPDIR/want")"
}

@test "talk about kills, other programs' kills and the kernel's other words on memory are no kills" {
	cat >"$BATS_TEST_TMPDIR/log" <<-'LOG'
		Nov 23 09:00:00 h systemd[1]: foo.service: Main process exited, code=killed, status=9/KILL
		Nov 23 09:00:00 h systemd[1]: foo.service: A process of this unit has been killed by the OOM killer.
		Nov 23 09:00:00 h systemd[1]: foo.service: Failed with result 'oom-kill'.
		Nov 23 09:00:00 h systemd[1]: foo.service: Killing process 1234 (java) with signal SIGKILL.
		Nov 23 09:00:00 h java[12]: java.lang.OutOfMemoryError: Java heap space
		Nov 23 09:00:00 h kernel: java: page allocation failure: order:5, mode:0x40cc0(GFP_KERNEL|__GFP_COMP), nodemask=(null),cpuset=/,mems_allowed=0
		Nov 23 09:00:00 h kernel: CPU: 1 PID: 5 Comm: java Not tainted 5.10.0 #1
		Nov 23 09:00:00 h kernel: Call Trace:
		Nov 23 09:00:00 h kernel:  warn_alloc+0x10/0x20
		Nov 23 09:00:00 h kernel: Mem-Info:
		Nov 23 09:00:00 h kernel: Node 0 Normal free:10kB min:1kB low:2kB high:3kB
		Nov 23 09:00:00 h kernel: 123 pages RAM
		Nov 23 09:00:00 h kernel: udevd (99): /proc/99/oom_adj is deprecated, please use /proc/99/oom_score_adj instead.
		Nov 23 09:00:00 h kernel: updating oom_score_adj for 12 (a) from 0 to 5 because it shares mm with 13 (b). Report if this is unexpected.
		Nov 23 09:00:00 h kernel: memory.oom_control is deprecated and will be removed. Please report your usecase to linux-mm@kvack.org
		Nov 23 09:00:00 h kernel: OOM killer disabled.
		Nov 23 09:00:00 h kernel: OOM killer enabled.
		Nov 23 09:00:00 h kernel: OOM request ignored. No task eligible
		Nov 23 09:00:00 h kernel: Huh VM_FAULT_OOM leaked out to the #PF handler. Retrying PF
		Nov 23 09:00:00 h sshd[1]: error: Out of memory: Killed process 12 (fake) total-vm:1kB, anon-rss:1kB, file-rss:0kB
		Nov 23 09:00:00 h dockerd[1]: time="2026" level=info msg="Out of memory: Killed process 77 (x) total-vm:8kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB"
		Nov 23 09:00:00 h kubelet[1]: E1123 OOM encountered, victim process: java, pid: 1234
		Nov 23 09:00:00 h node-problem-detector[1]: "Killed process \\d+ (.+) total-vm:\\d+kB, anon-rss:\\d+kB, file-rss:\\d+kB.*"
		The kernel logs "Out of memory: Killed process 1234 (java)" when it runs out.
		Yesterday the OOM killer killed process 1234 (mysqld) again. We saw Killed process in dmesg.
		grep -c 'Killed process' /var/log/messages
		# dmesg | grep -i 'oom-killer'
		invoked oom-killer is what you look for
		oom-killer: see Documentation
		Memory cgroup out of memory: the docs say
		I think "Out of memory: Kill process 123 (foo) score 9 or sacrifice child" is old wording.
	LOG
	run -0 parse "$BATS_TEST_TMPDIR/log"
	assert_output '{"schema":"oomkit/parse-log/1","events":[]}'
}

@test "what is cut off is told, and what is there is given" {
	event | head -n 12 | parse >"$BATS_TEST_TMPDIR/cut"
	run -0 jq -c '.events[0] | [.complete, .missing, (.tasks | length)]' "$BATS_TEST_TMPDIR/cut"
	assert_output '[false,["kill"],2]'
	event | tail -n 3 | parse >"$BATS_TEST_TMPDIR/tail"
	run -0 jq -c '.events[0] | [.complete, .missing, .killed[0].task_memcg]' "$BATS_TEST_TMPDIR/tail"
	assert_output '[false,["header"],"/user.slice/user-1000.slice/session-2.scope"]'
	event | sed '12s/.*/garbage \xff\x01 that is no row/' | parse >"$BATS_TEST_TMPDIR/hole"
	run -0 jq -c '.events[0] | [(.tasks | length), .killed[0].pid]' "$BATS_TEST_TMPDIR/hole"
	assert_output '[2,60]'
}

@test "an absurd number is unknown, and its row or line costs nothing else" {
	event | sed 's/anon-rss:596000kB/anon-rss:9007199254740993kB/; s/\[     50\]/[99999950]/
		/Node 0 DMA32 free/i [  100.000003] active_anon:100 inactive_anon:1 slab_reclaimable:1 pagetables:9000000000000000 free:1' |
		parse >"$BATS_TEST_TMPDIR/absurd"
	run -0 jq -c '.events[0] | [.killed[0].pid, .killed[0].rss, .mem_info.pagetables, .mem_info.slab_reclaimable, [.tasks[].pid]]' "$BATS_TEST_TMPDIR/absurd"
	assert_output '[60,null,null,4096,[60,77]]'
	event | sed 's/anon-rss:596000kB/anon-rss:9007199254740993kB/' >"$BATS_TEST_TMPDIR/absurd.log"
	run -0 jq -c '.summary.by_comm[0] | [.name, .kills, .rss]' <("$OOMKIT" parse-log --summary -J "$BATS_TEST_TMPDIR/absurd.log")
	assert_output '["big one",1,0]'
}

# ------------------------------------------------------------------ why

@test "the judgement: agreement, what would have saved it, and a kernel that chose otherwise" {
	event | "$OOMKIT" parse-log -J --why >"$BATS_TEST_TMPDIR/why"
	# 200000 pages, 200 to a step: 150100 - 726 * 200 is the first below the 5010 of the next.
	run -0 jq -c '.events[0].why | [.agrees, .recomputed_pid, .recomputed_badness, .total_pages, .saved_by.oom_score_adj,
		.saved_by.less_memory, .saved_by.next_pid]' "$BATS_TEST_TMPDIR/why"
	assert_output '[true,60,150100,200000,-726,594292736,50]'
	event | sed 's/pid=60/pid=50/; s/task=big one/task=small/; s/process 60 (big one)/process 50 (small)/' |
		"$OOMKIT" parse-log -J --why >"$BATS_TEST_TMPDIR/other"
	run -0 jq -c '.events[0].why | [.agrees, .recomputed_pid, .undetermined]' "$BATS_TEST_TMPDIR/other"
	assert_output '[false,60,[]]'
	# 5010 + 900 * 200 against 150100: with no memory at all it would have been the first, so that only its adj can save it.
	event | sed '/small$/s/ 0 small/ 900 small/
		s/pid=60/pid=50/; s/task=big one/task=small/; s/process 60 (big one)/process 50 (small)/' >"$BATS_TEST_TMPDIR/by-adj"
	run -0 jq -c '.events[0].why | [.agrees, .recomputed_badness, .saved_by.oom_score_adj, .saved_by.less_memory]' \
		<("$OOMKIT" parse-log -J --why "$BATS_TEST_TMPDIR/by-adj")
	assert_output '[true,185010,725,null]'
	run -0 "$OOMKIT" parse-log --why "$BATS_TEST_TMPDIR/by-adj"
	assert_line --partial 'It would have been spared with oom_score_adj 725.'
	event | sed '/\] \[ /d' | "$OOMKIT" parse-log -J --why >"$BATS_TEST_TMPDIR/none"
	run -0 jq -c '.events[0].why | [.agrees, .undetermined]' "$BATS_TEST_TMPDIR/none"
	assert_output '[null,["task_table"]]'
}

why() { # from stdin: agreement, whom the rule picks, what is open
	"$OOMKIT" parse-log -J --why "$@" | jq -c '.events[-1].why | [.agrees, .recomputed_pid, .undetermined]'
}

# A cgroup's OOM of a kernel that is not told, with names as until 4.18 and a record as since 5.0.
vendors_event() { # KILLED-PID KILLED-NAME
	cat <<-LOG
		[  1.000001] a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=-998
		[  1.000002] memory: usage 16777216kB, limit 16777216kB, failcnt 1
		[  1.000003] [ pid ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name
		[  1.000004] [   10]     0    10      257        1    32768        0          -998 pause
		[  1.000005] [   11]     0    11     4594      771    81920        0          -998 cron
		[  1.000006] [   12]     0    12 18285584  3967322 37101568        0          -998 sim
		[  1.000007] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/p,task_memcg=/p/c,task=$2,pid=$1,uid=0
		[  1.000008] Memory cgroup out of memory: Killed process $1 ($2) total-vm:1028kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB
	LOG
}

@test "the judgement where no release is told: by every rule that the text may come from" {
	# Below zero all count 1 until 5.8, and the first of equals was taken until 5.2: the narrow column is older.
	vendors_event 10 pause | why >"$BATS_TEST_TMPDIR/pause"
	assert_equal "$(<"$BATS_TEST_TMPDIR/pause")" '[true,10,[]]'
	vendors_event 12 sim | why >"$BATS_TEST_TMPDIR/sim"
	assert_equal "$(<"$BATS_TEST_TMPDIR/sim")" '[null,10,["tie"]]'
	# The wide one: the first of equals by the rule of 5.0 to 5.2, the last by that of 5.3.
	vendors_event 10 pause | sed 's/\[ pid \]/[  pid  ]/' | why >"$BATS_TEST_TMPDIR/wide"
	assert_equal "$(<"$BATS_TEST_TMPDIR/wide")" '[null,10,["release"]]'
	# The words of 5.4's kill line: sizes and sign may count or not.
	vendors_event 12 sim | sed 's/\[ pid \]/[  pid  ]/; s/shmem-rss:0kB$/&, UID:0 pgtables:36232kB oom_score_adj:-998/' |
		why >"$BATS_TEST_TMPDIR/new"
	assert_equal "$(<"$BATS_TEST_TMPDIR/new")" '[true,12,[]]'
	vendors_event 10 pause | sed 's/\[ pid \]/[  pid  ]/; s/shmem-rss:0kB$/&, UID:0 pgtables:32kB oom_score_adj:-998/' |
		why >"$BATS_TEST_TMPDIR/none"
	assert_equal "$(<"$BATS_TEST_TMPDIR/none")" '[null,12,["tie","release"]]'
}

@test "the judgement: who had been killed before is passed over; a sign that was not heeded; a thread that was chosen" {
	# The reaper could not have its memory: the next event takes the next one.
	event | sed '/oom_reaper/s/reaped process 60 (big one).*/unable to reap pid:60 (big one)/' >"$BATS_TEST_TMPDIR/log"
	event | sed 's/^\[  100/[  103/; /oom_reaper/d; s/pid=60/pid=50/; s/task=big one/task=small/; s/process 60 (big one)/process 50 (small)/' \
		>>"$BATS_TEST_TMPDIR/log"
	assert_equal "$(why "$BATS_TEST_TMPDIR/log")" '[true,50,[]]'
	run -0 "$OOMKIT" parse-log --why "$BATS_TEST_TMPDIR/log"
	assert_output --partial '60 (big one) had been killed before and was passed over.'
	# Another boot, or another process of that number: it was not.
	sed 's/big one) total/other) total/; s/task=big one/task=other/' "$BATS_TEST_TMPDIR/log" >"$BATS_TEST_TMPDIR/reused"
	assert_equal "$(why "$BATS_TEST_TMPDIR/reused")" '[false,60,[]]'
	sed 's/^\[  103/[    3/' "$BATS_TEST_TMPDIR/log" >"$BATS_TEST_TMPDIR/boot"
	assert_equal "$(why "$BATS_TEST_TMPDIR/boot")" '[false,60,[]]'
	# Without its header the report may have lost what stood before it.
	sed -n '/103.*Tasks state/,$p' "$BATS_TEST_TMPDIR/log" | sed 's/_NONE/_MEMCG/; s/global_oom/oom_memcg=\/user.slice/' \
		>"$BATS_TEST_TMPDIR/cut"
	assert_equal "$(why "$BATS_TEST_TMPDIR/cut")" '[null,60,["earlier_kill"]]'

	# linux-next of July 2020: the only one below zero was the greatest.
	event | sed '/ 50 .* small$/s/        0 small/     -900 small/; s/pid=60/pid=50/; s/task=big one/task=small/
		s/process 60 (big one)/process 50 (small)/; s/oom_score_adj:0$/oom_score_adj:-900/; s/6\.12\.1/5.8.0-rc4-next/' \
		>"$BATS_TEST_TMPDIR/next"
	run -0 "$OOMKIT" parse-log --why "$BATS_TEST_TMPDIR/next"
	assert_output --partial 'The rule picks another process.'
	assert_output --partial 'the greatest where their sign is not heeded'

	# Until 4.6 a thread may have been chosen, which no table has.
	cat >"$BATS_TEST_TMPDIR/thread" <<-'LOG'
		[  1.000001] a invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0
		[  1.000002] CPU: 1 PID: 7 Comm: a Not tainted 3.10.0-957.el7.x86_64 #1
		[  1.000003] Task in /n killed as a result of limit of /n
		[  1.000004] memory: usage 1048576kB, limit 1048576kB, failcnt 1
		[  1.000005] memory+swap: usage 1048576kB, limit 1048576kB, failcnt 0
		[  1.000006] [ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name
		[  1.000007] [  754]    80   754   262835    45260     359        0             0 node
		[  1.000008] [ 1847]    80  1847   300778    86316     507        0             0 node
		[  1.000009] Memory cgroup out of memory: Kill process 1858 (node) score 331 or sacrifice child
		[  1.000010] Killed process 1847 (node), UID 80, total-vm:1203112kB, anon-rss:329556kB, file-rss:15708kB, shmem-rss:0kB
	LOG
	assert_equal "$(why "$BATS_TEST_TMPDIR/thread")" '[true,1847,[]]'
}

@test "of lines that were picked out each choice is an event, and is named" {
	cat >"$BATS_TEST_TMPDIR/log" <<-'LOG'
		Nov 05 05:00:54 gpu-1037 kernel: Memory cgroup out of memory: Kill process 84374 (java) score 1345 or sacrifice child
		Nov 05 05:10:39 gpu-1037 kernel: Memory cgroup out of memory: Kill process 10233 (java) score 1308 or sacrifice child
		Nov 05 05:21:18 gpu-1037 kernel: Out of memory: Kill process 40549 (node) score 930 or sacrifice child
		Nov 05 05:21:18 gpu-1037 kernel: Killed process 40549 (node) total-vm:613964kB, anon-rss:78132kB, file-rss:13696kB
	LOG
	run -0 parse "$BATS_TEST_TMPDIR/log"
	run -0 jq -c '.events[] | [.constraint, .selected.pid, .selected.comm, .selected.score, [.killed[].pid], .outcome]' <<<"$output"
	assert_output '["memcg",84374,"java",1345,[],"unknown"]
["memcg",10233,"java",1308,[],"unknown"]
["none",40549,"node",930,[40549],"killed"]'
	run -0 "$OOMKIT" parse-log "$BATS_TEST_TMPDIR/log"
	assert_output --partial '  chosen   10233 java, score 1308: no line tells of its end'
	refute_output --partial 'chosen   40549'
	run -0 "$OOMKIT" parse-log --comm java --html "$BATS_TEST_TMPDIR/page" "$BATS_TEST_TMPDIR/log"
	assert_equal "$(grep -c '^Nov' <<<"$output")" 2
	assert grep -q '<strong>java</strong> <span class="pid">84374</span> was chosen; the log holds no kill' "$BATS_TEST_TMPDIR/page"
	run -0 "$OOMKIT" parse-log -q --pid 10233 "$BATS_TEST_TMPDIR/log"
	run -1 "$OOMKIT" parse-log -q --pid 10234 "$BATS_TEST_TMPDIR/log"

	# The reaper's line alone names it where the kill's is not there.
	printf '%s\n' 'hog invoked oom-killer: gfp_mask=0x14000c0(GFP_KERNEL), nodemask=(null),  order=0, oom_score_adj=0' \
		'oom_reaper: reaped process 48 (hog), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB' >"$BATS_TEST_TMPDIR/reaped"
	run -0 "$OOMKIT" parse-log "$BATS_TEST_TMPDIR/reaped"
	assert_output --partial '  reaper   48 hog was reaped'
}

@test "the judgement: a denominator that is not told may be anything between its bounds" {
	local dir=$BATS_TEST_TMPDIR
	# v1, and how much swap there is stands nowhere: without it 379 is first, with all that the limit permits two equals are.
	cat >"$dir/log" <<-'LOG'
		[  1.000001] a invoked oom-killer: gfp_mask=0x400cc0(GFP_KERNEL_ACCOUNT), order=1, oom_score_adj=-1000
		[  1.000002] CPU: 0 PID: 409 Comm: a Tainted: G            E     5.10.0-32-cloud-amd64 #1 Debian 5.10.223-1
		[  1.000003] memory: usage 5428kB, limit 5428kB, failcnt 1342
		[  1.000004] memory+swap: usage 28672kB, limit 28672kB, failcnt 32
		[  1.000005] Tasks state (memory values in pages):
		[  1.000006] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name
		[  1.000007] [    379]     0   379     2980       56    65536     2715          -967 red
		[  1.000008] [    368]     0   368      432      129    45056      152             1 one
		[  1.000009] [    377]     0   377      432      129    45056      152             1 two
		[  1.000010] [    400]     0   400      100       10     4096        0             0 tiny
		[  1.000011] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/lab,task_memcg=/lab/f,task=one,pid=368,uid=0
		[  1.000012] Memory cgroup out of memory: Killed process 368 (one) total-vm:1728kB, anon-rss:0kB, file-rss:0kB, shmem-rss:516kB, UID:0 pgtables:44kB oom_score_adj:1
	LOG
	assert_equal "$(why "$dir/log")" '[null,379,["tie","swap_total"]]'
	# First at neither bound, but in between: 17000 - 967 k, 7000 - 300 k and 300 + 10 k pages, k from 13 to 71.
	sed 's/5428kB/54280kB/g; s/28672kB/286720kB/g; s/65536     2715/65536    16928/
		s/\(368      432\)      129    45056      152             1/\1     6837    45056      152          -300/
		s/\(377      432\)      129    45056      152             1/\1      237    45056       52            10/' "$dir/log" >"$dir/between"
	assert_equal "$(why "$dir/between")" '[null,379,["swap_total"]]'
	# What is first by none of them was chosen otherwise.
	sed 's/pid=368/pid=400/; s/task=one/task=tiny/; s/process 368 (one)/process 400 (tiny)/; s/  0 tiny/-99 tiny/' \
		"$dir/between" >"$dir/wrong"
	assert_equal "$(why "$dir/wrong")" '[false,379,[]]'
}

# ------------------------------------------------------------------ options and formats

@test "filters, and the exit status of grep" {
	event >"$BATS_TEST_TMPDIR/log"
	for wanted in '--pid 60' '--pid 1,60' '--comm ^big' '--cgroup /user.slice' '--constraint none' '--constraint memcg --constraint none'; do
		# shellcheck disable=SC2086
		run -0 "$OOMKIT" parse-log -q $wanted "$BATS_TEST_TMPDIR/log"
	done
	for other in '--pid 61' '--comm ^small' '--cgroup /user' '--constraint memcg' '--since 2020-01-01'; do
		# shellcheck disable=SC2086
		run -1 "$OOMKIT" parse-log -q $other "$BATS_TEST_TMPDIR/log"
		assert_output ''
	done
	run -1 "$OOMKIT" parse-log -q /dev/null
	run -2 "$OOMKIT" parse-log "$BATS_TEST_TMPDIR/missing"
	assert_output --partial 'No such file'
	run -2 "$OOMKIT" parse-log "$BATS_TEST_TMPDIR/missing" "$BATS_TEST_TMPDIR/log"
	assert_output --partial 'big one'
	for bad in '--pid x' '--since noon' '--comm [' '--constraint all' '--page-size 5000' '--tz Mars' '--year 12' '--sort pid'; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr "$OOMKIT" parse-log $bad /dev/null
		[[ $stderr == 'oomkit parse-log: '* ]]
	done
}

@test "since, until, --year and --tz: by the time that the log tells, or is given" {
	event | sed 's/^/Nov 23 09:00:00 web-1 kernel: /' >"$BATS_TEST_TMPDIR/log"
	run -0 parse "$BATS_TEST_TMPDIR/log"
	run -0 jq -c '.events[0] | [.time, .time_certain]' <<<"$output"
	assert_output '[null,false]'
	run -0 parse --year 2024 "$BATS_TEST_TMPDIR/log"
	run -0 jq -c '.events[0] | [.time, .time_certain]' <<<"$output"
	assert_output '["2024-11-23T09:00:00+00:00",false]'
	run -0 parse --year 2024 --tz +02:00 --since 2024-11-23T07:00Z --until 2024-11-23T07:00:01Z "$BATS_TEST_TMPDIR/log"
	run -0 jq -c '.events[0] | [.time, .time_certain]' <<<"$output"
	assert_output '["2024-11-23T09:00:00+02:00",true]'
	run -1 "$OOMKIT" parse-log -q --year 2024 --tz +02:00 --since 2024-11-23T07:00:01Z "$BATS_TEST_TMPDIR/log"
}

@test "--tz takes the name of a place, and since and until are in its time" {
	printf '%s\n' 'Rule X 2000 max - Mar lastSun 2:00 1:00 S' 'Rule X 2000 max - Oct lastSun 3:00 0 -' \
		'Zone Test/Town 1:00 X XC%sT' >"$BATS_TEST_TMPDIR/zone"
	# No user of Debian has it in PATH.
	PATH=$PATH:/usr/sbin zic -b slim -d "$BATS_TEST_TMPDIR/zones" "$BATS_TEST_TMPDIR/zone"
	export TZDIR=$BATS_TEST_TMPDIR/zones
	for month in Jul Nov; do
		event | sed "s/^/$month 23 09:00:00 web-1 kernel: /" >"$BATS_TEST_TMPDIR/$month"
	done
	run -0 parse --year 2026 --tz Test/Town "$BATS_TEST_TMPDIR/Jul" "$BATS_TEST_TMPDIR/Nov"
	run -0 jq -c '.events[] | [.time, .time_certain]' <<<"$output"
	assert_output $'["2026-07-23T09:00:00+02:00",true]\n["2026-11-23T09:00:00+01:00",true]'
	for bound in 2026-07-23T09:00 2026-07-23T07:00Z 2026-07-23T09:00+02:00; do
		run -0 "$OOMKIT" parse-log -q --since "$bound" --year 2026 --tz Test/Town "$BATS_TEST_TMPDIR/Jul"
		run -1 "$OOMKIT" parse-log -q --until "$bound" --year 2026 --tz Test/Town "$BATS_TEST_TMPDIR/Jul"
	done
	# Where no zone is given, a bound without one is what the clocks of the log show.
	event | sed 's/^/2026-11-23T09:00:00+05:00 web-1 kernel: /' >"$BATS_TEST_TMPDIR/far"
	run -0 "$OOMKIT" parse-log -q --since 2026-11-23T09:00 --until 2026-11-23T09:01 "$BATS_TEST_TMPDIR/far"
	run -1 "$OOMKIT" parse-log -q --since 2026-11-23T09:00Z "$BATS_TEST_TMPDIR/far"
	for bad in Test/Village ../zone /etc/passwd Test Test/../Test/Town ''; do
		run -2 --separate-stderr "$OOMKIT" parse-log --tz "$bad" "$BATS_TEST_TMPDIR/Jul"
		[[ $stderr == 'oomkit parse-log: '*'no such zone'* ]]
	done
}

@test "the swap that another dump of the boot tells of counts inside a cgroup; a unit keeps its escapes" {
	memcg() {
		event | sed -E '/Mem-Info|DMA32|pages R|pages r|Total swap/d; s/^(\[[^]]*\]) Tasks/\1 memory: usage 400000kB, limit 400000kB, failcnt 1\n\1 swap: usage 0kB, limit 9007199254740988kB, failcnt 0\n&/
			s/CONSTRAINT_NONE/CONSTRAINT_MEMCG/; s,global_oom,oom_memcg=/a,; s,session-2.scope,app-x\\x2dy.scope,
			s/Out of/Memory cgroup out of/; s/ 0             0 small/ 0           900 small/'
	}
	memcg >"$BATS_TEST_TMPDIR/log"
	run -0 "$OOMKIT" parse-log -J --why "$BATS_TEST_TMPDIR/log"
	jq -e '.events[0] | .why.agrees == null and .why.undetermined == ["swap_total"]' <<<"$output"
	jq -e '.events[0].killed[0].unit == "app-x\\x2dy.scope"' <<<"$output"
	{ event; memcg; } >"$BATS_TEST_TMPDIR/log"
	run -0 "$OOMKIT" parse-log -J --why "$BATS_TEST_TMPDIR/log"
	jq -e '.events[1] | .constraint == "memcg" and .why.agrees == true' <<<"$output"
}

@test "the report: the victim first, the table, the judgement" {
	event >"$BATS_TEST_TMPDIR/log"
	run -0 "$OOMKIT" parse-log --tasks --why "$BATS_TEST_TMPDIR/log"
	assert_line --index 0 '100.000001 s after boot: the machine ran out of memory (line 1)'
	assert_line --index 1 --partial 'killed   60 big one: 586M resident of 781M, uid 1000, oom_score_adj 0'
	assert_line --partial 'unit session-2.scope'
	assert_line --partial 'exhaustion: Node 0 DMA32 is down to 1000 KiB'
	assert_line --partial 'The rule picks the same process.'
	assert_line --regexp '^> +60 +1000 .* 150100 big one$'
	assert_equal "$(grep -cE '^[> ] +[0-9]+ +[0-9]+ ' <<<"$output")" 3
	# syslog writes no year: what its clock showed is better than nothing.
	event | sed 's/^/Nov  3 09:00:00 web-1 kernel: /' >"$BATS_TEST_TMPDIR/log"
	run -0 "$OOMKIT" parse-log "$BATS_TEST_TMPDIR/log"
	assert_line --index 0 'Nov  3 09:00:00, 100.000001 s after boot web-1: the machine ran out of memory (line 1)'
}

@test "every machine format" {
	event >"$BATS_TEST_TMPDIR/log"
	run -0 "$OOMKIT" parse-log --format csv -o pid,comm,rss,cgroup "$BATS_TEST_TMPDIR/log" "$BATS_TEST_TMPDIR/log"
	assert_output "$(printf '%s\n' 'pid,comm,rss,task_memcg' \
		60,big\ one,614400000,/user.slice/user-1000.slice/session-2.scope{,})"
	run -0 "$OOMKIT" parse-log --format tsv --noheadings -o uid,adj "$BATS_TEST_TMPDIR/log"
	assert_output $'1000\t0'
	run -0 "$OOMKIT" parse-log --format ndjson "$BATS_TEST_TMPDIR/log" "$BATS_TEST_TMPDIR/log"
	assert_equal "${#lines[@]}" 2
	jq -e '.schema == "oomkit/parse-log/1" and .killed[0].pid == 60' <<<"${lines[1]}"
	run -0 "$OOMKIT" parse-log --format prom "$BATS_TEST_TMPDIR/log"
	assert_output --partial 'pid="60"'
	run -0 "$OOMKIT" parse-log -o pid,comm "$BATS_TEST_TMPDIR/log"
	assert_line --index 0 --regexp '^ *PID COMMAND$'
	run -0 parse "$BATS_TEST_TMPDIR/log"
	jq -e '.schema == "oomkit/parse-log/1"' <<<"$output"
	run -0 parse /dev/null
	assert_output '{"schema":"oomkit/parse-log/1","events":[]}'
}

@test "--summary: by name, cgroup and day" {
	event | sed 's/^/2026-11-23T09:00:00.5Z web-1 kernel: /' >"$BATS_TEST_TMPDIR/log"
	run -0 parse --summary "$BATS_TEST_TMPDIR/log" "$BATS_TEST_TMPDIR/log"
	run -0 jq -c '.summary | [.events, .kills, .by_comm, .by_cgroup[0].kills, .by_day]' <<<"$output"
	assert_output '[2,2,[{"name":"big one","kills":2,"events":2,"rss":1228800000}],2,[{"name":"2026-11-23","kills":2,"events":2,"rss":1228800000}]]'
	run -0 "$OOMKIT" parse-log --summary "$BATS_TEST_TMPDIR/log"
	assert_line '1 events, 1 processes killed'
	assert_line --regexp '^ +1 +1 +586M big one$'
}

@test "--html: one page that needs nothing else, whatever a name holds" {
	event | sed 's/big one/<b>"\&'"'"'/g' >"$BATS_TEST_TMPDIR/log"
	run -0 "$OOMKIT" parse-log --html "$BATS_TEST_TMPDIR/page.html" -q "$BATS_TEST_TMPDIR/log"
	page=$(cat "$BATS_TEST_TMPDIR/page.html")
	assert_equal "$(grep -c '<tr' <<<"$page")" 4
	[[ $page == *'&lt;b&gt;&quot;&amp;&#39;'* && $page != *'<b>'* ]]
	[[ $page == *'<ol class="bars"'* && $page == *'<svg class="timeline"'* ]]
	# No address but those of the page itself and the empty icon.
	run -1 grep -oE '(src|href)="[^"#d][^"]*"|https?://|url\(' <<<"$page"
	# A page that cannot be written leaves nothing behind.
	run -2 "$OOMKIT" parse-log --html "$BATS_TEST_TMPDIR/none/page.html" "$BATS_TEST_TMPDIR/log"
	echo old >"$BATS_TEST_TMPDIR/full.html"
	run -0 "$OOMKIT" parse-log --html - "$BATS_TEST_TMPDIR/log"
	assert_equal "$(head -n 1 <<<"$output")" '<!DOCTYPE html>'
	run -0 ls "$BATS_TEST_TMPDIR"
	refute_output --partial '.XXXXXX'
}

# ------------------------------------------------------------------ hostile input

@test "no escape byte reaches the terminal" {
	printf '[  1.5] Out of memory: Killed process 9 (a\\x1b[31m\x9b\x07b) total-vm:8kB, anon-rss:4kB, file-rss:0kB\n' \
		>"$BATS_TEST_TMPDIR/log"
	for format in table csv tsv json prom; do
		run -0 "$OOMKIT" parse-log --format "$format" "$BATS_TEST_TMPDIR/log"
		run -1 grep -c "[$(printf '\033\007')]" <<<"$output"
	done
}

@test "an endless line is cut and the rest of the file is read" {
	{
		head -c 3000000 /dev/zero | tr '\0' x
		echo
		event
		printf '[ 200.5] oom_reaper: '
		head -c 200000 /dev/zero | tr '\0' y
	} >"$BATS_TEST_TMPDIR/log"
	gives_the_event "$BATS_TEST_TMPDIR/log"
	run -0 --separate-stderr "$OOMKIT" parse-log -q "$BATS_TEST_TMPDIR/log"
	assert_equal "$stderr" "oomkit parse-log: $BATS_TEST_TMPDIR/log: a line is longer than 1 MiB, what is beyond was not read (jq . breaks JSON into lines)"
	# Broken into lines, such an answer of Loki's is read to its end.
	loki 1 . | jq -c '.data.result[0].values |= [range(50000) as $i | ["1795424399\($i + 100000)000", "x"]] + .' >"$BATS_TEST_TMPDIR/loki"
	run -1 --separate-stderr "$OOMKIT" parse-log -q "$BATS_TEST_TMPDIR/loki"
	assert_regex "$stderr" 'longer than 1 MiB'
	jq . "$BATS_TEST_TMPDIR/loki" | gives_the_event
}

@test "a table longer than the bound is cut, and that is said" {
	{
		event | head -n 10
		seq 1 100005 | awk '{ printf "[  100.5] [%7d]     0 %7d 10 5 4 1 0 4096 0 0 x\n", $1, $1 }'
		event | tail -n 3
	} >"$BATS_TEST_TMPDIR/log"
	run -0 parse "$BATS_TEST_TMPDIR/log"
	run -0 jq -c '.events[0] | [(.tasks | length), .rows_lost, .missing, .killed[0].pid]' <<<"$output"
	assert_output '[100000,5,["table_beyond_bound"],60]'
}

@test "cut at every line, spliced and interleaved, each file of the corpus is read to its end" {
	# A sample of the cuts: the head and the tail of each file at a third of its lines, and two files line by line.
	previous=/dev/null
	for file in "$LOGS"/*.log; do
		n=$(($(wc -l <"$file") / 3 + 1))
		head -n "$n" "$file" >"$BATS_TEST_TMPDIR/a"
		tail -n "$n" "$file" >"$BATS_TEST_TMPDIR/b"
		head -c $((n * 37)) "$file" >"$BATS_TEST_TMPDIR/c"
		paste -d '\n' "$file" "$previous" >"$BATS_TEST_TMPDIR/d"
		"$OOMKIT" parse-log --why --tasks "$BATS_TEST_TMPDIR"/[a-d] >/dev/null || [[ $? == 1 ]] || fail "$file: $?"
		previous=$file
	done
}

@test "memory does not grow with the file" {
	need plain_build
	event | sed 's/^/Nov 23 09:00:00 web-1 kernel: /' >"$BATS_TEST_TMPDIR/log"
	awk 'BEGIN { for (i = 0; i < 400000; i++) print "Nov 23 09:00:00 web-1 sshd[1]: Accepted publickey for deploy from 10.0.0.1" }' \
		>"$BATS_TEST_TMPDIR/noise"
	run -0 bash -c 'for i in 1 2 3; do cat "$1" "$2"; done | (ulimit -v 65536; "$3" parse-log --format csv -o pid)' - \
		"$BATS_TEST_TMPDIR/noise" "$BATS_TEST_TMPDIR/log" "$OOMKIT"
	assert_output $'pid\n60\n60\n60'
}
