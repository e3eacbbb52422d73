//! The service over real sockets, without Kafka: no layer is installed here.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use usermanagement::{App, Config, StartError};

struct Service {
    url: String,
    stop: oneshot::Sender<()>,
    running: JoinHandle<Result<(), StartError>>,
}

fn config(failure_rate: f64) -> Config {
    Config {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        failure_rate,
    }
}

async fn start(failure_rate: f64) -> Service {
    let app = App::bind(config(failure_rate)).await.unwrap();
    let url = format!("http://{}", app.address());
    let (stop, stopped) = oneshot::channel();
    let running = tokio::spawn(app.run(async {
        // Either way it is the end of the test.
        stopped.await.ok();
    }));
    Service { url, stop, running }
}

impl Service {
    /// Status and body of the answer; a body that is no JSON is null.
    async fn call(&self, method: &'static str, path: &str, body: Option<Value>) -> (u16, Value) {
        let url = format!("{}{path}", self.url);
        tokio::task::spawn_blocking(move || {
            let agent: ureq::Agent = ureq::Agent::config_builder()
                .http_status_as_error(false)
                .timeout_global(Some(Duration::from_secs(10)))
                .build()
                .into();
            let mut response = match body {
                Some(body) => agent.post(url).send_json(body).unwrap(),
                None => {
                    assert_eq!(method, "GET");
                    agent.get(url).call().unwrap()
                }
            };
            (
                response.status().as_u16(),
                response.body_mut().read_json().unwrap_or_default(),
            )
        })
        .await
        .unwrap()
    }

    async fn create(&self, name: &str, email: &str) -> (u16, Value) {
        self.call(
            "POST",
            "/users",
            Some(json!({"name": name, "email": email, "password": "s3cret"})),
        )
        .await
    }

    async fn log_in(&self, email: &str, password: &str) -> u16 {
        self.call(
            "POST",
            "/login",
            Some(json!({"email": email, "password": password})),
        )
        .await
        .0
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_created_shown_and_logs_in() {
    let service = start(0.0).await;
    let (status, created) = service.create("ada", "ada@example.com").await;
    assert_eq!(status, 201);
    let path = format!("/users/{}", created["id"]);
    let (status, shown) = service.call("GET", &path, None).await;
    assert_eq!(
        (status, &shown["name"], &shown["initial"]),
        (200, &json!("ada"), &json!("A"))
    );
    assert!(!shown.to_string().contains("s3cret"), "{shown}");
    assert_eq!(service.log_in("ada@example.com", "s3cret").await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_client_did_wrong_is_answered_with_4xx() {
    let service = start(0.0).await;
    service.create("ada", "ada@example.com").await;
    assert_eq!(service.create("eve", "ada@example.com").await.0, 409);
    assert_eq!(service.create("", "eve@example.com").await.0, 422);
    assert_eq!(service.call("GET", "/users/4711", None).await.0, 404);
    assert_eq!(service.call("GET", "/users/ada", None).await.0, 400);
    assert_eq!(service.log_in("ada@example.com", "wrong").await, 401);
    assert_eq!(service.log_in("nobody@example.com", "s3cret").await, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_in_a_handler_is_answered_and_the_service_goes_on() {
    let service = start(0.0).await;
    let (_, created) = service.create("Özlem", "oezlem@example.com").await;
    let path = format!("/users/{}", created["id"]);
    assert_eq!(service.call("GET", &path, None).await.0, 500);
    assert_eq!(service.log_in("oezlem@example.com", "s3cret").await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_always_fails_is_answered_with_503_and_health_stays_200() {
    let service = start(1.0).await;
    assert_eq!(service.create("ada", "ada@example.com").await.0, 503);
    assert_eq!(service.call("GET", "/users/1", None).await.0, 503);
    assert_eq!(service.log_in("ada@example.com", "s3cret").await, 503);
    assert_eq!(service.call("GET", "/health", None).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_port_is_named_with_its_variables() {
    let first = App::bind(config(0.0)).await.unwrap();
    let error = App::bind(Config {
        listen: first.address(),
        ..config(0.0)
    })
    .await
    .unwrap_err()
    .to_string();
    assert!(error.contains(&first.address().to_string()), "{error}");
    assert!(error.contains("USERMANAGEMENT_SERVER_PORT"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_stop_it_finishes_the_open_request_and_ends() {
    // Every query fails, and every query is slow: the request is open for 160 ms at least.
    let service = start(1.0).await;
    let url = service.url.clone();
    let (sent, is_sent) = oneshot::channel();
    let open = tokio::task::spawn_blocking(move || {
        use std::io::{Read as _, Write as _};
        let mut stream = std::net::TcpStream::connect(url.trim_start_matches("http://")).unwrap();
        write!(
            stream,
            "GET /users/1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        sent.send(()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    is_sent.await.unwrap();
    // A connection that is still in the backlog would be refused; this answer says that the one before was taken.
    assert_eq!(service.call("GET", "/health", None).await.0, 200);
    let told = Instant::now();
    service.stop.send(()).unwrap();
    service.running.await.unwrap().unwrap();
    assert!(
        told.elapsed() < Duration::from_secs(5),
        "{:?}",
        told.elapsed()
    );
    assert!(open.await.unwrap().starts_with("HTTP/1.1 503"));
}
