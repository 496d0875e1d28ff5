/* predict MODEL < ROWS.csv: the probability of the second class, a line for a
 * line.  A line has the model's numbers, in its order, then its categories; an
 * empty number is a missing one. */
#include <clickmill.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FIELDS = 256, MAX_LINE = 65536 };

/* Cuts the line at its commas; returns how many fields it has. */
static size_t cut(char *line, const char **fields)
{
    size_t n = 1;
    line[strcspn(line, "\r\n")] = '\0';
    fields[0] = line;
    for (char *c = line; n < MAX_FIELDS && (c = strchr(c, ',')) != NULL;) {
        *c++ = '\0';
        fields[n++] = c;
    }
    return n;
}

int main(int argc, char **argv)
{
    static char line[MAX_LINE];
    const char *fields[MAX_FIELDS];
    float numbers[MAX_FIELDS];
    cm_model *model;
    cm_error err;
    double p;
    if (argc != 2 || cm_model_load(&model, argv[1], &err) != CM_OK) {
        fprintf(stderr, "%s\n", argc == 2 ? err.message : "MODEL?");
        return 1;
    }
    size_t n_numbers = cm_model_number_count(model);
    size_t n = n_numbers + cm_model_category_count(model);
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (cut(line, fields) != n) {
            fprintf(stderr, "a line should have %zu fields\n", n);
            return 1;
        }
        for (size_t i = 0; i < n_numbers; i++) {
            numbers[i] = *fields[i] ? strtof(fields[i], NULL) : NAN;
        }
        cm_model_input row = {
            .count = 1, .numbers = numbers, .texts = fields + n_numbers};
        if (cm_model_predict(model, &row, CM_PREDICT_PROBABILITY, &p, &err)) {
            fprintf(stderr, "%s\n", err.message);
            return 1;
        }
        printf("%.6f\n", p);
    }
    cm_model_free(model);
    return 0;
}
