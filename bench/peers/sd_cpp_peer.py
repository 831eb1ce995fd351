"""stable-diffusion.cpp, which loads the checkpoint itself and keeps its float16 weights. One call draws a picture."""

import importlib.metadata
import sys
import time

from stable_diffusion_cpp import StableDiffusion

from peer import memory_now, serve


class StableDiffusionCpp:
    def __init__(self, checkpoint, size, threads):
        self.checkpoint = checkpoint
        self.size = size
        self.threads = threads

    def version(self):
        return importlib.metadata.version("stable-diffusion-cpp-python")

    def open(self):
        self.context = StableDiffusion(
            model_path=self.checkpoint, n_threads=self.threads, vae_decode_only=True, verbose=False
        )

    def step(self, count):
        times = []

        def progress(step, steps, _):
            # the first call comes before the first step; later the decode's tiles report too
            if len(times) <= count and step == len(times):
                times.append(time.perf_counter())
            if step == count:
                self.status = memory_now()

        size = {"width": self.size, "height": self.size}
        self.context.generate_image(
            prompt="a", sample_steps=count, cfg_scale=1.0, progress_callback=progress, **size
        )
        self.after_steps = time.perf_counter() - times[-1]
        return [after - before for before, after in zip(times, times[1:])], []

    def decode(self):
        """From the last step to the picture, of the call before."""
        return self.after_steps


if __name__ == "__main__":
    checkpoint, size, threads = sys.argv[1:]
    serve(StableDiffusionCpp(checkpoint, int(size), int(threads)))
