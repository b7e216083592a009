// Blocks that no weight of the hunt was fitted to. Synthetic hosts.
module tapctl(input tck, input rst, input tms, input tdi, input [15:0] capture, output reg tdo, output reg [15:0] update, output reg [3:0] ir, output reg extest);
  reg [3:0] s; reg [15:0] sh; reg bypass; reg [3:0] irs;
  always @(posedge tck) if (rst) begin s<=15; sh<=0; bypass<=0; irs<=0; tdo<=0; update<=0; ir<=2; extest<=0; end else begin
    case (s) 15: s <= tms ? 15 : 0; 0: s <= tms ? 1 : 0; 1: s <= tms ? 8 : 2; 2: s <= tms ? 4 : 3; 3: s <= tms ? 4 : 3; 4: s <= tms ? 7 : 5; 5: s <= tms ? 6 : 5; 6: s <= tms ? 7 : 3;
      7: s <= tms ? 1 : 0; 8: s <= tms ? 15 : 9; 9: s <= tms ? 11 : 10; 10: s <= tms ? 11 : 10; 11: s <= tms ? 14 : 12; 12: s <= tms ? 13 : 12; 13: s <= tms ? 14 : 10; 14: s <= tms ? 1 : 0; endcase
    if (s == 2) sh <= ir == 2 ? 16'h4b5d : capture; if (s == 3) begin sh <= {tdi, sh[15:1]}; bypass <= tdi; tdo <= ir == 15 ? bypass : sh[0]; end if (s == 7 && ir == 0) begin update <= sh; extest <= 1; end
    if (s == 9) irs <= 4'b0101; if (s == 10) begin irs <= {tdi, irs[3:1]}; tdo <= irs[0]; end if (s == 14) begin ir <= irs; if (irs != 0) extest <= 0; end end
endmodule

module fifo(input clk, input rst, input push, input pop, input [11:0] d, input flush, output [11:0] q, output full, output empty, output reg over, output reg under, output reg [4:0] high, output almost);
  reg [11:0] m[0:15]; reg [4:0] w, r; wire [4:0] n = w - r; assign full = n == 16, empty = n == 0, almost = n >= 14, q = m[r[3:0]];
  always @(posedge clk) if (rst | flush) begin w <= 0; r <= 0; over <= 0; under <= 0; high <= 0; end else begin
    if (push) if (full) over <= 1; else begin m[w[3:0]] <= d; w <= w + 1; end if (pop) if (empty) under <= 1; else r <= r + 1; if (n > high) high <= n; end
endmodule

module hdlc(input clk, input rst, input rx, input en, output reg [7:0] data, output reg valid, output reg frame, output reg abort, output reg crc_ok, output reg [10:0] len);
  reg [2:0] ones; reg [7:0] sh; reg [2:0] n; reg [15:0] crc; wire flag = sh == 8'h7e; wire stuff = ones == 5 & ~rx;
  always @(posedge clk) if (rst) begin ones<=0; sh<=0; n<=0; crc<=16'hffff; data<=0; valid<=0; frame<=0; abort<=0; crc_ok<=0; len<=0; end
  else if (en) begin valid <= 0; sh <= {rx, sh[7:1]}; ones <= rx ? (ones == 7 ? 7 : ones + 1) : 0; abort <= ones == 7;
    if (flag) begin crc_ok <= frame & crc == 16'hf0b8; frame <= 1; n <= 0; crc <= 16'hffff; len <= 0; end
    else if (ones == 7) frame <= 0; else if (frame & ~stuff) begin n <= n + 1; crc <= {1'b0, crc[15:1]} ^ ((crc[0] ^ rx) ? 16'h8408 : 16'h0); if (&n) begin data <= {rx, sh[7:1]}; valid <= 1; len <= len + 1; end end end
endmodule

module video(input clk, input rst, input [9:0] hact, input [9:0] vact, input [7:0] fg, input [7:0] bg, input [9:0] cx, input [9:0] cy, input show, output reg hs, output reg vs, output reg de, output reg [7:0] px, output reg vblank);
  reg [9:0] h, v; reg [5:0] blink; wire last = h == 799; wire hit = show & blink[5] & (h - cx < 8) & (v - cy < 16);
  always @(posedge clk) if (rst) begin h<=0; v<=0; hs<=1; vs<=1; de<=0; px<=0; vblank<=0; blink<=0; end else begin h <= last ? 0 : h + 1; if (last) begin v <= v == 524 ? 0 : v + 1; if (v == 524) blink <= blink + 1; end
    hs <= ~(h >= 656 & h < 752); vs <= ~(v >= 490 & v < 492); de <= h < hact & v < vact; vblank <= v >= vact; px <= hit ? fg : (h[3] ^ v[3]) ? bg : {h[7:4], v[7:4]}; end
endmodule

module sha(input clk, input rst, input start, input [31:0] w, input next, output reg [31:0] a, output reg [31:0] e, output reg done, output reg bad);
  reg [31:0] b, c, d, f, g, h; reg [6:0] n; reg busy; function [31:0] rr(input [31:0] x, input integer k); rr = (x >> k) | (x << (32 - k)); endfunction
  wire [31:0] k = {n[2:0], 5'h0d, n, 3'd5, n[5:1], 9'h0a7}; wire [31:0] t1 = h + (rr(e,6) ^ rr(e,11) ^ rr(e,25)) + ((e & f) ^ (~e & g)) + k + w; wire [31:0] t2 = (rr(a,2) ^ rr(a,13) ^ rr(a,22)) + ((a & b) ^ (a & c) ^ (b & c));
  always @(posedge clk) if (rst) begin a<=32'h6a09e667; b<=0; c<=0; d<=0; e<=32'h510e527f; f<=0; g<=0; h<=0; n<=0; busy<=0; done<=0; bad<=0; end
  else begin done <= 0; if (start) begin bad <= busy; busy <= 1; n <= 0; b<=32'hbb67ae85; c<=32'h3c6ef372; end else if (busy & next) begin h<=g; g<=f; f<=e; e<=d+t1; d<=c; c<=b; b<=a; a<=t1+t2; n<=n+1; if (n == 63) begin busy<=0; done<=1; end end end
endmodule

module pid(input clk, input rst, input signed [9:0] ref_, input signed [9:0] y, input tick, input [5:0] kp, input [5:0] ki, output reg signed [11:0] u, output reg sat, output reg stuck);
  reg signed [15:0] acc; reg signed [9:0] old; reg [7:0] same; wire signed [10:0] e = ref_ - y; wire signed [17:0] p = e * $signed({1'b0, kp}); wire signed [17:0] i = (acc >>> 4) * $signed({1'b0, ki}); wire signed [18:0] s = p + i;
  always @(posedge clk) if (rst) begin acc<=0; old<=0; same<=0; u<=0; sat<=0; stuck<=0; end else if (tick) begin old <= y; same <= y == old ? (&same ? same : same + 1) : 0; stuck <= &same;
    if (!(sat & (acc[15] == e[10]))) acc <= acc + e; if (s > 2047) begin u <= 2047; sat <= 1; end else if (s < -2048) begin u <= -2048; sat <= 1; end else begin u <= s[11:0]; sat <= 0; end end
endmodule
