//! Instances: gates and cells, several in one statement, with pins by position or by name.
//!
//! Method: the word before says whether drive strengths or parameters may follow; both are passed over,
//! as are delays. A gate may have no name, and then begins with a parenthesis just as a strength does,
//! so one word ahead is looked at through a copy of the lexer.
//! Cost: linear in words. What it cannot see: arrays of instances, which are refused.

use super::{PRIMITIVES, Parser};
use crate::structural::ast::{Instance, Module, Pins};
use crate::structural::lex::{Lexer, Token};
use netlist::ReadError;

impl<'s> Parser<'s> {
    /// One or more instances of `kind`.
    pub(super) fn instances(
        &mut self,
        kind: &'s str,
        module: &mut Module<'s>,
    ) -> Result<(), ReadError> {
        self.step()?;
        let primitive = PRIMITIVES.contains(&kind);
        if primitive && self.is(b'(') && self.strength()? {
            // drive strengths mean nothing to a two-valued model
        }
        if self.is(b'#') {
            if primitive {
                self.delay()?;
            } else {
                self.step()?;
                self.file.parameters += 1;
                if self.is(b'(') {
                    self.parenthesis()?;
                } else {
                    self.step()?;
                }
            }
        }
        loop {
            let pos = self.pos;
            let name = if self.is(b'(') { "" } else { self.name("an instance name")? };
            if self.is(b'[') {
                let what = format!("{name} is an array of instances");
                return Err(self.pos.error(what, "write the instances out"));
            }
            self.expect(b'(')?;
            let pins = self.pins()?;
            module.instances.push(Instance { kind, name, pins, pos });
            if !self.accept(b',')? {
                return self.expect(b';');
            }
        }
    }

    /// `(strong0, weak1)` before a gate. Only looked at when the parenthesis is followed by such a word.
    fn strength(&mut self) -> Result<bool, ReadError> {
        const WORDS: [&str; 8] =
            ["strong0", "strong1", "pull0", "pull1", "weak0", "weak1", "highz0", "highz1"];
        // a gate without a name begins with `(` as well: only one token can be seen ahead, so the
        // lexer's state is copied
        let ahead = Lexer::clone_at(&self.lexer).next()?.0;
        if let Token::Name(word) = ahead
            && WORDS.contains(&word)
        {
            self.parenthesis()?;
            return Ok(true);
        }
        Ok(false)
    }

    fn pins(&mut self) -> Result<Pins<'s>, ReadError> {
        if self.accept(b')')? {
            return Ok(Pins::Positional(Vec::new()));
        }
        if self.is(b'.') {
            let mut named = Vec::with_capacity(4);
            loop {
                self.expect(b'.')?;
                if self.is(b'*') {
                    return Err(self.pos.error("`.*` connections", "write each pin out"));
                }
                let pin = self.name("a pin name")?;
                self.expect(b'(')?;
                let expr = if self.is(b')') { None } else { Some(self.expression()?) };
                self.expect(b')')?;
                named.push((pin, expr));
                if !self.accept(b',')? {
                    break;
                }
            }
            self.expect(b')')?;
            return Ok(Pins::Named(named));
        }
        let mut all = Vec::with_capacity(4);
        loop {
            let empty = self.is(b',') || self.is(b')');
            all.push(if empty { None } else { Some(self.expression()?) });
            if !self.accept(b',')? {
                break;
            }
        }
        self.expect(b')')?;
        Ok(Pins::Positional(all))
    }
}
