//! Tells when files have changed and stand still, so that no half-written one is served.

use std::time::Duration;

use crate::source::{Files, Source};

/// Between two looks; a change is told at the second look that finds it.
pub(crate) const EVERY: Duration = Duration::from_millis(200);

/// What a look at the files finds: their content, or why they can't be read.
pub(crate) type Look = Result<Vec<Source>, String>;

/// The files, and what was last known of them.
#[derive(Debug)]
pub(crate) struct Watch {
    files: Files,
    told: Look,
    last: Look,
}

impl Watch {
    /// Watches files whose content is known.
    pub(crate) fn new(files: Files, known: Vec<Source>) -> Self {
        Self { files, told: Ok(known.clone()), last: Ok(known) }
    }

    /// Looks at the files: their new content, once it is the same for two looks. They are small; reading them finds
    /// every change, and times that are too coarse hide none.
    pub(crate) fn look(&mut self) -> Option<Look> {
        let now = self.files.read().map_err(|error| format!("{error:#}"));
        self.settle(now)
    }

    fn settle(&mut self, now: Look) -> Option<Look> {
        let is_still = self.last == now;
        self.last = now;
        if !is_still || self.last == self.told {
            return None;
        }
        self.told = self.last.clone();
        Some(self.last.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(text: &str) -> Vec<Source> {
        vec![Source { name: "a.yaml".into(), text: text.into() }]
    }

    fn watch(text: &str) -> Watch {
        Watch::new(Files { paths: Vec::new() }, files(text))
    }

    #[test]
    fn a_change_is_told_once_when_it_stands_still() {
        let mut watch = watch("1");
        let told: Vec<_> = ["1", "", "2", "2", "2", "1", "1"].map(|text| watch.settle(Ok(files(text)))).into();
        assert_eq!(told, [None, None, None, Some(Ok(files("2"))), None, None, Some(Ok(files("1")))]);
    }

    #[test]
    fn a_change_that_is_taken_back_is_not_told() {
        let mut watch = watch("1");
        assert_eq!(["2", "1", "1"].map(|text| watch.settle(Ok(files(text)))), [None, None, None]);
    }

    #[test]
    fn files_that_can_not_be_read_are_told_too() {
        let mut watch = watch("1");
        let gone = || Err("can't read a.yaml".to_owned());
        assert_eq!([gone(), gone(), gone()].map(|look| watch.settle(look)), [None, Some(gone()), None]);
        assert_eq!(["1", "1"].map(|text| watch.settle(Ok(files(text)))), [None, Some(Ok(files("1")))]);
    }
}
