//! What is measured: for each case, who is asked for what, how, and how long.

use std::time::Duration;

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::ask::{Ask, TEXT};
use crate::gateway::{USER_HEADER, Variant};
use crate::load::{Aim, Expected, Load, Window};
use crate::rig::{Rig, Server};

/// One question to the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Case {
    /// JSON answers at 64 connections.
    Plain,
    /// Streams of 50 chunks in a burst at 64 connections.
    Burst,
    /// JSON answers at one connection.
    Single,
    /// JSON answers, 500 requests a second by the clock.
    Steady,
    /// Streams in a burst at one connection.
    FirstToken,
    /// Streams of a chunk every 10 ms at 64 connections.
    Paced,
    /// One stored answer of 1 KB at 64 connections.
    Hit,
    /// One stored answer of 8 KB at 64 connections.
    LongHit,
    /// JSON answers with one thing left out or added.
    Stages,
    /// Streams with one thing left out or added.
    StreamStages,
}

/// Who answers, and by which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Way {
    /// The upstream itself.
    Direct,
    /// nginx as a reverse proxy.
    Nginx,
    /// nginx's own cache, which has the answer.
    NginxHit,
    /// A gateway's native door.
    Native(Variant),
    /// The same, asked for an answer that it has stored.
    NativeHit,
    /// The door of `provider/model`, to `OpenAI`: nothing is translated.
    Compat,
    /// The same to Anthropic: call and answer are translated.
    Translated,
}

impl Case {
    /// The cases that the goals are about, with one gateway.
    pub(crate) const GOALS: [Self; 8] =
        [Self::Plain, Self::Burst, Self::Single, Self::Steady, Self::FirstToken, Self::Paced, Self::Hit, Self::LongHit];

    /// The cases that show what each stage costs.
    pub(crate) const STAGES: [Self; 2] = [Self::Stages, Self::StreamStages];

    /// One line that says what it is.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Plain => "JSON answers of 1,153 B, 64 connections",
            Self::Burst => "streams of 50 chunks in a burst, 64 connections",
            Self::Single => "JSON answers of 1,153 B, 1 connection",
            Self::Steady => "JSON answers of 1,153 B, 500 requests a second",
            Self::FirstToken => "streams of 50 chunks in a burst, 1 connection",
            Self::Paced => "streams of 50 chunks 10 ms apart, 64 connections",
            Self::Hit => "a stored answer of 1,153 B, 64 connections",
            Self::LongHit => "a stored answer of 8,192 B, 64 connections",
            Self::Stages => "what each stage costs: JSON answers of 1,153 B, 64 connections",
            Self::StreamStages => "what each stage costs: streams of 50 chunks in a burst, 64 connections",
        }
    }

    /// What is asked for.
    pub(crate) const fn ask(self) -> Ask {
        match self {
            Self::Plain | Self::Single | Self::Steady | Self::Hit | Self::Stages => Ask::Json,
            Self::LongHit => Ask::LongJson,
            Self::Burst | Self::FirstToken | Self::StreamStages => Ask::Burst,
            Self::Paced => Ask::Paced,
        }
    }

    /// How requests follow one another.
    pub(crate) const fn load(self) -> Load {
        match self {
            Self::Plain | Self::Burst | Self::Paced | Self::Hit | Self::LongHit | Self::Stages | Self::StreamStages => {
                Load::Closed { connections: 64 }
            }
            Self::Single | Self::FirstToken => Load::Closed { connections: 1 },
            Self::Steady => Load::Open { per_second: 500, connections: 20 },
        }
    }

    /// How long one round of one way takes.
    pub(crate) const fn window(self) -> Window {
        let (warm_up, measured) = match self {
            Self::Plain | Self::Burst => (150, 1_500),
            Self::Single | Self::FirstToken | Self::Hit | Self::LongHit | Self::Stages | Self::StreamStages => {
                (100, 800)
            }
            Self::Steady => (100, 2_000),
            Self::Paced => (600, 1_500),
        };
        Window { warm_up: Duration::from_millis(warm_up), measured: Duration::from_millis(measured) }
    }

    /// Who is asked, in the order of a round.
    pub(crate) fn ways(self) -> Vec<Way> {
        let whole = Way::Native(Variant::Whole);
        match self {
            Self::Plain | Self::Burst | Self::Single | Self::Steady | Self::FirstToken | Self::Paced => {
                vec![Way::Direct, Way::Nginx, whole]
            }
            Self::Hit | Self::LongHit => vec![Way::Nginx, Way::NginxHit, Way::NativeHit],
            Self::Stages => {
                let variants = Variant::ALL.map(Way::Native);
                [&[Way::Nginx], &variants[..], &[Way::Compat, Way::Translated]].concat()
            }
            Self::StreamStages => {
                vec![Way::Nginx, whole, Way::Native(Variant::Bare), Way::Compat, Way::Translated]
            }
        }
    }
}

impl Way {
    /// Whose CPU time and memory are read.
    pub(crate) const fn server(self) -> Server {
        match self {
            Self::Direct => Server::Upstream,
            Self::Nginx | Self::NginxHit => Server::Nginx,
            Self::Native(_) | Self::NativeHit | Self::Compat | Self::Translated => Server::Proxy,
        }
    }

    /// Whether the same request is sent again and again, and no call may reach the upstream.
    pub(crate) const fn is_hit(self) -> bool {
        match self {
            Self::NginxHit | Self::NativeHit => true,
            Self::Direct | Self::Nginx | Self::Native(_) | Self::Compat | Self::Translated => false,
        }
    }

    /// A few words for a table.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Nginx => "nginx",
            Self::NginxHit => "nginx, from its cache",
            Self::Native(Variant::Whole) => "aigateway",
            Self::Native(Variant::Unlimited) => "aigateway without limit",
            Self::Native(Variant::Uncached) => "aigateway without cache",
            Self::Native(Variant::Anonymous) => "aigateway without identity",
            Self::Native(Variant::Bare) => "aigateway without these three",
            Self::NativeHit => "aigateway, from its cache",
            Self::Compat => "aigateway, compat to OpenAI",
            Self::Translated => "aigateway, compat to Anthropic",
        }
    }

    fn path(self, ask: Ask) -> String {
        match self {
            Self::Nginx if ask.streams() => String::from("/stream/v1/chat/completions"),
            Self::Direct | Self::Nginx => String::from("/v1/chat/completions"),
            Self::NginxHit => String::from("/cached/v1/chat/completions"),
            Self::Native(variant) => format!("/v1/bench/{}/openai/chat/completions", variant.name()),
            Self::NativeHit => Self::Native(Variant::Whole).path(ask),
            Self::Compat | Self::Translated => format!("/v1/bench/{}/compat/chat/completions", Variant::Whole.name()),
        }
    }

    const fn model(self) -> &'static str {
        match self {
            Self::Direct | Self::Nginx | Self::NginxHit | Self::Native(_) | Self::NativeHit => "gpt-4o-mini",
            Self::Compat => "openai/gpt-4o-mini",
            Self::Translated => "anthropic/claude-haiku-4-5",
        }
    }

    fn expected(self, ask: Ask) -> Expected {
        match self {
            Self::Translated if ask.streams() => Expected::Holding(vec![TEXT, r#""finish_reason":"stop""#, "[DONE]"]),
            Self::Translated => Expected::Holding(vec![TEXT, r#""finish_reason":"stop""#, r#""usage""#]),
            Self::Direct | Self::Nginx | Self::NginxHit | Self::Native(_) | Self::NativeHit | Self::Compat => {
                Expected::Exactly(ask.openai().concat().into_bytes())
            }
        }
    }

    /// The request, as it goes over the wire.
    ///
    /// # Errors
    ///
    /// When the server does not run.
    pub(crate) fn aim(self, ask: Ask, rig: &Rig) -> Result<Aim> {
        let address = rig.address(self.server()).with_context(|| format!("{} does not run", self.title()))?;
        let (body, number) = ask.body(self.model());
        let head = format!(
            "POST {} HTTP/1.1\r\nhost: {address}\r\nuser-agent: aigateway-bench\r\naccept: application/json\r\n\
             content-type: application/json\r\n{USER_HEADER}: alice\r\ncontent-length: {}\r\n\r\n",
            self.path(ask),
            body.len()
        );
        let number = (!self.is_hit()).then_some(head.len() + number);
        Ok(Aim { address, request: (head + &body).into_bytes(), number, expected: self.expected(ask) })
    }
}
