//! Small designs to build, and what the check and the kernel make of them.

use design::{Settings, Subject, Undecided, identity_leak, seal};
use evidence::{Digest, Verdict};
use netlist::{Aig, Cut, Leaf, Lit, Netlist, PowerUp};
use proof::certificate::{Body, Relation};
use proof::contract::Contract;
use proof::{Model, ProofSource, kernel};
use serde_json::{Value, json};
use solve::Budget;
use std::io::{BufRead, Cursor};

/// A design under construction: one reset, named words.
pub(crate) struct Bench {
    pub(crate) n: Netlist,
    pub(crate) rst: Lit,
}

pub(crate) type Word = Vec<Lit>;

impl Bench {
    pub(crate) fn new() -> Self {
        let mut n = Netlist { name: "dut".into(), ..Netlist::default() };
        n.add_input("clk", 1);
        let rst = n.add_input("rst", 1)[0];
        Self { n, rst }
    }
    pub(crate) fn g(&mut self) -> &mut Aig {
        &mut self.n.aig
    }
    pub(crate) fn input(&mut self, name: &str, width: u32) -> Word {
        self.n.add_input(name, width)
    }
    pub(crate) fn identity(&mut self, name: &str, width: u32) -> Word {
        let cut = self.n.cuts.len() as u32;
        let bits: Word = (0..width).map(|b| self.n.add_leaf(Leaf::Cut(cut, b))).collect();
        let driver = bits.clone();
        self.n.cuts.push(Cut { name: name.into(), bits: bits.clone(), driver, src: None });
        bits
    }
    pub(crate) fn reg(&mut self, name: &str, width: u32) -> Word {
        (0..width).map(|b| self.n.add_register(name, b, PowerUp::Free)).collect()
    }
    pub(crate) fn set(&mut self, reg: &[Lit], next: &[Lit]) {
        assert_eq!(reg.len(), next.len());
        for (&r, &n) in reg.iter().zip(next) {
            self.n.registers.iter_mut().find(|x| x.out == r).unwrap().next = n;
        }
    }
    /// With a synchronous reset to `value`.
    pub(crate) fn set_reset(&mut self, reg: &[Lit], next: &[Lit], value: &[Lit]) {
        let rst = self.rst;
        let next = self.mux(rst, value, next);
        self.set(reg, &next);
    }
    pub(crate) fn zero(width: usize) -> Word {
        vec![Lit::FALSE; width]
    }
    pub(crate) fn constant(value: u64, width: usize) -> Word {
        (0..width).map(|b| Lit::constant(value >> b & 1 == 1)).collect()
    }
    pub(crate) fn mux(&mut self, c: Lit, t: &[Lit], e: &[Lit]) -> Word {
        t.iter().zip(e).map(|(&t, &e)| self.n.aig.mux(c, t, e)).collect()
    }
    pub(crate) fn xor(&mut self, a: &[Lit], b: &[Lit]) -> Word {
        a.iter().zip(b).map(|(&a, &b)| self.n.aig.xor(a, b)).collect()
    }
    pub(crate) fn add(&mut self, a: &[Lit], b: &[Lit]) -> Word {
        let mut carry = Lit::FALSE;
        let g = &mut self.n.aig;
        a.iter()
            .zip(b)
            .map(|(&a, &b)| {
                let half = g.xor(a, b);
                let sum = g.xor(half, carry);
                let (x, y) = (g.and(a, b), g.and(half, carry));
                carry = g.or(x, y);
                sum
            })
            .collect()
    }
    pub(crate) fn mul(&mut self, a: &[Lit], b: &[Lit]) -> Word {
        let width = a.len() + b.len();
        let mut sum = Self::zero(width);
        for (k, &bit) in b.iter().enumerate() {
            let mut row = Self::zero(width);
            for (j, &x) in a.iter().enumerate() {
                row[j + k] = self.n.aig.and(x, bit);
            }
            sum = self.add(&sum, &row);
        }
        sum
    }
    pub(crate) fn equals(&mut self, a: &[Lit], value: u64) -> Lit {
        let word = Self::constant(value, a.len());
        self.n.aig.eq_word(a, &word)
    }
    pub(crate) fn nonzero(&mut self, a: &[Lit]) -> Lit {
        self.n.aig.or_all(a.iter().copied())
    }
    pub(crate) fn minus_one(&mut self, a: &[Lit]) -> Word {
        let ones = vec![Lit::TRUE; a.len()];
        self.add(a, &ones)
    }
    /// An output that is 0 during reset: before the first clock edge registers hold anything.
    pub(crate) fn output(&mut self, name: &str, bits: &[Lit]) {
        let bits = bits.iter().map(|&b| self.n.aig.and(b, !self.rst)).collect();
        self.n.add_output(name, bits);
    }
    pub(crate) fn model(mut self, more: Value) -> Model {
        self.n.finish();
        let mut contract = json!({
            "clock": { "port": "clk" },
            "reset": { "port": "rst", "active": "high", "cycles": 2 },
        });
        let table = contract.as_object_mut().unwrap();
        table.extend(more.as_object().unwrap().clone());
        if !table.contains_key("identity") {
            table.insert("identity".into(), json!([{ "signal": "uid", "kind": "fuse" }]));
        }
        let contract: Contract = serde_json::from_value(contract).unwrap();
        Model::new(&self.n, &contract).unwrap()
    }
}

struct Proofs(Vec<(Digest, Vec<u8>)>);

impl ProofSource for Proofs {
    fn open(&mut self, lrat: &Digest) -> Result<Box<dyn BufRead + '_>, String> {
        let found = self.0.iter().find(|p| p.0 == *lrat).ok_or("no such proof")?;
        Ok(Box::new(Cursor::new(&found.1)))
    }
}

/// Runs, seals and checks; the answer's kind beside it.
pub(crate) fn run(model: &Model) -> Result<(design::Answer, Option<String>), Undecided> {
    let budget = Budget::new(2_000_000);
    let settings = Settings { budget: budget.clone(), hints: Default::default(), exact: true };
    let answer = identity_leak::identity_leak(model, 0, &settings)?;
    let digest = Digest::of(b"test");
    let item = model.identities[0].name.clone();
    let check = kernel::IDENTITY_LEAK;
    let subject = Subject { netlist: digest, contract: digest, check, item: &item };
    let sealed = seal(model, subject, answer, &budget)?;
    kernel::check(model, &digest, &digest, &sealed.certificate, &mut Proofs(sealed.proofs))
        .unwrap();
    Ok((sealed.answer, sealed.kind))
}

pub(crate) fn proved(model: &Model) -> design::Answer {
    match run(model) {
        Ok((answer, _)) if answer.verdict == Verdict::Proved => answer,
        other => panic!("not proved: {other:?}"),
    }
}

pub(crate) fn refuted(model: &Model, kind: &str) -> design::Answer {
    match run(model) {
        Ok((answer, Some(k))) if answer.verdict == Verdict::Refuted && k == kind => answer,
        other => panic!("not refuted as {kind}: {other:?}"),
    }
}

/// What the kernel makes of a relation.
pub(crate) fn sealed(model: &Model, relation: Relation) -> Result<(), Undecided> {
    let mut answer = identity_leak::identity_leak(
        model,
        0,
        &Settings { budget: Budget::new(100_000), hints: Default::default(), exact: true },
    )?;
    answer.verdict = Verdict::Proved;
    answer.body = Body::Relation(relation);
    let digest = Digest::of(b"test");
    let check = kernel::IDENTITY_LEAK;
    let subject = Subject { netlist: digest, contract: digest, check, item: "uid" };
    seal(model, subject, answer, &Budget::new(100_000)).map(|_| ())
}

pub(crate) fn pair(answer: &design::Answer) -> &proof::certificate::PairTrace {
    match &answer.body {
        Body::Pair(pair) => pair,
        _ => panic!("no pair"),
    }
}
