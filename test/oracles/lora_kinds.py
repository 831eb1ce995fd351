"""Makes test/goldens/lora-kinds: adapters of the kinds and layouts that the golden `lora-types` leaves out, on single weights.

    python test/oracles/lora_kinds.py

PEFT merges what it knows; the rest follows the formulas of the papers. Strength s is `W + s (W' - W)` for every kind.
"""

import json
from pathlib import Path

import torch
from peft import LoHaConfig, LoKrConfig, LoraConfig, get_peft_model, get_peft_model_state_dict
from safetensors.torch import save_file

from weights import golden_tensor

GOLDENS = Path(__file__).parent.parent / "goldens"
SHAPES = {"linear": [24, 36], "conv": [12, 8, 3, 3], "vector": [24]}
STRENGTHS = [1.0, 0.6]


def t(name, *shape):
    return golden_tensor(f"lora-kinds/{name}", list(shape), gain=0.7)


BASES = {name: t(f"base {name}", *shape) for name, shape in SHAPES.items()}


class Layer(torch.nn.Module):
    """One layer with the base's weight and, where asked for, the vector as its bias."""

    def __init__(self, base):
        super().__init__()
        weight = BASES["linear" if base == "vector" else base]
        bias = base == "vector"
        self.layer = (
            torch.nn.Linear(36, 24, bias=bias) if weight.dim() == 2 else torch.nn.Conv2d(8, 12, 3, padding=1, bias=False)
        )
        self.layer.weight.data = weight.clone()
        if bias:
            self.layer.bias.data = BASES["vector"].clone()

    def forward(self, x):
        return self.layer(x)


def peft(name, base, config, alpha):
    """The file of a PEFT adapter with the formula's values, without its prefix and with its alpha, and what it merges to."""
    model = get_peft_model(Layer(base), config)
    for key, parameter in model.named_parameters():
        if parameter.requires_grad:
            role = key.rsplit("layer.", 1)[1]
            parameter.data = lengths(name, base) if "magnitude" in key else t(f"{name} {role}", *parameter.shape)
    saved = get_peft_model_state_dict(model)
    file = {key.rsplit("layer.", 1)[1]: value.detach().clone() for key, value in saved.items()}
    layer = model.merge_and_unload().layer
    merged = layer.bias if base == "vector" else layer.weight
    return {**file, "alpha": torch.tensor([float(alpha)])}, merged.detach().clone()


def lengths(name, base):
    """Magnitudes around the rows' own lengths, in the shape that PEFT keeps them in."""
    weight = BASES[base]
    rows = weight.flatten(1).norm(dim=1) * (1 + t(f"{name} magnitude", len(weight)))
    return rows if weight.dim() == 2 else rows.reshape(1, -1, 1, 1)


def dora_columns():
    """LyCORIS without `wd_on_output`: lengths of the columns of `W + dW`."""
    up, down, alpha = t("columns up", 12, 4, 1, 1), t("columns down", 4, 8, 3, 3), 2.0
    summed = BASES["conv"] + (alpha / 4) * (up.flatten(1) @ down.flatten(1)).reshape(12, 8, 3, 3)
    norm = summed.transpose(0, 1).flatten(1).norm(dim=1).reshape(1, 8, 1, 1)
    scale = norm * (1 + t("columns magnitude", 1, 8, 1, 1))
    file = {"lora_up.weight": up, "lora_down.weight": down, "alpha": torch.tensor([alpha]), "dora_scale": scale}
    return file, summed * scale / norm


def glora_conv():
    """LyCORIS' names: `W A1 A2 + B1 B2`, A on the input channels."""
    a1, a2 = t("glora a1", 8, 3, 1, 1), t("glora a2", 3, 8, 1, 1)
    b1, b2 = t("glora b1", 12, 3, 1, 1), t("glora b2", 3, 8, 3, 3)
    alpha = 1.5
    change = torch.einsum("oikl,ij,jm->omkl", BASES["conv"], a1.flatten(1), a2.flatten(1))
    change = change + (b1.flatten(1) @ b2.flatten(1)).reshape(12, 8, 3, 3)
    file = {"a1.weight": a1, "a2.weight": a2, "b1.weight": b1, "b2.weight": b2, "alpha": torch.tensor([alpha])}
    return file, BASES["conv"] + alpha / 3 * change


def plain(key, base, replaces=False):
    value = t(key, *SHAPES[base])
    return {key: value}, value if replaces else BASES[base] + value


def rows():
    target = {"target_modules": ["layer"]}
    loha = {**target, "r": 3, "alpha": 2}
    lokr = {**target, "r": 2, "alpha": 3, "decompose_factor": 4}
    lora = {**target, "r": 4, "lora_alpha": 2}
    yield "peft-loha-flat-conv", "conv", peft("loha-flat", "conv", LoHaConfig(**loha), 2)
    yield "peft-loha-core", "conv", peft("loha-core", "conv", LoHaConfig(**loha, use_effective_conv2d=True), 2)
    yield "peft-lokr-both", "linear", peft("lokr-both", "linear", LoKrConfig(**{**lokr, "decompose_factor": -1}, decompose_both=True), 3)
    yield "peft-lokr-flat-conv", "conv", peft("lokr-flat", "conv", LoKrConfig(**{**lokr, "r": 1, "alpha": 2}), 2)
    yield "peft-lokr-core", "conv", peft(
        "lokr-core", "conv", LoKrConfig(**{**lokr, "r": 1, "alpha": 2}, use_effective_conv2d=True), 2
    )
    yield "peft-dora", "linear", peft("dora", "linear", LoraConfig(**lora, use_dora=True), 2)
    yield "peft-dora-conv", "conv", peft("dora-conv", "conv", LoraConfig(**lora, use_dora=True), 2)
    yield "peft-lora-bias", "vector", peft("bias", "vector", LoraConfig(**lora, lora_bias=True), 2)
    yield "dora-columns", "conv", dora_columns()
    yield "glora-conv", "conv", glora_conv()
    yield "norm", "vector", plain("w_norm", "vector")
    yield "norm-bias", "vector", plain("b_norm", "vector")
    yield "bias", "vector", plain("diff_b", "vector")
    yield "replacement", "conv", plain("set_weight", "conv", replaces=True)


def main():
    tensors = dict(BASES)
    listed = []
    for kind, base, (file, merged) in rows():
        print(kind, {key: list(value.shape) for key, value in file.items()})
        listed.append({"type": kind, "base": base, "keys": list(file)})
        tensors.update({f"{kind}/file/{key}": value for key, value in file.items()})
        for strength in STRENGTHS:
            tensors[f"{kind}/{strength}"] = BASES[base] + strength * (merged - BASES[base])
    case = {
        "name": "lora-kinds",
        "rows": listed,
        "strengths": STRENGTHS,
        "tolerance": 0.00002,
        "oracle": "PEFT for types that begin with peft, else the formulas in its maker",
        "note": "TYPE/file/KEY are the file tensors (alpha stored as [1]); TYPE/STRENGTH is the merged weight",
    }
    (GOLDENS / "lora-kinds.json").write_text(json.dumps(case, indent=1) + "\n")
    save_file({key: value.contiguous() for key, value in tensors.items()}, GOLDENS / "lora-kinds.safetensors")


main()
