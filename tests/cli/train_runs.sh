# Every training leaves a run in the store, unless told otherwise; a store that
# cannot be written is one warning.
"$CLICKMILL" generate --rows 2000 --output log.csv --quiet || exit
train() {
    "$CLICKMILL" train --input log.csv --iterations 5 --quiet "$@" 2>&1 \
        >out.txt
}
train --run-name first --mlflow-experiment demo --use-best-model false || exit
cd runs/[0-9a-f]* || exit
find . -type f | LC_ALL=C sort
cut -f 1,3 metrics.tsv | sed -n '1,5p;$p'
sed -n '/"experiment"/p; /"name": "first"/p; /"status"/p' run.json
cd ../..
git init -q . && git status --porcelain runs

echo "none kept:"
train --runs-path "" || exit
ls runs | wc -l
echo "a training that fails:"
"$CLICKMILL" train --input missing.csv --quiet 2>&1
"$CLICKMILL" runs list --json | sed -n 's/ *"status"/status/p'
"$CLICKMILL" runs list --json | sed -n 's/ *"clickmill.error"/error/p'
echo "a store that is a file:"
train --runs-path log.csv
echo "exit $?"
