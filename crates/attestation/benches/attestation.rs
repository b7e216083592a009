//! Speed of the examination on synthetic sets.
fn main() { divan::main(); }
