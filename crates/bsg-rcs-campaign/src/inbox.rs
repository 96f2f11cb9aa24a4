//! Callbacks: whose are they, and what do they say? Then they are kept, whatever the answer.
//!
//! A callback is ours if its reference opens with its campaign's key for the very number that it
//! names, or if it is a caller's own reference for that number. Everything else is set aside and
//! changes nothing. What is ours is the platform's word, no more (see `docs/architecture.md`).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bsg_rcs_domain::seal::Address;
use bsg_rcs_domain::{CampaignId, Currency, Msisdn, ReferenceId, SealKey};
use bsg_rcs_store::rows::Click;
use bsg_rcs_store::{CallbackKind, Owner, Received, Store, StoreError, Verdict};
use bsg_rcs_wire::Callback;
use bsg_rcs_wire::mapping::incoming::{self, Price};

use crate::error::CampaignError;
use crate::stored_plan::plan_of;

/// Bodies that are judged anew in one transaction.
const REPLAYED_AT_ONCE: u32 = 500;
/// Campaigns whose keys are remembered.
const REMEMBERED: usize = 10_000;

/// What callbacks were found to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Judged {
    /// Of our recipients.
    pub ours: u64,
    /// Set aside: unreadable, foreign, or with a broken seal.
    pub aside: u64,
}

impl Judged {
    fn of<'v>(verdicts: impl Iterator<Item = &'v Verdict>) -> Self {
        let mut judged = Self::default();
        for verdict in verdicts {
            match verdict {
                Verdict::Ours { .. } => judged.ours += 1,
                Verdict::SetAside { .. } => judged.aside += 1,
            }
        }
        judged
    }

    fn add(&mut self, more: Self) {
        self.ours += more.ours;
        self.aside += more.aside;
    }
}

/// Keeps callbacks in a store.
#[derive(Clone)]
pub struct CallbackKeeper {
    store: Arc<dyn Store>,
    // Neither changes once it is known, so it need not be asked for again.
    known: Arc<Mutex<HashMap<CampaignId, Known>>>,
}

/// What is remembered of a campaign.
#[derive(Clone, Copy)]
struct Known {
    key: SealKey,
    /// The currency of prices that name none.
    currency: Option<Currency>,
}

/// What a callback says, and the marks by which it is recognised.
struct Told {
    reference: ReferenceId,
    number: Msisdn,
    kind: CallbackKind,
    /// The price, as the callback says it.
    price: Price,
}

/// A recipient: its campaign, and its index in it.
type Recipient = (CampaignId, u32);

impl CallbackKeeper {
    /// Keeps callbacks in `store`.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store, known: Arc::default() }
    }

    /// Judges and keeps the bodies of callbacks, all in one transaction. `Ok` means that they are
    /// durable. One whose recipient's reports are damaged in the store is set aside, so that it
    /// keeps no other back.
    ///
    /// # Errors
    /// [`CampaignError::Store`]: nothing was kept.
    pub async fn keep(&self, callbacks: Vec<Vec<u8>>) -> Result<Judged, CampaignError> {
        let verdicts = self.judge(&callbacks).await?;
        let received = callbacks.into_iter().zip(verdicts);
        let mut received: Vec<_> =
            received.map(|(body, verdict)| Received { body, verdict }).collect();
        loop {
            match self.store.keep_callbacks(received.clone()).await {
                Err(StoreError::Unreadable { campaign, index }) => {
                    let damaged = (campaign, index);
                    let verdicts = received.iter_mut().map(|one| &mut one.verdict);
                    if !set_damaged_aside(verdicts, damaged) {
                        return Err(StoreError::Unreadable { campaign, index }.into());
                    }
                }
                kept => {
                    kept?;
                    return Ok(Judged::of(received.iter().map(|one| &one.verdict)));
                }
            }
        }
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
            let kept = self.store.bodies(after, REPLAYED_AT_ONCE).await?;
            let Some(last) = kept.last() else { return Ok(judged) };
            after = last.id;
            // A body that was emptied belongs to a number that was forgotten: it says no more.
            let kept = kept.into_iter().filter(|kept| !kept.body.is_empty());
            let (ids, bodies): (Vec<_>, Vec<_>) = kept.map(|kept| (kept.id, kept.body)).unzip();
            let verdicts = self.judge(&bodies).await?;
            let mut verdicts: Vec<_> = ids.into_iter().zip(verdicts).collect();
            self.judge_again(&mut verdicts).await?;
            judged.add(Judged::of(verdicts.iter().map(|(_, verdict)| verdict)));
        }
    }

    async fn judge_again(&self, verdicts: &mut [(u64, Verdict)]) -> Result<(), CampaignError> {
        loop {
            match self.store.judge_again(verdicts.to_vec()).await {
                Err(StoreError::Unreadable { campaign, index })
                    if set_damaged_aside(
                        verdicts.iter_mut().map(|(_, verdict)| verdict),
                        (campaign, index),
                    ) => {}
                judged => return Ok(judged?),
            }
        }
    }

    /// A verdict for each body. The owners of all references that are not minted are asked for at
    /// once.
    async fn judge(&self, bodies: &[Vec<u8>]) -> Result<Vec<Verdict>, CampaignError> {
        let told: Vec<Result<Told, String>> = bodies.iter().map(|body| told(body)).collect();
        let mut recipients = Vec::with_capacity(told.len());
        for told in &told {
            recipients.push(match told {
                Ok(told) => self.minted_for(told).await?,
                Err(_) => None,
            });
        }
        let unclaimed = told.iter().zip(&recipients).filter(|(_, found)| found.is_none());
        let references: Vec<ReferenceId> =
            unclaimed.filter_map(|(told, _)| Some(told.as_ref().ok()?.reference)).collect();
        let mut owners = match references.is_empty() {
            true => Vec::new(),
            false => self.store.owners(references).await?,
        }
        .into_iter();
        let mut verdicts = Vec::with_capacity(told.len());
        for (told, minted) in told.into_iter().zip(recipients) {
            let told = match told {
                Ok(told) => told,
                Err(why) => {
                    verdicts.push(Verdict::SetAside { why });
                    continue;
                }
            };
            let recipient = match minted {
                Some(recipient) => Some(recipient),
                None => self.owned_by(owners.next().flatten(), told.number).await?,
            };
            verdicts.push(self.verdict(told, recipient).await?);
        }
        Ok(verdicts)
    }

    async fn verdict(
        &self,
        told: Told,
        recipient: Option<Recipient>,
    ) -> Result<Verdict, CampaignError> {
        let Some((campaign, index)) = recipient else {
            let why = "its reference is not ours, or not this number's".to_owned();
            return Ok(Verdict::SetAside { why });
        };
        let mut kind = told.kind;
        if let (CallbackKind::Report(report), Some(_)) = (&mut kind, told.price.bare()) {
            // A price that names no currency is in the campaign's.
            let currency = self.known(campaign).await?.and_then(|known| known.currency);
            report.price = currency.and_then(|currency| told.price.or_in(currency));
        }
        Ok(Verdict::Ours { campaign, index, callback: kind })
    }

    /// The recipient that a minted reference is for, if its seal fits the number.
    async fn minted_for(&self, told: &Told) -> Result<Option<Recipient>, CampaignError> {
        let Some(address) = Address::read(&told.reference) else { return Ok(None) };
        let Some(known) = self.known(address.campaign()).await? else { return Ok(None) };
        let index = address.open(&known.key, told.number).ok();
        Ok(index.map(|index| (address.campaign(), index)))
    }

    /// The owner of a caller's own reference, if it is for this number.
    async fn owned_by(
        &self,
        owner: Option<Owner>,
        number: Msisdn,
    ) -> Result<Option<Recipient>, CampaignError> {
        let Some(owner) = owner else { return Ok(None) };
        let recipients = self.store.recipients(owner.campaign, owner.index, 1).await?;
        let same_number = recipients.first().is_some_and(|r| r.number == Some(number));
        Ok(same_number.then_some((owner.campaign, owner.index)))
    }

    async fn known(&self, campaign: CampaignId) -> Result<Option<Known>, CampaignError> {
        let remembered = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = remembered().get(&campaign) {
            return Ok(Some(*known));
        }
        let Some(row) = self.store.campaign(campaign).await? else { return Ok(None) };
        let known = Known { key: row.key, currency: plan_of(&row)?.currency() };
        if known.currency.is_some() {
            let mut remembered = remembered();
            if remembered.len() >= REMEMBERED {
                remembered.clear();
            }
            remembered.insert(campaign, known);
        }
        Ok(Some(known))
    }
}

/// Sets aside what concerns a recipient whose reports in the store are damaged; whether there was
/// any.
fn set_damaged_aside<'v>(
    verdicts: impl Iterator<Item = &'v mut Verdict>,
    (campaign, index): Recipient,
) -> bool {
    let mut any = false;
    for verdict in verdicts {
        let concerns = matches!(verdict, Verdict::Ours { campaign: c, index: i, .. }
            if (*c, *i) == (campaign, index));
        if concerns {
            let why = format!("the store's reports of recipient {index} of {campaign} are damaged");
            *verdict = Verdict::SetAside { why };
            any = true;
        }
    }
    any
}

impl std::fmt::Debug for CallbackKeeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CallbackKeeper")
    }
}

/// What a body says, or why that cannot be told.
fn told(body: &[u8]) -> Result<Told, String> {
    let callback = Callback::read(body).map_err(|why| why.to_string())?;
    let (reference, number, kind, price) = match &callback {
        Callback::StatusReport(report) => {
            let told = incoming::status_report(report).map_err(|why| why.to_string())?;
            (told.reference, told.number, CallbackKind::Report(told.report), told.price)
        }
        Callback::Click(click) => {
            let told = incoming::click(click).map_err(|why| why.to_string())?;
            let kind = CallbackKind::Click(Click {
                message: told.message,
                text: told.text,
                postback: told.postback,
                clicked_at: told.clicked_at,
            });
            (told.reference, told.number, kind, Price::Unsaid)
        }
    };
    match (reference, number) {
        (Some(reference), Some(number)) => Ok(Told { reference, number, kind, price }),
        _ => Err("it has no reference of ours, or no number".to_owned()),
    }
}
