# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Memory cgroups that a test makes on the running machine, and takes away again. Loaded behind helper: load cgroups

# Where a cgroup with a memory limit of its own can be made: $own_cgroup and its path below the mount, $own_path.
make_cgroup() {
	local mount path
	if mount=$(awk '{ for (i = 7; $i != "-"; i++); if ($(i + 1) == "cgroup" && $NF ~ /(^|,)memory(,|$)/) print $5 }' \
		/proc/self/mountinfo | head -n 1) && [[ -n $mount ]]; then
		path=$(sed -nE 's/^[0-9]+:([^:]*,)?memory(,[^:]*)?:(.*)/\3/p' /proc/self/cgroup)
	else
		mount=$(awk '{ for (i = 7; $i != "-"; i++); if ($(i + 1) == "cgroup2") print $5 }' /proc/self/mountinfo | head -n 1)
		path=$(sed -n 's/^0:://p' /proc/self/cgroup)
		# On v2 only a cgroup that hands the controller on can have such a child.
		while ! grep -qw memory "$mount$path/cgroup.subtree_control" 2>/dev/null; do
			[[ -n ${path%/} ]] || return 1
			path=${path%/*}
		done
	fi
	own_path=${path%/}/oomkit-test-$$-$RANDOM
	mkdir "$mount$own_path" 2>/dev/null && own_cgroup=$mount$own_path
}

remove_cgroup() {
	local turn
	for ((turn = 0; turn < 50; turn++)); do
		! rmdir "$1" 2>/dev/null || return 0
		sleep 0.02
	done
	echo "cannot remove $1" >&2
	return 1
}

probe_own_memory_cgroup() {
	reason='no memory cgroup can be made here'
	make_cgroup || return 1
	remove_cgroup "$own_cgroup"
	own_cgroup=
}
