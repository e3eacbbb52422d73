//! Java, Kotlin, Scala: `com.shop.Orders.save(Orders.java:12)`.

use super::Frame;

/// Packages of the language and of common frameworks.
const LIBRARIES: [&str; 34] = [
    "java.",
    "javax.",
    "jakarta.",
    "jdk.",
    "sun.",
    "com.sun.",
    "kotlin.",
    "kotlinx.",
    "scala.",
    "groovy.",
    "android.",
    "androidx.",
    "akka.",
    "cats.",
    "com.fasterxml.",
    "com.google.",
    "com.mongodb.",
    "com.mysql.",
    "com.zaxxer.",
    "feign.",
    "io.grpc.",
    "io.micrometer.",
    "io.netty.",
    "io.quarkus.",
    "io.vertx.",
    "net.bytebuddy.",
    "okhttp3.",
    "org.apache.",
    "org.eclipse.",
    "org.hibernate.",
    "org.junit.",
    "org.postgresql.",
    "org.springframework.",
    "reactor.",
];

pub(super) fn frame(call: &str) -> Option<Frame<'_>> {
    let (function, place) = call
        .strip_suffix(')')
        .or_else(|| call.split_once(") ").map(|(call, _)| call))?
        .rsplit_once('(')?;
    let (file, line) = match place.split_once(':') {
        Some((file, line)) => (file, line.parse().ok()),
        None => (place, None),
    };
    let source = [".java", ".kt", ".scala", ".groovy", ".clj"]
        .iter()
        .any(|ending| file.ends_with(ending));
    if !source && !matches!(place, "Native Method" | "Unknown Source" | "<generated>") {
        return None;
    }
    // A module or class loader before the class: `java.base/java.lang.Thread.run`.
    let function = function.rsplit('/').next().unwrap_or(function);
    let library = LIBRARIES
        .iter()
        .any(|package| function.starts_with(package));
    Some(Frame {
        function,
        file: source.then_some(file),
        line,
        in_app: source && !library,
    })
}
