//! `webhook`: receives callbacks into the store, beside a running apply; `webhook replay` judges what
//! is kept anew.

use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_campaign::inbox::{CallbackKeeper, Judged};
use bsg_rcs_store::Store;
use bsg_rcs_webhook::{Bounds, WebhookSecret, router, serve};
use serde::Serialize;

use super::inbox::StoreInbox;
use crate::args::{General, Webhook, WebhookAction};
use crate::context;
use crate::exit::{Exit, Failure};
use crate::listen::listen;
use crate::metering;
use crate::output::Output;

/// How often what is old is looked for.
const PRUNE_EVERY: Duration = Duration::from_secs(3600);
/// The store's name for the secret in the URL.
const SECRET: &str = "webhook-secret";

pub(super) async fn run(
    general: &General,
    webhook: &Webhook,
    output: Output,
) -> Result<Exit, Failure> {
    let store = context::store(general).await?;
    let keeper = CallbackKeeper::new(Arc::clone(&store));
    if let Some(WebhookAction::Replay) = webhook.action {
        return replay(&keeper, output).await;
    }
    let secret = secret(&*store).await?;
    let metrics = metering::page()?;
    let listener = listen(webhook.listen).await?;
    let address = listener.local_addr().unwrap_or(webhook.listen);
    println!("http://{address}{}", secret.path());
    output.note("give the platform this URL, under the name by which it reaches this machine");
    let mut app = router(&secret, Arc::new(StoreInbox { keeper, store: Arc::clone(&store) }));
    match webhook.metrics {
        Some(address) => metering::serve_at(address, metrics).await?,
        None => app = app.merge(metrics),
    }
    let pruning = tokio::spawn(prune(store, webhook.keep));
    serve(listener, app, Bounds::default(), context::termination()).await;
    pruning.abort();
    Ok(Exit::Done)
}

#[derive(Serialize)]
struct Replayed {
    ours: u64,
    aside: u64,
}

async fn replay(keeper: &CallbackKeeper, output: Output) -> Result<Exit, Failure> {
    let Judged { ours, aside } = keeper.replay().await?;
    output.result(&Replayed { ours, aside }, || {
        format!("{ours} kept callbacks are of our recipients, {aside} stay set aside")
    })?;
    Ok(Exit::Done)
}

/// Removes bodies and changes once they are older than they are to be kept.
async fn prune(store: Arc<dyn Store>, keep: Duration) {
    let mut every = tokio::time::interval(PRUNE_EVERY);
    loop {
        every.tick().await;
        let removed = match store.now().await {
            Ok(now) => store.prune(now.before(keep)).await,
            Err(error) => Err(error),
        };
        match removed {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "bodies and changes were old and are removed"),
            Err(error) => tracing::warn!(%error, "what is old could not be removed"),
        }
    }
}

/// The secret in the URL: made at first use, kept in the store.
pub(super) async fn secret(store: &dyn Store) -> Result<WebhookSecret, Failure> {
    let mut random = [0; 20];
    getrandom::fill(&mut random)
        .map_err(|_| Failure::fault("the machine gives no random numbers"))?;
    let fresh = WebhookSecret::from_random(random);
    let kept = store.setting(SECRET, fresh.expose()).await?;
    WebhookSecret::parse(&kept)
        .map_err(|_| Failure::fault("the store's webhook secret cannot be read"))
}
