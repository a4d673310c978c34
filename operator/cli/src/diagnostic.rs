//! One thing that is wrong with a file, as a compiler prints it: where, the line with a caret under it, and the fix.

use std::fmt;

use aigateway_config::Problem;
use aigateway_crds::document::Location;

use crate::source::Source;

/// What stands in [`Problem::value`] for what is not there.
const ABSENT: &str = "(absent)";

/// One thing that is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Diagnostic {
    message: String,
    file: String,
    location: Location,
    /// The line itself; `None` where it may hold a key.
    line: Option<String>,
    /// What may stand there.
    label: String,
    help: Option<String>,
}

impl Diagnostic {
    /// An error at a place of a file.
    pub(crate) fn new(source: &Source, location: Location, message: impl Into<String>) -> Self {
        let line = source.text.lines().nth(location.line.saturating_sub(1)).map(Into::into);
        let (message, file) = (message.into(), source.name.clone());
        Self { message, file, location, line, label: String::new(), help: None }
    }

    /// A problem, at its place.
    pub(crate) fn of_problem(source: &Source, location: Location, problem: &Problem) -> Self {
        let Problem { path, value, allowed, fix } = problem;
        let path = if path.is_empty() { "the object" } else { path };
        let message =
            if value == ABSENT { format!("{path} is absent") } else { format!("{path}: {value} is not allowed") };
        let mut diagnostic = Self::new(source, location, message);
        allowed.clone_into(&mut diagnostic.label);
        diagnostic.help = Some(fix.clone());
        if path.starts_with("data") || path.starts_with("stringData") { diagnostic.without_line() } else { diagnostic }
    }

    /// The same, and its line is not shown: it may hold a key.
    pub(crate) fn without_line(mut self) -> Self {
        self.line = None;
        self
    }

    /// The same, with the fix.
    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The line, and carets under what is meant.
    fn write_line(&self, line: &str, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.location.line.to_string();
        let margin = " ".repeat(number.len());
        let before = line.chars().take(self.location.column.saturating_sub(1));
        // A tab is as wide above as below.
        let indent: String = before.map(|character| if character == '\t' { '\t' } else { ' ' }).collect();
        let rest = line.chars().count().saturating_sub(indent.chars().count());
        let carets = "^".repeat(self.location.length.min(rest).max(1));
        writeln!(out, "{margin} |")?;
        writeln!(out, "{number} | {line}")?;
        writeln!(out, "{}", format!("{margin} | {indent}{carets} {}", self.label).trim_end())?;
        writeln!(out, "{margin} |")
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let margin = " ".repeat(self.location.line.to_string().len());
        writeln!(out, "error: {}", self.message)?;
        writeln!(out, "{margin}--> {}:{}:{}", self.file, self.location.line, self.location.column)?;
        match &self.line {
            Some(line) => self.write_line(line, out)?,
            None if self.label.is_empty() => {}
            None => writeln!(out, "{margin} = allowed: {}", self.label)?,
        }
        match &self.help {
            Some(help) => writeln!(out, "{margin} = help: {help}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(path: &str, value: &str) -> Problem {
        Problem { path: path.into(), value: value.into(), allowed: "this or that".into(), fix: "write this".into() }
    }

    fn check(text: &str, (line, column, length): (usize, usize, usize), problem: &Problem, expected: &str) {
        let source = Source { name: "a.yaml".into(), text: text.into() };
        let location = Location { line, column, length };
        assert_eq!(Diagnostic::of_problem(&source, location, problem).to_string(), expected);
    }

    #[test]
    fn the_caret_is_under_what_is_meant() {
        let expected = "\
error: spec.x: bad is not allowed
 --> a.yaml:2:6
  |
2 |   x: bad # why
  |      ^^^ this or that
  |
  = help: write this
";
        check("spec:\n  x: bad # why\n", (2, 6, 3), &problem("spec.x", "bad"), expected);
    }

    #[test]
    fn a_caret_does_not_leave_the_line_and_counts_characters() {
        let expected = "\
error: spec.é is absent
  --> a.yaml:12:2
   |
12 | \té: ü
   | \t^^^^ this or that
   |
   = help: write this
";
        let text = format!("{}\té: ü\n", "\n".repeat(11));
        check(&text, (12, 2, 40), &problem("spec.é", ABSENT), expected);
    }

    #[test]
    fn a_line_that_may_hold_a_key_is_not_shown() {
        let expected = "\
error: stringData.openai: (not shown) is not allowed
 --> a.yaml:2:11
  = allowed: this or that
  = help: write this
";
        check("stringData:\n  openai: 1234\n", (2, 11, 4), &problem("stringData.openai", "(not shown)"), expected);
    }

    #[test]
    fn a_place_past_the_end_has_no_line() {
        let source = Source { name: "a.yaml".into(), text: "x".into() };
        let diagnostic = Diagnostic::new(&source, Location { line: 9, column: 1, length: 1 }, "it ends too early");
        assert_eq!(diagnostic.to_string(), "error: it ends too early\n --> a.yaml:9:1\n");
    }
}
