# A repository without git, and what is in it; a second one is refused.
export DVC_GLOBAL_CONFIG_DIR=$PWD/global DVC_SYSTEM_CONFIG_DIR=$PWD/system
"$CLICKMILL" init --no-scm || exit
cat .dvc/config .dvcignore
mkdir sub && cd sub || exit
"$CLICKMILL" init --no-scm >out.txt || exit
rm -r .dvc
"$CLICKMILL" remote list || exit
cd .. && "$CLICKMILL" init --no-scm 2>err.txt
echo "$?"
sed "s,$PWD,PWD," err.txt
