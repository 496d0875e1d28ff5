# Fewer open files than connections: fewer connections, and why.
ulimit -n 600
"$CLICKMILL" serve --port 0 --drain-delay 0 2>log &
server=$!
until grep -q listening log; do
    sleep .05
done
kill "$server"
wait "$server"
grep "open files" log
