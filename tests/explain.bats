#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # run sets status, output, stderr; each test is a subshell
# Why this score: the terms and their sum, the kernel's own number beside it, the place, and what would change it.

load helper
load fixtures/derived

# ---------------------------------------------------------------- against the kernel

@test "on all ten captured machines every process is explained: the terms are the sum, and the kernel agrees" {
	local name root dir all=$BATS_TEST_TMPDIR/all n=0
	for name in $(machines); do
		root=$(machine "$name")
		for dir in "$root"/proc/[0-9]*; do
			"$OOMKIT" explain -J --root "$root" "${dir##*/}" >>"$all"
			n=$((n + 1))
		done
	done
	output=$(jq -cs . "$all")
	is length $n
	is '[.[] | select(.agrees != true) | .process.pid]' '[]'
	is '[.[] | select(.oom_score != .model_score) | .process.pid]' '[]'
	is '[.[] | select(.process.fate == "killable") | select(([.factors[].pages] | add) != .badness) | .process.pid]' '[]'
	is '[.[] | .scope.page_size as $size | .factors[] | select(.bytes != .pages * $size)]' '[]'
	is '[.[] | select(.process.fate == "killable" and (.rank < 1 or .rank > .of))]' '[]'
	is '[.[] | select(.process.fate != "killable" and .rank != null)]' '[]'
}

@test "badness, score and rank are those of a second computation" {
	local name root pid place
	for name in site memsw user-namespaces swap-over-ram pages-64k thirty-two-bit; do
		root=$(derived "$name")
		page_kib=4
		[[ $name != pages-64k ]] || page_kib=64
		order "$root" page_kib=$page_kib >"$BATS_TEST_TMPDIR/order"
		while IFS=$'\t' read -r pid fate badness score; do
			[[ $fate == killable ]] || continue
			place=$(grep -nx "$pid" "$BATS_TEST_TMPDIR/order" | cut -d : -f 1)
			ok explain -J --root "$root" "$pid"
			is '[.process.pid, .badness, .model_score, .oom_score, .agrees, .rank]' \
				"[$pid,$badness,$score,$score,true,$place]"
		done < <(oracle "$root" page_kib=$page_kib)
	done
}

@test "the well-known example, to the digit: 4.14, 6.7 GB" {
	local root
	root=$(machine 4.14.177-seed)
	ok explain -J --root "$root" 23
	is '[.model_score, .oom_score, .agrees]' '[76,76,true]'
	ok explain -J --root "$root" --set 23=-50 23
	is '.model_score' 26
	ok explain -J --root "$root" --set 23=-100 23
	is '.model_score' 0
	ok explain -J --root "$root" 25
	is '[.model_score, .oom_score]' '[152,152]'
	ok explain -J --root "$root" --set 25=500 25
	is '.model_score' 652
	ok explain -J --root "$root" --set 25=900 25
	is '.model_score' 1052
}

@test "the same story in today's scale: 7.2" {
	local root
	root=$(machine 7.2.12-seed)
	ok explain -J --root "$root" 96
	is '[.model_score, .oom_score, .agrees]' '[717,717,true]'
	ok explain -J --root "$root" --set 96=-50 96
	is '.model_score' 684
	ok explain -J --root "$root" --set 96=-100 96
	is '.model_score' 651
	ok explain -J --root "$root" 97
	is '[.model_score, .oom_score]' '[768,768]'
	ok explain -J --root "$root" --set 97=500 97
	is '.model_score' 1102
	ok explain -J --root "$root" --set 97=900 97
	is '.model_score' 1368
}

# ---------------------------------------------------------------- the terms

@test "the root bonus of 4.14 is a term of its own" {
	# (131189 + (1044 + 12) / 4) * 3 / 100 = 131453 * 3 / 100 = 3943.
	ok explain -J --root "$(machine 4.14.177-seed)" 23
	is '[.factors[] | select(.pages < 0) | .pages]' '[-3943]'
	is '.factors[] | select(.pages < 0) | .name | test("root|super|admin"; "i")' true
	is '.badness' 127510
	# 27 has no capability, and no such term.
	ok explain -J --root "$(machine 4.14.177-seed)" 27
	is '[.factors[] | select(.pages < 0)]' '[]'
	ok explain --root "$(machine 4.14.177-seed)" 23
	says 3943
	says '3 ?%'
}

@test "the root bonus is told as uncertain where a user namespace may stand behind the capability" {
	ok explain --root "$(machine 4.14.177-seed)" 23
	says 'user namespace'
	# Where uid_map is there, it is certain.
	ok explain -J --root "$(derived user-namespaces)" 101
	is '[.badness, .agrees, [.factors[] | select(.pages < 0)]]' '[50013,true,[]]'
	ok explain -J --root "$(derived user-namespaces)" 100
	is '[.badness, .agrees, [.factors[] | select(.pages < 0) | .pages]]' '[48513,true,[-1500]]'
}

@test "rss, swap, page tables and the share of adj" {
	ok explain -J --root "$(derived site)" 401
	is '[.factors[] | select(.name == "rss") | .pages, .bytes]' '[160000,655360000]'
	is '[.factors[] | select(.name == "swap") | .pages, .bytes]' '[62500,256000000]'
	is '[.factors[] | select(.name == "pgtables") | .pages, .bytes]' '[750,3072000]'
	is '[.factors[] | keys] | unique' '[["bytes","name","pages","points"]]'
	# 233 * 2621.
	ok explain -J --root "$(derived site)" 402
	is '[.factors[] | select(.name == "oom_score_adj") | .pages]' '[610693]'
	ok explain -J --root "$(derived site)" 300
	is '[.factors[] | select(.name == "oom_score_adj") | .pages]' '[-2358900]'
}

@test "the text shows the terms, the sum, the scaling step by step, and the kernel's number" {
	# 223250 * 1000 / 2621440 = 85; (1000 + 85) * 2 / 3 = 723.
	ok explain --root "$(derived site)" 401
	says '160000|160,000'
	says '62500|62,500'
	says '223250|223,250'
	says '1000 ?\+ ?85'
	says '2 ?/ ?3'
	says 723
	says 'agree'
	# 127510 * 1000 / 1669374 = 76.
	ok explain --root "$(machine 4.14.177-seed)" 23
	says '127510|127,510'
	says 76
	says_nothing_of '2 ?/ ?3'
}

@test "where the kernel and the model differ, it says so" {
	ok explain -J --root "$(derived altered-score)" 77
	is '[.agrees, .oom_score, .model_score]' '[false,700,680]'
	ok explain --root "$(derived altered-score)" 77
	says 700
	says 680
	says 'differ|disagree|not agree'
	ok explain -J --root "$(derived no-oom-score)" 77
	is '[.agrees, .oom_score, .model_score]' '[null,null,680]'
}

@test "the terms of the old heuristic: what is privileged, long-running or talks to hardware scores lower" {
	# 2038 pages, a quarter, a quarter of that.
	ok explain -J --root "$(machine 6.1-v2)" --kernel 2.6.32 77
	is '.model_score' 127
	is '[.factors[].points] | add' 127
	is '[.factors[] | select(.points < 0) | .points]' '[-1529,-382]'
	# Children and nice: 1538, 3328 of four children, / 4, / 4. And 1788, doubled.
	ok explain -J --root "$(machine 6.1-v2)" --kernel 2.6.32 89
	is '[.factors[].points] | add' 304
	is '[.factors[] | select(.name == "children") | .points]' '[3328]'
	ok explain -J --root "$(machine 6.1-v2)" --kernel 2.6.32 79
	is '[.factors[].points] | add' 223
	is '[.factors[] | select(.name == "nice") | .points]' '[1788]'
}

# ---------------------------------------------------------------- the place

@test "the rank, and who stands before" {
	ok explain -J --root "$(derived site)" firefox
	is '[.rank, .of]' '[5,14]'
	ok explain --root "$(derived site)" firefox
	says '5'
	says '14'
	says 'Web Content'
	ok explain -J --root "$(derived site)" 510
	is '[.rank, .of]' '[1,14]'
}

@test "its place inside its own cgroup" {
	# Machine-wide 98 stands before 97; in /web 97 has 2107 pages and 98 321 + 200 * 4.
	ok explain --root "$(derived web-limited)" 97
	says '/web'
	says 'cgroup'
	says '16M'
	ok explain -J --root "$(derived web-limited)" 97
	is .rank 3
	ok explain -J --root "$(derived web-limited)" --scope /web 97
	is '[.rank, .of, .badness, .scope.constraint, .scope.where, .scope.total_pages]' '[1,2,2107,"memcg","/web",4096]'
	ok explain -J --root "$(derived web-limited)" --scope /web 98
	is '[.rank, .of, .badness]' '[2,2,1121]'
	# oom_score and its check stay the machine's.
	is '[.oom_score, .model_score, .agrees]' '[802,802,true]'
}

@test "it tells that oom_score is not the score that counts inside a memory cgroup" {
	ok explain --root "$(derived web-limited)" 97
	says 'oom_score'
	says '(inside|in) .*(cgroup|/web)'
}

@test "it tells why 666 is the score of an idle process since 5.9" {
	ok explain --root "$(derived site)" bash
	says '666'
	says '5\.9'
	ok explain --root "$(machine 4.14.177-seed)" 26
	says_nothing_of '666'
}

@test "several matches: the one that would die first, the others in also" {
	ok explain -J --root "$(derived site)" nginx
	is '.process.pid' 312
	is '.also | map(if type == "object" then .pid else . end)' '[311,310]'
	ok explain -J --root "$(derived site)" 'Web Content' firefox
	is '.process.pid' 402
	is '.also | map(if type == "object" then .pid else . end)' '[403,401]'
	ok explain -J --root "$(derived site)" 401
	is '.also' '[]'
	ok explain --root "$(derived site)" nginx
	says 312
	says 311
}

@test "who is never chosen: init, a kernel thread, -1000, vfork, no memory" {
	local case
	for case in 1:init 2:kthread 95:adj_min 90:vfork 99:no_mm; do
		ok explain -J --root "$(derived zombie-alone)" "${case%:*}"
		is '[.process.fate, .model_score, .agrees, .rank]' "[\"${case#*:}\",0,true,null]"
		ok explain --root "$(derived zombie-alone)" "${case%:*}"
		says 'never|not (be )?(chosen|killed|choose)|cannot|spared|left out|exempt|immune'
	done
}

@test "the zombie leader's memory is a living thread's" {
	ok explain -J --root "$(machine 6.12.107-v2)" 135
	is '[.agrees, .model_score]' '[true,683]'
}

@test "a target that is not there" {
	ends 1 explain --root "$(derived site)" nosuch
	warns '^oomkit explain: .*nosuch'
	ends 1 explain --root "$(derived site)" 999
	warns 999
	ends 2 explain --root "$(derived site)" --nosuch
	ends 2 explain --root "$(derived no-proc)" 1
	ends 2 explain --root "$(derived no-proc)"
}

# ---------------------------------------------------------------- advice

@test "what adj would make it the first, and what would take it out of the first place" {
	# 401 has 223250; 510 stands first with 2626010: 223250 + 917 * 2621 = 2626707 is more, 916 gives 2624086.
	ok explain -J --root "$(derived site)" 401
	is '.advice | tostring | contains("917")' true
	ok explain --root "$(derived site)" 401
	says 917
	ok rank -N 1 -J --root "$(derived site)" --set 401=917
	is '[.processes[].pid]' '[401]'
	ok rank -N 1 -J --root "$(derived site)" --set 401=916
	is '[.processes[].pid]' '[510]'
	# 510 has 5010 without its adj; 500 stands second with 2478502: 943 gives 2476613, 944 gives 2479234.
	ok explain -J --root "$(derived site)" 510
	is '.advice | tostring | contains("943")' true
	ok rank -N 1 -J --root "$(derived site)" --set 510=943
	is '[.processes[].pid]' '[500]'
	ok rank -N 1 -J --root "$(derived site)" --set 510=944
	is '[.processes[].pid]' '[510]'
}

@test "in a pod: the QoS class, and the adj that kubelet would give" {
	ok explain --root "$(derived site)" java
	says 'Burstable'
	ok explain --root "$(derived site)" batch
	says 'BestEffort'
	says '1000'
	ok explain --root "$(derived site)" etcd
	says 'Guaranteed'
	says '-997'
	ok explain --root "$(derived site)" firefox
	says_nothing_of 'QoS'
	ok explain -J --root "$(derived site)" java
	is '[.. | strings | select(contains("Burstable"))] | length > 0' true
}

@test "what people expect and this kernel does not count" {
	ok explain -J --root "$(machine 6.1-v2)" 79
	is '[.not_counted[] | keys] | unique' '[["name","until","value"]]'
	is '[.not_counted[] | select(.name | test("nice")) | [.value, (.until | test("^2\\.6\\.3[56]"))]]' '[[10,true]]'
	is '[.not_counted[] | select(.name | test("run|time")) | .until | test("^2\\.6\\.3[56]")] | unique' '[true]'
	is '[.not_counted[] | select(.name | test("child")) | .until | test("^2\\.6\\.3[56]")]' '[true]'
	is '[.not_counted[] | select(.name | test("raw"; "i")) | .until | test("^2\\.6\\.3[56]")]' '[true]'
	is '[.not_counted[] | select(.name | test("root|super|admin"; "i")) | .until | test("^4\\.1[67]")]' '[true]'
	ok explain --root "$(machine 6.1-v2)" 79
	says 'nice'
	says '2\.6\.3[56]'
	says '4\.1[67]'
}

@test "what this kernel does count is not in that list" {
	ok explain -J --root "$(machine 4.14.177-seed)" 23
	is '[.not_counted[] | select(.name | test("root|super|admin"; "i"))]' '[]'
	is '[.not_counted[] | select(.name | test("nice"))] | length' 1
	ok explain -J --root "$(machine 6.1-v2)" --kernel 2.6.32 79
	is '[.not_counted[] | select(.name | test("nice|root|super|admin|child|raw|time"; "i"))]' '[]'
}

# ---------------------------------------------------------------- what if

@test "--set, --grow and --limit are explained as if they were so" {
	local root
	root=$(derived site)
	ok explain -J --root "$root" --set 401=1000 401
	is '[.badness, .rank, .oom_score]' '[2844250,1,723]'
	ok explain -J --root "$root" --grow 401=1G 401
	is '[.badness, .rank]' '[485394,5]'
	is '[.factors[].pages] | add' 485394
	ok explain -J --root "$root" --limit 4G 402
	is '[.scope.total_pages, .badness]' '[1572864,441676]'
	ok explain -J --root "$root" --set 401=-1000 401
	is '[.process.fate, .rank, .model_score]' '["adj_min",null,0]'
	ends 2 explain --root "$root" --set 401=5000 401
	ends 1 explain --root "$root" --set nosuch=5 401
}

# ---------------------------------------------------------------- the machine

@test "without a target: memory, overcommit, sysctls, pressure, and the next victim" {
	ok explain -J --root "$(machine 7.2.12-v2)"
	[[ $output =~ ^\{[[:space:]]*\"schema\":\ *\"oomkit/explain/1\" ]]
	is '.machine | [has("memory", "overcommit", "sysctl", "pressure")] | all' true
	# 213496 kB, 106748 kB, 148848 kB.
	is '[.machine.memory[] | select(. == 218619904)] | length > 0' true
	is '.machine.overcommit | [.commit_limit, .committed]' '[109309952,152420352]'
	is '.machine.overcommit.mode | . == 0 or . == "heuristic"' true
	is '[.machine.sysctl | .. | numbers] | length >= 3' true
	is '.victim | [.pid, .comm, .badness]' "[97,\"threads\",$(oracle "$(machine 7.2.12-v2)" | awk '$1 == 97 { print $3 }')]"
	ok explain --root "$(machine 7.2.12-v2)"
	for word in overcommit CommitLimit Committed_AS swap panic_on_oom oom_kill_allocating_task threads 97; do
		says "$word"
	done
	says 'watermark|low'
	says 'pressure|PSI'
}

@test "without a target, on a kernel without PSI: unknown, and no failure" {
	ok explain -J --root "$(machine 4.14.177-v1)"
	is '.machine.pressure | . == null or all(.[]; . == null)' true
	is '.victim.pid' 26
	ok explain --root "$(machine 4.14.177-v1)"
	says threads
}

@test "overcommit modes are told by name" {
	local root mode
	root=$(derived_copy small)
	for mode in '0:heuristic' '1:always' '2:never|strict|no overcommit'; do
		echo "${mode%%:*}" >"$root/proc/sys/vm/overcommit_memory"
		ok explain --root "$root"
		says "${mode#*:}"
	done
	echo 2 >"$root/proc/sys/vm/overcommit_memory"
	ok explain -J --root "$root"
	is '.machine.overcommit.mode | . == 2 or . == "never" or . == "strict"' true
}

@test "sysctls that change the outcome stand on the machine's page" {
	ok explain --root "$(derived panic-on-oom)"
	says 'panic'
	ok explain -J --root "$(derived panic-on-oom)"
	is '.machine.sysctl | to_entries[] | select(.key | test("panic_on_oom")) | .value' 1
	ok explain --root "$(derived allocating-task)"
	says 'allocat'
}

# ---------------------------------------------------------------- output

@test "JSON has the keys of the contract" {
	ok explain -J --root "$(derived site)" 401
	[[ $output =~ ^\{[[:space:]]*\"schema\":\ *\"oomkit/explain/1\" ]]
	is '[has("process", "scope", "factors", "badness", "model_score", "oom_score", "agrees", "rank", "of", "not_counted",
		"advice", "also")] | all' true
	is '.process | [.pid, .comm, .uid, .oom_score_adj, .fate]' '[401,"firefox",1000,0,"killable"]'
	is '.scope | [.constraint, .where, .total_pages, .page_size]' '["none","system",2621440,4096]'
}

@test "every format is what it says" {
	local root
	root=$(derived site)
	ok explain --format ndjson --root "$root" 401
	jq -es 'length > 0' <<<"$output" >/dev/null
	ok explain --format ndjson --root "$root"
	jq -es 'length > 0' <<<"$output" >/dev/null
	ok explain --format csv --root "$root" 401
	[[ $(awk -F , '{ print NF }' <<<"$output" | sort -u | wc -l) == 1 ]]
	ok explain --format tsv --root "$root" 401
	[[ $(awk -F '\t' '{ print NF }' <<<"$output" | sort -u | wc -l) == 1 ]]
	ok explain --format prom --root "$root" 401
	! grep -vE '^(# (HELP|TYPE) oomkit_|oomkit_[a-z_]+(\{[^}]*\})? -?[0-9.e+]+$)' <<<"$output" || false
	ok explain --format prom --root "$root"
	! grep -vE '^(# (HELP|TYPE) oomkit_|oomkit_[a-z_]+(\{[^}]*\})? -?[0-9.e+]+$)' <<<"$output" || false
}

@test "units: bytes where asked" {
	ok explain -b --root "$(derived site)" 401
	says 655360000
	ok explain --root "$(derived site)" 401
	says '625M'
}

@test "a comm of any bytes is told without harm" {
	local pid
	for pid in 101 102 103 105 111 112; do
		ok explain --root "$(derived odd-comms)" $pid
		! grep -qP '[\x00-\x08\x0b-\x1f\x7f]' <<<"$output" || false
		! grep -q -e $'\xe2\x80\xae' -e $'\xff' <<<"$output" || false
		ok explain -J --root "$(derived odd-comms)" $pid
		jq -e . <<<"$output" >/dev/null
	done
}

@test "whole output: a page for each of the eras, and the machine's page" {
	golden explain-4.14.177-seed-23 explain --root "$(machine 4.14.177-seed)" 23
	golden explain-7.2.12-seed-97 explain --root "$(machine 7.2.12-seed)" 97
	golden explain-site-firefox explain --root "$(derived site)" firefox
	golden explain-site-java explain --root "$(derived site)" java
	golden explain-web-limited-97 explain --root "$(derived web-limited)" 97
	golden explain-6.1-v2-2.6.32 explain --root "$(machine 6.1-v2)" --kernel 2.6.32 79
	golden explain-site explain --root "$(derived site)"
	golden explain-4.14.177-v1 explain --root "$(machine 4.14.177-v1)"
}

# ---------------------------------------------------------------- what people have read

@test "belief: privileged processes score lower. True until 4.16" {
	local root
	root=$(machine 6.1-v2)
	# The same memory with and without the capability: what 77 has less than its pages.
	for version in 2.6.32 2.6.36 3.10 3.14 4.16; do
		ok explain -J --kernel $version --root "$root" 77
		holds '[.factors[] | select(.name | test("root|super|admin"; "i")) | (.points // 0) < 0 or (.pages // 0) < 0]
			| length == 1 and all'
	done
	for version in 4.17 5.8 5.9 6.1 7.2; do
		ok explain -J --kernel $version --root "$root" 77
		is '[.factors[] | select(.name | test("root|super|admin"; "i"))]' '[]'
		holds '[.not_counted[] | select(.name | test("root|super|admin"; "i"))] | length == 1'
	done
}

@test "belief: long-running processes score lower. True until 2.6.35" {
	local root
	root=$(derived_copy small)
	# 100000 s of uptime, started at 0.1 s: 97 units of 1024 s, whose fourth root is 3.
	ok explain -J --kernel 2.6.32 --root "$root" 10
	# (8000 + 4096) / 4 = 3024 pages; / 3 = 1008.
	is '.model_score' 1008
	ok explain -J --kernel 2.6.36 --root "$root" 10
	is '[.factors[] | select(.name | test("time"))]' '[]'
	holds '[.not_counted[] | select(.name | test("time"))] | length >= 1'
}

@test "belief: a process with raw I/O scores lower. True until 2.6.35" {
	ok explain -J --kernel 2.6.35 --root "$(machine 6.1-v2)" 77
	holds '[.factors[] | select(.name | test("raw"; "i")) | .points < 0] | length == 1 and all'
	ok explain -J --kernel 2.6.36 --root "$(machine 6.1-v2)" 77
	is '[.factors[] | select(.name | test("raw"; "i"))]' '[]'
}

@test "belief: many children score higher. True until 2.6.35" {
	ok explain -J --kernel 2.6.35 --root "$(machine 6.1-v2)" 89
	holds '[.factors[] | select(.name | test("child")) | .points > 0] | length == 1 and all'
	ok explain -J --kernel 2.6.36 --root "$(machine 6.1-v2)" 89
	is '[.factors[] | select(.name | test("child"))]' '[]'
}

@test "belief: a low nice value scores higher. Never; it was nice above 0 that doubled, until 2.6.35" {
	local root
	root=$(derived_copy small)
	sed -i 's/ 20 0 1 0 10 / 0 -20 1 0 10 /' "$root/proc/10/stat"
	ok explain -J --kernel 2.6.35 --root "$root" 10
	is '.model_score' 1008
	sed -i 's/ 0 -20 1 0 10 / 39 19 1 0 10 /' "$root/proc/10/stat"
	ok explain -J --kernel 2.6.35 --root "$root" 10
	is '.model_score' 2016
	ok explain -J --kernel 2.6.36 --root "$root" 10
	is '[.factors[] | select(.name == "nice")]' '[]'
}

@test "belief: the adjustment is simply added, and the sum lies in 0..2000. Not since 3.5 and 5.9" {
	local root
	root=$(derived site)
	# 2.6.36 to 3.4: it is added to the permille, and the sum is cut at 1 and 1000.
	ok explain -J --kernel 3.4 --root "$root" --set 401=233 401
	is '.model_score' 318
	ok explain -J --kernel 3.4 --root "$root" --set 401=1000 401
	is '.model_score' 1000
	# Then it is a share of the memory, 233 * 2621 pages, and since 5.9 the sum is scaled by 2/3 from 1000.
	ok explain -J --root "$root" --set 401=233 401
	is '[.factors[] | select(.name == "oom_score_adj") | .pages]' '[610693]'
	is '.model_score' 878
}

@test "belief: a score of 0 excludes a process. It does not" {
	ok explain -J --root "$(machine 4.14.177-seed)" 26
	is '[.oom_score, .process.fate]' '[0,"killable"]'
	is '.rank > 0' true
	ok explain -J --root "$(derived site)" --set 520=-999 520
	is '[.process.fate, .model_score]' '["killable",10]'
}

@test "belief: inside a cgroup the highest oom_score dies. It does not" {
	ok explain -J --root "$(derived memsw)" --scope /wide 300
	is '[.rank, .oom_score]' '[1,679]'
	ok explain -J --root "$(derived memsw)" --scope /wide 301
	is '[.rank, .oom_score]' '[2,700]'
}
