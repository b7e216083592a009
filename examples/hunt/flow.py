"""Yosys runs and file forms shared by the scripts of this directory."""
import json
import os
import random
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


FAMILIES = {
    **own("serial.v", "uart", "spi", "crcunit", "i2c"),
    **own("arith.v", "mulpipe", "divider", "fir", "fadd", "cordic", "sorter"),
    **own("bus.v", "timers", "xbar", "dma", "tlb", "ecc", "intc", "sdram"),
    **own("crypto.v", "present", "speck", "keccak", "dds"),
    "npu4": ([os.path.join(HERE, f) for f in NPU], "npu4", "-chparam N 4"),
    "picorv32": ([os.path.join(REAL, "sources", PICO)], "picorv32", ""),
    "serv": ([os.path.join(REAL, "sources", f) for f in SERV], "serv_rf_top", ""),
    "vexriscv": ([os.path.join(REAL, "sources", "pythondata_cpu_vexriscv/verilog/VexRiscv_Min.v")], "VexRiscv", ""),
}

LEGAL = "dfflegalize -cell $_DFF_P_ x -cell $_DFF_PN0_ x -cell $_DFF_PN1_ x"
# different structures of the same logic: the implant merges differently with its host
SCRIPTS = ["strash;dc2;balance;map", "strash;ifraig;dc2;rewrite;refactor;map -a", "strash;dch;map -B 0.9"]


def gates(seed=0):
    script = SCRIPTS[seed % len(SCRIPTS)].replace(" ", ",")
    return f"abc -g AND,OR,NAND,NOR,XOR,XNOR -script +{script}"


def yosys(lines, cwd=None):
    done = subprocess.run(["yosys", "-q", "-p", "; ".join(lines)], cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr[-800:] + done.stdout[-400:])


def elaborate(family, out):
    """RTL of a family to gates, JSON."""
    sources, top, extra = FAMILIES[family]
    inc = f"-I{os.path.join(HERE, '../npu4/rtl')}"
    yosys([f"read_verilog -sv {inc} " + " ".join(sources), f"hierarchy -check -top {top} {extra}", "proc", "flatten",
           "opt -nodffe -nosdff", "memory", "opt -nodffe -nosdff", "alumacc", "techmap", "opt -nodffe -nosdff", LEGAL,
           "techmap", "simplemap", "opt_clean", gates(), "opt_clean", f"write_json {out}"])


PRIMS = {"$_AND_": "and", "$_OR_": "or", "$_NAND_": "nand", "$_NOR_": "nor", "$_XOR_": "xor", "$_XNOR_": "xnor",
         "$_NOT_": "not", "$_BUF_": "buf"}


class Flat:
    """A flat netlist of primitives: ports [(name, dir, bits)], gates [(name, kind, out, ins)], flops."""

    def __init__(self, path):
        modules = json.load(open(path))["modules"]
        tops = [m for m in modules.values() if m.get("attributes", {}).get("top")] or list(modules.values())
        module = tops[0]
        self.ports = [(n, p["direction"], p["bits"]) for n, p in module["ports"].items()]
        self.gates, self.flops, self.names, self.kept = [], [], {}, {}
        for name, net in module["netnames"].items():
            if net.get("attributes", {}).get("keep"):
                self.kept[name] = net["bits"]
            for i, bit in enumerate(net["bits"]):
                if not net["hide_name"] or bit not in self.names:
                    self.names[bit] = f"{name}[{i}]" if len(net["bits"]) > 1 else name
        for name, cell in module["cells"].items():
            kind, c = cell["type"], {p: b[0] for p, b in cell["connections"].items()}
            if kind in PRIMS:
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
