# Every mistake says what was expected.
export DVC_GLOBAL_CONFIG_DIR=$PWD/global DVC_SYSTEM_CONFIG_DIR=$PWD/system
try() {
    "$CLICKMILL" remote "$@" 2>&1 | sed "s,$PWD,PWD,"
}
"$CLICKMILL" init --no-scm >out.txt || exit
"$CLICKMILL" remote add vk s3://bucket || exit
try add vk s3://other
try add 'a"b' s3://other
try add --local --global b s3://other
try modify vk endpoint https://h
try modify vk use_ssl maybe
try modify vk jobs 0
try modify vk region
try modify vk region x --unset
try modify absent region x
try default absent
try remove absent
try rename vk vk
rm -r .dvc
try list
