# Errors as JSON; the time is left out.
"$CLICKMILL" train --log-format json --deth 6 2>&1 | sed 's/"time":"[^"]*"//'
