//! Temporary.
use netlist::Lit;
use proof::certificate::Trace;
use proof::replay::print_bits;
use proof::{Frames, Model};
use solve::{AigSolver, Budget, Outcome};
pub(crate) enum Reached { At(Trace, u32), NotWithin(u32), Unknown }
pub(crate) enum Ic3Answer { Safe(Vec<Vec<(usize,bool)>>), Unsafe(Trace), Unknown }
pub(crate) fn ic3(_m: &Model, _c: &[Vec<(usize,bool)>], _k: &[Vec<(usize,bool)>], _b: &Budget) -> Ic3Answer { Ic3Answer::Unknown }
pub(crate) fn reach(model: &Model, target: &mut dyn FnMut(&mut Frames<'_>, usize) -> Lit, depth: u32, budget: &Budget) -> Reached { go(model, target, depth, budget, false) }
pub(crate) fn reach_cycle(model: &Model, target: &mut dyn FnMut(&mut Frames<'_>, usize) -> Lit, depth: u32, budget: &Budget) -> Reached { go(model, target, depth, budget, true) }
fn go(model: &Model, target: &mut dyn FnMut(&mut Frames<'_>, usize) -> Lit, depth: u32, budget: &Budget, cycle: bool) -> Reached {
    let mut frames = Frames::new(model);
    let power = frames.power_up_state();
    let (mut list, first) = frames.init_from(power.clone());
    let mut solver = AigSolver::new();
    let c = frames.lit(first, model.assume_constants);
    solver.add_clause(&frames.aig, &[c]);
    let mut at = first;
    for d in 0..=depth {
        if cycle { let a = frames.lit(at, model.assume); solver.add_clause(&frames.aig, &[a]); }
        let t = target(&mut frames, at);
        match solver.solve(&frames.aig, &[t], budget) {
            Outcome::Unknown => return Reached::Unknown,
            Outcome::Sat => {
                let power_up = print_bits(&power.iter().map(|&l| if l.is_const() { l == Lit::TRUE } else { solver.value(l) }).collect::<Vec<_>>());
                if cycle { list.push(at); }
                let inputs = list.iter().map(|&f| { let w = frames.inputs(f).to_vec(); print_bits(&w.into_iter().map(|l| solver.value(l)).collect::<Vec<_>>()) }).collect();
                return Reached::At(Trace { power_up, inputs, essential: Vec::new() }, d);
            }
            Outcome::Unsat => {}
        }
        if !cycle { let a = frames.lit(at, model.assume); solver.add_clause(&frames.aig, &[a]); }
        list.push(at);
        let inputs = frames.fresh_inputs();
        at = frames.frame_after(at, inputs);
    }
    Reached::NotWithin(depth)
}
