//! `webhook`: receives callbacks into the store, beside a running apply.

use std::net::SocketAddr;
use std::sync::Arc;

use bsg_rcs_campaign::SystemClock;
use bsg_rcs_campaign::inbox::CallbackKeeper;
use bsg_rcs_store::Store;
use bsg_rcs_webhook::{WebhookSecret, axum, router};
use tokio::net::TcpListener;

use super::inbox::StoreInbox;
use crate::args::{General, Webhook};
use crate::context;
use crate::exit::{Exit, Failure};
use crate::output::Output;

/// The store's name for the secret in the URL.
const SECRET: &str = "webhook-secret";

pub(super) async fn run(
    general: &General,
    webhook: &Webhook,
    output: Output,
) -> Result<Exit, Failure> {
    let store = context::store(general).await?;
    let secret = secret(&*store).await?;
    let listener = listen(webhook.listen).await?;
    let address = listener.local_addr().unwrap_or(webhook.listen);
    println!("http://{address}{}", secret.path());
    output.note("give the platform this URL, under the name by which it reaches this machine");
    let app = router(&secret, Arc::new(StoreInbox(CallbackKeeper::new(store, clock()))));
    let served = axum::serve(listener, app).with_graceful_shutdown(context::termination()).await;
    served.map_err(|why| Failure::fault(format!("the receiver stopped: {why}")))?;
    Ok(Exit::Done)
}

/// Listens, or says what keeps it from it.
pub(super) async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|why| {
        let hint = match why.kind() {
            std::io::ErrorKind::AddrInUse => ": another program listens there; choose another port",
            _ => "",
        };
        Failure::input(format!("cannot listen on {address}: {why}{hint}"))
    })
}

/// The secret in the URL: made at first use, kept in the store.
async fn secret(store: &dyn Store) -> Result<WebhookSecret, Failure> {
    let mut random = [0; 20];
    getrandom::fill(&mut random)
        .map_err(|_| Failure::fault("the machine gives no random numbers"))?;
    let fresh = WebhookSecret::from_random(random);
    let kept = store.setting(SECRET, fresh.expose()).await?;
    WebhookSecret::parse(&kept)
        .map_err(|_| Failure::fault("the store's webhook secret cannot be read"))
}

fn clock() -> Arc<SystemClock> {
    Arc::new(SystemClock)
}
