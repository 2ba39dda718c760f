#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2153,SC2154 # run sets status, output, stderr; each test is a subshell
# A system call that fails, any of them: oomkit ends in order, and what it says with status 0 is true or owned to be
# incomplete. Faults are injected by strace from the first use of the root on; what the loader does before is its own.
# OOMKIT_FAULTS=1000 injects at (nearly) every call in place of a sample.

load helper
load fixtures/derived
load fixtures/faults

setup_file() {
	need strace plain_build
	root=$(derived small)
	export root
}

setup() {
	need strace plain_build
	root=$(derived small)
	work=$BATS_TEST_TMPDIR
}

# Every number of a document, and the words that decide, by their places; rows are known by their pid. Left out is what an
# unknown process may shift (the places in a rank, the counts) and advice that follows from it.
flat='def keyed: walk(if type == "array" and length > 0 and (.[0] | type == "object" and has("pid"))
		then map({(.pid | tostring): .}) | add
		elif type == "array" and length > 0 and (.[0] | type == "object" and has("path"))
		then map({(.path | tostring): .}) | add
		elif type == "array" and length > 0 and (.[0] | type == "object" and has("name"))
		then map({(.name | tostring): .}) | add
		else . end);
	keyed | del(.. | objects | .rank?, .victim?, .of?, .also?, .advice?, .killed_with?, .killable?, .never?, .unknown?)
	| [paths(scalars) as $p | {key: ($p | map(tostring) | join(".")), last: $p[-1], value: getpath($p)}]
	| map(select((.value | type == "number" or type == "boolean")
		or (.value != null and ([.last] | inside(["constraint", "where", "outcome", "comm", "cgroup", "user"])))))'

# calls ARG...: how often each system call is made, and how often of those before the root is opened.
calls() {
	traced -qq -o "$work/trace" -e trace=openat,read,getdents64,write,newfstatat,fstat,lseek,mmap,brk,sysinfo \
		"$OOMKIT" "$@" >/dev/null 2>&1 || true
	awk -v root="$root" '
		{ name = $0; sub(/\(.*/, "", name) }
		!seen && name == "openat" && index($0, "\"" root) { seen = 1; for (n in count) before[n] = count[n] }
		{ count[name]++ }
		END { for (n in count) print n, before[n] + 0, count[n] }' "$work/trace" >"$work/calls"
	grep -q openat "$work/calls"
}

# Judges one faulty run against the sound one: a status of 0 needs the same facts, or fewer and a word on stderr.
judge() { # STATUS ERRNO WHAT
	local what="$3 $2: status $1"
	if (($1 > 125)); then
		echo "$what: died"
		return 1
	fi
	if (($1 != 0)); then
		[[ -s $work/err ]] && return
		echo "$what: no message"
		return 1
	fi
	cmp -s "$work/out" "$work/sound" && return
	if [[ $2 == EINTR ]]; then
		echo "$what: EINTR changed the output"
		return 1
	fi
	# The release at the head of what shows values alone is null, and that is all that is missing.
	if [[ -n ${kernel_may_lack-} ]] && cmp -s <(jq -S 'del(.kernel)' "$work/out") <(jq -S 'del(.kernel)' "$work/sound"); then
		return
	fi
	if [[ -z ${unknown_is_enough-} && ! -s $work/err ]]; then
		echo "$what: the output differs, and stderr is empty"
		diff "$work/sound" "$work/out" | head -n 4
		return 1
	fi
	jq -e --slurpfile sound "$work/truth" "$flat"' | ($sound[0] | map({(.key): .value}) | add) as $true
		| map(select(.key as $k | ($true | has($k)) and $true[$k] != .value))
		| if length == 0 then true else (debug | false) end' "$work/out" >/dev/null 2>"$work/wrong" && return
	echo "$what: says something wrong"
	head -c 600 "$work/wrong"
	return 1
}

# injected CALL N ERRNO ARG...: `oomkit ARG...` whose call fails so: $status, $work/out and $work/err.
injected() {
	local inject
	injection "$1" "$2" "$3"
	status=0
	traced -qq -o /dev/null --seccomp-bpf -f "${inject[@]}" "$OOMKIT" "${@:4}" >"$work/out" 2>"$work/err" || status=$?
}

one_fault() { # CALL N COUNT ERRNO ARG...
	local status
	injected "$1" "$2" "$4" "${@:5}"
	judge "$status" "$4" "oomkit ${*:5}: $1 $2 of $3"
}

# faults TRUTH_ARGS -- ARG...: injects into `oomkit ARG...`; what it may say is what `oomkit TRUTH_ARGS` says.
faults() {
	local truth=()
	while [[ $1 != -- ]]; do
		truth+=("$1")
		shift
	done
	shift
	"$OOMKIT" "${truth[@]}" | jq "$flat" >"$work/truth"
	"$OOMKIT" "$@" >"$work/sound"
	calls "$@"
	each_fault one_fault "$@" <<-END
		openat EACCES,EMFILE,EIO,EINTR 16
		read EIO,EINTR 16
		getdents64 EIO,EINTR 6
		write EIO,EINTR 4
		newfstatat EIO 4
		fstat EIO 4
		sysinfo EIO 2
		mmap ENOMEM 6
		brk FULL 6
	END
}

@test "score" {
	faults score -J --root "$root" -- score -J --root "$root"
}

@test "rank of the first" {
	faults rank -a -J --root "$root" -- rank -N 5 -J --root "$root"
}

@test "rank of all, in a scope" {
	faults rank -a -J --scope /web --root "$root" -- rank -a -J --scope /web --root "$root"
}

@test "explain of a process" {
	faults explain -J --root "$root" 11 -- explain -J --root "$root" 11
}

@test "explain of the machine" {
	# A page of facts: one that is null has been owned to be unknown.
	unknown_is_enough=yes
	faults explain -J --root "$root" -- explain -J --root "$root"
}

@test "cgroup" {
	faults cgroup -J --victims --root "$root" -- cgroup -J --root "$root"
}

@test "cgroup with its victims" {
	faults cgroup -J --victims --root "$root" -- cgroup -J --victims --root "$root"
}

@test "adj, showing" {
	kernel_may_lack=yes
	faults adj -A -J --root "$root" -- adj -A -J --root "$root"
}

# What is opened first is the log.
some_log() {
	root=$work/some.log
	tar -xJf "$ROOT/tests/logs/corpus.tar.xz" -O --wildcards '093-*.log' >"$root"
	[[ $(wc -l <"$root") -gt 20 ]]
}

@test "parse-log" {
	local least=10
	some_log
	faults parse-log --why --tasks -J "$root" -- parse-log --why --tasks -J "$root"
}

@test "parse-log, its summary" {
	local least=10
	some_log
	faults parse-log --summary -J "$root" -- parse-log --summary -J "$root"
}

one_no() { # CALL N COUNT ERRNO ARG...
	local status
	injected "$1" "$2" "$4" "${@:5}"
	((status != 0 && status < 126)) && [[ -s $work/err || -s $work/out ]] && return
	echo "$1 $2 of $3 $4: status $status"
	return 1
}

# never_yes ARG...: what says "no" says so, or that it does not know, whichever call fails; it never says "yes".
never_yes() {
	local sound=0
	"$OOMKIT" "$@" >/dev/null 2>&1 || sound=$?
	((sound == 1))
	calls "$@"
	each_fault one_no "$@" <<-END
		openat EACCES,EMFILE,EIO,EINTR 8
		read EIO,EINTR 8
		getdents64 EIO,EINTR 6
		newfstatat EIO 4
		fstat EIO 4
		mmap ENOMEM 4
		brk FULL 4
	END
}

@test "protect --check never says yes where something drifts" {
	root=$(derived_copy small)
	mkdir -p "$root/etc/oomkit/protect.d"
	printf 'web -500\nnever -1000\n' >"$root/etc/oomkit/protect.d/50-oomkit.conf"
	never_yes protect --check --root "$root"
}

@test "score --check never says yes to what it has not seen" {
	local altered n count before call status
	altered=$(derived altered-score)
	root=$altered
	calls score --check --root "$altered"
	for call in openat read; do
		read -r before count < <(awk -v call=$call '$1 == call { print $2, $3 }' "$work/calls")
		for n in $(some $((before + 1)) "$count" 30); do
			status=0
			traced -qq -o /dev/null --seccomp-bpf -f -e trace=$call -e inject=$call:error=EIO:when="$n" \
				"$OOMKIT" score --check --root "$altered" >"$work/out" 2>"$work/err" || status=$?
			((status < 126))
			# Either the difference is found, or something is said of what could not be read.
			((status != 0)) || [[ -s $work/err ]]
			((status == 0)) || [[ -s $work/err || -s $work/out ]]
		done
	done
}

@test "a full disk: every command and format says so, and ends with 2" {
	local args
	for args in 'score' 'score -J' 'score -r' 'rank' 'rank -a -J' 'rank --format csv' 'rank --format tsv' \
		'rank --format prom' 'rank --format ndjson' 'rank --by user' 'rank --kills 2' 'explain' 'explain -J' \
		'explain 11' 'explain -J 11' 'rank --list-columns' 'cgroup' 'cgroup -J --victims' 'cgroup --format prom'; do
		status=0
		# shellcheck disable=SC2086
		"$OOMKIT" $args --root "$root" >/dev/full 2>"$work/err" || status=$?
		printf '%s: %d\n' "$args" $status
		cat "$work/err"
		((status == 2))
		[[ $(wc -l <"$work/err") == 1 && $(<"$work/err") == "oomkit ${args%% *}: "*[Nn]'o space left'* ]]
	done
	for args in '--help' '--version' '--list' 'help' 'help rank' 'rank --help' 'help --dump'; do
		status=0
		# shellcheck disable=SC2086
		"$OOMKIT" $args >/dev/full 2>"$work/err" || status=$?
		printf '%s: %d\n' "$args" $status
		cat "$work/err"
		((status == 2))
		[[ -s $work/err ]]
	done
}

@test "a closed stdout is an error" {
	local args
	for args in 'score' 'score -J' 'rank' 'rank -a -J' 'explain' 'explain -J 11'; do
		status=0
		# shellcheck disable=SC2086
		"$OOMKIT" $args --root "$root" >&- 2>"$work/err" || status=$?
		printf '%s: %d\n' "$args" $status
		((status == 2))
		[[ -s $work/err ]]
	done
}

@test "closed stdin and stderr are no error, and no file takes their place" {
	"$OOMKIT" rank -J --root "$root" >"$work/sound"
	"$OOMKIT" rank -J --root "$root" >"$work/out" <&- 2>&-
	cmp "$work/sound" "$work/out"
}

@test "a reader that leaves is none: SIGPIPE stays what it is" {
	set +e
	(trap - PIPE; exec "$OOMKIT" rank -a -J --root "$(derived site)") | true
	status=${PIPESTATUS[0]}
	set -e
	((status == 0 || status == 141))
}

@test "few file descriptors are enough" {
	"$OOMKIT" rank -a -J --root "$(derived site)" >"$work/sound"
	(ulimit -n 16; exec "$OOMKIT" rank -a -J --root "$(derived site)") >"$work/out"
	cmp "$work/sound" "$work/out"
}

@test "little memory: an orderly end" {
	local kib status
	for kib in 4000 6000 8000 12000 20000; do
		status=0
		(ulimit -v $kib; exec "$OOMKIT" rank -a -J --root "$root") >"$work/out" 2>"$work/err" || status=$?
		printf '%d KiB: %d\n' $kib $status
		((status < 128))
		((status == 0)) || [[ -s $work/err ]]
	done
}
