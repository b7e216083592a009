// Stands in for rtl/npu4_mul.sv where a bench would take long: an event-driven simulator spends most of its
// time on the glitches of a gate-level multiplier. tb_mul.sv shows that the two are equal.
module npu4_mul (
    input  wire [7:0]  a,
    input  wire [7:0]  b,
    output wire [15:0] y
);
    assign y = $signed({{8{a[7]}}, a}) * $signed({{8{b[7]}}, b});
endmodule
