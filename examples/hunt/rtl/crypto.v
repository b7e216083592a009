// Ciphers, a hash and a table. Synthetic hosts.
module present(input clk, input rst, input load, input [63:0] pt, input [79:0] key, output [63:0] ct, output reg done);
  reg [63:0] s; reg [79:0] k; reg [4:0] n; integer i; reg [63:0] sb, pl; reg [79:0] kr;
  function [3:0] S(input [3:0] x); case (x) 0:S=12;1:S=5;2:S=6;3:S=11;4:S=9;5:S=0;6:S=10;7:S=13;8:S=3;9:S=14;10:S=15;11:S=8;12:S=4;13:S=7;14:S=1;default:S=2; endcase endfunction
  assign ct = s ^ k[79:16];
  always @* begin sb = s ^ k[79:16]; for (i = 0; i < 16; i = i + 1) sb[4*i +: 4] = S(sb[4*i +: 4]); for (i = 0; i < 64; i = i + 1) pl[(i == 63) ? 63 : (16*i) % 63] = sb[i];
    kr = {k[18:0], k[79:19]}; kr[79:76] = S(kr[79:76]); kr[19:15] = kr[19:15] ^ n; end
  always @(posedge clk) if (rst) begin s<=0; k<=0; n<=0; done<=0; end else if (load) begin s <= pt; k <= key; n <= 1; done <= 0; end
    else if (n != 0) begin s <= pl; k <= kr; n <= n + 1; done <= &n; end
endmodule

module speck(input clk, input rst, input load, input dec, input [31:0] pt, input [63:0] key, output [31:0] ct, output reg done);
  reg [15:0] x, y, k, l0, l1, l2; reg [4:0] n; wire [15:0] x1 = ({x[6:0], x[15:7]} + y) ^ k; wire [15:0] y1 = {y[13:0], y[15:14]} ^ x1;
  wire [15:0] l3 = ({l0[6:0], l0[15:7]} + k) ^ {11'd0, n}; assign ct = {x, y};
  always @(posedge clk) if (rst) begin x<=0; y<=0; k<=0; l0<=0; l1<=0; l2<=0; n<=22; done<=0; end else if (load) begin {x, y} <= pt ^ {32{dec}}; {l2, l1, l0, k} <= key; n <= 0; done <= 0; end
    else if (n < 22) begin x <= x1; y <= y1; l0 <= l1; l1 <= l2; l2 <= l3; k <= {k[13:0], k[15:14]} ^ l3; n <= n + 1; done <= n == 21; end
endmodule

module keccak(input clk, input rst, input absorb, input [7:0] m, input go, output [31:0] h, output reg rdy);
  reg [199:0] a; reg [4:0] n; reg [199:0] t; reg [39:0] c, d; integer x, y, z; reg [7:0] rc; reg [199:0] b;
  assign h = a[31:0];
  always @* begin rc = {n[0] ^ n[3], n[2:0], n[4:1]} ^ 8'h8b; for (x = 0; x < 5; x = x + 1) c[8*x +: 8] = a[8*x +: 8] ^ a[40+8*x +: 8] ^ a[80+8*x +: 8] ^ a[120+8*x +: 8] ^ a[160+8*x +: 8];
    for (x = 0; x < 5; x = x + 1) d[8*x +: 8] = c[8*((x+4)%5) +: 8] ^ {c[8*((x+1)%5) +: 7], c[8*((x+1)%5)+7]};
    for (y = 0; y < 5; y = y + 1) for (x = 0; x < 5; x = x + 1) for (z = 0; z < 8; z = z + 1) b[40*((2*x+3*y)%5) + 8*y + (z+x*y+x)%8] = a[40*y+8*x+z] ^ d[8*x+z];
    for (y = 0; y < 5; y = y + 1) for (x = 0; x < 5; x = x + 1) t[40*y+8*x +: 8] = b[40*y+8*x +: 8] ^ (~b[40*y+8*((x+1)%5) +: 8] & b[40*y+8*((x+2)%5) +: 8]); t[7:0] = t[7:0] ^ rc; end
  always @(posedge clk) if (rst) begin a<=0; n<=18; rdy<=0; end else if (absorb) begin a <= {a[191:0], a[199:192] ^ m}; rdy <= 0; end
    else if (go) n <= 0; else if (n < 18) begin a <= t; n <= n + 1; rdy <= n == 17; end
endmodule

module dds(input clk, input rst, input [15:0] step, input [1:0] wave, input ld, output reg [7:0] out, output reg sync);
  reg [15:0] ph, st; wire [5:0] q = ph[14] ? ~ph[13:8] : ph[13:8]; reg [6:0] r;
  always @* case (q[5:1]) 0:r=3;1:r=9;2:r=16;3:r=22;4:r=28;5:r=34;6:r=40;7:r=46;8:r=52;9:r=57;10:r=63;11:r=68;12:r=74;13:r=79;14:r=84;15:r=88;16:r=93;17:r=97;18:r=101;19:r=104;20:r=108;21:r=111;22:r=114;23:r=116;24:r=119;25:r=121;26:r=122;27:r=124;28:r=125;29:r=126;30:r=127;default:r=127; endcase
  always @(posedge clk) if (rst) begin ph<=0; st<=1; out<=0; sync<=0; end else begin if (ld) st <= step; ph <= ph + st; sync <= ph < st;
    case (wave) 0: out <= ph[15] ? 8'd128 - r : 8'd128 + r; 1: out <= ph[15:8]; 2: out <= {8{ph[15]}}; default: out <= ph[15] ? ~ph[14:7] : ph[14:7]; endcase end
endmodule
