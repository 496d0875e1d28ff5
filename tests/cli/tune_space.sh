printf 'depth: [4, 20]\n' >space.yaml
"$CLICKMILL" tune --input log.csv --space space.yaml
