//! Which frames are the application's own, not those of a library, a framework or the language. Which language it is
//! shows in the name of the file.

use log_record::Frame;

/// Java, Kotlin, Scala: packages of the language and of common frameworks.
#[rustfmt::skip]
const JAVA: [&str; 34] = [
    "java.", "javax.", "jakarta.", "jdk.", "sun.", "com.sun.", "kotlin.", "kotlinx.", "scala.", "groovy.", "android.",
    "androidx.", "akka.", "cats.", "com.fasterxml.", "com.google.", "com.mongodb.", "com.mysql.", "com.zaxxer.",
    "feign.", "io.grpc.", "io.micrometer.", "io.netty.", "io.quarkus.", "io.vertx.", "net.bytebuddy.", "okhttp3.",
    "org.apache.", "org.eclipse.", "org.hibernate.", "org.junit.", "org.postgresql.", "org.springframework.",
    "reactor.",
];
const DOTNET: [&str; 6] = [
    "System.",
    "Microsoft.",
    "Newtonsoft.",
    "Npgsql.",
    "Grpc.",
    "MediatR.",
];
/// Crates of the language and of common frameworks.
#[rustfmt::skip]
const RUST: [&str; 12] = [
    "std::", "core::", "alloc::", "rust_begin_unwind", "__rust", "tokio::", "futures_", "hyper::", "axum::", "tower::",
    "tracing::", "anyhow::",
];
/// Go's standard library, by the first part of a package's path. Modules from elsewhere begin with a domain.
#[rustfmt::skip]
const GO: [&str; 44] = [
    "archive", "bufio", "bytes", "cmp", "compress", "container", "context", "crypto", "database", "debug", "embed",
    "encoding", "errors", "expvar", "flag", "fmt", "hash", "html", "image", "index", "internal", "io", "iter", "log",
    "maps", "math", "mime", "net", "os", "path", "plugin", "reflect", "regexp", "runtime", "slices", "sort",
    "strconv", "strings", "sync", "syscall", "testing", "text", "time", "unicode",
];

pub(super) fn is_in_app(frame: &Frame<'_>) -> bool {
    let function = frame.function.as_deref().unwrap_or_default();
    let Some(file) = frame.file.as_deref() else {
        // Only .NET does not name the files of what it has no symbols of. What Rust has none of may be any crate's.
        return function.contains('.')
            && !function.contains("::")
            && !begins(function, &DOTNET)
            && !begins(function, &JAVA);
    };
    let extension = file.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension {
        "java" | "kt" | "scala" | "groovy" | "clj" => !begins(function, &JAVA),
        "cs" | "fs" | "vb" => !begins(function, &DOTNET),
        "py" => !holds(
            file,
            &["site-packages", "dist-packages", "/lib/python", "\\lib\\"],
        ),
        "rb" => !holds(file, &["/gems/", "/lib/ruby/"]),
        "go" | "s" => {
            let package = function.split_once(['/', '.']);
            !package.is_some_and(|(package, _)| GO.contains(&package))
                && !holds(file, &["@", "/pkg/mod/", "/go/src/", "/vendor/"])
        }
        // Without a function it is where a panic happened, of which a file says too little.
        "rs" => {
            let name = function.trim_start_matches(['<', '&', '(']);
            !name.is_empty()
                && !begins(name, &RUST)
                && !holds(
                    file,
                    &["/rustc/", "/.cargo/registry/", "/.cargo/git/", "/.rustup/"],
                )
        }
        // The C library calls what Rust calls `main`.
        "c" | "h" | "S" => false,
        // JavaScript, which is bundled under any name, and scripts. What has no directory is part of the runtime:
        // `<anonymous>`, `Native Method`, `module.js`.
        _ => {
            file.contains(['/', '\\'])
                && !begins(file, &["node:", "internal/", "webpack/"])
                && !file.contains("node_modules")
        }
    }
}

fn begins(name: &str, starts: &[&str]) -> bool {
    let first = name.as_bytes().first();
    // Most differ in their first letter already, which takes no call to find out.
    let mut likely = starts
        .iter()
        .filter(|start| start.as_bytes().first() == first);
    likely.any(|start| name.starts_with(start))
}

fn holds(path: &str, parts: &[&str]) -> bool {
    parts.iter().any(|part| path.contains(part))
}

#[cfg(test)]
mod tests {
    use super::is_in_app;

    /// The functions of the application in a stack.
    fn own(stack: &str) -> Vec<String> {
        let frames = log_record::frames(stack);
        assert!(!frames.is_empty(), "{stack}");
        let own = frames.into_iter().filter(is_in_app);
        own.map(|frame| frame.function.unwrap_or_default().into_owned())
            .collect()
    }

    #[test]
    fn java_packages_and_generated_classes_are_not_the_applications() {
        let stack = "java.lang.IllegalStateException: no order\n\
            \tat com.shop.Orders.save(Orders.java:12)\n\
            \tat com.shop.Orders$$EnhancerBySpringCGLIB$$1a2b3c.save(<generated>)\n\
            \tat com.shop.Orders.load(SourceFile:12)\n\
            \tat com.shop.Orders.store(Native Method)\n\
            \tat java.base/java.lang.Thread.run(Thread.java:833)\n\
            \tat com.shop.Main.main(Main.kt:3) ~[shop.jar:1.0]\n";
        assert_eq!(own(stack), ["com.shop.Orders.save", "com.shop.Main.main"]);
    }

    #[test]
    fn python_packages_and_frozen_modules_are_not_the_applications() {
        let stack = "Traceback (most recent call last):\n\
            \x20 File \"/app/main.py\", line 3, in <module>\n    main()\n\
            \x20 File \"/usr/lib/python3.12/site-packages/flask/app.py\", line 99, in wsgi_app\n    call()\n\
            \x20 File \"<frozen importlib._bootstrap>\", line 9, in _load\n\
            \x20 File \"/app/orders.py\", line 12, in save\n    raise ValueError(1)\nValueError: 1\n";
        assert_eq!(own(stack), ["save", "<module>"]);
    }

    #[test]
    fn modules_of_node_and_of_packages_are_not_the_applications() {
        let stack = "TypeError: x is undefined\n    at Orders.save (/app/src/orders.js:12:34)\n\
            \x20   at /app/src/main.js:3:4\n    at async run (webpack://shop/./src/run.ts:5:6)\n\
            \x20   at C.f (C:\\app\\lib\\c.js:1:2)\n    at file:///srv/run.js:9:3\n\
            \x20   at Layer.handle (/app/node_modules/express/lib/layer.js:95:5)\n\
            \x20   at process.processTicksAndRejections (node:internal/process/task_queues:95:5)\n\
            \x20   at Module._load (module.js:310:12)\n    at Module.load (internal/modules/cjs/loader.js:1:2)\n\
            \x20   at new Promise (<anonymous>)\n    at Array.map (native)\n    at async Promise.all (index 0)\n";
        assert_eq!(own(stack), ["Orders.save", "", "run", "C.f", ""]);
    }

    #[test]
    fn crates_and_what_has_no_place_are_not_the_applications() {
        let stack = "   0: rust_begin_unwind\n             at /rustc/abc/library/std/src/panicking.rs:689:5\n\
            \x20  1: <shop::Orders as core::ops::Drop>::drop\n             at ./src/orders.rs:12:5\n\
            \x20  2: <alloc::boxed::Box<F> as core::ops::FnOnce>::call_once\n             at ./src/boxed.rs:12:5\n\
            \x20  3: tokio::runtime::task::run\n             at /root/.cargo/registry/src/tokio-1.0/src/task.rs:7:1\n\
            \x20  4: shop::main::{{closure}}\n             at ./src/main.rs:3:1\n   5: shop::other\n   6: main\n\
            \x20  7: __libc_start_main\n             at ./csu/../csu/libc-start.c:308:16\n";
        assert_eq!(
            own(stack),
            [
                "<shop::Orders as core::ops::Drop>::drop",
                "shop::main::{{closure}}"
            ]
        );
        assert_eq!(
            own("thread 'main' panicked at src/main.rs:4:5:\nno"),
            [""; 0]
        );
    }

    #[test]
    fn the_standard_library_and_modules_of_go_are_not_the_applications() {
        let stack = "goroutine 1 [running]:\nmain.(*Orders).save(0xc000012345, {0x1, 0x2})\n\t/app/orders.go:12 +0x1d\n\
            net/http.HandlerFunc.ServeHTTP(...)\n\t/usr/local/go/src/net/http/server.go:2136 +0x29\n\
            github.com/rs/zerolog.(*Event).Msg(0x1)\n\tgithub.com/rs/zerolog@v1.33.0/event.go:110\n\
            runtime.goexit()\n\truntime/asm_amd64.s:1771\ncreated by main.run in goroutine 7\n\t/app/main.go:3 +0x5\n";
        assert_eq!(own(stack), ["main.(*Orders).save", "main.run"]);
        // Without its package, a function says nothing.
        assert_eq!(
            own(r#"[{"func":"sort","line":"24","source":"orders.go"}]"#),
            ["sort"]
        );
    }

    #[test]
    fn namespaces_of_dotnet_and_gems_are_not_the_applications() {
        let dotnet = "   at Shop.Orders.Save(Order order) in /src/Orders.cs:line 12\n   at Shop.Orders.Load()\n\
            \x20  at lambda_method(Closure , Object )\n   at Microsoft.X.Y() in /_/src/X.cs:line 3\n\
            \x20  at System.Threading.Tasks.Task.Run(Action action)\n";
        assert_eq!(own(dotnet), ["Shop.Orders.Save", "Shop.Orders.Load"]);
        let ruby = "/app/orders.rb:12:in `save'\n\tfrom /usr/lib/ruby/gems/3.2/gems/rack-3/lib/rack.rb:7:in 'Rack#call'\n\
            \tfrom <internal:kernel>:187:in `loop'\n\tfrom /app/bin/run:3:in '<main>'\n";
        assert_eq!(own(ruby), ["save", "<main>"]);
    }
}
