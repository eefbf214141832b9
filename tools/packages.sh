# shellcheck shell=bash
# The Debian packages of each purpose, and how missing ones get installed.
# Sourced by dev, which uses the lists.
# shellcheck disable=SC2034

packages_build=(g++ cmake ninja-build pkg-config libcaf-dev
  librestinio-dev libasio-dev libfmt-dev libhttp-parser-dev
  nlohmann-json3-dev prometheus-cpp-dev libsqlite3-dev libboost-dev libssl-dev
  libcpp-httplib-dev libpocketsphinx-dev libtcmalloc-minimal4)
packages_run=(python3 ffmpeg pocketsphinx-en-us apertium apertium-eng-spa
  apertium-eng-cat apertium-eo-en apertium-es-pt apertium-fr-es
  apertium-spa-ita espeak-ng)
packages_sample=(pocketsphinx-testdata fonts-dejavu-core)
packages_test=(catch2 ccache python3-fastapi python3-uvicorn python3-multipart curl
  strace)
packages_check=(clang-format clang-tidy)
# Roughly, of all that demo and serve need on a bare Debian 12.
packages_download="290 MB to download, 1.1 GB on disk"

swagger_dir=.cache/swagger-ui
promtool_dir=.cache/promtool
nginx_dir=.cache/nginx
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
}

has_swagger() {
  [[ -s $swagger_dir/swagger-ui-bundle.js && -s $swagger_dir/swagger-ui.css ]]
}

# Swagger UI for /docs: two files out of python3-flasgger, without installing
# it and the Flask it depends on.
need_swagger() {
  if has_swagger; then
    return 0
  fi
  echo "dev: unpacking Swagger UI from Debian's python3-flasgger (about 2 MB)"
  apt_update
  local work files
  work=$(mktemp -d)
  chmod 755 "$work" # apt, when root runs it, downloads as another user
  (cd "$work" && apt-get download -q python3-flasgger && dpkg -x ./*.deb unpacked)
  files=$work/unpacked/usr/lib/python3/dist-packages/flasgger/ui3/static
  mkdir -p "$swagger_dir"
  cp "$files/swagger-ui-bundle.js" "$files/swagger-ui.css" "$swagger_dir/"
  rm -r "$work"
}

# Prometheus' promtool for a test, without installing the server, which would
# start.
need_promtool() {
  if [[ -x $promtool_dir/promtool ]] || command -v promtool >/dev/null; then
    return 0
  fi
  echo "dev: unpacking promtool from Debian's prometheus (about 20 MB)"
  apt_update
  local work
  work=$(mktemp -d)
  chmod 755 "$work"
  (cd "$work" && apt-get download -q prometheus && dpkg -x ./*.deb unpacked)
  mkdir -p "$promtool_dir"
  cp "$work/unpacked/usr/bin/promtool" "$promtool_dir/"
  rm -r "$work"
}

# nginx for `./dev bench jobs`, without installing the server, which would
# start.
need_nginx() {
  if [[ -x $nginx_dir/nginx ]]; then
    return 0
  fi
  echo "dev: unpacking nginx (about 1 MB)"
  need libpcre2-8-0 zlib1g libcrypt1 # beside what the build has
  apt_update
  local work
  work=$(mktemp -d)
  chmod 755 "$work"
  (cd "$work" && apt-get download -q nginx && dpkg -x ./*.deb unpacked)
  mkdir -p "$nginx_dir"
  cp "$work/unpacked/usr/sbin/nginx" "$nginx_dir/"
  rm -r "$work"
}
