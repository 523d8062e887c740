#!/bin/sh
# Bring .venv/ to what the lock files say, or do nothing, at once, when it is there already.
# PY names the Python to use. Called by make, from the project's root.
set -eu

locks="requirements/uv.txt requirements/development.txt"
stamp=.venv/installed
# A virtual environment holds its own path: in a folder that was moved or copied it is broken.
# shellcheck disable=SC2086
wanted="$(pwd -P) $(cat $locks | cksum)"

# Runs the Python rather than trusting its name: pyenv puts a python3.13 on the PATH that only
# prints an error when no version is chosen.
suits() {
    "$1" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1
}

if [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && suits .venv/bin/python; then
    exit 0
fi

case "$(cat "$stamp" 2>/dev/null)" in
"$(pwd -P) "*) ;; # Made here: only the locks changed.
*) rm -rf .venv ;;
esac

if ! suits .venv/bin/python; then
    python=
    for candidate in ${PY:+"$PY"} python3.13 python3.12 python3 \
        "${PYENV_ROOT:-${HOME:-}/.pyenv}"/versions/3.1[3-9]*/bin/python \
        "${PYENV_ROOT:-${HOME:-}/.pyenv}"/versions/3.12*/bin/python; do
        if suits "$candidate"; then
            python=$candidate
            break
        fi
    done
    if [ -z "$python" ]; then
        echo "Listwright needs Python 3.12 or newer with its venv module (on Debian the package" \
            "python3-venv), and none was found: install one, or name it with" \
            "make PY=/path/to/python." >&2
        exit 1
    fi
    echo "Making .venv/ with $("$python" --version) and installing what Listwright needs ..."
    rm -rf .venv
    "$python" -m venv .venv
fi

rm -f "$stamp"
.venv/bin/python -m pip install --quiet --disable-pip-version-check \
    --require-hashes --requirement requirements/uv.txt
# shellcheck disable=SC2086
.venv/bin/uv pip sync --quiet --require-hashes --python .venv/bin/python $locks
echo "$wanted" >"$stamp"
