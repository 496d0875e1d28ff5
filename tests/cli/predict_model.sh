# A model without a bundle: columns by name in any order, or by position.
awk 'BEGIN {
    print "a,b" > "X.csv"
    for (i = 0; i < 300; i++) {
        print i % 13 "," i % 17 > "X.csv"
        print (i % 13 > i % 17) > "y.csv"
    }
}'
"$CLICKMILL" fit X.csv y.csv --model m.cbm --iterations 10 --quiet >out.txt ||
    exit
predict() {
    "$CLICKMILL" predict --model m.cbm --quiet "$@"
}
predict --input X.csv >p.csv || exit
awk -F, '{ print $2 ",text," $1 }' X.csv | sed '1s/text/c/' >turned.csv
predict --input turned.csv | cmp - p.csv || exit
sed 1d X.csv >plain.csv
predict --input plain.csv | cmp - p.csv || exit
predict --input plain.csv --format jsonl | sed -n '2s/\.[0-9]*/.N/p'
cut -d, -f1 X.csv >narrow.csv
predict --input narrow.csv 2>&1
cut -d, -f1 plain.csv >narrow.csv
predict --input narrow.csv 2>&1
sed 's/^3,/x,/' X.csv >text.csv
predict --input text.csv --output out.csv 2>&1
awk '{ print $0 ",1" }' plain.csv >wide.csv
predict --input wide.csv 2>&1 >wide.out
cmp wide.out p.csv
ls out.csv 2>/dev/null || echo no file
