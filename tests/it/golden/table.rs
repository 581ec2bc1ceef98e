//! The form of the golden files: one TOML file for each system.
//!
//! | key | what |
//! |---|---|
//! | `plan` | a plan file with `@placeholders@` |
//! | `[base]` | the question and the options of every case, unless it says otherwise |
//! | `[option.NAME.CHOICE]` | texts for placeholders, and `facts` beyond a plan file |
//! | `[outcome.WORD]` | what a word of the tables expects |
//! | `[[table]]` | `why` it is so, `with` what, and `rows`: cases, one a line |
//!
//! The first line of `rows` names the columns. A column is a part of the question
//! (`from`, `to`, `name`, `action`, `object`, `principal`, `tls`), the `account`, an
//! option, or `outcome`. A
//! column `key=value` holds the outcome of one more case with that setting, so a
//! table with several of them is a matrix.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A golden file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct System {
    /// What the system is, and where it was described.
    pub title: String,
    /// The plan file.
    pub plan: String,
    /// What every case has.
    #[serde(default)]
    pub base: BTreeMap<String, String>,
    /// The options, and of each its choices.
    #[serde(default)]
    pub option: BTreeMap<String, BTreeMap<String, Choice>>,
    /// What the words of the tables mean.
    pub outcome: BTreeMap<String, Outcome>,
    /// The tables.
    pub table: Vec<Table>,
}

/// What an option puts into the plan: texts by placeholder, and under `facts` a
/// list of what a plan file cannot say (see the module of scenes).
pub type Choice = BTreeMap<String, toml::Value>;

/// What is expected. What is left out is not looked at.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// `public`, an endpoint's address in the plan, `NXDOMAIN of …`, `no
    /// resolver`, `addresses`, `unknown`.
    pub answer: Option<String>,
    /// The door's address in the plan, or `none`.
    pub door: Option<String>,
    /// `reachable`, `unknown`, `time-out`, `AccessDenied`, `name not found`,
    /// `certificate`, `redirect`; or `refused`, where the file itself is.
    pub verdict: String,
    /// Whether it keeps off public addresses.
    pub private: Option<bool>,
    /// The address that S3 sees.
    pub source: Option<String>,
    /// What the client must do, in order.
    pub needs: Option<Vec<String>>,
    /// Where the plan says what blocks: `address` or `address field`.
    pub blocked_at: Option<String>,
    /// A text in the problem, in a reason for `unknown`, or in a refusal.
    pub says: Option<String>,
}

/// A table of cases.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Why the outcomes are as they are, and which source says so.
    pub why: String,
    /// What its cases have.
    #[serde(default)]
    pub with: BTreeMap<String, String>,
    /// Its cases.
    pub rows: String,
}

/// One case.
#[derive(Debug, Default)]
pub struct Case {
    /// The file, the row and the column, for failures.
    pub place: String,
    /// The question and the options.
    pub settings: BTreeMap<String, String>,
    /// The word of the outcome.
    pub word: String,
    /// Why it is expected.
    pub why: String,
}

impl System {
    /// Reads a golden file.
    pub fn read(name: &str, text: &str) -> Self {
        toml::from_str(text).unwrap_or_else(|problem| panic!("{name}: {problem}"))
    }

    /// Its cases, in order.
    pub fn cases(&self, file: &str) -> Vec<Case> {
        let tables = self.table.iter();
        tables
            .flat_map(|table| self.cases_of(file, table))
            .collect()
    }

    fn cases_of(&self, file: &str, table: &Table) -> Vec<Case> {
        let mut lines = table.rows.lines().filter(|line| !line.trim().is_empty());
        let header = cells(lines.next().unwrap_or_default());
        let mut cases = Vec::new();
        for line in lines {
            let row = cells(line);
            assert_eq!(row.len(), header.len(), "{file}: {line}");
            let columns = || header.iter().zip(&row);
            let mut shared = self.base.clone();
            shared.extend(table.with.clone());
            for (column, cell) in columns().filter(|(column, _)| !is_outcome(column)) {
                shared.insert((*column).to_owned(), (*cell).to_owned());
            }
            for (column, word) in columns().filter(|(column, _)| is_outcome(column)) {
                // A matrix may have holes.
                if *word == "-" {
                    continue;
                }
                let mut settings = shared.clone();
                if let Some((key, value)) = column.split_once('=') {
                    settings.insert(key.to_owned(), value.to_owned());
                }
                cases.push(Case {
                    place: format!("{file}: {}, {column}", line.trim()),
                    settings,
                    word: (*word).to_owned(),
                    why: table.why.trim().to_owned(),
                });
            }
        }
        assert!(
            !cases.is_empty(),
            "{file}: no row in a table: {}",
            table.why
        );
        cases
    }
}

fn is_outcome(column: &str) -> bool {
    column == "outcome" || column.contains('=')
}

fn cells(line: &str) -> Vec<&str> {
    line.split('|').map(str::trim).collect()
}
