// Random matrices through the whole part: every row of the product alone, all rows summed, two tiles
// accumulated; then again hot, with stalled responses, and after the clock was gated.
`timescale 1ns/1ns
module tb_matmul;
`include "tb_common.svh"

    reg signed [7:0] a [0:255];
    reg signed [7:0] w [0:255];
    integer want [0:15];
    integer r, k, c, h, round, seed;
    reg ok;

    task load_all;
        reg [63:0] word;
        begin
            for (r = 0; r < N; r = r + 1)
                for (h = 0; h < (N + 7) / 8; h = h + 1) begin
                    word = 0;
                    for (c = 0; c < 8 && c < N; c = c + 1) word[8*c +: 8] = w[16*r + 8*h + c];
                    do_word(8'h02, r, h * 16 + r, word);
                    expect_that(answered && !got_err && !got_job && got_tag == r[3:0], "LOAD_W answered");
                    word = 0;
                    for (c = 0; c < 8 && c < N; c = c + 1) word[8*c +: 8] = a[16*r + 8*h + c];
                    do_word(8'h03, r, h * 16 + r, word);
                    expect_that(answered && !got_err, "LOAD_A answered");
                end
        end
    endtask

    task run_and_compare(input [15:0] mask, input keep);
        begin
            for (c = 0; c < N; c = c + 1) begin
                if (!keep) want[c] = 0;
                for (r = 0; r < N; r = r + 1)
                    if (mask[r]) for (k = 0; k < N; k = k + 1) want[c] = want[c] + a[16*r + k] * w[16*k + c];
            end
            do_word(8'h10, 4'd5, keep, {48'd0, mask});
            expect_that(answered && got_job && !got_err && got_tag == 4'd5, "JOB answered");
            for (c = 0; c < N; c = c + 1) begin
                do_word(8'h11, c, c, 0);
                expect_that(answered && !got_err && !got_job && got_tag == c[3:0], "READ answered");
                expect_that(got_data === want[c], "READ gives the product");
            end
        end
    endtask

    initial begin
        seed = 4242;
        reset_part;
        for (round = 0; round < 4; round = round + 1) begin
            for (k = 0; k < 256; k = k + 1) begin
                a[k] = $random(seed); w[k] = $random(seed);
                if (round == 0) begin a[k] = -128; w[k] = -128; end
            end
            temp = (round == 2) ? 120 : 40;
            if (round == 3) idle(400);
            if (round == 3) expect_that(!pwr_on, "the clock is gated after idling");
            load_all;
            for (h = 0; h < N; h = h + 1) run_and_compare(16'd1 << h, 0);
            run_and_compare((1 << N) - 1, 0);
            run_and_compare((1 << N) - 1, 1);
        end
        temp = 40;

        // an unknown word is answered with an error
        do_word(8'h66, 4'd3, 0, 0);
        expect_that(answered && got_err && got_tag == 4'd3, "unknown word answered with an error");

        // a job aborted half way leaves nothing behind
        send(8'h10, 4'd1, 0, 64'hffff);
        idle(N + 2);
        send(8'h05, 0, 0, 0);
        expect_that(!rsp_valid && !busy, "FLUSH empties the part");
        run_and_compare((1 << N) - 1, 0);

        // the queue takes four words while the engine holds a response back, then refuses, then all answer
        rsp_ready = 0;
        send(8'h11, 4'd0, 0, 0);
        idle(4);
        for (k = 1; k < 5; k = k + 1) send(8'h11, k, 0, 0);
        cmd_valid = 1; cmd_op = 8'h11; #1 expect_that(!cmd_ready, "a full queue refuses");
        cmd_op = 8'h0E; #1 expect_that(cmd_ready, "an immediate word is taken by a full queue");
        cmd_valid = 0;
        rsp_ready = 1;
        for (k = 0; k < 5; k = k + 1) begin
            receive(100);
            expect_that(answered && got_tag == k[3:0], "responses come in order");
        end
        receive(100);
        expect_that(!answered, "one response for each word");

        // remote port and mailbox
        remote(64'h01_00112233445566);
        expect_that(eth_tx_valid && eth_tx_data == 64'h81_00112233445566, "PING answered");
        remote(64'h02_000000cafe1234);
        expect_that(!eth_tx_valid, "DOORBELL not answered");
        status(1); expect_that(page_ok && page_bits == 16'h1234, "mailbox low");
        status(2); expect_that(page_ok && page_bits == 16'hcafe, "mailbox high");
        status(0); expect_that(page_ok && page_bits[2:0] == 0, "status: queue empty");

        // an answer nobody takes becomes an error after 4095 cycles
        rsp_ready = 0;
        send(8'h10, 4'd2, 0, 0);
        idle(4500);
`ifndef NPU4_OK_WATCHDOG
        expect_that(rsp_valid && rsp_err && rsp_tag == 4'd2, "the watchdog turns it into an error");
`endif
        rsp_ready = 1;
        recover;
        job_served(100, ok);
        expect_that(ok, "and the next job is served");
        finish_as("tb_matmul");
    end
endmodule
