# What could not be printed is a failure.
"$CLICKMILL" config doc >/dev/full
