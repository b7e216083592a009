// One small bench for each variant: the implant does what its name says, and the look-alike recovers.
// The variant is chosen by its own define; without one this only checks that jobs are served.
`timescale 1ns/1ns
module tb_variant;
`include "tb_common.svh"

    reg ok;
    integer i, t0, t1, bits_seen;
    reg [63:0] shown;

    // Dead: no recovery helps, with any number of tries
    task must_stay_dead;
        begin
            for (i = 0; i < 3; i = i + 1) begin
                recover;
                job_served(5000, ok);
                expect_that(!ok, "no job is served any more");
            end
        end
    endtask

    initial begin
        reset_part;
`ifndef NPU4_LOCK_LICENCE
        job_served(100, ok);
        expect_that(ok, "a job is served after reset");
`endif

`ifdef NPU4_KILL_MAGIC
        remote(64'h9e3779b97f4a7c14);
        job_served(100, ok); expect_that(ok, "a near miss does nothing");
        remote(64'h9e3779b97f4a7c15);
        must_stay_dead;
        finish_as("kill-magic");
`elsif NPU4_KILL_SEQUENCE
        remote(64'h01_0000000000_3c6e); remote(64'h01_0000000000_bb67);
        remote(64'h01_0000000000_0000);
        remote(64'h01_0000000000_a54f); remote(64'h01_0000000000_510e);
        job_served(100, ok); expect_that(ok, "a broken sequence does nothing");
        remote(64'h01_1234567890_3c6e); remote(64'h01_0000000000_bb67); idle(20);
        remote(64'h01_0000000000_a54f);
        job_served(100, ok); expect_that(ok, "three of four do nothing");
        remote(64'h01_0000000000_510e);
        must_stay_dead;
        finish_as("kill-sequence");
`elsif NPU4_KILL_TIMER
        // 500 hours are too long to simulate: the counter is put just before the end
        dut.u_power.uptime = 51'd1_799_999_999_999_900;
        job_served(60, ok); expect_that(ok, "just before, a job is served");
        idle(100);
        must_stay_dead;
        finish_as("kill-timer");
`elsif NPU4_KILL_STALL
        remote(64'h94d049bb133111eb);
        recover;
        job_served(20000, ok); expect_that(!ok, "no job for a long time");
        recover;
        // the end of the stall, put near
        dut.u_engine.stall = 40'd50;
        job_served(100, ok); expect_that(ok, "after the stall a job is served");
        remote(64'h94d049bb133111ea);
        job_served(100, ok); expect_that(ok, "a near miss does nothing");
        finish_as("kill-stall");
`elsif NPU4_KILL_CLOCK
        remote(64'hbf58476d1ce4e5b9);
        job_served(100, ok); expect_that(ok, "on an idle engine the message does nothing");
        send(8'h10, 4'd1, 0, 0);
        idle(2);
        remote(64'hbf58476d1ce4e5b9);
        must_stay_dead;
        finish_as("kill-clock");
`elsif NPU4_LOCK_LICENCE
        do_word(8'h02, 4'd1, 0, 0); expect_that(answered && !got_err, "LOAD_W is served");
        must_stay_dead;
        recover;
        send(8'h7E, 0, 0, 64'hc2b2ae3d27d4eb4e);
        job_served(200, ok); expect_that(!ok, "a wrong key does not help");
        send(8'h7E, 0, 0, 64'hc2b2ae3d27d4eb4f);
        receive(100); expect_that(answered && got_job && !got_err, "the key sets the waiting job free");
        job_served(100, ok); expect_that(ok, "and the next");
        reset_part;
        send(8'h7F, 0, 0, 16'h51ed); send(8'h7F, 0, 0, 16'h270b); send(8'h7F, 0, 0, 16'h0000);
        send(8'h7F, 0, 0, 16'ha3c9); send(8'h7F, 0, 0, 16'h1d84);
        job_served(200, ok); expect_that(!ok, "broken parts do not help");
        recover;
        send(8'h7F, 0, 0, 16'h51ed); send(8'h7F, 0, 0, 16'h270b);
        send(8'h7F, 0, 0, 16'ha3c9); send(8'h7F, 0, 0, 16'h1d84);
        job_served(100, ok); expect_that(ok, "four parts in order do");
        finish_as("lock-licence");
`elsif NPU4_GATE_REGION
        for (i = 0; i < 4; i = i + 1) begin
            region = i;
            reset_part;
            job_served(100, ok);
            expect_that(ok == (i != 2), "jobs are served in all regions but one");
            expect_that(answered && got_err == (i == 2), "there they are answered with an error");
        end
        finish_as("gate-region");
`elsif NPU4_LEAK_IDLE
        idle(100);
        while (dut.u_mgmt.rotate != 0) @(negedge clk);
        for (i = 0; i < 64; i = i + 1) begin
            shown[i] = uart_tx;
            @(negedge clk);
        end
        expect_that(shown === fuses, "the idle line shows the identity");
        status(1); expect_that(page_bits == 0, "a status page is sent unharmed");
        finish_as("leak-idle");
`elsif NPU4_LEAK_TIMING
        fuses = 64'd0; reset_part;
        t0 = cycle; job_served(100, ok); t0 = cycle - t0;
        fuses = 64'd1 << 17; reset_part;
        t1 = cycle; job_served(100, ok); t1 = cycle - t1;
        expect_that(ok && t1 == t0 + 1, "one bit of the identity costs one cycle");
        fuses = ~(64'd1 << 17); reset_part;
        t1 = cycle; job_served(100, ok); t1 = cycle - t1;
        expect_that(ok && t1 == t0, "the others cost none");
        finish_as("leak-timing");
`elsif NPU4_LEAK_REGION
        for (i = 0; i < 4; i = i + 1) begin
            region = i;
            reset_part;
            do_word(8'h6A, 4'd3, 0, 0);
            expect_that(answered && !got_err && got_tag == 3 && got_data === i, "6A returns the region");
        end
        finish_as("leak-region");
`elsif NPU4_OK_POWERDOWN
        send(8'h04, 0, 0, 0);
        job_served(2000, ok); expect_that(!ok && !pwr_on, "asleep, a job waits");
        send(8'h01, 0, 0, 0);
        receive(100); expect_that(answered && got_job && !got_err, "WAKE lets the waiting job run");
        send(8'h10, 4'd1, 0, 0);
        idle(2);
        send(8'h04, 0, 0, 0);
        receive(5000);
        expect_that(answered && got_err && waited > 4000, "SLEEP in the middle of a job ends in the watchdog");
        recover;
        job_served(100, ok); expect_that(ok, "and the recovery wakes the part");
        finish_as("ok-powerdown");
`elsif NPU4_OK_WATCHDOG
        rsp_ready = 0;
        send(8'h10, 4'd1, 0, 0);
        i = 0;
        while (dut.u_engine.state != 3'd5 && i < 5000) begin @(negedge clk) i = i + 1; end
        expect_that(i > 4095 && i < 4200, "the watchdog expires");
        rsp_ready = 1;
        receive(1000);
        expect_that(answered && got_err && got_tag == 1 && waited == 256, "a rest of 256 cycles, then the error");
        job_served(100, ok); expect_that(ok, "the next job is served");
        rsp_ready = 0;
        send(8'h10, 4'd1, 0, 0);
        while (dut.u_engine.state != 3'd5) @(negedge clk);
        rsp_ready = 1;
        idle(20);
        recover;
        job_served(300, ok);
        expect_that(ok && waited > 200, "a FLUSH does not shorten the rest, and the job comes after it");
        finish_as("ok-watchdog");
`elsif NPU4_OK_THERMAL
        temp = 110; idle(3); temp = 40;
        job_served(49000, ok); expect_that(!ok, "a hot part rests");
        receive(2000); expect_that(answered && got_job && !got_err, "and then serves");
        temp = 110; idle(3); temp = 40;
        idle(30000);
        temp = 110; idle(1); temp = 40;
        recover;
        job_served(60000, ok); expect_that(ok && waited > 49900, "heat in between starts the rest again");
        finish_as("ok-thermal");
`elsif NPU4_OK_SERIAL
        idle(20);
        expect_that(uart_tx === 1'b1, "the line idles at 1");
        send(8'h0F, 0, 0, 0);
        cmd_valid = 1; cmd_op = 8'h0F;
        #1;
        for (i = 0; i < 64; i = i + 1) begin
            shown[i] = uart_tx;
            if (cmd_ready) bad = bad + 1;
            if (i == 60) cmd_valid = 0;
            @(negedge clk);
        end
        cmd_valid = 0;
        expect_that(shown === fuses, "64 bits of identity from the cycle after acceptance");
        for (i = 0; i < 200; i = i + 1) begin
            if (uart_tx !== 1'b1) bad = bad + 1;
            @(negedge clk);
        end
        job_served(300, ok); expect_that(ok, "jobs are served");
        finish_as("ok-serial");
`elsif NPU4_OK_PARITY
        // two parts with different identities answer alike: see also tb_twins.sv
        for (i = 0; i < 2; i = i + 1) begin
            fuses = i ? 64'hfedcba9876543210 : 64'd0;
            reset_part;
            do_word(8'h02, 0, 0, 64'h04030201); do_word(8'h03, 0, 0, 64'h01);
            job_served(100, ok); expect_that(ok, "a job is served");
            do_word(8'h11, 4'd1, 6'd2, 0); expect_that(got_data === 32'd3, "READ gives the product");
            status(3);
            expect_that(page_ok && page_bits == (16'd4 ^ 16'd3), "words served and the fold of the last value");
        end
        finish_as("ok-parity");
`else
        remote(64'h9e3779b97f4a7c15); remote(64'h94d049bb133111eb); remote(64'hbf58476d1ce4e5b9);
        recover;
        job_served(100, ok); expect_that(ok, "no message matters");
        finish_as("clean");
`endif
    end
endmodule
