#!/usr/bin/env bash
# What action.yml runs: install the checkout that the action came in, in a venv of its own, and check.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
python=${PYTHON:-python3}
venv=$(mktemp -d "${RUNNER_TEMP:-/tmp}/nixpydoctor.XXXXXX")
trap 'rm -rf "$venv"' EXIT

if ! env -u PYTHONPATH -u PYTHONHOME "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "nixpydoctor needs Python 3.11 or newer to run: name one with the input 'python'." >&2
    if [ -n "${GITHUB_OUTPUT:-}" ]; then echo "exit-code=2" >>"$GITHUB_OUTPUT"; fi
    exit 2
fi
# What the job says about Python is the tool's subject and must not reach pip.
env -u PYTHONPATH -u PYTHONHOME -u PIP_TARGET -u PIP_USER "$python" -m venv "$venv"
env -u PYTHONPATH -u PYTHONHOME -u PIP_TARGET -u PIP_USER \
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$here"

words=(check)
if [ -n "${TARGET:-}" ]; then words+=("$TARGET"); fi
words+=(--fail-on "${FAIL_ON:-error}")
if [ -n "${SARIF_FILE:-}" ]; then words+=(-f full -f "sarif=$SARIF_FILE"); fi
read -ra more <<<"${ARGS:-}"

# Without a word of its own in front: the venv of the tool must not be taken for the active one.
code=0
"$venv/bin/nixpydoctor" "${words[@]}" ${more[@]+"${more[@]}"} || code=$?
if [ -n "${GITHUB_OUTPUT:-}" ]; then echo "exit-code=$code" >>"$GITHUB_OUTPUT"; fi
exit "$code"
