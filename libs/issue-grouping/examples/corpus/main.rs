//! How well errors are grouped, on logs whose true templates are known.
//!
//! `cargo run --release -p issue-grouping --example corpus -- FOLDER [PEER.csv]`
//!
//! FOLDER holds `*_2k.log_structured.csv` files with the columns Content and EventId, as loghub's samples have them.
//! PEER.csv holds another method's figures, as `bench/drain3_corpus.py` prints them. MISTAKES=1 in the environment
//! shows the groups that differ from the truth.
//!
//! F1 is over pairs of lines: those that are in one group and have one template. GA, grouping accuracy, is the share
//! of lines whose group holds exactly the lines of one template. "Arrival" counts a line to the issue it was given
//! when it arrived, "final" to the issue that this one was merged into since, which is what a user sees.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark fails by panicking and prints its figures"
)]

mod csv;
mod score;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use issue_grouping::{Change, Error, Grouper, IssueKey, Learned, Limits};
use score::score;

/// Orders of arrival that are tried beside the real one.
const SHUFFLES: u64 = 20;

/// The lines of one system.
struct System {
    name: String,
    messages: Vec<String>,
    /// The true template of each line, by number.
    truth: Vec<usize>,
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().unwrap());
    let peer: HashMap<String, String> = arguments
        .next()
        .map(|path| peer(Path::new(&path)))
        .unwrap_or_default();
    #[expect(clippy::disallowed_methods, reason = "an example has no config module")]
    let mistakes = std::env::var("MISTAKES").is_ok();

    println!(
        "| system | templates | F1 final | GA final | groups | F1 arrival | GA arrival | drain3 F1, GA | orders | ns/line |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    let systems = systems(&folder);
    let mut sums = [0.0; 6];
    for system in &systems {
        let run = Run::of(&system.messages);
        let at_end = score(&system.truth, &run.at_end());
        let arrival = score(&system.truth, &run.arrival);
        let same = (0..SHUFFLES)
            .filter(|seed| same_when_shuffled(system, &run, *seed))
            .count();
        let nanos = nanos_per_line(&system.messages);
        println!(
            "| {} | {} | {:.4} | {:.4} | {} | {:.4} | {:.4} | {} | {same}/{SHUFFLES} | {nanos:.0} |",
            system.name,
            at_end.templates,
            at_end.f1,
            at_end.ga,
            at_end.groups,
            arrival.f1,
            arrival.ga,
            peer.get(&system.name).map_or("", String::as_str),
        );
        assert!(
            survives_restart(&system.messages, &run),
            "{}: other keys after a restart",
            system.name
        );
        let figures = [
            at_end.f1,
            at_end.ga,
            arrival.f1,
            arrival.ga,
            same as f64,
            nanos,
        ];
        for (sum, figure) in sums.iter_mut().zip(figures) {
            *sum += figure / systems.len() as f64;
        }
        if mistakes {
            show_mistakes(system, &run);
        }
    }
    let [f1, ga, arrival_f1, arrival_ga, same, nanos] = sums;
    let peer = peer.get("average").map_or("", String::as_str);
    println!(
        "| average | | {f1:.4} | {ga:.4} | | {arrival_f1:.4} | {arrival_ga:.4} | {peer} | {same}/{SHUFFLES} | {nanos:.0} |"
    );
}

/// One grouper that has seen all lines.
struct Run {
    arrival: Vec<IssueKey>,
    redirects: HashMap<IssueKey, IssueKey>,
    grouper: Grouper,
}

impl Run {
    fn of(messages: &[String]) -> Run {
        let mut grouper = Grouper::new(Limits::default());
        let arrival = messages
            .iter()
            .map(|message| grouper.group(&error(message)).issue)
            .collect();
        let redirects = grouper.redirects().collect();
        Run {
            arrival,
            redirects,
            grouper,
        }
    }

    fn at_end(&self) -> Vec<IssueKey> {
        let now = |issue: &IssueKey| *self.redirects.get(issue).unwrap_or(issue);
        self.arrival.iter().map(now).collect()
    }
}

fn error(message: &str) -> Error<'_> {
    Error {
        service: "corpus",
        message,
        ..Error::default()
    }
}

/// Whether the lines in another order end in the same groups.
fn same_when_shuffled(system: &System, run: &Run, seed: u64) -> bool {
    let mut order: Vec<usize> = (0..system.messages.len()).collect();
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    for at in (1..order.len()).rev() {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        order.swap(at, (state >> 33) as usize % (at + 1));
    }
    let messages: Vec<String> = order
        .iter()
        .map(|at| system.messages[*at].clone())
        .collect();
    let shuffled = Run::of(&messages).at_end();
    let before = run.at_end();
    let (mut there, mut back) = (HashMap::new(), HashMap::new());
    order.iter().zip(&shuffled).all(|(at, after)| {
        there.entry(before[*at]).or_insert(*after) == after
            && back.entry(*after).or_insert(before[*at]) == &before[*at]
    })
}

/// Whether a grouper that is restored every hundred lines gives every line the key it got without that.
fn survives_restart(messages: &[String], run: &Run) -> bool {
    let mut kept: Vec<Vec<u8>> = Vec::new();
    let mut keys = Vec::new();
    for chunk in messages.chunks(100) {
        let learned = kept.iter().map(|bytes| Learned::from_bytes(bytes).unwrap());
        let mut grouper = Grouper::restore(Limits::default(), learned);
        for message in chunk {
            let grouped = grouper.group(&error(message));
            keys.push(grouped.issue);
            kept.extend(grouped.changes.iter().filter_map(|change| match change {
                Change::Learned(template) => Some(template.to_bytes()),
                Change::Merged { .. } | Change::Forgotten(_) => None,
            }));
        }
    }
    keys == run.arrival
}

fn nanos_per_line(messages: &[String]) -> f64 {
    let mut grouper = Grouper::new(Limits::default());
    let begun = Instant::now();
    for message in messages {
        std::hint::black_box(grouper.group(&error(message)));
    }
    begun.elapsed().as_nanos() as f64 / messages.len() as f64
}

fn show_mistakes(system: &System, run: &Run) {
    let at_end = run.at_end();
    let mut shown: HashMap<(usize, IssueKey), (usize, usize)> = HashMap::new();
    for (line, pair) in system
        .truth
        .iter()
        .copied()
        .zip(at_end.iter().copied())
        .enumerate()
    {
        shown.entry(pair).or_insert((line, 0)).1 += 1;
    }
    let mut rows: Vec<_> = shown.iter().collect();
    rows.sort();
    for ((template, group), (line, count)) in &rows {
        let split = rows
            .iter()
            .any(|((other, into), _)| other == template && into != group);
        let mixed = rows
            .iter()
            .any(|((other, into), _)| other != template && into == group);
        if split || mixed {
            let why = run.grouper.explain(&error(&system.messages[*line]));
            let kind = if mixed { "mixed" } else { "split" };
            println!(
                "  {kind} {template:3} {count:4} {:.8} {:.200}",
                group.to_string(),
                why[why.len() - 1].value
            );
        }
    }
}

fn systems(folder: &Path) -> Vec<System> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.retain(|path| path.to_string_lossy().ends_with("_structured.csv"));
    files.sort();
    files.iter().map(|path| system(path)).collect()
}

fn system(path: &Path) -> System {
    let rows = csv::rows(&std::fs::read_to_string(path).unwrap());
    let column = |name: &str| rows[0].iter().position(|cell| cell == name).unwrap();
    let (content, event) = (column("Content"), column("EventId"));
    let mut numbers = HashMap::new();
    let mut truth = Vec::new();
    for row in &rows[1..] {
        let next = numbers.len();
        truth.push(*numbers.entry(row[event].clone()).or_insert(next));
    }
    let name = path
        .file_name()
        .unwrap()
        .to_string_lossy()
        .split('_')
        .next()
        .unwrap()
        .to_owned();
    System {
        name,
        messages: rows[1..].iter().map(|row| row[content].clone()).collect(),
        truth,
    }
}

fn peer(path: &Path) -> HashMap<String, String> {
    let rows = csv::rows(&std::fs::read_to_string(path).unwrap());
    rows[1..]
        .iter()
        .map(|row| (row[0].clone(), format!("{}, {}", row[1], row[2])))
        .collect()
}
