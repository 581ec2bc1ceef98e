//! Which names a bucket can have.

/// Why a name cannot be a bucket's, after the rules in the S3 user guide,
/// "General purpose bucket naming rules".
pub(super) fn fault_of(name: &str) -> Option<&'static str> {
    let is_end = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-".contains(c);
    if name.len() < 3 || name.len() > 63 {
        return Some("a bucket's name has 3 to 63 characters");
    }
    if !name.chars().all(allowed) {
        return Some("a bucket's name has lower-case letters, digits, `-` and `.` only");
    }
    if !is_end(name.chars().next()) || !is_end(name.chars().last()) {
        return Some("a bucket's name begins and ends with a letter or a digit");
    }
    if name.contains("..") {
        return Some("a bucket's name has no two dots side by side");
    }
    if name.parse::<std::net::Ipv4Addr>().is_ok() {
        return Some("a bucket's name is not written like an IP address");
    }
    if ["xn--", "sthree-", "amzn-s3-demo-"]
        .iter()
        .any(|it| name.starts_with(it))
    {
        return Some("AWS keeps `xn--`, `sthree-` and `amzn-s3-demo-` at the beginning for itself");
    }
    let kept = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];
    if kept.iter().any(|it| name.ends_with(it)) {
        return Some(
            "AWS keeps `-s3alias`, `--ol-s3`, `.mrap`, `--x-s3` and `--table-s3` at the end for itself",
        );
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_are_sound() {
        for name in [
            "abc",
            "saa-03-003",
            "0.a-b.9",
            "a1234567890",
            "1.2.3",
            &"x".repeat(63),
        ] {
            assert_eq!(fault_of(name), None, "{name}");
        }
    }

    #[test]
    fn names_that_s3_refuses_are_told() {
        for name in [
            "ab",
            &"x".repeat(64),
            "Data",
            "a_b",
            "-ab",
            "ab-",
            ".ab",
            "a..b",
            "192.168.5.4",
            "xn--abc",
            "sthree-x",
            "amzn-s3-demo-x",
            "x-s3alias",
            "x--ol-s3",
            "x.mrap",
            "x--x-s3",
            "x--table-s3",
            "bücket",
            "",
        ] {
            assert!(fault_of(name).is_some(), "{name}");
        }
    }
}
