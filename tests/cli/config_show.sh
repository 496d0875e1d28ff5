# Values with their origins; what is shown loads again.
cat >c.yaml <<'Y'
input_data_path: log.csv
train_params:
  max_depth: 5
Y
"$CLICKMILL" config show --configs c.yaml --eta=0.1 >shown.yaml || exit
cat shown.yaml
sed 's/ *# .*//' shown.yaml >first.yaml
"$CLICKMILL" config show --config shown.yaml | sed 's/ *# .*//' |
    cmp - first.yaml
