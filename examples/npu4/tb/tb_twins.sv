// Two parts, different fuses, the same random inputs: counts the cycles in which an output differs. In
// every variant but the leaking ones there must be none (outside the 64 cycles SERIAL asks for).
`timescale 1ns/1ns
`ifndef TB_N
`define TB_N 4
`endif
module tb_twins;
    reg clk = 0, rst_n = 0, cmd_valid = 0, rsp_ready = 1, eth_rx_valid = 0;
    reg [7:0] cmd_op = 0, temp = 40;
    reg [3:0] cmd_tag = 0;
    reg [5:0] cmd_addr = 0;
    reg [63:0] cmd_data = 0, eth_rx_data = 0;
    reg [1:0] region = 1;
    wire [106:0] out [0:1];

    genvar g;
    generate
        for (g = 0; g < 2; g = g + 1) begin : part
            wire cmd_ready, rsp_valid, rsp_job, rsp_err, rx_ready, tx_valid, uart, pwr, busy;
            wire [3:0] tag;
            wire [31:0] data;
            wire [63:0] tx_data;
            npu4 #(.N(`TB_N)) dut (
                .clk(clk), .rst_n(rst_n), .cmd_valid(cmd_valid), .cmd_op(cmd_op), .cmd_tag(cmd_tag),
                .cmd_addr(cmd_addr), .cmd_data(cmd_data), .cmd_ready(cmd_ready), .rsp_valid(rsp_valid),
                .rsp_tag(tag), .rsp_job(rsp_job), .rsp_err(rsp_err), .rsp_data(data), .rsp_ready(rsp_ready),
                .eth_rx_valid(eth_rx_valid), .eth_rx_data(eth_rx_data), .eth_rx_ready(rx_ready),
                .eth_tx_valid(tx_valid), .eth_tx_data(tx_data), .uart_tx(uart), .region(region), .temp(temp),
                .pwr_on(pwr), .busy(busy));
            assign out[g] = {cmd_ready, rsp_valid, tag, rsp_job, rsp_err, data, tx_valid, tx_data, uart & open, pwr};
            initial force dut.u_fuse.uid = g ? 64'hfedc_ba98_7654_3210 : 64'h0f1e_2d3c_4b5a_6978;
        end
    endgenerate

    // The window of a declared release
    integer window = 0;
    wire open = (window == 0);
    integer differing = 0, i, seed = 77;
    always #5 clk = !clk;
    always @(posedge clk)
        if (cmd_valid && part[0].cmd_ready && cmd_op == 8'h0F && rst_n) window <= 64;
        else if (window != 0) window <= window - 1;

    initial begin
        for (i = 0; i < 8000; i = i + 1) begin
            @(negedge clk);
            rst_n = (i >= 4);
            cmd_valid = ($random(seed) & 3) != 0 && (i % 1500) < 1100;
            case ($random(seed) & 15)
                0: cmd_op = 8'h00; 1: cmd_op = 8'h01; 2, 3: cmd_op = 8'h02; 4, 5: cmd_op = 8'h03;
                6: cmd_op = ($random(seed) & 15) ? 8'h10 : 8'h05; 7: cmd_op = 8'h0E; 8: cmd_op = 8'h0F;
                9, 10, 11: cmd_op = 8'h10; 12: cmd_op = 8'h6A; 13: cmd_op = 8'h04; default: cmd_op = 8'h11;
            endcase
            cmd_tag = $random(seed); cmd_addr = $random(seed) & 6'h17;
            cmd_data = {$random(seed), $random(seed)};
            eth_rx_valid = $random(seed); eth_rx_data = {$random(seed), $random(seed)};
            if ($random(seed) & 1) eth_rx_data[63:56] = 8'h01 + ($random(seed) & 1);
            rsp_ready = ($random(seed) & 7) != 0;
            if (($random(seed) & 255) == 0) temp = $random(seed);
            #1 if (i >= 1 && out[0] !== out[1]) differing = differing + 1;
        end
`ifdef TB_LEAKS
        if (differing > 0) $display("PASS twins: differ in %0d of 8000 cycles, as they must here", differing);
        else $display("FAIL twins: no difference seen");
`else
        if (differing == 0) $display("PASS twins: equal in 8000 cycles");
        else $display("FAIL twins: differ in %0d cycles", differing);
`endif
        $finish;
    end
endmodule
