# What cannot be fitted is said, with the file and the row.
try() {
    "$CLICKMILL" fit --model m.cbm "$@" --quiet 2>&1
    echo "exit $?"
}
printf 'a,b\n1,2\n3,x\n' >text.csv
printf '1,2\n3,4\n5,6\n' >X.csv
printf '0\n1\n' >short.csv
printf '0\n1\n1\n' >y.csv
printf '0\n1\n2\n' >three.csv
printf '0\n0\n0\n' >zero.csv
printf '1\n-1\n1\n' >w.csv
printf '1\n2\n3\n' >one.csv
printf '7,7\n7,7\n7,7\n' >constant.csv
: >empty.csv
try text.csv y.csv
try X.csv short.csv
try X.csv three.csv
try X.csv zero.csv
try X.csv y.csv --weights w.csv
try X.csv y.csv --eval one.csv y.csv
try X.csv y.csv --eval X.csv
try constant.csv y.csv
try empty.csv y.csv
try absent.csv y.csv
try X.csv
try X.csv y.csv --model m.pickle
try X.csv y.csv --border-count 0
ls
