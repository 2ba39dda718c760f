#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2154 # awk's $1; run sets lines
# The house rules of CONTRIBUTING.md that grep, nm or the compiler can check. Each rule is a function that prints the
# offences of a tree, one a line; each is held against this tree, where it must print nothing, and against a made-up
# offender, which it must name.

load helper

setup_file() {
	# Objects of our own, without position independence, so that constant tables stay apart from variables, and with
	# no sanitizer or fortified function in the way.
	export OBJECTS=$BATS_FILE_TMPDIR/objects
	compile_all "$ROOT" "$OBJECTS"
}

setup() {
	TREE=$BATS_TEST_TMPDIR/tree
}

# compile_all TREE DIR: DIR/NAME.o for every source of TREE.
compile_all() {
	local tree=$1 dir=$2 source
	mkdir -p "$dir"
	for source in "$tree"/common/*.c "$tree"/cmd/*.c; do
		[[ -e $source ]] || continue
		# shellcheck disable=SC2046
		"${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DOOMKIT_VERSION='"0"' -O1 -w \
			-fno-pic -fno-pie -U_FORTIFY_SOURCE -I"$tree/include" $(pkg-config --cflags jansson libcap) \
			-c -o "$dir/$(basename "$source" .c).o" "$source" || return 1
	done
}

# The files that the project wrote by hand or keeps: by git where there is one, else what is there but for what make
# leaves.
files() {
	if [[ $(git -C "$1" rev-parse --show-toplevel 2>/dev/null) == "$(cd "$1" && pwd -P)" ]]; then
		(cd "$1" && git ls-files -co --exclude-standard | while IFS= read -r f; do [[ ! -f $f ]] || echo "$f"; done)
	else
		(cd "$1" && find . \( -path ./.git -o -path ./build \) -prune -o -type f ! -path ./oomkit -print |
			sed 's,^\./,,')
	fi | sort
}

c_files() {
	files "$1" | grep -E '^(common|cmd|include|tests)/.*\.[ch]$'
}

program_files() {
	files "$1" | grep -E '^(common|cmd|include)/.*\.[ch]$'
}

# Text that people write, as against what was captured, generated or is a licence.
written_files() {
	files "$1" | grep -vE '^(tests/(fixtures/machines|logs|expected|fuzz)/|LICENSE$|VERSION$)|\.(xz|gz|zst|png)$'
}

# find_in TREE REGEX: FILE:LINE:TEXT of each match in the files that stdin names.
find_in() {
	(cd "$1" && xargs -r grep -nHIE -e "$2" --) || :
}

# code TREE [without_strings]: the files that stdin names as FILE:LINE:TEXT, without comments, and without what stands
# between quotes.
code() {
	(cd "$1" && xargs -r awk -v bare="${2:+1}" '
	FNR == 1 { comment = 0 }
	{
		out = quote = ""
		n = length($0)
		for (i = 1; i <= n; i++) {
			c = substr($0, i, 1)
			two = substr($0, i, 2)
			if (comment) {
				if (two == "*/") { comment = 0; i++ }
			} else if (quote != "") {
				if (c == "\\") {
					i++
					if (!bare) out = out c substr($0, i, 1)
				} else if (c == quote) {
					quote = ""
					out = out c
				} else if (!bare) {
					out = out c
				}
			} else if (two == "/*") {
				comment = 1; i++
			} else if (two == "//") {
				break
			} else {
				if (c == "\"" || c == "\047") quote = c
				out = out c
			}
		}
		if (out ~ /[^ \t]/) print FILENAME ":" FNR ":" out
	}')
}

# offence WHAT: stdin's FILE:LINE:TEXT as FILE:LINE: WHAT.
offence() {
	sed -E "s,^([^:]*:[0-9]+):.*,\1: $1,"
}

# made_up FILE: stdin becomes that file in a tree of its own.
made_up() {
	mkdir -p "$TREE/$(dirname "$1")"
	cat >"$TREE/$1"
}

# holds RULE: this tree offends nowhere.
holds() {
	run "$1" "$ROOT"
	assert_success
	assert_output ''
}

# catches RULE TEXT...: the made-up tree offends, and each TEXT is in what is told.
catches() {
	local rule=$1 text
	shift
	run "$rule" "$TREE"
	for text; do
		assert_line --partial "$text"
	done
}

# ------------------------------------------------------------------ layers

# GROUP: the files that are in it (without their suffix).
layer_members() {
	cat <<-'EOF'
		base base str arena civil tzif moment
		facts facts sighting
		host host
		memstat memstat
		readers kver meminfo pressure proc cgroupfs cgroupfs-mounts cgroupfs-meaning podnames memtree memcg nodes users snapshot select
		parser oomlog oomlog-parts oomlog-dump oomlog-find oomlog-kill oomlog-table oomlog-user oomlog-which oomlog-wrap logline logline-csv logline-order logline-parts logline-record logline-time logscan
		rejudge rejudge oomwords
		model era badness victim policy
		merge merge
		events source cgwatch kmsg memevents oomcontrol vmstat tracefs psi
		out out out-backend out-table out-json out-tsv out-prom out-html
		judge judge kills tally roll foresee
		tell tell tell-machine uncounted advice
		caps caps
		acting steady hooks init child filter adjust freezer policyfile memlimit
		cli cli cli-help
	EOF
}

# GROUP: what it may include: groups, or single headers with their .h.
layer_rules() {
	cat <<-'EOF'
		base base
		facts base facts
		host base host
		memstat base memstat
		readers base facts host readers memstat
		parser base facts parser
		model base facts model
		rejudge base facts parser model rejudge
		merge base facts merge
		events base facts host parser events memstat cgroupfs.h
		out base out
		judge base facts host readers memstat model judge
		tell base facts model tell
		caps base caps
		acting base facts host readers memstat model caps acting
		cli base facts host out cli select.h victim.h era.h kver.h
	EOF
}

# cli.h declares what commands share, so it names the structs of select.h, victim.h and host.h; --kernel is parsed there,
# so cli.c asks era.h and kver.h. It calls no reader and judges nothing.
rule_layers() {
	local tree=$1
	layer_members >"$BATS_TEST_TMPDIR/members"
	layer_rules >"$BATS_TEST_TMPDIR/rules"
	program_files "$tree" | grep -v '^cmd/' | find_in "$tree" '^' |
		awk -v dir="$BATS_TEST_TMPDIR" '
		BEGIN {
			while ((getline line <(dir "/members")) > 0) {
				n = split(line, w, " ")
				for (i = 2; i <= n; i++) of[w[i]] = w[1]
			}
			while ((getline line <(dir "/rules")) > 0) {
				n = split(line, w, " ")
				for (i = 2; i <= n; i++) allowed[w[1], w[i]] = 1
			}
		}
		{
			split($0, part, ":")
			file = part[1]
			name = file
			gsub(/.*\/|\.[ch]$/, "", name)
			if (!(name in of)) {
				if (!told[file]++) print file ": belongs to no layer; give it one in tests/house.bats"
				next
			}
			text = substr($0, length(file) + length(part[2]) + 3)
			if (text !~ /^[ \t]*#[ \t]*include[ \t]*"/) next
			split(text, w, "\"")
			header = w[2]
			group = header
			sub(/\.h$/, "", group)
			group = of[group]
			if (!((of[name], header) in allowed) && !((of[name], group) in allowed))
				print file ":" part[2] ": " of[name] " may not include " header
		}'
}

@test "each layer includes only what stands below it" {
	holds rule_layers
}

@test "an include that goes up is found" {
	made_up common/badness.c <<<'#include "host.h"'
	made_up common/host.c <<<'	#  include "facts.h"'
	made_up common/strange.c <<<'int strange;'
	made_up include/str.h <<<$'/* x */\n#include "../cmd/commands.h"\n#include "base.h"'
	catches rule_layers 'common/badness.c:1: model may not include host.h' \
		'common/host.c:1: host may not include facts.h' 'common/strange.c: belongs to no layer' \
		'include/str.h:2: base may not include ../cmd/commands.h'
	assert_equal "${#lines[@]}" 4
}

# The tests of a command run the program; only cmd/ sees cmd/.
rule_nobody_includes_cmd() {
	c_files "$1" | grep -v '^cmd/' |
		find_in "$1" '#[[:space:]]*include[[:space:]]*"([^"]*cmd/|commands\.h)' | offence 'includes cmd'
}

@test "nobody includes anything of cmd" {
	holds rule_nobody_includes_cmd
}

@test "an include of cmd is found" {
	made_up tests/unit/x_test.c <<<'#include "../../cmd/commands.h"'
	catches rule_nobody_includes_cmd 'tests/unit/x_test.c:1:'
}

# x.c answers to x.h; the parts of out share one header, those of cli cli.h, those of cgroupfs cgroupfs.h, those of the
# parsers *-parts.h.
rule_headers() {
	local file name
	files "$1" | grep '^common/.*\.c$' | while read -r file; do
		name=$(basename "$file" .c)
		case $name in
		out-*) name=out-backend ;;
		cli-*) name=cli ;;
		oomlog-*) name=oomlog-parts ;;
		logline-*) name=logline-parts ;;
		cgroupfs-*) name=cgroupfs ;;
		esac
		[[ -e $1/include/$name.h ]] || echo "$file: has no include/$name.h"
	done
	files "$1" | grep -E '^common/.*/|^include/.*/' | sed 's/$/: lies in a folder of its own/'
}

@test "each file of common has its header" {
	holds rule_headers
}

@test "a file without its header is found" {
	made_up common/lonely.c <<<''
	made_up common/deep/down.c <<<''
	catches rule_headers 'common/lonely.c: has no include/lonely.h' 'common/deep/down.c: lies in a folder'
}

# ------------------------------------------------------------------ symbols

# symbols DIR OPTION: "NAME SYMBOL" of all objects, by the plain names of symbols (open64 and __isoc99_sscanf are open and
# sscanf).
symbols() {
	(cd "$1" && nm -A "$2" ./*.o) |
		sed -nE 's,^\./([^:]*)\.o:.* ([^ ]+)$,\1 \2,p' | sed -E 's/@.*//; s/ __isoc[0-9]+_/ /; s/64$//'
}

OPENERS='open|openat|openat2|creat|fopen|freopen|fdopen|opendir|fdopendir|scandir|nftw|ftw|fts_open|glob|popen|tmpfile|mkstemp|mkostemp|read|pread|readv|preadv|readlink|readlinkat|realpath|canonicalize_file_name|stat|lstat|fstatat|statx|access|faccessat|euidaccess|inotify_add_watch|mmap'

rule_only_host_opens() { # TREE OBJECTS
	symbols "$2" --undefined-only | grep -v '^host ' | grep -E " ($OPENERS)\$" | sed 's/ /.c: calls /'
	return 0
}

# A name looked up by NSS, a character set, a locale: each loads code and tables from where the environment says, and
# each brings hundreds of kilobytes into the static program.
LOADERS='getpw[a-z_]*|getgr(nam|gid|ent|ouplist)[a-z_]*|initgroups|getaddrinfo|getnameinfo|gethostby[a-z_]*|getserv[a-z_]*|getproto[a-z_]*|dlopen|dlmopen|iconv_open|setlocale|newlocale|wordexp'

rule_loads_no_code() { # TREE OBJECTS
	symbols "$2" --undefined-only | grep -E " ($LOADERS)\$" | sed 's/ /.c: calls /'
	return 0
}

# A call through syscall() leaves no symbol.
rule_no_hidden_opening() {
	program_files "$1" | grep -vE '^(common/host\.c|include/host\.h)$' | code "$1" without_strings |
		grep -E "\\b(syscall|$OPENERS)[[:space:]]*\\(" | offence opens
}

@test "nothing asks NSS, loads code or sets a locale" {
	run rule_loads_no_code "$ROOT" "$OBJECTS"
	assert_success
	assert_output ''
}

# Each of these brings 75 to 110 KB of glibc into the static program: scanf all kinds of numbers, a calendar the time zones
# and scanf. str.c and civil.c do here what is wanted of them.
HEAVY='v?f?scanf|v?sscanf|timegm|mktime|gmtime(_r)?|localtime(_r)?|ctime(_r)?|strftime|tzset'

rule_no_heavy_calls() { # TREE OBJECTS
	symbols "$2" --undefined-only | grep -E " ($HEAVY)\$" | sed 's/ /.c: calls /'
	return 0
}

@test "nothing calls scanf or the calendar of the C library" {
	run rule_no_heavy_calls "$ROOT" "$OBJECTS"
	assert_success
	assert_output ''
}

@test "a call of scanf is found" {
	made_up common/a.c <<<$'#include <stdio.h>\n#include <time.h>\nint f(const char *s, int *i) { return sscanf(s, "%d", i) + (timegm(0) > 1); }'
	compile_all "$TREE" "$TREE/objects"
	run -0 rule_no_heavy_calls "$TREE" "$TREE/objects"
	assert_line 'a.c: calls sscanf'
	assert_line 'a.c: calls timegm'
}

@test "a call of NSS or of the loader is found" {
	made_up common/a.c <<<$'#include <pwd.h>\n#include <dlfcn.h>\nvoid *f(void) { return getpwuid(0) ? dlopen("x", 1) : 0; }'
	compile_all "$TREE" "$TREE/objects"
	run -0 rule_loads_no_code "$TREE" "$TREE/objects"
	assert_line 'a.c: calls getpwuid'
	assert_line 'a.c: calls dlopen'
}

@test "only host.c opens, reads or looks at files" {
	run rule_only_host_opens "$ROOT" "$OBJECTS"
	assert_success
	assert_output ''
	holds rule_no_hidden_opening
}

@test "another file that opens is found" {
	made_up common/sly.c <<-'EOF'
		#include <fcntl.h>
		#include <unistd.h>
		#include <sys/syscall.h>
		/* open("a comment") is no call */
		int sly(void) { return open("/etc/passwd", O_RDONLY) + (int)syscall(SYS_openat, 0, "open(", 0); }
	EOF
	compile_all "$TREE" "$TREE/o"
	run rule_only_host_opens "$TREE" "$TREE/o"
	assert_output 'sly.c: calls open'
	catches rule_no_hidden_opening 'common/sly.c:5:'
	assert_equal "${#lines[@]}" 1
}

# What a pure function may call of the C library: memory, strings, sorting, text into a buffer; and what the processor can
# do, which changes the speed alone. A list of what is
# allowed: anything new must be argued for here.
PURE='__cpu_model|__x86_get_cpuid_feature_leaf|mem[a-z]+|str[a-z_]+|malloc|calloc|realloc|reallocarray|free|qsort|qsort_r|bsearch|v?snprintf|v?asprintf|abs|labs|isdigit|__ctype_b_loc|__ctype_tolower_loc|__assert_fail|__errno_location|__stack_chk_fail|ldexp|log2|round'
PURE_LAYERS='base facts memstat merge parser model rejudge tell'

rule_purity() { # TREE OBJECTS
	# What these layers define themselves they may call.
	pure_names >"$2/.names"
	symbols "$2" --defined-only | awk 'NR == FNR { pure[$1] = 1; next } $1 in pure { print $2 }' "$2/.names" - >"$2/.own"
	symbols "$2" --undefined-only | awk 'NR == FNR { pure[$1] = 1; next } $1 in pure' "$2/.names" - |
		grep -vE " ($PURE)\$" | awk 'NR == FNR { own[$1] = 1; next } !($2 in own) { print $1 ".c: calls " $2 }' "$2/.own" -
}

pure_names() {
	layer_members | awk -v groups=" $PURE_LAYERS " 'index(groups, " " $1 " ") { for (i = 2; i <= NF; i++) print $i }'
}

@test "model, parser and tell are pure: they call nothing that asks the world" {
	[[ -e $OBJECTS/badness.o && -e $OBJECTS/era.o && -e $OBJECTS/victim.o ]]
	run rule_purity "$ROOT" "$OBJECTS"
	assert_success
	assert_output ''
}

@test "a model that looks at the clock or prints is found" {
	made_up common/victim.c <<-'EOF'
		#include <stdio.h>
		#include <stdlib.h>
		#include <time.h>
		int badness_helper(void);
		int victim(void) { char b[9]; snprintf(b, 9, "%d", badness_helper());
			if (getenv("X")) exit(1); return printf("%s", b) + (int)time(NULL); }
	EOF
	made_up common/badness.c <<<'int badness_helper(void) { return 1; }'
	compile_all "$TREE" "$TREE/o"
	run rule_purity "$TREE" "$TREE/o"
	assert_output "$(printf 'victim.c: calls %s\n' exit getenv printf time)"
}

# Nothing that lasts longer than a call changes: .data and .bss are empty. What must be, stands here with its reason.
changing_allowed() {
	cat <<-'EOF'
		EOF
}

rule_no_changing_globals() { # TREE OBJECTS
	(cd "$2" && nm -A --defined-only ./*.o) |
		awk '$(NF - 1) ~ /^[dDbBC]$/ { sub(/^\.\//, ""); sub(/\.o:.*/, "", $1); print $1 ".c: " $NF " can change" }' |
		grep -vxFf <(changing_allowed) || :
}

@test "no global or static variable changes" {
	run rule_no_changing_globals "$ROOT" "$OBJECTS"
	assert_success
	assert_output ''
}

@test "a variable in a file or a function is found, a constant table is not" {
	made_up common/state.c <<-'EOF'
		static const char *const table[] = { "a", "b" };
		int visible = 1;
		const char *state(int i) { static int calls; return table[(calls++ + i) & 1]; }
	EOF
	compile_all "$TREE" "$TREE/o"
	run rule_no_changing_globals "$TREE" "$TREE/o"
	assert_line 'state.c: visible can change'
	assert_line --regexp 'state.c: calls[.0-9]* can change'
	assert_equal "${#lines[@]}" 2
}

# Unbounded, unchecked, or with a state of their own.
BANNED='gets|strcpy|strcat|sprintf|vsprintf|atoi|atol|atoll|atof|strtok|system|popen|alloca|setlocale|mktemp|tmpnam|rand|srand|signal|sleep|usleep'
# Names of users and hosts through the C library load other people's code into a static program's place.
NSS='getpw.*|getgr.*|setpwent|endpwent|getspnam.*|getaddrinfo|gethostby.*|getservby.*|getprotobyname|initgroups|getlogin.*|cuserid'

rule_no_banned_calls() { # TREE OBJECTS
	symbols "$2" --undefined-only | grep -E " ($BANNED|$NSS)\$" | sed 's/ /.c: calls /'
	return 0
}

@test "no unbounded function, none that keeps a state, no NSS" {
	run rule_no_banned_calls "$ROOT" "$OBJECTS"
	assert_success
	assert_output ''
	# The program as it is linked, its libraries' inlines and all.
	[[ -x $OOMKIT ]]
	run bash -c 'nm "$1" 2>/dev/null; nm -D "$1" 2>/dev/null' - "$OOMKIT"
	refute_line --regexp " ($NSS)(@.*)?\$"
	assert_line --regexp ' main$'
}

@test "a call of atoi or getpwuid is found" {
	made_up cmd/bad.c <<-'EOF'
		#include <pwd.h>
		#include <stdlib.h>
		int bad(const char *s) { return getpwuid((uid_t)atoi(s)) != NULL; }
	EOF
	compile_all "$TREE" "$TREE/o"
	run rule_no_banned_calls "$TREE" "$TREE/o"
	assert_line 'bad.c: calls getpwuid'
}

# ------------------------------------------------------------------ commands

# A command gathers, judges and tells: it prints through out and cli, and host knows where things are. main and help
# are the program's own voice, and adj-choom is another program's: they may write to the streams that they were given,
# but not to stdout by its name.
rule_commands_are_dull() {
	local commands=$BATS_TEST_TMPDIR/commands
	files "$1" | grep '^cmd/.*\.c$' >"$commands"
	# In a sentence for people a path may stand.
	code "$1" <"$commands" | grep -E '"/?(proc|sys|dev|etc|cg)(/[^" ]*)?"' | offence 'a path'
	grep -vxE 'cmd/(main|help|adj-choom)\.c' "$commands" | code "$1" without_strings |
		grep -E '\b(v?f?printf|v?dprintf|f?puts|f?putc|putchar|fwrite|write)[[:space:]]*\(' | offence prints
	grep -xE 'cmd/(main|help|adj-choom)\.c' "$commands" | code "$1" without_strings |
		grep -E '\b(v?printf|puts|putchar)[[:space:]]*\(' | offence prints
}

@test "no command holds a path or prints by itself" {
	holds rule_commands_are_dull
}

@test "a command with a path or a printf is found" {
	made_up cmd/loud.c <<-'EOF'
		/* printf("/proc") in a comment is none */
		static const char *where = "proc/1/stat", *help = "the number in /proc/PID/oom_score";
		int loud(void) { snprintf(0, 0, "printf("); return printf ("%s", where); }
	EOF
	made_up cmd/main.c <<<'int f(void) { fprintf(err, "x"); puts("y"); return 0; }'
	catches rule_commands_are_dull 'cmd/loud.c:2: a path' 'cmd/loud.c:3: prints' 'cmd/main.c:1: prints'
	assert_equal "${#lines[@]}" 3
}

# command_NAME is declared in commands.h, defined in cmd/NAME.c (its parts: NAME-PART.c) and named nowhere else. Two of the
# names as strings in one line of another file would be a second list.
rule_commands_listed_once() {
	local tree=$1 names name file
	names=$(sed -nE 's/^[[:space:]]*X\((\w+)\).*/\1/p' "$tree/cmd/commands.h")
	for name in $names; do
		file=cmd/${name//_/-}
		[[ -e $tree/$file.c ]] || echo "cmd/commands.h: $name has no file"
		files "$tree" | grep -E '^cmd/.*\.[ch]$' | grep -vxE "cmd/commands\.h|$file(-[a-z-]+)?\.[ch]" | code "$tree" |
			grep -E "\\bcommand_$name\\b" | offence "names command_$name"
	done
	names=${names//_/-}
	program_files "$tree" | code "$tree" |
		grep -E "\"(${names//$'\n'/|})\"[^\"]*\"(${names//$'\n'/|})\"" | offence 'lists commands'
	for file in "$tree"/cmd/*.c; do
		name=$(basename "$file" .c)
		# What several commands share has a header of its own beside it, and so have the parts of a large one
		# (rank-by.c and rank.h).
		[[ $name != main && ! -e ${file%.c}.h && ! -e $tree/cmd/${name%%-*}.h && ! -e $tree/cmd/${name%-*}.h ]] ||
			continue
		grep -qE "^[[:space:]]*X\\(${name//-/_}\\)" "$tree/cmd/commands.h" ||
			echo "cmd/$name.c: is no command and has no header"
	done
}

@test "the commands are listed once" {
	holds rule_commands_listed_once
	# The list that was checked is the list that the program shows.
	run -0 "$OOMKIT" --list
	[[ ${#lines[@]} -ge 3 ]]
	for name in "${lines[@]}"; do
		grep -qE "^[[:space:]]*X\\(${name//-/_}\\)" "$ROOT/cmd/commands.h"
	done
}

@test "a second list of commands is found" {
	made_up cmd/commands.h <<<$'\tX(score) \\\n\tX(rank) \\\n\tX(ghost)'
	made_up cmd/score.c <<<'const struct command command_score = { .name = "score" };'
	made_up cmd/rank.c <<<$'const struct command command_rank = { .name = "rank" };\nchar *keys[] = { "rank", "pid" };'
	made_up cmd/stray.c <<<'int stray = (int)&command_rank;'
	made_up cmd/main.c <<<'static const char *const names[] = { "score", "rank" };'
	catches rule_commands_listed_once 'cmd/commands.h: ghost has no file' 'cmd/main.c:1: lists' \
		'cmd/stray.c:1: names command_rank' 'cmd/stray.c: is no command'
	assert_equal "${#lines[@]}" 4
}

# The options of a command belong to one call of it, and an argument of an option is never optional.
rule_argp() {
	program_files "$1" | code "$1" without_strings |
		grep -E '\bOPTION_ARG_OPTIONAL\b|\btypedef[[:space:]]+struct\b' || :
}

@test "no optional option-argument, no struct behind a typedef" {
	holds rule_argp
}

@test "an optional option-argument or a typedef of a struct is found" {
	made_up common/cli.c <<<'{ "color", 1, "WHEN", OPTION_ARG_OPTIONAL, "", 0 },'
	made_up include/x.h <<<'typedef struct x { int a; } x_t;'
	catches rule_argp 'common/cli.c:1:' 'include/x.h:1:'
}

# The writer knows cells; what they mean is another's.
rule_out_knows_no_oom() {
	program_files "$1" | grep -E '/out(-[a-z]+)?\.[ch]$' | code "$1" | sed 's/oomkit//Ig' |
		grep -iE ':.*(oom|badness|victim|memcg|cgroup|\bpids?\b|rss)' || :
}

@test "the writer knows no word of OOM" {
	holds rule_out_knows_no_oom
}

@test "a writer that knows what a victim is is found" {
	made_up common/out-table.c <<<$'/* the victim */\n#define OOMKIT_OUT_H\nif (is_victim(row)) bold();'
	catches rule_out_knows_no_oom 'common/out-table.c:3:'
	assert_equal "${#lines[@]}" 1
}

# ------------------------------------------------------------------ form

rule_spdx() {
	written_files "$1" |
		grep -E '\.([ch]|bash|bats|sh|awk|zsh|yml|yaml)$|(^|/)(Makefile|dev|run|valgrind)$|^\.[a-z-]+$|permitted-skips$' |
		(cd "$1" && xargs -r awk '
			FNR == 1 { at = /^#!/ ? 2 : 1 }
			FNR == at && !/^(\/\*|#) SPDX-License-Identifier: GPL-2\.0-or-later( \*\/)?$/ {
				print FILENAME ": its first line is no SPDX line"
			}')
}

@test "every source begins with its SPDX line" {
	holds rule_spdx
	[[ $(written_files "$ROOT" | wc -l) -gt 20 ]]
}

@test "a source without its SPDX line is found" {
	made_up common/a.c <<<'int a;'
	made_up tests/b.bats <<<$'#!/usr/bin/env bats\nload helper'
	made_up tests/c.bats <<<$'#!/usr/bin/env bats\n# SPDX-License-Identifier: GPL-2.0-or-later'
	made_up Makefile <<<'all:'
	catches rule_spdx 'common/a.c:' 'tests/b.bats:' 'Makefile:'
	assert_equal "${#lines[@]}" 3
}

# Which question does this file answer? Its first comment says it.
rule_first_comment() {
	c_files "$1" | (cd "$1" && xargs -r awk 'FNR == 2 && !/^\/\*/ { print FILENAME ": no comment says what it is for" }')
}

@test "every C file says what it is for" {
	holds rule_first_comment
}

@test "a C file that does not say what it is for is found" {
	made_up common/a.c <<<$'/* SPDX-License-Identifier: GPL-2.0-or-later */\n#include "a.h"'
	catches rule_first_comment 'common/a.c:'
}

rule_layout() {
	local file
	c_files "$1" | find_in "$1" '^ ([^*]|$)|^	* {8,}[^ ]' | offence 'indented by spaces'
	# Of a character beyond ASCII, the bytes after the first do not count.
	c_files "$1" | (cd "$1" && LC_ALL=C xargs -r awk '{
		gsub(/[\200-\277]/, "")
		n = split($0, part, "\t")
		column = length(part[1])
		for (i = 2; i <= n; i++) column += 8 - column % 8 + length(part[i])
		if (column > 100) print FILENAME ":" FNR ": over 100 columns"
	}')
	written_files "$1" | find_in "$1" '[ 	]+$' | offence 'ends in blanks'
	# tail prints the last byte of each: as many newlines as files, or a closer look.
	written_files "$1" | (cd "$1" && xargs -r tail -q -c 1) | tr -d '\n' | grep -q . || return 0
	written_files "$1" | while read -r file; do
		[[ -z $(tail -c 1 "$1/$file") ]] || echo "$file: does not end in a newline"
	done
}

@test "tabs, 100 columns, no blanks at the end of a line" {
	holds rule_layout
}

@test "spaces, a long line and blanks at its end are found" {
	made_up common/a.c <<<$'    four;\n\t        eight;\n\tx; \n\t'"$(printf '%093d' 0)"
	made_up common/good.c <<<$'/*\n * text\n */\n\tf(a,\n\t  b);\n\t'"$(printf '%092d' 0)"
	printf 'no newline' | made_up README.md
	catches rule_layout 'common/a.c:1: indented by spaces' 'common/a.c:2: indented by spaces' \
		'common/a.c:3: ends in blanks' 'common/a.c:4: over 100 columns' 'README.md: does not end in a newline'
	assert_equal "${#lines[@]}" 5
}

# A test may be one long table.
rule_functions_fit_a_screen() {
	program_files "$1" | (cd "$1" && xargs -r awk '
		FNR == 1 { open = 0 }
		/^[a-z].*[^;]$/ { head = $0; at = FNR }
		/^\{$/ { open = FNR }
		/^\}$/ {
			if (open && FNR - open > 70) print FILENAME ":" at ": " FNR - open " lines: " head
			open = 0
		}')
}

@test "functions fit a screen" {
	holds rule_functions_fit_a_screen
}

@test "a function of 71 lines is found, one of 70 is not" {
	{ echo 'int long_one(void)'; echo '{'; yes '	x();' | head -n 70; echo '}'; } | made_up common/a.c
	{ echo 'int short_one(void)'; echo '{'; yes '	x();' | head -n 69; echo '}'; } | made_up common/b.c
	catches rule_functions_fit_a_screen 'common/a.c:1: 71 lines: int long_one(void)'
	assert_equal "${#lines[@]}" 1
}

# Written so that the rule does not find itself.
rule_no_leftovers() {
	written_files "$1" | find_in "$1" '\b(TOD[O]|FIXM[E]|XX[X])\b|<<<<<<[<] |>>>>>>[>] '
}

@test "nothing is left for later in a comment" {
	holds rule_no_leftovers
}

@test "a note for later is found" {
	printf '%s\n' '/* TOD''O: finish */' 'mkstemp("aXXXXXX");' | made_up common/a.c
	catches rule_no_leftovers 'common/a.c:1:'
	assert_equal "${#lines[@]}" 1
}

# The tree speaks of itself alone: no folder of the machine that it was written on, no host that packages come from.
rule_no_machine() {
	files "$1" | grep -vE '\.(xz|gz|zst|png)$' |
		find_in "$1" '(^|[^A-Za-z0-9_./-])/(wor[k]|far[m])/|/tmp/[a-z_]*job[s]|https?://(de[b]|registr[y]|snapsho[t])[.]|\bdeb[.]debia[n]\.org|/roo[t]/\.[a-z]'
}

@test "no path or host of a working machine stands in the tree" {
	holds rule_no_machine
}

@test "a path or host of a working machine is found" {
	printf '%s\n' 'see /wor''k/notes' 'fetch https://registr''y.example.org/x' 'and network/work/fine' |
		made_up README.md
	catches rule_no_machine 'README.md:1:' 'README.md:2:'
	assert_equal "${#lines[@]}" 2
}

# Whatever looks for the program by its name finds one.
rule_one_program() {
	(cd "$1" && find . -path ./.git -prune -o -name oomkit \( -type f -o -type l \) -perm /111 ! -path ./oomkit -print)
}

@test "nothing but ./oomkit is a program of that name" {
	holds rule_one_program
	[[ -f $ROOT/oomkit && ! -L $ROOT/oomkit ]]
}

@test "another program of that name is found" {
	made_up build/gcc/oomkit <<<'x'
	chmod +x "$TREE/build/gcc/oomkit"
	catches rule_one_program './build/gcc/oomkit'
}

# ------------------------------------------------------------------ tests

# A skip is a probe's: it goes through `need`, or names a reason that tests/permitted-skips knows.
rule_skips_are_probed() {
	local line reason
	files "$1" | grep '^tests/.*\.bats$' | find_in "$1" '(^|[;&|{])[[:space:]]*skip([[:space:]]|;|$)' |
		while IFS= read -r line; do
			reason=$(sed -nE "s/.*\\bskip[[:space:]]+[\"']([^\"']*)[\"'].*/\\1/p" <<<"$line")
			if [[ -z $reason ]] || ! grep -qE -f <(grep -vE '^(#|$)' "$1/tests/permitted-skips") <<<": $reason"; then
				offence "a skip without a probe's reason" <<<"$line"
			fi
		done
}

@test "no test skips for a reason that no probe gives" {
	holds rule_skips_are_probed
}

@test "a skip out of the blue is found" {
	made_up tests/permitted-skips <<<$'# why\n: not run as root$'
	# In a variable, so that the rule does not find itself.
	local word=skip
	made_up tests/a.bats <<-EOF
		a() {
			$word "too hard"
			$word
			true || $word 'not run as root'
			grep skip file
		}
	EOF
	catches rule_skips_are_probed 'tests/a.bats:2:' 'tests/a.bats:3:'
	assert_equal "${#lines[@]}" 2
}

# Each reason that a probe of the helper gives is permitted, and each that is permitted is given.
@test "the probes' reasons and the permitted skips are the same list" {
	files "$ROOT" | grep -E '^tests/.*\.(bash|bats)$' | while read -r file; do
		sed -nE "s/^[[:space:]]+reason='(.*)'\$/\\1/p" "$ROOT/$file"
	done | sort -u >"$BATS_TEST_TMPDIR/given"
	[[ $(wc -l <"$BATS_TEST_TMPDIR/given") -gt 5 ]]
	sed -nE 's/^: (.*)\$$/\1/p' "$ROOT/tests/permitted-skips" | sort >"$BATS_TEST_TMPDIR/permitted"
	run -0 diff "$BATS_TEST_TMPDIR/given" "$BATS_TEST_TMPDIR/permitted"
}
