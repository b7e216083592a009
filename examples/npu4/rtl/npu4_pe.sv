// NPU-4 processing element: holds one int8 weight, passes the activation to the right and the partial
// sum plus their product down, each through a register.

module npu4_pe (
    input  wire               clk,
    input  wire               rst_n,
    input  wire               we,
    input  wire        [7:0]  w_in,
    input  wire               clear,
    input  wire               advance,
    input  wire        [7:0]  a_in,
    input  wire        [23:0] p_in,
    output reg         [7:0]  a_out,
    output reg         [23:0] p_out
);
    reg [7:0] weight;

    wire [15:0] product;
    npu4_mul mul (.a(a_in), .b(weight), .y(product));

    always_ff @(posedge clk) begin
        if (!rst_n)  weight <= 8'd0;
        else if (we) weight <= w_in;
    end

    always_ff @(posedge clk) begin
        if (!rst_n | clear) begin
            a_out <= 8'd0;
            p_out <= 24'd0;
        end else if (advance) begin
            a_out <= a_in;
            p_out <= p_in + {{8{product[15]}}, product};
        end
    end

endmodule
