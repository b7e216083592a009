//! A progress line per check on standard error: spinners on a terminal, plain lines elsewhere.

use audit::{JobName, Progress};
use evidence::Verdict;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use report::terminal::Paint;
use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const TICK: Duration = Duration::from_millis(120);

/// Shows what runs and what has ended.
pub(crate) struct Lines {
    bars: Option<MultiProgress>,
    running: Mutex<Vec<(JobName, ProgressBar)>>,
    planned: AtomicUsize,
    done: AtomicUsize,
}

impl Lines {
    pub(crate) fn new() -> Self {
        let bars = std::io::stderr().is_terminal().then(MultiProgress::new);
        Self {
            bars,
            running: Mutex::new(Vec::new()),
            planned: AtomicUsize::new(0),
            done: AtomicUsize::new(0),
        }
    }

    fn line(&self, text: &str) {
        match &self.bars {
            Some(bars) => drop(bars.println(text)),
            None => drop(writeln!(std::io::stderr().lock(), "{text}")),
        }
    }
}

impl Progress for Lines {
    fn planned(&self, checks: usize) {
        self.planned.store(checks, Ordering::Relaxed);
    }

    fn started(&self, job: &JobName) {
        let Some(bars) = &self.bars else { return };
        let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}");
        let bar = bars.add(ProgressBar::new_spinner());
        if let Ok(style) = style {
            bar.set_style(style);
        }
        bar.set_message(format!("{} {} {}", job.case, job.check, job.item));
        bar.enable_steady_tick(TICK);
        if let Ok(mut running) = self.running.lock() {
            running.push((job.clone(), bar));
        }
    }

    fn finished(&self, job: &JobName, verdict: Verdict, words: &str, took: Duration) {
        if let Ok(mut running) = self.running.lock()
            && let Some(at) = running.iter().position(|r| r.0 == *job)
        {
            running.remove(at).1.finish_and_clear();
        }
        let number = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        let paint = if self.bars.is_some() { Paint::Colour } else { Paint::Plain };
        let of = self.planned.load(Ordering::Relaxed);
        let verdict = paint.verdict(verdict, verdict.id());
        let (case, check, item, took) = (&job.case, job.check, &job.item, took.as_secs_f64());
        let words = audit::error::plain(words);
        self.line(&format!(
            "[{number}/{of}] {case} {check} {item}: {verdict}: {words} ({took:.1} s)"
        ));
    }

    fn resumed(&self, case: &str) {
        self.line(&format!(
            "{case}: audited before with the same inputs and options (--force repeats)"
        ));
    }
}
