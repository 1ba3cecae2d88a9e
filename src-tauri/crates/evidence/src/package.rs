//! The disclosure package: a signed BagIt bag in an AES-256 ZIP, written as a stream. // S2-32
//!
//! The ZIP keeps strangers out; the signed manifest keeps the content whole, because a ZIP does not
//! notice when a file is renamed or left out. `docs/formats/package.md` describes it byte by byte.

mod audio;
mod latch;
mod passphrase;
pub(crate) mod zip_form;

use std::io::{self, Read, Write};

use domain::{digest::Sha256Digest, ids::CaseId, sensitive::Secret};
use jiff::civil::Date;
use zip::{
    AesMode, CompressionMethod, DateTime, System, ZipWriter,
    write::{SimpleFileOptions, StreamWriter},
};

use self::latch::{FirstError, Latch};
use crate::{
    bag::{self, Line, Oxum},
    hashing::{HashingReader, HashingWriter, sha256},
    names::{self, PAYLOAD, is_neutral},
    sshsig::{PackageKey, SshSigError},
};

pub use passphrase::passphrase;

/// File of the signer's public key, beside the manifests.
pub const ALLOWED_SIGNERS: &str = "allowed_signers";
/// Signature over the tag manifest.
pub const SIGNATURE: &str = "tagmanifest-sha256.txt.sig";
/// Folder of the proofs from the audit log.
pub const PROOF: &str = "proof/";
/// The audit log entry about the package: exact leaf bytes.
pub const PROOF_ENTRY: &str = "proof/entry.json";
/// Its inclusion proof, with checkpoint.
pub const PROOF_TLOG: &str = "proof/delivery.tlog-proof";
/// The public key of the audit log.
pub const PROOF_VKEY: &str = "proof/log.vkey";
/// The chain of custody. // S2-35
pub const CUSTODY: &str = "data/chain_of_custody.csv";
/// Every call found. // B14
pub const CALLS: &str = "data/calls.json";
/// What was redacted.
pub const REDACTION_LOG: &str = "data/redaction/redaction-log.json";

/// Largest file, in bytes: entries are written without ZIP64, which old readers do not know.
pub const MAX_FILE_BYTES: u64 = u32::MAX as u64 - 1_024;
/// Largest package, in bytes, for the same reason.
pub const MAX_PACKAGE_BYTES: u64 = u32::MAX as u64 - (64 << 20);
/// Most files in a package, for the same reason.
pub const MAX_FILES: usize = 60_000;

/// Why a package cannot be written. The output is then incomplete and must be thrown away.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// The name would not be safe or neutral.
    #[error(
        "`{0}` cannot be a file name in a package: use lower-case letters, digits, `.`, `_`, `-`, and `/` between folders"
    )]
    Name(String),
    /// Payload outside `data/`, or a proof outside `proof/`.
    #[error("`{path}` must lie below `{folder}`")]
    Folder {
        /// The name given.
        path: String,
        /// Where it must lie.
        folder: &'static str,
    },
    /// Not in ascending order, or twice.
    #[error("`{path}` comes after `{last}`: files are added in ascending order, each once")]
    Order {
        /// The name given.
        path: String,
        /// The name before.
        last: String,
    },
    /// A recording without sound. // S0-71
    #[error("`{0}` has no audio: an empty recording is never delivered")]
    EmptyRecording(String),
    /// A value that breaks `bag-info.txt`.
    #[error("the package information `{0}` is empty or has more than one line")]
    Info(&'static str),
    /// Not printable ASCII, or short: other programs would not open the package.
    #[error("the passphrase must be printable ASCII and have at least 20 characters")]
    Passphrase,
    /// Too much for one package.
    #[error("the package would exceed {limit}; deliver the recordings in several packages")]
    TooLarge {
        /// The limit, in words.
        limit: &'static str,
    },
    /// The signature failed.
    #[error("the package cannot be signed: {0}")]
    Signature(#[from] SshSigError),
    /// Reading a file or writing the package failed.
    #[error("`{path}` cannot be written into the package: {source}")]
    Io {
        /// The file in the package.
        path: String,
        /// The cause.
        source: io::Error,
    },
}

/// What `bag-info.txt` says about the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageInfo {
    /// The case.
    pub case_id: CaseId,
    /// The organization that answers the request.
    pub organization: String,
    /// The day of sealing.
    pub bagging_date: Date,
    /// Name and version of the program.
    pub software: String,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageSummary {
    /// Digest of `manifest-sha256.txt`, which covers the payload; logged when the package is sealed.
    pub manifest_digest: Sha256Digest,
    /// Digest of `tagmanifest-sha256.txt`, which is signed.
    pub tagmanifest_digest: Sha256Digest,
    /// Digest of the ZIP file; differs each time, because its salts do.
    pub package_digest: Sha256Digest,
    /// Number of bytes of the ZIP file.
    pub package_bytes: u64,
    /// The payload files, in order.
    pub files: Vec<Line>,
    /// Size of the payload.
    pub payload: Oxum,
    /// Fingerprint of the signing key.
    pub signer: String,
}

/// The proof files of a package: the entry about it, its inclusion proof, the log's public key.
///
/// The entry's `fileHash` must be [`PackageWriter::manifest_digest`], its `caseId` the case.
pub fn log_proof_files(leaf: &[u8], proof: &str, vkey: &str) -> Vec<(String, Vec<u8>)> {
    vec![
        (PROOF_TLOG.to_owned(), proof.as_bytes().to_vec()),
        (PROOF_ENTRY.to_owned(), leaf.to_vec()),
        (PROOF_VKEY.to_owned(), format!("{vkey}\n").into_bytes()),
    ]
}

/// Writes a package, one file after the other; nothing is held in memory but names and digests.
pub struct PackageWriter<W: Write> {
    zip: ZipWriter<StreamWriter<HashingWriter<Latch<W>>>>,
    failed: FirstError,
    passphrase: zeroize::Zeroizing<String>,
    info: PackageInfo,
    payload: Vec<Line>,
    tags: Vec<Line>,
    oxum: Oxum,
    // Bytes written so far, counted generously.
    total: u64,
}

impl<W: Write> PackageWriter<W> {
    /// Begins a package.
    ///
    /// # Errors
    /// When the passphrase is not printable ASCII of at least 20 characters, or `info` is unusable.
    pub fn new(
        out: W,
        passphrase: &Secret<String>,
        info: PackageInfo,
    ) -> Result<Self, PackageError> {
        let passphrase = zeroize::Zeroizing::new(passphrase.reveal().clone());
        let printable = passphrase.bytes().all(|byte| (0x20..0x7f).contains(&byte));
        if !printable || passphrase.len() < 20 {
            return Err(PackageError::Passphrase);
        }
        for (name, value) in info.fields() {
            if !bag::is_info_value(&value) {
                return Err(PackageError::Info(name));
            }
        }
        let (latch, failed) = Latch::new(out);
        Ok(Self {
            zip: ZipWriter::new_stream(HashingWriter::new(latch)),
            failed,
            passphrase,
            info,
            payload: Vec::new(),
            tags: Vec::new(),
            oxum: Oxum::default(),
            total: 0,
        })
    }

    /// Adds a payload file. Paths lie below `data/` and ascend in byte order.
    ///
    /// A recording, such as `data/recordings/0001.wav`, brings its `.sha256` sidecar with it. // S2-27
    ///
    /// # Errors
    /// When the name, the order or the size does not fit, a recording is empty, or I/O fails.
    pub fn add(
        &mut self,
        path: &str,
        content: &mut dyn Read,
    ) -> Result<Sha256Digest, PackageError> {
        self.check_payload_name(path)?;
        let Some(name) = names::recording_name(path) else {
            return self.add_payload(path, content);
        };
        let start = audio::read_start(content).map_err(|source| io_error(path, source))?;
        if audio::is_empty(&start) {
            return Err(PackageError::EmptyRecording(path.to_owned()));
        }
        let digest = self.add_payload(path, &mut (&start[..]).chain(content))?;
        let sidecar = bag::sidecar(name, digest);
        self.add_payload(&format!("{path}.sha256"), &mut sidecar.as_bytes())?;
        Ok(digest)
    }

    /// Digest that `manifest-sha256.txt` will have if no more payload is added.
    ///
    /// The audit log records it before [`finish`](Self::finish), so that the proof of that entry can
    /// travel in the package.
    pub fn manifest_digest(&self) -> Sha256Digest {
        sha256(bag::write_manifest(&self.payload))
    }

    /// Adds proofs, manifests and signature, and ends the package.
    ///
    /// # Errors
    /// When a proof file has an unusable name, signing fails, or I/O fails.
    pub fn finish(
        mut self,
        signer: &PackageKey,
        mut proof_files: Vec<(String, Vec<u8>)>,
    ) -> Result<(W, PackageSummary), PackageError> {
        proof_files.sort();
        let manifest = bag::write_manifest(&self.payload);
        self.add_tag(ALLOWED_SIGNERS, signer.allowed_signers().as_bytes())?;
        self.add_tag(bag::BAG_INFO, self.bag_info().as_bytes())?;
        self.add_tag(bag::BAGIT, bag::BAGIT_CONTENT.as_bytes())?;
        self.add_tag(bag::MANIFEST, manifest.as_bytes())?;
        for (path, content) in &proof_files {
            self.add_proof(path, content)?;
        }
        let tagmanifest = bag::write_manifest(&self.tags);
        let signature = signer.sign(tagmanifest.as_bytes())?;
        self.add_tag(bag::TAGMANIFEST, tagmanifest.as_bytes())?;
        self.add_tag(SIGNATURE, signature.as_bytes())?;
        self.close(sha256(manifest), sha256(tagmanifest), signer.fingerprint())
    }

    fn close(
        self,
        manifest_digest: Sha256Digest,
        tagmanifest_digest: Sha256Digest,
        signer: String,
    ) -> Result<(W, PackageSummary), PackageError> {
        let end = |source| io_error("end of the package", source);
        let hashed = self
            .zip
            .finish()
            .map_err(|error| end(error.into()))?
            .into_inner();
        let (mut latch, package_digest, package_bytes) = hashed.finish();
        latch.flush().map_err(end)?;
        self.failed.check().map_err(end)?;
        let out = latch.into_inner();
        let summary = PackageSummary {
            manifest_digest,
            tagmanifest_digest,
            package_digest,
            package_bytes,
            files: self.payload,
            payload: self.oxum,
            signer,
        };
        Ok((out, summary))
    }

    fn bag_info(&self) -> String {
        let oxum = self.oxum.to_string();
        let fields = self.info.fields();
        let mut lines: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
        lines.push(("Payload-Oxum", &oxum));
        bag::write_info(&lines)
    }

    fn check_payload_name(&self, path: &str) -> Result<(), PackageError> {
        check_name(path, PAYLOAD)?;
        match self.payload.last() {
            Some(last) if last.path.as_str() >= path => Err(PackageError::Order {
                path: path.to_owned(),
                last: last.path.clone(),
            }),
            _ => Ok(()),
        }
    }

    fn add_payload(
        &mut self,
        path: &str,
        content: &mut dyn Read,
    ) -> Result<Sha256Digest, PackageError> {
        let (digest, bytes) = self.write_file(path, content)?;
        self.oxum.bytes += bytes;
        self.oxum.files += 1;
        self.payload.push(Line {
            path: path.to_owned(),
            digest,
        });
        Ok(digest)
    }

    fn add_proof(&mut self, path: &str, content: &[u8]) -> Result<(), PackageError> {
        check_name(path, PROOF)?;
        if let Some(last) = self.tags.last().filter(|last| last.path.as_str() >= path) {
            return Err(PackageError::Order {
                path: path.to_owned(),
                last: last.path.clone(),
            });
        }
        self.add_tag(path, content)
    }

    fn add_tag(&mut self, path: &str, mut content: &[u8]) -> Result<(), PackageError> {
        let (digest, _) = self.write_file(path, &mut content)?;
        self.tags.push(Line {
            path: path.to_owned(),
            digest,
        });
        Ok(())
    }

    fn write_file(
        &mut self,
        path: &str,
        content: &mut dyn Read,
    ) -> Result<(Sha256Digest, u64), PackageError> {
        if self.payload.len() + self.tags.len() >= MAX_FILES {
            return Err(PackageError::TooLarge {
                limit: "60,000 files",
            });
        }
        let options = SimpleFileOptions::DEFAULT
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(DateTime::DEFAULT)
            .unix_permissions(0o644)
            .system(System::Unix)
            .with_aes_encryption(AesMode::Aes256, &self.passphrase);
        self.zip
            .start_file(path, options)
            .map_err(|error| io_error(path, error.into()))?;
        let left = MAX_FILE_BYTES.min(MAX_PACKAGE_BYTES.saturating_sub(self.total));
        let mut limited = HashingReader::new(content.take(left + 1));
        io::copy(&mut limited, &mut self.zip).map_err(|source| io_error(path, source))?;
        self.failed
            .check()
            .map_err(|source| io_error(path, source))?;
        let (digest, bytes) = limited.finish();
        if bytes > left {
            return Err(PackageError::TooLarge { limit: "4 GiB" });
        }
        self.total += bytes + zip_form::overhead(path);
        Ok((digest, bytes))
    }
}

impl PackageInfo {
    /// Labels and values in the order of `bag-info.txt`; the last line there is the size.
    fn fields(&self) -> [(&'static str, String); 4] {
        [
            ("Source-Organization", self.organization.clone()),
            ("External-Identifier", self.case_id.to_string()),
            ("Bagging-Date", self.bagging_date.to_string()),
            ("Bag-Software-Agent", self.software.clone()),
        ]
    }
}

fn check_name(path: &str, folder: &'static str) -> Result<(), PackageError> {
    if !is_neutral(path) {
        return Err(PackageError::Name(path.to_owned()));
    }
    if !path.starts_with(folder) {
        return Err(PackageError::Folder {
            path: path.to_owned(),
            folder,
        });
    }
    Ok(())
}

fn io_error(path: &str, source: io::Error) -> PackageError {
    PackageError::Io {
        path: path.to_owned(),
        source,
    }
}
