#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# OOM kills by constraint and container as counters for node_exporter's textfile collector:
#
#   oomkit watch --json --exec ./watch-metrics.sh        (a hook: it is run once for each event)
#
# DIR is where the collector looks (/var/lib/node_exporter). One line a counter in a state file; the metrics are made out of
# it and put in place at once.

set -eu
dir=${DIR:-/var/lib/node_exporter}
state=$dir/oomkit-watch.state
[ "${OOM_EVENT:-}" = oom_kill ] || [ "${OOM_EVENT:-}" = gap ] || exit 0

exec 9>"$dir/oomkit-watch.lock"
flock 9
# A name is whatever its owner chose: of a container's id only what one is made of.
container=$(printf %s "${OOM_CONTAINER:-}" | tr -cd 'A-Za-z0-9_.-')
key="event=\"$OOM_EVENT\",constraint=\"${OOM_CONSTRAINT:-unknown}\",container=\"$container\""
touch "$state"
awk -v key="$key" -v n="${OOM_COUNT:-1}" '
	$1 == key { $2 += n; found = 1 }
	{ print }
	END { if (!found) print key, n }' "$state" >"$state.new"
mv "$state.new" "$state"
{
	echo '# HELP oomkit_watch_kills_total Processes that the kernel killed for want of memory, as oomkit watch told them.'
	echo '# TYPE oomkit_watch_kills_total counter'
	awk '{ print "oomkit_watch_kills_total{" $1 "} " $2 }' "$state"
} >"$dir/oomkit-watch.prom.new"
mv "$dir/oomkit-watch.prom.new" "$dir/oomkit-watch.prom"
