//! Resuming a campaign that the platform paused.

use bsg_rcs_domain::RemoteCampaignId;
use bsg_rcs_transport::http::Method;
use bsg_rcs_wire::Refusal;
use bsg_rcs_wire::generated::paths;
use bsg_rcs_wire::mapping::incoming::RemoteCampaign;

use crate::call::{Call, path};
use crate::campaigns::{Campaigns, receipt};
use crate::error::{Error, ErrorKind};

/// What the platform answered to a request to resume a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub enum Resumption {
    /// The campaign goes on; it is as the platform answered it.
    Resumed(RemoteCampaign),
    /// The platform answered 404 or 405: it does not have the call (assumption A4), and the campaign
    /// can be resumed in the account's page only. An id that the platform does not know looks the
    /// same: [`Campaigns::get`] tells the two apart.
    OnlyInAccountPage(Refusal),
}

impl Campaigns<'_> {
    /// Resumes a campaign that the platform paused because the funds ran out
    /// (`PUT /api/campaigns/{id}/renew`, assumption A4). A top-up alone resumes nothing.
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, fails, or answers something else;
    /// [`ErrorKind::Refused`] with status 422 if the campaign is not paused. If the request may have
    /// been sent ([`Error::certainty`]), look at the campaign's status before asking again.
    pub async fn resume(self, id: impl Into<RemoteCampaignId>) -> Result<Resumption, Error> {
        let call = Call::change(Method::PUT, path(paths::CAMPAIGNS_ID_RENEW, id.into()));
        match receipt(&self.0.exchange(&call).await?) {
            Ok(campaign) => Ok(Resumption::Resumed(campaign)),
            Err(error) => match error.kind() {
                ErrorKind::Refused(why) if matches!(why.status, 404 | 405) => {
                    Ok(Resumption::OnlyInAccountPage(why.as_ref().clone()))
                }
                _ => Err(error),
            },
        }
    }
}
