//! A laboratory with a bucket for state.

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use s3net::aws::Aws;

use crate::lab::{Lab, Ran, endpoint};

/// A stack that is built in a moment.
pub const SMALL: &str = "[stack]\nname = \"small\"\nregion = \"ap-northeast-1\"\n\n[vpc.main]\ncidr = \"10.0.0.0/16\"\n";

/// A laboratory, and where its state is.
pub struct Site {
    pub lab: Lab,
    pub aws: Aws,
    /// Whether the program finds the endpoint by itself.
    local: bool,
    /// The bucket of its state; none where state is in a folder.
    pub bucket: Option<String>,
    runtime: tokio::runtime::Runtime,
}

impl Site {
    /// A laboratory whose state is in a folder.
    pub fn in_folder(lab: Lab) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let aws = runtime.block_on(lab.aws());
        Self {
            lab,
            aws,
            local: true,
            bucket: None,
            runtime,
        }
    }

    /// A laboratory with a bucket of its own for state.
    pub fn on_s3(lab: Lab) -> Self {
        let mut site = Self::in_folder(lab);
        let bucket = format!("state-{}", site.lab.account);
        let here = BucketLocationConstraint::ApNortheast1;
        let here = CreateBucketConfiguration::builder().location_constraint(here);
        let made = site.s3().create_bucket().bucket(&bucket);
        let made = made.create_bucket_configuration(here.build());
        site.now(made.send()).unwrap();
        site.bucket = Some(bucket);
        site
    }

    pub fn small_on_s3() -> Self {
        let lab = Lab::new();
        lab.write(SMALL);
        Self::on_s3(lab)
    }

    /// The same, reached by the environment of AWS tools.
    pub fn without_local(self) -> Self {
        Self {
            local: false,
            ..self
        }
    }

    pub fn now<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    pub fn s3(&self) -> &Client {
        &self.aws.s3
    }

    fn bucket(&self) -> &str {
        self.bucket.as_deref().unwrap()
    }

    /// The program on this laboratory's file and state.
    pub fn command(&self, verb: &str, more: &[&str]) -> Command {
        endpoint();
        let variable = format!("bucket={}", self.lab.bucket());
        let mut args = vec![verb, "plan.toml"];
        if self.local {
            args.push("--local");
        }
        if self.lab.text().contains("${var.bucket}") {
            args.extend(["--var", &variable]);
        }
        args.extend(more);
        let mut command = self.lab.command(&args);
        if !self.local {
            command
                .env("AWS_ACCESS_KEY_ID", &self.lab.account)
                .env("AWS_SECRET_ACCESS_KEY", "secret")
                .env("AWS_ENDPOINT_URL", endpoint());
        }
        if let Some(bucket) = &self.bucket {
            command.env("S3NET_STATE", format!("s3://{bucket}/labs"));
        }
        command
            .env("S3NET_CONSISTENCY", "0")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub fn run(&self, verb: &str, more: &[&str]) -> Ran {
        self.command(verb, more).output().unwrap().into()
    }

    pub fn apply(&self) -> Ran {
        self.run("apply", &["--auto-approve"])
    }

    pub fn plan(&self) -> Ran {
        self.run("plan", &["--detailed-exitcode"])
    }

    pub fn destroy(&self) -> Ran {
        self.run("destroy", &["--auto-approve"])
    }

    /// An apply with a lease of so many seconds, under way.
    pub fn applying(&self, lease: u32) -> Child {
        let mut command = self.command("apply", &["--auto-approve"]);
        command.env("S3NET_LEASE_SECONDS", lease.to_string());
        command.spawn().unwrap()
    }

    /// Every object of the bucket: its key and what is in it.
    pub fn objects(&self) -> BTreeMap<String, Vec<u8>> {
        let keys = self.keys();
        keys.into_iter()
            .filter_map(|key| Some((key.clone(), self.get(&key)?)))
            .collect()
    }

    pub fn keys(&self) -> Vec<String> {
        let list = self.s3().list_objects_v2().bucket(self.bucket());
        let list = self.now(list.send()).unwrap();
        let keys = list.contents().iter().filter_map(|object| object.key());
        keys.map(str::to_owned).collect()
    }

    pub fn get(&self, key: &str) -> Option<Vec<u8>> {
        self.now(async {
            let answer = self.s3().get_object().bucket(self.bucket()).key(key);
            let body = answer.send().await.ok()?.body;
            Some(body.collect().await.unwrap().to_vec())
        })
    }

    pub fn put(&self, key: &str, text: &[u8]) {
        let put = self.s3().put_object().bucket(self.bucket()).key(key);
        let put = put.body(ByteStream::from(text.to_vec()));
        self.now(put.send()).unwrap();
    }

    pub fn delete(&self, key: &str) {
        let delete = self.s3().delete_object().bucket(self.bucket()).key(key);
        self.now(delete.send()).unwrap();
    }

    /// Waits until so many parts of a journal are there.
    pub fn wait_for_parts(&self, count: usize) {
        wait_until(|| self.keys().iter().filter(|key| is_part(key)).count() >= count);
    }

    /// How many VPCs of ours the account has.
    pub fn vpcs(&self) -> usize {
        let answer = self.now(self.aws.ec2.describe_vpcs().send()).unwrap();
        let vpcs = answer.vpcs().iter();
        vpcs.filter(|vpc| vpc.is_default() != Some(true)).count()
    }
}

pub fn is_part(key: &str) -> bool {
    key.contains("/journal/")
}

pub fn ended(child: Child) -> Ran {
    Ran::from(child.wait_with_output().unwrap())
}

pub fn wait_until(mut there: impl FnMut() -> bool) {
    let start = Instant::now();
    while !there() {
        assert!(start.elapsed() < Duration::from_secs(60), "it never came");
        std::thread::sleep(Duration::from_millis(30));
    }
}

/// Sends a signal to a process that this test has started.
pub fn signal(name: &str, child: &Child) {
    let status = Command::new("kill")
        .args([&format!("-{name}"), &child.id().to_string()])
        .status();
    assert!(status.unwrap().success());
}

/// A text without the line breaks that fit it to the terminal.
pub fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
