# What nothing names goes, from the cache and from the remote, when asked to.
export DVC_GLOBAL_CONFIG_DIR=$PWD/global DVC_SYSTEM_CONFIG_DIR=$PWD/system
export CLICKMILL_LOG=/dev/null
try() {
    "$CLICKMILL" "$@" </dev/null >../try.txt 2>&1
    code=$?
    sed "s,$top,TOP,g" ../try.txt
    [ $code -eq 0 ] || echo "exit $code"
}
top=$PWD
mkdir -p a/data && cd a || exit
"$CLICKMILL" init --no-scm >../out.txt || exit
"$CLICKMILL" remote add --default store ../store || exit
printf 'one\n' >data/1
printf 'two\n' >data/2
"$CLICKMILL" add data --quiet || exit
"$CLICKMILL" push --quiet >../out.txt || exit
printf 'changed\n' >data/2
"$CLICKMILL" add data --quiet || exit
try gc
try gc -w
try gc -wx
try gc -w --num 2
try gc -n2x -w
try gc -wa -f
try gc -w somewhere
try gc -w --dry -c
try gc -wfc
try gc -wfc --json
find .dvc/cache/files ../store -type f | sort
