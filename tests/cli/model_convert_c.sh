# A model as C, compiled and asked; a name that C cannot have.
sed '/"app"/,/borders/s/AsIs/AsTrue/' "$ROOT/tests/cli/models/pencil.json" \
    >model.json
"$CLICKMILL" model convert model.json scorer.c || exit
cat scorer.h scorer.c | sed 's/([0-9a-f-]*)\./(GUID)./'
cat >main.c <<'END'
#include "scorer.h"
#include <math.h>
#include <stdio.h>
int main(void)
{
    float rows[4][2] = {{.3f, 1}, {.5f, 1}, {.3f, 6}, {.5f, NAN}};
    for (int i = 0; i < 4; i++) {
        printf("%.17g %.6f\n", scorer_raw(rows[i]),
               scorer_probability(rows[i]));
    }
    return 0;
}
END
cc -std=c99 -Wall -Wextra -Werror -o main main.c scorer.c -lm && ./main || exit
"$CLICKMILL" model convert model.json 1st.c
