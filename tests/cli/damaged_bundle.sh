# A changed byte is found when the bundle is loaded.
"$CLICKMILL" generate --rows 1000 --output log.csv --quiet || exit
"$CLICKMILL" train --input log.csv --iterations 2 --quiet >out.txt || exit
version=$(readlink models/current)
sed 's/"scale_and_bias":\[1/"scale_and_bias":[2/' \
    "models/$version/catclf.json" >changed.json
cp changed.json "models/$version/catclf.json" || exit
"$CLICKMILL" predict --input log.csv --quiet 2>error.txt
code=$?
grep -c 'catclf.json' error.txt
exit $code
