//! What commands work with, made from the general arguments: files, store, client.

use std::fs::File;
use std::io::Read;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bsg_rcs::{ApiKey, Client};
use bsg_rcs_campaign::apply::Tools;
use bsg_rcs_campaign::input::InputError;
use bsg_rcs_campaign::input::prices::read_prices;
use bsg_rcs_campaign::input::recipients::RecipientsFile;
use bsg_rcs_campaign::{CampaignError, Interrupt, MessageFile, SystemClock};
use bsg_rcs_domain::fault::Checked;
use bsg_rcs_domain::{CampaignId, Message, PriceList};
use bsg_rcs_store::Store;
use bsg_rcs_store_postgres::PostgresStore;
use bsg_rcs_store_sqlite::SqliteStore;
use bsg_rcs_transport_reqwest::ReqwestTransport;
use tokio::net::TcpListener;

use crate::args::General;
use crate::exit::Failure;
use crate::metering::Measured;
use crate::output::Output;

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
        let text = std::fs::read_to_string(path).map_err(|why| unreadable(path, why))?;
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

/// Reads and checks a message file, TOML or JSON by its ending.
pub(crate) fn message_file(path: &Path) -> Result<MessageFile, Failure> {
    let name = path.display().to_string();
    let refuse = |why: String| Failure::from(CampaignError::from(InputError::new(&name, why)));
    let bytes = std::fs::read(path).map_err(|why| unreadable(path, why))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| refuse("it is no UTF-8 text: write TOML or JSON".to_owned()))?;
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Err(refuse("it is empty".to_owned()));
    }
    let json = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
    if json {
        serde_json::from_str(text).map_err(|why| refuse(why.to_string()))
    } else {
        toml::from_str(text).map_err(|why| refuse(why.to_string().trim_end().to_owned()))
    }
}

/// Reads and checks a message file; every fault at once.
pub(crate) fn message(path: &Path) -> Result<Checked<Message>, Failure> {
    let checked = message_file(path)?.into_draft().check();
    checked.map_err(|faults| {
        let lines: Vec<_> = faults.iter().map(|fault| format!("  {fault}")).collect();
        let name = path.display();
        Failure::input(format!("{name}: the message is refused\n{}", lines.join("\n")))
    })
}

/// Opens a recipients' file; `-` is standard input.
pub(crate) fn recipients(path: &Path) -> Result<RecipientsFile, Failure> {
    let opened = if path == Path::new("-") {
        RecipientsFile::open("standard input", std::io::stdin())
    } else {
        RecipientsFile::open(&path.display().to_string(), file(path)?)
    };
    Ok(opened.map_err(CampaignError::from)?)
}

/// Reads a price file.
pub(crate) fn prices(path: Option<&PathBuf>) -> Result<Option<PriceList>, Failure> {
    let Some(path) = path else { return Ok(None) };
    let list = read_prices(&path.display().to_string(), file(path)?);
    Ok(Some(list.map_err(CampaignError::from)?))
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
        eprintln!("stopping: what was begun is finished and kept; once more to stop at once");
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

/// Listens, or says what keeps it from it.
pub(crate) async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|why| {
        let hint = match why.kind() {
            std::io::ErrorKind::AddrInUse => ": another program listens there; choose another port",
            _ => "",
        };
        Failure::input(format!("cannot listen on {address}: {why}{hint}"))
    })
}
