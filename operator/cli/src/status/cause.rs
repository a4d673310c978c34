//! What is found wrong beside the conditions' reasons, one word each, the same in reports and in the troubleshooting page.

/// A cause that no condition has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// The gateway is being deleted.
    Deleting,
    /// Nobody has judged the present specification.
    NotJudged,
    /// Nobody keeps the status.
    OperatorAway,
    /// A pod does not run.
    PodTrouble,
    /// A pod ends again and again.
    PodRestarts,
    /// A proxy says something else than the status says of it.
    PodDisagrees,
    /// This user may not see everything.
    NotPermitted,
}

impl Cause {
    /// Every cause.
    #[cfg(test)]
    pub(super) const ALL: [Self; 7] = [
        Self::Deleting,
        Self::NotJudged,
        Self::OperatorAway,
        Self::PodTrouble,
        Self::PodRestarts,
        Self::PodDisagrees,
        Self::NotPermitted,
    ];

    /// Its word.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Deleting => "Deleting",
            Self::NotJudged => "NotJudged",
            Self::OperatorAway => "OperatorAway",
            Self::PodTrouble => "PodTrouble",
            Self::PodRestarts => "PodRestarts",
            Self::PodDisagrees => "PodDisagrees",
            Self::NotPermitted => "NotPermitted",
        }
    }
}
