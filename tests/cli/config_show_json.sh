"$CLICKMILL" config show --depth 7 --json | sed -n '/max\|depth/,/}/p'
