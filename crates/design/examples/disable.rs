//! Runs the recoverability check on a case file's first artifact and re-checks the certificate.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a developer's tool")]

use std::collections::HashMap;
use std::io::Read;
use std::time::Instant;

struct Proofs(HashMap<evidence::Digest, Vec<u8>>);
impl proof::ProofSource for Proofs {
    fn open(&mut self, lrat: &evidence::Digest) -> Result<Box<dyn std::io::BufRead + '_>, String> {
        self.0
            .get(lrat)
            .map(|b| Box::new(&b[..]) as Box<dyn std::io::BufRead>)
            .ok_or_else(|| "missing".into())
    }
}

fn main() {
    for path in std::env::args().skip(1) {
        let case: toml::Value = toml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let artifact = &case["artifact"][0];
        let contract: proof::contract::Contract = artifact["contract"].clone().try_into().unwrap();
        let netlist =
            std::path::Path::new(&path).parent().unwrap().join(artifact["path"].as_str().unwrap());
        let raw = std::fs::read(&netlist).unwrap();
        let mut bytes = Vec::new();
        if netlist.extension().is_some_and(|e| e == "zst") {
            zstd::Decoder::new(&raw[..]).unwrap().read_to_end(&mut bytes).unwrap();
        } else {
            bytes = raw.clone();
        }
        let t = Instant::now();
        let model = match proof::load_model(&bytes, &contract) {
            Ok(m) => m,
            Err(e) => {
                println!("{path}: {e}");
                continue;
            }
        };
        println!(
            "{path}: {} state, {} ands, load {:.2?}",
            model.state.len(),
            model.aig.and_count(),
            t.elapsed()
        );
        for service in 0..model.services.len() {
            let t = Instant::now();
            let budget = solve::Budget::new(20_000_000);
            let settings =
                design::Settings { budget: budget.clone(), hints: Vec::new(), exact: true };
            let answer = design::remote_disable::remote_disable(&model, service, &settings);
            println!("  search {:.2?}, steps {}", t.elapsed(), 20_000_000 - budget.remaining());
            match answer {
                Err(u) => println!("  UNDETERMINED {:?}: {}", u.reason, u.detail),
                Ok(answer) => {
                    println!("  {} {}\n  {}", answer.verdict, answer.title, answer.detail);
                    let digest = evidence::Digest::of(&raw);
                    let item = model.services[service].name.clone();
                    let subject = design::Subject {
                        netlist: digest,
                        contract: digest,
                        check: proof::kernel::REMOTE_DISABLE,
                        item: &item,
                    };
                    let t = Instant::now();
                    match design::seal(&model, subject, answer, &budget) {
                        Err(u) => println!("  SEAL {:?}: {}", u.reason, u.detail),
                        Ok(sealed) => {
                            let size: usize = sealed.proofs.iter().map(|p| p.1.len()).sum();
                            println!(
                                "  sealed {:?} in {:.2?}: {} obligations, proofs {} bytes",
                                sealed.kind,
                                t.elapsed(),
                                sealed.emitted.len(),
                                size
                            );
                            let t = Instant::now();
                            let mut proofs = Proofs(sealed.proofs.iter().cloned().collect());
                            let checked = proof::check(
                                &model,
                                &digest,
                                &digest,
                                &sealed.certificate,
                                &mut proofs,
                            );
                            println!("  check {:?} in {:.2?}", checked, t.elapsed());
                        }
                    }
                }
            }
        }
    }
}
