//! The fields of a campaign's detail that the vendor's schema and its page name differently.

use crate::CivilText;
use crate::generated::{CampaignDetail, MessageType};

impl CampaignDetail {
    /// The channel: `type` or, by the page, `message_type`.
    pub fn channel(&self) -> Option<&MessageType> {
        self.r#type.as_ref().or(self.message_type.as_ref())
    }

    /// When it is to start: `started_at` or, by the page, `start_at`.
    pub fn start(&self) -> Option<&CivilText> {
        self.started_at.as_ref().or(self.start_at.as_ref())
    }

    /// When it did start: `actual_start_at` or, by the page, `real_start_at`.
    pub fn actual_start(&self) -> Option<&CivilText> {
        self.actual_start_at.as_ref().or(self.real_start_at.as_ref())
    }
}
