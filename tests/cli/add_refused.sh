# Every mistake says what is wrong, and nothing is done.
export DVC_GLOBAL_CONFIG_DIR=$PWD/global DVC_SYSTEM_CONFIG_DIR=$PWD/system
try() {
    "$CLICKMILL" "$@" 2>&1 | sed "s,$PWD,PWD,g"
}
mkdir outside
printf x >outside/x
try add outside
"$CLICKMILL" init --no-scm >out.txt || exit
mkdir -p data/deep
printf foo >data/foo
printf bar >data/deep/bar
"$CLICKMILL" add data --quiet || exit
mkdir up
printf y >up/y
"$CLICKMILL" add up/y --quiet || exit
ln -s data link
try add
try add nothing
try add /
try add data.dvc
try add up
try add link/foo
try add data/nothing
try add --glob 'nothing*'
try status dat
printf unsaved >data/foo
try checkout
try checkout nothing
rm -r .dvc/cache data
try checkout
ls
