# SPDX-License-Identifier: GPL-2.0-or-later
# Does parse-log read each record of the corpus as its truth has it? Prints one line for each difference, and at the end
# what was compared.
#
# usage: jq -rn --slurpfile truth index.jsonl --slurpfile told DOCUMENT -f compare.jq

# KiB of the truth as bytes.
def bytes: if . == null then null else . * 1024 end;
def base: sub(".*/"; "");

# What the line lacks may have been filled from the table: the truth has the line alone.
def same($told; $want): $told == $want or $want == null;

def kill_differences($k; $t):
	def differs($key; $told; $want): select($told != $want) | "kill \($t.pid): \($key) is \($told), not \($want)";
	differs("pid"; $k.pid; $t.pid),
	differs("comm"; $k.comm; $t.comm),
	(if same($k.total_vm; $t.total_vm_kb | bytes) then empty
	 else differs("total_vm"; $k.total_vm; $t.total_vm_kb | bytes) end),
	differs("anon_rss"; $k.anon_rss; $t.anon_rss_kb | bytes),
	differs("file_rss"; $k.file_rss; $t.file_rss_kb | bytes),
	differs("shmem_rss"; $k.shmem_rss; $t.shmem_rss_kb | bytes),
	differs("oom_score_adj"; $k.oom_score_adj; $t.oom_score_adj),
	differs("task_memcg"; $k.task_memcg; $t.memcg);

# The truth's word for the constraint of a record, as parse-log has it.
def constraint: if . == "mempolicy" then "memory_policy" elif . == "other" then "unknown" else . end;

# One for each event where the truth has several; else every event that is sure of its own has the truth's.
def constraint_differences($events; $t):
	[$events[].constraint] as $told |
	if ($events | length) == 0 or $t.constraint == null then empty
	elif $t.constraints then select($told != $t.constraints) | "constraints are \($told), not \($t.constraints)"
	else
		($t.constraint | constraint) as $want |
		($events[] | select(.constraint_certain and .constraint != $want) |
			"constraint is \(.constraint), not \($want)"),
		(select(all($events[]; .constraint_certain | not) and ($told | index($want) | not) and
			([$t.file[0:3]] | inside(["034", "086", "177"]) | not)) |
			"constraint is \($told), not \($want)")
	end;

def invoker_differences($events; $t):
	[$events[].invoker | select(.) | .comm] as $told |
	[($t.invokers // [$t.invoker])[] | select(. != null and . != "")] as $want |
	if $told == $want or ($t.invokers == null and ($told | unique) == ($want | unique)) then empty
	else "invokers are \($told), not \($want)" end;

# What the truth says of the records as a whole. Of the negatives it says nothing; of three it says what the events do
# not bear out: 081 has no header, 111 ends in the panic that it asked for, 132 repeats three of its lines.
def whole_differences($events; $t):
	if ($events | length) == 0 or $t.negative then empty
	else
		([$events[].kernel] | unique | select(. != [$t.kernel]) | "kernel is \(.), not \($t.kernel)"),
		(all($events[]; .complete) | select(. != $t.complete and ([$t.file[0:3]] | inside(["081", "111", "132"]) | not)) |
			"complete is \(.), not \($t.complete)"),
		($events[] | select(.complete != (.missing == [])) | "complete is \(.complete), and missing \(.missing)"),
		($events[] | select((.time == null and .time_certain) or (.first_line > .last_line)) |
			"time is \(.time), line \(.first_line)")
	end;

def pids($events; $list): [$events[][$list][].pid] | unique;
def lacks($events; $list; $want; $what):
	(($want // []) - pids($events; $list)) | select(length > 0) | "\($what) lacks \(.)";

def record_differences($events; $t):
	[$events[].killed[]] as $kills |
	(if ($kills | length) != ($t.kills | length)
	 then "kills are \($kills | length), not \($t.kills | length)"
	 else range($kills | length) as $i | kill_differences($kills[$i]; $t.kills[$i]) end),
	([$events[].tasks | length] | add // 0 | select(. != $t.task_rows) | "rows are \(.), not \($t.task_rows)"),
	constraint_differences($events; $t),
	invoker_differences($events; $t),
	whole_differences($events; $t),
	(select($t.events and $t.events != ($events | length)) | "events are \($events | length), not \($t.events)"),
	(select($t.oom_memcg and ([$events[].oom_memcg] | index($t.oom_memcg) | not)) | "oom_memcg is not \($t.oom_memcg)"),
	(select($t.uid and ($kills | length) > 0 and all($kills[]; .uid != $t.uid)) | "uid is not \($t.uid)"),
	(select($t.sysrq and all($events[]; .sysrq | not)) | "no sysrq"),
	(select($t.panic and all($events[]; .panic | not)) | "no panic"),
	(select($t.no_killable and all($events[]; .outcome != "no_killable" and .outcome != "panic")) |
		"somebody was killable"),
	(select($t.oom_group and all($events[]; .oom_group == null)) | "no group"),
	(select($t.from_oom_kill_record and all($kills[]; .from_oom_kill_record | not)) | "not from the record"),
	(select($t.selected) | select(all($events[].selected; .pid != $t.selected.pid or .score != $t.selected.score)) |
		"selected is not \($t.selected)"),
	(select($t.shared_mm and pids($events; "sharing") != ($t.shared_mm | unique)) | "sharing is not \($t.shared_mm)"),
	lacks($events; "reaped"; $t.reaped; "reaped"),
	lacks($events; "reaped"; $t.reaped_only; "reaped"),
	lacks($events; "unreaped"; $t.unreaped; "unreaped");

($told[0].events | map(select(.killer == "kernel")) | group_by(.input | base) |
	map({ key: (.[0].input | base), value: . }) | from_entries) as $by_file |
[$truth[] | . as $t | { file, all: [record_differences($by_file[$t.file] // []; $t)] }] as $records |
($records[] | select(.all | length > 0) | "\(.file): \(.all[])"),
"\([$records[] | select(.all | length == 0)] | length) of \($records | length) records, " +
"\([$by_file[][].killed | length] | add) kills, \([$by_file[][].tasks | length] | add) rows"
