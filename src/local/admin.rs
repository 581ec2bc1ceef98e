//! The server's own routes, asked over a plain HTTP/1.1 connection.
//!
//! An AWS client is of no use here: these routes are not AWS's. And whoever
//! answers may be anybody who listens on that port, so that an answer is
//! garbage until it proves to be ours.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Our answers are short.
const LONGEST_ANSWER: usize = 256 * 1024;
const CONNECT_LIMIT: Duration = Duration::from_secs(1);
/// A setting or a fault is only noted down.
const WISH_LIMIT: Duration = Duration::from_secs(10);

/// What the server says of itself.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Health {
    /// Whether it is well.
    pub ok: bool,
    /// Its process.
    pub pid: u32,
    /// The version of moto.
    pub moto: String,
    /// How long it hides what was just made, in seconds.
    #[serde(default)]
    pub consistency_seconds: f64,
}

impl Health {
    /// How long it hides what was just made.
    pub(super) fn consistency(&self) -> Duration {
        Duration::try_from_secs_f64(self.consistency_seconds).unwrap_or_default()
    }
}

/// What a call to an own route met with.
#[derive(Debug, thiserror::Error)]
pub(super) enum AdminError {
    /// Nobody listens, or the connection broke.
    #[error("no connection: {0}")]
    NoConnection(#[source] io::Error),
    /// Somebody listens, and does not answer in time.
    #[error("no answer within {} s", .0.as_secs_f32())]
    TooLate(Duration),
    /// What came is no answer of our server.
    #[error("{0}")]
    Garbage(String),
    /// It is our server, and it does not take what we sent.
    #[error("{0}")]
    Refused(String),
}

/// Asks how the server on this port is, and how it is for an account.
pub(super) async fn health(
    port: u16,
    account: Option<&str>,
    limit: Duration,
) -> Result<Health, AdminError> {
    let path = for_account("/_s3net/health", account);
    let body = call("GET", port, &path, "", limit).await?;
    let health: Health = serde_json::from_slice(&body)
        .map_err(|error| AdminError::Garbage(format!("not a health report: {error}")))?;
    if health.ok {
        Ok(health)
    } else {
        Err(AdminError::Garbage(
            "the server says that it is not well".to_owned(),
        ))
    }
}

/// Drops all data: that of one account, or of all. Returns whose data it was.
pub(super) async fn reset(port: u16, account: Option<&str>) -> Result<Vec<String>, AdminError> {
    #[derive(Deserialize)]
    struct Gone {
        reset: Vec<String>,
    }
    let path = for_account("/_s3net/reset", account);
    let body = call("POST", port, &path, "", Duration::from_secs(30)).await?;
    let gone: Gone = serde_json::from_slice(&body)
        .map_err(|error| AdminError::Garbage(format!("not a report of a reset: {error}")))?;
    Ok(gone.reset)
}

/// Sends a wish, such as a setting or a fault, to the route that takes it.
pub(super) async fn post(port: u16, route: &str, wish: &Value) -> Result<(), AdminError> {
    let path = format!("/_s3net/{route}");
    let sent = call("POST", port, &path, &wish.to_string(), WISH_LIMIT).await;
    sent.map(drop)
}

fn for_account(path: &str, account: Option<&str>) -> String {
    match account {
        // Checked to be digits, so that nothing needs escaping.
        Some(account) => format!("{path}?account={account}"),
        None => path.to_owned(),
    }
}

async fn call(
    method: &str,
    port: u16,
    path: &str,
    sent: &str,
    limit: Duration,
) -> Result<Vec<u8>, AdminError> {
    let exchange = async {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut stream = timeout(CONNECT_LIMIT.min(limit), TcpStream::connect(address))
            .await
            .map_err(|_| AdminError::TooLate(CONNECT_LIMIT))?
            .map_err(AdminError::NoConnection)?;
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{sent}",
            sent.len()
        );
        let sent = stream.write_all(request.as_bytes()).await;
        sent.map_err(AdminError::NoConnection)?;
        let mut received = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            if let Some(body) = body_of(&received, false)? {
                return Ok(body);
            }
            match stream.read(&mut buffer).await {
                Ok(0) => break,
                Ok(length) => received.extend(buffer.iter().take(length)),
                Err(error) => return Err(AdminError::NoConnection(error)),
            }
        }
        body_of(&received, true)?.ok_or_else(|| AdminError::Garbage("half an answer".to_owned()))
    };
    let ended = timeout(limit, exchange).await;
    ended.unwrap_or(Err(AdminError::TooLate(limit)))
}

/// The body of an answer, once it is complete; `ended` says that no more comes.
fn body_of(received: &[u8], ended: bool) -> Result<Option<Vec<u8>>, AdminError> {
    let garbage = |text: &str| Err(AdminError::Garbage(text.to_owned()));
    let start = b"HTTP/1.".len().min(received.len());
    if !b"HTTP/1.".starts_with(received.get(..start).unwrap_or_default()) {
        return garbage("not an HTTP answer");
    }
    if received.len() > LONGEST_ANSWER {
        return garbage("an endless answer");
    }
    let Some(border) = received.windows(4).position(|four| four == b"\r\n\r\n") else {
        return if ended {
            garbage("half an answer")
        } else {
            Ok(None)
        };
    };
    let (head, rest) = received.split_at(border);
    let body = rest.get(4..).unwrap_or_default();
    let head = String::from_utf8_lossy(head);
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    if status != Some("200") && status != Some("400") {
        return garbage(&format!("status {}", status.unwrap_or("missing")));
    }
    let header = |wanted: &str| {
        let mut fields = head.split("\r\n").filter_map(|line| line.split_once(':'));
        fields.find_map(|(name, value)| {
            name.eq_ignore_ascii_case(wanted)
                .then(|| value.trim().to_owned())
        })
    };
    if header("Transfer-Encoding").is_some() {
        return garbage("an answer in chunks, which ours never is");
    }
    let body = match header("Content-Length").map(|length| length.parse::<usize>()) {
        None if ended => body.to_vec(),
        None => return Ok(None),
        Some(Ok(length)) if body.len() >= length => body.iter().copied().take(length).collect(),
        Some(Ok(_)) if ended => return garbage("half an answer"),
        Some(Ok(_)) => return Ok(None),
        Some(Err(_)) => return garbage("no length"),
    };
    if status == Some("200") {
        Ok(Some(body))
    } else {
        Err(refusal(&body))
    }
}

/// What our server says with status 400.
fn refusal(body: &[u8]) -> AdminError {
    #[derive(Deserialize)]
    struct Said {
        error: String,
    }
    match serde_json::from_slice::<Said>(body) {
        Ok(said) => AdminError::Refused(said.error),
        Err(_) => AdminError::Garbage("status 400".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    const SOON: Duration = Duration::from_millis(500);
    const GOOD: &str = "{\"ok\":true,\"version\":\"1\",\"moto\":\"5\",\"pid\":7}";

    /// Answers one connection with these bytes, and keeps it open if asked to.
    async fn listener(answer: Vec<u8>, keep_open: bool) -> u16 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 1024];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(&answer).await;
            if keep_open {
                std::future::pending::<()>().await;
            }
        });
        port
    }

    async fn asked(answer: &str, keep_open: bool) -> Result<Health, AdminError> {
        health(listener(answer.into(), keep_open).await, None, SOON).await
    }

    #[tokio::test]
    async fn reads_a_health_report() {
        let length = GOOD.len();
        let closed = asked(&format!("HTTP/1.0 200 OK\r\n\r\n{GOOD}"), false).await;
        assert_eq!(closed.unwrap().pid, 7);
        let text = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{GOOD}");
        assert_eq!(asked(&text, true).await.unwrap().moto, "5");
    }

    #[tokio::test]
    async fn anything_else_is_garbage() {
        for answer in [
            "",
            "\r\n",
            "SSH-2.0-OpenSSH_9.2\r\n",
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\n<html>",
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\n{\"ok\":false,\"moto\":\"5\",\"pid\":7}",
            "HTTP/1.1 200 OK\r\n\r\n{\"ok\":true,\"moto\":\"5\",\"pid\":-7}",
        ] {
            let met = asked(answer, false).await;
            assert!(
                matches!(met, Err(AdminError::Garbage(_))),
                "{answer:?}: {met:?}"
            );
        }
        let binary: Vec<u8> = (0..=255).cycle().take(5000).collect();
        let met = health(listener(binary, true).await, None, SOON).await;
        assert!(matches!(met, Err(AdminError::Garbage(_))), "{met:?}");
        let endless = format!("HTTP/1.1 200 OK\r\n{}", "x".repeat(LONGEST_ANSWER + 1));
        let met = asked(&endless, true).await;
        assert!(matches!(met, Err(AdminError::Garbage(_))), "{met:?}");
    }

    #[tokio::test]
    async fn a_refusal_is_told_in_the_servers_words() {
        let answer =
            "HTTP/1.1 400 Bad Request\r\nContent-Length: 19\r\n\r\n{\"error\": \"not so\"}";
        let port = listener(answer.into(), true).await;
        let met = post(port, "settings", &Value::Null).await;
        assert!(
            matches!(&met, Err(AdminError::Refused(text)) if text == "not so"),
            "{met:?}"
        );
    }

    #[tokio::test]
    async fn silence_ends_the_call() {
        for answer in [
            "",
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
        ] {
            let met = asked(answer, true).await;
            assert!(
                matches!(met, Err(AdminError::TooLate(_))),
                "{answer:?}: {met:?}"
            );
        }
        let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = closed.local_addr().unwrap().port();
        drop(closed);
        let met = health(port, None, SOON).await;
        assert!(matches!(met, Err(AdminError::NoConnection(_))), "{met:?}");
    }
}
