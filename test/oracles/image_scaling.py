"""Scaled pictures as Pillow makes them of float32 planes, its only unrounded mode.

    python test/oracles/image_scaling.py

Writes test/goldens/image-scaling.{json,safetensors}. Needs pillow, numpy, safetensors.
"""

import json
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors.numpy import save_file

GOLDENS = Path(__file__).parent.parent / "goldens"
METHODS = {
    "nearest": Image.Resampling.NEAREST,
    "area": Image.Resampling.BOX,
    "linear": Image.Resampling.BILINEAR,
    "cubic": Image.Resampling.BICUBIC,
    "lanczos3": Image.Resampling.LANCZOS,
}
# width and height: larger, smaller, both at once, not in whole ratios, one pixel
SIZES = [(22, 18), (5, 4), (17, 3), (13, 7), (1, 1)]


def main():
    plane = np.random.default_rng(7).random((9, 11), dtype=np.float32)
    tensors = {"plane": plane}
    for method, resampling in METHODS.items():
        for width, height in SIZES:
            scaled = Image.fromarray(plane, mode="F").resize((width, height), resampling)
            tensors[f"{method}-{width}x{height}"] = np.asarray(scaled)
    save_file(tensors, GOLDENS / "image-scaling.safetensors")
    case = {"oracle": "Pillow", "methods": list(METHODS), "sizes": SIZES, "tolerance": 1e-6}
    (GOLDENS / "image-scaling.json").write_text(json.dumps(case, indent=2) + "\n")


main()
