//! Stacks of each runtime, as they are written and as they come through what passes them on.

use log_record::{Hints, Timestamp, decode, frames};

/// Function and line of each frame; empty and 0 where the stack names none.
fn shown(stack: &str) -> Vec<(String, u32)> {
    frames(stack)
        .into_iter()
        .map(|frame| {
            (
                frame.function.unwrap_or_default().into_owned(),
                frame.line.unwrap_or(0),
            )
        })
        .collect()
}

#[track_caller]
fn assert_shown(stack: &str, expected: &[(&str, u32)]) {
    let expected: Vec<(String, u32)> = expected
        .iter()
        .map(|(function, line)| ((*function).to_owned(), *line))
        .collect();
    assert_eq!(shown(stack), expected);
}

/// The files of each frame.
fn files(stack: &str) -> Vec<Option<String>> {
    let frames = frames(stack).into_iter();
    frames
        .map(|frame| frame.file.map(|file| file.into_owned()))
        .collect()
}

#[test]
fn java_is_read_up_to_the_cause() {
    let stack = "java.lang.IllegalStateException: no order\n\
        \tat com.shop.Orders.save(Orders.java:12)\n\
        \tat com.shop.Orders$$EnhancerBySpringCGLIB$$1a2b3c.save(<generated>)\n\
        \tat com.shop.Orders$$Lambda/0x00007f.run(Unknown Source)\n\
        \tat java.base/java.lang.Thread.run(Thread.java:833)\n\
        \tat a.b.c(SourceFile:7)\n\
        \tat com.shop.Main.main(Main.kt:3) ~[shop.jar:1.0]\n\
        \tSuppressed: a.C: y\n\t\tat com.shop.D.run(D.java:2)\n\
        Caused by: java.io.IOException: disk full\n\
        \tat com.shop.Disk.write(Disk.java:7)\n";
    assert_shown(
        stack,
        &[
            ("com.shop.Orders.save", 12),
            ("com.shop.Orders$$EnhancerBySpringCGLIB$$1a2b3c.save", 0),
            ("com.shop.Orders$$Lambda/0x00007f.run", 0),
            ("java.lang.Thread.run", 833),
            ("a.b.c", 7),
            ("com.shop.Main.main", 3),
        ],
    );
    let files = files(stack);
    assert_eq!(files[1].as_deref(), Some("<generated>"));
    assert_eq!(files[2].as_deref(), Some("Unknown Source"));
}

#[test]
fn python_is_read_from_its_last_trace_and_turned_round() {
    let headless =
        "  File \"/app/main.py\", line 3, in main\n  File \"/app/orders.py\", line 12, in save\n";
    assert_shown(headless, &[("save", 12), ("main", 3)]);
    let stack = "Traceback (most recent call last):\n  File \"/app/other.py\", line 1, in other\n\
        During handling of the above exception, another exception occurred:\n\n\
        Traceback (most recent call last):\n\
        \x20 File \"/app/main.py\", line 3, in <module>\n    main()\n\
        \x20 File \"/app/orders.py\", line 12, in save\n    raise ValueError(1)\nValueError: 1\n";
    assert_shown(stack, &[("save", 12), ("<module>", 3)]);
}

#[test]
fn node_is_read_with_and_without_names_of_functions_and_files() {
    let stack = "TypeError: x is undefined\n    at Orders.save (/app/src/orders.js:12:34)\n\
        \x20   at /app/src/main.js:3:4\n    at async run (webpack://shop/./src/run.ts:5:6)\n\
        \x20   at new Promise (<anonymous>)\n    at async Promise.all (index 0)\n";
    assert_shown(
        stack,
        &[
            ("Orders.save", 12),
            ("", 3),
            ("run", 5),
            ("new Promise", 0),
            ("Promise.all", 0),
        ],
    );
    assert_eq!(files(stack)[3].as_deref(), Some("<anonymous>"));
    let caused = "PaymentError: failed\n    at charge (file:///srv/checkout.js:20:11)\n    at async file:///srv/run.js:9:3 {\n\
        \x20 [cause]: Error: timed out\n      at connect (file:///srv/checkout.js:11:17)\n  }\n}\n";
    assert_shown(caused, &[("charge", 20), ("", 9)]);
}

#[test]
fn rust_is_read_without_a_heading_whatever_its_first_call_is() {
    let stack = "   0: rust_begin_unwind\n             at /rustc/abc/library/std/src/panicking.rs:689:5\n\
        \x20  1: <shop::Orders as core::ops::Drop>::drop\n             at ./src/orders.rs:12:5\n\
        \x20  2: 0x55d0 - shop::main::{{closure}}\n             at ./src/main.rs:3:1\n   3: main\n";
    assert_shown(
        stack,
        &[
            ("rust_begin_unwind", 689),
            ("<shop::Orders as core::ops::Drop>::drop", 12),
            ("shop::main::{{closure}}", 3),
            ("main", 0),
        ],
    );
    assert_shown(
        "0: shop::save\n at ./src/orders.rs:1:2",
        &[("shop::save", 1)],
    );
}

#[test]
fn go_is_read_up_to_the_next_goroutine_and_to_who_began_it() {
    let panic = "goroutine 1 [running]:\nmain.(*Orders).save(0xc000012345, {0x1, 0x2})\n\t/app/orders.go:12 +0x1d\n\
        net/http.HandlerFunc.ServeHTTP(...)\n\t/usr/local/go/src/net/http/server.go:2136 +0x29\n\
        created by main.run in goroutine 7\n\t/app/main.go:3 +0x5\n";
    assert_shown(
        panic,
        &[
            ("main.(*Orders).save", 12),
            ("net/http.HandlerFunc.ServeHTTP", 2136),
            ("main.run", 3),
        ],
    );
    let logged = "charge failed\nshop.example/orders.Charge\n\t/src/orders/orders.go:24\n\
        runtime.main\n\truntime/proc.go:290\n\n\
        goroutine 7 [chan receive]:\nmain.worker(0xc0)\n\t/src/main.go:36 +0xc\n";
    assert_shown(
        logged,
        &[("shop.example/orders.Charge", 24), ("runtime.main", 290)],
    );
}

#[test]
fn dotnet_is_read_with_parameters_and_without_inner_errors() {
    let stack = "System.InvalidOperationException: outer\n ---> System.IO.IOException: inner\n\
        \x20  at Shop.Inner.Read() in /src/Inner.cs:line 1\n\
        \x20  --- End of inner exception stack trace ---\n\
        \x20  at Shop.Orders.Save(Order order) in /src/Orders.cs:line 12\n\
        \x20  at Shop.Orders.Load()\n\
        \x20  at System.Threading.Tasks.Task.Run(Action action, Func`1[System.String] name)\n";
    assert_shown(
        stack,
        &[
            ("Shop.Orders.Save", 12),
            ("Shop.Orders.Load", 0),
            ("System.Threading.Tasks.Task.Run", 0),
        ],
    );
    assert_eq!(files(stack)[1..], [None, None]);
}

#[test]
fn ruby_is_read_with_its_error_and_the_causes() {
    let backtrace = "/app/orders.rb:12:in `save'\n/usr/lib/ruby/gems/3.2/gems/rack-3/lib/rack.rb:7:in 'Rack#call'\n";
    assert_shown(backtrace, &[("save", 12), ("Rack#call", 7)]);

    let message = "/app/orders.rb:12:in 'Orders#save': no order (yet) (KeyError)\n\
        \tfrom /app/orders.rb:3:in 'block in <main>'\n\tfrom <internal:kernel>:187:in 'loop'\n\
        /app/store.rb:5:in 'Store#read': disk full (IOError)\n\tfrom /app/orders.rb:11:in 'Orders#save'\n";
    assert_shown(
        message,
        &[("Orders#save", 12), ("block in <main>", 3), ("loop", 187)],
    );
    let hints = Hints::new(Timestamp::from_millis(0));
    let decoded = decode(message.as_bytes(), &hints).unwrap();
    let error = decoded.as_slice()[0].record.error.clone().unwrap();
    assert_eq!(error.kind.as_deref(), Some("KeyError"));
    assert_eq!(error.message.as_deref(), Some("no order (yet)"));
    assert_eq!(error.chain, ["IOError: disk full"]);
}

#[test]
fn calls_that_have_lost_what_was_in_front_of_them_are_read() {
    let java = "a.B: x\nat com.shop.A.run(A.java:1)\nat com.shop.B.run(B.java:2) ~[shop.jar:1.0]\n";
    assert_shown(java, &[("com.shop.A.run", 1), ("com.shop.B.run", 2)]);
    let node =
        "TypeError: x\nat f (/app/x.js:1:2)\nat new F (/app/x.js:3:2)\nat async /app/y.js:1:2\n";
    assert_shown(node, &[("f", 1), ("new F", 3), ("", 1)]);
    let dotnet = "at Shop.Orders.Save(Order order) in /src/Orders.cs:line 12";
    assert_shown(dotnet, &[("Shop.Orders.Save", 12)]);
}

#[test]
fn what_is_no_stack_has_no_frames() {
    for text in [
        "",
        "it broke",
        "at last",
        "at 22:15:16",
        "at 10.0.0.1:5432",
        "at the server (10.0.0.1:5432)",
        "at home(now)",
        "12: not found",
        "12: not found\n13: at it",
        "error at 3:4 (x)",
        "see x:12:in it (A)",
        "Caused by: y",
    ] {
        assert_shown(text, &[]);
    }
}
