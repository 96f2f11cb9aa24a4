//! Campaigns of the platform: one request, 1 to 5000 recipients.

use bsg_rcs_domain::{Batch, CivilDateTime, ContactListId, Message, RemoteCampaignId};
use bsg_rcs_transport::{Bytes, LeaveWhile, http};
use bsg_rcs_wire::Data;
use bsg_rcs_wire::generated::{self as wire, paths, query};
use bsg_rcs_wire::mapping::incoming::{self, RemoteCampaign, RemoteDetail};
use bsg_rcs_wire::mapping::outgoing;
use http::{Method, Response};

use crate::call::{Call, at_most, misread, path, read_success, unbuilt};
use crate::client::Client;
use crate::error::Error;
use crate::listing::{self, Listed, Listing, Page};
use crate::outcome::{self, DryRun, SendOutcome};
use crate::rules;

/// The least and most campaigns of one page.
const PAGE: std::ops::RangeInclusive<u32> = 30..=500;

/// Calls about campaigns.
#[derive(Debug, Clone, Copy)]
pub struct Campaigns<'a>(pub(crate) &'a Client);

impl Client {
    /// Campaigns.
    pub fn campaigns(&self) -> Campaigns<'_> {
        Campaigns(self)
    }
}

/// Whom a campaign is for, and when it begins.
#[derive(Debug, Clone)]
#[must_use]
pub struct CampaignSend {
    to: Batch,
    start_at: Option<CivilDateTime>,
    gate: Option<LeaveWhile>,
}

impl CampaignSend {
    /// To these recipients, each with its reference, at once.
    pub const fn to(batch: Batch) -> Self {
        Self { to: batch, start_at: None, gate: None }
    }

    /// When the platform is to begin, in its own time, which names no zone; at once if `None`.
    pub fn start_at(mut self, start: impl Into<Option<CivilDateTime>>) -> Self {
        self.start_at = start.into();
        self
    }

    /// Asked immediately before every exchange that would carry the send: after a login, and before
    /// each repeat. Once it answers `false` the send is withheld: [`Error`] with
    /// [`ErrorKind::Withheld`](crate::ErrorKind::Withheld) if no earlier try may have left, else
    /// [`SendOutcome::Unknown`].
    pub fn leave_while(mut self, gate: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        self.gate = Some(LeaveWhile::new(gate));
        self
    }

    /// The recipients.
    pub const fn recipients(&self) -> &Batch {
        &self.to
    }
}

/// Which campaigns to list. Those of RCS of the last three months, unless said otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
#[must_use]
pub struct CampaignFilter {
    /// Those taken at or after this time, in the platform's own zone.
    pub from: Option<CivilDateTime>,
    /// Those taken at or before this time.
    pub to: Option<CivilDateTime>,
    /// Those of this agent.
    pub agent: Option<String>,
}

impl CampaignFilter {
    /// Those taken at or after this time, in the platform's own zone.
    pub fn from(self, time: impl Into<Option<CivilDateTime>>) -> Self {
        Self { from: time.into(), ..self }
    }

    /// Those taken at or before this time.
    pub fn to(self, time: impl Into<Option<CivilDateTime>>) -> Self {
        Self { to: time.into(), ..self }
    }

    /// Those of this agent.
    pub fn agent(self, agent: impl Into<String>) -> Self {
        Self { agent: Some(agent.into()), ..self }
    }
}

impl Campaigns<'_> {
    /// The most campaigns that one page can have.
    pub const PAGE_MAX: u32 = *PAGE.end();
    /// The most contact lists of one send.
    pub const LISTS_MAX: usize = 1000;

    /// Sends one message to a batch (`POST /api/campaigns/rcs/send`).
    ///
    /// # Cancellation
    /// A future that is dropped may have sent. What was sent is looked up by the references of the
    /// batch: keep them before the send, and hand them to [`Client::unsettled`] after.
    ///
    /// # Errors
    /// [`Error`] only if nothing was sent; see [`SendOutcome`] for the rest. A start that the
    /// platform would refuse, and a call button that is not allowed in a recipient's country, are
    /// [`ErrorKind::RuleBroken`](crate::ErrorKind::RuleBroken).
    pub async fn send(
        self,
        message: &Message,
        send: &CampaignSend,
    ) -> Result<SendOutcome<RemoteCampaign>, Error> {
        self.0.judge_start(send.start_at)?;
        rules::judge_countries(message, send.to.addressees())?;
        let body = outgoing::campaign_body(message, &send.to, send.start_at);
        let call = Call::change(Method::POST, paths::CAMPAIGNS_RCS_SEND)
            .bytes(body)?
            .leave_while(send.gate.clone());
        outcome::of_send(self.0, &call, send.to.addressees().to_vec(), receipt).await
    }

    /// Sends one message to the contacts of lists (`POST /api/campaigns/rcs/send-groups`).
    ///
    /// Such a send carries no references: an unknown outcome cannot be looked up by them, and
    /// sending it again can message everybody twice. Prefer [`send`](Self::send).
    ///
    /// # Errors
    /// [`Error`] only if nothing was sent; see [`SendOutcome`] for the rest. No lists at all, and a
    /// validity that is not in whole hours, are errors.
    pub async fn send_to_lists(
        self,
        message: &Message,
        lists: &[ContactListId],
        start_at: Option<CivilDateTime>,
    ) -> Result<SendOutcome<RemoteCampaign>, Error> {
        at_most("contact lists", lists.len(), Self::LISTS_MAX)?;
        if lists.is_empty() {
            return Err(unbuilt(&"a send to contact lists names at least one"));
        }
        self.0.judge_start(start_at)?;
        let body = outgoing::lists_send(message, lists, start_at).map_err(|why| unbuilt(&why))?;
        let call = Call::change(Method::POST, paths::CAMPAIGNS_RCS_SEND_GROUPS).json(&body)?;
        outcome::of_send(self.0, &call, Vec::new(), receipt).await
    }

    /// Asks the platform whether it would take a campaign, and sends nothing
    /// (`POST /api/campaigns/send` with `dry_run`; what it answers is assumption A13).
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, fails, or answers as if it had sent something.
    pub async fn dry_run(self, message: &Message, to: &Batch) -> Result<DryRun, Error> {
        let body = outgoing::dry_campaign(message, to);
        let call = Call::change(Method::POST, paths::CAMPAIGNS_SEND).json(&body)?;
        outcome::of_dry_run(&self.0.exchange(&call).await?)
    }

    /// One page of the RCS campaigns, oldest first (`GET /api/campaigns`): `limit` is brought within
    /// 30 to 500.
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, refuses, or answers something else.
    pub async fn page(
        self,
        filter: &CampaignFilter,
        offset: u64,
        limit: u32,
    ) -> Result<Page<RemoteCampaign>, Error> {
        let mut call = Call::get(paths::CAMPAIGNS)
            .page(offset, limit.clamp(*PAGE.start(), *PAGE.end()))
            .query(query::SORT, "id")
            .query(query::WAY, "asc")
            // The platform's own default hides RCS.
            .query(query::FILTER_TYPE, "rcs");
        if let Some(from) = filter.from {
            call = call.query(query::FILTER_FROM, from);
        }
        if let Some(to) = filter.to {
            call = call.query(query::FILTER_TO, to);
        }
        if let Some(agent) = &filter.agent {
            call = call.query(query::SEARCH_FIELD, "sender").query(query::SEARCH_VALUE, agent);
        }
        let page: Listed<wire::Campaign> = self.0.ask(&call).await?;
        Ok(Page::of(&page, incoming::campaign))
    }

    /// All RCS campaigns, page by page, oldest first. It ends with the first error.
    pub fn all(self, filter: CampaignFilter) -> Listing<RemoteCampaign> {
        let client = self.0.clone();
        let id = |campaign: &RemoteCampaign| Some(campaign.id.get());
        Listing::new(listing::every(Self::PAGE_MAX, id, move |offset, limit| {
            let (client, filter) = (client.clone(), filter.clone());
            async move { client.campaigns().page(&filter, offset, limit).await }
        }))
    }

    /// A campaign by the platform's id (`GET /api/campaigns/{id}`).
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, refuses, or answers something else.
    pub async fn get(self, id: impl Into<RemoteCampaignId>) -> Result<RemoteCampaign, Error> {
        let call = Call::get(path(paths::CAMPAIGNS_ID, id.into()));
        campaign(self.0.ask(&call).await?)
    }

    /// A campaign with its totals (`GET /api/campaigns/{id}/detail`).
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, refuses, or answers something else.
    pub async fn detail(self, id: impl Into<RemoteCampaignId>) -> Result<RemoteDetail, Error> {
        let call = Call::get(path(paths::CAMPAIGNS_ID_DETAIL, id.into()));
        let answer: Data<wire::CampaignDetail> = self.0.ask(&call).await?;
        let detail = answer.data.ok_or_else(|| misread(&"the campaign is missing"))?;
        Ok(incoming::detail(&detail)?)
    }

    /// Stops a campaign that is scheduled, sending, paused or in moderation
    /// (`PATCH /api/campaigns/{id}/stop`).
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, or refuses: the campaign is over already.
    pub async fn stop(self, id: impl Into<RemoteCampaignId>) -> Result<RemoteCampaign, Error> {
        let call = Call::change(Method::PATCH, path(paths::CAMPAIGNS_ID_STOP, id.into()));
        campaign(self.0.ask(&call).await?)
    }
}

pub(crate) fn receipt(answer: &Response<Bytes>) -> Result<RemoteCampaign, Error> {
    campaign(read_success(answer)?)
}

fn campaign(answer: Data<wire::Campaign>) -> Result<RemoteCampaign, Error> {
    let campaign = answer.data.ok_or_else(|| misread(&"the campaign is missing"))?;
    Ok(incoming::campaign(&campaign)?)
}
