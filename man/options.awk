# SPDX-License-Identifier: GPL-2.0-or-later
# How do the rows of `oomkit help --dump` read in a man page? Prints the page with its lines @OPTIONS@, @COLUMNS@,
# @COMMANDS@ and @SYNOPSIS@ replaced by what the rows say of one command.
#
# usage: awk -v command=NAME -f options.awk DUMP PAGE

BEGIN { FS = "\t" }

FNR == NR && $1 == "option" && $2 == command {
	n++
	heading[n] = $3
	short[n] = $4
	long[n] = $5
	type[n] = $6
	doc[n] = $7
}
FNR == NR && $1 == "column" && $2 == command { key[++n_columns] = $3; header[n_columns] = $4; text[n_columns] = $5 }
FNR == NR && $1 == "command" { name[++n_commands] = $2; summary[n_commands] = $3 }
FNR == NR && $1 == "arguments" && $2 == command { form[++n_forms] = $3 }
FNR == NR { next }

/^@OPTIONS@$/ { print_options(); next }
/^@COLUMNS@$/ { print_columns(); next }
/^@COMMANDS@$/ { print_commands(); next }
/^@SYNOPSIS@$/ { print_synopsis(); next }
/SPDX/ {
	print
	print ".\\\" Made out of the page of the same name with .in and the option tables by man/generate; what is"
	print ".\\\" changed here is lost."
	next
}
{ print }

# Text as roff takes it: a "-" is a minus sign, as it is typed.
function roff(s) {
	gsub(/\\/, "\\e", s)
	gsub(/-/, "\\-", s)
	if (s ~ /^[.']/)
		s = "\\&" s
	return s
}

function bold(s) {
	return "\\fB" roff(s) "\\fR"
}

# What is typed as it stands is bold, what stands for something is italic.
function metavar(s,    out, word) {
	out = ""
	while (match(s, /[A-Za-z]+/)) {
		word = substr(s, RSTART, RLENGTH)
		out = out roff(substr(s, 1, RSTART - 1)) (word ~ /^[A-Z]+$/ ? "\\fI" word "\\fR" : bold(word))
		s = substr(s, RSTART + RLENGTH)
	}
	return out roff(s)
}

function sentence(s) {
	return roff(s) (s ~ /[.!?]$/ ? "" : ".")
}

function print_options(    i, last, line) {
	last = "Options"
	for (i = 1; i <= n; i++) {
		if (heading[i] != last) {
			print ".SS " roff(heading[i])
			last = heading[i]
		}
		line = short[i] == "" ? "" : bold(short[i])
		if (long[i] != "")
			line = line (line == "" ? "" : ", ") bold(long[i])
		if (type[i] != "")
			line = line (long[i] == "" ? " " : "=") metavar(type[i])
		print ".TP"
		print line
		print sentence(doc[i])
	}
}

function print_columns(    i) {
	for (i = 1; i <= n_columns; i++) {
		print ".TP"
		print bold(key[i]) " (" roff(header[i]) ")"
		print sentence(text[i])
	}
}

function print_commands(    i) {
	for (i = 1; i <= n_commands; i++) {
		print ".TP"
		print bold(name[i])
		print sentence(toupper(substr(summary[i], 1, 1)) substr(summary[i], 2))
	}
}

function print_synopsis(    i) {
	for (i = 1; i <= n_forms; i++) {
		if (i > 1)
			print ".br"
		print bold(command == "oomkit" ? command : "oomkit " command) \
			(command == "oomkit" ? "" : " [\\fIOPTION\\fR...]") " " metavar(form[i])
	}
}
