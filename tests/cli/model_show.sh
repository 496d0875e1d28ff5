# A bundle, a model, a transformers file; numbers left out.
"$CLICKMILL" generate --rows 1000 --output log.csv --quiet || exit
"$CLICKMILL" train --input log.csv --iterations 2 --depth 3 --quiet \
    --ctr-features C1,hour_of_day,device_ip_count >out.txt || exit
"$CLICKMILL" model show models >out.txt || exit
sed 's/[0-9a-f]\{8\}\(-[0-9a-f]\{8\}\)\{3\}/GUID/; s/[0-9a-f]\{16\}/V/
    s/ *[0-9.]*$//; s/ *[0-9][0-9]* borders/ N borders/; s/ *[0-9]*$//' out.txt
"$CLICKMILL" model show models/transformer.cmt --json |
    sed 's/,"n".*//' || exit
"$CLICKMILL" model show models/catclf.json --json | head -n 4 |
    sed '2s/: .*//'
