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

`endif
