# JSON to .cbm and back is the same file; both hold the same model.
"$CLICKMILL" generate --rows 1000 --output log.csv --quiet || exit
"$CLICKMILL" train --input log.csv --iterations 3 --depth 3 --quiet \
    --ctr-features C1,hour_of_day,device_ip_count >out.txt || exit
model=models/catclf.json
"$CLICKMILL" model convert "$model" new/folder/model.cbm || exit
head -c 4 new/folder/model.cbm && echo
"$CLICKMILL" model convert new/folder/model.cbm again.json || exit
cmp "$model" again.json
"$CLICKMILL" model convert again.json no_ending --to cbm || exit
cmp new/folder/model.cbm no_ending
"$CLICKMILL" model show "$model" --json >of_json.txt || exit
"$CLICKMILL" model show no_ending --json | cmp - of_json.txt
