# A command that fails: its exit code, and nothing recorded.
export SHELL=/bin/sh DVC_GLOBAL_CONFIG_DIR=$PWD/g DVC_SYSTEM_CONFIG_DIR=$PWD/s
"$CLICKMILL" init --no-scm --quiet >/dev/null || exit
echo 'stages: {bad: {cmd: echo x > o; exit 7, outs: [o]}}' >dvc.yaml
"$CLICKMILL" repro --quiet
code=$?
ls
exit $code
