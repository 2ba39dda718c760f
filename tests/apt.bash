# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Packages of another release or another kind of machine, without a change to this machine's apt: where its mirror is, and
# an apt of our own with lists of its own.

# The one that this machine's apt names.
debian_mirror() {
	# shellcheck disable=SC2016 # it is apt that puts the name in
	apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -E '/debian/?$' | head -n 1
}

# own_apt DIR ARCH SUITE...: one that knows nothing but these suites, as a machine of that kind sees them. Then
# `APT_CONFIG=DIR/apt.conf apt-get ...`. What is set up already stays.
own_apt() {
	local dir=$1 arch=$2 uri suite
	shift 2
	[[ ! -e $dir/ready ]] || return 0
	uri=$(debian_mirror)
	if [[ -z $uri ]]; then
		echo "${0##*/}: the apt of this machine names no Debian mirror" >&2
		return 1
	fi
	mkdir -p "$dir"/{lists,archives}/partial || return 1
	for suite; do
		printf 'deb [arch=%s signed-by=%s] %s %s main\n' "$arch" /usr/share/keyrings/debian-archive-keyring.gpg \
			"$uri" "$suite"
	done >"$dir/sources.list"
	cat >"$dir/apt.conf" <<-END
		Dir::Etc::SourceList "$dir/sources.list";
		Dir::Etc::SourceParts "/dev/null";
		Dir::State::Lists "$dir/lists";
		Dir::Cache "$dir";
		APT::Architecture "$arch";
		APT::Architectures { "$arch"; };
		APT::Sandbox::User "root";
		Acquire::Languages "none";
		Acquire::Retries "3";
	END
	# A suite that the mirror has no more is no reason to give up the others: what is missing is told by name.
	APT_CONFIG=$dir/apt.conf apt-get -q update >"$dir/update.log" 2>&1 || tail -n 3 "$dir/update.log" >&2
	touch "$dir/ready"
}
