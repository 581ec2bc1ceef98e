//! Tests of reading templates: both forms, lines, and what is refused.

use proptest::prelude::*;

use super::*;

fn holds(text: &str) -> Node {
    read(text).unwrap()
}

fn problem(text: &str) -> String {
    read(text).unwrap_err().problem
}

#[test]
fn short_and_long_functions_are_alike() {
    let yaml = holds(
        "A: !GetAtt Role.Arn\nB: !Sub\n  - '${x}'\n  - x: !Ref Y\nC:\n  Fn::Select: [0, [a]]\n",
    );
    let call = |key: &str| match &yaml.get(key).unwrap().holds {
        Holds::Call(name, with) => (name.clone(), with.clone()),
        other => panic!("{key}: {other:?}"),
    };
    assert_eq!(call("A").0, "Fn::GetAtt");
    assert_eq!(call("A").1.text(), Some("Role.Arn"));
    let (name, with) = call("B");
    assert_eq!((name.as_str(), with.items().len()), ("Fn::Sub", 2));
    let inner = with.items()[1].get("x").unwrap();
    assert!(matches!(&inner.holds, Holds::Call(name, _) if name == "Ref"));
    assert_eq!(call("C").0, "Fn::Select");
    let json = holds("{\n\t\"A\": {\"Ref\": \"X\"}\n}");
    let a = json.get("A").unwrap();
    assert!(
        matches!(&a.holds, Holds::Call(name, with) if name == "Ref" && with.text() == Some("X"))
    );
    assert_eq!(a.line, 2);
}

#[test]
fn scalars_stay_as_they_are_written() {
    let yaml = holds(
        "id: 012345678901\nversion: 2012-10-17\nport: 443\nratio: 1.10\non: true\nquoted: '08'\nnone:\n",
    );
    let text = |key: &str| yaml.get(key).unwrap().text().unwrap_or("-").to_owned();
    assert_eq!(text("id"), "012345678901");
    assert_eq!(text("version"), "2012-10-17");
    assert_eq!(text("port"), "443");
    assert_eq!(text("ratio"), "1.10");
    assert_eq!(text("on"), "true");
    assert_eq!(text("quoted"), "08");
    assert!(matches!(yaml.get("none").unwrap().holds, Holds::Nothing));
}

#[test]
fn lines_and_places_are_those_of_the_file() {
    let text = "# später\nA:\n  Bé: x\n  C: !Ref D\n";
    let yaml = holds(text);
    let a = yaml.get("A").unwrap();
    assert_eq!(a.entries()[0].line, 3);
    assert_eq!(a.get("C").unwrap().line, 4);
    let place = &text[a.get("Bé").unwrap().span.clone()];
    assert_eq!(place.trim(), "x");
}

#[test]
fn what_is_no_template_is_refused_at_its_place() {
    assert!(problem("A: [1, 2").contains("cannot be read"));
    assert!(problem("A: 1\nA: 2\n").contains("duplicated"));
    assert!(problem("").contains("empty") || problem("").contains("cannot"));
    assert!(problem("A: 1\n---\nB: 2\n").contains("more than one"));
    assert!(problem("? [a]\n: 1\n").contains("key must be a text"));
    assert_eq!(
        problem(&"x".repeat(LARGEST + 1)).as_str(),
        format!("the template has {} bytes", LARGEST + 1)
    );
    let error = read("A: 1\nB: {c: [}\n").unwrap_err();
    let line = "A: 1\nB: {c: [}\n"[..error.labels[0].span.start]
        .matches('\n')
        .count();
    assert_eq!(line, 1, "{error:?}");
}

#[test]
fn bombs_and_towers_do_no_harm() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let again = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{again}]\n"));
    }
    assert!(read(&bomb).is_err());
    assert!(read(&"- ".repeat(100_000)).is_err());
    assert!(read(&"[".repeat(100_000)).is_err());
    let tower: String = (0..200)
        .map(|depth| format!("{}a:\n", " ".repeat(depth)))
        .collect();
    assert!(problem(&tower).contains("too deeply"));
    let json = format!("{}1{}", "{\"a\":".repeat(100), "}".repeat(100));
    assert!(problem(&json).contains("too deeply"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_text_is_a_tree_or_a_problem(text in "[-a-z:!&*\\[\\]{}\"'|>#%@?,. \n\t0-9é]{0,80}") {
        if let Err(problem) = read(&text) {
            let span = &problem.labels[0].span;
            prop_assert!(text.get(span.clone()).is_some() || span.end > text.len(), "{span:?}");
        }
    }
}
