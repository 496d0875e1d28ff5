# The cache against the remote: words, JSON, and the exit code alone.
export DVC_GLOBAL_CONFIG_DIR=$PWD/global DVC_SYSTEM_CONFIG_DIR=$PWD/system
export CLICKMILL_LOG=/dev/null
mkdir -p a/data && cd a || exit
"$CLICKMILL" init --no-scm >../out.txt || exit
"$CLICKMILL" status --cloud 2>&1
"$CLICKMILL" remote add --default store ../store || exit
"$CLICKMILL" status --cloud || exit
printf 'one\n' >data/1
printf 'two\n' >data/2
"$CLICKMILL" add data --quiet || exit
"$CLICKMILL" status -c || exit
"$CLICKMILL" push --quiet >../out.txt || exit
"$CLICKMILL" status -c || exit
"$CLICKMILL" status -cq || exit
rm -r .dvc/cache
"$CLICKMILL" status -c data/1 --json || exit
cd data || exit
"$CLICKMILL" status -rstore || exit
"$CLICKMILL" status -cq
echo "quiet: $?"
