# What one repository pushed another pulls; nothing to do is said; JSON.
export DVC_GLOBAL_CONFIG_DIR=$PWD/global DVC_SYSTEM_CONFIG_DIR=$PWD/system
export CLICKMILL_LOG=/dev/null
mkdir a a/data b || exit
cd a || exit
"$CLICKMILL" init --no-scm >../out.txt || exit
printf 'one\n' >data/1
printf 'two\n' >data/2
: >data/empty
"$CLICKMILL" add data 2>../err.txt || exit
"$CLICKMILL" push --quiet 2>&1
echo "no remote: $?"
"$CLICKMILL" remote add --default store ../store || exit
"$CLICKMILL" push --quiet || exit
"$CLICKMILL" push || exit
(cd ../store && find . -type f | sort)
cp -r .dvc/config data.dvc .dvcignore ../b && cd ../b && mkdir .dvc || exit
mv config .dvc || exit
"$CLICKMILL" fetch --quiet --json || exit
"$CLICKMILL" pull --quiet || exit
"$CLICKMILL" pull || exit
cat data/*
