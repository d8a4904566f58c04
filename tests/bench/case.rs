//! One case: figures of three runs, the median of which is printed.

use serde_json::{Value, json};

/// Runs of each case: enough for a median.
pub(crate) const RUNS: usize = 3;

/// What a figure is held against.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Budget {
    /// No more than this.
    AtMost(f64),
    /// No less than this.
    AtLeast(f64),
    /// It is only told.
    None,
}

/// Prints a case with the median of its figures, and returns that.
///
/// # Panics
///
/// When there are no figures.
pub(crate) fn print(case: &str, unit: &str, budget: Budget, figures: &[f64]) -> f64 {
    let figure = median(figures);
    println!("{}", line(case, unit, budget, figure));
    figure
}

/// The median of figures, of which there is one at least.
pub(crate) fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

fn line(case: &str, unit: &str, budget: Budget, figure: f64) -> Value {
    let shown = rounded(figure);
    match budget {
        Budget::None => json!({ "case": case, "figure": shown, "unit": unit }),
        Budget::AtMost(budget) => {
            json!({ "case": case, "figure": shown, "unit": unit, "budget": budget, "holds": figure <= budget })
        }
        Budget::AtLeast(budget) => {
            json!({ "case": case, "figure": shown, "unit": unit, "budget": budget, "holds": figure >= budget })
        }
    }
}

/// Three decimals, and none where the figure is whole.
fn rounded(figure: f64) -> Value {
    let thousandths = (figure * 1000.0).round();
    if thousandths % 1000.0 == 0.0 { json!((thousandths / 1000.0) as i64) } else { json!(thousandths / 1000.0) }
}
