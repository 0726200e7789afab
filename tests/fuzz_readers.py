"""Feeds damaged copies of real files to the readers and reports crashes and hangs. Run by hand:

python tests/fuzz_readers.py FOLDER --inputs 500 --seconds 20 --seed 1
"""

from __future__ import annotations

import argparse
import collections
import io
import random
import signal
import sys
import tempfile
import traceback
import zipfile
from pathlib import Path

from pipeline.errors import FileFault
from pipeline.read import read_file
from pipeline.split import Part, sentences

SUFFIXES = {".pdf", ".docx", ".pptx", ".html", ".htm", ".txt", ".md"}


def mutate(data: bytes, dice: random.Random) -> bytes:
    """A damaged copy: bytes changed, removed, repeated or cut off; of an office file, one of its members."""
    if data.startswith(b"PK") and dice.random() < 0.8:
        return _mutate_member(data, dice)
    damaged = bytearray(data)
    for _ in range(dice.choice((1, 3, 10, 40))):
        at = dice.randrange(len(damaged) or 1)
        match dice.randrange(5):
            case 0:
                damaged[at : at + 1] = bytes([dice.randrange(256)])
            case 1:
                del damaged[at : at + dice.randrange(1, 200)]
            case 2:
                damaged[at:at] = damaged[at : at + dice.randrange(1, 200)]
            case 3:
                damaged[at:at] = dice.choice((b"\x00", b"<", b">", b"\t", b"\xff\xfe", b"9999999999", b"-1", b"\n\n"))
            case _:
                if dice.random() < 0.05:
                    del damaged[at:]
    return bytes(damaged)


def _mutate_member(data: bytes, dice: random.Random) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(buffer, "w") as target:
        names = [name for name in source.namelist() if name.endswith((".xml", ".rels"))]
        chosen = dice.choice(names)
        for name in source.namelist():
            member = source.read(name)
            if name == chosen and dice.random() < 0.1:
                continue
            target.writestr(name, mutate_text(member, dice) if name == chosen else member)
    return buffer.getvalue()


def mutate_text(member: bytes, dice: random.Random) -> bytes:
    """XML that mostly stays well formed: values of attributes and names of elements exchanged."""
    words = member.split(b'"')
    for _ in range(dice.choice((1, 4, 20))):
        at = dice.randrange(len(words))
        if at % 2:
            words[at] = dice.choice((b"", b"-1", b"x", b"99999999999", words[dice.randrange(len(words)) // 2 * 2 - 1]))
    return b'"'.join(words)


def read_one(data: bytes, suffix: str, seconds: int) -> str:
    """What came of one input: `read`, the code of a FileFault, `timeout`, or the traceback's last lines."""
    with tempfile.NamedTemporaryFile(suffix=suffix) as file:
        file.write(data)
        file.flush()
        signal.alarm(seconds)
        try:
            blocks = read_file(Path(file.name)).blocks
            part = Part(1, blocks)
            assert all(part.text[s.char_start : s.char_end] == s.text for s in sentences(part))
        except FileFault as fault:
            return fault.error
        except TimeoutError:
            return "timeout"
        except Exception:
            return "CRASH " + "".join(traceback.format_exc().splitlines(keepends=True)[-7:])
        finally:
            signal.alarm(0)
    return "read"


def _expire(*_: object) -> None:
    raise TimeoutError


def main() -> int:
    """Runs the inputs and prints each outcome with its count; 1 where any crashed or hung."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--inputs", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--suffix", default="")
    options = parser.parse_args()
    files = sorted(
        p for p in options.folder.rglob("*") if p.suffix.lower() in SUFFIXES and p.stat().st_size < 2_000_000
    )
    files = [p for p in files if p.suffix.lower().endswith(options.suffix)]
    signal.signal(signal.SIGALRM, _expire)
    outcomes: collections.Counter[str] = collections.Counter()
    for number in range(options.inputs):
        dice = random.Random(options.seed * 1_000_003 + number)
        path = dice.choice(files)
        outcome = read_one(mutate(path.read_bytes(), dice), path.suffix, options.seconds)
        outcomes[outcome] += 1
        if outcome == "timeout":
            sys.stdout.write(f"timeout: input {number} of {path.name}\n")
    for outcome, count in outcomes.most_common():
        sys.stdout.write(f"{count:6} {outcome}\n")
    return int(any(outcome == "timeout" or outcome.startswith("CRASH") for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
