//! DER by hand: tag, length, contents.

/// One value.
pub fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    let n = contents.len();
    match n {
        0..=127 => out.push(n as u8),
        128..=255 => out.extend([0x81, n as u8]),
        _ => out.extend([0x82, (n >> 8) as u8, n as u8]),
    }
    out.extend(contents);
    out
}

/// A sequence of encoded values.
pub fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

/// An unsigned integer.
pub fn integer(bytes: &[u8]) -> Vec<u8> {
    let start = bytes.iter().position(|b| *b != 0).unwrap_or(bytes.len().saturating_sub(1));
    let digits = &bytes[start..];
    let mut contents = Vec::new();
    if digits.first().is_none_or(|b| b & 0x80 != 0) {
        contents.push(0);
    }
    contents.extend(digits);
    tlv(2, &contents)
}

/// A bit string of whole bytes.
pub fn bits(bytes: &[u8]) -> Vec<u8> {
    let mut contents = vec![0];
    contents.extend(bytes);
    tlv(3, &contents)
}

/// An object identifier, dotted.
pub fn oid(text: &str) -> Vec<u8> {
    let arcs: Vec<u64> = text.split('.').map(|a| a.parse().expect("an arc is a number")).collect();
    let mut contents = Vec::new();
    let mut push = |arc: u64| {
        let mut digits = vec![(arc & 0x7f) as u8];
        let mut rest = arc >> 7;
        while rest > 0 {
            digits.push((rest & 0x7f) as u8 | 0x80);
            rest >>= 7;
        }
        digits.reverse();
        contents.extend(digits);
    };
    push(arcs[0] * 40 + arcs[1]);
    arcs[2..].iter().copied().for_each(&mut push);
    tlv(6, &contents)
}
