//! Words of the expression language.
//!
//! Method: one pass over bytes. A name is letters, digits, `_`, `$`, joined by dots; an index
//! followed by a dot (`lane[3].busy`) belongs to the name, any other bracket is a select. An
//! escaped name runs from a backslash to the next blank, as in Verilog. Sized constants must fit
//! their size: Verilog truncates, this reader refuses, and so it does with `x`, `z` and signs.

use super::expr::{Constant, Fault, Span};

/// Longest expression, in bytes.
pub const MAX_TEXT: usize = 64 << 10;
/// Most words in one expression.
pub const MAX_TOKENS: usize = 20_000;
/// Widest sized constant, in bits.
pub const MAX_WIDTH: u32 = 1 << 16;

/// A word.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Token {
    Name(String),
    Constant(Constant),
    /// An operator or bracket, or the keyword `inside`.
    Mark(&'static str),
}

/// Longer marks before their prefixes.
const MARKS: [&str; 23] = [
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "~", "&", "|", "^", "(", ")", "[", "]", "{",
    "}", ":", ",", "=", "inside",
];

/// The words of `text` with their positions.
pub(super) fn tokens(text: &str) -> Result<Vec<(Span, Token)>, Fault> {
    if text.len() > MAX_TEXT {
        let what = format!("{} bytes long, the limit is {MAX_TEXT}", text.len());
        return Err(Fault::new(0, what, "split the expression"));
    }
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&byte) = text.as_bytes().get(at) {
        if byte.is_ascii_whitespace() {
            at += 1;
            continue;
        }
        if tokens.len() == MAX_TOKENS {
            let what = format!("more than {MAX_TOKENS} words");
            return Err(Fault::new(at, what, "split the expression"));
        }
        let (token, length) = token(text, at)?;
        tokens.push((Span(at), token));
        at += length;
    }
    Ok(tokens)
}

/// The word that begins at `at`, and its length in bytes.
fn token(text: &str, at: usize) -> Result<(Token, usize), Fault> {
    let rest = text.get(at..).unwrap_or("");
    match rest.bytes().next() {
        Some(b'\\') => escaped(rest, at),
        Some(b'0'..=b'9' | b'\'') => number(rest, at),
        Some(first) if is_name_start(first) => {
            let length = name_length(rest);
            let name = &rest[..length];
            let keyword = name == "inside";
            let token = if keyword { Token::Mark("inside") } else { Token::Name(name.to_owned()) };
            Ok((token, length))
        }
        _ => match MARKS.into_iter().find(|mark| rest.starts_with(mark)) {
            Some(mark) => Ok((Token::Mark(mark), mark.len())),
            None => {
                let c = rest.chars().next().unwrap_or(' ');
                let what = format!("`{}` has no meaning here", c.escape_debug());
                Err(Fault::new(
                    at,
                    what,
                    "use names, constants and ! ~ && || & | ^ == != < <= > >= inside",
                ))
            }
        },
    }
}

fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'$')
}

fn is_name_part(byte: u8) -> bool {
    is_name_start(byte) || byte.is_ascii_digit()
}

/// Length of the hierarchical name at the beginning of `rest`; 0 if there is none.
fn name_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let run = |from: usize, part: fn(u8) -> bool| {
        from + bytes[from..].iter().take_while(|&&byte| part(byte)).count()
    };
    let mut end = run(0, is_name_part);
    loop {
        let mut dot = end;
        while bytes.get(dot) == Some(&b'[') {
            let digits = run(dot + 1, |byte| byte.is_ascii_digit());
            if digits == dot + 1 || bytes.get(digits) != Some(&b']') {
                return end;
            }
            dot = digits + 1;
        }
        match bytes.get(dot + 1) {
            Some(&next) if bytes[dot] == b'.' && is_name_start(next) => {
                end = run(dot + 1, is_name_part);
            }
            _ => return end,
        }
    }
}

/// Whether `name` can be written without a backslash.
pub(super) fn is_plain_name(name: &str) -> bool {
    name.bytes().next().is_some_and(is_name_start)
        && name_length(name) == name.len()
        && name != "inside"
}

fn escaped(rest: &str, at: usize) -> Result<(Token, usize), Fault> {
    let name: &str = rest[1..].split(|c: char| c.is_ascii_whitespace()).next().unwrap_or("");
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
        let remedy = "write printable ASCII after the backslash and end the name with a blank";
        return Err(Fault::new(at, "not an escaped name", remedy));
    }
    Ok((Token::Name(name.to_owned()), name.len() + 1))
}

fn number(rest: &str, at: usize) -> Result<(Token, usize), Fault> {
    let length =
        rest.bytes().take_while(|&byte| is_name_part(byte) || matches!(byte, b'\'' | b'?')).count();
    let word = &rest[..length];
    let constant = match word.split_once('\'') {
        None => decimal(word).map(|bits| Constant::new(None, bits)),
        Some((width, digits)) => sized(width, digits),
    };
    match constant {
        Ok(constant) => Ok((Token::Constant(constant), length)),
        Err((what, remedy)) => Err(Fault::new(at, format!("`{word}`: {what}"), remedy)),
    }
}

type Bits = Result<Vec<bool>, (String, &'static str)>;

fn sized(width: &str, digits: &str) -> Result<Constant, (String, &'static str)> {
    let form = "write a constant as 8'h1F, 4'b1001, 3'd5 or 5";
    let width: u32 = match width.parse() {
        Ok(width) if (1..=MAX_WIDTH).contains(&width) => width,
        _ => return Err((format!("the size is not 1 to {MAX_WIDTH}"), form)),
    };
    let (base, digits) = match digits.as_bytes().first() {
        Some(b'h' | b'H') => (4, &digits[1..]),
        Some(b'o' | b'O') => (3, &digits[1..]),
        Some(b'b' | b'B') => (1, &digits[1..]),
        Some(b'd' | b'D') => (0, &digits[1..]),
        _ => return Err(("the base is not one of h, d, o, b".to_owned(), form)),
    };
    let bits = if base == 0 { decimal(digits)? } else { power_of_two(base, digits)? };
    let constant = Constant::new(Some(width), bits);
    if constant.bits.len() > width as usize {
        let what = format!("the value needs {} bits", constant.bits.len());
        return Err((what, "give it a larger size; nothing is cut off silently"));
    }
    Ok(constant)
}

/// Digits of `bits` bits each.
fn power_of_two(bits: u32, digits: &str) -> Bits {
    let mut value = Vec::with_capacity(digits.len() * bits as usize);
    let mut any = false;
    for digit in digits.chars().rev().filter(|&c| c != '_') {
        let Some(digit) = digit.to_digit(1 << bits) else {
            return Err((
                format!("`{digit}` is no digit"),
                "use digits of the base only, no x or z",
            ));
        };
        any = true;
        value.extend((0..bits).map(|bit| digit >> bit & 1 == 1));
    }
    if any { Ok(value) } else { Err(("no digits".to_owned(), "add the value")) }
}

fn decimal(digits: &str) -> Bits {
    let remedy = "use decimal digits, and hexadecimal beyond 128 bits";
    let plain: String = digits.chars().filter(|&c| c != '_').collect();
    if !plain.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(("not a decimal number".to_owned(), remedy));
    }
    let value: u128 = plain.parse().map_err(|_| ("no number below 2^128".to_owned(), remedy))?;
    Ok((0..128).map(|bit| value >> bit & 1 == 1).collect())
}
