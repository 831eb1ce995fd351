"""PyTorch with diffusers' networks: float32, channels last, which is its fastest layout on processors."""

import sys

import diffusers
import torch

import networks
from inputs import decode_inputs, step_inputs
from peer import sampled, serve, timed


class PyTorch:
    def __init__(self, checkpoint, size, threads):
        torch.set_num_threads(threads)
        self.checkpoint = checkpoint
        self.side = size // 8
        self.vae = None

    def version(self):
        return f"{torch.__version__.split('+')[0]}, diffusers {diffusers.__version__}"

    def open(self):
        self.unet = networks.Step(networks.open_unet(self.checkpoint)).to(memory_format=torch.channels_last)

    def step(self, count):
        inputs = step_inputs(self.side)
        return run(self.unet, inputs, count)

    def decode(self):
        if self.vae is None:
            self.vae = networks.Decode(networks.open_vae(self.checkpoint)).to(memory_format=torch.channels_last)
        [seconds], _ = run(self.vae, decode_inputs(self.side), 1)
        return seconds


def run(network, inputs, count):
    tensors = [torch.from_numpy(values) for values in inputs]
    with torch.inference_mode():
        runs = [timed(lambda: network(*tensors)) for _ in range(count)]
    return [seconds for seconds, _ in runs], sampled(runs[-1][1])


if __name__ == "__main__":
    checkpoint, size, threads = sys.argv[1:]
    serve(PyTorch(checkpoint, int(size), int(threads)))
