//! `critical!`, the level that `tracing` does not have.

/// Logs an event of severity CRITICAL: the service, or a person's money, is at risk.
///
/// Takes everything [`tracing::error!`] takes. It is an ERROR event with the field `severity = "CRITICAL"`, so other
/// layers show it as an error.
///
/// ```
/// let (order_id, reason) = (7, "connection timeout");
/// tracing_kafka::critical!(order_id, "payment failed: {reason}");
/// tracing_kafka::critical!(target: "billing", order_id = 7, reason = %reason, "payment failed");
/// tracing_kafka::critical!("payment failed");
/// tracing_kafka::critical!(?reason);
///
/// let span = tracing::info_span!("charge");
/// tracing_kafka::critical!(parent: &span, order_id, "payment failed");
/// tracing_kafka::critical!(name: "payment", target: "billing", parent: &span, { order_id }, "payment failed: {}", reason);
/// ```
#[macro_export]
macro_rules! critical {
    (name: $name:expr, target: $target:expr, parent: $parent:expr, $($rest:tt)+) => {
        $crate::__critical!([name: $name, target: $target, parent: $parent,] $($rest)+)
    };
    (name: $name:expr, target: $target:expr, $($rest:tt)+) => {
        $crate::__critical!([name: $name, target: $target,] $($rest)+)
    };
    (name: $name:expr, parent: $parent:expr, $($rest:tt)+) => {
        $crate::__critical!([name: $name, parent: $parent,] $($rest)+)
    };
    (target: $target:expr, parent: $parent:expr, $($rest:tt)+) => {
        $crate::__critical!([target: $target, parent: $parent,] $($rest)+)
    };
    (name: $name:expr, $($rest:tt)+) => {
        $crate::__critical!([name: $name,] $($rest)+)
    };
    (target: $target:expr, $($rest:tt)+) => {
        $crate::__critical!([target: $target,] $($rest)+)
    };
    (parent: $parent:expr, $($rest:tt)+) => {
        $crate::__critical!([parent: $parent,] $($rest)+)
    };
    ($($rest:tt)+) => {
        $crate::__critical!([] $($rest)+)
    };
}

/// Puts the severity in front of the fields, whichever form they have.
#[doc(hidden)]
#[macro_export]
macro_rules! __critical {
    ([$($prefix:tt)*] { $($fields:tt)+ }, $($message:tt)+) => {
        $crate::__private::tracing::error!($($prefix)* { severity = "CRITICAL", $($fields)+ }, $($message)+)
    };
    ([$($prefix:tt)*] { $($fields:tt)+ }) => {
        $crate::__private::tracing::error!($($prefix)* { severity = "CRITICAL", $($fields)+ })
    };
    ([$($prefix:tt)*] $($rest:tt)+) => {
        $crate::__private::tracing::error!($($prefix)* severity = "CRITICAL", $($rest)+)
    };
}
