//! Runs the identity check on every identity of every design artifact of a case, certifies each
//! answer, checks the certificate, and prints seconds: `cargo run --release --example leak -- CASE…`

use design::{Settings, Subject, identity_leak, seal};
use evidence::Digest;
use netlist::{ReadOptions, read_yosys_json};
use proof::contract::Contract;
use proof::{Model, ProofSource, kernel};
use solve::Budget;
use std::error::Error;
use std::io::{BufRead, Cursor, Write};
use std::path::Path;
use std::time::Instant;

struct Proofs(Vec<(Digest, Vec<u8>)>);

impl ProofSource for Proofs {
    fn open(&mut self, lrat: &Digest) -> Result<Box<dyn BufRead + '_>, String> {
        let found = self.0.iter().find(|p| p.0 == *lrat).ok_or("no such proof")?;
        Ok(Box::new(Cursor::new(&found.1)))
    }
}

fn run(case: &Path, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let text = std::fs::read_to_string(case)?;
    let table: toml::Table = toml::from_str(&text)?;
    for artifact in table["artifact"].as_array().ok_or("no artifact")? {
        let Some(contract) = artifact.get("contract") else { continue };
        let contract: Contract = contract.clone().try_into()?;
        let path = artifact["path"].as_str().ok_or("no path")?;
        let path = case.parent().unwrap_or(Path::new(".")).join(path);
        let started = Instant::now();
        let bytes = zstd::decode_all(std::fs::File::open(path)?)?;
        let cuts: Vec<String> = contract.identity.iter().map(|i| i.signal.clone()).collect();
        let top = contract.top.as_deref();
        let netlist = read_yosys_json(&bytes, &ReadOptions { top, cuts: &cuts })?;
        let model = Model::new(&netlist, &contract)?;
        let name = case.file_stem().unwrap_or_default().to_string_lossy();
        writeln!(
            out,
            "{name}: {} ANDs, {} state bits, read in {:.2} s",
            model.aig.and_count(),
            model.state.len(),
            started.elapsed().as_secs_f64()
        )?;
        for (item, identity) in model.identities.iter().enumerate() {
            let budget = Budget::new(20_000_000);
            let settings = Settings { budget: budget.clone(), hints: Vec::new(), exact: true };
            let started = Instant::now();
            let answer = match identity_leak::identity_leak(&model, item, &settings) {
                Ok(answer) => answer,
                Err(u) => {
                    let s = started.elapsed().as_secs_f64();
                    writeln!(
                        out,
                        "  {}: undetermined({}) {s:.2} s: {}",
                        identity.name, u.reason, u.detail
                    )?;
                    continue;
                }
            };
            let found = started.elapsed().as_secs_f64();
            let started = Instant::now();
            let digest = Digest::of(&bytes);
            let contract = Digest::of(text.as_bytes());
            let item = identity.name.as_str();
            let check = kernel::IDENTITY_LEAK;
            let subject = Subject { netlist: digest, contract, check, item };
            let sealed = match seal(&model, subject, answer, &budget) {
                Ok(sealed) => sealed,
                Err(u) => {
                    writeln!(out, "  {item}: NOT SEALED ({}): {}", u.reason, u.detail)?;
                    continue;
                }
            };
            let sealing = started.elapsed().as_secs_f64();
            let started = Instant::now();
            let proof_bytes: usize = sealed.proofs.iter().map(|p| p.1.len()).sum();
            let mut proofs = Proofs(sealed.proofs);
            let checked =
                kernel::check(&model, &digest, &contract, &sealed.certificate, &mut proofs);
            writeln!(
                out,
                "  {:?} {} found {found:.2} s, sealed {sealing:.2} s, checked {:.2} s, {checked:?}, \
                 {proof_bytes} proof bytes\n    {}\n    {}\n    {:?}",
                sealed.answer.verdict,
                sealed.kind.unwrap_or_default(),
                started.elapsed().as_secs_f64(),
                sealed.answer.title,
                sealed.answer.detail,
                sealed.answer.metrics,
            )?;
            for l in &sealed.answer.locators {
                writeln!(out, "      {:?} {} {:?} {:?}", l.role, l.name, l.bit, l.src)?;
            }
        }
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout();
    for case in std::env::args().skip(1) {
        if let Err(error) = run(Path::new(&case), &mut out) {
            writeln!(out, "{case}: {error}")?;
        }
    }
    Ok(())
}
