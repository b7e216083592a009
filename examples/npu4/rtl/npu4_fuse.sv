// NPU-4 identity: 64 fuses, blown at the factory and different in every part. The design never writes
// them. A parity of them is kept for the production test and goes nowhere.

module npu4_fuse (
    input  wire        clk,
    output wire [63:0] uid_out
);
    (* keep *) reg [63:0] uid;
    (* keep *) reg        par;

    always_ff @(posedge clk) par <= ^uid;

    assign uid_out = uid;

endmodule
