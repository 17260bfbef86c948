//! Which network addresses a name may stand for. Pure: decides on addresses, resolves nothing.
//!
//! The danger is a name under somebody else's control that resolves to the machine itself, to its neighbours on the link, or
//! to the metadata service of a cloud (RFC 6890 lists the special blocks). An origin that is meant to be there says so, by
//! address, as `localhost`, or with `addresses`.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A block of addresses, written `10.1.0.0/16`, `fd00::/8`, or as one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    network: IpAddr,
    prefix: u8,
}

impl FromStr for Block {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let network: IpAddr = address.parse().map_err(|_| ())?;
        let longest = if network.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            // `parse` alone would take "+8".
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().map_err(|_| ())?,
            Some(_) => return Err(()),
            None => longest,
        };
        if prefix > longest {
            return Err(());
        }
        Ok(Self { network, prefix })
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.prefix)
    }
}

impl Block {
    /// Whether an address lies in the block. An IPv4 address written as IPv6 counts as the IPv4 address it is.
    pub fn holds(&self, address: IpAddr) -> bool {
        let bits = |address: IpAddr| match address {
            IpAddr::V4(v4) => (u128::from(v4.to_bits()) << 96, 32),
            IpAddr::V6(v6) => (v6.to_bits(), 128),
        };
        let ((own, length), (other, other_length)) =
            (bits(self.network.to_canonical()), bits(address.to_canonical()));
        let differing = (own ^ other).leading_zeros();
        length == other_length && differing >= u32::from(self.prefix.min(length))
    }
}

/// Which addresses an origin's name may stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The origin is written with this address.
    Only(IpAddr),
    /// The origin is `localhost`: the loopback addresses.
    Loopback,
    /// The site lists them.
    Listed(Vec<Block>),
    /// Any but the special ones.
    Ordinary,
}

impl Rule {
    /// Whether the origin may be reached at an address.
    pub fn allows(&self, address: IpAddr) -> bool {
        match self {
            Self::Only(only) => only.to_canonical() == address.to_canonical(),
            Self::Loopback => address.to_canonical().is_loopback(),
            Self::Listed(blocks) => blocks.iter().any(|block| block.holds(address)),
            Self::Ordinary => !is_special(address),
        }
    }
}

/// Whether an address is the machine's own, its link's, a group's or a cloud's metadata service.
pub fn is_special(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_special_v4(v4),
        IpAddr::V6(v6) => match embedded_v4(v6) {
            Some(v4) => is_special_v4(v4),
            None => is_special_v6(v6),
        },
    }
}

fn is_special_v4(address: Ipv4Addr) -> bool {
    // Metadata services outside the link-local block: Alibaba Cloud, Azure's wire server, Oracle Cloud.
    const METADATA: [Ipv4Addr; 3] = [
        Ipv4Addr::new(100, 100, 100, 200),
        Ipv4Addr::new(168, 63, 129, 16),
        Ipv4Addr::new(192, 0, 0, 192),
    ];
    address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.octets()[0] == 0
        || address.octets()[0] >= 240
        || METADATA.contains(&address)
}

fn is_special_v6(address: Ipv6Addr) -> bool {
    // Metadata services with unique local addresses: Amazon EC2, Google Cloud.
    const METADATA: [Ipv6Addr; 2] = [
        Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
        Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
    ];
    address.is_loopback()
        || address.is_unspecified()
        || address.is_unicast_link_local()
        || address.is_multicast()
        || METADATA.contains(&address)
}

/// The IPv4 address that an IPv6 address stands for: mapped (RFC 4291 §2.5.5.2), translated by NAT64 (RFC 6052 §2.1) or
/// 6to4 (RFC 3056).
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let low = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    };
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, a, b] | [0x64, 0xff9b, 0, 0, 0, 0, a, b] | [0x2002, a, b, ..] => {
            Some(low(a, b))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn block(text: &str) -> Block {
        text.parse().expect("a block")
    }

    #[test]
    fn special_addresses_are_recognised_in_every_notation() {
        for special in [
            "127.0.0.1",
            "127.8.8.8",
            "0.0.0.0",
            "169.254.169.254",
            "224.0.0.1",
            "255.255.255.255",
            "100.100.100.200",
            "::1",
            "::",
            "fe80::1",
            "ff02::1",
            "fd00:ec2::254",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
        ] {
            assert!(is_special(address(special)), "{special}");
        }
        for ordinary in [
            "10.0.0.1",
            "192.168.1.1",
            "8.8.8.8",
            "2001:db8::1",
            "fd12::1",
            "::ffff:10.0.0.1",
            "64:ff9b::808:808",
        ] {
            assert!(!is_special(address(ordinary)), "{ordinary}");
        }
    }

    #[test]
    fn a_block_holds_what_shares_its_prefix() {
        assert!(block("10.1.0.0/16").holds(address("10.1.255.7")));
        assert!(!block("10.1.0.0/16").holds(address("10.2.0.0")));
        assert!(block("10.1.0.0/16").holds(address("::ffff:10.1.2.3")));
        assert!(block("0.0.0.0/0").holds(address("1.2.3.4")));
        assert!(
            !block("0.0.0.0/0").holds(address("2001:db8::1")),
            "a block of IPv4 holds no IPv6"
        );
        assert!(block("fd00::/8").holds(address("fdff::1")));
        assert!(block("127.0.0.1").holds(address("127.0.0.1")));
        assert!(!block("127.0.0.1").holds(address("127.0.0.2")));
    }

    #[test]
    fn what_is_no_block_is_refused() {
        for text in [
            "",
            "/8",
            "10.0.0.0/33",
            "10.0.0.0/+8",
            "10.0.0.0/",
            "10.0.0/8",
            "::/129",
            "host",
            "10.0.0.0/8/8",
        ] {
            assert!(text.parse::<Block>().is_err(), "{text}");
        }
    }

    #[test]
    fn each_rule_allows_what_it_says() {
        assert!(Rule::Only(address("127.0.0.1")).allows(address("127.0.0.1")));
        assert!(!Rule::Only(address("127.0.0.1")).allows(address("127.0.0.2")));
        assert!(Rule::Loopback.allows(address("::1")));
        assert!(!Rule::Loopback.allows(address("10.0.0.1")));
        assert!(Rule::Listed(vec![block("127.0.0.0/8")]).allows(address("127.0.0.9")));
        assert!(!Rule::Listed(vec![block("127.0.0.0/8")]).allows(address("10.0.0.1")));
        assert!(!Rule::Ordinary.allows(address("127.0.0.1")));
        assert!(Rule::Ordinary.allows(address("10.0.0.1")));
    }
}
