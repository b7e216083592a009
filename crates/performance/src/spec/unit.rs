//! Units of specifications and the lengths of number formats.
//!
//! A unit is an exact fraction of the one that figures are kept in, so that conversion never rounds
//! twice. Whoever adds a unit adds it to docs/performance.md as well.

/// Bit length of a format, as counted by the rules; TF32 is stored in 32 bits and counted so.
pub fn format_bits(format: &str) -> Option<u32> {
    Some(match format {
        "fp64" => 64,
        "fp32" | "tf32" | "int32" => 32,
        "fp16" | "bf16" | "int16" => 16,
        "fp8" | "int8" | "e4m3" | "e5m2" | "mxfp8" => 8,
        "fp6" | "mxfp6" => 6,
        "fp4" | "int4" | "nvfp4" | "mxfp4" => 4,
        "int1" => 1,
        _ => return None,
    })
}

pub(super) fn is_mac_unit(unit: &str) -> bool {
    matches!(unit, "MacTOPS" | "TMAC/s" | "PMAC/s" | "GMAC/s")
}

/// TOPS per unit as a fraction; units of multiply-accumulates count twice.
pub(crate) fn throughput_unit(unit: &str) -> Option<(i128, i128)> {
    Some(match unit {
        "TOPS" | "TFLOPS" | "TFLOP/s" | "TOP/s" => (1, 1),
        "POPS" | "PFLOPS" | "PFLOP/s" | "POP/s" => (1000, 1),
        "GOPS" | "GFLOPS" | "GFLOP/s" | "GOP/s" => (1, 1000),
        "MacTOPS" | "TMAC/s" => (2, 1),
        "PMAC/s" => (2000, 1),
        "GMAC/s" => (2, 1000),
        _ => return None,
    })
}

/// GB/s per unit as a fraction.
pub(crate) fn bandwidth_unit(unit: &str) -> Option<(i128, i128)> {
    Some(match unit {
        "GB/s" => (1, 1),
        "TB/s" => (1000, 1),
        "MB/s" => (1, 1000),
        "Gbit/s" => (1, 8),
        "Tbit/s" => (1000, 8),
        "GiB/s" => (1_073_741_824, 1_000_000_000),
        _ => return None,
    })
}

pub(super) fn area_unit(unit: &str) -> Option<(i128, i128)> {
    Some(match unit {
        "mm2" | "mm²" | "mm^2" => (1, 1),
        "cm2" | "cm²" | "cm^2" => (100, 1),
        _ => return None,
    })
}
