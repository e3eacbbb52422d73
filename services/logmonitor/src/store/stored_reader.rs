//! Reads numbers and texts from the bytes of a stored segment, and believes none of them.

use super::dictionary::Span;

/// The bytes are not a segment that this program wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DamagedSegment(pub(crate) &'static str);

const CUT_OFF: DamagedSegment = DamagedSegment("cut off");

#[derive(Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { rest: bytes }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], DamagedSegment> {
        let (array, rest) = self.rest.split_first_chunk().ok_or(CUT_OFF)?;
        self.rest = rest;
        Ok(*array)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, DamagedSegment> {
        Ok(u8::from_le_bytes(self.array()?))
    }

    pub(crate) fn u16(&mut self) -> Result<u16, DamagedSegment> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    pub(crate) fn u32(&mut self) -> Result<u32, DamagedSegment> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub(crate) fn u64(&mut self) -> Result<u64, DamagedSegment> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    pub(crate) fn u128(&mut self) -> Result<u128, DamagedSegment> {
        Ok(u128::from_le_bytes(self.array()?))
    }

    pub(crate) fn i32(&mut self) -> Result<i32, DamagedSegment> {
        Ok(i32::from_le_bytes(self.array()?))
    }

    pub(crate) fn i64(&mut self) -> Result<i64, DamagedSegment> {
        Ok(i64::from_le_bytes(self.array()?))
    }

    pub(crate) fn optional_u32(&mut self) -> Result<Option<u32>, DamagedSegment> {
        let is_some = self.u8()? != 0;
        let value = self.u32()?;
        Ok(is_some.then_some(value))
    }

    /// A length, which is no larger than what is left, whatever it counts.
    pub(crate) fn count(&mut self) -> Result<usize, DamagedSegment> {
        let count = self.u32()? as usize;
        if count > self.rest.len() {
            return Err(CUT_OFF);
        }
        Ok(count)
    }

    pub(crate) fn bytes(&mut self, length: usize) -> Result<&'a [u8], DamagedSegment> {
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or(CUT_OFF)?;
        self.rest = rest;
        Ok(bytes)
    }

    /// All that is left, which must be so long.
    pub(crate) fn rest(&mut self, length: usize) -> Result<&'a [u8], DamagedSegment> {
        if self.rest.len() != length {
            return Err(DamagedSegment("texts of another length"));
        }
        self.bytes(length)
    }

    pub(crate) fn text(&mut self) -> Result<&'a str, DamagedSegment> {
        let length = self.count()?;
        let bytes = self.bytes(length)?;
        std::str::from_utf8(bytes).map_err(|_| DamagedSegment("text is not utf-8"))
    }

    pub(crate) fn span(&mut self) -> Result<Span, DamagedSegment> {
        Ok(Span::from_raw(self.u32()?, self.u32()?))
    }

    pub(crate) fn u16s(&mut self, count: usize) -> Result<Box<[u16]>, DamagedSegment> {
        let length = count.checked_mul(2).ok_or(CUT_OFF)?;
        let (pairs, _) = self.bytes(length)?.as_chunks();
        Ok(pairs.iter().map(|&pair| u16::from_le_bytes(pair)).collect())
    }

    pub(crate) fn many<T>(
        &mut self,
        count: usize,
        mut read: impl FnMut(&mut Reader<'a>) -> Result<T, DamagedSegment>,
    ) -> Result<Vec<T>, DamagedSegment> {
        let mut items = Vec::with_capacity(count);
        for _ in 0..count {
            items.push(read(self)?);
        }
        Ok(items)
    }

    pub(crate) fn list<T>(
        &mut self,
        read: impl FnMut(&mut Reader<'a>) -> Result<T, DamagedSegment>,
    ) -> Result<Box<[T]>, DamagedSegment> {
        let count = self.count()?;
        Ok(self.many(count, read)?.into())
    }
}
