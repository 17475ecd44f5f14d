"""Writes arrays.json: arrays as NumPy and safetensors save them, and their values. NumPy 2.4, ml_dtypes, safetensors."""

import base64
import io
import json
import pathlib
import zipfile

import ml_dtypes
import numpy as np
from safetensors.numpy import save

counted = np.arange(24).reshape(2, 3, 4)


def npy(array, version=None, **options):
    out = io.BytesIO()
    np.lib.format.write_array(out, array, version=version, **options)
    return out.getvalue()


def case(name, content, array):
    return {
        "name": name,
        "content": base64.b64encode(content).decode(),
        "dims": array.shape,
        "values": array.astype(np.float64).ravel().tolist(),
    }


halves = np.array([[0, -0.0, 1, -2.5, 65504, 6e-8, 6.1e-5, 0.1]], dtype=np.float16)
READ = [
    case("float16", npy(halves), halves),
    case("float16, big end first", npy(halves.astype(">f2")), halves),
    case("float64 in Fortran order", npy(np.asfortranarray(counted / 8)), counted / 8),
    case("bytes in Fortran order", npy(np.asfortranarray(counted.astype(np.uint8))), counted),
    case("two dimensions in Fortran order", npy(np.asfortranarray(counted[0].astype(">i4"))), counted[0]),
    *[case(kind, npy(counted.astype(kind)), counted) for kind in ["i1", "u2", ">u2", "i2", "u4", "i4", "u8", ">i8"]],
    case("booleans", npy(counted > 5), counted > 5),
    case("version 2 of the format", npy(counted.astype("f4"), (2, 0)), counted),
    case("version 3 of the format", npy(counted.astype("f4"), (3, 0)), counted),
]
REFUSED = [
    ("Python objects", npy(np.array([{}], dtype=object), allow_pickle=True)),
    ("complex numbers", npy(np.zeros((1, 2), complex))),
    ("texts", npy(np.array([["a"]]))),
    ("dates or times", npy(np.array([["2020-01-01"]], "M8[D]"))),
    ("bfloat16", npy(np.zeros((1, 2), ml_dtypes.bfloat16))),
    ("records", npy(np.zeros(2, [("a", "f4")]))),
]


def archive(compression):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as file:
        for name, array in [("x", counted.astype("f4")), ("y", np.array([1, 0]))]:
            with file.open(name + ".npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array)
    return base64.b64encode(out.getvalue()).decode()


tensors = {
    "bf16": np.array([[1, -2.5, 0.1, 3e38]], ml_dtypes.bfloat16),
    "f16": halves,
    "i16": np.array([[-3, 4]], np.int16),
    "bool": np.array([[True, False]]),
    "f8": np.array([[1, 2]], ml_dtypes.float8_e4m3fn),
}
alone = io.BytesIO()
np.savez(alone, only=counted)
pathlib.Path(__file__).with_name("arrays.json").write_text(
    json.dumps({
        "read": READ,
        "refused": [{"name": name, "content": base64.b64encode(content).decode()} for name, content in REFUSED],
        "npz": {"stored": archive(zipfile.ZIP_STORED), "deflated": archive(zipfile.ZIP_DEFLATED),
                "alone": base64.b64encode(alone.getvalue()).decode()},
        "safetensors": base64.b64encode(save(tensors)).decode(),
        "tensors": {name: array.astype(np.float64).ravel().tolist() for name, array in tensors.items()},
    }, indent=1) + "\n"
)
