# Addresses to listen on that there are not.
"$CLICKMILL" serve --host 192.0.2.1 --port 0 2>&1
"$CLICKMILL" serve --host nowhere.invalid --port 0 2>&1 | sed 's/(.*)/(WHY)/'
