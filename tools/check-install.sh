#!/bin/sh
# Proves that an installed clickmill can be used: the program starts, and a
# program of another project finds header and library through pkg-config, in C
# and in C++; uninstall takes away all of it.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
    echo "$*"
    exit 1
}
make -s BUILD=build DESTDIR="$work/root" PREFIX=/opt/cm install || exit 1
installed=$work/root/opt/cm
"$installed/bin/clickmill" version || fail "the program does not start"

cat >"$work/use.c" <<'END'
#include <clickmill.h>
#include <stdio.h>
int main(void)
{
    return printf("%s\n", cm_version()) > 1 ? 0 : 1;
}
END
cp "$work/use.c" "$work/use.cc"
export PKG_CONFIG_PATH="$installed/lib/pkgconfig"
export PKG_CONFIG_SYSROOT_DIR="$work/root"
export LD_LIBRARY_PATH="$installed/lib"
expected=$(pkg-config --modversion clickmill) || fail "no pkg-config file"
flags=$(pkg-config --cflags --libs clickmill)
use() {
    "$1" -o "$work/use" "$2" $3 || fail "$1 $3 does not build"
    found=$("$work/use") || fail "$1: the program fails"
    [ "$found" = "$expected" ] || fail "$1: version $found, not $expected"
}
use gcc "$work/use.c" "$flags"
if command -v g++ >/dev/null; then
    use g++ "$work/use.cc" "$flags"
fi
readelf -d "$work/use" | grep -q 'libclickmill\.so\.[0-9]*\]' ||
    fail "the program does not name the library by its soname"
rm "$installed"/lib/*.so*
use gcc "$work/use.c" "$(pkg-config --static --cflags --libs clickmill)"

make -s BUILD=build DESTDIR="$work/root" PREFIX=/opt/cm uninstall || exit 1
left=$(find "$installed" ! -type d)
[ -z "$left" ] || fail "left behind by uninstall: $left"
