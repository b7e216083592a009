//! A second core for the reader: the second half of a large file, read ahead.
//!
//! Problem: most of the time goes into the text, and what its middle means depends on all before.
//! Method: speculation. While one thread reads from the beginning, another takes a line in the
//! middle that closes a bracket for the end of a cell, and reads the cells that follow and the
//! `netnames` behind them. The first thread takes this over when it ends a cell of its own at that
//! very byte, and not otherwise. What follows a cell is a function of the text and of that byte:
//! records and faults are those that the first thread would have found, whatever the guess.
//! Cost: on two cores half the time of the text; a wrong guess costs the other core's time.

#[cfg(test)]
mod tests;

use std::thread::{Builder, Scope, ScopedJoinHandle};

use super::cursor::{Cursor, Fault};
use super::json::{Cell, Entries, LATE, Pool, Wire};

/// A file smaller than this is read by one thread.
const SMALL: usize = 1 << 20;

/// How Yosys ends a cell that another follows, and how much of that precedes the comma.
const CELL_END: (&[u8], usize) = (b"\n        },\n", 10);

/// How far behind the middle a cell is expected to end.
const REACH: usize = 1 << 16;

/// Runs two functions, the first of them on another core.
pub(super) fn both<A: Send, B>(first: impl Fn() -> A + Sync, second: impl FnOnce() -> B) -> (A, B) {
    std::thread::scope(|scope| {
        let thread = Builder::new().spawn_scoped(scope, &first);
        let b = second();
        let a = thread.ok().and_then(|thread| thread.join().ok());
        (a.unwrap_or_else(&first), b)
    })
}

/// Entries and the byte behind them, or the fault met on the way.
type Section<'a, T> = Result<(Entries<'a, T>, usize), Fault>;

/// What was read ahead of a module.
#[derive(Default)]
pub(super) struct Late<'a> {
    pub(super) pool: Pool,
    cells: Option<Section<'a, Cell<'a>>>,
    /// Where the net names start, and they.
    netnames: Option<(usize, Section<'a, Wire<'a>>)>,
}

/// A thread that reads ahead.
pub(super) struct Ahead<'scope, 'a> {
    start: Option<usize>,
    thread: Option<ScopedJoinHandle<'scope, Late<'a>>>,
}

impl<'scope, 'a: 'scope> Ahead<'scope, 'a> {
    /// Starts to read in the middle of `text`.
    pub(super) fn start(scope: &'scope Scope<'scope, '_>, text: &'a str) -> Self {
        let middle = text.len() / 2;
        let window = text.as_bytes().get(middle..middle + REACH).filter(|_| text.len() >= SMALL);
        let end = window.and_then(|w| w.windows(CELL_END.0.len()).position(|w| w == CELL_END.0));
        let start = end.map(|end| middle + end + CELL_END.1);
        let read = |start| Builder::new().spawn_scoped(scope, move || Late::read(text, start)).ok();
        Self { start, thread: start.and_then(read) }
    }
}

impl<'a> Ahead<'_, 'a> {
    /// Reads the cells of a module, the last of them from what was read ahead.
    pub(super) fn cells(
        &mut self,
        json: &mut Cursor<'a>,
        pool: &mut Pool,
        late: &mut Late<'a>,
    ) -> Result<Entries<'a, Cell<'a>>, Fault> {
        let (mut cells, mut more) = (Entries::default(), json.open()?);
        if cells.read_on(json, more, self.start, |json| Cell::read(json, pool))? {
            if let Some(read) = self.thread.take().and_then(|thread| thread.join().ok()) {
                *late = read;
            }
            if let Some(section) = late.cells.take() {
                let (mut rest, end) = section?;
                cells.0.append(&mut rest.0);
                json.go(end);
            } else {
                more = json.another()?;
                cells.read_on(json, more, None, |json| Cell::read(json, pool))?;
            }
        }
        Ok(cells)
    }
}

impl<'a> Late<'a> {
    /// Reads what follows a cell that ends at `start`.
    fn read(text: &'a str, start: usize) -> Self {
        let mut json = Cursor::new(text, start);
        let mut pool = Pool { first: LATE, ..Pool::default() };
        let cells = Self::rest(&mut json, &mut pool);
        let netnames = cells.is_ok().then(|| Self::following(&mut json, &mut pool)).flatten();
        Self { pool, cells: Some(cells), netnames }
    }

    fn rest(json: &mut Cursor<'a>, pool: &mut Pool) -> Section<'a, Cell<'a>> {
        let (mut cells, more) = (Entries::default(), json.another()?);
        cells.read_on(json, more, None, |json| Cell::read(json, pool))?;
        Ok((cells, json.at()))
    }

    /// The net names, if they come next; faults up to there are left to the thread that comes by.
    fn following(json: &mut Cursor<'a>, pool: &mut Pool) -> Option<(usize, Section<'a, Wire<'a>>)> {
        if !json.another().ok()? || json.name().ok()? != "netnames" {
            return None;
        }
        let start = json.at();
        let wires = Entries::read(json, |json| Wire::read(json, pool));
        Some((start, wires.map(|wires| (wires, json.at()))))
    }

    /// Reads the net names of a module, unless they were read ahead.
    pub(super) fn netnames(
        &mut self,
        json: &mut Cursor<'a>,
        pool: &mut Pool,
    ) -> Result<Entries<'a, Wire<'a>>, Fault> {
        match self.netnames.take_if(|(start, _)| *start == json.at()) {
            Some((_, section)) => {
                let (wires, end) = section?;
                json.go(end);
                Ok(wires)
            }
            None => Entries::read(json, |json| Wire::read(json, pool)),
        }
    }
}
