//! The channels of the platform.

use serde::{Deserialize, Serialize};

/// A channel of the platform. Messages go by the first two here; the stop list knows all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnyChannel {
    /// RCS.
    Rcs,
    /// SMS.
    Sms,
    /// Viber.
    Viber,
    /// WhatsApp.
    Whatsapp,
    /// Voice.
    Voice,
    /// Telegram.
    Telegram,
}
