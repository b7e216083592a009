//! The tree of a contract expression, its printed form and its errors.
//!
//! Method: a tree whose chains of one operator are flat (`a && b && c` is one node), so that its
//! height is bounded by the parser's depth limit and never by the length of the text. Printing and
//! parsing are inverse to each other, positions aside. Constants keep their value without leading
//! zeros, so that a tree is never larger than its text by more than a constant factor.

use std::collections::BTreeSet;

/// A condition or word over port names, with the text it came from.
#[derive(Clone, PartialEq, Debug)]
pub struct Expr {
    /// The text, for messages.
    pub(super) text: String,
    /// The tree.
    pub(super) root: Node,
}

/// A list of assignments such as `cmd_valid = 1, cmd_op = 8'h01`.
#[derive(Clone, PartialEq, Debug)]
pub struct SetList {
    /// The text, for messages.
    pub(super) text: String,
    /// The assignments in order.
    pub items: Vec<Assignment>,
}

/// One assignment of a constant to a port or a part of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Assignment {
    /// What is driven.
    pub signal: Signal,
    /// Where it stands.
    pub span: Span,
    /// To what.
    pub value: Constant,
}

/// A byte position in the text. Positions take no part in comparisons: two trees are equal if they
/// mean the same, wherever they were written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Span(pub usize);

impl PartialEq for Span {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// A node of the tree with its position.
#[derive(Clone, PartialEq, Debug)]
pub struct Node {
    /// Where it begins; for operators, where the operator stands.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
}

/// What a node is.
#[derive(Clone, PartialEq, Debug)]
pub enum Kind {
    /// A port, whole or in part.
    Signal(Signal),
    /// A constant.
    Constant(Constant),
    /// `!x`: no bit of x is set.
    Not(Box<Node>),
    /// `~x`: each bit inverted.
    Invert(Box<Node>),
    /// A comparison of two unsigned words.
    Compare(Relation, Box<Node>, Box<Node>),
    /// `x inside {a, [lo:hi]}`.
    Inside(Box<Node>, Vec<Member>),
    /// Two or more operands of one associative operator.
    Join(Join, Vec<Node>),
}

/// A name with an optional select `[left:right]`, in declared bit numbers and in the declared direction.
#[derive(Clone, PartialEq, Debug)]
pub struct Signal {
    /// The name, without the backslash of an escaped one.
    pub name: String,
    /// Left and right bit; equal for a bit select.
    pub select: Option<(u32, u32)>,
}

/// An unsigned constant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Constant {
    /// Its size if it was written with one.
    pub width: Option<u32>,
    /// Its value, least significant bit first, without leading zeros.
    pub bits: Vec<bool>,
}

/// A member of an `inside` set.
#[derive(Clone, PartialEq, Debug)]
pub enum Member {
    /// One value.
    One(Span, Constant),
    /// Both ends included.
    Range(Span, Constant, Constant),
}

/// A comparison.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the names are the operators' own")]
pub enum Relation {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// An associative operator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Join {
    /// `||`
    Or,
    /// `&&`
    And,
    /// `|`
    BitOr,
    /// `^`
    BitXor,
    /// `&`
    BitAnd,
}

impl Relation {
    /// As written.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Eq => "==",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
        }
    }
    /// Binding strength: comparisons for order bind tighter than those for equality.
    pub(super) fn level(self) -> u8 {
        if matches!(self, Self::Eq | Self::Ne) { 6 } else { RELATIONAL }
    }
}

/// Binding strength of `<`, `<=`, `>`, `>=` and `inside`.
pub(super) const RELATIONAL: u8 = 7;

impl Join {
    /// As written.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Or => "||",
            Self::And => "&&",
            Self::BitOr => "|",
            Self::BitXor => "^",
            Self::BitAnd => "&",
        }
    }
    /// Binding strength, that of IEEE 1800-2017 table 11-2.
    pub(super) fn level(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And => 2,
            Self::BitOr => 3,
            Self::BitXor => 4,
            Self::BitAnd => 5,
        }
    }
}

impl Kind {
    /// Binding strength; operands that bind no tighter than their operator are parenthesised.
    pub(super) fn level(&self) -> u8 {
        match self {
            Self::Join(join, _) => join.level(),
            Self::Compare(relation, ..) => relation.level(),
            Self::Inside(..) => RELATIONAL,
            _ => 8,
        }
    }
}

impl Constant {
    /// A constant from bits, least significant first; leading zeros are dropped.
    pub fn new(width: Option<u32>, mut bits: Vec<bool>) -> Self {
        let len = bits.iter().rposition(|&bit| bit).map_or(0, |last| last + 1);
        bits.truncate(len);
        Self { width, bits }
    }
    /// The value in `width` bits, least significant first, if it fits.
    pub fn resized(&self, width: usize) -> Option<Vec<bool>> {
        let mut bits = self.bits.clone();
        (bits.len() <= width).then(|| {
            bits.resize(width, false);
            bits
        })
    }
    /// Whether the value is at most that of `other`.
    pub fn at_most(&self, other: &Self) -> bool {
        let (ours, theirs) = (self.bits.iter().rev(), other.bits.iter().rev());
        self.bits.len().cmp(&other.bits.len()).then(ours.cmp(theirs)).is_le()
    }
}

impl Expr {
    /// The text it was parsed from.
    pub fn text(&self) -> &str {
        &self.text
    }
    /// The tree.
    pub fn root(&self) -> &Node {
        &self.root
    }
    /// The names it uses, sorted.
    pub fn names(&self) -> BTreeSet<&str> {
        let mut names = BTreeSet::new();
        self.root.collect(&mut names);
        names
    }
}

impl SetList {
    /// The names it drives, sorted.
    pub fn names(&self) -> BTreeSet<&str> {
        self.items.iter().map(|item| item.signal.name.as_str()).collect()
    }
}

impl Node {
    fn collect<'a>(&'a self, names: &mut BTreeSet<&'a str>) {
        match &self.kind {
            Kind::Signal(signal) => {
                names.insert(&signal.name);
            }
            Kind::Constant(_) => {}
            Kind::Not(x) | Kind::Invert(x) | Kind::Inside(x, _) => x.collect(names),
            Kind::Compare(_, a, b) => {
                a.collect(names);
                b.collect(names);
            }
            Kind::Join(_, operands) => operands.iter().for_each(|x| x.collect(names)),
        }
    }
}

/// Why an expression cannot be read or has no meaning. It prints with the place marked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExprError {
    /// The whole expression.
    pub text: String,
    /// Byte offset of the fault in it.
    pub offset: usize,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

impl std::error::Error for ExprError {}

/// What goes wrong, before it is joined with its text.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) offset: usize,
    pub(super) what: String,
    pub(super) remedy: String,
}

impl Fault {
    pub(super) fn new(offset: usize, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { offset, what: what.into(), remedy: remedy.into() }
    }
    pub(super) fn within(self, text: &str) -> ExprError {
        let Self { offset, what, remedy } = self;
        ExprError { text: text.to_owned(), offset, what, remedy }
    }
}
