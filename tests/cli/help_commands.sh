# Every command has a help with an example.
for command in generate make-dataset features train evaluate predict \
    "model show" "model convert" "model importance" "model diff" \
    "model rollback" "config show" "config doc" "metrics doc" version help; do
    "$CLICKMILL" $command --help >help.txt || exit
    "$CLICKMILL" help $command | cmp - help.txt || exit
    grep -q "^Usage: clickmill $command" help.txt || exit
    sed -n '/^Example/,$p' help.txt
done
