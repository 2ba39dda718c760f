#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # run sets output; each test is a subshell
# Do the programs of other inits start a service with what `oomkit protect` has written? Values are raised here, which
# everybody may; tests/lab/guest-inits lowers them, with OpenRC and systemd besides, in a guest.

load helper

setup() {
	image=$BATS_TEST_TMPDIR/image
	supervisor=
	cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
	[[ ! $supervisor ]] || { kill -TERM "$supervisor" && wait "$supervisor"; }
	[[ ! -s web.pid ]] || kill -KILL "$(cat web.pid)"
	return 0
}

# script FILE LINE...
script() {
	mkdir -p "${1%/*}"
	printf '%s\n' "${@:2}" >"$1"
	chmod 755 "$1"
}

protect() { # INIT
	run -0 "$OOMKIT" protect --root "$image" --init "$1" web.service -n 432 -q
}

# The value of the process whose pid COMMAND prints, once that is a program of the name.
started() { # NAME COMMAND...
	local pid name=$1
	shift
	for _ in $(seq 500); do
		pid=$("$@" 2>/dev/null || true)
		if [[ $pid =~ ^[1-9][0-9]*$ && $(cat "/proc/$pid/comm" 2>/dev/null) == "$name" ]]; then
			cat "/proc/$pid/oom_score_adj"
			return
		fi
		sleep 0.02
	done
	echo "no $name was started"
	return 1
}

@test "runit: runsv, by way of chpst" {
	script "$image/etc/sv/web/run" '#!/bin/sh -eu' 'exec chpst -o 64 sleep 300'
	protect runit
	runsv "$image/etc/sv/web" 3>&- &
	supervisor=$!
	run -0 started sleep cat "$image/etc/sv/web/supervise/pid"
	assert_output 432
}

@test "s6: s6-supervise, a shell's script" {
	script "$image/etc/s6/sv/web/run" '#!/bin/sh -eu' 'exec sleep 300'
	protect s6
	s6-supervise "$image/etc/s6/sv/web" 3>&- &
	supervisor=$!
	run -0 started sleep s6-svstat -o pid "$image/etc/s6/sv/web"
	assert_output 432
}

@test "s6: s6-supervise, a script of execline, of which oomkit becomes a link" {
	mkdir bin
	ln -s "$OOMKIT" bin/oomkit
	script "$image/etc/s6/sv/web/run" "#!$(command -v execlineb) -P" '# a comment' 'redirfd -r 0 /dev/null' 'sleep 300'
	protect s6
	PATH=$PWD/bin:$PATH s6-supervise "$image/etc/s6/sv/web" 3>&- &
	supervisor=$!
	run -0 started sleep s6-svstat -o pid "$image/etc/s6/sv/web"
	assert_output 432
}

@test "System V: start-stop-daemon, called by a script" {
	script "$image/etc/init.d/web" '#!/bin/sh -e' '### BEGIN INIT INFO' '# Provides: web' '### END INIT INFO' \
		"start-stop-daemon --start --background --make-pidfile --pidfile $PWD/web.pid --exec $(command -v sleep) -- 300 3>&-"
	protect sysv
	run -0 "$image/etc/init.d/web" start
	run -0 started sleep cat web.pid
	assert_output 432
}
