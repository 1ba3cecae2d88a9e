//! RFC 3161 time tokens: an authority's signed word that a text existed at a time.
//!
//! The answer of the authority is kept as received, so that `openssl ts -verify` reads the same file.

use std::time::Duration;

use cms::{
    cert::CertificateChoices,
    signed_data::{SignedData, SignerIdentifier, SignerInfo},
};
use der::{Decode, Encode, asn1::ObjectIdentifier};
use jiff::Timestamp;
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime, pem::PemObject};
use sha2::{Digest, Sha256, Sha384, Sha512};
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage, anchor_from_trusted_cert};
use x509_tsp::{TimeStampResp, TstInfo};

/// id-kp-timeStamping, 1.3.6.1.5.5.7.3.8. // RFC 3161 section 2.3
const TIME_STAMPING: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08];

const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const SHA_384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const SHA_512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");

/// Largest answer that is read: a chain of four RSA-4096 certificates has about 8 KB.
pub const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// Why a time token does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Not an answer of a time authority.
    #[error("the answer of the time authority cannot be read: {0}")]
    Unreadable(&'static str),
    /// The authority said no.
    #[error("the time authority refused; ask its operator which requests it takes")]
    Refused,
    /// A token about something else.
    #[error("the time token is about another text")]
    OtherText,
    /// The answer to another request.
    #[error("the time authority answered another request; ask again")]
    OtherRequest,
    /// The signature is wrong.
    #[error("the signature of the time token is wrong")]
    Signature,
    /// Nobody trusts who signed.
    #[error("no trusted authority signed the time token: {0}")]
    Untrusted(String),
    /// Not a certificate.
    #[error("not a PEM file with certificates of time authorities")]
    Roots,
}

/// The certificates of the authorities whose word counts.
#[derive(Debug, Clone)]
pub struct TimeRoots(Vec<TrustAnchor<'static>>);

impl TimeRoots {
    /// Reads a PEM file with one or more certificates.
    ///
    /// # Errors
    /// When there is none in it, or one cannot be read.
    pub fn from_pem(pem: &[u8]) -> Result<Self, TimeError> {
        let read = |certificate: Result<CertificateDer<'static>, _>| {
            let certificate = certificate.map_err(|_| TimeError::Roots)?;
            let anchor = anchor_from_trusted_cert(&certificate).map_err(|_| TimeError::Roots)?;
            Ok(anchor.to_owned())
        };
        let roots = CertificateDer::pem_slice_iter(pem)
            .map(read)
            .collect::<Result<Vec<_>, TimeError>>()?;
        if roots.is_empty() {
            return Err(TimeError::Roots);
        }
        Ok(Self(roots))
    }
}

/// The request about `message`, asking for the certificates in the answer. `nonce` is random.
pub fn request(message: &[u8], nonce: u64) -> Vec<u8> {
    const FRONT: &[u8] = &[
        0x30, 0x43, 0x02, 0x01, 0x01, 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
        0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20,
    ];
    let nonce = sent_nonce(nonce);
    let digest = Sha256::digest(message);
    [FRONT, &digest, &[0x02, 0x08], &nonce, &[0x01, 0x01, 0xff]].concat()
}

/// Eight bytes that are a positive DER integer without leading zero.
fn sent_nonce(nonce: u64) -> [u8; 8] {
    (nonce & (u64::MAX >> 1) | 1 << 62).to_be_bytes()
}

/// Checks that an answer is a token about `message` and was given to the request with `nonce`. Returns the
/// time that it tells. Who signed it is not checked: that is [`verify`], with the certificates.
///
/// # Errors
/// When the authority refused or answered something else.
pub fn check_answer(answer: &[u8], message: &[u8], nonce: u64) -> Result<Timestamp, TimeError> {
    let token = Token::read(answer)?;
    token.require_about(message)?;
    let echoed = token.info.nonce.as_ref().map(|nonce| nonce.as_bytes());
    if echoed != Some(&sent_nonce(nonce)) {
        return Err(TimeError::OtherRequest);
    }
    token.time()
}

/// Checks that a trusted authority says that `message` existed, and returns when.
///
/// # Errors
/// When the token is about something else, altered, or by nobody trusted.
pub fn verify(answer: &[u8], message: &[u8], roots: &TimeRoots) -> Result<Timestamp, TimeError> {
    let token = Token::read(answer)?;
    token.require_about(message)?;
    let at = token.time()?;
    let signer = token.signer()?;
    let attributes = token.attributes(signer)?;
    token.require_trusted_signature(signer, &attributes, at, roots)?;
    Ok(at)
}

struct Token {
    data: SignedData,
    /// The exact bytes that are signed, through their digest.
    info_der: Vec<u8>,
    info: TstInfo,
}

impl Token {
    fn read(answer: &[u8]) -> Result<Self, TimeError> {
        use TimeError::Unreadable;
        if answer.len() > MAX_ANSWER_BYTES {
            return Err(Unreadable("it is too long"));
        }
        let answer =
            TimeStampResp::from_der(answer).map_err(|_| Unreadable("it is not RFC 3161"))?;
        let token = answer.time_stamp_token.ok_or(TimeError::Refused)?;
        let content = token
            .content
            .to_der()
            .map_err(|_| Unreadable("its content"))?;
        let data = SignedData::from_der(&content).map_err(|_| Unreadable("its signed data"))?;
        let content = &data.encap_content_info;
        if content.econtent_type != TST_INFO {
            return Err(Unreadable("it does not tell a time"));
        }
        let info_der = content.econtent.as_ref().map(|it| it.value().to_vec());
        let info_der = info_der.ok_or(Unreadable("it does not tell a time"))?;
        let info = TstInfo::from_der(&info_der).map_err(|_| Unreadable("its time"))?;
        Ok(Self {
            data,
            info_der,
            info,
        })
    }

    fn require_about(&self, message: &[u8]) -> Result<(), TimeError> {
        let imprint = &self.info.message_imprint;
        let same = imprint.hash_algorithm.oid == SHA_256
            && imprint.hashed_message.as_bytes() == Sha256::digest(message).as_slice();
        same.then_some(()).ok_or(TimeError::OtherText)
    }

    fn time(&self) -> Result<Timestamp, TimeError> {
        let seconds = self.info.gen_time.to_unix_duration().as_secs();
        i64::try_from(seconds)
            .ok()
            .and_then(|seconds| Timestamp::from_second(seconds).ok())
            .ok_or(TimeError::Unreadable("its time"))
    }

    /// RFC 3161 section 2.4.2: exactly one signer.
    fn signer(&self) -> Result<&SignerInfo, TimeError> {
        let mut signers = self.data.signer_infos.0.iter();
        match (signers.next(), signers.next()) {
            (Some(signer), None) => Ok(signer),
            _ => Err(TimeError::Unreadable("it does not have one signer")),
        }
    }

    /// The attributes that are signed, as they are signed, once they fit the content. // RFC 5652 section 5.4
    fn attributes(&self, signer: &SignerInfo) -> Result<Vec<u8>, TimeError> {
        let attributes = signer.signed_attrs.as_ref().ok_or(TimeError::Signature)?;
        let one = |oid: ObjectIdentifier| {
            let mut found = attributes.iter().filter(|it| it.oid == oid);
            let (found, None) = (found.next()?, found.next()) else {
                return None;
            };
            found.values.get(0).filter(|_| found.values.len() == 1)
        };
        let kind = one(CONTENT_TYPE).and_then(|value| value.decode_as::<ObjectIdentifier>().ok());
        let digest = one(MESSAGE_DIGEST).map(|value| value.value());
        let expected = digest_of(signer.digest_alg.oid, &self.info_der);
        if kind != Some(TST_INFO) || digest.is_none() || digest != expected.as_deref() {
            return Err(TimeError::Signature);
        }
        attributes.to_der().map_err(|_| TimeError::Signature)
    }

    /// The certificates in the token, the signer's first.
    fn certificates(
        &self,
        signer: &SignerInfo,
    ) -> Option<(CertificateDer<'static>, Vec<CertificateDer<'static>>)> {
        let SignerIdentifier::IssuerAndSerialNumber(id) = &signer.sid else {
            return None;
        };
        let (mut named, mut others) = (None, Vec::new());
        for choice in self.data.certificates.as_ref()?.0.iter() {
            let CertificateChoices::Certificate(certificate) = choice else {
                continue;
            };
            let der = CertificateDer::from(certificate.to_der().ok()?);
            let tbs = &certificate.tbs_certificate;
            if tbs.issuer == id.issuer && tbs.serial_number == id.serial_number {
                named = Some(der);
            } else {
                others.push(der);
            }
        }
        Some((named?, others))
    }

    fn require_trusted_signature(
        &self,
        signer: &SignerInfo,
        attributes: &[u8],
        at: Timestamp,
        roots: &TimeRoots,
    ) -> Result<(), TimeError> {
        let untrusted = |error: webpki::Error| TimeError::Untrusted(error.to_string());
        let (named, others) = self.certificates(signer).ok_or(TimeError::Unreadable(
            "it does not carry the certificate of its signer",
        ))?;
        let certificate = EndEntityCert::try_from(&named).map_err(untrusted)?;
        let signature = signer.signature.as_bytes();
        let fits = ALL_VERIFICATION_ALGS.iter().any(|algorithm| {
            certificate
                .verify_signature(*algorithm, attributes, signature)
                .is_ok()
        });
        if !fits {
            return Err(TimeError::Signature);
        }
        let seconds = u64::try_from(at.as_second()).map_err(|_| TimeError::Signature)?;
        certificate
            .verify_for_usage(
                ALL_VERIFICATION_ALGS,
                &roots.0,
                &others,
                // The certificate may have ended since; it counted when it signed.
                UnixTime::since_unix_epoch(Duration::from_secs(seconds)),
                KeyUsage::required(TIME_STAMPING),
                None,
                None,
            )
            .map_err(untrusted)?;
        Ok(())
    }
}

fn digest_of(algorithm: ObjectIdentifier, bytes: &[u8]) -> Option<Vec<u8>> {
    match algorithm {
        SHA_256 => Some(Sha256::digest(bytes).to_vec()),
        SHA_384 => Some(Sha384::digest(bytes).to_vec()),
        SHA_512 => Some(Sha512::digest(bytes).to_vec()),
        _ => None,
    }
}
