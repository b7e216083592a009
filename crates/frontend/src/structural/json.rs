//! Yosys JSON of single-bit cells, with every cell kept as an instance.
//!
//! The hashed reader ([`netlist::read_yosys_json`]) is the one proofs stand on; this one exists so that a
//! hunt can name cells. It takes a flat module of Yosys gates and library cells by writing it out as
//! structural Verilog, for which there is a reader. Anything else is left to the other one.

use super::{Delivered, read_verilog};
use crate::liberty::{CellPin, Function, Library, LibraryCell, Storage};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Reads a flat module of single-bit cells; nothing if the file holds anything else.
pub fn read_gates_json(bytes: &[u8], top: Option<&str>, library: &Library) -> Option<Delivered> {
    let file: Value = serde_json::from_slice(bytes).ok()?;
    let modules = file.get("modules")?.as_object()?;
    let is_top = |m: &Value| m.pointer("/attributes/top").is_some();
    let module = match top {
        Some(name) => modules.get(name)?,
        None if modules.len() == 1 => modules.values().next()?,
        None => modules.values().find(|m| is_top(m))?,
    };
    let mut library = library.clone();
    let cells = module.get("cells")?.as_object()?;
    for cell in cells.values() {
        let kind = cell.get("type")?.as_str()?;
        if !library.cells.contains_key(kind) {
            library.cells.insert(kind.to_owned(), yosys_cell(kind)?);
        }
    }
    let text = verilog(module, cells)?;
    read_verilog(text.as_bytes(), None, &library).ok()
}

fn verilog(module: &Value, cells: &serde_json::Map<String, Value>) -> Option<String> {
    let escape = |name: &str| -> Option<String> {
        (!name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic()))
            .then(|| format!("\\{name} "))
    };
    let mut names: BTreeMap<u64, String> = BTreeMap::new();
    let nets = module.get("netnames")?.as_object()?;
    let ports = module.get("ports")?.as_object()?;
    let mut taken: BTreeSet<String> = ports.keys().cloned().collect();
    for (name, net) in nets.iter().filter(|(n, _)| !ports.contains_key(*n)) {
        let bits = net.get("bits")?.as_array()?;
        for (i, bit) in bits.iter().enumerate() {
            let Some(id) = bit.as_u64() else { continue };
            let wanted = if bits.len() == 1 { name.clone() } else { format!("{name}[{i}]") };
            let hidden = net.get("hide_name").and_then(Value::as_u64) == Some(1);
            if (!hidden || !names.contains_key(&id)) && taken.insert(wanted.clone()) {
                names.insert(id, wanted);
            }
        }
    }
    let mut text = String::new();
    let list: Option<Vec<String>> = ports.keys().map(|p| escape(p)).collect();
    let _ = writeln!(text, "module top({});", list?.join(", "));
    let mut assigns = String::new();
    for (name, port) in ports {
        let bits = port.get("bits")?.as_array()?;
        let dir = port.get("direction")?.as_str()?;
        if bits.is_empty() {
            return None;
        }
        let _ = writeln!(text, "{dir} [{}:0] {};", bits.len() - 1, escape(name)?);
        for (i, bit) in bits.iter().enumerate() {
            let net = reference(bit, &names)?;
            let _ = match dir {
                "input" => writeln!(assigns, "assign {net} = {}[{i}];", escape(name)?),
                _ => writeln!(assigns, "assign {}[{i}] = {net};", escape(name)?),
            };
        }
    }
    text.push_str(&assigns);
    for (name, cell) in cells {
        let kind = cell.get("type")?.as_str()?;
        let _ = write!(text, "{}{}(", escape(kind)?, escape(name)?);
        let mut first = true;
        for (pin, bits) in cell.get("connections")?.as_object()? {
            let [bit] = bits.as_array()?.as_slice() else { return None };
            let comma = if first { "" } else { ", " };
            first = false;
            let _ = write!(text, "{comma}.{pin}({})", reference(bit, &names)?);
        }
        text.push_str(");\n");
    }
    text.push_str("endmodule\n");
    Some(text)
}

fn reference(bit: &Value, names: &BTreeMap<u64, String>) -> Option<String> {
    if let Some(id) = bit.as_u64() {
        return Some(match names.get(&id) {
            Some(name) if name.bytes().all(|b| b.is_ascii_graphic()) => format!("\\{name} "),
            _ => format!("\\net{id}$ "),
        });
    }
    Some(match bit.as_str()? {
        "0" => "1'b0".to_owned(),
        "1" => "1'b1".to_owned(),
        _ => "1'bx".to_owned(),
    })
}

/// The model of one of Yosys' single-bit cells.
fn yosys_cell(kind: &str) -> Option<LibraryCell> {
    let body = kind.strip_prefix("$_")?.strip_suffix('_')?;
    let gate = match body {
        "BUF" => "A",
        "NOT" => "!A",
        "AND" => "A & B",
        "NAND" => "!(A & B)",
        "OR" => "A | B",
        "NOR" => "!(A | B)",
        "XOR" => "A ^ B",
        "XNOR" => "!(A ^ B)",
        "ANDNOT" => "A & !B",
        "ORNOT" => "A | !B",
        "MUX" => "(S & B) | (!S & A)",
        "NMUX" => "!((S & B) | (!S & A))",
        "AOI3" => "!((A & B) | C)",
        "OAI3" => "!((A | B) & C)",
        "AOI4" => "!((A & B) | (C & D))",
        "OAI4" => "!((A | B) & (C | D))",
        _ => return flop(body),
    };
    let function = Function::parse(gate).ok()?;
    let mut pins: Vec<CellPin> = function
        .names
        .iter()
        .map(|n| CellPin { name: n.clone(), output: false, function: None })
        .collect();
    pins.push(CellPin { name: "Y".to_owned(), output: true, function: Some(function) });
    Some(LibraryCell { pins, storage: None, opaque: None })
}

/// `DFF_P`, `DFF_PN0`, `DFFE_PP`, `DFFE_PN0P`, `SDFF_PP0`, `SDFFE_PP0P`, `SDFFCE_PP0P`.
fn flop(body: &str) -> Option<LibraryCell> {
    let (family, letters) = body.split_once('_')?;
    let letters: Vec<char> = letters.chars().collect();
    let level = |c: char, pin: &str| match c {
        'P' => Some(pin.to_owned()),
        'N' => Some(format!("!{pin}")),
        _ => None,
    };
    let clock = level(*letters.first()?, "C")?;
    let (mut reset, mut value, mut enable) = (None, '0', None);
    match (family, letters.len()) {
        ("DFF", 1) => {}
        ("DFFE", 2) => enable = Some(level(letters[1], "E")?),
        ("DFF" | "SDFF", 3) => (reset, value) = (Some(level(letters[1], "R")?), letters[2]),
        ("DFFE" | "SDFFE" | "SDFFCE", 4) => {
            (reset, value) = (Some(level(letters[1], "R")?), letters[2]);
            enable = Some(level(letters[3], "E")?);
        }
        _ => return None,
    }
    let synchronous = family.starts_with('S');
    let gated = family == "SDFFCE";
    let mut data = "D".to_owned();
    let with_reset = |data: &str, reset: &str| match value {
        '1' => format!("({reset}) | ({data})"),
        _ => format!("(!({reset})) & ({data})"),
    };
    if let (Some(r), true, true) = (&reset, synchronous, gated) {
        data = with_reset(&data, r);
    }
    if let Some(e) = &enable {
        data = format!("(({e}) & ({data})) | (!({e}) & IQ)");
    }
    if let (Some(r), true, false) = (&reset, synchronous, gated) {
        data = with_reset(&data, r);
    }
    let parse = |t: &str| Function::parse(t).ok();
    let asynchronous = reset.as_deref().filter(|_| !synchronous).and_then(parse);
    let storage = Storage {
        latch: false,
        variables: ["IQ".to_owned(), "IQN".to_owned()],
        data: Some(parse(&data)?),
        clock: Some(parse(&clock)?),
        clear: asynchronous.clone().filter(|_| value == '0'),
        preset: asynchronous.filter(|_| value == '1'),
        both: None,
    };
    let mut pins = Vec::new();
    let used = [("C", true), ("D", true), ("E", enable.is_some()), ("R", reset.is_some())];
    for (name, _) in used.iter().filter(|u| u.1) {
        pins.push(CellPin { name: (*name).to_owned(), output: false, function: None });
    }
    let q = parse("IQ");
    pins.push(CellPin { name: "Q".to_owned(), output: true, function: q });
    Some(LibraryCell { pins, storage: Some(storage), opaque: None })
}
