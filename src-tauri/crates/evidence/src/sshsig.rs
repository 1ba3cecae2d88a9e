//! Signatures that `ssh-keygen -Y verify` checks, so that the recipient needs nothing from us.

use std::fmt;

use ssh_key::{
    Fingerprint, HashAlg, LineEnding, PrivateKey, PublicKey, SshSig, private::Ed25519Keypair,
};
use zeroize::Zeroizing;

/// What the signature is for; a signature for another purpose does not verify. // SSHSIG `namespace`
pub const NAMESPACE: &str = "sar-package";

/// The signer's name in `allowed_signers`, given to `ssh-keygen -I`.
pub const PRINCIPAL: &str = "sar-portal";

/// Why a signature or key was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SshSigError {
    /// Not an OpenSSH Ed25519 public key, and not the fingerprint of one.
    #[error(
        "not an OpenSSH Ed25519 public key of the form `ssh-ed25519 AAAA…` and not a fingerprint `SHA256:…`"
    )]
    Key,
    /// Not an SSH signature in its one form.
    #[error("not an SSH signature")]
    Form,
    /// Signed for something else, with another key, or over another content.
    #[error("the signature does not belong to this content and the key {fingerprint}")]
    Wrong {
        /// SHA-256 fingerprint of the key that was expected.
        fingerprint: String,
    },
    /// The key refused to sign.
    #[error("the package key cannot sign")]
    Sign,
}

/// The private key that signs packages (Ed25519). Its memory is wiped when it is dropped.
pub struct PackageKey(PrivateKey);

impl PackageKey {
    /// The key with this 32-byte seed, which comes from the OS keyring.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        let seed = Zeroizing::new(seed);
        Self(PrivateKey::from(Ed25519Keypair::from_seed(&seed)))
    }

    /// The public half, `ssh-ed25519 AAAA…`: what a verifier must trust.
    pub fn public(&self) -> String {
        openssh(self.0.public_key())
    }

    /// `SHA256:…`, as `ssh-keygen -l` prints it: short enough for a letter.
    pub fn fingerprint(&self) -> String {
        self.0.fingerprint(HashAlg::Sha256).to_string()
    }

    /// The `allowed_signers` file for this key.
    pub fn allowed_signers(&self) -> String {
        allowed_signers(&self.public())
    }

    /// Signs `message`; the result is the content of a `.sig` file.
    ///
    /// # Errors
    /// When the key cannot sign.
    pub fn sign(&self, message: &[u8]) -> Result<String, SshSigError> {
        self.0
            .sign(NAMESPACE, HashAlg::Sha512, message)
            .and_then(|signature| signature.to_pem(LineEnding::LF))
            .map(with_final_newline)
            .map_err(|_| SshSigError::Sign)
    }
}

impl fmt::Debug for PackageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PackageKey(<redacted>)")
    }
}

/// Whom a verifier trusts, as the person who checks was told it: never taken from the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrustedSigner {
    /// The whole public key.
    Key(SignerKey),
    /// Its fingerprint, `SHA256:…`, as it is read out on the phone.
    Fingerprint(String),
}

impl TrustedSigner {
    /// Reads `SHA256:…`, `ssh-ed25519 AAAA…` or an `allowed_signers` line.
    ///
    /// # Errors
    /// When it is none of these.
    pub fn parse(text: &str) -> Result<Self, SshSigError> {
        let text = text.trim();
        if text.starts_with("SHA256:") {
            let fingerprint: Fingerprint = text.parse().map_err(|_| SshSigError::Key)?;
            return Ok(Self::Fingerprint(fingerprint.to_string()));
        }
        let public = text.split_once("\" ").map_or(text, |(_, public)| public);
        SignerKey::parse(public).map(Self::Key)
    }

    /// Whether this is `key`.
    pub fn is(&self, key: &SignerKey) -> bool {
        match self {
            Self::Key(trusted) => trusted == key,
            Self::Fingerprint(trusted) => *trusted == key.fingerprint(),
        }
    }

    /// `SHA256:…`.
    pub fn fingerprint(&self) -> String {
        match self {
            Self::Key(key) => key.fingerprint(),
            Self::Fingerprint(fingerprint) => fingerprint.clone(),
        }
    }
}

/// The public half of a package key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignerKey(PublicKey);

impl SignerKey {
    /// Reads `ssh-ed25519 AAAA…`, with or without a comment.
    ///
    /// # Errors
    /// When it is not an Ed25519 key.
    pub fn parse(public: &str) -> Result<Self, SshSigError> {
        let mut key = PublicKey::from_openssh(public.trim()).map_err(|_| SshSigError::Key)?;
        key.set_comment("");
        key.key_data().ed25519().ok_or(SshSigError::Key)?;
        Ok(Self(key))
    }

    /// Reads the one line of an `allowed_signers` file in the form that is written here.
    ///
    /// # Errors
    /// When the file is anything else.
    pub fn from_allowed_signers(text: &str) -> Result<Self, SshSigError> {
        let (_, public) = text.split_once("\" ").ok_or(SshSigError::Key)?;
        let key = Self::parse(public)?;
        (allowed_signers(&openssh(&key.0)) == text)
            .then_some(key)
            .ok_or(SshSigError::Key)
    }

    /// `SHA256:…`.
    pub fn fingerprint(&self) -> String {
        self.0.fingerprint(HashAlg::Sha256).to_string()
    }

    /// Checks the content of a `.sig` file over `message`.
    ///
    /// # Errors
    /// When the signature is malformed or not by this key over this message.
    pub fn verify(&self, message: &[u8], signature: &str) -> Result<(), SshSigError> {
        let parsed = SshSig::from_pem(signature).map_err(|_| SshSigError::Form)?;
        let one_form = parsed.to_pem(LineEnding::LF).map(with_final_newline);
        if one_form.as_deref() != Ok(signature) {
            return Err(SshSigError::Form);
        }
        self.0
            .verify(NAMESPACE, message, &parsed)
            .map_err(|_| SshSigError::Wrong {
                fingerprint: self.fingerprint(),
            })
    }
}

fn openssh(key: &PublicKey) -> String {
    let mut key = key.clone();
    key.set_comment("");
    key.to_openssh()
        .expect("an Ed25519 key has a text form")
        .trim_end()
        .to_owned()
}

fn allowed_signers(public: &str) -> String {
    format!("{PRINCIPAL} namespaces=\"{NAMESPACE}\" {public}\n")
}

fn with_final_newline(mut text: String) -> String {
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_bind_key_content_and_form() {
        let key = PackageKey::from_seed([3; 32]);
        let signer = SignerKey::parse(&key.public()).unwrap();
        let signature = key.sign(b"content").unwrap();
        assert_eq!(signer.verify(b"content", &signature), Ok(()));
        assert!(signer.verify(b"other", &signature).is_err());
        assert!(
            signer
                .verify(b"content", &(signature.clone() + "\n"))
                .is_err()
        );
        assert!(signer.verify(b"content", "").is_err());
        let other = SignerKey::parse(&PackageKey::from_seed([4; 32]).public()).unwrap();
        let wrong = SshSigError::Wrong {
            fingerprint: other.fingerprint(),
        };
        assert_eq!(other.verify(b"content", &signature), Err(wrong));
    }

    #[test]
    fn a_trusted_signer_is_a_key_a_line_or_a_fingerprint() {
        let (key, other) = (
            PackageKey::from_seed([3; 32]),
            PackageKey::from_seed([4; 32]),
        );
        let signer = |key: &PackageKey| SignerKey::parse(&key.public()).unwrap();
        for text in [
            key.public(),
            key.allowed_signers(),
            format!(" {}\n", key.fingerprint()),
        ] {
            let trusted = TrustedSigner::parse(&text).unwrap();
            assert!(trusted.is(&signer(&key)), "{text}");
            assert!(!trusted.is(&signer(&other)), "{text}");
            assert_eq!(trusted.fingerprint(), key.fingerprint());
        }
        for bad in ["", "SHA256:", "SHA256:abc", "SHA512:abc", "ssh-rsa AAAA"] {
            assert!(TrustedSigner::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_signer_is_read_back_from_its_file() {
        let key = PackageKey::from_seed([3; 32]);
        let signer = SignerKey::from_allowed_signers(&key.allowed_signers()).unwrap();
        assert_eq!(signer.fingerprint(), key.fingerprint());
        assert!(SignerKey::from_allowed_signers(&key.public()).is_err());
        assert_eq!(format!("{key:?}"), "PackageKey(<redacted>)");
    }
}
