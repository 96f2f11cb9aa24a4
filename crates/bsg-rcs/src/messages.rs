//! Single messages, and the list of all messages.

use std::fmt;

use bsg_rcs_domain::message::CallbackUrl;
use bsg_rcs_domain::{Addressee, CivilDateTime, Message, MessageId, Msisdn, ReferenceId};
use bsg_rcs_transport::{Bytes, http};
use bsg_rcs_wire::generated::{self as wire, paths, query};
use bsg_rcs_wire::mapping::incoming::{self, RemoteMessage};
use bsg_rcs_wire::mapping::outgoing;
use bsg_rcs_wire::{Data, Page as WirePage};
use futures_util::Stream;
use http::{Method, Response};

use crate::call::{Call, PAGE, misread, read_success, unbuilt};
use crate::client::Client;
use crate::error::Error;
use crate::listing::{self, Page};
use crate::outcome::{self, DryRun, SendOutcome};

/// Calls about messages.
#[derive(Debug, Clone, Copy)]
pub struct Messages<'a>(pub(crate) &'a Client);

/// Whom a single message is for.
#[derive(Clone, PartialEq, Eq)]
#[must_use]
pub struct SingleSend {
    number: Msisdn,
    reference: Option<ReferenceId>,
    callback_url: Option<CallbackUrl>,
}

impl SingleSend {
    /// To this number, under a reference that is minted.
    pub const fn to(number: Msisdn) -> Self {
        Self { number, reference: None, callback_url: None }
    }

    /// Under the caller's own reference. Sending it twice is refused by the platform (assumption
    /// A15), so it makes a retry safe.
    pub const fn reference(mut self, reference: ReferenceId) -> Self {
        self.reference = Some(reference);
        self
    }

    /// Reports and clicks of this message go to `url` instead of the account's.
    pub fn callback_url(mut self, url: CallbackUrl) -> Self {
        self.callback_url = Some(url);
        self
    }
}

/// Without the callback's URL, whose path may be a secret.
impl fmt::Debug for SingleSend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SingleSend")
            .field("number", &self.number)
            .field("reference", &self.reference)
            .finish_non_exhaustive()
    }
}

/// Which messages to list. All of them, unless narrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MessageFilter {
    /// Those of one campaign, by the platform's id.
    pub campaign: Option<u64>,
    /// Those with this reference: the message, and the SMS of its alternative channel.
    pub reference: Option<ReferenceId>,
    /// The one with this id.
    pub id: Option<MessageId>,
    /// Those sent at or after this time, in the platform's own zone. Without it the platform lists
    /// what was sent in the last three months.
    pub from: Option<CivilDateTime>,
    /// Those sent at or before this time.
    pub to: Option<CivilDateTime>,
}

impl<'a> Messages<'a> {
    /// The most messages that one page can have.
    pub const PAGE_MAX: u32 = *PAGE.end();

    /// Sends one message at once (`POST /api/messages/rcs/send`).
    ///
    /// # Errors
    /// [`Error`] only if nothing was sent; see [`SendOutcome`] for the rest.
    pub async fn send(
        self,
        message: &Message,
        send: &SingleSend,
    ) -> Result<SendOutcome<RemoteMessage>, Error> {
        let reference = match send.reference {
            Some(reference) => reference,
            None => mint()?,
        };
        let to = Addressee { number: send.number, reference };
        let callback_url = send.callback_url.as_ref().map(CallbackUrl::as_str);
        let body = outgoing::single_send(message, &to, callback_url);
        let call = Call::change(Method::POST, paths::MESSAGES_RCS_SEND).json(&body)?;
        outcome::of_send(self.0, &call, vec![to], receipt).await
    }

    /// Asks the platform whether it would take a message, and sends nothing
    /// (`POST /api/messages/send` with `dry_run`; what it answers is assumption A13). Agent, content
    /// and alternative channel are looked at; validity and tariff have no place in that call.
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, fails, or answers as if it had sent something.
    pub async fn dry_run(self, message: &Message, number: Msisdn) -> Result<DryRun, Error> {
        let to = Addressee { number, reference: mint()? };
        let body = outgoing::dry_message(message, &to);
        let call = Call::change(Method::POST, paths::MESSAGES_SEND).json(&body)?;
        outcome::of_dry_run(&self.0.exchange(&call).await?)
    }

    /// The messages with this reference; none if the platform knows none (assumption A20).
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, refuses, or answers something else: among it a
    /// part of a list of other messages, which would not say that there is none with this one.
    pub async fn find(self, reference: ReferenceId) -> Result<Vec<RemoteMessage>, Error> {
        let filter = MessageFilter { reference: Some(reference), ..MessageFilter::default() };
        let Page { items: mut found, total } = self.page(filter, 0, *PAGE.start()).await?;
        let count = u64::try_from(found.len()).unwrap_or(u64::MAX);
        let whole = match total {
            Some(total) => count == total,
            None => count < u64::from(*PAGE.start()),
        };
        // A platform that passes over a filter must not be taken for one that found something,
        found.retain(|message| message.reference == Some(reference));
        // nor for one that found nothing: "there is none" lets a message be sent again.
        if found.is_empty() && !whole {
            return Err(misread(&"the list is not narrowed to the reference"));
        }
        Ok(found)
    }

    /// One page of the list (`GET /api/messages`): `limit` is brought within 15 to 500.
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, refuses, or answers something else.
    pub async fn page(
        self,
        filter: MessageFilter,
        offset: u64,
        limit: u32,
    ) -> Result<Page<RemoteMessage>, Error> {
        let mut call = Call::get(paths::MESSAGES)
            .page(offset, limit)
            .query(query::SORT, "id")
            .query(query::WAY, "asc");
        if let Some(campaign) = filter.campaign {
            call = call.query(query::FILTER_CAMPAIGN_ID, campaign);
        }
        if let Some(reference) = filter.reference {
            call = call.query(query::FILTER_REFERENCE_ID, reference);
        }
        if let Some(id) = filter.id {
            call = call.query(query::FILTER_ID, id.0);
        }
        if let Some(from) = filter.from {
            call = call.query(query::FILTER_FROM, from);
        }
        if let Some(to) = filter.to {
            call = call.query(query::FILTER_TO, to);
        }
        let page: WirePage<wire::Message> = self.0.ask(&call).await?;
        Page::of(&page, incoming::message)
    }

    /// The whole list, page by page, oldest first. It ends with the first error.
    ///
    /// ```no_run
    /// use bsg_rcs::{Client, MessageFilter};
    /// use futures_util::TryStreamExt;
    ///
    /// # async fn run(client: &Client) -> Result<(), bsg_rcs::Error> {
    /// let filter = MessageFilter { campaign: Some(4_419_393_338), ..MessageFilter::default() };
    /// let mut messages = std::pin::pin!(client.messages().all(filter));
    /// while let Some(message) = messages.try_next().await? {
    ///     println!("{:?}", message.report.status);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn all(
        self,
        filter: MessageFilter,
    ) -> impl Stream<Item = Result<RemoteMessage, Error>> + Send + 'a {
        listing::every(Self::PAGE_MAX, move |offset, limit| self.page(filter, offset, limit))
    }
}

fn receipt(answer: &Response<Bytes>) -> Result<RemoteMessage, Error> {
    let answer: Data<wire::Message> = read_success(answer)?;
    let message = answer.data.ok_or_else(|| misread(&"the message is missing"))?;
    Ok(incoming::message(&message)?)
}

/// A reference that nobody else has: 160 random bits as 32 characters of base 32.
fn mint() -> Result<ReferenceId, Error> {
    let mut random = [0_u8; ReferenceId::MAX_LEN];
    getrandom::fill(&mut random).map_err(|why| unbuilt(&why))?;
    let text: String = random
        .iter()
        .map(|byte| char::from(b"abcdefghijklmnopqrstuvwxyz234567"[usize::from(byte & 31)]))
        .collect();
    ReferenceId::parse(&text).map_err(|why| unbuilt(&why))
}
