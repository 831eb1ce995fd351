"""Makes test/goldens/latent-scaling.json: PyTorch's `interpolate`, as it scales latents.

    python test/oracles/latent_scaling.py
"""

import json
from pathlib import Path

import torch
from torch.nn.functional import interpolate

MODES = {"nearest": "nearest-exact", "bilinear": "bilinear", "bicubic": "bicubic"}
SIZES = [(6, 10), (5, 7), (2, 3), (4, 5), (1, 1)]

latent = torch.randn(1, 2, 4, 5, generator=torch.Generator().manual_seed(1))
rows = [
    {"method": method, "height": height, "width": width, "values": interpolate(latent, (height, width), mode=mode).flatten().tolist()}
    for method, mode in MODES.items()
    for height, width in SIZES
]
case = {"name": "latent-scaling", "shape": list(latent.shape), "latent": latent.flatten().tolist(), "rows": rows, "tolerance": 5e-6}
(Path(__file__).parent.parent / "goldens" / "latent-scaling.json").write_text(json.dumps(case) + "\n")
