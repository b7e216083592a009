use super::*;
use crate::sample::{FakeKernel, NETLIST, Sample, artifact, contract_of_sample, findings_in};
use crate::statement::FileEntry;
use crate::{keygen, pae, sign};
use evidence::{Finding, FindingDraft, Verdict};
use std::fs;
use std::io::Write;
use std::process::Command;

fn run(sample: &Sample) -> Result<VerifyReport, VerifyError> {
    verify_with(&sample.dir, &sample.options, &FakeKernel)
}

/// The messages of the failed steps, one a line.
fn failures(sample: &Sample) -> String {
    let report = run(sample).unwrap();
    let failed = report.steps.iter().filter(|s| s.status == Status::Failed);
    failed.map(|s| format!("{}: {}\n", s.name, s.message)).collect()
}

#[track_caller]
fn refused(sample: &Sample, message: &str) {
    let text = failures(sample);
    assert!(text.contains(message), "expected `{message}` among:\n{text}");
}

/// Rewrites the finding of `check` in place of the old one.
fn rewrite(dir: &Path, check: &str, edit: impl FnOnce(&mut FindingDraft)) {
    let (path, finding) = findings_in(dir).into_iter().find(|f| f.1.body.check == check).unwrap();
    fs::remove_file(path).unwrap();
    let mut body = finding.body;
    edit(&mut body);
    add(dir, &body.seal().unwrap());
}

fn add(dir: &Path, finding: &Finding) {
    let path = dir.join(format!("findings/{}.json", finding.id.hex()));
    fs::write(path, canonical_json(finding).unwrap()).unwrap();
}

#[test]
fn a_sound_dossier_is_sound() {
    let sample = Sample::new(true);
    let report = run(&sample).unwrap();
    assert!(report.is_sound(), "{}", failures(&sample));
    assert_eq!((report.certificates, report.obligations), (2, 2));
    assert!(report.steps.iter().all(|s| s.status == Status::Ok), "{:?}", report.steps);
}

#[test]
fn every_flipped_byte_outside_the_envelope_is_named() {
    let sample = Sample::new(true);
    for path in sample.paths() {
        let full = sample.dir.join(&path);
        let good = fs::read(&full).unwrap();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1 << (at % 8);
            fs::write(&full, bad).unwrap();
            refused(&sample, &format!("files: {path}: has digest"));
        }
        fs::write(&full, good).unwrap();
    }
}

#[test]
fn flipped_bytes_of_the_envelope_are_noticed() {
    let sample = Sample::new(true);
    let full = sample.dir.join(ENVELOPE);
    let good = fs::read(&full).unwrap();
    for at in (0..good.len()).rev().step_by(3) {
        let mut bad = good.clone();
        bad[at] ^= 1 << (at % 7);
        fs::write(&full, bad).unwrap();
        match run(&sample) {
            Err(error) => assert!(error.to_string().starts_with(ENVELOPE), "{error}"),
            Ok(report) => assert!(!report.is_sound(), "byte {at} may change"),
        }
    }
}

#[test]
fn flipped_bytes_of_an_unsigned_statement_are_noticed() {
    let sample = Sample::new(true);
    let full = sample.dir.join(ENVELOPE);
    let (mut envelope, _) = Envelope::parse(&fs::read(&full).unwrap()).unwrap();
    envelope.signatures.clear();
    let good = envelope.to_json().unwrap();
    let verify = |bytes: &[u8]| {
        fs::write(&full, bytes).unwrap();
        verify_with(&sample.dir, &VerifyOptions::default(), &FakeKernel)
    };
    assert!(verify(&good).unwrap().is_sound());
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1 << (at % 7);
        match verify(&bad) {
            Err(error) => assert!(error.to_string().starts_with(ENVELOPE), "{error}"),
            Ok(report) => assert!(!report.is_sound(), "byte {at} may change"),
        }
    }
}

#[test]
fn files_are_exactly_those_listed() {
    let sample = Sample::new(true);
    let stray = sample.dir.join("witnesses/more.vcd");
    fs::write(&stray, "x").unwrap();
    refused(&sample, "witnesses/more.vcd: is not listed in the statement");
    fs::remove_file(&stray).unwrap();
    fs::remove_file(sample.dir.join("report.html")).unwrap();
    refused(&sample, "report.html: is listed but missing");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("/etc/hostname", sample.dir.join("report.html")).unwrap();
        refused(&sample, "report.html: is a symbolic link");
        std::os::unix::fs::symlink("/", sample.dir.join("out")).unwrap();
        refused(&sample, "out: is a symbolic link");
    }
}

#[test]
fn listed_paths_stay_inside_and_in_their_places() {
    for (path, message) in [
        ("../d2", "`../d2` is listed but is not a path"),
        ("/etc/passwd", "`/etc/passwd` is listed but is not a path"),
        (ENVELOPE, "is listed but is not a path"),
        ("findings/notes.txt", "findings/notes.txt: has no meaning in a dossier"),
        ("artifacts/other.json", "artifacts/other.json: has no meaning in a dossier"),
    ] {
        let sample = Sample::new(true);
        sample.sign_as_is(|dir, statement| {
            if !path.starts_with(['.', '/']) && path != ENVELOPE {
                fs::write(dir.join(path), "x").unwrap();
            }
            let files = &mut statement.predicate.files;
            files.push(FileEntry { path: path.into(), sha256: Digest::of(b"x"), bytes: 1 });
            files.sort_by(|a, b| a.path.cmp(&b.path));
        });
        refused(&sample, message);
    }
    let sample = Sample::new(true);
    sample.sign_as_is(|_, s| {
        let first = s.predicate.files[0].clone();
        s.predicate.files.insert(0, first);
    });
    refused(&sample, "the list is not sorted by path, each path once");
}

#[test]
fn an_unwelcome_finding_cannot_be_dropped_or_doubled() {
    let sample = Sample::new(true);
    sample.sign_again(|dir, _| {
        for (path, finding) in findings_in(dir) {
            if finding.body.verdict == Verdict::Refuted {
                fs::remove_file(path).unwrap();
                let object = finding.body.certificate.unwrap();
                fs::remove_file(dir.join(object.path)).unwrap();
            }
        }
    });
    refused(&sample, "completeness: design.remote-disable of `job` in sha256:");
    let sample = Sample::new(true);
    sample.sign_again(|dir, _| {
        let mut body = findings_in(dir).remove(0).1.body;
        body.title = "again".into();
        add(dir, &body.seal().unwrap());
    });
    refused(&sample, "has 2 findings, not one");
}

#[test]
fn a_finding_says_what_its_certificate_says() {
    const DISABLE: &str = "design.remote-disable";
    type Edit = fn(&mut FindingDraft);
    let cases: [(Edit, &str); 9] = [
        (|b| b.verdict = Verdict::Proved, "finding and certificate differ in verdict"),
        (|b| b.kind = Some("lock".into()), "finding and certificate differ in kind"),
        (|b| b.item = Some("other".into()), "speaks of `other`, which the contract does not name"),
        (|b| b.certificate = None, "says `refuted` without a certificate"),
        (|b| b.artifact = Digest::of(b""), "which the dossier does not list"),
        (|b| b.claim = evidence::Claim::Genuine, "bears on no-remote-disable, not on genuine"),
        (|b| b.check = "design.magic".into(), "check `design.magic` is unknown"),
        (|b| b.verdict = Verdict::Undetermined, "a reason belongs to `undetermined`"),
        (
            |b| b.certificate.as_mut().unwrap().digest = Digest::of(b""),
            "which is not listed with that digest",
        ),
    ];
    for (edit, message) in cases {
        let sample = Sample::new(true);
        sample.sign_again(|dir, _| rewrite(dir, DISABLE, edit));
        refused(&sample, message);
    }
}

#[test]
fn findings_are_canonical_and_named_by_their_ids() {
    let sample = Sample::new(true);
    sample.sign_again(|dir, _| {
        let (path, finding) = findings_in(dir).remove(0);
        fs::write(path, serde_json::to_vec_pretty(&finding).unwrap()).unwrap();
    });
    refused(&sample, "is not in canonical form (RFC 8785)");
    let sample = Sample::new(true);
    sample.sign_again(|dir, _| {
        let (path, _) = findings_in(dir).remove(0);
        fs::rename(path, dir.join(format!("findings/{}.json", "0".repeat(64)))).unwrap();
    });
    refused(&sample, "its id is not the digest of its contents");
}

#[test]
fn the_claims_table_follows_from_the_findings() {
    let sample = Sample::new(true);
    sample.sign_as_is(|_, statement| {
        for entry in statement.predicate.claims.values_mut() {
            entry.verdict = Verdict::Proved;
        }
    });
    refused(&sample, "no-remote-disable: the statement says proved, the findings give refuted");
    refused(&sample, "genuine: the statement says proved, the findings give undetermined");
}

#[test]
fn the_statement_is_about_what_it_lists() {
    type Edit = fn(&mut Statement);
    let cases: [(Edit, &str); 5] = [
        (|s| s.subject[0].name = "other".into(), "its subject is not the list of artifacts"),
        (|s| s.predicate.kernel += 1, "made for kernel 3; this is kernel 2"),
        (|s| s.predicate.schema = "x".into(), "`x` stands where `probity/dossier/1` must"),
        (
            |s| {
                s.predicate.artifacts.push(s.predicate.artifacts[0].clone());
                s.subject.push(s.subject[0].clone());
            },
            "is listed twice",
        ),
        (|s| s.predicate.artifacts[0].name = "../n".into(), "`../n` is not a file name"),
    ];
    for (edit, message) in cases {
        let sample = Sample::new(true);
        sample.sign_as_is(|_, statement| edit(statement));
        refused(&sample, message);
    }
}

#[test]
fn the_contract_is_the_one_that_was_proved() {
    let sample = Sample::new(true);
    sample.sign_again(|dir, statement| {
        let mut weaker = contract_of_sample();
        weaker.service[0].recover_within = 1_000_000;
        let text = canonical_json(&weaker).unwrap();
        fs::write(dir.join(statement.predicate.artifacts[0].contract_path()), &text).unwrap();
        statement.predicate.artifacts[0].contract = Some(Digest::of(&text));
    });
    // The fake kernel would not even load it; the difference is found before it is asked.
    let kernel = NoKernel;
    let report = verify_with(&sample.dir, &sample.options, &kernel).unwrap();
    let text: String = report.steps.iter().map(|s| s.message.clone() + "\n").collect();
    assert!(text.contains("finding and certificate differ in contract"), "{text}");
}

/// Loads anything and accepts nothing.
struct NoKernel;
impl Kernel for NoKernel {
    type Model = ();
    fn load(
        &self,
        _: &[u8],
        _: Option<&[u8]>,
        _: &proof::contract::Contract,
    ) -> Result<(), String> {
        Ok(())
    }
    fn check(
        &self,
        (): &(),
        _: &Digest,
        _: &Digest,
        _: &proof::certificate::Certificate,
        _: &mut dyn proof::ProofSource,
    ) -> Result<usize, String> {
        Err("no".into())
    }
}

#[test]
fn proofs_and_certificates_belong_to_findings() {
    let sample = Sample::new(true);
    sample.sign_again(|dir, _| {
        let first = fs::read_dir(dir.join("certificates/lrat")).unwrap().next().unwrap().unwrap();
        let other = zstd::encode_all(&b"proof of nothing"[..], 3).unwrap();
        fs::write(first.path(), other).unwrap();
    });
    refused(&sample, "unfolds to sha256:");
    refused(&sample, ": refused");
    let sample = Sample::new(true);
    sample.sign_again(|dir, _| {
        let name = format!("certificates/{}.json", Digest::of(b"{}").hex());
        fs::write(dir.join(name), "{}").unwrap();
    });
    refused(&sample, "belongs to no sound finding");
    let sample = Sample::new(true);
    sample.sign_again(|dir, _| fs::remove_dir_all(dir.join("certificates/lrat")).unwrap());
    refused(&sample, "is not in the dossier");
}

#[test]
fn artifacts_that_are_not_included_are_found_by_digest() {
    let mut sample = Sample::new(false);
    refused(&sample, "is not included; name its directory with --artifacts DIR");
    let store = sample.root.path().join("store");
    fs::create_dir_all(store.join("deep")).unwrap();
    fs::write(store.join("decoy"), NETLIST).unwrap();
    sample.options.artifacts = Some(store.clone());
    refused(&sample, "is not included, and no file in");
    fs::write(store.join("deep/any name"), artifact().1).unwrap();
    assert!(run(&sample).unwrap().is_sound(), "{}", failures(&sample));
}

#[test]
fn signatures_are_who_they_say() {
    let mut sample = Sample::new(true);
    let (private, public) = keygen().unwrap();
    let other = PublicKey::from_pem(&public).unwrap();
    let trusted = std::mem::replace(&mut sample.options.trust, vec![other]);
    refused(&sample, "signatures: none of the trusted keys has signed");
    sign(&sample.dir, &private).unwrap();
    assert!(run(&sample).unwrap().is_sound());
    sample.options.trust.extend(trusted);
    let said = run(&sample).unwrap().steps;
    assert_eq!(said.iter().filter(|s| s.message.starts_with("signed by key")).count(), 2);
    sample.options.trust.clear();
    let said = run(&sample).unwrap().steps;
    assert_eq!(said.iter().filter(|s| s.message.ends_with("is not trusted")).count(), 2);

    let full = sample.dir.join(ENVELOPE);
    let (mut envelope, _) = Envelope::parse(&fs::read(&full).unwrap()).unwrap();
    envelope.signatures.clear();
    fs::write(&full, envelope.to_json().unwrap()).unwrap();
    let report = run(&sample).unwrap();
    assert!(report.is_sound());
    assert_eq!(report.steps[0].message, "none; authorship is unchecked");
}

fn openssl_agrees() {
    let sample = Sample::new(true);
    let (private, public) = keygen().unwrap();
    sign(&sample.dir, &private).unwrap();
    let (envelope, payload) =
        Envelope::parse(&fs::read(sample.dir.join(ENVELOPE)).unwrap()).unwrap();
    let id = PublicKey::from_pem(&public).unwrap().id;
    let signature = envelope.signatures.iter().find(|s| s.keyid == id).unwrap();
    use base64ct::Encoding;
    let at = |name: &str| sample.root.path().join(name);
    fs::write(at("sig"), base64ct::Base64::decode_vec(&signature.sig).unwrap()).unwrap();
    fs::write(at("pae.bin"), pae(crate::dsse::PAYLOAD_TYPE, &payload)).unwrap();
    fs::write(at("pub.pem"), public).unwrap();
    fs::write(at("key.pem"), private).unwrap();
    let openssl = |words: &str| {
        let mut command = Command::new("openssl");
        command.current_dir(sample.root.path()).args(words.split(' ')).output().unwrap()
    };
    let verified = openssl("pkeyutl -verify -rawin -pubin -inkey pub.pem -sigfile sig -in pae.bin");
    assert!(verified.status.success(), "{verified:?}");
    let signed = openssl("pkeyutl -sign -rawin -inkey key.pem -in pae.bin");
    assert_eq!(signed.stdout, fs::read(at("sig")).unwrap());
    let der = openssl("pkey -pubin -in pub.pem -outform DER");
    assert_eq!(Digest::of(&der.stdout).hex(), id);
}

#[test]
fn openssl_agrees_with_our_signatures() {
    if Command::new("openssl").arg("version").output().is_err() {
        // Not `eprintln!`, which the test harness swallows: a test that did nothing must show.
        let mut shown = std::io::stderr();
        writeln!(shown, "IGNORED: openssl is not installed; nothing was compared").unwrap();
        return;
    }
    openssl_agrees();
}
