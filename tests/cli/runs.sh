# Runs of a store, as tables and as JSON.
# make_run ID EXPERIMENT STATUS START LOG_LOSS DEPTH
make_run() {
    mkdir -p "runs/$1"
    cat >"runs/$1/run.json" <<END
{"run_version": 1, "id": "$1", "experiment": "$2", "name": "run-$6",
 "status": "$3", "start": $4, "end": $(($4 + 1500)),
 "params": {"train_params.depth": "$6", "schema": "avazu"},
 "tags": {"mlflow.user": "me"},
 "datasets": [{"name": "log.csv", "digest": "d0ea7257", "context": "train",
   "source_type": "local", "source": "{}"}]}
END
    printf 'log_loss\t%s\t0\t%s\ntrain_log_loss\t0.5\t1\t%s\n' "$5" "$4" "$4" \
        >"runs/$1/metrics.tsv"
    printf 'train_log_loss\t0.4\t2\t%s\ntorn\t0.' "$4" >>"runs/$1/metrics.tsv"
}
make_run aaaa0000000000000000000000000001 one FINISHED 1795645373126 0.42 5
make_run bbbb0000000000000000000000000002 one FINISHED 1795645383126 0.41 6
make_run cccc0000000000000000000000000003 two FAILED 1795645393126 nan 7
make_run dddd0000000000000000000000000004 two RUNNING 1795645403126 0.40 8
mkdir runs/eeee0000000000000000000000000005 runs/other
echo '{' >runs/eeee0000000000000000000000000005/run.json
mkdir -p runs/bbbb0000000000000000000000000002/artifacts/figures
echo png >runs/bbbb0000000000000000000000000002/artifacts/figures/roc.png

"$CLICKMILL" runs list 2>&1 || exit
echo
"$CLICKMILL" runs list --experiment one --sort log_loss --quiet || exit
echo
"$CLICKMILL" runs show bbbb || exit
echo
"$CLICKMILL" runs show bbbb --json || exit
echo
"$CLICKMILL" runs compare aaaa bbbb || exit
echo
"$CLICKMILL" runs compare aaaa cccc --all --json || exit
echo
"$CLICKMILL" runs best --quiet --json 2>/dev/null | sed -n '/"id"/p' || exit
"$CLICKMILL" runs best --metric log_loss --better higher --quiet --json \
    2>/dev/null | sed -n '/"id"/p' || exit
"$CLICKMILL" runs list --runs-path nowhere --json
"$CLICKMILL" runs list --runs-path nowhere 2>&1
