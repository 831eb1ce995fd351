"""Makes test/goldens/noise-schedules: betas, zero terminal SNR and clean-latent prediction, by diffusers' schedulers.

    python test/oracles/noise_schedules.py
"""

import json

import torch
from diffusers import (
    DDIMScheduler,
    DDPMScheduler,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    LCMScheduler,
    TCDScheduler,
    UniPCMultistepScheduler,
    __version__,
)
from safetensors.torch import save_file

from solvers import BETAS, DDIM, GOLDENS, KARRAS, TRAILING, draw

LINEAR = {"beta_start": 0.0001, "beta_end": 0.02, "beta_schedule": "linear"}
COSINE = {"beta_schedule": "squaredcos_cap_v2"}
CURVES = {"scaled_linear": BETAS, "linear": LINEAR, "squaredcos_cap_v2": COSINE}

SCHEDULERS = {
    "ddim": (DDIMScheduler, {**DDIM, **TRAILING}),
    "ddpm": (DDPMScheduler, {"clip_sample": False, **TRAILING}),
    "euler": (EulerDiscreteScheduler, TRAILING),
    "euler-karras": (EulerDiscreteScheduler, KARRAS),
    "euler-leading": (EulerDiscreteScheduler, {"timestep_spacing": "leading", "steps_offset": 1}),
    "euler-ancestral": (EulerAncestralDiscreteScheduler, TRAILING),
    "dpmpp-2m": (DPMSolverMultistepScheduler, TRAILING),
    "dpmpp-2m-sde": (DPMSolverMultistepScheduler, {"algorithm_type": "sde-dpmsolver++", **TRAILING}),
    "unipc": (UniPCMultistepScheduler, TRAILING),
    "lcm": (LCMScheduler, {}),
    "tcd": (TCDScheduler, {}),
}


def main():
    generator = torch.Generator().manual_seed(11)
    x = torch.randn(1, 4, 4, 4, generator=generator)
    noises = torch.randn(32, 1, 4, 4, 4, generator=generator)
    tensors, runs = {"x": x, "noises": noises}, []
    for curve, betas in CURVES.items():
        plain = DDIMScheduler(**betas)
        zero = DDIMScheduler(rescale_betas_zero_snr=True, **betas)
        tensors[f"betas/{curve}"] = plain.betas
        tensors[f"betas/{curve}/zero"] = zero.betas
        tensors[f"alphas/{curve}"] = plain.alphas_cumprod.contiguous()
        tensors[f"alphas/{curve}/zero"] = zero.alphas_cumprod.contiguous()

    def add(name, steps, prediction, curve="scaled_linear", zero=True, **more):
        kind, config = SCHEDULERS[name]
        config = {**CURVES[curve], **config, "prediction_type": prediction, "rescale_betas_zero_snr": zero}
        scheduler = kind(**config)
        key = f"{name}/{len(runs)}"
        tensors[key] = draw(scheduler, x, noises, num_inference_steps=steps, **more).contiguous()
        case = {"key": key, "scheduler": name, "steps": steps, "prediction": prediction, "curve": curve, "zero": zero}
        if hasattr(scheduler, "sigmas"):
            case["sigmas"] = scheduler.sigmas.tolist()
        runs.append({**case, "timesteps": scheduler.timesteps.tolist(), **more})

    for name in SCHEDULERS:
        # in one step, Karras begins at the smallest sigma there
        for steps in (4, 10) if name == "euler-karras" else (1, 4, 10):
            add(name, steps, "v_prediction")
            # diffusers has no clean-latent prediction for Euler ancestral
            if name != "euler-ancestral":
                add(name, steps, "sample")
        if not name.startswith(("lcm", "tcd")):
            add(name, 10, "v_prediction", strength=0.6)
    for name in ("ddim", "euler", "dpmpp-2m"):
        for curve in ("linear", "squaredcos_cap_v2"):
            for zero in (False, True):
                add(name, 5, "v_prediction", curve, zero)
        for steps in (1, 4):
            add(name, steps, "sample", zero=False)

    save_file(tensors, GOLDENS / "noise-schedules.safetensors")
    case = {"oracle": f"diffusers {__version__}, torch {torch.__version__}", "runs": runs, "tolerance": 2e-4}
    (GOLDENS / "noise-schedules.json").write_text(json.dumps(case, indent=1) + "\n")


if __name__ == "__main__":
    main()
