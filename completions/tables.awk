# SPDX-License-Identifier: GPL-2.0-or-later
# How do the rows of `oomkit help --dump` read as tables of a shell? Prints the template with its line @TABLES@ replaced.
#
# usage: awk -v shell=bash|zsh|fish -f tables.awk DUMP TEMPLATE

BEGIN {
	FS = "\t"
	quote = "'"
}

FNR == NR && $1 == "program" { add_command($2, $3) }
FNR == NR && $1 == "command" { add_command($2, $3); commands = commands " " $2 }
FNR == NR && $1 == "link" { links = links " " $2 }
FNR == NR && $1 == "arguments" { arguments[$2] = arguments[$2] " " $3 }
FNR == NR && $1 == "kernel" && !seen[$2]++ { kernels = kernels " " $2 }
FNR == NR && $1 == "column" { columns[$2] = columns[$2] " " $3; help[$2, $3] = $5 }
FNR == NR && $1 == "option" {
	n = ++options[$2]
	short[$2, n] = $4
	long[$2, n] = $5
	type[$2, n] = $6
	doc[$2, n] = $7
}
FNR == NR { next }

/^@TABLES@$/ {
	if (shell == "bash")
		bash_tables()
	else if (shell == "zsh")
		zsh_tables()
	else
		fish_tables()
	next
}
/^#compdef / {
	print "#compdef " programs()
	next
}
/SPDX/ {
	print
	print "# Made out of the option tables by man/generate; what is changed here is lost."
	next
}
{ print }

function add_command(name, text) {
	name_of[++n_commands] = name
	summary[name] = text
}

# What a bare argument of the command is: TARGET, COMMAND, FILE or nothing.
function argument_of(command) {
	if (command == "oomkit")
		return "COMMAND"
	if (arguments[command] ~ /TARGET/)
		return "TARGET"
	if (arguments[command] ~ /COMMAND/)
		return "COMMAND"
	if (arguments[command] ~ /FILE/)
		return "FILE"
	return ""
}

# Every name that the program is called by.
function programs(    a, i, n, all) {
	all = "oomkit"
	n = split(substr(links, 2), a, " ")
	for (i = 1; i <= n; i++)
		all = all " oom-" a[i] " oomkit-" a[i]
	return all
}

function quoted(s) {
	if (shell == "fish")
		gsub(/[\\']/, "\\\\&", s)
	else
		gsub(/'/, "'\\''", s)
	return quote s quote
}

# ---------------------------------------------------------------- bash

function bash_tables(    c, i, name, all) {
	print "__oomkit_commands=" quoted(substr(commands, 2))
	print "__oomkit_kernels=" quoted(substr(kernels, 2))
	print ""
	print "# COMMAND: its options"
	print "__oomkit_options() {"
	print "\tcase $1 in"
	for (c = 1; c <= n_commands; c++) {
		name = name_of[c]
		all = ""
		for (i = 1; i <= options[name]; i++)
			all = all " " short[name, i] (short[name, i] != "" && long[name, i] != "" ? " " : "") long[name, i]
		print "\t" name ") REPLY=" quoted(substr(all, 2)) " ;;"
	}
	print "\t*) REPLY= ;;"
	print "\tesac"
	print "}"
	print ""
	print "# COMMAND OPTION: the type of its value; nothing where it takes none"
	print "__oomkit_type() {"
	print "\tcase \"$1 $2\" in"
	for (c = 1; c <= n_commands; c++) {
		name = name_of[c]
		for (i = 1; i <= options[name]; i++)
			if (type[name, i] != "")
				print "\t" bash_pattern(name, short[name, i], long[name, i]) \
					") REPLY=" quoted(type[name, i]) " ;;"
	}
	print "\t*) REPLY= ;;"
	print "\tesac"
	print "}"
	print ""
	print "# COMMAND: the names of its columns"
	print "__oomkit_columns() {"
	print "\tcase $1 in"
	for (c = 1; c <= n_commands; c++)
		if (name_of[c] in columns)
			print "\t" name_of[c] ") REPLY=" quoted(substr(columns[name_of[c]], 2)) " ;;"
	print "\t*) REPLY= ;;"
	print "\tesac"
	print "}"
	print ""
	print "# COMMAND: what its arguments are"
	print "__oomkit_argument() {"
	print "\tcase $1 in"
	for (c = 1; c <= n_commands; c++)
		if (argument_of(name_of[c]) != "")
			print "\t" name_of[c] ") REPLY=" argument_of(name_of[c]) " ;;"
	print "\t*) REPLY= ;;"
	print "\tesac"
	print "}"
	print ""
	print "complete -F _oomkit " programs()
}

function bash_pattern(name, s, l) {
	if (s != "" && l != "")
		return quoted(name " " s) " | " quoted(name " " l)
	return quoted(name " " s l)
}

# ---------------------------------------------------------------- zsh

function zsh_tables(    c, i, name, a, n) {
	print "__oomkit_commands=("
	for (c = 1; c <= n_commands; c++)
		if (name_of[c] != "oomkit")
			print "\t" quoted(name_of[c] ":" zsh_escaped(summary[name_of[c]]))
	print ")"
	print "__oomkit_kernels=(" kernels " )"
	print ""
	print "# COMMAND: the specifications of its options, for _arguments"
	print "__oomkit_specs() {"
	print "\tcase $1 in"
	for (c = 1; c <= n_commands; c++) {
		name = name_of[c]
		print "\t" name ")"
		print "\t\treply=("
		for (i = 1; i <= options[name]; i++) {
			if (short[name, i] != "")
				print "\t\t\t" zsh_spec(short[name, i], type[name, i] != "" ? "+" : "", name, i)
			if (long[name, i] != "")
				print "\t\t\t" zsh_spec(long[name, i], type[name, i] != "" ? "=" : "", name, i)
		}
		print "\t\t)"
		print "\t\t;;"
	}
	print "\tesac"
	print "}"
	print ""
	print "# COMMAND: its columns, each with what it holds"
	print "__oomkit_columns() {"
	print "\treply=()"
	print "\tcase $1 in"
	for (c = 1; c <= n_commands; c++) {
		name = name_of[c]
		if (!(name in columns))
			continue
		print "\t" name ")"
		print "\t\treply=("
		n = split(substr(columns[name], 2), a, " ")
		for (i = 1; i <= n; i++)
			print "\t\t\t" quoted(a[i] ":" zsh_escaped(help[name, a[i]]))
		print "\t\t)"
		print "\t\t;;"
	}
	print "\tesac"
	print "}"
	print ""
	print "# COMMAND: what its arguments are"
	print "__oomkit_argument() {"
	print "\tcase $1 in"
	for (c = 1; c <= n_commands; c++)
		if (argument_of(name_of[c]) != "")
			print "\t" name_of[c] ") REPLY=" argument_of(name_of[c]) " ;;"
	print "\t*) REPLY= ;;"
	print "\tesac"
	print "}"
}

function zsh_escaped(s) {
	gsub(/:/, "\\:", s)
	gsub(/\[/, "\\[", s)
	gsub(/\]/, "\\]", s)
	return s
}

function zsh_spec(option, joint, name, i,    spec) {
	spec = "*" option joint "[" zsh_escaped(doc[name, i]) "]"
	if (type[name, i] != "")
		spec = spec ":" zsh_escaped(type[name, i]) ": __oomkit_value " name " \"" type[name, i] "\""
	return quoted(spec)
}

# ---------------------------------------------------------------- fish

function fish_tables(    c, i, name, a, n) {
	print "set -g __oomkit_programs " programs()
	print "set -g __oomkit_kernels" kernels
	print ""
	print "# COMMAND: its columns, each with what it holds"
	print "function __oomkit_columns"
	print "    switch $argv[1]"
	for (c = 1; c <= n_commands; c++) {
		name = name_of[c]
		if (!(name in columns))
			continue
		print "        case " name
		n = split(substr(columns[name], 2), a, " ")
		for (i = 1; i <= n; i++)
			print "            printf '%s\\t%s\\n' " a[i] " " quoted(help[name, a[i]])
	}
	print "    end"
	print "end"
	print ""
	print "# The options that take a value, as COMMAND OPTION"
	print "set -g __oomkit_with_value \\"
	for (c = 1; c <= n_commands; c++) {
		name = name_of[c]
		for (i = 1; i <= options[name]; i++)
			if (type[name, i] != "") {
				if (short[name, i] != "")
					print "    " quoted(name " " short[name, i]) " \\"
				if (long[name, i] != "")
					print "    " quoted(name " " long[name, i]) " \\"
			}
	}
	print "    ''"
	print ""
	for (c = 1; c <= n_commands; c++)
		if (name_of[c] != "oomkit")
			print "__oomkit_add oomkit -x -a " name_of[c] " -d " quoted(summary[name_of[c]])
	for (c = 1; c <= n_commands; c++) {
		name = name_of[c]
		print ""
		if (argument_of(name) == "FILE")
			print "__oomkit_add " name " -F"
		else if (name != "oomkit" && argument_of(name) != "")
			print "__oomkit_add " name " -x -a " quoted("(__oomkit_value " name " " argument_of(name) ")")
		for (i = 1; i <= options[name]; i++)
			print "__oomkit_add " name fish_option(name, i)
	}
}

function fish_option(name, i,    s) {
	if (short[name, i] != "")
		s = s " -s " substr(short[name, i], 2)
	if (long[name, i] != "")
		s = s " -l " substr(long[name, i], 3)
	if (type[name, i] != "")
		s = s " -x -a " quoted("(__oomkit_value " name " " quoted(type[name, i]) ")")
	return s " -d " quoted(doc[name, i])
}
