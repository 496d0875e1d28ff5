#!/bin/bash
# healthcheck.sh [PORT [PATH]]: exit 0 when the server on this machine answers
# PATH (/livez) with 200.  bash has sockets, so that no HTTP client needs to be
# installed beside the server.
exec 3<>"/dev/tcp/127.0.0.1/${1:-8000}" || exit 1
printf 'GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n' "${2:-/livez}" >&3
read -r -t 2 _ status _ <&3 && [ "$status" = 200 ]
