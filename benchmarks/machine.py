"""What a measurement was made on and with."""

import json
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

LIBRARIES = (
    "torch",
    "openvino",
    "faiss-cpu",
    "umap-learn",
    "streamlit",
    "pillow",
    "simplejpeg",
    "numpy",
)


def machine() -> dict[str, Any]:
    """Processor, cores, memory and the versions of what does the work."""
    names = [line for line in _lines("/proc/cpuinfo") if line.startswith(("model name", "flags"))]
    flags = next((line.split() for line in names if line.startswith("flags")), [])
    model = next((line.split(":")[1].strip() for line in names if "model name" in line), "")
    memory = next((line.split()[1] for line in _lines("/proc/meminfo")), "0")
    return {
        "processor": model or platform.processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(int(memory) / 2**20),
        "amx_bf16": "amx_bf16" in flags,
        "bf16": any(flag in flags for flag in ("amx_bf16", "avx512_bf16")),
        "python": platform.python_version(),
        "libraries": {name: found for name in LIBRARIES if (found := _version(name))},
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines() if Path(path).exists() else []


def save(name: str, results: dict[str, Any], folder: Path) -> Path:
    """Write the results beside the machine's description as JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps({"machine": machine(), **results}, indent=2) + "\n")
    return path
