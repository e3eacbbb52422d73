//! What a segment knows of each of its services, so that a query finds a service's rows without a look at them.

use log_record::Severity;

use super::NO_ROW;
use crate::store::dictionary::{Dictionary, Span};
use crate::store::rows::LEVEL_MASK;

/// Most names of services are no longer.
const NAME_START: usize = 16;

/// What a segment knows of one of its services; the position is the service's id.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ServiceEntry {
    /// [`service_hash`] of the name.
    pub(crate) hash: u64,
    /// The start of its name, so that a short one is compared without a look at the dictionary.
    name_start: [u8; NAME_START],
    name: Span,
    /// Its newest row, where its chain starts.
    pub(crate) newest: u16,
    /// Its records by [`Severity::index`].
    pub(crate) by_level: [u16; Severity::COUNT],
}

impl ServiceEntry {
    /// The entry of the service of this id, before any of its rows is known.
    fn new(dictionary: &Dictionary, id: u16) -> ServiceEntry {
        let name = dictionary.service(id);
        ServiceEntry {
            hash: service_hash(name),
            name_start: name_start(name),
            name: dictionary.services[usize::from(id)],
            newest: NO_ROW,
            by_level: [0; Severity::COUNT],
        }
    }

    /// Whether it is the entry of this service; `hash` is the name's.
    pub(super) fn is_of(&self, name: &str, hash: u64, dictionary: &Dictionary) -> bool {
        self.hash == hash
            && self.name_start == name_start(name)
            && self.name.len() == name.len()
            && (name.len() <= NAME_START || self.name.read(&dictionary.text) == Some(name))
    }
}

/// The hash by which segments and their directory recognise a service: FNV-1a, folded to spread its low bits.
pub(crate) fn service_hash(name: &str) -> u64 {
    let hash = name.bytes().fold(0xCBF2_9CE4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    });
    hash ^ (hash >> 29)
}

fn name_start(name: &str) -> [u8; NAME_START] {
    let mut start = [0; NAME_START];
    for (to, from) in start.iter_mut().zip(name.bytes()) {
        *to = from;
    }
    start
}

/// The entries of all services and the chain from each row to the next older one of its service.
pub(super) fn chain_services(
    dictionary: &Dictionary,
    services: &[u16],
    flags: &[u8],
) -> (Box<[ServiceEntry]>, Box<[u16]>) {
    let ids = 0..dictionary.services.len() as u16;
    let mut entries: Box<[ServiceEntry]> =
        ids.map(|id| ServiceEntry::new(dictionary, id)).collect();
    let previous = services
        .iter()
        .zip(flags)
        .zip(0..)
        .map(|((&service, &flags), row)| {
            let entry = &mut entries[usize::from(service)];
            entry.by_level[usize::from(flags & LEVEL_MASK)] += 1;
            std::mem::replace(&mut entry.newest, row)
        })
        .collect();
    (entries, previous)
}
