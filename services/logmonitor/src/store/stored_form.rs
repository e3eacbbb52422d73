//! A segment as bytes, for the archive, and back: the same columns and texts, so that both are searched alike.
//!
//! All numbers are little endian. A change of this layout is a new version; segments of the old one stay readable.

use issue_grouping::IssueKey;
use log_record::Instance;

use super::column::Column;
use super::dictionary::{Dictionary, Span, StoredCallsite, StoredOrigin};
use super::segment::{Segment, SegmentParts};
use super::stored_reader::{DamagedSegment, Reader};
use super::texts::{Part, Texts};

const VERSION: u8 = 2;
/// Before this version records had no issues.
const WITH_ISSUES: u8 = 2;
/// About as many bytes of a row are numbers.
const ROW_BYTES: usize = 64;
/// Rows of a segment are numbered with 16 bits, and the last number means "none".
const MAX_ROWS: usize = 0xFFFF;

/// The two hashes of a payload, which identify a record that has no identity of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct PayloadHashes {
    pub(crate) hash: u64,
    pub(crate) check: u64,
}

/// A segment read back, and the hashes of its rows without identity, in the order of rows.
#[derive(Debug)]
pub(crate) struct StoredSegment {
    pub(crate) segment: Segment,
    pub(crate) payloads: Vec<PayloadHashes>,
}

/// Whether the row has an identity of its own.
pub(crate) fn is_own(segment: &Segment, row: usize) -> bool {
    segment.identity(row).is_some()
}

/// The bytes of a segment. The texts, most of them, are borrowed.
#[derive(Debug)]
pub(crate) struct Encoded<'s> {
    columns: Vec<u8>,
    texts: &'s Texts,
}

impl Encoded<'_> {
    /// All parts, in the order in which they are read.
    pub(crate) fn parts(&self) -> Vec<&[u8]> {
        let texts = self.texts.parts().iter().map(Part::bytes);
        std::iter::once(self.columns.as_slice())
            .chain(texts)
            .collect()
    }
}

/// The bytes of a segment. `payloads` has the hashes of the rows without identity, in the order of rows.
pub(crate) fn encode<'s>(segment: &'s Segment, payloads: &[PayloadHashes]) -> Encoded<'s> {
    let names = segment.dictionary.text.len();
    let mut out = Writer(Vec::with_capacity(names + segment.len() * ROW_BYTES));
    out.0.push(VERSION);
    out.count(segment.len());
    out.dictionary(&segment.dictionary);
    let mut before = 0;
    // Distances of sorted times are small, and small numbers compress well.
    let distances = segment.times.iter().map(|&time| {
        let distance = time.wrapping_sub(before);
        before = time;
        distance.to_le_bytes()
    });
    out.numbers(distances);
    out.0.extend_from_slice(&segment.flags);
    for column in [
        &segment.services,
        &segment.origins,
        &segment.callsites,
        &segment.threads,
        &segment.partitions,
    ] {
        out.u16s(column);
    }
    out.count(segment.issues.len());
    out.u16s(&segment.issues);
    out.count(segment.arrivals().len());
    out.u16s(segment.arrivals());
    let mut values = Vec::with_capacity(segment.len());
    for column in [
        &segment.received,
        &segment.offsets,
        &segment.indexes,
        &segment.seqs,
    ] {
        values.clear();
        column.unpack(segment.len(), &mut values);
        out.numbers(values.iter().map(|value| value.to_le_bytes()));
    }
    out.count(payloads.len());
    for payload in payloads {
        out.u64(payload.hash);
        out.u64(payload.check);
    }
    let lengths = (0..segment.len()).map(|number| segment.texts().text(number).len() as u32);
    out.numbers(lengths.map(u32::to_le_bytes));
    Encoded {
        columns: out.0,
        texts: segment.texts(),
    }
}

/// Reads a segment whose first record has this arrival number.
pub(crate) fn decode(bytes: &[u8], base_arrival: u64) -> Result<StoredSegment, DamagedSegment> {
    let mut reader = Reader::new(bytes);
    let version = reader.u8()?;
    if !(1..=VERSION).contains(&version) {
        return Err(DamagedSegment("unknown version"));
    }
    let rows = reader.count()?;
    if rows > MAX_ROWS {
        return Err(DamagedSegment("too many rows"));
    }
    let dictionary = read_dictionary(&mut reader, version)?;
    let mut time = 0_i64;
    let times = reader.many(rows, |reader| {
        time = time.wrapping_add(reader.i64()?);
        Ok(time)
    })?;
    let flags: Box<[u8]> = reader.bytes(rows)?.into();
    let mut ids = || reader.u16s(rows);
    let (services, origins, callsites) = (ids()?, ids()?, ids()?);
    let (threads, partitions) = (ids()?, ids()?);
    let issues = if version >= WITH_ISSUES {
        reader.count()?
    } else {
        0
    };
    let issues = reader.u16s(issues)?;
    let arrivals = reader.count()?;
    let arrivals = reader.u16s(arrivals)?;
    let mut column = || -> Result<Column, DamagedSegment> {
        let values = reader.many(rows, Reader::u64)?;
        Ok(Column::of(values.iter().copied()))
    };
    let (received, offsets, indexes, seqs) = (column()?, column()?, column()?, column()?);
    let payloads = reader.count()?;
    let payloads = reader.many(payloads, |reader| {
        Ok(PayloadHashes {
            hash: reader.u64()?,
            check: reader.u64()?,
        })
    })?;
    let mut end = 0_u32;
    let ends = reader.many(rows, |reader| {
        end = end.saturating_add(reader.u32()?);
        Ok(end)
    })?;
    let arena = reader.rest(end as usize)?;
    let parts = SegmentParts {
        dictionary,
        base_arrival,
        times: times.into(),
        flags,
        services,
        origins,
        callsites,
        threads,
        partitions,
        issues,
        arrivals,
        received,
        offsets,
        indexes,
        seqs,
        twins: Box::default(),
        texts: Texts::new(arena, &ends),
    };
    let segment = Segment::restore(parts)?;
    let foreign = (0..segment.len()).filter(|&row| !is_own(&segment, row));
    if foreign.count() != payloads.len() {
        return Err(DamagedSegment("hashes and rows differ in number"));
    }
    Ok(StoredSegment { segment, payloads })
}

fn read_dictionary(reader: &mut Reader<'_>, version: u8) -> Result<Dictionary, DamagedSegment> {
    let text = reader.text()?;
    Ok(Dictionary {
        text: text.into(),
        services: reader.list(Reader::span)?,
        hosts: reader.list(Reader::span)?,
        origins: reader.list(|reader| {
            let has_instance = reader.u8()? != 0;
            let instance = Instance(reader.u128()?);
            Ok(StoredOrigin {
                instance: has_instance.then_some(instance),
                version: reader.span()?,
                env: reader.span()?,
                pid: reader.optional_u32()?,
                service: reader.u16()?,
                host: reader.u16()?,
            })
        })?,
        callsites: reader.list(|reader| {
            Ok(StoredCallsite {
                target: reader.span()?,
                module: reader.span()?,
                file: reader.span()?,
                line: reader.optional_u32()?,
            })
        })?,
        threads: reader.list(Reader::span)?,
        partitions: reader.list(|reader| Ok((reader.span()?, reader.i32()?)))?,
        issues: if version >= WITH_ISSUES {
            reader.list(|reader| Ok(IssueKey(reader.u128()?)))?
        } else {
            Box::default()
        },
    })
}

struct Writer(Vec<u8>);

impl Writer {
    fn u16(&mut self, value: u16) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    fn u32(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    fn u64(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    /// A length. The store closes chunks and segments long before 4 GiB.
    fn count(&mut self, count: usize) {
        self.u32(count as u32);
    }

    fn span(&mut self, span: Span) {
        let (start, length) = span.raw();
        self.u32(start);
        self.u32(length);
    }

    fn optional_u32(&mut self, value: Option<u32>) {
        self.0.push(u8::from(value.is_some()));
        self.u32(value.unwrap_or_default());
    }

    fn u16s(&mut self, values: &[u16]) {
        self.numbers(values.iter().map(|value| value.to_le_bytes()));
    }

    /// Numbers one after the other: room is made once for all of them.
    fn numbers<const N: usize>(&mut self, numbers: impl ExactSizeIterator<Item = [u8; N]>) {
        let start = self.0.len();
        self.0.resize(start + numbers.len() * N, 0);
        let (places, _) = self.0[start..].as_chunks_mut();
        for (place, number) in places.iter_mut().zip(numbers) {
            *place = number;
        }
    }

    fn list<T: Copy>(&mut self, items: &[T], mut write: impl FnMut(&mut Writer, T)) {
        self.count(items.len());
        for &item in items {
            write(self, item);
        }
    }

    fn dictionary(&mut self, dictionary: &Dictionary) {
        self.count(dictionary.text.len());
        self.0.extend_from_slice(dictionary.text.as_bytes());
        self.list(&dictionary.services, Writer::span);
        self.list(&dictionary.hosts, Writer::span);
        self.list(&dictionary.origins, |out, origin| {
            out.0.push(u8::from(origin.instance.is_some()));
            let instance = origin.instance.map_or(0, |instance| instance.0);
            out.0.extend_from_slice(&instance.to_le_bytes());
            out.span(origin.version);
            out.span(origin.env);
            out.optional_u32(origin.pid);
            out.u16(origin.service);
            out.u16(origin.host);
        });
        self.list(&dictionary.callsites, |out, callsite| {
            out.span(callsite.target);
            out.span(callsite.module);
            out.span(callsite.file);
            out.optional_u32(callsite.line);
        });
        self.list(&dictionary.threads, Writer::span);
        self.list(&dictionary.partitions, |out, (topic, partition)| {
            out.span(topic);
            out.u32(partition.cast_unsigned());
        });
        self.list(&dictionary.issues, |out, issue| {
            out.0.extend_from_slice(&issue.0.to_le_bytes());
        });
    }
}
