"$CLICKMILL" generate --rows 500 --output log.csv --quiet || exit
"$CLICKMILL" train --input log.csv --iterations 2 --quiet >out.txt || exit
sed '1s/site_domain/domain/' log.csv >other.csv
"$CLICKMILL" predict --input other.csv --output p.csv --quiet
code=$?
ls | grep p.csv
exit $code
