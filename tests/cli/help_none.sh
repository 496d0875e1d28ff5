# No command: the list goes to standard error.
"$CLICKMILL"
