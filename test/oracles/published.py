"""Names and shapes of published networks, from diffusers and transformers built on the meta device with the configs of the
published repositories: how many tensors, how many numbers, and one hash over all names and shapes. Writes test/goldens/published.json.

Usage: python test/oracles/published.py
"""

import hashlib
import json
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

attention, plain = "CrossAttnDownBlock2D", "DownBlock2D"
attention_up, plain_up = "CrossAttnUpBlock2D", "UpBlock2D"

sd1 = dict(
    block_out_channels=(320, 640, 1280, 1280),
    down_block_types=(attention, attention, attention, plain),
    up_block_types=(plain_up, attention_up, attention_up, attention_up),
    cross_attention_dim=768,
    attention_head_dim=8,
)
sd2 = dict(sd1, cross_attention_dim=1024, attention_head_dim=(5, 10, 20, 20), use_linear_projection=True)
sdxl = dict(
    block_out_channels=(320, 640, 1280),
    down_block_types=(plain, attention, attention),
    up_block_types=(attention_up, attention_up, plain_up),
    transformer_layers_per_block=(1, 2, 10),
    attention_head_dim=(5, 10, 20),
    cross_attention_dim=2048,
    use_linear_projection=True,
    addition_embed_type="text_time",
    addition_time_embed_dim=256,
    projection_class_embeddings_input_dim=2816,
)
ssd_1b = dict(
    sdxl,
    transformer_layers_per_block=[1, [2, 2], [4, 4]],
    reverse_transformer_layers_per_block=[[4, 4, 10], [2, 1, 1], 1],
    mid_block_type="UNetMidBlock2D",
)
vega = dict(
    sdxl,
    transformer_layers_per_block=[1, [1, 1], [2, 2]],
    reverse_transformer_layers_per_block=[[2, 2, 2], [1, 1, 1], 1],
    mid_block_type="UNetMidBlock2D",
)

unets = {
    "sd1": sd1,
    "sd1-inpainting": dict(sd1, in_channels=9),
    "lcm-dreamshaper": dict(sd1, time_cond_proj_dim=256),
    "sd2": sd2,
    "sdxl": sdxl,
    "sdxl-inpainting": dict(sdxl, in_channels=9),
    "lcm-sdxl": dict(sdxl, time_cond_proj_dim=256),
    "ssd-1b": ssd_1b,
    "lcm-ssd-1b": dict(ssd_1b, time_cond_proj_dim=256),
    "vega": vega,
}

clip_l = dict(hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12)
clip_h = dict(hidden_size=1024, intermediate_size=4096, num_hidden_layers=23, num_attention_heads=16, hidden_act="gelu")
clip_g = dict(
    hidden_size=1280, intermediate_size=5120, num_hidden_layers=32, num_attention_heads=20, hidden_act="gelu",
    projection_dim=1280,
)


def networks():
    for name, config in unets.items():
        yield f"unet {name}", UNet2DConditionModel(**config)
    yield "text clip-l", CLIPTextModel(CLIPTextConfig(**clip_l))
    yield "text openclip-h", CLIPTextModel(CLIPTextConfig(**clip_h))
    yield "text openclip-g", CLIPTextModelWithProjection(CLIPTextConfig(**clip_g))
    yield "vae", AutoencoderKL(
        block_out_channels=(128, 256, 512, 512),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=2,
    )


def summary(model):
    tensors = {name: list(tensor.shape) for name, tensor in model.state_dict().items()}
    # transformers leaves `text_model.` out of a tower's names from version 5 on; published files have it
    if any(name.startswith("encoder.layers.") for name in tensors):
        tensors = {f"text_model.{name}" if name != "text_projection.weight" else name: shape for name, shape in tensors.items()}
    tensors = {name: shape for name, shape in tensors.items() if not name.endswith("position_ids")}
    text = "".join(f"{name} {','.join(map(str, shape))}\n" for name, shape in sorted(tensors.items()))
    return {
        "tensors": len(tensors),
        "parameters": sum(torch.Size(shape).numel() for shape in tensors.values()),
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
    }


with torch.device("meta"):
    golden = {name: summary(model) for name, model in networks()}
target = Path(__file__).parent.parent / "goldens" / "published.json"
target.write_text(json.dumps(golden, indent=1) + "\n")
