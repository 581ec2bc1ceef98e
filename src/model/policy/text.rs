//! Patterns and the texts that may fit them, as far as either is known.
//!
//! A text of a request may hold what nobody knows yet: the id of an endpoint
//! that is not made, the path of a role. So may a pattern: a reference that
//! only apply resolves, a policy variable whose key is not known. Both are rows
//! of signs, of which some stand for more than one character:
//!
//! ```text
//! vpce-(gateway_endpoint.s3)      v p c e - [stand-in]
//! arn:aws:s3:::data/*             a r n …  / [any]
//! ${aws:username}-*               [anything] - [any]
//! ```
//!
//! A pattern certainly fits if it does whatever the unknown turns out to be. It
//! may fit if there is a text that both sides could be.

use super::answer::Answer;

/// A sign of a pattern or text.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Sign {
    /// This character.
    Is(char),
    /// `?`: any one character. Patterns only.
    One,
    /// `*`: any characters. Patterns only.
    Any,
    /// What something will be called that has no id yet.
    StandIn {
        /// What stands in its place: `(gateway_endpoint.s3)`.
        label: String,
        /// Whether AWS will make it up, so that nobody can have written it.
        fresh: bool,
    },
    /// Some characters, none of them `/` or `:`.
    Word,
    /// Some characters.
    Anything,
}

/// A pattern, or a text: one without `?` and `*`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Text(Vec<Sign>);

/// The longest comparison of what is not wholly known, in cells: of documents
/// that AWS takes, none comes near.
const LARGEST: usize = 1 << 24;

impl Text {
    /// A text as it stands; what has the form of a stand-in is one.
    pub(super) fn known(text: &str) -> Self {
        let mut signs = Self::default();
        signs.push_known(text);
        signs
    }

    /// A text of which nothing is known.
    pub(super) fn anything() -> Self {
        Self(vec![Sign::Anything])
    }

    /// Adds a text as it stands.
    pub(super) fn push_known(&mut self, text: &str) {
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let before = &text[..text.len() - rest.len()];
            if let Some(label) = stand_in(rest) {
                self.0.push(Sign::StandIn {
                    label: label.to_owned(),
                    fresh: before.ends_with('-') && !label.starts_with("(existing."),
                });
                rest = &rest[label.len()..];
            } else {
                self.0.push(Sign::Is(first));
                rest = &rest[first.len_utf8()..];
            }
        }
    }

    /// Adds a part of a pattern, in which `*` and `?` stand for others.
    pub(super) fn push_pattern(&mut self, text: &str) {
        let start = self.0.len();
        self.push_known(text);
        for sign in self.0.iter_mut().skip(start) {
            match sign {
                Sign::Is('*') => *sign = Sign::Any,
                Sign::Is('?') => *sign = Sign::One,
                _ => {}
            }
        }
    }

    /// Adds another text.
    pub(super) fn push(&mut self, other: &Self) {
        self.0.extend(other.0.iter().cloned());
    }

    /// Adds something unknown without `/` and `:`.
    pub(super) fn push_word(&mut self) {
        self.0.push(Sign::Word);
    }

    /// Adds something unknown.
    pub(super) fn push_anything(&mut self) {
        self.0.push(Sign::Anything);
    }

    /// Whether every character is known.
    pub(super) fn is_known(&self) -> bool {
        let mut signs = self.0.iter();
        signs.all(|sign| matches!(sign, Sign::Is(_) | Sign::One | Sign::Any))
    }

    /// Whether it is a pattern for more than one text.
    pub(super) fn has_wildcard(&self) -> bool {
        let mut signs = self.0.iter();
        signs.any(|sign| matches!(sign, Sign::One | Sign::Any))
    }

    /// Whether it is `*` and nothing else.
    pub(super) fn is_star(&self) -> bool {
        self.0 == [Sign::Any]
    }

    /// The text, where all of it is known.
    pub(super) fn plain(&self) -> Option<String> {
        self.is_known().then(|| self.shown())
    }

    /// The text for people: `…` for what is not known.
    pub(super) fn shown(&self) -> String {
        let mut shown = String::with_capacity(self.0.len());
        for sign in &self.0 {
            match sign {
                Sign::Is(c) => shown.push(*c),
                Sign::One => shown.push('?'),
                Sign::Any => shown.push('*'),
                Sign::StandIn { label, .. } => shown.push_str(label),
                Sign::Word | Sign::Anything => shown.push('…'),
            }
        }
        shown
    }

    /// The same without regard to case.
    pub(super) fn lower(&self) -> Self {
        let signs = self.0.iter().map(|sign| match sign {
            Sign::Is(c) => Sign::Is(c.to_ascii_lowercase()),
            other => other.clone(),
        });
        Self(signs.collect())
    }

    /// The six parts of an ARN; nothing of what is none.
    pub(super) fn arn_parts(&self) -> Option<[Self; 6]> {
        let mut parts: [Self; 6] = Default::default();
        let mut at = 0;
        for sign in &self.0 {
            match sign {
                Sign::Is(':') if at < 5 => at += 1,
                _ => parts.get_mut(at)?.0.push(sign.clone()),
            }
        }
        (at == 5).then_some(parts)
    }

    /// Whether this pattern fits a text.
    pub(super) fn fits(&self, text: &Self) -> Answer {
        if self.is_known() && text.is_known() {
            return Answer::from(greedy(&self.0, &text.0));
        }
        if self.is_star() {
            return Answer::Yes;
        }
        if self.0.len().saturating_mul(text.0.len()) > LARGEST {
            return Answer::perhaps("it is too long to compare");
        }
        if aligned(&self.0, &text.0, Sight::Certain) {
            return Answer::Yes;
        }
        let sight = match self.has_wildcard() {
            true => Sight::Loose,
            false => Sight::Strict,
        };
        match aligned(&self.0, &text.0, sight) {
            false => Answer::No,
            true => Answer::perhaps(format!(
                "it cannot be told whether {} fits {}",
                text.shown(),
                self.shown()
            )),
        }
    }
}

/// The stand-in that a text begins with: an address in brackets.
fn stand_in(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('(')?;
    let (address, _) = inner.split_once(')')?;
    let (kind, name) = address.split_once('.').unwrap_or((address, ""));
    let is_kind = !kind.is_empty() && kind.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let is_name = name
        .chars()
        .all(|c| c.is_ascii_graphic() && !"(*?".contains(c));
    let named = !name.is_empty() || address == "account";
    (is_kind && is_name && named).then(|| &text[..address.len() + 2])
}

/// Whether a text fits a pattern in which `*` stands for any characters and `?`
/// for one (IAM user guide, "String condition operators").
fn greedy(pattern: &[Sign], text: &[Sign]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(Sign::Any) => {
                star = Some((p, t));
                p += 1;
            }
            Some(sign) if *sign == Sign::One || Some(sign) == text.get(t) => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, seen)) => {
                    star = Some((at, seen + 1));
                    p = at + 1;
                    t = seen + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|sign| *sign == Sign::Any)
}

/// With what eyes a pattern and a text are laid side by side.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sight {
    /// They fit whatever the unknown is.
    Certain,
    /// The unknown may be anything, but a fresh id is nothing that is written.
    Strict,
    /// The unknown may be anything.
    Loose,
}

/// Whether the two can be laid side by side; from the ends to the beginnings,
/// so that the depth of no call grows with a document.
fn aligned(pattern: &[Sign], text: &[Sign], sight: Sight) -> bool {
    let mut below = vec![false; text.len() + 1];
    for i in (0..=pattern.len()).rev() {
        let mut row = vec![false; text.len() + 1];
        for j in (0..=text.len()).rev() {
            let (p, t) = (pattern.get(i), text.get(j));
            let next = j + 1;
            let right = || row.get(next).copied().unwrap_or(false);
            let fits = match (p, t) {
                (None, None) => true,
                (Some(p), None) => repeats(p, true, sight) && below[j],
                (None, Some(t)) => repeats(t, false, sight) && right(),
                (Some(p), Some(t)) => {
                    (meet(p, t) && below.get(next).copied().unwrap_or(false))
                        || (repeats(p, true, sight) && (below[j] || (takes(p, t) && right())))
                        || (repeats(t, false, sight) && (right() || (takes(t, p) && below[j])))
                }
            };
            row[j] = fits;
        }
        below = row;
    }
    below.first().copied().unwrap_or(false)
}

/// Whether two signs stand for the same.
fn meet(pattern: &Sign, text: &Sign) -> bool {
    match (pattern, text) {
        (Sign::One, Sign::Is(_)) => true,
        (Sign::StandIn { label: one, .. }, Sign::StandIn { label: other, .. }) => one == other,
        (Sign::Is(one), Sign::Is(other)) => one == other,
        _ => false,
    }
}

/// Whether a sign may stand for none or several characters.
fn repeats(sign: &Sign, of_pattern: bool, sight: Sight) -> bool {
    match sign {
        Sign::Is(_) | Sign::One => false,
        Sign::Any => true,
        Sign::Word | Sign::Anything => sight != Sight::Certain,
        // A document's own stand-in for something new is no text that a
        // request could know, whatever its other patterns are.
        Sign::StandIn { fresh, .. } => match sight {
            Sight::Certain => false,
            Sight::Strict => !fresh,
            Sight::Loose => !fresh || !of_pattern,
        },
    }
}

/// Whether a sign of several characters may stand for this one among them.
fn takes(sign: &Sign, other: &Sign) -> bool {
    match sign {
        Sign::Word | Sign::StandIn { .. } => !matches!(other, Sign::Is('/' | ':')),
        _ => true,
    }
}

#[cfg(test)]
mod tests;
