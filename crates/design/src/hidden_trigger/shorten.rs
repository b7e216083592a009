//! Shortening the histories of a witness.
//!
//! Problem: a campaign arms a trigger somewhere in thousands of cycles, of which ten matter; silencing the
//! others leaves a history that is as long as before.
//! Method: delta debugging (Zeller, Hildebrandt: TSE 2002) by cutting words out. A history is cut into 64
//! pieces, and each is left out in a lane of one simulation; of those that did no harm the last, the last
//! two, the last three and so on are left out together in another one, and the longest series that
//! still shows a difference is taken. So on with what is left, and with shorter pieces where nothing could
//! go, down to single words: of both histories at once, which keeps in step what is timed, then of each.
//! Cost: two simulations for 64 cuts, bounded by the effort of shrinking. What it cannot see: words that
//! could go only together with others far away.

use super::runs::{Candidate, Setting, Shown, Tail};

/// Cuts tried in one simulation.
const LANES: usize = 64;

/// Words of a history, first and last, counted back from its end.
type Cut = (usize, usize);

/// Whose history is cut.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Both,
    Left,
    Right,
}

/// Cuts out of the histories what a difference does not need, as long as `effort` (in cycles) lasts.
pub(crate) fn shorten(s: &Setting<'_>, c: &mut Candidate, shown: &mut Shown, effort: &mut usize) {
    let reset = s.model.reset_cycles as usize;
    for of in [Of::Both, Of::Left, Of::Right] {
        let mut size = usize::MAX;
        loop {
            let before = length(c, of).saturating_sub(reset);
            size = size.min(before.div_ceil(LANES));
            // from the end: cuts further on leave the places of earlier ones alone
            let mut done = 0;
            while done < length(c, of).saturating_sub(reset) {
                let most = length(c, of) - reset;
                let ends = (done..most).step_by(size).take(LANES);
                let cuts: Vec<Cut> = ends.map(|back| (back, (back + size).min(most))).collect();
                let tried = cuts.last().map_or(most, |cut| cut.1);
                if !leave_out(s, c, shown, of, cuts, effort) {
                    return;
                }
                done = tried - (most - (length(c, of) - reset));
            }
            if length(c, of).saturating_sub(reset) == before {
                if size <= 1 {
                    break;
                }
                size /= 2;
            }
        }
    }
}

/// Leaves out what can go of some pieces, the last of them first; whether the effort lasted.
fn leave_out(
    s: &Setting<'_>,
    c: &mut Candidate,
    shown: &mut Shown,
    of: Of,
    cuts: Vec<Cut>,
    effort: &mut usize,
) -> bool {
    let alone: Vec<Vec<Cut>> = cuts.iter().map(|&cut| vec![cut]).collect();
    let Some(fine) = tried(s, c, of, &alone, effort) else { return false };
    let fine: Vec<Cut> =
        cuts.into_iter().zip(fine).filter(|f| f.1.is_some()).map(|f| f.0).collect();
    let series: Vec<Vec<Cut>> = (1..=fine.len()).map(|n| fine[..n].to_vec()).collect();
    let Some(found) = tried(s, c, of, &series, effort) else { return false };
    let longest = series.into_iter().zip(found).rev().find_map(|(n, f)| Some((n, f?)));
    if let Some((cuts, difference)) = longest {
        let (left, right) = without(c, of, &cuts);
        let own = |words: Vec<&[bool]>| words.into_iter().map(<[bool]>::to_vec).collect();
        (c.left, c.right) = (own(left), own(right));
        c.tail.truncate(difference.0 + 1);
        *shown = difference;
    }
    true
}

/// Words that may be cut, those of reset included.
fn length(c: &Candidate, of: Of) -> usize {
    match of {
        Of::Both => c.left.len().min(c.right.len()),
        Of::Left => c.left.len(),
        Of::Right => c.right.len(),
    }
}

/// Both histories without some words.
fn without<'c>(c: &'c Candidate, of: Of, cuts: &[Cut]) -> (Vec<&'c [bool]>, Vec<&'c [bool]>) {
    let one = |words: &'c [Vec<bool>], cut: bool| {
        let kept = |t: &usize| {
            let back = words.len() - 1 - t;
            !cut || !cuts.iter().any(|&(from, to)| (from..to).contains(&back))
        };
        (0..words.len()).filter(kept).map(|t| words[t].as_slice()).collect()
    };
    (one(&c.left, of != Of::Right), one(&c.right, of != Of::Left))
}

/// The difference that is left after each of some series of cuts; nothing if that costs too much.
fn tried(
    s: &Setting<'_>,
    c: &Candidate,
    of: Of,
    series: &[Vec<Cut>],
    effort: &mut usize,
) -> Option<Vec<Option<Shown>>> {
    if series.is_empty() {
        return Some(Vec::new());
    }
    let cycles = c.left.len() + c.right.len() + 2 * c.tail.len();
    if *effort < cycles || s.budget.interrupted() {
        return None;
    }
    *effort -= cycles;
    let cut: Vec<_> = series.iter().map(|cuts| without(c, of, cuts)).collect();
    let left: Vec<&[&[bool]]> = cut.iter().map(|c| c.0.as_slice()).collect();
    let right: Vec<&[&[bool]]> = cut.iter().map(|c| c.1.as_slice()).collect();
    let power = Setting::splat(&c.power);
    let ((left, fine), (right, sound)) = (s.walk(&power, &left), s.walk(&power, &right));
    let tails: Vec<&Tail> = vec![&c.tail; series.len()];
    Some(s.follow((left, right), fine & sound, &tails))
}
