//! Worlds in which an assumption is false.

use bsg_rcs_domain::CampaignStatus;

use super::*;

const UA: u64 = 380_661_231_200;

/// An engine in a world with other assumptions.
fn where_(change: impl FnOnce(&mut Assumptions)) -> Engine {
    engine_with(|world| change(&mut world.assumptions))
}

#[test]
fn a2_a_carousel_costs_what_a_card_costs() {
    for (own_price, price) in [(true, "0.02"), (false, "0.015")] {
        let mut engine = where_(|it| it.carousel_has_its_price = own_price);
        let mut options = with_buttons(text("demo_agent"));
        if let Content::Cards(cards) = &mut options.content {
            cards.push(cards[0].clone());
        }
        let ix = message_of(send_one(&mut engine, to(UA), options));
        assert_eq!(engine.at(ix).price, amount(price));
    }
}

#[test]
fn a3_an_sms_is_paid_by_the_message() {
    for (by_part, price) in [(true, "0.016"), (false, "0.008")] {
        let mut engine = where_(|it| it.sms_paid_by_part = by_part);
        let mut options = with_sms(text("demo_agent"));
        options.sms.as_mut().unwrap().text = "x".repeat(161);
        let ix = message_of(send_one(&mut engine, to(UA + 93), options));
        pass(&mut engine, ENOUGH);
        let sms = engine.at(ix).fallback.unwrap();
        assert_eq!((engine.at(sms).spec.parts, engine.at(sms).price), (2, amount(price)));
    }
}

#[test]
fn a5_read_comes_without_delivered_and_is_paid_once() {
    let mut engine = where_(|it| it.read_after_delivered = false);
    for (ends_in, expected) in [
        (91, "accepted sending sent read"),
        (98, "accepted sending sent read"),
        (11, "accepted sending sent delivered"),
    ] {
        let before = engine.account(live(&engine)).ledger.charged();
        let ix = message_of(send_one(&mut engine, to(UA + ends_in), text("demo_agent")));
        pass(&mut engine, ENOUGH);
        assert_eq!(way(&engine, ix), expected);
        let charged = engine.account(live(&engine)).ledger.charged();
        assert_eq!(charged.checked_sub(before), Some(amount("0.01")));
    }
}

#[test]
fn a8_what_holds_the_word_is_spam_for_good() {
    let mut engine = where_(|it| it.spam_word = Some("table".into()));
    let spam = campaign_of(send_campaign(&mut engine, vec![to(UA)], text("demo_agent")));
    let card = with_buttons(text("demo_agent"));
    let fine = campaign_of(send_campaign(&mut engine, vec![to(UA)], card));
    pass(&mut engine, ENOUGH);
    assert_eq!(engine.campaign_at(spam).status, CampaignStatus::Spam);
    assert!(engine.campaign_at(spam).finished.is_some());
    assert_eq!(way(&engine, engine.campaign_at(spam).first), "moderation failed");
    assert_eq!(engine.campaign_at(fine).status, CampaignStatus::Done);
    assert_eq!(engine.account(live(&engine)).ledger.charged(), amount("0.015"));
    let (account, campaign) = (live(&engine), spam.id());
    handle(&mut engine, Command::Stop { account, campaign }).unwrap_err();
}

#[test]
fn a12_the_sms_has_no_reference() {
    let mut engine = where_(|it| it.sms_keeps_reference = false);
    let number = with_reference(UA + 93, "hello");
    let ix = message_of(send_one(&mut engine, number, with_sms(text("demo_agent"))));
    pass(&mut engine, ENOUGH);
    let sms = engine.at(ix).fallback.unwrap();
    assert_eq!(engine.at(sms).reference, None);
    assert_eq!(
        engine.find(&Filter { reference: number.reference, ..Filter::default() }).into_vec(),
        [ix]
    );
}

#[test]
fn a19_who_may_not_be_sent_to_is_refused_at_once() {
    let refuse = |it: &mut Assumptions| it.barred_recipient = BarredRecipient::Refused;
    let mut engine = where_(refuse);
    stop(&mut engine, UA, AnyChannel::Rcs);
    let numbers = || vec![to(UA), to(491_701_234_511), to(UA + 1)];
    refused_at(
        send_campaign(&mut engine, numbers(), text("demo_agent_ua")),
        &["phones[0].number", "phones[1].number"],
    );
    refused_at(send_one(&mut engine, to(UA), text("demo_agent")), &["phone.number"]);
    let mut unchecked = text("demo_agent");
    unchecked.check_stop_list = false;
    send_one(&mut engine, to(UA), unchecked).unwrap();

    let mut engine = where_(|it| {
        refuse(it);
        it.refused_recipient = RefusedRecipient::LeaveOut;
    });
    stop(&mut engine, UA, AnyChannel::Rcs);
    let campaign = campaign_of(send_campaign(&mut engine, numbers(), text("demo_agent_ua")));
    assert_eq!(engine.campaign_at(campaign).count, 1, "the others are left out (A21)");
}
