# SPDX-License-Identifier: GPL-2.0-or-later
# How is oomkit built, tested and installed? `make help` lists the targets and the words.
#
# The words DEVELOPER=1, SAN=..., STATIC=1, COV=1 and CC=... are part of the name of the object directory, so switching
# between them never mixes objects. ./oomkit is what the last words made. CONFIG="score rank" builds these commands alone.

SHELL := /bin/sh
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules
# Compilers believe PWD, which may lead here through a symbolic link.
export PWD := $(CURDIR)

PREFIX ?= /usr/local
DESTDIR ?=
bindir ?= $(PREFIX)/bin
mandir ?= $(PREFIX)/share/man
bashdir ?= $(PREFIX)/share/bash-completion/completions
zshdir ?= $(PREFIX)/share/zsh/site-functions
fishdir ?= $(PREFIX)/share/fish/vendor_completions.d
INSTALL ?= install
PKG_CONFIG ?= pkg-config
BUILD ?= build
# The static program is made for places where each byte is carried along; clang's -Os is not the smallest that it can.
CFLAGS ?= $(if $(filter-out 0 no,$(STATIC)),$(if $(findstring clang,$(CC)),-Oz,-Os),-O2) -g

# ------------------------------------------------------------------ the words

empty :=
space := $(empty) $(empty)
comma := ,
# A word is on unless it is empty, 0 or no.
on = $(filter-out 0 no,$($(1)))

static := $(call on,STATIC)
san := $(call on,SAN)
cov := $(call on,COV)
developer := $(call on,DEVELOPER)
ifneq ($(static),)
ifneq ($(san),)
$(error STATIC=1 and SAN=$(SAN) exclude each other: the sanitizers need the dynamic loader)
endif
endif

cc_name := $(subst $(space),-,$(notdir $(subst /usr/bin/,,$(CC))))
words := $(if $(developer),-developer)$(if $(san),-$(subst $(comma),-,$(san)))$(if $(static),-static)$(if $(cov),-cov)
B := $(BUILD)/$(cc_name)$(words)

Q := $(if $(call on,V),,@)
say = @printf '  %-5s %s\n'

# ------------------------------------------------------------------ the sources

VERSION := $(strip $(shell cat VERSION))
common_src := $(sort $(wildcard common/*.c))
cmd_src := $(sort $(wildcard cmd/*.c))
unit_src := $(sort $(wildcard tests/unit/*_test.c))
# Programs that the tests run: each one file that stands alone.
helper_src := $(sort $(wildcard tests/*.c))

# The commands of the one list; CONFIG names those that are wanted, and the list's order stays.
every_command := $(filter-out help,$(subst _,-,$(shell sed -n 's/^\tX(\([a-z_]*\)).*/\1/p' cmd/commands.h)))
config := $(if $(strip $(CONFIG)),$(filter $(CONFIG),$(every_command)),$(every_command))
ifneq ($(filter-out $(every_command) help,$(CONFIG)),)
$(error CONFIG: there is no command $(firstword $(filter-out $(every_command) help,$(CONFIG))); there are: $(every_command))
endif

common_obj := $(common_src:%.c=$(B)/%.o)
cmd_obj := $(cmd_src:%.c=$(B)/%.o)
# What every judgement runs stands together in the program: fewer of its pages are mapped (tests/bench/README.md).
core := $(addprefix cmd/,main help gather score rank) $(addprefix common/,arena badness caps cgroupfs cgroupfs-meaning \
	cgroupfs-mounts cli era host judge kills kver meminfo memcg memstat out \
	out-json out-table proc select snapshot str tally users victim)
core_obj := $(core:%=$(B)/%.o)
program_obj := $(core_obj) $(filter-out $(core_obj),$(cmd_obj) $(common_obj))
unit_obj := $(unit_src:%.c=$(B)/%.o)
helper_obj := $(helper_src:%.c=$(B)/%.o)
# Pid 1 of the lab's guests: one program of several files.
guest_src := $(sort $(wildcard tests/lab/*.c))
guest_obj := $(guest_src:%.c=$(B)/%.o)
guest := $(B)/tests/lab/guest-program
unit_bin := $(unit_obj:.o=)
helper_bin := $(helper_obj:.o=)
# Entry points of libFuzzer, one a group of parsers.
fuzz_src := $(sort $(wildcard tests/fuzz/*.c))
fuzz_obj := $(fuzz_src:%.c=$(B)/%.o)
fuzz_bin := $(fuzz_obj:.o=)
mutate := $(B)/tests/mutate/mutate
archive := $(B)/common.a
cmd_archive := $(B)/cmd.a
linked := $(B)/linked

# ------------------------------------------------------------------ the flags

# Only targets that compile ask the compiler and pkg-config.
quiet_goals := help clean uninstall cppcheck shellcheck dist deb check-deb cross
ifneq ($(if $(MAKECMDGOALS),$(filter-out $(quiet_goals),$(MAKECMDGOALS)),all),)

ifeq ($(shell command -v $(firstword $(PKG_CONFIG))),)
$(error $(PKG_CONFIG) is not installed; `./dev run` installs what the build needs on Debian)
endif
ifneq ($(shell $(PKG_CONFIG) --exists jansson libcap && echo found),found)
$(error pkg-config does not find jansson and libcap with their headers; `./dev run` installs them on Debian)
endif
lib_cflags := $(shell $(PKG_CONFIG) --cflags jansson libcap)
lib_libs := $(shell $(PKG_CONFIG) $(if $(static),--static) --libs jansson libcap)
# Of the compiler's own family, whatever machine it is for.
STRIP ?= $(shell $(CC) -print-prog-name=strip)

# What this compiler takes on this machine; -S writes to stdout, so that root never writes to a device file.
cc_takes = $(shell $(CC) -Werror $(1) -x c -S -o - /dev/null >/dev/null 2>&1 && echo $(1))
hardening := -fstack-protector-strong $(call cc_takes,-fstack-clash-protection) $(call cc_takes,-fcf-protection)
# _FORTIFY_SOURCE wants an optimiser, quarrels with the sanitizers, and whoever sets it knows better.
fortify := $(if $(filter -O -O1 -O2 -O3 -Os -Og -Oz,$(CFLAGS)),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
ifneq ($(findstring _FORTIFY_SOURCE,$(CFLAGS) $(CPPFLAGS))$(san)$(cov),)
fortify :=
endif
endif

warnings := -Wall -Wextra
ifneq ($(developer),)
warnings += -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wformat=2 -Wundef -Wvla -Werror
endif

cppflags := -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 -DOOMKIT_VERSION='"$(VERSION)"' -Iinclude $(lib_cflags)
# The same bytes from every folder: no path of it in debug data or in __FILE__.
cflags := -std=gnu11 $(warnings) -ffunction-sections -fdata-sections -ffile-prefix-map='$(CURDIR)=.' \
	$(hardening) $(fortify) $(if $(static),-fno-pie -fno-asynchronous-unwind-tables -fno-unwind-tables,-fPIE)
# Relative relocations in a packed form take 30 KiB less; glibc reads it from 2.36 on.
packed := $(if $(static),,$(shell printf '\043if !__GLIBC_PREREQ(2, 36)\n\043error\n\043endif\n' | \
	$(CC) -include features.h -E -o - - >/dev/null 2>&1 && $(CC) -Wl,--help 2>/dev/null | \
	sed -n 's/.*pack-relative-relocs.*/-Wl,-z,pack-relative-relocs/p' | head -n 1))
# The _fini of the C runtime is empty and ends the code: to run it would map the last piece of that.
no_fini := $(if $(static),,-Wl,-fini=0)
ldflags := $(if $(static),-static,-pie) -Wl,-z,relro -Wl,-z,now -Wl,--gc-sections -Wl,--as-needed $(packed) $(no_fini)
late_cflags :=
ifneq ($(san),)
late_cflags += -fsanitize=$(san) -fno-sanitize-recover=all -fno-omit-frame-pointer
ldflags += -fsanitize=$(san)
endif
ifneq ($(cov),)
late_cflags += --coverage -O0
ldflags += --coverage
endif

compile = $(CC) $(cppflags) $(config_flag) $(CPPFLAGS) $(cflags) $(CFLAGS) $(late_cflags)
link = $(CC) $(cflags) $(CFLAGS) $(late_cflags) $(ldflags) $(LDFLAGS)

# ------------------------------------------------------------------ building

.PHONY: all
all: oomkit

# Written only when its content changes; what depends on it is then made anew.
define stamp
@mkdir -p $(@D)
@printf '%s\n' '$(subst ','\'',$(1))' >$@.new
@if cmp -s $@.new $@; then rm -f $@.new; else mv -f $@.new $@; fi
endef

$(B)/flags: FORCE
	$(call stamp,$(compile) | $(link) $(lib_libs) $(LIBS))

$(B)/sources: FORCE
	$(call stamp,$(common_src) | $(cmd_src))

$(B)/config: FORCE
	$(call stamp,$(config))

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(compile) -MMD -MP -c -o $@ $<

# The table of commands is made here, and nowhere else does CONFIG count.
$(B)/cmd/help.o: private config_flag = \
	$(if $(strip $(CONFIG)),-D'OOMKIT_CONFIG(X)=$(patsubst %,X(%),$(subst -,_,$(config)) help)')
$(B)/cmd/help.o: $(B)/config

define make_archive
$(say) AR $@
@rm -f $@
$(Q)$(AR) rcsD $@ $(filter %.o,$^)
endef

$(archive): $(common_obj) $(B)/sources
	$(make_archive)

$(cmd_archive): $(cmd_obj) $(B)/sources
	$(make_archive)

# Some commands alone come out of the archives, so that what none of them asks for is not there.
linked_from := $(if $(strip $(CONFIG)),$(B)/cmd/main.o $(cmd_archive) $(archive),$(program_obj))
# What of the C library, and of what compilers write for exceptions, the static program does without.
lean := $(B)/contrib/lean-glibc.o
lean_script := contrib/no-unwind.ld

# No object directory holds a file named oomkit: the program has one place, and it is ./oomkit.
ifeq ($(static),)
$(linked): $(linked_from) $(B)/flags $(B)/sources $(B)/config
	$(say) LINK $@
	$(Q)$(link) -o $@ $(linked_from) $(lib_libs) $(LIBS)
else
$(linked): $(linked_from) $(lean) $(lean_script) $(B)/flags $(B)/sources $(B)/config
	$(say) LINK $@
	$(Q)$(link) -Wl,-Map=$@.map -Wl,-T,$(lean_script) -o $@ $(lean) $(linked_from) $(lib_libs) $(LIBS) 2>$@.log || { \
		echo '  without $(lean:$(B)/%.o=%.c) ($@.log says why): larger'; \
		$(link) -Wl,-Map=$@.map -o $@ $(linked_from) $(lib_libs) $(LIBS); \
	}
endif

oomkit: $(linked) FORCE
	@cmp -s $< $@ || { cp $< $@.new && mv -f $@.new $@ && echo '  -> ./oomkit'; }

# For who needs the program beside ./oomkit: make STATIC=1 program-at AT=FILE
.PHONY: program-at
program-at: $(linked)
	$(Q)cp $(linked) '$(AT)'

$(unit_bin): %: %.o $(archive)
	$(say) LINK $@
	$(Q)$(link) -o $@ $< $(archive) $(lib_libs) $(LIBS)

# libFuzzer has the main(); ours stays in its archive.
$(fuzz_bin): %: %.o $(cmd_archive) $(archive)
	$(say) LINK $@
	$(Q)$(link) -fsanitize=fuzzer -o $@ $< $(cmd_archive) $(archive) $(lib_libs) $(LIBS)

$(mutate): %: %.o $(archive)
	$(say) LINK $@
	$(Q)$(link) -o $@ $< $(archive) $(lib_libs) $(LIBS)

$(helper_bin): %: %.o
	$(say) LINK $@
	$(Q)$(link) -pthread -o $@ $<

$(guest): $(guest_obj)
	$(say) LINK $@
	$(Q)$(link) -o $@ $(guest_obj) $(lib_libs)

.PHONY: FORCE
FORCE:

-include $(common_obj:.o=.d) $(cmd_obj:.o=.d) $(unit_obj:.o=.d) $(helper_obj:.o=.d) \
	$(guest_obj:.o=.d) $(lean:.o=.d) $(fuzz_obj:.o=.d) $(mutate).d

# ------------------------------------------------------------------ testing

# What the tests learn of the build, in their environment.
test_env := OOMKIT_BUILD='$(abspath $(BUILD))' OOMKIT_PROGRAMS='$(abspath $(B))/tests' OOMKIT_SAN='$(san)' \
	OOMKIT_STATIC='$(static)' OOMKIT_COV='$(cov)' CC='$(CC)'

.PHONY: tests
tests: oomkit $(unit_bin) $(helper_bin) $(mutate)

# What says nothing about the program's answers, or takes long: for who changes the code, and for CI.
rest_tests := tests/ansible.bats tests/faults.bats tests/house.bats tests/inits.bats tests/metrics.bats \
	tests/mutate.bats tests/watch-faults.bats tests/watch-long.bats

.PHONY: check
check: tests
	@$(test_env) bash tests/run $(unit_bin) \
		$(if $(TESTS),$(TESTS),$(filter-out $(rest_tests) $(ship_tests) $(browser_tests),$(sort $(wildcard tests/*.bats))))

.PHONY: unit-programs check-unit
unit-programs: $(unit_bin)

check-unit: $(unit_bin)
	@$(test_env) bash tests/run $(unit_bin)

# For other kinds of machines, with Debian's cross compilers (ARCH="arm64 armhf ppc64el s390x i386"). Unit tests and
# the fixture machines run in qemu's user mode.
.PHONY: cross
cross:
	@bash tests/cross $(or $(ARCH),arm64 armhf ppc64el)

.PHONY: check-rest
check-rest: tests
	@$(test_env) OOMKIT_THOROUGH=1 bash tests/run $(rest_tests) tests/live.bats

# What is shipped: the static program, the subsets, the archive of the sources, the image.
ship_tests := tests/static.bats tests/package.bats

# The page of parse-log in a real browser; OOMKIT_SHOTS=DIR keeps pictures.
browser_tests := tests/browser.bats

.PHONY: check-browser
check-browser: tests
	@$(test_env) bash tests/run $(browser_tests)

.PHONY: check-ship
check-ship: tests
	@$(test_env) bash tests/run $(or $(TESTS),$(ship_tests))

# Every parser against inputs that nobody thought of: FUZZ_SECONDS each, FUZZ_TARGETS of them.
.PHONY: fuzz fuzz-programs
fuzz:
	@+$(MAKE) --no-print-directory CC='$(FUZZ_CC)' SAN=address,undefined,fuzzer-no-link STATIC= COV= fuzz-programs
	@FUZZ_SECONDS='$(FUZZ_SECONDS)' FUZZ_TARGETS='$(FUZZ_TARGETS)' FUZZ_JOBS='$(FUZZ_JOBS)' \
		bash tests/fuzz/run '$(abspath $(BUILD))'

FUZZ_CC ?= clang
fuzz-programs: $(fuzz_bin)
	@mkdir -p $(BUILD)/fuzz/bin
	@cp $(fuzz_bin) $(BUILD)/fuzz/bin/

.PHONY: valgrind
valgrind: tests
	@$(test_env) bash tests/valgrind $(unit_bin)

# The man pages and completions, out of the option tables of the program; they are committed.
.PHONY: docs
docs: oomkit
	man/generate ./oomkit .

.PHONY: bench
bench: tests
	@$(test_env) BENCH_QUICK='$(BENCH_QUICK)' tests/bench/run
	@$(test_env) BENCH_QUICK='$(BENCH_QUICK)' tests/bench/watch ./oomkit

# Kernels in throw-away guests: does each kill whom oomkit names? KERNELS, MODES, ROUNDS, SEED, JOBS, LOGS;
# ARCH=arm64 for kernels of another kind of machine.
lab_programs = $(if $(filter-out amd64,$(ARCH)),$(CURDIR)/build/cross/lab/programs,$(BUILD)/lab/programs)
.PHONY: lab lab-programs
lab:
	@+$(MAKE) --no-print-directory STATIC=1 SAN= COV= ARCH= lab-programs
	@$(if $(filter-out amd64,$(ARCH)),bash tests/cross --make $(ARCH) ARCH= lab-programs)
	@KERNELS='$(KERNELS)' MODES='$(MODES)' ROUNDS='$(ROUNDS)' SEED='$(SEED)' JOBS='$(JOBS)' LOGS='$(LOGS)' \
		CACHE='$(or $(CACHE),$(BUILD)/lab/cache)' RESULTS='$(BUILD)/lab/results' PROGRAMS='$(lab_programs)' \
		ARCH='$(ARCH)' READER='$(BUILD)/lab/programs/oomkit-static' bash tests/lab/run

# Debian's inits in a guest: do they start services with what protect has written? KERNEL, SUITE.
.PHONY: lab-inits
lab-inits:
	@+$(MAKE) --no-print-directory STATIC=1 SAN= COV= lab-programs
	@KERNEL='$(KERNEL)' SUITE='$(SUITE)' CACHE='$(or $(CACHE),$(BUILD)/lab/cache)' \
		RESULTS='$(BUILD)/lab/results-inits' PROGRAMS='$(BUILD)/lab/programs' bash tests/lab/inits

lab-programs: $(linked) $(guest) $(B)/tests/population
	@mkdir -p $(BUILD)/lab/programs
	@$(STRIP) -o $(BUILD)/lab/programs/oomkit-static $(linked)
	@$(STRIP) -o $(BUILD)/lab/programs/guest $(guest)
	@$(STRIP) -o $(BUILD)/lab/programs/population $(B)/tests/population

# What are the bytes of the static program?
.PHONY: size size-table
size:
	@+$(MAKE) --no-print-directory STATIC=1 SAN= COV= size-table

size-table: $(linked)
	@$(STRIP) -o $(linked).stripped $(linked) && \
		printf '%8d  the file, stripped\n' "$$(stat -c %s $(linked).stripped)" && rm -f $(linked).stripped
	@awk -v top='$(or $(TOP),30)' -f contrib/size.awk $(linked).map

# After `make check COV=1`: how much of each file has been run.
.PHONY: coverage
coverage:
	@gcov -n $(wildcard $(B)/common/*.gcda $(B)/cmd/*.gcda) | \
		sed -n "s/^File '\(c[^']*\)'/\1/p; s/^Lines executed:/  /p" | paste - - | grep -E '^c(ommon|md)/'

# How much of the parsers of logs their corpus runs; below 90 % of a file fails.
.PHONY: coverage-logs coverage-logs-run
coverage-logs:
	@+$(MAKE) --no-print-directory COV=1 SAN= STATIC= coverage-logs-run

coverage-logs-run: $(linked) $(B)/tests/render $(B)/tests/unit/find_test
	@bash tests/coverage '$(abspath $(B))'

.PHONY: lint
lint: clang-tidy cppcheck shellcheck

tidy_src := $(common_src) $(cmd_src) $(guest_src)
.PHONY: clang-tidy
clang-tidy: $(tidy_src:%.c=$(B)/%.tidy)

# Each file by itself, side by side, and again only where it or a header changed. How many warnings it has suppressed is
# told on stderr, which is of interest only where something is wrong.
$(B)/%.tidy: %.c .clang-tidy $(wildcard include/*.h cmd/*.h tests/lab/*.h)
	@mkdir -p $(@D)
	$(say) TIDY $<
	$(Q)clang-tidy --quiet $< -- -std=gnu11 $(cppflags) 2>$@.err || { cat $@.err >&2; exit 1; }
	@mv $@.err $@

# Its leak check does not know __attribute__((cleanup)); valgrind and the leak sanitizer look for leaks.
.PHONY: cppcheck
cppcheck:
	$(say) TIDY cppcheck
	$(Q)cppcheck --quiet --std=c11 --language=c --enable=warning,performance,portability --inline-suppr \
		--error-exitcode=1 --suppress=missingIncludeSystem --suppress=memleak -D_GNU_SOURCE -D__linux__ \
		-DOOMKIT_VERSION='"$(VERSION)"' -Iinclude $(tidy_src) $(unit_src) $(helper_src) $(fuzz_src) tests/mutate/mutate.c

# All that names a shell in its first line, and what bats loads.
shell_src = $(shell grep -rlE -m1 '^\#!.*[/ ](sh|bash|bats)$$' dev .ci man tests contrib; ls tests/*.bash tests/*/*.bash)
.PHONY: shellcheck
shellcheck:
	$(say) TIDY shellcheck
	$(Q)shellcheck -x $(sort $(shell_src))

# ------------------------------------------------------------------ installing

# With CONFIG the pages and completions are those of its commands alone: the program tells them. A cross build names one
# that runs here: LISTER=./native
LISTER ?= ./oomkit
docs_from := $(if $(strip $(CONFIG)),$(B)/subset,.)

.PHONY: install
install: oomkit
	$(Q)$(INSTALL) -d '$(DESTDIR)$(bindir)' && \
	$(INSTALL) -m 755 oomkit '$(DESTDIR)$(bindir)/oomkit' && \
	for name in $(config); do ln -sf oomkit "$(DESTDIR)$(bindir)/oom-$$name" || exit 1; done
	$(if $(filter .,$(docs_from)),,$(Q)man/generate $(LISTER) $(docs_from))
	$(Q)$(INSTALL) -d '$(DESTDIR)$(mandir)/man1' '$(DESTDIR)$(mandir)/man7' && \
	$(INSTALL) -m 644 $(docs_from)/man/oomkit.1 '$(DESTDIR)$(mandir)/man1/' && \
	$(INSTALL) -m 644 $(sort $(wildcard man/*.7)) '$(DESTDIR)$(mandir)/man7/'
	$(Q)for name in $(config); do \
		$(INSTALL) -m 644 "$(docs_from)/man/oomkit-$$name.1" '$(DESTDIR)$(mandir)/man1/' && \
		ln -sf "oomkit-$$name.1" "$(DESTDIR)$(mandir)/man1/oom-$$name.1" || exit 1; \
	done
	$(Q)$(INSTALL) -d '$(DESTDIR)$(bashdir)' '$(DESTDIR)$(zshdir)' '$(DESTDIR)$(fishdir)'
	$(Q)$(INSTALL) -m 644 $(docs_from)/completions/oomkit.bash '$(DESTDIR)$(bashdir)/oomkit'
	$(Q)$(INSTALL) -m 644 $(docs_from)/completions/_oomkit '$(DESTDIR)$(zshdir)/_oomkit'
	$(Q)$(INSTALL) -m 644 $(docs_from)/completions/oomkit.fish '$(DESTDIR)$(fishdir)/oomkit.fish'

# Removes what points at oomkit or bears its name, and no more.
.PHONY: uninstall
uninstall:
	$(Q)for link in '$(DESTDIR)$(bindir)'/oom-*; do \
		test "$$(readlink "$$link")" != oomkit || rm -f "$$link"; \
	done
	$(Q)for link in '$(DESTDIR)$(mandir)'/man1/oom-*.1; do \
		case $$(readlink "$$link") in oomkit-*.1) rm -f "$$link" ;; esac; \
	done
	$(Q)rm -f '$(DESTDIR)$(bindir)/oomkit' '$(DESTDIR)$(bashdir)/oomkit' '$(DESTDIR)$(zshdir)/_oomkit' \
		'$(DESTDIR)$(fishdir)/oomkit.fish'
	$(Q)for page in $(sort $(notdir $(wildcard man/*.[1-8]))); do \
		rm -f "$(DESTDIR)$(mandir)/man$${page##*.}/$$page"; \
	done

# BUILD may be a folder that holds other things: only what was made here goes.
# ------------------------------------------------------------------ packages

archive_name := $(BUILD)/dist/oomkit-$(VERSION).tar.gz

.PHONY: dist deb
dist:
	@contrib/dist '$(BUILD)/dist'

deb: dist
	@contrib/deb '$(archive_name)' '$(BUILD)/deb'

# Installed, used and purged in a root of each release of Debian.
.PHONY: check-deb
check-deb:
	@test -e '$(BUILD)/deb' || $(MAKE) --no-print-directory deb
	@bash tests/packages '$(BUILD)/deb' '$(or $(ROOTS),$(BUILD)/deb-roots)' $(SUITES)

# An image FROM scratch: an OCI layout and an archive of it, without an engine.
oci_arch = $(or $(strip $(foreach pair,x86_64:amd64 aarch64:arm64 arm:arm riscv64:riscv64 powerpc64le:ppc64le i686:386, \
	$(if $(filter $(firstword $(subst :, ,$(pair)))-%,$(shell $(CC) -dumpmachine)),$(lastword $(subst :, ,$(pair)))))),unknown)

.PHONY: oci oci-layout
oci:
	@+$(MAKE) --no-print-directory STATIC=1 SAN= COV= oci-layout

oci-layout: $(linked)
	@$(STRIP) -o $(linked).stripped $(linked)
	@contrib/oci-image $(linked).stripped $(oci_arch) '$(BUILD)/oci' $(config)
	@rm -f $(linked).stripped

.PHONY: clean
clean:
	rm -f oomkit oomkit.new
	@! test -e '$(BUILD)/fixtures' || chmod -R u+rwX '$(BUILD)/fixtures'
	rm -rf $(sort $(dir $(wildcard $(BUILD)/*/flags))) '$(BUILD)/fixtures' '$(BUILD)/fuzz'
	@! test -d '$(BUILD)' || rmdir --ignore-fail-on-non-empty '$(BUILD)'

.PHONY: help
help:
	@echo 'make               build ./oomkit'
	@echo 'make check         build and run all tests; TESTS="tests/score.bats" runs fewer'
	@echo 'make check-rest    the house rules, injected faults, storms of kills, more of the living machine'
	@echo 'make check-browser the page of parse-log in a headless Chromium (./dev install browser)'
	@echo 'make check-ship    what is shipped: the static program, builds of some commands alone, the packages'
	@echo 'make valgrind      unit tests and the main commands under valgrind'
	@echo 'make fuzz          every parser against made-up input; FUZZ_SECONDS=60 FUZZ_TARGETS="oomlog"'
	@echo 'make lint          clang-tidy, cppcheck and shellcheck'
	@echo 'make bench         measure against ps and the floors; BENCH_QUICK=1 for a short run'
	@echo 'make lab           real kernels in throw-away guests: do they kill whom rank names?'
	@echo 'make size          what the bytes of the static program are; TOP=30 says how many files'
	@echo 'make lab-inits     systemd and other inits in a guest: do they start what protect has written?'
	@echo 'make docs          man pages and completions anew, out of the option tables'
	@echo 'make coverage      after `make check COV=1`: the share of lines that ran, file by file'
	@echo 'make dist          the archive of the sources; make deb: the Debian package; make oci: an image FROM scratch'
	@echo 'make check-deb     the package installed, used and purged in a root of each release of Debian'
	@echo 'make cross         build for arm64, armhf and ppc64el (ARCH=...), and test that in emulation'
	@echo 'make coverage-logs the share of each parser of logs that the corpus runs: 90 % at least'
	@echo 'make install       into PREFIX (/usr/local) below DESTDIR; also: make uninstall'
	@echo 'make clean         remove what was built'
	@echo
	@echo 'Words: DEVELOPER=1 (warnings are errors) SAN=address,undefined STATIC=1 COV=1 CC=gcc|clang'
	@echo '       CONFIG="score rank" (these commands alone)'
	@echo '       BUILD=DIR (objects) V=1 (show the commands) CFLAGS= CPPFLAGS= LDFLAGS= LIBS='
