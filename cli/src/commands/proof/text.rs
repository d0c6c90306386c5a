//! A proof of vote as text that codes carry: Base45 (RFC 9285), whose letters a QR code packs tightest, in parts that a telephone
//! still reads (docs/decisions/0067).
//!
//! ```text
//! URNE1:<part>/<parts>:<check>:<base45>     check: 8 hexadecimal digits, the same in all parts of one proof
//! ```
//! The parts together are `encode(proof, handovers)`; nothing is compressed, for hashes and signatures do not shrink.
use crate::exit::Failure;
use std::collections::BTreeMap;
use urne_types::{
    codec::{decode_canonical, encode},
    hash::hash,
    limits::MESSAGE_BYTES_MAX,
};

/// What every part begins with.
pub(in super::super) const MARK: &str = "URNE1:";
/// Bytes of a part: 1,800 letters are a code of version 25 at most, 117 modules wide.
const PART_BYTES_MAX: usize = 1_200;
/// More codes than that nobody scans: the file is handed on instead.
const PARTS_MAX: usize = 8;
/// RFC 9285, table 1.
const LETTERS: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// What is carried: canonical bytes of a proof, and of each handover before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Carried {
    pub(in super::super) proof: Vec<u8>,
    pub(in super::super) handovers: Vec<Vec<u8>>,
}

impl Carried {
    /// One text for each code.
    pub(super) fn parts(&self) -> Result<Vec<String>, Failure> {
        let bytes = encode(&(self.proof.clone(), self.handovers.clone()));
        let check = check(&bytes);
        let parts: Vec<&[u8]> = bytes.chunks(PART_BYTES_MAX).collect();
        let n = parts.len();
        if PARTS_MAX < n {
            return Err(Failure::usage(format!(
                "the proof takes {} bytes, more than {PARTS_MAX} codes hold: hand its file on",
                bytes.len()
            )));
        }
        let text = |(at, part): (usize, &&[u8])| format!("{MARK}{}/{n}:{check}:{}", at + 1, base45(part));
        Ok(parts.iter().enumerate().map(text).collect())
    }

    /// Out of the parts, one on each line, in any order.
    pub(in super::super) fn read(text: &str) -> Result<Self, String> {
        let mut parts = BTreeMap::new();
        let mut said = None;
        for line in text.lines().map(str::trim).filter(|it| !it.is_empty()) {
            let (number, of, check, bytes) = part(line).ok_or("a line is no part of a proof, or was not read whole")?;
            if *said.get_or_insert((of, check)) != (of, check) {
                return Err("the parts are of different proofs".into());
            }
            parts.insert(number, bytes);
        }
        let (n, said) = said.ok_or("there is no part")?;
        let missing: Vec<String> = (1..=n).filter(|it| !parts.contains_key(it)).map(|it| it.to_string()).collect();
        if !missing.is_empty() {
            return Err(format!("of {n} parts, these are missing: {}", missing.join(", ")));
        }
        let bytes = parts.into_values().flatten().collect::<Vec<u8>>();
        if check(&bytes) != said {
            return Err("the parts do not belong together, or were not read whole".into());
        }
        let (proof, handovers) = decode_canonical(&bytes, MESSAGE_BYTES_MAX).map_err(|e| e.to_string())?;
        Ok(Self { proof, handovers })
    }
}

/// Number, how many, check and bytes.
fn part(line: &str) -> Option<(usize, usize, &str, Vec<u8>)> {
    let mut fields = line.strip_prefix(MARK)?.splitn(3, ':');
    let (number, of) = fields.next()?.split_once('/')?;
    let (number, of) = (number.parse().ok()?, of.parse().ok()?);
    let (check, bytes) = (fields.next()?, from_base45(fields.next()?)?);
    ((1..=of).contains(&number) && of <= PARTS_MAX).then_some((number, of, check, bytes))
}

fn check(bytes: &[u8]) -> String {
    let [a, b, c, d, ..] = hash("urne.v1 proof parts", bytes);
    format!("{:08X}", u32::from_be_bytes([a, b, c, d]))
}

fn base45(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(2) * 3);
    for pair in bytes.chunks(2) {
        let (mut value, letters) = match pair {
            [high, low] => (usize::from(*high) * 256 + usize::from(*low), 3),
            rest => (rest.iter().map(|it| usize::from(*it)).sum(), 2),
        };
        for _ in 0..letters {
            text.push(char::from(LETTERS[value % 45]));
            value /= 45;
        }
    }
    text
}

fn from_base45(text: &str) -> Option<Vec<u8>> {
    let digit = |letter: &u8| LETTERS.iter().position(|it| it == letter);
    let digits: Vec<usize> = text.as_bytes().iter().map(digit).collect::<Option<_>>()?;
    let mut bytes = Vec::with_capacity(digits.len() / 3 * 2 + 1);
    for group in digits.chunks(3) {
        match group {
            [c, d, e] => bytes.extend(u16::try_from(c + d * 45 + e * 45 * 45).ok()?.to_be_bytes()),
            [c, d] => bytes.push(u8::try_from(c + d * 45).ok()?),
            _ => return None,
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base45_is_the_one_of_the_rfc() {
        for (bytes, text) in [("AB", "BB8"), ("Hello!!", "%69 VD92EX0"), ("base-45", "UJCLQE7W581"), ("", "")] {
            assert_eq!(base45(bytes.as_bytes()), text);
            assert_eq!(from_base45(text).as_deref(), Some(bytes.as_bytes()));
        }
        assert_eq!(from_base45("ietf!").as_deref(), None, "lower case is none of its letters");
        for wrong in ["GGW", ":::", "A", "::"] {
            assert_eq!(from_base45(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_proof_is_whole_again_from_its_parts_in_any_order_and_from_nothing_less() {
        let proof: Vec<u8> = (0..2_500_u32).map(|it| it.to_le_bytes()[0]).collect();
        let carried = Carried { proof, handovers: vec![vec![1, 2, 3]] };
        let parts = carried.parts().expect("three parts");
        assert_eq!(parts.len(), 3);
        assert!(parts.iter().all(|it| it.len() <= 1_853), "what version 25 holds");
        let [one, two, three] = [&parts[0], &parts[1], &parts[2]];
        assert_eq!(Carried::read(&format!("{three}\n\n{one}\n {two}\n{one}")), Ok(carried.clone()));
        assert!(Carried::read(&format!("{one}\n{three}")).is_err_and(|it| it.contains("missing: 2")));
        let other = Carried { handovers: vec![], ..carried.clone() }.parts().expect("parts");
        assert!(Carried::read(&format!("{one}\n{two}\n{}", other[2])).is_err_and(|it| it.contains("different")));
        let spoiled = two.replacen("/3:", "/3:0", 1);
        assert!(Carried::read(&format!("{one}\n{spoiled}\n{three}")).is_err());
        assert!(Carried::read("").is_err() && Carried::read("URNE1:1/1:00000000:").is_err());
        let long = Carried { proof: vec![0; 10_000], handovers: vec![] };
        assert!(long.parts().is_err_and(|it| it.message.contains("hand its file on")));
    }
}
