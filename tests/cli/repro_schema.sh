# A key that DVC does not know: where, and what was meant.
export DVC_GLOBAL_CONFIG_DIR=$PWD/g DVC_SYSTEM_CONFIG_DIR=$PWD/s
"$CLICKMILL" init --no-scm --quiet >/dev/null || exit
printf 'stages:\n  a:\n    cmd: go\n    parms: [lr]\n' >dvc.yaml
"$CLICKMILL" repro
