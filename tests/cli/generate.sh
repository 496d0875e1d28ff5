# The same log for the same seed, whatever the threads and the way out.
"$CLICKMILL" generate --rows 300 --seed 3 --output a.csv --quiet || exit
"$CLICKMILL" generate --rows 300 --seed 3 --threads 1 --quiet |
    cmp - a.csv || exit
"$CLICKMILL" generate --rows 300 --seed 4 | cmp -s - a.csv && exit 1
wc -l <a.csv
head -n 1 a.csv
"$CLICKMILL" generate --rows 300 --output b.csv --json | grep rows
