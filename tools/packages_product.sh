# shellcheck shell=bash
# The Debian packages that building and running take, and how missing ones get
# installed. Sourced by tools/packages.sh and, alone, by deploy/Dockerfile: what
# only tests need is not here, so that it does not make images anew.
# shellcheck disable=SC2034

packages_build_core=(libcaf-dev librestinio-dev libasio-dev libfmt-dev
  libhttp-parser-dev nlohmann-json3-dev prometheus-cpp-dev libsqlite3-dev
  libboost-dev libssl-dev librabbitmq-dev libhiredis-dev libpugixml-dev
  libtcmalloc-minimal4)
packages_build_engines=(libcpp-httplib-dev libpocketsphinx-dev libsqlite3-dev libssl-dev)
packages_build=(g++ cmake ninja-build pkg-config
  "${packages_build_core[@]}" "${packages_build_engines[@]}")
packages_run=(python3 ffmpeg pocketsphinx-en-us apertium apertium-eng-spa
  apertium-eng-cat apertium-es-pt apertium-fr-es apertium-spa-ita espeak-ng)
# Debian 13 has nothing for English and Esperanto any more.
if grep -qs '^VERSION_ID="\?12' /etc/os-release; then
  packages_run+=(apertium-eo-en)
fi
# Of the orchestrator's image, beside its libraries.
packages_image=(tini ffmpeg)

swagger_dir=.cache/swagger-ui
apt_lock_timeout=300 # seconds that another apt may take

# Prints those of its arguments that are not installed, one a line.
missing_packages() {
  # An unknown package makes dpkg-query fail: that is "not installed" too.
  local -A installed=()
  local name status
  while read -r name status; do
    [[ $status == installed ]] && installed[$name]=yes
  done < <(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "$@" 2>/dev/null)
  for name in "$@"; do
    [[ -n ${installed[$name]:-} ]] || echo "$name"
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

apt() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q \
    -o DPkg::Lock::Timeout=$apt_lock_timeout -o Dpkg::Use-Pty=0 "$@"
}

apt_is_updated=no
apt_update() {
  if [[ $apt_is_updated == no ]]; then
    apt update
    apt_is_updated=yes
  fi
}

# What tools/packages.sh does about services of packages that were installed.
keep_quiet() {
  return 0
}

# Installs what is missing of its arguments; says so beforehand, unless that was done.
announced=no
need() {
  local -a missing
  mapfile -t missing < <(missing_packages "$@")
  if ((${#missing[@]} == 0)); then
    return 0
  fi
  if [[ $announced == no ]]; then
    echo "dev: installing ${#missing[@]} Debian packages and what they depend on: ${missing[*]}"
  fi
  if ! { apt_update && apt install -y --no-install-recommends "${missing[@]}"; }; then
    echo "dev: the packages could not be installed; apt says above why" >&2
    return 1
  fi
  keep_quiet "${missing[@]}"
}

# The libraries that programs need which were built with these packages: what
# development packages depend on, whatever this Debian calls it.
libraries_of() {
  apt-cache depends --no-recommends --no-suggests --no-conflicts --no-breaks \
    --no-replaces --no-enhances "$@" \
    | sed -n 's/^ *Depends: \(lib[^ ]*\)$/\1/p' | grep -v -e '-dev$' -e '^libjs-' | sort -u
  printf '%s\n' "$@" | grep -v -e '-dev$' || true
}

need_libraries() {
  local -a libraries
  apt_update
  mapfile -t libraries < <(libraries_of "$@")
  need "${libraries[@]}"
}

# For images: nothing of apt's stays in a layer.
forget_downloads() {
  apt clean
  rm -rf /var/lib/apt/lists/*
}

has_swagger() {
  [[ -s $swagger_dir/swagger-ui-bundle.js && -s $swagger_dir/swagger-ui.css ]]
}

# Copies files out of a Debian package, without installing it.
# unpack WHAT PACKAGE FOLDER FILE...
unpack() {
  local what=$1 package=$2 folder=$3 work
  shift 3
  echo "dev: unpacking $what out of Debian's $package"
  apt_update
  work=$(mktemp -d)
  chmod 755 "$work" # apt, when root runs it, downloads as another user
  (cd "$work" && apt-get download -q "$package" && dpkg -x ./*.deb unpacked)
  mkdir -p "$folder"
  (cd "$work/unpacked" && cp "$@" "$OLDPWD/$folder/")
  rm -r "$work"
}

# For /docs: without the Flask that its package depends on.
need_swagger() {
  local from=usr/lib/python3/dist-packages/flasgger/ui3/static
  has_swagger || unpack "Swagger UI (2 MB)" python3-flasgger "$swagger_dir" \
    $from/swagger-ui-bundle.js $from/swagger-ui.css
}
