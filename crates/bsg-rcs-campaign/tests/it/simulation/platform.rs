//! The platform in this process: the sandbox's engine behind the six calls that campaigns need.
//!
//! It speaks the wire's own types and nothing else of HTTP, because a run has a hundred exchanges
//! and there are to be many runs. That the sandbox's real HTTP face says the same is what the other
//! tests of this crate rest on.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bsg_rcs_domain::{Amount, Channel, CivilDateTime, MessageStatus, Msisdn, ReferenceId};
use bsg_rcs_sandbox::engine::{
    AccountIx, Addressee, Body, Callback, CampaignIx, Command, Content, Effect, Engine, Filter,
    MessageIx, Outcome, Refusal, RefusalKind, SendOptions, Sms, VirtualTime,
};
use bsg_rcs_transport::Bytes;
use bsg_rcs_transport::http::header::AUTHORIZATION;
use bsg_rcs_transport::http::{Method, Request, Response, StatusCode};
use bsg_rcs_wire::generated::{self as wire, paths, query};
use bsg_rcs_wire::{
    CivilText, Data, Decimal, Fault, Faults, Id, Integer, Maybe, Meta, Page, Phone,
};
use bsg_rcs_wire::{Secret, mapping::incoming};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::scene::{START, Scene};
use crate::bench::KEY;

/// An answer, of success or of another kind.
type Answered = Result<Response<Bytes>, Box<Response<Bytes>>>;

/// The platform.
#[derive(Debug)]
pub(super) struct Platform {
    pub(super) engine: Engine,
    account: AccountIx,
    token_life: i64,
    /// Tokens, and when each ends.
    tokens: BTreeMap<String, i64>,
}

impl Platform {
    pub(super) fn new(scene: &Scene) -> Self {
        let start = VirtualTime::from_civil(CivilDateTime::parse(START).unwrap());
        let engine = Engine::new(scene.world.clone(), scene.engine_seed, start);
        let account = engine.account_with_key(KEY).unwrap();
        Self { engine, account, token_life: scene.token_life, tokens: BTreeMap::new() }
    }

    pub(super) fn now(&self) -> i64 {
        self.engine.now().millis()
    }

    pub(super) fn account(&self) -> AccountIx {
        self.account
    }

    /// Carries a command out, now.
    pub(super) fn perform(&mut self, command: Command) -> Result<Outcome, Refusal> {
        let now = self.engine.now();
        self.engine.handle(command, now)
    }

    /// Bodies of the callbacks that are to be posted.
    pub(super) fn told(&mut self, bare_prices: bool) -> Vec<Vec<u8>> {
        let effects = self.engine.take_effects();
        let body = |Effect::Callback(callback): &Effect| callback_body(callback, bare_prices);
        effects.iter().map(body).collect()
    }

    /// The messages of a number, without the SMS that follow them.
    pub(super) fn messages_to(&self, number: Msisdn) -> Vec<MessageIx> {
        let filter = Filter { phone: Some(number), ..Filter::default() };
        let mut found = self.engine.find(&filter).into_vec();
        found.retain(|ix| self.engine.at(*ix).channel == Channel::Rcs);
        found
    }

    /// Answers a request, now.
    pub(super) fn answer(&mut self, request: &Request<Bytes>) -> Response<Bytes> {
        self.carry_out(request).unwrap_or_else(|refused| *refused)
    }

    fn carry_out(&mut self, request: &Request<Bytes>) -> Answered {
        let path = request.uri().path();
        if path == paths::AUTH_LOGIN {
            let login: wire::LoginRequest = read(request)?;
            if login.api_key.expose() != KEY {
                return Err(refuse(401, "The API key is wrong."));
            }
            return Ok(self.token());
        }
        let bearer = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = bearer.and_then(|bearer| bearer.strip_prefix("Bearer "));
        let ends = token.and_then(|token| self.tokens.get(token)).copied();
        if ends.is_none_or(|ends| ends <= self.now()) {
            return Err(refuse(401, "Unauthenticated."));
        }
        let campaign = paths::CAMPAIGNS_ID.replace("{id}", "");
        match (request.method(), path) {
            (_, paths::AUTH_REFRESH) => Ok(self.token()),
            (&Method::POST, paths::MESSAGES_RCS_SEND) => self.send_one(request),
            (&Method::POST, paths::CAMPAIGNS_RCS_SEND) => self.send_campaign(request),
            (&Method::GET, paths::MESSAGES) => Ok(self.list(request)),
            (&Method::GET, paths::ACCOUNTS_BALANCE) => Ok(self.balance()),
            (&Method::PATCH, path) => {
                let id = path.strip_prefix(&campaign).and_then(|id| id.strip_suffix("/stop"));
                self.stop(id.and_then(|id| id.parse().ok()).unwrap_or_default())
            }
            (&Method::GET, path) => {
                let id = path.strip_prefix(&campaign).unwrap_or_default();
                match (id.parse(), id.strip_suffix("/detail").map(str::parse)) {
                    (Ok(id), _) => self.show(id),
                    (_, Some(Ok(id))) => self.show_detail(id),
                    _ => Err(refuse(404, "Not found.")),
                }
            }
            _ => Err(refuse(404, "Not found.")),
        }
    }

    /// A token that looks as the platform's do, as far as clients read them.
    fn token(&mut self) -> Response<Bytes> {
        let (made, life) = (self.now() / 1000, self.token_life);
        let ends = made + life;
        let serial = self.tokens.len();
        let claims = format!(r#"{{"iat":{made},"exp":{ends},"roles":[],"id":1,"jti":"{serial}"}}"#);
        let token = format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims));
        self.tokens.insert(token.clone(), ends * 1000);
        json(200, &wire::Token { bearer: Some(Secret::new(token)) })
    }

    fn send_one(&mut self, request: &Request<Bytes>) -> Answered {
        let send: wire::SingleSend = read(request)?;
        let to = addressee(&send.phone);
        let validity = validity(send.validity_seconds, send.validity);
        let terms = SendOptions {
            add_to_contact_book: false,
            check_stop_list: send.check_stop_list.unwrap_or(true),
            ..terms(send.sender, send.options, send.alternative_channel, validity)
        };
        let (account, fingerprint) = (self.account, fingerprint(request));
        let command = Command::SendOne { account, fingerprint, to, options: Box::new(terms) };
        match self.perform(command).map_err(|refusal| Box::new(refused(&refusal)))? {
            Outcome::Message(ix) => {
                let message = wire::Message {
                    status: Some(wire::MessageStatus::Accepted),
                    ..self.message(ix)
                };
                Ok(json(200, &Data { data: Some(message) }))
            }
            _ => Err(refuse(500, "No message was made.")),
        }
    }

    fn send_campaign(&mut self, request: &Request<Bytes>) -> Answered {
        let send: wire::CampaignSend = read(request)?;
        let to = send.phones.iter().map(addressee).collect();
        let validity = validity(send.validity_seconds, send.validity);
        let terms = SendOptions {
            add_to_contact_book: false,
            check_stop_list: send.check_stop_list.unwrap_or(true),
            ..terms(send.sender, send.options, send.alternative_channel, validity)
        };
        let command = Command::SendCampaign {
            account: self.account,
            fingerprint: fingerprint(request),
            to,
            options: Box::new(terms),
            start_at: incoming::civil(send.start_at.as_ref()),
        };
        match self.perform(command).map_err(|refusal| Box::new(refused(&refusal)))? {
            Outcome::Campaign(ix) => Ok(json(200, &Data { data: Some(self.campaign(ix)) })),
            _ => Err(refuse(500, "No campaign was made.")),
        }
    }

    fn stop(&mut self, id: u64) -> Answered {
        let account = self.account;
        let command = Command::Stop { account, campaign: id };
        self.perform(command).map_err(|refusal| Box::new(refused(&refusal)))?;
        self.show(id)
    }

    fn show(&self, id: u64) -> Answered {
        let ix = self.engine.campaign(id).ok_or_else(|| refuse(404, "Campaign was not found"))?;
        Ok(json(200, &Data { data: Some(self.campaign(ix)) }))
    }

    fn show_detail(&self, id: u64) -> Answered {
        self.engine.campaign(id).ok_or_else(|| refuse(404, "Campaign was not found"))?;
        let charged = self
            .engine
            .find(&Filter { campaign: Some(id), ..Filter::default() })
            .into_vec()
            .into_iter()
            .map(|ix| self.engine.at(ix))
            .filter(|message| message.status().is_delivered())
            .fold(Amount::ZERO, |sum, message| sum.checked_add(message.price).unwrap());
        let total_price = Some(Decimal::string(charged.to_string()));
        let messages = self.engine.find(&Filter { campaign: Some(id), ..Filter::default() }).len();
        let campaign = self.engine.campaign(id).map(|ix| self.engine.campaign_at(ix).status);
        let detail = wire::CampaignDetail {
            id: Some(Id(id)),
            status: campaign.map(|status| wire::CampaignStatus::from(status.as_str())),
            total_messages: Some(Integer(i64::try_from(messages).unwrap())),
            total_price,
            ..Default::default()
        };
        Ok(json(200, &Data { data: Some(detail) }))
    }

    fn balance(&self) -> Response<Bytes> {
        let account = self.engine.account(self.account);
        let number = |amount: Amount| Decimal::number(amount.to_string());
        let balance = wire::Balance {
            balance: number(account.ledger.balance()),
            credit: number(account.ledger.credit()),
            currency: Some("EUR".to_owned()),
        };
        json(200, &Data { data: Some(balance) })
    }

    fn list(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let asked: Vec<(String, String)> =
            url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes())
                .into_owned()
                .collect();
        let text = |name: &str| asked.iter().find(|(key, _)| key == name).map(|(_, value)| value);
        let number = |name: &str| text(name).and_then(|value| value.parse::<usize>().ok());
        let found = self.engine.find(&Filter {
            account: Some(self.account),
            campaign: text(query::FILTER_CAMPAIGN_ID).and_then(|id| id.parse().ok()),
            reference: text(query::FILTER_REFERENCE_ID).and_then(|r| ReferenceId::parse(r).ok()),
            ..Filter::default()
        });
        let (offset, limit) =
            (number(query::PAGE_OFFSET).unwrap_or(0), number(query::PAGE_LIMIT).unwrap_or(50));
        let page = found.page(offset, limit, text(query::WAY).is_some_and(|way| way == "desc"));
        let integer = |count: usize| Some(Integer(i64::try_from(count).unwrap()));
        let bounds = wire::PageBounds {
            limit: integer(limit),
            offset: integer(offset),
            total: integer(found.len()),
        };
        let data = page.into_iter().map(|ix| self.message(ix)).collect();
        let meta = Meta { page: bounds.into(), search: Maybe::Absent };
        json(200, &Page::<wire::Message> { data, meta: meta.into(), total: None })
    }

    fn message(&self, ix: MessageIx) -> wire::Message {
        let message = self.engine.at(ix);
        let time = |at: VirtualTime| CivilText(at.to_string());
        wire::Message {
            id: Some(Id(ix.id())),
            reference_id: message.reference.map(|reference| reference.as_str().to_owned()),
            campaign_id: message.campaign.map(|campaign| Id(campaign.id())),
            r#type: Some(match message.channel {
                Channel::Rcs => wire::MessageType::Rcs,
                Channel::Sms => wire::MessageType::Sms,
            }),
            phone: Some(Phone(message.phone.as_u64())),
            status: Some(message.status().as_str().into()),
            amount: wire::Amount {
                value: Some(Decimal::string(message.price.to_string())),
                currency: self.currency(),
            }
            .into(),
            created_at: Some(time(message.created())),
            sent_at: message.since(MessageStatus::Sent).map(time),
            delivered_at: message.since(MessageStatus::Delivered).map(time),
            ..wire::Message::default()
        }
    }

    fn campaign(&self, ix: CampaignIx) -> wire::Campaign {
        let campaign = self.engine.campaign_at(ix);
        wire::Campaign {
            id: Some(Id(ix.id())),
            status: Some(campaign.status.as_str().into()),
            ..wire::Campaign::default()
        }
    }

    fn currency(&self) -> Option<String> {
        Some(self.engine.world().prices.currency().to_string())
    }
}

/// An answer with a sentence.
pub(super) fn says(status: u16, sentence: &str) -> Response<Bytes> {
    json(status, &wire::RefusalBody { message: Some(sentence.into()), errors: None })
}

fn refuse(status: u16, sentence: &str) -> Box<Response<Bytes>> {
    Box::new(says(status, sentence))
}

fn refused(refusal: &Refusal) -> Response<Bytes> {
    let status = match refusal.kind {
        RefusalKind::NotFound => 404,
        RefusalKind::Invalid => 422,
        RefusalKind::Duplicate => 429,
    };
    let faults = refusal.errors.iter().flat_map(|(field, sentences)| {
        sentences
            .iter()
            .map(|sentence| Fault { field: Some(field.clone()), sentence: sentence.clone() })
    });
    let errors = Some(Faults(faults.collect()));
    json(status, &wire::RefusalBody { message: Some(refusal.message.clone()), errors })
}

fn json(status: u16, body: &impl Serialize) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from(serde_json::to_vec(body).unwrap()));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap();
    answer
}

fn read<T: DeserializeOwned>(request: &Request<Bytes>) -> Result<T, Box<Response<Bytes>>> {
    serde_json::from_slice(request.body()).map_err(|error| refuse(400, &error.to_string()))
}

/// The mark of a request for the duplicate guard.
fn fingerprint(request: &Request<Bytes>) -> u64 {
    let mut hasher = DefaultHasher::new();
    (request.uri().path(), &**request.body()).hash(&mut hasher);
    hasher.finish()
}

fn addressee(recipient: &wire::Recipient) -> Addressee {
    let number = Msisdn::from_u64(recipient.number.0).unwrap();
    Addressee { number, reference: incoming::reference(recipient.reference_id.as_deref()) }
}

/// The numbers that a send is for.
pub(super) fn numbers_of(request: &Request<Bytes>) -> Vec<u64> {
    if request.uri().path() == paths::MESSAGES_RCS_SEND {
        let send: wire::SingleSend = serde_json::from_slice(request.body()).unwrap();
        return vec![send.phone.number.0];
    }
    let send: wire::CampaignSend = serde_json::from_slice(request.body()).unwrap();
    send.phones.iter().map(|phone| phone.number.0).collect()
}

pub(super) fn terms(
    agent: String,
    options: wire::Options,
    sms: Option<wire::AlternativeChannel>,
    validity: Duration,
) -> SendOptions {
    SendOptions {
        agent,
        content: Content::Text(options.text.unwrap_or_default()),
        sms: sms.map(|channel| Sms {
            validity: self::validity(channel.sms.validity_seconds, channel.sms.validity),
            sender: channel.sms.sender,
            text: channel.sms.text,
            check_stop_list: true,
        }),
        validity,
        tariff_code: None,
        callback_url: None,
        check_stop_list: true,
        add_to_contact_book: false,
    }
}

fn validity(seconds: Option<u32>, hours: Option<u32>) -> Duration {
    let hours = || u64::from(hours.unwrap_or(72)) * 3600;
    Duration::from_secs(seconds.map_or_else(hours, u64::from))
}

fn callback_body(callback: &Callback, bare_prices: bool) -> Vec<u8> {
    let id = Some(Id(callback.message.id()));
    let msisdn = Some(Phone(callback.phone.as_u64()));
    let reference = callback.reference.map(|reference| reference.as_str().to_owned());
    let time = |at: VirtualTime| CivilText(at.to_string());
    let written = match &callback.body {
        Body::Report { status, time_in, time_sent, time_dr, price, currency } => {
            serde_json::to_vec(&wire::StatusReport {
                error: Some(Integer(0)),
                error_description: Some("No errors".into()),
                id,
                msisdn,
                reference,
                status: Some(wire::MessageStatus::from(status.as_str())),
                time_in: Some(time(*time_in)),
                time_sent: time_sent.map(time),
                time_dr: time_dr.map(time),
                price: Some(Decimal::string(price.to_string())),
                currency: (!bare_prices).then(|| currency.to_string()),
            })
        }
        Body::Click { text, postback, at } => serde_json::to_vec(&wire::SuggestionClick {
            id,
            reference,
            msisdn,
            text: Some(text.clone()),
            postback: postback.clone(),
            time_click: Some(time(*at)),
        }),
    };
    written.unwrap()
}
