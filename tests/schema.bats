#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2030,SC2031,SC2153,SC2154 # jq's $p; the helper and run set them
# Does every command's JSON keep to its schema in contrib/schema? Documents of all fixture machines, of this one and of
# the logs, all judged by one process.

load helper

# doc COMMAND ARGUMENT...: what it prints, for the judge. A status of trouble is none of a document.
doc() {
	local file status=0
	n=$((n + 1))
	file=$DOCS/$1.$(printf '%04d' "$n").json
	"$OOMKIT" "$@" -J >"$file" 2>/dev/null </dev/null || status=$?
	((status == 0 || status == 1 || status == 64)) || fail "exit $status: $(printf '%q ' "$@")"
	[[ -s $file ]] || rm "$file"
}

# lines COMMAND ARGUMENT...: the same, a row a line.
lines() {
	n=$((n + 1))
	"$OOMKIT" "$@" --format ndjson >"$DOCS/$1.$n.ndjson" 2>/dev/null </dev/null || :
}

of_machine() { # ROOT
	local root=$1 words by
	for words in '' -O '--kernel 4.14 -a' '--kernel 2.6.32 -O' '--limit 16M' '--kills 3' '--free 10M' '--set web=-900' --adjusted \
		'-u nobody'; do
		# shellcheck disable=SC2086
		doc rank --root "$root" $words
	done
	for by in process cgroup unit user tree; do
		doc rank --root "$root" --by "$by"
		doc rank --root "$root" --by "$by" -O
	done
	for words in '' -O --check '--kernel 2.6.32' '--kernel 4.14 -O' 1; do
		# shellcheck disable=SC2086
		doc score --root "$root" $words
	done
	for words in '' -O '--dry-run -n 100 web' '--dry-run -n -1000 -A' '--dry-run -n 5 --relative -A' '--dry-run -n 5 /web'; do
		# shellcheck disable=SC2086
		doc adj --root "$root" $words
	done
	for words in '' --check '--dry-run web --init systemd' '--dry-run nginx.service --init systemd' '--dry-run --remove'; do
		# shellcheck disable=SC2086
		doc protect --root "$root" $words
	done
	for words in '' -O --victims '--dry-run --write max=5M /web'; do
		# shellcheck disable=SC2086
		doc cgroup --root "$root" $words
	done
	for words in '' 1 2 web threads '--kernel 2.6.32 web' '--kernel 4.14' '--scope /web web' '--limit 16M user'; do
		# shellcheck disable=SC2086
		doc explain --root "$root" $words
	done
	lines rank --root "$root" -a
	lines score --root "$root"
	lines adj --root "$root"
	lines cgroup --root "$root"
}

setup_file() {
	export DOCS=$BATS_FILE_TMPDIR/docs LOGS=$BATS_FILE_TMPDIR/logs
	local n=0 name file
	mkdir "$DOCS" "$LOGS"
	for name in $(machines); do
		of_machine "$(machine "$name")"
	done
	doc rank -a
	doc rank --by unit
	doc score -O
	doc adj
	doc cgroup -O
	doc protect
	doc explain
	doc explain "$$"
	tar -C "$LOGS" -xJf "$ROOT/tests/logs/corpus.tar.xz" --wildcards '*.log'
	for file in "$LOGS"/*.log; do
		doc parse-log --why --tasks "$file"
	done
	# What the ring buffer still has of this machine; it may be nothing.
	"$OOMKIT" watch -J --replay --timeout 1 >"$DOCS/watch.1.ndjson" 2>/dev/null || :
	doc parse-log --summary "$LOGS"/*.log
	lines parse-log "$LOGS"/*.log
	for name in $("$OOMKIT" --list); do
		"$OOMKIT" "$name" --list-columns -J >"$DOCS/columns.$name.json"
	done
}

judge() {
	run python3 "$ROOT/tests/schema.py" "$ROOT/contrib/schema" "$@"
}

@test "every document keeps to its schema" {
	judge "$DOCS"/*
	echo "$output"
	assert_success
	[[ ${lines[-1]} =~ ^([0-9]+)\ documents,\ 0\  ]]
	((BASH_REMATCH[1] > 1000))
}

@test "every command has a schema, and something was judged by each" {
	for name in $("$OOMKIT" --list) columns; do
		[[ -e $ROOT/contrib/schema/$name.schema.json ]] || fail "$name has no schema"
		# Events of this machine are watch.bats' own: nobody makes one here.
		[[ $name == watch ]] || [[ $(find "$DOCS" -name "$name.*" -size +0 | wc -l) -ge 3 ]] || fail "no document of $name"
	done
	assert_equal "$(find "$ROOT/contrib/schema" -type f ! -name '*.schema.json')" ''
}

# offends FILTER TEXT: the first rank document, changed by that filter of jq, is refused for that.
offends() {
	local file=$BATS_TEST_TMPDIR/rank.changed.json
	jq "$1" <"$DOCS/rank.0001.json" >"$file"
	judge "$file"
	[[ $status == 1 ]] || fail "not refused: $1"
	assert_line --index 0 --partial "$2"
}

@test "a document that does not keep to it is found" {
	judge "$DOCS/rank.0001.json"
	assert_success
	offends '.colour = 1' "'colour' was unexpected"
	offends '.processes[0].colour = 1' "'colour' was unexpected"
	offends 'del(.processes[0].badness)' "'badness' is a required property"
	offends '.processes[0].fate = "alive"' "'alive' is not one of"
	offends '.processes[0].rss = "12M"' "'12M' is not of type"
	offends '.processes[0].oom_score_adj = 1001' '1001 is greater than the maximum'
	offends '.scope.constraint = null' 'None is not one of'
	offends '.schema = "oomkit/rank/2"' "'oomkit/rank/1' was expected"
	offends 'del(.processes)' 'is a required property'
	printf '{"schema": "oomkit/rank/1", "schema": "oomkit/rank/1"}' >"$BATS_TEST_TMPDIR/rank.twin.json"
	judge "$BATS_TEST_TMPDIR/rank.twin.json"
	assert_failure
	assert_line --index 0 --partial 'a key twice'
	printf '{"schema": NaN}' >"$BATS_TEST_TMPDIR/rank.nan.json"
	judge "$BATS_TEST_TMPDIR/rank.nan.json"
	assert_line --index 0 --partial 'NaN is no JSON'
	echo '{}' >"$BATS_TEST_TMPDIR/nonsense.x.json"
	judge "$BATS_TEST_TMPDIR/nonsense.x.json"
	assert_failure
}

@test "no object of a schema is open, and each key that it wants is one it knows" {
	run -0 jq -r '
		input_filename as $file | [paths(objects and has("properties"))] as $at | . as $all | $at[] |
		. as $p | ($all | getpath($p)) | select(.additionalProperties != false or
			((.required // []) - (.properties | keys) != []) or
			([.type] | flatten | index("object") == null)) | "\($file): \($p)"
	' "$ROOT"/contrib/schema/*.json
	assert_output ''
}
