//! Where the installation and the running server keep their files.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::LocalError;

/// The two folders of the local endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folders {
    /// Holds the installations, and may be shared by any number of servers:
    /// `S3NET_CACHE`, else `s3net` in the user's cache folder.
    pub cache: PathBuf,
    /// Holds the record and the log of one server: `S3NET_LOCAL_DIR`, else
    /// `local` in the cache.
    pub run: PathBuf,
}

impl Folders {
    /// The folders that the environment names.
    ///
    /// # Errors
    /// [`LocalError::NoCacheFolder`] where nothing tells where the user's
    /// files are; [`LocalError::Folder`] where the working folder is gone.
    pub fn from_environment() -> Result<Self, LocalError> {
        Self::from(&|name| env::var_os(name))
    }

    /// The same installations with another run folder: a server of one's own.
    ///
    /// # Errors
    /// As [`Folders::from_environment`].
    pub fn private(run: &Path) -> Result<Self, LocalError> {
        Ok(Self {
            run: absolute(run)?,
            ..Self::from_environment()?
        })
    }

    fn from(variable: &dyn Fn(&str) -> Option<OsString>) -> Result<Self, LocalError> {
        // Everywhere, an empty variable means the same as none.
        let path = |name| {
            variable(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        let cache = match path("S3NET_CACHE") {
            Some(cache) => cache,
            None => user_cache(&path)
                .ok_or(LocalError::NoCacheFolder)?
                .join("s3net"),
        };
        let cache = absolute(&cache)?;
        let run = match path("S3NET_LOCAL_DIR") {
            Some(run) => absolute(&run)?,
            None => cache.join("local"),
        };
        Ok(Self { cache, run })
    }

    /// Held while an installation is made, looked at, or removed.
    pub(super) fn install_lock(&self) -> PathBuf {
        self.cache.join("install.lock")
    }

    /// Held while the server is started, stopped or replaced.
    pub(super) fn run_lock(&self) -> PathBuf {
        self.run.join("endpoint.lock")
    }

    /// What is known of the running server.
    pub(super) fn record(&self) -> PathBuf {
        self.run.join("endpoint.json")
    }

    /// What the server writes.
    pub(super) fn log(&self) -> PathBuf {
        self.run.join("endpoint.log")
    }
}

/// The folder in which programs of this user keep what can be made again.
fn user_cache(path: &dyn Fn(&'static str) -> Option<PathBuf>) -> Option<PathBuf> {
    // XDG base directory specification: a relative path there is invalid.
    let named = path("XDG_CACHE_HOME").filter(|path| path.is_absolute());
    if cfg!(windows) {
        named
            .or_else(|| path("LOCALAPPDATA"))
            .or_else(|| Some(path("USERPROFILE")?.join("AppData").join("Local")))
    } else if cfg!(target_os = "macos") {
        named.or_else(|| Some(path("HOME")?.join("Library").join("Caches")))
    } else {
        named.or_else(|| Some(path("HOME")?.join(".cache")))
    }
}

/// The server has another working folder than we, so all paths are absolute.
fn absolute(path: &Path) -> Result<PathBuf, LocalError> {
    std::path::absolute(path).map_err(LocalError::folder(path))
}

#[cfg(all(test, unix, not(target_os = "macos")))]
mod tests {
    use super::*;

    fn folders(variables: &[(&str, &str)]) -> Result<Folders, LocalError> {
        Folders::from(&|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn the_nearest_variable_wins() {
        let all = [
            ("S3NET_CACHE", "/a"),
            ("XDG_CACHE_HOME", "/b"),
            ("HOME", "/c"),
        ];
        assert_eq!(folders(&all).unwrap().cache, Path::new("/a"));
        assert_eq!(folders(&all[1..]).unwrap().cache, Path::new("/b/s3net"));
        assert_eq!(
            folders(&all[2..]).unwrap().cache,
            Path::new("/c/.cache/s3net")
        );
        assert!(matches!(folders(&[]), Err(LocalError::NoCacheFolder)));
        let empty = [("S3NET_CACHE", ""), ("XDG_CACHE_HOME", "x"), ("HOME", "")];
        assert!(matches!(folders(&empty), Err(LocalError::NoCacheFolder)));
    }

    #[test]
    fn the_run_folder_is_apart_and_absolute() {
        let cache = ("S3NET_CACHE", "/a");
        assert_eq!(folders(&[cache]).unwrap().run, Path::new("/a/local"));
        let named = folders(&[cache, ("S3NET_LOCAL_DIR", "/d")]).unwrap();
        assert_eq!((named.cache, named.run), ("/a".into(), "/d".into()));
        let relative = folders(&[cache, ("S3NET_LOCAL_DIR", "d")]).unwrap();
        assert!(relative.run.is_absolute() && relative.run.ends_with("d"));
    }
}
