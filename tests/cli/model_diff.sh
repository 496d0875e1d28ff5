# Equal models, another leaf, another border; exit codes 0 and 1.
cp "$ROOT/tests/cli/models/pencil.json" a.json
sed 's/0\.3,0\.4/0.3,0.5/' a.json >leaf.json
sed 's/"borders":\[5\]/"borders":[6]/; s/"params":{}/"params":{"border":0.5}/' \
    a.json >border.json
printf 'site,app\n.5,6\n.3,6\n.5,5.5\n.3,1\n' >rows.csv
for other in a leaf border; do
    "$CLICKMILL" model diff a.json $other.json --input rows.csv
    echo "exit code $?"
done
"$CLICKMILL" model diff a.json border.json --json --input rows.csv
echo "exit code $?"
