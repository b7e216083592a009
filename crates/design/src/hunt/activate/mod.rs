//! Activation: a stimulus that fires a suspected trigger, or a proof that nothing does.
//!
//! Problem: rarity is an opinion; a run that fires the trigger and changes an output is a fact.
//! Method, cheapest first: *never*, a SAT call on one frame from a free state (no model means that no state
//! and no input whatsoever makes the trigger active: redundant logic, not an implant); [`luck`], long
//! simulation of the trigger's cone; [`search`], bounded model checking of it; [`splitting`], simulation that goes on
//! from the rarest states. A found run is replayed on the whole design ([`replay`]). Runs start from all registers 0 (assumed and stated, the file declares
//! no power-up values).
//! Cost: bounded by cycles and by steps.
//! What it cannot see: triggers deeper than both reach; they stay `budget`.

mod cone;
mod luck;
mod replay;
mod search;
mod splitting;

use super::activity::Activity;
use super::circuit::Circuit;
use cone::Cone;
use luck::luck;
use netlist::{Lit, Netlist};
use replay::replay;
use search::search;
use solve::{AigSolver, Budget, Outcome};
use splitting::splitting;

/// What is known about firing a trigger.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Activation {
    /// Fires in cycle `cycle` of the run.
    Fires(Run),
    /// Active in no state under no input: proved by one SAT call.
    Never,
    /// Neither found nor excluded within the budget.
    Budget,
}

/// A run from all registers 0 and what it shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Run {
    /// Input words, one character per free input in the graph's order, until after the firing.
    pub inputs: Vec<String>,
    /// Cycle in which the trigger first fires.
    pub cycle: usize,
    /// First cycle in which an observer differs from the same run with the trigger tied quiet.
    pub differs: Option<usize>,
    /// Observers that differ in the replay, in order.
    pub observers: Vec<String>,
    /// Registers outside the trigger's region that differ.
    pub registers: usize,
    /// How it was found: `simulation`, `search` or `splitting`.
    pub by: &'static str,
    /// Inputs whose values matter for firing.
    pub essential: usize,
    /// Marks of the free inputs that the trigger depends on at all, in the graph's order.
    pub relevant: Vec<bool>,
    /// Values at which free inputs are held most of the time, as resets are.
    pub usual: Vec<Option<bool>>,
}

/// Whether no state and no input whatsoever makes `root` show `!quiet`, proved within the budget.
pub(super) fn never(
    c: &Circuit<'_>,
    netlist: &Netlist,
    activity: &Activity,
    root: u32,
    quiet: bool,
    budget: &Budget,
) -> bool {
    let target = c.graph.netlist_lit(Lit::new(root, quiet));
    if target == Lit::FALSE {
        return true;
    }
    activity.rate(root) == 0.0
        && AigSolver::light().solve(&netlist.aig, &[target], budget) == Outcome::Unsat
}

/// Tries to fire the trigger `root` with its active value `!quiet`; `memory` are the registers whose states show
/// progress towards it.
pub(super) fn activate(
    c: &Circuit<'_>,
    netlist: &Netlist,
    activity: &Activity,
    root: u32,
    quiet: bool,
    memory: &[u32],
    budget: &Budget,
) -> Activation {
    let target = c.graph.netlist_lit(Lit::new(root, quiet));
    let cone = Cone::of(c, root);
    let lucky = luck(c, &cone, activity, root, quiet);
    let found = lucky
        .map(|words| (words, "simulation"))
        .or_else(|| search(c, netlist, &cone, target, budget).map(|words| (words, "search")))
        .or_else(|| {
            splitting(c, &cone, activity, root, quiet, memory).map(|words| (words, "splitting"))
        });
    let Some((words, by)) = found else { return Activation::Budget };
    replay(c, &cone, root, quiet, words, by, &activity.usual)
        .map_or(Activation::Budget, Activation::Fires)
}
