//! The network: it loses, delays and doubles requests and answers, and puts words into the
//! platform's mouth; but it never says `NotSent` of a request that left, and never that something
//! was refused that was carried out.

use std::sync::atomic::{AtomicUsize, Ordering};

use bsg_rcs_domain::Msisdn;
use bsg_rcs_store::BatchState;
use bsg_rcs_transport::http::{Request, Response, StatusCode};
use bsg_rcs_transport::{Bytes, FailureKind, Timeout, Transport, TransportError, async_trait};
use bsg_rcs_wire::generated::paths;

use super::clock::Pulse;
use super::platform::{numbers_of, says};
use super::world::{Shared, World, at_once, point};
use crate::stores::*;

/// One process's way to the platform.
#[derive(Debug)]
pub(super) struct Network {
    pub(super) world: Shared,
    pub(super) pulse: Pulse,
    /// Sends of this process that are under way.
    pub(super) sends: AtomicUsize,
}

/// A send that is under way, until it is dropped.
struct UnderWay<'a>(&'a AtomicUsize);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// How an exchange ends for the one who asked.
#[derive(Debug)]
enum End {
    /// With the platform's answer to the request of this number.
    Answer(u64),
    /// With this answer, whatever became of the request.
    Says(Response<Bytes>),
    NotSent,
    Broken,
    TimedOut,
}

/// What became of a request.
#[derive(Debug)]
struct Course {
    end: End,
    /// After so many milliseconds.
    after: u64,
}

/// Statuses after which nobody knows whether something was done.
const VAGUE: [u16; 8] = [408, 409, 425, 429, 500, 502, 503, 504];
/// Statuses of somebody on the way who let nothing pass.
const BARRED: [u16; 10] = [400, 402, 403, 404, 405, 407, 413, 414, 422, 451];
/// The longest that an answer may take, beside the request's own timeout.
const LATE: u64 = 59_000;

#[async_trait]
impl Transport for Network {
    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        point().await;
        let is_send = is_send(&request);
        let _under_way = is_send.then(|| self.begin_send());
        let course = {
            let mut world = self.world.lock();
            if is_send {
                leaves(&mut world, &self.pulse, &request);
            }
            course(&mut world, &self.pulse, request, is_send)
        };
        self.pulse.sleep(course.after).await;
        point().await;
        match course.end {
            End::Answer(number) => {
                let answer = self.world.lock().answer(number);
                let answer = answer.expect("a request is answered before its answer arrives");
                self.notice_pause(&answer);
                Ok(answer)
            }
            End::Says(answer) => Ok(answer),
            End::NotSent => Err(TransportError::not_sent(FailureKind::Connect, "nobody is there")),
            End::Broken => Err(TransportError::maybe_sent(FailureKind::Broken, "the line is dead")),
            End::TimedOut => {
                Err(TransportError::maybe_sent(FailureKind::Timeout, "no answer came"))
            }
        }
    }
}

impl Network {
    /// Counts a send; a process has no more under way than it was told to.
    fn begin_send(&self) -> UnderWay<'_> {
        let sends = self.sends.fetch_add(1, Ordering::SeqCst) + 1;
        let mut world = self.world.lock();
        if sends > world.scene.options.concurrency.unwrap_or(2) {
            world.violate(format!("{sends} requests are sent at once"));
        }
        UnderWay(&self.sends)
    }

    /// Whoever is told that a campaign is paused sends nothing more.
    fn notice_pause(&self, answer: &Response<Bytes>) {
        let paused = br#""status":"paused""#;
        if answer.body().windows(paused.len()).any(|part| part == paused) {
            self.pulse.told_of_pause();
        }
    }
}

fn is_send(request: &Request<Bytes>) -> bool {
    [paths::MESSAGES_RCS_SEND, paths::CAMPAIGNS_RCS_SEND].contains(&request.uri().path())
}

/// What must hold when a send leaves: who is in it, and that the store knows of it.
fn leaves(world: &mut World, pulse: &Pulse, request: &Request<Bytes>) {
    world.tallies.sends += 1;
    let numbers = numbers_of(request);
    let mut different = numbers.clone();
    different.sort_unstable();
    different.dedup();
    if different.len() != numbers.len() {
        world.violate(format!("a request has a number twice: {numbers:?}"));
    }
    if numbers.is_empty() || numbers.len() > usize::from(world.scene.cap.get()) {
        world.violate(format!("a request has {} recipients", numbers.len()));
    }
    if pulse.is_paused() {
        world.violate("a request leaves after the platform said that it paused".to_owned());
    }
    let Some(id) = world.id else { return };
    world.check_nothing_leaves_that_must_not(&numbers);
    let batches = at_once(world.store.batches(id, 0, u32::MAX)).unwrap();
    let rows = world.outcomes();
    for number in numbers {
        let number = Msisdn::from_u64(number).unwrap();
        let index = world.scene.numbers.iter().position(|one| *one == number.as_u64());
        let Some((row, _)) = index.and_then(|index| rows.get(index)) else {
            world.violate("a request has a number that is not in the list".to_owned());
            continue;
        };
        let batch = batches.iter().find(|b| (b.first..b.first + b.count).contains(&row.index));
        let state = batch.map(|batch| batch.state);
        if state != Some(BatchState::Sending) && !world.scene.suspends {
            world.violate(format!("a request leaves, and its batch is {state:?} in the store"));
        }
    }
}

/// Draws what becomes of a request, and lets it travel if it does.
fn course(world: &mut World, pulse: &Pulse, request: Request<Bytes>, is_send: bool) -> Course {
    world.tallies.exchanges += 1;
    let rate = world.rates().exchange;
    let path = request.uri().path().to_owned();
    let size = if is_send { numbers_of(&request) } else { Vec::new() };
    let faulty = world.chance.one_in(rate);
    let timeout = request
        .extensions()
        .get::<Timeout>()
        .map_or(u64::MAX, |timeout| u64::try_from(timeout.0.as_millis()).unwrap_or(u64::MAX));
    let mut course = if faulty {
        world.tallies.faults += 1;
        if is_send { bad_send(world, request) } else { bad_question(world, request) }
    } else {
        let after = if rate > 0 && world.chance.one_in(3) { world.chance.below(900) } else { 0 };
        Course { end: End::Answer(world.travel(request, after)), after }
    };
    if course.after > timeout {
        course = Course { end: End::TimedOut, after: timeout };
    }
    world.note(pulse.name(), || {
        let to = if size.is_empty() { String::new() } else { format!(" to {size:?}") };
        let end = match &course.end {
            End::Says(answer) => format!("answered {}", answer.status().as_u16()),
            other => format!("{other:?}"),
        };
        let fault = if faulty { "FAULT " } else { "" };
        format!("{fault}{path}{to} ends after {} ms: {end}", course.after)
    });
    course
}

fn bad_send(world: &mut World, request: Request<Bytes>) -> Course {
    let (late_max, doubles) = (world.scene.late_max, world.scene.doubles);
    let soon = world.chance.below(1_000).min(late_max);
    // The line breaks at once, or nobody ever says anything.
    let silence = |world: &mut World, soon: u64| {
        if world.chance.one_in(2) {
            Course { end: End::Broken, after: soon }
        } else {
            Course { end: End::TimedOut, after: LATE + 1_000 }
        }
    };
    let fault = world.chance.below(13);
    match if world.scene.slow && fault < 9 { 5 + fault % 2 * 6 } else { fault } {
        0 | 1 => Course { end: End::NotSent, after: world.chance.below(3_000) },
        2 => silence(world, soon),
        3 | 4 => {
            let arrives = if world.chance.one_in(2) { 0 } else { soon };
            world.travel(request, arrives);
            silence(world, soon)
        }
        5 => {
            let arrives = world.chance.below(late_max + 1);
            world.travel(request, arrives);
            let gone = world.chance.below(arrives + 1);
            silence(world, gone)
        }
        6 => {
            let definite = world.chance.one_in(2);
            let status =
                if definite { world.chance.pick(&BARRED) } else { world.chance.pick(&VAGUE) };
            Course { end: End::Says(says(status, "Not now.")), after: soon }
        }
        7 => {
            world.travel(request, soon);
            let status = world.chance.pick(&VAGUE);
            Course { end: End::Says(says(status, "Sorry.")), after: soon }
        }
        8 => {
            // A page of somebody else's, or the end of the answer is missing.
            if world.chance.one_in(2) {
                world.travel(request, soon);
            }
            Course { end: garbled(world), after: soon }
        }
        9 if doubles => {
            let gap = world.chance.below(9_000);
            let first = world.travel(request.clone(), soon);
            let second = world.travel(request, soon + gap);
            let hears_second = world.chance.one_in(2) && world.scene.second_tells;
            let which = if hears_second { second } else { first };
            Course { end: End::Answer(which), after: soon + gap }
        }
        10 => Course { end: End::Says(says(401, "Unauthenticated.")), after: soon },
        _ => {
            let arrives = world.chance.below(late_max.min(LATE) + 1);
            let after = arrives + world.chance.below(LATE - arrives + 1);
            Course { end: End::Answer(world.travel(request, arrives)), after }
        }
    }
}

fn bad_question(world: &mut World, request: Request<Bytes>) -> Course {
    let soon = world.chance.below(1_000);
    let fault = world.chance.below(7);
    match if world.scene.slow && fault < 5 { 6 } else { fault } {
        0 => Course { end: End::NotSent, after: soon },
        1 => Course { end: End::Broken, after: soon },
        2 => Course { end: End::TimedOut, after: LATE + 1_000 },
        3 => Course { end: End::Says(says(world.chance.pick(&VAGUE), "Not now.")), after: soon },
        4 => Course { end: garbled(world), after: soon },
        5 => Course { end: End::Says(says(401, "Unauthenticated.")), after: soon },
        _ => {
            let arrives = world.chance.below(LATE + 1);
            let after = arrives + world.chance.below(LATE - arrives + 1);
            Course { end: End::Answer(world.travel(request, arrives)), after }
        }
    }
}

/// A success that cannot be read.
fn garbled(world: &mut World) -> End {
    let bodies: [&'static [u8]; 4] = [b"", b"{\"data\": {\"id\": 44<html>", b"<html>", b"{}"];
    let mut answer = Response::new(Bytes::from_static(world.chance.pick(&bodies)));
    if answer.body().is_empty() {
        *answer.status_mut() = StatusCode::NO_CONTENT;
    }
    End::Says(answer)
}
