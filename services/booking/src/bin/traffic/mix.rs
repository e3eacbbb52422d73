//! What is asked next. Mostly everyday requests; now and then a burst of requests that go wrong by themselves, so that
//! the page shows something even when the services are told not to fail. Knows no HTTP and no time.

use std::collections::VecDeque;

use crate::action::{Action, Learned};

/// What is remembered of users and of bookings, each.
const KNOWN: usize = 200;
const PASSWORD: &str = "correct horse battery staple";

const NAMES: [&str; 12] = [
    "Ada", "Grace", "Linus", "Margaret", "Edsger", "Barbara", "Ken", "Radia", "Dennis", "Frances",
    "Tim", "Hedy",
];
/// usermanagement cannot show these.
const UNUSUAL_NAMES: [&str; 4] = ["Özlem", "Émile", "Åsa", "Łukasz"];
const ITEMS: [&str; 8] = [
    "night train to Vienna",
    "room with a view",
    "ferry to Naxos",
    "city bike",
    "museum pass",
    "window seat",
    "mountain hut",
    "late check-out",
];

/// A misfortune that strikes several times in a row.
#[derive(Clone, Copy, Debug)]
enum Burst {
    /// A shop sends a currency that nobody has agreed on.
    Currency(&'static str),
    /// Someone tries passwords.
    Passwords,
    /// Someone signs up whose name usermanagement cannot show, and looks again and again.
    Name { signed_up: bool },
}

/// Draws one request after the other.
#[derive(Debug)]
pub(crate) struct Mix {
    dice: fastrand::Rng,
    users: VecDeque<(u64, String)>,
    bookings: VecDeque<u64>,
    burst: Option<Burst>,
    bursts: u32,
    /// Requests until the burst ends, or the next one begins.
    until_change: u32,
}

impl Mix {
    /// Begins with a few users and then a burst, so that the first error comes at once.
    pub(crate) fn new(dice: fastrand::Rng) -> Mix {
        Mix {
            dice,
            users: VecDeque::new(),
            bookings: VecDeque::new(),
            burst: None,
            bursts: 0,
            until_change: 4,
        }
    }

    pub(crate) fn is_in_burst(&self) -> bool {
        self.burst.is_some()
    }

    /// Remembers what an answer taught.
    pub(crate) fn learn(&mut self, learned: Option<Learned>) {
        match learned {
            Some(Learned::User { id, email }) => remember(&mut self.users, (id, email)),
            Some(Learned::Booking { id }) => remember(&mut self.bookings, id),
            Some(Learned::NoUser { id }) => self.users.retain(|(known, _)| *known != id),
            Some(Learned::NoBooking { id }) => self.bookings.retain(|known| *known != id),
            None => {}
        }
    }

    pub(crate) fn next_action(&mut self) -> Action {
        if self.until_change == 0 {
            self.change();
        }
        self.until_change -= 1;
        let Some((user_id, email)) = self.user() else {
            return self.create_user();
        };
        match self.burst {
            Some(Burst::Currency(currency)) => self.book(user_id, currency),
            Some(Burst::Passwords) => {
                // Always the same victim.
                let email = self.users.front().map_or(email, |(_, first)| first.clone());
                Action::LogIn {
                    email,
                    password: "123456",
                }
            }
            // One signs up, and then looks again and again.
            Some(Burst::Name { signed_up: false }) => {
                self.burst = Some(Burst::Name { signed_up: true });
                self.create_unusual_user()
            }
            // The newest one, who wonders where the picture is.
            Some(Burst::Name { signed_up: true }) => Action::ShowUser {
                id: self.users.back().map_or(user_id, |(id, _)| *id),
            },
            None => self.everyday(user_id, email),
        }
    }

    fn everyday(&mut self, user_id: u64, email: String) -> Action {
        match self.dice.u32(..100) {
            0..12 => self.create_user(),
            // An id that was never given, as a bookmark of someone who left may have.
            12..14 => Action::ShowUser {
                id: self.dice.u64(1_000_000..2_000_000),
            },
            14..28 => Action::ShowUser { id: user_id },
            28..31 => Action::LogIn {
                email,
                password: "correct horse battery stable",
            },
            31..50 => Action::LogIn {
                email,
                password: PASSWORD,
            },
            50..85 => {
                let currency = *self
                    .dice
                    .choice(&["EUR", "EUR", "USD", "GBP", "CHF"])
                    .unwrap_or(&"EUR");
                self.book(user_id, currency)
            }
            _ => match self.dice.choice(&self.bookings) {
                Some(&id) => Action::ShowBooking { id },
                None => self.book(user_id, "EUR"),
            },
        }
    }

    /// Begins a burst, or ends it. One of each comes soon, then any of them now and then.
    fn change(&mut self) {
        if let Some(ended) = self.burst.take() {
            if let Burst::Name { .. } = ended {
                // Gives up and leaves.
                self.users.pop_back();
            }
            let is_soon = self.bursts < 3;
            self.until_change = self.dice.u32(if is_soon { 30..60 } else { 80..240 });
            return;
        }
        self.bursts += 1;
        let currency = *self
            .dice
            .choice(&["DEM", "FRF", "XTS", "eur"])
            .unwrap_or(&"DEM");
        self.burst = Some(match self.bursts {
            1 => Burst::Currency(currency),
            2 => Burst::Name { signed_up: false },
            3 => Burst::Passwords,
            _ => match self.dice.u32(..4) {
                0 | 1 => Burst::Currency(currency),
                2 => Burst::Passwords,
                _ => Burst::Name { signed_up: false },
            },
        });
        self.until_change = self.dice.u32(4..14);
    }

    fn user(&mut self) -> Option<(u64, String)> {
        self.dice.choice(&self.users).cloned()
    }

    fn create_user(&mut self) -> Action {
        match self.dice.u32(..100) {
            // Among a few users, one would be met all the time.
            0 if self.users.len() > 50 => self.create_unusual_user(),
            _ => {
                let name = self.dice.choice(&NAMES).unwrap_or(&"Ada");
                self.create(name)
            }
        }
    }

    fn create_unusual_user(&mut self) -> Action {
        let name = self.dice.choice(&UNUSUAL_NAMES).unwrap_or(&"Özlem");
        self.create(name)
    }

    fn create(&mut self, name: &'static str) -> Action {
        let email = format!(
            "{}.{:06}@example.com",
            name.to_lowercase(),
            self.dice.u32(..1_000_000)
        );
        Action::CreateUser {
            name,
            email,
            password: PASSWORD,
        }
    }

    fn book(&mut self, user_id: u64, currency: &'static str) -> Action {
        let item = self.dice.choice(&ITEMS).unwrap_or(&"city bike");
        Action::Book {
            user_id,
            item,
            amount_cents: self.dice.u64(500..90_000),
            currency,
        }
    }
}

fn remember<T>(known: &mut VecDeque<T>, new: T) {
    if known.len() == KNOWN {
        known.pop_front();
    }
    known.push_back(new);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays services that answer everything well.
    fn play(requests: usize) -> (Mix, Vec<Action>) {
        let mut mix = Mix::new(fastrand::Rng::with_seed(1));
        let actions = (1..=requests)
            .map(|id| {
                let action = mix.next_action();
                mix.learn(action.learned_from(201, Some(id as u64)));
                action
            })
            .collect();
        (mix, actions)
    }

    fn is_failing(action: &Action) -> bool {
        matches!(action, Action::Book { currency, .. } if !["EUR", "USD", "GBP", "CHF"].contains(currency))
    }

    #[test]
    fn one_of_the_first_ten_requests_fails_by_itself() {
        let (_, actions) = play(10);
        assert!(actions.iter().any(is_failing), "{actions:?}");
    }

    #[test]
    fn a_user_nobody_knows_any_more_is_forgotten() {
        let (mut mix, _) = play(50);
        let (user_id, _) = mix.users[0];
        let order = mix.book(user_id, "EUR");
        mix.learn(order.learned_from(422, None));
        assert!(mix.users.iter().all(|(id, _)| *id != user_id));
    }

    #[test]
    fn bursts_come_again_and_most_requests_are_everyday_ones() {
        let (_, actions) = play(5_000);
        let failing = actions.iter().filter(|action| is_failing(action)).count();
        assert!(
            (20..1_000).contains(&failing),
            "{failing} of 5000 fail by themselves"
        );
    }

    #[test]
    fn every_kind_of_request_occurs_and_what_is_remembered_is_bounded() {
        let (mix, actions) = play(5_000);
        for (kind, is_kind) in [
            (
                "create",
                (|action| matches!(action, Action::CreateUser { .. })) as fn(&Action) -> bool,
            ),
            ("show user", |action| {
                matches!(action, Action::ShowUser { .. })
            }),
            ("log in", |action| matches!(action, Action::LogIn { .. })),
            ("book", |action| matches!(action, Action::Book { .. })),
            ("show booking", |action| {
                matches!(action, Action::ShowBooking { .. })
            }),
        ] {
            assert!(actions.iter().any(is_kind), "no {kind}");
        }
        assert_eq!((mix.users.len(), mix.bookings.len()), (KNOWN, KNOWN));
    }

    #[test]
    fn nothing_but_users_is_asked_for_while_none_is_known() {
        let mut mix = Mix::new(fastrand::Rng::with_seed(1));
        for _ in 0..500 {
            assert!(matches!(mix.next_action(), Action::CreateUser { .. }));
        }
    }
}
