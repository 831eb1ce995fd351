"""OpenVINO, from its own converted files, in float32: where a processor has bfloat16 it would take that unasked."""

import sys

import numpy
import openvino

# without the module that needs PyTorch, which would count as OpenVINO's memory
from inputs import decode_inputs, step_inputs
from peer import sampled, serve, timed


class OpenVino:
    def __init__(self, folder, size, threads):
        self.folder = folder
        self.size = size
        self.side = size // 8
        self.threads = threads
        self.vae = None

    def version(self):
        return openvino.__version__.split("-")[0]

    def open(self):
        self.unet = self.request("unet")

    def request(self, name):
        return compiled(self.folder, f"{name}-{self.size}.xml", self.threads).create_infer_request()

    def step(self, count):
        return run(self.unet, step_inputs(self.side), count)

    def decode(self):
        self.vae = self.vae or self.request("vae")
        [seconds], _ = run(self.vae, decode_inputs(self.side), 1)
        return seconds


def compiled(folder, file, threads):
    settings = {
        "INFERENCE_NUM_THREADS": threads,
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": "f32",
        # what it compiled is kept, as our prepared weights are
        "CACHE_DIR": folder,
    }
    return openvino.Core().compile_model(f"{folder}/{file}", "CPU", settings)


def run(request, inputs, count):
    runs = [timed(lambda: request.infer(inputs)) for _ in range(count)]
    return [seconds for seconds, _ in runs], sampled(numpy.asarray(runs[-1][1][0]))


if __name__ == "__main__":
    folder, size, threads = sys.argv[1:]
    serve(OpenVino(folder, int(size), int(threads)))
