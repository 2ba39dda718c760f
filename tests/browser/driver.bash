# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A headless Chromium by its WebDriver: what tests/browser.bats asks of a page. Everything it may want of the network is
# seen in its own log; its profile is a new and empty one.

# driver_start DIR: a driver and a browser of our own.
driver_start() {
	local dir=$1 i
	: >"$dir/driver.log"
	chromedriver --port=0 >"$dir/driver.log" 2>&1 3>&- &
	echo $! >"$dir/driver.pid"
	for ((i = 0; i < 100; i++)); do
		driver_port=$(sed -nE 's/.*started successfully on port ([0-9]+).*/\1/p' "$dir/driver.log")
		[[ -z $driver_port ]] || break
		sleep 0.1
	done
	[[ -n $driver_port ]] || { cat "$dir/driver.log"; return 1; }
	export driver_port
	mkdir -p "$dir/profile"
	driver_session=$(jq -n --arg profile "$dir/profile" '{capabilities: {alwaysMatch: {
		browserName: "chrome",
		"goog:loggingPrefs": {performance: "ALL", browser: "ALL"},
		"goog:chromeOptions": {args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
			"--disable-background-networking", "--disable-component-update", "--disable-sync",
			"--disable-dev-shm-usage", "--window-size=1200,1400", "--user-data-dir=" + $profile]}}}}' |
		curl -sS --noproxy '*' -H 'Content-Type: application/json' -d @- "http://127.0.0.1:$driver_port/session" |
		jq -r '.value.sessionId // .value.message')
	[[ $driver_session =~ ^[0-9a-f]{20,}$ ]] || { echo "$driver_session"; return 1; }
	export driver_session
}

driver_stop() { # DIR
	[[ -z ${driver_session-} ]] || curl -sS --noproxy '*' -X DELETE \
		"http://127.0.0.1:$driver_port/session/$driver_session" >/dev/null || :
	[[ ! -e $1/driver.pid ]] || kill "$(<"$1/driver.pid")" 2>/dev/null || :
}

# driver METHOD PATH [JSON]: the value that the driver answers; an error fails.
driver() {
	local answer
	answer=$(curl -sS --noproxy '*' -X "$1" -H 'Content-Type: application/json' ${3+-d "$3"} \
		"http://127.0.0.1:$driver_port/session/$driver_session/$2") || return 1
	if jq -e '.value | objects | has("error")' <<<"$answer" >/dev/null; then
		jq -r '.value.error + ": " + .value.message' <<<"$answer" >&2
		return 1
	fi
	jq -c '.value' <<<"$answer"
}

# js SCRIPT: what it returns, as JSON.
js() {
	driver POST execute/sync "$(jq -n --arg s "$1" '{script: $s, args: []}')"
}

cdp() { # COMMAND PARAMS
	driver POST goog/cdp/execute "$(jq -n --arg c "$1" --argjson p "$2" '{cmd: $c, params: $p}')" >/dev/null
}

open_page() { # FILE
	driver POST url "$(jq -n --arg u "file://$1" '{url: $u}')" >/dev/null
}

# A click as the mouse does it, on the element that a selector finds.
click() { # SELECTOR
	local id
	id=$(driver POST element "$(jq -n --arg s "$1" '{using: "css selector", value: $s}')" | jq -r '.[]') &&
		driver POST "element/$id/click" '{}' >/dev/null
}

scheme() { # light | dark
	cdp Emulation.setEmulatedMedia "$(jq -n --arg v "$1" '{features: [{name: "prefers-color-scheme", value: $v}]}')"
}

window() { # WIDTH HEIGHT
	cdp Emulation.setDeviceMetricsOverride \
		"$(jq -n --argjson w "$1" --argjson h "$2" '{width: $w, height: $h, deviceScaleFactor: 1, mobile: false}')"
}

screenshot() { # FILE
	driver GET screenshot | jq -r . | base64 -d >"$1"
}

# What was fetched since the last call, one address a line.
requests() {
	driver POST se/log '{"type": "performance"}' | jq -r '.[].message | fromjson | .message
		| select(.method == "Network.requestWillBeSent" or .method == "Network.webSocketCreated")
		| .params.request.url // .params.url'
}

# What the console holds: errors of scripts, what the page's policy has forbidden.
console() {
	driver POST se/log '{"type": "browser"}' | jq -r '.[].message'
}
