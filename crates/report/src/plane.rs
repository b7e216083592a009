//! The plane TPP × performance density: class regions and where the part lies.
//!
//! Problem: "1.3 % below one of the thresholds" is a picture, and the picture must not say more than the
//! figures: an interval is drawn as a box, a standard error as an ellipse.
//! Method: logarithmic axes; each paragraph of the rule that bounds only these two quantities becomes a
//! rectangle, the first one on top; the ellipse is that of three standard errors with the correlation
//! that a common numerator causes. Everything comes from the metrics of a `performance.export-class`
//! finding; what does not parse is left out. Colours come from the page's style sheet.

use crate::html::escape;
use crate::words::text;
use evidence::Finding;
use std::fmt::Write as _;

/// Size of the picture: the plane on the left, the surroundings of the part on the right.
const WIDTH: f64 = 980.0;
const HEIGHT: f64 = 420.0;
/// Left, top, right and bottom of the plane.
const PLANE: [f64; 4] = [64.0, 16.0, 640.0, 372.0];
/// The same of the close-up.
const CLOSE: [f64; 4] = [724.0, 60.0, 964.0, 300.0];
/// Most regions drawn.
const MAX_REGIONS: usize = 32;
/// Points of the ellipse.
const POINTS: usize = 48;

/// A rectangle of a paragraph.
struct Region {
    id: String,
    class: String,
    x: (f64, f64),
    y: (f64, f64),
}

/// A window on the plane: spans of both axes, and where it is drawn.
struct View {
    x: (f64, f64),
    y: (f64, f64),
    /// Left, top, right, bottom.
    frame: [f64; 4],
    logarithmic: bool,
}

impl View {
    fn part(&self, value: f64, (low, high): (f64, f64)) -> f64 {
        let value = if self.logarithmic { value.max(1e-12).log10() } else { value };
        ((value - low) / (high - low)).clamp(0.0, 1.0)
    }
    fn px(&self, tpp: f64) -> f64 {
        self.frame[0] + self.part(tpp, self.x) * (self.frame[2] - self.frame[0])
    }
    fn py(&self, pd: f64) -> f64 {
        self.frame[3] - self.part(pd, self.y) * (self.frame[3] - self.frame[1])
    }
}

fn metric(finding: &Finding, name: &str) -> Option<f64> {
    text(finding, name)?.parse().ok().filter(|v: &f64| v.is_finite() && *v >= 0.0)
}

/// The plane of a finding about an export class, if it has one.
pub(crate) fn plane(finding: &Finding) -> Option<String> {
    if finding.body.check != "performance.export-class" {
        return None;
    }
    let tpp = metric(finding, "tpp").filter(|v| *v > 0.0)?;
    let pd = metric(finding, "pd").filter(|v| *v > 0.0);
    let regions = regions(finding);
    let mut views = vec![whole(tpp, pd, &regions)];
    views.extend(pd.map(|pd| close(finding, tpp, pd, &regions)));
    let mut svg = format!(
        "<svg class=\"plane\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         role=\"img\" aria-label=\"total processing performance against performance density\">\n"
    );
    for view in &views {
        // the first paragraph wins, so it is drawn last
        for region in regions.iter().rev() {
            draw(&mut svg, view, region, &regions);
        }
        grid(&mut svg, view);
        part(&mut svg, view, finding, tpp, pd);
    }
    svg.push_str("</svg>\n");
    Some(svg)
}

/// `3A090.b.1: tpp>=2400 tpp<4800 pd>=1.6 pd<5.92 = 3A090.b`
fn regions(finding: &Finding) -> Vec<Region> {
    let named = finding.body.metrics.iter().filter(|(name, _)| name.starts_with("region."));
    named.filter_map(|(_, value)| region(value.as_str()?)).take(MAX_REGIONS).collect()
}

fn region(line: &str) -> Option<Region> {
    let (id, rest) = line.split_once(": ")?;
    let (bounds, class) = rest.rsplit_once(" = ")?;
    let mut region = Region {
        id: id.to_owned(),
        class: class.to_owned(),
        x: (0.0, f64::INFINITY),
        y: (0.0, f64::INFINITY),
    };
    for bound in bounds.split_whitespace() {
        let at = bound.find(['<', '>'])?;
        let (axis, rest) = bound.split_at(at);
        let below = rest.starts_with('<');
        let value: f64 = rest.trim_start_matches(['<', '>', '=']).parse().ok()?;
        let range = match axis {
            "tpp" => &mut region.x,
            "pd" => &mut region.y,
            _ => return None,
        };
        if below {
            range.1 = range.1.min(value);
        } else {
            range.0 = range.0.max(value);
        }
    }
    Some(region)
}

fn edges(regions: &[Region], of: fn(&Region) -> (f64, f64)) -> Vec<f64> {
    let both = regions.iter().map(of).flat_map(|(low, high)| [low, high]);
    both.filter(|v| v.is_finite() && *v > 0.0).collect()
}

fn whole(tpp: f64, pd: Option<f64>, regions: &[Region]) -> View {
    let (mut x, mut y) = (edges(regions, |r| r.x), edges(regions, |r| r.y));
    x.push(tpp);
    y.push(pd.unwrap_or(1.0));
    let span = |values: &[f64]| {
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(0.0, f64::max);
        ((low / 2.0).log10(), (high * 2.5).log10())
    };
    View { x: span(&x), y: span(&y), frame: PLANE, logarithmic: true }
}

/// So near that the ellipse and the nearest threshold of each axis are seen.
fn close(finding: &Finding, tpp: f64, pd: f64, regions: &[Region]) -> View {
    let reach = |at: f64, error: &str, edges: Vec<f64>| {
        let near = edges.iter().map(|e| (e - at).abs()).fold(f64::INFINITY, f64::min);
        let ellipse = 3.0 * metric(finding, error).unwrap_or(0.0);
        let near = if near.is_finite() { 1.4 * near } else { 0.0 };
        near.max(1.5 * ellipse).clamp(at / 1e4, at)
    };
    let x = reach(tpp, "tpp_error", edges(regions, |r| r.x));
    let y = reach(pd, "pd_error", edges(regions, |r| r.y));
    View { x: (tpp - x, tpp + x), y: (pd - y, pd + y), frame: CLOSE, logarithmic: false }
}

fn draw(svg: &mut String, view: &View, region: &Region, all: &[Region]) {
    let mut classes: Vec<&str> = all.iter().map(|r| r.class.as_str()).collect();
    classes.dedup();
    let shade = classes.iter().position(|c| *c == region.class).unwrap_or(0).min(3);
    let (left, right) = (view.px(region.x.0), view.px(region.x.1));
    let (top, bottom) = (view.py(region.y.1), view.py(region.y.0));
    let (width, height) = (right - left, bottom - top);
    if width < 1.0 || height < 1.0 {
        return;
    }
    // opaque ground first, so that what a paragraph hides stays hidden
    for class in ["ground", &format!("region shade{shade}")] {
        let _ = writeln!(
            svg,
            "<rect class=\"{class}\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"/>"
        );
    }
    if width < 8.0 * region.id.chars().count() as f64 || height < 22.0 {
        return;
    }
    let (x, y) =
        if region.y.0 == 0.0 { (left + 6.0, bottom - 8.0) } else { (left + 6.0, top + 16.0) };
    let _ = writeln!(
        svg,
        "<text class=\"rlabel\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>",
        escape(&region.id)
    );
}

fn grid(svg: &mut String, view: &View) {
    let [left, top, right, bottom] = view.frame;
    let (width, height) = (right - left, bottom - top);
    let _ = writeln!(
        svg,
        "<rect class=\"axis\" x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\"/>"
    );
    let of = if view.logarithmic { ticks } else { spaced };
    for tick in of(view.x) {
        let x = view.px(tick);
        let _ = writeln!(
            svg,
            "<path class=\"axis\" d=\"M{x:.1} {bottom}l0 5\"/>\
             <text class=\"tick\" x=\"{x:.1}\" y=\"{}\">{}</text>",
            bottom + 18.0,
            short(tick)
        );
    }
    for tick in of(view.y) {
        let y = view.py(tick);
        let _ = writeln!(
            svg,
            "<path class=\"axis\" d=\"M{left} {y:.1}l-5 0\"/>\
             <text class=\"name\" x=\"{}\" y=\"{:.1}\">{}</text>",
            left - 9.0,
            y + 4.0,
            short(tick)
        );
    }
    let middle = f64::midpoint(left, right);
    if !view.logarithmic {
        let y = top - 10.0;
        let _ =
            writeln!(svg, "<text class=\"tick\" x=\"{middle}\" y=\"{y}\">close-up, linear</text>");
        return;
    }
    let _ = writeln!(
        svg,
        "<text class=\"tick\" x=\"{middle:.1}\" y=\"{:.1}\">total processing performance (TPP)</text>\n\
         <text class=\"tick\" transform=\"translate(14 {:.1}) rotate(-90)\">performance density (TPP/mm²)</text>",
        HEIGHT - 8.0,
        f64::midpoint(top, bottom)
    );
}

/// A few significant digits.
fn short(value: f64) -> String {
    let digits = if value >= 100.0 { 0 } else { 3 };
    let text = format!("{value:.digits$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// Three places within a linear span.
fn spaced((low, high): (f64, f64)) -> Vec<f64> {
    [0.1, 0.5, 0.9].iter().map(|part| low + part * (high - low)).collect()
}

/// 1, 2 and 5 times powers of ten within the span.
fn ticks((low, high): (f64, f64)) -> Vec<f64> {
    let mut all = Vec::new();
    for decade in low.floor() as i32..=high.ceil() as i32 {
        for step in [1.0, 2.0, 5.0] {
            let value = step * 10f64.powi(decade);
            if (low..=high).contains(&value.log10()) {
                all.push(value);
            }
        }
    }
    all.truncate(24);
    all
}

fn part(svg: &mut String, view: &View, finding: &Finding, tpp: f64, pd: Option<f64>) {
    let end = |name: &str, other: f64| metric(finding, name).filter(|v| *v > 0.0).unwrap_or(other);
    let Some(pd) = pd else {
        // without an area: a line over all densities
        let x = view.px(tpp);
        let [_, top, _, bottom] = view.frame;
        let _ = writeln!(svg, "<path class=\"part\" d=\"M{x:.1} {top}L{x:.1} {bottom}\"/>");
        return;
    };
    let (left, right) = (view.px(end("tpp_low", tpp)), view.px(end("tpp_high", f64::MAX)));
    let (top, bottom) = (view.py(end("pd_high", f64::MAX)), view.py(end("pd_low", pd)));
    let _ = writeln!(
        svg,
        "<rect class=\"box\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
        (right - left).max(1.0),
        (bottom - top).max(1.0)
    );
    let (a, b) =
        (metric(finding, "tpp_error").unwrap_or(0.0), metric(finding, "pd_error").unwrap_or(0.0));
    let rho = metric(finding, "tpp_pd_correlation").unwrap_or(0.0).min(1.0);
    let mut path = String::new();
    for i in 0..POINTS {
        let turn = 2.0 * std::f64::consts::PI * i as f64 / POINTS as f64;
        let (u, v) = (turn.cos(), rho * turn.cos() + (1.0 - rho * rho).sqrt() * turn.sin());
        let (x, y) = ((tpp + 3.0 * a * u).max(tpp / 1e3), (pd + 3.0 * b * v).max(pd / 1e3));
        let _ =
            write!(path, "{}{:.2} {:.2}", if i == 0 { 'M' } else { 'L' }, view.px(x), view.py(y));
    }
    let (x, y) = (view.px(tpp), view.py(pd));
    let class = text(finding, "class").unwrap_or("");
    let words = format!("TPP {tpp}, PD {pd:.2}: {class}");
    let words = if view.logarithmic { words } else { String::new() };
    let (anchor, at) =
        if x > 0.6 * view.frame[2] { ("name", x - 10.0) } else { ("left", x + 10.0) };
    let _ = writeln!(
        svg,
        "<path class=\"ellipse\" d=\"{path}Z\"/>\n\
         <path class=\"part\" d=\"M{:.1} {y:.1}l12 0M{x:.1} {:.1}l0 12\"/>\n\
         <text class=\"{anchor} plabel\" x=\"{at:.1}\" y=\"{:.1}\">{}</text>",
        x - 6.0,
        y - 6.0,
        y + 20.0,
        escape(&words)
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_read_and_hostile_ones_left_out() {
        let r = region("3A090.b.1: tpp>=2400 tpp<4800 pd>=1.6 pd<5.92 = 3A090.b")
            .expect("is well-formed");
        assert_eq!((r.x, r.y, r.class.as_str()), ((2400.0, 4800.0), (1.6, 5.92), "3A090.b"));
        for bad in ["", "a: tpp", "a: tpp>= = b", "a: link>=600 = b", "a: tpp>=x = b", "tpp>=1"] {
            assert!(region(bad).is_none(), "{bad}");
        }
    }
}
