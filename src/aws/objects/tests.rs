//! What S3 answers that the local endpoint never does.

use std::collections::VecDeque;

use aws_sdk_s3::config::{BehaviorVersion, Credentials};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;

use super::*;

/// Answers in order; keeps the host and the conditions of what was asked.
#[derive(Debug, Clone, Default)]
struct Script {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

type Answer = (u16, &'static [(&'static str, &'static str)], &'static str);

impl Script {
    fn of(answers: &[Answer]) -> Self {
        Self {
            answers: Arc::new(Mutex::new(answers.iter().copied().collect())),
            asked: Arc::default(),
        }
    }

    fn client(&self) -> Client {
        let script = self.clone();
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("ap-northeast-1"))
            .credentials_provider(Credentials::new("a", "b", None, None, "test"))
            .http_client(http_client_fn(move |_, _| {
                SharedHttpConnector::new(script.clone())
            }));
        Client::from_conf(config.build())
    }

    fn objects(&self) -> Objects {
        Objects {
            s3: self.client(),
            bucket: "team".to_owned(),
        }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl HttpConnector for Script {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let host = request.uri().split('/').nth(2).unwrap_or_default();
        let asked = format!("{} {host}", request.method());
        self.asked.lock().unwrap().push(asked);
        let answer = self.answers.lock().unwrap().pop_front();
        let (status, headers, body) = answer.expect("one call too many");
        let status = status.try_into().unwrap();
        let mut answer = HttpResponse::new(status, SdkBody::from(body));
        for (name, value) in headers {
            answer.headers_mut().insert(*name, *value);
        }
        HttpConnectorFuture::ready(Ok(answer))
    }
}

const REFUSED: Answer = (412, &[], "<Error><Code>PreconditionFailed</Code></Error>");
const CONFLICT: Answer = (
    409,
    &[],
    "<Error><Code>ConditionalRequestConflict</Code></Error>",
);
const ABSENT: Answer = (404, &[], "<Error><Code>NoSuchKey</Code></Error>");

#[tokio::test]
async fn a_bucket_is_found_in_its_own_region() {
    let script = Script::of(&[
        (301, &[("x-amz-bucket-region", "eu-west-1")], ""),
        (200, &[("x-amz-bucket-region", "eu-west-1")], ""),
        ABSENT,
    ]);
    let objects = Objects::find(&script.client(), "team").await.unwrap();
    assert_eq!(objects.get("x").await.unwrap(), None);
    let hosts = [
        "HEAD team.s3.ap-northeast-1.amazonaws.com",
        "HEAD team.s3.eu-west-1.amazonaws.com",
        "GET team.s3.eu-west-1.amazonaws.com",
    ];
    assert_eq!(script.asked(), hosts);
}

#[tokio::test]
async fn what_a_head_without_a_body_means_is_said() {
    for (status, code) in [(404, "NoSuchBucket"), (403, "AccessDenied")] {
        let headers: &[_] = &[("x-amz-bucket-region", "ap-northeast-1")];
        let script = Script::of(&[(status, headers, "")]);
        let error = Objects::find(&script.client(), "team").await.unwrap_err();
        assert_eq!(error.code(), code);
        assert!(error.to_string().contains("team"), "{error}");
    }
}

#[tokio::test]
async fn a_write_that_meets_itself_is_done_and_one_that_meets_another_is_not() {
    let there: Answer = (200, &[("etag", "\"own\"")], "mine");
    let script = Script::of(&[REFUSED, there]);
    let done = script.objects().put("k", b"mine", &Condition::Absent).await;
    assert_eq!(done.unwrap(), Done::Yes("\"own\"".to_owned()));
    let script = Script::of(&[REFUSED, there]);
    let done = script.objects().put("k", b"ours", &Condition::Absent).await;
    assert_eq!(done.unwrap(), Done::Refused);
    // What was read is gone.
    let script = Script::of(&[ABSENT, ABSENT]);
    let read = Condition::Tagged("\"t\"".to_owned());
    let done = script.objects().put("k", b"ours", &read).await;
    assert_eq!(done.unwrap(), Done::Refused);
}

#[tokio::test]
async fn a_conflict_is_tried_again() {
    let script = Script::of(&[CONFLICT, CONFLICT, (200, &[("etag", "\"t\"")], "")]);
    let done = script.objects().put("k", b"x", &Condition::Absent).await;
    assert_eq!(done.unwrap(), Done::Yes("\"t\"".to_owned()));
    assert_eq!(script.asked().len(), 3);
}

#[tokio::test]
async fn only_what_was_read_is_deleted() {
    let gone = Script::of(&[(204, &[], "")]);
    let done = Done::Yes(String::new());
    assert_eq!(gone.objects().delete("k", "t").await.unwrap(), done);
    let before = Script::of(&[ABSENT]);
    assert_eq!(before.objects().delete("k", "t").await.unwrap(), done);
    let another = Script::of(&[REFUSED]);
    let refused = another.objects().delete("k", "t").await.unwrap();
    assert_eq!(refused, Done::Refused);
}

#[tokio::test]
async fn the_time_is_that_of_s3() {
    let headers: &[_] = &[
        ("etag", "\"t\""),
        ("last-modified", "Sun, 22 Nov 2026 02:00:00 GMT"),
        ("date", "Sun, 22 Nov 2026 02:01:05 GMT"),
    ];
    let script = Script::of(&[(200, headers, "text")]);
    let object = script.objects().get("k").await.unwrap().unwrap();
    assert_eq!(object.read.unwrap() - object.written, 65);
    assert_eq!(object.bytes, b"text");
    // Without a date nobody knows how old it is.
    let script = Script::of(&[(200, &[("etag", "\"t\"")], "text")]);
    let object = script.objects().get("k").await.unwrap().unwrap();
    assert_eq!(object.read, None);
}

#[tokio::test]
async fn a_refusal_never_means_that_there_is_nothing() {
    let script = Script::of(&[(403, &[], "<Error><Code>AccessDenied</Code></Error>")]);
    let error = script.objects().get("k").await.unwrap_err();
    assert_eq!(error.code(), "AccessDenied");
}
