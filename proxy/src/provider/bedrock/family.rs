//! Whose model it is: what Converse leaves to each family, and what only some take.

/// The families that differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// Anthropic's.
    Claude,
    /// Amazon's Nova.
    Nova,
    /// Others, and profiles whose name does not say.
    Other,
}

impl Family {
    /// The family of a model's id, of a profile across regions, or of an ARN that names one.
    pub(super) fn of(model: &str) -> Self {
        if model.contains("anthropic.") {
            Self::Claude
        } else if model.contains("amazon.nova") {
            Self::Nova
        } else {
            Self::Other
        }
    }

    /// Whether its prompt cache takes marks; a model without answers a mark with an error. Source:
    /// <https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html>, November 2026.
    pub(super) fn takes_marks(self) -> bool {
        match self {
            Self::Claude | Self::Nova => true,
            Self::Other => false,
        }
    }

    /// Whether a mark may stand between tools, and say how long.
    pub(super) fn takes_all_marks(self) -> bool {
        match self {
            Self::Claude => true,
            Self::Nova | Self::Other => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_is_in_the_models_name() {
        let check = |model: &str, family| assert_eq!(Family::of(model), family, "{model}");
        check("anthropic.claude-haiku-4-5-20251001-v1:0", Family::Claude);
        check("eu.anthropic.claude-sonnet-4-5-20250929-v1:0", Family::Claude);
        check("arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-opus-4-1-v1:0", Family::Claude);
        check("us.amazon.nova-pro-v1:0", Family::Nova);
        check("amazon.titan-text-express-v1", Family::Other);
        check("arn:aws:bedrock:us-east-1:1:application-inference-profile/abc", Family::Other);
    }
}
