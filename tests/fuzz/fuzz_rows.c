/* Any bytes as the body of /predict: the scanner, where it takes a body, gives
 * what the JSON library gives, to the last byte; and a reader that remembers
 * the last bodies gives what a forgetful one gives.
 *
 * The driver's own mutator knows tokens of JSON, so that most bodies are nearly
 * right:
 *   build/tests/fuzz/fuzz_rows --runs 10000000 tests/fuzz/corpus/rows */
#include <inttypes.h>
#include <stdio.h>

#include "base/rng.h"
#include "fuzz/fuzz_rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t max,
                               unsigned seed);

/* ---- the comparison ----------------------------------------------------- */

static void check_equal_echoes(const echo *a, const echo *b, size_t n)
{
    CM_ASSERT((a == NULL) == (b == NULL));
    for (size_t i = 0; a != NULL && i < n; i++) {
        CM_ASSERT(cm_str_equal(a[i].text, b[i].text));
        CM_ASSERT(a[i].quoted == b[i].quoted);
    }
}

static void check_equal(const rows *a, const rows *b)
{
    CM_ASSERT(a->n == b->n);
    for (size_t i = 0; i < a->n * 4; i++) {
        CM_ASSERT(cm_str_equal(a->fields[i], b->fields[i]));
    }
    check_equal_echoes(a->ids, b->ids, a->n);
    check_equal_echoes(a->echoes, b->echoes, a->n);
}

static uint64_t n_bodies, n_scanned, n_read;

__attribute__((destructor)) static void report(void)
{
    if (n_bodies > 1000) {
        printf("%" PRIu64 " bodies: %" PRIu64 " read, %" PRIu64
               " of them by the scanner\n",
               n_bodies, n_read, n_scanned);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static rows_reader *usual, *slow;
    static problems usual_list, slow_list;
    cm_str body = {(const char *)bytes, n};
    rows a = {0};
    rows b = {0};
    if (usual == NULL) {
        usual = fuzz_reader();
        slow = fuzz_reader();
    }
    problems_clear(&usual_list);
    problems_clear(&slow_list);
    bool read = rows_read(usual, ROWS_JSON, body, &a, &usual_list);
    bool slowly = rows_read_slowly(slow, ROWS_JSON, body, &b, &slow_list);
    CM_ASSERT(read == slowly);
    if (read) {
        check_equal(&a, &b);
    }
    CM_ASSERT(cm_str_equal((cm_str){usual_list.json.p, usual_list.json.n},
                           (cm_str){slow_list.json.p, slow_list.json.n}));
    if (n_bodies % 16 == 0) {
        fuzz_check_answer(read, &a, &usual_list);
    }
    n_bodies++;
    n_read += read;
    n_scanned += usual->scanned;
    return 0;
}

/* ---- the mutator -------------------------------------------------------- */

enum { MAX_TOKENS = 2048, MAX_EDITS = 6 };

typedef struct tokens {
    cm_str token[MAX_TOKENS];
    size_t n;
} tokens;

static size_t below(cm_rng *rng, size_t n)
{
    return (size_t)(cm_rng_next(rng) % n);
}

static bool is_plain(char c)
{
    return c != '\0' && strchr("\"{}[],: \t\r\n", c) == NULL;
}

/* A string, a run of white space, a number or word, or one byte. */
static size_t token_length(const char *p, size_t n)
{
    size_t i = 1;
    if (p[0] == '"') {
        while (i < n && p[i] != '"') {
            i += p[i] == '\\' ? 2 : 1;
        }
        return i < n ? i + 1 : n;
    }
    if (is_plain(p[0])) {
        while (i < n && is_plain(p[i])) {
            i++;
        }
    }
    return i;
}

static void take_tokens(tokens *t, const uint8_t *bytes, size_t n)
{
    const char *p = (const char *)bytes;
    t->n = 0;
    for (size_t i = 0; i < n && t->n < MAX_TOKENS;) {
        size_t length = token_length(p + i, n - i);
        t->token[t->n++] = (cm_str){p + i, length};
        i += length;
    }
}

/* Values that a cell may have. */
static const char *const scalars[] = {"0",
                                      "-0",
                                      "7",
                                      "1005",
                                      "12345678",
                                      "123456789012345678901234567890",
                                      "1.0",
                                      "1005.000",
                                      "-7.00",
                                      "1.50",
                                      "-0.0",
                                      "1e3",
                                      "2E-07",
                                      "1.0e0",
                                      "null",
                                      "true",
                                      "false",
                                      "\"\"",
                                      "\"a\"",
                                      "\"1234567\"",
                                      "\"12345678\"",
                                      "\"123456789012345678\"",
                                      "\"2014-10-21 00:00:00\"",
                                      "\"\xc3\xa9\"",
                                      "\"[\"",
                                      "\",\"",
                                      "\"}\"",
                                      "\" \"",
                                      "\"\x7f\"",
                                      "\"a/b\""};

static cm_str any_scalar(cm_rng *rng)
{
    return cm_str_of(scalars[below(rng, sizeof scalars / sizeof *scalars)]);
}

static const char *const words[] = {"0",
                                    "-0",
                                    "-",
                                    "01",
                                    "1.",
                                    ".5",
                                    "1.0",
                                    "1005.000",
                                    "-7.00",
                                    "1.50",
                                    "1e3",
                                    "1E+3",
                                    "1e",
                                    "2E-07",
                                    "1.0e0",
                                    "123456789012345678901234567890",
                                    "12345678",
                                    "00000000",
                                    "null",
                                    "true",
                                    "false",
                                    "nul",
                                    "NaN",
                                    "True",
                                    "\"\"",
                                    "\"a\"",
                                    "\"12345678\"",
                                    "\"123456789012345678\"",
                                    "\"a\\u0041\\n\"",
                                    "\"\\ud83d\\ude00\"",
                                    "\"\\ud800\"",
                                    "\"\\u0000\"",
                                    "\"\\x\"",
                                    "\"\\u12\"",
                                    "\"\xc3\xa9\"",
                                    "\"\xc3\"",
                                    "\"\xed\xa0\x80\"",
                                    "\"\x7f\"",
                                    "\"a\x01\"",
                                    "\"\t\"",
                                    "\"hour\"",
                                    "\"id\"",
                                    "\"C1\"",
                                    "\"device_ip\"",
                                    "\"site_id\"",
                                    "\"click\"",
                                    "\"data\"",
                                    "\"features\"",
                                    "\"d\\u0061ta\"",
                                    "{",
                                    "}",
                                    "[",
                                    "]",
                                    ",",
                                    ":",
                                    " ",
                                    "\n",
                                    "\t",
                                    "\r",
                                    "\v",
                                    "\f",
                                    "\xc2\xa0",
                                    "\xef\xbb\xbf",
                                    "[[",
                                    "]]",
                                    "[]",
                                    "{}",
                                    "[1,2]",
                                    "{\"a\":[{}]}",
                                    "\"data\":",
                                    "\"features\":[],",
                                    "\"x\":{\"y\":[1]},",
                                    "/**/",
                                    "\"",
                                    "'",
                                    "\\",
                                    "[[[[[[[[",
                                    ",,"};

static cm_str any_token(cm_rng *rng)
{
    return cm_str_of(words[below(rng, sizeof words / sizeof *words)]);
}

/* Behind the token that closes what token i opens; i + 1 when it opens none. */
static size_t group_end(const tokens *t, size_t i)
{
    size_t depth = 0;
    do {
        char c = t->token[i].p[0];
        depth += c == '[' || c == '{';
        depth -= (c == ']' || c == '}') && depth > 0;
        i++;
    } while (depth > 0 && i < t->n);
    return i;
}

static void insert(tokens *t, size_t at, cm_str token)
{
    if (t->n < MAX_TOKENS) {
        memmove(t->token + at + 1, t->token + at,
                (t->n - at) * sizeof *t->token);
        t->token[at] = token;
        t->n++;
    }
}

static void erase(tokens *t, size_t at, size_t end)
{
    memmove(t->token + at, t->token + end, (t->n - end) * sizeof *t->token);
    t->n -= end - at;
}

/* A token, or all it opens, a second time somewhere. */
static void repeat(tokens *t, size_t from, size_t to)
{
    cm_str copy[64];
    size_t end = group_end(t, from);
    size_t n = end - from < 64 ? end - from : 64;
    memcpy(copy, t->token + from, n * sizeof *copy);
    for (size_t i = n; i > 0; i--) {
        insert(t, to, copy[i - 1]);
    }
}

/* Most often this makes the body wrong. */
static void damage(tokens *t, size_t a, size_t b, cm_rng *rng)
{
    cm_str kept = t->token[a];
    switch (below(rng, 7)) {
    case 0: /* swapped */
        t->token[a] = t->token[b];
        t->token[b] = kept;
        break;
    case 1:
        erase(t, a, a + 1);
        break;
    case 2:
        erase(t, a, group_end(t, a));
        break;
    case 3:
        repeat(t, a, b);
        break;
    case 4:
        t->n = a;
        break;
    case 5:
        insert(t, a, any_token(rng));
        break;
    default:
        t->token[a] = any_token(rng);
    }
}

/* A row once more behind itself. */
static void repeat_row(tokens *t, size_t a)
{
    size_t end = group_end(t, a);
    if (end - a > 2 && t->token[a].p[0] == '[') {
        repeat(t, a, end);
        insert(t, end, CM_STR(","));
    }
}

static void edit(tokens *t, cm_rng *rng)
{
    size_t a = below(rng, t->n);
    char c = t->token[a].p[0];
    switch (below(rng, 8)) {
    case 0:
        damage(t, a, below(rng, t->n), rng);
        break;
    case 1:
        insert(t, a, cm_str_of(below(rng, 2) == 0 ? " " : "\n\t\r "));
        break;
    case 2:
        repeat_row(t, a);
        break;
    default:
        if (is_plain(c) || (c == '"' && below(rng, 2) == 0)) {
            t->token[a] = any_scalar(rng);
        }
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t max,
                               unsigned seed)
{
    static tokens t;
    static uint8_t out[1 << 16];
    cm_rng rng = cm_rng_stream(seed, n);
    take_tokens(&t, bytes, n);
    for (size_t i = below(&rng, MAX_EDITS); i > 0 && t.n > 0; i--) {
        edit(&t, &rng);
    }
    size_t length = 0;
    for (size_t i = 0; i < t.n; i++) {
        cm_str token = t.token[i];
        if (token.n <= sizeof out - length && token.n <= max - length) {
            memcpy(out + length, token.p, token.n);
            length += token.n;
        }
    }
    memcpy(bytes, out, length);
    return length;
}
