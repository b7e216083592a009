// NPU-4 common definitions: command words and remote message types (manual 3.2, 3.5),
// and the two helper switches that add a port where a variant needs one.
`ifndef NPU4_DEFS_SVH
`define NPU4_DEFS_SVH

// Owner command words
`define NPU4_OP_NOP     8'h00
`define NPU4_OP_WAKE    8'h01
`define NPU4_OP_LOAD_W  8'h02
`define NPU4_OP_LOAD_A  8'h03
`define NPU4_OP_SLEEP   8'h04   // only where NPU4_OK_POWERDOWN
`define NPU4_OP_FLUSH   8'h05
`define NPU4_OP_MODE    8'h06   // only where NPU4_MODE
`define NPU4_OP_STATUS  8'h0E
`define NPU4_OP_SERIAL  8'h0F   // only where NPU4_OK_SERIAL
`define NPU4_OP_JOB     8'h10
`define NPU4_OP_READ    8'h11

// Remote message types, eth_rx_data[63:56]
`define NPU4_MSG_PING     8'h01
`define NPU4_MSG_DOORBELL 8'h02
`define NPU4_MSG_PONG     8'h81

// `trip`: a wire from the remote port to power or engine (implanted variants only)
`ifdef NPU4_KILL_MAGIC
`define NPU4_TRIP
`endif
`ifdef NPU4_KILL_SEQUENCE
`define NPU4_TRIP
`endif
`ifdef NPU4_KILL_CLOCK
`define NPU4_TRIP
`endif
`ifdef NPU4_KILL_STALL
`define NPU4_TRIP
`endif

// Functions hidden from the owner, and the documented features that look like them (npu4_trigger.sv):
// what they add to the top level, nothing where there is none
`ifdef NPU4_TRIGGER_SEQUENCE
`define NPU4_HIDDEN
`endif
`ifdef NPU4_TRIGGER_COUNTER
`define NPU4_HIDDEN
`endif
`ifdef NPU4_TRIGGER_CONFIG
`define NPU4_HIDDEN
`define NPU4_MODE
`endif
`ifdef NPU4_TRIGGER_BUSY
`define NPU4_HIDDEN
`endif
`ifdef NPU4_TRIGGER_OPERAND
`define NPU4_HIDDEN
`endif
`ifdef NPU4_OK_MODE
`define NPU4_HIDDEN
`define NPU4_MODE
`endif
`ifdef NPU4_OK_COUNT
`define NPU4_HIDDEN
`endif
`ifdef NPU4_MODE
`define NPU4_MODE_WORD | (cmd_op == `NPU4_OP_MODE)
`else
`define NPU4_MODE_WORD
`endif
`ifdef NPU4_HIDDEN
`define NPU4_SHOWN(data) hidden_data
`define NPU4_COUNTS ^ hidden_counts
`define NPU4_STUCK | hidden_busy
`define NPU4_HIDDEN_UNIT wire [31:0] hidden_data; wire [15:0] hidden_counts; wire hidden_busy; npu4_trigger u_trigger (.clk(clk), .rst_n(rst_n), .accept(accept), .cmd_op(cmd_op), .cmd_data(cmd_data), .rx_valid(eth_rx_valid), .rx_data(eth_rx_data), .pop(pop), .cur_data(cur_data), .show(rsp_valid & rsp_read), .plain(read_data), .data(hidden_data), .counts(hidden_counts), .held(hidden_busy));
`else
`define NPU4_SHOWN(data) data
`define NPU4_COUNTS
`define NPU4_STUCK
`define NPU4_HIDDEN_UNIT
`endif

`endif
