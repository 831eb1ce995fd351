"""The UNet's step in PyTorch on a card of NVIDIA's, in float16 with SDPA: CHECKPOINT SIZE BATCH ROUNDS. A line of JSON."""

import json
import sys
import time

import diffusers
import torch

sys.path.insert(0, __file__.rsplit("/", 1)[0] + "/peers")
import networks  # noqa: E402

checkpoint, size, batch, rounds = sys.argv[1], *map(int, sys.argv[2:])
if not torch.cuda.is_available():
    sys.exit("PyTorch sees no card.")
# diffusers computes attention with scaled_dot_product_attention unless told otherwise
unet = networks.Step(networks.open_unet(checkpoint)).half().to("cuda", memory_format=torch.channels_last)
latent = torch.randn(batch, 4, size // 8, size // 8, dtype=torch.float16, device="cuda")
timestep = torch.full((batch,), 499.0, device="cuda")
context = torch.randn(batch, 77, 768, dtype=torch.float16, device="cuda")
runs = []
with torch.inference_mode():
    for _ in range(rounds):
        torch.cuda.synchronize()
        before = time.perf_counter()
        unet(latent.contiguous(memory_format=torch.channels_last), timestep, context).cpu()
        runs.append(time.perf_counter() - before)
version = f"{torch.__version__}, diffusers {diffusers.__version__}"
print(json.dumps({"version": version, "creation": 0, "runs": runs, "peak": torch.cuda.max_memory_allocated()}))
