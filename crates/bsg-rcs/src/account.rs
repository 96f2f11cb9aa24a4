//! The account: what it has to spend.

use bsg_rcs_wire::Data;
use bsg_rcs_wire::generated::{self as wire, paths};
use bsg_rcs_wire::mapping::incoming::{self, Balance};

use crate::call::{Call, misread};
use crate::client::Client;
use crate::error::Error;

/// Calls about the account.
#[derive(Debug, Clone, Copy)]
pub struct Account<'a>(pub(crate) &'a Client);

impl Account<'_> {
    /// Own funds and credit limit (`GET /api/accounts/balance`).
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, refuses, or answers something else.
    pub async fn balance(&self) -> Result<Balance, Error> {
        let answer: Data<wire::Balance> = self.0.ask(&Call::get(paths::ACCOUNTS_BALANCE)).await?;
        let balance = answer.data.ok_or_else(|| misread(&"the balance is missing"))?;
        Ok(incoming::balance(&balance)?)
    }
}
