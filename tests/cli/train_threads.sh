# Models are the same bytes for any number of threads.
"$CLICKMILL" generate --rows 3000 --output log.csv --quiet || exit
for threads in 1 2 4; do
    "$CLICKMILL" train --input log.csv --iterations 10 --quiet \
        --thread-count $threads --output-model-path m$threads/catclf.json \
        >out.txt || exit
done
for file in catclf.json transformer.cmt ctr_transformer.cmt metrics.json; do
    cmp m1/$file m2/$file && cmp m1/$file m4/$file || exit
done
"$CLICKMILL" train --input log.csv --iterations 10 --quiet --random-seed 5 \
    >out.txt || exit
cmp -s models/catclf.json m1/catclf.json && echo "the seed does nothing"
exit 0
