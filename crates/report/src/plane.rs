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

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 48.0;
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

/// Decades of both axes, and the way to pixels.
struct Axes {
    x: (f64, f64),
    y: (f64, f64),
}

impl Axes {
    fn px(&self, tpp: f64) -> f64 {
        let part = (tpp.log10() - self.x.0) / (self.x.1 - self.x.0);
        LEFT + part.clamp(0.0, 1.0) * (WIDTH - LEFT - RIGHT)
    }
    fn py(&self, pd: f64) -> f64 {
        let part = (pd.log10() - self.y.0) / (self.y.1 - self.y.0);
        HEIGHT - BOTTOM - part.clamp(0.0, 1.0) * (HEIGHT - TOP - BOTTOM)
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
    let axes = axes(tpp, pd, &regions);
    let mut svg = format!(
        "<svg class=\"plane\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         role=\"img\" aria-label=\"total processing performance against performance density\">\n"
    );
    // the first paragraph wins, so it is drawn last
    for region in regions.iter().rev() {
        draw(&mut svg, &axes, region, &regions);
    }
    grid(&mut svg, &axes);
    part(&mut svg, &axes, finding, tpp, pd);
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

fn axes(tpp: f64, pd: Option<f64>, regions: &[Region]) -> Axes {
    let (mut x, mut y) = (vec![tpp], vec![pd.unwrap_or(1.0)]);
    for r in regions {
        x.extend([r.x.0, r.x.1].iter().filter(|v| v.is_finite() && **v > 0.0));
        y.extend([r.y.0, r.y.1].iter().filter(|v| v.is_finite() && **v > 0.0));
    }
    let span = |values: &[f64]| {
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(0.0, f64::max);
        ((low / 2.0).log10(), (high * 2.5).log10())
    };
    Axes { x: span(&x), y: span(&y) }
}

fn draw(svg: &mut String, axes: &Axes, region: &Region, all: &[Region]) {
    let mut classes: Vec<&str> = all.iter().map(|r| r.class.as_str()).collect();
    classes.dedup();
    let shade = classes.iter().position(|c| *c == region.class).unwrap_or(0).min(3);
    let (left, right) = (axes.px(region.x.0.max(1e-9)), axes.px(region.x.1.min(1e12)));
    let (top, bottom) = (axes.py(region.y.1.min(1e12)), axes.py(region.y.0.max(1e-9)));
    let _ = writeln!(
        svg,
        "<rect class=\"region shade{shade}\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
        (right - left).max(0.0),
        (bottom - top).max(0.0)
    );
    let (x, y) =
        if region.y.0 == 0.0 { (left + 6.0, bottom - 8.0) } else { (left + 6.0, top + 16.0) };
    let _ = writeln!(
        svg,
        "<text class=\"rlabel\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>",
        escape(&region.id)
    );
}

fn grid(svg: &mut String, axes: &Axes) {
    let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
    let _ = writeln!(
        svg,
        "<path class=\"axis\" d=\"M{LEFT} {TOP}L{LEFT} {bottom}L{right} {bottom}\"/>"
    );
    for tick in ticks(axes.x) {
        let x = axes.px(tick);
        let _ = writeln!(
            svg,
            "<path class=\"axis\" d=\"M{x:.1} {bottom}l0 5\"/><text class=\"tick\" x=\"{x:.1}\" y=\"{}\">{tick}</text>",
            bottom + 18.0
        );
    }
    for tick in ticks(axes.y) {
        let y = axes.py(tick);
        let _ = writeln!(
            svg,
            "<path class=\"axis\" d=\"M{LEFT} {y:.1}l-5 0\"/><text class=\"name\" x=\"{}\" y=\"{:.1}\">{tick}</text>",
            LEFT - 9.0,
            y + 4.0
        );
    }
    let _ = writeln!(
        svg,
        "<text class=\"tick\" x=\"{:.1}\" y=\"{:.1}\">total processing performance (TPP)</text>\n\
         <text class=\"tick\" transform=\"translate(14 {:.1}) rotate(-90)\">performance density (TPP/mm²)</text>",
        f64::midpoint(LEFT, right),
        HEIGHT - 8.0,
        f64::midpoint(TOP, bottom)
    );
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

fn part(svg: &mut String, axes: &Axes, finding: &Finding, tpp: f64, pd: Option<f64>) {
    let end = |name: &str, other: f64| metric(finding, name).filter(|v| *v > 0.0).unwrap_or(other);
    let Some(pd) = pd else {
        // without an area: a line over all densities
        let x = axes.px(tpp);
        let _ =
            writeln!(svg, "<path class=\"part\" d=\"M{x:.1} {TOP}L{x:.1} {}\"/>", HEIGHT - BOTTOM);
        return;
    };
    let (left, right) = (axes.px(end("tpp_low", tpp)), axes.px(end("tpp_high", f64::MAX)));
    let (top, bottom) = (axes.py(end("pd_high", f64::MAX)), axes.py(end("pd_low", pd)));
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
            write!(path, "{}{:.2} {:.2}", if i == 0 { 'M' } else { 'L' }, axes.px(x), axes.py(y));
    }
    let (x, y) = (axes.px(tpp), axes.py(pd));
    let class = text(finding, "class").unwrap_or("");
    let words = format!("TPP {tpp}, PD {pd:.2}: {class}");
    let (anchor, at) = if x > 0.6 * WIDTH { ("name", x - 10.0) } else { ("left", x + 10.0) };
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
