//! Tests of the contract layer: meaning against a small evaluator, printing against parsing,
//! messages as a user sees them, and hostile text.

use std::collections::BTreeMap;

use netlist::{Aig, Lit, Node as Gate};
use proptest::prelude::*;

use super::expr::{Join, Kind, Member, Node, Relation, Signal, Span};
use super::*;

/// Ports for tests: name to offset and bits.
#[derive(Default)]
struct Ports(BTreeMap<String, (u32, Vec<Lit>)>);

impl Scope for Ports {
    fn resolve(&self, name: &str) -> Option<Vec<Lit>> {
        self.0.get(name).map(|(_, bits)| bits.clone())
    }
    fn offset(&self, name: &str) -> u32 {
        self.0.get(name).map_or(0, |(offset, _)| *offset)
    }
    fn all_names(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }
}

/// Name, offset and width of the test ports.
const PORTS: [(&str, u32, u32); 5] =
    [("go", 0, 1), ("low", 0, 4), ("u.core[2].mid", 4, 4), ("cmd_op", 0, 8), ("\\odd+name", 0, 4)];

fn ports(aig: &mut Aig) -> Ports {
    let mut ports = Ports::default();
    for (name, offset, width) in PORTS {
        let bits = (0..width).map(|_| aig.leaf()).collect();
        ports.0.insert(name.to_owned(), (offset, bits));
    }
    ports
}

/// Values of all variables, given those of the leaves.
fn simulate(aig: &Aig, leaves: u64) -> Vec<bool> {
    let mut values: Vec<bool> = Vec::new();
    for var in 0..aig.len() as u32 {
        let value = |lit: Lit| values[lit.index()] ^ lit.is_neg();
        values.push(match aig.node(var) {
            Gate::False => false,
            Gate::Leaf(leaf) => leaves >> leaf & 1 == 1,
            Gate::And(a, b) => value(a) && value(b),
        });
    }
    values
}

/// The reference: a node's value as a number, by the textbook meaning of each operator.
fn evaluate(node: &Node, leaves: u64) -> u64 {
    let number = |c: &Constant| c.bits.iter().rev().fold(0, |v, &bit| v << 1 | u64::from(bit));
    let eval = |x: &Node| evaluate(x, leaves);
    match &node.kind {
        Kind::Constant(constant) => number(constant),
        Kind::Signal(signal) => {
            let mut shift = 0;
            for (name, offset, width) in PORTS {
                if name == signal.name {
                    let (high, low) = signal.select.unwrap_or((offset + width - 1, offset));
                    return leaves >> (shift + low - offset) & ((2 << (high - low)) - 1);
                }
                shift += width;
            }
            unreachable!("a port of the table")
        }
        Kind::Not(x) => u64::from(eval(x) == 0),
        Kind::Invert(x) => !eval(x) & ((1 << width(x)) - 1),
        Kind::Compare(how, a, b) => {
            let (a, b) = (eval(a), eval(b));
            u64::from(match how {
                Relation::Eq => a == b,
                Relation::Ne => a != b,
                Relation::Lt => a < b,
                Relation::Le => a <= b,
                Relation::Gt => a > b,
                Relation::Ge => a >= b,
            })
        }
        Kind::Inside(x, members) => u64::from(members.iter().any(|member| match member {
            Member::One(_, value) => eval(x) == number(value),
            Member::Range(_, low, high) => (number(low)..=number(high)).contains(&eval(x)),
        })),
        Kind::Join(join, operands) => {
            let values: Vec<u64> = operands.iter().map(eval).collect();
            match join {
                Join::And => u64::from(values.iter().all(|&v| v != 0)),
                Join::Or => u64::from(values.iter().any(|&v| v != 0)),
                Join::BitAnd => values.into_iter().fold(u64::MAX, |a, b| a & b),
                Join::BitOr => values.into_iter().fold(0, |a, b| a | b),
                Join::BitXor => values.into_iter().fold(0, |a, b| a ^ b),
            }
        }
    }
}

fn width(node: &Node) -> u32 {
    match &node.kind {
        Kind::Signal(Signal { select: Some((high, low)), .. }) => high - low + 1,
        Kind::Signal(Signal { name, .. }) => {
            PORTS.into_iter().find(|(port, ..)| port == name).map_or(1, |(_, _, width)| width)
        }
        Kind::Constant(constant) => constant.width.unwrap_or(1),
        Kind::Invert(x) => width(x),
        Kind::Join(Join::BitAnd | Join::BitOr | Join::BitXor, xs) => width(&xs[0]),
        _ => 1,
    }
}

fn node(kind: Kind) -> Node {
    Node { span: Span(0), kind }
}

/// Port words of exactly `width` bits: 1, 4 or 8.
fn signals(width: u32) -> impl Strategy<Value = Node> {
    let whole =
        PORTS.into_iter().filter(move |port| port.2 == width).map(|(name, ..)| (name, None));
    let part =
        PORTS.into_iter().filter(move |port| port.2 >= width).flat_map(move |(name, o, w)| {
            (o..=o + w - width).map(move |low| (name, Some((low + width - 1, low))))
        });
    prop::sample::select(whole.chain(part).collect::<Vec<_>>())
        .prop_map(|(name, select)| node(Kind::Signal(Signal { name: name.to_owned(), select })))
}

fn constants(width: u32) -> impl Strategy<Value = Constant> {
    (0..1u64 << width, prop::option::of(width..12)).prop_map(|(value, size)| {
        Constant::new(size, (0..12).map(|bit| value >> bit & 1 == 1).collect())
    })
}

/// Well-formed words of `width` bits.
fn words(width: u32, depth: u32) -> BoxedStrategy<Node> {
    if depth == 0 {
        return signals(width).boxed();
    }
    let below = words(width, depth - 1);
    let join = prop::sample::select(vec![Join::BitAnd, Join::BitXor, Join::BitOr]);
    let operands = (below.clone(), prop::collection::vec(below.clone(), 1..3), constants(width));
    let bitwise = (join, operands).prop_map(|(join, (first, mut rest, constant))| {
        rest.insert(0, first);
        rest.push(node(Kind::Constant(constant)));
        node(Kind::Join(join, rest))
    });
    let invert = below.clone().prop_map(|x| node(Kind::Invert(Box::new(x))));
    let bit = |x: Node| if self::width(&x) == 1 { x } else { node(Kind::Not(Box::new(x))) };
    let one = if width == 1 { conditions(depth - 1).prop_map(bit).boxed() } else { below };
    prop_oneof![signals(width), invert, bitwise, one].boxed()
}

fn comparisons(width: u32, depth: u32) -> BoxedStrategy<Node> {
    use Relation::{Eq, Ge, Gt, Le, Lt, Ne};
    let relation = prop::sample::select(vec![Eq, Ne, Lt, Le, Gt, Ge]);
    let constant = || constants(width).prop_map(|c| node(Kind::Constant(c)));
    let sides = prop_oneof![
        (words(width, depth), words(width, depth)),
        (words(width, depth), constant()),
        (constant(), words(width, depth)),
    ];
    let compare = (relation, sides)
        .prop_map(|(how, (a, b))| node(Kind::Compare(how, Box::new(a), Box::new(b))));
    let member =
        (constants(width), prop::option::of(constants(width))).prop_map(|(a, b)| match b {
            None => Member::One(Span(0), a),
            Some(b) if a.at_most(&b) => Member::Range(Span(0), a, b),
            Some(b) => Member::Range(Span(0), b, a),
        });
    let inside = (words(width, depth), prop::collection::vec(member, 1..4))
        .prop_map(|(x, members)| node(Kind::Inside(Box::new(x), members)));
    prop_oneof![compare, inside].boxed()
}

/// Well-formed conditions.
fn conditions(depth: u32) -> BoxedStrategy<Node> {
    if depth == 0 {
        return prop_oneof![signals(1), signals(4), signals(8)].boxed();
    }
    let below = conditions(depth - 1);
    let join = prop::sample::select(vec![Join::And, Join::Or]);
    let truth = (0..2u8).prop_map(|v| node(Kind::Constant(Constant::new(None, vec![v == 1]))));
    let operand = prop_oneof![8 => below.clone(), 1 => truth];
    prop_oneof![
        (join, prop::collection::vec(operand, 2..4)).prop_map(|(j, xs)| node(Kind::Join(j, xs))),
        below.prop_map(|x| node(Kind::Not(Box::new(x)))),
        comparisons(1, depth - 1),
        comparisons(4, depth - 1),
        comparisons(8, depth - 1),
        words(8, depth - 1),
    ]
    .boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn meaning_agrees_with_the_evaluator(root in conditions(3), leaves in any::<u64>()) {
        let expr = Expr::parse(&root.to_string()).expect("printed expressions parse");
        let mut aig = Aig::new();
        let ports = ports(&mut aig);
        let lit = compile_bool(&mut aig, &ports, &expr).expect("well-formed");
        let value = simulate(&aig, leaves)[lit.index()] ^ lit.is_neg();
        prop_assert_eq!(value, evaluate(&root, leaves) != 0, "{}", expr);
    }

    #[test]
    fn printing_and_parsing_are_inverse(root in conditions(4)) {
        let text = root.to_string();
        let expr = Expr::parse(&text).expect("printed expressions parse");
        prop_assert_eq!(expr.root(), &root, "{}", text);
        prop_assert_eq!(expr.to_string(), text);
    }

    #[test]
    fn hostile_text_never_panics(text in "[a-c0-9'hdb!~&|^=<>(){}\\[\\]:, .\\\\é\\x1b\n_$]{0,40}") {
        if let Err(error) = Expr::parse(&text) {
            prop_assert!(!error.to_string().contains('\x1b'));
        }
        if let Ok(expr) = Expr::parse(&text) {
            let again = Expr::parse(&expr.to_string()).expect("printed expressions parse");
            prop_assert_eq!(&again.root, &expr.root);
            let mut aig = Aig::new();
            let ports = ports(&mut aig);
            let _ = compile_bool(&mut aig, &ports, &expr);
        }
        if let Ok(set) = SetList::parse(&text) {
            prop_assert_eq!(&SetList::parse(&set.to_string()).expect("parses").items, &set.items);
        }
    }
}

/// The message for `text`, as a condition over the test ports.
fn message(text: &str) -> String {
    let mut aig = Aig::new();
    let ports = ports(&mut aig);
    let result = Expr::parse(text).and_then(|expr| compile_bool(&mut aig, &ports, &expr));
    result.expect_err("an error").to_string()
}

#[test]
fn messages_show_the_place() {
    assert_eq!(
        message("go && cmd_opp == 8'h10"),
        "no port is named `cmd_opp`; did you mean `cmd_op`?\n    go && cmd_opp == 8'h10\n          ^"
    );
    let first_line = |text: &str| {
        let message = message(text);
        let (first, rest) = message.split_once('\n').expect("a caret follows");
        let column = rest.lines().nth(1).expect("a caret line").len() - 5;
        (first.to_owned(), column)
    };
    for (text, expected, column) in [
        ("low == 5'd16", "5'h10 does not fit in 4 bits; give a value that the port can have", 4),
        (
            "low == 4'd16",
            "`4'd16`: the value needs 5 bits; give it a larger size; nothing is cut off silently",
            7,
        ),
        ("cmd_op[8]", "`cmd_op` has no bits [8:8]; it is declared [7:0]", 0),
        ("u.core[2].mid[3]", "`u.core[2].mid` has no bits [3:3]; it is declared [7:4]", 0),
        ("cmd_op[0:7] == 1", "the select runs upwards; it is declared [7:0]", 0),
        (
            "low == cmd_op",
            "the sides have 4 and 8 bits; select as many bits of one as the other has",
            4,
        ),
        (
            "cmd_op == 8'h10 || 8'h11",
            "the constant 8'h11 is no condition; compare with each value, or write `inside {…}`",
            19,
        ),
        ("low < 3 < 5", "comparisons do not chain; write `a < b && b < c`, or add parentheses", 8),
        ("go = 1", "`=` assigns; write `==` to compare", 3),
        ("go low", "unexpected here; join conditions with && or ||", 3),
        ("go &&", "the expression ends too early; write a name, a constant, `!`, `~` or `(`", 5),
        ("(go", "the parenthesis stays open; close it with `)`", 3),
        ("1 == 1", "both sides are constants; compare a port with a constant", 2),
        ("low == 4'bx0", "`4'bx0`: `x` is no digit; use digits of the base only, no x or z", 7),
        ("~1 == low", "the width of 1 is open; give it a size, such as 8'd5", 1),
        ("low inside {[4:2]}", "the range is empty; write it as [low:high]", 12),
        ("low inside {}", "a constant is missing; write one as 8'h1F or 5", 12),
        (
            "go ? 1 : 0",
            "`?` has no meaning here; use names, constants and ! ~ && || & | ^ == != < <= > >= inside",
            3,
        ),
        ("zebra", "no port is named `zebra`; no name of the design is near", 0),
    ] {
        assert_eq!(first_line(text), (expected.to_owned(), column), "{text}");
    }
}

/// A port declared `[4:7]`: bit 4 is its most significant bit.
struct Upwards(Vec<Lit>);

impl Scope for Upwards {
    fn resolve(&self, _: &str) -> Option<Vec<Lit>> {
        Some(self.0.clone())
    }
    fn offset(&self, _: &str) -> u32 {
        4
    }
    fn upto(&self, _: &str) -> bool {
        true
    }
    fn all_names(&self) -> Vec<String> {
        vec!["up".into()]
    }
}

#[test]
fn selects_follow_the_declared_direction() {
    let mut aig = Aig::new();
    let scope = Upwards((0..4).map(|_| aig.leaf()).collect());
    let bits = scope.0.clone();
    let mut word = |text: &str| {
        Expr::parse(text)
            .and_then(|e| compile_word(&mut aig, &scope, &e))
            .map_err(|e| e.to_string().lines().next().unwrap_or_default().to_owned())
    };
    assert_eq!(word("up"), Ok(bits.clone()));
    assert_eq!(word("up[7]"), Ok(vec![bits[0]]));
    assert_eq!(word("up[4]"), Ok(vec![bits[3]]));
    assert_eq!(word("up[4:5]"), Ok(bits[2..].to_vec()));
    assert_eq!(word("up[4:7]"), Ok(bits));
    assert_eq!(word("up[5:4]"), Err("the select runs downwards; it is declared [4:7]".into()));
    for text in ["up[3]", "up[8]", "up[7:8]"] {
        assert!(word(text).unwrap_err().contains("it is declared [4:7]"), "{text}");
    }
}

#[test]
fn precedence_is_verilogs() {
    for (text, meaning) in [
        ("!go && low", "(!go) && low"),
        ("go || go && low", "go || (go && low)"),
        ("low & 1 == go", "low & (1 == go)"),
        ("low | low ^ low & low", "low | (low ^ (low & low))"),
        ("go == low < 3", "go == (low < 3)"),
        ("~low == 4'b10_01", "(~low) == 4'h9"),
        ("low inside {1, [2:4'd3]} == go", "(low inside {1, [2:4'h3]}) == go"),
    ] {
        let tree = |text| Expr::parse(text).expect("parses");
        assert_eq!(tree(text).root, tree(meaning).root, "{text}");
    }
    let names = Expr::parse("a.b[1].c[3] && \\x+y [2] || $z").expect("parses");
    assert_eq!(names.names().into_iter().collect::<Vec<_>>(), ["$z", "a.b[1].c", "x+y"]);
}

#[test]
fn deep_and_long_text_is_bounded() {
    let deep = |n: usize| format!("{}go{}", "(".repeat(n), ")".repeat(n));
    assert!(Expr::parse(&deep(parse::MAX_DEPTH - 1)).is_ok());
    for text in [deep(parse::MAX_DEPTH), "!".repeat(15_000), "(".repeat(15_000)] {
        let error = Expr::parse(&text).expect_err("too deep");
        assert_eq!(error.what, "nested deeper than 200 levels");
        assert!(error.to_string().len() < 500);
    }
    assert!(Expr::parse(&" ".repeat(lex::MAX_TEXT + 1)).is_err());
    let words = "go&".repeat(lex::MAX_TOKENS / 2);
    assert!(Expr::parse(&format!("{words}go")).expect_err("too many").what.contains("20000 words"));
    // The highest tree: every level of binding strength inside every parenthesis, on a small stack.
    let tower = "low<(".repeat(99) + "1" + &")==1&1^1|1&&1||1".repeat(99);
    let work = move || {
        let expr = Expr::parse(&tower).expect("parses");
        let (copy, text) = (expr.clone(), expr.to_string());
        assert_eq!(Expr::parse(&text).expect("parses"), Expr { text, ..copy });
        let mut aig = Aig::new();
        let ports = ports(&mut aig);
        let _ = compile_bool(&mut aig, &ports, &expr);
        expr.names().len()
    };
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(work).expect("a thread");
    assert_eq!(thread.join().expect("no overflow"), 1);
}

#[test]
fn sets_drive_each_bit_once() {
    let mut aig = Aig::new();
    let ports = ports(&mut aig);
    let compile = |text: &str| SetList::parse(text).and_then(|set| compile_set(&ports, &set));
    let driven = compile("go = 1, cmd_op[3:2] = 2'b10, cmd_op[0] = 0").expect("compiles");
    let op = ports.resolve("cmd_op").expect("a port");
    let go = ports.resolve("go").expect("a port");
    assert_eq!(driven, [(go[0], true), (op[2], false), (op[3], true), (op[0], false)]);
    for (text, what) in [
        ("cmd_op = 1, cmd_op[3] = 1", "a bit is driven twice"),
        ("low = 16", "16 does not fit in 4 bits"),
        ("go == 1", "a value is missing"),
        ("go = 1,", "a name is missing"),
        ("", "a name is missing"),
        ("go = low", "a constant is missing"),
    ] {
        assert_eq!(compile(text).expect_err(text).what, what);
    }
}

#[test]
fn words_keep_their_width() {
    let mut aig = Aig::new();
    let ports = ports(&mut aig);
    let expr = Expr::parse("cmd_op[7:4]").expect("parses");
    let word = compile_word(&mut aig, &ports, &expr).expect("compiles");
    assert_eq!(word, ports.resolve("cmd_op").expect("a port")[4..]);
}
