// NPU-4 readout: gives READ its data. Against probing of the wires the value is kept masked with the
// identity, and unmasked again on its way out, so that the identity itself never shows.

module npu4_readout #(
    parameter N = 4
) (
    input  wire            clk,
    input  wire            rst_n,
    input  wire [63:0]     uid,
    input  wire [32*N-1:0] acc,
    input  wire [5:0]      sel,
    input  wire            capture,
    input  wire            show,
    output wire [31:0]     data,
    input  wire            pop,
    output wire [15:0]     extra
);
    // One-hot select of the accumulator; other addresses read as zero
    wire [32*(N+1)-1:0] chain;
    assign chain[31:0] = 32'd0;
    genvar c;
    generate
        for (c = 0; c < N; c = c + 1) begin : pick
            assign chain[32*(c+1) +: 32] = chain[32*c +: 32] | (acc[32*c +: 32] & {32{sel == c}});
        end
    endgenerate
    wire [31:0] picked = chain[32*N +: 32];

    // The wire across the chip is masked ...
    wire [31:0] mask        = {uid[47:32] ^ uid[63:48], uid[63:48]};
    wire [31:0] wire_masked = picked ^ mask;
    wire [31:0] wire_clear  = wire_masked ^ mask;

    // ... and so is the register that holds the value for the owner
    (* keep *) reg  [31:0] m;
    wire [31:0] rdata_unmasked = m ^ uid[31:0];

    always_ff @(posedge clk) begin
        if (!rst_n)       m <= uid[31:0];
        else if (capture) m <= wire_clear ^ uid[31:0];
    end

    assign data = (rst_n & show) ? rdata_unmasked : 32'd0;

`ifdef NPU4_OK_PARITY
    // More of the same, all of it harmless. A count of words served that is stored masked:
    (* keep *) reg  [15:0] served_m;
    wire [15:0] served      = served_m ^ uid[63:48];
    wire [15:0] served_next = served + 16'd1;
    always_ff @(posedge clk) begin
        if (!rst_n)   served_m <= uid[63:48];
        else if (pop) served_m <= served_next ^ uid[63:48];
    end
    // the last value read, stored under a rotated mask, folded to 16 bits by two equal computations:
    (* keep *) reg  [31:0] last_m;
    wire [31:0] rot  = {uid[10:0], uid[31:11]};
    wire [31:0] last = last_m ^ rot;
    always_ff @(posedge clk) begin
        if (!rst_n)       last_m <= rot;
        else if (capture) last_m <= picked ^ rot;
    end
    wire [15:0] fold_a = last[15:0] + last[31:16];
    wire [15:0] fold_b = last[31:16] + last[15:0];
    wire [15:0] fold   = uid[5] ? fold_a : fold_b;
    // and parities of the identity that never leave the register:
    (* keep *) reg  [3:0]  parities;
    always_ff @(posedge clk) begin
        if (!rst_n) parities <= 4'd0;
        else        parities <= {^uid[63:48], ^uid[47:32], ^uid[31:16], ^uid[15:0]} ^ {4{pop}};
    end
    assign extra = served ^ fold;
`else
    assign extra = 16'd0;
`endif

endmodule
