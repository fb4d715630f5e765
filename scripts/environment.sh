# Finds or makes what OrganTwin runs on: system libraries and .venv. Sourced by run and test.
# A second call finds everything in place, prints nothing and needs no network.

root=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
venv="$root/.venv"
python="$venv/bin/python"
export PYTHONPATH="$root${PYTHONPATH:+:$PYTHONPATH}"

# Shared library, and the Debian package that brings it.
offscreen_libraries="libGL.so.1 libgl1
libEGL.so.1 libegl1
libxkbcommon.so.0 libxkbcommon0
libdbus-1.so.3 libdbus-1-3
libfontconfig.so.1 libfontconfig1
libglib-2.0.so.0 libglib2.0-0"
window_libraries="libxkbcommon-x11.so.0 libxkbcommon-x11-0
libxcb-cursor.so.0 libxcb-cursor0
libxcb-icccm.so.4 libxcb-icccm4
libxcb-keysyms.so.1 libxcb-keysyms1
libxcb-shape.so.0 libxcb-shape0
libxcb-image.so.0 libxcb-image0
libxcb-render-util.so.0 libxcb-render-util0
libXcursor.so.1 libxcursor1"

say() { printf 'organtwin: %s\n' "$*" >&2; }

fail() {
  say "$@"
  exit 1
}

# Packages of those libraries that the dynamic linker does not know.
# Asking the linker and not dpkg holds on every Linux, and when a package is renamed.
missing_libraries() {
  local known library package
  known=$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null) || return 0
  while read -r library package; do
    [[ $known == *$'\t'"$library "* ]] || printf '%s\n' "$package"
  done <<<"$1"
}

# Installs Debian packages where that needs no password; otherwise says what to type.
provide_packages() {
  [ $# -gt 0 ] || return 0
  local command="apt-get install --no-install-recommends $*"
  if ! command -v apt-get >/dev/null; then
    say "missing on this system, by their Debian names: $*. Install what brings them."
    return 1
  fi
  local privileged=(env)
  if [ "$(id -u)" -ne 0 ]; then
    privileged=(sudo -n env)
    if ! sudo -n true 2>/dev/null; then
      say "system packages are missing. Install them with: sudo $command"
      return 1
    fi
  fi
  say "installing system packages: $*"
  local apt=("${privileged[@]}" DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120)
  local install=("${apt[@]}" install -y --no-install-recommends "$@") log
  "${install[@]}" >/dev/null 2>&1 && return
  # A fresh machine has no package lists yet, an old one has stale ones.
  if ! log=$({ "${apt[@]}" update && "${install[@]}"; } 2>&1); then
    printf '%s\n' "$log" >&2
    say "that failed. Try: sudo apt-get update && sudo $command"
    return 1
  fi
}

# Prints where a Python lies, if it runs and is of a version that we support.
supported_python() {
  "$1" -c 'import sys
(3, 11) <= sys.version_info < (3, 14) or sys.exit(1)
print(sys.executable)' 2>/dev/null
}

find_python() {
  local name
  for name in python3 python3.13 python3.12 python3.11 python; do
    supported_python "$name" && return
  done
  return 1
}

make_venv() {
  local base version
  if ! base=$(find_python); then
    provide_packages python3 python3-venv || true
    base=$(find_python) || fail "Python 3.11, 3.12 or 3.13 is needed and none was found." \
      "Install one (Debian 12, Ubuntu 24.04: sudo apt-get install python3 python3-venv;" \
      "macOS: brew install python@3.13) and run this again."
  fi
  version=$("$base" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
  # Debian keeps ensurepip in a package of its own.
  if ! "$base" -c 'import ensurepip, venv' 2>/dev/null; then
    provide_packages "$version-venv" || true
    "$base" -c 'import ensurepip, venv' 2>/dev/null || fail "$base cannot make a virtual environment." \
      "Install the package $version-venv, or another Python 3.11 to 3.13, and run this again."
  fi
  say "making .venv with $base"
  rm -rf "$venv"
  mkdir "$venv"
  : >"$venv/.incomplete"
  "$base" -m venv "$venv"
}

# What .venv holds once a lock is installed: the lock itself and the Python it was installed for.
installed_state() {
  "$python" -c 'import sys; print("# Python %d.%d" % sys.version_info[:2])' && cat "$root/$1"
}

is_installed() {
  [ -f "$venv/$1.installed" ] && [ ! -e "$venv/.incomplete" ] &&
    installed_state "$1" 2>/dev/null | cmp -s - "$venv/$1.installed"
}

install_lock() {
  # .incomplete outlives an interrupted installation, whose half-copied packages pip would trust.
  trap 'exit 130' INT TERM
  if [ -e "$venv/.incomplete" ] || ! supported_python "$python" >/dev/null ||
    ! "$python" -m pip --version >/dev/null 2>&1; then
    make_venv
  fi
  : >"$venv/.incomplete"
  rm -f "$venv"/*.installed
  say "installing the Python packages of $1 into .venv (a few minutes and 1.7 GB the first time)"
  if ! "$python" -m pip install -qq --disable-pip-version-check --no-input --require-hashes \
    --only-binary :all: -r "$root/$1"; then
    rm -f "$venv/.incomplete" # pip has rolled back
    fail "the Python packages could not be installed (see above). Is a package index reachable?" \
      "Linux needs glibc 2.34 or newer (Debian 12, Ubuntu 22.04); macOS needs Apple silicon."
  fi
  local lock
  for lock in "$@"; do
    installed_state "$lock" >"$venv/$lock.installed"
  done
  rm -f "$venv/.incomplete"
}

# provide_python LOCK [LOCK ...]: installs the first lock, which includes the others.
provide_python() {
  is_installed "$1" && return
  (
    if command -v flock >/dev/null && ! flock -n 9; then
      say "waiting for another set-up of this folder to finish"
      flock 9
    fi
    is_installed "$1" || install_lock "$@"
  ) 9<>"$root/requirements.lock" # for writing, though nothing is written: NFS locks need it
}
