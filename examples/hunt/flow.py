"""Yosys runs and file forms shared by the scripts of this directory."""
import json
import os
import random
import re
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
REAL = os.environ.get("PROBITY_REAL", "")

# family: (sources, top, extra yosys commands after reading)
PICO = "pythondata_cpu_picorv32/verilog/picorv32.v"
SERV = [f"pythondata_cpu_serv/verilog/rtl/serv_{p}.v" for p in (
    "rf_top", "rf_ram", "rf_ram_if", "top", "state", "decode", "immdec", "bufreg", "bufreg2", "ctrl", "alu", "rf_if",
    "mem_if", "csr", "aligner", "compdec")]
NPU = [f"../npu4/rtl/npu4_{p}.sv" for p in (
    "top", "queue", "remote", "power", "watchdog", "engine", "spad", "array", "pe", "mul", "fuse", "readout", "mgmt")]


def own(file, *tops):
    return {t: ([os.path.join(HERE, "rtl", file)], t, "") for t in tops}


def real(package, folder, files, top=None, extra="", defines=""):
    base = os.path.join(REAL, "sources", package, folder)
    files = files.split()
    return [os.path.join(base, f) for f in files], top or files[0].rsplit("/", 1)[-1][:-2], extra, f"-I{base} {defines}"


LM32 = ("pythondata_cpu_lm32", "verilog/rtl")
LM32_CONFIG = ("-I{}/../test -DCFG_PL_MULTIPLY_ENABLED -DCFG_MC_DIVIDE_ENABLED").format(
    os.path.join(REAL, "sources", *LM32))
MOR1KX = ("pythondata_cpu_mor1kx", "verilog/rtl/verilog")
MAROC = ("pythondata_cpu_marocchino", "verilog/rtl/verilog")

# weights and thresholds are fitted on these, but for serv and the blocks of lm32
TUNING = {
    **own("serial.v", "uart", "spi", "crcunit", "i2c"),
    **own("arith.v", "mulpipe", "divider", "fadd", "cordic", "sorter"),
    **own("bus.v", "timers", "xbar", "dma", "tlb", "ecc", "intc", "sdram"),
    **own("crypto.v", "present", "speck", "keccak", "dds"),
    "npu4": ([os.path.join(HERE, f) for f in NPU], "npu4", "-chparam N 4"),
    "serv": ([os.path.join(REAL, "sources", f) for f in SERV], "serv_rf_top", ""),
    **{f"lm32_{b}": real(*LM32, f"lm32_{b}.v", defines=LM32_CONFIG) for b in ("mc_arithmetic", "interrupt", "shifter", "decoder")},
    "lm32_load_store_unit": real(*LM32, "lm32_load_store_unit.v lm32_dcache.v lm32_dp_ram.v lm32_ram.v lm32_dtlb.v",
                                 defines=LM32_CONFIG),
}
# left out of the first fits, fitted to since
EARLIER = {
    **own("arith.v", "fir"),
    **own("unseen.v", "tapctl", "fifo", "hdlc", "video", "sha", "pid"),
    "npu4x8": ([os.path.join(HERE, f) for f in NPU], "npu4", "-chparam N 8"),
    "picorv32": real("pythondata_cpu_picorv32", "verilog", "picorv32.v"),
    "pcpi_div": real("pythondata_cpu_picorv32", "verilog", "picorv32.v", "picorv32_pcpi_div"),
    "pcpi_mul": real("pythondata_cpu_picorv32", "verilog", "picorv32.v", "picorv32_pcpi_mul"),
    "vexriscv": real("pythondata_cpu_vexriscv", "verilog", "VexRiscv_Min.v", "VexRiscv"),
    **{f"or1k_{b}": real(*MOR1KX, f"mor1kx_{b}.v") for b in ("ticktimer", "pic", "fetch_espresso", "execute_alu",
                                                           "lsu_espresso")},
    "or1k_store_buffer": real(*MOR1KX, "mor1kx_store_buffer.v mor1kx_simple_dpram_sclk.v",
                              extra="-chparam DEPTH_WIDTH 3"),
    "or1k_fpu_addsub": real(*MOR1KX, "pfpu32/pfpu32_addsub.v"),
    "or1k_fpu_i2f": real(*MOR1KX, "pfpu32/pfpu32_i2f.v"),
    "maroc_div": real(*MAROC, "or1k_marocchino_int_div.v"),
    "maroc_pic": real(*MAROC, "or1k_marocchino_pic.v"),
    "maroc_fpu_cmp": real(*MAROC, "pfpu_marocchino/pfpu_marocchino_cmp.v"),
}
# what blocks.py wrote: blocks of OpenTitan, fitted to, and the rest, to which nothing was fitted
FLAT = os.environ.get("PROBITY_FLAT", "")
SIZES = range(5001, 1000000)


def flats(keep):
    names = [f[:-2] for f in sorted(os.listdir(FLAT)) if f.endswith(".v") and keep(f[:-2])] if FLAT else []
    found = {n: ([os.path.join(FLAT, n + ".v")], n, "") for n in names}
    return {n: f for n, f in found.items() if os.path.getsize(f[0][0]) in SIZES}


BLOCKS = flats(lambda n: n.startswith("ot_"))
LEFT_OUT = flats(lambda n: not n.startswith("ot_"))
FAMILIES = {**TUNING, **EARLIER, **BLOCKS, **LEFT_OUT}

LEGAL = "dfflegalize -cell $_DFF_P_ x -cell $_DFF_PN0_ x -cell $_DFF_PN1_ x"
# different structures of the same logic: the implant merges differently with its host
SCRIPTS = ["strash;dc2;balance;map", "strash;ifraig;dc2;rewrite;refactor;map -a", "strash;dch;map -B 0.9"]
# what a case is delivered as: simple gates by one of the scripts, cells of cells.lib, or the word-level host turned
# into ANDs and inverters as it stands
FORMS = ["gates0", "gates1", "gates2", "cells", "words"]
CELLS = "AND,OR,NAND,NOR,XOR,XNOR,ANDNOT,ORNOT,MUX,AOI3,OAI3,AOI4,OAI4"


def mapping(form):
    """Yosys command that maps logic to the gates of a form."""
    if form == "words":
        return "opt_clean"
    script = SCRIPTS[int(form[-1]) if form.startswith("gates") else 0].replace(" ", ",")
    kinds = CELLS if form == "cells" else "AND,OR,NAND,NOR,XOR,XNOR"
    return f"abc -g {kinds} -script +{script}"


def yosys(lines, cwd=None):
    done = subprocess.run(["yosys", "-q", "-p", "; ".join(lines)], cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr[-800:] + done.stdout[-400:])


def read(family):
    sources, top, extra, *options = FAMILIES[family]
    options = options[0] if options else f"-I{os.path.join(HERE, '../npu4/rtl')}"
    return [f"read_verilog -sv {options} " + " ".join(sources), f"hierarchy -check -top {top} {extra}", "proc", "flatten"]


def elaborate(family, out):
    """RTL of a family to gates, JSON."""
    yosys(read(family) + ["opt -nodffe -nosdff", "memory", "opt -nodffe -nosdff", "alumacc", "techmap", "opt -nodffe -nosdff",
                          LEGAL, "techmap", "simplemap", "opt_clean", mapping("gates0"), "opt_clean", f"write_json {out}"])


def words(family, out):
    """RTL of a family to word-level cells, JSON, for the tool's own reader."""
    yosys(read(family) + ["opt_clean", "memory -nomap", "memory_map", "techmap t:$mul t:$div t:$mod t:$pow", "techmap t:$alu t:$macc t:$lcu t:$fa t:$shift t:$shiftx t:$demux t:$bmux t:$bweqx", "opt_clean", f"write_json {out}"])


PRIMS = {"$_AND_": "and", "$_OR_": "or", "$_NAND_": "nand", "$_NOR_": "nor", "$_XOR_": "xor", "$_XNOR_": "xnor",
         "$_NOT_": "not", "$_BUF_": "buf"}
# cells of cells.lib: pins and function
COMPLEX = {"$_ANDNOT_": ("andnot", "AB"), "$_ORNOT_": ("ornot", "AB"), "$_MUX_": ("mux", "ABS"), "$_AOI3_": ("aoi3", "ABC"),
           "$_OAI3_": ("oai3", "ABC"), "$_AOI4_": ("aoi4", "ABCD"), "$_OAI4_": ("oai4", "ABCD")}
PINS = {kind: pins for kind, pins in COMPLEX.values()}
FUNCTION = {
    "and": lambda m, a, b: a & b, "or": lambda m, a, b: a | b, "nand": lambda m, a, b: m ^ (a & b), "nor": lambda m, a, b: m ^ (a | b),
    "xor": lambda m, a, b: a ^ b, "xnor": lambda m, a, b: m ^ a ^ b, "not": lambda m, a: m ^ a, "buf": lambda m, a: a,
    "andnot": lambda m, a, b: a & (m ^ b), "ornot": lambda m, a, b: a | (m ^ b), "mux": lambda m, a, b, s: (b & s) | (a & (m ^ s)),
    "aoi3": lambda m, a, b, c: m ^ ((a & b) | c), "oai3": lambda m, a, b, c: m ^ ((a | b) & c),
    "aoi4": lambda m, a, b, c, d: m ^ ((a & b) | (c & d)), "oai4": lambda m, a, b, c, d: m ^ ((a | b) & (c | d)),
}


class Flat:
    """A flat netlist of primitives: ports [(name, dir, bits)], gates [(name, kind, out, ins)], flops."""

    def __init__(self, path):
        plain = lambda name: re.sub(r"\W", "_", name)
        modules = json.load(open(path))["modules"]
        tops = [m for m in modules.values() if m.get("attributes", {}).get("top")] or list(modules.values())
        module = tops[0]
        self.ports = [(plain(n), p["direction"], p["bits"]) for n, p in module["ports"].items()]
        self.gates, self.flops, self.names, self.kept, self.register = [], [], {}, {}, {}
        for name, net in module["netnames"].items():
            if net.get("attributes", {}).get("keep"):
                self.kept[name] = net["bits"]
            if re.fullmatch(r"r\d+\.Q", name):
                self.register[net["bits"][0]] = int(name[1:-2])
            for i, bit in enumerate(net["bits"]):
                if not net["hide_name"] or bit not in self.names:
                    self.names[bit] = f"{name}[{i}]" if len(net["bits"]) > 1 else name
        for name, cell in module["cells"].items():
            kind, c = cell["type"], {p: b[0] for p, b in cell["connections"].items()}
            if kind in COMPLEX:
                word, pins = COMPLEX[kind]
                self.gates.append((name, word, c["Y"], [c[p] for p in pins]))
            elif kind in PRIMS:
                self.gates.append((name, PRIMS[kind], c["Y"], [c[p] for p in "AB" if p in c]))
            elif kind.startswith("$_DFF_P"):
                self.flops.append((name, c["C"], c["D"], c["Q"], c.get("R") if kind.endswith("N0_") else None,
                                   c.get("R") if kind.endswith("N1_") else None))
            else:
                raise RuntimeError(f"unexpected cell {kind}")

    def write(self, path, name="top", seed=None):
        """Contest form. With a seed everything is renamed and shuffled; returns new names of instances."""
        rng = random.Random(seed)
        order = {}
        lines = []

        def ref(bit):
            if isinstance(bit, str):
                return "1'b1" if bit == "1" else "1'b0"
            if bit not in order:
                order[bit] = f"n{len(order)}"
            return order[bit]

        ports, assigns = [], []
        for pname, direction, bits in self.ports:
            ports.append((pname, direction, bits))
        for pname, direction, bits in ports:
            if direction == "input":
                for i, b in enumerate(bits):
                    order[b] = f"{pname}[{i}]" if len(bits) > 1 else pname
        cells = [("g",) + g for g in self.gates] + [("f",) + f for f in self.flops]
        if seed is not None:
            rng.shuffle(cells)
        names = {}
        for i, cell in enumerate(cells):
            iname = f"g{i}" if seed is not None else f"\\{cell[1]} "
            names[cell[1]] = iname.strip("\\ ")
            if cell[0] == "g":
                _, _, kind, out, ins = cell
                if kind in PINS:
                    pins = ", ".join(f".{p}({ref(b)})" for p, b in zip(PINS[kind] + "Y", ins + [out]))
                    lines.append(f"{kind} {iname}({pins});")
                else:
                    lines.append(f"{kind} {iname}({ref(out)}, {', '.join(ref(b) for b in ins)});")
            else:
                _, _, clk, d, q, rn, sn = cell
                lines.append(f"dff {iname}(.RN({ref(rn) if rn is not None else chr(49)+chr(39)+'b1'}), "
                             f".SN({ref(sn) if sn is not None else chr(49)+chr(39)+'b1'}), .CK({ref(clk)}), .D({ref(d)}), .Q({ref(q)}));")
        for pname, direction, bits in ports:
            if direction == "output":
                for i, b in enumerate(bits):
                    lines.append(f"buf po_{len(assigns)}({pname}{f'[{i}]' if len(bits) > 1 else ''}, {ref(b)});")
                    assigns.append(b)
        decl = [f"{d} {'[%d:0] ' % (len(b) - 1) if len(b) > 1 else ''}{n};" for n, d, b in ports]
        wires = [w for w in order.values() if w[0] == "n" and w[1:].isdigit()]
        with open(path, "w") as f:
            f.write(f"module {name}({', '.join(n for n, _, _ in ports)});\n" + "\n".join(decl) + "\n")
            for i in range(0, len(wires), 12):
                f.write("wire " + ", ".join(wires[i:i + 12]) + ";\n")
            f.write("\n".join(lines) + "\nendmodule\n")
        return names
