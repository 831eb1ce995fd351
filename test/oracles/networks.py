"""SD1.x networks of diffusers and transformers with the goldens' weights, which bear single-file (LDM) names."""

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint, convert_ldm_vae_checkpoint
from transformers import CLIPTextConfig, CLIPTextModel

TEXT_PREFIX = "cond_stage_model.transformer."


def unet(tensors: dict[str, torch.Tensor], channels: int, multipliers: list[int], context: int) -> UNet2DConditionModel:
    """Heads and depths are SD1.x's; what the UNet takes is read from its first weight."""
    model = UNet2DConditionModel(
        sample_size=64,
        in_channels=tensors["model.diffusion_model.input_blocks.0.0.weight"].shape[1],
        block_out_channels=[channels * multiplier for multiplier in multipliers],
        cross_attention_dim=context,
    )
    config = {"class_embed_type": None, "addition_embed_type": None, **model.config}
    model.load_state_dict(convert_ldm_unet_checkpoint(dict(tensors), config))
    return model.eval()


def vae(tensors: dict[str, torch.Tensor], channels: int, multipliers: list[int], blocks: int) -> AutoencoderKL:
    levels = len(multipliers)
    model = AutoencoderKL(
        down_block_types=["DownEncoderBlock2D"] * levels,
        up_block_types=["UpDecoderBlock2D"] * levels,
        block_out_channels=[channels * multiplier for multiplier in multipliers],
        layers_per_block=blocks,
    )
    model.load_state_dict(convert_ldm_vae_checkpoint(dict(tensors), model.config))
    return model.eval()


def text_encoder(tensors: dict[str, torch.Tensor], width: int, layers: int, heads: int) -> CLIPTextModel:
    model = CLIPTextModel(
        CLIPTextConfig(
            hidden_size=width,
            intermediate_size=4 * width,
            num_hidden_layers=layers,
            num_attention_heads=heads,
            bos_token_id=49406,
            eos_token_id=49407,
        )
    )
    named = {name.removeprefix(TEXT_PREFIX): value for name, value in tensors.items() if name.startswith(TEXT_PREFIX)}
    own = model.state_dict()
    # some versions of transformers leave the outer name away
    if not any(name.startswith("text_model.") for name in own):
        named = {name.removeprefix("text_model."): value for name, value in named.items()}
    model.load_state_dict(named, strict=not any("position_ids" in name for name in own))
    return model.eval()
