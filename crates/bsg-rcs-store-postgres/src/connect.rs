//! How the database is reached: plain on this machine unless the URL says `sslmode=require`, through
//! TLS with a checked certificate elsewhere unless it says `sslmode=disable`.
//!
//! A connection that is lost is replaced. A call that was under way fails, for nobody knows whether
//! it was carried out; one that only waits for a connection waits for the database to come back.

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
/// How long a server may say nothing at all before its connection counts as lost.
const SILENCE: Duration = Duration::from_secs(30);

/// A way to the database, and what it may be called in words.
pub(crate) struct Way {
    pub(crate) pool: Pool,
    pub(crate) place: Arc<str>,
}

/// A pool for this URL, whose connections work in this schema. Nothing is connected yet.
pub(crate) fn way(url: &str, schema: &str) -> Result<Way, StoreError> {
    let place = place(url);
    let refused = |why: String| StoreError::Open { place: place.to_string(), why };
    let mut config = Config::from_str(url)
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
    let manager = if plain {
        config.ssl_mode(SslMode::Disable);
        Manager::from_config(config, NoTls, recycling)
    } else {
        config.ssl_mode(SslMode::Require);
        let tls = MakeRustlsConnect::new(tls().map_err(refused)?);
        Manager::from_config(config, tls, recycling)
    };
    // What is answered survives the death of the machine, and who waited for a lock sees what its
    // holder wrote, whatever the database's defaults are. A plan that was made while a table was
    // empty would read all of it for ever.
    let setup = format!(
        "SET search_path TO {schema}; \
         SET default_transaction_isolation TO 'read committed'; \
         SET plan_cache_mode TO force_custom_plan; \
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
    Ok(Way { pool, place })
}

/// Host and database, without user and password.
fn place(url: &str) -> Arc<str> {
    let Ok(config) = Config::from_str(url) else { return "postgres:".into() };
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

impl Way {
    /// A connection, at once or not at all.
    pub(crate) async fn first(&self) -> Result<Client, StoreError> {
        self.pool
            .get()
            .await
            .map_err(|error| StoreError::Open { place: self.place.to_string(), why: said(&error) })
    }

    /// A connection, also if the database has to come back first.
    #[expect(clippy::disallowed_methods, reason = "nothing tells when a database comes back")]
    pub(crate) async fn connection(&self) -> Result<Client, Failure> {
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

fn said(error: &PoolError) -> String {
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
