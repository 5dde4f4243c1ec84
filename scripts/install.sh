#!/bin/sh
# Installs the @TYPE@ runner bundle of aws-bitbucket-runner @VERSION@.
# Only functions, and one call in the last line: a download that was cut runs nothing. They stand in one file, since
# that is what curl fetches.
set -u

bundle_type="@TYPE@"
version="@VERSION@"
# What the archives of this very release hash to: wherever they come from, nothing else is installed.
pinned_version="$version" sha256_x86_64="@SHA256_X86_64@" sha256_arm64="@SHA256_ARM64@"
releases="https://github.com/westito/aws-bitbucket-runner/releases/download"
given_arguments=$#
not_yours="choose a folder of yours with --dest, or run as its owner"

usage() {
  cat <<USAGE
Installs codebuild-agent, its phase scripts and what the $bundle_type runner needs.

Usage: install-$bundle_type.sh [options]
       curl -fsSL --proto '=https' --proto-redir '=https' --tlsv1.2 URL/install-$bundle_type.sh | sh -s -- [options]

  --dest DIR      folder to install into (default: \$RUNNER_HOME, else /runner)
  --version X     version to install (default: $version)
  --sha256 HASH   what the archive of another version must hash to: this installer knows its own alone
  --base-url URL  https address of a folder that holds the archives and SHA256SUMS, such as a mirror
                  (default: \$RUNNER_RELEASE_URL, else $releases/vX)
  -h, --help      show this help

Proxies are those of curl: HTTPS_PROXY, NO_PROXY. What is installed already is not downloaded again.
Uninstall: rm -rf DIR
USAGE
}

main() {
  # A cut in the last line could call main without the arguments it was given.
  [ "$#" -eq "$given_arguments" ] || fail "this installer was cut while it was downloaded" "download it again"
  stage="" made="" swapping="" child="" sha256=""
  dest="${RUNNER_HOME:-/runner}" base_url="${RUNNER_RELEASE_URL:-}"
  read_options "$@"
  base_url="${base_url:-$releases/v$version}"
  base_url="${base_url%/}"
  check_base_url
  require_tools curl tar gzip sha256sum
  arch=$(architecture) || exit 1
  wanted="$bundle_type $version ($arch)"
  check_c_library
  pin_archive
  if is_installed; then
    say "Already installed: $bundle_type runner $version ($arch) in $dest"
    return 0
  fi
  trap 'clean_up' EXIT
  trap 'interrupted 129' HUP
  trap 'interrupted 130' INT
  trap 'interrupted 143' TERM
  make_stage
  fetch_bundle
  unpack_bundle
  add_runner
  move_into_place
  say "Installed: $bundle_type runner $version ($arch) in $dest"
}

read_options() {
  while [ "$#" -gt 0 ]; do
    option=$1 value=""
    case $1 in
      -h | --help) usage && exit 0 ;;
      --dest | --version | --sha256 | --base-url)
        value=${2:-}
        [ -n "$value" ] || wrong_usage "$1 takes a value"
        shift
        ;;
      --*=?*) option=${1%%=*} value=${1#*=} ;;
    esac
    case $option in
      --dest) dest=$value ;;
      --base-url) base_url=$value ;;
      --sha256)
        sha256=$value
        case $value in *[!0-9a-f]*) sha256="" ;; esac
        [ "${#sha256}" -eq 64 ] || wrong_usage "--sha256 takes 64 digits of 0-9 and a-f, not «$value»"
        ;;
      --version)
        version=${value#v}
        case $version in
          "" | *[!0-9A-Za-z.+-]*) wrong_usage "--version takes a version such as 1.0.0, not «$value»" ;;
        esac
        ;;
      *) wrong_usage "unknown option «$1»" ;;
    esac
    shift
  done
  case $dest in *[[:cntrl:]]*) wrong_usage "--dest or RUNNER_HOME holds control characters: «$dest»" ;; esac
  while [ "$dest" != "${dest%/}" ]; do dest=${dest%/}; done
  case $dest in
    "") wrong_usage "--dest or RUNNER_HOME cannot be /" ;;
    /*) ;;
    *) dest="$(pwd)/$dest" ;;
  esac
}

check_base_url() {
  case $base_url in
    *[[:space:][:cntrl:]\\]*) wrong_usage "--base-url takes a URL without blanks and backslashes, not «$base_url»" ;;
  esac
  case $(authority_of "$base_url") in
    *@*) wrong_usage "--base-url takes a URL without user and password" ;;
  esac
  case $base_url in
    [Hh][Tt][Tt][Pp][Ss]://?*) return 0 ;;
    [Hh][Tt][Tt][Pp]://?*) ! is_loopback "$(authority_of "$base_url")" || return 0 ;;
  esac
  wrong_usage "--base-url takes an https URL, and http for this machine alone (http://127.0.0.1:8080), not «$base_url»"
}

authority_of() {
  authority=${1#*://}
  printf '%s' "${authority%%[/?#]*}"
}

is_loopback() {
  case $1 in '[::1]' | '[::1]':*) return 0 ;; esac
  case ${1%:*} in
    localhost) ;;
    *[!0-9.]* | *.*.*.*.*) return 1 ;;
    127.*.*.*) ;;
    *) return 1 ;;
  esac
}

require_tools() {
  for tool in "$@"; do
    command -v "$tool" >/dev/null 2>&1 && continue
    package=$tool
    [ "$tool" != sha256sum ] || package=coreutils
    for manager in apt-get dnf yum zypper; do
      ! command -v "$manager" >/dev/null 2>&1 ||
        fail "$tool is missing" "install it with «$manager install $package»"
    done
    fail "$tool is missing" "install the package $package"
  done
}

architecture() {
  [ "$(uname -s)" = Linux ] || fail "this system is $(uname -s)" "the bundles are for Linux"
  machine=$(uname -m)
  case $machine in
    x86_64 | amd64) echo x86_64 ;;
    aarch64 | arm64) echo arm64 ;;
    *) fail "the architecture $machine is not supported" "use a machine with x86_64 or arm64" ;;
  esac
}

# What ldd says counts first: Alpine may carry glibc's loader for compatibility, and Debian musl's.
check_c_library() {
  libc=$(ldd --version 2>&1 | sed -n 1p)
  case $libc in
    *musl*) ;;
    *GLIBC*\ 2.* | *"GNU libc"*\ 2.*)
      minor=${libc##* 2.}
      case $minor in "" | *[!0-9]*) return 0 ;; esac
      [ "$minor" -ge 27 ] && return 0
      fail "glibc 2.$minor is too old" "use an image with glibc 2.27 or newer"
      ;;
    *) has_only_musl || return 0 ;;
  esac
  fail "this system's C library is musl" "use an image with glibc, such as Debian or Amazon Linux 2023"
}

has_only_musl() {
  for loader in /lib*/ld-linux*.so.* /lib/*/ld-linux*.so.*; do [ ! -e "$loader" ] || return 1; done
  for loader in /lib/ld-musl-*.so.1; do [ ! -e "$loader" ] || return 0; done
  return 1
}

# The one archive that may be installed: known for this installer's own version, given for another.
pin_archive() {
  pinned=""
  if [ "$version" = "$pinned_version" ]; then
    pinned=$sha256_x86_64
    [ "$arch" = x86_64 ] || pinned=$sha256_arm64
  fi
  [ -n "$sha256" ] || return 0
  [ "${pinned:-$sha256}" = "$sha256" ] ||
    wrong_usage "--sha256 is $sha256, but this installer knows $pinned for $version ($arch)"
  pinned=$sha256
}

# A bundle of the same version may have been made anew, or by somebody else.
is_installed() {
  [ "$(missing_in "$dest")$(missing_of_runner "$dest")$(identity "$dest/bundle.json")" = "$wanted" ] || return 1
  [ -z "$pinned" ] || [ "$(field archive "$dest/bundle.json")" = "$pinned" ]
}

# What the folder lacks of the programs that every bundle has.
missing_in() {
  for name in codebuild-agent pre_build.sh build.sh post_build.sh; do [ -x "$1/$name" ] || echo "$name"; done
}

# The same of Atlassian's runner, for the type that has it here and not in an image.
missing_of_runner() {
  [ "$bundle_type" = shell ] || return 0
  [ -x "$1/bin/start.sh" ] || echo bin/start.sh
  [ -f "$1/bin/runner.jar" ] || echo bin/runner.jar
}

# Type, version and architecture in a bundle.json, in the form of $wanted.
identity() {
  echo "$(field type "$1") $(field version "$1") ($(field arch "$1"))"
}

field() {
  [ -f "$2" ] && sed -n 's/.*"'"$1"'" *: *"\([^"]*\)".*/\1/p' "$2"
}

# A new folder is made beside its place and renamed; for one that exists, only a folder inside is sure to be
# writable and on the same file system.
make_stage() {
  parent=$dest
  if [ ! -d "$dest" ]; then
    [ ! -e "$dest" ] || fail "$dest is not a folder" "choose another with --dest"
    parent=$(dirname "$dest")
    make_parents "$parent"
  fi
  if stage=$(mktemp -d "$parent/.runner-install.XXXXXX" 2>/dev/null) && mkdir "$stage/new"; then return 0; fi
  fail "cannot write to $parent" "$not_yours"
}

make_parents() {
  [ ! -d "$1" ] || return 0
  make_parents "$(dirname "$1")"
  mkdir "$1" 2>/dev/null || [ -d "$1" ] || fail "cannot make the folder $1" "$not_yours"
  made="$1
$made"
}

fetch_bundle() {
  bundle="runner-$bundle_type-$arch.tar.gz"
  fetch "$base_url/SHA256SUMS" "$stage/SHA256SUMS"
  listed=$(sed -n "s/^\([^ ]*\) *[ *]$bundle\$/\1/p" "$stage/SHA256SUMS" | sed 1q)
  [ -n "$listed" ] || fail "$base_url/SHA256SUMS does not list $bundle" "check --base-url and --version"
  expected=${pinned:-$listed}
  [ "$listed" = "$expected" ] ||
    fail "$base_url/SHA256SUMS lists $bundle with the sha256 $listed, not $expected" \
      "that is not the release $version: a mirror holds its files as they are, and --base-url leads to them"
  [ -n "$pinned" ] || say "No sha256 of $version is known here, so that of $base_url/SHA256SUMS counts: --sha256 names one" >&2
  fetch "$base_url/$bundle" "$stage/$bundle"
  verify "$stage/$bundle" "$expected" "$base_url/$bundle" \
    "the download was damaged or the release was changed: try again, then report it"
}

verify() {
  actual=$(sha256sum <"$1") || fail "cannot read $1"
  actual=${actual%% *}
  [ "$actual" = "$2" ] || fail "the checksum of $3 is $actual, not $2" "$4"
}

# Up to five tries, 1, 2, 4 and 8 seconds apart; curl's own --retry leaves out connections that break. The third
# argument is a hint of its own; with a fourth, «elsewhere», an address without the file is no failure, but a 1.
fetch() {
  try=1 pause=1
  until download "$1" "$2"; do
    problem="cannot download $1: ${reason:-curl ended with $status}"
    case $status/$code in
      1/*) problem="$1 leads to an address that is not https" ;;
      */[45][0-9][0-9]) problem="$1 answered $code" ;;
    esac
    case ${4:-}/$code in elsewhere/403 | elsewhere/404 | elsewhere/410) return 1 ;; esac
    [ "$code" != 404 ] || fail "$problem" "${3:-is there a release $version? Check --version and --base-url}"
    ! is_final "$status" "$code" || fail "$problem" "${3:-check --base-url, the proxy and the disk}"
    [ "$try" -lt 5 ] || fail "$problem ($try tries)" "${3:-check the network, the proxy and --base-url}"
    say "Attempt $try/5: $problem; retrying in $pause s" >&2
    wait_for sleep "$pause"
    try=$((try + 1)) pause=$((pause * 2))
  done
}

# What comes over http anybody on the way may change, so that it is for this machine alone.
download() {
  status=0 protocols="=https"
  case $1 in [Hh][Tt][Tt][Pp]://*) ! is_loopback "$(authority_of "$1")" || protocols="=http,https" ;; esac
  wait_for curl -fsSL --proto "$protocols" --proto-redir '=https' --tlsv1.2 --connect-timeout 20 --speed-limit 1 --speed-time 60 \
    -o "$2" -w '%{http_code}' "$1" >"$stage/code" 2>"$stage/reason" || status=$?
  code=$(cat "$stage/code") reason=$(sed -n 1p "$stage/reason")
  [ "$status" -eq 0 ] && [ -f "$2" ]
}

# Another try cannot help: a protocol that is not allowed (1), a malformed URL (3), a full disk (23), a certificate (60, 77), most answers 4xx.
is_final() {
  case $1/$2 in
    1/* | 3/* | 23/* | 60/* | 77/*) ;;
    */408 | */425 | */429) return 1 ;;
    */4[0-9][0-9]) ;;
    *) return 1 ;;
  esac
}

# In the background, so that a signal is acted on at once and not when the command ends.
wait_for() {
  "$@" &
  child=$!
  wait "$child"
}

unpack_bundle() {
  unpack "$stage/$bundle" "$base_url/$bundle"
  manifest="$stage/new/bundle.json"
  found=$(identity "$manifest")
  [ "$found" = "$wanted" ] || fail "$source holds $found, not $wanted" \
    "point --base-url at the release $version, or name another with --version"
  require_whole "$(missing_in "$stage/new")"
  # By this the next installer knows which archive is in place.
  describe "1s/{/{ \"archive\": \"$expected\",/"
}

# A published release has Atlassian's runner downloaded from its maker, or from the mirror that the rest comes from.
add_runner() {
  runner_sha256=$(field runnerSha256 "$manifest")
  if [ -n "$runner_sha256" ]; then
    fetch_runner
    unpack "$stage/runner.tar.gz" "$runner_url"
    [ ! -f "$stage/new/bin/start.sh" ] || chmod 755 "$stage/new/bin/start.sh"
    describe "s/\(\"entries\" *: *\"[^\"]*\)\"/\1$tops\"/"
  fi
  require_whole "$(missing_of_runner "$stage/new")"
  new_entries=$(entries "$manifest") || exit 1
}

fetch_runner() {
  runner_url=$(field runnerUrl "$manifest")
  case $runner_url in
    *[!A-Za-z0-9._+~%/:-]* | */) runner_url="" ;;
    http://?*/?* | https://?*/?*) ;;
    *) runner_url="" ;;
  esac
  [ -n "$runner_url" ] || fail "$source does not say where Atlassian's runner is" "this release is broken: report it"
  runner=${runner_url##*/} other_url=$runner_url
  if [ "$base_url" = "$releases/v$version" ]; then other_url="$base_url/$runner"; else runner_url="$base_url/$runner"; fi
  hint="check the network, the proxy and the disk; a mirror that --base-url names may hold $runner too"
  if ! fetch "$runner_url" "$stage/runner.tar.gz" "$hint" elsewhere; then
    say "$problem, so $other_url is tried" >&2
    runner_url=$other_url
    fetch "$runner_url" "$stage/runner.tar.gz" "$problem before; $hint"
  fi
  verify "$stage/runner.tar.gz" "$runner_sha256" "$runner_url" \
    "the download was damaged, or it is another $runner than the release was made with: try again, look at the mirror, then report it"
}

# Puts what an archive holds into the new folder; the second argument is where it came from.
unpack() {
  source=$2 tarball="$stage/unpacked.tar"
  gzip -dc <"$1" 2>"$stage/reason" >"$tarball" || cannot_unpack
  check_members
  # -o: the owners that it names are nobody on this machine.
  tar -xof "$tarball" -C "$stage/new" 2>"$stage/reason" || cannot_unpack
  # Folders keep setuid, setgid and sticky bits unless these are named.
  chmod -R a-st,u=rwX,go=rX "$stage/new" || fail "cannot set the modes of what ${source##*/} holds"
}

cannot_unpack() {
  fail "cannot unpack ${source##*/}: $(sed -n 1p "$stage/reason")" "is the disk full?"
}

require_whole() {
  [ -z "$1" ] || fail "$source lacks $(printf '%s\n' "$1" | sed 1q)" "this release is broken: report it"
}

# Changes what bundle.json says, by a sed script.
describe() {
  described=$(sed "$1" "$manifest")
  printf '%s\n' "$described" >"$manifest" || fail "cannot write $manifest" "is the disk full?"
}

# Before anything is unpacked. tar lists its members in the same order with and without their kinds. What stands at
# the top ends up in $tops, which bundle.json lists in one line.
check_members() {
  LC_ALL=C tar -tf "$tarball" >"$stage/names" 2>"$stage/reason" || cannot_unpack
  LC_ALL=C tar -tvf "$tarball" >"$stage/kinds" 2>"$stage/reason" || cannot_unpack
  : >"$stage/links"
  tops=""
  while IFS= read -r name <&3 && IFS= read -r kind <&4; do
    path=${name#./}
    path=${path%/}
    case /$path/ in //?* | ?*//* | */./* | */../*) refuse_member "lies outside of it" ;; esac
    case $kind in
      *" -> "* | *" link to "*) check_link ;;
      [-d]*) ;;
      *) refuse_member "is neither a file, a folder nor a link" ;;
    esac
    check_top "${path%%/*}"
  done 3<"$stage/names" 4<"$stage/kinds"
  # busybox takes off what leads out, and says so instead of showing it.
  name=$(sed -n "s/.*emoving leading '\\(.*\\)' from.*/\\1/p" "$stage/reason" | sed 1q)
  [ -z "$name" ] || refuse_member "lies outside of it"
  while IFS= read -r link; do check_alone; done <"$stage/links"
}

check_top() {
  case $1 in "") return 0 ;; *[!A-Za-z0-9._+-]*) refuse_member "is no name for the top of an installation" ;; esac
  case " $tops " in *" $1 "*) return 0 ;; esac
  if [ -e "$stage/new/$1" ] || [ -L "$stage/new/$1" ]; then refuse_member "is the bundle's own"; fi
  tops="$tops $1"
}

# A link leads up no further than the archive's top, and then only down, so that a chain of them leads nowhere else.
check_link() {
  target=${kind#*" $name -> "} from=$path
  case $kind/$target in
    [!l]* | "$kind/$kind" | *" -> "*" -> "*) refuse_member "is a link of another kind" ;;
  esac
  while [ "$target" = .. ] || [ "${target#../}" != "$target" ]; do
    [ "$from" != "${from%/*}" ] || refuse_member "is a link that leads out of it"
    from=${from%/*} target=${target#..}
    target=${target#/}
  done
  case /$target/ in //?* | */../*) refuse_member "is a link that leads out of it" ;; esac
  printf '%s\n' "$path" >>"$stage/links"
}

# What has a link's name, or one below it, would be written to where the link leads.
check_alone() {
  found=""
  while IFS= read -r name; do
    case ${name#./} in
      "$link"/*) refuse_member "lies below a link" ;;
      "$link") [ -z "$found" ] || refuse_member "is there twice" ;;
      *) continue ;;
    esac
    found=yes
  done <"$stage/names"
}

refuse_member() {
  fail "$source is not to be unpacked: «$name» $1" "this release is broken or was changed: report it"
}

move_into_place() {
  if [ ! -d "$dest" ]; then
    mv "$stage/new" "$dest" || fail "cannot make $dest" "choose another folder with --dest"
    made=""
    return 0
  fi
  old_entries=$(entries "$dest/bundle.json") || exit 1
  old_entries="$old_entries $(entries "$dest/.replacing.json")" || exit 1
  refuse_foreign_files
  replace_files
}

# The top-level names of an installation, with bundle.json in the last place.
entries() {
  [ -f "$1" ] || return 0
  names="$(field entries "$1") bundle.json"
  case " $names " in *[!A-Za-z0-9._+\ -]* | *" . "* | *" .. "*) names="" ;; esac
  if [ -z "$names" ] || [ "${#names}" -gt 1000 ]; then
    fail "$1 lists names that are not those of an installation" "choose another folder with --dest"
  fi
  echo "$names"
}

refuse_foreign_files() {
  for entry in $new_entries; do
    [ -e "$dest/$entry" ] || continue
    case " $old_entries " in *" $entry "*) continue ;; esac
    fail "$dest holds $entry, which is not of an installation" "choose another folder with --dest"
  done
}

# Takes milliseconds, in which signals are not acted on. bundle.json comes last, so that what a power cut leaves
# is not taken for a whole installation, and .replacing.json tells the next try which files are ours.
replace_files() {
  swapping=yes
  mkdir "$stage/old" || roll_back
  echo "{\"entries\": \"$old_entries $new_entries\"}" >"$dest/.replacing.json" || roll_back
  mv "$dest/bundle.json" "$stage/old/" 2>/dev/null || [ ! -e "$dest/bundle.json" ] || roll_back
  for entry in $old_entries; do
    [ ! -e "$dest/$entry" ] || mv "$dest/$entry" "$stage/old/" || roll_back
  done
  for entry in $new_entries; do
    mv "$stage/new/$entry" "$dest/" || roll_back
  done
  rm -f "$dest/.replacing.json"
  swapping=""
}

roll_back() {
  for entry in $new_entries; do
    [ -e "$stage/new/$entry" ] || rm -rf "${dest:?}/$entry"
  done
  for entry in $old_entries; do
    [ ! -e "$stage/old/$entry" ] || mv "$stage/old/$entry" "$dest/"
  done
  rm -f "$dest/.replacing.json"
  swapping=""
  fail "cannot replace the files in $dest" "they are as they were; choose another folder with --dest"
}

interrupted() {
  [ -z "$swapping" ] || return 0
  trap - HUP INT TERM
  [ -z "$child" ] || kill "$child" 2>/dev/null
  exit "$1"
}

clean_up() {
  [ -z "$stage" ] || rm -rf "$stage"
  printf '%s' "$made" | while read -r folder; do rmdir "$folder" 2>/dev/null; done
}

wrong_usage() {
  say "error: $1" >&2
  say "hint: --help shows the options" >&2
  exit 2
}

fail() {
  say "error: Cannot install: $1" >&2
  [ -z "${2:-}" ] || say "hint: $2" >&2
  exit 1
}

# One line, whatever it quotes: bytes of control characters, in UTF-8 too, become question marks.
say() {
  printf '%s\n' "$(printf '%s' "$1" | LC_ALL=C tr '\000-\037\177\200-\237' '?')"
}

main "$@"
