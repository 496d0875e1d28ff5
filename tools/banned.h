/* Functions that nobody here may call: included before every source file, so
 * that a call is a compile error which names the function to use instead. */
#ifndef CM_TOOLS_BANNED_H
#define CM_TOOLS_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* clang takes no attribute after an inline definition, as atoi has one: there
 * gcc alone finds the calls. */
#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wignored-attributes"
#endif

#define CM_BANNED(instead) __attribute__((deprecated("banned: use " instead)))

char *strcpy(char *restrict to, const char *restrict from)
    CM_BANNED("cm_buf_adds or memcpy");
char *strcat(char *restrict to, const char *restrict from)
    CM_BANNED("cm_buf_adds");
int sprintf(char *restrict to, const char *restrict format, ...)
    CM_BANNED("snprintf or cm_buf_addf");
char *strtok(char *restrict text, const char *restrict separators)
    CM_BANNED("cm_str and memchr");
int atoi(const char *text) CM_BANNED("cm_parse_i64");
double atof(const char *text) CM_BANNED("cm_parse_double");
char *gets(char *line) CM_BANNED("fgets");
struct tm *localtime(const time_t *seconds) CM_BANNED("gmtime_r");
struct tm *gmtime(const time_t *seconds) CM_BANNED("gmtime_r");

#undef CM_BANNED

#ifdef __clang__
#pragma clang diagnostic pop
#endif

#endif
