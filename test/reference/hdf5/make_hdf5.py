"""Small HDF5 files that h5wasm cannot write itself: python3 make_hdf5.py (h5py 3.7, HDF5 1.10). Most are hostile."""
import os

import h5py
import numpy as np

os.chdir(os.path.dirname(os.path.abspath(__file__)))

with h5py.File("external_storage.h5", "w") as f:  # contiguous data that lie in another file
    f.create_dataset("spikes_train", (4, 2), dtype="f4", external=[("/etc/passwd", 0, 32)])
    f["stimulus_train"] = np.zeros((4, 3, 2, 2), "f4")

with h5py.File("own_storage.h5", "w") as f:  # the same, naming the path under which the reader itself knows the file
    f.create_dataset("spikes_train", (4, 2), dtype="f4", external=[("/data.h5", 0, 32)])

with h5py.File("virtual.h5", "w") as f:  # a virtual dataset, made of another file's
    layout = h5py.VirtualLayout((4, 2), "f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (4, 2))
    f.create_virtual_dataset("spikes_train", layout)

with h5py.File("external_link.h5", "w") as f:
    f["spikes_train"] = h5py.ExternalLink("/etc/passwd", "/x")

with h5py.File("soft_link.h5", "w") as f:
    f["real"] = np.zeros(2)
    f["spikes_train"] = h5py.SoftLink("/real")

with h5py.File("huge_chunks.h5", "w") as f:  # a chunk of 80 MB, never written
    f.create_dataset("spikes_train", (10_000_000, 2), dtype="f4", chunks=(10_000_000, 2))

with h5py.File("filter_lzf.h5", "w") as f:
    f.create_dataset("spikes_train", data=np.zeros((100, 2), "f4"), chunks=(100, 2), compression="lzf")

with h5py.File("half.h5", "w") as f:
    f["spikes_train"] = np.zeros((4, 2), "f2")

# What good files may hold: bytes in latin-1 (fixed and variable length), UTF-8, big endian, gzip + shuffle, 8-byte integers, a user block.
with h5py.File("kinds.h5", "w", userblock_size=512) as f:
    latin = "caf\xe9".encode("latin-1")
    f["fixed"] = np.array([b"dog", latin], dtype="S6")
    f.create_dataset("variable", data=[b"dog", latin], dtype=h5py.string_dtype("ascii"))
    f.create_dataset("utf8", data=["dog", "caf\xe9"], dtype=h5py.string_dtype("utf-8"))
    f["big"] = np.array([[1.5, -2], [3, 4]], dtype=">f4")
    f.create_dataset("packed", data=np.arange(12.0).reshape(6, 2), chunks=(2, 2), compression="gzip", shuffle=True)
    f["long"] = np.array([-1, 2**40], dtype="i8")
    f.create_group("group")["inside"] = np.zeros(2)

with h5py.File("mat73.mat", "w", userblock_size=512) as f:  # as MATLAB's save -v7.3 lays it out: axes reversed, a struct is a group
    rates = np.arange(24, dtype="f8").reshape(2, 3, 4)  # in MATLAB 4 x 3 x 2
    f.create_group("session").create_dataset("rates", data=rates, chunks=(1, 3, 2), compression="gzip").attrs["MATLAB_class"] = np.bytes_("double")
    f["session"].create_dataset("counts", data=np.arange(12, dtype="i2").reshape(3, 4)).attrs["MATLAB_class"] = np.bytes_("int16")
    f["session"].attrs["MATLAB_class"] = np.bytes_("struct")
    f.create_dataset("label", data=np.frombuffer("IT".encode("utf-16-le"), "u2").reshape(2, 1)).attrs["MATLAB_class"] = np.bytes_("char")
    f.create_group("#refs#")
with open("mat73.mat", "r+b") as file:
    file.write(b"MATLAB 7.3 MAT-file, written by h5py for tests".ljust(124) + b"\x00\x02IM")
