#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # run sets status, output, stderr; each test is a subshell
# Who dies first. The captured kernels' own kills and a second computation of the rule are the measure; the machines
# `site` and `memsw` of fixtures/derive were worked out by hand.

load helper
load fixtures/derived

# The pids that the rows show, in their order.
row_pids() {
	jq -r '.processes[].pid' <<<"$output"
}

# ---------------------------------------------------------------- the order

@test "all candidates stand in the kernel's order, ties included, each with the right numbers" {
	local name root page_kib
	for name in $(machines) site memsw swap-over-ram thirty-two-bit pages-64k user-namespaces container el8 lts-5-4 \
		ties ties-old odd-comms high-pids; do
		root=$(root_of "$name")
		page_kib=4
		[[ $name != pages-64k ]] || page_kib=64
		ok rank -a -J --root "$root"
		diff -u --label "$name: the oracle" <(order "$root" page_kib=$page_kib) --label "$name: oomkit" <(jq -r '
			.processes[] | select(.fate == "killable") | .pid' <<<"$output")
		diff -u --label "$name: the oracle" <(oracle "$root" page_kib=$page_kib | grep killable | cut -f 1,3,4) \
			--label "$name: oomkit" <(jq -r '.processes | map(select(.fate == "killable")) | sort_by(.pid)[]
			| [.pid, .badness, .model_score] | @tsv' <<<"$output")
		# The rank counts from 1, the first is the victim and nobody else, and nothing is unknown.
		is '[([.processes[] | select(.fate == "killable") | .rank] | . == [range(1; length + 1)]),
			[.processes[] | select(.victim) | .rank], ([.processes[].victim] | index(null)),
			([.processes[] | .oom_score == .model_score and .oom_score_adj != null] | all)]' '[true,[1],null,true]'
	done
}

@test "the order is the one in which the captured kernels killed: sysrq and global" {
	local name root killed
	for name in $(machines); do
		root=$(machine "$name")
		# What was killed after the capture, oldest first. 5.0 and later name the process in a line of its own;
		# before that there is the kill line. `web` had died in its cgroup before, and `hog` came later than
		# the capture.
		killed=$(cat "$root/klog-sysrq" "$root/klog-global" | sed -nE \
			's/.*oom-kill:.*,task=.*,pid=([0-9]+),uid=.*/\1/p; s/.*: Kill process ([0-9]+) \(.*/\1/p')
		[[ -n $killed ]]
		ok rank -a -J --root "$root"
		diff -u --label "$name: the kernel" - --label "$name: oomkit" <(jq -r '
			.processes[] | select(.comm != "web") | .pid' <<<"$output" | head -n "$(wc -l <<<"$killed")") <<<"$killed"
	done
}

@test "inside the cgroup that the captured kernels limited, the first victim is the one that they killed" {
	local name root killed
	for name in $(machines); do
		root=$(machine "$name")
		killed=$(sed -nE 's/.*oom-kill:.*,task=.*,pid=([0-9]+),uid=.*/\1/p; s/.*: Kill process ([0-9]+) \(.*/\1/p' \
			"$root/klog-memcg" | head -n 1)
		ok rank -N 1 -J --root "$root" --scope /web --limit 16M
		is '[.processes[] | [.pid, .comm, .victim]]' "[[$killed,\"web\",true]]"
		is '.scope | [.constraint, .where, .total_pages]' '["memcg","/web",4096]'
	done
}

@test "equal badness: the youngest dies first since 5.3, whatever its pid" {
	ok rank -J --root "$(derived ties)"
	is '[.processes[] | select(.fate == "killable") | .pid]' '[400,300,500,600]'
	ok rank -J --root "$(derived ties)" --kernel 5.3
	is '[.processes[] | select(.fate == "killable") | .pid]' '[400,300,500,600]'
}

@test "equal badness: the oldest dies first on 4.9 to 5.2" {
	ok rank -J --root "$(derived ties-old)"
	is '[.processes[] | select(.fate == "killable") | .pid]' '[500,300,400,600]'
	ok rank -J --root "$(derived ties)" --kernel 5.2
	is '[.processes[] | select(.fate == "killable") | .pid]' '[500,300,400,600]'
}

@test "equal badness: 4.7 and 4.8 take the youngest of the machine, but the oldest of a cgroup" {
	ok rank -J --root "$(derived ties-4-8)"
	is '[.processes[] | select(.fate == "killable") | .pid]' '[400,300,500,600]'
	ok rank -J --root "$(derived ties-4-8)" --scope /crowd
	is '[.processes[] | select(.fate == "killable") | .pid]' '[500,300,400]'
}

# ---------------------------------------------------------------- the table

@test "columns of the table" {
	ok rank --root "$(derived site)"
	[[ ${lines[0]} =~ \#\ +PID\ +USER\ +SCORE\ +ADJ\ +RSS\ +SWAP\ +PGT\ +BADNESS\ +CGROUP\ +COMMAND$ ]]
	says '1 +510 +ann +1334 +1000 '
	says '2 +500 +ann +1296 +937 '
	says '6 +301 +postgres +698 +0 .* 125275 +/system.slice/db.service +postgres'
}

@test "whole output: the table of a server, of a machine under v1, of one with odd names" {
	golden rank-site rank -a --root "$(derived site)"
	golden rank-4.14.177-seed rank --root "$(machine 4.14.177-seed)"
	golden rank-7.2.12-seed rank --root "$(machine 7.2.12-seed)"
	golden rank-odd-comms rank -a --root "$(derived odd-comms)"
}

@test "-N takes so many, 10 if not told, and -a all" {
	local root
	root=$(derived site)
	ok rank -J --root "$root"
	is '.processes | length' 10
	ok rank -N 3 -J --root "$root"
	is '[.processes[].pid]' '[510,500,402]'
	ok rank --top 1 -J --root "$root"
	is '[.processes[].pid]' '[510]'
	ok rank --top=all -J --root "$root"
	is '[.processes[] | select(.fate == "killable")] | length' 14
	holds '.processes | length >= 14'
	ok rank -N all -J --root "$root"
	is '[.processes[] | select(.fate == "killable")] | length' 14
	ok rank -N 3 --noheadings --root "$root"
	((${#lines[@]} == 3))
	ends 2 rank -N x --root "$root"
	ends 2 rank -N -1 --root "$root"
}

@test "the first rows are the same however many are asked for" {
	local name root all
	for name in $(machines) site ties; do
		root=$(root_of "$name")
		ok rank -a -J --root "$root"
		all=$(jq -c '[.processes[] | select(.rank != null)][:5]' <<<"$output")
		ok rank -N 5 -J --root "$root"
		is .processes "$all"
	done
}

@test "whom the kernel never takes stands behind, with a fate and without a rank" {
	ok rank -a -J --root "$(machine 6.1-v2)"
	holds '.processes | map(.fate != "killable") | index(true) as $i | .[$i:] | all'
	is '[.processes[] | select(.fate != "killable") | .rank] | unique' '[null]'
	is '[.processes[] | select(.fate != "killable") | .victim] | unique' '[false]'
	is '[.processes[] | select([.pid] | inside([1, 2, 90, 95])) | [.pid, .fate]] | sort' \
		'[[1,"init"],[2,"kthread"],[90,"vfork"],[95,"adj_min"]]'
}

@test "the number is the place in the whole scope, whoever is selected and however sorted" {
	local root
	root=$(derived site)
	ok rank -J --root "$root" firefox
	is '[.processes[] | [.rank, .pid, .victim]]' '[[5,401,false]]'
	ok rank -J --root "$root" -u ann
	is '[.processes[] | [.rank, .pid]]' '[[1,510],[2,500],[3,402],[4,403],[5,401],[12,400]]'
	ok rank -a -J --root "$root" --sort pid
	is '[.processes[] | select(.fate == "killable") | [.rank, .pid]][:3]' '[[13,300],[6,301],[7,302]]'
	ok rank -J --root "$root" postgres -N 1
	is '[.processes[] | [.rank, .pid]]' '[[6,301]]'
	ok rank -J --root "$root" --scope db.service 302
	is '[.processes[] | [.rank, .pid]]' '[[2,302]]'
}

@test "targets: a unit, and one that is not there" {
	ok rank -J --root "$(derived site)" web.service
	is '[.processes[].pid]' '[312,311,310]'
	ends 1 rank --root "$(derived site)" nosuch
	warns '^oomkit rank: .*nosuch'
}

@test "users come from the root's own passwd, and are numbers without one" {
	ok rank -J --root "$(derived site)" 301 311 310
	is '[.processes[] | [.pid, .uid, .user]] | sort' '[[301,115,"postgres"],[310,0,"root"],[311,33,"www-data"]]'
	ok rank --noheadings -o user --root "$(machine 6.1-v2)" web
	[[ $output =~ ^\ *33$ ]]
}

# ---------------------------------------------------------------- JSON and the other formats

@test "JSON has the keys of the contract" {
	ok rank -a -J --root "$(derived site)"
	[[ $output =~ ^\{[[:space:]]*\"schema\":\ *\"oomkit/rank/1\" ]]
	is 'keys_unsorted | map(select(. == ("schema", "kernel", "era", "scope", "processes")))' \
		'["schema","kernel","era","scope","processes"]'
	is .kernel '"6.12.30"'
	is '.scope | [.constraint, .where, .total_pages, .page_size]' '["none","system",2621440,4096]'
	is '.processes[] | select(.pid == 301)
		| {rank, victim, pid, uid, user, comm, cmdline, fate, badness, oom_score, model_score, oom_score_adj,
			rss, rss_anon, rss_file, rss_shmem, swap, pgtables, cgroup, killed_with}' "$(tr -d '\n' <<-'END'
		{"rank":6,"victim":false,"pid":301,"uid":115,"user":"postgres","comm":"postgres",
		"cmdline":"postgres: checkpointer ","fate":"killable","badness":125275,"oom_score":698,"model_score":698,
		"oom_score_adj":0,"rss":491520000,"rss_anon":81920000,"rss_file":0,"rss_shmem":409600000,
		"swap":20480000,"pgtables":1126400,"cgroup":"/system.slice/db.service","killed_with":[300,302,303]}
		END
	)"
	holds '[.processes[] | has("rank", "victim", "pid", "uid", "user", "comm", "cmdline", "fate", "badness", "oom_score",
		"model_score", "oom_score_adj", "rss", "rss_anon", "rss_file", "rss_shmem", "swap", "pgtables", "cgroup",
		"killed_with")] | all'
}

@test "JSON of no rows is JSON" {
	ok rank --adjusted -J --root "$(derived ties)"
	is .processes '[]'
	is .schema '"oomkit/rank/1"'
}

@test "every format tells the same rows" {
	local root json=$BATS_TEST_TMPDIR/json
	root=$(derived site)
	ok rank -J --root "$root"
	jq -r '.processes[] | [.pid, .badness, .rss, .cgroup, .comm] | @tsv' <<<"$output" >"$json"
	ok rank --format ndjson --root "$root"
	diff -u "$json" <(jq -r '[.pid, .badness, .rss, .cgroup, .comm] | @tsv' <<<"$output")
	ok rank --format tsv --noheadings -o pid,badness,rss,cgroup,comm --root "$root"
	diff -u "$json" - <<<"$output"
	ok rank --format csv --noheadings -o pid,badness,rss,cgroup,comm --root "$root"
	diff -u "$json" <(tr , '\t' <<<"$output")
	ok rank --format prom --root "$root"
	[[ $(grep -c 'pid="510"' <<<"$output") -gt 0 ]]
	says 'oomkit_rank_badness\{[^}]*pid="301"[^}]*\} 125275'
}

@test "memory is in bytes for machines, in human units for people, and as asked" {
	local root
	root=$(derived site)
	ok rank --noheadings -o rss,swap --root "$root" firefox
	[[ $output =~ ^\ *625(\.0)?M\ +244(\.1)?M$ ]]
	ok rank --noheadings -b -o rss,swap --root "$root" firefox
	[[ $output =~ ^\ *655360000\ +256000000$ ]]
	ok rank --noheadings --bytes -o pgt --root "$root" firefox
	[[ $output =~ ^\ *3072000$ ]]
	ok rank --noheadings --si -o rss,swap --root "$root" firefox
	[[ $output =~ ^\ *655(\.4)?M\ +256(\.0)?M$ ]]
	ok rank --format csv --noheadings -o rss --root "$root" firefox
	[[ $output == 655360000 ]]
	# Pages stay pages.
	ok rank --noheadings -o badness --root "$root" firefox
	[[ $output =~ ^\ *223250$ ]]
}

@test "columns are chosen, added, listed" {
	local root
	root=$(derived site)
	ok rank -o PID,SCORE,ADJ,RSS,SWAP,PGT,BADNESS --root "$root" -N 1
	[[ ${lines[0]} =~ ^\ *PID\ +SCORE\ +ADJ\ +RSS\ +SWAP\ +PGT\ +BADNESS$ ]]
	[[ ${lines[1]} =~ ^\ *510\ +1334\ +1000\ .*\ 2626010$ ]]
	ok rank -o +comm --root "$root" -N 1 nginx
	[[ ${lines[0]} =~ COMMAND\ +COMM$ ]]
	[[ ${lines[1]} =~ worker\ process\ +nginx$ ]]
	ok rank -O --root "$root" -N 1
	[[ ${lines[0]} == *CMDLINE* && ${lines[0]} == *FATE* ]]
	ok rank -o oom,oomadj --noheadings -N 1 --root "$root"
	[[ $output =~ ^\ *1334\ +1000$ ]]
	ok rank --list-columns
	for column in rank pid user oom_score oom_score_adj rss swap pgtables badness cgroup cmdline fate; do
		grep -qw "$column" <<<"$output"
	done
	ok rank --list-columns -J
	jq -e . <<<"$output" >/dev/null
	ends 2 rank -o pid,nosuch --root "$root"
	warns nosuch
}

@test "rows are sorted by a column, up or down" {
	local root
	root=$(derived site)
	ok rank -J --sort rss --root "$root" -u ann
	is '[.processes[].pid]' '[400,510,500,403,402,401]'
	ok rank -J --sort=-oom_score_adj --root "$root" -u ann
	is '[.processes[].pid][:2]' '[510,500]'
	ok rank -J --sort -swap --root "$root" -N 1
	is '[.processes[].pid]' '[401]'
	ends 2 rank --sort nosuch --root "$root"
	warns nosuch
}

@test "the victim is marked in colour where colour is asked for" {
	ok rank --color always --root "$(derived site)" -N 3
	[[ ${lines[1]} == *$'\e['* && ${lines[1]} == *510* ]]
	[[ ${lines[2]} != *$'\e[1;31m'* ]]
	ok rank --color never --root "$(derived site)" -N 3
	[[ $output != *$'\e'* ]]
	ends 2 rank --color sometimes --root "$(derived site)"
}

# ---------------------------------------------------------------- groups

@test "--by user: sums, and the worst of each" {
	ok rank --by user -J --root "$(derived site)"
	is '.groups[] | select(.name == "ann") | [.processes, .badness, .rss, .swap, .worst.pid, .worst.comm, .worst.badness]' \
		'[6,6676358,1286144000,256000000,510,"batch",2626010]'
	is '.groups[] | select(.name == "postgres") | [.processes, .badness, .rss, .swap, .worst.pid, .worst.comm,
		.worst.badness]' '[4,-2093290,1054720000,30720000,301,"postgres",125275]'
	is '.groups[] | select(.name == "www-data") | [.processes, .badness, .worst.pid]' '[2,27600,312]'
	is '.groups[0].name' '"ann"'
	is '[.groups[] | .rank] | . == [range(1; length + 1)]' true
	is '[.groups[] | keys] | unique' '[["badness","name","processes","rank","rss","swap","worst"]]'
	is '[.groups[].worst | keys] | unique' '[["badness","comm","pid"]]'
}

@test "--by cgroup, unit, tree and process" {
	local root
	root=$(derived site)
	ok rank --by cgroup -J -a --root "$root"
	is '.groups[] | select(.name == "/system.slice/db.service") | [.processes, .badness, .rss]' \
		'[3,-2100800,1024000000]'
	is '.groups[] | select(.name == "/system.slice/db.service/backup") | [.processes, .badness]' '[1,7510]'
	ok rank --by unit -J -a --root "$root"
	is '.groups[] | select(.name == "db.service") | [.processes, .badness]' '[4,-2093290]'
	is '.groups[] | select(.name == "web.service") | [.processes, .badness, .worst.pid]' '[3,29360,312]'
	is '.groups[] | select(.name == "session-1.scope") | [.processes, .badness]' '[4,1571846]'
	ok rank --by tree -J -a --root "$root"
	holds '[.groups[] | select(.worst.pid == 402 or .worst.pid == 301)] | length >= 2'
	ok rank --by process -J --root "$root"
	is '[.processes[].pid][:3]' '[510,500,402]'
	ends 2 rank --by nosuch --root "$root"
	warns nosuch
}

@test "--by says that the kernel chooses processes" {
	ok rank --by unit --root "$(derived site)"
	says 'kernel [a-z ]*process'
	says 'db\.service'
	ok rank --by unit --root "$(derived site)" -N 2
	says_nothing_of 'web\.service'
}

@test "--adjusted: only whose adj is not 0" {
	ok rank --adjusted -a -J --root "$(derived site)"
	is '[.processes[].pid] | sort' '[300,320,402,403,500,510,520]'
	is '[.processes[] | select(.oom_score_adj == 0)]' '[]'
	# And their number is still the place among all.
	is '.processes[] | select(.pid == 300) | .rank' 13
}

# ---------------------------------------------------------------- the sequence of kills

@test "--kills: who dies one after the other, and who with them" {
	ok rank --kills 3 -J --root "$(derived site)"
	is '[.kills[] | [.step, .pid, .comm]]' '[[1,510,"batch"],[2,500,"java"],[3,402,"Web Content"]]'
	# What batch holds is 20000 KiB, and 40 KiB of page tables.
	holds '.kills[0].freed | . >= 20480000 and . <= 20520960'
	is '.kills[0].group' '[]'
	ok rank --kills 7 -J --root "$(derived site)"
	is '[.kills[].pid]' '[510,500,402,403,401,301,312]'
	# oom.group takes the whole unit and what is below it, but nobody at -1000.
	is '.kills[5].group | map(if type == "object" then .pid else . end) | sort | map(select(. != 301))' '[300,302,303]'
	is '[.kills[].group | length] | map(. > 0)' '[false,false,false,false,false,true,false]'
	ok rank --kills 2 --root "$(derived site)"
	says 510
	says 500
	says_nothing_of 'Web Content'
}

@test "--kills ends when nobody is left" {
	ok rank --kills 100 -J --root "$(derived site)" --scope /user.slice/user-1000.slice --limit 512M
	# A thousandth of 131072 + 524288 pages is 655: 402 has 75400 + 233 * 655, 403 has 50300 + 233 * 655.
	is '[.kills[].pid]' '[402,401,403,400]'
}

@test "--free: kills until so much is free" {
	ok rank --free 10M -J --root "$(derived site)"
	is '[.kills[].pid]' '[510]'
	ok rank --free 100M -J --root "$(derived site)"
	is '[.kills[].pid]' '[510,500]'
	ok rank --free 1G -J --root "$(derived site)"
	is '[.kills[].pid]' '[510,500,402,403,401]'
	ends 2 rank --free lots --root "$(derived site)"
}

@test "--kills before 5.1: a child dies in place of its parent" {
	# 35 forks 37 to 40, which are equal: the oldest.
	ok rank --kills 1 -J --set 35=1000 --root "$(machine 4.14.177-v1)"
	is '[.kills[].pid]' '[37]'
	# 81 is the same process on 5.10: it dies itself.
	ok rank --kills 1 -J --set 81=1000 --root "$(machine 5.10.223-v1)"
	is '[.kills[].pid]' '[81]'
}

@test "--kills before 5.1: the children die one after the other, then their parent" {
	ok rank --kills 6 -J --set 35=1000 --root "$(machine 4.14.177-v1)"
	is '[.kills[].pid]' '[37,38,39,40,35,26]'
	# A child at -1000 is spared, and what is supposed of a child counts.
	ok rank --kills 1 -J --set 35=1000 --set 37=-1000 --set 38=-1000 --set 39=-1000 --set 40=-1000 \
		--root "$(machine 4.14.177-v1)"
	is '[.kills[].pid]' '[35]'
	ok rank --kills 1 -J --set 35=1000 --grow 39=50M --root "$(machine 4.14.177-v1)"
	is '[.kills[].pid]' '[39]'
}

@test "what is supposed counts for those who die along, too" {
	ok rank -J --root "$(derived web-group)" --scope /web --set 98=-1000
	is '.processes[] | select(.victim) | [.pid, .killed_with]' '[97,[]]'
	ok rank --kills 1 -J --root "$(derived web-group)" --scope /web --set 98=-1000
	is '[.kills[] | [.pid, .group]]' '[[97,[]]]'
}

@test "oom.group inside its own scope: killed_with" {
	ok rank -J --root "$(derived web-group)" --scope /web
	is '.processes[] | select(.victim) | [.pid, .killed_with]' '[97,[98]]'
	ok rank -J --root "$(derived web-limited)" --scope /web
	is '.processes[] | select(.victim) | [.pid, .killed_with]' '[97,[]]'
}

# ---------------------------------------------------------------- scope

scope() { # MACHINE TARGET ARG...: constraint where total_pages
	local root
	root=$(derived "$1")
	ok rank -J --root "$root" --scope "${@:2}" || return 1
	jq -r '.scope | "\(.constraint) \(.where) \(.total_pages)"' <<<"$output"
}

@test "--scope on v2: the limit and what swap.max adds to it" {
	# 1 GiB and 256 MiB of swap: 262144 + 65536.
	[[ $(scope site db.service) == 'memcg /system.slice/db.service 327680' ]]
	[[ $(scope site /system.slice/db.service) == 'memcg /system.slice/db.service 327680' ]]
	[[ $(scope site /sys/fs/cgroup/system.slice/db.service) == 'memcg /system.slice/db.service 327680' ]]
	# swap.max is max: all the swap that there is, 524288.
	[[ $(scope site /system.slice) == 'memcg /system.slice 1572864' ]]
	# swap.max is 0.
	[[ $(scope site 0123456789ab) == memcg\ /kubepods.slice/*.scope\ 32768 ]]
}

@test "--scope without a limit: the nearest limited ancestor, then the machine" {
	[[ $(scope site web.service) == 'memcg /system.slice 1572864' ]]
	[[ $(scope site /system.slice/db.service/backup) == 'memcg /system.slice/db.service 327680' ]]
	[[ $(scope site session-1.scope) == 'none system 2621440' ]]
	[[ $(scope site /) == 'none system 2621440' ]]
	ok rank -a -J --root "$(derived site)" --scope web.service
	is '[.processes[] | select(.fate == "killable") | .pid] | sort' '[300,301,302,303,310,311,312]'
	ok rank -a -J --root "$(derived site)" --scope session-1.scope
	is '[.processes[] | select(.fate == "killable")] | length' 14
}

# ---------------------------------------------------------------- memory nodes

nodes() { # ARG...: constraint, where, total_pages, and the candidates with their badness, on two-nodes
	ok rank -a -J --root "$(derived two-nodes)" "$@" || return 1
	jq -c '[.scope.constraint, .scope.where, .scope.total_pages], [.processes[] | select(.rank) | "\(.pid):\(.badness)"]' \
		<<<"$output" | paste -sd ' '
}

@test "--nodes: the total is what the nodes have, the candidates are those whose cpuset has one of them" {
	# A thousandth is 32 pages: 80 has 720 and 300 * 32. A thread of it may be on node 1, and that is enough.
	[[ $(nodes --nodes 1) == '["cpuset","node 1",32000] ["80:10320","98:6721","97:2107","84:1448","77:1115","96:998",'* ]]
	[[ $(nodes --nodes 1) != *78:* ]]
	[[ $(nodes --nodes 0) == '["cpuset","node 0",31998] ["80:10020","98:6521","78:1578","84:1448","77:1115","96:981",'* ]]
	[[ $(nodes --nodes 0) != *97:* ]]
	ok rank -a -J --root "$(derived two-nodes)" --nodes 0
	is '[.processes[] | select(.pid == 97)]' '[]'
	is '.processes[] | select(.pid == 80) | [.oom_score, .model_score]' '[872,872]'
}

@test "--nodes: before 5.4 the pages that are spanned count" {
	[[ $(nodes --nodes 1 --kernel 5.3) == '["cpuset","node 1",32736] '* ]]
	[[ $(nodes --nodes 0 --kernel 4.14) == '["cpuset","node 0",32767] '* ]]
	[[ $(nodes --nodes 0 --kernel 5.4) == '["cpuset","node 0",31998] '* ]]
}

@test "--nodes: all nodes are no constraint" {
	[[ $(nodes --nodes 0-1) == '["none","system",'* ]]
	[[ $(nodes --nodes 0-1) == *78:*  && $(nodes --nodes 0-1) == *97:* ]]
	[[ $(nodes --mempolicy 0,1) == '["none","system",'* ]]
}

@test "--nodes: the old heuristic takes an eighth of who has its memory elsewhere" {
	local there elsewhere
	ok rank -a -J --root "$(derived two-nodes)" --nodes 1 --kernel 2.6.35
	there=$(jq '.processes[] | select(.pid == 97).badness' <<<"$output")
	ok rank -a -J --root "$(derived two-nodes)" --nodes 0 --kernel 2.6.35
	elsewhere=$(jq '.processes[] | select(.pid == 97).badness' <<<"$output")
	((elsewhere == there / 8 && elsewhere > 0))
}

@test "--mempolicy: who is bound elsewhere is no candidate; up to 5.13 who is interleaved elsewhere neither" {
	[[ $(nodes --mempolicy 1) == '["memory_policy","node 1",32000] ["80:10320","97:2107","78:1578","84:1448",'* ]]
	[[ $(nodes --mempolicy 1 --kernel 5.13) == '["memory_policy","node 1",32000] ["80:10320","97:2107","84:1448",'* ]]
	[[ $(nodes --mempolicy 0) == '["memory_policy","node 0",31998] ["80:10020","98:6521","78:1578","84:1448",'* ]]
	[[ $(nodes --mempolicy 0) != *97:* ]]
	ends 2 rank --root "$(derived two-nodes)" --mempolicy 0 --kernel 2.6.35
	[[ $stderr == *'this kernel killed whoever asked for memory'* ]]
}

@test "--nodes: what is no list, no node, and what does not go together" {
	local root
	root=$(derived two-nodes)
	ends 1 rank --root "$root" --nodes 2
	[[ $stderr == 'oomkit rank: 2: no such node (with memory: nodes 0-1)' ]]
	for list in '' x 0- 1-0 0,,1 '0,' -1 4096; do
		ends 2 rank --root "$root" --nodes="$list"
		[[ $stderr == *'not a list of memory nodes'* ]]
	done
	ends 2 rank --root "$root" --nodes 0 --scope /web
	ends 2 rank --root "$root" --nodes 0 --mempolicy 1
	ends 2 rank --root "$root" --nodes 0 --limit 1G
}

@test "--nodes: panic_on_oom 1 spares an OOM that is bound to nodes, 2 does not" {
	local root
	root=$BATS_TEST_TMPDIR/two-nodes
	cp -a "$(derived two-nodes)" "$root"
	echo 1 >"$root/proc/sys/vm/panic_on_oom"
	ok rank -J --root "$root" --nodes 1
	is .outcome '"kill"'
	ok rank -J --root "$root"
	is .outcome '"panic"'
	echo 2 >"$root/proc/sys/vm/panic_on_oom"
	ok rank -J --root "$root" --nodes 1
	is .outcome '"panic"'
}

@test "--scope on v1: a process whose leader has exited is where its living thread is" {
	ok rank -a -J --root "$(derived web-zombie-v1)" --scope /web
	is '[.processes[] | select(.rank) | .pid] | sort' '[84,97,98]'
	is '.processes[] | select(.pid == 84) | .cgroup' '"/web"'
	ok rank -a -J --root "$(derived web-limited-v1)" --scope /web
	is '[.processes[] | select(.rank) | .pid] | sort' '[97,98]'
}

@test "--scope: the members are judged by the scope's total, and only they" {
	local root
	root=$(derived site)
	ok rank -a -J --root "$root" --scope db.service
	# A thousandth is 327 pages: 300 has 40100 - 900 * 327.
	is '[.processes[] | select(.fate == "killable") | [.rank, .pid, .badness]]' \
		'[[1,301,125275],[2,302,92725],[3,303,7510],[4,300,-254200]]'
	# What /proc says stays the machine's.
	is '.processes[] | select(.pid == 300) | [.oom_score, .model_score]' '[77,77]'
	is '[.processes[] | select(.fate == "out_of_scope" and .rank != null)]' '[]'
	is '[.processes[] | select(.fate == "killable" and (.cgroup | startswith("/system.slice/db.service") | not))]' '[]'
	diff -u <(order "$root" total=327680 in=/system.slice/db.service) <(jq -r '
		.processes[] | select(.fate == "killable") | .pid' <<<"$output")
}

@test "--scope takes any target: a unit, a container, a pid, a name" {
	[[ $(scope site 301) == 'memcg /system.slice/db.service 327680' ]]
	[[ $(scope site java) == memcg\ /kubepods.slice/*.scope\ 32768 ]]
	ends 1 rank --scope nosuch.service --root "$(derived site)"
	warns nosuch.service
	ends 1 rank --scope /nosuch --root "$(derived site)"
	warns /nosuch
}

@test "--scope without swappiness: swap does not count" {
	local root
	root=$(derived_copy site)
	echo 0 >"$root/proc/sys/vm/swappiness"
	ok rank -J --root "$root" --scope db.service
	is .scope.total_pages 262144
}

@test "--scope on v1: memory and memory+swap" {
	[[ $(scope memsw /app) == 'memcg /app 196608' ]]
	[[ $(scope memsw /app/inner) == 'memcg /app 196608' ]]
	[[ $(scope memsw /stay) == 'memcg /stay 131072' ]]
	[[ $(scope memsw /wide) == 'memcg /wide 589824' ]]
	[[ $(scope memsw /sys/fs/cgroup/memory/app) == 'memcg /app 196608' ]]
	[[ $(scope memsw /) == 'none system 2621440' ]]
	ok rank -a -J --root "$(derived memsw)" --scope /app
	is '[.processes[] | select(.fate == "killable") | [.pid, .badness]]' '[[101,59310],[100,35050],[102,34610]]'
	ok rank -a -J --root "$(derived memsw)" --scope /stay
	is '[.processes[] | select(.fate == "killable") | [.pid, .badness]]' '[[201,53410],[200,50010]]'
}

@test "inside a cgroup it is not the highest oom_score that dies" {
	ok rank -J --root "$(derived memsw)" --scope /wide
	is '[.processes[] | select(.fate == "killable") | [.pid, .badness, .oom_score]]' '[[300,50010,679],[301,30460,700]]'
}

@test "--scope by the rule of another kernel" {
	ok rank -J --root "$(derived memsw)" --scope /app --kernel 4.14
	is '.scope.total_pages' 196608
	# swap.max is not known to 4.4: all the swap, 262144 + 524288.
	ok rank -J --root "$(derived site)" --scope db.service --kernel 4.4
	is '.scope.total_pages' 786432
}

@test "--limit: the scope's, or the machine's RAM" {
	ok rank -J --root "$(derived site)" --limit 4G
	is '.scope | [.constraint, .where, .total_pages]' '["none","system",1572864]'
	# A thousandth is 1572 pages now: 510 has 5010 + 1000 * 1572.
	is '.processes[0] | [.pid, .badness]' '[510,1577010]'
	ok rank -J --root "$(derived site)" --scope session-1.scope --limit 1G
	is '.scope | [.constraint, .where, .total_pages]' \
		'["memcg","/user.slice/user-1000.slice/session-1.scope",786432]'
	ok rank -J --root "$(derived site)" --scope db.service --limit 2G
	is '.scope.total_pages' 589824
	ends 2 rank --limit much --root "$(derived site)"
	warns much
	ends 2 rank --limit 0 --root "$(derived site)"
}

@test "no memory cgroup is mounted: the ranking works, and a scope whose limit cannot be seen is refused" {
	ok rank -J --root "$(derived no-memory-cgroup)"
	is '[.processes[0] | .pid, .cgroup]' '[100,"/somewhere"]'
	ends 2 rank -J --root "$(derived no-memory-cgroup)" --scope /somewhere
	warns '^oomkit rank: /somewhere: .*cgroup'
	ok rank -J --root "$(derived no-memory-cgroup)" --scope /somewhere --limit 512M
	is '.scope | [.constraint, .where, .total_pages]' '["memcg","/somewhere",131072]'
}

# ---------------------------------------------------------------- what if

@test "--set: another adj, by pid, by name, for several" {
	local root
	root=$(derived site)
	ok rank -J --root "$root" --set 401=1000
	is '.processes[0] | [.rank, .victim, .pid, .badness, .oom_score_adj]' '[1,true,401,2844250,1000]'
	ok rank -J --root "$root" --set firefox=1000
	is '.processes[0].pid' 401
	ok rank -a -J --root "$root" --set 'Web Content=-1000'
	is '[.processes[] | select(.comm == "Web Content") | .fate] | unique' '["adj_min"]'
	ok rank -J --root "$root" --set 510=0 --set java=0 --set=402=0
	is '.processes[0].pid' 403
	ok rank -J --root "$root" --set /system.slice/db.service=1000
	is '[.processes[:4][].pid]' '[301,302,300,303]'
	ok rank -J --root "$root" --set db.service=1000
	is '[.processes[:4][].pid]' '[301,302,300,303]'
	# And nothing was changed.
	[[ $(<"$root/proc/401/oom_score_adj") == 0 ]]
}

@test "--set splits at the last =" {
	local root
	root=$(derived_copy site)
	printf 'k=v\n' >"$root/proc/400/comm"
	sed -i 's/(bash)/(k=v)/' "$root/proc/400/stat"
	sed -i 's/^Name:	bash/Name:	k=v/' "$root/proc/400/status"
	ok rank -J --root "$root" --set k=v=1000
	is '[.processes[] | select(.pid == 400) | .oom_score_adj]' '[1000]'
}

@test "adj 1000 is not always first: the sum counts" {
	ok rank -J --root "$(derived site)" --set 400=1000
	is '[.processes[:2][] | [.pid, .badness]]' '[[510,2626010],[400,2622510]]'
}

@test "--grow: so much more memory" {
	local root
	root=$(derived site)
	ok rank -J --root "$root" --grow 400=4G -N 3
	is '[.processes[].pid]' '[510,500,400]'
	# 1510 + 1048576 pages.
	is '.processes[2].badness' 1050086
	ok rank -J --root "$root" --grow 400=4096M bash
	is '.processes[0].badness' 1050086
	ok rank -J --root "$root" --grow 400=40K bash
	is '.processes[0].badness' 1520
	ok rank -J --root "$root" --grow bash=1T
	is '.processes[0].pid' 400
}

@test "what-ifs refuse nonsense" {
	local root
	root=$(derived site)
	ends 1 rank --root "$root" --set nosuch=5
	warns nosuch
	ends 2 rank --root "$root" --set 401=1001
	warns 1001
	ends 2 rank --root "$root" --set 401=-1001
	ends 2 rank --root "$root" --set 401
	ends 2 rank --root "$root" --set =5
	ends 2 rank --root "$root" --set 401=
	ends 2 rank --root "$root" --set 401=5x
	ends 1 rank --root "$root" --grow nosuch=1G
	ends 2 rank --root "$root" --grow 401=x
	ends 2 rank --root "$root" --grow 401=-5M
}

# ---------------------------------------------------------------- footnotes

@test "sysctls that change the outcome are told" {
	ok rank --root "$(machine 6.1-v2)"
	says_nothing_of 'panic_on_oom'
	says_nothing_of 'oom_kill_allocating_task'
	ok rank --root "$(derived panic-on-oom)"
	says 'panic_on_oom'
	ok rank --root "$(derived allocating-task)"
	says 'oom_kill_allocating_task'
	# In JSON the rows stay as they are.
	ok rank -J --root "$(derived allocating-task)" -N 1
	is '[.processes[].pid]' '[80]'
}

@test "panic_on_oom 1 is for the machine alone, 2 for every cgroup too" {
	local root
	ok rank --root "$(derived panic-on-oom)" --scope /web --limit 16M
	says_nothing_of 'panic_on_oom'
	ok rank --root "$(derived panic-always)" --scope /web --limit 16M
	says 'panic_on_oom'
	# The allocating task dies in a global OOM only.
	ok rank --root "$(derived allocating-task)" --scope /web --limit 16M
	says_nothing_of 'oom_kill_allocating_task'
}

@test "oom.group and oom_kill_disable of the scope are told" {
	ok rank --root "$(derived web-group)" --scope /web
	says 'oom\.group'
	ok rank --root "$(derived web-kill-disabled)" --scope /web
	says 'oom_kill_disable'
	ok rank --root "$(derived web-limited)" --scope /web
	says_nothing_of 'oom\.group'
	ok rank --root "$(derived memsw)" --scope /asleep
	says 'oom_kill_disable'
	# oom.group counts in a global OOM too, where the victim is inside.
	ok rank --root "$(derived web-group)" --set web=1000
	says 'oom\.group'
}

@test "a process that is being killed already is told, and counted" {
	ok rank -J --root "$(derived being-killed)"
	is '.processes[] | select(.pid == 98) | [.rank, .fate]' '[2,"victim"]'
	ok rank -J --root "$(derived being-reaped)" -a
	is '.processes[] | select(.pid == 98) | [.rank, .fate]' '[null,"reaped"]'
}

# ---------------------------------------------------------------- what cannot be read

@test "without oom_score the order is the same" {
	local want
	ok rank -a -J --root "$(machine 6.1-v2)"
	want=$(jq -c '[.processes[] | select(.rank != null) | .pid]' <<<"$output")
	ok rank -a -J --root "$(derived no-oom-score)"
	is '[.processes[] | select(.rank != null) | .pid]' "$want"
	is '[.processes[].oom_score] | unique' '[null]'
	ok rank -N 3 -J --root "$(derived no-oom-score)"
	is '[.processes[].pid]' '[80,98,97]'
}

@test "a meminfo that shows a container's memory does not mislead" {
	local want
	ok rank -a -J --root "$(machine 6.1-v2)"
	want=$(jq -c '[.scope.total_pages, [.processes[] | [.pid, .badness]]]' <<<"$output")
	ok rank -a -J --root "$(derived faked-meminfo)"
	is '[.scope.total_pages, [.processes[] | [.pid, .badness]]]' "$want"
}

@test "where the size of the memory is not known, nothing is judged and nobody is said to be safe" {
	run --separate-stderr "$OOMKIT" rank -a -J --root "$(derived no-meminfo)"
	[[ -n $stderr ]]
	((status == 2)) || is '[.processes[] | select(.fate == "killable") | .badness, .model_score, .rank] | unique' '[null]'
	run --separate-stderr "$OOMKIT" rank --root "$(derived no-meminfo)"
	[[ $output$stderr != *[Nn]obody*' can be chosen'* ]]
	[[ $output$stderr == *meminfo* ]]
}

@test "a limit that cannot be read is not taken for none" {
	run --separate-stderr "$OOMKIT" rank -J -N 1 --root "$(derived odd-limit)" --scope /web
	[[ $stderr == *web* ]]
	((status == 2)) || is '.scope | .constraint == "unknown" and .total_pages == null' true
}

@test "an altered oom_score of one does not move the others" {
	ok rank -N 3 -J --root "$(derived altered-score)"
	is '[.processes[].pid]' '[80,98,97]'
}

@test "processes that vanish while they are read are no trouble" {
	ok rank -a -J --root "$(derived gone)"
	is '[.processes[] | select(.pid == 79)]' '[]'
	is '[.processes[] | select(.rank != null) | .pid] | map(select([.] | inside([98, 97, 84, 96])))' '[98,97,84,96]'
	ends 2 rank --root "$(derived no-proc)"
	ends 2 rank --root "$(derived empty-proc)"
}

@test "-q: nothing but the exit status" {
	ends 0 rank -q --root "$(derived site)"
	[[ -z $output && -z $stderr ]]
	ends 1 rank -q --root "$(derived site)" nosuch
	[[ -z $output ]]
}

@test "--sort, --adjusted and targets are heeded with --by and --kills, or refused" {
	local root
	root=$(derived site)
	ends 2 rank --kills 2 --sort nosuch --root "$root"
	ends 2 rank --by user --sort nosuch --root "$root"
	run --separate-stderr "$OOMKIT" rank --by user --adjusted -J --root "$root"
	# postgres has one that is adjusted: 300.
	((status == 2)) || is '.groups[] | select(.name == "postgres") | [.processes, .badness]' '[1,-2318800]'
	run --separate-stderr "$OOMKIT" rank --kills 2 --adjusted -J --root "$root"
	((status == 2)) || is '[.kills[].pid]' '[510,500]'
	ok rank --by user --list-columns
	grep -qw worst_pid <<<"$output" || grep -qw worst <<<"$output"
	! grep -qw killed_with <<<"$output" || false
	ok rank --kills 1 --list-columns
	grep -qw freed <<<"$output"
}

@test "wrong usage ends with 2" {
	ends 2 rank --nosuch
	warns nosuch
	ends 2 rank --kills 0 --root "$(derived site)"
	ends 2 rank --kills x --root "$(derived site)"
	ends 2 rank --kernel x.y --root "$(derived site)"
}
