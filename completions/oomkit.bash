# SPDX-License-Identifier: GPL-2.0-or-later
# Made out of the option tables by man/generate; what is changed here is lost.
# shellcheck shell=bash
# Completion of oomkit in bash; it needs nothing else to be loaded.

__oomkit_commands='score rank explain adj protect watch parse-log cgroup help'
__oomkit_kernels='7.0 6.2 5.14 5.10 5.9 5.7.14 5.4 5.3 5.1 4.19 4.17 4.15 4.9 4.8 4.7 4.5 4.0 3.14 3.13.10 3.7 3.5 3.2 2.6.39 2.6.37 2.6.36 2.6.32 2.6.25 2.6.24 2.6.22 2.6.19 2.6.16 2.6.11'

# COMMAND: its options
__oomkit_options() {
	case $1 in
	oomkit) REPLY='--root --list --install -h --help -V --version' ;;
	score) REPLY='-r --raw --check -p --pid -x --exact --comm -f --full -u --user --unit --cgroup --container --tree -A --all --scope --nodes --mempolicy --set --grow --limit -J --json --format -o --output -O --output-all --list-columns --noheadings -b --bytes --si --sort --color -q --quiet --root --kernel -h --help -V --version' ;;
	rank) REPLY='-N --top -a --everyone --by --adjusted --kills --free -p --pid -x --exact --comm -f --full -u --user --unit --cgroup --container --tree -A --all --scope --nodes --mempolicy --set --grow --limit -J --json --format -o --output -O --output-all --list-columns --noheadings -b --bytes --si --sort --color -q --quiet --root --kernel -h --help -V --version' ;;
	explain) REPLY='-p --pid -x --exact --comm -f --full -u --user --unit --cgroup --container --tree -A --all --scope --nodes --mempolicy --set --grow --limit -J --json --format -o --output -O --output-all --list-columns --noheadings -b --bytes --si --sort --color -q --quiet --root --kernel -h --help -V --version' ;;
	adj) REPLY='-n --adjust --relative --clamp --recheck --freeze --dry-run -v --verbose --reset -p --pid -x --exact --comm -f --full -u --user --unit --cgroup --container --tree -A --all -J --json --format -o --output -O --output-all --list-columns --noheadings -b --bytes --si --sort --color -q --quiet --root --kernel -h --help -V --version' ;;
	protect) REPLY='-n --adjust --level --main --policy --init --check --remove --apply --print --dry-run -p --pid -x --exact --comm -f --full -u --user --unit --cgroup --container --tree -A --all -J --json --format -o --output -O --output-all --list-columns --noheadings -b --bytes --si --sort --color -q --quiet --root --kernel -h --help -V --version' ;;
	watch) REPLY='--source --replay -n --count --timeout --pressure --exec --exec-shell --exec-timeout --exec-most --live --snapshot -p --pid -x --exact --comm -f --full -u --user --unit --cgroup --container --tree -A --all -J --json --format -o --output -O --output-all --list-columns --noheadings -b --bytes --si --sort --color -q --quiet --root --kernel -h --help -V --version' ;;
	parse-log) REPLY='-k --kernel-ring -j --journal --since --until -p --pid --comm --cgroup --constraint --tasks --why --summary --html --page-size --year --tz -J --json --format -o --output -O --output-all --list-columns --noheadings -b --bytes --si --sort --color -q --quiet --root --kernel -h --help -V --version' ;;
	cgroup) REPLY='--victims --write --dry-run -p --pid -x --exact --comm -f --full -u --user --unit --cgroup --container --tree -A --all -J --json --format -o --output -O --output-all --list-columns --noheadings -b --bytes --si --sort --color -q --quiet --root --kernel -h --help -V --version' ;;
	help) REPLY='--dump -h --help -V --version' ;;
	*) REPLY= ;;
	esac
}

# COMMAND OPTION: the type of its value; nothing where it takes none
__oomkit_type() {
	case "$1 $2" in
	'oomkit --root') REPLY='DIR' ;;
	'oomkit --install') REPLY='DIR' ;;
	'score -p' | 'score --pid') REPLY='PIDS' ;;
	'score -x' | 'score --exact') REPLY='NAME' ;;
	'score --comm') REPLY='REGEX' ;;
	'score -f' | 'score --full') REPLY='REGEX' ;;
	'score -u' | 'score --user') REPLY='USERS' ;;
	'score --unit') REPLY='UNIT' ;;
	'score --cgroup') REPLY='CGROUP' ;;
	'score --container') REPLY='CONTAINER' ;;
	'score --tree') REPLY='PID' ;;
	'score --scope') REPLY='TARGET' ;;
	'score --nodes') REPLY='NODES' ;;
	'score --mempolicy') REPLY='NODES' ;;
	'score --set') REPLY='TARGET=ADJ' ;;
	'score --grow') REPLY='TARGET=SIZE' ;;
	'score --limit') REPLY='SIZE' ;;
	'score --format') REPLY='table|json|ndjson|csv|tsv|prom' ;;
	'score -o' | 'score --output') REPLY='COLUMNS' ;;
	'score --sort') REPLY='[-]COLUMN' ;;
	'score --color') REPLY='auto|always|never' ;;
	'score --root') REPLY='DIR' ;;
	'score --kernel') REPLY='KERNEL' ;;
	'rank -N' | 'rank --top') REPLY='NUM|all' ;;
	'rank --by') REPLY='process|cgroup|unit|user|tree' ;;
	'rank --kills') REPLY='NUM' ;;
	'rank --free') REPLY='SIZE' ;;
	'rank -p' | 'rank --pid') REPLY='PIDS' ;;
	'rank -x' | 'rank --exact') REPLY='NAME' ;;
	'rank --comm') REPLY='REGEX' ;;
	'rank -f' | 'rank --full') REPLY='REGEX' ;;
	'rank -u' | 'rank --user') REPLY='USERS' ;;
	'rank --unit') REPLY='UNIT' ;;
	'rank --cgroup') REPLY='CGROUP' ;;
	'rank --container') REPLY='CONTAINER' ;;
	'rank --tree') REPLY='PID' ;;
	'rank --scope') REPLY='TARGET' ;;
	'rank --nodes') REPLY='NODES' ;;
	'rank --mempolicy') REPLY='NODES' ;;
	'rank --set') REPLY='TARGET=ADJ' ;;
	'rank --grow') REPLY='TARGET=SIZE' ;;
	'rank --limit') REPLY='SIZE' ;;
	'rank --format') REPLY='table|json|ndjson|csv|tsv|prom' ;;
	'rank -o' | 'rank --output') REPLY='COLUMNS' ;;
	'rank --sort') REPLY='[-]COLUMN' ;;
	'rank --color') REPLY='auto|always|never' ;;
	'rank --root') REPLY='DIR' ;;
	'rank --kernel') REPLY='KERNEL' ;;
	'explain -p' | 'explain --pid') REPLY='PIDS' ;;
	'explain -x' | 'explain --exact') REPLY='NAME' ;;
	'explain --comm') REPLY='REGEX' ;;
	'explain -f' | 'explain --full') REPLY='REGEX' ;;
	'explain -u' | 'explain --user') REPLY='USERS' ;;
	'explain --unit') REPLY='UNIT' ;;
	'explain --cgroup') REPLY='CGROUP' ;;
	'explain --container') REPLY='CONTAINER' ;;
	'explain --tree') REPLY='PID' ;;
	'explain --scope') REPLY='TARGET' ;;
	'explain --nodes') REPLY='NODES' ;;
	'explain --mempolicy') REPLY='NODES' ;;
	'explain --set') REPLY='TARGET=ADJ' ;;
	'explain --grow') REPLY='TARGET=SIZE' ;;
	'explain --limit') REPLY='SIZE' ;;
	'explain --format') REPLY='table|json|ndjson|csv|tsv|prom' ;;
	'explain -o' | 'explain --output') REPLY='COLUMNS' ;;
	'explain --sort') REPLY='[-]COLUMN' ;;
	'explain --color') REPLY='auto|always|never' ;;
	'explain --root') REPLY='DIR' ;;
	'explain --kernel') REPLY='KERNEL' ;;
	'adj -n' | 'adj --adjust') REPLY='ADJ' ;;
	'adj --recheck') REPLY='NUM' ;;
	'adj -p' | 'adj --pid') REPLY='PIDS' ;;
	'adj -x' | 'adj --exact') REPLY='NAME' ;;
	'adj --comm') REPLY='REGEX' ;;
	'adj -f' | 'adj --full') REPLY='REGEX' ;;
	'adj -u' | 'adj --user') REPLY='USERS' ;;
	'adj --unit') REPLY='UNIT' ;;
	'adj --cgroup') REPLY='CGROUP' ;;
	'adj --container') REPLY='CONTAINER' ;;
	'adj --tree') REPLY='PID' ;;
	'adj --format') REPLY='table|json|ndjson|csv|tsv|prom' ;;
	'adj -o' | 'adj --output') REPLY='COLUMNS' ;;
	'adj --sort') REPLY='[-]COLUMN' ;;
	'adj --color') REPLY='auto|always|never' ;;
	'adj --root') REPLY='DIR' ;;
	'adj --kernel') REPLY='KERNEL' ;;
	'protect -n' | 'protect --adjust') REPLY='ADJ' ;;
	'protect --level') REPLY='never|critical|important|normal|expendable|first' ;;
	'protect --policy') REPLY='continue|stop|kill' ;;
	'protect --init') REPLY='systemd|openrc|dinit|runit|s6|sysv|auto' ;;
	'protect -p' | 'protect --pid') REPLY='PIDS' ;;
	'protect -x' | 'protect --exact') REPLY='NAME' ;;
	'protect --comm') REPLY='REGEX' ;;
	'protect -f' | 'protect --full') REPLY='REGEX' ;;
	'protect -u' | 'protect --user') REPLY='USERS' ;;
	'protect --unit') REPLY='UNIT' ;;
	'protect --cgroup') REPLY='CGROUP' ;;
	'protect --container') REPLY='CONTAINER' ;;
	'protect --tree') REPLY='PID' ;;
	'protect --format') REPLY='table|json|ndjson|csv|tsv|prom' ;;
	'protect -o' | 'protect --output') REPLY='COLUMNS' ;;
	'protect --sort') REPLY='[-]COLUMN' ;;
	'protect --color') REPLY='auto|always|never' ;;
	'protect --root') REPLY='DIR' ;;
	'protect --kernel') REPLY='KERNEL' ;;
	'watch --source') REPLY='SOURCES' ;;
	'watch -n' | 'watch --count') REPLY='NUM' ;;
	'watch --timeout') REPLY='SECONDS' ;;
	'watch --pressure') REPLY='LEVEL' ;;
	'watch --exec') REPLY='FILE' ;;
	'watch --exec-shell') REPLY='LINE' ;;
	'watch --exec-timeout') REPLY='SECONDS' ;;
	'watch --exec-most') REPLY='NUM' ;;
	'watch --live') REPLY='SECONDS' ;;
	'watch --snapshot') REPLY='SECONDS' ;;
	'watch -p' | 'watch --pid') REPLY='PIDS' ;;
	'watch -x' | 'watch --exact') REPLY='NAME' ;;
	'watch --comm') REPLY='REGEX' ;;
	'watch -f' | 'watch --full') REPLY='REGEX' ;;
	'watch -u' | 'watch --user') REPLY='USERS' ;;
	'watch --unit') REPLY='UNIT' ;;
	'watch --cgroup') REPLY='CGROUP' ;;
	'watch --container') REPLY='CONTAINER' ;;
	'watch --tree') REPLY='PID' ;;
	'watch --format') REPLY='table|json|ndjson|csv|tsv|prom' ;;
	'watch -o' | 'watch --output') REPLY='COLUMNS' ;;
	'watch --sort') REPLY='[-]COLUMN' ;;
	'watch --color') REPLY='auto|always|never' ;;
	'watch --root') REPLY='DIR' ;;
	'watch --kernel') REPLY='KERNEL' ;;
	'parse-log --since') REPLY='TIME' ;;
	'parse-log --until') REPLY='TIME' ;;
	'parse-log -p' | 'parse-log --pid') REPLY='PIDS' ;;
	'parse-log --comm') REPLY='REGEX' ;;
	'parse-log --cgroup') REPLY='CGROUP' ;;
	'parse-log --constraint') REPLY='none|cpuset|memory_policy|memcg|unknown' ;;
	'parse-log --html') REPLY='FILE' ;;
	'parse-log --page-size') REPLY='SIZE' ;;
	'parse-log --year') REPLY='NUM' ;;
	'parse-log --tz') REPLY='ZONE' ;;
	'parse-log --format') REPLY='table|json|ndjson|csv|tsv|prom' ;;
	'parse-log -o' | 'parse-log --output') REPLY='COLUMNS' ;;
	'parse-log --sort') REPLY='[-]COLUMN' ;;
	'parse-log --color') REPLY='auto|always|never' ;;
	'parse-log --root') REPLY='DIR' ;;
	'parse-log --kernel') REPLY='KERNEL' ;;
	'cgroup --write') REPLY='KEY=VALUE' ;;
	'cgroup -p' | 'cgroup --pid') REPLY='PIDS' ;;
	'cgroup -x' | 'cgroup --exact') REPLY='NAME' ;;
	'cgroup --comm') REPLY='REGEX' ;;
	'cgroup -f' | 'cgroup --full') REPLY='REGEX' ;;
	'cgroup -u' | 'cgroup --user') REPLY='USERS' ;;
	'cgroup --unit') REPLY='UNIT' ;;
	'cgroup --cgroup') REPLY='CGROUP' ;;
	'cgroup --container') REPLY='CONTAINER' ;;
	'cgroup --tree') REPLY='PID' ;;
	'cgroup --format') REPLY='table|json|ndjson|csv|tsv|prom' ;;
	'cgroup -o' | 'cgroup --output') REPLY='COLUMNS' ;;
	'cgroup --sort') REPLY='[-]COLUMN' ;;
	'cgroup --color') REPLY='auto|always|never' ;;
	'cgroup --root') REPLY='DIR' ;;
	'cgroup --kernel') REPLY='KERNEL' ;;
	*) REPLY= ;;
	esac
}

# COMMAND: the names of its columns
__oomkit_columns() {
	case $1 in
	score) REPLY='pid oom_score model_score oom_score_adj fate badness agrees comm' ;;
	rank) REPLY='rank victim pid uid user comm cmdline fate oom_score model_score oom_score_adj rss rss_anon rss_file rss_shmem swap pgtables badness killed_with cgroup command' ;;
	explain) REPLY='name pages bytes points bar' ;;
	adj) REPLY='pid oom_score oom_score_adj comm' ;;
	protect) REPLY='target declared state changed live file' ;;
	watch) REPLY='time time_certain uptime_usec event pid pid_ns comm uid cmdline cmdline_truncated ppid cgroup container pod unit constraint oom_memcg total_vm anon_rss file_rss shmem_rss pgtables oom_score_adj rank count lost reason sources status signal oom_killed hit victim_pid victim_comm victim_badness' ;;
	parse-log) REPLY='time uptime_usec first_line host killer constraint pid comm uid rss total_vm anon_rss file_rss shmem_rss pgtables oom_score_adj score invoker outcome complete agrees oom_memcg task_memcg' ;;
	cgroup) REPLY='path id unit container runtime pod namespace pod_name container_name qos current limit effective_limit limited_by headroom headroom_by high low min peak swap_current swap_limit memsw.current memsw.limit memsw.failcnt failcnt events.low events.high events.max events.oom events.oom_kill events.oom_group_kill events.sock_throttled events_local.low events_local.high events_local.max events_local.oom events_local.oom_kill events_local.oom_group_kill events_local.sock_throttled oom_group oom_kill_disable under_oom pressure.some.avg10 pressure.some.avg60 pressure.some.avg300 pressure.some.total pressure.full.avg10 pressure.full.avg60 pressure.full.avg300 pressure.full.total pressure_waiting_seconds pressure_stalled_seconds victim.process victim.pid victim.comm victim.badness victim.oom_score_adj victim.group victim.with outcome' ;;
	*) REPLY= ;;
	esac
}

# COMMAND: what its arguments are
__oomkit_argument() {
	case $1 in
	oomkit) REPLY=COMMAND ;;
	score) REPLY=TARGET ;;
	rank) REPLY=TARGET ;;
	explain) REPLY=TARGET ;;
	adj) REPLY=TARGET ;;
	protect) REPLY=TARGET ;;
	watch) REPLY=TARGET ;;
	parse-log) REPLY=FILE ;;
	cgroup) REPLY=TARGET ;;
	help) REPLY=COMMAND ;;
	*) REPLY= ;;
	esac
}

complete -F _oomkit oomkit oom-score oomkit-score oom-rank oomkit-rank oom-explain oomkit-explain oom-adj oomkit-adj oom-protect oomkit-protect oom-watch oomkit-watch oom-parse-log oomkit-parse-log oom-cgroup oomkit-cgroup

# Names come from other people's processes: what a shell would have to quote is not offered.
__oomkit_is_plain() {
	[[ $1 && $1 != *[!A-Za-z0-9_.@:%+,/=-]* ]]
}

# Fills __oomkit_found with the words that begin with what is typed. TYPED is what of the word counts, PREFIX what
# stands before it and stays.
__oomkit_offer() { # TYPED PREFIX WORD...
	local typed=$1 prefix=$2 word
	shift 2
	for word; do
		if [[ $word == "$typed"* ]] && __oomkit_is_plain "$word"; then
			__oomkit_found+=("$prefix$word")
		fi
	done
}

__oomkit_pids() {
	local path
	__oomkit_list=()
	for path in "$__oomkit_root"/proc/[0-9]*; do
		[[ -d $path ]] && __oomkit_list+=("${path##*/}")
	done
}

__oomkit_names() {
	local path name
	local -A seen=()
	__oomkit_list=()
	for path in "$__oomkit_root"/proc/[0-9]*/comm; do
		{ IFS= read -r name <"$path"; } 2>/dev/null || continue
		if ! __oomkit_is_plain "$name" || [[ ${seen[$name]-} ]]; then
			continue
		fi
		seen[$name]=1
		__oomkit_list+=("$name")
	done
}

__oomkit_units() {
	local path line part
	local -A seen=()
	local -a parts
	__oomkit_list=()
	for path in "$__oomkit_root"/proc/[0-9]*/cgroup; do
		while IFS= read -r line; do
			IFS=/ read -ra parts <<<"${line##*:}"
			for part in "${parts[@]}"; do
				[[ $part == *.@(service|scope|slice|socket) && ! ${seen[$part]-} ]] || continue
				seen[$part]=1
				__oomkit_list+=("$part")
			done
		done 2>/dev/null <"$path"
	done
}

# The directories of the memory hierarchy below what is typed, as /proc/PID/cgroup has them.
__oomkit_cgroups() { # TYPED
	local dir='' kind where options path
	__oomkit_list=()
	[[ -r $__oomkit_root/proc/mounts ]] || return
	while read -r _ where kind options _; do
		case $kind,$options, in
		cgroup,*,memory,*) dir=$where && break ;;
		cgroup2,*) dir=${dir:-$where} ;;
		esac
	done <"$__oomkit_root/proc/mounts"
	[[ $dir ]] || return
	for path in "$__oomkit_root$dir$1"*/; do
		path=${path%/}
		[[ -d $path ]] && __oomkit_list+=("${path#"$__oomkit_root$dir"}")
	done
}

__oomkit_value() { # COMMAND TYPE TYPED PREFIX
	local command=$1 type=$2 typed=$3 prefix=$4 part REPLY
	local -a __oomkit_list=()
	case $type in
	TARGET=*)
		if [[ $typed == *=* ]]; then
			__oomkit_value "$command" "${type#*=}" "${typed##*=}" "$prefix${typed%=*}="
		else
			part=${#__oomkit_found[@]}
			__oomkit_value "$command" TARGET "$typed" "$prefix"
			while ((part < ${#__oomkit_found[@]})); do
				__oomkit_found[part++]+='='
			done
			compopt -o nospace 2>/dev/null
		fi
		;;
	KEY=VALUE)
		if [[ $typed == *=* ]]; then
			__oomkit_value "$command" SIZE "${typed#*=}" "$prefix${typed%=*}="
		else
			__oomkit_offer "$typed" "$prefix" max= high= low= min= swap.max= memsw.max= oom.group= oom_kill_disable=
			compopt -o nospace 2>/dev/null
		fi
		;;
	*'|'*)
		local -a choices
		IFS='|' read -ra choices <<<"$type"
		for part in "${choices[@]}"; do
			if [[ $part == *[!A-Z]* ]]; then
				__oomkit_offer "$typed" "$prefix" "$part"
			else
				__oomkit_value "$command" "$part" "$typed" "$prefix"
			fi
		done
		;;
	PIDS | USERS)
		part=${typed##*,}
		__oomkit_value "$command" "${type%S}" "$part" "$prefix${typed%"$part"}"
		;;
	COLUMNS)
		part=${typed##*,}
		[[ $part == "$typed" ]] && part=${part#+}
		__oomkit_columns "$command"
		# shellcheck disable=SC2086 # the names of columns are ours
		__oomkit_offer "$part" "$prefix${typed%"$part"}" $REPLY
		;;
	'[-]COLUMN')
		part=${typed#-}
		__oomkit_columns "$command"
		# shellcheck disable=SC2086
		__oomkit_offer "$part" "$prefix${typed%"$part"}" $REPLY
		;;
	TARGET)
		if [[ $typed == /* ]]; then
			__oomkit_value "$command" CGROUP "$typed" "$prefix"
		else
			__oomkit_value "$command" NAME "$typed" "$prefix"
			__oomkit_value "$command" UNIT "$typed" "$prefix"
			__oomkit_value "$command" PID "$typed" "$prefix"
		fi
		;;
	PID)
		__oomkit_pids
		__oomkit_offer "$typed" "$prefix" "${__oomkit_list[@]}"
		;;
	NAME)
		__oomkit_names
		__oomkit_offer "$typed" "$prefix" "${__oomkit_list[@]}"
		;;
	UNIT)
		__oomkit_units
		__oomkit_offer "$typed" "$prefix" "${__oomkit_list[@]}"
		;;
	CGROUP)
		__oomkit_cgroups "${typed:-/}"
		__oomkit_offer "$typed" "$prefix" "${__oomkit_list[@]}"
		compopt -o nospace 2>/dev/null
		;;
	USER)
		mapfile -t __oomkit_list < <(compgen -u -- "$typed")
		__oomkit_offer "$typed" "$prefix" "${__oomkit_list[@]}"
		;;
	DIR)
		mapfile -t __oomkit_list < <(compgen -d -- "$typed")
		__oomkit_found+=("${__oomkit_list[@]/#/$prefix}")
		compopt -o filenames 2>/dev/null
		;;
	FILE)
		mapfile -t __oomkit_list < <(compgen -f -- "$typed")
		__oomkit_found+=("${__oomkit_list[@]/#/$prefix}")
		compopt -o filenames 2>/dev/null
		;;
	NODES)
		__oomkit_list=(/sys/devices/system/node/node[0-9]*)
		__oomkit_offer "$typed" "$prefix" "${__oomkit_list[@]##*node}"
		;;
	LEVEL)
		__oomkit_offer "$typed" "$prefix" low medium critical some: full:
		;;
	SOURCES)
		part=${typed##*,}
		__oomkit_offer "$part" "$prefix${typed%"$part"}" kmsg tracefs memory.events oom_control vmstat psi
		;;
	KERNEL)
		# shellcheck disable=SC2086
		__oomkit_offer "$typed" "$prefix" $__oomkit_kernels
		;;
	ADJ)
		__oomkit_offer "$typed" "$prefix" -1000 -900 -500 0 500 1000
		;;
	SIZE)
		[[ $typed == *[0-9] && $typed != *[!0-9.]* ]] &&
			__oomkit_offer "$typed" "$prefix" "$typed"{K,M,G,T}
		;;
	COMMAND)
		# shellcheck disable=SC2086
		__oomkit_offer "$typed" "$prefix" $__oomkit_commands
		;;
	esac
}

# COMP_WORDS without the cuts that bash makes at "=" and ":".
__oomkit_join_words() {
	local i word glue='' line=${COMP_LINE-}
	__oomkit_words=()
	for ((i = 0; i <= COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]-}
		# A blank before the cursor ends the word, whatever stood before it.
		if ((i == COMP_CWORD)) && [[ ! $word && $line && ${line:COMP_POINT - 1:1} == [[:blank:]] ]]; then
			glue=
		elif [[ $word == +([=:]) ]]; then
			glue=1
		fi
		if [[ $glue ]] && ((${#__oomkit_words[@]} > 1)); then
			__oomkit_words[-1]+=$word
		else
			__oomkit_words+=("$word")
		fi
		glue=
		[[ $word == +([=:]) ]] && glue=1
	done
	return 0
}

# The option of a cluster such as -Jp that takes a value, and whether the next word is that value.
__oomkit_cluster() { # COMMAND WORD
	local i REPLY
	for ((i = 1; i < ${#2}; i++)); do
		__oomkit_type "$1" "-${2:i:1}"
		if [[ $REPLY ]]; then
			((i == ${#2} - 1)) && __oomkit_pending=$REPLY
			return
		fi
	done
}

# Goes through the words before the one that is completed. Sets __oomkit_command, __oomkit_pending (the type that the
# next word must have), __oomkit_root and __oomkit_ended (behind "--").
__oomkit_scan() {
	local i word last='' REPLY
	local program=${__oomkit_words[0]##*/}
	__oomkit_command=oomkit __oomkit_pending='' __oomkit_ended='' __oomkit_root=${OOMKIT_ROOT-}
	case $program in
	oom-* | oomkit-*) __oomkit_command=${program#*-} ;;
	esac
	for ((i = 1; i < ${#__oomkit_words[@]} - 1; i++)); do
		word=${__oomkit_words[i]}
		if [[ $__oomkit_pending ]]; then
			[[ $last == --root ]] && __oomkit_root=$word
			__oomkit_pending=
		elif [[ $word == -- ]]; then
			__oomkit_ended=1
			return
		elif [[ $word == --root=* ]]; then
			__oomkit_root=${word#*=}
		elif [[ $word == --*=* ]]; then
			:
		elif [[ $word == --* ]]; then
			__oomkit_type "$__oomkit_command" "$word"
			__oomkit_pending=$REPLY last=$word
		elif [[ $word == -?* ]]; then
			__oomkit_cluster "$__oomkit_command" "$word"
			last=
		elif [[ $__oomkit_command == oomkit ]]; then
			__oomkit_command=$word
		fi
	done
}

# bash replaces only what stands behind the last "=" or ":" that it cuts words at.
__oomkit_cut_replies() { # WORD
	local breaks=${COMP_WORDBREAKS-} char head cut=''
	for char in = :; do
		[[ $breaks == *"$char"* && $1 == *"$char"* ]] || continue
		head=${1%"${1##*"$char"}"}
		((${#head} > ${#cut})) && cut=$head
	done
	COMPREPLY=("${__oomkit_found[@]#"$cut"}")
}

_oomkit() {
	local __oomkit_command __oomkit_pending __oomkit_ended __oomkit_root REPLY cur
	local -a __oomkit_words __oomkit_found=()
	local reset
	# A glob without a match is no failure here, whatever the user has set.
	reset=$(shopt -p failglob)
	shopt -u failglob
	COMPREPLY=()
	__oomkit_join_words
	cur=${__oomkit_words[-1]}
	__oomkit_scan
	if [[ $__oomkit_pending ]]; then
		__oomkit_value "$__oomkit_command" "$__oomkit_pending" "$cur" ''
	elif [[ $__oomkit_ended ]]; then
		:
	elif [[ $cur == --*=* ]]; then
		__oomkit_type "$__oomkit_command" "${cur%%=*}"
		[[ $REPLY ]] && __oomkit_value "$__oomkit_command" "$REPLY" "${cur#*=}" "${cur%%=*}="
	elif [[ $cur == -* ]]; then
		__oomkit_options "$__oomkit_command"
		# shellcheck disable=SC2086
		__oomkit_offer "$cur" '' $REPLY
	else
		__oomkit_argument "$__oomkit_command"
		[[ $REPLY ]] && __oomkit_value "$__oomkit_command" "$REPLY" "$cur" ''
	fi
	__oomkit_cut_replies "$cur"
	eval "$reset"
	return 0
}
