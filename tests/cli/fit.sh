# A matrix and labels to a model: from CSV and .npy, plain and compressed, and
# on any number of threads, the same file; and predictions of the same rows.
awk 'BEGIN {
    for (i = 0; i < 400; i++) {
        a = i * 37 % 101; b = i * 53 % 89
        printf "%d,%d\n", a, b > "X.csv"
        printf "%d\n", (a * 2 + b + i * 71 % 60 > 170) > "y.csv"
    }
}'

# npy NAME DTYPE SHAPE: bytes of the numbers on standard input.
npy() {
    header="{'descr': '$2', 'fortran_order': False, 'shape': ($3), }"
    {
        printf '\223NUMPY\001\000\166\000%-117s\n' "$header"
        # shellcheck disable=SC2059
        printf "$(tr ',' '\n' | awk '{ printf "\\%03o", $1 }')"
    } >"$1"
}
npy X.npy '|u1' '400, 2' <X.csv
npy y.npy '|b1' '400,' <y.csv

fit="--iterations 20 --depth 3 --learning-rate 0.2 --quiet"
# shellcheck disable=SC2086
{
    "$CLICKMILL" fit X.csv y.csv $fit --model a.cbm --eval X.npy y.npy |
        sed 's/ *[0-9]\.[0-9]*/ N/g' || exit
    "$CLICKMILL" fit X.npy y.npy $fit --model b.cbm --thread-count 1 |
        sed 's/[0-9]\.[0-9]*/N/' || exit
    gzip -k X.csv
    "$CLICKMILL" fit X.csv.gz y.csv $fit --model c.json >out.txt || exit
}
cmp a.cbm b.cbm || exit
"$CLICKMILL" model convert a.cbm c2.json --quiet || exit
cmp c.json c2.json || exit

"$CLICKMILL" predict --model a.cbm --input X.npy --output p.csv --quiet || exit
"$CLICKMILL" predict --model c.json --input - --quiet <X.csv | cmp - p.csv ||
    exit
sed -n '1p;2,3s/\..*/.N/p' p.csv
wc -l <p.csv
