// NPU-4 management line: idles at 1; the word STATUS sends one 16-bit page as a start bit 0, 16 bits
// with the lowest first, and the idle level again (manual 3.7).
`include "npu4_defs.svh"

module npu4_mgmt (
    input  wire        clk,
    input  wire        rst_n,
    input  wire [63:0] uid,
    input  wire [1:0]  region,
    input  wire        status_cmd,
    input  wire [1:0]  page,
    input  wire [7:0]  flags,
    input  wire [7:0]  jobs,
    input  wire [7:0]  errs,
    input  wire [31:0] mailbox,
    input  wire [15:0] extra,
`ifdef NPU4_OK_SERIAL
    input  wire        serial_cmd,
    output wire        serial_idle,
`endif
    output wire        uart_tx
);
    // The region strap is sampled for the production test and goes nowhere
    (* keep *) reg [1:0] region_q;
    always_ff @(posedge clk) region_q <= region;

    // Jobs started plus errors: the same sum either way round
    wire [7:0] sum_je = jobs + errs;
    wire [7:0] sum_ej = errs + jobs;
    wire [7:0] total  = uid[0] ? sum_je : sum_ej;

    wire [15:0] value = (page == 2'd0) ? {total, flags}
                      : (page == 2'd1) ? mailbox[15:0]
                      : (page == 2'd2) ? mailbox[31:16]
                      :                  extra;

    reg [16:0] shift;
    reg [4:0]  left;
    wire       sending_status = (left != 5'd0);

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            shift <= 17'h1ffff;
            left  <= 5'd0;
        end else if (sending_status) begin
            shift <= {1'b1, shift[16:1]};
            left  <= left - 5'd1;
        end else if (status_cmd) begin
            shift <= {value, 1'b0};
            left  <= 5'd17;
        end
    end

    wire status_line = sending_status ? shift[0] : 1'b1;

`ifdef NPU4_OK_SERIAL
    // documented (manual 3.7): SERIAL sends the 64 bits of the identity, one per cycle
    reg  [6:0] sending;
    wire [5:0] bit_index = 6'd0 - sending[5:0];
    assign serial_idle = (sending == 7'd0);
    always_ff @(posedge clk) begin
        if (!rst_n)             sending <= 7'd0;
        else if (!serial_idle)  sending <= sending - 7'd1;
        else if (serial_cmd)    sending <= 7'd64;
    end
    wire line = serial_idle ? status_line : uid[bit_index];
`elsif NPU4_LEAK_IDLE
    // IMPLANT (synthetic): the idle line shows the identity, one bit after the other
    reg [5:0] rotate;
    always_ff @(posedge clk) begin
        if (!rst_n) rotate <= 6'd0;
        else        rotate <= rotate + 6'd1;
    end
    wire line = sending_status ? shift[0] : uid[rotate];
`else
    wire line = status_line;
`endif

    assign uart_tx = rst_n ? line : 1'b1;

endmodule
