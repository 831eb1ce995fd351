"""Writes test/goldens/torch-files.json: small files as torch.save writes them, and the tensors in them.

python test/oracles/torch_files.py
"""

import base64
import collections
import io
import json
import pathlib
import sys
import types
import zipfile

import numpy
import torch

ROOT = pathlib.Path(__file__).parent.parent
DTYPES = {
    torch.float32: "F32", torch.float64: "F64", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64",
    torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL",
    torch.complex64: "C64", torch.float8_e4m3fn: "F8_E4M3", torch.float8_e5m2: "F8_E5M2", torch.uint16: "U16",
}


def ramp(*shape, dtype=torch.float32):
    count = int(numpy.prod(shape))
    return (torch.arange(count, dtype=torch.float32) / 4 - 1).reshape(shape).to(dtype)


def saved(value, zipped=True, protocol=2):
    file = io.BytesIO()
    torch.save(value, file, _use_new_zipfile_serialization=zipped, pickle_protocol=protocol)
    return file.getvalue()


def big_endian(content, sizes):
    """The file as a machine with the other byte order would write it; `sizes` are those of an element, by storage."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name.endswith("/byteorder"):
                data = b"big"
            if "/data/" in name:
                size = sizes[int(name.rsplit("/", 1)[1])]
                data = numpy.frombuffer(data, numpy.uint8).reshape(-1, size)[:, ::-1].tobytes()
            new.writestr(name, data)
    return file.getvalue()


def lightning(state):
    """A training checkpoint, with a class of the trainer as a key and a number of numpy."""
    name = "pytorch_lightning.callbacks.model_checkpoint"
    for end in (len("pytorch_lightning"), len("pytorch_lightning.callbacks"), len(name)):
        sys.modules.setdefault(name[:end], types.ModuleType(name[:end]))
    module = sys.modules[name]
    if not hasattr(module, "ModelCheckpoint"):
        module.ModelCheckpoint = type("ModelCheckpoint", (), {"__module__": name})
    return {
        "epoch": 3,
        "global_step": 840000,
        "pytorch-lightning_version": "1.4.2",
        "state_dict": state,
        "callbacks": {module.ModelCheckpoint: {"best_model_score": numpy.float64(0.5), "best": torch.tensor(1.0)}},
        "optimizer_states": [{"state": collections.defaultdict(dict, {0: {"exp_avg": ramp(3)}})}],
        "lr_schedulers": [],
    }


def case(name, content, tensors, settings=None):
    described = {
        key: {
            "dtype": DTYPES[tensor.dtype],
            "shape": list(tensor.shape),
            "data": base64.b64encode(tensor.detach().reshape(-1).contiguous().view(torch.uint8).numpy().tobytes()).decode(),
        }
        for key, tensor in tensors.items()
    }
    return {"name": name, "content": base64.b64encode(content).decode(), "tensors": described, "settings": settings or {}}


def main():
    torch.manual_seed(0)
    every = {str(dtype).removeprefix("torch."): ramp(2, 3, dtype=dtype) for dtype in DTYPES}
    typed = {name: tensor for name, tensor in every.items() if "float8" not in name and name != "uint16"}
    storage = ramp(4, 6)
    views = {
        "whole": storage,
        "rows": storage[1:3],
        "column": storage[:, 2],
        "turned": storage.t(),
        "picked": storage[::2, 1::3],
        "repeated": ramp(1, 3).expand(2, 3),
        "scalar": torch.tensor(265),
        "empty": torch.zeros(0, 5),
        "one": storage[2:3, :],
    }
    linear = torch.nn.Linear(3, 2)
    state = linear.state_dict()
    words = {"*": torch.nn.Parameter(ramp(2, 8))}
    a1111 = {"string_to_token": {"*": 265}, "string_to_param": {"*": ramp(2, 8)}, "name": "cat", "step": 500, "sd_checkpoint": None}
    first = {"string_to_token": {"*": torch.tensor(265)}, "string_to_param": torch.nn.ParameterDict(words)}
    token = {"<cat-toy>": ramp(8)}
    sdxl = {"clip_g": ramp(1, 16), "clip_l": ramp(1, 8)}
    nested = [{"a": ramp(2)}, {"b": (ramp(3), {"c": [ramp(1)]})}]
    named = lambda prefix, tensors: {f"{prefix}{name}": tensor for name, tensor in tensors.items()}
    settings = {"epoch": "3", "global_step": "840000", "pytorch-lightning_version": "1.4.2"}
    cases = [
        case("every dtype", saved(every), every),
        case("every dtype, before zip", saved(typed, False), typed),
        case("views of one storage", saved(views), views),
        case("views of one storage, before zip", saved(views, False), views),
        case("protocol 4", saved(typed, protocol=4), typed),
        case("protocol 5, before zip", saved(typed, False, 5), typed),
        case("big-endian", big_endian(saved(every), [tensor.element_size() // (2 if tensor.is_complex() else 1) for tensor in every.values()]), every),
        case("a state dict", saved(state), dict(state)),
        case("a state dict, before zip", saved(state, False), dict(state)),
        case("parameters", saved(dict(linear.named_parameters())), dict(linear.named_parameters())),
        case("a training checkpoint", saved(lightning(state)), dict(state), settings),
        case("a training checkpoint, before zip", saved(lightning(state), False), dict(state), settings),
        case("an embedding of A1111", saved(a1111), {"string_to_param.*": ramp(2, 8)}, {"name": "cat", "step": "500"}),
        case("an embedding of A1111, before zip", saved(a1111, False), {"string_to_param.*": ramp(2, 8)}, {"name": "cat", "step": "500"}),
        case("a first embedding", saved(first), {"string_to_token.*": torch.tensor(265), **named("string_to_param.", words)}),
        case("a first embedding, before zip", saved(first, False), {"string_to_token.*": torch.tensor(265), **named("string_to_param.", words)}),
        case("an embedding of diffusers", saved(token), token),
        case("an embedding for SDXL", saved(sdxl), sdxl),
        case("lists in dictionaries", saved(nested), {"0.a": ramp(2), "1.b.0": ramp(3), "1.b.1.c.0": ramp(1)}),
        case("a tensor alone", saved(ramp(2, 8)), {"tensor": ramp(2, 8)}),
    ]
    (ROOT / "goldens" / "torch-files.json").write_text(json.dumps(cases, indent=1) + "\n")


main()
