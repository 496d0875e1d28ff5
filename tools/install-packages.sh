#!/bin/sh
# Installs the Debian packages that are missing: `build` (to compile), `test`
# (to compile and test), `bench`.  Says which; quick and silent when none is.
# Debian 12; Ubuntu 24.04 has the same packages and is untested.
build="gcc libc6-dev make pkg-config libjansson-dev libyaml-dev libisal-dev
    libzstd-dev libxxhash-dev libssl-dev zlib1g-dev libmicrohttpd-dev
    libyajl-dev libjs-chart.js curl
    libcurl4-openssl-dev libgit2-dev libpango1.0-dev libcairo2-dev
    libpng-dev fonts-dejavu-core"
test="g++ libcmocka-dev clang python3-venv gzip zstd universal-ctags
    prometheus chromium nginx-light docker-compose python3-yaml openssl strace
    systemd faketime"
case ${1:-build} in
build) wanted=$build ;;
test) wanted="$build $test" ;;
bench) wanted="$build python3-venv nginx-light wrk hey nghttp2-client" ;;
*)
    echo "usage: $0 build|test|bench" >&2
    exit 2
    ;;
esac

if ! command -v dpkg-query >/dev/null; then
    echo "No dpkg here: please see to it that these are installed:" $wanted >&2
    exit 0
fi
missing=
for package in $wanted; do
    case $(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null) in
    ?i*) ;;
    *) missing="$missing $package" ;;
    esac
done
[ -n "$missing" ] || exit 0

# The formatter of exactly this version decides; other systems go without.
if [ "${1:-build}" = test ] && ! command -v clang-format-14 >/dev/null &&
    apt-cache show clang-format-14 >/dev/null 2>&1; then
    missing="$missing clang-format-14"
fi

echo "Installing packages:$missing"
sudo=
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "Neither root nor sudo: please run as root
    apt-get install$missing" >&2
        exit 1
    fi
    sudo=sudo
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if $sudo apt-get update -qq >"$log" 2>&1 &&
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y \
        --no-install-recommends $missing >>"$log" 2>&1; then
    exit 0
fi
cat "$log" >&2
echo "The packages could not be installed (no network, or no such package?).
By hand: apt-get install$missing" >&2
exit 1
