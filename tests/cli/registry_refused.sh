# What a registry and --rev refuse, and what they say to do.
export XDG_CACHE_HOME=$PWD/cache AWS_SHARED_CREDENTIALS_FILE=none HOME=$PWD
export AWS_CONFIG_FILE=none
unset AWS_PROFILE AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
refused() {
    "$CLICKMILL" "$@" --quiet 2>&1 | sed "s|$PWD|CWD|g"
}
"$CLICKMILL" generate --rows 1000 --output log.csv --quiet || exit
"$CLICKMILL" train --input log.csv --iterations 2 --quiet >out.txt || exit
version=$(basename "$(readlink models/current)")
plain() {
    sed "s/$version/VERSION/g"
}
refused model push
refused model push deadbeef --to reg
refused model push --to reg --alias deadbeef
refused model push --to reg --alias a/b
refused model pull reg
refused model pull reg@a/b
refused model pull reg@
"$CLICKMILL" model push --to reg --quiet >out.txt || exit
refused model pull reg@lates | plain
refused model pull reg@00000000 | plain
refused model alias reg champion nothing | plain
refused model alias reg champion
refused model alias reg champion "$version" --remove
refused model alias reg latest --remove | plain
refused model alias reg latest --remove
refused model list s3://bucket/models
refused model list gs://bucket/models
refused model list remote://team
refused predict --input log.csv --model "reg@v1" | plain
refused predict --input log.csv --rev v1
refused model pull reg@v1 --rev v1
git init -q . && "$CLICKMILL" init --quiet >out.txt || exit
refused model pull --rev v1
refused model list remote://team
git -c user.name=t -c user.email=t@t commit -q -m one || exit
refused model pull --rev HEAD
printf '{' >reg/models/versions/broken.json
refused model pull reg@broken
