# Programs of the distribution for the tests, unpacked where we say: no root needed, no
# service started, nothing of the system changed. Sourced by tests/install-*, which set
# `folder`, and `wanted_as` for what to ask a person to install.

fail() {
  echo "no ${0##*install-} for the tests: $1" >&2
  echo "install it (on Debian and Ubuntu: apt-get install $wanted_as) and run make test again" >&2
  exit 1
}

begin() {  # an empty folder, and we are in the one for packages
  for tool in apt-get dpkg dpkg-deb ldd; do
    command -v $tool >/dev/null || fail "it is not on the PATH, and without $tool it cannot be fetched"
  done
  rm -rf "$folder"
  mkdir -p "$folder/packages" "$folder/lists/partial"
  folder=$(cd "$folder" && pwd)
  cd "$folder/packages"
  # The package lists of the system if they serve, else our own.
  plain=(-qq -o APT::Sandbox::User="$(id -un)" -o Dir::Cache="$folder/cache")
  ours=("${plain[@]}" -o Dir::State::lists="$folder/lists")
}

fetch() {
  apt-get "${plain[@]}" download "$@" 2>/dev/null && return
  [ -e "$folder/updated" ] || apt-get "${ours[@]}" update || fail "apt-get update failed"
  touch "$folder/updated"
  apt-get "${ours[@]}" download "$@" || fail "apt-get download $* failed"
}

libraries() {  # where what was unpacked keeps its libraries
  find "$folder" '(' -name '*.so' -o -name '*.so.*' ')' -printf '%h\n' | sort -u | paste -sd :
}

missing_in() {  # which libraries these files do not find
  for file in "$@"; do LD_LIBRARY_PATH=$(libraries) ldd "$file"; done | grep 'not found' | paste -sd ' '
}

installed() {
  dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed
}

depends() {  # the packages that those here name, and that begin so
  for package in *.deb; do dpkg-deb -f "$package" Pre-Depends Depends; done |
    tr ',|' '\n\n' | sed -E 's/^[A-Za-z-]*Depends://; s/\(.*//; s/:any//; s/ //g' |
    grep "^$1" | sort -u
}

unpack() {
  for package in "$@"; do dpkg -x "$package" "$folder"; done
}

unpack_libraries_of() {  # until these files find all they need
  while [ -n "$(missing_in "$@")" ]; do
    missing=$(depends lib | grep -vE '^(libc6|libc6-udeb|libgcc-s1)$' | while read -r name; do
      installed "$name" || compgen -G "${name}_*.deb" >/dev/null || echo "$name"
    done)
    [ -n "$missing" ] || fail "$(missing_in "$@")"
    # shellcheck disable=SC2086 # one word a package
    fetch $missing
    unpack lib*.deb
  done
  libraries > "$folder/libraries"
}

end() {
  rm -rf "$folder/packages" "$folder/lists" "$folder/cache" "$folder/updated"
}
