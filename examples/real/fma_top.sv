// fpnew_fma (of pythondata-cpu-cv32e40p) behind ports without types, three pipeline stages, distributed.
module fma_top #(parameter int FORMAT = 0, parameter int W = 32) (
  input  logic           clk_i, rst_ni,
  // a job
  input  logic [3*W-1:0] operands_i,
  input  logic [2:0]     boxed_i, rnd_i,
  input  logic [3:0]     op_i, tag_i,
  input  logic           op_mod_i, valid_i,
  output logic           ready_o,
  input  logic           flush_i,
  // its result
  output logic [W-1:0]   result_o,
  output logic [4:0]     status_o,
  output logic [3:0]     tag_o,
  output logic           valid_o,
  input  logic           ready_i,
  output logic           busy_o, extension_o
);
  fpnew_fma #(
    .FpFormat(fpnew_pkg::fp_format_e'(FORMAT)), .NumPipeRegs(3), .PipeConfig(fpnew_pkg::DISTRIBUTED),
    .TagType(logic [3:0]), .AuxType(logic)
  ) fma (
    .clk_i, .rst_ni, .operands_i, .is_boxed_i(boxed_i), .rnd_mode_i(fpnew_pkg::roundmode_e'(rnd_i)),
    .op_i(fpnew_pkg::operation_e'(op_i)), .op_mod_i, .tag_i, .mask_i(1'b1), .aux_i(1'b0),
    .in_valid_i(valid_i), .in_ready_o(ready_o), .flush_i,
    .result_o, .status_o, .extension_bit_o(extension_o), .tag_o, .mask_o(), .aux_o(),
    .out_valid_o(valid_o), .out_ready_i(ready_i), .busy_o, .reg_ena_i('0)
  );
endmodule
