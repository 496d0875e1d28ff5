# Labelled or not, plain or compressed, file or pipe: the same predictions in
# the order of the log.
"$CLICKMILL" generate --rows 2000 --output log.csv --quiet || exit
"$CLICKMILL" train --input log.csv --iterations 3 --quiet >out.txt || exit
"$CLICKMILL" predict --input log.csv --output a.csv --quiet || exit
cut -d, -f1,3- log.csv >unlabelled.csv
"$CLICKMILL" predict --input - --quiet <unlabelled.csv | cmp - a.csv || exit
gzip -c log.csv | "$CLICKMILL" predict --input - --quiet --thread-count 1 |
    cmp - a.csv || exit
head -n 1 a.csv
wc -l <a.csv
cut -d, -f1 log.csv >ids.txt
cut -d, -f1 a.csv | cmp - ids.txt || exit
cut -d, -f2- log.csv | "$CLICKMILL" predict --input - --quiet |
    sed -n '2p;2001p' | cut -d, -f1
"$CLICKMILL" predict --input log.csv --format jsonl --quiet | head -n 1 |
    sed 's/[0-9]\.[0-9e-]*/P/; s/"[0-9]*"/"I"/'
