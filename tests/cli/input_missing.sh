"$CLICKMILL" train --input nowhere.csv
