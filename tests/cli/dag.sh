# Who needs whom: plain, for Graphviz, for Mermaid, of a target.
export DVC_GLOBAL_CONFIG_DIR=$PWD/global DVC_SYSTEM_CONFIG_DIR=$PWD/system
"$CLICKMILL" dag 2>said
echo "no repository: $?"
sed "s,$PWD,HERE," said
"$CLICKMILL" init --no-scm --quiet >/dev/null || exit
"$CLICKMILL" dag || exit
cat >dvc.yaml <<'END'
stages:
  prepare: {cmd: cp in a, deps: [in], outs: [a]}
  train: {cmd: cp a b, deps: [a], outs: [b]}
  look: {cmd: cat a b, deps: [a, b]}
END
"$CLICKMILL" dag || exit
"$CLICKMILL" dag train --dot || exit
"$CLICKMILL" dag train --full --md || exit
"$CLICKMILL" dag a --mermaid || exit
"$CLICKMILL" dag trian 2>&1
echo "no such stage: $?"
