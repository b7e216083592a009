//! Plain tables: CSV with the columns `metric,value,unit` (and `group`), and the same as JSON.
//!
//! For whatever has no reader of its own. Columns may come in any order; others are ignored.

use super::Collected;
use evidence::Fault;
use serde::Deserialize;

const REMEDY: &str = "a table starts with a line that names the columns metric, value and unit";

pub(super) fn csv(text: &str, into: &mut Collected<'_>) -> Result<(), Fault> {
    let mut table = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let names = table.headers().map_err(|e| into.fault(1, &e.to_string(), REMEDY))?.clone();
    let column = |name: &str| names.iter().position(|n| n.eq_ignore_ascii_case(name));
    let (Some(metric), Some(value), Some(unit)) =
        (column("metric"), column("value"), column("unit"))
    else {
        let what = "is of no format that is known: no column metric, value or unit";
        return Err(into.fault(1, what, REMEDY));
    };
    let group = column("group");
    for record in table.records() {
        let record = record.map_err(|e| into.fault(0, &e.to_string(), ""))?;
        let line = record.position().map_or(0, |p| p.line() as usize);
        let cell = |i: usize| record.get(i).unwrap_or("");
        let Ok(number) = cell(value).parse::<f64>() else {
            return Err(into.fault(line, "the value is no number", ""));
        };
        into.push(line, cell(metric), group.map_or("", cell), number, cell(unit))?;
    }
    Ok(())
}

#[derive(Deserialize)]
struct Sample {
    metric: String,
    value: f64,
    unit: String,
    #[serde(default)]
    group: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Document {
    Bare(Vec<Sample>),
    Wrapped { samples: Vec<Sample> },
}

pub(super) fn json(text: &str, into: &mut Collected<'_>) -> Result<(), Fault> {
    let document: Document = serde_json::from_str(text).map_err(|_| {
        let remedy = "write [{\"metric\": \"fp16\", \"value\": 140.1, \"unit\": \"TFLOPS\"}, …]";
        into.fault(0, "is no JSON list of samples", remedy)
    })?;
    let (Document::Bare(samples) | Document::Wrapped { samples }) = document;
    for (index, s) in samples.iter().enumerate() {
        into.push(index + 1, &s.metric, &s.group, s.value, &s.unit)?;
    }
    Ok(())
}
