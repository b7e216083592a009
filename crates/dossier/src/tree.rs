//! The files of a dossier: safe paths, bounded walking, bounded reading, bounded decompression.
//!
//! Everything here assumes that whoever made the directory wants to harm its reader: by a link that
//! leads out of it, a file that does not end, a hundred million files, or a few compressed bytes that
//! unfold to a terabyte. Each of these meets a named limit and a message that says which.

use evidence::Digest;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

/// Most files in a directory tree.
pub const MAX_FILES: usize = 200_000;
/// Deepest nesting of directories.
pub const MAX_DEPTH: usize = 8;
/// Longest path, in bytes.
pub const MAX_PATH: usize = 1024;
/// Largest file that is hashed, in bytes.
pub const MAX_FILE: u64 = 64 << 30;
/// Largest JSON document that is read whole, in bytes.
pub const MAX_JSON: u64 = 512 << 20;
/// Largest netlist, uncompressed, in bytes.
pub const MAX_NETLIST: u64 = 4 << 30;
/// Largest LRAT proof or obligation, uncompressed, in bytes.
pub const MAX_PROOF: u64 = 16 << 30;

/// A file or directory that cannot be what it should.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{path}: {what}")]
pub struct TreeError {
    /// Path within the tree.
    pub path: String,
    /// What is wrong.
    pub what: String,
}

impl TreeError {
    /// An error at a path.
    pub fn new(path: impl Into<String>, what: impl Into<String>) -> Self {
        Self { path: path.into(), what: what.into() }
    }
}

/// Whether `name` can be a file name: not empty, no separator, no `.` or `..`, nothing unprintable.
pub fn is_file_name(name: &str) -> bool {
    let odd = |c: char| c.is_control() || matches!(c, '/' | '\\' | ':');
    !name.is_empty() && name.len() <= 255 && name != "." && name != ".." && !name.contains(odd)
}

/// Whether `path` stays within the directory it is joined to: file names separated by `/`.
pub fn is_inner_path(path: &str) -> bool {
    path.len() <= MAX_PATH
        && path.split('/').count() <= MAX_DEPTH
        && path.split('/').all(is_file_name)
}

/// The regular files below `root`, as sorted inner paths, and what else was met there.
///
/// # Errors
/// If a directory cannot be read, or a limit is exceeded.
pub fn walk(root: &Path) -> Result<(Vec<String>, Vec<TreeError>), TreeError> {
    let (mut files, mut odd) = (Vec::new(), Vec::new());
    let mut open = vec![String::new()];
    while let Some(inner) = open.pop() {
        let failed = |e: std::io::Error| TreeError::new(&inner, e.to_string());
        for entry in std::fs::read_dir(root.join(&inner)).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let slash = if inner.is_empty() { "" } else { "/" };
            let shown = format!("{inner}{slash}{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type().map_err(failed)?;
            if entry.file_name().to_str().is_none() || !is_inner_path(&shown) {
                odd.push(TreeError::new(shown, "not a name a dossier may use"));
            } else if kind.is_symlink() {
                odd.push(TreeError::new(shown, "is a symbolic link"));
            } else if kind.is_dir() {
                open.push(shown);
            } else if kind.is_file() {
                files.push(shown);
            } else {
                odd.push(TreeError::new(shown, "is neither a file nor a directory"));
            }
            if files.len() + open.len() + odd.len() > MAX_FILES {
                return Err(TreeError::new(&inner, format!("more than {MAX_FILES} files")));
            }
        }
    }
    files.sort_unstable();
    Ok((files, odd))
}

/// Opens a regular file below `root`; a link in its place is refused.
///
/// # Errors
/// If it does not exist or is something else.
pub fn open(root: &Path, path: &str) -> Result<File, TreeError> {
    let failed = |e: std::io::Error| TreeError::new(path, e.to_string());
    if !is_inner_path(path) {
        return Err(TreeError::new(path, "not a path within the dossier"));
    }
    let full = root.join(path);
    if !std::fs::symlink_metadata(&full).map_err(failed)?.is_file() {
        return Err(TreeError::new(path, "is not a regular file"));
    }
    File::open(full).map_err(failed)
}

/// Reads a whole file of at most `most` bytes.
///
/// # Errors
/// If it cannot be read or is larger.
pub fn read(root: &Path, path: &str, most: u64) -> Result<Vec<u8>, TreeError> {
    read_whole(open(root, path)?, most).map_err(|what| TreeError::new(path, what))
}

/// Digest and size of a file, streamed.
///
/// # Errors
/// If it cannot be read or is larger than [`MAX_FILE`].
pub fn hash(root: &Path, path: &str) -> Result<(Digest, u64), TreeError> {
    hash_stream(open(root, path)?, MAX_FILE).map_err(|what| TreeError::new(path, what))
}

/// Digest and length of a stream of at most `most` bytes.
///
/// # Errors
/// If it cannot be read or is longer.
pub fn hash_stream(stream: impl Read, most: u64) -> Result<(Digest, u64), String> {
    let mut stream = stream.take(most.saturating_add(1));
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut length = 0u64;
    loop {
        let count = match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count.min(buffer.len()),
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e.to_string()),
        };
        hasher.update(&buffer[..count]);
        length += count as u64;
    }
    if length > most {
        return Err(format!("longer than {most} bytes"));
    }
    Ok((Digest::from_bytes(hasher.finalize().into()), length))
}

/// All bytes of a stream of at most `most`.
///
/// # Errors
/// If it cannot be read or is longer.
pub fn read_whole(stream: impl Read, most: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    stream.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
    if bytes.len() as u64 > most { Err(format!("longer than {most} bytes")) } else { Ok(bytes) }
}

/// Unfolds a zstd stream; whoever reads it sets the limit. The window a frame may ask for is the
/// format's recommended maximum of 8 MiB times 16, zstd's own default bound.
///
/// # Errors
/// If the decoder cannot be set up.
pub fn unfold<'a>(stream: impl Read + 'a) -> Result<BufReader<Box<dyn Read + 'a>>, String> {
    let decoder = zstd::stream::read::Decoder::new(stream).map_err(|e| e.to_string())?;
    Ok(BufReader::with_capacity(1 << 16, Box::new(decoder)))
}

/// The bytes of an artifact, unfolded if they are a zstd stream (told by the first four bytes).
///
/// # Errors
/// If the stream is broken or unfolds to more than `most` bytes.
pub fn unfolded(bytes: Vec<u8>, most: u64) -> Result<Vec<u8>, String> {
    if bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        read_whole(unfold(&bytes[..])?, most)
    } else {
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_lead_out_are_no_inner_paths() {
        for good in ["report.html", "findings/00.json", "artifacts/ab/npu4 clean.json.zst"] {
            assert!(is_inner_path(good), "{good}");
        }
        for bad in ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/", "./a", "a\\b", "c:d", "a\0"]
        {
            assert!(!is_inner_path(bad), "{bad}");
        }
        assert!(!is_inner_path(&"a/".repeat(9)));
        assert!(!is_inner_path(&"a".repeat(300)));
    }

    #[test]
    fn a_bomb_meets_the_limit() {
        let folded = zstd::encode_all(&vec![0u8; 10 << 20][..], 3).unwrap();
        assert!(folded.len() < 10_000);
        let what = unfolded(folded.clone(), 1 << 20).unwrap_err();
        assert_eq!(what, "longer than 1048576 bytes");
        assert_eq!(unfolded(folded, 10 << 20).unwrap().len(), 10 << 20);
        assert_eq!(hash_stream(&b"abc"[..], 2), Err("longer than 2 bytes".into()));
    }
}
