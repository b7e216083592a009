//! Obligations of `design.hidden-trigger`, proved.
//!
//! Claim: two runs of the same part (same power-up state, straps and identity) that have reached
//! quiet cycles, each by any history of any length, with equal configuration, and that see the same
//! operands from there on, show the same results in every cycle; every other input may differ.
//! Results are compared in cycles in which they mean something in one of the runs. And the claim is
//! about all of the part's life: it becomes quiet within the latency whenever no job is started, and
//! configuration changes only after a cycle of its declared writers.
//!
//! Certificate: an inductive invariant Inv of one copy; a relation R over two: which state bits may
//! differ (all others are tied), a further relation, and cases, each with ties that hold as long as
//! its condition does. Both copies are built through one structural hash table in which a tied bit is
//! one variable, so that what depends on tied state alone (multipliers) needs no search; cases are
//! what makes that possible where ties hold only while a job runs. Obligations:
//!
//! * `init`, `step`, `legal`: Inv is an invariant and the assumptions leave it inputs;
//! * `start`: two states of Inv that are quiet with equal configuration are in R. State that never
//!   changes at all is the same in both, because it was at power-up;
//! * `cases`: in R one of the conditions holds;
//! * `pair:N`: from R, case N, one cycle leads into R;
//! * `results:N`: in R, case N, results agree;
//! * `legal-pair`: in R the same legal word can be given to both copies;
//! * `configuration:N`: from Inv entry N changes only if its writers are at work;
//! * `quiet:…`: those of a recovery ([`crate::recovery`]) of the draining model.
//!
//! Why they suffice: every state after reset is in Inv (`init`, `step`). Take two runs as described. In
//! their quiet cycles their states are in Inv, equal in configuration and in what power-up decided, so in R
//! (`start`). A pair in R is in a case (`cases`), whose ties hold in it because R says so; hence building the
//! two copies with those bits as one variable leaves no pair of that case out, and what follows for it
//! follows for the runs: the results agree in this cycle (`results:N`), and the next pair is in R
//! (`pair:N`). That is an induction over the cycles from quiet on. It speaks of runs that go on legally:
//! `legal-pair` and `legal` say that there are such runs, the cover shows that jobs are served in them and
//! that results depend on operands at all. `configuration:N` and `quiet:…` are about one run and need Inv
//! alone. `assume` is required of both copies.
//!
//! Cost: two copies of one cycle for each case. What this cannot see: a function of operands and
//! configuration alone, however strange; it is what the part computes. What is taken as given: that the
//! contract's configuration is meant (an entry with `writes = "1"` may change at any time, and is still
//! equal at the start), and that operands are what the owner means to vary.

use crate::certificate::FunctionProof;
use crate::circuit::{Circuit, CircuitError, Var};
use crate::frames::Frames;
use crate::histories;
use crate::model::{FunctionModel, Model};
use crate::obligation::{KernelError, MAX_WORDS, Obligation, invariant, misfit, predicate, word};
use crate::recovery;
use netlist::Lit;

/// Most cases.
pub const MAX_CASES: usize = 64;

/// Certificate and model, with ties resolved.
struct Check<'a> {
    model: &'a Model,
    function: usize,
    f: &'a FunctionModel,
    c: &'a FunctionProof,
    /// By state bit: equal in every case.
    tied: Vec<bool>,
    /// Per case, by state bit: equal in it, those of `tied` included.
    cases: Vec<Vec<bool>>,
}

/// Derives all obligations; replays what can be replayed.
pub(crate) fn obligations(
    model: &Model,
    function: usize,
    c: &FunctionProof,
) -> Result<Vec<Obligation>, KernelError> {
    let check = Check::new(model, function, c)?;
    histories::cover(model, function, &c.cover)?;
    let mut all = invariant(model, &c.invariant, &c.legal_inputs)?;
    all.push(check.start()?);
    all.push(check.covered()?);
    for case in 0..check.cases.len() {
        all.push(check.pair(case)?);
        all.push(check.results(case)?);
    }
    all.push(check.legal()?);
    for entry in 0..check.f.configuration.len() {
        all.push(check.configuration(entry)?);
    }
    let draining = model.draining(function);
    for mut o in recovery::obligations(&draining, 0, &c.drain)? {
        o.name = format!("quiet:{}", o.name);
        all.push(o);
    }
    Ok(all)
}

impl<'a> Check<'a> {
    fn new(model: &'a Model, function: usize, c: &'a FunctionProof) -> Result<Self, KernelError> {
        if c.cases.len() > MAX_CASES {
            return Err(misfit(format!("more than {MAX_CASES} cases")));
        }
        let mut tied = vec![true; model.state.len()];
        for &i in &c.untied {
            *tied.get_mut(i as usize).ok_or_else(|| misfit("no such state bit"))? = false;
        }
        let mut cases = Vec::with_capacity(c.cases.len().max(1));
        for case in &c.cases {
            let mut more = tied.clone();
            for &i in &case.tied {
                *more.get_mut(i as usize).ok_or_else(|| misfit("no such state bit"))? = true;
            }
            cases.push(more);
        }
        if cases.is_empty() {
            cases.push(tied.clone());
        }
        Ok(Self { model, function, f: &model.functions[function], c, tied, cases })
    }

    /// Input leaves of both copies: operands are equal, everything else is free.
    fn inputs(&self, frames: &mut Frames<'_>) -> (Vec<Lit>, Vec<Lit>) {
        let left = frames.fresh_inputs();
        let right = left
            .iter()
            .enumerate()
            .map(
                |(i, &l)| {
                    if self.model.is_operand(self.function, i) { l } else { frames.aig.leaf() }
                },
            )
            .collect();
        (left, right)
    }

    /// Both copies in states in which the bits of `shared` are one leaf.
    fn copies(&self, frames: &mut Frames<'_>, shared: &[bool]) -> (usize, usize) {
        let left = frames.fresh_state();
        let right = left
            .iter()
            .zip(shared)
            .map(|(&l, &same)| if same { l } else { frames.aig.leaf() })
            .collect();
        let (li, ri) = self.inputs(frames);
        (frames.frame(left, li), frames.frame(right, ri))
    }

    /// A circuit over both states in two frames.
    fn over_pair(
        &self,
        frames: &mut Frames<'_>,
        circuit: &Circuit,
        (left, right): (usize, Option<usize>),
    ) -> Result<Lit, CircuitError> {
        let bits = self.model.state.len();
        let mut values = Vec::with_capacity(circuit.inputs.len());
        for &var in &circuit.inputs {
            values.push(match (var, right) {
                (Var::Left(i), _) if (i as usize) < bits => Some(frames.state(left, i as usize)),
                (Var::Right(i), Some(right)) if (i as usize) < bits => {
                    Some(frames.state(right, i as usize))
                }
                _ => None,
            });
        }
        let mut next = values.into_iter();
        circuit.build_one(&mut frames.aig, |_, _| next.next().flatten())
    }

    /// The condition of a case.
    fn when(&self, frames: &mut Frames<'_>, case: usize, left: usize) -> Result<Lit, CircuitError> {
        match self.c.cases.get(case) {
            Some(case) => self.over_pair(frames, &case.when, (left, None)),
            None => Ok(Lit::TRUE),
        }
    }

    /// Some bit of `which` differs in two frames.
    fn apart(frames: &mut Frames<'_>, which: &[bool], left: usize, right: usize) -> Lit {
        let mut differ = Vec::new();
        for (i, _) in which.iter().enumerate().filter(|w| *w.1) {
            let (l, r) = (frames.state(left, i), frames.state(right, i));
            if l != r {
                differ.push(frames.aig.xor(l, r));
            }
        }
        frames.aig.or_all(differ)
    }

    /// The pair is not in R.
    fn broken(
        &self,
        frames: &mut Frames<'_>,
        left: usize,
        right: usize,
    ) -> Result<Lit, CircuitError> {
        let mut all = vec![Self::apart(frames, &self.tied, left, right)];
        all.push(!self.over_pair(frames, &self.c.extra, (left, Some(right)))?);
        for (case, tied) in self.cases.iter().enumerate() {
            let when = self.when(frames, case, left)?;
            let apart = Self::apart(frames, tied, left, right);
            all.push(frames.aig.and(when, apart));
        }
        Ok(frames.aig.or_all(all))
    }

    /// Both frames are in Inv and legal.
    fn sound(
        &self,
        frames: &mut Frames<'_>,
        left: usize,
        right: usize,
    ) -> Result<Vec<Lit>, CircuitError> {
        let mut all = Vec::new();
        for frame in [left, right] {
            all.push(predicate(frames, frame, &self.c.invariant)?);
            all.push(frames.lit(frame, self.model.assume_constants));
            all.push(frames.lit(frame, self.model.assume));
        }
        Ok(all)
    }

    /// Two frames in R, in the given case: frames and what is known of them.
    fn related(
        &self,
        frames: &mut Frames<'_>,
        case: usize,
    ) -> Result<(usize, usize, Lit), CircuitError> {
        let (left, right) = self.copies(frames, &self.cases[case]);
        let mut all = self.sound(frames, left, right)?;
        all.push(self.when(frames, case, left)?);
        all.push(!self.broken(frames, left, right)?);
        let known = frames.aig.and_all(all);
        Ok((left, right, known))
    }

    fn start(&self) -> Result<Obligation, KernelError> {
        let mut shared: Vec<bool> =
            (0..self.model.state.len()).map(|i| self.model.held(i)).collect();
        for &i in self.f.configuration.iter().flat_map(|c| &c.state) {
            shared[i] = true;
        }
        let mut frames = Frames::new(self.model);
        let (left, right) = self.copies(&mut frames, &shared);
        let mut all = self.sound(&mut frames, left, right)?;
        for frame in [left, right] {
            all.push(frames.lit(frame, self.f.quiet));
        }
        for (_, _, lit) in self.f.configuration.iter().flat_map(|c| &c.bits) {
            let (l, r) = (frames.lit(left, *lit), frames.lit(right, *lit));
            all.push(frames.aig.iff(l, r));
        }
        all.push(self.broken(&mut frames, left, right)?);
        let bad = frames.aig.and_all(all);
        Ok(Obligation { name: "start".into(), aig: frames.aig, bad })
    }

    fn covered(&self) -> Result<Obligation, KernelError> {
        let mut frames = Frames::new(self.model);
        let (left, right) = self.copies(&mut frames, &self.tied);
        let mut all = self.sound(&mut frames, left, right)?;
        all.push(!self.broken(&mut frames, left, right)?);
        for case in 0..self.cases.len() {
            all.push(!self.when(&mut frames, case, left)?);
        }
        let bad = frames.aig.and_all(all);
        Ok(Obligation { name: "cases".into(), aig: frames.aig, bad })
    }

    fn pair(&self, case: usize) -> Result<Obligation, KernelError> {
        let mut frames = Frames::new(self.model);
        let (left, right, known) = self.related(&mut frames, case)?;
        let (li, ri) = self.inputs(&mut frames);
        let (l2, r2) = (frames.frame_after(left, li), frames.frame_after(right, ri));
        let broken = self.broken(&mut frames, l2, r2)?;
        let bad = frames.aig.and(known, broken);
        Ok(Obligation { name: format!("pair:{case}"), aig: frames.aig, bad })
    }

    fn results(&self, case: usize) -> Result<Obligation, KernelError> {
        let mut frames = Frames::new(self.model);
        let (left, right, known) = self.related(&mut frames, case)?;
        let mut shown = Vec::new();
        for r in &self.f.results {
            let (x, y) = (frames.lit(left, r.lit), frames.lit(right, r.lit));
            if x == y {
                continue;
            }
            let (m, n) = (frames.lit(left, r.when), frames.lit(right, r.when));
            let means = frames.aig.or(m, n);
            let differ = frames.aig.xor(x, y);
            shown.push(frames.aig.and(means, differ));
        }
        let shown = frames.aig.or_all(shown);
        let bad = frames.aig.and(known, shown);
        Ok(Obligation { name: format!("results:{case}"), aig: frames.aig, bad })
    }

    fn legal(&self) -> Result<Obligation, KernelError> {
        if self.c.legal_inputs.len() > MAX_WORDS {
            return Err(misfit(format!("more than {MAX_WORDS} input words")));
        }
        let mut frames = Frames::new(self.model);
        let (left, right) = self.copies(&mut frames, &self.tied);
        let mut all = vec![!self.broken(&mut frames, left, right)?];
        let mut states = Vec::with_capacity(2);
        for frame in [left, right] {
            all.push(predicate(&mut frames, frame, &self.c.invariant)?);
            all.push(frames.lit(frame, self.model.assume_constants));
            let state: Vec<Lit> =
                (0..self.model.state.len()).map(|i| frames.state(frame, i)).collect();
            states.push(state);
        }
        for text in &self.c.legal_inputs {
            let inputs = word(self.model, text)?;
            let mut good = Vec::with_capacity(2);
            for state in &states {
                let tried = frames.frame(state.clone(), inputs.clone());
                good.push(frames.lit(tried, self.model.assume));
            }
            all.push(!frames.aig.and_all(good));
        }
        let bad = frames.aig.and_all(all);
        Ok(Obligation { name: "legal-pair".into(), aig: frames.aig, bad })
    }

    fn configuration(&self, entry: usize) -> Result<Obligation, KernelError> {
        let c = &self.f.configuration[entry];
        let mut frames = Frames::new(self.model);
        let state = frames.fresh_state();
        let inputs = frames.fresh_inputs();
        let now = frames.frame(state, inputs);
        let inputs = frames.fresh_inputs();
        let then = frames.frame_after(now, inputs);
        let mut differ = Vec::new();
        for (_, _, lit) in &c.bits {
            let (x, y) = (frames.lit(now, *lit), frames.lit(then, *lit));
            if x != y {
                differ.push(frames.aig.xor(x, y));
            }
        }
        let mut all = vec![frames.aig.or_all(differ), !frames.lit(now, c.writes)];
        all.push(predicate(&mut frames, now, &self.c.invariant)?);
        for frame in [now, then] {
            all.push(frames.lit(frame, self.model.assume_constants));
            all.push(frames.lit(frame, self.model.assume));
        }
        let bad = frames.aig.and_all(all);
        Ok(Obligation { name: format!("configuration:{entry}"), aig: frames.aig, bad })
    }
}
