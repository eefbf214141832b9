# shellcheck shell=bash
# ./dev demo and ./dev serve: installs and builds what is missing, then hands
# over to tools/local. Sourced by dev, after packages.sh.
# shellcheck disable=SC2034,SC2154  # announced: of packages.sh; root, caller: of dev

release_targets=(dubber-orchestrator engines)

# The arguments are the user's: paths in them are relative to where they were.
local_python() {
  cd "$caller" || return
  PYTHONPATH=$root/tools PYTHONDONTWRITEBYTECODE=1 exec /usr/bin/python3 -m local "$@"
}

# Says when the last good build began. ninja cannot tell us whether there is
# something to do: looking for new files is a step of its build.
release_stamp=build/release/built-by-dev

release_is_built() {
  [[ -f $release_stamp && -x build/release/app/dubber-orchestrator \
    && -x build/release/engines/engines ]] \
    && [[ -z $(find CMakeLists.txt CMakePresets.json cmake core journal clients \
      metrics actors http app engines -newer "$release_stamp" -print -quit) ]]
}

# Says what will be done before it is done.
announce() {
  local cores
  local -a missing
  mapfile -t missing < <(missing_packages "$@")
  if ((${#missing[@]} > 0)) || ! has_swagger || ! release_is_built; then
    echo "dev: first, and not the next time:"
  fi
  if ((${#missing[@]} > 0)); then
    echo "dev:  - install ${#missing[@]} Debian packages with what they depend on: ${missing[*]}"
    echo "dev:    (with all of them missing about $packages_download; 1 to 5 minutes)"
  fi
  if ! has_swagger; then
    echo "dev:  - unpack the API page's files from Debian's python3-flasgger (2 MB)"
  fi
  if ! release_is_built; then
    cores=$(nproc)
    echo "dev:  - build the orchestrator and the engines into build/release (on $cores cores about $(((7 + cores) / cores)) minutes)"
  fi
}

build_release() {
  if release_is_built; then
    return 0
  fi
  mkdir -p build/release
  touch "$release_stamp.next"
  cmake --preset release
  cmake --build --preset release --parallel "$(nproc)" --target "${release_targets[@]}"
  mv "$release_stamp.next" "$release_stamp"
}

run_locally() {
  local argument
  for argument in "${@:2}"; do
    if [[ $argument == --help || $argument == -h ]]; then
      cat "tools/local/usage_$1.txt"
      return 0
    fi
  done
  # A slip in the arguments shows before minutes of installing.
  if [[ -x /usr/bin/python3 ]]; then
    (local_python "$@" --only-arguments) || return $?
  fi
  local -a packages=("${packages_build[@]}" "${packages_run[@]}" "${packages_sample[@]}")
  if [[ $1 == serve ]]; then
    packages+=(curl) # for the lines that it prints
  fi
  announce "${packages[@]}"
  announced=yes
  need "${packages[@]}"
  need_swagger
  build_release
  local_python "$@"
}
