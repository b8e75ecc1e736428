"""Writes the .safetensors files beside this script with the reference
implementation of the format.

    pip install safetensors==0.8.0 numpy==2.4.6
    python3 generate.py

floats.safetensors   F32 only, with what numbers and names can be
types.safetensors    one small tensor of each type that NumPy or its bits can express

The versions that wrote a file are in its metadata.
"""

import pathlib

import numpy as np
import safetensors

here = pathlib.Path(__file__).parent
written = {"written by": f"safetensors {safetensors.__version__}, numpy {np.__version__}"}


def save(name, tensors):
    """Takes (name, dtype, array of values or of their bits)."""
    specs, alive = {}, []
    for key, dtype, a in tensors:
        a = np.ascontiguousarray(a) if a.shape else a
        alive.append(a)
        specs[key] = safetensors.TensorSpec(
            dtype=dtype, shape=a.shape, data_ptr=a.ctypes.data, data_len=a.nbytes
        )
    safetensors.serialize_file(specs, here / name, metadata=written)


def bits(dtype, *values):
    return np.array(values, dtype=dtype)


ramp = np.arange(24, dtype=np.float32).reshape(2, 3, 4) / 7
special = bits(np.uint32, 0, 1 << 31, 0x7F800000, 0xFF800000, 0x7FC00001, 0xFFC12345, 0x7F800001, 1, 0x7F7FFFFF)
save(
    "floats.safetensors",
    [
        ("conv2d/kernel", "float32", ramp),
        ("conv2d/bias", "float32", -ramp[0, 0]),
        ("special", "float32", special.view(np.float32)),
        ("scalar", "float32", np.array(2.5, dtype=np.float32)),
        ("none", "float32", np.zeros((3, 0, 2), dtype=np.float32)),
        ('quote " slash \\ line \n <&> \u00e9 \u2028', "float32", ramp[1, :2, :2]),
    ],
)
save(
    "types.safetensors",
    [
        ("f16", "float16", bits(np.uint16, 0, 0x8000, 1, 0x3FF, 0x400, 0x3C00, 0xC500, 0x7BFF, 0x7C00, 0xFC00, 0x7E01)),
        ("bf16", "bfloat16", bits(np.uint16, 0x3F80, 0xC040, 0x7F80, 0x0001)),
        ("f64", "float64", np.array([1.5, -1e300, 0.1, 1 + 2**-24, 1 + 2**-24 + 2**-40])),
        ("i64", "int64", np.array([[1, -2]], dtype=np.int64)),
        ("u8", "uint8", np.array([1, 2, 3], dtype=np.uint8)),
        ("bool", "bool", np.array([True, False])),
        ("c64", "complex64", np.array([1 + 2j], dtype=np.complex64)),
        ("f8", "float8_e4m3fn", bits(np.uint8, 0x38)),
        ("f4", "float4_e2m1fn_x2", bits(np.uint8, 0x21, 0x43)),
    ],
)
