//! Parser of contract expressions: precedence climbing with the operator table of IEEE 1800-2017.
//!
//! Method: one function per level would recurse eight deep for each parenthesis; precedence
//! climbing (Richards, 1979) needs one loop and recurses only where the text nests. Depth is
//! counted, so hostile nesting ends in an error. Linear in the text.
//! Stricter than Verilog: comparisons do not chain (`a < b < c` compares a truth value with c there,
//! never what the author meant), selects apply to names only, and members of `inside` are constants.

use super::expr::{
    Assignment, Constant, Expr, ExprError, Fault, Join, Kind, Member, Node, RELATIONAL, Relation,
    SetList, Signal, Span,
};
use super::lex::{Token, tokens};

/// Deepest nesting of parentheses, unary operators and right operands. A tree is at most eight
/// times as high: one level for each binding strength.
pub const MAX_DEPTH: usize = 200;

const OPERAND: &str = "write a name, a constant, `!`, `~` or `(`";

impl Expr {
    /// Reads an expression.
    pub fn parse(text: &str) -> Result<Self, ExprError> {
        let root = whole(text, |parser| parser.binary(0)).map_err(|fault| fault.within(text))?;
        Ok(Self { text: text.to_owned(), root })
    }
}

impl SetList {
    /// Reads a list of assignments.
    pub fn parse(text: &str) -> Result<Self, ExprError> {
        let items = whole(text, Parser::assignments).map_err(|fault| fault.within(text))?;
        Ok(Self { text: text.to_owned(), items })
    }
}

/// Runs `rule` over all words of `text`; none may be left over.
fn whole<T>(text: &str, rule: impl FnOnce(&mut Parser) -> Result<T, Fault>) -> Result<T, Fault> {
    let mut parser = Parser { tokens: tokens(text)?, next: 0, depth: 0, end: text.len() };
    let value = rule(&mut parser)?;
    match parser.peek() {
        None => Ok(value),
        Some(Token::Mark("=")) => Err(parser.fault("`=` assigns", "write `==` to compare")),
        Some(_) => Err(parser.fault("unexpected here", "join conditions with && or ||")),
    }
}

struct Parser {
    tokens: Vec<(Span, Token)>,
    next: usize,
    depth: usize,
    end: usize,
}

/// A binary operator.
enum Operator {
    Join(Join),
    Compare(Relation),
    Inside,
}

impl Operator {
    fn level(&self) -> u8 {
        match self {
            Self::Join(join) => join.level(),
            Self::Compare(relation) => relation.level(),
            Self::Inside => RELATIONAL,
        }
    }
}

impl Parser {
    /// An expression whose operators bind tighter than `below`.
    fn binary(&mut self, below: u8) -> Result<Node, Fault> {
        self.deeper()?;
        let mut left = self.unary()?;
        while let Some(operator) = self.operator().filter(|op| op.level() > below) {
            let (span, level) = (self.span(), operator.level());
            let kind = match operator {
                Operator::Join(join) => {
                    let mut operands = vec![left];
                    while self.accept(join.symbol()) {
                        operands.push(self.binary(level)?);
                    }
                    Kind::Join(join, operands)
                }
                Operator::Compare(relation) => {
                    self.next += 1;
                    let right = self.binary(level)?;
                    Kind::Compare(relation, Box::new(left), Box::new(right))
                }
                Operator::Inside => {
                    self.next += 1;
                    Kind::Inside(Box::new(left), self.members()?)
                }
            };
            if level >= Relation::Eq.level()
                && self.operator().is_some_and(|op| op.level() == level)
            {
                let remedy = "write `a < b && b < c`, or add parentheses";
                return Err(self.fault("comparisons do not chain", remedy));
            }
            left = Node { span, kind };
        }
        self.depth -= 1;
        Ok(left)
    }

    fn unary(&mut self) -> Result<Node, Fault> {
        let span = self.span();
        let kind = if self.accept("!") {
            Kind::Not(Box::new(self.nested_unary()?))
        } else if self.accept("~") {
            Kind::Invert(Box::new(self.nested_unary()?))
        } else if self.accept("(") {
            let inner = self.binary(0)?;
            self.expect(")", "the parenthesis stays open", "close it with `)`")?;
            return Ok(inner);
        } else {
            match self.peek() {
                Some(Token::Name(_)) => Kind::Signal(self.signal()?),
                Some(Token::Constant(_)) => Kind::Constant(self.constant()?),
                Some(_) => return Err(self.fault("an operand is missing", OPERAND)),
                None => return Err(self.fault("the expression ends too early", OPERAND)),
            }
        };
        Ok(Node { span, kind })
    }

    fn nested_unary(&mut self) -> Result<Node, Fault> {
        self.deeper()?;
        let node = self.unary()?;
        self.depth -= 1;
        Ok(node)
    }

    fn signal(&mut self) -> Result<Signal, Fault> {
        let Some(Token::Name(name)) = self.peek().cloned() else {
            return Err(self.fault("a name is missing", "write a port name"));
        };
        self.next += 1;
        if !self.accept("[") {
            return Ok(Signal { name, select: None });
        }
        let left = self.index()?;
        let right = if self.accept(":") { self.index()? } else { left };
        self.expect("]", "the select stays open", "close it with `]`")?;
        Ok(Signal { name, select: Some((left, right)) })
    }

    fn index(&mut self) -> Result<u32, Fault> {
        let fault = self.fault("not a bit number", "write a plain decimal, such as x[7:4]");
        match self.constant() {
            Ok(Constant { width: None, bits }) if bits.len() <= 32 => {
                Ok(bits.iter().rev().fold(0, |value, &bit| value << 1 | u32::from(bit)))
            }
            _ => Err(fault),
        }
    }

    fn constant(&mut self) -> Result<Constant, Fault> {
        let Some(Token::Constant(constant)) = self.peek().cloned() else {
            return Err(self.fault("a constant is missing", "write one as 8'h1F or 5"));
        };
        self.next += 1;
        Ok(constant)
    }

    fn members(&mut self) -> Result<Vec<Member>, Fault> {
        self.expect("{", "the set is missing", "write inside {1, 2, [4:7]}")?;
        let mut members = Vec::new();
        loop {
            members.push(self.member()?);
            if self.accept("}") {
                return Ok(members);
            }
            self.expect(",", "the set stays open", "go on with `,` or close it with `}`")?;
        }
    }

    fn member(&mut self) -> Result<Member, Fault> {
        let span = self.span();
        if !self.accept("[") {
            return Ok(Member::One(span, self.constant()?));
        }
        let low = self.constant()?;
        self.expect(":", "the range is not complete", "write it as [low:high]")?;
        let high = self.constant()?;
        self.expect("]", "the range stays open", "close it with `]`")?;
        if !low.at_most(&high) {
            return Err(Fault::new(span.0, "the range is empty", "write it as [low:high]"));
        }
        Ok(Member::Range(span, low, high))
    }

    fn assignments(&mut self) -> Result<Vec<Assignment>, Fault> {
        let mut items = Vec::new();
        loop {
            let span = self.span();
            let signal = self.signal()?;
            self.expect("=", "a value is missing", "write name = constant")?;
            items.push(Assignment { signal, span, value: self.constant()? });
            if self.next == self.tokens.len() {
                return Ok(items);
            }
            self.expect(",", "unexpected here", "separate assignments with `,`")?;
        }
    }

    fn operator(&self) -> Option<Operator> {
        Some(match self.peek()? {
            Token::Mark("||") => Operator::Join(Join::Or),
            Token::Mark("&&") => Operator::Join(Join::And),
            Token::Mark("|") => Operator::Join(Join::BitOr),
            Token::Mark("^") => Operator::Join(Join::BitXor),
            Token::Mark("&") => Operator::Join(Join::BitAnd),
            Token::Mark("==") => Operator::Compare(Relation::Eq),
            Token::Mark("!=") => Operator::Compare(Relation::Ne),
            Token::Mark("<") => Operator::Compare(Relation::Lt),
            Token::Mark("<=") => Operator::Compare(Relation::Le),
            Token::Mark(">") => Operator::Compare(Relation::Gt),
            Token::Mark(">=") => Operator::Compare(Relation::Ge),
            Token::Mark("inside") => Operator::Inside,
            _ => return None,
        })
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|(_, token)| token)
    }

    fn span(&self) -> Span {
        self.tokens.get(self.next).map_or(Span(self.end), |(span, _)| *span)
    }

    fn accept(&mut self, mark: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Mark(next)) if *next == mark);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, mark: &str, what: &str, remedy: &str) -> Result<(), Fault> {
        if self.accept(mark) { Ok(()) } else { Err(self.fault(what, remedy)) }
    }

    fn fault(&self, what: &str, remedy: &str) -> Fault {
        Fault::new(self.span().0, what, remedy)
    }

    /// Enters one level of nesting; left by lowering `depth`, errors end the parse anyway.
    fn deeper(&mut self) -> Result<(), Fault> {
        self.depth += 1;
        if self.depth <= MAX_DEPTH {
            return Ok(());
        }
        let what = format!("nested deeper than {MAX_DEPTH} levels");
        Err(self.fault(&what, "split the expression"))
    }
}
