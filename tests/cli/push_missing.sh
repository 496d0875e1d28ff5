# An object that is nowhere: the file is named, the listing stays here.
export DVC_GLOBAL_CONFIG_DIR=$PWD/global DVC_SYSTEM_CONFIG_DIR=$PWD/system
"$CLICKMILL" init --no-scm >out.txt || exit
mkdir data || exit
printf 'one\n' >data/1
printf 'two\n' >data/2
"$CLICKMILL" add data 2>err.txt || exit
"$CLICKMILL" remote add --default store store || exit
rm -f .dvc/cache/files/md5/5b/bf5a52328e7439ae6e719dfe712200
"$CLICKMILL" push --quiet 2>&1 | sed "s,$PWD,HERE,g"
find store -type f
"$CLICKMILL" push --quiet --json 2>err.txt | sed "s,$PWD,HERE,g"
rm -rf .dvc/cache data
"$CLICKMILL" pull --quiet 2>&1 | sed "s,$PWD,HERE,g"
[ ! -e data ]
