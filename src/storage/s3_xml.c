/* Reading of XML, forgiving as far as S3's servers need it. */
#include "storage/s3_xml.h"

#include <string.h>

void s3_xml_init(s3_xml *xml, cm_str document)
{
    *xml = (s3_xml){.left = document};
}

void s3_xml_release(s3_xml *xml)
{
    cm_buf_release(&xml->decoded);
}

static void skip(s3_xml *xml, size_t n)
{
    xml->left.p += n;
    xml->left.n -= n;
}

static bool starts(cm_str text, const char *with)
{
    size_t n = strlen(with);
    return text.n >= n && memcmp(text.p, with, n) == 0;
}

/* Length up to and with `end`; 0 when it does not come. */
static size_t up_to(cm_str text, const char *end)
{
    if (text.n == 0) {
        return 0;
    }
    const char *at = memmem(text.p, text.n, end, strlen(end));
    return at == NULL ? 0 : (size_t)(at - text.p) + strlen(end);
}

/* ---- text --------------------------------------------------------------- */

static void add_code_point(cm_buf *out, uint32_t c)
{
    if (c < 0x80) {
        cm_buf_addc(out, (char)c);
    } else if (c < 0x800) {
        cm_buf_addc(out, (char)(0xc0 | c >> 6));
        cm_buf_addc(out, (char)(0x80 | (c & 63)));
    } else if (c < 0x10000) {
        cm_buf_addc(out, (char)(0xe0 | c >> 12));
        cm_buf_addc(out, (char)(0x80 | (c >> 6 & 63)));
        cm_buf_addc(out, (char)(0x80 | (c & 63)));
    } else {
        cm_buf_addc(out, (char)(0xf0 | c >> 18));
        cm_buf_addc(out, (char)(0x80 | (c >> 12 & 63)));
        cm_buf_addc(out, (char)(0x80 | (c >> 6 & 63)));
        cm_buf_addc(out, (char)(0x80 | (c & 63)));
    }
}

static int digit_of(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : 16;
}

/* "#1087" or "#x43f". */
static bool add_number(cm_buf *out, cm_str digits)
{
    uint32_t base = 10, c = 0;
    digits.p++;
    digits.n--;
    if (digits.n > 0 && (digits.p[0] == 'x' || digits.p[0] == 'X')) {
        base = 16;
        digits.p++;
        digits.n--;
    }
    if (digits.n == 0 || digits.n > 7) {
        return false;
    }
    for (size_t i = 0; i < digits.n; i++) {
        uint32_t digit = (uint32_t)digit_of(digits.p[i]);
        if (digit >= base) {
            return false;
        }
        c = c * base + digit;
    }
    if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) {
        return false;
    }
    add_code_point(out, c);
    return true;
}

static bool add_entity(cm_buf *out, cm_str name)
{
    static const struct {
        const char *name;
        char c;
    } known[] = {
        {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
    if (name.n > 1 && name.p[0] == '#') {
        return add_number(out, name);
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (cm_str_is(name, known[i].name)) {
            cm_buf_addc(out, known[i].c);
            return true;
        }
    }
    return false;
}

static bool decode(cm_buf *out, cm_str raw)
{
    enum { LONGEST_ENTITY = 10 };
    for (size_t i = 0; i < raw.n;) {
        if (raw.p[i] != '&') {
            cm_buf_addc(out, raw.p[i++]);
            continue;
        }
        size_t most = raw.n - i < LONGEST_ENTITY ? raw.n - i : LONGEST_ENTITY;
        size_t n = up_to((cm_str){raw.p + i, most}, ";");
        if (n < 3 || !add_entity(out, (cm_str){raw.p + i + 1, n - 2})) {
            return false;
        }
        i += n;
    }
    return !out->failed;
}

/* ---- events ------------------------------------------------------------- */

static s3_xml_event bad(s3_xml *xml)
{
    xml->left.n = 0;
    return S3_XML_BAD;
}

static s3_xml_event text_of(s3_xml *xml, size_t n)
{
    cm_buf_clear(&xml->decoded);
    if (!decode(&xml->decoded, (cm_str){xml->left.p, n})) {
        return bad(xml);
    }
    skip(xml, n);
    xml->text = (cm_str){xml->decoded.p, xml->decoded.n};
    return S3_XML_TEXT;
}

static s3_xml_event cdata(s3_xml *xml)
{
    skip(xml, strlen("<![CDATA["));
    size_t n = up_to(xml->left, "]]>");
    if (n == 0) {
        return bad(xml);
    }
    xml->text = (cm_str){xml->left.p, n - 3};
    skip(xml, n);
    return S3_XML_TEXT;
}

/* Length of a tag with its '<' and '>', which may be in an attribute too; 0
 * when it does not end. */
static size_t tag_length(cm_str text)
{
    char quote = '\0';
    for (size_t i = 1; i < text.n; i++) {
        char c = text.p[i];
        if (quote != '\0') {
            quote = c == quote ? '\0' : quote;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '>') {
            return i + 1;
        }
    }
    return 0;
}

/* The name that a tag starts with, without a prefix. */
static cm_str name_in(cm_str tag)
{
    size_t n = 0;
    while (n < tag.n && memchr(" \t\r\n/>", tag.p[n], 6) == NULL) {
        n++;
    }
    const char *colon = n == 0 ? NULL : memchr(tag.p, ':', n);
    size_t from = colon == NULL ? 0 : (size_t)(colon - tag.p) + 1;
    return (cm_str){tag.p + from, n - from};
}

static s3_xml_event tag(s3_xml *xml)
{
    size_t n = tag_length(xml->left);
    if (n == 0) {
        return bad(xml);
    }
    bool closes = xml->left.p[1] == '/';
    size_t from = closes ? 2 : 1;
    xml->name = name_in((cm_str){xml->left.p + from, n - from});
    xml->close_next = !closes && xml->left.p[n - 2] == '/';
    skip(xml, n);
    if (xml->name.n == 0) {
        return bad(xml);
    }
    return closes ? S3_XML_CLOSE : S3_XML_OPEN;
}

/* Comments, processing instructions and the document type. */
static bool skip_other(s3_xml *xml)
{
    size_t n = starts(xml->left, "<!--") ? up_to(xml->left, "-->")
               : starts(xml->left, "<?") ? up_to(xml->left, "?>")
               : starts(xml->left, "<!") ? up_to(xml->left, ">")
                                         : 0;
    skip(xml, n);
    return n > 0;
}

s3_xml_event s3_xml_next(s3_xml *xml)
{
    if (xml->close_next) {
        xml->close_next = false;
        return S3_XML_CLOSE;
    }
    while (xml->left.n > 0 && xml->left.p[0] == '<' &&
           !starts(xml->left, "<![CDATA[") && skip_other(xml)) {
    }
    if (xml->left.n == 0) {
        return S3_XML_END;
    }
    if (xml->left.p[0] != '<') {
        const char *end = memchr(xml->left.p, '<', xml->left.n);
        return text_of(xml,
                       end == NULL ? xml->left.n : (size_t)(end - xml->left.p));
    }
    return starts(xml->left, "<![CDATA[") ? cdata(xml) : tag(xml);
}

/* ---- elements ----------------------------------------------------------- */

static bool is_over(s3_xml_event event)
{
    return event == S3_XML_END || event == S3_XML_BAD;
}

/* Appends the text up to the end of the element just opened, whatever elements
 * are in it. */
static bool take_text(s3_xml *xml, cm_buf *out)
{
    size_t depth = 1;
    while (depth > 0) {
        s3_xml_event event = s3_xml_next(xml);
        if (is_over(event)) {
            return false;
        }
        if (event == S3_XML_TEXT && depth == 1) {
            cm_buf_add(out, xml->text.p, xml->text.n);
        }
        depth += event == S3_XML_OPEN;
        depth -= event == S3_XML_CLOSE;
    }
    return !out->failed;
}

bool s3_xml_find(cm_str document, const char *name, cm_buf *out)
{
    s3_xml xml;
    s3_xml_init(&xml, document);
    bool found = s3_xml_item(&xml, name) && take_text(&xml, out);
    s3_xml_release(&xml);
    return found;
}

bool s3_xml_item(s3_xml *xml, const char *item)
{
    for (;;) {
        s3_xml_event event = s3_xml_next(xml);
        if (is_over(event)) {
            return false;
        }
        if (event == S3_XML_OPEN && cm_str_is(xml->name, item)) {
            return true;
        }
    }
}

bool s3_xml_field(s3_xml *xml, const char *item, cm_str *name, cm_buf *text)
{
    for (;;) {
        s3_xml_event event = s3_xml_next(xml);
        if (is_over(event) ||
            (event == S3_XML_CLOSE && cm_str_is(xml->name, item))) {
            return false;
        }
        if (event == S3_XML_OPEN) {
            *name = xml->name;
            cm_buf_clear(text);
            return take_text(xml, text);
        }
    }
}

void s3_xml_escape(cm_buf *out, cm_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        const char *escaped = c == '&'   ? "&amp;"
                              : c == '<' ? "&lt;"
                              : c == '>' ? "&gt;"
                              : c == '"' ? "&quot;"
                                         : NULL;
        if (escaped != NULL) {
            cm_buf_adds(out, escaped);
        } else {
            cm_buf_addc(out, c);
        }
    }
}
