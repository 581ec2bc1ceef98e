//! Address blocks: canonical form, host bits, prefix lengths.

use ipnet::{IpNet, Ipv4Net};

use crate::model::{Diagnostic, Span};

/// An IPv4 block whose prefix length is in a range, in canonical form.
pub(crate) fn cidr4(text: &str, span: &Span, from: u8, to: u8) -> Result<String, Diagnostic> {
    let net: Ipv4Net = match block(text, span, Some((from, to)))? {
        IpNet::V4(net) => net,
        IpNet::V6(_) => {
            return Err(
                Diagnostic::error(span.clone(), format!("`{text}` is an IPv6 block"))
                    .here("an IPv4 block is wanted here"),
            );
        }
    };
    let length = net.prefix_len();
    if !(from..=to).contains(&length) {
        let size = if length < from { "large" } else { "small" };
        return Err(
            Diagnostic::error(span.clone(), format!("`{text}` is too {size} a block"))
                .here(format!("/{length}"))
                .because(format!("AWS takes blocks from /{from} to /{to} here"))
                .remedy(format!("write a prefix length from /{from} to /{to}")),
        );
    }
    Ok(net.to_string())
}

/// An IPv4 or IPv6 block in canonical form.
pub(crate) fn cidr(text: &str, span: &Span) -> Result<String, Diagnostic> {
    block(text, span, None).map(|net| net.to_string())
}

/// A block in canonical form. `lengths` are the prefix lengths that fit where
/// only IPv4 does.
fn block(text: &str, span: &Span, lengths: Option<(u8, u8)>) -> Result<IpNet, Diagnostic> {
    let problem = Diagnostic::error(span.clone(), format!("`{text}` is not an address block"));
    let example = match lengths {
        Some((from, _)) => format!("\"10.0.0.0/{from}\""),
        None => "\"10.0.0.0/16\" or \"fd00::/64\"".to_owned(),
    };
    if let Ok(address) = text.parse::<std::net::IpAddr>() {
        let whole = if address.is_ipv4() { 32 } else { 128 };
        return Err(problem
            .here("an address without a prefix length")
            .remedy(match lengths {
                Some((_, longest)) if longest < whole => {
                    format!("add a prefix length, as in {example}")
                }
                _ => format!("write \"{address}/{whole}\" for this one address"),
            }));
    }
    let Ok(net) = text.parse::<IpNet>() else {
        return Err(problem
            .because(fault(text))
            .remedy(format!("write it as in {example}")));
    };
    let canonical = net.trunc();
    if canonical != net {
        return Err(Diagnostic::error(
            span.clone(),
            format!("`{text}` has bits set behind its prefix"),
        )
        .here(format!("a /{} block does not begin here", net.prefix_len()))
        .because("AWS would cut them off, and the file would then differ from what exists")
        .remedy(format!("write \"{canonical}\"")));
    }
    Ok(canonical)
}

/// What exactly is wrong with a block's text.
fn fault(text: &str) -> String {
    let Some((address, length)) = text.split_once('/') else {
        return "it has no `/` and no prefix length".to_owned();
    };
    match address.parse::<std::net::IpAddr>() {
        Err(_) => {
            if let Some(octet) = address
                .split('.')
                .find(|octet| octet.parse::<u32>().is_ok_and(|number| number > 255))
            {
                return format!("{octet} is beyond 255");
            }
            let parts = address.split('.').count();
            if address.contains('.') && parts != 4 {
                return format!("an IPv4 address has 4 numbers, this one has {parts}");
            }
            format!("`{address}` is no IP address")
        }
        Ok(ip) => {
            let longest = if ip.is_ipv4() { 32 } else { 128 };
            format!("the prefix length `{length}` is no number from 0 to {longest}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fails(text: &str) -> Diagnostic {
        cidr4(text, &(0..1), 16, 28).unwrap_err()
    }

    #[test]
    fn blocks_come_out_canonical() {
        assert_eq!(
            cidr4("10.0.0.0/16", &(0..1), 16, 28).unwrap(),
            "10.0.0.0/16"
        );
        assert_eq!(cidr("::/0", &(0..1)).unwrap(), "::/0");
        assert_eq!(cidr("FD00:0::/64", &(0..1)).unwrap(), "fd00::/64");
    }

    #[test]
    fn host_bits_name_the_block_that_was_meant() {
        let problem = fails("10.0.1.5/24");
        assert_eq!(problem.remedy.as_deref(), Some("write \"10.0.1.0/24\""));
    }

    #[test]
    fn each_fault_has_its_word() {
        for (text, word) in [
            ("10.0.0.0", "prefix length"),
            ("10.0.0/16", "this one has 3"),
            ("10.0.0.256/16", "256 is beyond"),
            ("10.0.0.0/33", "`33` is no number"),
            ("", "no `/`"),
            ("fd00::/64", "IPv4"),
            ("10.0.0.0/8", "from /16 to /28"),
            ("10.0.0.0/29", "too small"),
        ] {
            assert!(format!("{:?}", fails(text)).contains(word), "{text}");
        }
    }
}
