#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # run sets status, output, stderr; each test is a subshell
# Do help, man pages and completions say the same as the program, and does what they show work? The completions are
# asked in a real bash, zsh and fish.

load helper

setup_file() {
	export DUMP=$BATS_FILE_TMPDIR/dump GENERATED=$BATS_FILE_TMPDIR/generated CAPTURE_DUMP=$BATS_FILE_TMPDIR/compinit
	"$OOMKIT" help --dump >"$DUMP"
	# shellcheck disable=SC2153 # the helper sets it
	"$ROOT/man/generate" "$OOMKIT" "$GENERATED"
}

setup() {
	MACHINE=$(machine 6.1-v2)
	# The log that examples name: of the same machine, from the corpus.
	EXAMPLES=$BATS_TEST_TMPDIR/examples
	mkdir -p "$EXAMPLES"
	LIST=$("$OOMKIT" --list)
	# A loop over nothing would pass.
	[[ $(wc -l <<<"$LIST") -ge 3 ]]
}

# options COMMAND: its long options, or its short one where it has no long one.
options() {
	awk -F '\t' -v c="$1" '$1 == "option" && $2 == c { print $5 != "" ? $5 : $4 }' "$DUMP"
}

# plain FILE: that man page as text without bold and underline.
plain() {
	mandoc -T ascii -O width=78 "$1" | sed 's/.\x08//g'
}

# page COMMAND: its man page as text.
page() {
	local name=oomkit
	[[ $1 == oomkit ]] || name=oomkit-$1
	plain "$ROOT/man/$name.1"
}

# section HEADING: that section of the page on stdin.
section() {
	awk -v h="$1" '/^[A-Z]/ { on = $0 == h } on'
}

# ------------------------------------------------------------------ help = man = completions

@test "the man pages and completions are those that the program's tables make" {
	for file in "$GENERATED"/*/*; do
		name=${file#"$GENERATED"/}
		run -0 diff -u "$ROOT/$name" "$file"
	done
	assert_equal "$(cd "$GENERATED" && ls completions)" "$(printf '%s\n' _oomkit oomkit.bash oomkit.fish)"
	for name in $LIST; do
		[[ -e $GENERATED/man/oomkit-$name.1 ]] || fail "$name has no man page"
	done
}

@test "they come out the same from every awk that is here" {
	n=0
	for awk in mawk gawk 'busybox awk' original-awk; do
		command -v "${awk%% *}" >/dev/null && $awk 'BEGIN { exit 0 }' 2>/dev/null || continue
		mkdir -p "$BATS_TEST_TMPDIR/bin"
		printf '#!/bin/sh\nexec %s "$@"\n' "$awk" >"$BATS_TEST_TMPDIR/bin/awk"
		chmod +x "$BATS_TEST_TMPDIR/bin/awk"
		PATH=$BATS_TEST_TMPDIR/bin:$PATH run -0 "$ROOT/man/generate" "$OOMKIT" "$BATS_TEST_TMPDIR/made"
		run -0 diff -r "$GENERATED" "$BATS_TEST_TMPDIR/made"
		n=$((n + 1))
	done
	((n > 0))
}

@test "a run that fails leaves the pages as they were" {
	cp -r "$GENERATED" "$BATS_TEST_TMPDIR/made"
	run -1 "$ROOT/man/generate" /bin/false "$BATS_TEST_TMPDIR/made"
	run -0 diff -r "$GENERATED" "$BATS_TEST_TMPDIR/made"
	run -2 "$ROOT/man/generate" "$OOMKIT"
}

@test "every option that --help shows stands in the man page, and the page shows no other" {
	for name in $LIST; do
		run -0 "$OOMKIT" "$name" --help
		helped=$(grep -oE '^ +(-[A-Za-z0-9], )?--[a-z-]+' <<<"$output" | grep -oE -- '--[a-z-]+' | sort -u)
		paged=$(page "$name" | section OPTIONS | grep -oE '^ {7}(-[A-Za-z0-9], )?--[a-z-]+' |
			grep -oE -- '--[a-z-]+' | sort -u)
		assert_equal "$paged" "$helped"
		[[ $(wc -l <<<"$helped") -gt 10 ]]
	done
	helped=$("$OOMKIT" --help | grep -oE -- ' --[a-z]+[ =]' | tr -d ' =' | sort -u)
	assert_equal "$(page oomkit | section OPTIONS | grep -oE -- '^ {7}.*--[a-z]+' | grep -oE -- '--[a-z]+' | sort -u)" \
		"$helped"
}

@test "every column stands in the man page" {
	for name in $LIST; do
		text=$(page "$name" | section COLUMNS)
		while IFS=$'\t' read -r key header; do
			[[ $text == *"       $key ($header)"* ]] || fail "oomkit-$name.1 lacks the column $key"
		done < <(awk -F '\t' -v c="$name" '$1 == "column" && $2 == c { print $3 "\t" $4 }' "$DUMP")
	done
}

@test "every command stands in oomkit(1), and its page in SEE ALSO" {
	text=$(page oomkit)
	for name in $LIST; do
		section COMMANDS <<<"$text" | grep -qE "^ {7}$name( |\$)" || fail "$name is not among the commands"
		section 'SEE ALSO' <<<"$text" | grep -qF "oomkit-$name(1)" || fail "oomkit-$name(1) is not in SEE ALSO"
	done
}

@test "every option-argument is of a kind that the completions know" {
	known='PID|PIDS|TARGET|NAME|REGEX|UNIT|CGROUP|CONTAINER|NODES|USER|USERS|FILE|DIR|SIZE|ADJ|NUM|KERNEL|COLUMNS'
	known+='|\[-\]COLUMN|TARGET=ADJ|TARGET=SIZE|KEY=VALUE|COMMAND|TIME|ZONE|SECONDS|SOURCES|LEVEL|LINE'
	choice='([a-z0-9_]+|NUM)'
	run -0 awk -F '\t' '$1 == "option" && $6 != "" { print $6 }' "$DUMP"
	for type in "${lines[@]}"; do
		[[ $type =~ ^($known|$choice(\|$choice)+)$ ]] || fail "what is $type?"
	done
}

@test "each row of the dump has its fields" {
	run -0 awk -F '\t' '
		BEGIN { n["program"] = n["command"] = n["arguments"] = n["sort"] = n["kernel"] = 3
			n["link"] = 2; n["option"] = 7; n["column"] = 5 }
		!($1 in n) || NF != n[$1] { print "line " NR ": " $0 }
		$1 == "option" && ($4 == "" && $5 == "" || $7 == "") { print "line " NR ": no name or no text: " $0 }
		$1 == "option" && $4 != "" && $4 !~ /^-[A-Za-z0-9]$/ { print "line " NR ": " $4 }
		$1 == "option" && $5 != "" && $5 !~ /^--[a-z][a-z-]+$/ { print "line " NR ": " $5 }
		$1 == "option" && $4 != "" && seen[$2, $4]++ { print "line " NR ": " $4 " twice" }
		$1 == "option" && $5 != "" && seen[$2, $5]++ { print "line " NR ": " $5 " twice" }
		$1 == "column" && ($3 == "" || $4 == "" || $5 == "") { print "line " NR ": " $0 }
	' "$DUMP"
	assert_output ''
	assert_equal "$(awk -F '\t' '$1 == "link" { print $2 }' "$DUMP")" "$LIST"
	# The newest rule first, the oldest last.
	assert_equal "$(awk -F '\t' '$1 == "kernel" { v = $2 } END { print v }' "$DUMP")" 2.6.11
}

# ------------------------------------------------------------------ the man pages

@test "mandoc finds nothing to warn of" {
	n=0
	for file in "$ROOT"/man/*.[1-8]; do
		run -0 mandoc -T lint -W warning "$file"
		assert_output ''
		n=$((n + 1))
	done
	((n >= 4))
}

@test "each command's page has the sections that a reader looks for" {
	for name in oomkit $LIST; do
		run -0 page "$name"
		for heading in NAME SYNOPSIS DESCRIPTION OPTIONS 'EXIT STATUS' EXAMPLES 'SEE ALSO'; do
			assert_line "$heading"
		done
		refute_output --partial '@'
	done
}

@test "a page of ours that is referred to exists" {
	n=0
	while IFS=' ' read -r name number; do
		[[ -e $ROOT/man/$name.$number ]] || fail "$name($number) does not exist"
		n=$((n + 1))
	done < <(for file in "$ROOT"/man/*.[1-8]; do
		plain "$file" | grep -oE 'oomkit(-[a-z-]+)?\([1-8]\)' | tr '()' '  '
	done | sort -u)
	((n >= 4))
}

# ------------------------------------------------------------------ examples

# examples FILE: the lines of the file that show a call of oomkit, as they are typed.
examples() {
	case $1 in
	*.[1-8]) sed -nE 's/^\$ (oom(kit |-[a-z]+ ?).*)/\1/p' "$1" | sed 's/\\-/-/g; s/\\e/\\/g; s/\\&//g' ;;
	*) sed -nE 's/^\$ (oom(kit |-[a-z]+ ?).*)/\1/p' "$1" ;;
	esac
}

# The log files that examples read.
example_logs() {
	tar -xJOf "$ROOT/tests/logs/corpus.tar.xz" kernel-6.1-v2-memcg.klog kernel-6.1-v2-global.klog >"$EXAMPLES/kern.log"
	gzip -c "$EXAMPLES/kern.log" >"$EXAMPLES/kern.log.1.gz"
}

# Runs the examples of a file on the captured machine; exit 0, or the 1 of a legitimate no.
examples_run() {
	local n=0 example
	example_logs
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	ln -sf "$OOMKIT" "$BATS_TEST_TMPDIR/bin/oomkit"
	"$OOMKIT" --install "$BATS_TEST_TMPDIR/bin" || return 1
	while IFS= read -r example; do
		OOMKIT_ROOT=$MACHINE PATH=$BATS_TEST_TMPDIR/bin:$PATH run --separate-stderr bash -c "cd '$EXAMPLES'; $example"
		[[ $status == [01] ]] || fail "$1: $example: exit $status: $stderr" || return 1
		[[ $output ]] || fail "$1: $example: says nothing" || return 1
		n=$((n + 1))
	done < <(examples "$1")
	EXAMPLES_RUN=$n
}

@test "every example of the man pages works" {
	for file in "$ROOT"/man/*.[1-8]; do
		examples_run "$file"
		[[ $file != *.1 || $EXAMPLES_RUN -ge 3 ]] || fail "$file: $EXAMPLES_RUN examples"
	done
}

@test "every example of the README works" {
	examples_run "$ROOT/README.md"
	((EXAMPLES_RUN >= 3))
}

# What must be typed as root is not run: it would change this machine.
@test "the README's examples for root name commands and options that there are" {
	n=0
	while read -r name words; do
		grep -qx "$name" <<<"$LIST" || fail "there is no command $name"
		# What stands behind -- is another program's.
		for word in ${words%%-- *}; do
			case $word in
			--?*) column=5 ;;
			-[A-Za-z]*) column=4 ;;
			*) continue ;;
			esac
			awk -F '\t' -v c="$name" -v f="$column" -v w="${word%%=*}" \
				'$1 == "option" && $2 == c && $f == w { found = 1 } END { exit !found }' "$DUMP" ||
				fail "oomkit $name has no $word"
		done
		n=$((n + 1))
	done < <(sed -n 's/^# oomkit //p' "$ROOT/README.md")
	((n >= 5))
}

# The README's figures are those of the bench's own page, rounded.
@test "the README's figures of speed are the benchmark's" {
	bench() { # NAME: milliseconds and KiB with 4000 processes, 12 of which stand out
		awk -v name="  $1 " '/^4000 processes, 12/ { on = 1 } /^4000 processes, all/ { on = 0 }
			on && index($0, name) == 1 { n = NF; printf "%.0f %d\n", $(NF - 7), $(NF - 1) }' "$ROOT/tests/bench/README.md"
	}
	readme() { # WORDS: the same two of the row that begins so
		awk -F '|' -v words="$1" 'index($2, words) == 2 { gsub(/[ ,]/, "", $3); gsub(/[ ,]/, "", $4); print $3, $4 }' "$ROOT/README.md"
	}
	for pair in 'rank -N 10|`oomkit rank` ' 'floor one|opening, reading and closing' 'ps|`ps -eo' \
		'oom-sort|`oom-sort' 'top|`top -b'; do
		assert_equal "$(readme "${pair#*|}")" "$(bench "${pair%%|*}")"
		[[ $(bench "${pair%%|*}") =~ ^[0-9]+\ [0-9]+$ ]]
	done
}

@test "make and ./dev know what the documents tell to type" {
	n=0
	for file in "$ROOT"/*.md "$ROOT/contrib/README.md" "$ROOT/tests/lab/README.md" "$ROOT/tests/bench/README.md"; do
		while read -r goal; do
			grep -qE "^([a-z-]+ )*$goal( [a-z-]+)*:" "$ROOT/Makefile" || fail "${file##*/}: make $goal"
			n=$((n + 1))
		done < <(grep -oE '(^    |`)make( [A-Z_]+=("[^"]*"|[^ "`]+))* [a-z][a-z-]+' "$file" | sed 's/.* //' | sort -u)
		while read -r set; do
			grep -q "^		$set " "$ROOT/dev" || fail "${file##*/}: ./dev install $set"
			n=$((n + 1))
		done < <(grep -oE '\./dev install [a-z]+' "$file" | sed 's/.* //' | sort -u)
		while read -r stage; do
			grep -q "^	\[$stage\]=" "$ROOT/.ci/run" || fail "${file##*/}: .ci/run $stage"
			n=$((n + 1))
		done < <(grep -oE '\.ci/run [a-z]+' "$file" | sed 's/.* //' | sort -u)
	done
	((n > 25))
}

# shown FILE COMMAND: what the file shows below that command, up to the next one.
shown() {
	awk -v c="\$ $2" '/^```/ { on = 0 } on && /^\$ / { on = 0 } on; $0 == c { on = 1 }' "$1"
}

@test "what the README shows is what the program prints" {
	n=0
	while IFS= read -r example; do
		expected=$(shown "$ROOT/README.md" "$example")
		[[ $expected ]] || continue
		read -ra words <<<"${example#oomkit }"
		example_logs
		cd "$EXAMPLES"
		OOMKIT_ROOT=$MACHINE run -0 --separate-stderr "$OOMKIT" "${words[@]}"
		# It may show the beginning.
		assert_equal "$(head -n "$(wc -l <<<"$expected")" <<<"$output")" "$expected"
		n=$((n + 1))
	done < <(examples "$ROOT/README.md")
	((n >= 1))
}

@test "an example with an option that does not exist would be found" {
	printf '$ oomkit rank -N 1\n$ oomkit rank --nonsense\n' >"$BATS_TEST_TMPDIR/page.md"
	run examples_run "$BATS_TEST_TMPDIR/page.md"
	assert_failure
	assert_output --partial 'rank --nonsense: exit 2'
}

# ------------------------------------------------------------------ completions

# offers SHELL LINE...: what that shell offers: "> LINE" and the words, sorted, one a line.
offers() {
	local shell=$1
	shift
	case $shell in
	bash) bash --norc --noprofile "$ROOT/tests/completions/offers.bash" "$ROOT/completions/oomkit.bash" "$@" ;;
	zsh) zsh -f "$ROOT/tests/completions/capture.zsh" "$ROOT/completions" "$@" ;;
	fish)
		HOME=$BATS_TEST_TMPDIR XDG_CONFIG_HOME=$BATS_TEST_TMPDIR XDG_DATA_HOME=$BATS_TEST_TMPDIR \
			fish --no-config -c 'source $argv[1]
				for line in $argv[2..]
					printf "> %s\n" $line
					complete -C $line | string replace -r "\t.*" "" | LC_ALL=C sort
				end' "$ROOT/completions/oomkit.fish" "$@"
		;;
	esac
}

# offered SHELLS LINE WORD...: these shells must offer exactly these words. All lines of a test are asked together, by
# offered_done.
offered() {
	local shells=$1 line=$2 shell
	shift 2
	for shell in $shells; do
		printf '%s\n' "$line" >>"$BATS_TEST_TMPDIR/$shell.lines"
		{
			printf '> %s\n' "$line"
			(($# == 0)) || printf '%s\n' "$@" | sort
		} >>"$BATS_TEST_TMPDIR/$shell.expected"
	done
}

# offered_by_all LINE WORD...
offered_by_all() {
	offered 'bash zsh fish' "$@"
}

offered_done() {
	local shell asked all=0 untold=
	# shellcheck disable=SC2034 # the probe says why
	local reason
	for shell in bash zsh fish; do
		[[ -e $BATS_TEST_TMPDIR/$shell.lines ]] || continue
		# zsh completes on a terminal alone.
		if [[ $shell == zsh ]] && ! probe_terminal; then
			untold=1
			continue
		fi
		readarray -t asked <"$BATS_TEST_TMPDIR/$shell.lines"
		run -0 --separate-stderr offers "$shell" "${asked[@]}"
		[[ ! $stderr ]] || fail "$shell: $stderr"
		run diff -U 1 "$BATS_TEST_TMPDIR/$shell.expected" - <<<"$output"
		[[ $status == 0 ]] || fail "$shell offers something else: $output"
		all=$((all + ${#asked[@]}))
	done
	((all > 0))
	[[ ! $untold ]] || need terminal
}

@test "bash, zsh and fish offer the commands" {
	# shellcheck disable=SC2086 # one word each
	offered_by_all 'oomkit ' $LIST help
	offered_by_all 'oomkit ra' rank
	offered_by_all 'oomkit help expl' explain
	offered_by_all 'oomkit --root / ra' rank
	offered_by_all 'oomkit --li' --list
	offered_done
}

@test "bash, zsh and fish offer every option of every command, by all of its names" {
	for name in $LIST; do
		# fish and zsh show the long name where there is one.
		readarray -t long < <(options "$name" | grep -E '^--')
		[[ ${#long[@]} -gt 10 ]]
		for as in "oomkit $name" "oom-$name"; do
			offered_by_all "$as --" "${long[@]}"
		done
	done
	offered_by_all 'oomkit-rank --fo' --format
	offered_done
}

@test "bash, zsh and fish offer what an option takes" {
	offered_by_all 'oomkit rank --format ' table json ndjson csv tsv prom
	offered_by_all 'oomkit rank --color n' never
	offered_by_all 'oomkit rank --by ' process cgroup unit user tree
	offered_by_all 'oomkit rank --top ' all
	offered_by_all 'oomkit rank -N ' all
	offered_by_all 'oomkit rank --kernel 4.1' 4.15 4.17 4.19
	offered_by_all 'oomkit score --kernel 2.6.1' 2.6.11 2.6.16 2.6.19
	offered_by_all 'oomkit score -o mod' model_score
	offered_by_all 'oomkit rank --sort oom_' oom_score oom_score_adj
	offered_by_all 'oomkit rank --user roo' root
	mkdir -p "$BATS_TEST_TMPDIR/alpha/beta"
	offered bash "oomkit --root $BATS_TEST_TMPDIR/al" "$BATS_TEST_TMPDIR/alpha"
	offered fish "oomkit --root $BATS_TEST_TMPDIR/al" "$BATS_TEST_TMPDIR/alpha/"
	offered zsh "oomkit rank --root $BATS_TEST_TMPDIR/al" alpha
	offered_done
}

@test "bash, zsh and fish offer the processes, units and cgroups of the root that the line names" {
	offered_by_all "oomkit --root $MACHINE rank we" web web-small
	offered_by_all "oomkit rank --root $MACHINE --exact thr" threads
	offered_by_all "oomkit rank --root=$MACHINE --tree 8" 80 84 86 87 88 89
	offered_by_all "oomkit rank --root $MACHINE --cgroup /" /web
	offered_by_all "oomkit rank --root $MACHINE /w" /web
	mkdir -p "$BATS_TEST_TMPDIR/root/proc/7"
	echo sshd >"$BATS_TEST_TMPDIR/root/proc/7/comm"
	echo '0::/system.slice/ssh.service' >"$BATS_TEST_TMPDIR/root/proc/7/cgroup"
	offered_by_all "oomkit rank --root $BATS_TEST_TMPDIR/root --unit s" ssh.service system.slice
	offered_by_all "oomkit rank --root $BATS_TEST_TMPDIR/root ss" sshd ssh.service
	offered_by_all "oomkit rank --root $BATS_TEST_TMPDIR/root -p " 7
	offered_done
}

@test "lists, signs and pairs: what stands before is left alone" {
	offered bash 'oomkit rank --format=js' json
	offered zsh 'oomkit rank --format=js' json
	offered fish 'oomkit rank --format=js' --format=json
	offered 'bash fish' 'oomkit score -o pid,mod' pid,model_score
	offered zsh 'oomkit score -o pid,mod' model_score
	offered 'bash fish' 'oomkit score -o +mod' +model_score
	offered 'bash fish' 'oomkit rank -u root,daem' root,daemon
	offered zsh 'oomkit rank -u root,daem' daemon
	offered 'bash fish' "oomkit --root $MACHINE rank --pid 97,7" 97,77 97,78 97,79
	offered zsh "oomkit --root $MACHINE rank --pid 97,7" 77 78 79
	offered bash 'oomkit rank --sort -oom_' -oom_score -oom_score_adj
	offered 'bash fish' "oomkit --root $MACHINE rank --set thr" threads=
	offered zsh "oomkit --root $MACHINE rank --set thr" threads
	offered 'bash zsh' 'oomkit rank --set threads=-9' -900
	offered fish 'oomkit rank --set threads=-9' threads=-900
	offered bash 'oomkit rank --set=threads=-9' -900
	offered_by_all 'oomkit cgroup --write oom' oom.group= oom_kill_disable=
	offered bash 'oomkit cgroup --write max=51' 51K 51M 51G 51T
	offered fish 'oomkit cgroup --write max=51' max=51K max=51M max=51G max=51T
	offered 'bash fish' 'oomkit rank --limit 51' 51K 51M 51G 51T
	offered bash 'oomkit rank -Jo pid,us' pid,user
	offered_done
}

@test "behind -- and for a word that is not known nothing of ours is offered" {
	offered 'bash zsh' 'oomkit rank -- '
	offered bash 'oomkit rank --nonsense='
	offered bash 'oomkit frobnicate --'
	offered_done
}

@test "the name of a process is a word and never a command" {
	root=$BATS_TEST_TMPDIR/root
	i=10
	for name in '$(touch pwned)' '`touch pwned`' 'a;touch pwned' "quote'" 'two words' '*' $'esc\e[31m' good; do
		mkdir -p "$root/proc/$i"
		printf '%s\n' "$name" >"$root/proc/$i/comm"
		i=$((i + 1))
	done
	mkdir "$BATS_TEST_TMPDIR/here"
	cd "$BATS_TEST_TMPDIR/here"
	touch file
	offered bash "oomkit --root $root rank --exact " good
	offered_done
	for shell in fish zsh; do
		[[ $shell != zsh ]] || need terminal
		run -0 --separate-stderr offers "$shell" "oomkit --root $root rank --exact "
		assert_line good
		assert_line '$(touch pwned)'
		assert_line '*'
		refute_line file
		assert_equal "$(ls)" file
	done
}

@test "bash's own line editor completes a word with it" {
	need terminal
	{
		printf 'source %q\n' "$ROOT/completions/oomkit.bash"
		printf 'oomkit explain --format js\t\001printf "<%%s>\\n" \n'
		printf 'oomkit explain --format=js\t\001printf "<%%s>\\n" \n'
		printf 'oom-rank --set web=-9\t\001printf "<%%s>\\n" \n'
		printf 'exit\n'
	} >"$BATS_TEST_TMPDIR/typed"
	TERM=dumb INPUTRC=/dev/null run -0 script -qec 'bash --norc --noprofile -i' /dev/null <"$BATS_TEST_TMPDIR/typed"
	shown=$(tr -d '\r' <<<"$output" | grep -xE '<.*>')
	assert_equal "$shown" $'<oomkit>\n<explain>\n<--format>\n<json>\n<oomkit>\n<explain>\n<--format=json>\n<oom-rank>\n<--set>\n<web=-900>'
}

@test "bash completion works where bash-completion is loaded, too" {
	loader=/usr/share/bash-completion/bash_completion
	[[ -e $loader ]]
	mkdir -p "$BATS_TEST_TMPDIR/bash-completion/completions"
	ln -s "$ROOT/completions/oomkit.bash" "$BATS_TEST_TMPDIR/bash-completion/completions/oomkit"
	BASH_COMPLETION_USER_DIR=$BATS_TEST_TMPDIR/bash-completion run -0 bash --norc --noprofile -c '
		source "$1"
		_completion_loader oomkit
		[[ $? == 124 ]] && complete -p oomkit oom-rank
		COMP_WORDS=(oomkit rank --form) COMP_CWORD=2 COMP_LINE="oomkit rank --form" COMP_POINT=18
		_oomkit
		echo "${COMPREPLY[@]}"' - "$loader"
	assert_line 'complete -F _oomkit oomkit'
	assert_line 'complete -F _oomkit oom-rank'
	assert_line -- --format
}

@test "the completion scripts are sound by their shells' own judgement" {
	run -0 bash -n "$ROOT/completions/oomkit.bash"
	run -0 zsh -fn "$ROOT/completions/_oomkit"
	run -0 fish --no-config -n "$ROOT/completions/oomkit.fish"
	run -0 head -n 1 "$ROOT/completions/_oomkit"
	[[ $output == '#compdef oomkit '* ]]
	for name in $LIST; do
		assert_output --partial " oom-$name oomkit-$name"
	done
}

# VERSION|NAME|COMMIT of each row, as the table has them and as the page has them.
eras_of_table() {
	awk '
		/^\t\{ \{ [0-9]/ {
			split($0, v, /[^0-9]+/)
			version = v[2] "." v[3] (v[4] + 0 || v[2] == 2 ? "." v[4] : "")
			n = split($0, text, "\"")
			print version "|" text[2] "|" (n > 3 ? text[4] : "")
		}' "$ROOT/common/era.c"
}

eras_of_page() {
	sed -n '/BEGIN the table of eras/,/END/p' "$ROOT/man/oomkit-eras.7" | sed 's/\\-/-/g' |
		sed -nE 's/^\\fB([0-9.]+)\\fR, ([^(]*[^( ])( \(([^)]*)\))?$/\1|\2|\4/p'
}

@test "oomkit-eras(7) tells of each row how it is known, and the lab's table has the kernels that it names" {
	local kernel
	run awk '/BEGIN the table of eras/ { on = 1 } /END the table of eras/ { on = 0 }
		on && /^\\fB/ { rows++ } on && /^(Proved by (kills|oom_score) on [0-9].*|From the source)\.$/ { marks++ }
		END { print (rows > 30 && rows == marks) ? "each" : rows " rows, " marks " marks" }' "$ROOT/man/oomkit-eras.7"
	assert_output each
	while read -r kernel; do
		run awk -v kernel="$kernel" '$1 == kernel && / all modes / { kills += $5; right += $6; near += $7 }
			END { print (kills >= 1000 && right + near == kills) ? "proved" : right + near " of " kills }' \
			"$ROOT/tests/lab/README.md"
		assert_output proved
	done < <(sed -n 's/^Proved by kills on //p' "$ROOT/man/oomkit-eras.7" | grep -oE '[0-9]+\.[0-9]+')
}

@test "oomkit-eras(7) has the rows of the table, in their order" {
	eras_of_table >"$BATS_TEST_TMPDIR/table"
	eras_of_page >"$BATS_TEST_TMPDIR/page"
	(($(wc -l <"$BATS_TEST_TMPDIR/table") > 30))
	diff -u "$BATS_TEST_TMPDIR/table" "$BATS_TEST_TMPDIR/page"
}
