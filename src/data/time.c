/* Times of a click log: their text, and the hour and day they fall in. */
#include "data/schema.h"

#include <string.h>

enum { HOUR_SECONDS = 3600, DAY_SECONDS = 24 * HOUR_SECONDS };

/* n decimal digits at p; false when there is anything else. */
static bool digits(const char *p, size_t n, unsigned *value)
{
    unsigned x = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned digit = (unsigned)(unsigned char)p[i] - '0';
        if (digit > 9) {
            return false;
        }
        x = x * 10 + digit;
    }
    *value = x;
    return true;
}

typedef struct date {
    unsigned year, month, day;
} date;

static bool valid_date(date d)
{
    static const unsigned char DAYS[] = {31, 28, 31, 30, 31, 30,
                                         31, 31, 30, 31, 30, 31};
    if (d.year < 1 || d.month < 1 || d.month > 12 || d.day < 1) {
        return false;
    }
    bool leap = d.year % 4 == 0 && (d.year % 100 != 0 || d.year % 400 == 0);
    return d.day <= DAYS[d.month - 1] + (unsigned)(leap && d.month == 2);
}

/* Days since 1970-01-01 in the Gregorian calendar, by eras of 400 years that
 * start in March (Howard Hinnant, "chrono-Compatible Low-Level Date
 * Algorithms", days_from_civil). */
static int64_t days_from_date(date d)
{
    int64_t year = (int64_t)d.year - (d.month <= 2);
    int64_t era = year / 400;
    int64_t year_of_era = year - era * 400;
    int64_t march_month = (d.month + 9) % 12;
    int64_t day_of_year = (153 * march_month + 2) / 5 + d.day - 1;
    int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

/* YYMMDDHH; years of this century, as strptime's %y has up to 68. */
static bool parse_hour(const char *p, int64_t *seconds)
{
    unsigned year = 0;
    unsigned hour = 0;
    date d = {0};
    if (!digits(p, 2, &year) || !digits(p + 2, 2, &d.month) ||
        !digits(p + 4, 2, &d.day) || !digits(p + 6, 2, &hour)) {
        return false;
    }
    d.year = year + (year <= 68 ? 2000 : 1900);
    if (!valid_date(d) || hour > 23) {
        return false;
    }
    *seconds = days_from_date(d) * DAY_SECONDS + (int64_t)hour * HOUR_SECONDS;
    return true;
}

/* YYYY-MM-DD */
static bool parse_date(const char *p, int64_t *seconds)
{
    date d = {0};
    if (!digits(p, 4, &d.year) || p[4] != '-' || !digits(p + 5, 2, &d.month) ||
        p[7] != '-' || !digits(p + 8, 2, &d.day) || !valid_date(d)) {
        return false;
    }
    *seconds = days_from_date(d) * DAY_SECONDS;
    return true;
}

/* HH:MM:SS */
static bool parse_clock(const char *p, int64_t *seconds)
{
    unsigned hour = 0;
    unsigned minute = 0;
    unsigned second = 0;
    if (!digits(p, 2, &hour) || p[2] != ':' || !digits(p + 3, 2, &minute) ||
        p[5] != ':' || !digits(p + 6, 2, &second) || hour > 23 || minute > 59 ||
        second > 59) {
        return false;
    }
    *seconds = (int64_t)hour * HOUR_SECONDS + minute * 60 + second;
    return true;
}

bool cm_parse_time(cm_str text, int64_t *seconds)
{
    enum { HOUR = 8, DATE = 10, TIMESTAMP = 19 };
    int64_t day = 0;
    int64_t clock = 0;
    if (text.n == HOUR) {
        return parse_hour(text.p, seconds);
    }
    if ((text.n != DATE && text.n != TIMESTAMP) || !parse_date(text.p, &day)) {
        return false;
    }
    if (text.n == TIMESTAMP) {
        char separator = text.p[DATE];
        if ((separator != ' ' && separator != 'T') ||
            !parse_clock(text.p + DATE + 1, &clock)) {
            return false;
        }
    }
    *seconds = day + clock;
    return true;
}

/* The day a moment falls in, rounding down before 1970 too. */
static int64_t day_of(int64_t seconds)
{
    return seconds / DAY_SECONDS - (seconds % DAY_SECONDS < 0);
}

unsigned cm_hour_of_day(int64_t seconds)
{
    int64_t second_of_day = seconds % DAY_SECONDS;
    if (second_of_day < 0) {
        second_of_day += DAY_SECONDS;
    }
    return (unsigned)(second_of_day / HOUR_SECONDS);
}

unsigned cm_day_of_week(int64_t seconds)
{
    enum { EPOCH_WEEKDAY = 3 }; /* 1970-01-01 was a Thursday */
    int64_t day = (day_of(seconds) % 7 + 7 + EPOCH_WEEKDAY) % 7;
    return (unsigned)day;
}
