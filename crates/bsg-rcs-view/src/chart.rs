//! A chart of counts over time: a line a series, with its numbers beneath for those who do not see it.

use std::fmt::Write as _;

use maud::{Markup, html};

/// Width and height of the drawing, in its own units.
const WIDTH: u64 = 1000;
const HEIGHT: u64 = 300;
/// The most series that have a colour of their own.
const COLOURS: usize = 8;

/// Counts over time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chart {
    /// What it shows, in a sentence.
    pub says: String,
    /// The moments, as people read them.
    pub moments: Vec<String>,
    /// What is counted, each with one count a moment.
    pub series: Vec<Series>,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// What is counted.
    pub name: String,
    /// How many at each moment.
    pub counts: Vec<u64>,
}

impl Chart {
    /// Draws it; nothing is drawn of less than two moments.
    pub fn html(&self) -> Markup {
        let most = self.series.iter().flat_map(|series| &series.counts).copied().max().unwrap_or(0);
        let drawn = self.moments.len() > 1 && most > 0;
        html! {
            @if drawn {
                figure.chart {
                    svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } preserveAspectRatio="none" role="img" aria-label=(self.says) {
                        @for line in 1..4 {
                            line.grid x1="0" x2=(WIDTH) y1=(HEIGHT * line / 4) y2=(HEIGHT * line / 4) {}
                        }
                        @for (place, series) in self.series.iter().enumerate() {
                            polyline class={ "line colour" (place % COLOURS) } points=(points(&series.counts, most)) {}
                        }
                    }
                    p.ends {
                        span { (self.moments.first().map_or("", String::as_str)) }
                        span { "up to " (most) }
                        span { (self.moments.last().map_or("", String::as_str)) }
                    }
                    ul.legend {
                        @for (place, series) in self.series.iter().enumerate() {
                            li { svg viewBox="0 0 10 10" aria-hidden="true" { rect class={ "fill colour" (place % COLOURS) } width="10" height="10" {} } " " (series.name) }
                        }
                    }
                    (self.numbers())
                }
            } @else {
                p.quiet { "Nothing has happened yet that could be drawn." }
            }
        }
    }

    fn numbers(&self) -> Markup {
        html! {
            details id="numbers" {
                summary { "The numbers" }
                div.wide tabindex="0" role="region" aria-label="The numbers of the chart" {
                    table {
                        caption { (self.says) }
                        thead { tr { th { "until" } @for series in &self.series { th.number { (series.name) } } } }
                        tbody {
                            @for (at, moment) in self.moments.iter().enumerate() {
                                tr { th scope="row" { (moment) } @for series in &self.series {
                                    td.number { (series.counts.get(at).copied().unwrap_or(0)) }
                                } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn points(counts: &[u64], most: u64) -> String {
    let last = u64::try_from(counts.len().saturating_sub(1)).unwrap_or(1).max(1);
    let mut points = String::new();
    for (at, count) in (0_u64..).zip(counts) {
        let height = u128::from(HEIGHT - 8) * u128::from(*count) / u128::from(most.max(1));
        let y = u128::from(HEIGHT - 4).saturating_sub(height);
        let _ = write!(points, "{},{y} ", WIDTH * at / last);
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(moments: usize, counts: &[u64]) -> String {
        let moments = (0..moments).map(|at| at.to_string()).collect();
        let series = vec![Series { name: "sent".into(), counts: counts.to_vec() }];
        Chart { says: "how it went".into(), moments, series }.html().into_string()
    }

    #[test]
    fn the_most_is_at_the_top_and_nothing_at_the_bottom() {
        assert!(chart(3, &[0, 5, 10]).contains("points=\"0,296 500,150 1000,4 \""));
        assert!(chart(2, &[0, u64::MAX]).contains("0,296 1000,4"));
    }

    #[test]
    fn what_cannot_be_drawn_is_said() {
        for drawn in [chart(1, &[5]), chart(3, &[0, 0, 0]), chart(0, &[])] {
            assert!(drawn.contains("Nothing has happened"), "{drawn}");
        }
    }
}
