"""The real cores and units, and the parameter sets that are examined."""
import os

PICO = ["pythondata_cpu_picorv32/verilog/picorv32.v"]
SERV = ["pythondata_cpu_serv/verilog/rtl/serv_%s.v" % part for part in (
    "rf_top", "rf_ram", "rf_ram_if", "top", "state", "decode", "immdec", "bufreg", "bufreg2", "ctrl", "alu",
    "rf_if", "mem_if", "csr", "aligner", "compdec")]
VEX = ["pythondata_cpu_vexriscv/verilog/VexRiscv_Min.v"]
VENDOR = "pythondata_cpu_cv32e40p/system_verilog/rtl/vendor/"
COMMON, FPNEW = VENDOR + "pulp_platform_common_cells/", VENDOR + "pulp_platform_fpnew/src/fpnew_%s.sv"
FMA = [COMMON + "src/cf_math_pkg.sv", COMMON + "src/lzc.sv",
       *(FPNEW % part for part in ("pkg", "classifier", "rounding", "fma")),
       os.path.join(os.path.dirname(os.path.abspath(__file__)), "fma_top.sv")]


def fma(code, width):
    return FMA, "fma_top", {"FORMAT": code, "W": width}, "clk_i", "rst_ni", 0, 4


OR1K = "pythondata_cpu_marocchino/verilog/rtl/verilog"
FMUL = ([OR1K + "/pfpu_marocchino/pfpu_marocchino_mul.v"], "pfpu_marocchino_mul", {}, "cpu_clk", "pipeline_flush_i", 1, 4)
MUL = (PICO, "picorv32_pcpi_fast_mul", {"EXTRA_MUL_FFS": "1"}, "clk", "resetn", 0, 4)

# name: (sources below DIR/sources, top, parameters, clock, reset, value of reset when active, cycles of reset)
CORES = {
    "picorv32": (PICO, "picorv32", {}, "clk", "resetn", 0, 4),
    "picorv32-irq": (PICO, "picorv32", {"ENABLE_IRQ": "1"}, "clk", "resetn", 0, 4),
    "picorv32-nocatch": (PICO, "picorv32", {"CATCH_ILLINSN": "0", "CATCH_MISALIGN": "0"}, "clk", "resetn", 0, 4),
    "serv": (SERV, "serv_rf_top", {}, "clk", "i_rst", 1, 4),
    "serv-nocsr": (SERV, "serv_rf_top", {"WITH_CSR": "0"}, "clk", "i_rst", 1, 4),
    "vexriscv-min": (VEX, "VexRiscv", {}, "clk", "reset", 1, 4),
    "fma16": fma("2", "16"),
    "fma32": fma("0", "32"),
    "fma32-sequence": fma("0", "32"),
    "fma32-jobs": fma("0", "32"),
    "fma32-idle": fma("0", "32"),
    "fma32-seen": fma("0", "32"),
    "fmul": FMUL,
    "fmul-sticky": FMUL,
    "fmul-hold": FMUL,
    "mul": MUL,
    "mul-sequence": MUL,
    "mul-idle": MUL,
}

# tops in SystemVerilog that only `read_slang` reads; where sources include from
SLANG = {"fma_top"}
INCLUDES = {"fma_top": COMMON + "include", "pfpu_marocchino_mul": OR1K}
