/* Writes probabilities as answers have them: reads binary records of a double
 * and a precision (int64), writes a line for each. */
#include <stdio.h>

#include "serving/rows_number.h"

typedef struct record {
    double value;
    int64_t precision;
} record;

int main(void)
{
    record r;
    while (fread(&r, sizeof r, 1, stdin) == 1) {
        char text[CM_NUM_TEXT];
        size_t n = rows_format_rounded(text, r.value, (int)r.precision);
        printf("%.*s\n", (int)n, text);
    }
    return 0;
}
