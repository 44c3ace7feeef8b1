"""One target in one process, for a time: `python -m fuzz.one TARGET SECONDS SEED FOLDER`.

libFuzzer drives it by coverage of `fumo`, and tells at its end what was done. A finding leaves its
input in FOLDER and a non-zero exit code; FOLDER/dearest says what the dearest input cost.
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["fumo"]):
    from fuzz.targets import TARGETS

from fuzz.cost import Scales

MEMORY_MIB_MAX = 256
INPUT_BYTES_MAX = 4096


def main(name: str, seconds: str, seed: str, folder: str) -> None:
    """Fuzz until the time is over or something was found."""
    target = TARGETS[name]
    scales = Scales(Path(folder) / "dearest", target.floor_s)
    corpus = Path(folder) / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(target.seeds()):
        (corpus / f"seed-{number}").write_bytes(data)

    options = {
        "max_total_time": seconds,
        "seed": seed,
        "rss_limit_mb": str(MEMORY_MIB_MAX),
        "max_len": str(INPUT_BYTES_MAX),
        "timeout": "10",
        "artifact_prefix": f"{folder}/",
        "print_final_stats": "1",
    }
    atheris.Setup(
        [sys.argv[0], *(f"-{k}={v}" for k, v in options.items()), str(corpus)],
        lambda data: scales.weigh(target.give, data),
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
