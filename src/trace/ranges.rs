//! S3's public IPv4 ranges, embedded: what a prefix list would hold, for
//! networks that were not read from AWS.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use ipnet::IpNet;

/// Region by region, from AWS's published ranges; the file says of which day.
const TEXT: &str = include_str!("ranges/s3.json");

static S3: LazyLock<BTreeMap<String, Vec<IpNet>>> = LazyLock::new(|| {
    let file: serde_json::Value = serde_json::from_str(TEXT).unwrap_or_default();
    let regions = file.get("regions").and_then(|it| it.as_object());
    let regions = regions.into_iter().flatten();
    regions
        .map(|(region, blocks)| {
            let blocks = blocks.as_array().into_iter().flatten();
            let blocks = blocks.filter_map(|block| block.as_str()?.parse().ok());
            (region.clone(), blocks.collect())
        })
        .collect()
});

/// The ranges of a service by its whole name, where they are embedded.
pub(super) fn of_service(service: &str) -> Option<Vec<IpNet>> {
    let region = service
        .strip_prefix("com.amazonaws.")
        .or_else(|| service.strip_prefix("cn.com.amazonaws."))?
        .strip_suffix(".s3")?;
    S3.get(region).filter(|blocks| !blocks.is_empty()).cloned()
}
