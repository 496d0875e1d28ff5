"$CLICKMILL" predict --input log.csv --on-bad-row quarantine
