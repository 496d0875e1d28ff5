/* Which texts are values of which kind. */
#include "data/value.h"

#include "base/num.h"
#include "codec/csv.h"

bool cm_value_integer(cm_str text, int64_t *value)
{
    if (text.n == 0) {
        *value = CM_MISSING_INTEGER;
        return true;
    }
    int64_t parsed = 0;
    if (!cm_parse_i64(text, &parsed) || parsed == CM_MISSING_INTEGER) {
        return false;
    }
    *value = parsed;
    return true;
}

bool cm_value_id(cm_str text, uint64_t *value)
{
    return (text.n == 1 || (text.n > 1 && text.p[0] != '0')) &&
           cm_parse_u64(text, value);
}

bool cm_value_is(cm_str text, cm_column_kind kind)
{
    int64_t unused = 0;
    switch (kind) {
    case CM_COLUMN_TARGET:
        return text.n == 1 && (text.p[0] == '0' || text.p[0] == '1');
    case CM_COLUMN_TIME:
        return cm_parse_time(text, &unused);
    case CM_COLUMN_INTEGER:
        return cm_value_integer(text, &unused);
    case CM_COLUMN_ID:
    case CM_COLUMN_TEXT:
        break;
    }
    return text.n <= CM_CSV_MAX_FIELD;
}

const char *cm_value_expected(cm_column_kind kind)
{
    switch (kind) {
    case CM_COLUMN_TARGET:
        return "0 or 1";
    case CM_COLUMN_TIME:
        return "a time such as 14102100, 2014-10-21 or 2014-10-21 00:00:00";
    case CM_COLUMN_INTEGER:
        return "a whole number of 64 bits, or nothing";
    case CM_COLUMN_ID:
    case CM_COLUMN_TEXT:
        break;
    }
    return "at most 65536 bytes";
}
