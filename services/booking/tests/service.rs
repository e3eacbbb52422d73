//! booking and usermanagement together, over real sockets and without Kafka. The subscriber of this test binary keeps
//! what both log.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::spawn_blocking;

const ANY_PORT: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);

/// Every line logged by this process, as JSON.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct ToLog;

impl io::Write for ToLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Services that never fail by themselves, and log to [`LOG`]. Answers with the URLs of usermanagement and booking.
async fn start() -> (String, String) {
    static SUBSCRIBER: OnceLock<()> = OnceLock::new();
    SUBSCRIBER.get_or_init(|| {
        tracing_subscriber::fmt()
            .json()
            .with_writer(|| ToLog)
            .init()
    });
    let app = usermanagement::App::bind(usermanagement::Config {
        listen: SocketAddr::from(ANY_PORT),
        failure_rate: 0.0,
    })
    .await
    .unwrap();
    let users = format!("http://{}", app.address());
    tokio::spawn(app.run(std::future::pending()));
    let booking = start_booking(users.clone()).await;
    (users, booking)
}

async fn start_booking(usermanagement_url: String) -> String {
    let config = booking::Config {
        listen: SocketAddr::from(ANY_PORT),
        usermanagement_url,
        failure_rate: 0.0,
    };
    let app = booking::App::bind(config).await.unwrap();
    let url = format!("http://{}", app.address());
    tokio::spawn(app.run(std::future::pending()));
    url
}

/// Status and body of the answer; a body that is no JSON is null.
async fn post(url: String, traceparent: Option<String>, body: Value) -> (u16, Value) {
    let request = move || {
        let mut request = ureq::post(url)
            .config()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(10)))
            .build();
        if let Some(traceparent) = traceparent {
            request = request.header("traceparent", traceparent);
        }
        let mut response = request.send_json(body).unwrap();
        (
            response.status().as_u16(),
            response.body_mut().read_json().unwrap_or_default(),
        )
    };
    spawn_blocking(request).await.unwrap()
}

async fn status_of(url: String) -> u16 {
    spawn_blocking(move || {
        let request = ureq::get(url).config().http_status_as_error(false).build();
        request.call().unwrap().status().as_u16()
    })
    .await
    .unwrap()
}

async fn user(users: &str, email: &str) -> u64 {
    let new = json!({"name": "Ada", "email": email, "password": "s3cret"});
    let (status, created) = post(format!("{users}/users"), None, new).await;
    assert_eq!(status, 201);
    created["id"].as_u64().unwrap()
}

fn order(user_id: u64, currency: &str) -> Value {
    json!({"user_id": user_id, "item": "city bike", "amount_cents": 990, "currency": currency})
}

/// The first line that satisfies `is_wanted`, waited for.
async fn logged(what: &str, is_wanted: impl Fn(&Value) -> bool) -> Value {
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        let lines = String::from_utf8(LOG.lock().unwrap().clone()).unwrap();
        let found = lines
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .find(&is_wanted);
        if let Some(line) = found {
            return line;
        }
        assert!(Instant::now() < deadline, "not logged: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn request_span(line: &Value) -> &Value {
    &line["spans"][0]
}

#[tokio::test(flavor = "multi_thread")]
async fn booking_passes_the_trace_on_and_usermanagement_continues_it() {
    let (users, booking) = start().await;
    let user_id = user(&users, "trace@example.com").await;
    let trace_id = format!("{:032x}", fastrand::u128(1..));
    let traceparent = format!("00-{trace_id}-00f067aa0ba902b7-01");
    let (status, _) = post(
        format!("{booking}/bookings"),
        Some(traceparent),
        order(user_id, "EUR"),
    )
    .await;
    assert_eq!(status, 201);

    let of_trace = |service: &'static str| {
        let trace_id = trace_id.clone();
        move |line: &Value| {
            let is_of_service = line["target"]
                .as_str()
                .is_some_and(|target| target.starts_with(service));
            is_of_service && request_span(line)["trace_id"] == trace_id.as_str()
        }
    };
    let outer = logged("booking's line", of_trace("booking::")).await;
    let inner = logged("usermanagement's line", of_trace("usermanagement::")).await;
    let (outer, inner) = (request_span(&outer), request_span(&inner));
    assert_eq!(outer["parent_span_id"], "00f067aa0ba902b7");
    assert_eq!(inner["parent_span_id"], outer["span_id"]);
    assert_ne!(inner["span_id"], outer["span_id"]);
    assert_eq!(
        (&outer["method"], &outer["path"]),
        (&json!("POST"), &json!("/bookings"))
    );
    assert_eq!(inner["path"], format!("/users/{user_id}"));
    assert!(outer["request_id"].is_string(), "{outer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_a_trace_begins_one() {
    let (users, booking) = start().await;
    let user_id = user(&users, "new-trace@example.com").await;
    post(
        format!("{booking}/bookings"),
        Some("no trace".to_owned()),
        order(user_id, "EUR"),
    )
    .await;
    let path = format!("/users/{user_id}");
    let inner = logged("usermanagement's line", |line| {
        let span = request_span(line);
        span["path"] == path.as_str() && span["parent_span_id"].is_string()
    })
    .await;
    assert_eq!(request_span(&inner)["trace_id"].as_str().unwrap().len(), 32);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_booked_can_be_shown() {
    let (users, booking) = start().await;
    let user_id = user(&users, "booked@example.com").await;
    let (status, booked) = post(format!("{booking}/bookings"), None, order(user_id, "EUR")).await;
    assert_eq!((status, &booked["item"]), (201, &json!("city bike")));
    assert_eq!(
        status_of(format!("{booking}/bookings/{}", booked["id"])).await,
        200
    );
    assert_eq!(status_of(format!("{booking}/bookings/4711")).await, 404);
    assert_eq!(
        post(format!("{booking}/bookings"), None, order(4711, "EUR"))
            .await
            .0,
        422
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_the_gateway_rejects_is_answered_with_502_and_logged_as_an_error_of_the_order() {
    let (users, booking) = start().await;
    let user_id = user(&users, "rejected@example.com").await;
    assert_eq!(
        post(format!("{booking}/bookings"), None, order(user_id, "QQQ"))
            .await
            .0,
        502
    );
    let line = logged("the failed payment", |line| {
        line["level"] == "ERROR" && line["span"]["currency"] == "QQQ"
    })
    .await;
    assert_eq!(line["fields"]["message"], "payment failed");
    assert!(line["fields"]["order_id"].is_u64(), "{line}");
    let error = line["fields"]["error"].as_str().unwrap();
    assert!(error.contains("payment gateway failed"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_usermanagement_booking_answers_502_and_lives() {
    start().await;
    // Bound and dropped: a port on which nobody listens.
    let nobody = std::net::TcpListener::bind(ANY_PORT)
        .unwrap()
        .local_addr()
        .unwrap();
    let booking = start_booking(format!("http://{nobody}")).await;
    assert_eq!(
        post(format!("{booking}/bookings"), None, order(1, "EUR"))
            .await
            .0,
        502
    );
    assert_eq!(status_of(format!("{booking}/health")).await, 200);
    logged("the reason", |line| {
        let error = line["fields"]["error"].as_str().unwrap_or_default();
        line["level"] == "ERROR" && error.contains(&nobody.to_string())
    })
    .await;
}
