# SPDX-License-Identifier: GPL-2.0-or-later
# Is each event of tests/render.c read as it was written, through every transport? Prints one line for each difference,
# and at the end what was compared.
#
# usage: jq -rn --slurpfile truth truth.json --slurpfile transports transports.json --slurpfile told DOCUMENT -f rendered.jq

# Where told has another value than want, for the keys that want has.
def differences($path; $told; $want):
	if ($want | type) == "object" and ($told | type) == "object" then
		($want | keys_unsorted[]) as $key | differences($path + "." + $key; $told[$key]; $want[$key])
	elif ($want | type) == "array" and ($told | type) == "array" and ($want | length) == ($told | length) then
		range($want | length) as $i | differences("\($path)[\($i)]"; $told[$i]; $want[$i])
	elif $told == $want then empty
	else "\($path) is \($told | tojson), not \($want | tojson)" end;

# The parts that the truth names in another way than the document.
def shaped:
	.reaped |= map(.pid) | .unreaped |= map(.pid) | .sharing |= map(.pid) |
	if .mem_info then .mem_info.zone = .mem_info.zones[0] else . end;

# Where a mailer breaks a path at a blank, nobody can tell whether there was one.
def squeezed($t): if $t.blanks_lost then .oom_memcg |= (if . then gsub(" "; "") else . end) |
	.killed |= map(.task_memcg |= (if . then gsub(" "; "") else . end)) else . end;

# What the transport keeps of an event: who wrote it, and when.
def wanted($t; $event):
	$event + { host: (if $t.host then "web-1" else null end),
		uptime_usec: (if $t.uptime then $event.uptime_usec else null end),
		time_certain: ($t.when == 2) } |
	# A release that no line of this event tells is the last that was told before.
	if .kernel == null then del(.kernel) else . end | del(.name);

# 09:00:00 is 5000 seconds after boot.
def time_difference($t; $told; $event):
	(($event.uptime_usec / 1000000 | floor) - 5000 + 1795424400 | todateiso8601 | .[0:19]) as $want |
	if $t.when == 0 and $told.time != null then "time is \($told.time), which nothing tells"
	elif $t.when > 0 and ($told.time // "" | .[0:19]) != $want then "time is \($told.time), not \($want)"
	else empty end;

($told[0].events | group_by(.input | sub(".*/"; "")) | map({ key: (.[0].input | sub(".*/"; "") | sub("\\.log$"; "")), value: . }) |
	from_entries) as $by |
[$transports[] | . as $t | ($by[$t.name] // []) as $events |
	if ($events | length) != ($truth | length) then "\($t.name): \($events | length) events, not \($truth | length)" else empty end,
	(range([$events, $truth] | map(length) | min) as $i | ($truth[$i] | squeezed($t)) as $want | ($events[$i] | shaped | squeezed($t)) as $told |
		(differences(""; $told; wanted($t; $want)), time_difference($t; $told; $want)) |
		"\($t.name): \($want.name), line \($told.first_line): \(.)")] as $all |
$all[], "\($transports | length) transports of \($truth | length) events, \($all | length) differences"
