//! Trust anchors: the vendor's published roots, pinned by SHA-256, and those an auditor gives instead.
//!
//! Fingerprints are those of the certificates that NVIDIA publishes with its verifier (NVIDIA/nvtrust,
//! `verifier_device_root.pem` and `verifier_RIM_root.pem`). The public keys stand here too, because some manifests
//! carry their chain without its root; a test checks them against the SHA-256 of the key.

use crate::certificate::{Certificate, PemError, read_chain};
use crate::signature::PublicKey;
use crate::time::Time;
use evidence::Digest;

/// What a root vouches for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Purpose {
    /// Device certificates.
    Device,
    /// Signers of reference manifests.
    Manifest,
}

/// A published root.
#[derive(Clone, Copy, Debug)]
pub struct Published {
    /// What it vouches for.
    pub purpose: Purpose,
    /// Subject, RFC 4514.
    pub subject: &'static str,
    /// SHA-256 of the certificate.
    pub sha256: &'static str,
    /// SHA-256 of the SubjectPublicKeyInfo.
    pub key_sha256: &'static str,
    /// Coordinates of the key, `x || y`.
    pub key: &'static str,
    /// Validity.
    pub valid: [&'static str; 2],
}

/// The roots built in.
pub const PUBLISHED: &[Published] = &[
    Published {
        purpose: Purpose::Device,
        subject: "O=NVIDIA,CN=NVIDIA Device Identity CA",
        sha256: "102bf659d5419614c9d8e6aecebc80454eb26b1df6a769ac720b9a690b167b48",
        key_sha256: "a90c4eb5acfd3e3d03a25db6a26b84f720ad0503196c627c21ddd48dd85b06a4",
        key: "0e4c14a33bf8a5626658db4129607e4cbf4519c4412716f4d0d917c4978005bdeabeaefd57bc66082d718a4f8b6052e1\
              516ee8a7c422b84de857071bb58fd395bea0cfa1c63ee7c80d6bd63901d91cbbd187d3857dc16b5cceaf238ff8c27dbd",
        valid: ["2021-11-05T00:00:00Z", "9999-12-31T23:59:59Z"],
    },
    Published {
        purpose: Purpose::Manifest,
        subject: "CN=NVIDIA CoRIM signing Root CA,O=NVIDIA,C=US",
        sha256: "12977b5115acb0381179279fffeb5a8c4d264971ebb32298023a465fa41df5d1",
        key_sha256: "dec1dc316477aa851eebdf51327ae9f864bc8d89254657ed1e7eb9168af1e1a3",
        key: "b840b28bdbcd33e230da57d4cf2065747030682d4717b4c2829d7641c1325139b74da831c2be3c779e7e2b6548956608\
              0e4ecd94021075c57f15fedeb862c8f906ae8fddc7b12238597dbdf0fa56e78453833f6d0be43af3871a47f057584799",
        valid: ["2023-03-16T15:37:34Z", "2053-03-08T15:37:34Z"],
    },
];

/// A root that is trusted.
#[derive(Clone, Debug)]
pub struct Anchor {
    /// Subject, RFC 4514.
    pub subject: String,
    /// SHA-256 of the certificate.
    pub digest: Digest,
    /// Its key, if on P-384.
    pub key: Option<PublicKey>,
    /// Validity.
    pub valid: [Time; 2],
    /// Whether it is built in.
    pub published: bool,
}

/// The roots trusted in one examination.
#[derive(Clone, Debug)]
pub struct Anchors {
    device: Vec<Anchor>,
    manifest: Vec<Anchor>,
}

impl Published {
    fn anchor(&self) -> Option<Anchor> {
        let digits: String = self.key.split_whitespace().collect();
        let mut sec1 = vec![4u8];
        sec1.extend(hex::decode(digits).ok()?);
        Some(Anchor {
            subject: self.subject.to_owned(),
            digest: Digest::parse(self.sha256)?,
            key: Some(PublicKey::from_sec1(&sec1)?),
            valid: [Time::parse(self.valid[0])?, Time::parse(self.valid[1])?],
            published: true,
        })
    }
}

impl Anchors {
    /// The roots built in.
    pub fn published() -> Self {
        let of = |purpose| {
            PUBLISHED
                .iter()
                .filter(|p| p.purpose == purpose)
                .filter_map(Published::anchor)
                .collect()
        };
        Self { device: of(Purpose::Device), manifest: of(Purpose::Manifest) }
    }

    /// The roots of the files given. A root that is not built in is trusted for devices and manifests, and
    /// then the built-in ones are trusted only where they are given too; files that hold
    /// built-in roots only change nothing.
    ///
    /// # Errors
    /// If a file holds no certificate; the file's position comes with it.
    pub fn given(files: &[&[u8]]) -> Result<Self, (usize, PemError)> {
        let mut anchors = Self::published();
        let mut own: Vec<Anchor> = Vec::new();
        let mut named = Vec::new();
        for (number, bytes) in files.iter().enumerate() {
            for certificate in read_chain(bytes).map_err(|e| (number, e))? {
                let known = |a: &Anchor| a.digest == certificate.digest;
                if anchors.device.iter().chain(&anchors.manifest).any(known) {
                    named.push(certificate.digest);
                } else {
                    own.push(Anchor::from_certificate(&certificate));
                }
            }
        }
        if !own.is_empty() {
            anchors.device.retain(|a| named.contains(&a.digest));
            anchors.manifest.retain(|a| named.contains(&a.digest));
            anchors.device.extend(own.iter().cloned());
            anchors.manifest.extend(own);
        }
        Ok(anchors)
    }

    /// The roots trusted for a purpose.
    pub fn of(&self, purpose: Purpose) -> &[Anchor] {
        match purpose {
            Purpose::Device => &self.device,
            Purpose::Manifest => &self.manifest,
        }
    }
}

impl Anchor {
    fn from_certificate(certificate: &Certificate) -> Self {
        Self {
            subject: certificate.subject.clone(),
            digest: certificate.digest,
            key: certificate.key,
            valid: [certificate.not_before, certificate.not_after],
            published: false,
        }
    }

    /// Name and fingerprint.
    pub fn shown(&self) -> String {
        format!("{} ({})", self.subject, self.digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_built_in_are_the_keys_pinned() {
        for root in PUBLISHED {
            let digits: String = root.key.split_whitespace().collect();
            // SubjectPublicKeyInfo of an uncompressed P-384 key
            let info = format!("3076301006072a8648ce3d020106052b8104002203620004{digits}");
            let digest = hex::decode(info).map(|bytes| Digest::of(&bytes).hex());
            assert_eq!(digest.as_deref(), Ok(root.key_sha256));
        }
        let anchors = Anchors::published();
        assert_eq!((anchors.device.len(), anchors.manifest.len()), (1, 1));
    }
}
