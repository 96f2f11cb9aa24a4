//! Callbacks: whose are they, and what do they say? Then they are kept, whatever the answer.
//!
//! A callback is ours if its reference opens with its campaign's key for the very number that it
//! names, or if it is a caller's own reference for that number. Everything else is set aside and
//! changes nothing. What is ours is the platform's word, no more (see `docs/architecture.md`).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bsg_rcs_domain::seal::Address;
use bsg_rcs_domain::{CampaignId, Msisdn, ReferenceId, SealKey};
use bsg_rcs_store::rows::Click;
use bsg_rcs_store::{Received, Said, Store, Verdict};
use bsg_rcs_wire::Callback;
use bsg_rcs_wire::mapping::incoming;

use crate::clock::Clock;
use crate::error::CampaignError;

/// Bodies that are judged anew in one transaction.
const REPLAYED_AT_ONCE: u32 = 500;

/// What callbacks were found to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Judged {
    /// Of our recipients.
    pub ours: u64,
    /// Set aside: unreadable, foreign, or with a broken seal.
    pub aside: u64,
}

impl Judged {
    fn count(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Ours { .. } => self.ours += 1,
            Verdict::SetAside { .. } => self.aside += 1,
        }
    }
}

/// Keeps callbacks in a store.
#[derive(Clone)]
pub struct CallbackKeeper {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    // Keys never change, so what was found once need not be asked for again.
    keys: Arc<Mutex<HashMap<CampaignId, SealKey>>>,
}

/// What a callback says, and the marks by which it is recognised.
struct Told {
    reference: Option<ReferenceId>,
    number: Option<Msisdn>,
    said: Said,
}

impl CallbackKeeper {
    /// Keeps callbacks in `store`, stamped by `clock`.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, keys: Arc::default() }
    }

    /// Judges and keeps the bodies of callbacks, all in one transaction. `Ok` means that they are durable.
    ///
    /// # Errors
    /// [`CampaignError::Store`]: nothing was kept.
    pub async fn keep(&self, callbacks: Vec<Vec<u8>>) -> Result<Judged, CampaignError> {
        let at = self.clock.now();
        let mut judged = Judged::default();
        let mut received = Vec::with_capacity(callbacks.len());
        for body in callbacks {
            let verdict = self.judge(&body).await?;
            judged.count(&verdict);
            received.push(Received { at, body, verdict });
        }
        self.store.keep_callbacks(received).await?;
        Ok(judged)
    }

    /// Judges every kept body anew and adds what it says. What was set aside for want of a campaign
    /// that is there by now, or by an earlier version that could not read it, is not any more; for
    /// all else it changes nothing.
    ///
    /// # Errors
    /// [`CampaignError::Store`]; what was judged before it stays so.
    pub async fn replay(&self) -> Result<Judged, CampaignError> {
        let (mut after, mut judged) = (0, Judged::default());
        loop {
            let bodies = self.store.bodies(after, REPLAYED_AT_ONCE).await?;
            let Some(last) = bodies.last() else { return Ok(judged) };
            after = last.id;
            let mut verdicts = Vec::with_capacity(bodies.len());
            // A body that was emptied is that of somebody who was forgotten: it says no more.
            for kept in bodies.into_iter().filter(|kept| !kept.body.is_empty()) {
                let verdict = self.judge(&kept.body).await?;
                judged.count(&verdict);
                verdicts.push((kept.id, verdict));
            }
            self.store.judge_again(verdicts).await?;
        }
    }

    async fn judge(&self, body: &[u8]) -> Result<Verdict, CampaignError> {
        let aside = |why: &dyn ToString| Ok(Verdict::SetAside { why: why.to_string() });
        let told = match Callback::read(body) {
            Ok(callback) => match told(&callback) {
                Ok(told) => told,
                Err(why) => return aside(&why),
            },
            Err(why) => return aside(&why),
        };
        let (Some(reference), Some(number)) = (told.reference, told.number) else {
            return aside(&"it has no reference of ours, or no number");
        };
        match self.owner(reference, number).await? {
            Some((campaign, index)) => Ok(Verdict::Ours { campaign, index, said: told.said }),
            None => aside(&"its reference is not ours, or not this number's"),
        }
    }

    /// Whose reference it is, if it is for this number.
    async fn owner(
        &self,
        reference: ReferenceId,
        number: Msisdn,
    ) -> Result<Option<(CampaignId, u32)>, CampaignError> {
        if let Some(address) = Address::read(&reference)
            && let Some(key) = self.key(address.campaign()).await?
            && let Ok(index) = address.open(&key, number)
        {
            return Ok(Some((address.campaign(), index)));
        }
        let Some((campaign, index)) = self.store.by_reference(reference).await? else {
            return Ok(None);
        };
        let recipients = self.store.recipients(campaign, index, 1).await?;
        let same_number = recipients.first().is_some_and(|r| r.number == Some(number));
        Ok(same_number.then_some((campaign, index)))
    }

    async fn key(&self, campaign: CampaignId) -> Result<Option<SealKey>, CampaignError> {
        let keys = || self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = keys().get(&campaign) {
            return Ok(Some(*key));
        }
        let Some(row) = self.store.campaign(campaign).await? else { return Ok(None) };
        keys().insert(campaign, row.key);
        Ok(Some(row.key))
    }
}

impl std::fmt::Debug for CallbackKeeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CallbackKeeper")
    }
}

fn told(callback: &Callback) -> Result<Told, incoming::Unmappable> {
    match callback {
        Callback::StatusReport(report) => {
            let told = incoming::status_report(report)?;
            let said = Said::Report(told.report);
            Ok(Told { reference: told.reference, number: told.number, said })
        }
        Callback::Click(click) => {
            let missing = incoming::Unmappable { what: "the click", field: "id" };
            let id = click.id.ok_or(missing)?;
            Ok(Told {
                reference: incoming::reference(click.reference.as_deref()),
                number: incoming::number(click.msisdn),
                said: Said::Click(Click {
                    message: bsg_rcs_domain::MessageId(id.0),
                    text: click.text.clone(),
                    postback: click.postback.clone(),
                    clicked_at: incoming::civil(click.time_click.as_ref()),
                }),
            })
        }
    }
}
