//! Everything that is wrong with a specification, gathered as it is found.

use std::fmt::Display;

use crate::Problem;

/// Problems in the order in which they were found, at most one a path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// No problem yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a problem, unless one is known at that path.
    pub fn add(&mut self, path: impl Into<String>, value: impl Display, allowed: impl Display, fix: impl Into<String>) {
        let value = shorten(value.to_string());
        self.push(Problem { path: path.into(), value, allowed: allowed.to_string(), fix: fix.into() });
    }

    /// Adds a problem, unless one is known at that path.
    pub fn push(&mut self, problem: Problem) {
        if !self.0.iter().any(|known| known.path == problem.path) {
            self.0.push(problem);
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one is known at this path, above it or below it.
    pub fn touch(&self, path: &str) -> bool {
        self.0.iter().any(|known| within(&known.path, path) || within(path, &known.path))
    }

    /// The problems.
    pub fn into_vec(self) -> Vec<Problem> {
        self.0
    }
}

/// Whether `path` is `root` or a part of it.
fn within(path: &str, root: &str) -> bool {
    path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// At most 100 characters: a problem is a line in a terminal and in a condition.
fn shorten(value: String) -> String {
    match value.char_indices().nth(100) {
        Some((end, _)) => format!("{}...", &value[..end]),
        None if value.is_empty() => "\"\"".into(),
        None => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_problem_a_path_is_kept() {
        let mut problems = Problems::new();
        problems.add("spec.a", "x", "y", "say y");
        problems.add("spec.a", "x", "z", "say z");
        problems.add("spec.b", "", "y", "say y");
        let found: Vec<_> = problems.into_vec().into_iter().map(|problem| problem.to_string()).collect();
        assert_eq!(found, ["spec.a: x is not allowed: y; say y", "spec.b: \"\" is not allowed: y; say y"]);
    }

    #[test]
    fn paths_touch_what_is_above_and_below_them() {
        let mut problems = Problems::new();
        problems.add("spec.providers[1].name", "x", "y", "say y");
        for (path, expected) in [
            ("spec.providers[1].name", true),
            ("spec.providers[1]", true),
            ("spec.providers[1].name.x", true),
            ("spec.providers[10].name", false),
            ("spec.providers[1].names", false),
            ("spec.providers[0]", false),
        ] {
            assert_eq!(problems.touch(path), expected, "{path}");
        }
    }

    #[test]
    fn long_values_are_cut_between_characters() {
        let mut problems = Problems::new();
        problems.add("spec.a", "é".repeat(200), "y", "say y");
        assert_eq!(problems.into_vec()[0].value, format!("{}...", "é".repeat(100)));
    }
}
