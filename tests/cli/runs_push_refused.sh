# Servers that are none, and what is said of them; never a secret.
"$CLICKMILL" generate --rows 1000 --output log.csv --quiet || exit
train() {
    "$CLICKMILL" train --input log.csv --n-estimators 2 --quiet "$@" 2>&1 \
        >out.txt | sed -E 's/[0-9a-f]{32}/ID/g; s/push [0-9a-f]{8}/push ID/
            s/ after [0-9]+ ms//'
}
try() {
    "$CLICKMILL" runs push "$@" 2>&1 | sed -E 's/^[0-9a-f]{8}: /ID: /
        s/: [0-9a-f]{8}: /: ID: /; s/[0-9a-f]{32}/ID/; s/ after [0-9]+ ms//'
}
train --use-mlflow true
train --mlflow-tracking-uri http://127.0.0.1:9
train --mlflow-tracking-uri http://me:secret@127.0.0.1:9
train --mlflow-tracking-uri http://127.0.0.1:9 --use-mlflow false
train --register a/b
train --register click --alias Latest
train --register click --alias v3
try
try --all some
try --all
try --all --uri sqlite:///mlflow.db
MLFLOW_TRACKING_URI=http://me:secret@127.0.0.1:9 try --all
MLFLOW_TRACKING_URI=http://127.0.0.1:9 MLFLOW_TRACKING_TOKEN='a
b' try --all --json
try nosuch --uri http://127.0.0.1:9
"$CLICKMILL" predict --model models:/click --input log.csv
"$CLICKMILL" predict --model models:/click@champion --input log.csv --output p
