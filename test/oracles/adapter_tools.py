"""Makes test/goldens/adapter-tools: adapters of PEFT and LyCORIS on single layers, as the tools save them, and the weights
with which the tools' own layers compute.

    python test/oracles/adapter_tools.py      (torch, peft, lycoris-lora, safetensors)

PEFT's weights come from `merge_and_unload`; a bias that PEFT cannot merge comes from its layer's output. LyCORIS' weights are
measured at the layer: its `merge_to` applies alpha / rank twice for LoHa and LoKr, and picks ranks at random for DyLoRA.
"""

import json
import logging
from pathlib import Path

import torch
from lycoris import modules as lycoris
from peft import (
    AdaLoraConfig,
    BOFTConfig,
    IA3Config,
    LoHaConfig,
    LoKrConfig,
    LoraConfig,
    OFTConfig,
    get_peft_model,
    get_peft_model_state_dict,
)
from peft.tuners.boft import layer as boft_layer
from safetensors.torch import save_file

from weights import golden_tensor

logging.disable(logging.WARNING)
GOLDENS = Path(__file__).parent.parent / "goldens"
SHAPES = {"linear": [16, 24], "pointwise": [16, 24, 1, 1], "conv": [8, 4, 3, 3]}


def t(name, *shape, gain=0.7):
    return golden_tensor(f"adapter-tools/{name}", list(shape), gain=gain)


BASES = {name: t(f"base {name}", *shape) for name, shape in SHAPES.items()} | {"bias": t("base bias", 16), "norm": 1 + t("base norm", 16)}


def base_layer(base, bias=False):
    shape = SHAPES[base]
    if base == "linear":
        layer = torch.nn.Linear(shape[1], shape[0], bias=bias)
    else:
        layer = torch.nn.Conv2d(shape[1], shape[0], shape[2], padding=shape[2] // 2, bias=bias)
    layer.weight.data = BASES[base].clone()
    if bias:
        layer.bias.data = BASES["bias"].clone()
    return layer


class Model(torch.nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x)


@torch.no_grad()
def measured(layer, base):
    """Weight and bias of a layer by its outputs for single inputs."""
    shape = SHAPES[base]
    if base == "linear":
        bias = layer(torch.zeros(1, shape[1]))[0]
        return (layer(torch.eye(shape[1])) - bias).T.contiguous(), bias
    kernel = shape[2]
    units = torch.eye(shape[1] * kernel**2).reshape(-1, shape[1], kernel, kernel)
    middle = kernel // 2
    bias = layer(torch.zeros(1, shape[1], kernel, kernel))[0, :, middle, middle]
    return (layer(units)[:, :, middle, middle] - bias).T.reshape(shape).contiguous(), bias


def fill(name, parameters, start=lambda role: 0.0):
    for role, parameter in parameters:
        if parameter.requires_grad:
            parameter.data = start(role) + t(f"{name} {role}", *parameter.shape).reshape(parameter.shape)


# PEFT

ROLE = "base_model.model.layer."


def peft(name, base, config, target="weight", settings=None):
    """A row for a PEFT adapter. `target` is what is merged: the weight, or the bias of a linear layer."""
    with_bias = target == "bias"
    model = get_peft_model(Model(base_layer(base, with_bias)), config)

    def start(role):
        if "magnitude" in role:
            return lengths(base)
        return 1.0 if "ia3" in role or "boft_s" in role else 0.0

    fill(name, [(key.split("layer.", 1)[1], value) for key, value in model.named_parameters()], start)
    file = {key.removeprefix(ROLE): value.detach().clone() for key, value in get_peft_model_state_dict(model).items()}
    merged = getattr(model.merge_and_unload().layer, target)
    return row(f"peft-{name}", "bias" if with_bias else base, file, merged, ROLE, {**plain(config), **(settings or {})})


def plain(config):
    """The fields of a config that `adapter_config.json` would hold."""
    wanted = {"peft_type", "r", "lora_alpha", "alpha", "use_rslora", "init_r", "rank_pattern", "alpha_pattern", "feedforward_modules"}
    wanted |= {"use_cayley_neumann", "num_cayley_neumann_terms", "coft", "eps", "block_share", "init_lora_weights"}
    fields = {key: value for key, value in config.to_dict().items() if key in wanted}
    return {key: sorted(value) if isinstance(value, set) else value for key, value in fields.items()}


def lengths(base):
    weight = BASES[base]
    rows = weight.flatten(1).norm(dim=1)
    return rows if weight.dim() == 2 else rows.reshape(1, -1, 1, 1)


def adalora_pruned():
    """AdaLoRA after pruning: the file keeps two of three ranks, and the scale still divides by three."""
    mask = {"layer.lora_E": [True, False, True]}
    config = AdaLoraConfig(target_modules=["layer"], init_r=3, target_r=2, lora_alpha=5, total_step=10)
    model = get_peft_model(Model(base_layer("linear")), config)
    fill("adalora-pruned", [(key.split("layer.", 1)[1], value) for key, value in model.named_parameters()])
    values = dict(model.named_parameters())
    next(value for key, value in values.items() if "lora_E" in key).data[1] = 0
    merged = {key: value.detach().clone() for key, value in get_peft_model_state_dict(model).items()}
    kept = [0, 2]
    file = {key.removeprefix(ROLE): value[:, kept] if "lora_B" in key else value[kept] for key, value in merged.items()}
    weight = model.merge_and_unload().layer.weight
    return row("peft-adalora-pruned", "linear", file, weight, ROLE, {**plain(config), "rank_pattern": mask})


def lora_bias_alone():
    """`lora_bias` on a layer without a bias, which PEFT computes but does not merge."""
    config = LoraConfig(target_modules=["layer"], r=3, lora_alpha=2, lora_bias=True)
    model = get_peft_model(Model(base_layer("linear")), config)
    fill("lora-bias-alone", [(key.split("layer.", 1)[1], value) for key, value in model.named_parameters()])
    file = {key.removeprefix(ROLE): value.detach().clone() for key, value in get_peft_model_state_dict(model).items()}
    _, bias = measured(model.base_model.model, "linear")
    return row("peft-lora-bias-alone", "none", file, bias, ROLE, plain(config))


def butterfly(name, base, size, factor):
    """BOFT with several factors, which PEFT allows only where its CUDA extension is; the rest runs anywhere."""

    class Diagonal:
        @staticmethod
        def apply(blocks):
            return torch.stack([torch.block_diag(*stage) for stage in blocks])

    kept = boft_layer.get_fbd_cuda, boft_layer.FastBlockDiag
    boft_layer.get_fbd_cuda, boft_layer.FastBlockDiag = lambda: True, Diagonal
    try:
        return peft(name, base, BOFTConfig(target_modules=["layer"], boft_block_size=size, boft_n_butterfly_factor=factor))
    finally:
        boft_layer.get_fbd_cuda, boft_layer.FastBlockDiag = kept


def peft_rows():
    one = {"target_modules": ["layer"]}
    for base in SHAPES:
        yield peft(f"lora-{base}", base, LoraConfig(**one, r=3, lora_alpha=2))
        yield peft(f"dora-{base}", base, LoraConfig(**one, r=3, lora_alpha=2, use_dora=True))
        yield peft(f"adalora-{base}", base, AdaLoraConfig(**one, init_r=3, target_r=2, lora_alpha=5, total_step=10))
        yield peft(f"loha-{base}", base, LoHaConfig(**one, r=3, alpha=2))
        yield peft(f"lokr-{base}", base, LoKrConfig(**one, r=1, alpha=3, decompose_factor=2))
        yield peft(f"oft-{base}", base, OFTConfig(**one, r=0, oft_block_size=4))
        yield peft(f"oft-exact-{base}", base, OFTConfig(**one, r=0, oft_block_size=4, use_cayley_neumann=False))
        yield peft(f"boft-{base}", base, BOFTConfig(**one, boft_block_size=4))
        yield peft(f"ia3-{base}", base, IA3Config(**one, feedforward_modules=[]))
        yield peft(f"ia3-feedforward-{base}", base, IA3Config(**one, feedforward_modules=["layer"]))
    yield peft("lora-rs", "linear", LoraConfig(**one, r=3, lora_alpha=2, use_rslora=True))
    yield peft("lora-patterns", "linear", LoraConfig(**one, r=3, lora_alpha=2, rank_pattern={"layer": 2}, alpha_pattern={"layer": 5}))
    yield peft("lokr-whole", "linear", LoKrConfig(**one, r=8, alpha=3, rank_pattern={"layer": 100}, decompose_factor=4))
    yield peft("oft-shared", "linear", OFTConfig(**one, r=0, oft_block_size=4, block_share=True))
    yield peft("oft-terms", "linear", OFTConfig(**one, r=0, oft_block_size=4, num_cayley_neumann_terms=7))
    yield peft("oft-constrained", "linear", OFTConfig(**one, r=0, oft_block_size=4, coft=True, eps=0.3))
    yield butterfly("boft-three", "linear", 2, 3)
    yield butterfly("boft-two", "conv", 6, 2)
    yield peft("lora-bias", "linear", LoraConfig(**one, r=3, lora_alpha=2, lora_bias=True), target="bias")
    yield peft("lora-bias-trained", "linear", LoraConfig(**one, r=3, lora_alpha=2, bias="lora_only"), target="bias")
    yield peft("ia3-bias", "linear", IA3Config(**one, feedforward_modules=[]), target="bias")
    yield adalora_pruned()
    yield lora_bias_alone()


# LyCORIS


def lycoris_row(name, base, kind, target="weight", **settings):
    layer = base_layer(base, target == "bias")
    module = kind("layer", layer, multiplier=1.0, **settings)
    module.apply_to()
    folded = kind is lycoris.FullModule

    def start(role):
        if role in ("weight", "bias") and folded:
            return BASES[base if role == "weight" else "bias"]
        return dict(module.named_parameters())[role].data.clone() if role in ("dora_scale", "rescale") else 0.0

    fill(name, list(module.named_parameters()), start)
    weight, bias = measured(layer, base)
    file = {key: value.detach().clone() for key, value in module.state_dict().items()}
    return row(f"lycoris-{name}", base if target == "weight" else "bias", file, weight if target == "weight" else bias)


def norm_row(target):
    layer = torch.nn.GroupNorm(4, 16)
    layer.weight.data, layer.bias.data = BASES["norm"].clone(), BASES["bias"].clone()
    module = lycoris.NormModule("layer", layer)
    fill("norm", list(module.named_parameters()))
    weight, bias = module.get_merged_weight()
    file = {key: value.detach().clone() for key, value in module.state_dict().items()}
    base = "norm" if target == "weight" else "bias"
    kept = {key: value for key, value in file.items() if key == ("w_norm" if target == "weight" else "b_norm")}
    return row(f"lycoris-norm-{target}", base, kept, weight if target == "weight" else bias)


def lycoris_rows():
    scale = {"lora_dim": 3, "alpha": 2}
    for base in SHAPES:
        row = lambda name, kind, **settings: lycoris_row(f"{name}-{base}", base, kind, **settings)  # noqa: E731
        yield row("lora", lycoris.LoConModule, **scale)
        yield row("dora-out", lycoris.LoConModule, **scale, weight_decompose=True)
        yield row("dora-in", lycoris.LoConModule, **scale, weight_decompose=True, wd_on_out=False)
        yield row("loha", lycoris.LohaModule, **scale)
        yield row("lokr", lycoris.LokrModule, lora_dim=1, alpha=2, factor=2)
        yield row("glora", lycoris.GLoRAModule, **scale)
        yield row("full", lycoris.FullModule)
        yield row("oft", lycoris.DiagOFTModule, lora_dim=4)
        yield row("oft-rescaled", lycoris.DiagOFTModule, lora_dim=4, rescaled=True, constraint=0.02)
        yield row("boft", lycoris.ButterflyOFTModule, lora_dim=2)
        yield row("boft-rescaled", lycoris.ButterflyOFTModule, lora_dim=4, rescaled=True, constraint=0.02)
        yield row("ia3", lycoris.IA3Module)
        yield row("ia3-input", lycoris.IA3Module, train_on_input=True)
    yield lycoris_row("lora-tucker", "conv", lycoris.LoConModule, **scale, use_tucker=True)
    yield lycoris_row("loha-tucker", "conv", lycoris.LohaModule, **scale, use_tucker=True)
    yield lycoris_row("lokr-tucker", "conv", lycoris.LokrModule, lora_dim=1, alpha=2, factor=2, use_tucker=True)
    yield lycoris_row("lora-rs", "linear", lycoris.LoConModule, **scale, rs_lora=True)
    yield lycoris_row("lora-scalar", "linear", lycoris.LoConModule, **scale, use_scalar=True)
    yield lycoris_row("loha-dora", "linear", lycoris.LohaModule, **scale, weight_decompose=True)
    yield lycoris_row("lokr-dora", "linear", lycoris.LokrModule, lora_dim=1, alpha=2, factor=2, weight_decompose=True)
    yield lycoris_row("lokr-whole", "linear", lycoris.LokrModule, lora_dim=8, alpha=2, full_matrix=True, factor=4)
    yield lycoris_row("lokr-both", "linear", lycoris.LokrModule, lora_dim=1, alpha=2, decompose_both=True, factor=4)
    yield lycoris_row("full-bias", "linear", lycoris.FullModule, target="bias")
    yield norm_row("weight")
    yield norm_row("bias")


def row(kind, base, file, merged, prefix="lora_unet_layer.", config=None):
    return {"type": kind, "base": base, "prefix": prefix, **({"config": config} if config else {})}, file, merged.detach().clone()


def main():
    tensors = dict(BASES)
    listed = []
    for said, file, merged in [*lycoris_rows(), *peft_rows()]:
        kind, base = said["type"], BASES.get(said["base"], torch.zeros(16))
        change = (merged - base).abs().max().item()
        print(f"{kind:32} {change:.4f}", {key: list(value.shape) for key, value in file.items()})
        assert merged.isfinite().all() and change > 0.001, kind
        listed.append({**said, "keys": list(file)})
        tensors.update({f"{kind}/file/{key}": value.float() for key, value in file.items()})
        tensors[f"{kind}/1.0"] = merged
    tensors["none"] = torch.zeros(16)
    case = {
        "name": "adapter-tools",
        "rows": listed,
        "strengths": [1.0],
        "tolerance": 0.00002,
        "oracle": "PEFT 0.21.2, LyCORIS 4.1.3",
        "note": "TYPE/file/KEY are the file tensors; TYPE/1.0 is the weight with which the tool's layer computes",
    }
    (GOLDENS / "adapter-tools.json").write_text(json.dumps(case, indent=1) + "\n")
    save_file({key: value.contiguous() for key, value in tensors.items()}, GOLDENS / "adapter-tools.safetensors")


main()
