//! Panels over one time axis, as an SVG for light and dark.

use std::fmt::Write as _;

/// A stretch of time, in seconds of the axis.
pub(super) type Stretch = (f64, f64);

/// One line of a panel.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// What it is; stands in the panel's head.
    pub(super) name: String,
    /// One of the classes of [`STYLE`].
    pub(super) class: &'static str,
    /// Seconds of the axis, and values.
    pub(super) points: Vec<(f64, f64)>,
}

/// Lines over one scale.
#[derive(Debug, Clone)]
pub(super) struct Panel {
    /// What it shows, with the unit.
    pub(super) title: String,
    /// Its lines.
    pub(super) lines: Vec<Line>,
}

/// One row of bands: light while pending, strong while firing.
#[derive(Debug, Clone)]
pub(super) struct Band {
    /// The alert.
    pub(super) name: String,
    /// When it was pending.
    pub(super) pending: Vec<Stretch>,
    /// When it fired.
    pub(super) firing: Vec<Stretch>,
}

/// All of it.
#[derive(Debug, Clone)]
pub(super) struct Figure {
    /// What it shows.
    pub(super) title: String,
    /// Where the numbers are from.
    pub(super) source: String,
    /// How long the axis is, in seconds.
    pub(super) seconds: f64,
    /// What was done, and when; a shade over all panels.
    pub(super) injected: Vec<(String, Stretch)>,
    /// From top to bottom.
    pub(super) panels: Vec<Panel>,
    /// Below them.
    pub(super) bands: Vec<Band>,
}

const WIDTH: f64 = 960.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 24.0;
const PANEL: f64 = 96.0;
const GAP: f64 = 34.0;
const BAND: f64 = 20.0;
const HEAD: f64 = 76.0;
/// How wide a letter of a name is, about.
const LETTER: f64 = 8.5;

/// Colours that differ for who sees few of them, in both themes.
const STYLE: &str = "text{font:13px system-ui,sans-serif;fill:var(--text)}.title{font-size:17px;font-weight:600}\
.dim{fill:var(--dim)}.head{font-weight:600}.on{fill:var(--page)}.end{text-anchor:end}.mid{text-anchor:middle}.page{fill:var(--page)}\
.grid{stroke:var(--grid);fill:none}.shade{fill:var(--dim);opacity:.16}path{fill:none;stroke-width:1.8;stroke-linejoin:round}\
.good{stroke:var(--good)}.warn{stroke:var(--warn);stroke-dasharray:7 3}.bad{stroke:var(--bad);stroke-dasharray:2 2}\
tspan.good,tspan.warn,tspan.bad{stroke:none}tspan.good{fill:var(--good)}tspan.warn{fill:var(--warn)}tspan.bad{fill:var(--bad)}\
.pending{fill:var(--warn);opacity:.35}.firing{fill:var(--bad)}\
svg{--page:#fff;--text:#1d232c;--dim:#5a6472;--grid:#dfe3e8;--good:#0a62b8;--warn:#9a5b00;--bad:#b3261e}\
@media(prefers-color-scheme:dark){svg{--page:#12161c;--text:#e8ebef;--dim:#a5afbb;--grid:#2c343e;--good:#6fb3ff;--warn:#f0ad4e;--bad:#ff8a80}}";

impl Figure {
    /// Draws it.
    pub(super) fn svg(&self) -> String {
        let below = HEAD + self.panels.len() as f64 * (PANEL + GAP);
        let bottom = below + (self.bands.len() + 1) as f64 * BAND;
        let height = bottom + 52.0;
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"t d\">\n\
             <title id=\"t\">{}</title>\n<desc id=\"d\">{}</desc>\n<style>{STYLE}</style>\n\
             <rect class=\"page\" width=\"{WIDTH}\" height=\"{height}\"/>\n\
             <text class=\"title\" x=\"{LEFT}\" y=\"28\">{}</text>\n<text class=\"dim\" x=\"{LEFT}\" y=\"{}\">{}</text>\n",
            escaped(&self.title),
            escaped(&self.source),
            escaped(&self.title),
            height - 12.0,
            escaped(&self.source)
        );
        for (name, (from, to)) in &self.injected {
            let (x, width) = (self.x(*from), self.x(*to) - self.x(*from));
            let _ = writeln!(
                out,
                "<rect class=\"shade\" x=\"{x:.1}\" y=\"40\" width=\"{width:.1}\" height=\"{:.1}\"/>\n\
                 <text class=\"dim\" x=\"{:.1}\" y=\"54\">{}</text>",
                bottom - 40.0,
                x + 4.0,
                escaped(name)
            );
        }
        for (place, panel) in self.panels.iter().enumerate() {
            self.panel(panel, HEAD + place as f64 * (PANEL + GAP), &mut out);
        }
        let _ = writeln!(
            out,
            "<text class=\"head\" x=\"{LEFT}\" y=\"{below}\">Alerts<tspan class=\"warn\" dx=\"14\">pending</tspan>\
             <tspan class=\"bad\" dx=\"14\">firing</tspan></text>"
        );
        for (place, band) in self.bands.iter().enumerate() {
            self.band(band, below + (place + 1) as f64 * BAND, &mut out);
        }
        self.axis(bottom + 16.0, &mut out);
        out + "</svg>\n"
    }

    /// Where a second of the axis is.
    fn x(&self, second: f64) -> f64 {
        LEFT + second.clamp(0.0, self.seconds) / self.seconds * (WIDTH - LEFT - RIGHT)
    }

    fn panel(&self, panel: &Panel, top: f64, out: &mut String) {
        let values = panel.lines.iter().flat_map(|line| line.points.iter().map(|(_, value)| *value));
        let most = round_up(values.fold(0.0, f64::max));
        let _ = write!(out, "<text class=\"head\" x=\"{LEFT}\" y=\"{top}\">{}", escaped(&panel.title));
        for Line { name, class, .. } in &panel.lines {
            let _ = write!(out, "<tspan class=\"{class}\" dx=\"14\">{}</tspan>", escaped(name));
        }
        out.push_str("</text>\n");
        let (top, bottom) = (top + 8.0, top + 8.0 + PANEL);
        for (value, y) in [(0.0, bottom), (most / 2.0, f64::midpoint(top, bottom)), (most, top)] {
            let _ = writeln!(
                out,
                "<path class=\"grid\" d=\"M{LEFT} {y:.1}H{:.1}\"/><text class=\"dim end\" x=\"{}\" y=\"{:.1}\">{}</text>",
                WIDTH - RIGHT,
                LEFT - 8.0,
                y + 4.0,
                short(value)
            );
        }
        for Line { class, points, .. } in &panel.lines {
            let mut path = String::new();
            let mut before = f64::NEG_INFINITY;
            for (second, value) in points {
                // Where there was no number there is no line.
                let step = if second - before > 2.5 { 'M' } else { 'L' };
                let y = bottom - value / most * PANEL;
                let _ = write!(path, "{step}{:.1} {y:.1}", self.x(*second));
                before = *second;
            }
            let _ = writeln!(out, "<path class=\"{class}\" d=\"{path}\"/>");
        }
    }

    fn band(&self, band: &Band, top: f64, out: &mut String) {
        let first =
            band.pending.iter().chain(&band.firing).map(|(from, _)| *from).fold(self.seconds, f64::min);
        for (class, stretches) in [("pending", &band.pending), ("firing", &band.firing)] {
            for (from, to) in stretches {
                let (x, width) = (self.x(*from), (self.x(*to) - self.x(*from)).max(2.0));
                let _ = writeln!(
                    out,
                    "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"12\"/>",
                    top - 10.0
                );
            }
        }
        // Left of the band where there is room, else right of it, else on it.
        let last = band.pending.iter().chain(&band.firing).map(|(_, to)| *to).fold(0.0, f64::max);
        let (from, to) = (self.x(first), self.x(last));
        let width = LETTER * band.name.len() as f64;
        let (class, x) = if from - LEFT > width {
            ("head end", from - 6.0)
        } else if WIDTH - RIGHT - to > width {
            ("head", to + 6.0)
        } else {
            ("head on end", to - 6.0)
        };
        let _ = writeln!(
            out,
            "<text class=\"{class}\" x=\"{x:.1}\" y=\"{top:.1}\">{}</text>",
            escaped(&band.name)
        );
    }

    fn axis(&self, y: f64, out: &mut String) {
        let step =
            [5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0].into_iter().find(|step| self.seconds / step <= 12.0);
        let step = step.unwrap_or(600.0);
        let mut second = 0.0;
        while second <= self.seconds {
            let x = self.x(second);
            let _ = writeln!(out, "<text class=\"dim mid\" x=\"{x:.1}\" y=\"{y:.1}\">{second} s</text>");
            second += step;
        }
    }
}

/// The next of 1, 1.5, 2, 3, 4, 6, 8, 10, 15 …
fn round_up(value: f64) -> f64 {
    if value <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(value.log10().floor());
    [1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0]
        .into_iter()
        .map(|step| step * power)
        .find(|step| *step >= value)
        .unwrap_or(value)
}

fn short(value: f64) -> String {
    let text = if value >= 10.0 { format!("{value:.0}") } else { format!("{value:.2}") };
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_end_at_round_numbers() {
        for (value, end) in [(0.0, 1.0), (0.05, 0.06), (1.0, 1.0), (7.0, 8.0), (120.0, 150.0)] {
            assert!((round_up(value) - end).abs() < 1e-9, "{value}: {}", round_up(value));
        }
        assert_eq!([0.0, 0.05, 0.5, 2.5, 100.0].map(short), ["0", "0.05", "0.5", "2.5", "100"]);
    }

    #[test]
    fn a_line_is_broken_where_there_are_no_numbers_and_words_are_escaped() {
        let points = vec![(0.0, 1.0), (1.0, 2.0), (9.0, 2.0), (10.0, 1.0)];
        let line = Line { name: "a < b".to_owned(), class: "good", points };
        let figure = Figure {
            title: "\"x\" & y".to_owned(),
            source: String::new(),
            seconds: 10.0,
            injected: vec![("pause".to_owned(), (2.0, 8.0))],
            panels: vec![Panel { title: "numbers".to_owned(), lines: vec![line] }],
            bands: vec![Band { name: "Late".to_owned(), pending: vec![], firing: vec![(8.0, 9.0)] }],
        };
        let svg = figure.svg();
        assert_eq!(svg.matches("d=\"M56.0 ").count(), 1);
        assert_eq!(svg.matches('M').count() - svg.matches("d=\"M56 ").count(), 2, "two strokes: {svg}");
        assert!(svg.contains("a &lt; b") && svg.contains("&quot;x&quot; &amp; y"), "{svg}");
        assert!(svg.contains("<rect class=\"firing\" x=\"760.0\""), "{svg}");
    }
}
