#!/bin/sh
# Install Explorer from lock/, where each file stands with its hash: say first what will be
# downloaded, and what to do when that breaks off. Usage: set_up.sh PYTHON [dev]
python="$1"
part="${2:-explorer}"
from_the_lock="$(dirname "$python")/../.torch"

# What the lock brought is renewed with it, and completed; any other torch is the user's own.
installed() { "$python" -c "import importlib.metadata as found; print(found.version('$1'))" 2>/dev/null; }
locked="$(sed -n 's/^torch==\([^ ]*\).*/\1/p' lock/torch.txt)"
torch="$(installed torch)"
own_torch() {
    [ -n "$torch" ] && [ "$torch" != "$locked" ] && ! grep -qxF "$torch" "$from_the_lock" 2>/dev/null
}

here="$("$python" -c 'import platform, sys
print(sys.platform, platform.machine(), "%d.%d" % sys.version_info[:2])')"
machine="${here% *}"
machine="${machine% *}-${machine#* }"
if ! grep -Eq "^# $machine:.* ${here##* }(,|\$)" "lock/$part.txt"; then
    cat >&2 <<EOF
The lock does not know this machine, $machine with Python ${here##* }: lock/$part.txt is for
$(sed -n 's/^# \([^ ]*: 3\..*\)/  \1/p' "lock/$part.txt")
Take one of those Pythons (make clean, then make PYTHON=python3.12 ...), or do without the lock:
then pip takes the newest versions that fit, which nobody has tried here, and compares no hashes.
  $python -m pip install -e .$([ "$part" = explorer ] || echo "[$part]")
EOF
    exit 1
fi

if [ "$part" = dev ]; then
    echo "Set-up goes on with what the tests need besides: 1.3 GB on disk."
elif own_torch; then
    echo "Set-up downloads 0.3 GB: torch $torch is there already, and stays."
    if [ -z "$(installed torchvision)" ]; then
        echo "torchvision is missing: install it too, from where you have torch." >&2
        exit 1
    fi
elif [ "$(uname -s)" = Linux ] && [ -z "$torch" ]; then
    cat <<'EOF'
Set-up downloads 3.3 GB, which become 7 GB on disk: 6 minutes at 10 MB a second, and unpacking.
  2.4 GB  CUDA's libraries, which torch for Linux brings along
  0.6 GB  torch and torchvision
  0.3 GB  everything else, the weights of the default network among it
Without a graphics card under 1 GB will do. Stop here (Ctrl-C), run `make venv`, install torch and
torchvision for the CPU into .venv as pytorch.org/get-started shows, and run `make setup` again.
EOF
elif [ -z "$torch" ]; then
    echo "Set-up downloads under 1 GB: torch and torchvision, and 0.3 GB of everything else."
else
    echo "Set-up downloads what is new in lock/."
fi

# Without a resolver: what the lock does not name is not installed.
install() { "$python" -m pip install --no-deps --no-build-isolation "$@"; }
install_all() {
    if [ "$part" = dev ]; then
        install -r lock/dev.txt
        return
    fi
    # pip itself is among the tools.
    install --quiet -r lock/tools.txt || return
    if own_torch; then
        install -r lock/explorer.txt || return
    else
        grep -qxF "$locked" "$from_the_lock" 2>/dev/null || echo "$locked" >>"$from_the_lock"
        install -r lock/explorer.txt -r lock/torch.txt || return
    fi
    install -e . || return
    if own_torch && ! "$python" -m pip check; then
        echo "So torch $torch may not do. pytorch.org/get-started has newer ones." >&2
    fi
}

if install_all; then
    # Beforehand, so that the first photos need not wait; where it fails, they say why.
    [ "$part" = dev ] || "$(dirname "$python")/explorer" extractors prepare || true
    exit 0
fi
cat >&2 <<'EOF'

Set-up has stopped; pip says why above. If the connection broke, run the same command again: what
has come in whole files is in pip's cache, and it goes on from there. If a file does not match its
hash, it is not the one that Explorer was tried with: do not install it by hand.
EOF
exit 1
