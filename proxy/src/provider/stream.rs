//! A streamed answer on its way to the client: watched where the formats match, translated where they don't.

use bytes::Bytes;

use crate::dialect::watch::Watch;
use crate::dialect::watch::unasked::without_usage;
use crate::provider::reply::Seen;
use crate::provider::translate::Translation;

/// One streamed answer. Blocks are whole events, as `upstream::sse::Scanner` gives them.
pub enum Stream {
    /// The provider speaks the client's format: bytes pass as they are.
    Same(Box<Watch>),
    /// The same, less the usage that the caller did not ask for.
    Counted(Box<Watch>),
    /// The provider's events become the client's.
    Translated(Box<Translation>),
}

impl Stream {
    /// With the model that was asked, for formats that don't say which one answers.
    #[must_use]
    pub fn of_model(self, model: &str) -> Self {
        match self {
            Self::Same(_) | Self::Counted(_) => self,
            Self::Translated(translation) => Self::Translated(Box::new(translation.of_model(model))),
        }
    }

    /// Takes whole events and gives what the client gets for them, which may be nothing.
    pub fn block(&mut self, block: Bytes) -> Bytes {
        match self {
            Self::Same(watch) => {
                watch.block(&block);
                block
            }
            Self::Counted(watch) => {
                watch.block(&block);
                without_usage(block)
            }
            Self::Translated(translation) => {
                let output = translation.block(&block);
                if translation.seen().failed.is_none() {
                    return output;
                }
                // The words are the gateway's: what a provider says of its inside is for the log.
                [output, translation.cut("the provider failed in the middle of its answer")].concat().into()
            }
        }
    }

    /// The provider's body has ended; gives what the client gets for that, which may be nothing. Some formats have no
    /// other end.
    pub fn body_ended(&mut self) -> Bytes {
        match self {
            Self::Same(watch) | Self::Counted(watch) => {
                watch.body_ended();
                Bytes::new()
            }
            Self::Translated(translation) => translation.body_ended(),
        }
    }

    /// What has been seen so far.
    pub fn seen(&self) -> &Seen {
        match self {
            Self::Same(watch) | Self::Counted(watch) => watch.seen(),
            Self::Translated(translation) => translation.seen(),
        }
    }

    /// What closes the client's stream once the provider's has ended well; nothing where the provider's own end passed.
    pub fn end(&mut self) -> Bytes {
        match self {
            Self::Same(_) | Self::Counted(_) => Bytes::new(),
            Self::Translated(translation) => translation.end(),
        }
    }

    /// The error event that ends the client's stream in place of the end that never came: the official SDKs raise on it.
    pub fn cut(&mut self, message: &str) -> Bytes {
        match self {
            Self::Same(watch) | Self::Counted(watch) => watch.cut(message),
            Self::Translated(translation) => translation.cut(message),
        }
    }
}
