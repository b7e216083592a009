"""The NPU-4 variants: name, Verilog define, array size, and what an audit of each must say."""

PROVED = {"verdict": "proved"}


def refuted(kind):
    return {"verdict": "refuted", "kind": kind}


# name: (define, N, what it is, no-remote-disable, no-tracking)
VARIANTS = {
    "clean":         (None, 4, "no implant", PROVED, PROVED),
    "clean-n8":      (None, 8, "no implant, 8 x 8 array", PROVED, PROVED),
    "clean-n16":     (None, 16, "no implant, 16 x 16 array", PROVED, PROVED),

    "kill-magic":    ("NPU4_KILL_MAGIC", 4, "one 64-bit remote message clears the master enable for ever", refuted("dead"), PROVED),
    "kill-sequence": ("NPU4_KILL_SEQUENCE", 4, "four harmless-looking PINGs in a row clear the master enable", refuted("dead"), PROVED),
    "kill-timer":    ("NPU4_KILL_TIMER", 4, "the master enable goes away 500 hours after reset", refuted("timer"), PROVED),
    "kill-stall":    ("NPU4_KILL_STALL", 4, "a remote message stalls the queue for 2^40 cycles (18 minutes at 1 GHz)", refuted("overdue"), PROVED),
    "kill-clock":    ("NPU4_KILL_CLOCK", 4, "a remote message that meets a busy engine stops its clock for ever", refuted("dead"), PROVED),
    "lock-licence":  ("NPU4_LOCK_LICENCE", 4, "no job is served before an undocumented licence word", refuted("lock"), PROVED),
    "gate-region":   ("NPU4_GATE_REGION", 4, "jobs are refused in one region", refuted("leash"), PROVED),

    "leak-idle":     ("NPU4_LEAK_IDLE", 4, "the idle management line shows the identity", PROVED, refuted("value")),
    "leak-timing":   ("NPU4_LEAK_TIMING", 4, "a bit of the identity delays the response by one cycle", PROVED, refuted("timing")),
    "leak-region":   ("NPU4_LEAK_REGION", 4, "an undocumented word returns the region strap", PROVED, refuted("value")),

    "ok-powerdown":  ("NPU4_OK_POWERDOWN", 4, "documented SLEEP switches off until WAKE", PROVED, PROVED),
    "ok-watchdog":   ("NPU4_OK_WATCHDOG", 4, "an expired watchdog rests the engine for 256 cycles", PROVED, PROVED),
    "ok-thermal":    ("NPU4_OK_THERMAL", 4, "a hot part rests for 50000 cool cycles", PROVED, PROVED),
    "ok-serial":     ("NPU4_OK_SERIAL", 4, "documented SERIAL sends the identity when the owner asks for it", PROVED, PROVED),
    "ok-parity":     ("NPU4_OK_PARITY", 4, "the identity is used everywhere and shown nowhere", PROVED, PROVED),
}

# Cases of the claim no-hidden-function: name: (define, netlist, what it is, verdict)
FUNCTIONS = {
    "function":         (None, "clean", "no implant, under the contract of what it computes", PROVED),
    "trigger-sequence": ("NPU4_TRIGGER_SEQUENCE", None, "four NOPs in a row corrupt every later READ", refuted("value")),
    "trigger-counter":  ("NPU4_TRIGGER_COUNTER", None, "4095 cycles after reset every READ is corrupted", refuted("value")),
    "trigger-config":   ("NPU4_TRIGGER_CONFIG", None, "a remote message rewrites the documented mode", refuted("configuration")),
    "trigger-busy":     ("NPU4_TRIGGER_BUSY", None, "a NOP corrupts every later READ and keeps the part from ever being idle", refuted("busy")),
    "trigger-operand":  ("NPU4_TRIGGER_OPERAND", None, "a READ with one operand of 2^64 is corrupted", PROVED),
    "ok-mode":          ("NPU4_OK_MODE", None, "documented MODE makes READ show negative sums as zero", PROVED),
    "ok-count":         ("NPU4_OK_COUNT", None, "counters and a sticky flag are shown by STATUS and nowhere else", OPEN),
}

BASE_WORDS = [0x00, 0x01, 0x02, 0x03, 0x05, 0x0E, 0x10, 0x11]
EXTRA_WORDS = {"ok-powerdown": [0x04], "ok-serial": [0x0F]}


def case(name):
    """The case file of one variant, as TOML text."""
    _, n, what, disable, track = VARIANTS[name]
    words = sorted(BASE_WORDS + EXTRA_WORDS.get(name, []))
    words = ", ".join(f"8'h{w:02X}" for w in words)
    expect = lambda e: "{ " + ", ".join(f'{k} = "{v}"' for k, v in e.items()) + " }"
    region_is_identity = name == "leak-region"
    out = [
        f"# NPU-4 (synthetic), {name}: {what}.",
        'schema = "probity/case/1"',
        "",
        "[subject]",
        'vendor  = "Example Semiconductor"',
        'model   = "NPU-4 (synthetic)"',
        f'version = "{name}"',
        "",
        "[[artifact]]",
        'kind       = "design"',
        f'path       = "netlists/{name}.json.zst"',
        'provenance = "synthetic"',
        "include    = true",
        "",
        "[artifact.contract]",
        'top   = "npu4"',
        'clock = { port = "clk", mhz = 1000 }',
        'reset = { port = "rst_n", active = "low", cycles = 4 }',
        'inputs.owner       = ["cmd_*"]',
        'inputs.remote      = ["eth_rx_*"]',
        'inputs.environment = ["temp", "rsp_ready"]',
    ]
    if not region_is_identity:
        out.append('inputs.constant    = ["region"]')
    out += [
        """recovery_assume    = ["rsp_ready", "temp < 8'd100"]""",
        f'documented         = ["cmd_op inside {{{words}}}"]',
        "",
        "[[artifact.contract.service]]",
        'name  = "job"',
        """start = "cmd_valid && cmd_ready && cmd_op == 8'h10\"""",
        'done  = "rsp_valid && rsp_ready && rsp_job && !rsp_err"',
        'tag   = ["cmd_tag", "rsp_tag"]',
        "recover_within = 100000",
        "",
        "[[artifact.contract.recovery]]",
        'name   = "flush and wake"',
        'source = "manual 3.2"',
        "steps  = [",
        """  { set = "cmd_valid = 1, cmd_op = 8'h05", until = "cmd_ready" },""",
        """  { set = "cmd_valid = 1, cmd_op = 8'h01", until = "cmd_ready" },""",
        "  { wait = 10 },",
        "]",
        "",
        "[[artifact.contract.identity]]",
        'signal = "u_fuse.uid"',
        'kind   = "fuse"',
    ]
    if region_is_identity:
        out += ["", "[[artifact.contract.identity]]", 'signal = "region"', 'kind   = "fuse"']
    if name == "ok-serial":
        out += [
            "",
            "[[artifact.contract.declassify]]",
            """when = "cmd_valid && cmd_ready && cmd_op == 8'h0F\"""",
            "for  = 64",
            'observable = ["uart_tx"]',
            'releases   = ["u_fuse.uid"]',
        ]
    out += ["", "[expect]", f"no-remote-disable = {expect(disable)}", f"no-tracking       = {expect(track)}", ""]
    return "\n".join(out)


# What a case of no-hidden-function says beyond its title
REMARKS = {
    "trigger-operand": """# The check compares histories, and this implant has none: the same operand is always answered in the same wrong
# way, so this check proves that no history matters, and nothing more. A specification would show it:
# `probity design compare` with the clean netlist leaves `rsp_data` open.
""",
}


def function_case(name):
    """The case file of one variant under the contract of what it computes, as TOML text."""
    _, netlist, what, expected = FUNCTIONS[name]
    mode = name in ("ok-mode", "trigger-config")
    immediate = "8'h00, 8'h01, 8'h05, 8'h0E" + (", 8'h06" if mode else "")
    out = [
        f"# NPU-4 (synthetic), {name}: {what}.",
        REMARKS.get(name, "") + 'schema = "probity/case/1"',
        "",
        "[subject]",
        'vendor  = "Example Semiconductor"',
        'model   = "NPU-4 (synthetic)"',
        f'version = "{name}"',
        "",
        "[[artifact]]",
        'kind       = "design"',
        f'path       = "netlists/{netlist or name}.json.zst"',
        'provenance = "synthetic"',
        "include    = true",
        "",
        "[artifact.contract]",
        'top   = "npu4"',
        'clock = { port = "clk", mhz = 1000 }',
        'reset = { port = "rst_n", active = "low", cycles = 4 }',
        'inputs.owner       = ["cmd_*"]',
        'inputs.remote      = ["eth_rx_*"]',
        'inputs.environment = ["temp", "rsp_ready"]',
        'inputs.constant    = ["region"]',
        "",
        "# Words through the queue. The network port is no operand: no message may change a result.",
        "[[artifact.contract.function]]",
        'name     = "words"',
        'operands = ["cmd_*", "rsp_ready", "temp"]',
        f'start    = "cmd_valid && cmd_ready && !(cmd_op inside {{{immediate}}})"',
        'done     = "rsp_valid && rsp_ready"',
        'quiet    = "!busy"',
        """stall    = "!rsp_ready || temp >= 8'd100\"""",
        "latency  = 20000",
        "",
        "[[artifact.contract.function.results]]",
        'ports = ["cmd_ready", "rsp_valid"]',
        "",
        "[[artifact.contract.function.results]]",
        'ports = ["rsp_tag", "rsp_job", "rsp_err", "rsp_data"]',
        'when  = "rsp_valid"',
        "",
        "# Operands that stay: written by LOAD_W, LOAD_A and JOB",
        "[[artifact.contract.function.configuration]]",
        'state  = ["u_array.row*.weight", "u_spad.store"]',
        """writes = "u_engine.state == 3'd1\"""",
        "",
        "[[artifact.contract.function.configuration]]",
        'state  = ["acc"]',
        """writes = "busy\"""",
        "",
    ]
    if mode:
        out += [
            "# The documented mode (manual 3.2)",
            "[[artifact.contract.function.configuration]]",
            'state  = ["u_trigger.mode"]',
            """writes = "cmd_valid && cmd_ready && cmd_op == 8'h06\"""",
            "",
        ]
    out += [
        "# What moves results in time: where the queue writes next, power and temperature",
        "[[artifact.contract.function.configuration]]",
        'state  = ["u_queue.wptr", "u_queue.rptr"]',
        'writes = "busy || cmd_valid"',
        "",
        "[[artifact.contract.function.configuration]]",
        'state  = ["u_power.*"]',
        'writes = "1"',
        "",
        "# The fuses are never written: without this they would be undriven, and free in every cycle",
        "[[artifact.contract.identity]]",
        'signal = "u_fuse.uid"',
        'kind   = "fuse"',
        "",
        "[expect]",
        'no-tracking        = { verdict = "proved" }',
        "no-hidden-function = { " + ", ".join(f'{k} = "{v}"' for k, v in expected.items()) + " }",
        "",
    ]
    return "\n".join(out)
