# SPDX-License-Identifier: GPL-2.0-or-later
# What do the figures of a bench run say? Reads its results (one program on one population a line,
# separated by tabs) and prints the table and, for each target, whether it is reached.

BEGIN {
	FS = "\t"
	FREE = 2 * 1024 * 1024	# a program may have so much memory whatever the machine runs
}

{
	key = $1 " " $2
	if (!(key in procs)) {
		order[++populations] = key
		procs[key] = $3
		strings[key] = $4
	}
	name[key, ++programs[key]] = $5
	id = key SUBSEP $5
	state[id] = $11
	if ($11 == 0 && $6 > 0) {
		min[id] = $7
		median[id] = $8
		cpu[id] = $9
		peak[id] = $12 == "-" ? $10 : $12
	}
}

function has(key, program) {
	return (key SUBSEP program) in min
}

# The floor that a program is held against; "" for one that has none.
function floor_of(key, program,    kind) {
	kind = program ~ /, static$/ ? ", static" : ""
	if (program ~ /^cgroup -J/)
		return "floor cgroup -J" kind
	if (program ~ /^cgroup($|,)/)
		return "floor cgroup" kind
	if (program ~ /^rank -N 10/ && key ~ /standout$/)
		return "floor one" kind
	if (program ~ /^(rank|score$|score,|explain)/)
		return "floor model" kind
	return ""
}

# Bytes a process above the free 2 MiB, without cmdline and cgroup where these are shown.
function bytes_per_process(key, program,    bytes) {
	bytes = peak[key SUBSEP program] * 1024 - FREE
	if (program == "rank -a" || program == "rank -a -J")
		bytes -= strings[key]
	return bytes > 0 ? bytes / procs[key] : 0
}

function ratio(key, program, other) {
	if (!has(key, program) || !has(key, other))
		return "-"
	return min[key SUBSEP program] / min[key SUBSEP other]
}

function cpu_ratio(key, program, other) {
	if (!has(key, program) || !has(key, other) || cpu[key SUBSEP other] == 0)
		return "-"
	return cpu[key SUBSEP program] / cpu[key SUBSEP other]
}

function figure(value) {
	return value == "-" ? value : sprintf("%.2f", value)
}

function print_row(key, program,    id, floor) {
	id = key SUBSEP program
	if (!(id in min)) {
		printf "  %-20s ", program
		print state[id] == 127 ? "is not there" : "failed with status " state[id]
		return
	}
	floor = floor_of(key, program)
	printf "  %-20s %9.2f %9.2f", program, min[id] / 1000, median[id] / 1000
	printf " %9.2f %8s", cpu[id] / 1000, floor == "" ? "-" : figure(ratio(key, program, floor))
	printf " %8s", floor == "" ? "-" : figure(cpu_ratio(key, program, floor))
	printf " %8s", figure(ratio(key, "ps", program))
	printf " %9d %8.0f\n", peak[id], bytes_per_process(key, program)
}

function print_population(key,    i) {
	split(key, word, " ")
	if (word[2] == "cgroups")
		printf "%s memory cgroups (B/proc: for each of them)\n", word[1]
	else
		printf "%s processes, %s (%d in /proc)\n", word[1],
		       word[2] == "tied" ? "all tied" : "12 stand out", procs[key]
	printf "  %-20s %9s %9s %9s", "", "min ms", "median", "cpu ms"
	printf " %8s %8s %8s %9s %8s\n", "x floor", "cpu x", "ps / it", "peak KiB", "B/proc"
	for (i = 1; i <= programs[key]; i++)
		print_row(key, name[key, i])
	print ""
}

# One target: the figure that is there, the same of the processor's time ("" where there is none),
# and the most that it may be, or the least.
function target(text, value, of_cpu, most, least,    reached) {
	if (value == "-") {
		printf "  %-12s %s\n", "not measured", text
		return
	}
	reached = least == "" ? value <= most : value >= least
	printf "  %-12s %-57s %7.2f (%s%s)\n", reached ? "reached" : "NOT REACHED", text, value,
	       least == "" ? "at most " most : "at least " least,
	       of_cpu == "" ? "" : sprintf("; of processor time %.2f", of_cpu)
}

function time_target(text, key, program, other, most, least) {
	target(text, ratio(key, program, other), cpu_ratio(key, program, other), most, least)
}

function memory_target(key, size, program) {
	target(size ": " program ", peak bytes a process above 2 MiB",
	       has(key, program) ? bytes_per_process(key, program) : "-", "", 200)
}

function print_targets(key,    standout, floor, size) {
	split(key, word, " ")
	size = word[1]
	if (word[2] == "cgroups") {
		time_target(size " cgroups: cgroup against its floor", key, "cgroup", "floor cgroup", 1.3)
		time_target(size " cgroups: cgroup -J against its floor", key, "cgroup -J",
			    "floor cgroup -J", 1.3)
		return
	}
	standout = word[2] == "standout"
	floor = floor_of(key, "rank -N 10")
	time_target(size " " word[2] ": rank -N 10 against " floor, key, "rank -N 10", floor,
		    standout ? 1.3 : 1.15)
	time_target(size " " word[2] ": rank -a -o against floor model", key, "rank -a -o",
		    "floor model", 1.15)
	if (!standout)
		return
	time_target(size ": ps against rank -N 10", key, "ps", "rank -N 10", "", 5)
	time_target(size ": score PID, static, against choom PID", key, "score PID, static",
		    "choom PID", 1)
	memory_target(key, size, "rank -N 10")
	memory_target(key, size, "rank -a")
	memory_target(key, size, "rank -a -J")
	memory_target(key, size, "score")
}

END {
	for (p = 1; p <= populations; p++)
		print_population(order[p])
	print "Targets"
	for (p = 1; p <= populations; p++)
		print_targets(order[p])
}
