# SPDX-License-Identifier: GPL-2.0-or-later
# Made out of the option tables by man/generate; what is changed here is lost.
# Completion of oomkit in fish.

# The words before the cursor without options and their values: the command that they name, or nothing; and behind
# it, in a second line, the root that they name.
function __oomkit_scan
    set -l words (commandline -opc)
    set -l command (string replace -r '^.*/' '' -- $words[1] | string replace -rf '^oom(kit)?-' '')
    set -l root "$OOMKIT_ROOT"
    set -l i 2
    while test $i -le (count $words)
        set -l word $words[$i]
        set -l of $command
        test -n "$of"; or set of oomkit
        switch $word
            case --
                break
            case '--root=*'
                set root (string replace -- '--root=' '' $word)
            case '--*=*'
            case '-*'
                # Of a cluster such as -Jp only the last letter can want the next word.
                string match -qr '^-[^-]' -- $word; and set word -(string sub -s -1 -- $word)
                if contains -- "$of $word" $__oomkit_with_value
                    set i (math $i + 1)
                    test "$word" = --root; and set -q words[$i]; and set root $words[$i]
                end
            case '*'
                test -n "$command"; or set command $word
        end
        set i (math $i + 1)
    end
    printf '%s\n%s\n' "$command" "$root"
end

function __oomkit_is
    set -l scan (__oomkit_scan)
    if test "$argv[1]" = oomkit
        test -z "$scan[1]"
    else
        test "$scan[1]" = "$argv[1]"
    end
end

# Behind "--" there is a command to run, and nothing of ours.
function __oomkit_add
    for program in $__oomkit_programs
        complete -c $program -n "__oomkit_is $argv[1]; and not contains -- -- (commandline -opc)" $argv[2..]
    end
end

# Every process of the root with its name. One grep reads them all: a process that is gone is no error to it.
function __oomkit_pids
    set -l files $argv[1]/proc/*/comm
    test -n "$files"; or return
    grep -sH '' $files | string match -r '/[0-9]+/comm:.*' | string replace -r '^/([0-9]+)/comm:' '$1\t'
end

function __oomkit_names
    __oomkit_pids $argv[1] | string replace -r '^[0-9]+\t' '' | sort -u
end

function __oomkit_units
    set -l files $argv[1]/proc/*/cgroup
    test -n "$files"; or return
    grep -sh '' $files | string split / | string match -r '^.+\.(?:service|scope|slice|socket)$' | sort -u
end

# The directories of the memory hierarchy below what is typed, as /proc/PID/cgroup has them.
function __oomkit_cgroups
    set -l typed $argv[2]
    test -n "$typed"; or set typed /
    set -l dir ''
    test -r $argv[1]/proc/mounts; or return
    while read -l source where kind options rest
        switch "$kind,$options,"
            case 'cgroup,*,memory,*'
                set dir $where
                break
            case 'cgroup2,*'
                test -n "$dir"; or set dir $where
        end
    end <$argv[1]/proc/mounts
    test -n "$dir"; or return
    for path in $argv[1]$dir$typed*/
        string replace -- $argv[1]$dir '' (string replace -r '/$' '' -- $path)
    end
end

# COMMAND TYPE [TYPED]: what the value of that type may be, each with all of what is typed before it.
function __oomkit_value
    set -l root (__oomkit_scan)[2]
    set -l typed (commandline -ct)
    if set -q argv[3]
        set typed $argv[3]
    else
        set typed (string replace -r '^--[^=]*=' '' -- $typed)
    end
    switch $argv[2]
        case 'TARGET=*'
            if string match -q '*=*' -- $typed
                set -l before (string replace -r '[^=]*$' '' -- $typed)
                set -l value (string replace -r '^.*=' '' -- $typed)
                printf '%s\n' $before(__oomkit_value $argv[1] (string replace TARGET= '' $argv[2]) $value)
            else
                printf '%s=\n' (__oomkit_value $argv[1] TARGET $typed | string replace -r '\t.*' '')
            end
        case KEY=VALUE
            if string match -q '*=*' -- $typed
                set -l before (string replace -r '[^=]*$' '' -- $typed)
                printf '%s\n' $before(__oomkit_value $argv[1] SIZE (string replace -r '^.*=' '' -- $typed))
            else
                printf '%s\n' max= high= low= min= swap.max= memsw.max= oom.group= oom_kill_disable=
            end
        case '*|*'
            for part in (string split '|' -- $argv[2])
                if string match -qr '[^A-Z]' -- $part
                    printf '%s\n' $part
                else
                    __oomkit_value $argv[1] $part $typed
                end
            end
        case PIDS USERS
            set -l before (string replace -r '[^,]*$' '' -- $typed)
            printf '%s\n' $before(__oomkit_value $argv[1] (string replace -r 'S$' '' $argv[2]) \
                (string replace -r '^.*,' '' -- $typed))
        case COLUMNS
            set -l before (string replace -r '[^,+]*$' '' -- $typed)
            printf '%s\n' $before(__oomkit_columns $argv[1])
        case '[-]COLUMN'
            set -l before (string match -r '^-?' -- $typed)
            printf '%s\n' $before(__oomkit_columns $argv[1])
        case TARGET
            if string match -q '/*' -- $typed
                __oomkit_cgroups "$root" $typed
            else
                __oomkit_names "$root"
                __oomkit_units "$root"
                __oomkit_pids "$root"
            end
        case PID
            __oomkit_pids "$root"
        case NAME
            __oomkit_names "$root"
        case UNIT
            __oomkit_units "$root"
        case CGROUP
            __oomkit_cgroups "$root" $typed
        case USER
            __fish_complete_users
        case DIR
            __fish_complete_directories $typed ''
        case FILE
            __fish_complete_path $typed
        case NODES
            set -l before (string replace -r '[^,-]*$' '' -- $typed)
            set -l nodes /sys/devices/system/node/node*
            printf '%s\n' $before(string replace -r '.*node' '' -- $nodes)
        case LEVEL
            printf '%s\n' low medium critical some: full:
        case SOURCES
            set -l before (string replace -r '[^,]*$' '' -- $typed)
            printf '%s\n' $before{kmsg,tracefs,memory.events,oom_control,vmstat,psi}
        case KERNEL
            printf '%s\n' $__oomkit_kernels
        case ADJ
            printf '%s\n' -1000 -900 -500 0 500 1000
        case SIZE
            string match -qr '^[0-9.]+$' -- $typed; and printf '%s\n' $typed{K,M,G,T}
        case COMMAND
            # Those of the program are added one by one, each with what it does.
            test $argv[1] = oomkit; or complete -C 'oomkit '
    end
end

set -g __oomkit_programs oomkit oom-score oomkit-score oom-rank oomkit-rank oom-explain oomkit-explain oom-adj oomkit-adj oom-protect oomkit-protect oom-watch oomkit-watch oom-parse-log oomkit-parse-log oom-cgroup oomkit-cgroup
set -g __oomkit_kernels 7.0 6.2 5.14 5.10 5.9 5.7.14 5.4 5.3 5.1 4.19 4.17 4.15 4.9 4.8 4.7 4.5 4.0 3.14 3.13.10 3.7 3.5 3.2 2.6.39 2.6.37 2.6.36 2.6.32 2.6.25 2.6.24 2.6.22 2.6.19 2.6.16 2.6.11

# COMMAND: its columns, each with what it holds
function __oomkit_columns
    switch $argv[1]
        case score
            printf '%s\t%s\n' pid 'Process id'
            printf '%s\t%s\n' oom_score 'The kernel\'s own number: /proc/PID/oom_score'
            printf '%s\t%s\n' model_score 'The same number, computed by the rule'
            printf '%s\t%s\n' oom_score_adj 'Adjustment, -1000 to 1000: /proc/PID/oom_score_adj'
            printf '%s\t%s\n' fate 'Whether the kernel may choose it, and why not'
            printf '%s\t%s\n' badness 'What the kernel compares: pages since 3.5, points before'
            printf '%s\t%s\n' agrees 'Whether the model and the kernel say the same'
            printf '%s\t%s\n' comm 'Name of the process'
        case rank
            printf '%s\t%s\n' rank 'Place in the whole scope: 1 dies first; none for whom the kernel never chooses'
            printf '%s\t%s\n' victim 'Whether it is the one that dies first'
            printf '%s\t%s\n' pid 'Process id'
            printf '%s\t%s\n' uid 'Effective user id'
            printf '%s\t%s\n' user 'Name of the user, or the number'
            printf '%s\t%s\n' comm 'Name of the process'
            printf '%s\t%s\n' cmdline 'Command line'
            printf '%s\t%s\n' fate 'Whether the kernel may choose it, and why not'
            printf '%s\t%s\n' oom_score 'The kernel\'s own number: /proc/PID/oom_score'
            printf '%s\t%s\n' model_score 'The same number, computed by the rule'
            printf '%s\t%s\n' oom_score_adj 'Adjustment, -1000 to 1000'
            printf '%s\t%s\n' rss 'Resident memory that counts'
            printf '%s\t%s\n' rss_anon 'Its anonymous part'
            printf '%s\t%s\n' rss_file 'Its part of files'
            printf '%s\t%s\n' rss_shmem 'Its shared part'
            printf '%s\t%s\n' swap 'Swapped out'
            printf '%s\t%s\n' pgtables 'Page tables'
            printf '%s\t%s\n' badness 'What the kernel compares: pages since 3.5, points before'
            printf '%s\t%s\n' killed_with 'Who would die along: its memory.oom.group, sharers of its memory'
            printf '%s\t%s\n' cgroup 'Path in the hierarchy of the memory controller'
            printf '%s\t%s\n' command 'Command line, or [name] where there is none'
        case explain
            printf '%s\t%s\n' name 'What counts'
            printf '%s\t%s\n' pages 'How many pages it adds or takes away; before 3.5 the memory behind it'
            printf '%s\t%s\n' bytes 'The same in bytes'
            printf '%s\t%s\n' points 'Its share, per mille of the memory that counts; before 3.5 the points that it adds'
            printf '%s\t%s\n' bar 'The same as a bar: # adds, - takes away'
        case adj
            printf '%s\t%s\n' pid 'Process id'
            printf '%s\t%s\n' oom_score 'The kernel\'s own number: /proc/PID/oom_score'
            printf '%s\t%s\n' oom_score_adj 'Adjustment, -1000 to 1000: /proc/PID/oom_score_adj'
            printf '%s\t%s\n' comm 'Name of the process'
        case protect
            printf '%s\t%s\n' target 'Unit, name, user or cgroup'
            printf '%s\t%s\n' declared 'The value for good'
            printf '%s\t%s\n' state 'declared, drift, not_running, unknown, removed, failed'
            printf '%s\t%s\n' changed 'Whether anything is another than before'
            printf '%s\t%s\n' live 'How many processes run'
            printf '%s\t%s\n' file 'Where it is declared'
        case watch
            printf '%s\t%s\n' time 'When, by the wall clock'
            printf '%s\t%s\n' time_certain 'Whether that is sure: an old record of the log does not say how long the machine has slept since'
            printf '%s\t%s\n' uptime_usec 'Microseconds since boot, as the kernel\'s log counts them'
            printf '%s\t%s\n' event 'oom_kill, oom, gap or pressure'
            printf '%s\t%s\n' pid 'Process id of the victim; none where a counter rose and nobody was named'
            printf '%s\t%s\n' pid_ns 'Whose number that is: init is the machine\'s, own is that of our pid namespace'
            printf '%s\t%s\n' comm 'Name of the process'
            printf '%s\t%s\n' uid 'User id'
            printf '%s\t%s\n' cmdline 'Command line'
            printf '%s\t%s\n' cmdline_truncated 'Whether it is longer than is shown'
            printf '%s\t%s\n' ppid 'Process id of the parent'
            printf '%s\t%s\n' cgroup 'Cgroup of the victim, or of the counter that rose'
            printf '%s\t%s\n' container 'Id of the container that the cgroup\'s name holds'
            printf '%s\t%s\n' pod 'Uid of its pod'
            printf '%s\t%s\n' unit 'Its systemd unit'
            printf '%s\t%s\n' constraint 'Which memory was short: none is the machine\'s'
            printf '%s\t%s\n' oom_memcg 'The cgroup whose limit was hit'
            printf '%s\t%s\n' total_vm 'Address space'
            printf '%s\t%s\n' anon_rss 'Resident anonymous memory'
            printf '%s\t%s\n' file_rss 'Resident file pages'
            printf '%s\t%s\n' shmem_rss 'Resident shared memory'
            printf '%s\t%s\n' pgtables 'Page tables'
            printf '%s\t%s\n' oom_score_adj 'Adjustment, -1000 to 1000'
            printf '%s\t%s\n' rank 'Its place among all before the kill: 1 stood first'
            printf '%s\t%s\n' count 'How many; of a gap, the kills that nobody told of'
            printf '%s\t%s\n' lost 'Of a gap: the records that are gone'
            printf '%s\t%s\n' reason 'Of a gap: what happened'
            printf '%s\t%s\n' sources 'What had seen it by then'
            printf '%s\t%s\n' status 'Of the command\'s end: its exit status'
            printf '%s\t%s\n' signal 'Of the command\'s end: the signal that ended it'
            printf '%s\t%s\n' oom_killed 'Of the command\'s end: whether it was an OOM kill'
            printf '%s\t%s\n' hit 'Of the command\'s end: whom OOM kills hit, itself, tree or cgroup'
            printf '%s\t%s\n' victim_pid 'Of pressure: who would die now'
            printf '%s\t%s\n' victim_comm 'Of pressure: its name'
            printf '%s\t%s\n' victim_badness 'Of pressure: its badness'
        case parse-log
            printf '%s\t%s\n' time 'When, as far as the log tells'
            printf '%s\t%s\n' uptime_usec 'Microseconds since boot'
            printf '%s\t%s\n' first_line 'Line of the input at which the event begins'
            printf '%s\t%s\n' host 'Name of the machine'
            printf '%s\t%s\n' killer 'Who killed: kernel, systemd-oomd, earlyoom, nohang'
            printf '%s\t%s\n' constraint 'Which memory was short: none is the machine\'s'
            printf '%s\t%s\n' pid 'Process id'
            printf '%s\t%s\n' comm 'Name of the process'
            printf '%s\t%s\n' uid 'User id'
            printf '%s\t%s\n' rss 'Resident memory at its death'
            printf '%s\t%s\n' total_vm 'Address space'
            printf '%s\t%s\n' anon_rss 'Resident anonymous memory'
            printf '%s\t%s\n' file_rss 'Resident file pages'
            printf '%s\t%s\n' shmem_rss 'Resident shared memory'
            printf '%s\t%s\n' pgtables 'Page tables'
            printf '%s\t%s\n' oom_score_adj 'Adjustment, -1000 to 1000'
            printf '%s\t%s\n' score 'The score that the kernel printed'
            printf '%s\t%s\n' invoker 'Who asked for memory; seldom who used it'
            printf '%s\t%s\n' outcome 'What came of it'
            printf '%s\t%s\n' complete 'Whether the log holds the whole report'
            printf '%s\t%s\n' agrees 'Whether the rule picks the same one; needs --why'
            printf '%s\t%s\n' oom_memcg 'The cgroup whose limit was hit'
            printf '%s\t%s\n' task_memcg 'The cgroup of the victim'
        case cgroup
            printf '%s\t%s\n' path 'Path in the hierarchy of the memory controller'
            printf '%s\t%s\n' id 'Inode number: what names a cgroup while its path may be used again'
            printf '%s\t%s\n' unit 'The systemd unit'
            printf '%s\t%s\n' container 'Id of the container'
            printf '%s\t%s\n' runtime 'docker, containerd, cri-o, podman, lxc'
            printf '%s\t%s\n' pod 'Uid of the Kubernetes pod'
            printf '%s\t%s\n' namespace 'Its namespace, as kubelet names its logs'
            printf '%s\t%s\n' pod_name 'Its name'
            printf '%s\t%s\n' container_name 'Name of the container in its pod'
            printf '%s\t%s\n' qos 'Its QoS class'
            printf '%s\t%s\n' current 'memory.current, memory.usage_in_bytes'
            printf '%s\t%s\n' limit 'memory.max, memory.limit_in_bytes; max: none'
            printf '%s\t%s\n' effective_limit 'The smallest limit of it and those above it'
            printf '%s\t%s\n' limited_by 'Whose limit that is'
            printf '%s\t%s\n' headroom 'How much more it can have before it or one above it is full'
            printf '%s\t%s\n' headroom_by 'Which is full then'
            printf '%s\t%s\n' high 'memory.high'
            printf '%s\t%s\n' low 'memory.low'
            printf '%s\t%s\n' min 'memory.min'
            printf '%s\t%s\n' peak 'memory.peak, memory.max_usage_in_bytes'
            printf '%s\t%s\n' swap_current 'memory.swap.current; v1: total_swap of memory.stat'
            printf '%s\t%s\n' swap_limit 'memory.swap.max'
            printf '%s\t%s\n' memsw.current 'v1: memory.memsw.usage_in_bytes, memory and swap'
            printf '%s\t%s\n' memsw.limit 'v1: memory.memsw.limit_in_bytes'
            printf '%s\t%s\n' memsw.failcnt 'v1: memory.memsw.failcnt'
            printf '%s\t%s\n' failcnt 'v1: memory.failcnt, how often the limit was in the way'
            printf '%s\t%s\n' events.low 'Reclaimed though below memory.low'
            printf '%s\t%s\n' events.high 'Slowed down for memory.high'
            printf '%s\t%s\n' events.max 'How often memory.max was about to be exceeded'
            printf '%s\t%s\n' events.oom 'How often its limit was hit and nothing could be reclaimed'
            printf '%s\t%s\n' events.oom_kill 'Processes that an OOM killed in it and (v2) below it; v1: in it alone'
            printf '%s\t%s\n' events.oom_group_kill 'How often all of it was killed for memory.oom.group'
            printf '%s\t%s\n' events.sock_throttled 'How often its sockets were held back'
            printf '%s\t%s\n' events_local.low 'The same of the cgroup itself: low'
            printf '%s\t%s\n' events_local.high 'The same of the cgroup itself: high'
            printf '%s\t%s\n' events_local.max 'The same of the cgroup itself: max'
            printf '%s\t%s\n' events_local.oom 'How often its own limit was hit, not one below it'
            printf '%s\t%s\n' events_local.oom_kill 'Processes of its own that an OOM killed, none of those below it'
            printf '%s\t%s\n' events_local.oom_group_kill 'The same of the cgroup itself: oom_group_kill'
            printf '%s\t%s\n' events_local.sock_throttled 'The same of the cgroup itself: sock_throttled'
            printf '%s\t%s\n' oom_group 'memory.oom.group: all of it is killed when one of it is'
            printf '%s\t%s\n' oom_kill_disable 'v1: nobody is killed when it is full, all wait'
            printf '%s\t%s\n' under_oom 'v1: it is out of memory now'
            printf '%s\t%s\n' pressure.some.avg10 'Share of the last 10 s in which some task waited for memory, in percent'
            printf '%s\t%s\n' pressure.some.avg60 'The same of the last 60 s'
            printf '%s\t%s\n' pressure.some.avg300 'The same of the last 300 s'
            printf '%s\t%s\n' pressure.some.total 'All of that time, in microseconds'
            printf '%s\t%s\n' pressure.full.avg10 'Share of the last 10 s in which all tasks waited for memory, in percent'
            printf '%s\t%s\n' pressure.full.avg60 'The same of the last 60 s'
            printf '%s\t%s\n' pressure.full.avg300 'The same of the last 300 s'
            printf '%s\t%s\n' pressure.full.total 'All of that time, in microseconds'
            printf '%s\t%s\n' pressure_waiting_seconds 'Time in which some task waited for memory'
            printf '%s\t%s\n' pressure_stalled_seconds 'Time in which all tasks waited for memory'
            printf '%s\t%s\n' victim.process 'Who dies first when its limit is hit'
            printf '%s\t%s\n' victim.pid 'Process id of the first victim'
            printf '%s\t%s\n' victim.comm 'Name of the first victim'
            printf '%s\t%s\n' victim.badness 'What the kernel compares, by this cgroup\'s limit'
            printf '%s\t%s\n' victim.oom_score_adj 'Its adjustment'
            printf '%s\t%s\n' victim.group 'The cgroup that dies with it: memory.oom.group'
            printf '%s\t%s\n' victim.with 'How many processes of that die with it'
            printf '%s\t%s\n' outcome 'kill, nobody, disabled, panic: what an OOM of it leads to'
    end
end

# The options that take a value, as COMMAND OPTION
set -g __oomkit_with_value \
    'oomkit --root' \
    'oomkit --install' \
    'score -p' \
    'score --pid' \
    'score -x' \
    'score --exact' \
    'score --comm' \
    'score -f' \
    'score --full' \
    'score -u' \
    'score --user' \
    'score --unit' \
    'score --cgroup' \
    'score --container' \
    'score --tree' \
    'score --scope' \
    'score --nodes' \
    'score --mempolicy' \
    'score --set' \
    'score --grow' \
    'score --limit' \
    'score --format' \
    'score -o' \
    'score --output' \
    'score --sort' \
    'score --color' \
    'score --root' \
    'score --kernel' \
    'rank -N' \
    'rank --top' \
    'rank --by' \
    'rank --kills' \
    'rank --free' \
    'rank -p' \
    'rank --pid' \
    'rank -x' \
    'rank --exact' \
    'rank --comm' \
    'rank -f' \
    'rank --full' \
    'rank -u' \
    'rank --user' \
    'rank --unit' \
    'rank --cgroup' \
    'rank --container' \
    'rank --tree' \
    'rank --scope' \
    'rank --nodes' \
    'rank --mempolicy' \
    'rank --set' \
    'rank --grow' \
    'rank --limit' \
    'rank --format' \
    'rank -o' \
    'rank --output' \
    'rank --sort' \
    'rank --color' \
    'rank --root' \
    'rank --kernel' \
    'explain -p' \
    'explain --pid' \
    'explain -x' \
    'explain --exact' \
    'explain --comm' \
    'explain -f' \
    'explain --full' \
    'explain -u' \
    'explain --user' \
    'explain --unit' \
    'explain --cgroup' \
    'explain --container' \
    'explain --tree' \
    'explain --scope' \
    'explain --nodes' \
    'explain --mempolicy' \
    'explain --set' \
    'explain --grow' \
    'explain --limit' \
    'explain --format' \
    'explain -o' \
    'explain --output' \
    'explain --sort' \
    'explain --color' \
    'explain --root' \
    'explain --kernel' \
    'adj -n' \
    'adj --adjust' \
    'adj --recheck' \
    'adj -p' \
    'adj --pid' \
    'adj -x' \
    'adj --exact' \
    'adj --comm' \
    'adj -f' \
    'adj --full' \
    'adj -u' \
    'adj --user' \
    'adj --unit' \
    'adj --cgroup' \
    'adj --container' \
    'adj --tree' \
    'adj --format' \
    'adj -o' \
    'adj --output' \
    'adj --sort' \
    'adj --color' \
    'adj --root' \
    'adj --kernel' \
    'protect -n' \
    'protect --adjust' \
    'protect --level' \
    'protect --policy' \
    'protect --init' \
    'protect -p' \
    'protect --pid' \
    'protect -x' \
    'protect --exact' \
    'protect --comm' \
    'protect -f' \
    'protect --full' \
    'protect -u' \
    'protect --user' \
    'protect --unit' \
    'protect --cgroup' \
    'protect --container' \
    'protect --tree' \
    'protect --format' \
    'protect -o' \
    'protect --output' \
    'protect --sort' \
    'protect --color' \
    'protect --root' \
    'protect --kernel' \
    'watch --source' \
    'watch -n' \
    'watch --count' \
    'watch --timeout' \
    'watch --pressure' \
    'watch --exec' \
    'watch --exec-shell' \
    'watch --exec-timeout' \
    'watch --exec-most' \
    'watch --live' \
    'watch --snapshot' \
    'watch -p' \
    'watch --pid' \
    'watch -x' \
    'watch --exact' \
    'watch --comm' \
    'watch -f' \
    'watch --full' \
    'watch -u' \
    'watch --user' \
    'watch --unit' \
    'watch --cgroup' \
    'watch --container' \
    'watch --tree' \
    'watch --format' \
    'watch -o' \
    'watch --output' \
    'watch --sort' \
    'watch --color' \
    'watch --root' \
    'watch --kernel' \
    'parse-log --since' \
    'parse-log --until' \
    'parse-log -p' \
    'parse-log --pid' \
    'parse-log --comm' \
    'parse-log --cgroup' \
    'parse-log --constraint' \
    'parse-log --html' \
    'parse-log --page-size' \
    'parse-log --year' \
    'parse-log --tz' \
    'parse-log --format' \
    'parse-log -o' \
    'parse-log --output' \
    'parse-log --sort' \
    'parse-log --color' \
    'parse-log --root' \
    'parse-log --kernel' \
    'cgroup --write' \
    'cgroup -p' \
    'cgroup --pid' \
    'cgroup -x' \
    'cgroup --exact' \
    'cgroup --comm' \
    'cgroup -f' \
    'cgroup --full' \
    'cgroup -u' \
    'cgroup --user' \
    'cgroup --unit' \
    'cgroup --cgroup' \
    'cgroup --container' \
    'cgroup --tree' \
    'cgroup --format' \
    'cgroup -o' \
    'cgroup --output' \
    'cgroup --sort' \
    'cgroup --color' \
    'cgroup --root' \
    'cgroup --kernel' \
    ''

__oomkit_add oomkit -x -a score -d 'what the kernel prints, what the model says, and whether they agree'
__oomkit_add oomkit -x -a rank -d 'who dies first, and who would follow'
__oomkit_add oomkit -x -a explain -d 'why this score and this place, and what would change them; or the machine'
__oomkit_add oomkit -x -a adj -d 'show or set oom_score_adj, or run a command with one'
__oomkit_add oomkit -x -a protect -d 'give services and names an oom_score_adj that lasts, and check it'
__oomkit_add oomkit -x -a watch -d 'who is being killed, as it happens'
__oomkit_add oomkit -x -a parse-log -d 'what a kernel log tells of OOM kills: who, why, and was it the right one'
__oomkit_add oomkit -x -a cgroup -d 'how full the memory cgroups are, what bounds them, who would die there'
__oomkit_add oomkit -x -a help -d 'show the commands, or the options of one'

__oomkit_add oomkit -l root -x -a '(__oomkit_value oomkit \'DIR\')' -d 'Judge the machine whose root this is'
__oomkit_add oomkit -l list -d 'List the commands, one a line'
__oomkit_add oomkit -l install -x -a '(__oomkit_value oomkit \'DIR\')' -d 'Make a link oom-COMMAND in DIR for each command'
__oomkit_add oomkit -s h -l help -d 'Show this help'
__oomkit_add oomkit -s V -l version -d 'Show the version'

__oomkit_add score -x -a '(__oomkit_value score TARGET)'
__oomkit_add score -s r -l raw -d 'The kernel\'s number alone, one a line'
__oomkit_add score -l check -d 'Compare the model with the kernel; exit 1 where they differ'
__oomkit_add score -s p -l pid -x -a '(__oomkit_value score \'PIDS\')' -d 'The processes with these ids'
__oomkit_add score -s x -l exact -x -a '(__oomkit_value score \'NAME\')' -d 'Processes of exactly this name'
__oomkit_add score -l comm -x -a '(__oomkit_value score \'REGEX\')' -d 'Processes whose name matches'
__oomkit_add score -s f -l full -x -a '(__oomkit_value score \'REGEX\')' -d 'Processes whose command line matches'
__oomkit_add score -s u -l user -x -a '(__oomkit_value score \'USERS\')' -d 'Processes of these users, by name or number'
__oomkit_add score -l unit -x -a '(__oomkit_value score \'UNIT\')' -d 'Processes of this systemd unit'
__oomkit_add score -l cgroup -x -a '(__oomkit_value score \'CGROUP\')' -d 'Processes of this cgroup and those below it'
__oomkit_add score -l container -x -a '(__oomkit_value score \'CONTAINER\')' -d 'Processes of the container with this id'
__oomkit_add score -l tree -x -a '(__oomkit_value score \'PID\')' -d 'This process and its descendants'
__oomkit_add score -s A -l all -d 'All processes'
__oomkit_add score -l scope -x -a '(__oomkit_value score \'TARGET\')' -d 'As if this cgroup were out of memory, not the machine'
__oomkit_add score -l nodes -x -a '(__oomkit_value score \'NODES\')' -d 'As if memory ran out on these memory nodes, for a task whose cpuset has no others'
__oomkit_add score -l mempolicy -x -a '(__oomkit_value score \'NODES\')' -d 'The same, for a task that is bound there by set_mempolicy(2) or mbind(2)'
__oomkit_add score -l set -x -a '(__oomkit_value score \'TARGET=ADJ\')' -d 'As if these processes had this oom_score_adj'
__oomkit_add score -l grow -x -a '(__oomkit_value score \'TARGET=SIZE\')' -d 'As if each of these processes had that much more memory'
__oomkit_add score -l limit -x -a '(__oomkit_value score \'SIZE\')' -d 'As if the scope\'s limit, or the machine\'s RAM, were this'
__oomkit_add score -s J -l json -d 'The same as --format json'
__oomkit_add score -l format -x -a '(__oomkit_value score \'table|json|ndjson|csv|tsv|prom\')' -d 'The form of the output; table is for people'
__oomkit_add score -s o -l output -x -a '(__oomkit_value score \'COLUMNS\')' -d 'Which columns; +COLUMN appends to the usual ones'
__oomkit_add score -s O -l output-all -d 'All columns'
__oomkit_add score -l list-columns -d 'List the columns that there are'
__oomkit_add score -l noheadings -d 'No line of headings'
__oomkit_add score -s b -l bytes -d 'Memory as plain numbers of bytes'
__oomkit_add score -l si -d 'Units of 1000, not of 1024'
__oomkit_add score -l sort -x -a '(__oomkit_value score \'[-]COLUMN\')' -d 'Sort the rows by this column; - turns it round'
__oomkit_add score -l color -x -a '(__oomkit_value score \'auto|always|never\')' -d 'Colour; auto: on a terminal, where NO_COLOR is not set'
__oomkit_add score -s q -l quiet -d 'Print nothing; the exit status tells'
__oomkit_add score -l root -x -a '(__oomkit_value score \'DIR\')' -d 'Judge the machine whose root this is: a captured one, a container\'s, another mount'
__oomkit_add score -l kernel -x -a '(__oomkit_value score \'KERNEL\')' -d 'Judge by the rule of this kernel version (2.6.32, 4.14, 6.18...)'
__oomkit_add score -s h -l help -d 'Show this help'
__oomkit_add score -s V -l version -d 'Show the version'

__oomkit_add rank -x -a '(__oomkit_value rank TARGET)'
__oomkit_add rank -s N -l top -x -a '(__oomkit_value rank \'NUM|all\')' -d 'How many rows (10)'
__oomkit_add rank -s a -l everyone -d 'The same as --top all'
__oomkit_add rank -l by -x -a '(__oomkit_value rank \'process|cgroup|unit|user|tree\')' -d 'Sums over those that have this in common'
__oomkit_add rank -l adjusted -d 'Only processes whose oom_score_adj is not 0'
__oomkit_add rank -l kills -x -a '(__oomkit_value rank \'NUM\')' -d 'So many kills in a row, with those that die along'
__oomkit_add rank -l free -x -a '(__oomkit_value rank \'SIZE\')' -d 'As many kills as it takes to free so much'
__oomkit_add rank -s p -l pid -x -a '(__oomkit_value rank \'PIDS\')' -d 'The processes with these ids'
__oomkit_add rank -s x -l exact -x -a '(__oomkit_value rank \'NAME\')' -d 'Processes of exactly this name'
__oomkit_add rank -l comm -x -a '(__oomkit_value rank \'REGEX\')' -d 'Processes whose name matches'
__oomkit_add rank -s f -l full -x -a '(__oomkit_value rank \'REGEX\')' -d 'Processes whose command line matches'
__oomkit_add rank -s u -l user -x -a '(__oomkit_value rank \'USERS\')' -d 'Processes of these users, by name or number'
__oomkit_add rank -l unit -x -a '(__oomkit_value rank \'UNIT\')' -d 'Processes of this systemd unit'
__oomkit_add rank -l cgroup -x -a '(__oomkit_value rank \'CGROUP\')' -d 'Processes of this cgroup and those below it'
__oomkit_add rank -l container -x -a '(__oomkit_value rank \'CONTAINER\')' -d 'Processes of the container with this id'
__oomkit_add rank -l tree -x -a '(__oomkit_value rank \'PID\')' -d 'This process and its descendants'
__oomkit_add rank -s A -l all -d 'All processes'
__oomkit_add rank -l scope -x -a '(__oomkit_value rank \'TARGET\')' -d 'As if this cgroup were out of memory, not the machine'
__oomkit_add rank -l nodes -x -a '(__oomkit_value rank \'NODES\')' -d 'As if memory ran out on these memory nodes, for a task whose cpuset has no others'
__oomkit_add rank -l mempolicy -x -a '(__oomkit_value rank \'NODES\')' -d 'The same, for a task that is bound there by set_mempolicy(2) or mbind(2)'
__oomkit_add rank -l set -x -a '(__oomkit_value rank \'TARGET=ADJ\')' -d 'As if these processes had this oom_score_adj'
__oomkit_add rank -l grow -x -a '(__oomkit_value rank \'TARGET=SIZE\')' -d 'As if each of these processes had that much more memory'
__oomkit_add rank -l limit -x -a '(__oomkit_value rank \'SIZE\')' -d 'As if the scope\'s limit, or the machine\'s RAM, were this'
__oomkit_add rank -s J -l json -d 'The same as --format json'
__oomkit_add rank -l format -x -a '(__oomkit_value rank \'table|json|ndjson|csv|tsv|prom\')' -d 'The form of the output; table is for people'
__oomkit_add rank -s o -l output -x -a '(__oomkit_value rank \'COLUMNS\')' -d 'Which columns; +COLUMN appends to the usual ones'
__oomkit_add rank -s O -l output-all -d 'All columns'
__oomkit_add rank -l list-columns -d 'List the columns that there are'
__oomkit_add rank -l noheadings -d 'No line of headings'
__oomkit_add rank -s b -l bytes -d 'Memory as plain numbers of bytes'
__oomkit_add rank -l si -d 'Units of 1000, not of 1024'
__oomkit_add rank -l sort -x -a '(__oomkit_value rank \'[-]COLUMN\')' -d 'Sort the rows by this column; - turns it round'
__oomkit_add rank -l color -x -a '(__oomkit_value rank \'auto|always|never\')' -d 'Colour; auto: on a terminal, where NO_COLOR is not set'
__oomkit_add rank -s q -l quiet -d 'Print nothing; the exit status tells'
__oomkit_add rank -l root -x -a '(__oomkit_value rank \'DIR\')' -d 'Judge the machine whose root this is: a captured one, a container\'s, another mount'
__oomkit_add rank -l kernel -x -a '(__oomkit_value rank \'KERNEL\')' -d 'Judge by the rule of this kernel version (2.6.32, 4.14, 6.18...)'
__oomkit_add rank -s h -l help -d 'Show this help'
__oomkit_add rank -s V -l version -d 'Show the version'

__oomkit_add explain -x -a '(__oomkit_value explain TARGET)'
__oomkit_add explain -s p -l pid -x -a '(__oomkit_value explain \'PIDS\')' -d 'The processes with these ids'
__oomkit_add explain -s x -l exact -x -a '(__oomkit_value explain \'NAME\')' -d 'Processes of exactly this name'
__oomkit_add explain -l comm -x -a '(__oomkit_value explain \'REGEX\')' -d 'Processes whose name matches'
__oomkit_add explain -s f -l full -x -a '(__oomkit_value explain \'REGEX\')' -d 'Processes whose command line matches'
__oomkit_add explain -s u -l user -x -a '(__oomkit_value explain \'USERS\')' -d 'Processes of these users, by name or number'
__oomkit_add explain -l unit -x -a '(__oomkit_value explain \'UNIT\')' -d 'Processes of this systemd unit'
__oomkit_add explain -l cgroup -x -a '(__oomkit_value explain \'CGROUP\')' -d 'Processes of this cgroup and those below it'
__oomkit_add explain -l container -x -a '(__oomkit_value explain \'CONTAINER\')' -d 'Processes of the container with this id'
__oomkit_add explain -l tree -x -a '(__oomkit_value explain \'PID\')' -d 'This process and its descendants'
__oomkit_add explain -s A -l all -d 'All processes'
__oomkit_add explain -l scope -x -a '(__oomkit_value explain \'TARGET\')' -d 'As if this cgroup were out of memory, not the machine'
__oomkit_add explain -l nodes -x -a '(__oomkit_value explain \'NODES\')' -d 'As if memory ran out on these memory nodes, for a task whose cpuset has no others'
__oomkit_add explain -l mempolicy -x -a '(__oomkit_value explain \'NODES\')' -d 'The same, for a task that is bound there by set_mempolicy(2) or mbind(2)'
__oomkit_add explain -l set -x -a '(__oomkit_value explain \'TARGET=ADJ\')' -d 'As if these processes had this oom_score_adj'
__oomkit_add explain -l grow -x -a '(__oomkit_value explain \'TARGET=SIZE\')' -d 'As if each of these processes had that much more memory'
__oomkit_add explain -l limit -x -a '(__oomkit_value explain \'SIZE\')' -d 'As if the scope\'s limit, or the machine\'s RAM, were this'
__oomkit_add explain -s J -l json -d 'The same as --format json'
__oomkit_add explain -l format -x -a '(__oomkit_value explain \'table|json|ndjson|csv|tsv|prom\')' -d 'The form of the output; table is for people'
__oomkit_add explain -s o -l output -x -a '(__oomkit_value explain \'COLUMNS\')' -d 'Which columns; +COLUMN appends to the usual ones'
__oomkit_add explain -s O -l output-all -d 'All columns'
__oomkit_add explain -l list-columns -d 'List the columns that there are'
__oomkit_add explain -l noheadings -d 'No line of headings'
__oomkit_add explain -s b -l bytes -d 'Memory as plain numbers of bytes'
__oomkit_add explain -l si -d 'Units of 1000, not of 1024'
__oomkit_add explain -l sort -x -a '(__oomkit_value explain \'[-]COLUMN\')' -d 'Sort the rows by this column; - turns it round'
__oomkit_add explain -l color -x -a '(__oomkit_value explain \'auto|always|never\')' -d 'Colour; auto: on a terminal, where NO_COLOR is not set'
__oomkit_add explain -s q -l quiet -d 'Print nothing; the exit status tells'
__oomkit_add explain -l root -x -a '(__oomkit_value explain \'DIR\')' -d 'Judge the machine whose root this is: a captured one, a container\'s, another mount'
__oomkit_add explain -l kernel -x -a '(__oomkit_value explain \'KERNEL\')' -d 'Judge by the rule of this kernel version (2.6.32, 4.14, 6.18...)'
__oomkit_add explain -s h -l help -d 'Show this help'
__oomkit_add explain -s V -l version -d 'Show the version'

__oomkit_add adj -x -a '(__oomkit_value adj TARGET)'
__oomkit_add adj -s n -l adjust -x -a '(__oomkit_value adj \'ADJ\')' -d 'Set this value, -1000 to 1000'
__oomkit_add adj -l relative -d 'The value is a step, up or down'
__oomkit_add adj -l clamp -d 'Take the nearest value that is permitted, and say so, in place of refusing'
__oomkit_add adj -l recheck -x -a '(__oomkit_value adj \'NUM\')' -d 'Read cgroups, units and trees again, at most so often, until nobody new is found (10)'
__oomkit_add adj -l freeze -d 'Hold the cgroup still meanwhile, so that nothing forks'
__oomkit_add adj -l dry-run -d 'Tell what would be done, and change nothing'
__oomkit_add adj -s v -l verbose -d 'Tell each process: old value -> new value'
__oomkit_add adj -l reset -d 'Run the command behind -- with the value 0'
__oomkit_add adj -s p -l pid -x -a '(__oomkit_value adj \'PIDS\')' -d 'The processes with these ids'
__oomkit_add adj -s x -l exact -x -a '(__oomkit_value adj \'NAME\')' -d 'Processes of exactly this name'
__oomkit_add adj -l comm -x -a '(__oomkit_value adj \'REGEX\')' -d 'Processes whose name matches'
__oomkit_add adj -s f -l full -x -a '(__oomkit_value adj \'REGEX\')' -d 'Processes whose command line matches'
__oomkit_add adj -s u -l user -x -a '(__oomkit_value adj \'USERS\')' -d 'Processes of these users, by name or number'
__oomkit_add adj -l unit -x -a '(__oomkit_value adj \'UNIT\')' -d 'Processes of this systemd unit'
__oomkit_add adj -l cgroup -x -a '(__oomkit_value adj \'CGROUP\')' -d 'Processes of this cgroup and those below it'
__oomkit_add adj -l container -x -a '(__oomkit_value adj \'CONTAINER\')' -d 'Processes of the container with this id'
__oomkit_add adj -l tree -x -a '(__oomkit_value adj \'PID\')' -d 'This process and its descendants'
__oomkit_add adj -s A -l all -d 'All processes'
__oomkit_add adj -s J -l json -d 'The same as --format json'
__oomkit_add adj -l format -x -a '(__oomkit_value adj \'table|json|ndjson|csv|tsv|prom\')' -d 'The form of the output; table is for people'
__oomkit_add adj -s o -l output -x -a '(__oomkit_value adj \'COLUMNS\')' -d 'Which columns; +COLUMN appends to the usual ones'
__oomkit_add adj -s O -l output-all -d 'All columns'
__oomkit_add adj -l list-columns -d 'List the columns that there are'
__oomkit_add adj -l noheadings -d 'No line of headings'
__oomkit_add adj -s b -l bytes -d 'Memory as plain numbers of bytes'
__oomkit_add adj -l si -d 'Units of 1000, not of 1024'
__oomkit_add adj -l sort -x -a '(__oomkit_value adj \'[-]COLUMN\')' -d 'Sort the rows by this column; - turns it round'
__oomkit_add adj -l color -x -a '(__oomkit_value adj \'auto|always|never\')' -d 'Colour; auto: on a terminal, where NO_COLOR is not set'
__oomkit_add adj -s q -l quiet -d 'Print nothing; the exit status tells'
__oomkit_add adj -l root -x -a '(__oomkit_value adj \'DIR\')' -d 'Judge the machine whose root this is: a captured one, a container\'s, another mount'
__oomkit_add adj -l kernel -x -a '(__oomkit_value adj \'KERNEL\')' -d 'Judge by the rule of this kernel version (2.6.32, 4.14, 6.18...)'
__oomkit_add adj -s h -l help -d 'Show this help'
__oomkit_add adj -s V -l version -d 'Show the version'

__oomkit_add protect -x -a '(__oomkit_value protect TARGET)'
__oomkit_add protect -s n -l adjust -x -a '(__oomkit_value protect \'ADJ\')' -d 'The value, -1000 to 1000'
__oomkit_add protect -l level -x -a '(__oomkit_value protect \'never|critical|important|normal|expendable|first\')' -d 'The value by its name: -1000, -900 (the default), -500, 0, 500, 1000'
__oomkit_add protect -l main -d 'Of the unit\'s main process alone; its children may have their own'
__oomkit_add protect -l policy -x -a '(__oomkit_value protect \'continue|stop|kill\')' -d 'What systemd does with the unit after an OOM kill: OOMPolicy='
__oomkit_add protect -l init -x -a '(__oomkit_value protect \'systemd|openrc|dinit|runit|s6|sysv|auto\')' -d 'Write what this init reads; auto: the one that runs, or is installed'
__oomkit_add protect -l check -d 'Compare what is declared with what the processes have'
__oomkit_add protect -l remove -d 'Remove what protect has written'
__oomkit_add protect -l apply -d 'Set what the policies say; arguments are their files'
__oomkit_add protect -l print -d 'Write the file to standard output, and change nothing'
__oomkit_add protect -l dry-run -d 'Tell what would be done, and change nothing'
__oomkit_add protect -s p -l pid -x -a '(__oomkit_value protect \'PIDS\')' -d 'The processes with these ids'
__oomkit_add protect -s x -l exact -x -a '(__oomkit_value protect \'NAME\')' -d 'Processes of exactly this name'
__oomkit_add protect -l comm -x -a '(__oomkit_value protect \'REGEX\')' -d 'Processes whose name matches'
__oomkit_add protect -s f -l full -x -a '(__oomkit_value protect \'REGEX\')' -d 'Processes whose command line matches'
__oomkit_add protect -s u -l user -x -a '(__oomkit_value protect \'USERS\')' -d 'Processes of these users, by name or number'
__oomkit_add protect -l unit -x -a '(__oomkit_value protect \'UNIT\')' -d 'Processes of this systemd unit'
__oomkit_add protect -l cgroup -x -a '(__oomkit_value protect \'CGROUP\')' -d 'Processes of this cgroup and those below it'
__oomkit_add protect -l container -x -a '(__oomkit_value protect \'CONTAINER\')' -d 'Processes of the container with this id'
__oomkit_add protect -l tree -x -a '(__oomkit_value protect \'PID\')' -d 'This process and its descendants'
__oomkit_add protect -s A -l all -d 'All processes'
__oomkit_add protect -s J -l json -d 'The same as --format json'
__oomkit_add protect -l format -x -a '(__oomkit_value protect \'table|json|ndjson|csv|tsv|prom\')' -d 'The form of the output; table is for people'
__oomkit_add protect -s o -l output -x -a '(__oomkit_value protect \'COLUMNS\')' -d 'Which columns; +COLUMN appends to the usual ones'
__oomkit_add protect -s O -l output-all -d 'All columns'
__oomkit_add protect -l list-columns -d 'List the columns that there are'
__oomkit_add protect -l noheadings -d 'No line of headings'
__oomkit_add protect -s b -l bytes -d 'Memory as plain numbers of bytes'
__oomkit_add protect -l si -d 'Units of 1000, not of 1024'
__oomkit_add protect -l sort -x -a '(__oomkit_value protect \'[-]COLUMN\')' -d 'Sort the rows by this column; - turns it round'
__oomkit_add protect -l color -x -a '(__oomkit_value protect \'auto|always|never\')' -d 'Colour; auto: on a terminal, where NO_COLOR is not set'
__oomkit_add protect -s q -l quiet -d 'Print nothing; the exit status tells'
__oomkit_add protect -l root -x -a '(__oomkit_value protect \'DIR\')' -d 'Judge the machine whose root this is: a captured one, a container\'s, another mount'
__oomkit_add protect -l kernel -x -a '(__oomkit_value protect \'KERNEL\')' -d 'Judge by the rule of this kernel version (2.6.32, 4.14, 6.18...)'
__oomkit_add protect -s h -l help -d 'Show this help'
__oomkit_add protect -s V -l version -d 'Show the version'

__oomkit_add watch -x -a '(__oomkit_value watch TARGET)'
__oomkit_add watch -l source -x -a '(__oomkit_value watch \'SOURCES\')' -d 'Listen to these alone: kmsg, tracefs, memory.events, oom_control, vmstat, psi'
__oomkit_add watch -l replay -d 'First tell what the kernel\'s log still has'
__oomkit_add watch -s n -l count -x -a '(__oomkit_value watch \'NUM\')' -d 'End after so many events'
__oomkit_add watch -l timeout -x -a '(__oomkit_value watch \'SECONDS\')' -d 'End after that time, with status 124'
__oomkit_add watch -l pressure -x -a '(__oomkit_value watch \'LEVEL\')' -d 'Tell also when memory is short: low, medium, critical, some:PERCENT, full:PERCENT'
__oomkit_add watch -l exec -x -a '(__oomkit_value watch \'FILE\')' -d 'Run this program at each event, without a shell; OOM_PID, OOM_COMM... say what it was'
__oomkit_add watch -l exec-shell -x -a '(__oomkit_value watch \'LINE\')' -d 'The same with a line for sh -c'
__oomkit_add watch -l exec-timeout -x -a '(__oomkit_value watch \'SECONDS\')' -d 'Kill it after that time (30)'
__oomkit_add watch -l exec-most -x -a '(__oomkit_value watch \'NUM\')' -d 'How many may run at once (4); others wait'
__oomkit_add watch -l live -x -a '(__oomkit_value watch \'SECONDS\')' -d 'In place of events, who would die first, drawn anew every so often; q leaves'
__oomkit_add watch -l snapshot -x -a '(__oomkit_value watch \'SECONDS\')' -d 'How often all processes are looked at, to know a victim\'s command line (60); 0: never'
__oomkit_add watch -s p -l pid -x -a '(__oomkit_value watch \'PIDS\')' -d 'The processes with these ids'
__oomkit_add watch -s x -l exact -x -a '(__oomkit_value watch \'NAME\')' -d 'Processes of exactly this name'
__oomkit_add watch -l comm -x -a '(__oomkit_value watch \'REGEX\')' -d 'Processes whose name matches'
__oomkit_add watch -s f -l full -x -a '(__oomkit_value watch \'REGEX\')' -d 'Processes whose command line matches'
__oomkit_add watch -s u -l user -x -a '(__oomkit_value watch \'USERS\')' -d 'Processes of these users, by name or number'
__oomkit_add watch -l unit -x -a '(__oomkit_value watch \'UNIT\')' -d 'Processes of this systemd unit'
__oomkit_add watch -l cgroup -x -a '(__oomkit_value watch \'CGROUP\')' -d 'Processes of this cgroup and those below it'
__oomkit_add watch -l container -x -a '(__oomkit_value watch \'CONTAINER\')' -d 'Processes of the container with this id'
__oomkit_add watch -l tree -x -a '(__oomkit_value watch \'PID\')' -d 'This process and its descendants'
__oomkit_add watch -s A -l all -d 'All processes'
__oomkit_add watch -s J -l json -d 'The same as --format json'
__oomkit_add watch -l format -x -a '(__oomkit_value watch \'table|json|ndjson|csv|tsv|prom\')' -d 'The form of the output; table is for people'
__oomkit_add watch -s o -l output -x -a '(__oomkit_value watch \'COLUMNS\')' -d 'Which columns; +COLUMN appends to the usual ones'
__oomkit_add watch -s O -l output-all -d 'All columns'
__oomkit_add watch -l list-columns -d 'List the columns that there are'
__oomkit_add watch -l noheadings -d 'No line of headings'
__oomkit_add watch -s b -l bytes -d 'Memory as plain numbers of bytes'
__oomkit_add watch -l si -d 'Units of 1000, not of 1024'
__oomkit_add watch -l sort -x -a '(__oomkit_value watch \'[-]COLUMN\')' -d 'Sort the rows by this column; - turns it round'
__oomkit_add watch -l color -x -a '(__oomkit_value watch \'auto|always|never\')' -d 'Colour; auto: on a terminal, where NO_COLOR is not set'
__oomkit_add watch -s q -l quiet -d 'Print nothing; the exit status tells'
__oomkit_add watch -l root -x -a '(__oomkit_value watch \'DIR\')' -d 'Judge the machine whose root this is: a captured one, a container\'s, another mount'
__oomkit_add watch -l kernel -x -a '(__oomkit_value watch \'KERNEL\')' -d 'Judge by the rule of this kernel version (2.6.32, 4.14, 6.18...)'
__oomkit_add watch -s h -l help -d 'Show this help'
__oomkit_add watch -s V -l version -d 'Show the version'

__oomkit_add parse-log -F
__oomkit_add parse-log -s k -l kernel-ring -d 'Read the kernel\'s ring buffer: /dev/kmsg'
__oomkit_add parse-log -s j -l journal -d 'Read the journal; journalctl\'s options stand behind --'
__oomkit_add parse-log -l since -x -a '(__oomkit_value parse-log \'TIME\')' -d 'Only events at or after this time'
__oomkit_add parse-log -l until -x -a '(__oomkit_value parse-log \'TIME\')' -d 'Only events before this time'
__oomkit_add parse-log -s p -l pid -x -a '(__oomkit_value parse-log \'PIDS\')' -d 'Only events that killed one of these, or chose it where no kill is told'
__oomkit_add parse-log -l comm -x -a '(__oomkit_value parse-log \'REGEX\')' -d 'Only events that killed one of such a name, or chose it where no kill is told'
__oomkit_add parse-log -l cgroup -x -a '(__oomkit_value parse-log \'CGROUP\')' -d 'Only events whose victim, or whose exceeded limit, is in this cgroup or below'
__oomkit_add parse-log -l constraint -x -a '(__oomkit_value parse-log \'none|cpuset|memory_policy|memcg|unknown\')' -d 'Only events under this constraint'
__oomkit_add parse-log -l tasks -d 'Show the table of tasks'
__oomkit_add parse-log -l why -d 'Judge the table anew: the victim that the rule picks, beside the one killed'
__oomkit_add parse-log -l summary -d 'Show sums by name, cgroup and day in place of events'
__oomkit_add parse-log -l html -x -a '(__oomkit_value parse-log \'FILE\')' -d 'Write a page with charts and tables; - is stdout'
__oomkit_add parse-log -l page-size -x -a '(__oomkit_value parse-log \'SIZE\')' -d 'The kernel\'s page size where the log tells none'
__oomkit_add parse-log -l year -x -a '(__oomkit_value parse-log \'NUM\')' -d 'The year of times that have none'
__oomkit_add parse-log -l tz -x -a '(__oomkit_value parse-log \'ZONE\')' -d 'The zone of times that have none: UTC, +02:00, Europe/Berlin'
__oomkit_add parse-log -s J -l json -d 'The same as --format json'
__oomkit_add parse-log -l format -x -a '(__oomkit_value parse-log \'table|json|ndjson|csv|tsv|prom\')' -d 'The form of the output; table is for people'
__oomkit_add parse-log -s o -l output -x -a '(__oomkit_value parse-log \'COLUMNS\')' -d 'Which columns; +COLUMN appends to the usual ones'
__oomkit_add parse-log -s O -l output-all -d 'All columns'
__oomkit_add parse-log -l list-columns -d 'List the columns that there are'
__oomkit_add parse-log -l noheadings -d 'No line of headings'
__oomkit_add parse-log -s b -l bytes -d 'Memory as plain numbers of bytes'
__oomkit_add parse-log -l si -d 'Units of 1000, not of 1024'
__oomkit_add parse-log -l sort -x -a '(__oomkit_value parse-log \'[-]COLUMN\')' -d 'Sort the rows by this column; - turns it round'
__oomkit_add parse-log -l color -x -a '(__oomkit_value parse-log \'auto|always|never\')' -d 'Colour; auto: on a terminal, where NO_COLOR is not set'
__oomkit_add parse-log -s q -l quiet -d 'Print nothing; the exit status tells'
__oomkit_add parse-log -l root -x -a '(__oomkit_value parse-log \'DIR\')' -d 'Judge the machine whose root this is: a captured one, a container\'s, another mount'
__oomkit_add parse-log -l kernel -x -a '(__oomkit_value parse-log \'KERNEL\')' -d 'Judge by the rule of this kernel version (2.6.32, 4.14, 6.18...)'
__oomkit_add parse-log -s h -l help -d 'Show this help'
__oomkit_add parse-log -s V -l version -d 'Show the version'

__oomkit_add cgroup -x -a '(__oomkit_value cgroup TARGET)'
__oomkit_add cgroup -l victims -d 'Judge who dies first in each limited cgroup'
__oomkit_add cgroup -l write -x -a '(__oomkit_value cgroup \'KEY=VALUE\')' -d 'Change the one TARGET: max, high, low, min, swap.max, oom.group; v1: max, memsw.max, oom_kill_disable'
__oomkit_add cgroup -l dry-run -d 'Tell what --write would do, and do nothing'
__oomkit_add cgroup -s p -l pid -x -a '(__oomkit_value cgroup \'PIDS\')' -d 'The processes with these ids'
__oomkit_add cgroup -s x -l exact -x -a '(__oomkit_value cgroup \'NAME\')' -d 'Processes of exactly this name'
__oomkit_add cgroup -l comm -x -a '(__oomkit_value cgroup \'REGEX\')' -d 'Processes whose name matches'
__oomkit_add cgroup -s f -l full -x -a '(__oomkit_value cgroup \'REGEX\')' -d 'Processes whose command line matches'
__oomkit_add cgroup -s u -l user -x -a '(__oomkit_value cgroup \'USERS\')' -d 'Processes of these users, by name or number'
__oomkit_add cgroup -l unit -x -a '(__oomkit_value cgroup \'UNIT\')' -d 'Processes of this systemd unit'
__oomkit_add cgroup -l cgroup -x -a '(__oomkit_value cgroup \'CGROUP\')' -d 'Processes of this cgroup and those below it'
__oomkit_add cgroup -l container -x -a '(__oomkit_value cgroup \'CONTAINER\')' -d 'Processes of the container with this id'
__oomkit_add cgroup -l tree -x -a '(__oomkit_value cgroup \'PID\')' -d 'This process and its descendants'
__oomkit_add cgroup -s A -l all -d 'All processes'
__oomkit_add cgroup -s J -l json -d 'The same as --format json'
__oomkit_add cgroup -l format -x -a '(__oomkit_value cgroup \'table|json|ndjson|csv|tsv|prom\')' -d 'The form of the output; table is for people'
__oomkit_add cgroup -s o -l output -x -a '(__oomkit_value cgroup \'COLUMNS\')' -d 'Which columns; +COLUMN appends to the usual ones'
__oomkit_add cgroup -s O -l output-all -d 'All columns'
__oomkit_add cgroup -l list-columns -d 'List the columns that there are'
__oomkit_add cgroup -l noheadings -d 'No line of headings'
__oomkit_add cgroup -s b -l bytes -d 'Memory as plain numbers of bytes'
__oomkit_add cgroup -l si -d 'Units of 1000, not of 1024'
__oomkit_add cgroup -l sort -x -a '(__oomkit_value cgroup \'[-]COLUMN\')' -d 'Sort the rows by this column; - turns it round'
__oomkit_add cgroup -l color -x -a '(__oomkit_value cgroup \'auto|always|never\')' -d 'Colour; auto: on a terminal, where NO_COLOR is not set'
__oomkit_add cgroup -s q -l quiet -d 'Print nothing; the exit status tells'
__oomkit_add cgroup -l root -x -a '(__oomkit_value cgroup \'DIR\')' -d 'Judge the machine whose root this is: a captured one, a container\'s, another mount'
__oomkit_add cgroup -l kernel -x -a '(__oomkit_value cgroup \'KERNEL\')' -d 'Judge by the rule of this kernel version (2.6.32, 4.14, 6.18...)'
__oomkit_add cgroup -s h -l help -d 'Show this help'
__oomkit_add cgroup -s V -l version -d 'Show the version'

__oomkit_add help -x -a '(__oomkit_value help COMMAND)'
__oomkit_add help -l dump -d 'All commands, options and columns as rows with tabs, for programs'
__oomkit_add help -s h -l help -d 'Show this help'
__oomkit_add help -s V -l version -d 'Show the version'
