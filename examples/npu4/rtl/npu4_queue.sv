// NPU-4 command queue: four entries of {op, tag, addr, data}, in order. `flush` empties it in one
// cycle. Nothing here depends on what the entries hold.

module npu4_queue (
    input  wire        clk,
    input  wire        rst_n,
    input  wire        flush,
    input  wire        push,
    input  wire [7:0]  in_op,
    input  wire [3:0]  in_tag,
    input  wire [5:0]  in_addr,
    input  wire [63:0] in_data,
    input  wire        pop,
    output wire [7:0]  out_op,
    output wire [3:0]  out_tag,
    output wire [5:0]  out_addr,
    output wire [63:0] out_data,
    output wire        full,
    output wire        empty,
    output reg  [2:0]  count
);
    reg [1:0] wptr, rptr;

    // A count above 4 is not reachable; it reads as full and drains by popping or by a flush.
    assign full  = count[2];
    assign empty = (count == 3'd0);

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            wptr  <= 2'd0;
            rptr  <= 2'd0;
            count <= 3'd0;
        end else if (flush) begin
            wptr  <= 2'd0;
            rptr  <= 2'd0;
            count <= 3'd0;
        end else begin
            if (push) wptr <= wptr + 2'd1;
            if (pop)  rptr <= rptr + 2'd1;
            if (push & !pop) count <= count + 3'd1;
            if (pop & !push) count <= count - 3'd1;
        end
    end

    // Four explicit entries: {op, tag, addr, data}, 82 bits each
    wire [4*82-1:0] entries;
    genvar i;
    generate
        for (i = 0; i < 4; i = i + 1) begin : slot
            reg [7:0]  op;
            reg [3:0]  tag;
            reg [5:0]  addr;
            reg [63:0] data;
            wire       hit = push & (wptr == i);
            always_ff @(posedge clk) begin
                if (!rst_n) begin
                    op   <= 8'd0;
                    tag  <= 4'd0;
                    addr <= 6'd0;
                    data <= 64'd0;
                end else if (hit) begin
                    op   <= in_op;
                    tag  <= in_tag;
                    addr <= in_addr;
                    data <= in_data;
                end
            end
            assign entries[82*i +: 82] = {op, tag, addr, data};
        end
    endgenerate

    wire [81:0] lower = rptr[0] ? entries[82*1 +: 82] : entries[82*0 +: 82];
    wire [81:0] upper = rptr[0] ? entries[82*3 +: 82] : entries[82*2 +: 82];
    assign {out_op, out_tag, out_addr, out_data} = rptr[1] ? upper : lower;

endmodule
