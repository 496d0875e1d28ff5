/* Reading listings of folders.  They may name a million files, so the text is
 * scanned as it stands: a list of flat objects, of which "md5", "relpath" and
 * "size" count. */
#include <string.h>

#include "base/num.h"
#include "dvc/outs.h"
#include "dvc/utf8.h"

typedef struct scanner {
    cm_str text;
    size_t at;
    const char *file;
    cm_buf word; /* the string just read */
    cm_error *err;
} scanner;

static cm_status refuse(const scanner *s, const char *expected)
{
    uint64_t line = 1, column = 1;
    for (size_t i = 0; i < s->at; i++, column++) {
        if (s->text.p[i] == '\n') {
            line++;
            column = 0;
        }
    }
    return cm_fail_at(s->err, CM_ERR_PARSE, (cm_where){s->file, line, column},
                      "not a listing of a folder: expected %s; the object is "
                      "damaged, remove it and fetch it again",
                      expected);
}

/* Past c where it is the next byte. */
static bool take_here(scanner *s, char c)
{
    bool is = s->at < s->text.n && s->text.p[s->at] == c;
    s->at += is;
    return is;
}

/* The same behind blanks. */
static bool take(scanner *s, char c)
{
    while (s->at < s->text.n && s->text.p[s->at] != '\0' &&
           strchr(" \t\r\n", s->text.p[s->at]) != NULL) {
        s->at++;
    }
    return take_here(s, c);
}

/* Four hexadecimal digits at `at`. */
static bool read_unit(const scanner *s, size_t at, uint32_t *out)
{
    uint32_t value = 0;
    for (size_t i = at; i < at + 4; i++) {
        char c = i < s->text.n ? s->text.p[i] : ' ';
        uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                                : 16;
        if (digit == 16) {
            return false;
        }
        value = value << 4 | digit;
    }
    *out = value;
    return true;
}

/* "\uXXXX" behind its 'u': a pair for what is beyond 16 bits, and alone what
 * Python puts for a byte that is no UTF-8. */
static bool read_escape(scanner *s)
{
    uint32_t c = 0, low = 0;
    if (!read_unit(s, s->at, &c) || c == 0) {
        return false;
    }
    s->at += 4;
    if (c >= 0xD800 && c <= 0xDBFF) {
        bool pair = s->at + 2 <= s->text.n && s->text.p[s->at] == '\\' &&
                    s->text.p[s->at + 1] == 'u' &&
                    read_unit(s, s->at + 2, &low) && low >= 0xDC00 &&
                    low <= 0xDFFF;
        if (!pair) {
            return false;
        }
        s->at += 6;
        c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
    }
    bool alone = c >= UTF8_ALONE + 0x80 && c <= UTF8_ALONE + 0xFF;
    if (c >= 0xDC00 && c <= 0xDFFF && !alone) {
        return false;
    }
    utf8_put(&s->word, c);
    return true;
}

static bool read_backslash(scanner *s)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char plain[] = "\"\\/\b\f\n\r\t";
    char c = s->at < s->text.n ? s->text.p[s->at++] : '\0';
    const char *letter = c != '\0' ? strchr(letters, c) : NULL;
    if (letter != NULL) {
        cm_buf_addc(&s->word, plain[letter - letters]);
        return true;
    }
    return c == 'u' && read_escape(s);
}

/* A string into word. */
static cm_status read_string(scanner *s)
{
    cm_buf_clear(&s->word);
    if (!take(s, '"')) {
        return refuse(s, "a text in quotes");
    }
    for (;;) {
        size_t start = s->at;
        while (s->at < s->text.n && s->text.p[s->at] != '"' &&
               s->text.p[s->at] != '\\' &&
               (unsigned char)s->text.p[s->at] >= 0x20) {
            s->at++;
        }
        cm_buf_add(&s->word, s->text.p + start, s->at - start);
        if (take_here(s, '"')) {
            return cm_buf_check(&s->word, s->err);
        }
        if (!take_here(s, '\\') || !read_backslash(s)) {
            return refuse(s, "the end of a text");
        }
    }
}

/* A number, true, false or null as a view. */
static cm_status read_bare(scanner *s, cm_str *out)
{
    (void)take(s, ' ');
    size_t start = s->at;
    while (s->at < s->text.n && s->text.p[s->at] != '\0' &&
           strchr(",}] \t\r\n\"{[:", s->text.p[s->at]) == NULL) {
        s->at++;
    }
    *out = (cm_str){s->text.p + start, s->at - start};
    return out->n > 0 ? CM_OK : refuse(s, "a text, number, true or false");
}

static bool is_md5(cm_str text)
{
    size_t i = 0;
    while (i < text.n && text.p[i] != '\0' &&
           strchr("0123456789abcdef", text.p[i]) != NULL) {
        i++;
    }
    return i == 32 && text.n == 32;
}

typedef enum field { FIELD_MD5, FIELD_RELPATH, FIELD_SIZE, FIELD_OTHER } field;

typedef struct entry {
    char md5[CM_OBJECT_TEXT];
    cm_buf relpath;
    bool has_relpath;
    uint64_t size;
} entry;

static field field_of(const cm_buf *word)
{
    static const char *const names[] = {"md5", "relpath", "size"};
    for (int i = 0; i < FIELD_OTHER; i++) {
        if (cm_str_is((cm_str){word->p, word->n}, names[i])) {
            return (field)i;
        }
    }
    return FIELD_OTHER;
}

static cm_status read_value(scanner *s, field which, entry *e)
{
    cm_str bare = {0};
    (void)take(s, ' ');
    bool quoted = s->at < s->text.n && s->text.p[s->at] == '"';
    cm_status status = quoted ? read_string(s) : read_bare(s, &bare);
    cm_str word = {s->word.p, s->word.n};
    if (status != CM_OK || which == FIELD_OTHER) {
        return status;
    }
    if (which == FIELD_SIZE) {
        (void)(quoted || cm_parse_u64(bare, &e->size));
        return CM_OK;
    }
    if (!quoted) {
        return refuse(s, "a text in quotes");
    }
    if (which == FIELD_MD5) {
        if (!is_md5(word)) {
            return refuse(s, "an MD5 of 32 digits before this place");
        }
        memcpy(e->md5, word.p, word.n);
        e->md5[word.n] = '\0';
        return CM_OK;
    }
    cm_buf_clear(&e->relpath);
    cm_buf_add(&e->relpath, word.p, word.n);
    e->has_relpath = true;
    return cm_buf_check(&e->relpath, s->err);
}

static cm_status read_fields(scanner *s, entry *e)
{
    do {
        cm_status status = read_string(s);
        field which = field_of(&s->word);
        if (status == CM_OK && !take(s, ':')) {
            status = refuse(s, "':'");
        }
        if (status == CM_OK) {
            status = read_value(s, which, e);
        }
        if (status != CM_OK) {
            return status;
        }
    } while (take(s, ','));
    return take(s, '}') ? CM_OK : refuse(s, "',' or '}'");
}

static cm_status read_entry(scanner *s, cm_listing *listing, entry *e)
{
    e->md5[0] = '\0';
    e->has_relpath = false;
    e->size = 0;
    if (!take(s, '{')) {
        return refuse(s, "'{'");
    }
    cm_status status = read_fields(s, e);
    if (status != CM_OK) {
        return status;
    }
    if (e->md5[0] == '\0' || !e->has_relpath) {
        return refuse(s, "\"md5\" and \"relpath\" in the entry that ends here");
    }
    status = cm_listing_add(listing, (cm_str){e->relpath.p, e->relpath.n},
                            e->md5, e->size, s->err);
    if (status != CM_OK) {
        cm_error_prefix(s->err, "%s", s->file);
    }
    return status;
}

static cm_status read_all(scanner *s, cm_listing *listing, entry *e)
{
    if (!take(s, '[')) {
        return refuse(s, "'['");
    }
    if (!take(s, ']')) {
        do {
            cm_status status = read_entry(s, listing, e);
            if (status != CM_OK) {
                return status;
            }
        } while (take(s, ','));
        if (!take(s, ']')) {
            return refuse(s, "',' or ']'");
        }
    }
    (void)take(s, ' ');
    return s->at == s->text.n ? CM_OK : refuse(s, "nothing more");
}

cm_status cm_listing_parse(cm_listing *listing, cm_str text, const char *file,
                           cm_error *err)
{
    scanner s = {.text = text, .file = file, .err = err};
    entry e = {0};
    cm_status status = read_all(&s, listing, &e);
    cm_buf_release(&s.word);
    cm_buf_release(&e.relpath);
    return status;
}
