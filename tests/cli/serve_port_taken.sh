# A port that another server has: the message says what to do.
"$CLICKMILL" serve --port 0 --drain-delay 0 2>log &
first=$!
until grep -q listening log; do
    sleep .05
done
port=$(sed -n 's/.*127.0.0.1://p' log)
"$CLICKMILL" serve --port "$port" 2>&1 | sed "s/$port/PORT/"
kill "$first"
wait "$first"
