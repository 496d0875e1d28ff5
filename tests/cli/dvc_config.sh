# Options of DVC's configuration: set, read, listed without secrets.
export DVC_GLOBAL_CONFIG_DIR=$PWD/global DVC_SYSTEM_CONFIG_DIR=$PWD/system
"$CLICKMILL" init --no-scm --quiet >/dev/null || exit
"$CLICKMILL" dvc config cache.type reflink,copy || exit
"$CLICKMILL" remote add vk s3://user:word@bucket/x || exit
"$CLICKMILL" dvc config --local remote.vk.secret_access_key hush || exit
"$CLICKMILL" dvc config remote.vk.session_token hush 2>&1 || exit
"$CLICKMILL" dvc config cache.type || exit
"$CLICKMILL" dvc config core.autostage || exit
"$CLICKMILL" dvc config --list || exit
"$CLICKMILL" dvc config --unset remote.vk.session_token || exit
for words in core.autostagee\ 1 core.autostage\ maybe caches.dir\ x cache \
    --list\ core.remote --local\ --project\ core.remote; do
    # shellcheck disable=SC2086
    "$CLICKMILL" dvc config $words 2>&1
    echo "$words: $?"
done
cat .dvc/config .dvc/config.local
