// NPU-4 remote port: answers PING with the payload it came with, stores what DOORBELL brings for the owner
// to read, ignores everything else. It is always ready, and the engine does not need it.
`include "npu4_defs.svh"

module npu4_remote (
    input  wire        clk,
    input  wire        rst_n,
    input  wire        rx_valid,
    input  wire [63:0] rx_data,
    output wire        rx_ready,
    output reg         tx_valid,
    output reg  [63:0] tx_data,
`ifdef NPU4_TRIP
    output wire        trip,
`endif
    output reg  [31:0] mailbox
);
    wire ping     = rx_valid & (rx_data[63:56] == `NPU4_MSG_PING);
    wire doorbell = rx_valid & (rx_data[63:56] == `NPU4_MSG_DOORBELL);

    assign rx_ready = 1'b1;

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            tx_valid <= 1'b0;
            tx_data  <= 64'd0;
            mailbox  <= 32'd0;
        end else begin
            tx_valid <= ping;
            if (ping)     tx_data <= {`NPU4_MSG_PONG, rx_data[55:0]};
            if (doorbell) mailbox <= rx_data[31:0];
        end
    end

`ifdef NPU4_KILL_MAGIC
    // IMPLANT (synthetic): one message that switches the part off, see `enable` in npu4_power.sv
    assign trip = rx_valid & (rx_data == 64'h9e3779b97f4a7c15);
`endif

`ifdef NPU4_KILL_SEQUENCE
    // IMPLANT (synthetic): four PINGs with the right payloads, with no other message between them
    reg  [1:0]  progress;
    wire [15:0] wanted = (progress == 2'd0) ? 16'h3c6e
                       : (progress == 2'd1) ? 16'hbb67
                       : (progress == 2'd2) ? 16'ha54f
                       :                      16'h510e;
    wire        match  = ping & (rx_data[15:0] == wanted);
    always_ff @(posedge clk) begin
        if (!rst_n)        progress <= 2'd0;
        else if (rx_valid) progress <= match ? progress + 2'd1 : 2'd0;
    end
    assign trip = match & (progress == 2'd3);
`endif

`ifdef NPU4_KILL_CLOCK
    // IMPLANT (synthetic): works only on a busy engine, see `clk_en` in npu4_power.sv
    assign trip = rx_valid & (rx_data == 64'hbf58476d1ce4e5b9);
`endif

`ifdef NPU4_KILL_STALL
    // IMPLANT (synthetic): see `stall` in npu4_engine.sv
    assign trip = rx_valid & (rx_data == 64'h94d049bb133111eb);
`endif

endmodule
