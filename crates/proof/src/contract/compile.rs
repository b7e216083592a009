//! Meaning of contract expressions: from the tree to literals of an and-inverter graph.
//!
//! A node is a word or a constant; constants take the width of the word beside them. Rules, each
//! one stricter than `SystemVerilog` where that would pad or truncate:
//! * a name is its port's bits; selects use declared bit numbers and must lie inside the port;
//! * `~ & | ^` work bit by bit on words of one width;
//! * comparisons are unsigned, between words of one width; a constant must fit the word's width;
//! * `! && ||` take truth values: a word is true if any bit is set; of the constants only 0 and 1
//!   are truth values, because `op == 1 || 2` never means what its author meant;
//! * two constants are never compared: that is no statement about the design.
//!
//! Cost: linear in tree size times port width, bounded by [`MAX_WORK`] because both are hostile.

use netlist::{Aig, Lit};

use super::expr::{
    Constant, Expr, ExprError, Fault, Join, Kind, Member, Node, Relation, SetList, Signal, Span,
};
use super::names::{hint, near};

/// Most word bits handled for one expression.
pub const MAX_WORK: usize = 1 << 22;

/// What the names of an expression stand for.
pub trait Scope {
    /// The bits of `name`, least significant first; at least one.
    fn resolve(&self, name: &str) -> Option<Vec<Lit>>;
    /// The lowest declared bit number of `name`; 0 if unknown.
    fn offset(&self, name: &str) -> u32;
    /// Whether `name` is declared upwards (`[0:7]`): its lowest number is its most significant bit.
    fn upto(&self, _name: &str) -> bool {
        false
    }
    /// All names, for suggestions.
    fn all_names(&self) -> Vec<String>;
}

/// The literal of a condition.
pub fn compile_bool(aig: &mut Aig, scope: &dyn Scope, expr: &Expr) -> Result<Lit, ExprError> {
    let mut compiler = Compiler { aig, scope, work: 0 };
    compiler.truth(&expr.root).map_err(|fault| fault.within(&expr.text))
}

/// The bits of a word, least significant first (a tag).
pub fn compile_word(aig: &mut Aig, scope: &dyn Scope, expr: &Expr) -> Result<Vec<Lit>, ExprError> {
    let mut compiler = Compiler { aig, scope, work: 0 };
    compiler.bits(&expr.root).map_err(|fault| fault.within(&expr.text))
}

/// The bits that a list of assignments drives, with their values; no bit is driven twice.
pub fn compile_set(scope: &dyn Scope, set: &SetList) -> Result<Vec<(Lit, bool)>, ExprError> {
    let mut driven: Vec<(Lit, bool)> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for item in &set.items {
        let assign = || {
            let bits = select(scope, &item.signal, item.span)?;
            let value = fit(&item.value, bits.len(), item.span)?;
            Ok(bits.into_iter().zip(value).collect::<Vec<_>>())
        };
        let bits = assign().map_err(|fault: Fault| fault.within(&set.text))?;
        let twice = bits.iter().any(|(lit, _)| !seen.insert(*lit));
        if twice || seen.len() > MAX_WORK {
            let what = if twice { "a bit is driven twice" } else { "too many bits are driven" };
            let remedy = "drive each bit once in a step";
            return Err(Fault::new(item.span.0, what, remedy).within(&set.text));
        }
        driven.extend(bits);
    }
    Ok(driven)
}

struct Compiler<'a> {
    aig: &'a mut Aig,
    scope: &'a dyn Scope,
    work: usize,
}

/// The value of a node: a constant waits for the width of its neighbour.
enum Value<'a> {
    Bits(Vec<Lit>),
    Constant(&'a Constant),
}

impl Compiler<'_> {
    /// Whether any bit is set.
    fn truth(&mut self, node: &Node) -> Result<Lit, Fault> {
        match self.value(node)? {
            Value::Bits(bits) => Ok(self.aig.or_all(bits)),
            Value::Constant(constant) if constant.bits.len() <= 1 => {
                Ok(Lit::constant(!constant.bits.is_empty()))
            }
            Value::Constant(constant) => {
                let what = format!("the constant {constant} is no condition");
                let remedy = "compare with each value, or write `inside {…}`";
                Err(Fault::new(node.span.0, what, remedy))
            }
        }
    }

    /// A word; a constant needs a size of its own.
    fn bits(&mut self, node: &Node) -> Result<Vec<Lit>, Fault> {
        match self.value(node)? {
            Value::Bits(bits) => Ok(bits),
            Value::Constant(constant) => match constant.width {
                Some(width) => self.constant(constant, width as usize, node.span),
                None => {
                    let what = format!("the width of {constant} is open");
                    Err(Fault::new(node.span.0, what, "give it a size, such as 8'd5"))
                }
            },
        }
    }

    fn value<'n>(&mut self, node: &'n Node) -> Result<Value<'n>, Fault> {
        let bits = match &node.kind {
            Kind::Constant(constant) => return Ok(Value::Constant(constant)),
            Kind::Signal(signal) => {
                let bits = select(self.scope, signal, node.span)?;
                self.spend(bits.len(), node.span)?;
                bits
            }
            Kind::Not(x) => vec![!self.truth(x)?],
            Kind::Invert(x) => self.bits(x)?.into_iter().map(|bit| !bit).collect(),
            Kind::Compare(relation, a, b) => vec![self.compare(*relation, a, b, node.span)?],
            Kind::Inside(x, members) => vec![self.inside(x, members)?],
            Kind::Join(join @ (Join::And | Join::Or), operands) => {
                let truths: Result<Vec<Lit>, Fault> =
                    operands.iter().map(|x| self.truth(x)).collect();
                vec![match join {
                    Join::And => self.aig.and_all(truths?),
                    _ => self.aig.or_all(truths?),
                }]
            }
            Kind::Join(join, operands) => self.bitwise(*join, operands, node.span)?,
        };
        Ok(Value::Bits(bits))
    }

    fn bitwise(&mut self, join: Join, nodes: &[Node], span: Span) -> Result<Vec<Lit>, Fault> {
        let values: Result<Vec<Value<'_>>, Fault> = nodes.iter().map(|x| self.value(x)).collect();
        let words = self.one_width(values?, span)?;
        let mut words = words.into_iter();
        let mut result = words.next().unwrap_or_default();
        for word in words {
            for (a, b) in result.iter_mut().zip(word) {
                *a = match join {
                    Join::BitAnd => self.aig.and(*a, b),
                    Join::BitXor => self.aig.xor(*a, b),
                    _ => self.aig.or(*a, b),
                };
            }
        }
        Ok(result)
    }

    fn compare(&mut self, how: Relation, a: &Node, b: &Node, span: Span) -> Result<Lit, Fault> {
        let values = vec![self.value(a)?, self.value(b)?];
        let words = self.one_width(values, span)?;
        let [a, b] = words.as_slice() else { return Ok(Lit::FALSE) };
        Ok(match how {
            Relation::Eq => self.aig.eq_word(a, b),
            Relation::Ne => !self.aig.eq_word(a, b),
            Relation::Lt => self.aig.less_word(a, b),
            Relation::Ge => !self.aig.less_word(a, b),
            Relation::Gt => self.aig.less_word(b, a),
            Relation::Le => !self.aig.less_word(b, a),
        })
    }

    fn inside(&mut self, node: &Node, members: &[Member]) -> Result<Lit, Fault> {
        let Value::Bits(word) = self.value(node)? else {
            let remedy = "put a port on the left of `inside`";
            return Err(Fault::new(node.span.0, "a constant is no port", remedy));
        };
        let mut found = Vec::with_capacity(members.len());
        for member in members {
            found.push(match member {
                Member::One(span, value) => {
                    let value = self.constant(value, word.len(), *span)?;
                    self.aig.eq_word(&word, &value)
                }
                Member::Range(span, low, high) => {
                    let low = self.constant(low, word.len(), *span)?;
                    let high = self.constant(high, word.len(), *span)?;
                    let below = self.aig.less_word(&word, &low);
                    let above = self.aig.less_word(&high, &word);
                    self.aig.and(!below, !above)
                }
            });
        }
        Ok(self.aig.or_all(found))
    }

    /// The operands of the operator at `span` as words of one width, that of their signals.
    fn one_width(&mut self, values: Vec<Value<'_>>, span: Span) -> Result<Vec<Vec<Lit>>, Fault> {
        let mut widths = values.iter().filter_map(|value| match value {
            Value::Bits(bits) => Some(bits.len()),
            Value::Constant(_) => None,
        });
        let Some(width) = widths.next() else {
            let remedy = "compare a port with a constant";
            return Err(Fault::new(span.0, "both sides are constants", remedy));
        };
        if let Some(other) = widths.find(|&other| other != width) {
            let what = format!("the sides have {width} and {other} bits");
            return Err(Fault::new(span.0, what, "select as many bits of one as the other has"));
        }
        let words = values.into_iter().map(|value| match value {
            Value::Bits(bits) => Ok(bits),
            Value::Constant(constant) => self.constant(constant, width, span),
        });
        words.collect()
    }

    fn constant(&mut self, value: &Constant, width: usize, span: Span) -> Result<Vec<Lit>, Fault> {
        self.spend(width, span)?;
        Ok(fit(value, width, span)?.into_iter().map(Lit::constant).collect())
    }

    fn spend(&mut self, bits: usize, span: Span) -> Result<(), Fault> {
        self.work = self.work.saturating_add(bits);
        if self.work <= MAX_WORK {
            return Ok(());
        }
        let what = format!("more than {MAX_WORK} word bits in one expression");
        Err(Fault::new(span.0, what, "split it, or select fewer bits"))
    }
}

/// A constant in `width` bits; never cut.
fn fit(value: &Constant, width: usize, span: Span) -> Result<Vec<bool>, Fault> {
    value.resized(width).ok_or_else(|| {
        let what =
            format!("{value} does not fit in {width} bit{}", if width == 1 { "" } else { "s" });
        Fault::new(span.0, what, "give a value that the port can have")
    })
}

/// The bits of a name or of a part of it.
fn select(scope: &dyn Scope, signal: &Signal, span: Span) -> Result<Vec<Lit>, Fault> {
    let name = &signal.name;
    let shown = name.escape_debug();
    let Some(bits) = scope.resolve(name).filter(|bits| !bits.is_empty()) else {
        let remedy = hint(&near(name, &scope.all_names()));
        return Err(Fault::new(span.0, format!("no port is named `{shown}`"), remedy));
    };
    let Some((left, right)) = signal.select else { return Ok(bits) };
    let (offset, upto) = (scope.offset(name), scope.upto(name));
    let top = u64::from(offset) + bits.len() as u64 - 1;
    let (from, to) = if upto { (u64::from(offset), top) } else { (top, u64::from(offset)) };
    if left != right && (left < right) != upto {
        let what = format!("the select runs {}", if upto { "downwards" } else { "upwards" });
        return Err(Fault::new(span.0, what, format!("it is declared [{from}:{to}]")));
    }
    // places of the right and of the left bit, least significant first
    let place = |index: u32| {
        let up = u64::from(index).checked_sub(u64::from(offset))?;
        if upto { (bits.len() as u64 - 1).checked_sub(up) } else { Some(up) }
    };
    let range = place(right).zip(place(left));
    let part = range.and_then(|(low, high)| bits.get(low as usize..=high as usize));
    part.map(<[Lit]>::to_vec).ok_or_else(|| {
        let what = format!("`{shown}` has no bits [{left}:{right}]");
        Fault::new(span.0, what, format!("it is declared [{from}:{to}]"))
    })
}
