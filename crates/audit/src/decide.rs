//! One check of one item: decided and certified, or searched.

use crate::checks::Way;
use crate::hunted::hunted;
use crate::load::Content;
use crate::options::Options;
use crate::pool::Ended;
use crate::run::{Loaded, Task};
use design::{Answer, Sealed, Settings, Subject, Undecided, seal};
use evidence::{FindingDraft, Reason, Verdict};
use proof::certificate::{Body, Hunted};
use solve::Budget;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What came of a check.
pub(crate) struct Decided {
    /// The certified answer, or why there is none.
    pub(crate) result: Result<Sealed, Undecided>,
    /// Of a check that searches: its finding, which stands with or without a certificate.
    pub(crate) searched: Option<FindingDraft>,
}

/// Decides one item and certifies the answer.
pub(crate) fn decide(
    task: &Task,
    case: &Loaded,
    options: &Options,
    flag: Arc<AtomicBool>,
) -> Decided {
    let plain = |result| Decided { result, searched: None };
    let raw = &case.raw[task.artifact];
    let design = match &case.content[task.artifact] {
        Content::Design(design) => design,
        Content::Undecided(why) => return plain(Err(why.clone())),
        Content::Examined(_) | Content::Unexamined => {
            let what = "no examination reads this artifact";
            return plain(Err(Undecided::new(Reason::Unsupported, what)));
        }
    };
    let budget = Budget::new(options.effort).with_interrupt(Arc::clone(&flag));
    let subject = Subject {
        netlist: raw.digest,
        contract: design.contract,
        check: task.check.id,
        item: &task.job.item,
    };
    match task.check.run {
        Way::Decides(run) => {
            let hints = design.hints.clone();
            let settings = Settings { budget: budget.clone(), hints, exact: true };
            let answer = run(&design.model, task.item, &settings);
            let answer = answer.map_err(|why| spent(why, &budget));
            plain(answer.and_then(|answer| seal(&design.model, subject, answer, &budget)))
        }
        Way::Hunts => match hunted(raw, design, options.effort, &budget) {
            Err(why) => plain(Err(why)),
            Ok((mut draft, objects)) => {
                // a hunt may spend all it has and still has something to show
                let budget = Budget::new(options.effort).with_interrupt(flag);
                let result = certified(&draft, objects, design, subject, &budget);
                match &result {
                    Ok(sealed) => draft.kind.clone_from(&sealed.kind),
                    Err(why) => draft.assumptions.push(format!(
                        "nothing of it is re-checked by `probity verify`: {}",
                        why.detail
                    )),
                }
                Decided { result, searched: Some(draft) }
            }
        },
    }
}

/// The certificate of what a hunt shows, if there is anything that can be certified.
fn certified(
    draft: &FindingDraft,
    objects: Hunted,
    design: &crate::load::Design,
    subject: Subject<'_>,
    budget: &Budget,
) -> Result<Sealed, Undecided> {
    if objects == Hunted::default() {
        let what = "no net was fired, none was shown to be unreachable";
        return Err(Undecided::new(Reason::Budget, what));
    }
    let answer = Answer {
        verdict: draft.verdict,
        body: Body::Hunted(objects),
        title: draft.title.clone(),
        detail: draft.detail.clone(),
        locators: draft.locators.clone(),
        metrics: draft.metrics.clone(),
    };
    seal(&design.model, subject, answer, budget)
}

/// An engine whose budget is gone gives up for that reason, whatever else it says.
fn spent(why: Undecided, budget: &Budget) -> Undecided {
    if budget.exhausted() && why.reason != Reason::Budget && why.reason != Reason::Unsupported {
        let detail = format!("the effort limit was reached; {}", why.detail);
        return Undecided::new(Reason::Budget, detail);
    }
    why
}

/// Says that it was the time limit, where it was.
pub(crate) fn limit_named(
    result: Result<Sealed, Undecided>,
    ended: Ended,
    options: &Options,
) -> Result<Sealed, Undecided> {
    match (result, options.time_limit) {
        (Err(why), Some(limit)) if ended.timed_out => {
            let detail = format!("the time limit of {limit:?} was reached; {}", why.detail);
            Err(Undecided::new(Reason::Budget, detail))
        }
        (result, _) => result,
    }
}

/// Verdict and words for the progress line.
pub(crate) fn spoken(
    result: &Result<Sealed, Undecided>,
    searched: Option<&FindingDraft>,
) -> (Verdict, String) {
    match (searched, result) {
        (Some(draft), _) => (draft.verdict, draft.title.clone()),
        (None, Ok(sealed)) => (sealed.answer.verdict, sealed.answer.title.clone()),
        (None, Err(why)) => (Verdict::Undetermined, format!("{}: {}", why.reason, why.detail)),
    }
}
