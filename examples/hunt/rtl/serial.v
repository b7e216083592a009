// Serial blocks: a UART with queues, an SPI master, a CRC and scrambler unit. Synthetic hosts.
module uart(input clk, input rst_n, input [7:0] din, input we, input re, input rx, input [3:0] div,
            output reg tx, output [7:0] dout, output full, output empty, output reg frame_err, output reg overrun);
  reg [7:0] q[0:3]; reg [2:0] wp, rp; reg [9:0] sh; reg [3:0] cnt, tick; reg [7:0] rs, rq; reg [3:0] rc, rt; reg rv, r1, r2;
  assign full = (wp - rp) == 3'd4; assign empty = !rv; assign dout = rq;
  always @(posedge clk or negedge rst_n) if (!rst_n) begin wp<=0; rp<=0; sh<=10'h3ff; cnt<=0; tick<=0; tx<=1; end else begin
    if (we && !full) begin q[wp[1:0]] <= din; wp <= wp + 1; end
    tick <= (tick == div) ? 0 : tick + 1;
    if (tick == div) begin
      tx <= sh[0];
      if (cnt == 0) begin if (wp != rp) begin sh <= {1'b1, q[rp[1:0]], 1'b0}; rp <= rp + 1; cnt <= 10; end end
      else begin sh <= {1'b1, sh[9:1]}; cnt <= cnt - 1; end
    end end
  always @(posedge clk or negedge rst_n) if (!rst_n) begin r1<=1; r2<=1; rc<=0; rt<=0; rs<=0; rq<=0; rv<=0; frame_err<=0; overrun<=0; end else begin
    r1 <= rx; r2 <= r1;
    if (re) begin rv <= 0; frame_err <= 0; overrun <= 0; end
    if (rc == 0) begin if (!r2) begin rc <= 9; rt <= div >> 1; end end
    else if (rt == div) begin rt <= 0; rc <= rc - 1;
      if (rc == 1) begin if (r2) begin rq <= rs; rv <= 1; overrun <= rv; end else frame_err <= 1; end
      else rs <= {r2, rs[7:1]}; end
    else rt <= rt + 1; end
endmodule

module spi(input clk, input rst, input start, input [15:0] word, input cpol, input cpha, input [2:0] rate, input miso,
           output reg mosi, output reg sck, output reg cs, output reg [15:0] got, output reg done);
  reg [15:0] sh; reg [5:0] n; reg [7:0] d; wire edge_ = d >= {5'd0, rate} + 1;
  always @(posedge clk) if (rst) begin sh<=0; n<=0; d<=0; mosi<=0; sck<=0; cs<=1; got<=0; done<=0; end else begin
    done <= 0;
    if (n == 0) begin sck <= cpol; if (start) begin sh <= word; n <= 32; cs <= 0; d <= 0; end else cs <= 1; end
    else if (edge_) begin d <= 0; n <= n - 1; sck <= ~sck;
      if (n[0] ^ cpha) begin mosi <= sh[15]; sh <= {sh[14:0], miso}; end
      if (n == 1) begin got <= sh; done <= 1; end end
    else d <= d + 1; end
endmodule

module crcunit(input clk, input rst, input [7:0] data, input valid, input [1:0] mode, input clear,
               output reg [31:0] crc, output [15:0] scrambled, output reg match);
  reg [15:0] lfsr; integer i; reg [31:0] c; reg [15:0] l;
  always @* begin c = crc; l = lfsr;
    for (i = 0; i < 8; i = i + 1) begin c = (c[0] ^ data[i]) ? (c >> 1) ^ (mode[0] ? 32'h82f63b78 : 32'hedb88320) : c >> 1;
      l = {l[14:0], l[15] ^ l[13] ^ l[12] ^ l[10]}; end end
  assign scrambled = lfsr ^ {data, crc[7:0]};
  always @(posedge clk) if (rst) begin crc <= 32'hffffffff; lfsr <= 16'hace1; match <= 0; end else begin
    if (clear) crc <= 32'hffffffff; else if (valid) crc <= c;
    if (valid | mode[1]) lfsr <= l;
    match <= crc == 32'hdebb20e3; end
endmodule

module i2c(input clk, input rst_n, input scl, input sda, input [6:0] address, input [7:0] readback,
           output reg sda_low, output reg [7:0] reg_data, output reg [7:0] reg_addr, output reg wr, output busy);
  reg [2:0] s; reg [2:0] d; reg [3:0] n; reg [7:0] sh; reg [2:0] st; reg rw;
  wire up = s[2:1] == 2'b01, down = s[2:1] == 2'b10, start = s[2] & s[1] & d[2] & ~d[1], stop = s[2] & s[1] & ~d[2] & d[1];
  assign busy = st != 0;
  always @(posedge clk or negedge rst_n) if (!rst_n) begin s<=7; d<=7; n<=0; sh<=0; st<=0; rw<=0; sda_low<=0; reg_data<=0; reg_addr<=0; wr<=0; end
  else begin s <= {s[1:0], scl}; d <= {d[1:0], sda}; wr <= 0;
    if (start) begin st <= 1; n <= 0; sda_low <= 0; end else if (stop) begin st <= 0; sda_low <= 0; end
    else if (up && st != 0 && n < 8) begin sh <= {sh[6:0], d[1]}; n <= n + 1; end
    else if (down) begin
      if (n == 8) begin n <= 9; case (st)
        1: if (sh[7:1] == address) begin sda_low <= 1; rw <= sh[0]; st <= sh[0] ? 4 : 2; end else st <= 0;
        2: begin reg_addr <= sh; sda_low <= 1; st <= 3; end
        3: begin reg_data <= sh; wr <= 1; sda_low <= 1; reg_addr <= reg_addr + 1; end
        default: sda_low <= 0; endcase end
      else if (n == 9) begin n <= 0; sda_low <= (st == 4) & ~readback[7]; end
      else sda_low <= (st == 4) & ~readback[7 - n[2:0]]; end end
endmodule
