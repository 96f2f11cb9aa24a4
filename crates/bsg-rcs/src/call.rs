//! One call of the platform: request built, token added, exchanged, 401 answered with a fresh
//! token once. What status and body mean is read here for asking calls; sends have
//! [`crate::outcome`].

use bsg_rcs_transport::{Bytes, Certainty, Repeat, Timeout, http};
use bsg_rcs_wire::generated::{LoginRequest, Token, paths, query};
use bsg_rcs_wire::mapping::incoming::Unmappable;
use bsg_rcs_wire::{Misread, Refusal, Secret};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use secrecy::SecretString;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::token::{Bearer, Fetch, Source};

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
        self.exchange(&Call { body, ..call }).await
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
        result.map(|answer| without(answer, &secrets)).map_err(Error::transport)
    }
}

impl Source for Client {
    type Error = Error;

    async fn fetch(&self, how: Fetch<'_>) -> Result<SecretString, Error> {
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
        if answer.status().is_client_error() && answer.status() != StatusCode::TOO_MANY_REQUESTS {
            return Err(Error::of(
                ErrorKind::KeyRefused(Box::new(refusal(&answer))),
                Certainty::NotSent,
            ));
        }
        let token: Token = read_success(&answer)?;
        let bearer = token.bearer.filter(|bearer| !bearer.expose().trim().is_empty());
        let bearer = bearer.ok_or_else(|| misread(&"the token has no `bearer`"))?;
        Ok(SecretString::from(bearer.expose()))
    }
}

/// An answer that is no success, without our secrets: errors quote it, and it may quote us.
fn without(answer: Response<Bytes>, secrets: &[Option<&str>]) -> Response<Bytes> {
    if answer.status().is_success() {
        return answer;
    }
    answer.map(|body| {
        let said = String::from_utf8_lossy(&body).into_owned();
        let hide = |said: String, secret: &&str| said.replace(*secret, "***");
        Bytes::from(secrets.iter().flatten().fold(said, hide))
    })
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
pub(crate) fn path(template: &str, id: u64) -> String {
    template.replace("{id}", &id.to_string())
}

/// Refuses what the platform would refuse for its count, before it is sent.
pub(crate) fn at_most(what: &str, count: usize, most: usize) -> Result<(), Error> {
    if count <= most {
        return Ok(());
    }
    Err(unbuilt(&format!("{count} {what}: one call takes at most {most}")))
}

/// Whatever an answer that is no success says.
pub(crate) fn refusal(answer: &Response<Bytes>) -> Refusal {
    Refusal::read(answer.status().as_u16(), answer.body())
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
