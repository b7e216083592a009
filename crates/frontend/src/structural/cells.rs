//! Cells that come without a model: flip-flops and latches known by name and pins.
//!
//! Delivered netlists instantiate `dff` and leave its model out, or ship one made of switches. A cell
//! whose name says that it stores and whose pins are all in the table below is taken for what it says.
//!
//! | pin | names (case does not matter) |
//! |---|---|
//! | data | `D` `DI` `DIN` `DATA` |
//! | output | `Q` `DOUT` `QOUT`; complement `QN` `QB` `Q_N` `Q_B` `QBAR` `NQ` |
//! | clock | `CK` `CLK` `CP` `C` `CLOCK`; falling edge `CKN` `CLKN` `CPN` `CLK_N` `CN`; latches also `G` `GATE`, `GN` |
//! | asynchronous reset | low `RN` `RB` `RSTN` `RST_N` `RSTB` `RESETN` `RESET_N` `RESET_B` `CDN` `CLRN` `CLR_N` `CLRB` `R_N` `NRST` `RDN`; high `R` `RST` `RESET` `CLR` `CD` `CLEAR` |
//! | asynchronous set | low `SN` `SB` `SETN` `SET_N` `SETB` `SET_B` `SDN` `PREN` `PRE_N` `PRN` `S_N`; high `S` `SET` `SD` `PRE` `PRESET` |
//! | enable | `E` `EN` `CE` `DE` `ENA` `ENABLE` |
//! | scan | select `SE` `SCE` `TE`, data `SI` `SCD` `TI` |
//!
//! Reset wins over set. Unconnected controls are inactive. Positional connections are read by use: of
//! all instances of such a cell, the position whose nets nothing else drives is the output, the
//! position with the fewest different nets the clock, the last one the data.

/// What a pin of a storage cell does; `bool` is the active level.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Role {
    Q,
    Qn,
    D,
    Clock(bool),
    Reset(bool),
    Set(bool),
    Enable,
    ScanSelect,
    ScanData,
}

/// The role of a pin by its name.
pub(super) fn role(pin: &str) -> Option<Role> {
    Some(match pin.to_ascii_uppercase().as_str() {
        "D" | "DI" | "DIN" | "DATA" => Role::D,
        "Q" | "DOUT" | "QOUT" => Role::Q,
        "QN" | "QB" | "Q_N" | "Q_B" | "QBAR" | "NQ" => Role::Qn,
        "CK" | "CLK" | "CP" | "C" | "CLOCK" | "G" | "GATE" => Role::Clock(true),
        "CKN" | "CLKN" | "CPN" | "CLK_N" | "CN" | "GN" | "GATE_N" => Role::Clock(false),
        "RN" | "RB" | "RSTN" | "RST_N" | "RSTB" | "RESETN" | "RESET_N" | "RESET_B" | "CDN"
        | "CLRN" | "CLR_N" | "CLRB" | "R_N" | "NRST" | "RDN" => Role::Reset(false),
        "R" | "RST" | "RESET" | "CLR" | "CD" | "CLEAR" => Role::Reset(true),
        "SN" | "SB" | "SETN" | "SET_N" | "SETB" | "SET_B" | "SDN" | "PREN" | "PRE_N" | "PRN"
        | "S_N" => Role::Set(false),
        "S" | "SET" | "SD" | "PRE" | "PRESET" => Role::Set(true),
        "E" | "EN" | "CE" | "DE" | "ENA" | "ENABLE" => Role::Enable,
        "SE" | "SCE" | "TE" => Role::ScanSelect,
        "SI" | "SCD" | "TI" => Role::ScanData,
        _ => return None,
    })
}

/// Whether a cell's name says that it stores a bit: `Some(true)` for a latch.
pub(super) fn stores(kind: &str) -> Option<bool> {
    let name = kind.rsplit("__").next().unwrap_or(kind).to_ascii_lowercase();
    if name.contains("latch") || name.starts_with("dlx") || name.starts_with("dlat") {
        return Some(true);
    }
    let flop = ["dff", "ff", "flop", "dfx", "dfr", "dfs", "dfb", "edf", "sdf"];
    (flop.iter().any(|f| name.contains(f)) || name.starts_with("fd") || name.starts_with("df"))
        .then_some(false)
}
