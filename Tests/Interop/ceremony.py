"""Aleo's ceremony files up to 2^15, out of the SDK's shared library, where snarkVM carries them.

Each file is found by the bytes it begins with (a number of entries, or for beta H the point's first bytes) and known
by its SHA-256, which is that of snarkVM's own metadata.
"""
import hashlib
import os
import pathlib
import shutil

COUNT_15 = (1 << 15).to_bytes(8, "little")
FILES = {
    "beta-h.usrs": (192, bytes.fromhex("0cdeccd1c86a7ba8621cc88e9f316f78"),
                    "fd0a8538d4ad4f60694b5e81dec6687d8672480ea6b878205eef0c1bd51dc3bc"),
    "neg-powers-of-beta.usrs": (5_408, (27).to_bytes(8, "little"),
                                "ded57ae81c510f8fd50c8f3ec3387e8397ffdde71acfcc639ff1a2728a0848cd"),
    "powers-of-beta-gamma.usrs": (8_744, (84).to_bytes(8, "little"),
                                  "03fd7fc81234b014e1e260c797e9b716b5587429871026f17a455cd0938d8be1"),
    "powers-of-beta-15.usrs": (3_145_736, COUNT_15,
                               "eb7040c25ce1a19a5a9a1d12046c5820ba9c2768c606290f8a80fa2bd0e1e5ed"),
    "shifted-powers-of-beta-15.usrs": (3_145_736, COUNT_15,
                                       "7c732bfabee7ac5e4496ccd0db1ee11127adb453b3b6014e6230cb51aba7ed49"),
}
# What snarkVM needs to prove by itself, under the name that it looks for.
POWERS_16 = ("powers-of-beta-16.usrs", "powers-of-beta-16.usrs.84631bc",
             "84631bc11e1a6db99db085a8de586014e7dd10e97b42cbd766c105dea014bbd1")


def _matches(path, digest):
    return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == digest


def _library():
    import aleo
    return next(pathlib.Path(aleo.__file__).parent.glob("_aleolib_mainnet*.so")).read_bytes()


def extract(folder):
    """Fills a folder with the files; what is there already is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    library = None
    for name, (size, start, digest) in FILES.items():
        if _matches(folder / name, digest):
            continue
        library = library or _library()
        place = library.find(start)
        while place >= 0 and hashlib.sha256(library[place:place + size]).hexdigest() != digest:
            place = library.find(start, place + 1)
        if place < 0:
            raise SystemExit("interop: the SDK's library does not hold %s" % name)
        temporary = folder / (name + ".part")
        temporary.write_bytes(library[place:place + size])
        temporary.rename(folder / name)


def provide_powers_16(home, candidates):
    """Puts the powers up to 2^16 where snarkVM looks, from the first folder that has them. False if none has."""
    name, stored, digest = POWERS_16
    target = pathlib.Path(home) / ".aleo/resources" / stored
    if _matches(target, digest):
        return True
    for folder in candidates:
        for source in (pathlib.Path(folder) / name, pathlib.Path(folder) / stored):
            if _matches(source, digest):
                os.makedirs(target.parent, exist_ok=True)
                shutil.copyfile(source, target)
                return True
    return False
