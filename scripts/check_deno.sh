#!/bin/sh
# Fails when npm would bring another Deno than scripts/outside.lock.json pins: npm holds what it unpacks against the
# integrity that it names here. It needs no Deno, since that is what is in doubt.
set -eu
cd "$(dirname "$0")"
entries='Object.values(JSON.parse(require("fs").readFileSync("outside.lock.json", "utf8")))'
node -p "$entries.filter((one) => one.npm).map((one) => one.npm + '@' + one.version + ' ' + one.hash).join('\n')" |
  while read -r package pinned; do
    named=$(npm view "$package" dist.integrity)
    [ "$named" != "$pinned" ] || continue
    printf 'error: Cannot use %s: npm names %s, and scripts/outside.lock.json %s\n' "$package" "$named" "$pinned" >&2
    exit 1
  done
