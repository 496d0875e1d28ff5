# Grouped options with the values in effect; limits in one place.
"$CLICKMILL" serve --help
