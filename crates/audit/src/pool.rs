//! The thread pool: independent tasks on a fixed number of threads, each with its own limits.
//!
//! Problem: the answers must not depend on the number of threads; a time limit and Ctrl-C must stop
//! a solver that is deep in a search.
//! Method: threads take tasks from one counter and send numbered answers back; whoever collects
//! them orders by number. Each task has an interrupt flag of its own; one watcher sets it when the
//! task's time is up or when everything is to stop. Cost: one wake-up of the watcher each 20 ms.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

const TICK: Duration = Duration::from_millis(20);

/// How a task came to its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Ended {
    /// Its time was up.
    pub timed_out: bool,
    /// How long it took.
    pub took: Duration,
}

/// Runs `work(i, flag)` for all `i` below `count` on `jobs` threads; `each` sees the answers as they
/// come, on the caller's thread. Stops handing out tasks when `interrupt` is set.
pub(crate) fn run<T: Send>(
    count: usize,
    jobs: usize,
    limit: Option<Duration>,
    interrupt: &Arc<AtomicBool>,
    work: impl Fn(usize, Arc<AtomicBool>) -> T + Sync,
    mut each: impl FnMut(usize, T, Ended),
) {
    let next = AtomicUsize::new(0);
    let done = AtomicBool::new(false);
    let watched: Mutex<Vec<Watched>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        let (send, receive) = mpsc::channel();
        for _ in 0..jobs.clamp(1, count.max(1)) {
            let send = send.clone();
            let (next, watched, work) = (&next, &watched, &work);
            scope.spawn(move || {
                while !interrupt.load(Ordering::Relaxed) {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    if i >= count {
                        break;
                    }
                    let flag = Arc::new(AtomicBool::new(false));
                    let began = Instant::now();
                    let entry = Watched { flag: Arc::clone(&flag), began, over: false };
                    if let Ok(mut all) = watched.lock() {
                        all.push(entry);
                    }
                    let answer = work(i, Arc::clone(&flag));
                    let mut timed_out = false;
                    if let Ok(mut all) = watched.lock() {
                        timed_out = all.iter().any(|w| Arc::ptr_eq(&w.flag, &flag) && w.over);
                        all.retain(|w| !Arc::ptr_eq(&w.flag, &flag));
                    }
                    let ended = Ended { timed_out, took: began.elapsed() };
                    if send.send((i, answer, ended)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(send);
        scope.spawn(|| watch(&watched, limit, interrupt, &done));
        for (i, answer, ended) in receive {
            each(i, answer, ended);
        }
        done.store(true, Ordering::Relaxed);
    });
}

struct Watched {
    flag: Arc<AtomicBool>,
    began: Instant,
    over: bool,
}

fn watch(
    watched: &Mutex<Vec<Watched>>,
    limit: Option<Duration>,
    interrupt: &AtomicBool,
    done: &AtomicBool,
) {
    while !done.load(Ordering::Relaxed) {
        std::thread::sleep(TICK);
        let stop = interrupt.load(Ordering::Relaxed);
        let Ok(mut all) = watched.lock() else { return };
        for task in all.iter_mut() {
            let over = limit.is_some_and(|limit| task.began.elapsed() > limit);
            task.over |= over;
            if over || stop {
                task.flag.store(true, Ordering::Relaxed);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_runs_once_and_a_slow_one_is_stopped() {
        let interrupt = Arc::new(AtomicBool::new(false));
        let mut seen = vec![0; 9];
        let mut late = Vec::new();
        let work = |i: usize, flag: Arc<AtomicBool>| {
            while i == 4 && !flag.load(Ordering::Relaxed) {
                std::thread::yield_now();
            }
            i * i
        };
        run(9, 3, Some(Duration::from_millis(60)), &interrupt, work, |i, square, ended| {
            assert_eq!(square, i * i);
            seen[i] += 1;
            if ended.timed_out {
                late.push(i);
            }
        });
        assert_eq!(seen, vec![1; 9]);
        assert!(late.contains(&4));
    }
}
