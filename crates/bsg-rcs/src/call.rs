//! One call of the platform: request built, token added, exchanged, 401 answered with a fresh
//! token once. What status and body mean is read here for asking calls; sends have
//! [`crate::outcome`].

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_transport::{
    Bytes, Certainty, FailureKind, LeaveWhile, Repeat, Timeout, TransportError, http,
};
use bsg_rcs_wire::generated::{LoginRequest, Token, paths, query};
use bsg_rcs_wire::mapping::incoming::Unmappable;
use bsg_rcs_wire::{Misread, Refusal, Secret};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::token::{Bearer, Fetch, Source};

/// No field's name is this long, and no secret as short.
const FIELD_NAME: usize = 16;

/// The least and most items of a page of any list.
pub(crate) const PAGE: std::ops::RangeInclusive<u32> = 15..=500;

/// A call before it is bound to a token.
#[derive(Clone)]
pub(crate) struct Call {
    method: Method,
    path: String,
    query: Vec<(&'static str, String)>,
    body: Bytes,
    repeat: Repeat,
    gate: Option<LeaveWhile>,
}

impl Call {
    /// A call that only asks.
    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            path: path.into(),
            query: Vec::new(),
            body: Bytes::new(),
            repeat: Repeat::Safe,
            gate: None,
        }
    }

    /// A call that fetches a token: another one does no harm.
    fn login(path: &str) -> Self {
        Self { method: Method::POST, ..Self::get(path) }
    }

    /// A call that changes something: repeated only if it was certainly not sent.
    pub(crate) fn change(method: Method, path: impl Into<String>) -> Self {
        Self { method, repeat: Repeat::OnlyIfNotSent, ..Self::get(path) }
    }

    /// Leaves only while the gate is open.
    pub(crate) fn leave_while(self, gate: Option<LeaveWhile>) -> Self {
        Self { gate, ..self }
    }

    /// Asks for a part of a list; its limit is brought within [`PAGE`].
    pub(crate) fn page(self, offset: u64, limit: u32) -> Self {
        self.query(query::PAGE_OFFSET, offset)
            .query(query::PAGE_LIMIT, limit.clamp(*PAGE.start(), *PAGE.end()))
    }

    /// Asks for the items of a list of which a field compares with a value.
    pub(crate) fn search(self, field: &str, operator: &str, value: impl ToString) -> Self {
        self.query(query::SEARCH_FIELD, field)
            .query(query::SEARCH_OPERATOR, operator)
            .query(query::SEARCH_VALUE, value)
    }

    /// Adds a query parameter.
    pub(crate) fn query(mut self, name: &'static str, value: impl ToString) -> Self {
        self.query.push((name, value.to_string()));
        self
    }

    /// Sets the JSON body.
    pub(crate) fn json(self, body: &impl Serialize) -> Result<Self, Error> {
        self.bytes(serde_json::to_vec(body))
    }

    /// Sets the body, which is JSON already.
    pub(crate) fn bytes(mut self, json: serde_json::Result<Vec<u8>>) -> Result<Self, Error> {
        self.body = Bytes::from(json.map_err(|why| unbuilt(&why))?);
        Ok(self)
    }

    fn request(&self, client: &Client, bearer: Option<&Bearer>) -> Result<Request<Bytes>, Error> {
        let mut address = format!("{}{}", client.inner.base_url, self.path);
        if !self.query.is_empty() {
            let pairs = url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs(&self.query)
                .finish();
            address = format!("{address}?{pairs}");
        }
        let mut request = Request::builder()
            .method(self.method.clone())
            .uri(address)
            .header(ACCEPT, HeaderValue::from_static("application/json"))
            .extension(self.repeat)
            .extension(Timeout(client.inner.request_timeout));
        if let Some(gate) = &self.gate {
            request = request.extension(gate.clone());
        }
        if !self.body.is_empty() {
            request = request.header(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if let Some(bearer) = bearer {
            let mut value = HeaderValue::try_from(bearer.header()).map_err(|why| unbuilt(&why))?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        request.body(self.body.clone()).map_err(|why| unbuilt(&why))
    }
}

impl Client {
    /// A call that has no method of its own here, with the token added. What asks (`GET`) may be
    /// repeated by the client; anything else only if it certainly did not leave.
    ///
    /// The body of the answer is the platform's JSON as it came: [`crate::wire::read`] opens it, and
    /// [`crate::wire::Kept`] keeps the JSON of each item beside what was read of it.
    ///
    /// # Errors
    /// [`Error`] if there is no answer, or none but 401, or the path does not begin with `/`. Every
    /// other status is an answer.
    pub async fn raw(
        &self,
        method: Method,
        path_and_query: &str,
        body: Bytes,
    ) -> Result<Response<Bytes>, Error> {
        // Without it, the path would go on with the host's name, and the token to whoever has that.
        if !path_and_query.starts_with('/') {
            return Err(unbuilt(&"the path begins with /"));
        }
        let call = match method {
            Method::GET => Call::get(path_and_query),
            method => Call::change(method, path_and_query),
        };
        let mut answer = self.exchange(&Call { body, ..call }).await?;
        answer.extensions_mut().remove::<Secrets>();
        Ok(answer)
    }

    /// Exchanges a call with a token. Answers any status but 401: that is an error of the key,
    /// after one fresh token was tried, and says that the platform did nothing.
    pub(crate) async fn exchange(&self, call: &Call) -> Result<Response<Bytes>, Error> {
        let first = self.bearer(None).await?;
        let answer = self.exchange_with(call, Some(&first)).await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        let fresh = self.bearer(Some(&first)).await?;
        let answer = self.exchange_with(call, Some(&fresh)).await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        Err(Error::of(ErrorKind::KeyRefused(Box::new(refusal(&answer))), Certainty::NotSent))
    }

    /// A call that answers data, or is refused.
    pub(crate) async fn ask<T: DeserializeOwned>(&self, call: &Call) -> Result<T, Error> {
        read_success(&self.exchange(call).await?)
    }

    /// A call whose answer says no more than that it was carried out.
    pub(crate) async fn tell(&self, call: &Call) -> Result<(), Error> {
        carried_out(&self.exchange(call).await?)
    }

    /// Makes sure that there is a token, and that it is not due for renewal within this time.
    pub(crate) async fn token_ahead(&self, ahead: Duration) -> Result<(), Error> {
        let now = || (self.inner.clock)();
        let bearer = self.inner.tokens.bearer_ahead(now, ahead, None, self).await;
        bearer.map(|_| ()).map_err(Error::before_the_call)
    }

    async fn bearer(&self, refused: Option<&Bearer>) -> Result<Bearer, Error> {
        let now = || (self.inner.clock)();
        let bearer = self.inner.tokens.bearer(now, refused, self).await;
        bearer.map_err(Error::before_the_call)
    }

    async fn exchange_with(
        &self,
        call: &Call,
        bearer: Option<&Bearer>,
    ) -> Result<Response<Bytes>, Error> {
        let result = self.inner.transport.exchange(call.request(self, bearer)?).await;
        let secrets = [Some(self.inner.api_key.expose()), bearer.map(Bearer::expose)];
        let secrets = Secrets::new(secrets.into_iter().flatten());
        let mut answer = result.map_err(Error::transport)?;
        answer.extensions_mut().insert(secrets);
        Ok(answer)
    }
}

impl Source for Client {
    type Error = Error;

    /// Bounded in all, its repeats among it: many calls may wait for it.
    async fn fetch(&self, how: Fetch<'_>) -> Result<SecretString, Error> {
        let bound = self.inner.request_timeout;
        let fetched = self.inner.timer.within(bound, self.fetch_token(how)).await;
        fetched.unwrap_or_else(|| {
            let why = "logging in took longer than one request may";
            Err(Error::transport(TransportError::maybe_sent(FailureKind::Timeout, why)))
        })
    }
}

impl Client {
    async fn fetch_token(&self, how: Fetch<'_>) -> Result<SecretString, Error> {
        let answer = match how {
            Fetch::Login => {
                let api_key = Secret::new(self.inner.api_key.expose());
                let call = Call::login(paths::AUTH_LOGIN).json(&LoginRequest { api_key })?;
                self.exchange_with(&call, None).await?
            }
            Fetch::Refresh(bearer) => {
                let call = Call::login(paths::AUTH_REFRESH);
                self.exchange_with(&call, Some(bearer)).await?
            }
        };
        match answer.status() {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                let kind = ErrorKind::KeyRefused(Box::new(refusal(&answer)));
                return Err(Error::of(kind, Certainty::NotSent));
            }
            status if status.is_client_error() => {
                let kind = ErrorKind::LoginFailed(Box::new(refusal(&answer)));
                return Err(Error::of(kind, Certainty::NotSent));
            }
            _ => {}
        }
        let token: Token = read_success(&answer)?;
        let bearer = token.bearer.ok_or_else(|| misread(&"the token has no `bearer`"))?;
        read_bearer(bearer.expose())
    }
}

/// A token as it can be sent.
fn read_bearer(text: &str) -> Result<SecretString, Error> {
    let bearer = text.trim();
    if bearer.is_empty() {
        return Err(misread(&"the token's `bearer` is empty"));
    }
    // What cannot be a header would fail every call until it ends.
    if HeaderValue::try_from(bearer).is_err() || bearer.contains(char::is_whitespace) {
        return Err(misread(&"the token's `bearer` cannot stand in an HTTP header"));
    }
    Ok(SecretString::from(bearer))
}

/// Our secrets, beside an answer that may quote them.
#[derive(Clone)]
struct Secrets(Arc<[SecretString]>);

impl Secrets {
    fn new<'s>(secrets: impl Iterator<Item = &'s str>) -> Self {
        Self(secrets.map(SecretString::from).collect())
    }

    /// A text without the secrets that are longer than so many bytes.
    fn hide(&self, text: &mut String, longer_than: usize) {
        for secret in self.0.iter().map(SecretString::expose_secret) {
            if secret.len() > longer_than && text.contains(secret) {
                *text = text.replace(secret, "***");
            }
        }
    }

    /// A refusal as it may be shown.
    fn hidden_in(&self, mut refusal: Refusal) -> Refusal {
        for text in refusal.message.iter_mut().chain(refusal.raw.as_mut()) {
            self.hide(text, 0);
        }
        for fault in &mut refusal.faults {
            self.hide(&mut fault.sentence, 0);
            // Which field is meant is read from its name: a short token must not spoil it.
            if let Some(field) = &mut fault.field {
                self.hide(field, FIELD_NAME);
            }
        }
        refusal
    }
}

/// The body of a success, or the refusal as an error.
pub(crate) fn read_success<T: DeserializeOwned>(answer: &Response<Bytes>) -> Result<T, Error> {
    carried_out(answer)?;
    bsg_rcs_wire::read(answer.body()).map_err(|why: Misread| misread(&why))
}

/// Whether the platform did what it was asked for.
pub(crate) fn carried_out(answer: &Response<Bytes>) -> Result<(), Error> {
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    let refusal = Box::new(refusal(answer));
    let kind = if status.is_client_error() {
        ErrorKind::Refused(refusal)
    } else {
        ErrorKind::Failed(refusal)
    };
    Err(Error::of(kind, Certainty::MaybeSent))
}

/// A path with an id in its place.
pub(crate) fn path(template: &str, id: impl Display) -> String {
    template.replace("{id}", &id.to_string())
}

/// Refuses what the platform would refuse for its count, before it is sent.
pub(crate) fn at_most(what: &str, count: usize, most: usize) -> Result<(), Error> {
    if count <= most {
        return Ok(());
    }
    Err(unbuilt(&format!("{count} {what}: one call takes at most {most}")))
}

/// What an answer that is no success says, without our secrets: errors quote it.
pub(crate) fn refusal(answer: &Response<Bytes>) -> Refusal {
    judged(answer, |_| ()).0
}

/// What an answer says without our secrets, and a judgement of all that it says.
pub(crate) fn judged<T>(
    answer: &Response<Bytes>,
    judge: impl FnOnce(&Refusal) -> T,
) -> (Refusal, T) {
    let refusal = Refusal::read(answer.status().as_u16(), answer.body());
    let judgement = judge(&refusal);
    let refusal = match answer.extensions().get::<Secrets>() {
        Some(secrets) => secrets.hidden_in(refusal),
        None => refusal,
    };
    (refusal, judgement)
}

/// An answer that came and cannot be read.
pub(crate) fn misread(why: &impl ToString) -> Error {
    Error::of(ErrorKind::Misread(why.to_string()), Certainty::MaybeSent)
}

impl From<Unmappable> for Error {
    fn from(why: Unmappable) -> Self {
        misread(&why)
    }
}

/// A request that cannot be made: nothing was sent.
pub(crate) fn unbuilt(why: &impl ToString) -> Error {
    Error::of(ErrorKind::Request(why.to_string()), Certainty::NotSent)
}
