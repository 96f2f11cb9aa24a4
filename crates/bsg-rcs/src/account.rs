//! The account: what it has to spend, and by which tariffs.

use bsg_rcs_domain::TariffId;
use bsg_rcs_wire::Data;
use bsg_rcs_wire::generated::{self as wire, paths};
use bsg_rcs_wire::mapping::incoming::{self, Balance, Tariff};
use futures_util::{Stream, TryStreamExt};

use crate::call::{Call, misread};
use crate::client::Client;
use crate::error::Error;
use crate::listing::{self, Listed, Page};

/// Calls about the account.
#[derive(Debug, Clone, Copy)]
pub struct Account<'a>(pub(crate) &'a Client);

impl Client {
    /// The account.
    pub fn account(&self) -> Account<'_> {
        Account(self)
    }
}

impl<'a> Account<'a> {
    /// Own funds and credit limit (`GET /api/accounts/balance`).
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, refuses, or answers something else.
    pub async fn balance(self) -> Result<Balance, Error> {
        let answer: Data<wire::Balance> = self.0.ask(&Call::get(paths::ACCOUNTS_BALANCE)).await?;
        let balance = answer.data.ok_or_else(|| misread(&"the balance is missing"))?;
        Ok(incoming::balance(&balance)?)
    }

    /// Every tariff of the account (`GET /api/accounts/tariff`). What a message costs by one of them
    /// the platform does not publish.
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, refuses, or answers something else.
    pub async fn tariffs(self) -> Result<Vec<Tariff>, Error> {
        self.every_tariff().try_collect().await
    }

    fn every_tariff(self) -> impl Stream<Item = Result<Tariff, Error>> + Send + 'a {
        let id = |tariff: &Tariff| tariff.id.map(TariffId::get);
        listing::every(listing::LIMIT, id, move |offset, limit| async move {
            let call = Call::get(paths::ACCOUNTS_TARIFF).page(offset, limit);
            let page: Listed<wire::Tariff> = self.0.ask(&call).await?;
            Ok(Page::of(&page, incoming::tariff))
        })
    }
}
