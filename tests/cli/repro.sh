# What runs, why, and what is left of it.
export SHELL=/bin/sh DVC_GLOBAL_CONFIG_DIR=$PWD/g DVC_SYSTEM_CONFIG_DIR=$PWD/s
"$CLICKMILL" init --no-scm --quiet >/dev/null || exit
echo 'names: [x, y]' >params.yaml
echo one >in
cat >dvc.yaml <<'END'
stages:
  count: {cmd: wc -l < in > n, deps: [in], outs: [n]}
  each:
    foreach: ${names}
    do: {cmd: 'cat n > ${item}', deps: [n], outs: ['${item}']}
END
"$CLICKMILL" repro --dry --quiet || exit
"$CLICKMILL" repro --jobs 1 --quiet || exit
"$CLICKMILL" repro --quiet || exit
echo two >in
rm x
"$CLICKMILL" repro --json --quiet || exit
cat dvc.lock
