// Common to the NPU-4 test benches: clock, the part, the owner's tasks. The fuses are set by force, since
// the design never writes them. Signals change on the falling edge, results are looked at there too.
`ifndef TB_N
`define TB_N 4
`endif
localparam N = `TB_N;

reg         clk = 0, rst_n = 0;
reg         cmd_valid = 0;
reg  [7:0]  cmd_op = 0;
reg  [3:0]  cmd_tag = 0;
reg  [5:0]  cmd_addr = 0;
reg  [63:0] cmd_data = 0;
wire        cmd_ready, rsp_valid, rsp_job, rsp_err;
wire [3:0]  rsp_tag;
wire [31:0] rsp_data;
reg         rsp_ready = 1;
reg         eth_rx_valid = 0;
reg  [63:0] eth_rx_data = 0;
wire        eth_rx_ready, eth_tx_valid;
wire [63:0] eth_tx_data;
wire        uart_tx, pwr_on, busy;
reg  [1:0]  region = 0;
reg  [7:0]  temp = 40;
reg  [63:0] fuses = 64'h0123_4567_89ab_cdef;

npu4 #(.N(N)) dut (
    .clk(clk), .rst_n(rst_n), .cmd_valid(cmd_valid), .cmd_op(cmd_op), .cmd_tag(cmd_tag), .cmd_addr(cmd_addr),
    .cmd_data(cmd_data), .cmd_ready(cmd_ready), .rsp_valid(rsp_valid), .rsp_tag(rsp_tag), .rsp_job(rsp_job),
    .rsp_err(rsp_err), .rsp_data(rsp_data), .rsp_ready(rsp_ready), .eth_rx_valid(eth_rx_valid),
    .eth_rx_data(eth_rx_data), .eth_rx_ready(eth_rx_ready), .eth_tx_valid(eth_tx_valid),
    .eth_tx_data(eth_tx_data), .uart_tx(uart_tx), .region(region), .temp(temp), .pwr_on(pwr_on), .busy(busy)
);

always #5 clk = !clk;

integer cycle = 0, bad = 0, checks = 0;
always @(posedge clk) cycle = cycle + 1;

task expect_that(input ok, input [639:0] what);
    begin
        checks = checks + 1;
        if (ok !== 1'b1) begin
            bad = bad + 1;
            $display("  not so at cycle %0d: %0s", cycle, what);
        end
    end
endtask

task finish_as(input [255:0] name);
    begin
        if (bad == 0) $display("PASS %0s (%0d checks, %0d cycles)", name, checks, cycle);
        else $display("FAIL %0s: %0d of %0d checks", name, bad, checks);
        $finish;
    end
endtask

task reset_part;
    begin
        force dut.u_fuse.uid = fuses;
        @(negedge clk) rst_n = 0;
        repeat (4) @(negedge clk);
        rst_n = 1;
    end
endtask

task idle(input integer cycles);
    repeat (cycles) @(negedge clk);
endtask

// Hands one word over; gives up after 2000 cycles (`taken` tells)
reg taken;
task send(input [7:0] op, input [3:0] tag, input [5:0] addr, input [63:0] data);
    integer wait_left;
    begin
        cmd_valid = 1; cmd_op = op; cmd_tag = tag; cmd_addr = addr; cmd_data = data;
        #1 wait_left = 2000;
        while (!cmd_ready && wait_left > 0) begin
            @(negedge clk) wait_left = wait_left - 1;
        end
        taken = cmd_ready;
        @(negedge clk) cmd_valid = 0;
    end
endtask

// Waits for one response; `answered` tells whether it came within the limit
reg         answered, got_err, got_job;
reg  [3:0]  got_tag;
reg  [31:0] got_data;
integer     waited;
task receive(input integer limit);
    begin
        waited = 0;
        while (!rsp_valid && waited < limit) begin
            @(negedge clk) waited = waited + 1;
        end
        answered = rsp_valid; got_err = rsp_err; got_tag = rsp_tag; got_data = rsp_data; got_job = rsp_job;
        if (rsp_valid && rsp_ready) @(negedge clk);
    end
endtask

task do_word(input [7:0] op, input [3:0] tag, input [5:0] addr, input [63:0] data);
    begin
        send(op, tag, addr, data);
        receive(2000);
    end
endtask

// A job starts and is answered well
task job_served(input integer limit, output ok);
    begin
        send(8'h10, 4'd9, 6'd0, 64'hffff);
        receive(limit);
        ok = taken && answered && got_job && !got_err && (got_tag == 4'd9);
    end
endtask

// The documented recovery (manual 3.2)
task recover;
    begin
        send(8'h05, 0, 0, 0);
        send(8'h01, 0, 0, 0);
        idle(10);
    end
endtask

task remote(input [63:0] message);
    begin
        eth_rx_valid = 1; eth_rx_data = message;
        @(negedge clk) eth_rx_valid = 0;
    end
endtask

// The 16 bits of one STATUS page, and whether the frame was well formed
reg [15:0] page_bits;
reg        page_ok;
task status(input [1:0] page);
    integer i;
    begin
        send(8'h0E, 0, page, 0);
        page_ok = (uart_tx === 1'b0);
        for (i = 0; i < 16; i = i + 1) begin
            @(negedge clk) page_bits[i] = uart_tx;
        end
        @(negedge clk) page_ok = page_ok && (uart_tx === 1'b1);
    end
endtask
