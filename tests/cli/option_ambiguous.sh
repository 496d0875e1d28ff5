"$CLICKMILL" train --random-state 1
