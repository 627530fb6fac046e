//! The book by itself: a clock that is set, a store that is a map, services that do as they like.

use super::*;
use crate::change::Wish;
use proptest::prelude::*;

fn start() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn device(n: u8, state: DeviceState) -> Device {
    Device {
        id: DeviceId(Uuid::from_u128(u128::from(n))),
        name: format!("phone {n}"),
        platform: "Android".into(),
        role: DeviceRole::Admin,
        state,
        local: false,
        origins: Vec::new(),
        keys: 1,
        created_at: start(),
        seen_at: None,
        online: Vec::new(),
        decided: 0,
    }
}

fn subscription(n: u8) -> KeptSubscription {
    let given = PutSubscription {
        endpoint: format!("https://push.example.com/{n}"),
        p256dh: String::new(),
        auth: String::new(),
        origin: String::new(),
    };
    KeptSubscription { device: DeviceId(Uuid::from_u128(u128::from(n))), given, made_at: start() }
}

fn channel(always: bool) -> Channel {
    let id = ChannelId(Uuid::from_u128(99));
    Channel { id, name: "mine".into(), kind: "ntfy".into(), service: "ntfy.sh".into(), always, secret: false }
}

fn wish(n: u8, reason: Reason) -> Wish {
    Wish {
        key: format!("{}/{n}", reason.name()),
        reason,
        run: None,
        project: Some("/work/api".into()),
        title: "api needs you".into(),
        body: "It asks.".into(),
        place: "/".into(),
        decidable: None,
        due: None,
    }
}

fn end(n: u8) -> Change {
    Change::End { key: format!("decision/{n}"), why: "Answered.".into(), device: None }
}

/// A gateway with two phones and a channel, that can be killed.
struct World {
    book: Book,
    now: Timestamp,
    kept: BTreeMap<NotificationId, Notification>,
    flying: Vec<Order>,
    settings: NotifySettings,
    /// Tell-orders that a service took, by notification and delivery.
    accepted: BTreeMap<(NotificationId, usize), u32>,
    over: BTreeSet<u8>,
}

impl World {
    fn new(phones: u8, with_channel: bool, settings: NotifySettings) -> Self {
        let stock = Stock {
            settings: settings.clone(),
            subscriptions: (1..=phones).map(subscription).collect(),
            channels: with_channel.then(|| channel(false)).into_iter().collect(),
            notifications: Vec::new(),
        };
        let mut book = Book::open(stock, start());
        for n in 1..=phones {
            book.device(&device(n, DeviceState::Active));
        }
        Self {
            book,
            now: start(),
            kept: BTreeMap::new(),
            flying: Vec::new(),
            settings,
            accepted: BTreeMap::new(),
            over: BTreeSet::new(),
        }
    }

    fn key(order: &Order) -> (NotificationId, usize) {
        (order.notification, order.delivery)
    }

    fn turn(&mut self) {
        let given = self.book.turn(self.now);
        for one in given.keep {
            self.kept.insert(one.id, one);
        }
        for id in given.forget {
            self.kept.remove(&id);
        }
        for effect in given.effects {
            let Effect::Send(order) = effect else { continue };
            let one = &self.kept[&order.notification];
            if !order.back {
                assert!(one.ended.is_none(), "nobody is told what is over");
                assert!(!self.accepted.contains_key(&Self::key(&order)), "nobody is told twice");
                let quiet = self.settings.quiet.as_ref().and_then(|quiet| quiet::until(quiet, one.due_at));
                assert_eq!(quiet, None, "nobody is told in quiet hours");
            }
            assert!(!self.flying.contains(&order), "one message at a time");
            self.flying.push(order);
        }
    }

    fn pass(&mut self, secs: i64) {
        let until = plus(self.now, SignedDuration::from_secs(secs));
        while let Some(next) = self.book.next(self.now).filter(|next| *next <= until) {
            self.now = self.now.max(next);
            self.turn();
            if self.book.next(self.now).is_some_and(|next| next <= self.now) {
                // It gives what it has to do now at once.
                panic!("the book does not come to rest: {:?}", self.book.recent());
            }
        }
        self.now = until;
        self.turn();
    }

    fn answer(&mut self, sent: Sent) {
        let Some(order) = self.flying.pop() else { return };
        if sent == Sent::Accepted && !order.back {
            *self.accepted.entry(Self::key(&order)).or_default() += 1;
        }
        self.book.sent(&order, sent, self.now);
        self.turn();
    }

    /// What was not kept is gone, and nobody hears what was on its way.
    fn die(&mut self) {
        let stock = Stock {
            settings: self.settings.clone(),
            subscriptions: self.book.subscriptions().cloned().collect(),
            channels: self.book.channels().cloned().collect(),
            notifications: self.kept.values().cloned().collect(),
        };
        let devices = self.book.devices.clone();
        self.book = Book::open(stock, self.now);
        self.book.devices = devices;
        self.flying.clear();
        self.turn();
    }
}

#[derive(Clone, Debug)]
enum Step {
    Ask(u8),
    Answer(u8),
    Attend,
    Pass(i64),
    Taken,
    Busy(Option<u64>),
    Refused,
    Gone,
    Shown(u8, bool),
    Die,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0u8..6).prop_map(Step::Ask),
        3 => (0u8..6).prop_map(Step::Answer),
        1 => Just(Step::Attend),
        4 => (1i64..200).prop_map(Step::Pass),
        6 => Just(Step::Taken),
        2 => proptest::option::of(0u64..100).prop_map(Step::Busy),
        1 => Just(Step::Refused),
        1 => Just(Step::Gone),
        2 => ((1u8..3), any::<bool>()).prop_map(|(n, opened)| Step::Shown(n, opened)),
        1 => Just(Step::Die),
    ]
}

fn quiet_now() -> NotifySettings {
    let quiet = QuietHours {
        from: "12:05".into(),
        to: "12:30".into(),
        zone: "UTC".into(),
        waiting_comes_through: false,
    };
    NotifySettings { quiet: Some(quiet), ..NotifySettings::default() }
}

proptest! {
    #[test]
    fn told_once_never_when_over_and_never_forgotten(
        steps in proptest::collection::vec(step(), 1..60),
        quiet in any::<bool>(),
        with_channel in any::<bool>(),
    ) {
        let settings = if quiet { quiet_now() } else { NotifySettings::default() };
        let mut world = World::new(2, with_channel, settings);
        for step in steps {
            match step {
                Step::Ask(n) if !world.over.contains(&n) => {
                    world.book.tell(wish(n, Reason::Decision), world.now, world.now);
                    world.turn();
                }
                Step::Ask(_) => {}
                Step::Answer(n) => {
                    world.over.insert(n);
                    world.book.change(end(n), world.now, world.now);
                    world.turn();
                }
                Step::Attend => world.book.attend(world.now),
                Step::Pass(secs) => world.pass(secs),
                Step::Taken => world.answer(Sent::Accepted),
                Step::Busy(after) => world.answer(Sent::Later { why: "busy".into(), after }),
                Step::Refused => world.answer(Sent::Refused { why: "no".into() }),
                Step::Gone => world.answer(Sent::Gone { why: "gone".into() }),
                Step::Shown(n, opened) => {
                    let ids: Vec<NotificationId> = world.kept.keys().copied().collect();
                    for id in ids {
                        world.book.receipt(id, DeviceId(Uuid::from_u128(u128::from(n))), opened, world.now);
                    }
                    world.turn();
                }
                Step::Die => world.die(),
            }
        }
        // In the end services take what they are given.
        for _ in 0..600 {
            while !world.flying.is_empty() {
                world.answer(Sent::Accepted);
            }
            world.pass(60);
        }
        for one in world.book.recent() {
            prop_assert!(one.sent || one.ended.is_some(), "never told: {one:?}");
            for delivery in &one.deliveries {
                prop_assert_ne!(delivery.state, DeliveryState::Queued, "left lying: {:?}", one);
                prop_assert_ne!(delivery.taking_back, Some(TakingBack::Queued), "left lying: {:?}", one);
                // What a phone shows of something that is over was taken back, and a channel heard that it is over.
                let shows = matches!(delivery.state, DeliveryState::Accepted | DeliveryState::Shown);
                if shows && one.ended.is_some() {
                    prop_assert!(delivery.taking_back.is_some(), "{:?}", one);
                }
            }
        }
        prop_assert!(world.accepted.values().all(|times| *times == 1));
    }
}

fn told(world: &World) -> usize {
    world.accepted.len()
}

#[test]
fn a_minute_without_shown_and_the_channel_is_told() {
    let mut world = World::new(1, true, NotifySettings::default());
    world.book.tell(wish(1, Reason::Decision), world.now, world.now);
    world.pass(0);
    world.answer(Sent::Accepted);
    world.pass(59);
    assert_eq!((told(&world), world.flying.len()), (1, 0), "the phone has its minute");
    world.pass(1);
    world.answer(Sent::Accepted);
    assert_eq!(told(&world), 2);
    world.pass(3600);
    assert!(world.flying.is_empty(), "and only once");

    // One that is shown is not escalated.
    let id = world.book.tell(wish(2, Reason::Decision), world.now, world.now).unwrap();
    world.pass(0);
    world.answer(Sent::Accepted);
    assert!(world.book.receipt(id, DeviceId(Uuid::from_u128(1)), false, world.now));
    world.pass(3600);
    assert_eq!((told(&world), world.flying.len()), (3, 0));

    // A phone that is gone gets no minute.
    world.book.tell(wish(3, Reason::Decision), world.now, world.now);
    world.pass(0);
    world.answer(Sent::Gone { why: "410".into() });
    world.pass(0);
    assert!(matches!(world.flying[..], [Order { delivery: 1, back: false, .. }]), "{:?}", world.flying);
}

#[test]
fn a_channel_that_was_told_hears_once_that_it_is_over() {
    let mut world = World::new(0, true, NotifySettings::default());
    world.book.tell(wish(1, Reason::Decision), world.now, world.now);
    world.pass(0);
    world.answer(Sent::Accepted);
    world.book.change(end(1), world.now, world.now);
    world.pass(0);
    assert!(matches!(world.flying[..], [Order { delivery: 0, back: true, .. }]), "{:?}", world.flying);
    // Busy now, and told then; after that never again.
    world.answer(Sent::Later { why: "busy".into(), after: None });
    world.pass(10);
    world.answer(Sent::Accepted);
    world.book.change(end(1), world.now, world.now);
    world.pass(3600);
    assert!(world.flying.is_empty(), "{:?}", world.flying);

    // What never reached it has no end there, and that an agent went on is no news.
    world.book.tell(wish(2, Reason::Decision), world.now, world.now);
    world.pass(0);
    world.answer(Sent::Refused { why: "no".into() });
    world.book.change(end(2), world.now, world.now);
    world.book.tell(wish(3, Reason::Finished), world.now, world.now);
    world.pass(0);
    world.answer(Sent::Accepted);
    world.book.change(end(3), world.now, world.now);
    world.pass(3600);
    assert!(world.flying.is_empty(), "{:?}", world.flying);

    // A phone showed it in its minute: the channel knows nothing, and hears nothing.
    let mut world = World::new(1, true, NotifySettings::default());
    let id = world.book.tell(wish(1, Reason::Decision), world.now, world.now).unwrap();
    world.pass(0);
    world.answer(Sent::Accepted);
    assert!(world.book.receipt(id, DeviceId(Uuid::from_u128(1)), false, world.now));
    world.book.change(end(1), world.now, world.now);
    world.pass(3600);
    assert!(world.flying.iter().all(|order| order.delivery == 0), "{:?}", world.flying);
}

#[test]
fn who_is_there_answers_before_anybody_is_told() {
    let mut world = World::new(1, false, NotifySettings::default());
    world.book.attend(world.now);
    world.book.tell(wish(1, Reason::Decision), world.now, world.now);
    world.pass(14);
    assert!(world.flying.is_empty());
    world.book.change(end(1), world.now, world.now);
    world.pass(60);
    assert!(world.flying.is_empty());
    // A minute later nobody is there.
    world.book.tell(wish(2, Reason::Decision), world.now, world.now);
    world.pass(0);
    assert_eq!(world.flying.len(), 1);
}

#[test]
fn old_news_is_none_and_what_waits_is_told_all_the_same() {
    let mut world = World::new(1, false, NotifySettings::default());
    let long_ago = plus(world.now, -SignedDuration::from_mins(30));
    assert_eq!(world.book.tell(wish(1, Reason::Finished), long_ago, world.now), None);
    assert!(world.book.tell(wish(1, Reason::Decision), long_ago, world.now).is_some());
    world.pass(0);
    assert_eq!(world.flying.len(), 1);
    // Switched off: everywhere, or for the project.
    world.settings.off = vec![Reason::Decision];
    world.book.set(world.settings.clone(), world.now);
    assert_eq!(world.book.tell(wish(2, Reason::Decision), world.now, world.now), None);
    world.settings = NotifySettings {
        projects: vec![ProjectNotify { dir: "/work/api".into(), off: vec![Reason::Finished] }],
        ..NotifySettings::default()
    };
    world.book.set(world.settings.clone(), world.now);
    assert_eq!(world.book.tell(wish(2, Reason::Finished), world.now, world.now), None);
    let elsewhere = Wish { project: Some("/work/web".into()), ..wish(2, Reason::Finished) };
    assert!(world.book.tell(elsewhere, world.now, world.now).is_some());
}

#[test]
fn a_device_that_is_revoked_is_told_nothing_more() {
    let mut world = World::new(2, false, NotifySettings::default());
    assert_eq!(world.book.device(&device(1, DeviceState::Revoked)), [subscription(1).id()]);
    world.book.tell(wish(1, Reason::Decision), world.now, world.now);
    world.pass(0);
    assert_eq!(world.flying.len(), 1);
}

#[test]
fn quiet_hours_end_with_what_still_waits() {
    let mut world = World::new(1, false, quiet_now());
    world.pass(6 * 60);
    world.book.tell(wish(1, Reason::Decision), world.now, world.now);
    world.book.tell(wish(2, Reason::Decision), world.now, world.now);
    world.pass(60);
    world.book.change(end(1), world.now, world.now);
    world.pass(22 * 60);
    assert!(world.flying.is_empty());
    world.pass(60);
    assert_eq!(world.flying.len(), 1, "at 12:30, and only what still waits");
}
