//! The contract: what the owner declares about a design, and what that means over its ports.
//!
//! Problem: a claim such as "a job started by the owner completes" has a meaning only once somebody
//! has said which words start a job, who drives which pin and what the surroundings grant. The
//! contract says so in a few lines a manager can read; this module turns those lines into literals
//! of an and-inverter graph. It is part of the trusted base because a proof about the wrong
//! property is worth nothing: whoever doubts a verdict reads the contract and then these files.
//!
//! Method: [`schema`] is the form of the file, [`lex`] and [`parse`] read its expressions into the
//! tree of [`expr`], [`compile`] gives the tree its meaning, [`names`] matches port patterns and
//! suggests near names. The language is a subset of `SystemVerilog` with its precedence; where
//! `SystemVerilog` would quietly pad, truncate or reinterpret, this reader refuses instead.
//! What it cannot see: whether the contract is the right one. It only makes sure that every word of
//! it refers to something that exists and has one meaning.

mod check;
pub mod compile;
pub mod expr;
pub mod lex;
pub mod names;
pub mod parse;
mod print;
pub mod schema;

pub use compile::{Scope, compile_bool, compile_set, compile_word};
pub use expr::{Constant, Expr, ExprError, SetList};
pub use names::{PatternError, match_ports, near};
pub use schema::{
    Clock, Configuration, Contract, ContractError, Declassify, Function, Identity, IdentityKind,
    Inputs, Level, Off, PowerUpRule, Recovery, Reset, Results, Service, Step,
};

#[cfg(test)]
mod tests;
