//! `sign` and `keygen`.

use crate::args::{KeygenArgs, SignArgs};
use crate::output::Output;
use anyhow::{Context, Result, anyhow, bail};
use dossier::PublicKey;
use serde_json::json;
use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Largest key file, in bytes.
const MAX_KEY: u64 = 64 << 10;

/// `probity sign`.
pub(crate) fn sign(args: &SignArgs, output: &Output) -> Result<u8> {
    let pem = read_key(&args.key)?;
    let id = dossier::sign(&args.dossier, &pem)
        .map_err(|e| anyhow!("{}: {e}", args.dossier.display()))?;
    if output.json {
        output.value(&json!({ "schema": "probity/sign/1", "key": id }));
    } else {
        output.text(&format!("{}: signed by key {id}\n", args.dossier.display()));
    }
    Ok(0)
}

/// `probity keygen`.
pub(crate) fn keygen(args: &KeygenArgs, output: &Output) -> Result<u8> {
    let (private, public) = dossier::keygen()?;
    let id = PublicKey::from_pem(&public)?.id;
    let with = |extension: &str| {
        let mut name = args.out.as_os_str().to_owned();
        name.push(extension);
        PathBuf::from(name)
    };
    let (secret, open) = (with(".pem"), with(".pub.pem"));
    for path in [&secret, &open] {
        if path.exists() {
            bail!("{}: exists; give another name with --out", path.display());
        }
    }
    write_new(&secret, &private, true)?;
    write_new(&open, &public, false)?;
    if output.json {
        let (secret, open) = (secret.to_string_lossy(), open.to_string_lossy());
        let value =
            json!({ "schema": "probity/keygen/1", "key": id, "private": secret, "public": open });
        output.value(&value);
    } else {
        output.text(&format!(
            "private key: {} (keep it)\npublic key:  {} (give it away)\nkey id:      {id}\n",
            secret.display(),
            open.display()
        ));
    }
    Ok(0)
}

/// Reads a key file.
pub(crate) fn read_key(path: &Path) -> Result<String> {
    let file = std::fs::File::open(path)
        .with_context(|| format!("{}: cannot be read; give a PEM file", path.display()))?;
    let mut text = String::new();
    file.take(MAX_KEY)
        .read_to_string(&mut text)
        .with_context(|| format!("{}: is not a PEM file", path.display()))?;
    Ok(text)
}

fn write_new(path: &Path, text: &str, secret: bool) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if secret {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file =
        options.open(path).with_context(|| format!("{}: cannot be written", path.display()))?;
    file.write_all(text.as_bytes())
        .with_context(|| format!("{}: cannot be written", path.display()))
}
