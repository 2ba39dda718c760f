#!/usr/bin/env -S zsh -f
# SPDX-License-Identifier: GPL-2.0-or-later
# What does zsh offer for a line? Types each line into a real interactive zsh on a terminal of its own, and prints
# "> LINE" and the words that were offered, sorted, one a line.
#
# usage: capture.zsh DIR LINE...     DIR holds _oomkit; CAPTURE_DUMP names a file in which compinit keeps what it found

zmodload zsh/zpty zsh/zselect || exit 2
typeset dir=${1:A} line out deadline
shift
out=$(mktemp -d) || exit 2
trap 'zpty -d inner 2>/dev/null; rm -rf $out' EXIT

cat >$out/.zshrc <<'INNER'
PROMPT= RPROMPT= LISTMAX=10000
unsetopt beep prompt_cr prompt_sp
fpath=($CAPTURE_DIR $fpath)
autoload -Uz compinit && compinit -u -C -d $CAPTURE_DUMP
# Sees what the completion offers; calls that only ask are handed on.
compadd() {
	local -a hits
	if [[ " ${(j: :)@[1,(i)(-|--)]} " == *\ -[a-zA-Z]#[OAD]\ * ]]; then
		builtin compadd "$@"
		return
	fi
	builtin compadd -O hits "$@"
	(($#hits)) && print -rl -- $hits >>$CAPTURE_OUT/words
	builtin compadd "$@"
}
capture() {
	zle list-choices
	# It also makes zsh forget the list, or the next line would be shown the same one.
	zle kill-buffer
	: >$CAPTURE_OUT/end
}
zle -N capture
bindkey '^I' capture
zle-line-init() { : >$CAPTURE_OUT/ready }
zle -N zle-line-init
INNER

wait_for() { # FILE
	deadline=$((SECONDS + 20))
	until [[ -e $1 ]]; do
		((SECONDS < deadline)) || { print -u2 "capture.zsh: zsh did not answer"; exit 1 }
		# What the inner shell draws must be taken from it, or it stops.
		zpty -r -t inner >/dev/null
		zselect -t 1
	done
}

export CAPTURE_DUMP=${CAPTURE_DUMP:-$out/dump} CAPTURE_DIR=$dir CAPTURE_OUT=$out ZDOTDIR=$out TERM=vt100
zpty inner zsh -d -i
wait_for $out/ready
for line; do
	rm -f $out/words $out/end
	zpty -w -n inner "$line"$'\t'
	wait_for $out/end
	print -r -- "> $line"
	[[ ! -e $out/words ]] || LC_ALL=C sort -u $out/words
done
