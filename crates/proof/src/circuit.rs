//! Circuits as data: predicates, ranks and controllers that a certificate supplies.
//!
//! A [`Circuit`] is a small and-inverter graph over named places of a model. It is untrusted input:
//! reading one back checks every index before use, and the kernel only ever composes it with the
//! model. Literals are AIGER codes; variable 0 is false, variables `1..=inputs.len()` are the
//! inputs in order, then come the ANDs in order.

use netlist::{Aig, Lit, Node};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::collections::HashMap;

/// Most ANDs a certificate circuit may have.
pub const MAX_CIRCUIT_ANDS: usize = 4_000_000;

/// A place of a model that a circuit reads. Written `s12`, `i3`, `k0`, `l12`, `r12`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Var {
    /// State bit by index (one-copy checks).
    State(u32),
    /// Input bit by index.
    Input(u32),
    /// Controller register by index.
    Ctrl(u32),
    /// State bit of the left copy.
    Left(u32),
    /// State bit of the right copy.
    Right(u32),
}

impl Serialize for Var {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (letter, index) = match *self {
            Self::State(i) => ('s', i),
            Self::Input(i) => ('i', i),
            Self::Ctrl(i) => ('k', i),
            Self::Left(i) => ('l', i),
            Self::Right(i) => ('r', i),
        };
        serializer.collect_str(&format_args!("{letter}{index}"))
    }
}

impl<'de> Deserialize<'de> for Var {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = || D::Error::custom(format!("`{text}` is not a place such as s12 or i3"));
        let index = text.get(1..).and_then(|d| d.parse().ok()).ok_or_else(wrong)?;
        match text.as_bytes().first() {
            Some(b's') => Ok(Self::State(index)),
            Some(b'i') => Ok(Self::Input(index)),
            Some(b'k') => Ok(Self::Ctrl(index)),
            Some(b'l') => Ok(Self::Left(index)),
            Some(b'r') => Ok(Self::Right(index)),
            _ => Err(wrong()),
        }
    }
}

/// A circuit supplied by a certificate.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Circuit {
    /// Places read.
    pub inputs: Vec<Var>,
    /// AND gates: two AIGER literals each.
    pub ands: Vec<[u32; 2]>,
    /// Outputs: AIGER literals.
    pub outputs: Vec<u32>,
}

/// A circuit that refers to something that does not exist.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("circuit: {0}")]
pub struct CircuitError(pub String);

impl Circuit {
    /// A circuit with one constant output.
    pub fn constant(value: bool) -> Self {
        Self { outputs: vec![u32::from(value)], ..Self::default() }
    }

    /// The cone of `outputs` in `aig` as a circuit; `place` names the leaves by variable.
    ///
    /// # Errors
    /// If a leaf in the cone has no place.
    pub fn extract(
        aig: &Aig,
        outputs: &[Lit],
        place: impl Fn(u32) -> Option<Var>,
    ) -> Result<Self, CircuitError> {
        let cone = aig.cone(outputs.iter().copied());
        let mut leaves: Vec<(Var, u32)> = Vec::new();
        for &var in &cone {
            if matches!(aig.node(var), Node::Leaf(_)) {
                let at =
                    place(var).ok_or_else(|| CircuitError(format!("leaf {var} has no place")))?;
                leaves.push((at, var));
            }
        }
        leaves.sort_unstable();
        let mut code: HashMap<u32, u32> = HashMap::with_capacity(cone.len() + 1);
        code.insert(0, 0);
        for (number, &(_, var)) in leaves.iter().enumerate() {
            code.insert(var, 2 * (number as u32 + 1));
        }
        let tr = |code: &HashMap<u32, u32>, l: Lit| {
            code.get(&l.var()).map_or(0, |c| c ^ u32::from(l.is_neg()))
        };
        let mut ands = Vec::new();
        for &var in &cone {
            if let Node::And(a, b) = aig.node(var) {
                ands.push([tr(&code, a), tr(&code, b)]);
                code.insert(var, 2 * (leaves.len() + ands.len()) as u32);
            }
        }
        let outputs = outputs.iter().map(|&l| tr(&code, l)).collect();
        Ok(Self { inputs: leaves.into_iter().map(|(at, _)| at).collect(), ands, outputs })
    }

    /// Builds the circuit into `aig`, reading `value` at its places; returns its outputs.
    ///
    /// # Errors
    /// If a place has no value, a literal is out of range, or the circuit is too large.
    pub fn build(
        &self,
        aig: &mut Aig,
        mut value: impl FnMut(&mut Aig, Var) -> Option<Lit>,
    ) -> Result<Vec<Lit>, CircuitError> {
        if self.ands.len() > MAX_CIRCUIT_ANDS {
            return Err(CircuitError(format!("more than {MAX_CIRCUIT_ANDS} gates")));
        }
        let mut lits = Vec::with_capacity(1 + self.inputs.len() + self.ands.len());
        lits.push(Lit::FALSE);
        for &place in &self.inputs {
            let lit = value(aig, place)
                .ok_or_else(|| CircuitError(format!("{place:?} may not be read here")))?;
            lits.push(lit);
        }
        let get = |lits: &[Lit], code: u32| {
            lits.get((code >> 1) as usize)
                .map(|l| l.xor_sign(code & 1 == 1))
                .ok_or_else(|| CircuitError(format!("literal {code} is not defined before use")))
        };
        for &[a, b] in &self.ands {
            let (a, b) = (get(&lits, a)?, get(&lits, b)?);
            let and = aig.and(a, b);
            lits.push(and);
        }
        self.outputs.iter().map(|&code| get(&lits, code)).collect()
    }

    /// Builds a circuit that must have exactly one output.
    ///
    /// # Errors
    /// As [`Circuit::build`], or if there is not exactly one output.
    pub fn build_one(
        &self,
        aig: &mut Aig,
        value: impl FnMut(&mut Aig, Var) -> Option<Lit>,
    ) -> Result<Lit, CircuitError> {
        match self.build(aig, value)?[..] {
            [only] => Ok(only),
            ref all => Err(CircuitError(format!("expected one output, found {}", all.len()))),
        }
    }

    /// The conjunction of clauses over places; each literal is a place and its required value.
    pub fn from_clauses(clauses: &[Vec<(Var, bool)>]) -> Self {
        let mut aig = Aig::new();
        let mut leaf: HashMap<Var, Lit> = HashMap::new();
        let mut place: HashMap<u32, Var> = HashMap::new();
        let mut all: Vec<Lit> = Vec::with_capacity(clauses.len());
        let mut places: Vec<Var> = clauses.iter().flatten().map(|l| l.0).collect();
        places.sort_unstable();
        places.dedup();
        for at in places {
            let lit = aig.leaf();
            leaf.insert(at, lit);
            place.insert(lit.var(), at);
        }
        for clause in clauses {
            let lits: Vec<Lit> =
                clause.iter().filter_map(|(v, s)| leaf.get(v).map(|l| l.xor_sign(!s))).collect();
            let or = aig.or_all(lits);
            all.push(or);
        }
        let root = aig.and_all(all);
        Self::extract(&aig, &[root], |v| place.get(&v).copied()).unwrap_or_default()
    }
}
