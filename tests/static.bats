#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2154 # run sets status, output
# Does the static program run where nothing else is, is it as small as is said, and does CONFIG build what it names?
# It builds for itself: `make check-ship`.

load helper

setup_file() {
	export STATIC=$BATS_FILE_TMPDIR/static SMALL=$BATS_FILE_TMPDIR/small
	# Neither into ./oomkit nor into a file of that name.
	# shellcheck disable=SC2153 # the helper sets it
	make -C "$ROOT" --no-print-directory STATIC=1 SAN= COV= DEVELOPER= CONFIG= program-at AT="$STATIC" >&2
	"$(CC=${CC:-cc}; $CC -print-prog-name=strip)" -o "$SMALL" "$STATIC"
}

setup() {
	LIST=$("$SMALL" --list)
	[[ $(wc -l <<<"$LIST") -ge 3 ]]
}

# in_empty_root ARGUMENT...: in a root with nothing in it but the program (/p) and /proc.
in_empty_root() {
	local root=$BATS_TEST_TMPDIR/root
	mkdir -p "$root/proc" && cp "$SMALL" "$root/p" || return 1
	unshare --mount --pid --fork sh -c 'mount -t proc proc "$0/proc" && exec chroot "$0" /p "$@"' "$root" "$@"
}

# ------------------------------------------------------------------ size, symbols

@test "stripped it has at most 1 MiB" {
	size=$(stat -c %s "$SMALL")
	echo "$size bytes"
	((size <= 1048576))
}

@test "it asks for no loader, and there is none in it: nor NSS, nor the tables for unwinding" {
	run -0 readelf -lSW "$STATIC"
	refute_output --partial INTERP
	refute_output --partial DYNAMIC
	refute_output --partial .gcc_except_table
	# What starts a program has some bytes of its own, four with most.
	tables=$(sed -nE 's/.* \.eh_frame +PROGBITS +[0-9a-f]+ +[0-9a-f]+ +([0-9a-f]+) .*/\1/p' <<<"$output")
	((16#${tables:-0} < 256))
	run -0 nm --defined-only "$STATIC"
	assert_line --partial ' T main'
	assert_equal "$(grep -iE ' _*(dlopen|dl_open|libc_dlopen_mode|nss_|getpw|getgr(nam|gid|ent)|getaddrinfo|iconv_open|gconv_open|setlocale|dcigettext)' <<<"$output")" ''
}

@test "its relocated data is read-only once it runs" {
	address=$(readelf -lW "$STATIC" | awk '$1 == "GNU_RELRO" { print $3 }')
	[[ $address ]]
	page=$(printf '%x-' $((address & ~4095)))
	# Looked at while it waits for a line.
	mkfifo "$BATS_TEST_TMPDIR/log"
	"$STATIC" parse-log <"$BATS_TEST_TMPDIR/log" >/dev/null 2>&1 3>&- &
	pid=$!
	exec {line}>"$BATS_TEST_TMPDIR/log"
	for _ in $(seq 200); do
		rights=$(sed -nE "s/^0*${page}[0-9a-f]+ (....) .*/\1/p" "/proc/$pid/maps" 2>/dev/null)
		[[ $rights != r--p ]] || break
		sleep 0.05
	done
	exec {line}>&-
	wait "$pid" || true
	assert_equal "$rights" r--p
}

@test "make size: the parts sum up to the program" {
	run -0 make -C "$ROOT" --no-print-directory SAN= COV= DEVELOPER= CONFIG= size
	assert_line --regexp '^ +[0-9]+  all of it'
	assert_line --regexp '^ +[0-9]+  oomkit, [0-9]+ files'
	all=$(sed -nE 's/^ +([0-9]+)  all of it.*/\1/p' <<<"$output")
	parts=$(sed -nE '/^by origin/,/^$/s/^ +([0-9]+)  .*/\1/p' <<<"$output" | awk "{ n += \$1 } END { print n }")
	assert_equal "$parts" "$all"
	# The file has headers and holes between pages as well.
	size=$(stat -c %s "$SMALL")
	((all > size * 95 / 100 && all < size))
}

# Another compiler or C library moves them by some 2 %, another kind of machine by more.
@test "contrib/README.md tells the sizes that there are" {
	if [[ $(uname -m) == x86_64 ]]; then
		near() { # WHAT TOLD IS
			((${2:-0} * 20 > $3 * 19 && $2 * 20 < $3 * 21)) || fail "$1: ${2:-nothing} is told, $3 it is"
		}
		near 'the program' "$(sed -nE 's/.*holds it to: ([0-9]+),([0-9]+),([0-9]+) bytes.*/\1\2\3/p' "$ROOT/contrib/README.md")" \
			"$(stat -c %s "$SMALL")"
		run -0 make -C "$ROOT" --no-print-directory SAN= COV= DEVELOPER= CONFIG= size
		for part in oomkit jansson libcap; do
			near "$part" "$(awk -F ' *[|] *' -v p="$part" '$3 == p { gsub(",", "", $2); print $2 }' "$ROOT/contrib/README.md")" \
				"$(sed -nE "s/^ +([0-9]+)  $part, .*/\\1/p" <<<"$output")"
		done
	fi
}

# ------------------------------------------------------------------ an empty root

# What a command is called with; a new one is called with -J alone.
arguments() {
	case $1 in
	watch) echo -J --timeout 1 ;;
	*) echo -J ;;
	esac
}

@test "in an empty root each command gives its document" {
	need root mount_namespace pid_namespace
	for name in $LIST; do
		# shellcheck disable=SC2046 # words
		run --separate-stderr in_empty_root "$name" $(arguments "$name") </dev/null
		case $name in
		# A log without an event is a no; watch was told to end.
		parse-log) assert_equal "$status" 1 ;;
		watch) assert_equal "$status" 124 ;;
		*) assert_equal "$status" 0 ;;
		esac
		[[ $name == watch ]] || assert_equal "$(jq -r .schema <<<"$output")" "oomkit/$name/1"
	done
}

@test "in an empty root the answers are right" {
	need root mount_namespace pid_namespace oom_score
	run -0 in_empty_root score --check
	run -0 in_empty_root rank -J
	assert_equal "$(jq -c '[.processes[] | [.rank, .pid, .uid, .comm, .victim]]' <<<"$output")" '[[1,1,0,"p",true]]'
	# Without a user list, the number.
	run -0 in_empty_root rank -o user --noheadings -q
	run -0 in_empty_root rank -o user --noheadings
	assert_line --index 0 0
	run -0 in_empty_root adj -n 100 -- /p score -r 1
	[[ $output == 733 || $output == 100 ]]
	run -0 in_empty_root adj -n 300 -v 1
	assert_output --partial '0 -> 300'
	run -0 in_empty_root protect some.service --init systemd --print
	assert_line 'OOMScoreAdjust=-900'
	run -0 in_empty_root explain 1
	assert_line --index 0 --partial '1 p (uid 0)'
	run -0 in_empty_root --install /
	# shellcheck disable=SC2086 # one word each
	assert_equal "$(cd "$BATS_TEST_TMPDIR/root" && ls -d oom-*)" "$(printf 'oom-%s\n' $LIST | sort)"
	run -0 in_empty_root help rank
	assert_line --index 0 --partial 'Usage: oomkit rank '
}

@test "in an empty root a log is read, and a compressed one names the program that it wants" {
	need root mount_namespace
	log=$BATS_TEST_TMPDIR/log
	printf '%s\n' '[  100.000000] Out of memory: Killed process 42 (web) total-vm:1000kB, anon-rss:500kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:40kB oom_score_adj:0' >"$log"
	run -0 in_empty_root parse-log -J <"$log"
	assert_equal "$(jq -c '[.events[0].killed[0] | .pid, .comm]' <<<"$output")" '[42,"web"]'
	xz -k "$log"
	cp "$log.xz" "$BATS_TEST_TMPDIR/root/"
	run -2 --separate-stderr in_empty_root parse-log /log.xz
	[[ $stderr == *xz* ]]
}

@test "it answers as the dynamic program does, on each fixture machine" {
	[[ -x $OOMKIT ]]
	for name in $(machines); do
		root=$(machine "$name")
		for call in 'rank -a' 'score -J' 'explain -J' 'rank --kills 3 -J' 'rank --by user'; do
			# shellcheck disable=SC2086 # words
			run -0 "$OOMKIT" --root "$root" $call
			expected=$output
			# shellcheck disable=SC2086
			run -0 "$SMALL" --root "$root" $call
			assert_output "$expected"
		done
	done
}

# ------------------------------------------------------------------ CONFIG

# A copy, so that ./oomkit stays what it is; one set of objects serves each list.
built_with() { # CONFIG [WORD...]
	local config=$1 copy=$BATS_FILE_TMPDIR/copy
	shift
	if [[ ! -d $copy ]]; then
		mkdir "$copy" && tar -C "$ROOT" -cf - --exclude=./.git --exclude=./build --exclude=./oomkit . | tar -C "$copy" -xf -
	fi
	make -C "$copy" --no-print-directory SAN= COV= DEVELOPER= CFLAGS=-O1 CONFIG="$config" "$@" >&2
}

@test "CONFIG: each command builds alone, works, and shows no other" {
	root=$(machine 6.1-v2)
	built_with ''
	whole=$(stat -c %s "$BATS_FILE_TMPDIR/copy/oomkit")
	assert_equal "$("$BATS_FILE_TMPDIR/copy/oomkit" --list)" "$LIST"
	for name in $LIST; do
		built_with "$name"
		alone=$BATS_FILE_TMPDIR/copy/oomkit
		assert_equal "$("$alone" --list)" "$name"
		run -0 "$alone" help
		assert_equal "$(sed -n '/^Commands:$/,/^$/p' <<<"$output" | sed -nE 's/^  ([a-z-]+) .*/\1/p')" "$name"$'\nhelp'
		assert_equal "$("$alone" help --dump | awk -F '\t' '$1 == "command" { print $2 }')" "$name"$'\nhelp'
		# What happens can be watched on the running machine alone.
		of=(--root "$root")
		[[ $name != watch ]] || of=()
		# shellcheck disable=SC2046 # words
		run "$alone" "${of[@]}" "$name" $(arguments "$name") </dev/null
		[[ $status == 0 || $status == 1 || ($name == watch && $status == 124) ]] || fail "$name: status $status: $output"
		[[ $name == watch ]] || assert_equal "$(jq -r .schema <<<"$output")" "oomkit/$name/1"
		(($(stat -c %s "$alone") < whole)) || fail "$name is as large as all of them"
		run -2 --separate-stderr "$alone" "$([[ $name == rank ]] && echo score || echo rank)"
		[[ $stderr == *'no such command'* ]]
	done
}

@test "CONFIG: what no command asks for is not linked" {
	built_with 'score adj'
	program=$BATS_FILE_TMPDIR/copy/oomkit
	assert_equal "$("$program" --list)" $'score\nadj'
	run -0 nm --defined-only "$program"
	assert_line --partial ' command_score'
	assert_equal "$(grep -E ' (command_rank|oomlog_|logline_|kills_|tally_|init_)' <<<"$output")" ''
}

@test "CONFIG: an unknown command is named, help is always there" {
	run -2 built_with 'rank frobnicate'
	assert_output --partial 'CONFIG: there is no command frobnicate; there are: score rank'
	built_with 'help'
	run -0 "$BATS_FILE_TMPDIR/copy/oomkit" --list
	assert_output ''
}

@test "CONFIG: links, man pages and completions that are installed are those of its commands" {
	dest=$BATS_TEST_TMPDIR/dest
	built_with 'rank parse-log' DESTDIR="$dest" PREFIX=/usr install
	assert_equal "$(cd "$dest/usr/bin" && echo *)" 'oom-parse-log oom-rank oomkit'
	assert_equal "$(cd "$dest/usr/share/man" && echo man?/*)" \
		'man1/oom-parse-log.1 man1/oom-rank.1 man1/oomkit-parse-log.1 man1/oomkit-rank.1 man1/oomkit.1 man7/oomkit-eras.7'
	run -0 bash --norc --noprofile "$ROOT/tests/completions/offers.bash" \
		"$dest/usr/share/bash-completion/completions/oomkit" 'oomkit '
	assert_output $'> oomkit \nhelp\nparse-log\nrank'
	for file in zsh/site-functions/_oomkit fish/vendor_completions.d/oomkit.fish; do
		grep -q parse-log "$dest/usr/share/$file"
		! grep -q protect "$dest/usr/share/$file" || fail "$file offers protect"
	done
	mandoc -T ascii "$dest/usr/share/man/man1/oomkit.1" | sed 's/.\x08//g' >"$BATS_TEST_TMPDIR/page"
	grep -qE '^ +rank' "$BATS_TEST_TMPDIR/page"
	built_with 'rank parse-log' DESTDIR="$dest" PREFIX=/usr uninstall
	assert_equal "$(find "$dest" ! -type d)" ''
	# The pages of the tree are those of all.
	assert_equal "$(cd "$BATS_FILE_TMPDIR/copy" && cat man/*.1 completions/* | cksum)" "$(cd "$ROOT" && cat man/*.1 completions/* | cksum)"
}
