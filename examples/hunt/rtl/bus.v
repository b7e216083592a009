// Bus, control and memory blocks. Synthetic hosts.
module timers(input clk, input rst_n, input [7:0] addr, input [15:0] wdata, input we, input kick,
              output reg [15:0] rdata, output reg irq, output reg wd_reset, output pwm);
  reg [15:0] cnt, cmp, pre, pc, wd, wd_limit; reg [7:0] duty; reg en, wd_en, sticky; 
  wire sel = addr[7:4] == 4'h3; assign pwm = cnt[7:0] < duty;
  always @(posedge clk or negedge rst_n) if (!rst_n) begin cnt<=0; cmp<=16'hffff; pre<=0; pc<=0; wd<=0; wd_limit<=16'h0fff; duty<=0; en<=0; wd_en<=0; irq<=0; wd_reset<=0; sticky<=0; end
  else begin if (en) begin if (pc == pre) begin pc <= 0; cnt <= cnt + 1; end else pc <= pc + 1; if (cnt == cmp) begin irq <= 1; sticky <= 1; cnt <= 0; end end
    if (wd_en) begin if (kick) wd <= 0; else wd <= wd + 1; wd_reset <= wd == wd_limit; end
    if (we && sel) case (addr[3:0]) 0: cmp <= wdata; 1: pre <= wdata; 2: {wd_en, en} <= wdata[1:0]; 3: irq <= 0; 4: duty <= wdata[7:0]; 5: wd_limit <= wdata; 6: sticky <= 0; default: ; endcase end
  always @* case (addr[3:0]) 0: rdata = cmp; 1: rdata = pre; 2: rdata = {sticky, 13'd0, wd_en, en}; 3: rdata = cnt; 5: rdata = wd_limit; 7: rdata = wd; default: rdata = 16'd0; endcase
endmodule

module xbar(input clk, input rst, input [2:0] req, input [47:0] addr, input [23:0] data, input [2:0] we, input [23:0] sdata, input [2:0] sack,
            output reg [2:0] gnt, output reg [15:0] saddr, output reg [7:0] swdata, output reg swe, output reg [2:0] ssel, output reg [7:0] mdata, output reg err);
  reg [1:0] last; reg [7:0] to; integer i; reg [1:0] w; reg any;
  always @* begin any = |req; w = 0; case (last) 0: w = req[1] ? 1 : req[2] ? 2 : 0; 1: w = req[2] ? 2 : req[0] ? 0 : 1; default: w = req[0] ? 0 : req[1] ? 1 : 2; endcase end
  always @(posedge clk) if (rst) begin gnt<=0; saddr<=0; swdata<=0; swe<=0; ssel<=0; mdata<=0; err<=0; last<=0; to<=0; end else begin err <= 0;
    if (gnt == 0) begin if (any) begin gnt <= 3'd1 << w; last <= w; saddr <= addr[16*w +: 16]; swdata <= data[8*w +: 8]; swe <= we[w]; to <= 0;
      ssel <= addr[16*w+12 +: 4] == 4'h1 ? 1 : addr[16*w+12 +: 4] == 4'h4 ? 2 : addr[16*w+8 +: 8] == 8'hf0 ? 4 : 0; end end
    else begin to <= to + 1; for (i = 0; i < 3; i = i + 1) if (ssel[i] & sack[i]) begin mdata <= sdata[8*i +: 8]; gnt <= 0; ssel <= 0; end
      if (to == 8'hff || ssel == 0) begin err <= 1; gnt <= 0; ssel <= 0; end end end
endmodule

module dma(input clk, input rst_n, input [3:0] a, input [31:0] d, input w, input [31:0] rdata, input ack, input fault,
           output reg [31:0] maddr, output reg [31:0] mdata, output reg mreq, output reg mwe, output reg irq, output reg [3:0] status);
  reg [31:0] src, dst, buf_; reg [15:0] len; reg [2:0] st; reg [3:0] retry;
  always @(posedge clk or negedge rst_n) if (!rst_n) begin src<=0; dst<=0; len<=0; st<=0; maddr<=0; mdata<=0; mreq<=0; mwe<=0; irq<=0; status<=0; retry<=0; buf_<=0; end
  else case (st) 0: begin if (w) case (a) 0: src <= d; 1: dst <= d; 2: len <= d[15:0]; 3: if (d[0]) begin st <= 1; status <= 1; retry <= 0; end 4: irq <= 0; default: ; endcase end
    1: if (len == 0) begin st <= 0; irq <= 1; status <= 2; end else begin maddr <= src; mreq <= 1; mwe <= 0; st <= 2; end
    2: if (fault) begin retry <= retry + 1; if (&retry) begin st <= 5; mreq <= 0; end end else if (ack) begin buf_ <= rdata; mreq <= 0; st <= 3; end
    3: begin maddr <= dst; mdata <= buf_; mreq <= 1; mwe <= 1; st <= 4; end
    4: if (fault) begin st <= 5; mreq <= 0; end else if (ack) begin mreq <= 0; mwe <= 0; src <= src + 4; dst <= dst + 4; len <= len - 1; st <= 1; end
    5: begin status <= 8; irq <= 1; st <= 0; len <= 0; end default: st <= 0; endcase
endmodule

module tlb(input clk, input rst, input [19:0] va, input lookup, input fill, input [2:0] slot, input [19:0] fv, input [15:0] fp, input flush,
           output reg hit, output reg [15:0] pa, output reg multi);
  reg [19:0] tag[0:7]; reg [15:0] ph[0:7]; reg [7:0] v; integer i; reg [7:0] m; reg [15:0] o; reg mm;
  always @* begin o = 0; mm = 0; for (i = 0; i < 8; i = i + 1) begin m[i] = v[i] & tag[i] == va; if (m[i]) o = o | ph[i]; end mm = |(m & (m - 1)); end
  always @(posedge clk) if (rst) begin v <= 0; hit <= 0; pa <= 0; multi <= 0; end else begin
    if (flush) v <= 0; else if (fill) begin v[slot] <= 1; tag[slot] <= fv; ph[slot] <= fp; end
    if (lookup) begin hit <= |m; pa <= o; multi <= mm; end end
endmodule

module ecc(input clk, input [31:0] din, input [6:0] chk, input bist, input rst, output reg [31:0] dout, output reg [6:0] gen, output reg single, output reg double_, output reg pass);
  function [6:0] enc(input [31:0] d); enc = {^d, ^(d & 32'hfe000000) ^ d[3], ^(d & 32'h01fffc00) ^ d[1], ^(d & 32'h01fc03f8), ^(d & 32'hf1e3c3c7) ^ d[5], ^(d & 32'hcd9b33b4), ^(d & 32'hab55566d)}; endfunction
  wire [6:0] s = enc(din) ^ chk; reg [31:0] f; integer i; reg [15:0] sig; reg [7:0] n;
  always @* begin f = din; for (i = 0; i < 32; i = i + 1) if (s == enc(32'd1 << i)) f[i] = ~din[i]; end
  always @(posedge clk) if (rst) begin dout<=0; gen<=0; single<=0; double_<=0; sig<=16'hffff; n<=0; pass<=0; end else begin dout <= f; gen <= enc(din); single <= s[6]; double_ <= ~s[6] & |s;
    if (bist) begin sig <= {sig[14:0], sig[15] ^ sig[12] ^ sig[3] ^ ^f}; n <= n + 1; if (&n) pass <= sig == 16'h5c3a; end else begin n <= 0; sig <= 16'hffff; end end
endmodule

module intc(input clk, input rst_n, input [15:0] irq, input [3:0] a, input [15:0] d, input we, input ack, output reg [15:0] q, output reg [3:0] vec, output reg pend, output reg spurious);
  reg [15:0] en, lat, edge_, prev, pol; reg [3:0] best; reg any; integer i;
  always @* begin best = 0; any = 0; for (i = 15; i >= 0; i = i - 1) if (lat[i] & en[i]) begin best = i; any = 1; end
    case (a) 0: q = en; 1: q = lat; 2: q = edge_; 3: q = pol; default: q = 0; endcase end
  always @(posedge clk or negedge rst_n) if (!rst_n) begin en<=0; lat<=0; edge_<=0; prev<=0; pol<=0; vec<=0; pend<=0; spurious<=0; end
  else begin prev <= irq ^ pol; for (i = 0; i < 16; i = i + 1) if (edge_[i] ? (irq[i] ^ pol[i]) & ~prev[i] : irq[i] ^ pol[i]) lat[i] <= 1;
    if (we) case (a) 0: en <= d; 1: lat <= lat & ~d; 2: edge_ <= d; 3: pol <= d; default: ; endcase
    pend <= any; if (ack) begin vec <= best; spurious <= ~any; if (any) lat[best] <= 0; end end
endmodule

module sdram(input clk, input rst_n, input req, input we, input [21:0] addr, input [15:0] wd, output reg [3:0] cmd, output reg [11:0] ma, output reg [1:0] ba, output reg [15:0] dq, output reg ready, output reg init_done);
  reg [9:0] refc; reg [3:0] st; reg [4:0] w; reg [13:0] boot; reg [11:0] row[0:3]; reg [3:0] open_; reg need;
  wire [1:0] b = addr[9:8]; wire rowhit = open_[b] & row[b] == addr[21:10];
  always @(posedge clk or negedge rst_n) if (!rst_n) begin refc<=0; st<=0; w<=0; boot<=0; open_<=0; cmd<=7; ma<=0; ba<=0; dq<=0; ready<=0; init_done<=0; need<=0; end
  else begin refc <= refc == 780 ? 0 : refc + 1; if (refc == 780) need <= 1; ready <= 0; cmd <= 7;
    if (!init_done) begin boot <= boot + 1; if (boot == 10000) begin cmd <= 2; ma[10] <= 1; end if (boot == 10004) cmd <= 1; if (boot == 10012) begin cmd <= 0; ma <= 12'h027; end if (boot == 10020) init_done <= 1; end
    else if (w != 0) w <= w - 1;
    else case (st) 0: if (need) begin cmd <= 2; ma[10] <= 1; open_ <= 0; st <= 1; w <= 2; end else if (req) begin ba <= b; if (rowhit) begin cmd <= we ? 4 : 5; ma <= {4'd0, addr[7:0]}; dq <= wd; st <= 3; w <= we ? 0 : 2; end
        else if (open_[b]) begin cmd <= 2; ma[10] <= 0; open_[b] <= 0; w <= 2; end else begin cmd <= 3; ma <= addr[21:10]; row[b] <= addr[21:10]; open_[b] <= 1; w <= 2; end end
      1: begin cmd <= 1; need <= 0; st <= 0; w <= 7; end 3: begin ready <= 1; st <= 0; end default: st <= 0; endcase end
endmodule
