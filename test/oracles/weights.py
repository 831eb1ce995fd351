"""The goldens' weight formula: a tensor's values follow from its name and shape. See also test/weights.ts."""

import math

import numpy as np
import torch


def golden_tensor(name: str, shape: list[int], salt: int = 0, gain: float = 1.0) -> torch.Tensor:
    """FNV-1a of the name seeds mulberry32; the stream is scaled by name and rank and rounded to float16."""
    bias, scale = _affine(name, shape, gain)
    count = math.prod(shape)
    state = (_fnv1a(name) ^ salt) + np.arange(1, count + 1, dtype=np.uint64) * 0x6D2B79F5
    t = state.astype(np.uint32)
    t = (t ^ (t >> 15)) * (t | 1)
    t ^= t + (t ^ (t >> 7)) * (t | 61)
    x = 2 * ((t ^ (t >> 14)).astype(np.float64) / 2**32) - 1
    values = (bias + scale * x).astype(np.float32).astype(np.float16)
    return torch.from_numpy(values.astype(np.float32)).reshape(shape)


def golden_tensors(weights: dict[str, list[int]], salt: int = 0) -> dict[str, torch.Tensor]:
    return {name: golden_tensor(name, shape, salt) for name, shape in weights.items()}


def _affine(name: str, shape: list[int], gain: float) -> tuple[float, float]:
    if "embedding" in name and len(shape) == 2:
        return 0.0, 0.1
    if len(shape) >= 2:
        return 0.0, gain * math.sqrt(3 / math.prod(shape[1:]))
    if name.endswith("weight"):
        return 1.0, 0.1
    if name.endswith("logit_scale"):
        return 4.6, 0.0
    return 0.0, 0.1


def _fnv1a(text: str) -> int:
    value = 0x811C9DC5
    for byte in text.encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value
