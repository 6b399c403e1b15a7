"""A hundred packs weigh little."""

import subprocess
import sys

GOOD = "schema: 1\nname: N{}\ncharacters:\n  - id: someone\n    name: Someone\n    greeting: Hello.\n"
SCRIPT = """
import sys
from pathlib import Path
from tzurot.packs.library import Library
lib = Library([Path(sys.argv[1])], {})
lib.load()
assert len(lib.shelf.packs) == 100
print(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
"""


def test_a_process_with_100_packs_takes_at_most_120_mib_at_its_peak(tmp_path):
    if not sys.platform.startswith("linux"):
        import pytest

        pytest.skip("memory is read from /proc, which only Linux has")
    for number in range(100):
        (tmp_path / f"p{number}").mkdir()
        (tmp_path / f"p{number}" / "pack.yaml").write_text(GOOD.format(number))
    told = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert int(told.stdout) <= 120 * 1024
