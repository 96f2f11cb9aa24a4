//! A funnel: how many got how far.

use maud::{Markup, html};

use crate::scale::{percent, permille};

/// A stage: its name, and how many got there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// What is counted.
    pub name: String,
    /// How many.
    pub count: u64,
}

impl Stage {
    /// A stage.
    pub fn new(name: &str, count: u64) -> Self {
        Self { name: name.to_owned(), count }
    }
}

/// Draws stages beneath each other, each as long as its share of the first.
pub fn html(stages: &[Stage]) -> Markup {
    let whole = stages.first().map_or(0, |stage| stage.count);
    html! {
        table.funnel {
            thead { tr { th { "stage" } th { span.unseen { "share, drawn" } } th.number { "count" } th.number { "share" } } }
            tbody {
                @for stage in stages {
                    tr {
                        th scope="row" { (stage.name) }
                        td { svg viewBox="0 0 1000 40" preserveAspectRatio="none" aria-hidden="true" {
                            rect.ground width="1000" height="40" {}
                            rect.bar width=(permille(stage.count, whole).min(1000)) height="40" {}
                        } }
                        td.number { (stage.count) }
                        td.number { (percent(stage.count, whole)) }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stage_has_its_share_of_the_first() {
        let drawn = html(&[Stage::new("recipients", 8), Stage::new("read", 2)]).into_string();
        assert!(drawn.contains("25.0 %"), "{drawn}");
        assert!(drawn.contains("width=\"250\""), "{drawn}");
        assert!(html(&[]).into_string().contains("<tbody></tbody>"));
    }
}
