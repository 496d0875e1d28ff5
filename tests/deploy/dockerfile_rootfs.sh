#!/bin/bash
# Executes deploy/Dockerfile without a container engine: every FROM is a bare
# Debian 12 made by debootstrap, RUN lines run in it by chroot (dockerfile.py).
# Then the image's program runs as the image says: its user, its command line,
# a read-only root, /models read-only, a network of its own; its HEALTHCHECK
# must pass and SIGTERM must end it with 0.
#
# Needs root, the network, 1 GB in TMPDIR and some minutes: nightly, not ./test.
# Exit 77 where it cannot run.
set -eu
here=$(realpath "$(dirname "$0")")
ROOT=$(realpath "$here/../..")

cannot() {
    echo "$*"
    exit 77
}

prepare() {
    [ "$(id -u)" -eq 0 ] || cannot "chroot needs root"
    unshare --mount --net true 2>/dev/null || cannot "no namespaces here"
    command -v ip >/dev/null && command -v debootstrap >/dev/null ||
        { apt-get update -qq &&
            DEBIAN_FRONTEND=noninteractive apt-get install -qq -y \
                --no-install-recommends debootstrap iproute2; } >/dev/null ||
        cannot "debootstrap cannot be installed"
    mirror=$(sed -nE 's/^(deb |URIs: )(http[^ ]*debian\/?) *.*/\2/p' \
        /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -n 1)
    mirror=${mirror:-http://deb.debian.org/debian}
}

image() { # image KEY: its words
    python3 -c 'import json, shlex, sys
value = json.load(open(sys.argv[1]))[sys.argv[2]]
print(value if isinstance(value, str) else shlex.join(value))' \
        "$work/image.json" "$1"
}

# As the image's user; the words of the image are words of this shell.
in_image() {
    chroot --userspec="$(image USER)" "$work/root" "$@"
}

# The image's own program makes the model it then serves.
make_model() {
    local made=$work/root/tmp/made
    install -d -m 777 "$made"
    in_image /bin/sh -c "cd /tmp/made &&
        clickmill generate --rows 20000 --output log.csv --quiet &&
        clickmill train --input log.csv --iterations 20 --quiet"
    mv "$made/models"/* "$made/models"/.[!.]* "$work/models"
    rm -rf "$made"
}

mount_image() {
    mount --bind "$work/root" "$work/root"
    mount --bind "$work/models" "$work/root/models"
    mount -o remount,ro,bind "$work/root/models"
    mount -o remount,ro,bind "$work/root"
    mount -t proc proc "$work/root/proc"
    ip link set lo up
}

# healthy DEADLINE COMMAND...: until it succeeds, or SECONDS is DEADLINE.
healthy() {
    local deadline=$1
    shift
    until in_image "$@" 2>/dev/null; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        kill -0 "$server" || return 1
        sleep 0.05
    done
}

serve() {
    local words status=0
    mount_image
    eval "words=($(image ENTRYPOINT) $(image CMD))"
    chroot --userspec="$(image USER)" "$work/root" "${words[@]}" &
    server=$!
    eval "words=($(image HEALTHCHECK))"
    healthy $((SECONDS + 20)) "${words[@]}" || {
        echo "HEALTHCHECK does not pass"
        return 1
    }
    healthy $((SECONDS + 20)) "${words[@]}" 8000 /readyz || {
        echo "/readyz is not 200"
        return 1
    }
    kill -s "$(image STOPSIGNAL | sed s/^SIG//)" "$server"
    wait "$server" || status=$?
    [ $status -eq 0 ] || echo "SIGTERM: exit $status"
    return $status
}

if [ "${1:-}" = --serve ]; then
    work=$2
    serve
    exit
fi
prepare
work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
chmod 755 "$work"
mkdir "$work/models"
debootstrap --variant=minbase bookworm "$work/base" "$mirror" >"$work/log" ||
    { tail "$work/log" && exit 1; }
echo "bare Debian after $SECONDS s"
python3 "$here/dockerfile.py" build "$ROOT/deploy/Dockerfile" "$ROOT" \
    "$work/base" "$work"
echo "image after $SECONDS s"
in_image clickmill version
make_model
unshare --mount --net "$0" --serve "$work"
echo "served after $SECONDS s"
