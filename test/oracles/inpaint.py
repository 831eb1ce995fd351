"""Makes test/goldens/inpaint: diffusers' inpainting pipeline over the networks of the `pipelines` golden.

    python test/oracles/inpaint.py
"""

import json
from pathlib import Path

import numpy as np
import torch
from diffusers import DDIMScheduler, LCMScheduler, StableDiffusionInpaintPipeline
from safetensors.torch import save_file

import networks
from weights import golden_tensors

GOLDENS = Path(__file__).parent.parent / "goldens"
HEIGHT, WIDTH = 64, 96
PROMPT, NEGATIVE = "a red fox in the snow", "blurry"
"""CLIP's ids of both texts."""
IDS = {PROMPT: [320, 736, 3240, 530, 518, 2583], NEGATIVE: [21977]}
FIRST_WEIGHT = "model.diffusion_model.input_blocks.0.0.weight"
NINE_CHANNELS = {FIRST_WEIGHT: [32, 9, 3, 3]}

BETAS = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
SCHEDULERS = {
    "ddim": lambda: DDIMScheduler(**BETAS, clip_sample=False, set_alpha_to_one=False, steps_offset=1),
    "lcm": lambda: LCMScheduler(**BETAS, steps_offset=1),
}

ROWS = [
    {"name": "ddim", "channels": 4, "scheduler": "ddim", "steps": 4, "strength": 1.0, "guidance": 5.0, "seed": 7},
    {"name": "lcm-0.6", "channels": 4, "scheduler": "lcm", "steps": 5, "strength": 0.6, "guidance": 1.0, "seed": 3},
    {"name": "nine-lcm", "channels": 9, "scheduler": "lcm", "steps": 4, "strength": 1.0, "guidance": 1.0, "seed": 5},
    {"name": "nine-ddim-0.6", "channels": 9, "scheduler": "ddim", "steps": 5, "strength": 0.6, "guidance": 5.0, "seed": 9},
]


class MeanInpaintPipeline(StableDiffusionInpaintPipeline):
    """Takes the mean of the VAE's posterior, which draws nothing from the generator."""

    def _encode_vae_image(self, image, generator):
        return self.vae.config.scaling_factor * self.vae.encode(image).latent_dist.mode()


def main():
    case = json.loads((GOLDENS / "pipelines.json").read_text())
    image, mask = picture(), soft_mask()
    outputs = {"image": image, "mask": mask}
    for row in ROWS:
        more = NINE_CHANNELS if row["channels"] == 9 else {}
        tensors = golden_tensors({**case["weights"], **more}, case["salt"])
        latent, pt = draw(case, tensors, row, image, mask)
        outputs[f"{row['name']}/latent"] = latent
        if row["strength"] == 1:
            outputs[f"{row['name']}/pt"] = pt
    save_file({name: value.contiguous() for name, value in outputs.items()}, GOLDENS / "inpaint.safetensors")
    described = {
        "name": "inpaint",
        "kind": "pipelines",
        "rows": [{"prompt": PROMPT, "negative": NEGATIVE, **row} for row in ROWS],
        "salt": case["salt"],
        "weights": "those of pipelines",
        "nine_channels": NINE_CHANNELS,
        "tolerance": case["tolerance"],
        "oracle": "diffusers StableDiffusionInpaintPipeline, float32, CPU generator, posterior mean; as in pipelines",
    }
    (GOLDENS / "inpaint.json").write_text(json.dumps(described, indent=2) + "\n")


@torch.no_grad()
def draw(case, tensors, row, image, mask):
    unet, vae, text = case["unet"], case["vae"], case["text"]
    encoder = networks.text_encoder(tensors, text["width"], text["layers"], text["heads"])
    pipeline = MeanInpaintPipeline(
        vae=networks.vae(tensors, vae["ch"], vae["mult"], vae["nres"]),
        text_encoder=None,
        tokenizer=None,
        unet=networks.unet(tensors, unet["ch"], unet["mult"], unet["context_dim"]),
        scheduler=SCHEDULERS[row["scheduler"]](),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.set_progress_bar_config(disable=True)
    options = {
        "prompt_embeds": encoded(encoder, PROMPT),
        "negative_prompt_embeds": encoded(encoder, NEGATIVE),
        "image": image,
        "mask_image": mask,
        "height": HEIGHT,
        "width": WIDTH,
        "num_inference_steps": row["steps"],
        "strength": row["strength"],
        "guidance_scale": row["guidance"],
    }
    run = lambda kind: pipeline(**options, generator=torch.Generator().manual_seed(row["seed"]), output_type=kind).images
    return run("latent"), run("pt")


def encoded(encoder, text):
    ids = [49406, *IDS[text], 49407]
    return encoder(torch.tensor([ids + [49407] * (77 - len(ids))])).last_hidden_state


def picture() -> torch.Tensor:
    """Waves of colour in [0, 1]."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    waves = [np.sin(x / 9 + 0.7 * channel) * np.cos(y / 7 - 0.4 * channel) for channel in range(3)]
    return torch.from_numpy((0.5 + 0.4 * np.stack(waves)).astype(np.float32))[None]


def soft_mask() -> torch.Tensor:
    """A disc with a soft edge, off the grid of 8 pixels; halves are met, and cells that its edge cuts."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    distance = np.hypot(x - 53, y - 30)
    return torch.from_numpy(np.clip((24 - distance) / 8, 0, 1).astype(np.float32))[None, None]


main()
