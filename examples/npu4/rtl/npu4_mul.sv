// NPU-4 multiplier: signed 8 x 8 to 16 bits, a Baugh-Wooley array of full adders, one row per bit of b.

module npu4_mul (
    input  wire [7:0]  a,
    input  wire [7:0]  b,
    output wire [15:0] y
);
    // Row i gives {top, sum}: what is above bit i so far, plus the partial product of b[i]. The constants
    // of the scheme are the 1 above row 0 (weight 2^8) and the inversion of the last carry (2^15).
    wire [71:0] rows;
    assign rows[8:0] = {1'b1, !(a[7] & b[0]), a[6:0] & {7{b[0]}}};

    genvar i, j;
    generate
        for (i = 1; i < 8; i = i + 1) begin : line
            wire [7:0] above = rows[9*(i-1)+1 +: 8];
            wire [8:0] carry;
            assign carry[0] = 1'b0;
            for (j = 0; j < 8; j = j + 1) begin : fa
                wire pp = ((i == 7) != (j == 7)) ? !(a[j] & b[i]) : (a[j] & b[i]);
                wire half = above[j] ^ pp;
                assign rows[9*i + j] = half ^ carry[j];
                assign carry[j+1]    = (above[j] & pp) | (half & carry[j]);
            end
            assign rows[9*i + 8] = carry[8];
        end
        for (i = 0; i < 7; i = i + 1) begin : low
            assign y[i] = rows[9*i];
        end
    endgenerate
    assign y[14:7] = rows[63 +: 8];
    assign y[15]   = !rows[71];

endmodule
