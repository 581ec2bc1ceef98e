//! `s3net import --cloudformation TEMPLATE --write FILE`: a template becomes a plan file.
//!
//! ```text
//! template, nested templates ─► cloudformation ─► draft ─► FILE, checked
//!                                      └─► notes ─► standard error
//! ```

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;

use super::Exit;
use super::arguments::{Output, name_and_value};
use super::problem::Problem;
use super::reach::region_of_environment;
use super::writing::write;
use crate::cloudformation::{Imported, Refused, Request, Template, Weight, import};
use crate::config::{self, Loaded, Options, Source};
use crate::kinds::registry;
use crate::model::{Diagnostic, Value};
use crate::report::Printer;
use crate::report::cloudformation_report::{self, About};

/// One byte more than CloudFormation takes, so that it is refused there.
const MOST_READ: u64 = 1024 * 1024 + 1;
/// What stands in for values that a run must set, with a number behind it.
const STAND_IN: &str = "stand-in-for-value-";

/// A region for the check of a file without one.
const STAND_IN_REGION: &str = "us-east-1";
/// The longest stack name that a plan file takes.
const LONGEST_NAME: usize = 40;

/// Which template.
#[derive(Debug, Args)]
pub struct FromTemplateArgs {
    /// Write a plan file of this CloudFormation template, in YAML or JSON; nested
    /// ones are found relative to it.
    #[arg(
        long,
        value_name = "TEMPLATE",
        group = "whole",
        conflicts_with_all = ["file", "address", "id", "variables", "adopt", "auto_approve"],
        help_heading = "A template"
    )]
    cloudformation: Option<PathBuf>,
    /// Set a parameter of the template.
    #[arg(
        long = "parameter",
        value_name = "NAME=VALUE",
        value_parser = name_and_value,
        requires = "cloudformation",
        help_heading = "A template"
    )]
    parameters: Vec<(String, String)>,
}

impl FromTemplateArgs {
    /// Whether a template is named.
    pub(super) fn is_asked(&self) -> bool {
        self.cloudformation.is_some()
    }
}

/// What is to be written of it.
#[derive(Debug)]
pub struct Written {
    /// The plan file; standard output where none is named.
    pub file: Option<PathBuf>,
    /// The stack's name; the template's where none is given.
    pub stack: Option<String>,
    /// The region that the stack is to live in.
    pub region: Option<String>,
    /// Whether to write over a file that is there.
    pub force: bool,
}

/// A template, and what is to be written of it.
struct Wish<'a> {
    cloudformation: &'a Path,
    parameters: &'a [(String, String)],
    to: &'a Written,
}

/// Imports a template.
pub(super) fn run(args: &FromTemplateArgs, to: &Written, output: &Output) -> Exit {
    let printer = output.printer();
    let Some(cloudformation) = &args.cloudformation else {
        return Problem::new("no template is named").tell(&printer);
    };
    let wish = Wish {
        cloudformation,
        parameters: &args.parameters,
        to,
    };
    match take_over(&wish, &printer) {
        Ok(_) if printer.lost_output() => Exit::Error,
        Ok(true) => Exit::Done,
        Ok(false) => Exit::Error,
        Err(problem) => problem.tell(&printer),
    }
}

/// Writes the file, and tells what came of it; whether the file is valid.
fn take_over(args: &Wish<'_>, printer: &Printer) -> Result<bool, Problem> {
    let path = args.cloudformation;
    let file = path.display().to_string();
    let text = read(path).map_err(|why| {
        Problem::new(format!("{file} cannot be read"))
            .because(why)
            .remedy("name a CloudFormation template, in YAML or JSON")
    })?;
    let request = Request {
        stack: args.to.stack.clone().unwrap_or_else(|| stack_name(path)),
        region: args.to.region.clone().or_else(region_of_environment),
        parameters: args.parameters.iter().cloned().collect(),
        read: &read,
    };
    // Whole, so that a template that nests itself is known by its path.
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let template = Template {
        file: &file,
        text: &text,
        folder: whole.parent().unwrap_or(Path::new("")),
    };
    let imported = match import(template, &request, registry()) {
        Ok(imported) => imported,
        Err(refused) => return Err(refusal(*refused, printer)),
    };
    let written = imported.draft.text(registry());
    let loaded = check(args, &imported, &written);
    if let Some(to) = &args.to.file {
        write(to, &written, args.to.force)?;
    }
    tell(args, &imported, &written, &loaded, printer);
    Ok(is_valid(&loaded))
}

/// Says what came of it: the notes, what the file still lacks, and a summary.
fn tell(args: &Wish<'_>, imported: &Imported, written: &str, loaded: &Loaded, printer: &Printer) {
    let to = args.to.file.as_ref().map(|to| to.display().to_string());
    let valid = is_valid(loaded);
    let about = About {
        template: &args.cloudformation.display().to_string(),
        file: to.as_deref(),
        text: to.is_none().then_some(written),
        valid,
    };
    if printer.json() {
        printer.document(&cloudformation_report::document(imported, about));
    } else if to.is_none() {
        printer.data(written);
    }
    for note in &imported.notes {
        let line = cloudformation_report::line(note);
        match note.weight {
            Weight::Left => printer.warning(&line, None),
            Weight::Changed | Weight::Word => printer.note(&line),
        }
    }
    printer.diagnostics(loaded);
    printer.note(&cloudformation_report::summary(imported, about));
    if imported.draft.stack.region.is_none() {
        printer.hint("the file names no region: write it under [stack], or pass --region");
    }
    let shown = to.as_deref().unwrap_or("FILE");
    let required = required(imported);
    let set: String = required.iter().map(|it| format!(" --var {it}=…")).collect();
    printer.hint(&match (required.is_empty(), valid) {
        (_, false) => format!(
            "the template says what a plan file may not: mend {shown}, then \
             `s3net validate {shown}{set}`"
        ),
        (true, true) => format!("`s3net plan {shown}` shows what it would make"),
        (false, true) => format!("`s3net validate {shown}{set}` checks the file with your values"),
    });
}

/// Whether nothing is wrong with the file itself.
fn is_valid(loaded: &Loaded) -> bool {
    !loaded.diagnostics.iter().any(Diagnostic::is_error)
}

/// The variables that a run must set.
fn required(imported: &Imported) -> Vec<&str> {
    let variables = imported.draft.variables.iter();
    let required = variables.filter(|it| matches!(it.default, Value::Map(_)));
    required.map(|it| it.name.as_str()).collect()
}

/// Reads the plan file as `validate` would. Variables that a run must set have a
/// stand-in each, and what is wrong with a stand-in is not told.
fn check(args: &Wish<'_>, imported: &Imported, written: &str) -> Loaded {
    let required = required(imported).into_iter().enumerate();
    let stand_ins: Vec<(&str, String)> = required
        .map(|(index, name)| (name, format!("{STAND_IN}{}", index + 1)))
        .collect();
    let to = args.to.file.clone().unwrap_or_else(|| PathBuf::from("-"));
    let source = Source {
        name: to.display().to_string(),
        text: written.to_owned(),
    };
    let folder = to.parent().unwrap_or(Path::new(""));
    let variables = stand_ins.iter().cloned();
    let options = Options {
        variables: variables
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        // A template names no region, and every run may be told one.
        region: Some(STAND_IN_REGION.to_owned()),
        ..Options::default()
    };
    let homeless = imported.draft.stack.region.is_none();
    let mut loaded = config::parse(source, folder, &options, registry());
    let text = &loaded.source.text;
    let uses = |part: &str| {
        let mut names = stand_ins.iter().map(|(name, _)| name);
        names.any(|name| part.contains(&format!("${{var.{name}}}")))
    };
    loaded.diagnostics.retain(|it| {
        let mut parts = it.labels.iter().map(|label| text.get(label.span.clone()));
        let at_one = parts.any(|part| part.is_some_and(uses));
        let says = [Some(&it.problem), it.cause.as_ref(), it.remedy.as_ref()];
        let of_one = says
            .into_iter()
            .flatten()
            .any(|it| it.contains(STAND_IN) || homeless && it.contains(STAND_IN_REGION));
        !at_one && !of_one
    });
    loaded
}

fn refusal(refused: Refused, printer: &Printer) -> Problem {
    let problem = refused.problem;
    let mut told = Problem::new(format!("{}: {}", refused.file, problem.problem));
    told.cause.clone_from(&problem.cause);
    told.remedy.clone_from(&problem.remedy);
    if refused.text.is_empty() {
        return told;
    }
    printer.diagnostics(&Loaded {
        source: Source {
            name: refused.file,
            text: refused.text,
        },
        diagnostics: vec![problem],
        desired: None,
    });
    Problem::told()
}

/// Reads a template, no more of it than one may have.
fn read(path: &Path) -> Result<String, String> {
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    file.take(MOST_READ)
        .read_to_end(&mut bytes)
        .map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|_| "it is no text in UTF-8".to_owned())
}

/// A stack's name after the template's file.
fn stack_name(path: &Path) -> String {
    let generic = ["main", "template", "root", "stack", "index"];
    let stem = path.file_stem().map(|it| it.to_string_lossy().into_owned());
    let stem = stem.unwrap_or_default();
    let folder = path.parent().and_then(Path::file_name);
    let wish = match folder {
        Some(folder) if generic.contains(&stem.as_str()) => folder.to_string_lossy().into_owned(),
        _ => stem,
    };
    let name: String = wish
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .take(LONGEST_NAME)
        .collect();
    match name.trim_matches('-') {
        "" => "imported".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_is_named_after_its_template() {
        let name = |path: &str| stack_name(Path::new(path));
        assert_eq!(name("templates/Three Ways.yaml"), "three-ways");
        assert_eq!(name("lab/main.yaml"), "lab");
        assert_eq!(name("main.yaml"), "main");
        assert_eq!(name("—.json"), "imported");
        assert_eq!(
            name(&format!("{}.yaml", "x".repeat(80))).len(),
            LONGEST_NAME
        );
    }
}
