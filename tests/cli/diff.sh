# What changed between commits and in the workspace, in all forms.
export DVC_GLOBAL_CONFIG_DIR=$PWD/global DVC_SYSTEM_CONFIG_DIR=$PWD/system
export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t@t
export GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t@t CLICKMILL_LOG=/dev/null
git init -q . || exit
"$CLICKMILL" init --quiet >/dev/null || exit
"$CLICKMILL" diff || exit
mkdir data
echo 1 >data/a
echo 2 >data/b
echo 3 >one
"$CLICKMILL" add data one 2>/dev/null || exit
git add -A && git commit -q -m first || exit
"$CLICKMILL" diff --json || exit
mv data/a data/c
echo 4 >data/b
rm one
rm .dvc/cache/files/md5/6d/7fce9fee471194aa8b5b6e47267f03
"$CLICKMILL" diff --show-hash || exit
"$CLICKMILL" diff --targets data/b --json || exit
"$CLICKMILL" add data 2>/dev/null || exit
git commit -q -a -m second || exit
"$CLICKMILL" diff HEAD~1 HEAD || exit
"$CLICKMILL" diff HEAD~1 --md --targets data.dvc one || exit
"$CLICKMILL" diff --targets none 2>&1
echo "no such target: $?"
