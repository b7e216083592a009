// Replays the refutations of docs/real-designs.md in Icarus Verilog: the word W is all that picorv32 is given to fetch for
// 60 cycles, NOPs afterwards; a core that lives goes on asking for memory. Parameters: see the commands there.
`timescale 1ns/1ns
module tb;
  parameter [31:0] W=32'h0020806f; parameter IRQ=0, C=1; parameter [31:0] X1=0;
  reg clk=0, r=0; wire v, i, t; integer n, late=0; reg [31:0] irq=0;
picorv32 #(.ENABLE_IRQ(IRQ),.CATCH_ILLINSN(C),.CATCH_MISALIGN(C)) dut(.clk(clk),.resetn(r),.trap(t),.mem_valid(v),.mem_instr(i),.mem_ready(v),.mem_rdata(n<60?W:32'h13),.irq(irq),.pcpi_wr(1'b0),.pcpi_rd(32'd0),.pcpi_wait(1'b0),.pcpi_ready(1'b0));
initial begin for(n=0;n<20000;n=n+1) begin r=n>=4; irq=n>100?$random:0; #4; if(n==5) dut.cpuregs[1]=X1; if(n>100&&v) late=late+1; #1 clk=1; #5 clk=0; end
$display("word %h irq %0d catch %0d: trap=%b memory requests after cycle 100: %0d",W,IRQ,C,t,late); $finish; end endmodule
