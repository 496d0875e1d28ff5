# What fit tells machines.
awk 'BEGIN {
    print "a,b" > "X.csv"; print "w" > "w.csv"
    for (i = 0; i < 200; i++) {
        print i % 7 "," i % 11 > "X.csv"
        print (i % 7 + i % 3 > 4) > "y.csv"
        print 1 + i % 2 > "w.csv"
    }
}'
"$CLICKMILL" fit X.csv y.csv --eval X.csv y.csv --weights w.csv --model m.json \
    --iterations 5 --quiet --json | sed 's/: [0-9].*/: N/; s/N$/N,/' | sort -u
grep -o '"feature_id":"[^"]*"' m.json
