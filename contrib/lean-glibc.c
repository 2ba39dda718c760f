/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What of glibc does the static oomkit not carry?
 *
 * A static program of one empty function has 660 KiB with glibc 2.36: the start of a program, its
 * streams and its messages refer to translations, character sets and locales, those to the dynamic
 * loader. Nothing of it can happen here: oomkit calls neither setlocale(3) nor iconv(3), and never
 * looks up a name through NSS. What is defined in this file is not taken from libc.a, nor what it
 * would bring along. Besides being smaller, the program so has no code left that loads code:
 * GCONV_PATH, LOCPATH, LD_LIBRARY_PATH and the files of an empty root mean nothing to it.
 *
 * `make STATIC=1` links with this file and, where another C library refuses it, without. Sizes
 * below: what the stripped program lost by it (amd64, glibc 2.36).
 */
#include <argp.h>
#include <errno.h>
#include <locale.h>
#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

/* ------------------------------------------------------------------ code that is loaded: 75 KB */

/* How one character set becomes another. The C locale's way is built in; any other would be loaded
 * with dlopen(3), which nothing else calls in a program without NSS. */
int __gconv_find_transform(const char *to, const char *from, void **steps, size_t *n, int flags);
int __gconv_close_transform(void *steps, size_t n);
void __gconv_release_step(void *step);
/* glibc's own lock around them, an int. */
extern int __gconv_lock;
/* Where libraries are looked for: once at the start, for that dlopen(3). */
void _dl_init_paths(const char *path, const char *source, const char *hwcaps, const char *mask);

int __gconv_find_transform(const char *to, const char *from, void **steps, size_t *n, int flags)
{
	enum { NO_SUCH_CONVERSION = 1 };	/* __GCONV_NOCONV */

	(void)to;
	(void)from;
	(void)flags;
	*steps = NULL;
	*n = 0;
	return NO_SUCH_CONVERSION;
}

int __gconv_close_transform(void *steps, size_t n)
{
	(void)steps;
	(void)n;
	return 0;
}

void __gconv_release_step(void *step)
{
	(void)step;
}

int __gconv_lock;

void _dl_init_paths(const char *path, const char *source, const char *hwcaps, const char *mask)
{
	(void)path;
	(void)source;
	(void)hwcaps;
	(void)mask;
}

/* ------------------------------------------------------------------ locales: 90 KB */

/* A message as it stands. */
char *__dcgettext(const char *domain, const char *text, int category);
char *dcgettext(const char *domain, const char *text, int category);
/* Guards what setlocale(3) would change. */
extern pthread_rwlock_t __libc_setlocale_lock;

char *__dcgettext(const char *domain, const char *text, int category)
{
	union {
		const char *in;
		char *out;
	} same = { .in = text };

	(void)domain;
	(void)category;
	return same.out;
}

char *dcgettext(const char *domain, const char *text, int category)
{
	return __dcgettext(domain, text, category);
}

pthread_rwlock_t __libc_setlocale_lock = PTHREAD_RWLOCK_INITIALIZER;

/* For strtod's "nan" and "inf", in the one locale that there is; glibc has ten of it: 45 KB. */
int strncasecmp(const char *a, const char *b, size_t n);
int __strncasecmp_l(const char *a, const char *b, size_t n, locale_t locale);

static int lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

int strncasecmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++) {
		int differ = lower((unsigned char)*a) - lower((unsigned char)*b);

		if (differ != 0 || !*a)
			return differ;
	}
	return 0;
}

int __strncasecmp_l(const char *a, const char *b, size_t n, locale_t locale)
{
	(void)locale;
	return strncasecmp(a, b, n);
}

/* ------------------------------------------------------------------ wide characters: 80 KB */

/*
 * No stream becomes wide here, so that nothing is ever called through these tables, and fopen(3) is
 * asked for no character set. From 2.37 on all tables are one piece, which cannot be left out.
 */
#if __GLIBC__ == 2 && __GLIBC_MINOR__ < 37
extern const void *const _IO_wfile_jumps[], *const _IO_wfile_jumps_mmap[],
	*const _IO_wfile_jumps_maybe_mmap[];
const void *const _IO_wfile_jumps[32], *const _IO_wfile_jumps_mmap[32],
	*const _IO_wfile_jumps_maybe_mmap[32];
#endif
int _IO_wdo_write(FILE *f, const wchar_t *text, size_t n);
int _IO_fwide(FILE *f, int mode);
int __wcsmbs_named_conv(void *copy, const char *name);
/* The locale C names the conversions of its characters; only what stands below would look. */
extern const void *const __wcsmbs_gconv_fcts_c[];
const void *const __wcsmbs_gconv_fcts_c[4];
/* regex(3) and printf(3) know characters of several bytes, which the locale C has not. */
size_t __mbrtowc(wchar_t *to, const char *from, size_t n, mbstate_t *state);
wint_t __btowc(int c);
size_t __wcrtomb(char *to, wchar_t from, mbstate_t *state);
size_t __wcsrtombs(char *to, const wchar_t **from, size_t n, mbstate_t *state);

int _IO_wdo_write(FILE *f, const wchar_t *text, size_t n)
{
	(void)f;
	(void)text;
	(void)n;
	return EOF;
}

int _IO_fwide(FILE *f, int mode)
{
	enum { BYTES = -1 };

	(void)f;
	(void)mode;
	return BYTES;
}

int __wcsmbs_named_conv(void *copy, const char *name)
{
	(void)copy;
	(void)name;
	return EINVAL;
}

size_t __mbrtowc(wchar_t *to, const char *from, size_t n, mbstate_t *state)
{
	enum { INCOMPLETE = -2 };

	(void)state;
	if (!from)
		return 0;
	if (n == 0)
		return (size_t)INCOMPLETE;
	if (__btowc((unsigned char)*from) == WEOF) {
		errno = EILSEQ;
		return (size_t)-1;
	}
	if (to)
		*to = (unsigned char)*from;
	return *from ? 1 : 0;
}

wint_t __btowc(int c)
{
	return c >= 0 && c < 0x80 ? (wint_t)c : WEOF;
}

size_t __wcrtomb(char *to, wchar_t from, mbstate_t *state)
{
	(void)state;
	if (!to)
		return 1;
	if ((wint_t)from >= 0x80) {
		errno = EILSEQ;
		return (size_t)-1;
	}
	*to = (char)from;
	return 1;
}

/* For printf's %ls, which nobody writes. */
size_t __wcsrtombs(char *to, const wchar_t **from, size_t n, mbstate_t *state)
{
	(void)to;
	(void)from;
	(void)n;
	(void)state;
	errno = EILSEQ;
	return (size_t)-1;
}

/* A last word on stderr, which never becomes wide here. */
#define AS_PRINTF(first) __attribute__((format(printf, 2, first)))
AS_PRINTF(0) int __vfxprintf(FILE *f, const char *format, va_list args, unsigned mode);
AS_PRINTF(3) int __fxprintf(FILE *f, const char *format, ...);
AS_PRINTF(3) int __fxprintf_nocancel(FILE *f, const char *format, ...);

int __vfxprintf(FILE *f, const char *format, va_list args, unsigned mode)
{
	(void)mode;
	return vfprintf(f ? f : stderr, format, args);
}

int __fxprintf(FILE *f, const char *format, ...)
{
	va_list args;
	int r;

	va_start(args, format);
	r = __vfxprintf(f, format, args, 0);
	va_end(args);
	return r;
}

int __fxprintf_nocancel(FILE *f, const char *format, ...)
{
	va_list args;
	int r;

	va_start(args, format);
	r = __vfxprintf(f, format, args, 0);
	va_end(args);
	return r;
}

/* ------------------------------------------------------------------ argp's own help: 30 KB */

/* cli.c tells what is wrong itself (ARGP_NO_ERRS) and has a help of its own (ARGP_NO_HELP). */
void __argp_state_help(const struct argp_state *state, FILE *f, unsigned flags);
void __argp_error(const struct argp_state *state, const char *format, ...);

void __argp_state_help(const struct argp_state *state, FILE *f, unsigned flags)
{
	(void)state;
	(void)f;
	(void)flags;
}

void __argp_error(const struct argp_state *state, const char *format, ...)
{
	(void)state;
	(void)format;
}

/* ------------------------------------------------------------------ unwinding: 35 KB */

/*
 * The stack is unwound for C++ and for pthread_cancel(3); here is neither. Their tables
 * (.eh_frame, 55 KB more) then serve nobody, and the Makefile takes them out. On 32-bit ARM the
 * division by zero of the compiler's library asks for all of its unwinder.
 */
#ifndef __arm__
_Noreturn void _Unwind_Resume(void *exception);
_Noreturn int __gcc_personality_v0(void);

void _Unwind_Resume(void *exception)
{
	(void)exception;
	abort();
}

int __gcc_personality_v0(void)
{
	abort();
}
#endif
