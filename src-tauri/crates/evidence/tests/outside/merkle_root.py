"""Rebuilds the hash tree of an exported log with pymerkle and compares it with the checkpoints.

    merkle_root.py FOLDER [OLDER_CHECKPOINT PROOF]

With the other two, the log must have grown out of the older one, and pymerkle's own path to the entry must be
the one of the tlog-proof.
"""

import base64
import pathlib
import sys

from pymerkle import InmemoryTree

WIDTH = 256


def tile_path(number, width):
    text = f"{number % 1000:03}"
    number //= 1000
    while number:
        text = f"x{number % 1000:03}/{text}"
        number //= 1000
    return text if width == WIDTH else f"{text}.p/{width}"


def checkpoint(text):
    _, size, root = text.split("\n\n")[0].split("\n")
    return int(size), base64.b64decode(root)


def leaves(folder, size):
    for first in range(0, size, WIDTH):
        path = folder / "tile/entries" / tile_path(first // WIDTH, min(WIDTH, size - first))
        bundle = path.read_bytes()
        while bundle:
            end = 2 + int.from_bytes(bundle[:2], "big")
            assert len(bundle) >= end, f"{path} does not add up"
            yield bundle[2:end]
            bundle = bundle[end:]


def hashes(lines):
    return [base64.b64decode(line) for line in lines]


folder = pathlib.Path(sys.argv[1])
size, root = checkpoint((folder / "checkpoint").read_text())
tree = InmemoryTree(algorithm="sha256")
for leaf in leaves(folder, size):
    tree.append_entry(leaf)
assert tree.get_size() == size, f"{tree.get_size()} entries, {size} are signed"
assert tree.get_root() == root, "the entries have another root than the signed one"

if len(sys.argv) > 2:
    older, proof = (pathlib.Path(path).read_text() for path in sys.argv[2:])
    old_size, old_root = checkpoint(older)
    assert tree.get_root(old_size) == old_root, "the older checkpoint has another root"
    tree.prove_consistency(old_size, size).verify(old_root, root)
    lines = proof.split("\n\n")[0].split("\n")
    index = int(lines[1].split(" ")[1])
    # pymerkle counts entries from 1 and begins its path with the entry itself.
    path = tree.prove_inclusion(index + 1, size).path
    assert path[1:] == hashes(lines[2:]), "another inclusion path"
print("verified")
