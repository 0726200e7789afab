"""Feeds damaged copies of files to the readers and the splitter, and reports crashes, hangs and hunger. Run by hand:

python tests/fuzz_readers.py FOLDER [FOLDER ...] --inputs 500 --seconds 10 --seed 1

prints each outcome with its count, the slowest input and the peak of resident memory. An input is slow from `--seconds`
on; memory is too much from `--mebibytes` on.
"""

from __future__ import annotations

import argparse
import collections
import io
import os
import random
import re
import resource
import signal
import sys
import tempfile
import time
import traceback
import zipfile
import zlib
from pathlib import Path

from pipeline.errors import FileFault
from pipeline.read import docx, html, pdf, pptx, read_file, text
from pipeline.split import Part, sentences

READERS = (docx, html, pdf, pptx, text)
"""Imported here, so that no process of an input has to."""
SUFFIXES = {".pdf", ".docx", ".pptx", ".html", ".htm", ".txt", ".md"}


def mutate(data: bytes, dice: random.Random) -> bytes:
    """A damaged copy: bytes changed, removed, repeated or cut off; of an office file one of its members, of a PDF
    often what its compressed streams hold."""
    if not data.startswith((b"PK", b"%PDF")) and dice.random() < 0.1:
        return (data * 20)[:1_000_000]  # nothing is damaged, but there is much of it
    if data.startswith(b"PK") and dice.random() < 0.8:
        return _mutate_member(data, dice)
    if data.startswith(b"%PDF") and dice.random() < 0.7:
        return _mutate_streams(data, dice)
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


STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
NUMBERS = (b"0", b"-1", b"1e9", b"99999999999", b"-32769", b"0.0000001", b"2147483648", b"65536")


def _mutate_streams(data: bytes, dice: random.Random) -> bytes:
    """A PDF in some of whose streams (pages, fonts, tables of objects) tokens are exchanged, repeated or removed."""
    spans = [m.span(1) for m in STREAM.finditer(data)]
    for start, end in sorted(dice.sample(spans, min(len(spans), dice.choice((1, 2, 8)))), reverse=True):
        try:
            plain = zlib.decompressobj().decompress(data[start:end], 1 << 22)
        except zlib.error:
            continue
        tokens = re.split(rb"(\s+)", plain)
        for _ in range(dice.choice((1, 5, 40))):
            at = dice.randrange(len(tokens))
            match dice.randrange(4):
                case 0:
                    tokens[at] = dice.choice(NUMBERS)
                case 1:
                    tokens[at] = tokens[dice.randrange(len(tokens))]
                case 2:
                    tokens[at] = (tokens[at][:100] + b" ") * dice.choice((2, 50, 2000))
                case _:
                    tokens[at] = b""
        data = data[:start] + zlib.compress(b"".join(tokens)) + data[end:]
    return data


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
    """What came of one input: `read`, the code of a FileFault, or the traceback's last lines."""
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
        except Exception:
            return "CRASH " + "".join(traceback.format_exc().splitlines(keepends=True)[-7:])
        finally:
            signal.alarm(0)
    return "read"


def read_apart(data: bytes, suffix: str, seconds: int) -> tuple[str, float]:
    """As `read_one`, in a process of its own, with the most MiB that it held; a signal that ended it is a crash, but
    for the alarm, which is `timeout`."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_AS, (HARD_LIMIT, HARD_LIMIT))
        os.write(writer, read_one(data, suffix, seconds).encode()[:4000])
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        outcome = pipe.read().decode(errors="replace")
    _, status, usage = os.wait4(child, 0)
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        outcome = "timeout" if number == signal.SIGALRM else f"CRASH by signal {number}"
    return outcome, usage.ru_maxrss / 1024


HARD_LIMIT = 6 << 30
"""Bytes of address space at which an input is stopped, so that a hungry one does not take the machine with it."""


def main() -> int:
    """Runs the inputs and prints each outcome with its count; 1 where any crashed, hung or took too much memory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--inputs", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--mebibytes", type=int, default=1024)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--suffix", default="")
    options = parser.parse_args()
    found = (p for folder in options.folders for p in folder.rglob("*"))
    files = sorted(p for p in found if p.suffix.lower() in SUFFIXES and p.stat().st_size < 2_000_000)
    files = [p for p in files if p.suffix.lower().endswith(options.suffix)]
    outcomes: collections.Counter[str] = collections.Counter()
    slowest, hungriest = (0.0, ""), (0.0, "")
    for number in range(options.inputs):
        dice = random.Random(options.seed * 1_000_003 + number)
        path = dice.choice(files)
        name, start = f"input {number} of {path.name}", time.monotonic()
        outcome, mebibytes = read_apart(mutate(path.read_bytes(), dice), path.suffix, options.seconds)
        slowest = max(slowest, (time.monotonic() - start, name))
        hungriest = max(hungriest, (mebibytes, name))
        outcome = "hungry" if mebibytes > options.mebibytes and outcome != "timeout" else outcome
        outcomes[outcome] += 1
        if outcome in ("timeout", "hungry") or outcome.startswith("CRASH"):
            sys.stdout.write(f"{outcome}: {name}\n")
            sys.stdout.flush()
    for outcome, count in outcomes.most_common():
        sys.stdout.write(f"{count:6} {outcome}\n")
    sys.stdout.write(
        f"slowest: {slowest[0]:.1f} s, {slowest[1]}; most memory: {hungriest[0]:.0f} MiB, {hungriest[1]}\n"
    )
    return int(any(outcome in ("timeout", "hungry") or outcome.startswith("CRASH") for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
