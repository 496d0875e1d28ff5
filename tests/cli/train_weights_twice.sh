"$CLICKMILL" train --input log.csv --class-weights 1,2 --scale-pos-weight 3
