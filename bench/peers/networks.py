"""SD1.5's UNet and VAE of diffusers, with the weights of a checkpoint in the original layout."""

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from diffusers.loaders import single_file_utils
from safetensors.torch import load_file

SCALING = 0.18215


def open_unet(path):
    unet = UNet2DConditionModel(
        sample_size=64,
        block_out_channels=(320, 640, 1280, 1280),
        cross_attention_dim=768,
        attention_head_dim=8,
        layers_per_block=2,
    )
    return loaded(unet, path, single_file_utils.convert_ldm_unet_checkpoint)


def open_vae(path):
    vae = AutoencoderKL(
        block_out_channels=(128, 256, 512, 512),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=2,
        latent_channels=4,
        sample_size=512,
    )
    return loaded(vae, path, single_file_utils.convert_ldm_vae_checkpoint)


def loaded(network, path, convert):
    state = convert(load_file(path), dict(network.config, layers_per_block=2))
    network.load_state_dict(state)
    return network.float().eval().requires_grad_(False)


class Step(torch.nn.Module):
    def __init__(self, unet):
        super().__init__()
        self.unet = unet

    def forward(self, latent, timestep, context):
        return self.unet(latent, timestep, context, return_dict=False)[0]


class Decode(torch.nn.Module):
    def __init__(self, vae):
        super().__init__()
        self.vae = vae

    def forward(self, latent):
        return self.vae.decode(latent / SCALING, return_dict=False)[0]

