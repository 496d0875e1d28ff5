#!/bin/sh
# Proves that train leaves the same bytes for 1, 2 and 4 threads: dataset,
# model, transformers, metrics.
root=${ROOT:-$PWD}
clickmill=${CLICKMILL:-$root/build/clickmill}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$clickmill" generate --rows 60000 --seed 3 --output "$work/log.csv" --quiet ||
    exit 1
for threads in 1 2 4; do
    mkdir "$work/$threads"
    (cd "$work/$threads" && "$clickmill" train --quiet --runs-path "" \
        --config "$root/configs/train_config.yaml" \
        --input-data-path "$work/log.csv" --threads $threads \
        --train-params.bootstrap-type MVS >/dev/null) || exit 1
    (cd "$work/$threads" && find . -type f ! -name bundle.json -exec \
        sha256sum {} + | sort) >"$work/sums.$threads"
done
[ "$(wc -l <"$work/sums.1")" -ge 4 ] || {
    echo "fewer files than expected:"
    cat "$work/sums.1"
    exit 1
}
diff -u "$work/sums.1" "$work/sums.2" && diff -u "$work/sums.1" "$work/sums.4"
