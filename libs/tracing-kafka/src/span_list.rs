//! The spans around one event, collected from the innermost outwards and written the other way round.

/// Span objects in one buffer. Copying a few hundred bytes once more is cheaper than holding on to the spans until all
/// are known.
#[derive(Debug)]
pub(crate) struct SpanList {
    objects: Vec<u8>,
    starts: Vec<usize>,
}

impl SpanList {
    pub(crate) const fn new() -> SpanList {
        SpanList {
            objects: Vec::new(),
            starts: Vec::new(),
        }
    }

    #[inline]
    pub(crate) fn clear(&mut self) {
        self.objects.clear();
        self.starts.clear();
    }

    /// Adds the next outer span: an object that is not closed.
    #[inline]
    pub(crate) fn add(&mut self, object: &[u8]) {
        self.starts.push(self.objects.len());
        self.objects.extend_from_slice(object);
    }

    /// Appends `"spans":[…],` from the outermost to the innermost, or nothing.
    #[inline]
    pub(crate) fn push_reversed(&self, out: &mut Vec<u8>) {
        if self.starts.is_empty() {
            return;
        }
        out.extend_from_slice(b"\"spans\":[");
        let mut end = self.objects.len();
        for &start in self.starts.iter().rev() {
            out.extend_from_slice(&self.objects[start..end]);
            out.extend_from_slice(b"},");
            end = start;
        }
        // The last object's comma.
        out.pop();
        out.extend_from_slice(b"],");
    }
}
