# A registry in a folder: push, list, alias, pull, predict, the cache.
export XDG_CACHE_HOME=$PWD/cache
"$CLICKMILL" generate --rows 1000 --output log.csv --quiet || exit
"$CLICKMILL" train --input log.csv --iterations 2 --quiet >out.txt || exit
first=$(basename "$(readlink models/current)")
"$CLICKMILL" train --input log.csv --iterations 3 --quiet >out.txt || exit
second=$(basename "$(readlink models/current)")
# Versions differ between processors, times and sizes in their last digits.
plain() {
    sed -e "s/$first/FIRST/g; s/$second/SECOND/g; s|$PWD|CWD|g" \
        -e 's/[0-9]*-[0-9]*-[0-9]*T[0-9:]*Z/TIME/g; s/0\.[0-9]\{6\}/NUMBER/g' \
        -e 's/[0-9.]* MB/SIZE/; s/[0-9a-f]\{32\}/MD5/g'
}
"$CLICKMILL" model push "$first" --to reg --alias champion --quiet | plain
"$CLICKMILL" model push --to reg --quiet | plain
"$CLICKMILL" model push --to reg --quiet | plain
"$CLICKMILL" model list reg | plain | sort
"$CLICKMILL" model alias reg champion "$second" | plain
"$CLICKMILL" model alias reg champion latest | plain
"$CLICKMILL" model alias reg previous "${first%????}" | plain
"$CLICKMILL" model alias --remove reg previous | plain
"$CLICKMILL" model list reg --json | sed -n '/aliases/,$p' | plain
"$CLICKMILL" model pull reg@champion --quiet | plain
"$CLICKMILL" model pull "reg@$first" --json --quiet | sed '/md5/d' | plain
"$CLICKMILL" predict --input log.csv --model reg@latest --quiet --output a || exit
"$CLICKMILL" predict --input log.csv --quiet --output b || exit
cmp a b || exit
"$CLICKMILL" model cache | wc -l
"$CLICKMILL" model cache --keep 1 | plain
"$CLICKMILL" model cache --json | grep -c '"md5"'
ls cache/clickmill/tmp
