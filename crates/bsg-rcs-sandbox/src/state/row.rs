//! What a line of the state file says: commands, in words of JSON that stand still while the engine's own may change.

use std::collections::BTreeMap;

use bsg_rcs_domain::{Amount, CivilDateTime, Msisdn, ReferenceId};
use bsg_rcs_wire::generated as wire;
use serde::{Deserialize, Serialize};

use crate::engine::{
    AccountIx, Addressee, AnyChannel, Command, ContactCommand, ContactDraft, Delivery, ListCommand,
    ListDraft, Members, StopListCommand, Terms,
};
use crate::http::{content_of, options_of, sms_of};

/// A line behind the header.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    /// It was this time, in milliseconds since 1970.
    Time(i64),
    /// At this time this was done.
    Do(i64, Box<Row>),
    /// Of this message, this callback: what became of it, after how many attempts.
    Told(u64, u16, Became, u16),
    /// Of this message, this callback was put off by so many milliseconds.
    Later(u64, u16, u64),
}

/// What became of a callback.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Became {
    Waiting,
    Acknowledged,
    GivenUp,
    Dropped,
}

impl From<Delivery> for Became {
    fn from(delivery: Delivery) -> Self {
        match delivery {
            Delivery::Waiting => Self::Waiting,
            Delivery::Acknowledged => Self::Acknowledged,
            Delivery::GivenUp => Self::GivenUp,
            Delivery::Dropped => Self::Dropped,
        }
    }
}

impl From<Became> for Delivery {
    fn from(became: Became) -> Self {
        match became {
            Became::Waiting => Self::Waiting,
            Became::Acknowledged => Self::Acknowledged,
            Became::GivenUp => Self::GivenUp,
            Became::Dropped => Self::Dropped,
        }
    }
}

/// A command. Accounts are named by their place, counted from 1.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Row {
    SendOne {
        account: u64,
        mark: u64,
        to: To,
        terms: TermsRow,
    },
    SendCampaign {
        account: u64,
        mark: u64,
        to: Vec<To>,
        terms: TermsRow,
        start_at: Option<String>,
    },
    SendToLists {
        account: u64,
        mark: u64,
        lists: Vec<u64>,
        terms: TermsRow,
        start_at: Option<String>,
    },
    StopListAttach {
        account: u64,
        phones: Vec<u64>,
        channels: Vec<wire::Channel>,
    },
    StopListDetach {
        account: u64,
        ids: Vec<u64>,
        channels: Vec<wire::Channel>,
    },
    MakeContact {
        account: u64,
        contact: ContactRow,
    },
    ChangeContact {
        account: u64,
        id: u64,
        contact: ContactRow,
    },
    DeleteContact {
        account: u64,
        id: u64,
    },
    DeleteContacts {
        account: u64,
        contacts: Vec<u64>,
        lists: Vec<u64>,
    },
    MakeList {
        account: u64,
        list: ListRow,
    },
    ChangeList {
        account: u64,
        id: u64,
        list: ListRow,
    },
    DeleteList {
        account: u64,
        id: u64,
    },
    Attach {
        account: u64,
        contacts: Vec<u64>,
        lists: Vec<u64>,
    },
    Detach {
        account: u64,
        contacts: Vec<u64>,
        lists: Vec<u64>,
    },
    Stop {
        account: u64,
        campaign: u64,
    },
    Pause(u64),
    Resume(u64),
    TopUp {
        account: u64,
        amount: String,
    },
    CallbackUrl {
        account: u64,
        url: Option<String>,
    },
    Click {
        message: u64,
        card: u8,
        suggestion: u8,
    },
}

/// A number and the caller's reference.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct To(u64, Option<String>);

/// What a request says of all its messages.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TermsRow {
    agent: String,
    options: wire::Options,
    sms: Option<wire::SmsFallback>,
    /// In milliseconds.
    validity: u64,
    tariff_code: Option<i64>,
    callback_url: Option<String>,
    check_stop_list: bool,
    add_to_contact_book: bool,
}

/// A contact as it is made or changed.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ContactRow {
    phone: u64,
    fields: Option<BTreeMap<u64, String>>,
    lists: Option<Vec<u64>>,
}

/// A list as it is made or changed.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListRow {
    name: String,
    description: Option<String>,
}

impl Row {
    /// The row of a command; none for one that never changes anything.
    pub(super) fn of(command: &Command) -> Option<Self> {
        Some(match command {
            Command::SendOne { account, fingerprint, to, terms } => Self::SendOne {
                account: account.id(),
                mark: *fingerprint,
                to: To::of(to),
                terms: TermsRow::of(terms),
            },
            Command::SendCampaign { account, fingerprint, to, terms, start_at } => {
                Self::SendCampaign {
                    account: account.id(),
                    mark: *fingerprint,
                    to: to.iter().map(To::of).collect(),
                    terms: TermsRow::of(terms),
                    start_at: start_at.map(|at| at.to_string()),
                }
            }
            Command::SendToLists { account, fingerprint, lists, terms, start_at } => {
                Self::SendToLists {
                    account: account.id(),
                    mark: *fingerprint,
                    lists: lists.clone(),
                    terms: TermsRow::of(terms),
                    start_at: start_at.map(|at| at.to_string()),
                }
            }
            Command::DryRun(..) => return None,
            Command::StopList(account, command) => Self::of_stop_list(account.id(), command),
            Command::Contacts(account, command) => Self::of_contacts(account.id(), command),
            Command::Lists(account, command) => Self::of_lists(account.id(), command),
            Command::Stop { account, campaign } => {
                Self::Stop { account: account.id(), campaign: *campaign }
            }
            Command::Pause(campaign) => Self::Pause(*campaign),
            Command::Resume(campaign) => Self::Resume(*campaign),
            Command::TopUp(account, amount) => {
                Self::TopUp { account: account.id(), amount: amount.to_string() }
            }
            Command::SetCallbackUrl(account, url) => {
                Self::CallbackUrl { account: account.id(), url: url.as_deref().map(str::to_owned) }
            }
            Command::Click { message, card, suggestion } => {
                Self::Click { message: *message, card: *card, suggestion: *suggestion }
            }
        })
    }

    fn of_stop_list(account: u64, command: &StopListCommand) -> Self {
        match command {
            StopListCommand::Attach { phones, channels } => Self::StopListAttach {
                account,
                phones: phones.iter().map(|phone| phone.as_u64()).collect(),
                channels: channels.iter().map(word).collect(),
            },
            StopListCommand::Detach { ids, channels } => Self::StopListDetach {
                account,
                ids: ids.clone(),
                channels: channels.iter().map(word).collect(),
            },
        }
    }

    fn of_contacts(account: u64, command: &ContactCommand) -> Self {
        match command {
            ContactCommand::Make(draft) => {
                Self::MakeContact { account, contact: ContactRow::of(draft) }
            }
            ContactCommand::Change(id, draft) => {
                Self::ChangeContact { account, id: *id, contact: ContactRow::of(draft) }
            }
            ContactCommand::Delete(id) => Self::DeleteContact { account, id: *id },
            ContactCommand::DeleteMany { contacts, lists } => {
                let (contacts, lists) = (contacts.clone(), lists.clone());
                Self::DeleteContacts { account, contacts, lists }
            }
        }
    }

    fn of_lists(account: u64, command: &ListCommand) -> Self {
        let members = |members: &Members| (members.contacts.clone(), members.lists.clone());
        match command {
            ListCommand::Make(draft) => Self::MakeList { account, list: ListRow::of(draft) },
            ListCommand::Change(id, draft) => {
                Self::ChangeList { account, id: *id, list: ListRow::of(draft) }
            }
            ListCommand::Delete(id) => Self::DeleteList { account, id: *id },
            ListCommand::Attach(named) => {
                let (contacts, lists) = members(named);
                Self::Attach { account, contacts, lists }
            }
            ListCommand::Detach(named) => {
                let (contacts, lists) = members(named);
                Self::Detach { account, contacts, lists }
            }
        }
    }

    /// The command; none if a value in it cannot be one.
    pub(super) fn into_command(self) -> Option<Command> {
        let contacts = |account, command| Some(Command::Contacts(of_account(account)?, command));
        let lists = |account, command| Some(Command::Lists(of_account(account)?, command));
        Some(match self {
            Self::SendOne { account, mark, to, terms } => Command::SendOne {
                account: of_account(account)?,
                fingerprint: mark,
                to: to.into_addressee()?,
                terms: Box::new(terms.into_terms()),
            },
            Self::SendCampaign { account, mark, to, terms, start_at } => Command::SendCampaign {
                account: of_account(account)?,
                fingerprint: mark,
                to: to.into_iter().map(To::into_addressee).collect::<Option<_>>()?,
                terms: Box::new(terms.into_terms()),
                start_at: of_start(start_at)?,
            },
            Self::SendToLists { account, mark, lists, terms, start_at } => Command::SendToLists {
                account: of_account(account)?,
                fingerprint: mark,
                lists,
                terms: Box::new(terms.into_terms()),
                start_at: of_start(start_at)?,
            },
            Self::StopListAttach { account, phones, channels } => {
                let phones = phones.into_iter().map(|phone| Msisdn::from_u64(phone).ok());
                let phones = phones.collect::<Option<_>>()?;
                let channels = channels.iter().map(channel).collect::<Option<_>>()?;
                let command = StopListCommand::Attach { phones, channels };
                Command::StopList(of_account(account)?, command)
            }
            Self::StopListDetach { account, ids, channels } => {
                let channels = channels.iter().map(channel).collect::<Option<_>>()?;
                let command = StopListCommand::Detach { ids, channels };
                Command::StopList(of_account(account)?, command)
            }
            Self::MakeContact { account, contact } => {
                contacts(account, ContactCommand::Make(contact.into_draft()?))?
            }
            Self::ChangeContact { account, id, contact } => {
                contacts(account, ContactCommand::Change(id, contact.into_draft()?))?
            }
            Self::DeleteContact { account, id } => contacts(account, ContactCommand::Delete(id))?,
            Self::DeleteContacts { account, contacts: named, lists } => {
                contacts(account, ContactCommand::DeleteMany { contacts: named, lists })?
            }
            Self::MakeList { account, list } => lists(account, ListCommand::Make(list.into()))?,
            Self::ChangeList { account, id, list } => {
                lists(account, ListCommand::Change(id, list.into()))?
            }
            Self::DeleteList { account, id } => lists(account, ListCommand::Delete(id))?,
            Self::Attach { account, contacts, lists: named } => {
                lists(account, ListCommand::Attach(Members { contacts, lists: named }))?
            }
            Self::Detach { account, contacts, lists: named } => {
                lists(account, ListCommand::Detach(Members { contacts, lists: named }))?
            }
            Self::Stop { account, campaign } => {
                Command::Stop { account: of_account(account)?, campaign }
            }
            Self::Pause(campaign) => Command::Pause(campaign),
            Self::Resume(campaign) => Command::Resume(campaign),
            Self::TopUp { account, amount } => {
                let amount = Amount::parse(&amount).ok()?.amount;
                Command::TopUp(of_account(account)?, amount)
            }
            Self::CallbackUrl { account, url } => {
                Command::SetCallbackUrl(of_account(account)?, url.map(Into::into))
            }
            Self::Click { message, card, suggestion } => {
                Command::Click { message, card, suggestion }
            }
        })
    }
}

impl To {
    fn of(to: &Addressee) -> Self {
        Self(to.number.as_u64(), to.reference.map(|reference| reference.as_str().to_owned()))
    }

    fn into_addressee(self) -> Option<Addressee> {
        let Self(number, reference) = self;
        let reference = reference.as_deref().map(ReferenceId::parse).transpose().ok()?;
        Some(Addressee { number: Msisdn::from_u64(number).ok()?, reference })
    }
}

impl TermsRow {
    fn of(terms: &Terms) -> Self {
        Self {
            agent: terms.agent.clone(),
            options: options_of(&terms.content),
            sms: terms.sms.as_ref().map(|sms| wire::SmsFallback {
                text: sms.text.clone(),
                sender: sms.sender.clone(),
                validity: None,
                validity_seconds: Some(u32::try_from(sms.validity.as_secs()).unwrap_or(u32::MAX)),
                check_stop_list: Some(sms.check_stop_list),
            }),
            validity: u64::try_from(terms.validity.as_millis()).unwrap_or(u64::MAX),
            tariff_code: terms.tariff_code,
            callback_url: terms.callback_url.as_deref().map(str::to_owned),
            check_stop_list: terms.check_stop_list,
            add_to_contact_book: terms.add_to_contact_book,
        }
    }

    fn into_terms(self) -> Terms {
        Terms {
            agent: self.agent,
            content: content_of(self.options),
            sms: self.sms.map(sms_of),
            validity: std::time::Duration::from_millis(self.validity),
            tariff_code: self.tariff_code,
            callback_url: self.callback_url.map(Into::into),
            check_stop_list: self.check_stop_list,
            add_to_contact_book: self.add_to_contact_book,
        }
    }
}

impl ContactRow {
    fn of(draft: &ContactDraft) -> Self {
        let (fields, lists) = (draft.fields.clone(), draft.lists.clone());
        Self { phone: draft.phone.as_u64(), fields, lists }
    }

    fn into_draft(self) -> Option<ContactDraft> {
        let phone = Msisdn::from_u64(self.phone).ok()?;
        Some(ContactDraft { phone, fields: self.fields, lists: self.lists })
    }
}

impl ListRow {
    fn of(draft: &ListDraft) -> Self {
        Self { name: draft.name.clone(), description: draft.description.clone() }
    }
}

impl From<ListRow> for ListDraft {
    fn from(row: ListRow) -> Self {
        Self { name: row.name, description: row.description }
    }
}

fn of_account(id: u64) -> Option<AccountIx> {
    AccountIx::of_id(id)
}

fn of_start(start: Option<String>) -> Option<Option<CivilDateTime>> {
    start.map(|text| CivilDateTime::parse(&text)).transpose().ok()
}

fn word(channel: &AnyChannel) -> wire::Channel {
    match channel {
        AnyChannel::Rcs => wire::Channel::Rcs,
        AnyChannel::Sms => wire::Channel::Sms,
        AnyChannel::Viber => wire::Channel::Viber,
        AnyChannel::Whatsapp => wire::Channel::Whatsapp,
    }
}

fn channel(word: &wire::Channel) -> Option<AnyChannel> {
    crate::http::channel_of(word)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::engine::{Action, Card, Content, Sms, Suggestion};

    fn terms(content: Content, sms: Option<Sms>) -> Box<Terms> {
        Box::new(Terms {
            agent: "agent".into(),
            content,
            sms,
            validity: Duration::from_secs(31),
            tariff_code: Some(9),
            callback_url: Some("http://127.0.0.1:9/".into()),
            check_stop_list: false,
            add_to_contact_book: false,
        })
    }

    fn cards() -> Content {
        let button = |action| Suggestion { text: "Go".into(), action, postback: Some("go".into()) };
        let link = button(Action::Link("https://example.com/".into()));
        let call = button(Action::Call("380661231231".into()));
        let card = Card {
            title: Some("Title".into()),
            text: Some("\"Text\"\n".into()),
            media: Some("https://example.com/a.png".into()),
            suggestions: vec![link, call],
        };
        Content::Cards(vec![card, Card { text: Some("plain".into()), ..Card::default() }])
    }

    fn to(reference: Option<&str>) -> Addressee {
        let reference = reference.map(|text| ReferenceId::parse(text).unwrap());
        Addressee { number: Msisdn::from_u64(380_661_231_231).unwrap(), reference }
    }

    /// Every command that changes something, with nothing in it that is as it would be without it.
    fn commands() -> Vec<Command> {
        let account = AccountIx::of_id(2).unwrap();
        let sms = Sms {
            sender: "Bistro".into(),
            text: "Hi".into(),
            validity: Duration::from_secs(77),
            check_stop_list: false,
        };
        let start_at = Some(CivilDateTime::parse("2026-01-05 09:00:01").unwrap());
        let phone = to(None).number;
        let contact = || ContactDraft {
            phone,
            fields: Some([(7, "x".to_owned())].into()),
            lists: Some(vec![5]),
        };
        let list = || ListDraft { name: "list".into(), description: Some("what for".into()) };
        let members = || Members { contacts: vec![1, 2], lists: vec![3] };
        let channels =
            || [AnyChannel::Rcs, AnyChannel::Sms, AnyChannel::Viber, AnyChannel::Whatsapp].into();
        let plain = || Content::Text("Hello".into());
        vec![
            Command::SendOne {
                account,
                fingerprint: u64::MAX,
                to: to(Some("r1")),
                terms: terms(plain(), Some(sms)),
            },
            Command::SendCampaign {
                account,
                fingerprint: 1,
                to: vec![to(None), to(Some("r2"))],
                terms: terms(cards(), None),
                start_at,
            },
            Command::SendToLists {
                account,
                fingerprint: 2,
                lists: vec![8, 9],
                terms: terms(plain(), None),
                start_at: None,
            },
            Command::StopList(
                account,
                StopListCommand::Attach { phones: vec![phone], channels: channels() },
            ),
            Command::StopList(
                account,
                StopListCommand::Detach { ids: vec![4], channels: channels() },
            ),
            Command::Contacts(account, ContactCommand::Make(contact())),
            Command::Contacts(account, ContactCommand::Change(6, contact())),
            Command::Contacts(account, ContactCommand::Delete(6)),
            Command::Contacts(
                account,
                ContactCommand::DeleteMany { contacts: vec![1], lists: vec![2] },
            ),
            Command::Lists(account, ListCommand::Make(list())),
            Command::Lists(account, ListCommand::Change(6, list())),
            Command::Lists(account, ListCommand::Delete(6)),
            Command::Lists(account, ListCommand::Attach(members())),
            Command::Lists(account, ListCommand::Detach(members())),
            Command::Stop { account, campaign: 7 },
            Command::Pause(7),
            Command::Resume(7),
            Command::TopUp(account, Amount::from_ten_millionths(1)),
            Command::SetCallbackUrl(account, Some("http://127.0.0.1:9/".into())),
            Command::SetCallbackUrl(account, None),
            Command::Click { message: 1, card: 2, suggestion: 3 },
        ]
    }

    #[test]
    fn every_command_comes_back_as_it_was() {
        for command in commands() {
            let line = serde_json::to_string(&Row::of(&command).unwrap()).unwrap();
            let row: Row = serde_json::from_str(&line).unwrap();
            let back = row.into_command().unwrap();
            assert_eq!(format!("{back:?}"), format!("{command:?}"), "{line}");
        }
    }
}
