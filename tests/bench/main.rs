//! The bench: what the proxy costs, as ratios to nginx measured in the same run.
//!
//! One upstream that answers at once; direct, nginx and the proxy asked in turn, round by round; CPU time by the
//! kernel's count of the processes; every answer checked. It measures and does not judge: it fails only when it cannot
//! run or an answer is wrong.

mod ask;
mod cases;
mod gateway;
mod http1;
mod load;
mod machine;
mod marks;
mod nginx;
mod profile;
mod report;
mod rig;
mod rounds;
mod translation;
mod upstream;

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::ask::Ask;
use crate::cases::{Case, Way};
use crate::gateway::Variant;
use crate::load::{Load, Window};
use crate::marks::{Memory, Seen};
use crate::rig::{Rig, Server};
use crate::rounds::{Effort, Foreign};

#[derive(Parser)]
#[command(name = "aigateway-bench", about = "Measures the proxy against nginx and against no proxy")]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    options: Options,
}

#[derive(Subcommand)]
enum Command {
    /// Only what translation costs: each pair of formats, beside calls that pass as they are.
    Translation,
    /// Say which functions take the proxy's CPU time (needs perf).
    Profile {
        /// What is asked for.
        #[arg(long, value_enum, default_value_t = Loaded::Plain)]
        load: Loaded,
        /// Where perf's data is kept, for a closer look.
        #[arg(long, default_value = "perf.data")]
        keep: PathBuf,
    },
    /// Put every load on a proxy once and let it end: one that was built to note which of its code runs does so at its
    /// end.
    Train,
    /// The provider that answers at once; the bench starts it itself.
    #[command(hide = true)]
    Upstream,
}

/// What a profile is taken of.
#[derive(Clone, Copy, ValueEnum)]
enum Loaded {
    /// JSON answers.
    Plain,
    /// Streams of 50 chunks.
    Burst,
    /// A stored answer.
    Hit,
    /// JSON answers, translated to Anthropic and back.
    Translated,
}

#[derive(Args)]
struct Options {
    /// Fewer and shorter rounds: under a minute, and rougher.
    #[arg(long)]
    quick: bool,
    /// Rounds of each case.
    #[arg(long)]
    rounds: Option<u32>,
    /// Only these cases.
    #[arg(long = "case", value_enum)]
    cases: Vec<Case>,
    /// A proxy that is already built.
    #[arg(long, global = true)]
    proxy: Option<PathBuf>,
    /// Only direct and nginx: shows how quiet the machine is.
    #[arg(long)]
    without_proxy: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if let Some(Command::Upstream) = arguments.command {
        return upstream::run();
    }
    if let Some(Command::Translation) = arguments.command {
        return print(&translation::run(arguments.options.effort())?);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match arguments.command {
        Some(Command::Profile { load, keep }) => {
            let text = runtime.block_on(profile(&arguments.options, load, &keep))?;
            print(&format!("{text}\nperf's data is in {}\n", keep.display()))
        }
        Some(Command::Train) => runtime.block_on(train(&arguments.options)),
        Some(Command::Upstream | Command::Translation) | None => runtime.block_on(measure(&arguments.options)),
    }
}

impl Options {
    fn effort(&self) -> Effort {
        let (rounds, part) = if self.quick { (3, 0.3) } else { (5, 1.0) };
        Effort { rounds: self.rounds.unwrap_or(rounds), part }
    }

    fn chosen(&self, cases: &[Case]) -> Vec<Case> {
        cases.iter().copied().filter(|case| self.cases.is_empty() || self.cases.contains(case)).collect()
    }

    fn binary(&self, profile: &str) -> Result<PathBuf> {
        self.proxy.as_ref().map_or_else(|| gateway::build(profile), |path| Ok(path.clone()))
    }
}

async fn measure(options: &Options) -> Result<()> {
    let binary = if options.without_proxy { None } else { Some(options.binary("release")?) };
    let mut rig = Rig::start().await?;
    print(&format!("{}, 2 workers each; one upstream, one generator\n", rig.nginx_version()))?;
    let mut run = Run { options, foreign: Foreign::default(), seen: Seen::new(), loaded: 0 };
    let mut idle = 0;
    if let Some(binary) = &binary {
        rig.start_gateway(binary, &[Variant::Whole]).await?;
        idle = machine::resident(rig.pids(Server::Proxy))?;
    }
    run.cases(&rig, &options.chosen(&Case::GOALS)).await?;
    let memory = binary.as_ref().map(|_| Memory { idle, loaded: run.loaded });
    if let Some(binary) = &binary {
        rig.start_gateway(binary, &Variant::ALL).await?;
        run.cases(&rig, &options.chosen(&Case::STAGES)).await?;
    }
    if options.cases.is_empty() {
        print(&translation::run(options.effort())?)?;
    }
    print(&(report::marks(&run.seen, memory) + &report::foreign(&run.foreign)))
}

/// What a run has seen so far.
struct Run<'a> {
    options: &'a Options,
    foreign: Foreign,
    seen: Seen,
    /// The proxy's memory after the case that left it largest, in bytes.
    loaded: u64,
}

impl Run<'_> {
    async fn cases(&mut self, rig: &Rig, cases: &[Case]) -> Result<()> {
        for case in cases {
            let there = |way: &Way| rig.address(way.server()).is_some();
            let ways: Vec<Way> = case.ways().into_iter().filter(there).collect();
            let rows = rounds::run(rig, *case, &ways, self.options.effort(), &mut self.foreign).await?;
            self.loaded = self.loaded.max(machine::resident(rig.pids(Server::Proxy))?);
            print(&report::case(*case, &rows))?;
            self.seen.insert(*case, rows);
        }
        Ok(())
    }
}

async fn profile(options: &Options, load: Loaded, keep: &std::path::Path) -> Result<String> {
    let binary = options.binary("profiling")?;
    let mut rig = Rig::start().await?;
    rig.start_gateway(&binary, &[Variant::Whole]).await?;
    let (way, ask) = match load {
        Loaded::Plain => (Way::Native(Variant::Whole), Ask::Json),
        Loaded::Burst => (Way::Native(Variant::Whole), Ask::Burst),
        Loaded::Hit => (Way::NativeHit, Ask::Json),
        Loaded::Translated => (Way::Translated, Ask::Json),
    };
    profile::run(&rig, way, ask, keep).await
}

async fn train(options: &Options) -> Result<()> {
    let mut rig = Rig::start().await?;
    rig.start_gateway(&options.binary("release")?, &[Variant::Whole]).await?;
    let native = Way::Native(Variant::Whole);
    let json = [native, Way::NativeHit, Way::Compat, Way::Translated].map(|way| (way, Ask::Json));
    let streams = [native, Way::Compat, Way::Translated].map(|way| (way, Ask::Burst));
    for (way, ask) in json.into_iter().chain(streams) {
        let window = Window { warm_up: Duration::ZERO, measured: Duration::from_secs(3) };
        load::run(&way.aim(ask, &rig)?, Load::Closed { connections: 64 }, window, || Ok(())).await?;
    }
    rig.end_gateway()
}

fn print(text: &str) -> Result<()> {
    Ok(std::io::stdout().lock().write_all(text.as_bytes())?)
}
