cat >c.yaml <<'Y'
input_data_path: log.csv
train_params:
  depth: 5
  learning_rat: 0.1
Y
"$CLICKMILL" train --config c.yaml
