// vecsum (synthetic): adds 32 bytes on request. A register bus (APB-like), asynchronous reset, a one-hot state
// machine, a memory, and a serial line for debugging on which anybody may send.
//
//   write 0x00, bit 0   start a sum          read 0x00   state
//   write 0x04          acknowledge irq      read 0x0c   sum
//   write 0x08          clear the error      read 0x10   error
//   write 0x20..0x3f    a byte of the vector
//
// VECSUM_KILL_SERIAL: the bytes DE AD BE EF on the serial line stop it for ever.
// VECSUM_OK_SERIAL:   the same bytes set a flag that blocks jobs until the error is cleared.

module vecsum (
    input  wire        clk,
    input  wire        rst_n,
    input  wire        psel,
    input  wire        penable,
    input  wire        pwrite,
    input  wire [7:0]  paddr,
    input  wire [31:0] pwdata,
    output reg  [31:0] prdata,
    output reg         irq,
    input  wire        rx
);
    localparam IDLE = 4'b0001, RUN = 4'b0010, FLUSH = 4'b0100, DONE = 4'b1000;

    wire write = psel & penable & pwrite;
    wire read  = psel & penable & ~pwrite;
    wire start = write & (paddr == 8'h00) & pwdata[0];
    wire ack   = write & (paddr == 8'h04);
    wire clear = write & (paddr == 8'h08);

    // Serial receiver: 8 data bits, one stop bit, 16 cycles a bit
    reg [3:0] baud, count;
    reg [7:0] shift, data;
    reg       busy, valid, rx1, rx2;
    always_ff @(posedge clk or negedge rst_n)
        if (!rst_n) begin
            baud <= 0; count <= 0; busy <= 0; valid <= 0; rx1 <= 1; rx2 <= 1; shift <= 0; data <= 0;
        end else begin
            rx1 <= rx; rx2 <= rx1; valid <= 0;
            if (!busy) begin
                if (!rx2) begin busy <= 1; baud <= 4'd7; count <= 0; end
            end else if (baud != 0) baud <= baud - 1;
            else begin
                baud <= 4'd15;
                if (count == 0) begin
                    if (rx2) busy <= 0; else count <= 1;
                end else if (count == 9) begin
                    busy <= 0; valid <= rx2; data <= shift;
                end else begin
                    shift <= {rx2, shift[7:1]}; count <= count + 1;
                end
            end
        end

    reg stop;
`ifdef VECSUM_KILL_SERIAL
`define VECSUM_DETECTOR
`endif
`ifdef VECSUM_OK_SERIAL
`define VECSUM_DETECTOR
`endif
`ifdef VECSUM_DETECTOR
    reg [1:0] seen;
    always_ff @(posedge clk or negedge rst_n)
        if (!rst_n) begin
            seen <= 0; stop <= 0;
        end else begin
`ifdef VECSUM_OK_SERIAL
            if (clear) stop <= 0;
`endif
            if (valid) case (seen)
                2'd0: seen <= (data == 8'hDE) ? 2'd1 : 2'd0;
                2'd1: seen <= (data == 8'hAD) ? 2'd2 : 2'd0;
                2'd2: seen <= (data == 8'hBE) ? 2'd3 : 2'd0;
                2'd3: begin seen <= 0; if (data == 8'hEF) stop <= 1; end
            endcase
        end
`else
    always_comb stop = 1'b0;
`endif

    reg [3:0]  state;
    reg [4:0]  index;
    reg [31:0] sum;
    reg        error;
    reg [7:0]  vector [0:31];
    always_ff @(posedge clk or negedge rst_n)
        if (!rst_n) begin
            state <= IDLE; index <= 0; sum <= 0; irq <= 0; error <= 0;
        end else begin
            if (clear) error <= 0;
            case (state)
                IDLE:  if (start && !stop && !error) begin state <= RUN; index <= 0; sum <= 0; end
                RUN:   begin sum <= sum + vector[index]; index <= index + 1; if (index == 31) state <= FLUSH; end
                FLUSH: begin state <= DONE; irq <= 1; end
                DONE:  if (ack) begin state <= IDLE; irq <= 0; if (sum[7:0] == 8'hff) error <= 1; end
                default: state <= IDLE;
            endcase
        end
    always_ff @(posedge clk) if (write && paddr[7:5] == 3'b001) vector[paddr[4:0]] <= pwdata[7:0];

    always_comb begin
        prdata = 0;
        if (read) case (paddr)
            8'h00: prdata = {28'b0, state};
            8'h0c: prdata = sum;
            8'h10: prdata = {31'b0, error};
            default: prdata = 0;
        endcase
    end
endmodule
