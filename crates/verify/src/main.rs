//! `probity-verify`: checks a dossier with no engine inside.
//!
//! Everything it decides is decided in crate `dossier`; here are only arguments, lines and the exit
//! code: 0 the dossier is sound, whatever its verdicts; 1 a re-check failed; 2 it cannot be read, or
//! the arguments are wrong.

use dossier::{PublicKey, VerifyOptions, VerifyReport, verify};
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

const HELP: &str = "\
probity-verify: re-check a dossier, with no engine inside

Usage: probity-verify [OPTIONS] DOSSIER

  --trust KEY.pem    a public key whose signature counts (may be repeated);
                     if any is given, one of them must have signed
  --artifacts DIR    where artifacts lie that the dossier does not include
  --json             one JSON object instead of lines
  --help, --version

Exit code: 0 sound, whatever the verdicts; 1 a re-check failed; 2 unreadable.

Example:
  probity-verify --trust lab.pem --artifacts netlists/ npu4-clean.dossier
";

/// What the command line asks for.
enum Request {
    Print(String),
    Verify { dossier: PathBuf, options: VerifyOptions, json: bool },
}

fn main() -> ExitCode {
    let (mut out, mut err) = (io::stdout().lock(), io::stderr().lock());
    match run(std::env::args_os().skip(1), &mut out) {
        Ok(code) => code,
        Err(message) => {
            // Nobody is left to tell if even this fails; the exit code still does.
            let _ = writeln!(err, "probity-verify: {message}");
            ExitCode::from(2)
        }
    }
}

fn run(words: impl Iterator<Item = OsString>, out: &mut impl Write) -> Result<ExitCode, String> {
    let text = |e: io::Error| format!("cannot write: {e}");
    match parse(words)? {
        Request::Print(what) => {
            out.write_all(what.as_bytes()).map_err(text)?;
            Ok(ExitCode::SUCCESS)
        }
        Request::Verify { dossier, options, json } => {
            let report = verify(&dossier, &options)
                .map_err(|e| format!("{}: cannot be read: {e}", dossier.display()))?;
            if json { as_json(&report, out) } else { as_lines(&report, out) }.map_err(text)?;
            Ok(ExitCode::from(u8::from(!report.is_sound())))
        }
    }
}

fn parse(mut words: impl Iterator<Item = OsString>) -> Result<Request, String> {
    let mut options = VerifyOptions::default();
    let (mut dossier, mut json, mut literal) = (None, false, false);
    while let Some(word) = words.next() {
        let shown = word.to_string_lossy().into_owned();
        let mut value = |what: &str| {
            words.next().map(PathBuf::from).ok_or_else(|| format!("{shown} needs {what}"))
        };
        match word.to_str().filter(|w| !literal && w.starts_with('-') && *w != "-") {
            Some("--") => literal = true,
            Some("--help" | "-h") => return Ok(Request::Print(HELP.to_owned())),
            Some("--version" | "-V") => {
                let version = env!("CARGO_PKG_VERSION");
                return Ok(Request::Print(format!("probity-verify {version}\n")));
            }
            Some("--json") => json = true,
            Some("--trust") => options.trust.push(key(&value("a public key in PEM")?)?),
            Some("--artifacts") => {
                let dir = value("a directory")?;
                if !dir.is_dir() {
                    return Err(format!("--artifacts {}: is not a directory", dir.display()));
                }
                options.artifacts = Some(dir);
            }
            Some(_) => return Err(format!("unknown option {shown}; see --help")),
            None if dossier.is_none() => dossier = Some(PathBuf::from(word)),
            None => return Err(format!("more than one dossier: {shown}; see --help")),
        }
    }
    let dossier = dossier.ok_or("which dossier? see --help")?;
    Ok(Request::Verify { dossier, options, json })
}

fn key(path: &std::path::Path) -> Result<PublicKey, String> {
    let failed = |e: String| format!("--trust {}: {e}", path.display());
    let pem = std::fs::read_to_string(path).map_err(|e| failed(e.to_string()))?;
    PublicKey::from_pem(&pem).map_err(|e| failed(e.to_string()))
}

fn as_lines(report: &VerifyReport, out: &mut impl Write) -> io::Result<()> {
    for step in &report.steps {
        // Names and messages quote the dossier: nothing in them may steer the terminal.
        let line: String =
            step.to_string().chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
        writeln!(out, "{line}")?;
    }
    writeln!(out, "{}", report.summary())
}

fn as_json(report: &VerifyReport, out: &mut impl Write) -> io::Result<()> {
    let object = serde_json::json!({
        "schema": "probity/verify/1",
        "sound": report.is_sound(),
        "summary": report.summary(),
        "certificates": report.certificates,
        "obligations": report.obligations,
        "steps": report.steps,
    });
    writeln!(out, "{object}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> impl Iterator<Item = OsString> {
        line.split_whitespace().map(OsString::from).collect::<Vec<_>>().into_iter()
    }

    fn error(line: &str) -> String {
        run(words(line), &mut Vec::new()).unwrap_err()
    }

    #[test]
    fn wrong_arguments_are_named() {
        assert_eq!(error(""), "which dossier? see --help");
        assert_eq!(error("a b"), "more than one dossier: b; see --help");
        assert_eq!(error("--frobnicate d"), "unknown option --frobnicate; see --help");
        assert_eq!(error("d --trust"), "--trust needs a public key in PEM");
        assert_eq!(error("d --artifacts /nowhere"), "--artifacts /nowhere: is not a directory");
        assert!(error("d --trust /nowhere").starts_with("--trust /nowhere: "));
        assert!(error("/nowhere").starts_with("/nowhere: cannot be read: dossier.dsse.json: "));
        assert!(error("-- --json").starts_with("--json: cannot be read"));
    }

    #[test]
    fn help_shows_an_example() {
        let mut out = Vec::new();
        assert_eq!(run(words("--help"), &mut out), Ok(ExitCode::SUCCESS));
        assert!(String::from_utf8(out).unwrap().contains("Example:"));
    }

    #[test]
    fn an_empty_dossier_is_sound_and_a_spoiled_one_is_not() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("d");
        dossier::DossierWriter::create(&dir, dossier::Header::default()).unwrap().finish().unwrap();
        let mut out = Vec::new();
        let word = || std::iter::once(OsString::from(&dir));
        assert_eq!(run(word(), &mut out), Ok(ExitCode::SUCCESS));
        let text = String::from_utf8(out).unwrap();
        assert!(text.ends_with("sound: 0 certificates, 0 obligations re-checked\n"), "{text}");
        std::fs::write(dir.join("a\u{1b}[2J"), "x").unwrap();
        let mut out = Vec::new();
        assert_eq!(run(word(), &mut out), Ok(ExitCode::from(1)));
        let text = String::from_utf8(out).unwrap();
        assert!(
            text.ends_with("NOT SOUND: 1 check failed\n") && !text.contains('\u{1b}'),
            "{text}"
        );
        let mut out = Vec::new();
        let with_json = word().chain([OsString::from("--json")]);
        assert_eq!(run(with_json, &mut out), Ok(ExitCode::from(1)));
        let object: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(object["sound"], false);
    }
}
