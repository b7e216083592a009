#!/usr/bin/env python3
"""Runs the NPU-4 test benches with Icarus Verilog. Exit status 0 when every bench run printed PASS;
the 16 x 16 array is not simulated.

Usage: tb/run.py [NAME...]     (no name: all variants)
"""
import glob
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
sys.path.insert(0, ROOT)
from variants import VARIANTS  # noqa: E402

RTL = sorted(glob.glob(os.path.join(ROOT, "rtl", "*.sv")))


def bench(name, top, n, define=None, extra=(), exact=False):
    rtl = RTL if exact else [os.path.join(HERE, "fast_mul.sv") if f.endswith("npu4_mul.sv") else f for f in RTL]
    with tempfile.TemporaryDirectory() as tmp:
        out = os.path.join(tmp, "sim")
        options = ["-D" + d for d in [define, f"TB_N={n}", *extra] if d]
        subprocess.run(["iverilog", "-g2012", *options, "-I" + os.path.join(ROOT, "rtl"), "-I" + HERE, "-s", top, "-o", out,
                        *rtl, os.path.join(HERE, top + ".sv")], check=True)
        text = subprocess.run(["vvp", "-n", out], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900).stdout
    print(f"{name:14} N={n:<3} {text.strip()}", flush=True)
    return text.strip().startswith("PASS")


def main(names):
    good = [bench("multiplier", "tb_mul", 4, exact=True)]
    for name in names:
        define, n = VARIANTS[name][:2]
        if n > 8:
            print(f"{name:14} N={n:<3} NOT SIMULATED: takes an event-driven simulator too long")
            continue
        leaks = name in ("leak-idle", "leak-timing")
        # The products, where no lock, rest or refusal stands in the way
        if name.startswith("clean") or name in ("ok-watchdog", "ok-serial", "ok-parity"):
            good.append(bench(name, "tb_matmul", n, define, exact=name == "clean"))
        good.append(bench(name, "tb_variant", n, define))
        if n == 4:
            good.append(bench(name, "tb_twins", n, define, ["TB_LEAKS"] if leaks else []))
    print(f"{sum(good)} of {len(good)} benches pass")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or list(VARIANTS)))
