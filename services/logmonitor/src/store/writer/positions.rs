//! How far each partition was read, in the writer's eyes: what comes again from there is a redelivery.

use foldhash::{HashMap, HashMapExt};

use crate::store::arrival::Coordinates;

/// Offset of the last record, and its place within the message.
type Position = (i64, Option<u32>);

/// See the module. What an append does to it can be undone until the next one begins.
#[derive(Debug)]
pub(super) struct Positions {
    /// A topic's id is its place.
    topics: Vec<String>,
    /// By topic and partition.
    positions: HashMap<(u32, i32), Position>,
    /// The same before the append that is going on.
    before: HashMap<(u32, i32), Position>,
}

impl Positions {
    pub(super) fn new() -> Positions {
        Positions {
            topics: Vec::new(),
            positions: HashMap::new(),
            before: HashMap::new(),
        }
    }

    /// Starts an append.
    pub(super) fn begin(&mut self) {
        self.before.clone_from(&self.positions);
    }

    /// Undoes what was done since [`Positions::begin`].
    pub(super) fn roll_back(&mut self) {
        std::mem::swap(&mut self.positions, &mut self.before);
    }

    /// The id of a topic, by which the twins tell topics apart too.
    pub(super) fn topic_id(&mut self, name: &str) -> u32 {
        let id = self.known_topic(name).unwrap_or_else(|| {
            self.topics.push(name.to_owned());
            self.topics.len() - 1
        });
        id as u32
    }

    fn known_topic(&self, name: &str) -> Option<usize> {
        // Two topics: a scan beats a hash.
        self.topics.iter().position(|topic| topic == name)
    }

    /// Moves the partition's position; false when the record is at or before it.
    pub(super) fn advance(&mut self, topic: u32, coordinates: &Coordinates<'_>) -> bool {
        let position = (coordinates.offset, coordinates.index);
        let key = (topic, coordinates.partition);
        match self.positions.get_mut(&key) {
            Some(last) if position <= *last => false,
            Some(last) => {
                *last = position;
                true
            }
            None => {
                self.positions.insert(key, position);
                true
            }
        }
    }

    /// The partition was read up to before this offset.
    pub(super) fn set(&mut self, topic: &str, partition: i32, next_offset: i64) {
        let topic = self.topic_id(topic);
        let last = (next_offset - 1, Some(u32::MAX));
        self.positions.insert((topic, partition), last);
    }

    /// Forgets how far a partition was read.
    pub(super) fn reset(&mut self, topic: &str, partition: i32) {
        if let Some(id) = self.known_topic(topic) {
            self.positions.remove(&(id as u32, partition));
        }
    }

    /// Forgets it of all partitions.
    pub(super) fn clear(&mut self) {
        self.positions.clear();
    }
}
