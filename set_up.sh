#!/bin/sh
# Install Explorer into an environment: say first what will be downloaded, and what to do when that
# breaks off. Usage: set_up.sh PYTHON [EXTRA]
python="$1"
extra="${2:+[$2]}"

has_torch() { "$python" -c 'import importlib.metadata as found; found.version("torch")' 2>/dev/null; }

# Sizes of the versions in constraints.txt.
if [ -n "$extra" ]; then
    echo "Set-up goes on with what the tests need besides: 1 GB on disk."
elif has_torch; then
    echo "Set-up downloads 0.3 GB: torch is there already."
elif [ "$(uname -s)" = Linux ]; then
    cat <<'EOF'
Set-up downloads 3.3 GB, which become 7 GB on disk: 6 minutes at 10 MB a second, and unpacking.
  2.4 GB  CUDA's libraries, which torch for Linux brings along
  0.6 GB  torch and torchvision
  0.3 GB  everything else, the weights of the default network among it
Without a graphics card under 1 GB will do. Stop here (Ctrl-C), run `make venv`, install torch and
torchvision for the CPU into .venv as pytorch.org/get-started shows, and run `make setup` again.
EOF
else
    echo "Set-up downloads under 1 GB: torch and torchvision, and 0.3 GB of everything else."
fi

if "$python" -m pip install -c constraints.txt -e ".$extra"; then
    # Beforehand, so that the first photos need not wait; where it fails, they say why.
    [ -n "$extra" ] || "$(dirname "$python")/explorer" extractors prepare || true
    exit 0
fi
cat >&2 <<'EOF'

Set-up has stopped; pip says why above. If the connection broke, run the same command again: what
has come in whole files is in pip's cache, and it goes on from there.
EOF
exit 1
