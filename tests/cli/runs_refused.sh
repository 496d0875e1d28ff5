# What `runs` refuses, and with which exit code.
mkdir -p runs/aaaa0000000000000000000000000001 \
    runs/aaaa0000000000000000000000000002
for id in 1 2; do
    cat >runs/aaaa000000000000000000000000000$id/run.json <<END
{"run_version": 1, "id": "aaaa000000000000000000000000000$id",
 "experiment": "one", "name": "run", "status": "FINISHED", "start": 0,
 "end": 1, "params": {}, "tags": {}, "datasets": []}
END
done
refused() {
    "$CLICKMILL" runs "$@" 2>&1
    echo "exit $?"
}
refused show bbbb
refused show aaa
refused show ../aaaa
refused show aaaa
refused compare aaaa0000000000000000000000000001
refused best
refused best --metric unheard_of
refused list --sort log_loss --better sideways
echo 'key value' >runs/aaaa0000000000000000000000000001/metrics.tsv
refused show aaaa0000000000000000000000000001
mv runs/aaaa0000000000000000000000000001 runs/cccc0000000000000000000000000001
refused show cccc
