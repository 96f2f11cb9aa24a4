//! What a history is made of. Everything is drawn from small sets, so that operations meet.

use bsg_rcs_domain::{
    Amount, Currency, MessageId, MessageStatus, Money, Msisdn, ReferenceId, Report, ReportedStatus,
};
use proptest::collection::vec;
use proptest::option::{of, weighted};
use proptest::prelude::*;
use proptest::sample::select;

use super::super::fixtures::{LONG, civil, reference};
use super::id_of;
use crate::column_enums::Word;
use crate::rows::{
    BatchState, CallbackKind, CampaignState, Click, Guard, Outcome, Received, Settled, Verdict,
};

/// Campaigns of a history.
pub(super) const DIFFERENT: u8 = 4;
/// Recipients that a campaign of a history may have.
const INDICES: u32 = 9;

/// One call, or two that belong together. Campaigns, leases and bodies are named by small numbers.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each is named after the call that it makes")]
pub enum Operation {
    Prepare {
        id: u8,
        is_single: bool,
        account: u8,
        alternative_channel: bool,
    },
    Add {
        id: u8,
        first: Option<u32>,
        numbers: Vec<u8>,
    },
    Finish {
        id: u8,
        guard: Option<Guard>,
        batch_size: Option<u16>,
        worst: Vec<Money>,
        digest: u8,
    },
    Discard {
        id: u8,
    },
    Begin {
        id: u8,
        is_guarded: bool,
    },
    Rename {
        id: u8,
        account: u8,
    },
    SetState {
        id: u8,
        state: CampaignState,
        note: bool,
    },
    Reopen {
        id: u8,
    },
    Claim {
        id: u8,
    },
    Lease {
        id: u8,
        span: bool,
        before: u32,
    },
    Renew {
        lease: u8,
    },
    Release {
        lease: u8,
    },
    Cut {
        lease: u8,
        keep: u32,
        worst: (Option<Money>, Option<Money>),
    },
    Send {
        lease: u8,
    },
    Change {
        lease: u8,
        state: BatchState,
        remote: Option<u64>,
        note: bool,
        settled: Vec<Settled>,
        never_left: bool,
    },
    Settle {
        id: u8,
        settled: Vec<Settled>,
    },
    Keep {
        received: Vec<Received>,
    },
    AddReports {
        id: u8,
        reports: Vec<(u32, Report)>,
    },
    JudgeAgain {
        judged: Vec<(u8, Verdict)>,
    },
    ForgetNumber {
        number: u8,
    },
    ForgetCampaign {
        id: u8,
    },
    Prune {
        at: u8,
    },
    Setting {
        name: u8,
        proposed: u8,
    },
}

/// A history of up to this many operations, behind a few campaigns that are planned.
pub fn history(operations: usize) -> impl Strategy<Value = Vec<Operation>> {
    let planned = vec(any::<bool>(), usize::from(DIFFERENT) - 1).prop_flat_map(|which| {
        let ids = (0_u8..).zip(which).filter(|(_, is_planned)| *is_planned);
        ids.map(|(id, _)| planned(id)).collect::<Vec<_>>()
    });
    (planned, vec(operation(), 1..operations))
        .prop_map(|(planned, others)| planned.into_iter().flatten().chain(others).collect())
}

/// The operations that plan a campaign, and mostly begin it.
fn planned(id: u8) -> impl Strategy<Value = Vec<Operation>> {
    let numbers = vec(0_u8..6, 1..8);
    (prepare(), numbers, finish(), any::<bool>()).prop_map(
        move |(prepare, numbers, finish, begun)| {
            let of = |operation| match operation {
                Operation::Prepare { is_single, account, alternative_channel, .. } => {
                    Operation::Prepare { id, is_single, account, alternative_channel }
                }
                Operation::Finish { batch_size, worst, digest, .. } => {
                    Operation::Finish { id, guard: None, batch_size, worst, digest }
                }
                other => other,
            };
            let add = Operation::Add { id, first: None, numbers };
            let mut all = vec![of(prepare), add, of(finish)];
            if begun {
                all.push(Operation::Begin { id, is_guarded: false });
            }
            all
        },
    )
}

fn prepare() -> impl Strategy<Value = Operation> {
    (ids(), any::<bool>(), 0_u8..2, any::<bool>()).prop_map(
        |(id, is_single, account, alternative_channel)| Operation::Prepare {
            id,
            is_single,
            account,
            alternative_channel,
        },
    )
}

fn finish() -> impl Strategy<Value = Operation> {
    let guards = select(vec![Guard::Begun { within: LONG }, Guard::Reference]);
    (ids(), of(guards), of(1_u16..5), vec(money(), 0..4), 0_u8..3).prop_map(
        |(id, guard, batch_size, worst, digest)| Operation::Finish {
            id,
            guard,
            batch_size,
            worst,
            digest,
        },
    )
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        3 => plans(),
        3 => states(),
        10 => work(),
        6 => reports(),
        2 => removals(),
    ]
}

fn plans() -> impl Strategy<Value = Operation> {
    prop_oneof![
        prepare(),
        (ids(), weighted(0.1, 0_u32..9), vec(0_u8..6, 0..4))
            .prop_map(|(id, first, numbers)| Operation::Add { id, first, numbers }),
        finish(),
        ids().prop_map(|id| Operation::Discard { id }),
        (ids(), any::<bool>()).prop_map(|(id, is_guarded)| Operation::Begin { id, is_guarded }),
        (ids(), 0_u8..2).prop_map(|(id, account)| Operation::Rename { id, account }),
    ]
}

fn states() -> impl Strategy<Value = Operation> {
    prop_oneof![
        3 => (ids(), select(CampaignState::ALL.to_vec()), any::<bool>())
            .prop_map(|(id, state, note)| Operation::SetState { id, state, note }),
        3 => (ids(), any::<bool>()).prop_map(|(id, is_guarded)| Operation::Begin { id, is_guarded }),
        1 => ids().prop_map(|id| Operation::Reopen { id }),
        1 => ids().prop_map(|id| Operation::Claim { id }),
        1 => (0_u8..2, 0_u8..2)
            .prop_map(|(name, proposed)| Operation::Setting { name, proposed }),
    ]
}

fn work() -> impl Strategy<Value = Operation> {
    let change = (leases(), states_of_batches(), of(0_u64..3), any::<bool>(), settled());
    prop_oneof![
        4 => (ids(), any::<bool>(), select(vec![1, 4, u32::MAX]))
            .prop_map(|(id, span, before)| Operation::Lease { id, span, before }),
        1 => leases().prop_map(|lease| Operation::Renew { lease }),
        1 => leases().prop_map(|lease| Operation::Release { lease }),
        3 => (leases(), 0_u32..4, of(money()), of(money()))
            .prop_map(|(lease, keep, kept, rest)| {
                Operation::Cut { lease, keep, worst: (kept, rest) }
            }),
        3 => leases().prop_map(|lease| Operation::Send { lease }),
        4 => (change, any::<bool>()).prop_map(
            |((lease, state, remote, note, settled), never_left)| Operation::Change {
                lease, state, remote, note, settled, never_left,
            }),
        2 => (ids(), settled()).prop_map(|(id, settled)| Operation::Settle { id, settled }),
    ]
}

fn reports() -> impl Strategy<Value = Operation> {
    prop_oneof![
        3 => vec(received(), 0..5).prop_map(|received| Operation::Keep { received }),
        2 => (ids(), vec((0..INDICES, report()), 0..5))
            .prop_map(|(id, reports)| Operation::AddReports { id, reports }),
        1 => vec((0_u8..8, verdict()), 0..4).prop_map(one_each),
    ]
}

/// Each body is judged once.
fn one_each(mut judged: Vec<(u8, Verdict)>) -> Operation {
    judged.sort_by_key(|(place, _)| *place);
    judged.dedup_by_key(|(place, _)| *place);
    Operation::JudgeAgain { judged }
}

fn removals() -> impl Strategy<Value = Operation> {
    prop_oneof![
        2 => (0_u8..6).prop_map(|number| Operation::ForgetNumber { number }),
        1 => ids().prop_map(|id| Operation::ForgetCampaign { id }),
        1 => any::<u8>().prop_map(|at| Operation::Prune { at }),
    ]
}

fn ids() -> impl Strategy<Value = u8> {
    0..DIFFERENT
}

fn leases() -> impl Strategy<Value = u8> {
    any::<u8>()
}

fn states_of_batches() -> impl Strategy<Value = BatchState> {
    select(BatchState::ALL.to_vec())
}

fn settled() -> impl Strategy<Value = Vec<Settled>> {
    let one = (0..INDICES, select(Outcome::ALL.to_vec()), any::<bool>());
    let one = one.prop_map(|(index, outcome, note)| Settled {
        index,
        outcome,
        note: note.then(|| "stopped".to_owned()),
    });
    vec(one, 0..3)
}

fn received() -> impl Strategy<Value = Received> {
    (verdict(), 0_u8..6).prop_map(|(verdict, number)| {
        let body = format!("{{\"msisdn\": {}}}", number_of(number).as_u64()).into_bytes();
        Received { body, verdict }
    })
}

fn verdict() -> impl Strategy<Value = Verdict> {
    let callback = prop_oneof![
        3 => report().prop_map(CallbackKind::Report),
        1 => click().prop_map(CallbackKind::Click),
    ];
    prop_oneof![
        5 => (ids(), 0..INDICES, callback).prop_map(|(id, index, callback)| Verdict::Ours {
            campaign: id_of(id),
            index,
            callback,
        }),
        1 => Just(Verdict::SetAside { why: "foreign".to_owned() }),
    ]
}

fn report() -> impl Strategy<Value = Report> {
    let words: Vec<&str> =
        MessageStatus::ALL.iter().map(|status| status.as_str()).chain(["beamed", "lost"]).collect();
    (0_u64..2, select(words), of(money()), any::<bool>()).prop_map(
        |(message, word, price, is_dated)| Report {
            message: MessageId(if message == 0 { u64::MAX } else { message }),
            channel: None,
            status: ReportedStatus::from_word(word),
            price,
            sent_at: is_dated.then(|| civil("2026-01-05 09:00:00")),
            reported_at: None,
        },
    )
}

fn click() -> impl Strategy<Value = Click> {
    let texts = select(vec![None, Some(""), Some("Book"), Some("Далі")]);
    (0_u64..2, texts.clone(), texts).prop_map(|(message, text, postback)| Click {
        message: MessageId(message),
        text: text.map(str::to_owned),
        postback: postback.map(str::to_owned),
        clicked_at: None,
    })
}

fn money() -> impl Strategy<Value = Money> {
    let amounts = select(vec![1, 11_000_000, i128::MAX]);
    let currencies = select(vec!["EUR", "UAH"]);
    (amounts, currencies).prop_map(|(amount, currency)| {
        let currency = Currency::parse(currency).expect("a currency");
        Money::new(Amount::from_ten_millionths(amount), currency)
    })
}

/// One of a few numbers.
pub(super) fn number_of(number: u8) -> Msisdn {
    Msisdn::from_u64(380_660_000_000 + u64::from(number)).expect("a number")
}

/// One of a few references.
pub(super) fn own_reference(number: u8) -> ReferenceId {
    reference(&format!("own{number}"))
}
