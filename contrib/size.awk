# SPDX-License-Identifier: GPL-2.0-or-later
# What are the bytes of the static program? Reads the linker's map (GNU ld), prints how many each origin and each of the
# largest files brought into what is loaded. Called by `make size`.
#
# usage: awk -v top=30 -f contrib/size.awk linked.map

function hex(s,    i, n) {
	n = 0
	s = tolower(substr(s, 3))
	for (i = 1; i <= length(s); i++)
		n = n * 16 + index("0123456789abcdef", substr(s, i, 1)) - 1
	return n
}

# Whose file it is: libc.a(regex.o), build/cc-static/common.a(tell.o), .../crt1.o
function origin(file) {
	if (file ~ /(^|\/)(common|cmd)(\.a\(|\/)|lean-glibc|contrib\//)
		return "oomkit"
	if (file ~ /libjansson/)
		return "jansson"
	if (file ~ /libcap/)
		return "libcap"
	if (file ~ /libgcc|crtbegin|crtend/)
		return "the compiler"
	return "glibc"
}

function count(file, size,    who, name) {
	who = origin(file)
	name = file
	sub(/.*\//, "", name)
	sub(/^[^(]*\(/, "", name)
	sub(/\)$/, "", name)
	if (!((who, name) in bytes))
		files[who]++
	bytes[who, name] += size
	of[who] += size
	all += size
}

# A piece ends where the next one begins: of texts that the linker has merged with earlier ones nothing is left, whatever
# size the map tells.
function end_piece(address) {
	if (last_file != "")
		count(last_file, address >= last_address && address - last_address < last_size ? address - last_address : last_size)
}

function add(section, address, size, file) {
	# What is not loaded, or has no bytes in the file, or has been left out.
	if (address !~ /x.*[1-9a-f]/ || section ~ /^(\.debug|\.comment|\.bss|\.tbss|\.note\.GNU-stack|COMMON)/)
		return
	end_piece(hex(address))
	last_address = hex(address)
	last_size = hex(size)
	last_file = file
}

/^Linker script and memory map/ { mapped = 1 }
!mapped { next }
# A long name has a line of its own.
/^ [._A-Za-z][^ ]*$/ { section = $1; next }
/^ [._A-Za-z][^ ]* +0x[0-9a-f]+ +0x[0-9a-f]+ [^ ]/ { add($1, $2, $3, $4); section = ""; next }
/^ +0x[0-9a-f]+ +0x[0-9a-f]+ [^ ]/ && section != "" { add(section, $1, $2, $3) }
{ section = "" }

END {
	end_piece(last_address + last_size)
	if (all == 0) {
		print "size: no map of a linker" | "cat >&2"
		exit 1
	}
	printf "%8d  all of it\n\nby origin\n", all
	for (who in of)
		printf "%8d  %s, %d files\n", of[who], who, files[who] | "sort -rn"
	close("sort -rn")
	printf "\nthe largest files\n"
	for (key in bytes) {
		split(key, part, SUBSEP)
		printf "%8d  %-20s %s\n", bytes[key], part[2], part[1] | ("sort -rn | head -n " (top ? top : 30))
	}
}
