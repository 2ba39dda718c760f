#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# How do the memory cgroups get into Prometheus? Writes them for node_exporter's textfile collector, which never sees half
# a file. A cron line: * * * * * root /usr/local/bin/metrics.sh
#
# usage: contrib/metrics.sh [DIR [OPTION...]]     (OPTIONs go to oomkit cgroup; DIR is the collector's)

set -eu
umask 022

dir=${1:-/var/lib/prometheus/node-exporter}
[ $# -eq 0 ] || shift

# A name without ".prom" is none of the collector's; the rename makes the new file take the old one's place at once.
new=$(mktemp "$dir/.oomkit.XXXXXX")
trap 'rm -f "$new"' EXIT
"${OOMKIT:-oomkit}" cgroup --format prom "$@" >"$new"
chmod 644 "$new"
mv -f "$new" "$dir/oomkit.prom"
