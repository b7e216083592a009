//! The workspace as a whole: the dependency table, and the length of the trusted base.
//!
//! Problem: layers erode one convenient `use` at a time, and a number in a README is soon wrong.
//! Method: `cargo metadata` lists the dependencies that ship (normal and build, not dev); each must
//! stand in [`TABLE`] or, with its reason, in [`DEVIATIONS`]. Lines are counted in the sources.
//! `UPDATE=1 cargo test --release -p probity-testkit --test layering` writes the number.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Who may depend on whom; `ARCHITECTURE.md` prints the same table.
const TABLE: &[(&str, &[&str])] = &[
    ("evidence", &[]),
    ("netlist", &["evidence"]),
    ("proof", &["evidence", "netlist"]),
    ("dossier", &["evidence", "netlist", "proof"]),
    ("verify", &["dossier", "evidence", "netlist", "proof"]),
    ("frontend", &["evidence", "netlist"]),
    ("solve", &["evidence", "netlist", "proof"]),
    ("design", &["evidence", "frontend", "netlist", "proof", "solve"]),
    ("firmware", &["evidence"]),
    ("attestation", &["evidence"]),
    ("network", &["evidence"]),
    ("performance", &["evidence"]),
    ("report", &["dossier", "evidence"]),
    (
        "audit",
        &[
            "attestation",
            "design",
            "dossier",
            "evidence",
            "firmware",
            "frontend",
            "netlist",
            "network",
            "performance",
            "proof",
            "report",
            "solve",
        ],
    ),
    ("cli", &["audit", "dossier", "report"]),
];

/// May depend on anything; nothing that ships depends on it.
const TESTKIT: &str = "testkit";

/// Dependencies outside the table: who, on whom, why.
const DEVIATIONS: &[(&str, &str, &str)] = &[
    ("cli", "evidence", "words of the vocabulary: artifact kinds, verdicts, the pages of checks"),
    ("report", "proof", "counts the obligations of a certificate, which it reads as data"),
];

/// The crates a hostile party must read.
const TRUSTED: &[&str] = &["evidence", "netlist", "proof", "dossier", "verify"];

/// Stands before the number in the README.
const MARKER: &str = "Trusted base: ";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The dependencies within the workspace that ship, without the prefix of the package names.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path"])
        .arg(root().join("Cargo.toml"))
        .output()
        .expect("cargo can be run: it runs this test");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON");
    let list = |value: &serde_json::Value| value.as_array().cloned().unwrap_or_default();
    let short = |value: &serde_json::Value| {
        value["name"].as_str().and_then(|n| n.strip_prefix("probity-")).map(str::to_owned)
    };
    list(&metadata["packages"])
        .iter()
        .map(|package| {
            let all = list(&package["dependencies"]);
            let ship = all.iter().filter(|d| d["kind"] != "dev").filter_map(short).collect();
            (short(package).expect("packages are named probity-*"), ship)
        })
        .collect()
}

#[test]
fn crates_depend_on_what_the_table_allows() {
    let found = dependencies();
    let mut wrong = Vec::new();
    for (name, on) in &found {
        let Some((_, allowed)) = TABLE.iter().find(|row| row.0 == name) else {
            if name != TESTKIT {
                wrong.push(format!("crate `{name}` is not in the table: add its row"));
            }
            continue;
        };
        for other in on {
            let excused = DEVIATIONS.iter().any(|d| d.0 == name && d.1 == other);
            if !allowed.contains(&other.as_str()) && !excused {
                wrong.push(format!("`{name}` must not depend on `{other}`"));
            }
        }
    }
    for (name, on, _) in DEVIATIONS {
        if !found.get(*name).is_some_and(|all| all.contains(*on)) {
            wrong.push(format!("`{name}` no longer depends on `{on}`: drop the deviation"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_names_no_crate_above_its_own_layer() {
    for (row, (name, allowed)) in TABLE.iter().enumerate() {
        for other in *allowed {
            let at = TABLE.iter().position(|r| r.0 == *other);
            assert!(at.is_some_and(|at| at < row), "{name} -> {other}");
        }
    }
}

/// Rust files below `dir`, sorted.
fn sources(dir: &Path, into: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(dir).expect("a source directory can be read");
    let mut paths: Vec<PathBuf> =
        entries.map(|e| e.expect("a directory entry can be read").path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs") {
            into.push(path);
        }
    }
}

/// Non-blank lines outside of test modules, and the paths of test modules in files of their own.
fn count(text: &str, path: &Path) -> (usize, Vec<PathBuf>) {
    let stem = path.file_stem().unwrap_or_default();
    let home = path.parent().unwrap_or(Path::new("")).to_path_buf();
    let children =
        if stem == "lib" || stem == "main" || stem == "mod" { home } else { home.join(stem) };
    let (mut lines, mut tests) = (0, Vec::new());
    let mut rest = text.lines();
    while let Some(line) = rest.next() {
        if line.trim() == "#[cfg(test)]" {
            let item = rest.next().unwrap_or("").trim_end();
            let name = item.rsplit(' ').next().unwrap_or("");
            if item.contains("mod ") && item.ends_with(';') {
                let name = name.trim_end_matches(';');
                tests.push(children.join(format!("{name}.rs")));
                tests.push(children.join(name));
            } else if item.contains("mod ") && item.ends_with('{') {
                // test modules stand at top level, so their end is a brace in the first column
                rest.by_ref().find(|l| *l == "}");
            }
        } else if !line.trim().is_empty() {
            lines += 1;
        }
    }
    (lines, tests)
}

fn trusted_lines() -> usize {
    let mut total = 0;
    for name in TRUSTED {
        let mut files = Vec::new();
        sources(&root().join("crates").join(name).join("src"), &mut files);
        let mut counted = Vec::new();
        let mut tests = Vec::new();
        for path in files {
            let text = fs::read_to_string(&path).expect("a source file is text");
            let (lines, in_files) = count(&text, &path);
            tests.extend(in_files);
            counted.push((path, lines));
        }
        counted.retain(|(path, _)| !tests.iter().any(|test| path.starts_with(test)));
        total += counted.iter().map(|c| c.1).sum::<usize>();
    }
    total
}

#[test]
fn test_modules_do_not_count() {
    let text = "//! a\n\nfn f() {}\n#[cfg(test)]\nmod tests {\n    use x;\n}\nfn g() {}\n";
    assert_eq!(count(text, Path::new("s/a.rs")), (3, vec![]));
    let text = "#[cfg(test)]\npub(crate) mod t;\n";
    let tests = vec![PathBuf::from("s/a/t.rs"), PathBuf::from("s/a/t")];
    assert_eq!(count(text, Path::new("s/a.rs")), (0, tests));
}

#[test]
fn the_readme_states_the_length_of_the_trusted_base() {
    let path = root().join("README.md");
    let readme = fs::read_to_string(&path).expect("there is a README");
    let at = readme.find(MARKER).expect("the README states the length of the trusted base");
    let (before, after) = readme.split_at(at + MARKER.len());
    let end = after.find(" lines").expect("the README says `Trusted base: N lines`");
    let lines = trusted_lines().to_string();
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, format!("{before}{lines}{}", &after[end..]))
            .expect("the README can be written");
        return;
    }
    let stated = &after[..end];
    assert_eq!(
        stated, lines,
        "README.md states {stated} lines, the sources have {lines}; write the number with\n    \
         UPDATE=1 cargo test --release -p probity-testkit --test layering"
    );
}
