/* Files as bytes of the program, put there by the assembler, so that what they
 * hold has one source. */
#ifndef CM_BASE_EMBED_H
#define CM_BASE_EMBED_H

#include "base/str.h"

/* Declares and defines the bytes of a file, symbol up to symbol_end, and a NUL
 * behind them.  path: a literal, relative to where the build runs, the root of
 * the repository. */
#define CM_EMBED(symbol, path)                                                 \
    __asm__(".section .rodata\n"                                               \
            ".global " #symbol "\n.hidden " #symbol "\n"                       \
            ".global " #symbol "_end\n.hidden " #symbol "_end\n" #symbol ":\n" \
            ".incbin \"" path "\"\n" #symbol "_end:\n"                         \
            ".byte 0\n.previous\n");                                           \
    extern const char symbol[];                                                \
    extern const char symbol##_end[]

#endif
