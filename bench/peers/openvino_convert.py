"""Converts diffusers' networks for OpenVINO, once: CHECKPOINT SIZE THREADS FOLDER. The shapes are fixed, which is fastest."""

import gc
import os
import sys
import warnings

import openvino
import torch

import networks
from inputs import decode_inputs, step_inputs
from openvino_peer import compiled


def convert(network, inputs, folder, file, threads):
    path = f"{folder}/{file}"
    if os.path.exists(path):
        return
    with torch.no_grad():
        example = tuple(torch.from_numpy(values) for values in inputs)
        model = openvino.convert_model(network(), example_input=example)
    model.reshape({port: list(values.shape) for port, values in zip(model.inputs, inputs)})
    openvino.save_model(model, path + ".part.xml", compress_to_fp16=False)
    # the weights' file is named beside the network's, not in it
    os.rename(path + ".part.bin", path.replace(".xml", ".bin"))
    os.rename(path + ".part.xml", path)
    del model
    gc.collect()
    # fills its cache
    compiled(folder, file, threads)


if __name__ == "__main__":
    checkpoint, size, threads, folder = sys.argv[1:]
    side = int(size) // 8
    # tracing fixes what depends on the sizes, which are fixed anyway
    warnings.filterwarnings("ignore", category=torch.jit.TracerWarning)
    os.makedirs(folder, exist_ok=True)
    unet = lambda: networks.Step(networks.open_unet(checkpoint))
    convert(unet, step_inputs(side), folder, f"unet-{size}.xml", int(threads))
    vae = lambda: networks.Decode(networks.open_vae(checkpoint))
    convert(vae, decode_inputs(side), folder, f"vae-{size}.xml", int(threads))
