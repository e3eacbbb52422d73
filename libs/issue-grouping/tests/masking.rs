//! What is masked, what is not, and under which name.

mod common;

use common::template;

/// Messages and what they look like masked.
fn assert_masked(table: &[(&str, &str)]) {
    for (message, expected) in table {
        assert_eq!(template(message), *expected, "{message}");
    }
}

#[test]
fn numbers_are_masked_with_their_signs_and_units() {
    assert_masked(&[
        ("took 17 tries", "took <num> tries"),
        ("delta -3.5 now", "delta -<num> now"),
        ("disk 97% used", "disk <num> used"),
        ("total 1,234,567 rows", "total <num> rows"),
        ("took 250ms", "took <duration>"),
        (
            "took 1.5 seconds, not 900 ms",
            "took <duration>, not <duration>",
        ),
        ("retry in 3h20m", "retry in <duration>"),
        ("took 12µs", "took <duration>"),
        ("read 12 bytes of 4.0 KB", "read <size> of <size>"),
        ("heap 512MiB", "heap <size>"),
    ]);
}

#[test]
fn words_with_numbers_keep_their_words() {
    assert_masked(&[
        ("block blk_-1608999687919862906 lost", "block blk_<id> lost"),
        ("task_14_m_000002_0 died", "task_<id> died"),
        ("generating core.1234", "generating core.<id>"),
        ("eth0 is down", "eth<id> is down"),
        ("pool-3-thread-7 died", "pool-<id> died"),
        (
            "no digits: read-only, snake_case",
            "no digits: read-only, snake_case",
        ),
    ]);
}

#[test]
fn hex_and_ids_are_masked_and_words_of_the_same_letters_are_not() {
    assert_masked(&[
        ("at 0x7fff5fbff8c0", "at <hex>"),
        ("commit 4f81e1e failed", "commit <hex> failed"),
        (
            "id 550e8400-e29b-41d4-a716-446655440000 gone",
            "id <uuid> gone",
        ),
        ("id 550e8400e29b41d4a716446655440000 gone", "id <uuid> gone"),
        ("id 01ARZ3NDEKTSV4RRFFQ69G5FAV gone", "id <ulid> gone"),
        (
            "key dGhpcyBpcyBhIHRlc3Q3OWFiYzEyMzQ1 bad",
            "key <token> bad",
        ),
        ("Widget@1b2c3d4 leaked", "Widget@<hex> leaked"),
        ("topic GPtOshTnQwGtDbBWpaTgGg gone", "topic <token> gone"),
        (
            "findAllByOrgIdAndURLAndTagIn failed",
            "findAllByOrgIdAndURLAndTagIn failed",
        ),
        ("face added, decade faded", "face added, decade faded"),
        (
            "AbstractSingletonProxyFactoryBean failed",
            "AbstractSingletonProxyFactoryBean failed",
        ),
    ]);
}

#[test]
fn addresses_are_masked_and_versions_and_names_from_code_are_not() {
    assert_masked(&[
        ("from 10.0.0.1 port 22", "from <ip> port <num>"),
        ("from 10.0.0.1:5432", "from <ip>"),
        ("route 10.0.0.0/8 gone", "route <ip> gone"),
        ("from /10.0.0.1:5432", "from <ip>"),
        ("from fe80::1ff:fe23:4567:890a", "from <ip>"),
        ("from 2001:db8:0:0:0:0:2:1 now", "from <ip> now"),
        ("on ::1 now", "on <ip> now"),
        ("mac 00:1b:44:11:3a:b7 seen", "mac <mac> seen"),
        ("host db-3.prod.example.com down", "host <host> down"),
        ("peer kafka.prod:9092 down", "peer <host> down"),
        (
            "mail to bob.smith@example.com failed",
            "mail to <email> failed",
        ),
        ("in std::io::read", "in std::io::read"),
        (
            "class org.example.Main broke",
            "class org.example.Main broke",
        ),
        ("version 1.2.3.400 rejected", "version <num> rejected"),
        ("error in main.rs:12", "error in main.rs:<num>"),
    ]);
}

#[test]
fn times_are_masked_with_their_months_and_zones() {
    assert_masked(&[
        ("at 2024-01-02T03:04:05.678Z failed", "at <time> failed"),
        ("at 2024-01-02 03:04:05,678 failed", "at <time> failed"),
        ("at Sun Jun 19 03:23:01 2005 failed", "at <time> failed"),
        ("at 03:04 PM failed", "at <time> failed"),
        ("on 2024/01/02 failed", "on <time> failed"),
        ("Sun is down, May fails", "Sun is down, May fails"),
    ]);
}

#[test]
fn urls_and_paths_keep_their_words_and_lose_their_ids() {
    assert_masked(&[
        (
            "GET https://api.shop/users/17/orders?page=3 failed",
            "GET https://api.shop/users/<id>/orders?page=<id> failed",
        ),
        (
            "open /var/log/app-2024.log failed",
            "open /var/log/app-<id>.log failed",
        ),
        (
            "open C:\\Temp\\a1\\x.txt failed",
            "open C:\\Temp\\a<id>\\x.txt failed",
        ),
        ("src/main.rs:42:7 panicked", "src/main.rs:<num> panicked"),
        ("and/or input/output", "and/or input/output"),
    ]);
}

#[test]
fn quoted_values_are_masked_and_quoted_sentences_are_read() {
    assert_masked(&[
        (
            "relation \"users\" does not exist",
            "relation <quoted> does not exist",
        ),
        ("no such key 'a b'", "no such key <quoted>"),
        ("unexpected `}`", "unexpected <quoted>"),
        ("bad \\\"x\\\" here", "bad <quoted> here"),
        ("can't open the user's file", "can't open the user's file"),
        (
            "said \"the disk is full again\", gave up",
            "said \"the disk is full again\", gave up",
        ),
        (
            "level=error msg=\"disk full\" user=\"bob\"",
            "level=error msg=\"disk full\" user=<quoted>",
        ),
        (
            "10.0.0.1 \"GET /users/1 HTTP/1.1\" 500",
            "<ip> \"GET /users/<id> HTTP/<num>\" <num>",
        ),
        ("unclosed \"quote here", "unclosed \"quote here"),
    ]);
}

#[test]
fn json_is_masked_unless_it_is_the_message() {
    assert_masked(&[
        (
            "bad reply {\"a\": {\"b\": [1, \"}\"]}} from db",
            "bad reply <json> from db",
        ),
        ("bad reply {'a': 1} from db", "bad reply <json> from db"),
        ("bad reply {\"a\": \"cut off", "bad reply <json>"),
        (
            "{\"n\":3,\"fields\":{\"message\":\"disk full\",\"who\":\"bob\"}}",
            "{\"n\":<num>,\"fields\":{\"message\":\"disk full\",\"who\":<quoted>}}",
        ),
        ("\"disk full\"", "\"disk full\""),
        (
            "{\"msg\":\"disk full\",\"n\":3}",
            "{\"msg\":\"disk full\",\"n\":<num>}",
        ),
        ("block { x } and [x]", "block { x } and [x]"),
    ]);
}

#[test]
fn values_that_are_words_are_masked_where_a_value_is_expected() {
    assert_masked(&[
        (
            "ok=true, force: false, set(null)",
            "ok=<bool>, force: <bool>, set(<bool>)",
        ),
        ("false alarm: no route", "false alarm: no route"),
        ("user= host=a", "user=<empty> host=a"),
        (
            "from () with [] by init()",
            "from (<empty>) with [<empty>] by init()",
        ),
    ]);
}

#[test]
fn lists_of_any_length_look_alike() {
    let short = template("speeds ( 3534 3534 ) of blk_1");
    assert_eq!(short, "speeds ( <num> ) of blk_<id>");
    assert_eq!(template("speeds ( 3534 3534 3375 ) of blk_1 blk_2"), short);
    let items = template("lost node-1 0x1f <ok> of rack");
    assert_eq!(items, "lost node-<id> <hex> <ok> of rack");
    assert_eq!(
        template("lost node-1 0x1f <ok> node-2 0x2f <ok> node-3 0x3f <ok> of rack"),
        items
    );
    assert_eq!(template("read a, read a, read b"), "read a, read a, read b");
    assert_eq!(
        template("left Set(logs-1, peers-2, rsv-3)"),
        template("left Set(logs-2)")
    );
    // What is in brackets behind a value is another value.
    assert_eq!(template("sent 4 (2 KB)"), "sent <num> (<size>)");
}

#[test]
fn a_stack_trace_in_the_message_does_not_count() {
    let message = "save failed\n\tat com.shop.Orders.save(Orders.java:12)\n\tat com.shop.Main.main(Main.java:3)";
    assert_eq!(template(message), "save failed");
}

#[test]
fn lists_of_words_and_what_is_true_or_false_are_values() {
    for (message, expected) in [
        (
            "missing fields: [city, vat] in registration",
            "missing fields: <json> in registration",
        ),
        (
            "missing fields: [city,vat,zip_code] in registration",
            "missing fields: <json> in registration",
        ),
        ("[main] it broke", "[main] it broke"),
        ("[it broke, badly] again", "[it broke, badly] again"),
        ("bootCompleted is true", "bootCompleted is <bool>"),
        ("set dirty to false", "set dirty to <bool>"),
        ("a false alarm", "a false alarm"),
    ] {
        assert_eq!(template(message), expected);
    }
}
