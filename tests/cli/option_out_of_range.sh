"$CLICKMILL" train --depth=17
