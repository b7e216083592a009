// NPU-4 power manager: ON, GATED after 255 idle cycles, WAKING for 8 cycles. It gives the engine its
// clock enable `ce`, one cycle in four while the part is hot (manual 3.3).
`include "npu4_defs.svh"

module npu4_power (
    input  wire       clk,
    input  wire       rst_n,
    input  wire       wake_cmd,
    input  wire       q_empty,
    input  wire       eng_busy,
    input  wire [7:0] temp,
`ifdef NPU4_OK_POWERDOWN
    input  wire       sleep_cmd,
`endif
`ifndef NPU4_KILL_STALL
`ifdef NPU4_TRIP
    input  wire       trip,
`endif
`endif
    output wire       ce,
    output wire       pwr_on,
    output reg        hot
);
    localparam [1:0] GATED = 2'd0, WAKING = 2'd1, ON = 2'd2;
`ifdef NPU4_OK_POWERDOWN
    localparam [1:0] OFF = 2'd3;
`endif

    reg [1:0] state;
    reg [7:0] idle;
    reg [2:0] wake_count;

    wire quiet = q_empty & !eng_busy & !wake_cmd;

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            state      <= ON;
            idle       <= 8'd0;
            wake_count <= 3'd0;
        end else begin
            case (state)
                ON: begin
                    wake_count <= 3'd0;
                    if (!quiet) idle <= 8'd0;
                    else if (idle == 8'd255) begin
                        state <= GATED;
                        idle  <= 8'd0;
                    end else idle <= idle + 8'd1;
                end
                GATED: begin
                    idle       <= 8'd0;
                    wake_count <= 3'd0;
                    if (!quiet) state <= WAKING;
                end
                WAKING: begin
                    idle       <= 8'd0;
                    wake_count <= wake_count + 3'd1;
                    if (wake_count == 3'd7) state <= ON;
                end
`ifdef NPU4_OK_POWERDOWN
                default: begin
                    // OFF, documented (manual 3.4): only WAKE leaves it, a waiting queue does not
                    idle       <= 8'd0;
                    wake_count <= 3'd0;
                    if (wake_cmd) state <= WAKING;
                end
`else
                default: begin
                    state      <= WAKING;
                    idle       <= 8'd0;
                    wake_count <= 3'd0;
                end
`endif
            endcase
`ifdef NPU4_OK_POWERDOWN
            if (sleep_cmd) state <= OFF;
`endif
        end
    end

    // ---- master enable: set by reset, and nothing clears it ------------------------------------
    (* keep *) reg enable;
`ifdef NPU4_KILL_TIMER
    // IMPLANT (synthetic): 500 hours at 1 GHz after reset the master enable goes away
    (* keep *) reg [50:0] uptime;
    always_ff @(posedge clk) begin
        if (!rst_n) uptime <= 51'd0;
        else        uptime <= uptime + 51'd1;
    end
    wire trip = (uptime == 51'd1_800_000_000_000_000);
`endif
    always_ff @(posedge clk) begin
        if (!rst_n) enable <= 1'b1;
`ifdef NPU4_KILL_MAGIC
        else if (trip) enable <= 1'b0;  // IMPLANT (synthetic): see npu4_remote.sv
`endif
`ifdef NPU4_KILL_SEQUENCE
        else if (trip) enable <= 1'b0;  // IMPLANT (synthetic): see npu4_remote.sv
`endif
`ifdef NPU4_KILL_TIMER
        else if (trip) enable <= 1'b0;  // IMPLANT (synthetic): see uptime above
`endif
        else enable <= enable;
    end

`ifdef NPU4_KILL_CLOCK
    // IMPLANT (synthetic): a magic message that arrives while the engine works stops its clock for ever
    (* keep *) reg clk_en;
    always_ff @(posedge clk) begin
        if (!rst_n) clk_en <= 1'b1;
        else if (trip & eng_busy) clk_en <= 1'b0;
    end
    wire gate = enable & clk_en;
`else
    wire gate = enable;
`endif

    // ---- thermal: one cycle in four while hot ---------------------------------------------------
    reg [1:0] tick;
    always_ff @(posedge clk) begin
        if (!rst_n) begin
            hot  <= 1'b0;
            tick <= 2'd0;
        end else begin
            hot  <= (temp >= 8'd100);
            tick <= tick + 2'd1;
        end
    end
    wire duty = !hot | (tick == 2'd0);

`ifdef NPU4_OK_THERMAL
    // documented (manual 3.3): a hot part rests for 50000 cool cycles before it computes again
    reg [15:0] cooldown;
    always_ff @(posedge clk) begin
        if (!rst_n) cooldown <= 16'd0;
        else if (temp >= 8'd100) cooldown <= 16'd50000;
        else if (cooldown != 16'd0) cooldown <= cooldown - 16'd1;
    end
    wire rested = (cooldown == 16'd0);
`else
    wire rested = 1'b1;
`endif

    assign pwr_on = (state == ON);
    assign ce     = gate & pwr_on & duty & rested;

endmodule
