#!/usr/bin/env bash
# build.sh DIR: builds the stand-in libcuda.so.1, libnvrtc.so.12 and libnvidia-ml.so.1 into DIR, with the
# header that modules need.
# Needs g++ on x86-64 Linux. See README.md.
set -euo pipefail
out=${1:?usage: build.sh DIR}
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$out"
work=$(mktemp -d "$out/build.XXXXXX")
trap 'rm -rf "$work"' EXIT
flags=(-std=c++17 -O2 -Wall -Wextra -fPIC -shared -fvisibility=hidden -static-libstdc++ -static-libgcc
  "-Wl,--exclude-libs,ALL")
g++ "${flags[@]}" -Wl,-soname,libcuda.so.1 "$here"/driver/*.cpp -o "$work/libcuda.so.1" -lpthread -ldl &
driver=$!
g++ "${flags[@]}" -O0 -Wl,-soname,libnvrtc.so.12 -Wl,--version-script="$here/nvrtc/nvrtc.map" \
  "$here"/nvrtc/nvrtc.cpp -o "$work/libnvrtc.so.12" -ldl
g++ "${flags[@]}" -O0 -Wl,-soname,libnvidia-ml.so.1 "$here"/nvml/nvml.cpp -o "$work/libnvidia-ml.so.1"
wait "$driver"
cp "$here"/emulation/*.h "$work/"
# Renamed into place, so that a build beside this one never sees half a file.
for file in "$work"/*; do mv -f "$file" "$out/"; done
