# SPDX-License-Identifier: GPL-2.0-or-later
# What did the guests say? Reads the list of guests, and of each what it printed; prints the table and the count.
# usage: awk -f tests/lab/report.awk GUESTS RESULTS_DIR

# Of a mode's kills so many may be near: reclaim of file pages changed the places of two that stood close together. One
# may be in any case: a few rounds cannot tell a share of two in a hundred.
BEGIN { NEAR_PERCENT = 2 }

function read_guest(name, file,	line, f, n) {
	while ((getline line < file) > 0) {
		n = split(line, f, " ")
		if (f[1] == "kill") {
			kills[name]++
			count[name, f[5]]++
			if (f[5] !~ /^(right|near|wrong|none)$/) {
				# A line that was garbled on its way tells nothing, and nothing is no success.
				count[name, "wrong"]++
				f[5] = "wrong"
			}
			if (f[5] == "wrong" || f[5] == "none")
				complain[++complaints] = name ": " line
		} else if (f[1] == "detail") {
			complain[++complaints] = name ": " substr(line, 1, 400)
		} else if (f[1] == "score") {
			compared[name] += f[5]
			differ[name] += f[6]
		} else if (f[1] == "check") {
			# What a mode that kills nobody has looked at.
			checks[name]++
			if (f[5] == "ok") {
				held[name]++
			} else {
				complain[++complaints] = name ": " line
			}
		} else if (f[1] == "storm") {
			storms[name]++
			# What is frozen forks nobody.
			if (f[5] !~ /frozen$/) {
				forks[name] += f[7]
				storm_ms[name] += f[8]
			}
			if (f[6] == 64)
				unsettled[name]++
		} else if (f[1] == "stray") {
			strays[name]++
		} else if (f[1] == "lacking") {
			lacking[name] = line
		} else if (f[1] == "begin") {
			begun[name]++
		} else if (f[1] == "end") {
			ended[name]++
		} else if (line ~ /^guest: |^population: |Kernel panic/) {
			complain[++complaints] = name ": " line
		}
	}
	close(file)
}

# What parse-log told of the guest's log, and watch of the guest: tests/lab/check-log.
function read_parse(name, file,	line, f, i) {
	while ((getline line < file) > 0) {
		split(line, f, " ")
		if (f[1] == "detail")
			complain[++complaints] = name ": " substr(line, 1, 400)
		else if (f[1] == "parse")
			for (i = 2; i <= 11; i++)
				parse[name, i] += f[i]
		else if (f[1] == "watch")
			for (i = 2; i <= 6; i++)
				watch[name, i] += f[i]
	}
	close(file)
}

# Kills, constraints and rows of the log that parse-log tells otherwise than the guest, and kills that the log has lost.
function parse_wrong(name) {
	return parse[name, 4] + parse[name, 5] + parse[name, 6] + parse[name, 7] + parse[name, 11]
}

# Kills that watch did not tell, told twice or told of nobody, and records that it has lost.
function watch_wrong(name) {
	return watch[name, 3] + watch[name, 4] + watch[name, 5]
}

function row(what, name,	line) {
	line = sprintf("%-28s %6d %6d %5d %6d %5d %9d %6d %7d %6d %6d %5d %6d %7d %5d %6d  %s", what, kills[name], count[name, "right"],
		count[name, "near"], count[name, "wrong"], count[name, "none"], compared[name], differ[name],
		parse[name, 2], parse_wrong(name), parse[name, 8], parse[name, 9], parse[name, 10],
		watch[name, 2], watch[name, 6], watch_wrong(name), remark[name])
	sub(/ +$/, "", line)
	print line
}

function add(to, name,	i) {
	for (i = 2; i <= 11; i++)
		parse[to, i] += parse[name, i]
	for (i = 2; i <= 6; i++)
		watch[to, i] += watch[name, i]
	kills[to] += kills[name]
	compared[to] += compared[name]
	differ[to] += differ[name]
	count[to, "right"] += count[name, "right"]
	count[to, "near"] += count[name, "near"]
	count[to, "wrong"] += count[name, "wrong"]
	count[to, "none"] += count[name, "none"]
}

# The cgroups that were set while they forked: how fast, and of how many it was said that some may have been missed.
function of_storms(name) {
	if (!storms[name])
		return ""
	return sprintf("; %d storms, %d forks a second, %d not settled and said so", storms[name],
		forks[name] * 1000 / (storm_ms[name] + !storm_ms[name]), unsettled[name])
}

# What of it has passed and failed.
function judge(name,	near) {
	near = count[name, "near"]
	passed += count[name, "right"]
	if (near <= 1 || near * 100 <= kills[name] * NEAR_PERCENT)
		passed += near
	else
		failed += near
	passed += held[name]
	failed += count[name, "wrong"] + count[name, "none"] + differ[name] + checks[name] - held[name]
	failed += parse_wrong(name) + parse[name, 10] + watch_wrong(name)
	if (kills[name] && !parse[name, 2]) {
		failed++
		complain[++complaints] = name ": the log was not read"
	}
	if (!ended[name] || ended[name] < begun[name]) {
		failed++
		remark[name] = "the guest did not come to its end"
	} else if (name in lacking) {
		remark[name] = lacking[name]
	} else if (checks[name]) {
		remark[name] = checks[name] " checks, " checks[name] - held[name] " failed" of_storms(name)
	} else if (!kills[name]) {
		failed++
		remark[name] = "nothing was killed"
	} else if (strays[name]) {
		remark[name] = strays[name] " killed for another's need, of which oomkit was not asked"
	}
}

BEGIN {
	results = ARGV[2]
	ARGC = 2
}
{
	name = $1 "-v" $2 "-" $3
	read_guest(name, results "/" name ".out")
	read_parse(name, results "/" name ".parse")
	judge(name)
	guest[++guests] = name
	mode[guests] = $3
	machine[guests] = $1 " v" $2
}

END {
	while (("ls " results) | getline file)
		if (file ~ /\.missing$/) {
			sub(/\.missing$/, "", file)
			missing[file] = 1
			failed++
		} else if (file ~ /\.release$/) {
			path = results "/" file
			sub(/\.release$/, "", file)
			getline release[file] < path
		}
	printf "\n%-28s %6s %6s %5s %6s %5s %9s %6s %7s %6s %6s %5s %6s %7s %5s %6s\n", "", "", "", "", "", "", "scores", "",
		"logged", "", "judged", "again", "", "watched", "", ""
	printf "%-28s %6s %6s %5s %6s %5s %9s %6s %7s %6s %6s %5s %6s %7s %5s %6s\n", "kernel, cgroup, mode", "kills", "right",
		"near", "wrong", "none", "compared", "differ", "kills", "wrong", "agree", "open", "differ", "kills", "ended", "wrong"
	for (i = 1; i <= guests; i++) {
		row(machine[i] " " mode[i], guest[i])
		add(machine[i], guest[i])
		add("all", guest[i])
	}
	print ""
	for (i = 1; i <= guests; i++)
		if (!seen[machine[i]]++) {
			split(machine[i], part, " ")
			remark[machine[i]] = "Linux " release[part[1]]
			row(machine[i] ", all modes", machine[i])
		}
	for (file in missing)
		printf "%-28s cannot be had from the mirror\n", file
	row("all", "all")
	# Last, where one who sees the end alone sees what went wrong.
	if (complaints)
		print ""
	for (i = 1; i <= complaints; i++)
		print complain[i]
	printf "\n%d passed, %d failed\n", passed, failed
	exit failed || !passed
}
