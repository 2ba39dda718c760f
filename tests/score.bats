#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # run sets status, output, stderr; each test is a subshell
# What the kernel prints and what the model says, side by side. The numbers here come from the kernels of the captured
# machines, or were worked out by hand.

load helper
load fixtures/derived

# ---------------------------------------------------------------- against the kernel

@test "the model says what the kernel said of every process of the ten captured machines" {
	local name root n=0
	for name in $(machines); do
		root=$(machine "$name")
		ends 0 score --check --root "$root"
		n=$((n + 1))
	done
	((n == 10))
}

@test "and of the machines that are made: other widths, pages, vendors, namespaces, states" {
	local name
	for name in thirty-two-bit thirty-two-bit-old pages-64k swap-over-ram odd-comms user-namespaces container el8 \
		lts-5-4 site memsw ties ties-old high-pids zombie-alone no-memory-cgroup small being-killed being-reaped \
		web-limited web-limited-v1; do
		ends 0 score --check --root "$(derived "$name")"
	done
}

@test "score and badness are those of a second computation, process by process" {
	local name root page_kib
	for name in $(machines) thirty-two-bit thirty-two-bit-old pages-64k swap-over-ram odd-comms user-namespaces \
		container el8 lts-5-4 site memsw ties ties-old ties-4-8 high-pids zombie-alone no-memory-cgroup; do
		root=$(root_of "$name")
		page_kib=4
		[[ $name != pages-64k ]] || page_kib=64
		ok score -J --root "$root"
		diff -u --label "$name: the oracle" <(oracle "$root" page_kib=$page_kib) --label "$name: oomkit" <(jq -r '
			.processes | sort_by(.pid)[] | [.pid, .fate,
				if .fate == "killable" then .badness else "" end, .model_score] | @tsv' <<<"$output")
	done
}

@test "oom_score, oom_score_adj and comm are the files' own" {
	local name root
	for name in 4.14.177-v1 6.12.107-v2 7.2.12-v2; do
		root=$(machine "$name")
		ok score -J --root "$root"
		diff -u <(for dir in "$root"/proc/[0-9]*; do
			printf '%s\t%s\t%s\t%s\n' "${dir##*/}" "$(<"$dir/oom_score")" "$(<"$dir/oom_score_adj")" "$(<"$dir/comm")"
		done | sort -n) <(jq -r '.processes | sort_by(.pid)[] | [.pid, .oom_score, .oom_score_adj, .comm] | @tsv' \
			<<<"$output")
	done
}

# ---------------------------------------------------------------- --check finds a difference

@test "an altered score is found and named: 700 for 680" {
	ends 1 score --check --root "$(derived altered-score)"
	says '77.*plain|plain.*77'
	says 700
	says 680
}

@test "an altered score is found and named: off by one" {
	ends 1 score --check --root "$(derived altered-score-by-one)"
	says '77'
	says plain
	says 681
}

@test "a score of 0 does not pass for a process that is being spared" {
	ends 1 score --check --root "$(derived altered-score-to-zero)"
	says '77'
	says plain
}

@test "--check tells its verdict in JSON too: exit 1, and both numbers stand in the row" {
	ends 1 score --check -J --root "$(derived altered-score)"
	is '[.processes[] | select(.oom_score != .model_score) | [.pid, .comm, .oom_score, .model_score]]' \
		'[[77,"plain",700,680]]'
}

@test "--check of one process looks at that process alone" {
	ends 1 score --check --root "$(derived altered-score)" 77
	ends 0 score --check --root "$(derived altered-score)" 78
}

@test "-q says nothing and keeps the exit status" {
	ends 1 score -q --check --root "$(derived altered-score)"
	[[ -z $output && -z $stderr ]]
	ends 0 score -q --check --root "$(machine 6.1-v2)"
	[[ -z $output && -z $stderr ]]
	ends 0 score --quiet --root "$(machine 6.1-v2)"
	[[ -z $output && -z $stderr ]]
}

@test "a meminfo that shows a container's memory does not mislead" {
	ends 0 score --check --root "$(derived faked-meminfo)"
	ends 0 score --check --root "$(derived faked-meminfo-swap)"
	ok score -J --root "$(derived faked-meminfo)" plain
	is '[.processes[] | .oom_score, .model_score, .badness]' '[680,680,1115]'
}

# ---------------------------------------------------------------- what cannot be read

@test "no oom_score file: unknown, never 0; the model still says its own" {
	ok score -J --root "$(derived no-oom-score)"
	is '[.processes[].oom_score] | unique' '[null]'
	is '[.processes[] | select(.pid == 77 or .pid == 98) | [.pid, .model_score, .fate]] | sort' \
		'[[77,680,"killable"],[98,802,"killable"]]'
	ok score --noheadings -o pid,score,model --root "$(derived no-oom-score)" 77
	[[ $output =~ ^\ *77\ +-\ +680$ ]]
}

@test "no oom_score file: --check does not claim what it has not seen" {
	run --separate-stderr "$OOMKIT" score --check --root "$(derived no-oom-score)"
	((status == 1 || status == 2))
	[[ -n $stderr ]]
}

@test "oom_score that cannot be opened: unknown, never 0, and one footnote says so" {
	need unprivileged
	via=(unprivileged)
	ok score -J --root "$(derived oom-score-denied)"
	is '[.processes[].oom_score] | unique' '[null]'
	ok score -J --root "$(derived one-oom-score-denied)"
	is '[.processes[] | select(.oom_score == null) | .pid]' '[78]'
	is '[.processes[] | select(.pid == 78) | .model_score]' '[685]'
	((${#stderr_lines[@]} == 1))
	ends 0 score --check --root "$(derived one-oom-score-denied)"
	warns '1 process|78'
}

@test "where the size of the memory is not known, --check does not say yes" {
	run --separate-stderr "$OOMKIT" score --check --root "$(derived no-meminfo)"
	((status == 1 || status == 2))
	warns meminfo
	run --separate-stderr "$OOMKIT" score -J --root "$(derived no-meminfo)"
	is '[.processes[] | select(.pid == 77) | .oom_score, .model_score, .badness]' '[680,null,null]'
}

@test "-r of a score that cannot be read is not 0" {
	# A number was asked for and none can be given: nothing on its line, and a status that says so.
	run --separate-stderr "$OOMKIT" score -r --root "$(derived no-oom-score)" 77
	((status == 1))
	[[ -z ${output//[[:space:]]/} ]]
	warns '77: no oom_score'
}

@test "processes that vanish while they are read: no wrong number, and no failure" {
	local root
	root=$(derived gone)
	ok score -J --root "$root"
	# Those that stayed whole are as they were.
	diff -u <(oracle "$(machine 6.1-v2)" | grep -vE '^(77|78|79|80|92)	' | cut -f 1,4) <(jq -r '
		.processes | sort_by(.pid)[] | select([.pid] | inside([77, 78, 79, 80, 92]) | not)
		| [.pid, .model_score] | @tsv' <<<"$output")
	# The others are left out, or unknown, or right.
	is '[.processes[] | select(.pid == 79)]' '[]'
	holds '[.processes[] | select([.pid] | inside([77, 78, 80, 92]))
		| .model_score == null or .model_score == {"77": 680, "78": 685, "80": 872, "92": 674}[.pid | tostring]] | all'
}

@test "hidden processes are told of: hidepid=invisible" {
	ok score -J --root "$(derived hidepid-invisible)"
	is '[.processes[] | [.pid, .model_score]]' '[[78,685]]'
	warns hidepid
}

@test "hidden processes are told of: hidepid=noaccess" {
	need unprivileged
	via=(unprivileged)
	ok score -J --root "$(derived hidepid-noaccess)"
	is '[.processes[] | select(.fate != "unknown") | [.pid, .model_score]]' '[[78,685]]'
	is '[.processes[] | select(.fate == "unknown") | .model_score, .oom_score, .badness] | unique' '[null]'
	warns hidepid
}

@test "no /proc, or an empty one, is unreadable input" {
	local name
	for name in no-proc empty-proc; do
		ends 2 score --root "$(derived $name)"
		[[ -z $output ]]
		warns '^oomkit score: .*/?proc'
	done
	ends 2 score --root "$BATS_TEST_TMPDIR/nothing-here"
	warns 'nothing-here'
}

# ---------------------------------------------------------------- fates

@test "every fate has its name" {
	ok score -J --root "$(derived zombie-alone)"
	is '[.processes[] | select([.pid] | inside([1, 2, 77, 90, 95, 99])) | [.pid, .fate]] | sort' \
		'[[1,"init"],[2,"kthread"],[77,"killable"],[90,"vfork"],[95,"adj_min"],[99,"no_mm"]]'
	ok score -J --root "$(derived being-reaped)" 98
	is '[.processes[] | .fate, .oom_score, .model_score]' '["reaped",0,0]'
	ok score -J --root "$(derived being-killed)" 98
	is '[.processes[] | .fate, .oom_score, .model_score]' '["victim",802,802]'
}

@test "the zombie leader of a living thread is judged by that thread's memory" {
	local pair
	for pair in 4.14.177-v1:30:22 6.12.107-v2:135:683 7.2.12-v2:101:684; do
		IFS=: read -r name pid score <<<"$pair"
		ok score -J --root "$(machine "$name")" "$pid"
		is '[.processes[] | .fate, .oom_score, .model_score]' "[\"killable\",$score,$score]"
	done
}

@test "a vfork child is left out, its parent is not; two processes with one mm are both judged" {
	ok score -J --root "$(machine 6.18.15-v2)" 129 131 127 128
	is '[.processes[] | [.pid, .fate, .model_score]] | sort' \
		'[[127,"killable",351],[128,"killable",351],[129,"killable",674],[131,"vfork",0]]'
}

@test "pid 1 of a container can be killed" {
	ok score -J --root "$(derived container)" 1
	is '[.processes[] | .fate, .model_score]' '["killable",1291]'
}

@test "0 never hides a fate: the table tells who is safe and who is only small" {
	ok score --root "$(machine 4.14.177-seed)"
	[[ ${lines[0]} =~ ^\ *PID\ +SCORE\ +MODEL\ +ADJ\ +FATE\ +COMMAND$ ]]
	[[ $output =~ $'\n'\ *26\ +0\ +0\ +0\ +killable\ +plain ]]
	[[ $output =~ $'\n'\ *44\ +0\ +0\ +-1000\ +adj_min\ +never ]]
	[[ $output =~ $'\n'\ *39\ +0\ +0\ +0\ +vfork\ +vforked ]]
	[[ $output =~ $'\n'\ *2\ +0\ +0\ +0\ +kthread\ +kthreadd ]]
	[[ $output =~ $'\n'\ *1\ +0\ +0\ +0\ +init\ +init ]]
}

@test "a user namespace has no root bonus" {
	ok score -J --root "$(derived user-namespaces)" 100 101 102
	is '[.processes[] | [.comm, .model_score, .badness]] | sort' \
		'[["guest-root",190,50013],["host-root",185,48513],["user",190,50013]]'
}

@test "a kernel of 32 bits overflows, and so does the model" {
	ok score -J --root "$(derived thirty-two-bit)" 100 101 102 103
	is '[.processes[] | [.pid, .model_score, .badness]] | sort' \
		'[[100,652,4204000],[101,384,2516500],[102,949,-2516300],[103,825,1000000]]'
	ok score -J --root "$(derived thirty-two-bit-old)" 100 101
	is '[.processes[] | [.pid, .model_score, .badness]] | sort' '[[100,81,4722800],[101,0,5000]]'
}

@test "pages of 64 KiB are counted as such" {
	ok score -J --root "$(derived pages-64k)" 100 101
	is '[.processes[] | [.pid, .model_score, .badness]] | sort' '[[100,708,16395],[101,733,26362]]'
}

@test "pids of six and seven digits" {
	ok score -J --root "$(derived high-pids)" 200000 4194303
	is '[.processes[] | [.pid, .comm, .model_score]]' '[[200000,"plain",680],[4194303,"a) (b",682]]'
	ok score --root "$(derived high-pids)" 4194303
	[[ ${lines[1]} =~ ^4194303\ +682\ +682\ +17\ +killable\ +a\)\ \(b$ ]]
}

# ---------------------------------------------------------------- another kernel's rule

# 77 plain and 78 user (no capability) at 6.1-v2, which has 222624 kB: 55656 pages.
@test "--kernel judges by an older rule: 2.6.11 to 2.6.35" {
	local root
	root=$(machine 6.1-v2)
	# total_vm 2538 pages, nothing else counts.
	ok score -J --kernel 2.6.32 --root "$root" user
	is '[.processes[] | .model_score]' '[2538]'
	# total_vm 2038: a quarter for the superuser, a quarter for raw I/O: 2038 / 4 = 509, / 4 = 127.
	ok score -J --kernel 2.6.32 --root "$root" plain
	is '[.processes[] | .model_score]' '[127]'
	# nice 10: 1788 * 2 = 3576, / 4 = 894, / 4 = 223.
	ok score -J --kernel 2.6.32 --root "$root" niced
	is '[.processes[] | .model_score]' '[223]'
	# Four children of 1663 pages: 1538 + 4 * (1663 / 2 + 1) = 4866; / 4 / 4 = 304. Up to 2.6.15 in full: 8190; 511.
	ok score -J --kernel 2.6.32 --root "$root" 89
	is '[.processes[] | .model_score]' '[304]'
	ok score -J --kernel 2.6.15 --root "$root" 89
	is '[.processes[] | .model_score]' '[511]'
}

@test "--kernel judges by an older rule: 2.6.36 to 4.17" {
	local root
	root=$(machine 6.1-v2)
	# user: 1564 * 1000 / 55656 = 28. plain: 1102 * 1000 / 55656 = 19, less 30: at least 1.
	ok score -J --kernel 2.6.36 --root "$root" 77 78
	is '[.processes[] | [.pid, .model_score]] | sort' '[[77,1],[78,28]]'
	# web-small: (310 + 11) * 1000 / 55656 = 5, and 200.
	ok score -J --kernel 3.2 --root "$root" web-small
	is '[.processes[] | .model_score]' '[205]'
	# plain: 1102 + 13 - 30 * 55 is below 1, so 1 page: 0. web-small: 321 + 200 * 55 = 11321: 203.
	ok score -J --kernel 3.10 --root "$root" plain web-small
	is '[.processes[] | [.comm, .badness, .model_score]] | sort' '[["plain",1,0],["web-small",11321,203]]'
	# plain: 1115 - 1115 * 3 / 100 = 1082: 19. Without the bonus 1115: 20.
	ok score -J --kernel 4.16 --root "$root" plain
	is '[.processes[] | .badness, .model_score]' '[1082,19]'
	ok score -J --kernel 4.17 --root "$root" plain
	is '[.processes[] | .badness, .model_score]' '[1115,20]'
	# The two that were lowered: 983 - 500 * 55 = -26517 (rss 970, tables 13), which is 1 before 5.9.
	ok score -J --kernel 5.8 --root "$root" 86
	is '[.processes[] | .badness, .model_score]' '[1,0]'
	ok score -J --kernel 5.9 --root "$root" 86
	is '[.processes[] | .model_score]' '[349]'
}

@test "--kernel takes no nonsense" {
	ends 2 score --kernel nonsense --root "$(machine 6.1-v2)"
	warns nonsense
	ends 2 score --kernel 2.4 --root "$(machine 6.1-v2)"
	warns '2\.4'
}

# ---------------------------------------------------------------- targets

pids() { # ARG...: the pids that score shows on the machine `site`, joined by blanks
	ok score -J --root "$(derived site)" "$@" || return 1
	jq -r '[.processes[].pid] | sort | map(tostring) | join(" ")' <<<"$output"
}

@test "targets by their form: pid, name, cgroup, unit, container" {
	local id=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
	[[ $(pids 401) == 401 ]]
	[[ $(pids firefox) == 401 ]]
	[[ $(pids 'Web Content') == '402 403' ]]
	[[ $(pids /system.slice/db.service) == '300 301 302 303' ]]
	[[ $(pids /system.slice/db.service/) == '300 301 302 303' ]]
	[[ $(pids /sys/fs/cgroup/system.slice/db.service) == '300 301 302 303' ]]
	[[ $(pids db.service) == '300 301 302 303' ]]
	[[ $(pids session-1.scope) == '400 401 402 403' ]]
	[[ $(pids user-1000.slice) == '400 401 402 403' ]]
	[[ $(pids $id) == 500 ]]
	[[ $(pids 0123456789ab) == 500 ]]
	[[ $(pids fedcba987654) == 510 ]]
}

@test "targets by option" {
	[[ $(pids -p 401) == 401 ]]
	[[ $(pids --pid 401,402) == '401 402' ]]
	[[ $(pids -x firefox) == 401 ]]
	[[ $(pids --exact nginx) == '310 311 312' ]]
	[[ $(pids --comm '^post') == '300 301 302' ]]
	[[ $(pids --comm 'x') == '310 311 312 401' ]]
	[[ $(pids -f 'SELECT$') == 302 ]]
	[[ $(pids --full childID) == '402 403' ]]
	[[ $(pids -u postgres) == '300 301 302 303' ]]
	[[ $(pids --user 33,115) == '300 301 302 303 311 312' ]]
	[[ $(pids --unit web.service) == '310 311 312' ]]
	[[ $(pids --cgroup /system.slice/db.service/backup) == 303 ]]
	[[ $(pids --container 0123456789ab) == 500 ]]
	[[ $(pids --tree 300) == '300 301 302' ]]
	[[ $(pids --tree 400) == '400 401 402 403' ]]
	[[ $(pids -A) == '1 2 3 300 301 302 303 310 311 312 320 400 401 402 403 500 510 520' ]]
	[[ $(pids --all) == "$(pids)" ]]
}

@test "a process of another machine is not oomkit because it has oomkit's pid" {
	need root pid_namespace chosen_pid
	local site pid
	# The leak check of the sanitizer looks for itself in /proc, where another has its pid.
	local -x ASAN_OPTIONS=detect_leaks=0:${ASAN_OPTIONS-}
	site=$(derived site)
	for pid in 401 402; do
		via=(unshare --pid --fork "$(program reborn)" "$pid")
		[[ $(pids -x firefox) == 401 ]]
		[[ $(pids --full childID) == '402 403' ]]
		ok rank -J -N 1 --root "$site" --set firefox=1000
		is '.processes[0].pid' 401
		ok explain -J --root "$site" firefox
		is '.process.pid' 401
		via=()
	done
}

@test "targets add up, and nobody is shown twice" {
	[[ $(pids 401 firefox -u www-data db.service 301) == '300 301 302 303 311 312 401' ]]
}

@test "a name is a name whatever it looks like, if one says so" {
	local root
	root=$(derived odd-comms)
	ok score -J --root "$root" -x 12345
	is '[.processes[].pid]' '[110]'
	ends 1 score --root "$root" 12345
	warns 12345
	ok score -J --root "$root" 'a) (b' $'new\nline'
	is '[.processes[].pid] | sort' '[100,101]'
}

@test "a name over 15 bytes is compared with the first argument too" {
	local root
	root=$(derived odd-comms)
	ok score -J --root "$root" 0123456789abcdefghi
	is '[.processes[].pid]' '[109]'
	ends 1 score --root "$root" 0123456789abcdeXYZ
	warns 0123456789abcdeXYZ
}

@test "a target that matches nothing is named, and the exit status is 1" {
	local root
	root=$(derived site)
	ends 1 score --root "$root" nosuch
	[[ -z $output || $output == *PID* ]]
	warns '^oomkit score: .*nosuch'
	ends 1 score --root "$root" 999
	warns 999
	ends 1 score --root "$root" nosuch.service
	warns nosuch.service
	ends 1 score --root "$root" /nosuch
	warns /nosuch
	ends 1 score --root "$root" -u nobody-here
	warns nobody-here
	# A pid that is gone is not tried as a name, and nothing else is either.
	ends 1 score --root "$root" fire
	warns fire
}

@test "one target of two is missing: the other is shown, the missing one named, and the exit status is 64" {
	ends 64 score -J --root "$(derived site)" firefox nosuch
	is '[.processes[].pid]' '[401]'
	warns nosuch
	says_nothing_of ': firefox:'
}

@test "wrong usage ends with 2" {
	local root
	root=$(derived site)
	ends 2 score --root "$root" --nosuch
	warns nosuch
	ends 2 score --root "$root" -o nosuch
	warns nosuch
	ends 2 score --root "$root" --sort nosuch
	warns nosuch
	ends 2 score --root "$root" --format nosuch
	warns nosuch
	ends 2 score --root "$root" --comm '('
	ends 2 score --root "$root" -p 12x
	warns 12x
	ends 2 score --root "$root" --tree x
}

# ---------------------------------------------------------------- output

@test "-r: the kernel's number alone, one a line" {
	local root
	root=$(machine 6.1-v2)
	ok score -r --root "$root" 77
	[[ $output == 680 ]]
	ok score --raw --root "$root" 77 78
	[[ $output == $'680\n685' ]]
	ok score -r --root "$root"
	[[ $(sort -n <<<"$output") == "$(cat "$root"/proc/[0-9]*/oom_score | sort -n)" ]]
	# The kernel's, not ours.
	ok score -r --root "$(derived altered-score)" 77
	[[ $output == 700 ]]
}

@test "JSON has the keys of the contract, and begins with its schema" {
	ok score -J --root "$(machine 6.1-v2)"
	[[ $output =~ ^\{[[:space:]]*\"schema\":\ *\"oomkit/score/1\" ]]
	is 'keys_unsorted | map(select(. == "schema" or . == "processes"))' '["schema","processes"]'
	is '[.processes[] | keys] | unique' \
		'[["badness","comm","fate","model_score","oom_score","oom_score_adj","pid"]]'
	is '.processes[] | select(.pid == 98) | [.pid, .comm, .oom_score, .model_score, .oom_score_adj, .badness, .fate]' \
		'[98,"web-small",802,802,200,11321,"killable"]'
}

@test "-J, --json and --format json are one" {
	local root first
	root=$(machine 6.1-v2)
	ok score -J --root "$root"
	first=$output
	ok score --json --root "$root"
	[[ $output == "$first" ]]
	ok score --format json --root "$root"
	[[ $output == "$first" ]]
	ok score --format=json --root="$root"
	[[ $output == "$first" ]]
}

@test "--root stands before the command, behind it, or in OOMKIT_ROOT" {
	local root first
	root=$(machine 6.1-v2)
	ok score -J --root "$root"
	first=$output
	ok --root "$root" score -J
	[[ $output == "$first" ]]
	OOMKIT_ROOT=$root ok score -J
	[[ $output == "$first" ]]
	OOMKIT_ROOT=/nonexistent ok score -J --root "$root"
	[[ $output == "$first" ]]
}

@test "every format tells the same rows" {
	local root
	root=$(machine 6.1-v2)
	ok score -J --root "$root"
	jq -r '.processes | sort_by(.pid)[] | [.pid, .oom_score, .fate, .comm] | @tsv' <<<"$output" >"$BATS_TEST_TMPDIR/json"
	ok score --format ndjson --root "$root"
	diff -u "$BATS_TEST_TMPDIR/json" <(jq -rs 'sort_by(.pid)[] | [.pid, .oom_score, .fate, .comm] | @tsv' <<<"$output")
	((${#lines[@]} == $(wc -l <"$BATS_TEST_TMPDIR/json")))
	ok score --format tsv --noheadings -o pid,oom_score,fate,comm --root "$root"
	diff -u "$BATS_TEST_TMPDIR/json" <(sort -n <<<"$output")
	ok score --format csv --noheadings -o pid,oom_score,fate,comm --root "$root"
	diff -u "$BATS_TEST_TMPDIR/json" <(sort -n <<<"$output" | tr , '\t')
}

@test "CSV and TSV have headings unless told otherwise" {
	ok score --format csv -o pid,score --root "$(machine 6.1-v2)" 77
	((${#lines[@]} == 2))
	[[ ${lines[1]} == 77,680 ]]
	ok score --format tsv -o pid,score --noheadings --root "$(machine 6.1-v2)" 77
	[[ $output == $'77\t680' ]]
}

@test "prom is Prometheus text, with the score as a metric and the process as labels" {
	ok score --format prom --root "$(derived odd-comms)"
	while IFS= read -r line; do
		[[ $line == '# HELP oomkit_'* || $line == '# TYPE oomkit_'* ]] && continue
		printf '%s\n' "$line"
		[[ $line =~ ^oomkit_[a-z_]+\{([a-z_]+=\"([^\"\\]|\\[\"\\n])*\",?)*\}\ -?[0-9.e+]+$ ]]
	done <<<"$output"
	[[ $output =~ oomkit_[a-z_]*score\{[^$'\n']*pid=\"100\"[^$'\n']*\}\ 667 ]]
	[[ $output == *'comm="\"quoted\", =1+1"'* ]]
}

@test "a comm of any bytes breaks no format" {
	local root line
	root=$(derived odd-comms)
	ok score -J --root "$root"
	iconv -f UTF-8 -t UTF-8 <<<"$output" >/dev/null
	is '[.processes[] | select(.pid >= 100) | .comm] | [.[0], .[1], .[2], .[4], .[5], .[6], .[7], .[8], .[12]]' \
		'["a) (b","new\nline","\u001b[31mred\u001b[0m","back\\nslash","tab\there","","1) S 1 1 1 0"," ","\"quoted\", =1+1"]'
	is '[.processes[] | select(.pid == 103) | .comm | endswith(" bad")]' '[true]'
	# A table has one line for each process, and nothing that moves a cursor or turns the text round.
	ok score --root "$root"
	((${#lines[@]} == 17))
	! grep -qP '[\x00-\x08\x0b-\x1f\x7f]' <<<"$output" || false
	! grep -q $'\xe2\x80\xae' <<<"$output" || false
	! grep -q $'\xff' <<<"$output" || false
	[[ $output =~ 100\ +667\ +667\ +1\ +killable\ +a\)\ \(b ]]
	# As many fields on each line.
	ok score --format tsv --root "$root"
	[[ $(awk -F '\t' '{ print NF }' <<<"$output" | sort -u) == 6 ]]
	ok score --format csv --root "$root" 112
	[[ ${lines[1]} == *'"""quoted"", =1+1"'* ]]
}

@test "columns are chosen, added, listed" {
	local root
	root=$(machine 6.1-v2)
	ok score -o pid,fate --root "$root" 77
	[[ ${lines[0]} =~ ^\ *PID\ +FATE$ && ${lines[1]} =~ ^\ *77\ +killable$ ]]
	ok score -o PID,oom_score_adj --noheadings --root "$root" 98
	[[ $output =~ ^\ *98\ +200$ ]]
	ok score -o +badness --root "$root" 98
	[[ ${lines[0]} =~ ^\ *PID\ +SCORE\ +MODEL\ +ADJ\ +FATE\ +COMMAND\ +BADNESS$ ]]
	ok score --output-all --root "$root" 98
	[[ ${lines[0]} == *BADNESS* ]]
	ok score --list-columns
	says 'oom_score_adj'
	says 'badness'
	says 'fate'
}

@test "rows are sorted by a column, up or down" {
	local root
	root=$(machine 6.1-v2)
	ok score --sort badness --noheadings -o pid --root "$root" 77 78 79
	[[ $(tr -d ' ' <<<"$output") == $'79\n77\n78' ]]
	ok score --sort=-oom_score --noheadings -o pid --root "$root" 77 78 79
	[[ $(tr -d ' ' <<<"$output") == $'78\n77\n79' ]]
}

@test "whole output: the table of a machine" {
	golden score-6.1-v2 score --root "$(machine 6.1-v2)"
	golden score-odd-comms score --root "$(derived odd-comms)"
}

@test "no colour unless asked for" {
	ok score --root "$(machine 6.1-v2)"
	[[ $output != *$'\e'* ]]
	NO_COLOR=1 ok score --root "$(machine 6.1-v2)"
	[[ $output != *$'\e'* ]]
	ok score --color never --root "$(machine 6.1-v2)"
	[[ $output != *$'\e'* ]]
}

@test "stdout that fails is an error" {
	run --separate-stderr bash -c '"$1" score --root "$2" >/dev/full' - "$OOMKIT" "$(machine 6.1-v2)"
	((status == 2))
	[[ $stderr == *'oomkit score'* ]]
}
