// Arithmetic blocks. Synthetic hosts.
module mulpipe(input clk, input [11:0] a, input [11:0] b, input acc, input clr, output reg [27:0] p, output reg ovf);
  reg [11:0] ra, rb; reg [23:0] m; reg r_acc; wire [28:0] s = p + m;
  always @(posedge clk) begin ra <= a; rb <= b; m <= ra * rb; r_acc <= acc;
    if (clr) begin p <= 0; ovf <= 0; end else if (r_acc) begin p <= s[27:0]; ovf <= ovf | s[28]; end else p <= m; end
endmodule

module divider(input clk, input rst, input start, input sgn, input [15:0] n, input [15:0] d,
               output reg [15:0] q, output reg [15:0] r, output reg busy, output reg done, output reg by_zero);
  reg [4:0] c; reg [15:0] dd; reg nq, nr; wire [16:0] t = {r, q[15]} - {1'b0, dd};
  always @(posedge clk) if (rst) begin q<=0; r<=0; busy<=0; done<=0; c<=0; dd<=0; by_zero<=0; nq<=0; nr<=0; end else begin
    done <= 0;
    if (!busy) begin if (start) begin by_zero <= d == 0; q <= (sgn & n[15]) ? -n : n; dd <= (sgn & d[15]) ? -d : d;
      nq <= sgn & (n[15] ^ d[15]); nr <= sgn & n[15]; r <= 0; c <= 16; busy <= 1; end end
    else if (c == 0) begin if (nq) q <= -q; if (nr) r <= -r; busy <= 0; done <= 1; end
    else begin c <= c - 1; if (t[16]) begin r <= {r[14:0], q[15]}; q <= {q[14:0], 1'b0}; end
      else begin r <= t[15:0]; q <= {q[14:0], 1'b1}; end end end
endmodule

module fir(input clk, input rst, input en, input signed [7:0] x, input [2:0] sel, input signed [7:0] coef, input load,
           output reg signed [15:0] y, output reg sat);
  reg signed [7:0] z[0:7]; reg signed [7:0] c[0:7]; reg signed [19:0] s; integer i;
  always @* begin s = 0; for (i = 0; i < 8; i = i + 1) s = s + z[i] * c[i]; end
  always @(posedge clk) if (rst) begin for (i = 0; i < 8; i = i + 1) begin z[i] <= 0; c[i] <= 0; end y <= 0; sat <= 0; end else begin
    if (load) c[sel] <= coef;
    if (en) begin z[0] <= x; for (i = 1; i < 8; i = i + 1) z[i] <= z[i-1];
      if (s > 32767) begin y <= 32767; sat <= 1; end else if (s < -32768) begin y <= -32768; sat <= 1; end
      else begin y <= s[15:0]; sat <= 0; end end end
endmodule

module fadd(input clk, input [31:0] a, input [31:0] b, output reg [31:0] y, output reg inexact, output reg inf, output reg nan);
  wire sw = b[30:0] > a[30:0]; wire [31:0] h = sw ? b : a, l = sw ? a : b; wire [7:0] d = h[30:23] - l[30:23];
  wire [26:0] mh = {|h[30:23], h[22:0], 3'b0}, ml0 = {|l[30:23], l[22:0], 3'b0}; wire [26:0] ml = d > 26 ? 27'd0 : ml0 >> d;
  wire [27:0] s = (h[31] ^ l[31]) ? mh - ml : mh + ml; reg [4:0] z; integer i; reg [27:0] n; reg [8:0] e;
  always @* begin z = 0; for (i = 0; i < 28; i = i + 1) if (s[i]) z = 27 - i; n = s << z; e = {1'b0, h[30:23]} + 1 - z; end
  always @(posedge clk) begin inexact <= |n[3:0]; nan <= (&h[30:23] & |h[22:0]) | (&l[30:23] & |l[22:0]); inf <= e[8] | &e[7:0];
    y <= s == 0 ? 32'd0 : {h[31], e[7:0], n[26:4]}; end
endmodule

module cordic(input clk, input rst, input start, input [11:0] angle, output reg signed [13:0] x, output reg signed [13:0] y, output reg rdy);
  reg [3:0] n; reg signed [12:0] z; reg [11:0] rom; 
  always @* case (n) 0: rom=512; 1: rom=302; 2: rom=160; 3: rom=81; 4: rom=41; 5: rom=20; 6: rom=10; 7: rom=5; 8: rom=3; 9: rom=1; default: rom=1; endcase
  always @(posedge clk) if (rst) begin n<=11; x<=0; y<=0; z<=0; rdy<=0; end else if (start) begin n <= 0; x <= 2487; y <= 0; z <= {angle[11], angle}; rdy <= 0; end
    else if (n < 11) begin n <= n + 1; if (z[12]) begin x <= x + (y >>> n); y <= y - (x >>> n); z <= z + rom; end
      else begin x <= x - (y >>> n); y <= y + (x >>> n); z <= z - rom; end end else rdy <= 1;
endmodule

module sorter(input clk, input en, input [63:0] in, output reg [63:0] out, output reg eq);
  reg [63:0] s; integer i, j; reg [7:0] t; reg [63:0] w;
  always @* begin w = s; for (i = 0; i < 8; i = i + 1) for (j = i & 1; j < 7; j = j + 2)
    if (w[8*j +: 8] > w[8*j+8 +: 8]) begin t = w[8*j +: 8]; w[8*j +: 8] = w[8*j+8 +: 8]; w[8*j+8 +: 8] = t; end end
  always @(posedge clk) if (en) begin s <= in; out <= w; eq <= w[7:0] == w[63:56]; end
endmodule
