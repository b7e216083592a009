// Writes mix.vectors: one line per cycle, sampled just before the rising edge, ports in order,
// each as name=binary. `set` is never high together with `arst`, where Verilog and hardware part.
module tb;
  reg clk = 0, rst_n = 0, arst = 1, set = 0, en = 0;
  reg [3:0] a = 0, b = 0; reg [5:0] sa = 0; reg [3:0] sb = 0, sh = 0; reg [0:3] up = 0; reg [9:4] off = 0;
  wire [3:0] y0, y1, y2, y3; wire [7:0] y4, y5, y6, y7; wire [15:0] f; wire [7:0] y8;
  wire [3:0] q0, q1, q2, q3, q4, q5, pm; wire [0:3] upo; wire [9:4] offq;
  mix dut(.*);
  integer i, seed = 1, r, s;
  initial begin
    for (i = 0; i < 96; i = i + 1) begin
      r = $random(seed); s = $random(seed);
      arst = i == 0 || r[31:29] == 0; set = !arst && r[28:27] == 0; rst_n = i > 0 && r[26:24] != 0; en = r[23];
      a = r[3:0]; b = r[7:4]; sa = r[13:8]; sb = r[17:14]; sh = s[8] ? s[1:0] : s[7:4]; up = r[21:18]; off = s[15:10];
      #4 $display("rst_n=%b arst=%b set=%b en=%b a=%b b=%b sa=%b sb=%b sh=%b up=%b off=%b y0=%b y1=%b y2=%b y3=%b y4=%b y5=%b y6=%b y7=%b f=%b q0=%b q1=%b q2=%b q3=%b q4=%b q5=%b y8=%b pm=%b upo=%b offq=%b",
        rst_n, arst, set, en, a, b, sa, sb, sh, up, off, y0, y1, y2, y3, y4, y5, y6, y7, f, q0, q1, q2, q3, q4, q5, y8, pm, upo, offq);
      #1 clk = 1; #5 clk = 0;
    end
  end
endmodule
