// NPU-4 scratchpad: N rows of N activation bytes. While feeding it gives one row per step, or zeros
// where the job's row mask leaves the row out.

module npu4_spad #(
    parameter N  = 4,
    parameter SW = 3
) (
    input  wire           clk,
    input  wire           rst_n,
    input  wire           we,
    input  wire [5:0]     waddr,     // [3:0] row, [4] upper eight bytes
    input  wire [63:0]    wdata,
    input  wire           feed,
    input  wire [SW-1:0]  step,
    input  wire [N-1:0]   row_mask,
    output wire [8*N-1:0] row
);
    wire [8*N*N-1:0] store;
    genvar r, k;
    generate
        for (r = 0; r < N; r = r + 1) begin : line
            for (k = 0; k < N; k = k + 1) begin : lane
                reg [7:0] value;
                wire      hit = we & (waddr[3:0] == r) & (waddr[4] == (k / 8));
                always_ff @(posedge clk) begin
                    if (!rst_n)   value <= 8'd0;
                    else if (hit) value <= wdata[8*(k % 8) +: 8];
                end
                assign store[8*(N*r + k) +: 8] = value;
            end
        end
    endgenerate

    // One-hot select of the row
    wire [8*N*(N+1)-1:0] chain;
    assign chain[8*N-1:0] = {(8*N){1'b0}};
    generate
        for (r = 0; r < N; r = r + 1) begin : pick
            wire sel = feed & row_mask[r] & (step == r);
            assign chain[8*N*(r+1) +: 8*N] = chain[8*N*r +: 8*N] | (store[8*N*r +: 8*N] & {(8*N){sel}});
        end
    endgenerate
    assign row = chain[8*N*N +: 8*N];

endmodule
