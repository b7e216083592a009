//! From words to modules: recursive descent, one token ahead.
//!
//! A construct that describes behaviour (`always`, `reg`-driving statements, switches) does not end
//! the reading: the module is marked and skipped to its end, because delivered files carry models of
//! their flip-flops in any style. It is refused later, if nothing recognises the module as a cell.
//! Instances and expressions have files of their own.
//! Cost: linear in words. What it cannot see: preprocessor macros, which `lex` refuses.

mod expression;
mod instance;

use super::ast::{Assign, Dir, Expr, File, Module, Signal};
use super::lex::{Lexer, Pos, Token};
use netlist::ReadError;

/// Deepest nesting of expressions.
const MAX_DEPTH: u32 = 64;
/// Widest vector.
pub(super) const MAX_WIDTH: u32 = 1 << 20;
/// Most bits that a repetition makes.
const MAX_REPEAT: u32 = 1 << 16;

/// The gate primitives of the language that are read.
pub(super) const PRIMITIVES: [&str; 8] = ["and", "or", "nand", "nor", "xor", "xnor", "not", "buf"];

pub(super) struct Parser<'s> {
    lexer: Lexer<'s>,
    token: Token<'s>,
    pos: Pos,
    depth: u32,
    file: File<'s>,
}

/// Reads a file.
///
/// # Errors
/// With line, column and remedy.
pub(super) fn parse(text: &str) -> Result<File<'_>, ReadError> {
    let mut lexer = Lexer::new(text);
    let (token, pos) = lexer.next()?;
    let mut parser = Parser { lexer, token, pos, depth: 0, file: File::default() };
    while parser.token != Token::End {
        match parser.token {
            Token::Name("module" | "macromodule") => {
                let module = parser.module()?;
                parser.file.modules.push(module);
            }
            Token::Sign(b';') => parser.step()?,
            Token::Name("primitive") => parser.skip_to("endprimitive")?,
            Token::Name("specify") => parser.skip_to("endspecify")?,
            _ => return Err(parser.unexpected("`module`")),
        }
    }
    Ok(parser.file)
}

impl<'s> Parser<'s> {
    fn step(&mut self) -> Result<(), ReadError> {
        (self.token, self.pos) = self.lexer.next()?;
        Ok(())
    }
    fn shown(&self) -> String {
        match self.token {
            Token::Name(n) => format!("`{n}`"),
            Token::Escaped(n) => format!("`\\{n} `"),
            Token::Number(n) => format!("`{n}`"),
            Token::Sign(c) => format!("`{}`", c as char),
            Token::Text => "a string".to_owned(),
            Token::End => "the end of the file".to_owned(),
        }
    }
    fn unexpected(&self, wanted: &str) -> ReadError {
        self.pos.error(
            format!("{} where {wanted} is expected", self.shown()),
            "give structural Verilog: module, ports, wires, gates, cells, assign",
        )
    }
    fn is(&self, sign: u8) -> bool {
        self.token == Token::Sign(sign)
    }
    fn accept(&mut self, sign: u8) -> Result<bool, ReadError> {
        let found = self.is(sign);
        if found {
            self.step()?;
        }
        Ok(found)
    }
    fn expect(&mut self, sign: u8) -> Result<(), ReadError> {
        if self.accept(sign)? {
            return Ok(());
        }
        Err(self.unexpected(&format!("`{}`", sign as char)))
    }
    fn name(&mut self, wanted: &str) -> Result<&'s str, ReadError> {
        match self.token {
            Token::Name(name) | Token::Escaped(name) => {
                self.step()?;
                Ok(name)
            }
            _ => Err(self.unexpected(wanted)),
        }
    }
    fn skip_to(&mut self, word: &str) -> Result<(), ReadError> {
        let from = self.pos;
        loop {
            match self.token {
                Token::End => {
                    return Err(from.error(format!("there is no `{word}` to this"), "add it"));
                }
                Token::Name(name) if name == word => return self.step(),
                _ => self.step()?,
            }
        }
    }

    fn module(&mut self) -> Result<Module<'s>, ReadError> {
        self.step()?;
        let pos = self.pos;
        let mut module = Module { name: self.name("a module name")?, pos, ..Module::default() };
        if self.accept(b'#')? {
            self.parenthesis()?;
            self.file.parameters += 1;
        }
        if self.accept(b'(')? {
            self.ports(&mut module)?;
        }
        self.expect(b';')?;
        loop {
            match self.token {
                Token::Name("endmodule") => {
                    self.step()?;
                    return Ok(module);
                }
                Token::End => {
                    let what = format!("module {} has no `endmodule`", module.name);
                    return Err(pos.error(what, "the file is cut off; copy it again"));
                }
                Token::Sign(b';') => self.step()?,
                Token::Name(word) => self.item(word, &mut module)?,
                Token::Escaped(word) => self.instances(word, &mut module)?,
                _ => return Err(self.unexpected("a declaration or an instance")),
            }
            if module.behaviour.is_some() {
                self.skip_to("endmodule")?;
                return Ok(module);
            }
        }
    }

    /// The list in the head of a module: names, or whole declarations.
    fn ports(&mut self, module: &mut Module<'s>) -> Result<(), ReadError> {
        let (mut dir, mut range) = (Dir::None, None);
        while !self.accept(b')')? {
            if let Token::Name(word @ ("input" | "output" | "inout")) = self.token {
                dir = self.direction(word)?;
                self.step()?;
                self.net_type()?;
                range = self.range()?;
            }
            let pos = self.pos;
            if self.is(b'.') || self.is(b'{') {
                let remedy = "list plain names";
                return Err(pos.error("a port that is an expression", remedy));
            }
            let name = self.name("a port name")?;
            module.ports.push(name);
            if dir != Dir::None {
                declare(module, name, Signal { dir, range, supply: None, pos })?;
            }
            if !self.is(b')') {
                self.expect(b',')?;
            }
        }
        Ok(())
    }
    fn direction(&self, word: &str) -> Result<Dir, ReadError> {
        match word {
            "input" => Ok(Dir::Input),
            "output" => Ok(Dir::Output),
            _ => Err(self.pos.error(
                "`inout` ports are not modelled",
                "split the port into an input, an output and an enable",
            )),
        }
    }
    /// Skips `wire`, `reg`, `signed` and the like after a direction.
    fn net_type(&mut self) -> Result<(), ReadError> {
        while let Token::Name("wire" | "reg" | "logic" | "signed" | "tri0" | "tri1") = self.token {
            self.step()?;
        }
        Ok(())
    }
    fn range(&mut self) -> Result<Option<(i32, i32)>, ReadError> {
        let pos = self.pos;
        if !self.accept(b'[')? {
            return Ok(None);
        }
        let left = self.integer()?;
        self.expect(b':')?;
        let right = self.integer()?;
        self.expect(b']')?;
        if left.abs_diff(right) >= MAX_WIDTH {
            let what = format!("a vector of more than {MAX_WIDTH} bits");
            return Err(pos.error(what, "split it"));
        }
        Ok(Some((left, right)))
    }
    fn integer(&mut self) -> Result<i32, ReadError> {
        let negative = self.accept(b'-')?;
        if let Token::Number(text) = self.token
            && let Ok(value) = text.parse::<i32>()
        {
            self.step()?;
            return Ok(if negative { -value } else { value });
        }
        Err(self.pos.error(
            format!("{} is not a plain number", self.shown()),
            "write the netlist with parameters resolved",
        ))
    }

    fn item(&mut self, word: &'s str, module: &mut Module<'s>) -> Result<(), ReadError> {
        match word {
            "input" | "output" | "inout" => {
                let dir = self.direction(word)?;
                self.step()?;
                self.net_type()?;
                self.signals(module, dir, None)
            }
            "wire" | "tri" | "wand" | "wor" | "reg" | "logic" | "tri0" | "tri1" | "triand"
            | "trior" | "trireg" | "integer" | "genvar" => {
                let pos = self.pos;
                if matches!(word, "wire" | "reg" | "logic") || word == "tri" {
                    self.step()?;
                    if let Token::Name("signed") = self.token {
                        self.step()?;
                    }
                    return self.signals(module, Dir::None, None);
                }
                module.behaviour = Some((word, pos));
                Ok(())
            }
            "supply0" | "supply1" => {
                self.step()?;
                self.signals(module, Dir::None, Some(word == "supply1"))
            }
            "assign" => {
                self.step()?;
                self.delay()?;
                loop {
                    let pos = self.pos;
                    let to = self.primary()?;
                    self.expect(b'=')?;
                    let from = self.expression()?;
                    module.assigns.push(Assign { to, from, pos });
                    if !self.accept(b',')? {
                        return self.expect(b';');
                    }
                }
            }
            "parameter" | "localparam" | "defparam" => {
                self.file.parameters += 1;
                while !self.is(b';') {
                    if self.token == Token::End {
                        return Err(self.unexpected("`;`"));
                    }
                    self.step()?;
                }
                self.step()
            }
            "specify" => self.skip_to("endspecify"),
            "always" | "always_ff" | "always_comb" | "always_latch" | "initial" | "generate"
            | "function" | "task" | "if" | "for" | "case" | "nmos" | "pmos" | "cmos" | "tran"
            | "rnmos" | "rpmos" | "rcmos" | "tranif0" | "tranif1" | "pullup" | "pulldown"
            | "bufif0" | "bufif1" | "notif0" | "notif1" | "real" | "time" | "event" | "always_" => {
                module.behaviour = Some((word, self.pos));
                Ok(())
            }
            _ => self.instances(word, module),
        }
    }

    fn signals(
        &mut self,
        module: &mut Module<'s>,
        dir: Dir,
        supply: Option<bool>,
    ) -> Result<(), ReadError> {
        self.delay()?;
        let range = self.range()?;
        loop {
            let pos = self.pos;
            let name = self.name("a name")?;
            if self.is(b'[') {
                module.behaviour = Some((name, pos));
                return Ok(());
            }
            declare(module, name, Signal { dir, range, supply, pos })?;
            if self.accept(b'=')? {
                let from = self.expression()?;
                module.assigns.push(Assign { to: Expr::Name(name, pos), from, pos });
            }
            if !self.accept(b',')? {
                return self.expect(b';');
            }
        }
    }

    /// `#1`, `#1.5`, `#(1,2)`.
    fn delay(&mut self) -> Result<(), ReadError> {
        if !self.accept(b'#')? {
            return Ok(());
        }
        self.file.delays += 1;
        if self.accept(b'(')? {
            return self.parenthesis_rest();
        }
        self.step()
    }
    fn parenthesis(&mut self) -> Result<(), ReadError> {
        self.expect(b'(')?;
        self.parenthesis_rest()
    }
    fn parenthesis_rest(&mut self) -> Result<(), ReadError> {
        let mut open = 1u32;
        while open > 0 {
            match self.token {
                Token::Sign(b'(') => open += 1,
                Token::Sign(b')') => open -= 1,
                Token::End => return Err(self.unexpected("`)`")),
                _ => {}
            }
            self.step()?;
        }
        Ok(())
    }
}

/// Declares a signal, or completes an earlier declaration (`output q; wire q;`).
fn declare<'s>(module: &mut Module<'s>, name: &'s str, new: Signal) -> Result<(), ReadError> {
    match module.signals.get_mut(name) {
        None => {
            module.signals.insert(name, new);
            module.order.push(name);
        }
        Some(old) => {
            if old.dir != Dir::None && new.dir != Dir::None && old.dir != new.dir {
                let what = format!("{name} is both input and output");
                return Err(new.pos.error(what, "give it one direction"));
            }
            if new.dir != Dir::None {
                old.dir = new.dir;
            }
            if old.range.is_some() && new.range.is_some() && old.range != new.range {
                let what = format!("{name} is declared twice with different ranges");
                return Err(new.pos.error(what, "give it one range"));
            }
            old.range = old.range.or(new.range);
            old.supply = old.supply.or(new.supply);
        }
    }
    Ok(())
}
