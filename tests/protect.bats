#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # run sets status, output, stderr; each test is a subshell
# protect: what is written where, does the init read it so, is it taken back without a trace, and does --check tell the
# truth of what runs? Files are written below roots of the tests' own, never into the machine's /etc.

load helper

setup() {
	image=$BATS_TEST_TMPDIR/image
	mkdir -p "$image/etc"
	children=() cgroups=()
	cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
	local pid dir
	for pid in "${children[@]}"; do
		kill -KILL "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
	done
	for dir in "${cgroups[@]}"; do
		for _ in $(seq 100); do
			rmdir "$dir" 2>/dev/null && break
			sleep 0.02
		done
	done
	return 0
}

# protect ARGUMENT...: on the image, for systemd unless another --init follows.
protect() {
	"$OOMKIT" protect --root "$image" --init systemd "$@"
}

dropin() { # UNIT
	echo "$image/etc/systemd/system/$1.d/50-oomkit.conf"
}

policy() {
	echo "$image/etc/oomkit/protect.d/50-oomkit.conf"
}

# child NAME: sets pid.
child() {
	ln -sf "$(command -v sleep)" "$BATS_TEST_TMPDIR/$1"
	"$BATS_TEST_TMPDIR/$1" 300 3>&- &
	pid=$!
	children+=("$pid")
	until [[ $(cat "/proc/$pid/comm") == "${1:0:15}" ]]; do sleep 0.01; done
}

# A command that sees an /etc of its own in place of the machine's: live processes, and files of the test.
with_own_etc() {
	mkdir -p own-etc
	unshare --mount bash -c 'mount --bind "$1" /etc && shift && exec "$@"' - "$PWD/own-etc" "$@"
}

# ------------------------------------------------------------------ what is written

@test "a unit gets a drop-in that systemd understands" {
	run -0 protect nginx.service -J
	assert_equal "$(jq -c '.targets[] | [.target, .declared, .live, .state, .file, .changed]' <<<"$output")" \
		'["nginx.service",-900,[],"not_running","/etc/systemd/system/nginx.service.d/50-oomkit.conf",true]'
	run -0 cat "$(dropin nginx.service)"
	assert_output "# Written by oomkit protect; 'oomkit protect --remove' removes it.
[Service]
OOMScoreAdjust=-900"
	mkdir -p "$image/usr/lib/systemd/system" "$image/bin" "$image/usr/bin"
	printf '#!/bin/sh\n' >"$image/usr/bin/web"
	chmod 755 "$image/usr/bin/web"
	printf '[Service]\nExecStart=/usr/bin/web\n' >"$image/etc/systemd/system/nginx.service"
	run -0 protect nginx.service --policy continue --main -n -500
	run systemd-analyze verify --recursive-errors=no --man=no --root="$image" nginx.service
	refute_output --partial 50-oomkit.conf
	# It would have said so.
	echo 'OOMScoreAdjustment=5' >>"$(dropin nginx.service)"
	run systemd-analyze verify --recursive-errors=no --man=no --root="$image" nginx.service
	assert_output --partial 50-oomkit.conf
}

@test "each level is its number, and -n any" {
	local level value
	while read -r level value; do
		run -0 protect web.service --level "$level"
		run -0 grep -c "^OOMScoreAdjust=$value\$" "$(dropin web.service)"
	done <<-'END'
		never -1000
		critical -900
		important -500
		normal 0
		expendable 500
		first 1000
	END
	run -0 protect web.service -n -123
	run -0 grep -c '^OOMScoreAdjust=-123$' "$(dropin web.service)"
	run -2 --separate-stderr protect web.service --level high
	assert_equal "${stderr_lines[0]}" \
		'oomkit protect: --level high: not a level (never, critical, important, normal, expendable, first)'
	run -2 protect web.service -n 1001
}

@test "a second run changes nothing, and says so" {
	run -0 protect web.service mysqld -u alice /web -n 300 -J
	assert_equal "$(jq -c '[.targets[].changed]' <<<"$output")" '[true,true,true,true]'
	before=$(find "$image" -type f -exec stat -c '%n %i %y' {} + | sort)
	run -0 protect web.service mysqld -u alice /web -n 300 -J
	assert_equal "$(jq -c '[.targets[].changed]' <<<"$output")" '[false,false,false,false]'
	assert_equal "$(find "$image" -type f -exec stat -c '%n %i %y' {} + | sort)" "$before"
	run -0 grep -v '^#' "$(policy)"
	assert_output $'--user alice 300\nmysqld 300\n/web 300'
}

@test "--main sets the main process once it runs, so that nobody inherits it" {
	run -0 protect ssh.service --main --policy continue --print
	assert_output "# Written by oomkit protect; 'oomkit protect --remove' removes it.
# main process only, set once it runs: its children would inherit OOMScoreAdjust=-900
[Service]
ExecStartPost=-+/bin/sh -c 'echo -900 >/proc/\$MAINPID/oom_score_adj'
OOMPolicy=continue"
	mkdir -p "$image/usr/bin"
	printf '#!/bin/sh\n' >"$image/usr/bin/web"
	chmod 755 "$image/usr/bin/web"
	mkdir -p "$image/etc/systemd/system"
	printf '[Service]\nExecStart=/usr/bin/web\n' >"$image/etc/systemd/system/ssh.service"
	run -0 protect ssh.service --main
	run systemd-analyze verify --recursive-errors=no --man=no --root="$image" ssh.service
	refute_output --partial 50-oomkit.conf
	run -0 protect --check ssh.service -J
	assert_equal "$(jq -c '.targets[] | [.declared, .state]' <<<"$output")" '[-900,"not_running"]'
	# The shell does what the line says.
	sleep 300 3>&- &
	children+=("$!")
	run -0 protect web.service --main -n 456
	line=$(sed -n "s/^ExecStartPost=-+\/bin\/sh -c '\(.*\)'\$/\1/p" "$(dropin web.service)")
	MAINPID=${children[0]} run -0 /bin/sh -c "$line"
	assert_equal "$(cat "/proc/${children[0]}/oom_score_adj")" 456
	# Another init has no such moment, and that is said.
	mkdir -p "$image/etc/sv/web"
	printf '#!/bin/sh\nexec web\n' >"$image/etc/sv/web/run"
	run -0 --separate-stderr "$OOMKIT" protect --root "$image" --init runit web.service --main
	assert_equal "$stderr" "oomkit protect: web.service: what runit starts it with, all that it starts has too: of its next start --main means --check alone"
}

@test "a template stands for its instances, and an instance has what its template declares" {
	run -0 protect worker@.service -n 321
	run -0 protect --check worker@one.service -J
	assert_equal "$(jq -c '.targets[] | [.target, .declared, .state, .file]' <<<"$output")" \
		'["worker@one.service",321,"not_running","/etc/systemd/system/worker@.service.d/50-oomkit.conf"]'
	run -0 protect worker@one.service -n 322
	run -0 protect --check worker@one.service worker@two.service -J
	assert_equal "$(jq -c '[.targets[].declared]' <<<"$output")" '[322,321]'
	run -3 protect --check other@one.service
	machine=$(machine_copy 6.1-v2)
	pid=$(cd "$machine/proc" && printf '%s\n' [0-9]* | sort -n | tail -n 1)
	echo '0::/system.slice/system-worker.slice/worker@one.service' >"$machine/proc/$pid/cgroup"
	for target in worker@.service worker@one.service; do
		run -0 "$OOMKIT" adj --root "$machine" "$target" --noheadings -o pid
		assert_output "$pid"
	done
	# An instance with a value of its own is none of its template's business.
	echo 321 >"$machine/proc/$pid/oom_score_adj"
	run -0 "$OOMKIT" protect --root "$machine" --init systemd worker@.service -n 321 -J
	assert_equal "$(jq -c '[.targets[0].state, .targets[0].live[].state]' <<<"$output")" '["declared","main"]'
	run -0 "$OOMKIT" protect --root "$machine" --init systemd worker@one.service -n 5 -q
	run -1 "$OOMKIT" protect --root "$machine" --init systemd --check -J
	assert_equal "$(jq -c '[.targets[] | [.target, .state]] | sort' <<<"${output%$'\n'oomkit*}")" \
		'[["worker@.service","not_running"],["worker@one.service","drift"]]'
	for target in worker@two.service work@.service worker@o.service orker@.service; do
		run -1 "$OOMKIT" adj --root "$machine" "$target"
	done
}

@test "another name of a unit is told, and the unit is meant" {
	mkdir -p "$image/etc/systemd/system" "$image/lib/systemd/system"
	touch "$image/lib/systemd/system/ssh.service"
	ln -s /lib/systemd/system/ssh.service "$image/etc/systemd/system/sshd.service"
	ln -s ssh.service "$image/lib/systemd/system/secure.service"
	for name in sshd.service secure.service; do
		run -0 --separate-stderr protect "$name" --main -n 5 -J
		assert_equal "$stderr" "oomkit protect: $name: another name of ssh.service"
		assert_equal "$(jq -r '.targets[] | .target, .file' <<<"$output")" \
			$'ssh.service\n/etc/systemd/system/ssh.service.d/50-oomkit.conf'
	done
	run -0 protect --check sshd.service
	run -0 protect --remove sshd.service -q
	assert_equal "$(find "$image/etc" -type f)" ''
	# What is no other name: masked, linked from elsewhere, a link to nonsense, a file that stands before a link.
	ln -s /dev/null "$image/etc/systemd/system/masked.service"
	ln -s /opt/web/web.service "$image/etc/systemd/system/web.service"
	ln -s '../a b.service' "$image/etc/systemd/system/odd.service"
	ln -s ../ssh.timer "$image/etc/systemd/system/timed.service"
	touch "$image/etc/systemd/system/secure.service"
	for name in masked web odd timed secure; do
		run -0 --separate-stderr protect "$name.service" -n 5 -J
		assert_equal "$(jq -r '.targets[].target' <<<"$output")" "$name.service"
		assert_equal "$stderr" ''
	done
}

@test "a unit of a user's manager is none of the system's" {
	machine=$(machine_copy 6.1-v2)
	pid=$(cd "$machine/proc" && printf '%s\n' [0-9]* | sort -n | tail -n 1)
	echo '0::/user.slice/user-7.slice/user@7.service/app.slice/web.service' >"$machine/proc/$pid/cgroup"
	run -2 --separate-stderr "$OOMKIT" protect --root "$machine" --init systemd "$pid"
	[[ $stderr == "oomkit protect: $pid: is of no unit, and a pid does not last"* ]] || fail "$stderr"
	comm=$(cat "$machine/proc/$pid/comm")
	run -0 --separate-stderr "$OOMKIT" protect --root "$machine" --init systemd -x "$comm" -n 5
	run -0 cat "$machine/etc/oomkit/protect.d/50-oomkit.conf"
	assert_line "$comm 5"
	[[ ! -e $machine/etc/systemd ]]
}

@test "--dry-run and --print write nothing into the image" {
	run -0 protect web.service mysqld --dry-run
	assert_line --regexp '^web.service +-900 '
	run -0 protect web.service -n 7 --print
	assert_line 'OOMScoreAdjust=7'
	assert_equal "$(find "$image" -type f)" ''
}

@test "--remove leaves no trace" {
	cp -a "$image" before
	run -0 protect web.service db.service mysqld /web
	run -0 protect --remove web.service
	[[ ! -e $image/etc/systemd/system/web.service.d ]]
	[[ -e $(dropin db.service) ]]
	run -0 protect --remove
	assert_equal "$(find "$image" -type f)" ''
	[[ ! -e $image/etc/oomkit ]]
	# Another's drop-in and its directory stay.
	run -0 protect web.service
	touch "$image/etc/systemd/system/web.service.d/10-mine.conf"
	run -0 protect --remove web.service
	assert_equal "$(find "$image" -type f)" "$image/etc/systemd/system/web.service.d/10-mine.conf"
}

# round INIT FILE: protects web there, runs CHECK on the file, and removes again; the file is as it was, mode and all.
round() {
	local init=$1 file=$image/$2 before
	before=$(stat -c '%a %u' "$file"; md5sum <"$file")
	run -0 "$OOMKIT" protect --root "$image" --init "$init" web.service -n 345
	assert_equal "$(stat -c '%a %u' "$file")" "${before%%$'\n'*}"
	cp -p "$file" "$BATS_TEST_TMPDIR/protected"
	run -0 "$OOMKIT" protect --root "$image" --init "$init" --check web.service -J
	assert_equal "$(jq -c '.targets[] | [.declared, .state]' <<<"$output")" '[345,"not_running"]'
	run -0 "$OOMKIT" protect --root "$image" --init "$init" --noheadings -o target,declared
	assert_output 'web.service 345'
	run -0 "$OOMKIT" protect --root "$image" --init "$init" --remove web.service
	assert_equal "$(stat -c '%a %u' "$file"; md5sum <"$file")" "$before"
}

@test "runit: the run script starts the service with the value" {
	mkdir -p "$image/etc/sv/web"
	printf '#!/bin/sh\n# serves\nexec cat /proc/self/oom_score_adj' >"$image/etc/sv/web/run"
	chmod 755 "$image/etc/sv/web/run"
	round runit etc/sv/web/run
	run -0 ./protected
	assert_output 345
}

@test "a service starts all the same where its value is refused" {
	local less=()
	! probe_lower_adj || less=(setpriv --bounding-set -sys_resource)
	mkdir -p "$image/etc/sv/web"
	printf '#!/bin/sh -eu\nexec echo started\n' >"$image/etc/sv/web/run"
	chmod 755 "$image/etc/sv/web/run"
	run -0 "$OOMKIT" protect --root "$image" --init runit web.service
	run -0 "${less[@]}" "$image/etc/sv/web/run"
	assert_line started
	mkdir -p "$image/etc/s6/sv/web"
	printf '#!/bin/execlineb -P\necho started\n' >"$image/etc/s6/sv/web/run"
	run -0 "$OOMKIT" protect --root "$image" --init s6 web.service
	read -ra words <<<"$(grep -v '^#' "$image/etc/s6/sv/web/run" | tr '\n' ' ')"
	ln -s "$OOMKIT" oomkit
	PATH=$PWD:$PATH run -0 "${less[@]}" "${words[@]}"
	assert_line started
}

@test "s6: shell and execline scripts" {
	mkdir -p "$image/etc/s6/sv/web"
	printf '#!/bin/sh -e\nexec cat /proc/self/oom_score_adj\n' >"$image/etc/s6/sv/web/run"
	chmod 755 "$image/etc/s6/sv/web/run"
	round s6 etc/s6/sv/web/run
	run -0 ./protected
	assert_output 345
	# execline runs a program with the next one as its arguments, as the words stand there.
	printf '#!/bin/execlineb -P\ncat /proc/self/oom_score_adj\n' >"$image/etc/s6/sv/web/run"
	round s6 etc/s6/sv/web/run
	read -ra words <<<"$(grep -v '^#' protected | tr '\n' ' ')"
	ln -s "$OOMKIT" oomkit
	PATH=$PWD:$PATH run -0 "${words[@]}"
	assert_output 345
}

@test "sysv: the script sets it before it starts anything" {
	mkdir -p "$image/etc/init.d"
	printf '#! /bin/sh\ncase $1 in start) cat /proc/self/oom_score_adj ;; esac\n' >"$image/etc/init.d/web"
	chmod 755 "$image/etc/init.d/web"
	round sysv etc/init.d/web
	run -0 ./protected start
	assert_output 345
}

@test "openrc: conf.d, read as the shell that openrc reads it with" {
	mkdir -p "$image/etc/conf.d" "$image/etc/init.d"
	touch "$image/etc/init.d/web"
	printf 'WEB_ARGS="-x"' >"$image/etc/conf.d/web"
	round openrc etc/conf.d/web
	run -0 sh -c '. ./protected; echo "$WEB_ARGS $SSD_OOM_SCORE_ADJ"; cat /proc/self/oom_score_adj'
	assert_output $'-x 345\n345'
	# A service without such a file gets one, and loses it again.
	rm "$image/etc/conf.d/web"
	run -0 "$OOMKIT" protect --root "$image" --init openrc web.service -n 5
	run -0 sh -c '. "$1"; echo "$SSD_OOM_SCORE_ADJ"' - "$image/etc/conf.d/web"
	assert_output 5
	run -0 "$OOMKIT" protect --root "$image" --init openrc --remove web.service
	[[ ! -e $image/etc/conf.d/web ]]
}

@test "dinit: the property in the service's description" {
	mkdir -p "$image/etc/dinit.d"
	printf 'type = process\ncommand = /usr/bin/web' >"$image/etc/dinit.d/web"
	round dinit etc/dinit.d/web
	run -0 grep -c '^oom-score-adj = 345$' protected
	assert_equal "$(grep -c '^command = /usr/bin/web$' protected)" 1
}

@test "the init is told by what runs or is installed" {
	mkdir -p "$image/etc/sv/web" "$image/run/runit"
	touch "$image/run/runit/stopit"
	printf '#!/bin/sh\n' >"$image/etc/sv/web/run"
	run -0 "$OOMKIT" protect --root "$image" web.service -n 5 -J
	assert_equal "$(jq -r '.targets[].file' <<<"$output")" /etc/sv/web/run
	mkdir -p "$image/run/systemd/system"
	run -0 "$OOMKIT" protect --root "$image" web.service -n 5 -J --init auto
	assert_equal "$(jq -r '.targets[].file' <<<"$output")" /etc/systemd/system/web.service.d/50-oomkit.conf
	# What pid 1 is counts before what it has left, or another has beside it.
	mkdir -p "$image/proc/1"
	echo runit >"$image/proc/1/comm"
	run -0 "$OOMKIT" protect --root "$image" web.service -n 5 -J
	assert_equal "$(jq -r '.targets[].file' <<<"$output")" /etc/sv/web/run
	echo init >"$image/proc/1/comm"
	run -0 "$OOMKIT" protect --root "$image" web.service -n 5 -J
	assert_equal "$(jq -r '.targets[].file' <<<"$output")" /etc/systemd/system/web.service.d/50-oomkit.conf
	rm -r "$image/run" "$image/etc/sv" "$image/proc"
	run -2 --separate-stderr "$OOMKIT" protect --root "$image" web.service
	assert_equal "$stderr" 'oomkit protect: web.service: which init starts it cannot be told (--init names one)'
	run -1 --separate-stderr "$OOMKIT" protect --root "$image" --init runit web.service
	assert_equal "$stderr" 'oomkit protect: web.service: runit has no such service (--init names another init)'
}

@test "what does not last is refused with 2, and adj is named" {
	for target in web.slice run-1.scope '--unit web.timer' ../../web.service '--container 0123456789abcdef' '--tree 1' \
		'--comm x' '-f x' --all; do
		# shellcheck disable=SC2086 # words are words
		run -2 --separate-stderr protect $target
		[[ ${stderr_lines[0]} == *'oomkit adj'* ]] || fail "$target: $stderr"
	done
	child plain
	run -2 --separate-stderr "$OOMKIT" protect "$pid"
	assert_equal "${stderr_lines[0]}" \
		"oomkit protect: $pid: is of no unit, and a pid does not last (oomkit adj changes it for as long as it runs)"
	assert_equal "$(find "$image" -type f)" ''
}

@test "what hurts later is said" {
	run -0 --separate-stderr protect ssh.service
	[[ $stderr == *'ssh.service: what it starts inherits -900'*'--main'* ]] || fail "$stderr"
	run -0 --separate-stderr protect ssh.service --main
	assert_equal "$stderr" ''
	run -0 --separate-stderr protect web.service -n -1000
	[[ $stderr == *'with -1000 on all of it an OOM inside its memory limit finds nobody to kill'* ]] || fail "$stderr"
	run -0 --separate-stderr protect web.service -n 500
	assert_equal "$stderr" ''
	# A machine on which nobody is left in the unit whom the kernel could kill.
	machine=$(machine_copy 6.1-v2)
	pid=$(cd "$machine/proc" && printf '%s\n' [0-9]* | sort -n | tail -n 1)
	echo '0::/system.slice/web.service' >"$machine/proc/$pid/cgroup"
	echo -1000 >"$machine/proc/$pid/oom_score_adj"
	run -0 --separate-stderr "$OOMKIT" protect --root "$machine" --init systemd web.service --main -n -1000
	[[ $stderr == *'web.service: no process in it can be killed: an OOM inside its memory limit finds nobody'* ]] || fail "$stderr"
}

# ------------------------------------------------------------------ the old file or the new one

@test "no name makes a line of its own, a comment, or another target of a policy" {
	local name names=('a b' '#comment' '--user bob' '-x' 1234 deadbeef1234 'foo 1000' web.service /web 'x -5' $'\x01')
	for name in "${names[@]}"; do
		run -0 protect "--exact=$name" -n 7 -q
	done
	run -0 protect -n 8 -q -u 'some one' /web/x '/with blank'
	run -0 protect --check -J
	assert_equal "$(jq '.targets | length' <<<"$output")" "$((${#names[@]} + 3))"
	for name in "${names[@]}"; do
		assert_equal "$(jq --arg name "$name" '[.targets[] | select(.target == $name and .declared == 7)] | length' <<<"$output")" 1
	done
	for name in $'a\nroot 5' ' lead' 'trail ' $'a\r' $'\n' "$(printf 'c%.0s' {1..5000})"; do
		run -2 --separate-stderr protect "--exact=$name" -n 7
		[[ ${stderr_lines[0]} == *': cannot stand in a line of a policy' ]] || fail "$name: $stderr"
	done
	run -2 protect $'/a\n/b' -n 7
	run -2 protect -u $'a\nb' -n 7
	run -0 grep -c . "$(policy)"
	assert_output "$((${#names[@]} + 4))"
	run -0 protect --remove
	assert_equal "$(find "$image" -type f)" ''
}

@test "no unit's name leaves the directory of units" {
	local name long
	long=$(printf 'a%.0s' {1..245}).service
	for name in $'a\nb.service' a/b.service ../x.service ..service 'a b.service' @.service 'é.service' '%n.service' "x$long" \
		"$(printf 'a%.0s' {1..5000}).service" '$(id).service'; do
		run -2 --separate-stderr protect --unit "$name"
		[[ ${stderr_lines[0]} == *': not the name of a unit ('* ]] || fail "$name: $stderr"
	done
	assert_equal "$(find "$image" -type f)" ''
	# The longest that there is, and what systemd escapes.
	for name in "$long" 'dev-disk-by\x2dlabel-x.swap' 'a@@b.service' '-x.service'; do
		run -0 protect "--unit=$name" -q
		run -0 test -f "$image/etc/systemd/system/$name.d/50-oomkit.conf"
	done
	run -0 protect --remove -q
	assert_equal "$(find "$image" -type f)" ''
}

@test "hostile policies are refused whole, with their line" {
	local text
	printf 'good 5\n' >good.conf
	for text in 'x' 'x\0y 5' '5' ' 5' '--user 5' '--nonsense x 5' '--pid 1 5' '1234 5' 'x 1001' 'x -1001' 'x 99999999999999999999' \
		'x 5x' 'x 0x5' 'x --5' 'x high' 'deadbeef1234 5' "$(printf 'c%.0s' {1..5000}) 5" '\xff'; do
		printf 'good 5\n# comment\n\n%b\n' "$text" >hostile.conf
		run -2 --separate-stderr "$OOMKIT" protect --apply hostile.conf
		[[ $stderr == *"/hostile.conf:4: "* ]] || fail "$text: $stderr"
	done
	head -c 2000000 /dev/zero >hostile.conf
	run -2 "$OOMKIT" protect --apply hostile.conf
	run -2 "$OOMKIT" protect --apply good.conf hostile.conf
	mkdir directory.conf
	run -2 "$OOMKIT" protect --apply directory.conf
	ln -s hostile.conf link.conf
	run -2 "$OOMKIT" protect --apply link.conf
	run -0 "$OOMKIT" protect --apply good.conf
	# Ends without a line end, or in CRLF.
	printf 'good 5\r\nother -5' >good.conf
	run -0 "$OOMKIT" protect --apply good.conf --dry-run -J
	assert_equal "$(jq -c '[.targets[] | .target, .declared]' <<<"$output")" '["good",5,"other",-5]'
}

@test "a link in the way is not followed and not replaced; a path does not leave the image" {
	mkdir -p "$image/etc/systemd/system/web.service.d" outside
	echo untouched >outside/file
	ln -s "$PWD/outside/file" "$(dropin web.service)"
	run -1 --separate-stderr protect web.service
	assert_equal "$stderr" "oomkit protect: /etc/systemd/system/web.service.d/50-oomkit.conf: a symbolic link is in the way (remove it first; what it leads to is not touched)"
	run -1 protect --remove web.service
	[[ -L $(dropin web.service) ]]
	assert_equal "$(cat outside/file)" untouched
	rm -r "$image/etc/systemd"
	# An absolute link is one of the image.
	ln -s "$PWD/outside" "$image/etc/systemd"
	run protect web.service
	assert_equal "$(find outside -type f)" outside/file
	rm "$image/etc/systemd"
	ln -s ../../../../../../../../../../.."$PWD/outside" "$image/etc/systemd"
	run protect web.service
	assert_equal "$(find outside -type f)" outside/file
}

@test "a full disk leaves the old file, and no half of a new one" {
	need root mount_namespace
	mkdir disk
	run -0 unshare --mount bash -c '
		mount -t tmpfs -o size=64k,nr_inodes=64 tmpfs "$1" && mkdir -p "$1/etc/conf.d" "$1/etc/init.d" &&
			touch "$1/etc/init.d/web" || exit 1
		head -c 9000 /dev/zero | tr "\0" "#" >"$1/etc/conf.d/web"
		before=$(md5sum <"$1/etc/conf.d/web")
		cat /dev/zero >"$1/filler" 2>/dev/null
		"$2" protect --root "$1" --init openrc web.service && exit 2
		[[ $(md5sum <"$1/etc/conf.d/web") == "$before" ]] || exit 3
		[[ $(ls -A "$1/etc/conf.d") == web ]] || exit 4
		mkdir -p "$1/etc/systemd/system"
		"$2" protect --root "$1" --init systemd web.service name && exit 5
		[[ -z $(find "$1/etc/systemd/system" "$1/etc/oomkit" -mindepth 1 2>/dev/null) ]] || exit 6
		rm "$1/filler"
		"$2" protect --root "$1" --init openrc web.service -q' - "$PWD/disk" "$OOMKIT"
	assert_output --partial '/etc/conf.d/web: No space left on device'
}

@test "a read-only /etc is 77, and says what would help" {
	need root mount_namespace
	run -77 --separate-stderr unshare --mount bash -c '
		mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && "$2" protect --root "$1" --init systemd web.service' \
		- "$image" "$OOMKIT"
	assert_equal "$stderr" "oomkit protect: /etc/systemd/system/web.service.d/50-oomkit.conf: Read-only file system (mount it writable, or use --print)"
}

@test "many runs at once lose no line" {
	runs=()
	for i in $(seq 12); do
		"$OOMKIT" protect --root "$image" -n "$i" "name-$i" -q 3>&- &
		runs+=("$!")
	done
	for p in "${runs[@]}"; do
		wait "$p"
	done
	run -0 bash -c 'grep -v "^#" "$1" | sort -t - -k 2 -n' - "$(policy)"
	assert_output "$(for i in $(seq 12); do echo "name-$i $i"; done)"
	assert_equal "$(ls -A "$(dirname "$(policy)")")" 50-oomkit.conf
}

# ------------------------------------------------------------------ policies

@test "--apply sets what the policies say, and says changed once" {
	need root mount_namespace
	child oomkit-applied
	mkdir -p own-etc/oomkit/protect.d
	printf '# ours\noomkit-applied 432\nno-such-name-here critical\n' >own-etc/oomkit/protect.d/10-web.conf
	run -0 with_own_etc "$OOMKIT" protect --apply -J
	assert_equal "$(jq -c '.targets[] | [.target, .declared, .state, .changed, (.live | length)]' <<<"$output")" \
		$'["oomkit-applied",432,"declared",true,1]\n["no-such-name-here",-900,"not_running",false,0]'
	assert_equal "$(cat "/proc/$pid/oom_score_adj")" 432
	run -0 with_own_etc "$OOMKIT" protect --apply -J
	assert_equal "$(jq -c '[.targets[].changed]' <<<"$output")" '[false,false]'
	printf 'oomkit-applied 433\n' >file.conf
	run -0 "$OOMKIT" protect --apply file.conf --dry-run
	assert_equal "$(cat "/proc/$pid/oom_score_adj")" 432
	run -0 "$OOMKIT" protect --apply file.conf
	assert_equal "$(cat "/proc/$pid/oom_score_adj")" 433
}

@test "a policy with a wrong line names it and changes nothing" {
	child oomkit-applied
	before=$(cat "/proc/$pid/oom_score_adj")
	printf 'oomkit-applied 432\n\nnginx\n' >file.conf
	run -2 --separate-stderr "$OOMKIT" protect --apply file.conf
	[[ $stderr == "oomkit protect: $PWD/file.conf:3: not TARGET VALUE"* ]] || fail "$stderr"
	printf 'oomkit-applied 432\nnginx 2000\n' >file.conf
	run -2 --separate-stderr "$OOMKIT" protect --apply file.conf
	[[ $stderr == *'file.conf:2: the value is outside -1000..1000'* ]] || fail "$stderr"
	printf '1234 5\n' >file.conf
	run -2 "$OOMKIT" protect --apply file.conf
	run -2 --separate-stderr "$OOMKIT" protect --apply nowhere.conf
	[[ $stderr == *'nowhere.conf: No such file or directory'* ]] || fail "$stderr"
	assert_equal "$(cat "/proc/$pid/oom_score_adj")" "$before"
	# No policy at all is none to apply.
	run -0 protect --apply
}

# ------------------------------------------------------------------ live

# A memory cgroup that bears the name of a unit, as systemd would make it; sets unit and dir.
own_unit() {
	local mount
	unit=oomkit-test-$BATS_TEST_NUMBER-$$.service
	mount=$(sed -nE 's/^[^ ]* [^ ]* [^ ]* \/ ([^ ]*) .* - cgroup [^ ]* ([^ ]*,)?memory(,.*)?$/\1/p' /proc/self/mountinfo |
		head -n 1)
	[[ $mount ]] ||
		mount=$(sed -nE 's/^[^ ]* [^ ]* [^ ]* \/ ([^ ]*) .* - cgroup2 .*/\1/p' /proc/self/mountinfo | head -n 1)
	dir=$mount/$unit
	[[ -d $dir ]] || mkdir "$dir" || return 1
	cgroups=("$dir")
}

probe_own_unit() {
	reason='no memory cgroup can be made here'
	((EUID == 0)) && probe_memory_cgroup && own_unit 2>/dev/null
}

@test "a unit that runs is set now, and --check tells main, inherited and drift" {
	need root mount_namespace own_unit
	bash -c 'exec -a main sleep 300' 3>&- &
	children+=("$!")
	main=$!
	echo "$main" >"$dir/cgroup.procs"
	run -0 with_own_etc "$OOMKIT" protect "$unit" --init systemd -n 321 -J
	assert_equal "$(jq -c '.targets[] | [.declared, .state, .changed, [.live[] | .pid, .oom_score_adj, .state]]' <<<"$output")" \
		"[321,\"declared\",true,[$main,321,\"main\"]]"
	assert_equal "$(cat "/proc/$main/oom_score_adj")" 321
	run -0 with_own_etc "$OOMKIT" protect --check "$unit" --init systemd
	run -0 with_own_etc "$OOMKIT" protect --check --init systemd -q
	echo 500 >"/proc/$main/oom_score_adj"
	run -1 --separate-stderr with_own_etc "$OOMKIT" protect --check "$unit" --init systemd -J
	assert_equal "$(jq -c '.targets[] | [.state, .live[].state]' <<<"$output")" '["drift","drift"]'
	assert_equal "$stderr" "oomkit protect: $unit: $main (sleep) has 500, and 321 is declared"
	# Nothing declared is unknown.
	run -3 "$OOMKIT" protect --check "$unit" --init systemd --root "$image"
	run -0 with_own_etc "$OOMKIT" protect --remove "$unit" --init systemd
	assert_equal "$(find own-etc -type f)" ''
}

@test "--main sets the main process alone, and children may have their own" {
	need root mount_namespace own_unit
	bash -c 'sleep 300 3>&- & echo $!; wait' 3>&- >kid &
	main=$!
	until [[ -s kid ]]; do sleep 0.02; done
	kid=$(cat kid)
	children+=("$main" "$kid")
	for p in "$main" "$kid"; do
		echo "$p" >"$dir/cgroup.procs"
	done
	had=$(cat "/proc/$kid/oom_score_adj")
	run -0 with_own_etc "$OOMKIT" protect "$unit" --init systemd --main -n 321
	assert_equal "$(cat "/proc/$main/oom_score_adj") $(cat "/proc/$kid/oom_score_adj")" "321 $had"
	run -0 with_own_etc "$OOMKIT" protect --check "$unit" --init systemd -J
	assert_equal "$(jq -c '[.targets[].live[] | [.pid, .state]] | sort' <<<"$output")" \
		"$(jq -nc "[[$main,\"main\"],[$kid,\"own\"]] | sort")"
	# Without it the child's value is a drift, and setting again mends it.
	run -0 with_own_etc "$OOMKIT" protect "$unit" --init systemd -n 321
	assert_equal "$(cat "/proc/$kid/oom_score_adj")" 321
	run -0 with_own_etc "$OOMKIT" protect --check "$unit" --init systemd -J
	assert_equal "$(jq -c '[.targets[].live[].state] | sort' <<<"$output")" '["inherited","main"]'
}

@test "a pid and a name stand for their unit where they have one, and that is told" {
	need root mount_namespace own_unit
	child oomkit-daemon
	echo "$pid" >"$dir/cgroup.procs"
	for target in "$pid" oomkit-daemon; do
		run -0 --separate-stderr with_own_etc "$OOMKIT" protect "$target" --init systemd -n 44 -J
		assert_equal "$stderr" "oomkit protect: $target: of the unit $unit"
		assert_equal "$(jq -r '.targets[].target' <<<"$output")" "$unit"
	done
	assert_equal "$(cat "/proc/$pid/oom_score_adj")" 44
}

@test "what cannot be lowered now is written all the same: 64, and the capability is named" {
	need root mount_namespace own_unit
	child oomkit-daemon
	echo "$pid" >"$dir/cgroup.procs"
	less=()
	! probe_lower_adj || less=(setpriv --bounding-set -sys_resource)
	run -64 --separate-stderr with_own_etc "${less[@]}" "$OOMKIT" protect "$unit" --init systemd
	[[ $stderr == "oomkit protect: $pid (oomkit-daemon): below its floor, and CAP_SYS_RESOURCE is missing (setcap "* ]] ||
		fail "$stderr"
	run -0 grep -c '^OOMScoreAdjust=-900$' "own-etc/systemd/system/$unit.d/50-oomkit.conf"
}

@test "an image's processes are never touched" {
	child oomkit-daemon
	before=$(cat "/proc/$pid/oom_score_adj")
	run -0 protect oomkit-daemon -n 700
	assert_equal "$(cat "/proc/$pid/oom_score_adj")" "$before"
}

# Another init has noted whom it started; with_own_etc shows the note of the test.
noted() { # PID
	mkdir -p own-etc/sv/web/supervise
	printf '#!/bin/sh\nexec web\n' >own-etc/sv/web/run
	echo "$1" >own-etc/sv/web/supervise/pid
}

@test "a service of another init is set now, with all that it has started" {
	need root mount_namespace
	bash -c 'sleep 300 3>&- & echo $!; wait' 3>&- >kid &
	children+=("$!")
	until [[ -s kid ]]; do sleep 0.02; done
	children+=("$(cat kid)")
	noted "${children[0]}"
	run -0 with_own_etc "$OOMKIT" protect web.service --init runit -n 345 -J
	assert_equal "$(jq -c '[.targets[0].state, (.targets[0].live | sort_by(.state)[] | [.oom_score_adj, .state])]' <<<"$output")" \
		'["declared",[345,"inherited"],[345,"main"]]'
	for pid in "${children[@]}"; do
		assert_equal "$(cat "/proc/$pid/oom_score_adj")" 345
	done
	echo 400 >"/proc/${children[0]}/oom_score_adj"
	run -1 with_own_etc "$OOMKIT" protect --check web.service --init runit
	# The status of s6-supervise: two times, then the pid.
	mkdir -p own-etc/s6/sv/web/supervise
	printf '#!/bin/sh\nexec web\n' >own-etc/s6/sv/web/run
	{
		head -c 24 /dev/zero
		printf '%016x' "${children[0]}" | sed 's/../\\x&/g' | xargs -0 printf
	} >own-etc/s6/sv/web/supervise/status
	run -0 with_own_etc "$OOMKIT" protect web.service --init s6 -n 500 -J
	assert_equal "$(jq '.targets[0].live | length' <<<"$output")" 2
	assert_equal "$(cat "/proc/${children[1]}/oom_score_adj")" 500
}

@test "a note that is older than the process, or that anybody can write, is not believed" {
	need root mount_namespace
	child bystander
	noted "$pid"
	touch -d '1 hour ago' own-etc/sv/web/supervise/pid
	before=$(cat "/proc/$pid/oom_score_adj")
	run -0 with_own_etc "$OOMKIT" protect web.service --init runit -n 345 -J
	assert_equal "$(jq -c '.targets[0] | [.state, .live]' <<<"$output")" '["not_running",[]]'
	touch own-etc/sv/web/supervise/pid
	chmod o+w own-etc/sv/web/supervise/pid
	run -0 --separate-stderr with_own_etc "$OOMKIT" protect web.service --init runit -n 346 -J
	assert_equal "$(jq -c '.targets[0] | [.state, .live]' <<<"$output")" '["unknown",[]]'
	assert_equal "$stderr" "oomkit protect: web.service: which processes it has cannot be told by what runit keeps: the value counts from its next start"
	run -3 with_own_etc "$OOMKIT" protect --check web.service --init runit
	assert_equal "$(cat "/proc/$pid/oom_score_adj")" "$before"
	for wrong in 1 0 x '' 99999999999; do
		noted "$wrong"
		chmod 644 own-etc/sv/web/supervise/pid
		run -0 with_own_etc "$OOMKIT" protect web.service --init runit -n 347 -q
	done
	assert_equal "$(cat /proc/1/oom_score_adj)" 0
}

# ------------------------------------------------------------------ contrib

@test "contrib: the shell example says changed, then unchanged, and fails on drift" {
	run -0 "$ROOT/contrib/protect.sh" web.service 300 --root "$image" --init systemd
	assert_output changed
	run -0 "$ROOT/contrib/protect.sh" web.service 300 --root "$image" --init systemd
	assert_output unchanged
	run -2 "$ROOT/contrib/protect.sh" web.service
}

@test "contrib: the unit and the timer are sound by systemd's own judgement" {
	mkdir -p "$image/usr/bin" "$image/etc/systemd/system"
	cp "$ROOT"/contrib/oomkit-protect.* "$image/etc/systemd/system"
	cp "$OOMKIT" "$image/usr/bin/oomkit"
	run systemd-analyze verify --recursive-errors=no --man=no --root="$image" oomkit-protect.service oomkit-protect.timer
	refute_output --partial oomkit-protect.service:
	refute_output --partial oomkit-protect.timer:
	# The command that it starts is one.
	read -ra words <<<"$(sed -n 's/^ExecStart=[^ ]* //p' "$ROOT/contrib/oomkit-protect.service")"
	run -0 "$OOMKIT" "${words[@]}" --root "$image"
}
