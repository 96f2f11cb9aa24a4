//! The arguments. Names and meanings are a promise to scripts.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_campaign::input::recipients::ReadOptions;
use bsg_rcs_campaign::input::refused::RefusedRows;
use bsg_rcs_campaign::input::text::Encoding;
use bsg_rcs_domain::Country;
use clap::{Args as Group, Parser, Subcommand, ValueEnum};

/// Send RCS campaigns through the BSG One-API: nobody twice, nobody forgotten.
#[derive(Debug, Parser)]
#[command(name = "bsg-rcs", version, propagate_version = true)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) general: General,
    /// Say more; twice for even more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Clone, Group)]
pub(crate) struct General {
    /// The platform
    #[arg(
        long,
        global = true,
        env = "BSG_BASE_URL",
        default_value = "https://one-api.bsg.world",
        value_name = "URL"
    )]
    pub(crate) base_url: String,
    /// A file that holds the API key; or set BSG_API_KEY to the key itself
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) api_key_file: Option<PathBuf>,
    /// Where everything is kept: sqlite:PATH, or postgres://HOST/DATABASE for many machines; a URL
    /// with a password is taken from the environment only
    #[arg(
        long,
        global = true,
        env = "BSG_RCS_STORE",
        default_value = "sqlite:bsg-rcs.db",
        value_name = "URL",
        hide_env_values = true
    )]
    pub(crate) store: String,
    /// What standard output holds: words for people, or one JSON document
    #[arg(long, global = true, value_enum, default_value = "text")]
    pub(crate) output: Format,
    /// Draw no progress bars
    #[arg(long, global = true)]
    pub(crate) no_progress: bool,
}

impl General {
    /// Whether the store's URL holds a password.
    pub(crate) fn has_password(&self) -> bool {
        let rest = self.store.split_once("://").map_or("", |(_, rest)| rest);
        // A password may hold a slash: what stands before an @ is user and password.
        let user = rest.rsplit_once('@');
        user.is_some_and(|(user, _)| user.contains(':')) || rest.contains("password=")
    }

    /// Whether the store was named as an argument, for everybody to read.
    pub(crate) fn store_is_an_argument(&self) -> bool {
        std::env::var("BSG_RCS_STORE").ok().as_deref() != Some(self.store.as_str())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The whole journey on this machine: no account, no server, nothing to set
    #[command(after_help = "Example:\n  bsg-rcs demo --count 5000")]
    Demo(Demo),
    /// Find every fault of a message and of a list of recipients, and the price; send nothing
    #[command(
        after_help = "Example:\n  bsg-rcs check --message message.toml --recipients people.csv --prices prices.csv"
    )]
    Check(Check),
    /// Show a message as a phone does, with what a check says of its parts
    #[command(
        after_help = "Example:\n  bsg-rcs preview --message message.toml --html preview.html"
    )]
    Preview(Preview),
    /// Send one message, recorded before it is sent
    #[command(
        after_help = "Example:\n  bsg-rcs send --message message.toml --to '+380 66 123 12 31' --reference order7"
    )]
    Send(Send),
    /// Look up what became of a send; it sends nothing
    #[command(after_help = "Example:\n  bsg-rcs resolve order7")]
    Resolve(Resolve),
    /// Plan, apply, follow and report campaigns
    #[command(
        subcommand,
        after_help = "Example:\n  bsg-rcs campaign plan --message message.toml --recipients people.csv\n  bsg-rcs campaign apply CAMPAIGN --wait\n  bsg-rcs campaign report CAMPAIGN --html report.html"
    )]
    Campaign(Campaign),
    /// Receive the platform's callbacks into the store
    #[command(
        after_help = "Example:\n  bsg-rcs webhook --listen 0.0.0.0:8081 --metrics 127.0.0.1:9100"
    )]
    Webhook(Webhook),
    /// Say what is wrong with store, key, address, clock and callback URL
    #[command(
        after_help = "Example:\n  bsg-rcs doctor --callback-url https://example.com/callbacks/SECRET"
    )]
    Doctor(Doctor),
    /// Forget a number: in recipients, callbacks and references; counts and money stay
    #[command(after_help = "Example:\n  bsg-rcs forget '+380 66 123 12 31'")]
    Forget(Forget),
    /// Look after the store
    #[command(subcommand, after_help = "Example:\n  bsg-rcs store backup copy.db")]
    Store(StoreAction),
    /// Ask about the account
    #[command(subcommand, after_help = "Example:\n  bsg-rcs account balance")]
    Account(Account),
    /// Manage the stop list (numbers that must not be messaged)
    #[command(subcommand, after_help = "Example:\n  bsg-rcs stop-list list")]
    StopList(StopList),
    /// Contact lists of the account
    #[command(subcommand, after_help = "Example:\n  bsg-rcs lists list")]
    Lists(Lists),
    /// Run the platform on this machine
    #[command(after_help = "Example:\n  bsg-rcs sandbox --speed 60 --state sandbox.state")]
    Sandbox(Sandbox),
    /// Write the script that completes the arguments in a shell
    #[command(after_help = "Example:\n  bsg-rcs completions bash > /etc/bash_completion.d/bsg-rcs")]
    Completions(Completions),
    /// Write the manual page; with a folder, one for each command
    #[command(after_help = "Example:\n  bsg-rcs man --folder /usr/local/share/man/man1")]
    Man(Man),
}

/// How numbers are read that a person wrote.
#[derive(Debug, Clone, Group)]
pub(crate) struct Numbering {
    /// Country of the numbers that are written without + or 00, such as AT
    #[arg(long, value_name = "CODE", value_parser = Country::known)]
    pub(crate) country: Option<Country>,
}

/// How a file of recipients is read.
#[derive(Debug, Clone, Group)]
pub(crate) struct Reading {
    #[command(flatten)]
    pub(crate) numbering: Numbering,
    /// Countries that the list is for, such as AT,DE; numbers of others are refused
    #[arg(long, value_name = "CODES", value_delimiter = ',', value_parser = Country::known)]
    pub(crate) countries: Vec<Country>,
    /// Column that holds the phone numbers, where its name does not tell
    #[arg(long, alias = "phone-column", value_name = "NAME")]
    pub(crate) column: Option<String>,
    /// Column that holds the labels [default: reference]
    #[arg(long, value_name = "NAME")]
    pub(crate) label_column: Option<String>,
    /// Encoding of the files, such as windows-1252 [default: UTF-8, or what a byte-order mark says]
    #[arg(long, value_name = "NAME", value_parser = Encoding::named)]
    pub(crate) encoding: Option<Encoding>,
    /// Write the refused lines, each with its reason, to a CSV file
    #[arg(long, value_name = "OUT")]
    pub(crate) refused: Option<PathBuf>,
}

impl Reading {
    /// The same for the reader of recipients; refused rows go to `refused`.
    pub(crate) fn options(&self, refused: Option<Arc<RefusedRows>>) -> ReadOptions {
        ReadOptions {
            country: self.numbering.country,
            countries: self.countries.clone(),
            column: self.column.clone(),
            label_column: self.label_column.clone(),
            encoding: self.encoding,
            refused,
        }
    }
}

#[derive(Debug, Group)]
pub(crate) struct Demo {
    /// Recipients of your own, instead of the bundled ones
    #[arg(long, value_name = "FILE", conflicts_with = "count")]
    pub(crate) recipients: Option<PathBuf>,
    /// So many made-up numbers, instead of the bundled ones
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000_000))]
    pub(crate) count: Option<u32>,
    /// What decides everything that is left to chance
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
}

#[derive(Debug, Group)]
pub(crate) struct Check {
    /// The message, TOML or JSON by its ending
    #[arg(long, value_name = "FILE")]
    pub(crate) message: PathBuf,
    /// The recipients, CSV or one number a line; - is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) recipients: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: Reading,
    /// Prices, CSV country,type,price,currency
    #[arg(long, value_name = "FILE")]
    pub(crate) prices: Option<PathBuf>,
    /// When the platform shall begin, 2026-01-31 09:00:00 in the platform's time
    #[arg(long, value_name = "TIME")]
    pub(crate) start_at: Option<String>,
}

#[derive(Debug, Group)]
pub(crate) struct Preview {
    /// The message, TOML or JSON by its ending
    #[arg(long, value_name = "FILE")]
    pub(crate) message: PathBuf,
    /// Write it as one HTML file, too
    #[arg(long, value_name = "OUT")]
    pub(crate) html: Option<PathBuf>,
}

#[derive(Debug, Group)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Group)]
pub(crate) struct Man {
    /// The folder that the pages are written to
    #[arg(long, value_name = "FOLDER")]
    pub(crate) folder: Option<PathBuf>,
}

#[derive(Debug, Group)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Send {
    /// The message, TOML or JSON by its ending
    #[arg(long, value_name = "FILE", required_unless_present = "resume", requires = "to")]
    pub(crate) message: Option<PathBuf>,
    /// The number that it goes to
    #[arg(long, value_name = "NUMBER", requires = "message")]
    pub(crate) to: Option<String>,
    #[command(flatten)]
    pub(crate) numbering: Numbering,
    /// A reference of your own, 1 to 32 letters and digits: saying it twice sends once
    #[arg(long, value_name = "REFERENCE")]
    pub(crate) reference: Option<String>,
    /// Send although the same message went to the same number within 24 hours
    #[arg(long, conflicts_with = "reference")]
    pub(crate) again: bool,
    /// Ask the platform whether it would take it, and send nothing
    #[arg(long, conflicts_with = "reference")]
    pub(crate) dry_run: bool,
    /// Go on with a send that was not settled: look it up, and send it if it was not found
    #[arg(long, value_name = "REFERENCE", conflicts_with_all = ["message", "to", "reference", "again", "dry_run"])]
    pub(crate) resume: Option<String>,
    #[command(subcommand)]
    pub(crate) action: Option<SendAction>,
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum SendAction {
    /// Single sends that are not settled yet, and how they stand
    #[command(after_help = "Example:\n  bsg-rcs send list")]
    List,
}

#[derive(Debug, Group)]
pub(crate) struct Resolve {
    /// The reference that the send printed; without one, every send that is not settled
    pub(crate) reference: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Campaign {
    /// Check, deduplicate, batch and store; print the plan; send nothing
    #[command(
        after_help = "Example:\n  bsg-rcs campaign plan --message message.toml --recipients people.csv --prices prices.csv --max-cost 25.50"
    )]
    Plan(Plan),
    /// Send what the plan holds; run again after any stop, it goes on where it was
    #[command(after_help = "Example:\n  bsg-rcs campaign apply CAMPAIGN --wait")]
    Apply(Apply),
    /// Resume a campaign that the platform paused, then apply
    #[command(after_help = "Example:\n  bsg-rcs campaign resume CAMPAIGN --wait")]
    Resume(Apply),
    /// How a campaign stands
    #[command(after_help = "Example:\n  bsg-rcs campaign status CAMPAIGN --output json")]
    Status(Which),
    /// What became of a campaign
    #[command(
        after_help = "Example:\n  bsg-rcs campaign report CAMPAIGN --html report.html --csv rows.csv"
    )]
    Report(Report),
    /// All campaigns of the store
    #[command(after_help = "Example:\n  bsg-rcs campaign list")]
    List,
    /// Ask the platform how a campaign stands, and report it
    #[command(after_help = "Example:\n  bsg-rcs campaign refresh CAMPAIGN")]
    Refresh(Which),
    /// Remove a plan of which nothing was sent
    #[command(after_help = "Example:\n  bsg-rcs campaign discard CAMPAIGN")]
    Discard(Which),
    /// Stop a campaign for good
    #[command(after_help = "Example:\n  bsg-rcs campaign stop CAMPAIGN")]
    Stop(Which),
    /// Forget the numbers of a campaign; counts and money stay
    #[command(after_help = "Example:\n  bsg-rcs campaign forget CAMPAIGN")]
    Forget(Which),
}

#[derive(Debug, Group)]
pub(crate) struct Plan {
    /// The message, TOML or JSON by its ending
    #[arg(long, value_name = "FILE")]
    pub(crate) message: PathBuf,
    /// The recipients, CSV or one number a line; - is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) recipients: PathBuf,
    #[command(flatten)]
    pub(crate) reading: Reading,
    /// Prices, CSV country,type,price,currency
    #[arg(long, value_name = "FILE")]
    pub(crate) prices: Option<PathBuf>,
    /// The most that the worst case may cost, in the prices' currency
    #[arg(long, value_name = "AMOUNT", requires = "prices")]
    pub(crate) max_cost: Option<String>,
    /// When the platform shall begin, 2026-01-31 09:00:00 in the platform's time
    #[arg(long, value_name = "TIME")]
    pub(crate) start_at: Option<String>,
    /// A name to find it by
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Plan the same message to the same recipients again
    #[arg(long)]
    pub(crate) again: bool,
}

#[derive(Debug, Group)]
pub(crate) struct Apply {
    /// The campaign's id
    pub(crate) id: String,
    /// Stay until the campaign is done
    #[arg(long)]
    pub(crate) wait: bool,
    /// Stop after exactly the first N recipients
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) first: Option<u64>,
    /// The most recipients a second, as N or N/s
    #[arg(long, value_name = "N/s", value_parser = rate)]
    pub(crate) rate: Option<u32>,
    /// The most recipients a request [default: the plan's bound, 5000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=5000))]
    pub(crate) batch_size: Option<u32>,
    /// The most requests at once [default: 2]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(crate) concurrency: Option<u16>,
    /// Send although the same message went to the same recipients within 24 hours
    #[arg(long)]
    pub(crate) again: bool,
    /// Carry the campaign over to this API key, which must be one of the same account
    #[arg(long)]
    pub(crate) carry_over: bool,
    /// Never resend messages whose outcome is unknown and that are not found; hold them for manual
    /// review
    #[arg(long)]
    pub(crate) hold_unknown: bool,
    /// Take held batches up again, after a manual review: look them up, and send what is not found
    #[arg(long, conflicts_with = "hold_unknown")]
    pub(crate) retry_held: bool,
    /// The most that it may cost, instead of the plan's own cap; needs a plan with prices
    #[arg(long, value_name = "AMOUNT")]
    pub(crate) max_cost: Option<String>,
    /// Serve what is measured, for Prometheus, at http://ADDRESS/metrics
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) metrics: Option<SocketAddr>,
    /// How long one request to the platform may take [default: 60s]
    #[arg(long, value_name = "TIME", value_parser = span)]
    pub(crate) request_timeout: Option<Duration>,
    /// How long an unknown outcome may still change: at least as long as a request may take
    /// [default: 15 seconds more than that]
    #[arg(long, value_name = "TIME", value_parser = span)]
    pub(crate) settle: Option<Duration>,
}

/// Reads `90s`, `15m`, `24h` or `7d`.
fn span(text: &str) -> Result<Duration, String> {
    let advice = || "write a whole number and a unit, such as 90s, 15m, 24h or 7d".to_owned();
    let unit = text.chars().last().ok_or_else(advice)?;
    let seconds: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 24 * 3600,
        _ => return Err(advice()),
    };
    let count: u64 = text[..text.len() - 1].parse().map_err(|_| advice())?;
    Ok(Duration::from_secs(count.checked_mul(seconds).ok_or_else(advice)?))
}

fn rate(text: &str) -> Result<u32, String> {
    let count = text.strip_suffix("/s").unwrap_or(text);
    match count.trim().parse() {
        Ok(rate) if rate > 0 => Ok(rate),
        _ => Err("write a whole number of recipients a second, such as 100/s".to_owned()),
    }
}

#[derive(Debug, Group)]
pub(crate) struct Which {
    /// The campaign's id
    pub(crate) id: String,
}

#[derive(Debug, Group)]
pub(crate) struct Report {
    /// The campaign's id
    pub(crate) id: String,
    /// Ask the platform what it charged, and list where that differs
    #[arg(long)]
    pub(crate) compare: bool,
    /// Write it as one HTML file to send to a colleague: funnel, chart, failures, cost, clicks
    #[arg(long, value_name = "OUT")]
    pub(crate) html: Option<PathBuf>,
    /// Write one row a recipient, as CSV; it holds the numbers
    #[arg(long, value_name = "OUT")]
    pub(crate) csv: Option<PathBuf>,
}

#[derive(Debug, Group)]
pub(crate) struct Webhook {
    /// Where to listen; port 0 picks a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8081")]
    pub(crate) listen: SocketAddr,
    /// How long bodies of callbacks and the log of changes are kept
    #[arg(long, value_name = "TIME", value_parser = span, default_value = "90d")]
    pub(crate) keep: Duration,
    /// Serve /metrics at this address instead of beside the callbacks, where every stranger may read it
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) metrics: Option<SocketAddr>,
    #[command(subcommand)]
    pub(crate) action: Option<WebhookAction>,
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum WebhookAction {
    /// Judge every kept callback anew, and add what it says
    #[command(after_help = "Example:\n  bsg-rcs webhook replay")]
    Replay,
}

#[derive(Debug, Group)]
pub(crate) struct Forget {
    /// Whose number is to be forgotten, in every campaign
    pub(crate) number: String,
    #[command(flatten)]
    pub(crate) numbering: Numbering,
}

#[derive(Debug, Group)]
pub(crate) struct Doctor {
    /// The URL of the callbacks as the platform has it; a callback is sent to it
    #[arg(long, value_name = "URL")]
    pub(crate) callback_url: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum StoreAction {
    /// Write a copy of the store into a new file, while other commands go on
    #[command(after_help = "Example:\n  bsg-rcs store backup copy.db")]
    Backup(Backup),
}

#[derive(Debug, Group)]
pub(crate) struct Backup {
    /// The new file
    pub(crate) file: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Account {
    /// Own funds and credit limit
    #[command(after_help = "Example:\n  bsg-rcs account balance")]
    Balance,
    /// Tariffs, and which is used where a send names none
    #[command(after_help = "Example:\n  bsg-rcs account tariffs")]
    Tariffs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum StopList {
    /// Stop RCS and SMS to numbers
    #[command(after_help = "Example:\n  bsg-rcs stop-list add '+380 66 123 12 31'")]
    Add(Numbers),
    /// Write to numbers again
    #[command(after_help = "Example:\n  bsg-rcs stop-list remove '+380 66 123 12 31'")]
    Remove(Numbers),
    /// The numbers on the stop list
    #[command(after_help = "Example:\n  bsg-rcs stop-list list")]
    List,
}

#[derive(Debug, Group)]
pub(crate) struct Numbers {
    /// The numbers
    #[arg(required = true)]
    pub(crate) numbers: Vec<String>,
    #[command(flatten)]
    pub(crate) numbering: Numbering,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Lists {
    /// All contact lists of the account
    #[command(after_help = "Example:\n  bsg-rcs lists list")]
    List,
    /// Make a list
    #[command(after_help = "Example:\n  bsg-rcs lists create guests")]
    Create {
        /// Its name, 3 to 50 characters
        name: String,
    },
    /// Delete a list; its contacts stay
    #[command(after_help = "Example:\n  bsg-rcs lists delete 600001")]
    Delete {
        /// Its id
        id: u64,
    },
    /// Put contacts on a list
    #[command(after_help = "Example:\n  bsg-rcs lists attach 600001 600007 600008")]
    Attach(Members),
    /// Take contacts off a list
    #[command(after_help = "Example:\n  bsg-rcs lists detach 600001 600007")]
    Detach(Members),
}

#[derive(Debug, Group)]
pub(crate) struct Members {
    /// The list's id
    pub(crate) list: bsg_rcs::ContactListId,
    /// Ids of contacts
    #[arg(required = true)]
    pub(crate) contacts: Vec<bsg_rcs::ContactId>,
}

#[derive(Debug, Group)]
pub(crate) struct Sandbox {
    /// Accounts, agents, prices, fates and more, TOML; what is given here wins over it
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Where to listen; port 0 picks a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
    /// What decides everything that is left to chance [default: 0]
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// How many seconds pass in one; 0 lets time pass only by POST /sandbox/clock [default: 1]
    #[arg(long, value_name = "X")]
    pub(crate) speed: Option<String>,
    /// When its time begins, 2026-01-31 09:00:00; now, if left out
    #[arg(long, value_name = "TIME")]
    pub(crate) start: Option<String>,
    /// Where its state is kept, so that it goes on where it was when it is started again
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
}
