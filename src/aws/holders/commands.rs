//! The AWS CLI's commands that a user may want to run by hand.
//!
//! They reach where this run's calls go (region, profile, endpoint), stay below
//! the width of a hint, and are safe to paste: whatever is not plain is quoted.

/// The widest line of a command, in columns.
const WIDEST: usize = 72;

/// `aws <service> <operation>` with options, in lines that a shell takes
/// together.
///
/// `reach` holds the options that say where the call goes, such as
/// `--region eu-west-1`; each option is a name and its values.
#[must_use]
pub fn command(service: &str, operation: &str, options: &[(&str, &[&str])], reach: &str) -> String {
    let mut pieces = vec![format!("aws {service} {operation}")];
    for option in reach.split(" --").filter(|option| !option.is_empty()) {
        let option = option.trim_start_matches("--");
        pieces.push(format!("--{option}"));
    }
    for (name, values) in options {
        let mut piece = (*name).to_owned();
        for value in *values {
            piece.push(' ');
            piece.push_str(&quoted(value));
        }
        pieces.push(piece);
    }
    let mut lines: Vec<String> = Vec::new();
    for piece in pieces {
        match lines.last_mut() {
            Some(line) if line.chars().count() + piece.chars().count() + 3 <= WIDEST => {
                line.push(' ');
                line.push_str(&piece);
            }
            _ => lines.push(piece),
        }
    }
    lines.join(" \\\n")
}

/// A word as a POSIX shell takes it literally.
#[must_use]
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@,+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    // A line that a hint breaks would no longer be the same word.
    let word: String = word
        .chars()
        .map(|c| if c.is_control() { '?' } else { c })
        .collect();
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_fits_and_names_the_region() {
        let text = command(
            "ec2",
            "terminate-instances",
            &[("--instance-ids", &["i-0123456789abcdef0"])],
            "--region ap-northeast-1 --endpoint-url http://127.0.0.1:41234",
        );
        insta::assert_snapshot!(text, @r"
        aws ec2 terminate-instances --region ap-northeast-1 \
        --endpoint-url http://127.0.0.1:41234 \
        --instance-ids i-0123456789abcdef0
        ");
        assert!(text.lines().all(|line| line.chars().count() <= WIDEST));
    }

    #[test]
    fn a_name_cannot_become_a_command() {
        assert_eq!(quoted("a-b.c"), "a-b.c");
        assert_eq!(quoted("x; rm -rf ~"), "'x; rm -rf ~'");
        assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(quoted("a\nb"), "'a?b'");
        assert_eq!(quoted(""), "''");
    }
}
