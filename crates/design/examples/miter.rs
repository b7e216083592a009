//! Writes the two-copy machine of an identity item as sequential AIGER, for other model checkers:
//! `cargo run --release --example miter -- CASE OUT.aig` (first artifact, first identity).
//!
//! Inputs are shared, power-up values too, the item apart; latch 0 of the machine tells the first
//! cycle, in which power-up values are read from inputs of their own, so every latch starts at 0.
//! The output is 1 if an observable output differs, nothing excuses it, and `assume` has held so far.

use netlist::{Aig, Lit, Node, ReadOptions, read_yosys_json};
use proof::Model;
use proof::contract::Contract;
use proof::model::Place;
use std::error::Error;
use std::path::Path;

/// One copy's value of each variable.
fn copy(model: &Model, out: &mut Aig, state: &[Lit], inputs: &[Lit], reset: Lit) -> Vec<Lit> {
    let mut value = vec![Lit::FALSE; model.aig.len()];
    for var in 1..model.aig.len() as u32 {
        value[var as usize] = match model.aig.node(var) {
            Node::False => Lit::FALSE,
            Node::And(a, b) => {
                let get = |l: Lit| value[l.index()].xor_sign(l.is_neg());
                out.and(get(a), get(b))
            }
            Node::Leaf(leaf) => match model.places.get(leaf as usize) {
                Some(Place::State(i)) => state[*i as usize],
                Some(Place::Input(i)) => inputs[*i as usize],
                Some(Place::Reset) => reset.xor_sign(!model.reset_active),
                _ => Lit::FALSE,
            },
        };
    }
    value
}

/// Latches (leaf, next) and one output, in AIGER's binary form. Leaves that are no latch are inputs.
fn aiger(aig: &Aig, latches: &[(Lit, Lit)], bad: Lit) -> Vec<u8> {
    let mut roots: Vec<Lit> = latches.iter().map(|l| l.1).collect();
    roots.push(bad);
    let cone = aig.cone(roots);
    let mut code = vec![0u32; aig.len()];
    let is_latch: std::collections::BTreeSet<u32> = latches.iter().map(|l| l.0.var()).collect();
    let leaf = |v: &&u32| matches!(aig.node(**v), Node::Leaf(_)) && !is_latch.contains(v);
    let inputs: Vec<u32> = cone.iter().filter(leaf).copied().collect();
    let ands: Vec<u32> =
        cone.iter().copied().filter(|&v| matches!(aig.node(v), Node::And(..))).collect();
    let latch_vars = latches.iter().map(|l| l.0.var());
    for (n, var) in inputs.iter().copied().chain(latch_vars).chain(ands.clone()).enumerate() {
        code[var as usize] = 2 * (n as u32 + 1);
    }
    let get = |l: Lit| code[l.index()] ^ u32::from(l.is_neg());
    let (i, l, a) = (inputs.len(), latches.len(), ands.len());
    let mut text = format!("aig {} {i} {l} 1 {a}\n", i + l + a).into_bytes();
    for (_, next) in latches {
        text.extend(format!("{}\n", get(*next)).bytes());
    }
    text.extend(format!("{}\n", get(bad)).bytes());
    for var in ands {
        if let Node::And(x, y) = aig.node(var) {
            let (x, y) = (get(x).max(get(y)), get(x).min(get(y)));
            for mut delta in [code[var as usize] - x, x - y] {
                while delta >= 128 {
                    text.push(delta as u8 | 128);
                    delta >>= 7;
                }
                text.push(delta as u8);
            }
        }
    }
    text
}

fn miter(model: &Model, item: usize) -> Vec<u8> {
    let mut out = Aig::new();
    let mut latches: Vec<(Lit, Lit)> = Vec::new();
    // a shift register counts the cycles of reset
    let cycles = model.reset_cycles.max(1) as usize;
    let seen: Vec<Lit> = (0..cycles).map(|_| out.leaf()).collect();
    for (n, &bit) in seen.iter().enumerate() {
        latches.push((bit, if n == 0 { Lit::TRUE } else { seen[n - 1] }));
    }
    let first = !seen[0];
    let reset = if model.reset_cycles == 0 { Lit::FALSE } else { !seen[cycles - 1] };
    let inputs: [Vec<Lit>; 2] = {
        let left: Vec<Lit> = model.inputs.iter().map(|_| out.leaf()).collect();
        let mut right = left.clone();
        for &i in &model.identities[item].inputs {
            right[i] = out.leaf();
        }
        [left, right]
    };
    let power: [Vec<Lit>; 2] = {
        let leaf = |out: &mut Aig, p: Option<bool>| p.map_or_else(|| out.leaf(), Lit::constant);
        let left: Vec<Lit> = model.state.iter().map(|s| leaf(&mut out, s.power_up)).collect();
        let mut right = left.clone();
        for &i in &model.identities[item].state {
            right[i] = out.leaf();
        }
        [left, right]
    };
    let mut values = Vec::new();
    for side in 0..2 {
        let leaves: Vec<Lit> = model.state.iter().map(|_| out.leaf()).collect();
        let now: Vec<Lit> =
            leaves.iter().zip(&power[side]).map(|(&l, &p)| out.mux(first, p, l)).collect();
        let value = copy(model, &mut out, &now, &inputs[side], reset);
        let get = |l: Lit| value[l.index()].xor_sign(l.is_neg());
        latches.extend(leaves.iter().zip(&model.state).map(|(&l, s)| (l, get(s.next))));
        values.push(value);
    }
    let get = |side: usize, l: Lit| values[side][l.index()].xor_sign(l.is_neg());
    let broken = out.leaf();
    let fails = out.and(!reset, !get(0, model.assume));
    let fails = out.or(broken, fails);
    latches.push((broken, fails));
    let mut shown = Vec::new();
    for (o, observable) in model.observables.iter().enumerate() {
        let mut here = out.xor(get(0, observable.lit), get(1, observable.lit));
        for w in model.windows.iter().filter(|w| w.releases.contains(&item)) {
            if w.observables.contains(&o) {
                let open = out.and(get(0, w.open), !reset);
                here = out.and(here, !open);
            }
        }
        shown.push(here);
    }
    let shown = out.or_all(shown);
    let constants = get(0, model.assume_constants);
    let bad = out.and_all([shown, constants, !fails]);
    aiger(&out, &latches, bad)
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [case, target] = &args[..] else { return Err("usage: miter CASE OUT.aig".into()) };
    let case = Path::new(case);
    let table: toml::Table = toml::from_str(&std::fs::read_to_string(case)?)?;
    let artifact = table["artifact"].as_array().and_then(|a| a.first()).ok_or("no artifact")?;
    let contract: Contract = artifact.get("contract").ok_or("no contract")?.clone().try_into()?;
    let path = artifact["path"].as_str().ok_or("no path")?;
    let path = case.parent().unwrap_or(Path::new(".")).join(path);
    let bytes = zstd::decode_all(std::fs::File::open(path)?)?;
    let cuts: Vec<String> = contract.identity.iter().map(|i| i.signal.clone()).collect();
    let top = contract.top.as_deref();
    let netlist = read_yosys_json(&bytes, &ReadOptions { top, cuts: &cuts })?;
    let model = Model::new(&netlist, &contract)?;
    std::fs::write(target, miter(&model, 0))?;
    Ok(())
}
