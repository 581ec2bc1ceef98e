//! A laboratory for end-to-end tests: the real program as a real process, the
//! real SDK, and the local endpoint over real HTTP.
//!
//! All tests share one endpoint, each in an account of its own, so that they can
//! run side by side. The endpoint ends itself when the tests have ended.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use s3net::aws::{Aws, Connection};
use tempfile::TempDir;

/// One test's account, working folder and way to run the program.
pub struct Lab {
    /// Where the program runs.
    pub folder: TempDir,
    /// The account, which the endpoint keeps apart from all others.
    pub account: String,
}

/// How a run of the program ended.
#[derive(Debug)]
pub struct Ran {
    /// The exit code.
    pub code: i32,
    /// What it wrote to standard output.
    pub out: String,
    /// What it wrote to standard error.
    pub err: String,
}

impl Ran {
    /// Panics unless the exit code is `code`; gives itself back.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "\n{}\n{}", self.out, self.err);
        self
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// The folder of the example plans.
pub fn plans() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("plans")
}

/// An account id that no other test of this machine has had lately.
fn fresh_account() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_millis();
    let number = (now * 64 + u128::from(NEXT.fetch_add(1, Ordering::SeqCst))) % 900_000_000_000;
    format!("{}", number + 100_000_000_000)
}

impl Lab {
    /// A new account and an empty folder.
    pub fn new() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
            account: fresh_account(),
        }
    }

    /// A laboratory with one of the example plans as `plan.toml`.
    pub fn with_plan(name: &str) -> Self {
        let lab = Self::new();
        lab.write(&std::fs::read_to_string(plans().join(name)).unwrap());
        lab
    }

    /// Writes `plan.toml`. `@` stands for the account's digits, since bucket
    /// names are global.
    pub fn write(&self, text: &str) {
        std::fs::write(self.folder.path().join("plan.toml"), text).unwrap();
    }

    /// The text of `plan.toml`.
    pub fn text(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("plan.toml")).unwrap()
    }

    /// Replaces a text that must stand in `plan.toml`.
    #[track_caller]
    pub fn edit(&self, from: &str, to: &str) {
        let text = self.text();
        assert!(text.contains(from), "`{from}` is not in the plan");
        self.write(&text.replace(from, to));
    }

    /// Takes the expectations out, for plans that are changed into what they
    /// forbid. They stand at the end of the examples.
    pub fn expect_nothing(&self) {
        let text = self.text();
        let (wanted, _) = text.split_once("[[expect]]").expect("it expects something");
        self.write(wanted);
    }

    /// A bucket name of this laboratory.
    pub fn bucket(&self) -> String {
        format!("lab-{}", self.account)
    }

    /// The program with arguments, ready to run here.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = program();
        command
            .args(args)
            .current_dir(self.folder.path())
            .env("S3NET_LOCAL_ACCOUNT", &self.account)
            .stdin(Stdio::null());
        command
    }

    /// Runs the program.
    pub fn run(&self, args: &[&str]) -> Ran {
        let ran: Ran = self.command(args).output().unwrap().into();
        if args.contains(&"--json") {
            crate::documents::hold(&ran.out);
        }
        ran
    }

    /// Runs a verb on `plan.toml` against the endpoint, with a bucket name of
    /// this laboratory where the plan has such a variable.
    pub fn verb(&self, verb: &str, more: &[&str]) -> Ran {
        let variable = format!("bucket={}", self.bucket());
        let mut args = vec![verb, "plan.toml", "--local"];
        if self.text().contains("${var.bucket}") {
            args.extend(["--var", &variable]);
        }
        args.extend(more);
        endpoint();
        self.run(&args)
    }

    /// Starts `apply --auto-approve` or the like, and does not wait for its end.
    pub fn start(&self, verb: &str) -> Child {
        let bucket = format!("bucket={}", self.bucket());
        let mut args = vec![verb, "plan.toml", "--local", "--auto-approve"];
        if self.text().contains("${var.bucket}") {
            args.extend(["--var", &bucket]);
        }
        endpoint();
        self.command(&args)
            .stderr(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// `apply --auto-approve`
    pub fn apply(&self) -> Ran {
        self.verb("apply", &["--auto-approve"])
    }

    /// `destroy --auto-approve`
    pub fn destroy(&self) -> Ran {
        self.verb("destroy", &["--auto-approve"])
    }

    /// `plan --detailed-exitcode`: 0 for no change, 2 for changes.
    pub fn plan(&self) -> Ran {
        self.verb("plan", &["--detailed-exitcode"])
    }

    /// What this account called since the last time it was asked.
    pub fn calls(&self) -> serde_json::Value {
        admin(
            "GET",
            &format!("calls?account={}&reset=1", self.account),
            "",
        )
    }

    /// The calls of this account that the endpoint has not answered yet.
    pub fn calls_under_way(&self) -> Vec<String> {
        let calls = admin("GET", &format!("calls?account={}", self.account), "");
        let calls = calls["under_way"].as_array().unwrap().iter();
        calls.map(|it| it.as_str().unwrap().to_owned()).collect()
    }

    /// Tells the endpoint to behave in a certain way for this account.
    pub fn settings(&self, mut settings: serde_json::Value) {
        settings["account"] = self.account.clone().into();
        admin("POST", "settings", &settings.to_string());
    }

    /// Lets the endpoint answer a call of this account with an error.
    pub fn fault(&self, mut fault: serde_json::Value) {
        fault["account"] = self.account.clone().into();
        admin("POST", "fault", &fault.to_string());
    }

    /// How many of the faults ordered for this account have not struck yet.
    pub fn faults_to_come(&self) -> usize {
        let faults = admin("GET", "faults", "");
        let faults = faults.as_array().unwrap().iter();
        let ours = |fault: &&serde_json::Value| fault["account"] == self.account.as_str();
        faults.filter(ours).count()
    }

    /// The path of the stack's local state.
    pub fn state(&self, stack: &str) -> PathBuf {
        let folder = self.folder.path().join("state").join(stack);
        folder.join("local").join("state.json")
    }

    /// Clients of this account.
    pub async fn aws(&self) -> Aws {
        Aws::connect(&Connection {
            region: Some("ap-northeast-1".into()),
            profile: None,
            endpoint_url: Some(endpoint().to_owned()),
            local_account: Some(self.account.clone()),
            consistency: None,
        })
        .await
        .unwrap()
    }
}

/// The program, with nothing of the user's environment that changes what it says.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_s3net"));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("AWS_")
            || name.starts_with("S3NET_VAR_")
            || ["NO_COLOR", "S3NET_STATE"].contains(&name.as_str())
        {
            command.env_remove(name);
        }
    }
    command
        .env("S3NET_LOCAL_DIR", run_folder())
        .env("S3NET_LOCAL_UNTIL", std::process::id().to_string())
        .env("COLUMNS", "80");
    command
}

fn run_folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("endpoint")
}

/// The URL of the shared endpoint, started by the program itself.
pub fn endpoint() -> &'static str {
    static URL: OnceLock<String> = OnceLock::new();
    URL.get_or_init(|| {
        let output = program().args(["local", "start"]).output().unwrap();
        let ran = Ran::from(output).exits(0);
        let record = std::fs::read_to_string(run_folder().join("endpoint.json"));
        let record: serde_json::Value =
            serde_json::from_str(&record.unwrap_or_else(|_| panic!("{}", ran.err))).unwrap();
        record["url"].as_str().unwrap().to_owned()
    })
}

/// Calls an admin route of the endpoint.
fn admin(method: &str, route: &str, body: &str) -> serde_json::Value {
    let host = endpoint().trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&host).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    write!(
        stream,
        "{method} /_s3net/{route} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(" 200 "), "{answer}");
    serde_json::from_str(body.trim()).unwrap_or(serde_json::Value::Null)
}

/// Asks the account for everything that is left in it, beyond what AWS itself
/// keeps there, parents and children alike.
pub async fn leftovers(aws: &Aws) -> Vec<String> {
    let mut left = Vec::new();
    let ec2 = &aws.ec2;
    let vpcs = ec2.describe_vpcs().send().await.unwrap();
    let vpcs = vpcs.vpcs().iter().filter(|v| v.is_default() != Some(true));
    let vpcs: Vec<String> = vpcs.filter_map(|v| v.vpc_id()).map(Into::into).collect();
    let ours = |vpc: Option<&str>| vpc.is_some_and(|id| vpcs.iter().any(|v| v == id));
    left.extend(vpcs.iter().cloned());
    for subnet in ec2.describe_subnets().send().await.unwrap().subnets() {
        if ours(subnet.vpc_id()) {
            left.push(subnet.subnet_id().unwrap().into());
        }
    }
    let tables = ec2.describe_route_tables().send().await.unwrap();
    for table in tables.route_tables() {
        if ours(table.vpc_id()) {
            left.push(table.route_table_id().unwrap().into());
        }
    }
    let groups = ec2.describe_security_groups().send().await.unwrap();
    for group in groups.security_groups() {
        if group.group_name() != Some("default") {
            left.push(group.group_id().unwrap().into());
        }
    }
    for interface in ec2
        .describe_network_interfaces()
        .send()
        .await
        .unwrap()
        .network_interfaces()
    {
        left.push(interface.network_interface_id().unwrap().into());
    }
    let gateways = ec2.describe_internet_gateways().send().await.unwrap();
    for gateway in gateways.internet_gateways() {
        left.push(gateway.internet_gateway_id().unwrap().into());
    }
    let addresses = ec2.describe_addresses().send().await.unwrap();
    for address in addresses.addresses() {
        left.push(address.allocation_id().unwrap().into());
    }
    for nat in ec2
        .describe_nat_gateways()
        .send()
        .await
        .unwrap()
        .nat_gateways()
    {
        if nat.state().map(|s| s.as_str()) != Some("deleted") {
            left.push(nat.nat_gateway_id().unwrap().into());
        }
    }
    let endpoints = ec2.describe_vpc_endpoints().send().await.unwrap();
    for endpoint in endpoints.vpc_endpoints() {
        if endpoint.state().map(|s| s.as_str().to_lowercase()) != Some("deleted".into()) {
            left.push(endpoint.vpc_endpoint_id().unwrap().into());
        }
    }
    let reservations = ec2.describe_instances().send().await.unwrap();
    for instance in reservations
        .reservations()
        .iter()
        .flat_map(|r| r.instances())
    {
        let state = instance.state().and_then(|s| s.name()).map(|n| n.as_str());
        if state != Some("terminated") {
            left.push(instance.instance_id().unwrap().into());
        }
    }
    for bucket in aws.s3.list_buckets().send().await.unwrap().buckets() {
        left.push(bucket.name().unwrap().into());
    }
    for role in aws.iam.list_roles().send().await.unwrap().roles() {
        left.push(role.role_name().into());
    }
    let profiles = aws.iam.list_instance_profiles().send().await.unwrap();
    for profile in profiles.instance_profiles() {
        left.push(profile.instance_profile_name().into());
    }
    for zone in aws
        .route53
        .list_hosted_zones()
        .send()
        .await
        .unwrap()
        .hosted_zones()
    {
        left.push(zone.id().into());
    }
    left
}

/// Makes a NAT gateway as somebody would, and waits for it. Gives the allocation
/// of its address, and its id.
pub async fn made_nat_gateway(aws: &Aws, subnet: &str) -> (String, String) {
    let ec2 = &aws.ec2;
    let address = ec2.allocate_address().domain("vpc".into()).send().await;
    let address = address.unwrap().allocation_id.unwrap();
    let nat = ec2.create_nat_gateway().subnet_id(subnet);
    let nat = nat.allocation_id(&address).send().await.unwrap();
    let nat = nat.nat_gateway.unwrap().nat_gateway_id.unwrap();
    loop {
        let found = ec2.describe_nat_gateways().nat_gateway_ids(&nat);
        let found = found.send().await.unwrap();
        if found.nat_gateways()[0].state().unwrap().as_str() == "available" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    (address, nat)
}
