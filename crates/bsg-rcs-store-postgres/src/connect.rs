//! How the database is reached: plain on this machine unless the URL says `sslmode=require`, through
//! TLS with a checked certificate elsewhere unless it says `sslmode=disable`. `verify-ca` and
//! `verify-full` say what `require` does here anyway: certificate and name are checked.
//!
//! A connection that is lost is replaced. A call in flight fails, because its outcome cannot be
//! known; one that only waits for a connection waits for the database to come back.
//!
//! No client holds up another for long: the server ends a transaction that its client leaves alone
//! for a few seconds, a statement that waits for a lock, and one that takes too long.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_store::StoreError;
use deadpool_postgres::{
    Client, Hook, HookError, Manager, ManagerConfig, Pool, PoolError, RecyclingMethod, Runtime,
    TimeoutType,
};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::failure::{Failure, words};

/// Connections that one store has at most.
const CONNECTIONS: usize = 8;
/// How long a call waits for the database to come back: longer than a restart takes, and shorter than
/// a receiver lets a callback wait, so that its sender is told to come again.
const PATIENCE: Duration = Duration::from_secs(20);
/// Between two tries to reach it.
const TRY_EVERY: Duration = Duration::from_millis(250);
/// How long one try may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the server lets a client hold its locks without a word; then its transaction is undone.
const IDLE_IN_TRANSACTION: &str = "4s";
/// How long a statement waits for a lock: longer than a client may hold one without a word.
const LOCK_TIMEOUT: &str = "8s";
/// How long one statement may take.
const STATEMENT_TIMEOUT: &str = "60s";
/// How long a server may say nothing at all before its connection counts as lost.
const SILENCE: Duration = Duration::from_secs(30);

/// A way to the database, and what it may be called in words.
pub(crate) struct Way {
    pub(crate) pool: Pool,
    pub(crate) place: Arc<str>,
    /// How to reach it to cancel what a connection is at; `None` for plain.
    tls: Option<MakeRustlsConnect>,
}

/// A pool for this URL, whose connections work in this schema. Nothing is connected yet.
pub(crate) fn way(url: &str, schema: &str) -> Result<Way, StoreError> {
    let place = place(url);
    let refused = |why: String| StoreError::Open { place: place.to_string(), why };
    let mut config = Config::from_str(&known_modes(url))
        .map_err(|_| refused("it is no URL of a PostgreSQL database".to_owned()))?;
    config
        .connect_timeout(CONNECT_TIMEOUT)
        // A server that is gone without a word is noticed.
        .keepalives_idle(SILENCE)
        .tcp_user_timeout(SILENCE)
        .application_name("bsg-rcs");
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let plain = match config.get_ssl_mode() {
        SslMode::Disable => true,
        SslMode::Require => false,
        _ => is_here(&config),
    };
    let tls = if plain { None } else { Some(MakeRustlsConnect::new(tls().map_err(refused)?)) };
    let manager = match tls.clone() {
        None => {
            config.ssl_mode(SslMode::Disable);
            Manager::from_config(config, NoTls, recycling)
        }
        Some(tls) => {
            config.ssl_mode(SslMode::Require);
            Manager::from_config(config, tls, recycling)
        }
    };
    // What is answered survives the death of the machine, and a transaction that waited for a lock
    // sees what its holder wrote, no matter what the database's defaults are. A plan that was made
    // while a table was empty would read all of it for ever. A client that is gone is noticed.
    let setup = format!(
        "SET search_path TO {schema}; \
         SET default_transaction_isolation TO 'read committed'; \
         SET plan_cache_mode TO force_custom_plan; \
         SET idle_in_transaction_session_timeout TO '{IDLE_IN_TRANSACTION}'; \
         SET lock_timeout TO '{LOCK_TIMEOUT}'; \
         SET statement_timeout TO '{STATEMENT_TIMEOUT}'; \
         SET tcp_keepalives_idle TO 10; SET tcp_keepalives_interval TO 5; \
         SET tcp_keepalives_count TO 3; SET tcp_user_timeout TO 20000; \
         SELECT set_config('synchronous_commit', 'on', false) \
         WHERE current_setting('synchronous_commit') = 'off'"
    );
    let pool = Pool::builder(manager)
        .max_size(CONNECTIONS)
        .runtime(Runtime::Tokio1)
        .create_timeout(Some(CONNECT_TIMEOUT * 2))
        .wait_timeout(Some(PATIENCE))
        .recycle_timeout(Some(CONNECT_TIMEOUT))
        .post_create(Hook::async_fn(move |client, _| {
            let setup = setup.clone();
            Box::pin(async move {
                let done = client.simple_query(&setup).await;
                done.map(drop).map_err(HookError::Backend)
            })
        }))
        .build()
        .map_err(|why| refused(why.to_string()))?;
    Ok(Way { pool, place, tls })
}

/// The URL with the modes of TLS that the library knows.
fn known_modes(url: &str) -> String {
    url.replace("sslmode=verify-full", "sslmode=require")
        .replace("sslmode=verify-ca", "sslmode=require")
}

/// Host and database, without user and password.
fn place(url: &str) -> Arc<str> {
    let Ok(config) = Config::from_str(&known_modes(url)) else { return "postgres:".into() };
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(name)) => name.clone(),
        #[cfg(unix)]
        Some(Host::Unix(path)) => path.display().to_string(),
        None => String::new(),
    };
    let port = config.get_ports().first().map(|port| format!(":{port}")).unwrap_or_default();
    format!("postgres://{host}{port}/{}", config.get_dbname().unwrap_or_default()).into()
}

/// Whether the database is on this machine, by every name and address that it has.
fn is_here(config: &Config) -> bool {
    let addresses = config.get_hostaddrs();
    addresses.iter().all(std::net::IpAddr::is_loopback)
        && config.get_hosts().iter().all(|host| match host {
            Host::Tcp(name) => {
                name == "localhost"
                    || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
            }
            #[cfg(unix)]
            Host::Unix(_) => true,
        })
}

fn tls() -> Result<rustls::ClientConfig, String> {
    let mut roots = rustls::RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        return Err("this machine has no root certificates to check the database's by".to_owned());
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let versions = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|why| why.to_string())?;
    Ok(versions.with_root_certificates(roots).with_no_client_auth())
}

/// A connection that one call uses. If the call is dropped before its answer is there, what the
/// server does for it is cancelled, and the connection does not go back to the others.
pub(crate) struct Call {
    client: Option<Client>,
    tls: Option<MakeRustlsConnect>,
}

impl Call {
    pub(crate) fn client(&mut self) -> Result<&mut Client, Failure> {
        self.client.as_mut().ok_or_else(|| Failure::corrupt("connection"))
    }

    /// Gives the connection back.
    pub(crate) fn done(mut self) {
        drop(self.client.take());
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let Some(client) = self.client.take() else { return };
        let token = client.cancel_token();
        // Taken out of the pool, it is closed when the server is through with it.
        drop(Client::take(client));
        let tls = self.tls.take();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            // If it cannot be cancelled, the server's own limits end it.
            runtime.spawn(async move {
                let _ = match tls {
                    Some(tls) => token.cancel_query(tls).await,
                    None => token.cancel_query(NoTls).await,
                };
            });
        }
    }
}

impl Way {
    /// A connection for one call, also if the database has to come back first.
    pub(crate) async fn call(&self) -> Result<Call, Failure> {
        Ok(Call { client: Some(self.connection().await?), tls: self.tls.clone() })
    }

    /// A connection, at once or not at all.
    pub(crate) async fn first(&self) -> Result<Client, StoreError> {
        self.pool
            .get()
            .await
            .map_err(|error| StoreError::Open { place: self.place.to_string(), why: said(&error) })
    }

    /// A connection, also if the database has to come back first.
    #[expect(clippy::disallowed_methods, reason = "nothing tells when a database comes back")]
    async fn connection(&self) -> Result<Client, Failure> {
        let give_up = tokio::time::Instant::now() + PATIENCE;
        loop {
            let late = |_| PoolError::Timeout(TimeoutType::Wait);
            let got = tokio::time::timeout_at(give_up, self.pool.get()).await.map_err(late);
            match got.flatten() {
                Ok(client) => return Ok(client),
                Err(_) if tokio::time::Instant::now() < give_up => {
                    tokio::time::sleep(TRY_EVERY).await;
                }
                Err(error) => {
                    let source = said(&error).into();
                    let doing = "reaching the database";
                    return Err(StoreError::Backend { doing, source }.into());
                }
            }
        }
    }
}

pub(crate) fn said(error: &PoolError) -> String {
    match error {
        PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => {
            words(error)
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_no_password() {
        let named = place("postgres://ann:secret@db.example:5433/rcs?sslmode=require");
        assert_eq!(&*named, "postgres://db.example:5433/rcs");
        assert_eq!(&*place("no url"), "postgres:");
    }

    #[test]
    fn modes_that_ask_for_checked_certificates_are_understood() {
        for mode in ["verify-full", "verify-ca", "require"] {
            let url = format!("postgres://db.example/rcs?sslmode={mode}");
            let config = Config::from_str(&known_modes(&url)).unwrap();
            assert_eq!(config.get_ssl_mode(), SslMode::Require, "{mode}");
            assert_eq!(&*place(&url), "postgres://db.example:5432/rcs");
        }
    }

    #[test]
    fn other_machines_are_reached_through_tls() {
        for (url, here) in [
            ("postgres://localhost/rcs", true),
            ("postgres://127.0.0.1:5433/rcs", true),
            ("postgres:///rcs?host=/run/postgresql", true),
            ("postgres://db.example/rcs", false),
            ("postgres://10.0.0.7/rcs", false),
            ("postgres://localhost/rcs?hostaddr=10.0.0.7", false),
            ("postgres:///rcs?hostaddr=10.0.0.7", false),
        ] {
            assert_eq!(is_here(&Config::from_str(url).unwrap()), here, "{url}");
        }
    }
}
