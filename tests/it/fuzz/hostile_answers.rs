//! Answers that AWS would not give, from a server that pretends to be it:
//! objects without a single attribute, tags full of garbage, no XML at all.
//! The program reads them with its real client, and ends with a plan or an
//! error.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use crate::lab::{Lab, Ran};

/// What the lists of EC2 answers hold.
#[derive(Clone, Copy, Debug)]
enum Answers {
    /// One object without attributes.
    Empty,
    /// One object with tags of ours that name no address, or a wrong one.
    Tagged(&'static str),
    /// One object, tagged as ours, with an address of ten thousand characters.
    Long,
    /// A page of HTML, as a proxy gives it.
    Html,
    /// Nothing, with a good status.
    Nothing,
    /// XML that ends in the middle.
    Torn,
}

/// The list that each EC2 call answers, by the API's own names.
const LISTS: &[(&str, &str)] = &[
    ("DescribeVpcs", "vpcSet"),
    ("DescribeSubnets", "subnetSet"),
    ("DescribeRouteTables", "routeTableSet"),
    ("DescribeInternetGateways", "internetGatewaySet"),
    ("DescribeNatGateways", "natGatewaySet"),
    ("DescribeSecurityGroups", "securityGroupInfo"),
    ("DescribeSecurityGroupRules", "securityGroupRuleSet"),
    ("DescribeVpcEndpoints", "vpcEndpointSet"),
    ("DescribeAddresses", "addressesSet"),
    ("DescribeNetworkInterfaces", "networkInterfaceSet"),
];

const IDENTITY: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult>\
    <Arn>arn:aws:iam::111122223333:user/a</Arn><UserId>A</UserId><Account>111122223333</Account>\
    </GetCallerIdentityResult></GetCallerIdentityResponse>";

fn body(answers: Answers, request: &str) -> String {
    let action = request.split("Action=").nth(1).unwrap_or_default();
    let action = action.split(['&', ' ', '\r']).next().unwrap_or_default();
    if action == "GetCallerIdentity" {
        return IDENTITY.to_owned();
    }
    let tags = |address: &str| {
        let tag =
            |key: &str, value: &str| format!("<item><key>{key}</key><value>{value}</value></item>");
        format!(
            "<tagSet>{}{}<item/></tagSet>",
            tag("s3net:stack", "three-ways"),
            tag("s3net:address", address)
        )
    };
    let item = match answers {
        Answers::Html => return "<html><body>proxy</body></html>".to_owned(),
        Answers::Nothing => return String::new(),
        Answers::Torn => return format!("<{action}Response><vpcSet><item><vpcId>vpc-"),
        Answers::Empty => "<item/>".to_owned(),
        Answers::Tagged(address) => format!("<item>{}</item>", tags(address)),
        Answers::Long => format!("<item>{}</item>", tags(&"a.b/c".repeat(2_000))),
    };
    let list = LISTS.iter().find(|(name, _)| *name == action);
    let inside = match (list, action) {
        (Some((_, list)), _) => format!("<{list}>{item}</{list}>"),
        (None, "DescribeInstances") => {
            format!(
                "<reservationSet><item/><item><instancesSet>{item}</instancesSet></item></reservationSet>"
            )
        }
        _ => String::new(),
    };
    format!("<{action}Response>{inside}</{action}Response>")
}

fn answer(mut stream: TcpStream, answers: Answers) -> std::io::Result<()> {
    stream.set_read_timeout(Some(std::time::Duration::from_secs(5)))?;
    let mut request = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let count = stream.read(&mut piece)?;
        request.extend_from_slice(&piece[..count]);
        let text = String::from_utf8_lossy(&request);
        let Some((head, sent)) = text.split_once("\r\n\r\n") else {
            if count == 0 {
                return Ok(());
            }
            continue;
        };
        let head = head.to_ascii_lowercase();
        let length = head.split("content-length:").nth(1);
        let length = length.and_then(|it| it.lines().next()?.trim().parse::<usize>().ok());
        if sent.len() >= length.unwrap_or(0) || count == 0 {
            break;
        }
    }
    let body = body(answers, &String::from_utf8_lossy(&request));
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A server that answers so until the test ends; gives its URL.
fn serve(answers: Answers) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer(stream, answers));
        }
    });
    url
}

#[test]
fn hostile_answers_end_in_a_plan_or_an_error() {
    let lab = Lab::with_plan("three-ways.toml");
    let all = [
        Answers::Empty,
        Answers::Tagged("garbage"),
        Answers::Tagged(""),
        Answers::Tagged("bucket.data/policy"),
        Answers::Tagged("subnet.private-1"),
        Answers::Tagged("route_table.public/route:0.0.0.0/0"),
        Answers::Tagged("existing.vpc.main"),
        Answers::Long,
        Answers::Html,
        Answers::Nothing,
        Answers::Torn,
    ];
    let runs = all.map(|answers| {
        let url = serve(answers);
        let child = lab
            .command(&[
                "plan",
                "plan.toml",
                "--endpoint-url",
                &url,
                "--consistency=0",
                "--json",
            ])
            .env("AWS_ACCESS_KEY_ID", "111122223333")
            .env("AWS_SECRET_ACCESS_KEY", "x")
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        (answers, child)
    });
    for (answers, child) in runs {
        let ran = Ran::from(child.wait_with_output().unwrap());
        assert!(
            [0, 1].contains(&ran.code),
            "{answers:?}: {}\n{}",
            ran.code,
            ran.err
        );
        assert!(!ran.err.contains("panicked"), "{answers:?}: {}", ran.err);
        let last = ran.out.lines().last().unwrap_or_default();
        let last: serde_json::Value = serde_json::from_str(last).unwrap_or_default();
        let document = last["document"].as_str().unwrap_or_default();
        let expected = if ran.code == 0 { "plan" } else { "error" };
        assert_eq!(document, expected, "{answers:?}: {}\n{}", ran.out, ran.err);
    }
}
