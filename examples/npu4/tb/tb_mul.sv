// Products of the multiplier against Verilog's own: with every a, the corners and powers of two as b, and
// random pairs; all 65536 pairs with -DTB_ALL (some minutes).
`timescale 1ns/1ns
module tb_mul;
    reg [7:0] a, b;
    wire [15:0] y;
    npu4_mul dut (.a(a), .b(b), .y(y));

    integer i, j, bad = 0, tried = 0, seed = 5;
    reg signed [15:0] want;

    task try(input [7:0] p, input [7:0] q);
        begin
            a = p; b = q;
            #1 want = $signed(a) * $signed(b);
            tried = tried + 1;
            if (y !== want) bad = bad + 1;
        end
    endtask

    initial begin
`ifdef TB_ALL
        for (i = 0; i < 65536; i = i + 1) try(i[15:8], i[7:0]);
`else
        for (j = 0; j < 8; j = j + 1)
            for (i = 0; i < 256; i = i + 1) try(i, (j == 0) ? 8'h80 : (j == 1) ? 8'h7f : (j == 2) ? 8'hff : 8'd1 << (j - 2));
        for (i = 0; i < 1000; i = i + 1) try($random(seed), $random(seed));
`endif
        if (bad == 0) $display("PASS tb_mul: %0d products", tried);
        else $display("FAIL tb_mul: %0d of %0d products", bad, tried);
        $finish;
    end
endmodule
