# shellcheck shell=bash
# The Debian packages of each purpose, and how missing ones get installed.
# Sourced by dev, which uses the lists.
# shellcheck disable=SC2034

packages_build=(g++ cmake ninja-build ccache pkg-config libcaf-dev
  librestinio-dev libasio-dev libfmt-dev libhttp-parser-dev
  nlohmann-json3-dev prometheus-cpp-dev libsqlite3-dev libboost-dev libssl-dev
  libcpp-httplib-dev libpocketsphinx-dev ca-certificates python3)
packages_engines=(ffmpeg pocketsphinx-en-us pocketsphinx-testdata apertium
  apertium-eng-spa apertium-eng-cat apertium-eo-en apertium-es-pt
  apertium-fr-es apertium-spa-ita espeak-ng)
packages_test=(catch2 clang-format clang-tidy)

swagger_dir=.cache/swagger-ui

# Prints those of its arguments that are not installed, one a line.
missing_packages() {
  local name
  for name in "$@"; do
    # An unknown package makes dpkg-query fail: that is "not installed" too.
    if [[ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null)" != installed ]]; then
      echo "$name"
    fi
  done
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "dev: to install packages, run this as root or install sudo" >&2
    return 1
  fi
}

apt_is_updated=no
apt_update() {
  if [[ $apt_is_updated == no ]]; then
    as_root apt-get update -q
    apt_is_updated=yes
  fi
}

# Installs what is missing of its arguments; says so beforehand.
need() {
  local -a missing
  mapfile -t missing < <(missing_packages "$@")
  if ((${#missing[@]} == 0)); then
    return 0
  fi
  echo "dev: installing ${#missing[@]} Debian packages and what they depend on: ${missing[*]}"
  apt_update
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends "${missing[@]}"
}

# Swagger UI for /docs: two files out of python3-flasgger, without installing
# it and the Flask it depends on.
need_swagger() {
  if [[ -s $swagger_dir/swagger-ui-bundle.js && -s $swagger_dir/swagger-ui.css ]]; then
    return 0
  fi
  echo "dev: unpacking Swagger UI from Debian's python3-flasgger (about 2 MB)"
  apt_update
  local work files
  work=$(mktemp -d)
  (cd "$work" && apt-get download -q python3-flasgger && dpkg -x ./*.deb unpacked)
  files=$work/unpacked/usr/lib/python3/dist-packages/flasgger/ui3/static
  mkdir -p "$swagger_dir"
  cp "$files/swagger-ui-bundle.js" "$files/swagger-ui.css" "$swagger_dir/"
  rm -r "$work"
}
