# Remotes: added, changed, listed, renamed, removed; secrets are not shown.
export DVC_GLOBAL_CONFIG_DIR=$PWD/global DVC_SYSTEM_CONFIG_DIR=$PWD/system
"$CLICKMILL" init --no-scm >out.txt || exit
"$CLICKMILL" remote default
echo "$?"
"$CLICKMILL" remote add --default VK s3://bucket/prefix || exit
"$CLICKMILL" remote add store ../store || exit
"$CLICKMILL" remote modify vk endpointurl https://hb.example || exit
"$CLICKMILL" remote modify --local vk secret_access_key hidden || exit
"$CLICKMILL" remote modify vk session_token hidden 2>&1 || exit
"$CLICKMILL" remote modify --unset vk session_token || exit
"$CLICKMILL" remote list | sed "s,$(dirname "$PWD"),UP," || exit
"$CLICKMILL" remote list --json | sed "s,$(dirname "$PWD"),UP," || exit
cat .dvc/config .dvc/config.local
"$CLICKMILL" remote rename vk cloud || exit
"$CLICKMILL" remote default || exit
"$CLICKMILL" remote default store || exit
"$CLICKMILL" remote remove cloud || exit
cat .dvc/config
