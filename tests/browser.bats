#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2030,SC2031,SC2154 # run sets output; each test is a subshell
# The page of `parse-log --html` in a real browser: what is on it, what a click does, light and dark, wide and narrow, and
# that it asks the network for nothing. OOMKIT_SHOTS=DIR keeps pictures of it.

load helper
load browser/driver

setup_file() {
	export LOGS=$BATS_FILE_TMPDIR/logs
	mkdir -p "$LOGS"
	tar -xJf "$ROOT/tests/logs/corpus.tar.xz" -C "$LOGS"
	# Several events of several kinds, a whole ring buffer, names that want to be markup.
	cat "$LOGS"/039-* "$LOGS"/132-* "$LOGS"/190-* "$LOGS"/kernel-7.2.12-v2-global.klog >"$BATS_FILE_TMPDIR/log"
	page "$BATS_FILE_TMPDIR/log" "$BATS_FILE_TMPDIR/page.html"
	driver_start "$BATS_FILE_TMPDIR"
}

teardown_file() {
	driver_stop "$BATS_FILE_TMPDIR"
}

setup() {
	PAGE=$BATS_FILE_TMPDIR/page.html LOG=$BATS_FILE_TMPDIR/log
	scheme light
	window 1200 1400
	requests >/dev/null
	console >/dev/null
}

page() { # LOG PAGE
	"$OOMKIT" parse-log -q --html "$2" "$1"
}

shot() { # NAME
	[[ -z ${OOMKIT_SHOTS-} ]] || screenshot "$OOMKIT_SHOTS/$1.png"
}

@test "each event has a section, and a row for each of its tasks" {
	open_page "$PAGE"
	run -0 "$OOMKIT" parse-log -J "$LOG"
	want=$(jq -c '[.events[].tasks | length]' <<<"$output")
	got=$(js 'return [...document.querySelectorAll("section[id^=event]")].map(s => s.querySelectorAll("tbody tr").length)')
	assert_equal "$got" "$want"
	(($(jq 'add' <<<"$got") > 100))
	# And each row is the task's.
	want=$(jq -c '[.events[0].tasks[] | [.pid, .comm]] | sort' <<<"$output")
	got=$(js 'return [...document.querySelectorAll("#event-1 tbody tr")].map(r => [Number(r.cells[0].textContent),
		r.cells[8].firstChild.textContent.trim()])' | jq -c sort)
	assert_equal "$got" "$want"
	assert_equal "$(js 'return document.querySelectorAll("#event-1 tr.victim").length')" 1
	assert_equal "$(js 'return document.querySelectorAll("svg.timeline a").length')" "$(jq '.events | length' <<<"$output")"
	shot light
}

column() { # NUMBER
	js "return [...document.querySelectorAll('#event-1 tbody tr')].map(r => r.cells[$1].dataset.v === '' ? null
		: r.cells[$1].dataset.v === undefined ? r.cells[$1].textContent : Number(r.cells[$1].dataset.v))"
}

@test "a click on a header sorts by that column, another one turns it round" {
	open_page "$PAGE"
	before=$(column 0)
	assert_equal "$(column 3)" "$(column 3 | jq -c 'sort | reverse')"
	click '#event-1 th:first-child button'
	after=$(column 0)
	[[ $before != "$after" ]]
	assert_equal "$after" "$(jq -c 'sort | reverse' <<<"$before")"
	assert_equal "$(js 'return document.querySelector("#event-1 th").getAttribute("aria-sort")')" '"descending"'
	click '#event-1 th:first-child button'
	assert_equal "$(column 0)" "$(jq -c sort <<<"$before")"
	click '#event-1 th:last-child button'
	click '#event-1 th:last-child button'
	assert_equal "$(column 8)" "$(column 8 | jq -c sort)"
	# What is not known stands last, whichever way round.
	click '#event-1 th:nth-child(8) button'
	assert_equal "$(column 7 | jq '.[-1]')" null
	click '#event-1 th:nth-child(8) button'
	assert_equal "$(column 7 | jq '.[-1]')" null
	# The other tables stay as they were.
	assert_equal "$(js 'return document.querySelectorAll("th[aria-sort]").length')" \
		"$(js 'return document.querySelectorAll("table.tasks").length')"
}

@test "a dot of the timeline leads to its event" {
	open_page "$PAGE"
	click 'svg.timeline a:last-of-type'
	run -0 js 'return location.hash'
	assert_output --regexp '^"#event-[0-9]+"$'
	run -0 js 'return document.querySelector(location.hash).getBoundingClientRect().top < innerHeight'
	assert_output true
}

@test "it asks the network for nothing, and the console stays empty" {
	open_page "$PAGE"
	click '#event-1 th:first-child button'
	sleep 1
	run -0 requests
	assert_output "file://$PAGE"
	run -0 console
	assert_output ''
	# The watch itself works: a page that does ask is seen to.
	echo '<img src="http://127.0.0.1:9/x.png">' >"$BATS_TEST_TMPDIR/asks.html"
	open_page "$BATS_TEST_TMPDIR/asks.html"
	run -0 requests
	assert_line 'http://127.0.0.1:9/x.png'
}

# The least contrast of any text on the page against the ground it stands on, by WCAG's formula, and where.
contrast='
	const rgb = c => c.match(/[\d.]+/g).map(Number);
	const light = c => { const [r, g, b] = c.map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
		return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
	const ground = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
		if (c.length < 4 || c[3] > 0) return c.slice(0, 3); } return [255, 255, 255]; };
	let least = [99];
	for (const e of document.querySelectorAll("body *:not(script)")) {
		if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue;
		const s = getComputedStyle(e), a = light(rgb(e.closest("svg") ? s.fill : s.color)), b = light(ground(e));
		const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (ratio < least[0]) least = [ratio, e.tagName, e.className, e.textContent.slice(0, 30)];
	}
	return least;'

@test "light and dark: two grounds, and all text is legible on them" {
	open_page "$PAGE"
	run -0 js 'return getComputedStyle(document.body).backgroundColor'
	light=$output
	run -0 js "$contrast"
	jq -e '.[0] >= 4.5' <<<"$output"
	scheme dark
	shot dark
	run -0 js 'return matchMedia("(prefers-color-scheme: dark)").matches'
	assert_output true
	run -0 js 'return getComputedStyle(document.body).backgroundColor'
	[[ $output != "$light" ]]
	run -0 js 'return getComputedStyle(document.body).backgroundColor.match(/\d+/g).every(v => v < 64)'
	assert_output true
	run -0 js "$contrast"
	jq -e '.[0] >= 4.5' <<<"$output"
}

@test "on a narrow screen nothing is cut off" {
	open_page "$PAGE"
	window 360 740
	shot narrow
	run -0 js 'return document.documentElement.scrollWidth <= innerWidth'
	assert_output true
	run -0 js 'return Math.min(...[...document.querySelectorAll("body *")]
		.filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) && e.getClientRects().length)
		.map(e => parseFloat(getComputedStyle(e).fontSize)))'
	(($(jq 'floor' <<<"$output") >= 12))
}

@test "names that want to be markup are text" {
	local names=('<script>alert(1)</script>' '"><img src=x onerror=alert(1)>' "'onclick='alert(1)" '&lt;b&gt;' $'a\x9b31mb\x1b]0;x\x07')
	for i in "${!names[@]}"; do
		printf '[%5d.000001] %s invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n' "$((i + 1))000" "${names[i]}"
		printf '[%5d.000002] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n' "$((i + 1))000"
		printf '[%5d.000003] [      7]     0     7        2        1     4096        0             5 %s\n' "$((i + 1))000" "${names[i]}"
		printf '[%5d.000005] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/%s,task_memcg=/%s,task=x,pid=7,uid=0\n' \
			"$((i + 1))000" "${names[i]}" "${names[i]}"
		printf '[%5d.000006] Memory cgroup out of memory: Killed process 7 (%s) total-vm:8kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB\n' \
			"$((i + 1))000" "${names[i]}"
	done >"$BATS_TEST_TMPDIR/log"
	page "$BATS_TEST_TMPDIR/log" "$BATS_TEST_TMPDIR/page.html"
	open_page "$BATS_TEST_TMPDIR/page.html"
	assert_equal "$(js 'return document.querySelectorAll("script").length')" 1
	assert_equal "$(js 'return document.querySelectorAll("img, [onerror], [onclick], body b").length')" 0
	# shellcheck disable=SC2016 # a word of JavaScript
	got=$(js 'return [1, 2, 3, 4].map(n => document.querySelector(`#event-${n} tbody td:last-child`).firstChild.textContent.trim())')
	assert_equal "$got" "$(jq -n -c '$ARGS.positional' --args "${names[@]:0:4}")"
	run -0 requests
	assert_output "file://$BATS_TEST_TMPDIR/page.html"
	run -0 console
	assert_output ''
}

@test "a log without an event gives a page that says so" {
	echo nothing >"$BATS_TEST_TMPDIR/log"
	run -1 page "$BATS_TEST_TMPDIR/log" "$BATS_TEST_TMPDIR/page.html"
	open_page "$BATS_TEST_TMPDIR/page.html"
	run -0 js 'return document.body.innerText'
	assert_output --partial 'The log holds none.'
}
