//! Short names of machine images, and the public parameters that hold the newest
//! image of each (AWS Systems Manager user guide, "Calling public parameters").

/// Each short name and its parameter.
const IMAGES: &[(&str, &str)] = &[
    (
        "al2023",
        "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
    ),
    (
        "al2023-arm64",
        "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
    ),
    (
        "al2",
        "/aws/service/ami-amazon-linux-latest/amzn2-ami-hvm-x86_64-gp2",
    ),
];

/// All short names.
pub fn aliases() -> impl Iterator<Item = &'static str> {
    IMAGES.iter().map(|(alias, _)| *alias)
}

/// The parameter behind a short name; nothing for any other text.
#[must_use]
pub fn parameter_of(alias: &str) -> Option<&'static str> {
    let found = IMAGES.iter().find(|(known, _)| *known == alias);
    found.map(|(_, parameter)| *parameter)
}

/// The short name of a parameter's image, where it has one.
#[must_use]
pub fn alias_of(parameter: &str) -> Option<&'static str> {
    let found = IMAGES.iter().find(|(_, known)| *known == parameter);
    found.map(|(alias, _)| *alias)
}
