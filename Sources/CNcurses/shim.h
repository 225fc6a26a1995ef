/* ncurses as Swift can import it: one function for each macro and global it cannot.
 *
 * It has no variables: a header-only module with state fails at link time. */
#ifndef CNCURSES_SHIM_H
#define CNCURSES_SHIM_H
#define NCURSES_WIDECHAR 1 /* before curses.h: declares wget_wch and its like */
#include <curses.h>
#include <locale.h>
#include <stdio.h>
#include <term.h>
#include <wchar.h>

/* newterm instead of initscr: failure is NULL, not the end of the process. */
static inline SCREEN *cncurses_open(const char *type) { return newterm(type, stdout, stdin); }
static inline WINDOW *cncurses_window(void) { return stdscr; }
/* The screen in the state that curses assumes. */
static inline WINDOW *cncurses_terminal(void) { return curscr; }
static inline int cncurses_rows(void) { return getmaxy(stdscr); }
static inline int cncurses_columns(void) { return getmaxx(stdscr); }
/* A byte, or the number of a key above them all. */
static inline int cncurses_byte(void) { return wgetch(stdscr); }
static inline int cncurses_function_key(int number) { return KEY_F(number); }

static inline attr_t cncurses_bold(void) { return A_BOLD; }
static inline attr_t cncurses_dim(void) { return A_DIM; }
static inline attr_t cncurses_reverse(void) { return A_REVERSE; }
static inline attr_t cncurses_underline(void) { return A_UNDERLINE; }
static inline int cncurses_color_pairs(void) { return COLOR_PAIRS; }

/* The most wide characters of one cell, including the base. */
static inline int cncurses_longest_cell(void) { return CCHARW_MAX - 1; }
static inline int cncurses_width(wchar_t character) { return wcwidth(character); }

static inline int cncurses_put(int row, int column, const cchar_t *cells, int count) {
  return mvwadd_wchnstr(stdscr, row, column, cells, count);
}
#endif
