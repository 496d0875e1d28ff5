# The same seed gives the same search; a state file is gone on from, and is
# refused by another search.
"$CLICKMILL" generate --rows 20000 --output log.csv --quiet || exit
cat >space.yaml <<'END'
depth: [3, 4, 5]
learning_rate: {min: 0.05, max: 0.5, log: true}
border_count: {min: 16, max: 64}
END
tune() {
    "$CLICKMILL" tune --input log.csv --space space.yaml --iterations 24 \
        --time-budget 0 --bootstrap-type No --random-strength 0 --quiet \
        "$@"
}
tune --trials 3 --state state.json >some.txt || exit
tune --trials 5 --state state.json >whole.txt || exit
tune --trials 5 >anew.txt && cmp whole.txt anew.txt
sed 's/ 0\.4[0-9]*/ X/; s/ 0\.5[0-9]*  / X  /' whole.txt
tune --trials 5 --state state.json --json |
    sed 's/\("seconds"\|"value"\): .*/\1/' | head -n 18
tune --trials 5 --state state.json --seed 2
