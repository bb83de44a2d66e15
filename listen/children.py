"""What our child processes are given."""

from __future__ import annotations

import os
from pathlib import Path

import listen


def environment() -> dict[str, str]:
    """What a child is told of the world: where our code and that of plug-ins lies, and no secret."""
    told = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}
    root = Path(listen.__file__).resolve().parents[1]
    places = [str(Path(place).absolute()) for place in os.environ.get("PYTHONPATH", "").split(os.pathsep) if place]
    if root.name not in ("site-packages", "dist-packages"):
        places.insert(0, str(root))
    if places:
        told["PYTHONPATH"] = os.pathsep.join(places)
    return told
