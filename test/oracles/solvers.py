"""Makes test/goldens/solvers: diffusers' schedulers that the golden `schedulers` leaves out, on its stand-in model.

    python test/oracles/solvers.py
"""

import json
from pathlib import Path

import torch
from diffusers import (
    DDIMScheduler,
    DDPMScheduler,
    DEISMultistepScheduler,
    DPMSolverMultistepScheduler,
    DPMSolverSDEScheduler,
    EulerAncestralDiscreteScheduler,
    HeunDiscreteScheduler,
    KDPM2AncestralDiscreteScheduler,
    KDPM2DiscreteScheduler,
    LCMScheduler,
    LMSDiscreteScheduler,
    TCDScheduler,
    UniPCMultistepScheduler,
)
from safetensors.torch import save_file

GOLDENS = Path(__file__).parent.parent / "goldens"
BETAS = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
LEADING = {"timestep_spacing": "leading", "steps_offset": 1}
TRAILING = {"timestep_spacing": "trailing"}
LINSPACE = {"timestep_spacing": "linspace"}
KARRAS = {"use_karras_sigmas": True, **LINSPACE}
DDIM = {"clip_sample": False, "set_alpha_to_one": False, **LEADING}
FEW_STEPS = [999, 749, 499, 249]

SCHEDULERS = {
    "ddpm": (DDPMScheduler, {"clip_sample": False, **LEADING}),
    "heun": (HeunDiscreteScheduler, LEADING),
    "heun-karras": (HeunDiscreteScheduler, KARRAS),
    "dpm-2": (KDPM2DiscreteScheduler, LEADING),
    "dpm-2-ancestral": (KDPM2AncestralDiscreteScheduler, LEADING),
    "dpmpp-sde": (DPMSolverSDEScheduler, LEADING),
    "lms": (LMSDiscreteScheduler, LEADING),
    "lms-karras": (LMSDiscreteScheduler, KARRAS),
    "deis": (DEISMultistepScheduler, LINSPACE),
    "unipc": (UniPCMultistepScheduler, LINSPACE),
    "unipc-3": (UniPCMultistepScheduler, {"solver_order": 3, **LINSPACE}),
    "unipc-karras": (UniPCMultistepScheduler, KARRAS),
    "unipc-bh1": (UniPCMultistepScheduler, {"solver_type": "bh1", **LINSPACE}),
    "dpmpp-2m-sde": (DPMSolverMultistepScheduler, {"algorithm_type": "sde-dpmsolver++", **LINSPACE}),
    "dpmpp-2m-trailing": (DPMSolverMultistepScheduler, TRAILING),
    "ddim": (DDIMScheduler, DDIM),
    "euler-ancestral-trailing": (EulerAncestralDiscreteScheduler, TRAILING),
    "lcm": (LCMScheduler, {}),
    "tcd": (TCDScheduler, {}),
}


def stand_in(x, t):
    t = float(t)
    return 0.9 * torch.tanh(x * (1 + t / 1000)) + 0.05 * torch.sin(3 * x)


def draw(scheduler, x, noises, strength=1.0, skips_last=False, **timesteps):
    """The final latent of a run of the stand-in model."""
    scheduler.set_timesteps(**timesteps)
    drawn = iter(noises)
    module = __import__(type(scheduler).__module__, fromlist=["randn_tensor"])
    if hasattr(module, "randn_tensor"):
        module.randn_tensor = lambda *_, **__: next(drawn)
    if isinstance(scheduler, DPMSolverSDEScheduler):
        scheduler.noise_sampler = lambda *_: next(drawn)
    order = getattr(scheduler, "order", 1)
    steps = len(scheduler.timesteps) // order + (order - 1)
    begin = (steps - int(steps * strength)) * order
    left = scheduler.timesteps[begin:]
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(begin)
    if strength < 1:
        latent = scheduler.add_noise(x, noises[-1], left[:1])
    else:
        latent = x * scheduler.init_noise_sigma
    for t in left[:-1] if skips_last else left:
        output = stand_in(scheduler.scale_model_input(latent, t), t)
        latent = scheduler.step(output, t, latent, return_dict=False)[0]
    return latent


def run(name, x, noises, prediction="epsilon", **settings):
    kind, config = SCHEDULERS[name]
    scheduler = kind(prediction_type=prediction, **BETAS, **config)
    # bh1 divides zero by zero in the step to sigma 0
    return draw(scheduler, x, noises, skips_last=name == "unipc-bh1", **settings)


def main():
    generator = torch.Generator().manual_seed(5)
    x = torch.randn(1, 4, 6, 6, generator=generator)
    noises = torch.randn(32, 1, 4, 6, 6, generator=generator)
    runs, tensors = [], {"x": x, "noises": noises}

    def add(name, **settings):
        key = f"{name}/{len(runs)}"
        tensors[key] = run(name, x, noises, **settings).contiguous()
        runs.append({"key": key, "scheduler": name, **settings})

    for name in SCHEDULERS:
        for steps in (2, 5, 16):
            for prediction in ("epsilon", "v_prediction"):
                add(name, num_inference_steps=steps, prediction=prediction)
        # LMS counts slopes of the steps that a strength leaves out, and LCM and TCD truncate their grids
        if not name.startswith(("lcm", "tcd", "lms")):
            add(name, num_inference_steps=5, strength=0.6)
    for name in ("lcm", "tcd", "ddpm", "heun", "dpmpp-2m-trailing"):
        add(name, timesteps=FEW_STEPS)
    save_file(tensors, GOLDENS / "solvers.safetensors")
    case = {"oracle": "diffusers schedulers", "runs": runs, "tolerance": 2e-4}
    (GOLDENS / "solvers.json").write_text(json.dumps(case, indent=1) + "\n")


if __name__ == "__main__":
    main()
