"""Makes test/goldens/taesd and test/goldens/vae-large: what VAEs make of pictures that are cut into tiles.

    python test/oracles/taesd.py

`taesd`: diffusers' AutoencoderTiny, encoded and decoded. `vae-large`: the networks of the `vae` golden (AutoencoderKL) over a
picture of several tiles, taken whole. Needs torch, diffusers, safetensors.
"""

import json
from pathlib import Path

import torch
from diffusers import AutoencoderTiny
from networks import vae
from safetensors.torch import save_file
from weights import golden_tensor, golden_tensors

GOLDENS = Path(__file__).parent.parent / "goldens"
CHANNELS = 32
SALT = 5
GAIN = 0.9


def scene(shape: list[int], low: float, high: float) -> torch.Tensor:
    """Repeatable numbers between two bounds, large forms with some grain on them; test/scene.ts has the same."""
    batch, channels, height, width = shape
    plane = torch.arange(batch * channels, dtype=torch.float64)[:, None, None]
    y = torch.arange(height, dtype=torch.float64)[None, :, None] / height
    x = torch.arange(width, dtype=torch.float64)[None, None, :] / width
    form = torch.sin(7 * x + 2 * plane) * torch.cos(5 * y - plane)
    index = torch.arange(torch.Size(shape).numel(), dtype=torch.float64).reshape(form.shape)
    wave = 0.5 + 0.4 * form + 0.1 * torch.sin(index * 12.9898)
    return (low + (high - low) * wave).float().reshape(shape)


def save(name: str, case: dict, tensors: dict[str, torch.Tensor]) -> None:
    save_file({key: value.contiguous() for key, value in tensors.items()}, GOLDENS / f"{name}.safetensors")
    (GOLDENS / f"{name}.json").write_text(json.dumps(case, indent=1) + "\n")


@torch.no_grad()
def tiny() -> None:
    width = [CHANNELS] * 4
    model = AutoencoderTiny(encoder_block_out_channels=width, decoder_block_out_channels=width).eval()
    shapes = {name: list(value.shape) for name, value in model.state_dict().items()}
    model.load_state_dict({name: golden_tensor(name, shape, SALT, GAIN) for name, shape in shapes.items()})
    image = scene([2, 3, 48, 64], 0, 1)
    latent = scene([2, 4, 6, 8], -4, 4)
    encoded = model.encode(image * 2 - 1).latents
    decoded = model.decode(latent).sample / 2 + 0.5
    print("taesd", encoded.min(), encoded.max(), decoded.min(), decoded.max())
    case = {"oracle": "diffusers AutoencoderTiny", "salt": SALT, "gain": GAIN, "tolerance": 1e-5, "weights": shapes}
    save("taesd", case, {"encoded": encoded, "decoded": decoded.clamp(0, 1)})


@torch.no_grad()
def large() -> None:
    golden = json.loads((GOLDENS / "vae.json").read_text())
    model = vae(golden_tensors(golden["weights"], golden["salt"]), 32, [1, 2, 4, 4], 2)
    image = scene([1, 3, 192, 256], 0, 1)
    latent = scene([1, 4, 16, 20], -2, 2)
    mean = model.encode(image * 2 - 1).latent_dist.mean
    decoded = (model.decode(latent).sample / 2 + 0.5).clamp(0, 1)
    print("vae", mean.std(), decoded.min(), decoded.max(), decoded.std())
    save("vae-large", {"oracle": "diffusers AutoencoderKL", "tolerance": 1e-4}, {"mean": mean, "decoded": decoded})


tiny()
large()
