//! Blocks of addresses: how much of one do others take, and which of several
//! routes takes an address.
//!
//! A name of S3 stands for any address of its ranges, so a decision must hold
//! for a whole block. Where others cut through it, it is halved until each piece
//! is decided alike.

use ipnet::{IpNet, Ipv4Net};

/// How much of something is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Share {
    /// All of it.
    Whole,
    /// Some of it.
    Part,
    /// Nothing.
    None,
}

impl Share {
    /// The share of both together.
    pub(super) fn and(self, other: Self) -> Self {
        if self == other { self } else { Self::Part }
    }
}

/// How much of a block others take together.
pub(super) fn share<'a>(block: IpNet, others: impl IntoIterator<Item = &'a IpNet>) -> Share {
    let others: Vec<&IpNet> = others.into_iter().collect();
    share_among(block, &others)
}

fn share_among(block: IpNet, others: &[&IpNet]) -> Share {
    if others.iter().any(|it| it.contains(&block)) {
        return Share::Whole;
    }
    let inside: Vec<&IpNet> = others
        .iter()
        .copied()
        .filter(|it| block.contains(*it))
        .collect();
    if inside.is_empty() {
        return Share::None;
    }
    let halves = halves(block);
    let shares = halves.map(|half| share_among(half, &inside));
    shares.into_iter().reduce(Share::and).unwrap_or(Share::None)
}

/// How much of several blocks others take together.
pub(super) fn share_of_all<'a>(
    blocks: &[IpNet],
    others: impl IntoIterator<Item = &'a IpNet> + Clone,
) -> Share {
    let shares = blocks.iter().map(|block| share(*block, others.clone()));
    shares.reduce(Share::and).unwrap_or(Share::None)
}

/// The two halves of a block; a single address stays one.
fn halves(block: IpNet) -> [IpNet; 2] {
    let mut halves = match block.subnets(block.prefix_len() + 1) {
        Ok(halves) => halves,
        Err(_) => return [block, block],
    };
    [
        halves.next().unwrap_or(block),
        halves.next().unwrap_or(block),
    ]
}

/// Something that claims a block, such as a route.
pub(super) trait Claim {
    /// The block.
    fn block(&self) -> IpNet;
    /// Which of two claims to one block wins: the lower.
    fn rank(&self) -> u8;
}

/// The claims that win some address of a block, by the longest prefix; and
/// whether some address has none.
pub(super) fn winners<'c, C: Claim>(block: IpNet, claims: &[&'c C]) -> (Vec<&'c C>, bool) {
    let mut found: Vec<&'c C> = Vec::new();
    let mut unclaimed = false;
    collect(block, claims, &mut found, &mut unclaimed);
    (found, unclaimed)
}

fn collect<'c, C: Claim>(
    block: IpNet,
    claims: &[&'c C],
    found: &mut Vec<&'c C>,
    unclaimed: &mut bool,
) {
    let inside = |claim: &&&C| block != claim.block() && block.contains(&claim.block());
    if claims.iter().any(|claim| inside(&claim)) {
        for half in halves(block) {
            let touching =
                |claim: &&&'c C| claim.block().contains(&half) || half.contains(&claim.block());
            let near: Vec<&'c C> = claims.iter().filter(touching).copied().collect();
            collect(half, &near, found, unclaimed);
        }
        return;
    }
    let covering = claims.iter().filter(|claim| claim.block().contains(&block));
    let best = covering.max_by_key(|claim| (claim.block().prefix_len(), u8::MAX - claim.rank()));
    match best {
        None => *unclaimed = true,
        Some(best) if found.iter().any(|it| std::ptr::eq(*it, *best)) => {}
        Some(best) => found.push(best),
    }
}

/// Every public IPv4 block: where an address of a service lies whose ranges are
/// not known (RFC 6890 names the others).
pub(super) fn public_blocks() -> Vec<IpNet> {
    let reserved: Vec<IpNet> = [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "224.0.0.0/3",
    ]
    .iter()
    .filter_map(|block| block.parse().ok())
    .collect();
    let mut found = Vec::new();
    outside(IpNet::V4(Ipv4Net::default()), &reserved, &mut found);
    found
}

fn outside(block: IpNet, taken: &[IpNet], found: &mut Vec<IpNet>) {
    match share(block, taken) {
        Share::None => found.push(block),
        Share::Whole => {}
        Share::Part => {
            for half in halves(block) {
                outside(half, taken, found);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn net(text: &str) -> IpNet {
        text.parse().unwrap()
    }

    #[derive(Debug, Clone, PartialEq)]
    struct Toy {
        block: IpNet,
        rank: u8,
    }

    impl Claim for Toy {
        fn block(&self) -> IpNet {
            self.block
        }
        fn rank(&self) -> u8 {
            self.rank
        }
    }

    #[test]
    fn a_block_is_taken_by_its_pieces_together() {
        let halves = [net("10.0.0.0/9"), net("10.128.0.0/9")];
        assert_eq!(share(net("10.0.0.0/8"), &halves), Share::Whole);
        assert_eq!(share(net("10.0.0.0/8"), &halves[..1]), Share::Part);
        assert_eq!(share(net("11.0.0.0/8"), &halves), Share::None);
        assert_eq!(share(net("10.1.0.0/16"), &halves), Share::Whole);
    }

    #[test]
    fn public_blocks_leave_out_what_is_private() {
        let public = public_blocks();
        assert_eq!(share(net("52.219.0.0/20"), &public), Share::Whole);
        assert_eq!(share(net("10.0.0.0/8"), &public), Share::None);
        assert_eq!(share(net("172.16.0.0/11"), &public), Share::Part);
    }

    /// Blocks within 10.0.0.0/26, so that every address can be tried.
    fn small_block() -> impl Strategy<Value = IpNet> {
        (26_u8..=32, 0_u32..64).prop_map(|(length, host)| {
            let address = std::net::Ipv4Addr::from(0x0a00_0000 + host);
            IpNet::V4(Ipv4Net::new(address, length).unwrap().trunc())
        })
    }

    proptest! {
        /// What wins a block is what wins its addresses one by one.
        #[test]
        fn the_longest_prefix_agrees_with_trying_every_address(
            block in small_block(),
            claims in prop::collection::vec((small_block(), 0_u8..3), 0..8),
        ) {
            let claims: Vec<Toy> = claims
                .into_iter()
                .map(|(block, rank)| Toy { block, rank })
                .collect();
            let refs: Vec<&Toy> = claims.iter().collect();
            let (found, unclaimed) = winners(block, &refs);
            let mut expected: Vec<(IpNet, u8)> = Vec::new();
            let mut nobody = false;
            for host in 0_u32..64 {
                let address = std::net::IpAddr::from(std::net::Ipv4Addr::from(0x0a00_0000 + host));
                if !block.contains(&address) {
                    continue;
                }
                let mut best: Option<&Toy> = None;
                for claim in claims.iter().filter(|claim| claim.block.contains(&address)) {
                    let better = best.is_none_or(|best| {
                        let (new, old) = (claim.block.prefix_len(), best.block.prefix_len());
                        new > old || (new == old && claim.rank < best.rank)
                    });
                    if better {
                        best = Some(claim);
                    }
                }
                match best {
                    Some(best) => expected.push((best.block, best.rank)),
                    None => nobody = true,
                }
            }
            expected.sort();
            expected.dedup();
            let mut found: Vec<_> = found.iter().map(|it| (it.block, it.rank)).collect();
            found.sort();
            found.dedup();
            prop_assert_eq!(found, expected);
            prop_assert_eq!(unclaimed, nobody);
        }

        #[test]
        fn a_share_agrees_with_trying_every_address(
            block in small_block(),
            others in prop::collection::vec(small_block(), 0..6),
        ) {
            let hosts = (0_u32..64)
                .map(|host| std::net::IpAddr::from(std::net::Ipv4Addr::from(0x0a00_0000 + host)))
                .filter(|address| block.contains(address));
            let taken: Vec<bool> = hosts
                .map(|address| others.iter().any(|other| other.contains(&address)))
                .collect();
            let expected = match (taken.iter().any(|it| *it), taken.iter().all(|it| *it)) {
                (_, true) => Share::Whole,
                (true, false) => Share::Part,
                (false, false) => Share::None,
            };
            prop_assert_eq!(share(block, &others), expected);
        }
    }
}
