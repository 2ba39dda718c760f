#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154 # run sets output
# Does the Ansible example do what it says, when Ansible runs it? The machine is an image, which OOMKIT_ROOT names.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir -p image/usr/lib/systemd image/etc bin home
	touch image/usr/lib/systemd/systemd
	ln -s "$OOMKIT" bin/oomkit
	cat >play.yml <<-END
		- hosts: localhost
		  connection: local
		  gather_facts: false
		  environment:
		    OOMKIT_ROOT: $PWD/image
		    PATH: $PWD/bin:$PATH
		  tasks:
		    - ansible.builtin.import_tasks: $ROOT/contrib/ansible-protect.yml
	END
}

# play ARGUMENT...: Ansible with nothing of this machine's.
play() {
	env -i HOME="$PWD/home" PATH="$PATH" LC_ALL=C.UTF-8 ANSIBLE_LOCALHOST_WARNING=false ANSIBLE_NOCOLOR=1 \
		ASAN_OPTIONS="${ASAN_OPTIONS-}" ansible-playbook -i localhost, "$@" play.yml
}

@test "the example is changed once, and ok from then on" {
	run -0 play --syntax-check
	run -0 play
	assert_line --regexp '^localhost +: ok=1 +changed=1 +unreachable=0 +failed=0 '
	run -0 grep -rc '^OOMScoreAdjust=-900$' image/etc/systemd/system
	assert_equal "${#lines[@]}" 2
	run -0 play
	assert_line --regexp '^localhost +: ok=1 +changed=0 +unreachable=0 +failed=0 '
	rm -r image/etc/systemd/system/nginx.service.d
	run -0 play
	assert_line --regexp '^changed: \[localhost\] => \(item=nginx.service\)$'
	assert_line --regexp '^ok: \[localhost\] => \(item=postgresql@.service\)$'
}

@test "the example fails where oomkit does" {
	ln -s nowhere image/etc/systemd
	run -2 play
	assert_line --partial '/etc/systemd/system/nginx.service.d/50-oomkit.conf: '
}
