//! Fields: what a table of a kind may say, as data.
//!
//! One description of a field serves the parser (type, required, did-you-mean),
//! the planner (compare, in place or replace, and why) and the documentation.

/// One field of a kind.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The key in the plan file.
    pub name: &'static str,
    /// What it may hold and how two values of it compare.
    pub holds: Type,
    /// One sentence for the documentation.
    pub doc: &'static str,
    /// Whether a table without it is an error.
    pub required: bool,
    /// What an absent field means.
    pub default: Default,
    /// What a change of it costs.
    pub on_change: OnChange,
    /// True where `expand` turns the field into parts, so that the table's own
    /// node does not have it.
    pub expanded: bool,
    /// True for a reference that does not hold what it refers to: AWS lets the
    /// other object go first (a route to a NAT gateway turns into a black hole).
    pub loose: bool,
    /// True for what `expand` sets and no file may state.
    pub hidden: bool,
}

/// What an absent field means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Default {
    /// Whatever AWS has there: the field is neither set nor compared.
    Unmanaged,
    /// The same as this boolean.
    Bool(bool),
    /// The same as this number.
    Integer(i64),
    /// The same as this text.
    Text(&'static str),
    /// The same as an empty list.
    Empty,
}

/// What a change of a field costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnChange {
    /// AWS can change it in place.
    Update,
    /// The object must be made anew; the text says why, as in "AWS cannot … ".
    Replace(&'static str),
}

/// What a field may hold, and with it how two values compare.
#[derive(Debug, Clone, Copy)]
pub enum Type {
    /// A text, compared to the letter.
    Text,
    /// A text, compared without regard to case.
    CaselessText,
    /// A host or zone name: compared without case, trailing dot and `\052`.
    DnsName,
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// A boolean.
    Bool,
    /// A whole number in this range, both ends included.
    Integer(i64, i64),
    /// An IPv4 block in canonical form with a prefix length in this range.
    Cidr4(u8, u8),
    /// An IPv4 or IPv6 block in canonical form.
    Cidr,
    /// The name of a zone of the region: its letter or its whole name.
    Zone,
    /// Another node's attribute: kinds that fit, the attribute, and the
    /// prefixes of literal AWS ids that are accepted instead of a name.
    Reference {
        /// The kinds that fit.
        kinds: &'static [&'static str],
        /// Which of their attributes is meant.
        attribute: &'static str,
        /// Prefixes such as `vpc-` by which a literal id is known.
        literal: &'static [&'static str],
    },
    /// Several values in order.
    List(&'static Type),
    /// Several values whose order does not count.
    Set(&'static Type),
    /// A table of its own.
    Object(&'static [Field]),
    /// Values by free names.
    Map(&'static Type),
    /// A policy document, compared by meaning.
    Policy(PolicyUse),
}

/// What a policy document is attached to, which decides its shorthands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyUse {
    /// An endpoint or a bucket: statements name a principal.
    Resource,
    /// A role: statements name no principal.
    Identity,
    /// A role's trust policy.
    Trust,
}

/// A value that AWS gives an object, for `${kind.name.output}`.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// Its name.
    pub name: &'static str,
    /// One sentence for the documentation.
    pub doc: &'static str,
}

impl Field {
    /// An optional field that AWS can change in place and that is left alone
    /// where the file does not state it.
    #[must_use]
    pub const fn new(name: &'static str, holds: Type, doc: &'static str) -> Self {
        Self {
            name,
            holds,
            doc,
            required: false,
            default: Default::Unmanaged,
            on_change: OnChange::Update,
            expanded: false,
            loose: false,
            hidden: false,
        }
    }

    /// The field must be stated.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// A change makes the object anew, for this reason.
    #[must_use]
    pub const fn replaces(mut self, reason: &'static str) -> Self {
        self.on_change = OnChange::Replace(reason);
        self
    }

    /// What an absent field means.
    #[must_use]
    pub const fn default(mut self, default: Default) -> Self {
        self.default = default;
        self
    }

    /// AWS lets what the field refers to go first.
    #[must_use]
    pub const fn loose(mut self) -> Self {
        self.loose = true;
        self
    }

    /// Other fields decide it; a file may not state it.
    #[must_use]
    pub const fn hidden(mut self) -> Self {
        self.hidden = true;
        self
    }

    /// `expand` turns the field into parts.
    #[must_use]
    pub const fn expanded(mut self) -> Self {
        self.expanded = true;
        self
    }
}

impl Type {
    /// A reference to the id of one kind, or a literal id with this prefix.
    #[must_use]
    pub const fn reference(
        kinds: &'static [&'static str],
        literal: &'static [&'static str],
    ) -> Self {
        Self::Reference {
            kinds,
            attribute: "id",
            literal,
        }
    }
}
