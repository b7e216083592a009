"""The real cores and the parameter sets that are examined."""

PICO = ["pythondata_cpu_picorv32/verilog/picorv32.v"]
SERV = ["pythondata_cpu_serv/verilog/rtl/serv_%s.v" % part for part in (
    "rf_top", "rf_ram", "rf_ram_if", "top", "state", "decode", "immdec", "bufreg", "bufreg2", "ctrl", "alu",
    "rf_if", "mem_if", "csr", "aligner", "compdec")]
VEX = ["pythondata_cpu_vexriscv/verilog/VexRiscv_Min.v"]

# name: (sources below DIR/sources, top, parameters, clock, reset, value of reset when active, cycles of reset)
CORES = {
    "picorv32": (PICO, "picorv32", {}, "clk", "resetn", 0, 4),
    "picorv32-irq": (PICO, "picorv32", {"ENABLE_IRQ": "1"}, "clk", "resetn", 0, 4),
    "picorv32-nocatch": (PICO, "picorv32", {"CATCH_ILLINSN": "0", "CATCH_MISALIGN": "0"}, "clk", "resetn", 0, 4),
    "serv": (SERV, "serv_rf_top", {}, "clk", "i_rst", 1, 4),
    "serv-nocsr": (SERV, "serv_rf_top", {"WITH_CSR": "0"}, "clk", "i_rst", 1, 4),
    "vexriscv-min": (VEX, "VexRiscv", {}, "clk", "reset", 1, 4),
}
