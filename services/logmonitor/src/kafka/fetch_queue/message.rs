//! A message where librdkafka has it.

#![expect(
    unsafe_code,
    reason = "rust-rdkafka makes no message of what it did not hand out itself"
)]

use std::ffi::CStr;
use std::marker::PhantomData;
use std::ptr::{self, NonNull};
use std::slice;

use rdkafka::bindings::{
    rd_kafka_header_get_all, rd_kafka_headers_t, rd_kafka_message_destroy,
    rd_kafka_message_headers, rd_kafka_message_t, rd_kafka_message_timestamp,
};
use rdkafka::error::{IsError as _, KafkaError};

use crate::decoding::CONTENT_TYPE;

/// A message, or an error of a partition, in librdkafka's memory. `'c` is the consumer's life.
#[derive(Debug)]
#[repr(transparent)]
pub(in crate::kafka) struct FetchedMessage<'c> {
    native: NonNull<rd_kafka_message_t>,
    consumer: PhantomData<&'c ()>,
}

impl FetchedMessage<'_> {
    #[inline]
    fn native(&self) -> &rd_kafka_message_t {
        // SAFETY: librdkafka made it, nobody else has it, and it lives until it is dropped here.
        unsafe { self.native.as_ref() }
    }

    /// What was read in place of a message.
    pub(in crate::kafka) fn error(&self) -> Option<KafkaError> {
        let code = self.native().err;
        code.is_error()
            .then(|| KafkaError::MessageConsumption(code.into()))
    }

    pub(in crate::kafka) fn partition(&self) -> i32 {
        self.native().partition
    }

    pub(in crate::kafka) fn offset(&self) -> i64 {
        self.native().offset
    }

    /// Milliseconds since 1970, where the message has a time.
    pub(in crate::kafka) fn timestamp(&self) -> Option<i64> {
        // SAFETY: the message lives; what kind of time it is may be left out.
        let millis = unsafe { rd_kafka_message_timestamp(self.native.as_ptr(), ptr::null_mut()) };
        (millis != -1).then_some(millis)
    }

    pub(in crate::kafka) fn key(&self) -> Option<&[u8]> {
        // SAFETY: librdkafka's key has this length, and lives as long as the message.
        unsafe { bytes(self.native().key.cast(), self.native().key_len) }
    }

    #[inline]
    pub(in crate::kafka) fn payload(&self) -> Option<&[u8]> {
        // SAFETY: as of the key.
        unsafe { bytes(self.native().payload.cast(), self.native().len) }
    }

    /// What a header says the payload is.
    pub(in crate::kafka) fn content_type(&self) -> Option<&[u8]> {
        let mut headers = self.headers();
        headers
            .find(|(name, _)| name.eq_ignore_ascii_case(CONTENT_TYPE))?
            .1
    }

    /// Names and values. A name that is not UTF-8 ends them.
    pub(in crate::kafka) fn headers(&self) -> impl Iterator<Item = (&str, Option<&[u8]>)> {
        let mut headers: *mut rd_kafka_headers_t = ptr::null_mut();
        // SAFETY: the message lives, and is not shared between threads. What comes back is the message's.
        let outcome = unsafe { rd_kafka_message_headers(self.native.as_ptr(), &raw mut headers) };
        let count = if outcome.is_error() { 0 } else { usize::MAX };
        (0..count).map_while(move |index| {
            let (mut name, mut value, mut length) = (ptr::null(), ptr::null(), 0);
            // SAFETY: the headers live as long as the message, and an index beyond them is answered with an error.
            let outcome = unsafe {
                rd_kafka_header_get_all(
                    headers,
                    index,
                    &raw mut name,
                    &raw mut value,
                    &raw mut length,
                )
            };
            if outcome.is_error() {
                return None;
            }
            // SAFETY: a name is a string of C's, and both live as long as the message.
            let (name, value) = unsafe { (CStr::from_ptr(name), bytes(value.cast(), length)) };
            Some((name.to_str().ok()?, value))
        })
    }
}

impl Drop for FetchedMessage<'_> {
    fn drop(&mut self) {
        // SAFETY: it came from librdkafka, and is not used again.
        unsafe { rd_kafka_message_destroy(self.native.as_ptr()) }
    }
}

/// # Safety
/// `start` is null or has so many bytes, which live for `'m` and do not change.
unsafe fn bytes<'m>(start: *const u8, length: usize) -> Option<&'m [u8]> {
    // SAFETY: the caller says so.
    (!start.is_null()).then(|| unsafe { slice::from_raw_parts(start, length) })
}
