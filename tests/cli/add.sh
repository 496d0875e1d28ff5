# A folder and a file tracked, looked at, lost and checked out again.
export DVC_GLOBAL_CONFIG_DIR=$PWD/global DVC_SYSTEM_CONFIG_DIR=$PWD/system
"$CLICKMILL" init --no-scm >out.txt || exit
mkdir -p data/deep
printf foo >data/foo
printf bar >data/deep/bar
printf text >file
"$CLICKMILL" status || exit
"$CLICKMILL" add data file --quiet || exit
cat data.dvc file.dvc
"$CLICKMILL" status || exit
rm -r data/deep
printf other >file
"$CLICKMILL" status || exit
"$CLICKMILL" status --json || exit
cd data && "$CLICKMILL" status && cd .. || exit
"$CLICKMILL" checkout --quiet data || exit
"$CLICKMILL" checkout --json --force || exit
"$CLICKMILL" checkout || exit
cat file data/deep/bar
