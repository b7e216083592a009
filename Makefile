# The same commands as .ci/run, one by one.
CARGO ?= cargo

.PHONY: all build test lint docs bench fuzz examples
all: lint test docs

build:
	$(CARGO) build --release --locked

test:
	./test

lint:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --release --locked -- -D warnings

# The pages of the checks come from the program.
docs: build
	$${CARGO_TARGET_DIR:-target}/release/probity explain --markdown > docs/checks.md
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --release --locked

bench:
	$(CARGO) bench --workspace --locked

# 10 seconds for each target; `fuzz/smoke 3600 yosys_json` for an hour of one.
fuzz:
	fuzz/smoke

# Every variant of the example accelerator, against what its case expects.
examples: build
	$${CARGO_TARGET_DIR:-target}/release/probity audit examples/npu4/*.toml --out out --expect
