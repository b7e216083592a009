#!/usr/bin/env python3
"""Elaborates blocks of published projects to flat Verilog: further host families of the protocol.

Usage: blocks.py PACKAGES OUT [PREFIX...]

PACKAGES holds the unpacked wheels that `pip download --no-deps` brings: pythondata-misc-opentitan, pythondata-cpu-ibex,
pythondata-cpu-cv32e40p, pythondata-cpu-cva5, umi, lambdalib, circuitgraph. SystemVerilog is read by the slang front end of PyPI's pyosys (0.70),
which must be importable; gate-level netlists by the installed yosys. Writes OUT/NAME.v with one module NAME; flow.py takes
them as families where PROBITY_FLAT=OUT. Blocks that the reader refuses are named and left out. Prefixes: ot ibex cv c5 um cg.
"""
import glob
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

SECONDS = 150
# blocks of OpenTitan by folder of hw/ip; fitted to
OPENTITAN = {
    "uart": "uart_tx uart_rx uart_reg_top", "i2c": "i2c_core i2c_fsm", "spi_host": "spi_host_reg_top",
    "rv_timer": "timer_core rv_timer rv_timer_reg_top", "hmac": "hmac_core sha2 sha2_pad hmac_reg_top", "gpio": "gpio",
    "pattgen": "pattgen_chan pattgen_core", "rv_plic": "rv_plic_target rv_plic_gateway", "kmac": "keccak_round sha3pad kmac_msgfifo",
    "alert_handler": "alert_handler_esc_timer alert_handler_class alert_handler_accu alert_handler_ping_timer",
    "usbdev": "usbdev_linkstate", "usb_fs_nb_pe": "usb_fs_rx usb_fs_tx usb_fs_nb_in_pe usb_fs_nb_out_pe usb_fs_nb_pe",
    "entropy_src": "entropy_src_repcnt_ht entropy_src_markov_ht entropy_src_bucket_ht entropy_src_adaptp_ht",
    "csrng": "csrng_ctr_drbg_upd csrng_main_sm csrng_state_db", "otbn": "otbn_alu_base otbn_mac_bignum otbn_stack",
    "sysrst_ctrl": "sysrst_ctrl_keyintr sysrst_ctrl_comboact", "spi_device": "spi_fwm_txf_ctrl spi_cmdparse",
    "tlul": "tlul_adapter_reg tlul_adapter_sram tlul_socket_1n tlul_socket_m1 tlul_fifo_sync sram2tlul", "pinmux": "pinmux_wkup",
    "prim": "prim_lfsr prim_present prim_prince prim_keccak prim_packer prim_packer_fifo prim_fifo_sync prim_arbiter_ppc "
            "prim_arbiter_tree prim_alert_sender prim_alert_receiver prim_esc_sender prim_esc_receiver prim_sram_arbiter "
            "prim_gf_mult prim_slicer",
}
# the rest is left out of all fitting
IBEX = """alu multdiv_fast multdiv_slow controller load_store_unit fetch_fifo prefetch_buffer cs_registers counter
    compressed_decoder id_stage if_stage pmp wb_stage dummy_instr icache csr""".split()
CV32E40P = """alu_div mult aligner prefetch_controller prefetch_buffer load_store_unit int_controller controller hwloop_regs alu
    fifo cs_registers compressed_decoder if_stage ex_stage""".split()
CVA5 = "branch_comparator one_hot_to_integer".split()
UMI = """umi_fifo umi_arbiter umi_crossbar umi_switch umi_fifoflex umi_regif umi_endpoint umi_memif umi_splitter umi2axil axil2umi
    umi2tl tl2umi umi2apb axi2umi axird2umi axiwr2umi umi_data_aggregator umi_packet_merge_greedy lumi_tx lumi_regs umi_stream
    umi_pipeline umi_mux umi_unpack""".split()
NETLISTS = "s13207 s38417 s38584 c880 c2670 c3540 c5315 c7552 c6288 b20_C b17_C router i2c priority_ckt cavlc sin".split()

LOWER = ["proc", "flatten", "opt -nodffe -nosdff", "memory -nomap", "memory_map", "opt -nodffe -nosdff", "opt_clean", "alumacc",
         "techmap", "opt -nodffe -nosdff", "dfflegalize -cell $_DFF_P_ x -cell $_DFF_PN0_ x -cell $_DFF_PN1_ x", "techmap", "simplemap",
         "opt_clean", "setattr -unset src w:* c:*"]
# cells that these projects leave to the target, as they behave in simulation
CELLS = """
module prim_flop_2sync #(parameter int Width=16, parameter logic [Width-1:0] ResetValue='0)
  (input clk_i, input rst_ni, input [Width-1:0] d_i, output logic [Width-1:0] q_o);
  logic [Width-1:0] first;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin first <= ResetValue; q_o <= ResetValue; end else begin first <= d_i; q_o <= first; end
endmodule
module prim_flop #(parameter int Width=1, parameter logic [Width-1:0] ResetValue='0)
  (input clk_i, input rst_ni, input [Width-1:0] d_i, output logic [Width-1:0] q_o);
  always_ff @(posedge clk_i or negedge rst_ni) if (!rst_ni) q_o <= ResetValue; else q_o <= d_i;
endmodule
module prim_buf #(parameter int Width=1) (input [Width-1:0] in_i, output logic [Width-1:0] out_o);
  assign out_o = in_i;
endmodule
module prim_clock_gating (input clk_i, input en_i, input test_en_i, output logic clk_o);
  assign clk_o = clk_i;
endmodule
module cv32e40p_clock_gate (input clk_i, input en_i, input scan_cg_en_i, output logic clk_o);
  assign clk_o = clk_i;
endmodule
module ff(input CK, input D, output reg Q); always @(posedge CK) Q <= D; endmodule
"""
RUN = "import sys; from pyosys import libyosys as y; d = y.Design(); [y.run_pass(l, d) for l in open(sys.argv[1]).read().splitlines()]"


def folders(*patterns):
    return [d for p in patterns for d in sorted(glob.glob(p, recursive=True)) if os.path.isdir(d)]


def files(*patterns):
    return [f for p in patterns for f in sorted(glob.glob(p, recursive=True))]


def jobs(packages, cells):
    """(name, top, files read first, library folders, include folders)"""
    opentitan = f"{packages}/pythondata_misc_opentitan/resources/hw"
    ip, found = f"{opentitan}/ip", []
    common = [f"{ip}/prim/rtl/prim_{p}_pkg.sv" for p in "util secded alert esc cipher ram_1p ram_2p rom otp".split()]
    common[2:2] = [f"{opentitan}/top_earlgrey/rtl/top_pkg.sv", f"{ip}/tlul/rtl/tlul_pkg.sv"]
    for folder, tops in OPENTITAN.items():
        needs = [f"{ip}/edn/rtl/edn_pkg.sv", f"{ip}/entropy_src/rtl/entropy_src_pkg.sv"] if folder == "csrng" else []
        own = sorted(files(f"{ip}/{folder}/rtl/*_pkg.sv"), key=lambda p: "reg_pkg" not in p)
        library = [f"{ip}/{d}/rtl" for d in (folder, "prim", "prim_generic", "tlul")] + [cells]
        found += [("ot_" + t, t, common + needs + own, library, [f"{ip}/prim/rtl"]) for t in tops.split()]
    ibex = f"{packages}/pythondata_cpu_ibex/system_verilog"
    prim = folders(f"{ibex}/vendor/lowrisc_ip/**/prim/rtl")
    library = [f"{ibex}/rtl", *prim, *folders(f"{ibex}/vendor/lowrisc_ip/**/prim_generic/rtl"), cells]
    first = [f"{ibex}/rtl/ibex_pkg.sv", *files(*(p + "/*_pkg.sv" for p in prim))]
    found += [("ibex_" + t, "ibex_" + t, first, library, [*prim, f"{ibex}/rtl", *folders(f"{ibex}/**/dv_utils")]) for t in IBEX]
    cv = f"{packages}/pythondata_cpu_cv32e40p/system_verilog/rtl"
    first = files(f"{cv}/include/*_pkg.sv", f"{cv}/vendor/**/fpnew_pkg.sv")
    found += [("cv_" + t, "cv32e40p_" + t, first, [cv, cells], [f"{cv}/include"]) for t in CV32E40P]
    core = next(iter(folders(f"{packages}/pythondata_cpu_cva5/**/core")), "")
    first = files(*(f"{core}/**/*_{k}.sv" for k in ("types", "pkg")), f"{os.path.dirname(core)}/**/*_config*.sv", f"{core}/**/*interfaces.sv",
                  f"{core}/**/*.sv")
    found += [("c5_" + t, t, first, [], [core]) for t in CVA5]
    library = folders(f"{packages}/umi/**/rtl", f"{packages}/lambdalib/**/rtl")
    include = sorted({os.path.dirname(f) for f in files(f"{packages}/umi/**/*.vh", f"{packages}/lambdalib/**/*.vh")})
    return found + [("um_" + t, t, [], library, include) for t in UMI]


def run(name, out, command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    if not os.path.exists(f"{out}/{name}.part"):
        errors = [line for line in (done.stdout + done.stderr).splitlines() if re.search("error", line, re.I)]
        return f"{name}: left out: {(errors or ['no netlist'])[0][:160]}"
    os.rename(f"{out}/{name}.part", f"{out}/{name}.v")
    return name


def slang(job, out):
    name, top, first, library, include = job
    first = first + files(*(f"{d}/{top}.*v" for d in library))[:1]
    read = ["read_slang --allow-use-before-declare --top", top, *(f"-y {d}" for d in library), "-Y .sv -Y .v",
            *(f"-I {d}" for d in include), "-DSYNTHESIS -DYOSYS", *dict.fromkeys(first)]
    script = f"{out}/{name}.ys"
    lines = [" ".join(read), f"hierarchy -check -top {top}", *LOWER, f"rename -top {name}", f"write_verilog -noattr {out}/{name}.part"]
    open(script, "w").write("\n".join(lines) + "\n")
    return run(name, out, [sys.executable, "-c", RUN, script])


def netlist(packages, which, out, cells):
    name = "cg_" + which.lower()
    path = next(p for p in (f"{packages}/circuitgraph/netlists/{which}{s}.v" for s in ("", "g")) if os.path.exists(p))
    top = re.search(r"^ *module +(\w+)", open(path).read(), re.M).group(1)
    script = (f"read_verilog {cells}/ff.v {path}; hierarchy -top {top}; proc; flatten; opt_clean; rename -top {name}; "
              f"write_verilog -noattr {out}/{name}.part")
    return run(name, out, ["yosys", "-q", "-p", script])


def main():
    packages, out, *prefixes = sys.argv[1:]
    cells = os.path.join(out, "cells")
    os.makedirs(cells, exist_ok=True)
    for module in re.findall(r"module .*?endmodule\n", CELLS, re.S):
        name = re.match(r"module (\w+)", module).group(1)
        open(os.path.join(cells, name + (".v" if name == "ff" else ".sv")), "w").write(module)
    work = [lambda j=j: slang(j, out) for j in jobs(packages, cells) if not prefixes or j[0].split("_")[0] in prefixes]
    if not prefixes or "cg" in prefixes:
        work += [lambda w=w: netlist(packages, w, out, cells) for w in NETLISTS]

    def guarded(job):
        try:
            return job()
        except (subprocess.TimeoutExpired, StopIteration, OSError) as e:
            return f"left out: {type(e).__name__} {e}"

    with ThreadPoolExecutor(2) as pool:
        for line in pool.map(guarded, work):
            print(line, flush=True)


if __name__ == "__main__":
    main()
