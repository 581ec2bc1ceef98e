//! Breaking what is too long for a line.
//!
//! TOML 1.0 lets lists go over several lines, and inline tables not, so the
//! lists are broken, from the outside in, until every line fits or nothing is
//! left to break:
//!
//! ```toml
//! ingress = [
//!     { protocol = "tcp", port = 443, from = "security_group.instance" },
//!     { protocol = "tcp", port = 80, from = "10.0.0.0/8" },
//! ]
//! ```

use toml_edit::Value as Written;

/// The longest line that is not broken.
const WIDTH: usize = 88;
/// By how much what is inside is moved in.
const STEP: usize = 4;

/// Breaks a value that stands behind `before` characters of its line.
pub(super) fn lay_out(value: &mut Written, before: usize) {
    broken(value, before, 0);
}

/// How long a value is on one line.
pub(super) fn length(value: &Written) -> usize {
    value.to_string().trim().chars().count()
}

/// Whether a value fits into a line behind `before` characters.
pub(super) fn fits(value: &Written, before: usize) -> bool {
    before + length(value) <= WIDTH
}

/// Breaks a value and gives the column at which it ends.
fn broken(value: &mut Written, column: usize, indent: usize) -> usize {
    let flat = length(value);
    if column + flat <= WIDTH {
        return column + flat;
    }
    match value {
        Written::Array(array) if !array.is_empty() => {
            let inner = indent + STEP;
            for item in array.iter_mut() {
                broken(item, inner, inner);
                item.decor_mut()
                    .set_prefix(format!("\n{}", " ".repeat(inner)));
            }
            array.set_trailing_comma(true);
            array.set_trailing(format!("\n{}", " ".repeat(indent)));
            indent + 1
        }
        Written::InlineTable(table) => {
            let mut column = column + 1;
            for (key, value) in table.iter_mut() {
                column += key.display_repr().chars().count() + 4;
                // Room for the comma or the bracket behind it.
                let end = broken(value, column + 2, indent);
                column = end.max(2);
            }
            column + 2
        }
        _ => column + flat,
    }
}
