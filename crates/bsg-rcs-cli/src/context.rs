//! What commands work with, made from the general arguments: files, store, client.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bsg_rcs::{ApiKey, Client};
use bsg_rcs_campaign::input::InputError;
use bsg_rcs_campaign::input::prices::read_prices_as;
use bsg_rcs_campaign::input::quote::sentence;
use bsg_rcs_campaign::input::recipients::{ReadOptions, RecipientsFile};
use bsg_rcs_campaign::input::text::{self, Encoding};
use bsg_rcs_campaign::{CampaignError, Clock as _, Interrupt, MessageFile, SystemClock, Tools};
use bsg_rcs_domain::fault::Checked;
use bsg_rcs_domain::message::StartAt;
use bsg_rcs_domain::msisdn::Reading;
use bsg_rcs_domain::{CampaignId, CivilDateTime, Message, Msisdn, PriceList};
use bsg_rcs_store::Store;
use bsg_rcs_store_postgres::PostgresStore;
use bsg_rcs_store_sqlite::SqliteStore;
use bsg_rcs_transport_reqwest::ReqwestTransport;

use crate::args::{General, Numbering};
use crate::exit::Failure;
use crate::metering::Measured;
use crate::output::Output;

/// The longest message file, in bytes: far more than any message has.
const MESSAGE_MAX: u64 = 1024 * 1024;
/// The longest file of an API key.
const KEY_MAX: u64 = 64 * 1024;

/// Opens the store that was named.
pub(crate) async fn store(general: &General) -> Result<Arc<dyn Store>, Failure> {
    let url = &general.store;
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        if general.has_password() && general.store_is_an_argument() {
            return Err(Failure::input(
                "--store holds a password, which other users of this machine could read: set \
                 BSG_RCS_STORE to it instead",
            ));
        }
        return Ok(Arc::new(PostgresStore::open(url).await?));
    }
    match url.strip_prefix("sqlite:") {
        Some("") => Err(Failure::input("the store has no name: write --store sqlite:PATH")),
        Some(path) => Ok(Arc::new(SqliteStore::open(Path::new(path))?)),
        None => {
            let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
            let why = "write sqlite:PATH or postgres://HOST/DATABASE";
            Err(Failure::input(format!("the store {scheme:?} is not known: {why}")))
        }
    }
}

/// What campaign work is done with, outside of a demo.
pub(crate) async fn tools(general: &General, output: Output) -> Result<Tools, Failure> {
    Ok(Tools {
        store: store(general).await?,
        client: client(general)?,
        clock: Arc::new(SystemClock),
        progress: output.progress(),
        interrupt: interrupt(),
    })
}

/// Makes the client of the account whose key was named.
pub(crate) fn client(general: &General) -> Result<Client, Failure> {
    let builder = Client::builder().base_url(&general.base_url).api_key(api_key(general)?);
    builder.build().map_err(|why| Failure::input(why.to_string()))
}

/// The same, with a timeout of its own, or with every exchange measured.
pub(crate) fn client_within(
    general: &General,
    timeout: Option<Duration>,
    measured: bool,
) -> Result<Client, Failure> {
    let mut builder = Client::builder().base_url(&general.base_url).api_key(api_key(general)?);
    if let Some(timeout) = timeout {
        builder = builder.request_timeout(timeout);
    }
    if measured {
        let transport = ReqwestTransport::new()
            .map_err(|why| Failure::fault(format!("no request can be made: {why}")))?;
        builder = builder.transport(Measured(transport));
    }
    builder.build().map_err(|why| Failure::input(why.to_string()))
}

fn api_key(general: &General) -> Result<ApiKey, Failure> {
    if let Some(path) = &general.api_key_file {
        let text = whole(path, KEY_MAX)?;
        warn_if_others_can_read(path);
        if text.trim().is_empty() {
            let why = InputError::new(path.display().to_string(), "it is empty: it holds no key");
            return Err(CampaignError::from(why).into());
        }
        return Ok(ApiKey::from(text));
    }
    match std::env::var("BSG_API_KEY") {
        Ok(key) if !key.trim().is_empty() => Ok(ApiKey::from(key)),
        _ => Err(Failure::input(
            "no API key: set BSG_API_KEY to it, or name a file that holds it with --api-key-file",
        )),
    }
}

/// Warns of a key file that other users of the machine can read.
#[cfg(unix)]
fn warn_if_others_can_read(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path).map(|about| about.permissions().mode());
    if mode.is_ok_and(|mode| mode & 0o077 != 0) {
        let name = name(path);
        tracing::warn!("other users of this machine can read the key in {name}: chmod 600 it");
    }
}

#[cfg(not(unix))]
fn warn_if_others_can_read(_path: &Path) {}

/// Reads and checks a message file, TOML or JSON by its ending.
pub(crate) fn message_file(path: &Path) -> Result<MessageFile, Failure> {
    let name = name(path);
    let refuse = |why: String| Failure::from(CampaignError::from(InputError::new(&name, why)));
    let text = whole(path, MESSAGE_MAX)?;
    if text.trim().is_empty() {
        return Err(refuse("it is empty".to_owned()));
    }
    let is_json = match path.extension() {
        Some(ending) => ending.eq_ignore_ascii_case("json"),
        // Standard input has no ending.
        None => path == Path::new("-") && text.trim_start().starts_with('{'),
    };
    if is_json {
        serde_json::from_str(&text).map_err(|why| refuse(sentence(&why.to_string())))
    } else {
        toml::from_str(&text).map_err(|why| refuse(toml_fault(&text, &why)))
    }
}

/// What is wrong with a TOML file, with the line instead of its text.
fn toml_fault(text: &str, why: &toml::de::Error) -> String {
    let words = sentence(why.message());
    match why.span().and_then(|span| text.get(..span.start)) {
        Some(before) => format!("line {}: {words}", before.matches('\n').count() + 1),
        None => words,
    }
}

/// Reads and checks a message file; every fault at once.
pub(crate) fn message(path: &Path) -> Result<Checked<Message>, Failure> {
    let checked = message_file(path)?.into_draft().check();
    checked.map_err(|faults| {
        let lines: Vec<_> = faults.iter().map(|fault| format!("  {fault}")).collect();
        let name = name(path);
        Failure::input(format!("{name}: the message is refused\n{}", lines.join("\n")))
    })
}

/// Opens a recipients' file; `-` is standard input.
pub(crate) fn recipients(path: &Path, options: &ReadOptions) -> Result<RecipientsFile, Failure> {
    let opened = if path == Path::new("-") {
        RecipientsFile::open_as(&name(path), std::io::stdin(), options)
    } else {
        RecipientsFile::open_as(&name(path), file(path)?, options)
    };
    Ok(opened.map_err(CampaignError::from)?)
}

/// Reads the time that a campaign is to start at, in the platform's own zone, which is not known:
/// only what no zone takes is refused.
pub(crate) fn start_at(text: &str) -> Result<CivilDateTime, Failure> {
    let refuse = |why: String| Failure::input(format!("--start-at: {why}"));
    let start = CivilDateTime::written(text).map_err(|why| refuse(why.to_string()))?;
    let now = CivilDateTime::from_epoch_seconds(SystemClock.now().0.div_euclid(1000));
    if let Some(now) = now {
        StartAt::judge(start, now, None)
            .map_err(|why| refuse(format!("{why}; it is {now} UTC ({})", why.rule().id)))?;
    }
    Ok(start)
}

/// Reads a number that was given as an argument, and tells what is to be doubted of it; `what`
/// names the argument.
pub(crate) fn number(
    what: &str,
    text: &str,
    numbering: &Numbering,
    output: Output,
) -> Result<Msisdn, Failure> {
    let reading = Reading::of(text, numbering.country)
        .map_err(|why| Failure::input(format!("{what}: {why} ({})", why.rule().id)))?;
    if let Some(doubt) = reading.plausibility().at(what) {
        output.note(&format!("warning: {doubt}"));
    }
    Ok(reading.number)
}

/// Reads a price file; `-` is standard input.
pub(crate) fn prices(
    path: Option<&Path>,
    encoding: Option<Encoding>,
) -> Result<Option<PriceList>, Failure> {
    let Some(path) = path else { return Ok(None) };
    let list = if path == Path::new("-") {
        read_prices_as(&name(path), std::io::stdin(), encoding)
    } else {
        read_prices_as(&name(path), file(path)?, encoding)
    };
    Ok(Some(list.map_err(CampaignError::from)?))
}

/// Refuses a store that is not there: what only reads makes none.
pub(crate) fn existing(path: &Path) -> Result<(), Failure> {
    if path.exists() {
        return Ok(());
    }
    Err(Failure::input(format!("the store {} is not there", path.display())))
}

/// Reads a campaign's id.
pub(crate) fn campaign_id(text: &str) -> Result<CampaignId, Failure> {
    CampaignId::parse(text).map_err(|why| Failure::input(format!("{text:?}: {why}")))
}

/// An interrupt that Ctrl-C and SIGTERM raise. The second one ends the program at once.
pub(crate) fn interrupt() -> Interrupt {
    let (interrupter, interrupt) = Interrupt::new();
    tokio::spawn(async move {
        termination().await;
        interrupter.raise();
        eprintln!("finishing work in progress; press Ctrl-C again to quit now");
        termination().await;
        std::process::exit(crate::exit::Exit::Stopped as i32);
    });
    interrupt
}

/// Waits for Ctrl-C or SIGTERM.
pub(crate) async fn termination() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupted => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = interrupted.await;
}

/// Refuses standard input as more than one file: the second would be empty.
pub(crate) fn standard_input_once(files: &[Option<&Path>]) -> Result<(), Failure> {
    let count = files.iter().flatten().filter(|path| **path == Path::new("-")).count();
    match count {
        0 | 1 => Ok(()),
        _ => Err(Failure::input("only one of the files can be standard input (-)")),
    }
}

/// What errors call a file.
fn name(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() }
}

/// The text of a file of at most so many bytes; `-` is standard input.
fn whole(path: &Path, size: u64) -> Result<String, Failure> {
    let text = if path == Path::new("-") {
        text::whole(&name(path), std::io::stdin(), size)
    } else {
        text::whole(&name(path), file(path)?, size)
    };
    Ok(text.map_err(CampaignError::from)?)
}

fn file(path: &Path) -> Result<impl Read + Send + 'static, Failure> {
    let file = File::open(path).map_err(|why| unreadable(path, why))?;
    if file.metadata().is_ok_and(|about| about.is_dir()) {
        return Err(unreadable(path, std::io::ErrorKind::IsADirectory.into()));
    }
    Ok(file)
}

fn unreadable(path: &Path, why: std::io::Error) -> Failure {
    CampaignError::from(InputError::unreadable(path.display().to_string(), why)).into()
}
