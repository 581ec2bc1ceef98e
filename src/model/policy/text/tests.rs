//! Patterns against texts, known and not.

use proptest::prelude::*;

use super::*;

fn pattern(text: &str) -> Text {
    let mut pattern = Text::default();
    pattern.push_pattern(text);
    pattern
}

fn word(answer: &Answer) -> &'static str {
    match answer {
        Answer::Yes => "yes",
        Answer::No => "no",
        Answer::Perhaps(_) => "perhaps",
    }
}

#[test]
fn patterns_match_as_aws_has_them() {
    for (it, text, fits) in [
        ("*", "", true),
        ("a*c", "abbc", true),
        ("a*c", "abbd", false),
        ("a?c", "abc", true),
        ("a?c", "ac", false),
        ("*a*b", "xaxxb", true),
        ("", "a", false),
        ("arn:aws:s3:::data/*", "arn:aws:s3:::data/a/b:c", true),
        ("arn:aws:s3:::data/*", "arn:aws:s3:::data", false),
    ] {
        let answer = pattern(it).fits(&Text::known(text));
        assert_eq!(answer, Answer::from(fits), "{it} {text}");
    }
}

#[test]
fn what_has_no_id_yet_is_nothing_that_is_written() {
    let endpoint = "vpce-(gateway_endpoint.s3)";
    for (it, text, fits) in [
        (endpoint, endpoint, "yes"),
        ("*", endpoint, "yes"),
        ("vpce-*", endpoint, "yes"),
        ("vpc-*", endpoint, "no"),
        ("vpce-0*", endpoint, "perhaps"),
        ("vpce-0abc", endpoint, "no"),
        ("vpce-(interface_endpoint.s3)", endpoint, "no"),
        ("vpce-(interface_endpoint.s3)", "vpce-0abc", "no"),
        // What is there already, or has a name of somebody's choice, may be it.
        ("vpc-0abc", "vpc-(existing.vpc.main)", "perhaps"),
        ("arn:aws:s3:::data", "arn:aws:s3:::(bucket.data)", "perhaps"),
        (
            "arn:aws:s3:::data/*",
            "arn:aws:s3:::(bucket.data)/key",
            "perhaps",
        ),
        ("arn:aws:s3:::data/*", "arn:aws:s3:::(bucket.data)", "no"),
        (
            "arn:aws:s3:::(bucket.data)/*",
            "arn:aws:s3:::(bucket.data)/key",
            "yes",
        ),
        // An object's key is no address.
        ("photo-(?).jpg", "photo-(1).jpg", "yes"),
        ("photo-(1).jp?", "photo-(1).jpg", "yes"),
    ] {
        let answer = pattern(it).fits(&Text::known(text));
        assert_eq!(word(&answer), fits, "{it} against {text}");
    }
}

#[test]
fn parts_of_an_arn() {
    let arn = Text::known("arn:aws:iam::111122223333:role/a:b");
    let parts = arn.arn_parts().unwrap();
    assert_eq!(parts[5].shown(), "role/a:b");
    assert_eq!(parts[3].shown(), "");
    assert_eq!(Text::known("arn:aws:iam::1").arn_parts(), None);
}

/// What a text of three letters is when the unknown is this.
fn filled(text: &str, with: &str) -> String {
    text.replace('#', with)
}

fn holed(text: &str, of_pattern: bool) -> Text {
    let mut signs = Text::default();
    let mut first = true;
    for part in text.split('#') {
        if !std::mem::take(&mut first) {
            signs.push_anything();
        }
        match of_pattern {
            true => signs.push_pattern(part),
            false => signs.push_known(part),
        }
    }
    signs
}

proptest! {
    #[test]
    fn a_pattern_of_itself_fits(text in "[a-z*?]{0,12}") {
        prop_assert_eq!(pattern(&text).fits(&Text::known(&text)), Answer::Yes);
    }

    /// A certain answer about a half-known pair is the answer for whatever the
    /// unknown turns out to be.
    #[test]
    fn certain_answers_hold_whatever_it_is(
        it in "[ab*?#]{0,6}", text in "[ab#]{0,6}", one in "[ab]{0,3}", other in "[ab]{0,3}",
    ) {
        let answer = holed(&it, true).fits(&holed(&text, false));
        let mut whole = Text::default();
        let mut first = true;
        for part in it.split('#') {
            if !std::mem::take(&mut first) {
                whole.push_known(&one);
            }
            whole.push_pattern(part);
        }
        let known = whole.fits(&Text::known(&filled(&text, &other)));
        match answer {
            Answer::Perhaps(_) => {}
            certain => prop_assert_eq!(certain, known),
        }
    }

    /// The quick way and the table agree where both can answer.
    #[test]
    fn the_table_agrees_with_the_quick_way(it in "[ab*?]{0,8}", text in "[ab]{0,8}") {
        let (it, text) = (pattern(&it), Text::known(&text));
        prop_assert_eq!(greedy(&it.0, &text.0), aligned(&it.0, &text.0, Sight::Certain));
        prop_assert_eq!(greedy(&it.0, &text.0), aligned(&it.0, &text.0, Sight::Loose));
    }
}
