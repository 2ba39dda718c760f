# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What every bats file shares: where things are, an environment that is the same everywhere, the fixture machines, and
# the probes behind which a test may skip. Each file loads it first: load helper

bats_require_minimum_version 1.5.0

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
OOMKIT=${OOMKIT:-$ROOT/oomkit}
OOMKIT_BUILD=${OOMKIT_BUILD:-$ROOT/build}
export ROOT OOMKIT OOMKIT_BUILD

# Debian's place first; BATS_LIB_PATH is for others.
for _lib in bats-support bats-assert; do
	for _dir in /usr/lib/bats ${BATS_LIB_PATH:+${BATS_LIB_PATH//:/ }} /usr/lib /usr/share/bats; do
		if [[ -e $_dir/$_lib/load.bash ]]; then
			load "$_dir/$_lib/load.bash"
			break
		fi
	done
done
unset _lib _dir

export LC_ALL=C TZ=UTC
unset OOMKIT_ROOT NO_COLOR COLUMNS LINES POSIXLY_CORRECT ARGP_HELP_FMT
umask 022
# A failed test shows what its last `run` printed.
# shellcheck disable=SC2034
BATS_PRINT_OUTPUT_ON_FAILURE=1

# ------------------------------------------------------------------ fixture machines

# The names of all fixture machines, one a line.
machines() {
	local archive
	for archive in "$ROOT"/tests/fixtures/machines/*.tar.xz; do
		[[ -e $archive ]] || continue
		archive=${archive##*/}
		printf '%s\n' "${archive%.tar.xz}"
	done
}

# machine NAME: the path of that machine, a root for --root. Unpacked once; nobody writes into it (copy it first:
# machine_copy).
machine() {
	local name=$1 archive=$ROOT/tests/fixtures/machines/$1.tar.xz
	local top=$OOMKIT_BUILD/fixtures dir=$OOMKIT_BUILD/fixtures/$1
	if [[ ! -e $archive ]]; then
		echo "no fixture machine $name: $archive is not there" >&2
		return 1
	fi
	if [[ ! -e $dir.unpacked || $archive -nt $dir.unpacked ]]; then
		mkdir -p "$top" && (
			flock 9 || exit 1
			# Another one may have been quicker while we waited.
			[[ -e $dir.unpacked && ! $archive -nt $dir.unpacked ]] || machine_unpack "$archive" "$name" "$top"
		) 9>"$top/.lock" || return 1
	fi
	printf '%s\n' "$dir"
}

# Into a folder of its own and then moved, so that nobody ever sees half a machine.
machine_unpack() {
	local archive=$1 name=$2 top=$3 tmp from
	tmp=$(mktemp -d "$top/.unpack.XXXXXX") && mkdir "$tmp/all" || return 1
	# An archive holds the machine's root either below its name or bare.
	from=$tmp/all
	if tar -xJf "$archive" -C "$from" --no-same-owner && chmod -R u+rwX "$from"; then
		[[ ! -d $from/$name ]] || from=$from/$name
		rm -rf "${top:?}/$name" && mv -T "$from" "$top/$name" && : >"$top/$name.unpacked"
	fi
	rm -rf "$tmp"
	[[ -e $top/$name.unpacked ]]
}

# machine_copy NAME [DIR]: a copy that a test may change; DIR defaults to a place in the test's own folder.
machine_copy() {
	local from to=${2:-$BATS_TEST_TMPDIR/$1}
	from=$(machine "$1") || return 1
	cp -a "$from" "$to" && printf '%s\n' "$to"
}

# program NAME: the path of the test program tests/NAME.c, built by make, or here where a file is run by hand.
program() {
	local bin=${OOMKIT_PROGRAMS:-$OOMKIT_BUILD/programs}/$1
	if [[ ! -x $bin || $ROOT/tests/$1.c -nt $bin ]]; then
		mkdir -p "${bin%/*}" &&
			"${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -O2 -pthread -o "$bin.$$" "$ROOT/tests/$1.c" >&2 &&
			mv -f "$bin.$$" "$bin" || return 1
	fi
	printf '%s\n' "$bin"
}

# ------------------------------------------------------------------ probes

# A probe tries the thing itself, changes nothing outside of itself, and sets `reason`, the text of the skip.
# tests/permitted-skips lists the reasons. `need PROBE...` skips the test where one of them fails.
need() {
	local probe
	for probe; do
		reason=
		"probe_$probe" || skip "$reason"
	done
}

probe_root() {
	reason='not run as root'
	((EUID == 0))
}

probe_user_namespace() {
	reason='user namespaces are not permitted here'
	unshare --user --map-root-user true 2>/dev/null
}

probe_mount_namespace() {
	reason='mount namespaces are not permitted here'
	unshare --mount true 2>/dev/null
}

probe_pid_namespace() {
	reason='pid namespaces are not permitted here'
	unshare --pid --fork true 2>/dev/null
}

# A /proc of its own with hidepid, in a mount namespace of its own.
probe_hidepid() {
	reason='a /proc with hidepid cannot be mounted here'
	# shellcheck disable=SC2016
	unshare --mount --pid --fork sh -c 'mount -t proc -o hidepid=2 proc /proc && test -e /proc/self/stat' 2>/dev/null
}

# Another user's identity can be taken on.
probe_setpriv() {
	reason='the user cannot be changed here'
	setpriv --reuid 65534 --regid 65534 --clear-groups true 2>/dev/null
}

probe_strace() {
	reason='ptrace is not permitted here'
	strace -qq -o /dev/null true 2>/dev/null
}

probe_oom_score() {
	reason='/proc/self/oom_score cannot be read'
	[[ $(cat /proc/self/oom_score 2>/dev/null) =~ ^[0-9]+$ ]]
}

probe_lower_adj() {
	reason='oom_score_adj cannot be lowered here'
	# shellcheck disable=SC2016
	sh -c 'echo -1 >/proc/self/oom_score_adj' 2>/dev/null
}

probe_cgroup() {
	reason='no cgroup hierarchy is mounted'
	grep -qE ' - cgroup2? ' /proc/self/mountinfo
}

probe_memory_cgroup() {
	reason='no memory cgroup hierarchy is mounted'
	grep -qE ' - cgroup [^ ]* [^ ]*\bmemory\b' /proc/self/mountinfo && return
	local mount
	mount=$(sed -nE 's/^[^ ]* [^ ]* [^ ]* [^ ]* ([^ ]*) .* - cgroup2 .*/\1/p' /proc/self/mountinfo | head -n 1)
	[[ -n $mount ]] && grep -qw memory "$mount/cgroup.controllers" 2>/dev/null
}

probe_tracefs() {
	reason='tracefs is not mounted'
	[[ -r /sys/kernel/tracing/events/oom/enable || -r /sys/kernel/debug/tracing/events/oom/enable ]]
}

probe_terminal() {
	reason='no pseudo-terminal can be had here'
	[[ $(script -qec 'echo there' /dev/null </dev/null 2>/dev/null) == there* ]]
}

probe_kmsg() {
	reason='/dev/kmsg cannot be read'
	[[ -c /dev/kmsg ]] && (: </dev/kmsg) 2>/dev/null
}

probe_pressure() {
	reason='/proc/pressure/memory is not there'
	[[ -r /proc/pressure/memory ]] && cat /proc/pressure/memory >/dev/null 2>&1
}

probe_swap() {
	reason='this machine has no swap'
	awk '/^SwapTotal:/ { found = $2 > 0 } END { exit !found }' /proc/meminfo
}

probe_big_pid() {
	reason='pids do not go beyond 200,000 here'
	(($(cat /proc/sys/kernel/pid_max) > 200000)) && [[ -w /proc/sys/kernel/ns_last_pid ]]
}

probe_chosen_pid() {
	reason='a pid cannot be chosen here'
	local free
	free=$(sh -c 'echo $$')
	"$(program reborn)" "$free" true 2>/dev/null
}

# Sizes, times and traced runs of a sanitized build tell nothing of the program.
probe_plain_build() {
	reason='a sanitizer or coverage build'
	[[ -z ${OOMKIT_SAN:-}${OOMKIT_COV:-} ]]
}

# The leak check of the sanitizer cannot work under ptrace.
traced() {
	ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 strace "$@"
}
