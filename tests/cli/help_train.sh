# Grouped options with the values in effect.
"$CLICKMILL" train --help
