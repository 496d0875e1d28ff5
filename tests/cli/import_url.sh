# A file from the disk, its .dvc file, and another content at its source.
export DVC_GLOBAL_CONFIG_DIR=$PWD/global DVC_SYSTEM_CONFIG_DIR=$PWD/system
export CLICKMILL_LOG=/dev/null
mkdir a from && cd a || exit
"$CLICKMILL" init --no-scm >../out.txt || exit
printf 'one\n' >../from/log.csv
"$CLICKMILL" import-url --quiet ../from/log.csv || exit
cat log.csv log.csv.dvc
"$CLICKMILL" import-url --quiet ../from/log.csv 2>&1
"$CLICKMILL" import-url --quiet --no-exec s3://bucket/day later || exit
cat later.dvc
"$CLICKMILL" status 2>&1
printf 'two\n' >../from/log.csv
"$CLICKMILL" update --json --quiet log.csv.dvc || exit
cat log.csv log.csv.dvc
"$CLICKMILL" import-url http://host/x 2>&1
"$CLICKMILL" import-url --no-exec --no-download s3://a/b 2>&1
"$CLICKMILL" import-url s3://bucket later2 2>&1
"$CLICKMILL" update nothing.dvc 2>&1
