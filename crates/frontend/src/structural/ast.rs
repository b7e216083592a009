//! What a file of structural Verilog says, before any of it is connected.

use super::lex::Pos;
use std::collections::HashMap;

/// Direction of a declared signal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Dir {
    None,
    Input,
    Output,
}

/// A declared signal of a module.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signal {
    pub(super) dir: Dir,
    /// Declared range, `[left:right]`; scalars have none.
    pub(super) range: Option<(i32, i32)>,
    /// Constant value of `supply0` and `supply1`.
    pub(super) supply: Option<bool>,
    pub(super) pos: Pos,
}

impl Signal {
    /// Number of bits.
    pub(super) fn width(&self) -> usize {
        self.range.map_or(1, |(l, r)| l.abs_diff(r) as usize + 1)
    }
    /// Position of a declared index, 0 the least significant bit.
    pub(super) fn bit(&self, index: i32) -> Option<usize> {
        let (left, right) = self.range?;
        let inside = index >= left.min(right) && index <= left.max(right);
        inside.then(|| index.abs_diff(right) as usize)
    }
}

/// Two-operand operators.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Op {
    And,
    Or,
    Xor,
    Xnor,
}

/// An expression over nets.
#[derive(Clone, Debug)]
pub(super) enum Expr<'s> {
    Name(&'s str, Pos),
    /// `name[index]`
    Bit(&'s str, i32, Pos),
    /// `name[left:right]`
    Part(&'s str, i32, i32, Pos),
    Constant(Box<[u8]>),
    /// In the order written: the most significant first.
    Concat(Box<[Self]>),
    Repeat(u32, Box<Self>),
    Not(Box<Self>),
    /// `!`
    LogicalNot(Box<Self>),
    Reduce(Op, bool, Box<Self>),
    Binary(Op, Box<(Self, Self)>),
    /// `&&`, `||`: on the truth of each side.
    Logical(Op, Box<(Self, Self)>),
    Cond(Box<(Self, Self, Self)>),
}

/// Connections of an instance.
#[derive(Clone, Debug)]
pub(super) enum Pins<'s> {
    Positional(Vec<Option<Expr<'s>>>),
    Named(Vec<(&'s str, Option<Expr<'s>>)>),
}

/// An instance of a gate, a cell or a module.
#[derive(Clone, Debug)]
pub(super) struct Instance<'s> {
    pub(super) kind: &'s str,
    /// Empty if the file gives none.
    pub(super) name: &'s str,
    pub(super) pins: Pins<'s>,
    pub(super) pos: Pos,
}

/// `assign to = from`.
#[derive(Clone, Debug)]
pub(super) struct Assign<'s> {
    pub(super) to: Expr<'s>,
    pub(super) from: Expr<'s>,
    pub(super) pos: Pos,
}

/// A module.
#[derive(Clone, Debug, Default)]
pub(super) struct Module<'s> {
    pub(super) name: &'s str,
    pub(super) pos: Pos,
    /// Port names in order.
    pub(super) ports: Vec<&'s str>,
    pub(super) signals: HashMap<&'s str, Signal>,
    /// Names of `signals` in order of declaration.
    pub(super) order: Vec<&'s str>,
    pub(super) instances: Vec<Instance<'s>>,
    pub(super) assigns: Vec<Assign<'s>>,
    /// First construct that is no structure: word and place.
    pub(super) behaviour: Option<(&'s str, Pos)>,
}

/// A file.
#[derive(Clone, Debug, Default)]
pub(super) struct File<'s> {
    pub(super) modules: Vec<Module<'s>>,
    /// Delays were given and are not modelled.
    pub(super) delays: u64,
    /// Parameters of instances, not modelled.
    pub(super) parameters: u64,
}
