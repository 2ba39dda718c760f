#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # run sets status, output, stderr; each test is a subshell
# Which command runs, with what rights and streams, and how is a wrong call told? Over all commands that --list names.

load helper

setup() {
	MACHINE=$(machine 6.1-v2)
	VERSION=$(cat "$ROOT/VERSION")
	LIST=$("$OOMKIT" --list)
	# A loop over nothing would pass.
	[[ $(wc -l <<<"$LIST") -ge 3 ]]
}

commands() {
	printf '%s\n' "$LIST"
}

# Those that judge a machine: they take targets. (parse-log reads logs, and watch listens to the running machine alone:
# their own files test them.)
judging() {
	local name
	for name in $(commands); do
		[[ $name != watch ]] || continue
		! "$OOMKIT" "$name" --help | grep -q -- --tree || echo "$name"
	done
}

# called_as NAME [ARGUMENT...]: runs the program under another name, without a link to it.
called_as() {
	local name=$1
	shift
	(exec -a "$name" "$OOMKIT" "$@")
}

# The leak check of the sanitizer wants /proc/PID/task and the rights of the one who started it.
no_leak_check() {
	export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
}

# refused LINE ARGUMENT...: exit 2, nothing on stdout, that line first on stderr and where help is second.
refused() {
	local line=$1 who=oomkit err code=0
	shift
	[[ ${1-} != -* && ${1-} ]] && who="oomkit $1"
	err=$("$OOMKIT" "$@" 2>&1 >"$BATS_TEST_TMPDIR/stdout") || code=$?
	assert_equal "$err" "$line"$'\n'"Try '$who --help' for more information."
	assert_equal "$code" 2
	[[ ! -s $BATS_TEST_TMPDIR/stdout ]] || fail "stdout: $(cat "$BATS_TEST_TMPDIR/stdout")"
}

# ------------------------------------------------------------------ which command

@test "--list names score, rank and explain, one a line" {
	run -0 --separate-stderr "$OOMKIT" --list
	assert_line --index 0 score
	assert_line --index 1 rank
	assert_line --index 2 explain
	assert_equal "$(commands | sort | uniq -d)" ''
	assert_equal "$(commands | grep -cvE '^[a-z]+(-[a-z]+)*$')" 0
}

@test "help shows each command of --list, help itself, and nothing else" {
	run -0 "$OOMKIT" help
	shown=$(sed -n '/^Commands:$/,/^$/p' <<<"$output" | sed -nE 's/^  ([a-z-]+) .*/\1/p')
	assert_equal "$shown" "$(commands; echo help)"
}

@test "a command is the first word, oom-NAME, oomkit-NAME, or NAME alone" {
	for name in $(commands); do
		run -0 "$OOMKIT" "$name" --help
		assert_line --index 0 --partial "Usage: oomkit $name "
		expected=$output
		for as in "oom-$name" "oomkit-$name" "$name" "/somewhere/bin/oom-$name" "./$name"; do
			# That name alone is procps's.
			[[ $name != watch || $as == *oom* ]] || continue
			run -0 called_as "$as" --help
			assert_output "$expected"
		done
	done
}

@test "watch and help are other tools' names: called by them the program is itself" {
	for as in watch help oomkit oomkit-static oomkit-1.0 something; do
		run -0 called_as "$as" --list
		assert_output "$(commands)"
	done
}

@test "oom-NAME without such a command is refused, not run as something else" {
	run -2 --separate-stderr called_as oom-nonsense --list
	assert_equal "$output" ''
	assert_equal "$stderr" "oomkit: nonsense: no such command (try 'oomkit help')"
	run -2 --separate-stderr called_as /usr/bin/oom-rnak
	assert_equal "$stderr" "oomkit: rnak: no such command (did you mean 'rank'? try 'oomkit help')"
}

@test "an unknown command is named, and a near one" {
	run -2 --separate-stderr "$OOMKIT" frobnicate 1
	assert_equal "$output" ''
	assert_equal "$stderr" "oomkit: frobnicate: no such command (try 'oomkit help')"
	for name in $(commands); do
		run -2 --separate-stderr "$OOMKIT" "${name}x"
		assert_equal "$stderr" "oomkit: ${name}x: no such command (did you mean '$name'? try 'oomkit help')"
	done
	run -2 --separate-stderr "$OOMKIT" ''
	assert_equal "$stderr" "oomkit: '': no such command (try 'oomkit help')"
}

@test "no command: the usage on stderr, exit 2" {
	run -2 --separate-stderr "$OOMKIT"
	assert_equal "$output" ''
	assert_equal "$stderr" "$("$OOMKIT" --help)"
	run -2 --separate-stderr "$OOMKIT" --root /
	assert_equal "$output" ''
	assert_equal "${stderr_lines[0]}" 'Usage: oomkit [--root DIR] COMMAND [OPTION...] [TARGET...]'
}

@test "--version and -V, of the program and of each command" {
	for word in '' $(commands) help; do
		for option in --version -V; do
			# shellcheck disable=SC2086 # no word is no argument
			run -0 --separate-stderr "$OOMKIT" $word $option
			assert_output "oomkit $VERSION"
			assert_equal "$stderr" ''
		done
	done
}

@test "help COMMAND is COMMAND --help is COMMAND -h" {
	for name in $(commands) help; do
		run -0 --separate-stderr "$OOMKIT" help "$name"
		assert_equal "$stderr" ''
		help=$output
		run -0 "$OOMKIT" "$name" --help
		assert_output "$help"
		run -0 "$OOMKIT" "$name" -h
		assert_output "$help"
	done
	run -0 "$OOMKIT" rank --unit x.service -N 3 --help --bad
	assert_output "$("$OOMKIT" help rank)"
	run -0 "$OOMKIT" help
	help=$output
	run -0 "$OOMKIT" --help
	assert_output "$help"
	run -0 "$OOMKIT" -h
	assert_output "$help"
}

@test "help of an unknown command and of two are refused" {
	run -2 --separate-stderr "$OOMKIT" help explian
	assert_equal "$output" ''
	assert_equal "$stderr" "oomkit: explian: no such command (did you mean 'explain'? try 'oomkit help')"
	refused 'oomkit help: rank: an argument too many' help score rank
}

@test "each option of --help stands under a heading, and no line is longer than a terminal" {
	for name in $(commands) help; do
		run -0 "$OOMKIT" "$name" --help
		assert_equal "$(awk 'length > 79' <<<"$output")" ''
		assert_equal "$(grep -E ' $' <<<"$output")" ''
		assert_line 'General:'
		assert_line '  -h, --help                 Show this help'
		first=$(grep -nE '^  +-' <<<"$output" | head -n 1 | cut -d : -f 1)
		before=$(sed -n "$((first - 1))p" <<<"$output")
		[[ $before == *: ]] || fail "$name: '$before' is no heading"
	done
	run -0 "$OOMKIT" rank --help
	for heading in Targets Output Machine 'What if (nothing is changed)'; do
		assert_line "$heading:"
	done
}

# ------------------------------------------------------------------ wrong calls

@test "an unknown option is named by each command and by the program" {
	for name in $(commands) help; do
		refused "oomkit $name: --frobnicate: no such option" "$name" --frobnicate
		refused "oomkit $name: --frobnicate=1: no such option" "$name" --frobnicate=1
		refused "oomkit $name: -Z: no such option" "$name" -Z
		refused "oomkit $name: --hepl: no such option (did you mean --help?)" "$name" --hepl
	done
	refused 'oomkit: --frobnicate: no such option' --frobnicate
	refused 'oomkit: --lits: no such option (did you mean --list?)' --lits
	refused 'oomkit: -Z: no such option' -Z
	# It is the first one that is wrong, wherever it stands.
	refused 'oomkit rank: --bad: no such option' rank web -o pid --bad --worse
	refused 'oomkit rank: -Z: no such option' rank -JbZ
}

@test "a value too few or too many is named" {
	for name in $(commands); do
		refused "oomkit $name: --format: this option wants a value (table|json|ndjson|csv|tsv|prom)" "$name" --format
		refused "oomkit $name: -o: this option wants a value (COLUMNS)" "$name" -Jo
		refused "oomkit $name: --json=yes: this option takes no value" "$name" --json=yes
		refused "oomkit $name: --co: more than one option begins so" "$name" --co never
	done
	refused 'oomkit: --root: this option wants a value (DIR)' --root
	refused 'oomkit: --list=x: this option takes no value' --list=x
}

@test "a value that is none of its kind is named with its option" {
	for name in $(judging); do
		refused "oomkit $name: --format xml: not a format (table, json, ndjson, csv, tsv, prom)" \
			"$name" --format xml
		refused "oomkit $name: --format '': not a format (table, json, ndjson, csv, tsv, prom)" "$name" --format=
		refused "oomkit $name: --color blue: not a choice (auto, always, never)" "$name" --color blue
		refused "oomkit $name: --sort -: names no column" "$name" --sort -
		refused "oomkit $name: --kernel new: not a kernel version (2.6.32, 4.14, 6.18.44 are some)" \
			"$name" --kernel new
		for version in 2.4.37 2.6.10 1.0; do
			refused "oomkit $name: --kernel $version: no rule is known for this version (the oldest is that of 2.6.11)" \
				"$name" --kernel "$version"
		done
		refused "oomkit $name: --pid 1,x: not a list of process ids" "$name" -p 1,x
		refused "oomkit $name: --tree init: not a process id" "$name" --tree init
		refused "oomkit $name: --comm (: not an extended regular expression" "$name" --comm '('
		refused "oomkit $name: --full [: not an extended regular expression" "$name" -f '['
		refused "oomkit $name: --exact '': not a name" "$name" -x ''
		refused "oomkit $name: '': not a target" "$name" ''
	done
}

@test "a what-if that is none is named" {
	for name in rank explain; do
		for pair in web '=5' 'web=' 'web=high' 'web=+5' 'web=1.5'; do
			refused "oomkit $name: --set $pair: not TARGET=ADJ (a number, -1000 to 1000)" "$name" --set "$pair"
		done
		refused "oomkit $name: --set web=-1001: outside -1000..1000" "$name" --set web=-1001
		refused "oomkit $name: --set web=1001: outside -1000..1000" "$name" --set web=1001
		for pair in web '=5G' 'web=' 'web=5X' 'web=-1G'; do
			refused "oomkit $name: --grow $pair: not TARGET=SIZE (a number with K M G T, as in 1.5G)" \
				"$name" --grow "$pair"
		done
		refused "oomkit $name: --limit lots: not a size (a number with K M G T, as in 1.5G)" "$name" --limit lots
		refused "oomkit $name: --limit 0: must be more than 0" "$name" --limit 0
		refused "oomkit $name: --scope '': names no target" "$name" --scope ''
	done
}

@test "a column that there is not is named" {
	for name in $(commands); do
		run -2 --separate-stderr "$OOMKIT" "$name" --root "$MACHINE" -o colour
		assert_equal "$output" ''
		assert_equal "${stderr_lines[0]}" "oomkit $name: --output colour: no such column (--list-columns shows them)"
	done
	run -2 --separate-stderr "$OOMKIT" rank --root "$MACHINE" --sort -colour
	assert_equal "${stderr_lines[0]}" 'oomkit rank: --sort colour: no such column (--list-columns shows them)'
}

@test "behind -- stands a command to run, and only adj runs one" {
	for name in $(judging | grep -vx adj); do
		refused "oomkit $name: 1: an argument too many (behind -- stands a command to run; none is run here)" \
			"$name" --root "$MACHINE" -- 1
		refused "oomkit $name: --json: an argument too many (behind -- stands a command to run; none is run here)" \
			"$name" --root "$MACHINE" 97 -- --json
		# protect takes no pid that is of no unit.
		[[ $name == protect ]] || run -0 "$OOMKIT" "$name" --root "$MACHINE" 97 --
	done
}

@test "--list and --install take no word behind them" {
	refused 'oomkit: rank: an argument too many' --list rank
	mkdir "$BATS_TEST_TMPDIR/bin"
	refused 'oomkit: rank: an argument too many' --install "$BATS_TEST_TMPDIR/bin" rank
	assert_equal "$(ls "$BATS_TEST_TMPDIR/bin")" ''
}

@test "a message is one line whatever the words hold, and no byte of theirs reaches the terminal as it is" {
	weird=$'a\nb\e[31m\xff\xe2\x80\xae'
	told='a\x0ab\x1b[31m\xff\u{202e}'
	for call in "$weird" "rank --$weird" "rank --format $weird" "rank --unit $weird.service --root $MACHINE" \
		"rank $weird --root $MACHINE" "--$weird"; do
		# The newline belongs to the word: only blanks part them here.
		IFS=' ' read -r -d '' -a words <<<"$call" || :
		words=("${words[@]%$'\n'}")
		run --separate-stderr "$OOMKIT" "${words[@]}"
		[[ $status == [12] ]] || fail "status $status of $(printf '%q ' "${words[@]}")"
		[[ $stderr == *"$told"* ]] || fail "$(printf '%q: %q' "$call" "$stderr")"
		assert_equal "$(LC_ALL=C tr -d '\n -~' <<<"$stderr")" ''
	done
}

@test "options are taken before and behind targets, whatever POSIXLY_CORRECT says" {
	run -0 "$OOMKIT" score --root "$MACHINE" 97 -J
	expected=$output
	assert_equal "$(jq '.processes | length' <<<"$output")" 1
	export POSIXLY_CORRECT=1
	run -0 "$OOMKIT" score 97 --json --root "$MACHINE"
	assert_output "$expected"
}

@test "a long option may be shortened as long as it is clear" {
	run -0 "$OOMKIT" score --root "$MACHINE" --form json 97
	assert_output "$("$OOMKIT" score --root "$MACHINE" --format json 97)"
}

# ------------------------------------------------------------------ the root

@test "--root before the command, as its option, and OOMKIT_ROOT are the same" {
	for name in $(judging); do
		run -0 "$OOMKIT" "$name" --root "$MACHINE" -J
		expected=$output
		[[ $expected == *6.1.0-50-cloud-amd64* ]] || fail "$name: not judged by the captured machine's kernel"
		run -0 "$OOMKIT" --root "$MACHINE" "$name" -J
		assert_output "$expected"
		run -0 "$OOMKIT" --root="$MACHINE" "$name" -J
		assert_output "$expected"
		OOMKIT_ROOT=$MACHINE run -0 "$OOMKIT" "$name" -J
		assert_output "$expected"
		OOMKIT_ROOT=$MACHINE run -0 called_as "oom-$name" -J
		assert_output "$expected"
		run -0 called_as "oom-$name" --root "$MACHINE" -J
		assert_output "$expected"
	done
}

@test "the option of the command wins over --root before it, and that over OOMKIT_ROOT" {
	run -0 "$OOMKIT" --root /nowhere score --root "$MACHINE" -r 97
	expected=$output
	OOMKIT_ROOT=/nowhere run -0 "$OOMKIT" --root "$MACHINE" score -r 97
	assert_output "$expected"
	OOMKIT_ROOT=/nowhere run -2 --separate-stderr "$OOMKIT" score -r 97
	[[ $stderr == 'oomkit score: /nowhere: No such file or directory'* ]] || fail "$stderr"
	# Empty is the same as not set.
	OOMKIT_ROOT='' run -0 "$OOMKIT" score -r $$
}

@test "OOMKIT_ROOT is ignored in a run with somebody else's rights; --root is not" {
	need root setpriv
	no_leak_check
	OOMKIT_ROOT=/nowhere run -0 setpriv --ruid 65534 "$OOMKIT" score -r $$
	OOMKIT_ROOT=/nowhere run -0 setpriv --ruid 65534 "$OOMKIT" score -r 97 --root "$MACHINE"
}

# ------------------------------------------------------------------ rights

@test "a reading command keeps three capabilities of root's and gives back the rest" {
	need root strace
	for name in $(judging); do
		traced -qq -e trace=capset -o "$BATS_TEST_TMPDIR/trace" "$OOMKIT" "$name" --root "$MACHINE" -q
		run -0 cat "$BATS_TEST_TMPDIR/trace"
		assert_equal "${#lines[@]}" 1
		sets=$(grep -oE '(effective|permitted|inheritable)=[A-Z_|0-9<]+' <<<"$output")
		while IFS='=' read -r set caps; do
			for cap in ${caps//|/ }; do
				[[ $set != inheritable || $cap == 0 ]] || fail "inheritable: $cap"
				[[ $cap == 0 || $cap == '1<<CAP_'@(DAC_READ_SEARCH|SYS_PTRACE|SYSLOG) ]] || fail "$set: $cap"
			done
		done <<<"$sets"
		assert_equal "$(wc -l <<<"$sets")" 3
		[[ $output == *CAP_SYS_PTRACE* ]] || fail "$output"
	done
}

# capsets: what the traced program itself set, behind the last execve.
capsets() {
	awk '/execve\(/ { sets = "" } /capset\(/ { sets = sets $0 "\n" } END { printf "%s", sets }' "$BATS_TEST_TMPDIR/trace"
}

@test "a run with somebody else's rights gives back all of them" {
	need root strace setpriv
	traced -qq -e trace=capset,execve -o "$BATS_TEST_TMPDIR/trace" setpriv --ruid 65534 \
		"$OOMKIT" rank --root "$MACHINE" -q
	run -0 capsets
	assert_output --partial 'effective=0, permitted=0, inheritable=0'
	assert_equal "${#lines[@]}" 1
}

@test "a plain user has nothing to give back" {
	need strace
	user=(env)
	if ((EUID == 0)); then
		need setpriv
		user=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	fi
	# By its descriptor: what stands above the program may be closed to others.
	exec 9<"$OOMKIT"
	traced -qq -e trace=capset,execve -o "$BATS_TEST_TMPDIR/trace" "${user[@]}" /proc/self/fd/9 score -q $$
	exec 9<&-
	grep -q 'execve.*self.fd' "$BATS_TEST_TMPDIR/trace"
	run -0 capsets
	assert_output ''
}

@test "with what is kept, root reads another user's process" {
	need root setpriv
	setpriv --reuid 65534 --regid 65534 --clear-groups sleep 60 &
	pid=$!
	until [[ $(cat "/proc/$pid/comm") == sleep ]]; do sleep 0.02; done
	run -0 "$OOMKIT" rank -a -J "$pid"
	kill "$pid"
	assert_equal "$(jq -c '.processes[] | [.fate, .uid, (.rss != null), (.pgtables != null), (.cgroup != null)]' <<<"$output")" \
		'["killable",65534,true,true,true]'
}

# ------------------------------------------------------------------ streams

# Each call that writes to stdout, one a line, and who speaks.
writers() {
	echo 'oomkit|--help'
	echo 'oomkit|--version'
	echo 'oomkit|--list'
	echo 'oomkit help|help'
	echo 'oomkit help|help --dump'
	for name in $(judging); do
		echo "oomkit help|help $name"
		echo "oomkit $name|$name --help"
		echo "oomkit $name|$name --version"
		echo "oomkit $name|$name --list-columns"
		for format in table json ndjson; do
			echo "oomkit $name|$name --root $MACHINE --format $format"
		done
	done
}

# told WHO REASON CALL STATUS STDERR: one line, and exit 2.
told() {
	[[ $4 == 2 && $5 == "$1: standard output: $2" ]] || fail "$3: exit $4: $5"
}

@test "a full disk is an error of everything that is written" {
	while IFS='|' read -r who call; do
		code=0
		# shellcheck disable=SC2086 # words are words
		err=$("$OOMKIT" $call 2>&1 >/dev/full) || code=$?
		told "$who" 'No space left on device' "$call" "$code" "$err"
	done < <(writers)
}

@test "a closed stdout is an error of everything that is written, and nothing lands elsewhere" {
	while IFS='|' read -r who call; do
		code=0
		# shellcheck disable=SC2086
		err=$("$OOMKIT" $call 2>&1 >&-) || code=$?
		told "$who" 'Bad file descriptor' "$call" "$code" "$err"
	done < <(writers)
}

@test "with all three streams closed a run still ends, and with 2" {
	while IFS='|' read -r who call; do
		code=0
		# shellcheck disable=SC2086
		"$OOMKIT" $call <&- >&- 2>&- || code=$?
		[[ $code == 2 ]] || fail "$call: exit $code"
	done < <(writers)
}

@test "a stream that is only readable is an error, and the file stays as it is" {
	echo untouched >"$BATS_TEST_TMPDIR/file"
	run -2 --separate-stderr bash -c 'exec "$@" 1<"$0"' "$BATS_TEST_TMPDIR/file" "$OOMKIT" --list
	assert_equal "$stderr" 'oomkit: standard output: Bad file descriptor'
	assert_equal "$(cat "$BATS_TEST_TMPDIR/file")" untouched
}

@test "a full disk that comes late is an error, too" {
	mkdir "$BATS_TEST_TMPDIR/out"
	# The shell's own limit on the size of a file stands for the disk; its signal is not what is tested.
	run -2 --separate-stderr bash -c 'trap "" XFSZ; ulimit -f 1; exec "$@" >"$0"' "$BATS_TEST_TMPDIR/out/file" \
		"$OOMKIT" help --dump
	assert_equal "$stderr" 'oomkit help: standard output: File too large'
	[[ $(stat -c %s "$BATS_TEST_TMPDIR/out/file") -gt 0 ]]
}

@test "--quiet has nothing to write, and a broken stdout is nothing to it" {
	for name in $(judging); do
		run -0 --separate-stderr bash -c 'exec "$@" >/dev/full' - "$OOMKIT" "$name" --root "$MACHINE" -q
		assert_equal "$stderr" ''
		run -0 --separate-stderr bash -c 'exec "$@" >&-' - "$OOMKIT" "$name" --root "$MACHINE" -q
		assert_equal "$stderr" ''
	done
}

@test "a reader that went away ends the run by SIGPIPE; where that is ignored, it is an error" {
	for call in --list --help help "rank --root $MACHINE"; do
		# shellcheck disable=SC2086
		run -141 --separate-stderr bash -c '
			trap - PIPE
			mkfifo "$0" && exec 3<>"$0" 4>"$0" 3>&- && exec "$@" >&4' "$BATS_TEST_TMPDIR/pipe" "$OOMKIT" $call
		assert_equal "$stderr" ''
		rm "$BATS_TEST_TMPDIR/pipe"
	done
	run -2 --separate-stderr bash -c '
		trap "" PIPE
		mkfifo "$0" && exec 3<>"$0" 4>"$0" 3>&- && exec "$@" >&4' "$BATS_TEST_TMPDIR/pipe" "$OOMKIT" --list
	assert_equal "$stderr" 'oomkit: standard output: Broken pipe'
}

@test "no word of a program's language setting reaches stdout" {
	for call in --help 'rank --help' "rank --root $MACHINE" "score --root $MACHINE" "explain --root $MACHINE"; do
		# shellcheck disable=SC2086
		run -0 env LC_ALL=C "$OOMKIT" $call
		expected=$output
		# shellcheck disable=SC2086
		run -0 env LC_ALL=de_DE.UTF-8 LANGUAGE=de LC_NUMERIC=de_DE.UTF-8 "$OOMKIT" $call
		assert_output "$expected"
	done
}

# ------------------------------------------------------------------ every command has the same options

@test "--list-columns is a table in every format, and each column can be asked for by name and heading" {
	for name in $(judging); do
		# protect takes no pid that is of no unit, and shows what is declared.
		target=97
		[[ $name != protect ]] || target=
		run -0 --separate-stderr "$OOMKIT" "$name" --list-columns
		assert_line --index 0 --regexp '^NAME +HEADER +HELP$'
		run -0 "$OOMKIT" "$name" --list-columns -J
		assert_equal "$(jq -r .schema <<<"$output")" oomkit/columns/1
		assert_equal "$(jq '[.columns[] | select(.help == null or .help == "")] | length' <<<"$output")" 0
		# shellcheck disable=SC2086 # no target is no argument
		for names in '.name' '.header' '.name | ascii_upcase'; do
			run -0 "$OOMKIT" "$name" --root "$MACHINE" --format tsv -o "$(
				"$OOMKIT" "$name" --list-columns -J | jq -r "[.columns[] | $names] | join(\",\")"
			)" $target
		done
		for column in $("$OOMKIT" "$name" --list-columns -J | jq -r '.columns[].name'); do
			"$OOMKIT" "$name" --root "$MACHINE" -q --sort "-$column" $target || fail "$name --sort -$column"
		done
		run -0 "$OOMKIT" "$name" --list-columns --format csv --noheadings
		assert_equal "${#lines[@]}" "$("$OOMKIT" help --dump | awk -F '\t' -v c="$name" '$1 == "column" && $2 == c' | wc -l)"
	done
}

@test "every JSON document begins with its schema, and -J is --format json" {
	for name in $(judging); do
		run -0 --separate-stderr "$OOMKIT" "$name" --root "$MACHINE" -J
		assert_equal "$(jq -r 'to_entries[0] | "\(.key) \(.value)"' <<<"$output")" "schema oomkit/$name/1"
		expected=$output
		run -0 "$OOMKIT" "$name" --root "$MACHINE" --format json
		assert_output "$expected"
		# The last one that is said counts.
		run -0 "$OOMKIT" "$name" --root "$MACHINE" --format csv --json
		assert_output "$expected"
	done
}

painted() {
	[[ $output == *$'\e['* ]]
}

@test "--color: never in a pipe unless it is asked for, and never in JSON" {
	for name in rank explain; do
		run -0 "$OOMKIT" "$name" --root "$MACHINE"
		! painted || fail "$name: colour in a pipe"
		run -0 "$OOMKIT" "$name" --root "$MACHINE" --color always
		painted || fail "$name: no colour with --color always"
		run -0 "$OOMKIT" "$name" --root "$MACHINE" --color always --format json
		! painted || fail "$name: colour in JSON"
		NO_COLOR=1 run -0 "$OOMKIT" "$name" --root "$MACHINE" --color always
		painted || fail "$name: NO_COLOR stands over --color always"
	done
}

@test "--color on a terminal: unless NO_COLOR, a dumb terminal or never says no" {
	on_terminal() {
		script -qec "$(printf '%q ' "$@")" /dev/null </dev/null
	}
	need terminal
	for name in rank explain; do
		TERM=xterm run -0 on_terminal "$OOMKIT" "$name" --root "$MACHINE"
		painted || fail "$name: no colour on a terminal"
		TERM=xterm NO_COLOR='' run -0 on_terminal "$OOMKIT" "$name" --root "$MACHINE"
		painted || fail "$name: an empty NO_COLOR counts"
		TERM=xterm NO_COLOR=1 run -0 on_terminal "$OOMKIT" "$name" --root "$MACHINE"
		! painted || fail "$name: colour with NO_COLOR"
		TERM=dumb run -0 on_terminal "$OOMKIT" "$name" --root "$MACHINE"
		! painted || fail "$name: colour on a dumb terminal"
		TERM=xterm run -0 on_terminal "$OOMKIT" "$name" --root "$MACHINE" --color never
		! painted || fail "$name: colour with --color never"
	done
}

# ------------------------------------------------------------------ the links

@test "--install makes a link for each command of --list, and each runs it" {
	bin=$BATS_TEST_TMPDIR/bin
	mkdir "$bin"
	run -0 "$OOMKIT" --install "$bin"
	assert_output ''
	assert_equal "$(ls "$bin")" "$(commands | sed 's/^/oom-/' | sort)"
	for name in $(commands); do
		assert_equal "$(readlink "$bin/oom-$name")" "$(realpath "$OOMKIT")"
		# A log without an event is a legitimate no.
		# It goes on until it is told otherwise.
		if [[ $name == watch ]]; then
			run -0 "$bin/oom-$name" --help
			continue
		fi
		run "$bin/oom-$name" --root "$MACHINE" -J </dev/null
		[[ $status == [01] ]]
		assert_equal "$(jq -r .schema <<<"$output")" "oomkit/$name/1"
	done
	# Again: what is right stays.
	before=$(stat -c '%i %y' "$bin"/*)
	run -0 "$OOMKIT" --install "$bin"
	assert_equal "$(stat -c '%i %y' "$bin"/*)" "$before"
	# Through a link and from elsewhere the target is the same.
	mkdir "$BATS_TEST_TMPDIR/bin2"
	cd "$bin"
	ln -s "$OOMKIT" oomkit
	run -0 ./oomkit --install ../bin2
	assert_equal "$(readlink ../bin2/oom-rank)" "$(realpath "$OOMKIT")"
}

@test "--install: what is in the way stays, is named, and the others are made" {
	bin=$BATS_TEST_TMPDIR/bin
	mkdir -p "$bin/oom-score"
	ln -s elsewhere "$bin/oom-rank"
	run -64 --separate-stderr "$OOMKIT" --install "$bin"
	assert_equal "$stderr" "oomkit: $bin/oom-score: something else is in the way (remove it first)
oomkit: $bin/oom-rank: something else is in the way (remove it first)"
	assert_equal "$(readlink "$bin/oom-rank")" elsewhere
	[[ -d $bin/oom-score ]]
	assert_equal "$(readlink "$bin/oom-explain")" "$(realpath "$OOMKIT")"
}

@test "--install: none made is 1, and 77 where a permission is missing" {
	run -1 --separate-stderr "$OOMKIT" --install "$BATS_TEST_TMPDIR/nowhere"
	assert_equal "${stderr_lines[0]}" "oomkit: $BATS_TEST_TMPDIR/nowhere/oom-score: No such file or directory"
	assert_equal "${#stderr_lines[@]}" "$(commands | wc -l)"
	mkdir -m 555 "$BATS_TEST_TMPDIR/closed"
	less=()
	((EUID)) || less=(setpriv --bounding-set -dac_override)
	run -77 --separate-stderr "${less[@]}" "$OOMKIT" --install "$BATS_TEST_TMPDIR/closed"
	assert_equal "${stderr_lines[0]}" "oomkit: $BATS_TEST_TMPDIR/closed/oom-score: Permission denied (write access to the directory, or CAP_DAC_OVERRIDE)"
	assert_equal "$(ls "$BATS_TEST_TMPDIR/closed")" ''
}

@test "--install works where no /proc is mounted" {
	# The sanitizer itself reads /proc.
	need root mount_namespace plain_build
	mkdir "$BATS_TEST_TMPDIR/bin" "$BATS_TEST_TMPDIR/empty"
	run -0 unshare --mount sh -c 'mount --bind "$1" /proc && shift && exec "$@"' - "$BATS_TEST_TMPDIR/empty" \
		"$OOMKIT" --install "$BATS_TEST_TMPDIR/bin"
	assert_equal "$(readlink "$BATS_TEST_TMPDIR/bin/oom-rank")" "$(realpath "$OOMKIT")"
}
