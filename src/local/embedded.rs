//! The server's files, which travel inside this binary.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

macro_rules! embedded {
    ($($path:literal)*) => {
        &[$(($path, include_str!(concat!("endpoint/", $path)))),*]
    };
}

/// The file that lists what must be installed, with versions and hashes.
pub(super) const REQUIREMENTS: &str = "requirements.txt";

/// Its text.
pub(super) fn requirements() -> &'static str {
    include_str!("endpoint/requirements.txt")
}

/// Our own files: the path below the package's folder, and the text.
#[rustfmt::skip]
const FILES: &[(&str, &str)] = embedded!(
    "s3net_local/__init__.py"
    "s3net_local/__main__.py"
    "s3net_local/accounts.py"
    "s3net_local/admin.py"
    "s3net_local/availability_zones.py"
    "s3net_local/bucket_defaults.py"
    "s3net_local/bucket_places.py"
    "s3net_local/call_identity.py"
    "s3net_local/call_log.py"
    "s3net_local/callers.py"
    "s3net_local/client_tokens.py"
    "s3net_local/corrections.py"
    "s3net_local/credentials.py"
    "s3net_local/denials.py"
    "s3net_local/ec2_calls.py"
    "s3net_local/elastic_ips.py"
    "s3net_local/endpoint_changes.py"
    "s3net_local/endpoint_services.py"
    "s3net_local/endpoints.py"
    "s3net_local/environment.py"
    "s3net_local/faults.py"
    "s3net_local/filters.py"
    "s3net_local/front_door.py"
    "s3net_local/iam_calls.py"
    "s3net_local/images.py"
    "s3net_local/instance_changes.py"
    "s3net_local/instances.py"
    "s3net_local/lifecycle_times.py"
    "s3net_local/named_ids.py"
    "s3net_local/nat_gateways.py"
    "s3net_local/network_acls.py"
    "s3net_local/networks.py"
    "s3net_local/outcomes.py"
    "s3net_local/paging.py"
    "s3net_local/policies.py"
    "s3net_local/prefix_lists.py"
    "s3net_local/private_addresses.py"
    "s3net_local/private_zones.py"
    "s3net_local/quotas.py"
    "s3net_local/refusals.py"
    "s3net_local/request_ids.py"
    "s3net_local/route53_calls.py"
    "s3net_local/route_tables.py"
    "s3net_local/security_group_changes.py"
    "s3net_local/security_group_life.py"
    "s3net_local/security_groups.py"
    "s3net_local/server.py"
    "s3net_local/settings.py"
    "s3net_local/speed.py"
    "s3net_local/tags.py"
    "s3net_local/throttling.py"
    "s3net_local/visibility.py"
    "s3net_local/zone_names.py"
    "s3net_local/zone_records.py"
);

/// The version of the local endpoint in this binary: a hash of its files, in
/// hexadecimal digits. Two binaries with equal files share a running server.
#[must_use]
pub fn version() -> &'static str {
    static VERSION: OnceLock<String> = OnceLock::new();
    VERSION.get_or_init(|| {
        let requirements = std::iter::once((REQUIREMENTS, requirements()));
        fingerprint(requirements.chain(FILES.iter().copied()))
    })
}

/// Twelve hexadecimal digits for a list of named texts. The lengths keep
/// `("ab", "c")` apart from `("a", "bc")`.
pub(super) fn fingerprint<'a>(parts: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut hash = Sha256::new();
    for (name, text) in parts {
        for part in [name, text] {
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
    }
    let digits = hash.finalize();
    digits
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Writes every file that is missing or different.
pub(super) fn write_into(folder: &Path) -> io::Result<()> {
    for (path, text) in FILES {
        let path = folder.join(path);
        if fs::read(&path).is_ok_and(|found| found == text.as_bytes()) {
            continue;
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_file_of_the_package_is_embedded() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/local/endpoint/s3net_local");
        let mut there = BTreeSet::new();
        let mut folders = vec![(folder, "s3net_local".to_owned())];
        while let Some((folder, prefix)) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                let name = entry.file_name().into_string().unwrap();
                let path = format!("{prefix}/{name}");
                if name == "__pycache__" {
                } else if entry.file_type().unwrap().is_dir() {
                    folders.push((entry.path(), path));
                } else {
                    there.insert(path);
                }
            }
        }
        let embedded: BTreeSet<_> = FILES.iter().map(|(path, _)| (*path).to_owned()).collect();
        assert_eq!(embedded, there, "bring the list in embedded.rs up to date");
        assert_eq!(
            embedded.len(),
            FILES.len(),
            "a file stands twice in the list"
        );
    }

    #[test]
    fn the_fingerprint_depends_on_names_texts_and_their_border() {
        let of = |parts: &[(&'static str, &'static str)]| fingerprint(parts.iter().copied());
        let one = of(&[("ab", "c")]);
        assert_eq!(one, of(&[("ab", "c")]));
        assert!(one.len() == 12 && one.bytes().all(|byte| byte.is_ascii_hexdigit()));
        for other in [
            of(&[("a", "bc")]),
            of(&[("ab", "d")]),
            of(&[("x", "c")]),
            of(&[]),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn writes_what_is_missing_or_different() {
        let folder = tempfile::tempdir().unwrap();
        write_into(folder.path()).unwrap();
        let damaged = folder.path().join("s3net_local/__init__.py");
        let whole = fs::read(&damaged).unwrap();
        fs::write(&damaged, "garbage").unwrap();
        fs::remove_file(folder.path().join("s3net_local/settings.py")).unwrap();
        write_into(folder.path()).unwrap();
        assert_eq!(fs::read(&damaged).unwrap(), whole);
        for (path, text) in FILES {
            assert_eq!(fs::read_to_string(folder.path().join(path)).unwrap(), *text);
        }
    }
}
