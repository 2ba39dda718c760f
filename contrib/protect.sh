#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# How does a provisioning script protect a service, and see whether it is so? Prints "changed" or "unchanged".
#
# usage: contrib/protect.sh UNIT VALUE [OPTION...]     (OPTIONs go to oomkit protect)

set -eu

if [ $# -lt 2 ]; then
	sed -n 's/^# usage: /usage: /p' "$0" >&2
	exit 2
fi
unit=$1
value=$2
shift 2

if "${OOMKIT:-oomkit}" protect "$unit" -n "$value" --json "$@" | grep -q '"changed": true'; then
	echo changed
else
	echo unchanged
fi
"${OOMKIT:-oomkit}" protect --check "$unit" --quiet "$@"
