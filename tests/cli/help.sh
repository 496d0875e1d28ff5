# The list of commands.
"$CLICKMILL" help
