#!/bin/bash
# Runs the shell blocks of documents that are marked <!-- run --> on the line
# before them: all those of one document, in order, in an empty folder that has
# build/clickmill, configs and dvc.yaml.
set -u
ROOT=$(realpath "$(dirname "$0")/..")
. "$ROOT/tools/report.sh"

blocks_of() {
    awk '/^<!-- run -->$/ { marked = 1; next }
        /^```/ { if (inside) { inside = 0; print "" }
                 else if (marked) { inside = 1 }
                 marked = 0; next }
        inside { print }' "$1"
}

run_blocks() {
    local folder status
    folder=$(mktemp -d)
    mkdir -p "$folder/build" "$folder/data/raw" "$folder/models" \
        "$folder/reports"
    ln -s "${CLICKMILL:-$ROOT/build/clickmill}" "$folder/build/clickmill"
    ln -s "$ROOT/configs" "$folder/configs"
    cp "$ROOT/dvc.yaml" "$folder"
    (cd "$folder" && printf '%s\n' "$1" | bash -eux)
    status=$?
    rm -rf "$folder"
    return $status
}

status=0
for document in "$@"; do
    blocks=$(blocks_of "$document")
    [ -z "$blocks" ] || run_case "commands of $document" run_blocks "$blocks" ||
        status=1
done
exit $status
