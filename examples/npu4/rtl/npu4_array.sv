// NPU-4 systolic array: N x N processing elements, the skew registers in front of them and one 32-bit
// accumulator below each column. Accumulator c ends as the sum over the fed rows r of A[r] . W[.][c].

module npu4_array #(
    parameter N = 4
) (
    input  wire            clk,
    input  wire            rst_n,
    input  wire            we,
    input  wire [5:0]      waddr,     // [3:0] row, [4] upper eight bytes
    input  wire [63:0]     wdata,
    input  wire            clear,
    input  wire            acc_clear,
    input  wire            advance,
    input  wire [8*N-1:0]  act_row,
    output wire [32*N-1:0] acc
);
    genvar k, c, d;

    // a[k][c]: activation entering element (k, c); p[k][c]: partial sum entering it from above
    wire [8*N*(N+1)-1:0]  a;
    wire [24*N*(N+1)-1:0] p;
    assign p[24*N-1:0] = {(24*N){1'b0}};

    generate
        // Row k of the array sees its lane k cycles later
        for (k = 0; k < N; k = k + 1) begin : skew
            wire [8*(k+1)-1:0] taps;
            assign taps[7:0] = act_row[8*k +: 8];
            for (d = 0; d < k; d = d + 1) begin : stage
                reg [7:0] hold;
                always_ff @(posedge clk) begin
                    if (!rst_n | clear) hold <= 8'd0;
                    else if (advance)   hold <= taps[8*d +: 8];
                end
                assign taps[8*(d+1) +: 8] = hold;
            end
            assign a[8*(N+1)*k +: 8] = taps[8*k +: 8];
        end

        for (k = 0; k < N; k = k + 1) begin : row
            for (c = 0; c < N; c = c + 1) begin : col
                npu4_pe pe (
                    .clk(clk), .rst_n(rst_n),
                    .we(we & (waddr[3:0] == k) & (waddr[4] == (c / 8))),
                    .w_in(wdata[8*(c % 8) +: 8]),
                    .clear(clear), .advance(advance),
                    .a_in(a[8*((N+1)*k + c) +: 8]),
                    .p_in(p[24*(N*k + c) +: 24]),
                    .a_out(a[8*((N+1)*k + c + 1) +: 8]),
                    .p_out(p[24*(N*(k+1) + c) +: 24])
                );
            end
        end

        for (c = 0; c < N; c = c + 1) begin : column
            wire [23:0] bottom = p[24*(N*N + c) +: 24];
            reg  [31:0] sum;
            always_ff @(posedge clk) begin
                if (!rst_n | acc_clear) sum <= 32'd0;
                else if (advance)       sum <= sum + {{8{bottom[23]}}, bottom};
            end
            assign acc[32*c +: 32] = sum;
        end
    endgenerate

endmodule
