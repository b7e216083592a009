//! Running cases: read everything first, then one pool of checks, then a dossier per case.
//!
//! Reading comes first because bad input is an error of the whole run: nothing is audited, and no
//! dossier is written, while one of the files named is wrong. Cases whose dossier is there already,
//! made from the same inputs with the same options, are taken from it.

use crate::case::Case;
use crate::checks::{DESIGN_CHECKS, DesignCheck};
use crate::decide::{Decided, decide, limit_named, spoken};
use crate::error::InputError;
use crate::load::{self, Content, Raw};
use crate::options::{JobName, Options, Progress};
use crate::outcome::CaseOutcome;
use crate::pack::{Answered, Examined, pack};
use crate::pool::{self, Ended};
use crate::resume;
use crate::source::Source;
use dossier::{Accelerator, PackError};
use evidence::{ArtifactKind, Verdict, check_page};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Why a run ended without outcomes.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// Bad input; all that was found.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Input(Vec<InputError>),
    /// A dossier could not be written.
    #[error("{0}")]
    Pack(#[from] PackError),
    /// Somebody stopped the run.
    #[error("interrupted; {finished} of {cases} cases are finished and kept")]
    Interrupted {
        /// Cases whose dossier is there.
        finished: usize,
        /// Cases asked for.
        cases: usize,
    },
}

/// A case that is read.
pub(crate) struct Loaded {
    pub(crate) name: String,
    case: Case,
    pub(crate) raw: Vec<Raw>,
    pub(crate) content: Vec<Content>,
    key: String,
    earlier: Option<CaseOutcome>,
}

/// One check of one item.
pub(crate) struct Task {
    case: usize,
    pub(crate) artifact: usize,
    pub(crate) check: &'static DesignCheck,
    pub(crate) item: usize,
    pub(crate) job: JobName,
}

/// Audits cases.
///
/// # Errors
/// If an input is bad, a dossier cannot be written, or the run is stopped.
pub fn audit(
    sources: &[Source],
    options: &Options,
    progress: &dyn Progress,
) -> Result<Vec<CaseOutcome>, AuditError> {
    let mut cases = read_all(sources, options)?;
    let mut outcomes: Vec<_> = cases.iter_mut().map(|c| c.earlier.take()).collect();
    let mut tasks = plan(&cases, &outcomes);
    tasks.retain(|t| options.check.is_none_or(|only| t.check.id == only));
    let done = examined(&cases);
    progress.planned(tasks.len() + done.len());
    for (job, verdict, words) in done {
        progress.started(&job);
        progress.finished(&job, verdict, &words, Duration::ZERO);
    }
    let mut pending: Vec<Pending> = Vec::new();
    for (i, case) in cases.iter().enumerate() {
        let count = tasks.iter().filter(|t| t.case == i).count();
        pending.push(Pending { answers: Vec::new(), open: count, limited: false });
        if outcomes[i].is_some() {
            progress.resumed(&case.name);
        } else if count == 0 {
            outcomes[i] = Some(write(case, Vec::new(), false, options)?);
        }
    }
    let mut failed: Option<PackError> = None;
    let work = |i: usize, flag: Arc<AtomicBool>| {
        progress.started(&tasks[i].job);
        decide(&tasks[i], &cases[tasks[i].case], options, flag)
    };
    let each = |i: usize, decided: Decided, ended: Ended| {
        if options.interrupt.load(Ordering::Relaxed) {
            return;
        }
        let task = &tasks[i];
        let Decided { result, searched } = decided;
        let result = limit_named(result, ended, options);
        let (verdict, words) = spoken(&result, searched.as_ref());
        progress.finished(&task.job, verdict, &words, ended.took);
        let waiting = &mut pending[task.case];
        waiting.limited |= ended.timed_out && result.is_err();
        let (artifact, check, item) = (task.artifact, task.check, task.job.item.clone());
        waiting.answers.push((i, Answered { artifact, check, item, result, searched }));
        waiting.open -= 1;
        if waiting.open == 0 {
            waiting.answers.sort_by_key(|a| a.0);
            let answers = std::mem::take(&mut waiting.answers).into_iter().map(|a| a.1).collect();
            match write(&cases[task.case], answers, waiting.limited, options) {
                Ok(outcome) => outcomes[task.case] = Some(outcome),
                Err(error) => {
                    failed = Some(error);
                    options.interrupt.store(true, Ordering::Relaxed);
                }
            }
        }
    };
    pool::run(tasks.len(), options.jobs, options.time_limit, &options.interrupt, work, each);
    if let Some(error) = failed {
        return Err(error.into());
    }
    let finished = outcomes.iter().flatten().count();
    if finished < outcomes.len() {
        return Err(AuditError::Interrupted { finished, cases: outcomes.len() });
    }
    Ok(outcomes.into_iter().flatten().collect())
}

/// A case whose checks are running.
struct Pending {
    answers: Vec<(usize, Answered)>,
    open: usize,
    limited: bool,
}

/// Reads every case and every artifact; all errors at once.
fn read_all(sources: &[Source], options: &Options) -> Result<Vec<Loaded>, AuditError> {
    let mut errors = Vec::new();
    let mut names = BTreeSet::new();
    for source in sources {
        if !names.insert(source.name()) {
            let what = "another case of this run has the same name";
            let remedy = "rename one, or audit them one by one";
            errors.push(InputError::new(&source.file(), "", what, remedy));
        }
    }
    let mut slots: Vec<Option<Result<Loaded, InputError>>> = sources.iter().map(|_| None).collect();
    let read = |i: usize, _| load_case(&sources[i], options);
    pool::run(sources.len(), options.jobs, None, &options.interrupt, read, |i, case, _| {
        slots[i] = Some(case);
    });
    let mut cases = Vec::new();
    for slot in slots {
        match slot {
            Some(Ok(case)) => cases.push(case),
            Some(Err(error)) => errors.push(error),
            None => return Err(AuditError::Interrupted { finished: 0, cases: sources.len() }),
        }
    }
    if errors.is_empty() { Ok(cases) } else { Err(AuditError::Input(errors)) }
}

fn load_case(source: &Source, options: &Options) -> Result<Loaded, InputError> {
    let case = source.case()?;
    let (name, file) = (source.name(), source.file());
    let base = source.base();
    let mut raw = load::raw(&case, &base, &file, options)?;
    let key = resume::key(&case, &raw, options);
    if let Some(earlier) = resume::earlier(&name, &key, &case, options) {
        let (raw, content) = (Vec::new(), Vec::new());
        return Ok(Loaded { name, case, raw, content, key, earlier: Some(earlier) });
    }
    let read = raw.iter_mut().map(|r| load::content(r, &base, &file));
    let content = read.collect::<Result<Vec<_>, _>>()?;
    Ok(Loaded { name, case, raw, content, key, earlier: None })
}

/// What was examined while it was read, for the progress lines.
fn examined(cases: &[Loaded]) -> Vec<(JobName, Verdict, String)> {
    let mut all = Vec::new();
    for case in cases {
        for content in &case.content {
            let Content::Examined(drafts) = content else { continue };
            for draft in drafts {
                let check = check_page(&draft.check).map_or("unknown check", |page| page.id);
                let item = draft.item.clone().unwrap_or_default();
                let job = JobName { case: case.name.clone(), check, item };
                all.push((job, draft.verdict, draft.title.clone()));
            }
        }
    }
    all
}

/// One task per check and item, in a fixed order.
fn plan(cases: &[Loaded], outcomes: &[Option<CaseOutcome>]) -> Vec<Task> {
    let mut tasks = Vec::new();
    for (case, loaded) in cases.iter().enumerate().filter(|(i, _)| outcomes[*i].is_none()) {
        for (artifact, raw) in loaded.raw.iter().enumerate() {
            if raw.artifact.kind != ArtifactKind::Design {
                continue;
            }
            for check in DESIGN_CHECKS {
                for (item, name) in items(check, raw, &loaded.content[artifact]) {
                    let case_name = loaded.name.clone();
                    let job = JobName { case: case_name, check: check.id, item: name };
                    tasks.push(Task { case, artifact, check, item, job });
                }
            }
        }
    }
    tasks
}

fn items(check: &DesignCheck, raw: &Raw, content: &Content) -> Vec<(usize, String)> {
    let names = match (content, &raw.artifact.contract) {
        (Content::Design(design), _) => (check.items)(&design.model),
        (Content::Undecided(_), Some(contract)) => (check.declared)(contract),
        _ => Vec::new(),
    };
    names.into_iter().enumerate().collect()
}

/// Writes the dossier of a case whose checks have all ended.
fn write(
    case: &Loaded,
    answers: Vec<Answered>,
    limited: bool,
    options: &Options,
) -> Result<CaseOutcome, PackError> {
    let s = &case.case.subject;
    let subject = Accelerator {
        vendor: s.vendor.clone(),
        model: s.model.clone(),
        version: s.version.clone().unwrap_or_default(),
    };
    let (raw, content) = (case.raw.as_slice(), case.content.as_slice());
    let examined = Examined { name: &case.name, subject, raw, content, answers };
    let target = options.out.as_ref().map(|out| out.join(&case.name));
    let (document, dossier) = pack(examined, target.as_deref())?;
    if !limited {
        resume::remember(&case.name, &case.key, options);
    }
    let expect = case.case.expect.clone();
    Ok(CaseOutcome { document, dossier, resumed: false, expect })
}
