#!/bin/sh
# Installs the torch that fits this machine: the CPU build unless an NVIDIA card is found, because the other
# one brings several gigabytes of CUDA libraries along. Usage: torch.sh PYTHON
set -eu
python=$1
version=2.13.0

if "$python" -c "import importlib.metadata as m, sys; sys.exit(not m.version('torch').startswith('$version'))" 2>/dev/null; then
  exit 0
fi
if command -v nvidia-smi >/dev/null 2>&1 && nvidia-smi -L 2>/dev/null | grep -q GPU; then
  exec "$python" -m pip install --quiet "torch==$version"
fi
if [ "$(uname -s)" = Linux ]; then
  "$python" -m pip install --quiet --no-deps --retries 1 --timeout 20 \
    --extra-index-url https://download.pytorch.org/whl/cpu "torch==$version+cpu" 2>/dev/null && exit 0
  echo "The CPU build of torch was not found; installing the default one, which is larger." >&2
fi
exec "$python" -m pip install --quiet --no-deps "torch==$version"
