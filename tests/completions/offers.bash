# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What does the completion function offer for a line? Cuts each line as readline does, at blanks and at "=" and ":",
# calls the function that is registered for its first word, and prints "> LINE" and what it offers, sorted, one a line.
#
# usage: bash --norc offers.bash FILE LINE...     FILE is the completion script

# Settings that users have and that completion must live with.
set -u
shopt -s failglob nocaseglob

# shellcheck disable=SC1090
source "$1"

# cut LINE: fills COMP_WORDS.
cut() {
	local line=$1 word='' c i
	COMP_WORDS=()
	for ((i = 0; i < ${#line}; i++)); do
		c=${line:i:1}
		case $c in
		' ')
			[[ $word ]] && COMP_WORDS+=("$word")
			word=
			;;
		[=:])
			[[ $word && $word != [=:] ]] && COMP_WORDS+=("$word") && word=
			word+=$c
			;;
		*)
			[[ $word == [=:] ]] && COMP_WORDS+=("$word") && word=
			word+=$c
			;;
		esac
	done
	COMP_WORDS+=("$word")
}

for COMP_LINE in "${@:2}"; do
	COMP_POINT=${#COMP_LINE}
	cut "$COMP_LINE"
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	registered=$(complete -p "${COMP_WORDS[0]##*/}") || exit 3
	[[ $registered =~ -F\ ([^ ]+) ]] || exit 3
	COMPREPLY=()
	"${BASH_REMATCH[1]}" "${COMP_WORDS[0]}" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
	shopt -q failglob || { echo 'failglob is gone' >&2; exit 4; }
	printf '> %s\n' "$COMP_LINE"
	((${#COMPREPLY[@]} == 0)) || printf '%s\n' "${COMPREPLY[@]}" | LC_ALL=C sort
done
