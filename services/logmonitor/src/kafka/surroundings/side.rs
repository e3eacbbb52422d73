//! Before or after.

/// One side of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What came first.
    Before,
    /// What came then.
    After,
}

impl Side {
    /// The word in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Side::Before => "before",
            Side::After => "after",
        }
    }
}
