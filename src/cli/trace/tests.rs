//! How the words are read.

use clap::Parser;

use super::*;

#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    args: TraceArgs,
}

fn read(words: &[&str]) -> Result<Asked, String> {
    let line = Line::try_parse_from(std::iter::once(&"trace").chain(words)).unwrap();
    asked(&line.args).map_err(|problem| problem.problem)
}

fn asked_of(file: Option<&str>, from: Option<&str>, to: Option<&str>) -> Asked {
    Asked {
        file: file.map(PathBuf::from),
        from: from.map(str::to_owned),
        to: to.map(str::to_owned),
    }
}

#[test]
fn the_file_comes_first() {
    let whole = asked_of(Some("x.toml"), Some("instance.one"), Some("bucket.data"));
    assert_eq!(read(&["x.toml", "instance.one", "bucket.data"]), Ok(whole));
    let of_live = asked_of(Some("x.toml"), Some("i-0a1b2c3d"), Some("ssm"));
    assert_eq!(
        read(&["x.toml", "i-0a1b2c3d", "ssm", "--live"]),
        Ok(of_live)
    );
}

#[test]
fn without_a_file_an_id_is_asked_about() {
    let id = "subnet-0a1b2c3d4e5f60718";
    let live = asked_of(None, Some(id), Some("s3://data"));
    assert_eq!(read(&[id, "s3://data", "--live"]), Ok(live));
    let refused = read(&[id, "s3://data"]).unwrap_err();
    assert!(
        refused.contains("nothing is to be asked of AWS"),
        "{refused}"
    );
    let all = asked_of(None, Some("vpc-0a1b2c3d"), None);
    assert_eq!(read(&["vpc-0a1b2c3d", "--live", "--all"]), Ok(all));
}

#[test]
fn all_needs_no_more_than_a_file() {
    let all = asked_of(Some("x.toml"), None, None);
    assert_eq!(read(&["--all", "x.toml"]), Ok(all));
    assert_eq!(read(&["x.toml", "--check"]), read(&["x.toml", "--all"]));
    let some = asked_of(Some("x.toml"), Some("instance.*"), None);
    assert_eq!(read(&["x.toml", "instance.*", "--all"]), Ok(some));
}

#[test]
fn what_is_missing_is_told() {
    for (words, told) in [
        (&[][..], "no plan file is named"),
        (&["--all"], "no plan file is named"),
        (&["x.toml"], "it is not said from where"),
        (&["x.toml", "instance.one"], "it is not said from where"),
        (
            &["instance.one", "bucket.data"],
            "`instance.one` is no plan file",
        ),
        (&["x.toml", "a", "b", "c"], "`c` is one word too many"),
    ] {
        let problem = read(words).unwrap_err();
        assert!(problem.starts_with(told), "{words:?}: {problem}");
    }
}

#[test]
fn ids_are_told_from_file_names() {
    assert!(is_id("i-0a1b2c3d"));
    assert!(is_id("subnet-0a1b2c3d4e5f60718"));
    for word in [
        "i-frame.toml",
        "subnet-1",
        "subnet-zebrazebra",
        "igw-0a1b2c3d",
    ] {
        assert!(!is_id(word), "{word}");
    }
    assert!(action("GetObject").is_err());
    assert!(action("s3:").is_err());
    assert_eq!(action("s3:GetObject"), Ok("s3:GetObject".to_owned()));
}
