//! The committed netlists of the example accelerator are sequentially equivalent to its RTL.
//!
//! Problem: the first command of the README audits netlists that somebody elaborated. Whoever reads the
//! RTL wants to know that these are of it.
//! Method: the RTL is elaborated again by whatever Yosys is here, with passes of our own front end, which are
//! not those of the committed script. Inputs are matched by name and bit, registers one to one by any name
//! that both netlists know them by; both transition relations are put into one graph over common leaves. If
//! every register has the same power-up value and the same next-state function as its partner, and every output
//! bit the same function, equal states stay equal for ever: sequential equivalence by one step of induction.
//! What is not one node already is decided by SAT; a bit that nothing drives is a leaf of its own unless both
//! have it by that name, so that a function that reads it could not be the same.
//! Without a Yosys the test prints that it is ignored.
#![allow(clippy::unwrap_used, reason = "a failure is a failed test")]
#![allow(clippy::print_stdout, reason = "says what was compared, or that nothing was")]

use netlist::{Aig, Direction, Leaf, Lit, Netlist, Node, ReadOptions, read_yosys_json};
use solve::{Answer, Budget, decide};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

type Bit = (String, u32);
type Leaves = BTreeMap<(char, String, u32), Lit>;

fn npu4() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/npu4")
}

/// Name, macro and array size of each variant, from the script that elaborates them.
fn variants() -> Vec<(String, Option<String>, u32)> {
    let text = std::fs::read_to_string(npu4().join("variants.py")).unwrap();
    let row = |line: &str| -> Option<(String, Option<String>, u32)> {
        let (name, rest) = line.trim().strip_prefix('"')?.split_once("\":")?;
        let mut fields = rest.trim().strip_prefix('(')?.split(", ");
        let define = fields.next()?.trim();
        let define = (define != "None").then(|| define.trim_matches('"').to_owned());
        Some((name.to_owned(), define, fields.next()?.parse().ok()?))
    };
    text.lines().filter_map(row).collect()
}

fn read(bytes: &[u8]) -> Netlist {
    read_yosys_json(bytes, &ReadOptions { top: None, cuts: &[] }).unwrap()
}

/// Every register's name.
fn names(netlist: &Netlist) -> Vec<Bit> {
    netlist.registers.iter().map(|r| (r.name.clone(), r.bit)).collect()
}

/// The registers of `made` under the names that `committed` has for them.
fn matched(committed: &Netlist, made: &Netlist) -> Vec<Bit> {
    let known: BTreeSet<Bit> = names(committed).into_iter().collect();
    let outs: BTreeMap<Lit, usize> =
        made.registers.iter().enumerate().map(|(i, r)| (r.out, i)).collect();
    let mut all = names(made);
    for net in &made.nets {
        for (i, lit) in net.bits.iter().enumerate() {
            let name = (net.name.clone(), net.offset + i as u32);
            if let Some(&register) = outs.get(lit)
                && known.contains(&name)
            {
                all[register] = name;
            }
        }
    }
    all
}

/// Copies a netlist's logic into `aig`; leaves of the same name are shared.
fn import(netlist: &Netlist, names: &[Bit], aig: &mut Aig, leaves: &mut Leaves) -> Vec<Lit> {
    let mut own = BTreeMap::new();
    for var in 0..netlist.aig.len() as u32 {
        let Node::Leaf(leaf) = netlist.aig.node(var) else { continue };
        let key = match netlist.leaves[leaf as usize] {
            Leaf::Input(i) => {
                let bit = &netlist.inputs[i as usize];
                ('i', netlist.ports[bit.port as usize].name.clone(), bit.bit)
            }
            Leaf::Register(i) => {
                let (name, bit) = &names[i as usize];
                ('r', name.clone(), *bit)
            }
            Leaf::Undriven(i) => {
                let (name, bit, _) = &netlist.undriven[i as usize];
                ('u', name.clone(), *bit)
            }
            Leaf::Cut(..) => unreachable!("nothing was cut"),
        };
        own.insert(var, *leaves.entry(key).or_insert_with(|| aig.leaf()));
    }
    copy(aig, netlist, &own)
}

/// Everything that must agree, by name and bit.
fn functions(
    netlist: &Netlist,
    names: &[Bit],
    map: &[Lit],
) -> BTreeMap<(char, String, u32), (Lit, u8)> {
    let at = |l: Lit| map[l.index()].xor_sign(l.is_neg());
    let mut all = BTreeMap::new();
    for (r, (name, bit)) in netlist.registers.iter().zip(names) {
        let twice = all.insert(('r', name.clone(), *bit), (at(r.next), r.power_up as u8));
        assert!(twice.is_none(), "two registers are called {name}[{bit}]");
    }
    for port in netlist.ports.iter().filter(|p| p.direction == Direction::Output) {
        for (bit, &lit) in port.bits.iter().enumerate() {
            all.insert(('o', port.name.clone(), bit as u32), (at(lit), 0));
        }
    }
    all
}

/// Compares; the number of functions, and of those that SAT had to decide.
fn compare(committed: &Netlist, made: &Netlist) -> (usize, usize) {
    let (mut aig, mut leaves) = (Aig::new(), Leaves::new());
    let (ours, theirs) = (names(committed), matched(committed, made));
    let left = import(committed, &ours, &mut aig, &mut leaves);
    let right = import(made, &theirs, &mut aig, &mut leaves);
    let (left, right) = (functions(committed, &ours, &left), functions(made, &theirs, &right));
    assert!(left.keys().eq(right.keys()), "registers or outputs are not the same");
    let mut decided = 0;
    for ((name, (a, up)), (b, other)) in left.iter().zip(right.values()) {
        assert_eq!(up, other, "{name:?}: another power-up value");
        if a != b {
            decided += 1;
            let differ = aig.xor(*a, *b);
            let answer = decide(&aig, differ, &Budget::new(5_000_000));
            assert!(matches!(answer, Answer::Unsat(_)), "{name:?} differs");
        }
    }
    (left.len(), decided)
}

#[test]
fn committed_netlists_are_equivalent_to_the_rtl() {
    if frontend::find().is_err() {
        println!("ignored: no Yosys is installed");
        return;
    }
    let all = variants();
    assert_eq!(all.len(), 18);
    for (name, define, n) in all {
        let packed = std::fs::read(npu4().join(format!("netlists/{name}.json.zst"))).unwrap();
        let committed = read(&zstd::decode_all(&packed[..]).unwrap());
        let options = frontend::Options {
            parameters: [("N".to_owned(), n.to_string())].into(),
            defines: define.into_iter().map(|d| (d, None)).collect(),
            ..frontend::Options::default()
        };
        let made = frontend::elaborate_path(&npu4().join("rtl"), Some("npu4"), &options).unwrap();
        let (functions, decided) = compare(&committed, &read(&made.netlist_json));
        println!("{name}: {functions} functions equal, {decided} of them by SAT");
        assert!(functions > 1000);
    }
}

/// Copies all logic of `n` into `aig`: a literal for each of its variables. Leaves (by variable) without a
/// given literal get one of their own.
fn copy(aig: &mut Aig, n: &Netlist, leaves: &BTreeMap<u32, Lit>) -> Vec<Lit> {
    let mut map = vec![Lit::FALSE; n.aig.len()];
    for var in 1..n.aig.len() as u32 {
        map[var as usize] = match n.aig.node(var) {
            Node::False => Lit::FALSE,
            Node::Leaf(_) => leaves.get(&var).copied().unwrap_or_else(|| aig.leaf()),
            Node::And(x, y) => {
                let x = map[x.index()].xor_sign(x.is_neg());
                let y = map[y.index()].xor_sign(y.is_neg());
                aig.and(x, y)
            }
        };
    }
    map
}
