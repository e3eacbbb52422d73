//! Stacks of each language, and which of their frames are the application's own.

use issue_grouping::parse_stack;

/// Function, line and whether it is in-app, for each frame.
fn shown(stack: &str) -> Vec<(&str, u32, bool)> {
    let frames = parse_stack(stack);
    frames
        .iter()
        .map(|frame| (frame.function, frame.line.unwrap_or(0), frame.in_app))
        .collect()
}

#[test]
fn java_is_read_up_to_the_cause() {
    let stack = "java.lang.IllegalStateException: no order\n\
        \tat com.shop.Orders.save(Orders.java:12)\n\
        \tat com.shop.Orders$$EnhancerBySpringCGLIB$$1a2b3c.save(<generated>)\n\
        \tat java.base/java.lang.Thread.run(Thread.java:833)\n\
        \tat com.shop.Main.main(Main.kt:3) ~[shop.jar:1.0]\n\
        Caused by: java.io.IOException: disk full\n\
        \tat com.shop.Disk.write(Disk.java:7)\n";
    assert_eq!(
        shown(stack),
        [
            ("com.shop.Orders.save", 12, true),
            (
                "com.shop.Orders$$EnhancerBySpringCGLIB$$1a2b3c.save",
                0,
                false
            ),
            ("java.lang.Thread.run", 833, false),
            ("com.shop.Main.main", 3, true),
        ]
    );
}

#[test]
fn python_is_read_from_its_last_trace_and_turned_round() {
    let headless =
        "  File \"/app/main.py\", line 3, in main\n  File \"/app/orders.py\", line 12, in save\n";
    assert_eq!(shown(headless), [("save", 12, true), ("main", 3, true)]);
    let stack = "Traceback (most recent call last):\n  File \"/app/other.py\", line 1, in other\n\
        During handling of the above exception, another exception occurred:\n\n\
        Traceback (most recent call last):\n\
        \x20 File \"/app/main.py\", line 3, in <module>\n    main()\n\
        \x20 File \"/usr/lib/python3.12/site-packages/flask/app.py\", line 99, in wsgi_app\n    call()\n\
        \x20 File \"/app/orders.py\", line 12, in save\n    raise ValueError(1)\nValueError: 1\n";
    assert_eq!(
        shown(stack),
        [
            ("save", 12, true),
            ("wsgi_app", 99, false),
            ("<module>", 3, true)
        ]
    );
}

#[test]
fn javascript_is_read_with_and_without_function_names() {
    let stack = "TypeError: x is undefined\n    at Orders.save (/app/src/orders.js:12:34)\n\
        \x20   at /app/src/main.js:3:4\n    at async run (webpack://shop/./src/run.ts:5:6)\n\
        \x20   at Layer.handle (/app/node_modules/express/lib/layer.js:95:5)\n\
        \x20   at process.processTicksAndRejections (node:internal/process/task_queues:95:5)\n\
        \x20   at new Promise (<anonymous>)\n";
    let frames = parse_stack(stack);
    let own: Vec<_> = frames
        .iter()
        .map(|frame| (frame.function, frame.line, frame.in_app))
        .collect();
    assert_eq!(
        own,
        [
            ("Orders.save", Some(12), true),
            ("<anonymous>", Some(3), true),
            ("async run", Some(5), true),
            ("Layer.handle", Some(95), false),
            ("process.processTicksAndRejections", Some(95), false),
            ("new Promise", None, false),
        ]
    );
}

#[test]
fn rust_is_read_from_pairs_of_lines() {
    let stack = "   0: rust_begin_unwind\n             at /rustc/abc/library/std/src/panicking.rs:689:5\n\
        \x20  1: <shop::Orders as core::ops::Drop>::drop\n             at ./src/orders.rs:12:5\n\
        \x20  2: tokio::runtime::task::run\n             at /root/.cargo/registry/src/tokio-1.0/src/task.rs:7:1\n\
        \x20  3: 0x55d0 - shop::main::{{closure}}\n             at ./src/main.rs:3:1\n";
    assert_eq!(
        shown(stack),
        [
            ("rust_begin_unwind", 689, false),
            ("<shop::Orders as core::ops::Drop>::drop", 12, true),
            ("tokio::runtime::task::run", 7, false),
            ("shop::main::{{closure}}", 3, true),
        ]
    );
}

#[test]
fn go_is_read_from_pairs_of_lines() {
    let stack = "goroutine 1 [running]:\nmain.(*Orders).save(0xc000012345, {0x1, 0x2})\n\t/app/orders.go:12 +0x1d\n\
        net/http.HandlerFunc.ServeHTTP(...)\n\t/usr/local/go/src/net/http/server.go:2136 +0x29\n\
        created by main.run in goroutine 7\n\t/app/main.go:3 +0x5\n";
    assert_eq!(
        shown(stack),
        [
            ("main.(*Orders).save", 12, true),
            ("net/http.HandlerFunc.ServeHTTP", 2136, false),
            ("main.run", 3, true),
        ]
    );
}

#[test]
fn go_is_read_without_arguments_and_up_to_the_next_goroutine() {
    let stack = "charge failed\nshop.example/orders.Charge\n\t/src/orders/orders.go:24\n\
        github.com/rs/zerolog.(*Event).Msg\n\tgithub.com/rs/zerolog@v1.33.0/event.go:110\n\
        runtime.main\n\truntime/proc.go:290\n\n\
        goroutine 7 [chan receive]:\nmain.worker(0xc0)\n\t/src/main.go:36 +0xc\n";
    assert_eq!(
        shown(stack),
        [
            ("shop.example/orders.Charge", 24, true),
            ("github.com/rs/zerolog.(*Event).Msg", 110, false),
            ("runtime.main", 290, false),
        ]
    );
}

#[test]
fn causes_inside_a_stack_are_not_its_frames() {
    let node = "PaymentError: failed\n    at charge (file:///srv/checkout.js:20:11)\n    at async file:///srv/run.js:9:3 {\n\
        \x20 [cause]: Error: timed out\n      at connect (file:///srv/checkout.js:11:17)\n  }\n}\n";
    assert_eq!(
        shown(node),
        [("charge", 20, true), ("<anonymous>", 9, true)]
    );
    let java = "a.B: x\n\tat com.shop.A.run(A.java:1)\n\tSuppressed: a.C: y\n\t\tat com.shop.D.run(D.java:2)\n";
    assert_eq!(shown(java), [("com.shop.A.run", 1, true)]);
}

#[test]
fn dotnet_and_ruby_are_read() {
    let dotnet = "   at Shop.Orders.Save(Order order) in /src/Orders.cs:line 12\n\
        \x20  at System.Threading.Tasks.Task.Run(Action action)\n";
    assert_eq!(
        shown(dotnet),
        [
            ("Shop.Orders.Save", 12, true),
            ("System.Threading.Tasks.Task.Run", 0, false)
        ]
    );
    let ruby = "/app/orders.rb:12:in `save'\n\tfrom /usr/lib/ruby/gems/3.2/gems/rack-3/lib/rack.rb:7:in 'Rack#call'\n";
    assert_eq!(shown(ruby), [("save", 12, true), ("Rack#call", 7, false)]);
}

#[test]
fn what_is_no_stack_has_no_frames() {
    for text in [
        "",
        "it broke",
        "at last",
        "12: not found",
        "error at 3:4 (x)",
        "Caused by: y",
    ] {
        assert_eq!(parse_stack(text), [], "{text}");
    }
}
