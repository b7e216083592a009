// every word-level cell and flip-flop style the reader models
module mix(input clk, input rst_n, input arst, input set, input en, input [3:0] a, b, input signed [5:0] sa, input signed [3:0] sb,
  input [3:0] sh, input [0:3] up, input [9:4] off, output [3:0] y0, y1, y2, y3, output signed [7:0] y4, y5, y6, y7, output [15:0] f, output reg [3:0] q0,q1,q2,q3,q4,q5, output [7:0] y8, output reg [3:0] pm, output [0:3] upo, output reg [9:4] offq);
  assign y0 = a + b; assign y1 = a - b; assign y2 = (a << sh) ^ (b >> sh); assign y3 = -a;
  assign y4 = sa + sb; assign y5 = sa >>> sh; assign y6 = sa - sb; assign y7 = sa ^ sb;
  assign f = {a<b, a<=b, a>b, a>=b, a==b, a!=b, sa<sb, sa<=sb, sa>sb, sa>=sb, &a, |a, ^a, ~^a, a&&b, !a};
  assign y8 = {~(a & b), a | ~b} ;
  assign upo = up ^ a[3:0];
  always @(posedge clk) q0 <= a;
  always @(posedge clk) if (!rst_n) q1 <= 4'h5; else if (en) q1 <= a + q1;
  always @(posedge clk) if (en) begin if (!rst_n) q2 <= 4'hC; else q2 <= b ^ q2; end
  always @(posedge clk or posedge arst) if (arst) q3 <= 4'h3; else q3 <= q3 + 1;
  always @(posedge clk or negedge rst_n) if (!rst_n) q4 <= 4'h9; else if (en) q4 <= q4 + a;
  always @(posedge clk or posedge arst or posedge set) if (arst) q5 <= 4'h0; else if (set) q5 <= 4'hF; else q5 <= q5 + b;
  always @* begin case (sh) 0: pm = a; 1: pm = b; 2: pm = a ^ b; 3: pm = q0; 7: pm = q1; default: pm = 4'h5; endcase end
  always @(posedge clk) if (en) offq <= off;
endmodule
