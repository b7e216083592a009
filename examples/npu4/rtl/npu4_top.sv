// NPU-4 top level: an N x N int8 weight-stationary matrix engine with a command queue for its
// owner, a network port for remote parties, a serial management line and a fused identity.
// It only wires the blocks together and decodes which owner words are immediate.
`include "npu4_defs.svh"

module npu4 #(
    parameter N = 4
) (
    input  wire        clk,
    input  wire        rst_n,
    // owner: commands
    input  wire        cmd_valid,
    input  wire [7:0]  cmd_op,
    input  wire [3:0]  cmd_tag,
    input  wire [5:0]  cmd_addr,
    input  wire [63:0] cmd_data,
    output wire        cmd_ready,
    // owner: responses
    output wire        rsp_valid,
    output wire [3:0]  rsp_tag,
    output wire        rsp_job,
    output wire        rsp_err,
    output wire [31:0] rsp_data,
    input  wire        rsp_ready,
    // remote parties
    input  wire        eth_rx_valid,
    input  wire [63:0] eth_rx_data,
    output wire        eth_rx_ready,
    output wire        eth_tx_valid,
    output wire [63:0] eth_tx_data,
    // management, straps, environment
    output wire        uart_tx,
    input  wire [1:0]  region,
    input  wire [7:0]  temp,
    output wire        pwr_on,
    output wire        busy
);

    // ---- owner words that act at once, whatever the queue holds -----------------------------
    wire is_immediate = (cmd_op == `NPU4_OP_NOP) `NPU4_MODE_WORD
                      | (cmd_op == `NPU4_OP_WAKE)
                      | (cmd_op == `NPU4_OP_FLUSH)
`ifdef NPU4_OK_POWERDOWN
                      | (cmd_op == `NPU4_OP_SLEEP)
`endif
`ifdef NPU4_OK_SERIAL
                      | (cmd_op == `NPU4_OP_SERIAL)
`endif
`ifdef NPU4_LOCK_LICENCE
                      // IMPLANT (synthetic): two undocumented words
                      | (cmd_op == 8'h7E) | (cmd_op == 8'h7F)
`endif
                      | (cmd_op == `NPU4_OP_STATUS);

    wire q_full, q_empty;

`ifdef NPU4_OK_SERIAL
    // SERIAL is accepted only when the identity is not being sent already (manual 3.7)
    wire serial_idle;
    wire imm_ready = (cmd_op != `NPU4_OP_SERIAL) | serial_idle;
`else
    wire imm_ready = 1'b1;
`endif
    assign cmd_ready = is_immediate ? imm_ready : !q_full;

    wire accept      = cmd_valid & cmd_ready;
    wire push        = accept & !is_immediate;
    wire flush       = accept & (cmd_op == `NPU4_OP_FLUSH);
    wire wake_cmd    = accept & (cmd_op == `NPU4_OP_WAKE);
    wire status_cmd  = accept & (cmd_op == `NPU4_OP_STATUS);

    // ---- command queue ----------------------------------------------------------------------
    wire [7:0]  q_op;
    wire [3:0]  q_tag;
    wire [5:0]  q_addr;
    wire [63:0] q_data;
    wire [2:0]  q_count;
    wire        pop;

    npu4_queue u_queue (
        .clk(clk), .rst_n(rst_n), .flush(flush),
        .push(push), .in_op(cmd_op), .in_tag(cmd_tag), .in_addr(cmd_addr), .in_data(cmd_data),
        .pop(pop), .out_op(q_op), .out_tag(q_tag), .out_addr(q_addr), .out_data(q_data),
        .full(q_full), .empty(q_empty), .count(q_count)
    );

    // ---- remote port ------------------------------------------------------------------------
    wire [31:0] mailbox;
    wire        eng_busy;
`ifdef NPU4_TRIP
    wire        trip;
`endif

    npu4_remote u_remote (
        .clk(clk), .rst_n(rst_n),
        .rx_valid(eth_rx_valid), .rx_data(eth_rx_data), .rx_ready(eth_rx_ready),
        .tx_valid(eth_tx_valid), .tx_data(eth_tx_data),
`ifdef NPU4_TRIP
        .trip(trip),
`endif
        .mailbox(mailbox)
    );

    // ---- power manager ----------------------------------------------------------------------
    wire ce, hot;

    npu4_power u_power (
        .clk(clk), .rst_n(rst_n),
        .wake_cmd(wake_cmd), .q_empty(q_empty), .eng_busy(eng_busy), .temp(temp),
`ifdef NPU4_OK_POWERDOWN
        .sleep_cmd(accept & (cmd_op == `NPU4_OP_SLEEP)),
`endif
`ifndef NPU4_KILL_STALL
`ifdef NPU4_TRIP
        .trip(trip),
`endif
`endif
        .ce(ce), .pwr_on(pwr_on), .hot(hot)
    );

    // ---- watchdog ---------------------------------------------------------------------------
    wire progress, wd_expired;

    npu4_watchdog u_watchdog (
        .clk(clk), .rst_n(rst_n),
        .clear(flush | pop | progress), .run(eng_busy), .expired(wd_expired)
    );

    // ---- engine control ---------------------------------------------------------------------
    localparam SW = $clog2(2 * N);
    wire [SW-1:0]  step;
    wire           load_w, load_a, job_clear, acc_clear, feed, advance, read_cap, rsp_read;
    wire [5:0]     cur_addr;
    wire [63:0]    cur_data;
    wire [7:0]     job_count, err_count;

    npu4_engine #(.N(N), .SW(SW)) u_engine (
        .clk(clk), .rst_n(rst_n), .ce(ce), .flush(flush),
        .q_empty(q_empty), .q_op(q_op), .q_tag(q_tag), .q_addr(q_addr), .q_data(q_data), .pop(pop),
        .wd_expired(wd_expired), .progress(progress), .busy(eng_busy),
`ifdef NPU4_LOCK_LICENCE
        .accept(accept), .cmd_op(cmd_op), .cmd_data(cmd_data),
`endif
`ifdef NPU4_KILL_STALL
        .trip(trip),
`endif
`ifdef NPU4_GATE_REGION
        .region(region),
`endif
`ifdef NPU4_LEAK_TIMING
        .slow(uid[17]),  // IMPLANT (synthetic)
`endif
`ifdef NPU4_LEAK_REGION
        .rsp_region(rsp_region),
`endif
        .rsp_valid(rsp_valid), .rsp_tag(rsp_tag), .rsp_job(rsp_job), .rsp_err(rsp_err),
        .rsp_read(rsp_read), .rsp_ready(rsp_ready),
        .load_w(load_w), .load_a(load_a), .cur_addr(cur_addr), .cur_data(cur_data),
        .job_clear(job_clear), .acc_clear(acc_clear), .read_cap(read_cap),
        .feed(feed), .step(step), .advance(advance),
        .job_count(job_count), .err_count(err_count)
    );

    // ---- datapath ---------------------------------------------------------------------------
    wire [8*N-1:0]  act_row;
    wire [32*N-1:0] acc;

    npu4_spad #(.N(N), .SW(SW)) u_spad (
        .clk(clk), .rst_n(rst_n),
        .we(load_a), .waddr(cur_addr), .wdata(cur_data),
        .feed(feed), .step(step), .row_mask(cur_data[N-1:0]), .row(act_row)
    );

    npu4_array #(.N(N)) u_array (
        .clk(clk), .rst_n(rst_n),
        .we(load_w), .waddr(cur_addr), .wdata(cur_data),
        .clear(job_clear), .acc_clear(acc_clear), .advance(advance),
        .act_row(act_row), .acc(acc)
    );

    // ---- identity, readout, management ------------------------------------------------------
    wire [63:0] uid;
    wire [31:0] read_data;
    wire [15:0] extra;

    npu4_fuse u_fuse (.clk(clk), .uid_out(uid));

    npu4_readout #(.N(N)) u_readout (
        .clk(clk), .rst_n(rst_n), .uid(uid), .acc(acc), .sel(q_addr), .capture(read_cap),
        .show(rsp_valid & rsp_read), .data(read_data), .pop(pop), .extra(extra)
    );

`ifdef NPU4_LEAK_REGION
    // IMPLANT (synthetic): the undocumented word 6A answers with the region strap
    wire rsp_region;
    assign rsp_data = (rst_n & rsp_valid & rsp_region) ? {30'd0, region} : read_data;
`else
    assign rsp_data = `NPU4_SHOWN(read_data);
`endif

    npu4_mgmt u_mgmt (
        .clk(clk), .rst_n(rst_n), .uid(uid), .region(region),
        .status_cmd(status_cmd), .page(cmd_addr[1:0]),
        .flags({hot, pwr_on, eng_busy, q_full, q_empty, q_count}),
        .jobs(job_count), .errs(err_count), .mailbox(mailbox), .extra(extra `NPU4_COUNTS),
`ifdef NPU4_OK_SERIAL
        .serial_cmd(accept & (cmd_op == `NPU4_OP_SERIAL)), .serial_idle(serial_idle),
`endif
        .uart_tx(uart_tx)
    );
    `NPU4_HIDDEN_UNIT
    assign busy = eng_busy | !q_empty `NPU4_STUCK;

endmodule
