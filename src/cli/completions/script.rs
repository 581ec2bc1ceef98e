//! The scripts of ours, for the shells whose words are not those of a command:
//! clap's hand quotes on, and in bash the pieces between colons.

use std::ffi::OsString;
use std::io::{Error, Write};
use std::path::Path;

use clap::Command;
use clap_complete::env::{Bash, EnvCompleter, Fish, Zsh};

pub(super) const BASH: Script<Bash> = Script {
    shell: Bash,
    text: include_str!("s3net.bash"),
};
pub(super) const FISH: Script<Fish> = Script {
    shell: Fish,
    text: include_str!("s3net.fish"),
};
pub(super) const ZSH: Script<Zsh> = Script {
    shell: Zsh,
    text: include_str!("s3net.zsh"),
};

/// A script that asks in clap's way, and is answered by clap.
pub(super) struct Script<S> {
    shell: S,
    text: &'static str,
}

impl<S: EnvCompleter> EnvCompleter for Script<S> {
    fn name(&self) -> &'static str {
        self.shell.name()
    }

    fn is(&self, name: &str) -> bool {
        self.shell.is(name)
    }

    fn write_registration(
        &self,
        _variable: &str,
        _name: &str,
        _program: &str,
        _completer: &str,
        script: &mut dyn Write,
    ) -> Result<(), Error> {
        script.write_all(self.text.trim_end().as_bytes())
    }

    fn write_complete(
        &self,
        command: &mut Command,
        words: Vec<OsString>,
        folder: Option<&Path>,
        answers: &mut dyn Write,
    ) -> Result<(), Error> {
        self.shell.write_complete(command, words, folder, answers)
    }
}
