//! Campaigns of the platform: one request, 1 to 5000 recipients.

use bsg_rcs_domain::{Batch, CivilDateTime, Message};
use bsg_rcs_transport::{Bytes, http};
use bsg_rcs_wire::Data;
use bsg_rcs_wire::generated::{self as wire, paths};
use bsg_rcs_wire::mapping::incoming::{self, RemoteCampaign, RemoteDetail};
use bsg_rcs_wire::mapping::outgoing;
use http::{Method, Response};

use crate::call::{Call, misread, read_success};
use crate::client::Client;
use crate::error::Error;
use crate::outcome::{self, SendOutcome};

/// Calls about campaigns.
#[derive(Debug, Clone, Copy)]
pub struct Campaigns<'a>(pub(crate) &'a Client);

/// Whom a campaign is for, and when it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignSend {
    /// The recipients, each with its reference.
    pub to: Batch,
    /// When the platform shall begin; at once if `None`. In the platform's own time, which names
    /// no zone.
    pub start_at: Option<CivilDateTime>,
}

impl Campaigns<'_> {
    /// Sends one message to a batch (`POST /api/campaigns/rcs/send`).
    ///
    /// # Errors
    /// [`Error`] only if nothing was sent; see [`SendOutcome`] for the rest.
    pub async fn send(
        &self,
        message: &Message,
        send: &CampaignSend,
    ) -> Result<SendOutcome<RemoteCampaign>, Error> {
        let body = outgoing::campaign_send(message, &send.to, send.start_at);
        let call = Call::change(Method::POST, paths::CAMPAIGNS_RCS_SEND).json(&body)?;
        let references = send.to.addressees().iter().map(|to| to.reference).collect();
        outcome::of_send(self.0.exchange(&call).await, references, receipt)
    }

    /// A campaign by the platform's id (`GET /api/campaigns/{id}`).
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, refuses, or answers something else.
    pub async fn get(&self, id: u64) -> Result<RemoteCampaign, Error> {
        let call = Call::get(path(paths::CAMPAIGNS_ID, id));
        campaign(self.0.ask(&call).await?)
    }

    /// A campaign with its totals (`GET /api/campaigns/{id}/detail`).
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, refuses, or answers something else.
    pub async fn detail(&self, id: u64) -> Result<RemoteDetail, Error> {
        let call = Call::get(path(paths::CAMPAIGNS_ID_DETAIL, id));
        let answer: Data<wire::CampaignDetail> = self.0.ask(&call).await?;
        let detail = answer.data.ok_or_else(|| misread(&"the campaign is missing"))?;
        Ok(incoming::detail(&detail)?)
    }

    /// Stops a campaign that is scheduled, sending, paused or in moderation
    /// (`PATCH /api/campaigns/{id}/stop`).
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, or refuses: the campaign is over already.
    pub async fn stop(&self, id: u64) -> Result<RemoteCampaign, Error> {
        let call = Call::change(Method::PATCH, path(paths::CAMPAIGNS_ID_STOP, id));
        campaign(self.0.ask(&call).await?)
    }
}

fn path(template: &str, id: u64) -> String {
    template.replace("{id}", &id.to_string())
}

fn receipt(answer: &Response<Bytes>) -> Result<RemoteCampaign, Error> {
    campaign(read_success(answer)?)
}

fn campaign(answer: Data<wire::Campaign>) -> Result<RemoteCampaign, Error> {
    let campaign = answer.data.ok_or_else(|| misread(&"the campaign is missing"))?;
    Ok(incoming::campaign(&campaign)?)
}
