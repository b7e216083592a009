// NPU-4 watchdog: counts cycles in which the engine is busy without making progress, and aborts the
// job after 4095 of them (manual 3.6).

module npu4_watchdog (
    input  wire clk,
    input  wire rst_n,
    input  wire clear,
    input  wire run,
    output wire expired
);
    reg [11:0] count;

    assign expired = run & !clear & (count == 12'd4095);

    always_ff @(posedge clk) begin
        if (!rst_n)                       count <= 12'd0;
        else if (clear | !run | expired)  count <= 12'd0;
        else                              count <= count + 12'd1;
    end

endmodule
