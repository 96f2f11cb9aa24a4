//! Applying: each planned batch is sent once, whatever dies in between.
//!
//! For one batch the order is always: the intent is written, the request leaves, the outcome is
//! written, then it is told. A batch that is found in the middle (its writer died, or the outcome
//! is unknown) is looked up before anything of it is sent again.
//!
//! | the send answered | the batch becomes | then |
//! | --- | --- | --- |
//! | accepted | accepted | the next batch |
//! | rejected | rejected | no new batches: the reason would hold for them too |
//! | unknown, or a reference is known | unknown | it is resolved: [`crate::resolve`] |
//! | nothing was sent | planned | tried again a few times, then given up |

use std::sync::Arc;
use std::time::Duration;

use bsg_rcs::{CampaignSend, Client, SendOutcome};
use bsg_rcs_domain::{
    Addressee, Batch, BatchCap, CampaignId, CampaignStatus, Message, ReferenceId,
};
use bsg_rcs_store::{
    BatchChange, BatchRow, BatchState, CampaignRow, CampaignState, Kind, RecipientRow, Store,
};

use crate::clock::Clock;
use crate::error::CampaignError;
use crate::input::message::MessageFile;
use crate::interrupt::Interrupt;
use crate::progress::{Event, Progress};

/// How often a send that certainly did not leave is tried, in all.
const TRIES: u32 = 5;
/// The wait after the first such try; it doubles.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// How a campaign is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ApplyOptions {
    /// Stops after the first so many recipients, rounded up to a batch.
    pub first: Option<u64>,
    /// The most recipients a second.
    pub rate: Option<u32>,
    /// How long an unknown outcome may still change. Longer than request timeout plus the window
    /// of the platform's duplicate guard (10 seconds, assumption A17); without one, it is that
    /// plus 5 seconds.
    pub settle: Option<Duration>,
}

/// The window of the platform's duplicate guard, and some air.
const GUARD_AND_AIR: Duration = Duration::from_secs(15);

/// Why applying ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// Every batch was sent and settled.
    AllSent,
    /// The platform refused a batch; no more were sent.
    Refused {
        /// The platform's words.
        why: String,
    },
    /// Looking up did not settle these batches; a person must decide.
    Held {
        /// Their numbers, from 0.
        batches: Vec<u32>,
    },
    /// Stopped before the end; applying again goes on.
    Stopped(Stop),
}

/// Why applying stopped before the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The first recipients were asked for, and they are sent.
    First,
    /// Somebody wished it.
    Interrupted,
    /// The platform paused a campaign: the funds ran out. Nothing restarts by itself after a
    /// top-up.
    PausedByPlatform {
        /// The platform's campaign.
        remote: u64,
    },
}

/// What campaign work is done with.
#[derive(Clone)]
pub struct Tools {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// How the platform is reached.
    pub client: Client,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Who listens.
    pub progress: Progress,
    /// Who may stop it.
    pub interrupt: Interrupt,
}

impl std::fmt::Debug for Tools {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tools").field("client", &self.client).finish_non_exhaustive()
    }
}

/// Applies a campaign. Run again after any end, it goes on where it was.
///
/// # Errors
/// [`CampaignError`]: no such campaign, another process applies it, another platform or account,
/// the platform is not reachable, the store fails. What was sent before is written.
pub async fn apply(
    tools: &Tools,
    id: CampaignId,
    options: ApplyOptions,
) -> Result<Applied, CampaignError> {
    let (campaign, _claim) = begin(tools, id).await?;
    let mut run = Run {
        tools,
        message: message_of(&campaign)?,
        settle: options.settle.unwrap_or(tools.client.request_timeout() + GUARD_AND_AIR),
        options,
        campaign,
    };
    let applied = run.batches().await;
    let state = match &applied {
        Ok(Applied::AllSent | Applied::Held { .. }) => CampaignState::Sending,
        Ok(Applied::Refused { .. } | Applied::Stopped(_)) | Err(_) => CampaignState::Paused,
    };
    tools.store.set_state(id, state).await?;
    applied
}

/// Loads and claims a campaign that this account may apply.
async fn begin(
    tools: &Tools,
    id: CampaignId,
) -> Result<(CampaignRow, bsg_rcs_store::Claim), CampaignError> {
    let campaign = tools.store.campaign(id).await?.ok_or(CampaignError::NoCampaign(id))?;
    let not_applicable = |why: String| CampaignError::NotApplicable { id, why };
    let client = &tools.client;
    if campaign.platform != client.base_url() {
        let planned = &campaign.platform;
        let why = format!("was planned for {planned} and goes nowhere else: plan it anew");
        return Err(not_applicable(why));
    }
    if campaign.account != client.account_fingerprint() {
        let why = "was planned with another API key and is sent with no other: plan it anew";
        return Err(not_applicable(why.to_owned()));
    }
    let claim = tools.store.claim(id).await?;
    // Its state as it is under the claim.
    let campaign = tools.store.campaign(id).await?.ok_or(CampaignError::NoCampaign(id))?;
    match campaign.state {
        CampaignState::Preparing => {
            let why = "was not planned to its end and holds no batches: plan it anew";
            Err(not_applicable(why.to_owned()))
        }
        CampaignState::Stopped => Err(not_applicable("was stopped for good".to_owned())),
        CampaignState::Done => Ok((campaign, claim)),
        CampaignState::Planned | CampaignState::Sending | CampaignState::Paused => {
            tools.store.set_state(id, CampaignState::Sending).await?;
            Ok((campaign, claim))
        }
    }
}

/// The message that a campaign sends.
///
/// # Errors
/// [`CampaignError::Corrupt`] if the store's words for it cannot be read.
pub fn message_of(campaign: &CampaignRow) -> Result<Message, CampaignError> {
    let corrupt = || CampaignError::Corrupt("message");
    let file: MessageFile = serde_json::from_str(&campaign.message).map_err(|_| corrupt())?;
    let checked = file.into_draft().check().map_err(|_| corrupt())?;
    Ok(checked.value)
}

/// One run of applying.
pub(crate) struct Run<'a> {
    pub(crate) tools: &'a Tools,
    pub(crate) campaign: CampaignRow,
    pub(crate) message: Message,
    pub(crate) settle: Duration,
    options: ApplyOptions,
}

/// What became of one batch in this run.
pub(crate) enum Settled {
    Accepted { remote: Option<u64> },
    Rejected { why: String },
    Held,
    /// Still to be settled: the run was interrupted.
    Interrupted,
}

impl Run<'_> {
    async fn batches(&mut self) -> Result<Applied, CampaignError> {
        let batches = self.tools.store.batches(self.campaign.id).await?;
        let mut held = Vec::new();
        // Refused in an earlier run: that stays, but its cause may be gone for the others.
        let mut refused_before = None;
        let mut settled_recipients = 0;
        for batch in &batches {
            if self.options.first.is_some_and(|first| u64::from(batch.first) >= first) {
                return Ok(Applied::Stopped(Stop::First));
            }
            let settled = match batch.state {
                BatchState::Accepted => Settled::Accepted { remote: batch.remote },
                BatchState::Rejected => {
                    refused_before = Some(batch.note.clone().unwrap_or_default());
                    Settled::Accepted { remote: None }
                }
                BatchState::Held => Settled::Held,
                BatchState::Sending | BatchState::Unknown => self.resolve(batch).await?,
                BatchState::Planned if self.tools.interrupt.is_raised() => Settled::Interrupted,
                BatchState::Planned => self.send(batch).await?,
            };
            match settled {
                Settled::Accepted { remote: Some(remote) } if self.is_paused(remote).await => {
                    return Ok(Applied::Stopped(Stop::PausedByPlatform { remote }));
                }
                Settled::Accepted { .. } => {}
                Settled::Rejected { why } => return Ok(Applied::Refused { why }),
                Settled::Held => held.push(batch.number),
                Settled::Interrupted => return Ok(Applied::Stopped(Stop::Interrupted)),
            }
            settled_recipients += u64::from(batch.count);
            let of = self.campaign.recipients.into();
            (self.tools.progress)(Event::Batch { settled: settled_recipients, of });
        }
        Ok(match refused_before {
            Some(why) => Applied::Refused { why },
            None if held.is_empty() => Applied::AllSent,
            None => Applied::Held { batches: held },
        })
    }

    /// Sends a batch that was certainly not sent before, or was looked up and not found.
    pub(crate) async fn send(&mut self, batch: &BatchRow) -> Result<Settled, CampaignError> {
        let recipients = self.recipients(batch).await?;
        let to = self.addressees(&recipients)?;
        for attempt in 1.. {
            self.change(batch, BatchState::Sending, None, None).await?;
            let outcome = match self.exchange(&to).await {
                Ok(outcome) => outcome,
                Err(error) => {
                    self.change(batch, BatchState::Planned, None, None).await?;
                    let hopeless = !matches!(error.kind(), bsg_rcs::ErrorKind::Transport);
                    if hopeless || attempt == TRIES {
                        return Err(error.into());
                    }
                    let wait = FIRST_WAIT * 2_u32.pow(attempt - 1);
                    (self.tools.progress)(Event::Unreachable { wait, why: error.to_string() });
                    if !self.pause(wait).await {
                        return Ok(Settled::Interrupted);
                    }
                    continue;
                }
            };
            self.pace(batch).await;
            return match outcome {
                SendOutcome::Accepted(remote) => self.accept(batch, Some(remote)).await,
                SendOutcome::Rejected(why) => {
                    let why = why.to_string();
                    self.change(batch, BatchState::Rejected, None, Some(why.clone())).await?;
                    Ok(Settled::Rejected { why })
                }
                SendOutcome::Unknown(unknown) => self.unknown(batch, attempt, unknown.why).await,
                SendOutcome::AlreadyKnown(known) => {
                    self.unknown(batch, attempt, known.refusal.to_string()).await
                }
            };
        }
        Ok(Settled::Interrupted)
    }

    async fn exchange(&self, to: &Batch) -> Result<SendOutcome<u64>, bsg_rcs::Error> {
        let client = &self.tools.client;
        match (self.campaign.kind, to.addressees()) {
            (Kind::Single, [only]) => {
                let send = bsg_rcs::SingleSend::to(only.number).reference(only.reference);
                let outcome = client.messages().send(&self.message, &send).await?;
                Ok(outcome.map(|message| message.report.message.0))
            }
            _ => {
                let send = CampaignSend { to: to.clone(), start_at: self.campaign.start_at };
                let outcome = client.campaigns().send(&self.message, &send).await?;
                Ok(outcome.map(|campaign| campaign.id))
            }
        }
    }

    pub(crate) async fn accept(
        &self,
        batch: &BatchRow,
        remote: Option<u64>,
    ) -> Result<Settled, CampaignError> {
        self.change(batch, BatchState::Accepted, remote, None).await?;
        Ok(Settled::Accepted { remote })
    }

    async fn unknown(
        &mut self,
        batch: &BatchRow,
        attempts: u32,
        why: String,
    ) -> Result<Settled, CampaignError> {
        let state = BatchState::Unknown;
        let changed_at = self.change(batch, state, None, Some(why.clone())).await?;
        let attempts = batch.attempts + attempts;
        let batch = BatchRow { state, changed_at, attempts, note: Some(why), ..batch.clone() };
        // Resolving may send again, which may be unknown again: the future needs a fixed size.
        Box::pin(self.resolve(&batch)).await
    }

    /// Writes where a batch stands; answers when.
    pub(crate) async fn change(
        &self,
        batch: &BatchRow,
        state: BatchState,
        remote: Option<u64>,
        note: Option<String>,
    ) -> Result<bsg_rcs_store::Timestamp, CampaignError> {
        let at = self.tools.clock.now();
        let change = BatchChange { state, at, remote, note };
        self.tools.store.change_batch(self.campaign.id, batch.number, change).await?;
        Ok(at)
    }

    pub(crate) async fn recipients(
        &self,
        batch: &BatchRow,
    ) -> Result<Vec<RecipientRow>, CampaignError> {
        let id = self.campaign.id;
        Ok(self.tools.store.recipients(id, batch.first, batch.count).await?)
    }

    pub(crate) fn reference(&self, recipient: &RecipientRow) -> ReferenceId {
        recipient.reference.unwrap_or_else(|| {
            self.campaign.key.mint(self.campaign.id, recipient.index, recipient.number)
        })
    }

    fn addressees(&self, recipients: &[RecipientRow]) -> Result<Batch, CampaignError> {
        let to = recipients
            .iter()
            .map(|to| Addressee { number: to.number, reference: self.reference(to) })
            .collect();
        Batch::new(to, BatchCap::PLATFORM).map_err(|_| CampaignError::Corrupt("batch"))
    }

    /// Whether the platform paused one of its campaigns. Not knowing is no pause.
    async fn is_paused(&self, remote: u64) -> bool {
        if self.campaign.kind == Kind::Single {
            return false;
        }
        let asked = self.tools.client.campaigns().get(remote).await;
        asked.is_ok_and(|campaign| campaign.status == Ok(CampaignStatus::Paused))
    }

    /// Keeps to the rate that was asked for.
    async fn pace(&mut self, batch: &BatchRow) {
        if let Some(rate) = self.options.rate.filter(|rate| *rate > 0) {
            let span = Duration::from_secs(batch.count.into()) / rate;
            self.pause(span).await;
        }
    }

    /// Waits; `false` if the wait was interrupted.
    pub(crate) async fn pause(&mut self, span: Duration) -> bool {
        let mut interrupt = self.tools.interrupt.clone();
        tokio::select! {
            biased;
            () = interrupt.raised() => false,
            () = self.tools.clock.sleep(span) => true,
        }
    }
}
