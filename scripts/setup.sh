#!/bin/sh
# Makes .venv, the environment that everything here runs in, and keeps it current.
#
# It looks for a Python 3.10 that really runs, makes .venv with it and installs
# requirements.lock. A stamp in .venv says what it was made from: while that holds,
# this script does nothing. An install that did not finish leaves no stamp, and the
# next run starts over.
#
#   PYTHON=/path/to/python3.10   use this one
#
# `scripts/setup.sh --find-python` only prints the Python that it would take.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd -P)
venv=.venv
stamp=$venv/.set-up
log=var/log/setup.log
SETUP_PYTHON=${PYTHON:-}
unset PYTHON PYTHONHOME PYTHONPATH VIRTUAL_ENV 2>/dev/null || true

say() { printf '%s\n' "$*"; }
die() {
    printf 'Set-up: %s\n' "$*" >&2
    exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

is_python310() {
    "$1" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 10))' \
        >/dev/null 2>&1 </dev/null
}

# Candidates, one a line, the likeliest first. Being there is not enough: pyenv puts a
# `python3.10` on the PATH that fails where 3.10 is not the version in use.
python_candidates() {
    for name in python3.10 python3 python; do
        command -v "$name" 2>/dev/null || true
    done
    home=${HOME:-/nonexistent}
    for folder in \
        "${PYENV_ROOT:-$home/.pyenv}"/versions/3.10.*/bin \
        "${UV_PYTHON_INSTALL_DIR:-${XDG_DATA_HOME:-$home/.local/share}/uv/python}"/cpython-3.10.*/bin \
        "$home"/.asdf/installs/python/3.10.*/bin \
        "$home"/.local/share/mise/installs/python/3.10.*/bin \
        /opt/homebrew/opt/python@3.10/bin \
        /usr/local/opt/python@3.10/bin; do
        printf '%s\n' "$folder/python3.10"
    done
    if have uv; then
        uv python find --no-python-downloads 3.10 2>/dev/null </dev/null || true
    fi
}

find_python() {
    python_candidates | while IFS= read -r candidate; do
        if is_python310 "$candidate"; then
            printf '%s\n' "$candidate"
            break
        fi
    done
}

choose_python() {
    if [ -n "$SETUP_PYTHON" ]; then
        is_python310 "$SETUP_PYTHON" ||
            die "PYTHON=$SETUP_PYTHON is no Python 3.10 that runs: name one, or leave PYTHON out."
        command -v "$SETUP_PYTHON"
        return
    fi
    found=$(find_python)
    if [ -z "$found" ] && have uv; then
        say "No Python 3.10 here: asking uv for one." >&2
        uv python install 3.10 >&2 </dev/null || true
        found=$(find_python)
    fi
    [ -n "$found" ] || die "no Python 3.10 found (Rasa needs 3.10): install python3.10 and" \
        "python3.10-venv, or run 'uv python install 3.10' or 'pyenv install 3.10'," \
        "or name one with PYTHON=/path/to/python3.10."
    printf '%s\n' "$found"
}

# What the environment is made from. The folder is in it because a .venv that was moved
# or copied still points to where it was made.
fingerprint() {
    printf 'folder %s\n' "$here"
    "$venv/bin/python" -c 'import sys; print("python", sys.base_prefix, sys.version)' \
        2>/dev/null </dev/null
    cksum requirements.lock pyproject.toml scripts/setup.sh
}

is_current() {
    [ -f "$stamp" ] && [ -x "$venv/bin/python" ] || return 1
    [ -z "$SETUP_PYTHON" ] || same_python || return 1
    [ "$(fingerprint)" = "$(cat "$stamp")" ]
}

same_python() {
    base='import sys; print(sys.base_prefix, sys.version)'
    [ "$("$SETUP_PYTHON" -c "$base" 2>/dev/null </dev/null)" = \
        "$("$venv/bin/python" -c "$base" 2>/dev/null </dev/null)" ]
}

# One set-up at a time: two that install into one folder spoil it.
take_turn() {
    if have flock; then
        exec 9>.setup.lock
        flock -n 9 || {
            say "Another set-up is at work in this folder: waiting for it."
            flock 9
        }
        return
    fi
    until mkdir .setup.lock.d 2>/dev/null; do
        holder=$(cat .setup.lock.d/pid 2>/dev/null || true)
        if [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null; then
            rm -rf .setup.lock.d # its holder died
            continue
        fi
        [ -n "${waiting:-}" ] || say "Another set-up is at work in this folder: waiting for it."
        waiting=yes
        sleep 1
    done
    printf '%s\n' "$$" >.setup.lock.d/pid
    trap 'rm -rf .setup.lock.d' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
}

# Runs a step quietly; when it fails, one line says which, with the cause under it.
step() {
    what=$1
    shift
    if ! "$@" >"$log" 2>&1 </dev/null 9>&-; then
        grep -v '^[[:space:]]*$' "$log" | tail -n 8 >&2 || true
        die "$what failed (the whole output is in $log)."
    fi
}

make_venv() {
    rm -rf "$venv"
    if "$1" -c 'import ensurepip, venv' >/dev/null 2>&1 </dev/null; then
        step "making $venv with $1" "$1" -m venv "$venv"
    elif have uv; then
        step "making $venv with uv" uv venv --python "$1" "$venv"
    else
        die "$1 cannot make an environment: install its venv module (python3.10-venv on" \
            "Debian and Ubuntu), or install uv."
    fi
}

install_packages() {
    uv=$venv/bin/uv
    pin=$(sed -n 's/^\(uv==[0-9.]*\).*/\1/p' requirements.lock)
    if [ ! -x "$uv" ] && [ -x "$venv/bin/pip" ]; then
        step "installing $pin" "$venv/bin/python" -m pip install --disable-pip-version-check "$pin"
    fi
    [ -x "$uv" ] || uv=uv
    say "Installing requirements.lock; what is not in uv's cache is downloaded, some GB in all."
    step "installing requirements.lock" \
        env VIRTUAL_ENV="$here/$venv" "$uv" pip sync requirements.lock
    step "the check of the installed packages" \
        "$venv/bin/python" -c 'import rasa, rasa_sdk, torch, transformers'
}

if [ "${1:-}" = --find-python ]; then
    choose_python
    exit
fi

cd "$here"
is_current && exit 0
take_turn
is_current && exit 0 # the other one made it

mkdir -p var/log
. scripts/certificates.sh
if [ -f "$stamp" ] && [ -z "$SETUP_PYTHON" ] && is_python310 "$venv/bin/python" &&
    grep -qxF "folder $here" "$stamp"; then
    say "Set-up: bringing $venv up to date."
    rm -f "$stamp"
else
    [ ! -e "$venv" ] || say "Set-up: $venv is unfinished or another Python's: making it anew."
    python=$(choose_python)
    say "Set-up: making $venv with $python."
    make_venv "$python"
fi
install_packages
fingerprint >"$stamp.new"
mv "$stamp.new" "$stamp"
say "Set-up: done."
