//! Prometheus' text format, as far as a test asks it for values.

use std::collections::BTreeMap;

/// All samples of one scrape.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metrics(Vec<Sample>);

#[derive(Clone, Debug, PartialEq)]
struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

impl Metrics {
    /// Reads a scrape; a panic at a line that is none of the format's.
    pub fn parse(text: &str) -> Self {
        let samples = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        Self(samples.map(|line| sample(line).unwrap_or_else(|| panic!("not a sample: {line}"))).collect())
    }

    /// The sum over all samples of this name that have these labels; a panic where it is no whole number.
    pub fn count(&self, name: &str, labels: &[(&str, &str)]) -> u64 {
        let wanted = |sample: &&Sample| {
            sample.name == name
                && labels.iter().all(|(label, value)| sample.labels.get(*label).is_some_and(|is| is == value))
        };
        // Not `sum()`, which is -0 where there is nothing.
        let sum = self.0.iter().filter(wanted).fold(0.0, |sum, sample| sum + sample.value);
        sum.to_string().parse().unwrap_or_else(|_| panic!("{name}{labels:?} counts nothing: it is {sum}"))
    }

    /// Whether there is a sample of this name.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|sample| sample.name == name)
    }

    /// How many series there are.
    pub fn series(&self) -> usize {
        self.0.len()
    }
}

fn sample(line: &str) -> Option<Sample> {
    let (series, value) = line.rsplit_once(' ')?;
    let (name, labels) = match series.split_once('{') {
        None => (series, BTreeMap::new()),
        Some((name, labels)) => (name, pairs(labels.strip_suffix('}')?)?),
    };
    Some(Sample { name: name.to_owned(), labels, value: value.parse().ok()? })
}

/// `a="x",b="y"`; a value that holds a quote or a comma of its own is none that this project writes.
fn pairs(text: &str) -> Option<BTreeMap<String, String>> {
    let pair = |pair: &str| {
        let (label, value) = pair.split_once("=\"")?;
        Some((label.to_owned(), value.strip_suffix('"')?.to_owned()))
    };
    text.split_terminator(',').map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_summed_over_the_labels_that_are_not_asked_for() {
        let metrics = Metrics::parse("# HELP a b\na_total{x=\"1\",y=\"2\"} 3\na_total{x=\"1\",y=\"3\"} 4\nb 5\n");
        assert_eq!(metrics.count("a_total", &[("x", "1")]), 7);
        assert_eq!(metrics.count("a_total", &[("y", "3")]), 4);
        assert_eq!(metrics.count("b", &[]), 5);
        assert_eq!(metrics.count("c", &[]), 0);
    }
}
