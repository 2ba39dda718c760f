#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2034,SC2154 # jq's $words; need shows reason; run sets status, output
# Is what is released what it should be: the archive of the sources, the image FROM scratch, the hardened program?
# It builds for itself: `make check-ship`. The Debian package has tests/packages.

load helper

setup_file() {
	export OCI=$BATS_FILE_TMPDIR/image STATIC=$BATS_FILE_TMPDIR/static
	export SOURCE_DATE_EPOCH=1700000000
	# shellcheck disable=SC2153 # the helper sets it
	# static.bats builds beside us: in a folder of its own.
	make -C "$ROOT" --no-print-directory STATIC=1 SAN= COV= DEVELOPER= CONFIG= BUILD="$BATS_FILE_TMPDIR/build" \
		program-at AT="$STATIC.whole" >&2
	strip -o "$STATIC" "$STATIC.whole"
	# shellcheck disable=SC2046 # one word each
	"$ROOT/contrib/oci-image" "$STATIC" amd64 "$OCI" $("$OOMKIT" --list) >&2
}

# ------------------------------------------------------------------ the archive of the sources

@test "make dist: sorted, of one time and owner, the same bytes again, and its sum beside it" {
	run -0 make -C "$ROOT" --no-print-directory dist BUILD="$BATS_TEST_TMPDIR/one"
	run -0 make -C "$ROOT" --no-print-directory dist BUILD="$BATS_TEST_TMPDIR/two"
	cd "$BATS_TEST_TMPDIR/one/dist"
	name=oomkit-$(cat "$ROOT/VERSION")
	cmp "$name.tar.gz" "$BATS_TEST_TMPDIR/two/dist/$name.tar.gz"
	run -0 sha256sum --check "$name.tar.gz.sha256"
	run -0 tar -tzf "$name.tar.gz"
	assert_line "$name/Makefile"
	assert_line "$name/tests/house.bats"
	refute_line --partial "$name/.git/"
	refute_line --partial "$name/build/"
	assert_equal "$output" "$(LC_ALL=C sort <<<"$output")"
	assert_equal "$(tar -tvzf "$name.tar.gz" --full-time --numeric-owner | awk '{ print $2, $4, $5 }' | sort -u)" \
		'0/0 2023-11-14 22:13:20'
}

@test "the archive builds without git, and the archive of that is the same bytes" {
	run -0 make -C "$ROOT" --no-print-directory dist BUILD="$BATS_TEST_TMPDIR/one"
	archive=$BATS_TEST_TMPDIR/one/dist/oomkit-$(cat "$ROOT/VERSION").tar.gz
	tar -C "$BATS_TEST_TMPDIR" -xzf "$archive"
	cd "$BATS_TEST_TMPDIR/oomkit-$(cat "$ROOT/VERSION")"
	# A git that is called fails.
	mkdir ../bin && printf '#!/bin/sh\nexit 1\n' >../bin/git && chmod +x ../bin/git
	PATH=$BATS_TEST_TMPDIR/bin:$PATH run -0 make --no-print-directory CFLAGS=-O0
	run -0 ./oomkit --version
	assert_output "oomkit $(cat "$ROOT/VERSION")"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH run -0 make --no-print-directory dist
	cmp "$archive" "build/dist/${archive##*/}"
}

# ------------------------------------------------------------------ the image

# of_index FILTER: that of the manifest which the index names.
manifest() {
	jq -r "$1" <"$OCI/blobs/sha256/$(jq -r '.manifests[0].digest | ltrimstr("sha256:")' <"$OCI/index.json")"
}

@test "the image: each blob is named by its sum, and each sum and size that is told is a blob's" {
	n=0
	for blob in "$OCI"/blobs/sha256/*; do
		assert_equal "$(sha256sum <"$blob" | cut -d ' ' -f 1)" "${blob##*/}"
		n=$((n + 1))
	done
	assert_equal "$n" 3
	assert_equal "$(jq -r .imageLayoutVersion <"$OCI/oci-layout")" 1.0.0
	while read -r digest size; do
		assert_equal "$(stat -c %s "$OCI/blobs/sha256/${digest#sha256:}")" "$size"
	done < <(jq -r '.manifests[] | "\(.digest) \(.size)"' <"$OCI/index.json"; manifest '.config, .layers[] | "\(.digest) \(.size)"')
	layer=$OCI/blobs/sha256/$(manifest '.layers[0].digest | ltrimstr("sha256:")')
	config=$OCI/blobs/sha256/$(manifest '.config.digest | ltrimstr("sha256:")')
	assert_equal "sha256:$(gzip -dc "$layer" | sha256sum | cut -d ' ' -f 1)" "$(jq -r '.rootfs.diff_ids[0]' <"$config")"
	assert_equal "$(jq -c '[.architecture, .os, .config.Entrypoint, .created]' <"$config")" \
		'["amd64","linux",["/usr/bin/oomkit"],"2023-11-14T22:13:20Z"]'
	# Folders before what they hold, and the program first called what it is called.
	# shellcheck disable=SC2046 # one word each
	assert_equal "$(tar -tzf "$layer")" "$(printf '%s\n' ./ usr/ usr/bin/ $("$OOMKIT" --list | LC_ALL=C sort | sed 's,^,usr/bin/oom-,') usr/bin/oomkit)"
}

@test "the image is under 1.5 MiB, and the same program gives the same bytes" {
	(($(stat -c %s "$OCI.tar") < 1572864))
	# shellcheck disable=SC2046
	"$ROOT/contrib/oci-image" "$STATIC" amd64 "$BATS_TEST_TMPDIR/again" $("$OOMKIT" --list)
	cmp "$OCI.tar" "$BATS_TEST_TMPDIR/again.tar"
	diff -r "$OCI" "$BATS_TEST_TMPDIR/again"
	# And it says what it is: another program gives another one.
	printf x | cat "$STATIC" - >"$BATS_TEST_TMPDIR/other"
	"$ROOT/contrib/oci-image" "$BATS_TEST_TMPDIR/other" amd64 "$BATS_TEST_TMPDIR/third"
	run ! cmp "$OCI.tar" "$BATS_TEST_TMPDIR/third.tar"
}

# Whether runc can start a container of a program that does nothing.
probe_container() {
	reason='no container can be started here'
	local dir=$BATS_TEST_TMPDIR/probe
	mkdir -p "$dir/rootfs" && echo 'int main(void) { return 0; }' | "${CC:-cc}" -static -x c -o "$dir/rootfs/nothing" - || return 1
	(cd "$dir" && runc spec && jq '.process.args = ["/nothing"] | .process.terminal = false' config.json >c && mv c config.json &&
		runc run "oomkit-probe-$$") >/dev/null 2>&1
}

@test "runc runs the image: each entry is there, and rank judges the container" {
	need root container
	bundle=$BATS_TEST_TMPDIR/bundle
	mkdir -p "$bundle/rootfs"
	tar -C "$bundle/rootfs" -xzf "$OCI/blobs/sha256/$(manifest '.layers[0].digest | ltrimstr("sha256:")')"
	cd "$bundle"
	in_container() {
		runc spec
		jq --argjson words "$(printf '%s\n' "$@" | jq -Rn '[inputs]')" \
			'.process.args = $words | .process.terminal = false | .root.readonly = true' <config.json >c
		mv c config.json
		runc run "oomkit-test-$$"
		local status=$?
		rm -f config.json
		return "$status"
	}
	run -0 in_container /usr/bin/oomkit rank -J
	assert_equal "$(jq -c '[.schema, (.processes | length), .processes[0].pid, .processes[0].comm]' <<<"$output")" \
		'["oomkit/rank/1",1,1,"oomkit"]'
	run -0 in_container /usr/bin/oom-score --raw 1
	[[ $output =~ ^[0-9]+$ ]]
	run -0 in_container /usr/bin/oom-explain
	assert_line --index 0 --partial "Linux $(uname -r)"
}

# Storage of its own, so that nobody's images are touched; without a network, which no step has a use for.
offline_buildah() {
	unshare --net buildah --root "$BATS_TEST_TMPDIR/store" --runroot "$BATS_TEST_TMPDIR/run" --storage-driver vfs "$@"
}

# As the README has it: in the folder of the sources, after make STATIC=1.
@test "the Dockerfile is three lines, and an image is built from it with nothing but the program" {
	need root container
	mkdir -p "$BATS_TEST_TMPDIR/sources/contrib" && cd "$BATS_TEST_TMPDIR/sources"
	cp "$ROOT"/contrib/Dockerfile* contrib/
	assert_equal "$(wc -l <contrib/Dockerfile)" 3
	cp "$STATIC" oomkit
	echo secret >other
	run -0 offline_buildah bud --isolation chroot -f contrib/Dockerfile -t oomkit .
	run -0 offline_buildah from --name made localhost/oomkit
	root=$(offline_buildah mount made)
	cmp "$STATIC" "$root/usr/bin/oomkit"
	assert_equal "$(find "$root" -type f)" "$root/usr/bin/oomkit"
	assert_equal "$(offline_buildah inspect --type image localhost/oomkit | jq -c .OCIv1.config.Entrypoint)" '["/usr/bin/oomkit"]'
	run -0 chroot "$root" /usr/bin/oomkit --version
	assert_output "oomkit $(cat "$ROOT/VERSION")"
	# What the file beside it leaves out cannot even be asked for.
	echo 'COPY other /' >>contrib/Dockerfile
	run ! offline_buildah bud --isolation chroot -f contrib/Dockerfile -t other .
	assert_output --partial other
	offline_buildah rm --all >&2
}

@test "an engine takes the image under its name and version" {
	need root container
	run -0 offline_buildah pull "oci-archive:$OCI.tar"
	run -0 offline_buildah images --noheading --format '{{.Name}}:{{.Tag}}'
	assert_output "localhost/oomkit:$(cat "$ROOT/VERSION")"
	run -0 offline_buildah from --name made "$output"
	run -0 chroot "$(offline_buildah mount made)" /usr/bin/oom-rank --help
	assert_line --index 0 --partial 'Usage: oomkit rank '
	offline_buildah rm --all >&2
}

# ------------------------------------------------------------------ the hardened program

@test "the dynamic program is hardened as Debian's are" {
	need plain_build
	make -C "$ROOT" --no-print-directory STATIC= SAN= COV= DEVELOPER= CONFIG= program-at AT="$BATS_TEST_TMPDIR/dynamic" >&2
	# Its status also asks for what Debian 12 cannot have: the files that start a program have no landing pads there.
	run hardening-check --nocolor "$BATS_TEST_TMPDIR/dynamic"
	for word in 'Position Independent Executable: yes' 'Stack protected: yes' 'Fortify Source functions: yes' \
		'Read-only relocations: yes' 'Immediate binding: yes'; do
		assert_line --partial "$word"
	done
	if [[ $(uname -m) == x86_64 ]]; then
		run -0 objdump -d --disassemble=main "$BATS_TEST_TMPDIR/dynamic"
		assert_output --partial endbr64
	fi
}
